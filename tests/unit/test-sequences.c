/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test-sequences.c - sample sequences 1 to 10 of the reference (section 11), each as an
 * application goes through it, by the calls of ntmsapi.h
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/guid.h"
#include "core/purge.h"
#include "core/system.h"
#include "faults.h"

TestSuite(sequences, .timeout = 120, .init = fx_setup, .fini = fx_teardown);

#define TAPE	   "V00001L8"
#define OTHER_TAPE "V00002L8"
#define LABEL_SIZE 80

/* ---- information, by the call ---- */

static NTMS_OBJECTINFORMATIONA info_of(NTMS_GUID guid, DWORD type)
{
	NTMS_OBJECTINFORMATIONA info = {.dwSize = sizeof(info), .dwType = type};

	must(GetNtmsObjectInformationA(fx_session, &guid, &info));
	return info;
}

static NTMS_GUID first_in(NTMS_GUID container, DWORD type)
{
	NTMS_GUID list[16];
	DWORD count = 16;

	must(EnumerateNtmsObject(fx_session, &container, list, &count, type, 0));
	cr_assert_gt(count, 0);
	return list[0];
}

static NTMS_GUID side_of(NTMS_GUID cartridge_or_media)
{
	return first_in(cartridge_or_media, NTMS_PARTITION);
}

static void expect_side(NTMS_GUID side, DWORD state)
{
	cr_assert_eq(info_of(side, NTMS_PARTITION).Info.Partition.State, state,
		     "the side has state %u", info_of(side, NTMS_PARTITION).Info.Partition.State);
}

static NTMS_GUID named_pool(const char *name)
{
	NTMS_GUID pool;

	must(CreateNtmsMediaPoolA(fx_session, name, NULL, NTMS_OPEN_EXISTING, NULL, &pool));
	return pool;
}

static void expect_in(NTMS_GUID side, NTMS_GUID pool)
{
	NTMS_GUID cartridge = info_of(side, NTMS_PARTITION).Info.Partition.PhysicalMedia;
	NTMS_GUID found = info_of(cartridge, NTMS_PHYSICAL_MEDIA).Info.PhysicalMedia.MediaPool;

	cr_assert(guid_equal(&found, &pool));
}

static DWORD drive_state(NTMS_GUID drive)
{
	return info_of(drive, NTMS_DRIVE).Info.Drive.State;
}

/* ---- tapes ---- */

static void make_label(const char *serial, char label[LABEL_SIZE + 1])
{
	snprintf(label, LABEL_SIZE + 1, "VOL1%-6.6s%27s%-14s%28s4", serial, "", "RSM TEST", "");
}

static void identify(void)
{
	must(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_OMID));
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
}

/* ---- 1: typical ---- */

Test(sequences, typical_1)
{
	NTMS_OBJECTINFORMATIONA info;
	NTMS_GUID media, drive, pool, type, side;
	char label[LABEL_SIZE + 1];

	fx_free_cartridge(TAPE);
	type = info_of(fx_find(TAPE, NTMS_PHYSICAL_MEDIA), NTMS_PHYSICAL_MEDIA)
		       .Info.PhysicalMedia.MediaType;
	must(CreateNtmsMediaPoolA(fx_session, "Typical", &type, NTMS_CREATE_NEW, NULL, &pool));
	info = info_of(pool, NTMS_MEDIA_POOL);
	info.Info.MediaPool.AllocationPolicy = NTMS_ALLOCATE_FROMSCRATCH;
	info.Info.MediaPool.DeallocationPolicy = NTMS_DEALLOCATE_TOSCRATCH;
	must(SetNtmsObjectInformationA(fx_session, &pool, &info));
	must(AllocateNtmsMedia(fx_session, &pool, NULL, &media, 0, PATIENCE_MS, NULL));
	drive = fx_mount(media);
	cr_assert_eq(drive_state(drive), NTMS_DRIVESTATE_LOADED);
	make_label("TYPIC1", label);
	fx_write_front(info_of(drive, NTMS_DRIVE).Info.Drive.szDeviceName, label);
	must(UpdateNtmsOmidInfo(fx_session, &media, NTMS_OMID_TYPE_RAW_LABEL, LABEL_SIZE, label));
	fx_write_tape(fx_node(drive), "data of the application");
	must(DismountNtmsMedia(fx_session, &media, 1, NTMS_DISMOUNT_IMMEDIATE));
	fx_settle(media);
	fx_expect_home(TAPE);
	/* Its own label is the one that the next mount compares. */
	side = side_of(media);
	cr_assert_str_eq(info_of(side, NTMS_PARTITION).Info.Partition.szOmidLabelType, "ANSI VOL1");
	drive = fx_mount(media);
	fx_expect_tape(fx_node(drive), "data of the application");
	fx_dismount(media, 0);
	fx_settle(media);
	must(SetNtmsMediaComplete(fx_session, &media));
	expect_side(side, NTMS_PARTSTATE_COMPLETE);
	refused(fx_try_mount(fx_session, media, NULL, NTMS_MOUNT_WRITE, 0), ERROR_WRITE_PROTECT);
	must(DeallocateNtmsMedia(fx_session, &media, 0));
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	expect_side(side, NTMS_PARTSTATE_AVAILABLE);
	fx_close(&fx_session);
}

/* ---- 2: prepare a blank tape ---- */

Test(sequences, prepare_2)
{
	NTMS_GUID cartridge = fx_find(TAPE, NTMS_PHYSICAL_MEDIA), side = side_of(cartridge), pool;

	identify();
	expect_side(side, NTMS_PARTSTATE_FOREIGN);
	pool = named_pool("Unrecognized\\LTO Ultrium");
	expect_in(side, pool);
	pool = named_pool("Free\\LTO Ultrium");
	fx_stop_work();
	must(MoveToNtmsMediaPool(fx_session, &cartridge, &pool));
	expect_side(side, NTMS_PARTSTATE_UNPREPARED);
	fx_let_work();
	fx_settle(cartridge);
	expect_side(side, NTMS_PARTSTATE_AVAILABLE);
	cr_assert_str_eq(info_of(side, NTMS_PARTITION).Info.Partition.szOmidLabelType, "RSM Free");
}

/* ---- 3: two-sided ---- */

static void setup_jukebox(void)
{
	fx_virtual_only("two sides: the kernel module finds tape drives, and a tape has one side");
	fx_make_shape(&(RSM_VIRTUAL_SHAPE){.dwDrives = 1,
					   .dwSlots = 4,
					   .dwPorts = 1,
					   .dwTapes = 1,
					   .dwMedia = RSM_VIRTUAL_MO,
					   .bBarCodeReader = TRUE});
	fx_open_library();
}

Test(sequences, two_sided_3, .init = setup_jukebox)
{
	NTMS_GUID cartridge = fx_find("V00001MO", NTMS_PHYSICAL_MEDIA), sides[2], first, second;
	NTMS_GUID type = info_of(cartridge, NTMS_PHYSICAL_MEDIA).Info.PhysicalMedia.MediaType;
	NTMS_OBJECTINFORMATIONA info;
	NTMS_GUID pool;
	DWORD count = 2;

	fx_free_cartridge("V00001MO");
	must(CreateNtmsMediaPoolA(fx_session, "Two", &type, NTMS_CREATE_NEW, NULL, &pool));
	info = info_of(pool, NTMS_MEDIA_POOL);
	info.Info.MediaPool.AllocationPolicy = NTMS_ALLOCATE_FROMSCRATCH;
	must(SetNtmsObjectInformationA(fx_session, &pool, &info));
	must(EnumerateNtmsObject(fx_session, &cartridge, sides, &count, NTMS_PARTITION, 0));
	cr_assert_eq(count, 2);
	must(AllocateNtmsMedia(fx_session, &pool, NULL, &first, NTMS_ALLOCATE_NEW, 0, NULL));
	expect_side(sides[0], NTMS_PARTSTATE_ALLOCATED);
	expect_side(sides[1], NTMS_PARTSTATE_RESERVED);
	second = first;
	must(AllocateNtmsMedia(fx_session, &pool, NULL, &second, NTMS_ALLOCATE_NEXT, 0, NULL));
	expect_side(sides[1], NTMS_PARTSTATE_ALLOCATED);
	cr_assert(!guid_equal(&first, &second));
	must(DeallocateNtmsMedia(fx_session, &second, 0));
	expect_side(sides[0], NTMS_PARTSTATE_ALLOCATED);
	expect_side(sides[1], NTMS_PARTSTATE_AVAILABLE);
	must(DeallocateNtmsMedia(fx_session, &first, 0));
	/* What was only reserved goes with the one it was reserved for. */
	must(AllocateNtmsMedia(fx_session, &pool, NULL, &first, NTMS_ALLOCATE_NEW, 0, NULL));
	expect_side(sides[1], NTMS_PARTSTATE_RESERVED);
	must(DeallocateNtmsMedia(fx_session, &first, 0));
	expect_side(sides[0], NTMS_PARTSTATE_AVAILABLE);
	expect_side(sides[1], NTMS_PARTSTATE_AVAILABLE);
}

/* ---- 4: import ---- */

Test(sequences, import_4)
{
	NTMS_GUID pool = fx_make_pool("Catalogue", false, 0), import, sides[8], media, found;
	NTMS_ALLOCATION_INFORMATION information = {.dwSize = sizeof(information)};
	char label[LABEL_SIZE + 1];
	DWORD count = 8;

	make_label("IMPORT", label);
	fx_label_tape(TAPE, label);
	identify();
	import = named_pool("Import\\LTO Ultrium");
	must(EnumerateNtmsObject(fx_session, &import, sides, &count, NTMS_PARTITION, 0));
	found = (NTMS_GUID)NTMS_NULLGUID;
	for (DWORD i = 0; i < count; i++) {
		NTMS_PARTITIONINFORMATIONA side = info_of(sides[i], NTMS_PARTITION).Info.Partition;

		if (!strcmp(side.szOmidLabelType, "ANSI VOL1") && side.dwOmidLabelIdLength >= 6 &&
		    !memcmp(side.OmidLabelId, "IMPORT", 6))
			found = sides[i];
	}
	cr_assert(!guid_is_null(&found), "the cartridge is not in the Import pool");
	expect_side(found, NTMS_PARTSTATE_IMPORT);
	must(AllocateNtmsMedia(fx_session, &pool, &found, &media, 0, 0, &information));
	expect_side(found, NTMS_PARTSTATE_ALLOCATED);
	cr_assert(guid_equal(&information.AllocatedFrom, &import));
	expect_in(found, pool);
	/* Its label is what it was: it can be read. */
	fx_mount(media);
	fx_dismount(media, 0);
}

/* ---- 5: worn out ---- */

Test(sequences, worn_5)
{
	NTMS_GUID cartridge = fx_free_cartridge(TAPE), side = side_of(cartridge);
	NTMS_GUID pool = fx_make_pool("Worn", false, 2), media;

	for (int i = 1; i <= 2; i++) {
		must(AllocateNtmsMedia(fx_session, &pool, NULL, &media, 0, 0, NULL));
		must(DeallocateNtmsMedia(fx_session, &media, 0));
		expect_side(side, i < 2 ? NTMS_PARTSTATE_AVAILABLE : NTMS_PARTSTATE_DECOMMISSIONED);
	}
	refused(AllocateNtmsMedia(fx_session, &pool, NULL, &media, 0, 0, NULL),
		ERROR_MEDIA_UNAVAILABLE);
	refused(AllocateNtmsMedia(fx_session, &pool, &side, &media, 0, 0, NULL),
		ERROR_MEDIA_UNAVAILABLE);
}

/* ---- 6: offline ---- */

static NTMS_GUID wanted;
static DWORD mounted;

static void *mount_wanted(void *unused)
{
	(void)unused;
	mounted = fx_try_mount(fx_session, wanted, NULL, NTMS_MOUNT_READ, PATIENCE_MS);
	return NULL;
}

static NTMS_GUID open_request;

static bool somebody_is_asked(void)
{
	NTMS_GUID list[8];
	DWORD count = 8;

	if (EnumerateNtmsObject(fx_session, NULL, list, &count, NTMS_OPREQUEST, 0))
		return false;
	for (DWORD i = 0; i < count; i++) {
		open_request = list[i];
		if (info_of(list[i], NTMS_OPREQUEST).Info.OpRequest.State == NTMS_OPSTATE_SUBMITTED)
			return true;
	}
	return false;
}

static void look(void)
{
	must(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_FAST));
}

static void carry_out(void)
{
	must(fx_door(true));
	must(fx_take_out(RSM_VIRTUAL_SLOT, 1));
	must(fx_door(false));
	look();
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
}

Test(sequences, offline_6)
{
	pthread_t thread;

	wanted = fx_allocated(TAPE);
	carry_out();
	refused(fx_try_mount(fx_session, wanted, NULL, NTMS_MOUNT_READ | NTMS_MOUNT_ERROR_OFFLINE,
			     PATIENCE_MS),
		ERROR_MEDIA_OFFLINE);
	cr_assert_eq(pthread_create(&thread, NULL, mount_wanted, NULL), 0);
	fx_wait_until(somebody_is_asked);
	cr_assert_eq(info_of(open_request, NTMS_OPREQUEST).Info.OpRequest.Request,
		     NTMS_OPREQ_MOVEMEDIA);
	must(fx_door(true));
	must(fx_put_in(RSM_VIRTUAL_SLOT, 1, TAPE));
	must(fx_door(false));
	look();
	cr_assert_eq(pthread_join(thread, NULL), 0);
	cr_assert_eq(mounted, ERROR_SUCCESS, "%u", mounted);
	fx_dismount(wanted, 0);
	fx_settle(wanted);
	carry_out();
	cr_assert_eq(pthread_create(&thread, NULL, mount_wanted, NULL), 0);
	fx_wait_until(somebody_is_asked);
	must(CancelNtmsOperatorRequest(fx_session, &open_request));
	cr_assert_eq(pthread_join(thread, NULL), 0);
	cr_assert_eq(mounted, ERROR_REQUEST_REFUSED, "%u", mounted);
}

/* ---- 7: deferred ---- */

static void one_drive(void)
{
	fx_make_directories(1, 6, 4);
	fx_open_library();
}

Test(sequences, deferred_7, .init = one_drive)
{
	NTMS_GUID a = fx_allocated(TAPE), b = fx_allocated(OTHER_TAPE), drive = fx_drive_guid(0);
	unsigned long long robot;

	fx_mount(a);
	fx_dismount(a, NTMS_DISMOUNT_DEFERRED);
	fx_settle(a);
	cr_assert_eq(drive_state(drive), NTMS_DRIVESTATE_DISMOUNTABLE);
	robot = fx_robot();
	fx_mount(a);
	cr_assert_eq(fx_robot(), robot, "the robot has moved it");
	fx_dismount(a, NTMS_DISMOUNT_DEFERRED);
	fx_settle(a);
	/* The delay is not over, and there is no other drive. */
	must_be(fx_try_mount(fx_session, b, NULL, NTMS_MOUNT_READ, 100), ERROR_TIMEOUT);
	cr_assert_eq(fx_where(TAPE), fx_element_of_drive(&drive));
	fx_set_defer_delay(&drive, 0);
	fx_mount(b);
	fx_expect_home(TAPE);
	fx_dismount(b, 0);
}

/* ---- 8: notification ---- */

/* The next that is told of the request, whatever is told of others. */
static DWORD next_of(HANDLE notification, NTMS_GUID request)
{
	NTMS_NOTIFICATIONINFORMATION told;

	do
		must(WaitForNtmsNotification(notification, &told, PATIENCE_MS));
	while (!guid_equal(&told.ObjectId, &request));
	return told.dwOperation;
}

Test(sequences, notification_8)
{
	HANDLE notification = OpenNtmsNotification(fx_session, NTMS_LIBREQUEST);
	struct session *session = fx_session;
	NTMS_OBJECTINFORMATIONA info = {.dwSize = sizeof(info), .dwType = NTMS_COMPUTER};
	NTMS_GUID request, system;
	DWORD told, count = 1;

	cr_assert_neq(notification, INVALID_HANDLE_VALUE);
	look();
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	request = first_in(fx_library, NTMS_LIBREQUEST);
	cr_assert_eq(next_of(notification, request), NTMS_OBJ_INSERT);
	cr_assert_eq(next_of(notification, request), NTMS_OBJ_UPDATE);
	must(EnumerateNtmsObject(fx_session, NULL, &system, &count, NTMS_COMPUTER, 0));
	must(GetNtmsObjectInformationA(fx_session, &system, &info));
	info.Info.Computer.dwLibRequestPurgeTime = 0;
	must(SetNtmsObjectInformationA(fx_session, &system, &info));
	must(purge(session->system));
	do
		told = next_of(notification, request);
	while (told != NTMS_OBJ_DELETE);
	must(CloseNtmsNotification(notification));
}

/* ---- 9: security ---- */

static NTMS_GUID guarded;

static DWORD allocate_guarded(HANDLE session)
{
	NTMS_GUID media;

	return AllocateNtmsMedia(session, &guarded, NULL, &media, 0, 0, NULL);
}

Test(sequences, security_9)
{
	fx_free_cartridge(TAPE);
	/* A pool at the top, made without a descriptor: its creator has all rights, nobody else. */
	guarded = fx_make_pool("Guarded", false, 0);
	must_be(fault_other_user(allocate_guarded), ERROR_ACCESS_DENIED);
	must(allocate_guarded(fx_session));
}

/* ---- 10: backup ---- */

Test(sequences, backup_10)
{
	NTMS_GUID media = fx_allocated(TAPE), pool;
	NTMS_OBJECTINFORMATIONA before, after;

	identify();
	before = info_of(media, NTMS_LOGICAL_MEDIA);
	must(ExportNtmsDatabase(fx_session));
	must(DeallocateNtmsMedia(fx_session, &media, 0));
	pool = fx_make_pool("After", false, 0);
	must(ImportNtmsDatabase(fx_session));
	fx_close(&fx_session);
	fx_session = fx_open();
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	after = info_of(media, NTMS_LOGICAL_MEDIA);
	cr_assert_arr_eq(&before, &after, sizeof(before));
	must_be(DeleteNtmsMediaPool(fx_session, &pool), ERROR_INVALID_MEDIA_POOL);
	fx_mount(media);
}

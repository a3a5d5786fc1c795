/* SPDX-License-Identifier: GPL-2.0-only */
/* test-standalone.c - drives that people fill, and what is asked of them */
#include <stdio.h>
#include <string.h>
#include "base/guid.h"
#include "core/request.h"
#include "faults.h"

static NTMS_GUID alone, alone_drive;
static char alone_serial[64];

static void manage_drive(void)
{
	DWORD count = 1;
	uint32_t id;

	memcpy(alone_serial, fx_lone_drive(&id), sizeof(alone_serial));
	must(RsmManageLibrary(fx_session, alone_serial, &alone));
	must(EnumerateNtmsObject(fx_session, &alone, &alone_drive, &count, NTMS_DRIVE, 0));
	cr_assert_eq(count, 1);
}

static void make_library(DWORD media)
{
	fx_make_shape(&(RSM_VIRTUAL_SHAPE){.dwDrives = 1,
					   .dwSlots = 4,
					   .dwPorts = 1,
					   .dwTapes = 2,
					   .dwStandAloneDrives = 1,
					   .dwMedia = media,
					   .bBarCodeReader = TRUE});
	fx_open_library();
}

static void setup(void)
{
	make_library(RSM_VIRTUAL_LTO8);
	manage_drive();
}

TestSuite(standalone, .timeout = 120, .init = setup, .fini = fx_teardown);

/* ---- what people do ---- */

static void insert(const char *name)
{
	must(fx_put_in(RSM_VIRTUAL_DRIVE, 0, name));
}

static void take_out(void)
{
	must(fx_take_out(RSM_VIRTUAL_DRIVE, 0));
}

/* ---- what is asked ---- */

static bool same(NTMS_GUID a, NTMS_GUID b)
{
	return guid_equal(&a, &b);
}

static struct object drive(void)
{
	return fx_get(&alone_drive, NTMS_DRIVE);
}

static void inventory(DWORD action)
{
	must(InventoryNtmsLibrary(fx_session, &alone, action));
	must(RsmWaitForLibrary(fx_session, &alone, PATIENCE_MS));
}

/* The cartridges of the library; *@media is the first. */
static DWORD cartridges(NTMS_GUID *media)
{
	NTMS_GUID list[16];
	DWORD count = 16;

	must(EnumerateNtmsObject(fx_session, &alone, list, &count, NTMS_PHYSICAL_MEDIA, 0));
	if (count)
		*media = list[0];
	return count;
}

static NTMS_GUID side_inside(void)
{
	return drive().device.side;
}

static NTMS_GUID media_inside(void)
{
	NTMS_GUID side = side_inside();

	return fx_media(&side).guid;
}

static bool is_offline(const NTMS_GUID *media)
{
	struct object obj = fx_media(media);

	return fx_get(&obj.media.library, NTMS_LIBRARY).library.kind == NTMS_LIBRARYTYPE_OFFLINE;
}

static bool is_free(const NTMS_GUID *drive_guid)
{
	return fx_get(drive_guid, NTMS_DRIVE).device.state == NTMS_DRIVESTATE_DISMOUNTED;
}

static bool is_filled(void)
{
	return drive().device.state == NTMS_DRIVESTATE_DISMOUNTABLE;
}

static bool is_empty(void)
{
	return is_free(&alone_drive);
}

/* The open request to a person; its text is in what_is_asked. */
static char what_is_asked[OBJ_MESSAGE_SIZE];
static NTMS_GUID asked;

static bool find_asked(void)
{
	NTMS_GUID list[16];
	DWORD count = 16;

	must(EnumerateNtmsObject(fx_session, NULL, list, &count, NTMS_OPREQUEST, 0));
	for (DWORD i = 0; i < count; i++) {
		NTMS_OBJECTINFORMATIONA info = {.dwSize = sizeof(info), .dwType = NTMS_OPREQUEST};

		/* One that was done may be gone by now. */
		if (GetNtmsObjectInformationA(fx_session, &list[i], &info) ||
		    info.Info.OpRequest.State != NTMS_OPSTATE_SUBMITTED)
			continue;
		asked = list[i];
		snprintf(what_is_asked, sizeof(what_is_asked), "%s", info.Info.OpRequest.szMessage);
		return true;
	}
	return false;
}

static NTMS_GUID asked_before;

static bool is_asked_again(void)
{
	return find_asked() && !guid_equal(&asked, &asked_before);
}

/* An LMID of a cartridge of that name, which is in the drive. */
static NTMS_GUID allocated_here(const char *name, const char *pool_name)
{
	NTMS_GUID pool = fx_make_pool(pool_name, false, 0), logical, side, media;
	NTMS_GUID free_pool = fx_find("Free\\LTO Ultrium", NTMS_MEDIA_POOL);

	/* That another was taken out is seen, too. */
	inventory(NTMS_INVENTORY_FAST);
	insert(name);
	inventory(NTMS_INVENTORY_FAST);
	media = media_inside();
	must(MoveToNtmsMediaPool(fx_session, &media, &free_pool));
	fx_settle(media);
	side = side_inside();
	must(AllocateNtmsMedia(fx_session, &pool, &side, &logical,
			       NTMS_ALLOCATE_ERROR_IF_UNAVAILABLE, 0, NULL));
	return logical;
}

/* ---- what there is ---- */

Test(standalone, it_is_a_library_of_one_drive)
{
	NTMS_OBJECTINFORMATIONA info = {.dwSize = sizeof(info)};

	must(GetNtmsObjectInformationA(fx_session, &alone, &info));
	cr_assert_eq(info.Info.Library.LibraryType, NTMS_LIBRARYTYPE_STANDALONE);
	cr_assert_eq(info.Info.Library.dwNumberOfDrives, 1);
	cr_assert_eq(info.Info.Library.dwNumberOfPorts, 1);
	cr_assert_eq(info.Info.Library.dwNumberOfSlots, 0);
	cr_assert_eq(info.Info.Library.dwNumberOfChangers, 0);
	cr_assert_eq(info.Info.Library.dwNumberOfMediaTypes, 1);
	cr_assert_eq(info.dwOperationalState, NTMS_READY);
	cr_assert_eq(drive().opstate, NTMS_READY);
	cr_assert_eq(drive().device.state, NTMS_DRIVESTATE_DISMOUNTED);
	cr_assert_eq(drive().device.defer_delay_s, 0);
	cr_assert_neq(fx_node(alone_drive)[0], '\0');
}

Test(standalone, managing_it_again_is_no_error)
{
	NTMS_GUID again;

	must(RsmManageLibrary(fx_session, alone_serial, &again));
	cr_assert(guid_equal(&again, &alone));
}

Test(standalone, the_drive_of_a_library_is_none)
{
	struct object inside = fx_drive(0);
	NTMS_GUID guid;

	must_be(RsmManageLibrary(fx_session, inside.device.serial, &guid), ERROR_OBJECT_NOT_FOUND);
	cr_assert(strstr(RsmLastMessage(), "changer"), "%s", RsmLastMessage());
}

Test(standalone, it_is_given_back)
{
	NTMS_GUID logical = allocated_here("W00001L8", "app");

	must(RsmUnmanageLibrary(fx_session, &alone));
	cr_assert(is_offline(&logical));
	must(RsmManageLibrary(fx_session, alone_serial, &alone));
}

/* ---- what is inside ---- */

static void setup_filled(void)
{
	make_library(RSM_VIRTUAL_LTO8);
	insert("W00001L8");
	manage_drive();
}

Test(standalone, managing_it_does_not_touch_what_is_inside, .init = setup_filled)
{
	NTMS_GUID media;

	cr_assert_eq(drive().device.state, NTMS_DRIVESTATE_DISMOUNTABLE);
	cr_assert(same(side_inside(), (NTMS_GUID)NTMS_NULLGUID));
	cr_assert_eq(cartridges(&media), 0);
	inventory(NTMS_INVENTORY_FAST);
	cr_assert_eq(cartridges(&media), 1);
	cr_assert(same(media_inside(), media));
}

Test(standalone, an_inventory_identifies_what_is_inside)
{
	struct object side, media;
	NTMS_GUID guid;

	insert("W00001L8");
	inventory(NTMS_INVENTORY_FAST);
	cr_assert_eq(drive().device.state, NTMS_DRIVESTATE_DISMOUNTABLE);
	guid = side_inside();
	side = fx_side(&guid);
	media = fx_media(&guid);
	cr_assert_eq(side.side.state, NTMS_PARTSTATE_FOREIGN);
	cr_assert(guid_equal(&media.media.location, &alone_drive));
	cr_assert_eq(media.media.location_type, NTMS_DRIVE);
	cr_assert(guid_equal(&media.media.library, &alone));
	cr_assert_eq(media.media.state, NTMS_MEDIASTATE_IDLE);
}

Test(standalone, what_is_taken_out_leaves)
{
	NTMS_GUID logical = allocated_here("W00001L8", "app"), unknown;

	take_out();
	inventory(NTMS_INVENTORY_FAST);
	cr_assert(is_free(&alone_drive));
	cr_assert(is_offline(&logical));
	insert("W00002L8");
	inventory(NTMS_INVENTORY_FAST);
	unknown = media_inside();
	take_out();
	inventory(NTMS_INVENTORY_FAST);
	/* Nobody knows what that was: its record is gone with it. */
	must_be(GetNtmsObjectInformationA(
			fx_session, &unknown,
			&(NTMS_OBJECTINFORMATIONA){.dwSize = sizeof(NTMS_OBJECTINFORMATIONA)}),
		ERROR_OBJECT_NOT_FOUND);
}

Test(standalone, what_comes_back_is_known_by_its_label)
{
	NTMS_GUID logical = allocated_here("W00001L8", "app"), before = side_inside();

	take_out();
	inventory(NTMS_INVENTORY_FAST);
	insert("W00001L8");
	inventory(NTMS_INVENTORY_FAST);
	cr_assert(same(side_inside(), before));
	cr_assert(!is_offline(&logical));
}

/* Two that were exchanged while nobody looked: a full inventory tells. */
Test(standalone, a_full_inventory_reads_the_label_again)
{
	NTMS_GUID logical = allocated_here("W00001L8", "app"), before = side_inside();

	take_out();
	insert("W00002L8");
	inventory(NTMS_INVENTORY_FAST);
	cr_assert(same(side_inside(), before));
	inventory(NTMS_INVENTORY_OMID);
	cr_assert(!same(side_inside(), before));
	cr_assert(is_offline(&logical));
}

/* ---- labels ---- */

/* How the only free label ended, though it may have ended before anybody waits. */
static DWORD label_end(void)
{
	NTMS_GUID list[16];
	DWORD count = 16;

	must(EnumerateNtmsObject(fx_session, &alone, list, &count, NTMS_LIBREQUEST, 0));
	for (DWORD i = 0; i < count; i++)
		if (fx_get(&list[i], NTMS_LIBREQUEST).librequest.operation == NTMS_LM_WRITESCRATCH)
			return RsmWaitForRequest(fx_session, &list[i], PATIENCE_MS);
	cr_assert(false, "no free label was asked for");
	return ERROR_OBJECT_NOT_FOUND;
}

Test(standalone, a_cartridge_that_was_taken_out_is_not_labelled)
{
	NTMS_GUID free_pool = fx_find("Free\\LTO Ultrium", NTMS_MEDIA_POOL), media;

	insert("W00001L8");
	inventory(NTMS_INVENTORY_FAST);
	media = media_inside();
	take_out();
	must(MoveToNtmsMediaPool(fx_session, &media, &free_pool));
	must_be(label_end(), ERROR_MEDIA_OFFLINE);
	cr_assert(is_offline(&media));
}

/* The worst: another one is in the drive by now. */
Test(standalone, another_cartridge_is_not_overwritten)
{
	NTMS_GUID free_pool = fx_find("Free\\LTO Ultrium", NTMS_MEDIA_POOL), media;
	char label[81];

	snprintf(label, sizeof(label), "VOL1%-6s%70s", "PRECIO", "");
	insert("W00001L8");
	inventory(NTMS_INVENTORY_FAST);
	media = media_inside();
	take_out();
	fx_label_tape("W00002L8", label);
	insert("W00002L8");
	must(MoveToNtmsMediaPool(fx_session, &media, &free_pool));
	must_be(label_end(), ERROR_UNEXPECTED_OMID);
	fx_expect_label("W00002L8", label);
}

/* ---- mounts ---- */

Test(standalone, mounted_dismounted_and_mounted_again)
{
	NTMS_GUID logical = allocated_here("W00001L8", "app");

	for (int i = 0; i < 2; i++) {
		NTMS_GUID used = fx_mount(logical);

		cr_assert(guid_equal(&used, &alone_drive));
		cr_assert_eq(drive().device.state, NTMS_DRIVESTATE_LOADED);
		if (i == 0)
			fx_write_tape(fx_node(used), "something");
		else
			fx_expect_tape(fx_node(used), "something");
		/* No robot carries it away: it stays, for whoever comes next. */
		fx_dismount(logical, i ? NTMS_DISMOUNT_DEFERRED : NTMS_DISMOUNT_IMMEDIATE);
		cr_assert_eq(drive().device.state, NTMS_DRIVESTATE_DISMOUNTABLE);
		cr_assert_eq(fx_media(&logical).media.state, NTMS_MEDIASTATE_IDLE);
		cr_assert(!fx_is_held(&alone_drive));
	}
	cr_assert_eq(drive().device.mount_count, 2);
}

Test(standalone, dismounted_by_its_drive)
{
	NTMS_GUID logical = allocated_here("W00001L8", "app");

	fx_mount(logical);
	must(DismountNtmsDrive(fx_session, &alone_drive));
	fx_settle(logical);
	cr_assert_eq(drive().device.state, NTMS_DRIVESTATE_DISMOUNTABLE);
	cr_assert(!is_offline(&logical));
}

/* ---- a person is asked ---- */

static NTMS_GUID wanted;
static DWORD wanted_result;

static int mount_it(const struct child *parent)
{
	HANDLE session = OpenNtmsSessionA(NULL, "unit test", 0);
	NTMS_GUID there = alone_drive;
	DWORD code;

	if (session == INVALID_HANDLE_VALUE)
		_exit(97);
	/* The other library has a robot and would be preferred for what is on the shelf. */
	code = fx_try_mount(session, wanted, &there, NTMS_MOUNT_READ | NTMS_MOUNT_SPECIFIC_DRIVE,
			    PATIENCE_MS);
	if (code != wanted_result) {
		fprintf(stderr, "%s, %s\n", RsmErrorName(code), RsmLastMessage());
		return 1;
	}
	say_byte(parent, code ? 'f' : 'm');
	hear_byte(parent);
	return 0;
}

static struct child start_mount(NTMS_GUID logical, DWORD result)
{
	wanted = logical;
	wanted_result = result;
	return start_child(mount_it);
}

/* It has what it wanted. */
static void expect_mounted(struct child *child)
{
	cr_assert_eq(child_byte(child), 'm');
	cr_assert_eq(drive().device.state, NTMS_DRIVESTATE_LOADED);
	cr_assert(same(side_inside(), fx_side(&wanted).guid));
	cr_assert(fx_is_held(&alone_drive));
	kill_child(child);
}

/* Nothing tells of it by itself: the drive is asked, by one who neither holds it nor has the lease.
 * That its medium is mounted is no change. */
Test(standalone, a_detection_sees_what_is_put_in_and_taken_out)
{
	NTMS_GUID logical;
	HANDLE detection;

	logical = allocated_here("W00001L8", "app");
	take_out();
	inventory(NTMS_INVENTORY_FAST);
	must(BeginNtmsDeviceChangeDetection(fx_session, &detection));
	must(SetNtmsDeviceChangeDetection(fx_session, detection, &alone, NTMS_LIBRARY, 1));
	must(RsmWaitForLibrary(fx_session, &alone, PATIENCE_MS));
	cr_assert(is_empty());
	insert("W00001L8");
	fx_wait_until(is_filled);
	fx_mount(logical);
	fx_dismount(logical, NTMS_DISMOUNT_DEFERRED);
	fx_settle(logical);
	cr_assert(is_filled());
	take_out();
	fx_wait_until(is_empty);
	must(EndNtmsDeviceChangeDetection(fx_session, detection));
}

Test(standalone, what_is_on_the_shelf_is_asked_for_and_mounted_when_it_comes)
{
	NTMS_GUID logical = allocated_here("W00001L8", "app");
	struct child child;

	take_out();
	child = start_mount(logical, ERROR_SUCCESS);
	fx_wait_until(find_asked);
	cr_assert(strstr(what_is_asked, "insert cartridge"), "%s", what_is_asked);
	cr_assert_eq(fx_media(&logical).media.state, NTMS_MEDIASTATE_OPREQ);
	insert("W00001L8");
	expect_mounted(&child);
	cr_assert(!find_asked(), "still asked: %s", what_is_asked);
}

Test(standalone, a_wrong_one_is_said_and_asked_again)
{
	NTMS_GUID logical = allocated_here("W00001L8", "app"), other;
	struct child child;

	take_out();
	other = allocated_here("W00002L8", "app2");
	take_out();
	inventory(NTMS_INVENTORY_FAST);
	child = start_mount(logical, ERROR_SUCCESS);
	fx_wait_until(find_asked);
	asked_before = asked;
	insert("W00002L8");
	fx_wait_until(is_asked_again);
	cr_assert(strstr(what_is_asked, fx_media(&other).name), "%s", what_is_asked);
	cr_assert(strstr(what_is_asked, fx_media(&logical).name), "%s", what_is_asked);
	cr_assert(is_free(&alone_drive));
	cr_assert(is_offline(&other));
	/* It sticks out of the drive. */
	take_out();
	insert("W00001L8");
	expect_mounted(&child);
}

Test(standalone, what_nobody_uses_makes_room)
{
	NTMS_GUID logical = allocated_here("W00001L8", "app"), other;
	struct child child;

	take_out();
	other = allocated_here("W00002L8", "app2");
	child = start_mount(logical, ERROR_SUCCESS);
	asked_before = (NTMS_GUID)NTMS_NULLGUID;
	fx_wait_until(is_asked_again);
	while (!strstr(what_is_asked, "take it out")) {
		asked_before = asked;
		fx_wait_until(is_asked_again);
	}
	cr_assert(is_offline(&other));
	take_out();
	insert("W00001L8");
	expect_mounted(&child);
}

Test(standalone, what_is_mounted_is_not_ejected_for_another)
{
	NTMS_GUID logical = allocated_here("W00001L8", "app"), other;

	take_out();
	other = allocated_here("W00002L8", "app2");
	fx_mount(other);
	must_be(fx_try_mount(fx_session, logical, NULL, NTMS_MOUNT_READ, 500), ERROR_TIMEOUT);
	cr_assert_eq(drive().device.state, NTMS_DRIVESTATE_LOADED);
	cr_assert(same(side_inside(), fx_side(&other).guid));
}

/* Exchanged by hand while nobody looked: the label shows it. */
Test(standalone, one_that_was_exchanged_is_noticed_at_the_mount)
{
	NTMS_GUID logical = allocated_here("W00001L8", "app");
	struct child child;

	take_out();
	insert("W00002L8");
	child = start_mount(logical, ERROR_SUCCESS);
	fx_wait_until(find_asked);
	cr_assert(is_free(&alone_drive));
	take_out();
	insert("W00001L8");
	expect_mounted(&child);
}

Test(standalone, who_says_that_it_is_there_is_believed_once)
{
	NTMS_GUID logical = allocated_here("W00001L8", "app");
	struct child child;

	take_out();
	child = start_mount(logical, ERROR_SUCCESS);
	fx_wait_until(find_asked);
	asked_before = asked;
	must(SatisfyNtmsOperatorRequest(fx_session, &asked));
	fx_wait_until(is_asked_again);
	cr_assert(strstr(what_is_asked, "still not found"), "%s", what_is_asked);
	insert("W00001L8");
	expect_mounted(&child);
}

Test(standalone, a_refusal_ends_the_mount)
{
	NTMS_GUID logical = allocated_here("W00001L8", "app");
	struct child child;

	take_out();
	child = start_mount(logical, ERROR_REQUEST_REFUSED);
	fx_wait_until(find_asked);
	must(CancelNtmsOperatorRequest(fx_session, &asked));
	cr_assert_eq(child_byte(&child), 'f');
	kill_child(&child);
	cr_assert_eq(fx_media(&logical).media.state, NTMS_MEDIASTATE_IDLE);
}

Test(standalone, nobody_is_asked_who_is_not_to_be)
{
	NTMS_GUID logical = allocated_here("W00001L8", "app");

	/* As recorded it is in the drive; only the drive knows better. */
	take_out();
	must_be(fx_try_mount(fx_session, logical, NULL, NTMS_MOUNT_READ | NTMS_MOUNT_ERROR_OFFLINE,
			     PATIENCE_MS),
		ERROR_MEDIA_OFFLINE);
	cr_assert(is_offline(&logical));
	must_be(fx_try_mount(fx_session, logical, NULL, NTMS_MOUNT_READ | NTMS_MOUNT_NOWAIT, 0),
		ERROR_MEDIA_OFFLINE);
	cr_assert(!find_asked());
}

/* ---- EjectDiskFromSADrive ---- */

static DWORD eject_now(DWORD options)
{
	return EjectDiskFromSADriveA(NULL, "unit test", fx_node(alone_drive), NULL, NULL, NULL,
				     options);
}

Test(standalone, it_ejects)
{
	NTMS_GUID logical = allocated_here("W00001L8", "app");

	must(eject_now(NTMS_EJECT_IMMEDIATE));
	cr_assert(is_free(&alone_drive));
	cr_assert(is_offline(&logical));
	/* It sticks out; pushed in again it is back. */
	insert("W00001L8");
	inventory(NTMS_INVENTORY_FAST);
	cr_assert(!is_offline(&logical));
	must(eject_now(NTMS_EJECT_ASK_USER));
	cr_assert(is_offline(&logical));
	/* An empty drive has nothing against it. */
	must(eject_now(NTMS_EJECT_IMMEDIATE));
}

static NTMS_GUID ejected;

static bool it_is_offline(void)
{
	return is_offline(&ejected);
}

Test(standalone, it_ejects_some_time)
{
	WCHAR device[NTMS_DEVICENAME_LENGTH] = {0}, name[] = {'t', 'e', 's', 't', 0};
	const char *node = fx_node(alone_drive);

	ejected = allocated_here("W00001L8", "app");
	for (size_t i = 0; node[i]; i++)
		device[i] = (WCHAR)node[i];
	must(EjectDiskFromSADriveW(NULL, name, device, NULL, NULL, NULL, NTMS_EJECT_QUEUE));
	must(RsmWaitForLibrary(fx_session, &alone, PATIENCE_MS));
	fx_wait_until(it_is_offline);
}

Test(standalone, what_is_in_use_is_ejected_by_force)
{
	NTMS_GUID logical = allocated_here("W00001L8", "app");
	FILE *open_device;

	fx_mount(logical);
	must_be(eject_now(NTMS_EJECT_IMMEDIATE), ERROR_BUSY);
	must_be(eject_now(NTMS_EJECT_START), ERROR_BUSY);
	/* Never from under a program. */
	open_device = fopen(fx_node(alone_drive), "r");
	cr_assert(open_device);
	must_be(eject_now(NTMS_EJECT_FORCE), ERROR_BUSY);
	cr_assert_eq(drive().device.state, NTMS_DRIVESTATE_LOADED);
	cr_assert_eq(fclose(open_device), 0);
	must(eject_now(NTMS_EJECT_FORCE));
	cr_assert(is_free(&alone_drive));
	cr_assert(is_offline(&logical));
	cr_assert(!fx_is_held(&alone_drive));
}

static char device[NTMS_DEVICENAME_LENGTH];

static DWORD eject_by_session(HANDLE session)
{
	(void)session;
	return EjectDiskFromSADriveA(NULL, "", device, NULL, NULL, NULL, NTMS_EJECT_IMMEDIATE);
}

Test(standalone, what_cannot_be_ejected)
{
	NTMS_GUID logical = allocated_here("W00001L8", "app"), media = fx_media(&logical).guid;

	must_be(eject_now(NTMS_EJECT_ASK_USER + 1), ERROR_INVALID_PARAMETER);
	must_be(EjectDiskFromSADriveA(NULL, "", NULL, NULL, NULL, NULL, NTMS_EJECT_IMMEDIATE),
		ERROR_INVALID_PARAMETER);
	must_be(EjectDiskFromSADriveA(NULL, "", "/dev/none", NULL, NULL, NULL,
				      NTMS_EJECT_IMMEDIATE),
		ERROR_DEVICE_NOT_AVAILABLE);
	/* A robot's drive is emptied by EjectNtmsMedia. */
	must_be(EjectDiskFromSADriveA(NULL, "", fx_node(fx_drive_guid(0)), NULL, NULL, NULL,
				      NTMS_EJECT_IMMEDIATE),
		ERROR_DEVICE_NOT_AVAILABLE);
	must_be(EjectDiskFromSADriveA("elsewhere", "", fx_node(alone_drive), NULL, NULL, NULL,
				      NTMS_EJECT_IMMEDIATE),
		ERROR_NO_NETWORK);
	must_be(eject_now(NTMS_EJECT_STOP), ERROR_INVALID_OPERATION);
	snprintf(device, sizeof(device), "%s", fx_node(alone_drive));
	fx_deny(&alone, NTMS_CONTROL_ACCESS);
	must_be(fault_other_user(eject_by_session), ERROR_ACCESS_DENIED);
	must(DisableNtmsObject(fx_session, NTMS_PHYSICAL_MEDIA, &media));
	must_be(eject_now(NTMS_EJECT_IMMEDIATE), ERROR_MEDIA_NOT_AVAILABLE);
	must(EnableNtmsObject(fx_session, NTMS_PHYSICAL_MEDIA, &media));
	must(DisableNtmsObject(fx_session, NTMS_DRIVE, &alone_drive));
	must_be(eject_now(NTMS_EJECT_IMMEDIATE), ERROR_DEVICE_NOT_AVAILABLE);
	must(EnableNtmsObject(fx_session, NTMS_DRIVE, &alone_drive));
	must(DisableNtmsObject(fx_session, NTMS_LIBRARY, &alone));
	must_be(eject_now(NTMS_EJECT_IMMEDIATE), ERROR_DEVICE_NOT_AVAILABLE);
}

/* ---- deaths ---- */

Test(standalone, the_next_caller_gets_what_a_dead_one_had)
{
	NTMS_GUID logical = allocated_here("W00001L8", "app");
	struct child child = start_mount(logical, ERROR_SUCCESS);

	expect_mounted(&child);
	cr_assert(!fx_is_held(&alone_drive));
	fx_mount(logical);
	cr_assert(fx_is_held(&alone_drive));
}

static int steps_left;

static void die_some_time(void *context, const RSM_PROGRESS *progress)
{
	(void)context;
	(void)progress;
	if (steps_left-- == 0)
		raise(SIGKILL);
}

static int mount_and_die(const struct child *parent)
{
	HANDLE session = OpenNtmsSessionA(NULL, "to be killed", 0);

	(void)parent;
	if (session == INVALID_HANDLE_VALUE)
		_exit(97);
	child_must(RsmSetProgress(session, die_some_time, NULL));
	child_must(fx_try_mount(session, wanted, NULL, NTMS_MOUNT_READ, PATIENCE_MS));
	return 0;
}

Test(standalone, killed_at_every_step_of_a_mount)
{
	int status, killed = 0, survived = 0;

	wanted = allocated_here("W00001L8", "app");
	/* Not every mount is slow enough for its steps to be seen, and now and then none is. */
	while (survived < (killed ? 8 : 200)) {
		struct child child;

		steps_left = killed;
		child = start_child(mount_and_die);
		status = end_child(&child);
		cr_assert(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
		fx_mount(wanted);
		cr_assert(same(side_inside(), fx_side(&wanted).guid));
		fx_dismount(wanted, 0);
		if (WIFSIGNALED(status))
			killed++;
		else
			survived++;
	}
	cr_assert_gt(killed, 0);
}

/* ---- disks ---- */

static void setup_disks(void)
{
	make_library(RSM_VIRTUAL_MO);
	manage_drive();
}

Test(standalone, a_disk_has_two_sides_and_the_label_tells_which, .init = setup_disks)
{
	NTMS_GUID pool, type, media, list[2], logical, other;
	DWORD count = 2;
	struct child child;
	char a[PATH_MAX], b[PATH_MAX], hand[PATH_MAX];

	insert("W00001MO");
	inventory(NTMS_INVENTORY_FAST);
	media = media_inside();
	must(EnumerateNtmsObject(fx_session, &media, list, &count, NTMS_PARTITION, 0));
	cr_assert_eq(count, 2);
	/* As if another RSM had labelled the second side, and we had been told. */
	type = fx_media(&media).media.media_type;
	must(CreateNtmsMediaPoolA(fx_session, "app", &type, NTMS_CREATE_NEW, NULL, &pool));
	for (int i = 0; i < 2; i++) {
		struct object side = fx_get(&list[i], NTMS_PARTITION), record;

		side.side.state = NTMS_PARTSTATE_AVAILABLE;
		side.side.pool = pool;
		snprintf(side.side.label_type, sizeof(side.side.label_type), "ANSI VOL1");
		side.side.label_id_length = 6;
		memcpy(side.side.label_id, i ? "SIDE-B" : "SIDE-A", 6);
		snprintf(side.side.label_info, sizeof(side.side.label_info), "%s",
			 i ? "SIDE-B" : "SIDE-A");
		fx_put(&side);
		record = fx_get(&media, NTMS_PHYSICAL_MEDIA);
		record.media.pool = pool;
		fx_put(&record);
	}
	snprintf(a, sizeof(a), "%s/tapes/W00001MO", fx_vlib);
	snprintf(b, sizeof(b), "%s/tapes/W00001MO@B", fx_vlib);
	snprintf(hand, sizeof(hand), "%s/tapes/hand", fx_vlib);
	for (int i = 0; i < 2; i++) {
		FILE *file = fopen(i ? b : a, "w");

		cr_assert(file);
		cr_assert_gt(fprintf(file, "VOL1SIDE-%c%70s", i ? 'B' : 'A', ""), 0);
		cr_assert_eq(fclose(file), 0);
	}
	must(AllocateNtmsMedia(fx_session, &pool, &list[0], &logical,
			       NTMS_ALLOCATE_ERROR_IF_UNAVAILABLE, 0, NULL));
	must(AllocateNtmsMedia(fx_session, &pool, &list[1], &other,
			       NTMS_ALLOCATE_ERROR_IF_UNAVAILABLE, 0, NULL));
	fx_mount(logical);
	fx_dismount(logical, 0);
	child = start_mount(other, ERROR_SUCCESS);
	fx_wait_until(find_asked);
	while (!is_free(&alone_drive)) {
		asked_before = asked;
		fx_wait_until(is_asked_again);
	}
	/* The person turns it over. */
	take_out();
	cr_assert_eq(rename(a, hand) | rename(b, a) | rename(hand, b), 0);
	insert("W00001MO");
	expect_mounted(&child);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* nth-works.c - calls that have a library worked on, or look at devices or at the whole database */
#include <string.h>
#include "base/guid.h"
#include "core/request.h"
#include "faults.h"
#include "nth.h"

/* ---- made ready ---- */

static bool is_stopped;

/* From now on nothing queued is carried out, so it changes nothing but what the call does. */
static void nobody_works_on(uint32_t device)
{
	if (!is_stopped)
		fx_stop_work_on(device);
	is_stopped = true;
}

/* What was queued and not begun is no more. */
static void nothing_queued_in(NTMS_GUID library)
{
	NTMS_GUID list[512];
	DWORD count = 512;

	must(EnumerateNtmsObject(fx_session, &library, list, &count, NTMS_LIBREQUEST, 0));
	for (DWORD i = 0; i < count; i++) {
		DWORD state = fx_get(&list[i], NTMS_LIBREQUEST).librequest.state;

		if (state == NTMS_LM_QUEUED || state == NTMS_LM_WAITING)
			must(CancelNtmsLibraryRequest(fx_session, &list[i]));
	}
}

static void nothing_queued(void)
{
	if (!is_stopped)
		at_rest();
	nobody_works_on(0);
	nothing_queued_in(fx_library);
}

static void a_cartridge_to_eject(void)
{
	it.media = fx_find("V00001L8", NTMS_PHYSICAL_MEDIA);
	nothing_queued();
}

static void a_mounted_cartridge(void)
{
	if (guid_is_null(&it.other)) {
		it.other = fx_allocated("V00001L8");
		it.media = fx_media(&it.other).guid;
		fx_mount(it.other);
	}
	nothing_queued();
}

static void cartridges_collected(void)
{
	a_cartridge_to_eject();
	must(EjectNtmsMedia(fx_session, &it.media, &it.guid, NTMS_EJECT_QUEUE));
}

static void an_eject(void)
{
	a_cartridge_to_eject();
	must(EjectNtmsMedia(fx_session, &it.media, &it.guid, NTMS_EJECT_START));
}

static void an_inject(void)
{
	nothing_queued();
	must(InjectNtmsMedia(fx_session, &fx_library, &it.guid, NTMS_INJECT_STARTMANY));
}

static void an_inventory(void)
{
	nothing_queued();
	must(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_OMID));
}

static void a_mountable_medium(void)
{
	if (guid_is_null(&it.media))
		it.media = fx_allocated("V00001L8");
	nothing_queued();
}

static void slot_one(void)
{
	it.object = fx_find("1", NTMS_STORAGESLOT);
	at_rest();
}

static void a_slot_for_the_cleaner(void)
{
	it.object = fx_find("5", NTMS_STORAGESLOT);
	ReleaseNtmsCleanerSlot(fx_session, &fx_library);
}

static void a_reserved_slot(void)
{
	it.object = fx_find("5", NTMS_STORAGESLOT);
	ReserveNtmsCleanerSlot(fx_session, &fx_library, &it.object);
}

static void an_empty_cleaner_slot(void)
{
	a_reserved_slot();
	nothing_queued();
}

static void a_cleaner(void)
{
	NTMS_OBJECTINFORMATIONA info = {.dwSize = sizeof(info), .dwType = NTMS_LIBRARY};

	it.object = fx_drive_guid(0);
	if (!is_stopped) {
		must(virtual_hand_put(fx_vlib, "CLN001L8", VIRTUAL_FIRST_SLOT + 5));
		must(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_FAST));
		at_rest();
		must(GetNtmsObjectInformationA(fx_session, &fx_library, &info));
		info.Info.Library.dwCleanerUsesRemaining = 20;
		must(SetNtmsObjectInformationA(fx_session, &fx_library, &info));
	}
	nothing_queued();
}

static DWORD inject_cleaner(DWORD action)
{
	return InjectNtmsCleaner(fx_session, &fx_library, &it.guid, 20, action);
}

static DWORD eject_cleaner(DWORD action)
{
	return EjectNtmsCleaner(fx_session, &fx_library, &it.guid, action);
}

static void a_cleaner_awaited(void)
{
	an_empty_cleaner_slot();
	must(inject_cleaner(NTMS_INJECT_START));
}

static void a_cleaner_leaving(void)
{
	a_cleaner();
	must(eject_cleaner(NTMS_EJECT_START));
}

/* ---- a drive that stands alone; its library is it.other ---- */

static uint32_t lone_id;

static void a_lone_drive(void)
{
	DWORD count = 1;

	if (!guid_is_null(&it.other)) {
		settled(&it.other);
		return;
	}
	must(RsmManageLibrary(fx_session, fx_lone_drive(&lone_id), &it.other));
	must(EnumerateNtmsObject(fx_session, &it.other, &it.object, &count, NTMS_DRIVE, 0));
	strcpy(it.bytes, fx_node(it.object));
	for (size_t i = 0; i <= strlen(it.bytes); i++)
		it.text[i] = (WCHAR)it.bytes[i];
}

/* Pushed in again, if it was ejected. */
static void a_filled_drive(void)
{
	a_lone_drive();
	if (fx_get(&it.object, NTMS_DRIVE).device.state == NTMS_DRIVESTATE_DISMOUNTED) {
		must(virtual_insert(fx_vlib, VIRTUAL_DRIVE, 0, "W00001L8"));
		must(InventoryNtmsLibrary(fx_session, &it.other, NTMS_INVENTORY_FAST));
		settled(&it.other);
	}
	it.empty = fx_get(&it.object, NTMS_DRIVE).device.side;
	it.media = fx_media(&it.empty).guid;
}

static void a_lone_library(void)
{
	if (!is_stopped)
		a_filled_drive();
	nobody_works_on(lone_id);
	nothing_queued_in(it.other);
}

static DWORD eject_disk(DWORD options)
{
	return EjectDiskFromSADriveA(NULL, "nth", it.bytes, NULL, NULL, NULL, options);
}

/* Its session waits for the worker, when it ends: the worker is told nothing. */
static void a_queued_disk(void)
{
	struct object request;

	if (!is_stopped)
		a_filled_drive();
	nobody_works_on(lone_id);
	request_init(fx_session, NTMS_LM_EJECT, &it.other, &request);
	fx_insert(&request);
}

/* ---- detection ---- */

static void a_detection(void)
{
	nothing_queued();
	must(BeginNtmsDeviceChangeDetection(fx_session, &it.handle));
	must(SetNtmsDeviceChangeDetection(fx_session, it.handle, &fx_library, NTMS_LIBRARY, 1));
	nothing_queued();
}

static void a_new_detection(void)
{
	nothing_queued();
	if (it.handle)
		must(EndNtmsDeviceChangeDetection(fx_session, it.handle));
	must(BeginNtmsDeviceChangeDetection(fx_session, &it.handle));
}

static DWORD detect(DWORD type, const NTMS_GUID *objects)
{
	NTMS_GUID guid = *objects;

	return SetNtmsDeviceChangeDetection(fx_session, NULL, &guid, type, 1);
}

static DWORD begin_and_end(void)
{
	DWORD code = BeginNtmsDeviceChangeDetection(fx_session, &it.handle);

	return code ? code : EndNtmsDeviceChangeDetection(fx_session, it.handle);
}

/* ---- the database ---- */

/* An import needs the leases of all; its inventory may be under way. */
static void an_export(void)
{
	at_rest();
	fx_stop_work();
	fx_let_work();
	must(ExportNtmsDatabase(fx_session));
}

/* ---- volumes: in a made-up /sys, where /dev/null is a disk ---- */

static void made_up_disk(void)
{
	if (!it.round++)
		fault_made_up_disk();
	strcpy(it.bytes, "/dev/null");
	for (size_t i = 0; i < sizeof("/dev/null"); i++)
		it.text[i] = (WCHAR)it.bytes[i];
}

static DWORD volumes(void)
{
	char *node, *mount_point;
	DWORD code = GetVolumesFromDriveA(it.bytes, &node, &mount_point);

	if (code)
		return code;
	free(node);
	free(mount_point);
	return code;
}

static DWORD wide_volumes(void)
{
	WCHAR *node, *mount_point;
	DWORD code = GetVolumesFromDriveW(it.text, &node, &mount_point);

	if (code)
		return code;
	free(node);
	free(mount_point);
	return code;
}

/* ---- the calls ---- */

#define EJECT(variant)                 \
	CALL(EjectNtmsMedia_##variant, \
	     EjectNtmsMedia(fx_session, &it.media, &it.guid, NTMS_EJECT_##variant))
#define INJECT(variant)                 \
	CALL(InjectNtmsMedia_##variant, \
	     InjectNtmsMedia(fx_session, &fx_library, &it.guid, NTMS_INJECT_##variant))
#define DOOR(variant)                         \
	CALL(AccessNtmsLibraryDoor_##variant, \
	     AccessNtmsLibraryDoor(fx_session, &fx_library, NTMS_INVENTORY_##variant))
#define INVENTORY(variant)                   \
	CALL(InventoryNtmsLibrary_##variant, \
	     InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_##variant))
#define EJECT_DISK(variant) CALL(EjectDiskFromSADriveA_##variant, eject_disk(NTMS_EJECT_##variant))

EJECT(QUEUE)
EJECT(START)
EJECT(FORCE)
EJECT(IMMEDIATE)
CALL(EjectNtmsMedia_collected, EjectNtmsMedia(fx_session, NULL, &it.guid, NTMS_EJECT_START))
CALL(EjectNtmsMedia_STOP, EjectNtmsMedia(fx_session, NULL, &it.guid, NTMS_EJECT_STOP))
INJECT(START)
INJECT(STARTMANY)
INJECT(RETRACT)
INJECT(STOP)
DOOR(NONE)
DOOR(FAST)
DOOR(OMID)
DOOR(DEFAULT)
INVENTORY(NONE)
INVENTORY(SLOT)
INVENTORY(FAST)
INVENTORY(OMID)
INVENTORY(DEFAULT)
INVENTORY(STOP)
EJECT_DISK(QUEUE)
EJECT_DISK(STOP)
EJECT_DISK(FORCE)
EJECT_DISK(IMMEDIATE)
CALL(EjectDiskFromSADriveW_IMMEDIATE, EjectDiskFromSADriveW(NULL, (const WCHAR[]){'n', 0}, it.text,
							    NULL, NULL, NULL, NTMS_EJECT_IMMEDIATE))
CALL(IdentifyNtmsSlot_IMMEDIATE, IdentifyNtmsSlot(fx_session, &it.object, NTMS_DISMOUNT_IMMEDIATE))
CALL(IdentifyNtmsSlot_DEFERRED, IdentifyNtmsSlot(fx_session, &it.object, NTMS_DISMOUNT_DEFERRED))
CALL(MountNtmsMedia_timeout,
     MountNtmsMedia(fx_session, &it.media, &it.guid, 1, NTMS_MOUNT_READ, 0, 1, NULL))
CALL(ReserveNtmsCleanerSlot, ReserveNtmsCleanerSlot(fx_session, &fx_library, &it.object))
CALL(ReleaseNtmsCleanerSlot, ReleaseNtmsCleanerSlot(fx_session, &fx_library))
CALL(CleanNtmsDrive, CleanNtmsDrive(fx_session, &it.object))
CALL(InjectNtmsCleaner_START, inject_cleaner(NTMS_INJECT_START))
CALL(InjectNtmsCleaner_STOP, inject_cleaner(NTMS_INJECT_STOP))
CALL(EjectNtmsCleaner_START, eject_cleaner(NTMS_EJECT_START))
CALL(EjectNtmsCleaner_STOP, eject_cleaner(NTMS_EJECT_STOP))
CALL(BeginNtmsDeviceChangeDetection, begin_and_end())
CALL(SetNtmsDeviceChangeDetection,
     SetNtmsDeviceChangeDetection(fx_session, it.handle, &fx_library, NTMS_LIBRARY, 1))
CALL(SetNtmsDeviceChangeDetection_LIBRARY, detect(NTMS_LIBRARY, &fx_library))
CALL(SetNtmsDeviceChangeDetection_MEDIA_TYPE, detect(NTMS_MEDIA_TYPE, &it.type))
CALL(SetNtmsDeviceChangeDetection_PHYSICAL_MEDIA, detect(NTMS_PHYSICAL_MEDIA, &it.media))
CALL(EndNtmsDeviceChangeDetection, EndNtmsDeviceChangeDetection(fx_session, it.handle))
CALL(ExportNtmsDatabase, ExportNtmsDatabase(fx_session))
CALL(ImportNtmsDatabase, ImportNtmsDatabase(fx_session))
CALL(GetVolumesFromDriveA, volumes())
CALL(GetVolumesFromDriveW, wide_volumes())

const struct nth_row nth_works[] = {
	TRY_AS(EjectNtmsMedia, QUEUE, a_cartridge_to_eject),
	TRY_AS(EjectNtmsMedia, START, a_cartridge_to_eject),
	TRY_AS(EjectNtmsMedia, collected, cartridges_collected),
	TRY_AS(EjectNtmsMedia, FORCE, a_mounted_cartridge),
	TRY_AS(EjectNtmsMedia, STOP, an_eject),
	TRY_AS(EjectNtmsMedia, IMMEDIATE, a_filled_drive, .records = true),
	TRY_AS(InjectNtmsMedia, START, nothing_queued),
	TRY_AS(InjectNtmsMedia, STARTMANY, nothing_queued),
	TRY_AS(InjectNtmsMedia, RETRACT, an_inject),
	TRY_AS(InjectNtmsMedia, STOP, an_inject),
	TRY_AS(AccessNtmsLibraryDoor, NONE, nothing_queued),
	TRY_AS(AccessNtmsLibraryDoor, FAST, nothing_queued),
	TRY_AS(AccessNtmsLibraryDoor, OMID, nothing_queued),
	TRY_AS(AccessNtmsLibraryDoor, DEFAULT, nothing_queued),
	TRY_AS(InventoryNtmsLibrary, NONE, nothing_queued),
	TRY_AS(InventoryNtmsLibrary, SLOT, nothing_queued),
	TRY_AS(InventoryNtmsLibrary, FAST, nothing_queued),
	TRY_AS(InventoryNtmsLibrary, OMID, nothing_queued),
	TRY_AS(InventoryNtmsLibrary, DEFAULT, nothing_queued),
	TRY_AS(InventoryNtmsLibrary, STOP, an_inventory),
	TRY_AS(EjectDiskFromSADriveA, QUEUE, a_lone_drive, .records = true),
	TRY_AS(EjectDiskFromSADriveA, STOP, a_queued_disk),
	TRY_AS(EjectDiskFromSADriveA, FORCE, a_filled_drive, .records = true),
	TRY_AS(EjectDiskFromSADriveA, IMMEDIATE, a_filled_drive, .records = true),
	TRY_AS(EjectDiskFromSADriveW, IMMEDIATE, a_lone_drive, .records = true),
	TRY_AS(IdentifyNtmsSlot, IMMEDIATE, slot_one, .records = true),
	TRY_AS(IdentifyNtmsSlot, DEFERRED, slot_one, .records = true),
	TRY_AS(MountNtmsMedia, timeout, a_mountable_medium, .ends = ERROR_TIMEOUT, .records = true),
	TRY(ReserveNtmsCleanerSlot, a_slot_for_the_cleaner),
	TRY(ReleaseNtmsCleanerSlot, a_reserved_slot),
	TRY(CleanNtmsDrive, a_cleaner),
	TRY_AS(InjectNtmsCleaner, START, an_empty_cleaner_slot),
	TRY_AS(InjectNtmsCleaner, STOP, a_cleaner_awaited),
	TRY_AS(EjectNtmsCleaner, START, a_cleaner),
	TRY_AS(EjectNtmsCleaner, STOP, a_cleaner_leaving),
	TRY(BeginNtmsDeviceChangeDetection, NULL),
	TRY(SetNtmsDeviceChangeDetection, a_new_detection),
	TRY_AS(SetNtmsDeviceChangeDetection, LIBRARY, nothing_queued),
	TRY_AS(SetNtmsDeviceChangeDetection, MEDIA_TYPE, a_lone_library),
	TRY_AS(SetNtmsDeviceChangeDetection, PHYSICAL_MEDIA, a_lone_library),
	TRY(EndNtmsDeviceChangeDetection, a_detection),
	TRY(ExportNtmsDatabase, NULL, .full_is_failure = true),
	TRY(ImportNtmsDatabase, an_export, .stride = 11, .full_is_failure = true),
	TRY(GetVolumesFromDriveA, made_up_disk),
	TRY(GetVolumesFromDriveW, made_up_disk),
};
const size_t nth_works_count = sizeof(nth_works) / sizeof(nth_works[0]);

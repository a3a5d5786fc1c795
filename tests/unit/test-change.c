/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test-change.c - Begin, Set and EndNtmsDeviceChangeDetection: people who put media in and take
 * them out are noticed, by whatever process, for as long as it was asked for
 */
#include <stdlib.h>
#include <string.h>
#include "base/guid.h"
#include "core/change.h"
#include "faults.h"

TestSuite(change, .timeout = 120, .init = fx_setup, .fini = fx_teardown);

static HANDLE begin(HANDLE session)
{
	HANDLE detection = NULL;

	must(BeginNtmsDeviceChangeDetection(session, &detection));
	cr_assert_not_null(detection);
	return detection;
}

static DWORD watch(HANDLE session, HANDLE detection)
{
	return SetNtmsDeviceChangeDetection(session, detection, &fx_library, NTMS_LIBRARY, 1);
}

/* ---- what people do ---- */

/* Cartridges have been in slots 1 to 4 since the library was made, but for the time in which they
 * are identified, one after the other. */
static void take_out(DWORD slot)
{
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	must(fx_door(true));
	must(fx_take_out(RSM_VIRTUAL_SLOT, slot));
	must(fx_door(false));
}

static void put_in(DWORD slot, const char *barcode)
{
	must(fx_door(true));
	must(fx_put_in(RSM_VIRTUAL_SLOT, slot, barcode));
	must(fx_door(false));
}

static bool is_in_library(const char *barcode)
{
	NTMS_OBJECTINFORMATIONA info = {.dwSize = sizeof(info), .dwType = NTMS_PHYSICAL_MEDIA};
	NTMS_GUID guid;

	/* Its record may go between the two. */
	if (RsmFindObject(fx_session, barcode, NTMS_PHYSICAL_MEDIA, &guid) ||
	    GetNtmsObjectInformationA(fx_session, &guid, &info))
		return false;
	return !NTMS_IS_NULLGUID(info.Info.PhysicalMedia.Location);
}

static bool first_is_out(void)
{
	return !is_in_library("V00001L8");
}

static bool second_is_out(void)
{
	return !is_in_library("V00002L8");
}

static bool new_one_is_in(void)
{
	return is_in_library("N00001L8");
}

static size_t inventories(void)
{
	size_t count = 0;

	for (DWORD state = NTMS_LM_QUEUED; state <= NTMS_LM_STOPPED; state++)
		count += fx_requests(NTMS_LM_INVENTORY, state);
	return count;
}

/* ---- a single look ---- */

Test(change, a_look_without_a_handle)
{
	take_out(1);
	cr_assert(!first_is_out(), "the records know of it by themselves");
	must(watch(fx_session, NULL));
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	cr_assert(first_is_out());
	/* It was one: nobody looks any more. */
	take_out(2);
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	cr_assert(!second_is_out());
	cr_assert_eq(inventories(), 1);
}

Test(change, looks_that_nobody_has_begun_are_one)
{
	fx_stop_work();
	must(watch(fx_session, NULL));
	must(watch(fx_session, NULL));
	must(watch(fx_session, NULL));
	cr_assert_eq(inventories(), 1);
	fx_let_work();
}

/* ---- detection ---- */

Test(change, people_are_noticed_until_the_end)
{
	HANDLE detection = begin(fx_session);
	size_t count;

	must(watch(fx_session, detection));
	take_out(1);
	fx_wait_until(first_is_out);
	put_in(1, "N00001L8");
	fx_wait_until(new_one_is_in);
	must(EndNtmsDeviceChangeDetection(fx_session, detection));
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	count = inventories();
	take_out(2);
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	cr_assert_eq(inventories(), count);
	cr_assert(!second_is_out());
}

Test(change, a_detection_ends_with_its_session)
{
	HANDLE other = fx_open(), detection = begin(other);
	size_t count;

	must(watch(other, detection));
	take_out(1);
	fx_wait_until(first_is_out);
	fx_close(&other);
	count = inventories();
	take_out(2);
	must_be(EndNtmsDeviceChangeDetection(fx_session, detection), ERROR_INVALID_HANDLE);
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	cr_assert_eq(inventories(), count);
}

static int detect_in_child(const struct child *parent)
{
	HANDLE session = fx_open(), detection = begin(session);

	child_must(watch(session, detection));
	say_byte(parent, 'w');
	hear_byte(parent);
	fx_close(&session);
	return 0;
}

/* What another process looks for is in everybody's records. */
Test(change, across_processes)
{
	struct child child = start_child(detect_in_child);

	cr_assert_eq(child_byte(&child), 'w');
	take_out(1);
	fx_wait_until(first_is_out);
	tell_child(&child, 'e');
	join_child(&child);
}

/* Who dies while he looks leaves nothing that others would have to clear away. */
Test(change, a_process_that_dies)
{
	struct child child = start_child(detect_in_child);
	HANDLE detection;

	cr_assert_eq(child_byte(&child), 'w');
	take_out(1);
	fx_wait_until(first_is_out);
	put_in(1, "N00001L8");
	kill_child(&child);
	detection = begin(fx_session);
	must(watch(fx_session, detection));
	fx_wait_until(new_one_is_in);
	must(EndNtmsDeviceChangeDetection(fx_session, detection));
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	cr_assert_eq(fx_requests(NTMS_LM_INVENTORY, NTMS_LM_INPROCESS), 0);
	cr_assert_eq(fx_requests(NTMS_LM_INVENTORY, NTMS_LM_WAITING), 0);
}

/* ---- drives that stand alone ---- */

static NTMS_GUID lone, lone_type;

/* The record of a library that is one drive beside the other, which takes media of lone_type. */
static void make_lone_library(void)
{
	struct object library = fx_get(&fx_library, NTMS_LIBRARY);
	struct object drive = fx_drive(0);
	struct object relation = {.type = OBJ_TYPE_RELATION, .enabled = TRUE};
	RSM_DEVICE devices[8];
	DWORD count = 8;

	must(RsmListDevices(fx_session, devices, &count));
	memset(&library.guid, 0, sizeof(library.guid));
	library.library.kind = NTMS_LIBRARYTYPE_STANDALONE;
	snprintf(library.library.serial, sizeof(library.library.serial), "%.60s",
		 devices[count - 1].szSerialNumber);
	fx_insert(&library);
	lone = library.guid;
	memset(&drive.guid, 0, sizeof(drive.guid));
	drive.device.library = lone;
	drive.device.element = UINT32_MAX;
	memcpy(drive.device.serial, library.library.serial, sizeof(drive.device.serial));
	fx_insert(&drive);
	lone_type = fx_find("DLT", NTMS_MEDIA_TYPE);
	relation.relation.library = lone;
	relation.relation.media_type = lone_type;
	fx_insert(&relation);
}

static void setup_lone_drive(void)
{
	RSM_VIRTUAL_SHAPE shape = {.dwSize = sizeof(shape),
				   .dwDrives = 2,
				   .dwSlots = 6,
				   .dwPorts = 1,
				   .dwTapes = 4,
				   .dwStandAloneDrives = 1,
				   .bBarCodeReader = TRUE};

	fx_make_shape(&shape);
	fx_open_library();
	make_lone_library();
}

static size_t looks_at(const NTMS_GUID *library)
{
	NTMS_GUID list[32];
	DWORD count = 32;

	must(EnumerateNtmsObject(fx_session, (NTMS_GUID *)library, list, &count, NTMS_LIBREQUEST,
				 0));
	return count;
}

static size_t looks_before;

static bool looked_again(void)
{
	return looks_at(&lone) > looks_before;
}

Test(change, a_drive_that_is_filled_is_looked_at, .init = setup_lone_drive)
{
	HANDLE detection = begin(fx_session);

	must(SetNtmsDeviceChangeDetection(fx_session, detection, &lone, NTMS_LIBRARY, 1));
	must(RsmWaitForLibrary(fx_session, &lone, PATIENCE_MS));
	looks_before = looks_at(&lone);
	cr_assert_eq(looks_before, 1, "the first look");
	must(fx_put_in(RSM_VIRTUAL_DRIVE, 0, "N00001L8"));
	fx_wait_until(looked_again);
	must(EndNtmsDeviceChangeDetection(fx_session, detection));
}

Test(change, a_media_type_stands_for_the_drives_that_take_it, .init = setup_lone_drive)
{
	must(SetNtmsDeviceChangeDetection(fx_session, NULL, &lone_type, NTMS_MEDIA_TYPE, 1));
	cr_assert_eq(looks_at(&lone), 1);
	cr_assert_eq(looks_at(&fx_library), 0);
}

Test(change, a_cartridge_stands_for_the_drives_that_take_it, .init = setup_lone_drive)
{
	NTMS_GUID media = fx_find("V00001L8", NTMS_PHYSICAL_MEDIA);
	struct object record;

	must(SetNtmsDeviceChangeDetection(fx_session, NULL, &media, NTMS_PHYSICAL_MEDIA, 1));
	cr_assert_eq(looks_at(&lone), 0, "it is of another type");
	cr_assert_eq(looks_at(&fx_library), 0, "it does not stand alone");
	record = fx_get(&media, NTMS_PHYSICAL_MEDIA);
	record.media.media_type = lone_type;
	fx_put(&record);
	must(SetNtmsDeviceChangeDetection(fx_session, NULL, &media, NTMS_PHYSICAL_MEDIA, 1));
	cr_assert_eq(looks_at(&lone), 1);
}

Test(change, what_cannot_be_looked_at_is_passed_over)
{
	struct object library = fx_get(&fx_library, NTMS_LIBRARY);
	NTMS_GUID offline = fx_find("Offline Media", NTMS_LIBRARY);

	must(SetNtmsDeviceChangeDetection(fx_session, NULL, &offline, NTMS_LIBRARY, 1));
	library.enabled = FALSE;
	fx_put(&library);
	must(watch(fx_session, NULL));
	library.enabled = TRUE;
	fx_put_absent(&library);
	must(watch(fx_session, NULL));
	cr_assert_eq(inventories(), 0);
}

/* ---- the codes of their tables ---- */

Test(change, invalid_handle)
{
	HANDLE other = fx_open(), theirs = begin(other), mine = begin(fx_session), handle = mine;

	refused(BeginNtmsDeviceChangeDetection(NULL, &handle), ERROR_INVALID_HANDLE);
	refused(watch(NULL, NULL), ERROR_INVALID_HANDLE);
	refused(EndNtmsDeviceChangeDetection(NULL, mine), ERROR_INVALID_HANDLE);
	refused(watch(fx_session, theirs), ERROR_INVALID_HANDLE);
	refused(watch(fx_session, &handle), ERROR_INVALID_HANDLE);
	refused(EndNtmsDeviceChangeDetection(fx_session, theirs), ERROR_INVALID_HANDLE);
	refused(EndNtmsDeviceChangeDetection(fx_session, NULL), ERROR_INVALID_HANDLE);
	refused(EndNtmsDeviceChangeDetection(fx_session, &handle), ERROR_INVALID_HANDLE);
	must(EndNtmsDeviceChangeDetection(fx_session, mine));
	refused(watch(fx_session, mine), ERROR_INVALID_HANDLE);
	refused(EndNtmsDeviceChangeDetection(fx_session, mine), ERROR_INVALID_HANDLE);
	fx_close(&other);
}

Test(change, invalid_parameter)
{
	NTMS_GUID mixed[2] = {fx_library, fx_drive_guid(0)};

	refused(BeginNtmsDeviceChangeDetection(fx_session, NULL), ERROR_INVALID_PARAMETER);
	refused(SetNtmsDeviceChangeDetection(fx_session, NULL, NULL, NTMS_LIBRARY, 1),
		ERROR_INVALID_PARAMETER);
	refused(SetNtmsDeviceChangeDetection(fx_session, NULL, &fx_library, NTMS_LIBRARY, 0),
		ERROR_INVALID_PARAMETER);
	refused(SetNtmsDeviceChangeDetection(fx_session, NULL, &fx_library, NTMS_DRIVE, 1),
		ERROR_INVALID_PARAMETER);
	refused(SetNtmsDeviceChangeDetection(fx_session, NULL, mixed, NTMS_LIBRARY, 2),
		ERROR_INVALID_PARAMETER);
	refused(SetNtmsDeviceChangeDetection(fx_session, NULL, &fx_library, NTMS_MEDIA_TYPE, 1),
		ERROR_INVALID_PARAMETER);
}

Test(change, invalid_library_and_media)
{
	NTMS_GUID unknown;

	guid_make(&unknown);
	refused(SetNtmsDeviceChangeDetection(fx_session, NULL, &unknown, NTMS_LIBRARY, 1),
		ERROR_INVALID_LIBRARY);
	refused(SetNtmsDeviceChangeDetection(fx_session, NULL, &unknown, NTMS_MEDIA_TYPE, 1),
		ERROR_INVALID_MEDIA);
	refused(SetNtmsDeviceChangeDetection(fx_session, NULL, &unknown, NTMS_PHYSICAL_MEDIA, 1),
		ERROR_INVALID_MEDIA);
}

static DWORD by_anybody(HANDLE session)
{
	HANDLE detection;
	DWORD code = BeginNtmsDeviceChangeDetection(session, &detection);

	if (!code)
		code = watch(session, detection);
	return code ? code : EndNtmsDeviceChangeDetection(session, detection);
}

/* Without any right on the library. */
Test(change, no_right_is_needed)
{
	fx_deny(&fx_library, NTMS_USE_ACCESS | NTMS_MODIFY_ACCESS | NTMS_CONTROL_ACCESS);
	must(fault_other_user(by_anybody));
	cr_assert_eq(inventories(), 1);
}

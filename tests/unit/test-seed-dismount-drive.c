/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test-seed-dismount-drive.c - DismountNtmsDrive: every sentence of its page and every code of its
 * table, each made to happen
 */
#include <fcntl.h>
#include "base/guid.h"
#include "faults.h"

TestSuite(dismount_drive, .timeout = 120, .init = fx_setup, .fini = fx_teardown);

static NTMS_GUID media, drive;

static DWORD dismount(HANDLE session)
{
	return DismountNtmsDrive(session, &drive);
}

/* V00001L8 is allocated and mounted. */
static void mount_one(void)
{
	media = fx_allocated("V00001L8");
	drive = fx_mount(media);
}

static void expect_done(void)
{
	fx_settle(media);
	fx_expect_home("V00001L8");
	cr_assert_eq(fx_get(&drive, NTMS_DRIVE).device.state, NTMS_DRIVESTATE_DISMOUNTED);
}

/* ---- what it does ---- */

Test(dismount_drive, moves_the_medium_in_the_drive_to_its_slot)
{
	unsigned int home = fx_where("V00001L8");

	mount_one();
	cr_assert_eq(fx_where("V00001L8"), fx_element_of_drive(&drive));
	must(dismount(fx_session));
	expect_done();
	cr_assert_eq(fx_where("V00001L8"), home);
}

Test(dismount_drive, empties_that_drive_and_no_other)
{
	NTMS_GUID list[2], drives[2];

	list[0] = fx_allocated("V00001L8");
	list[1] = fx_allocated("V00002L8");
	must(MountNtmsMedia(fx_session, list, drives, 2, NTMS_MOUNT_READ, 0, PATIENCE_MS, NULL));
	must(DismountNtmsDrive(fx_session, &drives[1]));
	fx_settle(list[1]);
	fx_expect_home("V00002L8");
	cr_assert_eq(fx_where("V00001L8"), fx_element_of_drive(&drives[0]));
	cr_assert_eq(fx_media(&list[0]).media.state, NTMS_MEDIASTATE_LOADED);
}

Test(dismount_drive, takes_home_what_was_dismounted_deferred)
{
	mount_one();
	fx_dismount(media, NTMS_DISMOUNT_DEFERRED);
	must(dismount(fx_session));
	expect_done();
}

Test(dismount_drive, ends_the_mount_of_whoever_has_it)
{
	HANDLE other = fx_open();

	media = fx_allocated("V00001L8");
	drive = fx_mount_by(other, media);
	must(dismount(fx_session));
	expect_done();
	must(RsmWaitForMountsEnd(other, -1));
	drive = fx_mount(media);
	fx_close(&other);
	cr_assert_eq(fx_media(&media).media.state, NTMS_MEDIASTATE_LOADED,
		     "the new mount ended with the old one's session");
}

Test(dismount_drive, returns_as_soon_as_it_is_queued)
{
	mount_one();
	fx_stop_work();
	must(dismount(fx_session));
	cr_assert_eq(fx_where("V00001L8"), fx_element_of_drive(&drive));
	must_be(RsmWaitForMedia(fx_session, &media, 1), ERROR_TIMEOUT);
	fx_let_work();
	expect_done();
}

Test(dismount_drive, an_opened_medium_is_an_error)
{
	int fd;

	mount_one();
	fd = open(fx_node(drive), O_RDONLY);
	cr_assert_geq(fd, 0);
	refused(dismount(fx_session), ERROR_BUSY);
	cr_assert_eq(fx_where("V00001L8"), fx_element_of_drive(&drive));
	close(fd);
	must(dismount(fx_session));
	expect_done();
}

static const char *node;

static int keep_open(const struct child *parent)
{
	int fd = open(node, O_RDWR);

	say_byte(parent, fd < 0 ? 'n' : 'y');
	hear_byte(parent);
	return 1;
}

Test(dismount_drive, a_medium_opened_by_another_process_is_an_error)
{
	struct child child;

	mount_one();
	node = fx_node(drive);
	child = start_child(keep_open);
	cr_assert_eq(child_byte(&child), 'y');
	refused(dismount(fx_session), ERROR_BUSY);
	kill_child(&child);
	must(dismount(fx_session));
	expect_done();
}

/* A drive that stands alone, with a medium in it that is mounted. */
static void mount_alone(void)
{
	NTMS_GUID free_pool, pool, library, side;
	RSM_DEVICE devices[8];
	DWORD count = 8;

	must(RsmListDevices(fx_session, devices, &count));
	for (DWORD i = 0; i < count; i++)
		if (!devices[i].IsChanger && !devices[i].Managed)
			must(RsmManageLibrary(fx_session, devices[i].szSerialNumber, &library));
	count = 1;
	must(EnumerateNtmsObject(fx_session, &library, &drive, &count, NTMS_DRIVE, 0));
	must(virtual_insert(fx_vlib, VIRTUAL_DRIVE, 0, "W00001L8"));
	must(InventoryNtmsLibrary(fx_session, &library, NTMS_INVENTORY_FAST));
	must(RsmWaitForLibrary(fx_session, &library, PATIENCE_MS));
	side = fx_get(&drive, NTMS_DRIVE).device.side;
	media = fx_media(&side).guid;
	must(CreateNtmsMediaPoolA(fx_session, "Free\\LTO Ultrium", NULL, NTMS_OPEN_EXISTING, NULL,
				  &free_pool));
	must(MoveToNtmsMediaPool(fx_session, &media, &free_pool));
	fx_settle(media);
	pool = fx_make_pool("alone", false, 0);
	must(AllocateNtmsMedia(fx_session, &pool, &side, &media, NTMS_ALLOCATE_ERROR_IF_UNAVAILABLE,
			       0, NULL));
	fx_mount(media);
}

static void setup_alone(void)
{
	fx_make_shape(&(RSM_VIRTUAL_SHAPE){.dwDrives = 1,
					   .dwSlots = 2,
					   .dwPorts = 1,
					   .dwTapes = 1,
					   .dwStandAloneDrives = 1,
					   .bBarCodeReader = TRUE});
	fx_open_library();
}

Test(dismount_drive, a_stand_alone_drive_becomes_dismountable, .init = setup_alone)
{
	unsigned long long robot;

	mount_alone();
	robot = fx_robot();
	must(dismount(fx_session));
	fx_settle(media);
	cr_assert_eq(fx_get(&drive, NTMS_DRIVE).device.state, NTMS_DRIVESTATE_DISMOUNTABLE);
	cr_assert_neq(fx_where("W00001L8"), 0);
	cr_assert_eq(fx_robot(), robot);
}

/* The medium was released all the same. */
Test(dismount_drive, a_stand_alone_drive_is_anybodys_again, .init = setup_alone)
{
	HANDLE other = fx_open();

	mount_alone();
	must(dismount(fx_session));
	fx_settle(media);
	fx_mount_by(other, media);
	fx_close(&other);
}

/* ---- ERROR_SUCCESS, ERROR_ACCESS_DENIED ---- */

Test(dismount_drive, success_with_no_more_than_the_modify_right)
{
	NTMS_GUID pool;

	mount_one();
	pool = fx_media(&media).media.pool;
	fx_deny(&pool, NTMS_GENERIC_ALL);
	fx_deny(&fx_library, NTMS_USE_ACCESS | NTMS_CONTROL_ACCESS);
	must(fault_other_user(dismount));
	expect_done();
}

Test(dismount_drive, access_denied_by_the_library)
{
	struct fx_dump *before;

	mount_one();
	fx_deny(&fx_library, NTMS_MODIFY_ACCESS);
	before = fx_dump();
	cr_assert_eq(fault_other_user(dismount), ERROR_ACCESS_DENIED);
	cr_assert_neq(fault_said[0], '\0');
	fx_expect_unchanged(before);
}

/* ---- ERROR_DATABASE_FAILURE ---- */

static void damaged(const char *file)
{
	struct fx_dump *before;

	mount_one();
	before = fx_dump();
	must_be(fault_damage(file, dismount), ERROR_DATABASE_FAILURE);
	cr_assert_neq(fault_said[0], '\0');
	fx_expect_unchanged(before);
	must(dismount(fx_session));
	expect_done();
}

Test(dismount_drive, database_failure_objects_damaged)
{
	damaged("objects");
}

Test(dismount_drive, database_failure_index_damaged)
{
	damaged("index");
}

Test(dismount_drive, database_failure_log_damaged)
{
	damaged("log.0000000001");
}

Test(dismount_drive, database_failure_inaccessible, .init = fault_setup_ordinary_user)
{
	struct fx_dump *before;

	mount_one();
	before = fx_dump();
	must_be(fault_forbidden(dismount), ERROR_DATABASE_FAILURE);
	fx_expect_unchanged(before);
	must(dismount(fx_session));
	expect_done();
}

/* Its table has no ERROR_TIMEOUT. */
Test(dismount_drive, database_failure_locked)
{
	struct fx_dump *before;

	mount_one();
	before = fx_dump();
	must_be(fault_locked_out(dismount), ERROR_DATABASE_FAILURE);
	cr_assert_neq(fault_said[0], '\0');
	fx_expect_unchanged(before);
}

/* ---- ERROR_DATABASE_FULL ---- */

Test(dismount_drive, database_full_file_limit)
{
	struct fx_dump *before;

	mount_one();
	before = fx_dump();
	must_be(fault_file_limit(dismount), ERROR_DATABASE_FULL);
	fx_expect_unchanged(before);
	must(dismount(fx_session));
	expect_done();
}

Test(dismount_drive, database_full_disk, .init = fault_setup_small_disk)
{
	struct fx_dump *before;

	mount_one();
	before = fx_dump();
	must_be(fault_full_disk(dismount), ERROR_DATABASE_FULL);
	fx_expect_unchanged(before);
	must(dismount(fx_session));
	expect_done();
}

/* ---- ERROR_DEVICE_NOT_AVAILABLE ---- */

Test(dismount_drive, device_not_available_drive_disabled)
{
	mount_one();
	must(DisableNtmsObject(fx_session, NTMS_DRIVE, &drive));
	refused(dismount(fx_session), ERROR_DEVICE_NOT_AVAILABLE);
	must(EnableNtmsObject(fx_session, NTMS_DRIVE, &drive));
	must(dismount(fx_session));
	expect_done();
}

Test(dismount_drive, device_not_available_library_disabled)
{
	mount_one();
	must(DisableNtmsObject(fx_session, NTMS_LIBRARY, &fx_library));
	refused(dismount(fx_session), ERROR_DEVICE_NOT_AVAILABLE);
	must(EnableNtmsObject(fx_session, NTMS_LIBRARY, &fx_library));
	must(dismount(fx_session));
	expect_done();
}

Test(dismount_drive, device_not_available_drive_unplugged)
{
	char absent[64];

	mount_one();
	snprintf(absent, sizeof(absent), "drives/%u/absent",
		 fx_get(&drive, NTMS_DRIVE).device.number);
	fx_fault(absent);
	refused(dismount(fx_session), ERROR_DEVICE_NOT_AVAILABLE);
	fx_no_fault(absent);
	must(dismount(fx_session));
	expect_done();
}

/* ---- ERROR_INVALID_DRIVE, ERROR_INVALID_HANDLE, ERROR_INVALID_LIBRARY, ERROR_INVALID_PARAMETER */

Test(dismount_drive, invalid_drive)
{
	mount_one();
	guid_make(&drive);
	refused(dismount(fx_session), ERROR_INVALID_DRIVE);
	drive = (NTMS_GUID)NTMS_NULLGUID;
	refused(dismount(fx_session), ERROR_INVALID_DRIVE);
	drive = media;
	refused(dismount(fx_session), ERROR_INVALID_DRIVE);
	drive = fx_library;
	refused(dismount(fx_session), ERROR_INVALID_DRIVE);
}

Test(dismount_drive, invalid_handle)
{
	HANDLE closed = fx_open(), handle = closed;

	mount_one();
	refused(dismount(NULL), ERROR_INVALID_HANDLE);
	refused(dismount(INVALID_HANDLE_VALUE), ERROR_INVALID_HANDLE);
	fx_close(&closed);
	refused(dismount(handle), ERROR_INVALID_HANDLE);
}

Test(dismount_drive, invalid_library_of_another_broker)
{
	struct fx_dump *before;

	mount_one();
	before = fx_dump();
	must_be(fault_other_broker(dismount), ERROR_INVALID_LIBRARY);
	fx_expect_unchanged(before);
}

Test(dismount_drive, invalid_library_not_in_the_database)
{
	struct object library;

	mount_one();
	library = fx_get(&fx_library, NTMS_LIBRARY);
	fx_delete(&fx_library);
	refused(dismount(fx_session), ERROR_INVALID_LIBRARY);
	fx_insert(&library);
}

Test(dismount_drive, library_offline)
{
	struct object library;

	mount_one();
	library = fx_get(&fx_library, NTMS_LIBRARY);
	library.library.kind = NTMS_LIBRARYTYPE_OFFLINE;
	fx_put(&library);
	refused(dismount(fx_session), ERROR_LIBRARY_OFFLINE);
	library.library.kind = NTMS_LIBRARYTYPE_ONLINE;
	fx_put(&library);
}

Test(dismount_drive, invalid_parameter)
{
	mount_one();
	refused(DismountNtmsDrive(fx_session, NULL), ERROR_INVALID_PARAMETER);
}

/* ---- ERROR_INVALID_STATE ---- */

Test(dismount_drive, invalid_state_the_drive_is_empty)
{
	drive = fx_drive_guid(0);
	refused(dismount(fx_session), ERROR_INVALID_STATE);
	mount_one();
	fx_dismount(media, 0);
	refused(dismount(fx_session), ERROR_INVALID_STATE);
}

/* ---- ERROR_NOT_ENOUGH_MEMORY ---- */

Test(dismount_drive, not_enough_memory_heap_used_up, .init = fault_setup_heap)
{
	struct fx_dump *before;

	mount_one();
	before = fx_dump();
	must_be(fault_no_memory(0, dismount), ERROR_NOT_ENOUGH_MEMORY);
	fx_expect_unchanged(before);
}

Test(dismount_drive, not_enough_memory_is_the_only_error_of_little_memory, .init = fault_setup_heap)
{
	mount_one();
	fault_little_memory(dismount);
	expect_done();
}

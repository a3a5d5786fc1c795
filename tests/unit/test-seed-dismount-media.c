/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test-seed-dismount-media.c - DismountNtmsMedia: every sentence of its page and every code of its
 * table, each made to happen
 */
#include "base/guid.h"
#include <fcntl.h>
#include "faults.h"

TestSuite(dismount_media, .timeout = 120, .init = fx_setup, .fini = fx_teardown);

static NTMS_GUID media, drive;

static DWORD dismount(HANDLE session)
{
	return DismountNtmsMedia(session, &media, 1, 0);
}

static DWORD dismount_deferred(HANDLE session)
{
	return DismountNtmsMedia(session, &media, 1, NTMS_DISMOUNT_DEFERRED);
}

/* V00001L8 is allocated and mounted. */
static void mount_one(void)
{
	media = fx_allocated("V00001L8");
	drive = fx_mount(media);
}

static DWORD state_of(NTMS_GUID guid)
{
	NTMS_OBJECTINFORMATIONA info = {.dwSize = sizeof(info), .dwType = NTMS_PHYSICAL_MEDIA};
	struct object cartridge = fx_media(&guid);

	must(GetNtmsObjectInformationA(fx_session, &cartridge.guid, &info));
	return info.Info.PhysicalMedia.MediaState;
}

static DWORD state_of_drive(NTMS_GUID guid)
{
	NTMS_OBJECTINFORMATIONA info = {.dwSize = sizeof(info), .dwType = NTMS_DRIVE};

	must(GetNtmsObjectInformationA(fx_session, &guid, &info));
	return info.Info.Drive.State;
}

/* ---- what it does ---- */

Test(dismount_media, moves_the_medium_from_its_drive_to_its_storage)
{
	unsigned int home = fx_where("V00001L8");

	mount_one();
	cr_assert_eq(fx_where("V00001L8"), fx_element_of_drive(&drive));
	fx_dismount(media, NTMS_DISMOUNT_IMMEDIATE);
	cr_assert_eq(fx_where("V00001L8"), home);
	fx_expect_home("V00001L8");
	cr_assert_eq(state_of_drive(drive), NTMS_DRIVESTATE_DISMOUNTED);
}

Test(dismount_media, immediate_is_the_default)
{
	mount_one();
	fx_dismount(media, 0);
	fx_expect_home("V00001L8");
}

Test(dismount_media, takes_a_side_as_well_as_a_logical_medium)
{
	NTMS_GUID side;

	mount_one();
	side = fx_side(&media).guid;
	must(DismountNtmsMedia(fx_session, &side, 1, 0));
	fx_settle(side);
	fx_expect_home("V00001L8");
}

Test(dismount_media, takes_several_media)
{
	NTMS_GUID list[2], drives[2];

	list[0] = fx_allocated("V00001L8");
	list[1] = fx_allocated("V00002L8");
	must(MountNtmsMedia(fx_session, list, drives, 2, NTMS_MOUNT_READ, 0, PATIENCE_MS, NULL));
	must(DismountNtmsMedia(fx_session, list, 2, 0));
	fx_settle(list[0]);
	fx_settle(list[1]);
	fx_expect_home("V00001L8");
	fx_expect_home("V00002L8");
}

Test(dismount_media, deferred_marks_it_dismountable_and_keeps_it_in_the_drive)
{
	unsigned long long robot;

	mount_one();
	robot = fx_robot();
	fx_dismount(media, NTMS_DISMOUNT_DEFERRED);
	cr_assert_eq(state_of_drive(drive), NTMS_DRIVESTATE_DISMOUNTABLE);
	cr_assert_eq(state_of(media), NTMS_MEDIASTATE_IDLE);
	cr_assert_eq(fx_where("V00001L8"), fx_element_of_drive(&drive));
	cr_assert_eq(fx_robot(), robot);
	cr_assert(!fx_is_held(&drive));
}

Test(dismount_media, a_later_mount_is_satisfied_with_the_dismountable_drive)
{
	unsigned long long robot;

	mount_one();
	fx_dismount(media, NTMS_DISMOUNT_DEFERRED);
	robot = fx_robot();
	drive = fx_mount(media);
	cr_assert_eq(fx_robot(), robot, "the robot has moved");
	cr_assert_eq(state_of_drive(drive), NTMS_DRIVESTATE_LOADED);
}

Test(dismount_media, a_later_mount_of_another_medium_takes_the_dismountable_drive)
{
	NTMS_GUID list[2], drives[2], third;

	list[0] = fx_allocated("V00001L8");
	list[1] = fx_allocated("V00002L8");
	third = fx_allocated("V00003L8");
	for (unsigned int i = 0; i < 2; i++) {
		drive = fx_drive_guid(i);
		fx_set_defer_delay(&drive, 0);
	}
	must(MountNtmsMedia(fx_session, list, drives, 2, NTMS_MOUNT_READ, 0, PATIENCE_MS, NULL));
	fx_dismount(list[1], NTMS_DISMOUNT_DEFERRED);
	drive = fx_mount(third);
	cr_assert(guid_equal(&drive, &drives[1]));
	fx_expect_home("V00002L8");
	cr_assert_eq(fx_where("V00001L8"), fx_element_of_drive(&drives[0]));
}

Test(dismount_media, immediate_takes_home_what_was_deferred)
{
	mount_one();
	fx_dismount(media, NTMS_DISMOUNT_DEFERRED);
	fx_dismount(media, NTMS_DISMOUNT_IMMEDIATE);
	fx_expect_home("V00001L8");
	cr_assert_eq(state_of_drive(drive), NTMS_DRIVESTATE_DISMOUNTED);
}

Test(dismount_media, what_is_not_released_cannot_be_used_by_another_session)
{
	HANDLE other = fx_open();
	NTMS_GUID theirs;

	mount_one();
	cr_assert(fx_is_held(&drive));
	must_be(fx_try_mount(other, media, NULL, NTMS_MOUNT_READ | NTMS_MOUNT_ERROR_NOT_AVAILABLE,
			     PATIENCE_MS),
		ERROR_BUSY);
	fx_dismount(media, NTMS_DISMOUNT_DEFERRED);
	theirs = fx_mount_by(other, media);
	cr_assert(fx_is_held(&theirs));
	fx_close(&other);
}

Test(dismount_media, returns_as_soon_as_it_is_queued)
{
	mount_one();
	/* While somebody else has the robot nothing can be carried out. */
	fx_stop_work();
	must(dismount(fx_session));
	cr_assert_eq(fx_where("V00001L8"), fx_element_of_drive(&drive));
	must_be(RsmWaitForMedia(fx_session, &media, 1), ERROR_TIMEOUT);
	fx_let_work();
	fx_settle(media);
	fx_expect_home("V00001L8");
}

static int queue_and_die(const struct child *parent)
{
	HANDLE session = OpenNtmsSessionA(NULL, "short-lived", 0);
	DWORD code = DismountNtmsMedia(session, &media, 1, 0);

	say_byte(parent, code ? 'n' : 'y');
	hear_byte(parent);
	return 1;
}

Test(dismount_media, what_is_queued_outlives_the_process_that_queued_it)
{
	struct child child;

	mount_one();
	fx_stop_work();
	child = start_child(queue_and_die);
	cr_assert_eq(child_byte(&child), 'y');
	kill_child(&child);
	cr_assert_eq(fx_where("V00001L8"), fx_element_of_drive(&drive));
	fx_let_work();
	fx_settle(media);
	fx_expect_home("V00001L8");
}

Test(dismount_media, the_application_can_wait_for_idle)
{
	struct pollfd watch = {.events = POLLIN};
	struct session *session = fx_session;

	mount_one();
	cr_assert_eq(state_of(media), NTMS_MEDIASTATE_LOADED);
	must(store_watch_open(session->system->store, &watch.fd));
	must(dismount(fx_session));
	while (state_of(media) != NTMS_MEDIASTATE_IDLE) {
		cr_assert_eq(poll(&watch, 1, DEADLINE_MS), 1, "it does not become idle");
		store_watch_drain(watch.fd);
	}
	store_watch_close(watch.fd);
	fx_settle(media);
	fx_expect_home("V00001L8");
}

/* ---- ERROR_SUCCESS ---- */

Test(dismount_media, success_with_no_more_than_the_use_right)
{
	NTMS_GUID pool;

	mount_one();
	pool = fx_media(&media).media.pool;
	fx_deny(&pool, NTMS_MODIFY_ACCESS | NTMS_CONTROL_ACCESS);
	fx_deny(&fx_library, NTMS_MODIFY_ACCESS | NTMS_CONTROL_ACCESS);
	must(fault_other_user(dismount));
	fx_settle(media);
	fx_expect_home("V00001L8");
}

/* ---- ERROR_ACCESS_DENIED ---- */

static void denied_by(NTMS_GUID holder, NTMS_GUID open)
{
	struct fx_dump *before;

	fx_deny(&open, 0);
	fx_deny(&holder, NTMS_USE_ACCESS);
	before = fx_dump();
	cr_assert_eq(fault_other_user(dismount), ERROR_ACCESS_DENIED);
	cr_assert_neq(fault_said[0], '\0');
	fx_expect_unchanged(before);
	cr_assert_eq(state_of(media), NTMS_MEDIASTATE_LOADED);
}

Test(dismount_media, access_denied_by_the_pool)
{
	mount_one();
	denied_by(fx_media(&media).media.pool, fx_library);
}

Test(dismount_media, access_denied_by_the_library)
{
	mount_one();
	denied_by(fx_library, fx_media(&media).media.pool);
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
	fx_dismount(media, 0);
	fx_expect_home("V00001L8");
}

Test(dismount_media, database_failure_objects_damaged)
{
	damaged("objects");
}

Test(dismount_media, database_failure_index_damaged)
{
	damaged("index");
}

Test(dismount_media, database_failure_log_damaged)
{
	damaged("log.0000000001");
}

Test(dismount_media, database_failure_inaccessible, .init = fault_setup_ordinary_user)
{
	struct fx_dump *before;

	mount_one();
	before = fx_dump();
	must_be(fault_forbidden(dismount), ERROR_DATABASE_FAILURE);
	cr_assert_neq(fault_said[0], '\0');
	fx_expect_unchanged(before);
	fx_dismount(media, 0);
	fx_expect_home("V00001L8");
}

/* ---- ERROR_DATABASE_FULL ---- */

Test(dismount_media, database_full_file_limit)
{
	struct fx_dump *before;

	mount_one();
	before = fx_dump();
	must_be(fault_file_limit(dismount), ERROR_DATABASE_FULL);
	fx_expect_unchanged(before);
	fx_dismount(media, 0);
	fx_expect_home("V00001L8");
}

Test(dismount_media, database_full_disk, .init = fault_setup_small_disk)
{
	struct fx_dump *before;

	mount_one();
	before = fx_dump();
	must_be(fault_full_disk(dismount), ERROR_DATABASE_FULL);
	fx_expect_unchanged(before);
	fx_dismount(media, 0);
	fx_expect_home("V00001L8");
}

/* ---- ERROR_DEVICE_NOT_AVAILABLE ---- */

Test(dismount_media, device_not_available_drive_disabled)
{
	mount_one();
	must(DisableNtmsObject(fx_session, NTMS_DRIVE, &drive));
	refused(dismount(fx_session), ERROR_DEVICE_NOT_AVAILABLE);
	must(EnableNtmsObject(fx_session, NTMS_DRIVE, &drive));
	fx_dismount(media, 0);
	fx_expect_home("V00001L8");
}

Test(dismount_media, device_not_available_library_disabled)
{
	mount_one();
	must(DisableNtmsObject(fx_session, NTMS_LIBRARY, &fx_library));
	refused(dismount(fx_session), ERROR_DEVICE_NOT_AVAILABLE);
}

Test(dismount_media, device_not_available_drive_unplugged)
{
	char absent[64];

	mount_one();
	snprintf(absent, sizeof(absent), "drives/%u/absent",
		 fx_get(&drive, NTMS_DRIVE).device.number);
	fx_fault(absent);
	refused(dismount(fx_session), ERROR_DEVICE_NOT_AVAILABLE);
	fx_no_fault(absent);
	fx_dismount(media, 0);
	fx_expect_home("V00001L8");
}

/* ---- ERROR_INVALID_LIBRARY ---- */

Test(dismount_media, invalid_library_of_another_broker)
{
	struct fx_dump *before;

	mount_one();
	before = fx_dump();
	must_be(fault_other_broker(dismount), ERROR_INVALID_LIBRARY);
	fx_expect_unchanged(before);
}

Test(dismount_media, invalid_library_not_in_the_database)
{
	struct object library;

	mount_one();
	library = fx_get(&fx_library, NTMS_LIBRARY);
	fx_delete(&fx_library);
	refused(dismount(fx_session), ERROR_INVALID_LIBRARY);
	fx_insert(&library);
}

/* ---- ERROR_INVALID_MEDIA ---- */

Test(dismount_media, invalid_media_unknown)
{
	mount_one();
	guid_make(&media);
	refused(dismount(fx_session), ERROR_INVALID_MEDIA);
	media = (NTMS_GUID)NTMS_NULLGUID;
	refused(dismount(fx_session), ERROR_INVALID_MEDIA);
}

Test(dismount_media, invalid_media_something_else)
{
	NTMS_GUID pool;

	mount_one();
	pool = fx_media(&media).media.pool;
	media = fx_media(&media).guid;
	refused(dismount(fx_session), ERROR_INVALID_MEDIA);
	media = drive;
	refused(dismount(fx_session), ERROR_INVALID_MEDIA);
	media = pool;
	refused(dismount(fx_session), ERROR_INVALID_MEDIA);
	media = fx_library;
	refused(dismount(fx_session), ERROR_INVALID_MEDIA);
}

Test(dismount_media, invalid_media_one_of_several)
{
	NTMS_GUID list[2];

	mount_one();
	list[0] = media;
	guid_make(&list[1]);
	refused(DismountNtmsMedia(fx_session, list, 2, 0), ERROR_INVALID_MEDIA);
	cr_assert_eq(state_of(media), NTMS_MEDIASTATE_LOADED);
}

Test(dismount_media, invalid_media_twice_the_same)
{
	NTMS_GUID list[2];

	mount_one();
	list[0] = media;
	list[1] = fx_side(&media).guid;
	refused(DismountNtmsMedia(fx_session, list, 2, 0), ERROR_INVALID_MEDIA);
}

Test(dismount_media, invalid_media_side_or_cartridge_is_missing)
{
	struct object side, cartridge;

	mount_one();
	side = fx_side(&media);
	cartridge = fx_media(&media);
	fx_delete(&side.guid);
	refused(dismount(fx_session), ERROR_INVALID_MEDIA);
	fx_insert(&side);
	fx_delete(&cartridge.guid);
	refused(dismount(fx_session), ERROR_INVALID_MEDIA);
	fx_insert(&cartridge);
	fx_dismount(media, 0);
}

/* ---- ERROR_INVALID_STATE ---- */

Test(dismount_media, invalid_state_not_in_a_drive)
{
	media = fx_allocated("V00001L8");
	refused(dismount(fx_session), ERROR_INVALID_STATE);
	refused(dismount_deferred(fx_session), ERROR_INVALID_STATE);
}

Test(dismount_media, invalid_state_device_is_open)
{
	int fd;

	mount_one();
	fd = open(fx_node(drive), O_RDWR);
	cr_assert_geq(fd, 0);
	refused(dismount(fx_session), ERROR_INVALID_STATE);
	refused(dismount_deferred(fx_session), ERROR_INVALID_STATE);
	close(fd);
	fx_dismount(media, 0);
	fx_expect_home("V00001L8");
}

Test(dismount_media, invalid_state_drive_is_missing)
{
	struct object record;

	mount_one();
	record = fx_get(&drive, NTMS_DRIVE);
	fx_delete(&drive);
	refused(dismount(fx_session), ERROR_INVALID_STATE);
	fx_insert(&record);
}

Test(dismount_media, invalid_state_in_the_drive_by_its_other_side)
{
	struct object record;

	mount_one();
	record = fx_get(&drive, NTMS_DRIVE);
	guid_make(&record.device.side);
	fx_put(&record);
	refused(dismount(fx_session), ERROR_INVALID_STATE);
	record.device.side = fx_side(&media).guid;
	fx_put(&record);
	fx_dismount(media, 0);
}

/* ---- ERROR_MEDIA_OFFLINE, ERROR_MEDIA_NOT_AVAILABLE ---- */

Test(dismount_media, media_offline)
{
	media = fx_allocated("V00001L8");
	must(RsmUnmanageLibrary(fx_session, &fx_library));
	refused(dismount(fx_session), ERROR_MEDIA_OFFLINE);
}

Test(dismount_media, media_not_available)
{
	NTMS_GUID cartridge;

	mount_one();
	cartridge = fx_media(&media).guid;
	must(DisableNtmsObject(fx_session, NTMS_PHYSICAL_MEDIA, &cartridge));
	refused(dismount(fx_session), ERROR_MEDIA_NOT_AVAILABLE);
	must(EnableNtmsObject(fx_session, NTMS_PHYSICAL_MEDIA, &cartridge));
	fx_dismount(media, 0);
	fx_expect_home("V00001L8");
}

/* ---- ERROR_NOT_ENOUGH_MEMORY ---- */

Test(dismount_media, not_enough_memory_heap_used_up, .init = fault_setup_heap)
{
	struct fx_dump *before;

	mount_one();
	before = fx_dump();
	must_be(fault_no_memory(0, dismount), ERROR_NOT_ENOUGH_MEMORY);
	fx_expect_unchanged(before);
}

Test(dismount_media, not_enough_memory_for_so_many)
{
	mount_one();
	refused(DismountNtmsMedia(fx_session, &media, 0xFFFFFFFF, 0), ERROR_NOT_ENOUGH_MEMORY);
}

Test(dismount_media, not_enough_memory_is_the_only_error_of_little_memory, .init = fault_setup_heap)
{
	mount_one();
	fault_little_memory(dismount);
	fx_settle(media);
	fx_expect_home("V00001L8");
}

/* ---- ERROR_TIMEOUT ---- */

Test(dismount_media, timeout)
{
	struct fx_dump *before;

	mount_one();
	before = fx_dump();
	must_be(fault_locked_out(dismount), ERROR_TIMEOUT);
	cr_assert_neq(fault_said[0], '\0');
	fx_expect_unchanged(before);
	fx_dismount(media, 0);
	fx_expect_home("V00001L8");
}

/* ---- beyond its table: as everywhere ---- */

Test(dismount_media, invalid_handle)
{
	HANDLE closed = fx_open();

	mount_one();
	refused(dismount(NULL), ERROR_INVALID_HANDLE);
	refused(dismount(INVALID_HANDLE_VALUE), ERROR_INVALID_HANDLE);
	fx_close(&closed);
	refused(dismount((HANDLE)&media), ERROR_INVALID_HANDLE);
}

Test(dismount_media, invalid_parameter)
{
	mount_one();
	refused(DismountNtmsMedia(fx_session, NULL, 1, 0), ERROR_INVALID_PARAMETER);
	refused(DismountNtmsMedia(fx_session, &media, 0, 0), ERROR_INVALID_PARAMETER);
	refused(DismountNtmsMedia(fx_session, &media, 1, 4), ERROR_INVALID_PARAMETER);
	refused(DismountNtmsMedia(fx_session, &media, 1, 0x80000001), ERROR_INVALID_PARAMETER);
	refused(DismountNtmsMedia(fx_session, &media, 1,
				  NTMS_DISMOUNT_DEFERRED | NTMS_DISMOUNT_IMMEDIATE),
		ERROR_INVALID_PARAMETER);
}

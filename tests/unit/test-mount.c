/* SPDX-License-Identifier: GPL-2.0-only */
/* test-mount.c - mounts: who gets which drive and medium, and when */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/guid.h"
#include "base/say.h"
#include "faults.h"

TestSuite(mount, .timeout = 120, .init = fx_setup, .fini = fx_teardown);

#define SHORT_MS 300

/* A mount in a thread of its own. */
struct mounting {
	pthread_t thread;
	HANDLE session;
	NTMS_GUID media;
	NTMS_GUID drive;
	int priority;
	DWORD code;
};

static void *mount_main(void *argument)
{
	struct mounting *mounting = argument;

	mounting->code = MountNtmsMedia(mounting->session, &mounting->media, &mounting->drive, 1,
					NTMS_MOUNT_READ, mounting->priority, PATIENCE_MS, NULL);
	return NULL;
}

static void start_mount(struct mounting *mounting, HANDLE session, NTMS_GUID media)
{
	mounting->session = session;
	mounting->media = media;
	cr_assert_eq(pthread_create(&mounting->thread, NULL, mount_main, mounting), 0);
}

static void join_mount(struct mounting *mounting, DWORD code)
{
	cr_assert_eq(pthread_join(mounting->thread, NULL), 0);
	cr_assert_eq(mounting->code, code, "the mount ended with %s", RsmErrorName(mounting->code));
}

static bool one_waits(void)
{
	return fx_requests(NTMS_LM_MOUNT, NTMS_LM_WAITING) == 1;
}

static bool two_wait(void)
{
	return fx_requests(NTMS_LM_MOUNT, NTMS_LM_WAITING) == 2;
}

static bool none_is_left(void)
{
	return fx_requests(NTMS_LM_MOUNT, NTMS_LM_WAITING) == 0 &&
	       fx_requests(NTMS_LM_MOUNT, NTMS_LM_QUEUED) == 0 &&
	       fx_requests(NTMS_LM_MOUNT, NTMS_LM_INPROCESS) == 0;
}

static void one_drive(void)
{
	fx_make_directories(1, 6, 4);
	fx_open_library();
}

/* ---- the plain case ---- */

Test(mount, a_medium_is_mounted_written_and_found_again)
{
	NTMS_GUID media = fx_allocated("V00001L8"), drive;

	drive = fx_mount(media);
	cr_assert_eq(fx_where("V00001L8"), fx_element_of_drive(&drive));
	cr_assert_eq(fx_get(&drive, NTMS_DRIVE).device.state, NTMS_DRIVESTATE_LOADED);
	cr_assert_eq(fx_media(&media).media.state, NTMS_MEDIASTATE_LOADED);
	fx_write_tape(fx_node(drive), "hello");
	fx_dismount(media, 0);
	fx_expect_home("V00001L8");
	drive = fx_mount(media);
	fx_expect_tape(fx_node(drive), "hello");
	fx_dismount(media, NTMS_DISMOUNT_IMMEDIATE);
	fx_expect_home("V00001L8");
}

Test(mount, counts_mounts_of_drive_and_side)
{
	NTMS_GUID media = fx_allocated("V00001L8");
	uint32_t side = fx_side(&media).side.mount_count;
	NTMS_GUID drive = fx_mount(media);
	uint32_t count = fx_get(&drive, NTMS_DRIVE).device.mount_count;

	cr_assert_eq(fx_side(&media).side.mount_count, side + 1);
	fx_dismount(media, NTMS_DISMOUNT_DEFERRED);
	fx_mount(media);
	cr_assert_eq(fx_get(&drive, NTMS_DRIVE).device.mount_count, count + 1);
}

Test(mount, takes_a_side_that_nobody_has_allocated)
{
	NTMS_GUID cartridge = fx_free_cartridge("V00002L8");
	NTMS_GUID side = fx_find("V00002L8", NTMS_PARTITION);

	fx_mount(side);
	cr_assert_eq(fx_get(&cartridge, NTMS_PHYSICAL_MEDIA).media.state, NTMS_MEDIASTATE_LOADED);
	fx_dismount(side, 0);
	fx_expect_home("V00002L8");
}

static int told;
static bool told_of_move;

static void note_progress(void *context, const RSM_PROGRESS *progress)
{
	cr_assert_eq(context, (void *)&told);
	told++;
	if (strstr(progress->lpText, "moving V00001L8 from slot 1 to drive"))
		told_of_move = true;
}

Test(mount, who_has_mounted_it_may_let_others_in)
{
	NTMS_GUID media = fx_allocated("V00001L8");
	HANDLE other = fx_open();
	DWORD count = 0;

	fx_mount(media);
	must(RsmGrantProcess(fx_session, &media, 1));
	refused(RsmGrantProcess(other, &media, 1), ERROR_INVALID_STATE);
	fx_dismount(media, 0);
	refused(RsmGrantProcess(fx_session, &media, 1), ERROR_INVALID_STATE);
	/* Nobody is refused anything at a virtual library. */
	must(RsmListConflicts(fx_session, NULL, &count));
	cr_assert_eq(count, 0);
}

Test(mount, tells_how_far_it_has_come)
{
	NTMS_GUID media = fx_allocated("V00001L8");

	fx_slow_robot(SHORT_MS);
	must(RsmSetProgress(fx_session, note_progress, &told));
	fx_mount(media);
	cr_assert_gt(told, 0);
	cr_assert(told_of_move);
}

/* ---- somebody else has it ---- */

Test(mount, a_medium_in_use_is_busy_for_who_does_not_wait)
{
	NTMS_GUID media = fx_allocated("V00001L8");
	HANDLE other = fx_open();

	fx_mount_by(other, media);
	refused(fx_try_mount(fx_session, media, NULL,
			     NTMS_MOUNT_READ | NTMS_MOUNT_ERROR_NOT_AVAILABLE, PATIENCE_MS),
		ERROR_BUSY);
	refused(fx_try_mount(fx_session, media, NULL, NTMS_MOUNT_READ | NTMS_MOUNT_NOWAIT,
			     PATIENCE_MS),
		ERROR_BUSY);
	fx_close(&other);
}

Test(mount, a_medium_mounted_by_the_same_session_is_busy)
{
	NTMS_GUID media = fx_allocated("V00001L8");

	fx_mount(media);
	refused(fx_try_mount(fx_session, media, NULL, NTMS_MOUNT_READ, PATIENCE_MS), ERROR_BUSY);
}

Test(mount, no_drive_is_busy_for_who_does_not_wait, .init = one_drive)
{
	NTMS_GUID first = fx_allocated("V00001L8"), second = fx_allocated("V00002L8");

	fx_mount(first);
	must_be(fx_try_mount(fx_session, second, NULL,
			     NTMS_MOUNT_READ | NTMS_MOUNT_ERROR_NOT_AVAILABLE, PATIENCE_MS),
		ERROR_BUSY);
	must_be(fx_try_mount(fx_session, second, NULL, NTMS_MOUNT_READ | NTMS_MOUNT_NOWAIT,
			     PATIENCE_MS),
		ERROR_BUSY);
	fx_wait_until(none_is_left);
	fx_expect_home("V00002L8");
}

Test(mount, nowait_is_satisfied_with_what_is_free)
{
	NTMS_GUID media = fx_allocated("V00001L8"), drive;

	must(fx_try_mount(fx_session, media, &drive, NTMS_MOUNT_READ | NTMS_MOUNT_NOWAIT, 0));
	cr_assert_eq(fx_where("V00001L8"), fx_element_of_drive(&drive));
}

Test(mount, who_works_the_library_all_the_time_is_named, .init = one_drive)
{
	NTMS_GUID media = fx_allocated("V00001L8");
	char wanted[64];

	fx_stop_work();
	snprintf(wanted, sizeof(wanted), "process %d (", (int)getpid());
	fx_expect_waits(media, NULL, 0, wanted);
	fx_let_work();
}

/* Who has the library does not come to look at it. */
Test(mount, nowait_is_not_kept_waiting_by_another_executor)
{
	NTMS_GUID media = fx_allocated("V00001L8"), drive;
	char wanted[64];

	fx_stop_work();
	must_be(fx_try_mount(fx_session, media, &drive, NTMS_MOUNT_READ | NTMS_MOUNT_NOWAIT, 0),
		ERROR_BUSY);
	snprintf(wanted, sizeof(wanted), "process %d (", (int)getpid());
	cr_assert_neq(strstr(RsmLastMessage(), wanted), NULL, "%s", RsmLastMessage());
	cr_assert_eq(fx_requests(NTMS_LM_MOUNT, NTMS_LM_CANCELLED), 1);
	fx_let_work();
	must(fx_try_mount(fx_session, media, &drive, NTMS_MOUNT_READ | NTMS_MOUNT_NOWAIT, 0));
}

/* How many reservations this process keeps a descriptor of. */
static unsigned int holder_descriptors(void)
{
	DIR *fds = opendir("/proc/self/fd");
	unsigned int count = 0;
	struct dirent *entry;

	cr_assert_neq(fds, NULL);
	while ((entry = readdir(fds))) {
		char target[PATH_MAX];
		ssize_t length = readlinkat(dirfd(fds), entry->d_name, target, sizeof(target) - 1);

		target[length > 0 ? length : 0] = '\0';
		count += strstr(target, "/holders/") != NULL;
	}
	closedir(fds);
	return count;
}

/* A backup program may mount for years in one session. */
Test(mount, what_has_ended_costs_no_descriptor, .init = one_drive)
{
	NTMS_GUID media = fx_allocated("V00001L8");

	fx_virtual_only("reservations have names there");
	for (int i = 0; i < 10; i++) {
		fx_mount(media);
		fx_dismount(media, i % 2 ? NTMS_DISMOUNT_DEFERRED : 0);
	}
	fx_mount(media);
	/* The medium's, and the robot's while somebody works. */
	cr_assert_leq(holder_descriptors(), 2);
}

Test(mount, a_wait_ends_with_its_time, .init = one_drive)
{
	NTMS_GUID first = fx_allocated("V00001L8"), second = fx_allocated("V00002L8");

	fx_mount(first);
	fx_expect_waits(second, NULL, 0, "waiting for drive 0");
	fx_wait_until(none_is_left);
	/* It is cancelled, and does not come back when the drive is free. */
	fx_dismount(first, 0);
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	fx_expect_home("V00002L8");
}

Test(mount, a_medium_that_is_given_back_goes_to_who_waits)
{
	NTMS_GUID media = fx_allocated("V00001L8");
	HANDLE other = fx_open();
	struct mounting waiting = {0};

	fx_mount(media);
	start_mount(&waiting, other, media);
	fx_wait_until(one_waits);
	must(DismountNtmsMedia(fx_session, &media, 1, NTMS_DISMOUNT_DEFERRED));
	join_mount(&waiting, ERROR_SUCCESS);
	cr_assert(fx_is_held(&waiting.drive));
	fx_close(&other);
}

Test(mount, a_drive_that_is_given_back_goes_to_who_waits, .init = one_drive)
{
	NTMS_GUID first = fx_allocated("V00001L8"), second = fx_allocated("V00002L8");
	struct mounting waiting = {0};

	fx_mount(first);
	start_mount(&waiting, fx_session, second);
	fx_wait_until(one_waits);
	must(DismountNtmsMedia(fx_session, &first, 1, 0));
	join_mount(&waiting, ERROR_SUCCESS);
	fx_expect_home("V00001L8");
	cr_assert_eq(fx_where("V00002L8"), fx_element_of_drive(&waiting.drive));
}

static void one_drive_for_six(void)
{
	fx_make_directories(1, 6, 6);
	fx_open_library();
}

#define PRIORITIES 5

static size_t in_line;

static bool all_wait(void)
{
	return fx_requests(NTMS_LM_MOUNT, NTMS_LM_WAITING) == in_line;
}

/* They come in ascending order, and are served in descending. */
Test(mount, the_higher_priority_goes_first, .init = one_drive_for_six)
{
	static const int priorities[PRIORITIES] = {NTMS_PRIORITY_LOWEST, NTMS_PRIORITY_LOW,
						   NTMS_PRIORITY_NORMAL, NTMS_PRIORITY_HIGH,
						   NTMS_PRIORITY_HIGHEST};
	static const char *const barcodes[PRIORITIES] = {"V00002L8", "V00003L8", "V00004L8",
							 "V00005L8", "V00006L8"};
	struct mounting waiting[PRIORITIES];
	NTMS_GUID media[PRIORITIES + 1];

	media[PRIORITIES] = fx_allocated("V00001L8");
	for (size_t i = 0; i < PRIORITIES; i++)
		media[i] = fx_allocated(barcodes[i]);
	fx_mount(media[PRIORITIES]);
	for (size_t i = 0; i < PRIORITIES; i++) {
		waiting[i] = (struct mounting){.priority = priorities[i]};
		start_mount(&waiting[i], fx_session, media[i]);
		in_line = i + 1;
		fx_wait_until(all_wait);
	}
	for (size_t i = PRIORITIES; i-- > 0;) {
		must(DismountNtmsMedia(fx_session, &media[i + 1], 1, 0));
		join_mount(&waiting[i], ERROR_SUCCESS);
		cr_assert_eq(fx_requests(NTMS_LM_MOUNT, NTMS_LM_WAITING), i);
	}
}

Test(mount, of_the_same_priority_the_first_goes_first, .init = one_drive)
{
	NTMS_GUID media = fx_allocated("V00001L8");
	struct mounting first = {0}, second = {0};
	NTMS_GUID first_media = fx_allocated("V00003L8"), second_media = fx_allocated("V00002L8");

	fx_mount(media);
	start_mount(&first, fx_session, first_media);
	fx_wait_until(one_waits);
	start_mount(&second, fx_session, second_media);
	fx_wait_until(two_wait);
	must(DismountNtmsMedia(fx_session, &media, 1, 0));
	join_mount(&first, ERROR_SUCCESS);
	cr_assert(one_waits());
	must(DismountNtmsMedia(fx_session, &first_media, 1, 0));
	join_mount(&second, ERROR_SUCCESS);
}

static bool a_label_waits(void)
{
	return fx_requests(NTMS_LM_WRITESCRATCH, NTMS_LM_WAITING) == 1;
}

/* As if the requests that are meant had been made @ago_s before. */
static void make_older(bool (*is_meant)(const struct object *request), uint64_t ago_s)
{
	NTMS_GUID list[64];
	DWORD count = 64;

	must(EnumerateNtmsObject(fx_session, &fx_library, list, &count, NTMS_LIBREQUEST, 0));
	for (DWORD i = 0; i < count; i++) {
		struct object request = fx_get(&list[i], NTMS_LIBREQUEST);

		if (!is_meant(&request))
			continue;
		request.librequest.queued_ms -= ago_s * 1000;
		fx_put(&request);
	}
}

static bool is_a_label(const struct object *request)
{
	return request->librequest.operation == NTMS_LM_WRITESCRATCH;
}

/* A free label that waits for the only drive, as if since @ago_s. */
static void queue_label(const char *barcode, uint64_t ago_s)
{
	NTMS_GUID media = fx_find(barcode, NTMS_PHYSICAL_MEDIA);
	NTMS_GUID pool = fx_find("Free\\LTO Ultrium", NTMS_MEDIA_POOL);

	must(MoveToNtmsMediaPool(fx_session, &media, &pool));
	fx_wait_until(a_label_waits);
	make_older(is_a_label, ago_s);
}

/* Mounts go before labels, but not for ever. */
static void expect_labels_first(uint64_t ago_s, size_t written)
{
	NTMS_GUID media = fx_allocated("V00001L8"), next = fx_allocated("V00002L8");
	struct mounting waiting = {0};
	size_t before = fx_requests(NTMS_LM_WRITESCRATCH, NTMS_LM_PASSED);

	fx_mount(media);
	queue_label("V00003L8", ago_s);
	start_mount(&waiting, fx_session, next);
	fx_wait_until(one_waits);
	must(DismountNtmsMedia(fx_session, &media, 1, 0));
	join_mount(&waiting, ERROR_SUCCESS);
	cr_assert_eq(fx_requests(NTMS_LM_WRITESCRATCH, NTMS_LM_PASSED), before + written);
	must(DismountNtmsMedia(fx_session, &next, 1, 0));
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	cr_assert_eq(fx_requests(NTMS_LM_WRITESCRATCH, NTMS_LM_PASSED), before + 1);
}

Test(mount, goes_before_a_label_that_is_to_be_written, .init = one_drive)
{
	expect_labels_first(0, 0);
}

Test(mount, does_not_go_before_a_label_that_has_waited_long, .init = one_drive)
{
	expect_labels_first(61, 1);
}

/* ---- which drive ---- */

Test(mount, a_specific_drive_is_the_one)
{
	NTMS_GUID media = fx_allocated("V00001L8");

	for (unsigned int i = 2; i-- > 0;) {
		NTMS_GUID wanted = fx_drive_guid(i), drive = wanted;

		must(fx_try_mount(fx_session, media, &drive,
				  NTMS_MOUNT_READ | NTMS_MOUNT_SPECIFIC_DRIVE, PATIENCE_MS));
		cr_assert(guid_equal(&drive, &wanted));
		cr_assert_eq(fx_where("V00001L8"), fx_element_of_drive(&wanted));
		/* The next round finds it in the other drive. */
		fx_dismount(media, NTMS_DISMOUNT_DEFERRED);
	}
}

Test(mount, a_specific_drive_is_waited_for)
{
	NTMS_GUID first = fx_allocated("V00001L8"), second = fx_allocated("V00002L8");
	NTMS_GUID drive = fx_mount(first);

	must_be(fx_try_mount(fx_session, second, &drive,
			     NTMS_MOUNT_READ | NTMS_MOUNT_SPECIFIC_DRIVE, SHORT_MS),
		ERROR_TIMEOUT);
	must_be(fx_try_mount(fx_session, second, &drive,
			     NTMS_MOUNT_READ | NTMS_MOUNT_SPECIFIC_DRIVE | NTMS_MOUNT_NOWAIT, 0),
		ERROR_BUSY);
	fx_wait_until(none_is_left);
	fx_expect_home("V00002L8");
}

Test(mount, an_empty_drive_is_preferred_to_a_dismountable_one)
{
	NTMS_GUID first = fx_allocated("V00001L8"), second = fx_allocated("V00002L8");
	NTMS_GUID drive = fx_mount(first), other;

	fx_set_defer_delay(&drive, 0);
	fx_dismount(first, NTMS_DISMOUNT_DEFERRED);
	other = fx_mount(second);
	cr_assert(!guid_equal(&drive, &other));
	cr_assert_eq(fx_where("V00001L8"), fx_element_of_drive(&drive));
}

Test(mount, a_deferred_medium_keeps_its_drive_until_the_delay_is_over, .init = one_drive)
{
	NTMS_GUID first = fx_allocated("V00001L8"), second = fx_allocated("V00002L8");
	NTMS_GUID drive = fx_mount(first);

	fx_set_defer_delay(&drive, 3600);
	fx_dismount(first, NTMS_DISMOUNT_DEFERRED);
	must_be(fx_try_mount(fx_session, second, NULL, NTMS_MOUNT_READ, SHORT_MS), ERROR_TIMEOUT);
	cr_assert_eq(fx_where("V00001L8"), fx_element_of_drive(&drive));
	fx_set_defer_delay(&drive, 1);
	fx_mount(second);
	fx_expect_home("V00001L8");
}

static bool is_a_mount_that_waits(const struct object *request)
{
	return request->librequest.operation == NTMS_LM_MOUNT &&
	       request->librequest.state == NTMS_LM_WAITING;
}

/* Users who always come back would keep a drive from others for ever. */
Test(mount, a_medium_is_kept_from_nobody_who_has_waited_long, .init = one_drive)
{
	NTMS_GUID first = fx_allocated("V00001L8"), second = fx_allocated("V00002L8");
	struct mounting waiting = {0};

	fx_mount(first);
	start_mount(&waiting, fx_session, second);
	fx_wait_until(one_waits);
	make_older(is_a_mount_that_waits, 3600);
	must(DismountNtmsMedia(fx_session, &first, 1, NTMS_DISMOUNT_DEFERRED));
	join_mount(&waiting, ERROR_SUCCESS);
	fx_expect_home("V00001L8");
}

Test(mount, a_deferred_medium_is_mounted_again_without_a_robot)
{
	NTMS_GUID media = fx_allocated("V00001L8"), drive = fx_mount(media);
	unsigned long long robot = fx_robot();
	HANDLE other = fx_open();

	/* Not even one that works. */
	fx_fault("jammed");
	for (int i = 0; i < 3; i++) {
		fx_dismount(media, NTMS_DISMOUNT_DEFERRED);
		fx_mount_by(i % 2 ? fx_session : other, media);
		cr_assert(fx_is_held(&drive));
	}
	cr_assert_eq(fx_robot(), robot);
	fx_close(&other);
}

/* It was unwound to go somewhere else, and then did not: not every drive takes it in again. */
Test(mount, what_a_drive_has_let_go_of_is_brought_anew)
{
	struct virtual_fault none = {
		.operation = VIRTUAL_OPEN, .where = 0, .count = 1, .key = 2, .asc = 0x3a};
	NTMS_GUID media = fx_allocated("V00001L8"), drive = fx_mount(media);
	unsigned long long robot;

	fx_virtual_only("a fault of a drive");
	fx_dismount(media, NTMS_DISMOUNT_DEFERRED);
	robot = fx_robot();
	cr_assert_eq(virtual_fault_add(fx_vlib, &none), 0);
	drive = fx_mount(media);
	cr_assert_neq(fx_robot(), robot);
	cr_assert(fx_is_held(&drive));
}

/* ---- several at once ---- */

Test(mount, several_media_come_together_in_their_order)
{
	NTMS_GUID list[2] = {fx_allocated("V00002L8"), fx_allocated("V00001L8")}, drives[2];

	must(MountNtmsMedia(fx_session, list, drives, 2, NTMS_MOUNT_READ, 0, PATIENCE_MS, NULL));
	cr_assert_eq(fx_where("V00002L8"), fx_element_of_drive(&drives[0]));
	cr_assert_eq(fx_where("V00001L8"), fx_element_of_drive(&drives[1]));
}

Test(mount, several_specific_drives)
{
	NTMS_GUID list[2] = {fx_allocated("V00002L8"), fx_allocated("V00001L8")};
	NTMS_GUID drives[2] = {fx_drive_guid(1), fx_drive_guid(0)};

	must(MountNtmsMedia(fx_session, list, drives, 2,
			    NTMS_MOUNT_READ | NTMS_MOUNT_SPECIFIC_DRIVE, 0, PATIENCE_MS, NULL));
	cr_assert_eq(fx_where("V00002L8"), fx_drive(1).device.element);
	cr_assert_eq(fx_where("V00001L8"), fx_drive(0).device.element);
}

Test(mount, none_of_several_moves_while_one_has_no_drive)
{
	NTMS_GUID held = fx_allocated("V00003L8");
	NTMS_GUID list[2] = {fx_allocated("V00001L8"), fx_allocated("V00002L8")}, drives[2];
	unsigned long long robot;

	fx_mount(held);
	robot = fx_robot();
	must_be(MountNtmsMedia(fx_session, list, drives, 2, NTMS_MOUNT_READ, 0, SHORT_MS, NULL),
		ERROR_TIMEOUT);
	must_be(MountNtmsMedia(fx_session, list, drives, 2, NTMS_MOUNT_READ | NTMS_MOUNT_NOWAIT, 0,
			       0, NULL),
		ERROR_BUSY);
	fx_wait_until(none_is_left);
	/* Who tried it last gives the drive back before the lease. */
	fx_stop_work();
	cr_assert_eq(fx_robot(), robot, "the robot has moved");
	for (unsigned int i = 0; i < 2; i++) {
		struct object drive = fx_drive(i);

		cr_assert_eq(fx_is_held(&drive.guid), drive.device.state == NTMS_DRIVESTATE_LOADED);
	}
	fx_let_work();
}

static NTMS_GUID pair_media[2], pair_drives[2];

/* The drive that the other process names first is given back first. */
static int mount_two(const struct child *parent)
{
	HANDLE session = OpenNtmsSessionA(NULL, "two", 0);

	(void)parent;
	for (unsigned int i = 0; i < 20; i++) {
		child_must(MountNtmsMedia(session, pair_media, pair_drives, 2,
					  NTMS_MOUNT_READ | NTMS_MOUNT_SPECIFIC_DRIVE, 0,
					  PATIENCE_MS, NULL));
		for (unsigned int j = 2; j-- > 0;)
			child_must(DismountNtmsMedia(session, &pair_media[j], 1, 0));
		child_must(RsmWaitForLibrary(session, &fx_library, PATIENCE_MS));
	}
	child_must(CloseNtmsSession(session));
	return 0;
}

static bool both_have_come(void)
{
	return fx_requests(NTMS_LM_MOUNT, NTMS_LM_QUEUED) == 4;
}

/* They name the drives in opposite order. */
Test(mount, two_calls_that_each_want_both_drives_take_turns)
{
	NTMS_GUID media[4] = {fx_allocated("V00001L8"), fx_allocated("V00002L8"),
			      fx_allocated("V00003L8"), fx_allocated("V00004L8")};
	struct child children[2];

	fx_stop_work();
	for (unsigned int i = 0; i < 2; i++) {
		for (unsigned int j = 0; j < 2; j++) {
			pair_media[j] = media[2 * i + j];
			pair_drives[j] = fx_drive_guid(i ^ j);
		}
		children[i] = start_child(mount_two);
	}
	fx_wait_until(both_have_come);
	fx_let_work();
	for (unsigned int i = 0; i < 2; i++)
		join_child(&children[i]);
}

Test(mount, when_one_of_several_is_not_what_it_should_be_none_is_mounted)
{
	NTMS_GUID list[2] = {fx_allocated("V00001L8"), fx_allocated("V00002L8")}, drives[2];
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/tapes/V00002L8", fx_vlib);
	cr_assert_eq(truncate(path, 0), 0);
	must_be(MountNtmsMedia(fx_session, list, drives, 2, NTMS_MOUNT_READ, 0, PATIENCE_MS, NULL),
		ERROR_INVALID_STATE);
	/* The request of the other one ends a moment later, with the same error. */
	fx_wait_until(none_is_left);
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	for (unsigned int i = 0; i < 2; i++) {
		NTMS_GUID drive = fx_drive_guid(i);

		cr_assert(!fx_is_held(&drive));
	}
	fx_mount(list[0]);
}

/* Two media that are in each other's drive change places. */
Test(mount, two_media_change_drives)
{
	NTMS_GUID list[2] = {fx_allocated("V00001L8"), fx_allocated("V00002L8")};
	NTMS_GUID drives[2] = {fx_drive_guid(0), fx_drive_guid(1)}, other;
	DWORD options = NTMS_MOUNT_READ | NTMS_MOUNT_SPECIFIC_DRIVE;

	for (unsigned int i = 0; i < 2; i++) {
		must(MountNtmsMedia(fx_session, list, drives, 2, options, 0, PATIENCE_MS, NULL));
		for (unsigned int j = 0; j < 2; j++)
			fx_dismount(list[j], NTMS_DISMOUNT_DEFERRED);
		other = drives[0];
		drives[0] = drives[1];
		drives[1] = other;
	}
}

/* A medium that is in a drive gets that drive, though another of the call is served first. */
Test(mount, one_of_several_is_in_a_drive_already)
{
	NTMS_GUID inside = fx_allocated("V00001L8"), before = fx_allocated("V00002L8");
	NTMS_GUID kept = fx_allocated("V00003L8"), drives[2];
	NTMS_GUID list[2] = {before, inside}, first = fx_mount(inside), second = fx_mount(kept);

	/* The drive that the other would rather have is that of the medium inside. */
	fx_set_defer_delay(&first, 0);
	fx_set_defer_delay(&second, 1);
	fx_dismount(inside, NTMS_DISMOUNT_DEFERRED);
	fx_dismount(kept, NTMS_DISMOUNT_DEFERRED);
	must(MountNtmsMedia(fx_session, list, drives, 2, NTMS_MOUNT_READ, 0, PATIENCE_MS, NULL));
	cr_assert(guid_equal(&drives[1], &first));
	cr_assert(guid_equal(&drives[0], &second));
}

/* ---- what is refused at once ---- */

Test(mount, more_media_than_drives)
{
	NTMS_GUID list[3], drives[3], drive = fx_drive_guid(1);

	list[0] = fx_allocated("V00001L8");
	list[1] = fx_allocated("V00002L8");
	list[2] = fx_allocated("V00003L8");
	refused(MountNtmsMedia(fx_session, list, drives, 3, NTMS_MOUNT_READ, 0, PATIENCE_MS, NULL),
		ERROR_RESOURCE_NOT_AVAILABLE);
	must(DisableNtmsObject(fx_session, NTMS_DRIVE, &drive));
	refused(MountNtmsMedia(fx_session, list, drives, 2, NTMS_MOUNT_READ, 0, PATIENCE_MS, NULL),
		ERROR_RESOURCE_DISABLED);
}

Test(mount, one_drive_for_two_media)
{
	NTMS_GUID list[2] = {fx_allocated("V00001L8"), fx_allocated("V00002L8")};
	NTMS_GUID drives[2] = {fx_drive_guid(1), fx_drive_guid(1)};

	refused(MountNtmsMedia(fx_session, list, drives, 2,
			       NTMS_MOUNT_READ | NTMS_MOUNT_SPECIFIC_DRIVE, 0, PATIENCE_MS, NULL),
		ERROR_INVALID_DRIVE);
}

Test(mount, the_same_medium_twice)
{
	NTMS_GUID media = fx_allocated("V00001L8");
	NTMS_GUID list[2] = {media, media}, drives[2];

	refused(MountNtmsMedia(fx_session, list, drives, 2, NTMS_MOUNT_READ, 0, 0, NULL),
		ERROR_INVALID_MEDIA);
	list[1] = fx_side(&media).guid;
	refused(MountNtmsMedia(fx_session, list, drives, 2, NTMS_MOUNT_READ, 0, 0, NULL),
		ERROR_INVALID_MEDIA);
}

Test(mount, two_sides_of_a_cartridge)
{
	NTMS_GUID media = fx_allocated("V00001L8");
	struct object second = fx_side(&media);
	NTMS_GUID list[2] = {media}, drives[2];

	memset(&second.guid, 0, sizeof(second.guid));
	memset(&second.side.logical, 0, sizeof(second.side.logical));
	second.side.side = 1;
	fx_insert(&second);
	list[1] = second.guid;
	refused(MountNtmsMedia(fx_session, list, drives, 2, NTMS_MOUNT_READ, 0, 0, NULL),
		ERROR_BUSY);
}

/* Another library, which has drive 1. */
static struct object second_library(void)
{
	struct object library = fx_get(&fx_library, NTMS_LIBRARY), drive = fx_drive(1);

	memset(&library.guid, 0, sizeof(library.guid));
	strcpy(library.library.serial, "OTHER");
	fx_insert(&library);
	drive.device.library = library.guid;
	fx_put(&drive);
	return library;
}

Test(mount, a_drive_of_another_library)
{
	NTMS_GUID media = fx_allocated("V00001L8"), drive = fx_drive_guid(1);

	second_library();
	refused(fx_try_mount(fx_session, media, &drive, NTMS_MOUNT_READ | NTMS_MOUNT_SPECIFIC_DRIVE,
			     PATIENCE_MS),
		ERROR_DRIVE_MEDIA_MISMATCH);
}

Test(mount, media_of_two_libraries)
{
	NTMS_GUID list[2] = {fx_allocated("V00001L8"), fx_allocated("V00002L8")}, drives[2];
	struct object media = fx_media(&list[1]);

	media.media.library = second_library().guid;
	fx_put(&media);
	refused(MountNtmsMedia(fx_session, list, drives, 2, NTMS_MOUNT_READ, 0, 0, NULL),
		ERROR_INVALID_LIBRARY);
}

Test(mount, a_drive_that_is_none)
{
	NTMS_GUID media = fx_allocated("V00001L8"), drive = fx_library;

	refused(fx_try_mount(fx_session, media, &drive, NTMS_MOUNT_READ | NTMS_MOUNT_SPECIFIC_DRIVE,
			     PATIENCE_MS),
		ERROR_INVALID_DRIVE);
}

Test(mount, what_is_disabled)
{
	NTMS_GUID media = fx_allocated("V00001L8"), cartridge = fx_media(&media).guid;
	NTMS_GUID drive = fx_drive_guid(0);

	must(DisableNtmsObject(fx_session, NTMS_PHYSICAL_MEDIA, &cartridge));
	refused(fx_try_mount(fx_session, media, NULL, NTMS_MOUNT_READ, PATIENCE_MS),
		ERROR_RESOURCE_DISABLED);
	must(EnableNtmsObject(fx_session, NTMS_PHYSICAL_MEDIA, &cartridge));
	must(DisableNtmsObject(fx_session, NTMS_LIBRARY, &fx_library));
	refused(fx_try_mount(fx_session, media, NULL, NTMS_MOUNT_READ, PATIENCE_MS),
		ERROR_RESOURCE_DISABLED);
	must(EnableNtmsObject(fx_session, NTMS_LIBRARY, &fx_library));
	must(DisableNtmsObject(fx_session, NTMS_DRIVE, &drive));
	refused(fx_try_mount(fx_session, media, &drive, NTMS_MOUNT_READ | NTMS_MOUNT_SPECIFIC_DRIVE,
			     PATIENCE_MS),
		ERROR_RESOURCE_DISABLED);
}

Test(mount, a_disabled_drive_gets_no_medium)
{
	NTMS_GUID first = fx_allocated("V00001L8"), second = fx_allocated("V00002L8");
	NTMS_GUID drive = fx_drive_guid(0), used;

	must(DisableNtmsObject(fx_session, NTMS_DRIVE, &drive));
	used = fx_mount(first);
	cr_assert(!guid_equal(&used, &drive));
	must_be(fx_try_mount(fx_session, second, NULL, NTMS_MOUNT_READ, SHORT_MS), ERROR_TIMEOUT);
	fx_expect_home("V00002L8");
}

Test(mount, what_is_offline)
{
	NTMS_GUID media = fx_allocated("V00001L8");

	must(RsmUnmanageLibrary(fx_session, &fx_library));
	refused(fx_try_mount(fx_session, media, NULL, NTMS_MOUNT_READ | NTMS_MOUNT_ERROR_OFFLINE,
			     PATIENCE_MS),
		ERROR_MEDIA_OFFLINE);
}

static NTMS_GUID their_media;

static DWORD mount_theirs(HANDLE session)
{
	return fx_try_mount(session, their_media, NULL, NTMS_MOUNT_READ, PATIENCE_MS);
}

Test(mount, access_needs_use_of_pool_and_library)
{
	NTMS_GUID holders[2];

	their_media = fx_allocated("V00001L8");
	holders[0] = fx_library;
	holders[1] = fx_media(&their_media).media.pool;
	for (int i = 0; i < 2; i++) {
		struct fx_dump *before;

		fx_deny(&holders[!i], 0);
		fx_deny(&holders[i], NTMS_USE_ACCESS);
		before = fx_dump();
		must_be(fault_other_user(mount_theirs), ERROR_ACCESS_DENIED);
		fx_expect_unchanged(before);
	}
	for (int i = 0; i < 2; i++)
		fx_deny(&holders[i], NTMS_MODIFY_ACCESS | NTMS_CONTROL_ACCESS);
	must(fault_other_user(mount_theirs));
}

/* ---- labels and write protection ---- */

static void write_label(const char *barcode, const char *serial)
{
	char path[PATH_MAX], label[81];
	FILE *file;

	snprintf(label, sizeof(label), "VOL1%-6s%70s", serial, "");
	snprintf(path, sizeof(path), "%s/tapes/%s", fx_vlib, barcode);
	file = fopen(path, "w");
	cr_assert(file);
	cr_assert_eq(fwrite(label, 1, 80, file), 80);
	cr_assert_eq(fclose(file), 0);
}

/* The side of the cartridge with that bar code that is not offline. */
static struct object side_in_library(const char *barcode)
{
	NTMS_GUID list[16], side;
	DWORD count = 16, sides = 1;

	must(EnumerateNtmsObject(fx_session, &fx_library, list, &count, NTMS_PHYSICAL_MEDIA, 0));
	for (DWORD i = 0; i < count; i++) {
		if (strcmp(fx_get(&list[i], NTMS_PHYSICAL_MEDIA).media.barcode, barcode) != 0)
			continue;
		must(EnumerateNtmsObject(fx_session, &list[i], &side, &sides, NTMS_PARTITION, 0));
		return fx_get(&side, NTMS_PARTITION);
	}
	cr_assert(false, "%s is not in the library", barcode);
	return (struct object){0};
}

/* The error of the one mount that has failed, as a caller is told. */
static DWORD error_of_failed_mount(void)
{
	NTMS_GUID list[64];
	DWORD count = 64, error = ERROR_SUCCESS;

	must(EnumerateNtmsObject(fx_session, NULL, list, &count, NTMS_LIBREQUEST, 0));
	for (DWORD i = 0; i < count; i++) {
		NTMS_OBJECTINFORMATIONA info = {.dwSize = sizeof(info), .dwType = NTMS_LIBREQUEST};

		must(GetNtmsObjectInformationA(fx_session, &list[i], &info));
		if (info.Info.LibRequest.OperationCode != NTMS_LM_MOUNT ||
		    info.Info.LibRequest.State != NTMS_LM_FAILED)
			continue;
		cr_assert_eq(error, ERROR_SUCCESS, "two mounts have failed");
		error = info.Info.LibRequest.dwErrorCode;
	}
	return error;
}

Test(mount, another_label_than_the_recorded_one_is_an_invalid_state)
{
	NTMS_GUID media = fx_allocated("V00001L8"), old = fx_media(&media).guid, found;
	struct object side;

	write_label("V00001L8", "SPY001");
	must_be(fx_try_mount(fx_session, media, NULL, NTMS_MOUNT_READ, PATIENCE_MS),
		ERROR_INVALID_STATE);
	cr_assert_neq(strstr(RsmLastMessage(), "label"), NULL, "%s", RsmLastMessage());
	cr_assert_eq(error_of_failed_mount(), 4334);
	/* It goes home and is looked at again there: by this label it is another cartridge. */
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	must_be(RsmFindObject(fx_session, "V00001L8", NTMS_PHYSICAL_MEDIA, &found),
		ERROR_INVALID_NAME);
	cr_assert_neq(strstr(RsmLastMessage(), "2 objects"), NULL, "%s", RsmLastMessage());
	side = side_in_library("V00001L8");
	cr_assert(!guid_equal(&side.side.media, &old));
	cr_assert_eq(fx_media(&side.guid).media.location_type, NTMS_STORAGESLOT);
	cr_assert_eq(side.side.state, NTMS_PARTSTATE_IMPORT);
	cr_assert_str_eq(side.side.label_type, "ANSI VOL1");
	/* What was allocated is not forgotten; it is nowhere. */
	cr_assert_eq(fx_side(&media).side.state, NTMS_PARTSTATE_ALLOCATED);
	must_be(fx_try_mount(fx_session, media, NULL, NTMS_MOUNT_READ | NTMS_MOUNT_ERROR_OFFLINE,
			     PATIENCE_MS),
		ERROR_MEDIA_OFFLINE);
}

Test(mount, the_label_that_its_owner_has_announced_is_the_right_one)
{
	NTMS_GUID media = fx_allocated("V00001L8");
	char label[81];

	snprintf(label, sizeof(label), "VOL1%-6s%70s", "MINE01", "");
	fx_mount(media);
	write_label("V00001L8", "MINE01");
	must(UpdateNtmsOmidInfo(fx_session, &media, NTMS_OMID_TYPE_RAW_LABEL, 80, label));
	fx_dismount(media, 0);
	fx_mount(media);
}

Test(mount, a_write_protected_cartridge_can_be_read_only)
{
	NTMS_GUID media = fx_allocated("V00001L8");
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/tapes/V00001L8", fx_vlib);
	cr_assert_eq(chmod(path, 0444), 0);
	must_be(fx_try_mount(fx_session, media, NULL, NTMS_MOUNT_READ | NTMS_MOUNT_WRITE,
			     PATIENCE_MS),
		ERROR_WRITE_PROTECT);
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	fx_expect_home("V00001L8");
	must(fx_try_mount(fx_session, media, NULL, NTMS_MOUNT_READ, PATIENCE_MS));
}

Test(mount, a_complete_medium_can_be_read_only)
{
	NTMS_GUID media = fx_allocated("V00001L8");

	must(SetNtmsMediaComplete(fx_session, &media));
	refused(fx_try_mount(fx_session, media, NULL, NTMS_MOUNT_WRITE, PATIENCE_MS),
		ERROR_WRITE_PROTECT);
	must(fx_try_mount(fx_session, media, NULL, NTMS_MOUNT_READ, PATIENCE_MS));
}

/* ---- trouble with the library ---- */

Test(mount, a_jammed_robot_is_an_invalid_state)
{
	NTMS_GUID media = fx_allocated("V00001L8");

	fx_fault("jammed");
	must_be(fx_try_mount(fx_session, media, NULL, NTMS_MOUNT_READ, PATIENCE_MS),
		ERROR_INVALID_STATE);
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	fx_expect_home("V00001L8");
	fx_no_fault("jammed");
	fx_mount(media);
}

Test(mount, without_a_drive_it_waits_for_one, .init = one_drive)
{
	NTMS_GUID media = fx_allocated("V00001L8");

	fx_fault("drives/0/absent");
	fx_expect_waits(media, NULL, 0, "none is present");
	cr_assert_eq(fx_drive(0).opstate, NTMS_NOT_PRESENT);
	fx_expect_home("V00001L8");
	fx_no_fault("drives/0/absent");
	fx_mount(media);
	cr_assert_eq(fx_drive(0).opstate, NTMS_READY);
}

/* As if the drive was pulled out right before the hand-over. */
static bool goes_before_hand_over;

int __real_broker_transfer(struct broker_hold *hold, const NTMS_GUID *token, uint64_t *generation);
int __wrap_broker_transfer(struct broker_hold *hold, const NTMS_GUID *token, uint64_t *generation);

int __wrap_broker_transfer(struct broker_hold *hold, const NTMS_GUID *token, uint64_t *generation)
{
	if (!goes_before_hand_over)
		return __real_broker_transfer(hold, token, generation);
	goes_before_hand_over = false;
	return ntms_say_errno(-ENODEV, "the drive went away");
}

/* That is no reason to call the caller gone. */
Test(mount, fails_when_the_drive_is_unplugged_before_the_caller_has_it)
{
	NTMS_GUID media = fx_allocated("V00001L8"), drive;

	goes_before_hand_over = true;
	must_be(fx_try_mount(fx_session, media, &drive, NTMS_MOUNT_READ, PATIENCE_MS),
		ERROR_INVALID_STATE);
	cr_assert_neq(strstr(RsmLastMessage(), "went away"), NULL, "%s", RsmLastMessage());
	cr_assert_eq(fx_requests(NTMS_LM_MOUNT, NTMS_LM_FAILED), 1);
	fx_mount(media);
}

Test(mount, ends_when_the_drive_is_unplugged)
{
	NTMS_GUID media = fx_allocated("V00001L8"), drive = fx_mount(media);
	char absent[64];

	snprintf(absent, sizeof(absent), "drives/%u/absent",
		 fx_get(&drive, NTMS_DRIVE).device.number);
	fx_fault(absent);
	must(RsmWaitForMountsEnd(fx_session, -1));
	fx_no_fault(absent);
	fx_mount(media);
}

/* ---- the end of a session ---- */

Test(mount, closing_the_session_dismounts_deferred)
{
	NTMS_GUID media = fx_allocated("V00001L8");
	HANDLE other = fx_open();
	NTMS_GUID drive = fx_mount_by(other, media);

	fx_close(&other);
	cr_assert(!fx_is_held(&drive));
	cr_assert_eq(fx_get(&drive, NTMS_DRIVE).device.state, NTMS_DRIVESTATE_DISMOUNTABLE);
	cr_assert_eq(fx_media(&media).media.state, NTMS_MEDIASTATE_IDLE);
	cr_assert_eq(fx_where("V00001L8"), fx_element_of_drive(&drive));
	cr_assert_eq(fx_side(&media).side.state, NTMS_PARTSTATE_ALLOCATED);
}

Test(mount, closing_the_session_cancels_who_waits, .init = one_drive)
{
	NTMS_GUID first = fx_allocated("V00001L8"), second = fx_allocated("V00002L8");
	HANDLE other = fx_open();
	struct mounting waiting = {0};

	fx_mount(first);
	start_mount(&waiting, other, second);
	fx_wait_until(one_waits);
	fx_close(&other);
	join_mount(&waiting, ERROR_CANCELLED);
	fx_wait_until(none_is_left);
	fx_expect_home("V00002L8");
}

static bool inventoried(void)
{
	return fx_requests(NTMS_LM_INVENTORY, NTMS_LM_PASSED) > 0;
}

/* It was seen in the robot's hand, somebody has put it back into a slot. */
Test(mount, found_again_after_it_was_in_the_robots_hand)
{
	NTMS_GUID medium = fx_allocated("V00001L8");
	struct object cartridge = fx_media(&medium);

	cr_assert_eq(fx_requests(NTMS_LM_INVENTORY, NTMS_LM_PASSED), 0);
	cartridge.media.state = NTMS_MEDIASTATE_OPERROR;
	memset(&cartridge.media.location, 0, sizeof(cartridge.media.location));
	fx_put(&cartridge);
	must(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_FAST));
	fx_wait_until(inventoried);
	fx_expect_home("V00001L8");
	cr_assert_eq(fx_media(&medium).media.state, NTMS_MEDIASTATE_IDLE);
	fx_mount(medium);
	fx_dismount(medium, NTMS_DISMOUNT_IMMEDIATE);
}

/* ---- its request is deleted ---- */

static NTMS_GUID slow_media;
static const struct child *slow_parent;

/* Its first word is told, and the caller sleeps then: the worker of its process goes on. */
static void tell_and_sleep(void *context, const RSM_PROGRESS *progress)
{
	bool *told = context;

	(void)progress;
	if (*told)
		return;
	*told = true;
	say_byte(slow_parent, 'p');
	hear_byte(slow_parent);
}

static int mount_slowly(const struct child *parent)
{
	HANDLE session = OpenNtmsSessionA(NULL, "slow", 0);
	bool told = false;
	NTMS_GUID drive;

	slow_parent = parent;
	child_must(RsmSetProgress(session, tell_and_sleep, &told));
	child_must(fx_try_mount(session, slow_media, &drive, NTMS_MOUNT_READ, PATIENCE_MS));
	if (write(parent->to, &drive, sizeof(drive)) != sizeof(drive))
		return 1;
	hear_byte(parent);
	return 0;
}

static bool it_has_passed(void)
{
	return fx_requests(NTMS_LM_MOUNT, NTMS_LM_PASSED) == 1;
}

Test(mount, who_has_it_learns_of_it_though_the_request_is_deleted)
{
	NTMS_GUID requests[64], drive;
	struct child child;
	DWORD count = 64;

	slow_media = fx_allocated("V00001L8");
	fx_slow_robot(AN_HOUR_MS);
	child = start_child(mount_slowly);
	cr_assert_eq(child_byte(&child), 'p');
	/* What is under way is hurried, too. */
	fx_slow_robot(0);
	fx_wait_until(it_has_passed);
	must(EnumerateNtmsObject(fx_session, NULL, requests, &count, NTMS_LIBREQUEST, 0));
	must(DeleteNtmsRequests(fx_session, requests, NTMS_LIBREQUEST, count));
	tell_child(&child, 'g');
	cr_assert_eq(read(child.from, &drive, sizeof(drive)), (ssize_t)sizeof(drive),
		     "the mount has failed");
	cr_assert(fx_is_held(&drive));
	cr_assert_eq(fx_where("V00001L8"), fx_element_of_drive(&drive));
	tell_child(&child, 'g');
	join_child(&child);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test-mount-kill.c - processes that are killed with a mount, or at any step of one
 *
 * Whatever is killed: the drive and the cartridge are the next caller's, without a person, and what
 * was written is there.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include "base/guid.h"
#include "fixture.h"

TestSuite(mount_kill, .timeout = 180, .init = fx_setup, .fini = fx_teardown);

static NTMS_GUID media;
static NTMS_GUID *drive; /* shared with children */

static void *share_page(void)
{
	void *page = mmap(NULL, sizeof(NTMS_GUID), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	cr_assert_neq(page, MAP_FAILED);
	return page;
}

static HANDLE child_session(void)
{
	HANDLE session = OpenNtmsSessionA(NULL, "to be killed", 0);

	if (session == INVALID_HANDLE_VALUE)
		_exit(97);
	return session;
}

/* Mounts and stays. */
static int hold(const struct child *parent)
{
	HANDLE session = child_session();

	child_must(fx_try_mount(session, media, drive, NTMS_MOUNT_READ | NTMS_MOUNT_WRITE,
				PATIENCE_MS));
	say_byte(parent, 'm');
	hear_byte(parent);
	return 1;
}

static struct child start_holder(void)
{
	struct child child;

	drive = share_page();
	child = start_child(hold);
	cr_assert_eq(child_byte(&child), 'm');
	return child;
}

/* ---- with a mount ---- */

Test(mount_kill, the_holders_death_ends_its_reservation)
{
	struct child child;

	media = fx_allocated("V00001L8");
	child = start_holder();
	cr_assert(fx_is_held(drive));
	kill_child(&child);
	cr_assert(!fx_is_held(drive));
}

Test(mount_kill, the_next_caller_gets_the_medium_with_what_was_written)
{
	struct child child;

	media = fx_allocated("V00001L8");
	child = start_holder();
	fx_write_tape(fx_node(*drive), "the last words");
	kill_child(&child);
	*drive = fx_mount(media);
	fx_expect_tape(fx_node(*drive), "the last words");
	fx_dismount(media, 0);
	fx_expect_home("V00001L8");
}

static void one_drive(void)
{
	fx_make_directories(1, 6, 4);
	fx_open_library();
}

Test(mount_kill, the_next_caller_gets_the_drive_for_another_medium, .init = one_drive)
{
	NTMS_GUID second;
	struct child child;

	media = fx_allocated("V00001L8");
	second = fx_allocated("V00002L8");
	child = start_holder();
	kill_child(&child);
	fx_mount(second);
	fx_expect_home("V00001L8");
}

Test(mount_kill, who_waits_already_gets_it)
{
	struct child first, second;

	media = fx_allocated("V00001L8");
	first = start_holder();
	second = start_child(hold);
	kill_child(&first);
	cr_assert_eq(child_byte(&second), 'm');
	cr_assert(fx_is_held(drive));
	kill_child(&second);
}

/* In memory that is shared: its own process may be the one that carries out the dismount. */
static _Atomic pid_t *dies_when_revoked, *dies_when_reserved;

int __real_broker_reserve(struct broker_lease *lease, uint32_t drive, const NTMS_GUID *medium,
			  unsigned int flags, uint64_t generation, struct broker_hold **holdp);
int __wrap_broker_reserve(struct broker_lease *lease, uint32_t drive, const NTMS_GUID *medium,
			  unsigned int flags, uint64_t generation, struct broker_hold **holdp);

int __wrap_broker_reserve(struct broker_lease *lease, uint32_t drive, const NTMS_GUID *medium,
			  unsigned int flags, uint64_t generation, struct broker_hold **holdp)
{
	pid_t pid = 0;
	siginfo_t info;

	if (dies_when_revoked && flags & BROKER_REVOKE)
		pid = atomic_exchange(dies_when_revoked, 0);
	if (dies_when_reserved && !guid_is_null(medium))
		pid = atomic_exchange(dies_when_reserved, 0);
	if (pid) {
		kill(pid, SIGKILL);
		waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
	}
	return __real_broker_reserve(lease, drive, medium, flags, generation, holdp);
}

Test(mount_kill, who_dies_while_it_is_taken_from_him)
{
	struct child child;

	media = fx_allocated("V00001L8");
	dies_when_revoked = share_page();
	child = start_holder();
	*dies_when_revoked = child.pid;
	fx_dismount(media, 0);
	cr_assert_eq(*dies_when_revoked, 0);
	kill_child(&child);
	fx_expect_home("V00001L8");
}

static bool is_dismounted(void)
{
	return fx_get(drive, NTMS_DRIVE).device.state != NTMS_DRIVESTATE_LOADED;
}

/* Nothing is queued, and nobody asks: who serves the library puts right what the dead has left. */
Test(mount_kill, a_library_that_is_served_is_put_right)
{
	struct child child;

	media = fx_allocated("V00001L8");
	must(RsmServeLibrary(fx_session, &fx_library, TRUE));
	child = start_holder();
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	cr_assert(!is_dismounted());
	kill_child(&child);
	fx_wait_until(is_dismounted);
	cr_assert_eq(fx_media(&media).media.state, NTMS_MEDIASTATE_IDLE);
}

/* The turn has put right what was to be by then, and hears of no other death after it. */
Test(mount_kill, who_dies_in_the_middle_of_a_turn)
{
	struct child child;
	NTMS_GUID other;

	media = fx_allocated("V00001L8");
	other = fx_allocated("V00002L8");
	must(RsmServeLibrary(fx_session, &fx_library, TRUE));
	dies_when_reserved = share_page();
	child = start_holder();
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	*dies_when_reserved = child.pid;
	fx_mount(other);
	cr_assert_eq(*dies_when_reserved, 0);
	kill_child(&child);
	fx_wait_until(is_dismounted);
	cr_assert_eq(fx_media(&media).media.state, NTMS_MEDIASTATE_IDLE);
}

Test(mount_kill, many_holders_die_one_after_the_other)
{
	media = fx_allocated("V00001L8");
	for (int i = 0; i < 8; i++) {
		struct child child = start_holder();

		kill_child(&child);
	}
	*drive = fx_mount(media);
	cr_assert(fx_is_held(drive));
}

/* A label that nobody was told of: it was written under the one reservation that allows it. */
Test(mount_kill, the_label_a_dead_holder_wrote_is_the_mediums)
{
	struct child child;
	char label[81];
	FILE *file;

	snprintf(label, sizeof(label), "VOL1%-6s%70s", "DEAD01", "");
	media = fx_allocated("V00001L8");
	child = start_holder();
	file = fopen(fx_node(*drive), "r+");
	cr_assert(file);
	cr_assert_eq(fwrite(label, 1, 80, file), 80);
	cr_assert_eq(fclose(file), 0);
	kill_child(&child);
	fx_mount(media);
	cr_assert_str_eq(fx_side(&media).side.label_type, "ANSI VOL1");
}

Test(mount_kill, a_dead_waiter_is_forgotten)
{
	NTMS_GUID other;
	struct child child;

	media = fx_allocated("V00001L8");
	other = fx_mount(media);
	drive = share_page();
	child = start_child(hold);
	kill_child(&child);
	must(DismountNtmsMedia(fx_session, &media, 1, 0));
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	fx_expect_home("V00001L8");
	cr_assert(!fx_is_held(&other));
}

/* ---- at every step ---- */

static int steps_left;

static void die_some_time(void *context, const RSM_PROGRESS *progress)
{
	(void)context;
	(void)progress;
	if (steps_left-- == 0)
		raise(SIGKILL);
}

/* Runs @work in a child that dies at its @step-th step; false when it has fewer. */
static bool killed_at(int step, int (*work)(const struct child *parent))
{
	struct child child;
	int status;

	steps_left = step;
	child = start_child(work);
	status = end_child(&child);
	if (WIFEXITED(status)) {
		cr_assert_eq(WEXITSTATUS(status), 0, "step %d: exit status %d", step,
			     WEXITSTATUS(status));
		return false;
	}
	cr_assert_eq(WTERMSIG(status), SIGKILL);
	return true;
}

static HANDLE doomed_session(void)
{
	HANDLE session = child_session();

	child_must(RsmSetProgress(session, die_some_time, NULL));
	return session;
}

static int mount_and_die(const struct child *parent)
{
	(void)parent;
	child_must(fx_try_mount(doomed_session(), media, drive, NTMS_MOUNT_READ, PATIENCE_MS));
	return 0;
}

Test(mount_kill, at_every_step_of_a_mount)
{
	int step = 0;

	media = fx_allocated("V00001L8");
	drive = share_page();
	fx_slow_robot(100);
	while (killed_at(step, mount_and_die)) {
		*drive = fx_mount(media);
		cr_assert(fx_is_held(drive));
		fx_dismount(media, 0);
		fx_expect_home("V00001L8");
		step++;
	}
	cr_assert_gt(step, 0);
}

static int dismount_and_die(const struct child *parent)
{
	HANDLE session = doomed_session();

	(void)parent;
	child_must(DismountNtmsMedia(session, &media, 1, 0));
	child_must(RsmWaitForMedia(session, &media, PATIENCE_MS));
	return 0;
}

Test(mount_kill, at_every_step_of_a_dismount)
{
	int step = 0;

	media = fx_allocated("V00001L8");
	fx_slow_robot(100);
	do {
		fx_mount(media);
		if (!killed_at(step, dismount_and_die))
			break;
		/* What was queued is done by whoever comes next. */
		fx_settle(media);
		fx_expect_home("V00001L8");
		step++;
	} while (true);
	cr_assert_gt(step, 0);
}

static NTMS_GUID free_pool;

static int free_and_die(const struct child *parent)
{
	HANDLE session = doomed_session();

	(void)parent;
	child_must(MoveToNtmsMediaPool(session, &media, &free_pool));
	child_must(RsmWaitForMedia(session, &media, PATIENCE_MS));
	return 0;
}

/* From nothing to a free label on the tape, which is then the one on record. */
static void expect_free(const char *barcode)
{
	NTMS_GUID side = fx_find(barcode, NTMS_PARTITION);

	fx_settle(media);
	cr_assert_eq(fx_get(&side, NTMS_PARTITION).side.state, NTMS_PARTSTATE_AVAILABLE);
	/* Killed on its way home it may still be in the drive, dismountable. */
	cr_assert_eq(fx_get(&media, NTMS_PHYSICAL_MEDIA).media.state, NTMS_MEDIASTATE_IDLE);
	fx_mount(side);
	fx_dismount(side, 0);
	fx_expect_home(barcode);
}

Test(mount_kill, at_every_step_of_writing_a_free_label)
{
	int step = 0;

	media = fx_free_cartridge("V00001L8");
	free_pool = fx_get(&media, NTMS_PHYSICAL_MEDIA).media.pool;
	fx_slow_robot(100);
	for (;; step++) {
		struct object record = fx_get(&media, NTMS_PHYSICAL_MEDIA);
		struct object side;
		NTMS_GUID guid = fx_find("V00001L8", NTMS_PARTITION);

		/* As it was before: unrecognized, in another pool. */
		side = fx_get(&guid, NTMS_PARTITION);
		side.side.state = NTMS_PARTSTATE_FOREIGN;
		side.side.pool = fx_library;
		fx_put(&side);
		record.media.pool = fx_find("Unrecognized", NTMS_MEDIA_POOL);
		fx_put(&record);
		if (!killed_at(step, free_and_die))
			break;
		expect_free("V00001L8");
	}
	expect_free("V00001L8");
	cr_assert_gt(step, 0);
}

/* ---- in the middle of a robot's move ---- */

static bool robot_moves(void)
{
	NTMS_GUID list[64];
	DWORD count = 64;

	must(EnumerateNtmsObject(fx_session, &fx_library, list, &count, NTMS_LIBREQUEST, 0));
	for (DWORD i = 0; i < count; i++)
		if (fx_get(&list[i], NTMS_LIBREQUEST).librequest.move == OBJ_MOVE_INTENDED)
			return true;
	return false;
}

Test(mount_kill, in_the_middle_of_a_move)
{
	media = fx_allocated("V00001L8");
	drive = share_page();
	for (int i = 0; i < 3; i++) {
		struct child child;

		/* Once it ends before the next executor looks, and once it does not. */
		fx_slow_robot(i ? 400 : 100);
		child = start_child(hold);
		fx_wait_until(robot_moves);
		kill_child(&child);
		fx_slow_robot(0);
		*drive = fx_mount(media);
		cr_assert_eq(fx_where("V00001L8"), fx_element_of_drive(drive));
		cr_assert(!robot_moves());
		fx_dismount(media, 0);
		fx_expect_home("V00001L8");
	}
}

Test(mount_kill, in_the_middle_of_a_move_and_nobody_asks_for_it_again)
{
	NTMS_GUID other;
	struct child child;

	media = fx_allocated("V00001L8");
	other = fx_allocated("V00002L8");
	drive = share_page();
	fx_slow_robot(300);
	child = start_child(hold);
	fx_wait_until(robot_moves);
	kill_child(&child);
	fx_mount(other);
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	cr_assert(!robot_moves());
	cr_assert_eq(fx_media(&media).media.state, NTMS_MEDIASTATE_IDLE);
	cr_assert_neq(fx_where("V00001L8"), 0);
	fx_dismount(other, 0);
	fx_mount(media);
	cr_assert_eq(fx_media(&media).media.state, NTMS_MEDIASTATE_LOADED);
}

/* ---- a library that cannot be asked ---- */

static void move_state(const char *from, const char *to)
{
	char old[sizeof(fx_vlib) + 16], new[sizeof(fx_vlib) + 16];

	snprintf(old, sizeof(old), "%s/%s", fx_vlib, from);
	snprintf(new, sizeof(new), "%s/%s", fx_vlib, to);
	cr_assert_eq(rename(old, new), 0, "%s: %m", old);
}

Test(mount_kill, a_move_that_cannot_be_settled_stays_open_until_it_can)
{
	media = fx_allocated("V00001L8");
	drive = share_page();
	*drive = fx_mount(media);
	fx_slow_robot(AN_HOUR_MS);
	must(DismountNtmsMedia(fx_session, &media, 1, 0));
	fx_wait_until(robot_moves);
	/* Neither the move nor the question where the cartridge is gets an answer. */
	move_state("state", "away");
	fx_slow_robot(0);
	must_be(RsmWaitForMedia(fx_session, &media, 2000), ERROR_TIMEOUT);
	cr_assert(robot_moves(),
		  "the intent is closed, though nobody knows where the cartridge is");
	move_state("away", "state");
	must(RsmWaitForMedia(fx_session, &media, PATIENCE_MS));
	cr_assert(!robot_moves());
	fx_expect_home("V00001L8");
	fx_mount(media);
	cr_assert_eq(fx_media(&media).media.state, NTMS_MEDIASTATE_LOADED);
}

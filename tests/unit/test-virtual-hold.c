/* SPDX-License-Identifier: GPL-2.0-only */
/* Reservations and the lease on the virtual library: the rules of rsm.ko, kept without it. */
#include "test-virtual.h"
#include <sys/file.h>
#include <sys/resource.h>
#include "base/clock.h"
#include "broker/virtual-impl.h"

TestSuite(virtual_hold, .timeout = 120, .init = setup, .fini = teardown);

static const NTMS_GUID none;
static const NTMS_GUID medium_a = {1, 2, 3, {4}};
static const NTMS_GUID medium_b = {2, 2, 3, {4}};
static const NTMS_GUID token = {7, 7, 7, {7}};

static struct broker_hold *reserve(struct broker_lease *lease, uint32_t drive,
				   const NTMS_GUID *medium, unsigned int flags)
{
	struct broker_hold *hold;

	expect_is(broker_reserve(lease, drive, medium, flags, 0, &hold), 0);
	cr_assert(hold);
	return hold;
}

static uint64_t generation_of(struct broker_hold *hold)
{
	enum broker_hold_state state;
	uint64_t generation = 0;

	expect_is(broker_hold_state(hold, &state, &generation), 0);
	cr_assert_eq(state, HOLD_HELD);
	cr_assert_neq(generation, 0);
	return generation;
}

static enum broker_hold_state state_of(struct broker_hold *hold)
{
	enum broker_hold_state state;

	expect_is(broker_hold_state(hold, &state, NULL), 0);
	return state;
}

/* The only one; .state is HOLDER_NONE when nothing is held. */
static struct broker_holder holder(struct broker *broker)
{
	struct broker_holder *list, found = {0};
	size_t count;

	expect_is(broker_holders(broker, &list, &count), 0);
	cr_assert_leq(count, 1);
	if (count)
		found = list[0];
	free(list);
	return found;
}

static bool holds_medium(struct broker *broker, const NTMS_GUID *medium)
{
	struct broker_holder found = holder(broker);

	return guid_equal(&found.medium, medium);
}

/* ---- one process ---- */

Test(virtual_hold, a_drive_has_one_holder)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);
	struct broker_hold *hold = reserve(lease, DRIVE0, &medium_a, 0);
	struct broker_hold *other;

	expect_is(broker_reserve(lease, DRIVE0, &medium_b, 0, 0, &other), -EBUSY);
	cr_assert_null(other);
	expect_is(broker_reserve(lease, DRIVE0, &none, BROKER_RECOVER, 0, &other), -EBUSY);
	broker_release(hold);
	broker_release(reserve(lease, DRIVE0, &medium_b, 0));
	broker_lease_give(lease);
	broker_close(broker);
}

Test(virtual_hold, a_medium_has_one_holder)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);
	struct broker_hold *hold = reserve(lease, DRIVE0, &medium_a, 0);
	struct broker_hold *other;

	expect_is(broker_reserve(lease, DRIVE1, &medium_a, 0, 0, &other), -EBUSY);
	other = reserve(lease, DRIVE1, &medium_b, 0);
	broker_release(other);
	broker_release(hold);
	/* No medium is no medium in two drives, too. */
	hold = reserve(lease, DRIVE0, &none, 0);
	other = reserve(lease, DRIVE1, &none, 0);
	broker_release(other);
	broker_release(hold);
	broker_lease_give(lease);
	broker_close(broker);
}

Test(virtual_hold, tells_who_holds_what)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);
	struct broker_hold *hold;
	struct broker_holder found;

	cr_assert_eq(holder(broker).state, HOLDER_NONE);
	hold = reserve(lease, DRIVE1, &medium_a, 0);
	found = holder(broker);
	cr_assert_eq(found.state, HOLDER_HELD);
	cr_assert_eq(found.drive, DRIVE1);
	cr_assert_eq(found.pid, getpid());
	cr_assert_eq(found.uid, geteuid());
	cr_assert_eq(found.generation, generation_of(hold));
	cr_assert(guid_equal(&found.medium, &medium_a));
	cr_assert_neq(found.command[0], '\0');
	cr_assert_gt(found.since_ms, 1500000000000ULL);
	cr_assert(!found.loaded);
	expect_is(broker_mark(hold, true), 0);
	cr_assert(holder(broker).loaded);
	expect_is(broker_mark(hold, false), 0);
	broker_release(hold);
	cr_assert_eq(holder(broker).state, HOLDER_NONE);
	broker_lease_give(lease);
	broker_close(broker);
}

Test(virtual_hold, released_while_loaded_is_orphaned)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);
	struct broker_hold *hold = reserve(lease, DRIVE0, &medium_a, 0);
	struct broker_hold *other;

	expect_is(broker_mark(hold, true), 0);
	broker_release(hold);
	cr_assert_eq(holder(broker).state, HOLDER_ORPHANED);
	cr_assert_eq(holder(broker).pid, getpid());
	expect_is(broker_reserve(lease, DRIVE0, &medium_a, 0, 0, &other), -EOWNERDEAD);
	expect_is(broker_reserve(lease, DRIVE1, &medium_a, 0, 0, &other), -EOWNERDEAD);
	/* Who recovers it has it as loaded as it was, until it says otherwise. */
	hold = reserve(lease, DRIVE0, &none, BROKER_RECOVER);
	cr_assert(holder(broker).loaded);
	cr_assert(holds_medium(broker, &medium_a));
	broker_release(hold);
	cr_assert_eq(holder(broker).state, HOLDER_ORPHANED);
	hold = reserve(lease, DRIVE0, &medium_a, BROKER_RECOVER);
	expect_is(broker_mark(hold, false), 0);
	broker_release(hold);
	cr_assert_eq(holder(broker).state, HOLDER_NONE);
	broker_release(reserve(lease, DRIVE0, &none, BROKER_RECOVER));
	broker_lease_give(lease);
	broker_close(broker);
}

Test(virtual_hold, a_recovered_medium_leaves_its_drive_orphaned)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);
	struct broker_hold *hold = reserve(lease, DRIVE0, &medium_a, 0);
	struct broker_holder *list;
	size_t count;

	expect_is(broker_mark(hold, true), 0);
	broker_release(hold);
	hold = reserve(lease, DRIVE1, &medium_a, BROKER_RECOVER);
	expect_is(broker_holders(broker, &list, &count), 0);
	cr_assert_eq(count, 2);
	for (size_t i = 0; i < count; i++) {
		bool mine = list[i].drive == DRIVE1;

		cr_assert_eq(list[i].state, mine ? HOLDER_HELD : HOLDER_ORPHANED);
		cr_assert_eq(guid_is_null(&list[i].medium), !mine);
		cr_assert_eq(list[i].loaded, !mine);
	}
	free(list);
	broker_release(hold);
	broker_lease_give(lease);
	broker_close(broker);
}

Test(virtual_hold, taking_over_needs_the_drive_assigned)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);
	struct broker_hold *hold = reserve(lease, DRIVE0, &medium_a, 0);
	struct broker_hold *other;
	uint64_t generation = generation_of(hold);

	expect_is(broker_unassign(lease, DRIVE0), 0);
	expect_is(broker_unassign(lease, DRIVE0), 0);
	expect_is(broker_reserve(lease, DRIVE0, &none, BROKER_REVOKE, generation, &other), -EPERM);
	expect_is(broker_mark(hold, true), 0);
	broker_release(hold);
	expect_is(broker_reserve(lease, DRIVE0, &none, BROKER_RECOVER, 0, &other), -EPERM);
	expect_is(broker_reserve(lease, DRIVE1, &medium_a, BROKER_RECOVER, 0, &other), -EOWNERDEAD);
	expect_is(broker_assign(lease, DRIVE0), 0);
	expect_is(broker_assign(lease, DRIVE0), 0);
	hold = reserve(lease, DRIVE0, &none, BROKER_RECOVER);
	expect_is(broker_mark(hold, false), 0);
	broker_release(hold);
	expect_is(broker_assign(lease, 1), -ENODEV);
	expect_is(broker_assign(lease, 4), -ENODEV);
	broker_lease_give(lease);
	broker_close(broker);
}

Test(virtual_hold, revoking_names_the_reservation_meant)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);
	struct broker_hold *other, *hold;
	uint64_t generation, ignored;

	expect_is(broker_reserve(lease, DRIVE0, &none, BROKER_REVOKE, 5, &other), -ENOENT);
	hold = reserve(lease, DRIVE0, &medium_a, 0);
	generation = generation_of(hold);
	expect_is(broker_mark(hold, true), 0);
	expect_is(broker_reserve(lease, DRIVE0, &none, BROKER_REVOKE, generation + 1, &other),
		  -ESTALE);
	expect_is(broker_reserve(lease, DRIVE0, &none, BROKER_REVOKE, 0, &other), -ESTALE);
	cr_assert_eq(generation_of(hold), generation);
	expect_is(broker_reserve(lease, DRIVE0, &none, BROKER_REVOKE, generation, &other), 0);
	cr_assert_eq(state_of(hold), HOLD_ENDED);
	expect_is(broker_mark(hold, false), -ESTALE);
	expect_is(broker_transfer(hold, &token, &ignored), -ESTALE);
	cr_assert_gt(generation_of(other), generation);
	cr_assert(holder(broker).loaded, "as loaded as before");
	cr_assert(holds_medium(broker, &medium_a));
	broker_release(hold);
	cr_assert_eq(holder(broker).state, HOLDER_HELD, "the stale one takes nothing with it");
	broker_release(other);
	/* An orphan's number is good for revoking only with the right to recover. */
	generation = holder(broker).generation;
	expect_is(broker_reserve(lease, DRIVE0, &none, BROKER_REVOKE, generation, &other), -ENOENT);
	expect_is(broker_reserve(lease, DRIVE0, &none, BROKER_REVOKE | BROKER_RECOVER, generation,
				 &other),
		  0);
	expect_is(broker_mark(other, false), 0);
	broker_release(other);
	broker_lease_give(lease);
	broker_close(broker);
}

Test(virtual_hold, nonsense_is_refused)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);
	struct broker_hold *hold, *other;
	uint64_t generation;

	expect_is(broker_reserve(lease, DRIVE0, &none, 1, 0, &hold), -EINVAL);
	expect_is(broker_reserve(lease, DRIVE0, &none, 8, 0, &hold), -EINVAL);
	expect_is(broker_reserve(lease, DRIVE0, &none, 0, 1, &hold), -EINVAL);
	expect_is(broker_reserve(lease, CHANGER, &none, 0, 0, &hold), -ENODEV);
	expect_is(broker_reserve(lease, DRIVE1 + 1, &none, 0, 0, &hold), -ENODEV);
	expect_is(broker_expect(broker, &none, &hold), -EINVAL);
	cr_assert_null(hold);
	expect_is(broker_expect(broker, &token, &hold), 0);
	expect_is(broker_expect(broker, &token, &other), -EEXIST);
	expect_is(broker_mark(hold, true), -EBADFD);
	expect_is(broker_transfer(hold, &token, &generation), -EBADFD);
	broker_release(hold);
	hold = reserve(lease, DRIVE0, &none, 0);
	expect_is(broker_transfer(hold, &none, &generation), -EINVAL);
	broker_release(hold);
	cr_assert_eq(holder(broker).state, HOLDER_NONE);
	broker_lease_give(lease);
	broker_close(broker);
}

Test(virtual_hold, a_token_nobody_expects_leaves_the_hold_alone)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);
	struct broker_hold *hold = reserve(lease, DRIVE0, &medium_a, 0);
	struct broker_hold *pending;
	uint64_t before = generation_of(hold), generation = 0;

	expect_is(broker_expected(broker, &token), 0);
	expect_is(broker_transfer(hold, &token, &generation), -ENOENT);
	cr_assert_eq(generation_of(hold), before);
	expect_is(broker_expect(broker, &token, &pending), 0);
	expect_is(broker_expected(broker, &token), 1);
	cr_assert_eq(state_of(pending), HOLD_PENDING);
	expect_is(broker_mark(hold, true), 0);
	expect_is(broker_transfer(hold, &token, &generation), 0);
	expect_is(broker_expected(broker, &token), 0);
	cr_assert_eq(state_of(hold), HOLD_ENDED);
	cr_assert_eq(generation_of(pending), generation);
	cr_assert_gt(generation, before);
	cr_assert(holder(broker).loaded, "the mark goes along");
	broker_release(hold);
	expect_is(broker_mark(pending, false), 0);
	broker_release(pending);
	broker_lease_give(lease);
	broker_close(broker);
}

Test(virtual_hold, unplugging_ends_a_reservation)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);
	struct broker_hold *hold = reserve(lease, DRIVE0, &medium_a, 0);
	int fd = broker_hold_fd(hold);

	expect_is(broker_mark(hold, true), 0);
	cr_assert_eq(state_of(hold), HOLD_HELD);
	write_file("drives/0/absent", "", 0);
	expect_readable(fd);
	cr_assert_eq(state_of(hold), HOLD_ENDED);
	expect_is(broker_mark(hold, false), -ENODEV);
	cr_assert_eq(unlink(in_library("drives/0/absent")), 0);
	cr_assert_eq(state_of(hold), HOLD_ENDED, "and it does not come back with the drive");
	broker_release(hold);
	broker_release(reserve(lease, DRIVE0, &medium_a, 0));
	broker_lease_give(lease);
	broker_close(broker);
}

Test(virtual_hold, outlives_the_broker_it_came_from)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);
	struct broker_hold *hold = reserve(lease, DRIVE0, &medium_a, 0);

	broker_close(broker);
	generation_of(hold);
	broker_release(hold);
	broker_lease_give(lease);
}

Test(virtual_hold, is_gone_when_the_table_is_lost)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);
	struct broker_hold *hold = reserve(lease, DRIVE0, &medium_a, 0);
	struct broker_hold *other;
	uint64_t before = generation_of(hold);

	write_file("reservations", "", 0);
	cr_assert_eq(state_of(hold), HOLD_ENDED);
	expect_is(broker_reserve(lease, DRIVE0, &none, 0, 0, &other), -EPERM);
	expect_is(broker_move(lease, SLOT(0), BAY(0), false, 0), -EPERM);
	broker_release(hold);
	broker_lease_give(lease);
	lease = take_lease(broker);
	hold = reserve(lease, DRIVE0, &none, 0);
	cr_assert_gt(generation_of(hold), before, "no number comes back");
	broker_release(hold);
	broker_lease_give(lease);
	broker_close(broker);
}

/* ---- several processes ---- */

static int hold_unmarked(const struct child *parent)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);

	reserve(lease, DRIVE0, &medium_a, 0);
	broker_lease_give(lease);
	say_byte(parent, 'r');
	hear_byte(parent);
	return 0; /* without releasing anything */
}

static int hold_marked(const struct child *parent)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);

	if (broker_mark(reserve(lease, DRIVE0, &medium_a, 0), true) != 0)
		return 1;
	broker_lease_give(lease);
	say_byte(parent, 'r');
	hear_byte(parent);
	return 0;
}

Test(virtual_hold, death_frees_an_empty_drive)
{
	struct broker *broker = open_library();
	struct broker_lease *lease;
	struct broker_hold *hold;

	for (int by_signal = 0; by_signal < 2; by_signal++) {
		struct child child = start_child(hold_unmarked);

		cr_assert_eq(child_byte(&child), 'r');
		lease = take_lease(broker);
		expect_is(broker_reserve(lease, DRIVE0, &none, 0, 0, &hold), -EBUSY);
		cr_assert_eq(holder(broker).pid, child.pid);
		if (by_signal) {
			kill_child(&child);
		} else {
			cr_assert_eq(write(child.to, "x", 1), 1);
			cr_assert_eq(end_child(&child), 0);
		}
		broker_release(reserve(lease, DRIVE0, &none, 0));
		broker_lease_give(lease);
	}
	broker_close(broker);
}

Test(virtual_hold, death_orphans_a_loaded_drive)
{
	struct child child = start_child(hold_marked);
	struct broker *broker = open_library();
	struct broker_lease *lease;
	struct broker_hold *hold;
	struct broker_holder found;

	cr_assert_eq(child_byte(&child), 'r');
	kill_child(&child);
	found = holder(broker);
	cr_assert_eq(found.state, HOLDER_ORPHANED);
	cr_assert_eq(found.pid, child.pid);
	cr_assert(guid_equal(&found.medium, &medium_a));
	lease = take_lease(broker);
	expect_is(broker_reserve(lease, DRIVE0, &none, 0, 0, &hold), -EOWNERDEAD);
	hold = reserve(lease, DRIVE0, &none, BROKER_RECOVER);
	expect_is(broker_mark(hold, false), 0);
	broker_release(hold);
	broker_lease_give(lease);
	broker_close(broker);
}

static int expect_and_use(const struct child *parent)
{
	struct broker *broker = open_library();
	enum broker_hold_state state;
	struct broker_hold *hold;

	if (broker_expect(broker, &token, &hold) != 0)
		return 1;
	say_byte(parent, 'e');
	/* The descriptor wakes at once, too, if all has happened before. */
	do {
		struct pollfd ready = {.fd = broker_hold_fd(hold), .events = POLLIN};

		if (poll(&ready, 1, DEADLINE_MS) != 1 || broker_hold_state(hold, &state, NULL) != 0)
			return 2;
	} while (state == HOLD_PENDING);
	if (state != HOLD_HELD)
		return 3;
	say_byte(parent, 'h');
	hear_byte(parent);
	broker_release(hold);
	broker_close(broker);
	return 0;
}

Test(virtual_hold, goes_from_process_to_process)
{
	struct child child = start_child(expect_and_use);
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);
	struct broker_hold *hold = reserve(lease, DRIVE0, &medium_a, 0);
	struct broker_hold *other;
	uint64_t generation;

	cr_assert_eq(child_byte(&child), 'e');
	expect_is(broker_expected(broker, &token), 1);
	expect_is(broker_transfer(hold, &token, &generation), 0);
	broker_release(hold);
	cr_assert_eq(child_byte(&child), 'h');
	cr_assert_eq(holder(broker).pid, child.pid);
	cr_assert_eq(holder(broker).generation, generation);
	expect_is(broker_reserve(lease, DRIVE0, &none, 0, 0, &other), -EBUSY);
	cr_assert_eq(write(child.to, "x", 1), 1);
	cr_assert_eq(end_child(&child), 0);
	broker_release(reserve(lease, DRIVE0, &none, 0));
	broker_lease_give(lease);
	broker_close(broker);
}

Test(virtual_hold, a_dead_process_expects_nothing)
{
	struct child child = start_child(expect_and_use);
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);
	struct broker_hold *hold = reserve(lease, DRIVE0, &medium_a, 0);
	uint64_t generation;

	cr_assert_eq(child_byte(&child), 'e');
	expect_is(broker_expected(broker, &token), 1);
	kill_child(&child);
	expect_is(broker_expected(broker, &token), 0);
	expect_is(broker_transfer(hold, &token, &generation), -ENOENT);
	generation_of(hold);
	broker_release(hold);
	broker_lease_give(lease);
	broker_close(broker);
}

Test(virtual_hold, revoking_reaches_another_process)
{
	struct broker *broker = open_library();
	struct broker_lease *lease;
	struct broker_hold *hold;
	struct child child = start_child(hold_marked);

	cr_assert_eq(child_byte(&child), 'r');
	lease = take_lease(broker);
	expect_is(broker_reserve(lease, DRIVE0, &none, BROKER_REVOKE, holder(broker).generation,
				 &hold),
		  0);
	cr_assert_eq(holder(broker).pid, getpid());
	kill_child(&child);
	cr_assert_eq(holder(broker).pid, getpid(), "its death changes nothing any more");
	cr_assert_eq(state_of(hold), HOLD_HELD);
	expect_is(broker_mark(hold, false), 0);
	broker_release(hold);
	broker_lease_give(lease);
	broker_close(broker);
}

static int keep_lease(const struct child *parent)
{
	struct broker *broker = open_library();

	take_lease(broker);
	say_byte(parent, 'l');
	hear_byte(parent);
	return 0;
}

Test(virtual_hold, a_changer_has_one_executor)
{
	struct broker *broker = open_library();
	struct broker *second = open_library();
	struct broker_lease *lease, *other;
	struct child child;

	lease = take_lease(broker);
	expect_is(broker_lease_take(broker, CHANGER, &other), -EBUSY);
	expect_is(broker_lease_take(second, CHANGER, &other), -EBUSY);
	cr_assert_null(other);
	expect_is(broker_lease_take(second, DRIVE0, &other), -EPERM);
	broker_lease_give(lease);
	child = start_child(keep_lease);
	cr_assert_eq(child_byte(&child), 'l');
	expect_is(broker_lease_take(broker, CHANGER, &lease), -EBUSY);
	kill_child(&child);
	lease = take_lease(broker);
	broker_lease_give(lease);
	broker_close(second);
	broker_close(broker);
}

/* A child of the executor, forked while that had the lease. */
static int keep_what_was_inherited(const struct child *parent)
{
	say_byte(parent, 'f');
	hear_byte(parent);
	return 0;
}

/* Neither a table that cannot be read at this moment nor a child with its FIFO keeps a lease. */
Test(virtual_hold, a_lease_is_given_whatever_happens)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker), *other;
	struct child child = start_child(keep_what_was_inherited);
	char kept[64];

	snprintf(kept, sizeof(kept), "%s/kept", dir);
	cr_assert_eq(child_byte(&child), 'f');
	cr_assert_eq(rename(in_library("reservations"), kept), 0);
	write_file("reservations", "nonsense", 8);
	broker_lease_give(lease);
	cr_assert_eq(rename(kept, in_library("reservations")), 0);
	expect_is(broker_lease_take(broker, CHANGER, &other), 0);
	broker_lease_give(other);
	tell_child(&child, 'e');
	join_child(&child);
	broker_close(broker);
}

/* ---- the lock ---- */

static int sit_on_the_lock(const struct child *parent)
{
	struct broker *broker = open_library();

	say_byte(parent, 'b');
	for (;;) {
		if (broker_expected(broker, &token) < 0)
			return 1;
	}
}

Test(virtual_hold, killed_owners_of_the_lock_stop_nobody)
{
	struct broker *broker = open_library();

	for (int i = 0; i < 30; i++) {
		struct child child = start_child(sit_on_the_lock);

		cr_assert_eq(child_byte(&child), 'b');
		for (int j = 0; j < 20; j++)
			expect_is(broker_expected(broker, &token), 0);
		kill_child(&child);
		expect_is(broker_expected(broker, &token), 0);
	}
	broker_close(broker);
}

static int have_the_lock(const struct child *parent)
{
	int lock = open(in_library("lock"), O_RDWR);

	if (lock < 0 || flock(lock, LOCK_EX) != 0)
		return 1;
	say_byte(parent, 'l');
	hear_byte(parent);
	say_byte(parent, 'e');
	/* The kernel unlocks it. */
	return 0;
}

/* One number for the lock itself, and none for a watch. */
Test(virtual_hold, without_a_watch_the_lock_is_found_free_all_the_same)
{
	struct child child = start_child(have_the_lock);
	struct virtual_broker *vb;
	struct rlimit limit, few;
	int lock, next;

	cr_assert_eq(child_byte(&child), 'l');
	expect_is(virtual_attach(dir, &vb), 0);
	cr_assert_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	next = dup(0);
	cr_assert_geq(next, 0);
	close(next);
	few = limit;
	few.rlim_cur = (rlim_t)next + 1;
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	tell_child(&child, 'g');
	lock = virtual_lock(vb);
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	cr_assert_geq(lock, 0, "%s", ntms_said());
	virtual_unlock(lock);
	virtual_unref(vb);
	join_child(&child);
}

static int stand_in_line(const struct child *parent)
{
	struct virtual_broker *vb;
	int lock;

	if (virtual_attach(dir, &vb) != 0)
		return 1;
	lock = virtual_lock(vb);
	if (lock < 0)
		return 2;
	say_byte(parent, 'l');
	virtual_unlock(lock);
	virtual_unref(vb);
	return 0;
}

/* Nothing tells of it: looked at again and again. */
static void wait_for_line(int lock)
{
	uint64_t deadline_ns = clock_deadline(DEADLINE_MS);

	for (;;) {
		struct flock line = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 1};

		cr_assert_eq(fcntl(lock, F_OFD_GETLK, &line), 0);
		if (line.l_type != F_UNLCK)
			return;
		cr_assert_neq(clock_poll_ms(deadline_ns), 0, "who waits stands in no line");
		poll(NULL, 0, 1);
	}
}

/* Who gives it back and wants it again at once comes after who waits: unless that one does not get
 * a processor for so long that it is passed, which is why not each time is asked for. */
Test(virtual_hold, the_lock_goes_to_who_waits)
{
	struct virtual_broker *vb;
	int waiter_first = 0;

	expect_is(virtual_attach(dir, &vb), 0);
	for (int i = 0; i < 20; i++) {
		int lock = virtual_lock(vb);
		struct child child = start_child(stand_in_line);
		struct pollfd had_it = {.fd = child.from, .events = POLLIN};

		cr_assert_geq(lock, 0, "%s", ntms_said());
		wait_for_line(lock);
		virtual_unlock(lock);
		lock = virtual_lock(vb);
		cr_assert_geq(lock, 0, "%s", ntms_said());
		waiter_first += poll(&had_it, 1, 0);
		virtual_unlock(lock);
		cr_assert_eq(child_byte(&child), 'l');
		join_child(&child);
	}
	cr_assert_gt(waiter_first, 10, "who waited was passed %d times of 20", 20 - waiter_first);
	virtual_unref(vb);
}

/* Who is stopped while it waits, or killed, does not keep the others from it. */
Test(virtual_hold, who_stands_in_line_and_does_not_go_on_is_passed)
{
	struct virtual_broker *vb;
	struct child child;
	int lock, status;

	expect_is(virtual_attach(dir, &vb), 0);
	lock = virtual_lock(vb);
	cr_assert_geq(lock, 0, "%s", ntms_said());
	child = start_child(stand_in_line);
	wait_for_line(lock);
	cr_assert_eq(kill(child.pid, SIGSTOP), 0);
	cr_assert_eq(waitpid(child.pid, &status, WUNTRACED), child.pid);
	cr_assert(WIFSTOPPED(status));
	/* The second time it is known. */
	for (int i = 0; i < 2; i++) {
		virtual_unlock(lock);
		lock = virtual_lock(vb);
		cr_assert_geq(lock, 0, "%s", ntms_said());
	}
	kill_child(&child);
	virtual_unlock(lock);
	lock = virtual_lock(vb);
	cr_assert_geq(lock, 0, "%s", ntms_said());
	virtual_unlock(lock);
	virtual_unref(vb);
}

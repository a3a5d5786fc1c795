/* SPDX-License-Identifier: GPL-2.0-only */
/* Who waits for the virtual library is woken, by whatever another process does or suffers. */
#include <sys/file.h>
#include "test-virtual.h"

TestSuite(virtual_events, .timeout = 120, .init = setup, .fini = teardown);

static const NTMS_GUID none;
static const NTMS_GUID token = {7, 7, 7, {7}};

static void drain(struct broker *broker, int fd)
{
	struct broker_event event;
	struct pollfd ready = {.fd = fd, .events = POLLIN};

	while (broker_next_event(broker, fd, &event) == 0)
		;
	cr_assert_eq(poll(&ready, 1, 0), 0, "readable with nothing to read");
}

/* An event of this kind comes before the deadline; device 0 stands for any. */
static void expect_event(struct broker *broker, int fd, enum broker_event_type type,
			 uint32_t device)
{
	for (;;) {
		struct broker_event event;
		int error = broker_next_event(broker, fd, &event);

		if (error == -EAGAIN) {
			expect_readable(fd);
			continue;
		}
		expect_is(error, 0);
		if (event.type == type && (!device || event.device == device))
			return;
	}
}

Test(virtual_events, nothing_happens_nothing_wakes)
{
	struct broker *broker = open_library();
	struct broker_event event;
	struct broker_device *list;
	size_t count;
	int fd;

	expect_is(broker_events_open(broker, &fd), 0);
	expect_is(broker_next_event(broker, fd, &event), -EAGAIN);
	/* Looking is no event, or those who wait would wake each other for ever. */
	expect_is(broker_devices(broker, &list, &count), 0);
	expect_is(broker_expected(broker, &token), 0);
	expect_is(broker_next_event(broker, fd, &event), -EAGAIN);
	free(list);
	close(fd);
	broker_close(broker);
}

Test(virtual_events, release_lease_and_moves_wake)
{
	struct broker *broker = open_library();
	struct broker_hold *hold;
	struct broker_lease *lease;
	int fd, second;

	expect_is(broker_events_open(broker, &fd), 0);
	expect_is(broker_events_open(broker, &second), 0);
	lease = take_lease(broker);
	expect_is(broker_reserve(lease, DRIVE1, &none, 0, 0, &hold), 0);
	drain(broker, fd);
	drain(broker, second);
	expect_is(broker_move(lease, SLOT(0), BAY(0), false, 0), 0);
	expect_event(broker, fd, BROKER_EVENT_OTHER, 0);
	drain(broker, fd);
	broker_release(hold);
	expect_event(broker, fd, BROKER_EVENT_RELEASED, DRIVE1);
	drain(broker, fd);
	broker_lease_give(lease);
	expect_event(broker, fd, BROKER_EVENT_LEASE_FREE, CHANGER);
	/* The second descriptor has all of it, too. */
	expect_event(broker, second, BROKER_EVENT_RELEASED, DRIVE1);
	expect_event(broker, second, BROKER_EVENT_LEASE_FREE, CHANGER);
	close(fd);
	close(second);
	broker_close(broker);
}

static int drain_when_told(const struct child *parent)
{
	struct broker *broker = open_library();
	int fd;

	expect_is(broker_events_open(broker, &fd), 0);
	say_byte(parent, 'w');
	hear_byte(parent);
	drain(broker, fd);
	say_byte(parent, 'd');
	hear_byte(parent);
	return 0;
}

/* Or all who wait would queue for the lock whenever somebody is through with something. */
Test(virtual_events, of_what_was_given_up_in_order_is_heard_without_the_lock)
{
	struct child child = start_child(drain_when_told);
	struct broker *broker = open_library();
	char path[PATH_MAX];
	int lock;

	cr_assert_eq(child_byte(&child), 'w');
	broker_lease_give(take_lease(broker));
	snprintf(path, sizeof(path), "%s/lock", dir);
	lock = open(path, O_RDWR | O_CLOEXEC);
	cr_assert_geq(lock, 0);
	cr_assert_eq(flock(lock, LOCK_EX), 0);
	tell_child(&child, 'g');
	cr_assert_eq(child_byte(&child), 'd');
	close(lock);
	tell_child(&child, 'g');
	join_child(&child);
	broker_close(broker);
}

Test(virtual_events, being_handed_a_drive_wakes)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);
	struct broker_hold *pending, *hold;
	enum broker_hold_state state;
	uint64_t generation;
	int fd, events;

	expect_is(broker_expect(broker, &token, &pending), 0);
	fd = broker_hold_fd(pending);
	cr_assert_geq(fd, 0);
	cr_assert_eq(broker_hold_fd(pending), fd);
	expect_is(broker_reserve(lease, DRIVE0, &none, 0, 0, &hold), 0);
	expect_is(broker_hold_state(pending, &state, NULL), 0);
	cr_assert_eq(state, HOLD_PENDING);
	expect_is(broker_events_open(broker, &events), 0);
	expect_is(broker_transfer(hold, &token, &generation), 0);
	expect_readable(fd);
	expect_readable(events);
	expect_is(broker_hold_state(pending, &state, NULL), 0);
	cr_assert_eq(state, HOLD_HELD);
	broker_release(hold);
	/* And being robbed of it. */
	expect_is(broker_hold_state(pending, &state, &generation), 0);
	expect_is(broker_reserve(lease, DRIVE0, &none, BROKER_REVOKE, generation, &hold), 0);
	expect_readable(fd);
	expect_is(broker_hold_state(pending, &state, NULL), 0);
	cr_assert_eq(state, HOLD_ENDED);
	broker_release(pending);
	broker_release(hold);
	broker_lease_give(lease);
	close(events);
	broker_close(broker);
}

Test(virtual_events, a_descriptor_asked_for_late_wakes_too)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);
	struct broker_hold *pending, *hold;
	uint64_t generation;

	expect_is(broker_expect(broker, &token, &pending), 0);
	expect_is(broker_reserve(lease, DRIVE0, &none, 0, 0, &hold), 0);
	expect_is(broker_transfer(hold, &token, &generation), 0);
	expect_readable(broker_hold_fd(pending));
	broker_release(hold);
	broker_release(pending);
	broker_lease_give(lease);
	broker_close(broker);
}

Test(virtual_events, giving_up_a_token_wakes)
{
	struct broker *broker = open_library();
	struct broker_hold *pending;
	int fd;

	expect_is(broker_expect(broker, &token, &pending), 0);
	expect_is(broker_events_open(broker, &fd), 0);
	broker_release(pending);
	expect_event(broker, fd, BROKER_EVENT_EXPECT_GONE, 0);
	close(fd);
	broker_close(broker);
}

Test(virtual_events, hands_and_cables_wake)
{
	struct broker *broker = open_library();
	int fd;

	expect_is(broker_events_open(broker, &fd), 0);
	expect_is(virtual_hand_move(dir, SLOT(0), SLOT(4)), 0);
	expect_event(broker, fd, BROKER_EVENT_ATTENTION, CHANGER);
	drain(broker, fd);
	write_file("drives/1/absent", "", 0);
	expect_event(broker, fd, BROKER_EVENT_DEVICE_GONE, DRIVE1);
	drain(broker, fd);
	cr_assert_eq(unlink(in_library("drives/1/absent")), 0);
	expect_event(broker, fd, BROKER_EVENT_DEVICE_ADDED, DRIVE1);
	drain(broker, fd);
	write_file("jammed", "", 0);
	expect_event(broker, fd, BROKER_EVENT_ATTENTION, CHANGER);
	close(fd);
	broker_close(broker);
}

Test(virtual_events, strange_files_are_no_events)
{
	struct broker *broker = open_library();
	struct broker_event event;
	int fd;

	expect_is(broker_events_open(broker, &fd), 0);
	write_file("readme", "x", 1);
	write_file("drives/0/readme", "x", 1);
	write_file("events/none", "x", 1);
	write_file("events/none-1", "x", 1);
	write_file("events/-", "x", 1);
	write_file("holders/not-a-holder", "x", 1);
	expect_readable(fd);
	expect_is(broker_next_event(broker, fd, &event), -EAGAIN);
	close(fd);
	broker_close(broker);
}

/* ---- death ---- */

static int hold_everything(const struct child *parent)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);
	struct broker_hold *free_one, *loaded_one, *pending;

	if (broker_reserve(lease, DRIVE0, &none, 0, 0, &free_one) != 0 ||
	    broker_reserve(lease, DRIVE1, &none, 0, 0, &loaded_one) != 0 ||
	    broker_mark(loaded_one, true) != 0 || broker_expect(broker, &token, &pending) != 0)
		return 1;
	say_byte(parent, 'r');
	hear_byte(parent);
	return 0;
}

/* Nobody does anything but wait, and yet learns of it: each time, however the kernel's
 * closing and our looking interleave. */
Test(virtual_events, death_wakes)
{
	struct broker *broker = open_library();
	bool lease, free_one, loaded_one, expecting;

	for (int i = 0; i < 50; i++) {
		struct child child = start_child(hold_everything);
		struct broker_event event;
		struct broker_lease *next;
		struct broker_hold *hold;
		int fd;

		lease = free_one = loaded_one = expecting = false;
		cr_assert_eq(child_byte(&child), 'r');
		expect_is(broker_events_open(broker, &fd), 0);
		drain(broker, fd);
		kill(child.pid, SIGKILL);
		while (!lease || !free_one || !loaded_one || !expecting) {
			expect_readable(fd);
			if (broker_next_event(broker, fd, &event) != 0)
				continue;
			lease |= event.type == BROKER_EVENT_LEASE_FREE;
			expecting |= event.type == BROKER_EVENT_EXPECT_GONE;
			free_one |= event.type == BROKER_EVENT_RELEASED && event.device == DRIVE0;
			loaded_one |= event.type == BROKER_EVENT_RELEASED && event.device == DRIVE1;
		}
		cr_assert(WIFSIGNALED(end_child(&child)));
		close(fd);
		next = take_lease(broker);
		expect_is(broker_reserve(next, DRIVE1, &none, BROKER_RECOVER, 0, &hold), 0);
		expect_is(broker_mark(hold, false), 0);
		broker_release(hold);
		broker_lease_give(next);
	}
	broker_close(broker);
}

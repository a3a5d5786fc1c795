/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kill -9 in the virtual library: before every single system call of a piece of work, and at any
 * moment among processes that fight for the robot. Each cartridge is in exactly one place, no node
 * leads to one that is not inside, and the next one can go on.
 */
#include "test-virtual.h"
#include <sys/ptrace.h>
#include "broker/virtual-impl.h"

TestSuite(virtual_crash, .timeout = 280, .init = setup, .fini = teardown);

#define TAPES  3
#define MOVERS 3
#define KILLS  200

static const NTMS_GUID none;
static const NTMS_GUID medium = {1, 2, 3, {4}};
static const NTMS_GUID token = {7, 7, 7, {7}};

/* Counts each cartridge by its name; the first has number 1. */
static void count_cartridges(const struct virtual_state *state)
{
	int seen[TAPES] = {0};

	for (size_t i = 0; i < state->count; i++) {
		unsigned int number;

		if (!state->cells[i].full)
			continue;
		cr_assert_eq(sscanf(state->cells[i].name, "V%05uL8", &number), 1);
		cr_assert(number >= 1 && number <= TAPES);
		seen[number - 1]++;
	}
	for (int i = 0; i < TAPES; i++)
		cr_assert_eq(seen[i], 1, "cartridge %d is in %d places", i + 1, seen[i]);
}

/* The node is that of the cartridge inside, or leads nowhere. */
static void check_node(struct virtual_state *state, unsigned int index)
{
	const struct virtual_cell *cell = virtual_cell(state, BAY(index));
	char name[32];
	char path[128];
	char target[128] = "";

	snprintf(name, sizeof(name), "drives/%u/nst", index);
	cr_assert_gt(readlink(in_library(name), target, sizeof(target) - 1), 0);
	if (access(in_library(name), F_OK) != 0)
		return;
	snprintf(path, sizeof(path), "../../tapes/%s", cell->name);
	cr_assert(cell->full, "drive %u is empty, its node is %s", index, target);
	cr_assert_str_eq(target, path);
}

/* All that must be true at every moment. */
static void check_truth(void)
{
	struct virtual_session session;
	struct virtual_state *state;
	struct virtual_broker *vb;

	expect_is(virtual_attach(dir, &vb), 0);
	expect_is(virtual_enter(vb, &session), 0);
	expect_is(virtual_state_load(vb, &state), 0);
	count_cartridges(state);
	for (unsigned int i = 0; i < 2; i++)
		check_node(state, i);
	free(state);
	expect_is(virtual_leave(&session, 0), 0);
	virtual_unref(vb);
}

/* ---- before every system call ---- */

static int move_about(void)
{
	struct broker_lease *lease;
	struct broker *broker;

	return broker_open(spec, &broker) || broker_lease_take(broker, CHANGER, &lease) ||
	       broker_move(lease, SLOT(0), BAY(0), false, 0) ||
	       broker_move(lease, BAY(0), BAY(1), false, 0) ||
	       broker_move(lease, BAY(1), SLOT(4), false, 0);
}

static int hold_and_hand_on(void)
{
	struct broker_hold *hold, *pending;
	struct broker_lease *lease;
	struct broker *broker;
	uint64_t generation;

	if (broker_open(spec, &broker) || broker_lease_take(broker, CHANGER, &lease) ||
	    broker_assign(lease, DRIVE0) || broker_reserve(lease, DRIVE0, &medium, 0, 0, &hold) ||
	    broker_mark(hold, true) || broker_expect(broker, &token, &pending) ||
	    broker_transfer(hold, &token, &generation) || broker_mark(pending, false))
		return 1;
	broker_release(hold);
	broker_release(pending);
	broker_lease_give(lease);
	return 0;
}

/* Lets @work begin @calls system calls and kills it; true if it ended before. */
static bool kill_at_call(int (*work)(void), int calls)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, 0, 0) != 0)
			_exit(77);
		raise(SIGSTOP);
		_exit(work());
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		cr_skip_test("processes must not be traced here");
	/* Two stops a call, before and behind it. */
	for (int i = 0; i < 2 * calls + 1; i++) {
		cr_assert_eq(ptrace(PTRACE_SYSCALL, pid, 0, 0), 0);
		cr_assert_eq(waitpid(pid, &status, 0), pid);
		if (WIFEXITED(status)) {
			cr_assert_eq(WEXITSTATUS(status), 0);
			return true;
		}
		cr_assert(WIFSTOPPED(status));
	}
	kill(pid, SIGKILL);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert(WIFSIGNALED(status));
	return false;
}

/* The next one goes on where the dead one stopped, and puts everything back. */
static void go_on(void)
{
	static const uint16_t places[] = {BAY(0), BAY(1), SLOT(4)};
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);
	struct broker_holder *holders;
	struct broker_hold *hold;
	size_t count;

	expect_is(broker_holders(broker, &holders, &count), 0);
	cr_assert_leq(count, 1);
	if (count) {
		cr_assert_eq(holders[0].state, HOLDER_ORPHANED, "a dead process holds a drive");
		cr_assert(guid_equal(&holders[0].medium, &medium));
	}
	free(holders);
	expect_is(broker_expected(broker, &token), 0);
	expect_is(broker_reserve(lease, DRIVE0, &none, BROKER_RECOVER, 0, &hold), 0);
	expect_is(broker_mark(hold, false), 0);
	broker_release(hold);
	for (size_t i = 0; i < 3; i++) {
		int error = broker_move(lease, places[i], SLOT(0), false, 0);

		cr_assert(error == 0 || error == -ENOMEDIUM, "%d: %s", error, ntms_said());
	}
	broker_lease_give(lease);
	broker_close(broker);
}

static void check_no_litter(void)
{
	DIR *stream = opendir(in_library("holders"));
	struct dirent *entry;

	cr_assert(stream);
	while ((entry = readdir(stream)) != NULL)
		cr_assert_eq(entry->d_name[0], '.', "%s was left behind", entry->d_name);
	closedir(stream);
}

static void kill_everywhere(int (*work)(void))
{
	int calls = 0;

	while (!kill_at_call(work, calls)) {
		check_truth();
		go_on();
		check_truth();
		check_no_litter();
		calls++;
	}
	cr_assert_gt(calls, 50, "only %d system calls seen", calls);
}

Test(virtual_crash, a_move_is_never_halfway)
{
	kill_everywhere(move_about);
}

Test(virtual_crash, a_reservation_is_never_halfway)
{
	kill_everywhere(hold_and_hand_on);
}

/* ---- a person with a weak heart ---- */

static void setup_people(void)
{
	static const struct virtual_shape shape = {
		.drives = 2, .slots = 5, .ports = 1, .tapes = 3, .standalone = 1, .door = true};

	make_parent();
	expect_is(virtual_create(dir, &shape), 0);
}

static int come_and_go(void)
{
	struct broker *broker;
	struct tape *tape;

	return broker_open(spec, &broker) || virtual_remove(dir, VIRTUAL_PORT, 0) ||
	       virtual_insert(dir, VIRTUAL_DRIVE, 0, "V00003L8") ||
	       tape_open(broker, DRIVE1 + 1, true, 0, &tape) || tape_unload(tape) ||
	       virtual_remove(dir, VIRTUAL_DRIVE, 0) ||
	       virtual_insert(dir, VIRTUAL_PORT, 0, "V00003L8") || virtual_door(dir, true) ||
	       virtual_door(dir, false);
}

/* What was in a hand is on the shelf or where it should go, and never in two places. */
static void check_wanderer(void)
{
	struct virtual_session session;
	struct virtual_state *state;
	struct virtual_broker *vb;
	unsigned int places = 0;

	expect_is(virtual_attach(dir, &vb), 0);
	expect_is(virtual_enter(vb, &session), 0);
	expect_is(virtual_state_load(vb, &state), 0);
	for (size_t i = 0; i < state->count; i++)
		places += strcmp(state->cells[i].name, "V00003L8") == 0;
	cr_assert_leq(places, 1);
	cr_assert_eq(access(in_library("tapes/V00003L8"), F_OK), 0);
	for (unsigned int i = 0; i < 3; i++)
		check_node(state, i);
	free(state);
	expect_is(virtual_leave(&session, 0), 0);
	virtual_unref(vb);
}

/* Another person goes on, from wherever it was left: the cartridge comes to the port again. */
static void start_again(void)
{
	int error;

	expect_is(virtual_door(dir, false), 0);
	error = virtual_remove(dir, VIRTUAL_DRIVE, 0);
	cr_assert(error == 0 || error == -ENOMEDIUM, "%d: %s", error, ntms_said());
	error = virtual_insert(dir, VIRTUAL_PORT, 0, "V00003L8");
	cr_assert(error == 0 || error == -ENOTEMPTY, "%d: %s", error, ntms_said());
	check_wanderer();
}

Test(virtual_crash, a_hand_is_never_halfway)
{
	int calls = 0;

	teardown();
	setup_people();
	expect_is(virtual_hand_move(dir, SLOT(2), PORT(0)), 0);
	while (!kill_at_call(come_and_go, calls)) {
		check_wanderer();
		start_again();
		calls++;
	}
	cr_assert_gt(calls, 100, "only %d system calls seen", calls);
}

/* ---- at any moment ---- */

static struct broker_lease *wait_for_lease(struct broker *broker, int events)
{
	struct broker_lease *lease;
	struct broker_event event;
	int error;

	while ((error = broker_lease_take(broker, CHANGER, &lease)) == -EBUSY) {
		struct pollfd ready = {.fd = events, .events = POLLIN};

		if (poll(&ready, 1, DEADLINE_MS) != 1)
			_exit(2);
		while (broker_next_event(broker, events, &event) == 0)
			;
	}
	if (error)
		_exit(3);
	return lease;
}

static uint16_t anywhere(unsigned int *seed)
{
	static const uint16_t places[] = {SLOT(0), SLOT(1), SLOT(2), SLOT(3),
					  SLOT(4), BAY(0),  BAY(1),  PORT(0)};

	return places[(unsigned int)rand_r(seed) % (sizeof(places) / sizeof(places[0]))];
}

static int mover(const struct child *parent)
{
	unsigned int seed = (unsigned int)getpid();
	struct broker *broker = open_library();
	int events;

	if (broker_events_open(broker, &events) != 0)
		return 1;
	for (;;) {
		struct broker_lease *lease = wait_for_lease(broker, events);
		int moves = rand_r(&seed) % 4;

		for (int i = 0; i <= moves; i++) {
			int error = broker_move(lease, anywhere(&seed), anywhere(&seed), false, 0);

			if (error && error != -ENOMEDIUM && error != -ENOTEMPTY)
				return 4;
		}
		broker_lease_give(lease);
		say_byte(parent, 'm');
	}
}

/* One of them has had its turn; who it is, is the scheduler's choice, so none is waited for. */
static void hear_any(const struct child movers[MOVERS])
{
	struct pollfd ready[MOVERS];

	for (int i = 0; i < MOVERS; i++)
		ready[i] = (struct pollfd){.fd = movers[i].from, .events = POLLIN};
	cr_assert_gt(poll(ready, MOVERS, DEADLINE_MS), 0, "nobody gets the robot any more");
	for (int i = 0; i < MOVERS; i++) {
		if (ready[i].revents)
			cr_assert_eq(child_byte(&movers[i]), 'm');
	}
}

Test(virtual_crash, two_hundred_deaths_lose_no_cartridge)
{
	struct child movers[MOVERS];
	struct broker *broker;
	unsigned int seed = 1;

	for (int i = 0; i < MOVERS; i++)
		movers[i] = start_child(mover);
	for (int i = 0; i < KILLS; i++) {
		struct child *victim = &movers[(unsigned int)rand_r(&seed) % MOVERS];
		int rounds = 1 + rand_r(&seed) % 3;

		/* Turns are taken, so nobody is stopped by the dead. */
		while (rounds--)
			hear_any(movers);
		kill_child(victim);
		check_truth();
		*victim = start_child(mover);
	}
	for (int i = 0; i < MOVERS; i++)
		kill_child(&movers[i]);
	check_truth();
	broker = open_library();
	broker_lease_give(take_lease(broker));
	broker_close(broker);
	check_no_litter();
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test-kernel-broker.c - broker.h over the real module and a tgt library
 *
 * For scripts/vm with its default library: changer RSMLIB01, drives RSMDRV0101 and
 * RSMDRV0102 at 256 and 257, a port at 16, eight slots from 1000, six cartridges.
 * Every test begins with all cartridges in their slots and leaves it so.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/rsm.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mtio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/guid.h"
#include "base/say.h"
#include "broker/broker.h"

#define DRIVE_BASE 256
#define PORT	   16
#define SLOT_BASE  1000
#define SLOTS	   8
#define TAPES	   6

#define WAIT_NS (60 * NSEC_PER_SEC)

#define cr_assert_ok(call)                                                     \
	do {                                                                   \
		int ok_result = (call);                                        \
		cr_assert_eq(ok_result, 0, "%s: %d (%s) %s", #call, ok_result, \
			     strerror(-ok_result), ntms_said());               \
	} while (0)

#define cr_assert_error(call, error)                                                              \
	do {                                                                                      \
		int error_result;                                                                 \
		ntms_say_nothing();                                                               \
		error_result = (call);                                                            \
		cr_assert_eq(error_result, error, "%s: %d (%s), not %s: %s", #call, error_result, \
			     strerror(-error_result), strerror(-(error)), ntms_said());           \
		cr_assert_neq(ntms_said()[0], '\0', "%s: no message", #call);                     \
	} while (0)

static struct broker *broker;
static struct broker_lease *lease;
static struct broker_device changer, drives[2];

static struct broker_element element_at(uint16_t address)
{
	enum broker_element_type type = address >= SLOT_BASE	? ELEMENT_SLOT
					: address >= DRIVE_BASE ? ELEMENT_DRIVE
								: ELEMENT_PORT;
	struct broker_element *list, element;
	size_t count;

	cr_assert_ok(broker_elements(lease, type, address, 1, &list, &count));
	cr_assert_eq(count, 1, "%zu elements at %u", count, address);
	element = list[0];
	free(list);
	cr_assert_eq(element.address, address);
	return element;
}

static void find_devices(void)
{
	struct broker_device *list;
	size_t count, found = 0;

	cr_assert_ok(broker_devices(broker, &list, &count));
	for (size_t i = 0; i < count; i++) {
		if (strcmp(list[i].serial, "RSMLIB01") == 0) {
			changer = list[i];
			found++;
		}
		if (strcmp(list[i].serial, "RSMDRV0101") == 0) {
			drives[0] = list[i];
			found++;
		}
		if (strcmp(list[i].serial, "RSMDRV0102") == 0) {
			drives[1] = list[i];
			found++;
		}
	}
	free(list);
	cr_assert_eq(found, 3, "%zu of 3 devices, out of %zu", found, count);
}

static void set_up(void)
{
	cr_assert_ok(broker_open("kernel", &broker));
	find_devices();
	cr_assert_ok(broker_lease_take(broker, changer.id, &lease));
	for (int i = 0; i < 2; i++)
		cr_assert_ok(broker_assign(lease, drives[i].id));
}

static void tear_down(void)
{
	for (uint16_t i = 0; i < 2; i++) {
		struct broker_element drive = element_at(DRIVE_BASE + i);

		if (drive.full)
			cr_assert_ok(broker_move(lease, drive.address, drive.source, false, 0));
	}
	broker_lease_give(lease);
	broker_close(broker);
}

TestSuite(kernel_broker, .init = set_up, .fini = tear_down);

static NTMS_GUID new_guid(void)
{
	NTMS_GUID guid;

	guid_make(&guid);
	return guid;
}

static struct broker_hold *reserve(int drive)
{
	const NTMS_GUID medium = new_guid();
	struct broker_hold *hold;

	cr_assert_ok(broker_reserve(lease, drives[drive].id, &medium, 0, 0, &hold));
	return hold;
}

static struct tape *open_tape(int drive, bool write)
{
	struct tape *tape;

	cr_assert_ok(
		tape_open(broker, drives[drive].id, write, clock_monotonic_ns() + WAIT_NS, &tape));
	return tape;
}

static enum broker_hold_state state_of(struct broker_hold *hold)
{
	enum broker_hold_state state;
	uint64_t generation;

	cr_assert_ok(broker_hold_state(hold, &state, &generation));
	return state;
}

/* ---- devices and lease ---- */

Test(kernel_broker, devices)
{
	cr_assert_str_eq(broker_name(broker), "kernel");
	cr_assert_eq(changer.kind, BROKER_CHANGER);
	cr_assert_str_eq(changer.vendor, "RSM");
	cr_assert_str_eq(changer.product, "VLIBRARY");
	cr_assert_eq(changer.first[ELEMENT_TRANSPORT], 1);
	cr_assert_eq(changer.count[ELEMENT_TRANSPORT], 1);
	cr_assert_eq(changer.first[ELEMENT_SLOT], SLOT_BASE);
	cr_assert_eq(changer.count[ELEMENT_SLOT], SLOTS);
	cr_assert_eq(changer.first[ELEMENT_PORT], PORT);
	cr_assert_eq(changer.count[ELEMENT_PORT], 1);
	cr_assert_eq(changer.first[ELEMENT_DRIVE], DRIVE_BASE);
	cr_assert_eq(changer.count[ELEMENT_DRIVE], 2);
	cr_assert_eq(strncmp(changer.node, "/dev/sch", 8), 0, "%s", changer.node);
	for (int i = 0; i < 2; i++) {
		cr_assert_eq(drives[i].kind, BROKER_DRIVE);
		cr_assert_str_eq(drives[i].product, "VDRIVE-LTO8");
		cr_assert_eq(strncmp(drives[i].node, "/dev/nst", 8), 0, "%s", drives[i].node);
		cr_assert_eq(access(drives[i].node, F_OK), 0, "%s", drives[i].node);
	}
	cr_assert_str_neq(drives[0].node, drives[1].node);
}

Test(kernel_broker, lease_is_one_holders)
{
	struct broker_lease *other;
	char pid[16];

	cr_assert_error(broker_lease_take(broker, changer.id, &other), -EBUSY);
	snprintf(pid, sizeof(pid), "%d", getpid());
	cr_assert_not_null(strstr(ntms_said(), pid), "%s", ntms_said());
	broker_lease_give(lease);
	cr_assert_ok(broker_lease_take(broker, changer.id, &lease));
	cr_assert_error(broker_lease_take(broker, drives[0].id, &other), -EPERM);
	cr_assert_error(broker_lease_take(broker, 4000000, &other), -ENODEV);
}

Test(kernel_broker, assign_again_and_end_it)
{
	cr_assert_ok(broker_assign(lease, drives[0].id));
	cr_assert_ok(broker_unassign(lease, drives[0].id));
	cr_assert_ok(broker_assign(lease, drives[0].id));
	cr_assert_error(broker_assign(lease, changer.id), -ENODEV);
}

/* It has what its parent has open, and lives on: a program that forks and does not exec. */
Test(kernel_broker, lease_is_not_a_childs)
{
	pid_t child = fork();
	int status;

	cr_assert_geq(child, 0);
	if (child == 0) {
		raise(SIGSTOP);
		_exit(0);
	}
	/* It is there, and out of fork(). */
	cr_assert_eq(waitpid(child, &status, WUNTRACED), child);
	cr_assert(WIFSTOPPED(status));
	broker_lease_give(lease);
	cr_assert_ok(broker_lease_take(broker, changer.id, &lease));
	cr_assert_eq(kill(child, SIGKILL), 0);
	cr_assert_eq(waitpid(child, &status, 0), child);
}

Test(kernel_broker, lease_of_a_stand_alone_drive)
{
	const NTMS_GUID none = {0};
	struct broker_lease *other;
	struct broker_hold *hold;

	cr_assert_ok(broker_unassign(lease, drives[0].id));
	cr_assert_ok(broker_lease_take(broker, drives[0].id, &other));
	cr_assert_error(broker_assign(lease, drives[0].id), -EBUSY);
	cr_assert_error(broker_assign(other, drives[1].id), -EOPNOTSUPP);
	cr_assert_error(broker_scan(other), -EOPNOTSUPP);
	cr_assert_error(broker_move(other, SLOT_BASE, DRIVE_BASE, false, 0), -EOPNOTSUPP);
	cr_assert_error(broker_reserve(lease, drives[0].id, &none, BROKER_RECOVER, 0, &hold),
			-EPERM);
	cr_assert_ok(broker_reserve(other, drives[0].id, &none, BROKER_RECOVER, 0, &hold));
	broker_release(hold);
	broker_lease_give(other);
	cr_assert_ok(broker_assign(lease, drives[0].id));
}

/* ---- elements and moves ---- */

Test(kernel_broker, all_elements)
{
	struct broker_element *list;
	char barcode[16];
	size_t count;

	cr_assert_ok(broker_elements(lease, 0, 0, 0, &list, &count));
	cr_assert_eq(count, 1 + 1 + 2 + SLOTS, "%zu elements", count);
	for (size_t i = 0; i < count; i++) {
		cr_assert(list[i].accessible, "element %u", list[i].address);
		cr_assert(i == 0 || list[i - 1].address < list[i].address);
	}
	cr_assert_eq(list[0].type, ELEMENT_TRANSPORT);
	cr_assert_eq(list[1].type, ELEMENT_PORT);
	cr_assert_eq(list[1].address, PORT);
	cr_assert_eq(list[2].type, ELEMENT_DRIVE);
	cr_assert_str_eq(list[2].serial, "RSMDRV0101");
	cr_assert_str_eq(list[3].serial, "RSMDRV0102");
	for (int i = 0; i < SLOTS; i++) {
		struct broker_element *slot = &list[4 + i];

		cr_assert_eq(slot->type, ELEMENT_SLOT);
		cr_assert_eq(slot->address, SLOT_BASE + i);
		cr_assert_eq(slot->full, i < TAPES, "slot %d", i);
		snprintf(barcode, sizeof(barcode), i < TAPES ? "A%05dL8" : "", i + 1);
		cr_assert_str_eq(slot->barcode, barcode);
	}
	free(list);
}

Test(kernel_broker, part_of_the_elements)
{
	struct broker_element *list;
	size_t count;

	cr_assert_ok(broker_elements(lease, ELEMENT_SLOT, SLOT_BASE + 2, 3, &list, &count));
	cr_assert_eq(count, 3);
	cr_assert_eq(list[0].address, SLOT_BASE + 2);
	cr_assert_str_eq(list[2].barcode, "A00005L8");
	free(list);
	/* The last drive's identifier is the one that tgt cuts off. */
	cr_assert_ok(broker_elements(lease, ELEMENT_DRIVE, DRIVE_BASE + 1, 1, &list, &count));
	cr_assert_eq(count, 1);
	cr_assert_str_eq(list[0].serial, "RSMDRV0102");
	free(list);
	cr_assert_ok(broker_elements(lease, ELEMENT_PORT, 0, 0, &list, &count));
	cr_assert_eq(count, 1);
	cr_assert_eq(list[0].address, PORT);
	free(list);
	cr_assert_error(broker_elements(lease, ELEMENT_PORT, 0, UINT16_MAX, &list, &count),
			-ERANGE);
	cr_assert_error(broker_elements(lease, ELEMENT_SLOT, SLOT_BASE, SLOTS + 1, &list, &count),
			-ERANGE);
	cr_assert_error(broker_elements(lease, ELEMENT_SLOT, DRIVE_BASE, 1, &list, &count),
			-ERANGE);
	cr_assert_error(broker_elements(lease, 5, 1, 1, &list, &count), -EINVAL);
	cr_assert_null(list);
}

Test(kernel_broker, move_there_and_back)
{
	struct broker_element element;

	cr_assert_ok(broker_move(lease, SLOT_BASE, DRIVE_BASE, false, 0));
	element = element_at(DRIVE_BASE);
	cr_assert(element.full);
	cr_assert(element.source_valid);
	cr_assert_eq(element.source, SLOT_BASE);
	cr_assert_str_eq(element.barcode, "A00001L8");
	cr_assert_not(element_at(SLOT_BASE).full);
	cr_assert_str_eq(element_at(SLOT_BASE).barcode, "");

	cr_assert_error(broker_move(lease, SLOT_BASE + 1, DRIVE_BASE, false, 0), -ENOTEMPTY);
	cr_assert_error(broker_move(lease, SLOT_BASE, DRIVE_BASE + 1, false, 0), -ENOMEDIUM);
	cr_assert_error(broker_move(lease, SLOT_BASE + 1, SLOT_BASE + 2, false, 0), -ENOTEMPTY);

	cr_assert_ok(broker_move(lease, DRIVE_BASE, SLOT_BASE, false, 0));
	cr_assert(element_at(SLOT_BASE).full);
	cr_assert_not(element_at(DRIVE_BASE).full);
}

Test(kernel_broker, move_only_between_elements)
{
	cr_assert_error(broker_move(lease, SLOT_BASE, SLOT_BASE + SLOTS, false, 0), -ERANGE);
	cr_assert_error(broker_move(lease, 0, DRIVE_BASE, false, 0), -ERANGE);
	cr_assert_error(broker_move(lease, 1, DRIVE_BASE, false, 0), -ERANGE);
	cr_assert_error(broker_move(lease, SLOT_BASE, 65535, false, 0), -ERANGE);
	cr_assert(element_at(SLOT_BASE).full);
}

Test(kernel_broker, scan)
{
	cr_assert_ok(broker_scan(lease));
}

Test(kernel_broker, ready_and_locked)
{
	cr_assert_ok(broker_ready(lease));
	/* tgt has no lock on its changer; the broker must say so, and no more than that. */
	cr_assert_error(broker_access(lease, false), -EIO);
	cr_assert_error(broker_access(lease, true), -EIO);
	cr_assert_ok(broker_ready(lease));
}

/* ---- reservations ---- */

Test(kernel_broker, reserve_and_release)
{
	const NTMS_GUID medium = new_guid(), none = {0};
	struct broker_holder *list;
	struct broker_hold *hold, *other;
	size_t count;

	cr_assert_ok(broker_reserve(lease, drives[0].id, &medium, 0, 0, &hold));
	cr_assert_eq(state_of(hold), HOLD_HELD);
	cr_assert_error(broker_reserve(lease, drives[0].id, &none, 0, 0, &other), -EBUSY);
	cr_assert_error(broker_reserve(lease, drives[1].id, &medium, 0, 0, &other), -EBUSY);
	cr_assert_null(other);
	cr_assert_ok(broker_holders(broker, &list, &count));
	cr_assert_eq(count, 1);
	cr_assert_eq(list[0].drive, drives[0].id);
	cr_assert_eq(list[0].state, HOLDER_HELD);
	cr_assert_eq(list[0].pid, getpid());
	cr_assert_not(list[0].loaded);
	cr_assert(guid_equal(&list[0].medium, &medium));
	cr_assert_neq(list[0].generation, 0);
	cr_assert_leq(list[0].since_ms, clock_utc_ms());
	cr_assert_gt(list[0].since_ms, clock_utc_ms() - 3600 * 1000);
	free(list);

	broker_release(hold);
	cr_assert_ok(broker_holders(broker, &list, &count));
	cr_assert_eq(count, 0);
	free(list);
	cr_assert_error(broker_reserve(lease, drives[0].id, &none, 0x100, 0, &other), -EINVAL);
	cr_assert_error(broker_reserve(lease, 4000000, &none, 0, 0, &other), -ENODEV);
}

Test(kernel_broker, orphan_needs_recover)
{
	const NTMS_GUID none = {0};
	struct broker_hold *hold = reserve(0);
	struct broker_holder *list;
	size_t count;

	cr_assert_ok(broker_mark(hold, true));
	broker_release(hold);
	cr_assert_error(broker_reserve(lease, drives[0].id, &none, 0, 0, &hold), -EOWNERDEAD);
	cr_assert_ok(broker_holders(broker, &list, &count));
	cr_assert_eq(count, 1);
	cr_assert_eq(list[0].state, HOLDER_ORPHANED);
	cr_assert(list[0].loaded);
	free(list);
	cr_assert_ok(broker_reserve(lease, drives[0].id, &none, BROKER_RECOVER, 0, &hold));
	cr_assert_ok(broker_mark(hold, false));
	broker_release(hold);
	hold = reserve(0);
	broker_release(hold);
}

Test(kernel_broker, recover_needs_the_assignment)
{
	const NTMS_GUID none = {0};
	struct broker_hold *hold = reserve(0);

	cr_assert_ok(broker_mark(hold, true));
	broker_release(hold);
	cr_assert_ok(broker_unassign(lease, drives[0].id));
	cr_assert_error(broker_reserve(lease, drives[0].id, &none, BROKER_RECOVER, 0, &hold),
			-EPERM);
	cr_assert_ok(broker_assign(lease, drives[0].id));
	cr_assert_ok(broker_reserve(lease, drives[0].id, &none, BROKER_RECOVER, 0, &hold));
	cr_assert_ok(broker_mark(hold, false));
	broker_release(hold);
}

Test(kernel_broker, transfer_needs_somebody_who_expects)
{
	const NTMS_GUID token = new_guid(), none = {0};
	struct broker_hold *hold = reserve(0), *pending, *other;
	uint64_t generation;

	cr_assert_eq(broker_expected(broker, &token), 0);
	cr_assert_error(broker_transfer(hold, &token, &generation), -ENOENT);
	cr_assert_eq(state_of(hold), HOLD_HELD);
	cr_assert_ok(broker_expect(broker, &token, &pending));
	cr_assert_eq(broker_expected(broker, &token), 1);
	cr_assert_eq(state_of(pending), HOLD_PENDING);
	cr_assert_error(broker_expect(broker, &token, &other), -EEXIST);
	cr_assert_error(broker_expect(broker, &none, &other), -EINVAL);
	broker_release(pending);
	cr_assert_eq(broker_expected(broker, &token), 0);
	broker_release(hold);
}

/* What the other process of a test does; its answers go through @fd. */
static pid_t start(void (*run)(int fd, const NTMS_GUID *token), const NTMS_GUID *token, int *fd)
{
	int ends[2];
	pid_t pid;

	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	pid = fork();
	cr_assert_geq(pid, 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ends[0]);
		/* Its own descriptors only: the reservations of the test are not its own. */
		broker_lease_give(lease);
		run(ends[1], token);
		_exit(0);
	}
	close(ends[1]);
	*fd = ends[0];
	return pid;
}

static void send_word(int fd, int word)
{
	if (send(fd, &word, sizeof(word), MSG_NOSIGNAL) != sizeof(word))
		_exit(99);
}

static int receive_word(int fd)
{
	struct pollfd input = {.fd = fd, .events = POLLIN};
	int word = -1;

	cr_assert_eq(poll(&input, 1, 60000), 1, "the other process is silent");
	cr_assert_eq(recv(fd, &word, sizeof(word), 0), sizeof(word), "the other process is gone");
	return word;
}

static void wait_for_word(int fd)
{
	int word;

	if (recv(fd, &word, sizeof(word), 0) != sizeof(word))
		_exit(98);
}

/* Expects the reservation, opens the tape under it, and keeps both until told. */
static void user_of_tape(int fd, const NTMS_GUID *token)
{
	struct pollfd news = {.events = POLLIN};
	enum broker_hold_state state = HOLD_PENDING;
	struct broker_hold *hold;
	uint64_t generation = 0;
	struct tape *tape;
	struct broker *own;
	int error;

	error = broker_open("kernel", &own);
	if (!error)
		error = broker_expect(own, token, &hold);
	send_word(fd, error);
	if (error)
		_exit(1);
	news.fd = broker_hold_fd(hold);
	while (!error && state == HOLD_PENDING) {
		if (poll(&news, 1, 60000) != 1)
			_exit(2);
		error = broker_hold_state(hold, &state, &generation);
	}
	send_word(fd, error ? error : state == HOLD_HELD ? (int)generation : -ESTALE);
	error = tape_open(own, drives[0].id, false, clock_monotonic_ns() + WAIT_NS, &tape);
	send_word(fd, error);
	wait_for_word(fd);
	if (!error)
		tape_close(tape);
	send_word(fd, 0);
	if (poll(&news, 1, 60000) != 1)
		_exit(3);
	error = broker_hold_state(hold, &state, &generation);
	send_word(fd, error ? error : (int)state);
	wait_for_word(fd);
	broker_release(hold);
}

static int status_of(pid_t pid)
{
	int status = -1;

	cr_assert_eq(waitpid(pid, &status, 0), pid);
	return status;
}

Test(kernel_broker, transfer_use_revoke)
{
	const NTMS_GUID token = new_guid(), medium = new_guid();
	struct broker_hold *hold, *taken;
	uint64_t generation = 0;
	int fd, open_pid = 0;
	pid_t pid;

	cr_assert_ok(broker_move(lease, SLOT_BASE, DRIVE_BASE, false, 0));
	pid = start(user_of_tape, &token, &fd);
	cr_assert_eq(receive_word(fd), 0);
	cr_assert_eq(broker_expected(broker, &token), 1);
	cr_assert_ok(broker_reserve(lease, drives[0].id, &medium, 0, 0, &hold));
	cr_assert_ok(broker_mark(hold, true));
	cr_assert_eq(broker_drive_open(broker, drives[0].id, NULL), 0);
	cr_assert_ok(broker_transfer(hold, &token, &generation));
	cr_assert_eq(state_of(hold), HOLD_ENDED);
	cr_assert_error(broker_mark(hold, false), -ESTALE);
	broker_release(hold);

	cr_assert_eq(receive_word(fd), (int)generation);
	cr_assert_eq(receive_word(fd), 0, "the new holder cannot open the tape");
	cr_assert_eq(broker_drive_open(broker, drives[0].id, &open_pid), 1);
	cr_assert_eq(open_pid, pid);

	cr_assert_error(broker_reserve(lease, drives[0].id, &medium, BROKER_REVOKE,
				       generation + 1000, &taken),
			-ESTALE);
	cr_assert_ok(
		broker_reserve(lease, drives[0].id, &medium, BROKER_REVOKE, generation, &taken));
	/* Revoked, but its file is still open: st has one opener. */
	cr_assert_eq(broker_drive_open(broker, drives[0].id, &open_pid), 1);
	cr_assert_eq(open_pid, pid);
	send_word(fd, 0);
	cr_assert_eq(receive_word(fd), 0);
	cr_assert_eq(receive_word(fd), HOLD_ENDED, "the old holder does not know");
	cr_assert_eq(broker_drive_open(broker, drives[0].id, NULL), 0);
	send_word(fd, 0);
	cr_assert_eq(status_of(pid), 0);
	close(fd);
	/* The mark went along, or a death in between would lose the medium. */
	broker_release(taken);
	cr_assert_error(broker_reserve(lease, drives[0].id, &medium, 0, 0, &taken), -EOWNERDEAD);
	cr_assert_ok(broker_reserve(lease, drives[0].id, &medium, BROKER_RECOVER, 0, &taken));
	cr_assert_ok(broker_mark(taken, false));
	broker_release(taken);
}

Test(kernel_broker, revoke_of_nobody)
{
	const NTMS_GUID none = {0};
	struct broker_hold *hold;

	cr_assert_error(broker_reserve(lease, drives[0].id, &none, BROKER_REVOKE, 1, &hold),
			-ENOENT);
}

/* Reserves on its own and waits to be killed. */
static void doomed_holder(int fd, const NTMS_GUID *token)
{
	struct broker_hold *hold;
	struct broker *own;
	int error;

	error = broker_open("kernel", &own);
	if (!error)
		error = broker_expect(own, token, &hold);
	send_word(fd, error);
	for (;;)
		pause();
}

Test(kernel_broker, death_orphans_what_is_loaded)
{
	const NTMS_GUID token = new_guid(), medium = new_guid();
	struct broker_event event = {0};
	struct pollfd news = {.events = POLLIN};
	struct broker_hold *hold;
	uint64_t generation;
	bool seen = false;
	pid_t pid;
	int fd;

	pid = start(doomed_holder, &token, &fd);
	cr_assert_eq(receive_word(fd), 0);
	cr_assert_ok(broker_reserve(lease, drives[1].id, &medium, 0, 0, &hold));
	cr_assert_ok(broker_mark(hold, true));
	cr_assert_ok(broker_transfer(hold, &token, &generation));
	broker_release(hold);
	cr_assert_ok(broker_events_open(broker, &news.fd));
	cr_assert_error(broker_reserve(lease, drives[1].id, &medium, 0, 0, &hold), -EBUSY);

	cr_assert_eq(kill(pid, SIGKILL), 0);
	status_of(pid);
	while (!seen) {
		cr_assert_eq(poll(&news, 1, 60000), 1, "no event of the death");
		while (broker_next_event(broker, news.fd, &event) == 0)
			seen |= event.type == BROKER_EVENT_RELEASED && event.device == drives[1].id;
	}
	close(news.fd);
	close(fd);
	cr_assert_error(broker_reserve(lease, drives[1].id, &medium, 0, 0, &hold), -EOWNERDEAD);
	cr_assert_ok(broker_reserve(lease, drives[1].id, &medium, BROKER_RECOVER, 0, &hold));
	cr_assert_ok(broker_mark(hold, false));
	broker_release(hold);
}

/* ---- shut doors ---- */

/* Opens the drive's node when told, and tells the result. */
static void opener(int fd, const NTMS_GUID *token)
{
	(void)token;
	for (;;) {
		int node;

		wait_for_word(fd);
		node = open(drives[0].node, O_RDONLY | O_NONBLOCK);
		send_word(fd, node < 0 ? errno : 0);
		close(node);
	}
}

static int opens(int fd)
{
	send_word(fd, 0);
	return receive_word(fd);
}

static bool is_told(pid_t pid)
{
	struct broker_conflict *list = NULL;
	size_t count = 0;
	bool found = false;

	cr_assert_ok(broker_conflicts(broker, &list, &count));
	for (size_t i = 0; i < count; i++)
		found |= list[i].pid == pid && list[i].device == drives[0].id &&
			 strcmp(list[i].node, drives[0].node) == 0;
	free(list);
	return found;
}

Test(kernel_broker, managed_granted_unmanaged)
{
	struct broker_hold *hold;
	pid_t pid;
	int fd;

	pid = start(opener, NULL, &fd);
	cr_assert_eq(opens(fd), 0);
	cr_assert_ok(broker_manage(lease, changer.id));
	cr_assert_ok(broker_manage(lease, drives[0].id));
	cr_assert_ok(broker_manage(lease, drives[0].id));
	cr_assert_not(is_told(pid));
	cr_assert_eq(opens(fd), EBUSY);
	cr_assert(is_told(pid));
	hold = reserve(0);
	cr_assert_eq(opens(fd), EBUSY);
	cr_assert_ok(broker_grant(hold, pid));
	cr_assert_eq(opens(fd), 0);
	cr_assert_error(broker_grant(hold, 0x7ffffff0), -ESRCH);
	broker_release(hold);
	cr_assert_eq(opens(fd), EBUSY);
	cr_assert_ok(broker_unmanage(broker, drives[0].id));
	cr_assert_eq(opens(fd), 0);
	cr_assert_ok(broker_unmanage(broker, changer.id));
	cr_assert_error(broker_unmanage(broker, 4000000), -ENODEV);
	cr_assert_eq(kill(pid, SIGKILL), 0);
	status_of(pid);
	close(fd);
}

/* Holds the drive until it is killed. */
static void holder(int fd, const NTMS_GUID *token)
{
	struct rsm_reserve request = {.drive = drives[0].id, .flags = RSM_RESERVE_NOWAIT};
	int rsm = open(RSM_DEVICE_NODE, O_RDWR | O_CLOEXEC);

	(void)token;
	send_word(fd, ioctl(rsm, RSM_IOC_RESERVE, &request) ? errno : 0);
	pause();
}

/* Whoever asks it has the lease, or nothing at all: the doors are shut to both. */
Test(kernel_broker, a_managed_drive_is_asked)
{
	bool loaded = true, needed;
	pid_t pid;
	int fd;

	cr_assert_ok(broker_manage(lease, drives[0].id));
	cr_assert_ok(broker_drive_loaded(broker, drives[0].id, &loaded));
	cr_assert_not(loaded);
	cr_assert_error(broker_drive_cleaning(broker, drives[0].id, &needed), -EOPNOTSUPP);
	pid = start(holder, NULL, &fd);
	cr_assert_eq(receive_word(fd), 0);
	cr_assert_error(broker_drive_loaded(broker, drives[0].id, &loaded), -EBUSY);
	cr_assert_error(broker_drive_cleaning(broker, drives[0].id, &needed), -EBUSY);
	cr_assert_eq(kill(pid, SIGKILL), 0);
	status_of(pid);
	close(fd);
	/* Nobody has knocked at a shut door for that. */
	cr_assert_not(is_told(getpid()));
	cr_assert_ok(broker_drive_loaded(broker, drives[0].id, &loaded));
	cr_assert_ok(broker_unmanage(broker, drives[0].id));
}

/* ---- events ---- */

/* Waits for @type of @device; events of other kinds in between are skipped. */
static void expect_event(int fd, enum broker_event_type type, uint32_t device)
{
	struct pollfd news = {.fd = fd, .events = POLLIN};
	struct broker_event event;

	for (;;) {
		int error = broker_next_event(broker, fd, &event);

		if (error == -EAGAIN) {
			cr_assert_eq(poll(&news, 1, 60000), 1, "event %d of %u does not come", type,
				     device);
			continue;
		}
		cr_assert_ok(error);
		if (event.type == type && event.device == device)
			return;
	}
}

Test(kernel_broker, events)
{
	const NTMS_GUID token = new_guid();
	struct broker_event event;
	struct broker_hold *hold;
	int fd, late;

	/* From the opening on, without a look in between. */
	cr_assert_ok(broker_events_open(broker, &fd));
	hold = reserve(0);
	broker_release(hold);
	expect_event(fd, BROKER_EVENT_RELEASED, drives[0].id);
	/* Another reader begins where it is opened. */
	cr_assert_ok(broker_events_open(broker, &late));
	cr_assert_eq(broker_next_event(broker, late, &event), -EAGAIN);
	cr_assert_ok(broker_expect(broker, &token, &hold));
	broker_release(hold);
	expect_event(fd, BROKER_EVENT_EXPECT_GONE, 0);
	expect_event(late, BROKER_EVENT_EXPECT_GONE, 0);
	broker_lease_give(lease);
	expect_event(fd, BROKER_EVENT_LEASE_FREE, changer.id);
	cr_assert_ok(broker_lease_take(broker, changer.id, &lease));
	close(fd);
	close(late);
}

/* ---- tape ---- */

/* The cartridge of slot @slot in drive 0, reserved. */
static struct broker_hold *mount(int slot)
{
	cr_assert_ok(broker_move(lease, SLOT_BASE + slot, DRIVE_BASE, false, 0));
	return reserve(0);
}

Test(kernel_broker, label_is_written_and_read_back)
{
	struct broker_hold *hold = mount(1);
	struct tape *tape = open_tape(0, true);
	char label[1024], block[65536];
	size_t got;

	memset(label, 'L', sizeof(label));
	cr_assert_ok(tape_write_label(tape, label, sizeof(label)));
	cr_assert_ok(tape_read(tape, block, sizeof(block), &got));
	cr_assert_eq(got, sizeof(label), "%zu bytes", got);
	cr_assert_arr_eq(block, label, sizeof(label));
	cr_assert_ok(tape_read(tape, block, sizeof(block), &got));
	cr_assert_eq(got, 0, "%zu bytes at the filemark", got);
	/* However often: st answers each of them in another way. */
	for (int i = 0; i < 6; i++) {
		cr_assert_ok(tape_read(tape, block, sizeof(block), &got));
		cr_assert_eq(got, 0, "%zu bytes at the end of data, time %d", got, i);
	}
	tape_close(tape);

	/* It is on the medium, and not in a buffer: read it in the other drive. */
	broker_release(hold);
	cr_assert_ok(broker_move(lease, DRIVE_BASE, SLOT_BASE + 1, false, 0));
	cr_assert_ok(broker_move(lease, SLOT_BASE + 1, DRIVE_BASE + 1, false, 0));
	hold = reserve(1);
	tape = open_tape(1, false);
	cr_assert_ok(tape_rewind(tape));
	cr_assert_ok(tape_read(tape, block, sizeof(block), &got));
	cr_assert_eq(got, sizeof(label), "%zu bytes", got);
	cr_assert_arr_eq(block, label, sizeof(label));
	cr_assert_ok(tape_rewind(tape));
	cr_assert_error(tape_read(tape, block, 512, &got), -EMSGSIZE);
	tape_close(tape);
	broker_release(hold);
}

Test(kernel_broker, blank_tape_reads_nothing)
{
	struct broker_hold *hold = mount(2);
	struct tape *tape = open_tape(0, false);
	char block[65536];
	size_t got;

	cr_assert_ok(tape_rewind(tape));
	cr_assert_ok(tape_read(tape, block, sizeof(block), &got));
	cr_assert_eq(got, 0, "%zu bytes on a blank tape", got);
	cr_assert_ok(tape_read(tape, block, sizeof(block), &got));
	cr_assert_eq(got, 0, "%zu bytes on a blank tape, again", got);
	tape_close(tape);
	/* The next cartridge is not taken for the one before. */
	cr_assert_ok(broker_move(lease, DRIVE_BASE, SLOT_BASE + 2, false, 0));
	cr_assert_ok(broker_move(lease, SLOT_BASE + 3, DRIVE_BASE, false, 0));
	tape = open_tape(0, true);
	cr_assert_ok(tape_write_label(tape, "second", 6));
	cr_assert_ok(tape_read(tape, block, sizeof(block), &got));
	cr_assert_eq(got, 6, "%zu bytes", got);
	tape_close(tape);
	broker_release(hold);
}

Test(kernel_broker, unloaded_tape_goes_home)
{
	struct broker_hold *hold = mount(0);
	struct tape *tape = open_tape(0, false);

	cr_assert_ok(tape_unload(tape));
	tape_close(tape);
	cr_assert_ok(broker_move(lease, DRIVE_BASE, SLOT_BASE, false, 0));
	broker_release(hold);
}

Test(kernel_broker, empty_drive)
{
	struct broker_hold *hold = reserve(0);
	uint64_t before = clock_monotonic_ns();
	struct tape *tape;

	cr_assert_error(tape_open(broker, drives[0].id, false, before + WAIT_NS, &tape),
			-ENOMEDIUM);
	cr_assert_null(tape);
	/* The deadline has passed, so one look must do. */
	cr_assert_error(tape_open(broker, drives[0].id, false, before, &tape), -ENOMEDIUM);
	cr_assert_eq(broker_drive_open(broker, drives[0].id, NULL), 0);
	broker_release(hold);
}

Test(kernel_broker, is_a_medium_in_the_drive)
{
	struct broker_hold *hold;
	struct tape *tape;
	bool loaded = true;

	cr_assert_ok(broker_drive_loaded(broker, drives[0].id, &loaded));
	cr_assert_not(loaded);
	hold = mount(0);
	cr_assert_ok(broker_drive_loaded(broker, drives[0].id, &loaded));
	cr_assert(loaded);
	tape = open_tape(0, false);
	cr_assert_error(broker_drive_loaded(broker, drives[0].id, &loaded), -EBUSY);
	tape_close(tape);
	broker_release(hold);
	cr_assert_error(broker_drive_loaded(broker, changer.id, &loaded), -ENODEV);
}

/* tgt has no such page; tests/unit/test-clean.c has drives that tell, in test-both-brokers.sh. */
Test(kernel_broker, does_a_drive_ask_to_be_cleaned)
{
	bool needed = true;

	cr_assert_error(broker_drive_cleaning(broker, drives[0].id, &needed), -EOPNOTSUPP);
	cr_assert_error(broker_drive_cleaning(broker, changer.id, &needed), -ENODEV);
}

Test(kernel_broker, settings_are_put_back)
{
	struct mtop set_block = {.mt_op = MTSETBLK, .mt_count = 512};
	struct broker_hold *hold = mount(0);
	struct tape *tape;
	struct mtget status;
	int fd;

	fd = open(drives[0].node, O_RDWR);
	cr_assert_geq(fd, 0, "%s: %s", drives[0].node, strerror(errno));
	cr_assert_eq(ioctl(fd, MTIOCTOP, &set_block), 0, "%s", strerror(errno));
	close(fd);
	tape = open_tape(0, false);
	cr_assert_ok(tape_reset_settings(tape));
	tape_close(tape);
	fd = open(drives[0].node, O_RDONLY);
	cr_assert_geq(fd, 0, "%s: %s", drives[0].node, strerror(errno));
	cr_assert_eq(ioctl(fd, MTIOCGET, &status), 0);
	close(fd);
	cr_assert_eq(status.mt_dsreg & MT_ST_BLKSIZE_MASK, 0);
	broker_release(hold);
}

Test(kernel_broker, block_size_of_the_last_user_does_not_matter)
{
	struct mtop set_block = {.mt_op = MTSETBLK, .mt_count = 512};
	struct broker_hold *hold = mount(4);
	char block[65536];
	struct tape *tape;
	size_t got;
	int fd;

	tape = open_tape(0, true);
	cr_assert_ok(tape_write_label(tape, "a label", 7));
	tape_close(tape);
	fd = open(drives[0].node, O_RDWR);
	cr_assert_geq(fd, 0, "%s: %s", drives[0].node, strerror(errno));
	cr_assert_eq(ioctl(fd, MTIOCTOP, &set_block), 0, "%s", strerror(errno));
	close(fd);
	tape = open_tape(0, false);
	cr_assert_ok(tape_rewind(tape));
	cr_assert_ok(tape_read(tape, block, sizeof(block), &got));
	cr_assert_eq(got, 7, "%zu bytes", got);
	tape_close(tape);
	broker_release(hold);
}

Test(kernel_broker, codes)
{
	struct broker_hold *hold = mount(0);
	struct tape *tape = open_tape(0, false);
	uint32_t medium = 77, density = 77;

	cr_assert_ok(tape_codes(tape, &medium, &density));
	cr_log_info("tgt: medium type %02x, density %02x", medium, density);
	cr_assert_leq(medium, 0xff);
	cr_assert_neq(medium, 77);
	cr_assert_leq(density, 0xff);
	cr_assert_neq(density, 77);
	tape_close(tape);
	broker_release(hold);
}

Test(kernel_broker, drive_is_open_in_this_process)
{
	struct broker_hold *hold = mount(0);
	struct tape *tape = open_tape(0, false);
	int pid = 0;

	cr_assert_eq(broker_drive_open(broker, drives[0].id, &pid), 1);
	cr_assert_eq(pid, getpid());
	cr_assert_eq(broker_drive_open(broker, drives[1].id, NULL), 0);
	cr_assert_error(broker_drive_open(broker, changer.id, &pid), -ENODEV);
	tape_close(tape);
	cr_assert_eq(broker_drive_open(broker, drives[0].id, &pid), 0);
	cr_assert_eq(pid, 0);
	broker_release(hold);
}

/* Changes drive 0 behind everybody's back. */
static void change_drive(const char *parameters)
{
	char command[256];

	snprintf(command, sizeof(command),
		 "tgtadm --lld iscsi --mode logicalunit --op update --tid 1 --lun 1 --params %s",
		 parameters);
	cr_assert_eq(system(command), 0, "%s", command);
}

Test(kernel_broker, write_protected)
{
	struct broker_hold *hold = mount(5);
	struct tape *tape;

	change_drive("readonly=1");
	ntms_say_nothing();
	cr_expect_eq(tape_open(broker, drives[0].id, true, clock_monotonic_ns() + WAIT_NS, &tape),
		     -EROFS, "%s", ntms_said());
	cr_expect_neq(strstr(ntms_said(), "write-protected"), NULL, "%s", ntms_said());
	tape = open_tape(0, false);
	cr_expect_eq(tape_write_label(tape, "label", 5), -EINVAL);
	tape_close(tape);
	change_drive("readonly=0");
	tape = open_tape(0, true);
	tape_close(tape);
	broker_release(hold);
}

Test(kernel_broker, drive_becomes_ready_too_late)
{
	struct broker_hold *hold = mount(5);
	struct tape *tape;

	change_drive("removable=0,online=0");
	ntms_say_nothing();
	cr_expect_eq(tape_open(broker, drives[0].id, false, clock_monotonic_ns() + 3 * NSEC_PER_SEC,
			       &tape),
		     -ETIMEDOUT, "%s", ntms_said());
	cr_expect_neq(strstr(ntms_said(), "becoming ready"), NULL, "%s", ntms_said());
	change_drive("online=1");
	change_drive("removable=1");
	tape = open_tape(0, false);
	tape_close(tape);
	broker_release(hold);
}

/* Puts an open descriptor where /proc does not show it. */
static void hide_in_socket(int socket, int fd)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {.header = {.cmsg_len = CMSG_LEN(sizeof(int)),
				.cmsg_level = SOL_SOCKET,
				.cmsg_type = SCM_RIGHTS}};
	struct iovec data = {.iov_base = "x", .iov_len = 1};
	struct msghdr message = {.msg_iov = &data,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control)};

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	cr_assert_eq(sendmsg(socket, &message, MSG_NOSIGNAL), 1, "%s", strerror(errno));
}

Test(kernel_broker, drive_is_open_in_no_process)
{
	struct broker_hold *hold = mount(0);
	int fd, ends[2], pid = 77;

	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	fd = open(drives[0].node, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	cr_assert_geq(fd, 0, "%s", strerror(errno));
	hide_in_socket(ends[0], fd);
	close(fd);
	cr_assert_eq(broker_drive_open(broker, drives[0].id, &pid), 1);
	cr_assert_eq(pid, 0);
	close(ends[0]);
	close(ends[1]);
	cr_assert_eq(broker_drive_open(broker, drives[0].id, &pid), 0);
	broker_release(hold);
}

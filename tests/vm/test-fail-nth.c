// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every call of <linux/rsm.h> with its first, second, ... n-th allocation failing, until it
 * needs no more of them.
 *
 * A call that fails for want of memory says so (ENOMEM, or what the contract names) and
 * leaves everything as it was: devices, holders, what is expected, the caller's descriptors,
 * where the cartridges are. One that succeeds all the same has done all of it.
 *
 * For scripts/vm --debug-kernel with one library of its default shape. An argument: only the
 * calls whose names begin so.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "debug-kernel.h"

#define MEDIUM 7
#define TOKEN  9

/* No call makes so many allocations. */
#define TRIES_MAX 3000

static uint32_t changer, drive, alone;
static int lease;	     /* of the changer, to which the drive belongs; both are managed */
static int fd = -1;	     /* what an attempt begins with */
static int other = -1;	     /* likewise */
static int made = -1;	     /* the descriptor a call has made */
static int fail_nth = -1;    /* /proc/thread-self/fail-nth */
static int listener = -1;    /* on netlink, so that events need memory */
static unsigned int failing; /* allocations that were made to fail, of all calls */
static char node_of_drive[64], node_of_changer[64];

/* --- allocations that fail --------------------------------------------------------------- */

static void arm(unsigned int n)
{
	char text[16];
	const int length = snprintf(text, sizeof(text), "%u", n);

	if (pwrite(fail_nth, text, length, 0) != length)
		give_up("fail-nth");
}

/* Has the n-th one been made, and failed? */
static bool disarm(void)
{
	char text[16] = "";

	if (pread(fail_nth, text, sizeof(text) - 1, 0) <= 0)
		give_up("fail-nth");
	arm(0);
	return atoi(text) == 0;
}

static void get_ready_to_fail(void)
{
	fail_nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	/* Those that may sleep fail, too, and the kernel does not tell of each. */
	if (fail_nth < 0 || !write_text("/sys/kernel/debug/failslab/ignore-gfp-wait", "N") ||
	    !write_text("/sys/kernel/debug/failslab/verbose", "0"))
		give_up("fault injection (scripts/vm --debug-kernel has it)");
}

static void listen_to_events(void)
{
	struct nl_sock *socket = nl_socket_alloc();
	int group;

	if (!socket || genl_connect(socket))
		give_up("generic netlink");
	group = genl_ctrl_resolve_grp(socket, RSM_GENL_NAME, RSM_GENL_GROUP);
	if (group < 0 || nl_socket_add_membership(socket, group))
		give_up("the group of events");
	listener = nl_socket_get_fd(socket); /* the socket stays until the end */
}

static void forget_events(void)
{
	char buffer[4096];

	while (recv(listener, buffer, sizeof(buffer), MSG_DONTWAIT) > 0 || errno == ENOBUFS)
		;
}

/* --- the state of all -------------------------------------------------------------------- */

struct world {
	struct rsm_device devices[8];
	struct rsm_holding holdings[8];
	struct rsm_holding status[2]; /* of fd and other */
	int expected;
	int descriptors;
	bool full[ELEMENTS];
};

static int count_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	int count = 0;

	if (!directory)
		give_up("/proc/self/fd");
	while (readdir(directory))
		count++;
	closedir(directory);
	return count;
}

static void look_for_cartridges(bool *full)
{
	if (find_cartridges(lease, full))
		give_up("READ ELEMENT STATUS");
}

static struct world look(bool cartridges)
{
	struct world world;
	uint32_t id = 0;
	int i;

	memset(&world, 0, sizeof(world));
	for (i = 0; i < 8; i++, id++) {
		world.devices[i].id = id;
		if (ioctl(rsm, RSM_IOC_DEVICE, &world.devices[i]))
			break;
		id = world.devices[i].id;
	}
	for (i = 0, id = 0; i < 8; i++, id++) {
		world.holdings[i].drive = id;
		if (ioctl(rsm, RSM_IOC_HOLDING, &world.holdings[i]))
			break;
		id = world.holdings[i].drive;
	}
	world.expected = expected(TOKEN);
	if (fd >= 0)
		ioctl(fd, RSM_IOC_STATUS, &world.status[0]);
	if (other >= 0)
		ioctl(other, RSM_IOC_STATUS, &world.status[1]);
	world.descriptors = count_descriptors();
	if (cartridges)
		look_for_cartridges(world.full);
	return world;
}

/* --- what is tried ----------------------------------------------------------------------- */

struct attempt {
	const char *what;
	void (*before)(void);
	long (*call)(void);
	bool (*done)(void);  /* is all of it done? With NULL nothing can be seen of it */
	void (*after)(void); /* as it was before, whatever has become of it */
	int ends;	     /* errno with which it ends when memory is there */
	int also[4];	     /* errnos beside ENOMEM that want of memory may have */
	bool cartridges;     /* it may have moved some */
};

static void drop(int *descriptor)
{
	if (*descriptor >= 0)
		close(*descriptor);
	*descriptor = -1;
}

static void drop_all(void)
{
	drop(&made);
	drop(&fd);
	drop(&other);
}

static void hold(void)
{
	fd = reserve_now(drive, MEDIUM);
	if (fd < 0)
		give_up("RESERVE");
}

static void hold_loaded(void)
{
	hold();
	mark(fd, RSM_MARK_LOADED);
}

static void leave_orphan(void)
{
	hold_loaded();
	drop(&fd);
}

/* Whatever is left of an orphan is settled. */
static void settle(void)
{
	drop_all();
	made = reserve_on(lease, drive, 0, RSM_RESERVE_RECOVER | RSM_RESERVE_NOWAIT);
	mark(made, 0);
	drop(&made);
}

static long call_open(void)
{
	made = open(RSM_DEVICE_NODE, O_RDWR | O_CLOEXEC);
	return made;
}

static long call_version(void)
{
	struct rsm_version version;

	return ioctl(rsm, RSM_IOC_VERSION, &version);
}

static long call_device(void)
{
	struct rsm_device device = {.id = changer};

	return ioctl(rsm, RSM_IOC_DEVICE, &device);
}

static long call_holding(void)
{
	struct rsm_holding holding = {.drive = drive};

	return ioctl(rsm, RSM_IOC_HOLDING, &holding);
}

static long call_history(void)
{
	return ioctl(fd, RSM_IOC_HISTORY, 0);
}

static void open_reader(void)
{
	fd = new_reader();
	close(reserve_now(drive, MEDIUM));
}

static long call_read(void)
{
	struct rsm_event event;

	return read(fd, &event, sizeof(event));
}

static long call_poll(void)
{
	return polled(fd, 0);
}

static long call_reserve(void)
{
	made = reserve_now(drive, MEDIUM);
	return made;
}

static bool is_made_holder(void)
{
	return status_of(made).state == RSM_STATE_HELD &&
	       holding_of(drive).generation == status_of(made).generation;
}

static long call_reserve_late(void)
{
	struct rsm_reserve reserve = {.drive = drive, .deadline_ns = soon(1)};

	return ioctl(rsm, RSM_IOC_RESERVE, &reserve);
}

static long call_recover(void)
{
	made = reserve_on(lease, drive, 0, RSM_RESERVE_RECOVER);
	return made;
}

static bool is_recovered(void)
{
	return is_made_holder() && status_of(made).flags == RSM_MARK_LOADED &&
	       status_of(made).medium[0] == MEDIUM;
}

static long call_revoke(void)
{
	made = take_away(lease, drive, MEDIUM, status_of(fd).generation);
	return made;
}

static bool is_revoked(void)
{
	return is_made_holder() && status_of(fd).state == RSM_STATE_ENDED;
}

static long call_expect(void)
{
	made = expect(TOKEN);
	return made;
}

static bool is_expected(void)
{
	return expected(TOKEN) == 1 && status_of(made).state == RSM_STATE_PENDING;
}

static void expect_it(void)
{
	other = expect(TOKEN);
}

static long call_expected(void)
{
	return expected(TOKEN);
}

static void hold_and_expect(void)
{
	hold();
	expect_it();
}

static long call_transfer(void)
{
	uint64_t generation;

	return transfer(fd, TOKEN, &generation);
}

static bool is_transferred(void)
{
	return status_of(fd).state == RSM_STATE_ENDED && status_of(other).state == RSM_STATE_HELD &&
	       expected(TOKEN) == 0;
}

static long call_mark(void)
{
	return mark(fd, RSM_MARK_LOADED);
}

static bool is_marked(void)
{
	return status_of(fd).flags == RSM_MARK_LOADED;
}

static long call_status(void)
{
	struct rsm_holding holding;

	return ioctl(fd, RSM_IOC_STATUS, &holding);
}

static long call_grant(void)
{
	return grant(fd, getppid(), 0);
}

static void hold_and_grant(void)
{
	hold();
	grant(fd, getppid(), 0);
}

static bool is_granted(void)
{
	/* it can be taken away again */
	return !grant(fd, getppid(), RSM_GRANT_REMOVE);
}

static long call_grant_remove(void)
{
	return grant(fd, getppid(), RSM_GRANT_REMOVE);
}

static bool is_not_granted(void)
{
	return grant(fd, getppid(), RSM_GRANT_REMOVE) && errno == ESRCH;
}

static long call_lease_alone(void)
{
	made = lease_on(alone, RSM_LEASE_NOWAIT);
	return made;
}

static bool is_lease_taken(void)
{
	return lease_on(alone, RSM_LEASE_NOWAIT) < 0 && errno == EBUSY;
}

static void give_lease_up(void)
{
	drop(&lease);
}

static long call_lease_changer(void)
{
	made = lease_on(changer, RSM_LEASE_NOWAIT);
	return made;
}

static bool is_executor(void)
{
	struct rsm_robot robot = {.op = RSM_ROBOT_TEST_READY};

	return !robot_do(made, &robot);
}

static void take_lease(void)
{
	drop_all();
	lease = lease_on(changer, RSM_LEASE_NOWAIT);
	if (lease < 0)
		give_up("LEASE");
}

static long call_assign(void)
{
	return assign(lease, alone, 0);
}

static bool is_assigned(void)
{
	return find_device(DRIVE2_NAME).changer == changer;
}

static void assign_it(void)
{
	assign(lease, alone, 0);
}

static long call_unassign(void)
{
	return assign(lease, alone, RSM_ASSIGN_REMOVE);
}

static bool is_alone(void)
{
	return find_device(DRIVE2_NAME).changer == 0;
}

static void unassign(void)
{
	assign(lease, alone, RSM_ASSIGN_REMOVE);
}

static bool is_managed(const char *serial)
{
	const struct rsm_device device = find_device(serial);

	return device.flags == RSM_DEVICE_MANAGED && device.doors > 2;
}

static bool is_free(const char *serial)
{
	const struct rsm_device device = find_device(serial);

	return !device.flags && !device.doors;
}

static bool is_changer_managed(void)
{
	return is_managed(CHANGER_NAME);
}

static bool is_changer_free(void)
{
	return is_free(CHANGER_NAME);
}

static bool is_drive_managed(void)
{
	return is_managed(DRIVE_NAME);
}

static bool is_drive_free(void)
{
	return is_free(DRIVE_NAME) && holding_of(drive).state == RSM_STATE_FREE;
}

static void let_changer_go(void)
{
	unmanage(lease, changer, 0);
}

static void let_drive_go(void)
{
	unmanage(lease, drive, 0);
}

static long manage_it(uint32_t id)
{
	struct rsm_manage answer;

	return manage(lease, id, &answer);
}

static long call_manage_changer(void)
{
	return manage_it(changer);
}

static long call_manage_drive(void)
{
	return manage_it(drive);
}

/* Who still has a node open after a failure is the kernel itself, on its way to close it. */
static void manage_both(void)
{
	drop_all();
	if (manage_it(changer) || manage_it(drive))
		give_up("MANAGE");
}

static long call_unmanage_changer(void)
{
	return unmanage(lease, changer, 0);
}

static long call_unmanage_drive(void)
{
	return unmanage(lease, drive, 0);
}

static long call_unmanage_force(void)
{
	return unmanage(lease, drive, RSM_UNMANAGE_FORCE);
}

static long robot_op(uint32_t op)
{
	struct rsm_robot robot = {.op = op};

	return robot_do(lease, &robot);
}

static long call_ready(void)
{
	return robot_op(RSM_ROBOT_TEST_READY);
}

static long call_prevent(void)
{
	return robot_op(RSM_ROBOT_PREVENT);
}

static long call_allow(void)
{
	return robot_op(RSM_ROBOT_ALLOW);
}

static long call_init_status(void)
{
	return robot_op(RSM_ROBOT_INIT_STATUS);
}

static long call_sense(void)
{
	uint8_t answer[64];
	struct rsm_robot robot = {.op = RSM_ROBOT_REQUEST_SENSE,
				  .data = (uintptr_t)answer,
				  .data_len = sizeof(answer)};

	return robot_do(lease, &robot);
}

static long call_read_status(void)
{
	static uint8_t answer[65536];
	struct rsm_robot robot = {.op = RSM_ROBOT_READ_STATUS,
				  .element_type = 2,
				  .start = SLOT,
				  .count = SLOTS,
				  .flags = RSM_ROBOT_VOLTAG,
				  .data = (uintptr_t)answer,
				  .data_len = sizeof(answer)};

	return robot_do(lease, &robot);
}

static long call_position(void)
{
	struct rsm_robot robot = {.op = RSM_ROBOT_POSITION, .destination = SLOT};

	return robot_do(lease, &robot);
}

static uint8_t move_status;

static long call_move(void)
{
	return robot_move(lease, SLOT, PORT, &move_status);
}

static bool is_moved(void)
{
	bool full[ELEMENTS];

	look_for_cartridges(full);
	return !move_status && !full[0] && full[SLOTS];
}

static void move_back(void)
{
	uint8_t status;

	robot_move(lease, PORT, SLOT, &status);
}

static long call_close(void)
{
	close(fd);
	fd = -1;
	return 0;
}

static bool is_drive_held_by_none(void)
{
	return holding_of(drive).state == RSM_STATE_FREE;
}

static bool is_orphaned(void)
{
	return holding_of(drive).state == RSM_STATE_ORPHANED;
}

static void expect_as_fd(void)
{
	fd = expect(TOKEN);
}

static bool is_expected_no_more(void)
{
	return expected(TOKEN) == 0;
}

static void lease_as_fd(void)
{
	fd = lease_on(alone, RSM_LEASE_NOWAIT);
}

static bool is_lease_free(void)
{
	made = lease_on(alone, RSM_LEASE_NOWAIT);
	return made >= 0;
}

static long call_open_drive(void)
{
	made = open(node_of_drive, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	return made;
}

static long call_open_changer(void)
{
	made = open(node_of_changer, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	return made;
}

/* What st says when it gets no memory: nothing better, and it is passed on. */
#define OF_ST EBUSY, EIO, EOVERFLOW, ENXIO

static const struct attempt attempts[] = {
	{"opening /dev/rsm", NULL, call_open, NULL, drop_all, 0, {0}, false},
	{"VERSION", NULL, call_version, NULL, NULL, 0, {0}, false},
	{"DEVICE", NULL, call_device, NULL, NULL, 0, {0}, false},
	{"HOLDING", NULL, call_holding, NULL, NULL, 0, {0}, false},
	{"HISTORY", open_reader, call_history, NULL, drop_all, 0, {0}, false},
	{"read() of an event", open_reader, call_read, NULL, drop_all, 0, {0}, false},
	{"poll()", open_reader, call_poll, NULL, drop_all, 0, {0}, false},
	{"RESERVE", NULL, call_reserve, is_made_holder, drop_all, 0, {0}, false},
	{"RESERVE of what is held", hold, call_reserve, NULL, drop_all, EBUSY, {0}, false},
	{"RESERVE until a deadline", hold, call_reserve_late, NULL, drop_all, ETIME, {0}, false},
	{"RESERVE of an orphan", leave_orphan, call_reserve, NULL, settle, EOWNERDEAD, {0}, false},
	{"RESERVE, RECOVER", leave_orphan, call_recover, is_recovered, settle, 0, {0}, false},
	{"RESERVE, REVOKE", hold_loaded, call_revoke, is_revoked, settle, 0, {0}, false},
	{"EXPECT", NULL, call_expect, is_expected, drop_all, 0, {0}, false},
	{"EXPECT again", expect_it, call_expect, NULL, drop_all, EEXIST, {0}, false},
	{"EXPECTED", expect_it, call_expected, NULL, drop_all, 0, {0}, false},
	{"TRANSFER", hold_and_expect, call_transfer, is_transferred, drop_all, 0, {0}, false},
	{"TRANSFER to nobody", hold, call_transfer, NULL, drop_all, ENOENT, {0}, false},
	{"MARK", hold, call_mark, is_marked, settle, 0, {0}, false},
	{"STATUS", hold, call_status, NULL, drop_all, 0, {0}, false},
	{"GRANT", hold, call_grant, is_granted, drop_all, 0, {0}, false},
	{"GRANT, REMOVE",
	 hold_and_grant,
	 call_grant_remove,
	 is_not_granted,
	 drop_all,
	 0,
	 {0},
	 false},
	{"LEASE of a drive", NULL, call_lease_alone, is_lease_taken, drop_all, 0, {0}, false},
	{"LEASE of a changer",
	 give_lease_up,
	 call_lease_changer,
	 is_executor,
	 take_lease,
	 0,
	 {0},
	 false},
	{"LEASE that another has", NULL, call_lease_changer, NULL, drop_all, EBUSY, {0}, false},
	{"ASSIGN", NULL, call_assign, is_assigned, unassign, 0, {0}, false},
	{"ASSIGN, REMOVE", assign_it, call_unassign, is_alone, unassign, 0, {0}, false},
	{"MANAGE of a changer",
	 let_changer_go,
	 call_manage_changer,
	 is_changer_managed,
	 manage_both,
	 0,
	 {0},
	 false},
	{"MANAGE of a drive",
	 let_drive_go,
	 call_manage_drive,
	 is_drive_managed,
	 manage_both,
	 0,
	 {EBUSY, EIO},
	 false},
	{"MANAGE again", NULL, call_manage_drive, is_drive_managed, manage_both, 0, {0}, false},
	{"UNMANAGE of a changer",
	 NULL,
	 call_unmanage_changer,
	 is_changer_free,
	 manage_both,
	 0,
	 {0},
	 false},
	{"UNMANAGE of a drive",
	 NULL,
	 call_unmanage_drive,
	 is_drive_free,
	 manage_both,
	 0,
	 {0},
	 false},
	{"UNMANAGE of what is held", hold, call_unmanage_drive, NULL, drop_all, EBUSY, {0}, false},
	{"UNMANAGE, FORCE",
	 hold_loaded,
	 call_unmanage_force,
	 is_drive_free,
	 manage_both,
	 0,
	 {0},
	 false},
	{"ROBOT, TEST_READY", NULL, call_ready, NULL, NULL, 0, {0}, false},
	{"ROBOT, MOVE", NULL, call_move, is_moved, move_back, 0, {0}, true},
	{"ROBOT, POSITION", NULL, call_position, NULL, NULL, 0, {0}, true},
	{"ROBOT, INIT_STATUS", NULL, call_init_status, NULL, NULL, 0, {0}, true},
	{"ROBOT, READ_STATUS", NULL, call_read_status, NULL, NULL, 0, {0}, false},
	{"ROBOT, PREVENT", NULL, call_prevent, NULL, NULL, 0, {0}, false},
	{"ROBOT, ALLOW", NULL, call_allow, NULL, NULL, 0, {0}, false},
	{"ROBOT, REQUEST_SENSE", NULL, call_sense, NULL, NULL, 0, {0}, false},
	{"the holder opens the drive", hold, call_open_drive, NULL, drop_all, 0, {OF_ST}, false},
	{"the executor opens the changer", NULL, call_open_changer, NULL, drop_all, 0, {0}, false},
	{"the end of a reservation",
	 hold,
	 call_close,
	 is_drive_held_by_none,
	 drop_all,
	 0,
	 {0},
	 false},
	{"the end of a loaded one", hold_loaded, call_close, is_orphaned, settle, 0, {0}, false},
	{"the end of what was expected",
	 expect_as_fd,
	 call_close,
	 is_expected_no_more,
	 drop_all,
	 0,
	 {0},
	 false},
	{"the end of a lease", lease_as_fd, call_close, is_lease_free, drop_all, 0, {0}, false},
};

static bool is_allowed(const struct attempt *attempt, int error)
{
	size_t i;

	for (i = 0; i < sizeof(attempt->also) / sizeof(attempt->also[0]); i++) {
		if (error && attempt->also[i] == error)
			return true;
	}
	return error == ENOMEM;
}

static bool wrong(const struct attempt *attempt, unsigned int n, const char *what, int error)
{
	printf("# %s, allocation %u: %s (%s)\n", attempt->what, n, what, strerrorname_np(error));
	return false;
}

/* One call with its n-th allocation failing; @more: it did make that one. */
static bool try_once(const struct attempt *attempt, unsigned int n, bool *more)
{
	struct world before, after;
	bool good = true;
	int error;

	if (attempt->before)
		attempt->before();
	before = look(attempt->cartridges);
	arm(n);
	error = attempt->call() < 0 ? errno : 0;
	*more = disarm();
	if (error && error != attempt->ends && (!*more || !is_allowed(attempt, error)))
		good = wrong(attempt, n, *more ? "a strange error" : "it never works", error);
	if (!error && attempt->ends)
		good = wrong(attempt, n, "it should be refused", 0);
	if (!error && attempt->done && !attempt->done())
		good = wrong(attempt, n, "it says that it is done, and is not", 0);
	if (error) {
		after = look(attempt->cartridges);
		if (memcmp(&before, &after, sizeof(before)))
			good = wrong(attempt, n, "not everything is as it was", error);
	}
	if (attempt->after)
		attempt->after();
	forget_events();
	return good;
}

static void try(const struct attempt *attempt)
{
	unsigned int n, bad = 0;
	bool more = true;

	for (n = 1; more && n <= TRIES_MAX; n++)
		bad += !try_once(attempt, n, &more);
	failing += n - 2;
	check(!bad && !more, "%s: %u allocations failed, one after the other", attempt->what,
	      n - 2);
}

/* In a process that has no descriptor of ours: opening is refused, whatever fails. */
static void try_stranger(const char *path)
{
	unsigned int n, bad = 0;
	bool more = true;
	int status, stranger;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		close(lease);
		close(fail_nth);
		get_ready_to_fail();
		for (n = 1; more && n <= TRIES_MAX; n++) {
			arm(n);
			stranger = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
			status = errno;
			more = disarm();
			bad += stranger >= 0 || (status != EBUSY && status != ENOMEM);
		}
		_exit(bad || more || n < 3);
	}
	waitpid(pid, &status, 0);
	check(WIFEXITED(status) && !WEXITSTATUS(status), "a stranger never opens %s", path);
}

static void find_node(char *node, size_t size, const char *serial)
{
	char link[128];
	char *path;

	snprintf(link, sizeof(link), "/dev/tape/by-serial/%s", serial);
	path = realpath(link, NULL);
	if (!path)
		give_up(link);
	snprintf(node, size, "%s", path);
	free(path);
}

int main(int argc, char **argv)
{
	size_t i;

	rsm = open_rsm(0);
	changer = find_device(CHANGER_NAME).id;
	drive = find_device(DRIVE_NAME).id;
	alone = find_device(DRIVE2_NAME).id;
	find_node(node_of_drive, sizeof(node_of_drive), DRIVE_NAME);
	find_node(node_of_changer, sizeof(node_of_changer), CHANGER_NAME);
	get_ready_to_fail();
	listen_to_events();
	take_lease();
	if (assign(lease, drive, 0))
		give_up("ASSIGN");
	manage_both();
	for (i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		if (argc < 2 || !strncmp(attempts[i].what, argv[1], strlen(argv[1])))
			try(&attempts[i]);
	}
	try_stranger(node_of_drive);
	try_stranger(node_of_changer);
	unmanage(lease, drive, 0);
	unmanage(lease, changer, 0);
	check(failing > (argc < 2 ? 100 : 0), "%u allocations failed in all", failing);
	check_leaks();
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}

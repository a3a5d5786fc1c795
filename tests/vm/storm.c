// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many at once, doing anything at any moment, for a while.
 *
 * Usage: storm holders|unplug|load SECONDS SEED LOG CALLS
 *
 *   holders  eight processes reserve, wait, mark, hand on, grant, lease, recover, revoke,
 *            shut doors and open them, try the nodes behind them, and die, by themselves or
 *            killed, with a node open or not
 *   unplug   the same, and the robot moves all the time, while drives and the changer are
 *            pulled out and plugged in, or their session is ended and begun again
 *   load     the module comes and goes while others open, use and close its node and those
 *            it shuts
 *
 * LOG gets all events of the module and CALLS what the processes remember (storm.h), for
 * check-events to compare. What is seen here: every call ends, by its deadline at the
 * latest, and with an error that the contract knows; who holds a drive gets into it, and who
 * has nothing to do with what another holds does not while it is managed; at the end nobody
 * holds or waits for anything, every door is open, and every cartridge is there, once.
 *
 * For one library of scripts/vm's default shape.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "calls.h"
#include "storm.h"

#define SEATS	  8
#define LIVES_MAX 1000000
#define WAIT_MS	  400
/* More than a storm of ten minutes makes. */
#define GENERATIONS_MAX 1000000
/* Storms as long as this have to have seen everything. */
#define LONG_S 60
/* No storm is over before it has unplugged, or loaded, as many times; on a busy machine it goes
 * on for that, for another BEAT_S at most. */
#define ROUNDS_MIN 3
/* No call waits longer than WAIT_MS by itself; this much is for a busy machine. */
#define BEAT_S 240

/* What all processes of a storm share. */
struct shared {
	atomic_bool over, lull;
	atomic_uint lives_used;
	atomic_ulong calls, strange, moves;
	atomic_ulong opened, refused; /* nodes, by holders; nodes that others have, by all others */
	atomic_ulong managed;
	atomic_int pids[SEATS];
	atomic_ulong beats[SEATS]; /* when its process last came back from a call, in s */
	/* the seats that a reservation was granted to, or may have been: a bit for each */
	atomic_uchar granted[GENERATIONS_MAX];
	struct storm_life lives[LIVES_MAX];
};

static struct shared *shared;
static unsigned int seat;	/* of this process */
static struct storm_life *life; /* likewise */
static unsigned int seed;
static bool unplugging;

static unsigned int pick(unsigned int below)
{
	return (unsigned int)rand_r(&seed) % below;
}

/* True in so many of a hundred cases. */
static bool chance(unsigned int percent)
{
	return pick(100) < percent;
}

static void nap(unsigned int most_us)
{
	usleep(pick(most_us));
}

static void __attribute__((format(printf, 1, 2))) strange(const char *format, ...)
{
	va_list args;

	atomic_fetch_add(&shared->strange, 1);
	printf("# ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
}

/* A call is over. What of its errors the contract does not know is strange. */
static long ended(long result, const char *what, const int *known)
{
	const int error = errno;

	atomic_fetch_add(&shared->calls, 1);
	atomic_store(&shared->beats[seat], soon(0) / 1000000000);
	if (result >= 0)
		return result;
	for (; *known; known++) {
		if (error == *known)
			return -1;
	}
	/* a device may go before any call comes to it */
	if (unplugging && (error == ENODEV || error == EPERM || error == ESTALE))
		return -1;
	strange("%s: %s", what, strerrorname_np(error));
	return -1;
}

#define ENDED(call, ...) ended(call, #call, (const int[]){__VA_ARGS__ __VA_OPT__(, ) 0})

/* Of a call that was refused because somebody else has it an event tells: who it was. */
static long told(long result)
{
	if (result < 0 && (errno == EBUSY || errno == EOWNERDEAD || errno == ETIME))
		life->refused++;
	return result;
}

static uint32_t id_of(const char *serial)
{
	static uint32_t ids[3];
	static const char *const serials[] = {CHANGER_NAME, DRIVE_NAME, DRIVE2_NAME};
	int i;

	for (i = 0; strcmp(serial, serials[i]); i++)
		;
	if (!ids[i] || unplugging)
		ids[i] = find_device(serial).id;
	return ids[i];
}

static uint32_t any_drive(void)
{
	return id_of(chance(50) ? DRIVE_NAME : DRIVE2_NAME);
}

/* --- what a process may do --------------------------------------------------------------- */

/* SIGALRM interrupts a wait now and then. */
static void interrupt_soon(void)
{
	const struct itimerval in = {.it_value.tv_usec = 1 + pick(50000)};

	if (chance(10))
		setitimer(ITIMER_REAL, &in, NULL);
}

static void __attribute__((noreturn)) die(void)
{
	if (chance(50))
		raise(SIGKILL);
	_exit(0);
}

/* The caller is the only holder: the drive says so, too. */
static void check_held(int fd, const struct rsm_reserve *reserve)
{
	const struct rsm_holding mine = status_of(fd), drive = holding_of(reserve->drive);

	/* it may have been revoked meanwhile */
	if (mine.state == RSM_STATE_ENDED)
		return;
	if (mine.state == RSM_STATE_HELD && mine.generation == reserve->generation &&
	    (drive.generation != mine.generation || drive.pid == getpid()))
		return;
	strange("reserved, and not held: state %u, generation %llu of %llu, process %d", mine.state,
		(unsigned long long)mine.generation, (unsigned long long)reserve->generation,
		drive.pid);
}

/* To the caller, to another seat, or to all of them: they descend from whom it is granted to. */
static void grant_somebody(int fd)
{
	const uint64_t generation = status_of(fd).generation;
	const unsigned int other = pick(SEATS);
	/* a child that has the descriptor, too, may let the caller outlive his own */
	unsigned int bits = 1U << seat;
	pid_t pid = 0;

	if (chance(25)) {
		pid = getppid();
		bits = (1U << SEATS) - 1;
	} else if (chance(33)) {
		pid = atomic_load(&shared->pids[other]);
		bits = 1U << other;
	}
	atomic_fetch_or(&shared->granted[generation % GENERATIONS_MAX], bits);
	ENDED(grant(fd, pid, 0), ESTALE, ENODEV, ESRCH);
}

/* --- nodes -------------------------------------------------------------------------------- */

enum kind {
	SG,
	NST,
};

/* One of a device's nodes, if it has it now. */
static bool find_node(const struct rsm_device *device, enum kind kind, char *node, size_t size)
{
	const char *const class = kind == SG ? "scsi_generic" : "scsi_tape";
	const char *const prefix = kind == SG ? "sg" : "nst";
	const struct dirent *entry;
	size_t length = 0;
	char path[128];
	DIR *directory;

	snprintf(path, sizeof(path), "/sys/class/scsi_device/%u:%u:%u:%llu/device/%s", device->host,
		 device->channel, device->target, (unsigned long long)device->lun, class);
	directory = opendir(path);
	if (!directory)
		return false;
	while (!length && (entry = readdir(directory))) {
		/* of a tape's the one without a letter for its mode */
		if (!strncmp(entry->d_name, prefix, strlen(prefix)) &&
		    strspn(entry->d_name + strlen(prefix), "0123456789") ==
			    strlen(entry->d_name + strlen(prefix)))
			length = snprintf(node, size, "/dev/%s", entry->d_name);
	}
	closedir(directory);
	return length && length < size;
}

static struct rsm_device device_of(uint32_t id)
{
	struct rsm_device device = {.id = id};

	if (ioctl(rsm, RSM_IOC_DEVICE, &device) || device.id != id)
		memset(&device, 0, sizeof(device));
	return device;
}

static int open_node(const struct rsm_device *device, enum kind kind)
{
	char node[64];

	if (!find_node(device, kind, node, sizeof(node))) {
		errno = ENXIO;
		return -1;
	}
	return open(node, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

/* What a node may say when it is not refused: st admits one at a time, and a device may go. */
static void opening_ended(int fd, enum kind kind)
{
	if (fd < 0 && unplugging && (errno == ENXIO || errno == ENOENT))
		errno = ENODEV;
	if (kind == SG)
		ENDED(fd, EBUSY);
	else
		ENDED(fd, EBUSY, EINTR, EIO);
}

/* A child has the node open for a while, and nothing else: its parent may be dead by then. */
static void leave_child(int node)
{
	if (fork())
		return;
	close_range(STDERR_FILENO + 1, node - 1, 0);
	close_range(node + 1, ~0U, 0);
	nap(200000);
	_exit(0);
}

/* The holder opens a node of its drive, uses it for a moment, or dies of it. */
static void open_own(int fd)
{
	const struct rsm_holding before = status_of(fd);
	const struct rsm_device device = device_of(before.drive);
	const enum kind kind = chance(50) ? SG : NST;
	struct rsm_holding after;
	int node, error;

	if (before.state != RSM_STATE_HELD || !device.id)
		return;
	node = open_node(&device, kind);
	error = node < 0 ? errno : 0;
	after = status_of(fd);
	errno = error;
	opening_ended(node, kind);
	/* sg itself refuses nobody: of st's own refusals nothing can be said */
	if (error == EBUSY && kind == SG && after.state == RSM_STATE_HELD)
		strange("the holder of drive %u, generation %llu, was refused", before.drive,
			(unsigned long long)before.generation);
	if (node < 0)
		return;
	atomic_fetch_add(&shared->opened, 1);
	if (chance(10))
		leave_child(node);
	if (chance(5))
		die();
	nap(5000);
	close(node);
}

/* The drive was one reservation's from the one look to the other. */
static bool same_holder(const struct rsm_holding *before, const struct rsm_holding *after)
{
	return (before->state == RSM_STATE_HELD || before->state == RSM_STATE_ORPHANED) &&
	       (after->state == RSM_STATE_HELD || after->state == RSM_STATE_ORPHANED) &&
	       before->generation == after->generation;
}

/*
 * One who holds nothing, or the lease alone, opens a node of a drive. If the drive is another's
 * before and after, and managed once between, it was managed all the time: only the end of the
 * reservation ends that.
 */
static void do_knock(void)
{
	const uint32_t drive = any_drive();
	const struct rsm_holding before = holding_of(drive);
	const struct rsm_device device = device_of(drive);
	const enum kind kind = chance(50) ? SG : NST;
	struct rsm_holding after;
	int node, error;
	bool shut;

	if (!device.id)
		return;
	node = open_node(&device, kind);
	error = node < 0 ? errno : 0;
	after = holding_of(drive);
	errno = error;
	opening_ended(node, kind);
	shut = device.flags & RSM_DEVICE_MANAGED && same_holder(&before, &after) &&
	       !(atomic_load(&shared->granted[after.generation % GENERATIONS_MAX]) & 1U << seat);
	if (shut && node >= 0)
		strange("drive %u is managed and process %d's, generation %llu, and was opened",
			drive, after.pid, (unsigned long long)after.generation);
	else if (shut)
		atomic_fetch_add(&shared->refused, 1);
	if (node < 0)
		return;
	if (chance(5))
		die();
	nap(5000);
	close(node);
}

/* With the lease: shut a drive's doors or open them. */
static void manage_or_not(int lease, uint32_t drive)
{
	struct rsm_manage answer;
	unsigned int force;

	interrupt_soon();
	if (chance(70)) {
		if (!ENDED(manage(lease, drive, &answer), EBUSY, EINTR))
			atomic_fetch_add(&shared->managed, 1);
		return;
	}
	force = chance(20) ? RSM_UNMANAGE_FORCE : 0;
	ENDED(unmanage(chance(80) ? lease : rsm, drive, force), EBUSY, EINTR);
}

/* A second process has the lease, too, as a second thread would, and does that meanwhile. */
static void manage_aside(int lease, uint32_t drive)
{
	if (fork())
		return;
	manage_or_not(lease, drive);
	_exit(0);
}

/* --- what holders do ------------------------------------------------------------------------ */

/* With a reservation: this and that, and let it go. */
static void use(int fd)
{
	uint64_t generation;

	if (chance(30))
		ENDED(mark(fd, RSM_MARK_LOADED), ESTALE, ENODEV);
	if (chance(20))
		grant_somebody(fd);
	if (chance(30))
		open_own(fd);
	if (chance(70))
		nap(5000);
	if (chance(30))
		ENDED(transfer(fd, 1 + pick(SEATS), &generation), ENOENT, ESTALE, ENODEV);
	if (chance(5))
		die();
	if (chance(70))
		ENDED(mark(fd, 0), ESTALE, ENODEV);
	close(fd);
}

static bool reserve_by(int fd, struct rsm_reserve *reserve)
{
	interrupt_soon();
	/* ENODEV: the drive was given back by force meanwhile */
	return ENDED(told(ioctl(fd, RSM_IOC_RESERVE, reserve)), EBUSY, EOWNERDEAD, ETIME, EINTR,
		     ENODEV) >= 0;
}

static void do_reserve(void)
{
	struct rsm_reserve reserve = {.drive = any_drive(),
				      .priority = (int)pick(31) - 15,
				      .flags = chance(30) ? RSM_RESERVE_NOWAIT : 0,
				      .deadline_ns = soon(pick(WAIT_MS))};

	if (!reserve.drive)
		return;
	memset(reserve.medium, pick(4), sizeof(reserve.medium));
	if (!reserve_by(rsm, &reserve))
		return;
	check_held(reserve.fd, &reserve);
	use(reserve.fd);
}

static void do_expect(void)
{
	const int fd = ENDED(expect(1 + seat), EEXIST);

	if (fd < 0)
		return;
	polled(fd, pick(WAIT_MS));
	if (chance(5))
		die();
	if (status_of(fd).state == RSM_STATE_HELD)
		use(fd);
	else
		close(fd);
}

static void recover(int lease, uint32_t drive)
{
	struct rsm_reserve reserve = {
		.drive = drive, .flags = RSM_RESERVE_RECOVER, .deadline_ns = soon(pick(WAIT_MS))};

	if (chance(50))
		reserve.flags |= RSM_RESERVE_NOWAIT;
	if (chance(20))
		memset(reserve.medium, pick(4), sizeof(reserve.medium));
	if (!reserve_by(lease, &reserve))
		return;
	ENDED(mark(reserve.fd, 0), ESTALE, ENODEV);
	use(reserve.fd);
}

static void take_from_holder(int lease, uint32_t drive)
{
	const struct rsm_holding holding = holding_of(drive);
	int fd;

	if (holding.state != RSM_STATE_HELD)
		return;
	fd = ENDED(told(take_away(lease, drive, 0, holding.generation)), ENOENT, ESTALE,
		   EOWNERDEAD);
	if (fd >= 0)
		use(fd);
}

static void do_lease(void)
{
	struct rsm_lease lease = {.device = id_of(CHANGER_NAME),
				  .flags = chance(50) ? RSM_LEASE_NOWAIT : 0,
				  .deadline_ns = soon(pick(WAIT_MS))};
	long result;
	int i;

	if (!lease.device)
		return;
	interrupt_soon();
	result = ioctl(rsm, RSM_IOC_LEASE, &lease);
	/* of leases only a refusal at once is an event; who waited in vain the module finds */
	if (result && errno != ETIME)
		told(result);
	if (ENDED(result, EBUSY, ETIME, EINTR) < 0)
		return;
	ENDED(assign(lease.fd, id_of(DRIVE_NAME), 0), ENODEV);
	ENDED(assign(lease.fd, id_of(DRIVE2_NAME), 0), ENODEV);
	for (i = pick(5); i; i--) {
		if (chance(20))
			do_knock();
		else if (chance(20))
			manage_or_not(lease.fd, any_drive());
		else if (chance(20))
			manage_aside(lease.fd, any_drive());
		else if (chance(80))
			recover(lease.fd, any_drive());
		else
			take_from_holder(lease.fd, any_drive());
	}
	if (chance(5))
		die();
	close(lease.fd);
}

static void do_look(void)
{
	const int reader = chance(50) ? new_reader() : rsm;
	struct rsm_event event;
	struct rsm_device device = {.id = 0};

	if (reader != rsm) {
		ioctl(reader, RSM_IOC_HISTORY, 0);
		for (int i = pick(50); i && read(reader, &event, sizeof(event)) > 0; i--)
			;
		close(reader);
	}
	for (; !ioctl(rsm, RSM_IOC_DEVICE, &device); device.id++)
		holding_of(device.id);
	expected(1 + pick(SEATS));
}

static void on_alarm(int number)
{
	(void)number;
}

static void __attribute__((noreturn)) live(void)
{
	const struct sigaction action = {.sa_handler = on_alarm}; /* no SA_RESTART */
	const unsigned int number = atomic_fetch_add(&shared->lives_used, 1);
	unsigned int what;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigaction(SIGALRM, &action, NULL);
	signal(SIGCHLD, SIG_IGN); /* nobody asks how children ended */
	if (number >= LIVES_MAX)
		_exit(1);
	life = &shared->lives[number];
	life->pid = getpid();
	rsm = open_rsm(0);
	while (!atomic_load(&shared->over)) {
		what = pick(100);
		if (what < 55)
			do_reserve();
		else if (what < 67)
			do_expect();
		else if (what < 82)
			do_lease();
		else if (what < 95)
			do_knock();
		else
			do_look();
		if (chance(1))
			die();
	}
	_exit(0);
}

static pid_t sit_down(unsigned int which)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		give_up("fork");
	if (pid) {
		atomic_store(&shared->pids[which], pid);
		return pid;
	}
	seat = which;
	seed ^= (unsigned int)getpid() * 2654435761U;
	atomic_store(&shared->beats[seat], soon(0) / 1000000000);
	live();
}

/* --- who writes all down ------------------------------------------------------------------- */

static void __attribute__((noreturn)) write_down(const char *path, int ready, int over)
{
	const struct sched_param first = {.sched_priority = 1};
	struct rsm_event events[64];
	struct pollfd polls[2] = {{.fd = open_rsm(O_NONBLOCK), .events = POLLIN},
				  {.fd = over, .events = POLLIN}};
	int log = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ssize_t got;

	setpgid(0, 0); /* end_all() waits for our group to end */
	/* Before everybody else: the module remembers no more than so many. */
	sched_setscheduler(0, SCHED_FIFO, &first);
	poll(polls, 1, 0);
	if (log < 0 || write(ready, "", 1) != 1)
		_exit(1);
	for (;;) {
		got = read(polls[0].fd, events, sizeof(events));
		if (got > 0 && write(log, events, got) != got)
			_exit(1);
		if (got > 0)
			continue;
		if (polls[1].revents)
			_exit(0); /* all is over, and all is read */
		poll(polls, 2, -1);
	}
}

struct writer {
	pid_t pid;
	int over;
};

static struct writer start_writer(const char *path)
{
	int ready[2], over[2];
	struct writer writer;
	char byte;

	if (pipe2(ready, O_CLOEXEC) || pipe2(over, O_CLOEXEC))
		give_up("pipe");
	writer.pid = fork();
	if (!writer.pid) {
		close(over[1]);
		write_down(path, ready[1], over[0]);
	}
	close(ready[1]);
	close(over[0]);
	if (read(ready[0], &byte, 1) != 1)
		give_up("the log of events");
	close(ready[0]);
	writer.over = over[1];
	return writer;
}

static void end_writer(const struct writer *writer)
{
	int status = 0;

	close(writer->over);
	waitpid(writer->pid, &status, 0);
	check(WIFEXITED(status) && !WEXITSTATUS(status), "all events are written down");
}

/* --- the robot, and who pulls the plug ----------------------------------------------------- */

static int lease_when_there(void)
{
	struct rsm_lease lease = {.deadline_ns = soon(WAIT_MS)};

	lease.device = find_device(CHANGER_NAME).id;
	if (!lease.device || ioctl(rsm, RSM_IOC_LEASE, &lease))
		return -1;
	return lease.fd;
}

/* Shut both drives' doors, so that what is pulled out has doors that are shut. */
static void manage_both(int lease)
{
	static const char *const names[] = {DRIVE_NAME, DRIVE2_NAME};
	struct rsm_manage answer;
	uint32_t drive;
	int i;

	for (i = 0; i < 2; i++) {
		drive = find_device(names[i]).id;
		if (!drive || assign(lease, drive, 0))
			continue;
		if (!manage(lease, drive, &answer))
			atomic_fetch_add(&shared->managed, 1);
		else if (errno != EBUSY && errno != ENODEV && errno != EPERM)
			strange("MANAGE: %s", strerrorname_np(errno));
	}
}

/* Anywhere to anywhere: most moves are refused by the library, and some go. */
static void __attribute__((noreturn)) move_about(void)
{
	uint16_t places[SLOTS + 1 + DRIVES];
	const unsigned int count = sizeof(places) / sizeof(places[0]);
	unsigned int i;
	uint8_t status;
	int lease;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (i = 0; i < SLOTS; i++)
		places[i] = SLOT + i;
	places[SLOTS] = PORT;
	for (i = 0; i < DRIVES; i++)
		places[SLOTS + 1 + i] = DRIVE + i;
	rsm = open_rsm(0);
	while (!atomic_load(&shared->over)) {
		lease = lease_when_there();
		if (lease >= 0 && chance(50))
			manage_both(lease);
		for (i = pick(100); lease >= 0 && i; i--) {
			if (robot_move(lease, places[pick(count)], places[pick(count)], &status))
				break;
			if (!status)
				atomic_fetch_add(&shared->moves, 1);
		}
		if (lease >= 0 && i && errno != ENODEV && errno != EIO && errno != ETIMEDOUT &&
		    errno != ERANGE) {
			strange("ROBOT: %s", strerrorname_np(errno));
		}
		if (lease >= 0)
			close(lease);
	}
	_exit(0);
}

static bool run(const char *command)
{
	return system(command) == 0;
}

#define SESSION "iscsiadm -m node -T iqn.2024-01.rsm.vm:library1 -p 127.0.0.1:3260 "

/* All three devices are there again. */
static bool all_there(void)
{
	const uint64_t deadline = soon(BEAT_S * 1000);

	do {
		if (find_device(CHANGER_NAME).id && find_device(DRIVE_NAME).id &&
		    find_device(DRIVE2_NAME).id)
			return true;
		usleep(10000);
	} while (soon(0) < deadline);
	return false;
}

/* Pull something out, at any moment, and put it back: every second time all at once. */
static bool pull_plug(unsigned int round)
{
	static const char *const names[] = {CHANGER_NAME, DRIVE_NAME, DRIVE2_NAME};
	const struct rsm_device device = find_device(names[pick(3)]);

	nap(chance(50) ? 5000 : 200000);
	if (round % 2) {
		if (!run(SESSION "--logout >/dev/null"))
			return false;
		nap(20000);
		if (!run(SESSION "--login >/dev/null"))
			return false;
	} else if (device.id) {
		unplug(&device);
		nap(20000);
		rescan(&device);
	}
	return all_there();
}

static unsigned int count_cartridges(void)
{
	const int lease = lease_when_there();
	bool full[ELEMENTS];
	unsigned int count = 0, i;

	if (lease >= 0 && !find_cartridges(lease, full)) {
		for (i = 0; i < ELEMENTS; i++)
			count += full[i];
	}
	if (lease >= 0)
		close(lease);
	return count;
}

/* --- the storm ------------------------------------------------------------------------------ */

struct processes {
	pid_t pids[SEATS];
	pid_t mover;
	unsigned long deaths;
};

/* Seats of the dead are taken again; somebody is killed now and then. */
static void tend(struct processes *all)
{
	unsigned int i;
	int status;

	for (i = 0; i < SEATS; i++) {
		if (waitpid(all->pids[i], &status, WNOHANG) != all->pids[i])
			continue;
		if (WIFEXITED(status) && WEXITSTATUS(status))
			atomic_fetch_add(&shared->strange, 1);
		all->deaths++;
		all->pids[i] = sit_down(i);
	}
	if (chance(20))
		kill(all->pids[pick(SEATS)], SIGKILL);
}

/* Everybody has come back from a call lately. */
static bool all_alive(void)
{
	const unsigned long now = soon(0) / 1000000000;
	unsigned int i;

	for (i = 0; i < SEATS; i++) {
		if (now > atomic_load(&shared->beats[i]) + BEAT_S)
			return false;
	}
	return true;
}

static void end_all(struct processes *all)
{
	unsigned int i;
	int status;

	atomic_store(&shared->over, true);
	for (i = 0; i < SEATS; i++)
		waitpid(all->pids[i], &status, 0);
	/* the mover, and children of the dead: the nodes they have open are part of the storm */
	while (waitpid(0, &status, 0) > 0 || errno == EINTR)
		;
}

static void save_calls(const char *path)
{
	const unsigned int used = atomic_load(&shared->lives_used);
	FILE *file = fopen(path, "we");

	check(file && fwrite(shared->lives, sizeof(shared->lives[0]), used, file) == used &&
		      !fclose(file),
	      "what %u processes remember is written down", used);
}

/* A drive that nobody manages any more can be opened by all. */
static void check_open(int lease, const char *name)
{
	struct rsm_device device = find_device(name);
	char node[64];
	int fd;

	check(!(device.flags & RSM_DEVICE_OPEN), "nobody has a node of %s open", name);
	check(!unmanage(lease, device.id, 0), "%s is managed no longer", name);
	device = find_device(name);
	check(!(device.flags & RSM_DEVICE_MANAGED) && !device.doors, "%u of its doors are shut",
	      device.doors);
	fd = find_node(&device, SG, node, sizeof(node)) ? open(node, O_RDONLY | O_NONBLOCK) : -1;
	check(fd >= 0, "anybody can open it");
	close(fd);
}

static void settle(void)
{
	const int lease = lease_when_there();
	const char *const names[] = {DRIVE_NAME, DRIVE2_NAME};
	struct rsm_holding holding;
	int i, fd;

	check(lease >= 0, "the lease is free at the end");
	for (i = 0; i < 2; i++) {
		assign(lease, find_device(names[i]).id, 0);
		fd = reserve_on(lease, find_device(names[i]).id, 0,
				RSM_RESERVE_RECOVER | RSM_RESERVE_NOWAIT);
		check(fd >= 0, "%s is free or an orphan", names[i]);
		mark(fd, 0);
		close(fd);
		holding = holding_of(find_device(names[i]).id);
		check(holding.state == RSM_STATE_FREE && !holding.waiters,
		      "%s is nobody's, and nobody waits for it", names[i]);
		check_open(lease, names[i]);
	}
	for (i = 1; i <= SEATS; i++) {
		if (expected(i))
			break;
	}
	check(i > SEATS, "nobody expects anything");
	close(lease);
}

static bool goes_on(uint64_t end, unsigned int rounds)
{
	const uint64_t now = soon(0);

	return now < end || (rounds < ROUNDS_MIN && now < end + BEAT_S * 1000000000ULL);
}

static void storm(unsigned int seconds, const char *log, const char *calls)
{
	const struct writer writer = start_writer(log);
	const uint64_t end = soon(seconds * 1000);
	struct processes all = {.mover = -1};
	unsigned int i, round = 0;
	bool alive = true, plugged = true;

	/* children of the dead are waited for at the end: here they come to */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (i = 0; i < SEATS; i++)
		all.pids[i] = sit_down(i);
	if (unplugging) {
		all.mover = fork();
		if (!all.mover)
			move_about();
	}
	while (goes_on(end, unplugging ? round : ROUNDS_MIN) && alive && plugged) {
		if (unplugging)
			plugged = pull_plug(round);
		else
			usleep(20000);
		round++;
		tend(&all);
		alive = all_alive();
	}
	check(alive, "every call has ended");
	if (!alive) {
		/* where they are is worth more than their end */
		run("cat /proc/[0-9]*/wchan | sort | uniq -c; echo w >/proc/sysrq-trigger");
		exit(1);
	}
	check(plugged, "what was pulled out came back, %u times, of these all at once %u times",
	      unplugging ? round : 0, unplugging ? round / 2 : 0);
	end_all(&all);
	if (unplugging)
		check(round >= ROUNDS_MIN && (seconds < LONG_S || atomic_load(&shared->moves)),
		      "that is enough to tell anything");
	if (unplugging)
		check(count_cartridges() == TAPES, "every cartridge is there after %lu moves",
		      atomic_load(&shared->moves));
	settle();
	end_writer(&writer);
	save_calls(calls);
	check(!atomic_load(&shared->strange), "no call ended strangely (%lu did)",
	      atomic_load(&shared->strange));
	check(atomic_load(&shared->calls) > 100 && all.deaths > 1,
	      "%lu calls by processes of which %lu died", atomic_load(&shared->calls), all.deaths);
	check(seconds < LONG_S || (atomic_load(&shared->managed) && atomic_load(&shared->opened) &&
				   (unplugging || atomic_load(&shared->refused))),
	      "drives were managed %lu times, opened %lu times by who held them, and refused to "
	      "others %lu times",
	      atomic_load(&shared->managed), atomic_load(&shared->opened),
	      atomic_load(&shared->refused));
}

/* --- the module comes and goes --------------------------------------------------------------- */

static void __attribute__((noreturn)) knock(void)
{
	static const char *const nodes[] = {RSM_DEVICE_NODE, "/dev/nst0", "/dev/sch0", "/dev/sg0",
					    "/dev/sg1"};
	struct rsm_manage answer;
	int fd, lease;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (!atomic_load(&shared->over)) {
		fd = open(nodes[pick(5)], O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		if (fd >= 0)
			close(fd);
		rsm = open(RSM_DEVICE_NODE, O_RDWR | O_CLOEXEC);
		if (rsm < 0)
			continue;
		atomic_fetch_add(&shared->calls, 1);
		if (atomic_load(&shared->lull)) {
			close(rsm);
			nap(2000);
			continue;
		}
		lease = lease_on(find_device(CHANGER_NAME).id, RSM_LEASE_NOWAIT);
		if (lease >= 0 && !manage(lease, find_device(CHANGER_NAME).id, &answer)) {
			atomic_fetch_add(&shared->moves, 1);
			nap(1000);
			unmanage(lease, find_device(CHANGER_NAME).id, RSM_UNMANAGE_FORCE);
		}
		fd = reserve_now(find_device(DRIVE_NAME).id, 1);
		if (fd >= 0)
			close(fd);
		if (lease >= 0)
			close(lease);
		polled(rsm, 0);
		close(rsm);
	}
	_exit(0);
}

static bool load(int file)
{
	return !syscall(SYS_finit_module, file, "", 0);
}

static bool unload(void)
{
	return !syscall(SYS_delete_module, "rsm", O_NONBLOCK);
}

/* It is refused as long as somebody has it open. */
static bool unload_soon(uint64_t end)
{
	while (!unload()) {
		if (errno != EWOULDBLOCK || soon(0) > end)
			return false;
		nap(1000);
	}
	return true;
}

static void storm_of_loads(unsigned int seconds)
{
	const char *path = getenv("RSM_MODULE");
	const int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	const uint64_t end = soon(seconds * 1000);
	unsigned int loads = 0, bad = 0, i;
	pid_t pids[4];

	if (file < 0)
		give_up("RSM_MODULE");
	for (i = 0; i < 4; i++) {
		fflush(stdout);
		seed++;
		pids[i] = fork();
		if (!pids[i])
			knock();
	}
	while (goes_on(end, loads)) {
		atomic_store(&shared->lull, false);
		nap(200000);
		/* while somebody uses it, it stays; from here on they only open and close it */
		atomic_store(&shared->lull, true);
		if (!unload_soon(end + BEAT_S * 1000000000ULL))
			continue;
		nap(5000);
		bad += !load(file);
		loads++;
	}
	atomic_store(&shared->over, true);
	for (i = 0; i < 4; i++)
		waitpid(pids[i], NULL, 0);
	check(!bad && loads >= ROUNDS_MIN, "the module came and went %u times (%u times badly)",
	      loads, bad);
	check(atomic_load(&shared->calls) > loads,
	      "it was opened %lu times, and shut doors %lu times", atomic_load(&shared->calls),
	      atomic_load(&shared->moves));
	check(unload(), "it can be unloaded at the end");
	check(load(file), "and loaded again");
}

int main(int argc, char **argv)
{
	if (argc != 6) {
		fprintf(stderr, "Usage: storm holders|unplug|load SECONDS SEED LOG CALLS\n");
		return 2;
	}
	seed = strtoul(argv[3], NULL, 10);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (shared == MAP_FAILED)
		give_up("mmap");
	unplugging = !strcmp(argv[1], "unplug");
	if (!strcmp(argv[1], "load")) {
		storm_of_loads(atoi(argv[2]));
	} else {
		rsm = open_rsm(0);
		storm(atoi(argv[2]), argv[4], argv[5]);
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel.c - what reservations, hand-overs and a shut door cost, beside the kernel's own means
 *
 *   kernel [--hand-overs N] [--megabytes N] CHANGER DRIVE
 *
 * The two are serial numbers; a medium that may be written is in the drive. bench/kernel-vm runs
 * it in the virtual machine. What is compared is done in turns, in many short rounds, so that
 * other work on the machine disturbs all alike; each figure is the median round's, each ratio the
 * median of the rounds' own.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mtio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/rsm.h>
#include "base/clock.h"
#include "broker/sysfs.h"

#define ROUNDS	    21 /* odd: one is the median */
#define TURNS	    500
#define PAIR_TURNS  100
#define TAPE_ROUNDS 21
#define TAPE_RUNS   4 /* in a round */
#define WAITERS	    64
#define BLOCK	    (64 * 1024)

static int rsm, lease_fd;
static struct rsm_device changer, drive;
static unsigned int missed;

static _Noreturn void die(const char *format, ...)
{
	const int error = errno;
	va_list list;

	va_start(list, format);
	fputs("kernel: ", stderr);
	vfprintf(stderr, format, list);
	fprintf(stderr, ": %s\n", strerror(error));
	va_end(list);
	exit(1);
}

static int must(int result, const char *what)
{
	if (result < 0)
		die("%s", what);
	return result;
}

/* ---- figures ---- */

static int compare(const void *a, const void *b)
{
	const double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static double median(const double *list, size_t count)
{
	double sorted[ROUNDS];

	memcpy(sorted, list, count * sizeof(*list));
	qsort(sorted, count, sizeof(*sorted), compare);
	return sorted[count / 2];
}

/* The median of one list's ratios to another. */
static double ratio(const double *list, const double *base, size_t count)
{
	double ratios[ROUNDS];

	for (size_t i = 0; i < count; i++)
		ratios[i] = list[i] / base[i];
	return median(ratios, count);
}

/* @aim: in words, or NULL; between @low and @high it is reached. */
static void report(const char *what, double value, const char *unit, double share, const char *base,
		   const char *aim, double low, double high)
{
	const bool reached = share >= low && share <= high;

	printf("  %-44s %10.2f %-5s", what, value, unit);
	if (base)
		printf("  %6.3f of %s", share, base);
	if (aim)
		printf(", aim %s: %s", aim, reached ? "reached" : "missed");
	putchar('\n');
	fflush(stdout);
	missed += aim && !reached;
}

/* ---- one process ---- */

static struct rsm_reserve reservation(uint32_t flags)
{
	return (struct rsm_reserve){.drive = drive.id, .flags = flags};
}

static int reserve(uint32_t flags)
{
	struct rsm_reserve request = reservation(flags);

	must(ioctl(rsm, RSM_IOC_RESERVE, &request), "reserving the drive");
	return request.fd;
}

static void do_reserve(int fd)
{
	(void)fd;
	close(reserve(RSM_RESERVE_NOWAIT));
}

static void do_eventfd(int fd)
{
	(void)fd;
	close(must(eventfd(0, EFD_CLOEXEC), "eventfd"));
}

static void do_flock(int fd)
{
	must(flock(fd, LOCK_EX), "flock");
	must(flock(fd, LOCK_UN), "flock");
}

static void do_ofd(int fd)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};

	must(fcntl(fd, F_OFD_SETLK, &lock), "F_OFD_SETLK");
	lock.l_type = F_UNLCK;
	must(fcntl(fd, F_OFD_SETLK, &lock), "F_OFD_SETLK");
}

static void do_round_trip(int fd)
{
	char byte = 0;

	if (write(fd, &byte, 1) != 1 || read(fd, &byte, 1) != 1)
		die("the daemon");
}

static pid_t child(void)
{
	pid_t pid;

	fflush(stdout);
	pid = must(fork(), "fork");
	if (pid == 0)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pid;
}

/* A daemon that answers every byte with one. */
static int start_daemon(pid_t *pid)
{
	char byte;
	int pair[2];

	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), "socketpair");
	*pid = child();
	if (*pid == 0) {
		close(pair[0]);
		while (read(pair[1], &byte, 1) == 1 && write(pair[1], &byte, 1) == 1)
			;
		_exit(0);
	}
	close(pair[1]);
	return pair[0];
}

static void await(pid_t pid, const char *who)
{
	int status = 0;

	must(waitpid(pid, &status, 0), "waitpid");
	if (status) {
		errno = ECHILD;
		die("%s", who);
	}
}

struct candidate {
	const char *name;
	void (*work)(int fd);
	int fd;
	unsigned int turns; /* in a round */
	double ns[ROUNDS];
};

static double time_of(struct candidate *candidate, unsigned int turns)
{
	const uint64_t began = clock_monotonic_ns();

	for (unsigned int i = 0; i < turns; i++)
		candidate->work(candidate->fd);
	return (double)(clock_monotonic_ns() - began) / turns;
}

static void measure_alone(void)
{
	pid_t pid;
	struct candidate list[] = {
		{"reserve and release", do_reserve, -1, TURNS, {0}},
		{"eventfd and close", do_eventfd, -1, TURNS, {0}},
		{"flock and unlock", do_flock, -1, TURNS, {0}},
		{"OFD lock and unlock", do_ofd, -1, TURNS, {0}},
		{"AF_UNIX round trip to a daemon", do_round_trip, -1, PAIR_TURNS, {0}},
	};
	const size_t count = sizeof(list) / sizeof(list[0]);

	list[2].fd = list[3].fd = must(memfd_create("lock", MFD_CLOEXEC), "memfd_create");
	list[4].fd = start_daemon(&pid);
	for (int round = -1; round < ROUNDS; round++) /* the first one warms up */
		for (size_t i = 0; i < count; i++)
			list[i].ns[round < 0 ? 0 : round] = time_of(&list[i], list[i].turns);
	printf("one process, %d rounds of %d:\n", ROUNDS, TURNS);
	report(list[0].name, median(list[0].ns, ROUNDS) / 1000, "us",
	       ratio(list[0].ns, list[1].ns, ROUNDS), list[1].name, "at most 2", 0, 2);
	for (size_t i = 1; i < count; i++)
		report(list[i].name, median(list[i].ns, ROUNDS) / 1000, "us",
		       ratio(list[0].ns, list[i].ns, ROUNDS), "it a reservation costs", NULL, 0, 0);
	close(list[2].fd);
	close(list[4].fd);
	await(pid, "the daemon");
}

/* ---- two processes ---- */

static unsigned int waiting(void)
{
	struct rsm_holding holding = {.drive = drive.id};

	must(ioctl(rsm, RSM_IOC_HOLDING, &holding), "looking at the drive");
	return holding.waiters;
}

/*
 * From one who holds to one who waits, and back, @turns times; time of one hand-over. Each keeps
 * it until the other waits for it, unless that one has ended already.
 */
static double hand_overs(unsigned int turns, _Atomic unsigned int *ended)
{
	uint64_t began;
	pid_t pid;

	*ended = 0;
	began = clock_monotonic_ns();
	pid = child();
	for (unsigned int i = 0; i < turns; i++) {
		int fd = reserve(0);

		while (!waiting() && !*ended)
			sched_yield();
		close(fd);
	}
	++*ended;
	if (pid == 0)
		_exit(0);
	await(pid, "a process that hands over");
	return (double)(clock_monotonic_ns() - began) / (2.0 * turns);
}

/* The same process twice, with a byte through two pipes; time of one round trip. */
static double pipe_trips(unsigned int turns)
{
	uint64_t began;
	int there[2], back[2];
	char byte = 0;
	pid_t pid;

	must(pipe2(there, O_CLOEXEC), "pipe");
	must(pipe2(back, O_CLOEXEC), "pipe");
	began = clock_monotonic_ns();
	pid = child();
	for (unsigned int i = 0; i < turns; i++) {
		if (pid == 0 && (read(there[0], &byte, 1) != 1 || write(back[1], &byte, 1) != 1))
			_exit(1);
		if (pid && (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1))
			die("pipe");
	}
	if (pid == 0)
		_exit(0);
	await(pid, "a process behind a pipe");
	for (int i = 0; i < 2; i++) {
		close(there[i]);
		close(back[i]);
	}
	return (double)(clock_monotonic_ns() - began) / turns;
}

static void measure_pair(void)
{
	_Atomic unsigned int *ended = mmap(NULL, sizeof(*ended), PROT_READ | PROT_WRITE,
					   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	double ours[ROUNDS], pipes[ROUNDS];

	if (ended == MAP_FAILED)
		die("mmap");
	for (int round = 0; round < ROUNDS; round++) {
		ours[round] = hand_overs(PAIR_TURNS, ended);
		pipes[round] = pipe_trips(PAIR_TURNS);
	}
	printf("two processes, %d rounds of %d:\n", ROUNDS, PAIR_TURNS);
	report("hand-over to who waits", median(ours, ROUNDS) / 1000, "us",
	       ratio(ours, pipes, ROUNDS), "a round trip by pipes", "at most 3", 0, 3);
	report("round trip by pipes", median(pipes, ROUNDS) / 1000, "us", 0, NULL, NULL, 0, 0);
}

/* ---- many ---- */

struct crowd {
	_Atomic unsigned int done; /* hand-overs */
	unsigned int wanted;
	unsigned char order[]; /* who had it; written by who has it */
};

/* Each gives it back when all others wait for it: so it is known who came when. */
static void one_of_many(struct crowd *crowd, unsigned char number)
{
	while (crowd->done < crowd->wanted) {
		int fd = reserve(0);

		while (crowd->done < crowd->wanted && waiting() < WAITERS - 1)
			sched_yield();
		if (crowd->done < crowd->wanted)
			crowd->order[crowd->done++] = number;
		close(fd);
	}
	_exit(0);
}

static void measure_crowd(unsigned int wanted)
{
	struct crowd *crowd = mmap(NULL, sizeof(*crowd) + wanted, PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pids[WAITERS];
	unsigned int wrong = 0;
	uint64_t began, took;

	if (crowd == MAP_FAILED)
		die("mmap");
	crowd->wanted = wanted;
	began = clock_monotonic_ns();
	for (unsigned char i = 0; i < WAITERS; i++) {
		pids[i] = child();
		if (pids[i] == 0)
			one_of_many(crowd, i);
	}
	for (unsigned int i = 0; i < WAITERS; i++)
		await(pids[i], "one of many that wait");
	took = clock_monotonic_ns() - began;
	for (unsigned int i = WAITERS; i < wanted; i++)
		wrong += crowd->order[i] != crowd->order[i - WAITERS];
	printf("%d processes, all but one always waiting, in %.0f s:\n", WAITERS,
	       (double)took / NSEC_PER_SEC);
	report("hand-overs", wanted, "", 0, NULL, NULL, 0, 0);
	report("out of the order in which they came", wrong, "", wrong, NULL, "none", 0, 0);
	munmap(crowd, sizeof(*crowd) + wanted);
}

/* ---- the tape ---- */

static void find(const char *serial, uint32_t kind, struct rsm_device *device)
{
	*device = (struct rsm_device){.id = 0};
	do {
		device->id++;
		must(ioctl(rsm, RSM_IOC_DEVICE, device), serial);
	} while (device->kind != kind || strcmp(device->serial, serial) != 0);
}

static void manage(void)
{
	struct rsm_lease lease = {.device = changer.id, .flags = RSM_LEASE_NOWAIT};
	struct rsm_assign assign = {.drive = drive.id};
	struct rsm_manage request = {.device = drive.id};

	must(ioctl(rsm, RSM_IOC_LEASE, &lease), "taking the lease");
	lease_fd = lease.fd;
	must(ioctl(lease_fd, RSM_IOC_ASSIGN, &assign), "assigning the drive");
	must(ioctl(lease_fd, RSM_IOC_MANAGE, &request), "managing the drive");
	close(lease_fd);
}

static void unmanage(void)
{
	struct rsm_unmanage request = {.device = drive.id};

	must(ioctl(rsm, RSM_IOC_UNMANAGE, &request), "giving the drive back");
}

static void rewind_tape(int fd)
{
	struct mtop rewind = {.mt_op = MTREW, .mt_count = 1};

	must(ioctl(fd, MTIOCTOP, &rewind), "rewinding");
}

/* Adds the nanoseconds for writing and reading so many blocks. */
static void run_tape(const char *node, unsigned int blocks, double *writing, double *reading)
{
	static char block[BLOCK];
	const int fd = must(open(node, O_RDWR | O_CLOEXEC), node);
	uint64_t began;

	rewind_tape(fd);
	began = clock_monotonic_ns();
	for (unsigned int i = 0; i < blocks; i++)
		if (write(fd, block, BLOCK) != BLOCK)
			die("writing");
	*writing += (double)(clock_monotonic_ns() - began);
	rewind_tape(fd);
	began = clock_monotonic_ns();
	for (unsigned int i = 0; i < blocks; i++)
		if (read(fd, block, BLOCK) != BLOCK)
			die("reading");
	*reading += (double)(clock_monotonic_ns() - began);
	rewind_tape(fd);
	close(fd);
}

static void measure_tape(unsigned int megabytes)
{
	double writing[2][TAPE_ROUNDS] = {0}, reading[2][TAPE_ROUNDS] = {0};
	const struct scsi_address address = {drive.host, drive.channel, drive.target, drive.lun};
	const unsigned int blocks = megabytes * (1024 * 1024 / BLOCK);
	char node[64];

	if (sysfs_node(SYSFS_ROOT, &address, SYSFS_NST, node, sizeof(node)))
		die("%s has no tape device", drive.serial);
	for (int round = 0; round < TAPE_ROUNDS; round++) {
		/* One way, the other twice, and the first again: what grows or fades with time, or
		 * has to do with who comes second, is in both sums. */
		for (int i = 0; i < TAPE_RUNS; i++) {
			const int gated = (round + (i + 1) / 2) % 2;
			int fd = -1;

			if (gated) {
				manage();
				fd = reserve(RSM_RESERVE_NOWAIT);
			}
			run_tape(node, blocks, &writing[gated][round], &reading[gated][round]);
			if (gated) {
				close(fd);
				unmanage();
			}
		}
	}
	printf("%s, %d rounds of twice %u MiB in blocks of 64 KiB, in turns with its doors shut "
	       "and open:\n",
	       node, TAPE_ROUNDS, megabytes);
	megabytes *= TAPE_RUNS / 2;
	report("writing through a shut door",
	       megabytes / (median(writing[1], TAPE_ROUNDS) / NSEC_PER_SEC), "MiB/s",
	       ratio(writing[0], writing[1], TAPE_ROUNDS), "the speed without", "0.98 to 1.02",
	       0.98, 1.02);
	report("reading through a shut door",
	       megabytes / (median(reading[1], TAPE_ROUNDS) / NSEC_PER_SEC), "MiB/s",
	       ratio(reading[0], reading[1], TAPE_ROUNDS), "the speed without", "0.98 to 1.02",
	       0.98, 1.02);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"hand-overs", required_argument, NULL, 'n'},
		{"megabytes", required_argument, NULL, 'm'},
		{NULL, 0, NULL, 0},
	};
	unsigned int wanted = 20000, megabytes = 16;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		const unsigned long value = optarg ? strtoul(optarg, NULL, 10) : 0;

		if (option == '?' || value == 0 || value > 100000000)
			return 2;
		*(option == 'n' ? &wanted : &megabytes) = (unsigned int)value;
	}
	if (argc - optind != 2) {
		fputs("usage: kernel [--hand-overs N] [--megabytes N] CHANGER DRIVE\n", stderr);
		return 2;
	}
	rsm = must(open(RSM_DEVICE_NODE, O_RDWR | O_CLOEXEC), RSM_DEVICE_NODE);
	find(argv[optind], RSM_KIND_CHANGER, &changer);
	find(argv[optind + 1], RSM_KIND_DRIVE, &drive);
	measure_alone();
	measure_pair();
	measure_crowd(wanted);
	measure_tape(megabytes);
	if (missed)
		printf("%u aims missed\n", missed);
	return 0;
}

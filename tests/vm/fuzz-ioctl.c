// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls of <linux/rsm.h> as nobody would make them, led by the code that they reach.
 *
 * Usage: fuzz-ioctl CALLS SEED
 *
 * Half of the calls are made from the contract: its numbers, flags and devices, right or
 * nearly so. The others are changes of calls that have reached code of the module that none
 * before had (KCOV tells; without it they are changes of any calls). Pointers lead into
 * memory that ends within the structure, is read-only, nobody's or the kernel's; sizes and
 * directions are wrong; descriptors are closed, of other kinds, or ended long ago.
 *
 * A fault is what the kernel says (KASAN, lockdep; scripts/vm looks), an errno that the
 * contract does not know, an answer behind the end of the structure, or an answer to a call
 * that has none. The same seed makes the same calls.
 *
 * For one library of scripts/vm's default shape.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/kcov.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include "debug-kernel.h"

#define KCOV	   "/sys/kernel/debug/kcov"
#define COVER_SIZE (64 * 1024)
#define CORPUS_MAX 8192
#define TIDY_EVERY 4000

/* Most bytes of an argument; more than the largest structure. */
#define ARGUMENT 320
#define BEHIND	 0xa5 /* what is behind the structure */

static uint64_t random_state;

static uint32_t pick(uint32_t below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state >> 16) % below;
}

static bool chance(unsigned int percent)
{
	return pick(100) < percent;
}

/* --- the code that was reached ------------------------------------------------------------- */

static unsigned long *cover; /* of KCOV: a count, and so many addresses; NULL without it */
static unsigned long module_start, module_size;
static uint8_t *reached;
static unsigned int reached_count;

/* Where the module's code is. */
static void find_module(void)
{
	char line[512], name[64];
	FILE *file = fopen("/proc/modules", "re");

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%63s %lu %*s %*s %*s %lx", name, &module_size, &module_start) ==
			    3 &&
		    !strcmp(name, "rsm"))
			break;
		module_start = 0;
	}
	if (file)
		fclose(file);
	if (!module_start)
		give_up("/proc/modules");
	reached = calloc(1, module_size);
	if (!reached)
		give_up("memory");
}

static void start_cover(void)
{
	int fd = open(KCOV, O_RDWR | O_CLOEXEC);

	if (fd < 0) {
		printf("skipped the coverage: this kernel has no KCOV\n");
		return;
	}
	find_module();
	if (ioctl(fd, KCOV_INIT_TRACE, COVER_SIZE))
		give_up(KCOV);
	cover = mmap(NULL, COVER_SIZE * sizeof(*cover), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (cover == MAP_FAILED || ioctl(fd, KCOV_ENABLE, KCOV_TRACE_PC))
		give_up(KCOV);
}

static void forget_cover(void)
{
	if (cover)
		__atomic_store_n(&cover[0], 0, __ATOMIC_RELAXED);
}

/* Was there something new? */
static bool note_cover(void)
{
	const unsigned long count = cover ? __atomic_load_n(&cover[0], __ATOMIC_RELAXED) : 0;
	unsigned int before = reached_count;
	unsigned long i, at;

	for (i = 1; i <= count && i < COVER_SIZE; i++) {
		at = cover[i] - module_start;
		if (at >= module_size || reached[at])
			continue;
		reached[at] = 1;
		reached_count++;
	}
	return cover ? reached_count > before : chance(1);
}

/* --- calls ---------------------------------------------------------------------------------- */

enum place {
	PLACE_GOOD,
	PLACE_ENDS, /* behind the last byte of the structure nothing is mapped */
	PLACE_CUT,  /* within the structure the mapping ends */
	PLACE_READ_ONLY,
	PLACE_ODD,  /* no alignment */
	PLACE_WILD, /* an address of the list below */
	PLACES,
};

static const unsigned long wild[] = {0,
				     8,
				     4096,
				     0x7ffffffff000,
				     0x8000000000000000,
				     0xffff888000000000,
				     0xffffffff81000000,
				     ~0UL,
				     ~0UL - 7};

/* Descriptors, by how they are found. */
enum kind { KIND_RSM, KIND_CLAIM, KIND_LEASE, KIND_ANY, KIND_FOREIGN, KINDS };

enum what { WHAT_IOCTL, WHAT_CLOSE, WHAT_READ, WHAT_POLL, WHAT_OPEN, WHATS };

struct input {
	uint8_t what;
	uint8_t kind;
	uint8_t which; /* of its kind */
	uint8_t place;
	uint8_t wild; /* which address */
	uint8_t compat;
	uint32_t number;
	uint8_t argument[ARGUMENT];
};

struct call {
	uint32_t number;
	uint8_t kind;
	uint16_t weight;
};

/* Weights, of a thousand or so, keep from waiting for devices most of the time. */
static const struct call calls[] = {
	{RSM_IOC_VERSION, KIND_RSM, 20},    {RSM_IOC_DEVICE, KIND_RSM, 40},
	{RSM_IOC_HOLDING, KIND_RSM, 40},    {RSM_IOC_HISTORY, KIND_RSM, 20},
	{RSM_IOC_RESERVE, KIND_RSM, 180},   {RSM_IOC_RESERVE, KIND_LEASE, 120},
	{RSM_IOC_EXPECT, KIND_RSM, 80},	    {RSM_IOC_EXPECTED, KIND_RSM, 40},
	{RSM_IOC_TRANSFER, KIND_CLAIM, 90}, {RSM_IOC_MARK, KIND_CLAIM, 60},
	{RSM_IOC_STATUS, KIND_CLAIM, 40},   {RSM_IOC_GRANT, KIND_CLAIM, 60},
	{RSM_IOC_LEASE, KIND_RSM, 80},	    {RSM_IOC_ASSIGN, KIND_LEASE, 80},
	{RSM_IOC_ROBOT, KIND_LEASE, 15},    {RSM_IOC_MANAGE, KIND_LEASE, 1},
	{RSM_IOC_UNMANAGE, KIND_RSM, 10},   {RSM_IOC_UNMANAGE, KIND_LEASE, 10},
};

#define CLAIMS	8
#define LEASES	4
#define FOREIGN 9

static int claims[CLAIMS], leases[LEASES], foreign[FOREIGN];
static uint32_t ids[4]; /* the changer, its drives, and none */
static char *good, *read_only, *low;
static size_t page;
static char *answer; /* of the robot */
static unsigned long faults;

static const struct call *any_call(void)
{
	unsigned int total = 0, at;
	size_t i;

	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		total += calls[i].weight;
	at = pick(total);
	for (i = 0; at >= calls[i].weight; i++)
		at -= calls[i].weight;
	return &calls[i];
}

static uint32_t any_id(void)
{
	return chance(95) ? ids[pick(3)] : pick(2) ? ids[3] : pick(~0U);
}

static void any_token(uint8_t *token)
{
	memset(token, pick(4), RSM_ID_SIZE);
}

static uint64_t any_deadline(void)
{
	/* at once, soon, or when a signal comes */
	return chance(70) ? 1 : chance(97) ? soon(pick(2)) : pick(2) ? 0 : ~0ULL;
}

static void make_reserve(struct rsm_reserve *reserve)
{
	const struct rsm_holding holding = holding_of(ids[1 + pick(2)]);

	reserve->drive = chance(50) ? holding.drive : any_id();
	reserve->flags = chance(70) ? RSM_RESERVE_NOWAIT : 0;
	if (chance(40))
		reserve->flags |= 1U << pick(4);
	any_token(reserve->medium);
	reserve->priority = chance(90) ? (int)pick(31) - 15 : (int)pick(~0U);
	reserve->deadline_ns = any_deadline();
	if (reserve->flags & RSM_RESERVE_REVOKE || chance(2))
		reserve->generation = holding.generation + (chance(10) ? 1 : 0);
}

static uint16_t any_element(void)
{
	static const uint16_t first[] = {SLOT, SLOT + 1, PORT, DRIVE, DRIVE + 1, TRANSPORT, 0};

	return chance(90) ? first[pick(7)] : pick(65536);
}

static void make_robot(struct rsm_robot *robot)
{
	const bool reads = chance(50);

	robot->op = reads ? RSM_ROBOT_READ_STATUS : pick(12);
	robot->flags = chance(50) ? pick(RSM_ROBOT_FLAGS + 1) : 0;
	robot->transport = chance(80) ? 0 : any_element();
	robot->source = any_element();
	robot->destination = any_element();
	robot->second_destination = any_element();
	robot->start = any_element();
	robot->count = chance(90) ? pick(20) : pick(65536);
	/* tgt dies of READ ELEMENT STATUS for all types with bar codes */
	robot->element_type = reads ? 1 + pick(4) : 0;
	robot->timeout_ms = chance(99) ? 0 : 60000;
	if (reads || robot->op == RSM_ROBOT_REQUEST_SENSE || chance(5)) {
		robot->data_len = chance(80) ? pick(4096) : pick(RSM_ROBOT_DATA_MAX + 2);
		if (chance(10))
			robot->data = wild[pick(sizeof(wild) / sizeof(wild[0]))];
	}
}

/* As a program would make it, or nearly so. */
static void make_argument(uint32_t number, uint8_t *argument)
{
	union {
		struct rsm_device device;
		struct rsm_holding holding;
		struct rsm_reserve reserve;
		struct rsm_expect expect;
		struct rsm_mark mark;
		struct rsm_grant grant;
		struct rsm_lease lease;
		struct rsm_assign assign;
		struct rsm_manage manage;
		struct rsm_robot robot;
		uint8_t bytes[ARGUMENT];
	} made = {.bytes = {0}};

	switch (number) {
	case RSM_IOC_DEVICE:
	case RSM_IOC_HOLDING:
		made.device.id = any_id();
		break;
	case RSM_IOC_RESERVE:
		make_reserve(&made.reserve);
		break;
	case RSM_IOC_EXPECT:
	case RSM_IOC_EXPECTED:
	case RSM_IOC_TRANSFER:
		any_token(made.expect.token);
		break;
	case RSM_IOC_MARK:
		made.mark.flags = pick(3);
		break;
	case RSM_IOC_GRANT:
		made.grant.pid = chance(50) ? 0 : (int)pick(300);
		made.grant.flags = pick(3);
		break;
	case RSM_IOC_LEASE:
		made.lease.device = any_id();
		made.lease.flags = chance(60) ? RSM_LEASE_NOWAIT : 0;
		made.lease.deadline_ns = any_deadline();
		break;
	case RSM_IOC_ASSIGN:
	case RSM_IOC_MANAGE:
	case RSM_IOC_UNMANAGE:
		made.assign.drive = any_id();
		made.assign.flags = number == RSM_IOC_MANAGE ? 0 : pick(2);
		break;
	case RSM_IOC_ROBOT:
		make_robot(&made.robot);
		break;
	}
	memcpy(argument, made.bytes, ARGUMENT);
}

static void spoil_bytes(struct input *input)
{
	const unsigned int size = _IOC_SIZE(input->number) % ARGUMENT + 1;
	unsigned int i;

	for (i = 1 + pick(4); i; i--) {
		if (chance(50))
			input->argument[pick(size)] ^= 1U << pick(8);
		else
			input->argument[pick(size)] = pick(4) ? pick(256) : 0xff;
	}
}

static void spoil(struct input *input)
{
	switch (pick(10)) {
	case 0:
		input->place = pick(PLACES);
		input->wild = pick(sizeof(wild) / sizeof(wild[0]));
		break;
	case 1:
		input->kind = pick(KINDS);
		break;
	case 2:
		input->number ^= 1U << pick(32);
		break;
	case 3:
		input->number = _IOC(pick(4), chance(80) ? RSM_IOC_MAGIC : pick(256), pick(64),
				     pick(1 << 14));
		break;
	case 4:
		input->which = pick(256);
		break;
	default:
		spoil_bytes(input);
	}
}

static void make_input(struct input *input)
{
	const struct call *call = any_call();

	memset(input, 0, sizeof(*input));
	input->what = chance(88) ? WHAT_IOCTL : pick(WHATS);
	input->kind = input->what == WHAT_IOCTL ? call->kind : pick(KINDS);
	input->number = call->number;
	input->which = pick(256);
	input->compat = chance(3);
	make_argument(call->number, input->argument);
	if (chance(25))
		spoil(input);
}

static int *descriptor_of(const struct input *input)
{
	static int closed = 1000000;

	switch (input->kind) {
	case KIND_RSM:
		return &rsm;
	case KIND_CLAIM:
		return &claims[input->which % CLAIMS];
	case KIND_LEASE:
		return &leases[input->which % LEASES];
	case KIND_FOREIGN:
		return &foreign[input->which % FOREIGN];
	default:
		return input->which % 3 ? &claims[input->which % CLAIMS] : &closed;
	}
}

/* --- one call, and what is wrong about it ----------------------------------------------------- */

static void fault(const struct input *input, const char *what, long result)
{
	unsigned int i;

	if (++faults > 20)
		return;
	printf("# %s (%ld): number %#x on kind %u, place %u, argument", what, result, input->number,
	       input->kind, input->place);
	for (i = 0; i < _IOC_SIZE(input->number) && i < 128; i++)
		printf(" %02x", input->argument[i]);
	printf("\n");
	fflush(stdout);
}

static bool is_known(int error)
{
	static const int known[] = {ENOTTY, EINVAL, EFAULT, EBUSY,  EOWNERDEAD, ETIME,	EINTR,
				    ENODEV, EPERM,  ENOENT, ESTALE, EEXIST,	ESRCH,	ENOSPC,
				    ERANGE, EIO,    ENOMEM, EBADF,  EBADFD,	EAGAIN, ETIMEDOUT};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (known[i] == error)
			return true;
	}
	return false;
}

/* Numbers with which a descriptor comes back, and where it is then. */
static int *made_descriptor(const struct input *input, const char *argument)
{
	static int made;
	size_t at;

	switch (input->number) {
	case RSM_IOC_RESERVE:
		at = offsetof(struct rsm_reserve, fd);
		break;
	case RSM_IOC_EXPECT:
		at = offsetof(struct rsm_expect, fd);
		break;
	case RSM_IOC_LEASE:
		at = offsetof(struct rsm_lease, fd);
		break;
	default:
		return NULL;
	}
	memcpy(&made, argument + at, sizeof(made));
	return &made;
}

static void put_away(const struct input *input, const char *argument)
{
	int *slot = input->number == RSM_IOC_LEASE ? &leases[pick(LEASES)] : &claims[pick(CLAIMS)];
	const int *made = made_descriptor(input, argument);

	if (!made)
		return;
	if (fcntl(*made, F_GETFD) != FD_CLOEXEC)
		fault(input, "no descriptor came back, or not close-on-exec", *made);
	if (*slot >= 0)
		close(*slot);
	*slot = *made;
}

/* Where the argument is to be; its size is what the number says. */
static char *place_argument(const struct input *input, size_t size)
{
	char *at;

	switch (input->place) {
	case PLACE_ENDS:
		at = good + page - size;
		break;
	case PLACE_CUT:
		at = good + page - size / 2;
		memcpy(at, input->argument, size / 2);
		return at;
	case PLACE_READ_ONLY:
		mprotect(read_only, page, PROT_READ | PROT_WRITE);
		memcpy(read_only, input->argument, size);
		mprotect(read_only, page, PROT_READ);
		return read_only;
	case PLACE_WILD:
		return (char *)wild[input->wild % (sizeof(wild) / sizeof(wild[0]))];
	case PLACE_ODD:
		at = good + 1;
		break;
	default:
		at = good;
	}
	if (at == good || at == good + 1)
		memset(at, BEHIND, ARGUMENT + 64);
	memcpy(at, input->argument, size);
	return at;
}

static void check_answer(const struct input *input, const char *at, size_t size, long result)
{
	size_t i;

	if (result < 0 && !is_known(errno))
		fault(input, "an errno that the contract does not know", errno);
	if (result >= 0 && input->kind != KIND_FOREIGN &&
	    (input->place == PLACE_GOOD || input->place == PLACE_ENDS || input->place == PLACE_ODD))
		put_away(input, at);
	if (at != good && at != good + 1)
		return;
	for (i = 0; i < 64; i++) {
		if ((uint8_t)at[size + i] != BEHIND) {
			fault(input, "bytes behind the structure are written to", i);
			break;
		}
	}
	if (!(_IOC_DIR(input->number) & _IOC_READ) && memcmp(at, input->argument, size))
		fault(input, "an argument is written to that has no answer", result);
}

#ifdef __x86_64__
/* As a program of 32 bits calls. */
static long ioctl_compat(int fd, unsigned int number, void *argument)
{
	long result;

	asm volatile("int $0x80"
		     : "=a"(result)
		     : "a"(54L), "b"((long)fd), "c"((long)number), "d"(argument)
		     : "memory", "r8", "r9", "r10", "r11");
	if (result < 0) {
		errno = -result;
		return -1;
	}
	return result;
}
#else
#define ioctl_compat ioctl
#endif

/*
 * The robot's answer goes to where it harms nothing of ours, or to a wild address. tgt dies when
 * it is asked for elements of all types.
 */
static void tame(struct input *input)
{
	struct rsm_robot robot;
	size_t i;

	memcpy(&robot, input->argument, sizeof(robot));
	if (robot.op == RSM_ROBOT_READ_STATUS && !robot.element_type)
		robot.element_type = 1;
	memcpy(input->argument, &robot, sizeof(robot));
	for (i = 0; i < sizeof(wild) / sizeof(wild[0]); i++) {
		if (robot.data == wild[i])
			return;
	}
	robot.data = (uintptr_t)answer + robot.data % page;
	memcpy(input->argument, &robot, sizeof(robot));
}

static void call_ioctl(const struct input *input, int fd)
{
	size_t size = _IOC_SIZE(input->number);
	char *at, *there = good;
	long result;

	/* Descriptors of others are called as ours are, and their numbers are not ours to try. */
	if (input->kind == KIND_FOREIGN && _IOC_TYPE(input->number) != RSM_IOC_MAGIC)
		return;
	if (size > ARGUMENT)
		size = ARGUMENT;
	if (input->compat && low)
		good = low; /* below 4 GB */
	at = place_argument(input, size);
	forget_cover();
	errno = 0;
	if (input->compat && low && at < low + page && at >= low)
		result = ioctl_compat(fd, input->number, at);
	else
		result = ioctl(fd, input->number, at);
	check_answer(input, at, size, result);
	good = there;
}

static void call(const struct input *input)
{
	struct rsm_event events[2];
	int *fd = descriptor_of(input);
	ssize_t got;

	forget_cover();
	switch (input->what) {
	case WHAT_CLOSE:
		if (input->kind == KIND_CLAIM || input->kind == KIND_LEASE) {
			close(*fd);
			*fd = -1;
		}
		return;
	case WHAT_READ:
		if (input->kind == KIND_FOREIGN)
			return;
		got = read(*fd, input->place == PLACE_WILD ? (void *)8 : events,
			   input->which % (sizeof(events) + 1));
		if (got > 0 && got % sizeof(events[0]))
			fault(input, "half an event is read", got);
		return;
	case WHAT_POLL:
		polled(*fd, 0);
		return;
	case WHAT_OPEN:
		close(rsm);
		rsm = open_rsm(O_NONBLOCK);
		return;
	default:
		call_ioctl(input, *fd);
	}
}

/* --- all of them ---------------------------------------------------------------------------------
 */

/* A library that has died is one whose calls all end at their beginning. */
static void need_library(int lease)
{
	struct rsm_robot robot = {.op = RSM_ROBOT_TEST_READY};
	int result;

	do
		result = robot_do(lease, &robot);
	while (result && errno == EINTR);
	if (result)
		give_up("the library does not answer");
}

static void tidy(void)
{
	struct rsm_device device = {.id = 0};
	size_t i;

	for (i = 0; i < CLAIMS; i++) {
		close(claims[i]);
		claims[i] = -1;
	}
	for (i = 0; i < LEASES; i++) {
		close(leases[i]);
		leases[i] = -1;
	}
	for (; !ioctl(rsm, RSM_IOC_DEVICE, &device); device.id++)
		unmanage(rsm, device.id, RSM_UNMANAGE_FORCE);
	leases[0] = lease_on(ids[0], RSM_LEASE_NOWAIT);
	need_library(leases[0]);
	/* What has been left behind of orphans. */
	for (i = 1; i < 3; i++) {
		assign(leases[0], ids[i], 0);
		claims[0] =
			reserve_on(leases[0], ids[i], 0, RSM_RESERVE_RECOVER | RSM_RESERVE_NOWAIT);
		mark(claims[0], 0);
		close(claims[0]);
		claims[0] = -1;
	}
}

static void on_alarm(int number)
{
	(void)number;
}

/* Nothing waits for long: a signal comes again and again. */
static void get_ready(void)
{
	const struct sigaction action = {.sa_handler = on_alarm};
	const struct itimerval often = {.it_interval.tv_usec = 20000, .it_value.tv_usec = 20000};
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS;
	int pair[2];
	size_t i;

	page = sysconf(_SC_PAGESIZE);
	good = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, flags, -1, 0);
	read_only = mmap(NULL, page, PROT_READ | PROT_WRITE, flags, -1, 0);
	low = access("/proc/sys/abi/vsyscall32", F_OK)
		      ? NULL
		      : mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, flags | MAP_32BIT, -1, 0);
	answer = mmap(NULL, RSM_ROBOT_DATA_MAX + 2 * page, PROT_READ | PROT_WRITE,
		      flags | MAP_NORESERVE, -1, 0);
	if (good == MAP_FAILED || read_only == MAP_FAILED || low == MAP_FAILED ||
	    answer == MAP_FAILED)
		give_up("mmap");
	mprotect(good + page, page, PROT_NONE);
	if (low)
		mprotect(low + page, page, PROT_NONE);
	if (pipe2(pair, O_CLOEXEC | O_NONBLOCK))
		give_up("pipe");
	foreign[0] = pair[0];
	foreign[1] = pair[1];
	foreign[2] = open("/dev/null", O_RDWR | O_CLOEXEC);
	foreign[3] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	foreign[4] = epoll_create1(EPOLL_CLOEXEC);
	foreign[5] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	foreign[6] = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	foreign[7] = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	foreign[8] = open("/dev/rsm", O_PATH | O_CLOEXEC);
	for (i = 0; i < CLAIMS; i++)
		claims[i] = -1;
	for (i = 0; i < LEASES; i++)
		leases[i] = -1;
	ids[0] = find_device(CHANGER_NAME).id;
	ids[1] = find_device(DRIVE_NAME).id;
	ids[2] = find_device(DRIVE2_NAME).id;
	ids[3] = 999;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
}

int main(int argc, char **argv)
{
	static struct input corpus[CORPUS_MAX];
	static struct input input;
	const unsigned long count = argc > 2 ? strtoul(argv[1], NULL, 10) : 0;
	unsigned int kept = 0;
	uint64_t began, last;
	unsigned long i;

	if (!count) {
		fprintf(stderr, "Usage: fuzz-ioctl CALLS SEED\n");
		return 2;
	}
	random_state = strtoul(argv[2], NULL, 10) * 0x9e3779b97f4a7c15 + 1;
	rsm = open_rsm(O_NONBLOCK);
	get_ready();
	start_cover();
	began = last = soon(0);
	for (i = 0; i < count; i++) {
		if (i % TIDY_EVERY == 0)
			tidy();
		if (kept && chance(50)) {
			input = corpus[pick(kept)];
			spoil(&input);
		} else {
			make_input(&input);
		}
		if (input.number == RSM_IOC_ROBOT)
			tame(&input);
		call(&input);
		if (note_cover() && kept < CORPUS_MAX)
			corpus[kept++] = input;
		if (soon(0) - last > 10000000000) {
			last = soon(0);
			printf("# %lu calls in %lu s, %u places of the module reached, %u calls "
			       "kept\n",
			       i + 1, (unsigned long)((last - began) / 1000000000), reached_count,
			       kept);
			fflush(stdout);
		}
	}
	last = soon(0);
	tidy();
	close(leases[0]);
	printf("fuzz-ioctl: seed %s, %lu calls, %lu a second, %u places of the module reached, "
	       "%u calls kept\n",
	       argv[2], count, (unsigned long)(count * 1000 / ((last - began) / 1000000 + 1)),
	       reached_count, kept);
	check(!faults, "%lu calls without a fault (%lu)", count, faults);
	check(!cover || reached_count > 300, "%u places of the module reached", reached_count);
	check_leaks();
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}

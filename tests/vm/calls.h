/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What programs that call rsm.ko by hand share: results said and counted, the calls of
 * <linux/rsm.h> in short, devices pulled out and plugged in.
 *
 * The including file defines _GNU_SOURCE first. Functions that fail return -1 and errno as
 * ioctl() does; those that return a structure mark a failure in it.
 */
#ifndef TESTS_VM_CALLS_H
#define TESTS_VM_CALLS_H

#include <errno.h>
#include <fcntl.h>
#include <linux/rsm.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

/* What scripts/vm makes: element addresses, counts and names. */
#define TRANSPORT    1
#define PORT	     16
#define DRIVE	     256
#define SLOT	     1000
#define DRIVES	     2
#define SLOTS	     8
#define TAPES	     6
#define ELEMENTS     (SLOTS + 1 + DRIVES) /* as find_cartridges() finds them */
#define CHANGER_NAME "RSMLIB01"
#define DRIVE_NAME   "RSMDRV0101"
#define DRIVE2_NAME  "RSMDRV0102"
#define OTHER_NAME   "RSMLIB02"
#define OTHER_DRIVE  "RSMDRV0201"
#define TAPE_NAME    "A00001L8"

static int rsm; /* /dev/rsm */
static unsigned int passed, failed;

/* --- saying what was seen ------------------------------------------------------------ */

static inline bool __attribute__((format(printf, 2, 3))) check(bool good, const char *format, ...)
{
	va_list args;

	printf("%s %u - ", good ? "ok" : "not ok", passed + failed + 1);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
	if (good)
		passed++;
	else
		failed++;
	return good;
}

/* Run a call that must fail with this errno. */
#define REFUSED(code, call, what)                                                           \
	do {                                                                                \
		errno = 0;                                                                  \
		long result_ = (call);                                                      \
		int errno_ = errno;                                                         \
		check(result_ < 0 && errno_ == (code), "%s: %s (got %ld, %s)", what, #code, \
		      result_, strerrorname_np(errno_));                                    \
	} while (0)

/* Run a call that must not fail. */
#define DONE(call, what)                                                                        \
	do {                                                                                    \
		errno = 0;                                                                      \
		long result_ = (call);                                                          \
		check(result_ >= 0, "%s (got %ld, %s)", what, result_, strerrorname_np(errno)); \
	} while (0)

static inline void __attribute__((noreturn)) give_up(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	printf("%u passed, %u failed\n", passed, failed + 1);
	exit(1);
}

static inline int open_rsm(int flags)
{
	int fd = open(RSM_DEVICE_NODE, O_RDWR | O_CLOEXEC | flags);

	if (fd < 0)
		give_up(RSM_DEVICE_NODE);
	return fd;
}

/* --- short forms of the calls -------------------------------------------------------- */

static inline uint64_t soon(unsigned int ms)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec + ms * 1000000ULL;
}

/* A request for a drive and a medium whose id is made of one byte, 0 for none. */
static inline struct rsm_reserve want(uint32_t id, uint8_t medium, uint32_t flags)
{
	struct rsm_reserve reserve = {.drive = id, .flags = flags};

	memset(reserve.medium, medium, sizeof(reserve.medium));
	return reserve;
}

static inline int reserve_on(int fd, uint32_t id, uint8_t medium, uint32_t flags)
{
	struct rsm_reserve reserve = want(id, medium, flags);

	return ioctl(fd, RSM_IOC_RESERVE, &reserve) ? -1 : reserve.fd;
}

static inline int reserve_now(uint32_t id, uint8_t medium)
{
	return reserve_on(rsm, id, medium, RSM_RESERVE_NOWAIT);
}

static inline int mark(int fd, uint32_t flags)
{
	struct rsm_mark m = {.flags = flags};

	return ioctl(fd, RSM_IOC_MARK, &m);
}

static inline struct rsm_holding status_of(int fd)
{
	struct rsm_holding holding = {.state = ~0U};

	ioctl(fd, RSM_IOC_STATUS, &holding);
	return holding;
}

static inline struct rsm_holding holding_of(uint32_t id)
{
	struct rsm_holding holding = {.drive = id};

	if (ioctl(rsm, RSM_IOC_HOLDING, &holding) || holding.drive != id)
		holding.state = ~0U;
	return holding;
}

static inline int take_away_with(int lease, uint32_t id, uint8_t medium, uint64_t generation,
				 uint32_t flags)
{
	struct rsm_reserve reserve = want(id, medium, flags);

	reserve.generation = generation;
	return ioctl(lease, RSM_IOC_RESERVE, &reserve) ? -1 : reserve.fd;
}

static inline int take_away(int lease, uint32_t id, uint8_t medium, uint64_t generation)
{
	return take_away_with(lease, id, medium, generation, RSM_RESERVE_REVOKE);
}

static inline int lease_on(uint32_t id, uint32_t flags)
{
	struct rsm_lease lease = {.device = id, .flags = flags};

	return ioctl(rsm, RSM_IOC_LEASE, &lease) ? -1 : lease.fd;
}

static inline int assign(int lease, uint32_t id, uint32_t flags)
{
	struct rsm_assign a = {.drive = id, .flags = flags};

	return ioctl(lease, RSM_IOC_ASSIGN, &a);
}

static inline int expect(uint8_t token)
{
	struct rsm_expect e = {.flags = 0};

	memset(e.token, token, sizeof(e.token));
	return ioctl(rsm, RSM_IOC_EXPECT, &e) ? -1 : e.fd;
}

static inline int expected(uint8_t token)
{
	struct rsm_expected e = {.reserved = 0};

	memset(e.token, token, sizeof(e.token));
	return ioctl(rsm, RSM_IOC_EXPECTED, &e) ? -1 : (int)e.expected;
}

static inline int transfer(int fd, uint8_t token, uint64_t *generation)
{
	struct rsm_transfer t = {.generation = 0};

	memset(t.token, token, sizeof(t.token));
	if (ioctl(fd, RSM_IOC_TRANSFER, &t))
		return -1;
	*generation = t.generation;
	return 0;
}

static inline short polled(int fd, int timeout)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, timeout) < 0 ? -1 : p.revents;
}

static inline struct rsm_device find_device(const char *serial)
{
	struct rsm_device device = {.id = 0};

	while (!ioctl(rsm, RSM_IOC_DEVICE, &device)) {
		if (!strcmp(device.serial, serial))
			return device;
		device.id++;
	}
	memset(&device, 0, sizeof(device));
	return device;
}

static inline int manage(int lease, uint32_t id, struct rsm_manage *answer)
{
	*answer = (struct rsm_manage){.device = id};
	return ioctl(lease, RSM_IOC_MANAGE, answer);
}

static inline int unmanage(int fd, uint32_t id, uint32_t flags)
{
	struct rsm_unmanage u = {.device = id, .flags = flags};

	return ioctl(fd, RSM_IOC_UNMANAGE, &u);
}

static inline int grant(int fd, pid_t pid, uint32_t flags)
{
	struct rsm_grant g = {.pid = pid, .flags = flags};

	return ioctl(fd, RSM_IOC_GRANT, &g);
}

static inline int robot_do(int lease, struct rsm_robot *robot)
{
	return ioctl(lease, RSM_IOC_ROBOT, robot);
}

static inline int robot_move(int lease, uint16_t from, uint16_t to, uint8_t *status)
{
	struct rsm_robot robot = {.op = RSM_ROBOT_MOVE, .source = from, .destination = to};
	int result = robot_do(lease, &robot);

	*status = robot.status;
	return result;
}

/*
 * Whether there is a cartridge: first in the slots, then in the port, then in the drives. One
 * type at a time, because tgt dies of all of them with bar codes.
 */
static inline int find_cartridges(int lease, bool full[ELEMENTS])
{
	static const struct {
		uint8_t type;
		uint16_t first, count;
	} kinds[] = {{2, SLOT, SLOTS}, {3, PORT, 1}, {4, DRIVE, DRIVES}};
	uint8_t answer[1024];
	struct rsm_robot robot;
	size_t i, j, length;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		memset(answer, 0, sizeof(answer));
		robot = (struct rsm_robot){.op = RSM_ROBOT_READ_STATUS,
					   .element_type = kinds[i].type,
					   .start = kinds[i].first,
					   .count = kinds[i].count,
					   .data = (uintptr_t)answer,
					   .data_len = sizeof(answer)};
		if (robot_do(lease, &robot))
			return -1;
		length = answer[10] << 8 | answer[11];
		if (robot.status || 16 + kinds[i].count * length > sizeof(answer)) {
			errno = EIO;
			return -1;
		}
		for (j = 0; j < kinds[i].count; j++)
			*full++ = answer[16 + j * length + 2] & 1;
	}
	return 0;
}

/* --- events ---------------------------------------------------------------------------- */

static inline int new_reader(void)
{
	int fd = open_rsm(O_NONBLOCK);

	polled(fd, 0);
	return fd;
}

/* The next event of a type, others skipped; type 0 when there is none. */
static inline struct rsm_event next_event(int reader, uint32_t type)
{
	struct rsm_event event;

	while (read(reader, &event, sizeof(event)) == sizeof(event)) {
		if (event.type == type)
			return event;
	}
	memset(&event, 0, sizeof(event));
	return event;
}

/* --- unplugging ------------------------------------------------------------------------ */

static inline bool write_sysfs(const char *text, const char *format, ...)
{
	char path[128];
	va_list args;
	bool good;
	int fd;

	va_start(args, format);
	vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	if (fd >= 0)
		close(fd);
	return good;
}

static inline bool unplug(const struct rsm_device *device)
{
	return write_sysfs("1", "/sys/class/scsi_device/%u:%u:%u:%llu/device/delete", device->host,
			   device->channel, device->target, (unsigned long long)device->lun);
}

static inline bool rescan(const struct rsm_device *device)
{
	return write_sysfs("- - -", "/sys/class/scsi_host/host%u/scan", device->host);
}

#endif /* TESTS_VM_CALLS_H */

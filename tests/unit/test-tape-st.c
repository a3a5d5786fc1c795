/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test-tape-st.c - tape operations and drives that are not ready, odd or broken
 *
 * st, sg and the clock are played by this program's own open(), ioctl(), read(),
 * write(), poll() and clock_gettime(): waiting takes no time, and every call is noted.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <scsi/sg.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mtio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/say.h"
#include "broker/kernel.h"

#define BROKER_FD 1000
#define DRIVE	  5

/* What the drive answers to TEST UNIT READY and to st's look at it, until some time. */
struct phase {
	unsigned int until_ms; /* since the start of the test */
	uint8_t key, asc, ascq;
	int open_error; /* st does not open at all */
};

static struct {
	const struct phase *phases; /* the last one lasts for ever */
	size_t phase_count;
	bool no_rawio;
	bool protected;
	bool vague;	/* an old drive, of which st does not know that it is empty */
	bool attention; /* the next TEST UNIT READY is one */
	bool locked;	/* does not let go of its medium until it is unlocked */
	int events_error;
	/* reading and writing */
	long block_size, file, block;
	unsigned long flags; /* GMT_*, besides ready and write-protected */
	unsigned long flags_after_read;
	ssize_t read_result, write_result;
	int read_error, write_error, op_error;
	short op_failing; /* the MTIOCTOP operation that fails with op_error */
	uint8_t space_key, space_asc, space_ascq;
	/* the log page of the drive's state; its sense data when it has none */
	uint8_t log_page[12], log_key, log_asc, log_ascq;
	/* what was seen */
	uint64_t now_ns; /* time that has passed by waiting */
	unsigned int opens, loads, test_readies;
	int last_flags;
	int fds; /* open at the moment */
	char log[256];
} drive;

static int st_fd = -1, sg_fd = -1;

static void note(const char *format, ...)
{
	size_t used = strlen(drive.log);
	va_list args;

	va_start(args, format);
	vsnprintf(drive.log + used, sizeof(drive.log) - used, format, args);
	va_end(args);
}

static const struct phase *phase(void)
{
	size_t i = 0;

	while (i + 1 < drive.phase_count &&
	       drive.now_ns / NSEC_PER_MSEC >= drive.phases[i].until_ms)
		i++;
	return &drive.phases[i];
}

/* ---- in place of what the broker calls ---- */

int sysfs_node(const char *root, const struct scsi_address *address, enum sysfs_door door,
	       char *node, size_t size)
{
	cr_assert_str_eq(root, "/sys");
	cr_assert_eq(address->lun, DRIVE);
	snprintf(node, size, door == SYSFS_SG ? "/dev/sg77" : "/dev/nst77");
	return 0;
}

int sysfs_tape_numbers(const char *root, const struct scsi_address *address,
		       dev_t numbers[SYSFS_TAPE_NUMBERS], size_t *count)
{
	(void)root;
	(void)address;
	(void)numbers;
	*count = 0;
	return -ENOENT;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
	int result = (int)syscall(SYS_clock_gettime, clock, now);

	if (clock == CLOCK_MONOTONIC) {
		now->tv_sec = 1000 + (time_t)(drive.now_ns / NSEC_PER_SEC);
		now->tv_nsec = (long)(drive.now_ns % NSEC_PER_SEC);
	}
	return result;
}

/* The C library declares that poll() does not read what it is given, but fd and events it does. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
int poll(struct pollfd *fds, nfds_t count, int timeout)
{
	if (count != 1 || fds[0].fd >= 0)
		return (int)syscall(SYS_poll, fds, count, timeout);
	cr_assert_gt(timeout, 0, "waits for ever");
	drive.now_ns += (uint64_t)timeout * NSEC_PER_MSEC;
	return 0;
}
#pragma GCC diagnostic pop

static int open_null(int *fd)
{
	*fd = (int)syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	cr_assert_geq(*fd, 0);
	drive.fds++;
	return *fd;
}

int open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list args;

	if (strcmp(path, "/dev/nst77") == 0) {
		drive.opens++;
		drive.last_flags = flags;
		if (phase()->open_error) {
			errno = phase()->open_error;
			return -1;
		}
		cr_assert_eq(st_fd, -1, "st has one opener");
		return open_null(&st_fd);
	}
	if (strcmp(path, "/dev/sg77") == 0)
		return open_null(&sg_fd);
	if (strcmp(path, "/dev/rsm") == 0) {
		errno = ENOENT;
		return -1;
	}
	va_start(args, flags);
	if (flags & O_CREAT)
		mode = va_arg(args, mode_t);
	va_end(args);
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int close(int fd)
{
	if (fd >= 0 && fd == st_fd)
		st_fd = -1;
	else if (fd >= 0 && fd == sg_fd)
		sg_fd = -1;
	else
		return (int)syscall(SYS_close, fd);
	drive.fds--;
	return (int)syscall(SYS_close, fd);
}

static void put_sense(struct sg_io_hdr *request, uint8_t key, uint8_t asc, uint8_t ascq)
{
	if (key == 0 && asc == 0 && ascq == 0)
		return;
	request->status = 2;
	request->sb_len_wr = 18;
	memset(request->sbp, 0, 18);
	request->sbp[0] = 0x70;
	request->sbp[2] = key;
	request->sbp[7] = 10;
	request->sbp[12] = asc;
	request->sbp[13] = ascq;
}

static int run_command(struct sg_io_hdr *request)
{
	cr_assert_gt(request->timeout, 0);
	if (drive.no_rawio) {
		errno = EPERM;
		return -1;
	}
	switch (request->cmdp[0]) {
	case 0x00:
		drive.test_readies++;
		if (drive.attention)
			put_sense(request, 6, 0x28, 0);
		else
			put_sense(request, phase()->key, phase()->asc, phase()->ascq);
		drive.attention = false;
		return 0;
	case 0x11:
		note("space ");
		put_sense(request, drive.space_key, drive.space_asc, drive.space_ascq);
		return 0;
	case 0x1a:
		((uint8_t *)request->dxferp)[1] = 0x78;
		return 0;
	case 0x1b:
		cr_assert_eq(request->cmdp[1], 1, "LOAD waits");
		cr_assert_eq(request->cmdp[4], 1);
		drive.loads++;
		return 0;
	case 0x4d:
		cr_assert_eq(request->cmd_len, 10);
		cr_assert_eq(request->cmdp[2], 0x51, "not the page that reading leaves as it is");
		cr_assert_leq(request->dxfer_len, sizeof(drive.log_page));
		cr_assert_eq(request->cmdp[8], request->dxfer_len);
		memcpy(request->dxferp, drive.log_page, request->dxfer_len);
		put_sense(request, drive.log_key, drive.log_asc, drive.log_ascq);
		return 0;
	default:
		cr_assert_fail("command %02x", request->cmdp[0]);
		return -1;
	}
}

static int run_operation(const struct mtop *operation)
{
	static const char *const names[] = {
		[MTREW] = "rewind ",	    [MTOFFL] = "unload ",   [MTWEOF] = "filemark ",
		[MTSETBLK] = "blocksize ",  [MTUNLOCK] = "unlock ", [MTSETDRVBUFFER] = "buffer ",
		[MTSETDENSITY] = "density "};

	cr_assert_lt((size_t)operation->mt_op, sizeof(names) / sizeof(names[0]));
	cr_assert_not_null(names[operation->mt_op], "operation %d", operation->mt_op);
	note("%s", names[operation->mt_op]);
	if (operation->mt_op == MTSETBLK)
		drive.block_size = operation->mt_count;
	if (operation->mt_op == MTUNLOCK)
		drive.locked = false;
	if (operation->mt_op == MTOFFL && drive.locked) {
		errno = EIO;
		return -1;
	}
	if (drive.op_error && operation->mt_op == drive.op_failing) {
		errno = drive.op_error;
		return -1;
	}
	return 0;
}

static int tell_status(struct mtget *status)
{
	*status = (struct mtget){.mt_fileno = drive.file, .mt_blkno = drive.block};
	status->mt_dsreg = (long)(0x5eUL << MT_ST_DENSITY_SHIFT) | drive.block_size;
	status->mt_gstat = (long)drive.flags;
	if (phase()->key == 0)
		status->mt_gstat |= GMT_ONLINE(-1);
	else if (phase()->asc == 0x3a && !drive.vague)
		status->mt_gstat |= GMT_DR_OPEN(-1);
	if (drive.protected)
		status->mt_gstat |= GMT_WR_PROT(-1);
	return 0;
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *argument;

	va_start(args, request);
	argument = va_arg(args, void *);
	va_end(args);
	if (fd == BROKER_FD && request == RSM_IOC_DEVICE) {
		const struct rsm_device found = {.id = DRIVE, .kind = RSM_KIND_DRIVE, .lun = DRIVE};

		*(struct rsm_device *)argument = found;
		return 0;
	}
	cr_assert(fd == st_fd || fd == sg_fd, "ioctl of %d", fd);
	if (request == SG_IO)
		return run_command(argument);
	cr_assert_eq(fd, st_fd);
	if (request == MTIOCTOP)
		return run_operation(argument);
	if (request == MTIOCGET)
		return tell_status(argument);
	errno = ENOTTY;
	return -1;
}

ssize_t read(int fd, void *buffer, size_t size)
{
	if (fd != st_fd || fd < 0)
		return syscall(SYS_read, fd, buffer, size);
	note("read ");
	drive.flags |= drive.flags_after_read;
	if (drive.read_error) {
		errno = drive.read_error;
		return -1;
	}
	memset(buffer, 'x', (size_t)drive.read_result);
	return drive.read_result;
}

ssize_t write(int fd, const void *buffer, size_t size)
{
	if (fd != st_fd || fd < 0)
		return syscall(SYS_write, fd, buffer, size);
	note("write ");
	if (drive.write_error) {
		errno = drive.write_error;
		return -1;
	}
	return drive.write_result >= 0 ? drive.write_result : (ssize_t)size;
}

/* ---- opening ---- */

static struct kernel_broker broker = {.base = {&kernel_broker_ops}, .fd = BROKER_FD};

static const struct phase ready[] = {{0}};

static void begin(const struct phase *phases, size_t count)
{
	drive.phases = phases;
	drive.phase_count = count;
	drive.write_result = -1;
}

#define begin_with(phases) begin(phases, sizeof(phases) / sizeof((phases)[0]))

static uint64_t in_seconds(unsigned int seconds)
{
	return clock_monotonic_ns() + seconds * NSEC_PER_SEC;
}

static struct tape *open_tape(bool write, unsigned int seconds)
{
	struct tape *tape = NULL;
	int error;

	ntms_say_nothing();
	error = st_tape_open(&broker.base, DRIVE, write, in_seconds(seconds), &tape);
	cr_assert_eq(error, 0, "%d: %s", error, ntms_said());
	cr_assert_eq(drive.fds, 1);
	return tape;
}

static void fail_open(bool write, unsigned int seconds, int expected, const char *why)
{
	struct tape *tape = NULL;
	int error;

	ntms_say_nothing();
	error = st_tape_open(&broker.base, DRIVE, write, in_seconds(seconds), &tape);
	cr_assert_eq(error, expected, "%d: %s", error, ntms_said());
	cr_assert_not_null(strstr(ntms_said(), why), "'%s'", ntms_said());
	cr_assert_null(tape);
	cr_assert_eq(drive.fds, 0, "%d descriptors left", drive.fds);
}

Test(tape_st, ready_drive_is_opened_at_once)
{
	struct tape *tape;

	begin_with(ready);
	tape = open_tape(false, 60);
	cr_assert_eq(drive.opens, 1);
	cr_assert_eq(drive.now_ns, 0);
	cr_assert(drive.last_flags & O_NONBLOCK);
	cr_assert_eq(drive.last_flags & O_ACCMODE, O_RDONLY);
	cr_assert_not(fcntl(st_fd, F_GETFL) & O_NONBLOCK, "reads would not wait");
	cr_assert_str_eq(drive.log, "", "the tape was moved: %s", drive.log);
	st_tape_close(tape);
	cr_assert_eq(drive.fds, 0);
	tape = open_tape(true, 60);
	cr_assert_eq(drive.last_flags & O_ACCMODE, O_RDWR);
	st_tape_close(tape);
}

Test(tape_st, drive_becomes_ready)
{
	static const struct phase phases[] = {{3500, 2, 0x04, 0x01, 0}, {0}};
	struct tape *tape;

	begin_with(phases);
	tape = open_tape(false, 60);
	cr_assert_eq(drive.now_ns, 4 * NSEC_PER_SEC);
	cr_assert_eq(drive.opens, 5, "a fresh open each time: %u", drive.opens);
	cr_assert_eq(drive.loads, 0);
	st_tape_close(tape);
}

Test(tape_st, deadline_is_kept)
{
	static const struct phase phases[] = {{0, 2, 0x04, 0x13, 0}};
	struct tape *tape;

	begin_with(phases);
	fail_open(false, 7, -ETIMEDOUT, "calibrating");
	cr_assert_eq(drive.now_ns, 7 * NSEC_PER_SEC);
	fail_open(false, 0, -ETIMEDOUT, "calibrating");
	cr_assert_eq(drive.now_ns, 7 * NSEC_PER_SEC);
	/* In the middle of an interval, too. */
	drive.now_ns = 0;
	cr_assert_eq(
		st_tape_open(&broker.base, DRIVE, false, in_seconds(2) + NSEC_PER_SEC / 4, &tape),
		-ETIMEDOUT);
	cr_assert_eq(drive.now_ns, 2 * NSEC_PER_SEC + NSEC_PER_SEC / 4);
}

Test(tape_st, hours_are_no_error)
{
	static const struct phase phases[] = {{7000 * 1000, 2, 0x04, 0x13, 0}, {0}};
	struct tape *tape;

	begin_with(phases);
	tape = open_tape(false, 7200);
	st_tape_close(tape);
}

Test(tape_st, medium_comes_within_the_grace)
{
	static const struct phase phases[] = {
		{2000, 2, 0x3a, 0x00, 0}, {4000, 2, 0x04, 0x01, 0}, {8000, 2, 0x3a, 0, 0}, {0}};
	struct tape *tape;

	begin_with(phases);
	tape = open_tape(false, 60);
	cr_assert_eq(drive.now_ns, 8 * NSEC_PER_SEC);
	st_tape_close(tape);
}

Test(tape_st, no_medium)
{
	static const struct phase phases[] = {{0, 2, 0x3a, 0x00, 0}};

	begin_with(phases);
	fail_open(false, 60, -ENOMEDIUM, "no medium");
	cr_assert_eq(drive.now_ns, 5 * NSEC_PER_SEC);
	fail_open(false, 0, -ENOMEDIUM, "no medium");
	drive.vague = true;
	fail_open(false, 60, -ENOMEDIUM, "no medium");
	drive.vague = false;
	drive.no_rawio = true;
	fail_open(false, 60, -ENOMEDIUM, "no medium");
}

Test(tape_st, medium_that_does_not_fit)
{
	static const struct phase phases[] = {{1000, 2, 0x04, 0x01, 0}, {0, 2, 0x30, 0x00, 0}};

	begin_with(phases);
	fail_open(false, 60, -EMEDIUMTYPE, "does not fit");
	cr_assert_eq(drive.now_ns, NSEC_PER_SEC);
}

Test(tape_st, medium_that_st_calls_an_error)
{
	static const struct phase unfit[] = {{0, 3, 0x30, 0x00, EIO}};
	static const struct phase broken[] = {{0, 4, 0x44, 0x00, EIO}};
	static const struct phase silent[] = {{0, 0, 0, 0, EIO}};
	static const struct phase late[] = {{2000, 2, 0x04, 0x01, EIO}, {0}};
	struct tape *tape;

	begin_with(unfit);
	fail_open(false, 60, -EMEDIUMTYPE, "does not fit");
	begin_with(broken);
	fail_open(false, 60, -EREMOTEIO, "internal failure");
	cr_assert_eq(drive.now_ns, 0);
	begin_with(silent);
	drive.opens = 0;
	fail_open(false, 60, -EIO, "/dev/nst77");
	cr_assert_eq(drive.opens, 3);
	drive.now_ns = 0;
	begin_with(late);
	tape = open_tape(false, 60);
	st_tape_close(tape);
}

Test(tape_st, swallowed_attention_becomes_a_rewind)
{
	static const struct phase phases[] = {{1500, 2, 0x04, 0x01, 0}, {0}};
	struct tape *tape;

	begin_with(phases);
	drive.attention = true;
	tape = open_tape(false, 60);
	cr_assert_str_eq(drive.log, "rewind ");
	st_tape_close(tape);
}

Test(tape_st, unloaded_medium_is_loaded_once)
{
	static const struct phase phases[] = {{4000, 2, 0x04, 0x02, 0}, {0}};
	struct tape *tape;

	begin_with(phases);
	tape = open_tape(false, 60);
	cr_assert_eq(drive.loads, 1);
	st_tape_close(tape);
}

Test(tape_st, without_rights_to_ask)
{
	static const struct phase phases[] = {{3000, 2, 0x04, 0x01, 0}, {0}};
	uint32_t medium = 0, density = 0;
	struct tape *tape;

	begin_with(phases);
	drive.no_rawio = true;
	fail_open(false, 2, -ETIMEDOUT, "not ready in time");
	tape = open_tape(false, 60);
	cr_assert_eq(st_tape_codes(tape, &medium, &density), 0);
	cr_assert_eq(medium, 0);
	cr_assert_eq(density, 0x5e);
	st_tape_close(tape);
}

Test(tape_st, refusals)
{
	static const struct phase busy[] = {{0, 0, 0, 0, EBUSY}};
	static const struct phase gone[] = {{0, 0, 0, 0, ENXIO}};

	begin_with(busy);
	fail_open(false, 60, -EBUSY, "already open");
	begin_with(gone);
	fail_open(false, 60, -ENODEV, "went away");
	begin_with(ready);
	drive.protected = true;
	fail_open(true, 60, -EROFS, "write-protected");
	st_tape_close(open_tape(false, 60));
}

/* ---- reading and writing ---- */

static char buffer[65536];

Test(tape_st, read_a_block)
{
	struct tape *tape;
	size_t got = 0;

	begin_with(ready);
	tape = open_tape(false, 60);
	drive.read_result = 80;
	drive.block = 7;
	cr_assert_eq(st_tape_read(tape, buffer, sizeof(buffer), &got), 0);
	cr_assert_eq(got, 80);
	cr_assert_str_eq(drive.log, "read ");
	drive.block_size = 512;
	cr_assert_eq(st_tape_read(tape, buffer, sizeof(buffer), &got), 0);
	cr_assert_str_eq(drive.log, "read blocksize read ");
	/* A block near the end of the tape is one. */
	drive.flags_after_read = (unsigned int)GMT_EOT(-1);
	cr_assert_eq(st_tape_read(tape, buffer, sizeof(buffer), &got), 0);
	cr_assert_eq(got, 80);
	drive.read_result = 0;
	cr_assert_eq(st_tape_read(tape, buffer, sizeof(buffer), &got), 0);
	cr_assert_eq(got, 0);
	st_tape_close(tape);
}

Test(tape_st, blank_tape)
{
	struct tape *tape;
	size_t got = 77;

	begin_with(ready);
	tape = open_tape(false, 60);
	/* Most drives: BLANK CHECK, of which st makes EIO. */
	drive.read_error = EIO;
	drive.space_key = 8;
	cr_assert_eq(st_tape_read(tape, buffer, sizeof(buffer), &got), 0, "%s", ntms_said());
	cr_assert_eq(got, 0);
	drive.space_key = 0;
	drive.space_ascq = 5;
	got = 77;
	cr_assert_eq(st_tape_read(tape, buffer, sizeof(buffer), &got), 0, "%s", ntms_said());
	cr_assert_eq(got, 0);
	/* Others set the end-of-medium bit with it, of which st makes a block. */
	drive.read_error = 0;
	drive.read_result = sizeof(buffer);
	drive.flags_after_read = (unsigned int)GMT_EOT(-1);
	drive.log[0] = '\0';
	got = 77;
	cr_assert_eq(st_tape_read(tape, buffer, sizeof(buffer), &got), 0);
	cr_assert_eq(got, 0);
	cr_assert_str_eq(drive.log, "read rewind ");
	/* And behind a filemark. */
	drive.file = 1;
	drive.flags_after_read = 0;
	drive.flags = (unsigned int)GMT_EOD(-1);
	got = 77;
	cr_assert_eq(st_tape_read(tape, buffer, sizeof(buffer), &got), 0);
	cr_assert_eq(got, 0);
	st_tape_close(tape);
}

Test(tape_st, read_errors)
{
	struct tape *tape;
	size_t got = 0;

	begin_with(ready);
	tape = open_tape(false, 60);
	drive.read_error = EIO;
	drive.space_key = 3;
	drive.space_asc = 0x11;
	cr_assert_eq(st_tape_read(tape, buffer, sizeof(buffer), &got), -EIO);
	cr_assert_not_null(strstr(ntms_said(), "reading"), "%s", ntms_said());
	drive.space_key = 0;
	drive.space_asc = 0;
	cr_assert_eq(st_tape_read(tape, buffer, sizeof(buffer), &got), -EIO, "a block is there");
	drive.no_rawio = true;
	cr_assert_eq(st_tape_read(tape, buffer, sizeof(buffer), &got), -EIO);
	drive.read_error = ENOMEM;
	cr_assert_eq(st_tape_read(tape, buffer, 512, &got), -EMSGSIZE);
	cr_assert_not_null(strstr(ntms_said(), "512"), "%s", ntms_said());
	st_tape_close(tape);
}

Test(tape_st, write_a_label)
{
	struct tape *tape;

	begin_with(ready);
	tape = open_tape(true, 60);
	cr_assert_eq(st_tape_write_label(tape, "label", 5), 0);
	cr_assert_str_eq(drive.log, "rewind blocksize write filemark rewind ");
	st_tape_close(tape);
}

Test(tape_st, write_errors)
{
	struct tape *tape;

	begin_with(ready);
	tape = open_tape(true, 60);
	drive.write_result = 3;
	cr_assert_eq(st_tape_write_label(tape, "label", 5), -EIO);
	cr_assert_not_null(strstr(ntms_said(), "3 of 5"), "%s", ntms_said());
	drive.write_result = -1;
	drive.write_error = ENOSPC;
	cr_assert_eq(st_tape_write_label(tape, "label", 5), -ENOSPC);
	drive.write_error = 0;
	drive.op_error = EIO;
	drive.op_failing = MTWEOF;
	cr_assert_eq(st_tape_write_label(tape, "label", 5), -EIO);
	cr_assert_not_null(strstr(ntms_said(), "filemark"), "%s", ntms_said());
	drive.op_failing = MTREW;
	drive.log[0] = '\0';
	cr_assert_eq(st_tape_write_label(tape, "label", 5), -EIO);
	cr_assert_str_eq(drive.log, "rewind ", "nothing is written at an unknown place");
	drive.op_error = 0;
	st_tape_close(tape);

	tape = open_tape(false, 60);
	drive.log[0] = '\0';
	cr_assert_eq(st_tape_write_label(tape, "label", 5), -EINVAL);
	cr_assert_str_eq(drive.log, "");
	st_tape_close(tape);
}

Test(tape_st, unload)
{
	struct tape *tape;

	begin_with(ready);
	tape = open_tape(false, 60);
	cr_assert_eq(st_tape_unload(tape), 0);
	cr_assert_str_eq(drive.log, "unload ", "a drive rewinds by itself");
	/* The last user has locked it in. */
	drive.log[0] = '\0';
	drive.locked = true;
	cr_assert_eq(st_tape_unload(tape), 0, "%s", ntms_said());
	cr_assert_str_eq(drive.log, "unload rewind unlock unload ");
	drive.op_error = EIO;
	drive.op_failing = MTOFFL;
	cr_assert_eq(st_tape_unload(tape), -EIO);
	drive.locked = true;
	drive.op_error = ENOMEDIUM;
	drive.op_failing = MTREW;
	cr_assert_eq(st_tape_unload(tape), -ENOMEDIUM, "it says what is the matter");
	st_tape_close(tape);
}

/* What needs no command is done without one; whatever moves the tape makes it needed again. */
Test(tape_st, rewound_once)
{
	struct tape *tape;
	char block[16];
	size_t got;

	begin_with(ready);
	tape = open_tape(true, 60);
	cr_assert_eq(st_tape_rewind(tape), 0);
	cr_assert_eq(st_tape_rewind(tape), 0);
	cr_assert_str_eq(drive.log, "rewind ");
	cr_assert_eq(st_tape_read(tape, block, sizeof(block), &got), 0);
	cr_assert_eq(st_tape_rewind(tape), 0);
	cr_assert_str_eq(drive.log, "rewind read rewind ");
	drive.log[0] = '\0';
	drive.write_result = 5;
	cr_assert_eq(st_tape_write_label(tape, "label", 5), 0);
	cr_assert_eq(st_tape_rewind(tape), 0);
	cr_assert_str_eq(drive.log, "blocksize write filemark rewind ");
	/* One that failed is tried again. */
	cr_assert_eq(st_tape_read(tape, block, sizeof(block), &got), 0);
	drive.op_error = EIO;
	drive.op_failing = MTREW;
	cr_assert_eq(st_tape_rewind(tape), -EIO);
	cr_assert_eq(st_tape_rewind(tape), -EIO);
	st_tape_close(tape);
}

/* What the robot has just put in is at its beginning, and not locked. */
Test(tape_st, brought_by_the_robot)
{
	struct tape *tape;

	begin_with(ready);
	drive.flags = (unsigned int)GMT_BOT(-1) | (unsigned int)GMT_IM_REP_EN(-1);
	tape = open_tape(false, 60);
	cr_assert_eq(st_tape_brought(tape, 0x5e), 0);
	cr_assert_eq(st_tape_rewind(tape), 0);
	cr_assert_eq(st_tape_reset_settings(tape), 0);
	cr_assert_str_eq(drive.log, "", "all is as it should be");
	drive.block_size = 512;
	drive.flags = (unsigned int)GMT_BOT(-1);
	cr_assert_eq(st_tape_reset_settings(tape), 0);
	cr_assert_str_eq(drive.log, "blocksize buffer ");
	/* Of another density than on record: somebody may have chosen it. */
	drive.log[0] = '\0';
	drive.flags = (unsigned int)GMT_BOT(-1) | (unsigned int)GMT_IM_REP_EN(-1);
	cr_assert_eq(st_tape_brought(tape, 0x5c), 0);
	cr_assert_eq(st_tape_reset_settings(tape), 0);
	cr_assert_str_eq(drive.log, "density ");
	st_tape_close(tape);
}

Test(tape_st, settings)
{
	struct tape *tape;

	begin_with(ready);
	tape = open_tape(false, 60);
	drive.block_size = 512;
	drive.flags = (unsigned int)GMT_BOT(-1);
	cr_assert_eq(st_tape_reset_settings(tape), 0);
	cr_assert_eq(drive.block_size, 0);
	cr_assert_str_eq(drive.log, "blocksize unlock buffer density ");
	/* Not at the beginning: the drive would refuse another density. */
	drive.flags = 0;
	drive.log[0] = '\0';
	drive.op_error = EPERM;
	drive.op_failing = MTSETDRVBUFFER;
	cr_assert_eq(st_tape_reset_settings(tape), 0);
	cr_assert_str_eq(drive.log, "unlock buffer ");
	drive.op_failing = MTSETBLK;
	drive.block_size = 512;
	cr_assert_eq(st_tape_reset_settings(tape), -EPERM);
	st_tape_close(tape);
}

Test(tape_st, codes)
{
	uint32_t medium = 0, density = 0;
	struct tape *tape;

	begin_with(ready);
	tape = open_tape(false, 60);
	cr_assert_eq(st_tape_codes(tape, &medium, &density), 0);
	cr_assert_eq(medium, 0x78);
	cr_assert_eq(density, 0x5e);
	st_tape_close(tape);
}

/* ---- asking, with nothing opened for it ---- */

static bool ask_loaded(void)
{
	bool loaded = false;

	cr_assert_eq(broker_drive_loaded(&broker.base, DRIVE, &loaded), 0, "%s", ntms_said());
	cr_assert_eq(drive.fds, 0);
	cr_assert_eq(drive.loads, 0, "asking moves nothing");
	cr_assert_str_eq(drive.log, "");
	return loaded;
}

Test(tape_st, is_there_a_medium)
{
	static const struct phase empty[] = {{0, 2, 0x3a, 0x00, 0}};
	static const struct phase loading[] = {{0, 2, 0x04, 0x01, 0}};
	static const struct phase ejected[] = {{0, 2, 0x04, 0x02, 0}};

	begin_with(ready);
	cr_assert(ask_loaded());
	cr_assert(drive.last_flags & O_NONBLOCK);
	begin_with(empty);
	cr_assert_not(ask_loaded());
	begin_with(loading);
	cr_assert(ask_loaded());
	begin_with(ejected);
	cr_assert_not(ask_loaded(), "unloaded, and not to be used");
	drive.no_rawio = true;
	begin_with(loading);
	cr_assert_not(ask_loaded(), "nobody may ask");
}

Test(tape_st, who_has_it_open_is_the_one_to_ask)
{
	static const struct phase busy[] = {{0, 0, 0, 0, EBUSY}};
	static const struct phase gone[] = {{0, 0, 0, 0, ENXIO}};
	static const struct phase broken[] = {{0, 0, 0, 0, EIO}};
	bool answer = true;

	begin_with(busy);
	cr_assert_eq(broker_drive_loaded(&broker.base, DRIVE, &answer), -EBUSY);
	cr_assert_not(answer);
	cr_assert_eq(broker_drive_cleaning(&broker.base, DRIVE, &answer), -EBUSY);
	begin_with(gone);
	cr_assert_eq(broker_drive_loaded(&broker.base, DRIVE, &answer), -ENODEV);
	begin_with(broken);
	cr_assert_eq(broker_drive_loaded(&broker.base, DRIVE, &answer), -EIO);
	cr_assert_eq(drive.fds, 0);
}

static int ask_cleaning(bool *needed)
{
	int error = broker_drive_cleaning(&broker.base, DRIVE, needed);

	cr_assert_eq(drive.fds, 0);
	return error;
}

Test(tape_st, does_it_ask_to_be_cleaned)
{
	static const uint8_t page[12] = {0x11, 0, 0, 8, 0, 0, 3, 4};
	bool needed = true;

	begin_with(ready);
	memcpy(drive.log_page, page, sizeof(page));
	cr_assert_eq(ask_cleaning(&needed), 0);
	cr_assert_not(needed);
	drive.log_page[8] = 0x04;
	cr_assert_eq(ask_cleaning(&needed), 0);
	cr_assert(needed, "requested");
	drive.log_page[8] = 0x02;
	cr_assert_eq(ask_cleaning(&needed), 0);
	cr_assert(needed, "required");
	drive.log_page[8] = 0xf9;
	cr_assert_eq(ask_cleaning(&needed), 0);
	cr_assert_not(needed, "the other bits say other things");
	/* "Cleaning requested", instead of an answer. */
	drive.log_key = 1;
	drive.log_ascq = 0x17;
	cr_assert_eq(ask_cleaning(&needed), 0);
	cr_assert(needed);
}

Test(tape_st, what_is_no_answer_is_not_taken_for_one)
{
	static const uint8_t pages[][12] = {
		{0x2e, 0, 0, 8, 0, 0, 3, 4, 6}, /* another page */
		{0x11, 0, 0, 8, 0, 1, 3, 4, 6}, /* another parameter */
		{0x11, 0, 0, 8, 1, 0, 3, 4, 6},
		{0x11, 0, 0, 0, 0, 0, 3, 0, 6}, /* without a value */
		{0},
	};
	bool needed;

	begin_with(ready);
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		memcpy(drive.log_page, pages[i], sizeof(pages[i]));
		cr_assert_eq(ask_cleaning(&needed), -EOPNOTSUPP, "page %zu", i);
		cr_assert_not(needed);
	}
	drive.log_key = 5;
	drive.log_asc = 0x24;
	cr_assert_eq(ask_cleaning(&needed), -EOPNOTSUPP);
	drive.no_rawio = true;
	cr_assert_eq(ask_cleaning(&needed), -EOPNOTSUPP);
}

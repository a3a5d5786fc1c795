/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tape-st.c - tape operations, through the st driver's own interface
 *
 * What st does not tell, why a drive is not ready and what kind of medium it has, is
 * asked for by SG_IO on the same descriptor. That needs CAP_SYS_RAWIO; without it these
 * answers are missing, and nothing else.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mtio.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/say.h"
#include "broker/kernel.h"
#include "broker/scsi-pass.h"

/* How long a drive that says "no medium" is believed not to mean it: just after the robot
 * put one in, some drives have not noticed yet. */
#define NO_MEDIUM_GRACE_NS (5 * NSEC_PER_SEC)

/* Between two questions whether the drive is ready. st itself asks every second. */
#define READY_INTERVAL_MS 1000

#define QUICK_TIMEOUT_MS (30 * 1000)
#define SPACE_TIMEOUT_MS (15 * 60 * 1000)

/* Failed opens of a drive that says it is ready, after which it is not tried again. */
#define OPEN_TRIES 3

struct st_tape {
	struct tape base;
	struct scsi_address address;
	bool write;
	bool rewound; /* and not moved since: nobody else can */
	bool brought; /* by the robot, and its density should be: */
	uint32_t density;
	int fd;
	char node[64];
};

static struct st_tape *to_st(struct tape *tape)
{
	return (struct st_tape *)tape;
}

static int say_tape(const struct st_tape *tape, int error, const char *what)
{
	switch (error) {
	case ENOMEDIUM:
		return ntms_say_errno(-ENOMEDIUM, "%s: %s: there is no medium in the drive",
				      tape->node, what);
	case EROFS:
	case EACCES:
		return ntms_say_errno(-EROFS, "%s: %s: the medium is write-protected", tape->node,
				      what);
	case ENXIO:
	case ENODEV:
		return ntms_say_errno(-ENODEV, "%s: %s: the drive went away", tape->node, what);
	default:
		return ntms_say_errno(-error, "%s: %s: %s", tape->node, what, strerror(error));
	}
}

static int tape_op(const struct st_tape *tape, short op, int count, const char *what)
{
	struct mtop request = {.mt_op = op, .mt_count = count};

	if (ioctl(tape->fd, MTIOCTOP, &request) < 0)
		return say_tape(tape, errno, what);
	return 0;
}

static int tape_status(const struct st_tape *tape, struct mtget *status)
{
	if (ioctl(tape->fd, MTIOCGET, status) < 0)
		return say_tape(tape, errno, "asking for the status");
	return 0;
}

static bool needs_load(const struct sense *sense)
{
	return sense->key == SENSE_KEY_NOT_READY && sense->asc == 0x04 && sense->ascq == 0x02;
}

static bool has_no_medium(const struct sense *sense)
{
	return sense->key == SENSE_KEY_NOT_READY && sense->asc == 0x3a;
}

/* How the wait for a medium stands. */
struct wait {
	uint32_t drive;
	uint64_t deadline_ns;
	int events;		     /* descriptor of the module's events, -1 for none */
	uint64_t no_medium_since_ns; /* 0: it has not said so the last time */
	bool attention;		     /* a unit attention was swallowed that st should have seen */
	bool load_sent;
	const char *why; /* what the drive said last, NULL if nothing */
	int verdict;	 /* and what that means, 0 if nothing */
	unsigned int failed_opens;
};

static int give_up(const struct st_tape *tape, const struct wait *wait)
{
	if (wait->no_medium_since_ns)
		return say_tape(tape, ENOMEDIUM, "opening");
	if (wait->why)
		return ntms_say_errno(wait->verdict == -EREMOTEIO ? -EREMOTEIO : -ETIMEDOUT,
				      "%s: not ready in time: %s", tape->node, wait->why);
	return ntms_say_errno(-ETIMEDOUT, "%s: the drive was not ready in time", tape->node);
}

/*
 * st has found the drive not ready; why? 0: wait on, -errno: no use. @no_medium is what st
 * makes of it.
 */
static int ask_why(const struct st_tape *tape, bool no_medium, struct wait *wait)
{
	static const uint8_t test_ready[6] = {SCSI_TEST_UNIT_READY};
	static const uint8_t load[6] = {SCSI_LOAD, 0x01 /* do not wait */, 0, 0, 0x01};
	uint64_t now = clock_monotonic_ns();
	struct sense sense;

	if (scsi_pass(tape->fd, test_ready, NULL, 0, QUICK_TIMEOUT_MS, &sense) == 0) {
		if (sense.key == SENSE_KEY_UNIT_ATTENTION)
			wait->attention = true;
		if (sense_errno(&sense) == -EMEDIUMTYPE)
			return ntms_say_errno(-EMEDIUMTYPE, "%s: %s", tape->node,
					      sense_text(&sense));
		wait->why = sense.key ? sense_text(&sense) : NULL;
		wait->verdict = sense.key ? sense_drive_errno(&sense) : 0;
		no_medium = has_no_medium(&sense);
		/* Unloaded but not taken out: it does not load by itself again. */
		if (needs_load(&sense) && !wait->load_sent) {
			wait->load_sent = true;
			scsi_pass(tape->fd, load, NULL, 0, QUICK_TIMEOUT_MS, &sense);
		}
	}
	if (!no_medium) {
		wait->no_medium_since_ns = 0;
		return 0;
	}
	if (wait->no_medium_since_ns == 0)
		wait->no_medium_since_ns = now;
	if (now - wait->no_medium_since_ns >= NO_MEDIUM_GRACE_NS)
		return say_tape(tape, ENOMEDIUM, "opening");
	return 0;
}

/* Reads all events there are: did one of them concern the drive? False also when events do
 * not come any more. */
static bool drain_events(struct broker *broker, struct wait *wait)
{
	struct broker_event event;
	bool ours = false;
	int error;

	while ((error = kernel_broker_ops.next_event(broker, wait->events, &event)) == 0)
		ours |= event.device == wait->drive && (event.type == BROKER_EVENT_DEVICE_GONE ||
							event.type == BROKER_EVENT_ATTENTION);
	if (error != -EAGAIN) {
		close(wait->events);
		wait->events = -1;
	}
	return ours;
}

/*
 * Until the drive is worth another question. A drive becoming ready causes no event that
 * user space could wait for, which is why st polls it, too; but what the module reports
 * (the drive is gone, a unit attention) ends the wait at once.
 */
static void pause_until_news(struct broker *broker, struct wait *wait)
{
	uint64_t end = clock_monotonic_ns() + READY_INTERVAL_MS * NSEC_PER_MSEC;
	int left;

	if (wait->deadline_ns && wait->deadline_ns < end)
		end = wait->deadline_ns;
	while ((left = clock_poll_ms(end)) > 0) {
		struct pollfd news = {.fd = wait->events, .events = POLLIN};
		int ready = poll(&news, 1, left); /* which ignores a descriptor of -1 */

		if (ready > 0 && drain_events(broker, wait))
			return;
		if (ready < 0 && errno != EINTR)
			return;
	}
}

/*
 * st has not even opened: it does so only for a drive that is ready or says that it is not,
 * and a drive may call a medium that it cannot use an error. The generic node tells.
 */
static int ask_generic(const struct st_tape *tape, struct wait *wait)
{
	struct st_tape generic = *tape;
	char node[64];
	int error;

	if (sysfs_node(SYSFS_ROOT, &tape->address, SYSFS_SG, node, sizeof(node)) != 0)
		return say_tape(tape, EIO, "opening");
	generic.fd = open(node, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (generic.fd < 0)
		return say_tape(tape, EIO, "opening");
	wait->verdict = 0;
	error = ask_why(&generic, false, wait);
	close(generic.fd);
	if (error)
		return error;
	if (wait->verdict && wait->verdict != -EAGAIN)
		return ntms_say_errno(wait->verdict == -EREMOTEIO ? -EREMOTEIO : -EIO, "%s: %s",
				      tape->node, wait->why);
	if (wait->verdict == 0 && ++wait->failed_opens == OPEN_TRIES)
		return say_tape(tape, EIO, "opening");
	return 0;
}

/*
 * Opens the node once, without waiting. 1: ready, and open; 0: not ready; -errno.
 *
 * st's waiting open is no use here: it waits two minutes whatever the deadline, and takes
 * no account of a drive that will never be ready. So each try is a fresh O_NONBLOCK open,
 * which also makes st look at the medium anew: what it remembers is of the one before.
 */
static int try_open(struct st_tape *tape, struct wait *wait)
{
	struct mtget status;
	int error;

	tape->fd = open(tape->node, (tape->write ? O_RDWR : O_RDONLY) | O_NONBLOCK | O_CLOEXEC);
	if (tape->fd < 0) {
		if (errno == EBUSY)
			return ntms_say_errno(-EBUSY, "%s: already open, or held by somebody else",
					      tape->node);
		if (errno == EIO)
			return ask_generic(tape, wait);
		return say_tape(tape, errno, "opening");
	}
	error = tape_status(tape, &status);
	if (!error && GMT_ONLINE(status.mt_gstat)) {
		if (!tape->write || !GMT_WR_PROT(status.mt_gstat))
			return 1;
		error = say_tape(tape, EROFS, "opening");
	}
	if (!error)
		error = ask_why(tape, GMT_DR_OPEN(status.mt_gstat), wait);
	close(tape->fd);
	tape->fd = -1;
	return error;
}

static int wait_ready(struct broker *broker, struct st_tape *tape, struct wait *wait)
{
	bool events_wanted = true;
	int result;

	while ((result = try_open(tape, wait)) == 0) {
		if (clock_poll_ms(wait->deadline_ns) == 0) {
			result = give_up(tape, wait);
			break;
		}
		/* Without them the wait is as long, but not shorter when the drive goes. */
		if (events_wanted)
			kernel_broker_ops.events_open(broker, &wait->events);
		events_wanted = false;
		pause_until_news(broker, wait);
	}
	if (wait->events >= 0)
		close(wait->events);
	return result < 0 ? result : 0;
}

/* From here on calls wait, as everybody expects of a tape. */
static int set_blocking(const struct st_tape *tape)
{
	int flags = fcntl(tape->fd, F_GETFL);

	if (flags < 0 || fcntl(tape->fd, F_SETFL, flags & ~O_NONBLOCK) < 0)
		return say_tape(tape, errno, "opening");
	return 0;
}

int st_tape_open(struct broker *broker, uint32_t drive, bool write, uint64_t deadline_ns,
		 struct tape **tapep)
{
	struct wait wait = {.drive = drive, .deadline_ns = deadline_ns, .events = -1};
	struct rsm_device device;
	struct st_tape *tape;
	int error;

	error = kernel_device(to_kernel(broker), drive, RSM_KIND_DRIVE, &device);
	if (error)
		return error;
	tape = calloc(1, sizeof(*tape));
	if (!tape)
		return ntms_say_errno(-ENOMEM, "out of memory");
	tape->base.ops = &kernel_broker_ops;
	tape->write = write;
	tape->address = kernel_address(&device);
	if (sysfs_node(SYSFS_ROOT, &tape->address, SYSFS_NST, tape->node, sizeof(tape->node)) !=
	    0) {
		error = ntms_say_errno(-ENODEV, "drive %u has no tape device: is module st loaded?",
				       drive);
		goto err_free;
	}
	error = wait_ready(broker, tape, &wait);
	if (error)
		goto err_free;
	error = set_blocking(tape);
	/* st would have started anew at the unit attention; a rewind does the same. */
	if (!error && wait.attention)
		error = st_tape_rewind(&tape->base);
	if (error)
		goto err_close;
	*tapep = &tape->base;
	return 0;

err_close:
	close(tape->fd);
err_free:
	free(tape);
	return error;
}

void st_tape_close(struct tape *tape)
{
	close(to_st(tape)->fd);
	free(tape);
}

int st_tape_rewind(struct tape *base)
{
	struct st_tape *tape = to_st(base);
	int error;

	if (tape->rewound)
		return 0;
	error = tape_op(tape, MTREW, 1, "rewinding");
	tape->rewound = error == 0;
	return error;
}

int st_tape_brought(struct tape *base, uint32_t density)
{
	struct st_tape *tape = to_st(base);

	/* st itself knows only if the drive has told of its new medium (tgt's do not). */
	tape->rewound = true;
	tape->brought = true;
	tape->density = density;
	return 0;
}

/*
 * A read failed: because nothing was ever written here? Spacing over one block moves no
 * data and lets us see the sense data, which st keeps to itself.
 */
static bool is_blank(const struct st_tape *tape)
{
	static const uint8_t space_block[6] = {SCSI_SPACE, 0, 0, 0, 1};
	struct sense sense;

	if (scsi_pass(tape->fd, space_block, NULL, 0, SPACE_TIMEOUT_MS, &sense) != 0)
		return false;
	return sense.key == SENSE_KEY_BLANK_CHECK || (sense.asc == 0x00 && sense.ascq == 0x05);
}

/*
 * Did a read that seemed to succeed give nothing? When a drive sets the end-of-medium bit in
 * its BLANK CHECK, st takes it for a block near the end and returns a buffer that nobody
 * filled. At the beginning of tape no block is near the end, and after a filemark st notes
 * the end of data.
 */
static bool read_nothing(const struct st_tape *tape, bool at_start)
{
	struct mtget status;

	if (ioctl(tape->fd, MTIOCGET, &status) < 0)
		return false;
	return GMT_EOD(status.mt_gstat) || (at_start && GMT_EOT(status.mt_gstat));
}

int st_tape_read(struct tape *base, void *buffer, size_t size, size_t *got)
{
	struct st_tape *tape = to_st(base);
	struct mtget status;
	bool at_start;
	ssize_t count;
	int error;

	error = tape_status(tape, &status);
	if (error)
		return error;
	at_start = tape->rewound || (status.mt_fileno == 0 && status.mt_blkno == 0);
	/* Whatever the last user set: blocks are of any size. */
	if (status.mt_dsreg & MT_ST_BLKSIZE_MASK) {
		error = tape_op(tape, MTSETBLK, 0, "setting variable block size");
		if (error)
			return error;
	}
	tape->rewound = false;
	count = read(tape->fd, buffer, size);
	if (count > 0 && read_nothing(tape, at_start)) {
		*got = 0;
		/* st believes to have moved; the tape has not. */
		return at_start ? st_tape_rewind(base) : 0;
	}
	if (count >= 0) {
		*got = (size_t)count;
		return 0;
	}
	error = errno;
	if (error == EIO && is_blank(tape)) {
		*got = 0;
		return 0;
	}
	if (error == ENOMEM)
		return ntms_say_errno(-EMSGSIZE, "%s: the block is larger than %zu bytes",
				      tape->node, size);
	return say_tape(tape, error, "reading");
}

int st_tape_write_label(struct tape *base, const void *block, size_t size)
{
	struct st_tape *tape = to_st(base);
	ssize_t written;
	int error;

	if (!tape->write)
		return ntms_say_errno(-EINVAL, "%s: was opened for reading only", tape->node);
	error = st_tape_rewind(base);
	if (!error)
		error = tape_op(tape, MTSETBLK, 0, "setting variable block size");
	if (error)
		return error;
	tape->rewound = false;
	written = write(tape->fd, block, size);
	if (written < 0)
		return say_tape(tape, errno, "writing the label");
	if ((size_t)written != size)
		return ntms_say_errno(-EIO, "%s: writing the label: %zd of %zu bytes", tape->node,
				      written, size);
	/* Writing a filemark empties the drive's buffer: errors of the block come here. */
	error = tape_op(tape, MTWEOF, 1, "writing the label's filemark");
	if (error)
		return error;
	return st_tape_rewind(base);
}

/* The drive does not let go of it. When it cannot even rewind, that is what is told; the last user
 * may have locked it in. */
static int unload_again(struct st_tape *tape)
{
	struct mtop unlock = {.mt_op = MTUNLOCK, .mt_count = 1};
	int error;

	error = tape_op(tape, MTREW, 1, "rewinding");
	if (error)
		return error;
	ioctl(tape->fd, MTIOCTOP, &unlock);
	return tape_op(tape, MTOFFL, 1, "unloading");
}

/* A drive rewinds before it unloads. */
int st_tape_unload(struct tape *base)
{
	struct st_tape *tape = to_st(base);

	tape->rewound = false;
	return tape_op(tape, MTOFFL, 1, "unloading") ? unload_again(tape) : 0;
}

static uint32_t density_of(const struct mtget *status)
{
	return ((unsigned long)status->mt_dsreg & MT_ST_DENSITY_MASK) >> MT_ST_DENSITY_SHIFT;
}

int st_tape_codes(struct tape *base, uint32_t *medium, uint32_t *density)
{
	static const uint8_t mode_sense[6] = {SCSI_MODE_SENSE, 0, 0, 0, 12};
	struct st_tape *tape = to_st(base);
	uint8_t header[12] = {0};
	struct mtget status;
	struct sense sense;
	int error;

	error = tape_status(tape, &status);
	if (error)
		return error;
	*density = density_of(&status);
	if (!medium)
		return 0;
	if (scsi_pass(tape->fd, mode_sense, header, sizeof(header), QUICK_TIMEOUT_MS, &sense) ==
		    0 &&
	    sense.key == 0)
		*medium = header[1];
	return 0;
}

static void try_op(const struct st_tape *tape, short op, int count)
{
	struct mtop request = {.mt_op = op, .mt_count = count};

	/* Where these are refused, a user could not have changed them either. */
	ioctl(tape->fd, MTIOCTOP, &request);
}

/*
 * What a user without special rights can change, and st keeps for the next one: the block
 * size, the density, and a locked door; and what root can: the drive's own buffering. The
 * options and defaults of st itself only root can change: those are the administrator's,
 * who sets them with stinit, and stay. What st shows to be as it should is not set again; a
 * locked door would not have let the robot bring another medium.
 */
int st_tape_reset_settings(struct tape *base)
{
	struct st_tape *tape = to_st(base);
	struct mtget status;
	uint32_t density;
	int error;

	error = tape_status(tape, &status);
	if (error)
		return error;
	if (status.mt_dsreg & MT_ST_BLKSIZE_MASK)
		error = tape_op(tape, MTSETBLK, 0, "setting variable block size");
	if (error)
		return error;
	if (!tape->brought)
		try_op(tape, MTUNLOCK, 1);
	if (!GMT_IM_REP_EN(status.mt_gstat))
		try_op(tape, MTSETDRVBUFFER, 1);
	/* A drive takes another density at the beginning of tape only; 0 is its default. */
	density = density_of(&status);
	if (GMT_BOT(status.mt_gstat) && (!tape->brought || (density && density != tape->density)))
		try_op(tape, MTSETDENSITY, 0);
	return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* virtual-tape.c - tape operations on plain files, and who else has one open */
#define _GNU_SOURCE /* O_PATH, F_SETLEASE, F_SETSIG */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/say.h"
#include "broker/virtual-impl.h"

/* Between two questions whether a drive that is not ready is. */
#define READY_INTERVAL_MS 20
#define UNLOAD_MS	  (2 * 60 * 60 * 1000)

struct virtual_tape {
	struct tape base;
	struct virtual_broker *vb;
	struct virtual_tape *next;
	uint32_t drive;
	int fd; /* -1 once it is unloaded */
	bool write;
};

static struct virtual_tape *to_tape(struct tape *tape)
{
	return (struct virtual_tape *)tape;
}

static uint16_t drive_address(uint32_t drive)
{
	return (uint16_t)(VIRTUAL_FIRST_DRIVE + DRIVE_INDEX(drive));
}

/* What is in a drive that is there. */
static int look_inside(struct virtual_broker *vb, uint32_t drive, struct virtual_cell *found)
{
	struct virtual_session session;
	struct virtual_state *state;
	int error;

	error = virtual_drive_check(vb, drive);
	if (error)
		return error;
	error = virtual_enter(vb, &session);
	if (error)
		return error;
	error = virtual_state_load(vb, &state);
	if (error)
		return virtual_leave(&session, error);
	*found = *virtual_cell(state, drive_address(drive));
	/* The caller's next step may be to open the node. */
	error = virtual_links(vb, state);
	free(state);
	return virtual_leave(&session, error);
}

/* The cartridge in a drive: its path below DIR. */
static int inside(struct virtual_broker *vb, uint32_t drive, char path[VIRTUAL_PATH_SIZE])
{
	struct virtual_cell cell;
	int error;

	error = look_inside(vb, drive, &cell);
	if (error)
		return error;
	if (!cell.full || cell.ejected)
		return ntms_say_errno(-ENOMEDIUM, "drive %u of %s is empty", DRIVE_INDEX(drive),
				      vb->path);
	if (virtual_is_cleaner(cell.name))
		return ntms_say_errno(-EMEDIUMTYPE, "drive %u of %s contains a cleaner, %s",
				      DRIVE_INDEX(drive), vb->path, cell.name);
	virtual_image_path(&cell, path);
	return 0;
}

int virtual_drive_loaded(struct broker *broker, uint32_t drive, bool *loaded)
{
	struct virtual_cell cell;
	int error;

	error = look_inside(to_virtual(broker), drive, &cell);
	*loaded = !error && cell.full && !cell.ejected;
	return error;
}

int virtual_drive_cleaning(struct broker *broker, uint32_t drive, bool *needed)
{
	struct virtual_cell cell;
	int error;

	/* Which settles what a cleaner inside has done. */
	error = look_inside(to_virtual(broker), drive, &cell);
	*needed =
		!error && virtual_mark_there(to_virtual(broker), DRIVE_INDEX(drive), VIRTUAL_DIRTY);
	return error;
}

/* Does an ordered fault hit a tape operation? */
static int check_fault(struct virtual_broker *vb, enum virtual_operation operation, uint32_t drive,
		       const char *what)
{
	struct virtual_session session;
	int error;

	error = virtual_enter(vb, &session);
	if (error)
		return error;
	return virtual_leave(&session, virtual_fault_hits(vb, operation, DRIVE_INDEX(drive),
							  DRIVE_INDEX(drive), what));
}

/* The cartridge's file; what it is comes with it. */
static int open_image(struct virtual_broker *vb, const char *path, int flags, struct stat *status)
{
	int fd;

	/* Without O_NONBLOCK a FIFO put there would keep us waiting. */
	fd = openat(vb->dir, path, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return ntms_say_errno(-errno, "cannot open the cartridge '%s/%s': %m", vb->path,
				      path);
	if (fstat(fd, status) != 0 || !S_ISREG(status->st_mode)) {
		close(fd);
		return ntms_say_errno(-EIO, "'%s/%s' is no cartridge: not a plain file", vb->path,
				      path);
	}
	return fd;
}

/* The same, while the drive says that it is not ready yet. No drive tells by itself when it is. */
static int wait_out_fault(struct virtual_broker *vb, enum virtual_operation operation,
			  uint32_t drive, uint64_t deadline_ns, const char *what)
{
	int error = check_fault(vb, operation, drive, what);

	while (error == -EAGAIN && clock_poll_ms(deadline_ns) != 0) {
		poll(NULL, 0, READY_INTERVAL_MS);
		error = virtual_drive_check(vb, drive);
		if (!error)
			error = check_fault(vb, operation, drive, what);
	}
	return error == -EAGAIN ? ntms_say_errno(-ETIMEDOUT, "%s: not ready in time", what) : error;
}

int virtual_tape_open(struct broker *broker, uint32_t drive, bool write, uint64_t deadline_ns,
		      struct tape **tapep)
{
	struct virtual_broker *vb = to_virtual(broker);
	char path[VIRTUAL_PATH_SIZE];
	struct virtual_tape *tape;
	struct stat status;
	int error;

	error = inside(vb, drive, path);
	if (!error)
		error = wait_out_fault(vb, VIRTUAL_OPEN, drive, deadline_ns, "opening the tape");
	if (error)
		return error;
	tape = calloc(1, sizeof(*tape));
	if (!tape)
		return ntms_say_errno(-ENOMEM, "no memory to open a tape");
	tape->fd = open_image(vb, path, write ? O_RDWR : O_RDONLY, &status);
	error = tape->fd < 0 ? tape->fd : 0;
	/* Root may write to what nobody may write to; a real drive would not let it. */
	if (write && (error == -EACCES || (!error && !(status.st_mode & 0222))))
		error = ntms_say_errno(-EROFS, "the cartridge '%s/%s' is write-protected", vb->path,
				       path);
	if (error) {
		if (tape->fd >= 0)
			close(tape->fd);
		free(tape);
		return error;
	}
	tape->base.ops = broker->ops;
	tape->write = write;
	tape->drive = drive;
	tape->vb = virtual_ref(vb);
	pthread_mutex_lock(&vb->mutex);
	tape->next = vb->tapes;
	vb->tapes = tape;
	pthread_mutex_unlock(&vb->mutex);
	*tapep = &tape->base;
	return 0;
}

static void close_image(struct virtual_tape *tape)
{
	pthread_mutex_lock(&tape->vb->mutex);
	if (tape->fd >= 0)
		close(tape->fd);
	tape->fd = -1;
	pthread_mutex_unlock(&tape->vb->mutex);
}

void virtual_tape_close(struct tape *base)
{
	struct virtual_tape *tape = to_tape(base);
	struct virtual_tape **link;

	close_image(tape);
	pthread_mutex_lock(&tape->vb->mutex);
	for (link = &tape->vb->tapes; *link != tape; link = &(*link)->next)
		;
	*link = tape->next;
	pthread_mutex_unlock(&tape->vb->mutex);
	virtual_unref(tape->vb);
	free(tape);
}

static int check_loaded(struct virtual_tape *tape)
{
	if (tape->fd >= 0)
		return 0;
	return ntms_say_errno(-ENOMEDIUM, "the medium was unloaded");
}

int virtual_tape_rewind(struct tape *base)
{
	struct virtual_tape *tape = to_tape(base);
	int error = check_loaded(tape);

	if (error)
		return error;
	if (lseek(tape->fd, 0, SEEK_SET) != 0)
		return ntms_say_errno(-EIO, "cannot rewind: %m");
	return 0;
}

int virtual_tape_read(struct tape *base, void *buffer, size_t size, size_t *got)
{
	struct virtual_tape *tape = to_tape(base);
	int error = check_loaded(tape);
	size_t done = 0;

	if (!error)
		error = check_fault(tape->vb, VIRTUAL_READ, tape->drive, "reading the medium");
	if (error)
		return error;
	while (done < size) {
		ssize_t part = read(tape->fd, (char *)buffer + done, size - done);

		if (part < 0 && errno == EINTR)
			continue;
		if (part < 0)
			return ntms_say_errno(-EIO, "cannot read the medium: %m");
		if (part == 0)
			break;
		done += (size_t)part;
	}
	*got = done;
	return 0;
}

int virtual_tape_write_label(struct tape *base, const void *block, size_t size)
{
	struct virtual_tape *tape = to_tape(base);
	int error = check_loaded(tape);
	size_t done = 0;

	if (error)
		return error;
	if (!tape->write)
		return ntms_say_errno(-EROFS, "the medium was opened for reading only");
	error = check_fault(tape->vb, VIRTUAL_WRITE, tape->drive, "writing the medium");
	if (error)
		return error;
	while (done < size) {
		ssize_t part =
			pwrite(tape->fd, (const char *)block + done, size - done, (off_t)done);

		if (part < 0 && errno == EINTR)
			continue;
		if (part < 0)
			return ntms_say_errno(errno == ENOSPC ? -ENOSPC : -EIO,
					      "cannot write the medium: %m");
		done += (size_t)part;
	}
	if (ftruncate(tape->fd, (off_t)size) != 0 || fsync(tape->fd) != 0 ||
	    lseek(tape->fd, (off_t)size, SEEK_SET) < 0)
		return ntms_say_errno(-EIO, "cannot write the medium: %m");
	return 0;
}

/* A stand-alone drive gives the cartridge out as far as a hand can take it. */
static int eject(struct virtual_broker *vb, uint32_t drive)
{
	struct virtual_session session;
	struct virtual_state *state = NULL;
	struct virtual_cell *cell;
	int error;

	error = virtual_enter(vb, &session);
	if (error)
		return error;
	error = virtual_state_load(vb, &state);
	if (!error) {
		cell = virtual_cell(state, drive_address(drive));
		cell->ejected = cell->full;
		error = virtual_commit(vb, state, cell->address);
	}
	free(state);
	return virtual_leave(&session, error);
}

int virtual_tape_unload(struct tape *base)
{
	struct virtual_tape *tape = to_tape(base);
	int error = check_loaded(tape);

	if (!error)
		error = wait_out_fault(tape->vb, VIRTUAL_UNLOAD, tape->drive,
				       clock_deadline(UNLOAD_MS), "unloading the medium");
	if (!error && DRIVE_INDEX(tape->drive) >= tape->vb->shape.drives)
		error = eject(tape->vb, tape->drive);
	if (error)
		return error;
	close_image(tape);
	return 0;
}

int virtual_tape_codes(struct tape *base, uint32_t *medium, uint32_t *density)
{
	struct virtual_tape *tape = to_tape(base);
	int error = check_loaded(tape);

	if (error)
		return error;
	if (medium)
		*medium = virtual_media(&tape->vb->shape)->medium;
	*density = virtual_media(&tape->vb->shape)->density;
	return 0;
}

int virtual_tape_reset_settings(struct tape *base)
{
	return check_loaded(to_tape(base)); /* a file has no settings */
}

/* ---- who has it open ---- */

struct search {
	struct virtual_broker *vb;
	char ending[VIRTUAL_PATH_SIZE + 1]; /* "/tapes/NAME" */
	struct stat image;
	bool own; /* this process has it open through tape_open */
};

/* One of our own struct tape? Those are the library at work and not a user. */
static bool own_tape(const struct search *search, int fd)
{
	bool own = false;

	pthread_mutex_lock(&search->vb->mutex);
	for (struct virtual_tape *tape = search->vb->tapes; tape && !own; tape = tape->next)
		own = tape->fd == fd;
	pthread_mutex_unlock(&search->vb->mutex);
	return own;
}

/* Is this descriptor the image? The name first: stat() alone could wait for a dead server. */
static bool is_image(const struct search *search, int fds, const char *name)
{
	size_t ending = strlen(search->ending);
	char target[4096];
	struct stat status;
	ssize_t length;

	length = readlinkat(fds, name, target, sizeof(target));
	if (length < (ssize_t)ending ||
	    memcmp(target + length - ending, search->ending, ending) != 0)
		return false;
	return fstatat(fds, name, &status, 0) == 0 && status.st_dev == search->image.st_dev &&
	       status.st_ino == search->image.st_ino;
}

/* -errno when the process does not let itself be looked at, or is gone. */
static int process_has_it(struct search *search, const char *pid)
{
	char path[NAME_MAX + 16];
	struct dirent *entry;
	int found = 0;
	DIR *stream;

	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	stream = opendir(path);
	if (!stream)
		return -errno;
	while (!found && (entry = readdir(stream)) != NULL) {
		if (!isdigit((unsigned char)entry->d_name[0]) ||
		    !is_image(search, dirfd(stream), entry->d_name))
			continue;
		if (atoi(pid) == getpid() && own_tape(search, atoi(entry->d_name)))
			search->own = true;
		else
			found = 1;
	}
	closedir(stream);
	return found;
}

/* 1 with *@pid, or 0; *@all: every process could be looked at. */
static int search_processes(struct search *search, int *pid, bool *all)
{
	struct dirent *entry;
	DIR *stream;
	int found = 0;

	*all = true;
	stream = opendir("/proc");
	if (!stream) {
		*all = false;
		return 0;
	}
	while (!found && (entry = readdir(stream)) != NULL) {
		int result;

		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		result = process_has_it(search, entry->d_name);
		if (result == 1) {
			found = 1;
			if (pid)
				*pid = atoi(entry->d_name);
		} else if (result < 0 && result != -ENOENT && result != -ESRCH) {
			*all = false;
		}
	}
	closedir(stream);
	return found;
}

/*
 * The kernel gives a write lease only on a file that nobody else has open. It is given back at
 * once; somebody who opens in between is delayed for that moment, and the signal that we
 * would get is one that does nothing.
 */
static int lease_refused(int fd)
{
	if (fcntl(fd, F_SETSIG, SIGURG) != 0)
		return 0;
	if (fcntl(fd, F_SETLEASE, F_WRLCK) != 0)
		return errno == EAGAIN;
	fcntl(fd, F_SETLEASE, F_UNLCK);
	return 0;
}

int virtual_image_open(struct virtual_broker *vb, const char *path, int *pid)
{
	struct search search = {.vb = vb};
	bool all;
	int result;
	int fd;

	fd = open_image(vb, path, O_PATH, &search.image);
	if (fd < 0)
		return fd;
	close(fd);
	snprintf(search.ending, sizeof(search.ending), "/%s", path);
	result = search_processes(&search, pid, &all);
	/* What is hidden from us the kernel may still know; but not while we have it open. */
	if (result || all || search.own)
		return result;
	fd = openat(vb->dir, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return 0;
	result = lease_refused(fd);
	close(fd);
	return result;
}

int virtual_drive_open(struct broker *broker, uint32_t drive, int *pid)
{
	char path[VIRTUAL_PATH_SIZE];
	int result;

	result = inside(to_virtual(broker), drive, path);
	if (result == -ENOMEDIUM || result == -EMEDIUMTYPE)
		return 0;
	return result ? result : virtual_image_open(to_virtual(broker), path, pid);
}

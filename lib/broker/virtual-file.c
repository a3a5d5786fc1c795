/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* virtual-file.c - the files of a virtual library: read whole, replaced whole, under one lock */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uuid/uuid.h>
#include "base/clock.h"
#include "base/say.h"
#include "broker/virtual-impl.h"

#define FILE_MAX_SIZE	(16 * 1024 * 1024)
#define LOCK_TIMEOUT_MS 30000
/* Messages may fail to come; nobody waits longer without a look. */
#define LOOK_AGAIN_MS 250
/* Who stands in line and is stopped holds up nobody for longer. */
#define LINE_MS 1000

#define CHECK_PREFIX "check "
#define CHECK_LENGTH (sizeof(CHECK_PREFIX) - 1 + 36 + 1)

static int read_all(int fd, char *text, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t got = read(fd, text + done, size - done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			return -EIO;
		done += (size_t)got;
	}
	return 0;
}

static int write_all(int fd, const char *text, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t put = write(fd, text + done, size - done);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -errno;
		done += (size_t)put;
	}
	return 0;
}

int virtual_read(struct virtual_broker *vb, const char *name, char **text, size_t *size)
{
	struct stat status;
	char *buffer;
	int error;
	int fd;

	fd = openat(vb->dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		error = errno == EACCES || errno == EMFILE || errno == ENFILE ? -errno : -EIO;
		return ntms_say_errno(error, "cannot open '%s/%s': %m", vb->path, name);
	}
	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size > FILE_MAX_SIZE) {
		close(fd);
		return ntms_say_errno(-EIO, "'%s/%s' is not what a virtual library has there",
				      vb->path, name);
	}
	buffer = malloc((size_t)status.st_size + 1);
	if (!buffer) {
		close(fd);
		return ntms_say_errno(-ENOMEM, "no memory to read '%s/%s'", vb->path, name);
	}
	error = read_all(fd, buffer, (size_t)status.st_size);
	close(fd);
	if (error) {
		free(buffer);
		return ntms_say_errno(-EIO, "cannot read '%s/%s'", vb->path, name);
	}
	buffer[status.st_size] = '\0';
	*text = buffer;
	*size = (size_t)status.st_size;
	return 0;
}

void virtual_adopt(struct virtual_broker *vb, int fd)
{
	struct stat lock;

	if (fstatat(vb->dir, "lock", &lock, AT_SYMLINK_NOFOLLOW) != 0)
		return;
	/* Where it fails the umask and the caller have decided, which is all there was before. */
	if (fchmod(fd, lock.st_mode & 0666) != 0)
		errno = 0;
	if (geteuid() == 0 && fchown(fd, lock.st_uid, lock.st_gid) != 0)
		errno = 0;
}

int virtual_replace(struct virtual_broker *vb, const char *name, const char *text, size_t size,
		    bool durable)
{
	char temporary[64];
	int error;
	int fd;

	snprintf(temporary, sizeof(temporary), "new/%s", name);
	unlinkat(vb->dir, temporary, 0); /* of somebody who was killed, or of another user */
	fd = openat(vb->dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (fd < 0)
		return ntms_say_errno(-errno, "cannot write '%s/%s': %m", vb->path, temporary);
	virtual_adopt(vb, fd);
	error = write_all(fd, text, size);
	if (!error && fsync(fd) != 0)
		error = -errno;
	close(fd);
	if (!error && renameat(vb->dir, temporary, vb->dir, name) != 0)
		error = -errno;
	if (!error && durable && fsync(vb->dir) != 0)
		error = -errno;
	if (error) {
		errno = -error;
		return ntms_say_errno(error, "cannot replace '%s/%s': %m", vb->path, name);
	}
	return 0;
}

/* A digest from a library at hand: the UUID that stands for the text. */
static void check_of(const char *text, size_t size, char check[UUID_STR_LEN])
{
	static const uuid_t none;
	uuid_t digest;

	uuid_generate_sha1(digest, none, text, size);
	uuid_unparse_lower(digest, check);
}

void virtual_seal(FILE *stream, char **text, size_t *size)
{
	char check[UUID_STR_LEN];

	fflush(stream);
	if (!ferror(stream)) {
		check_of(*text, *size, check);
		fprintf(stream, CHECK_PREFIX "%s\n", check);
	}
	fflush(stream);
}

bool virtual_unseal(char *text, size_t *size)
{
	char check[UUID_STR_LEN];
	char *last;

	if (*size < CHECK_LENGTH || memchr(text, '\0', *size))
		return false;
	last = text + *size - CHECK_LENGTH;
	check_of(text, *size - CHECK_LENGTH, check);
	if (memcmp(last, CHECK_PREFIX, sizeof(CHECK_PREFIX) - 1) != 0 ||
	    memcmp(last + sizeof(CHECK_PREFIX) - 1, check, 36) != 0 ||
	    last[CHECK_LENGTH - 1] != '\n')
		return false;
	*last = '\0';
	*size -= CHECK_LENGTH;
	return true;
}

char *virtual_line(char **cursor)
{
	char *line = *cursor;
	char *end;

	if (*line == '\0')
		return NULL;
	end = strchr(line, '\n');
	if (end)
		*end++ = '\0';
	else
		end = line + strlen(line);
	*cursor = end;
	return line;
}

/* Whose process number the present owner left in the lock file; 0 if none can be read. */
static int lock_owner(int lock)
{
	char text[16] = "";

	if (pread(lock, text, sizeof(text) - 1, 0) <= 0)
		return 0;
	return atoi(text);
}

/* -ETIMEDOUT: somebody else has it. */
static int lock_try(int lock)
{
	if (flock(lock, LOCK_EX | LOCK_NB) == 0)
		return 0;
	return errno == EWOULDBLOCK || errno == EINTR ? -ETIMEDOUT : -errno;
}

/*
 * flock() gives the lock to whoever asks first when it is free, which may be the one who gave it
 * back just now, again and again. So who has to wait stands in line: it locks the byte of the file
 * that has the number of the moment when it came. The kernel takes it out of the line when it
 * dies. Where a file system has no such locks there is no line.
 */
static bool line_stands(struct virtual_broker *vb, int lock, off_t before, off_t *ahead)
{
	off_t first = vb->passed + 1;
	struct flock range = {.l_type = F_WRLCK,
			      .l_whence = SEEK_SET,
			      .l_start = first,
			      .l_len = before ? before - first : 0};

	if (before && before <= first)
		return false;
	if (fcntl(lock, F_OFD_GETLK, &range) != 0 || range.l_type == F_UNLCK)
		return false;
	*ahead = range.l_start;
	return true;
}

/* Its place; 0 if there is no line. */
static off_t line_join(int lock)
{
	struct flock place = {.l_type = F_WRLCK,
			      .l_whence = SEEK_SET,
			      .l_start = (off_t)clock_monotonic_ns(),
			      .l_len = 1};

	while (fcntl(lock, F_OFD_SETLK, &place) != 0) {
		if (errno != EAGAIN && errno != EACCES)
			return 0;
		place.l_start++; /* another one came at the same moment */
	}
	return place.l_start;
}

/* Not left to close(): a child that was forked meanwhile would stand there still. */
static void line_leave(int lock, off_t place)
{
	struct flock range = {
		.l_type = F_UNLCK, .l_whence = SEEK_SET, .l_start = place, .l_len = 1};

	if (place && fcntl(lock, F_OFD_SETLK, &range) != 0)
		errno = 0;
}

/* Is it for the one at @place to take the lock if it can? */
static bool line_is_at(struct virtual_broker *vb, int lock, off_t place, uint64_t deadline)
{
	off_t ahead;

	if (!place || !line_stands(vb, lock, place, &ahead))
		return true;
	if (clock_poll_ms(deadline) > 0)
		return false;
	vb->passed = ahead;
	return true;
}

/*
 * Somebody else has the lock. Whoever gives it back, or dies, closes the file, and inotify tells.
 * At a death it tells a moment before the lock is free, so a refusal right after such a
 * message is followed by another look soon, and not only by the next message. Nor does it tell of
 * the closing while a child that was forked meanwhile has the file open, too. Where the kernel
 * has no more watches to give, looking again now and then is all that is left.
 */
static int lock_wait(struct virtual_broker *vb, int lock)
{
	uint64_t deadline = clock_deadline(LOCK_TIMEOUT_MS);
	uint64_t line_deadline = clock_deadline(LINE_MS);
	char path[32];
	char drain[4096];
	off_t place = line_join(lock);
	int error = -ETIMEDOUT;
	int soon = 0;
	int watch;

	watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", lock);
	if (watch < 0 || inotify_add_watch(watch, path, IN_CLOSE_WRITE) < 0)
		soon = 1;
	for (;;) {
		struct pollfd ready = {.fd = watch, .events = POLLIN};
		int left = clock_poll_ms(deadline);

		error = line_is_at(vb, lock, place, line_deadline) ? lock_try(lock) : -ETIMEDOUT;
		if (error != -ETIMEDOUT)
			break;
		if (left == 0)
			break;
		if (soon && soon < left)
			left = soon;
		if (left > LOOK_AGAIN_MS)
			left = LOOK_AGAIN_MS;
		if (poll(&ready, 1, left) > 0) {
			soon = 1;
			while (read(watch, drain, sizeof(drain)) > 0)
				;
		} else if (soon) {
			soon = soon < 500 ? soon * 2 : 0;
		}
	}
	if (watch >= 0)
		close(watch);
	line_leave(lock, place);
	return error;
}

int virtual_lock(struct virtual_broker *vb)
{
	int error = -ETIMEDOUT;
	char pid[16];
	off_t ahead;
	int lock;

	lock = openat(vb->dir, "lock", O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (lock < 0)
		return ntms_say_errno(errno == EACCES || errno == EROFS ? -EACCES : -EIO,
				      "cannot open '%s/lock': %m", vb->path);
	if (!line_stands(vb, lock, 0, &ahead))
		error = lock_try(lock);
	if (error == -ETIMEDOUT)
		error = lock_wait(vb, lock);
	if (error == -ETIMEDOUT) {
		ntms_say_errno(error, "'%s' is locked by process %d, which does not go on",
			       vb->path, lock_owner(lock));
		close(lock);
		return error;
	}
	if (error) {
		close(lock);
		errno = -error;
		return ntms_say_errno(error, "cannot lock '%s/lock': %m", vb->path);
	}
	/* For the message above only, so a failure does not matter. */
	snprintf(pid, sizeof(pid), "%-14d\n", (int)getpid());
	if (pwrite(lock, pid, strlen(pid), 0) < 0)
		errno = 0;
	return lock;
}

void virtual_unlock(int lock)
{
	/* Unlocked first and closed then: who is told of the closing finds it free. And a child
	 * that was forked meanwhile does not keep it. */
	flock(lock, LOCK_UN);
	close(lock);
}

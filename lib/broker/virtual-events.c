/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * virtual-events.c - who waits is woken by inotify
 *
 * Replacing a table wakes by itself, whatever happens to the process that did it. What kind of
 * thing happened is told by closing a file in events/ that is named for it. And
 * the FIFO of a holder that dies is closed by the kernel.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>
#include "base/say.h"
#include "broker/virtual-impl.h"

#define MASK_APPEAR (IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_MOVED_FROM)

static const char *const event_names[] = {
	[BROKER_EVENT_RELEASED] = "released",
	[BROKER_EVENT_LEASE_FREE] = "lease",
	[BROKER_EVENT_ATTENTION] = "attention",
	[BROKER_EVENT_EXPECT_GONE] = "expect",
};

#define EVENT_NAMES (sizeof(event_names) / sizeof(event_names[0]))

void virtual_touch(struct virtual_broker *vb, enum broker_event_type type, uint32_t device)
{
	char path[48];
	int fd;

	snprintf(path, sizeof(path), "events/%s-%" PRIu32, event_names[type], device);
	fd = openat(vb->dir, path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		fd = openat(vb->dir, path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
		if (fd >= 0)
			virtual_adopt(vb, fd);
	}
	if (fd >= 0)
		close(fd);
}

static int add_watch(struct virtual_broker *vb, int fd, const char *name, uint32_t mask)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s%s", vb->path, name);
	return inotify_add_watch(fd, path, mask | IN_ONLYDIR);
}

static int drive_watch(struct virtual_broker *vb, int fd, unsigned int index)
{
	char name[32];

	snprintf(name, sizeof(name), "/drives/%u", index);
	return add_watch(vb, fd, name, MASK_APPEAR);
}

/* The tables, and the drives that come and go. */
static int new_watch(struct virtual_broker *vb, int *fdp)
{
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	int error;

	if (fd < 0)
		return ntms_say_errno(-errno,
				      "cannot wait for changes of %s: %m (limit: "
				      "/proc/sys/fs/inotify/max_user_instances)",
				      vb->path);
	if (add_watch(vb, fd, "", MASK_APPEAR) < 0)
		goto fail;
	for (unsigned int i = 0; i < virtual_drives(&vb->shape); i++) {
		if (drive_watch(vb, fd, i) < 0)
			goto fail;
	}
	*fdp = fd;
	return 0;
fail:
	error = -errno;
	close(fd);
	errno = -error;
	return ntms_say_errno(error, "cannot watch %s: %m", vb->path);
}

int virtual_watch(struct virtual_broker *vb)
{
	int fd, watch;
	int error;

	error = new_watch(vb, &fd);
	if (error)
		return error;
	/* A watch that is removed leaves a message: what happened before this is looked at, too. */
	watch = add_watch(vb, fd, "/events", IN_CLOSE_WRITE);
	if (watch < 0 || inotify_rm_watch(fd, watch) != 0) {
		error = -errno;
		close(fd);
		return ntms_say_errno(error, "cannot watch %s/events", vb->path);
	}
	return fd;
}

int virtual_events_open(struct broker *broker, int *fdp)
{
	struct virtual_broker *vb = to_virtual(broker);
	int error;
	int fd;

	error = new_watch(vb, &fd);
	if (error)
		return error;
	if (add_watch(vb, fd, "/events", IN_CLOSE_WRITE) < 0 ||
	    add_watch(vb, fd, "/holders", IN_CLOSE_NOWRITE) < 0) {
		error = -errno;
		close(fd);
		errno = -error;
		return ntms_say_errno(error, "cannot watch %s: %m", vb->path);
	}
	*fdp = fd;
	return 0;
}

struct message {
	union {
		struct inotify_event event;
		char bytes[sizeof(struct inotify_event) + NAME_MAX + 1];
	};
	char end;
};

/* Exactly one: the smallest buffer that is large enough has no room for a second. */
static int read_message(int fd, struct message *message)
{
	memset(message, 0, sizeof(*message));
	for (size_t size = sizeof(message->event); size <= sizeof(message->bytes);
	     size += sizeof(message->event)) {
		ssize_t got = read(fd, message->bytes, size);

		if (got >= (ssize_t)sizeof(message->event))
			return 0;
		if (got >= 0 || (errno != EINVAL && errno != EINTR))
			return got < 0 ? -errno : -EIO;
		if (errno == EINTR)
			size -= sizeof(message->event);
	}
	return -EIO;
}

/* A closed file of events/ or a closed FIFO of holders/. */
static bool decode_closed(struct virtual_broker *vb, const struct message *message,
			  struct broker_event *event)
{
	const char *name = message->event.name;
	const char *dash = strchr(name, '-');

	event->type = BROKER_EVENT_OTHER;
	event->device = 0;
	if (message->event.mask & IN_CLOSE_NOWRITE) {
		struct virtual_session session;

		/* Looking takes the dead one out, which tells everybody what that meant. Who gave
		 * up what he had has told that himself, and all who wait need not queue for the
		 * lock to find nothing. */
		if (virtual_holder_settle(vb, name) && virtual_enter(vb, &session) == 0)
			virtual_leave(&session, 0);
		return true;
	}
	if (!dash)
		return false;
	for (size_t i = 0; i < EVENT_NAMES; i++) {
		if (!event_names[i] || strlen(event_names[i]) != (size_t)(dash - name) ||
		    memcmp(event_names[i], name, (size_t)(dash - name)) != 0)
			continue;
		event->type = (enum broker_event_type)i;
		event->device = (uint32_t)strtoul(dash + 1, NULL, 10);
		return true;
	}
	return false;
}

/* Something came or went in the library's own directory, or in that of a drive. */
static bool decode_entry(struct virtual_broker *vb, int fd, const struct message *message,
			 struct broker_event *event)
{
	bool there = message->event.mask & (IN_CREATE | IN_MOVED_TO);
	const char *name = message->event.name;

	if (strcmp(name, "state") == 0 || strcmp(name, "reservations") == 0) {
		event->type = BROKER_EVENT_OTHER;
		event->device = 0;
		return true;
	}
	if (strcmp(name, "jammed") == 0) {
		event->type = BROKER_EVENT_ATTENTION;
		event->device = CHANGER_ID;
		return true;
	}
	if (strcmp(name, VIRTUAL_ABSENT) != 0)
		return false;
	/* The library's own directory, or which drive's? A directory that is watched already keeps
	 * its number: so this asks which one it is. */
	event->type = there ? BROKER_EVENT_DEVICE_GONE : BROKER_EVENT_DEVICE_ADDED;
	event->device = CHANGER_ID;
	for (unsigned int i = 0; i < virtual_drives(&vb->shape); i++) {
		if (drive_watch(vb, fd, i) == message->event.wd)
			event->device = DRIVE_ID(i);
	}
	return true;
}

int virtual_next_event(struct broker *broker, int fd, struct broker_event *event)
{
	struct virtual_broker *vb = to_virtual(broker);
	struct message message;

	for (;;) {
		int error = read_message(fd, &message);

		if (error == -EAGAIN)
			return error;
		if (error) {
			errno = -error;
			return ntms_say_errno(error, "cannot read events of %s: %m", vb->path);
		}
		if (message.event.mask & IN_Q_OVERFLOW) {
			event->type = BROKER_EVENT_OTHER;
			event->device = 0;
			return 0;
		}
		if (message.event.mask & (IN_CLOSE_WRITE | IN_CLOSE_NOWRITE)) {
			if (decode_closed(vb, &message, event))
				return 0;
		} else if (message.event.len && decode_entry(vb, fd, &message, event)) {
			return 0;
		}
	}
}

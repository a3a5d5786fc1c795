/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * virtual-holder.c - who lives: a FIFO that the kernel closes when its holder dies
 *
 * The holder has it open for reading. Opening it for writing without waiting fails with ENXIO
 * as soon as nobody reads: no process number is compared, so none can be mistaken. inotify tells
 * of the holder's close (CLOSE_NOWRITE) and not of those who only try (CLOSE_WRITE).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/say.h"
#include "broker/virtual-impl.h"

#define SETTLE_MS 1000

struct holder_name {
	char text[32];
};

static struct holder_name holder_name(uint64_t id)
{
	struct holder_name name;

	snprintf(name.text, sizeof(name.text), "holders/%016" PRIx64, id);
	return name;
}

int virtual_holder_make(struct virtual_broker *vb, uint64_t id)
{
	struct holder_name name = holder_name(id);
	int error;
	int fd;

	if (mkfifoat(vb->dir, name.text, 0666) != 0)
		return ntms_say_errno(-errno, "cannot make '%s/%s': %m", vb->path, name.text);
	fd = openat(vb->dir, name.text, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		error = -errno;
		unlinkat(vb->dir, name.text, 0);
		return ntms_say_errno(error, "cannot open '%s/%s': %m", vb->path, name.text);
	}
	/* Whoever gets as far as the directory may find out that its holder is dead. */
	if (fchmod(fd, 0666) != 0) {
		error = -errno;
		close(fd);
		unlinkat(vb->dir, name.text, 0);
		return ntms_say_errno(error, "cannot open '%s/%s' to all: %m", vb->path, name.text);
	}
	return fd;
}

void virtual_holder_remove(struct virtual_broker *vb, uint64_t id)
{
	unlinkat(vb->dir, holder_name(id).text, 0);
}

void virtual_holder_end(struct virtual_broker *vb, uint64_t id, enum broker_event_type type,
			uint32_t device)
{
	virtual_holder_remove(vb, id);
	virtual_touch(vb, type, device);
}

static int holder_try(struct virtual_broker *vb, const char *path)
{
	return openat(vb->dir, path, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
}

bool virtual_holder_alive(struct virtual_broker *vb, uint64_t id)
{
	int fd = holder_try(vb, holder_name(id).text);

	if (fd >= 0) {
		close(fd);
		return true;
	}
	/* When it cannot be found out, nothing may be taken from anybody. */
	return errno != ENXIO && errno != ENOENT;
}

bool virtual_holder_settle(struct virtual_broker *vb, const char *name)
{
	struct pollfd reader = {.events = 0};
	char path[32];

	if (strlen(name) != 16)
		return false;
	snprintf(path, sizeof(path), "holders/%s", name);
	reader.fd = holder_try(vb, path);
	if (reader.fd < 0)
		return errno != ENOENT;
	poll(&reader, 1, SETTLE_MS);
	close(reader.fd);
	return true;
}

void virtual_holder_sweep(struct virtual_session *session)
{
	struct virtual_broker *vb = session->vb;
	struct dirent *entry;
	DIR *stream;
	int fd;

	fd = openat(vb->dir, "holders", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	stream = fdopendir(fd);
	if (!stream) {
		close(fd);
		return;
	}
	while ((entry = readdir(stream)) != NULL) {
		char *end;
		uint64_t id = strtoull(entry->d_name, &end, 16);

		if (*end || strlen(entry->d_name) != 16 || virtual_entry(session, id))
			continue;
		if (!virtual_holder_alive(vb, id))
			virtual_holder_remove(vb, id);
	}
	closedir(stream);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * state.c - the mark "inside" and the generation, in a file beside the database
 *
 * It is read and written with pread() and pwrite(): as cheap as a mapping next to a
 * commit, and a file that somebody cut short or a full disk is an error then, and
 * not a SIGBUS. What was written before a process was killed is in the page cache
 * and thereby known to all others.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/say.h"
#include "store/private.h"

#define STATE_MAGIC 0x33305453534d5352ULL

static ssize_t read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length;

	if (fd < 0)
		return -1;
	length = read(fd, text, size - 1);
	close(fd);
	if (length < 0)
		return -1;
	text[length] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return length;
}

void state_init(struct store *store)
{
	read_text("/proc/sys/kernel/random/boot_id", store->boot, sizeof(store->boot));
	read_text("/proc/self/comm", store->command, sizeof(store->command));
}

/* Is there anything of a database in the home directory? */
static bool anything_there(struct store *store)
{
	struct stat info;

	return fstatat(store->home_fd, FILE_OBJECTS, &info, 0) == 0 ||
	       fstatat(store->home_fd, FILE_INDEX, &info, 0) == 0;
}

DWORD state_read(struct store *store)
{
	struct state *state = &store->state;
	struct state found;
	struct stat info;
	ssize_t length;

	if (fstat(store->state_fd, &info))
		return env_error(store, errno, "look at its state");
	length = pread(store->state_fd, &found, sizeof(found), 0);
	if (length < 0)
		return env_error(store, errno, "read its state");
	if (length != sizeof(found) || found.magic != STATE_MAGIC) {
		memset(state, 0, sizeof(*state));
		state->magic = STATE_MAGIC;
		/* Never make a new database where one has been. */
		state->created = anything_there(store);
		state->inside = 1;
	} else {
		*state = found;
	}
	if (state->inode != info.st_ino ||
	    memcmp(state->boot, store->boot, sizeof(state->boot)) != 0) {
		state->inode = info.st_ino;
		memcpy(state->boot, store->boot, sizeof(state->boot));
		state->inside = 1;
	}
	return ERROR_SUCCESS;
}

DWORD state_write(struct store *store)
{
	ssize_t length;

	length = pwrite(store->state_fd, &store->state, sizeof(store->state), 0);
	if (length == (ssize_t)sizeof(store->state))
		return ERROR_SUCCESS;
	return env_error(store, length < 0 ? errno : ENOSPC, "mark its state");
}

DWORD state_sync(struct store *store)
{
	DWORD code = state_write(store);

	if (code)
		return code;
	if (fsync(store->state_fd) || fsync(store->home_fd))
		return env_error(store, errno, "save its state");
	return ERROR_SUCCESS;
}

/* Is it the process that the file means, and does it run? */
static const char *process_state(int32_t pid, const char *command)
{
	char path[64], text[512];
	const char *name, *end;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (read_text(path, text, sizeof(text)) < 0)
		return NULL;
	name = strchr(text, '(');
	end = strrchr(text, ')');
	if (!name || !end || end < name || end[1] != ' ')
		return NULL;
	if ((size_t)(end - name - 1) != strlen(command) ||
	    memcmp(name + 1, command, strlen(command)) != 0)
		return NULL;
	return end[2] == 'T' || end[2] == 't' ? ", which is stopped" : "";
}

void state_holder(struct store *store, char *text, size_t size)
{
	const char *how = NULL;
	struct state found;

	if (pread(store->state_fd, &found, sizeof(found), 0) == (ssize_t)sizeof(found) &&
	    found.magic == STATE_MAGIC && found.pid > 0) {
		found.command[sizeof(found.command) - 1] = '\0';
		how = process_state(found.pid, found.command);
	}
	if (!how) {
		snprintf(text, size, "another process");
		return;
	}
	snprintf(text, size, "process %d (%s) for %llu ms%s", found.pid, found.command,
		 (unsigned long long)(clock_utc_ms() - found.since_ms), how);
}

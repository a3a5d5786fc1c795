/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* watch.c - word of changes between processes: each commit writes to a file, inotify tells */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>
#include "base/say.h"
#include "store/private.h"

void watch_tell(struct store *store)
{
	/* One byte over itself takes no space, so this does not fail on a full disk. */
	ssize_t written = pwrite(store->changes_fd, "", 1, 0);

	(void)written;
}

DWORD store_watch_open(struct store *store, int *fd)
{
	char *path;
	int error;

	*fd = -1;
	if (store->pid != getpid())
		return ntms_say(ERROR_DATABASE_FAILURE,
				"database %s: opened by the parent process, open it anew",
				store->home);
	*fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (*fd < 0) {
		error = errno;
		goto err;
	}
	if (asprintf(&path, "%s/" FILE_CHANGES, store->home) < 0) {
		error = ENOMEM;
		goto err_close;
	}
	error = inotify_add_watch(*fd, path, IN_MODIFY) < 0 ? errno : 0;
	free(path);
	if (error)
		goto err_close;
	return ERROR_SUCCESS;

err_close:
	close(*fd);
	*fd = -1;
err:
	if (error == EMFILE || error == ENFILE || error == ENOSPC || error == ENOMEM)
		return ntms_say(ERROR_NOT_ENOUGH_MEMORY,
				"cannot watch database %s: %s (see fs.inotify.max_user_instances)",
				store->home, db_strerror(error));
	return ntms_say(ERROR_DATABASE_FAILURE, "cannot watch database %s: %s", store->home,
			db_strerror(error));
}

void store_watch_drain(int fd)
{
	char events[4096];

	while (read(fd, events, sizeof(events)) > 0)
		;
}

void store_watch_close(int fd)
{
	if (fd >= 0)
		close(fd);
}

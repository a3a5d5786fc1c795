/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* store.c - a store is opened and closed */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/say.h"
#include "store/private.h"
#include "store/lock.h"

/* Make the directory and make it last. */
static int make_home(const char *home)
{
	char *copy, *slash;
	int fd, error = 0;

	if (mkdir(home, 0700))
		return errno == EEXIST ? 0 : errno;
	copy = strdup(home);
	if (!copy)
		return ENOMEM;
	slash = strrchr(copy, '/');
	if (slash)
		slash[slash == copy] = '\0';
	fd = open(slash ? copy : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd))
		error = errno;
	if (fd >= 0)
		close(fd);
	free(copy);
	return error;
}

static DWORD open_home(struct store *store, const char *home)
{
	struct stat info;
	int error = 0;

	if (store->create)
		error = make_home(home);
	if (!error) {
		store->home = realpath(home, NULL);
		error = store->home ? 0 : errno;
	}
	if (error) {
		DWORD code = ERROR_DATABASE_FAILURE;

		if (error == EACCES || error == EPERM || error == EROFS)
			code = ERROR_ACCESS_DENIED;
		else if (error == ENOMEM)
			code = ERROR_NOT_ENOUGH_MEMORY;
		else if (error == ENOSPC || error == EDQUOT)
			code = ERROR_DATABASE_FULL;
		return ntms_say(code, "database %s: cannot open the directory: %s", home,
				db_strerror(error));
	}
	store->home_fd = open(store->home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (store->home_fd < 0 || fstat(store->home_fd, &info))
		return env_error(store, errno, "open the directory");
	store->mode = info.st_mode & 0666;
	return ERROR_SUCCESS;
}

static bool has_file(struct store *store, const char *name)
{
	struct stat info;

	return fstatat(store->home_fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0;
}

DWORD file_open(struct store *store, const char *name, int *fd)
{
	const int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW;

	*fd = openat(store->home_fd, name, flags);
	if (*fd >= 0)
		return ERROR_SUCCESS;
	if (errno != ENOENT)
		return env_file_error(store, errno, name);
	*fd = openat(store->home_fd, name, flags | O_CREAT, store->mode);
	/* Whatever the umask says. */
	if (*fd < 0 || fchmod(*fd, store->mode))
		return env_file_error(store, errno, name);
	return ERROR_SUCCESS;
}

static DWORD open_files(struct store *store)
{
	DWORD code;
	int error;

	if (!store->create && !has_file(store, FILE_OBJECTS) && !has_file(store, FILE_STATE))
		return ntms_say(ERROR_DATABASE_FAILURE, "there is no database in %s", store->home);
	code = file_open(store, FILE_LOCK, &store->lock_fd);
	if (!code)
		code = file_open(store, FILE_STATE, &store->state_fd);
	if (!code)
		code = file_open(store, FILE_CHANGES, &store->changes_fd);
	if (!code)
		code = file_open(store, FILE_FEED, &store->feed_fd);
	if (code)
		return code;
	error = lock_new(store->lock_fd, &store->lock);
	if (error)
		return env_error(store, error, "make a lock");
	return ERROR_SUCCESS;
}

static void free_store(struct store *store)
{
	if (store->lock && store->pid == getpid())
		lock_free(store->lock);
	else if (!store->lock && store->lock_fd >= 0)
		close(store->lock_fd);
	if (store->state_fd >= 0)
		close(store->state_fd);
	if (store->changes_fd >= 0)
		close(store->changes_fd);
	if (store->feed_fd >= 0)
		close(store->feed_fd);
	if (store->home_fd >= 0)
		close(store->home_fd);
	free(store->home);
	free(store);
}

DWORD store_open(const char *home, bool create, struct store **storep)
{
	struct store *store = calloc(1, sizeof(*store));
	struct txn *txn;
	DWORD code;

	*storep = NULL;
	if (!store)
		return ntms_say(ERROR_NOT_ENOUGH_MEMORY, "out of memory");
	store->pid = getpid();
	store->create = create;
	store->home_fd = store->lock_fd = store->state_fd = -1;
	store->changes_fd = store->feed_fd = -1;
	state_init(store);
	code = open_home(store, home);
	if (!code)
		code = open_files(store);
	/* The first transaction finds out whether it works. */
	if (!code)
		code = store_begin(store, STORE_DEADLINE_DEFAULT, &txn);
	if (code) {
		free_store(store);
		return code;
	}
	store->opened = true;
	store_abort(txn);
	*storep = store;
	return ERROR_SUCCESS;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	/*
	 * Berkeley DB's part is closed under the lock. A child after fork() must not, and
	 * who does not get the lock cannot: the memory is lost then, nothing else.
	 */
	if (store->pid == getpid() && store->env &&
	    txn_lock(store, STORE_DEADLINE_DEFAULT) == ERROR_SUCCESS) {
		env_close(store);
		lock_give(store->lock);
	}
	env_forget(store);
	free_store(store);
}

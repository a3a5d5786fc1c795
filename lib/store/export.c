/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* export.c - the file of an export: begun, put in place, opened to be read */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/say.h"
#include "store/export.h"
#include "store/export_file.h"

struct store_export {
	struct store *store;
	int directory;
	int fd;
};

static DWORD cannot(struct store *store, const char *what, const char *name)
{
	return ntms_say(ERROR_DATABASE_FAILURE,
			"database %s: cannot %s " STORE_EXPORT_DIRECTORY "%s%s: %m", store->home,
			what, name[0] ? "/" : "", name);
}

/* The directory has the permissions of the home directory. */
static DWORD open_directory(struct store *store, bool make, int *fd)
{
	mode_t mode = store->mode | (store->mode & 0444) >> 2;

	if (make && mkdirat(store->home_fd, STORE_EXPORT_DIRECTORY, mode) == 0) {
		if (fchmodat(store->home_fd, STORE_EXPORT_DIRECTORY, mode, 0) ||
		    fsync(store->home_fd))
			return cannot(store, "make", "");
	}
	*fd = openat(store->home_fd, STORE_EXPORT_DIRECTORY,
		     O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (*fd >= 0)
		return ERROR_SUCCESS;
	if (!make && errno == ENOENT)
		return ntms_say(ERROR_DATABASE_FAILURE, "database %s: nothing has been exported",
				store->home);
	return cannot(store, "open", "");
}

/* The file that was locked may have become the finished one meanwhile. */
static bool is_still_new(struct store_export *export)
{
	struct stat opened, named;

	return fstat(export->fd, &opened) == 0 &&
	       fstatat(export->directory, STORE_EXPORT_NEW, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

/* What a process that died has left there is written over. */
static DWORD open_new(struct store_export *export)
{
	const int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW;
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	struct store *store = export->store;

	export->fd = openat(export->directory, STORE_EXPORT_NEW, flags, store->mode);
	if (export->fd < 0)
		return cannot(store, "make", STORE_EXPORT_NEW);
	if (fcntl(export->fd, F_OFD_SETLK, &whole) || !is_still_new(export))
		return ntms_say(ERROR_SHARING_VIOLATION,
				"database %s: another process is writing an export", store->home);
	if (fchmod(export->fd, store->mode) || ftruncate(export->fd, 0))
		return cannot(store, "write", STORE_EXPORT_NEW);
	return ERROR_SUCCESS;
}

DWORD store_export_open(struct store *store, struct store_export **exportp)
{
	struct store_export *export = calloc(1, sizeof(*export));
	DWORD code;

	*exportp = NULL;
	if (!export)
		return ntms_say(ERROR_NOT_ENOUGH_MEMORY, "no memory for an export");
	export->store = store;
	export->directory = export->fd = -1;
	code = open_directory(store, true, &export->directory);
	if (!code)
		code = open_new(export);
	if (code) {
		store_export_drop(export);
		return code;
	}
	*exportp = export;
	return ERROR_SUCCESS;
}

void store_export_drop(struct store_export *export)
{
	if (!export)
		return;
	if (export->fd >= 0)
		close(export->fd);
	if (export->directory >= 0)
		close(export->directory);
	free(export);
}

DWORD store_export_write(struct store_export *export, struct txn *txn)
{
	return export_write(txn, export->fd);
}

DWORD store_export_finish(struct store_export *export)
{
	DWORD code = ERROR_SUCCESS;

	if (fsync(export->fd) ||
	    renameat(export->directory, STORE_EXPORT_NEW, export->directory, STORE_EXPORT_FILE))
		code = cannot(export->store, "save", STORE_EXPORT_FILE);
	else if (fsync(export->directory))
		code = cannot(export->store, "save", STORE_EXPORT_FILE);
	store_export_drop(export);
	return code;
}

DWORD store_import(struct txn *txn)
{
	struct store *store = txn->store;
	int directory, fd;
	DWORD code = open_directory(store, false, &directory);

	if (code)
		return code;
	fd = openat(directory, STORE_EXPORT_FILE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 && errno == ENOENT)
		code = ntms_say(ERROR_DATABASE_FAILURE, "database %s: nothing has been exported",
				store->home);
	else if (fd < 0)
		code = cannot(store, "open", STORE_EXPORT_FILE);
	else
		code = export_read(txn, fd);
	if (fd >= 0)
		close(fd);
	close(directory);
	return code;
}

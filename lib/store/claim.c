/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include "store/claim.h"
#include "store/private.h"

static struct flock lock_of(uint64_t number, short type)
{
	return (struct flock){
		.l_type = type,
		.l_whence = SEEK_SET,
		.l_start = (off_t)(number & INT64_MAX),
		.l_len = 1,
	};
}

DWORD store_claim(struct store *store, uint64_t number, int *fd)
{
	struct flock lock = lock_of(number, F_RDLCK);
	DWORD code = file_open(store, FILE_CLAIMS, fd);

	if (code)
		return code;
	/* Nobody locks for writing, so it is never refused for another claim's sake. */
	if (fcntl(*fd, F_OFD_SETLK, &lock) == 0)
		return ERROR_SUCCESS;
	code = env_error(store, errno, "claim a record");
	close(*fd);
	*fd = -1;
	return code;
}

DWORD store_claimed(struct store *store, uint64_t number, int fd, bool *claimed)
{
	struct flock lock = lock_of(number, F_WRLCK);
	DWORD code = ERROR_SUCCESS;
	int own = fd;

	*claimed = false;
	if (fd < 0)
		code = file_open(store, FILE_CLAIMS, &own);
	if (code)
		return code;
	if (fcntl(own, F_OFD_GETLK, &lock))
		code = env_error(store, errno, "look for claims");
	else
		*claimed = lock.l_type != F_UNLCK;
	if (fd < 0)
		close(own);
	return code;
}

/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "config-file.h"
#include "text.h"

#define SIZE_MAX_BYTES (64 * 1024)

static const char *unfit(const struct stat *status)
{
	if (!S_ISREG(status->st_mode))
		return "is not a file";
	if (status->st_size > SIZE_MAX_BYTES)
		return "is too large for a configuration";
	if (status->st_uid != 0 && status->st_uid != geteuid())
		return "belongs to somebody else; have it belong to root";
	if (status->st_mode & (S_IWGRP | S_IWOTH))
		return "can be written to by others; chmod go-w";
	return NULL;
}

/* NULL with *@file, or what is wrong. */
static char *open_file(const char *path, FILE **file)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat status;
	const char *why;

	if (fd < 0 && errno == ENOENT)
		return text_format("%s: there is no such file", path);
	if (fd < 0)
		return text_format("%s: cannot be read: %s", path, strerror(errno));
	why = fstat(fd, &status) ? "cannot be looked at" : unfit(&status);
	*file = why ? NULL : fdopen(fd, "re");
	if (*file)
		return NULL;
	close(fd);
	return text_format("%s: %s", path, why ? why : strerror(ENOMEM));
}

char *config_file_read(const char *path, bool optional, const char *manual, config_t *parsed)
{
	FILE *file;
	char *wrong;

	if (optional && access(path, F_OK) && errno == ENOENT)
		return NULL;
	wrong = open_file(path, &file);
	if (wrong)
		return wrong;
	if (!config_read(parsed, file))
		wrong = text_format("%s:%d: %s; see %s", path, config_error_line(parsed),
				    config_error_text(parsed), manual);
	fclose(file);
	return wrong;
}

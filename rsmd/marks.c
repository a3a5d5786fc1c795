/* SPDX-License-Identifier: GPL-2.0-only */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "device.h"
#include "log.h"
#include "marks.h"

#define NAME_SIZE 80

/* As udev writes it: what is not good in a name becomes an underscore. */
static bool name_of_mark(const char *serial, char name[NAME_SIZE])
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789#+-.:=@_";
	size_t length = strlen(serial);

	if (!length || length >= NAME_SIZE || serial[0] == '.')
		return false;
	for (size_t i = 0; i <= length; i++)
		name[i] = !serial[i] || strchr(good, serial[i]) ? serial[i] : '_';
	return true;
}

static bool is_wanted(const struct daemon *daemon, const char *name)
{
	char wanted[NAME_SIZE];

	for (const struct device *device = daemon->devices; device; device = device->next)
		if (name_of_mark(device->serial, wanted) && !strcmp(wanted, name))
			return true;
	return false;
}

static int open_directory(void)
{
	const char *state = getenv("STATE_DIRECTORY");
	int parent, fd;

	if (!state || state[0] != '/')
		return -1;
	parent = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (parent < 0)
		return -1;
	fd = mkdirat(parent, "managed", 0755) && errno != EEXIST
		     ? -1
		     : openat(parent, "managed", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	close(parent);
	return fd;
}

static void remove_old(const struct daemon *daemon, int directory)
{
	int copy = dup(directory);
	DIR *list = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;

	if (!list) {
		if (copy >= 0)
			close(copy);
		return;
	}
	while ((entry = readdir(list)))
		if (entry->d_name[0] != '.' && !is_wanted(daemon, entry->d_name))
			unlinkat(directory, entry->d_name, 0);
	closedir(list);
}

static void add_new(const struct daemon *daemon, int directory)
{
	char name[NAME_SIZE];
	int fd;

	for (const struct device *device = daemon->devices; device; device = device->next) {
		if (!name_of_mark(device->serial, name))
			continue;
		fd = openat(directory, name,
			    O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0644);
		if (fd >= 0)
			close(fd);
		else
			log_warning("cannot mark %s as managed: %m", name);
	}
}

void marks_write(struct daemon *daemon)
{
	int directory = open_directory();

	if (directory < 0)
		return;
	remove_old(daemon, directory);
	add_new(daemon, directory);
	close(directory);
}

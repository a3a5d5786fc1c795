/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sysfs.c - from a SCSI address to device nodes, by way of /sys/bus/scsi/devices */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "broker/sysfs.h"

struct door {
	const char *class;  /* directory below the SCSI device */
	const char *prefix; /* of the node's name; a number follows */
};

static const struct door doors[] = {
	[SYSFS_NST] = {"scsi_tape", "nst"},
	[SYSFS_SCH] = {"scsi_changer", "sch"},
	[SYSFS_SG] = {"scsi_generic", "sg"},
};

/* "nst0" but not "nst0a", which is another mode of the same drive. */
static bool is_numbered(const char *name, const char *prefix)
{
	size_t length = strlen(prefix);
	const char *digits = name + length;

	if (strncmp(name, prefix, length) != 0 || *digits == '\0')
		return false;
	return digits[strspn(digits, "0123456789")] == '\0';
}

static int open_class(const char *root, const struct scsi_address *address, const char *class,
		      DIR **dirp)
{
	char path[PATH_MAX];
	int length;

	length = snprintf(path, sizeof(path), "%s/bus/scsi/devices/%u:%u:%u:%" PRIu64 "/%s", root,
			  address->host, address->channel, address->target, address->lun, class);
	if (length < 0 || (size_t)length >= sizeof(path))
		return -ENAMETOOLONG;
	*dirp = opendir(path);
	return *dirp ? 0 : -errno;
}

int sysfs_node(const char *root, const struct scsi_address *address, enum sysfs_door door,
	       char *node, size_t size)
{
	const struct dirent *entry;
	int error = -ENOENT;
	int length;
	DIR *dir;

	error = open_class(root, address, doors[door].class, &dir);
	if (error)
		return error;
	error = -ENOENT;
	while ((entry = readdir(dir)) != NULL) {
		if (!is_numbered(entry->d_name, doors[door].prefix))
			continue;
		length = snprintf(node, size, "/dev/%s", entry->d_name);
		error = length > 0 && (size_t)length < size ? 0 : -ENAMETOOLONG;
		break;
	}
	closedir(dir);
	return error;
}

/* Reads "major:minor" from the file dev below @name; false if there is none. */
static bool read_number(int dir_fd, const char *name, dev_t *number)
{
	char path[NAME_MAX + 8];
	unsigned int major, minor;
	bool found = false;
	FILE *file;
	int fd;

	snprintf(path, sizeof(path), "%s/dev", name);
	fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	file = fdopen(fd, "r");
	if (!file) {
		close(fd);
		return false;
	}
	if (fscanf(file, "%u:%u", &major, &minor) == 2) {
		*number = makedev(major, minor);
		found = true;
	}
	fclose(file);
	return found;
}

int sysfs_tape_numbers(const char *root, const struct scsi_address *address,
		       dev_t numbers[SYSFS_TAPE_NUMBERS], size_t *count)
{
	const struct dirent *entry;
	int error;
	DIR *dir;

	*count = 0;
	error = open_class(root, address, doors[SYSFS_NST].class, &dir);
	if (error)
		return error;
	while (*count < SYSFS_TAPE_NUMBERS && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		if (read_number(dirfd(dir), entry->d_name, &numbers[*count]))
			(*count)++;
	}
	closedir(dir);
	return *count ? 0 : -ENOENT;
}

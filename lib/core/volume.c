/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "base/say.h"
#include "core/volume.h"

static DWORD too_long(const char *node)
{
	return ntms_say(ERROR_INVALID_DRIVE, "the path of %s is too long", node);
}

static bool join(char path[PATH_MAX], const char *directory, const char *name)
{
	return snprintf(path, PATH_MAX, "%s/%s", directory, name) < PATH_MAX;
}

/* The first line of a file that begins with @prefix, without that; false if there is none. */
static bool read_line(const char *directory, const char *name, const char *prefix, char *text,
		      size_t size)
{
	char path[PATH_MAX], *line = NULL;
	size_t length = strlen(prefix), room = 0;
	bool found = false;
	FILE *file;

	file = join(path, directory, name) ? fopen(path, "re") : NULL;
	if (!file)
		return false;
	while (!found && getline(&line, &room, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		found = !strncmp(line, prefix, length) && strlen(line + length) < size;
		if (found)
			strcpy(text, line + length);
	}
	free(line);
	fclose(file);
	return found;
}

/* Directories below @directory that are a block device (@file is in them): the first one's path
 * into @found, and how many there are. */
static size_t find_below(const char *directory, const char *file, char found[PATH_MAX])
{
	char path[PATH_MAX], inside[PATH_MAX];
	const struct dirent *entry;
	DIR *dir = opendir(directory);
	size_t count = 0;

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || !join(path, directory, entry->d_name) ||
		    !join(inside, path, file) || access(inside, F_OK))
			continue;
		if (count++ == 0)
			memcpy(found, path, PATH_MAX);
	}
	if (dir)
		closedir(dir);
	return count;
}

/* Where sysfs has the disk of @node. */
static DWORD find_disk(const struct volume_source *source, const char *node, char disk[PATH_MAX])
{
	char path[PATH_MAX];
	struct stat info;

	if (stat(node, &info))
		return ntms_say(errno == EACCES ? ERROR_ACCESS_DENIED : ERROR_INVALID_DRIVE,
				"cannot look at device %s: %m", node);
	if (!S_ISBLK(info.st_mode) && !S_ISCHR(info.st_mode))
		return ntms_say(ERROR_INVALID_DRIVE, "%s is no device", node);
	if (snprintf(path, sizeof(path), "%s/dev/%s/%u:%u%s", source->sysfs,
		     S_ISBLK(info.st_mode) ? "block" : "char", major(info.st_rdev),
		     minor(info.st_rdev),
		     S_ISBLK(info.st_mode) ? "" : "/device/block") >= (int)sizeof(path))
		return too_long(node);
	if (S_ISBLK(info.st_mode)) {
		memcpy(disk, path, PATH_MAX);
		return ERROR_SUCCESS;
	}
	if (find_below(path, "dev", disk) == 0)
		return ntms_say(ERROR_INVALID_DRIVE,
				"%s is not a disk drive; tapes and changers have no volumes", node);
	return ERROR_SUCCESS;
}

/* "\040" and the like, as the kernel writes blanks in paths. */
static void unescape(char *text)
{
	char *to = text;

	for (; *text; text++, to++) {
		unsigned int value;

		*to = *text;
		if (*text == '\\' && sscanf(text + 1, "%3o", &value) == 1) {
			*to = (char)value;
			text += 3;
		}
	}
	*to = '\0';
}

/* One line of mountinfo (proc(5)): is it the volume, as a whole? */
static bool is_mount_of(char *line, const char *number, const char *node, char **mount_point)
{
	char *fields[5], *rest = line, *source;
	size_t count = 0;

	while (count < 5 && (fields[count] = strsep(&rest, " ")))
		count++;
	if (count < 5 || !rest || strcmp(fields[3], "/") != 0)
		return false;
	*mount_point = fields[4];
	if (!strcmp(fields[2], number))
		return true;
	/* Some file systems have numbers of their own; what was mounted is behind the dash. */
	source = strstr(rest, " - ");
	if (!source)
		return false;
	source += 3;
	strsep(&source, " ");
	return source && !strcmp(strsep(&source, " "), node);
}

static DWORD find_mount(const struct volume_source *source, const char *number,
			struct volume *volume)
{
	FILE *file = fopen(source->mounts, "re");
	char *line = NULL, *mount_point;
	bool found = false;
	size_t room = 0;

	if (!file)
		return ntms_say(ERROR_DEVICE_NOT_AVAILABLE, "cannot read %s: %m", source->mounts);
	while (!found && getline(&line, &room, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		found = is_mount_of(line, number, volume->node, &mount_point);
	}
	if (found) {
		unescape(mount_point);
		snprintf(volume->mount_point, sizeof(volume->mount_point), "%s", mount_point);
	}
	free(line);
	fclose(file);
	return ERROR_SUCCESS;
}

DWORD volume_find(const struct volume_source *source, const char *node, struct volume *volume)
{
	char disk[PATH_MAX], partition[PATH_MAX], size[32], number[32], name[NAME_MAX];
	size_t partitions;
	DWORD code;

	memset(volume, 0, sizeof(*volume));
	code = find_disk(source, node, disk);
	if (code)
		return code;
	if (!read_line(disk, "size", "", size, sizeof(size)))
		return ntms_say(ERROR_DEVICE_NOT_AVAILABLE, "%s says nothing of %s", source->sysfs,
				node);
	if (!strcmp(size, "0"))
		return ntms_say(ERROR_NOT_READY, "there is no medium in %s", node);
	partitions = find_below(disk, "partition", partition);
	if (partitions > 1)
		return ntms_say(ERROR_NOT_SUPPORTED,
				"%s has %zu partitions; name the one that is meant", node,
				partitions);
	if (!read_line(partitions ? partition : disk, "uevent", "DEVNAME=", name, sizeof(name)) ||
	    !read_line(partitions ? partition : disk, "dev", "", number, sizeof(number)))
		return ntms_say(ERROR_DEVICE_NOT_AVAILABLE, "%s does not name the volume of %s",
				source->sysfs, node);
	if (!join(volume->node, "/dev", name))
		return too_long(node);
	return find_mount(source, number, volume);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * regions.c - the files that Berkeley DB shares its memory in
 *
 * They are mapped, so what is wrong with them is not an error but a signal: they get
 * all their blocks before they are used, and are given back without being looked at.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "store/private.h"

#define CACHE_SIZE_MIN ((uint64_t)2 << 20)
/* Every client has all of it in his memory sooner or later. */
#define CACHE_SIZE_MAX ((uint64_t)20 << 20)
#define REGION_PREFIX  "__db."
#define FILE_ROOM      "room" /* there for a moment only */
/* All regions but the cache. */
#define REGIONS_SIZE (2u << 20)

static bool has_prefix(const char *name, const char *prefix)
{
	return strncmp(name, prefix, strlen(prefix)) == 0;
}

int each_file(struct store *store, const char *prefix, bool remove, size_t *count)
{
	int fd = openat(store->home_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct dirent *entry;
	int error = 0;
	DIR *dir;

	*count = 0;
	if (fd < 0)
		return errno;
	dir = fdopendir(fd);
	if (!dir) {
		error = errno;
		close(fd);
		return error;
	}
	while (!error && (errno = 0, entry = readdir(dir))) {
		if (!has_prefix(entry->d_name, prefix))
			continue;
		(*count)++;
		if (remove && unlinkat(store->home_fd, entry->d_name, 0) && errno != ENOENT)
			error = errno;
	}
	if (!error && errno)
		error = errno;
	closedir(dir);
	return error;
}

uint32_t regions_cache_size(struct store *store)
{
	uint64_t size = 0;
	struct stat info;

	if (fstatat(store->home_fd, FILE_OBJECTS, &info, 0) == 0)
		size += (uint64_t)info.st_size;
	if (fstatat(store->home_fd, FILE_INDEX, &info, 0) == 0)
		size += (uint64_t)info.st_size;
	size /= 4;
	if (size < CACHE_SIZE_MIN)
		size = CACHE_SIZE_MIN;
	if (size > CACHE_SIZE_MAX)
		size = CACHE_SIZE_MAX;
	return (uint32_t)size;
}

/* The name of a region file of ours in a line of /proc/self/maps, or NULL. */
static const char *region_name(struct store *store, const char *line)
{
	const char *path = strchr(line, '/');
	size_t home = strlen(store->home);

	if (!path || strncmp(path, store->home, home) != 0 || path[home] != '/')
		return NULL;
	path += home + 1;
	/* One that was removed has " (deleted)" after its name. */
	return has_prefix(path, REGION_PREFIX) && !strchr(path, ' ') ? path : NULL;
}

void regions_note(struct store *store)
{
	FILE *file = fopen("/proc/self/maps", "re");
	struct region_map *map = store->maps;
	char *line = NULL;
	const char *name;
	size_t size = 0;

	store->map_count = 0;
	if (!file)
		return;
	while (store->map_count < REGION_MAPS_MAX && getline(&line, &size, file) > 0) {
		name = region_name(store, line);
		if (!name || sscanf(name, "%15s", map->name) != 1 ||
		    sscanf(line, "%" SCNxPTR "-%" SCNxPTR, &map->start, &map->end) != 2)
			continue;
		map++;
		store->map_count++;
	}
	free(line);
	fclose(file);
}

int regions_fill(struct store *store)
{
	const struct region_map *map;
	int fd, error;

	for (size_t i = 0; i < store->map_count; i++) {
		map = &store->maps[i];
		fd = openat(store->home_fd, map->name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
		if (fd < 0)
			return errno;
		error = posix_fallocate(fd, 0, (off_t)(map->end - map->start));
		/* Whatever the umask says. */
		if (!error && fchmod(fd, store->mode))
			error = errno;
		close(fd);
		if (error)
			return error;
	}
	return 0;
}

int regions_check_room(struct store *store)
{
	uint32_t cache = regions_cache_size(store);
	int fd, error;

	fd = openat(store->home_fd, FILE_ROOM, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
		    0600);
	if (fd < 0)
		return errno;
	unlinkat(store->home_fd, FILE_ROOM, 0);
	error = posix_fallocate(fd, 0, (off_t)cache + cache / 4 + REGIONS_SIZE);
	close(fd);
	return error;
}

void regions_unmap(struct store *store)
{
	for (size_t i = 0; i < store->map_count; i++)
		munmap((void *)store->maps[i].start, store->maps[i].end - store->maps[i].start);
	store->map_count = 0;
}

int regions_remove(struct store *store)
{
	size_t count;

	return each_file(store, REGION_PREFIX, true, &count);
}

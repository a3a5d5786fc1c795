/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* virtual-create.c - makes a new virtual library; the file "library" comes last and makes it one */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/say.h"
#include "broker/virtual-impl.h"

/* 0 when the open directory contains nothing. */
static int check_empty(int dir, const char *name)
{
	struct dirent *entry;
	int error = 0;
	DIR *stream;
	int copy;

	copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	stream = copy < 0 ? NULL : fdopendir(copy);
	if (!stream) {
		error = -errno;
		if (copy >= 0)
			close(copy);
		return ntms_say_errno(error, "cannot look into '%s': %m", name);
	}
	while (!error && (entry = readdir(stream)) != NULL) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			error = ntms_say_errno(-EEXIST, "'%s' is not empty", name);
	}
	closedir(stream);
	return error;
}

static int make_directories(struct virtual_broker *vb)
{
	static const char *const names[] = {"new", "tapes", "holders", "events", "drives"};
	char name[32];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (mkdirat(vb->dir, names[i], 0777) != 0)
			return ntms_say_errno(-errno, "cannot make '%s/%s': %m", vb->path,
					      names[i]);
	}
	for (unsigned int i = 0; i < virtual_drives(&vb->shape); i++) {
		snprintf(name, sizeof(name), "drives/%u", i);
		if (mkdirat(vb->dir, name, 0777) != 0)
			return ntms_say_errno(-errno, "cannot make '%s/%s': %m", vb->path, name);
	}
	return 0;
}

static int make_file(struct virtual_broker *vb, const char *name)
{
	int fd = openat(vb->dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

	if (fd < 0)
		return ntms_say_errno(-errno, "cannot make '%s/%s': %m", vb->path, name);
	close(fd);
	return 0;
}

static int make_cartridge(struct virtual_broker *vb, struct virtual_cell *cell)
{
	char path[VIRTUAL_PATH_SIZE];
	int error = 0;

	cell->full = true;
	for (unsigned int side = 0; side < (vb->shape.sides == 2 ? 2 : 1) && !error; side++) {
		cell->inverted = side == 1;
		virtual_image_path(cell, path);
		error = make_file(vb, path);
	}
	cell->inverted = false;
	return error;
}

static int make_cartridges(struct virtual_broker *vb, struct virtual_state *state)
{
	const char *suffix = virtual_media(&vb->shape)->suffix;
	unsigned int cleaner = vb->shape.slots - vb->shape.cleaners;
	int error = 0;

	for (unsigned int i = 0; i < vb->shape.slots && !error; i++) {
		struct virtual_cell *cell = virtual_cell(state, (uint16_t)(VIRTUAL_FIRST_SLOT + i));

		if (i < vb->shape.tapes)
			snprintf(cell->name, sizeof(cell->name), "V%05u%s", i + 1, suffix);
		else if (i >= cleaner)
			snprintf(cell->name, sizeof(cell->name), "CLN%03u%s", i - cleaner + 1,
				 suffix);
		else
			continue;
		error = make_cartridge(vb, cell);
	}
	return error;
}

static int write_library(struct virtual_broker *vb)
{
	char text[LIBRARY_TEXT_SIZE];
	NTMS_GUID random;
	int length;

	guid_make(&random);
	snprintf(vb->serial, sizeof(vb->serial), "VLIB%08X", random.Data1);
	length = virtual_library_text(vb, text, sizeof(text));
	return virtual_replace(vb, "library", text, (size_t)length, true);
}

static int fill(struct virtual_broker *vb)
{
	struct virtual_state *state;
	int error;

	error = make_directories(vb);
	if (!error)
		error = make_file(vb, "lock");
	if (!error)
		error = make_file(vb, "reservations");
	if (error)
		return error;
	state = virtual_state_new(&vb->shape);
	if (!state)
		return ntms_say_errno(-ENOMEM, "no memory for a virtual library");
	error = make_cartridges(vb, state);
	if (!error)
		error = virtual_state_save(vb, state);
	if (!error)
		error = virtual_links(vb, state);
	if (!error)
		error = write_library(vb);
	free(state);
	return error;
}

/* What cannot be made is told by the directory itself, which cannot be made then either. */
static int make_parents(const char *dir)
{
	char *path = strdup(dir);

	if (!path)
		return ntms_say_errno(-ENOMEM, "no memory for the path '%s'", dir);
	for (char *end = strchr(path, '/'); end; end = strchr(end + 1, '/')) {
		if (end == path)
			continue;
		*end = '\0';
		if (mkdir(path, 0777) != 0 && errno != EEXIST)
			break;
		*end = '/';
	}
	free(path);
	return 0;
}

int virtual_create(const char *dir, const struct virtual_shape *shape)
{
	struct virtual_broker vb = {.dir = -1, .path = dir, .shape = *shape};
	bool made;
	int error;

	error = virtual_check_shape(shape);
	if (error)
		return error;
	error = make_parents(dir);
	if (error)
		return error;
	made = mkdir(dir, 0777) == 0;
	if (!made && errno != EEXIST)
		return ntms_say_errno(-errno, "cannot make '%s': %m", dir);
	vb.dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (vb.dir < 0)
		return ntms_say_errno(-errno, "cannot open '%s': %m", dir);
	error = virtual_check_path(dir, virtual_drives(shape));
	if (!error)
		error = check_empty(vb.dir, dir);
	if (!error)
		error = fill(&vb);
	else if (made)
		rmdir(dir);
	close(vb.dir);
	return error;
}

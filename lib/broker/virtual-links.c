/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* virtual-links.c - the nodes of the drives, and what files beside them say */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/say.h"
#include "broker/virtual-impl.h"

/* Its first part never exists, so that nobody makes a file here by opening it. */
#define LINK_NOWHERE "no-medium/inside"
#define LINK_PREFIX  "../../"

struct link_path {
	char text[32];
};

static struct link_path drive_path(unsigned int index, const char *what)
{
	struct link_path path;

	snprintf(path.text, sizeof(path.text), "drives/%u/%s", index % VIRTUAL_MAX_DRIVES, what);
	return path;
}

bool virtual_mark_there(struct virtual_broker *vb, unsigned int index, const char *what)
{
	return faccessat(vb->dir, drive_path(index, what).text, F_OK, 0) == 0;
}

/* Make the empty file @path, or remove it; either may have been done already. */
static int set_mark(struct virtual_broker *vb, const char *path, bool there)
{
	int fd;

	if (!there) {
		if (unlinkat(vb->dir, path, 0) != 0 && errno != ENOENT)
			return ntms_say_errno(-errno, "cannot remove '%s/%s': %m", vb->path, path);
		return 0;
	}
	fd = openat(vb->dir, path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (fd < 0)
		return ntms_say_errno(-errno, "cannot make '%s/%s': %m", vb->path, path);
	virtual_adopt(vb, fd);
	close(fd);
	return 0;
}

int virtual_mark_set(struct virtual_broker *vb, unsigned int index, const char *what, bool there)
{
	return set_mark(vb, drive_path(index, what).text, there);
}

bool virtual_drive_absent(struct virtual_broker *vb, unsigned int index)
{
	return virtual_mark_there(vb, index, VIRTUAL_ABSENT);
}

bool virtual_changer_absent(struct virtual_broker *vb)
{
	return faccessat(vb->dir, VIRTUAL_ABSENT, F_OK, 0) == 0;
}

int virtual_changer_set(struct virtual_broker *vb, bool there)
{
	return set_mark(vb, VIRTUAL_ABSENT, !there);
}

int virtual_changer_check(struct virtual_broker *vb)
{
	if (!virtual_changer_absent(vb))
		return 0;
	return ntms_say_errno(-ENODEV, "the changer of %s is unplugged", vb->path);
}

int virtual_drive_check(struct virtual_broker *vb, uint32_t drive)
{
	if (drive < DRIVE_ID(0) || drive >= DRIVE_ID(virtual_drives(&vb->shape)))
		return ntms_say_errno(-ENODEV, "%s has no drive with id %" PRIu32, vb->path, drive);
	if (virtual_drive_absent(vb, DRIVE_INDEX(drive)))
		return ntms_say_errno(-ENODEV, "drive %" PRIu32 " of %s is unplugged",
				      DRIVE_INDEX(drive), vb->path);
	return 0;
}

static int set_link(struct virtual_broker *vb, unsigned int index, const char *target)
{
	struct link_path path = drive_path(index, "nst");
	char old[sizeof(LINK_PREFIX) + VIRTUAL_PATH_SIZE];
	char temporary[32];
	ssize_t length;

	length = readlinkat(vb->dir, path.text, old, sizeof(old));
	if (length == (ssize_t)strlen(target) && memcmp(old, target, (size_t)length) == 0)
		return 0;
	snprintf(temporary, sizeof(temporary), "new/nst-%u", index);
	unlinkat(vb->dir, temporary, 0);
	if (symlinkat(target, vb->dir, temporary) != 0 ||
	    renameat(vb->dir, temporary, vb->dir, path.text) != 0)
		return ntms_say_errno(-errno, "cannot set the link '%s/%s': %m", vb->path,
				      path.text);
	return 0;
}

int virtual_link_none(struct virtual_broker *vb, unsigned int index)
{
	return set_link(vb, index, LINK_NOWHERE);
}

/* May programs open what is in the drive? */
static bool leads_somewhere(struct virtual_broker *vb, unsigned int index,
			    const struct virtual_cell *cell)
{
	return cell->full && !cell->ejected && !virtual_is_cleaner(cell->name) &&
	       !virtual_drive_absent(vb, index);
}

int virtual_links(struct virtual_broker *vb, struct virtual_state *state)
{
	for (unsigned int i = 0; i < virtual_drives(&vb->shape); i++) {
		struct virtual_cell *cell =
			virtual_cell(state, (uint16_t)(VIRTUAL_FIRST_DRIVE + i));
		char target[sizeof(LINK_PREFIX) + VIRTUAL_PATH_SIZE] = LINK_PREFIX;
		int error;

		virtual_image_path(cell, target + strlen(LINK_PREFIX));
		error = set_link(vb, i, leads_somewhere(vb, i, cell) ? target : LINK_NOWHERE);
		if (!error && cell->full && virtual_is_cleaner(cell->name))
			error = virtual_mark_set(vb, i, VIRTUAL_DIRTY, false);
		if (error)
			return error;
	}
	return 0;
}

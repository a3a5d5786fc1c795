/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mounting.h - mounting and dismounting, for the verbs that do it: mount (its keeper),
 * run, dismount
 */
#ifndef RSM_MOUNTING_H
#define RSM_MOUNTING_H

#include "output.h"

struct mounting {
	size_t count;
	NTMS_GUID *media;  /* LMIDs or sides */
	NTMS_GUID *drives; /* where they are to be, or are */
	char **device;	   /* what to open */
	DWORD options;
	int priority;
	DWORD timeout;
};

/* Room for @count media, all of it zero; to be freed by mounting_free(). */
void mounting_allocate(struct mounting *mounting, size_t count);

/* What the mount options say; false when they contradict each other, which has been said. */
bool mounting_options(struct rsm *rsm, const struct args *args, struct mounting *mounting);

/* Find the media and drives. Failures are noted, here and below. */
DWORD mounting_find(struct rsm *rsm, const struct args *args, struct mounting *mounting);

/* Find an LMID, or a side, by what a user calls it. */
DWORD mounting_medium(struct rsm *rsm, const char *text, NTMS_GUID *media);

/*
 * Mount them all. When one of the @cancel_count descriptors becomes readable the mount is
 * cancelled and the session closed: ERROR_CANCELLED, *@cancelled tells which (else -1).
 */
DWORD mounting_mount(struct rsm *rsm, struct mounting *mounting, const int *cancel,
		     size_t cancel_count, int *cancelled);

/* A list of records: lmid, cartridge, drive, device. */
struct json_object *mounting_describe(struct rsm *rsm, const struct mounting *mounting);

/* Dismount them (NTMS_DISMOUNT_*) with their labels recorded, and wait until that is done. */
DWORD mounting_dismount(struct rsm *rsm, struct mounting *mounting, DWORD option, DWORD timeout);

/* Note how a dismount has ended. That a label was not recorded is only warned of: the cartridge has
 * left the drive all the same. */
DWORD mounting_ended(struct rsm *rsm, DWORD code);

/*
 * Dismount what this session has mounted, as soon as no process has the
 * devices open. Waits for that until @stop is readable (-1: nothing) or @limit_ms has passed
 * (INFINITE: never), and fails then with what the dismount said; @waiting, if not NULL, is called
 * once before. Success, too, when somebody else dismounts them meanwhile.
 */
DWORD mounting_release(struct rsm *rsm, struct mounting *mounting, DWORD option, int stop,
		       DWORD limit_ms, void (*waiting)(struct rsm *rsm));

void mounting_free(struct mounting *mounting);

#endif

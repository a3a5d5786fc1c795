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
	bool *labelled;	   /* its label was recorded after use */
	char **device;	   /* what to open */
	DWORD options;
	int priority;
	DWORD timeout;
};

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

/*
 * Record the labels of what was mounted, as soon as no process has the devices open. Waits for
 * that until @stop is readable (-1 for none: ERROR_INVALID_STATE) or @limit_ms has passed
 * (INFINITE: never); @waiting, if not NULL, is told who is waited for.
 * ERROR_NOT_READY: somebody else has dismounted the media meanwhile.
 */
DWORD mounting_labels(struct rsm *rsm, struct mounting *mounting, int stop, DWORD limit_ms,
		      void (*waiting)(struct rsm *rsm));

/* Dismount them (NTMS_DISMOUNT_*), and wait until that is done. */
DWORD mounting_dismount(struct rsm *rsm, struct mounting *mounting, DWORD option, DWORD timeout);

void mounting_free(struct mounting *mounting);

#endif

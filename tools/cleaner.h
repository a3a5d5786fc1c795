/* SPDX-License-Identifier: GPL-2.0-only */
/* cleaner.h - the cleaner of a library, as its record tells of it */
#ifndef RSM_CLEANER_H
#define RSM_CLEANER_H

#include "names.h"
#include "output.h"

struct cleaner {
	NTMS_GUID library, slot; /* null: none is kept for it */
	bool present, counted;
	DWORD uses;
};

/* Failures are noted. */
DWORD cleaner_read(struct rsm *rsm, const NTMS_GUID *library, struct cleaner *cleaner);

/* "uses": null without a cleaner, and when they are not counted. */
void cleaner_describe_uses(const struct cleaner *cleaner, struct json_object *record);

/* All of it. */
struct json_object *cleaner_describe(struct rsm *rsm, const struct cleaner *cleaner);

/* "; the cleaner can be used 19 times more", or "" when nobody counts; memory of malloc(). */
char *cleaner_uses_text(const struct cleaner *cleaner);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* snapshot.h - what is in a library at two moments, and what changed in between */
#ifndef RSM_SNAPSHOT_H
#define RSM_SNAPSHOT_H

#include "names.h"
#include "output.h"

/* GUIDs of one moment, to be compared with those of another. */
struct snapshot {
	NTMS_GUID *media;
	DWORD media_count;
	NTMS_GUID *requests;
	DWORD request_count;
};

DWORD snapshot_take(struct rsm *rsm, const NTMS_GUID *library, struct snapshot *snapshot);
void snapshot_free(struct snapshot *snapshot);

bool snapshot_has_request(const struct snapshot *snapshot, const NTMS_GUID *request);

/* The cartridges that are in @a and not in @b: records of id and name. */
struct json_object *snapshot_difference(struct rsm *rsm, const struct snapshot *a,
					const struct snapshot *b);

/* "2 new (A, B)"; memory of malloc(). */
char *snapshot_text(const char *what, const struct json_object *list);

#endif

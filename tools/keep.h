/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * keep.h - have something mounted and kept for another process, by a keeper
 */
#ifndef RSM_KEEP_H
#define RSM_KEEP_H

#include "keeper.h"
#include "output.h"

/* Told what is mounted, a list of mounting_describe(): on standard output, where it matters that
 * it arrives. */
typedef void keep_mounted(struct rsm *rsm, const struct owner *owner, struct json_object *list);

/*
 * Start a keeper for @owner and wait until it has mounted what @keeping says, showing progress.
 * SIGINT, SIGTERM, SIGHUP and our death cancel the mount, as the owner's end does. Returns the
 * exit status; what went wrong has been said.
 */
int keep(struct rsm *rsm, const struct keeping *keeping, const struct owner *owner,
	 keep_mounted *mounted);

#endif

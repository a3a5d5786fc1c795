/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * keep.h - what is kept for a call for several media that has waited long, by the rule in policy.h
 *
 * It is found out anew whenever the queue is gone through: no record tells, and nothing is
 * reserved. Those behind the call are tried after it, and find what it has kept in their turn.
 */
#ifndef NTMS_CORE_KEEP_H
#define NTMS_CORE_KEEP_H

#include "core/turn.h"

/* The queue is gone through from its beginning. */
void keep_nothing(struct turn *turn);

/* Is that drive or cartridge kept for somebody in front? */
bool is_kept(const struct turn *turn, const NTMS_GUID *guid);

/* The mounts @requests of one call cannot have their drives, or one of their media, now. */
DWORD keep_for(struct turn *turn, const struct object *requests, size_t count);

#endif

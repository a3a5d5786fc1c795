/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* overdue.h - the queue's order, when something has been passed for too long */
#ifndef NTMS_CORE_OVERDUE_H
#define NTMS_CORE_OVERDUE_H

#include "core/turn.h"

/* Of the queue of the turn's library (run_queue), bring to the front what the rule of policy.h
 * calls overdue, the oldest first. */
DWORD overdue_first(struct turn *turn, NTMS_GUID *list, size_t count);

#endif

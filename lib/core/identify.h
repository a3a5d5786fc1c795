/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * identify.h - what is in a slot, and inventories: the caller's side
 */
#ifndef NTMS_CORE_IDENTIFY_H
#define NTMS_CORE_IDENTIFY_H

#include "core/request.h"

/* Of the work that they queue: more flags of obj_librequest.phase, beside those of people's. */
#define PHASE_WHOLE 0x100 /* identification: all sides of whatever is in its slot */
#define PHASE_TAKEN                                                                  \
	0x200 /* inventory: done but for its identifications, which name it as group \
	       */

/* See IdentifyNtmsSlot, whose errors it returns; waits until it is done. Its own transactions. */
DWORD identify_slot(struct session *session, const NTMS_GUID *slot, DWORD option);

/*
 * inventory_stop - end the inventories of a library
 *
 * What is identified is; the cartridge that is being looked at is looked at and goes home. The
 * slots that have not been looked at keep needing it. None that runs is no error.
 */
DWORD inventory_stop(struct txn *txn, struct session *session, const struct object *library);

#endif

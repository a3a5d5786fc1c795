/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * awaited.h - cartridges that are in no library, and that a mount waits for a person to bring
 *
 * Such a mount is queued at the library where the cartridge is to go, and names the operator
 * request (MOVEMEDIA) as its work item. One request stands for all mounts of a cartridge there;
 * it goes with the last of them.
 */
#ifndef NTMS_CORE_AWAITED_H
#define NTMS_CORE_AWAITED_H

#include "core/run.h"

/* With any of them a mount does not wait for a person to bring what is offline. */
#define AWAITED_ASK_NOBODY \
	(NTMS_MOUNT_ERROR_OFFLINE | NTMS_MOUNT_ERROR_NOT_AVAILABLE | NTMS_MOUNT_NOWAIT)

/* Ask for @media to be brought to @library, on behalf of @request (not stored here); the record
 * of the cartridge is. @why: what has gone before, for the person ("still not found: "), who is
 * asked once more then; "" the first time. */
DWORD awaited_ask(struct txn *txn, struct object *request, struct object *media,
		  const struct object *library, const char *why);

/* Has a person refused to bring the cartridge of @request? ERROR_REQUEST_REFUSED then. */
DWORD awaited_refused(struct txn *txn, const struct object *request);

/* The mount @request is over and its record stored: nobody is asked in vain, and the cartridge is
 * idle, unless others still wait for it. Any other request is let alone. */
DWORD awaited_end(struct txn *txn, const struct object *request);

/*
 * awaited_look - is the cartridge of @request in the turn's library?
 *
 * ERROR_SUCCESS: it is. RUN_WAITS: it is still to be brought; whoever said that it has been was
 * believed once, the library has been looked at. ERROR_MEDIA_OFFLINE: somebody has put it into
 * another library, or taken it out of this one, and nobody is to be asked.
 *
 * Of a drive that stands alone: is the side that is wanted in it? What else is in it is identified
 * and ejected, and the person is told what it was.
 */
DWORD awaited_look(struct turn *turn, struct object *request);

/* All that a mount waited for is there and its drive is reserved: it is in use now. */
DWORD awaited_accept(struct turn *turn, const struct object *request);

#endif

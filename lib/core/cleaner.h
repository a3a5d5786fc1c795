/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cleaner.h - the cleaner of a library and the slot that is kept for it (reference 5.8)
 *
 * A library has one: the cartridge that is at home in its CleanerSlot. Whether it is there says
 * NTMS_LIBRARYFLAG_CLEANERPRESENT, also while it is in a drive.
 */
#ifndef NTMS_CORE_CLEANER_H
#define NTMS_CORE_CLEANER_H

#include "core/session.h"

#define CLEANER_UNCOUNTED 0xFFFFFFFFu /* dwCleanerUsesRemaining: until it no longer cleans */

/* Is a cartridge with this bar code a cleaner? Only where the library is set to go by it. */
bool cleaner_by_barcode(const struct object *library, const char *barcode);

/* Is it one, as its media type says? Cleaners are never mounted to be identified. */
DWORD cleaner_is(struct txn *txn, const struct object *media, bool *cleaner);

/* See ReserveNtmsCleanerSlot and ReleaseNtmsCleanerSlot. What is done is on record as a request. */
DWORD cleaner_reserve(struct session *session, struct txn *txn, const NTMS_GUID *library,
		      const NTMS_GUID *slot);
DWORD cleaner_release(struct session *session, struct txn *txn, const NTMS_GUID *library);

/*
 * See InjectNtmsCleaner and EjectNtmsCleaner (cleaner_change.c). @operation: in with STOP, else
 * out.
 */
DWORD cleaner_inject(struct session *session, const NTMS_GUID *library, NTMS_GUID *operation,
		     uint32_t uses, DWORD action);
DWORD cleaner_eject(struct session *session, const NTMS_GUID *library, NTMS_GUID *operation,
		    DWORD action);

/* The slot that is kept for it; ERROR_NO_SLOT_SET. */
DWORD cleaner_slot(struct txn *txn, const struct object *library, struct object *slot);

/* Is that slot empty, and will it stay so? ERROR_SLOT_NOT_PRESENT, ERROR_SLOT_FULL. */
DWORD cleaner_slot_free(struct txn *txn, const struct object *library, const struct object *slot);

/*
 * cleaner_believe - a person says that a cartridge which he has brought is the cleaner
 * Unless it is one by its type he is believed when nothing speaks against it; *@doubt is what does
 * (static text), else NULL.
 */
DWORD cleaner_believe(struct txn *txn, const struct object *library, const struct object *media,
		      const char **doubt);

/* What is believed is recorded: @media, in @place, is a cleaner by its type from now on. Its GUID
 * may change. */
DWORD cleaner_make(struct txn *txn, const struct object *library, const struct object *place,
		   struct object *media);

/* The library's cleaner; ERROR_OBJECT_NOT_FOUND when it has none. */
DWORD cleaner_find(struct txn *txn, const struct object *library, struct object *media);

/* @library has a cleaner now that can be used so often; not stored. */
void cleaner_enter(struct object *library, const NTMS_GUID *slot, uint32_t uses);

/* It has none any more; the slot stays reserved. Not stored. */
void cleaner_forget(struct object *library);

/*
 * cleaner_seen - an inventory sees a cleaner in a slot
 * @home: where it was at home before. It becomes the library's cleaner, its uses not counted, if
 * the library has none and keeps no other slot for one; if it is that already, the reservation
 * goes where it is. Any other is a cartridge like any. Stores @library if it changes.
 */
DWORD cleaner_seen(struct txn *txn, struct object *library, const NTMS_GUID *home,
		   const struct object *slot);

/* A cartridge leaves its library: was it the cleaner? */
DWORD cleaner_leaves(struct txn *txn, const struct object *media);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * media.h - cartridges and their sides: made, placed, moved between pools
 */
#ifndef NTMS_CORE_MEDIA_H
#define NTMS_CORE_MEDIA_H

#include "core/session.h"
#include "label/label.h"

/*
 * Make the records of a cartridge nobody knows yet: PMID and its sides, state UNKNOWN, in the
 * Unrecognized pool of its type, named by 5.6 (bar code, else sequence number).
 * @media: out: the stored PMID; library, location and home slot as given (@slot may be NULL).
 */
DWORD media_create(struct txn *txn, const NTMS_GUID *library, const struct object *slot,
		   const char *barcode, const NTMS_GUID *media_type, struct object *media);

/* The sides of a cartridge, in order; at most two. */
DWORD media_sides(struct txn *txn, const NTMS_GUID *media, struct object sides[2], size_t *count);

/* Store @media with a new place: @place is a slot, drive or port object, or NULL for nowhere.
 * A slot becomes its home when it has none or @home is true. Does not touch the place's record. */
DWORD media_place(struct txn *txn, struct object *media, const struct object *place, bool home);

/* The next sequence number of a cartridge, as text of NTMS_SEQUENCE_LENGTH. */
DWORD media_take_sequence(struct txn *txn, char *text, size_t size);

/* Store @media as a member of @pool, its sides and LMIDs too. Checks nothing. */
DWORD media_set_pool(struct txn *txn, struct object *media, const NTMS_GUID *pool);

/* Bring the sides' copies (pool, usable) up to date after @media or its library changed. */
DWORD media_refresh_sides(struct txn *txn, const struct object *media);

/* The records of a cartridge and its @count sides go. Checks nothing. */
DWORD media_delete(struct txn *txn, const struct object *media, const struct object *sides,
		   size_t count);

/* The cartridge is in the offline library from now on, whatever its pool. */
DWORD media_go_offline(struct txn *txn, struct object *media);

/* The cartridge leaves its library (5.5): deleted or to the offline library, as its pool says. */
DWORD media_leave(struct txn *txn, struct object *media);

/*
 * Enter what was read from @side's medium (2.8, steps 4 and 5) and store side and media. An UNKNOWN
 * side becomes FOREIGN or IMPORT and its cartridge goes to the pool that belongs to it; one that is
 * FOREIGN or IMPORT takes the label. ERROR_UNEXPECTED_OMID: any other has another label recorded.
 */
DWORD media_classify(struct txn *txn, struct object *media, struct object *side,
		     const struct label *label);

/* Copy a label into a side's record, and back. */
void side_set_label(struct object *side, const struct label *label);
void side_get_label(const struct object *side, struct label *label);

/* ---- the side's state machine (2.6): the only way to change a side's state ---- */

enum side_event {
	SIDE_FOUND_FOREIGN,	 /* 3 */
	SIDE_FOUND_IMPORT,	 /* 4, 5 */
	SIDE_FOUND_INCOMPATIBLE, /* 6 */
	SIDE_TO_FREE,		 /* 7: into a Free pool, label to be written */
	SIDE_FREE_LABELLED,	 /* 8 */
	SIDE_ALLOCATE,		 /* 11, 12 */
	SIDE_RESERVE,		 /* 13 */
	SIDE_ALLOCATE_NEXT,	 /* 14 */
	SIDE_COMPLETE,		 /* 15 */
	SIDE_DEALLOCATE,	 /* 16 */
	SIDE_WORN_OUT,		 /* 17 */
	SIDE_UNRESERVE,		 /* 18 */
	SIDE_DECOMMISSION,	 /* 20 */
	SIDE_SWAP,		 /* 21 */
	SIDE_EVENTS,
};

/* Apply an event to @side->side.state (not stored); ERROR_INVALID_STATE, with a message, when the
 * table has no row for it. */
DWORD side_event(struct object *side, enum side_event event);

/* ---- media types (4.2) ---- */

/* The type of a medium from its SCSI density code (0: unknown) and bar code; LTO_Ultrium when
 * neither tells and the drive is a tape drive. STORAGE_MEDIA_TYPE code. */
uint32_t media_type_guess(uint32_t density, const char *barcode);

/* The object of a type code, with its Free, Import and Unrecognized pools and, unless @library is
 * NULL, its relation to that library; made if missing. */
DWORD media_type_ensure(struct txn *txn, uint32_t code, const NTMS_GUID *library, NTMS_GUID *type);

/* The system pool (NTMS_POOLTYPE_SCRATCH, FOREIGN, IMPORT) of a media type. */
DWORD media_type_pool(struct txn *txn, const NTMS_GUID *type, uint32_t kind, NTMS_GUID *pool);

/* ---- first start ---- */

/* Make what every system has: computer, offline library, root and top-level pools. Idempotent. */
DWORD bootstrap(struct txn *txn);

/* The one computer object. */
DWORD computer_get(struct txn *txn, struct object *computer);

#endif

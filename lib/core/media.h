/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * media.h - cartridges and their sides: made, placed, moved between pools
 */
#ifndef NTMS_CORE_MEDIA_H
#define NTMS_CORE_MEDIA_H

#include "core/session.h"
#include "core/states.h"
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

/* The pool @guid, which @what is in. ERROR_INVALID_MEDIA_POOL: it is missing. */
DWORD media_pool(struct txn *txn, const NTMS_GUID *guid, const char *what, struct object *pool);

/* Store @media as a member of @pool, its sides and LMIDs too. Checks nothing. */
DWORD media_set_pool(struct txn *txn, struct object *media, const NTMS_GUID *pool);

/* Bring the sides' copies (pool, usable) up to date after @media or its library changed. */
DWORD media_refresh_sides(struct txn *txn, const struct object *media);

/* The same for all cartridges of a library, which has come to be usable, or is so no more. */
DWORD media_refresh_library(struct txn *txn, const NTMS_GUID *library);

/* The records of a cartridge and its @count sides go, if @event lets every one of @sides go. */
DWORD media_delete(struct txn *txn, const struct object *media, struct object *sides, size_t count,
		   enum side_event event);

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

/*
 * The label @found was read where side @side of @media should be. Has a person brought the
 * cartridge the other way round? If it is the label of the other side, that is noted in the records
 * of the cartridge and of the drive it is in, and *@turned is set. Labels that say nothing tell
 * nothing.
 */
DWORD media_notice_turned(struct txn *txn, struct object *media, const struct object *side,
			  const struct label *found, bool *turned);

/*
 * media_return - is @fresh, an UNKNOWN cartridge, one that was away?
 * If exactly one other has @label and that is in no library, and neither bar codes nor numbers of
 * sides differ: it is in @fresh's place from now on, and @fresh's records are gone.
 * ERROR_OBJECT_NOT_FOUND: it is not, and nothing has changed.
 */
DWORD media_return(struct txn *txn, const struct object *fresh, const struct object *side,
		   const struct label *label);

/* Copy a label into a side's record, and back. */
void side_set_label(struct object *side, const struct label *label);
void side_get_label(const struct object *side, struct label *label);

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

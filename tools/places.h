/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * places.h - slots and drives by the names people use, and what is in them
 *
 * Failures are noted.
 */
#ifndef RSM_PLACES_H
#define RSM_PLACES_H

#include "names.h"

/* A slot or drive; of the library in --library, or of the changer in --changer, if given. */
DWORD find_slot(struct rsm *rsm, const struct args *args, const char *text, NTMS_GUID *slot);
DWORD find_drive(struct rsm *rsm, const struct args *args, const char *text, NTMS_GUID *drive);

/* A slot of this library. */
DWORD find_slot_in(struct rsm *rsm, const NTMS_GUID *library, const char *text, NTMS_GUID *slot);

/* The cartridge in a slot, drive or port. ERROR_EMPTY when there is none. */
DWORD cartridge_at(struct rsm *rsm, const NTMS_GUID *place, NTMS_GUID *cartridge);

/* The one that --slot or --drive names. */
DWORD cartridge_by_place(struct rsm *rsm, const struct args *args, NTMS_GUID *cartridge);

/* The LMID of the side in --partition, or of the first side of what is in --slot; that side
 * when it is not allocated. */
DWORD medium_by_option(struct rsm *rsm, const struct args *args, NTMS_GUID *medium);

/* The pool in the first operand. ERROR_INVALID_NAME when it was written as a switch of rsm.exe
 * ("/mypool" is ypool) and the switch as a whole is the name of a pool, too. */
DWORD pool_by_operand(struct rsm *rsm, const struct args *args, NTMS_GUID *pool);
/* Only that check, for a pool that need not exist. */
DWORD pool_switch_check(struct rsm *rsm, const struct args *args);

/*
 * An object whose type need not be known: a GUID, or the name of an object of one of @types
 * (NTMS_UNKNOWN ends them), or "computer" if that is among them. --type decides.
 */
DWORD find_any(struct rsm *rsm, const struct args *args, const char *text, const DWORD *types,
	       NTMS_GUID *guid, DWORD *type);

/* A request by GUID, or by a beginning that fits only one. @type: NTMS_LIBREQUEST or _OPREQUEST. */
DWORD find_request(struct rsm *rsm, const char *text, DWORD type, NTMS_GUID *guid);

/* The type that a word stands for; false for none. */
bool type_by_name(const char *name, DWORD *type);
/* Say that there is no such type; returns EXIT_USAGE. */
int bad_type(struct rsm *rsm, const char *name);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * names.h - GUIDs, the objects they stand for, and the words for numbers of the API
 */
#ifndef RSM_NAMES_H
#define RSM_NAMES_H

#include "rsm.h"

/* 36 characters with dashes and a NUL. */
#define GUID_TEXT_SIZE 37

bool guid_is_null(const NTMS_GUID *guid);
bool guid_equal(const NTMS_GUID *a, const NTMS_GUID *b);
/* 32 hex digits, with dashes or without, with braces or without. */
bool guid_parse(const char *text, NTMS_GUID *guid);
/* Both write into @text and return it. */
const char *guid_dashed(const NTMS_GUID *guid, char text[GUID_TEXT_SIZE]);
const char *guid_bare(const NTMS_GUID *guid, char text[GUID_TEXT_SIZE]);

/* What a user calls an object. Failures are noted. */
DWORD find_object(struct rsm *rsm, const char *text, DWORD type, NTMS_GUID *guid);

/* GetNtmsObjectInformationW, with size and type filled in; the type may be NTMS_UNKNOWN. */
DWORD get_info(struct rsm *rsm, const NTMS_GUID *guid, DWORD type, NTMS_OBJECTINFORMATIONW *info);

/* Every object of a type in @container (NULL: everywhere). *@list is to be freed. */
DWORD list_objects(struct rsm *rsm, const NTMS_GUID *container, DWORD type, NTMS_GUID **list,
		   DWORD *count);

/* The name of an object; of a pool with its levels; of a cartridge its bar code. Remembered until
 * names_free(). "" for the null GUID and for what cannot be found. */
const char *name_of(struct rsm *rsm, const NTMS_GUID *guid, DWORD type);
/* Ask anew the next time. */
void name_forget(struct rsm *rsm, const NTMS_GUID *guid);
void names_free(struct rsm *rsm);

/* The side of a medium given as LMID or side, and of its cartridge. Failures are noted. */
DWORD side_of(struct rsm *rsm, const NTMS_GUID *media, NTMS_GUID *side);
DWORD cartridge_of(struct rsm *rsm, const NTMS_GUID *media, NTMS_GUID *cartridge);

/* "alice", or the number of a user without a name. Memory of malloc(). */
char *user_name(DWORD uid);

/* ---- words ---- */

struct word {
	DWORD value;
	const char *text; /* NULL ends a list */
};

extern const struct word object_types[], operational_states[], library_types[], drive_states[],
	slot_states[], door_states[], port_positions[], port_contents[], media_states[],
	side_states[], pool_types[], request_operations[], request_states[], operator_commands[],
	operator_states[], inventory_methods[], write_characteristics[], holder_states[];

/* "unknown" for what is not in the list. */
const char *word_of(const struct word *words, DWORD value);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* info_fields.h - which member of an object is which member of NTMS_OBJECTINFORMATION */
#ifndef NTMS_CORE_INFO_FIELDS_H
#define NTMS_CORE_INFO_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include "store/object.h"

/* What is not in an object's own record but counted or looked up. */
struct derived {
	uint32_t drives, slots, doors, ports, changers, media, media_types, requests;
	uint32_t first_drive, first_slot, first_door, first_port, first_changer;
	uint32_t pools, logical, sides;
	NTMS_GUID parent;
	NTMS_GUID work_item;
};

enum field_kind {
	FIELD_DWORD, /* uint32_t */
	FIELD_WORD,  /* uint32_t to WORD */
	FIELD_GUID,
	FIELD_TEXT,
	FIELD_TIME, /* Unix milliseconds to SYSTEMTIME */
	FIELD_BYTES,
	FIELD_LARGE, /* uint64_t to LARGE_INTEGER */
};

struct field {
	enum field_kind kind;
	bool derived;  /* from struct derived */
	bool settable; /* SetNtmsObjectInformation takes it */
	size_t from;
	size_t from_size;
	size_t at[2];	/* A, W */
	size_t size[2]; /* bytes */
};

/* A list of fields that ends with a size of 0. */
extern const struct field info_common_fields[];

/* The fields of a type, in today's layout or in the first one (@old); NULL if it has none. */
const struct field *info_type_fields(uint32_t type, bool old);

#endif

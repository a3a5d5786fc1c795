/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* guid.h - GUIDs: made, compared, written and read */
#ifndef NTMS_BASE_GUID_H
#define NTMS_BASE_GUID_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include "ntms/ntmsapi.h"

#define GUID_TEXT_SIZE 37 /* 8-4-4-4-12 and the NUL */

/* One that nobody can guess. */
void guid_make(NTMS_GUID *guid);

/*
 * One that begins, as its bytes are on record, with the time of its making: what is made together
 * is side by side in a database that is ordered by GUIDs. The other 80 bits are random.
 */
void guid_make_ordered(NTMS_GUID *guid, uint64_t utc_ms);

static inline bool guid_equal(const NTMS_GUID *a, const NTMS_GUID *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static inline bool guid_is_null(const NTMS_GUID *guid)
{
	static const NTMS_GUID none;

	return guid_equal(guid, &none);
}

/* Lower-case with dashes. */
void guid_format(const NTMS_GUID *guid, char text[GUID_TEXT_SIZE]);

/* Accepts 8-4-4-4-12 with or without dashes and braces; false if it is no GUID. */
bool guid_parse(const char *text, NTMS_GUID *guid);

#endif

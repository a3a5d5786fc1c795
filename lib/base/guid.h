/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* guid.h - GUIDs: made, compared, written and read */
#ifndef NTMS_BASE_GUID_H
#define NTMS_BASE_GUID_H

#include <stdbool.h>
#include <string.h>
#include "ntms/ntmsapi.h"

#define GUID_TEXT_SIZE 37 /* 8-4-4-4-12 and the NUL */

void guid_make(NTMS_GUID *guid);

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

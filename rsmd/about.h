/* SPDX-License-Identifier: GPL-2.0-only */
/* about.h - what a message is about: the fields of the journal, filled from objects */
#ifndef RSMD_ABOUT_H
#define RSMD_ABOUT_H

#include "daemon.h"
#include "log.h"

/* Fields with their values, which are copies. */
struct about {
	struct log_field fields[LOG_FIELDS_MAX];
	size_t count;
};

/* @name is a constant; @value is copied. What is empty is left out, and so is what finds no room.
 */
void about_text(struct about *about, const char *name, const char *value);
void about_guid(struct about *about, const char *name, const NTMS_GUID *guid);
void about_wide(struct about *about, const char *name, const WCHAR *value, size_t max);

/* RSM_LIBRARY, RSM_DRIVE, RSM_MEDIA ...: the object's name in @name, its GUID in @name_ID. */
void about_object(struct about *about, struct daemon *daemon, const char *name, const char *name_id,
		  const NTMS_GUID *guid, DWORD type);

/* The value of a field, "" for none. */
const char *about_value(const struct about *about, const char *name);

void about_free(struct about *about);

#endif

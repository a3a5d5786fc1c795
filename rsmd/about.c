/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>
#include "about.h"
#include "names.h"
#include "text.h"

void about_text(struct about *about, const char *name, const char *value)
{
	if (!value || !value[0] || about->count == LOG_FIELDS_MAX)
		return;
	about->fields[about->count].name = name;
	about->fields[about->count++].value = need(strdup(value));
}

void about_guid(struct about *about, const char *name, const NTMS_GUID *guid)
{
	char text[GUID_TEXT_SIZE];

	if (!guid_is_null(guid))
		about_text(about, name, guid_dashed(guid, text));
}

void about_wide(struct about *about, const char *name, const WCHAR *value, size_t max)
{
	char *text = text_from_wide(value, max);

	about_text(about, name, text);
	free(text);
}

void about_object(struct about *about, struct daemon *daemon, const char *name, const char *name_id,
		  const NTMS_GUID *guid, DWORD type)
{
	about_text(about, name, name_of(&daemon->rsm, guid, type));
	about_guid(about, name_id, guid);
}

const char *about_value(const struct about *about, const char *name)
{
	for (size_t i = 0; i < about->count; i++)
		if (!strcmp(about->fields[i].name, name))
			return about->fields[i].value;
	return "";
}

void about_free(struct about *about)
{
	for (size_t i = 0; i < about->count; i++)
		free((char *)about->fields[i].value);
	about->count = 0;
}

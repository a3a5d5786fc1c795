/* SPDX-License-Identifier: GPL-2.0-only */
#define _GNU_SOURCE /* tdestroy */
#include <pwd.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "names.h"
#include "text.h"

bool guid_equal(const NTMS_GUID *a, const NTMS_GUID *b)
{
	return !memcmp(a, b, sizeof(*a));
}

bool guid_is_null(const NTMS_GUID *guid)
{
	static const NTMS_GUID null = NTMS_NULLGUID;

	return guid_equal(guid, &null);
}

static int hex_digit(char letter)
{
	if (letter >= '0' && letter <= '9')
		return letter - '0';
	if (letter >= 'a' && letter <= 'f')
		return letter - 'a' + 10;
	if (letter >= 'A' && letter <= 'F')
		return letter - 'A' + 10;
	return -1;
}

static const char *without_dashes(const char *text, char digits[33])
{
	bool dashes = text[0] && strlen(text) >= 36 && text[8] == '-';

	for (size_t i = 0; i < 32; i++) {
		if (dashes && (i == 8 || i == 12 || i == 16 || i == 20) && *text++ != '-')
			return NULL;
		if (hex_digit(*text) < 0)
			return NULL;
		digits[i] = *text++;
	}
	digits[32] = '\0';
	return text;
}

static uint32_t hex_value(const char *digits, size_t count)
{
	uint32_t value = 0;

	while (count--)
		value = value << 4 | (uint32_t)hex_digit(*digits++);
	return value;
}

bool guid_parse(const char *text, NTMS_GUID *guid)
{
	bool braces = text[0] == '{';
	const char *rest;
	char digits[33];

	rest = without_dashes(text + braces, digits);
	if (!rest || strcmp(rest, braces ? "}" : "") != 0)
		return false;
	guid->Data1 = hex_value(digits, 8);
	guid->Data2 = (WORD)hex_value(digits + 8, 4);
	guid->Data3 = (WORD)hex_value(digits + 12, 4);
	for (size_t i = 0; i < 8; i++)
		guid->Data4[i] = (BYTE)hex_value(digits + 16 + 2 * i, 2);
	return true;
}

static const char *guid_write(const NTMS_GUID *guid, const char *dash, char *text)
{
	const BYTE *d = guid->Data4;

	snprintf(text, GUID_TEXT_SIZE, "%08x%s%04x%s%04x%s%02x%02x%s%02x%02x%02x%02x%02x%02x",
		 guid->Data1, dash, guid->Data2, dash, guid->Data3, dash, d[0], d[1], dash, d[2],
		 d[3], d[4], d[5], d[6], d[7]);
	return text;
}

const char *guid_dashed(const NTMS_GUID *guid, char text[GUID_TEXT_SIZE])
{
	return guid_write(guid, "-", text);
}

const char *guid_bare(const NTMS_GUID *guid, char text[GUID_TEXT_SIZE])
{
	return guid_write(guid, "", text);
}

DWORD find_object(struct rsm *rsm, const char *text, DWORD type, NTMS_GUID *guid)
{
	return note(rsm, RsmFindObject(rsm->session, text, type, guid));
}

DWORD get_info(struct rsm *rsm, const NTMS_GUID *guid, DWORD type, NTMS_OBJECTINFORMATIONW *info)
{
	NTMS_GUID copy = *guid;

	memset(info, 0, sizeof(*info));
	info->dwSize = sizeof(*info);
	info->dwType = type;
	return note(rsm, GetNtmsObjectInformationW(rsm->session, &copy, info));
}

DWORD list_objects(struct rsm *rsm, const NTMS_GUID *container, DWORD type, NTMS_GUID **list,
		   DWORD *count)
{
	DWORD room = 64, code;
	NTMS_GUID copy;

	if (container)
		copy = *container;
	*list = NULL;
	/* Objects may appear between the calls: ask until the room is enough. */
	do {
		free(*list);
		*list = need(calloc(room, sizeof(**list)));
		*count = room;
		code = EnumerateNtmsObject(rsm->session, container ? &copy : NULL, *list, count,
					   type, NTMS_ENUM_DEFAULT);
		room = *count > room ? *count + 16 : room * 2;
	} while (code == ERROR_INSUFFICIENT_BUFFER);
	if (code) {
		free(*list);
		*list = NULL;
		*count = 0;
	}
	return note(rsm, code);
}

/* ---- names, remembered ---- */

struct known {
	NTMS_GUID guid;
	char *name;
};

static int compare_known(const void *a, const void *b)
{
	return memcmp(&((const struct known *)a)->guid, &((const struct known *)b)->guid,
		      sizeof(NTMS_GUID));
}

static char *pool_path(struct rsm *rsm, const NTMS_GUID *guid)
{
	CHAR path[NTMS_POOLHIERARCHY_LENGTH * 3 + 1];
	DWORD size = sizeof(path);
	NTMS_GUID copy = *guid;

	if (GetNtmsMediaPoolNameA(rsm->session, &copy, path, &size))
		return text_format("%s", "");
	return text_clean(path, sizeof(path));
}

static char *ask_name(struct rsm *rsm, const NTMS_GUID *guid, DWORD type)
{
	NTMS_OBJECTINFORMATIONW info;

	if (type == NTMS_MEDIA_POOL)
		return pool_path(rsm, guid);
	if (get_info(rsm, guid, type, &info))
		return text_format("%s", "");
	if (type == NTMS_PHYSICAL_MEDIA && info.Info.PhysicalMedia.szBarCode[0])
		return text_from_wide(info.Info.PhysicalMedia.szBarCode, NTMS_BARCODE_LENGTH);
	return text_from_wide(info.szName, NTMS_OBJECTNAME_LENGTH);
}

const char *name_of(struct rsm *rsm, const NTMS_GUID *guid, DWORD type)
{
	struct known key = {.guid = *guid}, **found, *known;

	if (guid_is_null(guid))
		return "";
	found = tfind(&key, &rsm->names, compare_known);
	if (found)
		return (*found)->name;
	known = need(calloc(1, sizeof(*known)));
	known->guid = *guid;
	known->name = ask_name(rsm, guid, type);
	need(tsearch(known, &rsm->names, compare_known));
	return known->name;
}

static void free_known(void *pointer)
{
	struct known *known = pointer;

	free(known->name);
	free(known);
}

void name_forget(struct rsm *rsm, const NTMS_GUID *guid)
{
	struct known key = {.guid = *guid}, **found, *known;

	found = tfind(&key, &rsm->names, compare_known);
	if (!found)
		return;
	known = *found;
	tdelete(&key, &rsm->names, compare_known);
	free_known(known);
}

void names_free(struct rsm *rsm)
{
	tdestroy(rsm->names, free_known);
	rsm->names = NULL;
}

/* ---- from one kind of object to another ---- */

DWORD side_of(struct rsm *rsm, const NTMS_GUID *media, NTMS_GUID *side)
{
	NTMS_OBJECTINFORMATIONW info;
	NTMS_GUID *list;
	DWORD count, code;

	code = get_info(rsm, media, NTMS_UNKNOWN, &info);
	if (code)
		return code;
	if (info.dwType == NTMS_PARTITION) {
		*side = *media;
		return ERROR_SUCCESS;
	}
	code = list_objects(rsm, media, NTMS_PARTITION, &list, &count);
	if (code)
		return code;
	if (count)
		*side = list[0];
	free(list);
	if (!count)
		return note_text(rsm, ERROR_INVALID_MEDIA, "the medium has no side");
	return ERROR_SUCCESS;
}

DWORD cartridge_of(struct rsm *rsm, const NTMS_GUID *media, NTMS_GUID *cartridge)
{
	NTMS_OBJECTINFORMATIONW info;
	NTMS_GUID side;
	DWORD code = side_of(rsm, media, &side);

	if (!code)
		code = get_info(rsm, &side, NTMS_PARTITION, &info);
	if (!code)
		*cartridge = info.Info.Partition.PhysicalMedia;
	return code;
}

char *user_name(DWORD uid)
{
	const struct passwd *entry = getpwuid(uid);

	return entry ? text_clean(entry->pw_name, 256) : text_format("%u", uid);
}

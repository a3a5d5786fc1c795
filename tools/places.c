/* SPDX-License-Identifier: GPL-2.0-only */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "places.h"
#include "text.h"

/* The shortest beginning of a GUID that is taken for one. */
#define LEAST_PREFIX 4

/* Short names people use for types, beside those of the API. */
static const struct word other_types[] = {
	{NTMS_PHYSICAL_MEDIA, "media"},
	{NTMS_PHYSICAL_MEDIA, "cartridge"},
	{NTMS_MEDIA_POOL, "pool"},
	{NTMS_PARTITION, "side"},
	{NTMS_LOGICAL_MEDIA, "lmid"},
	{NTMS_STORAGESLOT, "slot"},
	{NTMS_IEPORT, "port"},
	{NTMS_IEDOOR, "door"},
	{NTMS_LIBREQUEST, "request"},
	{NTMS_OPREQUEST, "opreq"},
	{0, NULL},
};

bool type_by_name(const char *name, DWORD *type)
{
	const struct word *lists[] = {object_types, other_types};

	for (size_t i = 0; i < 2; i++) {
		for (const struct word *word = lists[i]; word->text; word++) {
			if (!strcmp(word->text, name)) {
				*type = word->value;
				return true;
			}
		}
	}
	return false;
}

int bad_type(struct rsm *rsm, const char *name)
{
	const char *names[32], *nearest;
	size_t count = 0;

	for (const struct word *word = object_types; word->text; word++)
		names[count++] = word->text;
	nearest = text_nearest(name, names, count);
	if (nearest)
		return fail_usage(rsm, "no type '%s'; did you mean '%s'?", name, nearest);
	return fail_usage(rsm, "no type '%s'", name);
}

/* ---- slots and drives ---- */

/* The library that --library or --changer names; the null GUID when neither is given. */
static DWORD library_of_args(struct rsm *rsm, const struct args *args, NTMS_GUID *library)
{
	NTMS_OBJECTINFORMATIONW info;
	NTMS_GUID changer;
	DWORD code;

	memset(library, 0, sizeof(*library));
	if (args->given[OPT_LIBRARY])
		return find_object(rsm, args->text[OPT_LIBRARY], NTMS_LIBRARY, library);
	if (!args->given[OPT_CHANGER])
		return ERROR_SUCCESS;
	code = find_object(rsm, args->text[OPT_CHANGER], NTMS_CHANGER, &changer);
	if (!code)
		code = get_info(rsm, &changer, NTMS_CHANGER, &info);
	if (!code)
		*library = info.Info.Changer.Library;
	return code;
}

static DWORD number_of(const NTMS_OBJECTINFORMATIONW *info)
{
	return info->dwType == NTMS_DRIVE ? info->Info.Drive.Number : info->Info.StorageSlot.Number;
}

/* Is the object called @text: its name, or its number? */
static bool is_called(const NTMS_OBJECTINFORMATIONW *info, const char *text)
{
	char *name = text_from_wide(info->szName, NTMS_OBJECTNAME_LENGTH);
	char *number = text_format("%u", number_of(info));
	bool same = !strcmp(name, text) || !strcmp(number, text);

	free(number);
	free(name);
	return same;
}

static DWORD find_in_library(struct rsm *rsm, const NTMS_GUID *library, const char *text,
			     DWORD type, NTMS_GUID *guid)
{
	NTMS_OBJECTINFORMATIONW info;
	NTMS_GUID *list;
	DWORD count, code;
	bool found = false;

	code = list_objects(rsm, library, type, &list, &count);
	for (DWORD i = 0; !code && !found && i < count; i++) {
		code = get_info(rsm, &list[i], type, &info);
		found = !code && is_called(&info, text);
		if (found)
			*guid = list[i];
	}
	free(list);
	if (!code && !found)
		code = note_text(rsm, ERROR_OBJECT_NOT_FOUND, "library %s has no %s '%s'",
				 name_of(rsm, library, NTMS_LIBRARY),
				 type == NTMS_DRIVE ? "drive" : "slot", text);
	return code;
}

/* @library: the null GUID for any. */
static DWORD find_place_in(struct rsm *rsm, const NTMS_GUID *library, const char *text, DWORD type,
			   NTMS_GUID *guid)
{
	/* A GUID, a device or a serial number says it all. */
	if (!guid_is_null(library) && !guid_parse(text, guid) && text[0] != '/')
		return find_in_library(rsm, library, text, type, guid);
	return find_object(rsm, text, type, guid);
}

static DWORD find_place(struct rsm *rsm, const struct args *args, const char *text, DWORD type,
			NTMS_GUID *guid)
{
	NTMS_GUID library;
	DWORD code = library_of_args(rsm, args, &library);

	return code ? code : find_place_in(rsm, &library, text, type, guid);
}

DWORD find_slot_in(struct rsm *rsm, const NTMS_GUID *library, const char *text, NTMS_GUID *slot)
{
	return find_place_in(rsm, library, text, NTMS_STORAGESLOT, slot);
}

DWORD find_slot(struct rsm *rsm, const struct args *args, const char *text, NTMS_GUID *slot)
{
	return find_place(rsm, args, text, NTMS_STORAGESLOT, slot);
}

DWORD find_drive(struct rsm *rsm, const struct args *args, const char *text, NTMS_GUID *drive)
{
	return find_place(rsm, args, text, NTMS_DRIVE, drive);
}

static DWORD library_of_place(struct rsm *rsm, const NTMS_GUID *place, NTMS_GUID *library,
			      DWORD *type)
{
	NTMS_OBJECTINFORMATIONW info;
	DWORD code = get_info(rsm, place, NTMS_UNKNOWN, &info);

	if (code)
		return code;
	*type = info.dwType;
	switch (info.dwType) {
	case NTMS_DRIVE:
		*library = info.Info.Drive.Library;
		return ERROR_SUCCESS;
	case NTMS_STORAGESLOT:
		*library = info.Info.StorageSlot.Library;
		return ERROR_SUCCESS;
	case NTMS_IEPORT:
		*library = info.Info.IEPort.Library;
		return ERROR_SUCCESS;
	default:
		return note_text(rsm, ERROR_OBJECT_NOT_FOUND, "this is no slot, drive or port");
	}
}

DWORD cartridge_at(struct rsm *rsm, const NTMS_GUID *place, NTMS_GUID *cartridge)
{
	NTMS_OBJECTINFORMATIONW info;
	NTMS_GUID library, *list = NULL;
	DWORD type, count = 0, code;
	bool found = false;

	code = library_of_place(rsm, place, &library, &type);
	if (!code)
		code = list_objects(rsm, &library, NTMS_PHYSICAL_MEDIA, &list, &count);
	for (DWORD i = 0; !code && !found && i < count; i++) {
		code = get_info(rsm, &list[i], NTMS_PHYSICAL_MEDIA, &info);
		found = !code && guid_equal(&info.Info.PhysicalMedia.Location, place);
		if (found)
			*cartridge = list[i];
	}
	free(list);
	if (!code && !found)
		code = note_text(rsm, ERROR_EMPTY, "%s of library %s is empty",
				 name_of(rsm, place, type), name_of(rsm, &library, NTMS_LIBRARY));
	return code;
}

DWORD cartridge_by_place(struct rsm *rsm, const struct args *args, NTMS_GUID *cartridge)
{
	NTMS_GUID place;
	DWORD code;

	if (args->given[OPT_SLOT])
		code = find_slot(rsm, args, args->text[OPT_SLOT], &place);
	else
		code = find_drive(rsm, args, args->text[OPT_DRIVE], &place);
	return code ? code : cartridge_at(rsm, &place, cartridge);
}

DWORD medium_by_option(struct rsm *rsm, const struct args *args, NTMS_GUID *medium)
{
	NTMS_OBJECTINFORMATIONW info;
	NTMS_GUID slot, cartridge;
	DWORD code;

	if (args->given[OPT_PARTITION]) {
		code = find_object(rsm, args->text[OPT_PARTITION], NTMS_PARTITION, medium);
	} else {
		code = find_slot(rsm, args, args->text[OPT_SLOT], &slot);
		if (!code)
			code = cartridge_at(rsm, &slot, &cartridge);
		if (!code)
			code = side_of(rsm, &cartridge, medium);
	}
	if (!code)
		code = get_info(rsm, medium, NTMS_PARTITION, &info);
	if (!code && !guid_is_null(&info.Info.Partition.LogicalMedia))
		*medium = info.Info.Partition.LogicalMedia;
	return code;
}

DWORD pool_by_operand(struct rsm *rsm, const struct args *args, NTMS_GUID *pool)
{
	DWORD code = pool_switch_check(rsm, args);

	return code ? code : find_object(rsm, args->operand[0], NTMS_MEDIA_POOL, pool);
}

DWORD pool_switch_check(struct rsm *rsm, const struct args *args)
{
	NTMS_GUID other;

	if (!args->windows_pool ||
	    RsmFindObject(rsm->session, args->windows_pool, NTMS_MEDIA_POOL, &other))
		return ERROR_SUCCESS;
	return note_text(rsm, ERROR_INVALID_NAME,
			 "'%s' is pool '%s' to rsm.exe, but there is a pool '%s' as well; for the "
			 "one say '%s', for the other '-- %s'",
			 args->windows_pool, args->operand[0], args->windows_pool + 1,
			 args->operand[0], args->windows_pool);
}

/* ---- objects of any type ---- */

static bool contains(const DWORD *types, DWORD type)
{
	for (; *types; types++)
		if (*types == type)
			return true;
	return false;
}

static DWORD find_computer(struct rsm *rsm, NTMS_GUID *guid)
{
	NTMS_GUID *list;
	DWORD count, code = list_objects(rsm, NULL, NTMS_COMPUTER, &list, &count);

	if (!code && !count)
		code = note_text(rsm, ERROR_OBJECT_NOT_FOUND, "there is no computer object");
	if (!code)
		*guid = list[0];
	free(list);
	return code;
}

/* Once the type is known. */
static DWORD find_typed(struct rsm *rsm, const char *text, DWORD type, NTMS_GUID *guid)
{
	if (type == NTMS_COMPUTER && !strcasecmp(text, "computer"))
		return find_computer(rsm, guid);
	if (type == NTMS_LIBREQUEST || type == NTMS_OPREQUEST)
		return find_request(rsm, text, type, guid);
	return find_object(rsm, text, type, guid);
}

static DWORD find_guid(struct rsm *rsm, const NTMS_GUID *guid, const DWORD *types, DWORD *type)
{
	NTMS_OBJECTINFORMATIONW info;
	DWORD code = get_info(rsm, guid, NTMS_UNKNOWN, &info);

	if (code)
		return code;
	*type = info.dwType;
	if (contains(types, *type))
		return ERROR_SUCCESS;
	return note_text(rsm, ERROR_OBJECT_NOT_FOUND, "this cannot be done with a %s",
			 word_of(object_types, *type));
}

DWORD find_any(struct rsm *rsm, const struct args *args, const char *text, const DWORD *types,
	       NTMS_GUID *guid, DWORD *type)
{
	NTMS_GUID found;
	DWORD code;

	*type = NTMS_UNKNOWN;
	if (args->given[OPT_TYPE]) {
		if (!type_by_name(args->text[OPT_TYPE], type) || !contains(types, *type))
			return note_text(rsm, ERROR_INVALID_PARAMETER,
					 "this cannot be done with a '%s'", args->text[OPT_TYPE]);
		return find_typed(rsm, text, *type, guid);
	}
	if (guid_parse(text, guid))
		return find_guid(rsm, guid, types, type);
	for (; *types; types++) {
		code = find_typed(rsm, text, *types, &found);
		if (code == ERROR_OBJECT_NOT_FOUND || code == ERROR_NOT_SUPPORTED)
			continue;
		if (code)
			return code;
		if (*type)
			return note_text(rsm, ERROR_INVALID_NAME,
					 "'%s' is a %s and a %s; say which with --type", text,
					 word_of(object_types, *type),
					 word_of(object_types, *types));
		*guid = found;
		*type = *types;
	}
	if (*type)
		return ERROR_SUCCESS;
	return note_text(rsm, ERROR_OBJECT_NOT_FOUND, "there is nothing called '%s'", text);
}

/* ---- requests ---- */

/* At least a few hex digits and nothing else, dashes left out. */
static bool is_prefix(const char *text, char digits[33])
{
	size_t count = 0;

	for (; *text; text++) {
		if (*text == '-')
			continue;
		if (!isxdigit((unsigned char)*text) || count == 32)
			return false;
		digits[count++] = (char)tolower((unsigned char)*text);
	}
	digits[count] = '\0';
	return count >= LEAST_PREFIX;
}

DWORD find_request(struct rsm *rsm, const char *text, DWORD type, NTMS_GUID *guid)
{
	const char *what = type == NTMS_LIBREQUEST ? "request" : "operator request";
	char digits[33], bare[GUID_TEXT_SIZE];
	NTMS_GUID *list;
	DWORD count, code, fits = 0;

	if (guid_parse(text, guid))
		return ERROR_SUCCESS;
	if (!is_prefix(text, digits))
		return note_text(rsm, ERROR_OBJECT_NOT_FOUND,
				 "'%s' is no GUID, nor the first %d or more digits of one", text,
				 LEAST_PREFIX);
	code = list_objects(rsm, NULL, type, &list, &count);
	for (DWORD i = 0; !code && i < count; i++) {
		if (strncmp(guid_bare(&list[i], bare), digits, strlen(digits)) != 0)
			continue;
		*guid = list[i];
		fits++;
	}
	free(list);
	if (!code && !fits)
		code = note_text(rsm, ERROR_OBJECT_NOT_FOUND, "no %s begins with '%s'", what, text);
	if (!code && fits > 1)
		code = note_text(rsm, ERROR_INVALID_NAME, "%u %ss begin with '%s'", fits, what,
				 text);
	return code;
}

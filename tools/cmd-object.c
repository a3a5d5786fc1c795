/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cmd-object.c - what can be said about objects of any kind: rename, attribute; mediatype; ui
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "describe.h"
#include "places.h"
#include "text.h"

/* Whatever keeps a record, the likeliest first. */
static const DWORD every_type[] = {
	NTMS_PHYSICAL_MEDIA, NTMS_MEDIA_POOL, NTMS_LIBRARY, NTMS_DRIVE,	     NTMS_STORAGESLOT,
	NTMS_IEPORT,	     NTMS_IEDOOR,     NTMS_CHANGER, NTMS_MEDIA_TYPE, NTMS_DRIVE_TYPE,
	NTMS_CHANGER_TYPE,   NTMS_COMPUTER,   NTMS_UNKNOWN};

/* By GUID also of those types whose names are always somebody else's, too. */
static DWORD find_object_of_any_type(struct rsm *rsm, const struct args *args, NTMS_GUID *guid,
				     DWORD *type)
{
	NTMS_OBJECTINFORMATIONW info;
	DWORD code;

	if (args->given[OPT_TYPE]) {
		if (!type_by_name(args->text[OPT_TYPE], type))
			return note_text(rsm, ERROR_INVALID_PARAMETER,
					 "there is no type '%s'; see 'rsm view --help'",
					 args->text[OPT_TYPE]);
		if (*type != NTMS_COMPUTER)
			return find_object(rsm, args->operand[0], *type, guid);
	}
	if (!guid_parse(args->operand[0], guid))
		return find_any(rsm, args, args->operand[0], every_type, guid, type);
	code = get_info(rsm, guid, NTMS_UNKNOWN, &info);
	*type = info.dwType;
	return code;
}

/* ---- rename ---- */

static DWORD rename_object(struct rsm *rsm, const struct args *args, NTMS_GUID *guid, DWORD type)
{
	const char *name = args->text[OPT_NAME], *description = args->text[OPT_DESCRIPTION];
	NTMS_OBJECTINFORMATIONW info;
	DWORD code = get_info(rsm, guid, type, &info);

	if (code)
		return code;
	/* The call would leave the name as it is without a word. */
	if (name && type != NTMS_LIBRARY && type != NTMS_LOGICAL_MEDIA && type != NTMS_MEDIA_POOL &&
	    type != NTMS_PARTITION && type != NTMS_PHYSICAL_MEDIA)
		return note_text(rsm, ERROR_INVALID_PARAMETER,
				 "a %s has no name that can be changed, only a description",
				 word_of(object_types, type));
	if (name && !text_to_wide(name, info.szName, NTMS_OBJECTNAME_LENGTH))
		return note_text(rsm, ERROR_INVALID_NAME,
				 "a name has at most %d characters, and is UTF-8",
				 NTMS_OBJECTNAME_LENGTH - 1);
	if (description && !text_to_wide(description, info.szDescription, NTMS_DESCRIPTION_LENGTH))
		return note_text(rsm, ERROR_INVALID_NAME,
				 "a description has at most %d characters, and is UTF-8",
				 NTMS_DESCRIPTION_LENGTH - 1);
	return note(rsm, SetNtmsObjectInformationW(rsm->session, guid, &info));
}

int cmd_rename(struct rsm *rsm, const struct args *args)
{
	struct json_object *result;
	NTMS_GUID guid;
	DWORD type, code;

	if (!args->given[OPT_NAME] && !args->given[OPT_DESCRIPTION])
		return fail_usage(rsm, "to what? --name or --description is missing");
	code = rsm_open(rsm, "rsm rename");
	if (!code)
		code = find_object_of_any_type(rsm, args, &guid, &type);
	if (!code)
		code = rename_object(rsm, args, &guid, type);
	if (code)
		return fail(rsm, code);
	result = describe(rsm, &guid, type);
	if (!result)
		return fail(rsm, rsm->code);
	print_result(
		rsm, result, "id",
		text_format("%s %s is now called '%s'%s%s%s", word_of(object_types, type),
			    json_text(result, "id"), json_text(result, "name"),
			    args->given[OPT_DESCRIPTION] ? ": '" : "",
			    args->given[OPT_DESCRIPTION] ? json_text(result, "description") : "",
			    args->given[OPT_DESCRIPTION] ? "'" : ""));
	return EXIT_DONE;
}

/* ---- attributes ---- */

/* What is printable UTF-8 as text, anything else as hexadecimal digits. */
static struct json_object *describe_attribute(const char *name, const unsigned char *data,
					      size_t size)
{
	struct json_object *result = json_record();
	char *text = need(calloc(1, size + 1)), *clean, *hex;

	memcpy(text, data, size);
	clean = text_clean(text, size + 1);
	json_set_text(result, "name", name);
	json_set_number(result, "size", size);
	json_set_text(result, "text", strlen(text) == size && !strcmp(clean, text) ? text : NULL);
	hex = need(calloc(2, size + 1));
	for (size_t i = 0; i < size; i++)
		snprintf(hex + 2 * i, 3, "%02x", data[i]);
	json_set_text(result, "hex", hex);
	free(hex);
	free(clean);
	free(text);
	return result;
}

int cmd_attribute_get(struct rsm *rsm, const struct args *args)
{
	static unsigned char data[NTMS_MAXATTR_LENGTH];
	DWORD size = sizeof(data), type, code;
	struct json_object *result;
	NTMS_GUID guid;

	code = rsm_open(rsm, "rsm attribute");
	if (!code)
		code = find_object_of_any_type(rsm, args, &guid, &type);
	if (!code)
		code = note(rsm, GetNtmsObjectAttributeA(rsm->session, &guid, type,
							 args->operand[1], data, &size));
	if (code)
		return fail(rsm, code);
	/* The very bytes, for a file or a program that knows them. */
	if (args->given[OPT_RAW]) {
		fwrite(data, 1, size, stdout);
		return EXIT_DONE;
	}
	result = describe_attribute(args->operand[1], data, size);
	if (json_at(result, "text"))
		print_result(rsm, result, "text", text_format("%s", json_text(result, "text")));
	else
		print_result(rsm, result, "hex", text_format("%s", json_text(result, "hex")));
	return EXIT_DONE;
}

/* The value of --file; more than an attribute can have is read, but not much more. */
static bool read_value(struct rsm *rsm, const char *path, unsigned char *data, DWORD *size)
{
	FILE *file = strcmp(path, "-") != 0 ? fopen(path, "re") : stdin;

	if (!file) {
		fail_usage(rsm, "cannot read '%s': %s", path, strerror(errno));
		return false;
	}
	*size = (DWORD)fread(data, 1, NTMS_MAXATTR_LENGTH, file);
	if (ferror(file))
		fail_usage(rsm, "cannot read '%s': %s", path, strerror(errno));
	else if (*size == 0)
		fail_usage(rsm,
			   "'%s' is empty; an attribute is deleted with 'rsm attribute delete'",
			   path);
	if (file != stdin)
		fclose(file);
	return *size > 0;
}

static int set_attribute(struct rsm *rsm, const struct args *args, void *data, DWORD size)
{
	struct json_object *result;
	NTMS_GUID guid;
	DWORD type, code;

	code = rsm_open(rsm, "rsm attribute");
	if (!code)
		code = find_object_of_any_type(rsm, args, &guid, &type);
	/* Deleting what is not there is no error to the call; who asks for it has mistyped. */
	if (!code && !size) {
		DWORD found = 0;

		code = GetNtmsObjectAttributeA(rsm->session, &guid, type, args->operand[1], NULL,
					       &found);
		code = code == ERROR_INSUFFICIENT_BUFFER ? ERROR_SUCCESS : note(rsm, code);
	}
	if (!code)
		code = note(rsm, SetNtmsObjectAttributeA(rsm->session, &guid, type,
							 args->operand[1], data, size));
	if (code)
		return fail(rsm, code);
	result = describe_attribute(args->operand[1], data, size);
	print_result(rsm, result, NULL,
		     size ? text_format("attribute %s has %u bytes", args->operand[1], size)
			  : text_format("attribute %s is deleted", args->operand[1]));
	return EXIT_DONE;
}

int cmd_attribute_set(struct rsm *rsm, const struct args *args)
{
	static unsigned char data[NTMS_MAXATTR_LENGTH];
	DWORD size;

	if ((args->count == 3) == args->given[OPT_FILE])
		return fail_usage(rsm, "to what? Either a VALUE or --file");
	if (args->given[OPT_FILE]) {
		if (!read_value(rsm, args->text[OPT_FILE], data, &size))
			return EXIT_USAGE;
		return set_attribute(rsm, args, data, size);
	}
	return set_attribute(rsm, args, args->operand[2], (DWORD)strlen(args->operand[2]));
}

int cmd_attribute_delete(struct rsm *rsm, const struct args *args)
{
	static unsigned char nothing;

	return set_attribute(rsm, args, &nothing, 0);
}

/* ---- media types ---- */

int cmd_mediatype_list(struct rsm *rsm, const struct args *args)
{
	struct json_object *rows = json_list();
	NTMS_GUID library, *list = NULL;
	DWORD count = 0, code;

	code = rsm_open(rsm, "rsm mediatype");
	if (!code && args->given[OPT_LIBRARY])
		code = find_object(rsm, args->text[OPT_LIBRARY], NTMS_LIBRARY, &library);
	if (!code)
		code = list_objects(rsm, args->given[OPT_LIBRARY] ? &library : NULL,
				    NTMS_MEDIA_TYPE, &list, &count);
	for (DWORD i = 0; !code && i < count; i++) {
		struct json_object *row = describe(rsm, &list[i], NTMS_MEDIA_TYPE);

		if (row)
			json_append(rows, row);
		else
			code = rsm->code;
	}
	free(list);
	if (code) {
		json_object_put(rows);
		return fail(rsm, code);
	}
	print_rows(rsm, rows, describe_columns(NTMS_MEDIA_TYPE), "name", "none");
	return EXIT_DONE;
}

static int tell_library(struct rsm *rsm, const struct args *args,
			DWORD (*call)(HANDLE session, LPNTMS_GUID type, LPNTMS_GUID library),
			const char *done)
{
	struct json_object *result;
	NTMS_GUID type, library;
	DWORD code;

	code = rsm_open(rsm, "rsm mediatype");
	if (!code)
		code = find_object(rsm, args->operand[0], NTMS_MEDIA_TYPE, &type);
	if (!code)
		code = find_object(rsm, args->operand[1], NTMS_LIBRARY, &library);
	if (!code)
		code = note(rsm, call(rsm->session, &type, &library));
	if (code)
		return fail(rsm, code);
	result = json_record();
	json_set_text(result, "media_type", name_of(rsm, &type, NTMS_MEDIA_TYPE));
	json_set_guid(result, "media_type_id", &type);
	json_set_text(result, "library", name_of(rsm, &library, NTMS_LIBRARY));
	json_set_guid(result, "library_id", &library);
	print_result(rsm, result, "media_type_id",
		     text_format("%s %s %s", json_text(result, "library"), done,
				 json_text(result, "media_type")));
	return EXIT_DONE;
}

int cmd_mediatype_add(struct rsm *rsm, const struct args *args)
{
	return tell_library(rsm, args, AddNtmsMediaType, "takes media of type");
}

int cmd_mediatype_delete(struct rsm *rsm, const struct args *args)
{
	return tell_library(rsm, args, DeleteNtmsMediaType, "no longer takes media of type");
}

int cmd_mediatype_change(struct rsm *rsm, const struct args *args)
{
	struct json_object *result;
	NTMS_GUID media, pool;
	DWORD code;

	code = rsm_open(rsm, "rsm mediatype");
	if (!code)
		code = find_object(rsm, args->operand[0], NTMS_PHYSICAL_MEDIA, &media);
	if (!code)
		code = find_object(rsm, args->operand[1], NTMS_MEDIA_POOL, &pool);
	if (!code)
		code = note(rsm, ChangeNtmsMediaType(rsm->session, &media, &pool));
	if (code)
		return fail(rsm, code);
	result = describe(rsm, &media, NTMS_PHYSICAL_MEDIA);
	if (!result)
		return fail(rsm, rsm->code);
	print_result(rsm, result, "id",
		     text_format("%s is of type %s, in pool %s",
				 name_of(rsm, &media, NTMS_PHYSICAL_MEDIA),
				 json_text(result, "media_type"), json_text(result, "pool")));
	return EXIT_DONE;
}

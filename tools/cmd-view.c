/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cmd-view.c - rsm view TYPE: the objects of a type; without TYPE see picture.c
 */
#include <stdlib.h>
#include <string.h>
#include "describe.h"
#include "picture.h"
#include "places.h"
#include "text.h"

/* What may contain objects of a type (the matrix of EnumerateNtmsObject). */
static const struct {
	DWORD type;
	DWORD containers[4];
} contained[] = {
	{NTMS_LOGICAL_MEDIA, {NTMS_MEDIA_POOL, NTMS_PARTITION}},
	{NTMS_MEDIA_POOL, {NTMS_MEDIA_POOL}},
	{NTMS_PARTITION, {NTMS_MEDIA_POOL, NTMS_PHYSICAL_MEDIA, NTMS_LOGICAL_MEDIA}},
	{NTMS_PHYSICAL_MEDIA, {NTMS_LIBRARY, NTMS_MEDIA_POOL}},
};

/* A container by GUID or by the name of whatever may contain objects of @type. */
static DWORD find_container(struct rsm *rsm, const char *text, DWORD type, NTMS_GUID *guid)
{
	static const DWORD library[4] = {NTMS_LIBRARY};
	const DWORD *containers = library;
	DWORD code = ERROR_OBJECT_NOT_FOUND;

	if (guid_parse(text, guid))
		return ERROR_SUCCESS;
	for (size_t i = 0; i < sizeof(contained) / sizeof(contained[0]); i++)
		if (contained[i].type == type)
			containers = contained[i].containers;
	for (size_t i = 0; i < 4 && containers[i]; i++) {
		code = find_object(rsm, text, containers[i], guid);
		if (code != ERROR_OBJECT_NOT_FOUND)
			return code;
	}
	return note_text(rsm, code, "nothing named '%s' contains objects of this type", text);
}

/* Objects that vanish while they are listed, and those we may not see, are left out. */
static bool may_skip(DWORD code)
{
	return code == ERROR_OBJECT_NOT_FOUND || code == ERROR_ACCESS_DENIED;
}

static DWORD collect(struct rsm *rsm, const NTMS_GUID *container, DWORD type,
		     struct json_object *rows)
{
	NTMS_GUID *list;
	DWORD count, code;

	code = list_objects(rsm, container, type, &list, &count);
	for (DWORD i = 0; !code && i < count; i++) {
		struct json_object *row = describe(rsm, &list[i], type);

		if (row)
			json_append(rows, row);
		else if (!may_skip(rsm->code))
			code = rsm->code;
	}
	free(list);
	return code;
}

/* The API lists one level of pools; people want the tree. */
static DWORD collect_pools(struct rsm *rsm, const NTMS_GUID *container, struct json_object *rows)
{
	NTMS_GUID *list;
	DWORD count, code;

	code = list_objects(rsm, container, NTMS_MEDIA_POOL, &list, &count);
	for (DWORD i = 0; !code && i < count; i++) {
		struct json_object *row = describe(rsm, &list[i], NTMS_MEDIA_POOL);

		if (row) {
			json_append(rows, row);
			code = collect_pools(rsm, &list[i], rows);
		} else if (!may_skip(rsm->code)) {
			code = rsm->code;
		}
	}
	free(list);
	return code;
}

/* Brief output without --guid is the name; what has none is shown by its GUID. */
static void name_the_nameless(struct json_object *rows, DWORD type)
{
	for (size_t i = 0; i < json_object_array_length(rows); i++) {
		struct json_object *row = json_object_array_get_idx(rows, i);
		const char *name = json_text(row, type == NTMS_MEDIA_POOL ? "path" : "name");

		json_set_text(row, "label", name[0] ? name : json_text(row, "id"));
	}
}

static void print_view(struct rsm *rsm, struct json_object *rows, DWORD type, bool guid)
{
	const struct column *columns = describe_columns(type);
	struct column with_guid[12] = {{NULL, NULL, false}};
	size_t count = 0;

	if (guid && strcmp(columns[0].key, "id") != 0)
		with_guid[count++] = (struct column){"id", "GUID", false};
	while (columns->key && count + 1 < 12)
		with_guid[count++] = *columns++;
	if (rsm->brief && !guid)
		name_the_nameless(rows, type);
	print_rows(rsm, rows, with_guid, guid ? "id" : "label", "none");
}

int cmd_view(struct rsm *rsm, const struct args *args)
{
	struct json_object *rows;
	NTMS_GUID container;
	DWORD type, code;

	if (!args->count) {
		if (args->given[OPT_CONTAINER])
			return fail_usage(rsm, "--container needs a TYPE");
		return picture(rsm, args->given[OPT_GUID]);
	}
	if (!type_by_name(args->operand[0], &type))
		return bad_type(rsm, args->operand[0]);
	code = rsm_open(rsm, "rsm view");
	if (!code && args->given[OPT_CONTAINER])
		code = find_container(rsm, args->text[OPT_CONTAINER], type, &container);
	if (code)
		return fail(rsm, code);
	rows = json_list();
	if (type == NTMS_MEDIA_POOL && !args->given[OPT_CONTAINER])
		code = collect_pools(rsm, NULL, rows);
	else
		code = collect(rsm, args->given[OPT_CONTAINER] ? &container : NULL, type, rows);
	if (code) {
		json_object_put(rows);
		return fail(rsm, code);
	}
	print_view(rsm, rows, type, args->given[OPT_GUID]);
	return EXIT_DONE;
}

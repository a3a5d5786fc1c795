/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cmd-inventory.c - rsm inventory: look what is in a library, and say what changed
 */
#include <stdlib.h>
#include <string.h>
#include "describe.h"
#include "text.h"

/* GUIDs of one moment, to be compared with those of another. */
struct snapshot {
	NTMS_GUID *media;
	DWORD media_count;
	NTMS_GUID *requests;
	DWORD request_count;
};

static void snapshot_free(struct snapshot *snapshot)
{
	free(snapshot->media);
	free(snapshot->requests);
}

static DWORD snapshot_take(struct rsm *rsm, const NTMS_GUID *library, struct snapshot *snapshot)
{
	DWORD code;

	memset(snapshot, 0, sizeof(*snapshot));
	code = list_objects(rsm, library, NTMS_PHYSICAL_MEDIA, &snapshot->media,
			    &snapshot->media_count);
	if (!code)
		code = list_objects(rsm, library, NTMS_LIBREQUEST, &snapshot->requests,
				    &snapshot->request_count);
	return code;
}

static bool contains(const NTMS_GUID *list, DWORD count, const NTMS_GUID *guid)
{
	for (DWORD i = 0; i < count; i++)
		if (guid_equal(&list[i], guid))
			return true;
	return false;
}

/* The names of what is in @a and not in @b. */
static struct json_object *difference(struct rsm *rsm, const struct snapshot *a,
				      const struct snapshot *b)
{
	struct json_object *list = json_list();

	for (DWORD i = 0; i < a->media_count; i++) {
		struct json_object *one;

		if (contains(b->media, b->media_count, &a->media[i]))
			continue;
		one = json_record();
		json_set_guid(one, "id", &a->media[i]);
		json_set_text(one, "name", name_of(rsm, &a->media[i], NTMS_PHYSICAL_MEDIA));
		json_append(list, one);
	}
	return list;
}

static bool is_inventory_work(DWORD operation)
{
	return operation == NTMS_LM_INVENTORY || operation == NTMS_LM_CLASSIFY ||
	       operation == NTMS_LM_PROCESSOMID;
}

/* The requests that came up since @before and failed. The first one's error is returned. */
static DWORD failures(struct rsm *rsm, const struct snapshot *before, const struct snapshot *after,
		      struct json_object *list)
{
	NTMS_OBJECTINFORMATIONW info;
	DWORD first = ERROR_SUCCESS;

	for (DWORD i = 0; i < after->request_count; i++) {
		const NTMS_LIBREQUESTINFORMATIONW *request = &info.Info.LibRequest;

		if (contains(before->requests, before->request_count, &after->requests[i]) ||
		    get_info(rsm, &after->requests[i], NTMS_LIBREQUEST, &info) ||
		    request->State != NTMS_LM_FAILED || !is_inventory_work(request->OperationCode))
			continue;
		json_append(list, describe_info(rsm, &info));
		if (!first)
			first = request->dwErrorCode ? request->dwErrorCode : ERROR_GEN_FAILURE;
	}
	return first;
}

static char *join_names(const char *what, const struct json_object *list)
{
	size_t count = json_object_array_length(list);
	char *text = text_format("%zu %s%s", count, what, count ? " (" : "");

	for (size_t i = 0; i < count; i++) {
		char *longer = text_format("%s%s%s%s", text, i ? ", " : "",
					   json_text(json_object_array_get_idx(list, i), "name"),
					   i + 1 == count ? ")" : "");

		free(text);
		text = longer;
	}
	return text;
}

/* Names remembered before the inventory may have changed by it, so they are asked again. */
static int report(struct rsm *rsm, const NTMS_GUID *library, const struct snapshot *before,
		  const struct snapshot *after)
{
	struct json_object *result = json_record(), *failed = json_list();
	struct json_object *found, *gone = difference(rsm, before, after);
	char *found_text, *gone_text, *count_text;
	DWORD code;

	names_free(rsm);
	found = difference(rsm, after, before);
	code = failures(rsm, before, after, failed);
	json_set_text(result, "library", name_of(rsm, library, NTMS_LIBRARY));
	json_set_guid(result, "library_id", library);
	json_set_number(result, "cartridges", after->media_count);
	json_set(result, "found", found);
	json_set(result, "gone", gone);
	json_set(result, "failed", failed);
	found_text = join_names("new", found);
	count_text = text_count(after->media_count, "cartridge");
	gone_text = join_names("gone", gone);
	print_result(rsm, result, "cartridges",
		     text_format("%s contains %s: %s, %s", json_text(result, "library"), count_text,
				 found_text, gone_text));
	free(count_text);
	free(found_text);
	free(gone_text);
	if (code)
		note_text(rsm, code, "part of the inventory failed; see 'rsm view librequest'");
	return fail(rsm, code);
}

int cmd_inventory(struct rsm *rsm, const struct args *args)
{
	DWORD action =
		args->given[OPT_ACTION] ? (DWORD)args->number[OPT_ACTION] : NTMS_INVENTORY_DEFAULT;
	DWORD timeout = args->given[OPT_TIMEOUT] ? (DWORD)args->number[OPT_TIMEOUT] : INFINITE;
	struct snapshot before = {NULL, 0, NULL, 0}, after = {NULL, 0, NULL, 0};
	NTMS_GUID library;
	DWORD code;
	int status;

	code = rsm_open(rsm, "rsm inventory");
	if (!code)
		code = find_object(rsm, args->operand[0], NTMS_LIBRARY, &library);
	if (!code)
		code = snapshot_take(rsm, &library, &before);
	/* With "none" there is nothing to start, only something to wait for. */
	if (!code && action != NTMS_INVENTORY_NONE)
		code = note(rsm, InventoryNtmsLibrary(rsm->session, &library, action));
	if (!code)
		code = note(rsm, RsmWaitForLibrary(rsm->session, &library, timeout));
	if (!code)
		code = snapshot_take(rsm, &library, &after);
	status = code ? fail(rsm, code) : report(rsm, &library, &before, &after);
	snapshot_free(&before);
	snapshot_free(&after);
	return status;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cmd-inventory.c - rsm inventory: look what is in a library, and say what changed
 */
#include <stdlib.h>
#include <string.h>
#include "cancel.h"
#include "describe.h"
#include "snapshot.h"
#include "text.h"

static bool is_inventory_work(DWORD operation)
{
	return operation == NTMS_LM_INVENTORY || operation == NTMS_LM_CLASSIFY ||
	       operation == NTMS_LM_PROCESSOMID;
}

static bool came_to_nothing(const NTMS_LIBREQUESTINFORMATIONW *request)
{
	return request->State == NTMS_LM_FAILED || request->State == NTMS_LM_CANCELLED;
}

/* The requests that came up since @before and failed. The first one's error is returned. */
static DWORD failures(struct rsm *rsm, const struct snapshot *before, const struct snapshot *after,
		      struct json_object *list)
{
	NTMS_OBJECTINFORMATIONW info;
	DWORD first = ERROR_SUCCESS;

	for (DWORD i = 0; i < after->request_count; i++) {
		const NTMS_LIBREQUESTINFORMATIONW *request = &info.Info.LibRequest;

		if (snapshot_has_request(before, &after->requests[i]) ||
		    get_info(rsm, &after->requests[i], NTMS_LIBREQUEST, &info) ||
		    !came_to_nothing(request) || !is_inventory_work(request->OperationCode))
			continue;
		json_append(list, describe_info(rsm, &info));
		if (!first)
			first = request->dwErrorCode ? request->dwErrorCode : ERROR_GEN_FAILURE;
	}
	return first;
}

/* Names remembered before the inventory may have changed by it, so they are asked again. */
static int report(struct rsm *rsm, const NTMS_GUID *library, const struct snapshot *before,
		  const struct snapshot *after)
{
	struct json_object *result = json_record(), *failed = json_list();
	struct json_object *found, *gone = snapshot_difference(rsm, before, after);
	char *found_text, *gone_text, *count_text;
	DWORD code;

	names_free(rsm);
	found = snapshot_difference(rsm, after, before);
	code = failures(rsm, before, after, failed);
	json_set_text(result, "library", name_of(rsm, library, NTMS_LIBRARY));
	json_set_guid(result, "library_id", library);
	json_set_number(result, "cartridges", after->media_count);
	json_set(result, "found", found);
	json_set(result, "gone", gone);
	json_set(result, "failed", failed);
	found_text = snapshot_text("new", found);
	count_text = text_count(after->media_count, "cartridge");
	gone_text = snapshot_text("gone", gone);
	print_result(rsm, result, "cartridges",
		     text_format("%s contains %s: %s, %s", json_text(result, "library"), count_text,
				 found_text, gone_text));
	free(count_text);
	free(found_text);
	free(gone_text);
	if (code)
		note_text(rsm, code,
			  code == ERROR_CANCELLED
				  ? "somebody has stopped the inventory"
				  : "part of the inventory failed; see 'rsm view librequest'");
	return fail(rsm, code);
}

struct inventory {
	NTMS_GUID library;
	DWORD timeout;
};

static DWORD wait_for_library(struct rsm *rsm, void *context)
{
	struct inventory *inventory = context;

	return note(rsm, RsmWaitForLibrary(rsm->session, &inventory->library, inventory->timeout));
}

static int take_inventory(struct rsm *rsm, struct inventory *inventory, DWORD action,
			  struct interrupt *interrupt)
{
	struct snapshot before = {NULL, 0, NULL, 0}, after = {NULL, 0, NULL, 0};
	DWORD code = snapshot_take(rsm, &inventory->library, &before);
	int status, signal = 0;

	/* With "none" there is nothing to start, only something to wait for. */
	if (!code && action != NTMS_INVENTORY_NONE)
		code = note(rsm, InventoryNtmsLibrary(rsm->session, &inventory->library, action));
	if (!code)
		code = interruptible(rsm, interrupt, wait_for_library, inventory, &signal);
	if (!code)
		code = snapshot_take(rsm, &inventory->library, &after);
	if (signal)
		status = interrupted(rsm, signal, "the work goes on");
	else
		status = code ? fail(rsm, code) : report(rsm, &inventory->library, &before, &after);
	snapshot_free(&before);
	snapshot_free(&after);
	return status;
}

static int stop_inventory(struct rsm *rsm, struct inventory *inventory)
{
	DWORD code = note(
		rsm, InventoryNtmsLibrary(rsm->session, &inventory->library, NTMS_INVENTORY_STOP));
	struct json_object *result;

	if (code)
		return fail(rsm, code);
	result = json_record();
	json_set_text(result, "library", name_of(rsm, &inventory->library, NTMS_LIBRARY));
	json_set_guid(result, "library_id", &inventory->library);
	print_result(rsm, result, "library_id",
		     text_format("%s: no inventory goes on; the next one reads the labels that are "
				 "not read yet",
				 json_text(result, "library")));
	return EXIT_DONE;
}

int cmd_inventory(struct rsm *rsm, const struct args *args)
{
	DWORD action =
		args->given[OPT_ACTION] ? (DWORD)args->number[OPT_ACTION] : NTMS_INVENTORY_DEFAULT;
	struct inventory inventory = {.timeout = args_timeout(args)};
	struct interrupt interrupt;
	DWORD code;
	int status;

	interrupt_begin(&interrupt);
	code = rsm_open(rsm, "rsm inventory");
	if (!code)
		code = find_object(rsm, args->operand[0], NTMS_LIBRARY, &inventory.library);
	if (code)
		status = fail(rsm, code);
	else if (action == NTMS_INVENTORY_STOP)
		status = stop_inventory(rsm, &inventory);
	else
		status = take_inventory(rsm, &inventory, action, &interrupt);
	interrupt_end(&interrupt);
	return status;
}

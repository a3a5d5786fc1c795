/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cmd-door.c - rsm door: have a person open the door, and look what changed behind it
 */
#include <stdlib.h>
#include <string.h>
#include "operation.h"
#include "output.h"
#include "text.h"

struct access {
	NTMS_GUID library;
	DWORD action;
	struct awaited awaited;
};

static struct json_object *describe_access(struct rsm *rsm, const struct access *access)
{
	struct json_object *result = json_record();

	json_set_guid(result, "request", &access->awaited.request);
	json_set_text(result, "library", name_of(rsm, &access->library, NTMS_LIBRARY));
	json_set_guid(result, "library_id", &access->library);
	return result;
}

static int print_at_once(struct rsm *rsm, const struct access *access)
{
	struct json_object *result = describe_access(rsm, access);
	char guid[GUID_TEXT_SIZE];

	json_set(result, "found", NULL);
	json_set(result, "gone", NULL);
	print_result(rsm, result, "request",
		     text_format("%s: the door is unlocked as soon as the library is idle: "
				 "request %s",
				 json_text(result, "library"),
				 guid_dashed(&access->awaited.request, guid)));
	return EXIT_DONE;
}

static int report(struct rsm *rsm, const struct access *access, const struct snapshot *before)
{
	struct json_object *result, *gone;
	char *found_text, *gone_text;
	struct snapshot after;
	DWORD code = snapshot_take(rsm, &access->library, &after);

	if (code) {
		snapshot_free(&after);
		return fail(rsm, code);
	}
	/* Names from before: what is gone may be forgotten. */
	gone = snapshot_difference(rsm, before, &after);
	names_free(rsm);
	result = describe_access(rsm, access);
	json_set(result, "found", snapshot_difference(rsm, &after, before));
	json_set(result, "gone", gone);
	found_text = snapshot_text("new", json_at(result, "found"));
	gone_text = snapshot_text("gone", gone);
	print_result(rsm, result, "request",
		     text_format("the door of %s is closed: %s, %s", json_text(result, "library"),
				 found_text, gone_text));
	free(found_text);
	free(gone_text);
	snapshot_free(&after);
	return EXIT_DONE;
}

static int access_door(struct rsm *rsm, struct access *access, bool wait,
		       struct interrupt *interrupt)
{
	struct snapshot before;
	int status, signal = 0;
	DWORD code = snapshot_take(rsm, &access->library, &before);

	if (!code)
		code = note(rsm,
			    AccessNtmsLibraryDoor(rsm->session, &access->library, access->action));
	if (!code)
		code = operation_find_new(rsm, &access->library, &before, NTMS_LM_DOORACCESS, NULL,
					  &access->awaited.request);
	if (!code && wait)
		code = operation_wait(rsm, interrupt, &access->awaited, &signal);
	if (signal)
		status = operation_cancel(rsm, &access->awaited.request, signal,
					  "the door is unlocked until it has been opened and "
					  "closed, or the time for it is over");
	else if (code)
		status = fail(rsm, code);
	else
		status = wait ? report(rsm, access, &before) : print_at_once(rsm, access);
	snapshot_free(&before);
	return status;
}

int cmd_door(struct rsm *rsm, const struct args *args)
{
	struct access access = {.action = NTMS_INVENTORY_DEFAULT,
				.awaited = {.timeout = args_timeout(args)}};
	struct interrupt interrupt;
	DWORD code;
	int status;

	if (args->given[OPT_ACTION])
		access.action = (DWORD)args->number[OPT_ACTION];
	interrupt_begin(&interrupt);
	code = rsm_open(rsm, "rsm door");
	if (!code)
		code = find_object(rsm, args->operand[0], NTMS_LIBRARY, &access.library);
	if (code)
		status = fail(rsm, code);
	else
		status = access_door(rsm, &access, !args->given[OPT_NOWAIT], &interrupt);
	interrupt_end(&interrupt);
	return status;
}

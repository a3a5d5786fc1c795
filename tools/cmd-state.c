/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cmd-state.c - verbs that change the state of one object: enable, disable, complete,
 * decommission, swap, delete
 */
#include <stdlib.h>
#include <string.h>
#include "describe.h"
#include "places.h"
#include "text.h"

/* What was done to an object: its record of before, or of after. */
static int report(struct rsm *rsm, DWORD code, struct json_object *result, const char *done)
{
	const char *name = result ? json_text(result, "name") : "";

	if (code) {
		json_object_put(result);
		return fail(rsm, code);
	}
	print_result(rsm, result, "id",
		     text_format("%s %s", name[0] ? name : json_text(result, "id"), done));
	return EXIT_DONE;
}

static int enable(struct rsm *rsm, const struct args *args, bool enabled)
{
	static const DWORD types[] = {NTMS_LIBRARY, NTMS_DRIVE, NTMS_PHYSICAL_MEDIA, 0};
	struct json_object *result = NULL;
	NTMS_GUID guid;
	DWORD type, code;

	code = rsm_open(rsm, enabled ? "rsm enable" : "rsm disable");
	if (!code)
		code = find_any(rsm, args, args->operand[0], types, &guid, &type);
	if (!code)
		code = note(rsm, enabled ? EnableNtmsObject(rsm->session, type, &guid)
					 : DisableNtmsObject(rsm->session, type, &guid));
	if (!code) {
		result = describe(rsm, &guid, type);
		if (!result)
			code = rsm->code;
	}
	return report(rsm, code, result, enabled ? "is enabled" : "is disabled");
}

int cmd_enable(struct rsm *rsm, const struct args *args)
{
	return enable(rsm, args, true);
}

int cmd_disable(struct rsm *rsm, const struct args *args)
{
	return enable(rsm, args, false);
}

/* Do @call to the object named by the first operand; the record is that of before if it is @gone
 * afterwards. */
static int act(struct rsm *rsm, const struct args *args, DWORD type,
	       DWORD (*call)(HANDLE session, LPNTMS_GUID guid), const char *done, bool gone)
{
	struct json_object *result = NULL;
	NTMS_GUID guid;
	DWORD code;

	code = rsm_open(rsm, "rsm");
	if (!code)
		code = find_object(rsm, args->operand[0], type, &guid);
	if (!code && gone) {
		result = describe(rsm, &guid, type);
		code = result ? ERROR_SUCCESS : rsm->code;
	}
	if (!code)
		code = note(rsm, call(rsm->session, &guid));
	if (!code && !gone) {
		result = describe(rsm, &guid, type);
		code = result ? ERROR_SUCCESS : rsm->code;
	}
	return report(rsm, code, result, done);
}

int cmd_complete(struct rsm *rsm, const struct args *args)
{
	return act(rsm, args, NTMS_LOGICAL_MEDIA, SetNtmsMediaComplete,
		   "is complete: it cannot be mounted for writing any more", false);
}

int cmd_decommission(struct rsm *rsm, const struct args *args)
{
	return act(rsm, args, NTMS_PARTITION, DecommissionNtmsMedia,
		   "is decommissioned: it will never be allocated again", false);
}

int cmd_delete_drive(struct rsm *rsm, const struct args *args)
{
	return act(rsm, args, NTMS_DRIVE, DeleteNtmsDrive, "is forgotten", true);
}

int cmd_delete_library(struct rsm *rsm, const struct args *args)
{
	return act(rsm, args, NTMS_LIBRARY, DeleteNtmsLibrary,
		   "is forgotten; its cartridges are offline", true);
}

int cmd_delete_media(struct rsm *rsm, const struct args *args)
{
	return act(rsm, args, NTMS_PHYSICAL_MEDIA, DeleteNtmsMedia, "is forgotten", true);
}

int cmd_swap(struct rsm *rsm, const struct args *args)
{
	struct json_object *list = json_list(), *one;
	NTMS_GUID lmid[2];
	DWORD code = rsm_open(rsm, "rsm swap");

	for (size_t i = 0; !code && i < 2; i++)
		code = find_object(rsm, args->operand[i], NTMS_LOGICAL_MEDIA, &lmid[i]);
	if (!code)
		code = note(rsm, SwapNtmsMedia(rsm->session, &lmid[0], &lmid[1]));
	for (size_t i = 0; !code && i < 2; i++) {
		one = describe(rsm, &lmid[i], NTMS_LOGICAL_MEDIA);
		if (one)
			json_append(list, one);
		else
			code = rsm->code;
	}
	if (code) {
		json_object_put(list);
		return fail(rsm, code);
	}
	print_rows(rsm, list, describe_columns(NTMS_LOGICAL_MEDIA), "id", "");
	return EXIT_DONE;
}

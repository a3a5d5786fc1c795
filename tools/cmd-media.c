/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cmd-media.c - allocate, deallocate, label
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "describe.h"
#include "text.h"

/* An LMID with what people want to know of it. NULL with the failure noted. */
static struct json_object *describe_lmid(struct rsm *rsm, const NTMS_GUID *lmid)
{
	struct json_object *result = describe(rsm, lmid, NTMS_LOGICAL_MEDIA);

	if (result)
		json_set_guid(result, "lmid", lmid);
	return result;
}

static DWORD set_name(struct rsm *rsm, NTMS_GUID *lmid, const char *name)
{
	NTMS_OBJECTINFORMATIONW info;
	DWORD code = get_info(rsm, lmid, NTMS_LOGICAL_MEDIA, &info);

	if (code)
		return code;
	if (!text_to_wide(name, info.szName, NTMS_OBJECTNAME_LENGTH))
		return note_text(rsm, ERROR_INVALID_NAME, "the name is too long or no UTF-8");
	return note(rsm, SetNtmsObjectInformationW(rsm->session, lmid, &info));
}

/* Before anything is allocated for it. */
static bool check_name(struct rsm *rsm, const struct args *args)
{
	const char *name = args->text[OPT_NAME];
	WCHAR room[NTMS_OBJECTNAME_LENGTH];
	char *visible;
	bool good;

	if (!args->given[OPT_NAME])
		return true;
	visible = text_visible(name);
	good = text_to_wide(name, room, NTMS_OBJECTNAME_LENGTH) && !strcmp(visible, name);
	free(visible);
	if (!good)
		fail_usage(
			rsm,
			"a name has at most %d characters, is UTF-8, and has no control characters",
			NTMS_OBJECTNAME_LENGTH - 1);
	return good;
}

/* The pool and, if given, the LMID and the side meant. */
static DWORD find_all(struct rsm *rsm, const struct args *args, NTMS_GUID *pool, NTMS_GUID *lmid,
		      NTMS_GUID *side)
{
	DWORD code = find_object(rsm, args->operand[0], NTMS_MEDIA_POOL, pool);

	if (!code && args->given[OPT_NEXT])
		code = find_object(rsm, args->text[OPT_NEXT], NTMS_LOGICAL_MEDIA, lmid);
	if (!code && args->given[OPT_PARTITION])
		code = find_object(rsm, args->text[OPT_PARTITION], NTMS_PARTITION, side);
	return code;
}

static DWORD allocate(struct rsm *rsm, const struct args *args, NTMS_GUID *lmid)
{
	DWORD timeout = args->given[OPT_TIMEOUT] ? (DWORD)args->number[OPT_TIMEOUT] : INFINITE;
	NTMS_ALLOCATION_INFORMATION allocation = {.dwSize = sizeof(allocation)};
	NTMS_GUID pool, side;
	DWORD options = 0, code;

	code = find_all(rsm, args, &pool, lmid, &side);
	if (code)
		return code;
	if (args->given[OPT_NEW])
		options |= NTMS_ALLOCATE_NEW;
	if (args->given[OPT_NEXT])
		options |= NTMS_ALLOCATE_NEXT;
	if (args->given[OPT_ERRUNAVAIL])
		options |= NTMS_ALLOCATE_ERROR_IF_UNAVAILABLE;
	code = note(rsm, AllocateNtmsMedia(rsm->session, &pool,
					   args->given[OPT_PARTITION] ? &side : NULL, lmid, options,
					   timeout, &allocation));
	if (code || !args->given[OPT_NAME])
		return code;
	code = set_name(rsm, lmid, args->text[OPT_NAME]);
	if (code)
		DeallocateNtmsMedia(rsm->session, lmid, 0);
	return code;
}

int cmd_allocate(struct rsm *rsm, const struct args *args)
{
	NTMS_GUID lmid = NTMS_NULLGUID;
	struct json_object *result;
	DWORD code;

	if (args->given[OPT_NEW] && args->given[OPT_NEXT])
		return fail_usage(rsm, "--new and --next exclude each other");
	if (!check_name(rsm, args))
		return EXIT_USAGE;
	code = rsm_open(rsm, "rsm allocate");
	if (!code)
		code = allocate(rsm, args, &lmid);
	if (code)
		return fail(rsm, code);
	result = describe_lmid(rsm, &lmid);
	if (!result)
		return fail(rsm, rsm->code);
	print_result(rsm, result, "lmid",
		     text_format("allocated %s on cartridge %s in pool %s",
				 json_text(result, "lmid"), json_text(result, "cartridge"),
				 json_text(result, "pool")));
	/* Nobody learned of the LMID: nobody could ever give it back. */
	if (fflush(stdout))
		DeallocateNtmsMedia(rsm->session, &lmid, 0);
	return EXIT_DONE;
}

int cmd_deallocate(struct rsm *rsm, const struct args *args)
{
	struct json_object *result = NULL;
	NTMS_GUID lmid;
	DWORD code;

	code = rsm_open(rsm, "rsm deallocate");
	if (!code)
		code = find_object(rsm, args->operand[0], NTMS_LOGICAL_MEDIA, &lmid);
	if (!code) {
		result = describe_lmid(rsm, &lmid);
		if (!result)
			code = rsm->code;
	}
	if (!code)
		code = note(rsm, DeallocateNtmsMedia(rsm->session, &lmid, 0));
	if (code) {
		json_object_put(result);
		return fail(rsm, code);
	}
	print_result(rsm, result, "lmid",
		     text_format("deallocated %s; cartridge %s", json_text(result, "lmid"),
				 json_text(result, "cartridge")));
	return EXIT_DONE;
}

int cmd_label(struct rsm *rsm, const struct args *args)
{
	struct json_object *result;
	NTMS_GUID media, side;
	DWORD code;

	code = rsm_open(rsm, "rsm label");
	if (!code)
		code = find_object(rsm, args->operand[0], NTMS_LOGICAL_MEDIA, &media);
	if (!code)
		code = note(rsm, RsmRefreshLabel(rsm->session, &media));
	if (!code)
		code = side_of(rsm, &media, &side);
	if (code)
		return fail(rsm, code);
	result = describe(rsm, &side, NTMS_PARTITION);
	if (!result)
		return fail(rsm, rsm->code);
	if (json_text(result, "label_type")[0])
		print_result(rsm, result, "label_type",
			     text_format("cartridge %s has a label of type %s: %s",
					 json_text(result, "cartridge"),
					 json_text(result, "label_type"),
					 json_text(result, "label_info")));
	else
		print_result(rsm, result, "label_type",
			     text_format("cartridge %s has no label that is known",
					 json_text(result, "cartridge")));
	return EXIT_DONE;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cmd-media.c - allocate, deallocate, label
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "describe.h"
#include "places.h"
#include "text.h"

/* An LMID with what people want to know of it. NULL with the failure noted. */
static struct json_object *describe_lmid(struct rsm *rsm, const NTMS_GUID *lmid)
{
	struct json_object *result = describe(rsm, lmid, NTMS_LOGICAL_MEDIA);

	if (result)
		json_set_guid(result, "lmid", lmid);
	return result;
}

/* Change what is given of name and description. */
static DWORD set_text(struct rsm *rsm, NTMS_GUID *guid, DWORD type, const char *name,
		      const char *description)
{
	NTMS_OBJECTINFORMATIONW info;
	DWORD code = get_info(rsm, guid, type, &info);

	if (code)
		return code;
	if ((name && !text_to_wide(name, info.szName, NTMS_OBJECTNAME_LENGTH)) ||
	    (description &&
	     !text_to_wide(description, info.szDescription, NTMS_DESCRIPTION_LENGTH)))
		return note_text(rsm, ERROR_INVALID_NAME, "the text is too long or no UTF-8");
	return note(rsm, SetNtmsObjectInformationW(rsm->session, guid, &info));
}

static DWORD set_texts(struct rsm *rsm, const struct args *args, NTMS_GUID *lmid)
{
	NTMS_GUID side;
	DWORD code = ERROR_SUCCESS;

	if (args->given[OPT_NAME] || args->given[OPT_DESCRIPTION])
		code = set_text(rsm, lmid, NTMS_LOGICAL_MEDIA, args->text[OPT_NAME],
				args->text[OPT_DESCRIPTION]);
	if (code || (!args->given[OPT_SIDE_NAME] && !args->given[OPT_SIDE_DESCRIPTION]))
		return code;
	code = side_of(rsm, lmid, &side);
	if (!code)
		code = set_text(rsm, &side, NTMS_PARTITION, args->text[OPT_SIDE_NAME],
				args->text[OPT_SIDE_DESCRIPTION]);
	return code;
}

static bool check_text(struct rsm *rsm, const char *what, const char *text, size_t room)
{
	WCHAR *wide;
	char *visible;
	bool good;

	if (!text)
		return true;
	wide = need(calloc(room, sizeof(*wide)));
	visible = text_visible(text);
	good = text_to_wide(text, wide, room) && !strcmp(visible, text);
	free(visible);
	free(wide);
	if (!good)
		fail_usage(rsm,
			   "a %s has at most %zu characters, is UTF-8, and has no control "
			   "characters",
			   what, room - 1);
	return good;
}

/* Before anything is allocated for them. */
static bool check_texts(struct rsm *rsm, const struct args *args)
{
	return check_text(rsm, "name", args->text[OPT_NAME], NTMS_OBJECTNAME_LENGTH) &&
	       check_text(rsm, "name", args->text[OPT_SIDE_NAME], NTMS_OBJECTNAME_LENGTH) &&
	       check_text(rsm, "description", args->text[OPT_DESCRIPTION],
			  NTMS_DESCRIPTION_LENGTH) &&
	       check_text(rsm, "description", args->text[OPT_SIDE_DESCRIPTION],
			  NTMS_DESCRIPTION_LENGTH);
}

/* The pool and, if given, the LMID and the side meant. */
static DWORD find_all(struct rsm *rsm, const struct args *args, NTMS_GUID *pool, NTMS_GUID *lmid,
		      NTMS_GUID *side)
{
	DWORD code = pool_by_operand(rsm, args, pool);

	if (!code && args->given[OPT_NEXT])
		code = find_object(rsm, args->text[OPT_NEXT], NTMS_LOGICAL_MEDIA, lmid);
	if (!code && args->given[OPT_PARTITION])
		code = find_object(rsm, args->text[OPT_PARTITION], NTMS_PARTITION, side);
	return code;
}

static DWORD allocate(struct rsm *rsm, const struct args *args, NTMS_GUID *lmid)
{
	DWORD timeout = args_timeout(args);
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
	if (code)
		return code;
	code = set_texts(rsm, args, lmid);
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
	if (!check_texts(rsm, args))
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

static DWORD lmid_of_side(struct rsm *rsm, const char *text, NTMS_GUID *lmid)
{
	NTMS_OBJECTINFORMATIONW info;
	NTMS_GUID side;
	DWORD code = find_object(rsm, text, NTMS_PARTITION, &side);

	if (!code)
		code = get_info(rsm, &side, NTMS_PARTITION, &info);
	if (code)
		return code;
	*lmid = info.Info.Partition.LogicalMedia;
	if (guid_is_null(lmid))
		return note_text(rsm, ERROR_OBJECT_NOT_FOUND, "side %s is not allocated", text);
	return ERROR_SUCCESS;
}

int cmd_deallocate(struct rsm *rsm, const struct args *args)
{
	struct json_object *result = NULL;
	NTMS_GUID lmid;
	DWORD code;

	if (args->count + args->given[OPT_PARTITION] != 1)
		return fail_usage(rsm, "what? Either an LMID or --partition");
	code = rsm_open(rsm, "rsm deallocate");
	if (!code && args->count)
		code = find_object(rsm, args->operand[0], NTMS_LOGICAL_MEDIA, &lmid);
	else if (!code)
		code = lmid_of_side(rsm, args->text[OPT_PARTITION], &lmid);
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

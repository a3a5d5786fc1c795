/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cmd-pool.c - createpool, deletepool, movemedia
 */
#include <stdlib.h>
#include <string.h>
#include "describe.h"
#include "places.h"
#include "text.h"

/* The API separates levels by backslashes only; in a shell the other way is handier. */
static char *api_name(const char *name)
{
	char *copy = text_format("%s", name);

	for (char *at = copy; *at; at++)
		if (*at == '/')
			*at = '\\';
	return copy;
}

/* Make or open the pool; *@made tells which it was. */
static DWORD open_pool(struct rsm *rsm, const char *name, LPNTMS_GUID type, DWORD action,
		       NTMS_GUID *pool, bool *made)
{
	DWORD code;

	*made = false;
	if (action != NTMS_OPEN_EXISTING) {
		code = note(rsm, CreateNtmsMediaPoolA(rsm->session, name, type, NTMS_CREATE_NEW,
						      NULL, pool));
		*made = !code;
		if (code != ERROR_ALREADY_EXISTS || action == NTMS_CREATE_NEW)
			return code;
	}
	return note(rsm,
		    CreateNtmsMediaPoolA(rsm->session, name, type, NTMS_OPEN_EXISTING, NULL, pool));
}

static DWORD set_policies(struct rsm *rsm, const NTMS_GUID *pool, const struct args *args)
{
	NTMS_OBJECTINFORMATIONW info;
	NTMS_GUID copy = *pool;
	DWORD code;

	if (!args->given[OPT_DRAW] && !args->given[OPT_RETURN] && !args->given[OPT_MAX_ALLOCATES])
		return ERROR_SUCCESS;
	code = get_info(rsm, pool, NTMS_MEDIA_POOL, &info);
	if (code)
		return code;
	if (args->given[OPT_DRAW])
		info.Info.MediaPool.AllocationPolicy |= NTMS_ALLOCATE_FROMSCRATCH;
	if (args->given[OPT_RETURN])
		info.Info.MediaPool.DeallocationPolicy |= NTMS_DEALLOCATE_TOSCRATCH;
	if (args->given[OPT_MAX_ALLOCATES])
		info.Info.MediaPool.dwMaxAllocates = (DWORD)args->number[OPT_MAX_ALLOCATES];
	return note(rsm, SetNtmsObjectInformationW(rsm->session, &copy, &info));
}

int cmd_createpool(struct rsm *rsm, const struct args *args)
{
	DWORD action = args->given[OPT_OPEN] ? (DWORD)args->number[OPT_OPEN] : NTMS_CREATE_NEW;
	NTMS_GUID pool = NTMS_NULLGUID, type;
	struct json_object *result;
	bool made = false;
	char *name;
	DWORD code;

	code = rsm_open(rsm, "rsm createpool");
	if (!code)
		code = pool_switch_check(rsm, args);
	if (!code && args->given[OPT_TYPE])
		code = find_object(rsm, args->text[OPT_TYPE], NTMS_MEDIA_TYPE, &type);
	name = api_name(args->operand[0]);
	if (!code)
		code = open_pool(rsm, name, args->given[OPT_TYPE] ? &type : NULL, action, &pool,
				 &made);
	free(name);
	if (code)
		return fail(rsm, code);
	code = set_policies(rsm, &pool, args);
	if (code) {
		/* All or nothing: a pool with other rules than asked for is not what was meant. */
		if (made)
			DeleteNtmsMediaPool(rsm->session, &pool);
		return fail(rsm, code);
	}
	result = describe(rsm, &pool, NTMS_MEDIA_POOL);
	if (!result)
		return fail(rsm, rsm->code);
	json_set_flag(result, "made", made);
	print_result(rsm, result, "id",
		     text_format("pool %s %s (%s)", json_text(result, "path"),
				 made ? "is made" : "exists", json_text(result, "id")));
	return EXIT_DONE;
}

int cmd_deletepool(struct rsm *rsm, const struct args *args)
{
	struct json_object *result = NULL;
	NTMS_GUID pool;
	DWORD code;

	code = rsm_open(rsm, "rsm deletepool");
	if (!code)
		code = pool_by_operand(rsm, args, &pool);
	if (!code) {
		result = describe(rsm, &pool, NTMS_MEDIA_POOL);
		if (!result)
			code = rsm->code;
	}
	if (!code)
		code = note(rsm, DeleteNtmsMediaPool(rsm->session, &pool));
	if (code) {
		json_object_put(result);
		return fail(rsm, code);
	}
	print_result(rsm, result, "id",
		     text_format("pool %s is deleted", json_text(result, "path")));
	return EXIT_DONE;
}

int cmd_movemedia(struct rsm *rsm, const struct args *args)
{
	DWORD timeout = args_timeout(args);
	struct json_object *result;
	NTMS_GUID media, pool;
	DWORD code;

	code = rsm_open(rsm, "rsm movemedia");
	if (!code)
		code = find_object(rsm, args->operand[0], NTMS_PHYSICAL_MEDIA, &media);
	if (!code)
		code = find_object(rsm, args->operand[1], NTMS_MEDIA_POOL, &pool);
	if (!code)
		code = note(rsm, MoveToNtmsMediaPool(rsm->session, &media, &pool));
	/* Into the Free pool: the free label is part of it. */
	if (!code)
		code = note(rsm, RsmWaitForMedia(rsm->session, &media, timeout));
	if (code)
		return fail(rsm, code);
	result = describe(rsm, &media, NTMS_PHYSICAL_MEDIA);
	if (!result)
		return fail(rsm, rsm->code);
	print_result(rsm, result, "id",
		     text_format("%s is in pool %s", name_of(rsm, &media, NTMS_PHYSICAL_MEDIA),
				 json_text(result, "pool")));
	return EXIT_DONE;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cmd-dismount.c - rsm dismount: by LMID, or whatever is in a drive
 */
#include <stdlib.h>
#include <string.h>
#include "describe.h"
#include "mounting.h"
#include "text.h"

static struct json_object *describe_all(struct rsm *rsm, const struct mounting *mounting,
					bool deferred)
{
	struct json_object *list = json_list();

	for (size_t i = 0; i < mounting->count; i++) {
		struct json_object *row = json_record();
		NTMS_GUID cartridge;

		json_set_guid(row, "lmid", &mounting->media[i]);
		if (!cartridge_of(rsm, &mounting->media[i], &cartridge))
			json_set(row, "cartridge", describe(rsm, &cartridge, NTMS_PHYSICAL_MEDIA));
		json_set_flag(row, "deferred", deferred);
		json_append(list, row);
	}
	return list;
}

static void print_dismounted(struct rsm *rsm, struct json_object *list, bool deferred)
{
	if (rsm->json || rsm->brief) {
		print_rows(rsm, list, NULL, "lmid", "");
		return;
	}
	for (size_t i = 0; !rsm->quiet && i < json_object_array_length(list); i++) {
		struct json_object *row = json_object_array_get_idx(list, i);
		char *line = text_format("%s is dismounted%s %s", json_text(row, "/cartridge/name"),
					 deferred ? " and stays in" : "; it is in",
					 json_text(row, "/cartridge/location"));

		print_text(line);
		free(line);
	}
	json_object_put(list);
}

static int dismount_media(struct rsm *rsm, const struct args *args, DWORD timeout)
{
	bool deferred = args->given[OPT_DEFERRED];
	struct mounting mounting = {.count = 0};
	DWORD code = mounting_find(rsm, args, &mounting);
	int status = EXIT_DONE;

	if (!code)
		code = mounting_dismount(
			rsm, &mounting, deferred ? NTMS_DISMOUNT_DEFERRED : NTMS_DISMOUNT_IMMEDIATE,
			timeout);
	if (code)
		status = fail(rsm, code);
	else
		print_dismounted(rsm, describe_all(rsm, &mounting, deferred), deferred);
	mounting_free(&mounting);
	return status;
}

static int dismount_drive(struct rsm *rsm, const struct args *args, DWORD timeout)
{
	struct json_object *result;
	NTMS_GUID drive;
	DWORD code;

	code = find_object(rsm, args->drive[0], NTMS_DRIVE, &drive);
	if (!code)
		code = mounting_ended(rsm, RsmDismountDrive(rsm->session, &drive, timeout));
	if (code)
		return fail(rsm, code);
	result = describe(rsm, &drive, NTMS_DRIVE);
	if (!result)
		return fail(rsm, rsm->code);
	print_result(
		rsm, result, "id",
		text_format("%s is %s", json_text(result, "name"), json_text(result, "state")));
	return EXIT_DONE;
}

int cmd_dismount(struct rsm *rsm, const struct args *args)
{
	DWORD timeout = args_timeout(args);
	DWORD code;

	if ((args->count > 0) + (args->drives > 0) + args->given[OPT_PARTITION] > 1)
		return fail_usage(rsm, "an LMID, --partition and --drive exclude each other");
	if (!args->count && !args->given[OPT_PARTITION] && args->drives != 1)
		return fail_usage(rsm, "what? An LMID, --partition, or --drive once");
	if (args->drives && args->given[OPT_DEFERRED])
		return fail_usage(rsm, "--drive is never deferred");
	code = rsm_open(rsm, "rsm dismount");
	if (code)
		return fail(rsm, code);
	return args->drives ? dismount_drive(rsm, args, timeout)
			    : dismount_media(rsm, args, timeout);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cmd-dismount.c - rsm dismount: by LMID, or whatever is in a drive
 */
#include <stdlib.h>
#include <string.h>
#include "describe.h"
#include "mounting.h"
#include "text.h"

/* The drive a medium is in, and its state. */
static DWORD drive_of(struct rsm *rsm, const NTMS_GUID *media, NTMS_GUID *drive, DWORD *drive_state)
{
	NTMS_OBJECTINFORMATIONW info;
	NTMS_GUID cartridge;
	DWORD code = cartridge_of(rsm, media, &cartridge);

	*drive_state = NTMS_DRIVESTATE_DISMOUNTED;
	if (!code)
		code = get_info(rsm, &cartridge, NTMS_PHYSICAL_MEDIA, &info);
	if (code || info.Info.PhysicalMedia.LocationType != NTMS_DRIVE)
		return code;
	*drive = info.Info.PhysicalMedia.Location;
	code = get_info(rsm, drive, NTMS_DRIVE, &info);
	if (!code)
		*drive_state = info.Info.Drive.State;
	return code;
}

/* Record the labels of what is in use; what was released before has had its turn. */
static DWORD label_media(struct rsm *rsm, struct mounting *mounting)
{
	DWORD code = ERROR_SUCCESS, state;

	for (size_t i = 0; !code && i < mounting->count; i++) {
		code = drive_of(rsm, &mounting->media[i], &mounting->drives[i], &state);
		mounting->labelled[i] = state != NTMS_DRIVESTATE_LOADED;
	}
	if (code)
		return code;
	code = mounting_labels(rsm, mounting);
	/* Still open, or no longer mounted: the dismount knows best what to say of it. */
	return code == ERROR_INVALID_STATE ? ERROR_SUCCESS : code;
}

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
		code = label_media(rsm, &mounting);
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

/* The LMID of the side in the drive, or the side itself when it is not allocated. */
static DWORD medium_in_drive(struct rsm *rsm, const NTMS_GUID *drive, NTMS_GUID *medium,
			     bool *in_use)
{
	NTMS_OBJECTINFORMATIONW info;
	DWORD code = get_info(rsm, drive, NTMS_DRIVE, &info);

	memset(medium, 0, sizeof(*medium));
	*in_use = !code && info.Info.Drive.State == NTMS_DRIVESTATE_LOADED;
	if (code || guid_is_null(&info.Info.Drive.SavedPartitionId))
		return code;
	*medium = info.Info.Drive.SavedPartitionId;
	code = get_info(rsm, medium, NTMS_PARTITION, &info);
	if (!code && !guid_is_null(&info.Info.Partition.LogicalMedia))
		*medium = info.Info.Partition.LogicalMedia;
	return code;
}

static int dismount_drive(struct rsm *rsm, const struct args *args, DWORD timeout)
{
	struct json_object *result;
	NTMS_GUID drive, medium;
	bool in_use;
	DWORD code;

	code = find_object(rsm, args->drive[0], NTMS_DRIVE, &drive);
	if (!code)
		code = medium_in_drive(rsm, &drive, &medium, &in_use);
	if (!code && in_use && !guid_is_null(&medium)) {
		code = note(rsm, RsmRefreshLabel(rsm->session, &medium));
		if (code && code != ERROR_INVALID_STATE)
			warn(rsm, "the label was not recorded: %s", rsm->message);
		code = ERROR_SUCCESS;
	}
	if (!code)
		code = note(rsm, DismountNtmsDrive(rsm->session, &drive));
	if (!code && !guid_is_null(&medium))
		code = note(rsm, RsmWaitForMedia(rsm->session, &medium, timeout));
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

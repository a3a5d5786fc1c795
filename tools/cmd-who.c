/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cmd-who.c - rsm who: which process holds which drive and medium, since when
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "holders.h"
#include "text.h"

static DWORD ask_holders(struct rsm *rsm, RSM_HOLDER **list, DWORD *count)
{
	DWORD room = 16, code;

	*list = NULL;
	do {
		free(*list);
		*list = need(calloc(room, sizeof(**list)));
		*count = room;
		code = RsmListHolders(rsm->session, *list, count);
		room = *count > room ? *count + 4 : room * 2;
	} while (code == ERROR_INSUFFICIENT_BUFFER);
	return note(rsm, code);
}

/* The LMID of the side that is in use, if the cartridge has one. */
static void set_lmid(struct rsm *rsm, struct json_object *row, const NTMS_GUID *cartridge)
{
	NTMS_OBJECTINFORMATIONW info;

	json_set_text(row, "lmid", NULL);
	if (guid_is_null(cartridge) || get_info(rsm, cartridge, NTMS_PHYSICAL_MEDIA, &info))
		return;
	if (guid_is_null(&info.Info.PhysicalMedia.MountedPartition) ||
	    get_info(rsm, &info.Info.PhysicalMedia.MountedPartition, NTMS_PARTITION, &info))
		return;
	json_set_guid(row, "lmid", &info.Info.Partition.LogicalMedia);
}

static struct json_object *describe_holder(struct rsm *rsm, const RSM_HOLDER *holder)
{
	struct json_object *row = json_record();
	char *user = user_name(holder->UserId);

	json_set_text(row, "state", word_of(holder_states, holder->State));
	json_set_number(row, "pid", holder->ProcessId);
	JSON_SET_RAW(row, "command", holder->szCommand);
	json_set_number(row, "uid", holder->UserId);
	json_set_text(row, "user", user);
	json_set_unix_ms(row, "since", holder->Since);
	json_set_number(row, "since_unix_ms", holder->Since);
	json_set_number(row, "generation", holder->Generation);
	json_set_text(row, "drive",
		      guid_is_null(&holder->DriveId) ? NULL
						     : name_of(rsm, &holder->DriveId, NTMS_DRIVE));
	json_set_guid(row, "drive_id", &holder->DriveId);
	JSON_SET_RAW(row, "device", holder->szDeviceName);
	json_set_text(row, "cartridge",
		      guid_is_null(&holder->MediaId)
			      ? NULL
			      : name_of(rsm, &holder->MediaId, NTMS_PHYSICAL_MEDIA));
	json_set_guid(row, "cartridge_id", &holder->MediaId);
	set_lmid(rsm, row, &holder->MediaId);
	free(user);
	return row;
}

DWORD holders_list(struct rsm *rsm, struct json_object **list)
{
	RSM_HOLDER *holders;
	DWORD count, code;

	*list = json_list();
	code = ask_holders(rsm, &holders, &count);
	for (DWORD i = 0; !code && i < count; i++)
		json_append(*list, describe_holder(rsm, &holders[i]));
	free(holders);
	if (code) {
		json_object_put(*list);
		*list = NULL;
	}
	return code;
}

/* The hour today, else the day as well. */
static void since_text(int64_t milliseconds, char *text, size_t size)
{
	time_t then = (time_t)(milliseconds / 1000), now = time(NULL);
	struct tm parts, today;

	text[0] = '\0';
	if (!localtime_r(&then, &parts) || !localtime_r(&now, &today))
		return;
	if (parts.tm_year == today.tm_year && parts.tm_yday == today.tm_yday)
		strftime(text, size, "%H:%M", &parts);
	else
		strftime(text, size, "%Y-%m-%d %H:%M", &parts);
}

char *holder_text(const struct json_object *holder)
{
	char since[64];

	since_text(json_object_get_int64(json_at(holder, "since_unix_ms")), since, sizeof(since));
	return text_format("%s%s (%s) since %s",
			   strcmp(json_text(holder, "state"), "orphaned") ? "" : "orphan of ",
			   json_text(holder, "command"), json_text(holder, "pid"), since);
}

/* ---- who was refused ---- */

static DWORD ask_conflicts(struct rsm *rsm, RSM_CONFLICT **list, DWORD *count)
{
	DWORD room = 16, code;

	*list = NULL;
	do {
		free(*list);
		*list = need(calloc(room, sizeof(**list)));
		*count = room;
		code = RsmListConflicts(rsm->session, *list, count);
		room = *count > room ? *count + 4 : room * 2;
	} while (code == ERROR_INSUFFICIENT_BUFFER);
	return note(rsm, code);
}

static struct json_object *describe_conflict(const RSM_CONFLICT *conflict)
{
	struct json_object *row = json_record();
	char *user = user_name(conflict->UserId);

	json_set_unix_ms(row, "time", conflict->Time);
	json_set_number(row, "time_unix_ms", conflict->Time);
	JSON_SET_RAW(row, "device", conflict->szDeviceName);
	json_set_guid(row, "device_id", &conflict->DeviceId);
	json_set_number(row, "pid", conflict->ProcessId);
	JSON_SET_RAW(row, "command", conflict->szCommand);
	json_set_number(row, "uid", conflict->UserId);
	json_set_text(row, "user", user);
	if (conflict->HolderProcessId) {
		json_set_number(row, "holder_pid", conflict->HolderProcessId);
		JSON_SET_RAW(row, "holder_command", conflict->szHolderCommand);
	} else {
		json_set_text(row, "holder_pid", NULL);
		json_set_text(row, "holder_command", NULL);
	}
	free(user);
	return row;
}

static int who_was_refused(struct rsm *rsm)
{
	static const struct column columns[] = {
		{"time_local", "TIME", false},
		{"device", "DEVICE", false},
		{"pid", "PID", true},
		{"command", "COMMAND", false},
		{"user", "USER", false},
		{"holder_pid", "HELD BY", true},
		{"holder_command", "COMMAND", false},
		{NULL, NULL, false},
	};
	struct json_object *list = json_list();
	RSM_CONFLICT *conflicts;
	DWORD count, code;
	char time_text[64];

	code = ask_conflicts(rsm, &conflicts, &count);
	for (DWORD i = 0; !code && i < count; i++) {
		struct json_object *row = describe_conflict(&conflicts[i]);

		since_text((int64_t)conflicts[i].Time, time_text, sizeof(time_text));
		if (!rsm->json)
			json_set_text(row, "time_local", time_text);
		json_append(list, row);
	}
	free(conflicts);
	if (code) {
		json_object_put(list);
		return fail(rsm, code);
	}
	print_rows(rsm, list, columns, "pid", "nobody was refused a device lately");
	return EXIT_DONE;
}

int cmd_who(struct rsm *rsm, const struct args *args)
{
	static const struct column columns[] = {
		{"pid", "PID", true},	     {"command", "COMMAND", false},
		{"user", "USER", false},     {"since_local", "SINCE", false},
		{"state", "STATE", false},   {"drive", "DRIVE", false},
		{"device", "DEVICE", false}, {"cartridge", "CARTRIDGE", false},
		{"lmid", "LMID", false},     {NULL, NULL, false},
	};
	struct json_object *list;
	DWORD code;

	code = rsm_open(rsm, "rsm who");
	if (!code && args->given[OPT_CONFLICTS])
		return who_was_refused(rsm);
	if (!code)
		code = holders_list(rsm, &list);
	if (code)
		return fail(rsm, code);
	for (size_t i = 0; !rsm->json && i < json_object_array_length(list); i++) {
		struct json_object *row = json_object_array_get_idx(list, i);
		char since[64];

		since_text(json_object_get_int64(json_at(row, "since_unix_ms")), since,
			   sizeof(since));
		json_set_text(row, "since_local", since);
	}
	print_rows(rsm, list, columns, "pid", "no drive is held");
	return EXIT_DONE;
}

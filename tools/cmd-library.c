/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cmd-library.c - manage, unmanage, devices
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "describe.h"
#include "text.h"

static DWORD ask_devices(struct rsm *rsm, RSM_DEVICE **list, DWORD *count)
{
	DWORD room = 32, code;

	*list = NULL;
	do {
		free(*list);
		*list = need(calloc(room, sizeof(**list)));
		*count = room;
		code = RsmListDevices(rsm->session, *list, count);
		room = *count > room ? *count + 8 : room * 2;
	} while (code == ERROR_INSUFFICIENT_BUFFER);
	if (code)
		*count = 0;
	return note(rsm, code);
}

/* Host, channel, target and unit, as lsscsi writes them. */
static struct json_object *describe_device(struct rsm *rsm, const RSM_DEVICE *device)
{
	struct json_object *row = json_record();
	char *address = text_format("%u:%u:%u:%u", device->ScsiHost, device->ScsiChannel,
				    device->ScsiTarget, device->ScsiLun);

	json_set_text(row, "type", device->IsChanger ? "changer" : "drive");
	JSON_SET_RAW(row, "device", device->szDeviceName);
	JSON_SET_RAW(row, "serial", device->szSerialNumber);
	JSON_SET_RAW(row, "vendor", device->szVendor);
	JSON_SET_RAW(row, "product", device->szProduct);
	JSON_SET_RAW(row, "revision", device->szRevision);
	json_set_text(row, "scsi_address", address);
	json_set_flag(row, "managed", device->Managed);
	json_set_text(row, "library",
		      device->Managed ? name_of(rsm, &device->Library, NTMS_LIBRARY) : NULL);
	json_set_guid(row, "library_id", &device->Library);
	if (device->IsChanger) {
		json_set_number(row, "slots", device->NumberOfElements[2]);
		json_set_number(row, "ports", device->NumberOfElements[3]);
		json_set_number(row, "drives", device->NumberOfElements[4]);
	}
	free(address);
	return row;
}

int cmd_devices(struct rsm *rsm, const struct args *args)
{
	static const struct column columns[] = {
		{"type", "TYPE", false},       {"device", "DEVICE", false},
		{"serial", "SERIAL", false},   {"vendor", "VENDOR", false},
		{"product", "PRODUCT", false}, {"scsi_address", "ADDRESS", false},
		{"drives", "DRIVES", true},    {"slots", "SLOTS", true},
		{"ports", "PORTS", true},      {"library", "LIBRARY", false},
		{NULL, NULL, false},
	};
	struct json_object *rows;
	RSM_DEVICE *list = NULL;
	DWORD count = 0, code;

	(void)args;
	code = rsm_open(rsm, "rsm devices");
	if (!code)
		code = ask_devices(rsm, &list, &count);
	if (code) {
		free(list);
		return fail(rsm, code);
	}
	rows = json_list();
	for (DWORD i = 0; i < count; i++)
		json_append(rows, describe_device(rsm, &list[i]));
	free(list);
	print_rows(rsm, rows, columns, "serial", "there is no changer and no tape drive");
	return EXIT_DONE;
}

/* What a newly managed library consists of, for the record and the sentence. */
static DWORD add_library(struct rsm *rsm, const char *name, struct json_object *list)
{
	struct json_object *library;
	NTMS_GUID guid;
	DWORD code;

	code = note(rsm, RsmManageLibrary(rsm->session, name, &guid));
	if (code)
		return code;
	library = describe(rsm, &guid, NTMS_LIBRARY);
	if (!library)
		return rsm->code;
	json_append(list, library);
	return ERROR_SUCCESS;
}

/* All changers, or all drives that are in no library. One that fails does not keep the others from
 * being managed; each is told at once. */
static int add_kind(struct rsm *rsm, bool changers, struct json_object *list)
{
	RSM_DEVICE *devices = NULL;
	int status = EXIT_DONE;
	DWORD count, code = ask_devices(rsm, &devices, &count);

	if (code)
		return fail(rsm, code);
	for (DWORD i = 0; i < count; i++) {
		/* Nobody could say of a drive without a serial number where it is. */
		if (!!devices[i].IsChanger != changers ||
		    (!changers && !devices[i].szSerialNumber[0]))
			continue;
		code = add_library(rsm,
				   devices[i].szSerialNumber[0] ? devices[i].szSerialNumber
								: devices[i].szDeviceName,
				   list);
		/* A drive of a library that is not managed does not stand alone. */
		if (code && (changers || code != ERROR_OBJECT_NOT_FOUND))
			status = fail(rsm, code);
	}
	free(devices);
	return status;
}

/* Every changer there is, and every drive that stands alone. */
static int add_all(struct rsm *rsm, struct json_object *list)
{
	int status = add_kind(rsm, true, list), alone = add_kind(rsm, false, list);

	if (status == EXIT_DONE)
		status = alone;
	if (status == EXIT_DONE && json_object_array_length(list) == 0)
		status =
			fail(rsm, note_text(rsm, ERROR_OBJECT_NOT_FOUND,
					    "there is no changer, and no drive that stands alone"));
	return status;
}

/* "2 drives, 10 slots, 1 port, 5 cartridges", of a record. */
static char *contents_text(const struct json_object *record)
{
	static const char *const things[][2] = {
		{"drives", "drive"},
		{"slots", "slot"},
		{"ports", "port"},
		{"media", "cartridge"},
	};
	char *text = text_format("%s", "");

	for (size_t i = 0; i < sizeof(things) / sizeof(things[0]); i++) {
		struct json_object *count = json_at(record, things[i][0]);
		char *part, *longer;

		if (!count)
			continue;
		part = text_count(json_object_get_uint64(count), things[i][1]);
		longer = text_format("%s%s%s", text, text[0] ? ", " : "", part);
		free(part);
		free(text);
		text = longer;
	}
	return text;
}

static void print_managed(struct rsm *rsm, struct json_object *list)
{
	if (rsm->json || rsm->brief) {
		print_rows(rsm, list, NULL, "id", "");
		return;
	}
	for (size_t i = 0; !rsm->quiet && i < json_object_array_length(list); i++) {
		struct json_object *library = json_object_array_get_idx(list, i);
		char *contents = contents_text(library);
		char *line = text_format("%s is managed: %s (%s)", json_text(library, "name"),
					 contents, json_text(library, "id"));

		print_text(line);
		free(line);
		free(contents);
	}
	json_object_put(list);
}

int cmd_manage(struct rsm *rsm, const struct args *args)
{
	struct json_object *list;
	DWORD code = rsm_open(rsm, "rsm manage");
	int status;

	if (code)
		return fail(rsm, code);
	list = json_list();
	if (!strcmp(args->operand[0], "all"))
		status = add_all(rsm, list);
	else
		status = fail(rsm, add_library(rsm, args->operand[0], list));
	/* What was done before a failure is told, too. */
	if (status == EXIT_DONE || json_object_array_length(list))
		print_managed(rsm, list);
	else
		json_object_put(list);
	return status;
}

int cmd_unmanage(struct rsm *rsm, const struct args *args)
{
	struct json_object *library = NULL;
	NTMS_GUID guid;
	DWORD code;

	code = rsm_open(rsm, "rsm unmanage");
	if (!code)
		code = find_object(rsm, args->operand[0], NTMS_LIBRARY, &guid);
	if (!code) {
		library = describe(rsm, &guid, NTMS_LIBRARY);
		if (!library)
			code = rsm->code;
	}
	if (!code)
		code = note(rsm, RsmUnmanageLibrary(rsm->session, &guid));
	if (code) {
		json_object_put(library);
		return fail(rsm, code);
	}
	print_result(rsm, library, "id",
		     text_format("%s is given back; its cartridges are offline",
				 json_text(library, "name")));
	return EXIT_DONE;
}

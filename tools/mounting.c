/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>
#include "cancel.h"
#include "mounting.h"
#include "names.h"
#include "openers.h"
#include "text.h"

/* A robot that takes longer than this will not come any more. */
#define DISMOUNT_LIMIT_MS 3600000u

void mounting_allocate(struct mounting *mounting, size_t count)
{
	mounting->count = count;
	mounting->media = need(calloc(count, sizeof(*mounting->media)));
	mounting->drives = need(calloc(count, sizeof(*mounting->drives)));
	mounting->device = need(calloc(count, sizeof(*mounting->device)));
}

void mounting_free(struct mounting *mounting)
{
	for (size_t i = 0; i < mounting->count; i++)
		free(mounting->device[i]);
	free(mounting->device);
	free(mounting->drives);
	free(mounting->media);
	memset(mounting, 0, sizeof(*mounting));
}

/* ---- mount ---- */

static DWORD find_devices(struct rsm *rsm, struct mounting *mounting)
{
	NTMS_OBJECTINFORMATIONW info;
	DWORD code = ERROR_SUCCESS;

	for (size_t i = 0; !code && i < mounting->count; i++) {
		code = get_info(rsm, &mounting->drives[i], NTMS_DRIVE, &info);
		if (!code)
			mounting->device[i] = text_from_wide(info.Info.Drive.szDeviceName,
							     NTMS_DEVICENAME_LENGTH);
	}
	return code;
}

DWORD mounting_mount(struct rsm *rsm, struct mounting *mounting, const int *cancel,
		     size_t cancel_count, int *cancelled)
{
	struct canceller canceller;
	DWORD code;

	*cancelled = -1;
	code = canceller_start(rsm, &canceller, cancel, cancel_count);
	if (code)
		return code;
	code = note(rsm, MountNtmsMedia(rsm->session, mounting->media, mounting->drives,
					(DWORD)mounting->count, mounting->options,
					mounting->priority, mounting->timeout, NULL));
	*cancelled = canceller_stop(&canceller);
	if (*cancelled >= 0) {
		/* The session is closed, and with it whatever was mounted in the last moment. */
		rsm->session = INVALID_HANDLE_VALUE;
		return note_text(rsm, ERROR_CANCELLED, "the mount was cancelled");
	}
	return code ? code : find_devices(rsm, mounting);
}

struct json_object *mounting_describe(struct rsm *rsm, const struct mounting *mounting)
{
	struct json_object *list = json_list();

	for (size_t i = 0; i < mounting->count; i++) {
		struct json_object *row = json_record();
		NTMS_GUID cartridge;

		json_set_guid(row, "lmid", &mounting->media[i]);
		if (!cartridge_of(rsm, &mounting->media[i], &cartridge)) {
			json_set_text(row, "cartridge",
				      name_of(rsm, &cartridge, NTMS_PHYSICAL_MEDIA));
			json_set_guid(row, "cartridge_id", &cartridge);
		}
		json_set_text(row, "drive", name_of(rsm, &mounting->drives[i], NTMS_DRIVE));
		json_set_guid(row, "drive_id", &mounting->drives[i]);
		json_set_text(row, "device", mounting->device[i]);
		json_append(list, row);
	}
	return list;
}

/* ---- dismount ---- */

DWORD mounting_ended(struct rsm *rsm, DWORD code)
{
	if (note(rsm, code) != ERROR_UNABLE_TO_INVENTORY_DRIVE)
		return code;
	warn(rsm, "%s", rsm->message);
	return ERROR_SUCCESS;
}

DWORD mounting_dismount(struct rsm *rsm, struct mounting *mounting, DWORD option, DWORD timeout)
{
	return mounting_ended(rsm, RsmDismountMedia(rsm->session, mounting->media,
						    (DWORD)mounting->count, option, timeout));
}

DWORD mounting_release(struct rsm *rsm, struct mounting *mounting, DWORD option, int stop,
		       DWORD limit_ms, void (*waiting)(struct rsm *rsm))
{
	struct openers openers;
	DWORD code, waited;

	openers_start(&openers, mounting->device, mounting->count, stop, limit_ms);
	for (;;) {
		openers_look(&openers);
		code = mounting_dismount(rsm, mounting, option, DISMOUNT_LIMIT_MS);
		/* The one or the other: a device is still open. */
		if ((code != ERROR_INVALID_STATE && code != ERROR_BUSY) || !openers_again(&openers))
			break;
		if (waiting)
			waiting(rsm);
		waiting = NULL;
		waited = RsmWaitForMountsEnd(rsm->session, openers.fd);
		/* Somebody else has dismounted them: that is what was wanted. */
		if (waited == ERROR_SUCCESS) {
			code = ERROR_SUCCESS;
			break;
		}
		if (waited != ERROR_CANCELLED) {
			code = note(rsm, waited);
			break;
		}
	}
	openers_stop(&openers);
	return code;
}

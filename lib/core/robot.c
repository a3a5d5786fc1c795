/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * robot.c - moves that survive any crash: durable intent, robot, durable confirmation
 *
 * While an intent is open nobody knows where the cartridge is but the library.
 * So whoever finds one asks it, and lets the records follow.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base/guid.h"
#include "base/say.h"
#include "core/media.h"
#include "core/run.h"

static DWORD set_intent(struct turn *turn, struct object *request, const NTMS_GUID *media,
			const NTMS_GUID *from, const NTMS_GUID *to)
{
	struct object current, cartridge;
	struct txn *txn;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = store_get(txn, &request->guid, NTMS_LIBREQUEST, &current);
	if (!code)
		code = store_get(txn, media, NTMS_PHYSICAL_MEDIA, &cartridge);
	if (!code) {
		current.librequest.move = OBJ_MOVE_INTENDED;
		current.librequest.move_media = *media;
		current.librequest.move_from = *from;
		current.librequest.move_to = *to;
		cartridge.media.state = NTMS_MEDIASTATE_INUSE;
		code = store_update(txn, &current);
	}
	if (!code)
		code = store_update(txn, &cartridge);
	if (code) {
		store_abort(txn);
		return code;
	}
	code = store_commit(txn);
	if (!code)
		*request = current;
	return code;
}

/* A place has been emptied or filled by the robot. */
static DWORD change_place(struct txn *txn, struct object *place, const NTMS_GUID *side)
{
	struct obj_device *device = &place->device;
	bool full = side != NULL;

	switch (place->type) {
	case NTMS_DRIVE:
		device->state = full ? NTMS_DRIVESTATE_MOUNTED : NTMS_DRIVESTATE_DISMOUNTED;
		memset(&device->side, 0, sizeof(device->side));
		memset(&device->mount_request, 0, sizeof(device->mount_request));
		device->generation = 0;
		if (full)
			device->side = *side;
		break;
	case NTMS_IEPORT:
		device->state = full ? NTMS_PORTCONTENT_FULL : NTMS_PORTCONTENT_EMPTY;
		break;
	default:
		device->state = full ? NTMS_SLOTSTATE_FULL : NTMS_SLOTSTATE_EMPTY;
		break;
	}
	return store_update(txn, place);
}

/* Which side faces the drive: the request's, when it is about this cartridge; else the first. */
static DWORD side_in_drive(struct txn *txn, const struct object *request, const NTMS_GUID *media,
			   NTMS_GUID *guid)
{
	struct object sides[2], side;
	size_t count;
	DWORD code;

	if (!guid_is_null(&request->librequest.side)) {
		code = store_get(txn, &request->librequest.side, NTMS_PARTITION, &side);
		if (!code && guid_equal(&side.side.media, media)) {
			*guid = side.guid;
			return ERROR_SUCCESS;
		}
		if (code && code != ERROR_OBJECT_NOT_FOUND)
			return code;
	}
	code = media_sides(txn, media, sides, &count);
	if (!code && count == 0)
		code = ntms_say(ERROR_DATABASE_FAILURE, "a cartridge has no side in the database");
	if (!code)
		*guid = sides[0].guid;
	return code;
}

/* Close the intent of @request; the cartridge is at @arrived ? move_to : move_from. */
static DWORD close_intent(struct turn *turn, struct object *request, bool arrived)
{
	struct object current, media, from, to;
	NTMS_GUID side = {0};
	struct txn *txn;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = store_get(txn, &request->guid, NTMS_LIBREQUEST, &current);
	if (!code)
		code = store_get(txn, &current.librequest.move_media, NTMS_PHYSICAL_MEDIA, &media);
	if (!code)
		code = store_get(txn, &current.librequest.move_from, NTMS_UNKNOWN, &from);
	if (!code)
		code = store_get(txn, &current.librequest.move_to, NTMS_UNKNOWN, &to);
	if (!code)
		code = side_in_drive(txn, &current, &media.guid, &side);
	if (code)
		goto fail;
	if (arrived) {
		bool in_drive = to.type == NTMS_DRIVE;

		media.media.state = in_drive ? NTMS_MEDIASTATE_MOUNTED : NTMS_MEDIASTATE_IDLE;
		memset(&media.media.mounted_side, 0, sizeof(side));
		if (in_drive)
			media.media.mounted_side = side;
		code = change_place(txn, &from, NULL);
		if (!code)
			code = change_place(txn, &to, &side);
		if (!code)
			code = media_place(txn, &media, &to, false);
	} else {
		media.media.state =
			from.type == NTMS_DRIVE ? NTMS_MEDIASTATE_MOUNTED : NTMS_MEDIASTATE_IDLE;
		code = store_update(txn, &media);
	}
	if (code)
		goto fail;
	current.librequest.move = OBJ_MOVE_NONE;
	code = store_update(txn, &current);
	if (code)
		goto fail;
	code = store_commit(txn);
	if (!code)
		*request = current;
	return code;
fail:
	store_abort(txn);
	return code;
}

static DWORD read_element(struct turn *turn, const struct object *place,
			  struct broker_element *element)
{
	enum broker_element_type type = place->type == NTMS_DRIVE    ? ELEMENT_DRIVE
					: place->type == NTMS_IEPORT ? ELEMENT_PORT
								     : ELEMENT_SLOT;
	struct broker_element *list = NULL;
	size_t count = 0;
	DWORD code = ERROR_SUCCESS;
	int error = broker_elements(turn->lease, type, (uint16_t)place->device.element, 1, &list,
				    &count);

	if (error)
		return broker_code(error);
	if (count < 1 || list[0].address != place->device.element)
		code = ntms_say(ERROR_DEVICE_NOT_AVAILABLE,
				"the library does not report element %u", place->device.element);
	else
		*element = list[0];
	free(list);
	return code;
}

static bool may_be(const struct broker_element *element, const struct object *media)
{
	if (!element->full)
		return false;
	return !element->barcode[0] || !media->media.barcode[0] ||
	       !strcmp(element->barcode, media->media.barcode);
}

DWORD robot_settle(struct turn *turn, struct object *request)
{
	struct broker_element at_from, at_to;
	struct object media, from, to;
	bool in_from, in_to;
	DWORD code;

	code = run_read(turn, &request->librequest.move_media, NTMS_PHYSICAL_MEDIA, &media);
	if (!code)
		code = run_read(turn, &request->librequest.move_from, NTMS_UNKNOWN, &from);
	if (!code)
		code = run_read(turn, &request->librequest.move_to, NTMS_UNKNOWN, &to);
	if (!code)
		code = read_element(turn, &from, &at_from);
	if (!code)
		code = read_element(turn, &to, &at_to);
	if (code)
		return code;
	in_from = may_be(&at_from, &media);
	in_to = may_be(&at_to, &media);
	/* Without bar codes both may be full: then the destination tells where its medium came
	 * from. */
	if (in_from && in_to)
		in_to = at_to.source_valid && at_to.source == from.device.element;
	if (in_to)
		return close_intent(turn, request, true);
	code = close_intent(turn, request, false);
	if (code || in_from)
		return code;
	/* Neither here nor there: look at the whole library, the records follow. */
	return inventory_reconcile(turn, false, false);
}

DWORD robot_move(struct turn *turn, struct object *request, const NTMS_GUID *media,
		 const NTMS_GUID *from, const NTMS_GUID *to)
{
	struct object cartridge, source, destination;
	char where[48], whither[48];
	char said[512];
	DWORD code, settled;
	int error;

	code = run_read(turn, media, NTMS_PHYSICAL_MEDIA, &cartridge);
	if (!code)
		code = run_read(turn, from, NTMS_UNKNOWN, &source);
	if (!code)
		code = run_read(turn, to, NTMS_UNKNOWN, &destination);
	if (code)
		return code;
	code = run_progress(turn, request, "moving %s from %s to %s", media_name(&cartridge),
			    place_name(&source, where), place_name(&destination, whither));
	if (!code)
		code = set_intent(turn, request, media, from, to);
	if (code)
		return code;
	error = broker_move(turn->lease, (uint16_t)source.device.element,
			    (uint16_t)destination.device.element, false, 0);
	if (!error)
		return close_intent(turn, request, true);
	code = broker_code(error);
	strncpy(said, ntms_said(), sizeof(said) - 1);
	said[sizeof(said) - 1] = '\0';
	settled = robot_settle(turn, request);
	if (settled)
		return settled;
	return ntms_say(code, "%s", said);
}

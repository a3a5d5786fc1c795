/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * inventory.c - the records of a library against what it says of its elements
 *
 * The library is right: places appear as it reports them, cartridges are where
 * it sees them. A cartridge is recognised by what is recorded for its place when
 * the bar code agrees, else by its bar code if that is unique, else it is new.
 */
#define _GNU_SOURCE /* tdestroy */
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/guid.h"
#include "base/say.h"
#include "core/media.h"
#include "core/run.h"

#define DEFER_DELAY_S  300
#define PORT_EXTEND_S  30
#define CLEANER_PREFIX "CLN"

/* One inventory under way. */
struct survey {
	struct turn *turn;
	struct txn *txn;
	struct object library;
	void *claimed; /* tree of NTMS_GUID: cartridges that have been found */
	bool identify;
	bool full;
};

static int compare_guids(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(NTMS_GUID));
}

static bool is_claimed(const struct survey *survey, const NTMS_GUID *media)
{
	return tfind(media, &survey->claimed, compare_guids) != NULL;
}

static DWORD claim(struct survey *survey, const NTMS_GUID *media)
{
	NTMS_GUID *copy;

	if (is_claimed(survey, media))
		return ERROR_SUCCESS;
	copy = malloc(sizeof(*copy));
	if (!copy)
		return ERROR_NOT_ENOUGH_MEMORY;
	*copy = *media;
	if (tsearch(copy, &survey->claimed, compare_guids))
		return ERROR_SUCCESS;
	free(copy);
	return ERROR_NOT_ENOUGH_MEMORY;
}

/* ---- places ---- */

static uint32_t place_type(enum broker_element_type type)
{
	return type == ELEMENT_DRIVE  ? NTMS_DRIVE
	       : type == ELEMENT_PORT ? NTMS_IEPORT
				      : NTMS_STORAGESLOT;
}

static DWORD drive_type_of(struct survey *survey, const char *serial, struct object *drive)
{
	struct broker_device *devices = NULL;
	struct object type = {.type = NTMS_DRIVE_TYPE, .enabled = TRUE};
	struct store_key key;
	size_t count = 0;
	DWORD code = ERROR_SUCCESS;
	bool found = false;

	if (!serial[0] || broker_devices(survey->turn->system->broker, &devices, &count))
		return ERROR_SUCCESS;
	for (size_t i = 0; i < count && !found; i++) {
		const struct broker_device *device = &devices[i];

		if (device->kind != BROKER_DRIVE || strcmp(device->serial, serial))
			continue;
		found = true;
		memcpy(drive->device.revision, device->revision, sizeof(device->revision));
		snprintf(type.name, sizeof(type.name), "%s %s", device->vendor, device->product);
		snprintf(type.device_type.vendor, sizeof(type.device_type.vendor), "%s",
			 device->vendor);
		snprintf(type.device_type.product, sizeof(type.device_type.product), "%s",
			 device->product);
		type.device_type.device_type = FILE_DEVICE_TAPE;
	}
	free(devices);
	if (!found)
		return ERROR_SUCCESS;
	key_start(&key);
	key_text(&key, type.name);
	code = store_find(survey->txn, IX_NAME, &key, &type.guid);
	if (code == ERROR_OBJECT_NOT_FOUND) {
		memset(&type.guid, 0, sizeof(type.guid));
		code = store_insert(survey->txn, &type);
	}
	drive->device.device_type = type.guid;
	return code;
}

static DWORD make_place(struct survey *survey, const struct broker_element *element,
			uint32_t number, struct object *place)
{
	uint32_t type = place_type(element->type);
	DWORD code = ERROR_SUCCESS;

	memset(place, 0, sizeof(*place));
	place->type = type;
	place->enabled = TRUE;
	place->opstate = NTMS_READY;
	place->device.library = survey->library.guid;
	place->device.number = number;
	place->device.element = element->address;
	switch (type) {
	case NTMS_DRIVE:
		snprintf(place->name, sizeof(place->name), "Drive %u", number);
		place->device.state = NTMS_DRIVESTATE_DISMOUNTED;
		place->device.defer_delay_s = DEFER_DELAY_S;
		place->opstate = NTMS_NOT_PRESENT; /* until its device is found */
		memcpy(place->device.serial, element->serial, sizeof(place->device.serial));
		code = drive_type_of(survey, element->serial, place);
		break;
	case NTMS_IEPORT:
		snprintf(place->name, sizeof(place->name), "Port %u", number);
		place->device.state = NTMS_PORTCONTENT_EMPTY;
		place->device.position = NTMS_PORTPOSITION_RETRACTED;
		place->device.limit_s = PORT_EXTEND_S;
		break;
	default:
		snprintf(place->name, sizeof(place->name), "Slot %u", number);
		place->device.state = NTMS_SLOTSTATE_EMPTY;
		break;
	}
	return code ? code : store_insert(survey->txn, place);
}

static DWORD find_place(struct survey *survey, const struct broker_element *element,
			uint32_t number, struct object *place)
{
	uint32_t type = place_type(element->type);
	struct store_key key;
	NTMS_GUID guid;
	DWORD code;

	key_start(&key);
	key_guid(&key, &survey->library.guid);
	key_u32(&key, type);
	key_u32(&key, element->address);
	code = store_find(survey->txn, IX_ELEMENT, &key, &guid);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return make_place(survey, element, number, place);
	if (code)
		return code;
	code = store_get(survey->txn, &guid, type, place);
	/* A drive exchanged for another one is another drive in the same place. */
	if (!code && type == NTMS_DRIVE && element->serial[0] &&
	    strcmp(place->device.serial, element->serial)) {
		memcpy(place->device.serial, element->serial, sizeof(place->device.serial));
		place->device.mount_count = 0;
		place->opstate = NTMS_NOT_PRESENT;
		code = drive_type_of(survey, element->serial, place);
		if (!code)
			code = store_update(survey->txn, place);
	}
	return code;
}

/* ---- which cartridge is it ---- */

static DWORD medium_at(struct survey *survey, const NTMS_GUID *place, struct object *media)
{
	struct store_key key;
	NTMS_GUID guid;
	DWORD code;

	key_start(&key);
	key_guid(&key, place);
	code = store_find(survey->txn, IX_PLACE, &key, &guid);
	return code ? code : store_get(survey->txn, &guid, NTMS_PHYSICAL_MEDIA, media);
}

static bool barcode_agrees(const struct object *media, const struct broker_element *element)
{
	return !element->barcode[0] || !media->media.barcode[0] ||
	       !strcmp(media->media.barcode, element->barcode);
}

static bool is_offline(const struct object *media)
{
	return guid_is_null(&media->media.location);
}

/* By bar code: of this library or offline, not found elsewhere, and the only one. */
static DWORD by_barcode(struct survey *survey, const char *barcode, struct object *media)
{
	struct object candidate;
	NTMS_GUID *list = NULL;
	struct store_key key;
	size_t count = 0, fitting = 0;
	DWORD code;

	key_start(&key);
	key_text(&key, barcode);
	code = store_list(survey->txn, IX_BARCODE, &key, 0, &list, &count);
	for (size_t i = 0; i < count && !code; i++) {
		if (is_claimed(survey, &list[i]))
			continue;
		code = store_get(survey->txn, &list[i], NTMS_PHYSICAL_MEDIA, &candidate);
		if (code)
			break;
		if (!guid_equal(&candidate.media.library, &survey->library.guid) &&
		    !is_offline(&candidate))
			continue;
		*media = candidate;
		fitting++;
	}
	free(list);
	if (code)
		return code;
	return fitting == 1 ? ERROR_SUCCESS : ERROR_OBJECT_NOT_FOUND;
}

static bool in_use(const struct object *media)
{
	return media->media.state != NTMS_MEDIASTATE_IDLE;
}

static DWORD recognise(struct survey *survey, const struct broker_element *element,
		       const struct object *place, struct object *media)
{
	DWORD code = medium_at(survey, &place->guid, media);

	if (!code && (barcode_agrees(media, element) || in_use(media)))
		return ERROR_SUCCESS;
	if (code && code != ERROR_OBJECT_NOT_FOUND)
		return code;
	if (!element->barcode[0])
		return ERROR_OBJECT_NOT_FOUND;
	return by_barcode(survey, element->barcode, media);
}

static DWORD new_medium(struct survey *survey, const struct broker_element *element,
			const struct object *place, struct object *media)
{
	bool is_slot = place->type == NTMS_STORAGESLOT;
	NTMS_GUID type;
	DWORD code;

	code = media_type_ensure(survey->txn, media_type_guess(0, element->barcode),
				 &survey->library.guid, &type);
	if (!code)
		code = media_create(survey->txn, &survey->library.guid, is_slot ? place : NULL,
				    element->barcode, &type, media);
	return code;
}

/* ---- what is there, recorded ---- */

static DWORD fill_drive(struct survey *survey, struct object *drive, const struct object *media)
{
	struct object sides[2];
	size_t count;
	DWORD code = media_sides(survey->txn, &media->guid, sides, &count);

	if (code || count == 0)
		return code;
	for (size_t i = 0; i < count; i++)
		if (guid_equal(&drive->device.side, &sides[i].guid))
			return ERROR_SUCCESS;
	drive->device.side = sides[0].guid;
	drive->device.state = NTMS_DRIVESTATE_DISMOUNTABLE;
	drive->device.deferred_since_ms = 0;
	return store_update(survey->txn, drive);
}

static DWORD set_place_state(struct survey *survey, struct object *place, uint32_t state)
{
	if (place->device.state == state)
		return ERROR_SUCCESS;
	place->device.state = state;
	return store_update(survey->txn, place);
}

static bool is_cleaner(const struct survey *survey, const struct object *media)
{
	return survey->library.library.flags & NTMS_LIBRARYFLAG_RECOGNIZECLEANERBARCODE &&
	       !strncmp(media->media.barcode, CLEANER_PREFIX, strlen(CLEANER_PREFIX));
}

/* Queue the identification of a cartridge unless it is in use or queued already. */
static DWORD queue_identification(struct survey *survey, const struct object *media,
				  const struct object *place)
{
	struct object request, sides[2];
	bool pending;
	size_t count;
	DWORD code;

	if (in_use(media) || is_cleaner(survey, media) || place->type == NTMS_IEPORT)
		return ERROR_SUCCESS;
	code = request_pending(survey->txn, &media->guid, &pending);
	if (code || pending)
		return code;
	code = media_sides(survey->txn, &media->guid, sides, &count);
	for (size_t i = 0; i < count && !code; i++) {
		if (!survey->full && place->device.state != NTMS_SLOTSTATE_NEEDSINVENTORY &&
		    sides[i].side.state != NTMS_PARTSTATE_UNKNOWN)
			continue;
		request_init(NULL, NTMS_LM_CLASSIFY, &survey->library.guid, &request);
		request.librequest.media = media->guid;
		request.librequest.side = sides[i].guid;
		if (place->type == NTMS_STORAGESLOT)
			request.librequest.slot = place->guid;
		code = store_insert(survey->txn, &request);
	}
	return code;
}

static DWORD enter_full(struct survey *survey, const struct broker_element *element,
			struct object *place)
{
	struct object media;
	DWORD code = recognise(survey, element, place, &media);

	if (code == ERROR_OBJECT_NOT_FOUND)
		code = new_medium(survey, element, place, &media);
	if (!code)
		code = claim(survey, &media.guid);
	if (code)
		return code;
	/* Back in a library, or in this one after it was elsewhere. */
	if (!guid_equal(&media.media.library, &survey->library.guid) ||
	    !guid_equal(&media.media.location, &place->guid)) {
		media.media.library = survey->library.guid;
		code = media_place(survey->txn, &media, place, place->type == NTMS_STORAGESLOT);
		if (!code)
			code = media_refresh_sides(survey->txn, &media);
	}
	if (code)
		return code;
	if (survey->identify)
		code = queue_identification(survey, &media, place);
	if (code)
		return code;
	if (place->type == NTMS_DRIVE)
		return fill_drive(survey, place, &media);
	if (place->type == NTMS_IEPORT)
		return set_place_state(survey, place, NTMS_PORTCONTENT_FULL);
	if (place->device.state == NTMS_SLOTSTATE_NEEDSINVENTORY)
		return ERROR_SUCCESS;
	return set_place_state(survey, place, NTMS_SLOTSTATE_FULL);
}

static DWORD enter_empty(struct survey *survey, const struct broker_element *element,
			 struct object *place)
{
	struct object media;
	DWORD code;

	/* The library cannot tell: then nothing is known to be gone either. */
	if (element->exception) {
		code = medium_at(survey, &place->guid, &media);
		if (!code)
			return claim(survey, &media.guid);
		return code == ERROR_OBJECT_NOT_FOUND ? ERROR_SUCCESS : code;
	}
	if (place->type == NTMS_DRIVE) {
		if (place->device.state == NTMS_DRIVESTATE_DISMOUNTED &&
		    guid_is_null(&place->device.side))
			return ERROR_SUCCESS;
		memset(&place->device.side, 0, sizeof(place->device.side));
		memset(&place->device.mount_request, 0, sizeof(place->device.mount_request));
		place->device.state = NTMS_DRIVESTATE_DISMOUNTED;
		return store_update(survey->txn, place);
	}
	return set_place_state(survey, place,
			       place->type == NTMS_IEPORT ? NTMS_PORTCONTENT_EMPTY
							  : NTMS_SLOTSTATE_EMPTY);
}

/* A cartridge in the robot's hand has no place, but it is in the library. */
static DWORD enter_transport(struct survey *survey, const struct broker_element *element)
{
	struct object media;
	DWORD code;

	if (!element->full || !element->barcode[0])
		return ERROR_SUCCESS;
	code = by_barcode(survey, element->barcode, &media);
	if (code)
		return code == ERROR_OBJECT_NOT_FOUND ? ERROR_SUCCESS : code;
	media.media.state = NTMS_MEDIASTATE_OPERROR;
	code = media_place(survey->txn, &media, NULL, false);
	return code ? code : claim(survey, &media.guid);
}

/* What the library did not show is not in it any more. */
static DWORD leave_missing(struct survey *survey)
{
	struct object media;
	NTMS_GUID *list = NULL;
	struct store_key key;
	size_t count = 0;
	DWORD code;

	key_start(&key);
	key_guid(&key, &survey->library.guid);
	key_u32(&key, NTMS_PHYSICAL_MEDIA);
	code = store_list(survey->txn, IX_CHILD, &key, 0, &list, &count);
	for (size_t i = 0; i < count && !code; i++) {
		if (is_claimed(survey, &list[i]))
			continue;
		code = store_get(survey->txn, &list[i], NTMS_PHYSICAL_MEDIA, &media);
		if (!code)
			code = media_leave(survey->txn, &media);
	}
	free(list);
	return code;
}

/* As mtx and the stickers on most libraries count: drives from 0, slots and ports from 1. */
static uint32_t first_number(enum broker_element_type type)
{
	return type == ELEMENT_SLOT || type == ELEMENT_PORT ? 1 : 0;
}

static DWORD enter_all(struct survey *survey, const struct broker_element *elements, size_t count)
{
	uint32_t numbers[5] = {0};
	struct object place;
	DWORD code = ERROR_SUCCESS;

	/* Drives first: what is in use there must not be taken for something new in a slot. */
	for (int pass = 0; pass < 2; pass++) {
		memset(numbers, 0, sizeof(numbers));
		for (size_t i = 0; i < count && !code; i++) {
			const struct broker_element *element = &elements[i];
			uint32_t number = first_number(element->type) + numbers[element->type]++;

			if ((element->type == ELEMENT_DRIVE) != (pass == 0))
				continue;
			if (element->type == ELEMENT_TRANSPORT) {
				code = enter_transport(survey, element);
				continue;
			}
			code = find_place(survey, element, number, &place);
			if (!code)
				code = element->full ? enter_full(survey, element, &place)
						     : enter_empty(survey, element, &place);
		}
	}
	return code;
}

DWORD inventory_reconcile(struct turn *turn, bool identify, bool full)
{
	struct survey survey = {.turn = turn, .identify = identify, .full = full};
	struct broker_element *elements = NULL;
	size_t count = 0;
	DWORD code;
	int error = broker_elements(turn->lease, 0, 0, UINT16_MAX, &elements, &count);

	if (error)
		return broker_code(error);
	code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &survey.txn);
	if (code)
		goto out;
	code = store_get(survey.txn, &turn->library, NTMS_LIBRARY, &survey.library);
	if (!code)
		code = enter_all(&survey, elements, count);
	if (!code)
		code = leave_missing(&survey);
	if (code)
		store_abort(survey.txn);
	else
		code = store_commit(survey.txn);
	tdestroy(survey.claimed, free);
out:
	free(elements);
	return code;
}

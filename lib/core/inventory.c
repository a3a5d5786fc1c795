/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * inventory.c - the records of a library against what it says of its elements
 *
 * The library is right: places appear as it reports them, cartridges are where
 * it sees them. A cartridge is recognised by what is recorded for its place when
 * the bar code agrees, else by its bar code if that is unique, without one by the
 * place it came from if the library tells, else it is new.
 */
#define _GNU_SOURCE /* tdestroy */
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/guid.h"
#include "base/say.h"
#include "core/door.h"
#include "core/cleaner.h"
#include "core/identify.h"
#include "core/media.h"
#include "core/oprequest.h"
#include "core/port.h"
#include "core/run.h"
#include "core/standalone.h"
#include "core/states.h"

#define DEFER_DELAY_S 300
#define PORT_EXTEND_S 30

/* One inventory under way. */
struct survey {
	struct turn *turn;
	struct txn *txn;
	struct object library;
	struct object *request; /* that it is made for; NULL: for none */
	struct object *visit;	/* whose person may have changed what is found; NULL: none */
	struct object *search;	/* whose open intent's cartridge is looked for; NULL: none */
	const struct broker_element *elements;
	size_t element_count;
	bool patient;	    /* it may yet arrive */
	struct object lost; /* that cartridge */
	bool doubt;	    /* something was seen that may be it, though nobody can tell */
	void *claimed;	    /* tree of NTMS_GUID: cartridges that have been found */
	bool identify;
	bool full;
	bool optical; /* its drives are for disks */
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

/* NTMS's word for what a drive reads and writes. */
static uint32_t device_type(const struct broker_device *device)
{
	return device->drive_type == DRIVE_OPTICAL ? FILE_DEVICE_DISK : FILE_DEVICE_TAPE;
}

DWORD drive_type_ensure(struct txn *txn, const struct broker_device *device, NTMS_GUID *guid)
{
	struct object type;
	struct store_key key;
	DWORD code;

	machine_object(&type, NTMS_DRIVE_TYPE);
	snprintf(type.name, sizeof(type.name), "%s %s", device->vendor, device->product);
	snprintf(type.device_type.vendor, sizeof(type.device_type.vendor), "%s", device->vendor);
	snprintf(type.device_type.product, sizeof(type.device_type.product), "%s", device->product);
	type.device_type.device_type = device_type(device);
	key_start(&key);
	key_text(&key, type.name);
	code = store_find(txn, IX_NAME, &key, guid);
	if (code != ERROR_OBJECT_NOT_FOUND)
		return code;
	code = store_insert(txn, &type);
	*guid = type.guid;
	return code;
}

static DWORD drive_type_of(struct survey *survey, const char *serial, struct object *drive)
{
	struct broker_device *devices = NULL;
	size_t count = 0;
	DWORD code = ERROR_SUCCESS;

	if (!serial[0] || broker_devices(survey->turn->system->broker, &devices, &count))
		return ERROR_SUCCESS;
	for (size_t i = 0; i < count; i++) {
		if (devices[i].kind != BROKER_DRIVE || strcmp(devices[i].serial, serial))
			continue;
		memcpy(drive->device.revision, devices[i].revision, sizeof(devices[i].revision));
		code = drive_type_ensure(survey->txn, &devices[i], &drive->device.device_type);
		break;
	}
	free(devices);
	return code;
}

static DWORD make_place(struct survey *survey, const struct broker_element *element,
			uint32_t number, struct object *place)
{
	uint32_t type = place_type(element->type);
	DWORD code = ERROR_SUCCESS;

	machine_object(place, type);
	place->device.library = survey->library.guid;
	place->device.number = number;
	place->device.element = element->address;
	switch (type) {
	case NTMS_DRIVE:
		snprintf(place->name, sizeof(place->name), "Drive %u", number);
		place->device.defer_delay_s = DEFER_DELAY_S;
		memcpy(place->device.serial, element->serial, sizeof(place->device.serial));
		code = drive_type_of(survey, element->serial, place);
		break;
	case NTMS_IEPORT:
		snprintf(place->name, sizeof(place->name), "Port %u", number);
		place->device.limit_s = PORT_EXTEND_S;
		break;
	default:
		snprintf(place->name, sizeof(place->name), "Slot %u", number);
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
		code = opstate_event(place, OPSTATE_VANISHED);
		if (!code)
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

/* The library has it, but nobody knows where. */
static bool is_lost(const struct object *media)
{
	return media->media.state == NTMS_MEDIASTATE_OPERROR && is_offline(media);
}

static bool in_use(const struct object *media)
{
	return media->media.state != NTMS_MEDIASTATE_IDLE;
}

static bool is_looked_for(const struct survey *survey, const struct object *media)
{
	return survey->search && guid_equal(&media->guid, &survey->lost.guid);
}

/* Nobody can tell what it is: it may be what is looked for. */
static void note_doubt(struct survey *survey, const struct broker_element *element)
{
	survey->doubt |= survey->search && barcode_agrees(&survey->lost, element);
}

/* Does the library show that slot, and nothing in it? */
static bool is_seen_empty(const struct survey *survey, uint16_t slot)
{
	for (size_t i = 0; i < survey->element_count; i++) {
		const struct broker_element *element = &survey->elements[i];

		if (element->address == slot)
			return element->type == ELEMENT_SLOT && !element->full &&
			       !element->exception;
	}
	return false;
}

/* The only cartridge that has this slot for its home and was lost on the way, or is about to be. */
static DWORD lost_from(struct survey *survey, const NTMS_GUID *slot, struct object *media)
{
	struct object candidate;
	NTMS_GUID *list = NULL;
	struct store_key key;
	size_t count = 0, fitting = 0;
	DWORD code;

	key_start(&key);
	key_guid(&key, &survey->library.guid);
	key_u32(&key, NTMS_PHYSICAL_MEDIA);
	code = store_list(survey->txn, IX_CHILD, &key, 0, &list, &count);
	for (size_t i = 0; i < count && !code; i++) {
		code = store_get(survey->txn, &list[i], NTMS_PHYSICAL_MEDIA, &candidate);
		if (code)
			break;
		if (!is_lost(&candidate) && !is_looked_for(survey, &candidate))
			continue;
		if (!guid_equal(&candidate.media.home_slot, slot))
			continue;
		*media = candidate;
		fitting++;
	}
	free(list);
	if (code)
		return code;
	return fitting == 1 ? ERROR_SUCCESS : ERROR_OBJECT_NOT_FOUND;
}

/* Without a bar code: the cartridge of the slot that it came from, if that is empty now. People do
 * not bring things straight out of a slot, so not what is in a port. */
static DWORD by_source(struct survey *survey, const struct broker_element *element,
		       struct object *media)
{
	struct store_key key;
	NTMS_GUID slot = NTMS_NULLGUID;
	DWORD code;

	if (!element->source_valid || element->type == ELEMENT_PORT ||
	    !is_seen_empty(survey, element->source))
		return ERROR_OBJECT_NOT_FOUND;
	key_start(&key);
	key_guid(&key, &survey->library.guid);
	key_u32(&key, NTMS_STORAGESLOT);
	key_u32(&key, element->source);
	code = store_find(survey->txn, IX_ELEMENT, &key, &slot);
	if (!code)
		code = medium_at(survey, &slot, media);
	if (code == ERROR_OBJECT_NOT_FOUND && !guid_is_null(&slot))
		code = lost_from(survey, &slot, media);
	if (code)
		return code;
	return is_claimed(survey, &media->guid) ? ERROR_OBJECT_NOT_FOUND : ERROR_SUCCESS;
}

static DWORD by_looks(struct survey *survey, const struct broker_element *element,
		      struct object *media)
{
	return element->barcode[0] ? by_barcode(survey, element->barcode, media)
				   : by_source(survey, element, media);
}

static DWORD recognise(struct survey *survey, const struct broker_element *element,
		       const struct object *place, struct object *media)
{
	DWORD code = medium_at(survey, &place->guid, media);

	if (!code &&
	    (barcode_agrees(media, element) || (in_use(media) && !is_looked_for(survey, media))))
		return ERROR_SUCCESS;
	if (code && code != ERROR_OBJECT_NOT_FOUND)
		return code;
	return by_looks(survey, element, media);
}

static DWORD new_medium(struct survey *survey, const struct broker_element *element,
			const struct object *place, struct object *media)
{
	bool is_slot = place->type == NTMS_STORAGESLOT;
	uint32_t kind = survey->optical ? MO_5_RW : media_type_guess(0, element->barcode);
	NTMS_GUID type;
	DWORD code;

	if (cleaner_by_barcode(&survey->library, element->barcode))
		kind = CLEANER_CARTRIDGE;
	code = media_type_ensure(survey->txn, kind, &survey->library.guid, &type);
	if (!code)
		code = media_create(survey->txn, &survey->library.guid, is_slot ? place : NULL,
				    element->barcode, &type, media);
	return code;
}

/* ---- what is there, recorded ---- */

static DWORD fill_drive(struct survey *survey, const struct broker_element *element,
			struct object *drive, const struct object *media)
{
	uint32_t facing = side_facing(media, element);
	struct object sides[2];
	bool known = false;
	size_t count;
	DWORD code = media_sides(survey->txn, &media->guid, sides, &count);

	if (code || count == 0)
		return code;
	if (facing >= count)
		facing = 0;
	for (size_t i = 0; i < count; i++)
		known = known || guid_equal(&drive->device.side, &sides[i].guid);
	if (known && (in_use(media) || guid_equal(&drive->device.side, &sides[facing].guid)))
		return ERROR_SUCCESS;
	drive->device.side = sides[facing].guid;
	if (!known)
		code = drive_event(drive, DRIVE_FOUND_FULL);
	return code ? code : store_update(survey->txn, drive);
}

/* A slot or a port is seen to be full or empty. */
static DWORD see_place(struct survey *survey, struct object *place, bool full)
{
	uint32_t before = place->device.state;
	DWORD code;

	if (place->type == NTMS_IEPORT)
		code = port_event(place, full ? PORT_FOUND_FULL : PORT_FOUND_EMPTY);
	else
		code = slot_event(place, full ? SLOT_FOUND_FULL : SLOT_FOUND_EMPTY);
	if (code || place->device.state == before)
		return code;
	survey->turn->changes++;
	return store_update(survey->txn, place);
}

/* Queue the identification of a cartridge unless it is in use or queued already. */
static DWORD queue_identification(struct survey *survey, const struct object *media,
				  const struct object *place)
{
	struct object request, sides[2];
	bool pending;
	size_t count;
	DWORD code;

	/* One that is disabled must not be mounted: its slot is in doubt until it is enabled, and
	 * the next inventory looks at it. */
	if (in_use(media) || place->type == NTMS_IEPORT || !media->enabled)
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
		if (survey->request)
			request.librequest.group = survey->request->guid;
		if (place->type == NTMS_STORAGESLOT)
			request.librequest.slot = place->guid;
		code = store_insert(survey->txn, &request);
	}
	return code;
}

/* What was in doubt, for one because it was in the robot's hand, is so no more; nor is mounted what
 * is seen in another place. */
static DWORD out_of_doubt(struct survey *survey, struct object *media, const struct object *place)
{
	DWORD code = ERROR_SUCCESS;

	if (media->media.state != NTMS_MEDIASTATE_OPERROR &&
	    guid_equal(&media->media.location, &place->guid))
		return ERROR_SUCCESS;
	if (is_lost(media))
		code = oprequest_withdraw(survey->txn, NTMS_OPREQ_DEVICESERVICE, &media->guid,
					  NULL);
	if (!code)
		code = media_event(media, MEDIA_FOUND);
	return code ? code : store_update(survey->txn, media);
}

/* It is what its type says, and is never mounted: the slot need not be looked into. */
static DWORD know_cleaner(struct survey *survey, const NTMS_GUID *home, struct object *place)
{
	DWORD code;

	if (place->type != NTMS_STORAGESLOT)
		return ERROR_SUCCESS;
	code = cleaner_seen(survey->txn, &survey->library, home, place);
	if (code || place->device.state != NTMS_SLOTSTATE_NEEDSINVENTORY)
		return code;
	code = slot_event(place, SLOT_IDENTIFIED);
	return code ? code : store_update(survey->txn, place);
}

static DWORD enter_full(struct survey *survey, const struct broker_element *element,
			struct object *place)
{
	struct object media;
	bool cleaner = false;
	NTMS_GUID home;
	DWORD code = recognise(survey, element, place, &media);

	if (code == ERROR_OBJECT_NOT_FOUND) {
		note_doubt(survey, element);
		code = new_medium(survey, element, place, &media);
	}
	if (!code)
		code = claim(survey, &media.guid);
	if (!code)
		code = out_of_doubt(survey, &media, place);
	if (code)
		return code;
	home = media.media.home_slot;
	/* Back in a library, or in this one after it was elsewhere. */
	if (!guid_equal(&media.media.library, &survey->library.guid) ||
	    !guid_equal(&media.media.location, &place->guid)) {
		media.media.library = survey->library.guid;
		survey->turn->changes++;
		code = ports_note_fetched(survey->txn, &media, place, NULL);
		if (!code)
			code = media_place(survey->txn, &media, place,
					   place->type == NTMS_STORAGESLOT);
		if (!code)
			code = media_refresh_sides(survey->txn, &media);
	}
	if (!code && place->type != NTMS_DRIVE)
		code = see_place(survey, place, true);
	if (!code)
		code = cleaner_is(survey->txn, &media, &cleaner);
	if (!code && cleaner)
		code = know_cleaner(survey, &home, place);
	else if (!code && survey->identify)
		code = queue_identification(survey, &media, place);
	if (!code && place->type == NTMS_DRIVE)
		code = fill_drive(survey, element, place, &media);
	return code;
}

static DWORD enter_empty(struct survey *survey, const struct broker_element *element,
			 struct object *place)
{
	struct object media;
	DWORD code;

	/* The library cannot tell, for one of a port that sticks out: then nothing is known to be
	 * gone either. */
	if (element->exception || (place->type == NTMS_IEPORT && !element->accessible)) {
		code = medium_at(survey, &place->guid, &media);
		if (!code)
			return claim(survey, &media.guid);
		return code == ERROR_OBJECT_NOT_FOUND ? ERROR_SUCCESS : code;
	}
	if (place->type == NTMS_DRIVE) {
		if (place->device.state == NTMS_DRIVESTATE_DISMOUNTED &&
		    guid_is_null(&place->device.side))
			return ERROR_SUCCESS;
		code = drive_event(place, DRIVE_FOUND_EMPTY);
		return code ? code : store_update(survey->txn, place);
	}
	if (place->type == NTMS_IEPORT && place->device.state != NTMS_PORTCONTENT_EMPTY)
		return port_emptied(survey->txn, place);
	return see_place(survey, place, false);
}

/* Nobody can say in which place it is: a person is to look. */
static DWORD lose(struct survey *survey, struct object *media, const char *where)
{
	char message[OBJ_MESSAGE_SIZE];
	NTMS_GUID asked;
	DWORD code = media_event(media, MEDIA_ERROR);

	snprintf(message, sizeof(message),
		 "%.64s did not arrive where the robot of library %.64s was to put it: %s. See "
		 "where it is, then make an inventory",
		 media_name(media), survey->library.name, where);
	if (!code)
		code = media_place(survey->txn, media, NULL, false);
	return code ? code
		    : oprequest_raise(survey->txn, NTMS_OPREQ_DEVICESERVICE, &media->guid, NULL,
				      message, &asked);
}

/* Is an intent open of it? Whoever settles that finds out where it comes to lie. */
static DWORD is_under_way(struct survey *survey, const struct object *media, bool *under_way)
{
	struct object request;
	NTMS_GUID *list = NULL;
	struct store_key key;
	size_t count = 0;
	DWORD code;

	*under_way = false;
	if (media->media.state != NTMS_MEDIASTATE_INUSE)
		return ERROR_SUCCESS;
	key_start(&key);
	key_guid(&key, &survey->library.guid);
	code = store_list(survey->txn, IX_QUEUE, &key, 0, &list, &count);
	for (size_t i = 0; i < count && !code && !*under_way; i++) {
		code = store_get(survey->txn, &list[i], NTMS_LIBREQUEST, &request);
		*under_way = !code && request.librequest.move == OBJ_MOVE_INTENDED &&
			     guid_equal(&request.librequest.move_media, &media->guid);
	}
	free(list);
	return code;
}

/* A cartridge in the robot's hand has no place, but it is in the library. */
static DWORD enter_transport(struct survey *survey, const struct broker_element *element)
{
	struct object media;
	bool under_way = false;
	DWORD code;

	if (!element->full)
		return ERROR_SUCCESS;
	code = by_looks(survey, element, &media);
	if (code == ERROR_OBJECT_NOT_FOUND) {
		note_doubt(survey, element);
		return ERROR_SUCCESS;
	}
	if (!code)
		code = claim(survey, &media.guid);
	if (!code)
		code = is_under_way(survey, &media, &under_way);
	if (code || under_way)
		return code;
	if (is_looked_for(survey, &media) && survey->patient)
		return RUN_WAITS;
	if (is_looked_for(survey, &media))
		return lose(survey, &media, "it is still in the robot's hand");
	code = media_event(&media, MEDIA_ERROR);
	return code ? code : media_place(survey->txn, &media, NULL, false);
}

/* One that was lost is in the library until a person has said otherwise. */
static DWORD leave(struct survey *survey, struct object *media)
{
	bool under_way, asked = false;
	DWORD code = is_under_way(survey, media, &under_way);

	if (code || under_way)
		return code;
	/* Not every library tells what its robot has in its hand. */
	if (is_looked_for(survey, media) && survey->patient &&
	    survey->search->librequest.phase & PHASE_LATE)
		return RUN_WAITS;
	if (is_lost(media))
		code = oprequest_asked(survey->txn, NTMS_OPREQ_DEVICESERVICE, &media->guid, &asked);
	if (code || asked)
		return code;
	survey->turn->changes++;
	if (survey->doubt && is_looked_for(survey, media))
		return lose(survey, media,
			    "it may be one that the library shows and nobody can name");
	return media_leave(survey->txn, media);
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
			code = leave(survey, &media);
	}
	free(list);
	return code;
}

/* As mtx and the stickers on most libraries count: drives from 0, slots and ports from 1. */
static uint32_t first_number(enum broker_element_type type)
{
	return type == ELEMENT_SLOT || type == ELEMENT_PORT ? 1 : 0;
}

/* The library does not list its doors: the broker knows how many there are. */
static DWORD enter_doors(struct survey *survey)
{
	struct broker_device *devices = NULL;
	uint32_t doors = 0;
	size_t count = 0;
	int error = broker_devices(survey->turn->system->broker, &devices, &count);

	if (error)
		return broker_code(error);
	for (size_t i = 0; i < count; i++)
		if (devices[i].kind == BROKER_CHANGER &&
		    !strcmp(devices[i].serial, survey->library.library.serial))
			doors = devices[i].doors;
	free(devices);
	return doors_ensure(survey->txn, &survey->library.guid, doors);
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

/* Are the library's drives for disks? As the devices tell that are connected; cartridges are of
 * one kind in a library. */
static bool is_optical(const struct broker_element *elements, size_t element_count,
		       const struct broker_device *devices, size_t device_count)
{
	for (size_t i = 0; i < element_count; i++) {
		if (elements[i].type != ELEMENT_DRIVE || !elements[i].serial[0])
			continue;
		for (size_t k = 0; k < device_count; k++)
			if (devices[k].kind == BROKER_DRIVE &&
			    devices[k].drive_type == DRIVE_OPTICAL &&
			    !strcmp(devices[k].serial, elements[i].serial))
				return true;
	}
	return false;
}

static DWORD look_at_kind(struct survey *survey, const struct broker_element *elements,
			  size_t count)
{
	struct broker_device *devices = NULL;
	size_t device_count = 0;
	int error = broker_devices(survey->turn->system->broker, &devices, &device_count);

	if (error)
		return broker_code(error);
	survey->optical = is_optical(elements, count, devices, device_count);
	free(devices);
	return ERROR_SUCCESS;
}

/* The inventory goes on, unless somebody has stopped it while the library was asked. */
static DWORD take_request(struct survey *survey)
{
	struct object *request = survey->request;
	DWORD code;

	if (!request)
		return ERROR_SUCCESS;
	code = store_get(survey->txn, &request->guid, NTMS_LIBREQUEST, request);
	if (!code && request_is_final(request))
		return ntms_say(ERROR_CANCELLED, "the inventory has been stopped");
	request->librequest.phase |= PHASE_TAKEN;
	return code ? code : store_update(survey->txn, request);
}

/* What is looked for is where it was, until it is seen. */
static DWORD begin_search(struct survey *survey)
{
	DWORD code;

	if (!survey->search)
		return ERROR_SUCCESS;
	code = intent_abandon(survey->txn, survey->search);
	return code ? code
		    : store_get(survey->txn, &survey->search->librequest.move_media,
				NTMS_PHYSICAL_MEDIA, &survey->lost);
}

/* Whatever has changed a person has done who was let in by @visit: with the changes, that is
 * noted. */
static DWORD note_visit(struct survey *survey, unsigned int before)
{
	struct object *visit = survey->visit;
	DWORD code;

	if (!visit || survey->turn->changes == before)
		return ERROR_SUCCESS;
	code = store_get(survey->txn, &visit->guid, NTMS_LIBREQUEST, visit);
	visit->librequest.phase |= PHASE_TOUCHED;
	return code ? code : store_update(survey->txn, visit);
}

static DWORD take(struct survey *survey)
{
	struct turn *turn = survey->turn;
	unsigned int before = turn->changes;
	struct broker_element *elements = NULL;
	size_t count = 0;
	DWORD code;
	int error;

	error = broker_elements(turn->lease, 0, 0, 0, &elements, &count);
	if (error)
		return broker_code(error);
	survey->elements = elements;
	survey->element_count = count;
	code = look_at_kind(survey, elements, count);
	if (!code)
		code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &survey->txn);
	if (code)
		goto out;
	code = store_get(survey->txn, &turn->library, NTMS_LIBRARY, &survey->library);
	if (!code)
		code = take_request(survey);
	if (!code)
		code = begin_search(survey);
	if (!code)
		code = enter_all(survey, elements, count);
	if (!code)
		code = enter_doors(survey);
	if (!code)
		code = leave_missing(survey);
	if (!code)
		code = note_visit(survey, before);
	if (code)
		store_abort(survey->txn);
	else
		code = store_commit(survey->txn);
	tdestroy(survey->claimed, free);
out:
	free(elements);
	return code;
}

DWORD inventory_reconcile(struct turn *turn, bool identify, bool full)
{
	return inventory_take(turn, NULL, identify, full);
}

DWORD inventory_take(struct turn *turn, struct object *request, bool identify, bool full)
{
	struct survey survey = {
		.turn = turn, .request = request, .identify = identify, .full = full};

	return turn->standalone ? standalone_look(turn, identify, full) : take(&survey);
}

DWORD inventory_find(struct turn *turn, struct object *request, bool patient)
{
	struct object closed = *request;
	struct survey survey = {.turn = turn, .search = &closed, .patient = patient};
	DWORD code = take(&survey);

	if (code)
		return code;
	*request = closed;
	turn->adrift = false;
	return ERROR_SUCCESS;
}

DWORD inventory_trace(struct turn *turn, struct object *visit)
{
	struct survey survey = {.turn = turn, .visit = visit};

	return take(&survey);
}

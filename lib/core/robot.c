/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * robot.c - moves that survive any crash: durable intent, robot, durable confirmation
 *
 * While an intent is open nobody knows where the cartridge is but the library.
 * So whoever finds one asks it, and lets the records follow.
 */
#define _GNU_SOURCE /* secure_getenv */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/guid.h"
#include "base/say.h"
#include "core/media.h"
#include "core/port.h"
#include "core/run.h"
#include "core/states.h"
#include "core/txn.h"

/* A robot that has not answered in time is slow, and is waited for. One that has a cartridge in its
 * hand so long after that (its last sign of life, and whoever watches it may have died since) is
 * not slow but stuck: a robot that begins anew has looked at all its slots by then. */
#define SLOW_MS (15 * 60 * 1000)

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
	if (!code)
		code = media_event(&cartridge, MEDIA_UNDER_WAY);
	if (!code) {
		current.librequest.phase &= ~(uint32_t)PHASE_LATE;
		current.librequest.move = OBJ_MOVE_INTENDED;
		current.librequest.move_media = *media;
		current.librequest.move_from = *from;
		current.librequest.move_to = *to;
		code = store_update(txn, &current);
	}
	if (!code)
		code = store_update(txn, &cartridge);
	code = txn_end(txn, code);
	if (code)
		return code;
	*request = current;
	turn->adrift = true;
	return ERROR_SUCCESS;
}

/* The robot has put a cartridge into a place, or the library is seen to have done so. */
static DWORD fill_place(struct txn *txn, struct object *place, const NTMS_GUID *side, bool seen)
{
	DWORD code;

	switch (place->type) {
	case NTMS_DRIVE:
		code = drive_event(place, seen ? DRIVE_FOUND_FULL : DRIVE_FILLED);
		place->device.side = *side;
		break;
	case NTMS_IEPORT:
		code = port_event(place, seen ? PORT_FOUND_FULL : PORT_FILLED);
		break;
	default:
		code = slot_event(place, seen ? SLOT_FOUND_FULL : SLOT_FILLED);
		break;
	}
	return code ? code : store_update(txn, place);
}

static DWORD empty_place(struct txn *txn, struct object *place, bool seen)
{
	DWORD code;

	switch (place->type) {
	case NTMS_DRIVE:
		code = drive_event(place, seen ? DRIVE_FOUND_EMPTY : DRIVE_EMPTIED);
		break;
	case NTMS_IEPORT:
		return port_emptied(txn, place);
	default:
		code = slot_event(place, seen ? SLOT_FOUND_EMPTY : SLOT_EMPTIED);
		break;
	}
	return code ? code : store_update(txn, place);
}

uint32_t side_facing(const struct object *media, const struct broker_element *element)
{
	bool turned = media->media.turned;

	return media->media.sides == 2 && element->inverted != turned ? 1 : 0;
}

/* The side of that number, 0 or 1. */
static DWORD side_by_number(struct txn *txn, const NTMS_GUID *media, uint32_t number,
			    NTMS_GUID *guid)
{
	struct object sides[2];
	size_t count;
	DWORD code = media_sides(txn, media, sides, &count);

	if (code)
		return code;
	for (size_t i = 0; i < count; i++) {
		if (sides[i].side.side != number)
			continue;
		*guid = sides[i].guid;
		return ERROR_SUCCESS;
	}
	return ntms_say(ERROR_DATABASE_FAILURE, "a cartridge has no side %u in the database",
			number);
}

struct intent {
	struct object request, media, from, to;
	NTMS_GUID side; /* that faces the drive */
};

/* @seen: as the library says, NULL when it has not been asked. */
static DWORD read_intent(struct txn *txn, const NTMS_GUID *request,
			 const struct broker_element *seen, struct intent *intent)
{
	const struct obj_librequest *details = &intent->request.librequest;
	struct object *media = &intent->media;
	DWORD code = store_get(txn, request, NTMS_LIBREQUEST, &intent->request);

	if (!code)
		code = store_get(txn, &details->move_media, NTMS_PHYSICAL_MEDIA, media);
	if (!code)
		code = store_get(txn, &details->move_from, NTMS_UNKNOWN, &intent->from);
	if (!code)
		code = store_get(txn, &details->move_to, NTMS_UNKNOWN, &intent->to);
	if (!code)
		code = side_by_number(txn, &media->guid, seen ? side_facing(media, seen) : 0,
				      &intent->side);
	return code;
}

/* It is where it was to go; @found, not moved there by us: an inventory that came first may have
 * ended its move already. */
static DWORD arrive(struct txn *txn, struct intent *intent, bool found)
{
	struct object *media = &intent->media;
	bool in_drive = intent->to.type == NTMS_DRIVE;
	DWORD code = ERROR_SUCCESS;

	if (!found || media->media.state == NTMS_MEDIASTATE_INUSE)
		code = media_event(media, in_drive ? MEDIA_IN_DRIVE : MEDIA_HOME);
	if (in_drive)
		media->media.mounted_side = intent->side;
	if (!code)
		code = empty_place(txn, &intent->from, found);
	if (!code)
		code = fill_place(txn, &intent->to, &intent->side, found);
	if (!code)
		code = ports_note_fetched(txn, media, &intent->to, &intent->request.guid);
	if (!code)
		code = media_place(txn, media, &intent->to, false);
	/* Found in a drive, it is there for whoever comes next, as the drive's record says. */
	if (code || intent->to.type != NTMS_DRIVE ||
	    intent->to.device.state != NTMS_DRIVESTATE_DISMOUNTABLE ||
	    media->media.state != NTMS_MEDIASTATE_MOUNTED)
		return code;
	code = media_event(media, MEDIA_RELEASED);
	return code ? code : store_update(txn, media);
}

/* It has stayed where it was; in its drive perhaps not the same way round, if it is @seen there. */
static DWORD stay(struct txn *txn, struct intent *intent, bool seen)
{
	struct object *media = &intent->media, *drive = &intent->from;
	bool in_drive = media->media.location_type == NTMS_DRIVE;
	DWORD code = ERROR_SUCCESS;

	if (media->media.state == NTMS_MEDIASTATE_INUSE)
		code = media_event(media, in_drive ? MEDIA_STAYED : MEDIA_HOME);
	if (!code && seen && drive->type == NTMS_DRIVE &&
	    !guid_equal(&drive->device.side, &intent->side)) {
		drive->device.side = intent->side;
		media->media.mounted_side = intent->side;
		code = store_update(txn, drive);
	}
	return code ? code : store_update(txn, media);
}

/* How the move of an intent has ended. */
enum outcome {
	MOVED,	  /* the robot says that it has arrived */
	FOUND_TO, /* the library shows it where it was to go, or where it was */
	FOUND_FROM,
	FOUND_NOWHERE,
};

/* @seen: what the library says of where the cartridge is, NULL when it has not been asked or shows
 * it in neither place. *@closed: the request then. */
static DWORD end_intent(struct txn *txn, const NTMS_GUID *request, enum outcome outcome,
			const struct broker_element *seen, struct object *closed)
{
	struct intent intent;
	DWORD code = read_intent(txn, request, seen, &intent);

	if (!code && (outcome == MOVED || outcome == FOUND_TO))
		code = arrive(txn, &intent, outcome == FOUND_TO);
	else if (!code)
		code = stay(txn, &intent, outcome == FOUND_FROM);
	if (code)
		return code;
	intent.request.librequest.move = OBJ_MOVE_NONE;
	*closed = intent.request;
	return store_update(txn, closed);
}

DWORD intent_abandon(struct txn *txn, struct object *request)
{
	const NTMS_GUID guid = request->guid;

	return end_intent(txn, &guid, FOUND_NOWHERE, NULL, request);
}

/* Close the intent of @request. @seen: as above. */
static DWORD close_intent(struct turn *turn, struct object *request, enum outcome outcome,
			  const struct broker_element *seen)
{
	struct object closed;
	struct txn *txn;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = txn_end(txn, end_intent(txn, &request->guid, outcome, seen, &closed));
	if (code)
		return code;
	*request = closed;
	turn->adrift = false;
	return ERROR_SUCCESS;
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

/* What the library says of the cartridge of an open intent. */
struct sighting {
	struct object media;
	enum outcome outcome;
	struct broker_element element; /* unless FOUND_NOWHERE */
};

static DWORD look_for(struct turn *turn, const struct object *request, struct sighting *seen)
{
	struct broker_element at_from, at_to;
	struct object from, to;
	bool in_from, in_to;
	DWORD code;

	code = run_read(turn, &request->librequest.move_media, NTMS_PHYSICAL_MEDIA, &seen->media);
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
	in_from = may_be(&at_from, &seen->media);
	in_to = may_be(&at_to, &seen->media);
	/* Without bar codes both may be full: then the destination tells where its medium came
	 * from. */
	if (in_from && in_to)
		in_to = at_to.source_valid && at_to.source == from.device.element;
	seen->outcome = in_to ? FOUND_TO : in_from ? FOUND_FROM : FOUND_NOWHERE;
	seen->element = in_to ? at_to : at_from;
	return ERROR_SUCCESS;
}

/* NTMS_SLOW_LIMIT: milliseconds instead of SLOW_MS. */
static uint64_t slow_ms(void)
{
	const char *text = secure_getenv("NTMS_SLOW_LIMIT");
	unsigned long value = text ? strtoul(text, NULL, 10) : 0;

	return value ? value : SLOW_MS;
}

/* The records follow what was seen. RUN_WAITS while the robot may still be at it. */
static DWORD settle_as(struct turn *turn, struct object *request, const struct sighting *seen)
{
	/* A request that waits for the robot is not written: its last change began the wait. */
	bool patient = clock_utc_ms() < request->modified_ms + slow_ms();
	DWORD code;

	if (seen->outcome != FOUND_NOWHERE)
		return close_intent(turn, request, seen->outcome, &seen->element);
	/* Neither here nor there: look at the whole library. */
	code = inventory_find(turn, request, patient);
	if (code != RUN_WAITS)
		return code;
	turn->adrift = true;
	return run_waits(turn, request, "the robot is slow: %s has not arrived yet",
			 media_name(&seen->media));
}

DWORD robot_settle(struct turn *turn, struct object *request)
{
	struct sighting seen;
	DWORD code = look_for(turn, request, &seen);

	return code ? code : settle_as(turn, request, &seen);
}

/*
 * Must a two-sided cartridge be turned over on its way? Into a drive the side that the request
 * is about is to face the heads, else the first. Anywhere else it lies as it was brought. What it
 * is like now, the library says: who was here before may have died in the middle.
 */
static DWORD find_turn(struct turn *turn, const struct object *request,
		       const struct object *cartridge, const struct object *from,
		       const struct object *to, bool *invert)
{
	struct broker_element element;
	struct object side;
	uint32_t wanted = 0;
	DWORD code;

	*invert = false;
	if (cartridge->media.sides != 2)
		return ERROR_SUCCESS;
	code = read_element(turn, from, &element);
	if (code)
		return code;
	if (to->type != NTMS_DRIVE) {
		*invert = element.inverted;
		return ERROR_SUCCESS;
	}
	if (!guid_is_null(&request->librequest.side)) {
		code = run_read(turn, &request->librequest.side, NTMS_PARTITION, &side);
		if (code && code != ERROR_OBJECT_NOT_FOUND)
			return code;
		if (!code && guid_equal(&side.side.media, &cartridge->guid))
			wanted = side.side.side;
	}
	*invert = side_facing(cartridge, &element) != wanted;
	return ERROR_SUCCESS;
}

/* The robot has done it. Which way round a two-sided cartridge lies now, the library is asked;
 * until it answers the intent stays open. */
static DWORD confirm(struct turn *turn, struct object *request, const struct object *cartridge,
		     const struct object *to)
{
	struct broker_element element;
	DWORD code;

	if (cartridge->media.sides != 2)
		return close_intent(turn, request, MOVED, NULL);
	code = read_element(turn, to, &element);
	return code ? code : close_intent(turn, request, MOVED, &element);
}

/* What it is late with may arrive yet, or has. */
static DWORD note_late(struct turn *turn, struct object *request, const struct object *cartridge)
{
	DWORD code = phase_change(turn, request, PHASE_LATE, 0, NULL);

	return code ? code
		    : run_progress(turn, request,
				   "the robot is slow: it has not brought %s in time, and is asked "
				   "where that is",
				   media_name(cartridge));
}

DWORD robot_move(struct turn *turn, struct object *request, const NTMS_GUID *media,
		 const NTMS_GUID *from, const NTMS_GUID *to)
{
	struct object cartridge, source, destination;
	char where[48], whither[48];
	struct sighting seen;
	char said[512];
	DWORD code, settled;
	bool invert;
	int error;

	/* It may be where this one is to go. */
	if (turn->adrift)
		return RUN_WAITS;
	code = run_read(turn, media, NTMS_PHYSICAL_MEDIA, &cartridge);
	if (!code)
		code = run_read(turn, from, NTMS_UNKNOWN, &source);
	if (!code)
		code = run_read(turn, to, NTMS_UNKNOWN, &destination);
	if (!code)
		code = find_turn(turn, request, &cartridge, &source, &destination, &invert);
	if (code)
		return code;
	code = run_progress(turn, request, "moving %s from %s to %s", media_name(&cartridge),
			    place_name(&source, where), place_name(&destination, whither));
	if (!code)
		code = set_intent(turn, request, media, from, to);
	if (code)
		return code;
	error = broker_move(turn->lease, (uint16_t)source.device.element,
			    (uint16_t)destination.device.element, invert, 0);
	if (!error)
		return confirm(turn, request, &cartridge, &destination);
	code = broker_code(error);
	strncpy(said, ntms_said(), sizeof(said) - 1);
	said[sizeof(said) - 1] = '\0';
	if (error == -ETIMEDOUT) {
		settled = note_late(turn, request, &cartridge);
		if (settled)
			return settled;
	}
	settled = look_for(turn, request, &seen);
	if (!settled && error == -ETIMEDOUT && seen.outcome == FOUND_TO)
		return close_intent(turn, request, MOVED, &seen.element);
	if (!settled)
		settled = settle_as(turn, request, &seen);
	if (settled)
		return settled;
	return ntms_say(code, "%s", said);
}

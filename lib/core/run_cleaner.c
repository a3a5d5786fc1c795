/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * run_cleaner.c - a cleaner is brought in by a port, or by the door where there is none
 *
 * Which cartridge it is is on record before it moves (librequest.media), so that whoever comes
 * next can go on. It is the library's cleaner when it is in its slot, in one transaction with the
 * number of its uses.
 */
#include <stdio.h>
#include <string.h>
#include "base/guid.h"
#include "base/say.h"
#include "core/cleaner.h"
#include "core/media.h"
#include "core/oprequest.h"
#include "core/port.h"
#include "core/states.h"
#include "core/txn.h"

struct bringing {
	struct turn *turn;
	struct object *request;
	struct object library, slot;
	struct ports ports;
};

/* What a look at the ports has shown. */
struct sight {
	const struct port *cleaner; /* NULL: none */
	const struct port *wrong;   /* somebody has put in what is none, and why; else NULL */
	const char *doubt;
};

static DWORD read_all(struct bringing *bringing)
{
	struct txn *txn;
	DWORD code = store_begin(bringing->turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = store_get(txn, &bringing->turn->library, NTMS_LIBRARY, &bringing->library);
	if (!code)
		code = store_get(txn, &bringing->request->librequest.slot, NTMS_STORAGESLOT,
				 &bringing->slot);
	if (code == ERROR_OBJECT_NOT_FOUND)
		code = ntms_say(ERROR_SLOT_NOT_PRESENT, "the slot for the cleaner is no more");
	store_abort(txn);
	return code;
}

/* It was when this was asked for. */
static DWORD check_room(const struct bringing *bringing)
{
	const struct obj_library *library = &bringing->library.library;
	const struct object *slot = &bringing->slot;

	if (!guid_equal(&library->cleaner_slot, &slot->guid))
		return ntms_say(ERROR_NO_SLOT_SET, "%s is kept for a cleaner no more", slot->name);
	if (slot->device.state == NTMS_SLOTSTATE_NOTPRESENT)
		return ntms_say(ERROR_SLOT_NOT_PRESENT, "%s is not in the library at present",
				slot->name);
	if (slot->device.state != NTMS_SLOTSTATE_EMPTY ||
	    library->flags & NTMS_LIBRARYFLAG_CLEANERPRESENT)
		return ntms_say(ERROR_SLOT_FULL, "%s has a cartridge already", slot->name);
	return ERROR_SUCCESS;
}

/* ---- it is there ---- */

/* @media in the slot is the cleaner from now on. */
static DWORD enter(struct bringing *bringing, struct txn *txn, struct object *media)
{
	struct object library, slot, request;
	DWORD code = store_get(txn, &bringing->library.guid, NTMS_LIBRARY, &library);

	if (!code)
		code = store_get(txn, &bringing->slot.guid, NTMS_STORAGESLOT, &slot);
	if (!code)
		code = store_get(txn, &bringing->request->guid, NTMS_LIBREQUEST, &request);
	if (!code)
		code = cleaner_make(txn, &library, &slot, media);
	/* What it is nobody needs to find out. */
	if (!code && slot.device.state == NTMS_SLOTSTATE_NEEDSINVENTORY) {
		code = slot_event(&slot, SLOT_IDENTIFIED);
		if (!code)
			code = store_update(txn, &slot);
	}
	if (code)
		return code;
	media->media.home_slot = slot.guid;
	cleaner_enter(&library, &slot.guid, request.librequest.uses);
	request.librequest.media = media->guid;
	request.librequest.phase |= PHASE_LOADED;
	code = store_update(txn, media);
	if (!code)
		code = store_update(txn, &library);
	if (!code)
		code = store_update(txn, &request);
	if (!code)
		code = oprequest_close(txn, NTMS_OPREQ_CLEANER, &library.guid, NULL);
	if (!code)
		*bringing->request = request;
	return code;
}

/* ---- by a port ---- */

static DWORD look(struct bringing *bringing)
{
	DWORD code = ERROR_SUCCESS;

	ports_free(&bringing->ports);
	code = ports_read(bringing->turn, &bringing->ports);
	return code ? code : ports_follow(bringing->turn, &bringing->ports);
}

/* Has a person put it there for this? What an eject has left in a port is not meant. */
static bool is_brought(const struct bringing *bringing, const struct port *port)
{
	return port->element.by_operator ||
	       port->media.created_ms >= bringing->request->librequest.queued_ms;
}

static DWORD judge(struct bringing *bringing, struct txn *txn, const struct port *port,
		   struct sight *sight)
{
	const char *doubt;
	bool cleaner;
	DWORD code = cleaner_is(txn, &port->media, &cleaner);

	if (!code && !cleaner && !is_brought(bringing, port))
		return ERROR_SUCCESS;
	if (!code)
		code = cleaner_believe(txn, &bringing->library, &port->media, &doubt);
	if (code)
		return code;
	if (!doubt && !sight->cleaner)
		sight->cleaner = port;
	if (doubt && !sight->wrong) {
		sight->wrong = port;
		sight->doubt = doubt;
	}
	return ERROR_SUCCESS;
}

static DWORD judge_all(struct bringing *bringing, struct sight *sight)
{
	struct txn *txn;
	DWORD code = store_begin(bringing->turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	*sight = (struct sight){0};
	if (code)
		return code;
	for (size_t i = 0; i < bringing->ports.count && !code; i++) {
		const struct port *port = &bringing->ports.list[i];

		if (port->element.full && port->element.accessible && port->media.type)
			code = judge(bringing, txn, port, sight);
	}
	store_abort(txn);
	return code;
}

static DWORD await_person(struct bringing *bringing, const struct sight *sight)
{
	if (!sight->wrong)
		return run_awaits_person(bringing->turn, bringing->request,
					 "waiting for a person to put the cleaner into a port");
	return run_awaits_person(bringing->turn, bringing->request,
				 "%.32s in port %u is no cleaner: %s; waiting for a person to "
				 "exchange it",
				 media_name(&sight->wrong->media),
				 sight->wrong->record.device.number, sight->doubt);
}

/* What is left in the ports is for a person to take out. */
static DWORD give_out_rest(struct bringing *bringing)
{
	DWORD code = look(bringing);

	if (!code && ports_full(&bringing->ports))
		code = ports_give_out(bringing->turn);
	return code;
}

/* It ends with @why; ports that could not be opened are nothing worse. */
static DWORD give_up(struct bringing *bringing, DWORD why)
{
	char said[512];
	DWORD code;

	snprintf(said, sizeof(said), "%s", ntms_said());
	code = give_out_rest(bringing);
	if (database_trouble(code))
		return code;
	return ntms_say(why, "%s", said);
}

static DWORD choose(struct bringing *bringing, const struct port *port)
{
	struct object request, media;
	struct txn *txn;
	DWORD code = store_begin(bringing->turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = store_get(txn, &bringing->request->guid, NTMS_LIBREQUEST, &request);
	if (!code && request_is_final(&request))
		code = ERROR_CANCELLED;
	if (!code)
		code = store_get(txn, &port->media.guid, NTMS_PHYSICAL_MEDIA, &media);
	if (!code)
		code = cleaner_make(txn, &bringing->library, &port->record, &media);
	if (!code) {
		request.librequest.media = media.guid;
		code = store_update(txn, &request);
	}
	code = txn_end(txn, code);
	if (!code)
		*bringing->request = request;
	return code;
}

static DWORD enter_moved(struct bringing *bringing)
{
	struct object media;
	struct txn *txn;
	DWORD code = store_begin(bringing->turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = store_get(txn, &bringing->request->librequest.media, NTMS_PHYSICAL_MEDIA, &media);
	if (!code)
		code = enter(bringing, txn, &media);
	return txn_end(txn, code);
}

static DWORD open_ports(struct bringing *bringing, const struct sight *sight)
{
	DWORD code = ports_open(bringing->turn, bringing->request, ports_limit(&bringing->ports));

	return code ? code : await_person(bringing, sight);
}

/* Somebody has taken it out again before it moved. */
static DWORD forget(struct bringing *bringing)
{
	struct object request;
	struct sight sight = {0};
	struct txn *txn;
	DWORD code = store_begin(bringing->turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = store_get(txn, &bringing->request->guid, NTMS_LIBREQUEST, &request);
	if (!code) {
		memset(&request.librequest.media, 0, sizeof(NTMS_GUID));
		code = store_update(txn, &request);
	}
	code = txn_end(txn, code);
	if (code)
		return code;
	*bringing->request = request;
	return open_ports(bringing, &sight);
}

static DWORD move_in(struct bringing *bringing, const struct object *media)
{
	DWORD code = check_room(bringing);

	if (!code)
		code = robot_move(bringing->turn, bringing->request, &media->guid,
				  &media->media.location, &bringing->slot.guid);
	if (code != ERROR_INVALID_STATE || run_unsettled(bringing->turn, bringing->request))
		return code;
	/* The records called it empty. */
	code = slot_doubt(bringing->turn, &bringing->slot);
	return code ? code
		    : ntms_say(ERROR_SLOT_FULL, "there is a cartridge in %s that nobody knows of",
			       bringing->slot.name);
}

/* The one that was chosen goes to the slot; the ports are locked. */
static DWORD carry(struct bringing *bringing)
{
	struct object *request = bringing->request;
	struct object media;
	DWORD code =
		run_read(bringing->turn, &request->librequest.media, NTMS_PHYSICAL_MEDIA, &media);

	if (code == ERROR_OBJECT_NOT_FOUND)
		return forget(bringing);
	if (code)
		return code;
	if (!guid_equal(&media.media.location, &bringing->slot.guid)) {
		code = move_in(bringing, &media);
		if (code && run_unsettled(bringing->turn, request))
			return code;
		if (code)
			return give_up(bringing, code);
	}
	code = enter_moved(bringing);
	return code ? code : give_out_rest(bringing);
}

/* With the ports locked: nobody can be quicker than the look. */
static DWORD take(struct bringing *bringing, struct sight *sight, bool *taken)
{
	DWORD code = run_progress(bringing->turn, bringing->request, "looking into the ports");

	*taken = false;
	if (!code)
		code = ports_lock(bringing->turn);
	if (!code)
		code = look(bringing);
	if (!code)
		code = judge_all(bringing, sight);
	if (code || !sight->cleaner)
		return code;
	*taken = true;
	code = choose(bringing, sight->cleaner);
	return code ? code : carry(bringing);
}

static DWORD begin(struct bringing *bringing)
{
	struct sight sight;
	bool taken;
	DWORD code = ports_wait_turn(bringing->turn, bringing->request);

	if (!code)
		code = check_room(bringing);
	if (!code)
		code = take(bringing, &sight, &taken);
	return code || taken ? code : open_ports(bringing, &sight);
}

/* Nobody has brought it, and nobody will. */
static DWORD end(struct bringing *bringing)
{
	bool stopped = bringing->request->librequest.phase & PHASE_STOP;
	struct sight sight;
	bool taken;
	DWORD code = take(bringing, &sight, &taken);

	if (code || taken)
		return code;
	if (stopped) {
		code = give_out_rest(bringing);
		return code ? code : run_stopped(bringing->turn, &bringing->request->guid);
	}
	if (sight.wrong)
		ntms_say(ERROR_INVALID_CLEANER, "%s in port %u is no cleaner: %s",
			 media_name(&sight.wrong->media), sight.wrong->record.device.number,
			 sight.doubt);
	else
		ntms_say(ERROR_TIMEOUT, "nobody has put a cleaner into a port in time");
	return give_up(bringing, sight.wrong ? ERROR_INVALID_CLEANER : ERROR_TIMEOUT);
}

static DWORD go_on(struct bringing *bringing)
{
	struct sight sight;
	bool taken;
	DWORD code = look(bringing);

	if (!code)
		code = judge_all(bringing, &sight);
	if (code)
		return code;
	if (bringing->request->librequest.phase & PHASE_STOP || phase_expired(bringing->request))
		return end(bringing);
	if (sight.cleaner && ports_back(&bringing->ports)) {
		code = take(bringing, &sight, &taken);
		return code || taken ? code : open_ports(bringing, &sight);
	}
	code = ports_keep_open(bringing->turn);
	return code ? code : await_person(bringing, &sight);
}

static DWORD by_port(struct bringing *bringing)
{
	const struct obj_librequest *details = &bringing->request->librequest;
	DWORD code;

	/* It is in already, or under way: another executor has got as far as that. */
	if (details->phase & PHASE_LOADED)
		return give_out_rest(bringing);
	if (!guid_is_null(&details->media)) {
		code = ports_lock(bringing->turn);
		if (!code)
			code = look(bringing);
		return code ? code : carry(bringing);
	}
	if (details->phase & PHASE_OPEN)
		return go_on(bringing);
	if (details->phase & PHASE_STOP)
		return run_stopped(bringing->turn, &bringing->request->guid);
	return begin(bringing);
}

/* ---- by the door ---- */

static DWORD read_slot(struct txn *txn, const struct object *slot, struct object *media)
{
	struct store_key key;
	NTMS_GUID guid;
	DWORD code;

	key_start(&key);
	key_guid(&key, &slot->guid);
	code = store_find(txn, IX_PLACE, &key, &guid);
	return code ? code : store_get(txn, &guid, NTMS_PHYSICAL_MEDIA, media);
}

/* What is in the slot now is what the person has put there. */
static DWORD enter_found(struct bringing *bringing, struct txn *txn)
{
	const char *name = bringing->slot.name, *doubt = NULL;
	struct object media;
	DWORD code = read_slot(txn, &bringing->slot, &media);

	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_SLOT_EMPTY, "nobody has put a cleaner into %s", name);
	if (!code)
		code = cleaner_believe(txn, &bringing->library, &media, &doubt);
	if (!code && doubt)
		return ntms_say(ERROR_INVALID_CLEANER, "%s in %s is no cleaner: %s",
				media_name(&media), name, doubt);
	return code ? code : enter(bringing, txn, &media);
}

static DWORD look_into_slot(struct bringing *bringing)
{
	struct txn *txn;
	DWORD code = store_begin(bringing->turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	return code ? code : txn_end(txn, enter_found(bringing, txn));
}

static DWORD by_door(struct bringing *bringing)
{
	struct object *request = bringing->request;
	DWORD code = ERROR_SUCCESS, passed;
	char task[160];

	if (request->librequest.phase & PHASE_LOADED)
		return ERROR_SUCCESS;
	if (!(request->librequest.phase & PHASE_OPEN))
		code = check_room(bringing);
	if (code)
		return code;
	snprintf(task, sizeof(task), "put the cleaner into %.64s", bringing->slot.name);
	passed = door_pass(bringing->turn, request, task, false, false);
	if (passed && passed != ERROR_TIMEOUT)
		return passed;
	code = look_into_slot(bringing);
	if (code == ERROR_SLOT_EMPTY && passed == ERROR_TIMEOUT)
		return ntms_say(ERROR_TIMEOUT, "nobody has opened the door in time");
	return code;
}

DWORD run_inject_cleaner(struct turn *turn, struct object *request)
{
	struct bringing bringing = {.turn = turn, .request = request};
	DWORD code = read_all(&bringing);

	if (!code)
		code = request->librequest.phase & PHASE_DOOR ? by_door(&bringing)
							      : by_port(&bringing);
	ports_free(&bringing.ports);
	return code;
}

/* ---- out ---- */

/* Until it has cleaned the drive that it is in. */
static DWORD wait_for_cleaner(struct turn *turn, struct object *request, const struct object *media)
{
	struct object drive;
	DWORD code = run_read(turn, &media->media.location, NTMS_DRIVE, &drive);

	if (code && code != ERROR_OBJECT_NOT_FOUND)
		return code;
	return run_waits(turn, request, "waiting for the cleaner, which is in %.48s",
			 code ? "a drive" : drive.name);
}

static DWORD out_by_door(struct turn *turn, struct object *request)
{
	struct object slot, media;
	char task[160];
	DWORD code = run_read(turn, &request->librequest.slot, NTMS_STORAGESLOT, &slot), passed;

	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_SLOT_NOT_PRESENT, "the slot of the cleaner is no more");
	if (code)
		return code;
	snprintf(task, sizeof(task), "take the cleaner out of %.64s", slot.name);
	passed = door_pass(turn, request, task, false, false);
	if (passed && passed != ERROR_TIMEOUT)
		return passed;
	code = run_read(turn, &request->librequest.media, NTMS_PHYSICAL_MEDIA, &media);
	if (code)
		return code == ERROR_OBJECT_NOT_FOUND ? ERROR_SUCCESS : code;
	if (passed)
		return ntms_say(ERROR_TIMEOUT, "nobody has opened the door in time");
	return ntms_say(ERROR_SLOT_FULL, "nobody has taken the cleaner out of %s", slot.name);
}

DWORD run_eject_cleaner(struct turn *turn, struct object *request)
{
	uint32_t phase = request->librequest.phase;
	struct object media;
	DWORD code;

	if (!(phase & (PHASE_OPEN | PHASE_LOADED | PHASE_STOP))) {
		code = run_read(turn, &request->librequest.media, NTMS_PHYSICAL_MEDIA, &media);
		if (!code && media.media.location_type == NTMS_DRIVE)
			return wait_for_cleaner(turn, request, &media);
		if (code == ERROR_OBJECT_NOT_FOUND)
			return ntms_say(ERROR_SLOT_EMPTY, "the cleaner has left the library");
		if (code)
			return code;
	}
	if (phase & PHASE_DOOR)
		return out_by_door(turn, request);
	return run_eject(turn, request);
}

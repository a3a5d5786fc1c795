/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * run_eject.c - carry out an eject: all cartridges of one operation go to ports, then a person
 * takes them out
 *
 * The first member in the queue stands for all. What cannot be done for one of them ends that one;
 * the others go on. A member whose cartridge has left the library while the ports were open has
 * passed.
 */
#include <stdlib.h>
#include <string.h>
#include "base/guid.h"
#include "base/say.h"
#include "core/eject.h"
#include "core/media.h"
#include "core/port.h"
#include "core/txn.h"

/* The cartridges of one operation that are still to leave, and the ports. */
struct ejection {
	struct turn *turn;
	struct object *request; /* the first of them */
	struct object *members;
	size_t count;
	struct ports ports;
};

/* ---- one member is over ---- */

/* RUN_WAITS of a member, whose cartridge is under way still, is no reason to end the others. */
static DWORD end_member(struct ejection *ejection, size_t index, DWORD why)
{
	DWORD code = run_finish(ejection->turn, &ejection->members[index].guid, why);

	if (code && code != RUN_WAITS && code != why)
		return code;
	ejection->count--;
	memmove(&ejection->members[index], &ejection->members[index + 1],
		(ejection->count - index) * sizeof(*ejection->members));
	return ERROR_SUCCESS;
}

static DWORD end_all(struct ejection *ejection, DWORD why)
{
	DWORD code = ERROR_SUCCESS;

	while (ejection->count && !code)
		code = end_member(ejection, 0, why);
	return code;
}

/* ---- who has left ---- */

/*
 * The robot put it there, and now the library says a person did: he has taken it, and put it or
 * another without a bar code in its place.
 */
static bool was_exchanged(const struct object *member, const struct port *port)
{
	return member->librequest.phase & PHASE_LOADED && port && port->element.full &&
	       port->element.by_operator;
}

static DWORD note_exchange(struct ejection *ejection, const NTMS_GUID *guid)
{
	struct object media;
	struct txn *txn;
	DWORD code = store_begin(ejection->turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = store_get(txn, guid, NTMS_PHYSICAL_MEDIA, &media);
	if (!code)
		code = media_leave(txn, &media);
	code = txn_end(txn, code);
	if (!code)
		code = inventory_reconcile(ejection->turn, false, false);
	if (code)
		return code;
	ports_free(&ejection->ports);
	return ports_read(ejection->turn, &ejection->ports);
}

static DWORD look_after(struct ejection *ejection, size_t index, bool *left)
{
	const struct object *member = &ejection->members[index];
	bool open = member->librequest.phase & PHASE_OPEN;
	const struct port *port = port_of(&ejection->ports, &member->librequest.media);
	struct object media;
	DWORD code = ERROR_SUCCESS;

	*left = false;
	if (open && was_exchanged(member, port)) {
		*left = true;
		code = note_exchange(ejection, &member->librequest.media);
		return code ? code : end_member(ejection, index, ERROR_SUCCESS);
	}
	if (!code)
		code = run_read(ejection->turn, &member->librequest.media, NTMS_PHYSICAL_MEDIA,
				&media);
	if (code && code != ERROR_OBJECT_NOT_FOUND)
		return code;
	if (!code && guid_equal(&media.media.library, &ejection->turn->library))
		return ERROR_SUCCESS;
	*left = true;
	if (!open)
		code = ntms_say(ERROR_MEDIA_OFFLINE, "the cartridge left the library before it "
						     "could be ejected");
	else
		code = ERROR_SUCCESS;
	return end_member(ejection, index, code);
}

static DWORD look_after_all(struct ejection *ejection)
{
	DWORD code = ERROR_SUCCESS;
	size_t i = 0;

	while (i < ejection->count && !code) {
		bool left;

		code = look_after(ejection, i, &left);
		i += !left;
	}
	return code;
}

/* ---- into the ports ---- */

/* The drive that has it, also from under its user if the call was to force it. */
static DWORD take_drive(struct ejection *ejection, struct object *member,
			const struct object *media, struct loaded *loaded)
{
	struct turn *turn = ejection->turn;
	const struct worker_drive *drive = turn_drive(turn, &media->media.location);
	DWORD code;

	*loaded = (struct loaded){.media = *media};
	if (media->media.state == NTMS_MEDIASTATE_LOADED &&
	    member->librequest.option != EJECT_OPTION_FORCE)
		return ntms_say(ERROR_BUSY, "cartridge %s is mounted", media_name(media));
	if (!drive)
		return ntms_say(ERROR_DEVICE_NOT_AVAILABLE, "the drive that has %s is not present",
				media_name(media));
	loaded->drive_id = drive->id;
	code = run_read(turn, &drive->guid, NTMS_DRIVE, &loaded->drive);
	if (!code)
		code = wait_for_user(turn, member, loaded);
	return code ? code : take_over(turn, loaded);
}

static DWORD place_from_drive(struct ejection *ejection, struct object *member,
			      const struct object *media, const struct port *port)
{
	struct turn *turn = ejection->turn;
	struct loaded loaded;
	DWORD code = take_drive(ejection, member, media, &loaded);

	if (!code)
		code = unload_into(turn, member, &loaded, &port->record.guid);
	loaded_drop(&loaded);
	return code;
}

static DWORD place(struct ejection *ejection, struct object *member, const struct object *media,
		   const struct port *port)
{
	if (guid_is_null(&media->media.location))
		return ntms_say(ERROR_INVALID_STATE,
				"nobody knows where cartridge %s is; take an inventory",
				media_name(media));
	if (media->media.location_type == NTMS_DRIVE)
		return place_from_drive(ejection, member, media, port);
	return robot_move(ejection->turn, member, &media->guid, &media->media.location,
			  &port->record.guid);
}

/* Is it in a drive that has not let go of it? */
static DWORD is_wound(struct ejection *ejection, const struct object *member, struct object *media,
		      bool *wound)
{
	struct object drive;
	DWORD code =
		run_read(ejection->turn, &member->librequest.media, NTMS_PHYSICAL_MEDIA, media);

	*wound = false;
	if (code || media->media.location_type != NTMS_DRIVE ||
	    guid_is_null(&media->media.location))
		return code;
	code = run_read(ejection->turn, &media->media.location, NTMS_DRIVE, &drive);
	*wound = !code && drive.device.state != NTMS_DRIVESTATE_UNLOADED;
	return code;
}

/* Have its drive let go of it. RUN_WAITS: it has, however it went, and others have gone on, so that
 * everything is to be looked at anew; or the drive is not to be had yet. What cannot be unwound
 * fails when it is placed. */
static DWORD unwind_member(struct ejection *ejection, struct object *member,
			   const struct object *media)
{
	struct turn *turn = ejection->turn;
	struct loaded loaded;
	DWORD code = take_drive(ejection, member, media, &loaded);

	if (code)
		return code == RUN_WAITS || database_trouble(code) ? code : ERROR_SUCCESS;
	code = unwind(turn, member, &loaded);
	if (code && !database_trouble(code))
		code = run_finish(turn, &member->guid, code);
	if (code)
		return code;
	turn->queued = true;
	return RUN_WAITS;
}

/* Before anything is done to the ports: who stands aside when they are locked would have them
 * unlocked by others. */
static DWORD unwind_first(struct ejection *ejection)
{
	size_t room = ejection->ports.count - ports_full(&ejection->ports);
	DWORD code = ERROR_SUCCESS;

	for (size_t i = 0; i < ejection->count && room && !code; i++) {
		struct object *member = &ejection->members[i], media;
		bool wound;

		if (port_of(&ejection->ports, &member->librequest.media))
			continue;
		room--;
		code = is_wound(ejection, member, &media, &wound);
		if (!code && wound)
			code = unwind_member(ejection, member, &media);
	}
	return code;
}

/* Where members are not in a port yet, to as many as are free. *@waiting: how many are not. */
static DWORD place_all(struct ejection *ejection, size_t *waiting)
{
	DWORD code = ERROR_SUCCESS;
	size_t i = 0;

	*waiting = 0;
	while (i < ejection->count && !code) {
		struct object *member = &ejection->members[i];
		struct port *port = port_free(&ejection->ports, true);
		struct object media;

		code = run_read(ejection->turn, &member->librequest.media, NTMS_PHYSICAL_MEDIA,
				&media);
		if (!code && media.media.location_type == NTMS_IEPORT &&
		    !guid_is_null(&media.media.location)) {
			i++;
			continue;
		}
		if (!code && !port) {
			++*waiting;
			i++;
			continue;
		}
		if (!code)
			code = place(ejection, member, &media, port);
		if (!code) {
			code = phase_change(ejection->turn, member, PHASE_LOADED, 0, NULL);
			ports_free(&ejection->ports);
			if (!code)
				code = ports_read(ejection->turn, &ejection->ports);
			i++;
			continue;
		}
		if (database_trouble(code))
			return code;
		if (door_was_opened(ejection->turn, code))
			return run_waits_for_library(ejection->turn, member);
		code = end_member(ejection, i, code);
	}
	return code;
}

/* ---- waiting for the person ---- */

static DWORD await_for(struct ejection *ejection, struct object *member)
{
	const struct port *port = port_of(&ejection->ports, &member->librequest.media);

	if (!port)
		return run_awaits_person(ejection->turn, member,
					 "all ports are full; waiting for a person to empty one");
	return run_awaits_person(ejection->turn, member,
				 "waiting for a person to take %s out of port %u",
				 media_name(&port->media), port->record.device.number);
}

static DWORD await_person(struct ejection *ejection)
{
	DWORD code = RUN_WAITS;

	for (size_t i = 0; i < ejection->count && code == RUN_WAITS; i++)
		code = await_for(ejection, &ejection->members[i]);
	return code;
}

static DWORD start(struct ejection *ejection)
{
	size_t waiting;
	DWORD code = ports_wait_turn(ejection->turn, ejection->request);

	if (!code)
		code = unwind_first(ejection);
	if (!code)
		code = run_progress(ejection->turn, ejection->request, "locking the ports");
	if (!code)
		code = ports_lock(ejection->turn);
	if (!code)
		code = place_all(ejection, &waiting);
	if (code || !ejection->count)
		return code;
	*ejection->request = ejection->members[0];
	code = ports_open(ejection->turn, ejection->request, ports_limit(&ejection->ports));
	if (!code && waiting)
		code = ports_ask(ejection->turn, &ejection->ports);
	/* Their time has begun to run. */
	for (size_t i = 0; i < ejection->count && !code; i++)
		code = run_read(ejection->turn, &ejection->members[i].guid, NTMS_LIBREQUEST,
				&ejection->members[i]);
	return code ? code : await_person(ejection);
}

/* Its time is over: what nobody has taken stays in its port, and that stays open until it is empty
 * (ports_settle). */
static DWORD time_over(struct ejection *ejection)
{
	DWORD code = ports_ask(ejection->turn, &ejection->ports);

	while (ejection->count && !code) {
		const struct object *member = &ejection->members[0];
		const struct port *port = port_of(&ejection->ports, &member->librequest.media);

		if (port)
			ntms_say(ERROR_TIMEOUT, "nobody has taken %s out of port %u",
				 media_name(&port->media), port->record.device.number);
		else
			ntms_say(ERROR_TIMEOUT, "no port has become free");
		code = end_member(ejection, 0, ERROR_TIMEOUT);
	}
	return code;
}

static size_t count_waiting(const struct ejection *ejection)
{
	size_t waiting = 0;

	for (size_t i = 0; i < ejection->count; i++)
		waiting += !port_of(&ejection->ports, &ejection->members[i].librequest.media);
	return waiting;
}

static DWORD go_on(struct ejection *ejection)
{
	size_t waiting = count_waiting(ejection);
	DWORD code;

	if (waiting && port_free(&ejection->ports, true))
		return start(ejection);
	if (phase_expired(ejection->request))
		return time_over(ejection);
	code = ports_keep_open(ejection->turn);
	return code ? code : await_person(ejection);
}

/* ---- stopped ---- */

/* What nobody has taken goes back to its slot. */
static DWORD give_back(struct ejection *ejection)
{
	struct turn *turn = ejection->turn;
	bool stays = false;
	DWORD code = ports_lock(turn);

	/* Somebody may have been quicker than the lock. */
	if (!code)
		code = ports_follow(turn, &ejection->ports);
	if (!code)
		code = look_after_all(ejection);
	for (size_t i = 0; i < ejection->count && !code; i++) {
		struct object *member = &ejection->members[i];
		const struct port *port = port_of(&ejection->ports, &member->librequest.media);

		if (port)
			code = put_away(turn, member, &port->media.guid, &port->record.guid);
		if (code != ERROR_LIBRARY_FULL)
			continue;
		stays = true;
		code = ask_service(turn, &port->record.guid,
				   "take %s out of port %u: there is no slot for it",
				   media_name(&port->media), port->record.device.number);
	}
	return code || !stays ? code : ports_leave_open(turn);
}

static DWORD stop(struct ejection *ejection)
{
	size_t waiting = count_waiting(ejection);
	DWORD code = ERROR_SUCCESS;

	if (waiting < ejection->count || ejection->request->librequest.phase & PHASE_OPEN)
		code = give_back(ejection);
	while (ejection->count && !code) {
		code = run_stopped(ejection->turn, &ejection->members[0].guid);
		ejection->count--;
		memmove(&ejection->members[0], &ejection->members[1],
			ejection->count * sizeof(*ejection->members));
	}
	return code;
}

/* ---- all of it ---- */

static DWORD eject(struct ejection *ejection)
{
	DWORD code = ports_read(ejection->turn, &ejection->ports);

	if (!code)
		code = ports_follow(ejection->turn, &ejection->ports);
	if (!code)
		code = look_after_all(ejection);
	if (code || !ejection->count)
		return code;
	*ejection->request = ejection->members[0];
	if (ejection->request->librequest.phase & PHASE_STOP)
		return stop(ejection);
	if (ejection->request->librequest.phase & PHASE_OPEN)
		return go_on(ejection);
	return start(ejection);
}

DWORD run_eject(struct turn *turn, struct object *request)
{
	struct ejection ejection = {.turn = turn, .request = request};
	DWORD code;

	if (!(request->librequest.phase & PHASE_STARTED))
		return run_waits(turn, request, "collected, to be ejected with others");
	code = members_read(turn, request, &ejection.members, &ejection.count);
	if (!code && ejection.count && !guid_equal(&ejection.members[0].guid, &request->guid))
		code = RUN_WAITS;
	if (!code)
		code = eject(&ejection);
	/* What hinders the operation as a whole ends it. */
	if (code && code != RUN_WAITS && code != ERROR_DATABASE_FAILURE &&
	    code != ERROR_DATABASE_FULL) {
		DWORD ended = end_all(&ejection, code);

		code = ended ? ended : code;
	}
	ports_free(&ejection.ports);
	free(ejection.members);
	return code;
}

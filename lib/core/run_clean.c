/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * run_clean.c - carry out a cleaning: the cleaner into the drive, and home when it has done its
 * work
 *
 * Every step is on record before the next begins (clean.h). Nobody but the executor uses a drive
 * that is BEING_CLEANED, so no reservation need outlive the turn.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "base/clock.h"
#include "base/guid.h"
#include "base/say.h"
#include "core/clean.h"
#include "core/cleaner.h"
#include "core/media.h"
#include "core/oprequest.h"
#include "core/states.h"
#include "core/txn.h"

/* A cleaning takes two or three minutes; one that takes longer than this has failed. */
#define CLEANING_LIMIT_MS (15 * 60 * 1000)
/* There is no event for its end. */
#define LOOK_MS	     5000
#define TRY_AGAIN_MS 30000

struct cleaning {
	struct object library, drive, media;
	const struct worker_drive *present; /* NULL: unplugged */
	bool has_cleaner;		    /* media is it */
	struct broker_hold *hold;
};

static void look_in(struct turn *turn, uint64_t ms)
{
	turn_look_by(turn, clock_monotonic_ns() + ms * NSEC_PER_MSEC);
}

/* Is the time for it over? */
static bool is_late(const struct object *request)
{
	return request->librequest.deadline_ms <= clock_utc_ms();
}

static bool is_in_drive(const struct cleaning *cleaning)
{
	return cleaning->has_cleaner &&
	       guid_equal(&cleaning->media.media.location, &cleaning->drive.guid);
}

/* What is in the drive of a cleaning that was left alone, or the cleaner of the request. */
static DWORD read_cleaner(struct txn *txn, const struct object *request, struct cleaning *cleaning)
{
	NTMS_GUID guid = request->librequest.media;
	struct object side;
	DWORD code = ERROR_SUCCESS;

	if (guid_is_null(&guid)) {
		code = store_get(txn, &cleaning->drive.device.side, NTMS_PARTITION, &side);
		guid = side.side.media;
	}
	if (!code)
		code = store_get(txn, &guid, NTMS_PHYSICAL_MEDIA, &cleaning->media);
	cleaning->has_cleaner = !code;
	return code == ERROR_OBJECT_NOT_FOUND ? ERROR_SUCCESS : code;
}

static DWORD read_all(struct turn *turn, const struct object *request, struct cleaning *cleaning)
{
	struct txn *txn;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = store_get(txn, &request->librequest.drive, NTMS_DRIVE, &cleaning->drive);
	if (code == ERROR_OBJECT_NOT_FOUND)
		code = ntms_say(ERROR_INVALID_DRIVE, "the drive to be cleaned is no more");
	if (!code)
		code = store_get(txn, &turn->library, NTMS_LIBRARY, &cleaning->library);
	if (!code && request->librequest.phase & PHASE_CLEANING)
		code = read_cleaner(txn, request, cleaning);
	store_abort(txn);
	cleaning->present = turn_drive(turn, &request->librequest.drive);
	return code;
}

/* ---- a cleaner ---- */

/* Somebody has said that he has brought one, or will not. ERROR_SUCCESS: he is still to be asked,
 * or to do it. */
static DWORD hear_person(struct txn *txn, const struct object *request, bool *says_done)
{
	uint32_t state;
	DWORD code;

	*says_done = false;
	if (guid_is_null(&request->librequest.work_item))
		return ERROR_SUCCESS;
	code = oprequest_state(txn, &request->librequest.work_item, &state);
	if (!code && state == NTMS_OPSTATE_REFUSED)
		return ntms_say(ERROR_REQUEST_REFUSED,
				"the operator has refused to bring a cleaner");
	*says_done = state == NTMS_OPSTATE_COMPLETE;
	return code;
}

/* Ask for one; *@request names what a person is asked by. */
static DWORD ask(struct turn *turn, struct object *request, const struct object *library,
		 const char *why)
{
	struct object current;
	struct txn *txn;
	NTMS_GUID asked;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = store_get(txn, &request->guid, NTMS_LIBREQUEST, &current);
	if (!code && request_is_final(&current))
		code = ERROR_CANCELLED;
	if (!code)
		code = clean_ask(txn, library, why, &asked);
	if (code || guid_equal(&asked, &current.librequest.work_item)) {
		store_abort(txn);
		return code;
	}
	current.librequest.work_item = asked;
	code = txn_end(txn, store_update(txn, &current));
	if (!code)
		*request = current;
	return code;
}

static DWORD look_for_cleaner(struct turn *turn, struct object *request, struct cleaning *cleaning,
			      char why[128], bool *says_done)
{
	struct txn *txn;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = store_get(txn, &turn->library, NTMS_LIBRARY, &cleaning->library);
	if (!code)
		code = clean_cleaner(txn, &cleaning->library, &cleaning->media, why);
	cleaning->has_cleaner = !code;
	if (code == ERROR_OBJECT_NOT_FOUND) {
		code = hear_person(txn, request, says_done);
		if (!code)
			code = ERROR_OBJECT_NOT_FOUND;
	}
	store_abort(txn);
	return code;
}

/* One that can be used; who said that he has brought one is believed once. */
static DWORD find_cleaner(struct turn *turn, struct object *request, struct cleaning *cleaning)
{
	bool says_done = false, again;
	char why[128];
	DWORD code = look_for_cleaner(turn, request, cleaning, why, &says_done);

	if (code == ERROR_OBJECT_NOT_FOUND && says_done) {
		code = inventory_reconcile(turn, false, false);
		if (!code)
			code = look_for_cleaner(turn, request, cleaning, why, &again);
	}
	if (code != ERROR_OBJECT_NOT_FOUND)
		return code;
	code = ask(turn, request, &cleaning->library, why);
	if (code)
		return code;
	/* Nobody waits for what RSM has wanted itself: the drive asks again. */
	if (request->librequest.phase & PHASE_NEEDED)
		return ntms_say(ERROR_INVALID_CLEANER, "%s", why);
	return run_waits(turn, request, "waiting for a person to bring a cleaner: %s", why);
}

/* ---- begun ---- */

static DWORD wait_for_drive(struct turn *turn, struct object *request,
			    const struct cleaning *cleaning)
{
	struct broker_holder holder;

	if (drive_holder(turn, cleaning->present->id, &holder) == 1)
		return run_waits(turn, request, "waiting for %.48s, held by %.16s (process %d)",
				 cleaning->drive.name, holder.command, holder.pid);
	return run_waits(turn, request, "waiting for %.48s", cleaning->drive.name);
}

/* Drive and cleaner are there, and nobody uses them. */
static DWORD check(struct turn *turn, struct object *request, struct cleaning *cleaning)
{
	DWORD code;

	if (!cleaning->library.enabled || !cleaning->drive.enabled)
		return ntms_say(ERROR_RESOURCE_DISABLED, "%s is disabled",
				cleaning->drive.enabled ? cleaning->library.name
							: cleaning->drive.name);
	if (!cleaning->present)
		return ntms_say(ERROR_DEVICE_NOT_AVAILABLE, "%s is not connected",
				cleaning->drive.name);
	code = find_cleaner(turn, request, cleaning);
	if (code)
		return code;
	if (cleaning->media.media.location_type != NTMS_STORAGESLOT ||
	    guid_is_null(&cleaning->media.media.location))
		return run_waits(turn, request, "waiting for the cleaner, which is in use");
	if (cleaning->drive.device.state == NTMS_DRIVESTATE_LOADED ||
	    cleaning->drive.device.state == NTMS_DRIVESTATE_BEING_CLEANED)
		return wait_for_drive(turn, request, cleaning);
	return ERROR_SUCCESS;
}

static DWORD hold_drive(struct turn *turn, struct object *request, struct cleaning *cleaning)
{
	int error;

	if (cleaning->hold || !cleaning->present)
		return ERROR_SUCCESS;
	error = broker_reserve(turn->lease, cleaning->present->id, &cleaning->media.guid,
			       BROKER_RECOVER, 0, &cleaning->hold);
	if (!error)
		return ERROR_SUCCESS;
	cleaning->hold = NULL;
	if (error == -ENOMEM)
		return ERROR_NOT_ENOUGH_MEMORY;
	look_in(turn, TRY_AGAIN_MS);
	if (request->librequest.phase & PHASE_CLEANING)
		return RUN_WAITS;
	return wait_for_drive(turn, request, cleaning);
}

/* From here on the drive is nobody else's, and the cleaning goes to its end. */
static DWORD begin(struct turn *turn, struct object *request, struct cleaning *cleaning)
{
	struct object current, drive;
	struct txn *txn;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = store_get(txn, &request->guid, NTMS_LIBREQUEST, &current);
	if (!code)
		code = store_get(txn, &cleaning->drive.guid, NTMS_DRIVE, &drive);
	if (!code)
		code = request_event(&current, REQUEST_BEGINS);
	if (!code)
		code = drive_event(&drive, DRIVE_CLEANING_BEGINS);
	if (!code) {
		current.librequest.phase |= PHASE_CLEANING;
		current.librequest.media = cleaning->media.guid;
		current.librequest.slot = cleaning->library.library.cleaner_slot;
		current.librequest.deadline_ms = clock_utc_ms() + CLEANING_LIMIT_MS;
		code = store_update(txn, &current);
	}
	if (!code)
		code = store_update(txn, &drive);
	if (!code)
		code = oprequest_close(txn, NTMS_OPREQ_CLEANER, &cleaning->library.guid, NULL);
	code = txn_end(txn, code);
	if (code)
		return code;
	*request = current;
	cleaning->drive = drive;
	return ERROR_SUCCESS;
}

/* What is in the drive goes home first. That may take minutes, and others go on meanwhile: the
 * cleaner may be in use now. */
static DWORD empty_drive(struct turn *turn, struct object *request, struct cleaning *cleaning)
{
	DWORD code = load_empty(turn, request, &cleaning->drive.guid);

	if (!code)
		code = read_all(turn, request, cleaning);
	return code ? code : check(turn, request, cleaning);
}

static DWORD prepare(struct turn *turn, struct object *request, struct cleaning *cleaning)
{
	DWORD code = check(turn, request, cleaning);

	if (!code && !guid_is_null(&cleaning->drive.device.side))
		code = empty_drive(turn, request, cleaning);
	if (!code)
		code = hold_drive(turn, request, cleaning);
	return code ? code : begin(turn, request, cleaning);
}

/* ---- carried out ---- */

/* The request has come further: flags, and what went wrong. */
static DWORD step(struct turn *turn, struct object *request, uint32_t phase, DWORD error)
{
	struct object current;
	struct txn *txn;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = store_get(txn, &request->guid, NTMS_LIBREQUEST, &current);
	if (!code) {
		current.librequest.phase |= phase;
		if (error)
			current.librequest.error = error;
		code = store_update(txn, &current);
	}
	code = txn_end(txn, code);
	if (!code)
		*request = current;
	return code;
}

static DWORD reread_cleaner(struct turn *turn, struct cleaning *cleaning)
{
	DWORD code = run_read(turn, &cleaning->media.guid, NTMS_PHYSICAL_MEDIA, &cleaning->media);

	cleaning->has_cleaner = !code;
	return code == ERROR_OBJECT_NOT_FOUND ? ERROR_SUCCESS : code;
}

static DWORD bring_in(struct turn *turn, struct object *request, struct cleaning *cleaning)
{
	DWORD code, moved;

	if (!cleaning->has_cleaner)
		return step(turn, request, PHASE_UNCLEAN, ERROR_INVALID_CLEANER);
	code = hold_drive(turn, request, cleaning);
	if (code)
		return code;
	moved = robot_move(turn, request, &cleaning->media.guid, &cleaning->media.media.location,
			   &cleaning->drive.guid);
	/* As its result it would look like one more trouble each time the request is looked at. */
	if (moved && (is_scarcity(moved) || run_unsettled(turn, request)))
		return moved;
	code = reread_cleaner(turn, cleaning);
	if (code || is_in_drive(cleaning))
		return code;
	return step(turn, request, PHASE_UNCLEAN, moved ? moved : ERROR_UNABLE_TO_CLEAN);
}

/* Has the cleaner done what it can? It has when the drive has ejected it or asks no more. */
static bool has_ended(struct turn *turn, const struct cleaning *cleaning, bool *needed)
{
	struct broker *broker = turn->system->broker;
	bool loaded = true;
	int asked;

	*needed = true;
	asked = broker_drive_cleaning(broker, cleaning->present->id, needed);
	if (!asked && !*needed)
		return true;
	if (broker_drive_loaded(broker, cleaning->present->id, &loaded) || loaded)
		return false;
	/* A drive that does not tell is taken to be clean. */
	*needed = !asked;
	return true;
}

static DWORD watch(struct turn *turn, struct object *request, struct cleaning *cleaning)
{
	bool needed = true, ended;
	DWORD code = run_progress(turn, request, "cleaning %s", cleaning->drive.name);

	if (code)
		return code;
	/* Unplugged, nobody knows; the cleaner is fetched all the same. */
	ended = !cleaning->present || has_ended(turn, cleaning, &needed);
	if (!ended && !is_late(request)) {
		look_in(turn, LOOK_MS);
		return RUN_WAITS;
	}
	if (ended && !needed)
		return step(turn, request, PHASE_USED, ERROR_SUCCESS);
	return step(turn, request, PHASE_USED | PHASE_UNCLEAN, ERROR_UNABLE_TO_CLEAN);
}

/* Ask a person to look after the drive, unless he is asked already. */
static DWORD ask_about(struct txn *txn, const struct object *drive, const char *why)
{
	char message[OBJ_MESSAGE_SIZE];
	NTMS_GUID asked;

	snprintf(message, sizeof(message), "%s: %s", drive->name, why);
	return oprequest_raise(txn, NTMS_OPREQ_DEVICESERVICE, &drive->guid, NULL, message, &asked);
}

/* It stays in the drive, and nobody can use that: a person may have to help. */
static DWORD stuck(struct turn *turn, struct object *request, const struct cleaning *cleaning)
{
	char why[192];
	struct txn *txn;
	DWORD code;

	snprintf(why, sizeof(why), "the cleaner cannot be taken out: %.128s", ntms_said());
	code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);
	if (!code)
		code = txn_end(txn, ask_about(txn, &cleaning->drive, why));
	if (!code)
		code = run_progress(turn, request, "%.24s: %s", cleaning->drive.name, why);
	turn_retry_in(turn, &request->guid, TRY_AGAIN_MS);
	return code ? code : RUN_WAITS;
}

static DWORD take_home(struct turn *turn, struct object *request, struct cleaning *cleaning)
{
	DWORD code = hold_drive(turn, request, cleaning), moved;

	if (code)
		return code;
	if (!turn_retry_is_due(turn, &request->guid))
		return RUN_WAITS;
	moved = put_away(turn, request, &cleaning->media.guid, &cleaning->drive.guid);
	if (moved && (is_scarcity(moved) || run_unsettled(turn, request)))
		return moved;
	code = reread_cleaner(turn, cleaning);
	if (code || !is_in_drive(cleaning))
		return code;
	/* Still at work, perhaps: it is not let go of before. */
	if (is_late(request))
		return stuck(turn, request, cleaning);
	turn_retry_in(turn, &request->guid, LOOK_MS);
	return RUN_WAITS;
}

/* ---- ended ---- */

/* Once more used, or no longer good for anything. */
static DWORD count_use(struct txn *txn, const struct object *request, struct object *library)
{
	bool unclean = request->librequest.phase & PHASE_UNCLEAN;
	uint32_t uses = library->library.cleaner_uses;
	char why[128];
	NTMS_GUID asked;

	if (!(library->library.flags & NTMS_LIBRARYFLAG_CLEANERPRESENT))
		return ERROR_SUCCESS;
	if (uses == CLEANER_UNCOUNTED)
		uses = unclean ? 0 : CLEANER_UNCOUNTED;
	else if (uses)
		uses--;
	cleaner_enter(library, &library->library.cleaner_slot, uses);
	if (uses)
		return ERROR_SUCCESS;
	snprintf(why, sizeof(why), "the cleaner of library %.64s is used up", library->name);
	return clean_ask(txn, library, why, &asked);
}

static DWORD record(struct txn *txn, const struct cleaning *cleaning, struct object *request)
{
	bool used = request->librequest.phase & PHASE_USED;
	bool unclean = request->librequest.phase & PHASE_UNCLEAN;
	struct object drive, library;
	DWORD code = store_get(txn, &cleaning->drive.guid, NTMS_DRIVE, &drive);

	if (!code)
		code = drive_event(&drive, unclean ? DRIVE_CLEANING_FAILS : DRIVE_CLEANING_ENDS);
	if (!code)
		code = store_update(txn, &drive);
	if (!code)
		code = store_get(txn, &cleaning->library.guid, NTMS_LIBRARY, &library);
	if (code)
		return code;
	/* Its slot was taken meanwhile: the one it is in now is the cleaner's. */
	if (cleaning->has_cleaner && cleaning->media.media.location_type == NTMS_STORAGESLOT &&
	    library.library.flags & NTMS_LIBRARYFLAG_CLEANERPRESENT)
		library.library.cleaner_slot = cleaning->media.media.location;
	if (used)
		code = count_use(txn, request, &library);
	if (!code)
		code = store_update(txn, &library);
	if (!code && used && unclean)
		code = ask_about(txn, &drive, "it still asks to be cleaned after that");
	request->librequest.phase |= PHASE_RECORDED;
	return code ? code : store_update(txn, request);
}

static DWORD end(struct turn *turn, struct object *request, const struct cleaning *cleaning)
{
	struct object current;
	struct txn *txn;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = store_get(txn, &request->guid, NTMS_LIBREQUEST, &current);
	if (!code)
		code = record(txn, cleaning, &current);
	code = txn_end(txn, code);
	if (!code)
		*request = current;
	return code;
}

/* What became of it, for whoever has asked. */
static DWORD result(const struct object *request, const struct cleaning *cleaning)
{
	DWORD error = request->librequest.error;

	if (!(request->librequest.phase & PHASE_UNCLEAN))
		return ERROR_SUCCESS;
	if (request->librequest.phase & PHASE_USED)
		return ntms_say(error, "%s still asks to be cleaned", cleaning->drive.name);
	return ntms_say(error, "the cleaner could not be brought to %s", cleaning->drive.name);
}

static DWORD carry_out(struct turn *turn, struct object *request, struct cleaning *cleaning)
{
	const uint32_t done = PHASE_USED | PHASE_UNCLEAN;
	DWORD code = ERROR_SUCCESS;

	if (!(request->librequest.phase & done) && !is_in_drive(cleaning))
		code = bring_in(turn, request, cleaning);
	if (!code && !(request->librequest.phase & done))
		code = watch(turn, request, cleaning);
	if (!code && is_in_drive(cleaning))
		code = take_home(turn, request, cleaning);
	return code ? code : end(turn, request, cleaning);
}

DWORD run_clean(struct turn *turn, struct object *request)
{
	struct cleaning cleaning = {0};
	DWORD code = read_all(turn, request, &cleaning);

	if (!code && !(request->librequest.phase & PHASE_CLEANING))
		code = prepare(turn, request, &cleaning);
	if (!code && !(request->librequest.phase & PHASE_RECORDED))
		code = carry_out(turn, request, &cleaning);
	broker_release(cleaning.hold);
	return code ? code : result(request, &cleaning);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * run_door.c - carry out the access to a door: unlocked, until a person has opened and closed it
 *
 * While the door is open the library does nothing, and says that it is not ready. A person who was
 * quicker than we look shows by what has changed inside.
 */
#include <stdlib.h>
#include "base/clock.h"
#include "base/say.h"
#include "core/oprequest.h"
#include "core/port.h"
#include "core/states.h"
#include "core/txn.h"

/* For opening it, where MaxOpenSecs says that nobody may leave it open at all. */
#define TO_OPEN_S 900

/* What a person opens it for, and what is done when it is closed. */
struct visit {
	const char *task;
	bool identify, full;
	bool begun; /* just now: nobody can have been there */
};

/* ---- the doors' records ---- */

/* All of a library's doors are opened and closed as one. *@first: one of them. */
static DWORD change_doors(struct turn *turn, enum door_event event, uint32_t from,
			  struct object *first)
{
	NTMS_GUID *list = NULL;
	struct store_key key;
	struct object door;
	size_t count = 0;
	struct txn *txn;
	bool changed = false;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	key_start(&key);
	key_guid(&key, &turn->library);
	key_u32(&key, NTMS_IEDOOR);
	code = store_list(txn, IX_CHILD, &key, 0, &list, &count);
	if (!code && !count)
		code = ntms_say(ERROR_RESOURCE_NOT_PRESENT, "the library has no door any more");
	for (size_t i = 0; i < count && !code; i++) {
		code = store_get(txn, &list[i], NTMS_IEDOOR, &door);
		if (!code && MACHINE_IN(door.device.state) & from) {
			code = door_event(&door, event);
			if (!code)
				code = store_update(txn, &door);
			changed = true;
		}
		if (i == 0)
			*first = door;
		if (!code && event == DOOR_CLOSED)
			code = oprequest_close(txn, NTMS_OPREQ_DEVICESERVICE, &list[i], NULL);
	}
	free(list);
	if (!code && changed)
		return store_commit(txn);
	store_abort(txn);
	return code;
}

/* ---- unlocked ---- */

static DWORD read_door(struct turn *turn, struct object *door)
{
	return change_doors(turn, DOOR_EVENTS, 0, door);
}

static DWORD begin(struct turn *turn, struct object *request)
{
	struct object door;
	DWORD code = ports_wait_turn(turn, request);

	/* A door that is open already need not be unlocked, but watched. One that only the records
	 * call open was left so by a request that was given up. */
	if (!code)
		code = run_progress(turn, request, "unlocking the door");
	if (!code && turn->not_ready)
		code = read_door(turn, &door);
	else if (!code)
		code = change_doors(turn, DOOR_CLOSED, MACHINE_IN(NTMS_DOORSTATE_OPEN), &door);
	if (!code)
		code = ports_open(turn, request,
				  door.device.limit_s ? door.device.limit_s : TO_OPEN_S);
	return code;
}

static DWORD is_open(struct turn *turn, struct object *request, const struct visit *visit)
{
	uint64_t deadline_ms;
	struct object door;
	DWORD code = change_doors(
		turn, DOOR_OPENED,
		MACHINE_IN(NTMS_DOORSTATE_CLOSED) | MACHINE_IN(NTMS_DOORSTATE_UNKNOWN), &door);

	if (code)
		return code;
	if (!(request->librequest.phase & PHASE_TOUCHED)) {
		deadline_ms = clock_utc_ms() + door.device.limit_s * 1000ULL;
		code = phase_change(turn, request, PHASE_TOUCHED, 0, &deadline_ms);
	}
	if (!code && phase_expired(request) && !(request->librequest.phase & PHASE_ASKED)) {
		uint64_t never = 0;

		code = ask_service(turn, &door.guid, "close the door of the library: %s",
				   turn->trouble);
		if (!code)
			code = phase_change(turn, request, PHASE_ASKED, 0, &never);
	}
	if (code)
		return code;
	return run_awaits_person(turn, request,
				 "the door is open; waiting for a person to %s%sclose it",
				 visit->task, visit->task[0] ? " and " : "");
}

/* ---- closed ---- */

static DWORD is_closed(struct turn *turn, struct object *request, const struct visit *visit)
{
	struct object door;
	DWORD code = run_progress(turn, request, "looking what has changed behind the door");

	if (!code)
		code = ports_lock(turn);
	if (!code)
		code = change_doors(turn, DOOR_CLOSED, MACHINE_IN(NTMS_DOORSTATE_OPEN), &door);
	return code ? code : inventory_reconcile(turn, visit->identify, visit->full);
}

/* Ready, and nobody is noted: was somebody there all the same? Whoever has seen the door open may
 * have died before he noted it. */
static DWORD look_for_traces(struct turn *turn, struct object *request, bool *visited)
{
	struct object door;
	DWORD code = read_door(turn, &door);

	*visited = !code && door.device.state == NTMS_DOORSTATE_OPEN;
	if (code || *visited || !turn->attention)
		return code;
	code = inventory_trace(turn, request);
	*visited = request->librequest.phase & PHASE_TOUCHED;
	return code;
}

static DWORD go_on(struct turn *turn, struct object *request, const struct visit *visit)
{
	bool visited = request->librequest.phase & PHASE_TOUCHED;
	DWORD code = ERROR_SUCCESS;

	if (!visited && !visit->begun)
		code = look_for_traces(turn, request, &visited);
	if (code)
		return code;
	if (visited)
		return is_closed(turn, request, visit);
	if (phase_expired(request)) {
		code = is_closed(turn, request, visit);
		return code ? code : ntms_say(ERROR_TIMEOUT, "nobody has opened the door in time");
	}
	code = ports_keep_open(turn);
	return code ? code
		    : run_awaits_person(turn, request, "waiting for a person to open the door%s%s",
					visit->task[0] ? " and " : "", visit->task);
}

DWORD door_pass(struct turn *turn, struct object *request, const char *task, bool identify,
		bool full)
{
	struct visit visit = {.task = task, .identify = identify, .full = full};
	DWORD code = ERROR_SUCCESS;

	visit.begun = !(request->librequest.phase & PHASE_OPEN);
	if (visit.begun)
		code = begin(turn, request);
	if (code)
		return code;
	return turn->not_ready ? is_open(turn, request, &visit) : go_on(turn, request, &visit);
}

DWORD run_door(struct turn *turn, struct object *request)
{
	uint32_t method = request->librequest.option;

	/* With NONE nothing is identified; where the bar codes are is read all the same. */
	return door_pass(turn, request, "", method != NTMS_INVENTORY_NONE,
			 method == NTMS_INVENTORY_OMID);
}

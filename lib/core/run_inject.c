/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * run_inject.c - carry out an inject: a person puts cartridges into the ports, the robot carries
 * them to slots, and they are identified
 *
 * The ports are open until all of them have been filled, until they have been out and are back with
 * something in them, until the operation is told to stop or retract, or until its time is over.
 * What is wanted in a drive may have left its port before anybody looks (PHASE_FETCHED): it has
 * come, too. One that was started for many opens them again after each load.
 */
#include "base/say.h"
#include "core/inject.h"
#include "core/port.h"

/* ---- looking ---- */

/* From how many ports has it been fetched already? It is not counted: one at least. */
static size_t fetched(const struct object *request)
{
	return request->librequest.phase & PHASE_FETCHED ? 1 : 0;
}

/* Nothing more can be put in. */
static bool all_filled(const struct object *request, const struct ports *ports)
{
	size_t empty = 0, came = ports_full(ports) + fetched(request);

	for (size_t i = 0; i < ports->count; i++)
		empty += ports->list[i].element.import_enabled && !ports->list[i].element.full;
	return ports_back(ports) && came > 0 && empty <= fetched(request);
}

static bool any_by_person(const struct ports *ports)
{
	for (size_t i = 0; i < ports->count; i++)
		if (ports->list[i].element.full && ports->list[i].element.by_operator)
			return true;
	return false;
}

static DWORD await_person(struct turn *turn, struct object *request)
{
	return run_awaits_person(turn, request,
				 "waiting for a person to put cartridges into the ports");
}

/* ---- a load ---- */

/* What was in the ports when they were emptied. */
struct load_in {
	bool by_person; /* the library says that a person has put something there */
	size_t moved;
	size_t left; /* found no slot */
};

/* Everything that is in the ports goes to slots. If that is what was to be injected, @any or put
 * there by a person, it is on record before: once it is gone nobody could tell. */
static DWORD take_load(struct turn *turn, struct object *request, bool any, struct load_in *load)
{
	struct ports ports;
	DWORD code = ports_lock(turn);

	*load = (struct load_in){0};
	if (!code)
		code = ports_read(turn, &ports);
	if (code)
		return code;
	code = ports_follow(turn, &ports);
	load->by_person = any_by_person(&ports);
	if (!code && (any ? ports_full(&ports) > 0 : load->by_person))
		code = phase_change(turn, request, PHASE_LOADED, 0, NULL);
	if (!code)
		code = ports_take_in(turn, request, &ports, &load->moved, &load->left);
	ports_free(&ports);
	return code;
}

static DWORD open_ports(struct turn *turn, struct object *request)
{
	struct ports ports;
	DWORD code = ports_read(turn, &ports);
	uint32_t limit_s;

	if (code)
		return code;
	limit_s = ports_limit(&ports);
	ports_free(&ports);
	code = phase_change(turn, request, 0, PHASE_RETRACT | PHASE_FETCHED, NULL);
	if (!code)
		code = ports_open(turn, request, limit_s);
	return code ? code : await_person(turn, request);
}

/* The one load that was to come is in, or on its way from the ports to the slots. */
static bool has_come(const struct object *request)
{
	return request->librequest.phase & PHASE_LOADED &&
	       request->librequest.option == INJECT_OPTION_ONE;
}

/* ---- begin, go on, end ---- */

/* What is in the ports already comes first. If a person has put it there it is what was to be
 * injected; what an eject has left makes room. */
static DWORD begin(struct turn *turn, struct object *request)
{
	struct load_in load;
	DWORD code = ports_wait_turn(turn, request);

	if (!code)
		code = run_progress(turn, request, "looking into the ports");
	if (!code)
		code = take_load(turn, request, false, &load);
	if (code)
		return code;
	if (load.left) {
		code = ports_give_out(turn);
		return code ? code
			    : ntms_say(ERROR_LIBRARY_FULL,
				       "there is no empty slot for what is in the ports");
	}
	if (has_come(request))
		return ERROR_SUCCESS;
	return open_ports(turn, request);
}

enum reason { NOT_YET, LOADED, RETRACTED, STOPPED, TIME_OVER };

static DWORD why_end(struct turn *turn, struct object *request, enum reason *reason)
{
	struct ports ports;
	bool back, full, some;
	DWORD code = ports_read(turn, &ports);

	*reason = NOT_YET;
	if (code)
		return code;
	code = ports_follow(turn, &ports);
	back = ports_back(&ports);
	full = all_filled(request, &ports);
	some = ports_full(&ports) + fetched(request) > 0;
	ports_free(&ports);
	if (!code && !back)
		code = phase_change(turn, request, PHASE_TOUCHED, 0, NULL);
	if (code)
		return code;
	if (request->librequest.phase & PHASE_STOP)
		*reason = STOPPED;
	else if (request->librequest.phase & PHASE_RETRACT)
		*reason = RETRACTED;
	else if (has_come(request) || full ||
		 (some && back && request->librequest.phase & PHASE_TOUCHED))
		*reason = LOADED;
	else if (phase_expired(request))
		*reason = TIME_OVER;
	return ERROR_SUCCESS;
}

static DWORD end(struct turn *turn, struct object *request, enum reason reason)
{
	bool many = request->librequest.option == INJECT_OPTION_MANY;
	struct load_in load;
	DWORD code = run_progress(turn, request, "taking in what is in the ports");

	if (!code)
		code = take_load(turn, request, true, &load);
	if (!code && load.left)
		code = ports_give_out(turn);
	if (code)
		return code;
	if (load.left && reason != STOPPED)
		return ntms_say(ERROR_LIBRARY_FULL, "the library is full; a person has been asked "
						    "to take the rest out of the ports");
	if (reason == STOPPED)
		return run_stopped(turn, &request->guid);
	if (many && reason != TIME_OVER)
		return open_ports(turn, request);
	if (request->librequest.phase & (PHASE_LOADED | PHASE_FETCHED))
		return ERROR_SUCCESS;
	return ntms_say(ERROR_TIMEOUT, "nobody has put anything into the ports in time");
}

DWORD run_inject(struct turn *turn, struct object *request)
{
	enum reason reason;
	DWORD code;

	if (!(request->librequest.phase & PHASE_OPEN)) {
		if (request->librequest.phase & PHASE_STOP)
			return run_stopped(turn, &request->guid);
		return begin(turn, request);
	}
	code = why_end(turn, request, &reason);
	if (code)
		return code;
	if (reason != NOT_YET)
		return end(turn, request, reason);
	code = ports_keep_open(turn);
	return code ? code : await_person(turn, request);
}

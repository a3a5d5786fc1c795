/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* state_request.c - the library request, from the queue to its end */
#include "base/clock.h"
#include "core/states.h"

#define IN(state) MACHINE_IN(NTMS_LM_##state)
#define TO(state) NTMS_LM_##state

#define WAITING_FOR_TURN (IN(QUEUED) | IN(WAITING) | IN(DEFERRED))
#define UNDER_WAY	 (IN(INPROCESS) | IN(WAITING))

static const struct machine_state states[] = {
	[NTMS_LM_QUEUED] = {"QUEUED", "queued"},
	[NTMS_LM_INPROCESS] = {"INPROCESS", "being carried out"},
	[NTMS_LM_PASSED] = {"PASSED", "done"},
	[NTMS_LM_FAILED] = {"FAILED", "failed"},
	[NTMS_LM_INVALID] = {"INVALID", "void, its objects are no more"},
	[NTMS_LM_WAITING] = {"WAITING", "waiting"},
	[NTMS_LM_DEFERRED] = {"DEFERRED", "put off until its place is needed"},
	[NTMS_LM_CANCELLED] = {"CANCELLED", "cancelled"},
	[NTMS_LM_STOPPED] = {"STOPPED", "stopped"},
};

static const struct machine_event events[REQUEST_EVENTS] = {
	[REQUEST_BEGINS] = {"begins, or goes on", "begun", ERROR_CANCELLED},
	[REQUEST_WAITS] = {"waits", "made to wait", ERROR_CANCELLED},
	[REQUEST_PUT_OFF] = {"put off", "put off", ERROR_INVALID_STATE},
	[REQUEST_PASSES] = {"done", "called done", ERROR_INVALID_STATE},
	[REQUEST_FAILS] = {"fails", "called failed", ERROR_INVALID_STATE},
	[REQUEST_INVALID] = {"objects gone", "called void", ERROR_INVALID_STATE},
	[REQUEST_CANCELLED] = {"cancel", "cancelled", ERROR_OBJECT_NOT_FOUND},
	[REQUEST_GIVEN_UP] = {"caller gone", "given up", ERROR_INVALID_STATE},
	[REQUEST_STOPPED] = {"stop", "stopped", ERROR_INVALID_OPERATION},
};

static bool nothing_moves(const struct object *obj)
{
	return obj->librequest.move == OBJ_MOVE_NONE;
}

static bool can_stop(const struct object *obj)
{
	switch (obj->librequest.operation) {
	case NTMS_LM_EJECT:
	case NTMS_LM_EJECTCLEANER:
	case NTMS_LM_INJECT:
	case NTMS_LM_INJECTCLEANER:
	case NTMS_LM_INVENTORY:
	case NTMS_LM_DOORACCESS:
		return nothing_moves(obj);
	default:
		return false;
	}
}

static void over(struct object *obj)
{
	obj->librequest.completed_ms = clock_utc_ms();
}

#define OVER                                                                \
	.needs = "no cartridge of it is under way", .holds = nothing_moves, \
	.effect = "its time of completion is set", .apply = over

static const struct machine_row rows[] = {
	ROW(REQUEST_BEGINS, WAITING_FOR_TURN | IN(INPROCESS), TO(INPROCESS)),
	ROW(REQUEST_WAITS, WAITING_FOR_TURN | IN(INPROCESS), TO(WAITING)),
	ROW(REQUEST_PUT_OFF, IN(QUEUED) | UNDER_WAY, TO(DEFERRED)),
	ROW(REQUEST_PASSES, UNDER_WAY, TO(PASSED), OVER),
	ROW(REQUEST_FAILS, UNDER_WAY, TO(FAILED), OVER),
	ROW(REQUEST_INVALID, WAITING_FOR_TURN, TO(INVALID), OVER),
	ROW(REQUEST_CANCELLED, WAITING_FOR_TURN, TO(CANCELLED), .refused = ERROR_ACCESS_DENIED,
	    OVER),
	ROW(REQUEST_CANCELLED, IN(INPROCESS), MACHINE_REFUSED, .refused = ERROR_ACCESS_DENIED),
	ROW(REQUEST_GIVEN_UP, WAITING_FOR_TURN | IN(INPROCESS), TO(CANCELLED), OVER),
	ROW(REQUEST_STOPPED, WAITING_FOR_TURN | IN(INPROCESS), TO(STOPPED),
	    .needs =
		    "it is an eject, inject (of a cleaner too), inventory or door access, and none "
		    "of its cartridges is under way",
	    .holds = can_stop, .effect = "its time of completion is set", .apply = over),
};

const struct machine machine_request = {
	.id = MACHINE_REQUEST,
	.name = "request",
	.title = "Library request",
	.about = "NtmsLmState of a library request, an item of the queue of work.",
	.types = {NTMS_LIBREQUEST},
	.offset = offsetof(struct object, librequest.state),
	.begins = NTMS_LM_QUEUED,
	.states = states,
	.state_count = sizeof(states) / sizeof(states[0]),
	.events = events,
	.event_count = REQUEST_EVENTS,
	.asked = MACHINE_IN(REQUEST_BEGINS) | MACHINE_IN(REQUEST_WAITS) |
		 MACHINE_IN(REQUEST_CANCELLED) | MACHINE_IN(REQUEST_STOPPED),
	.rows = rows,
	.row_count = sizeof(rows) / sizeof(rows[0]),
};

DWORD request_event(struct object *request, enum request_event event)
{
	return machine_apply(&machine_request, request, event);
}

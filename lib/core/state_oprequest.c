/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* state_oprequest.c - what is asked of a person */
#include "core/states.h"

#define IN(state) MACHINE_IN(NTMS_OPSTATE_##state)
#define TO(state) NTMS_OPSTATE_##state
#define OPEN	  (IN(SUBMITTED) | IN(ACTIVE) | IN(INPROGRESS))

static const struct machine_state states[] = {
	[NTMS_OPSTATE_UNKNOWN] = {"UNKNOWN", "in no state yet"},
	[NTMS_OPSTATE_SUBMITTED] = {"SUBMITTED", "submitted"},
	[NTMS_OPSTATE_ACTIVE] = {"ACTIVE", "read"},
	[NTMS_OPSTATE_INPROGRESS] = {"INPROGRESS", "being worked on"},
	[NTMS_OPSTATE_REFUSED] = {"REFUSED", "refused already"},
	[NTMS_OPSTATE_COMPLETE] = {"COMPLETE", "satisfied already"},
};

static const struct machine_event events[OPREQUEST_EVENTS] = {
	[OPREQUEST_READ] = {"read", "read", ERROR_INVALID_STATE},
	[OPREQUEST_ACKNOWLEDGED] = {"acknowledged", "acknowledged", ERROR_INVALID_STATE},
	[OPREQUEST_SATISFIED] = {"satisfied", "satisfied", ERROR_OBJECT_NOT_FOUND},
	[OPREQUEST_REFUSED] = {"refused", "refused", ERROR_INVALID_STATE},
};

static const struct machine_row rows[] = {
	ROW(OPREQUEST_READ, IN(SUBMITTED), TO(ACTIVE)),
	ROW(OPREQUEST_READ, IN(ACTIVE) | IN(INPROGRESS), MACHINE_STAYS),
	ROW(OPREQUEST_ACKNOWLEDGED, IN(SUBMITTED) | IN(ACTIVE), TO(INPROGRESS)),
	ROW(OPREQUEST_SATISFIED, OPEN, TO(COMPLETE), .effect = "who waits goes on"),
	ROW(OPREQUEST_REFUSED, OPEN, TO(REFUSED), .effect = "who waits gets ERROR_CANCELLED"),
};

const struct machine machine_oprequest = {
	.id = MACHINE_OPREQUEST,
	.name = "oprequest",
	.title = "Operator request",
	.about = "NtmsOpreqState of a request to a person.",
	.types = {NTMS_OPREQUEST},
	.offset = offsetof(struct object, oprequest.state),
	.begins = NTMS_OPSTATE_SUBMITTED,
	.states = states,
	.state_count = sizeof(states) / sizeof(states[0]),
	.events = events,
	.event_count = OPREQUEST_EVENTS,
	.asked = MACHINE_IN(OPREQUEST_ACKNOWLEDGED) | MACHINE_IN(OPREQUEST_SATISFIED) |
		 MACHINE_IN(OPREQUEST_REFUSED),
	.rows = rows,
	.row_count = sizeof(rows) / sizeof(rows[0]),
};

DWORD oprequest_event(struct object *request, enum oprequest_event event)
{
	return machine_apply(&machine_oprequest, request, event);
}

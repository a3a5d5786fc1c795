/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/states.h"

#define IN(state) MACHINE_IN(NTMS_DOORSTATE_##state)
#define TO(state) NTMS_DOORSTATE_##state

static const struct machine_state states[] = {
	[NTMS_DOORSTATE_UNKNOWN] = {"UNKNOWN", "not looked at"},
	[NTMS_DOORSTATE_CLOSED] = {"CLOSED", "closed"},
	[NTMS_DOORSTATE_OPEN] = {"OPEN", "open"},
};

static const struct machine_event events[DOOR_EVENTS] = {
	[DOOR_UNLOCKED] = {"unlocked", "unlocked", ERROR_INVALID_STATE},
	[DOOR_OPENED] = {"opened", "called open", ERROR_INVALID_STATE},
	[DOOR_CLOSED] = {"closed", "called closed", ERROR_INVALID_STATE},
	[DOOR_LOCKED] = {"locked", "locked", ERROR_BUSY},
};

/* Whether it is locked is the device's knowledge: the documents have no state for it. */
static const struct machine_row rows[] = {
	ROW(DOOR_UNLOCKED, IN(CLOSED) | IN(UNKNOWN), MACHINE_STAYS),
	ROW(DOOR_OPENED, IN(CLOSED) | IN(UNKNOWN), TO(OPEN),
	    .effect = "MaxOpenSecs begins; at its end an operator is asked to close it"),
	ROW(DOOR_CLOSED, IN(OPEN) | IN(UNKNOWN), TO(CLOSED),
	    .effect = "locked; inventory as asked for"),
	ROW(DOOR_LOCKED, IN(CLOSED), MACHINE_STAYS),
	ROW(DOOR_LOCKED, IN(UNKNOWN), TO(CLOSED), .needs = "the device has locked it"),
};

const struct machine machine_door = {
	.id = MACHINE_DOOR,
	.name = "door",
	.title = "Door",
	.about = "NtmsDoorState of a door.",
	.types = {NTMS_IEDOOR},
	.offset = offsetof(struct object, device.state),
	.begins = NTMS_DOORSTATE_CLOSED,
	.births = IN(UNKNOWN) | IN(OPEN),
	.states = states,
	.state_count = sizeof(states) / sizeof(states[0]),
	.events = events,
	.event_count = DOOR_EVENTS,
	.asked = MACHINE_IN(DOOR_UNLOCKED) | MACHINE_IN(DOOR_LOCKED),
	.rows = rows,
	.row_count = sizeof(rows) / sizeof(rows[0]),
};

DWORD door_event(struct object *door, enum door_event event)
{
	return machine_apply(&machine_door, door, event);
}

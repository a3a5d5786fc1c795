/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/states.h"

#define IN(state) MACHINE_IN(NTMS_SLOTSTATE_##state)
#define TO(state) NTMS_SLOTSTATE_##state
#define ANY	  (IN(UNKNOWN) | IN(FULL) | IN(EMPTY) | IN(NOTPRESENT) | IN(NEEDSINVENTORY))

static const struct machine_state states[] = {
	[NTMS_SLOTSTATE_UNKNOWN] = {"UNKNOWN", "not looked at"},
	[NTMS_SLOTSTATE_FULL] = {"FULL", "full"},
	[NTMS_SLOTSTATE_EMPTY] = {"EMPTY", "empty"},
	[NTMS_SLOTSTATE_NOTPRESENT] = {"NOTPRESENT", "not in the library"},
	[NTMS_SLOTSTATE_NEEDSINVENTORY] = {"NEEDSINVENTORY", "to be looked at"},
};

static const struct machine_event events[SLOT_EVENTS] = {
	[SLOT_FILLED] = {"medium moved in", "filled", ERROR_INVALID_STATE},
	[SLOT_EMPTIED] = {"medium moved out", "emptied", ERROR_INVALID_STATE},
	[SLOT_NEEDS_INVENTORY] = {"marked by an inventory, or doubted", "marked for an inventory",
				  ERROR_INVALID_STATE},
	[SLOT_IDENTIFIED] = {"content identified", "called identified", ERROR_INVALID_STATE},
	[SLOT_NOT_PRESENT] = {"magazine taken out", "taken out", ERROR_INVALID_STATE},
	[SLOT_FOUND_FULL] = {"inventory finds it full", "found full", ERROR_INVALID_STATE},
	[SLOT_FOUND_EMPTY] = {"inventory finds it empty", "found empty", ERROR_INVALID_STATE},
};

static const struct machine_row rows[] = {
	ROW(SLOT_FILLED, IN(EMPTY) | IN(UNKNOWN), TO(FULL)),
	/* The robot found room in it after all; what is in it now is known. */
	ROW(SLOT_FILLED, IN(NEEDSINVENTORY), TO(FULL)),
	ROW(SLOT_EMPTIED, IN(FULL) | IN(UNKNOWN) | IN(NEEDSINVENTORY), TO(EMPTY)),
	ROW(SLOT_NEEDS_INVENTORY, ANY, TO(NEEDSINVENTORY)),
	ROW(SLOT_IDENTIFIED, IN(NEEDSINVENTORY), TO(FULL)),
	ROW(SLOT_NOT_PRESENT, ANY, TO(NOTPRESENT)),
	ROW(SLOT_FOUND_FULL, IN(UNKNOWN) | IN(EMPTY) | IN(FULL), TO(FULL)),
	ROW(SLOT_FOUND_FULL, IN(NEEDSINVENTORY), MACHINE_STAYS),
	ROW(SLOT_FOUND_FULL, IN(NOTPRESENT), TO(NEEDSINVENTORY)),
	ROW(SLOT_FOUND_EMPTY, ANY, TO(EMPTY)),
};

const struct machine machine_slot = {
	.id = MACHINE_SLOT,
	.name = "slot",
	.title = "Storage slot",
	.about = "NtmsSlotState of a storage slot.",
	.types = {NTMS_STORAGESLOT},
	.offset = offsetof(struct object, device.state),
	.begins = NTMS_SLOTSTATE_EMPTY,
	.states = states,
	.state_count = sizeof(states) / sizeof(states[0]),
	.events = events,
	.event_count = SLOT_EVENTS,
	.rows = rows,
	.row_count = sizeof(rows) / sizeof(rows[0]),
};

DWORD slot_event(struct object *slot, enum slot_event event)
{
	return machine_apply(&machine_slot, slot, event);
}

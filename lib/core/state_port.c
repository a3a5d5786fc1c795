/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* state_port.c - the insert/eject port: where it is, and whether something is in it */
#include "core/states.h"

/* ---- position ---- */

static const struct machine_state positions[] = {
	[NTMS_PORTPOSITION_UNKNOWN] = {"UNKNOWN", "not looked at"},
	[NTMS_PORTPOSITION_EXTENDED] = {"EXTENDED", "extended"},
	[NTMS_PORTPOSITION_RETRACTED] = {"RETRACTED", "retracted"},
};

static const struct machine_event position_events[] = {
	[PORT_EXTENDED] = {"extended or unlocked", "extended", ERROR_BUSY},
	[PORT_RETRACTED] = {"retracted or locked", "retracted", ERROR_INVALID_STATE},
};

static const struct machine_row position_rows[] = {
	ROW(PORT_EXTENDED,
	    MACHINE_IN(NTMS_PORTPOSITION_RETRACTED) | MACHINE_IN(NTMS_PORTPOSITION_UNKNOWN),
	    NTMS_PORTPOSITION_EXTENDED),
	ROW(PORT_RETRACTED,
	    MACHINE_IN(NTMS_PORTPOSITION_EXTENDED) | MACHINE_IN(NTMS_PORTPOSITION_UNKNOWN),
	    NTMS_PORTPOSITION_RETRACTED),
};

const struct machine machine_port_position = {
	.id = MACHINE_PORT_POSITION,
	.name = "port-position",
	.title = "Insert/eject port: position",
	.about =
		"NtmsPortPosition of a port; one without a motor is extended while it is unlocked.",
	.types = {NTMS_IEPORT},
	.offset = offsetof(struct object, device.position),
	.begins = NTMS_PORTPOSITION_RETRACTED,
	.states = positions,
	.state_count = sizeof(positions) / sizeof(positions[0]),
	.events = position_events,
	.event_count = sizeof(position_events) / sizeof(position_events[0]),
	.asked = MACHINE_IN(PORT_EXTENDED),
	.rows = position_rows,
	.row_count = sizeof(position_rows) / sizeof(position_rows[0]),
};

/* ---- content; its events are numbered from PORT_FILLED on ---- */

#define CONTENT(event) ((event)-PORT_FILLED)
#define IN(state)      MACHINE_IN(NTMS_PORTCONTENT_##state)
#define TO(state)      NTMS_PORTCONTENT_##state

static const struct machine_state contents[] = {
	[NTMS_PORTCONTENT_UNKNOWN] = {"UNKNOWN", "not looked at"},
	[NTMS_PORTCONTENT_FULL] = {"FULL", "full"},
	[NTMS_PORTCONTENT_EMPTY] = {"EMPTY", "empty"},
};

static const struct machine_event content_events[] = {
	[CONTENT(PORT_FILLED)] = {"medium moved in", "filled", ERROR_BUSY},
	[CONTENT(PORT_EMPTIED)] = {"medium moved or taken out", "emptied", ERROR_INVALID_STATE},
	[CONTENT(PORT_FOUND_FULL)] = {"found full", "found full", ERROR_INVALID_STATE},
	[CONTENT(PORT_FOUND_EMPTY)] = {"found empty", "found empty", ERROR_INVALID_STATE},
};

static const struct machine_row content_rows[] = {
	ROW(CONTENT(PORT_FILLED), IN(EMPTY) | IN(UNKNOWN), TO(FULL)),
	ROW(CONTENT(PORT_EMPTIED), IN(FULL) | IN(UNKNOWN), TO(EMPTY)),
	ROW(CONTENT(PORT_FOUND_FULL), IN(UNKNOWN) | IN(EMPTY) | IN(FULL), TO(FULL)),
	ROW(CONTENT(PORT_FOUND_EMPTY), IN(UNKNOWN) | IN(EMPTY) | IN(FULL), TO(EMPTY)),
};

const struct machine machine_port_content = {
	.id = MACHINE_PORT_CONTENT,
	.name = "port-content",
	.title = "Insert/eject port: content",
	.about = "NtmsPortContent of a port.",
	.types = {NTMS_IEPORT},
	.offset = offsetof(struct object, device.state),
	.begins = NTMS_PORTCONTENT_EMPTY,
	.states = contents,
	.state_count = sizeof(contents) / sizeof(contents[0]),
	.events = content_events,
	.event_count = sizeof(content_events) / sizeof(content_events[0]),
	.rows = content_rows,
	.row_count = sizeof(content_rows) / sizeof(content_rows[0]),
};

DWORD port_event(struct object *port, enum port_event event)
{
	if (event < PORT_FILLED)
		return machine_apply(&machine_port_position, port, event);
	return machine_apply(&machine_port_content, port, CONTENT(event));
}

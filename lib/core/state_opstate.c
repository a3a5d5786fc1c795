/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* state_opstate.c - whether a library or one of its devices can be used, and whether it may be */
#include "core/states.h"

#define IN(state) MACHINE_IN(NTMS_##state)
#define ANY	  (IN(READY) | IN(INITIALIZING) | IN(NEEDS_SERVICE) | IN(NOT_PRESENT))

static const struct machine_state states[] = {
	[NTMS_READY] = {"READY", "ready"},
	[NTMS_INITIALIZING] = {"INITIALIZING", "not ready yet"},
	[NTMS_NEEDS_SERVICE] = {"NEEDS_SERVICE", "in need of service"},
	[NTMS_NOT_PRESENT] = {"NOT_PRESENT", "not connected"},
};

static const struct machine_event events[OPSTATE_EVENTS] = {
	[OPSTATE_FOUND] = {"found", "found", ERROR_INVALID_STATE},
	[OPSTATE_INITIALIZED] = {"initialised", "called ready", ERROR_DEVICE_NOT_AVAILABLE},
	[OPSTATE_VANISHED] = {"vanished", "called gone", ERROR_INVALID_STATE},
	[OPSTATE_FAILED] = {"failed", "called out of order", ERROR_DEVICE_NOT_AVAILABLE},
	[OPSTATE_SERVICED] = {"serviced", "called serviced", ERROR_INVALID_STATE},
};

static const struct machine_row library_rows[] = {
	ROW(OPSTATE_FOUND, IN(NOT_PRESENT), NTMS_INITIALIZING,
	    .effect = "its inventory is part of initialising"),
	ROW(OPSTATE_FOUND, ANY & ~IN(NOT_PRESENT), MACHINE_STAYS),
	ROW(OPSTATE_INITIALIZED, IN(INITIALIZING), NTMS_READY, .needs = "the inventory is done"),
	ROW(OPSTATE_INITIALIZED, IN(READY) | IN(NEEDS_SERVICE), MACHINE_STAYS),
	ROW(OPSTATE_VANISHED, ANY, NTMS_NOT_PRESENT,
	    .effect = "its media cannot be allocated; DeleteNtmsLibrary becomes possible"),
	ROW(OPSTATE_FAILED, IN(READY) | IN(INITIALIZING), NTMS_NEEDS_SERVICE,
	    .effect = "operator request DEVICESERVICE"),
	ROW(OPSTATE_FAILED, IN(NEEDS_SERVICE), MACHINE_STAYS),
	ROW(OPSTATE_SERVICED, IN(NEEDS_SERVICE), NTMS_READY,
	    .needs = "the operator says so, or it is enabled"),
};

static const struct machine_row device_rows[] = {
	ROW(OPSTATE_FOUND, IN(NOT_PRESENT), NTMS_INITIALIZING, .effect = "its node is recorded"),
	ROW(OPSTATE_FOUND, ANY & ~IN(NOT_PRESENT), MACHINE_STAYS),
	ROW(OPSTATE_INITIALIZED, IN(INITIALIZING), NTMS_READY),
	ROW(OPSTATE_INITIALIZED, IN(READY) | IN(NEEDS_SERVICE), MACHINE_STAYS),
	ROW(OPSTATE_VANISHED, ANY, NTMS_NOT_PRESENT,
	    .effect = "requests wait for another; DeleteNtmsDrive becomes possible"),
	ROW(OPSTATE_FAILED, IN(READY) | IN(INITIALIZING), NTMS_NEEDS_SERVICE,
	    .effect = "operator request DEVICESERVICE"),
	ROW(OPSTATE_FAILED, IN(NEEDS_SERVICE), MACHINE_STAYS),
	ROW(OPSTATE_SERVICED, IN(NEEDS_SERVICE), NTMS_READY,
	    .needs = "the operator says so, or it is enabled"),
};

const struct machine machine_library = {
	.id = MACHINE_LIBRARY,
	.name = "library",
	.title = "Library",
	.about = "NtmsOperationalState of a library: whether it is there and works.",
	.types = {NTMS_LIBRARY},
	.offset = offsetof(struct object, opstate),
	.begins = NTMS_INITIALIZING,
	.births = IN(READY), /* the offline library */
	.states = states,
	.state_count = sizeof(states) / sizeof(states[0]),
	.events = events,
	.event_count = OPSTATE_EVENTS,
	.rows = library_rows,
	.row_count = sizeof(library_rows) / sizeof(library_rows[0]),
};

const struct machine machine_device = {
	.id = MACHINE_DEVICE,
	.name = "device",
	.title = "Device of a library",
	.about = "NtmsOperationalState of a drive or changer. A drive begins NOT_PRESENT, its "
		 "place is "
		 "all that is known of it.",
	.types = {NTMS_DRIVE, NTMS_CHANGER, NTMS_STORAGESLOT, NTMS_IEPORT, NTMS_IEDOOR},
	.offset = offsetof(struct object, opstate),
	.begins = NTMS_READY,
	.births = IN(NOT_PRESENT),
	.states = states,
	.state_count = sizeof(states) / sizeof(states[0]),
	.events = events,
	.event_count = OPSTATE_EVENTS,
	.rows = device_rows,
	.row_count = sizeof(device_rows) / sizeof(device_rows[0]),
};

DWORD opstate_event(struct object *obj, enum opstate_event event)
{
	return machine_apply(obj->type == NTMS_LIBRARY ? &machine_library : &machine_device, obj,
			     event);
}

/* ---- enabled ---- */

static const struct machine_state enablements[] = {
	[FALSE] = {"DISABLED", "disabled"},
	[TRUE] = {"ENABLED", "enabled"},
};

static const struct machine_event enable_events[ENABLE_EVENTS] = {
	[ENABLE_ON] = {"enable", "enabled", ERROR_INVALID_STATE},
	[ENABLE_OFF] = {"disable", "disabled", ERROR_INVALID_STATE},
};

static bool not_offline_library(const struct object *obj)
{
	return obj->type != NTMS_LIBRARY || obj->library.kind != NTMS_LIBRARYTYPE_OFFLINE;
}

#define NOT_OFFLINE                                                                 \
	.refused = ERROR_LIBRARY_OFFLINE, .needs = "it is not the offline library", \
	.holds = not_offline_library

static const struct machine_row enable_rows[] = {
	ROW(ENABLE_ON, MACHINE_IN(FALSE), TRUE, NOT_OFFLINE,
	    .effect = "its media can be used again"),
	ROW(ENABLE_OFF, MACHINE_IN(TRUE), FALSE, NOT_OFFLINE,
	    .effect = "out of scheduling; media in its drives go home if possible"),
};

const struct machine machine_enablement = {
	.id = MACHINE_ENABLEMENT,
	.name = "enablement",
	.title = "Enabled",
	.about = "Enabled of a library, drive or cartridge: whether RSM may use it.",
	.types = {NTMS_LIBRARY, NTMS_DRIVE, NTMS_PHYSICAL_MEDIA, NTMS_PARTITION},
	.offset = offsetof(struct object, enabled),
	.begins = TRUE,
	.births = MACHINE_IN(FALSE), /* CreateNtmsMedia */
	.states = enablements,
	.state_count = sizeof(enablements) / sizeof(enablements[0]),
	.events = enable_events,
	.event_count = ENABLE_EVENTS,
	.asked = MACHINE_IN(ENABLE_ON) | MACHINE_IN(ENABLE_OFF),
	.rows = enable_rows,
	.row_count = sizeof(enable_rows) / sizeof(enable_rows[0]),
};

DWORD enable_event(struct object *obj, enum enable_event event)
{
	return machine_apply(&machine_enablement, obj, event);
}

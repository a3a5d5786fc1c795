/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* state_media.c - the cartridge: at rest, asked for, on its way, in a drive */
#include <string.h>
#include "base/guid.h"
#include "core/states.h"

#define IN(state) MACHINE_IN(NTMS_MEDIASTATE_##state)
#define TO(state) NTMS_MEDIASTATE_##state
#define ANY \
	(IN(IDLE) | IN(INUSE) | IN(MOUNTED) | IN(LOADED) | IN(UNLOADED) | IN(OPERROR) | IN(OPREQ))
/* Where the drive is what it lies in: OPREQ when a person has put it straight there. */
#define IN_A_DRIVE (IN(LOADED) | IN(MOUNTED) | IN(UNLOADED) | IN(IDLE) | IN(OPREQ))

static const struct machine_state states[] = {
	[NTMS_MEDIASTATE_IDLE] = {"IDLE", "idle"},
	[NTMS_MEDIASTATE_INUSE] = {"INUSE", "in use"},
	[NTMS_MEDIASTATE_MOUNTED] = {"MOUNTED", "in a drive, not ready"},
	[NTMS_MEDIASTATE_LOADED] = {"LOADED", "mounted"},
	[NTMS_MEDIASTATE_UNLOADED] = {"UNLOADED", "unloaded, to be taken from its drive"},
	[NTMS_MEDIASTATE_OPERROR] = {"OPERROR", "in doubt after an error"},
	[NTMS_MEDIASTATE_OPREQ] = {"OPREQ", "waited for, an operator is to bring it"},
};

static const struct machine_event events[MEDIA_EVENTS] = {
	[MEDIA_ACCEPTED] = {"request accepted, online", "asked for", ERROR_BUSY},
	[MEDIA_ASKED_FOR] = {"request accepted, offline", "asked for from an operator", ERROR_BUSY},
	[MEDIA_CAME_ONLINE] = {"brought by the operator", "brought", ERROR_INVALID_STATE},
	[MEDIA_GIVEN_UP] = {"request given up", "given up", ERROR_INVALID_STATE},
	[MEDIA_UNDER_WAY] = {"move begins", "moved", ERROR_INVALID_STATE},
	[MEDIA_IN_DRIVE] = {"placed in a drive", "placed in a drive", ERROR_INVALID_STATE},
	[MEDIA_READY] = {"label verified", "handed to its user", ERROR_INVALID_STATE},
	[MEDIA_RELEASED] = {"deferred dismount", "left in its drive", ERROR_INVALID_STATE},
	[MEDIA_UNLOADED] = {"drive unloaded", "unloaded", ERROR_INVALID_STATE},
	[MEDIA_STAYED] = {"move failed, still in the drive", "found still in its drive",
			  ERROR_INVALID_STATE},
	[MEDIA_HOME] = {"placed in a slot or port", "put into a slot or port", ERROR_INVALID_STATE},
	[MEDIA_ERROR] = {"lost on the way", "put in doubt", ERROR_INVALID_STATE},
	[MEDIA_RETRIED] = {"retried", "tried again", ERROR_INVALID_STATE},
	[MEDIA_FOUND] = {"seen by an inventory", "found", ERROR_INVALID_STATE},
	[MEDIA_LEFT] = {"left the library", "taken out of its library", ERROR_INVALID_STATE},
};

static bool in_drive(const struct object *obj)
{
	return obj->media.location_type == NTMS_DRIVE && !guid_is_null(&obj->media.location);
}

static void nothing_mounted(struct object *obj)
{
	memset(&obj->media.mounted_side, 0, sizeof(obj->media.mounted_side));
}

#define IN_DRIVE	.needs = "it is in a drive", .holds = in_drive
#define NOTHING_MOUNTED .effect = "MountedPartition cleared", .apply = nothing_mounted

static const struct machine_row rows[] = {
	ROW(MEDIA_ACCEPTED, IN(IDLE), TO(INUSE)),
	ROW(MEDIA_ASKED_FOR, IN(IDLE), TO(OPREQ), .effect = "operator request MOVEMEDIA"),
	ROW(MEDIA_CAME_ONLINE, IN(OPREQ), TO(INUSE)),
	ROW(MEDIA_GIVEN_UP, IN(OPREQ) | IN(INUSE), TO(IDLE), .needs = "no move has begun"),
	/* One that was asked for and has come may have to make room before its user gets it. */
	ROW(MEDIA_UNDER_WAY,
	    IN(IDLE) | IN(INUSE) | IN(MOUNTED) | IN(UNLOADED) | IN(OPERROR) | IN(OPREQ), TO(INUSE),
	    .effect = "the intent is on record"),
	ROW(MEDIA_IN_DRIVE, IN(INUSE), TO(MOUNTED), .effect = "Location and MountedPartition set"),
	/* Straight from IDLE: the medium of a deferred dismount has not moved. */
	ROW(MEDIA_READY, IN(MOUNTED) | IN(UNLOADED) | IN(IDLE), TO(LOADED), IN_DRIVE,
	    .effect = "MountedPartition set"),
	ROW(MEDIA_RELEASED, IN_A_DRIVE, TO(IDLE), IN_DRIVE, NOTHING_MOUNTED),
	ROW(MEDIA_UNLOADED, IN_A_DRIVE, TO(UNLOADED), IN_DRIVE),
	ROW(MEDIA_STAYED, IN(INUSE), TO(UNLOADED), IN_DRIVE),
	ROW(MEDIA_HOME, IN(INUSE), TO(IDLE), NOTHING_MOUNTED),
	ROW(MEDIA_ERROR, ANY, TO(OPERROR)),
	ROW(MEDIA_RETRIED, IN(OPERROR), TO(INUSE)),
	ROW(MEDIA_FOUND, IN(OPERROR) | IN(MOUNTED) | IN(LOADED) | IN(UNLOADED), TO(IDLE),
	    .needs = "it is not where it is recorded, or nobody has it mounted", NOTHING_MOUNTED),
	ROW(MEDIA_FOUND, IN(IDLE) | IN(INUSE) | IN(OPREQ), MACHINE_STAYS),
	ROW(MEDIA_LEFT, ANY, TO(IDLE), NOTHING_MOUNTED),
};

const struct machine machine_media = {
	.id = MACHINE_MEDIA,
	.name = "media",
	.title = "Cartridge",
	.about =
		"NtmsMediaState of a physical medium: whether somebody uses it, and how far it is.",
	.types = {NTMS_PHYSICAL_MEDIA},
	.offset = offsetof(struct object, media.state),
	.begins = NTMS_MEDIASTATE_IDLE,
	.states = states,
	.state_count = sizeof(states) / sizeof(states[0]),
	.events = events,
	.event_count = MEDIA_EVENTS,
	.asked = MACHINE_IN(MEDIA_ACCEPTED) | MACHINE_IN(MEDIA_ASKED_FOR),
	.rows = rows,
	.row_count = sizeof(rows) / sizeof(rows[0]),
};

DWORD media_event(struct object *media, enum media_event event)
{
	return machine_apply(&machine_media, media, event);
}

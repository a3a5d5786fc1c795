/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* state_drive.c - the drive: empty, with a medium for somebody, with one for whoever comes next */
#include <string.h>
#include "base/clock.h"
#include "core/states.h"

#define IN(state) MACHINE_IN(NTMS_DRIVESTATE_##state)
#define TO(state) NTMS_DRIVESTATE_##state

#define IDLE_FULL (IN(MOUNTED) | IN(UNLOADED) | IN(DISMOUNTABLE))
#define AT_WORK	  (IN(DISMOUNTED) | IN(LOADED) | IDLE_FULL)

static const struct machine_state states[] = {
	[NTMS_DRIVESTATE_DISMOUNTED] = {"DISMOUNTED", "empty"},
	[NTMS_DRIVESTATE_MOUNTED] = {"MOUNTED", "full, not ready"},
	[NTMS_DRIVESTATE_LOADED] = {"LOADED", "in use"},
	[NTMS_DRIVESTATE_UNLOADED] = {"UNLOADED", "unloaded, to be emptied"},
	[NTMS_DRIVESTATE_BEING_CLEANED] = {"BEING_CLEANED", "being cleaned"},
	[NTMS_DRIVESTATE_DISMOUNTABLE] = {"DISMOUNTABLE", "full, for whoever comes next"},
};

static const struct machine_event events[DRIVE_EVENTS] = {
	[DRIVE_FILLED] = {"medium placed in it", "filled", ERROR_INVALID_STATE},
	[DRIVE_READY] = {"ready, label matches", "handed to a user", ERROR_INVALID_STATE},
	[DRIVE_REUSED] = {"same medium mounted again", "handed to the next user",
			  ERROR_INVALID_STATE},
	[DRIVE_UNLOADED] = {"unloaded", "unloaded", ERROR_INVALID_STATE},
	[DRIVE_EMPTIED] = {"medium taken out", "emptied", ERROR_INVALID_STATE},
	[DRIVE_DEFERRED] = {"deferred dismount", "left with its medium", ERROR_INVALID_STATE},
	[DRIVE_ABANDONED] = {"its user is gone", "left with its medium", ERROR_INVALID_STATE},
	[DRIVE_CLEANING_BEGINS] = {"cleaning begins", "cleaned", ERROR_BUSY},
	[DRIVE_CLEANING_ENDS] = {"cleaning ends", "called clean", ERROR_INVALID_STATE},
	[DRIVE_CLEANING_FAILS] = {"cleaning fails", "given up as not clean", ERROR_INVALID_STATE},
	[DRIVE_FOUND_FULL] = {"inventory finds it full", "found full", ERROR_INVALID_STATE},
	[DRIVE_FOUND_EMPTY] = {"inventory finds it empty", "found empty", ERROR_INVALID_STATE},
};

static void end_claim(struct object *obj)
{
	memset(&obj->device.mount_request, 0, sizeof(obj->device.mount_request));
	obj->device.generation = 0;
}

static void emptied(struct object *obj)
{
	end_claim(obj);
	memset(&obj->device.side, 0, sizeof(obj->device.side));
}

static void handed_over(struct object *obj)
{
	obj->device.mount_count++;
}

static void deferred(struct object *obj)
{
	end_claim(obj);
	obj->device.deferred_since_ms = clock_utc_ms();
}

static void abandoned(struct object *obj)
{
	end_claim(obj);
	obj->device.deferred_since_ms = 0;
}

static void cleaned(struct object *obj)
{
	emptied(obj);
	obj->device.last_cleaned_ms = clock_utc_ms();
}

#define EMPTIED_EFFECT	 .effect = "SavedPartitionId and the claim cleared", .apply = emptied
#define HANDED_EFFECT	 .effect = "dwMountCount + 1", .apply = handed_over
#define ABANDONED_EFFECT .effect = "need not stay; the claim cleared", .apply = abandoned

static const struct machine_row rows[] = {
	ROW(DRIVE_FILLED, IN(DISMOUNTED), TO(MOUNTED),
	    .effect = "SavedPartitionId set, the claim cleared", .apply = end_claim),
	ROW(DRIVE_FILLED, IN(BEING_CLEANED), MACHINE_STAYS),
	ROW(DRIVE_READY, IN(MOUNTED) | IN(UNLOADED), TO(LOADED), HANDED_EFFECT),
	ROW(DRIVE_REUSED, IN(DISMOUNTABLE), TO(LOADED), HANDED_EFFECT),
	ROW(DRIVE_UNLOADED, IN(LOADED) | IDLE_FULL, TO(UNLOADED)),
	ROW(DRIVE_EMPTIED, IDLE_FULL, TO(DISMOUNTED), EMPTIED_EFFECT),
	ROW(DRIVE_EMPTIED, IN(BEING_CLEANED), MACHINE_STAYS, EMPTIED_EFFECT),
	ROW(DRIVE_DEFERRED, IN(LOADED) | IDLE_FULL, TO(DISMOUNTABLE),
	    .effect = "stays for dwDeferDismountDelay from now; the claim cleared",
	    .apply = deferred),
	ROW(DRIVE_ABANDONED, IN(LOADED) | IDLE_FULL, TO(DISMOUNTABLE), ABANDONED_EFFECT),
	ROW(DRIVE_CLEANING_BEGINS, IN(DISMOUNTED), TO(BEING_CLEANED)),
	ROW(DRIVE_CLEANING_ENDS, IN(BEING_CLEANED), TO(DISMOUNTED),
	    .effect = "LastCleanedTs set, SavedPartitionId cleared", .apply = cleaned),
	ROW(DRIVE_CLEANING_FAILS, IN(BEING_CLEANED), TO(DISMOUNTED), EMPTIED_EFFECT),
	ROW(DRIVE_FOUND_FULL, AT_WORK, TO(DISMOUNTABLE),
	    .needs = "a medium is in it that is not recorded there", ABANDONED_EFFECT),
	ROW(DRIVE_FOUND_FULL, IN(BEING_CLEANED), MACHINE_STAYS),
	ROW(DRIVE_FOUND_EMPTY, AT_WORK, TO(DISMOUNTED), EMPTIED_EFFECT),
	ROW(DRIVE_FOUND_EMPTY, IN(BEING_CLEANED), MACHINE_STAYS),
};

const struct machine machine_drive = {
	.id = MACHINE_DRIVE,
	.name = "drive",
	.title = "Drive",
	.about = "NtmsDriveState of a drive. Whether it can be used at all is its operational "
		 "state.",
	.types = {NTMS_DRIVE},
	.offset = offsetof(struct object, device.state),
	.begins = NTMS_DRIVESTATE_DISMOUNTED,
	.states = states,
	.state_count = sizeof(states) / sizeof(states[0]),
	.events = events,
	.event_count = DRIVE_EVENTS,
	.asked = MACHINE_IN(DRIVE_CLEANING_BEGINS),
	.rows = rows,
	.row_count = sizeof(rows) / sizeof(rows[0]),
};

DWORD drive_event(struct object *drive, enum drive_event event)
{
	return machine_apply(&machine_drive, drive, event);
}

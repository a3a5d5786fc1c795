/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * states.h - what may happen to the objects: all events of all state machines
 *
 * An event function changes the state in the record that it is given, and what else its
 * table names, but stores nothing. Refusals: see machine_apply(). The numbers behind an event
 * are those of the documents' tables.
 */
#ifndef NTMS_CORE_STATES_H
#define NTMS_CORE_STATES_H

#include "core/machine.h"

/* ---- side: NtmsPartitionState ---- */

enum side_event {
	SIDE_FOUND_FOREIGN,	 /* 3 */
	SIDE_FOUND_IMPORT,	 /* 4, 5 */
	SIDE_FOUND_INCOMPATIBLE, /* 6 */
	SIDE_TO_FREE,		 /* 7, 19: into a Free pool, label to be written */
	SIDE_FREE_LABELLED,	 /* 8; effect: none, the caller enters the label */
	SIDE_ALLOCATE,		 /* 11, 12; effect: allocate_count + 1 */
	SIDE_RESERVE,		 /* 13 */
	SIDE_ALLOCATE_NEXT,	 /* 14; effect: allocate_count + 1 */
	SIDE_COMPLETE,		 /* 15 */
	SIDE_DEALLOCATE,	 /* 16; effect: its LMID is cleared */
	SIDE_WORN_OUT,		 /* 17; effect: the same */
	SIDE_UNRESERVE,		 /* 18 */
	SIDE_DECOMMISSION,	 /* 20 */
	SIDE_SWAP,		 /* 21 */
	SIDE_LABELLED_BY_OWNER,	 /* 22 */
	SIDE_LOOK_AFRESH,	 /* what an unknown cartridge carries has changed */
	SIDE_MOUNTED,		 /* label seen to match; effect: mount_count + 1 */
	SIDE_DELETE,		 /* 27: its record goes */
	SIDE_LEAVE,		 /* 24: forgotten as it leaves its library; its record goes */
	SIDE_RECOGNIZED, /* it is another medium's, or a cleaner's, after all; its record goes */
	SIDE_EVENTS,
};

DWORD side_event(struct object *side, enum side_event event);

/* "available", "allocated" and so on for an NtmsPartitionState. Static. */
const char *side_state_word(uint32_t state);

/* ---- cartridge: NtmsMediaState ---- */

enum media_event {
	MEDIA_ACCEPTED,	   /* a request for it is accepted and it is online */
	MEDIA_ASKED_FOR,   /* it is offline: an operator is asked for it */
	MEDIA_CAME_ONLINE, /* he has brought it */
	MEDIA_GIVEN_UP,	   /* the request for it is over before anything moved */
	MEDIA_UNDER_WAY,   /* the robot is about to take it, or a person carries it */
	MEDIA_IN_DRIVE,	   /* moved into a drive */
	MEDIA_READY,	   /* mounted for its user, label verified */
	MEDIA_RELEASED,	   /* its user is done; it stays in the drive */
	MEDIA_UNLOADED,	   /* the drive has let go of it */
	MEDIA_STAYED,	   /* the robot did not take it out of its drive */
	MEDIA_HOME,	   /* moved, or left, in a slot or a port */
	MEDIA_ERROR,	   /* lost on the way */
	MEDIA_RETRIED,	   /* and another try */
	MEDIA_FOUND,	   /* an inventory has seen it in the place that is recorded now */
	MEDIA_LEFT,	   /* it has left its library; effect: mounted_side cleared */
	MEDIA_EVENTS,
};

DWORD media_event(struct object *media, enum media_event event);

/* ---- drive: NtmsDriveState ---- */

enum drive_event {
	DRIVE_FILLED,	       /* a medium was moved in; set device.side first or after */
	DRIVE_READY,	       /* handed to its user, label verified; effect: mount_count + 1 */
	DRIVE_REUSED,	       /* the same with the medium of a deferred dismount */
	DRIVE_UNLOADED,	       /* it has let go of its medium */
	DRIVE_EMPTIED,	       /* effect: side, mount_request, generation cleared */
	DRIVE_DEFERRED,	       /* left with its medium; effect: deferred_since_ms, claim cleared */
	DRIVE_ABANDONED,       /* the same, but nobody is coming back: at once for all */
	DRIVE_CLEANING_BEGINS, /* the cleaner is on its way; moves in and out change nothing then */
	DRIVE_CLEANING_ENDS,   /* effect: last_cleaned_ms, side cleared */
	DRIVE_CLEANING_FAILS,  /* it ends, but the drive is not clean; effect: side cleared */
	DRIVE_FOUND_FULL,      /* inventory: a medium nobody has mounted; claim cleared */
	DRIVE_FOUND_EMPTY,     /* inventory: none; effect: as DRIVE_EMPTIED */
	DRIVE_EVENTS,
};

DWORD drive_event(struct object *drive, enum drive_event event);

/* ---- library, drive and other devices: NtmsOperationalState ---- */

enum opstate_event {
	OPSTATE_FOUND,	     /* its device is there */
	OPSTATE_INITIALIZED, /* and usable */
	OPSTATE_VANISHED,
	OPSTATE_FAILED,
	OPSTATE_SERVICED,
	OPSTATE_EVENTS,
};

DWORD opstate_event(struct object *obj, enum opstate_event event);

/* ---- library, drive, cartridge: Enabled ---- */

enum enable_event {
	ENABLE_ON,
	ENABLE_OFF,
	ENABLE_EVENTS,
};

/* ERROR_INVALID_STATE when it is so already, ERROR_LIBRARY_OFFLINE for the offline library. */
DWORD enable_event(struct object *obj, enum enable_event event);

/* ---- slot: NtmsSlotState ---- */

enum slot_event {
	SLOT_FILLED,	      /* a cartridge was moved in */
	SLOT_EMPTIED,	      /* and out */
	SLOT_NEEDS_INVENTORY, /* its content is in doubt */
	SLOT_IDENTIFIED,      /* no longer: it is full */
	SLOT_NOT_PRESENT,     /* its magazine is out */
	SLOT_FOUND_FULL,  /* inventory; a slot in doubt stays so, one that was out comes in doubt */
	SLOT_FOUND_EMPTY, /* inventory */
	SLOT_EVENTS,
};

DWORD slot_event(struct object *slot, enum slot_event event);

/* ---- port: NtmsPortPosition, then NtmsPortContent ---- */

enum port_event {
	PORT_EXTENDED, /* or unlocked */
	PORT_RETRACTED,
	PORT_FILLED,
	PORT_EMPTIED,
	PORT_FOUND_FULL,  /* inventory, or a look at it */
	PORT_FOUND_EMPTY, /* the same */
	PORT_EVENTS,
};

DWORD port_event(struct object *port, enum port_event event);

/* ---- door: NtmsDoorState ---- */

enum door_event {
	DOOR_UNLOCKED, /* it may be opened */
	DOOR_OPENED,
	DOOR_CLOSED,
	DOOR_LOCKED, /* refused while it is open: ERROR_BUSY */
	DOOR_EVENTS,
};

DWORD door_event(struct object *door, enum door_event event);

/* ---- library request: NtmsLmState ---- */

/* Every final event sets completed_ms; librequest.error and waits_for are the caller's. None of
 * them happens while a cartridge is under way (librequest.move). */
enum request_event {
	REQUEST_BEGINS,	 /* or goes on */
	REQUEST_WAITS,	 /* or goes on waiting */
	REQUEST_PUT_OFF, /* until its place is needed: DEFERRED */
	REQUEST_PASSES,
	REQUEST_FAILS,
	REQUEST_INVALID,   /* its objects are no more */
	REQUEST_CANCELLED, /* by somebody: ERROR_ACCESS_DENIED while it is carried out,
			    * ERROR_OBJECT_NOT_FOUND when it is finished */
	REQUEST_GIVEN_UP,  /* CANCELLED too, by who carries it out: its caller is gone */
	REQUEST_STOPPED,   /* eject, inject, inventory, door: ERROR_INVALID_OPERATION for others and
			    * when it is finished */
	REQUEST_EVENTS,
};

DWORD request_event(struct object *request, enum request_event event);

/* ---- operator request: NtmsOpreqState ---- */

enum oprequest_event {
	OPREQUEST_READ,
	OPREQUEST_ACKNOWLEDGED,
	OPREQUEST_SATISFIED, /* ERROR_OBJECT_NOT_FOUND when it is final */
	OPREQUEST_REFUSED,   /* ERROR_INVALID_STATE when it is final */
	OPREQUEST_EVENTS,
};

DWORD oprequest_event(struct object *request, enum oprequest_event event);

/* ---- the tables ---- */

extern const struct machine machine_side, machine_media, machine_drive, machine_library,
	machine_device, machine_enablement, machine_slot, machine_port_position,
	machine_port_content, machine_door, machine_request, machine_oprequest;

#endif

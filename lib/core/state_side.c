/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* state_side.c - the side, the unit that has a label, a state and an owner */
#include <string.h>
#include "core/states.h"

#define IN(state) MACHINE_IN(NTMS_PARTSTATE_##state)
#define TO(state) NTMS_PARTSTATE_##state

/* What an application has, or keeps for itself. */
#define OWNED (IN(ALLOCATED) | IN(COMPLETE) | IN(RESERVED))
#define ANY                                                                             \
	(OWNED | IN(UNKNOWN) | IN(UNPREPARED) | IN(INCOMPATIBLE) | IN(DECOMMISSIONED) | \
	 IN(AVAILABLE) | IN(FOREIGN) | IN(IMPORT))

static const struct machine_state states[] = {
	[NTMS_PARTSTATE_UNKNOWN] = {"UNKNOWN", "not identified yet"},
	[NTMS_PARTSTATE_UNPREPARED] = {"UNPREPARED", "waiting for its free label"},
	[NTMS_PARTSTATE_INCOMPATIBLE] = {"INCOMPATIBLE", "incompatible"},
	[NTMS_PARTSTATE_DECOMMISSIONED] = {"DECOMMISSIONED", "decommissioned"},
	[NTMS_PARTSTATE_AVAILABLE] = {"AVAILABLE", "available"},
	[NTMS_PARTSTATE_ALLOCATED] = {"ALLOCATED", "allocated"},
	[NTMS_PARTSTATE_COMPLETE] = {"COMPLETE", "complete"},
	[NTMS_PARTSTATE_FOREIGN] = {"FOREIGN", "foreign"},
	[NTMS_PARTSTATE_IMPORT] = {"IMPORT", "to be imported"},
	[NTMS_PARTSTATE_RESERVED] = {"RESERVED", "reserved"},
};

static const struct machine_event events[SIDE_EVENTS] = {
	[SIDE_FOUND_FOREIGN] = {"found foreign or blank", "classified as foreign",
				ERROR_INVALID_STATE},
	[SIDE_FOUND_IMPORT] = {"found with a known type of label", "classified for import",
			       ERROR_INVALID_STATE},
	[SIDE_FOUND_INCOMPATIBLE] = {"found incompatible", "classified as incompatible",
				     ERROR_INVALID_STATE},
	[SIDE_TO_FREE] = {"moved to a Free pool", "given a free label", ERROR_INVALID_STATE},
	[SIDE_FREE_LABELLED] = {"free label written", "made available", ERROR_INVALID_STATE},
	[SIDE_ALLOCATE] = {"allocate", "allocated", ERROR_INVALID_STATE},
	[SIDE_RESERVE] = {"other side allocated NEW", "reserved", ERROR_INVALID_STATE},
	[SIDE_ALLOCATE_NEXT] = {"allocate NEXT", "allocated as the next side", ERROR_INVALID_STATE},
	[SIDE_COMPLETE] = {"complete", "declared complete", ERROR_INVALID_STATE},
	[SIDE_DEALLOCATE] = {"deallocate", "deallocated", ERROR_INVALID_STATE},
	[SIDE_WORN_OUT] = {"deallocate, worn out", "deallocated", ERROR_INVALID_STATE},
	[SIDE_UNRESERVE] = {"other side deallocated", "released", ERROR_INVALID_STATE},
	[SIDE_DECOMMISSION] = {"decommission", "decommissioned", ERROR_INVALID_STATE},
	[SIDE_SWAP] = {"swap", "swapped", ERROR_INVALID_STATE},
	[SIDE_LABELLED_BY_OWNER] = {"owner's label recorded", "given its owner's label",
				    ERROR_INVALID_MEDIA},
	[SIDE_LOOK_AFRESH] = {"another label found", "looked at afresh", ERROR_INVALID_STATE},
	[SIDE_MOUNTED] = {"mounted, label seen to match", "mounted", ERROR_INVALID_STATE},
	[SIDE_DELETE] = {"delete", "deleted", ERROR_INVALID_STATE},
	[SIDE_LEAVE] = {"leave the library, forgotten", "forgotten", ERROR_INVALID_STATE},
	[SIDE_RECOGNIZED] = {"recognized as what it is", "taken for another medium",
			     ERROR_INVALID_STATE},
};

static void allocated(struct object *obj)
{
	obj->side.allocate_count++;
}

static void given_back(struct object *obj)
{
	memset(&obj->side.logical, 0, sizeof(obj->side.logical));
}

static void mounted(struct object *obj)
{
	obj->side.mount_count++;
}

#define ALLOCATED_EFFECT  .effect = "LMID made, dwAllocateCount + 1", .apply = allocated
#define GIVEN_BACK_EFFECT .effect = "LMID deleted", .apply = given_back

static const struct machine_row rows[] = {
	ROW(SIDE_FOUND_FOREIGN, IN(UNKNOWN), TO(FOREIGN), .effect = "pool Unrecognized"),
	ROW(SIDE_FOUND_IMPORT, IN(UNKNOWN), TO(IMPORT), .effect = "pool Import"),
	ROW(SIDE_FOUND_INCOMPATIBLE, IN(UNKNOWN), TO(INCOMPATIBLE), .effect = "pool Unrecognized"),
	/* An unknown side too: whoever moves it to the Free pool has decided what it is. */
	ROW(SIDE_TO_FREE, IN(UNKNOWN) | IN(FOREIGN) | IN(IMPORT) | IN(AVAILABLE) | IN(UNPREPARED),
	    TO(UNPREPARED),
	    .needs = "no side of the cartridge is allocated, complete, reserved or incompatible; "
		     "rewritable; not in use",
	    .effect = "a free label is queued"),
	ROW(SIDE_FREE_LABELLED, IN(UNPREPARED), TO(AVAILABLE),
	    .effect = "the free label is its label"),
	ROW(SIDE_ALLOCATE, IN(AVAILABLE) | IN(IMPORT), TO(ALLOCATED),
	    .needs = "online, enabled, dwAllocateCount below the pool's dwMaxAllocates",
	    ALLOCATED_EFFECT),
	ROW(SIDE_RESERVE, IN(AVAILABLE), TO(RESERVED), .needs = "all sides were available"),
	ROW(SIDE_ALLOCATE_NEXT, IN(RESERVED), TO(ALLOCATED),
	    .needs = "the LMID given is of the same cartridge, allocated NEW", ALLOCATED_EFFECT),
	ROW(SIDE_COMPLETE, IN(ALLOCATED), TO(COMPLETE), .needs = "not mounted, not in use"),
	ROW(SIDE_DEALLOCATE, IN(ALLOCATED) | IN(COMPLETE), TO(AVAILABLE),
	    .needs = "dwAllocateCount below dwMaxAllocates, not in use", GIVEN_BACK_EFFECT),
	ROW(SIDE_WORN_OUT, IN(ALLOCATED) | IN(COMPLETE), TO(DECOMMISSIONED),
	    .needs = "dwAllocateCount has reached dwMaxAllocates, not in use", GIVEN_BACK_EFFECT),
	ROW(SIDE_UNRESERVE, IN(RESERVED), TO(AVAILABLE)),
	ROW(SIDE_DECOMMISSION, IN(AVAILABLE), TO(DECOMMISSIONED), .effect = "final"),
	ROW(SIDE_SWAP, IN(ALLOCATED), MACHINE_STAYS, .needs = "both idle, in the same pool",
	    .effect = "it gets the other's LMID"),
	ROW(SIDE_LABELLED_BY_OWNER, IN(ALLOCATED), MACHINE_STAYS,
	    .effect = "the label is its label"),
	ROW(SIDE_LOOK_AFRESH, IN(FOREIGN) | IN(IMPORT), TO(UNKNOWN)),
	ROW(SIDE_MOUNTED, ANY & ~IN(INCOMPATIBLE), MACHINE_STAYS, .effect = "dwMountCount + 1",
	    .apply = mounted),
	ROW(SIDE_DELETE, ANY & ~OWNED, MACHINE_GONE,
	    .needs = "the cartridge is in the offline library"),
	ROW(SIDE_LEAVE, ANY & ~OWNED, MACHINE_GONE, .needs = "its pool is not kept when offline"),
	ROW(SIDE_RECOGNIZED, IN(UNKNOWN) | IN(INCOMPATIBLE), MACHINE_GONE,
	    .needs = "nothing is on record of it, but of a medium that it is, or it is a cleaner",
	    .effect = "that medium's record, or a cleaner's, takes its place"),
};

const struct machine machine_side = {
	.id = MACHINE_SIDE,
	.name = "side",
	.title = "Side",
	.about = "NtmsPartitionState of a side, reference to its label and its owner.",
	.types = {NTMS_PARTITION},
	.offset = offsetof(struct object, side.state),
	.begins = NTMS_PARTSTATE_UNKNOWN,
	.births = ANY, /* CreateNtmsMedia takes over another computer's catalogue */
	.states = states,
	.state_count = sizeof(states) / sizeof(states[0]),
	.events = events,
	.event_count = SIDE_EVENTS,
	.asked = MACHINE_IN(SIDE_TO_FREE) | MACHINE_IN(SIDE_ALLOCATE) |
		 MACHINE_IN(SIDE_ALLOCATE_NEXT) | MACHINE_IN(SIDE_COMPLETE) |
		 MACHINE_IN(SIDE_DEALLOCATE) | MACHINE_IN(SIDE_WORN_OUT) |
		 MACHINE_IN(SIDE_DECOMMISSION) | MACHINE_IN(SIDE_SWAP) |
		 MACHINE_IN(SIDE_LABELLED_BY_OWNER) | MACHINE_IN(SIDE_DELETE),
	.rows = rows,
	.row_count = sizeof(rows) / sizeof(rows[0]),
};

DWORD side_event(struct object *side, enum side_event event)
{
	return machine_apply(&machine_side, side, event);
}

const char *side_state_word(uint32_t state)
{
	return machine_state_word(&machine_side, state);
}

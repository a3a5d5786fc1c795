/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * turn.h - a turn at a library: from taking its lease until it is given back
 *
 * Taken by workers (worker.h), and by RsmManageLibrary and RsmUnmanageLibrary.
 */
#ifndef NTMS_CORE_TURN_H
#define NTMS_CORE_TURN_H

#include <stdatomic.h>
#include "core/request.h"
#include "core/system.h"

/* A drive of the library, and where the broker has it at present. */
struct worker_drive {
	NTMS_GUID guid;
	bool present;
	uint32_t id;		 /* broker's, when present */
	const struct task *user; /* the request of this turn that uses it (task.h), or NULL */
};

/* What has failed is not tried again at once, though what is recorded of it wakes the worker. */
struct turn_retry {
	NTMS_GUID request;
	uint64_t due_ns; /* absolute, monotonic; 0: none waits */
};

struct tasks;

/* One turn: while it has the lease. */
struct turn {
	struct ntms_system *system;
	NTMS_GUID library;
	struct broker_lease *lease;
	bool standalone; /* the library is a drive that stands alone, and the lease its */
	struct worker_drive *drives;
	size_t drive_count;
	uint64_t
		next_look_ns; /* when something waits for a time: absolute monotonic, 0 for never */
	bool watchful;	/* a person is about to do something: whatever he does is worth a turn */
	bool attention; /* the library has told of a person, or of its own trouble, since last time
			 */
	bool not_ready; /* its door is open, or it is busy with itself: nothing can be asked of it
			 */
	bool initializing;    /* it has been found, and its inventory is not made yet */
	char trouble[128];    /* then: what the library says */
	unsigned int changes; /* of places and cartridges, by inventory_reconcile() */
	bool unsettled; /* a request has left something to be put right: its last move, a drive */
	bool adrift; /* nobody knows where a cartridge is that was to be moved: nothing more moves
			until the next turn has asked the library */
	bool queued; /* a request that goes on has put others into the queue, or begins anew */
	const bool *stop;
	_Atomic uint64_t
		*due_ns;       /* when the worker should be at its next step; NULL: nobody asks */
	unsigned int failures; /* so many turns in a row have left something undone */
	struct turn_retry *retry; /* the worker's; NULL: everything is tried at once */
	struct tasks *tasks; /* the worker's; NULL: everything is carried out one after the other */
	/* Drives and media that those requests leave alone that are still to be tried (keep.h). */
	NTMS_GUID *kept;
	size_t kept_count;
	bool all_or_none; /* a drive that somebody has open is an error, not one drive less */
};

/* What a run function reports beside an error: the request cannot go on yet. */
#define RUN_WAITS 0xFFFFFFFEU

/* The device that the lease of a library is for: its changer, or its one drive.
 * ERROR_DEVICE_NOT_AVAILABLE. */
DWORD turn_find_device(struct ntms_system *system, const struct object *library, uint32_t *id);

/* Try for the lease of a device until @deadline_ns, looking again at every event of the broker; a
 * negative errno as broker_lease_take's. */
int turn_take_lease(struct broker *broker, uint32_t device, uint64_t deadline_ns,
		    struct broker_lease **lease);

/* Take the lease of a library (waiting until @deadline_ns) and look which drives are there. */
DWORD turn_begin(struct ntms_system *system, const struct object *library, uint64_t deadline_ns,
		 struct turn *turn);
void turn_end(struct turn *turn);

/* The worker's next turn is not later than this (absolute, monotonic). */
void turn_look_by(struct turn *turn, uint64_t when_ns);

/* What @request has failed to do is tried again after so long, or as soon as the library tells of a
 * person. */
void turn_retry_in(struct turn *turn, const NTMS_GUID *request, uint32_t ms);
/* Is it to be tried now? Otherwise the worker looks again when it is. */
bool turn_retry_is_due(struct turn *turn, const NTMS_GUID *request);

/* Find a drive of the turn by its object's GUID; NULL when it is not present. */
const struct worker_drive *turn_drive(const struct turn *turn, const NTMS_GUID *guid);

/* Bring the records of the library, its changer and its drives (present or not, device node) up to
 * date and fill turn->drives and turn->initializing. */
DWORD turn_look_at_drives(struct turn *turn);

/* The inventory of a library that was found has been made: it is READY. */
DWORD turn_initialized(struct turn *turn);

/* The next step begins: what it asks of a device takes @longest_ms at most. */
void turn_step(struct turn *turn, uint32_t longest_ms);

/* Put right what executors and holders left behind when they died. RUN_WAITS while the robot is
 * still at its last move. */
DWORD turn_settle(struct turn *turn);

/* Did a holder die whose medium is still recorded as mounted? Looking needs no lease. */
DWORD turn_is_wanted(struct ntms_system *system, const NTMS_GUID *library, bool *wanted);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * worker.h - the one who works a library's queue
 *
 * Every process that queued something has a worker for that library: a thread
 * that takes the executor lease, settles what a dead executor left, carries out
 * whatever can be carried out, whoever queued it, and gives the lease back. All
 * it knows is in the database and in the broker, so the next one can go on at
 * any point.
 */
#ifndef NTMS_CORE_WORKER_H
#define NTMS_CORE_WORKER_H

#include "core/request.h"
#include "core/system.h"

/* A drive of the library, and where the broker has it at present. */
struct worker_drive {
	NTMS_GUID guid;
	bool present;
	uint32_t id; /* broker's, when present */
};

/* One turn of a worker: while it has the lease. */
struct turn {
	struct ntms_system *system;
	NTMS_GUID library;
	struct broker_lease *lease;
	struct worker_drive *drives;
	size_t drive_count;
	uint64_t
		next_look_ns; /* when something waits for a time: absolute monotonic, 0 for never */
	const bool *stop;
};

/* What a run function reports beside an error: the request cannot go on yet. */
#define RUN_WAITS 0xFFFFFFFEU

/* ---- called by sessions ---- */

/* See that the library's queue is worked until nothing in it can be carried out. */
DWORD worker_poke(struct ntms_system *system, const NTMS_GUID *library);

/* While a call of this process waits for the library, its worker stays attentive. */
DWORD worker_attend(struct ntms_system *system, const NTMS_GUID *library);
void worker_unattend(struct ntms_system *system, const NTMS_GUID *library);

/* Wait until the workers have done what they were poked for. */
void workers_drain(struct ntms_system *system, uint64_t deadline_ns);

/* End all workers of a system; a robot command under way is waited for. */
void workers_stop(struct ntms_system *system);

/* The session is over: what it has mounted counts as dismounted, deferred. */
void session_leave_mounts(struct session *session);

/* ---- turns: also taken by RsmManageLibrary and RsmUnmanageLibrary ---- */

/* Take the lease of a library (waiting until @deadline_ns) and look which drives are there. */
DWORD turn_begin(struct ntms_system *system, const struct object *library, uint64_t deadline_ns,
		 struct turn *turn);
void turn_end(struct turn *turn);

/* Find a drive of the turn by its object's GUID; NULL when it is not present. */
const struct worker_drive *turn_drive(const struct turn *turn, const NTMS_GUID *guid);

/* Bring the drives' records (present or not, device node) up to date and fill turn->drives. */
DWORD turn_look_at_drives(struct turn *turn);

/* Put right what executors and holders left behind when they died. */
DWORD turn_settle(struct turn *turn);

/* Carry out one request: ERROR_SUCCESS, an error, or RUN_WAITS with request->waits_for filled. */
typedef DWORD (*run_function)(struct turn *turn, struct object *request);

DWORD run_mount(struct turn *turn, struct object *request);
DWORD run_dismount(struct turn *turn, struct object *request);
DWORD run_write_free_label(struct turn *turn, struct object *request);
DWORD run_classify(struct turn *turn, struct object *request);
DWORD run_refresh_label(struct turn *turn, struct object *request);
DWORD run_inventory(struct turn *turn, struct object *request);

#endif

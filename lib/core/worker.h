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

#include <stdatomic.h>
#include "core/request.h"
#include "core/system.h"

/* ---- called by sessions ---- */

/* See that the library's queue is worked until nothing in it can be carried out. */
DWORD worker_poke(struct ntms_system *system, const NTMS_GUID *library);

/* While a call of this process waits for the library, its worker stays attentive. */
DWORD worker_attend(struct ntms_system *system, const NTMS_GUID *library);
void worker_unattend(struct ntms_system *system, const NTMS_GUID *library);

/*
 * The worker is there for good, whoever queues something, until as many worker_unserve() have been
 * called. It looks at the library's devices and bar codes now, and after every word of the broker
 * that something there came, went or was touched.
 */
DWORD worker_serve(struct ntms_system *system, const NTMS_GUID *library);
void worker_unserve(struct ntms_system *system, const NTMS_GUID *library);

/* Look at the devices and bar codes of a library that is served. */
void worker_look(struct ntms_system *system, const NTMS_GUID *library);

/* What the worker is at. ERROR_INVALID_STATE: there is none. */
DWORD worker_state(struct ntms_system *system, const NTMS_GUID *library, RSM_SERVICE *service);

/* What kept the worker from its last turn, be it that another one was at it; empty: nothing. */
void worker_hindrance(struct ntms_system *system, const NTMS_GUID *library, char *text,
		      size_t size);

/* Wait until the workers have done what they were poked for, or others have carried out all that
 * this process queued. */
void workers_drain(struct ntms_system *system, uint64_t deadline_ns);

/* End all workers of a system; a robot command under way is waited for. */
void workers_stop(struct ntms_system *system);

/* The session is over: what it has mounted counts as dismounted, deferred. */
void session_leave_mounts(struct session *session);

#endif

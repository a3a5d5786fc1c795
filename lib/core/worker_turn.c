/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* worker_turn.c - one turn of a worker: what comes before the queue, the queue, and its end */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/say.h"
#include "core/dispatch.h"
#include "core/keep.h"
#include "core/overdue.h"
#include "core/port.h"
#include "core/purge.h"
#include "core/run.h"
#include "core/standalone.h"
#include "core/task.h"
#include "core/worker_private.h"

bool worker_is_at_a_loss(const struct turn *turn)
{
	return turn->adrift && !turn->not_ready;
}

/*
 * Can the library be asked for anything? While its door is open only requests for the door go on.
 * What has happened to it meanwhile is in the records before anything else is done.
 */
static DWORD look_whether_ready(struct worker *worker, struct turn *turn)
{
	int error = broker_ready(turn->lease);
	DWORD code = ERROR_SUCCESS;

	turn->not_ready = error == -EAGAIN;
	if (turn->not_ready) {
		worker->not_ready = true;
		snprintf(turn->trouble, sizeof(turn->trouble), "%s", ntms_said());
		return ERROR_SUCCESS;
	}
	/* A drive that stands alone has no robot that could be busy. */
	if (error && error != -EOPNOTSUPP)
		return broker_code(error);
	if (worker->not_ready)
		code = inventory_reconcile(turn, false, false);
	/* What could not be looked at is still to be. */
	if (!code)
		worker->not_ready = false;
	return code;
}

/* Before anything that is queued: is all as the records say? RUN_WAITS while the robot is not done
 * with its last move. */
static DWORD prepare(struct worker *worker, struct turn *turn)
{
	DWORD code = look_whether_ready(worker, turn);

	if (code || turn->not_ready)
		return code;
	code = turn_settle(turn);
	if (!code)
		code = ports_settle(turn);
	if (!code && (worker->look || turn->initializing)) {
		code = inventory_reconcile(turn, false, false);
		worker->look = code != ERROR_SUCCESS;
	}
	if (!code && turn->initializing)
		code = turn_initialized(turn);
	return code;
}

/* ---- the queue ---- */

/* Where there is always somebody aside a turn may last for ever: what others do at its beginning is
 * done when there is a reason to. */
static DWORD renew(struct worker *worker, struct turn *turn)
{
	DWORD code;

	if (!worker->renew)
		return ERROR_SUCCESS;
	worker->renew = false;
	turn->attention |= worker->attention;
	worker->attention = false;
	code = turn_look_at_drives(turn);
	if (!code)
		code = prepare(worker, turn);
	if (code != RUN_WAITS)
		return code;
	turn->unsettled = true;
	return ERROR_SUCCESS;
}

/* Carry out whatever can be carried out, in the queue's order, until nothing more can, and nobody
 * is aside any more. */
static DWORD work_queue(struct worker *worker, struct turn *turn)
{
	bool progressed = true, was_ready = !turn->not_ready;
	bool over; /* whatever it says: the whole queue is looked at anyway */
	DWORD code = ERROR_SUCCESS;

	while (!code && !*turn->stop && (progressed || worker_wait_aside(worker, turn))) {
		NTMS_GUID *list = NULL;
		size_t count = 0;

		turn->next_look_ns = 0;
		turn->watchful = false;
		keep_nothing(turn);
		code = renew(worker, turn);
		if (!code)
			code = tasks_go_on(turn, &over);
		progressed = false;
		if (worker_is_at_a_loss(turn))
			break;
		if (!code)
			code = run_queue(turn, &list, &count);
		if (!code)
			code = overdue_first(turn, list, count);
		for (size_t i = 0; i < count && !code && !*turn->stop; i++) {
			bool finished;

			code = dispatch(turn, &list[i], &finished);
			turn->unsettled |= turn->adrift;
			if (worker_is_at_a_loss(turn)) {
				progressed = false;
				break;
			}
			/* What has finished may have put something more urgent into the queue. */
			progressed = finished || turn->queued;
			turn->queued = false;
			if (progressed)
				break;
		}
		free(list);
		/* The door was opened meanwhile: who is at it notes that, or would not know of it
		 * once all that has changed is in the records. */
		if (was_ready && turn->not_ready) {
			was_ready = false;
			progressed = true;
		}
	}
	return tasks_end(turn, code);
}

/* ---- all of it ---- */

/* It was found, and is not READY yet. */
static DWORD is_initializing(struct turn *look, bool *initializing)
{
	struct object library;
	DWORD code = run_read(look, &look->library, NTMS_LIBRARY, &library);

	*initializing = !code && library.opstate == NTMS_INITIALIZING;
	/* It may have been given back meanwhile. */
	return code == ERROR_OBJECT_NOT_FOUND ? ERROR_SUCCESS : code;
}

/* Is there anything in the queue, left unlocked, or to be made ready? Looking needs no lease. */
static DWORD nothing_to_do(struct worker *worker, bool *nothing)
{
	struct turn look = {.system = worker->system, .library = worker->library};
	NTMS_GUID *list = NULL;
	size_t count = 0;
	bool open = false;
	DWORD code = run_queue(&look, &list, &count);

	free(list);
	if (!code && !count)
		code = ports_unsettled(worker->system, &worker->library, &open);
	if (!code && !count && !open)
		code = is_initializing(&look, &open);
	*nothing = count == 0 && !open;
	return code;
}

static DWORD work(struct worker *worker, struct turn *turn)
{
	DWORD code = prepare(worker, turn);

	if (turn->not_ready) {
		code = work_queue(worker, turn);
		turn->watchful = true;
		return code;
	}
	if (code == RUN_WAITS) {
		/* The robot is not done with its last move: nothing else is asked of it. */
		turn->unsettled = true;
		return ERROR_SUCCESS;
	}
	if (!code)
		code = work_queue(worker, turn);
	if (turn->not_ready) {
		worker->not_ready = true;
		turn->watchful = true;
		return code;
	}
	if (!code && !turn->adrift)
		code = ports_settle(turn);
	return code ? code : purge(worker->system);
}

/* Its changer, or its one drive, is not there: so say the records. Its word comes when it is back.
 */
static void look_at_what_is_left(struct worker *worker)
{
	struct turn left = {.system = worker->system, .library = worker->library};
	char said[sizeof(worker->said)];

	snprintf(said, sizeof(said), "%s", ntms_said());
	worker->absent = true;
	worker->look = turn_look_at_drives(&left) != ERROR_SUCCESS;
	turn_end(&left);
	ntms_say(ERROR_DEVICE_NOT_AVAILABLE, "%s", said);
}

/* Nothing is queued: ask the library whether a person was there. One with a robot says so by an
 * event; a drive that stands alone is looked into. */
static bool needs_look(struct worker *worker, const struct object *library)
{
	uint32_t device;

	worker->knock = false;
	if (library->library.kind == NTMS_LIBRARYTYPE_STANDALONE)
		return true;
	if (!turn_find_device(worker->system, library, &device))
		broker_knock(worker->system->broker, device);
	return false;
}

DWORD worker_turn(struct worker *worker, struct outlook *outlook)
{
	struct turn turn = {0};
	struct object library;
	bool nothing;
	DWORD code;

	outlook->next_look_ns = 0;
	code = nothing_to_do(worker, &nothing);
	/* Others leave that to whoever has work for the library. */
	if (!code && nothing && worker->served) {
		code = turn_is_wanted(worker->system, &worker->library, &nothing);
		nothing = !nothing;
	}
	worker->quiet = !code && nothing;
	nothing = nothing && !worker->unsettled;
	if (!code && nothing)
		outlook->watchful = false;
	if (code || (nothing && !worker->look && !worker->knock))
		return code;
	turn.system = worker->system;
	code = run_read(&turn, &worker->library, NTMS_LIBRARY, &library);
	if (code)
		return code;
	if (nothing && !worker->look && !needs_look(worker, &library))
		return ERROR_SUCCESS;
	code = turn_begin(worker->system, &library, 1, &turn);
	if (code == ERROR_DEVICE_NOT_AVAILABLE)
		look_at_what_is_left(worker);
	if (code)
		return code;
	worker->absent = false;
	turn.stop = &worker->stop;
	turn.due_ns = &worker->due_ns;
	turn.failures = worker->failures;
	turn.retry = &worker->retry;
	turn.tasks = &worker->tasks;
	turn.attention = worker->attention;
	worker->attention = false;
	/* Before the turn looks at them: what is released after that is another number. */
	worker->holders_seen = worker_holders_mark(worker->system);
	code = work(worker, &turn);
	/* What somebody did who has not been followed yet is to be by the next turn. */
	if (code)
		worker->attention |= turn.attention;
	outlook->next_look_ns = turn.next_look_ns;
	/* No event may tell when a library that has refused is willing again. */
	outlook->watchful = turn.watchful || turn.next_look_ns || code;
	worker->unsettled = is_scarcity(code) || turn.unsettled;
	turn_end(&turn);
	/* The next turn has still to hear of it. */
	if (worker->roused)
		worker_wake(worker);
	worker->roused = false;
	return code;
}

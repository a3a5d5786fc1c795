/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/guid.h"
#include "base/say.h"
#include "core/clean.h"
#include "core/keep.h"
#include "core/overdue.h"
#include "core/port.h"
#include "core/purge.h"
#include "core/run.h"
#include "core/standalone.h"
#include "core/task.h"
#include "core/worker.h"

/* Events may be lost on a broker's side; nothing waits longer than this without a look. */
#define LOOK_AGAIN_MS 5000
/* Somebody who serves a library in whose queue there is nothing asks it so often whether a person
 * was there: real ones tell nobody by themselves. */
#define KNOCK_MS 10000

/* No event tells that there is memory again, or that a database can be written to: after a turn
 * that failed the next one comes after so long, then twice that, and so on. */
#define RETRY_MS 50

struct worker {
	struct worker *next;
	struct ntms_system *system;
	NTMS_GUID library;
	pthread_t thread;
	pthread_cond_t settled; /* with system->mutex: poke_done has moved on */
	int wake_fd;
	int watch_fd;
	int events_fd;
	bool stop;
	unsigned int attending;
	unsigned int serving;
	uint64_t pokes;
	uint64_t poke_done;
	unsigned int draining; /* so many wait for poke_done */
	bool look_asked;
	DWORD code; /* what its last turn ended with, and what was said then */
	char said[256];
	char hindrance[256]; /* why its last turn could not be taken, though only for a moment */
	_Atomic uint64_t due_ns; /* by when it should have come to its next step; 0: it waits */
	/* Of the thread alone: how its last turn ended, so that it need not take another for
	 * nothing, and what it has heard since. */
	bool lease_busy;
	bool not_ready;
	bool attention;
	bool look;	       /* at devices and bar codes, though nothing may be queued */
	bool quiet;	       /* nothing was queued */
	bool served;	       /* as serving was before the turn */
	bool knock;	       /* it is time to ask the library whether a person was there */
	bool absent;	       /* its device was not there when it was looked for */
	bool unsettled;	       /* what a request has left is to be put right */
	unsigned int failures; /* turns in a row that have left something undone */
	uint64_t holders_seen;
	struct turn_retry retry;
	struct tasks tasks;
	bool roused; /* by what it has heard in a turn, and was to hear after it */
	bool renew;  /* the turn is to look again as at its beginning */
};

/* ---- one request ---- */

static run_function runner(uint32_t operation)
{
	switch (operation) {
	case NTMS_LM_MOUNT:
		return run_mount;
	case NTMS_LM_DISMOUNT:
		return run_dismount;
	case NTMS_LM_WRITESCRATCH:
		return run_write_free_label;
	case NTMS_LM_CLASSIFY:
		return run_classify;
	case NTMS_LM_UPDATEOMID:
		return run_refresh_label;
	case NTMS_LM_INVENTORY:
		return run_inventory;
	case NTMS_LM_EJECT:
		return run_eject;
	case NTMS_LM_INJECT:
		return run_inject;
	case NTMS_LM_DOORACCESS:
		return run_door;
	case NTMS_LM_CLEANDRIVE:
		return run_clean;
	case NTMS_LM_INJECTCLEANER:
		return run_inject_cleaner;
	case NTMS_LM_EJECTCLEANER:
		return run_eject_cleaner;
	default:
		return NULL;
	}
}

/* Does it go on while the door is open? */
static bool is_at_door(const struct object *request)
{
	return request->librequest.operation == NTMS_LM_DOORACCESS ||
	       request->librequest.phase & PHASE_DOOR;
}

/* Nobody waits for the end of a free label, so nobody would hear that it has failed for want of
 * memory: it would not be written until somebody asks for it again. A cleaning that has begun has
 * the drive to give back; ended before, it would go on as another request that cleans nothing. */
static bool is_owed(const struct object *request)
{
	const uint32_t begun = PHASE_CLEANING, over = PHASE_RECORDED;

	return request->librequest.operation == NTMS_LM_WRITESCRATCH ||
	       (request->librequest.phase & (begun | over)) == begun;
}

/* *@finished when it needs no further look. */
static DWORD carry_out(struct turn *turn, struct object *request, bool *finished)
{
	run_function run = runner(request->librequest.operation);
	const NTMS_GUID guid = request->guid;
	DWORD code;

	*finished = false;
	if (turn->standalone && request->librequest.operation == NTMS_LM_EJECT)
		run = run_standalone_eject;
	code = run ? run(turn, request) : ERROR_INVALID_OPERATION;
	if (door_was_opened(turn, code))
		code = run_waits_for_library(turn, request);
	if (code == RUN_WAITS)
		return ERROR_SUCCESS;
	if (database_trouble(code) || (is_scarcity(code) && is_owed(request)))
		return code;
	turn->unsettled |= is_scarcity(code);
	code = run_finish(turn, &guid, code);
	*finished = code != RUN_WAITS;
	turn->adrift |= !*finished;
	return *finished ? code : ERROR_SUCCESS;
}

/* Does it wait for drives while it is carried out? */
static bool waits_for_drives(const struct turn *turn, const struct object *request)
{
	switch (request->librequest.operation) {
	case NTMS_LM_MOUNT:
	case NTMS_LM_DISMOUNT:
	case NTMS_LM_WRITESCRATCH:
	case NTMS_LM_CLASSIFY:
	case NTMS_LM_UPDATEOMID:
	case NTMS_LM_EJECT:
	case NTMS_LM_CLEANDRIVE:
		return turn->tasks && !turn->standalone;
	default:
		return false;
	}
}

/* Run one request; *@finished when this one, or another that is carried out aside, needs no further
 * look. */
static DWORD run_one(struct turn *turn, const NTMS_GUID *guid, bool *finished)
{
	struct object request;
	DWORD code;

	*finished = false;
	code = run_read(turn, guid, NTMS_LIBREQUEST, &request);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ERROR_SUCCESS;
	if (code)
		return code;
	if (request_is_final(&request) || tasks_are_at(turn, &request))
		return ERROR_SUCCESS;
	ntms_say_nothing();
	if (turn->not_ready && !is_at_door(&request)) {
		code = run_waits_for_library(turn, &request);
		return code == RUN_WAITS ? ERROR_SUCCESS : code;
	}
	if (waits_for_drives(turn, &request) && task_begin(turn, carry_out, &request))
		return tasks_go_on(turn, finished);
	return carry_out(turn, &request, finished);
}

/* Where a cartridge is that was to be moved, the next turn asks first; behind an open door it
 * cannot be asked, and nothing moves. */
static bool is_at_a_loss(const struct turn *turn)
{
	return turn->adrift && !turn->not_ready;
}

/* ---- what is heard ---- */

static void worker_wake(struct worker *worker)
{
	uint64_t one = 1;

	if (write(worker->wake_fd, &one, sizeof(one)) < 0)
		return; /* EAGAIN: it is awake already */
}

/* A number that changes when somebody takes or gives up a drive. */
static uint64_t holders_mark(struct ntms_system *system)
{
	struct broker_holder *list = NULL;
	size_t count = 0;
	uint64_t mark = 0;

	if (broker_holders(system->broker, &list, &count))
		return 0;
	for (size_t i = 0; i < count; i++)
		mark = mark * 31 + list[i].generation * 4 + list[i].state + list[i].drive;
	free(list);
	return mark;
}

static void drain_eventfd(int fd)
{
	uint64_t value;

	if (read(fd, &value, sizeof(value)) < 0)
		return; /* EAGAIN: nothing was in it */
}

/* Does this event promise that something can be carried out that could not before? Executors that
 * wait must not wake each other by the leases and reservations they try. */
static bool is_worth_a_turn(struct worker *worker, const struct broker_event *event)
{
	switch (event->type) {
	case BROKER_EVENT_LEASE_FREE:
		return worker->lease_busy;
	case BROKER_EVENT_RELEASED: /* drain_events() looks, once for all of them */
	case BROKER_EVENT_OTHER:
		return false;
	default:
		return true;
	}
}

static bool is_worth_a_look(const struct broker_event *event)
{
	return event->type == BROKER_EVENT_DEVICE_ADDED ||
	       event->type == BROKER_EVENT_DEVICE_GONE || event->type == BROKER_EVENT_ATTENTION;
}

static bool drain_events(struct worker *worker)
{
	struct broker_event event;
	bool worth = false, released = false;

	while (broker_next_event(worker->system->broker, worker->events_fd, &event) == 0) {
		released |= event.type == BROKER_EVENT_RELEASED;
		worker->attention |= event.type == BROKER_EVENT_ATTENTION;
		worker->look |= is_worth_a_look(&event);
		worth = is_worth_a_turn(worker, &event) || worth;
	}
	if (!worth && released)
		worth = holders_mark(worker->system) != worker->holders_seen;
	return worth;
}

/* ---- a turn ---- */

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

/* ---- meanwhile ---- */

static bool is_of_this_process(const struct object *request)
{
	return request->librequest.pid == (uint32_t)getpid();
}

/* Nobody else waits for it, and it does not wait for anything itself. */
static bool is_left_to_us(const struct object *request)
{
	return request->librequest.state != NTMS_LM_WAITING &&
	       (!request->librequest.pid || is_of_this_process(request));
}

/* Is none in the queue that is meant? False when that cannot be told. */
static bool there_is_no(struct worker *worker, bool (*is_meant)(const struct object *request))
{
	struct turn look = {.system = worker->system, .library = worker->library};
	NTMS_GUID *list = NULL;
	size_t count = 0;
	struct object request;
	DWORD code = run_queue(&look, &list, &count);

	for (size_t i = 0; i < count && !code; i++) {
		code = run_read(&look, &list[i], NTMS_LIBREQUEST, &request);
		if (code == ERROR_OBJECT_NOT_FOUND)
			code = ERROR_SUCCESS;
		else if (!code && !request_is_final(&request) && is_meant(&request))
			code = ERROR_BUSY;
	}
	free(list);
	return !code;
}

/* Has all that this process queued been carried out, be it by another who had the lease? */
static bool owes_nothing(struct worker *worker)
{
	return !worker->unsettled && there_is_no(worker, is_of_this_process);
}

/* Who waits for the end of his own work need not wait for that of others who stand aside. */
static void settle_pokes(struct worker *worker)
{
	pthread_mutex_t *mutex = &worker->system->mutex;
	uint64_t poke;
	bool draining;

	pthread_mutex_lock(mutex);
	draining = worker->draining > 0;
	poke = worker->pokes;
	pthread_mutex_unlock(mutex);
	if (!draining || !there_is_no(worker, is_left_to_us))
		return;
	pthread_mutex_lock(mutex);
	worker->poke_done = poke;
	pthread_cond_broadcast(&worker->settled);
	pthread_mutex_unlock(mutex);
}

/* Until somebody is back, or something happens that is worth a look at the queue. False: nobody is
 * aside, or where a cartridge is has to be found out first. */
static bool wait_aside(struct worker *worker, struct turn *turn)
{
	uint64_t due_ns = tasks_due_ns(turn), look_ns = clock_deadline(LOOK_AGAIN_MS);
	struct pollfd fds[4] = {
		{.fd = worker->tasks.back_fd, .events = POLLIN},
		{.fd = worker->wake_fd, .events = POLLIN},
		{.fd = worker->watch_fd, .events = POLLIN},
		{.fd = worker->events_fd, .events = POLLIN},
	};
	bool worth = false;

	if (!due_ns || is_at_a_loss(turn))
		return false;
	settle_pokes(worker);
	atomic_store(&worker->due_ns, due_ns);
	if (turn->next_look_ns && turn->next_look_ns < look_ns)
		look_ns = turn->next_look_ns;
	while (!worth) {
		int ready = poll(fds, 4, clock_poll_ms(look_ns));

		worker->renew = ready == 0 || (fds[3].revents && drain_events(worker));
		worth = worker->renew || fds[0].revents || fds[1].revents || fds[2].revents;
		worker->roused |= fds[1].revents || fds[2].revents || fds[3].revents;
	}
	drain_eventfd(worker->wake_fd);
	store_watch_drain(worker->watch_fd);
	worker->holders_seen = holders_mark(worker->system);
	turn_step(turn, 0);
	return true;
}

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

	while (!code && !*turn->stop && (progressed || wait_aside(worker, turn))) {
		NTMS_GUID *list = NULL;
		size_t count = 0;

		turn->next_look_ns = 0;
		turn->watchful = false;
		keep_nothing(turn);
		code = renew(worker, turn);
		if (!code)
			code = tasks_go_on(turn, &over);
		progressed = false;
		if (is_at_a_loss(turn))
			break;
		if (!code)
			code = run_queue(turn, &list, &count);
		if (!code)
			code = overdue_first(turn, list, count);
		for (size_t i = 0; i < count && !code && !*turn->stop; i++) {
			bool finished;

			code = run_one(turn, &list[i], &finished);
			turn->unsettled |= turn->adrift;
			if (is_at_a_loss(turn)) {
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

/* ---- turns ---- */

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

/* What a turn leaves to be waited for. */
struct outlook {
	uint64_t next_look_ns;
	bool watchful;
};

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

/* Until there is a turn that could. */
static void step(struct worker *worker)
{
	struct turn first = {.due_ns = &worker->due_ns};

	turn_step(&first, 0);
}

/* One turn. ERROR_BUSY when another executor has the lease. */
static DWORD take_turn(struct worker *worker, struct outlook *outlook)
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
	turn.retry = &worker->retry;
	turn.tasks = &worker->tasks;
	turn.attention = worker->attention;
	worker->attention = false;
	/* Before the turn looks at them: what is released after that is another number. */
	worker->holders_seen = holders_mark(worker->system);
	code = work(worker, &turn);
	/* What somebody did who has not been followed yet is to be by the next turn. */
	if (code)
		worker->attention |= turn.attention;
	outlook->next_look_ns = turn.next_look_ns;
	outlook->watchful = turn.watchful || turn.next_look_ns;
	worker->unsettled = is_scarcity(code) || turn.unsettled;
	turn_end(&turn);
	/* The next turn has still to hear of it. */
	if (worker->roused)
		worker_wake(worker);
	worker->roused = false;
	return code;
}

/* What is queued is not forgotten because this turn could not carry it out: nobody may come who
 * pokes or waits. What has other reasons than scarcity waits for its event, as before. */
static void plan_retry(struct worker *worker, DWORD code, struct outlook *outlook)
{
	uint64_t delay_ms = RETRY_MS << worker->failures, next_ns;

	if (code == ERROR_BUSY)
		return;
	if (!is_scarcity(code) && !worker->unsettled) {
		worker->failures = 0;
		return;
	}
	if (delay_ms < LOOK_AGAIN_MS)
		worker->failures++;
	next_ns = clock_deadline((DWORD)delay_ms);
	outlook->watchful = true;
	if (!outlook->next_look_ns || next_ns < outlook->next_look_ns)
		outlook->next_look_ns = next_ns;
}

/* Sleep until something happens that is worth a turn; an idle worker looks at nothing but pokes. */
static void wait_for_events(struct worker *worker, bool idle, uint64_t next_look_ns)
{
	struct pollfd fds[3] = {
		{.fd = worker->wake_fd, .events = POLLIN},
		{.fd = idle ? -1 : worker->watch_fd, .events = POLLIN},
		{.fd = idle ? -1 : worker->events_fd, .events = POLLIN},
	};
	uint64_t look_again_ns =
		clock_deadline(worker->quiet && !worker->look ? KNOCK_MS : LOOK_AGAIN_MS);
	bool worth = false;

	if (idle)
		look_again_ns = 0;
	else if (next_look_ns && next_look_ns < look_again_ns)
		look_again_ns = next_look_ns;
	while (!worth) {
		int ready = poll(fds, 3, clock_poll_ms(look_again_ns));

		worker->knock = ready == 0 && worker->quiet && worker->served;
		worth = ready == 0 || fds[0].revents || fds[1].revents;
		if (fds[2].revents && drain_events(worker))
			worth = true;
	}
	drain_eventfd(worker->wake_fd);
	/* What was told meanwhile it has not heard. */
	worker->attention |= idle;
	if (!idle)
		store_watch_drain(worker->watch_fd);
}

/* With the mutex: what it should know before the turn that follows. */
static bool has_work(struct worker *worker, const struct outlook *outlook)
{
	/* Without a server nobody wants to know what came and went. */
	worker->served = worker->serving > 0;
	worker->look = worker->served && (worker->look || worker->look_asked);
	worker->look_asked = false;
	return worker->attending || worker->serving || worker->poke_done != worker->pokes ||
	       outlook->watchful;
}

/* With the mutex. What keeps it from working is told until it has worked again. */
static void note_end(struct worker *worker, DWORD code)
{
	snprintf(worker->hindrance, sizeof(worker->hindrance), "%s", code ? ntms_said() : "");
	worker->lease_busy = code == ERROR_BUSY;
	/* Another one may have heard of a person, and died. */
	worker->attention |= worker->lease_busy;
	if (code == ERROR_BUSY)
		code = ERROR_SUCCESS;
	if (!code && worker->absent)
		return;
	worker->code = code;
	snprintf(worker->said, sizeof(worker->said), "%s", code ? ntms_said() : "");
}

static void *worker_main(void *argument)
{
	struct worker *worker = argument;
	pthread_mutex_t *mutex = &worker->system->mutex;
	struct outlook outlook = {0};
	uint64_t poke;
	bool idle, drained;
	DWORD code;

	pthread_mutex_lock(mutex);
	while (!worker->stop) {
		poke = worker->pokes;
		drained = worker->draining > 0;
		idle = !has_work(worker, &outlook);
		pthread_mutex_unlock(mutex);
		code = ERROR_SUCCESS;
		ntms_say_nothing();
		if (!idle) {
			step(worker);
			code = take_turn(worker, &outlook);
			plan_retry(worker, code, &outlook);
			atomic_store(&worker->due_ns, 0);
		}
		/* Many may want the lease, and nobody stands in line for it: who only waits for
		 * what he has queued need not have it himself. */
		drained = drained && code == ERROR_BUSY && owes_nothing(worker);
		pthread_mutex_lock(mutex);
		note_end(worker, code);
		if (!idle && (code != ERROR_BUSY || drained)) {
			if (worker->poke_done < poke)
				worker->poke_done = poke;
			pthread_cond_broadcast(&worker->settled);
			idle = !has_work(worker, &outlook);
		}
		pthread_mutex_unlock(mutex);
		wait_for_events(worker, idle, outlook.next_look_ns);
		pthread_mutex_lock(mutex);
	}
	worker->poke_done = worker->pokes;
	pthread_cond_broadcast(&worker->settled);
	pthread_mutex_unlock(mutex);
	return NULL;
}

/* ---- workers of a system; system->mutex is held ---- */

static void worker_free(struct worker *worker)
{
	if (worker->wake_fd >= 0)
		close(worker->wake_fd);
	if (worker->watch_fd >= 0)
		store_watch_close(worker->watch_fd);
	if (worker->events_fd >= 0)
		close(worker->events_fd);
	pthread_cond_destroy(&worker->settled);
	tasks_destroy(&worker->tasks);
	free(worker);
}

static DWORD worker_make(struct ntms_system *system, const NTMS_GUID *library,
			 struct worker **workerp)
{
	struct worker *worker = calloc(1, sizeof(*worker));
	pthread_condattr_t attributes;
	DWORD code = ERROR_NOT_ENOUGH_MEMORY;

	if (!worker)
		return code;
	worker->system = system;
	worker->library = *library;
	/* What was told before it listened it has not heard. */
	worker->attention = true;
	worker->watch_fd = -1;
	worker->events_fd = -1;
	if (tasks_init(&worker->tasks)) {
		free(worker);
		return code;
	}
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&worker->settled, &attributes);
	pthread_condattr_destroy(&attributes);
	worker->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (worker->wake_fd < 0)
		goto fail;
	code = store_watch_open(system->store, &worker->watch_fd);
	if (code) {
		worker->watch_fd = -1;
		goto fail;
	}
	if (broker_events_open(system->broker, &worker->events_fd)) {
		worker->events_fd = -1;
		code = ERROR_NOT_CONNECTED;
		goto fail;
	}
	if (pthread_create(&worker->thread, NULL, worker_main, worker)) {
		code = ERROR_NOT_ENOUGH_MEMORY;
		goto fail;
	}
	worker->next = system->workers;
	system->workers = worker;
	*workerp = worker;
	return ERROR_SUCCESS;
fail:
	worker_free(worker);
	return code;
}

static struct worker *worker_of(struct ntms_system *system, const NTMS_GUID *library)
{
	struct worker *worker = system->workers;

	while (worker && !guid_equal(&worker->library, library))
		worker = worker->next;
	return worker;
}

static DWORD worker_find(struct ntms_system *system, const NTMS_GUID *library,
			 struct worker **workerp)
{
	*workerp = worker_of(system, library);
	return *workerp ? ERROR_SUCCESS : worker_make(system, library, workerp);
}

DWORD worker_poke(struct ntms_system *system, const NTMS_GUID *library)
{
	struct worker *worker;
	DWORD code;

	pthread_mutex_lock(&system->mutex);
	code = worker_find(system, library, &worker);
	if (!code) {
		worker->pokes++;
		worker_wake(worker);
	}
	pthread_mutex_unlock(&system->mutex);
	return code;
}

DWORD worker_attend(struct ntms_system *system, const NTMS_GUID *library)
{
	struct worker *worker;
	DWORD code;

	pthread_mutex_lock(&system->mutex);
	code = worker_find(system, library, &worker);
	if (!code) {
		worker->attending++;
		worker_wake(worker);
	}
	pthread_mutex_unlock(&system->mutex);
	return code;
}

void worker_unattend(struct ntms_system *system, const NTMS_GUID *library)
{
	struct worker *worker;

	pthread_mutex_lock(&system->mutex);
	worker = worker_of(system, library);
	if (worker)
		worker->attending--;
	pthread_mutex_unlock(&system->mutex);
}

DWORD worker_serve(struct ntms_system *system, const NTMS_GUID *library)
{
	struct worker *worker;
	DWORD code;

	pthread_mutex_lock(&system->mutex);
	code = worker_find(system, library, &worker);
	if (!code) {
		worker->serving++;
		worker->look_asked = true;
		worker_wake(worker);
	}
	pthread_mutex_unlock(&system->mutex);
	return code;
}

void worker_unserve(struct ntms_system *system, const NTMS_GUID *library)
{
	struct worker *worker;

	pthread_mutex_lock(&system->mutex);
	worker = worker_of(system, library);
	if (worker) {
		worker->serving--;
		worker_wake(worker);
	}
	pthread_mutex_unlock(&system->mutex);
}

void worker_look(struct ntms_system *system, const NTMS_GUID *library)
{
	struct worker *worker;

	pthread_mutex_lock(&system->mutex);
	worker = worker_of(system, library);
	if (worker) {
		worker->look_asked = true;
		worker_wake(worker);
	}
	pthread_mutex_unlock(&system->mutex);
}

static void describe(struct worker *worker, RSM_SERVICE *service)
{
	uint64_t due_ns = atomic_load(&worker->due_ns);
	uint64_t now_ns = clock_monotonic_ns();
	uint64_t over_ms = due_ns && now_ns > due_ns ? (now_ns - due_ns) / NSEC_PER_MSEC + 1 : 0;

	service->dwState = due_ns		? RSM_SERVICE_WORKING
			   : worker->lease_busy ? RSM_SERVICE_ELSEWHERE
						: RSM_SERVICE_IDLE;
	service->dwOverdueMs = over_ms < UINT32_MAX ? (DWORD)over_ms : UINT32_MAX;
	service->dwErrorCode = worker->code;
	snprintf(service->szErrorMessage, sizeof(service->szErrorMessage), "%s", worker->said);
}

DWORD worker_state(struct ntms_system *system, const NTMS_GUID *library, RSM_SERVICE *service)
{
	struct worker *worker;

	pthread_mutex_lock(&system->mutex);
	worker = worker_of(system, library);
	if (worker)
		describe(worker, service);
	pthread_mutex_unlock(&system->mutex);
	return worker ? ERROR_SUCCESS : ERROR_INVALID_STATE;
}

void worker_hindrance(struct ntms_system *system, const NTMS_GUID *library, char *text, size_t size)
{
	struct worker *worker;

	pthread_mutex_lock(&system->mutex);
	worker = worker_of(system, library);
	snprintf(text, size, "%s", worker ? worker->hindrance : "");
	pthread_mutex_unlock(&system->mutex);
}

void workers_drain(struct ntms_system *system, uint64_t deadline_ns)
{
	struct timespec limit = {
		.tv_sec = (time_t)(deadline_ns / NSEC_PER_SEC),
		.tv_nsec = (long)(deadline_ns % NSEC_PER_SEC),
	};
	struct worker *worker;

	pthread_mutex_lock(&system->mutex);
	for (worker = system->workers; worker; worker = worker->next) {
		uint64_t poke = worker->pokes;

		worker->draining++;
		/* It may be waiting for the lease, though it need not any more. */
		if (worker->poke_done < poke)
			worker_wake(worker);
		while (worker->poke_done < poke)
			if (pthread_cond_timedwait(&worker->settled, &system->mutex, &limit))
				break;
		worker->draining--;
	}
	pthread_mutex_unlock(&system->mutex);
}

void workers_stop(struct ntms_system *system)
{
	struct worker *worker;

	pthread_mutex_lock(&system->mutex);
	for (worker = system->workers; worker; worker = worker->next) {
		worker->stop = true;
		worker_wake(worker);
	}
	pthread_mutex_unlock(&system->mutex);
	while ((worker = system->workers)) {
		pthread_join(worker->thread, NULL);
		system->workers = worker->next;
		worker_free(worker);
	}
}

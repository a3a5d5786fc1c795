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
#include "core/media.h"
#include "core/run.h"
#include "core/worker.h"

/* Events may be lost on a broker's side; nothing waits longer than this without a look. */
#define LOOK_AGAIN_MS 5000

/* Finished requests deleted per turn at most, so that a turn stays short. */
#define PURGE_PER_TURN 64

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
	uint64_t pokes;
	uint64_t poke_done;
	/* Of the thread alone: how its last turn ended, so that it need not take another for
	 * nothing. */
	bool lease_busy;
	uint64_t holders_seen;
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
	default:
		return NULL;
	}
}

static bool database_trouble(DWORD code)
{
	return code == ERROR_DATABASE_FAILURE || code == ERROR_DATABASE_FULL;
}

/* Run one request; *@finished when it needs no further look. */
static DWORD run_one(struct turn *turn, const NTMS_GUID *guid, bool *finished)
{
	struct object request;
	run_function run;
	DWORD code;

	*finished = false;
	code = run_read(turn, guid, NTMS_LIBREQUEST, &request);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ERROR_SUCCESS;
	if (code)
		return code;
	if (request_is_final(&request))
		return ERROR_SUCCESS;
	ntms_say_nothing();
	run = runner(request.librequest.operation);
	code = run ? run(turn, &request) : ERROR_INVALID_OPERATION;
	if (code == RUN_WAITS)
		return ERROR_SUCCESS;
	if (database_trouble(code))
		return code;
	code = run_finish(turn, guid, code);
	*finished = code != RUN_WAITS;
	return *finished ? code : ERROR_SUCCESS;
}

/* Carry out whatever can be carried out, in the queue's order, until nothing more can. */
static DWORD work_queue(struct turn *turn)
{
	bool progressed = true;
	DWORD code = ERROR_SUCCESS;

	while (progressed && !code && !*turn->stop) {
		NTMS_GUID *list = NULL;
		size_t count = 0;

		progressed = false;
		turn->next_look_ns = 0;
		code = run_queue(turn, &list, &count);
		for (size_t i = 0; i < count && !code && !*turn->stop; i++) {
			bool finished;

			code = run_one(turn, &list[i], &finished);
			/* What has finished may have put something more urgent into the queue. */
			progressed = finished;
			if (finished)
				break;
		}
		free(list);
	}
	return code;
}

static DWORD purge_finished(struct turn *turn)
{
	struct object computer, request;
	NTMS_GUID *list = NULL;
	struct store_key key;
	size_t count = 0;
	struct txn *txn;
	uint64_t limit;
	bool changed = false;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	key_start(&key);
	code = computer_get(txn, &computer);
	if (!code)
		code = store_list(txn, IX_FINISHED, &key, PURGE_PER_TURN, &list, &count);
	limit = clock_utc_ms() - computer.computer.librequest_purge_s * 1000ULL;
	for (size_t i = 0; i < count && !code; i++) {
		code = store_get(txn, &list[i], NTMS_LIBREQUEST, &request);
		if (code || request.librequest.completed_ms > limit ||
		    computer.computer.librequest_flags & NTMS_LIBREQFLAGS_NOAUTOPURGE)
			break;
		if (request.librequest.error &&
		    computer.computer.librequest_flags & NTMS_LIBREQFLAGS_NOFAILEDPURGE)
			continue;
		code = store_delete(txn, &list[i]);
		changed = true;
	}
	free(list);
	if (code || !changed) {
		store_abort(txn);
		return code;
	}
	return store_commit(txn);
}

/* ---- turns ---- */

/* Is there anything in the queue at all? Looking needs no lease. */
static DWORD queue_empty(struct worker *worker, bool *empty)
{
	struct turn look = {.system = worker->system, .library = worker->library};
	NTMS_GUID *list = NULL;
	size_t count = 0;
	DWORD code = run_queue(&look, &list, &count);

	free(list);
	*empty = count == 0;
	return code;
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

/* One turn. ERROR_BUSY when another executor has the lease. */
static DWORD take_turn(struct worker *worker, uint64_t *next_look_ns)
{
	struct turn turn = {0};
	struct object library;
	bool empty;
	DWORD code;

	*next_look_ns = 0;
	code = queue_empty(worker, &empty);
	if (code || empty)
		return code;
	turn.system = worker->system;
	code = run_read(&turn, &worker->library, NTMS_LIBRARY, &library);
	if (code)
		return code;
	code = turn_begin(worker->system, &library, 1, &turn);
	if (code)
		return code;
	turn.stop = &worker->stop;
	code = turn_settle(&turn);
	if (!code)
		code = work_queue(&turn);
	if (!code)
		code = purge_finished(&turn);
	*next_look_ns = turn.next_look_ns;
	turn_end(&turn);
	worker->holders_seen = holders_mark(worker->system);
	return code;
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
	case BROKER_EVENT_RELEASED:
		return holders_mark(worker->system) != worker->holders_seen;
	case BROKER_EVENT_OTHER:
		return false;
	default:
		return true;
	}
}

static bool drain_events(struct worker *worker)
{
	struct broker_event event;
	bool worth = false;

	while (broker_next_event(worker->system->broker, worker->events_fd, &event) == 0)
		worth = is_worth_a_turn(worker, &event) || worth;
	return worth;
}

/* Sleep until something happens that is worth a turn; an idle worker looks at nothing but pokes. */
static void wait_for_events(struct worker *worker, bool idle, uint64_t next_look_ns)
{
	struct pollfd fds[3] = {
		{.fd = worker->wake_fd, .events = POLLIN},
		{.fd = idle ? -1 : worker->watch_fd, .events = POLLIN},
		{.fd = idle ? -1 : worker->events_fd, .events = POLLIN},
	};
	uint64_t look_again_ns = clock_deadline(LOOK_AGAIN_MS);
	bool worth = false;

	if (idle)
		look_again_ns = 0;
	else if (next_look_ns && next_look_ns < look_again_ns)
		look_again_ns = next_look_ns;
	while (!worth) {
		int ready = poll(fds, 3, clock_poll_ms(look_again_ns));

		worth = ready == 0 || fds[0].revents || fds[1].revents;
		if (fds[2].revents && drain_events(worker))
			worth = true;
	}
	drain_eventfd(worker->wake_fd);
	if (!idle)
		store_watch_drain(worker->watch_fd);
}

static void *worker_main(void *argument)
{
	struct worker *worker = argument;
	pthread_mutex_t *mutex = &worker->system->mutex;
	uint64_t next_look_ns;
	uint64_t poke;
	bool idle;
	DWORD code;

	pthread_mutex_lock(mutex);
	while (!worker->stop) {
		poke = worker->pokes;
		idle = !worker->attending && worker->poke_done == poke;
		pthread_mutex_unlock(mutex);
		next_look_ns = 0;
		code = idle ? ERROR_SUCCESS : take_turn(worker, &next_look_ns);
		worker->lease_busy = code == ERROR_BUSY;
		pthread_mutex_lock(mutex);
		if (!idle && code != ERROR_BUSY) {
			worker->poke_done = poke;
			pthread_cond_broadcast(&worker->settled);
			idle = !worker->attending && worker->pokes == poke;
		}
		pthread_mutex_unlock(mutex);
		wait_for_events(worker, idle, next_look_ns);
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
	worker->watch_fd = -1;
	worker->events_fd = -1;
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

static DWORD worker_find(struct ntms_system *system, const NTMS_GUID *library,
			 struct worker **workerp)
{
	for (struct worker *worker = system->workers; worker; worker = worker->next) {
		if (guid_equal(&worker->library, library)) {
			*workerp = worker;
			return ERROR_SUCCESS;
		}
	}
	return worker_make(system, library, workerp);
}

static void worker_wake(struct worker *worker)
{
	uint64_t one = 1;

	if (write(worker->wake_fd, &one, sizeof(one)) < 0)
		return; /* EAGAIN: it is awake already */
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
	for (worker = system->workers; worker; worker = worker->next)
		if (guid_equal(&worker->library, library))
			worker->attending--;
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

		while (worker->poke_done < poke)
			if (pthread_cond_timedwait(&worker->settled, &system->mutex, &limit))
				break;
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

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
#include "core/run.h"
#include "core/worker_private.h"

/* Somebody who serves a library in whose queue there is nothing asks it so often whether a person
 * was there: real ones tell nobody by themselves. */
#define KNOCK_MS 10000

/* No event tells that there is memory again, or that a database can be written to: after a turn
 * that failed the next one comes after so long, then twice that, and so on. */
#define RETRY_MS 50

/* ---- the thread ---- */

/* Until there is a turn that could. */
static void step(struct worker *worker)
{
	struct turn first = {.due_ns = &worker->due_ns};

	turn_step(&first, 0);
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
		if (fds[2].revents && worker_hear(worker))
			worth = true;
	}
	worker_drain_eventfd(worker->wake_fd);
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
			code = worker_turn(worker, &outlook);
			plan_retry(worker, code, &outlook);
			atomic_store(&worker->due_ns, 0);
		}
		/* Many may want the lease, and nobody stands in line for it: who only waits for
		 * what he has queued need not have it himself. */
		drained = drained && code == ERROR_BUSY && worker_owes_nothing(worker);
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

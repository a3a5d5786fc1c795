/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* worker_aside.c - a turn in which requests stand aside: what the worker waits for meanwhile */
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>
#include "base/clock.h"
#include "core/run.h"
#include "core/task.h"
#include "core/worker_private.h"

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

bool worker_owes_nothing(struct worker *worker)
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

bool worker_wait_aside(struct worker *worker, struct turn *turn)
{
	uint64_t due_ns = tasks_due_ns(turn), look_ns = clock_deadline(LOOK_AGAIN_MS);
	struct pollfd fds[4] = {
		{.fd = worker->tasks.back_fd, .events = POLLIN},
		{.fd = worker->wake_fd, .events = POLLIN},
		{.fd = worker->watch_fd, .events = POLLIN},
		{.fd = worker->events_fd, .events = POLLIN},
	};
	bool worth = false;

	if (!due_ns || worker_is_at_a_loss(turn))
		return false;
	settle_pokes(worker);
	atomic_store(&worker->due_ns, due_ns);
	if (turn->next_look_ns && turn->next_look_ns < look_ns)
		look_ns = turn->next_look_ns;
	while (!worth) {
		int ready = poll(fds, 4, clock_poll_ms(look_ns));

		worker->renew = ready == 0 || (fds[3].revents && worker_hear(worker));
		worth = worker->renew || fds[0].revents || fds[1].revents || fds[2].revents;
		worker->roused |= fds[1].revents || fds[2].revents || fds[3].revents;
	}
	worker_drain_eventfd(worker->wake_fd);
	store_watch_drain(worker->watch_fd);
	worker->holders_seen = worker_holders_mark(worker->system);
	turn_step(turn, 0);
	return true;
}

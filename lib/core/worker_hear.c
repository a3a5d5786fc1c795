/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* worker_hear.c - what wakes a worker, and what it learns by it */
#include <stdlib.h>
#include <unistd.h>
#include "core/worker_private.h"

void worker_wake(struct worker *worker)
{
	uint64_t one = 1;

	if (write(worker->wake_fd, &one, sizeof(one)) < 0)
		return; /* EAGAIN: it is awake already */
}

uint64_t worker_holders_mark(struct ntms_system *system)
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

void worker_drain_eventfd(int fd)
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
	case BROKER_EVENT_RELEASED: /* worker_hear() looks, once for all of them */
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

bool worker_hear(struct worker *worker)
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
		worth = worker_holders_mark(worker->system) != worker->holders_seen;
	return worth;
}

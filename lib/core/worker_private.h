/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* worker_private.h - what the files of the worker share */
#ifndef NTMS_CORE_WORKER_PRIVATE_H
#define NTMS_CORE_WORKER_PRIVATE_H

#include <pthread.h>
#include "core/task.h"
#include "core/worker.h"

/* Events may be lost on a broker's side; nothing waits longer than this without a look. */
#define LOOK_AGAIN_MS 5000

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

/* What a turn leaves to be waited for. */
struct outlook {
	uint64_t next_look_ns;
	bool watchful;
};

/* ---- what is heard ---- */

void worker_wake(struct worker *worker);
void worker_drain_eventfd(int fd);

/* A number that changes when somebody takes or gives up a drive. */
uint64_t worker_holders_mark(struct ntms_system *system);

/* Read what the broker has told. Is it worth a turn? */
bool worker_hear(struct worker *worker);

/* ---- a turn ---- */

/* One turn. ERROR_BUSY when another executor has the lease. */
DWORD worker_turn(struct worker *worker, struct outlook *outlook);

/* Where a cartridge is that was to be moved, the next turn asks first; behind an open door it
 * cannot be asked, and nothing moves. */
bool worker_is_at_a_loss(const struct turn *turn);

/* Until somebody is back, or something happens that is worth a look at the queue. False: nobody is
 * aside, or where a cartridge is has to be found out first. */
bool worker_wait_aside(struct worker *worker, struct turn *turn);

/* Has all that this process queued been carried out, be it by another who had the lease? */
bool worker_owes_nothing(struct worker *worker);

#endif

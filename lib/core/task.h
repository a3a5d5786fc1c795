/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * task.h - who waits for a drive does not keep the robot from others
 *
 * A drive makes a tape ready, or unwinds it, for minutes. So each request that may use a drive is
 * carried out in a thread of its own. All the same only one runs at a time, one of them or the
 * worker, and it runs until it gives way: turn and records are as if there was one thread. Who is
 * about to wait for a drive stands aside, and comes back into line afterwards; meanwhile the worker
 * goes on with the queue. Nobody stands aside in a transaction, nor between an intent and its
 * confirmation, nor while he has the ports to himself.
 *
 * What a request may find changed when it is back is what may change between any two transactions
 * (run.h), and where the robot has put what is not reserved. What it has reserved is its own: the
 * broker sees to that among processes, turn_use_drive() among the requests of one turn.
 */
#ifndef NTMS_CORE_TASK_H
#define NTMS_CORE_TASK_H

#include <pthread.h>
#include "core/turn.h"

struct task;

/* A worker's. */
struct tasks {
	pthread_mutex_t mutex; /* guards what follows */
	pthread_cond_t gave_way;
	struct task *list;
	struct task *running; /* NULL: the worker itself */
	bool over;	      /* the threads are to end */
	int back_fd;	      /* readable: somebody may be back */
};

/* 0 or -errno. */
int tasks_init(struct tasks *tasks);
/* None of them is at work. */
void tasks_destroy(struct tasks *tasks);

/* Carry out @request; *@finished when it needs no further look. Win32 code of what keeps the turn
 * from going on. */
typedef DWORD (*task_work)(struct turn *turn, struct object *request, bool *finished);

/* ---- for the worker, in a turn that has turn->tasks ---- */

/* Have @work done in a thread, until it is over or stands aside. False: there is no thread to be
 * had. */
bool task_begin(struct turn *turn, task_work work, const struct object *request);

/* Is it, or another of the same call, being carried out? */
bool tasks_are_at(struct turn *turn, const struct object *request);

/* Let those go on that are back. *@finished when one of those that are over has finished its
 * request; the first error of them. */
DWORD tasks_go_on(struct turn *turn, bool *finished);

/* By when the last of those that stand aside should be back, monotonic; 0: nobody stands aside. */
uint64_t tasks_due_ns(struct turn *turn);

/* Until all of them are over. @code, or the first error of theirs. */
DWORD tasks_end(struct turn *turn, DWORD code);

/* ---- for who carries out a request ---- */

/*
 * Before a wait for a drive of @longest_ms at most: others go on. What is done until task_back() is
 * the drive's alone. NULL, which task_back() takes, when there are no others.
 */
struct task *task_aside(struct turn *turn, uint32_t longest_ms);
void task_back(struct turn *turn, struct task *task);

/* It has reserved that drive, and uses it until the request is over or waits. */
void turn_use_drive(struct turn *turn, uint32_t drive);

/* Does another request of this turn use that drive? */
bool turn_drive_is_used(const struct turn *turn, uint32_t drive);

#endif

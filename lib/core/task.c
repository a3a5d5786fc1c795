/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/guid.h"
#include "base/say.h"
#include "core/task.h"

enum task_stage {
	TASK_IDLE,
	TASK_AT_WORK,
	TASK_ASIDE,
	TASK_BACK, /* and waits until it may run */
	TASK_OVER, /* nobody has asked yet how it ended */
};

struct task {
	struct task *next;
	struct tasks *tasks;
	pthread_t thread;
	pthread_cond_t called; /* it is to run, or to end */
	enum task_stage stage;
	uint64_t due_ns; /* aside: by when it should be back */
	struct turn *turn;
	struct object request;
	task_work work;
	DWORD code; /* what its work has ended with */
	bool finished;
	char said[512];
};

/* ---- the threads ---- */

/* With the mutex, by who runs. */
static void give_way(struct task *task, enum task_stage stage)
{
	task->stage = stage;
	task->tasks->running = NULL;
	pthread_cond_signal(&task->tasks->gave_way);
}

static void *task_main(void *argument)
{
	struct task *task = argument;
	struct tasks *tasks = task->tasks;

	pthread_mutex_lock(&tasks->mutex);
	for (;;) {
		while (tasks->running != task && !tasks->over)
			pthread_cond_wait(&task->called, &tasks->mutex);
		if (tasks->over)
			break;
		pthread_mutex_unlock(&tasks->mutex);
		ntms_say_nothing();
		task->code = task->work(task->turn, &task->request, &task->finished);
		snprintf(task->said, sizeof(task->said), "%s", ntms_said());
		pthread_mutex_lock(&tasks->mutex);
		give_way(task, TASK_OVER);
	}
	pthread_mutex_unlock(&tasks->mutex);
	return NULL;
}

/* Signals are for the threads of the application. */
static int start_thread(struct task *task)
{
	sigset_t every, before;
	int error;

	sigfillset(&every);
	pthread_sigmask(SIG_SETMASK, &every, &before);
	error = pthread_create(&task->thread, NULL, task_main, task);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

static struct task *task_make(struct tasks *tasks)
{
	struct task *task = calloc(1, sizeof(*task));

	if (!task)
		return NULL;
	task->tasks = tasks;
	pthread_cond_init(&task->called, NULL);
	if (start_thread(task)) {
		pthread_cond_destroy(&task->called);
		free(task);
		return NULL;
	}
	task->next = tasks->list;
	tasks->list = task;
	return task;
}

int tasks_init(struct tasks *tasks)
{
	*tasks = (struct tasks){.back_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
	if (tasks->back_fd < 0)
		return -errno;
	pthread_mutex_init(&tasks->mutex, NULL);
	pthread_cond_init(&tasks->gave_way, NULL);
	return 0;
}

void tasks_destroy(struct tasks *tasks)
{
	struct task *task;

	pthread_mutex_lock(&tasks->mutex);
	tasks->over = true;
	for (task = tasks->list; task; task = task->next)
		pthread_cond_signal(&task->called);
	pthread_mutex_unlock(&tasks->mutex);
	while ((task = tasks->list)) {
		tasks->list = task->next;
		pthread_join(task->thread, NULL);
		pthread_cond_destroy(&task->called);
		free(task);
	}
	pthread_cond_destroy(&tasks->gave_way);
	pthread_mutex_destroy(&tasks->mutex);
	close(tasks->back_fd);
}

/* ---- the worker ---- */

/* With the mutex: until it gives way. */
static void let_run(struct tasks *tasks, struct task *task)
{
	task->stage = TASK_AT_WORK;
	tasks->running = task;
	pthread_cond_signal(&task->called);
	while (tasks->running)
		pthread_cond_wait(&tasks->gave_way, &tasks->mutex);
}

/* With the mutex. */
static struct task *find(struct tasks *tasks, enum task_stage stage)
{
	struct task *task = tasks->list;

	while (task && task->stage != stage)
		task = task->next;
	return task;
}

bool task_begin(struct turn *turn, task_work work, const struct object *request)
{
	struct tasks *tasks = turn->tasks;
	struct task *task;

	pthread_mutex_lock(&tasks->mutex);
	task = find(tasks, TASK_IDLE);
	if (!task)
		task = task_make(tasks);
	if (task) {
		task->turn = turn;
		task->request = *request;
		task->work = work;
		task->finished = false;
		let_run(tasks, task);
	}
	pthread_mutex_unlock(&tasks->mutex);
	return task != NULL;
}

/* All mounts of a call are carried out together, and all cartridges of an eject. */
static bool is_one_with(const struct object *a, const struct object *b)
{
	const uint32_t operation = a->librequest.operation;

	if (guid_equal(&a->guid, &b->guid))
		return true;
	return operation == b->librequest.operation &&
	       (operation == NTMS_LM_MOUNT || operation == NTMS_LM_EJECT) &&
	       !guid_is_null(&a->librequest.group) &&
	       guid_equal(&a->librequest.group, &b->librequest.group);
}

bool tasks_are_at(struct turn *turn, const struct object *request)
{
	struct tasks *tasks = turn->tasks;
	bool at = false;

	if (!tasks)
		return false;
	pthread_mutex_lock(&tasks->mutex);
	for (const struct task *task = tasks->list; task && !at; task = task->next)
		at = task->stage != TASK_IDLE && is_one_with(&task->request, request);
	pthread_mutex_unlock(&tasks->mutex);
	return at;
}

/* Its drives are free for others of the turn. */
static void leave_drives(struct turn *turn, const struct task *task)
{
	for (size_t i = 0; i < turn->drive_count; i++)
		if (turn->drives[i].user == task)
			turn->drives[i].user = NULL;
}

/* With the mutex. */
static DWORD collect(struct turn *turn, bool *finished)
{
	struct tasks *tasks = turn->tasks;
	DWORD result = ERROR_SUCCESS;
	struct task *task;

	while ((task = find(tasks, TASK_OVER))) {
		task->stage = TASK_IDLE;
		leave_drives(turn, task);
		*finished |= task->finished;
		if (task->code && !result)
			result = ntms_say(task->code, "%s", task->said);
	}
	return result;
}

DWORD tasks_go_on(struct turn *turn, bool *finished)
{
	struct tasks *tasks = turn->tasks;
	struct task *task;
	uint64_t value;
	DWORD code;

	*finished = false;
	if (!tasks)
		return ERROR_SUCCESS;
	pthread_mutex_lock(&tasks->mutex);
	/* Whoever is back after this makes it readable again. */
	if (read(tasks->back_fd, &value, sizeof(value)) < 0)
		value = 0;
	while ((task = find(tasks, TASK_BACK)))
		let_run(tasks, task);
	code = collect(turn, finished);
	pthread_mutex_unlock(&tasks->mutex);
	return code;
}

uint64_t tasks_due_ns(struct turn *turn)
{
	struct tasks *tasks = turn->tasks;
	uint64_t due_ns = 0;

	if (!tasks)
		return 0;
	pthread_mutex_lock(&tasks->mutex);
	for (const struct task *task = tasks->list; task; task = task->next)
		if ((task->stage == TASK_ASIDE || task->stage == TASK_BACK) &&
		    task->due_ns > due_ns)
			due_ns = task->due_ns;
	pthread_mutex_unlock(&tasks->mutex);
	return due_ns;
}

DWORD tasks_end(struct turn *turn, DWORD code)
{
	struct pollfd back = {.fd = turn->tasks ? turn->tasks->back_fd : -1, .events = POLLIN};
	char said[512];
	uint64_t due_ns;
	bool finished;
	DWORD ended;

	while ((due_ns = tasks_due_ns(turn))) {
		if (turn->due_ns)
			atomic_store(turn->due_ns, due_ns);
		snprintf(said, sizeof(said), "%s", ntms_said());
		poll(&back, 1, -1); /* each of them has its own deadline */
		ended = tasks_go_on(turn, &finished);
		if (code)
			ntms_say(code, "%s", said);
		else
			code = ended;
	}
	return code;
}

/* ---- who carries out a request ---- */

struct task *task_aside(struct turn *turn, uint32_t longest_ms)
{
	struct tasks *tasks = turn->tasks;
	struct task *task = tasks ? tasks->running : NULL;

	turn_step(turn, longest_ms);
	if (!task)
		return NULL;
	task->due_ns = turn->due_ns ? atomic_load(turn->due_ns) : UINT64_MAX;
	pthread_mutex_lock(&tasks->mutex);
	give_way(task, TASK_ASIDE);
	pthread_mutex_unlock(&tasks->mutex);
	return task;
}

static void tell_worker(struct tasks *tasks)
{
	const uint64_t one = 1;

	if (write(tasks->back_fd, &one, sizeof(one)) < 0)
		return; /* EAGAIN: it is readable already */
}

/* Until the worker lets it run. */
static void wait_in_line(struct task *task)
{
	struct tasks *tasks = task->tasks;

	pthread_mutex_lock(&tasks->mutex);
	task->stage = TASK_BACK;
	tell_worker(tasks);
	while (tasks->running != task)
		pthread_cond_wait(&task->called, &tasks->mutex);
	pthread_mutex_unlock(&tasks->mutex);
}

void task_back(struct turn *turn, struct task *task)
{
	if (task)
		wait_in_line(task);
	turn_step(turn, 0);
}

static struct worker_drive *entry(const struct turn *turn, uint32_t drive)
{
	for (size_t i = 0; i < turn->drive_count; i++)
		if (turn->drives[i].present && turn->drives[i].id == drive)
			return &turn->drives[i];
	return NULL;
}

void turn_use_drive(struct turn *turn, uint32_t drive)
{
	struct worker_drive *used = entry(turn, drive);

	if (used && turn->tasks)
		used->user = turn->tasks->running;
}

bool turn_drive_is_used(const struct turn *turn, uint32_t drive)
{
	const struct worker_drive *used = entry(turn, drive);

	return used && used->user && used->user != turn->tasks->running;
}

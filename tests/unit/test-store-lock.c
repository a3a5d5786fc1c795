/* SPDX-License-Identifier: GPL-2.0-only */
/* test-store-lock.c - the lock: deadlines, turns, who holds it, and death */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include "store-test.h"
#include "store/lock.h"
#include "thread-sleeps.h"

TestSuite(store_lock, .init = make_home_name, .fini = remove_home);

/* A child inside a transaction; it ends when it is killed. */
static pid_t start_holder(void)
{
	struct store *store;
	struct txn *txn;
	int pipe_fds[2];
	char ready;
	pid_t child;

	cr_assert_eq(pipe(pipe_fds), 0);
	child = fork();
	if (child == 0) {
		die_with_parent();
		close(pipe_fds[0]);
		child_must(store_open(home, true, &store));
		child_must(store_begin(store, STORE_DEADLINE_DEFAULT, &txn));
		if (write(pipe_fds[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(pipe_fds[1]);
	cr_assert_eq(read(pipe_fds[0], &ready, 1), 1);
	close(pipe_fds[0]);
	return child;
}

static void kill_and_reap(pid_t child)
{
	cr_assert_eq(kill(child, SIGKILL), 0);
	cr_assert_eq(waitpid(child, NULL, 0), child);
}

static uint64_t in_ms(uint64_t ms)
{
	return clock_monotonic_ns() + ms * NSEC_PER_MSEC;
}

Test(store_lock, a_time_out_names_the_holder)
{
	struct store *store = open_store();
	pid_t child = start_holder();
	struct txn *txn;
	char pid[32];
	int status;

	snprintf(pid, sizeof(pid), "process %d ", child);
	must_be(store_begin(store, in_ms(50), &txn), ERROR_TIMEOUT);
	cr_assert_null(txn);
	cr_assert_not_null(strstr(ntms_said(), pid), "%s", ntms_said());
	cr_assert_null(strstr(ntms_said(), "stopped"), "%s", ntms_said());

	cr_assert_eq(kill(child, SIGSTOP), 0);
	cr_assert_eq(waitpid(child, &status, WUNTRACED), child);
	cr_assert(WIFSTOPPED(status));
	must_be(store_begin(store, in_ms(50), &txn), ERROR_TIMEOUT);
	cr_assert_not_null(strstr(ntms_said(), pid), "%s", ntms_said());
	cr_assert_not_null(strstr(ntms_said(), "which is stopped"), "%s", ntms_said());

	/* A deadline that is past is a try. */
	must_be(store_begin(store, 1, &txn), ERROR_TIMEOUT);
	kill_and_reap(child);
	must(store_begin(store, in_ms(30000), &txn));
	store_abort(txn);
	/* Nobody had time to say anything, and nobody is blamed for it. */
	store_close(store);
}

Test(store_lock, the_default_deadline_comes_from_the_environment)
{
	struct store *store = open_store();
	pid_t child = start_holder();
	const char *waited;
	struct txn *txn;

	cr_assert_eq(setenv("NTMS_LOCK_TIMEOUT", "20", 1), 0);
	must_be(store_begin(store, STORE_DEADLINE_DEFAULT, &txn), ERROR_TIMEOUT);
	waited = strstr(ntms_said(), "waited ");
	cr_assert_not_null(waited, "%s", ntms_said());
	/* and not the half minute that it is otherwise */
	cr_assert_lt(atoi(waited + strlen("waited ")), 20000, "%s", ntms_said());
	kill_and_reap(child);
	cr_assert_eq(setenv("NTMS_LOCK_TIMEOUT", "30000", 1), 0);
	must(store_begin(store, STORE_DEADLINE_DEFAULT, &txn));
	store_abort(txn);
	store_close(store);
}

struct late {
	struct store *store;
	DWORD code;
};

static void *wait_for_lock(void *arg)
{
	struct late *late = arg;
	struct txn *txn;

	late->code = store_begin(late->store, in_ms(30000), &txn);
	if (late->code == ERROR_SUCCESS)
		store_abort(txn);
	return NULL;
}

Test(store_lock, the_holders_death_lets_the_next_one_in)
{
	struct late late = {open_store(), 1};
	pid_t child = start_holder();
	pthread_t thread;

	cr_assert_eq(pthread_create(&thread, NULL, wait_for_lock, &late), 0);
	kill_and_reap(child);
	pthread_join(thread, NULL);
	cr_assert_eq(late.code, ERROR_SUCCESS);
	store_close(late.store);
}

Test(store_lock, a_store_can_be_closed_after_a_time_out)
{
	struct store *store = open_store();
	pid_t child = start_holder();
	struct txn *txn;

	/* The lock's own thread goes on waiting in the kernel; that must hold up nobody. */
	must_be(store_begin(store, in_ms(10), &txn), ERROR_TIMEOUT);
	cr_assert_eq(setenv("NTMS_LOCK_TIMEOUT", "10", 1), 0);
	store_close(store);
	kill_and_reap(child);
	cr_assert_eq(setenv("NTMS_LOCK_TIMEOUT", "30000", 1), 0);
	/* And it gives back what it gets when nobody wants it any more. */
	store = open_store();
	check_store(store, 0);
	store_close(store);
}

/*
 * A process dies inside and leaves a child behind, which has all its files: the lock
 * is free nevertheless.
 */
Test(store_lock, a_child_left_behind_does_not_hold_the_lock)
{
	struct store *store = open_store(), *mine;
	volatile pid_t *orphan = shared_page(4096);
	pid_t child = fork(), left;
	struct txn *txn;

	if (child == 0) {
		child_must(store_open(home, true, &mine));
		child_must(store_begin(mine, STORE_DEADLINE_DEFAULT, &txn));
		left = fork();
		if (left == 0)
			/* until the test kills it */
			for (;;)
				pause();
		*orphan = left;
		_exit(0);
	}
	cr_assert_eq(status_of(child), 0);
	cr_assert_gt(*orphan, 0);
	DWORD code = store_begin(store, in_ms(5000), &txn);
	kill(*orphan, SIGKILL);
	cr_assert_eq(code, ERROR_SUCCESS, "%u %s", code, ntms_said());
	store_abort(txn);
	store_close(store);
}

/* --- the lock by itself ------------------------------------------------------------ */

static struct lock *make_lock(const char *name)
{
	char path[PATH_MAX + 32];
	struct lock *lock;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", home, name);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	cr_assert_geq(fd, 0);
	cr_assert_eq(lock_new(fd, &lock), 0);
	return lock;
}

Test(store_lock, two_locks_of_one_process_exclude_each_other)
{
	struct lock *a = make_lock("l"), *b = make_lock("l");

	cr_assert_eq(lock_take(a, in_ms(0)), 0);
	cr_assert_eq(lock_take(a, in_ms(0)), EDEADLK);
	cr_assert_eq(lock_take(b, in_ms(20)), ETIMEDOUT);
	lock_give(a);
	cr_assert_eq(lock_take(b, in_ms(30000)), 0);
	cr_assert_eq(lock_take(a, in_ms(20)), ETIMEDOUT);
	lock_give(b);
	cr_assert_eq(lock_take(a, in_ms(30000)), 0);
	lock_give(a);
	lock_free(a);
	lock_free(b);
}

Test(store_lock, a_lock_that_nobody_waits_for_any_more_is_given_back)
{
	struct lock *a = make_lock("l"), *b = make_lock("l");

	for (int i = 0; i < 20; i++) {
		cr_assert_eq(lock_take(b, in_ms(30000)), 0);
		/* Leaves a's thread waiting for what nobody wants. */
		cr_assert_eq(lock_take(a, in_ms(1)), ETIMEDOUT);
		lock_give(b);
	}
	cr_assert_eq(lock_take(a, in_ms(30000)), 0);
	lock_give(a);
	lock_free(a);
	lock_free(b);
}

#define QUEUE 5

struct queued {
	struct lock *lock;
	int *order;
	int *next;
	int number;
	int error;
};

static void *take_turn(void *arg)
{
	struct queued *queued = arg;

	queued->error = lock_take(queued->lock, in_ms(30000));
	if (queued->error)
		return NULL;
	queued->order[(*queued->next)++] = queued->number;
	lock_give(queued->lock);
	return NULL;
}

struct starter {
	struct queued queued;
	pid_t task;
	sem_t started;
};

static void *start_turn(void *arg)
{
	struct starter *starter = arg;

	starter->task = gettid();
	sem_post(&starter->started);
	return take_turn(&starter->queued);
}

Test(store_lock, threads_are_served_in_their_order)
{
	struct lock *lock = make_lock("l");
	struct starter starters[QUEUE];
	pthread_t threads[QUEUE];
	int order[QUEUE], next = 0;

	cr_assert_eq(lock_take(lock, in_ms(0)), 0);
	for (int i = 0; i < QUEUE; i++) {
		starters[i].queued = (struct queued){lock, order, &next, i, -1};
		sem_init(&starters[i].started, 0, 0);
		cr_assert_eq(pthread_create(&threads[i], NULL, start_turn, &starters[i]), 0);
		sem_wait(&starters[i].started);
		while (!thread_sleeps(starters[i].task))
			sched_yield();
	}
	lock_give(lock);
	for (int i = 0; i < QUEUE; i++) {
		pthread_join(threads[i], NULL);
		cr_assert_eq(starters[i].queued.error, 0);
		sem_destroy(&starters[i].started);
	}
	for (int i = 0; i < QUEUE; i++)
		cr_assert_eq(order[i], i, "turn %d went to %d", i, order[i]);
	lock_free(lock);
}

/*
 * Somebody who takes the lock again as soon as it is free leaves the others their
 * turns: each of ours is had while the other is at it without a pause.
 */
Test(store_lock, a_greedy_process_starves_nobody)
{
	volatile uint64_t *turns = shared_page(4096);
	pid_t child = fork();
	struct lock *lock;

	if (child == 0) {
		die_with_parent();
		lock = make_lock("l");
		for (;;) {
			if (lock_take(lock, in_ms(30000)))
				_exit(1);
			turns[0]++;
			lock_give(lock);
		}
	}
	lock = make_lock("l");
	while (turns[0] == 0)
		sched_yield();
	for (int i = 0; i < 100; i++) {
		cr_assert_eq(lock_take(lock, in_ms(30000)), 0, "turn %d", i);
		lock_give(lock);
	}
	kill_and_reap(child);
	lock_free(lock);
}

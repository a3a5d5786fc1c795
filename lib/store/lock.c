/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lock.c - the one lock of a home directory
 *
 * Two bytes of the file are locked. LOCK_MAIN is the lock. LOCK_GATE is what one
 * passes through on the way to it: whoever waits for LOCK_MAIN waits holding the
 * gate, so a process that gives up the lock and wants it again at once finds the
 * gate shut and has to queue. Without it the kernel would favour the process that
 * is running over those that it has yet to wake.
 *
 * A thread never waits inside fcntl(), because that wait knows no deadline. It
 * waits on its condition variable, while a thread of the lock's own waits in the
 * kernel for all of them. Nothing can call that thread back; when the lock is let
 * go of meanwhile, the last to leave frees it.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>
#include "base/clock.h"
#include "store/lock.h"

#define LOCK_GATE  0
#define LOCK_MAIN  1
#define STACK_SIZE ((size_t)256 * 1024)

struct waiter {
	struct waiter *next;
	pthread_cond_t turn;
	pthread_t thread;
	bool done;
	int error;
};

struct lock {
	struct lock *next, **link; /* in the list of all */
	pthread_mutex_t mutex;
	pthread_cond_t work; /* for the lock's thread */
	int fd;
	unsigned int refs; /* the store and the thread */
	bool have_thread;
	bool asking; /* the thread is in the kernel or about to go there */
	bool closed;
	bool taken; /* by the thread @owner of this process */
	pthread_t owner;
	struct waiter *first; /* in order of arrival */
	struct waiter **last;
};

/*
 * All locks of the process, for the child of a fork(): it has its parent's open file
 * descriptions, and if its parent dies holding one of these, the kernel would not
 * take the lock back before the child is gone as well.
 */
static pthread_mutex_t all_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t all_once = PTHREAD_ONCE_INIT;
static struct lock *all;

static void before_fork(void)
{
	pthread_mutex_lock(&all_mutex);
}

static void after_fork(void)
{
	pthread_mutex_unlock(&all_mutex);
}

static void after_fork_in_child(void)
{
	for (struct lock *lock = all; lock; lock = lock->next) {
		close(lock->fd);
		lock->fd = -1;
	}
	all = NULL;
	pthread_mutex_unlock(&all_mutex);
}

static void watch_forks(void)
{
	pthread_atfork(before_fork, after_fork, after_fork_in_child);
}

static void list_add(struct lock *lock)
{
	pthread_once(&all_once, watch_forks);
	pthread_mutex_lock(&all_mutex);
	lock->next = all;
	lock->link = &all;
	if (all)
		all->link = &lock->next;
	all = lock;
	pthread_mutex_unlock(&all_mutex);
}

static void list_remove(struct lock *lock)
{
	pthread_mutex_lock(&all_mutex);
	*lock->link = lock->next;
	if (lock->next)
		lock->next->link = lock->link;
	pthread_mutex_unlock(&all_mutex);
}

static int lock_byte(int fd, int command, short type, off_t byte)
{
	struct flock range = {
		.l_type = type,
		.l_whence = SEEK_SET,
		.l_start = byte,
		.l_len = 1,
	};
	int result;

	do
		result = fcntl(fd, command, &range);
	while (result < 0 && errno == EINTR);
	return result < 0 ? errno : 0;
}

static void kernel_give(int fd)
{
	lock_byte(fd, F_OFD_SETLK, F_UNLCK, LOCK_MAIN);
}

/* @command says whether to wait: F_OFD_SETLK or F_OFD_SETLKW. */
static int kernel_take(int fd, int command)
{
	int error = lock_byte(fd, command, F_WRLCK, LOCK_GATE);

	if (error)
		return error;
	error = lock_byte(fd, command, F_WRLCK, LOCK_MAIN);
	lock_byte(fd, F_OFD_SETLK, F_UNLCK, LOCK_GATE);
	return error;
}

int lock_new(int fd, struct lock **lockp)
{
	struct lock *lock = calloc(1, sizeof(*lock));

	if (!lock)
		return ENOMEM;
	if (pthread_mutex_init(&lock->mutex, NULL))
		goto err_free;
	if (pthread_cond_init(&lock->work, NULL))
		goto err_mutex;
	lock->fd = fd;
	lock->refs = 1;
	lock->last = &lock->first;
	list_add(lock);
	*lockp = lock;
	return 0;

err_mutex:
	pthread_mutex_destroy(&lock->mutex);
err_free:
	free(lock);
	return ENOMEM;
}

/* Called with the mutex held, which is gone afterwards if this was the last. */
static void lock_unref(struct lock *lock)
{
	bool last = --lock->refs == 0;

	pthread_mutex_unlock(&lock->mutex);
	if (!last)
		return;
	list_remove(lock);
	close(lock->fd);
	pthread_cond_destroy(&lock->work);
	pthread_mutex_destroy(&lock->mutex);
	free(lock);
}

void lock_free(struct lock *lock)
{
	if (!lock)
		return;
	pthread_mutex_lock(&lock->mutex);
	lock->closed = true;
	pthread_cond_signal(&lock->work);
	lock_unref(lock);
}

static void queue_add(struct lock *lock, struct waiter *waiter)
{
	waiter->next = NULL;
	*lock->last = waiter;
	lock->last = &waiter->next;
}

static void queue_remove(struct lock *lock, struct waiter *waiter)
{
	struct waiter **link = &lock->first;

	while (*link != waiter)
		link = &(*link)->next;
	*link = waiter->next;
	if (lock->last == &waiter->next)
		lock->last = link;
}

/* It is the first waiter's turn, with the lock or with what is wrong with it. */
static void queue_serve(struct lock *lock, int error)
{
	struct waiter *waiter = lock->first;

	queue_remove(lock, waiter);
	if (!error) {
		lock->taken = true;
		lock->owner = waiter->thread;
	}
	waiter->error = error;
	waiter->done = true;
	pthread_cond_signal(&waiter->turn);
}

static void *lock_thread(void *arg)
{
	struct lock *lock = arg;
	int error;

	pthread_mutex_lock(&lock->mutex);
	while (!lock->closed) {
		if (lock->taken || !lock->first) {
			pthread_cond_wait(&lock->work, &lock->mutex);
			continue;
		}
		lock->asking = true;
		pthread_mutex_unlock(&lock->mutex);
		error = kernel_take(lock->fd, F_OFD_SETLKW);
		pthread_mutex_lock(&lock->mutex);
		lock->asking = false;
		if (lock->first)
			queue_serve(lock, error);
		else if (!error)
			kernel_give(lock->fd);
	}
	lock_unref(lock);
	return NULL;
}

/* All signals are the program's own business, so the thread takes none. */
static int start_thread(struct lock *lock)
{
	pthread_attr_t attr;
	sigset_t every, before;
	pthread_t thread;
	int error;

	if (pthread_attr_init(&attr))
		return ENOMEM;
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	sigfillset(&every);
	pthread_sigmask(SIG_SETMASK, &every, &before);
	error = pthread_create(&thread, &attr, lock_thread, lock);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	if (error)
		return ENOMEM;
	lock->have_thread = true;
	lock->refs++;
	return 0;
}

static int ask_thread(struct lock *lock)
{
	if (lock->taken || lock->asking)
		return 0;
	if (!lock->have_thread)
		return start_thread(lock);
	pthread_cond_signal(&lock->work);
	return 0;
}

static int init_turn(pthread_cond_t *turn)
{
	pthread_condattr_t attr;
	int error;

	if (pthread_condattr_init(&attr))
		return ENOMEM;
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	error = pthread_cond_init(turn, &attr);
	pthread_condattr_destroy(&attr);
	return error ? ENOMEM : 0;
}

/* Called with the mutex held. */
static int wait_for_turn(struct lock *lock, uint64_t deadline_ns)
{
	struct timespec deadline = {
		.tv_sec = (time_t)(deadline_ns / NSEC_PER_SEC),
		.tv_nsec = (long)(deadline_ns % NSEC_PER_SEC),
	};
	struct waiter self = {.thread = pthread_self()};
	int error = init_turn(&self.turn);

	if (error)
		return error;
	queue_add(lock, &self);
	error = ask_thread(lock);
	while (!error && !self.done)
		error = pthread_cond_timedwait(&self.turn, &lock->mutex, &deadline);
	if (self.done)
		error = self.error;
	else
		queue_remove(lock, &self);
	pthread_cond_destroy(&self.turn);
	return error;
}

int lock_take(struct lock *lock, uint64_t deadline_ns)
{
	int error = EAGAIN;

	pthread_mutex_lock(&lock->mutex);
	if (lock->taken && pthread_equal(lock->owner, pthread_self())) {
		error = EDEADLK;
		goto out;
	}
	if (!lock->taken && !lock->asking && !lock->first)
		error = kernel_take(lock->fd, F_OFD_SETLK);
	if (!error) {
		lock->taken = true;
		lock->owner = pthread_self();
	} else if (error == EAGAIN || error == EACCES) {
		error = wait_for_turn(lock, deadline_ns);
	}
out:
	pthread_mutex_unlock(&lock->mutex);
	return error;
}

void lock_give(struct lock *lock)
{
	pthread_mutex_lock(&lock->mutex);
	lock->taken = false;
	kernel_give(lock->fd);
	/* The next of this process, unless another process has been waiting. */
	if (lock->first && !lock->asking) {
		if (kernel_take(lock->fd, F_OFD_SETLK) == 0)
			queue_serve(lock, 0);
		else if (ask_thread(lock))
			while (lock->first)
				queue_serve(lock, ENOMEM);
	}
	pthread_mutex_unlock(&lock->mutex);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lock.h - the one lock of a home directory, between threads and processes
 *
 * The truth is a lock on an open file description, which the kernel takes back when
 * its process dies, however it dies. On top of it: deadlines, turns, and threads.
 */
#ifndef NTMS_STORE_LOCK_H
#define NTMS_STORE_LOCK_H

#include <stdint.h>

struct lock;

/* Make a lock of @fd, a file open for writing, which belongs to the lock from then
 * on. Returns 0 or ENOMEM; then @fd is still the caller's. */
int lock_new(int fd, struct lock **lockp);

/* Let go of it; nobody may hold it or wait for it. Not for a child after fork(): there
 * the file is closed already and nothing else of the lock can be used. */
void lock_free(struct lock *lock);

/*
 * lock_take - take the lock
 * @deadline_ns: absolute CLOCK_MONOTONIC time
 *
 * Returns 0, ETIMEDOUT, EDEADLK (the calling thread holds it), ENOMEM, or what
 * the kernel has against it.
 */
int lock_take(struct lock *lock, uint64_t deadline_ns);

/* Give it up; any thread may do that for the one that took it. */
void lock_give(struct lock *lock);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * calm-fork.c - no fork while another thread may be inside of malloc
 *
 * The C library keeps its malloc whole across a fork. That of the address sanitizer (GCC 12) does
 * not: when another thread is inside, the child inherits a lock that nobody will ever open, and
 * stands still at some later malloc. So under it a fork waits until all the others sleep.
 */
#define _GNU_SOURCE /* gettid */
#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include "base/clock.h"
#include "calm-fork.h"
#include "thread-sleeps.h"

/* Who never sleeps is not waited for: the test takes its chance. */
#define CALM_MS 5000

#ifdef __SANITIZE_ADDRESS__

static bool others_sleep(void)
{
	DIR *stream = opendir("/proc/self/task");
	const struct dirent *entry;
	bool sleep = true;

	if (!stream)
		return true;
	while (sleep && (entry = readdir(stream))) {
		pid_t task = (pid_t)atoi(entry->d_name);
		char state = task && task != gettid() ? thread_state(task) : 0;

		sleep = !state || state == 'S';
	}
	closedir(stream);
	return sleep;
}

static void wait_for_calm(void)
{
	uint64_t deadline_ns = clock_deadline(CALM_MS);

	while (!others_sleep() && clock_poll_ms(deadline_ns) > 0)
		sched_yield();
}

static void watch_forks(void)
{
	pthread_atfork(wait_for_calm, NULL, NULL);
}

void calm_forks(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, watch_forks);
}

#else

void calm_forks(void)
{
}

#endif

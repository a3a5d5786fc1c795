/* SPDX-License-Identifier: GPL-2.0-only */
/* thread-sleeps.h - has another thread of this process come to where it has to wait? */
#ifndef NTMS_TESTS_UNIT_THREAD_SLEEPS_H
#define NTMS_TESTS_UNIT_THREAD_SLEEPS_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

/* The state of a thread as the kernel names it; 0 when there is no such thread any more. */
static inline char thread_state(pid_t task)
{
	char path[64], state = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", task);
	file = fopen(path, "r");
	if (!file)
		return 0;
	if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
		state = 0;
	fclose(file);
	return state;
}

static inline bool thread_sleeps(pid_t task)
{
	return thread_state(task) == 'S';
}

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * deadline.h - a point in time for poll()
 */
#ifndef RSM_DEADLINE_H
#define RSM_DEADLINE_H

#include <time.h>
#include "ntms/ntmsapi.h"

/* @timeout milliseconds from now. */
static inline void deadline_after(struct timespec *end, DWORD timeout)
{
	clock_gettime(CLOCK_MONOTONIC, end);
	end->tv_sec += timeout / 1000;
	end->tv_nsec += timeout % 1000 * 1000000L;
}

/* Not below 0, and no more than an hour: look again then. */
static inline int deadline_ms_left(const struct timespec *end)
{
	struct timespec now;
	long long left;

	clock_gettime(CLOCK_MONOTONIC, &now);
	left = (end->tv_sec - now.tv_sec) * 1000LL + (end->tv_nsec - now.tv_nsec) / 1000000;
	if (left > 3600000)
		return 3600000;
	return left > 0 ? (int)left : 0;
}

#endif

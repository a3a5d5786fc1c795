/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* clock.h - the two clocks: deadlines are monotonic nanoseconds, records are UTC milliseconds */
#ifndef NTMS_BASE_CLOCK_H
#define NTMS_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

#define NSEC_PER_SEC  1000000000ULL
#define NSEC_PER_MSEC 1000000ULL

static inline uint64_t clock_read(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * NSEC_PER_SEC + (uint64_t)now.tv_nsec;
}

static inline uint64_t clock_monotonic_ns(void)
{
	return clock_read(CLOCK_MONOTONIC);
}

static inline uint64_t clock_utc_ms(void)
{
	return clock_read(CLOCK_REALTIME) / NSEC_PER_MSEC;
}

/* A Win32 time-out in milliseconds as an absolute monotonic deadline; 0 stands for never. */
static inline uint64_t clock_deadline(uint32_t timeout_ms)
{
	if (timeout_ms == UINT32_MAX)
		return 0;
	return clock_monotonic_ns() + timeout_ms * NSEC_PER_MSEC;
}

/* What poll() wants: milliseconds left until a deadline (0: never), at least 0, rounded up. */
static inline int clock_poll_ms(uint64_t deadline_ns)
{
	uint64_t now = clock_monotonic_ns();
	uint64_t left;

	if (deadline_ns == 0)
		return -1;
	if (deadline_ns <= now)
		return 0;
	left = (deadline_ns - now + NSEC_PER_MSEC - 1) / NSEC_PER_MSEC;
	return left > INT32_MAX ? INT32_MAX : (int)left;
}

#endif

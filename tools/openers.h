/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * openers.h - wait until programs have closed the devices
 */
#ifndef RSM_OPENERS_H
#define RSM_OPENERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct openers {
	int fd; /* polls readable when it is worth looking again */
	int notify, timer;
	int stop;
	uint64_t deadline; /* CLOCK_MONOTONIC, nanoseconds; UINT64_MAX for none */
};

/* Watch the devices being closed. @stop: a descriptor that ends the waiting when it is readable,
 * -1 for none; @limit_ms: likewise a time, UINT32_MAX for none. */
void openers_start(struct openers *openers, char *const *device, size_t count, int stop,
		   uint32_t limit_ms);

/* To be called before each look whether the devices are open: what happens from then on ends the
 * next wait. */
void openers_look(struct openers *openers);

/* Prepare for the next wait; false when the waiting is over. */
bool openers_again(struct openers *openers);

void openers_stop(struct openers *openers);

#endif

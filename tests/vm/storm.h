/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What storm.c leaves for check-events.c.
 */
#ifndef TESTS_VM_STORM_H
#define TESTS_VM_STORM_H

#include <stdint.h>

/* One process of a storm. */
struct storm_life {
	int32_t pid;
	uint32_t refused; /* calls that ended because somebody else holds what they want */
};

#endif /* TESTS_VM_STORM_H */

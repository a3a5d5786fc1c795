/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trace.h - what two applications want of a library, made up from a seed
 */
#ifndef RSM_BENCH_TRACE_H
#define RSM_BENCH_TRACE_H

#include <stddef.h>
#include <stdint.h>

/* A medium wanted for a time. Times in milliseconds. */
struct job {
	uint64_t arrival;
	uint64_t hold; /* how long it is read or written */
	unsigned int cartridge;
	int priority;
};

/*
 * @count jobs on @cartridges cartridges, sorted by arrival; to be freed. One application makes
 * backups: jobs that append to the same cartridge one after the other, several at a time. The
 * other recalls files, at the lowest priority: popular cartridges far more often than others, and
 * a few files of one cartridge within minutes. Half of the cartridges are of each. On average the
 * jobs come @spacing milliseconds apart. NULL without memory.
 */
struct job *trace_make(uint64_t seed, unsigned int cartridges, size_t count, uint64_t spacing);

#endif

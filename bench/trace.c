/* SPDX-License-Identifier: GPL-2.0-only */
#include "trace.h"
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include "ntms/ntmsapi.h"

/* Jobs of one backup, and files of one recall, on average. */
#define BACKUP_JOBS  6
#define RECALL_FILES 2
/* Of the jobs, how many are backups. */
#define BACKUP_SHARE 0.6
#define BACKUP_HOLD  120000
#define RECALL_HOLD  45000
/* From one job of a backup, or one file of a recall, to the next. */
#define BACKUP_PAUSE 240000
#define RECALL_PAUSE 90000

/* xorshift64*: the same numbers everywhere. */
static double uniform(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (double)((*state * 2685821657736338717ULL) >> 11) / 9007199254740992.0;
}

static double exponential(uint64_t *state, double mean)
{
	return -mean * log(1.0 - uniform(state));
}

/* 1, 2, 3 and so on, @mean on average. */
static size_t geometric(uint64_t *state, double mean)
{
	size_t count = 1;

	while (uniform(state) >= 1.0 / mean)
		count++;
	return count;
}

/* One of @count, the first @rank 1 / rank as likely as the first. */
static unsigned int popular(uint64_t *state, unsigned int count)
{
	double sum = 0, at;
	unsigned int i;

	for (i = 1; i <= count; i++)
		sum += 1.0 / i;
	at = uniform(state) * sum;
	for (i = 1; i < count && at >= 1.0 / i; i++)
		at -= 1.0 / i;
	return i - 1;
}

static int by_arrival(const void *a, const void *b)
{
	const struct job *left = a, *right = b;

	if (left->arrival != right->arrival)
		return left->arrival < right->arrival ? -1 : 1;
	return 0;
}

/* A backup, or a recall, from @start on; how many jobs of at most @room. */
static size_t make_burst(uint64_t *state, struct job *jobs, size_t room, uint64_t start,
			 unsigned int cartridges)
{
	double backups = BACKUP_SHARE / BACKUP_JOBS, recalls = (1 - BACKUP_SHARE) / RECALL_FILES;
	bool backup = uniform(state) < backups / (backups + recalls);
	size_t count = geometric(state, backup ? BACKUP_JOBS : RECALL_FILES);
	unsigned int half = cartridges / 2, cartridge;

	if (backup)
		cartridge = (unsigned int)(uniform(state) * half);
	else
		cartridge = half + popular(state, cartridges - half);
	if (count > room)
		count = room;
	for (size_t i = 0; i < count; i++) {
		jobs[i] = (struct job){
			.arrival = start,
			.hold = (uint64_t)exponential(state, backup ? BACKUP_HOLD : RECALL_HOLD),
			.cartridge = cartridge,
			.priority = backup ? NTMS_PRIORITY_NORMAL : NTMS_PRIORITY_LOWEST,
		};
		start += (uint64_t)exponential(state, backup ? BACKUP_PAUSE : RECALL_PAUSE);
	}
	return count;
}

struct job *trace_make(uint64_t seed, unsigned int cartridges, size_t count, uint64_t spacing)
{
	double burst = 1 / (BACKUP_SHARE / BACKUP_JOBS + (1 - BACKUP_SHARE) / RECALL_FILES);
	struct job *jobs = calloc(count, sizeof(*jobs));
	uint64_t start = 0;
	size_t made = 0;

	if (!jobs)
		return NULL;
	while (made < count) {
		made += make_burst(&seed, jobs + made, count - made, start, cartridges);
		start += (uint64_t)exponential(&seed, burst * (double)spacing);
	}
	qsort(jobs, count, sizeof(*jobs), by_arrival);
	return jobs;
}

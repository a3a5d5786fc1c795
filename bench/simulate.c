/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * simulate.c - the library's own policy beside the simplest one, on made-up traces
 *
 * The drives of a library serve the jobs of a trace, once by lib/core/policy.c, and once first come
 * first served with every medium brought home as soon as it is released. What is compared is how
 * often a medium was loaded, and how long jobs waited until they could read or write. Nothing here
 * depends on the machine: the same seeds give the same figures everywhere.
 */
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/policy.h"
#include "ntms/ntmsapi.h"
#include "trace.h"

#define DRIVES	4
#define NOBODY	SIZE_MAX
#define NOTHING UINT_MAX
#define NEVER	UINT64_MAX

/* An LTO-8 drive, and the robot of a small library; milliseconds. */
#define MOVE   13000
#define READY  15000
#define LOCATE 59000
#define REWIND 59000
#define UNLOAD 24000
/* One load and what comes after it, with nothing in the way. */
#define CYCLE (2 * MOVE + READY + LOCATE + REWIND + UNLOAD)
/* What came within this time of a job met the same queue. */
#define AROUND 1800000
/* dwDeferDismountDelay, as it is unless somebody changes it. */
#define KEEP 300000

enum phase {
	EMPTY,
	UNLOADING, /* rewinds and unloads */
	HOME,	   /* wants the robot, or has it, to bring the medium home */
	FETCH,	   /* likewise to bring one */
	READYING,  /* becomes ready, and locates */
	IN_USE,
	RELEASED,
};

struct drive {
	enum phase phase;
	bool moving;	/* HOME, FETCH: the robot is at it */
	uint64_t end;	/* of the phase; NEVER when something else ends it */
	uint64_t asked; /* HOME, FETCH: since when it wants the robot */
	uint64_t released;
	unsigned int cartridge;
	size_t job; /* for which it is, or will be, used */
	uint32_t mounts;
};

struct result {
	size_t loads;
	uint64_t *waits; /* of each job of the trace */
};

struct run {
	const struct job *jobs;
	size_t count;
	bool ours; /* the policy of the library */
	uint64_t now;
	size_t arrived;
	size_t *line; /* jobs that wait, the next one first */
	size_t waiting;
	struct drive drives[DRIVES];
	bool *busy; /* by cartridge: somebody uses or moves it */
	struct result *result;
};

/* ---- the drives ---- */

static void enter(struct run *run, struct drive *drive, enum phase phase, uint64_t takes)
{
	drive->phase = phase;
	drive->moving = false;
	drive->end = takes == NEVER ? NEVER : run->now + takes;
	drive->asked = run->now;
}

static void release(struct run *run, struct drive *drive)
{
	drive->job = NOBODY;
	drive->released = run->now;
	if (run->ours) {
		run->busy[drive->cartridge] = false;
		enter(run, drive, RELEASED, NEVER);
	} else {
		enter(run, drive, UNLOADING, REWIND + UNLOAD);
	}
}

/* The drive's phase is over. */
static void advance(struct run *run, struct drive *drive)
{
	switch (drive->phase) {
	case UNLOADING:
		enter(run, drive, HOME, NEVER);
		break;
	case HOME:
		run->busy[drive->cartridge] = false;
		drive->cartridge = NOTHING;
		if (drive->job == NOBODY)
			enter(run, drive, EMPTY, NEVER);
		else
			enter(run, drive, FETCH, NEVER);
		break;
	case FETCH:
		run->result->loads++;
		drive->cartridge = run->jobs[drive->job].cartridge;
		enter(run, drive, READYING, READY + LOCATE);
		break;
	case READYING:
		run->result->waits[drive->job] = run->now - run->jobs[drive->job].arrival;
		enter(run, drive, IN_USE, run->jobs[drive->job].hold);
		break;
	case IN_USE:
		release(run, drive);
		break;
	default:
		break;
	}
}

/* The robot does one thing at a time, what was asked for first. */
static void use_robot(struct run *run)
{
	struct drive *next = NULL;

	for (size_t i = 0; i < DRIVES; i++) {
		struct drive *drive = &run->drives[i];

		if (drive->moving)
			return;
		if ((drive->phase == HOME || drive->phase == FETCH) &&
		    (!next || drive->asked < next->asked))
			next = drive;
	}
	if (next) {
		next->moving = true;
		next->end = run->now + MOVE;
	}
}

/* ---- the choice ---- */

static bool is_wanted(const struct run *run, unsigned int cartridge)
{
	for (size_t i = 0; i < run->waiting; i++)
		if (run->jobs[run->line[i]].cartridge == cartridge)
			return true;
	return false;
}

static struct policy_drive describe(const struct run *run, size_t number, unsigned int cartridge)
{
	const struct drive *drive = &run->drives[number];
	struct policy_drive described = {
		.number = (uint32_t)number,
		.mount_count = drive->mounts,
		.content = POLICY_IN_USE,
	};

	if (drive->phase == EMPTY)
		described.content = POLICY_EMPTY;
	if (drive->phase == RELEASED) {
		described.content = POLICY_RELEASED;
		described.has_it = drive->cartridge == cartridge;
		described.released_ms = drive->released;
		described.keep_ms = KEEP;
		described.wanted = is_wanted(run, drive->cartridge);
	}
	return described;
}

static struct drive *choose(struct run *run, size_t job)
{
	struct policy_choice choices[DRIVES];
	struct policy_drive described[DRIVES];

	for (size_t i = 0; i < DRIVES; i++)
		described[i] = describe(run, i, run->jobs[job].cartridge);
	policy_rank(described, DRIVES, run->jobs[job].arrival, run->now, choices);
	return policy_can_take(&choices[0]) ? &run->drives[choices[0].drive] : NULL;
}

/* Begin a job, if that can be done now. */
static bool begin(struct run *run, size_t job)
{
	unsigned int cartridge = run->jobs[job].cartridge;
	struct drive *drive;

	if (run->busy[cartridge])
		return false;
	drive = choose(run, job);
	if (!drive)
		return false;
	run->busy[cartridge] = true;
	drive->job = job;
	drive->mounts++;
	if (drive->phase == EMPTY) {
		enter(run, drive, FETCH, NEVER);
	} else if (drive->cartridge == cartridge) {
		enter(run, drive, READYING, LOCATE);
	} else {
		run->busy[drive->cartridge] = true;
		enter(run, drive, UNLOADING, REWIND + UNLOAD);
	}
	return true;
}

/* As the worker does: whatever can be begun, in the line's order. */
static void begin_all(struct run *run)
{
	for (size_t i = 0; i < run->waiting; i++) {
		if (!begin(run, run->line[i]))
			continue;
		run->waiting--;
		memmove(&run->line[i], &run->line[i + 1],
			(run->waiting - i) * sizeof(run->line[0]));
		i = SIZE_MAX; /* from the first one again: a medium may be wanted no more */
	}
}

static uint32_t order_of(const struct run *run, size_t job)
{
	return run->ours ? policy_order(run->jobs[job].priority, run->jobs[job].arrival) : 0;
}

static void arrive(struct run *run)
{
	size_t job = run->arrived++, at = run->waiting++;

	for (; at > 0 && order_of(run, run->line[at - 1]) > order_of(run, job); at--)
		run->line[at] = run->line[at - 1];
	run->line[at] = job;
}

/* ---- a run ---- */

/* When the next job has waited for so long that nothing is kept from it. */
static uint64_t next_patience(const struct run *run)
{
	uint64_t next = NEVER;

	for (size_t i = 0; i < run->waiting; i++) {
		uint64_t end = run->jobs[run->line[i]].arrival + POLICY_LENIENCE_S * 1000ULL;

		if (end > run->now && end < next)
			next = end;
	}
	return next;
}

/* When something happens next, or the next medium need not be kept any longer. */
static uint64_t next_event(const struct run *run)
{
	uint64_t next = next_patience(run);

	if (run->arrived < run->count && run->jobs[run->arrived].arrival < next)
		next = run->jobs[run->arrived].arrival;
	for (size_t i = 0; i < DRIVES; i++) {
		const struct drive *drive = &run->drives[i];
		uint64_t free_to_go = drive->released + KEEP;

		if (drive->end < next)
			next = drive->end;
		if (drive->phase == RELEASED && free_to_go > run->now && free_to_go < next)
			next = free_to_go;
	}
	return next;
}

static void step(struct run *run)
{
	while (run->arrived < run->count && run->jobs[run->arrived].arrival <= run->now)
		arrive(run);
	for (size_t i = 0; i < DRIVES; i++)
		if (run->drives[i].end <= run->now)
			advance(run, &run->drives[i]);
	begin_all(run);
	use_robot(run);
}

static void *need(void *pointer)
{
	if (!pointer) {
		fputs("simulate: out of memory\n", stderr);
		exit(2);
	}
	return pointer;
}

static struct result simulate(const struct job *jobs, size_t count, unsigned int cartridges,
			      bool ours)
{
	struct result result = {.waits = need(calloc(count, sizeof(uint64_t)))};
	struct run run = {
		.jobs = jobs,
		.count = count,
		.ours = ours,
		.line = need(calloc(count, sizeof(size_t))),
		.busy = need(calloc(cartridges, sizeof(bool))),
		.result = &result,
	};

	for (size_t i = 0; i < DRIVES; i++)
		run.drives[i] = (struct drive){.end = NEVER, .cartridge = NOTHING, .job = NOBODY};
	while ((run.now = next_event(&run)) != NEVER)
		step(&run);
	if (run.waiting) {
		fprintf(stderr, "simulate: %zu jobs were never begun\n", run.waiting);
		exit(2);
	}
	free(run.line);
	free(run.busy);
	return result;
}

/* ---- what came out ---- */

static int by_value(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return (left > right) - (left < right);
}

struct summary {
	size_t count;
	double mean, p95, longest; /* seconds */
};

/* Of the jobs of one priority. */
static struct summary summarise(const struct job *jobs, size_t count, const uint64_t *waits,
				int priority)
{
	uint64_t *list = need(calloc(count, sizeof(*list)));
	struct summary summary = {.count = 0};
	double sum = 0;

	for (size_t i = 0; i < count; i++) {
		if (jobs[i].priority != priority)
			continue;
		list[summary.count++] = waits[i];
		sum += (double)waits[i] / 1000;
	}
	qsort(list, summary.count, sizeof(*list), by_value);
	summary.mean = sum / (double)summary.count;
	summary.p95 = (double)list[summary.count * 95 / 100] / 1000;
	summary.longest = (double)list[summary.count - 1] / 1000;
	free(list);
	return summary;
}

/* The longest wait of the jobs that came within half an hour of @job. */
static uint64_t longest_around(const struct job *jobs, size_t count, const uint64_t *waits,
			       size_t job)
{
	uint64_t longest = 0;

	for (size_t i = job; i-- > 0 && jobs[i].arrival + AROUND >= jobs[job].arrival;)
		longest = waits[i] > longest ? waits[i] : longest;
	for (size_t i = job; i < count && jobs[i].arrival <= jobs[job].arrival + AROUND; i++)
		longest = waits[i] > longest ? waits[i] : longest;
	return longest;
}

/* The wait of a job of the lowest priority in fair shares, at worst. Its fair share is the longest
 * that anybody had to wait about then when all had the same priority, and no less than one load
 * takes. */
static double worst_share(const struct job *jobs, size_t count, const uint64_t *ours,
			  const uint64_t *equal)
{
	double worst = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t share = longest_around(jobs, count, equal, i);

		share = share > CYCLE ? share : CYCLE;
		if (jobs[i].priority == NTMS_PRIORITY_LOWEST &&
		    (double)ours[i] / (double)share > worst)
			worst = (double)ours[i] / (double)share;
	}
	return worst;
}

static void print_summary(const char *name, const struct result *result, const struct job *jobs,
			  size_t count)
{
	struct summary usual = summarise(jobs, count, result->waits, NTMS_PRIORITY_NORMAL);
	struct summary lowest = summarise(jobs, count, result->waits, NTMS_PRIORITY_LOWEST);

	printf("  %-28s %6zu %7.0f %7.0f %7.0f %9.0f %7.0f %7.0f\n", name, result->loads,
	       usual.mean, usual.p95, usual.longest, lowest.mean, lowest.p95, lowest.longest);
}

static int checks, failures;

static void check(bool good, const char *what, double value)
{
	checks++;
	failures += !good;
	printf("  %-7s %s: %.2f\n", good ? "ok" : "FAILED", what, value);
}

static void check_p95(const char *what, const struct job *jobs, size_t count,
		      const struct result *ours, const struct result *simple, int priority)
{
	double mine = summarise(jobs, count, ours->waits, priority).p95;
	double other = summarise(jobs, count, simple->waits, priority).p95;

	check(mine <= other, what, mine / other);
}

static void compare(uint64_t seed, unsigned int cartridges, size_t count, uint64_t spacing)
{
	struct job *jobs = need(trace_make(seed, cartridges, count, spacing)), *equal;
	struct result simple, ours, fair;

	equal = need(calloc(count, sizeof(*equal)));
	memcpy(equal, jobs, count * sizeof(*equal));
	for (size_t i = 0; i < count; i++)
		equal[i].priority = NTMS_PRIORITY_NORMAL;
	simple = simulate(jobs, count, cartridges, false);
	ours = simulate(jobs, count, cartridges, true);
	fair = simulate(equal, count, cartridges, true);
	printf("%u cartridges, %zu jobs, one every %.0f s on average\n", cartridges, count,
	       (double)spacing / 1000);
	printf("  %-28s %6s %23s %25s\n", "", "", "normal: wait in s", "lowest: wait in s");
	printf("  %-28s %6s %7s %7s %7s %9s %7s %7s\n", "", "loads", "mean", "95 %", "longest",
	       "mean", "95 %", "longest");
	print_summary("always dismounted, in order", &simple, jobs, count);
	print_summary("ours, all of one priority", &fair, jobs, count);
	print_summary("ours", &ours, jobs, count);
	check(ours.loads * 2 <= simple.loads, "loads, as a share of always dismounted",
	      (double)ours.loads / (double)simple.loads);
	check_p95("95 % of the waits, as a share of always dismounted", jobs, count, &ours, &simple,
		  NTMS_PRIORITY_NORMAL);
	check_p95("the same of the lowest priority", jobs, count, &ours, &simple,
		  NTMS_PRIORITY_LOWEST);
	check(worst_share(jobs, count, ours.waits, fair.waits) <= 3,
	      "longest wait of the lowest priority, in fair shares",
	      worst_share(jobs, count, ours.waits, fair.waits));
	free(simple.waits);
	free(ours.waits);
	free(fair.waits);
	free(equal);
	free(jobs);
}

int main(void)
{
	compare(20010926, 100, 20000, 90000);
	compare(20010927, 5000, 20000, 90000);
	printf("%d checks, %d failures\n", checks, failures);
	return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}

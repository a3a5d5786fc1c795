// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads a log of the module's events and finds out whether what it tells can have been.
 *
 * Usage: check-events LOG [CALLS]
 *
 * LOG holds struct rsm_event one after the other, as read() of /dev/rsm gives them, from a
 * moment on at which nothing was held. Nobody may become the holder of what another has;
 * what ends was there; generations and sequence numbers only grow, the latter by one.
 *
 * CALLS (see storm.c) tells how many calls of each process ended because somebody else
 * holds what they wanted. For each of these the log names one who did, at that moment: a
 * caller who waited in vain although nobody had it would be a wake-up that was lost.
 *
 * Exit status 0 when all is well, 1 when not, 2 when that could not be found out.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <linux/rsm.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "storm.h"

#define DEVICES_MAX 65536
#define PIDS_MAX    (4 * 1024 * 1024)

/* What is known of a device. */
struct known {
	uint32_t state; /* enum rsm_state */
	uint64_t generation;
	uint8_t medium[RSM_ID_SIZE];
	int32_t pid;
	int32_t executor; /* 0 for none */
	bool managed;
	bool gone;
};

static struct known devices[DEVICES_MAX];
static uint32_t highest; /* id of a device heard of */
static uint64_t last_sequence, last_generation;
static uint32_t *conflicts; /* of each process */
static uint64_t counts[RSM_EVENT_CLOSED + 1];
static unsigned int faults;

static void __attribute__((format(printf, 2, 3)))
fault(const struct rsm_event *event, const char *format, ...)
{
	va_list args;

	if (++faults > 20)
		return;
	printf("event %" PRIu64 " (type %u, device %u, generation %" PRIu64 ", process %d): ",
	       (uint64_t)event->sequence, event->type, event->device, (uint64_t)event->generation,
	       event->pid);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
}

static bool is_zero(const uint8_t *medium)
{
	static const uint8_t zero[RSM_ID_SIZE];

	return !memcmp(medium, zero, RSM_ID_SIZE);
}

/* Who has this medium, @but excepted? */
static struct known *find_medium(const uint8_t *medium, const struct known *but)
{
	uint32_t id;

	if (is_zero(medium))
		return NULL;
	for (id = 0; id <= highest; id++) {
		if (&devices[id] != but && devices[id].state != RSM_STATE_FREE &&
		    !memcmp(devices[id].medium, medium, RSM_ID_SIZE))
			return &devices[id];
	}
	return NULL;
}

/* Somebody new has the drive. */
static void hold(struct known *drive, const struct rsm_event *event)
{
	struct known *other = find_medium(event->medium, drive);

	if (event->generation <= last_generation)
		fault(event, "the generation is not newer than %" PRIu64, last_generation);
	if (other && other->state == RSM_STATE_HELD)
		fault(event, "its medium is process %d's already", other->pid);
	if (other) /* an orphan's medium, recovered into another drive */
		memset(other->medium, 0, sizeof(other->medium));
	last_generation = event->generation;
	drive->state = RSM_STATE_HELD;
	drive->generation = event->generation;
	drive->pid = event->pid;
	memcpy(drive->medium, event->medium, sizeof(drive->medium));
}

static void let_go(struct known *drive)
{
	drive->state = RSM_STATE_FREE;
	drive->pid = 0;
	memset(drive->medium, 0, sizeof(drive->medium));
}

/* The drive must be in this state, by the hands of this process. */
static void expect(const struct known *drive, const struct rsm_event *event, uint32_t state,
		   int32_t pid)
{
	if (drive->state != state)
		fault(event, "the drive is in state %u (process %d), not %u", drive->state,
		      drive->pid, state);
	else if (state != RSM_STATE_FREE && drive->pid != pid)
		fault(event, "the drive is process %d's, not %d's", drive->pid, pid);
}

static void expect_generation(const struct known *drive, const struct rsm_event *event)
{
	if (drive->generation != event->generation)
		fault(event, "the drive's generation is %" PRIu64, drive->generation);
}

static void on_revoked(struct known *drive, const struct rsm_event *event)
{
	const bool by_force = drive->generation == event->generation; /* UNMANAGE */

	if (!by_force || drive->state != RSM_STATE_ORPHANED)
		expect(drive, event, RSM_STATE_HELD, event->other_pid);
	if (by_force)
		let_go(drive);
	else
		hold(drive, event);
}

/* Who is named as the one in the way must have had something to do with it. */
static void on_conflict(const struct known *device, const struct rsm_event *event)
{
	const struct known *other = find_medium(event->medium, NULL);

	if (event->node)
		return; /* the opening of a node, not a call */
	if (event->pid > 0 && event->pid < PIDS_MAX)
		conflicts[event->pid]++;
	if (!event->generation) { /* a lease */
		if (device->executor != event->other_pid)
			fault(event, "the executor is %d, not %d", device->executor,
			      event->other_pid);
		return;
	}
	if (device->state != RSM_STATE_FREE && device->generation == event->generation)
		return;
	if (!other || other->generation != event->generation)
		fault(event, "nobody was in its way");
}

static void on_lease(struct known *device, const struct rsm_event *event, bool taken)
{
	const int32_t before = taken ? 0 : event->pid;

	if (device->executor != before)
		fault(event, "the executor is %d", device->executor);
	device->executor = taken ? event->pid : 0;
}

static void on_managed(struct known *device, const struct rsm_event *event, bool managed)
{
	if (device->managed == managed)
		fault(event, "it is so already");
	device->managed = managed;
}

static void on_gone(struct known *device, const struct rsm_event *event)
{
	if (device->gone)
		fault(event, "it is gone already");
	let_go(device);
	device->managed = false;
	device->gone = true;
}

static void replay(const struct rsm_event *event)
{
	struct known *device = &devices[event->device % DEVICES_MAX];

	if (event->device > highest)
		highest = event->device % DEVICES_MAX;
	if (device->gone && event->type != RSM_EVENT_LEASE_LOST &&
	    event->type != RSM_EVENT_ROBOT_END && event->type != RSM_EVENT_ROBOT_BEGIN &&
	    event->type != RSM_EVENT_UNIT_ATTENTION)
		fault(event, "the device is gone");
	switch (event->type) {
	case RSM_EVENT_DEVICE_GONE:
		return on_gone(device, event);
	case RSM_EVENT_RESERVED:
		expect(device, event, RSM_STATE_FREE, 0);
		return hold(device, event);
	case RSM_EVENT_TRANSFERRED:
		expect(device, event, RSM_STATE_HELD, event->other_pid);
		return hold(device, event);
	case RSM_EVENT_RECOVERED:
		expect(device, event, RSM_STATE_ORPHANED, event->other_pid);
		return hold(device, event);
	case RSM_EVENT_REVOKED:
		return on_revoked(device, event);
	case RSM_EVENT_RELEASED:
		expect(device, event, RSM_STATE_HELD, event->pid);
		expect_generation(device, event);
		return let_go(device);
	case RSM_EVENT_ORPHANED:
		expect(device, event, RSM_STATE_HELD, event->pid);
		expect_generation(device, event);
		device->state = RSM_STATE_ORPHANED;
		return;
	case RSM_EVENT_CLOSED:
		return expect(device, event, RSM_STATE_ORPHANED, event->pid);
	case RSM_EVENT_CONFLICT:
		return on_conflict(device, event);
	case RSM_EVENT_LEASE_TAKEN:
	case RSM_EVENT_LEASE_LOST:
		return on_lease(device, event, event->type == RSM_EVENT_LEASE_TAKEN);
	case RSM_EVENT_MANAGED:
	case RSM_EVENT_UNMANAGED:
		return on_managed(device, event, event->type == RSM_EVENT_MANAGED);
	}
}

static void check_numbers(const struct rsm_event *event)
{
	if (!event->type || event->type > RSM_EVENT_CLOSED) {
		fault(event, "there is no such type");
		return;
	}
	counts[event->type]++;
	if (last_sequence && event->sequence != last_sequence + 1)
		fault(event, "its sequence number does not follow %" PRIu64, last_sequence);
	last_sequence = event->sequence;
}

/* The calls that ended because of somebody else, against the events that name him. */
static void check_calls(const char *path, uint64_t *calls)
{
	struct storm_life life;
	uint32_t *ended = calloc(PIDS_MAX, sizeof(*ended));
	FILE *file = fopen(path, "re");
	int32_t pid, last = 0;

	if (!file || !ended) {
		fprintf(stderr, "check-events: %s: %s\n", path, strerror(errno));
		exit(2);
	}
	while (fread(&life, sizeof(life), 1, file) == 1) {
		if (life.pid <= 0 || life.pid >= PIDS_MAX)
			continue;
		ended[life.pid] += life.refused;
		last = life.pid > last ? life.pid : last;
	}
	fclose(file);
	for (pid = 1; pid <= last; pid++) {
		*calls += ended[pid];
		/* who is killed may not have come to count his last */
		if (ended[pid] <= conflicts[pid])
			continue;
		if (++faults <= 20)
			printf("process %d: %u calls ended because somebody holds what they want, "
			       "of which %u had somebody in their way\n",
			       pid, ended[pid], conflicts[pid]);
	}
	free(ended);
}

int main(int argc, char **argv)
{
	struct rsm_event event;
	uint64_t calls = 0, total = 0;
	FILE *file;
	int i;

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "Usage: check-events LOG [CALLS]\n");
		return 2;
	}
	conflicts = calloc(PIDS_MAX, sizeof(*conflicts));
	file = fopen(argv[1], "re");
	if (!file || !conflicts) {
		fprintf(stderr, "check-events: %s: %s\n", argv[1], strerror(errno));
		return 2;
	}
	while (fread(&event, sizeof(event), 1, file) == 1) {
		if (event.type == RSM_EVENT_OVERRUN) {
			fprintf(stderr, "check-events: %u events are missing in %s\n", event.detail,
				argv[1]);
			return 2;
		}
		total++;
		check_numbers(&event);
		replay(&event);
	}
	fclose(file);
	if (argc > 2)
		check_calls(argv[2], &calls);
	printf("%" PRIu64 " events:", total);
	for (i = 1; i <= RSM_EVENT_CLOSED; i++)
		printf(" %" PRIu64, counts[i]);
	printf(" of types 1 to %d; %" PRIu64 " calls that had to give way; %u faults\n",
	       RSM_EVENT_CLOSED, calls, faults);
	return faults != 0 || !total;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * test-check-events.c - the judge of the storms' event logs says no when it must
 */
#include <criterion/criterion.h>
#include <linux/rsm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../vm/storm.h"

#define MAX 16

static struct rsm_event events[MAX];
static unsigned int count;
static char directory[] = "/tmp/check-events.XXXXXX";
static char log_path[64], calls_path[64];

static void make_directory(void)
{
	cr_assert(mkdtemp(directory));
	snprintf(log_path, sizeof(log_path), "%s/log", directory);
	snprintf(calls_path, sizeof(calls_path), "%s/calls", directory);
}

static void drop_directory(void)
{
	unlink(log_path);
	unlink(calls_path);
	rmdir(directory);
}

TestSuite(check_events, .init = make_directory, .fini = drop_directory);

/* The next event of a log; what it is about may be changed in what comes back. */
static struct rsm_event *tell(uint32_t type, uint32_t device, uint64_t generation, int pid)
{
	struct rsm_event *event = &events[count++];

	*event = (struct rsm_event){.type = type,
				    .device = device,
				    .sequence = 100 + count,
				    .generation = generation,
				    .pid = pid};
	return event;
}

/* Exit status of the judge; @refused: so many calls of process 7 had to give way. */
static int judge(unsigned int refused)
{
	const struct storm_life life = {.pid = 7, .refused = refused};
	FILE *file = fopen(log_path, "we");
	char command[256];
	int status;

	cr_assert(file && fwrite(events, sizeof(events[0]), count, file) == count);
	fclose(file);
	file = fopen(calls_path, "we");
	cr_assert(file && fwrite(&life, sizeof(life), 1, file) == 1);
	fclose(file);
	snprintf(command, sizeof(command), "%s %s %s", CHECK_EVENTS, log_path, calls_path);
	status = system(command);
	cr_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

Test(check_events, what_can_be_is_accepted)
{
	tell(RSM_EVENT_RESERVED, 2, 1, 7)->medium[0] = 5;
	tell(RSM_EVENT_TRANSFERRED, 2, 2, 8)->other_pid = 7;
	tell(RSM_EVENT_CONFLICT, 2, 2, 7)->other_pid = 8;
	tell(RSM_EVENT_ORPHANED, 2, 2, 8);
	tell(RSM_EVENT_RECOVERED, 2, 3, 9)->other_pid = 8;
	tell(RSM_EVENT_REVOKED, 2, 4, 7)->other_pid = 9;
	tell(RSM_EVENT_RELEASED, 2, 4, 7);
	tell(RSM_EVENT_RESERVED, 2, 5, 8);
	tell(RSM_EVENT_DEVICE_GONE, 2, 0, 0);
	cr_assert_eq(judge(1), 0);
}

Test(check_events, two_holders_of_a_drive)
{
	tell(RSM_EVENT_RESERVED, 2, 1, 7);
	tell(RSM_EVENT_RESERVED, 2, 2, 8);
	cr_assert_eq(judge(0), 1);
}

Test(check_events, two_holders_of_a_medium)
{
	tell(RSM_EVENT_RESERVED, 2, 1, 7)->medium[0] = 5;
	tell(RSM_EVENT_RESERVED, 3, 2, 8)->medium[0] = 5;
	cr_assert_eq(judge(0), 1);
}

Test(check_events, an_orphan_is_not_free)
{
	tell(RSM_EVENT_RESERVED, 2, 1, 7);
	tell(RSM_EVENT_ORPHANED, 2, 1, 7);
	tell(RSM_EVENT_RESERVED, 2, 2, 8);
	cr_assert_eq(judge(0), 1);
}

Test(check_events, nobody_hands_on_what_he_has_not)
{
	tell(RSM_EVENT_RESERVED, 2, 1, 7);
	tell(RSM_EVENT_TRANSFERRED, 2, 2, 9)->other_pid = 8;
	cr_assert_eq(judge(0), 1);
}

Test(check_events, nothing_ends_twice)
{
	tell(RSM_EVENT_RESERVED, 2, 1, 7);
	tell(RSM_EVENT_RELEASED, 2, 1, 7);
	tell(RSM_EVENT_RELEASED, 2, 1, 7);
	cr_assert_eq(judge(0), 1);
}

Test(check_events, a_generation_is_never_used_twice)
{
	tell(RSM_EVENT_RESERVED, 2, 1, 7);
	tell(RSM_EVENT_RELEASED, 2, 1, 7);
	tell(RSM_EVENT_RESERVED, 2, 1, 7);
	cr_assert_eq(judge(0), 1);
}

Test(check_events, no_event_is_missing)
{
	tell(RSM_EVENT_RESERVED, 2, 1, 7);
	tell(RSM_EVENT_RELEASED, 2, 1, 7)->sequence++;
	cr_assert_eq(judge(0), 1);
}

Test(check_events, who_is_in_the_way_has_it)
{
	tell(RSM_EVENT_RESERVED, 2, 1, 7);
	tell(RSM_EVENT_RELEASED, 2, 1, 7);
	tell(RSM_EVENT_CONFLICT, 2, 1, 8);
	cr_assert_eq(judge(0), 1);
}

Test(check_events, who_waits_in_vain_has_somebody_in_his_way)
{
	tell(RSM_EVENT_RESERVED, 2, 1, 8);
	tell(RSM_EVENT_CONFLICT, 2, 1, 7)->other_pid = 8;
	cr_assert_eq(judge(1), 0);
	cr_assert_eq(judge(2), 1, "a lost wake-up");
}

Test(check_events, two_executors)
{
	tell(RSM_EVENT_LEASE_TAKEN, 1, 0, 7);
	tell(RSM_EVENT_LEASE_TAKEN, 1, 0, 8);
	cr_assert_eq(judge(0), 1);
}

Test(check_events, a_log_with_holes_proves_nothing)
{
	tell(RSM_EVENT_OVERRUN, 0, 0, 0)->detail = 3;
	cr_assert_eq(judge(0), 2);
}

Test(check_events, nor_does_an_empty_one)
{
	cr_assert_eq(judge(0), 1);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* test-policy.c - the rule by which a drive is chosen, case by case */
#include <criterion/criterion.h>
#include "core/policy.h"
#include "ntms/ntmsapi.h"

TestSuite(policy, .timeout = 20);

#define NOW    10000000
#define KEEP   300000
#define DRIVES 8

static struct policy_drive drives[DRIVES];
static struct policy_choice choices[DRIVES];
static size_t count;
static uint64_t asked; /* when the request was made that wants a drive */

static void setup(void)
{
	count = 0;
	asked = NOW;
}

static struct policy_drive *add(enum policy_content content)
{
	struct policy_drive *drive = &drives[count];

	*drive = (struct policy_drive){.number = (uint32_t)count, .content = content};
	count++;
	return drive;
}

/* Released so long ago; it is kept for KEEP. */
static struct policy_drive *add_released(uint64_t ago)
{
	struct policy_drive *drive = add(POLICY_RELEASED);

	drive->released_ms = NOW - ago;
	drive->keep_ms = KEEP;
	return drive;
}

/* The order that is to come out, as numbers of drives. */
#define expect(...)                                                                             \
	do {                                                                                    \
		const size_t wanted[] = {__VA_ARGS__};                                          \
		cr_assert_eq(sizeof(wanted) / sizeof(wanted[0]), count);                        \
		policy_rank(drives, count, asked, NOW, choices);                                \
		for (size_t i = 0; i < count; i++)                                              \
			cr_assert_eq(choices[i].drive, wanted[i], "choice %zu is drive %zu", i, \
				     choices[i].drive);                                         \
	} while (0)

Test(policy, what_has_it_then_empty_then_idle_then_kept_then_used, .init = setup)
{
	add(POLICY_IN_USE);
	add_released(KEEP - 1);
	add_released(KEEP + 1);
	add(POLICY_EMPTY);
	add_released(1)->has_it = true;
	expect(4, 3, 2, 1, 0);
	cr_assert_eq(choices[0].verdict, POLICY_AS_IT_IS);
	cr_assert_eq(choices[1].verdict, POLICY_FREE);
	cr_assert_eq(choices[2].verdict, POLICY_SEND_HOME);
	cr_assert_eq(choices[3].verdict, POLICY_WAIT);
	cr_assert_eq(choices[3].until_ms, NOW + 1);
	cr_assert_eq(choices[4].verdict, POLICY_NEVER);
	for (size_t i = 0; i < count; i++)
		cr_assert_eq(policy_can_take(&choices[i]), i < 3);
}

/* Whoever has it reserved is another question. */
Test(policy, what_has_it_is_the_choice_whatever_its_state, .init = setup)
{
	add(POLICY_IN_USE)->has_it = true;
	add(POLICY_EMPTY);
	expect(0, 1);
	cr_assert(policy_can_take(&choices[0]));
}

Test(policy, empty_drives_wear_alike, .init = setup)
{
	add(POLICY_EMPTY)->mount_count = 7;
	add(POLICY_EMPTY)->mount_count = 3;
	add(POLICY_EMPTY)->mount_count = 3;
	add(POLICY_EMPTY)->mount_count = 5;
	expect(1, 2, 3, 0);
}

Test(policy, the_medium_least_likely_to_be_wanted_goes, .init = setup)
{
	add_released(KEEP + 10);
	add_released(KEEP + 1000);
	add_released(KEEP + 100)->wanted = true;
	add(POLICY_LEFT);
	add(POLICY_LEFT)->wanted = true;
	expect(3, 1, 0, 4, 2);
}

/* Who keeps longer is free to go later, though he was released before. */
Test(policy, it_counts_since_when_it_may_go, .init = setup)
{
	add_released(900000)->keep_ms = 899000;
	add_released(400000)->keep_ms = 100000;
	expect(1, 0);
}

Test(policy, kept_to_the_millisecond, .init = setup)
{
	add_released(KEEP);
	expect(0);
	cr_assert_eq(choices[0].verdict, POLICY_SEND_HOME);
	drives[0].released_ms++;
	expect(0);
	cr_assert_eq(choices[0].verdict, POLICY_WAIT);
	cr_assert_eq(choices[0].until_ms, NOW + 1);
}

Test(policy, nothing_is_kept_without_a_delay, .init = setup)
{
	add_released(0)->keep_ms = 0;
	expect(0);
	cr_assert_eq(choices[0].verdict, POLICY_SEND_HOME);
}

Test(policy, the_one_that_may_go_first_is_waited_for, .init = setup)
{
	add_released(10);
	add_released(200);
	add_released(100);
	expect(1, 2, 0);
	cr_assert_eq(choices[0].until_ms, NOW - 200 + KEEP);
}

/* A clock set back would keep a drive from everybody for hours. */
Test(policy, a_release_in_the_future_keeps_nothing, .init = setup)
{
	struct policy_drive *drive = add(POLICY_RELEASED);

	drive->released_ms = NOW + 1;
	drive->keep_ms = KEEP;
	add_released(KEEP + 1);
	expect(0, 1);
	cr_assert_eq(choices[0].verdict, POLICY_SEND_HOME);
}

Test(policy, kept_for_ever, .init = setup)
{
	add_released(5)->keep_ms = UINT64_MAX;
	expect(0);
	cr_assert_eq(choices[0].verdict, POLICY_WAIT);
	cr_assert_eq(choices[0].until_ms, UINT64_MAX);
}

/* Users who always come back would keep a drive from others for ever. */
Test(policy, nothing_is_kept_from_who_has_waited_long, .init = setup)
{
	add_released(10);
	add_released(20);
	add(POLICY_IN_USE);
	asked = NOW - POLICY_LENIENCE_S * 1000ULL + 1;
	expect(0, 1, 2);
	cr_assert_eq(choices[0].verdict, POLICY_WAIT);
	cr_assert_eq(choices[0].until_ms, NOW + 1);
	asked--;
	expect(1, 0, 2);
	cr_assert_eq(choices[0].verdict, POLICY_SEND_HOME);
	cr_assert_eq(choices[1].verdict, POLICY_SEND_HOME);
	cr_assert_eq(choices[2].verdict, POLICY_NEVER);
}

/* What somebody wants to be kept for longer is kept, but once for each who waits. */
Test(policy, a_longer_delay_counts_from_the_request_on, .init = setup)
{
	const uint64_t delay = 2 * POLICY_LENIENCE_S * 1000ULL;

	add_released(10)->keep_ms = delay;
	asked = NOW - delay + 1;
	expect(0);
	cr_assert_eq(choices[0].verdict, POLICY_WAIT);
	cr_assert_eq(choices[0].until_ms, NOW + 1);
	asked--;
	expect(0);
	cr_assert_eq(choices[0].verdict, POLICY_SEND_HOME);
}

/* One that need not keep its medium is better than one that is taken from its user. */
Test(policy, who_has_waited_takes_what_is_free_to_go_first, .init = setup)
{
	add_released(10);
	add_released(KEEP + 1);
	asked = 0;
	expect(1, 0);
}

Test(policy, no_drive, .init = setup)
{
	policy_rank(drives, 0, NOW, NOW, choices);
	cr_assert_eq(count, 0);
}

/* All orders of the same drives give the same answer. */
Test(policy, the_order_they_are_listed_in_does_not_matter, .init = setup)
{
	static const int orders[][4] = {{0, 1, 2, 3}, {3, 2, 1, 0}, {1, 3, 0, 2}, {2, 0, 3, 1}};
	struct policy_drive known[4];

	add_released(KEEP + 10);
	add(POLICY_EMPTY);
	add(POLICY_LEFT);
	add_released(10);
	for (size_t i = 0; i < 4; i++)
		known[i] = drives[i];
	for (size_t k = 0; k < sizeof(orders) / sizeof(orders[0]); k++) {
		static const uint32_t wanted[4] = {1, 2, 0, 3};

		for (size_t i = 0; i < 4; i++)
			drives[i] = known[orders[k][i]];
		policy_rank(drives, count, asked, NOW, choices);
		for (size_t i = 0; i < 4; i++)
			cr_assert_eq(drives[choices[i].drive].number, wanted[i]);
	}
}

/* ---- which mount is next ---- */

#define COME 1800000000000ULL

Test(policy, the_highest_priority_is_first)
{
	for (int priority = NTMS_PRIORITY_LOWEST; priority < NTMS_PRIORITY_HIGHEST; priority++)
		cr_assert_gt(policy_order(priority, COME), policy_order(priority + 1, COME));
	cr_assert_gt(policy_order(NTMS_PRIORITY_HIGHEST, 0), 0, "0 is no place");
}

Test(policy, of_equal_priority_the_first_is_first)
{
	cr_assert_lt(policy_order(0, COME), policy_order(0, COME + 1000));
	cr_assert_eq(policy_order(0, COME), policy_order(0, COME + 999),
		     "as they are in the queue");
}

Test(policy, who_waits_overtakes_who_comes_later)
{
	uint64_t steps = NTMS_PRIORITY_HIGHEST - NTMS_PRIORITY_LOWEST;
	uint64_t wait_ms = steps * POLICY_STEP_S * 1000;
	uint32_t lowest = policy_order(NTMS_PRIORITY_LOWEST, COME);

	cr_assert_gt(lowest, policy_order(NTMS_PRIORITY_HIGHEST, COME + wait_ms - 1000));
	cr_assert_lt(lowest, policy_order(NTMS_PRIORITY_HIGHEST, COME + wait_ms + 1000));
}

/* ---- what is kept ---- */

#define PATIENCE_MS (POLICY_PATIENCE_S * 1000ULL)
#define STEP_MS	    (POLICY_STEP_S * 1000ULL)

Test(policy, it_is_kept_longer_each_time)
{
	uint64_t change = PATIENCE_MS, length = PATIENCE_MS;

	cr_assert_not(policy_keeps(COME, COME));
	for (int i = 0; i < 6; i++) {
		cr_assert_not(policy_keeps(COME, COME + change - 1));
		cr_assert(policy_keeps(COME, COME + change));
		cr_assert(policy_keeps(COME, COME + change + length - 1));
		cr_assert_not(policy_keeps(COME, COME + change + length));
		change += length + STEP_MS;
		length *= 2;
	}
}

Test(policy, nothing_is_kept_for_who_comes_in_the_future)
{
	cr_assert_not(policy_keeps(COME + 1, COME));
	cr_assert_not(policy_keeps(UINT64_MAX, COME));
}

Test(policy, a_clock_may_be_anything)
{
	policy_keeps(0, UINT64_MAX);
	policy_keeps(UINT64_MAX, 0);
}

Test(policy, nothing_is_passed_for_ever)
{
	uint64_t step_ms = POLICY_STEP_S * 1000;

	cr_assert(!policy_is_overdue(COME, COME));
	cr_assert(!policy_is_overdue(COME, COME + step_ms - 1));
	cr_assert(policy_is_overdue(COME, COME + step_ms));
	cr_assert(!policy_is_overdue(COME, COME - step_ms), "by a clock that was set back");
}

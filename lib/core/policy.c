/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/policy.h"
#include "ntms/ntmsapi.h"

/* All age at the same pace, so that their order never changes: it is known when they come. */
uint32_t policy_order(int priority, uint64_t now_ms)
{
	return (uint32_t)(now_ms / 1000) +
	       (uint32_t)(NTMS_PRIORITY_HIGHEST + 1 - priority) * POLICY_STEP_S;
}

/* A clock that was set back since makes the wait short. */
bool policy_keeps(uint64_t since_ms, uint64_t now_ms)
{
	uint64_t waited = now_ms > since_ms ? (now_ms - since_ms) / 1000 : 0;
	uint64_t begin = POLICY_PATIENCE_S, length = POLICY_PATIENCE_S;

	while (waited >= begin + length + POLICY_STEP_S) {
		begin += length + POLICY_STEP_S;
		length *= 2;
	}
	return waited >= begin && waited < begin + length;
}

bool policy_is_overdue(uint64_t queued_ms, uint64_t now_ms)
{
	/* A clock that was set back makes nothing overdue. */
	return now_ms >= queued_ms && now_ms - queued_ms >= POLICY_STEP_S * 1000ULL;
}

static uint64_t free_to_go(const struct policy_drive *drive)
{
	if (drive->content != POLICY_RELEASED)
		return 0;
	/* "For ever" stays for ever. */
	if (drive->keep_ms > UINT64_MAX - drive->released_ms)
		return UINT64_MAX;
	return drive->released_ms + drive->keep_ms;
}

/* Since when nothing is kept in that drive from who asked then. A clock that was set back makes the
 * wait short. */
static uint64_t patience_ends(const struct policy_drive *drive, uint64_t asked_ms)
{
	uint64_t limit_ms = POLICY_LENIENCE_S * 1000ULL;

	if (drive->keep_ms > limit_ms)
		limit_ms = drive->keep_ms;
	return limit_ms > UINT64_MAX - asked_ms ? UINT64_MAX : asked_ms + limit_ms;
}

static enum policy_verdict judge(const struct policy_drive *drive, uint64_t now_ms)
{
	if (drive->has_it)
		return POLICY_AS_IT_IS;
	if (drive->content == POLICY_IN_USE)
		return POLICY_NEVER;
	if (drive->content == POLICY_EMPTY)
		return POLICY_FREE;
	if (free_to_go(drive) > now_ms && drive->released_ms <= now_ms)
		return POLICY_WAIT;
	return POLICY_SEND_HOME;
}

/* A set-back clock makes no medium more likely to be wanted: it counts as released long ago. */
static struct policy_choice choose(const struct policy_drive *drives, size_t i, uint64_t asked_ms,
				   uint64_t now_ms)
{
	struct policy_choice choice = {.drive = i, .verdict = judge(&drives[i], now_ms)};
	uint64_t patience_ms = patience_ends(&drives[i], asked_ms);

	if (drives[i].released_ms <= now_ms)
		choice.until_ms = free_to_go(&drives[i]);
	if (choice.verdict != POLICY_WAIT)
		return choice;
	if (patience_ms <= now_ms)
		choice.verdict = POLICY_SEND_HOME;
	else if (patience_ms < choice.until_ms)
		choice.until_ms = patience_ms;
	return choice;
}

/* Is @a better than @b? No two drives are equally good. */
static bool is_better(const struct policy_drive *drives, const struct policy_choice *a,
		      const struct policy_choice *b)
{
	const struct policy_drive *left = &drives[a->drive], *right = &drives[b->drive];

	if (a->verdict != b->verdict)
		return a->verdict < b->verdict;
	if (a->verdict == POLICY_SEND_HOME && left->wanted != right->wanted)
		return right->wanted;
	if (a->until_ms != b->until_ms)
		return a->until_ms < b->until_ms;
	if (left->mount_count != right->mount_count)
		return left->mount_count < right->mount_count;
	return left->number < right->number;
}

/* Libraries have few drives. */
void policy_rank(const struct policy_drive *drives, size_t count, uint64_t asked_ms,
		 uint64_t now_ms, struct policy_choice *choices)
{
	for (size_t i = 0; i < count; i++) {
		struct policy_choice choice = choose(drives, i, asked_ms, now_ms);
		size_t at = i;

		for (; at > 0 && is_better(drives, &choice, &choices[at - 1]); at--)
			choices[at] = choices[at - 1];
		choices[at] = choice;
	}
}

bool policy_can_take(const struct policy_choice *choice)
{
	return choice->verdict <= POLICY_SEND_HOME;
}

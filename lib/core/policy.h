/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy.h - which mount is next, and in which drive of a library
 *
 * Mounts are tried in the order of their priority and their arrival, both in one number: a step of
 * priority counts as much as having come POLICY_STEP_S earlier. So who waits overtakes, in time,
 * whoever comes later, and nobody starves. A mount that cannot be carried out yet does not hold up
 * those behind it.
 *
 * Labels are written and cartridges identified after all mounts: that is the queue's order by
 * types. What has waited so for POLICY_STEP_S goes before everything, or mounts without end would
 * keep it from a drive for ever.
 *
 * Of the drives, the best first:
 *
 * 1. The drive that has the medium already: nothing needs to move. Whether it may be had is the
 *    reservation's to say.
 * 2. An empty drive. Of several the one that was mounted least, so that they wear alike, then the
 *    one with the lowest number.
 * 3. A drive whose medium nobody has mounted and that need not keep it any longer. That medium goes
 *    home first, so it should be the one least likely to be wanted again: one that nothing in
 *    the queue waits for before one that is waited for; then one that was left by somebody who died
 *    or was taken in for nobody before one that was released; then the one released, or rather
 *    free to go, for the longest time; then as in 2.
 *
 * A drive keeps its medium for a time after a deferred dismount (dwDeferDismountDelay), for its
 * user to come back. In that time it is no choice for others, though they have to wait. But users
 * who come back again and again would keep it for ever: from a request that has waited for
 * POLICY_LENIENCE_S, or for that drive's delay if it is longer, nothing is kept. That is so long
 * that a busy library saves nearly as many moves as without it (bench/simulate). A release that
 * lies in the future, by a clock that was set back since, keeps nothing either. A drive with a
 * medium that somebody has mounted, or that is being cleaned, is none either.
 *
 * Two drives are hardly ever free at once where single mounts take one after the other. So what a
 * call for several media needs that has waited for POLICY_PATIENCE_S is kept for it: its media, and
 * when all of them can be had as many drives, the best by the order above. Whoever is behind it
 * leaves them alone, whoever is in front of it does not mind: of two calls the one in front has its
 * drives kept first. Nothing is reserved by that, and who has a drive is not hurried. A call that
 * could not have all its drives has none kept. A call for one medium has nothing kept: it takes the
 * first drive that can be taken.
 *
 * Who has one of the drives may be waiting behind the call for a second one, and would give neither
 * back. So they are kept for POLICY_PATIENCE_S, then not for POLICY_STEP_S, then kept for twice as
 * long as before, and so on. Once that is longer than any medium stays mounted, the call begins.
 *
 * Everything here is computed from what is passed in: nothing is read, kept or changed.
 */
#ifndef NTMS_CORE_POLICY_H
#define NTMS_CORE_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum policy_content {
	POLICY_EMPTY,
	POLICY_RELEASED, /* a deferred dismount left its medium inside */
	POLICY_LEFT,	 /* somebody who died did, or nobody mounted it */
	POLICY_IN_USE,	 /* mounted, or being cleaned */
};

/* A drive that is present and enabled. */
struct policy_drive {
	uint32_t number; /* tells them apart */
	bool has_it;	 /* what is inside is the medium that is to be mounted */
	enum policy_content content;
	uint64_t released_ms; /* POLICY_RELEASED: when, Unix time */
	uint64_t keep_ms;     /* and how long it is kept from then on */
	bool wanted;	      /* something in the queue waits for what is inside */
	uint32_t mount_count;
};

enum policy_verdict {
	POLICY_AS_IT_IS,  /* it has the medium */
	POLICY_FREE,	  /* it is empty */
	POLICY_SEND_HOME, /* take it; what is inside goes home first */
	POLICY_WAIT,	  /* it keeps its medium until until_ms, from who asks here */
	POLICY_NEVER,	  /* somebody uses it */
};

struct policy_choice {
	size_t drive; /* index of the drive this is about */
	enum policy_verdict verdict;
	uint64_t until_ms; /* POLICY_RELEASED: when its medium is, or was, free to go; else 0 */
};

#define POLICY_STEP_S	  60
#define POLICY_LENIENCE_S (60 * POLICY_STEP_S)

/* Put @count drives in order, best first, in @choices (room for as many), for a request that was
 * made at @asked_ms. Unix time. */
void policy_rank(const struct policy_drive *drives, size_t count, uint64_t asked_ms,
		 uint64_t now_ms, struct policy_choice *choices);

/* The place of a mount asked for at @now_ms (Unix time): lower numbers are tried first, equal ones
 * as they came. @priority: NTMS_PRIORITY_LOWEST to NTMS_PRIORITY_HIGHEST. Never 0. */
uint32_t policy_order(int priority, uint64_t now_ms);

#define POLICY_PATIENCE_S (5 * POLICY_STEP_S)

/* Is what a call for several media needs kept for it now, which waits since @since_ms? Unix time.
 */
bool policy_keeps(uint64_t since_ms, uint64_t now_ms);

/* Has a request that comes after all mounts been passed for too long? Both in Unix time. */
bool policy_is_overdue(uint64_t queued_ms, uint64_t now_ms);

/* May a medium be mounted there now? */
bool policy_can_take(const struct policy_choice *choice);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* alloc.c - finding a side and making it somebody's */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/guid.h"
#include "core/alloc.h"
#include "core/newmedia.h"
#include "core/request.h"
#include "core/rights.h"
#include "core/states.h"
#include "core/patience.h"
#include "core/presence.h"
#include "core/txn.h"
#include "store/feed.h"

/* How many candidates are looked at before all of them are listed. */
#define FIRST_LOOK 8

/* What an attempt works with. */
struct search {
	struct session *session;
	struct txn *txn;
	struct allocation *allocation;
	struct object pool;
	bool nothing; /* no medium suits, and nothing was changed */
};

/* One cartridge and the side of it that is to be allocated. */
struct candidate {
	struct object media;
	struct object sides[2];
	size_t count;
	size_t chosen;
};

static DWORD unavailable(const char *pool)
{
	return ntms_say(ERROR_MEDIA_UNAVAILABLE, "no cartridge is available in pool \"%s\"", pool);
}

static DWORD read_candidate(struct txn *txn, const NTMS_GUID *side, struct candidate *candidate)
{
	struct object chosen;
	DWORD code = store_get(txn, side, NTMS_PARTITION, &chosen);

	if (!code)
		code = store_get(txn, &chosen.side.media, NTMS_PHYSICAL_MEDIA, &candidate->media);
	if (!code)
		code = media_sides(txn, &chosen.side.media, candidate->sides, &candidate->count);
	if (code)
		return code;
	for (size_t i = 0; i < candidate->count; i++) {
		if (!guid_equal(&candidate->sides[i].guid, side))
			continue;
		candidate->chosen = i;
		return ERROR_SUCCESS;
	}
	return ERROR_OBJECT_NOT_FOUND;
}

static bool others_are_available(const struct candidate *candidate)
{
	for (size_t i = 0; i < candidate->count; i++)
		if (i != candidate->chosen &&
		    candidate->sides[i].side.state != NTMS_PARTSTATE_AVAILABLE)
			return false;
	return true;
}

/* May the whole cartridge change its pool without taking anything from anybody? */
static bool others_are_nobodys(const struct candidate *candidate)
{
	for (size_t i = 0; i < candidate->count; i++) {
		uint32_t state = candidate->sides[i].side.state;

		if (i != candidate->chosen && state != NTMS_PARTSTATE_AVAILABLE &&
		    state != NTMS_PARTSTATE_DECOMMISSIONED && state != NTMS_PARTSTATE_IMPORT &&
		    state != NTMS_PARTSTATE_FOREIGN)
			return false;
	}
	return true;
}

static bool is_worn(const struct search *search, const struct object *side)
{
	uint32_t limit = search->pool.pool.max_allocates;

	return limit && side->side.allocate_count >= limit;
}

static bool suits(const struct search *search, const struct candidate *candidate, bool moves)
{
	if (is_worn(search, &candidate->sides[candidate->chosen]))
		return false;
	if ((search->allocation->options & NTMS_ALLOCATE_NEW) && !others_are_available(candidate))
		return false;
	if (moves && (!others_are_nobodys(candidate) ||
		      candidate->media.media.state != NTMS_MEDIASTATE_IDLE))
		return false;
	return true;
}

/* The first side of the index that suits, among the first @max (0: all). */
static DWORD first_suiting(struct search *search, const NTMS_GUID *pool, size_t max, size_t *seen,
			   struct candidate *candidate)
{
	bool moves = !guid_equal(pool, &search->pool.guid);
	struct store_key key;
	NTMS_GUID *list;
	DWORD code;

	key_start(&key);
	key_guid(&key, pool);
	code = store_list(search->txn, IX_AVAILABLE, &key, max, &list, seen);
	if (code)
		return code;
	code = ERROR_MEDIA_UNAVAILABLE;
	for (size_t i = 0; i < *seen; i++) {
		DWORD status = must_exist(read_candidate(search->txn, &list[i], candidate),
					  "cartridge of a side", search->pool.name);

		if (status) {
			code = status;
			break;
		}
		if (suits(search, candidate, moves)) {
			code = ERROR_SUCCESS;
			break;
		}
	}
	free(list);
	return code;
}

static DWORD find_in(struct search *search, const NTMS_GUID *pool, struct candidate *candidate)
{
	size_t seen;
	DWORD code = first_suiting(search, pool, FIRST_LOOK, &seen, candidate);

	if (code == ERROR_MEDIA_UNAVAILABLE && seen == FIRST_LOOK)
		code = first_suiting(search, pool, 0, &seen, candidate);
	return code;
}

/* From the pool itself, then from the Free pool if its policy says so. */
static DWORD find_any(struct search *search, struct candidate *candidate)
{
	struct object free_pool;
	NTMS_GUID guid;
	DWORD code = find_in(search, &search->pool.guid, candidate);

	if (code != ERROR_MEDIA_UNAVAILABLE)
		return code;
	if (!(search->pool.pool.allocation_policy & NTMS_ALLOCATE_FROMSCRATCH))
		return unavailable(search->pool.name);
	code = media_type_pool(search->txn, &search->pool.pool.media_type, NTMS_POOLTYPE_SCRATCH,
			       &guid);
	if (!code)
		code = store_get(search->txn, &guid, NTMS_MEDIA_POOL, &free_pool);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_DEVICE_NOT_AVAILABLE,
				"there is no Free pool for the media type of pool \"%s\"",
				search->pool.name);
	if (!code)
		code = rights_check(search->txn, &search->session->caller, RIGHT_ALLOCATE_FREE,
				    &free_pool);
	if (!code)
		code = find_in(search, &guid, candidate);
	if (code == ERROR_MEDIA_UNAVAILABLE)
		return ntms_say(code,
				"no cartridge is available in pool \"%s\", nor in the Free pool of "
				"its media type",
				search->pool.name);
	return code;
}

/* Only what is online and enabled is allocated. */
static DWORD check_usable(struct txn *txn, const struct candidate *candidate)
{
	const struct object *media = &candidate->media;
	struct object library;
	DWORD code = must_exist(store_get(txn, &media->media.library, NTMS_LIBRARY, &library),
				"library", media->name);

	if (code)
		return code;
	if (library.library.kind == NTMS_LIBRARYTYPE_OFFLINE)
		return ntms_say(ERROR_MEDIA_OFFLINE, "cartridge %s is in no library", media->name);
	if (!candidate->sides[candidate->chosen].side.usable)
		return ntms_say(ERROR_MEDIA_UNAVAILABLE,
				"cartridge %s or library %s is disabled or not there", media->name,
				library.name);
	return ERROR_SUCCESS;
}

static DWORD check_given_side(struct search *search, const struct candidate *candidate)
{
	const struct object *side = &candidate->sides[candidate->chosen];
	const struct object *media = &candidate->media;
	bool moves = !guid_equal(&media->media.pool, &search->pool.guid);
	DWORD code;

	if (!guid_equal(&media->media.media_type, &search->pool.pool.media_type))
		return ntms_say(ERROR_INVALID_MEDIA_POOL,
				"pool \"%s\" is for another type of media than cartridge %s",
				search->pool.name, media->name);
	code = check_usable(search->txn, candidate);
	if (code)
		return code;
	if (side->side.state != NTMS_PARTSTATE_AVAILABLE &&
	    side->side.state != NTMS_PARTSTATE_IMPORT)
		return ntms_say(ERROR_MEDIA_UNAVAILABLE, "side %u of cartridge %s is %s",
				side->side.side, media->name, side_state_word(side->side.state));
	if (!suits(search, candidate, moves))
		return ntms_say(ERROR_MEDIA_UNAVAILABLE,
				"side %u of cartridge %s cannot be allocated like this: it is worn "
				"out, in use, or its other side is not free",
				side->side.side, media->name);
	return ERROR_SUCCESS;
}

/* The side that the caller names. */
static DWORD find_given(struct search *search, struct candidate *candidate)
{
	struct object source;
	DWORD code = read_candidate(search->txn, &search->allocation->side, candidate);

	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_MEDIA, "there is no such side");
	if (!code)
		code = must_exist(store_get(search->txn, &candidate->media.media.pool,
					    NTMS_MEDIA_POOL, &source),
				  "pool", candidate->media.name);
	if (!code)
		code = rights_check(search->txn, &search->session->caller,
				    source.pool.kind == NTMS_POOLTYPE_SCRATCH ? RIGHT_ALLOCATE_FREE
									      : RIGHT_ALLOCATE,
				    &source);
	return code ? code : check_given_side(search, candidate);
}

/* The reserved side of the cartridge whose LMID the caller has. */
static DWORD find_next(struct search *search, struct candidate *candidate)
{
	struct object logical, side;
	struct store_key key;
	NTMS_GUID guid;
	DWORD code =
		store_get(search->txn, &search->allocation->logical, NTMS_LOGICAL_MEDIA, &logical);

	if (!code)
		code = store_get(search->txn, &logical.logical.side, NTMS_PARTITION, &side);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_MEDIA, "there is no such logical medium");
	if (code)
		return code;
	if (!guid_equal(&logical.logical.pool, &search->pool.guid))
		return ntms_say(ERROR_INVALID_MEDIA_POOL,
				"the logical medium is not in pool \"%s\"", search->pool.name);
	key_start(&key);
	key_guid(&key, &side.side.media);
	code = store_find(search->txn, IX_RESERVED, &key, &guid);
	if (!code && !guid_is_null(&search->allocation->side) &&
	    !guid_equal(&guid, &search->allocation->side))
		code = ERROR_OBJECT_NOT_FOUND;
	if (code == ERROR_OBJECT_NOT_FOUND || (!code && !logical.logical.allocated_new))
		return ntms_say(ERROR_MEDIA_UNAVAILABLE,
				"cartridge %s has no side reserved for this logical medium",
				side.name);
	if (code)
		return code;
	code = must_exist(read_candidate(search->txn, &guid, candidate), "cartridge", side.name);
	return code ? code : check_usable(search->txn, candidate);
}

static DWORD reserve_others(struct txn *txn, struct candidate *candidate)
{
	DWORD code = ERROR_SUCCESS;

	for (size_t i = 0; i < candidate->count && !code; i++) {
		if (i == candidate->chosen)
			continue;
		code = side_event(&candidate->sides[i], SIDE_RESERVE);
		if (!code)
			code = store_update(txn, &candidate->sides[i]);
	}
	return code;
}

/* Make it the caller's: the records of side and LMID. */
static DWORD take(struct search *search, struct candidate *candidate)
{
	struct allocation *allocation = search->allocation;
	bool shared = !(allocation->options & (NTMS_ALLOCATE_NEW | NTMS_ALLOCATE_NEXT));
	struct object logical;
	struct object *side = &candidate->sides[candidate->chosen];
	DWORD code;

	code = side_event(side, allocation->options & NTMS_ALLOCATE_NEXT ? SIDE_ALLOCATE_NEXT
									 : SIDE_ALLOCATE);
	if (code)
		return code;
	machine_object(&logical, NTMS_LOGICAL_MEDIA);
	memcpy(logical.name, candidate->media.name, sizeof(logical.name));
	logical.logical.side = side->guid;
	logical.logical.pool = search->pool.guid;
	logical.logical.allocated_new = !shared;
	code = store_insert(search->txn, &logical);
	if (code)
		return code;
	side->side.logical = logical.guid;
	code = store_update(search->txn, side);
	if (!code && (allocation->options & NTMS_ALLOCATE_NEW))
		code = reserve_others(search->txn, candidate);
	if (code)
		return code;
	allocation->logical = logical.guid;
	store_note(search->txn, &logical.guid, NTMS_LOGICAL_MEDIA, NTMS_EVENT_COMPLETE);
	return ERROR_SUCCESS;
}

static DWORD read_pool(struct search *search)
{
	DWORD code =
		store_get(search->txn, &search->allocation->pool, NTMS_MEDIA_POOL, &search->pool);

	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_MEDIA_POOL, "there is no such media pool");
	if (code)
		return code;
	if (search->pool.pool.kind != NTMS_POOLTYPE_APPLICATION)
		return ntms_say(ERROR_INVALID_MEDIA_POOL,
				"pool \"%s\" is the system's: allocate from an application pool",
				search->pool.name);
	if (guid_is_null(&search->pool.pool.media_type))
		return ntms_say(ERROR_INVALID_MEDIA_POOL, "pool \"%s\" is for pools, not for media",
				search->pool.name);
	return rights_check(search->txn, &search->session->caller, RIGHT_ALLOCATE, &search->pool);
}

static DWORD search_and_take(struct search *search)
{
	struct allocation *allocation = search->allocation;
	struct candidate candidate;
	DWORD code = read_pool(search);

	if (code)
		return code;
	if (allocation->options & NTMS_ALLOCATE_NEXT)
		code = find_next(search, &candidate);
	else if (!guid_is_null(&allocation->side))
		code = find_given(search, &candidate);
	else
		code = find_any(search, &candidate);
	search->nothing = code == ERROR_MEDIA_UNAVAILABLE;
	if (code)
		return code;
	allocation->from = candidate.media.media.pool;
	if (!guid_equal(&allocation->from, &search->pool.guid)) {
		NTMS_GUID chosen = candidate.sides[candidate.chosen].guid;

		code = media_set_pool(search->txn, &candidate.media, &search->pool.guid);
		if (!code)
			code = read_candidate(search->txn, &chosen, &candidate);
		if (code)
			return code;
	}
	return take(search, &candidate);
}

static DWORD attempt_once(struct session *session, struct allocation *allocation, bool *nothing)
{
	struct search search = {.session = session, .allocation = allocation};
	DWORD code = session_begin(session, &search.txn);

	*nothing = false;
	if (code)
		return code;
	code = txn_end(search.txn, search_and_take(&search));
	*nothing = search.nothing;
	return code;
}

/* That a library was away nobody may have taken back. */
static bool one_is_back(struct session *session)
{
	bool back = false;

	return !presence_look_at_absent(session->system, &back) && back;
}

static DWORD attempt(struct session *session, struct allocation *allocation)
{
	char said[256];
	bool nothing;
	DWORD code = attempt_once(session, allocation, &nothing);

	if (!code || !nothing)
		return code;
	snprintf(said, sizeof(said), "%s", ntms_said());
	if (one_is_back(session))
		return attempt_once(session, allocation, &nothing);
	return ntms_say(code, "%s", said);
}

/* The same, and a person asked when there is nothing: *@asked. */
static DWORD attempt_or_ask(struct session *session, struct allocation *allocation,
			    struct newmedia *newmedia, bool *asked)
{
	struct search search = {.session = session, .allocation = allocation};
	DWORD code = session_begin(session, &search.txn);

	*asked = false;
	if (code)
		return code;
	code = search_and_take(&search);
	if (!code) {
		code = newmedia_found(session, search.txn, newmedia);
	} else if (search.nothing) {
		code = newmedia_ask(session, search.txn, newmedia);
		*asked = !code;
	}
	return txn_end(search.txn, code);
}

/* What ended the wait is what the caller hears of, not what may go wrong here. */
static void ask_no_more(struct session *session, struct newmedia *newmedia)
{
	struct txn *txn;

	if (session_begin(session, &txn))
		return;
	txn_end(txn, newmedia_leave(session, txn, newmedia));
}

static DWORD wait_for_media(struct session *session, struct allocation *allocation)
{
	struct newmedia newmedia;
	struct patience patience;
	bool asked;
	DWORD code = patience_begin(&patience, session, clock_deadline(allocation->timeout_ms));

	if (code)
		return code;
	newmedia_init(&newmedia, &allocation->pool);
	do {
		code = attempt_or_ask(session, allocation, &newmedia, &asked);
		if (!code && asked && !one_is_back(session))
			code = patience_sleep(&patience, -1);
	} while (!code && asked);
	if (code)
		ask_no_more(session, &newmedia);
	newmedia_end(&newmedia);
	patience_end(&patience);
	return code;
}

DWORD allocate(struct session *session, struct allocation *allocation)
{
	bool patient =
		allocation->timeout_ms != 0 && guid_is_null(&allocation->side) &&
		!(allocation->options & (NTMS_ALLOCATE_NEXT | NTMS_ALLOCATE_ERROR_IF_UNAVAILABLE));
	DWORD code;

	if (!patient)
		return attempt(session, allocation);
	code = wait_for_media(session, allocation);
	if (code == ERROR_TIMEOUT)
		ntms_say(code, "no cartridge became available in the time allowed");
	return code;
}

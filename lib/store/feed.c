/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * feed.c - the ring of committed changes
 *
 * The entries are in a file of their own, read and written like the state file; how far they
 * are valid is in the state, which is written last. Who dies after the commit and before
 * that leaves the mark "inside", and the recovery that follows starts the feed anew at a greater
 * position. The file may hold anything: an entry that is not what was written for its position
 * is a change lost.
 */
#include <stdlib.h>
#include <unistd.h>
#include "base/say.h"
#include "store/feed.h"
#include "store/private.h"

/* As many entries are written or read with one call of the system. */
#define BATCH 64

struct entry {
	uint64_t position;
	uint8_t guid[16];
	uint8_t holder[16];
	uint32_t type;
	uint32_t operation;
	uint64_t zero;
	uint64_t sum; /* over all before */
};

_Static_assert(sizeof(struct entry) == 64, "entries fill the file without gaps");

static uint64_t sum_of(const struct entry *entry)
{
	const uint8_t *bytes = (const uint8_t *)entry;
	uint64_t sum = 14695981039346656037ULL;

	for (size_t i = 0; i < offsetof(struct entry, sum); i++)
		sum = (sum ^ bytes[i]) * 1099511628211ULL;
	return sum;
}

static void pack(const struct store_change *change, uint64_t position, struct entry *entry)
{
	memset(entry, 0, sizeof(*entry));
	entry->position = position;
	record_put_guid(entry->guid, &change->guid);
	record_put_guid(entry->holder, &change->holder);
	entry->type = change->type;
	entry->operation = change->operation;
	entry->sum = sum_of(entry);
}

static bool unpack(const struct entry *entry, uint64_t position, struct store_change *change)
{
	if (entry->position != position || entry->sum != sum_of(entry) ||
	    entry->operation < NTMS_OBJ_UPDATE || entry->operation > NTMS_EVENT_COMPLETE)
		return false;
	change->position = position;
	record_get_guid(entry->guid, &change->guid);
	record_get_guid(entry->holder, &change->holder);
	change->type = entry->type;
	change->operation = entry->operation;
	return true;
}

static off_t offset_of(uint64_t position)
{
	return (off_t)(position % STORE_FEED_SIZE * sizeof(struct entry));
}

/* How many of @count entries from @position on are one piece of the file. */
static size_t piece(uint64_t position, size_t count)
{
	size_t room = STORE_FEED_SIZE - position % STORE_FEED_SIZE;

	if (count > BATCH)
		count = BATCH;
	return count < room ? count : room;
}

void feed_restart(struct store *store)
{
	struct state *state = &store->state;

	/* A position that somebody has of before is below. */
	state->feed_head++;
	if (state->feed_head < state->generation)
		state->feed_head = state->generation;
	state->feed_base = state->feed_head;
}

static bool write_changes(struct store *store, const struct store_change *changes, size_t count)
{
	struct state *state = &store->state;
	struct entry entries[BATCH];
	size_t length, size;

	for (; count; changes += length, count -= length) {
		length = piece(state->feed_head, count);
		for (size_t i = 0; i < length; i++)
			pack(&changes[i], state->feed_head + i, &entries[i]);
		size = length * sizeof(entries[0]);
		if (pwrite(store->feed_fd, entries, size, offset_of(state->feed_head)) !=
		    (ssize_t)size)
			return false;
		state->feed_head += length;
	}
	return true;
}

void feed_publish(struct txn *txn)
{
	struct feed *feed = &txn->feed;

	if (feed->lost || !write_changes(txn->store, feed->changes, feed->count))
		feed_restart(txn->store);
}

static void append(struct txn *txn, const struct store_change *change)
{
	struct feed *feed = &txn->feed;
	struct store_change *changes;
	size_t room;

	if (feed->lost)
		return;
	if (feed->count == feed->room) {
		room = feed->room ? feed->room * 2 : 16;
		changes = feed->room < STORE_FEED_SIZE
				  ? reallocarray(feed->changes, room, sizeof(*changes))
				  : NULL;
		if (!changes) {
			feed->lost = true;
			return;
		}
		feed->changes = changes;
		feed->room = room;
	}
	feed->changes[feed->count++] = *change;
}

/* What the last BATCH changes of the transaction say of the object already. */
static struct store_change *find_change(struct txn *txn, const NTMS_GUID *guid, uint32_t operation)
{
	struct feed *feed = &txn->feed;

	for (size_t i = feed->count; i > 0 && feed->count - i < BATCH; i--) {
		struct store_change *change = &feed->changes[i - 1];

		if (change->operation == operation &&
		    memcmp(&change->guid, guid, sizeof(*guid)) == 0)
			return change;
	}
	return NULL;
}

static uint32_t state_of(const struct object *obj)
{
	switch (obj->type) {
	case NTMS_CHANGER:
	case NTMS_DRIVE:
	case NTMS_STORAGESLOT:
	case NTMS_IEPORT:
	case NTMS_IEDOOR:
		return obj->device.state;
	case NTMS_PHYSICAL_MEDIA:
		return obj->media.state;
	case NTMS_PARTITION:
		return obj->side.state;
	case NTMS_LIBREQUEST:
		return obj->librequest.state;
	case NTMS_OPREQUEST:
		return obj->oprequest.state;
	default:
		return 0;
	}
}

static void add(struct txn *txn, const struct object *obj, uint32_t operation)
{
	struct store_change change = {.guid = obj->guid, .type = obj->type, .operation = operation};

	if (find_change(txn, &obj->guid, operation))
		return;
	if (object_holder(obj, &change.holder) == NTMS_MEDIA_POOL && obj->type == NTMS_MEDIA_POOL)
		change.holder = obj->pool.parent;
	append(txn, &change);
}

/* Made and deleted by the same transaction it has never been. */
static bool forget_insert(struct txn *txn, const NTMS_GUID *guid)
{
	struct store_change *change = find_change(txn, guid, NTMS_OBJ_INSERT);
	struct feed *feed = &txn->feed;

	if (!change)
		return false;
	feed->count--;
	memmove(change, change + 1,
		(size_t)(feed->changes + feed->count - change) * sizeof(*change));
	return true;
}

void feed_change(struct txn *txn, const struct object *old, const struct object *new)
{
	if (!old) {
		add(txn, new, NTMS_OBJ_INSERT);
		return;
	}
	if (!new) {
		if (!forget_insert(txn, &old->guid))
			add(txn, old, NTMS_OBJ_DELETE);
		return;
	}
	/* Made and written by the same transaction it is new, no more. */
	if (find_change(txn, &new->guid, NTMS_OBJ_INSERT))
		return;
	add(txn, new, NTMS_OBJ_UPDATE);
	if (old->opstate != new->opstate || state_of(old) != state_of(new))
		add(txn, new, NTMS_EVENT_SIGNAL);
}

void store_note(struct txn *txn, const NTMS_GUID *guid, uint32_t type, uint32_t operation)
{
	struct store_change change = {.guid = *guid, .type = type, .operation = operation};

	if (operation == NTMS_EVENT_SIGNAL || operation == NTMS_EVENT_COMPLETE)
		append(txn, &change);
}

uint64_t store_feed_position(struct txn *txn)
{
	return txn->store->state.feed_head;
}

static DWORD lost(struct store *store, uint64_t *position)
{
	*position = store->state.feed_head;
	return ntms_say(ERROR_NO_DATA,
			"changes of the database were not told: too many at once, or it was "
			"recovered; look at the objects themselves");
}

static bool read_changes(struct store *store, uint64_t position, struct store_change *changes,
			 size_t count)
{
	struct entry entries[BATCH];
	size_t length, size;

	for (; count; changes += length, position += length, count -= length) {
		length = piece(position, count);
		size = length * sizeof(entries[0]);
		if (pread(store->feed_fd, entries, size, offset_of(position)) != (ssize_t)size)
			return false;
		for (size_t i = 0; i < length; i++)
			if (!unpack(&entries[i], position + i, &changes[i]))
				return false;
	}
	return true;
}

DWORD store_feed_read(struct txn *txn, uint64_t *position, struct store_change *changes, size_t max,
		      size_t *count)
{
	struct store *store = txn->store;
	const struct state *state = &store->state;
	DWORD code = txn_usable(txn);
	uint64_t behind;

	*count = 0;
	if (code)
		return code;
	behind = state->feed_head - *position;
	if (*position < state->feed_base || *position > state->feed_head ||
	    behind > STORE_FEED_SIZE)
		return lost(store, position);
	if (behind < max)
		max = (size_t)behind;
	if (!read_changes(store, *position, changes, max))
		return lost(store, position);
	*position += max;
	*count = max;
	return ERROR_SUCCESS;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* test-store-feed.c - what has been committed is told to all, or it is told that it was not */
#include "kill-at.h"
#include "store-test.h"
#include "store/feed.h"

TestSuite(store_feed, .init = make_home_name, .fini = remove_home);

#define MANY 64

static uint64_t position_now(struct store *store)
{
	struct txn *txn = begin(store);
	uint64_t position = store_feed_position(txn);

	store_abort(txn);
	return position;
}

static DWORD read_feed(struct store *store, uint64_t *position, struct store_change *changes,
		       size_t *count)
{
	struct txn *txn = begin(store);
	DWORD code = store_feed_read(txn, position, changes, MANY, count);

	store_abort(txn);
	return code;
}

static struct object insert_named(struct txn *txn, uint32_t type, const char *name)
{
	struct object obj = {.type = type};

	snprintf(obj.name, sizeof(obj.name), "%s", name);
	must(store_insert(txn, &obj));
	return obj;
}

static void expect_change(const struct store_change *change, const NTMS_GUID *guid, uint32_t type,
			  uint32_t operation)
{
	cr_expect(guid_equal(&change->guid, guid));
	cr_expect_eq(change->type, type);
	cr_expect_eq(change->operation, operation, "operation %u instead of %u", change->operation,
		     operation);
}

Test(store_feed, changes_come_in_their_order)
{
	struct store *store = open_store(), *other = open_store();
	uint64_t position = position_now(other);
	struct store_change changes[MANY];
	struct object pool, side;
	struct txn *txn;
	size_t count;

	txn = begin(store);
	pool = insert_named(txn, NTMS_MEDIA_POOL, "pool");
	side = insert_named(txn, NTMS_PARTITION, "side");
	must(store_commit(txn));
	txn = begin(store);
	side.side.pool = pool.guid;
	must(store_update(txn, &side));
	must(store_commit(txn));
	txn = begin(store);
	side.side.state = NTMS_PARTSTATE_AVAILABLE;
	must(store_update(txn, &side));
	store_note(txn, &pool.guid, NTMS_MEDIA_POOL, NTMS_EVENT_COMPLETE);
	must(store_delete(txn, &pool.guid));
	must(store_commit(txn));

	must(read_feed(other, &position, changes, &count));
	cr_assert_eq(count, 7);
	expect_change(&changes[0], &pool.guid, NTMS_MEDIA_POOL, NTMS_OBJ_INSERT);
	expect_change(&changes[1], &side.guid, NTMS_PARTITION, NTMS_OBJ_INSERT);
	expect_change(&changes[2], &side.guid, NTMS_PARTITION, NTMS_OBJ_UPDATE);
	expect_change(&changes[3], &side.guid, NTMS_PARTITION, NTMS_OBJ_UPDATE);
	expect_change(&changes[4], &side.guid, NTMS_PARTITION, NTMS_EVENT_SIGNAL);
	expect_change(&changes[5], &pool.guid, NTMS_MEDIA_POOL, NTMS_EVENT_COMPLETE);
	expect_change(&changes[6], &pool.guid, NTMS_MEDIA_POOL, NTMS_OBJ_DELETE);
	cr_expect(guid_equal(&changes[4].holder, &pool.guid));
	for (size_t i = 1; i < count; i++)
		cr_expect_gt(changes[i].position, changes[i - 1].position);
	must(read_feed(other, &position, changes, &count));
	cr_assert_eq(count, 0);
	store_close(other);
	store_close(store);
}

Test(store_feed, what_is_not_committed_is_not_told)
{
	struct store *store = open_store();
	uint64_t position = position_now(store);
	struct store_change changes[MANY];
	struct object obj;
	struct txn *txn;
	size_t count;

	txn = begin(store);
	obj = insert_named(txn, NTMS_PARTITION, "never");
	store_note(txn, &obj.guid, NTMS_PARTITION, NTMS_EVENT_COMPLETE);
	store_abort(txn);
	/* Nor what was gone again before anybody could see it. */
	txn = begin(store);
	obj = insert_named(txn, NTMS_PARTITION, "short");
	must(store_update(txn, &obj));
	must(store_delete(txn, &obj.guid));
	must(store_commit(txn));
	must(read_feed(store, &position, changes, &count));
	cr_assert_eq(count, 0);
	store_close(store);
}

Test(store_feed, one_transaction_tells_of_an_object_once)
{
	struct store *store = open_store();
	struct store_change changes[MANY];
	struct object made, old;
	uint64_t position;
	struct txn *txn;
	size_t count;

	txn = begin(store);
	old = insert_named(txn, NTMS_PARTITION, "old");
	must(store_commit(txn));
	position = position_now(store);
	txn = begin(store);
	made = insert_named(txn, NTMS_PARTITION, "made");
	for (uint32_t i = 1; i <= 3; i++) {
		made.side.state = old.side.state = i;
		must(store_update(txn, &made));
		must(store_update(txn, &old));
	}
	must(store_commit(txn));
	must(read_feed(store, &position, changes, &count));
	cr_assert_eq(count, 3);
	expect_change(&changes[0], &made.guid, NTMS_PARTITION, NTMS_OBJ_INSERT);
	expect_change(&changes[1], &old.guid, NTMS_PARTITION, NTMS_OBJ_UPDATE);
	expect_change(&changes[2], &old.guid, NTMS_PARTITION, NTMS_EVENT_SIGNAL);
	store_close(store);
}

/* A transaction of notes alone wakes those who watch, and they find them. */
Test(store_feed, a_note_needs_no_change)
{
	struct store *store = open_store(), *other = open_store();
	uint64_t position = position_now(other);
	struct store_change changes[MANY];
	struct txn *txn = begin(store);
	NTMS_GUID guid;
	size_t count;
	char bytes[64];
	int fd;

	must(store_watch_open(other, &fd));
	guid_make(&guid);
	store_note(txn, &guid, NTMS_LIBRARY, NTMS_EVENT_COMPLETE);
	/* What the store sees by itself cannot be claimed. */
	store_note(txn, &guid, NTMS_LIBRARY, NTMS_OBJ_DELETE);
	must(store_commit(txn));
	cr_assert_gt(read(fd, bytes, sizeof(bytes)), 0);
	must(read_feed(other, &position, changes, &count));
	cr_assert_eq(count, 1);
	expect_change(&changes[0], &guid, NTMS_LIBRARY, NTMS_EVENT_COMPLETE);
	store_watch_close(fd);
	store_close(other);
	store_close(store);
}

static void note(struct store *store, size_t count)
{
	struct txn *txn = begin(store);
	NTMS_GUID guid;

	guid_make(&guid);
	for (size_t i = 0; i < count; i++)
		store_note(txn, &guid, NTMS_DRIVE, NTMS_EVENT_SIGNAL);
	must(store_commit(txn));
}

static void expect_all(struct store *store, uint64_t position, size_t expected)
{
	struct store_change changes[MANY];
	size_t count, total = 0;

	do {
		must(read_feed(store, &position, changes, &count));
		total += count;
	} while (count);
	cr_expect_eq(total, expected, "%zu changes instead of %zu", total, expected);
}

Test(store_feed, it_keeps_so_many_and_tells_of_more)
{
	struct store *store = open_store();
	uint64_t position = position_now(store), late;
	struct store_change changes[MANY];
	size_t count;

	/* Around the end of the file, wherever it begins. */
	note(store, STORE_FEED_SIZE - 10);
	note(store, 10);
	expect_all(store, position, STORE_FEED_SIZE);
	note(store, 1);
	late = position;
	must_be(read_feed(store, &late, changes, &count), ERROR_NO_DATA);
	cr_expect_eq(count, 0);
	cr_expect_eq(late, position_now(store));
	expect_all(store, position + 1, STORE_FEED_SIZE);
	/* More than there is room for in one transaction. */
	late = position_now(store);
	note(store, STORE_FEED_SIZE + 1);
	must_be(read_feed(store, &late, changes, &count), ERROR_NO_DATA);
	note(store, 3);
	expect_all(store, late, 3);
	/* And a position that nobody has been given. */
	late = position_now(store) + 1;
	must_be(read_feed(store, &late, changes, &count), ERROR_NO_DATA);
	late = 0;
	must_be(read_feed(store, &late, changes, &count), ERROR_NO_DATA);
	store_close(store);
}

static int open_feed(void)
{
	char path[PATH_MAX + 16];
	int fd;

	snprintf(path, sizeof(path), "%s/feed", home);
	fd = open(path, O_RDWR);
	cr_assert_geq(fd, 0);
	return fd;
}

/* Every byte of an entry counts. */
Test(store_feed, a_damaged_entry_is_not_told)
{
	struct store *store = open_store();
	uint64_t start = position_now(store), position;
	struct store_change changes[MANY];
	int fd = open_feed();
	size_t count;

	note(store, 3);
	for (off_t at = 0; at < 64; at++) {
		off_t offset = (off_t)((start + 1) % STORE_FEED_SIZE * 64) + at;
		uint8_t good, bad;

		cr_assert_eq(pread(fd, &good, 1, offset), 1);
		bad = good ^ 0x40;
		cr_assert_eq(pwrite(fd, &bad, 1, offset), 1);
		position = start;
		must_be(read_feed(store, &position, changes, &count), ERROR_NO_DATA);
		cr_assert_eq(pwrite(fd, &good, 1, offset), 1);
	}
	expect_all(store, start, 3);
	cr_assert_eq(ftruncate(fd, 0), 0);
	position = start;
	must_be(read_feed(store, &position, changes, &count), ERROR_NO_DATA);
	close(fd);
	store_close(store);
}

/* --- kill -9 -------------------------------------------------------------------------- */

static int insert_one(void *context)
{
	struct object obj = {.type = NTMS_PARTITION};
	struct store *store;
	struct txn *txn;

	(void)context;
	die_with_parent();
	child_must(store_open(home, false, &store));
	kill_at_begin();
	child_must(store_begin(store, STORE_DEADLINE_DEFAULT, &txn));
	child_must(store_insert(txn, &obj));
	child_must(store_commit(txn));
	return 0;
}

static size_t count_sides(struct store *store)
{
	struct txn *txn = begin(store);
	struct store_key key;
	size_t count;

	key_start(&key);
	key_u32(&key, NTMS_PARTITION);
	must(store_count(txn, IX_TYPE, &key, &count));
	store_abort(txn);
	return count;
}

/* Whatever moment somebody dies at: what he committed is told, or that something is not. */
Test(store_feed, who_dies_loses_nothing_in_silence, .timeout = 240)
{
	struct store *store = open_store();
	uint64_t position = position_now(store), before;
	size_t known = 0, count, told = 0, lost = 0;
	struct store_change changes[MANY];
	bool killed = true;
	DWORD code;

	for (int stop = 1; killed; stop++) {
		killed = kill_at(insert_one, NULL, stop);
		before = position;
		code = read_feed(store, &position, changes, &count);
		if (code == ERROR_NO_DATA) {
			known = count_sides(store);
			lost++;
			cr_assert_gt(position, before);
			continue;
		}
		must(code);
		for (size_t i = 0; i < count; i++)
			cr_assert_eq(changes[i].operation, NTMS_OBJ_INSERT);
		known += count;
		told += count;
		cr_assert_eq(known, count_sides(store), "killed at stop %d", stop);
	}
	/* It was killed inside and outside. */
	cr_assert_gt(lost, 3);
	cr_assert_gt(told, 3);
	store_close(store);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* test-store-export.c - the content of a store in a file, and back, whatever happens in between */
#include <errno.h>
#include <uuid/uuid.h>
#include "kill-at.h"
#include "store-test.h"
#include "store/export.h"
#include "store/feed.h"

static void setup(void)
{
	make_home_name();
}

static void teardown(void)
{
	char command[PATH_MAX + 16];

	snprintf(command, sizeof(command), "rm -rf '%s'", home);
	cr_assert_eq(system(command), 0);
}

TestSuite(store_export, .init = setup, .fini = teardown, .timeout = 300);

/* ---- a store with something in it ---- */

static NTMS_GUID guid_of(uint32_t number)
{
	NTMS_GUID guid = {.Data1 = 0x1000 + number, .Data4 = {1}};

	return guid;
}

static struct object pool_of(uint32_t number, uint32_t mark)
{
	struct object pool = {.guid = guid_of(number), .type = NTMS_MEDIA_POOL, .enabled = TRUE};

	snprintf(pool.name, sizeof(pool.name), "pool %u", number);
	pool.pool.max_allocates = mark;
	return pool;
}

static void fill(struct store *store, uint32_t first, uint32_t count, uint32_t mark)
{
	struct txn *txn = begin(store);

	for (uint32_t i = first; i < first + count; i++) {
		struct object pool = pool_of(i, mark);

		must(store_insert(txn, &pool));
	}
	must(store_commit(txn));
}

static void empty(struct store *store, uint32_t first, uint32_t count)
{
	struct txn *txn = begin(store);

	for (uint32_t i = first; i < first + count; i++) {
		NTMS_GUID guid = guid_of(i);

		must(store_delete(txn, &guid));
	}
	must(store_commit(txn));
}

/* The marks of all objects, added up, and how many there are. */
static uint32_t marks(struct store *store, size_t *count)
{
	struct txn *txn = begin(store);
	struct store_key key;
	NTMS_GUID *list;
	uint32_t sum = 0;

	must(store_check(txn, count));
	key_start(&key);
	must(store_list(txn, IX_TYPE, &key, 0, &list, count));
	for (size_t i = 0; i < *count; i++) {
		struct object obj;

		must(store_get(txn, &list[i], NTMS_MEDIA_POOL, &obj));
		sum += obj.pool.max_allocates;
	}
	free(list);
	store_abort(txn);
	return sum;
}

static void expect_content(struct store *store, size_t count, uint32_t sum)
{
	size_t found;

	cr_assert_eq(marks(store, &found), sum);
	cr_assert_eq(found, count);
}

static DWORD export_all(struct store *store)
{
	struct store_export *export;
	struct txn *txn;
	DWORD code = store_export_open(store, &export);

	if (code)
		return code;
	code = store_begin(store, STORE_DEADLINE_DEFAULT, &txn);
	if (!code) {
		code = store_export_write(export, txn);
		store_abort(txn);
	}
	if (!code)
		return store_export_finish(export);
	store_export_drop(export);
	return code;
}

static DWORD import_all(struct store *store)
{
	struct txn *txn;
	DWORD code = store_begin(store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = store_import(txn);
	if (!code)
		return store_commit(txn);
	store_abort(txn);
	return code;
}

/* ---- the file ---- */

static const char *path_of(const char *name)
{
	static char path[PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s/Export/%s", home, name);
	return path;
}

static uint8_t *read_file(size_t *size)
{
	FILE *file = fopen(path_of(STORE_EXPORT_FILE), "rb");
	uint8_t *bytes = malloc(1 << 20);

	cr_assert(file && bytes);
	*size = fread(bytes, 1, 1 << 20, file);
	fclose(file);
	return bytes;
}

static void write_file(const uint8_t *bytes, size_t size)
{
	FILE *file = fopen(path_of(STORE_EXPORT_FILE), "wb");

	cr_assert_not_null(file);
	cr_assert_eq(fwrite(bytes, 1, size, file), size);
	cr_assert_eq(fclose(file), 0);
}

#define HEAD	32
#define END	32
#define ID_SIZE 16

/* Give a file that was tampered with the digest that it should have, so far as it has parts. */
static void seal(uint8_t *bytes, size_t size)
{
	uuid_t digest, next;
	size_t at = HEAD;

	uuid_parse("3f1d8a52-7c4e-5b90-9a36-d1e204c7f86b", digest);
	uuid_generate_sha1(next, digest, (char *)bytes, HEAD);
	while (at + sizeof(uint32_t) + ID_SIZE <= size - END) {
		uint32_t length;

		memcpy(&length, bytes + at, sizeof(length));
		if (length > size - END - at - sizeof(length) - ID_SIZE)
			return;
		uuid_copy(digest, next);
		uuid_generate_sha1(next, digest, (char *)bytes + at, length + 20);
		at += length + 20;
	}
	uuid_copy(digest, next);
	uuid_generate_sha1(next, digest, (char *)bytes + size - END, 16);
	memcpy(bytes + size - 16, next, 16);
}

/* ---- there and back ---- */

Test(store_export, all_comes_back)
{
	struct store *store = open_store();
	struct object before, after;
	NTMS_GUID guid = guid_of(2);
	struct txn *txn;

	fill(store, 1, 3, 1);
	txn = begin(store);
	must(store_get(txn, &guid, NTMS_MEDIA_POOL, &before));
	store_abort(txn);
	must(export_all(store));
	empty(store, 1, 2);
	fill(store, 10, 4, 100);
	must(import_all(store));
	expect_content(store, 3, 3);
	txn = begin(store);
	must(store_get(txn, &guid, NTMS_MEDIA_POOL, &after));
	store_abort(txn);
	cr_assert_arr_eq(&before, &after, sizeof(before));
	/* What is made from now on is younger than all there is. */
	fill(store, 20, 1, 0);
	guid = guid_of(20);
	txn = begin(store);
	must(store_get(txn, &guid, NTMS_MEDIA_POOL, &after));
	store_abort(txn);
	cr_assert_eq(after.seq, 4);
	store_close(store);
	store = open_store();
	expect_content(store, 4, 3);
	store_close(store);
}

Test(store_export, into_another_store)
{
	struct store *store = open_store();
	size_t size;
	uint8_t *bytes;

	fill(store, 1, 3, 1);
	must(export_all(store));
	bytes = read_file(&size);
	store_close(store);
	teardown();
	setup();
	store = open_store();
	cr_assert_eq(mkdir(path_of(""), 0700), 0);
	write_file(bytes, size);
	must(import_all(store));
	expect_content(store, 3, 3);
	store_close(store);
	free(bytes);
}

Test(store_export, an_empty_store)
{
	struct store *store = open_store();

	must(export_all(store));
	fill(store, 1, 3, 1);
	must(import_all(store));
	expect_content(store, 0, 0);
	store_close(store);
}

Test(store_export, many_objects)
{
	struct store *store = open_store();

	fill(store, 1, 3000, 1);
	must(export_all(store));
	empty(store, 500, 2000);
	must(import_all(store));
	expect_content(store, 3000, 3000);
	store_close(store);
}

Test(store_export, readers_of_the_feed_have_to_look_anew)
{
	struct store *store = open_store();
	struct store_change changes[4];
	uint64_t position;
	struct txn *txn;
	size_t count;

	must(export_all(store));
	txn = begin(store);
	position = store_feed_position(txn);
	store_abort(txn);
	must(import_all(store));
	txn = begin(store);
	must_be(store_feed_read(txn, &position, changes, 4, &count), ERROR_NO_DATA);
	store_abort(txn);
	store_close(store);
}

/* ---- refused ---- */

Test(store_export, nothing_was_exported)
{
	struct store *store = open_store();

	fill(store, 1, 1, 1);
	must_be(import_all(store), ERROR_DATABASE_FAILURE);
	cr_assert_eq(mkdir(path_of(""), 0700), 0);
	must_be(import_all(store), ERROR_DATABASE_FAILURE);
	cr_assert_neq(ntms_said()[0], '\0');
	expect_content(store, 1, 1);
	store_close(store);
}

Test(store_export, one_is_being_written)
{
	struct store *store = open_store();
	struct store_export *first, *second;

	must(store_export_open(store, &first));
	must_be(store_export_open(store, &second), ERROR_SHARING_VIOLATION);
	cr_assert_null(second);
	store_export_drop(first);
	must(export_all(store));
	store_close(store);
}

Test(store_export, no_file_where_it_should_be)
{
	struct store *store = open_store();

	cr_assert_eq(mkdir(path_of(""), 0700), 0);
	cr_assert_eq(mkdir(path_of(STORE_EXPORT_FILE), 0700), 0);
	must_be(import_all(store), ERROR_DATABASE_FAILURE);
	must_be(export_all(store), ERROR_DATABASE_FAILURE);
	cr_assert_eq(rmdir(path_of(STORE_EXPORT_FILE)), 0);
	/* Nobody is led elsewhere. */
	cr_assert_eq(symlink("/dev/null", path_of(STORE_EXPORT_FILE)), 0);
	must_be(import_all(store), ERROR_DATABASE_FAILURE);
	cr_assert_eq(unlink(path_of(STORE_EXPORT_FILE)), 0);
	cr_assert_eq(mkfifo(path_of(STORE_EXPORT_FILE), 0600), 0);
	must_be(import_all(store), ERROR_DATABASE_FAILURE);
	store_close(store);
}

/* No byte can be another one. */
Test(store_export, every_byte_counts)
{
	struct store *store = open_store();
	uint8_t *bytes;
	size_t size;

	fill(store, 1, 3, 1);
	must(export_all(store));
	bytes = read_file(&size);
	empty(store, 3, 1);
	for (size_t i = 0; i < size; i++) {
		bytes[i] ^= 0x41;
		write_file(bytes, size);
		must_be(import_all(store), ERROR_DATABASE_FAILURE);
		cr_assert_neq(ntms_said()[0], '\0');
		bytes[i] ^= 0x41;
	}
	expect_content(store, 2, 2);
	write_file(bytes, size);
	must(import_all(store));
	expect_content(store, 3, 3);
	store_close(store);
	free(bytes);
}

Test(store_export, every_length_counts)
{
	struct store *store = open_store();
	uint8_t *bytes;
	size_t size;

	fill(store, 1, 3, 1);
	must(export_all(store));
	bytes = read_file(&size);
	empty(store, 3, 1);
	for (size_t length = 0; length < size; length++) {
		write_file(bytes, length);
		must_be(import_all(store), ERROR_DATABASE_FAILURE);
	}
	bytes[size] = 0;
	write_file(bytes, size + 1);
	must_be(import_all(store), ERROR_DATABASE_FAILURE);
	expect_content(store, 2, 2);
	store_close(store);
	free(bytes);
}

static uint8_t *record_at(uint8_t *bytes, unsigned int number)
{
	uint8_t *at = bytes + HEAD;
	uint32_t length;

	while (number--) {
		memcpy(&length, at, sizeof(length));
		at += sizeof(length) + ID_SIZE + length;
	}
	return at;
}

/* What somebody made who knows how the digest is made. */
Test(store_export, well_sealed_and_wrong)
{
	struct store *store = open_store();
	uint8_t *good, *bad;
	size_t size;

	fill(store, 1, 3, 1);
	must(export_all(store));
	good = read_file(&size);
	bad = malloc(size);
	cr_assert(bad);
	for (int i = 0; i < 8; i++) {
		memcpy(bad, good, size);
		if (i == 0)
			bad[8] = 2; /* format */
		if (i == 1)
			bad[8] = 0;
		if (i == 2)
			bad[12] = 1; /* has to be zero */
		if (i == 3)
			memset(bad + 24, 0, 8); /* the newest object */
		if (i == 4)
			memset(record_at(bad, 0) + 4, 0, ID_SIZE);
		if (i == 5) /* twice */
			memcpy(record_at(bad, 1) + 4, record_at(bad, 0) + 4, ID_SIZE);
		if (i == 6)
			record_at(bad, 2)[20] = 99; /* version of the record */
		if (i == 7)
			bad[size - END + 8]++; /* number of records */
		seal(bad, size);
		write_file(bad, size);
		must_be(import_all(store), ERROR_DATABASE_FAILURE);
		cr_assert_neq(ntms_said()[0], '\0', "case %d", i);
	}
	memcpy(bad, good, size);
	seal(bad, size);
	cr_assert_arr_eq(bad, good, size, "the test seals otherwise");
	expect_content(store, 3, 3);
	store_close(store);
	free(good);
	free(bad);
}

static uint32_t dice(uint64_t *state)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(*state >> 33);
}

/* Whatever the content is: refused, or a store whose index agrees with its records. */
Test(store_export, well_sealed_at_random)
{
	struct store *store = open_store();
	uint64_t state = 20261121;
	size_t size, taken = 0;
	uint8_t *good, *bad;

	fill(store, 1, 3, 1);
	must(export_all(store));
	good = read_file(&size);
	bad = malloc(size);
	cr_assert(bad);
	for (int i = 0; i < 1000; i++) {
		struct txn *txn = begin(store);
		size_t count;
		DWORD code;

		memcpy(bad, good, size);
		for (uint32_t edits = 1 + dice(&state) % 3; edits; edits--)
			bad[HEAD + dice(&state) % (size - HEAD - END)] = (uint8_t)dice(&state);
		seal(bad, size);
		write_file(bad, size);
		code = store_import(txn);
		if (!code) {
			must(store_check(txn, &count));
			taken++;
		} else {
			cr_assert_eq(code, ERROR_DATABASE_FAILURE);
		}
		store_abort(txn);
	}
	cr_assert_gt(taken, 0);
	cr_assert_lt(taken, 1000);
	expect_content(store, 3, 3);
	store_close(store);
	free(good);
	free(bad);
}

/* ---- killed ---- */

static int export_killed(void *context)
{
	struct store *store;

	(void)context;
	if (store_open(home, false, &store))
		return 1;
	kill_at_begin();
	return export_all(store) ? 2 : 0;
}

/* The file is the one before or the new one, whole, and the next export is not hindered. */
Test(store_export, killed_at_every_system_call_of_an_export)
{
	struct store *store = open_store();
	int stop = 0, news = 0;
	bool killed;

	fill(store, 1, 2, 1);
	must(export_all(store));
	fill(store, 3, 1, 1);
	do {
		size_t count;

		killed = kill_at(export_killed, NULL, ++stop);
		must(import_all(store));
		count = marks(store, &count);
		cr_assert(count == 2 || count == 3, "stop %d: %zu", stop, count);
		news += count == 3;
		/* As before, for the next one. */
		if (count == 3) {
			empty(store, 3, 1);
			must(export_all(store));
			fill(store, 3, 1, 1);
		} else {
			fill(store, 3, 1, 1);
		}
	} while (killed);
	cr_assert_gt(stop, 10);
	cr_assert_gt(news, 1);
	store_close(store);
}

static int import_killed(void *context)
{
	struct store *store;

	(void)context;
	if (store_open(home, false, &store))
		return 1;
	kill_at_begin();
	return import_all(store) ? 2 : 0;
}

/* Everything is replaced, or nothing is. */
Test(store_export, killed_at_every_system_call_of_an_import)
{
	struct store *store = open_store();
	int stop = 0, olds = 0, news = 0;
	bool killed;

	fill(store, 1, 40, 1);
	must(export_all(store));
	empty(store, 1, 40);
	fill(store, 100, 30, 1000);
	do {
		size_t count;
		uint32_t sum;

		killed = kill_at(import_killed, NULL, ++stop);
		sum = marks(store, &count);
		if (count == 30 && sum == 30000) {
			olds++;
			continue;
		}
		cr_assert(count == 40 && sum == 40, "stop %d: %zu objects, %u", stop, count, sum);
		news++;
		empty(store, 1, 40);
		fill(store, 100, 30, 1000);
	} while (killed);
	cr_assert_gt(olds, 5);
	cr_assert_gt(news, 1);
	store_close(store);
}

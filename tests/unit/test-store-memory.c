/* SPDX-License-Identifier: GPL-2.0-only */
/* test-store-memory.c - every allocation of Berkeley DB fails once, and nothing else breaks */
#include <db.h>
#include <errno.h>
#include "store-test.h"

/* What Berkeley DB allocated before an allocation failed it often forgets. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libdb-5.3.so";
}

TestSuite(store_memory, .init = make_home_name, .fini = remove_home);

/* How many allocations go well before one fails; negative for never. */
static long before_failure = -1;
static bool fail_for_good; /* and all that follow */
static size_t failures;

static bool fails(void)
{
	if (before_failure < 0)
		return false;
	if (before_failure > 0) {
		before_failure--;
		return false;
	}
	if (!fail_for_good)
		before_failure = -1;
	failures++;
	return true;
}

/*
 * Berkeley DB does not survive it when an allocation of db_env_create() fails, so they
 * are left alone: the first is known by its size, and how many follow is counted.
 */
static bool learning;
static size_t env_size;
static long env_allocations;
static long spared;

static bool is_spared(size_t size)
{
	if (learning) {
		if (env_allocations++ == 0)
			env_size = size;
		return true;
	}
	if (size == env_size)
		spared = env_allocations;
	if (spared == 0)
		return false;
	spared--;
	return true;
}

static void *scarce_malloc(size_t size)
{
	if (!is_spared(size) && fails()) {
		errno = ENOMEM;
		return NULL;
	}
	return malloc(size);
}

static void *scarce_realloc(void *old, size_t size)
{
	if (fails()) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(old, size);
}

static void start_failing(long after, bool for_good)
{
	before_failure = after;
	fail_for_good = for_good;
	failures = 0;
}

static void stop_failing(void)
{
	before_failure = -1;
}

static DWORD write_one(struct store *store, struct object *obj)
{
	struct store_key key;
	NTMS_GUID *list;
	struct txn *txn;
	size_t count;
	DWORD code;

	code = store_begin(store, STORE_DEADLINE_DEFAULT, &txn);
	if (code)
		return code;
	key_start(&key);
	key_u32(&key, NTMS_LIBRARY);
	code = store_list(txn, IX_TYPE, &key, 0, &list, &count);
	if (!code) {
		free(list);
		code = store_insert(txn, obj);
	}
	if (!code)
		code = store_update(txn, obj);
	if (code) {
		store_abort(txn);
		return code;
	}
	return store_commit(txn);
}

/* Open, write, close, with one failure on the way. */
static DWORD run(struct object *obj)
{
	struct store *store;
	DWORD code;

	code = store_open(home, true, &store);
	if (code)
		return code;
	code = write_one(store, obj);
	/* A failure must not spoil what comes after it. */
	if (code)
		write_one(store, obj);
	store_close(store);
	return code;
}

static size_t count_now(void)
{
	struct store *store = open_store();
	struct txn *txn = begin(store);
	size_t count;

	must(store_check(txn, &count));
	store_abort(txn);
	store_close(store);
	return count;
}

/* Learn what db_env_create() allocates. */
static void learn_env_create(void)
{
	DB_ENV *env;

	learning = true;
	cr_assert_eq(db_env_create(&env, 0), 0);
	learning = false;
	env->close(env, 0);
	cr_assert_gt(env_allocations, 1);
}

/* Fail the n-th allocation for every n there is; @prepare makes what each round starts from. */
static void fail_each(bool for_good, void (*prepare)(void))
{
	size_t rounds = 0, before;
	DWORD code;

	db_env_set_func_malloc(scarce_malloc);
	db_env_set_func_realloc(scarce_realloc);
	learn_env_create();
	for (long after = 0;; after++) {
		struct object obj = {.type = NTMS_LIBRARY, .name = "library"};
		size_t now;

		before = count_now();
		prepare();
		start_failing(after, for_good);
		code = run(&obj);
		stop_failing();
		now = count_now();
		cr_assert(code == ERROR_SUCCESS || code == ERROR_NOT_ENOUGH_MEMORY,
			  "allocation %ld: %u %s", after, code, ntms_said());
		if (code == ERROR_SUCCESS)
			cr_assert_eq(now, before + 1, "allocation %ld: %zu after %zu", after, now,
				     before);
		else
			cr_assert_leq(now, before + 1);
		if (failures == 0)
			break;
		rounds++;
	}
	cr_assert_gt(rounds, 20);
}

static void as_it_is(void)
{
}

static void without_regions(void)
{
	remove_files("__db.");
}

Test(store_memory, joining, .timeout = 120)
{
	fail_each(false, as_it_is);
}

Test(store_memory, joining_and_no_more_memory, .timeout = 120)
{
	fail_each(true, as_it_is);
}

Test(store_memory, recovering_and_no_more_memory, .timeout = 120)
{
	fail_each(true, without_regions);
}

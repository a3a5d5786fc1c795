// SPDX-License-Identifier: GPL-2.0-only
/* Media pools: names, rights, deletion, and every move of the table. */
#include "session-test.h"
#include "base/utf.h"

TestSuite(pools, .init = open_library, .fini = close_library);

Test(pools, found_media_wait_in_unrecognized)
{
	cr_assert(is_in(&tapes[0], &unrecognized_lto));
	cr_assert_eq(side_state(&tapes[0], 0), NTMS_PARTSTATE_UNKNOWN);
}

Test(pools, create_open_and_name)
{
	NTMS_GUID top, below, again;
	char name[64];
	WCHAR wide[64];
	DWORD size = sizeof(name);

	must(CreateNtmsMediaPoolA(session, "Apps", NULL, NTMS_CREATE_NEW, NULL, &top));
	must(CreateNtmsMediaPoolA(session,
				  "\\Apps\\B\xC3\xBC"
				  "cher",
				  &lto, NTMS_OPEN_ALWAYS, NULL, &below));
	must(CreateNtmsMediaPoolW(session, u"Apps\\B\u00FCcher", NULL, NTMS_OPEN_EXISTING, NULL,
				  &again));
	cr_assert_arr_eq(&below, &again, sizeof(below));
	must_be(CreateNtmsMediaPoolA(session,
				     "Apps\\B\xC3\xBC"
				     "cher",
				     &lto, NTMS_CREATE_NEW, NULL, &again),
		ERROR_ALREADY_EXISTS);

	must(GetNtmsMediaPoolNameA(session, &below, name, &size));
	cr_assert_str_eq(name, "Apps\\B\xC3\xBC"
			       "cher");
	cr_assert_eq(size, 13);
	size = 11;
	memset(name, 'x', sizeof(name));
	must_be(GetNtmsMediaPoolNameA(session, &below, name, &size), ERROR_INSUFFICIENT_BUFFER);
	cr_assert_eq(size, 13);
	cr_assert_eq(name[0], 'x', "something was written");
	size = 0;
	must_be(GetNtmsMediaPoolNameW(session, &below, NULL, &size), ERROR_INSUFFICIENT_BUFFER);
	cr_assert_eq(size, 12);
	must(GetNtmsMediaPoolNameW(session, &below, wide, &size));
	cr_assert_arr_eq(wide, u"Apps\\B\u00FCcher", 24);
}

Test(pools, found_by_either_separator_or_a_slash_of_their_own)
{
	NTMS_GUID top, below, slash, found;

	must(CreateNtmsMediaPoolA(session, "a", NULL, NTMS_CREATE_NEW, NULL, &top));
	must(CreateNtmsMediaPoolA(session, "a\\b", &lto, NTMS_CREATE_NEW, NULL, &below));
	must(RsmFindObject(session, "\\a\\b", NTMS_MEDIA_POOL, &found));
	cr_assert_arr_eq(&found, &below, sizeof(found));
	must(RsmFindObject(session, "a/b", NTMS_MEDIA_POOL, &found));
	cr_assert_arr_eq(&found, &below, sizeof(found));
	/* A pool that is really called so comes first. */
	must(CreateNtmsMediaPoolA(session, "a/b", &lto, NTMS_CREATE_NEW, NULL, &slash));
	must(RsmFindObject(session, "a/b", NTMS_MEDIA_POOL, &found));
	cr_assert_arr_eq(&found, &slash, sizeof(found));
	must_be(RsmFindObject(session, "a/c", NTMS_MEDIA_POOL, &found), ERROR_OBJECT_NOT_FOUND);
}

Test(pools, names_that_are_refused)
{
	static const char *const bad[] = {
		"",	"\\",	"A\\",	"\\\\A",   "A\\\\B",
		"a\tb", "\x7F", "\xFF", "Free\\X", "Import\\LTO Ultrium\\X"};
	char longest[65], path[600];
	uint64_t before;
	NTMS_GUID pool;

	before = newest_change();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		must_be(CreateNtmsMediaPoolA(session, bad[i], NULL, NTMS_OPEN_ALWAYS, NULL, &pool),
			ERROR_INVALID_NAME);
	memset(longest, 'a', 64);
	longest[64] = '\0';
	must_be(CreateNtmsMediaPoolA(session, longest, NULL, NTMS_OPEN_ALWAYS, NULL, &pool),
		ERROR_INVALID_NAME);
	memset(path, 'a', sizeof(path));
	for (size_t i = 50; i < sizeof(path); i += 50)
		path[i] = '\\';
	path[599] = '\0';
	must_be(CreateNtmsMediaPoolA(session, path, NULL, NTMS_OPEN_ALWAYS, NULL, &pool),
		ERROR_INVALID_NAME);
	must_be(CreateNtmsMediaPoolW(session, (WCHAR[]){'A', 0xD800, 0}, NULL, NTMS_OPEN_ALWAYS,
				     NULL, &pool),
		ERROR_INVALID_NAME);
	cr_assert_eq(newest_change(), before, "a refused call changed something");
	longest[63] = '\0';
	must(CreateNtmsMediaPoolA(session, longest, NULL, NTMS_OPEN_ALWAYS, NULL, &pool));
}

Test(pools, create_errors)
{
	NTMS_GUID pool, none = NTMS_NULLGUID;
	SECURITY_ATTRIBUTES attributes = {.nLength = sizeof(attributes),
					  .lpSecurityDescriptor = "nonsense, and long enough"};
	uint64_t before = newest_change();

	must_be(CreateNtmsMediaPoolA(NULL, "A", NULL, NTMS_CREATE_NEW, NULL, &pool),
		ERROR_INVALID_HANDLE);
	must_be(CreateNtmsMediaPoolA(session, NULL, NULL, NTMS_CREATE_NEW, NULL, &pool),
		ERROR_INVALID_PARAMETER);
	must_be(CreateNtmsMediaPoolW(session, NULL, NULL, NTMS_CREATE_NEW, NULL, &pool),
		ERROR_INVALID_PARAMETER);
	must_be(CreateNtmsMediaPoolA(session, "A", NULL, NTMS_CREATE_NEW, NULL, NULL),
		ERROR_INVALID_PARAMETER);
	must_be(CreateNtmsMediaPoolA(session, "A", NULL, 0, NULL, &pool), ERROR_INVALID_PARAMETER);
	must_be(CreateNtmsMediaPoolA(session, "A", NULL, 4, NULL, &pool), ERROR_INVALID_PARAMETER);
	must_be(CreateNtmsMediaPoolA(session, "A", NULL, NTMS_CREATE_NEW, &attributes, &pool),
		ERROR_INVALID_PARAMETER);
	must_be(CreateNtmsMediaPoolA(session, "A", &library, NTMS_CREATE_NEW, NULL, &pool),
		ERROR_INVALID_MEDIA);
	must_be(CreateNtmsMediaPoolA(session, "A", NULL, NTMS_OPEN_EXISTING, NULL, &pool),
		ERROR_OBJECT_NOT_FOUND);
	must_be(CreateNtmsMediaPoolA(session, "A\\B", NULL, NTMS_CREATE_NEW, NULL, &pool),
		ERROR_OBJECT_NOT_FOUND);
	cr_assert_eq(GetLastError(), ERROR_OBJECT_NOT_FOUND);
	must_be(GetNtmsMediaPoolNameA(session, &none, NULL, &(DWORD){0}), ERROR_INVALID_MEDIA_POOL);
	must_be(GetNtmsMediaPoolNameA(session, &library, NULL, &(DWORD){0}),
		ERROR_INVALID_MEDIA_POOL);
	must_be(GetNtmsMediaPoolNameA(session, NULL, NULL, &(DWORD){0}), ERROR_INVALID_PARAMETER);
	must_be(GetNtmsMediaPoolNameW(session, &free_lto, NULL, &(DWORD){5}),
		ERROR_INVALID_PARAMETER);
	must_be(GetNtmsMediaPoolNameA(session, &free_lto, NULL, NULL), ERROR_INVALID_PARAMETER);
	cr_assert_eq(newest_change(), before, "a refused call changed something");
}

Test(pools, only_who_may)
{
	NTMS_GUID pool, other;

	become(1000);
	must_be(CreateNtmsMediaPoolA(session, "A", NULL, NTMS_CREATE_NEW, NULL, &pool),
		ERROR_ACCESS_DENIED);
	become(0);
	must(CreateNtmsMediaPoolA(session, "A", &lto, NTMS_CREATE_NEW, NULL, &pool));
	become(1000);
	must_be(CreateNtmsMediaPoolA(session, "A", NULL, NTMS_OPEN_EXISTING, NULL, &other),
		ERROR_ACCESS_DENIED);
	must(CreateNtmsMediaPoolA(session, "Free", NULL, NTMS_OPEN_EXISTING, NULL, &other));
	must_be(DeleteNtmsMediaPool(session, &pool), ERROR_ACCESS_DENIED);
	must_be(MoveToNtmsMediaPool(session, &tapes[0], &pool), ERROR_ACCESS_DENIED);
	must_be(GetNtmsMediaPoolNameA(session, &pool, NULL, &(DWORD){0}), ERROR_ACCESS_DENIED);
	cr_assert(exists(&pool));
}

Test(pools, delete)
{
	NTMS_GUID top, below;

	must(CreateNtmsMediaPoolA(session, "Apps", NULL, NTMS_CREATE_NEW, NULL, &top));
	must(CreateNtmsMediaPoolA(session, "Apps\\B", &lto, NTMS_CREATE_NEW, NULL, &below));
	must_be(DeleteNtmsMediaPool(session, &top), ERROR_NOT_EMPTY);
	place_in(&tapes[0], &below, NTMS_PARTSTATE_AVAILABLE);
	must_be(DeleteNtmsMediaPool(session, &below), ERROR_NOT_EMPTY);
	place_in(&tapes[0], &free_lto, NTMS_PARTSTATE_AVAILABLE);
	must(DeleteNtmsMediaPool(session, &below));
	must(DeleteNtmsMediaPool(session, &top));
	must_be(DeleteNtmsMediaPool(session, &top), ERROR_INVALID_MEDIA_POOL);
	must_be(DeleteNtmsMediaPool(session, &free_lto), ERROR_INVALID_MEDIA_POOL);
	must_be(DeleteNtmsMediaPool(session, &library), ERROR_INVALID_MEDIA_POOL);
	must_be(DeleteNtmsMediaPool(session, NULL), ERROR_INVALID_PARAMETER);
	must_be(DeleteNtmsMediaPool(NULL, &top), ERROR_INVALID_HANDLE);
}

/* The whole way: the drive writes a free label, and the side is there for everybody. */
Test(pools, blank_tape_becomes_free)
{
	struct object side;
	NTMS_GUID guid;

	must(MoveToNtmsMediaPool(session, &tapes[0], &free_lto));
	must(RsmWaitForMedia(session, &tapes[0], 60000));
	guid = side_of(&tapes[0], 0);
	side = read_object(&guid);
	cr_assert_eq(side.side.state, NTMS_PARTSTATE_AVAILABLE);
	cr_assert_str_eq(side.side.label_type, LABEL_TYPE_FREE);
	cr_assert_gt(side.side.label_id_length, 0);
	cr_assert(guid_equal(&side.side.pool, &free_lto));
}

Test(pools, every_move)
{
	NTMS_GUID a = make_pool("A"), b = make_pool("B");
	const NTMS_GUID *all[] = {&free_lto, &import_lto, &unrecognized_lto, &a};
	/* Row: from Free, Import, Unrecognized, application. Column: to the same. To Free is left
	 * to the test above, and to what follows. */
	static const DWORD expected[4][4] = {
		{ERROR_SUCCESS, ERROR_INVALID_MEDIA_POOL, ERROR_INVALID_MEDIA_POOL, ERROR_SUCCESS},
		{0, ERROR_SUCCESS, ERROR_INVALID_MEDIA_POOL, ERROR_INVALID_MEDIA_POOL},
		{0, ERROR_INVALID_MEDIA_POOL, ERROR_SUCCESS, ERROR_INVALID_MEDIA_POOL},
		{0, ERROR_INVALID_MEDIA_POOL, ERROR_INVALID_MEDIA_POOL, ERROR_SUCCESS},
	};
	static const uint32_t states[4] = {NTMS_PARTSTATE_AVAILABLE, NTMS_PARTSTATE_IMPORT,
					   NTMS_PARTSTATE_FOREIGN, NTMS_PARTSTATE_AVAILABLE};

	for (int from = 0; from < 4; from++) {
		for (int to = from ? 1 : 0; to < 4; to++) {
			NTMS_GUID target = *all[to];

			place_in(&tapes[0], all[from], states[from]);
			cr_expect_eq(MoveToNtmsMediaPool(session, &tapes[0], &target),
				     expected[from][to], "from %d to %d: %s", from, to,
				     RsmLastMessage());
			cr_expect_eq(side_state(&tapes[0], 0), states[from]);
			cr_expect(is_in(&tapes[0], expected[from][to] ? all[from] : all[to]));
		}
	}
	/* Between application pools anything goes, and an import goes back. */
	place_in(&tapes[0], &a, NTMS_PARTSTATE_ALLOCATED);
	must(MoveToNtmsMediaPool(session, &tapes[0], &b));
	place_in(&tapes[0], &a, NTMS_PARTSTATE_IMPORT);
	must(MoveToNtmsMediaPool(session, &tapes[0], &import_lto));
}

Test(pools, what_must_not_become_free)
{
	static const uint32_t states[] = {NTMS_PARTSTATE_ALLOCATED, NTMS_PARTSTATE_COMPLETE,
					  NTMS_PARTSTATE_RESERVED, NTMS_PARTSTATE_INCOMPATIBLE};
	NTMS_GUID a = make_pool("A");
	struct object type = read_object(&lto), media;
	uint64_t before;

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		place_in(&tapes[0], &a, states[i]);
		must_be(MoveToNtmsMediaPool(session, &tapes[0], &free_lto),
			ERROR_INVALID_MEDIA_POOL);
	}
	place_in(&tapes[0], &a, NTMS_PARTSTATE_AVAILABLE);
	media = read_object(&tapes[0]);
	media.media.state = NTMS_MEDIASTATE_LOADED;
	write_object(&media);
	before = newest_change();
	must_be(MoveToNtmsMediaPool(session, &tapes[0], &free_lto), ERROR_BUSY);
	must_be(MoveToNtmsMediaPool(session, &tapes[0], &tapes[1]), ERROR_INVALID_MEDIA_POOL);
	must_be(MoveToNtmsMediaPool(session, &a, &free_lto), ERROR_INVALID_MEDIA);
	must_be(MoveToNtmsMediaPool(session, NULL, &free_lto), ERROR_INVALID_PARAMETER);
	must_be(MoveToNtmsMediaPool(session, &tapes[0], NULL), ERROR_INVALID_PARAMETER);
	must_be(MoveToNtmsMediaPool(NULL, &tapes[0], &a), ERROR_INVALID_HANDLE);
	cr_assert_eq(newest_change(), before, "a refused call changed something");
	media.media.state = NTMS_MEDIASTATE_IDLE;
	write_object(&media);
	type.media_type.rw = NTMS_MEDIARW_WRITEONCE;
	write_object(&type);
	must_be(MoveToNtmsMediaPool(session, &tapes[0], &free_lto), ERROR_INVALID_MEDIA_POOL);
	/* And such media have their own way out of Import. */
	place_in(&tapes[0], &import_lto, NTMS_PARTSTATE_IMPORT);
	must(MoveToNtmsMediaPool(session, &tapes[0], &a));
}

/* Nobody could write the free label: "a side is in use or currently unavailable". */
Test(pools, what_is_disabled_does_not_become_free)
{
	uint32_t before = side_state(&tapes[0], 0);
	NTMS_GUID list[64];
	DWORD count = 64;

	must(DisableNtmsObject(session, NTMS_PHYSICAL_MEDIA, &tapes[0]));
	must_be(MoveToNtmsMediaPool(session, &tapes[0], &free_lto), ERROR_BUSY);
	must(EnableNtmsObject(session, NTMS_PHYSICAL_MEDIA, &tapes[0]));
	must(DisableNtmsObject(session, NTMS_LIBRARY, &library));
	must_be(MoveToNtmsMediaPool(session, &tapes[0], &free_lto), ERROR_BUSY);
	must(EnableNtmsObject(session, NTMS_LIBRARY, &library));
	cr_assert(is_in(&tapes[0], &unrecognized_lto));
	cr_assert_eq(side_state(&tapes[0], 0), before);
	must(EnumerateNtmsObject(session, NULL, list, &count, NTMS_OPREQUEST, 0));
	cr_assert_eq(count, 0, "a person was asked for service");
	must(MoveToNtmsMediaPool(session, &tapes[0], &free_lto));
	must(RsmWaitForMedia(session, &tapes[0], 60000));
	cr_assert_eq(side_state(&tapes[0], 0), NTMS_PARTSTATE_AVAILABLE);
}

Test(pools, type_and_kind_of_the_target)
{
	NTMS_GUID dlt, pool, parent;
	struct txn *txn = begin();

	must(media_type_ensure(txn, DLT, NULL, &dlt));
	must(store_commit(txn));
	must(CreateNtmsMediaPoolA(session, "D", &dlt, NTMS_CREATE_NEW, NULL, &pool));
	must(CreateNtmsMediaPoolA(session, "P", NULL, NTMS_CREATE_NEW, NULL, &parent));
	place_in(&tapes[0], &free_lto, NTMS_PARTSTATE_AVAILABLE);
	must_be(MoveToNtmsMediaPool(session, &tapes[0], &pool), ERROR_MEDIA_INCOMPATIBLE);
	must_be(MoveToNtmsMediaPool(session, &tapes[0], &parent), ERROR_INVALID_MEDIA_POOL);
	cr_assert(is_in(&tapes[0], &free_lto));
}

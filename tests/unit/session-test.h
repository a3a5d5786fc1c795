/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * session-test.h - a session on a virtual library of its own, for tests of the calls
 *
 * The library has 2 drives, 8 slots, 2 ports and 6 cartridges, and is managed. What the calls
 * cannot bring about yet (sides of another state, two-sided cartridges) is written into the
 * database directly.
 */
#ifndef SESSION_TEST_H
#define SESSION_TEST_H

#include <criterion/criterion.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/guid.h"
#include "base/say.h"
#include "core/media.h"
#include "core/txn.h"
#include "must.h"
#include "ntms/ntmsapi.h"
#include "ntms/rsmapi.h"

#define TAPES 6

static char place[PATH_MAX - 64];
static HANDLE session;
static NTMS_GUID library, tapes[TAPES], lto, free_lto, unrecognized_lto, import_lto;

static inline struct store *store(void)
{
	return ((struct session *)session)->system->store;
}

/* One transaction: begin ... end. */
static inline struct txn *begin(void)
{
	struct txn *txn;

	must(store_begin(store(), STORE_DEADLINE_DEFAULT, &txn));
	return txn;
}

static inline struct object read_object(const NTMS_GUID *guid)
{
	struct txn *txn = begin();
	struct object obj;

	must(store_get(txn, guid, NTMS_UNKNOWN, &obj));
	store_abort(txn);
	return obj;
}

static inline void write_object(struct object *obj)
{
	struct txn *txn = begin();

	must(store_update(txn, obj));
	must(store_commit(txn));
}

/* A library as if it was unplugged: no device has its serial number. */
static inline void make_absent(const NTMS_GUID *guid)
{
	struct object obj = read_object(guid);

	obj.opstate = NTMS_NOT_PRESENT;
	snprintf(obj.library.serial, sizeof(obj.library.serial), "GONE");
	write_object(&obj);
}

static inline bool exists(const NTMS_GUID *guid)
{
	struct txn *txn = begin();
	struct object obj;
	DWORD code = store_get(txn, guid, NTMS_UNKNOWN, &obj);

	store_abort(txn);
	return code == ERROR_SUCCESS;
}

/* All records and indexes, as one number: whether a refused call changed anything. */
static inline uint64_t newest_change(void)
{
	struct txn *txn = begin();
	uint64_t sum = 14695981039346656037ULL;

	for (uint32_t type = 1; type <= OBJ_TYPE_ATTRIBUTE; type++) {
		struct store_key key;
		struct object obj;
		NTMS_GUID *list;
		size_t count;

		key_start(&key);
		key_u32(&key, type);
		must(store_list(txn, IX_TYPE, &key, 0, &list, &count));
		for (size_t i = 0; i < count; i++) {
			memset(&obj, 0, sizeof(obj));
			must(store_get(txn, &list[i], type, &obj));
			for (size_t b = 0; b < sizeof(obj); b++)
				sum = (sum ^ ((uint8_t *)&obj)[b]) * 1099511628211ULL;
		}
		free(list);
	}
	store_abort(txn);
	return sum;
}

static inline NTMS_GUID side_of(const NTMS_GUID *media, size_t number)
{
	struct txn *txn = begin();
	struct object sides[2];
	size_t count;

	must(media_sides(txn, media, sides, &count));
	store_abort(txn);
	cr_assert_lt(number, count);
	return sides[number].guid;
}

static inline uint32_t side_state(const NTMS_GUID *media, size_t number)
{
	NTMS_GUID side = side_of(media, number);

	return read_object(&side).side.state;
}

static inline void set_side_state(const NTMS_GUID *media, size_t number, uint32_t state)
{
	NTMS_GUID guid = side_of(media, number);
	struct object side = read_object(&guid);

	side.side.state = state;
	write_object(&side);
}

static inline bool is_in(const NTMS_GUID *media, const NTMS_GUID *pool)
{
	struct object obj = read_object(media);

	return guid_equal(&obj.media.pool, pool);
}

/* Put a cartridge into a pool, its sides in a state, without asking anybody. */
static inline void place_in(const NTMS_GUID *media, const NTMS_GUID *pool, uint32_t state)
{
	struct object obj = read_object(media);
	struct txn *txn = begin();

	must(media_set_pool(txn, &obj, pool));
	must(store_commit(txn));
	for (size_t i = 0; i < obj.media.sides; i++)
		set_side_state(media, i, state);
}

/* Give a cartridge a second side. */
static inline void make_two_sided(const NTMS_GUID *media)
{
	NTMS_GUID first = side_of(media, 0);
	struct object obj = read_object(media), side = read_object(&first);
	struct txn *txn = begin();

	obj.media.sides = 2;
	memset(&side.guid, 0, sizeof(side.guid));
	side.side.side = 1;
	must(store_update(txn, &obj));
	must(store_insert(txn, &side));
	must(store_commit(txn));
}

static inline NTMS_GUID make_pool(const char *name)
{
	NTMS_GUID pool;

	must(CreateNtmsMediaPoolA(session, name, &lto, NTMS_CREATE_NEW, NULL, &pool));
	return pool;
}

static inline void set_policy(const NTMS_GUID *pool, DWORD draw, DWORD give_back, DWORD limit)
{
	NTMS_OBJECTINFORMATIONA info = {.dwSize = sizeof(info), .dwType = NTMS_MEDIA_POOL};
	NTMS_GUID guid = *pool;

	must(GetNtmsObjectInformationA(session, &guid, &info));
	info.Info.MediaPool.AllocationPolicy = draw;
	info.Info.MediaPool.DeallocationPolicy = give_back;
	info.Info.MediaPool.dwMaxAllocates = limit;
	must(SetNtmsObjectInformationA(session, &guid, &info));
}

/* Have the calls made as somebody who is not root. */
static inline void become(uid_t uid)
{
	struct caller *caller = &((struct session *)session)->caller;

	caller->uid = uid;
	caller->group_count = 1;
	caller->groups[0] = uid;
}

/* The one changer the broker sees. */
static inline void manage(void)
{
	RSM_DEVICE devices[8];
	DWORD count = 8;

	must(RsmListDevices(session, devices, &count));
	for (DWORD i = 0; i < count; i++) {
		if (!devices[i].IsChanger)
			continue;
		must(RsmManageLibrary(session, devices[i].szSerialNumber, &library));
		return;
	}
	cr_assert_fail("there is no changer");
}

static inline void open_library(void)
{
	char dir[PATH_MAX], spec[PATH_MAX + 16];
	DWORD count = TAPES;

	snprintf(place, sizeof(place), "%s/test-session-XXXXXX",
		 getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	cr_assert_not_null(mkdtemp(place));
	snprintf(dir, sizeof(dir), "%s/home", place);
	setenv("NTMS_HOME", dir, 1);
	snprintf(dir, sizeof(dir), "%s/library", place);
	snprintf(spec, sizeof(spec), "virtual:%s", dir);
	setenv("NTMS_BROKER", spec, 1);
	must(RsmCreateVirtualLibrary(dir, 2, 8, 2, TAPES));
	session = OpenNtmsSessionA(NULL, "test", 0);
	cr_assert_neq(session, INVALID_HANDLE_VALUE, "%s, %s", RsmErrorName(GetLastError()),
		      RsmLastMessage());
	/* The tests are about rights too: everybody runs them as the system's administrator. */
	become(0);
	manage();
	must(RsmWaitForLibrary(session, &library, 60000));
	must(EnumerateNtmsObject(session, &library, tapes, &count, NTMS_PHYSICAL_MEDIA, 0));
	cr_assert_eq(count, TAPES);
	lto = read_object(&tapes[0]).media.media_type;
	must(CreateNtmsMediaPoolA(session, "Free\\LTO Ultrium", NULL, NTMS_OPEN_EXISTING, NULL,
				  &free_lto));
	must(CreateNtmsMediaPoolA(session, "Unrecognized\\LTO Ultrium", NULL, NTMS_OPEN_EXISTING,
				  NULL, &unrecognized_lto));
	must(CreateNtmsMediaPoolA(session, "Import\\LTO Ultrium", NULL, NTMS_OPEN_EXISTING, NULL,
				  &import_lto));
}

static inline int remove_entry(const char *path, const struct stat *status, int flag,
			       struct FTW *walk)
{
	(void)status;
	(void)flag;
	(void)walk;
	return remove(path);
}

static inline void close_library(void)
{
	struct txn *txn;
	size_t count;

	if (session) {
		/* Whatever a test has done, records and indexes agree. */
		txn = begin();
		must(store_check(txn, &count));
		store_abort(txn);
		must(CloseNtmsSession(session));
	}
	nftw(place, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

#endif

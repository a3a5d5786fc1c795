// SPDX-License-Identifier: GPL-2.0-only
/* Sides allocated and given up: every rule and every return code. */
#include "session-test.h"
#include "core/access.h"
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

static NTMS_GUID pool;

static void open_pool(void)
{
	open_library();
	pool = make_pool("Backup");
}

TestSuite(alloc, .init = open_pool, .fini = close_library);
TestSuite(dealloc, .init = open_pool, .fini = close_library);

static NTMS_GUID allocate_one(void)
{
	NTMS_GUID lmid = NTMS_NULLGUID;

	must(AllocateNtmsMedia(session, &pool, NULL, &lmid, 0, 0, NULL));
	cr_assert_not(guid_is_null(&lmid));
	return lmid;
}

static NTMS_GUID media_of(const NTMS_GUID *lmid)
{
	struct object logical = read_object(lmid), side = read_object(&logical.logical.side);

	return side.side.media;
}

static struct object side_behind(const NTMS_GUID *lmid)
{
	struct object logical = read_object(lmid);

	return read_object(&logical.logical.side);
}

Test(alloc, from_the_pool)
{
	NTMS_ALLOCATION_INFORMATION information = {.dwSize = sizeof(information)};
	NTMS_GUID lmid;
	struct object side;

	place_in(&tapes[3], &pool, NTMS_PARTSTATE_AVAILABLE);
	must(AllocateNtmsMedia(session, &pool, NULL, &lmid, 0, 0, &information));
	side = side_behind(&lmid);
	cr_assert(guid_equal(&side.side.media, &tapes[3]));
	cr_assert(guid_equal(&side.side.logical, &lmid));
	cr_assert_eq(side.side.state, NTMS_PARTSTATE_ALLOCATED);
	cr_assert_eq(side.side.allocate_count, 1);
	cr_assert(guid_equal(&information.AllocatedFrom, &pool));
	/* It is nobody else's now. */
	must_be(AllocateNtmsMedia(session, &pool, NULL, &lmid, 0, 0, NULL),
		ERROR_MEDIA_UNAVAILABLE);
	cr_assert(guid_is_null(&lmid), "a failed call left an LMID");
}

Test(alloc, least_used_first_then_oldest)
{
	NTMS_GUID guid, lmid;
	struct object side;

	for (size_t i = 0; i < 4; i++)
		place_in(&tapes[i], &pool, NTMS_PARTSTATE_AVAILABLE);
	for (size_t i = 0; i < 2; i++) {
		guid = side_of(&tapes[i], 0);
		side = read_object(&guid);
		side.side.allocate_count = 5 - (uint32_t)i;
		write_object(&side);
	}
	static const size_t order[] = {2, 3, 1, 0};
	for (size_t i = 0; i < 4; i++) {
		lmid = allocate_one();
		guid = media_of(&lmid);
		cr_assert(guid_equal(&guid, &tapes[order[i]]), "number %zu", i);
	}
}

Test(alloc, draws_from_the_free_pool_when_told)
{
	NTMS_ALLOCATION_INFORMATION information = {.dwSize = sizeof(information)};
	NTMS_GUID lmid;

	place_in(&tapes[0], &free_lto, NTMS_PARTSTATE_AVAILABLE);
	must_be(AllocateNtmsMedia(session, &pool, NULL, &lmid, 0, 0, NULL),
		ERROR_MEDIA_UNAVAILABLE);
	set_policy(&pool, NTMS_ALLOCATE_FROMSCRATCH, 0, 0);
	must(AllocateNtmsMedia(session, &pool, NULL, &lmid, NTMS_ALLOCATE_ERROR_IF_UNAVAILABLE,
			       INFINITE, &information));
	cr_assert(is_in(&tapes[0], &pool));
	cr_assert(guid_equal(&information.AllocatedFrom, &free_lto));
	must_be(AllocateNtmsMedia(session, &pool, NULL, &lmid, NTMS_ALLOCATE_ERROR_IF_UNAVAILABLE,
				  INFINITE, NULL),
		ERROR_MEDIA_UNAVAILABLE);
}

Test(alloc, no_free_pool_of_the_type)
{
	struct txn *txn = begin();
	struct store_key key;
	NTMS_GUID dlt, dlts, lmid;

	key_start(&key);
	key_u32(&key, DLT);
	must(store_find(txn, IX_MEDIA_TYPE, &key, &dlt));
	store_abort(txn);
	must(CreateNtmsMediaPoolA(session, "D", &dlt, NTMS_CREATE_NEW, NULL, &dlts));
	set_policy(&dlts, NTMS_ALLOCATE_FROMSCRATCH, 0, 0);
	must_be(AllocateNtmsMedia(session, &dlts, NULL, &lmid, 0, 0, NULL),
		ERROR_DEVICE_NOT_AVAILABLE);
}

Test(alloc, states_that_are_not_allocated)
{
	NTMS_GUID lmid, side = side_of(&tapes[0], 0);

	set_policy(&pool, NTMS_ALLOCATE_FROMSCRATCH, 0, 0);
	for (uint32_t state = 0; state <= NTMS_PARTSTATE_RESERVED; state++) {
		if (state == NTMS_PARTSTATE_AVAILABLE)
			continue;
		place_in(&tapes[0], &pool, state);
		must_be(AllocateNtmsMedia(session, &pool, NULL, &lmid, 0, 0, NULL),
			ERROR_MEDIA_UNAVAILABLE);
		place_in(&tapes[0], &free_lto, state);
		must_be(AllocateNtmsMedia(session, &pool, NULL, &lmid, 0, 0, NULL),
			ERROR_MEDIA_UNAVAILABLE);
		if (state != NTMS_PARTSTATE_IMPORT)
			must_be(AllocateNtmsMedia(session, &pool, &side, &lmid, 0, 1000, NULL),
				ERROR_MEDIA_UNAVAILABLE);
	}
}

Test(alloc, disabled_media_and_libraries)
{
	NTMS_GUID lmid, side = side_of(&tapes[0], 0);

	place_in(&tapes[0], &pool, NTMS_PARTSTATE_AVAILABLE);
	must(DisableNtmsObject(session, NTMS_PHYSICAL_MEDIA, &tapes[0]));
	must_be(AllocateNtmsMedia(session, &pool, NULL, &lmid, 0, 0, NULL),
		ERROR_MEDIA_UNAVAILABLE);
	must_be(AllocateNtmsMedia(session, &pool, &side, &lmid, 0, 0, NULL),
		ERROR_MEDIA_UNAVAILABLE);
	must(EnableNtmsObject(session, NTMS_PHYSICAL_MEDIA, &tapes[0]));
	must(DisableNtmsObject(session, NTMS_LIBRARY, &library));
	must_be(AllocateNtmsMedia(session, &pool, NULL, &lmid, 0, 0, NULL),
		ERROR_MEDIA_UNAVAILABLE);
	must(EnableNtmsObject(session, NTMS_LIBRARY, &library));
	must(AllocateNtmsMedia(session, &pool, NULL, &lmid, 0, 0, NULL));
}

Test(alloc, a_given_side)
{
	NTMS_GUID lmid, side = side_of(&tapes[4], 0), other = make_pool("Other");
	struct object media;
	struct txn *txn;

	/* Import: into the pool, allocated, all at once. */
	place_in(&tapes[4], &import_lto, NTMS_PARTSTATE_IMPORT);
	must(AllocateNtmsMedia(session, &pool, &side, &lmid, 0, 0, NULL));
	cr_assert(is_in(&tapes[4], &pool));
	cr_assert_eq(side_state(&tapes[4], 0), NTMS_PARTSTATE_ALLOCATED);
	must(DeallocateNtmsMedia(session, &lmid, 0));
	/* From another application's pool. */
	must(AllocateNtmsMedia(session, &other, &side, &lmid, 0, 0, NULL));
	cr_assert(is_in(&tapes[4], &other));
	must(DeallocateNtmsMedia(session, &lmid, 0));
	/* Offline. */
	media = read_object(&tapes[4]);
	txn = begin();
	must(media_leave(txn, &media));
	must(store_commit(txn));
	must_be(AllocateNtmsMedia(session, &pool, &side, &lmid, 0, INFINITE, NULL),
		ERROR_MEDIA_OFFLINE);
	must_be(AllocateNtmsMedia(session, &pool, &library, &lmid, 0, 0, NULL),
		ERROR_INVALID_MEDIA);
}

Test(alloc, worn_sides_are_left_alone)
{
	NTMS_GUID lmid, guid;

	place_in(&tapes[0], &pool, NTMS_PARTSTATE_AVAILABLE);
	set_policy(&pool, 0, 0, 2);
	for (int i = 0; i < 2; i++) {
		lmid = allocate_one();
		must(DeallocateNtmsMedia(session, &lmid, 0));
	}
	cr_assert_eq(side_state(&tapes[0], 0), NTMS_PARTSTATE_DECOMMISSIONED);
	must_be(AllocateNtmsMedia(session, &pool, NULL, &lmid, 0, 0, NULL),
		ERROR_MEDIA_UNAVAILABLE);
	/* Not even where the limit has been lowered since. */
	set_side_state(&tapes[0], 0, NTMS_PARTSTATE_AVAILABLE);
	guid = side_of(&tapes[0], 0);
	must_be(AllocateNtmsMedia(session, &pool, NULL, &lmid, 0, 0, NULL),
		ERROR_MEDIA_UNAVAILABLE);
	must_be(AllocateNtmsMedia(session, &pool, &guid, &lmid, 0, 0, NULL),
		ERROR_MEDIA_UNAVAILABLE);
	set_policy(&pool, 0, 0, 0);
	must(AllocateNtmsMedia(session, &pool, NULL, &lmid, 0, 0, NULL));
}

Test(alloc, new_and_next)
{
	NTMS_GUID first, second, spare;

	make_two_sided(&tapes[0]);
	place_in(&tapes[0], &pool, NTMS_PARTSTATE_AVAILABLE);
	must(AllocateNtmsMedia(session, &pool, NULL, &first, NTMS_ALLOCATE_NEW, 0, NULL));
	cr_assert_eq(side_state(&tapes[0], 0), NTMS_PARTSTATE_ALLOCATED);
	cr_assert_eq(side_state(&tapes[0], 1), NTMS_PARTSTATE_RESERVED);
	must_be(AllocateNtmsMedia(session, &pool, NULL, &spare, 0, 0, NULL),
		ERROR_MEDIA_UNAVAILABLE);
	second = first;
	must(AllocateNtmsMedia(session, &pool, NULL, &second, NTMS_ALLOCATE_NEXT, 0, NULL));
	cr_assert_not(guid_equal(&first, &second));
	cr_assert_eq(side_state(&tapes[0], 1), NTMS_PARTSTATE_ALLOCATED);
	spare = first;
	must_be(AllocateNtmsMedia(session, &pool, NULL, &spare, NTMS_ALLOCATE_NEXT, INFINITE, NULL),
		ERROR_MEDIA_UNAVAILABLE);
	cr_assert(guid_equal(&spare, &first), "a failed NEXT changed the LMID");
	must(DeallocateNtmsMedia(session, &second, 0));
	cr_assert_eq(side_state(&tapes[0], 1), NTMS_PARTSTATE_AVAILABLE);
	cr_assert_eq(side_state(&tapes[0], 0), NTMS_PARTSTATE_ALLOCATED);
	/* A cartridge of which a side is somebody's is not new. */
	must_be(AllocateNtmsMedia(session, &pool, NULL, &spare, NTMS_ALLOCATE_NEW, 0, NULL),
		ERROR_MEDIA_UNAVAILABLE);
	must(AllocateNtmsMedia(session, &pool, NULL, &spare, 0, 0, NULL));
	/* And without NEW there is no NEXT. */
	second = spare;
	set_side_state(&tapes[0], 0, NTMS_PARTSTATE_RESERVED);
	must_be(AllocateNtmsMedia(session, &pool, NULL, &second, NTMS_ALLOCATE_NEXT, 0, NULL),
		ERROR_MEDIA_UNAVAILABLE);
}

Test(alloc, arguments)
{
	NTMS_ALLOCATION_INFORMATION small = {.dwSize = 4};
	NTMS_GUID lmid = NTMS_NULLGUID, parent;
	uint64_t before;

	place_in(&tapes[0], &pool, NTMS_PARTSTATE_AVAILABLE);
	must(CreateNtmsMediaPoolA(session, "P", NULL, NTMS_CREATE_NEW, NULL, &parent));
	before = newest_change();
	must_be(AllocateNtmsMedia(NULL, &pool, NULL, &lmid, 0, 0, NULL), ERROR_INVALID_HANDLE);
	must_be(AllocateNtmsMedia(&lmid, &pool, NULL, &lmid, 0, 0, NULL), ERROR_INVALID_HANDLE);
	must_be(AllocateNtmsMedia(session, NULL, NULL, &lmid, 0, 0, NULL), ERROR_INVALID_PARAMETER);
	must_be(AllocateNtmsMedia(session, &pool, NULL, NULL, 0, 0, NULL), ERROR_INVALID_PARAMETER);
	must_be(AllocateNtmsMedia(session, &pool, NULL, &lmid, 3, 0, NULL),
		ERROR_INVALID_PARAMETER);
	must_be(AllocateNtmsMedia(session, &pool, NULL, &lmid, 8, 0, NULL),
		ERROR_INVALID_PARAMETER);
	must_be(AllocateNtmsMedia(session, &pool, NULL, &lmid, 0, 0, &small),
		ERROR_INVALID_PARAMETER);
	must_be(AllocateNtmsMedia(session, &free_lto, NULL, &lmid, 0, 0, NULL),
		ERROR_INVALID_MEDIA_POOL);
	must_be(AllocateNtmsMedia(session, &parent, NULL, &lmid, 0, 0, NULL),
		ERROR_INVALID_MEDIA_POOL);
	must_be(AllocateNtmsMedia(session, &tapes[0], NULL, &lmid, 0, 0, NULL),
		ERROR_INVALID_MEDIA_POOL);
	lmid = tapes[0];
	must_be(AllocateNtmsMedia(session, &pool, NULL, &lmid, NTMS_ALLOCATE_NEXT, 0, NULL),
		ERROR_INVALID_MEDIA);
	cr_assert_eq(newest_change(), before, "a refused call changed something");
}

Test(alloc, rights)
{
	NTMS_GUID lmid, mine;

	place_in(&tapes[0], &pool, NTMS_PARTSTATE_AVAILABLE);
	place_in(&tapes[1], &free_lto, NTMS_PARTSTATE_AVAILABLE);
	become(1000);
	must_be(AllocateNtmsMedia(session, &pool, NULL, &lmid, 0, 0, NULL), ERROR_ACCESS_DENIED);
	become(0);
	must(CreateNtmsMediaPoolA(session, "Mine", &lto, NTMS_CREATE_NEW, NULL, &mine));
	set_policy(&mine, NTMS_ALLOCATE_FROMSCRATCH, NTMS_DEALLOCATE_TOSCRATCH, 0);
	struct object record = read_object(&mine), scratch = read_object(&free_lto);
	struct caller anna = {.uid = 1000, .group_count = 1, .groups = {1000}};

	access_default(&record.pool.security, &anna, NULL);
	write_object(&record);
	become(1000);
	must(AllocateNtmsMedia(session, &mine, NULL, &lmid, 0, 0, NULL));
	cr_assert(is_in(&tapes[1], &mine));
	/* Without the use right on the Free pool it can neither be drawn from nor returned to. */
	memset(&scratch.pool.security, 0, sizeof(scratch.pool.security));
	become(0);
	write_object(&scratch);
	become(1000);
	must_be(DeallocateNtmsMedia(session, &lmid, 0), ERROR_ACCESS_DENIED);
	must_be(AllocateNtmsMedia(session, &mine, NULL, &lmid, 0, 0, NULL), ERROR_ACCESS_DENIED);
}

static void *bring_tape(void *unused)
{
	(void)unused;
	place_in(&tapes[2], &pool, NTMS_PARTSTATE_AVAILABLE);
	return NULL;
}

Test(alloc, waits_until_there_is_one)
{
	pthread_t thread;
	NTMS_GUID lmid;

	cr_assert_eq(pthread_create(&thread, NULL, bring_tape, NULL), 0);
	must(AllocateNtmsMedia(session, &pool, NULL, &lmid, 0, INFINITE, NULL));
	pthread_join(thread, NULL);
	cr_assert_eq(side_state(&tapes[2], 0), NTMS_PARTSTATE_ALLOCATED);
	must_be(AllocateNtmsMedia(session, &pool, NULL, &lmid, 0, 50, NULL), ERROR_TIMEOUT);
}

static void *close_session(void *unused)
{
	(void)unused;
	/* Before the other thread waits, or while it does: both must end it. */
	CloseNtmsSession(session);
	return NULL;
}

Test(alloc, closing_the_session_ends_the_wait)
{
	HANDLE second = OpenNtmsSessionA(NULL, "second", 0), first = session;
	pthread_t thread;
	NTMS_GUID lmid;
	DWORD code;

	cr_assert_eq(pthread_create(&thread, NULL, close_session, NULL), 0);
	code = AllocateNtmsMedia(first, &pool, NULL, &lmid, 0, INFINITE, NULL);
	cr_assert(code == ERROR_CANCELLED || code == ERROR_INVALID_HANDLE, "%u", code);
	pthread_join(thread, NULL);
	session = second;
}

/* ---- giving up ---- */

Test(dealloc, side_becomes_available)
{
	NTMS_GUID lmid;

	place_in(&tapes[0], &pool, NTMS_PARTSTATE_AVAILABLE);
	lmid = allocate_one();
	must(DeallocateNtmsMedia(session, &lmid, 0));
	cr_assert_eq(side_state(&tapes[0], 0), NTMS_PARTSTATE_AVAILABLE);
	cr_assert_not(exists(&lmid), "the LMID is still there");
	cr_assert(is_in(&tapes[0], &pool));
	must_be(DeallocateNtmsMedia(session, &lmid, 0), ERROR_INVALID_MEDIA);
	/* A complete side too. */
	lmid = allocate_one();
	must(SetNtmsMediaComplete(session, &lmid));
	cr_assert_eq(side_state(&tapes[0], 0), NTMS_PARTSTATE_COMPLETE);
	must_be(SetNtmsMediaComplete(session, &lmid), ERROR_INVALID_STATE);
	must(DeallocateNtmsMedia(session, &lmid, 0));
	cr_assert_eq(side_state(&tapes[0], 0), NTMS_PARTSTATE_AVAILABLE);
}

Test(dealloc, returns_to_the_free_pool_with_a_new_label)
{
	NTMS_GUID lmid, side;
	struct object record;

	place_in(&tapes[0], &pool, NTMS_PARTSTATE_AVAILABLE);
	set_policy(&pool, 0, NTMS_DEALLOCATE_TOSCRATCH, 0);
	lmid = allocate_one();
	must(DeallocateNtmsMedia(session, &lmid, 0));
	cr_assert(is_in(&tapes[0], &free_lto));
	must(RsmWaitForMedia(session, &tapes[0], 60000));
	side = side_of(&tapes[0], 0);
	record = read_object(&side);
	cr_assert_eq(record.side.state, NTMS_PARTSTATE_AVAILABLE);
	cr_assert_str_eq(record.side.label_type, LABEL_TYPE_FREE);
	/* A worn-out one stays where it is. */
	place_in(&tapes[1], &pool, NTMS_PARTSTATE_AVAILABLE);
	set_policy(&pool, 0, NTMS_DEALLOCATE_TOSCRATCH, 1);
	lmid = allocate_one();
	must(DeallocateNtmsMedia(session, &lmid, 0));
	cr_assert(is_in(&tapes[1], &pool));
	cr_assert_eq(side_state(&tapes[1], 0), NTMS_PARTSTATE_DECOMMISSIONED);
}

Test(dealloc, reserved_side_is_released_and_the_last_lmid_decides)
{
	NTMS_GUID first, second;

	make_two_sided(&tapes[0]);
	place_in(&tapes[0], &pool, NTMS_PARTSTATE_AVAILABLE);
	must(AllocateNtmsMedia(session, &pool, NULL, &first, NTMS_ALLOCATE_NEW, 0, NULL));
	must(DeallocateNtmsMedia(session, &first, 0));
	cr_assert_eq(side_state(&tapes[0], 0), NTMS_PARTSTATE_AVAILABLE);
	cr_assert_eq(side_state(&tapes[0], 1), NTMS_PARTSTATE_AVAILABLE);
	/* The cartridge stays in the pool until its last side is given up. */
	set_policy(&pool, 0, NTMS_DEALLOCATE_TOSCRATCH, 0);
	first = allocate_one();
	second = allocate_one();
	must(DeallocateNtmsMedia(session, &first, 0));
	cr_assert(is_in(&tapes[0], &pool));
	must(DeallocateNtmsMedia(session, &second, 0));
	cr_assert(is_in(&tapes[0], &free_lto));
}

/* The other side carries nothing that is known: the cartridge goes to the pool all the same. */
Test(alloc, import_of_one_side)
{
	NTMS_GUID lmid, none, side, other;

	make_two_sided(&tapes[0]);
	side = side_of(&tapes[0], 1);
	other = side_of(&tapes[0], 0);
	set_side_state(&tapes[0], 0, NTMS_PARTSTATE_FOREIGN);
	set_side_state(&tapes[0], 1, NTMS_PARTSTATE_IMPORT);
	must(AllocateNtmsMedia(session, &pool, &side, &lmid, 0, 0, NULL));
	cr_assert(is_in(&tapes[0], &pool));
	cr_assert_eq(side_state(&tapes[0], 0), NTMS_PARTSTATE_FOREIGN);
	cr_assert_eq(side_state(&tapes[0], 1), NTMS_PARTSTATE_ALLOCATED);
	must_be(AllocateNtmsMedia(session, &pool, &other, &none, 0, 0, NULL),
		ERROR_MEDIA_UNAVAILABLE);
	must(DeallocateNtmsMedia(session, &lmid, 0));
	cr_assert_eq(side_state(&tapes[0], 0), NTMS_PARTSTATE_FOREIGN);
}

/* It is somebody's data: no free label is written over it. */
Test(dealloc, import_on_the_other_side_is_kept)
{
	NTMS_GUID lmid;

	make_two_sided(&tapes[0]);
	place_in(&tapes[0], &pool, NTMS_PARTSTATE_AVAILABLE);
	set_side_state(&tapes[0], 1, NTMS_PARTSTATE_IMPORT);
	set_policy(&pool, 0, NTMS_DEALLOCATE_TOSCRATCH, 0);
	lmid = allocate_one();
	must(DeallocateNtmsMedia(session, &lmid, 0));
	cr_assert(is_in(&tapes[0], &pool));
	cr_assert_eq(side_state(&tapes[0], 1), NTMS_PARTSTATE_IMPORT);
}

Test(dealloc, arguments_and_identifiers)
{
	NTMS_GUID lmid, side, other;
	struct object record;
	uint64_t before;

	place_in(&tapes[0], &pool, NTMS_PARTSTATE_AVAILABLE);
	lmid = allocate_one();
	side = side_of(&tapes[0], 0);
	guid_make(&other);
	before = newest_change();
	must_be(DeallocateNtmsMedia(NULL, &lmid, 0), ERROR_INVALID_HANDLE);
	must_be(DeallocateNtmsMedia(INVALID_HANDLE_VALUE, &lmid, 0), ERROR_INVALID_HANDLE);
	must_be(DeallocateNtmsMedia(session, NULL, 0), ERROR_INVALID_PARAMETER);
	must_be(DeallocateNtmsMedia(session, &lmid, 1), ERROR_INVALID_PARAMETER);
	must_be(DeallocateNtmsMedia(session, &side, 0), ERROR_INVALID_MEDIA);
	must_be(DeallocateNtmsMedia(session, &tapes[0], 0), ERROR_INVALID_MEDIA);
	must_be(DeallocateNtmsMedia(session, &other, 0), ERROR_INVALID_MEDIA);
	become(1000);
	must_be(DeallocateNtmsMedia(session, &lmid, 0), ERROR_ACCESS_DENIED);
	must_be(SetNtmsMediaComplete(session, &lmid), ERROR_ACCESS_DENIED);
	become(0);
	must_be(SetNtmsMediaComplete(session, &side), ERROR_INVALID_MEDIA);
	must_be(SetNtmsMediaComplete(session, NULL), ERROR_INVALID_PARAMETER);
	cr_assert_eq(newest_change(), before, "a refused call changed something");
	/* The side of the LMID is another's. */
	record = read_object(&side);
	record.side.logical = other;
	write_object(&record);
	must_be(DeallocateNtmsMedia(session, &lmid, 0), ERROR_INVALID_PARTITION);
	cr_assert_not_null(strstr(RsmLastMessage(), "another's"), "%s", RsmLastMessage());
}

Test(dealloc, what_is_in_use_is_kept)
{
	NTMS_GUID lmid;
	struct object media, drive;
	NTMS_GUID drives[2];
	DWORD count = 2;
	uint64_t before;

	must(EnumerateNtmsObject(session, &library, drives, &count, NTMS_DRIVE, 0));
	place_in(&tapes[0], &pool, NTMS_PARTSTATE_AVAILABLE);
	lmid = allocate_one();
	must(MountNtmsMedia(session, &lmid, &drives[0], 1, NTMS_MOUNT_READ, 0, 60000, NULL));
	before = newest_change();
	must_be(DeallocateNtmsMedia(session, &lmid, 0), ERROR_BUSY);
	cr_assert_not_null(strstr(RsmLastMessage(), "is mounted in drive"));
	must_be(SetNtmsMediaComplete(session, &lmid), ERROR_INVALID_STATE);
	cr_assert_eq(newest_change(), before, "a refused call changed something");
	must(DismountNtmsMedia(session, &lmid, 1, 0));
	must(RsmWaitForMedia(session, &lmid, 60000));
	media = read_object(&tapes[0]);
	cr_assert_eq(media.media.state, NTMS_MEDIASTATE_IDLE);
	drive = read_object(&drives[0]);
	cr_assert_eq(drive.device.state, NTMS_DRIVESTATE_DISMOUNTED);
	must(DeallocateNtmsMedia(session, &lmid, 0));
}

/* ---- a database that does not do its part ---- */

Test(dealloc, lost_records)
{
	NTMS_GUID lmid, side;
	struct txn *txn;

	place_in(&tapes[0], &pool, NTMS_PARTSTATE_AVAILABLE);
	lmid = allocate_one();
	side = side_of(&tapes[0], 0);
	txn = begin();
	must(store_delete(txn, &pool));
	must(store_commit(txn));
	must_be(DeallocateNtmsMedia(session, &lmid, 0), ERROR_DATABASE_FAILURE);
	must_be(AllocateNtmsMedia(session, &pool, NULL, &lmid, 0, 0, NULL),
		ERROR_INVALID_MEDIA_POOL);
	lmid = read_object(&side).side.logical;
	txn = begin();
	must(store_delete(txn, &side));
	must(store_commit(txn));
	must_be(DeallocateNtmsMedia(session, &lmid, 0), ERROR_INVALID_PARTITION);
}

static pthread_barrier_t barrier;

static void *hold_database(void *unused)
{
	struct txn *txn = begin();

	(void)unused;
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	store_abort(txn);
	return NULL;
}

/* Somebody keeps the database for longer than a call waits. */
Test(dealloc, database_out_of_reach)
{
	pthread_t thread;
	NTMS_GUID lmid;

	place_in(&tapes[0], &pool, NTMS_PARTSTATE_AVAILABLE);
	lmid = allocate_one();
	pthread_barrier_init(&barrier, NULL, 2);
	cr_assert_eq(pthread_create(&thread, NULL, hold_database, NULL), 0);
	pthread_barrier_wait(&barrier);
	setenv("NTMS_LOCK_TIMEOUT", "200", 1);
	must_be(DeallocateNtmsMedia(session, &lmid, 0), ERROR_DATABASE_FAILURE);
	must_be(AllocateNtmsMedia(session, &pool, NULL, &lmid, 0, 0, NULL), ERROR_DATABASE_FAILURE);
	unsetenv("NTMS_LOCK_TIMEOUT");
	pthread_barrier_wait(&barrier);
	pthread_join(thread, NULL);
}

/* No more than so many bytes in any file: allocate and give up until that is met. */
Test(dealloc, database_full)
{
	struct rlimit limit = {.rlim_cur = 4096, .rlim_max = RLIM_INFINITY};
	DWORD code = ERROR_SUCCESS;
	NTMS_GUID lmid, kept;
	uint64_t before;

	place_in(&tapes[0], &pool, NTMS_PARTSTATE_AVAILABLE);
	kept = allocate_one();
	place_in(&tapes[1], &pool, NTMS_PARTSTATE_AVAILABLE);
	before = newest_change();
	signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	code = DeallocateNtmsMedia(session, &kept, 0);
	limit.rlim_cur = RLIM_INFINITY;
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	cr_assert_eq(code, ERROR_DATABASE_FULL, "%s, %s", RsmErrorName(code), RsmLastMessage());
	cr_assert_eq(newest_change(), before, "a failed call changed something");
	limit.rlim_cur = 4096;
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	code = AllocateNtmsMedia(session, &pool, NULL, &lmid, 0, 0, NULL);
	limit.rlim_cur = RLIM_INFINITY;
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	cr_assert_eq(code, ERROR_DATABASE_FULL, "%s, %s", RsmErrorName(code), RsmLastMessage());
	cr_assert_eq(newest_change(), before, "a failed call changed something");
	must(DeallocateNtmsMedia(session, &kept, 0));
}

/* ---- decommission, labels ---- */

Test(alloc, decommission)
{
	NTMS_GUID side = side_of(&tapes[0], 0), lmid;

	place_in(&tapes[0], &pool, NTMS_PARTSTATE_AVAILABLE);
	must_be(DecommissionNtmsMedia(session, &tapes[0]), ERROR_INVALID_MEDIA);
	must_be(DecommissionNtmsMedia(session, NULL), ERROR_INVALID_PARAMETER);
	must_be(DecommissionNtmsMedia(NULL, &side), ERROR_INVALID_HANDLE);
	become(1000);
	must_be(DecommissionNtmsMedia(session, &side), ERROR_ACCESS_DENIED);
	become(0);
	must(DecommissionNtmsMedia(session, &side));
	must_be(DecommissionNtmsMedia(session, &side), ERROR_INVALID_STATE);
	must_be(AllocateNtmsMedia(session, &pool, NULL, &lmid, 0, 0, NULL),
		ERROR_MEDIA_UNAVAILABLE);
}

Test(alloc, update_label)
{
	NTMS_FILESYSTEM_INFO disk = {.FileSystemType = u"ext4",
				     .VolumeName = u"B\u00FCcher",
				     .SerialNumber = 0x12345678};
	char vol1[80];
	NTMS_GUID lmid;
	struct object side;

	place_in(&tapes[0], &pool, NTMS_PARTSTATE_AVAILABLE);
	lmid = allocate_one();
	memset(vol1, ' ', sizeof(vol1));
	memcpy(vol1, "VOL1ABC123", 10);
	vol1[79] = '3';
	must(UpdateNtmsOmidInfo(session, &lmid, NTMS_OMID_TYPE_RAW_LABEL, sizeof(vol1), vol1));
	side = side_behind(&lmid);
	cr_assert_str_eq(side.side.label_type, LABEL_TYPE_ANSI);
	must(UpdateNtmsOmidInfo(session, &lmid, NTMS_OMID_TYPE_FILESYSTEM_INFO, sizeof(disk),
				&disk));
	side = side_behind(&lmid);
	cr_assert_str_eq(side.side.label_type, "ext4");
	cr_assert_str_eq(side.side.label_info, "B\xC3\xBC"
					       "cher");
	cr_assert_arr_eq(side.side.label_id, "\x78\x56\x34\x12", 4);
	cr_assert_eq(side.side.label_id_length, 4);

	memset(vol1, 'x', sizeof(vol1));
	must_be(UpdateNtmsOmidInfo(session, &lmid, NTMS_OMID_TYPE_RAW_LABEL, sizeof(vol1), vol1),
		ERROR_BAD_FORMAT);
	must_be(UpdateNtmsOmidInfo(session, &lmid, 3, sizeof(vol1), vol1), ERROR_INVALID_PARAMETER);
	must_be(UpdateNtmsOmidInfo(session, &lmid, NTMS_OMID_TYPE_RAW_LABEL, 0, vol1),
		ERROR_INVALID_PARAMETER);
	must_be(UpdateNtmsOmidInfo(session, &lmid, NTMS_OMID_TYPE_RAW_LABEL, 80, NULL),
		ERROR_INVALID_PARAMETER);
	must_be(UpdateNtmsOmidInfo(session, NULL, NTMS_OMID_TYPE_RAW_LABEL, 80, vol1),
		ERROR_INVALID_PARAMETER);
	must_be(UpdateNtmsOmidInfo(session, &lmid, NTMS_OMID_TYPE_FILESYSTEM_INFO, 80, vol1),
		ERROR_INVALID_PARAMETER);
	memset(disk.FileSystemType, 'x', sizeof(disk.FileSystemType));
	must_be(UpdateNtmsOmidInfo(session, &lmid, NTMS_OMID_TYPE_FILESYSTEM_INFO, sizeof(disk),
				   &disk),
		ERROR_INVALID_PARAMETER);
	must_be(UpdateNtmsOmidInfo(session, &tapes[0], NTMS_OMID_TYPE_FILESYSTEM_INFO, sizeof(disk),
				   &(NTMS_FILESYSTEM_INFO){.FileSystemType = u"x"}),
		ERROR_INVALID_MEDIA);
	become(1000);
	must_be(UpdateNtmsOmidInfo(session, &lmid, NTMS_OMID_TYPE_FILESYSTEM_INFO, sizeof(disk),
				   &(NTMS_FILESYSTEM_INFO){.FileSystemType = u"x"}),
		ERROR_ACCESS_DENIED);
	side = side_behind(&lmid);
	cr_assert_str_eq(side.side.label_type, "ext4", "a refused call changed the label");
	become(0);
	must(SetNtmsMediaComplete(session, &lmid));
	memcpy(disk.FileSystemType, u"xfs", sizeof(u"xfs"));
	must_be(UpdateNtmsOmidInfo(session, &lmid, NTMS_OMID_TYPE_FILESYSTEM_INFO, sizeof(disk),
				   &disk),
		ERROR_INVALID_MEDIA);
	side = side_behind(&lmid);
	cr_assert_str_eq(side.side.label_type, "ext4", "the label of a complete side was changed");
}

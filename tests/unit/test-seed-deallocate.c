/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test-seed-deallocate.c - DeallocateNtmsMedia: every sentence of its page and every code of its
 * table, each made to happen
 */
#include <string.h>
#include "base/guid.h"
#include "core/request.h"
#include "faults.h"

TestSuite(deallocate, .timeout = 120, .init = fx_setup, .fini = fx_teardown);

static NTMS_GUID media, cartridge, side, pool, free_pool;

static DWORD deallocate(HANDLE session)
{
	return DeallocateNtmsMedia(session, &media, 0);
}

/* V00001L8 is allocated from a pool. */
static void allocate_one(bool returns, DWORD max_allocates)
{
	cartridge = fx_free_cartridge("V00001L8");
	free_pool = fx_media(&cartridge).media.pool;
	pool = fx_make_pool("Backup", returns, max_allocates);
	media = fx_allocate(pool);
	side = fx_side(&media).guid;
	cr_assert_eq(fx_get(&side, NTMS_PARTITION).side.state, NTMS_PARTSTATE_ALLOCATED);
}

static bool is_gone(NTMS_GUID guid)
{
	NTMS_OBJECTINFORMATIONA info = {.dwSize = sizeof(info), .dwType = NTMS_UNKNOWN};

	return GetNtmsObjectInformationA(fx_session, &guid, &info) == ERROR_OBJECT_NOT_FOUND;
}

static void expect_side(DWORD state)
{
	struct object obj = fx_get(&side, NTMS_PARTITION);

	cr_assert_eq(obj.side.state, state, "the side has state %u", obj.side.state);
	cr_assert(guid_is_null(&obj.side.logical));
}

static void expect_in_pool(NTMS_GUID guid)
{
	struct object obj = fx_get(&cartridge, NTMS_PHYSICAL_MEDIA);

	cr_assert(guid_equal(&obj.media.pool, &guid));
}

/* ---- what it does ---- */

Test(deallocate, makes_the_side_available)
{
	allocate_one(false, 0);
	must(deallocate(fx_session));
	expect_side(NTMS_PARTSTATE_AVAILABLE);
	expect_in_pool(pool);
}

Test(deallocate, deletes_the_logical_medium)
{
	NTMS_GUID list[4];
	DWORD count = 4;

	allocate_one(false, 0);
	cr_assert(!is_gone(media));
	must(deallocate(fx_session));
	cr_assert(is_gone(media));
	must(EnumerateNtmsObject(fx_session, &pool, list, &count, NTMS_LOGICAL_MEDIA, 0));
	cr_assert_eq(count, 0);
	refused(deallocate(fx_session), ERROR_INVALID_MEDIA);
}

Test(deallocate, what_is_available_can_be_allocated_again)
{
	NTMS_GUID again, owner;

	allocate_one(false, 0);
	must(deallocate(fx_session));
	again = fx_allocate(pool);
	owner = fx_get(&side, NTMS_PARTITION).side.logical;
	cr_assert(guid_equal(&owner, &again));
	cr_assert(!guid_equal(&again, &media));
}

Test(deallocate, decommissions_after_the_maximum_of_allocations)
{
	allocate_one(false, 2);
	must(deallocate(fx_session));
	expect_side(NTMS_PARTSTATE_AVAILABLE);
	media = fx_allocate(pool);
	must(deallocate(fx_session));
	expect_side(NTMS_PARTSTATE_DECOMMISSIONED);
	cr_assert(is_gone(media));
}

Test(deallocate, what_is_decommissioned_cannot_be_allocated)
{
	NTMS_GUID again;

	allocate_one(false, 1);
	must(deallocate(fx_session));
	expect_side(NTMS_PARTSTATE_DECOMMISSIONED);
	refused(AllocateNtmsMedia(fx_session, &pool, NULL, &again,
				  NTMS_ALLOCATE_ERROR_IF_UNAVAILABLE, 0, NULL),
		ERROR_MEDIA_UNAVAILABLE);
	refused(AllocateNtmsMedia(fx_session, &pool, &side, &again,
				  NTMS_ALLOCATE_ERROR_IF_UNAVAILABLE, 0, NULL),
		ERROR_MEDIA_UNAVAILABLE);
}

Test(deallocate, decommissioned_media_do_not_return_to_the_free_pool)
{
	allocate_one(true, 1);
	must(deallocate(fx_session));
	fx_settle(cartridge);
	expect_side(NTMS_PARTSTATE_DECOMMISSIONED);
	expect_in_pool(pool);
}

/* No free label can be written on it. */
Test(deallocate, disabled_media_stay_in_their_pool)
{
	allocate_one(true, 0);
	must(DisableNtmsObject(fx_session, NTMS_PHYSICAL_MEDIA, &cartridge));
	must(deallocate(fx_session));
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	expect_side(NTMS_PARTSTATE_AVAILABLE);
	expect_in_pool(pool);
	cr_assert_eq(fx_requests(NTMS_LM_WRITESCRATCH, NTMS_LM_FAILED), 0);
}

Test(deallocate, without_a_maximum_nothing_wears_out)
{
	allocate_one(false, 0);
	for (int i = 0; i < 5; i++) {
		must(deallocate(fx_session));
		expect_side(NTMS_PARTSTATE_AVAILABLE);
		media = fx_allocate(pool);
	}
	cr_assert_eq(fx_side(&media).side.allocate_count, 6);
}

Test(deallocate, complete_media_are_given_up_like_others)
{
	allocate_one(false, 0);
	must(SetNtmsMediaComplete(fx_session, &media));
	cr_assert_eq(fx_get(&side, NTMS_PARTITION).side.state, NTMS_PARTSTATE_COMPLETE);
	must(deallocate(fx_session));
	expect_side(NTMS_PARTSTATE_AVAILABLE);
}

Test(deallocate, returns_to_the_free_pool_with_a_free_label_if_the_pool_says_so)
{
	struct object before, after;

	allocate_one(true, 0);
	before = fx_side(&media);
	must(deallocate(fx_session));
	expect_in_pool(free_pool);
	fx_settle(cartridge);
	expect_side(NTMS_PARTSTATE_AVAILABLE);
	after = fx_get(&side, NTMS_PARTITION);
	cr_assert_str_eq(after.side.label_type, "RSM Free");
	cr_assert(before.side.label_id_length != after.side.label_id_length ||
			  memcmp(before.side.label_id, after.side.label_id,
				 after.side.label_id_length) != 0,
		  "it has its old label");
	fx_expect_home("V00001L8");
}

/* The second side of a cartridge, as two-sided media have. */
static NTMS_GUID add_side(uint32_t state)
{
	struct object first = fx_side(&media), second = first;
	struct object record = fx_get(&cartridge, NTMS_PHYSICAL_MEDIA);

	memset(&second.guid, 0, sizeof(second.guid));
	memset(&second.side.logical, 0, sizeof(second.side.logical));
	second.side.side = 1;
	second.side.state = state;
	fx_insert(&second);
	record.media.sides = 2;
	fx_put(&record);
	return second.guid;
}

Test(deallocate, releases_the_side_that_was_reserved_with_it)
{
	NTMS_GUID second;

	allocate_one(false, 0);
	second = add_side(NTMS_PARTSTATE_RESERVED);
	must(deallocate(fx_session));
	expect_side(NTMS_PARTSTATE_AVAILABLE);
	cr_assert_eq(fx_get(&second, NTMS_PARTITION).side.state, NTMS_PARTSTATE_AVAILABLE);
}

Test(deallocate, deallocates_the_side_of_the_logical_medium_and_no_other)
{
	NTMS_GUID second, other;

	allocate_one(true, 0);
	second = add_side(NTMS_PARTSTATE_AVAILABLE);
	must(AllocateNtmsMedia(fx_session, &pool, &second, &other, 0, 0, NULL));
	must(deallocate(fx_session));
	expect_side(NTMS_PARTSTATE_AVAILABLE);
	cr_assert_eq(fx_get(&second, NTMS_PARTITION).side.state, NTMS_PARTSTATE_ALLOCATED);
	/* Not while the other side is somebody's. */
	expect_in_pool(pool);
}

/* ---- ERROR_SUCCESS, ERROR_ACCESS_DENIED ---- */

Test(deallocate, success_with_no_more_than_the_control_right)
{
	allocate_one(false, 0);
	fx_deny(&pool, NTMS_USE_ACCESS | NTMS_MODIFY_ACCESS);
	must(fault_other_user(deallocate));
	expect_side(NTMS_PARTSTATE_AVAILABLE);
}

Test(deallocate, success_with_control_here_and_use_of_the_free_pool)
{
	allocate_one(true, 0);
	fx_deny(&pool, NTMS_USE_ACCESS | NTMS_MODIFY_ACCESS);
	fx_deny(&free_pool, NTMS_MODIFY_ACCESS | NTMS_CONTROL_ACCESS);
	must(fault_other_user(deallocate));
	fx_settle(cartridge);
	expect_side(NTMS_PARTSTATE_AVAILABLE);
	expect_in_pool(free_pool);
}

static void denied(void)
{
	struct fx_dump *before = fx_dump();

	cr_assert_eq(fault_other_user(deallocate), ERROR_ACCESS_DENIED);
	cr_assert_neq(fault_said[0], '\0');
	fx_expect_unchanged(before);
	cr_assert_eq(fx_get(&side, NTMS_PARTITION).side.state, NTMS_PARTSTATE_ALLOCATED);
}

Test(deallocate, access_denied_by_the_pool)
{
	allocate_one(false, 0);
	fx_deny(&pool, NTMS_CONTROL_ACCESS);
	denied();
}

Test(deallocate, access_denied_by_the_free_pool)
{
	allocate_one(true, 0);
	fx_deny(&pool, 0);
	fx_deny(&free_pool, NTMS_USE_ACCESS);
	denied();
}

/* ---- ERROR_DATABASE_FAILURE ---- */

static void damaged(const char *file)
{
	struct fx_dump *before;

	allocate_one(false, 0);
	before = fx_dump();
	must_be(fault_damage(file, deallocate), ERROR_DATABASE_FAILURE);
	cr_assert_neq(fault_said[0], '\0');
	fx_expect_unchanged(before);
	must(deallocate(fx_session));
	expect_side(NTMS_PARTSTATE_AVAILABLE);
}

Test(deallocate, database_failure_objects_damaged)
{
	damaged("objects");
}

Test(deallocate, database_failure_index_damaged)
{
	damaged("index");
}

Test(deallocate, database_failure_log_damaged)
{
	damaged("log.0000000001");
}

Test(deallocate, database_failure_inaccessible, .init = fault_setup_ordinary_user)
{
	struct fx_dump *before;

	allocate_one(false, 0);
	before = fx_dump();
	must_be(fault_forbidden(deallocate), ERROR_DATABASE_FAILURE);
	fx_expect_unchanged(before);
	must(deallocate(fx_session));
}

/* Its table has no ERROR_TIMEOUT. */
Test(deallocate, database_failure_locked)
{
	struct fx_dump *before;

	allocate_one(false, 0);
	before = fx_dump();
	must_be(fault_locked_out(deallocate), ERROR_DATABASE_FAILURE);
	cr_assert_neq(fault_said[0], '\0');
	fx_expect_unchanged(before);
}

/* ---- ERROR_DATABASE_FULL ---- */

Test(deallocate, database_full_file_limit)
{
	struct fx_dump *before;

	allocate_one(false, 0);
	before = fx_dump();
	must_be(fault_file_limit(deallocate), ERROR_DATABASE_FULL);
	fx_expect_unchanged(before);
	must(deallocate(fx_session));
}

Test(deallocate, database_full_disk, .init = fault_setup_small_disk)
{
	struct fx_dump *before;

	allocate_one(false, 0);
	before = fx_dump();
	must_be(fault_full_disk(deallocate), ERROR_DATABASE_FULL);
	fx_expect_unchanged(before);
	must(deallocate(fx_session));
}

/* ---- ERROR_INVALID_HANDLE, ERROR_INVALID_MEDIA, ERROR_INVALID_PARAMETER ---- */

Test(deallocate, invalid_handle)
{
	HANDLE closed = fx_open(), handle = closed;

	allocate_one(false, 0);
	refused(deallocate(NULL), ERROR_INVALID_HANDLE);
	refused(deallocate(INVALID_HANDLE_VALUE), ERROR_INVALID_HANDLE);
	fx_close(&closed);
	refused(deallocate(handle), ERROR_INVALID_HANDLE);
}

Test(deallocate, invalid_media)
{
	allocate_one(false, 0);
	guid_make(&media);
	refused(deallocate(fx_session), ERROR_INVALID_MEDIA);
	media = (NTMS_GUID)NTMS_NULLGUID;
	refused(deallocate(fx_session), ERROR_INVALID_MEDIA);
	media = side;
	refused(deallocate(fx_session), ERROR_INVALID_MEDIA);
	media = cartridge;
	refused(deallocate(fx_session), ERROR_INVALID_MEDIA);
	media = pool;
	refused(deallocate(fx_session), ERROR_INVALID_MEDIA);
}

Test(deallocate, invalid_parameter)
{
	allocate_one(false, 0);
	refused(DeallocateNtmsMedia(fx_session, NULL, 0), ERROR_INVALID_PARAMETER);
	refused(DeallocateNtmsMedia(fx_session, &media, 1), ERROR_INVALID_PARAMETER);
	refused(DeallocateNtmsMedia(fx_session, &media, 0x80000000), ERROR_INVALID_PARAMETER);
}

/* ---- ERROR_INVALID_PARTITION ---- */

Test(deallocate, invalid_partition_the_side_is_missing)
{
	struct object record;

	allocate_one(false, 0);
	record = fx_get(&side, NTMS_PARTITION);
	fx_delete(&side);
	refused(deallocate(fx_session), ERROR_INVALID_PARTITION);
	fx_insert(&record);
	must(deallocate(fx_session));
}

Test(deallocate, invalid_partition_the_side_is_anothers)
{
	struct object record;

	allocate_one(false, 0);
	record = fx_get(&side, NTMS_PARTITION);
	guid_make(&record.side.logical);
	fx_put(&record);
	refused(deallocate(fx_session), ERROR_INVALID_PARTITION);
}

/* ---- ERROR_NOT_ENOUGH_MEMORY ---- */

Test(deallocate, not_enough_memory_heap_used_up, .init = fault_setup_heap)
{
	struct fx_dump *before;

	allocate_one(false, 0);
	before = fx_dump();
	must_be(fault_no_memory(0, deallocate), ERROR_NOT_ENOUGH_MEMORY);
	fx_expect_unchanged(before);
}

Test(deallocate, not_enough_memory_is_the_only_error_of_little_memory, .init = fault_setup_heap)
{
	allocate_one(false, 0);
	fault_little_memory(deallocate);
	expect_side(NTMS_PARTSTATE_AVAILABLE);
}

/* ---- beyond its table ---- */

Test(deallocate, busy_while_mounted)
{
	allocate_one(false, 0);
	fx_mount(media);
	refused(deallocate(fx_session), ERROR_BUSY);
	fx_dismount(media, 0);
	must(deallocate(fx_session));
	expect_side(NTMS_PARTSTATE_AVAILABLE);
}

Test(deallocate, of_a_cartridge_on_its_way_home_with_its_free_label)
{
	struct object request;

	allocate_one(false, 0);
	request_init(NULL, NTMS_LM_WRITESCRATCH, &fx_library, &request);
	request.librequest.media = cartridge;
	request.librequest.side = side;
	request.librequest.state = NTMS_LM_INPROCESS;
	fx_stop_work();
	fx_insert(&request);
	must(deallocate(fx_session));
	fx_let_work();
	expect_side(NTMS_PARTSTATE_AVAILABLE);
}

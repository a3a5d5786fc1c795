/* SPDX-License-Identifier: GPL-2.0-only */
/* test-identify.c - slots looked into, and inventories that are stopped */
#include <pthread.h>
#include <string.h>
#include "base/clock.h"
#include "base/guid.h"
#include "core/request.h"
#include "core/run.h"
#include "faults.h"

TestSuite(identify, .timeout = 120, .init = fx_setup, .fini = fx_teardown);

static NTMS_GUID slot_guid(unsigned int number)
{
	char name[16];

	snprintf(name, sizeof(name), "%u", number);
	return fx_find(name, NTMS_STORAGESLOT);
}

static uint32_t slot_state(unsigned int number)
{
	NTMS_GUID guid = slot_guid(number);

	return fx_get(&guid, NTMS_STORAGESLOT).device.state;
}

static uint32_t side_state(const char *barcode)
{
	NTMS_GUID side = fx_find(barcode, NTMS_PARTITION);

	return fx_get(&side, NTMS_PARTITION).side.state;
}

static DWORD identify(HANDLE session, unsigned int number, DWORD option)
{
	NTMS_GUID guid = slot_guid(number);

	return IdentifyNtmsSlot(session, &guid, option);
}

/* ---- what it does ---- */

Test(identify, an_unknown_cartridge_is_known_when_the_call_returns)
{
	cr_assert_eq(side_state("V00002L8"), NTMS_PARTSTATE_UNKNOWN);
	must(identify(fx_session, 2, NTMS_DISMOUNT_IMMEDIATE));
	cr_expect_eq(side_state("V00002L8"), NTMS_PARTSTATE_FOREIGN);
	cr_expect_eq(side_state("V00001L8"), NTMS_PARTSTATE_UNKNOWN, "another was looked at");
	fx_expect_home("V00002L8");
	cr_expect_eq(slot_state(2), NTMS_SLOTSTATE_FULL);
	cr_expect_eq(fx_requests(NTMS_LM_CLASSIFY, NTMS_LM_PASSED), 1);
}

Test(identify, no_option_takes_it_home_too)
{
	must(identify(fx_session, 1, 0));
	cr_expect_eq(side_state("V00001L8"), NTMS_PARTSTATE_FOREIGN);
	fx_expect_home("V00001L8");
}

Test(identify, deferred_it_stays_in_the_drive_for_whoever_comes)
{
	NTMS_GUID media = fx_find("V00001L8", NTMS_PHYSICAL_MEDIA);
	struct object cartridge, drive;

	must(identify(fx_session, 1, NTMS_DISMOUNT_DEFERRED));
	cr_expect_eq(side_state("V00001L8"), NTMS_PARTSTATE_FOREIGN);
	cartridge = fx_get(&media, NTMS_PHYSICAL_MEDIA);
	cr_assert_eq(cartridge.media.location_type, NTMS_DRIVE);
	cr_expect_eq(cartridge.media.state, NTMS_MEDIASTATE_IDLE);
	drive = fx_get(&cartridge.media.location, NTMS_DRIVE);
	cr_expect_eq(drive.device.state, NTMS_DRIVESTATE_DISMOUNTABLE);
	cr_expect(!fx_is_held(&drive.guid));
	cr_expect_eq(fx_where("V00001L8"), fx_element_of_drive(&drive.guid));
	cr_expect_eq(slot_state(1), NTMS_SLOTSTATE_EMPTY);
	/* Its slot is empty now, and that is no error. */
	must(identify(fx_session, 1, 0));
	cr_expect_eq(fx_where("V00001L8"), fx_element_of_drive(&drive.guid));
}

Test(identify, an_empty_slot_makes_no_record)
{
	struct fx_dump *dump;
	unsigned long long robot = fx_robot();

	must(identify(fx_session, 5, NTMS_DISMOUNT_IMMEDIATE));
	cr_expect_eq(fx_robot(), robot, "the robot has moved something");
	cr_expect_eq(fx_requests(NTMS_LM_CLASSIFY, NTMS_LM_PASSED), 1);
	dump = fx_dump();
	fx_dump_free(dump);
	cr_expect_eq(slot_state(5), NTMS_SLOTSTATE_EMPTY);
}

/* Put in behind the records' back, while nobody looked. */
Test(identify, what_a_person_has_put_there_is_found)
{
	must(fx_hand_put("N00001L8", VIRTUAL_FIRST_SLOT + 5));
	must(identify(fx_session, 6, 0));
	cr_expect_eq(side_state("N00001L8"), NTMS_PARTSTATE_FOREIGN);
	fx_expect_home("N00001L8");
}

Test(identify, a_slot_in_doubt_is_so_no_more)
{
	NTMS_GUID guid = slot_guid(3);
	struct object slot = fx_get(&guid, NTMS_STORAGESLOT);

	slot.device.state = NTMS_SLOTSTATE_NEEDSINVENTORY;
	fx_put(&slot);
	must(identify(fx_session, 3, 0));
	cr_expect_eq(slot_state(3), NTMS_SLOTSTATE_FULL);
}

Test(identify, an_allocated_cartridge_stays_allocated)
{
	NTMS_GUID media = fx_allocated("V00001L8");

	must(identify(fx_session, 1, 0));
	cr_expect_eq(fx_side(&media).side.state, NTMS_PARTSTATE_ALLOCATED);
	fx_expect_home("V00001L8");
	fx_mount(media);
}

/* ---- what comes in its way ---- */

static void *identify_third(void *session)
{
	return (void *)(uintptr_t)identify(session, 3, 0);
}

static bool one_waits(void)
{
	return fx_requests(NTMS_LM_CLASSIFY, NTMS_LM_WAITING) == 1;
}

/* It waits, as everybody does, for a drive. */
Test(identify, both_drives_in_use)
{
	NTMS_GUID first = fx_allocated("V00001L8"), second = fx_allocated("V00002L8");
	pthread_t thread;
	void *result;

	fx_mount(first);
	fx_mount(second);
	cr_assert_eq(pthread_create(&thread, NULL, identify_third, fx_session), 0);
	fx_wait_until(one_waits);
	cr_expect_eq(side_state("V00003L8"), NTMS_PARTSTATE_UNKNOWN);
	fx_dismount(first, NTMS_DISMOUNT_IMMEDIATE);
	cr_assert_eq(pthread_join(thread, &result), 0);
	cr_expect_eq((DWORD)(uintptr_t)result, ERROR_SUCCESS);
	cr_expect_eq(side_state("V00003L8"), NTMS_PARTSTATE_FOREIGN);
}

/* Whatever waits; how many. One that is just being looked at again is none for a moment. */
static DWORD cancel_waiting(void)
{
	NTMS_GUID list[64];
	DWORD count = 64, cancelled = 0;

	must(EnumerateNtmsObject(fx_session, &fx_library, list, &count, NTMS_LIBREQUEST, 0));
	for (DWORD i = 0; i < count; i++)
		if (fx_get(&list[i], NTMS_LIBREQUEST).librequest.state == NTMS_LM_WAITING &&
		    !CancelNtmsLibraryRequest(fx_session, &list[i]))
			cancelled++;
	return cancelled;
}

/* Who waits is told when somebody has taken the request out of the queue. */
Test(identify, cancelled_while_it_waits)
{
	NTMS_GUID first = fx_allocated("V00001L8"), second = fx_allocated("V00002L8");
	pthread_t thread;
	void *result;

	fx_mount(first);
	fx_mount(second);
	cr_assert_eq(pthread_create(&thread, NULL, identify_third, fx_session), 0);
	fx_wait_until(one_waits);
	while (!cancel_waiting())
		fx_wait_until(one_waits);
	cr_assert_eq(pthread_join(thread, &result), 0);
	cr_expect_eq((DWORD)(uintptr_t)result, ERROR_CANCELLED);
	fx_expect_home("V00003L8");
}

static void fault(enum virtual_operation operation, uint8_t key, uint8_t asc)
{
	struct virtual_fault what = {
		.operation = operation, .where = UINT32_MAX, .count = 1, .key = key, .asc = asc};

	fx_virtual_only("the library has no such fault");
	cr_assert_eq(virtual_fault_add(fx_vlib, &what), 0);
}

Test(identify, a_cartridge_that_does_not_fit_the_drive)
{
	NTMS_GUID pool, media = fx_find("V00002L8", NTMS_PHYSICAL_MEDIA);

	fault(VIRTUAL_OPEN, 3, 0x30);
	must(identify(fx_session, 2, 0));
	cr_expect_eq(side_state("V00002L8"), NTMS_PARTSTATE_INCOMPATIBLE);
	fx_expect_home("V00002L8");
	pool = fx_get(&media, NTMS_PHYSICAL_MEDIA).media.pool;
	cr_expect_eq(fx_get(&pool, NTMS_MEDIA_POOL).pool.kind, NTMS_POOLTYPE_FOREIGN);
	/* It does not find its way out of that. */
	must(identify(fx_session, 2, 0));
	cr_expect_eq(side_state("V00002L8"), NTMS_PARTSTATE_INCOMPATIBLE);
}

/* Whoever owns it is not to lose it because of a drive. */
Test(identify, an_allocated_one_that_does_not_fit_stays_allocated)
{
	NTMS_GUID media = fx_allocated("V00001L8");

	fault(VIRTUAL_OPEN, 3, 0x30);
	must_be(identify(fx_session, 1, 0), ERROR_MEDIA_INCOMPATIBLE);
	cr_expect(strstr(RsmLastMessage(), "V00001L8"), "%s", RsmLastMessage());
	cr_expect_eq(fx_side(&media).side.state, NTMS_PARTSTATE_ALLOCATED);
	fx_expect_home("V00001L8");
}

Test(identify, a_tape_that_cannot_be_read)
{
	fault(VIRTUAL_READ, 3, 0x11);
	must_be(identify(fx_session, 2, 0), ERROR_DEVICE_NOT_AVAILABLE);
	cr_expect_neq(RsmLastMessage()[0], '\0');
	cr_expect_eq(side_state("V00002L8"), NTMS_PARTSTATE_UNKNOWN);
	cr_expect_eq(fx_requests(NTMS_LM_CLASSIFY, NTMS_LM_FAILED), 1);
	fx_expect_home("V00002L8");
	must(identify(fx_session, 2, 0));
	cr_expect_eq(side_state("V00002L8"), NTMS_PARTSTATE_FOREIGN);
}

Test(identify, the_library_does_not_answer)
{
	fault(VIRTUAL_ELEMENTS, 4, 0x44);
	must_be(identify(fx_session, 2, 0), ERROR_DEVICE_NOT_AVAILABLE);
	cr_expect_eq(side_state("V00002L8"), NTMS_PARTSTATE_UNKNOWN);
}

/* Never mounted: a drive would use it up. */
Test(identify, a_cleaner)
{
	unsigned long long robot;
	struct object media, type;
	NTMS_GUID guid;

	must(fx_hand_put("CLN001L8", VIRTUAL_FIRST_SLOT + 5));
	robot = fx_robot();
	must(identify(fx_session, 6, 0));
	guid = fx_find("CLN001L8", NTMS_PHYSICAL_MEDIA);
	media = fx_get(&guid, NTMS_PHYSICAL_MEDIA);
	type = fx_get(&media.media.media_type, NTMS_MEDIA_TYPE);
	cr_expect_eq(type.media_type.code, CLEANER_CARTRIDGE);
	must(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_OMID));
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	cr_expect_eq(slot_state(6), NTMS_SLOTSTATE_FULL, "nobody will ever look into slot 6");
	fx_expect_home("CLN001L8");
	(void)robot;
	cr_expect_eq(media.media.state, NTMS_MEDIASTATE_IDLE);
	cr_expect_eq(fx_requests(NTMS_LM_CLASSIFY, NTMS_LM_PASSED), 5, "one, and four tapes");
}

static void full_inventory(void)
{
	must(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_OMID));
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
}

/* Nobody's cartridge has been written at another machine. */
Test(identify, what_was_blank_is_to_be_imported)
{
	NTMS_GUID side = fx_find("V00001L8", NTMS_PARTITION);
	char label[81];

	full_inventory();
	cr_assert_eq(fx_get(&side, NTMS_PARTITION).side.state, NTMS_PARTSTATE_FOREIGN);
	snprintf(label, sizeof(label), "%-79s3", "VOL1OTHER1");
	fx_label_tape("V00001L8", label);
	full_inventory();
	cr_assert_eq(fx_get(&side, NTMS_PARTITION).side.state, NTMS_PARTSTATE_IMPORT);
}

static void set_slot_state(unsigned int number, uint32_t state)
{
	NTMS_GUID guid = slot_guid(number);
	struct object slot = fx_get(&guid, NTMS_STORAGESLOT);

	slot.device.state = state;
	fx_put(&slot);
}

/* Its magazine was out; what is in it now nobody knows until it is looked at. */
Test(identify, a_slot_that_comes_back)
{
	set_slot_state(1, NTMS_SLOTSTATE_NOTPRESENT);
	must(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_FAST));
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	cr_assert_eq(slot_state(1), NTMS_SLOTSTATE_FULL);
	cr_assert_eq(fx_requests(NTMS_LM_CLASSIFY, NTMS_LM_PASSED), 4);
}

Test(identify, a_disabled_cartridge_is_left_for_later)
{
	NTMS_GUID media = fx_find("V00001L8", NTMS_PHYSICAL_MEDIA);

	must(DisableNtmsObject(fx_session, NTMS_PHYSICAL_MEDIA, &media));
	must(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_OMID));
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	cr_expect_eq(fx_requests(NTMS_LM_INVENTORY, NTMS_LM_PASSED), 1);
	cr_expect_eq(fx_requests(NTMS_LM_CLASSIFY, NTMS_LM_FAILED), 0);
	cr_expect_eq(fx_requests(NTMS_LM_CLASSIFY, NTMS_LM_PASSED), 3, "of four tapes");
	cr_expect_eq(slot_state(1), NTMS_SLOTSTATE_NEEDSINVENTORY);
	must(EnableNtmsObject(fx_session, NTMS_PHYSICAL_MEDIA, &media));
	must(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_FAST));
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	cr_expect_eq(slot_state(1), NTMS_SLOTSTATE_FULL);
	cr_expect_eq(fx_requests(NTMS_LM_CLASSIFY, NTMS_LM_PASSED), 4);
	fx_expect_home("V00001L8");
}

/* ---- refused ---- */

static NTMS_GUID known_slot;

static DWORD call(HANDLE session)
{
	return IdentifyNtmsSlot(session, &known_slot, 0);
}

Test(identify, arguments)
{
	NTMS_GUID unknown = {.Data1 = 1}, drive = fx_drive_guid(0);

	known_slot = slot_guid(1);
	must_be(IdentifyNtmsSlot(NULL, &known_slot, 0), ERROR_INVALID_HANDLE);
	refused(IdentifyNtmsSlot(fx_session, NULL, 0), ERROR_INVALID_PARAMETER);
	refused(IdentifyNtmsSlot(fx_session, &known_slot, 3), ERROR_INVALID_PARAMETER);
	refused(IdentifyNtmsSlot(fx_session, &known_slot, ~0u), ERROR_INVALID_PARAMETER);
	refused(IdentifyNtmsSlot(fx_session, &unknown, 0), ERROR_OBJECT_NOT_FOUND);
	refused(IdentifyNtmsSlot(fx_session, &drive, 0), ERROR_OBJECT_NOT_FOUND);
}

Test(identify, rights)
{
	struct fx_dump *dump;

	known_slot = slot_guid(1);
	fx_deny(&fx_library, NTMS_CONTROL_ACCESS);
	dump = fx_dump();
	must_be(fault_other_user(call), ERROR_ACCESS_DENIED);
	fx_expect_unchanged(dump);
	fx_deny(&fx_library, NTMS_MODIFY_ACCESS | NTMS_USE_ACCESS);
	must(fault_other_user(call));
}

Test(identify, a_slot_that_is_out_with_its_magazine)
{
	struct object slot;

	known_slot = slot_guid(1);
	slot = fx_get(&known_slot, NTMS_STORAGESLOT);
	slot.device.state = NTMS_SLOTSTATE_NOTPRESENT;
	fx_put(&slot);
	refused(call(fx_session), ERROR_OBJECT_NOT_FOUND);
}

static void refused_by_library(DWORD slot_code, DWORD stop_code)
{
	refused(call(fx_session), slot_code);
	refused(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_STOP), stop_code);
}

Test(identify, library_disabled_or_absent)
{
	struct object library;

	known_slot = slot_guid(1);
	must(DisableNtmsObject(fx_session, NTMS_LIBRARY, &fx_library));
	refused_by_library(ERROR_RESOURCE_DISABLED, ERROR_RESOURCE_DISABLED);
	must(EnableNtmsObject(fx_session, NTMS_LIBRARY, &fx_library));
	library = fx_get(&fx_library, NTMS_LIBRARY);
	fx_put_absent(&library);
	refused_by_library(ERROR_DEVICE_NOT_AVAILABLE, ERROR_DEVICE_NOT_AVAILABLE);
	library.opstate = NTMS_READY;
	library.library.kind = NTMS_LIBRARYTYPE_OFFLINE;
	fx_put(&library);
	refused_by_library(ERROR_LIBRARY_OFFLINE, ERROR_LIBRARY_OFFLINE);
}

Test(identify, another_systems_library)
{
	known_slot = slot_guid(1);
	must_be(fault_other_broker(call), ERROR_DEVICE_NOT_AVAILABLE);
}

Test(identify, a_damaged_database)
{
	known_slot = slot_guid(1);
	must_be(fault_damage("objects", call), ERROR_DATABASE_FAILURE);
}

/* ---- inventories stopped ---- */

static void start_full(void)
{
	must(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_OMID));
}

static void stop(void)
{
	must(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_STOP));
}

static void wait_library(void)
{
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
}

static size_t slots_in(uint32_t state)
{
	size_t count = 0;

	for (unsigned int i = 1; i <= 6; i++)
		count += slot_state(i) == state;
	return count;
}

/* In their slots, by the records and by the library, looked at or not. */
static void expect_all_home(void)
{
	static const char *const barcodes[] = {"V00001L8", "V00002L8", "V00003L8", "V00004L8"};

	for (unsigned int i = 0; i < 4; i++) {
		NTMS_GUID guid = fx_find(barcodes[i], NTMS_PHYSICAL_MEDIA), slot = slot_guid(i + 1);
		struct object media = fx_get(&guid, NTMS_PHYSICAL_MEDIA);

		cr_expect_eq(media.media.state, NTMS_MEDIASTATE_IDLE);
		cr_expect(guid_equal(&media.media.location, &slot), "%s is elsewhere", barcodes[i]);
		cr_expect_eq(fx_where(barcodes[i]), VIRTUAL_FIRST_SLOT + i);
	}
}

static size_t unfinished(DWORD operation)
{
	return fx_requests(operation, NTMS_LM_QUEUED) + fx_requests(operation, NTMS_LM_INPROCESS) +
	       fx_requests(operation, NTMS_LM_WAITING);
}

static bool label_work(void)
{
	return fx_requests(NTMS_LM_CLASSIFY, NTMS_LM_INPROCESS) > 0;
}

/* It is not over while labels are still to be read. */
Test(identify, an_inventory_lasts_until_its_last_label)
{
	fx_slow_robot(100);
	start_full();
	fx_wait_until(label_work);
	cr_expect_eq(fx_requests(NTMS_LM_INVENTORY, NTMS_LM_INPROCESS), 1);
	wait_library();
	cr_expect_eq(fx_requests(NTMS_LM_INVENTORY, NTMS_LM_PASSED), 1);
	cr_expect_eq(fx_requests(NTMS_LM_CLASSIFY, NTMS_LM_PASSED), 4);
	cr_expect_eq(slots_in(NTMS_SLOTSTATE_NEEDSINVENTORY), 0);
}

Test(identify, an_inventory_stopped_in_the_middle)
{
	size_t read;

	fx_slow_robot(200);
	start_full();
	fx_wait_until(label_work);
	stop();
	cr_expect_eq(fx_requests(NTMS_LM_INVENTORY, NTMS_LM_STOPPED), 1);
	cr_expect_leq(unfinished(NTMS_LM_CLASSIFY), 1, "more than one cartridge goes on");
	wait_library();
	cr_expect_eq(fx_requests(NTMS_LM_INVENTORY, NTMS_LM_STOPPED), 1);
	read = fx_requests(NTMS_LM_CLASSIFY, NTMS_LM_PASSED);
	cr_expect_geq(read, 1);
	cr_expect_leq(read, 3);
	cr_expect_eq(fx_requests(NTMS_LM_CLASSIFY, NTMS_LM_CANCELLED), 4 - read);
	expect_all_home();
	cr_expect_eq(slots_in(NTMS_SLOTSTATE_NEEDSINVENTORY), 4 - read,
		     "what was not looked at is not said to be");
	/* The next one takes up what was left. */
	fx_slow_robot(0);
	must(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_FAST));
	wait_library();
	cr_expect_eq(slots_in(NTMS_SLOTSTATE_NEEDSINVENTORY), 0);
	cr_expect_eq(fx_requests(NTMS_LM_CLASSIFY, NTMS_LM_PASSED), 4);
	cr_expect_eq(fx_requests(NTMS_LM_INVENTORY, NTMS_LM_PASSED), 1);
}

Test(identify, an_inventory_stopped_before_it_begins)
{
	unsigned long long robot = fx_robot();

	fx_stop_work();
	start_full();
	start_full();
	stop();
	cr_expect_eq(fx_requests(NTMS_LM_INVENTORY, NTMS_LM_STOPPED), 2);
	fx_let_work();
	wait_library();
	cr_expect_eq(fx_robot(), robot);
	cr_expect_eq(slots_in(NTMS_SLOTSTATE_NEEDSINVENTORY), 4);
}

Test(identify, stopped_where_nothing_runs)
{
	struct fx_dump *before = fx_dump();

	stop();
	fx_expect_unchanged(before);
	start_full();
	wait_library();
	before = fx_dump();
	stop();
	fx_expect_unchanged(before);
}

/* What somebody has asked for by itself is none of the inventory's. */
Test(identify, other_work_is_not_stopped)
{
	NTMS_GUID media = fx_allocated("V00001L8");
	pthread_t thread;
	void *result;

	fx_slow_robot(100);
	fx_mount(media);
	fx_stop_work();
	cr_assert_eq(pthread_create(&thread, NULL, identify_third, fx_session), 0);
	start_full();
	fx_let_work();
	fx_wait_until(label_work);
	stop();
	cr_assert_eq(pthread_join(thread, &result), 0);
	cr_expect_eq((DWORD)(uintptr_t)result, ERROR_SUCCESS);
	wait_library();
	cr_expect_eq(fx_media(&media).media.state, NTMS_MEDIASTATE_LOADED);
}

/* Stopped just when the library has answered, before that is recorded. */
Test(identify, stopped_between_the_answer_and_its_record)
{
	struct session *session = fx_session;
	struct object library = fx_get(&fx_library, NTMS_LIBRARY), request;
	struct fx_dump *before;
	struct turn turn;

	request_init(NULL, NTMS_LM_INVENTORY, &fx_library, &request);
	fx_insert(&request);
	must(turn_begin(session->system, &library, clock_deadline(PATIENCE_MS), &turn));
	stop();
	before = fx_dump();
	must(fx_hand_put("N00001L8", VIRTUAL_FIRST_SLOT + 5));
	must_be(inventory_take(&turn, &request, true, true), ERROR_CANCELLED);
	fx_expect_unchanged(before);
	turn_end(&turn);
}

/* An executor has died at a cartridge of it; the next one need not begin with that again. */
Test(identify, what_a_dead_executor_had_begun_is_not_begun_again)
{
	NTMS_GUID media = fx_find("V00001L8", NTMS_PHYSICAL_MEDIA);
	struct object inventory, request;
	unsigned long long robot = fx_robot();

	request_init(NULL, NTMS_LM_INVENTORY, &fx_library, &inventory);
	inventory.librequest.state = NTMS_LM_STOPPED;
	fx_insert(&inventory);
	request_init(NULL, NTMS_LM_CLASSIFY, &fx_library, &request);
	request.librequest.state = NTMS_LM_INPROCESS;
	request.librequest.media = media;
	request.librequest.side = fx_find("V00001L8", NTMS_PARTITION);
	request.librequest.group = inventory.guid;
	fx_insert(&request);
	must_be(RsmWaitForRequest(fx_session, &request.guid, PATIENCE_MS), ERROR_CANCELLED);
	cr_expect_eq(fx_requests(NTMS_LM_CLASSIFY, NTMS_LM_CANCELLED), 1);
	cr_expect_eq(fx_robot(), robot, "it has been mounted");
	cr_expect_eq(side_state("V00001L8"), NTMS_PARTSTATE_UNKNOWN);
}

static NTMS_GUID library_guid;

static DWORD stop_call(HANDLE session)
{
	return InventoryNtmsLibrary(session, &library_guid, NTMS_INVENTORY_STOP);
}

Test(identify, stopping_refused)
{
	struct fx_dump *dump;

	library_guid = fx_library;
	must_be(stop_call(NULL), ERROR_INVALID_HANDLE);
	refused(InventoryNtmsLibrary(fx_session, NULL, NTMS_INVENTORY_STOP),
		ERROR_INVALID_PARAMETER);
	refused(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_MAX),
		ERROR_INVALID_PARAMETER);
	library_guid.Data1++;
	refused(stop_call(fx_session), ERROR_INVALID_LIBRARY);
	library_guid = fx_library;
	fx_deny(&fx_library, NTMS_CONTROL_ACCESS);
	dump = fx_dump();
	must_be(fault_other_user(stop_call), ERROR_ACCESS_DENIED);
	fx_expect_unchanged(dump);
}

/* ---- deaths ---- */

static int steps_left;

static void die_some_time(void *context, const RSM_PROGRESS *progress)
{
	(void)context;
	(void)progress;
	if (steps_left-- == 0)
		raise(SIGKILL);
}

static int identify_and_die(const struct child *parent)
{
	HANDLE session = OpenNtmsSessionA(NULL, "to be killed", 0);

	(void)parent;
	child_must(RsmSetProgress(session, die_some_time, NULL));
	child_must(IdentifyNtmsSlot(session, &known_slot, 0));
	return 0;
}

/*
 * Kills @work at its first steps, each in turn, and has @settle look what is left. Whoever waits is
 * told of a step when it looks, on a machine that is busy not of all: one that was missed is tried
 * again.
 */
static void kill_at_steps(int (*work)(const struct child *parent), void (*settle)(void))
{
	for (int step = 0, missed = 0;;) {
		struct child child;
		int status;

		steps_left = step;
		child = start_child(work);
		status = end_child(&child);
		if (WIFEXITED(status)) {
			cr_assert_eq(WEXITSTATUS(status), 0);
			if (step > 2)
				return;
			cr_assert_lt(++missed, 20, "nobody dies at step %d", step);
			continue;
		}
		cr_assert(WIFSIGNALED(status));
		settle();
		step++;
	}
}

static void end_identification(void)
{
	wait_library();
	cr_assert_eq(side_state("V00001L8"), NTMS_PARTSTATE_FOREIGN);
	fx_expect_home("V00001L8");
	cr_assert_eq(unfinished(NTMS_LM_CLASSIFY), 0);
}

/* What was begun is ended by whoever comes next. */
Test(identify, killed_at_every_step)
{
	known_slot = slot_guid(1);
	fx_slow_robot(100);
	kill_at_steps(identify_and_die, end_identification);
}

static int inventory_and_die(const struct child *parent)
{
	HANDLE session = OpenNtmsSessionA(NULL, "to be killed", 0);

	(void)parent;
	child_must(RsmSetProgress(session, die_some_time, NULL));
	child_must(InventoryNtmsLibrary(session, &fx_library, NTMS_INVENTORY_OMID));
	child_must(RsmWaitForLibrary(session, &fx_library, PATIENCE_MS));
	return 0;
}

static void stop_inventory(void)
{
	DWORD code;

	stop();
	/* What the dead one had begun of it is cancelled, maybe before anybody waits. */
	code = RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS);
	cr_assert(code == ERROR_SUCCESS || code == ERROR_CANCELLED, "%s: %s", RsmErrorName(code),
		  RsmLastMessage());
	wait_library();
	cr_assert_eq(unfinished(NTMS_LM_INVENTORY), 0);
	cr_assert_eq(unfinished(NTMS_LM_CLASSIFY), 0);
}

/* The executor is dead, the inventory is stopped, and the next one finds nothing half-moved. */
Test(identify, stopped_after_its_executor_died)
{
	fx_slow_robot(100);
	kill_at_steps(inventory_and_die, stop_inventory);
	start_full();
	wait_library();
	expect_all_home();
}

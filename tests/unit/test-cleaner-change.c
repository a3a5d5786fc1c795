/* SPDX-License-Identifier: GPL-2.0-only */
/* test-cleaner-change.c - cleaners come in and go out, by a port or by the door */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/guid.h"
#include "core/cleaner.h"
#include "faults.h"
#include "people.h"

#define USES  20
#define SLOT  6 /* that is kept for it */
#define PLACE (VIRTUAL_FIRST_SLOT + SLOT - 1)

static const RSM_VIRTUAL_SHAPE two_ports = {.dwDrives = 2,
					    .dwSlots = 6,
					    .dwPorts = 2,
					    .dwTapes = 4,
					    .bDoor = TRUE,
					    .bBarCodeReader = TRUE};

static DWORD reserve(unsigned int number)
{
	NTMS_GUID slot = numbered(NTMS_STORAGESLOT, number).guid;

	return ReserveNtmsCleanerSlot(fx_session, &fx_library, &slot);
}

static void setup_shape(RSM_VIRTUAL_SHAPE shape)
{
	fx_make_shape(&shape);
	fx_open_library();
	must(reserve(SLOT));
}

static void with_slot(void)
{
	setup_shape(two_ports);
}

static void without_slot(void)
{
	fx_make_shape(&two_ports);
	fx_open_library();
}

static void without_reader(void)
{
	RSM_VIRTUAL_SHAPE shape = two_ports;

	shape.bBarCodeReader = FALSE;
	setup_shape(shape);
}

static void without_port(void)
{
	RSM_VIRTUAL_SHAPE shape = two_ports;

	shape.dwPorts = 0;
	setup_shape(shape);
}

static void without_port_and_reader(void)
{
	RSM_VIRTUAL_SHAPE shape = two_ports;

	shape.dwPorts = 0;
	shape.bBarCodeReader = FALSE;
	setup_shape(shape);
}

static void without_any_way(void)
{
	RSM_VIRTUAL_SHAPE shape = two_ports;

	shape.dwPorts = 0;
	shape.bDoor = FALSE;
	setup_shape(shape);
}

TestSuite(cleaner_change, .timeout = 120, .init = with_slot, .fini = fx_teardown);

static struct object library(void)
{
	return fx_get(&fx_library, NTMS_LIBRARY);
}

static DWORD try_inject(NTMS_GUID *operation)
{
	return InjectNtmsCleaner(fx_session, &fx_library, operation, USES, NTMS_INJECT_START);
}

static DWORD try_eject(NTMS_GUID *operation)
{
	return EjectNtmsCleaner(fx_session, &fx_library, operation, NTMS_EJECT_START);
}

static NTMS_GUID inject(void)
{
	NTMS_GUID operation = NTMS_NULLGUID;

	must(try_inject(&operation));
	cr_assert(!guid_is_null(&operation));
	wait_open(&operation);
	return operation;
}

static NTMS_GUID eject(void)
{
	NTMS_GUID operation = NTMS_NULLGUID;

	must(try_eject(&operation));
	cr_assert(!guid_is_null(&operation));
	wait_open(&operation);
	return operation;
}

static void stop_inject(NTMS_GUID operation)
{
	must(InjectNtmsCleaner(fx_session, &fx_library, &operation, 0, NTMS_INJECT_STOP));
}

static void stop_eject(NTMS_GUID operation)
{
	must(EjectNtmsCleaner(fx_session, &fx_library, &operation, NTMS_EJECT_STOP));
}

static void wait_library(void)
{
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
}

/* A person has put it into its slot, and RSM has looked. */
static void have_cleaner(void)
{
	must(virtual_hand_put(fx_vlib, "CLN001L8", PLACE));
	must(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_FAST));
	wait_library();
}

static bool is_known(const char *barcode)
{
	NTMS_GUID guid;

	return !RsmFindObject(fx_session, barcode, NTMS_PHYSICAL_MEDIA, &guid);
}

/* The library has a cleaner, in its slot, by the records and really. */
static void expect_cleaner(const char *barcode, uint32_t uses)
{
	struct object record = library(), slot = numbered(NTMS_STORAGESLOT, SLOT), media, type;
	struct session *session = fx_session;
	struct txn *txn;

	cr_assert_eq(fx_where(barcode), PLACE, "it is in element %u", fx_where(barcode));
	cr_assert(record.library.flags & NTMS_LIBRARYFLAG_CLEANERPRESENT);
	cr_assert_eq(record.library.cleaner_uses, uses, "it has %u uses left",
		     record.library.cleaner_uses);
	cr_assert_eq(!!(record.library.flags & NTMS_LIBRARYFLAG_IGNORECLEANERUSESREMAINING),
		     uses == CLEANER_UNCOUNTED);
	cr_assert_eq(slot.device.state, NTMS_SLOTSTATE_FULL, "its slot is %u", slot.device.state);
	must(store_begin(session->system->store, STORE_DEADLINE_DEFAULT, &txn));
	must(cleaner_find(txn, &record, &media));
	store_abort(txn);
	cr_assert(guid_equal(&media.media.location, &slot.guid));
	type = fx_get(&media.media.media_type, NTMS_MEDIA_TYPE);
	cr_assert_eq(type.media_type.code, CLEANER_CARTRIDGE);
	cr_assert_eq(media.media.state, NTMS_MEDIASTATE_IDLE);
}

static void expect_none(void)
{
	struct object record = library(), slot = numbered(NTMS_STORAGESLOT, SLOT);

	cr_assert_eq(record.library.flags & (NTMS_LIBRARYFLAG_CLEANERPRESENT |
					     NTMS_LIBRARYFLAG_IGNORECLEANERUSESREMAINING),
		     0);
	cr_assert_eq(record.library.cleaner_uses, 0);
	cr_assert(guid_equal(&record.library.cleaner_slot, &slot.guid),
		  "the slot does not stay reserved");
}

static size_t asked_of_port(unsigned int number)
{
	NTMS_GUID guid = port(number).guid;

	return asked_about(&guid);
}

static void go_by_barcodes(bool yes)
{
	struct object record = library();

	record.library.flags &= ~(uint32_t)NTMS_LIBRARYFLAG_RECOGNIZECLEANERBARCODE;
	if (yes)
		record.library.flags |= NTMS_LIBRARYFLAG_RECOGNIZECLEANERBARCODE;
	fx_put(&record);
}

static void time_is_over(const NTMS_GUID *operation)
{
	struct object request;

	fx_stop_work();
	request = fx_get(operation, NTMS_LIBREQUEST);
	request.librequest.deadline_ms = 1;
	fx_put(&request);
	fx_let_work();
}

/* ---- in, by a port ---- */

Test(cleaner_change, it_comes_in_by_a_port)
{
	NTMS_GUID operation = inject(), slot = numbered(NTMS_STORAGESLOT, SLOT).guid;
	struct obj_librequest request = request_now(&operation);

	cr_assert_eq(request.state, NTMS_LM_INPROCESS);
	cr_assert(guid_equal(&request.slot, &slot));
	put_in(1, "CLN001L8");
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	expect_cleaner("CLN001L8", USES);
	expect_locked();
	cr_expect_eq(fx_requests(NTMS_LM_CLASSIFY, NTMS_LM_PASSED), 0, "it was mounted");
	fx_expect_home("CLN001L8");
}

Test(cleaner_change, its_uses_need_not_be_counted)
{
	NTMS_GUID operation;

	must(InjectNtmsCleaner(fx_session, &fx_library, &operation, CLEANER_UNCOUNTED,
			       NTMS_INJECT_START));
	wait_open(&operation);
	put_in(2, "CLN001L8");
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	expect_cleaner("CLN001L8", CLEANER_UNCOUNTED);
}

Test(cleaner_change, one_that_a_person_has_put_there_before)
{
	NTMS_GUID operation;

	put_in(1, "CLN001L8");
	must(try_inject(&operation));
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	expect_cleaner("CLN001L8", USES);
	expect_locked();
}

/* Nothing tells what it is but the person, and what it does in the drive. */
Test(cleaner_change, without_a_bar_code_he_is_believed, .init = without_reader)
{
	NTMS_GUID operation = inject(), drive = fx_drive_guid(0);

	put_in(1, "CLN001L8");
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	expect_cleaner("CLN001L8", USES);
	must(CleanNtmsDrive(fx_session, &drive));
	wait_library();
	expect_cleaner("CLN001L8", USES - 1);
	cr_expect_neq(fx_drive(0).device.last_cleaned_ms, 0);
}

Test(cleaner_change, where_bar_codes_do_not_tell_he_is_believed)
{
	NTMS_GUID operation;

	go_by_barcodes(false);
	operation = inject();
	put_in(1, "XYZ001L8");
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	expect_cleaner("XYZ001L8", USES);
}

/* The drive that has tried it has found it incompatible. */
Test(cleaner_change, one_that_was_taken_for_data)
{
	NTMS_GUID operation, cartridge, side, ejection;

	go_by_barcodes(false);
	must(virtual_hand_put(fx_vlib, "CLN001L8", VIRTUAL_FIRST_SLOT + 4));
	must(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_FAST));
	wait_library();
	cartridge = fx_find("CLN001L8", NTMS_PHYSICAL_MEDIA);
	side = fx_find("CLN001L8", NTMS_PARTITION);
	cr_assert_eq(fx_side(&side).side.state, NTMS_PARTSTATE_INCOMPATIBLE);
	set_limit(NTMS_IEPORT, 0);
	must(EjectNtmsMedia(fx_session, &cartridge, &ejection, NTMS_EJECT_START));
	wait_over(&ejection, NTMS_LM_FAILED, ERROR_TIMEOUT);
	must(RsmVirtualRemove(fx_vlib, RSM_VIRTUAL_PORT, 1));
	expect_locked();
	set_limit(NTMS_IEPORT, 30);
	operation = inject();
	put_in(1, "CLN001L8");
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	expect_cleaner("CLN001L8", USES);
}

static bool says_none(void)
{
	return strstr(request_now(&watched).waits_for, "is no cleaner");
}

Test(cleaner_change, one_that_is_none_can_be_exchanged)
{
	NTMS_GUID operation = inject();

	put_in(1, "NEW001L8");
	fx_wait_until(says_none);
	cr_assert(!is_over());
	cr_assert_eq(fx_where("NEW001L8"), VIRTUAL_FIRST_PORT);
	take_out(1);
	put_in(1, "CLN001L8");
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	expect_cleaner("CLN001L8", USES);
	cr_expect(!is_known("NEW001L8"));
}

/* The only record of what somebody has written is not given up for a person's word. */
Test(cleaner_change, what_is_known_as_data_is_none)
{
	NTMS_GUID media = fx_allocated("V00001L8"), cartridge = fx_media(&media).guid, operation;

	go_by_barcodes(false);
	must(EjectNtmsMedia(fx_session, &cartridge, &operation, NTMS_EJECT_START));
	wait_open(&operation);
	take_out(1);
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	expect_locked();
	operation = inject();
	put_in(1, "V00001L8");
	fx_wait_until(says_none);
	time_is_over(&operation);
	wait_over(&operation, NTMS_LM_FAILED, ERROR_INVALID_CLEANER);
	expect_in_port("V00001L8", 1);
	cr_assert_eq(asked_of_port(1), 1);
	expect_none();
	take_out(1);
	expect_locked();
	cr_assert(is_offline(&cartridge));
	cr_assert_eq(fx_side(&media).side.state, NTMS_PARTSTATE_ALLOCATED);
}

Test(cleaner_change, something_else_in_the_other_port)
{
	NTMS_GUID operation = inject();

	fx_stop_work();
	put_in(1, "NEW001L8");
	put_in(2, "CLN001L8");
	fx_let_work();
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	expect_cleaner("CLN001L8", USES);
	expect_in_port("NEW001L8", 1);
	cr_assert_eq(asked_of_port(1), 1);
	take_out(1);
	expect_locked();
	cr_assert_eq(asked_of_port(1), 0);
}

/* It is nobody's word that this one is a cleaner. */
Test(cleaner_change, what_an_eject_has_left_is_not_meant, .init = without_reader)
{
	NTMS_GUID operation, list[8];
	DWORD count = 8;

	must(EnumerateNtmsObject(fx_session, &fx_library, list, &count, NTMS_PHYSICAL_MEDIA, 0));
	set_limit(NTMS_IEPORT, 0);
	must(EjectNtmsMedia(fx_session, &list[0], &operation, NTMS_EJECT_START));
	wait_over(&operation, NTMS_LM_FAILED, ERROR_TIMEOUT);
	set_limit(NTMS_IEPORT, 30);
	operation = inject();
	put_in(2, "CLN001L8");
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	expect_cleaner("CLN001L8", USES);
	cr_assert_eq(port(1).device.state, NTMS_PORTCONTENT_FULL);
	cr_assert_eq(fx_get(&list[0], NTMS_PHYSICAL_MEDIA).media.location_type, NTMS_IEPORT);
}

static bool cleaning_waits(void)
{
	return fx_requests(NTMS_LM_CLEANDRIVE, NTMS_LM_WAITING) == 1;
}

static void *attend(void *session)
{
	return (void *)(uintptr_t)RsmWaitForLibrary(session, &fx_library, PATIENCE_MS);
}

Test(cleaner_change, a_cleaning_that_has_waited_for_it_goes_on)
{
	NTMS_GUID drive = fx_drive_guid(0), operation;
	pthread_t thread;
	void *result;

	must(CleanNtmsDrive(fx_session, &drive));
	cr_assert_eq(pthread_create(&thread, NULL, attend, fx_session), 0);
	fx_wait_until(cleaning_waits);
	cr_assert_eq(asked_about(&fx_library), 1);
	operation = inject();
	put_in(1, "CLN001L8");
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	cr_assert_eq(asked_about(&fx_library), 0);
	pthread_join(thread, &result);
	cr_assert_eq((uintptr_t)result, 0);
	expect_cleaner("CLN001L8", USES - 1);
}

/* ---- it does not come ---- */

Test(cleaner_change, nobody_comes)
{
	NTMS_GUID operation;

	set_limit(NTMS_IEPORT, 0);
	must(try_inject(&operation));
	wait_over(&operation, NTMS_LM_FAILED, ERROR_TIMEOUT);
	expect_locked();
	expect_none();
	set_limit(NTMS_IEPORT, 30);
	inject();
}

Test(cleaner_change, what_came_in_time_is_taken_in)
{
	NTMS_GUID operation = inject();
	struct object request;

	fx_stop_work();
	put_in(1, "CLN001L8");
	request = fx_get(&operation, NTMS_LIBREQUEST);
	request.librequest.deadline_ms = 1;
	fx_put(&request);
	fx_let_work();
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	expect_cleaner("CLN001L8", USES);
}

Test(cleaner_change, stopped_before_it_came)
{
	NTMS_GUID operation = inject();

	stop_inject(operation);
	wait_over(&operation, NTMS_LM_STOPPED, ERROR_SUCCESS);
	expect_locked();
	expect_none();
	refused(InjectNtmsCleaner(fx_session, &fx_library, &operation, 0, NTMS_INJECT_STOP),
		ERROR_INVALID_OPERATION);
}

Test(cleaner_change, stopped_with_something_else_in_the_port)
{
	NTMS_GUID operation = inject();

	put_in(1, "NEW001L8");
	fx_wait_until(says_none);
	stop_inject(operation);
	wait_over(&operation, NTMS_LM_STOPPED, ERROR_SUCCESS);
	cr_assert_eq(asked_of_port(1), 1);
	take_out(1);
	expect_locked();
}

Test(cleaner_change, stopped_before_it_begins)
{
	NTMS_GUID operation;

	fx_stop_work();
	must(try_inject(&operation));
	stop_inject(operation);
	wait_over(&operation, NTMS_LM_STOPPED, ERROR_SUCCESS);
}

Test(cleaner_change, the_robot_does_not_take_it)
{
	struct virtual_fault what = {
		.operation = VIRTUAL_MOVE, .where = VIRTUAL_FIRST_PORT, .count = 1};
	NTMS_GUID operation = inject();

	cr_assert_eq(virtual_fault_add(fx_vlib, &what), 0);
	put_in(1, "CLN001L8");
	wait_over(&operation, NTMS_LM_FAILED, ERROR_DEVICE_NOT_AVAILABLE);
	expect_in_port("CLN001L8", 1);
	expect_none();
	cr_assert_eq(asked_of_port(1), 1);
	take_out(1);
	expect_locked();
	cr_assert(!is_known("CLN001L8"));
}

Test(cleaner_change, the_slot_is_full_really)
{
	NTMS_GUID operation = inject();

	must(virtual_hand_put(fx_vlib, "NEW001L8", PLACE));
	put_in(1, "CLN001L8");
	wait_over(&operation, NTMS_LM_FAILED, ERROR_SLOT_FULL);
	expect_in_port("CLN001L8", 1);
	expect_none();
	cr_assert_eq(asked_of_port(1), 1);
}

static bool has_cleaner(void)
{
	return library().library.flags & NTMS_LIBRARYFLAG_CLEANERPRESENT;
}

Test(cleaner_change, a_person_has_put_one_into_the_slot_meanwhile)
{
	NTMS_GUID operation = inject();

	must(virtual_hand_put(fx_vlib, "CLN001L8", PLACE));
	must(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_FAST));
	fx_wait_until(has_cleaner);
	put_in(1, "CLN002L8");
	wait_over(&operation, NTMS_LM_FAILED, ERROR_SLOT_FULL);
	expect_cleaner("CLN001L8", CLEANER_UNCOUNTED);
	expect_in_port("CLN002L8", 1);
}

/* ---- out, by a port ---- */

Test(cleaner_change, it_goes_out_by_a_port)
{
	NTMS_GUID operation;

	have_cleaner();
	operation = eject();
	expect_in_port("CLN001L8", 1);
	take_out(1);
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	expect_locked();
	expect_none();
	cr_assert(!is_known("CLN001L8"), "a cleaner is not tracked offline");
	must(ReleaseNtmsCleanerSlot(fx_session, &fx_library));
}

Test(cleaner_change, out_and_another_one_in)
{
	NTMS_GUID operation;

	have_cleaner();
	operation = eject();
	take_out(1);
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	expect_locked();
	operation = inject();
	put_in(1, "CLN002L8");
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	expect_cleaner("CLN002L8", USES);
}

Test(cleaner_change, with_stop_it_goes_back)
{
	NTMS_GUID operation;
	struct object record;

	have_cleaner();
	record = library();
	record.library.flags &= ~(uint32_t)NTMS_LIBRARYFLAG_IGNORECLEANERUSESREMAINING;
	record.library.cleaner_uses = 7;
	fx_put(&record);
	operation = eject();
	stop_eject(operation);
	wait_over(&operation, NTMS_LM_STOPPED, ERROR_SUCCESS);
	expect_locked();
	expect_cleaner("CLN001L8", 7);
	refused(EjectNtmsCleaner(fx_session, &fx_library, &operation, NTMS_EJECT_STOP),
		ERROR_INVALID_OPERATION);
}

Test(cleaner_change, nobody_takes_it)
{
	NTMS_GUID operation;

	have_cleaner();
	set_limit(NTMS_IEPORT, 0);
	must(try_eject(&operation));
	wait_over(&operation, NTMS_LM_FAILED, ERROR_TIMEOUT);
	expect_in_port("CLN001L8", 1);
	cr_assert_eq(asked_of_port(1), 1);
	cr_assert(library().library.flags & NTMS_LIBRARYFLAG_CLEANERPRESENT);
	set_limit(NTMS_IEPORT, 30);
	operation = eject();
	take_out(1);
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	expect_none();
}

static bool being_cleaned(void)
{
	return fx_drive(0).device.state == NTMS_DRIVESTATE_BEING_CLEANED;
}

static bool waits_for_cleaner(void)
{
	return is_waiting() && strstr(request_now(&watched).waits_for, "the cleaner, which is in");
}

/* Whoever looks late finds it clean. */
static bool waited_for_cleaner(void)
{
	return waits_for_cleaner() || fx_requests(NTMS_LM_CLEANDRIVE, NTMS_LM_PASSED);
}

Test(cleaner_change, while_it_cleans_it_is_waited_for)
{
	/* Not let go of at the first try: it stays in the drive for a while. */
	struct virtual_fault what = {
		.operation = VIRTUAL_MOVE, .where = PLACE, .skip = 1, .count = 1};
	NTMS_GUID drive = fx_drive_guid(0), operation;

	have_cleaner();
	cr_assert_eq(virtual_fault_add(fx_vlib, &what), 0);
	must(CleanNtmsDrive(fx_session, &drive));
	fx_wait_until(being_cleaned);
	must(try_eject(&operation));
	watched = operation;
	fx_wait_until(waited_for_cleaner);
	wait_open(&operation);
	cr_assert_eq(fx_requests(NTMS_LM_CLEANDRIVE, NTMS_LM_PASSED), 1);
	cr_assert_neq(fx_drive(0).device.last_cleaned_ms, 0);
	expect_in_port("CLN001L8", 1);
	take_out(1);
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	expect_none();
}

Test(cleaner_change, it_is_gone_before_it_goes)
{
	NTMS_GUID operation;

	have_cleaner();
	fx_stop_work();
	must(try_eject(&operation));
	must(virtual_hand_take(fx_vlib, PLACE));
	must(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_FAST));
	fx_let_work();
	wait_over(&operation, NTMS_LM_FAILED, ERROR_SLOT_EMPTY);
	expect_none();
}

/* ---- by the door ---- */

static bool stands_open(void)
{
	return numbered(NTMS_IEDOOR, 1).device.state == NTMS_DOORSTATE_OPEN;
}

static void open_door(void)
{
	must(RsmVirtualDoor(fx_vlib, TRUE));
	fx_wait_until(stands_open);
}

static void close_door(const NTMS_GUID *operation, DWORD state, DWORD error)
{
	must(RsmVirtualDoor(fx_vlib, FALSE));
	wait_over(operation, state, error);
	cr_assert_eq(numbered(NTMS_IEDOOR, 1).device.state, NTMS_DOORSTATE_CLOSED);
	cr_assert_eq(RsmVirtualDoor(fx_vlib, TRUE), ERROR_BUSY, "the door is not locked");
}

Test(cleaner_change, in_by_the_door, .init = without_port)
{
	NTMS_GUID operation = inject();

	cr_expect(strstr(request_now(&operation).waits_for, "put the cleaner into"), "%s",
		  request_now(&operation).waits_for);
	open_door();
	must(RsmVirtualInsert(fx_vlib, RSM_VIRTUAL_SLOT, SLOT, "CLN001L8"));
	must(RsmVirtualInsert(fx_vlib, RSM_VIRTUAL_SLOT, 5, "NEW001L8"));
	close_door(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	expect_cleaner("CLN001L8", USES);
	wait_library();
	cr_expect_eq(fx_requests(NTMS_LM_CLASSIFY, NTMS_LM_PASSED), 0, "something is identified");
}

Test(cleaner_change, in_by_the_door_at_his_word, .init = without_port_and_reader)
{
	NTMS_GUID operation = inject();

	open_door();
	must(RsmVirtualInsert(fx_vlib, RSM_VIRTUAL_SLOT, SLOT, "CLN001L8"));
	close_door(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	expect_cleaner("CLN001L8", USES);
}

Test(cleaner_change, the_door_is_closed_and_nothing_has_come, .init = without_port)
{
	NTMS_GUID operation = inject();

	open_door();
	close_door(&operation, NTMS_LM_FAILED, ERROR_SLOT_EMPTY);
	expect_none();
}

Test(cleaner_change, nobody_opens_the_door, .init = without_port)
{
	NTMS_GUID operation = inject();

	time_is_over(&operation);
	wait_over(&operation, NTMS_LM_FAILED, ERROR_TIMEOUT);
	cr_assert_eq(RsmVirtualDoor(fx_vlib, TRUE), ERROR_BUSY, "the door is not locked");
	expect_none();
}

Test(cleaner_change, another_cartridge_by_the_door, .init = without_port)
{
	struct object slot = numbered(NTMS_STORAGESLOT, SLOT), media;
	NTMS_GUID operation = inject(), cartridge;

	open_door();
	must(RsmVirtualInsert(fx_vlib, RSM_VIRTUAL_SLOT, SLOT, "NEW001L8"));
	close_door(&operation, NTMS_LM_FAILED, ERROR_INVALID_CLEANER);
	expect_none();
	cartridge = fx_find("NEW001L8", NTMS_PHYSICAL_MEDIA);
	media = fx_get(&cartridge, NTMS_PHYSICAL_MEDIA);
	cr_assert(guid_equal(&media.media.location, &slot.guid));
}

Test(cleaner_change, out_by_the_door, .init = without_port)
{
	NTMS_GUID operation;

	have_cleaner();
	operation = eject();
	cr_expect(strstr(request_now(&operation).waits_for, "take the cleaner out of"), "%s",
		  request_now(&operation).waits_for);
	open_door();
	must(RsmVirtualRemove(fx_vlib, RSM_VIRTUAL_SLOT, SLOT));
	close_door(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	expect_none();
	cr_assert(!is_known("CLN001L8"));
}

Test(cleaner_change, the_door_is_closed_and_it_is_still_there, .init = without_port)
{
	NTMS_GUID operation;

	have_cleaner();
	operation = eject();
	open_door();
	close_door(&operation, NTMS_LM_FAILED, ERROR_SLOT_FULL);
	expect_cleaner("CLN001L8", CLEANER_UNCOUNTED);
}

Test(cleaner_change, nobody_opens_the_door_to_take_it, .init = without_port)
{
	NTMS_GUID operation;

	have_cleaner();
	operation = eject();
	time_is_over(&operation);
	wait_over(&operation, NTMS_LM_FAILED, ERROR_TIMEOUT);
	expect_cleaner("CLN001L8", CLEANER_UNCOUNTED);
}

Test(cleaner_change, what_goes_by_the_door_is_not_stopped, .init = without_port)
{
	NTMS_GUID operation = inject();

	refused(InjectNtmsCleaner(fx_session, &fx_library, &operation, 0, NTMS_INJECT_STOP),
		ERROR_NOT_SUPPORTED);
	refused(EjectNtmsCleaner(fx_session, &fx_library, &operation, NTMS_EJECT_STOP),
		ERROR_INVALID_OPERATION);
}

/* ---- refused ---- */

Test(cleaner_change, arguments)
{
	NTMS_GUID operation, unknown = {.Data1 = 1};
	HANDLE s = fx_session;

	must_be(InjectNtmsCleaner(NULL, &fx_library, &operation, USES, 0), ERROR_INVALID_HANDLE);
	must_be(EjectNtmsCleaner(NULL, &fx_library, &operation, 0), ERROR_INVALID_HANDLE);
	refused(InjectNtmsCleaner(s, NULL, &operation, USES, 0), ERROR_INVALID_PARAMETER);
	refused(InjectNtmsCleaner(s, &fx_library, NULL, USES, 0), ERROR_INVALID_PARAMETER);
	refused(InjectNtmsCleaner(s, &fx_library, &operation, 0, 0), ERROR_INVALID_PARAMETER);
	refused(InjectNtmsCleaner(s, &fx_library, &operation, USES, NTMS_INJECT_RETRACT),
		ERROR_INVALID_PARAMETER);
	refused(InjectNtmsCleaner(s, &unknown, &operation, USES, 0), ERROR_INVALID_LIBRARY);
	refused(EjectNtmsCleaner(s, NULL, &operation, 0), ERROR_INVALID_PARAMETER);
	refused(EjectNtmsCleaner(s, &fx_library, NULL, 0), ERROR_INVALID_PARAMETER);
	refused(EjectNtmsCleaner(s, &fx_library, &operation, NTMS_EJECT_QUEUE),
		ERROR_INVALID_PARAMETER);
	refused(EjectNtmsCleaner(s, &unknown, &operation, 0), ERROR_INVALID_LIBRARY);
}

Test(cleaner_change, operations_that_are_none)
{
	NTMS_GUID operation = inject(), unknown = {.Data1 = 1};

	refused(InjectNtmsCleaner(fx_session, &fx_library, &unknown, 0, NTMS_INJECT_STOP),
		ERROR_INVALID_OPERATION);
	refused(EjectNtmsCleaner(fx_session, &fx_library, &operation, NTMS_EJECT_STOP),
		ERROR_INVALID_OPERATION);
	refused(InjectNtmsMedia(fx_session, &fx_library, &operation, NTMS_INJECT_STOP),
		ERROR_INVALID_OPERATION);
	cr_assert(!is_over());
}

Test(cleaner_change, no_slot_is_reserved, .init = without_slot)
{
	NTMS_GUID operation;

	refused(try_inject(&operation), ERROR_CLEANER_SLOT_NOT_SET);
	refused(try_eject(&operation), ERROR_CLEANER_SLOT_NOT_SET);
}

Test(cleaner_change, there_is_one_already)
{
	NTMS_GUID operation, drive = fx_drive_guid(0);

	have_cleaner();
	refused(try_inject(&operation), ERROR_RESOURCE_NOT_AVAILABLE);
	fx_slow_robot(AN_HOUR_MS);
	must(CleanNtmsDrive(fx_session, &drive));
	fx_wait_until(being_cleaned);
	must_be(try_inject(&operation), ERROR_RESOURCE_NOT_AVAILABLE);
	fx_slow_robot(0);
	wait_library();
}

Test(cleaner_change, there_is_none)
{
	NTMS_GUID operation;

	refused(try_eject(&operation), ERROR_EMPTY);
}

/* One at a time; and the slot is needed for it. */
Test(cleaner_change, while_one_comes_in)
{
	NTMS_GUID operation = inject();

	refused(try_inject(&operation), ERROR_RESOURCE_NOT_AVAILABLE);
	refused(ReleaseNtmsCleanerSlot(fx_session, &fx_library), ERROR_RESOURCE_NOT_AVAILABLE);
	refused(try_eject(&operation), ERROR_EMPTY);
}

Test(cleaner_change, while_it_goes_out)
{
	NTMS_GUID operation;

	have_cleaner();
	operation = eject();
	refused(try_eject(&operation), ERROR_EMPTY);
	refused(try_inject(&operation), ERROR_RESOURCE_NOT_AVAILABLE);
	refused(ReleaseNtmsCleanerSlot(fx_session, &fx_library), ERROR_RESOURCE_NOT_AVAILABLE);
}

Test(cleaner_change, the_slot_is_not_there)
{
	struct object slot;
	NTMS_GUID operation;

	slot = numbered(NTMS_STORAGESLOT, SLOT);
	slot.device.state = NTMS_SLOTSTATE_NOTPRESENT;
	fx_put(&slot);
	refused(try_inject(&operation), ERROR_RESOURCE_NOT_PRESENT);
	refused(try_eject(&operation), ERROR_RESOURCE_NOT_PRESENT);
}

Test(cleaner_change, neither_port_nor_door, .init = without_any_way)
{
	NTMS_GUID operation;

	refused(try_inject(&operation), ERROR_RESOURCE_NOT_PRESENT);
	have_cleaner();
	refused(try_eject(&operation), ERROR_RESOURCE_NOT_PRESENT);
}

Test(cleaner_change, disabled_or_absent)
{
	NTMS_GUID operation;
	struct object record;

	have_cleaner();
	must(DisableNtmsObject(fx_session, NTMS_LIBRARY, &fx_library));
	refused(try_inject(&operation), ERROR_RESOURCE_DISABLED);
	refused(try_eject(&operation), ERROR_RESOURCE_DISABLED);
	must(EnableNtmsObject(fx_session, NTMS_LIBRARY, &fx_library));
	record = library();
	fx_put_absent(&record);
	refused(try_inject(&operation), ERROR_DEVICE_NOT_AVAILABLE);
	refused(try_eject(&operation), ERROR_LIBRARY_OFFLINE);
}

Test(cleaner_change, the_offline_library)
{
	NTMS_GUID list[8], operation = {.Data1 = 1};
	DWORD count = 8;

	must(EnumerateNtmsObject(fx_session, NULL, list, &count, NTMS_LIBRARY, 0));
	for (DWORD i = 0; i < count; i++) {
		if (guid_equal(&list[i], &fx_library))
			continue;
		refused(InjectNtmsCleaner(fx_session, &list[i], &operation, USES, 0),
			ERROR_LIBRARY_OFFLINE);
		refused(InjectNtmsCleaner(fx_session, &list[i], &operation, 0, NTMS_INJECT_STOP),
			ERROR_LIBRARY_OFFLINE);
		refused(EjectNtmsCleaner(fx_session, &list[i], &operation, 0),
			ERROR_LIBRARY_OFFLINE);
	}
}

static DWORD call_inject(HANDLE session)
{
	NTMS_GUID operation;

	return InjectNtmsCleaner(session, &fx_library, &operation, USES, NTMS_INJECT_START);
}

static DWORD call_eject(HANDLE session)
{
	NTMS_GUID operation;

	return EjectNtmsCleaner(session, &fx_library, &operation, NTMS_EJECT_START);
}

Test(cleaner_change, rights)
{
	struct fx_dump *dump;

	have_cleaner();
	fx_deny(&fx_library, NTMS_CONTROL_ACCESS);
	dump = fx_dump();
	must_be(fault_other_user(call_inject), ERROR_ACCESS_DENIED);
	must_be(fault_other_user(call_eject), ERROR_ACCESS_DENIED);
	fx_expect_unchanged(dump);
	fx_deny(&fx_library, NTMS_MODIFY_ACCESS | NTMS_USE_ACCESS);
	must_be(fault_other_user(call_inject), ERROR_SLOT_FULL);
	must(fault_other_user(call_eject));
}

Test(cleaner_change, another_systems_library)
{
	must_be(fault_other_broker(call_inject), ERROR_DEVICE_NOT_AVAILABLE);
}

Test(cleaner_change, ejecting_in_another_systems_library)
{
	must_be(fault_other_broker(call_eject), ERROR_LIBRARY_OFFLINE);
}

Test(cleaner_change, a_damaged_database)
{
	must_be(fault_damage("objects", call_inject), ERROR_DATABASE_FAILURE);
}

/* ---- it is for drives alone ---- */

Test(cleaner_change, it_is_not_mounted)
{
	NTMS_GUID side, drive = fx_drive_guid(0);

	have_cleaner();
	side = fx_find("CLN001L8", NTMS_PARTITION);
	refused(fx_try_mount(fx_session, side, &drive, NTMS_MOUNT_READ, PATIENCE_MS),
		ERROR_INVALID_MEDIA);
	refused(fx_try_mount(fx_session, side, &drive, NTMS_MOUNT_READ | NTMS_MOUNT_SPECIFIC_DRIVE,
			     PATIENCE_MS),
		ERROR_INVALID_MEDIA);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* test-clean.c - drives that are cleaned: when they ask for it, and when somebody else does */
#define _GNU_SOURCE /* asprintf */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/guid.h"
#include "core/clean.h"
#include "core/cleaner.h"
#include "faults.h"
#include "kill-at.h"

#define USES 20

static NTMS_GUID drive; /* number 0 */
static size_t inventories, looked;

static void wait_library(void)
{
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
}

static void look(void)
{
	must(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_FAST));
	wait_library();
}

static void bring_cleaner(const char *barcode)
{
	must(fx_hand_put(barcode, VIRTUAL_FIRST_SLOT + 5));
	look();
}

static void set_uses(DWORD uses)
{
	NTMS_OBJECTINFORMATIONA info = {.dwSize = sizeof(info), .dwType = NTMS_LIBRARY};

	must(GetNtmsObjectInformationA(fx_session, &fx_library, &info));
	info.Info.Library.dwCleanerUsesRemaining = uses;
	must(SetNtmsObjectInformationA(fx_session, &fx_library, &info));
}

static uint32_t uses(void)
{
	return fx_get(&fx_library, NTMS_LIBRARY).library.cleaner_uses;
}

static void setup(unsigned int drives)
{
	fx_make_directories(drives, 6, 4);
	fx_open_library();
	drive = fx_drive_guid(0);
}

static void with_cleaner(void)
{
	setup(2);
	bring_cleaner("CLN001L8");
	set_uses(USES);
}

static void one_drive(void)
{
	setup(1);
	bring_cleaner("CLN001L8");
	set_uses(USES);
}

static void without_cleaner(void)
{
	setup(2);
}

TestSuite(clean, .timeout = 240, .init = with_cleaner, .fini = fx_teardown);

static size_t cleanings(DWORD state)
{
	return fx_requests(NTMS_LM_CLEANDRIVE, state);
}

static size_t unfinished(void)
{
	return cleanings(NTMS_LM_QUEUED) + cleanings(NTMS_LM_INPROCESS) +
	       cleanings(NTMS_LM_WAITING);
}

/* The newest request for a cleaning. */
static struct object cleaning(void)
{
	NTMS_GUID list[256];
	DWORD count = 256;
	struct object found = {0};

	must(EnumerateNtmsObject(fx_session, &fx_library, list, &count, NTMS_LIBREQUEST, 0));
	for (DWORD i = 0; i < count; i++) {
		struct object request = fx_get(&list[i], NTMS_LIBREQUEST);

		if (request.librequest.operation == NTMS_LM_CLEANDRIVE && request.seq > found.seq)
			found = request;
	}
	cr_assert_neq(found.seq, 0, "no cleaning is on record");
	return found;
}

/* The newest cleaning has ended so, though it may have ended before anybody waits. */
static void wait_cleaning(DWORD code)
{
	NTMS_GUID guid = cleaning().guid;

	must_be(RsmWaitForRequest(fx_session, &guid, PATIENCE_MS), code);
}

static void expect_idle(unsigned int number)
{
	struct object record = fx_drive(number);

	cr_assert_eq(record.device.state, NTMS_DRIVESTATE_DISMOUNTED, "the drive has state %u",
		     record.device.state);
	cr_assert(guid_is_null(&record.device.side));
	cr_assert(!fx_is_held(&record.guid));
	fx_expect_home("CLN001L8");
}

static void expect_cleaned(unsigned int number)
{
	expect_idle(number);
	cr_expect(!fx_is_dirty(number));
	cr_expect_neq(fx_drive(number).device.last_cleaned_ms, 0);
}

static DWORD clean(void)
{
	return CleanNtmsDrive(fx_session, &drive);
}

/* Open requests to a person with this command; *@last is one of them. */
static size_t asked(DWORD command, struct object *last)
{
	NTMS_GUID list[32];
	DWORD count = 32;
	size_t found = 0;

	must(EnumerateNtmsObject(fx_session, NULL, list, &count, NTMS_OPREQUEST, 0));
	for (DWORD i = 0; i < count; i++) {
		struct object request = fx_get(&list[i], NTMS_OPREQUEST);

		if (request.oprequest.command != command ||
		    request.oprequest.state == NTMS_OPSTATE_COMPLETE ||
		    request.oprequest.state == NTMS_OPSTATE_REFUSED)
			continue;
		*last = request;
		found++;
	}
	return found;
}

static struct object asked_for_cleaner(void)
{
	struct object request;

	cr_assert_eq(asked(NTMS_OPREQ_CLEANER, &request), 1);
	return request;
}

/* ---- what it does ---- */

Test(clean, a_drive_is_cleaned)
{
	uint64_t before = clock_utc_ms();

	fx_make_dirty(0);
	must(clean());
	wait_library();
	cr_expect_eq(cleanings(NTMS_LM_PASSED), 1);
	expect_cleaned(0);
	cr_expect_geq(fx_drive(0).device.last_cleaned_ms, before);
	cr_expect_eq(uses(), USES - 1);
	cr_expect_eq(fx_drive(1).device.last_cleaned_ms, 0);
}

Test(clean, the_request_tells_who_and_what)
{
	struct object request;
	NTMS_GUID cleaner = fx_find("CLN001L8", NTMS_PHYSICAL_MEDIA), slot;

	must(clean());
	wait_library();
	request = cleaning();
	slot = fx_get(&fx_library, NTMS_LIBRARY).library.cleaner_slot;
	cr_expect(guid_equal(&request.librequest.drive, &drive));
	cr_expect(guid_equal(&request.librequest.media, &cleaner));
	cr_expect(guid_equal(&request.librequest.slot, &slot));
	cr_expect_str_eq(request.librequest.application, "unit test");
	cr_expect_eq(request.librequest.error, 0);
	cr_expect_neq(request.librequest.completed_ms, 0);
}

/* One that does not ask is cleaned, too, when somebody wants it. */
Test(clean, a_drive_that_does_not_ask)
{
	must(clean());
	wait_library();
	expect_cleaned(0);
	cr_expect_eq(uses(), USES - 1);
}

Test(clean, uses_that_are_not_counted)
{
	set_uses(CLEANER_UNCOUNTED);
	fx_make_dirty(0);
	must(clean());
	wait_library();
	expect_cleaned(0);
	cr_expect_eq(uses(), CLEANER_UNCOUNTED);
}

Test(clean, what_was_left_in_the_drive_goes_home_first)
{
	NTMS_GUID media = fx_allocated("V00001L8"), where = fx_mount(media);

	fx_dismount(media, NTMS_DISMOUNT_DEFERRED);
	must(CleanNtmsDrive(fx_session, &where));
	wait_library();
	fx_expect_home("V00001L8");
	cr_expect_neq(fx_get(&where, NTMS_DRIVE).device.last_cleaned_ms, 0);
	fx_expect_home("CLN001L8");
}

static bool one_is_at_it(void)
{
	return cleanings(NTMS_LM_INPROCESS) == 1;
}

static bool one_is_done(void)
{
	return cleanings(NTMS_LM_PASSED) == 1;
}

/* Not even another cleaning: the cleaner is free as long. */
Test(clean, nobody_waits_for_what_is_unwound_before_it)
{
	struct virtual_fault not_ready = {
		.operation = VIRTUAL_UNLOAD, .where = 0, .key = 2, .asc = 4, .ascq = 1};
	NTMS_GUID media = fx_allocated("V00001L8"), other = fx_drive_guid(1);
	NTMS_GUID first = fx_drive_guid(0);

	fx_virtual_only("its drives are ready when they are");
	drive = fx_mount(media);
	cr_assert(guid_equal(&drive, &first));
	fx_dismount(media, NTMS_DISMOUNT_DEFERRED);
	cr_assert_eq(virtual_fault_add(fx_vlib, &not_ready), 0);
	must(clean());
	fx_wait_until(one_is_at_it);
	must(CleanNtmsDrive(fx_session, &other));
	fx_wait_until(one_is_done);
	cr_assert(one_is_at_it());
	cr_assert_eq(virtual_fault_clear(fx_vlib), 0);
	wait_library();
	fx_expect_home("V00001L8");
	fx_expect_home("CLN001L8");
	cr_expect_neq(fx_drive(0).device.last_cleaned_ms, 0);
	cr_expect_neq(fx_drive(1).device.last_cleaned_ms, 0);
	cr_expect_eq(uses(), USES - 2);
}

static bool one_waits(void)
{
	return cleanings(NTMS_LM_WAITING) == 1;
}

static void *wait_in_thread(void *session)
{
	return (void *)(uintptr_t)RsmWaitForLibrary(session, &fx_library, PATIENCE_MS);
}

static pthread_t attend(void)
{
	pthread_t thread;

	cr_assert_eq(pthread_create(&thread, NULL, wait_in_thread, fx_session), 0);
	return thread;
}

static DWORD attended(pthread_t thread)
{
	void *result;

	cr_assert_eq(pthread_join(thread, &result), 0);
	return (DWORD)(uintptr_t)result;
}

Test(clean, a_drive_in_use_is_cleaned_afterwards)
{
	NTMS_GUID media = fx_allocated("V00001L8"), where = fx_mount(media);
	pthread_t thread;

	must(CleanNtmsDrive(fx_session, &where));
	thread = attend();
	fx_wait_until(one_waits);
	cr_expect_eq(fx_get(&where, NTMS_DRIVE).device.state, NTMS_DRIVESTATE_LOADED);
	must(DismountNtmsMedia(fx_session, &media, 1, NTMS_DISMOUNT_DEFERRED));
	cr_expect_eq(attended(thread), 0);
	cr_expect_eq(cleanings(NTMS_LM_PASSED), 1);
	cr_expect_neq(fx_get(&where, NTMS_DRIVE).device.last_cleaned_ms, 0);
	fx_expect_home("V00001L8");
}

static bool being_cleaned(void)
{
	return fx_drive(0).device.state == NTMS_DRIVESTATE_BEING_CLEANED;
}

/* The only drive: who wants it waits, and gets it clean. */
Test(clean, a_mount_waits_for_a_drive_that_is_cleaned, .init = one_drive)
{
	NTMS_GUID media = fx_allocated("V00001L8"), where;

	fx_slow_robot(AN_HOUR_MS);
	fx_make_dirty(0);
	must(clean());
	fx_wait_until(being_cleaned);
	must_be(fx_try_mount(fx_session, media, &where, NTMS_MOUNT_READ, 0), ERROR_TIMEOUT);
	fx_slow_robot(0);
	fx_mount(media);
	cr_expect_eq(cleanings(NTMS_LM_PASSED), 1);
	cr_expect(!fx_is_dirty(0));
	fx_expect_home("CLN001L8");
}

/* It would use the cleaner up for nothing. */
Test(clean, asked_for_twice_it_is_done_once)
{
	fx_stop_work();
	must(clean());
	must(clean());
	fx_let_work();
	wait_library();
	cr_expect_eq(cleanings(NTMS_LM_PASSED), 1);
	cr_expect_eq(uses(), USES - 1);
	must(clean());
	wait_library();
	cr_expect_eq(cleanings(NTMS_LM_PASSED), 2);
}

Test(clean, two_drives_one_after_the_other)
{
	NTMS_GUID second = fx_drive_guid(1);

	fx_make_dirty(0);
	fx_make_dirty(1);
	must(clean());
	must(CleanNtmsDrive(fx_session, &second));
	wait_library();
	expect_cleaned(0);
	expect_cleaned(1);
	cr_expect_eq(uses(), USES - 2);
}

/* Nobody waits for it: whoever has queued it sees to it nevertheless. */
static bool none_left(void)
{
	return unfinished() == 0;
}

Test(clean, without_anybody_who_waits)
{
	struct virtual_fault what = {
		.operation = VIRTUAL_MOVE, .where = VIRTUAL_FIRST_SLOT + 5, .skip = 1, .count = 1};

	/* Not let go of at the first try. */
	fx_virtual_only("the library has no such fault");
	cr_assert_eq(virtual_fault_add(fx_vlib, &what), 0);
	must(clean());
	fx_wait_until(none_left);
	cr_expect_eq(cleanings(NTMS_LM_PASSED), 1);
	expect_cleaned(0);
}

Test(clean, listeners_are_told)
{
	NTMS_NOTIFICATIONINFORMATION note;
	HANDLE notes = OpenNtmsNotification(fx_session, NTMS_DRIVE);
	bool complete = false;

	must(clean());
	wait_library();
	while (!complete) {
		must(WaitForNtmsNotification(notes, &note, PATIENCE_MS));
		complete = note.dwOperation == NTMS_EVENT_COMPLETE &&
			   guid_equal(&note.ObjectId, &drive);
	}
	must(CloseNtmsNotification(notes));
}

/* ---- the drive asks for it ---- */

static NTMS_GUID use_drive(DWORD options)
{
	NTMS_GUID media = fx_allocated("V00001L8"), where = fx_mount(media);

	fx_make_dirty(fx_get(&where, NTMS_DRIVE).device.number);
	must(DismountNtmsMedia(fx_session, &media, 1, options));
	wait_library();
	return where;
}

Test(clean, after_a_dismount_by_itself)
{
	NTMS_GUID where = use_drive(NTMS_DISMOUNT_IMMEDIATE);

	cr_expect_eq(cleanings(NTMS_LM_PASSED), 1);
	cr_expect_str_eq(cleaning().librequest.application, "Removable Storage");
	expect_cleaned(fx_get(&where, NTMS_DRIVE).device.number);
	cr_expect_eq(uses(), USES - 1);
	fx_expect_home("V00001L8");
}

Test(clean, after_a_deferred_dismount_by_itself)
{
	NTMS_GUID where = use_drive(NTMS_DISMOUNT_DEFERRED);

	expect_cleaned(fx_get(&where, NTMS_DRIVE).device.number);
	fx_expect_home("V00001L8");
}

Test(clean, a_drive_that_does_not_ask_is_let_alone)
{
	NTMS_GUID media = fx_allocated("V00001L8");

	fx_mount(media);
	fx_dismount(media, NTMS_DISMOUNT_IMMEDIATE);
	cr_expect_eq(unfinished() + cleanings(NTMS_LM_PASSED), 0);
	cr_expect_eq(uses(), USES);
}

/* Nothing is queued that nobody could carry out, and the dismount has passed. */
Test(clean, it_asks_and_there_is_no_cleaner, .init = without_cleaner)
{
	struct object request;

	use_drive(NTMS_DISMOUNT_IMMEDIATE);
	cr_expect_eq(unfinished() + cleanings(NTMS_LM_FAILED), 0);
	request = asked_for_cleaner();
	cr_expect(guid_equal(&request.oprequest.arg1, &fx_library));
	cr_expect(strstr(request.oprequest.message, "asks to be cleaned"), "%s",
		  request.oprequest.message);
	cr_expect_eq(fx_requests(NTMS_LM_DISMOUNT, NTMS_LM_PASSED), 1);
}

Test(clean, it_asks_and_the_cleaner_is_used_up)
{
	struct object request;

	set_uses(0);
	use_drive(NTMS_DISMOUNT_IMMEDIATE);
	cr_expect_eq(unfinished(), 0);
	request = asked_for_cleaner();
	cr_expect(strstr(request.oprequest.message, "used up"), "%s", request.oprequest.message);
	fx_expect_home("CLN001L8");
}

/* ---- without a cleaner ---- */

Test(clean, it_waits_for_a_cleaner, .init = without_cleaner)
{
	struct object request;
	pthread_t thread;

	fx_make_dirty(0);
	must(clean());
	thread = attend();
	fx_wait_until(one_waits);
	request = asked_for_cleaner();
	must(fx_hand_put("CLN001L8", VIRTUAL_FIRST_SLOT + 5));
	must(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_FAST));
	cr_expect_eq(attended(thread), 0);
	expect_cleaned(0);
	cr_expect_eq(cleanings(NTMS_LM_PASSED), 1);
	cr_expect_eq(fx_get(&request.guid, NTMS_OPREQUEST).oprequest.state, NTMS_OPSTATE_COMPLETE);
}

/* Who says that it is there is believed: RSM looks. */
Test(clean, a_person_has_brought_it, .init = without_cleaner)
{
	struct object request;
	pthread_t thread;

	must(clean());
	thread = attend();
	fx_wait_until(one_waits);
	request = asked_for_cleaner();
	must(fx_hand_put("CLN001L8", VIRTUAL_FIRST_SLOT + 5));
	must(SatisfyNtmsOperatorRequest(fx_session, &request.guid));
	cr_expect_eq(attended(thread), 0);
	expect_cleaned(0);
}

static NTMS_GUID first_asked;

static bool asked_again(void)
{
	struct object request;

	return asked(NTMS_OPREQ_CLEANER, &request) == 1 && !guid_equal(&request.guid, &first_asked);
}

Test(clean, a_person_has_said_so_and_not_brought_it, .init = without_cleaner)
{
	pthread_t thread;
	struct object request;

	must(clean());
	thread = attend();
	fx_wait_until(one_waits);
	first_asked = asked_for_cleaner().guid;
	must(SatisfyNtmsOperatorRequest(fx_session, &first_asked));
	fx_wait_until(asked_again);
	request = cleaning();
	cr_expect_eq(request.librequest.state, NTMS_LM_WAITING);
	must(CancelNtmsLibraryRequest(fx_session, &request.guid));
	cr_expect_eq(attended(thread), ERROR_CANCELLED);
	cr_expect_eq(fx_drive(0).device.state, NTMS_DRIVESTATE_DISMOUNTED);
}

Test(clean, a_person_refuses_to, .init = without_cleaner)
{
	struct object request;
	pthread_t thread;

	must(clean());
	thread = attend();
	fx_wait_until(one_waits);
	request = asked_for_cleaner();
	must(CancelNtmsOperatorRequest(fx_session, &request.guid));
	cr_expect_eq(attended(thread), ERROR_REQUEST_REFUSED);
	cr_expect_eq(cleanings(NTMS_LM_FAILED), 1);
	cr_expect_eq(cleaning().librequest.error, ERROR_REQUEST_REFUSED);
	cr_expect_eq(fx_drive(0).device.state, NTMS_DRIVESTATE_DISMOUNTED);
}

Test(clean, a_cleaner_that_is_used_up_is_not_used)
{
	pthread_t thread;

	set_uses(0);
	must(clean());
	thread = attend();
	fx_wait_until(one_waits);
	cr_expect_eq(fx_where("CLN001L8"), VIRTUAL_FIRST_SLOT + 5);
	asked_for_cleaner();
	/* It was counted wrongly: the next turn uses it. */
	set_uses(2);
	cr_expect_eq(attended(thread), 0);
	cr_expect_eq(uses(), 1);
	expect_cleaned(0);
}

Test(clean, with_its_last_use_a_person_is_asked_for_the_next)
{
	struct object request;

	set_uses(1);
	must(clean());
	wait_library();
	expect_cleaned(0);
	cr_expect_eq(uses(), 0);
	request = asked_for_cleaner();
	cr_expect(strstr(request.oprequest.message, "used up"), "%s", request.oprequest.message);
}

/* ---- what goes wrong ---- */

/* So many moves from or to there go well, then @count do not; 0: none does. */
static void fault(uint32_t where, uint32_t skip, uint32_t count)
{
	struct virtual_fault what = {
		.operation = VIRTUAL_MOVE, .where = where, .skip = skip, .count = count};

	fx_virtual_only("the library has no such fault");
	cr_assert_eq(virtual_fault_add(fx_vlib, &what), 0);
}

Test(clean, the_robot_does_not_take_the_cleaner)
{
	fault(VIRTUAL_FIRST_SLOT + 5, 0, 1);
	fx_make_dirty(0);
	must(clean());
	wait_cleaning(ERROR_DEVICE_NOT_AVAILABLE);
	expect_idle(0);
	cr_expect(fx_is_dirty(0));
	cr_expect_eq(fx_drive(0).device.last_cleaned_ms, 0, "it has not been cleaned");
	cr_expect_eq(uses(), USES, "the cleaner has not been used");
	cr_expect_eq(cleaning().librequest.error, ERROR_DEVICE_NOT_AVAILABLE);
}

static bool moving(void)
{
	NTMS_GUID list[64];
	DWORD count = 64;

	must(EnumerateNtmsObject(fx_session, &fx_library, list, &count, NTMS_LIBREQUEST, 0));
	for (DWORD i = 0; i < count; i++)
		if (fx_get(&list[i], NTMS_LIBREQUEST).librequest.move == OBJ_MOVE_INTENDED)
			return true;
	return false;
}

static bool has_looked(void)
{
	return fx_requests(NTMS_LM_INVENTORY, NTMS_LM_PASSED) == inventories + looked + 1;
}

/* How often the fault that was ordered is still to come. */
static uint32_t faults_left(void)
{
	char *path = NULL;
	uint32_t left = 0;
	FILE *file;

	cr_assert_gt(asprintf(&path, "%s/faults", fx_vlib), 0);
	file = fopen(path, "r");
	cr_assert(file, "%s: %m", path);
	cr_assert_eq(fscanf(file, "%*[^\n]\n%*u %*u %*u %" SCNu32, &left), 1);
	fclose(file);
	free(path);
	return left;
}

/* The robot cannot bring the cleaner home. It is asked again after a while, not in each turn that
 * there is meanwhile; whoever wants the cleaner next waits. */
Test(clean, what_has_failed_is_not_tried_again_at_once)
{
	const uint32_t faults = 1000, looks = 20;
	NTMS_GUID second = fx_drive_guid(1);
	pthread_t thread;

	inventories = fx_requests(NTMS_LM_INVENTORY, NTMS_LM_PASSED);
	fault(VIRTUAL_FIRST_SLOT + 5, 1, faults);
	must(clean());
	must(CleanNtmsDrive(fx_session, &second));
	thread = attend();
	fx_wait_until(one_waits);
	for (looked = 0; looked < looks; looked++) {
		must(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_FAST));
		fx_wait_until(has_looked);
	}
	cr_expect_eq(fx_where("CLN001L8"), VIRTUAL_FIRST_DRIVE);
	cr_expect(being_cleaned());
	cr_expect_lt(faults - faults_left(), looks, "it is tried in every turn");
	cr_assert_eq(virtual_fault_clear(fx_vlib), 0);
	cr_expect_eq(attended(thread), 0);
	expect_cleaned(0);
	expect_cleaned(1);
}

/* Somebody takes it out of the drive with his hands: what is gone is gone, and the drive is free.
 */
Test(clean, the_cleaner_is_taken_out_of_the_drive)
{
	struct object library;
	pthread_t thread;
	NTMS_GUID guid;

	fault(VIRTUAL_FIRST_SLOT + 5, 1, 0);
	must(clean());
	thread = attend();
	while (fx_where("CLN001L8") != VIRTUAL_FIRST_DRIVE)
		fx_wait_until(being_cleaned);
	must(fx_hand_take(VIRTUAL_FIRST_DRIVE));
	attended(thread);
	cr_expect_eq(fx_drive(0).device.state, NTMS_DRIVESTATE_DISMOUNTED);
	look();
	library = fx_get(&fx_library, NTMS_LIBRARY);
	cr_expect_eq(library.library.flags & NTMS_LIBRARYFLAG_CLEANERPRESENT, 0);
	cr_expect_eq(library.library.cleaner_uses, 0);
	must_be(RsmFindObject(fx_session, "CLN001L8", NTMS_PHYSICAL_MEDIA, &guid),
		ERROR_OBJECT_NOT_FOUND);
}

Test(clean, what_is_being_done_is_not_cancelled)
{
	NTMS_GUID request;

	fx_slow_robot(AN_HOUR_MS);
	must(clean());
	fx_wait_until(moving);
	request = cleaning().guid;
	must_be(CancelNtmsLibraryRequest(fx_session, &request), ERROR_ACCESS_DENIED);
	fx_slow_robot(0);
	wait_library();
	expect_cleaned(0);
}

Test(clean, disabled_before_its_turn)
{
	fx_stop_work();
	must(clean());
	must(DisableNtmsObject(fx_session, NTMS_DRIVE, &drive));
	fx_let_work();
	wait_cleaning(ERROR_RESOURCE_DISABLED);
	expect_idle(0);
	cr_expect_eq(uses(), USES);
}

/* ---- refused ---- */

static DWORD call(HANDLE session)
{
	return CleanNtmsDrive(session, &drive);
}

Test(clean, arguments)
{
	NTMS_GUID unknown = {.Data1 = 1};

	must_be(call(NULL), ERROR_INVALID_HANDLE);
	refused(CleanNtmsDrive(fx_session, NULL), ERROR_INVALID_PARAMETER);
	refused(CleanNtmsDrive(fx_session, &unknown), ERROR_INVALID_DRIVE);
	refused(CleanNtmsDrive(fx_session, &fx_library), ERROR_INVALID_DRIVE);
}

Test(clean, rights)
{
	struct fx_dump *dump;

	fx_deny(&fx_library, NTMS_CONTROL_ACCESS);
	dump = fx_dump();
	must_be(fault_other_user(call), ERROR_ACCESS_DENIED);
	fx_expect_unchanged(dump);
	fx_deny(&fx_library, NTMS_MODIFY_ACCESS | NTMS_USE_ACCESS);
	must(fault_other_user(call));
}

Test(clean, disabled_or_absent)
{
	struct object library, record;

	must(DisableNtmsObject(fx_session, NTMS_DRIVE, &drive));
	refused(clean(), ERROR_RESOURCE_DISABLED);
	must(EnableNtmsObject(fx_session, NTMS_DRIVE, &drive));
	must(DisableNtmsObject(fx_session, NTMS_LIBRARY, &fx_library));
	refused(clean(), ERROR_RESOURCE_DISABLED);
	must(EnableNtmsObject(fx_session, NTMS_LIBRARY, &fx_library));
	record = fx_drive(0);
	record.opstate = NTMS_NOT_PRESENT;
	fx_put(&record);
	refused(clean(), ERROR_DEVICE_NOT_AVAILABLE);
	library = fx_get(&fx_library, NTMS_LIBRARY);
	fx_put_absent(&library);
	refused(clean(), ERROR_RESOURCE_NOT_PRESENT);
}

Test(clean, a_drive_whose_library_is_missing)
{
	struct object library = fx_get(&fx_library, NTMS_LIBRARY);

	fx_delete(&fx_library);
	refused(clean(), ERROR_INVALID_LIBRARY);
	fx_insert(&library);
}

Test(clean, another_systems_library)
{
	must_be(fault_other_broker(call), ERROR_RESOURCE_NOT_PRESENT);
}

Test(clean, a_damaged_database)
{
	must_be(fault_damage("objects", call), ERROR_DATABASE_FAILURE);
}

/* A person has cleaned it: only that is noted. */
Test(clean, a_drive_that_stands_alone)
{
	struct object library = fx_get(&fx_library, NTMS_LIBRARY);
	unsigned long long robot = fx_robot();

	library.library.kind = NTMS_LIBRARYTYPE_STANDALONE;
	fx_put(&library);
	must(clean());
	cr_expect_eq(cleanings(NTMS_LM_PASSED), 1);
	cr_expect_neq(fx_drive(0).device.last_cleaned_ms, 0);
	cr_expect_eq(fx_robot(), robot);
}

/* ---- deaths ---- */

/* The drive is BEING_CLEANED; the cleaner is @inside or still at home. */
static void set_cleaning(bool inside)
{
	struct object record = fx_drive(0), cartridge, slot;
	NTMS_GUID cleaner = fx_find("CLN001L8", NTMS_PHYSICAL_MEDIA);

	record.device.state = NTMS_DRIVESTATE_BEING_CLEANED;
	if (inside) {
		must(fx_hand_move(VIRTUAL_FIRST_SLOT + 5, VIRTUAL_FIRST_DRIVE));
		cartridge = fx_get(&cleaner, NTMS_PHYSICAL_MEDIA);
		slot = fx_get(&cartridge.media.location, NTMS_STORAGESLOT);
		slot.device.state = NTMS_SLOTSTATE_EMPTY;
		fx_put(&slot);
		cartridge.media.location = drive;
		cartridge.media.location_type = NTMS_DRIVE;
		cartridge.media.state = NTMS_MEDIASTATE_MOUNTED;
		fx_put(&cartridge);
		record.device.side = fx_find("CLN001L8", NTMS_PARTITION);
	}
	fx_put(&record);
}

/* As no death leaves it: nobody is at it. */
static void forget_cleaning(bool inside)
{
	fx_stop_work();
	set_cleaning(inside);
	fx_let_work();
}

static bool given_up(void)
{
	return cleaning().librequest.phase & PHASE_UNCLEAN;
}

/* The cleaner is at work, and the drive is unplugged for a while. */
static void unplug_while_cleaning(void)
{
	pthread_t thread;
	struct object request;

	fx_stop_work();
	set_cleaning(true);
	request_init(NULL, NTMS_LM_CLEANDRIVE, &fx_library, &request);
	request.librequest.state = NTMS_LM_INPROCESS;
	request.librequest.drive = drive;
	request.librequest.media = fx_find("CLN001L8", NTMS_PHYSICAL_MEDIA);
	request.librequest.phase = PHASE_CLEANING;
	request.librequest.deadline_ms = clock_utc_ms() + PATIENCE_MS;
	fx_insert(&request);
	fx_virtual_only("a drive is not unplugged alone");
	cr_assert_eq(virtual_plug(fx_vlib, 0, false), 0);
	fx_let_work();
	thread = attend();
	fx_wait_until(given_up);
	cr_expect_eq(fx_drive(0).device.state, NTMS_DRIVESTATE_BEING_CLEANED);
	cr_assert_eq(virtual_plug(fx_vlib, 0, true), 0);
	must_be(attended(thread), ERROR_UNABLE_TO_CLEAN);
}

/* Nobody knows whether it is clean; the cleaner is fetched as soon as that can be done. */
Test(clean, the_drive_is_unplugged_meanwhile)
{
	struct object request;

	unplug_while_cleaning();
	expect_idle(0);
	cr_expect_eq(fx_drive(0).device.last_cleaned_ms, 0);
	cr_expect_eq(uses(), USES - 1);
	cr_assert_eq(asked(NTMS_OPREQ_DEVICESERVICE, &request), 1);
	cr_expect(guid_equal(&request.oprequest.arg1, &drive));
}

/* One that is used until it no longer cleans has come to that. */
Test(clean, a_cleaner_that_does_not_clean_and_is_not_counted)
{
	set_uses(CLEANER_UNCOUNTED);
	unplug_while_cleaning();
	expect_idle(0);
	cr_expect_eq(uses(), 0);
	cr_expect_eq(fx_get(&fx_library, NTMS_LIBRARY).library.flags &
			     NTMS_LIBRARYFLAG_IGNORECLEANERUSESREMAINING,
		     0);
	asked_for_cleaner();
}

/* It has been cleaned for nothing: a person is to look, not the next cleaner. */
Test(clean, a_drive_in_service_does_not_use_the_cleaner_up)
{
	struct object request = {.type = NTMS_OPREQUEST, .enabled = TRUE};
	NTMS_GUID media = fx_allocated("V00001L8"), where = fx_mount(media);

	request.oprequest.command = NTMS_OPREQ_DEVICESERVICE;
	request.oprequest.state = NTMS_OPSTATE_SUBMITTED;
	request.oprequest.arg1 = where;
	request.oprequest.arg1_type = NTMS_DRIVE;
	fx_insert(&request);
	fx_make_dirty(fx_get(&where, NTMS_DRIVE).device.number);
	fx_dismount(media, NTMS_DISMOUNT_IMMEDIATE);
	wait_library();
	cr_expect_eq(unfinished() + cleanings(NTMS_LM_PASSED), 0);
	cr_expect_eq(uses(), USES);
}

/* Any work in the library puts it right. */
static void put_right(void)
{
	NTMS_GUID slot = fx_find("5", NTMS_STORAGESLOT);

	must(IdentifyNtmsSlot(fx_session, &slot, 0));
	(void)RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS);
	expect_idle(0);
	cr_expect_eq(unfinished(), 0);
}

Test(clean, left_alone_and_empty)
{
	forget_cleaning(false);
	put_right();
	cr_expect_eq(uses(), USES);
}

Test(clean, left_alone_with_the_cleaner_inside)
{
	forget_cleaning(true);
	put_right();
	cr_expect_eq(cleaning().librequest.error, ERROR_UNABLE_TO_CLEAN);
}

/* A cleaning without a worker: in one thread, from its first step to its last. */
static int clean_here(void *context)
{
	struct session *session = (struct session *)OpenNtmsSessionA(NULL, "to be killed", 0);
	const NTMS_GUID *guid = context;
	struct turn turn = {.system = session->system, .library = fx_library};
	struct object library, request;

	if (run_read(&turn, &fx_library, NTMS_LIBRARY, &library))
		return 10;
	if (turn_begin(session->system, &library, clock_deadline(PATIENCE_MS), &turn))
		return 11;
	kill_at_begin();
	if (turn_settle(&turn) || run_read(&turn, guid, NTMS_LIBREQUEST, &request))
		return 12;
	if (run_clean(&turn, &request) || run_finish(&turn, guid, ERROR_SUCCESS))
		return 13;
	turn_end(&turn);
	return 0;
}

static NTMS_GUID queue_cleaning(void)
{
	struct object request;

	request_init(NULL, NTMS_LM_CLEANDRIVE, &fx_library, &request);
	request.librequest.drive = drive;
	fx_insert(&request);
	return request.guid;
}

/*
 * Whenever it is killed: the next one who works ends it, the drive is clean and free, the cleaner
 * is at home, and it was counted once. RSM_TEST_EACH=1 for each system call, else some.
 */
Test(clean, killed_at_its_system_calls, .timeout = 3000)
{
	int stride = getenv("RSM_TEST_EACH") ? 1 : 23;
	uint32_t left = 1000000;
	bool killed = true;

	set_uses(left);
	for (int stop = 1; killed; stop += stride) {
		NTMS_GUID request = queue_cleaning();

		fx_make_dirty(0);
		killed = kill_at(clean_here, &request, stop);
		wait_library();
		cr_assert_eq(fx_get(&request, NTMS_LIBREQUEST).librequest.state, NTMS_LM_PASSED,
			     "killed at %d", stop);
		expect_cleaned(0);
		left--;
		cr_assert_eq(uses(), left, "killed at %d: %u uses, not %u", stop, uses(), left);
		fx_delete(&request);
	}
}

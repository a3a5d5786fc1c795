/* SPDX-License-Identifier: GPL-2.0-only */
/* test-cleaner.c - the cleaner of a library, its slot, and drives that are cleaned */
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/guid.h"
#include "core/cleaner.h"
#include "core/request.h"
#include "core/run.h"
#include "faults.h"

TestSuite(cleaner, .timeout = 120, .init = fx_setup, .fini = fx_teardown);

static NTMS_GUID slot_guid(unsigned int number)
{
	char name[16];

	snprintf(name, sizeof(name), "%u", number);
	return fx_find(name, NTMS_STORAGESLOT);
}

static struct object library(void)
{
	return fx_get(&fx_library, NTMS_LIBRARY);
}

static DWORD reserve(unsigned int number)
{
	NTMS_GUID slot = slot_guid(number);

	return ReserveNtmsCleanerSlot(fx_session, &fx_library, &slot);
}

static DWORD release(void)
{
	return ReleaseNtmsCleanerSlot(fx_session, &fx_library);
}

static bool is_reserved(unsigned int number)
{
	NTMS_GUID slot = slot_guid(number);
	struct object obj = library();

	return guid_equal(&obj.library.cleaner_slot, &slot);
}

static bool is_none_reserved(void)
{
	struct object obj = library();

	return guid_is_null(&obj.library.cleaner_slot);
}

static void put_slot_into(unsigned int number, uint32_t state)
{
	NTMS_GUID guid = slot_guid(number);
	struct object slot = fx_get(&guid, NTMS_STORAGESLOT);

	slot.device.state = state;
	fx_put(&slot);
}

static void look(void)
{
	must(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_FAST));
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
}

/* A person puts it there, and RSM looks. */
static void bring(const char *barcode, unsigned int slot)
{
	must(fx_hand_put(barcode, VIRTUAL_FIRST_SLOT + slot - 1));
	look();
}

static void take_away(const char *barcode)
{
	must(fx_hand_take(fx_where(barcode)));
	look();
}

static struct object media(const char *barcode)
{
	NTMS_GUID guid = fx_find(barcode, NTMS_PHYSICAL_MEDIA);

	return fx_get(&guid, NTMS_PHYSICAL_MEDIA);
}

static bool is_known(const char *barcode)
{
	NTMS_GUID guid;

	return !RsmFindObject(fx_session, barcode, NTMS_PHYSICAL_MEDIA, &guid);
}

/* ---- the slot ---- */

Test(cleaner, reserved_and_released)
{
	NTMS_OBJECTINFORMATIONA info = {.dwSize = sizeof(info), .dwType = NTMS_LIBRARY};
	NTMS_GUID slot = slot_guid(5);

	must(reserve(5));
	must(GetNtmsObjectInformationA(fx_session, &fx_library, &info));
	cr_expect(guid_equal(&info.Info.Library.CleanerSlot, &slot));
	cr_expect_eq(info.Info.Library.dwCleanerUsesRemaining, 0);
	cr_expect_eq(info.Info.Library.dwFlags & NTMS_LIBRARYFLAG_CLEANERPRESENT, 0);
	cr_expect_eq(info.Info.Library.LibrarySupportsDriveCleaning, TRUE);
	cr_expect_eq(fx_requests(NTMS_LM_RESERVECLEANER, NTMS_LM_PASSED), 1);
	must(release());
	cr_expect(is_none_reserved());
	cr_expect_eq(fx_requests(NTMS_LM_RELEASECLEANER, NTMS_LM_PASSED), 1);
	must(reserve(6));
	cr_expect(is_reserved(6));
}

/* What is on record names library and slot. */
Test(cleaner, the_request_of_a_reservation)
{
	NTMS_GUID list[8], slot = slot_guid(5);
	struct object request;
	DWORD count = 8;

	must(reserve(5));
	must(EnumerateNtmsObject(fx_session, &fx_library, list, &count, NTMS_LIBREQUEST, 0));
	cr_assert_eq(count, 1);
	request = fx_get(&list[0], NTMS_LIBREQUEST);
	cr_expect_eq(request.librequest.operation, NTMS_LM_RESERVECLEANER);
	cr_expect_eq(request.librequest.error, 0);
	cr_expect_neq(request.librequest.completed_ms, 0);
	cr_expect(guid_equal(&request.librequest.library, &fx_library));
	cr_expect(guid_equal(&request.librequest.slot, &slot));
	cr_expect_str_eq(request.librequest.application, "unit test");
}

/* The program that listens to the library hears of it. */
Test(cleaner, listeners_are_told)
{
	NTMS_NOTIFICATIONINFORMATION note;
	HANDLE notes = OpenNtmsNotification(fx_session, NTMS_LIBRARY);
	bool complete = false;

	must(reserve(5));
	while (!complete) {
		must(WaitForNtmsNotification(notes, &note, PATIENCE_MS));
		complete = note.dwOperation == NTMS_EVENT_COMPLETE &&
			   guid_equal(&note.ObjectId, &fx_library);
	}
	must(CloseNtmsNotification(notes));
}

/* It is for the cleaner alone. */
Test(cleaner, no_cartridge_is_put_into_the_reserved_slot)
{
	NTMS_GUID media = fx_allocated("V00001L8");
	NTMS_GUID home = slot_guid(1);
	struct object cartridge;

	fx_mount(media);
	must(reserve(1));
	fx_dismount(media, NTMS_DISMOUNT_IMMEDIATE);
	cartridge = fx_media(&media);
	cr_expect(!guid_equal(&cartridge.media.location, &home));
	cr_expect_neq(fx_where("V00001L8"), 0);
	cr_expect_neq(fx_where("V00001L8"), VIRTUAL_FIRST_SLOT);
	must(release());
}

Test(cleaner, slots_that_cannot_be_reserved)
{
	refused(reserve(1), ERROR_RESOURCE_NOT_AVAILABLE);
	put_slot_into(5, NTMS_SLOTSTATE_NEEDSINVENTORY);
	refused(reserve(5), ERROR_RESOURCE_NOT_AVAILABLE);
	put_slot_into(5, NTMS_SLOTSTATE_NOTPRESENT);
	refused(reserve(5), ERROR_RESOURCE_NOT_AVAILABLE);
	put_slot_into(5, NTMS_SLOTSTATE_EMPTY);
	must(reserve(5));
	refused(reserve(6), ERROR_CLEANER_SLOT_SET);
	refused(reserve(5), ERROR_CLEANER_SLOT_SET);
}

/* Empty by the records, and the robot is about to fill it. */
static void move_to(unsigned int number, bool intended)
{
	static struct object request;

	if (intended) {
		request_init(NULL, NTMS_LM_DISMOUNT, &fx_library, &request);
		request.librequest.move = OBJ_MOVE_INTENDED;
		request.librequest.move_to = slot_guid(number);
		request.librequest.move_from = fx_drive_guid(0);
		request.librequest.move_media = fx_find("V00001L8", NTMS_PHYSICAL_MEDIA);
		fx_insert(&request);
		return;
	}
	fx_delete(&request.guid);
}

Test(cleaner, a_slot_the_robot_is_on_its_way_to)
{
	fx_stop_work();
	move_to(5, true);
	refused(reserve(5), ERROR_RESOURCE_NOT_AVAILABLE);
	must(reserve(6));
	must(release());
	move_to(5, false);
	must(reserve(5));
	move_to(5, true);
	refused(release(), ERROR_RESOURCE_NOT_AVAILABLE);
	move_to(5, false);
	must(release());
	fx_let_work();
}

Test(cleaner, slots_that_cannot_be_released)
{
	refused(release(), ERROR_CLEANER_SLOT_NOT_SET);
	must(reserve(5));
	put_slot_into(5, NTMS_SLOTSTATE_NOTPRESENT);
	refused(release(), ERROR_RESOURCE_NOT_PRESENT);
	put_slot_into(5, NTMS_SLOTSTATE_FULL);
	refused(release(), ERROR_RESOURCE_NOT_AVAILABLE);
	put_slot_into(5, NTMS_SLOTSTATE_NEEDSINVENTORY);
	refused(release(), ERROR_RESOURCE_NOT_AVAILABLE);
	put_slot_into(5, NTMS_SLOTSTATE_EMPTY);
	must(release());
}

static NTMS_GUID a_slot;

static DWORD call_reserve(HANDLE session)
{
	return ReserveNtmsCleanerSlot(session, &fx_library, &a_slot);
}

static DWORD call_release(HANDLE session)
{
	return ReleaseNtmsCleanerSlot(session, &fx_library);
}

Test(cleaner, slot_arguments)
{
	NTMS_GUID unknown = {.Data1 = 1}, drive = fx_drive_guid(0);

	a_slot = slot_guid(5);
	must_be(call_reserve(NULL), ERROR_INVALID_HANDLE);
	must_be(call_release(NULL), ERROR_INVALID_HANDLE);
	refused(ReserveNtmsCleanerSlot(fx_session, NULL, &a_slot), ERROR_INVALID_PARAMETER);
	refused(ReserveNtmsCleanerSlot(fx_session, &fx_library, NULL), ERROR_INVALID_PARAMETER);
	refused(ReleaseNtmsCleanerSlot(fx_session, NULL), ERROR_INVALID_PARAMETER);
	refused(ReserveNtmsCleanerSlot(fx_session, &unknown, &a_slot), ERROR_INVALID_LIBRARY);
	refused(ReserveNtmsCleanerSlot(fx_session, &a_slot, &a_slot), ERROR_INVALID_LIBRARY);
	refused(ReleaseNtmsCleanerSlot(fx_session, &unknown), ERROR_INVALID_LIBRARY);
	refused(ReserveNtmsCleanerSlot(fx_session, &fx_library, &unknown), ERROR_OBJECT_NOT_FOUND);
	refused(ReserveNtmsCleanerSlot(fx_session, &fx_library, &drive), ERROR_OBJECT_NOT_FOUND);
}

/* A slot of another library is none of this one. */
Test(cleaner, another_librarys_slot)
{
	struct object slot;

	a_slot = slot_guid(5);
	slot = fx_get(&a_slot, NTMS_STORAGESLOT);
	slot.device.library.Data1++;
	fx_put(&slot);
	refused(call_reserve(fx_session), ERROR_OBJECT_NOT_FOUND);
}

Test(cleaner, slot_rights)
{
	struct fx_dump *dump;

	a_slot = slot_guid(5);
	fx_deny(&fx_library, NTMS_CONTROL_ACCESS);
	dump = fx_dump();
	must_be(fault_other_user(call_reserve), ERROR_ACCESS_DENIED);
	fx_expect_unchanged(dump);
	must(reserve(5));
	dump = fx_dump();
	must_be(fault_other_user(call_release), ERROR_ACCESS_DENIED);
	fx_expect_unchanged(dump);
	fx_deny(&fx_library, NTMS_MODIFY_ACCESS | NTMS_USE_ACCESS);
	must(fault_other_user(call_release));
	must(fault_other_user(call_reserve));
}

Test(cleaner, slot_of_a_library_disabled_or_absent)
{
	struct object obj;

	a_slot = slot_guid(5);
	must(DisableNtmsObject(fx_session, NTMS_LIBRARY, &fx_library));
	refused(call_reserve(fx_session), ERROR_RESOURCE_DISABLED);
	refused(call_release(fx_session), ERROR_RESOURCE_DISABLED);
	must(EnableNtmsObject(fx_session, NTMS_LIBRARY, &fx_library));
	obj = library();
	fx_put_absent(&obj);
	refused(call_reserve(fx_session), ERROR_DEVICE_NOT_AVAILABLE);
	refused(call_release(fx_session), ERROR_DEVICE_NOT_AVAILABLE);
	obj.opstate = NTMS_READY;
	obj.library.kind = NTMS_LIBRARYTYPE_OFFLINE;
	fx_put(&obj);
	refused(call_reserve(fx_session), ERROR_LIBRARY_OFFLINE);
	refused(call_release(fx_session), ERROR_LIBRARY_OFFLINE);
}

Test(cleaner, slot_of_another_systems_library)
{
	a_slot = slot_guid(5);
	must_be(fault_other_broker(call_reserve), ERROR_DEVICE_NOT_AVAILABLE);
}

Test(cleaner, releasing_in_another_systems_library)
{
	must(reserve(5));
	must_be(fault_other_broker(call_release), ERROR_DEVICE_NOT_AVAILABLE);
}

Test(cleaner, slot_in_a_damaged_database)
{
	a_slot = slot_guid(5);
	must_be(fault_damage("objects", call_reserve), ERROR_DATABASE_FAILURE);
}

/* ---- the cleaner in it ---- */

Test(cleaner, one_that_is_found_is_the_librarys)
{
	struct object cartridge, type;

	bring("CLN001L8", 6);
	cr_expect(is_reserved(6));
	cr_expect_eq(library().library.cleaner_uses, CLEANER_UNCOUNTED);
	cr_expect(library().library.flags & NTMS_LIBRARYFLAG_CLEANERPRESENT);
	cr_expect(library().library.flags & NTMS_LIBRARYFLAG_IGNORECLEANERUSESREMAINING);
	cartridge = media("CLN001L8");
	type = fx_get(&cartridge.media.media_type, NTMS_MEDIA_TYPE);
	cr_expect_eq(type.media_type.code, CLEANER_CARTRIDGE);
	cr_expect_eq(cartridge.media.state, NTMS_MEDIASTATE_IDLE);
	refused(release(), ERROR_RESOURCE_NOT_AVAILABLE);
	/* Looked at again, nothing changes. */
	look();
	cr_expect(is_reserved(6));
}

/* While it is in a drive its slot is empty, and yet not free. */
Test(cleaner, the_slot_of_one_that_is_out)
{
	bring("CLN001L8", 6);
	put_slot_into(6, NTMS_SLOTSTATE_EMPTY);
	refused(release(), ERROR_RESOURCE_NOT_AVAILABLE);
}

/* Set by a person, who knows how often it has been used. */
Test(cleaner, its_uses_can_be_set)
{
	NTMS_OBJECTINFORMATIONA info = {.dwSize = sizeof(info), .dwType = NTMS_LIBRARY};

	bring("CLN001L8", 6);
	must(GetNtmsObjectInformationA(fx_session, &fx_library, &info));
	info.Info.Library.dwCleanerUsesRemaining = 20;
	must(SetNtmsObjectInformationA(fx_session, &fx_library, &info));
	look();
	cr_expect_eq(library().library.cleaner_uses, 20);
	cr_expect_eq(library().library.flags & NTMS_LIBRARYFLAG_IGNORECLEANERUSESREMAINING, 0);
}

Test(cleaner, one_that_is_taken_away_is_forgotten)
{
	bring("CLN001L8", 6);
	take_away("CLN001L8");
	cr_expect(!is_known("CLN001L8"), "a cleaner is not tracked offline");
	cr_expect_eq(library().library.flags & (NTMS_LIBRARYFLAG_CLEANERPRESENT |
						NTMS_LIBRARYFLAG_IGNORECLEANERUSESREMAINING),
		     0);
	cr_expect_eq(library().library.cleaner_uses, 0);
	cr_expect(is_reserved(6), "the slot stays reserved");
	must(release());
}

Test(cleaner, one_that_a_person_has_put_elsewhere)
{
	bring("CLN001L8", 6);
	must(fx_hand_move(VIRTUAL_FIRST_SLOT + 5, VIRTUAL_FIRST_SLOT + 4));
	look();
	cr_expect(is_reserved(5));
	cr_expect(library().library.flags & NTMS_LIBRARYFLAG_CLEANERPRESENT);
}

/* One to a library: another is a cartridge like any. */
Test(cleaner, a_second_one)
{
	bring("CLN001L8", 6);
	bring("CLN002L8", 5);
	cr_expect(is_reserved(6));
	take_away("CLN001L8");
	cr_expect_eq(library().library.flags & NTMS_LIBRARYFLAG_CLEANERPRESENT, 0);
	cr_expect(is_known("CLN002L8"));
}

Test(cleaner, where_another_slot_is_kept_for_one)
{
	must(reserve(5));
	bring("CLN001L8", 6);
	cr_expect(is_reserved(5));
	cr_expect_eq(library().library.flags & NTMS_LIBRARYFLAG_CLEANERPRESENT, 0);
	take_away("CLN001L8");
	bring("CLN002L8", 5);
	cr_expect(library().library.flags & NTMS_LIBRARYFLAG_CLEANERPRESENT);
}

/* Where bar codes do not tell, it is a cartridge, and the drive says that it is none for data. */
Test(cleaner, a_library_that_does_not_go_by_bar_codes)
{
	NTMS_OBJECTINFORMATIONA info = {.dwSize = sizeof(info), .dwType = NTMS_LIBRARY};
	struct object cartridge, type;
	NTMS_GUID side;

	must(GetNtmsObjectInformationA(fx_session, &fx_library, &info));
	info.Info.Library.dwFlags &= ~(DWORD)NTMS_LIBRARYFLAG_RECOGNIZECLEANERBARCODE;
	must(SetNtmsObjectInformationA(fx_session, &fx_library, &info));
	bring("CLN001L8", 6);
	cartridge = media("CLN001L8");
	type = fx_get(&cartridge.media.media_type, NTMS_MEDIA_TYPE);
	cr_expect_neq(type.media_type.code, CLEANER_CARTRIDGE);
	cr_expect(is_none_reserved());
	side = fx_find("CLN001L8", NTMS_PARTITION);
	cr_expect_eq(fx_get(&side, NTMS_PARTITION).side.state, NTMS_PARTSTATE_INCOMPATIBLE);
	fx_expect_home("CLN001L8");
}

/* Nothing is ever written on it. */
Test(cleaner, it_is_not_for_the_free_pool)
{
	NTMS_GUID guid, pool;

	bring("CLN001L8", 6);
	guid = fx_find("CLN001L8", NTMS_PHYSICAL_MEDIA);
	pool = fx_find("Free\\Cleaner", NTMS_MEDIA_POOL);
	refused(MoveToNtmsMediaPool(fx_session, &guid, &pool), ERROR_INVALID_MEDIA_POOL);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* test-absent.c - libraries that are unplugged, and come back */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include "base/guid.h"
#include "faults.h"
#include "fixture.h"

#define SHORT_MS 300

static NTMS_GUID alone;

static void setup(void)
{
	fx_virtual_only("its changer is not unplugged alone");
	fx_setup();
}

static void setup_alone(void)
{
	const RSM_VIRTUAL_SHAPE shape = {.dwSize = sizeof(shape),
					 .dwDrives = 1,
					 .dwSlots = 2,
					 .dwTapes = 1,
					 .dwStandAloneDrives = 1,
					 .bBarCodeReader = TRUE};
	uint32_t id;

	fx_virtual_only("its drive is not unplugged alone");
	fx_make_shape(&shape);
	fx_open_library();
	must(RsmManageLibrary(fx_session, fx_lone_drive(&id), &alone));
}

TestSuite(absent, .timeout = 120, .init = setup, .fini = fx_teardown);

/* ---- as its records say ---- */

static uint32_t state_of(const NTMS_GUID *library)
{
	return fx_get(library, NTMS_LIBRARY).opstate;
}

static uint32_t state_of_changer(void)
{
	NTMS_GUID changer;
	DWORD count = 1;

	must(EnumerateNtmsObject(fx_session, &fx_library, &changer, &count, NTMS_CHANGER, 0));
	return fx_get(&changer, NTMS_CHANGER).opstate;
}

static bool is_gone(void)
{
	return state_of(&fx_library) == NTMS_NOT_PRESENT;
}

static bool is_ready(void)
{
	return state_of(&fx_library) == NTMS_READY;
}

static bool is_usable(const char *barcode)
{
	NTMS_GUID side = fx_find(barcode, NTMS_PARTITION);

	return fx_side(&side).side.usable;
}

static bool is_in(const NTMS_GUID *media, const NTMS_GUID *library)
{
	struct object record = fx_media(media);

	return guid_equal(&record.media.library, library);
}

static void unplug(void)
{
	cr_assert_eq(virtual_plug(fx_vlib, VIRTUAL_CHANGER, false), 0);
}

static void plug(void)
{
	cr_assert_eq(virtual_plug(fx_vlib, VIRTUAL_CHANGER, true), 0);
}

/* Nobody serves it: a call finds out. */
static void unplug_and_see(void)
{
	unplug();
	must_be(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_FAST),
		ERROR_DEVICE_NOT_AVAILABLE);
	cr_assert(is_gone());
}

static DWORD try_allocate(NTMS_GUID pool, DWORD timeout)
{
	NTMS_GUID media;

	return AllocateNtmsMedia(fx_session, &pool, NULL, &media,
				 timeout ? 0 : NTMS_ALLOCATE_ERROR_IF_UNAVAILABLE, timeout, NULL);
}

/* ---- who serves it sees it go and come ---- */

Test(absent, served_it_goes_and_comes)
{
	NTMS_GUID cartridge = fx_free_cartridge("V00001L8"), pool = fx_make_pool("A", false, 0);

	must(RsmServeLibrary(fx_session, &fx_library, TRUE));
	unplug();
	fx_wait_until(is_gone);
	cr_assert_eq(state_of_changer(), NTMS_NOT_PRESENT);
	cr_assert_eq(fx_drive(0).opstate, NTMS_READY);
	cr_assert(is_in(&cartridge, &fx_library));
	cr_assert(!is_usable("V00001L8"));
	must_be(try_allocate(pool, 0), ERROR_MEDIA_UNAVAILABLE);
	plug();
	fx_wait_until(is_ready);
	cr_assert_eq(state_of_changer(), NTMS_READY);
	cr_assert(is_usable("V00001L8"));
	must(try_allocate(pool, 0));
}

/* ---- what calls say meanwhile ---- */

Test(absent, calls_are_refused_and_it_comes_back_by_itself)
{
	NTMS_GUID media = fx_allocated("V00001L8"), operation, cartridge = fx_media(&media).guid;

	unplug_and_see();
	must_be(EjectNtmsMedia(fx_session, &cartridge, &operation, NTMS_EJECT_START),
		ERROR_DEVICE_NOT_AVAILABLE);
	must_be(InjectNtmsMedia(fx_session, &fx_library, &operation, NTMS_INJECT_START),
		ERROR_DEVICE_NOT_AVAILABLE);
	must_be(fx_try_mount(fx_session, media, NULL, NTMS_MOUNT_READ | NTMS_MOUNT_NOWAIT, 0),
		ERROR_RESOURCE_NOT_AVAILABLE);
	cr_assert(strstr(RsmLastMessage(), "not connected"), "%s", RsmLastMessage());
	must_be(fx_try_mount(fx_session, media, NULL,
			     NTMS_MOUNT_READ | NTMS_MOUNT_ERROR_NOT_AVAILABLE, PATIENCE_MS),
		ERROR_RESOURCE_NOT_AVAILABLE);
	plug();
	must(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_FAST));
	fx_wait_until(is_ready);
}

/* What the records said of it is no reason to refuse anything once it is back. */
Test(absent, back_before_anybody_has_looked)
{
	NTMS_GUID cartridge = fx_find("V00001L8", NTMS_PHYSICAL_MEDIA), operation;

	unplug_and_see();
	plug();
	must(EjectNtmsMedia(fx_session, &cartridge, &operation, NTMS_EJECT_START));
	fx_wait_until(is_ready);
	must(EjectNtmsMedia(fx_session, NULL, &operation, NTMS_EJECT_STOP));
}

/* ---- mounts wait ---- */

static void *mount_main(void *media)
{
	static DWORD code;

	code = fx_try_mount(fx_session, *(NTMS_GUID *)media, NULL, NTMS_MOUNT_READ, PATIENCE_MS);
	return &code;
}

Test(absent, a_mount_waits_until_it_is_back)
{
	NTMS_GUID media = fx_allocated("V00001L8");
	pthread_t thread;
	void *code;

	unplug();
	fx_expect_waits(media, NULL, 0, "not connected");
	cr_assert(is_gone());
	cr_assert_eq(pthread_create(&thread, NULL, mount_main, &media), 0);
	plug();
	cr_assert_eq(pthread_join(thread, &code), 0);
	must(*(DWORD *)code);
	cr_assert(is_ready());
	cr_assert_eq(fx_media(&media).media.state, NTMS_MEDIASTATE_LOADED);
}

/* ---- allocations ---- */

Test(absent, an_allocation_finds_that_it_is_back)
{
	NTMS_GUID pool = fx_make_pool("A", false, 0);

	fx_free_cartridge("V00001L8");
	unplug_and_see();
	cr_assert(!is_usable("V00001L8"));
	must_be(try_allocate(pool, 0), ERROR_MEDIA_UNAVAILABLE);
	must_be(try_allocate(pool, SHORT_MS), ERROR_TIMEOUT);
	plug();
	must(try_allocate(pool, 0));
	fx_wait_until(is_ready);
}

static bool somebody_is_asked(void)
{
	NTMS_GUID list[4];
	DWORD count = 4;

	return EnumerateNtmsObject(fx_session, NULL, list, &count, NTMS_OPREQUEST, 0) == 0 &&
	       count &&
	       fx_get(&list[count - 1], NTMS_OPREQUEST).oprequest.state == NTMS_OPSTATE_SUBMITTED;
}

static void *allocate_main(void *pool)
{
	static DWORD code;

	code = try_allocate(*(NTMS_GUID *)pool, PATIENCE_MS);
	return &code;
}

Test(absent, an_allocation_waits_until_it_is_back)
{
	NTMS_GUID pool = fx_make_pool("A", false, 0);
	pthread_t thread;
	void *code;

	fx_free_cartridge("V00001L8");
	unplug_and_see();
	cr_assert_eq(pthread_create(&thread, NULL, allocate_main, &pool), 0);
	fx_wait_until(somebody_is_asked);
	plug();
	cr_assert_eq(pthread_join(thread, &code), 0);
	must(*(DWORD *)code);
	cr_assert(!somebody_is_asked(), "somebody is still asked for media");
}

/* ---- deleted ---- */

Test(absent, it_is_deleted_and_taken_over_again)
{
	NTMS_GUID media = fx_allocated("V00001L8"), cartridge = fx_media(&media).guid, again;
	struct object record = fx_get(&fx_library, NTMS_LIBRARY), gone;

	must_be(DeleteNtmsLibrary(fx_session, &fx_library), ERROR_INVALID_STATE);
	unplug();
	must(DeleteNtmsLibrary(fx_session, &fx_library));
	gone = fx_media(&cartridge);
	cr_assert_eq(fx_get(&gone.media.library, NTMS_LIBRARY).library.kind,
		     NTMS_LIBRARYTYPE_OFFLINE);
	cr_assert_eq(fx_side(&media).side.state, NTMS_PARTSTATE_ALLOCATED);
	plug();
	must(RsmManageLibrary(fx_session, record.library.serial, &again));
	cr_assert(!guid_equal(&again, &fx_library));
	cr_assert_eq(state_of(&again), NTMS_READY);
	cr_assert(is_in(&media, &again), "it was not recognised");
	fx_library = again;
	fx_mount(media);
}

Test(absent, one_that_is_back_is_not_deleted)
{
	unplug_and_see();
	plug();
	must_be(DeleteNtmsLibrary(fx_session, &fx_library), ERROR_INVALID_STATE);
	fx_wait_until(is_ready);
}

/* Nobody could give it back to the library, and others would be let in beside its holder. */
Test(absent, nobody_loses_a_drive_that_he_holds)
{
	NTMS_GUID media = fx_allocated("V00001L8"), drive = fx_mount(media);

	unplug();
	must_be(DeleteNtmsLibrary(fx_session, &fx_library), ERROR_INVALID_STATE);
	cr_assert(strstr(RsmLastMessage(), "held by process"), "%s", RsmLastMessage());
	cr_assert(is_gone());
	cr_assert(fx_is_held(&drive));
	plug();
	fx_dismount(media, NTMS_DISMOUNT_IMMEDIATE);
	unplug();
	must(DeleteNtmsLibrary(fx_session, &fx_library));
}

Test(absent, a_drive_is_looked_for_before_it_is_deleted)
{
	struct object record = fx_drive(0);
	NTMS_GUID drive = record.guid;

	record.opstate = NTMS_NOT_PRESENT; /* as it was seen before it came back */
	fx_put(&record);
	must_be(DeleteNtmsDrive(fx_session, &drive), ERROR_INVALID_STATE);
	cr_assert_eq(fx_drive(0).opstate, NTMS_READY);
	cr_assert_eq(virtual_plug(fx_vlib, 0, false), 0);
	must(DeleteNtmsDrive(fx_session, &drive));
	fx_mount(fx_allocated("V00001L8"));
}

static NTMS_GUID a_drive, a_type;

static DWORD delete_library(HANDLE session)
{
	return DeleteNtmsLibrary(session, &fx_library);
}

static DWORD delete_drive(HANDLE session)
{
	return DeleteNtmsDrive(session, &a_drive);
}

static DWORD inventory(HANDLE session)
{
	return InventoryNtmsLibrary(session, &fx_library, NTMS_INVENTORY_FAST);
}

static DWORD add_type(HANDLE session)
{
	return AddNtmsMediaType(session, &a_type, &fx_library);
}

/* Who may not ask for it has nobody look, and nothing is recorded. */
Test(absent, the_right_comes_before_the_look)
{
	static const fault_call calls[] = {delete_library, delete_drive, inventory, add_type};
	struct fx_dump *before;
	NTMS_GUID list[128];
	DWORD count = 128;

	a_drive = fx_drive_guid(0);
	must(EnumerateNtmsObject(fx_session, NULL, list, &count, NTMS_MEDIA_TYPE, 0));
	a_type = list[0];
	fx_deny(&fx_library, NTMS_CONTROL_ACCESS | NTMS_MODIFY_ACCESS);
	unplug();
	cr_assert_eq(virtual_plug(fx_vlib, 0, false), 0);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		before = fx_dump();
		must_be(fault_other_user(calls[i]), ERROR_ACCESS_DENIED);
		fx_expect_unchanged(before);
	}
}

/* ---- told ---- */

Test(absent, who_listens_hears_of_it)
{
	NTMS_NOTIFICATIONINFORMATION news;
	HANDLE listener;

	listener = OpenNtmsNotification(fx_session, NTMS_LIBRARY);
	cr_assert_not_null(listener);
	unplug_and_see();
	must(WaitForNtmsNotification(listener, &news, PATIENCE_MS));
	cr_assert_eq(news.dwOperation, NTMS_OBJ_UPDATE);
	cr_assert(guid_equal(&news.ObjectId, &fx_library));
	must(CloseNtmsNotification(listener));
}

/* ---- a drive that stands alone ---- */

Test(absent, a_drive_that_stands_alone, .init = setup_alone)
{
	NTMS_GUID drive;
	DWORD count = 1;

	must(EnumerateNtmsObject(fx_session, &alone, &drive, &count, NTMS_DRIVE, 0));
	must_be(DeleteNtmsDrive(fx_session, &drive), ERROR_INVALID_STATE);
	cr_assert_eq(virtual_plug(fx_vlib, 1, false), 0);
	must_be(InventoryNtmsLibrary(fx_session, &alone, NTMS_INVENTORY_FAST),
		ERROR_DEVICE_NOT_AVAILABLE);
	cr_assert_eq(state_of(&alone), NTMS_NOT_PRESENT);
	cr_assert_eq(state_of(&fx_library), NTMS_READY);
	cr_assert_eq(fx_get(&drive, NTMS_DRIVE).opstate, NTMS_NOT_PRESENT);
	must(DeleteNtmsDrive(fx_session, &drive));
	count = 1;
	must(EnumerateNtmsObject(fx_session, NULL, &drive, &count, NTMS_DRIVE, 0));
	cr_assert_eq(count, 1, "only the robot's is left");
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* test-door.c - people reach the slots through the door */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include "faults.h"
#include "people.h"

int __real_broker_ready(struct broker_lease *lease);
int __wrap_broker_ready(struct broker_lease *lease);

/* As if the person had opened the door right after this look at it. */
static atomic_bool opened_after_look;

int __wrap_broker_ready(struct broker_lease *lease)
{
	int error = __real_broker_ready(lease);

	if (error == -EAGAIN && atomic_exchange(&opened_after_look, false))
		return 0;
	return error;
}

int __real_broker_lease_take(struct broker *broker, uint32_t device, struct broker_lease **lease);
int __wrap_broker_lease_take(struct broker *broker, uint32_t device, struct broker_lease **lease);

/* Somebody has wanted the lease and not got it. */
static atomic_bool refused;

int __wrap_broker_lease_take(struct broker *broker, uint32_t device, struct broker_lease **lease)
{
	int error = __real_broker_lease_take(broker, device, lease);

	if (error == -EBUSY)
		atomic_store(&refused, true);
	return error;
}

TestSuite(door, .timeout = 120, .init = fx_setup, .fini = fx_teardown);

static void setup_no_door(void)
{
	RSM_VIRTUAL_SHAPE shape = {
		.dwDrives = 1, .dwSlots = 4, .dwPorts = 1, .dwTapes = 2, .bBarCodeReader = TRUE};

	fx_virtual_only("SCSI does not tell whether a library has a door");
	fx_make_shape(&shape);
	fx_open_library();
}

static NTMS_GUID operation; /* the door request that is watched */

static void access_door(DWORD action)
{
	NTMS_GUID list[32];
	DWORD count = 32;

	must(AccessNtmsLibraryDoor(fx_session, &fx_library, action));
	must(EnumerateNtmsObject(fx_session, &fx_library, list, &count, NTMS_LIBREQUEST, 0));
	for (DWORD i = 0; i < count; i++)
		if (request_now(&list[i]).operation == NTMS_LM_DOORACCESS)
			operation = list[i];
	watched = operation;
}

static bool stands_open(void)
{
	return numbered(NTMS_IEDOOR, 1).device.state == NTMS_DOORSTATE_OPEN;
}

static void open_door(DWORD action)
{
	access_door(action);
	fx_wait_until(is_open);
	must(fx_door(true));
	fx_wait_until(stands_open);
}

static void close_door(void)
{
	must(fx_door(false));
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	cr_assert_eq(numbered(NTMS_IEDOOR, 1).device.state, NTMS_DOORSTATE_CLOSED);
	expect_locked();
	cr_assert_eq(fx_door(true), ERROR_BUSY);
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
}

static bool is_gone(const char *barcode)
{
	NTMS_GUID guid;

	return RsmFindObject(fx_session, barcode, NTMS_PHYSICAL_MEDIA, &guid) ==
	       ERROR_OBJECT_NOT_FOUND;
}

static DWORD state_of(const char *barcode)
{
	NTMS_GUID guid = fx_find(barcode, NTMS_PARTITION);

	return fx_get(&guid, NTMS_PARTITION).side.state;
}

/* Nobody but who has queued it would come back to it, and no event tells that the library is
 * willing again. */
Test(door, a_library_that_refuses_once_is_asked_again)
{
	struct virtual_fault refuses = {.operation = VIRTUAL_ELEMENTS,
					.where = UINT32_MAX,
					.count = 1,
					.key = 2,
					.asc = 4,
					.ascq = 1};

	fx_virtual_only("a fault of a library");
	open_door(NTMS_INVENTORY_FAST);
	cr_assert_eq(virtual_fault_add(fx_vlib, &refuses), 0);
	close_door();
}

/* ---- the door's object ---- */

Test(door, is_an_object)
{
	NTMS_OBJECTINFORMATIONA info = {.dwSize = sizeof(info), .dwType = NTMS_IEDOOR};
	NTMS_GUID guid = numbered(NTMS_IEDOOR, 1).guid;

	must(GetNtmsObjectInformationA(fx_session, &guid, &info));
	cr_assert_eq(info.Info.IEDoor.Number, 1);
	cr_assert_eq(info.Info.IEDoor.State, NTMS_DOORSTATE_CLOSED);
	cr_assert_eq(info.Info.IEDoor.MaxOpenSecs, 900);
	cr_assert(guid_equal(&info.Info.IEDoor.Library, &fx_library));
	info.dwType = NTMS_LIBRARY;
	guid = fx_library;
	must(GetNtmsObjectInformationA(fx_session, &guid, &info));
	cr_assert_eq(info.Info.Library.dwNumberOfDoors, 1);
}

/* ---- what happens behind it ---- */

Test(door, fast_looks_for_what_is_new)
{
	open_door(NTMS_INVENTORY_FAST);
	must(fx_take_out(RSM_VIRTUAL_SLOT, 1));
	must(fx_put_in(RSM_VIRTUAL_SLOT, 5, "NEW001L8"));
	close_door();
	cr_assert(is_gone("V00001L8"));
	fx_expect_home("NEW001L8");
	cr_assert_eq(state_of("NEW001L8"), NTMS_PARTSTATE_FOREIGN);
}

Test(door, omid_looks_at_everything)
{
	open_door(NTMS_INVENTORY_OMID);
	close_door();
	for (int i = 1; i <= 4; i++) {
		char barcode[16];

		snprintf(barcode, sizeof(barcode), "V0000%dL8", i);
		cr_assert_eq(state_of(barcode), NTMS_PARTSTATE_FOREIGN, "%s is not identified",
			     barcode);
	}
}

Test(door, none_identifies_nothing)
{
	open_door(NTMS_INVENTORY_NONE);
	must(fx_put_in(RSM_VIRTUAL_SLOT, 5, "NEW001L8"));
	close_door();
	fx_expect_home("NEW001L8");
	cr_assert_eq(state_of("NEW001L8"), NTMS_PARTSTATE_UNKNOWN);
	cr_assert_eq(fx_requests(NTMS_LM_CLASSIFY, NTMS_LM_PASSED), 0);
}

Test(door, default_is_the_librarys)
{
	struct object library = fx_get(&fx_library, NTMS_LIBRARY);

	library.library.inventory_method = NTMS_INVENTORY_OMID;
	fx_put(&library);
	open_door(NTMS_INVENTORY_DEFAULT);
	cr_assert_eq(request_now(&operation).option, NTMS_INVENTORY_OMID);
	close_door();
	cr_assert_eq(state_of("V00001L8"), NTMS_PARTSTATE_FOREIGN);
}

Test(door, an_allocated_cartridge_that_is_taken_is_offline_and_comes_back)
{
	NTMS_GUID media = fx_allocated("V00001L8"), cartridge = fx_media(&media).guid;

	open_door(NTMS_INVENTORY_FAST);
	must(fx_take_out(RSM_VIRTUAL_SLOT, 1));
	close_door();
	cr_assert(is_offline(&cartridge));
	open_door(NTMS_INVENTORY_FAST);
	must(fx_put_in(RSM_VIRTUAL_SLOT, 6, "V00001L8"));
	close_door();
	fx_expect_home("V00001L8");
	cr_assert(!is_offline(&cartridge));
	fx_mount(media);
}

/* ---- meanwhile ---- */

Test(door, nothing_else_goes_on_while_it_is_open)
{
	NTMS_GUID media = fx_find("V00001L8", NTMS_PHYSICAL_MEDIA), eject;

	open_door(NTMS_INVENTORY_NONE);
	must(EjectNtmsMedia(fx_session, &media, &eject, NTMS_EJECT_START));
	watched = eject;
	fx_wait_until(is_waiting);
	cr_assert(strstr(request_now(&eject).waits_for, "door"), "%s",
		  request_now(&eject).waits_for);
	must(fx_door(false));
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	wait_open(&eject);
	expect_in_port("V00001L8", 1);
}

Test(door, waits_for_an_eject)
{
	NTMS_GUID media = fx_find("V00001L8", NTMS_PHYSICAL_MEDIA), eject;

	must(EjectNtmsMedia(fx_session, &media, &eject, NTMS_EJECT_START));
	wait_open(&eject);
	access_door(NTMS_INVENTORY_NONE);
	fx_wait_until(is_waiting);
	take_out(1);
	fx_wait_until(is_open);
	cr_assert_eq(request_now(&eject).state, NTMS_LM_PASSED);
	must(fx_door(true));
	fx_wait_until(stands_open);
	close_door();
}

/* ---- time ---- */

static bool is_asked_to_close(void)
{
	NTMS_GUID guid = numbered(NTMS_IEDOOR, 1).guid;

	return asked_about(&guid) == 1;
}

Test(door, somebody_is_asked_to_close_it)
{
	NTMS_GUID guid = numbered(NTMS_IEDOOR, 1).guid;

	set_limit(NTMS_IEDOOR, 0);
	open_door(NTMS_INVENTORY_NONE);
	fx_wait_until(is_asked_to_close);
	cr_assert(!is_over());
	close_door();
	cr_assert_eq(asked_about(&guid), 0);
}

Test(door, nobody_opens_it)
{
	struct object request;

	access_door(NTMS_INVENTORY_FAST);
	fx_wait_until(is_open);
	request = fx_get(&operation, NTMS_LIBREQUEST);
	request.librequest.deadline_ms = 1;
	fx_put(&request);
	wait_over(&operation, NTMS_LM_FAILED, ERROR_TIMEOUT);
	cr_assert_eq(fx_door(true), ERROR_BUSY);
}

Test(door, a_person_who_is_quicker_than_we_look)
{
	access_door(NTMS_INVENTORY_FAST);
	fx_wait_until(is_open);
	fx_stop_work();
	must(fx_door(true));
	must(fx_put_in(RSM_VIRTUAL_SLOT, 5, "NEW001L8"));
	must(fx_door(false));
	fx_let_work();
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	fx_expect_home("NEW001L8");
	cr_assert_eq(state_of("NEW001L8"), NTMS_PARTSTATE_FOREIGN);
}

/* ---- opened without being asked for ---- */

static bool mount_has_passed(void)
{
	return fx_requests(NTMS_LM_MOUNT, NTMS_LM_PASSED) == 1;
}

static bool mount_waits(void)
{
	return fx_requests(NTMS_LM_MOUNT, NTMS_LM_WAITING) == 1;
}

static int mount_it(const struct child *parent)
{
	HANDLE session = OpenNtmsSessionA(NULL, "mounts", 0);
	NTMS_GUID drive;

	(void)parent;
	if (session == INVALID_HANDLE_VALUE)
		return 97;
	child_must(fx_try_mount(session, watched, &drive, NTMS_MOUNT_READ, PATIENCE_MS));
	return 0;
}

/* A worker that was kept from working looks for traces of a person, and finds him at it. */
Test(door, opened_while_we_look)
{
	access_door(NTMS_INVENTORY_FAST);
	fx_wait_until(is_open);
	fx_stop_work();
	atomic_store(&refused, false);
	must(SetNtmsObjectAttributeA(fx_session, &fx_library, NTMS_LIBRARY, "look", "now", 3));
	while (!atomic_load(&refused))
		sched_yield();
	must(fx_door(true));
	atomic_store(&opened_after_look, true);
	fx_let_work();
	fx_wait_until(stands_open);
	cr_assert(!atomic_load(&opened_after_look), "nobody has looked meanwhile");
	close_door();
}

Test(door, a_mount_waits_until_it_is_closed)
{
	NTMS_GUID media = fx_allocated("V00001L8");
	struct child child;

	must(fx_door(true));
	watched = media;
	child = start_child(mount_it);
	fx_wait_until(mount_waits);
	/* It is put into another slot: nobody looks for it in the old one. */
	must(fx_take_out(RSM_VIRTUAL_SLOT, 1));
	must(fx_put_in(RSM_VIRTUAL_SLOT, 6, "V00001L8"));
	must(fx_door(false));
	join_child(&child);
	cr_assert(mount_has_passed());
}

static void *mount_in_thread(void *code)
{
	NTMS_GUID drive;

	*(DWORD *)code = fx_try_mount(fx_session, watched, &drive, NTMS_MOUNT_READ, PATIENCE_MS);
	return NULL;
}

static void setup_jukebox(void)
{
	fx_virtual_only("two sides: the kernel module finds tape drives, and a tape has one side");
	fx_make_shape(&(RSM_VIRTUAL_SHAPE){.dwDrives = 1,
					   .dwSlots = 6,
					   .dwPorts = 1,
					   .dwTapes = 1,
					   .dwMedia = RSM_VIRTUAL_MO,
					   .bDoor = TRUE,
					   .bBarCodeReader = TRUE});
	fx_open_library();
}

/* The turn that is to carry it out has found the door closed, and asks how the cartridge lies. */
Test(door, a_mount_waits_that_meets_it_open, .init = setup_jukebox)
{
	NTMS_GUID cartridge = fx_find("V00001MO", NTMS_PHYSICAL_MEDIA);
	DWORD code = ERROR_GEN_FAILURE, count = 1;
	pthread_t thread;

	EnumerateNtmsObject(fx_session, &cartridge, &watched, &count, NTMS_PARTITION, 0);
	must(fx_door(true));
	atomic_store(&opened_after_look, true);
	cr_assert_eq(pthread_create(&thread, NULL, mount_in_thread, &code), 0);
	fx_wait_until(mount_waits);
	cr_assert(!atomic_load(&opened_after_look), "nobody has looked meanwhile");
	must(fx_take_out(RSM_VIRTUAL_SLOT, 1));
	must(fx_put_in(RSM_VIRTUAL_SLOT, 6, "V00001MO"));
	must(fx_door(false));
	cr_assert_eq(pthread_join(thread, NULL), 0);
	must(code);
	cr_assert(mount_has_passed());
}

Test(door, what_nobody_waits_for_goes_on_when_it_is_closed)
{
	NTMS_GUID media = fx_find("V00001L8", NTMS_PHYSICAL_MEDIA), eject;

	must(fx_door(true));
	must(EjectNtmsMedia(fx_session, &media, &eject, NTMS_EJECT_START));
	watched = eject;
	fx_wait_until(is_waiting);
	must(fx_door(false));
	wait_open(&eject);
	expect_in_port("V00001L8", 1);
}

/* ---- refused ---- */

Test(door, bad_arguments)
{
	NTMS_GUID media = fx_find("V00001L8", NTMS_PHYSICAL_MEDIA);

	refused(AccessNtmsLibraryDoor(NULL, &fx_library, NTMS_INVENTORY_NONE),
		ERROR_INVALID_HANDLE);
	refused(AccessNtmsLibraryDoor(fx_session, NULL, NTMS_INVENTORY_NONE),
		ERROR_INVALID_PARAMETER);
	refused(AccessNtmsLibraryDoor(fx_session, &fx_library, NTMS_INVENTORY_SLOT),
		ERROR_INVALID_PARAMETER);
	refused(AccessNtmsLibraryDoor(fx_session, &fx_library, NTMS_INVENTORY_STOP),
		ERROR_INVALID_PARAMETER);
	refused(AccessNtmsLibraryDoor(fx_session, &fx_library, NTMS_INVENTORY_MAX),
		ERROR_INVALID_PARAMETER);
	refused(AccessNtmsLibraryDoor(fx_session, &media, NTMS_INVENTORY_NONE),
		ERROR_INVALID_LIBRARY);
}

Test(door, libraries_that_cannot)
{
	struct object library = fx_get(&fx_library, NTMS_LIBRARY), computer;
	NTMS_GUID list[4];
	DWORD count = 4;

	must(EnumerateNtmsObject(fx_session, NULL, list, &count, NTMS_COMPUTER, 0));
	computer = fx_get(&list[0], NTMS_COMPUTER);
	refused(AccessNtmsLibraryDoor(fx_session, &computer.computer.offline_library,
				      NTMS_INVENTORY_NONE),
		ERROR_LIBRARY_OFFLINE);
	library.enabled = FALSE;
	fx_put(&library);
	refused(AccessNtmsLibraryDoor(fx_session, &fx_library, NTMS_INVENTORY_NONE),
		ERROR_RESOURCE_DISABLED);
	library.enabled = TRUE;
	fx_put_absent(&library);
	refused(AccessNtmsLibraryDoor(fx_session, &fx_library, NTMS_INVENTORY_NONE),
		ERROR_LIBRARY_OFFLINE);
}

Test(door, a_library_without_a_door, .init = setup_no_door)
{
	refused(AccessNtmsLibraryDoor(fx_session, &fx_library, NTMS_INVENTORY_NONE),
		ERROR_RESOURCE_NOT_PRESENT);
}

static DWORD access_it(HANDLE session)
{
	return AccessNtmsLibraryDoor(session, &fx_library, NTMS_INVENTORY_NONE);
}

Test(door, rights)
{
	fx_deny(&fx_library, NTMS_CONTROL_ACCESS);
	must_be(fault_other_user(access_it), ERROR_ACCESS_DENIED);
}

Test(door, by_another_broker)
{
	must_be(fault_other_broker(access_it), ERROR_LIBRARY_OFFLINE);
}

/* What RSM has locked is left unlocked when it is given back. */
Test(door, is_unlocked_when_the_library_is_given_back)
{
	open_door(NTMS_INVENTORY_NONE);
	close_door();
	must(RsmUnmanageLibrary(fx_session, &fx_library));
	must(fx_door(true));
}

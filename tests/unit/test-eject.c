/* SPDX-License-Identifier: GPL-2.0-only */
/* test-eject.c - cartridges leave through the ports */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include "faults.h"
#include "people.h"

TestSuite(eject, .timeout = 120, .init = fx_setup, .fini = fx_teardown);

static const RSM_VIRTUAL_SHAPE three_ports = {.dwDrives = 2,
					      .dwSlots = 6,
					      .dwPorts = 3,
					      .dwTapes = 5,
					      .bDoor = TRUE,
					      .bBarCodeReader = TRUE};

static void setup_three(void)
{
	fx_make_shape(&three_ports);
	fx_open_library();
}

static void setup_no_port(void)
{
	RSM_VIRTUAL_SHAPE shape = three_ports;

	shape.dwPorts = 0;
	fx_make_shape(&shape);
	fx_open_library();
}

static NTMS_GUID start_eject(NTMS_GUID media, DWORD action)
{
	NTMS_GUID operation = NTMS_NULLGUID;

	must(EjectNtmsMedia(fx_session, &media, &operation, action));
	if (action != NTMS_EJECT_QUEUE)
		cr_assert(!guid_is_null(&operation));
	return operation;
}

static NTMS_GUID eject(const char *barcode)
{
	return start_eject(fx_find(barcode, NTMS_PHYSICAL_MEDIA), NTMS_EJECT_START);
}

static void stop(NTMS_GUID operation)
{
	must(EjectNtmsMedia(fx_session, NULL, &operation, NTMS_EJECT_STOP));
}

static bool is_gone(const char *barcode)
{
	NTMS_GUID guid;

	return RsmFindObject(fx_session, barcode, NTMS_PHYSICAL_MEDIA, &guid) ==
	       ERROR_OBJECT_NOT_FOUND;
}

/* ---- the way it goes ---- */

Test(eject, a_person_takes_it_out)
{
	NTMS_GUID media = fx_allocated("V00001L8"), cartridge = fx_media(&media).guid;
	NTMS_GUID slot = fx_media(&media).media.location;
	NTMS_GUID operation = start_eject(cartridge, NTMS_EJECT_START);
	struct object side;

	wait_open(&operation);
	expect_in_port("V00001L8", 1);
	cr_assert_eq(fx_get(&slot, NTMS_STORAGESLOT).device.state, NTMS_SLOTSTATE_EMPTY);
	cr_assert_eq(request_now(&operation).state, NTMS_LM_INPROCESS);
	cr_assert(strstr(request_now(&operation).waits_for, "V00001L8"));
	cr_assert(strstr(request_now(&operation).waits_for, "port 1"));
	take_out(1);
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	cr_assert(is_offline(&cartridge));
	cr_assert_eq(port(1).device.state, NTMS_PORTCONTENT_EMPTY);
	expect_locked();
	/* Whose it is does not change by that. */
	side = fx_side(&media);
	cr_assert_eq(side.side.state, NTMS_PARTSTATE_ALLOCATED);
	cr_assert(guid_equal(&side.side.logical, &media));
	cr_assert_eq(fx_requests(NTMS_LM_EJECT, NTMS_LM_PASSED), 1);
}

Test(eject, what_belongs_to_nobody_is_forgotten)
{
	NTMS_GUID operation = eject("V00001L8");

	wait_open(&operation);
	take_out(1);
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	cr_assert(is_gone("V00001L8"));
}

Test(eject, a_free_cartridge_is_kept_unless_the_policy_says_no)
{
	NTMS_GUID media = fx_free_cartridge("V00001L8"), operation;
	struct object computer;
	NTMS_GUID list[4];
	DWORD count = 4;

	operation = start_eject(media, NTMS_EJECT_START);
	wait_open(&operation);
	take_out(1);
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	cr_assert(is_offline(&media));
	media = fx_free_cartridge("V00002L8");
	must(EnumerateNtmsObject(fx_session, NULL, list, &count, NTMS_COMPUTER, 0));
	computer = fx_get(&list[0], NTMS_COMPUTER);
	computer.computer.pool_policy |= NTMS_POOLPOLICY_PURGEOFFLINESCRATCH;
	fx_put(&computer);
	operation = start_eject(media, NTMS_EJECT_START);
	wait_open(&operation);
	take_out(1);
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	cr_assert(is_gone("V00002L8"));
}

Test(eject, one_after_the_other)
{
	NTMS_GUID first = eject("V00001L8"), second;

	wait_open(&first);
	second = eject("V00002L8");
	watched = second;
	fx_wait_until(is_waiting);
	cr_assert(strstr(request_now(&second).waits_for, "ports"));
	take_out(1);
	wait_over(&first, NTMS_LM_PASSED, ERROR_SUCCESS);
	wait_open(&second);
	expect_in_port("V00002L8", 1);
	take_out(1);
	wait_over(&second, NTMS_LM_PASSED, ERROR_SUCCESS);
	expect_locked();
}

/* ---- collected ---- */

static bool inventory_is_taken(void)
{
	return fx_requests(NTMS_LM_INVENTORY, NTMS_LM_PASSED) == 1;
}

Test(eject, collected_and_started_with_the_last, .init = setup_three)
{
	NTMS_GUID first = fx_find("V00001L8", NTMS_PHYSICAL_MEDIA);
	NTMS_GUID second = fx_find("V00002L8", NTMS_PHYSICAL_MEDIA), operation;

	start_eject(first, NTMS_EJECT_QUEUE);
	start_eject(second, NTMS_EJECT_QUEUE);
	/* The queue has been worked, and they stay where they are. */
	must(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_FAST));
	fx_wait_until(inventory_is_taken);
	fx_expect_home("V00001L8");
	fx_expect_home("V00002L8");
	operation = eject("V00003L8");
	wait_open(&operation);
	expect_in_port("V00001L8", 1);
	expect_in_port("V00002L8", 2);
	expect_in_port("V00003L8", 3);
	take_out(3);
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	cr_assert_eq(port(1).device.position, NTMS_PORTPOSITION_EXTENDED);
	take_out(1);
	take_out(2);
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	cr_assert_eq(fx_requests(NTMS_LM_EJECT, NTMS_LM_PASSED), 3);
	expect_locked();
}

Test(eject, collected_and_started_by_themselves, .init = setup_three)
{
	NTMS_GUID first = fx_find("V00001L8", NTMS_PHYSICAL_MEDIA), operation = NTMS_NULLGUID;
	NTMS_GUID second = fx_find("V00002L8", NTMS_PHYSICAL_MEDIA), none = NTMS_NULLGUID;

	must_be(EjectNtmsMedia(fx_session, &none, &operation, NTMS_EJECT_START),
		ERROR_INVALID_PARAMETER);
	start_eject(first, NTMS_EJECT_QUEUE);
	start_eject(second, NTMS_EJECT_QUEUE);
	must(EjectNtmsMedia(fx_session, &none, &operation, NTMS_EJECT_START));
	wait_open(&operation);
	expect_in_port("V00001L8", 1);
	expect_in_port("V00002L8", 2);
	must_be(EjectNtmsMedia(fx_session, NULL, &operation, NTMS_EJECT_START),
		ERROR_INVALID_PARAMETER);
	take_out(1);
	take_out(2);
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	cr_assert_eq(fx_requests(NTMS_LM_EJECT, NTMS_LM_PASSED), 2);
}

/* The worker may be looking at one of them just now. */
static bool three_are_collected(void)
{
	return fx_requests(NTMS_LM_EJECT, NTMS_LM_QUEUED) +
		       fx_requests(NTMS_LM_EJECT, NTMS_LM_WAITING) ==
	       3;
}

Test(eject, no_more_are_collected_than_there_are_ports, .init = setup_three)
{
	NTMS_GUID operation;

	for (int i = 1; i <= 3; i++) {
		char barcode[16];

		snprintf(barcode, sizeof(barcode), "V0000%dL8", i);
		start_eject(fx_find(barcode, NTMS_PHYSICAL_MEDIA), NTMS_EJECT_QUEUE);
	}
	watched = fx_find("V00004L8", NTMS_PHYSICAL_MEDIA);
	must_be(EjectNtmsMedia(fx_session, &watched, &operation, NTMS_EJECT_QUEUE), ERROR_BUSY);
	must_be(EjectNtmsMedia(fx_session, &watched, &operation, NTMS_EJECT_START), ERROR_BUSY);
	fx_wait_until(three_are_collected);
}

/* ---- it takes too long ---- */

Test(eject, what_nobody_takes_in_time_stays_within_reach)
{
	NTMS_GUID media = fx_allocated("V00001L8"), cartridge = fx_media(&media).guid;
	NTMS_GUID operation, place = port(1).guid;

	set_limit(NTMS_IEPORT, 0);
	operation = start_eject(cartridge, NTMS_EJECT_START);
	wait_over(&operation, NTMS_LM_FAILED, ERROR_TIMEOUT);
	cr_assert(strstr(request_now(&operation).waits_for, "V00001L8"));
	/* It is in the library still, in the port, and somebody is asked to take it. */
	expect_in_port("V00001L8", 1);
	cr_assert_eq(asked_about(&place), 1);
	cr_assert_eq(port(1).device.position, NTMS_PORTPOSITION_EXTENDED);
	take_out(1);
	expect_locked();
	cr_assert(is_offline(&cartridge));
	cr_assert_eq(asked_about(&place), 0);
}

Test(eject, what_is_left_in_a_port_can_be_mounted)
{
	NTMS_GUID media = fx_allocated("V00001L8"), operation;

	set_limit(NTMS_IEPORT, 0);
	operation = start_eject(fx_media(&media).guid, NTMS_EJECT_START);
	wait_over(&operation, NTMS_LM_FAILED, ERROR_TIMEOUT);
	fx_mount(media);
	fx_dismount(media, 0);
	fx_expect_home("V00001L8");
	expect_locked();
	watched = port(1).guid;
	cr_assert_eq(asked_about(&watched), 0);
}

/* ---- stopped ---- */

Test(eject, stopped_it_goes_back_to_its_slot)
{
	NTMS_GUID operation = eject("V00001L8");

	wait_open(&operation);
	stop(operation);
	wait_over(&operation, NTMS_LM_STOPPED, ERROR_SUCCESS);
	fx_expect_home("V00001L8");
	expect_locked();
}

Test(eject, stopped_when_some_have_been_taken, .init = setup_three)
{
	NTMS_GUID operation;

	start_eject(fx_find("V00001L8", NTMS_PHYSICAL_MEDIA), NTMS_EJECT_QUEUE);
	operation = eject("V00002L8");
	wait_open(&operation);
	take_out(1);
	stop(operation);
	wait_over(&operation, NTMS_LM_STOPPED, ERROR_SUCCESS);
	fx_expect_home("V00002L8");
	cr_assert(is_gone("V00001L8"));
	cr_assert_eq(fx_requests(NTMS_LM_EJECT, NTMS_LM_PASSED), 1);
	expect_locked();
}

Test(eject, stopped_before_it_begins)
{
	NTMS_GUID operation;

	fx_stop_work();
	operation = eject("V00001L8");
	stop(operation);
	wait_over(&operation, NTMS_LM_STOPPED, ERROR_SUCCESS);
	must_be(EjectNtmsMedia(fx_session, NULL, &operation, NTMS_EJECT_STOP),
		ERROR_INVALID_OPERATION);
	fx_let_work();
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	fx_expect_home("V00001L8");
}

Test(eject, stopped_while_it_waits_for_the_port)
{
	NTMS_GUID first = eject("V00001L8"), second;

	wait_open(&first);
	second = eject("V00002L8");
	watched = second;
	fx_wait_until(is_waiting);
	stop(second);
	wait_over(&second, NTMS_LM_STOPPED, ERROR_SUCCESS);
	fx_expect_home("V00002L8");
	take_out(1);
	wait_over(&first, NTMS_LM_PASSED, ERROR_SUCCESS);
}

/* Something is in all slots that the records call empty. */
static void fill_slots(void)
{
	for (unsigned int i = 0; i < 6; i++) {
		char name[16];
		int error;

		snprintf(name, sizeof(name), "FILL%02uL8", i);
		error = fx_hand_put(name, VIRTUAL_FIRST_SLOT + i);
		cr_assert(error == 0 || error == -ENOTEMPTY);
	}
}

Test(eject, stopped_and_no_slot_is_left)
{
	NTMS_GUID place = port(1).guid, operation = eject("V00001L8");

	wait_open(&operation);
	fill_slots();
	stop(operation);
	wait_over(&operation, NTMS_LM_STOPPED, ERROR_SUCCESS);
	expect_in_port("V00001L8", 1);
	cr_assert_eq(asked_about(&place), 1);
	/* Within reach. */
	take_out(1);
	expect_locked();
	cr_assert_eq(asked_about(&place), 0);
	cr_assert(is_gone("V00001L8"));
}

/* ---- in use ---- */

Test(eject, a_mounted_cartridge_is_left_alone)
{
	NTMS_GUID media = fx_allocated("V00001L8"), cartridge = fx_media(&media).guid, operation;

	fx_mount(media);
	for (DWORD action = NTMS_EJECT_START; action <= NTMS_EJECT_ASK_USER; action++) {
		if (action == NTMS_EJECT_STOP || action == NTMS_EJECT_FORCE)
			continue;
		refused(EjectNtmsMedia(fx_session, &cartridge, &operation, action), ERROR_BUSY);
	}
	cr_assert_eq(fx_media(&media).media.state, NTMS_MEDIASTATE_LOADED);
}

Test(eject, by_force_even_if_it_is_mounted)
{
	NTMS_GUID media = fx_allocated("V00001L8"), cartridge = fx_media(&media).guid;
	NTMS_GUID drive = fx_mount(media), operation;

	operation = start_eject(cartridge, NTMS_EJECT_FORCE);
	wait_open(&operation);
	expect_in_port("V00001L8", 1);
	cr_assert(!fx_is_held(&drive));
	cr_assert_eq(fx_get(&drive, NTMS_DRIVE).device.state, NTMS_DRIVESTATE_DISMOUNTED);
	take_out(1);
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	cr_assert(is_offline(&cartridge));
	cr_assert_eq(fx_side(&media).side.state, NTMS_PARTSTATE_ALLOCATED);
}

Test(eject, not_even_by_force_from_under_a_program)
{
	NTMS_GUID media = fx_allocated("V00001L8"), cartridge = fx_media(&media).guid, operation;
	int fd = open(fx_node(fx_mount(media)), O_RDONLY | O_CLOEXEC);

	cr_assert_geq(fd, 0);
	refused(EjectNtmsMedia(fx_session, &cartridge, &operation, NTMS_EJECT_FORCE), ERROR_BUSY);
	cr_assert_eq(close(fd), 0);
	operation = start_eject(cartridge, NTMS_EJECT_FORCE);
	wait_open(&operation);
}

Test(eject, one_that_was_dismounted_but_left_in_its_drive)
{
	NTMS_GUID media = fx_allocated("V00001L8"), operation;
	NTMS_GUID drive = fx_mount(media);

	fx_dismount(media, NTMS_DISMOUNT_DEFERRED);
	cr_assert_eq(fx_get(&drive, NTMS_DRIVE).device.state, NTMS_DRIVESTATE_DISMOUNTABLE);
	operation = start_eject(fx_media(&media).guid, NTMS_EJECT_START);
	wait_open(&operation);
	expect_in_port("V00001L8", 1);
	cr_assert_eq(fx_get(&drive, NTMS_DRIVE).device.state, NTMS_DRIVESTATE_DISMOUNTED);
}

Test(eject, twice_at_once_is_refused)
{
	NTMS_GUID operation = eject("V00001L8"), other;
	NTMS_GUID media = fx_find("V00001L8", NTMS_PHYSICAL_MEDIA);

	wait_open(&operation);
	must_be(EjectNtmsMedia(fx_session, &media, &other, NTMS_EJECT_START), ERROR_BUSY);
	must_be(EjectNtmsMedia(fx_session, &media, &other, NTMS_EJECT_FORCE), ERROR_BUSY);
}

/* ---- the caller waits ---- */

static int eject_at_once(const struct child *parent)
{
	HANDLE session = OpenNtmsSessionA(NULL, "patient", 0);
	NTMS_GUID operation;
	DWORD code;

	(void)parent;
	if (session == INVALID_HANDLE_VALUE)
		return 97;
	code = EjectNtmsMedia(session, &watched, &operation, NTMS_EJECT_IMMEDIATE);
	return code == ERROR_TIMEOUT ? 60 : code == 0 ? 0 : 1;
}

/* The newest request waits for a person. */
static bool person_is_awaited(void)
{
	NTMS_GUID list[8];
	DWORD count = 8;

	must(EnumerateNtmsObject(fx_session, &fx_library, list, &count, NTMS_LIBREQUEST, 0));
	return count && strstr(request_now(&list[count - 1]).waits_for, "person");
}

Test(eject, immediate_ends_when_it_is_taken)
{
	struct child child;

	watched = fx_find("V00001L8", NTMS_PHYSICAL_MEDIA);
	child = start_child(eject_at_once);
	fx_wait_until(person_is_awaited);
	cr_assert_eq(waitpid(child.pid, NULL, WNOHANG), 0, "it does not wait");
	take_out(1);
	join_child(&child);
	cr_assert(is_gone("V00001L8"));
}

Test(eject, immediate_ends_when_it_takes_too_long)
{
	struct child child;
	int status;

	set_limit(NTMS_IEPORT, 0);
	watched = fx_find("V00001L8", NTMS_PHYSICAL_MEDIA);
	child = start_child(eject_at_once);
	status = end_child(&child);
	cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 60, "status 0x%x", status);
	expect_in_port("V00001L8", 1);
}

/* ---- ports that are not empty ---- */

static bool is_to_be_taken(void)
{
	return strstr(request_now(&watched).waits_for, "take V00001L8 out of port 1") != NULL;
}

Test(eject, somebody_has_to_empty_the_port_first)
{
	NTMS_GUID operation, place = port(1).guid;

	cr_assert_eq(fx_hand_put("INTHEWAY", VIRTUAL_FIRST_PORT), 0);
	operation = eject("V00001L8");
	wait_open(&operation);
	cr_assert(strstr(request_now(&operation).waits_for, "full"));
	cr_assert_eq(asked_about(&place), 1);
	fx_expect_home("V00001L8");
	take_out(1);
	fx_wait_until(is_to_be_taken);
	expect_in_port("V00001L8", 1);
	take_out(1);
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	cr_assert(is_gone("V00001L8"));
	cr_assert_eq(asked_about(&place), 0);
}

Test(eject, nobody_empties_the_port)
{
	NTMS_GUID operation;

	set_limit(NTMS_IEPORT, 0);
	cr_assert_eq(fx_hand_put("INTHEWAY", VIRTUAL_FIRST_PORT), 0);
	operation = eject("V00001L8");
	wait_over(&operation, NTMS_LM_FAILED, ERROR_TIMEOUT);
	fx_expect_home("V00001L8");
	/* What is in the way is known, and within reach. */
	expect_in_port("INTHEWAY", 1);
	take_out(1);
	expect_locked();
	cr_assert(is_gone("INTHEWAY"));
}

Test(eject, what_is_in_a_port_already_need_not_move)
{
	NTMS_GUID operation;

	cr_assert_eq(fx_hand_put("INPORT01", VIRTUAL_FIRST_PORT), 0);
	must(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_FAST));
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	operation = eject("INPORT01");
	wait_open(&operation);
	take_out(1);
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	cr_assert(is_gone("INPORT01"));
}

Test(eject, a_person_puts_another_one_in_its_place)
{
	NTMS_GUID operation = eject("V00001L8");

	wait_open(&operation);
	fx_stop_work();
	take_out(1);
	put_in(1, "STRANGE1");
	fx_let_work();
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	cr_assert(is_gone("V00001L8"));
	expect_in_port("STRANGE1", 1);
	take_out(1);
	expect_locked();
	cr_assert(is_gone("STRANGE1"));
}

static void setup_no_reader(void)
{
	RSM_VIRTUAL_SHAPE shape = three_ports;

	shape.bBarCodeReader = FALSE;
	shape.dwPorts = 1;
	fx_make_shape(&shape);
	fx_open_library();
}

static bool is_in(const NTMS_GUID *media, const NTMS_GUID *place)
{
	struct object obj = fx_get(media, NTMS_PHYSICAL_MEDIA);

	return guid_equal(&obj.media.location, place);
}

Test(eject, a_person_puts_another_one_without_a_bar_code_in_its_place, .init = setup_no_reader)
{
	struct object slot = numbered(NTMS_STORAGESLOT, 1);
	NTMS_GUID list[16], media = NTMS_NULLGUID, operation, place;
	DWORD count = 16;
	bool found = false;

	must(EnumerateNtmsObject(fx_session, &fx_library, list, &count, NTMS_PHYSICAL_MEDIA, 0));
	for (DWORD i = 0; i < count; i++)
		if (is_in(&list[i], &slot.guid))
			media = list[i];
	operation = start_eject(media, NTMS_EJECT_START);
	wait_open(&operation);
	fx_stop_work();
	take_out(1);
	put_in(1, "_strange");
	fx_let_work();
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	/* The one that was ejected is not called the one that is there now. */
	count = 16;
	place = port(1).guid;
	must(EnumerateNtmsObject(fx_session, &fx_library, list, &count, NTMS_PHYSICAL_MEDIA, 0));
	for (DWORD i = 0; i < count; i++) {
		cr_assert(!guid_equal(&list[i], &media));
		found |= is_in(&list[i], &place);
	}
	cr_assert(found);
}

/* ---- with mounts ---- */

static bool mount_waits(void)
{
	return fx_requests(NTMS_LM_MOUNT, NTMS_LM_WAITING) == 1;
}

static bool is_asked_for(void)
{
	return asked_about(&watched) == 1;
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

Test(eject, a_mount_waits_until_it_has_left_and_asks_for_it)
{
	NTMS_GUID media = fx_allocated("V00001L8"), cartridge = fx_media(&media).guid;
	NTMS_GUID operation = start_eject(cartridge, NTMS_EJECT_START);
	struct child child;

	wait_open(&operation);
	watched = media;
	child = start_child(mount_it);
	fx_wait_until(mount_waits);
	expect_in_port("V00001L8", 1);
	take_out(1);
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	watched = cartridge;
	fx_wait_until(is_asked_for);
	kill_child(&child);
}

Test(eject, a_mount_waits_and_goes_on_when_the_eject_is_stopped)
{
	NTMS_GUID media = fx_allocated("V00001L8");
	NTMS_GUID operation = start_eject(fx_media(&media).guid, NTMS_EJECT_START);
	struct child child;

	wait_open(&operation);
	watched = media;
	child = start_child(mount_it);
	fx_wait_until(mount_waits);
	stop(operation);
	join_child(&child);
	cr_assert_eq(request_now(&operation).state, NTMS_LM_STOPPED);
}

/* ---- a robot that fails ---- */

Test(eject, a_robot_that_fails)
{
	NTMS_GUID operation;

	fx_fault("jammed");
	operation = eject("V00001L8");
	wait_over(&operation, NTMS_LM_FAILED, ERROR_DEVICE_NOT_AVAILABLE);
	fx_expect_home("V00001L8");
	expect_locked();
	fx_no_fault("jammed");
	operation = eject("V00001L8");
	wait_open(&operation);
}

/* "Becoming ready", so many times, and ready whenever it is asked whether it is. */
static void refuses_to_move(uint32_t times)
{
	struct virtual_fault fault = {.operation = VIRTUAL_MOVE,
				      .where = UINT32_MAX,
				      .count = times,
				      .key = 2,
				      .asc = 4,
				      .ascq = 1};

	fx_virtual_only("a fault of a library");
	cr_assert_eq(virtual_fault_add(fx_vlib, &fault), 0);
}

Test(eject, a_library_that_was_not_ready_is_asked_again)
{
	NTMS_GUID operation;

	refuses_to_move(1);
	operation = eject("V00001L8");
	wait_open(&operation);
	expect_in_port("V00001L8", 1);
}

Test(eject, a_library_that_never_is_though_it_says_so)
{
	NTMS_GUID operation;

	refuses_to_move(1000);
	operation = eject("V00001L8");
	wait_over(&operation, NTMS_LM_FAILED, ERROR_DEVICE_NOT_AVAILABLE);
	fx_expect_home("V00001L8");
	expect_locked();
}

/* ---- refused ---- */

Test(eject, bad_arguments)
{
	NTMS_GUID media = fx_find("V00001L8", NTMS_PHYSICAL_MEDIA), operation = NTMS_NULLGUID;
	NTMS_GUID side = fx_find("V00001L8", NTMS_PARTITION);

	refused(EjectNtmsMedia(NULL, &media, &operation, NTMS_EJECT_START), ERROR_INVALID_HANDLE);
	refused(EjectNtmsMedia(fx_session, &media, &operation, NTMS_EJECT_ASK_USER + 1),
		ERROR_INVALID_PARAMETER);
	refused(EjectNtmsMedia(fx_session, &media, NULL, NTMS_EJECT_START),
		ERROR_INVALID_PARAMETER);
	refused(EjectNtmsMedia(fx_session, &media, NULL, NTMS_EJECT_STOP), ERROR_INVALID_PARAMETER);
	refused(EjectNtmsMedia(fx_session, NULL, &operation, NTMS_EJECT_QUEUE),
		ERROR_INVALID_PARAMETER);
	refused(EjectNtmsMedia(fx_session, NULL, &operation, NTMS_EJECT_IMMEDIATE),
		ERROR_INVALID_PARAMETER);
	refused(EjectNtmsMedia(fx_session, &side, &operation, NTMS_EJECT_START),
		ERROR_INVALID_MEDIA);
	refused(EjectNtmsMedia(fx_session, &fx_library, &operation, NTMS_EJECT_START),
		ERROR_INVALID_MEDIA);
	refused(EjectNtmsMedia(fx_session, NULL, &fx_library, NTMS_EJECT_STOP),
		ERROR_INVALID_OPERATION);
	refused(EjectNtmsMedia(fx_session, NULL, &operation, NTMS_EJECT_STOP),
		ERROR_INVALID_OPERATION);
}

Test(eject, stop_is_for_ejects)
{
	NTMS_GUID list[8];
	DWORD count = 8;

	fx_stop_work();
	must(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_FAST));
	must(EnumerateNtmsObject(fx_session, &fx_library, list, &count, NTMS_LIBREQUEST, 0));
	cr_assert_eq(count, 1);
	refused(EjectNtmsMedia(fx_session, NULL, &list[0], NTMS_EJECT_STOP),
		ERROR_INVALID_OPERATION);
}

Test(eject, a_cartridge_that_is_in_no_library)
{
	NTMS_GUID media = fx_allocated("V00001L8"), cartridge = fx_media(&media).guid;
	NTMS_GUID operation = start_eject(cartridge, NTMS_EJECT_START);

	wait_open(&operation);
	take_out(1);
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	expect_locked();
	refused(EjectNtmsMedia(fx_session, &cartridge, &operation, NTMS_EJECT_START),
		ERROR_LIBRARY_OFFLINE);
}

Test(eject, a_library_without_a_port, .init = setup_no_port)
{
	NTMS_GUID media = fx_find("V00001L8", NTMS_PHYSICAL_MEDIA), operation;

	refused(EjectNtmsMedia(fx_session, &media, &operation, NTMS_EJECT_START),
		ERROR_DEVICE_NOT_AVAILABLE);
	must_be(EjectNtmsMedia(fx_session, &media, &operation, NTMS_EJECT_START),
		ERROR_DEVICE_NOT_AVAILABLE);
	cr_assert(strstr(RsmLastMessage(), "door"), "%s", RsmLastMessage());
}

Test(eject, what_is_disabled)
{
	NTMS_GUID media = fx_allocated("V00001L8"), cartridge = fx_media(&media).guid;
	NTMS_GUID operation, drive;
	struct object record;

	must(DisableNtmsObject(fx_session, NTMS_PHYSICAL_MEDIA, &cartridge));
	refused(EjectNtmsMedia(fx_session, &cartridge, &operation, NTMS_EJECT_START),
		ERROR_MEDIA_NOT_AVAILABLE);
	must(EnableNtmsObject(fx_session, NTMS_PHYSICAL_MEDIA, &cartridge));
	drive = fx_mount(media);
	fx_dismount(media, NTMS_DISMOUNT_DEFERRED);
	record = fx_get(&drive, NTMS_DRIVE);
	record.enabled = FALSE;
	fx_put(&record);
	refused(EjectNtmsMedia(fx_session, &cartridge, &operation, NTMS_EJECT_START),
		ERROR_RESOURCE_DISABLED);
	record = fx_get(&fx_library, NTMS_LIBRARY);
	record.enabled = FALSE;
	fx_put(&record);
	refused(EjectNtmsMedia(fx_session, &cartridge, &operation, NTMS_EJECT_START),
		ERROR_DEVICE_NOT_AVAILABLE);
}

Test(eject, a_library_that_is_not_connected)
{
	NTMS_GUID media = fx_find("V00001L8", NTMS_PHYSICAL_MEDIA), operation;
	struct object library = fx_get(&fx_library, NTMS_LIBRARY);

	fx_put_absent(&library);
	refused(EjectNtmsMedia(fx_session, &media, &operation, NTMS_EJECT_START),
		ERROR_DEVICE_NOT_AVAILABLE);
}

static DWORD eject_watched(HANDLE session)
{
	NTMS_GUID operation;

	return EjectNtmsMedia(session, &watched, &operation, NTMS_EJECT_START);
}

static DWORD stop_watched(HANDLE session)
{
	return EjectNtmsMedia(session, NULL, &watched, NTMS_EJECT_STOP);
}

static DWORD start_collected(HANDLE session)
{
	NTMS_GUID operation;

	return EjectNtmsMedia(session, NULL, &operation, NTMS_EJECT_START);
}

Test(eject, rights, .init = setup_three)
{
	NTMS_GUID media = fx_find("V00001L8", NTMS_PHYSICAL_MEDIA);

	start_eject(media, NTMS_EJECT_QUEUE);
	fx_deny(&fx_library, NTMS_CONTROL_ACCESS);
	must_be(fault_other_user(start_collected), ERROR_ACCESS_DENIED);
	watched = fx_find("V00002L8", NTMS_PHYSICAL_MEDIA);
	must_be(fault_other_user(eject_watched), ERROR_ACCESS_DENIED);
	watched = eject("V00002L8");
	must_be(fault_other_user(stop_watched), ERROR_ACCESS_DENIED);
	cr_assert(!is_over());
}

Test(eject, by_another_broker)
{
	watched = fx_find("V00001L8", NTMS_PHYSICAL_MEDIA);
	must_be(fault_other_broker(eject_watched), ERROR_DEVICE_NOT_AVAILABLE);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* test-inject.c - cartridges come in through the ports */
#include <errno.h>
#include <string.h>
#include "faults.h"
#include "people.h"

TestSuite(inject, .timeout = 120, .init = fx_setup, .fini = fx_teardown);

static const RSM_VIRTUAL_SHAPE three_ports = {.dwDrives = 2,
					      .dwSlots = 6,
					      .dwPorts = 3,
					      .dwTapes = 4,
					      .bDoor = TRUE,
					      .bBarCodeReader = TRUE};

static void setup_shape(RSM_VIRTUAL_SHAPE shape)
{
	fx_make_shape(&shape);
	fx_open_library();
}

static void setup_three(void)
{
	setup_shape(three_ports);
}

static void setup_no_port(void)
{
	RSM_VIRTUAL_SHAPE shape = three_ports;

	shape.dwPorts = 0;
	setup_shape(shape);
}

/* One slot is left, and three ports. */
static void setup_nearly_full(void)
{
	RSM_VIRTUAL_SHAPE shape = three_ports;

	shape.dwTapes = 5;
	setup_shape(shape);
}

static void setup_full(void)
{
	RSM_VIRTUAL_SHAPE shape = three_ports;

	shape.dwTapes = 6;
	setup_shape(shape);
}

static void setup_no_reader(void)
{
	RSM_VIRTUAL_SHAPE shape = three_ports;

	shape.bBarCodeReader = FALSE;
	shape.dwPorts = 1;
	setup_shape(shape);
}

static NTMS_GUID inject(DWORD action)
{
	NTMS_GUID operation = NTMS_NULLGUID;

	must(InjectNtmsMedia(fx_session, &fx_library, &operation, action));
	cr_assert(!guid_is_null(&operation));
	wait_open(&operation);
	return operation;
}

static void tell(NTMS_GUID operation, DWORD action)
{
	must(InjectNtmsMedia(fx_session, &fx_library, &operation, action));
}

static void all_done(void)
{
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
}

/* ---- the way it goes ---- */

Test(inject, a_new_cartridge_is_carried_in_and_identified)
{
	NTMS_GUID operation = inject(NTMS_INJECT_START), side;

	cr_assert_eq(request_now(&operation).state, NTMS_LM_INPROCESS);
	put_in(1, "NEW001L8");
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	all_done();
	fx_expect_home("NEW001L8");
	side = fx_find("NEW001L8", NTMS_PARTITION);
	cr_assert_eq(fx_get(&side, NTMS_PARTITION).side.state, NTMS_PARTSTATE_FOREIGN);
	cr_assert_eq(fx_requests(NTMS_LM_CLASSIFY, NTMS_LM_PASSED), 1);
	expect_locked();
}

static NTMS_GUID send_away(NTMS_GUID media)
{
	NTMS_GUID cartridge = fx_media(&media).guid, operation;

	must(EjectNtmsMedia(fx_session, &cartridge, &operation, NTMS_EJECT_START));
	wait_open(&operation);
	take_out(1);
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	fx_wait_until(is_locked);
	cr_assert(is_offline(&cartridge));
	return cartridge;
}

static void expect_back(NTMS_GUID media, NTMS_GUID cartridge)
{
	struct object now = fx_media(&media);

	all_done();
	cr_assert(guid_equal(&now.guid, &cartridge));
	now = fx_media(&media);
	cr_assert(guid_equal(&now.media.library, &fx_library));
	cr_assert_eq(now.media.state, NTMS_MEDIASTATE_IDLE);
	cr_assert_eq(fx_side(&media).side.state, NTMS_PARTSTATE_ALLOCATED);
	fx_mount(media);
	fx_dismount(media, 0);
}

Test(inject, one_that_was_away_is_known_by_its_bar_code)
{
	NTMS_GUID media = fx_allocated("V00001L8"), cartridge = send_away(media);
	NTMS_GUID operation = inject(NTMS_INJECT_START);

	put_in(1, "V00001L8");
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	expect_back(media, cartridge);
	fx_expect_home("V00001L8");
}

/* Its LMID, and what it is called. */
static NTMS_GUID allocate_any(char name[64])
{
	NTMS_GUID list[16], pool, media;
	DWORD count = 16;
	struct object obj;

	must(EnumerateNtmsObject(fx_session, &fx_library, list, &count, NTMS_PHYSICAL_MEDIA, 0));
	obj = fx_get(&list[0], NTMS_PHYSICAL_MEDIA);
	snprintf(name, 64, "%.60s", obj.name);
	fx_free_cartridge(name);
	must(CreateNtmsMediaPoolA(fx_session, "mine", &obj.media.media_type, NTMS_CREATE_NEW, NULL,
				  &pool));
	must(MoveToNtmsMediaPool(fx_session, &obj.guid, &pool));
	must(AllocateNtmsMedia(fx_session, &pool, NULL, &media, NTMS_ALLOCATE_ERROR_IF_UNAVAILABLE,
			       0, NULL));
	return media;
}

/* What the robot calls what is in a slot. */
static const char *cartridge_in_slot(unsigned int element)
{
	static char name[16];

	for (int i = 1; i <= 6; i++) {
		snprintf(name, sizeof(name), "V%05dL8", i);
		if (fx_where(name) == element)
			return name;
	}
	cr_assert(false, "nothing is in element %u", element);
	return NULL;
}

Test(inject, one_without_a_bar_code_is_known_by_its_label, .init = setup_no_reader)
{
	char name[64], real[16];
	NTMS_GUID media = allocate_any(name), cartridge, operation;
	struct object before = fx_media(&media), slot;
	NTMS_GUID list[16];
	DWORD count = 16, count_before = 16;

	slot = fx_get(&before.media.location, NTMS_STORAGESLOT);
	strcpy(real, cartridge_in_slot(slot.device.element));
	must(EnumerateNtmsObject(fx_session, NULL, list, &count_before, NTMS_PHYSICAL_MEDIA, 0));
	cartridge = send_away(media);
	operation = inject(NTMS_INJECT_START);
	put_in(1, real);
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	expect_back(media, cartridge);
	must(EnumerateNtmsObject(fx_session, NULL, list, &count, NTMS_PHYSICAL_MEDIA, 0));
	cr_assert_eq(count, count_before, "there are %u cartridges now, not %u", count,
		     count_before);
}

/* ---- mounts that wait for it ---- */

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

/* A mount waits for a cartridge, an inject is open, and it is put in: the mount has got it. */
static NTMS_GUID bring_to_mount(NTMS_GUID media, NTMS_GUID cartridge, DWORD action)
{
	NTMS_GUID operation;
	struct child child;

	watched = media;
	child = start_child(mount_it);
	watched = cartridge;
	fx_wait_until(is_asked_for);
	operation = inject(action);
	put_in(1, "V00001L8");
	join_child(&child);
	return operation;
}

Test(inject, a_mount_goes_on_that_has_waited_for_it)
{
	NTMS_GUID media = fx_allocated("V00001L8"), cartridge = send_away(media);
	NTMS_GUID operation = bring_to_mount(media, cartridge, NTMS_INJECT_START);

	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	cr_assert_eq(asked_about(&cartridge), 0);
	/* The mount has read its label: nobody else needs to. */
	all_done();
	cr_assert_eq(fx_requests(NTMS_LM_CLASSIFY, NTMS_LM_PASSED), 0);
}

/* The inject is open until all ports have been filled: the mount fetches it from its port. */
static NTMS_GUID fetch_from_port(DWORD action)
{
	NTMS_GUID media = fx_allocated("V00001L8"), cartridge = send_away(media);
	NTMS_GUID operation = bring_to_mount(media, cartridge, action);

	cr_assert(request_now(&operation).phase & PHASE_FETCHED);
	watched = operation;
	cr_assert(!is_over());
	return operation;
}

Test(inject, what_a_mount_has_fetched_has_come, .init = setup_three)
{
	NTMS_GUID operation = fetch_from_port(NTMS_INJECT_START);

	put_in(2, "NEW001L8");
	put_in(3, "NEW002L8");
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	all_done();
	fx_expect_home("NEW001L8");
	fx_expect_home("NEW002L8");
	expect_locked();
}

Test(inject, what_a_mount_has_fetched_was_in_time, .init = setup_three)
{
	NTMS_GUID operation = fetch_from_port(NTMS_INJECT_START);
	struct object request = fx_get(&operation, NTMS_LIBREQUEST);

	request.librequest.deadline_ms = 1;
	fx_put(&request);
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	expect_locked();
}

static bool is_open_anew(void)
{
	return is_open() && !(request_now(&watched).phase & PHASE_FETCHED);
}

Test(inject, what_a_mount_has_fetched_is_one_of_many, .init = setup_three)
{
	NTMS_GUID operation = fetch_from_port(NTMS_INJECT_STARTMANY);

	put_in(2, "NEW001L8");
	put_in(3, "NEW002L8");
	fx_wait_until(is_open_anew);
	put_in(1, "NEW003L8");
	cr_assert(!is_over(), "one of three ports has been filled");
	tell(operation, NTMS_INJECT_STOP);
	wait_over(&operation, NTMS_LM_STOPPED, ERROR_SUCCESS);
}

/* ---- its end ---- */

Test(inject, full_ports_end_it, .init = setup_three)
{
	NTMS_GUID operation = inject(NTMS_INJECT_START);

	cr_assert_eq(fx_requests(NTMS_LM_INJECT, NTMS_LM_INPROCESS), 1);
	put_in(1, "NEW001L8");
	put_in(2, "NEW002L8");
	cr_assert(!is_over());
	tell(operation, NTMS_INJECT_STOP);
	wait_over(&operation, NTMS_LM_STOPPED, ERROR_SUCCESS);
	all_done();
	fx_expect_home("NEW001L8");
	fx_expect_home("NEW002L8");
	expect_locked();
}

Test(inject, nobody_comes)
{
	NTMS_GUID operation;

	set_limit(NTMS_IEPORT, 0);
	must(InjectNtmsMedia(fx_session, &fx_library, &operation, NTMS_INJECT_START));
	wait_over(&operation, NTMS_LM_FAILED, ERROR_TIMEOUT);
	expect_locked();
}

Test(inject, what_came_in_time_is_taken_in, .init = setup_three)
{
	NTMS_GUID operation = inject(NTMS_INJECT_START);
	struct object request;

	put_in(2, "NEW001L8");
	request = fx_get(&operation, NTMS_LIBREQUEST);
	request.librequest.deadline_ms = 1;
	fx_put(&request);
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	all_done();
	fx_expect_home("NEW001L8");
}

Test(inject, stopped_before_anything_came)
{
	NTMS_GUID operation = inject(NTMS_INJECT_START);

	tell(operation, NTMS_INJECT_STOP);
	wait_over(&operation, NTMS_LM_STOPPED, ERROR_SUCCESS);
	must_be(InjectNtmsMedia(fx_session, &fx_library, &operation, NTMS_INJECT_STOP),
		ERROR_INVALID_OPERATION);
	expect_locked();
}

Test(inject, stopped_before_it_begins)
{
	NTMS_GUID operation;

	fx_stop_work();
	must(InjectNtmsMedia(fx_session, &fx_library, &operation, NTMS_INJECT_START));
	tell(operation, NTMS_INJECT_STOP);
	wait_over(&operation, NTMS_LM_STOPPED, ERROR_SUCCESS);
}

/* ---- many ---- */

static bool v1_is_home(void)
{
	return fx_where("NEW001L8") >= VIRTUAL_FIRST_SLOT && is_open() &&
	       port(1).device.state == NTMS_PORTCONTENT_EMPTY &&
	       port(1).device.position == NTMS_PORTPOSITION_EXTENDED;
}

static bool v2_is_home(void)
{
	return fx_where("NEW002L8") >= VIRTUAL_FIRST_SLOT && v1_is_home();
}

static void put_in_soon(const char *barcode)
{
	/* The records say that the port is open a moment before it is. */
	fx_wait_until(is_open);
	must(fx_put_in(RSM_VIRTUAL_PORT, 1, barcode));
}

Test(inject, many_one_after_the_other)
{
	NTMS_GUID operation = inject(NTMS_INJECT_STARTMANY);

	put_in(1, "NEW001L8");
	fx_wait_until(v1_is_home);
	put_in_soon("NEW002L8");
	fx_wait_until(v2_is_home);
	tell(operation, NTMS_INJECT_STOP);
	wait_over(&operation, NTMS_LM_STOPPED, ERROR_SUCCESS);
	all_done();
	fx_expect_home("NEW001L8");
	fx_expect_home("NEW002L8");
	expect_locked();
}

Test(inject, retracted_and_opened_again, .init = setup_three)
{
	NTMS_GUID operation = inject(NTMS_INJECT_STARTMANY);

	put_in(2, "NEW001L8");
	cr_assert_neq(fx_where("NEW001L8"), 0);
	tell(operation, NTMS_INJECT_RETRACT);
	fx_wait_until(v1_is_home);
	cr_assert(!is_over());
	cr_assert(!(request_now(&operation).phase & PHASE_RETRACT));
	tell(operation, NTMS_INJECT_STOP);
	wait_over(&operation, NTMS_LM_STOPPED, ERROR_SUCCESS);
}

Test(inject, only_many_can_be_retracted)
{
	NTMS_GUID operation = inject(NTMS_INJECT_START);

	must_be(InjectNtmsMedia(fx_session, &fx_library, &operation, NTMS_INJECT_RETRACT),
		ERROR_INVALID_OPERATION);
	cr_assert(!is_over());
}

/* ---- no room ---- */

Test(inject, too_few_slots, .init = setup_nearly_full)
{
	NTMS_GUID operation = inject(NTMS_INJECT_START);
	NTMS_GUID second = port(2).guid;

	fx_stop_work();
	put_in(1, "NEW001L8");
	put_in(2, "NEW002L8");
	put_in(3, "NEW003L8");
	fx_let_work();
	wait_over(&operation, NTMS_LM_FAILED, ERROR_LIBRARY_FULL);
	expect_in_port("NEW002L8", 2);
	expect_in_port("NEW003L8", 3);
	cr_assert_eq(asked_about(&second), 1);
	take_out(2);
	take_out(3);
	expect_locked();
	cr_assert_eq(asked_about(&second), 0);
	all_done();
	fx_expect_home("NEW001L8");
}

Test(inject, no_slot_at_all, .init = setup_full)
{
	NTMS_GUID operation;

	refused(InjectNtmsMedia(fx_session, &fx_library, &operation, NTMS_INJECT_START),
		ERROR_LIBRARY_FULL);
}

Test(inject, the_home_of_a_mounted_cartridge_is_no_room, .init = setup_full)
{
	NTMS_GUID media = fx_allocated("V00001L8"), operation;

	fx_mount(media);
	cr_assert_eq(numbered(NTMS_STORAGESLOT, 1).device.state, NTMS_SLOTSTATE_EMPTY);
	refused(InjectNtmsMedia(fx_session, &fx_library, &operation, NTMS_INJECT_START),
		ERROR_LIBRARY_FULL);
	fx_dismount(media, 0);
	fx_expect_home("V00001L8");
}

Test(inject, the_home_of_a_mounted_cartridge_is_left_to_it, .init = setup_nearly_full)
{
	NTMS_GUID media = fx_allocated("V00001L8"), operation;

	fx_mount(media);
	operation = inject(NTMS_INJECT_START);
	fx_stop_work();
	put_in(1, "NEW001L8");
	put_in(2, "NEW002L8");
	put_in(3, "NEW003L8");
	fx_let_work();
	wait_over(&operation, NTMS_LM_FAILED, ERROR_LIBRARY_FULL);
	all_done();
	fx_expect_home("NEW001L8");
	expect_in_port("NEW002L8", 2);
	fx_dismount(media, 0);
	fx_expect_home("V00001L8");
}

Test(inject, the_cleaners_slot_is_no_room, .init = setup_nearly_full)
{
	struct object library = fx_get(&fx_library, NTMS_LIBRARY);
	NTMS_GUID operation;

	library.library.cleaner_slot = numbered(NTMS_STORAGESLOT, 6).guid;
	fx_put(&library);
	refused(InjectNtmsMedia(fx_session, &fx_library, &operation, NTMS_INJECT_START),
		ERROR_LIBRARY_FULL);
}

/* ---- what is in the port already ---- */

Test(inject, what_a_person_has_put_there_before)
{
	NTMS_GUID operation;

	put_in(1, "NEW001L8");
	must(InjectNtmsMedia(fx_session, &fx_library, &operation, NTMS_INJECT_START));
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	all_done();
	fx_expect_home("NEW001L8");
}

Test(inject, what_an_eject_has_left_makes_room)
{
	NTMS_GUID media = fx_allocated("V00001L8"), cartridge = fx_media(&media).guid, operation;
	NTMS_GUID place = port(1).guid;

	set_limit(NTMS_IEPORT, 0);
	must(EjectNtmsMedia(fx_session, &cartridge, &operation, NTMS_EJECT_START));
	wait_over(&operation, NTMS_LM_FAILED, ERROR_TIMEOUT);
	set_limit(NTMS_IEPORT, 30);
	operation = inject(NTMS_INJECT_START);
	cr_assert_eq(asked_about(&place), 0);
	put_in(1, "NEW001L8");
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	all_done();
	fx_expect_home("NEW001L8");
	fx_expect_home("V00001L8");
}

/* ---- two at once ---- */

Test(inject, waits_for_an_eject)
{
	NTMS_GUID media = fx_find("V00001L8", NTMS_PHYSICAL_MEDIA), eject, operation;

	must(EjectNtmsMedia(fx_session, &media, &eject, NTMS_EJECT_START));
	wait_open(&eject);
	must(InjectNtmsMedia(fx_session, &fx_library, &operation, NTMS_INJECT_START));
	watched = operation;
	fx_wait_until(is_waiting);
	take_out(1);
	wait_open(&operation);
	put_in(1, "NEW001L8");
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	cr_assert_eq(request_now(&eject).state, NTMS_LM_PASSED);
}

Test(inject, an_eject_waits_for_it)
{
	NTMS_GUID media = fx_find("V00001L8", NTMS_PHYSICAL_MEDIA), eject;
	NTMS_GUID operation = inject(NTMS_INJECT_START);

	must(EjectNtmsMedia(fx_session, &media, &eject, NTMS_EJECT_START));
	watched = eject;
	fx_wait_until(is_waiting);
	fx_expect_home("V00001L8");
	put_in(1, "NEW001L8");
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	wait_open(&eject);
	expect_in_port("V00001L8", 1);
}

/* ---- a robot that fails ---- */

Test(inject, a_robot_that_fails)
{
	NTMS_GUID operation = inject(NTMS_INJECT_START);

	fx_fault("jammed");
	put_in(1, "NEW001L8");
	wait_over(&operation, NTMS_LM_FAILED, ERROR_DEVICE_NOT_AVAILABLE);
	expect_in_port("NEW001L8", 1);
	fx_no_fault("jammed");
	must(InjectNtmsMedia(fx_session, &fx_library, &operation, NTMS_INJECT_START));
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	all_done();
	fx_expect_home("NEW001L8");
}

/* ---- refused ---- */

Test(inject, bad_arguments)
{
	NTMS_GUID operation = NTMS_NULLGUID, media = fx_find("V00001L8", NTMS_PHYSICAL_MEDIA);

	refused(InjectNtmsMedia(NULL, &fx_library, &operation, NTMS_INJECT_START),
		ERROR_INVALID_HANDLE);
	refused(InjectNtmsMedia(fx_session, NULL, &operation, NTMS_INJECT_START),
		ERROR_INVALID_PARAMETER);
	refused(InjectNtmsMedia(fx_session, &fx_library, NULL, NTMS_INJECT_START),
		ERROR_INVALID_PARAMETER);
	refused(InjectNtmsMedia(fx_session, &fx_library, &operation, NTMS_INJECT_STARTMANY + 1),
		ERROR_INVALID_PARAMETER);
	refused(InjectNtmsMedia(fx_session, &media, &operation, NTMS_INJECT_START),
		ERROR_INVALID_LIBRARY);
	refused(InjectNtmsMedia(fx_session, &fx_library, &operation, NTMS_INJECT_STOP),
		ERROR_INVALID_OPERATION);
	refused(InjectNtmsMedia(fx_session, &fx_library, &media, NTMS_INJECT_RETRACT),
		ERROR_INVALID_OPERATION);
}

Test(inject, libraries_that_cannot, .init = setup_three)
{
	struct object library = fx_get(&fx_library, NTMS_LIBRARY), computer;
	NTMS_GUID operation, list[4];
	DWORD count = 4;

	must(EnumerateNtmsObject(fx_session, NULL, list, &count, NTMS_COMPUTER, 0));
	computer = fx_get(&list[0], NTMS_COMPUTER);
	refused(InjectNtmsMedia(fx_session, &computer.computer.offline_library, &operation,
				NTMS_INJECT_START),
		ERROR_LIBRARY_OFFLINE);
	library.enabled = FALSE;
	fx_put(&library);
	refused(InjectNtmsMedia(fx_session, &fx_library, &operation, NTMS_INJECT_START),
		ERROR_DEVICE_NOT_AVAILABLE);
	library.enabled = TRUE;
	fx_put_absent(&library);
	refused(InjectNtmsMedia(fx_session, &fx_library, &operation, NTMS_INJECT_START),
		ERROR_DEVICE_NOT_AVAILABLE);
}

Test(inject, a_library_without_a_port, .init = setup_no_port)
{
	NTMS_GUID operation;

	refused(InjectNtmsMedia(fx_session, &fx_library, &operation, NTMS_INJECT_START),
		ERROR_DEVICE_NOT_AVAILABLE);
}

static DWORD start_one(HANDLE session)
{
	NTMS_GUID operation;

	return InjectNtmsMedia(session, &fx_library, &operation, NTMS_INJECT_START);
}

static DWORD stop_watched(HANDLE session)
{
	return InjectNtmsMedia(session, &fx_library, &watched, NTMS_INJECT_STOP);
}

Test(inject, rights)
{
	fx_deny(&fx_library, NTMS_CONTROL_ACCESS);
	must_be(fault_other_user(start_one), ERROR_ACCESS_DENIED);
	watched = inject(NTMS_INJECT_START);
	must_be(fault_other_user(stop_watched), ERROR_ACCESS_DENIED);
	cr_assert(!is_over());
}

Test(inject, by_another_broker)
{
	must_be(fault_other_broker(start_one), ERROR_DEVICE_NOT_AVAILABLE);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test-port-kill.c - executors that are killed at system calls of an eject or inject, of cartridges
 * or the cleaner, or of an access to the door
 *
 * Whoever comes next finishes what was begun, and no cartridge is anywhere but where the records
 * say.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "core/cleaner.h"
#include "core/eject.h"
#include "core/request.h"
#include "core/worker.h"
#include "core/run.h"
#include "kill-at.h"
#include "people.h"

TestSuite(port_kill, .timeout = 3600, .init = fx_setup, .fini = fx_teardown);

/* There are hundreds of them, and each costs a recovery of the database: every so-manieth, another
 * in each phase. RSM_EVERY_ONE for each, RSM_TEST_EACH for another number. */
#define STRIDE 17

static int stride(void)
{
	const char *each = getenv("RSM_TEST_EACH");

	if (getenv("RSM_EVERY_ONE"))
		return 1;
	return each && atoi(each) > 0 ? atoi(each) : STRIDE;
}

static run_function runner(uint32_t operation)
{
	switch (operation) {
	case NTMS_LM_EJECT:
		return run_eject;
	case NTMS_LM_INJECT:
		return run_inject;
	case NTMS_LM_EJECTCLEANER:
		return run_eject_cleaner;
	case NTMS_LM_INJECTCLEANER:
		return run_inject_cleaner;
	default:
		return run_door;
	}
}

/* In the child: one turn by hand, in this thread, for one request. */
static int work_once(void *context)
{
	const NTMS_GUID *guid = context;
	HANDLE handle = OpenNtmsSessionA(NULL, "to be killed", 0);
	struct session *session = handle;
	struct object library, request;
	struct turn turn;
	DWORD code;

	if (handle == INVALID_HANDLE_VALUE)
		return 97;
	turn.system = session->system;
	child_must(run_read(&turn, &fx_library, NTMS_LIBRARY, &library));
	kill_at_begin();
	child_must(turn_begin(session->system, &library, 0, &turn));
	/* As a worker that is new: an open door keeps it from everything else. */
	turn.not_ready = broker_ready(turn.lease) == -EAGAIN;
	turn.attention = true;
	if (!turn.not_ready) {
		child_must(turn_settle(&turn));
		child_must(ports_settle(&turn));
	}
	child_must(run_read(&turn, guid, NTMS_LIBREQUEST, &request));
	code = runner(request.librequest.operation)(&turn, &request);
	if (code != RUN_WAITS)
		code = run_finish(&turn, guid, code);
	if (!turn.not_ready)
		child_must(ports_settle(&turn));
	turn_end(&turn);
	return code && code != RUN_WAITS;
}

/* On record, and nobody is told of it. */
static NTMS_GUID queue_quietly(uint32_t operation, const NTMS_GUID *media)
{
	struct object request;

	request_init(fx_session, operation, &fx_library, &request);
	guid_make(&request.guid);
	request.librequest.group = request.guid;
	request.librequest.phase = PHASE_STARTED;
	if (media)
		request.librequest.media = *media;
	fx_insert(&request);
	return request.guid;
}

static void let_go_on(void)
{
	struct session *session = fx_session;

	must(worker_poke(session->system, &fx_library));
}

static void take_inventory(void)
{
	must(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_FAST));
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
}

static void check_database(void)
{
	fx_dump_free(fx_dump());
}

Test(port_kill, an_eject_until_a_person_is_awaited)
{
	NTMS_GUID media = fx_allocated("V00001L8"), cartridge = fx_media(&media).guid;
	unsigned int home = fx_where("V00001L8");
	bool killed = true;
	int stop;

	for (stop = 1; killed; stop += stride()) {
		NTMS_GUID operation = queue_quietly(NTMS_LM_EJECT, &cartridge);

		killed = kill_at(work_once, &operation, stop);
		let_go_on();
		wait_open(&operation);
		expect_in_port("V00001L8", 1);
		take_out(1);
		wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
		expect_locked();
		cr_assert(is_offline(&cartridge));
		cr_assert_eq(fx_side(&media).side.state, NTMS_PARTSTATE_ALLOCATED);
		check_database();
		cr_assert_eq(virtual_hand_put(fx_vlib, "V00001L8", (uint16_t)home), 0);
		take_inventory();
		fx_expect_home("V00001L8");
	}
	cr_assert_gt(stop, 4 * stride());
}

Test(port_kill, an_eject_that_a_person_has_ended)
{
	NTMS_GUID media = fx_allocated("V00001L8"), cartridge = fx_media(&media).guid;
	unsigned int home = fx_where("V00001L8");
	bool killed = true;
	int stop;

	for (stop = 1; killed; stop += stride()) {
		NTMS_GUID operation = queue_quietly(NTMS_LM_EJECT, &cartridge);

		/* No worker of this process knows of it; one that has ended left it open. */
		cr_assert(!kill_at(work_once, &operation, INT32_MAX));
		expect_in_port("V00001L8", 1);
		take_out(1);
		killed = kill_at(work_once, &operation, stop);
		let_go_on();
		wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
		expect_locked();
		cr_assert(is_offline(&cartridge));
		check_database();
		cr_assert_eq(virtual_hand_put(fx_vlib, "V00001L8", (uint16_t)home), 0);
		take_inventory();
		fx_expect_home("V00001L8");
	}
	cr_assert_gt(stop, 4 * stride());
}

/* Its ports have been emptied: then it waits for more, or is over. */
static bool has_come_in(void)
{
	return is_over() || is_open();
}

Test(port_kill, an_inject)
{
	bool killed = true;
	int stop;

	for (stop = 1; killed; stop += stride()) {
		NTMS_GUID operation, side;

		cr_assert_eq(virtual_hand_put(fx_vlib, "NEW001L8", VIRTUAL_FIRST_PORT), 0);
		operation = queue_quietly(NTMS_LM_INJECT, NULL);
		killed = kill_at(work_once, &operation, stop);
		let_go_on();
		watched = operation;
		fx_wait_until(has_come_in);
		if (!is_over())
			must(InjectNtmsMedia(fx_session, &fx_library, &operation,
					     NTMS_INJECT_STOP));
		must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
		expect_locked();
		fx_expect_home("NEW001L8");
		side = fx_find("NEW001L8", NTMS_PARTITION);
		cr_assert_eq(fx_get(&side, NTMS_PARTITION).side.state, NTMS_PARTSTATE_FOREIGN);
		check_database();
		cr_assert_eq(virtual_hand_take(fx_vlib, (uint16_t)fx_where("NEW001L8")), 0);
		take_inventory();
	}
	cr_assert_gt(stop, 4 * stride());
}

/* ---- the cleaner ---- */

#define SLOT	6
#define USES	20
#define CLEANER "CLN001L8"

static void reserve_slot(void)
{
	NTMS_GUID slot = numbered(NTMS_STORAGESLOT, SLOT).guid;

	must(ReserveNtmsCleanerSlot(fx_session, &fx_library, &slot));
}

static void with_slot(void)
{
	fx_setup();
	reserve_slot();
}

static void by_the_door(void)
{
	RSM_VIRTUAL_SHAPE shape = {
		.dwDrives = 2, .dwSlots = 6, .dwTapes = 4, .bDoor = TRUE, .bBarCodeReader = TRUE};

	fx_make_shape(&shape);
	fx_open_library();
	reserve_slot();
}

static NTMS_GUID queue_cleaner(uint32_t operation, uint32_t way, const NTMS_GUID *media)
{
	struct object request;
	NTMS_GUID guid;

	request_init(fx_session, operation, &fx_library, &request);
	guid_make(&request.guid);
	guid = request.guid;
	request.librequest.group = guid;
	request.librequest.phase = PHASE_STARTED | way;
	request.librequest.slot = numbered(NTMS_STORAGESLOT, SLOT).guid;
	request.librequest.uses = USES;
	request.librequest.option = EJECT_OPTION_IMMEDIATE;
	if (media)
		request.librequest.media = *media;
	fx_insert(&request);
	return guid;
}

/* It is the library's, in its slot, with all of its uses. */
static void expect_cleaner(int stop)
{
	struct object library = fx_get(&fx_library, NTMS_LIBRARY);

	fx_expect_home(CLEANER);
	cr_assert_eq(fx_where(CLEANER), VIRTUAL_FIRST_SLOT + SLOT - 1, "killed at %d", stop);
	cr_assert(library.library.flags & NTMS_LIBRARYFLAG_CLEANERPRESENT, "killed at %d", stop);
	cr_assert_eq(library.library.cleaner_uses, USES, "killed at %d: %u uses", stop,
		     library.library.cleaner_uses);
}

static void expect_no_cleaner(int stop)
{
	struct object library = fx_get(&fx_library, NTMS_LIBRARY);
	NTMS_GUID guid;

	cr_assert_eq(library.library.flags & NTMS_LIBRARYFLAG_CLEANERPRESENT, 0, "killed at %d",
		     stop);
	cr_assert_eq(RsmFindObject(fx_session, CLEANER, NTMS_PHYSICAL_MEDIA, &guid),
		     ERROR_OBJECT_NOT_FOUND);
}

static void take_cleaner_away(void)
{
	cr_assert_eq(virtual_hand_take(fx_vlib, (uint16_t)fx_where(CLEANER)), 0);
	take_inventory();
}

static NTMS_GUID bring_cleaner(void)
{
	cr_assert_eq(virtual_hand_put(fx_vlib, CLEANER, VIRTUAL_FIRST_SLOT + SLOT - 1), 0);
	take_inventory();
	return fx_find(CLEANER, NTMS_PHYSICAL_MEDIA);
}

/* Of the library that does not know it by its bar code: its record is made anew on the way. */
Test(port_kill, a_cleaner_that_comes_in, .init = with_slot)
{
	struct object library = fx_get(&fx_library, NTMS_LIBRARY);
	bool killed = true;
	int stop;

	library.library.flags &= ~(uint32_t)NTMS_LIBRARYFLAG_RECOGNIZECLEANERBARCODE;
	fx_put(&library);
	for (stop = 1; killed; stop += stride()) {
		NTMS_GUID operation;

		cr_assert_eq(virtual_hand_put(fx_vlib, CLEANER, VIRTUAL_FIRST_PORT), 0);
		operation = queue_cleaner(NTMS_LM_INJECTCLEANER, 0, NULL);
		killed = kill_at(work_once, &operation, stop);
		let_go_on();
		wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
		expect_locked();
		expect_cleaner(stop);
		check_database();
		take_cleaner_away();
		expect_no_cleaner(stop);
	}
	cr_assert_gt(stop, 4 * stride());
}

Test(port_kill, a_cleaner_until_a_person_is_awaited, .init = with_slot)
{
	bool killed = true;
	int stop;

	for (stop = 1; killed; stop += stride()) {
		NTMS_GUID media = bring_cleaner(),
			  operation = queue_cleaner(NTMS_LM_EJECTCLEANER, 0, &media);

		killed = kill_at(work_once, &operation, stop);
		let_go_on();
		wait_open(&operation);
		expect_in_port(CLEANER, 1);
		take_out(1);
		wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
		expect_locked();
		expect_no_cleaner(stop);
		check_database();
	}
	cr_assert_gt(stop, 4 * stride());
}

/* ---- the door ---- */

static bool is_door_open(void)
{
	return numbered(NTMS_IEDOOR, 1).device.state == NTMS_DOORSTATE_OPEN;
}

static void expect_shut(int stop)
{
	cr_assert_eq(numbered(NTMS_IEDOOR, 1).device.state, NTMS_DOORSTATE_CLOSED, "killed at %d",
		     stop);
	cr_assert_eq(RsmVirtualDoor(fx_vlib, TRUE), ERROR_BUSY, "killed at %d: it is not locked",
		     stop);
}

static void visit(const char *barcode, unsigned int slot)
{
	must(RsmVirtualDoor(fx_vlib, TRUE));
	must(RsmVirtualInsert(fx_vlib, RSM_VIRTUAL_SLOT, slot, barcode));
	must(RsmVirtualDoor(fx_vlib, FALSE));
}

/* Its option says that nothing is identified afterwards. */
static NTMS_GUID queue_door(void)
{
	return queue_quietly(NTMS_LM_DOORACCESS, NULL);
}

static void expect_brought(const NTMS_GUID *operation, int stop)
{
	wait_over(operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	expect_shut(stop);
	fx_expect_home("NEW001L8");
	check_database();
	cr_assert_eq(virtual_hand_take(fx_vlib, (uint16_t)fx_where("NEW001L8")), 0);
	take_inventory();
}

Test(port_kill, a_door_until_a_person_is_awaited)
{
	bool killed = true;
	int stop;

	for (stop = 1; killed; stop += stride()) {
		NTMS_GUID operation = queue_door();

		killed = kill_at(work_once, &operation, stop);
		let_go_on();
		wait_open(&operation);
		visit("NEW001L8", 5);
		expect_brought(&operation, stop);
	}
	cr_assert_gt(stop, 4 * stride());
}

Test(port_kill, a_door_that_stands_open)
{
	bool killed = true;
	int stop;

	for (stop = 1; killed; stop += stride()) {
		NTMS_GUID operation = queue_door();

		cr_assert(!kill_at(work_once, &operation, INT32_MAX));
		must(RsmVirtualDoor(fx_vlib, TRUE));
		must(RsmVirtualInsert(fx_vlib, RSM_VIRTUAL_SLOT, 5, "NEW001L8"));
		killed = kill_at(work_once, &operation, stop);
		let_go_on();
		fx_wait_until(is_door_open);
		must(RsmVirtualDoor(fx_vlib, FALSE));
		expect_brought(&operation, stop);
	}
	cr_assert_gt(stop, 2 * stride());
}

/* Nobody was there to see the person; what has changed tells of him. */
Test(port_kill, a_door_that_a_person_has_closed)
{
	bool killed = true;
	int stop;

	for (stop = 1; killed; stop += stride()) {
		NTMS_GUID operation = queue_door();

		cr_assert(!kill_at(work_once, &operation, INT32_MAX));
		visit("NEW001L8", 5);
		killed = kill_at(work_once, &operation, stop);
		let_go_on();
		expect_brought(&operation, stop);
	}
	cr_assert_gt(stop, 4 * stride());
}

Test(port_kill, a_cleaner_by_the_door, .init = by_the_door)
{
	bool killed = true;
	int stop;

	for (stop = 1; killed; stop += stride()) {
		NTMS_GUID operation = queue_cleaner(NTMS_LM_INJECTCLEANER, PHASE_DOOR, NULL);

		cr_assert(!kill_at(work_once, &operation, INT32_MAX));
		visit(CLEANER, SLOT);
		killed = kill_at(work_once, &operation, stop);
		let_go_on();
		wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
		expect_shut(stop);
		expect_cleaner(stop);
		check_database();
		take_cleaner_away();
	}
	cr_assert_gt(stop, 4 * stride());
}

Test(port_kill, a_cleaner_that_leaves_by_the_door, .init = by_the_door)
{
	bool killed = true;
	int stop;

	for (stop = 1; killed; stop += stride()) {
		NTMS_GUID media = bring_cleaner(),
			  operation = queue_cleaner(NTMS_LM_EJECTCLEANER, PHASE_DOOR, &media);

		cr_assert(!kill_at(work_once, &operation, INT32_MAX));
		must(RsmVirtualDoor(fx_vlib, TRUE));
		must(RsmVirtualRemove(fx_vlib, RSM_VIRTUAL_SLOT, SLOT));
		must(RsmVirtualDoor(fx_vlib, FALSE));
		killed = kill_at(work_once, &operation, stop);
		let_go_on();
		wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
		expect_shut(stop);
		expect_no_cleaner(stop);
		check_database();
	}
	cr_assert_gt(stop, 4 * stride());
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test-robot.c - a cartridge that is not where the robot was to put it
 *
 * An open intent is what somebody left who died in the middle of a move. Where the cartridge came
 * to lie then is told by the test; the records have to follow, whoever dies or fails on the way.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/guid.h"
#include "core/media.h"
#include "core/run.h"
#include "fixture.h"

TestSuite(robot, .timeout = 180, .init = fx_setup, .fini = fx_teardown);

#define SLOT(number)  ((uint16_t)(VIRTUAL_FIRST_SLOT + (number)))
#define DRIVE(number) ((uint16_t)(VIRTUAL_FIRST_DRIVE + (number)))

/* ---- where to die ---- */

/* So many steps of this process are left; 0: it lives. */
static int steps_left;

static void step(void)
{
	if (steps_left && --steps_left == 0)
		raise(SIGKILL);
}

DWORD __real_store_commit(struct txn *txn);
DWORD __wrap_store_commit(struct txn *txn);
DWORD __real_store_update(struct txn *txn, struct object *obj);
DWORD __wrap_store_update(struct txn *txn, struct object *obj);
int __real_broker_elements(struct broker_lease *lease, enum broker_element_type type,
			   uint16_t first, uint16_t count, struct broker_element **list,
			   size_t *found);
int __wrap_broker_elements(struct broker_lease *lease, enum broker_element_type type,
			   uint16_t first, uint16_t count, struct broker_element **list,
			   size_t *found);

/* The library does not tell what the robot has. */
static bool hand_is_hidden;

DWORD __wrap_store_commit(struct txn *txn)
{
	DWORD code;

	step();
	code = __real_store_commit(txn);
	step();
	return code;
}

/* A request has said so, though perhaps only for a moment. */
static _Atomic bool said_slow;

DWORD __wrap_store_update(struct txn *txn, struct object *obj)
{
	if (obj->type == NTMS_LIBREQUEST && strstr(obj->librequest.waits_for, "the robot is slow"))
		said_slow = true;
	return __real_store_update(txn, obj);
}

int __wrap_broker_elements(struct broker_lease *lease, enum broker_element_type type,
			   uint16_t first, uint16_t count, struct broker_element **list,
			   size_t *found)
{
	int error;

	step();
	error = __real_broker_elements(lease, type, first, count, list, found);
	for (size_t i = 0; !error && hand_is_hidden && i < *found; i++)
		if ((*list)[i].type == ELEMENT_TRANSPORT)
			(*list)[i].full = false;
	return error;
}

/* ---- what is left ---- */

static struct object place_at(uint16_t element)
{
	static const DWORD types[] = {NTMS_STORAGESLOT, NTMS_DRIVE};
	NTMS_GUID list[64];

	for (size_t i = 0; i < 2; i++) {
		DWORD count = 64;

		must(EnumerateNtmsObject(fx_session, &fx_library, list, &count, types[i], 0));
		for (DWORD k = 0; k < count; k++) {
			struct object place = fx_get(&list[k], types[i]);

			if (place.device.element == element)
				return place;
		}
	}
	cr_assert(false, "nothing is known of element %u", element);
	return (struct object){0};
}

static size_t cartridges(NTMS_GUID list[16])
{
	DWORD count = 16;

	must(EnumerateNtmsObject(fx_session, NULL, list, &count, NTMS_PHYSICAL_MEDIA, 0));
	return count;
}

/* What the records have there. */
static NTMS_GUID cartridge_at(uint16_t element)
{
	struct object place = place_at(element);
	NTMS_GUID list[16];
	size_t count = cartridges(list);

	for (size_t i = 0; i < count; i++) {
		struct object media = fx_get(&list[i], NTMS_PHYSICAL_MEDIA);

		if (guid_equal(&media.media.location, &place.guid))
			return list[i];
	}
	cr_assert(false, "nothing is on record in element %u", element);
	return (NTMS_GUID){0};
}

static NTMS_GUID side_of(NTMS_GUID media)
{
	NTMS_GUID side;
	DWORD count = 1;

	must(EnumerateNtmsObject(fx_session, &media, &side, &count, NTMS_PARTITION, 0));
	return side;
}

/* The process is no more that was to bring the cartridge in @from to @to. */
static NTMS_GUID leave_intent(uint16_t from, uint16_t to)
{
	NTMS_GUID guid = cartridge_at(from);
	struct object media = fx_get(&guid, NTMS_PHYSICAL_MEDIA), request;

	request_init(NULL, NTMS_LM_MOUNT, &fx_library, &request);
	request.librequest.media = guid;
	request.librequest.side = side_of(guid);
	request.librequest.move = OBJ_MOVE_INTENDED;
	request.librequest.move_media = guid;
	request.librequest.move_from = place_at(from).guid;
	request.librequest.move_to = place_at(to).guid;
	fx_insert(&request);
	media.media.state = NTMS_MEDIASTATE_INUSE;
	fx_put(&media);
	return guid;
}

static void expect_settled(void)
{
	NTMS_GUID list[64];
	DWORD count = 64, code;

	/* Nobody waits for the mount any more. */
	code = RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS);
	cr_assert(code == ERROR_SUCCESS || code == ERROR_CANCELLED, "%s", RsmLastMessage());
	must(EnumerateNtmsObject(fx_session, &fx_library, list, &count, NTMS_LIBREQUEST, 0));
	for (DWORD i = 0; i < count; i++)
		cr_assert_eq(fx_get(&list[i], NTMS_LIBREQUEST).librequest.move, OBJ_MOVE_NONE);
}

/* It is on record there, as the only one. */
static void expect_at(const NTMS_GUID *media, uint16_t element)
{
	NTMS_GUID there = cartridge_at(element);

	cr_assert(guid_equal(&there, media), "another cartridge is on record in element %u",
		  element);
	cr_assert_eq(fx_get(media, NTMS_PHYSICAL_MEDIA).media.state, NTMS_MEDIASTATE_IDLE);
}

/* ---- found in another place ---- */

/* The first look at the whole library fails: both places have been asked for then. */
Test(robot, what_is_not_found_yet_is_not_settled)
{
	static const struct virtual_fault fault = {
		.operation = VIRTUAL_ELEMENTS, .where = UINT32_MAX, .skip = 2, .count = 1};
	NTMS_GUID media = leave_intent(SLOT(0), DRIVE(0));

	fx_virtual_only("the library has no such fault");
	cr_assert_eq(fx_hand_move(SLOT(0), SLOT(5)), 0);
	cr_assert_eq(virtual_fault_add(fx_vlib, &fault), 0);
	RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS);
	expect_settled();
	expect_at(&media, SLOT(5));
	cr_assert_eq(place_at(SLOT(0)).device.state, NTMS_SLOTSTATE_EMPTY);
}

static int doomed_after; /* so many steps */

static int settle(const struct child *parent)
{
	HANDLE session = OpenNtmsSessionA(NULL, "to be killed", 0);

	(void)parent;
	if (session == INVALID_HANDLE_VALUE)
		return 97;
	steps_left = doomed_after;
	RsmWaitForLibrary(session, &fx_library, PATIENCE_MS);
	steps_left = 0;
	return 0;
}

/* Nobody who comes later looks at the library for another reason. */
Test(robot, who_dies_at_any_step_leaves_it_to_the_next)
{
	uint16_t from = SLOT(0), to = SLOT(5);
	int status;

	fx_virtual_only("the hands are the virtual library's");
	do {
		struct child child;
		uint16_t swap = from;
		NTMS_GUID media;

		/* No worker of ours is awake from the last time, to be there first. */
		fx_close(&fx_session);
		fx_session = fx_open();
		media = leave_intent(from, DRIVE(0));
		cr_assert_eq(fx_hand_move(from, to), 0);
		doomed_after++;
		child = start_child(settle);
		status = end_child(&child);
		cr_assert(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
		expect_settled();
		expect_at(&media, to);
		cr_assert_eq(place_at(from).device.state, NTMS_SLOTSTATE_EMPTY, "step %d",
			     doomed_after);
		from = to;
		to = swap;
	} while (WIFSIGNALED(status));
	cr_assert_gt(doomed_after, 5);
}

/* ---- a slow robot ---- */

static void order(enum virtual_operation operation)
{
	const struct virtual_fault fault = {
		.operation = operation, .where = UINT32_MAX, .count = 1};

	fx_virtual_only("the library has no such fault");
	cr_assert_eq(virtual_fault_add(fx_vlib, &fault), 0);
}

static void take_turn(struct turn *turn)
{
	struct session *session = fx_session;
	struct object library = fx_get(&fx_library, NTMS_LIBRARY);

	must(turn_begin(session->system, &library, clock_deadline(PATIENCE_MS), turn));
}

/* As the one did who died: the library remembers where it came from. */
static int robot_moves(uint16_t from, uint16_t to)
{
	struct turn turn;
	int error;

	take_turn(&turn);
	error = broker_move(turn.lease, from, to, false, 0);
	turn_end(&turn);
	return error;
}

/* At all elements; nothing is mounted for it. */
static void look(void)
{
	struct turn turn;

	take_turn(&turn);
	must(inventory_reconcile(&turn, false, false));
	turn_end(&turn);
}

static void robot_keeps(uint16_t from, uint16_t to)
{
	order(VIRTUAL_HAND);
	cr_assert_eq(robot_moves(from, to), -ETIMEDOUT);
}

/* The request whose last move is not over. */
static bool find_intent(struct object *request)
{
	NTMS_GUID list[64];
	DWORD count = 64;

	must(EnumerateNtmsObject(fx_session, &fx_library, list, &count, NTMS_LIBREQUEST, 0));
	for (DWORD i = 0; i < count; i++) {
		*request = fx_get(&list[i], NTMS_LIBREQUEST);
		if (request->librequest.move == OBJ_MOVE_INTENDED)
			return true;
	}
	return false;
}

static bool waits_for_robot(void)
{
	struct object request;

	return find_intent(&request) && request.librequest.state == NTMS_LM_WAITING &&
	       strstr(request.librequest.waits_for, "the robot is slow");
}

static uint16_t destination(void)
{
	struct object request;

	cr_assert(find_intent(&request));
	return (uint16_t)fx_get(&request.librequest.move_to, NTMS_UNKNOWN).device.element;
}

static void expect_in_order(void)
{
	cr_assert_eq(fx_get(&fx_library, NTMS_LIBRARY).opstate, NTMS_READY);
	for (unsigned int i = 0; i < 2; i++)
		cr_assert_eq(fx_drive(i).opstate, NTMS_READY);
}

Test(robot, late_but_there_is_as_good_as_in_time)
{
	NTMS_GUID media = fx_allocated("V00001L8"), drive;

	order(VIRTUAL_LATE);
	drive = fx_mount(media);
	cr_assert(said_slow, "nobody was told");
	cr_assert_eq(fx_where("V00001L8"), fx_element_of_drive(&drive));
	cr_assert_eq(fx_media(&media).media.state, NTMS_MEDIASTATE_LOADED);
	order(VIRTUAL_LATE);
	fx_dismount(media, 0);
	fx_expect_home("V00001L8");
	expect_in_order();
}

static NTMS_GUID wanted;

static int mount_it(const struct child *parent)
{
	HANDLE session = OpenNtmsSessionA(NULL, "waits", 0);
	NTMS_GUID drive;

	if (session == INVALID_HANDLE_VALUE)
		return 97;
	child_must(fx_try_mount(session, wanted, &drive, NTMS_MOUNT_READ, PATIENCE_MS));
	say_byte(parent, 'm');
	hear_byte(parent);
	return 0;
}

static void a_mount_waits(void)
{
	struct child child;
	uint16_t drive;

	wanted = fx_allocated("V00001L8");
	order(VIRTUAL_HAND);
	child = start_child(mount_it);
	fx_wait_until(waits_for_robot);
	expect_in_order();
	drive = destination();
	cr_assert_eq(virtual_hand_give(fx_vlib, drive), 0);
	cr_assert_eq(child_byte(&child), 'm');
	cr_assert_eq(fx_where("V00001L8"), drive);
	cr_assert_eq(fx_media(&wanted).media.state, NTMS_MEDIASTATE_LOADED);
	expect_in_order();
	kill_child(&child);
}

Test(robot, a_mount_waits_for_what_is_in_its_hand)
{
	a_mount_waits();
}

/* The child's worker is asked as well as ours. */
Test(robot, a_mount_waits_though_nothing_is_seen_in_its_hand)
{
	hand_is_hidden = true;
	a_mount_waits();
}

Test(robot, a_dismount_waits_for_what_is_in_its_hand)
{
	NTMS_GUID media = fx_allocated("V00001L8");

	fx_mount(media);
	order(VIRTUAL_HAND);
	must(DismountNtmsMedia(fx_session, &media, 1, 0));
	fx_wait_until(waits_for_robot);
	cr_assert_eq(virtual_hand_give(fx_vlib, destination()), 0);
	fx_settle(media);
	fx_expect_home("V00001L8");
	expect_in_order();
}

/* For one after the library was not ready: that is before anything is settled. */
Test(robot, an_inventory_leaves_it_to_who_settles_the_move)
{
	NTMS_GUID media = leave_intent(SLOT(0), DRIVE(0));

	robot_keeps(SLOT(0), DRIVE(0));
	hand_is_hidden = true;
	look();
	hand_is_hidden = false;
	look();
	cr_assert_eq(virtual_hand_give(fx_vlib, DRIVE(0)), 0);
	expect_settled();
	expect_at(&media, DRIVE(0));
}

/* The executor is no more; whoever comes next waits for the robot. */
Test(robot, who_comes_next_waits_for_what_is_in_its_hand)
{
	NTMS_GUID media = leave_intent(SLOT(0), DRIVE(0));

	robot_keeps(SLOT(0), DRIVE(0));
	must_be(RsmWaitForLibrary(fx_session, &fx_library, 100), ERROR_TIMEOUT);
	fx_wait_until(waits_for_robot);
	cr_assert_eq(RsmUnmanageLibrary(fx_session, &fx_library), ERROR_BUSY);
	cr_assert_eq(virtual_hand_give(fx_vlib, DRIVE(0)), 0);
	expect_settled();
	expect_at(&media, DRIVE(0));
}

/* ---- without bar codes ---- */

static void setup_no_reader(void)
{
	fx_make_shape(&(RSM_VIRTUAL_SHAPE){
		.dwDrives = 2, .dwSlots = 6, .dwPorts = 1, .dwTapes = 3, .bDoor = TRUE});
	fx_open_library();
}

/* And the robot is given no time. */
static void setup_stuck(void)
{
	setenv("NTMS_SLOW_LIMIT", "1", 1);
	setup_no_reader();
}

static size_t asked_about(const NTMS_GUID *media)
{
	NTMS_GUID list[16];
	DWORD count = 16;
	size_t found = 0;

	must(EnumerateNtmsObject(fx_session, NULL, list, &count, NTMS_OPREQUEST, 0));
	for (DWORD i = 0; i < count; i++) {
		struct object request = fx_get(&list[i], NTMS_OPREQUEST);

		found += request.oprequest.command == NTMS_OPREQ_DEVICESERVICE &&
			 guid_equal(&request.oprequest.arg1, media);
	}
	return found;
}

static void expect_no_other(void)
{
	NTMS_GUID list[16];

	cr_assert_eq(cartridges(list), 3);
}

Test(robot, in_another_drive_it_is_known_by_its_slot, .init = setup_no_reader)
{
	NTMS_GUID media = leave_intent(SLOT(0), DRIVE(0));

	cr_assert_eq(robot_moves(SLOT(0), DRIVE(1)), 0);
	expect_settled();
	expect_no_other();
	expect_at(&media, DRIVE(1));
}

static void expect_lost(const NTMS_GUID *media)
{
	struct object record = fx_get(media, NTMS_PHYSICAL_MEDIA);

	cr_assert_eq(record.media.state, NTMS_MEDIASTATE_OPERROR);
	cr_assert(guid_is_null(&record.media.location));
	cr_assert(guid_equal(&record.media.library, &fx_library));
	cr_assert_eq(asked_about(media), 1);
}

static void expect_found(const NTMS_GUID *media, uint16_t element)
{
	look();
	expect_no_other();
	expect_at(media, element);
	cr_assert_eq(asked_about(media), 0);
}

Test(robot, in_the_hand_it_is_known_by_its_slot, .init = setup_stuck)
{
	NTMS_GUID media = leave_intent(SLOT(0), DRIVE(0));

	robot_keeps(SLOT(0), DRIVE(0));
	expect_settled();
	expect_lost(&media);
	look();
	expect_lost(&media);
	cr_assert_eq(virtual_hand_give(fx_vlib, SLOT(4)), 0);
	expect_found(&media, SLOT(4));
}

/* From a drive: its slot is that which it had come from. */
Test(robot, on_its_way_home_it_is_known_by_its_slot, .init = setup_stuck)
{
	NTMS_GUID media;

	cr_assert_eq(robot_moves(SLOT(0), DRIVE(0)), 0);
	look();
	media = leave_intent(DRIVE(0), SLOT(0));
	robot_keeps(DRIVE(0), SLOT(0));
	expect_settled();
	expect_lost(&media);
	cr_assert_eq(virtual_hand_give(fx_vlib, DRIVE(1)), 0);
	expect_found(&media, DRIVE(1));
}

/* Forgotten, or offline. */
static void expect_gone(const NTMS_GUID *media)
{
	NTMS_GUID list[16];
	size_t count = cartridges(list);

	for (size_t i = 0; i < count; i++) {
		struct object record = fx_get(&list[i], NTMS_PHYSICAL_MEDIA);

		cr_assert(!guid_equal(&list[i], media) ||
			  !guid_equal(&record.media.library, &fx_library));
	}
}

/* Hands leave no trace of where a cartridge was. */
Test(robot, what_nobody_can_name_is_asked_for, .init = setup_no_reader)
{
	NTMS_GUID media = leave_intent(SLOT(0), DRIVE(0)), list[64], drive;
	DWORD count = 64;

	cr_assert_eq(fx_hand_move(SLOT(0), SLOT(5)), 0);
	expect_settled();
	expect_lost(&media);
	must_be(fx_try_mount(fx_session, side_of(media), &drive, NTMS_MOUNT_READ, PATIENCE_MS),
		ERROR_MEDIA_OFFLINE);
	look();
	expect_lost(&media);
	must(EnumerateNtmsObject(fx_session, NULL, list, &count, NTMS_OPREQUEST, 0));
	for (DWORD i = 0; i < count; i++)
		must(SatisfyNtmsOperatorRequest(fx_session, &list[i]));
	look();
	expect_gone(&media);
}

Test(robot, what_is_taken_out_meanwhile_is_not_asked_for)
{
	NTMS_GUID media = leave_intent(SLOT(0), DRIVE(0));

	cr_assert_eq(fx_hand_take(SLOT(0)), 0);
	expect_settled();
	cr_assert_eq(asked_about(&media), 0);
	expect_gone(&media);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What people do at the virtual library, and what it does to them: doors, ports, magazines,
 * cartridges with two sides, drives that stand alone, cleaners, faults.
 */
#include "test-virtual.h"
#include "ntms/rsmapi.h"

static const NTMS_GUID none;
static const NTMS_GUID medium = {1, 2, 3, {4}};

/* Two drives in it, two that stand alone; six slots in magazines of three; the last has a cleaner.
 */
static void setup_rich(void)
{
	static const struct virtual_shape shape = {
		.drives = 2,
		.slots = 6,
		.ports = 2,
		.tapes = 3,
		.standalone = 2,
		.magazine = 3,
		.cleaners = 1,
		.door = true,
	};

	make_parent();
	expect_is(virtual_create(dir, &shape), 0);
}

static void setup_jukebox(void)
{
	static const struct virtual_shape shape = {
		.drives = 2, .slots = 5, .ports = 1, .tapes = 3, .sides = 2};

	make_parent();
	expect_is(virtual_create(dir, &shape), 0);
}

#define ALONE0 4
#define ALONE1 5

TestSuite(virtual_person, .timeout = 280);

/* Everything that has come so far; was there one of this kind? */
static bool heard(struct broker *broker, int fd, enum broker_event_type type, uint32_t device)
{
	struct broker_event event;
	bool found = false;

	while (broker_next_event(broker, fd, &event) == 0)
		found |= event.type == type && event.device == device;
	return found;
}

static struct broker_lease *lease_of(struct broker *broker, uint32_t device)
{
	struct broker_lease *lease;

	expect_is(broker_lease_take(broker, device, &lease), 0);
	return lease;
}

static bool loaded(struct broker *broker, uint32_t drive)
{
	bool is = false;

	expect_is(broker_drive_loaded(broker, drive, &is), 0);
	return is;
}

static bool dirty(struct broker *broker, uint32_t drive)
{
	bool is = false;

	expect_is(broker_drive_cleaning(broker, drive, &is), 0);
	return is;
}

/* ---- door, ports, magazines ---- */

Test(virtual_person, a_locked_library_refuses_people, .init = setup_rich, .fini = teardown)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);

	expect_is(broker_access(lease, false), 0);
	broker_lease_give(lease);
	/* The lock outlives the lease. */
	expect_is(virtual_insert(dir, VIRTUAL_PORT, 0, "A00001L8"), -EBUSY);
	expect_is(virtual_door(dir, true), -EBUSY);
	expect_is(virtual_magazine(dir, 0, true), -EBUSY);
	cr_assert_neq(access(in_library("tapes/A00001L8"), F_OK), 0);
	lease = take_lease(broker);
	expect_is(broker_access(lease, true), 0);
	expect_is(broker_access(lease, true), 0);
	expect_is(virtual_insert(dir, VIRTUAL_PORT, 0, "A00001L8"), 0);
	expect_is(broker_access(lease, false), 0);
	expect_is(virtual_remove(dir, VIRTUAL_PORT, 0), -EBUSY);
	cr_assert_str_eq(element_at(lease, PORT(0)).barcode, "A00001L8");
	broker_lease_give(lease);
	broker_close(broker);
}

Test(virtual_person, an_open_door_stops_the_robot, .init = setup_rich, .fini = teardown)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);
	struct broker_element *list;
	size_t count;
	int fd;

	expect_is(broker_events_open(broker, &fd), 0);
	expect_is(broker_ready(lease), 0);
	expect_is(virtual_insert(dir, VIRTUAL_SLOT, 3, "A00001L8"), -EAGAIN);
	expect_is(virtual_remove(dir, VIRTUAL_SLOT, 0), -EAGAIN);
	expect_is(virtual_door(dir, true), 0);
	cr_assert(heard(broker, fd, BROKER_EVENT_ATTENTION, CHANGER));
	expect_is(broker_ready(lease), -EAGAIN);
	cr_assert(strstr(ntms_said(), "door"), "%s", ntms_said());
	expect_is(broker_elements(lease, 0, 0, 0, &list, &count), -EIO);
	expect_is(broker_scan(lease), -EIO);
	expect_is(broker_move(lease, SLOT(0), BAY(0), false, 0), -EIO);
	cr_assert(strstr(ntms_said(), "door"), "%s", ntms_said());
	expect_is(broker_access(lease, false), -EIO);
	expect_is(virtual_insert(dir, VIRTUAL_SLOT, 3, "A00001L8"), 0);
	expect_is(virtual_insert(dir, VIRTUAL_SLOT, 3, "A00002L8"), -ENOTEMPTY);
	expect_is(virtual_insert(dir, VIRTUAL_SLOT, 4, "A00001L8"), -EEXIST);
	expect_is(virtual_insert(dir, VIRTUAL_SLOT, 6, "A00002L8"), -ERANGE);
	expect_is(virtual_insert(dir, VIRTUAL_SLOT, 4, "../state"), -EINVAL);
	expect_is(virtual_remove(dir, VIRTUAL_SLOT, 0), 0);
	expect_is(virtual_remove(dir, VIRTUAL_SLOT, 0), -ENOMEDIUM);
	expect_is(virtual_door(dir, false), 0);
	cr_assert(heard(broker, fd, BROKER_EVENT_ATTENTION, CHANGER));
	expect_is(broker_ready(lease), 0);
	cr_assert_str_eq(element_at(lease, SLOT(3)).barcode, "A00001L8");
	cr_assert(!element_at(lease, SLOT(0)).full);
	cr_assert_eq(access(in_library("tapes/V00001L8"), F_OK), 0, "it is on the shelf");
	close(fd);
	broker_lease_give(lease);
	broker_close(broker);
}

Test(virtual_person, ports_tell_who_filled_them, .init = setup_rich, .fini = teardown)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);
	struct broker_element element;
	int fd;

	expect_is(broker_events_open(broker, &fd), 0);
	expect_is(virtual_insert(dir, VIRTUAL_PORT, 1, "A00001L8"), 0);
	cr_assert(heard(broker, fd, BROKER_EVENT_ATTENTION, CHANGER));
	element = element_at(lease, PORT(1));
	cr_assert(element.full && element.by_operator);
	cr_assert(element.import_enabled && element.export_enabled);
	expect_is(broker_move(lease, PORT(1), SLOT(3), false, 0), 0);
	cr_assert(!element_at(lease, PORT(1)).by_operator);
	cr_assert(!element_at(lease, SLOT(3)).import_enabled);
	expect_is(broker_move(lease, SLOT(3), PORT(1), false, 0), 0);
	element = element_at(lease, PORT(1));
	cr_assert(element.full && !element.by_operator, "the robot put it there");
	expect_is(virtual_remove(dir, VIRTUAL_PORT, 1), 0);
	expect_is(virtual_remove(dir, VIRTUAL_PORT, 1), -ENOMEDIUM);
	expect_is(virtual_remove(dir, VIRTUAL_PORT, 2), -ERANGE);
	expect_is(virtual_remove(dir, 9, 0), -ERANGE);
	close(fd);
	broker_lease_give(lease);
	broker_close(broker);
}

Test(virtual_person, a_magazine_goes_with_all_that_is_inside, .init = setup_rich, .fini = teardown)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);
	struct broker_element element;

	expect_is(virtual_magazine(dir, 2, true), -ERANGE);
	expect_is(virtual_magazine(dir, 0, true), 0);
	element = element_at(lease, SLOT(1));
	cr_assert(!element.full && !element.accessible && element.exception);
	cr_assert_eq(element.asc, 0x3b);
	cr_assert_eq(element.ascq, 0x12);
	cr_assert_str_empty(element.barcode);
	expect_is(broker_move(lease, SLOT(1), BAY(0), false, 0), -EIO);
	expect_is(broker_move(lease, SLOT(5), SLOT(1), false, 0), -EIO);
	expect_is(broker_move(lease, SLOT(5), SLOT(3), false, 0), 0);
	/* Outside, its slots can be reached. */
	expect_is(virtual_remove(dir, VIRTUAL_SLOT, 0), 0);
	expect_is(virtual_remove(dir, VIRTUAL_SLOT, 3), -EAGAIN);
	expect_is(virtual_magazine(dir, 0, false), 0);
	cr_assert(!element_at(lease, SLOT(0)).full);
	cr_assert_str_eq(element_at(lease, SLOT(1)).barcode, "V00002L8");
	broker_lease_give(lease);
	broker_close(broker);
}

Test(virtual_person, what_a_library_does_not_have_is_refused, .init = setup, .fini = teardown)
{
	expect_is(virtual_door(dir, true), -EOPNOTSUPP);
	expect_is(virtual_magazine(dir, 0, true), -EOPNOTSUPP);
	expect_is(virtual_insert(dir, VIRTUAL_DRIVE, 0, "A00001L8"), -ERANGE);
	expect_is(virtual_insert(dir, VIRTUAL_SLOT, 4, "A00001L8"), -EAGAIN);
	cr_assert(strstr(ntms_said(), "no door"), "%s", ntms_said());
}

/* ---- two sides ---- */

Test(virtual_person, a_cartridge_is_turned_over, .init = setup_jukebox, .fini = teardown)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);
	struct broker_device *devices;
	char text[16];
	size_t count;

	expect_is(broker_devices(broker, &devices, &count), 0);
	cr_assert_eq(devices[1].drive_type, DRIVE_OPTICAL);
	free(devices);
	write_file("tapes/V00001MO", "front", 5);
	write_file("tapes/V00001MO@B", "back", 4);
	expect_is(broker_move(lease, SLOT(0), BAY(0), true, 0), 0);
	cr_assert(element_at(lease, BAY(0)).inverted);
	cr_assert_str_eq(element_at(lease, BAY(0)).barcode, "V00001MO");
	read_file("drives/0/nst", text, sizeof(text));
	cr_assert_str_eq(text, "back");
	/* It stays turned until it is turned back. */
	expect_is(broker_move(lease, BAY(0), BAY(1), false, 0), 0);
	read_file("drives/1/nst", text, sizeof(text));
	cr_assert_str_eq(text, "back");
	expect_is(broker_move(lease, BAY(1), SLOT(0), true, 0), 0);
	cr_assert(!element_at(lease, SLOT(0)).inverted);
	expect_is(broker_move(lease, SLOT(0), BAY(1), false, 0), 0);
	read_file("drives/1/nst", text, sizeof(text));
	cr_assert_str_eq(text, "front");
	broker_lease_give(lease);
	broker_close(broker);
}

Test(virtual_person, each_side_is_read_and_written_by_itself, .init = setup_jukebox,
     .fini = teardown)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);
	uint32_t kind, density;
	struct tape *tape;
	char text[16];

	expect_is(broker_move(lease, SLOT(1), BAY(0), true, 0), 0);
	expect_is(tape_open(broker, DRIVE0, true, 0, &tape), 0);
	expect_is(tape_write_label(tape, "label B", 7), 0);
	expect_is(tape_codes(tape, &kind, &density), 0);
	cr_assert_eq(kind, 0x03);
	tape_close(tape);
	cr_assert_eq(read_file("tapes/V00002MO", text, sizeof(text)), 0);
	cr_assert_eq(read_file("tapes/V00002MO@B", text, sizeof(text)), 7);
	broker_lease_give(lease);
	broker_close(broker);
}

Test(virtual_person, tapes_are_not_turned_over, .init = setup_rich, .fini = teardown)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);

	expect_is(broker_move(lease, SLOT(0), BAY(0), true, 0), -EIO);
	cr_assert(element_at(lease, SLOT(0)).full);
	broker_lease_give(lease);
	broker_close(broker);
}

/* ---- drives that stand alone ---- */

Test(virtual_person, a_drive_alone_is_no_part_of_the_library, .init = setup_rich, .fini = teardown)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);
	struct broker_element *elements;
	struct broker_device *devices;
	size_t count;

	expect_is(broker_devices(broker, &devices, &count), 0);
	cr_assert_eq(count, 5);
	cr_assert(!devices[2].standalone && devices[3].standalone && devices[4].standalone);
	cr_assert_eq(devices[0].doors, 1);
	cr_assert_eq(devices[0].count[ELEMENT_DRIVE], 2);
	cr_assert_eq(devices[3].id, ALONE0);
	cr_assert_str_neq(devices[3].serial, devices[4].serial);
	free(devices);
	expect_is(broker_elements(lease, ELEMENT_DRIVE, 0, 0, &elements, &count), 0);
	cr_assert_eq(count, 2);
	free(elements);
	expect_is(broker_move(lease, SLOT(0), BAY(2), false, 0), -ERANGE);
	expect_is(broker_assign(lease, ALONE0), -EBUSY);
	broker_lease_give(lease);
	broker_close(broker);
}

Test(virtual_person, its_lease_is_for_it_alone, .init = setup_rich, .fini = teardown)
{
	struct broker *broker = open_library();
	struct broker_lease *changer = take_lease(broker);
	struct broker_lease *lease = lease_of(broker, ALONE0);
	struct broker_element *elements;
	struct broker_lease *other;
	struct broker_hold *hold;
	size_t count;

	expect_is(broker_lease_take(broker, ALONE0, &other), -EBUSY);
	expect_is(broker_lease_take(broker, ALONE1 + 1, &other), -ENODEV);
	broker_lease_give(lease_of(broker, ALONE1));
	expect_is(broker_elements(lease, 0, 0, 0, &elements, &count), -EOPNOTSUPP);
	expect_is(broker_move(lease, SLOT(0), BAY(0), false, 0), -EOPNOTSUPP);
	expect_is(broker_scan(lease), -EOPNOTSUPP);
	expect_is(broker_access(lease, true), -EOPNOTSUPP);
	expect_is(broker_ready(lease), -EOPNOTSUPP);
	expect_is(broker_assign(lease, DRIVE0), -EOPNOTSUPP);
	expect_is(broker_reserve(lease, DRIVE0, &none, 0, 0, &hold), -EPERM);
	expect_is(broker_reserve(lease, ALONE1, &none, BROKER_RECOVER, 0, &hold), -EPERM);
	expect_is(broker_reserve(changer, ALONE0, &none, BROKER_RECOVER, 0, &hold), -EPERM);
	expect_is(broker_reserve(lease, ALONE0, &medium, 0, 0, &hold), 0);
	expect_is(broker_mark(hold, true), 0);
	broker_release(hold);
	expect_is(broker_reserve(lease, ALONE0, &medium, 0, 0, &hold), -EOWNERDEAD);
	expect_is(broker_reserve(lease, ALONE0, &none, BROKER_RECOVER, 0, &hold), 0);
	expect_is(broker_mark(hold, false), 0);
	broker_release(hold);
	/* Nor does it reach a medium that was orphaned in the library. */
	expect_is(broker_reserve(changer, DRIVE0, &medium, 0, 0, &hold), 0);
	expect_is(broker_mark(hold, true), 0);
	broker_release(hold);
	expect_is(broker_reserve(lease, ALONE0, &medium, BROKER_RECOVER, 0, &hold), -EOWNERDEAD);
	broker_lease_give(lease);
	broker_lease_give(changer);
	broker_close(broker);
}

Test(virtual_person, people_fill_and_empty_it, .init = setup_rich, .fini = teardown)
{
	struct broker *broker = open_library();
	struct tape *tape;
	int fd;

	expect_is(broker_events_open(broker, &fd), 0);
	cr_assert(!loaded(broker, ALONE0));
	expect_is(tape_open(broker, ALONE0, true, 0, &tape), -ENOMEDIUM);
	expect_is(virtual_insert(dir, VIRTUAL_DRIVE, 0, "A00001L8"), 0);
	cr_assert(heard(broker, fd, BROKER_EVENT_ATTENTION, ALONE0));
	cr_assert(loaded(broker, ALONE0));
	cr_assert(!loaded(broker, ALONE1));
	expect_is(virtual_insert(dir, VIRTUAL_DRIVE, 0, "A00002L8"), -ENOTEMPTY);
	expect_is(virtual_insert(dir, VIRTUAL_DRIVE, 1, "A00001L8"), -EEXIST);
	expect_is(tape_open(broker, ALONE0, true, 0, &tape), 0);
	expect_is(tape_write_label(tape, "label", 5), 0);
	expect_is(tape_unload(tape), 0);
	tape_close(tape);
	cr_assert(!loaded(broker, ALONE0), "it was ejected");
	expect_is(tape_open(broker, ALONE0, false, 0, &tape), -ENOMEDIUM);
	cr_assert_neq(access(in_library("drives/2/nst"), F_OK), 0);
	expect_is(virtual_insert(dir, VIRTUAL_DRIVE, 0, "A00001L8"), 0);
	cr_assert(loaded(broker, ALONE0), "it was pushed in again");
	cr_assert_eq(access(in_library("drives/2/nst"), F_OK), 0);
	expect_is(virtual_remove(dir, VIRTUAL_DRIVE, 0), 0);
	cr_assert(heard(broker, fd, BROKER_EVENT_ATTENTION, ALONE0));
	cr_assert(!loaded(broker, ALONE0));
	cr_assert_neq(access(in_library("drives/2/nst"), F_OK), 0);
	expect_is(virtual_remove(dir, VIRTUAL_DRIVE, 0), -ENOMEDIUM);
	close(fd);
	broker_close(broker);
}

Test(virtual_person, a_drive_in_use_gives_nothing_out, .init = setup_rich, .fini = teardown)
{
	struct broker *broker = open_library();
	int fd;

	expect_is(virtual_insert(dir, VIRTUAL_DRIVE, 1, "A00001L8"), 0);
	fd = open(in_library("drives/3/nst"), O_RDONLY);
	cr_assert_geq(fd, 0);
	expect_is(virtual_remove(dir, VIRTUAL_DRIVE, 1), -EBUSY);
	cr_assert(loaded(broker, ALONE1));
	close(fd);
	expect_is(virtual_remove(dir, VIRTUAL_DRIVE, 1), 0);
	broker_close(broker);
}

/* ---- cleaners ---- */

Test(virtual_person, a_cleaner_cleans, .init = setup_rich, .fini = teardown)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);
	struct tape *tape;

	cr_assert(!dirty(broker, DRIVE0));
	expect_is(virtual_dirty(dir, 0, true), 0);
	expect_is(virtual_dirty(dir, 1, true), 0);
	expect_is(virtual_dirty(dir, 4, true), -ERANGE);
	cr_assert(dirty(broker, DRIVE0));
	expect_is(broker_move(lease, SLOT(0), BAY(0), false, 0), 0);
	cr_assert(dirty(broker, DRIVE0), "a tape does not clean");
	expect_is(broker_move(lease, BAY(0), SLOT(0), false, 0), 0);
	cr_assert_str_eq(element_at(lease, SLOT(5)).barcode, "CLN001L8");
	expect_is(broker_move(lease, SLOT(5), BAY(0), false, 0), 0);
	cr_assert(!dirty(broker, DRIVE0));
	cr_assert(dirty(broker, DRIVE1), "the other one is not cleaned");
	expect_is(tape_open(broker, DRIVE0, false, 0, &tape), -EMEDIUMTYPE);
	expect_is(broker_drive_open(broker, DRIVE0, NULL), 0);
	cr_assert_neq(access(in_library("drives/0/nst"), F_OK), 0);
	expect_is(broker_move(lease, BAY(0), SLOT(5), false, 0), 0);
	/* A drive that stands alone ejects it by itself. */
	expect_is(virtual_dirty(dir, 2, true), 0);
	expect_is(virtual_insert(dir, VIRTUAL_DRIVE, 0, "CLN002L8"), 0);
	cr_assert(!dirty(broker, ALONE0));
	cr_assert(!loaded(broker, ALONE0));
	broker_lease_give(lease);
	broker_close(broker);
}

/* ---- plugs ---- */

Test(virtual_person, an_unplugged_changer_is_not_there, .init = setup_rich, .fini = teardown)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);
	struct broker_lease *other;
	struct broker_device *list;
	size_t count;
	int fd;

	expect_is(broker_events_open(broker, &fd), 0);
	expect_is(virtual_plug(dir, VIRTUAL_CHANGER, false), 0);
	cr_assert(heard(broker, fd, BROKER_EVENT_DEVICE_GONE, CHANGER));
	expect_is(broker_devices(broker, &list, &count), 0);
	cr_assert_eq(count, 4);
	cr_assert_eq(list[0].kind, BROKER_DRIVE);
	free(list);
	expect_is(broker_ready(lease), -ENODEV);
	expect_is(broker_move(lease, SLOT(0), BAY(0), false, 0), -ENODEV);
	expect_is(broker_lease_take(broker, CHANGER, &other), -ENODEV);
	expect_is(virtual_plug(dir, VIRTUAL_CHANGER, true), 0);
	cr_assert(heard(broker, fd, BROKER_EVENT_DEVICE_ADDED, CHANGER));
	expect_is(broker_ready(lease), -EPERM);
	broker_lease_give(lease);
	lease = take_lease(broker);
	expect_is(broker_ready(lease), 0);
	expect_is(virtual_plug(dir, 3, false), 0);
	cr_assert(heard(broker, fd, BROKER_EVENT_DEVICE_GONE, ALONE1));
	expect_is(virtual_plug(dir, 4, false), -ERANGE);
	close(fd);
	broker_lease_give(lease);
	broker_close(broker);
}

/* ---- faults ---- */

static void order(const struct virtual_fault *fault)
{
	expect_is(virtual_fault_add(dir, fault), 0);
}

Test(virtual_person, moves_fail_as_ordered, .init = setup_rich, .fini = teardown)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);

	order(&(struct virtual_fault){VIRTUAL_MOVE, UINT32_MAX, 1, 2, 0, 0, 0, 0});
	expect_is(broker_move(lease, SLOT(0), BAY(0), false, 0), 0);
	expect_is(broker_move(lease, SLOT(1), BAY(1), false, 0), -EIO);
	cr_assert(strstr(ntms_said(), "4/15/01"), "%s", ntms_said());
	expect_is(broker_move(lease, SLOT(3), BAY(1), false, 0), -ENOMEDIUM);
	expect_is(broker_move(lease, SLOT(1), BAY(1), false, 0), -EIO);
	expect_is(broker_move(lease, SLOT(1), BAY(1), false, 0), 0);
	cr_assert_neq(access(in_library("faults"), F_OK), 0, "used up");
	/* A cartridge that is stuck in its drive, until somebody sees to it. */
	order(&(struct virtual_fault){VIRTUAL_MOVE, BAY(0), 0, 0, 0, 4, 0x53, 0x01});
	for (int i = 0; i < 3; i++)
		expect_is(broker_move(lease, BAY(0), SLOT(0), false, 0), -EIO);
	cr_assert(strstr(ntms_said(), "could not be unloaded"), "%s", ntms_said());
	expect_is(broker_move(lease, BAY(1), SLOT(1), false, 0), 0);
	expect_is(virtual_fault_clear(dir), 0);
	expect_is(broker_move(lease, BAY(0), SLOT(0), false, 0), 0);
	broker_lease_give(lease);
	broker_close(broker);
}

Test(virtual_person, a_library_is_not_ready_for_a_time, .init = setup_rich, .fini = teardown)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);
	struct broker_element *list;
	size_t count;
	int fd;

	expect_is(broker_events_open(broker, &fd), 0);
	order(&(struct virtual_fault){VIRTUAL_READY, UINT32_MAX, 0, 2, 0, 0, 0, 0});
	expect_is(broker_ready(lease), -EAGAIN);
	cr_assert(strstr(ntms_said(), "becoming ready"), "%s", ntms_said());
	expect_is(broker_elements(lease, 0, 0, 1, &list, &count), -EIO);
	expect_is(broker_ready(lease), 0);
	order(&(struct virtual_fault){VIRTUAL_READY, UINT32_MAX, 0, 0, 0, 2, 4, 3});
	expect_is(broker_ready(lease), -EAGAIN);
	expect_is(virtual_fault_clear(dir), 0);
	cr_assert(heard(broker, fd, BROKER_EVENT_ATTENTION, CHANGER));
	expect_is(broker_ready(lease), 0);
	/* It has long been over when it is asked for. */
	order(&(struct virtual_fault){VIRTUAL_READY, UINT32_MAX, 0, 0, 1, 0, 0, 0});
	while (broker_ready(lease) != 0)
		;
	close(fd);
	broker_lease_give(lease);
	broker_close(broker);
}

Test(virtual_person, media_fail_as_ordered, .init = setup_rich, .fini = teardown)
{
	struct broker *broker = open_library();
	struct tape *tape;
	char block[16];
	size_t got;

	expect_is(virtual_hand_move(dir, SLOT(0), BAY(0)), 0);
	expect_is(virtual_hand_move(dir, SLOT(1), BAY(1)), 0);
	order(&(struct virtual_fault){VIRTUAL_OPEN, 0, 0, 1, 0, 0, 0, 0});
	order(&(struct virtual_fault){VIRTUAL_READ, 0, 0, 1, 0, 0, 0, 0});
	order(&(struct virtual_fault){VIRTUAL_WRITE, 0, 0, 1, 0, 7, 0x27, 0});
	order(&(struct virtual_fault){VIRTUAL_UNLOAD, 0, 0, 1, 0, 0, 0, 0});
	expect_is(tape_open(broker, DRIVE1, true, 0, &tape), 0);
	expect_is(tape_write_label(tape, "label", 5), 0);
	tape_close(tape);
	expect_is(tape_open(broker, DRIVE0, true, 0, &tape), -EIO);
	expect_is(tape_open(broker, DRIVE0, true, 0, &tape), 0);
	expect_is(tape_read(tape, block, sizeof(block), &got), -EIO);
	cr_assert_eq(got, 0);
	expect_is(tape_write_label(tape, "label", 5), -EROFS);
	expect_is(tape_unload(tape), -EREMOTEIO);
	expect_is(tape_write_label(tape, "label", 5), 0);
	expect_is(tape_unload(tape), 0);
	tape_close(tape);
	broker_close(broker);
}

Test(virtual_person, an_attention_gets_lost, .init = setup_rich, .fini = teardown)
{
	struct broker *broker = open_library();
	int fd;

	expect_is(broker_events_open(broker, &fd), 0);
	order(&(struct virtual_fault){VIRTUAL_ATTENTION, UINT32_MAX, 0, 1, 0, 0, 0, 0});
	expect_is(virtual_insert(dir, VIRTUAL_PORT, 0, "A00001L8"), 0);
	cr_assert(!heard(broker, fd, BROKER_EVENT_ATTENTION, CHANGER));
	expect_is(virtual_remove(dir, VIRTUAL_PORT, 0), 0);
	cr_assert(heard(broker, fd, BROKER_EVENT_ATTENTION, CHANGER));
	close(fd);
	broker_close(broker);
}

Test(virtual_person, a_robot_that_is_late, .init = setup_rich, .fini = teardown)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);

	order(&(struct virtual_fault){.operation = VIRTUAL_LATE, .where = UINT32_MAX, .count = 1});
	expect_is(broker_move(lease, SLOT(0), BAY(0), false, 0), -ETIMEDOUT);
	cr_assert(!element_at(lease, SLOT(0)).full);
	cr_assert(element_at(lease, BAY(0)).full);
	expect_is(broker_move(lease, BAY(0), SLOT(0), false, 0), 0);
	broker_lease_give(lease);
	broker_close(broker);
}

Test(virtual_person, a_robot_with_something_in_its_hand, .init = setup_rich, .fini = teardown)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);
	char name[NTMS_BARCODE_LENGTH];

	strcpy(name, element_at(lease, SLOT(0)).barcode);
	expect_is(virtual_hand_give(dir, BAY(0)), -ENOMEDIUM);
	order(&(struct virtual_fault){.operation = VIRTUAL_HAND, .where = UINT32_MAX, .count = 1});
	expect_is(broker_move(lease, SLOT(0), BAY(0), false, 0), -ETIMEDOUT);
	cr_assert(!element_at(lease, SLOT(0)).full);
	cr_assert(!element_at(lease, BAY(0)).full);
	cr_assert_str_eq(element_at(lease, VIRTUAL_TRANSPORT).barcode, name);
	cr_assert_eq(element_at(lease, VIRTUAL_TRANSPORT).source, SLOT(0));
	expect_is(broker_move(lease, SLOT(1), BAY(1), false, 0), -EIO);
	expect_is(virtual_hand_give(dir, SLOT(1)), -ENOTEMPTY);
	expect_is(virtual_hand_give(dir, 0), -ERANGE);
	expect_is(virtual_hand_give(dir, BAY(0)), 0);
	cr_assert_str_eq(element_at(lease, BAY(0)).barcode, name);
	cr_assert_eq(element_at(lease, BAY(0)).source, SLOT(0));
	cr_assert(!element_at(lease, VIRTUAL_TRANSPORT).full);
	broker_lease_give(lease);
	broker_close(broker);
}

Test(virtual_person, impossible_faults_are_refused, .init = setup_rich, .fini = teardown)
{
	static const struct virtual_fault bad[] = {
		{.operation = 0},
		{.operation = VIRTUAL_OPERATIONS},
		{.operation = VIRTUAL_MOVE, .key = 16},
	};
	static const struct virtual_fault good = {.operation = VIRTUAL_MOVE, .where = 3};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_assert_eq(virtual_fault_add(dir, &bad[i]), -EINVAL, "fault %zu", i);
	for (int i = 0; i < 256; i++)
		order(&good);
	expect_is(virtual_fault_add(dir, &good), -EINVAL);
}

/* ---- tables ---- */

Test(virtual_person, a_library_of_the_first_kind_is_read, .init = setup, .fini = teardown)
{
	struct broker_element element;
	struct broker_lease *lease;
	struct broker *broker;
	char text[512];

	strcpy(text, "RSM virtual library 1\nserial VLIB0123ABCD\ndrives 2\nslots 5\nports 1\n");
	write_file("library", text, strlen(text));
	strcpy(text, "RSM virtual library state 1\n256 V00001L8 1025\n1024 V00002L8 0\n");
	put_check(text);
	write_file("state", text, strlen(text));
	broker = open_library();
	lease = take_lease(broker);
	element = element_at(lease, BAY(0));
	cr_assert_str_eq(element.barcode, "V00001L8");
	cr_assert_eq(element.source, SLOT(1));
	expect_is(broker_move(lease, BAY(0), SLOT(3), false, 0), 0);
	cr_assert_str_eq(element_at(lease, SLOT(3)).barcode, "V00001L8");
	cr_assert_str_eq(element_at(lease, SLOT(0)).barcode, "V00002L8");
	expect_is(virtual_door(dir, true), 0);
	broker_lease_give(lease);
	broker_close(broker);
}

Test(virtual_person, lies_with_a_right_check_are_found, .init = setup_rich, .fini = teardown)
{
	static const char *const libraries[] = {
		"drives 0\nslots 6\nports 2\nstandalone 2\nmagazine 3\ndoor 1\nreader 1\nmedia "
		"lto8\n",
		"drives 2\nslots 6\nports 2\nstandalone 255\nmagazine 3\ndoor 1\nreader 1\nmedia "
		"lto8\n",
		"drives 2\nslots 6\nports 2\nstandalone 4294967295\nmagazine 3\ndoor 1\nreader "
		"1\nmedia "
		"lto8\n",
		"drives 2\nslots 6\nports 2\nstandalone 2\nmagazine 4\ndoor 1\nreader 1\nmedia "
		"lto8\n",
		"drives 2\nslots 6\nports 2\nstandalone 2\nmagazine 3\ndoor 2\nreader 1\nmedia "
		"lto8\n",
		"drives 2\nslots 6\nports 2\nstandalone 2\nmagazine 3\ndoor 1\nreader 1\nmedia "
		"paper\n",
		"drives 2\nslots 6\nports 2\nstandalone 2\nmagazine 3\ndoor 1\nreader 1\nmedia "
		"lto8\nx\n",
		"drives 2\nslots 6\nports 2\n",
	};
	static const char *const states[] = {
		"1024 A 0\n",
		"1024 A 0 i\n",
		"1024 A 0 o\n",
		"1024 A 0 e\n",
		"256 A 0 e\n",
		"1024 A 0 - -\n",
		"1024 A 0 z\n",
		"magazine out 0\n",
		"magazine out 3\n",
		"magazine out 1 2\n",
		"magazine\n",
		"door\n",
		"door open\nlocked\n",
		"260 A 0 -\n",
		"1024 A@B 0 -\n",
		"258 A 0 -\n1024 A 0 -\n",
		"16 A 0 oooooooooooo\n",
	};
	struct broker *broker = open_library();
	struct broker_lease *lease;
	struct broker *other;
	char good[1024], text[1024];
	size_t size;

	size = read_file("state", good, sizeof(good));
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		snprintf(text, sizeof(text), "RSM virtual library state 2\n%s", states[i]);
		put_check(text);
		write_file("state", text, strlen(text));
		cr_assert_eq(broker_lease_take(broker, CHANGER, &lease), -EIO, "%s", states[i]);
		cr_assert_eq(virtual_door(dir, true), -EIO, "%s", states[i]);
	}
	strcpy(text, "RSM virtual library state 2\nlocked\nmagazine out 2\n16 A 0 o\n258 B 0 e\n");
	put_check(text);
	write_file("state", text, strlen(text));
	broker_lease_give(take_lease(broker));
	expect_is(virtual_door(dir, true), -EBUSY);
	write_file("state", good, size);
	broker_close(broker);
	size = read_file("library", good, sizeof(good));
	for (size_t i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++) {
		snprintf(text, sizeof(text), "RSM virtual library 2\nserial VLIB0123ABCD\n%s",
			 libraries[i]);
		write_file("library", text, strlen(text));
		cr_assert_eq(broker_open(spec, &other), -EIO, "%s", libraries[i]);
	}
	write_file("library", good, size);
}

Test(virtual_person, damaged_faults_are_said_and_do_no_harm, .init = setup_rich, .fini = teardown)
{
	static const char *const lies[] = {
		"RSM virtual faults 2\n",
		"RSM virtual faults 1\n0 1 0 1 0 4 15 1\n",
		"RSM virtual faults 1\n13 1 0 1 0 4 15 1\n",
		"RSM virtual faults 1\n1 1 0 1 0 10 15 1\n",
		"RSM virtual faults 1\n1 1 0 1 0 4 15\n",
		"RSM virtual faults 1\n1 1 0 1 0 4 15 1 1\n",
	};
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);
	char text[256];

	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		strcpy(text, lies[i]);
		put_check(text);
		write_file("faults", text, strlen(text));
		cr_assert_eq(broker_move(lease, SLOT(0), BAY(0), false, 0), -EIO, "%s", lies[i]);
		cr_assert(strstr(ntms_said(), "faults"), "%s", ntms_said());
	}
	write_file("faults", "", 0);
	expect_is(broker_move(lease, SLOT(0), BAY(0), false, 0), -EIO);
	cr_assert_eq(unlink(in_library("faults")), 0);
	expect_is(broker_move(lease, SLOT(0), BAY(0), false, 0), 0);
	broker_lease_give(lease);
	broker_close(broker);
}

Test(virtual_person, impossible_shapes_are_refused, .init = make_parent, .fini = teardown)
{
	static const struct virtual_shape bad[] = {
		{.drives = 1, .slots = 5, .tapes = 3, .cleaners = 3},
		{.drives = 1, .slots = 5, .tapes = 3, .cleaners = UINT32_MAX},
		{.drives = 1, .slots = 5, .magazine = 2},
		{.drives = 1, .slots = 5, .magazine = 10},
		{.drives = 1, .slots = 5, .sides = 3},
		{.drives = 1, .slots = 5, .sides = 2, .media = VIRTUAL_DLT},
		{.drives = 1, .slots = 5, .media = VIRTUAL_MEDIA_KINDS},
		{.drives = 1, .slots = 5, .standalone = VIRTUAL_MAX_DRIVES},
		{.drives = 1, .slots = 5, .standalone = UINT32_MAX},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_assert_eq(virtual_create(dir, &bad[i]), -EINVAL, "shape %zu", i);
		cr_assert_neq(ntms_said()[0], '\0');
	}
}

Test(virtual_person, without_a_reader_there_are_no_bar_codes, .init = make_parent, .fini = teardown)
{
	static const struct virtual_shape shape = {
		.drives = 1, .slots = 2, .tapes = 1, .no_reader = true, .media = VIRTUAL_DLT};
	struct broker_element element;
	struct broker_lease *lease;
	struct broker *broker;

	expect_is(virtual_create(dir, &shape), 0);
	cr_assert_eq(access(in_library("tapes/V00001D"), F_OK), 0);
	broker = open_library();
	expect_is(broker_lease_take(broker, CHANGER, &lease), 0);
	element = element_at(lease, SLOT(0));
	cr_assert(element.full);
	cr_assert_str_empty(element.barcode);
	broker_lease_give(lease);
	broker_close(broker);
}

/* ---- the exported calls ---- */

Test(virtual_person, exported_calls_give_documented_codes, .init = make_parent, .fini = teardown)
{
	RSM_VIRTUAL_SHAPE shape = {
		.dwSize = sizeof(shape),
		.dwDrives = 1,
		.dwSlots = 4,
		.dwPorts = 1,
		.dwTapes = 1,
		.dwStandAloneDrives = 1,
		.dwMagazineSlots = 2,
		.bDoor = TRUE,
		.bBarCodeReader = TRUE,
	};
	RSM_VIRTUAL_FAULT fault = {.dwSize = sizeof(fault),
				   .dwOperation = RSM_FAULT_MOVE,
				   .dwWhere = RSM_FAULT_ANYWHERE};

	cr_assert_eq(RsmCreateVirtualLibraryEx(dir, NULL), ERROR_INVALID_PARAMETER);
	cr_assert_eq(RsmCreateVirtualLibraryEx(NULL, &shape), ERROR_INVALID_PARAMETER);
	shape.dwMedia = 4;
	cr_assert_eq(RsmCreateVirtualLibraryEx(dir, &shape), ERROR_INVALID_PARAMETER);
	shape.dwMedia = RSM_VIRTUAL_LTO8;
	shape.dwSize--;
	cr_assert_eq(RsmCreateVirtualLibraryEx(dir, &shape), ERROR_INVALID_PARAMETER);
	shape.dwSize++;
	cr_assert_eq(RsmVirtualDoor(dir, TRUE), ERROR_OBJECT_NOT_FOUND);
	cr_assert_eq(RsmCreateVirtualLibraryEx(dir, &shape), ERROR_SUCCESS);
	cr_assert_eq(RsmCreateVirtualLibraryEx(dir, &shape), ERROR_ALREADY_EXISTS);
	cr_assert_eq(RsmVirtualInsert(dir, RSM_VIRTUAL_PORT, 0, "A"), ERROR_OBJECT_NOT_FOUND);
	cr_assert_eq(RsmVirtualInsert(dir, RSM_VIRTUAL_PORT, 1, NULL), ERROR_INVALID_PARAMETER);
	cr_assert_eq(RsmVirtualInsert(NULL, RSM_VIRTUAL_PORT, 1, "A"), ERROR_INVALID_PARAMETER);
	cr_assert_eq(RsmVirtualInsert(dir, 0, 1, "A"), ERROR_INVALID_PARAMETER);
	cr_assert_eq(RsmVirtualInsert(dir, RSM_VIRTUAL_PORT, 1, "a/b"), ERROR_INVALID_NAME);
	cr_assert_eq(RsmVirtualInsert(dir, RSM_VIRTUAL_PORT, 1, "A"), ERROR_SUCCESS);
	cr_assert_eq(RsmVirtualInsert(dir, RSM_VIRTUAL_PORT, 1, "B"), ERROR_NOT_EMPTY);
	cr_assert_eq(RsmVirtualInsert(dir, RSM_VIRTUAL_DRIVE, 0, "A"), ERROR_ALREADY_EXISTS);
	cr_assert_eq(RsmVirtualRemove(dir, RSM_VIRTUAL_PORT, 1), ERROR_SUCCESS);
	cr_assert_eq(RsmVirtualRemove(dir, RSM_VIRTUAL_PORT, 1), ERROR_EMPTY);
	cr_assert_eq(RsmVirtualRemove(dir, RSM_VIRTUAL_SLOT, 1), ERROR_NOT_READY);
	cr_assert_eq(RsmVirtualDoor(dir, TRUE), ERROR_SUCCESS);
	cr_assert_eq(RsmVirtualRemove(dir, RSM_VIRTUAL_SLOT, 1), ERROR_SUCCESS);
	cr_assert_eq(RsmVirtualMagazine(dir, 0, TRUE), ERROR_OBJECT_NOT_FOUND);
	cr_assert_eq(RsmVirtualMagazine(dir, 2, TRUE), ERROR_SUCCESS);
	cr_assert_eq(RsmVirtualMagazine(dir, 3, TRUE), ERROR_OBJECT_NOT_FOUND);
	cr_assert_eq(RsmVirtualPlug(dir, RSM_VIRTUAL_CHANGER, FALSE), ERROR_SUCCESS);
	cr_assert_eq(RsmVirtualPlug(dir, 2, FALSE), ERROR_OBJECT_NOT_FOUND);
	cr_assert_eq(RsmVirtualDirty(dir, 1, TRUE), ERROR_SUCCESS);
	cr_assert_eq(RsmVirtualDirty(dir, 2, TRUE), ERROR_OBJECT_NOT_FOUND);
	cr_assert_eq(RsmVirtualFault(dir, &fault), ERROR_SUCCESS);
	fault.dwOperation = RSM_FAULT_LATE + 1;
	cr_assert_eq(RsmVirtualFault(dir, &fault), ERROR_INVALID_PARAMETER);
	fault.dwSize = 0;
	cr_assert_eq(RsmVirtualFault(dir, &fault), ERROR_INVALID_PARAMETER);
	cr_assert_eq(RsmVirtualFault(dir, NULL), ERROR_SUCCESS);
	cr_assert_neq(access(in_library("faults"), F_OK), 0);
}

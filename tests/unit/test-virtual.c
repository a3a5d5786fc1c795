/* SPDX-License-Identifier: GPL-2.0-only */
/* The virtual library: how it is made, what it shows, what the robot does. */
#include "test-virtual.h"

TestSuite(virtual, .timeout = 120);

static void teardown_made(void)
{
	teardown();
}

/* ---- making and opening ---- */

Test(virtual, impossible_shapes_are_refused, .init = make_parent, .fini = teardown_made)
{
	static const struct virtual_shape bad[] = {
		{.drives = 0, .slots = 5, .tapes = 1},
		{.drives = VIRTUAL_MAX_DRIVES + 1, .slots = 5},
		{.drives = 1, .slots = 0},
		{.drives = 1, .slots = VIRTUAL_MAX_SLOTS + 1},
		{.drives = 1, .slots = 5, .ports = VIRTUAL_MAX_PORTS + 1},
		{.drives = 1, .slots = 5, .tapes = 6},
	};
	struct broker *broker;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_assert_eq(virtual_create(dir, &bad[i]), -EINVAL, "shape %zu", i);
		cr_assert_neq(ntms_said()[0], '\0');
	}
	expect_is(broker_open(spec, &broker), -ENOENT);
	cr_assert_null(broker);
}

Test(virtual, only_an_empty_directory_becomes_a_library, .init = setup, .fini = teardown)
{
	static const struct virtual_shape shape = {.drives = 1, .slots = 1};
	char before[512], after[512];
	char path[128];

	read_file("library", before, sizeof(before));
	expect_is(virtual_create(dir, &shape), -EEXIST);
	read_file("library", after, sizeof(after));
	cr_assert_str_eq(before, after);
	snprintf(path, sizeof(path), "%s/library", dir);
	expect_is(virtual_create(path, &shape), -ENOTDIR);
	snprintf(path, sizeof(path), "%s/home", dir);
	cr_assert_eq(mkdir(path, 0700), 0);
	write_file("home/letter", "precious", 8);
	expect_is(virtual_create(path, &shape), -EEXIST);
	cr_assert_eq(unlink(in_library("home/letter")), 0);
	cr_assert_eq(rmdir(path), 0, "nothing was put beside it");
	snprintf(path, sizeof(path), "%s/library/none", dir);
	expect_is(virtual_create(path, &shape), -ENOTDIR);
	snprintf(path, sizeof(path), "%s/none/none", dir);
	cr_assert_eq(virtual_create(path, &shape), 0, "the directories above are made");
}

Test(virtual, a_path_too_long_for_device_names_is_refused, .init = setup, .fini = teardown)
{
	static const struct virtual_shape shape = {.drives = 1, .slots = 1};
	char path[128];
	struct stat status;

	snprintf(path, sizeof(path), "%s/%060d", dir, 1);
	expect_is(virtual_create(path, &shape), -ENAMETOOLONG);
	cr_assert_neq(stat(path, &status), 0, "and nothing is left of it");
}

Test(virtual, unknown_specs_are_refused, .init = setup, .fini = teardown)
{
	static const char *const bad[] = {"",	     "virtual",	 "virtual:", "virtualdir",
					  "kernel:", "kernel:x", "other",    "Virtual:/tmp"};
	struct broker *broker;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_assert_eq(broker_open(bad[i], &broker), -EINVAL, "'%s'", bad[i]);
		cr_assert_null(broker);
	}
	expect_is(broker_open("virtual:/nonexistent/x", &broker), -ENOENT);
	expect_is(broker_open("virtual:/tmp", &broker), -ENOENT);
	cr_assert(strstr(ntms_said(), "rsm vlib create"), "says what to do: %s", ntms_said());
}

Test(virtual, closing_nothing_is_allowed)
{
	broker_close(NULL);
	broker_lease_give(NULL);
	broker_release(NULL);
	tape_close(NULL);
}

Test(virtual, shows_its_changer_and_drives, .init = setup, .fini = teardown)
{
	struct broker *broker = open_library();
	struct broker_device *list;
	char serial[80];
	char node[80];
	size_t count;

	cr_assert_str_eq(broker_name(broker), spec);
	expect_is(broker_devices(broker, &list, &count), 0);
	cr_assert_eq(count, 3);
	cr_assert_eq(list[0].kind, BROKER_CHANGER);
	cr_assert_eq(list[0].id, CHANGER);
	cr_assert_str_empty(list[0].node);
	cr_assert_eq(strlen(list[0].serial), 12);
	cr_assert_eq(list[0].count[ELEMENT_TRANSPORT], 1);
	cr_assert_eq(list[0].first[ELEMENT_SLOT], SLOT(0));
	cr_assert_eq(list[0].count[ELEMENT_SLOT], 5);
	cr_assert_eq(list[0].first[ELEMENT_PORT], PORT(0));
	cr_assert_eq(list[0].count[ELEMENT_PORT], 1);
	cr_assert_eq(list[0].first[ELEMENT_DRIVE], BAY(0));
	cr_assert_eq(list[0].count[ELEMENT_DRIVE], 2);
	for (int i = 0; i < 2; i++) {
		const struct broker_device *drive = &list[1 + i];

		snprintf(serial, sizeof(serial), "%sD%d", list[0].serial, i);
		snprintf(node, sizeof(node), "%s/drives/%d/nst", dir, i);
		cr_assert_eq(drive->kind, BROKER_DRIVE);
		cr_assert_eq(drive->id, (uint32_t)(DRIVE0 + i));
		cr_assert_str_eq(drive->serial, serial);
		cr_assert_str_eq(drive->node, node);
	}
	free(list);
	broker_close(broker);
}

/* ---- elements ---- */

Test(virtual, lists_elements_as_the_robot_sees_them, .init = setup, .fini = teardown)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);
	struct broker_element *list;
	struct broker_device *devices;
	char serial[80];
	size_t count;

	expect_is(broker_devices(broker, &devices, &count), 0);
	expect_is(broker_elements(lease, 0, 0, 0, &list, &count), 0);
	cr_assert_eq(count, 1 + 1 + 2 + 5);
	for (size_t i = 1; i < count; i++)
		cr_assert_gt(list[i].address, list[i - 1].address);
	cr_assert_eq(list[1].type, ELEMENT_PORT);
	cr_assert_eq(list[2].type, ELEMENT_DRIVE);
	snprintf(serial, sizeof(serial), "%sD0", devices[0].serial);
	cr_assert_str_eq(list[2].serial, serial);
	cr_assert_eq(list[4].address, SLOT(0));
	cr_assert(list[4].full && list[4].accessible && !list[4].exception);
	cr_assert_str_eq(list[4].barcode, "V00001L8");
	cr_assert_str_eq(list[6].barcode, "V00003L8");
	cr_assert(!list[7].full);
	cr_assert_str_empty(list[7].barcode);
	free(list);
	free(devices);

	expect_is(broker_elements(lease, ELEMENT_SLOT, SLOT(1), 2, &list, &count), 0);
	cr_assert_eq(count, 2);
	cr_assert_eq(list[0].address, SLOT(1));
	cr_assert_eq(list[1].address, SLOT(2));
	free(list);
	expect_is(broker_elements(lease, ELEMENT_DRIVE, 0, 0, &list, &count), 0);
	cr_assert_eq(count, 2);
	free(list);
	expect_is(broker_elements(lease, ELEMENT_SLOT, SLOT(5), 1, &list, &count), -ERANGE);
	expect_is(broker_elements(lease, ELEMENT_SLOT, SLOT(3), 3, &list, &count), -ERANGE);
	expect_is(broker_elements(lease, ELEMENT_PORT, 0, UINT16_MAX, &list, &count), -ERANGE);
	cr_assert_null(list);
	expect_is(broker_elements(lease, 5, 0, 1, &list, &count), -ERANGE);
	expect_is(broker_elements(lease, ELEMENT_DRIVE, BAY(2), 1, &list, &count), -ERANGE);
	expect_is(broker_scan(lease), 0);
	broker_lease_give(lease);
	broker_close(broker);
}

/* ---- moves ---- */

Test(virtual, a_move_moves, .init = setup, .fini = teardown)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);
	struct broker_element element;

	expect_is(broker_move(lease, SLOT(1), BAY(0), false, 0), 0);
	element = element_at(lease, BAY(0));
	cr_assert(element.full && element.source_valid);
	cr_assert_eq(element.source, SLOT(1));
	cr_assert_str_eq(element.barcode, "V00002L8");
	cr_assert(!element_at(lease, SLOT(1)).full);
	expect_is(broker_move(lease, BAY(0), BAY(1), false, 0), 0);
	cr_assert(!element_at(lease, BAY(0)).full);
	element = element_at(lease, BAY(1));
	cr_assert_eq(element.source, SLOT(1), "still the slot and not the drive");
	expect_is(broker_move(lease, BAY(1), PORT(0), false, 0), 0);
	expect_is(broker_move(lease, PORT(0), SLOT(4), false, 0), 0);
	cr_assert_str_eq(element_at(lease, SLOT(4)).barcode, "V00002L8");
	broker_lease_give(lease);
	broker_close(broker);
}

Test(virtual, impossible_moves_change_nothing, .init = setup, .fini = teardown)
{
	static const struct {
		uint16_t from, to;
		int error;
	} cases[] = {
		{SLOT(3), BAY(0), -ENOMEDIUM},	{BAY(0), SLOT(0), -ENOMEDIUM},
		{SLOT(0), SLOT(1), -ENOTEMPTY}, {SLOT(0), SLOT(0), -ENOTEMPTY},
		{SLOT(5), BAY(0), -ERANGE},	{SLOT(0), SLOT(5), -ERANGE},
		{SLOT(0), BAY(2), -ERANGE},	{SLOT(0), PORT(1), -ERANGE},
		{SLOT(0), 0, -ERANGE},		{0, SLOT(3), -ERANGE},
		{SLOT(0), UINT16_MAX, -ERANGE}, {1, SLOT(3), -ERANGE},
	};
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);
	char before[1024], after[1024];

	read_file("state", before, sizeof(before));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int error = broker_move(lease, cases[i].from, cases[i].to, false, 0);

		cr_assert_eq(error, cases[i].error, "%u to %u is %d", cases[i].from, cases[i].to,
			     error);
	}
	expect_is(broker_move(lease, SLOT(0), BAY(0), true, 0), -EIO);
	read_file("state", after, sizeof(after));
	cr_assert_str_eq(before, after);
	broker_lease_give(lease);
	broker_close(broker);
}

Test(virtual, the_node_leads_to_the_tape_inside, .init = setup, .fini = teardown)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);
	char text[16];
	int fd;

	write_file("tapes/V00001L8", "first", 5);
	fd = open(in_library("drives/0/nst"), O_RDWR | O_CREAT, 0600);
	cr_assert_eq(fd, -1, "an empty drive cannot be opened, and nothing is made there");
	cr_assert_eq(errno, ENOENT);
	expect_is(broker_move(lease, SLOT(0), BAY(0), false, 0), 0);
	read_file("drives/0/nst", text, sizeof(text));
	cr_assert_str_eq(text, "first");
	expect_is(broker_move(lease, BAY(0), SLOT(0), false, 0), 0);
	cr_assert_eq(open(in_library("drives/0/nst"), O_RDWR | O_CREAT, 0600), -1);
	/* What a kill between truth and link leaves, the next executor mends. */
	expect_is(broker_move(lease, SLOT(0), BAY(0), false, 0), 0);
	broker_lease_give(lease);
	cr_assert_eq(unlink(in_library("drives/0/nst")), 0);
	lease = take_lease(broker);
	read_file("drives/0/nst", text, sizeof(text));
	cr_assert_str_eq(text, "first");
	broker_lease_give(lease);
	broker_close(broker);
}

/* ---- faults ---- */

Test(virtual, a_jammed_robot_moves_nothing, .init = setup, .fini = teardown)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);

	write_file("jammed", "", 0);
	expect_is(broker_move(lease, SLOT(0), BAY(0), false, 0), -EIO);
	expect_is(broker_scan(lease), -EIO);
	cr_assert(element_at(lease, SLOT(0)).full);
	cr_assert_eq(unlink(in_library("jammed")), 0);
	expect_is(broker_move(lease, SLOT(0), BAY(0), false, 0), 0);
	broker_lease_give(lease);
	broker_close(broker);
}

Test(virtual, a_slow_robot_arrives_in_the_end, .init = setup, .fini = teardown)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);

	write_file("move-ms", "20\n", 3);
	expect_is(broker_move(lease, SLOT(0), BAY(0), false, 10000), 0);
	write_file("move-ms", "3600000", 7);
	expect_is(broker_move(lease, BAY(0), SLOT(0), false, 20), -ETIMEDOUT);
	cr_assert(element_at(lease, SLOT(0)).full, "late, but there");
	expect_is(broker_move(lease, SLOT(3), BAY(0), false, 0), -ENOMEDIUM);
	write_file("move-ms", "soon", 4);
	expect_is(broker_move(lease, SLOT(0), BAY(0), false, 0), -EIO);
	cr_assert(element_at(lease, SLOT(0)).full);
	broker_lease_give(lease);
	broker_close(broker);
}

Test(virtual, an_unplugged_drive_is_not_there, .init = setup, .fini = teardown)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);
	static const NTMS_GUID none;
	struct broker_element element;
	struct broker_device *list;
	struct broker_hold *hold;
	struct tape *tape;
	size_t count;

	expect_is(broker_move(lease, SLOT(0), BAY(0), false, 0), 0);
	write_file("drives/0/absent", "", 0);
	expect_is(broker_devices(broker, &list, &count), 0);
	cr_assert_eq(count, 2);
	cr_assert_eq(list[1].id, DRIVE1);
	free(list);
	element = element_at(lease, BAY(0));
	cr_assert(element.exception && !element.accessible);
	cr_assert_str_empty(element.serial);
	expect_is(broker_reserve(lease, DRIVE0, &none, 0, 0, &hold), -ENODEV);
	expect_is(broker_assign(lease, DRIVE0), -ENODEV);
	expect_is(broker_move(lease, BAY(0), SLOT(0), false, 0), -EIO);
	expect_is(tape_open(broker, DRIVE0, false, 0, &tape), -ENODEV);
	expect_is(broker_drive_open(broker, DRIVE0, NULL), -ENODEV);
	cr_assert_eq(unlink(in_library("drives/0/absent")), 0);
	expect_is(broker_move(lease, BAY(0), SLOT(0), false, 0), 0);
	broker_lease_give(lease);
	broker_close(broker);
}

Test(virtual, hands_reach_everywhere, .init = setup, .fini = teardown)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);
	struct broker_element element;

	expect_is(virtual_hand_move(dir, SLOT(0), SLOT(4)), 0);
	element = element_at(lease, SLOT(4));
	cr_assert_str_eq(element.barcode, "V00001L8");
	cr_assert(!element.source_valid, "the robot knows nothing of it");
	expect_is(virtual_hand_move(dir, SLOT(0), SLOT(3)), -ENOMEDIUM);
	expect_is(virtual_hand_move(dir, SLOT(1), SLOT(2)), -ENOTEMPTY);
	expect_is(virtual_hand_move(dir, SLOT(1), 0), -ERANGE);
	expect_is(virtual_hand_move(dir, 0, SLOT(3)), -ERANGE);
	expect_is(virtual_hand_take(dir, SLOT(1)), 0);
	expect_is(virtual_hand_take(dir, SLOT(1)), -ENOMEDIUM);
	expect_is(virtual_hand_put(dir, "V00002L8", PORT(0)), 0);
	expect_is(virtual_hand_put(dir, "V00002L8", SLOT(0)), -EEXIST);
	expect_is(virtual_hand_put(dir, "NEW001", PORT(0)), -ENOTEMPTY);
	expect_is(virtual_hand_put(dir, "../state", SLOT(0)), -EINVAL);
	expect_is(virtual_hand_put(dir, "", SLOT(0)), -EINVAL);
	expect_is(virtual_hand_put(dir, ".hidden", SLOT(0)), -EINVAL);
	expect_is(virtual_hand_put(dir, "_mute", SLOT(0)), 0);
	element = element_at(lease, SLOT(0));
	cr_assert(element.full);
	cr_assert_str_empty(element.barcode, "a cartridge without a bar code");
	cr_assert_str_eq(element_at(lease, PORT(0)).barcode, "V00002L8");
	expect_is(virtual_hand_move("/nonexistent", SLOT(0), SLOT(1)), -ENOENT);
	broker_lease_give(lease);
	broker_close(broker);
}

/* ---- damaged files ---- */

Test(virtual, lies_with_a_right_check_are_found, .init = setup, .fini = teardown)
{
	static const char *const states[] = {
		"1024 ../state 0\n",
		"1024 A 0\n1025 A 0\n",
		"1024 A 0\n1024 B 0\n",
		"0 A 0\n0 B 0\n",
		"2000 A 0\n",
		"1024 A 256\n",
		"1024 A\n",
		"1024 A 0 0\n",
		"x\n",
		"1024 A 70000\n",
		"-1 A 0\n",
	};
	static const char *const tables[] = {
		"next 0\n",
		"next\n",
		"next 10\nassigned 9\n",
		"next 10\nassigned 1\n",
		"next 10\nhold 20 1 2 0 1 0 0 00000000-0000-0000-0000-000000000000 x\n",
		"next 10\nhold 5 11 2 0 1 0 0 00000000-0000-0000-0000-000000000000 x\n",
		"next 10\nhold 5 1 9 0 1 0 0 00000000-0000-0000-0000-000000000000 x\n",
		"next 10\nhold 5 1 2 2 1 0 0 00000000-0000-0000-0000-000000000000 x\n",
		"next 10\nhold 5 1 2 0 1 0 0 zero x\n",
		"next 10\nheld 5 1 2 0 1 0 0 00000000-0000-0000-0000-000000000000 x\n",
		"next 10\nlease 5 1 2 0 1 0 0 00000000-0000-0000-0000-000000000000 x\n",
		"next 10\norphan 5 1 2 1 1 0 0 00000000-0000-0000-0000-000000000000 x\n"
		"orphan 6 1 2 1 1 0 0 00000000-0000-0000-0000-000000000000 x\n",
		"next 10\norphan 5 1 2 1 1 0 0 00000000-0000-0000-0000-000000000000 "
		"sixteen-and-more\n",
	};
	struct broker *broker = open_library();
	struct broker_lease *lease;
	struct broker *other;
	char good[1024];
	char text[1024];
	size_t size;

	size = read_file("state", good, sizeof(good));
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		snprintf(text, sizeof(text), "RSM virtual library state 1\n%s", states[i]);
		put_check(text);
		write_file("state", text, strlen(text));
		cr_assert_eq(broker_lease_take(broker, CHANGER, &lease), -EIO, "%s", states[i]);
	}
	write_file("state", good, size);
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		snprintf(text, sizeof(text), "RSM reservations 1\n%s", tables[i]);
		put_check(text);
		write_file("reservations", text, strlen(text));
		cr_assert_eq(broker_open(spec, &other), -EIO, "%s", tables[i]);
	}
	/* And the test's own idea of a right check is right. */
	strcpy(text, "RSM reservations 1\nnext 10\norphan 5 6 2 1 77 0 0 "
		     "00000000-0000-0000-0000-000000000001 died\n");
	put_check(text);
	write_file("reservations", text, strlen(text));
	expect_is(broker_open(spec, &other), 0);
	broker_close(other);
	broker_close(broker);
}

static void mutate(char *text, size_t *size, unsigned int *seed)
{
	size_t at = (size_t)rand_r(seed) % *size;

	switch (rand_r(seed) % 3) {
	case 0:
		text[at] = (char)(text[at] ^ (1 + rand_r(seed) % 255));
		break;
	case 1:
		*size = at;
		break;
	default:
		memmove(text + at + 1, text + at, *size - at);
		text[at] = (char)rand_r(seed);
		(*size)++;
		break;
	}
}

Test(virtual, damage_is_an_error_and_no_crash, .init = setup, .fini = teardown)
{
	static const char *const names[] = {"library", "state", "reservations"};
	unsigned int seed = 20;

	/* So that there is something in the last one. */
	struct broker *broker = open_library();
	broker_lease_give(take_lease(broker));
	broker_close(broker);
	for (int i = 0; i < 900; i++) {
		const char *name = names[i % 3];
		struct broker_lease *lease;
		char good[1024], bad[1025];
		size_t size, bad_size;
		int error;

		size = read_file(name, good, sizeof(good));
		memcpy(bad, good, size);
		bad_size = size;
		mutate(bad, &bad_size, &seed);
		write_file(name, bad, bad_size);
		error = broker_open(spec, &broker);
		if (!error) {
			error = broker_lease_take(broker, CHANGER, &lease);
			broker_lease_give(lease);
			broker_close(broker);
		}
		/* Empty means that nobody holds anything, and another serial is a serial. */
		if (i % 3 == 0 && error == 0)
			cr_assert(strncmp(bad, "RSM virtual library 2\nserial VLIB", 33) == 0);
		else if (i % 3 == 2 && bad_size == 0)
			cr_assert_eq(error, 0);
		else
			cr_assert_eq(error, -EIO, "damage %d of %s: %d", i, name, error);
		write_file(name, good, size);
	}
}

/* ---- tapes ---- */

Test(virtual, tapes_are_written_and_read, .init = setup, .fini = teardown)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);
	uint32_t medium, density;
	struct tape *tape;
	char block[64];
	size_t got;

	expect_is(tape_open(broker, DRIVE0, true, 0, &tape), -ENOMEDIUM);
	expect_is(broker_move(lease, SLOT(0), BAY(0), false, 0), 0);
	write_file("tapes/V00001L8", "what was there before, and long", 31);
	expect_is(tape_open(broker, DRIVE0, true, 0, &tape), 0);
	expect_is(tape_write_label(tape, "label", 5), 0);
	expect_is(tape_read(tape, block, sizeof(block), &got), 0);
	cr_assert_eq(got, 0, "behind the label nothing is left");
	expect_is(tape_rewind(tape), 0);
	expect_is(tape_read(tape, block, sizeof(block), &got), 0);
	cr_assert_eq(got, 5);
	cr_assert_arr_eq(block, "label", 5);
	expect_is(tape_codes(tape, &medium, &density), 0);
	cr_assert_eq(density, 0x5e);
	expect_is(tape_reset_settings(tape), 0);
	expect_is(tape_unload(tape), 0);
	expect_is(tape_rewind(tape), -ENOMEDIUM);
	expect_is(tape_read(tape, block, sizeof(block), &got), -ENOMEDIUM);
	expect_is(tape_write_label(tape, "x", 1), -ENOMEDIUM);
	tape_close(tape);
	expect_is(tape_open(broker, DRIVE0, false, 0, &tape), 0);
	expect_is(tape_write_label(tape, "x", 1), -EROFS);
	tape_close(tape);
	expect_is(tape_open(broker, 99, false, 0, &tape), -ENODEV);
	broker_lease_give(lease);
	broker_close(broker);
}

Test(virtual, write_protection_stops_root_too, .init = setup, .fini = teardown)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);
	struct tape *tape;

	expect_is(broker_move(lease, SLOT(0), BAY(0), false, 0), 0);
	cr_assert_eq(chmod(in_library("tapes/V00001L8"), 0444), 0);
	expect_is(tape_open(broker, DRIVE0, true, 0, &tape), -EROFS);
	expect_is(tape_open(broker, DRIVE0, false, 0, &tape), 0);
	tape_close(tape);
	cr_assert_eq(unlink(in_library("tapes/V00001L8")), 0);
	cr_assert_eq(mkfifo(in_library("tapes/V00001L8"), 0600), 0);
	expect_is(tape_open(broker, DRIVE0, false, 0, &tape), -EIO);
	broker_lease_give(lease);
	broker_close(broker);
}

static int open_the_node(const struct child *parent)
{
	int fd = open(in_library("drives/0/nst"), O_RDONLY);

	say_byte(parent, fd >= 0 ? 'o' : 'x');
	hear_byte(parent);
	return 0;
}

Test(virtual, knows_who_has_a_drive_open, .init = setup, .fini = teardown)
{
	struct broker *broker = open_library();
	struct broker_lease *lease = take_lease(broker);
	struct child child;
	struct tape *tape;
	int pid = -1;
	int fd;

	expect_is(broker_drive_open(broker, DRIVE0, &pid), 0);
	expect_is(broker_move(lease, SLOT(0), BAY(0), false, 0), 0);
	expect_is(tape_open(broker, DRIVE0, true, 0, &tape), 0);
	expect_is(broker_drive_open(broker, DRIVE0, &pid), 0);
	tape_close(tape);
	child = start_child(open_the_node);
	cr_assert_eq(child_byte(&child), 'o');
	expect_is(broker_drive_open(broker, DRIVE0, &pid), 1);
	cr_assert_eq(pid, child.pid);
	expect_is(broker_drive_open(broker, DRIVE1, &pid), 0);
	kill_child(&child);
	expect_is(broker_drive_open(broker, DRIVE0, &pid), 0);
	fd = open(in_library("drives/0/nst"), O_RDONLY);
	cr_assert_geq(fd, 0);
	expect_is(broker_drive_open(broker, DRIVE0, &pid), 1);
	cr_assert_eq(pid, getpid(), "a program that uses the tape itself is a user, too");
	close(fd);
	broker_lease_give(lease);
	broker_close(broker);
}

/* ---- two users ---- */

#define NOBODY 65534

static void give_away(const char *name)
{
	cr_assert_eq(lchown(in_library(name), NOBODY, NOBODY), 0, "%s: %m", name);
}

static void give_library_away(void)
{
	static const char *const names[] = {
		"",	   "lock",   "library", "state",    "reservations", "new",
		"holders", "events", "drives",	"drives/0", "tapes",	    "tapes/V00001L8"};

	if (geteuid() != 0)
		cr_skip_test("only root can act as two users");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		give_away(names[i]);
}

static struct broker *open_as_nobody(void)
{
	struct broker *broker;

	if (setgid(NOBODY) != 0 || setuid(NOBODY) != 0 || broker_open(spec, &broker) != 0)
		_exit(10);
	return broker;
}

/* As somebody who may not look at other people's processes. */
static int ask_as_nobody(const struct child *parent)
{
	struct broker *broker = open_as_nobody();

	while (hear_byte(parent) == '?')
		say_byte(parent, (char)('0' + broker_drive_open(broker, DRIVE0, NULL)));
	return 0;
}

static char ask(const struct child *child)
{
	cr_assert_eq(write(child->to, "?", 1), 1);
	return child_byte(child);
}

Test(virtual, knows_it_of_hidden_processes_too, .init = setup, .fini = teardown)
{
	struct child child;
	int fd;

	expect_is(virtual_hand_move(dir, SLOT(0), BAY(0)), 0);
	give_library_away();
	child = start_child(ask_as_nobody);
	cr_assert_eq(ask(&child), '0');
	fd = open(in_library("tapes/V00001L8"), O_RDONLY);
	cr_assert_geq(fd, 0);
	cr_assert_eq(ask(&child), '1');
	close(fd);
	cr_assert_eq(ask(&child), '0');
	kill_child(&child);
}

static int work_as_nobody(const struct child *parent)
{
	static const NTMS_GUID none;
	struct broker *broker = open_as_nobody();
	struct broker_lease *lease;
	struct broker_hold *hold;

	(void)parent;
	if (broker_lease_take(broker, CHANGER, &lease) != 0)
		return 11;
	if (broker_reserve(lease, DRIVE0, &none, 0, 0, &hold) != 0)
		return 12;
	if (broker_move(lease, SLOT(1), SLOT(4), false, 0) != 0)
		return 13;
	broker_release(hold);
	broker_lease_give(lease);
	broker_close(broker);
	return 0;
}

static int work_as_root(const struct child *parent)
{
	static const NTMS_GUID none;
	struct broker_hold *hold;
	struct broker *broker;
	struct broker_lease *lease;

	umask(077);
	broker = open_library();
	lease = take_lease(broker);
	expect_is(broker_reserve(lease, DRIVE0, &none, 0, 0, &hold), 0);
	expect_is(broker_move(lease, SLOT(0), SLOT(3), false, 0), 0);
	say_byte(parent, 'r');
	hear_byte(parent);
	return 0;
}

Test(virtual, root_lends_a_hand_and_the_owner_goes_on, .init = setup, .fini = teardown)
{
	struct child root, owner;

	give_library_away();
	write_file("new/state", "root was killed here", 20);
	cr_assert_eq(chmod(in_library("new/state"), 0600), 0);
	root = start_child(work_as_root);
	cr_assert_eq(child_byte(&root), 'r');
	owner = start_child(work_as_nobody);
	cr_assert_eq(end_child(&owner), 11 << 8, "root has the lease and lives");
	kill_child(&root);
	owner = start_child(work_as_nobody);
	cr_assert_eq(end_child(&owner), 0);
}

Test(virtual, the_largest_library_works, .init = make_parent, .fini = teardown_made)
{
	static const struct virtual_shape shape = {
		.drives = 3, .slots = VIRTUAL_MAX_SLOTS, .ports = 7, .tapes = 400};
	struct broker_element *list;
	struct broker_lease *lease;
	struct broker *broker;
	size_t count;

	expect_is(virtual_create(dir, &shape), 0);
	broker = open_library();
	lease = take_lease(broker);
	expect_is(broker_elements(lease, 0, 0, 0, &list, &count), 0);
	cr_assert_eq(count, 1 + 7 + 3 + VIRTUAL_MAX_SLOTS);
	cr_assert_str_eq(list[1 + 7 + 3 + 399].barcode, "V00400L8");
	cr_assert(!list[1 + 7 + 3 + 400].full);
	free(list);
	expect_is(broker_move(lease, SLOT(399), SLOT(VIRTUAL_MAX_SLOTS - 1), false, 0), 0);
	broker_lease_give(lease);
	broker_close(broker);
}

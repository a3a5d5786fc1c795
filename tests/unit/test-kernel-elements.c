/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test-kernel-elements.c - the kernel broker and libraries that do as they like
 *
 * The module is played by this program's own ioctl(): a changer whose manners each
 * test chooses.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include "base/say.h"
#include "broker/kernel.h"
#include "broker/smc.h"

#define LEASE_FD  1001
#define BROKER_FD 1000
#define CHANGER	  7

enum { SLOT_BASE = 1000, DRIVE_BASE = 256 };

static struct {
	unsigned int slots, drives;
	bool no_dvcid, no_voltag, not_both; /* refuses the command with these */
	bool reports_access;
	bool ignores_count, ignores_start;
	bool repeats;	   /* reports its first element twice */
	bool says_nothing; /* answers with a header of no elements */
	uint32_t limit;	   /* bytes that come at once, 0 for all */
	uint32_t lost;	   /* bytes missing at the end of every answer */
	bool unmapped;	   /* does not know its elements before a command needs them */
	uint8_t status;	   /* SCSI status of every command, and its sense data */
	uint8_t key, asc, ascq;
	int error;		 /* errno of every command */
	unsigned int extra;	 /* reports so many slots more than it says it has */
	bool other_type;	 /* reports drives when asked for slots */
	bool announces_none;	 /* its header says that there are no elements */
	size_t element_size;	 /* bytes of a descriptor, 0 for the usual */
	unsigned int refuses_at; /* this command, counted from 1, and no other */
	const char *stranger;	 /* serial number of one more drive behind the same target */
	unsigned int commands;
	struct rsm_robot last;
} library;

static int describe(struct rsm_device *device)
{
	const uint32_t wanted = device->id;

	if (wanted > CHANGER + library.drives + (library.stranger ? 1 : 0)) {
		errno = ENOENT;
		return -1;
	}
	*device = (struct rsm_device){.id = wanted < CHANGER ? CHANGER : wanted, .host = 3};
	if (device->id == CHANGER) {
		device->kind = RSM_KIND_CHANGER;
		if (library.unmapped)
			return 0;
		device->first[RSM_ELEMENT_STORAGE] = SLOT_BASE;
		device->count[RSM_ELEMENT_STORAGE] = (uint16_t)library.slots;
		device->first[RSM_ELEMENT_DRIVE] = DRIVE_BASE;
		device->count[RSM_ELEMENT_DRIVE] = (uint16_t)library.drives;
		return 0;
	}
	device->kind = RSM_KIND_DRIVE;
	device->lun = device->id;
	strcpy(device->vendor, "RSM");
	strcpy(device->product, "DRIVE-SIXTEEN-CH");
	if (device->id > CHANGER + library.drives)
		strcpy(device->serial, library.stranger);
	else
		snprintf(device->serial, sizeof(device->serial), "SERIAL%04u",
			 device->id - CHANGER - 1);
	return 0;
}

static void refuse(struct rsm_robot *robot, uint8_t key, uint8_t asc, uint8_t ascq)
{
	robot->status = 2;
	robot->sense_len = 18;
	memset(robot->sense, 0, sizeof(robot->sense));
	robot->sense[0] = 0x70;
	robot->sense[2] = key;
	robot->sense[7] = 10;
	robot->sense[12] = asc;
	robot->sense[13] = ascq;
}

static uint8_t *put_element(uint8_t *at, size_t size, unsigned int address, unsigned int index,
			    const struct rsm_robot *robot)
{
	const bool drive = robot->element_type == ELEMENT_DRIVE;
	char text[40];

	memset(at, 0, size);
	at[0] = (uint8_t)(address >> 8);
	at[1] = (uint8_t)address;
	at[2] = 0x01 | (library.reports_access && index != 1 ? 0x08 : 0);
	if (robot->flags & RSM_ROBOT_VOLTAG) {
		snprintf(text, sizeof(text), "%-32u", address);
		memcpy(at + 12, text, 32);
	}
	if (drive && (robot->flags & RSM_ROBOT_DVCID)) {
		uint8_t *identifier = at + (robot->flags & RSM_ROBOT_VOLTAG ? 48 : 12);

		identifier[0] = 2;
		identifier[1] = 1;
		identifier[3] = 34;
		snprintf(text, sizeof(text), "RSM     DRIVE-SIXTEEN-CHSERIAL%04u", index);
		memcpy(identifier + 4, text, 34);
	}
	return at + size;
}

static size_t build(const struct rsm_robot *robot, uint8_t *answer)
{
	const bool drive = robot->element_type == ELEMENT_DRIVE;
	const unsigned int base = drive ? DRIVE_BASE : SLOT_BASE;
	const unsigned int all = drive ? library.drives : library.slots + library.extra;
	/* Without an identifier an empty one's header is there, as tgt has it. */
	const size_t usual = 12 + (robot->flags & RSM_ROBOT_VOLTAG ? 36 : 0) +
			     (robot->flags & RSM_ROBOT_DVCID ? 38 : 4);
	const size_t size = library.element_size ? library.element_size : usual;
	unsigned int from = robot->start > base && !library.ignores_start ? robot->start - base : 0;
	unsigned int count = all - from;
	uint8_t *at = answer + 16;
	size_t bytes;

	if (count > robot->count && !library.ignores_count)
		count = robot->count;
	if (library.says_nothing)
		count = 0;
	for (unsigned int i = 0; i < count; i++)
		at = put_element(at, size, base + (library.repeats && i == 1 ? 0 : from + i),
				 from + i, robot);
	bytes = (size_t)(at - answer) - 16;
	memset(answer, 0, 16);
	answer[2] = library.announces_none ? 0 : (uint8_t)(count >> 8);
	answer[3] = library.announces_none ? 0 : (uint8_t)count;
	answer[5] = (uint8_t)((bytes + 8) >> 16);
	answer[6] = (uint8_t)((bytes + 8) >> 8);
	answer[7] = (uint8_t)(bytes + 8);
	answer[8] = library.other_type ? ELEMENT_DRIVE : robot->element_type;
	answer[9] = robot->flags & RSM_ROBOT_VOLTAG ? 0x80 : 0;
	answer[10] = (uint8_t)(size >> 8);
	answer[11] = (uint8_t)size;
	answer[13] = (uint8_t)(bytes >> 16);
	answer[14] = (uint8_t)(bytes >> 8);
	answer[15] = (uint8_t)bytes;
	return bytes + 16;
}

static int run_robot(struct rsm_robot *robot)
{
	const bool voltag = robot->flags & RSM_ROBOT_VOLTAG, dvcid = robot->flags & RSM_ROBOT_DVCID;
	static uint8_t answer[1 << 23];
	size_t size;

	library.commands++;
	library.last = *robot;
	library.unmapped = false;
	cr_assert_lt(library.commands, 10000, "it never ends");
	if (library.error) {
		errno = library.error;
		return -1;
	}
	robot->status = library.status;
	if (library.status)
		refuse(robot, library.key, library.asc, library.ascq);
	else if ((voltag && library.no_voltag) || (dvcid && library.no_dvcid) ||
		 (voltag && dvcid && library.not_both) || library.commands == library.refuses_at)
		refuse(robot, 5, 0x24, 0);
	if (robot->status || robot->op != RSM_ROBOT_READ_STATUS)
		return 0;
	size = build(robot, answer) - library.lost;
	if (size > robot->data_len)
		size = robot->data_len;
	if (library.limit && size > library.limit)
		size = library.limit;
	memcpy((void *)(uintptr_t)robot->data, answer, size);
	robot->transferred = (uint32_t)size;
	return 0;
}

/* In place of the C library's. */
int ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *argument;

	va_start(args, request);
	argument = va_arg(args, void *);
	va_end(args);
	if (fd == BROKER_FD && request == RSM_IOC_DEVICE)
		return describe(argument);
	if (fd == LEASE_FD && request == RSM_IOC_ROBOT)
		return run_robot(argument);
	errno = ENOTTY;
	return -1;
}

static struct kernel_broker broker = {.fd = BROKER_FD};
static struct kernel_lease lease = {.broker = &broker, .fd = LEASE_FD, .device = CHANGER};

static struct broker_element *read_elements(enum broker_element_type type, uint16_t first,
					    uint16_t count, size_t expected)
{
	struct broker_element *list = NULL;
	size_t found = 0;

	cr_assert_eq(kernel_elements(&lease.base, type, first, count, &list, &found), 0, "%s",
		     ntms_said());
	cr_assert_eq(found, expected, "%zu elements", found);
	for (size_t i = 1; i < found; i++)
		cr_assert_lt(list[i - 1].address, list[i].address);
	return list;
}

static void fail_elements(enum broker_element_type type, uint16_t first, uint16_t count, int error)
{
	struct broker_element *list = NULL;
	size_t found = 0;
	int result;

	ntms_say_nothing();
	result = kernel_elements(&lease.base, type, first, count, &list, &found);
	cr_assert_eq(result, error, "%d: %s", result, ntms_said());
	cr_assert_str_neq(ntms_said(), "");
	cr_assert_null(list);
	cr_assert_eq(found, 0);
}

/* Bar codes and serial numbers as they should be. */
static void check_drives(const struct broker_element *list, bool barcodes, bool serials)
{
	char text[64];

	for (unsigned int i = 0; i < library.drives; i++) {
		snprintf(text, sizeof(text), "%u", DRIVE_BASE + i);
		cr_assert_str_eq(list[i].barcode, barcodes ? text : "");
		snprintf(text, sizeof(text), "SERIAL%04u", i);
		cr_assert_str_eq(list[i].serial, serials ? text : "");
	}
}

static void choose_manners(void)
{
	library.slots = 40;
	library.drives = 4;
	library.reports_access = true;
}

TestSuite(kernel_elements, .init = choose_manners);

Test(kernel_elements, plain_library)
{
	struct broker_element *list = read_elements(0, 0, 0, 44);

	cr_assert_eq(list[0].type, ELEMENT_DRIVE);
	check_drives(list, true, true);
	cr_assert_eq(list[4].type, ELEMENT_SLOT);
	cr_assert_eq(list[4].address, SLOT_BASE);
	cr_assert_str_eq(list[43].barcode, "1039");
	cr_assert_eq(library.commands, 2, "%u commands", library.commands);
	free(list);
	/* As many as there are of one type; of ports there is none. */
	list = read_elements(ELEMENT_SLOT, 0, 0, 40);
	free(list);
	list = read_elements(ELEMENT_DRIVE, 0, 0, 4);
	check_drives(list, true, true);
	free(list);
	list = read_elements(ELEMENT_PORT, 0, 0, 0);
	free(list);
}

Test(kernel_elements, refuses_identifiers)
{
	struct broker_element *list;

	library.no_dvcid = true;
	list = read_elements(ELEMENT_DRIVE, DRIVE_BASE, 4, 4);
	check_drives(list, true, false);
	free(list);
}

Test(kernel_elements, refuses_barcodes)
{
	struct broker_element *list;

	library.no_voltag = true;
	list = read_elements(ELEMENT_DRIVE, DRIVE_BASE, 4, 4);
	check_drives(list, false, true);
	free(list);
	list = read_elements(ELEMENT_SLOT, SLOT_BASE, 0, 40);
	cr_assert_str_eq(list[0].barcode, "");
	cr_assert(list[0].full);
	free(list);
}

Test(kernel_elements, refuses_both_at_once)
{
	struct broker_element *list;

	library.not_both = true;
	list = read_elements(ELEMENT_DRIVE, DRIVE_BASE, 4, 4);
	check_drives(list, true, true);
	free(list);
}

Test(kernel_elements, refuses_both)
{
	struct broker_element *list;

	library.no_voltag = true;
	library.no_dvcid = true;
	list = read_elements(0, 0, 0, 44);
	check_drives(list, false, false);
	free(list);
}

Test(kernel_elements, many_slots)
{
	struct broker_element *list;

	library.slots = 64000;
	list = read_elements(ELEMENT_SLOT, SLOT_BASE, 64000, 64000);
	cr_assert_eq(list[63999].address, 64999);
	cr_assert_str_eq(list[63999].barcode, "64999");
	free(list);
	cr_assert_eq(library.commands, 250, "%u commands", library.commands);
}

Test(kernel_elements, up_to_the_last_address)
{
	struct broker_element *list;

	library.slots = 65536 - SLOT_BASE;
	list = read_elements(ELEMENT_SLOT, 65535, 1, 1);
	cr_assert_eq(list[0].address, 65535);
	free(list);
	list = read_elements(ELEMENT_SLOT, SLOT_BASE, 0, 65536 - SLOT_BASE);
	free(list);
}

Test(kernel_elements, little_at_once)
{
	struct broker_element *list;

	/* Three elements and a piece. */
	library.limit = 16 + 3 * 52 + 20;
	list = read_elements(ELEMENT_SLOT, SLOT_BASE, 0, 40);
	cr_assert_str_eq(list[39].barcode, "1039");
	free(list);
}

Test(kernel_elements, ends_are_missing)
{
	struct broker_element *list;

	library.lost = 8;
	list = read_elements(ELEMENT_DRIVE, DRIVE_BASE, 4, 4);
	check_drives(list, true, true);
	free(list);
	/* The same drive, asked for by itself. */
	list = read_elements(ELEMENT_DRIVE, DRIVE_BASE + 3, 1, 1);
	cr_assert_str_eq(list[0].serial, "SERIAL0003");
	free(list);
	list = read_elements(ELEMENT_SLOT, SLOT_BASE, 0, 40);
	cr_assert_str_eq(list[39].barcode, "1039");
	free(list);
}

Test(kernel_elements, cut_identifier_is_not_guessed)
{
	struct broker_element *list;

	library.lost = 8;
	library.drives = 2;
	/* One more drive that it cannot be: another serial number. */
	library.stranger = "OTHER";
	list = read_elements(ELEMENT_DRIVE, DRIVE_BASE, 2, 2);
	check_drives(list, true, true);
	free(list);
	/* One that it can be. */
	library.stranger = "SE99";
	list = read_elements(ELEMENT_DRIVE, DRIVE_BASE, 2, 2);
	cr_assert_str_eq(list[0].serial, "SERIAL0000");
	cr_assert_str_eq(list[1].serial, "");
	free(list);
	/* Nothing came of the serial number: any would fit. */
	library.stranger = NULL;
	library.lost = 10;
	list = read_elements(ELEMENT_DRIVE, DRIVE_BASE, 2, 2);
	cr_assert_str_eq(list[1].serial, "");
	free(list);
}

Test(kernel_elements, ignores_how_many_were_asked_for)
{
	struct broker_element *list;

	library.ignores_count = true;
	list = read_elements(ELEMENT_SLOT, SLOT_BASE + 3, 2, 2);
	cr_assert_eq(list[0].address, SLOT_BASE + 3);
	free(list);
	/* More than are asked for at once; then more than come at once. */
	library.slots = 600;
	list = read_elements(ELEMENT_SLOT, SLOT_BASE, 0, 600);
	free(list);
	library.slots = 1000;
	list = read_elements(ELEMENT_SLOT, SLOT_BASE, 0, 1000);
	free(list);
	library.extra = 3;
	list = read_elements(0, 0, 0, 1004);
	free(list);
}

Test(kernel_elements, ignores_where_to_begin)
{
	struct broker_element *list;

	library.ignores_start = true;
	library.ignores_count = true;
	list = read_elements(ELEMENT_SLOT, SLOT_BASE + 3, 2, 2);
	cr_assert_eq(list[0].address, SLOT_BASE + 3);
	free(list);
	/* What it never reports cannot be read, but that is no reason to hang or to fail. */
	library.ignores_count = false;
	library.slots = 600;
	list = read_elements(ELEMENT_SLOT, SLOT_BASE, 0, 256);
	free(list);
	library.limit = 16 + 3 * 52 + 20;
	list = read_elements(ELEMENT_SLOT, SLOT_BASE, 0, 3);
	free(list);
}

Test(kernel_elements, reports_another_type)
{
	struct broker_element *list;

	library.other_type = true;
	list = read_elements(ELEMENT_SLOT, SLOT_BASE, 0, 0);
	free(list);
}

Test(kernel_elements, huge_elements)
{
	struct broker_element *list;

	library.element_size = 50000;
	list = read_elements(ELEMENT_SLOT, SLOT_BASE, 2, 2);
	cr_assert_str_eq(list[1].barcode, "1001");
	cr_assert_geq(library.last.data_len, 50016);
	free(list);
}

Test(kernel_elements, endless_answer)
{
	library.slots = 64000;
	library.ignores_count = true;
	library.announces_none = true;
	library.element_size = 128;
	fail_elements(ELEMENT_SLOT, SLOT_BASE, 1, -EIO);
	cr_assert_not_null(strstr(ntms_said(), "one element takes"), "%s", ntms_said());
}

Test(kernel_elements, refuses_in_the_middle)
{
	struct broker_element *list;

	library.slots = 600;
	library.refuses_at = 2;
	list = read_elements(ELEMENT_SLOT, SLOT_BASE, 0, 600);
	cr_assert_str_eq(list[0].barcode, "", "read anew, without");
	free(list);
}

Test(kernel_elements, reports_nothing)
{
	struct broker_element *list;

	library.says_nothing = true;
	list = read_elements(ELEMENT_SLOT, SLOT_BASE, 0, 0);
	free(list);
}

Test(kernel_elements, reports_one_twice)
{
	library.repeats = true;
	fail_elements(ELEMENT_SLOT, SLOT_BASE, 0, -EIO);
	cr_assert_not_null(strstr(ntms_said(), "twice"), "%s", ntms_said());
}

Test(kernel_elements, access_where_it_is_reported)
{
	struct broker_element *list = read_elements(ELEMENT_SLOT, SLOT_BASE, 3, 3);

	cr_assert(list[0].accessible);
	cr_assert_not(list[1].accessible);
	free(list);
	/* One element that cannot be reached says nothing about the library. */
	list = read_elements(ELEMENT_SLOT, SLOT_BASE + 1, 1, 1);
	cr_assert_not(list[0].accessible);
	free(list);
}

Test(kernel_elements, access_of_one_element_asked_first)
{
	struct broker_element *list = read_elements(ELEMENT_SLOT, SLOT_BASE + 1, 1, 1);

	cr_assert_not(list[0].accessible);
	free(list);
}

Test(kernel_elements, access_that_is_never_reported)
{
	struct broker_element *list;
	unsigned int commands;

	library.reports_access = false;
	list = read_elements(ELEMENT_SLOT, SLOT_BASE + 1, 1, 1);
	cr_assert(list[0].accessible);
	free(list);
	commands = library.commands;
	list = read_elements(ELEMENT_SLOT, SLOT_BASE + 1, 1, 1);
	cr_assert(list[0].accessible);
	cr_assert_eq(library.commands, commands + 1, "the whole library is asked once");
	free(list);
}

Test(kernel_elements, errors)
{
	library.status = 2;
	library.key = 2;
	library.asc = 4;
	library.ascq = 3;
	fail_elements(ELEMENT_SLOT, SLOT_BASE, 0, -EIO);
	cr_assert_not_null(strstr(ntms_said(), "go and look"), "%s", ntms_said());
	/* Refused whatever is left out. */
	library.key = 5;
	library.asc = 0x20;
	library.ascq = 0;
	fail_elements(0, 0, 0, -EIO);
	library.status = 0;
	library.error = ENODEV;
	fail_elements(0, 0, 0, -ENODEV);
	library.error = ETIMEDOUT;
	fail_elements(0, 0, 0, -ETIMEDOUT);
	library.error = 0;
	fail_elements(ELEMENT_SLOT, SLOT_BASE, 41, -ERANGE);
	fail_elements(ELEMENT_SLOT, SLOT_BASE - 1, 1, -ERANGE);
	fail_elements(ELEMENT_PORT, 16, 1, -ERANGE);
	fail_elements(ELEMENT_DRIVE, 0, UINT16_MAX, -ERANGE);
	lease.device = 99;
	fail_elements(0, 0, 0, -ENODEV);
	lease.device = CHANGER;
}

Test(kernel_elements, elements_after_a_reset)
{
	struct broker_element *list;

	library.unmapped = true;
	list = read_elements(0, 0, 0, 44);
	free(list);
	library.unmapped = true;
	cr_assert_eq(kernel_move(&lease.base, SLOT_BASE, DRIVE_BASE, false, 0), 0, "%s",
		     ntms_said());
}

/* ---- moves ---- */

Test(kernel_elements, move)
{
	cr_assert_eq(kernel_move(&lease.base, SLOT_BASE, DRIVE_BASE, true, 0), 0);
	cr_assert_eq(library.last.op, RSM_ROBOT_MOVE);
	cr_assert_eq(library.last.flags, RSM_ROBOT_INVERT);
	cr_assert_eq(library.last.source, SLOT_BASE);
	cr_assert_eq(library.last.destination, DRIVE_BASE);
	cr_assert_eq(library.last.timeout_ms, 300000);
	cr_assert_eq(kernel_move(&lease.base, DRIVE_BASE, SLOT_BASE, false, 7200000), 0);
	cr_assert_eq(library.last.flags, 0);
	cr_assert_eq(library.last.timeout_ms, 7200000);
}

static void fail_move(uint8_t key, uint8_t asc, uint8_t ascq, int error)
{
	int result;

	library.status = 2;
	library.key = key;
	library.asc = asc;
	library.ascq = ascq;
	result = kernel_move(&lease.base, SLOT_BASE, DRIVE_BASE, false, 0);
	cr_assert_eq(result, error, "%x/%02x/%02x: %d", key, asc, ascq, result);
}

Test(kernel_elements, failing_moves)
{
	fail_move(5, 0x3b, 0x0d, -ENOTEMPTY);
	fail_move(5, 0x3b, 0x0e, -ENOMEDIUM);
	fail_move(5, 0x21, 0x01, -ERANGE);
	fail_move(5, 0x53, 0x02, -EIO);
	fail_move(2, 0x04, 0x01, -EIO);
	fail_move(6, 0x28, 0x00, -EIO);
	fail_move(5, 0x24, 0x00, -EIO);
	fail_move(4, 0x15, 0x01, -EIO);
	library.error = ETIMEDOUT;
	fail_move(0, 0, 0, -ETIMEDOUT);
	library.error = ERANGE;
	fail_move(0, 0, 0, -ERANGE);
	library.error = ENODEV;
	fail_move(0, 0, 0, -ENODEV);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test-written.c - what a program that knows nothing of RSM has written becomes the label on
 * record: while the medium is mounted, by those who may open its device; when it is dismounted,
 * whoever asks for that
 */
#include <string.h>
#include <sys/mman.h>
#include "base/guid.h"
#include "child.h"
#include "fixture-kernel.h"
#include "faults.h"
#include "label/label.h"

TestSuite(written, .timeout = 180, .init = fx_setup, .fini = fx_teardown);

#define TAPE	   "V00001L8"
#define OTHER_TAPE "V00002L8"
#define LABEL_SIZE 80

static NTMS_GUID media;
static NTMS_GUID *drive; /* shared with children */

static void write_label(NTMS_GUID in, const char *serial)
{
	char label[LABEL_SIZE + 1];

	snprintf(label, sizeof(label), "VOL1%-6.6s%27s%-14s%28s4", serial, "", "RSM TEST", "");
	fx_write_front(fx_node(in), label);
}

static const char *type_of(NTMS_GUID lmid)
{
	static struct object side;

	side = fx_side(&lmid);
	return side.side.label_type;
}

static void expect_recorded(NTMS_GUID lmid, const char *serial)
{
	struct object side = fx_side(&lmid);

	cr_assert_str_eq(side.side.label_type, "ANSI VOL1");
	cr_assert(strstr(side.side.label_info, serial), "%s", side.side.label_info);
}

static void mounted(void)
{
	fx_setup();
	drive = mmap(NULL, sizeof(*drive), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	cr_assert_neq(drive, MAP_FAILED);
	media = fx_allocated(TAPE);
	*drive = fx_mount(media);
	cr_assert_str_eq(type_of(media), LABEL_TYPE_FREE);
}

/* ---- while it is mounted ---- */

Test(written, who_has_it_mounted_has_it_recorded, .init = mounted)
{
	write_label(*drive, "OWNER");
	must(RsmRefreshLabel(fx_session, &media));
	expect_recorded(media, "OWNER");
	/* The medium stays his. */
	write_label(*drive, "AGAIN");
	must(RsmRefreshLabel(fx_session, &media));
	expect_recorded(media, "AGAIN");
	cr_assert(fx_is_held(drive));
}

Test(written, what_is_not_mounted_has_no_label_to_read, .init = mounted)
{
	fx_dismount(media, NTMS_DISMOUNT_DEFERRED);
	refused(RsmRefreshLabel(fx_session, &media), ERROR_INVALID_STATE);
}

Test(written, an_unreadable_label_leaves_the_one_before, .init = mounted)
{
	struct virtual_fault unreadable = {.operation = VIRTUAL_READ, .where = UINT32_MAX};

	fx_virtual_only("a fault of a drive");
	write_label(*drive, "OWNER");
	cr_assert_eq(virtual_fault_add(fx_vlib, &unreadable), 0);
	refused(RsmRefreshLabel(fx_session, &media), ERROR_DEVICE_NOT_AVAILABLE);
	cr_assert_eq(virtual_fault_clear(fx_vlib), 0);
	must(RsmRefreshLabel(fx_session, &media));
	expect_recorded(media, "OWNER");
}

/* Mounts, writes, and stays. */
static int another(const struct child *parent)
{
	fx_session = fx_open();
	*drive = fx_mount(media);
	write_label(*drive, "OTHER");
	say_byte(parent, 'w');
	hear_byte(parent);
	return 0;
}

static void mounted_by_another(struct child *child)
{
	drive = mmap(NULL, sizeof(*drive), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	cr_assert_neq(drive, MAP_FAILED);
	media = fx_allocated(TAPE);
	*child = start_child(another);
	cr_assert_eq(child_byte(child), 'w');
}

Test(written, who_was_not_let_in_cannot_have_it_read)
{
	struct child child;

	mounted_by_another(&child);
	/* A virtual drive has no doors. */
	if (kx_wanted()) {
		refused(RsmRefreshLabel(fx_session, &media), ERROR_BUSY);
	} else {
		must(RsmRefreshLabel(fx_session, &media));
		expect_recorded(media, "OTHER");
	}
	tell_child(&child, 'e');
	end_child(&child);
}

/* ---- when it is dismounted ---- */

Test(written, a_dismount_records_it, .init = mounted)
{
	write_label(*drive, "OWNER");
	must(RsmDismountMedia(fx_session, &media, 1, NTMS_DISMOUNT_IMMEDIATE, PATIENCE_MS));
	fx_expect_home(TAPE);
	expect_recorded(media, "OWNER");
	*drive = fx_mount(media);
}

Test(written, so_does_one_that_leaves_it_in_the_drive, .init = mounted)
{
	write_label(*drive, "OWNER");
	must(RsmDismountMedia(fx_session, &media, 1, NTMS_DISMOUNT_DEFERRED, PATIENCE_MS));
	cr_assert_eq(fx_get(drive, NTMS_DRIVE).device.state, NTMS_DRIVESTATE_DISMOUNTABLE);
	expect_recorded(media, "OWNER");
	/* Nobody has written since: it is not looked at again. */
	must(RsmDismountMedia(fx_session, &media, 1, NTMS_DISMOUNT_IMMEDIATE, PATIENCE_MS));
	fx_expect_home(TAPE);
	expect_recorded(media, "OWNER");
}

Test(written, so_does_that_of_a_drive, .init = mounted)
{
	write_label(*drive, "OWNER");
	must(RsmDismountDrive(fx_session, drive, PATIENCE_MS));
	fx_expect_home(TAPE);
	expect_recorded(media, "OWNER");
}

/* The documents know nothing of it: an application tells of its label by UpdateNtmsOmidInfo. */
Test(written, that_of_ntms_does_not, .init = mounted)
{
	write_label(*drive, "OWNER");
	fx_dismount(media, NTMS_DISMOUNT_IMMEDIATE);
	fx_settle(media);
	cr_assert_str_eq(type_of(media), LABEL_TYPE_FREE);
}

Test(written, it_does_not_matter_who_asks_for_the_dismount)
{
	struct child child;

	mounted_by_another(&child);
	must(RsmDismountMedia(fx_session, &media, 1, NTMS_DISMOUNT_IMMEDIATE, PATIENCE_MS));
	fx_expect_home(TAPE);
	expect_recorded(media, "OTHER");
	tell_child(&child, 'e');
	end_child(&child);
}

Test(written, several_at_once, .init = mounted)
{
	NTMS_GUID list[] = {media, fx_allocated(OTHER_TAPE)}, second = fx_mount(list[1]);

	write_label(*drive, "FIRST");
	write_label(second, "SECOND");
	must(RsmDismountMedia(fx_session, list, 2, NTMS_DISMOUNT_IMMEDIATE, PATIENCE_MS));
	expect_recorded(list[0], "FIRST");
	expect_recorded(list[1], "SECOND");
}

Test(written, what_cannot_be_read_is_dismounted_all_the_same, .init = mounted)
{
	NTMS_GUID list[] = {media, fx_allocated(OTHER_TAPE)}, second = fx_mount(list[1]);
	struct virtual_fault unreadable = {.operation = VIRTUAL_READ};

	fx_virtual_only("a fault of a drive");
	unreadable.where = fx_get(drive, NTMS_DRIVE).device.number;
	write_label(*drive, "FIRST");
	write_label(second, "SECOND");
	cr_assert_eq(virtual_fault_add(fx_vlib, &unreadable), 0);
	must_be(RsmDismountMedia(fx_session, list, 2, NTMS_DISMOUNT_IMMEDIATE, PATIENCE_MS),
		ERROR_UNABLE_TO_INVENTORY_DRIVE);
	cr_assert(strstr(RsmLastMessage(), TAPE " is dismounted, but its label was not recorded"),
		  "%s", RsmLastMessage());
	cr_assert_eq(virtual_fault_clear(fx_vlib), 0);
	fx_expect_home(TAPE);
	fx_expect_home(OTHER_TAPE);
	cr_assert_str_eq(type_of(list[0]), LABEL_TYPE_FREE);
	expect_recorded(list[1], "SECOND");
}

Test(written, what_is_open_is_not_dismounted, .init = mounted)
{
	FILE *open_device;

	fx_virtual_only("st admits one opener, who is this process");
	open_device = fopen(fx_node(*drive), "r");
	cr_assert(open_device);
	refused(RsmDismountMedia(fx_session, &media, 1, NTMS_DISMOUNT_IMMEDIATE, PATIENCE_MS),
		ERROR_INVALID_STATE);
	refused(RsmDismountDrive(fx_session, drive, PATIENCE_MS), ERROR_BUSY);
	refused(RsmRefreshLabel(fx_session, &media), ERROR_INVALID_STATE);
	fclose(open_device);
	must(RsmDismountMedia(fx_session, &media, 1, 0, PATIENCE_MS));
}

Test(written, time_up_is_not_the_end_of_it, .init = mounted)
{
	fx_virtual_only("the robot has no speed to choose");
	write_label(*drive, "OWNER");
	fx_slow_robot(AN_HOUR_MS);
	must_be(RsmDismountMedia(fx_session, &media, 1, NTMS_DISMOUNT_IMMEDIATE, 300),
		ERROR_TIMEOUT);
	fx_slow_robot(0);
	fx_settle(media);
	fx_expect_home(TAPE);
	expect_recorded(media, "OWNER");
}

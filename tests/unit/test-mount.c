/* SPDX-License-Identifier: GPL-2.0-only */
/* test-mount.c - mounts: who gets which drive and medium, when, and what happens when it goes wrong */
#include "fixture.h"

TestSuite(mount, .timeout = 120, .init = fx_setup, .fini = fx_teardown);

Test(mount, a_medium_is_mounted_written_and_found_again)
{
	NTMS_GUID media = fx_allocated("V00001L8"), drive;

	drive = fx_mount(media);
	cr_assert_eq(fx_where("V00001L8"), fx_element_of_drive(&drive));
	cr_assert_eq(fx_get(&drive, NTMS_DRIVE).device.state, NTMS_DRIVESTATE_LOADED);
	cr_assert_eq(fx_media(&media).media.state, NTMS_MEDIASTATE_LOADED);
	fx_write_tape(fx_node(drive), "hello");
	fx_dismount(media, 0);
	fx_expect_home("V00001L8");
	drive = fx_mount(media);
	fx_expect_tape(fx_node(drive), "hello");
	fx_dismount(media, NTMS_DISMOUNT_IMMEDIATE);
	fx_expect_home("V00001L8");
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* test-no-module.c - what the kernel broker says on a machine without the module */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "base/say.h"
#include "broker/broker.h"

Test(no_module, says_what_to_do)
{
	struct broker *broker = NULL;

	if (access("/dev/rsm", F_OK) == 0)
		cr_skip("the module is loaded here");
	ntms_say_nothing();
	cr_assert_eq(broker_open("kernel", &broker), -ENOENT, "%s", ntms_said());
	cr_assert_str_eq(ntms_said(), "kernel module rsm is not loaded: run modprobe rsm");
	cr_assert_null(broker);
}

Test(no_module, kernel_takes_no_argument)
{
	struct broker *broker = NULL;

	cr_assert_eq(broker_open("kernel:/tmp", &broker), -EINVAL);
	cr_assert_null(broker);
}

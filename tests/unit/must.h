/* SPDX-License-Identifier: GPL-2.0-only */
/* must.h - calls that return a Win32 code, and the code they have to return */
#ifndef MUST_H
#define MUST_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <unistd.h>
#include "base/errname.h"
#include "base/say.h"

#define must(call) must_be(call, ERROR_SUCCESS)

#define must_be(call, expected)                                                                \
	do {                                                                                   \
		DWORD must_code = (call);                                                      \
		cr_assert_eq(must_code, expected, "%s: %s (%u) instead of %s, %s", #call,      \
			     ntms_error_name(must_code), must_code, ntms_error_name(expected), \
			     ntms_said());                                                     \
	} while (0)

/* In a child, which has no business with the test framework. */
#define child_must(call)                                                                \
	do {                                                                            \
		DWORD must_code = (call);                                               \
		if (must_code) {                                                        \
			fprintf(stderr, "%s: %u, %s\n", #call, must_code, ntms_said()); \
			_exit(1);                                                       \
		}                                                                       \
	} while (0)

#endif

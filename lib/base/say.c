/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdarg.h>
#include <stdio.h>
#include "base/say.h"

static __thread char said[512];

DWORD ntms_say(DWORD code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(said, sizeof(said), format, args);
	va_end(args);
	return code;
}

int ntms_say_errno(int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(said, sizeof(said), format, args);
	va_end(args);
	return error;
}

const char *ntms_said(void)
{
	return said;
}

void ntms_say_nothing(void)
{
	said[0] = '\0';
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* args.h - arguments that are not what they should be */
#ifndef NTMS_API_ARGS_H
#define NTMS_API_ARGS_H

#include "api/api.h"

/* A pointer that must be given is NULL, or a value is out of its range. */
static inline DWORD api_bad(const char *what)
{
	return ntms_say(ERROR_INVALID_PARAMETER, "%s is missing or not valid", what);
}

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* api.h - what all exported calls share */
#ifndef NTMS_API_API_H
#define NTMS_API_API_H

#include "base/export.h"
#include "base/say.h"
#include "core/session.h"

/* Every call leaves its result for GetLastError, too. Memory may run out anywhere: who found that
 * it has need not have said so. */
static inline DWORD api_return(DWORD code)
{
	if (code == ERROR_NOT_ENOUGH_MEMORY && !ntms_said()[0])
		ntms_say(code, "out of memory");
	SetLastError(code);
	return code;
}

/* A call that returns before it has a session, or without needing one. */
static inline DWORD api_refuse(DWORD code, const char *message)
{
	return api_return(ntms_say(code, "%s", message));
}

/* The end of a call: the session is given back. */
static inline DWORD api_done(struct session *session, DWORD code)
{
	session_put(session);
	return api_return(code);
}

#endif

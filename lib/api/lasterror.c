/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/export.h"

static __thread DWORD last_error;

NTMS_EXPORT DWORD WINAPI GetLastError(void)
{
	return last_error;
}

NTMS_EXPORT void WINAPI SetLastError(DWORD dwErrCode)
{
	last_error = dwErrCode;
}

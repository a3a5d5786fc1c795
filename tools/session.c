/* SPDX-License-Identifier: GPL-2.0-only */
/* session.c - the session of one run of a command */
#include "progress.h"
#include "rsm.h"

DWORD rsm_open(struct rsm *rsm, const char *application)
{
	DWORD code;

	if (rsm->session != INVALID_HANDLE_VALUE)
		return ERROR_SUCCESS;
	rsm->session = OpenNtmsSessionA(NULL, application, 0);
	if (rsm->session == INVALID_HANDLE_VALUE) {
		code = GetLastError();
		return note(rsm, code ? code : ERROR_NOT_CONNECTED);
	}
	progress_start(rsm);
	return ERROR_SUCCESS;
}

void rsm_close(struct rsm *rsm)
{
	HANDLE session = rsm->session;

	rsm->session = INVALID_HANDLE_VALUE;
	if (session != INVALID_HANDLE_VALUE)
		CloseNtmsSession(session);
}

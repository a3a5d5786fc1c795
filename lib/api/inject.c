/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* inject.c - InjectNtmsMedia */
#include "api/args.h"
#include "core/inject.h"

NTMS_EXPORT DWORD WINAPI InjectNtmsMedia(HANDLE hSession, LPNTMS_GUID lpLibraryId,
					 LPNTMS_GUID lpInjectOperation, DWORD dwAction)
{
	struct session *session = session_get(hSession);

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!lpLibraryId)
		return api_done(session, api_bad("lpLibraryId"));
	if (!lpInjectOperation)
		return api_done(session, api_bad("lpInjectOperation"));
	if (dwAction > NTMS_INJECT_STARTMANY)
		return api_done(session, api_bad("dwAction"));
	return api_done(session, inject_media(session, lpLibraryId, lpInjectOperation, dwAction));
}

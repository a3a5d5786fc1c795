/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* serve.c - RsmServeLibrary, RsmGetService, RsmWatchChanges */
#include <string.h>
#include "api/api.h"
#include "core/serve.h"
#include "store/store.h"

NTMS_EXPORT DWORD RsmServeLibrary(HANDLE hSession, LPNTMS_GUID lpLibraryId, BOOL bServe)
{
	struct session *session = session_get(hSession);
	DWORD code = ERROR_SUCCESS;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!lpLibraryId)
		code = ntms_say(ERROR_INVALID_PARAMETER, "the library is missing");
	else if (bServe)
		code = serve_library(session, lpLibraryId);
	else
		serve_no_more(session, lpLibraryId);
	return api_done(session, code);
}

NTMS_EXPORT DWORD RsmGetService(HANDLE hSession, LPNTMS_GUID lpLibraryId, RSM_SERVICE *lpService)
{
	struct session *session = session_get(hSession);
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!lpLibraryId || !lpService || lpService->dwSize != sizeof(*lpService))
		code = ntms_say(ERROR_INVALID_PARAMETER,
				"the library or the structure is missing, or its size is wrong");
	else
		code = serve_state(session, lpLibraryId, lpService);
	return api_done(session, code);
}

NTMS_EXPORT DWORD RsmWatchChanges(HANDLE hSession, int *lpDescriptor)
{
	struct session *session = session_get(hSession);
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!lpDescriptor)
		code = ntms_say(ERROR_INVALID_PARAMETER, "the place for the descriptor is missing");
	else
		code = store_watch_open(session->system->store, lpDescriptor);
	return api_done(session, code);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* door.c - AccessNtmsLibraryDoor */
#include "api/args.h"
#include "core/door.h"

static bool is_known(DWORD action)
{
	return action == NTMS_INVENTORY_NONE || action == NTMS_INVENTORY_FAST ||
	       action == NTMS_INVENTORY_OMID || action == NTMS_INVENTORY_DEFAULT;
}

NTMS_EXPORT DWORD WINAPI AccessNtmsLibraryDoor(HANDLE hSession, LPNTMS_GUID lpLibraryId,
					       DWORD dwAction)
{
	struct session *session = session_get(hSession);

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!lpLibraryId)
		return api_done(session, api_bad("lpLibraryId"));
	if (!is_known(dwAction))
		return api_done(session, api_bad("dwAction"));
	return api_done(session, door_access(session, lpLibraryId, dwAction));
}

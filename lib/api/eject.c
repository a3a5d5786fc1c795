/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* eject.c - EjectNtmsMedia */
#include "api/args.h"
#include "base/guid.h"
#include "core/eject.h"

/* Who gets no id has nothing to stop the operation with. */
static bool needs_operation(DWORD action)
{
	return action == NTMS_EJECT_START || action == NTMS_EJECT_STOP ||
	       action == NTMS_EJECT_FORCE;
}

/* START can do with what was collected before. */
static bool needs_media(DWORD action)
{
	return action != NTMS_EJECT_START && action != NTMS_EJECT_STOP;
}

NTMS_EXPORT DWORD WINAPI EjectNtmsMedia(HANDLE hSession, LPNTMS_GUID lpMediaId,
					LPNTMS_GUID lpEjectOperation, DWORD dwAction)
{
	struct session *session = session_get(hSession);

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (lpMediaId && guid_is_null(lpMediaId))
		lpMediaId = NULL;
	if (dwAction > NTMS_EJECT_ASK_USER)
		return api_done(session, api_bad("dwAction"));
	if (!lpMediaId && needs_media(dwAction))
		return api_done(session, api_bad("lpMediaId"));
	if (!lpEjectOperation && needs_operation(dwAction))
		return api_done(session, api_bad("lpEjectOperation"));
	return api_done(session, eject_media(session, lpMediaId, lpEjectOperation, dwAction));
}

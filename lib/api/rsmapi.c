/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rsmapi.c - the calls that Linux needs beside NTMS's (rsmapi.h) */
#include <errno.h>
#include <limits.h>
#include "api/api.h"
#include "base/clock.h"
#include "base/errname.h"
#include "core/discover.h"
#include "core/find.h"
#include "core/holders.h"
#include "core/mount.h"
#include "core/request.h"
#include "core/rights.h"
#include "core/wait.h"
#include "core/worker.h"

NTMS_EXPORT const char *RsmErrorName(DWORD code)
{
	return ntms_error_name(code);
}

NTMS_EXPORT const char *RsmErrorText(DWORD code)
{
	return ntms_error_text(code);
}

NTMS_EXPORT const char *RsmLastMessage(void)
{
	return ntms_said();
}

/* ---- lists: the caller's room in, the number out ---- */

static DWORD check_room(const void *list, LPDWORD count)
{
	if (!count || (*count && !list))
		return ntms_say(ERROR_INVALID_PARAMETER, "the list or its size is missing");
	return ERROR_SUCCESS;
}

/* How many there are, and whether they have found room. */
static DWORD give_count(DWORD code, uint32_t found, LPDWORD count)
{
	DWORD room;

	if (code)
		return code;
	room = *count;
	*count = found;
	return found > room ? ERROR_INSUFFICIENT_BUFFER : ERROR_SUCCESS;
}

NTMS_EXPORT DWORD RsmListDevices(HANDLE hSession, RSM_DEVICE *lpList, LPDWORD lpdwCount)
{
	struct session *session = session_get(hSession);
	uint32_t found = 0;
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	code = check_room(lpList, lpdwCount);
	if (!code)
		code = list_devices(session, lpList, *lpdwCount, &found);
	return api_done(session, give_count(code, found, lpdwCount));
}

NTMS_EXPORT DWORD RsmListHolders(HANDLE hSession, RSM_HOLDER *lpList, LPDWORD lpdwCount)
{
	struct session *session = session_get(hSession);
	uint32_t found = 0;
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	code = check_room(lpList, lpdwCount);
	if (!code)
		code = list_holders(session, lpList, *lpdwCount, &found);
	return api_done(session, give_count(code, found, lpdwCount));
}

NTMS_EXPORT DWORD RsmListConflicts(HANDLE hSession, RSM_CONFLICT *lpList, LPDWORD lpdwCount)
{
	struct session *session = session_get(hSession);
	uint32_t found = 0;
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	code = check_room(lpList, lpdwCount);
	if (!code)
		code = list_conflicts(session, lpList, *lpdwCount, &found);
	return api_done(session, give_count(code, found, lpdwCount));
}

NTMS_EXPORT DWORD RsmGrantProcess(HANDLE hSession, LPNTMS_GUID lpMediaId, DWORD dwProcessId)
{
	struct session *session = session_get(hSession);
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!lpMediaId)
		code = ntms_say(ERROR_INVALID_PARAMETER, "the medium is missing");
	else if (!dwProcessId || dwProcessId > INT_MAX)
		code = ntms_say(ERROR_INVALID_PARAMETER, "there is no process %u", dwProcessId);
	else
		code = mount_grant(session, lpMediaId, (int)dwProcessId);
	return api_done(session, code);
}

/* ---- libraries ---- */

NTMS_EXPORT DWORD RsmManageLibrary(HANDLE hSession, LPCSTR lpName, LPNTMS_GUID lpLibraryId)
{
	struct session *session = session_get(hSession);
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!lpName || !lpName[0] || !lpLibraryId)
		code = ntms_say(ERROR_INVALID_PARAMETER,
				"the library's name or the place for its id "
				"is missing");
	else
		code = library_manage(session, lpName, lpLibraryId);
	return api_done(session, code);
}

NTMS_EXPORT DWORD RsmUnmanageLibrary(HANDLE hSession, LPNTMS_GUID lpLibraryId)
{
	struct session *session = session_get(hSession);
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!lpLibraryId)
		code = ntms_say(ERROR_INVALID_PARAMETER, "the library is missing");
	else
		code = library_unmanage(session, lpLibraryId);
	return api_done(session, code);
}

/* ---- long work ---- */

NTMS_EXPORT DWORD RsmSetProgress(HANDLE hSession, RSM_PROGRESS_ROUTINE lpRoutine, void *lpContext)
{
	struct session *session = session_get(hSession);

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	pthread_mutex_lock(&session->mutex);
	session->progress = lpRoutine;
	session->progress_context = lpContext;
	pthread_mutex_unlock(&session->mutex);
	return api_done(session, ERROR_SUCCESS);
}

NTMS_EXPORT DWORD RsmWaitForMedia(HANDLE hSession, LPNTMS_GUID lpMediaId, DWORD dwTimeout)
{
	struct session *session = session_get(hSession);
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!lpMediaId)
		code = ntms_say(ERROR_INVALID_PARAMETER, "the medium is missing");
	else
		code = wait_media(session, lpMediaId, clock_deadline(dwTimeout));
	return api_done(session, code);
}

NTMS_EXPORT DWORD RsmWaitForLibrary(HANDLE hSession, LPNTMS_GUID lpLibraryId, DWORD dwTimeout)
{
	struct session *session = session_get(hSession);
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!lpLibraryId)
		code = ntms_say(ERROR_INVALID_PARAMETER, "the library is missing");
	else
		code = wait_library(session, lpLibraryId, clock_deadline(dwTimeout));
	return api_done(session, code);
}

NTMS_EXPORT DWORD RsmWaitForRequest(HANDLE hSession, LPNTMS_GUID lpRequestId, DWORD dwTimeout)
{
	struct session *session = session_get(hSession);
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!lpRequestId)
		code = ntms_say(ERROR_INVALID_PARAMETER, "the request is missing");
	else
		code = wait_request(session, lpRequestId, clock_deadline(dwTimeout));
	return api_done(session, code);
}

NTMS_EXPORT DWORD RsmWaitForMountsEnd(HANDLE hSession, int iStopFd)
{
	struct session *session = session_get(hSession);

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	return api_done(session, wait_mounts_end(session, iStopFd));
}

/* ---- labels ---- */

NTMS_EXPORT DWORD RsmRefreshLabel(HANDLE hSession, LPNTMS_GUID lpMediaId)
{
	struct session *session = session_get(hSession);
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!lpMediaId)
		code = ntms_say(ERROR_INVALID_PARAMETER, "the medium is missing");
	else
		code = refresh_label(session, lpMediaId);
	return api_done(session, code);
}

/* ---- names ---- */

NTMS_EXPORT DWORD RsmFindObject(HANDLE hSession, LPCSTR lpText, DWORD dwType,
				LPNTMS_GUID lpObjectId)
{
	struct session *session = session_get(hSession);
	struct txn *txn;
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!lpText || !lpText[0] || !lpObjectId) {
		code = ntms_say(ERROR_INVALID_PARAMETER, "the name is missing");
	} else {
		code = store_begin(session->system->store, STORE_DEADLINE_DEFAULT, &txn);
		if (!code) {
			code = find_object(txn, lpText, dwType, lpObjectId);
			store_abort(txn);
		}
	}
	return api_done(session, code);
}

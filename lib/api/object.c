/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>
#include "api/args.h"
#include "core/enable.h"
#include "core/enumerate.h"
#include "core/info.h"
#include "core/request.h"
#include "core/txn.h"

/* Fill the caller's list as far as it goes and tell how much there is. */
static DWORD give_list(const NTMS_GUID *found, size_t count, NTMS_GUID *list, DWORD *size)
{
	DWORD room = *size;

	*size = count > UINT32_MAX ? UINT32_MAX : (DWORD)count;
	if (room > *size)
		room = *size;
	if (room)
		memcpy(list, found, room * sizeof(*list));
	if (room < *size)
		return ntms_say(ERROR_INSUFFICIENT_BUFFER, "there are %u objects, room for %u",
				*size, room);
	return ERROR_SUCCESS;
}

NTMS_EXPORT DWORD WINAPI EnumerateNtmsObject(HANDLE hSession, const LPNTMS_GUID lpContainerId,
					     LPNTMS_GUID lpList, LPDWORD lpdwListSize, DWORD dwType,
					     DWORD dwOptions)
{
	struct session *session = session_get(hSession);
	NTMS_GUID *found = NULL;
	struct txn *txn;
	size_t count = 0;
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!lpdwListSize || (!lpList && *lpdwListSize))
		return api_done(session, api_bad("lpList or lpdwListSize"));
	code = session_begin(session, &txn);
	if (code)
		return api_done(session, code);
	code = enumerate(txn, &session->caller, lpContainerId, dwType, dwOptions, &found, &count);
	store_abort(txn);
	if (!code)
		code = give_list(found, count, lpList, lpdwListSize);
	free(found);
	return api_done(session, code);
}

static DWORD get_information(struct session *session, const NTMS_GUID *guid,
			     const struct info *info)
{
	struct txn *txn;
	DWORD code, type;

	if (!guid)
		return api_bad("lpObjectId");
	code = info_check(info, &type);
	if (!code)
		code = session_begin(session, &txn);
	if (code)
		return code;
	code = info_get(txn, &session->caller, guid, info);
	store_abort(txn);
	return code;
}

static DWORD set_information(struct session *session, const NTMS_GUID *guid,
			     const struct info *info)
{
	struct txn *txn;
	DWORD code, type;

	if (!guid)
		return api_bad("lpObjectId");
	code = info_check(info, &type);
	if (!code)
		code = session_begin(session, &txn);
	return code ? code : txn_end(txn, info_set(txn, &session->caller, guid, info));
}

NTMS_EXPORT DWORD WINAPI GetNtmsObjectInformationA(HANDLE hSession, LPNTMS_GUID lpObjectId,
						   LPNTMS_OBJECTINFORMATIONA lpInfo)
{
	struct session *session = session_get(hSession);
	struct info info = {.bytes = lpInfo, .wide = false};

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	return api_done(session, get_information(session, lpObjectId, &info));
}

NTMS_EXPORT DWORD WINAPI GetNtmsObjectInformationW(HANDLE hSession, LPNTMS_GUID lpObjectId,
						   LPNTMS_OBJECTINFORMATIONW lpInfo)
{
	struct session *session = session_get(hSession);
	struct info info = {.bytes = lpInfo, .wide = true};

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	return api_done(session, get_information(session, lpObjectId, &info));
}

NTMS_EXPORT DWORD WINAPI SetNtmsObjectInformationA(HANDLE hSession, LPNTMS_GUID lpObjectId,
						   LPNTMS_OBJECTINFORMATIONA lpInfo)
{
	struct session *session = session_get(hSession);
	struct info info = {.bytes = lpInfo, .wide = false};

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	return api_done(session, set_information(session, lpObjectId, &info));
}

NTMS_EXPORT DWORD WINAPI SetNtmsObjectInformationW(HANDLE hSession, LPNTMS_GUID lpObjectId,
						   LPNTMS_OBJECTINFORMATIONW lpInfo)
{
	struct session *session = session_get(hSession);
	struct info info = {.bytes = lpInfo, .wide = true};

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	return api_done(session, set_information(session, lpObjectId, &info));
}

static DWORD switch_object(HANDLE handle, DWORD type, const NTMS_GUID *guid, bool enable)
{
	struct session *session = session_get(handle);
	NTMS_GUID queued = NTMS_NULLGUID;
	struct txn *txn;
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!guid)
		return api_done(session, api_bad("lpObjectId"));
	if (type != NTMS_LIBRARY && type != NTMS_DRIVE && type != NTMS_PHYSICAL_MEDIA)
		return api_done(session, api_bad("dwType"));
	code = session_begin(session, &txn);
	if (!code)
		code = txn_end(txn, enable_object(session, txn, type, guid, enable, &queued));
	/* It is on record now; whoever next looks after the library does it if we cannot. */
	if (!code && !NTMS_IS_NULLGUID(queued))
		request_work(session, &queued);
	return api_done(session, code);
}

NTMS_EXPORT DWORD WINAPI DisableNtmsObject(HANDLE hSession, DWORD dwType, LPNTMS_GUID lpObjectId)
{
	return switch_object(hSession, dwType, lpObjectId, false);
}

NTMS_EXPORT DWORD WINAPI EnableNtmsObject(HANDLE hSession, DWORD dwType, LPNTMS_GUID lpObjectId)
{
	return switch_object(hSession, dwType, lpObjectId, true);
}

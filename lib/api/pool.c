/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "api/args.h"
#include "base/utf.h"
#include "core/access.h"
#include "core/pool.h"
#include "core/request.h"
#include "core/rights.h"
#include "core/txn.h"

static DWORD create_pool(struct session *session, const char *path, const NTMS_GUID *media_type,
			 DWORD action, const SECURITY_ATTRIBUTES *attributes, NTMS_GUID *pool)
{
	struct obj_security given, *security = NULL;
	struct txn *txn;
	NTMS_GUID guid;
	DWORD code;

	if (!pool)
		return api_bad("lpPoolId");
	if (action != NTMS_OPEN_EXISTING && action != NTMS_CREATE_NEW && action != NTMS_OPEN_ALWAYS)
		return api_bad("dwAction");
	if (attributes && attributes->lpSecurityDescriptor) {
		/* A self-relative descriptor tells its own length; a bad one is a bad argument. */
		if (access_import(&given, attributes->lpSecurityDescriptor, sizeof(given.bytes)))
			return ERROR_INVALID_PARAMETER;
		security = &given;
	}
	code = session_begin(session, &txn);
	if (code)
		return code;
	code = txn_end(txn,
		       pool_open(txn, &session->caller, path, media_type, action, security, &guid));
	if (!code)
		*pool = guid;
	return code;
}

static DWORD bad_name(void)
{
	return ntms_say(ERROR_INVALID_NAME,
			"the pool name is malformed or longer than %d characters",
			NTMS_POOLHIERARCHY_LENGTH - 1);
}

NTMS_EXPORT DWORD WINAPI CreateNtmsMediaPoolA(HANDLE hSession, LPCSTR lpPoolName,
					      LPNTMS_GUID lpMediaType, DWORD dwAction,
					      LPSECURITY_ATTRIBUTES lpSecurityAttributes,
					      LPNTMS_GUID lpPoolId)
{
	struct session *session = session_get(hSession);
	char path[POOL_PATH_SIZE];
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!lpPoolName)
		code = api_bad("lpPoolName");
	else if (!utf8_take(lpPoolName, sizeof(path), path, sizeof(path)))
		code = bad_name();
	else
		code = create_pool(session, path, lpMediaType, dwAction, lpSecurityAttributes,
				   lpPoolId);
	return api_done(session, code);
}

NTMS_EXPORT DWORD WINAPI CreateNtmsMediaPoolW(HANDLE hSession, LPCWSTR lpPoolName,
					      LPNTMS_GUID lpMediaType, DWORD dwAction,
					      LPSECURITY_ATTRIBUTES lpSecurityAttributes,
					      LPNTMS_GUID lpPoolId)
{
	struct session *session = session_get(hSession);
	char path[POOL_PATH_SIZE];
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!lpPoolName)
		code = api_bad("lpPoolName");
	else if (!utf16_take(lpPoolName, NTMS_POOLHIERARCHY_LENGTH + 1, path, sizeof(path)))
		code = bad_name();
	else
		code = create_pool(session, path, lpMediaType, dwAction, lpSecurityAttributes,
				   lpPoolId);
	return api_done(session, code);
}

static DWORD read_path(struct session *session, const NTMS_GUID *guid, char path[POOL_PATH_SIZE])
{
	struct object pool;
	struct txn *txn;
	DWORD code;

	if (!guid)
		return api_bad("lpPoolId");
	code = session_begin(session, &txn);
	if (code)
		return code;
	code = store_get(txn, guid, NTMS_MEDIA_POOL, &pool);
	if (code == ERROR_OBJECT_NOT_FOUND)
		code = ntms_say(ERROR_INVALID_MEDIA_POOL, "there is no such media pool");
	if (!code)
		code = rights_check(txn, &session->caller, RIGHT_GET_POOL_NAME, &pool);
	if (!code)
		code = pool_path(txn, &pool, path);
	store_abort(txn);
	return code;
}

static DWORD check_buffer(const void *buffer, LPDWORD size, DWORD needed)
{
	DWORD room;

	room = *size;
	*size = needed;
	if (room >= needed && buffer)
		return ERROR_SUCCESS;
	return ntms_say(ERROR_INSUFFICIENT_BUFFER, "the name needs %u characters, not %u", needed,
			room);
}

NTMS_EXPORT DWORD WINAPI GetNtmsMediaPoolNameA(HANDLE hSession, LPNTMS_GUID lpPoolId,
					       LPSTR lpNameBuf, LPDWORD lpdwBufSize)
{
	struct session *session = session_get(hSession);
	char path[POOL_PATH_SIZE];
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!lpdwBufSize || (!lpNameBuf && *lpdwBufSize))
		return api_done(session, api_bad("lpNameBuf or lpdwBufSize"));
	code = read_path(session, lpPoolId, path);
	if (!code)
		code = check_buffer(lpNameBuf, lpdwBufSize, (DWORD)strlen(path) + 1);
	if (!code)
		memcpy(lpNameBuf, path, strlen(path) + 1);
	return api_done(session, code);
}

NTMS_EXPORT DWORD WINAPI GetNtmsMediaPoolNameW(HANDLE hSession, LPNTMS_GUID lpPoolId,
					       LPWSTR lpNameBuf, LPDWORD lpdwBufSize)
{
	struct session *session = session_get(hSession);
	char path[POOL_PATH_SIZE];
	size_t units = 0;
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!lpdwBufSize || (!lpNameBuf && *lpdwBufSize))
		return api_done(session, api_bad("lpNameBuf or lpdwBufSize"));
	code = read_path(session, lpPoolId, path);
	if (!code && !utf8_units(path, &units))
		code = ntms_say(ERROR_DATABASE_FAILURE, "the pool's name is not valid UTF-8");
	if (!code)
		code = check_buffer(lpNameBuf, lpdwBufSize, (DWORD)units + 1);
	if (!code)
		utf16_give(path, lpNameBuf, units + 1);
	return api_done(session, code);
}

NTMS_EXPORT DWORD WINAPI DeleteNtmsMediaPool(HANDLE hSession, LPNTMS_GUID lpPoolId)
{
	struct session *session = session_get(hSession);
	struct txn *txn;
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!lpPoolId)
		return api_done(session, api_bad("lpPoolId"));
	code = session_begin(session, &txn);
	if (!code)
		code = txn_end(txn, pool_delete(txn, &session->caller, lpPoolId));
	return api_done(session, code);
}

typedef DWORD mover(struct session *session, struct txn *txn, const NTMS_GUID *media,
		    const NTMS_GUID *pool, NTMS_GUID *queued);

static DWORD move_media(HANDLE handle, const NTMS_GUID *media, const NTMS_GUID *pool, mover *move)
{
	struct session *session = session_get(handle);
	NTMS_GUID queued = NTMS_NULLGUID;
	struct txn *txn;
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!media || !pool)
		return api_done(session, api_bad("lpMediaId or lpPoolId"));
	code = session_begin(session, &txn);
	if (!code)
		code = txn_end(txn, move(session, txn, media, pool, &queued));
	/* It is on record now; whoever next looks after the library does it if we cannot. */
	if (!code && !NTMS_IS_NULLGUID(queued))
		request_work(session, &queued);
	return api_done(session, code);
}

NTMS_EXPORT DWORD WINAPI MoveToNtmsMediaPool(HANDLE hSession, LPNTMS_GUID lpMediaId,
					     LPNTMS_GUID lpPoolId)
{
	return move_media(hSession, lpMediaId, lpPoolId, pool_move);
}

NTMS_EXPORT DWORD WINAPI ChangeNtmsMediaType(HANDLE hSession, LPNTMS_GUID lpMediaId,
					     LPNTMS_GUID lpPoolId)
{
	return move_media(hSession, lpMediaId, lpPoolId, pool_change_type);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* request.c - library requests reordered, cancelled and deleted */
#include "api/args.h"
#include "core/queue.h"
#include "core/txn.h"

NTMS_EXPORT DWORD WINAPI GetNtmsRequestOrder(HANDLE hSession, LPNTMS_GUID lpRequestId,
					     LPDWORD lpdwOrderNumber)
{
	struct session *session = session_get(hSession);
	struct txn *txn;
	uint32_t order;
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!lpRequestId || !lpdwOrderNumber)
		return api_done(session, api_bad("lpRequestId or lpdwOrderNumber"));
	code = session_begin(session, &txn);
	if (code)
		return api_done(session, code);
	code = queue_get_order(txn, &session->caller, lpRequestId, &order);
	store_abort(txn);
	if (!code)
		*lpdwOrderNumber = order;
	return api_done(session, code);
}

NTMS_EXPORT DWORD WINAPI SetNtmsRequestOrder(HANDLE hSession, LPNTMS_GUID lpRequestId,
					     DWORD dwOrderNumber)
{
	struct session *session = session_get(hSession);
	struct txn *txn;
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!lpRequestId || !dwOrderNumber)
		return api_done(session, api_bad("lpRequestId or dwOrderNumber"));
	code = session_begin(session, &txn);
	if (!code)
		code = txn_end(txn,
			       queue_set_order(txn, &session->caller, lpRequestId, dwOrderNumber));
	return api_done(session, code);
}

NTMS_EXPORT DWORD WINAPI CancelNtmsLibraryRequest(HANDLE hSession, LPNTMS_GUID lpRequestId)
{
	struct session *session = session_get(hSession);
	struct txn *txn;
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!lpRequestId)
		return api_done(session, api_bad("lpRequestId"));
	code = session_begin(session, &txn);
	if (!code)
		code = txn_end(txn, queue_cancel(session, txn, lpRequestId));
	return api_done(session, code);
}

NTMS_EXPORT DWORD WINAPI DeleteNtmsRequests(HANDLE hSession, LPNTMS_GUID lpRequestId, DWORD dwType,
					    DWORD dwCount)
{
	struct session *session = session_get(hSession);
	struct txn *txn;
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!lpRequestId)
		return api_done(session, api_bad("lpRequestId"));
	if (dwType != NTMS_LIBREQUEST && dwType != NTMS_OPREQUEST)
		return api_done(session, api_bad("dwType"));
	code = session_begin(session, &txn);
	if (!code)
		code = txn_end(txn,
			       queue_delete(txn, &session->caller, lpRequestId, dwType, dwCount));
	return api_done(session, code);
}

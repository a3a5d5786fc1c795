/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "api/args.h"
#include "base/utf.h"
#include "core/oprequest.h"
#include "core/txn.h"

static DWORD submit(struct session *session, struct errand *errand, bool good,
		    const NTMS_GUID *arg1, const NTMS_GUID *arg2, NTMS_GUID *id)
{
	struct txn *txn;
	NTMS_GUID guid;
	DWORD code;

	if (!id)
		return api_bad("lpRequestId");
	if (!good)
		return ntms_say(ERROR_INVALID_PARAMETER,
				"the message is malformed or longer than %d characters",
				NTMS_MESSAGE_LENGTH - 1);
	if (arg1)
		errand->arg1 = *arg1;
	if (arg2)
		errand->arg2 = *arg2;
	code = session_begin(session, &txn);
	if (!code)
		code = txn_end(txn, oprequest_submit(session, txn, errand, &guid));
	if (!code)
		*id = guid;
	return code;
}

NTMS_EXPORT DWORD WINAPI SubmitNtmsOperatorRequestA(HANDLE hSession, DWORD dwRequest,
						    LPCSTR lpMessage, LPNTMS_GUID lpArg1Id,
						    LPNTMS_GUID lpArg2Id, LPNTMS_GUID lpRequestId)
{
	struct session *session = session_get(hSession);
	struct errand errand = {.command = dwRequest};
	bool good = true;
	size_t units;

	if (!session)
		return api_return(session_missing(hSession));
	if (lpMessage)
		good = utf8_take(lpMessage, sizeof(errand.message), errand.message,
				 sizeof(errand.message)) &&
		       utf8_units(errand.message, &units) && units < NTMS_MESSAGE_LENGTH;
	return api_done(session, submit(session, &errand, good, lpArg1Id, lpArg2Id, lpRequestId));
}

NTMS_EXPORT DWORD WINAPI SubmitNtmsOperatorRequestW(HANDLE hSession, DWORD dwRequest,
						    LPCWSTR lpMessage, LPNTMS_GUID lpArg1Id,
						    LPNTMS_GUID lpArg2Id, LPNTMS_GUID lpRequestId)
{
	struct session *session = session_get(hSession);
	struct errand errand = {.command = dwRequest};
	bool good = true;

	if (!session)
		return api_return(session_missing(hSession));
	if (lpMessage)
		good = utf16_take(lpMessage, NTMS_MESSAGE_LENGTH, errand.message,
				  sizeof(errand.message));
	return api_done(session, submit(session, &errand, good, lpArg1Id, lpArg2Id, lpRequestId));
}

NTMS_EXPORT DWORD WINAPI WaitForNtmsOperatorRequest(HANDLE hSession, LPNTMS_GUID lpRequestId,
						    DWORD dwTimeout)
{
	struct session *session = session_get(hSession);

	if (!session)
		return api_return(session_missing(hSession));
	if (!lpRequestId)
		return api_done(session, api_bad("lpRequestId"));
	return api_done(session, oprequest_wait(session, lpRequestId, dwTimeout));
}

static DWORD end(HANDLE handle, const NTMS_GUID *guid, bool done)
{
	struct session *session = session_get(handle);
	struct txn *txn;
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!guid)
		return api_done(session, api_bad("lpRequestId"));
	code = session_begin(session, &txn);
	if (!code)
		code = txn_end(txn, oprequest_end(txn, &session->caller, guid, done));
	return api_done(session, code);
}

NTMS_EXPORT DWORD WINAPI CancelNtmsOperatorRequest(HANDLE hSession, LPNTMS_GUID lpRequestId)
{
	return end(hSession, lpRequestId, false);
}

NTMS_EXPORT DWORD WINAPI SatisfyNtmsOperatorRequest(HANDLE hSession, LPNTMS_GUID lpRequestId)
{
	return end(hSession, lpRequestId, true);
}

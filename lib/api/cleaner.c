/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cleaner.c - the cleaner of a library, its slot, and drives that are cleaned */
#include "api/args.h"
#include "base/guid.h"
#include "core/clean.h"
#include "core/cleaner.h"
#include "core/control.h"
#include "core/txn.h"

NTMS_EXPORT DWORD WINAPI ReserveNtmsCleanerSlot(HANDLE hSession, LPNTMS_GUID lpLibrary,
						LPNTMS_GUID lpSlot)
{
	struct session *session = session_get(hSession);
	struct txn *txn;
	DWORD code;

	if (!session)
		return api_return(session_missing(hSession));
	if (!lpLibrary || !lpSlot)
		return api_done(session, api_bad(lpLibrary ? "lpSlot" : "lpLibrary"));
	code = session_begin(session, &txn);
	if (!code)
		code = txn_end(txn, cleaner_reserve(session, txn, lpLibrary, lpSlot));
	return api_done(session, code);
}

NTMS_EXPORT DWORD WINAPI ReleaseNtmsCleanerSlot(HANDLE hSession, LPNTMS_GUID lpLibrary)
{
	struct session *session = session_get(hSession);
	struct txn *txn;
	DWORD code;

	if (!session)
		return api_return(session_missing(hSession));
	if (!lpLibrary)
		return api_done(session, api_bad("lpLibrary"));
	code = session_begin(session, &txn);
	if (!code)
		code = txn_end(txn, cleaner_release(session, txn, lpLibrary));
	return api_done(session, code);
}

NTMS_EXPORT DWORD WINAPI CleanNtmsDrive(HANDLE hSession, LPNTMS_GUID lpDriveId)
{
	struct session *session = session_get(hSession);
	NTMS_GUID library;
	struct txn *txn;
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!lpDriveId)
		return api_done(session, api_bad("lpDriveId"));
	code = session_begin(session, &txn);
	if (code)
		return api_done(session, code);
	code = clean_drive(session, txn, lpDriveId, &library);
	if (guid_is_null(&library))
		return api_done(session, txn_end(txn, code));
	return api_done(session, control_end(session, txn, &library, code));
}

NTMS_EXPORT DWORD WINAPI InjectNtmsCleaner(HANDLE hSession, LPNTMS_GUID lpLibrary,
					   LPNTMS_GUID lpInjectOperation,
					   DWORD dwNumberOfCleansLeft, DWORD dwAction)
{
	struct session *session = session_get(hSession);

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!lpLibrary || !lpInjectOperation)
		return api_done(session, api_bad(lpLibrary ? "lpInjectOperation" : "lpLibrary"));
	if (dwAction > NTMS_INJECT_STOP)
		return api_done(session, api_bad("dwAction"));
	if (dwAction == NTMS_INJECT_START && !dwNumberOfCleansLeft)
		return api_done(session, api_bad("dwNumberOfCleansLeft"));
	return api_done(session, cleaner_inject(session, lpLibrary, lpInjectOperation,
						dwNumberOfCleansLeft, dwAction));
}

NTMS_EXPORT DWORD WINAPI EjectNtmsCleaner(HANDLE hSession, LPNTMS_GUID lpLibrary,
					  LPNTMS_GUID lpEjectOperation, DWORD dwAction)
{
	struct session *session = session_get(hSession);

	if (!session)
		return api_return(session_missing(hSession));
	if (!lpLibrary || !lpEjectOperation)
		return api_done(session, api_bad(lpLibrary ? "lpEjectOperation" : "lpLibrary"));
	if (dwAction > NTMS_EJECT_STOP)
		return api_done(session, api_bad("dwAction"));
	return api_done(session, cleaner_eject(session, lpLibrary, lpEjectOperation, dwAction));
}

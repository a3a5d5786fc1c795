/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "api/args.h"
#include "core/change.h"

NTMS_EXPORT DWORD WINAPI BeginNtmsDeviceChangeDetection(HANDLE hSession, LPHANDLE lpDetectHandle)
{
	struct session *session = session_get(hSession);
	struct detection *detection;
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!lpDetectHandle)
		return api_done(session, api_bad("lpDetectHandle"));
	code = change_begin(session, &detection);
	if (!code)
		*lpDetectHandle = detection;
	return api_done(session, code);
}

NTMS_EXPORT DWORD WINAPI SetNtmsDeviceChangeDetection(HANDLE hSession, HANDLE DetectHandle,
						      LPNTMS_GUID lpRequestId, DWORD dwType,
						      DWORD dwCount)
{
	struct session *session = session_get(hSession);

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!lpRequestId || !dwCount)
		return api_done(session, api_bad(lpRequestId ? "dwCount" : "lpRequestId"));
	if (dwType != NTMS_LIBRARY && dwType != NTMS_MEDIA_TYPE && dwType != NTMS_PHYSICAL_MEDIA)
		return api_done(session, api_bad("dwType"));
	return api_done(session, change_set(session, DetectHandle, lpRequestId, dwType, dwCount));
}

NTMS_EXPORT DWORD WINAPI EndNtmsDeviceChangeDetection(HANDLE hSession, HANDLE DetectHandle)
{
	struct session *session = session_get(hSession);

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	return api_done(session, change_end(session, DetectHandle));
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* eject_disk.c - EjectDiskFromSADrive, which has a session of its own */
#include <stdio.h>
#include "api/args.h"
#include "base/utf.h"
#include "core/eject_disk.h"

#define DEVICE_SIZE (NTMS_DEVICENAME_LENGTH * 3)

/* With the session that was opened for it; the message outlives it. */
static DWORD eject(HANDLE handle, const char *device, DWORD options)
{
	struct session *session;
	char said[512];
	DWORD code;

	if (handle == INVALID_HANDLE_VALUE)
		return GetLastError();
	session = session_get(handle);
	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	code = eject_disk(session, device, options);
	snprintf(said, sizeof(said), "%s", ntms_said());
	session_put(session);
	CloseNtmsSession(handle);
	return code ? api_return(ntms_say(code, "%s", said)) : api_return(code);
}

/* There is no box to ask in: hWnd, lpTitle and lpMessage say nothing here. */
NTMS_EXPORT DWORD WINAPI EjectDiskFromSADriveA(LPCSTR lpComputerName, LPCSTR lpAppName,
					       LPCSTR lpDeviceName, HWND hWnd, LPCSTR lpTitle,
					       LPCSTR lpMessage, DWORD dwOptions)
{
	char device[DEVICE_SIZE];

	(void)hWnd;
	(void)lpTitle;
	(void)lpMessage;
	ntms_say_nothing();
	if (!lpDeviceName || !lpDeviceName[0] ||
	    !utf8_take(lpDeviceName, NTMS_DEVICENAME_LENGTH, device, sizeof(device)))
		return api_return(api_bad("lpDeviceName"));
	return eject(OpenNtmsSessionA(lpComputerName, lpAppName, 0), device, dwOptions);
}

NTMS_EXPORT DWORD WINAPI EjectDiskFromSADriveW(LPCWSTR lpComputerName, LPCWSTR lpAppName,
					       LPCWSTR lpDeviceName, HWND hWnd, LPCWSTR lpTitle,
					       LPCWSTR lpMessage, DWORD dwOptions)
{
	char device[DEVICE_SIZE];

	(void)hWnd;
	(void)lpTitle;
	(void)lpMessage;
	ntms_say_nothing();
	if (!lpDeviceName || !lpDeviceName[0] ||
	    !utf16_take(lpDeviceName, NTMS_DEVICENAME_LENGTH, device, sizeof(device)))
		return api_return(api_bad("lpDeviceName"));
	return eject(OpenNtmsSessionW(lpComputerName, lpAppName, 0), device, dwOptions);
}

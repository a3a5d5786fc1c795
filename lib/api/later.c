/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * later.c - the calls of the interface that this version does not carry out
 *
 * Each says so with ERROR_CALL_NOT_IMPLEMENTED, whatever it is given, and changes nothing.
 * docs/architecture.md has the same list.
 */
#include "api/api.h"

#define LATER(name, ...)                           \
	NTMS_EXPORT DWORD WINAPI name(__VA_ARGS__) \
	{                                          \
		return later(#name);               \
	}

static DWORD later(const char *name)
{
	return api_return(ntms_say(ERROR_CALL_NOT_IMPLEMENTED,
				   "%s is not part of this version of the library", name));
}

/* Nobody looks at the arguments. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"

/* libraries */
LATER(EjectNtmsMedia, HANDLE session, LPNTMS_GUID media, LPNTMS_GUID operation, DWORD action)
LATER(InjectNtmsMedia, HANDLE session, LPNTMS_GUID library, LPNTMS_GUID operation, DWORD action)
LATER(AccessNtmsLibraryDoor, HANDLE session, LPNTMS_GUID library, DWORD action)
LATER(CleanNtmsDrive, HANDLE session, LPNTMS_GUID drive)
LATER(IdentifyNtmsSlot, HANDLE session, LPNTMS_GUID slot, DWORD option)
LATER(ReserveNtmsCleanerSlot, HANDLE session, LPNTMS_GUID library, LPNTMS_GUID slot)
LATER(ReleaseNtmsCleanerSlot, HANDLE session, LPNTMS_GUID library)
LATER(InjectNtmsCleaner, HANDLE session, LPNTMS_GUID library, LPNTMS_GUID operation, DWORD uses,
      DWORD action)
LATER(EjectNtmsCleaner, HANDLE session, LPNTMS_GUID library, LPNTMS_GUID operation, DWORD action)
LATER(EjectDiskFromSADriveA, LPCSTR computer, LPCSTR application, LPCSTR device, HWND window,
      LPCSTR title, LPCSTR message, DWORD options)
LATER(EjectDiskFromSADriveW, LPCWSTR computer, LPCWSTR application, LPCWSTR device, HWND window,
      LPCWSTR title, LPCWSTR message, DWORD options)
LATER(GetVolumesFromDriveA, LPSTR drive, LPSTR *volume, LPSTR *letter)
LATER(GetVolumesFromDriveW, LPWSTR drive, LPWSTR *volume, LPWSTR *letter)

/* objects */
LATER(GetNtmsUIOptionsA, HANDLE session, const LPNTMS_GUID object, DWORD type, LPSTR destination,
      LPDWORD size)
LATER(GetNtmsUIOptionsW, HANDLE session, const LPNTMS_GUID object, DWORD type, LPWSTR destination,
      LPDWORD size)
LATER(SetNtmsUIOptionsA, HANDLE session, const LPNTMS_GUID object, DWORD type, DWORD operation,
      LPCSTR destination)
LATER(SetNtmsUIOptionsW, HANDLE session, const LPNTMS_GUID object, DWORD type, DWORD operation,
      LPCWSTR destination)

/* the database, notification, change detection */
LATER(ExportNtmsDatabase, HANDLE session)
LATER(ImportNtmsDatabase, HANDLE session)
LATER(WaitForNtmsNotification, HANDLE notification, LPNTMS_NOTIFICATIONINFORMATION information,
      DWORD timeout)
LATER(CloseNtmsNotification, HANDLE notification)
LATER(BeginNtmsDeviceChangeDetection, HANDLE session, LPHANDLE detection)
LATER(SetNtmsDeviceChangeDetection, HANDLE session, HANDLE detection, LPNTMS_GUID object,
      DWORD type, DWORD count)
LATER(EndNtmsDeviceChangeDetection, HANDLE session, HANDLE detection)

NTMS_EXPORT HANDLE WINAPI OpenNtmsNotification(HANDLE session, DWORD type)
{
	later("OpenNtmsNotification");
	return INVALID_HANDLE_VALUE;
}

#pragma GCC diagnostic pop

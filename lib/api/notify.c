/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "api/args.h"
#include "core/notify.h"

NTMS_EXPORT HANDLE WINAPI OpenNtmsNotification(HANDLE hSession, DWORD dwType)
{
	struct session *session = session_get(hSession);
	struct notification *notification;
	DWORD code;

	if (!session) {
		api_return(session_missing(hSession));
		return INVALID_HANDLE_VALUE;
	}
	code = notify_open(session, dwType, &notification);
	api_done(session, code);
	return code ? INVALID_HANDLE_VALUE : (HANDLE)notification;
}

NTMS_EXPORT DWORD WINAPI
WaitForNtmsNotification(HANDLE hNotification,
			LPNTMS_NOTIFICATIONINFORMATION lpNotificationInformation, DWORD dwTimeout)
{
	ntms_say_nothing();
	if (!lpNotificationInformation)
		return api_return(api_bad("lpNotificationInformation"));
	return api_return(notify_wait(hNotification, dwTimeout, lpNotificationInformation));
}

NTMS_EXPORT DWORD WINAPI CloseNtmsNotification(HANDLE hNotification)
{
	ntms_say_nothing();
	if (!hNotification)
		return api_return(api_bad("hNotification"));
	return api_return(notify_close(hNotification));
}

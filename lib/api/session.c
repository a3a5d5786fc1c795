/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* session.c - OpenNtmsSession, CloseNtmsSession */
#include <strings.h>
#include <unistd.h>
#include "api/api.h"
#include "base/utf.h"

#define SERVER_SIZE (NTMS_COMPUTERNAME_LENGTH * 3)

/* Only this computer can be asked; NULL and "" mean it, as does its name. */
static DWORD check_server(const char *server)
{
	char name[SERVER_SIZE];

	if (!server[0] || !strcasecmp(server, "localhost"))
		return ERROR_SUCCESS;
	if (gethostname(name, sizeof(name)))
		name[0] = '\0';
	name[sizeof(name) - 1] = '\0';
	if (!strcasecmp(server, name))
		return ERROR_SUCCESS;
	return ntms_say(ERROR_NO_NETWORK,
			"there is no way to the computer %s; only the local one can be asked",
			server);
}

static HANDLE open_session(const char *server, const char *application, DWORD options)
{
	struct session *session = NULL;
	DWORD code;

	if (options & ~(DWORD)NTMS_SESSION_QUERYEXPEDITE)
		code = ntms_say(ERROR_INVALID_PARAMETER, "unknown session options 0x%x", options);
	else
		code = check_server(server);
	if (!code)
		code = session_open(application, &session);
	api_return(code);
	return code ? INVALID_HANDLE_VALUE : session;
}

NTMS_EXPORT HANDLE OpenNtmsSessionA(LPCSTR lpServer, LPCSTR lpApplication, DWORD dwOptions)
{
	char server[SERVER_SIZE] = "", application[NTMS_APPLICATIONNAME_LENGTH * 3] = "";

	ntms_say_nothing();
	if (lpServer && !utf8_take(lpServer, NTMS_COMPUTERNAME_LENGTH, server, sizeof(server))) {
		api_return(ntms_say(ERROR_INVALID_COMPUTERNAME,
				    "the computer name is too long or not UTF-8"));
		return INVALID_HANDLE_VALUE;
	}
	if (lpApplication && !utf8_take(lpApplication, NTMS_APPLICATIONNAME_LENGTH, application,
					sizeof(application))) {
		api_return(ntms_say(ERROR_INVALID_PARAMETER,
				    "the application name is too long or not UTF-8"));
		return INVALID_HANDLE_VALUE;
	}
	return open_session(server, application, dwOptions);
}

NTMS_EXPORT HANDLE OpenNtmsSessionW(LPCWSTR lpServer, LPCWSTR lpApplication, DWORD dwOptions)
{
	char server[SERVER_SIZE] = "", application[NTMS_APPLICATIONNAME_LENGTH * 3] = "";

	ntms_say_nothing();
	if (lpServer && !utf16_take(lpServer, NTMS_COMPUTERNAME_LENGTH, server, sizeof(server))) {
		api_return(ntms_say(ERROR_INVALID_COMPUTERNAME,
				    "the computer name is too long or not UTF-16"));
		return INVALID_HANDLE_VALUE;
	}
	if (lpApplication && !utf16_take(lpApplication, NTMS_APPLICATIONNAME_LENGTH, application,
					 sizeof(application))) {
		api_return(ntms_say(ERROR_INVALID_PARAMETER,
				    "the application name is too long or not UTF-16"));
		return INVALID_HANDLE_VALUE;
	}
	return open_session(server, application, dwOptions);
}

NTMS_EXPORT DWORD CloseNtmsSession(HANDLE hSession)
{
	return api_return(session_close(hSession));
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ui.c - where messages to people go */
#include <string.h>
#include "api/args.h"
#include "base/utf.h"
#include "core/ui.h"

/* ---- names given to callers: each with its NUL, and one more behind the last ---- */

static size_t length_of(const struct ui_names *names, bool wide)
{
	size_t length = 0, units;

	for (size_t i = 0; i < names->count; i++) {
		units = strlen(names->list[i]);
		if (wide && !utf8_units(names->list[i], &units))
			units = 0; /* utf16_give() ends it there, too */
		length += units + 1;
	}
	return length ? length + 1 : 0;
}

static void give_wide(const struct ui_names *names, WCHAR *to)
{
	size_t units;

	for (size_t i = 0; i < names->count; i++) {
		if (!utf8_units(names->list[i], &units))
			units = 0;
		utf16_give(names->list[i], to, units + 1);
		to += units + 1;
	}
	*to = 0;
}

static void give_bytes(const struct ui_names *names, char *to)
{
	for (size_t i = 0; i < names->count; i++) {
		size_t length = strlen(names->list[i]) + 1;

		memcpy(to, names->list[i], length);
		to += length;
	}
	*to = '\0';
}

/* @to has room for *@size characters of its kind. */
static DWORD give_names(const struct ui_names *names, bool wide, void *to, LPDWORD size)
{
	size_t length = length_of(names, wide);
	DWORD room = *size;

	*size = (DWORD)length;
	if (length > room)
		return ntms_say(ERROR_INSUFFICIENT_BUFFER, "the list takes %zu characters, not %u",
				length, room);
	if (!length)
		return ERROR_SUCCESS;
	if (wide)
		give_wide(names, to);
	else
		give_bytes(names, to);
	return ERROR_SUCCESS;
}

static bool is_type(DWORD type)
{
	return type > NTMS_UITYPE_INVALID && type < NTMS_UITYPE_MAX;
}

static DWORD get_options(struct session *session, const NTMS_GUID *object, DWORD type, bool wide,
			 void *to, LPDWORD size)
{
	struct ui_names names = {0};
	DWORD code;

	if (!is_type(type))
		return api_bad("dwType");
	if (!size || (!to && *size))
		return api_bad("lpszDestination or lpdwBufSize");
	code = ui_get(session, object, type, &names);
	if (!code)
		code = give_names(&names, wide, to, size);
	ui_names_free(&names);
	return code;
}

NTMS_EXPORT DWORD WINAPI GetNtmsUIOptionsA(HANDLE hSession, const LPNTMS_GUID lpObjectId,
					   DWORD dwType, LPSTR lpszDestination, LPDWORD lpdwBufSize)
{
	struct session *session = session_get(hSession);

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	return api_done(session, get_options(session, lpObjectId, dwType, false, lpszDestination,
					     lpdwBufSize));
}

NTMS_EXPORT DWORD WINAPI GetNtmsUIOptionsW(HANDLE hSession, const LPNTMS_GUID lpObjectId,
					   DWORD dwType, LPWSTR lpszDestination,
					   LPDWORD lpdwBufSize)
{
	struct session *session = session_get(hSession);

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	return api_done(session, get_options(session, lpObjectId, dwType, true, lpszDestination,
					     lpdwBufSize));
}

/* @name is NULL if the caller's is missing or malformed. */
static DWORD set_options(struct session *session, const NTMS_GUID *object, DWORD type,
			 DWORD operation, const char *name)
{
	if (!is_type(type))
		return api_bad("dwType");
	if (operation < NTMS_UIDEST_ADD || operation >= NTMS_UIOPERATION_MAX)
		return api_bad("dwOperation");
	if (!name && operation != NTMS_UIDEST_DELETEALL)
		return api_bad("lpszDestination");
	return ui_set(session, object, type, operation, name);
}

static bool take_name(const char *from, char name[UI_NAME_SIZE])
{
	size_t units;

	return from && utf8_take(from, UI_NAME_SIZE, name, UI_NAME_SIZE) &&
	       utf8_units(name, &units) && units < NTMS_COMPUTERNAME_LENGTH;
}

NTMS_EXPORT DWORD WINAPI SetNtmsUIOptionsA(HANDLE hSession, const LPNTMS_GUID lpObjectId,
					   DWORD dwType, DWORD dwOperation, LPCSTR lpszDestination)
{
	struct session *session = session_get(hSession);
	char name[UI_NAME_SIZE];
	bool good;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	good = dwOperation != NTMS_UIDEST_DELETEALL && take_name(lpszDestination, name);
	return api_done(session,
			set_options(session, lpObjectId, dwType, dwOperation, good ? name : NULL));
}

NTMS_EXPORT DWORD WINAPI SetNtmsUIOptionsW(HANDLE hSession, const LPNTMS_GUID lpObjectId,
					   DWORD dwType, DWORD dwOperation, LPCWSTR lpszDestination)
{
	struct session *session = session_get(hSession);
	char name[UI_NAME_SIZE];
	bool good;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	good = dwOperation != NTMS_UIDEST_DELETEALL && lpszDestination &&
	       utf16_take(lpszDestination, NTMS_COMPUTERNAME_LENGTH, name, sizeof(name));
	return api_done(session,
			set_options(session, lpObjectId, dwType, dwOperation, good ? name : NULL));
}

NTMS_EXPORT DWORD RsmRequestDestinations(HANDLE hSession, LPNTMS_GUID lpRequestId,
					 LPSTR lpszDestination, LPDWORD lpdwBufSize)
{
	struct session *session = session_get(hSession);
	struct ui_names names = {0};
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!lpRequestId || !lpdwBufSize || (!lpszDestination && *lpdwBufSize))
		return api_done(session, api_bad("lpRequestId, lpszDestination or lpdwBufSize"));
	code = ui_request(session, lpRequestId, &names);
	if (!code)
		code = give_names(&names, false, lpszDestination, lpdwBufSize);
	ui_names_free(&names);
	return api_done(session, code);
}

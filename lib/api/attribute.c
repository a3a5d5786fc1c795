/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "api/args.h"
#include "base/utf.h"
#include "core/attribute.h"
#include "core/info_fields.h"
#include "core/txn.h"

/* An attribute's name in UTF-8, its NUL included. */
#define NAME_SIZE (NTMS_MAXATTR_NAMELEN * 3)

/* The name as text, and whether it is one: not empty, well-formed, not too long. */
static bool take_name_a(const char *name, char text[NAME_SIZE])
{
	size_t units;

	return utf8_take(name, NAME_SIZE, text, NAME_SIZE) && text[0] && utf8_units(text, &units) &&
	       units < NTMS_MAXATTR_NAMELEN;
}

static bool take_name_w(const WCHAR *name, char text[NAME_SIZE])
{
	return utf16_take(name, NTMS_MAXATTR_NAMELEN, text, NAME_SIZE) && text[0];
}

static DWORD get_attribute(struct session *session, const NTMS_GUID *object, DWORD type,
			   const char *name, void *data, DWORD *size)
{
	struct txn *txn;
	uint32_t length;
	DWORD code;

	if (!object)
		return api_bad("lpObjectId");
	if (type != NTMS_UNKNOWN && !info_type_fields(type, false))
		return api_bad("dwType");
	if (!name)
		return api_bad("lpAttributeName");
	if (!size || (!data && *size))
		return api_bad("lpAttributeData or lpAttributeSize");
	code = session_begin(session, &txn);
	if (code)
		return code;
	code = attribute_get(txn, &session->caller, object, type, name, data, *size, &length);
	store_abort(txn);
	if (!code || code == ERROR_INSUFFICIENT_BUFFER)
		*size = length;
	return code;
}

static DWORD set_attribute(struct session *session, const NTMS_GUID *object, const char *name,
			   const void *data, DWORD size)
{
	struct txn *txn;
	DWORD code;

	if (!object)
		return api_bad("lpObjectId");
	if (!data && size)
		return api_bad("lpAttributeData");
	if (!name)
		return ntms_say(ERROR_INVALID_NAME,
				"the name of an attribute has 1 to %d characters",
				NTMS_MAXATTR_NAMELEN - 1);
	if (size >= NTMS_MAXATTR_LENGTH)
		return ntms_say(ERROR_NO_DATA, "an attribute has less than %u bytes, not %u",
				(unsigned int)NTMS_MAXATTR_LENGTH, size);
	code = session_begin(session, &txn);
	if (code)
		return code;
	return txn_end(txn, attribute_set(txn, &session->caller, object, name, data, size));
}

NTMS_EXPORT DWORD WINAPI GetNtmsObjectAttributeA(HANDLE hSession, LPNTMS_GUID lpObjectId,
						 DWORD dwType, LPCSTR lpAttributeName,
						 LPVOID lpAttributeData, LPDWORD lpAttributeSize)
{
	struct session *session = session_get(hSession);
	char text[NAME_SIZE];
	bool good;

	if (!session)
		return api_return(session_missing(hSession));
	good = lpAttributeName && take_name_a(lpAttributeName, text);
	return api_done(session, get_attribute(session, lpObjectId, dwType, good ? text : NULL,
					       lpAttributeData, lpAttributeSize));
}

NTMS_EXPORT DWORD WINAPI GetNtmsObjectAttributeW(HANDLE hSession, LPNTMS_GUID lpObjectId,
						 DWORD dwType, LPCWSTR lpAttributeName,
						 LPVOID lpAttributeData, LPDWORD lpAttributeSize)
{
	struct session *session = session_get(hSession);
	char text[NAME_SIZE];
	bool good;

	if (!session)
		return api_return(session_missing(hSession));
	good = lpAttributeName && take_name_w(lpAttributeName, text);
	return api_done(session, get_attribute(session, lpObjectId, dwType, good ? text : NULL,
					       lpAttributeData, lpAttributeSize));
}

/* dwType is not looked at: the object is known by its GUID. */
NTMS_EXPORT DWORD WINAPI SetNtmsObjectAttributeA(HANDLE hSession, LPNTMS_GUID lpObjectId,
						 DWORD dwType, LPCSTR lpAttributeName,
						 LPVOID lpAttributeData, DWORD dwAttributeSize)
{
	struct session *session = session_get(hSession);
	char text[NAME_SIZE];
	bool good;

	(void)dwType;
	if (!session)
		return api_return(session_missing(hSession));
	if (!lpAttributeName)
		return api_done(session, api_bad("lpAttributeName"));
	good = take_name_a(lpAttributeName, text);
	return api_done(session, set_attribute(session, lpObjectId, good ? text : NULL,
					       lpAttributeData, dwAttributeSize));
}

NTMS_EXPORT DWORD WINAPI SetNtmsObjectAttributeW(HANDLE hSession, LPNTMS_GUID lpObjectId,
						 DWORD dwType, LPCWSTR lpAttributeName,
						 LPVOID lpAttributeData, DWORD dwAttributeSize)
{
	struct session *session = session_get(hSession);
	char text[NAME_SIZE];
	bool good;

	(void)dwType;
	if (!session)
		return api_return(session_missing(hSession));
	if (!lpAttributeName)
		return api_done(session, api_bad("lpAttributeName"));
	good = take_name_w(lpAttributeName, text);
	return api_done(session, set_attribute(session, lpObjectId, good ? text : NULL,
					       lpAttributeData, dwAttributeSize));
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "api/args.h"
#include "core/access.h"
#include "core/info_fields.h"
#include "core/security.h"
#include "core/txn.h"

static DWORD check(const NTMS_GUID *object, DWORD type, SECURITY_INFORMATION parts)
{
	if (!object)
		return api_bad("lpObjectId");
	if (type != NTMS_UNKNOWN && !info_type_fields(type, false))
		return api_bad("dwType");
	if (!parts || (parts & ~SECURITY_PARTS))
		return api_bad("the security information");
	return ERROR_SUCCESS;
}

static DWORD get_security(struct session *session, const NTMS_GUID *object, DWORD type,
			  SECURITY_INFORMATION parts, void *descriptor, DWORD room, DWORD *needed)
{
	struct obj_security security;
	struct txn *txn;
	DWORD code = check(object, type, parts);

	if (code)
		return code;
	if (!needed || (!descriptor && room))
		return api_bad("lpSecurityDescriptor or lpnLengthNeeded");
	code = session_begin(session, &txn);
	if (code)
		return code;
	code = security_get(txn, &session->caller, object, type, parts, &security);
	store_abort(txn);
	if (code)
		return code;
	*needed = security.length;
	if (security.length > room)
		return ntms_say(ERROR_INSUFFICIENT_BUFFER, "the descriptor has %u bytes, not %u",
				security.length, room);
	memcpy(descriptor, security.bytes, security.length);
	return ERROR_SUCCESS;
}

static DWORD set_security(struct session *session, const NTMS_GUID *object, DWORD type,
			  SECURITY_INFORMATION parts, const void *descriptor)
{
	struct obj_security given;
	struct txn *txn;
	DWORD code = check(object, type, parts);

	if (code)
		return code;
	if (!descriptor)
		return api_bad("lpSecurityDescriptor");
	/* A self-relative descriptor tells its own length. */
	code = access_import(&given, descriptor, sizeof(given.bytes));
	if (!code)
		code = session_begin(session, &txn);
	if (code)
		return code;
	return txn_end(txn, security_set(txn, &session->caller, object, type, parts, &given));
}

NTMS_EXPORT DWORD WINAPI GetNtmsObjectSecurity(HANDLE hSession, LPNTMS_GUID lpObjectId,
					       DWORD dwType,
					       SECURITY_INFORMATION RequestedInformation,
					       PSECURITY_DESCRIPTOR lpSecurityDescriptor,
					       DWORD nLength, LPDWORD lpnLengthNeeded)
{
	struct session *session = session_get(hSession);

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	return api_done(session, get_security(session, lpObjectId, dwType, RequestedInformation,
					      lpSecurityDescriptor, nLength, lpnLengthNeeded));
}

NTMS_EXPORT DWORD WINAPI SetNtmsObjectSecurity(HANDLE hSession, LPNTMS_GUID lpObjectId,
					       DWORD dwType,
					       SECURITY_INFORMATION SecurityInformation,
					       PSECURITY_DESCRIPTOR lpSecurityDescriptor)
{
	struct session *session = session_get(hSession);

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	return api_done(session, set_security(session, lpObjectId, dwType, SecurityInformation,
					      lpSecurityDescriptor));
}

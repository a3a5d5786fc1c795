/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* database.c - the database exported and imported */
#include "api/api.h"
#include "core/export.h"

NTMS_EXPORT DWORD WINAPI ExportNtmsDatabase(HANDLE hSession)
{
	struct session *session = session_get(hSession);

	if (!session)
		return api_return(session_missing(hSession));
	return api_done(session, database_export(session));
}

NTMS_EXPORT DWORD WINAPI ImportNtmsDatabase(HANDLE hSession)
{
	struct session *session = session_get(hSession);

	if (!session)
		return api_return(session_missing(hSession));
	return api_done(session, database_import(session));
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* txn.h - one call, one transaction */
#ifndef NTMS_CORE_TXN_H
#define NTMS_CORE_TXN_H

#include "base/say.h"
#include "core/session.h"

/*
 * Begin the transaction of a call that has no ERROR_TIMEOUT in its table: not getting at the
 * database is an ERROR_DATABASE_FAILURE then, and the message tells who holds it.
 */
static inline DWORD session_begin(struct session *session, struct txn **txnp)
{
	DWORD code = store_begin(session->system->store, STORE_DEADLINE_DEFAULT, txnp);

	return code == ERROR_TIMEOUT ? ERROR_DATABASE_FAILURE : code;
}

/* End it: all of it happens if @code is ERROR_SUCCESS, else nothing. */
static inline DWORD txn_end(struct txn *txn, DWORD code)
{
	if (!code)
		return store_commit(txn);
	store_abort(txn);
	return code;
}

/* What a record of the database names must be there: its absence is damage. */
static inline DWORD must_exist(DWORD code, const char *what, const char *of)
{
	if (code != ERROR_OBJECT_NOT_FOUND)
		return code;
	return ntms_say(ERROR_DATABASE_FAILURE, "the %s of \"%s\" is not in the database", what,
			of);
}

#endif

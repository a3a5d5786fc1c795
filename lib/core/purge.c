/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include "base/clock.h"
#include "core/media.h"
#include "core/newmedia.h"
#include "core/purge.h"
#include "core/txn.h"

/* So many are deleted at once, that nobody has to wait for it. */
#define PURGE_MAX 64

struct purge {
	struct store *store;
	struct txn *txn;
	struct obj_computer policy;
	size_t deleted;
};

static DWORD delete_one(struct purge *purge, const NTMS_GUID *guid)
{
	purge->deleted++;
	return store_delete(purge->txn, guid);
}

/* Unix time before which a request has to have ended. */
static uint64_t limit_of(uint32_t seconds)
{
	uint64_t now = clock_utc_ms(), age = seconds * 1000ULL;

	return now > age ? now - age : 0;
}

/* Those that ended longest ago come first. Where failed ones are kept, all have to be looked at. */
static DWORD purge_library_requests(struct purge *purge)
{
	bool keep_failed = purge->policy.librequest_flags & NTMS_LIBREQFLAGS_NOFAILEDPURGE;
	uint64_t limit = limit_of(purge->policy.librequest_purge_s);
	struct object request;
	struct store_key key;
	NTMS_GUID *list;
	size_t count;
	DWORD code;

	if (purge->policy.librequest_flags & NTMS_LIBREQFLAGS_NOAUTOPURGE)
		return ERROR_SUCCESS;
	key_start(&key);
	code = store_list(purge->txn, IX_FINISHED, &key, keep_failed ? 0 : PURGE_MAX, &list,
			  &count);
	if (code)
		return code;
	for (size_t i = 0; i < count && !code && purge->deleted < PURGE_MAX; i++) {
		code = store_get(purge->txn, &list[i], NTMS_LIBREQUEST, &request);
		if (code || request.librequest.completed_ms > limit)
			break;
		if (!request.librequest.error || !keep_failed)
			code = delete_one(purge, &list[i]);
	}
	free(list);
	return must_exist(code, "request", "an index");
}

static bool may_go(const struct purge *purge, const struct object *request, uint64_t limit)
{
	if (request->modified_ms > limit)
		return false;
	return request->oprequest.state == NTMS_OPSTATE_COMPLETE ||
	       (request->oprequest.state == NTMS_OPSTATE_REFUSED &&
		!(purge->policy.oprequest_flags & NTMS_OPREQFLAGS_NOFAILEDPURGE));
}

/* Their last change was their end. They are few: people have to answer them. */
static DWORD purge_operator_requests(struct purge *purge)
{
	uint64_t limit = limit_of(purge->policy.oprequest_purge_s);
	struct object request;
	struct store_key key;
	NTMS_GUID *list;
	size_t count;
	DWORD code;

	if (purge->policy.oprequest_flags & NTMS_OPREQFLAGS_NOAUTOPURGE)
		return ERROR_SUCCESS;
	key_start(&key);
	key_u32(&key, NTMS_OPREQUEST);
	code = store_list(purge->txn, IX_TYPE, &key, 0, &list, &count);
	if (code)
		return code;
	for (size_t i = 0; i < count && !code && purge->deleted < PURGE_MAX; i++) {
		code = store_get(purge->txn, &list[i], NTMS_OPREQUEST, &request);
		if (!code && may_go(purge, &request, limit))
			code = delete_one(purge, &list[i]);
	}
	free(list);
	return must_exist(code, "request", "an index");
}

static DWORD purge_all(struct purge *purge)
{
	struct object computer;
	bool changed = false;
	DWORD code = must_exist(computer_get(purge->txn, &computer), "computer", "the database");

	if (code)
		return code;
	purge->policy = computer.computer;
	code = purge_library_requests(purge);
	if (!code)
		code = purge_operator_requests(purge);
	if (!code)
		code = newmedia_forget_dead(purge->store, purge->txn, &changed);
	purge->deleted += changed;
	return code;
}

DWORD purge(struct ntms_system *system)
{
	struct purge purge = {.store = system->store};
	DWORD code = store_begin(system->store, STORE_DEADLINE_DEFAULT, &purge.txn);

	if (code)
		return code;
	code = purge_all(&purge);
	if (!code && purge.deleted)
		return store_commit(purge.txn);
	store_abort(purge.txn);
	return code;
}

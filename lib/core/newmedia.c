/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "base/guid.h"
#include "core/newmedia.h"
#include "core/oprequest.h"
#include "core/txn.h"
#include "store/claim.h"

void newmedia_init(struct newmedia *newmedia, const NTMS_GUID *pool)
{
	*newmedia = (struct newmedia){.pool = *pool, .claim = -1};
}

void newmedia_end(struct newmedia *newmedia)
{
	if (newmedia->claim >= 0)
		close(newmedia->claim);
	newmedia->claim = -1;
	newmedia->request = (NTMS_GUID)NTMS_NULLGUID;
}

static bool is_open(uint32_t state)
{
	return state == NTMS_OPSTATE_SUBMITTED || state == NTMS_OPSTATE_ACTIVE ||
	       state == NTMS_OPSTATE_INPROGRESS;
}

/* Its request, whatever has become of it: *@state is UNKNOWN when it is gone or was never made. */
static DWORD read_own(struct txn *txn, const struct newmedia *newmedia, struct object *request,
		      uint32_t *state)
{
	DWORD code;

	*state = NTMS_OPSTATE_UNKNOWN;
	if (guid_is_null(&newmedia->request))
		return ERROR_SUCCESS;
	code = store_get(txn, &newmedia->request, NTMS_OPREQUEST, request);
	if (!code)
		*state = request->oprequest.state;
	return code == ERROR_OBJECT_NOT_FOUND ? ERROR_SUCCESS : code;
}

static DWORD others_wait(struct session *session, const struct newmedia *newmedia,
			 const struct object *request, bool *others)
{
	return store_claimed(session->system->store, request->seq, newmedia->claim, others);
}

static DWORD raise_and_claim(struct session *session, struct txn *txn, struct newmedia *newmedia)
{
	char message[OBJ_MESSAGE_SIZE];
	struct object pool, request;
	NTMS_GUID guid;
	DWORD code = store_get(txn, &newmedia->pool, NTMS_MEDIA_POOL, &pool);

	if (code)
		return must_exist(code, "pool", "an allocation");
	snprintf(message, sizeof(message),
		 "Media pool \"%s\" has no free cartridge left, and somebody waits for one. Put "
		 "cartridges into a library, and move them to the pool or to the Free pool.",
		 pool.name);
	code = oprequest_raise(txn, NTMS_OPREQ_NEWMEDIA, &newmedia->pool, NULL, message, &guid);
	if (!code)
		code = store_get(txn, &guid, NTMS_OPREQUEST, &request);
	if (code)
		return code;
	newmedia_end(newmedia);
	code = store_claim(session->system->store, request.seq, &newmedia->claim);
	if (!code)
		newmedia->request = guid;
	return code;
}

DWORD newmedia_ask(struct session *session, struct txn *txn, struct newmedia *newmedia)
{
	struct object request;
	uint32_t state;
	DWORD code = read_own(txn, newmedia, &request, &state);

	if (code || is_open(state))
		return code;
	if (state == NTMS_OPSTATE_REFUSED)
		return ntms_say(ERROR_CANCELLED, "the operator has refused to bring media");
	/* Who said so is believed: it was looked again. */
	if (state == NTMS_OPSTATE_COMPLETE)
		code = store_delete(txn, &request.guid);
	return code ? code : raise_and_claim(session, txn, newmedia);
}

DWORD newmedia_found(struct session *session, struct txn *txn, struct newmedia *newmedia)
{
	struct object request;
	uint32_t state;
	bool others;
	DWORD code = read_own(txn, newmedia, &request, &state);

	if (code || state == NTMS_OPSTATE_UNKNOWN || state == NTMS_OPSTATE_REFUSED)
		return code;
	code = others_wait(session, newmedia, &request, &others);
	if (code || others)
		return code;
	if (state == NTMS_OPSTATE_COMPLETE)
		return store_delete(txn, &request.guid);
	return oprequest_close(txn, NTMS_OPREQ_NEWMEDIA, &newmedia->pool, NULL);
}

DWORD newmedia_leave(struct session *session, struct txn *txn, struct newmedia *newmedia)
{
	struct object request;
	uint32_t state;
	bool others;
	DWORD code = read_own(txn, newmedia, &request, &state);

	if (code || !is_open(state))
		return code;
	code = others_wait(session, newmedia, &request, &others);
	return code || others ? code : store_delete(txn, &request.guid);
}

DWORD newmedia_forget_dead(struct store *store, struct txn *txn, bool *changed)
{
	struct object request;
	struct store_key key;
	NTMS_GUID *list;
	size_t count;
	bool alive;
	DWORD code;

	*changed = false;
	key_start(&key);
	key_u32(&key, NTMS_OPREQ_NEWMEDIA);
	code = store_list(txn, IX_ERRAND, &key, 0, &list, &count);
	if (code)
		return code;
	for (size_t i = 0; i < count && !code; i++) {
		code = store_get(txn, &list[i], NTMS_OPREQUEST, &request);
		if (code || !oprequest_is_ours(&request))
			continue;
		code = store_claimed(store, request.seq, -1, &alive);
		if (code || alive)
			continue;
		code = store_delete(txn, &list[i]);
		*changed = true;
	}
	free(list);
	return code;
}

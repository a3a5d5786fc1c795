/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>
#include "base/clock.h"
#include "base/guid.h"
#include "core/access.h"
#include "core/queue.h"
#include "core/request.h"
#include "core/run.h"
#include "core/txn.h"

static DWORD read_request(struct txn *txn, const NTMS_GUID *guid, struct object *request)
{
	DWORD code = store_get(txn, guid, NTMS_LIBREQUEST, request);

	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(code, "there is no such library request");
	return code;
}

DWORD queue_get_order(struct txn *txn, const struct caller *caller, const NTMS_GUID *guid,
		      uint32_t *order)
{
	struct object request;
	DWORD code = read_request(txn, guid, &request);

	if (!code)
		code = access_check_computer(txn, caller, NTMS_CONTROL_ACCESS);
	if (!code)
		*order = request_is_final(&request) ? 0 : request.librequest.order;
	return code;
}

/* Those that have a number from @order on without a gap make room for it. */
static DWORD make_room(struct txn *txn, const struct object *request, uint32_t order)
{
	struct object other;
	struct store_key key;
	NTMS_GUID *list;
	size_t count;
	DWORD code;

	key_start(&key);
	key_guid(&key, &request->librequest.library);
	key_u32(&key, request->librequest.operation);
	code = store_list(txn, IX_QUEUE, &key, 0, &list, &count);
	if (code)
		return code;
	for (size_t i = 0; i < count && !code && order != UINT32_MAX; i++) {
		if (guid_equal(&list[i], &request->guid))
			continue;
		code = must_exist(store_get(txn, &list[i], NTMS_LIBREQUEST, &other), "request",
				  "the queue");
		if (code || other.librequest.order < order)
			continue;
		if (other.librequest.order > order)
			break;
		other.librequest.order = ++order;
		code = store_update(txn, &other);
	}
	free(list);
	return code;
}

DWORD queue_set_order(struct txn *txn, const struct caller *caller, const NTMS_GUID *guid,
		      uint32_t order)
{
	struct object request;
	DWORD code = read_request(txn, guid, &request);

	if (!code)
		code = access_check_computer(txn, caller, NTMS_CONTROL_ACCESS);
	if (code)
		return code;
	if (request_is_final(&request))
		return ntms_say(ERROR_OBJECT_NOT_FOUND, "the request is finished");
	if (!request.librequest.order)
		return ntms_say(ERROR_INVALID_PARAMETER, "requests of this kind have no order");
	code = make_room(txn, &request, order);
	request.librequest.order = order;
	return code ? code : store_update(txn, &request);
}

/* That somebody has done so is on record like any work. */
static DWORD record_removal(struct session *session, struct txn *txn, const struct object *request)
{
	struct object removal;

	request_init(session, NTMS_LM_REMOVE, &request->librequest.library, &removal);
	removal.librequest.state = NTMS_LM_PASSED;
	removal.librequest.completed_ms = clock_utc_ms();
	removal.librequest.work_item = request->guid;
	return store_insert(txn, &removal);
}

DWORD queue_cancel(struct session *session, struct txn *txn, const NTMS_GUID *guid)
{
	struct object request;
	DWORD code = read_request(txn, guid, &request);
	struct obj_librequest *details = &request.librequest;

	if (!code)
		code = access_check(txn, &session->caller, &request, NTMS_CONTROL_ACCESS);
	if (code)
		return code;
	if (request_is_final(&request))
		return ntms_say(ERROR_OBJECT_NOT_FOUND, "the request is finished already");
	if (details->state == NTMS_LM_INPROCESS || details->move != OBJ_MOVE_NONE)
		return ntms_say(ERROR_ACCESS_DENIED, "the request is being carried out: %s",
				details->waits_for);
	details->state = NTMS_LM_CANCELLED;
	details->error = ERROR_CANCELLED;
	details->completed_ms = clock_utc_ms();
	snprintf(details->waits_for, sizeof(details->waits_for), "user %u has cancelled it",
		 (unsigned int)session->caller.uid);
	code = store_update(txn, &request);
	return code ? code : record_removal(session, txn, &request);
}

static bool may_go(const struct object *request)
{
	if (request->type == NTMS_LIBREQUEST)
		return request_is_final(request);
	return request->oprequest.state == NTMS_OPSTATE_COMPLETE ||
	       request->oprequest.state == NTMS_OPSTATE_REFUSED;
}

DWORD queue_delete(struct txn *txn, const struct caller *caller, const NTMS_GUID *requests,
		   uint32_t type, uint32_t count)
{
	struct object request;
	DWORD code = access_check_computer(txn, caller, NTMS_MODIFY_ACCESS);

	for (uint32_t i = 0; i < count && !code; i++) {
		code = store_get(txn, &requests[i], type, &request);
		if (!code && may_go(&request))
			code = store_delete(txn, &requests[i]);
		if (code == ERROR_OBJECT_NOT_FOUND)
			code = ERROR_SUCCESS;
	}
	return code;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>
#include "base/guid.h"
#include "core/queue.h"
#include "core/request.h"
#include "core/rights.h"
#include "core/run.h"
#include "core/txn.h"

DWORD queue_read_request(struct txn *txn, const NTMS_GUID *guid, struct object *request)
{
	DWORD code = store_get(txn, guid, NTMS_LIBREQUEST, request);

	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(code, "there is no such library request");
	return code;
}

/* That somebody has done so is on record like any work. */
static DWORD record_removal(struct session *session, struct txn *txn, const struct object *request)
{
	struct object removal;

	request_init(session, NTMS_LM_REMOVE, &request->librequest.library, &removal);
	removal.librequest.work_item = request->guid;
	return request_record(txn, &removal);
}

DWORD queue_cancel(struct session *session, struct txn *txn, const NTMS_GUID *guid)
{
	struct object request;
	DWORD code = queue_read_request(txn, guid, &request);
	char why[64];

	if (!code)
		code = rights_check(txn, &session->caller, RIGHT_CANCEL_LIBRARY_REQUEST, &request);
	if (code)
		return code;
	snprintf(why, sizeof(why), "user %u has cancelled it", (unsigned int)session->caller.uid);
	code = request_end(txn, &request, REQUEST_CANCELLED, ERROR_CANCELLED, why);
	if (code == ERROR_ACCESS_DENIED)
		return ntms_say(code, "the request is being carried out: %s",
				request.librequest.waits_for);
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
	DWORD code = rights_check(txn, caller, RIGHT_DELETE_REQUESTS, NULL);

	for (uint32_t i = 0; i < count && !code; i++) {
		code = store_get(txn, &requests[i], type, &request);
		if (!code && may_go(&request))
			code = store_delete(txn, &requests[i]);
		if (code == ERROR_OBJECT_NOT_FOUND)
			code = ERROR_SUCCESS;
	}
	return code;
}

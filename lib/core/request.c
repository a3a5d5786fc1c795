/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/guid.h"
#include "core/awaited.h"
#include "core/notify.h"
#include "core/request.h"
#include "core/worker.h"

void request_init(struct session *session, uint32_t operation, const NTMS_GUID *library,
		  struct object *request)
{
	struct obj_librequest *details = &request->librequest;

	machine_object(request, NTMS_LIBREQUEST);
	details->operation = operation;
	details->library = *library;
	details->queued_ms = clock_utc_ms();
	if (!session) {
		snprintf(details->application, sizeof(details->application), "Removable Storage");
		return;
	}
	details->pid = (uint32_t)getpid();
	memcpy(details->application, session->application, sizeof(details->application));
	memcpy(details->user, session->user, sizeof(details->user));
	memcpy(details->computer, session->computer, sizeof(details->computer));
}

static bool has_not_begun(const struct object *request)
{
	return request->librequest.state == NTMS_LM_QUEUED ||
	       request->librequest.state == NTMS_LM_DEFERRED;
}

DWORD request_end(struct txn *txn, struct object *request, enum request_event event, DWORD error,
		  const char *why)
{
	struct obj_librequest *details = &request->librequest;
	DWORD code = ERROR_SUCCESS;

	if ((event == REQUEST_PASSES || event == REQUEST_FAILS) && has_not_begun(request))
		code = request_event(request, REQUEST_BEGINS);
	if (!code)
		code = request_event(request, event);
	if (code)
		return code;
	details->error = error;
	if (why)
		snprintf(details->waits_for, sizeof(details->waits_for), "%s", why);
	code = guid_is_null(&request->guid) ? store_insert(txn, request)
					    : store_update(txn, request);
	if (!code)
		code = awaited_end(txn, request);
	if (!code)
		notify_request_over(txn, request);
	return code;
}

DWORD request_record(struct txn *txn, struct object *request)
{
	return request_end(txn, request, REQUEST_PASSES, ERROR_SUCCESS, "");
}

DWORD request_work(struct session *session, const NTMS_GUID *library)
{
	return worker_poke(session->system, library);
}

DWORD request_free_label(struct session *session, struct txn *txn, const struct object *media,
			 const struct object *side)
{
	struct object request;

	request_init(session, NTMS_LM_WRITESCRATCH, &media->media.library, &request);
	request.librequest.media = media->guid;
	request.librequest.side = side->guid;
	return store_insert(txn, &request);
}

DWORD request_pending(struct txn *txn, const NTMS_GUID *media, bool *pending)
{
	struct object request;
	struct store_key key;
	NTMS_GUID *list = NULL;
	size_t count = 0;
	DWORD code;

	*pending = false;
	key_start(&key);
	key_guid(&key, media);
	code = store_list(txn, IX_ACTIVE, &key, 0, &list, &count);
	for (size_t i = 0; i < count && !code && !*pending; i++) {
		code = store_get(txn, &list[i], NTMS_LIBREQUEST, &request);
		*pending = !code && request.librequest.operation != NTMS_LM_DISMOUNT;
	}
	free(list);
	return code;
}

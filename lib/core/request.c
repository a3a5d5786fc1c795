/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "core/request.h"
#include "core/worker.h"

void request_init(struct session *session, uint32_t operation, const NTMS_GUID *library,
		  struct object *request)
{
	struct obj_librequest *details = &request->librequest;

	memset(request, 0, sizeof(*request));
	request->type = NTMS_LIBREQUEST;
	request->enabled = TRUE;
	details->operation = operation;
	details->state = NTMS_LM_QUEUED;
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

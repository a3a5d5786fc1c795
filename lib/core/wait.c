/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/guid.h"
#include "base/say.h"
#include "core/find.h"
#include "core/mount.h"
#include "core/patience.h"
#include "core/run.h"
#include "core/wait.h"
#include "core/worker.h"

/* How the listed requests stand: RUN_WAITS while one is not over. */
static DWORD look(struct session *session, const NTMS_GUID *requests, size_t count,
		  struct object *running)
{
	struct object request;
	struct txn *txn;
	DWORD result = ERROR_SUCCESS;
	DWORD code = store_begin(session->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	for (size_t i = 0; i < count; i++) {
		code = store_get(txn, &requests[i], NTMS_LIBREQUEST, &request);
		if (code == ERROR_OBJECT_NOT_FOUND) /* purged: over */
			continue;
		if (code) {
			result = code;
			break;
		}
		if (!request_is_final(&request)) {
			if (result != RUN_WAITS || request.librequest.state == NTMS_LM_INPROCESS)
				*running = request;
			result = RUN_WAITS;
		} else if (request.librequest.error && result != RUN_WAITS) {
			result = ntms_say(request.librequest.error, "%s",
					  request.librequest.waits_for);
		}
	}
	store_abort(txn);
	return result;
}

DWORD wait_said_timeout(struct session *session, const NTMS_GUID *library, const char *last)
{
	char hindrance[256];

	worker_hindrance(session->system, library, hindrance, sizeof(hindrance));
	if (last[0] || hindrance[0])
		return ntms_say(ERROR_TIMEOUT, "%s", last[0] ? last : hindrance);
	return ERROR_TIMEOUT;
}

void report_progress(struct session *session, const struct object *request, char *last, size_t size)
{
	RSM_PROGRESS progress = {
		.RequestId = request->guid,
		.dwOperation = request->librequest.operation,
		.dwState = request->librequest.state,
		.lpText = request->librequest.waits_for,
	};
	char hindrance[sizeof(request->librequest.waits_for)] = "";
	RSM_PROGRESS_ROUTINE routine;
	void *context;

	/* No worker has come to it: it may be kept from its library altogether. */
	if (!progress.lpText[0] && progress.dwState == NTMS_LM_QUEUED) {
		worker_hindrance(session->system, &request->librequest.library, hindrance,
				 sizeof(hindrance));
		progress.lpText = hindrance;
	}
	if (!progress.lpText[0] || !strcmp(last, progress.lpText))
		return;
	snprintf(last, size, "%s", progress.lpText);
	pthread_mutex_lock(&session->mutex);
	routine = session->progress;
	context = session->progress_context;
	pthread_mutex_unlock(&session->mutex);
	if (routine)
		routine(context, &progress);
}

/* *@over: it is the requests that ended so, not the waiting. */
static DWORD wait_loop(struct session *session, const NTMS_GUID *library, const NTMS_GUID *requests,
		       size_t count, uint64_t deadline_ns, bool *over)
{
	struct object running;
	char last[sizeof(running.librequest.waits_for)] = "";
	struct patience patience;
	DWORD code = patience_begin(&patience, session, deadline_ns);

	if (code)
		return code;
	do {
		code = look(session, requests, count, &running);
		*over = code != RUN_WAITS;
		if (*over)
			break;
		report_progress(session, &running, last, sizeof(last));
		code = patience_sleep(&patience, -1);
		if (code == ERROR_TIMEOUT)
			code = wait_said_timeout(session, library, last);
	} while (!code);
	patience_end(&patience);
	return code;
}

static DWORD attend(struct session *session, const NTMS_GUID *library, const NTMS_GUID *requests,
		    size_t count, uint64_t deadline_ns, bool *over)
{
	DWORD code = worker_attend(session->system, library);

	*over = false;
	if (code)
		return code;
	code = wait_loop(session, library, requests, count, deadline_ns, over);
	worker_unattend(session->system, library);
	return code;
}

DWORD wait_requests(struct session *session, const NTMS_GUID *library, const NTMS_GUID *requests,
		    size_t count, uint64_t deadline_ns)
{
	bool over;

	return attend(session, library, requests, count, deadline_ns, &over);
}

DWORD wait_request(struct session *session, const NTMS_GUID *guid, uint64_t deadline_ns)
{
	struct object request;
	struct txn *txn;
	DWORD code = store_begin(session->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = store_get(txn, guid, NTMS_LIBREQUEST, &request);
	store_abort(txn);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(code, "there is no such library request");
	if (code)
		return code;
	/* Of what is over no worker is needed; its library may be gone. */
	if (request_is_final(&request))
		return look(session, guid, 1, &request);
	return wait_requests(session, &request.librequest.library, guid, 1, deadline_ns);
}

static DWORD list_media_requests(struct session *session, const NTMS_GUID *guid, NTMS_GUID *library,
				 NTMS_GUID **list, size_t *count)
{
	struct object media;
	struct store_key key;
	struct txn *txn;
	DWORD code = store_begin(session->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = find_cartridge(txn, guid, &media);
	if (!code) {
		*library = media.media.library;
		key_start(&key);
		key_guid(&key, &media.guid);
		code = store_list(txn, IX_ACTIVE, &key, 0, list, count);
	}
	store_abort(txn);
	return code;
}

DWORD wait_media(struct session *session, const NTMS_GUID *guid, uint64_t deadline_ns)
{
	NTMS_GUID *list = NULL;
	NTMS_GUID library;
	size_t count = 0;
	DWORD result = ERROR_SUCCESS;
	bool over;
	DWORD code;

	/* What is carried out may queue more work for the same cartridge. */
	for (;;) {
		code = list_media_requests(session, guid, &library, &list, &count);
		if (code || count == 0)
			break;
		result = attend(session, &library, list, count, deadline_ns, &over);
		free(list);
		list = NULL;
		if (!over)
			return result;
	}
	free(list);
	return code ? code : result;
}

DWORD wait_library(struct session *session, const NTMS_GUID *library, uint64_t deadline_ns)
{
	struct turn look_turn = {.system = session->system, .library = *library};
	NTMS_GUID *list = NULL;
	struct object obj;
	size_t count = 0;
	DWORD result = ERROR_SUCCESS;
	DWORD code = run_read(&look_turn, library, NTMS_LIBRARY, &obj);

	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_LIBRARY, "there is no such library");
	while (!code) {
		DWORD ended;
		bool over;

		code = run_queue(&look_turn, &list, &count);
		if (code || count == 0)
			break;
		ended = attend(session, library, list, count, deadline_ns, &over);
		free(list);
		list = NULL;
		if (!over)
			return ended;
		if (ended)
			result = ended;
	}
	free(list);
	return code ? code : result;
}

static bool has_mounts(struct session *session)
{
	bool has;

	pthread_mutex_lock(&session->mutex);
	mounts_drop_ended(session);
	has = session->mounts != NULL;
	pthread_mutex_unlock(&session->mutex);
	return has;
}

DWORD wait_mounts_end(struct session *session, int stop_fd)
{
	struct patience patience;
	DWORD code = patience_begin(&patience, session, 0);

	if (code)
		return code;
	/* Whoever takes a mount away records what becomes of the medium: that wakes us. */
	while (!code && has_mounts(session))
		code = patience_sleep(&patience, stop_fd);
	patience_end(&patience);
	return code;
}

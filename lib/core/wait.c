/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/guid.h"
#include "base/say.h"
#include "core/find.h"
#include "core/mount.h"
#include "core/run.h"
#include "core/wait.h"

#define LOOK_AGAIN_MS 5000

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

static DWORD wait_loop(struct session *session, const NTMS_GUID *requests, size_t count,
		       uint64_t deadline_ns)
{
	struct pollfd fds[2] = {{.events = POLLIN}, {.fd = session->close_fd, .events = POLLIN}};
	struct object running;
	char last[sizeof(running.librequest.waits_for)] = "";
	DWORD code = store_watch_open(session->system->store, &fds[0].fd);

	if (code)
		return code;
	for (;;) {
		int timeout = clock_poll_ms(deadline_ns);

		code = look(session, requests, count, &running);
		if (code != RUN_WAITS)
			break;
		report_progress(session, &running, last, sizeof(last));
		if (timeout == 0) {
			code = ntms_say(ERROR_TIMEOUT, "%s",
					last[0] ? last : "nobody works the library's queue");
			break;
		}
		if (timeout < 0 || timeout > LOOK_AGAIN_MS)
			timeout = LOOK_AGAIN_MS;
		poll(fds, 2, timeout);
		store_watch_drain(fds[0].fd);
		if (fds[1].revents) {
			code = ntms_say(ERROR_CANCELLED, "the session was closed");
			break;
		}
	}
	store_watch_close(fds[0].fd);
	return code;
}

DWORD wait_requests(struct session *session, const NTMS_GUID *library, const NTMS_GUID *requests,
		    size_t count, uint64_t deadline_ns)
{
	DWORD code = worker_attend(session->system, library);

	if (code)
		return code;
	code = wait_loop(session, requests, count, deadline_ns);
	worker_unattend(session->system, library);
	return code;
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
	DWORD code;

	/* What is carried out may queue more work for the same cartridge. */
	for (;;) {
		code = list_media_requests(session, guid, &library, &list, &count);
		if (code || count == 0)
			break;
		result = wait_requests(session, &library, list, count, deadline_ns);
		free(list);
		list = NULL;
		if (result == ERROR_TIMEOUT || result == ERROR_CANCELLED)
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

		code = run_queue(&look_turn, &list, &count);
		if (code || count == 0)
			break;
		ended = wait_requests(session, library, list, count, deadline_ns);
		free(list);
		list = NULL;
		if (ended == ERROR_TIMEOUT || ended == ERROR_CANCELLED)
			return ended;
		if (ended)
			result = ended;
	}
	free(list);
	return code ? code : result;
}

/* Drop the mounts whose reservation has ended; the descriptor of one that holds, or -1. */
static int held_mount(struct session *session)
{
	struct mount **link, *mount;
	int fd = -1;

	pthread_mutex_lock(&session->mutex);
	for (link = &session->mounts; (mount = *link);) {
		enum broker_hold_state state;
		uint64_t generation;

		if (!broker_hold_state(mount->hold, &state, &generation) && state == HOLD_HELD) {
			fd = broker_hold_fd(mount->hold);
			link = &mount->next;
			continue;
		}
		*link = mount->next;
		broker_release(mount->hold);
		free(mount);
	}
	pthread_mutex_unlock(&session->mutex);
	return fd;
}

DWORD wait_mounts_end(struct session *session, int stop_fd)
{
	struct pollfd fds[4] = {
		{.events = 0}, /* the hold: EPOLLHUP when it ends */
		{.fd = stop_fd, .events = POLLIN},
		{.fd = session->close_fd, .events = POLLIN},
		{.events = POLLIN},
	};
	DWORD code = store_watch_open(session->system->store, &fds[3].fd);

	if (code)
		return code;
	for (;;) {
		fds[0].fd = held_mount(session);
		if (fds[0].fd < 0)
			break;
		poll(fds, 4, LOOK_AGAIN_MS);
		store_watch_drain(fds[3].fd);
		if (fds[1].revents || fds[2].revents) {
			code = ERROR_CANCELLED;
			break;
		}
	}
	store_watch_close(fds[3].fd);
	return code;
}

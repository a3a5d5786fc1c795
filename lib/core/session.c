/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/say.h"
#include "core/change.h"
#include "core/notify.h"
#include "core/purge.h"
#include "core/request.h"
#include "core/rights.h"
#include "core/serve.h"
#include "core/session.h"
#include "core/ui.h"
#include "core/worker.h"

/* How long closing a session waits for the work it queued: a robot may be moving. */
#define CLOSE_DRAIN_MS 600000

/* A handle is valid while its session is in this list, in the process that opened it; nothing is
 * read through a bad one. */
static pthread_mutex_t sessions_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct session *sessions;

struct session *session_get(HANDLE handle)
{
	struct session *session;

	ntms_say_nothing();
	pthread_mutex_lock(&sessions_mutex);
	for (session = sessions; session; session = session->next)
		if (session == handle && session->system->pid == getpid())
			break;
	if (session)
		session->references++;
	pthread_mutex_unlock(&sessions_mutex);
	if (!session)
		session_missing(handle);
	return session;
}

DWORD session_missing(HANDLE handle)
{
	const struct session *session;
	pid_t owner = 0;

	pthread_mutex_lock(&sessions_mutex);
	for (session = sessions; session; session = session->next)
		if (session == handle)
			owner = session->system->pid;
	pthread_mutex_unlock(&sessions_mutex);
	if (owner)
		return session_of_parent(owner);
	return ntms_say(ERROR_INVALID_HANDLE, "the session handle is not valid");
}

DWORD session_of_parent(pid_t owner)
{
	return ntms_say(ERROR_NOT_CONNECTED,
			"process %d has opened the session, and this is a child of it; open one of "
			"its own",
			owner);
}

void session_hold(struct session *session)
{
	pthread_mutex_lock(&sessions_mutex);
	session->references++;
	pthread_mutex_unlock(&sessions_mutex);
}

bool session_is_closing(struct session *session)
{
	bool closing;

	pthread_mutex_lock(&sessions_mutex);
	closing = session->closing;
	pthread_mutex_unlock(&sessions_mutex);
	return closing;
}

static void session_free(struct session *session)
{
	struct mount *mount;

	while ((mount = session->mounts)) {
		session->mounts = mount->next;
		broker_release(mount->hold);
		free(mount);
	}
	ui_forget(session);
	serve_end_session(session);
	if (session->system)
		system_put(session->system);
	if (session->close_fd >= 0)
		close(session->close_fd);
	pthread_mutex_destroy(&session->mutex);
	free(session);
}

void session_put(struct session *session)
{
	bool last;

	pthread_mutex_lock(&sessions_mutex);
	last = --session->references == 0;
	pthread_mutex_unlock(&sessions_mutex);
	if (last)
		session_free(session);
}

static void name_user(struct session *session)
{
	struct passwd entry, *found = NULL;
	char buffer[4096];

	if (getpwuid_r(session->caller.uid, &entry, buffer, sizeof(buffer), &found) || !found)
		snprintf(session->user, NTMS_USERNAME_LENGTH, "uid %u", session->caller.uid);
	else
		snprintf(session->user, NTMS_USERNAME_LENGTH, "%s", found->pw_name);
	if (gethostname(session->computer, NTMS_COMPUTERNAME_LENGTH))
		session->computer[0] = '\0';
	session->computer[NTMS_COMPUTERNAME_LENGTH - 1] = '\0';
}

/* Opening a session needs U on the computer. */
static DWORD check_entry(struct session *session)
{
	struct txn *txn;
	DWORD code = store_begin(session->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code == ERROR_TIMEOUT ? ERROR_NOT_READY : code;
	code = rights_check(txn, &session->caller, RIGHT_OPEN_SESSION, NULL);
	store_abort(txn);
	return code;
}

DWORD session_open(const char *application, struct session **sessionp)
{
	struct session *session = calloc(1, sizeof(*session));
	DWORD code = ERROR_NOT_ENOUGH_MEMORY;

	if (!session)
		return code;
	pthread_mutex_init(&session->mutex, NULL);
	session->references = 1;
	snprintf(session->application, sizeof(session->application), "%s",
		 application && application[0] ? application : "RSM");
	caller_current(&session->caller);
	name_user(session);
	session->close_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (session->close_fd < 0)
		goto fail;
	code = system_get(&session->system);
	if (code) {
		session->system = NULL;
		goto fail;
	}
	code = check_entry(session);
	if (code)
		goto fail;
	/* What cannot be purged now is by the next one who comes. */
	purge(session->system);
	ntms_say_nothing();
	pthread_mutex_lock(&sessions_mutex);
	session->next = sessions;
	sessions = session;
	pthread_mutex_unlock(&sessions_mutex);
	*sessionp = session;
	return ERROR_SUCCESS;
fail:
	session_free(session);
	return code;
}

static struct session *session_unlist(HANDLE handle)
{
	struct session **link, *session;

	ntms_say_nothing();
	pthread_mutex_lock(&sessions_mutex);
	for (link = &sessions; *link; link = &(*link)->next)
		if (*link == handle && (*link)->system->pid == getpid())
			break;
	session = *link;
	if (session) {
		*link = session->next;
		session->closing = true;
	}
	pthread_mutex_unlock(&sessions_mutex);
	return session;
}

DWORD session_close(HANDLE handle)
{
	struct session *session = session_unlist(handle);
	uint64_t one = 1;

	if (!session) {
		session_missing(handle);
		return ERROR_INVALID_HANDLE;
	}
	/* Waiting calls of other threads wake, cancel what they wait for and leave. */
	if (write(session->close_fd, &one, sizeof(one)) < 0 && errno != EAGAIN)
		return ntms_say(ERROR_NOT_ENOUGH_MEMORY, "cannot wake the session's threads: %m");
	notify_end_session(session);
	change_end_session(session);
	session_leave_mounts(session);
	workers_drain(session->system, clock_deadline(CLOSE_DRAIN_MS));
	session_put(session);
	return ERROR_SUCCESS;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include "base/guid.h"
#include "base/say.h"
#include "core/control.h"
#include "core/serve.h"
#include "core/worker.h"

struct served {
	struct served *next;
	NTMS_GUID library;
};

/* The link that leads to it, or the last one; session->mutex is held. */
static struct served **find(struct session *session, const NTMS_GUID *library)
{
	struct served **link = &session->served;

	while (*link && !guid_equal(&(*link)->library, library))
		link = &(*link)->next;
	return link;
}

static DWORD check(struct session *session, const NTMS_GUID *guid)
{
	struct object library;
	struct txn *txn;
	DWORD code = store_begin(session->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = control_library(txn, session, guid, RIGHT_RSM_SERVE, &library);
	store_abort(txn);
	/* One that is disabled or not connected may be again: then somebody should be there. */
	if (!code && (library.library.kind == NTMS_LIBRARYTYPE_OFFLINE ||
		      strcmp(library.library.broker, broker_name(session->system->broker))))
		code = ntms_say(ERROR_LIBRARY_OFFLINE, "library %s is not one of the broker %s",
				library.name, broker_name(session->system->broker));
	return code;
}

/* session->mutex is held. */
static DWORD add(struct session *session, const NTMS_GUID *library)
{
	struct served *served = calloc(1, sizeof(*served));
	DWORD code;

	if (!served)
		return ERROR_NOT_ENOUGH_MEMORY;
	code = worker_serve(session->system, library);
	if (code) {
		free(served);
		return code;
	}
	served->library = *library;
	served->next = session->served;
	session->served = served;
	return ERROR_SUCCESS;
}

DWORD serve_library(struct session *session, const NTMS_GUID *library)
{
	DWORD code = check(session, library);

	if (code)
		return code;
	pthread_mutex_lock(&session->mutex);
	if (*find(session, library))
		worker_look(session->system, library);
	else
		code = add(session, library);
	pthread_mutex_unlock(&session->mutex);
	return code;
}

void serve_no_more(struct session *session, const NTMS_GUID *library)
{
	struct served **link, *served;

	pthread_mutex_lock(&session->mutex);
	link = find(session, library);
	served = *link;
	if (served)
		*link = served->next;
	pthread_mutex_unlock(&session->mutex);
	if (served)
		worker_unserve(session->system, library);
	free(served);
}

DWORD serve_state(struct session *session, const NTMS_GUID *library, RSM_SERVICE *service)
{
	bool served;

	pthread_mutex_lock(&session->mutex);
	served = *find(session, library) != NULL;
	pthread_mutex_unlock(&session->mutex);
	if (!served)
		return ntms_say(ERROR_INVALID_STATE, "this session does not serve the library");
	return worker_state(session->system, library, service);
}

void serve_end_session(struct session *session)
{
	while (session->served)
		serve_no_more(session, &session->served->library);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>
#include "core/presence.h"
#include "core/run.h"
#include "core/txn.h"
#include "core/worker.h"

bool presence_absent(struct ntms_system *system, const struct object *library)
{
	uint32_t device;

	return library->opstate == NTMS_NOT_PRESENT && turn_find_device(system, library, &device);
}

static bool is_ours(struct ntms_system *system, const struct object *library)
{
	return library->library.kind != NTMS_LIBRARYTYPE_OFFLINE &&
	       !strcmp(library->library.broker, broker_name(system->broker));
}

/* *@back: it was not there, and is. */
static DWORD look_at(const struct object *library, struct turn *look, bool *back)
{
	DWORD code;

	*back = false;
	if (!is_ours(look->system, library))
		return ERROR_SUCCESS;
	code = turn_look_at_drives(look);
	*back = !code && library->opstate == NTMS_NOT_PRESENT && look->initializing;
	/* It is on record now; whoever next looks after the library does it if we cannot. */
	if (*back)
		worker_poke(look->system, &library->guid);
	return code;
}

static DWORD read_allowed(struct session *session, enum right right, const NTMS_GUID *guid,
			  struct object *library)
{
	struct txn *txn;
	DWORD code = session_begin(session, &txn);

	if (code)
		return code;
	code = store_get(txn, guid, NTMS_LIBRARY, library);
	if (!code)
		code = rights_check(txn, &session->caller, right, library);
	store_abort(txn);
	return code;
}

DWORD presence_find(struct session *session, enum right right, const NTMS_GUID *guid,
		    struct turn *look)
{
	struct object library;
	bool back;
	DWORD code = read_allowed(session, right, guid, &library);

	*look = (struct turn){.system = session->system, .library = *guid};
	if (code == ERROR_OBJECT_NOT_FOUND || code == ERROR_ACCESS_DENIED)
		return ERROR_SUCCESS; /* the caller is told by what comes next */
	return code ? code : look_at(&library, look, &back);
}

DWORD presence_look(struct session *session, enum right right, const NTMS_GUID *guid)
{
	struct turn look;
	DWORD code = presence_find(session, right, guid, &look);

	turn_end(&look);
	return code;
}

static DWORD list_libraries(struct ntms_system *system, NTMS_GUID **list, size_t *count)
{
	struct store_key key;
	struct txn *txn;
	DWORD code = store_begin(system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	key_start(&key);
	key_u32(&key, NTMS_LIBRARY);
	code = store_list(txn, IX_TYPE, &key, 0, list, count);
	store_abort(txn);
	return code;
}

DWORD presence_look_at_absent(struct ntms_system *system, bool *back)
{
	struct turn look;
	struct object library;
	NTMS_GUID *list = NULL;
	size_t count = 0;
	DWORD code = list_libraries(system, &list, &count);

	*back = false;
	for (size_t i = 0; i < count && !code; i++) {
		bool is_back = false;

		look = (struct turn){.system = system, .library = list[i]};
		code = run_read(&look, &list[i], NTMS_LIBRARY, &library);
		if (!code && library.opstate == NTMS_NOT_PRESENT)
			code = look_at(&library, &look, &is_back);
		turn_end(&look);
		if (code == ERROR_OBJECT_NOT_FOUND)
			code = ERROR_SUCCESS;
		*back |= is_back;
	}
	free(list);
	return code;
}

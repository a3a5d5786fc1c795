/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>
#include "base/guid.h"
#include "core/control.h"
#include "core/port.h"
#include "core/presence.h"
#include "core/txn.h"

DWORD control_library(struct txn *txn, struct session *session, const NTMS_GUID *guid,
		      enum right right, struct object *library)
{
	DWORD code = store_get(txn, guid, NTMS_LIBRARY, library);

	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_LIBRARY, "there is no such library");
	return code ? code : rights_check(txn, &session->caller, right, library);
}

DWORD control_usable(struct session *session, const struct object *library, DWORD disabled,
		     DWORD absent)
{
	if (library->library.kind == NTMS_LIBRARYTYPE_OFFLINE)
		return ntms_say(ERROR_LIBRARY_OFFLINE,
				"the offline library has no devices to do this with");
	if (!library->enabled)
		return ntms_say(disabled, "library %s is disabled", library->name);
	if (presence_absent(session->system, library))
		return ntms_say(absent, "library %s is not connected", library->name);
	if (strcmp(library->library.broker, broker_name(session->system->broker)))
		return ntms_say(absent, "library %s belongs to the broker %s, not to %s",
				library->name, library->library.broker,
				broker_name(session->system->broker));
	return ERROR_SUCCESS;
}

DWORD control_count(struct txn *txn, const NTMS_GUID *library, uint32_t type, size_t *count)
{
	struct store_key key;

	key_start(&key);
	key_guid(&key, library);
	key_u32(&key, type);
	return store_count(txn, IX_CHILD, &key, count);
}

DWORD control_members(struct txn *txn, const NTMS_GUID *library, uint32_t operation,
		      const NTMS_GUID *group, struct object **list, size_t *count)
{
	NTMS_GUID *guids = NULL;
	struct store_key key;
	size_t found = 0;
	DWORD code;

	*list = NULL;
	*count = 0;
	key_start(&key);
	key_guid(&key, library);
	key_u32(&key, operation);
	code = store_list(txn, IX_QUEUE, &key, 0, &guids, &found);
	if (code)
		return code;
	*list = calloc(found ? found : 1, sizeof(**list));
	if (!*list)
		code = ntms_say(ERROR_NOT_ENOUGH_MEMORY, "no memory for %zu requests", found);
	for (size_t i = 0; i < found && !code; i++) {
		struct object *member = &(*list)[*count];

		code = must_exist(store_get(txn, &guids[i], NTMS_LIBREQUEST, member), "request",
				  "the queue");
		if (!code && (!group || guid_equal(&member->librequest.group, group)))
			++*count;
	}
	free(guids);
	if (code) {
		free(*list);
		*list = NULL;
	}
	return code;
}

/* The request that gave an operation its name may be over while others of it are not. */
static DWORD find_operation(struct txn *txn, uint32_t operation, const NTMS_GUID *only,
			    const NTMS_GUID *guid, struct object *request, struct object **members,
			    size_t *count)
{
	DWORD code = store_get(txn, guid, NTMS_LIBREQUEST, request);

	*members = NULL;
	*count = 0;
	if (code && code != ERROR_OBJECT_NOT_FOUND)
		return code;
	if (code || request->librequest.operation != operation ||
	    (only && !guid_equal(&request->librequest.library, only)))
		return ntms_say(ERROR_INVALID_OPERATION, "there is no such operation");
	code = control_members(txn, &request->librequest.library, operation, guid, members, count);
	if (!code && *count == 0) {
		free(*members);
		*members = NULL;
		return ntms_say(ERROR_INVALID_OPERATION, "the operation has ended already");
	}
	return code;
}

/* What has not begun need not wait for a worker to end. */
static DWORD stop_member(struct txn *txn, struct object *member, uint32_t wish)
{
	struct obj_librequest *details = &member->librequest;

	details->phase |= wish;
	if (wish == PHASE_STOP && !(details->phase & (PHASE_OPEN | PHASE_LOADED)) &&
	    (details->state == NTMS_LM_QUEUED || details->state == NTMS_LM_WAITING))
		return request_end(txn, member, REQUEST_STOPPED, ERROR_SUCCESS,
				   "somebody has stopped it");
	return store_update(txn, member);
}

DWORD control_stop(struct txn *txn, struct session *session, enum right right, uint32_t operation,
		   const NTMS_GUID *only, const NTMS_GUID *guid, uint32_t wish, NTMS_GUID *library)
{
	struct object request, *members;
	size_t count;
	DWORD code = find_operation(txn, operation, only, guid, &request, &members, &count);

	if (!code)
		code = rights_check(txn, &session->caller, right, &request);
	for (size_t i = 0; i < count && !code; i++)
		code = stop_member(txn, &members[i], wish);
	free(members);
	if (!code)
		*library = request.librequest.library;
	return code;
}

DWORD control_end(struct session *session, struct txn *txn, const NTMS_GUID *library, DWORD code)
{
	code = txn_end(txn, code);
	/* It is on record now; whoever next looks after the library does it if we cannot. */
	if (!code)
		request_work(session, library);
	return code;
}

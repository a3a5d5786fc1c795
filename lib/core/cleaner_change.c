/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cleaner_change.c - a cleaner is brought in or put out: what is checked, and queued */
#include <stdlib.h>
#include "base/guid.h"
#include "core/cleaner.h"
#include "core/control.h"
#include "core/eject.h"
#include "core/port.h"
#include "core/txn.h"

/* By the door where there is no port: 0 or PHASE_DOOR. */
static DWORD find_way(struct txn *txn, const struct object *library, uint32_t *way)
{
	size_t ports, doors = 0;
	DWORD code = control_count(txn, &library->guid, NTMS_IEPORT, &ports);

	if (!code && !ports)
		code = control_count(txn, &library->guid, NTMS_IEDOOR, &doors);
	if (code)
		return code;
	if (!ports && !doors)
		return ntms_say(ERROR_RESOURCE_NOT_PRESENT, "library %s has neither port nor door",
				library->name);
	*way = ports ? 0 : PHASE_DOOR;
	return ERROR_SUCCESS;
}

static void prepare(struct session *session, uint32_t operation, const struct object *slot,
		    uint32_t way, struct object *request)
{
	request_init(session, operation, &slot->device.library, request);
	guid_make(&request->guid);
	request->librequest.group = request->guid;
	request->librequest.slot = slot->guid;
	request->librequest.phase = PHASE_STARTED | way;
}

static DWORD stop(struct session *session, const NTMS_GUID *guid, const NTMS_GUID *operation,
		  enum right right, uint32_t kind, DWORD no_port)
{
	struct object library;
	struct txn *txn;
	NTMS_GUID queue;
	size_t ports = 0;
	DWORD code = session_begin(session, &txn);

	if (code)
		return code;
	code = control_library(txn, session, guid, right, &library);
	if (!code && library.library.kind == NTMS_LIBRARYTYPE_OFFLINE)
		code = ntms_say(ERROR_LIBRARY_OFFLINE, "the offline library has no cleaner");
	if (!code)
		code = control_count(txn, guid, NTMS_IEPORT, &ports);
	if (!code && !ports)
		code = ntms_say(no_port,
				"library %s has no port; what was begun by its door ends when that "
				"is closed",
				library.name);
	if (!code)
		code = control_stop(txn, session, right, kind, guid, operation, PHASE_STOP, &queue);
	return control_end(session, txn, guid, code);
}

/* ---- in ---- */

static DWORD queue_inject(struct session *session, struct txn *txn, const NTMS_GUID *guid,
			  uint32_t uses, NTMS_GUID *operation)
{
	struct object library, slot, request;
	uint32_t way = 0;
	DWORD code = control_library(txn, session, guid, RIGHT_INJECT_CLEANER, &library);

	if (!code)
		code = control_usable(session, &library, ERROR_RESOURCE_DISABLED,
				      ERROR_DEVICE_NOT_AVAILABLE);
	if (!code)
		code = cleaner_slot(txn, &library, &slot);
	if (!code)
		code = cleaner_slot_free(txn, &library, &slot);
	if (!code)
		code = find_way(txn, &library, &way);
	if (code)
		return code;
	prepare(session, NTMS_LM_INJECTCLEANER, &slot, way, &request);
	request.librequest.uses = uses;
	*operation = request.guid;
	return store_insert(txn, &request);
}

DWORD cleaner_inject(struct session *session, const NTMS_GUID *library, NTMS_GUID *operation,
		     uint32_t uses, DWORD action)
{
	NTMS_GUID begun;
	struct txn *txn;
	DWORD code;

	if (action == NTMS_INJECT_STOP)
		return stop(session, library, operation, RIGHT_INJECT_CLEANER,
			    NTMS_LM_INJECTCLEANER, ERROR_NOT_SUPPORTED);
	code = session_begin(session, &txn);
	if (code)
		return code;
	code = queue_inject(session, txn, library, uses, &begun);
	code = control_end(session, txn, library, code);
	if (!code)
		*operation = begun;
	return code;
}

/* ---- out ---- */

static DWORD check_unasked(struct txn *txn, const struct object *library, const struct object *slot)
{
	struct object *list;
	size_t count;
	DWORD code =
		control_members(txn, &library->guid, NTMS_LM_EJECTCLEANER, NULL, &list, &count);

	free(list);
	if (code || !count)
		return code;
	return ntms_say(ERROR_SLOT_EMPTY, "the cleaner of %s is being ejected already", slot->name);
}

static DWORD find_cleaner(struct txn *txn, const struct object *library, const struct object *slot,
			  struct object *media)
{
	DWORD code;

	if (slot->device.state == NTMS_SLOTSTATE_NOTPRESENT)
		return ntms_say(ERROR_SLOT_NOT_PRESENT, "%s is not in the library at present",
				slot->name);
	code = cleaner_find(txn, library, media);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_SLOT_EMPTY, "library %s has no cleaner in %s", library->name,
				slot->name);
	return code ? code : check_unasked(txn, library, slot);
}

static DWORD queue_eject(struct session *session, struct txn *txn, const NTMS_GUID *guid,
			 NTMS_GUID *operation)
{
	struct object library, slot, media, request;
	uint32_t way = 0;
	DWORD code = control_library(txn, session, guid, RIGHT_EJECT_CLEANER, &library);

	if (!code)
		code = control_usable(session, &library, ERROR_RESOURCE_DISABLED,
				      ERROR_LIBRARY_OFFLINE);
	if (!code)
		code = cleaner_slot(txn, &library, &slot);
	if (!code)
		code = find_cleaner(txn, &library, &slot, &media);
	if (!code)
		code = find_way(txn, &library, &way);
	if (code)
		return code;
	prepare(session, NTMS_LM_EJECTCLEANER, &slot, way, &request);
	request.librequest.media = media.guid;
	request.librequest.option = EJECT_OPTION_IMMEDIATE;
	*operation = request.guid;
	return store_insert(txn, &request);
}

DWORD cleaner_eject(struct session *session, const NTMS_GUID *library, NTMS_GUID *operation,
		    DWORD action)
{
	NTMS_GUID begun;
	struct txn *txn;
	DWORD code;

	if (action == NTMS_EJECT_STOP)
		return stop(session, library, operation, RIGHT_EJECT_CLEANER, NTMS_LM_EJECTCLEANER,
			    ERROR_INVALID_OPERATION);
	code = session_begin(session, &txn);
	if (code)
		return code;
	code = queue_eject(session, txn, library, &begun);
	code = control_end(session, txn, library, code);
	if (!code)
		*operation = begun;
	return code;
}

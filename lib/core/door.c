/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include "base/guid.h"
#include "core/control.h"
#include "core/door.h"
#include "core/port.h"
#include "core/states.h"
#include "core/txn.h"

/* How long a door may be open until somebody is asked to close it. */
#define DOOR_OPEN_S 900

static DWORD check_all(struct txn *txn, struct session *session, const NTMS_GUID *guid,
		       struct object *library)
{
	size_t doors;
	DWORD code = control_library(txn, session, guid, RIGHT_ACCESS_DOOR, library);

	if (!code)
		code = control_usable(session, library, ERROR_RESOURCE_DISABLED,
				      ERROR_LIBRARY_OFFLINE);
	if (!code)
		code = control_count(txn, guid, NTMS_IEDOOR, &doors);
	if (!code && !doors)
		return ntms_say(ERROR_RESOURCE_NOT_PRESENT, "library %s has no door",
				library->name);
	return code;
}

DWORD door_access(struct session *session, const NTMS_GUID *guid, DWORD action)
{
	struct object library, request;
	struct txn *txn;
	DWORD code = session_begin(session, &txn);

	if (code)
		return code;
	code = check_all(txn, session, guid, &library);
	if (!code) {
		request_init(session, NTMS_LM_DOORACCESS, guid, &request);
		guid_make(&request.guid);
		request.librequest.group = request.guid;
		request.librequest.phase = PHASE_STARTED;
		request.librequest.option = action == NTMS_INVENTORY_DEFAULT
						    ? library.library.inventory_method
						    : action;
		code = store_insert(txn, &request);
	}
	return control_end(session, txn, guid, code);
}

static DWORD make_door(struct txn *txn, const NTMS_GUID *library, uint32_t number)
{
	struct object door;

	machine_object(&door, NTMS_IEDOOR);
	snprintf(door.name, sizeof(door.name), "Door %u", number);
	door.device.library = *library;
	door.device.number = number;
	door.device.element = UINT32_MAX;
	door.device.limit_s = DOOR_OPEN_S;
	return store_insert(txn, &door);
}

DWORD doors_ensure(struct txn *txn, const NTMS_GUID *library, uint32_t count)
{
	size_t there;
	DWORD code = control_count(txn, library, NTMS_IEDOOR, &there);

	for (size_t i = there; i < count && !code; i++)
		code = make_door(txn, library, (uint32_t)i + 1);
	return code;
}

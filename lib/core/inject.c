/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include "base/guid.h"
#include "core/control.h"
#include "core/inject.h"
#include "core/port.h"
#include "core/run.h"
#include "core/txn.h"

static DWORD check_room(struct txn *txn, const struct object *library)
{
	bool found;
	DWORD code = slot_for_new(txn, library, &found);

	if (code || found)
		return code;
	return ntms_say(ERROR_LIBRARY_FULL,
			"library %s has no empty slot that is not kept for a mounted cartridge",
			library->name);
}

static DWORD check_all(struct txn *txn, struct session *session, const NTMS_GUID *guid,
		       struct object *library)
{
	size_t ports;
	DWORD code = control_library(txn, session, guid, RIGHT_INJECT_MEDIA, library);

	if (!code)
		code = control_usable(session, library, ERROR_DEVICE_NOT_AVAILABLE,
				      ERROR_DEVICE_NOT_AVAILABLE);
	if (!code)
		code = control_count(txn, guid, NTMS_IEPORT, &ports);
	if (code)
		return code;
	if (!ports)
		return ntms_say(ERROR_DEVICE_NOT_AVAILABLE,
				"library %s has no port; put cartridges in through the door "
				"(AccessNtmsLibraryDoor)",
				library->name);
	return check_room(txn, library);
}

static DWORD start(struct session *session, const NTMS_GUID *guid, uint32_t option,
		   NTMS_GUID *operation)
{
	struct object library, request;
	struct txn *txn;
	DWORD code = session_begin(session, &txn);

	if (code)
		return code;
	code = check_all(txn, session, guid, &library);
	if (!code) {
		request_init(session, NTMS_LM_INJECT, guid, &request);
		guid_make(&request.guid);
		request.librequest.group = request.guid;
		request.librequest.option = option;
		request.librequest.phase = PHASE_STARTED;
		code = store_insert(txn, &request);
	}
	code = control_end(session, txn, guid, code);
	if (!code)
		*operation = request.guid;
	return code;
}

/* Only an operation that goes on afterwards can be told to look into its ports. */
static DWORD check_many(struct txn *txn, const NTMS_GUID *operation)
{
	struct object request;
	DWORD code = store_get(txn, operation, NTMS_LIBREQUEST, &request);

	if (code)
		return code == ERROR_OBJECT_NOT_FOUND ? ERROR_SUCCESS : code; /* said below */
	if (request.librequest.operation != NTMS_LM_INJECT ||
	    request.librequest.option == INJECT_OPTION_MANY)
		return ERROR_SUCCESS;
	return ntms_say(ERROR_INVALID_OPERATION, "the operation is for one load of the ports; "
						 "end it with NTMS_INJECT_STOP");
}

static DWORD tell(struct session *session, const NTMS_GUID *guid, const NTMS_GUID *operation,
		  uint32_t wish)
{
	struct object library;
	NTMS_GUID queue;
	struct txn *txn;
	DWORD code = session_begin(session, &txn);

	if (code)
		return code;
	code = control_library(txn, session, guid, RIGHT_INJECT_MEDIA, &library);
	if (!code && library.library.kind == NTMS_LIBRARYTYPE_OFFLINE)
		code = ntms_say(ERROR_LIBRARY_OFFLINE, "nothing is injected into the offline "
						       "library");
	if (!code && wish == PHASE_RETRACT)
		code = check_many(txn, operation);
	if (!code)
		code = control_stop(txn, session, RIGHT_INJECT_MEDIA, NTMS_LM_INJECT, guid,
				    operation, wish, &queue);
	return control_end(session, txn, guid, code);
}

DWORD inject_media(struct session *session, const NTMS_GUID *library, NTMS_GUID *operation,
		   DWORD action)
{
	switch (action) {
	case NTMS_INJECT_STOP:
		return tell(session, library, operation, PHASE_STOP);
	case NTMS_INJECT_RETRACT:
		return tell(session, library, operation, PHASE_RETRACT);
	case NTMS_INJECT_STARTMANY:
		return start(session, library, INJECT_OPTION_MANY, operation);
	default:
		return start(session, library, INJECT_OPTION_ONE, operation);
	}
}

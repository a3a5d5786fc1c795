/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* library.c - libraries inventoried, libraries and drives forgotten */
#include <stdlib.h>
#include "api/args.h"
#include "core/access.h"
#include "core/forget.h"
#include "core/request.h"
#include "core/txn.h"

/* What an action is asked for: a work item's option, or nothing at all. */
static DWORD inventory_option(const struct object *library, DWORD action, uint32_t *option)
{
	if (action == NTMS_INVENTORY_DEFAULT)
		action = library->library.inventory_method;
	switch (action) {
	case NTMS_INVENTORY_OMID:
		*option = INVENTORY_OPTION_FULL;
		return ERROR_SUCCESS;
	case NTMS_INVENTORY_FAST:
		*option = INVENTORY_OPTION_FAST;
		return ERROR_SUCCESS;
	case NTMS_INVENTORY_SLOT:
		*option = INVENTORY_OPTION_SLOTS;
		return ERROR_SUCCESS;
	default:
		return ERROR_NO_DATA; /* NTMS_INVENTORY_NONE: nothing to do */
	}
}

static DWORD check_library(struct txn *txn, struct session *session, const NTMS_GUID *guid,
			   struct object *library)
{
	DWORD code = store_get(txn, guid, NTMS_LIBRARY, library);

	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_LIBRARY, "there is no such library");
	if (!code)
		code = access_check(txn, &session->caller, library, NTMS_CONTROL_ACCESS);
	if (code)
		return code;
	if (library->library.kind == NTMS_LIBRARYTYPE_OFFLINE)
		return ntms_say(ERROR_LIBRARY_OFFLINE, "the offline library cannot be inventoried");
	if (!library->enabled)
		return ntms_say(ERROR_RESOURCE_DISABLED, "library %s is disabled", library->name);
	if (library->opstate == NTMS_NOT_PRESENT)
		return ntms_say(ERROR_DEVICE_NOT_AVAILABLE, "library %s is not connected",
				library->name);
	return ERROR_SUCCESS;
}

/* A full inventory marks what is to be looked at before it returns. */
static DWORD mark_slots(struct txn *txn, const NTMS_GUID *library)
{
	NTMS_GUID *list = NULL;
	struct store_key key;
	struct object slot;
	size_t count = 0;
	DWORD code;

	key_start(&key);
	key_guid(&key, library);
	key_u32(&key, NTMS_STORAGESLOT);
	code = store_list(txn, IX_CHILD, &key, 0, &list, &count);
	for (size_t i = 0; i < count && !code; i++) {
		code = store_get(txn, &list[i], NTMS_STORAGESLOT, &slot);
		if (code || slot.device.state != NTMS_SLOTSTATE_FULL)
			continue;
		slot.device.state = NTMS_SLOTSTATE_NEEDSINVENTORY;
		code = store_update(txn, &slot);
	}
	free(list);
	return code;
}

static DWORD queue_inventory(struct txn *txn, struct session *session, const struct object *library,
			     uint32_t option)
{
	struct object request;
	DWORD code = ERROR_SUCCESS;

	if (option == INVENTORY_OPTION_FULL)
		code = mark_slots(txn, &library->guid);
	if (code)
		return code;
	request_init(session, NTMS_LM_INVENTORY, &library->guid, &request);
	request.librequest.option = option;
	return store_insert(txn, &request);
}

static DWORD inventory(struct session *session, const NTMS_GUID *guid, DWORD action)
{
	struct object library;
	struct txn *txn;
	uint32_t option;
	DWORD code = store_begin(session->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = check_library(txn, session, guid, &library);
	if (code)
		goto fail;
	code = inventory_option(&library, action, &option);
	if (code) {
		code = ERROR_SUCCESS;
		goto fail;
	}
	code = queue_inventory(txn, session, &library, option);
	if (code)
		goto fail;
	code = store_commit(txn);
	/* It is on record now; whoever next looks after the library does it if we cannot. */
	if (!code)
		request_work(session, guid);
	return code;
fail:
	store_abort(txn);
	return code;
}

NTMS_EXPORT DWORD InventoryNtmsLibrary(HANDLE hSession, LPNTMS_GUID lpLibraryId, DWORD dwAction)
{
	struct session *session = session_get(hSession);
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!lpLibraryId)
		code = ntms_say(ERROR_INVALID_PARAMETER, "the library is missing");
	else if (dwAction >= NTMS_INVENTORY_MAX)
		code = ntms_say(ERROR_INVALID_PARAMETER, "unknown inventory action %u", dwAction);
	else if (dwAction == NTMS_INVENTORY_STOP)
		code = ntms_say(ERROR_CALL_NOT_IMPLEMENTED, "an inventory cannot be stopped yet");
	else
		code = inventory(session, lpLibraryId, dwAction);
	if (code == ERROR_TIMEOUT)
		code = ERROR_DATABASE_FAILURE;
	return api_done(session, code);
}

typedef DWORD forgetter(struct txn *txn, const struct caller *caller, const NTMS_GUID *guid);

static DWORD forget(HANDLE handle, const NTMS_GUID *guid, const char *name, forgetter *forgetter)
{
	struct session *session = session_get(handle);
	struct txn *txn;
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!guid)
		return api_done(session, api_bad(name));
	code = session_begin(session, &txn);
	if (!code)
		code = txn_end(txn, forgetter(txn, &session->caller, guid));
	return api_done(session, code);
}

NTMS_EXPORT DWORD WINAPI DeleteNtmsLibrary(HANDLE hSession, LPNTMS_GUID lpLibraryId)
{
	return forget(hSession, lpLibraryId, "lpLibraryId", forget_library);
}

NTMS_EXPORT DWORD WINAPI DeleteNtmsDrive(HANDLE hSession, LPNTMS_GUID lpDriveId)
{
	return forget(hSession, lpDriveId, "lpDriveId", forget_drive);
}

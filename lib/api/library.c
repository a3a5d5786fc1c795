/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* library.c - libraries inventoried, libraries and drives forgotten */
#include <stdlib.h>
#include "api/args.h"
#include "core/control.h"
#include "core/forget.h"
#include "core/identify.h"
#include "core/presence.h"
#include "core/rights.h"
#include "core/states.h"
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
		code = rights_check(txn, &session->caller, RIGHT_INVENTORY, library);
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
		code = slot_event(&slot, SLOT_NEEDS_INVENTORY);
		if (!code)
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
	uint32_t option = 0;
	struct txn *txn;
	DWORD code = presence_look(session, RIGHT_INVENTORY, guid);

	if (!code)
		code = session_begin(session, &txn);
	if (code)
		return code;
	code = check_library(txn, session, guid, &library);
	if (code)
		return txn_end(txn, code);
	if (action == NTMS_INVENTORY_STOP)
		return control_end(session, txn, guid, inventory_stop(txn, session, &library));
	if (inventory_option(&library, action, &option))
		return txn_end(txn, ERROR_SUCCESS);
	return control_end(session, txn, guid, queue_inventory(txn, session, &library, option));
}

NTMS_EXPORT DWORD InventoryNtmsLibrary(HANDLE hSession, LPNTMS_GUID lpLibraryId, DWORD dwAction)
{
	struct session *session = session_get(hSession);
	DWORD code;

	if (!session)
		return api_return(session_missing(hSession));
	if (!lpLibraryId)
		code = ntms_say(ERROR_INVALID_PARAMETER, "the library is missing");
	else if (dwAction >= NTMS_INVENTORY_MAX)
		code = ntms_say(ERROR_INVALID_PARAMETER, "unknown inventory action %u", dwAction);
	else
		code = inventory(session, lpLibraryId, dwAction);
	return api_done(session, code);
}

NTMS_EXPORT DWORD WINAPI IdentifyNtmsSlot(HANDLE hSession, LPNTMS_GUID lpSlotId, DWORD dwOption)
{
	struct session *session = session_get(hSession);

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!lpSlotId)
		return api_done(session, api_bad("lpSlotId"));
	if (dwOption > NTMS_DISMOUNT_IMMEDIATE)
		return api_done(session, api_bad("dwOption"));
	return api_done(session, identify_slot(session, lpSlotId, dwOption));
}

NTMS_EXPORT DWORD WINAPI DeleteNtmsLibrary(HANDLE hSession, LPNTMS_GUID lpLibraryId)
{
	struct session *session = session_get(hSession);

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!lpLibraryId)
		return api_done(session, api_bad("lpLibraryId"));
	return api_done(session, forget_library(session, lpLibraryId));
}

NTMS_EXPORT DWORD WINAPI DeleteNtmsDrive(HANDLE hSession, LPNTMS_GUID lpDriveId)
{
	struct session *session = session_get(hSession);

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!lpDriveId)
		return api_done(session, api_bad("lpDriveId"));
	return api_done(session, forget_drive(session, lpDriveId));
}

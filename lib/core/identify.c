/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>
#include "core/control.h"
#include "core/identify.h"
#include "core/rights.h"
#include "core/states.h"
#include "core/txn.h"
#include "core/wait.h"

/* ---- slots ---- */

static DWORD check_slot(struct txn *txn, struct session *session, const NTMS_GUID *guid,
			struct object *slot)
{
	struct object library;
	DWORD code = store_get(txn, guid, NTMS_STORAGESLOT, slot);

	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(code, "there is no such slot");
	if (!code)
		code = must_exist(store_get(txn, &slot->device.library, NTMS_LIBRARY, &library),
				  "library", slot->name);
	if (!code)
		code = rights_check(txn, &session->caller, RIGHT_IDENTIFY_SLOT, &library);
	if (!code)
		code = control_usable(session, &library, ERROR_RESOURCE_DISABLED,
				      ERROR_DEVICE_NOT_AVAILABLE);
	if (!code && slot->device.state == NTMS_SLOTSTATE_NOTPRESENT)
		code = ntms_say(ERROR_OBJECT_NOT_FOUND, "%s is not in library %s at present",
				slot->name, library.name);
	return code;
}

DWORD identify_slot(struct session *session, const NTMS_GUID *guid, DWORD option)
{
	struct object slot, request;
	struct txn *txn;
	DWORD code = session_begin(session, &txn);

	if (code)
		return code;
	code = check_slot(txn, session, guid, &slot);
	if (!code) {
		request_init(session, NTMS_LM_CLASSIFY, &slot.device.library, &request);
		request.librequest.slot = slot.guid;
		request.librequest.phase = PHASE_WHOLE;
		request.librequest.option = option == NTMS_DISMOUNT_DEFERRED
						    ? DISMOUNT_OPTION_DEFERRED
						    : DISMOUNT_OPTION_IMMEDIATE;
		code = store_insert(txn, &request);
	}
	code = control_end(session, txn, &slot.device.library, code);
	return code ? code : wait_requests(session, &slot.device.library, &request.guid, 1, 0);
}

/* ---- inventories ---- */

/* What is still to be identified for an inventory need not be. What is in a robot's or a drive's
 * hands goes on to its end. */
static DWORD stop_members(struct txn *txn, const struct object *inventory, const char *why)
{
	struct object *list;
	size_t count;
	DWORD code = control_members(txn, &inventory->librequest.library, NTMS_LM_CLASSIFY,
				     &inventory->guid, &list, &count);

	for (size_t i = 0; i < count && !code; i++) {
		if (list[i].librequest.state == NTMS_LM_INPROCESS ||
		    list[i].librequest.move != OBJ_MOVE_NONE)
			continue;
		code = request_end(txn, &list[i], REQUEST_CANCELLED, ERROR_CANCELLED, why);
	}
	free(list);
	return code;
}

DWORD inventory_stop(struct txn *txn, struct session *session, const struct object *library)
{
	struct object *list;
	size_t count;
	char why[64];
	DWORD code = control_members(txn, &library->guid, NTMS_LM_INVENTORY, NULL, &list, &count);

	snprintf(why, sizeof(why), "user %u has stopped the inventory",
		 (unsigned int)session->caller.uid);
	for (size_t i = 0; i < count && !code; i++) {
		code = stop_members(txn, &list[i], why);
		if (!code)
			code = request_end(txn, &list[i], REQUEST_STOPPED, ERROR_SUCCESS, why);
	}
	free(list);
	return code;
}

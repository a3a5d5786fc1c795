/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include "base/say.h"
#include "core/oprequest.h"
#include "core/run.h"
#include "core/service.h"
#include "core/states.h"
#include "core/txn.h"

static DWORD ask(struct txn *txn, const struct object *drive, const char *why)
{
	char message[OBJ_MESSAGE_SIZE];
	NTMS_GUID asked;

	snprintf(message, sizeof(message),
		 "%.24s (%.32s) is out of order and not used until this request is satisfied or "
		 "the drive enabled: %s",
		 drive->name, drive->device.serial, why);
	return oprequest_raise(txn, NTMS_OPREQ_DEVICESERVICE, &drive->guid, NULL, message, &asked);
}

/* Not asked again what was asked, and perhaps refused, when it failed first. */
static DWORD record_failure(struct turn *turn, const NTMS_GUID *guid, const char *why)
{
	struct object drive;
	struct txn *txn;
	uint32_t before;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = store_get(txn, guid, NTMS_DRIVE, &drive);
	before = drive.opstate;
	/* Who has seen that it is gone knows more. */
	if (code || before == NTMS_NOT_PRESENT)
		goto out;
	code = opstate_event(&drive, OPSTATE_FAILED);
	if (code || drive.opstate == before)
		goto out;
	code = store_update(txn, &drive);
	return txn_end(txn, code ? code : ask(txn, &drive, why));
out:
	store_abort(txn);
	return code == ERROR_OBJECT_NOT_FOUND ? ERROR_SUCCESS : code;
}

DWORD service_code(struct turn *turn, const NTMS_GUID *drive, int error)
{
	char said[512];
	DWORD code;

	if (error != -EREMOTEIO)
		return broker_code(error);
	snprintf(said, sizeof(said), "%s", ntms_said());
	code = record_failure(turn, drive, said);
	return code ? code : ntms_say(broker_code(error), "%s", said);
}

bool service_is_needed(struct turn *turn, const NTMS_GUID *guid)
{
	struct object drive;

	return !run_read(turn, guid, NTMS_DRIVE, &drive) && drive.opstate == NTMS_NEEDS_SERVICE;
}

DWORD service_done(struct txn *txn, struct object *drive)
{
	DWORD code;

	if (drive->opstate != NTMS_NEEDS_SERVICE)
		return ERROR_SUCCESS;
	code = opstate_event(drive, OPSTATE_SERVICED);
	return code ? code : store_update(txn, drive);
}

DWORD service_satisfied(struct txn *txn, const struct object *request)
{
	const struct obj_oprequest *details = &request->oprequest;
	struct object drive;
	DWORD code;

	if (details->command != NTMS_OPREQ_DEVICESERVICE || details->arg1_type != NTMS_DRIVE ||
	    !oprequest_is_ours(request))
		return ERROR_SUCCESS;
	code = store_get(txn, &details->arg1, NTMS_DRIVE, &drive);
	if (code)
		return code == ERROR_OBJECT_NOT_FOUND ? ERROR_SUCCESS : code;
	return service_done(txn, &drive);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* refresh.c - what a program has written on a mounted medium becomes its label on record */
#include <errno.h>
#include "base/clock.h"
#include "base/guid.h"
#include "base/say.h"
#include "core/media.h"
#include "core/mount.h"
#include "core/rights.h"
#include "core/run.h"
#include "core/txn.h"
#include "label/label.h"

#define OPEN_DEADLINE_MS (10 * 60 * 1000)

/* A mounted medium whose label is to be read. */
struct mounted {
	struct object side;
	struct object media;
	struct object drive;
};

static DWORD find_mounted(struct txn *txn, struct session *session, const NTMS_GUID *lmid,
			  struct mounted *mounted)
{
	struct object library;
	DWORD code = resolve_side(txn, lmid, &mounted->side);

	if (!code)
		code = store_get(txn, &mounted->side.side.media, NTMS_PHYSICAL_MEDIA,
				 &mounted->media);
	if (!code)
		code = store_get(txn, &mounted->media.media.library, NTMS_LIBRARY, &library);
	if (!code)
		code = rights_check(txn, &session->caller, RIGHT_RSM_REFRESH_POOL, &mounted->side);
	if (!code)
		code = rights_check(txn, &session->caller, RIGHT_RSM_REFRESH_LIBRARY, &library);
	if (code)
		return code;
	if (mounted->media.media.state == NTMS_MEDIASTATE_LOADED)
		code = store_get(txn, &mounted->media.media.location, NTMS_DRIVE, &mounted->drive);
	else
		code = ERROR_OBJECT_NOT_FOUND;
	if (code == ERROR_OBJECT_NOT_FOUND ||
	    (!code && !guid_equal(&mounted->drive.device.side, &mounted->side.guid)))
		return ntms_say(ERROR_INVALID_STATE, "cartridge %s is not mounted",
				media_name(&mounted->media));
	return code;
}

static DWORD look(struct session *session, const NTMS_GUID *lmid, struct mounted *mounted)
{
	struct txn *txn;
	DWORD code = store_begin(session->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = find_mounted(txn, session, lmid, mounted);
	store_abort(txn);
	return code;
}

static DWORD read_tape(struct session *session, const struct object *drive, struct label *label)
{
	struct broker *broker = session->system->broker;
	struct tape *tape;
	uint32_t id;
	int error, pid = 0;
	DWORD code = drive_broker_id(session->system, drive, &id);

	if (code)
		return code;
	/* Whoever has it open may be in the middle of writing, and reading rewinds. */
	error = broker_drive_open(broker, id, &pid);
	if (error == 1)
		return ntms_say(ERROR_INVALID_STATE, "drive %u (%s) is still open in process %d",
				drive->device.number, drive->device.node, pid);
	if (error < 0)
		return broker_code(error);
	error = tape_open(broker, id, false, clock_deadline(OPEN_DEADLINE_MS), &tape);
	if (error == -EBUSY)
		return ntms_say(ERROR_BUSY,
				"drive %u (%s) is held by somebody else, who has not let this "
				"process in",
				drive->device.number, drive->device.node);
	if (error)
		return broker_code(error);
	error = label_read(tape, label);
	tape_close(tape);
	return broker_code(error);
}

/* It may have been dismounted meanwhile, and be in another's hands. */
static DWORD record(struct txn *txn, struct session *session, const NTMS_GUID *lmid,
		    const struct mounted *before, const struct label *label)
{
	struct mounted now;
	DWORD code = find_mounted(txn, session, lmid, &now);

	if (code)
		return code;
	if (!guid_equal(&now.side.guid, &before->side.guid) ||
	    !guid_equal(&now.drive.guid, &before->drive.guid))
		return ntms_say(ERROR_INVALID_STATE, "cartridge %s was moved meanwhile",
				media_name(&before->media));
	side_set_label(&now.side, label);
	return store_update(txn, &now.side);
}

DWORD refresh_label(struct session *session, const NTMS_GUID *lmid)
{
	struct mounted mounted;
	struct label label;
	struct txn *txn;
	DWORD code = look(session, lmid, &mounted);

	if (!code)
		code = read_tape(session, &mounted.drive, &label);
	if (!code)
		code = store_begin(session->system->store, STORE_DEADLINE_DEFAULT, &txn);
	if (code)
		return code;
	return txn_end(txn, record(txn, session, lmid, &mounted, &label));
}

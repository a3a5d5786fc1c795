/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * settle.c - put right what dead executors and dead holders left behind
 *
 * Done at the start of every turn, before any new work: first open intents (where
 * is that cartridge?), then drives whose records say more than the broker knows.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/guid.h"
#include "base/say.h"
#include "core/clean.h"
#include "core/media.h"
#include "core/run.h"
#include "core/service.h"
#include "core/standalone.h"
#include "core/txn.h"

static DWORD settle_intents(struct turn *turn)
{
	NTMS_GUID *list = NULL;
	struct object request;
	size_t count = 0;
	DWORD code = run_queue(turn, &list, &count);

	for (size_t i = 0; i < count && !code; i++) {
		code = run_read(turn, &list[i], NTMS_LIBREQUEST, &request);
		if (!code && request.librequest.move == OBJ_MOVE_INTENDED)
			code = robot_settle(turn, &request);
	}
	free(list);
	return code;
}

/* The drive has a medium that nobody holds any more: whoever wants it next gets it. */
static DWORD settle_medium(struct turn *turn, struct loaded *loaded)
{
	DWORD code;

	code = run_read(turn, &loaded->drive.device.side, NTMS_PARTITION, &loaded->side);
	if (!code)
		code = run_read(turn, &loaded->side.side.media, NTMS_PHYSICAL_MEDIA,
				&loaded->media);
	if (code)
		return code;
	if (loaded->drive.device.state == NTMS_DRIVESTATE_LOADED &&
	    loaded->side.side.state == NTMS_PARTSTATE_ALLOCATED) {
		code = record_written(turn, loaded);
		/* An unreadable label shows at the next mount; the drive must not wait for it. */
		if (database_trouble(code))
			return code;
	}
	return leave_in_drive(turn, loaded, true);
}

static DWORD settle_drive(struct turn *turn, const struct worker_drive *drive)
{
	struct broker_holder holder = {0};
	struct loaded loaded = {0};
	NTMS_GUID none = {0};
	bool occupied;
	DWORD code;
	int error, held;

	turn_step(turn, 0);
	code = run_read(turn, &drive->guid, NTMS_DRIVE, &loaded.drive);
	if (code)
		return code;
	/* No medium is in it, but the cleaner, and that is not anybody's. */
	if (loaded.drive.device.state == NTMS_DRIVESTATE_BEING_CLEANED)
		return clean_settle(turn, &loaded.drive);
	held = drive_holder(turn, drive->id, &holder);
	if (held < 0)
		return broker_code(held);
	occupied = !guid_is_null(&loaded.drive.device.side);
	if (held && holder.state == HOLDER_HELD)
		return ERROR_SUCCESS;
	if (!held && (!occupied || loaded.drive.device.state == NTMS_DRIVESTATE_DISMOUNTABLE))
		return ERROR_SUCCESS;
	/* Children of the dead may still have the device open: theirs is the tape until they close.
	 */
	error = broker_drive_open(turn->system->broker, drive->id, NULL);
	if (error == 1)
		return ERROR_SUCCESS;
	if (error == -ENOMEM)
		return broker_code(error);
	loaded.drive_id = drive->id;
	error = broker_reserve(turn->lease, drive->id, held ? &holder.medium : &none,
			       BROKER_RECOVER, 0, &loaded.hold);
	if (error == -EBUSY || error == -ENODEV)
		return ERROR_SUCCESS;
	if (error)
		return broker_code(error);
	code = broker_code(broker_mark(loaded.hold, occupied));
	if (!code && occupied)
		code = settle_medium(turn, &loaded);
	loaded_drop(&loaded);
	return database_trouble(code) ? code : ERROR_SUCCESS;
}

/* It is recorded that a medium is mounted there, and nobody who lives holds it. */
static DWORD is_abandoned(struct txn *txn, const struct object *drive,
			  const struct broker_holder *holders, size_t count, bool *abandoned)
{
	struct object side;
	DWORD code;

	*abandoned = false;
	if (drive->device.state != NTMS_DRIVESTATE_LOADED || drive->opstate == NTMS_NOT_PRESENT)
		return ERROR_SUCCESS;
	code = store_get(txn, &drive->device.side, NTMS_PARTITION, &side);
	if (code)
		return code;
	for (size_t i = 0; i < count; i++)
		if (holders[i].state == HOLDER_HELD &&
		    guid_equal(&holders[i].medium, &side.side.media))
			return ERROR_SUCCESS;
	*abandoned = true;
	return ERROR_SUCCESS;
}

static DWORD any_abandoned(struct txn *txn, const NTMS_GUID *library,
			   const struct broker_holder *holders, size_t holder_count,
			   bool *abandoned)
{
	NTMS_GUID *list = NULL;
	struct object drive;
	struct store_key key;
	size_t count = 0;
	DWORD code;

	key_start(&key);
	key_guid(&key, library);
	key_u32(&key, NTMS_DRIVE);
	code = store_list(txn, IX_CHILD, &key, 0, &list, &count);
	for (size_t i = 0; i < count && !code && !*abandoned; i++) {
		code = store_get(txn, &list[i], NTMS_DRIVE, &drive);
		if (!code)
			code = is_abandoned(txn, &drive, holders, holder_count, abandoned);
	}
	free(list);
	return code;
}

DWORD turn_is_wanted(struct ntms_system *system, const NTMS_GUID *library, bool *wanted)
{
	struct broker_holder *holders = NULL;
	size_t count = 0;
	struct txn *txn;
	DWORD code;

	*wanted = false;
	code = store_begin(system->store, STORE_DEADLINE_DEFAULT, &txn);
	if (code)
		return code;
	/* Asked after the records are locked: who is recorded to have it had it before. */
	code = broker_code(broker_holders(system->broker, &holders, &count));
	if (!code)
		code = any_abandoned(txn, library, holders, count, wanted);
	free(holders);
	store_abort(txn);
	return code;
}

DWORD turn_settle(struct turn *turn)
{
	DWORD code = settle_intents(turn);

	for (size_t i = 0; i < turn->drive_count && !code; i++)
		if (turn->drives[i].present)
			code = settle_drive(turn, &turn->drives[i]);
	if (code || !turn->standalone)
		return code;
	/* A person may have been there, too. A drive that does not answer shows at what is wanted
	 * of it. */
	code = standalone_look(turn, false, false);
	return database_trouble(code) ? code : ERROR_SUCCESS;
}

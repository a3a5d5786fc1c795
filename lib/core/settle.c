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
#include "core/media.h"
#include "core/run.h"
#include "core/txn.h"

#define LABEL_DEADLINE_MS (10 * 60 * 1000)

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

/* What its holder wrote last is the label by which the medium is known from now on: it was
 * written under the one reservation that allowed it. */
static DWORD record_label(struct turn *turn, struct loaded *loaded)
{
	struct label label;
	struct object side;
	struct txn *txn;
	DWORD code;
	int error;

	if (loaded->side.side.state != NTMS_PARTSTATE_ALLOCATED)
		return ERROR_SUCCESS;
	if (!loaded->tape) {
		error = tape_open(turn->system->broker, loaded->drive_id, false,
				  clock_deadline(LABEL_DEADLINE_MS), &loaded->tape);
		if (error) {
			loaded->tape = NULL;
			return broker_code(error);
		}
	}
	code = read_label(loaded, &label);
	if (code)
		return code;
	code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);
	if (code)
		return code;
	code = store_get(txn, &loaded->side.guid, NTMS_PARTITION, &side);
	if (!code) {
		side_set_label(&side, &label);
		code = store_update(txn, &side);
	}
	return txn_end(txn, code);
}

static bool database_trouble(DWORD code)
{
	return code == ERROR_DATABASE_FAILURE || code == ERROR_DATABASE_FULL;
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
	if (loaded->drive.device.state == NTMS_DRIVESTATE_LOADED) {
		code = record_label(turn, loaded);
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
	bool held, occupied;
	DWORD code;
	int error;

	code = run_read(turn, &drive->guid, NTMS_DRIVE, &loaded.drive);
	if (code)
		return code;
	held = drive_holder(turn, drive->id, &holder);
	occupied = !guid_is_null(&loaded.drive.device.side);
	if (held && holder.state == HOLDER_HELD)
		return ERROR_SUCCESS;
	if (!held && (!occupied || loaded.drive.device.state == NTMS_DRIVESTATE_DISMOUNTABLE))
		return ERROR_SUCCESS;
	/* Children of the dead may still have the device open: theirs is the tape until they close.
	 */
	if (broker_drive_open(turn->system->broker, drive->id, NULL) == 1)
		return ERROR_SUCCESS;
	loaded.drive_id = drive->id;
	error = broker_reserve(turn->lease, drive->id, held ? &holder.medium : &none,
			       BROKER_RECOVER, 0, &loaded.hold);
	if (error == -EBUSY || error == -ENODEV)
		return ERROR_SUCCESS;
	if (error)
		return broker_code(error);
	broker_mark(loaded.hold, occupied);
	if (occupied)
		code = settle_medium(turn, &loaded);
	else
		broker_mark(loaded.hold, false);
	loaded_drop(&loaded);
	return database_trouble(code) ? code : ERROR_SUCCESS;
}

DWORD turn_settle(struct turn *turn)
{
	DWORD code = settle_intents(turn);

	for (size_t i = 0; i < turn->drive_count && !code; i++)
		if (turn->drives[i].present)
			code = settle_drive(turn, &turn->drives[i]);
	return code;
}

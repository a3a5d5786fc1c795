/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/guid.h"
#include "base/say.h"
#include "core/eject.h"
#include "core/media.h"
#include "core/service.h"
#include "core/standalone.h"
#include "core/txn.h"

/* As long as a robot's drive has: a tape may have to be wound back first. */
#define READY_DEADLINE_MS (10 * 60 * 1000)

/* What was found out about the medium in the drive. */
struct inside {
	enum { INSIDE_NOTHING, INSIDE_UNFIT, INSIDE_UNREADABLE, INSIDE_LABEL } what;
	struct label label; /* INSIDE_LABEL; of no type when it has none */
	uint32_t medium_code, density_code;
};

/* ---- the drive ---- */

/* Its record; *@there when its device is. */
static DWORD read_drive(struct turn *turn, struct loaded *loaded, bool *there)
{
	memset(loaded, 0, sizeof(*loaded));
	*there = turn->drive_count > 0 && turn->drives[0].present;
	if (turn->drive_count == 0)
		return ERROR_SUCCESS;
	loaded->drive_id = turn->drives[0].id;
	return run_read(turn, &turn->drives[0].guid, NTMS_DRIVE, &loaded->drive);
}

static bool is_used(struct turn *turn, const struct loaded *loaded)
{
	struct broker_holder holder;

	return loaded->drive.device.state == NTMS_DRIVESTATE_LOADED ||
	       (drive_holder(turn, loaded->drive_id, &holder) == 1 && holder.state == HOLDER_HELD);
}

/* ---- what leaves ---- */

/* The cartridge that is recorded in the drive is in it no more. */
static DWORD leave(struct txn *txn, const struct object *drive)
{
	struct object side, media;
	DWORD code;

	if (guid_is_null(&drive->device.side))
		return ERROR_SUCCESS;
	code = store_get(txn, &drive->device.side, NTMS_PARTITION, &side);
	if (!code)
		code = store_get(txn, &side.side.media, NTMS_PHYSICAL_MEDIA, &media);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ERROR_SUCCESS;
	return code ? code : media_leave(txn, &media);
}

static DWORD record_empty(struct turn *turn, const NTMS_GUID *guid)
{
	struct object drive;
	struct txn *txn;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = store_get(txn, guid, NTMS_DRIVE, &drive);
	if (!code)
		code = leave(txn, &drive);
	if (!code)
		code = drive_event(&drive, DRIVE_FOUND_EMPTY);
	if (!code)
		code = store_update(txn, &drive);
	return txn_end(txn, code);
}

/* ---- what comes ---- */

/* Something is in it, and nobody has looked what: SavedPartitionId stays null. */
static DWORD record_full(struct turn *turn, const NTMS_GUID *guid)
{
	struct object drive;
	struct txn *txn;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = store_get(txn, guid, NTMS_DRIVE, &drive);
	if (!code)
		code = drive_event(&drive, DRIVE_FOUND_FULL);
	if (!code)
		code = store_update(txn, &drive);
	return txn_end(txn, code);
}

/* Read what is to be known of the medium. An error is one of the drive, not of the medium. */
static DWORD look_inside(struct turn *turn, struct loaded *loaded, struct inside *inside)
{
	int error = tape_open(turn->system->broker, loaded->drive_id, false,
			      clock_deadline(READY_DEADLINE_MS), &loaded->tape);

	memset(inside, 0, sizeof(*inside));
	if (error)
		loaded->tape = NULL;
	switch (error) {
	case 0:
		break;
	case -EMEDIUMTYPE:
		inside->what = INSIDE_UNFIT;
		return ERROR_SUCCESS;
	case -ENOMEDIUM:
		return ERROR_SUCCESS;
	case -EIO:
		inside->what = INSIDE_UNREADABLE;
		return ERROR_SUCCESS;
	default:
		return service_code(turn, &loaded->drive.guid, error);
	}
	inside->what = read_label(turn, loaded, &inside->label) ? INSIDE_UNREADABLE : INSIDE_LABEL;
	if (tape_codes(loaded->tape, &inside->medium_code, &inside->density_code))
		inside->medium_code = inside->density_code = 0;
	tape_rewind(loaded->tape);
	tape_reset_settings(loaded->tape);
	tape_close(loaded->tape);
	loaded->tape = NULL;
	return ERROR_SUCCESS;
}

/* Could the cartridge of a label be the one in our drive: is it nowhere else? */
static bool may_be_here(const struct turn *turn, const struct object *media)
{
	return guid_is_null(&media->media.location) ||
	       guid_equal(&media->media.library, &turn->library);
}

/* The one side that has the label; ERROR_OBJECT_NOT_FOUND when none has, or several: copies are
 * never taken for one another. */
static DWORD by_label(struct turn *turn, struct txn *txn, const struct label *label,
		      struct object *side, struct object *media)
{
	struct object candidate, cartridge;
	NTMS_GUID *list = NULL;
	struct store_key key;
	size_t count = 0, fitting = 0;
	DWORD code;

	if (!label->type[0])
		return ERROR_OBJECT_NOT_FOUND;
	key_start(&key);
	key_text(&key, label->type);
	key_u32(&key, label->id_length);
	key_bytes(&key, label->id, label->id_length);
	code = store_list(txn, IX_LABEL, &key, 0, &list, &count);
	for (size_t i = 0; i < count && !code; i++) {
		code = store_get(txn, &list[i], NTMS_PARTITION, &candidate);
		if (!code)
			code = store_get(txn, &candidate.side.media, NTMS_PHYSICAL_MEDIA,
					 &cartridge);
		if (code || !may_be_here(turn, &cartridge))
			continue;
		*side = candidate;
		*media = cartridge;
		fitting++;
	}
	free(list);
	if (code)
		return code;
	return fitting == 1 ? ERROR_SUCCESS : ERROR_OBJECT_NOT_FOUND;
}

/* Is the drive one for disks? As its type's record says. */
static DWORD is_optical(struct txn *txn, const struct object *drive, bool *optical)
{
	struct object type;
	DWORD code = store_get(txn, &drive->device.device_type, NTMS_DRIVE_TYPE, &type);

	*optical = !code && type.device_type.device_type == FILE_DEVICE_DISK;
	return code == ERROR_OBJECT_NOT_FOUND ? ERROR_SUCCESS : code;
}

/* What no record fits is a new cartridge. */
static DWORD enter_new(struct turn *turn, struct txn *txn, const struct object *drive,
		       const struct inside *inside, struct object *side)
{
	struct object media, sides[2];
	NTMS_GUID type;
	bool optical;
	size_t count = 0;
	DWORD code = is_optical(txn, drive, &optical);

	if (!code)
		code = media_type_ensure(
			txn, optical ? MO_5_RW : media_type_guess(inside->density_code, ""),
			&turn->library, &type);
	if (!code)
		code = media_create(txn, &turn->library, NULL, "", &type, &media);
	if (code)
		return code;
	media.media.medium_code = inside->medium_code;
	media.media.density_code = inside->density_code;
	code = media_place(txn, &media, drive, false);
	if (!code)
		code = media_sides(txn, &media.guid, sides, &count);
	if (!code && count == 0)
		code = ntms_say(ERROR_DATABASE_FAILURE, "a new cartridge has no side");
	for (size_t i = 0; i < count && !code && inside->what == INSIDE_UNFIT; i++) {
		code = side_event(&sides[i], SIDE_FOUND_INCOMPATIBLE);
		if (!code)
			code = store_update(txn, &sides[i]);
	}
	if (!code && inside->what == INSIDE_LABEL)
		code = media_classify(txn, &media, &sides[0], &inside->label);
	if (!code)
		*side = sides[0];
	return code;
}

static DWORD enter_known(struct turn *turn, struct txn *txn, const struct object *drive,
			 const struct inside *inside, struct object *media)
{
	(void)turn;
	media->media.medium_code = inside->medium_code;
	media->media.density_code = inside->density_code;
	/* Whoever was asked to bring it has done so: that is seen to there. */
	return media_place(txn, media, drive, false);
}

static DWORD record_inside(struct turn *turn, const NTMS_GUID *guid, const struct inside *inside)
{
	struct object drive, side, media, before;
	bool known;
	struct txn *txn;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = store_get(txn, guid, NTMS_DRIVE, &drive);
	if (code)
		return txn_end(txn, code);
	code = inside->what == INSIDE_LABEL ? by_label(turn, txn, &inside->label, &side, &media)
					    : ERROR_OBJECT_NOT_FOUND;
	known = !code;
	if (code == ERROR_OBJECT_NOT_FOUND)
		code = ERROR_SUCCESS;
	/* What was recorded there is not there, unless it is the same cartridge. */
	if (!code && !guid_is_null(&drive.device.side)) {
		code = store_get(txn, &drive.device.side, NTMS_PARTITION, &before);
		if (!code && !(known && guid_equal(&before.side.media, &media.guid)))
			code = leave(txn, &drive);
		else if (code == ERROR_OBJECT_NOT_FOUND)
			code = ERROR_SUCCESS;
	}
	if (!code)
		code = known ? enter_known(turn, txn, &drive, inside, &media)
			     : enter_new(turn, txn, &drive, inside, &side);
	if (!code)
		code = drive_event(&drive, DRIVE_FOUND_FULL);
	if (!code) {
		drive.device.side = side.guid;
		code = store_update(txn, &drive);
	}
	return txn_end(txn, code);
}

static DWORD identify_inside(struct turn *turn, struct loaded *loaded)
{
	static const NTMS_GUID none;
	struct inside inside;
	DWORD code;
	int error = broker_reserve(turn->lease, loaded->drive_id, &none, BROKER_RECOVER, 0,
				   &loaded->hold);

	if (error) {
		loaded->hold = NULL;
		return error == -EBUSY ? ERROR_SUCCESS : broker_code(error);
	}
	code = look_inside(turn, loaded, &inside);
	if (!code)
		code = inside.what == INSIDE_NOTHING
			       ? record_empty(turn, &loaded->drive.guid)
			       : record_inside(turn, &loaded->drive.guid, &inside);
	broker_mark(loaded->hold, false);
	loaded_drop(loaded);
	/* A program that has the device open knows what is inside. */
	return code == ERROR_BUSY ? ERROR_SUCCESS : code;
}

DWORD standalone_look(struct turn *turn, bool identify, bool full)
{
	struct loaded loaded;
	bool there, filled = false;
	DWORD code = read_drive(turn, &loaded, &there);
	int error;

	if (code || !there || is_used(turn, &loaded))
		return code;
	error = broker_drive_loaded(turn->system->broker, loaded.drive_id, &filled);
	if (error == -EBUSY)
		return ERROR_SUCCESS;
	if (error)
		return broker_code(error);
	if (!filled)
		return loaded.drive.device.state == NTMS_DRIVESTATE_DISMOUNTED
			       ? ERROR_SUCCESS
			       : record_empty(turn, &loaded.drive.guid);
	if (identify && loaded.drive.opstate != NTMS_NEEDS_SERVICE &&
	    (full || guid_is_null(&loaded.drive.device.side)))
		return identify_inside(turn, &loaded);
	if (loaded.drive.device.state == NTMS_DRIVESTATE_DISMOUNTED)
		return record_full(turn, &loaded.drive.guid);
	return ERROR_SUCCESS;
}

DWORD standalone_has(struct turn *turn, const NTMS_GUID *side, bool *has)
{
	struct loaded loaded;
	bool there;
	DWORD code = read_drive(turn, &loaded, &there);

	*has = !code && there && guid_equal(&loaded.drive.device.side, side);
	return code;
}

/* ---- out of it ---- */

/* The name of what is inside, for people. */
static DWORD name_inside(struct turn *turn, const struct object *drive, struct object *media,
			 char *name, size_t size)
{
	struct object side;
	DWORD code;

	memset(media, 0, sizeof(*media));
	snprintf(name, size, "an unknown cartridge");
	if (guid_is_null(&drive->device.side))
		return ERROR_SUCCESS;
	code = run_read(turn, &drive->device.side, NTMS_PARTITION, &side);
	if (!code)
		code = run_read(turn, &side.side.media, NTMS_PHYSICAL_MEDIA, media);
	if (!code)
		snprintf(name, size, "cartridge %.64s", media_name(media));
	return code == ERROR_OBJECT_NOT_FOUND ? ERROR_SUCCESS : code;
}

/* With the drive reserved: have it put the medium out, and take it from the records. Whoever dies
 * in between has left an empty drive, which the next look finds. */
static DWORD put_out(struct turn *turn, struct loaded *loaded)
{
	int error = tape_open(turn->system->broker, loaded->drive_id, false,
			      clock_deadline(READY_DEADLINE_MS), &loaded->tape);

	if (error)
		loaded->tape = NULL;
	if (!error) {
		error = tape_unload(loaded->tape);
		tape_close(loaded->tape);
		loaded->tape = NULL;
	}
	if (error && error != -ENOMEDIUM)
		return service_code(turn, &loaded->drive.guid, error);
	return record_empty(turn, &loaded->drive.guid);
}

static DWORD reserve(struct turn *turn, struct loaded *loaded)
{
	static const NTMS_GUID none;
	int error = broker_reserve(turn->lease, loaded->drive_id, &none, BROKER_RECOVER, 0,
				   &loaded->hold);

	if (error)
		loaded->hold = NULL;
	return broker_code(error);
}

/* Is other work queued for the medium that is inside? */
static DWORD is_wanted(struct turn *turn, const struct object *media, bool *wanted)
{
	struct txn *txn;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = request_pending(txn, &media->guid, wanted);
	store_abort(txn);
	return code;
}

DWORD standalone_make_room(struct turn *turn, struct object *request, char *ejected, size_t size)
{
	struct loaded loaded;
	struct object media;
	bool there, wanted = false;
	char name[sizeof(media.name)];
	char place[48];
	DWORD code = read_drive(turn, &loaded, &there);

	ejected[0] = '\0';
	if (code || !there || loaded.drive.device.state == NTMS_DRIVESTATE_DISMOUNTED)
		return code;
	if (is_used(turn, &loaded))
		return run_waits(turn, request, "waiting for %s, which is in use",
				 place_name(&loaded.drive, place));
	code = name_inside(turn, &loaded.drive, &media, name, sizeof(name));
	if (!code && !guid_is_null(&media.guid) &&
	    !guid_equal(&media.guid, &request->librequest.media))
		code = is_wanted(turn, &media, &wanted);
	if (code)
		return code;
	if (wanted)
		return run_waits(turn, request, "waiting for %s: %s is wanted in it",
				 place_name(&loaded.drive, place), name);
	code = reserve(turn, &loaded);
	if (code)
		return code == ERROR_BUSY
			       ? run_waits(turn, request, "waiting for %s, which is in use",
					   place_name(&loaded.drive, place))
			       : code;
	code = put_out(turn, &loaded);
	broker_mark(loaded.hold, false);
	loaded_drop(&loaded);
	if (!code)
		snprintf(ejected, size, "%s", name);
	/* It cannot be put out by us: a person is on his way anyhow. */
	return database_trouble(code) ? code : ERROR_SUCCESS;
}

DWORD run_standalone_eject(struct turn *turn, struct object *request)
{
	bool force = request->librequest.option == EJECT_OPTION_FORCE;
	struct loaded loaded;
	char name[OBJ_NAME_SIZE], place[48];
	bool there;
	DWORD code = read_drive(turn, &loaded, &there);

	if (code)
		return code;
	if (!there)
		return ntms_say(ERROR_DEVICE_NOT_AVAILABLE, "the drive is not connected");
	if (loaded.drive.device.state == NTMS_DRIVESTATE_DISMOUNTED)
		return ERROR_SUCCESS;
	if (is_used(turn, &loaded) && !force)
		return ntms_say(ERROR_BUSY, "%s is in use", place_name(&loaded.drive, place));
	code = name_inside(turn, &loaded.drive, &loaded.media, name, sizeof(name));
	if (!code)
		code = run_progress(turn, request, "ejecting %s from %s", name,
				    place_name(&loaded.drive, place));
	if (!code)
		code = force && is_used(turn, &loaded) ? take_over(turn, &loaded)
						       : reserve(turn, &loaded);
	if (code)
		return code;
	code = put_out(turn, &loaded);
	broker_mark(loaded.hold, false);
	loaded_drop(&loaded);
	return code;
}

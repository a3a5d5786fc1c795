/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * load.c - a medium into a drive and home again
 *
 * The executor reserves drive and medium before anything moves, so that no other
 * process can be in the drive, and marks the reservation while a medium is
 * inside, so that its own death leaves an orphan and not a free drive.
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

/* A first load of an LTO-9 medium may take two hours; everything else is ready far sooner. */
#define READY_DEADLINE_MS (2 * 60 * 60 * 1000)
#define SEND_HOME_TRIES	  8

struct candidate {
	struct object drive;
	uint32_t id;
	enum { RANK_HOLDS_IT, RANK_EMPTY, RANK_EXPIRED, RANK_KEPT, RANK_NEVER } rank;
	uint64_t expires_ms;
};

void loaded_drop(struct loaded *loaded)
{
	if (loaded->tape)
		tape_close(loaded->tape);
	loaded->tape = NULL;
	broker_release(loaded->hold);
	loaded->hold = NULL;
}

/* ---- which drive ---- */

static void rank_drive(struct candidate *candidate, const struct object *media)
{
	const struct obj_device *device = &candidate->drive.device;
	uint64_t now = clock_utc_ms();

	candidate->rank = RANK_NEVER;
	if (media->media.location_type == NTMS_DRIVE &&
	    guid_equal(&media->media.location, &candidate->drive.guid)) {
		candidate->rank = RANK_HOLDS_IT;
		return;
	}
	switch (device->state) {
	case NTMS_DRIVESTATE_DISMOUNTED:
		candidate->rank = RANK_EMPTY;
		break;
	case NTMS_DRIVESTATE_DISMOUNTABLE:
		candidate->expires_ms = device->deferred_since_ms + device->defer_delay_s * 1000ULL;
		if (device->deferred_since_ms == 0)
			candidate->expires_ms = 0;
		candidate->rank = candidate->expires_ms <= now ? RANK_EXPIRED : RANK_KEPT;
		break;
	case NTMS_DRIVESTATE_MOUNTED:
	case NTMS_DRIVESTATE_UNLOADED:
		/* Left so by an executor that died: nobody waits for this medium. */
		candidate->rank = RANK_EXPIRED;
		break;
	}
}

static int compare_candidates(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;

	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	if (a->expires_ms != b->expires_ms)
		return a->expires_ms < b->expires_ms ? -1 : 1;
	if (a->drive.device.mount_count != b->drive.device.mount_count)
		return a->drive.device.mount_count < b->drive.device.mount_count ? -1 : 1;
	return a->drive.device.number < b->drive.device.number ? -1 : 1;
}

/* The drives worth trying, best first; to be freed. */
static DWORD list_candidates(struct turn *turn, const struct object *media, const NTMS_GUID *only,
			     struct candidate **listp, size_t *countp)
{
	struct candidate *list = calloc(turn->drive_count ? turn->drive_count : 1, sizeof(*list));
	size_t count = 0;
	DWORD code = ERROR_SUCCESS;

	if (!list)
		return ERROR_NOT_ENOUGH_MEMORY;
	for (size_t i = 0; i < turn->drive_count && !code; i++) {
		struct candidate *candidate = &list[count];

		if (!turn->drives[i].present)
			continue;
		if (only && !guid_equal(only, &turn->drives[i].guid))
			continue;
		code = run_read(turn, &turn->drives[i].guid, NTMS_DRIVE, &candidate->drive);
		if (code || !candidate->drive.enabled)
			continue;
		candidate->id = turn->drives[i].id;
		rank_drive(candidate, media);
		count++;
	}
	if (code) {
		free(list);
		return code;
	}
	qsort(list, count, sizeof(*list), compare_candidates);
	*listp = list;
	*countp = count;
	return ERROR_SUCCESS;
}

/* Nothing to be had: say what for, and until when. */
static DWORD wait_for_drive(struct turn *turn, struct object *request, const struct candidate *list,
			    size_t count)
{
	struct broker_holder holder;
	char place[48];

	if (count == 0)
		return run_waits(turn, request, "waiting for a drive: none is present and enabled");
	for (size_t i = 0; i < count; i++) {
		uint64_t now = clock_utc_ms();
		uint64_t look;

		if (list[i].rank != RANK_KEPT || list[i].expires_ms <= now)
			continue;
		look = clock_monotonic_ns() + (list[i].expires_ms - now) * NSEC_PER_MSEC;
		if (!turn->next_look_ns || look < turn->next_look_ns)
			turn->next_look_ns = look;
		return run_waits(turn, request,
				 "waiting for %s: it keeps its medium after a deferred dismount",
				 place_name(&list[i].drive, place));
	}
	if (drive_holder(turn, list[0].id, &holder))
		return run_waits(turn, request, "waiting for %s, held by %s (process %d)",
				 place_name(&list[0].drive, place), holder.command, holder.pid);
	return run_waits(turn, request, "waiting for %s", place_name(&list[0].drive, place));
}

/* ---- what may be mounted ---- */

static DWORD read_medium(struct turn *turn, const NTMS_GUID *side, struct loaded *loaded)
{
	DWORD code = run_read(turn, side, NTMS_PARTITION, &loaded->side);

	if (!code)
		code = run_read(turn, &loaded->side.side.media, NTMS_PHYSICAL_MEDIA,
				&loaded->media);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_MEDIA, "the side asked for is no more");
	if (code)
		return code;
	if (!guid_equal(&loaded->media.media.library, &turn->library))
		return ntms_say(ERROR_MEDIA_OFFLINE, "cartridge %s is not in the library any more",
				media_name(&loaded->media));
	if (!loaded->media.enabled)
		return ntms_say(ERROR_RESOURCE_DISABLED, "cartridge %s is disabled",
				media_name(&loaded->media));
	return ERROR_SUCCESS;
}

/* Somebody else has the medium: in a drive, or at least reserved. */
static DWORD wait_for_medium(struct turn *turn, struct object *request, const struct loaded *loaded)
{
	const struct worker_drive *drive = turn_drive(turn, &loaded->media.media.location);
	struct broker_holder holder;

	if (drive && drive_holder(turn, drive->id, &holder))
		return run_waits(turn, request, "waiting for %s, mounted by %s (process %d)",
				 media_name(&loaded->media), holder.command, holder.pid);
	return run_waits(turn, request, "waiting for %s, which is in use",
			 media_name(&loaded->media));
}

static DWORD try_candidates(struct turn *turn, struct object *request, struct loaded *loaded,
			    const struct candidate *list, size_t count)
{
	for (size_t i = 0; i < count && list[i].rank < RANK_KEPT; i++) {
		int error = broker_reserve(turn->lease, list[i].id, &loaded->media.guid,
					   BROKER_RECOVER, 0, &loaded->hold);

		if (!error) {
			loaded->drive = list[i].drive;
			loaded->drive_id = list[i].id;
			return ERROR_SUCCESS;
		}
		loaded->hold = NULL;
		if (error == -ENOMEM)
			return ERROR_NOT_ENOUGH_MEMORY;
	}
	return wait_for_drive(turn, request, list, count);
}

/* Is the medium in another drive than the one that must be taken? */
static bool in_wrong_drive(const struct loaded *loaded, const NTMS_GUID *only)
{
	return only && loaded->media.media.location_type == NTMS_DRIVE &&
	       !guid_is_null(&loaded->media.media.location) &&
	       !guid_equal(&loaded->media.media.location, only);
}

static DWORD empty_drive(struct turn *turn, struct object *request, const NTMS_GUID *drive);

DWORD load_reserve(struct turn *turn, struct object *request, const NTMS_GUID *side,
		   const NTMS_GUID *only, struct loaded *loaded)
{
	struct candidate *list = NULL;
	size_t count = 0;
	DWORD code;

	memset(loaded, 0, sizeof(*loaded));
	code = read_medium(turn, side, loaded);
	if (code)
		return code;
	if (loaded->media.media.state == NTMS_MEDIASTATE_LOADED)
		return wait_for_medium(turn, request, loaded);
	if (in_wrong_drive(loaded, only)) {
		code = empty_drive(turn, request, &loaded->media.media.location);
		if (!code)
			code = read_medium(turn, side, loaded);
		if (code)
			return code;
	}
	/* A medium that is in a drive is mounted there and nowhere else. */
	if (loaded->media.media.location_type == NTMS_DRIVE &&
	    !guid_is_null(&loaded->media.media.location))
		only = &loaded->media.media.location;
	code = list_candidates(turn, &loaded->media, only, &list, &count);
	if (code)
		return code;
	code = try_candidates(turn, request, loaded, list, count);
	free(list);
	return code;
}

/* ---- home ---- */

static DWORD find_slot(struct turn *turn, const struct object *media, struct object *slot)
{
	NTMS_GUID *list = NULL;
	struct store_key key;
	size_t count = 0;
	struct txn *txn;
	bool found = false;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = store_get(txn, &media->media.home_slot, NTMS_STORAGESLOT, slot);
	found = !code && slot->device.state == NTMS_SLOTSTATE_EMPTY &&
		guid_equal(&slot->device.library, &turn->library);
	if (code == ERROR_OBJECT_NOT_FOUND)
		code = ERROR_SUCCESS;
	if (!code && !found) {
		key_start(&key);
		key_guid(&key, &turn->library);
		key_u32(&key, NTMS_STORAGESLOT);
		code = store_list(txn, IX_CHILD, &key, 0, &list, &count);
	}
	for (size_t i = 0; i < count && !code && !found; i++) {
		code = store_get(txn, &list[i], NTMS_STORAGESLOT, slot);
		found = !code && slot->device.state == NTMS_SLOTSTATE_EMPTY;
	}
	free(list);
	store_abort(txn);
	if (!code && !found)
		return ntms_say(ERROR_LIBRARY_FULL,
				"the library has no empty slot for cartridge %s",
				media_name(media));
	return code;
}

/* The records called a slot empty that the robot found full: have it looked at. */
static DWORD doubt_slot(struct turn *turn, const struct object *slot)
{
	struct object current;
	struct txn *txn;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = store_get(txn, &slot->guid, slot->type, &current);
	if (!code) {
		current.device.state = NTMS_SLOTSTATE_NEEDSINVENTORY;
		code = store_update(txn, &current);
	}
	return txn_end(txn, code);
}

static DWORD set_drive_state(struct turn *turn, const NTMS_GUID *guid, uint32_t state)
{
	struct object drive;
	struct txn *txn;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = store_get(txn, guid, NTMS_DRIVE, &drive);
	if (!code) {
		drive.device.state = state;
		code = store_update(txn, &drive);
	}
	return txn_end(txn, code);
}

/* Have the drive let go of its medium. A drive that finds itself empty has nothing to unload. */
static DWORD spin_down(struct turn *turn, struct object *request, struct loaded *loaded)
{
	char place[48];
	DWORD code;
	int error = 0;

	code = run_progress(turn, request, "unloading %s in %s", media_name(&loaded->media),
			    place_name(&loaded->drive, place));
	if (code)
		return code;
	if (!loaded->tape)
		error = tape_open(turn->system->broker, loaded->drive_id, false,
				  clock_deadline(READY_DEADLINE_MS), &loaded->tape);
	if (error) {
		loaded->tape = NULL;
	} else {
		error = tape_unload(loaded->tape);
		tape_close(loaded->tape);
		loaded->tape = NULL;
	}
	if (error == -ENOMEDIUM || error == -EMEDIUMTYPE)
		error = 0;
	if (error)
		return broker_code(error);
	return set_drive_state(turn, &loaded->drive.guid, NTMS_DRIVESTATE_UNLOADED);
}

DWORD unload(struct turn *turn, struct object *request, struct loaded *loaded)
{
	struct object slot, media;
	DWORD code = spin_down(turn, request, loaded);

	for (int tries = 0; !code && tries < SEND_HOME_TRIES; tries++) {
		code = run_read(turn, &loaded->media.guid, NTMS_PHYSICAL_MEDIA, &media);
		if (!code)
			code = find_slot(turn, &media, &slot);
		if (code)
			break;
		code = robot_move(turn, request, &media.guid, &loaded->drive.guid, &slot.guid);
		if (code != ERROR_INVALID_STATE)
			break;
		code = doubt_slot(turn, &slot);
	}
	if (code)
		return code;
	/* send_home() keeps the hold: the drive is about to get another medium. */
	if (loaded->hold)
		broker_mark(loaded->hold, false);
	loaded_drop(loaded);
	return ERROR_SUCCESS;
}

/* Take home what is in a drive that nobody uses. */
static DWORD send_home(struct turn *turn, struct object *request, struct loaded *loaded)
{
	struct loaded other = *loaded;
	DWORD code;

	/* The hold stays with the caller, who has the drive for the medium that comes. */
	other.hold = NULL;
	other.tape = NULL;
	code = run_read(turn, &loaded->drive.device.side, NTMS_PARTITION, &other.side);
	if (!code)
		code = run_read(turn, &other.side.side.media, NTMS_PHYSICAL_MEDIA, &other.media);
	if (code)
		return code;
	broker_mark(loaded->hold, true);
	return unload(turn, request, &other);
}

static DWORD empty_drive(struct turn *turn, struct object *request, const NTMS_GUID *guid)
{
	const struct worker_drive *drive = turn_drive(turn, guid);
	struct loaded other = {0};
	NTMS_GUID none = {0};
	DWORD code;
	int error;

	if (!drive)
		return run_waits(turn, request, "waiting for the drive that has the medium");
	code = run_read(turn, guid, NTMS_DRIVE, &other.drive);
	if (code)
		return code;
	other.drive_id = drive->id;
	error = broker_reserve(turn->lease, drive->id, &none, BROKER_RECOVER, 0, &other.hold);
	if (error == -EBUSY)
		return run_waits(turn, request, "waiting for the drive that has the medium");
	if (error)
		return broker_code(error);
	code = send_home(turn, request, &other);
	if (!code)
		broker_mark(other.hold, false);
	loaded_drop(&other);
	return code;
}

/* ---- in ---- */

/* It could not be used in the drive: back where it came from, keeping the reason. */
static DWORD take_back(struct turn *turn, struct object *request, struct loaded *loaded, DWORD why)
{
	char said[512];
	DWORD code;

	strncpy(said, ntms_said(), sizeof(said) - 1);
	said[sizeof(said) - 1] = '\0';
	code = unload(turn, request, loaded);
	loaded_drop(loaded);
	if (code == ERROR_DATABASE_FAILURE || code == ERROR_DATABASE_FULL)
		return code;
	return ntms_say(why, "%s", said);
}

static DWORD open_device(struct turn *turn, struct object *request, bool write,
			 struct loaded *loaded)
{
	char place[48];
	DWORD code;
	int error;

	code = run_progress(turn, request, "waiting for %s to make %s ready",
			    place_name(&loaded->drive, place), media_name(&loaded->media));
	if (code)
		return code;
	error = tape_open(turn->system->broker, loaded->drive_id, write,
			  clock_deadline(READY_DEADLINE_MS), &loaded->tape);
	if (error)
		loaded->tape = NULL;
	return broker_code(error);
}

DWORD load_bring(struct turn *turn, struct object *request, bool write, struct loaded *loaded)
{
	bool present;
	DWORD code;

	code = run_read(turn, &loaded->drive.guid, NTMS_DRIVE, &loaded->drive);
	if (code)
		goto drop;
	request->librequest.drive = loaded->drive.guid;
	present = guid_equal(&loaded->media.media.location, &loaded->drive.guid);
	if (!present && !guid_is_null(&loaded->drive.device.side)) {
		code = send_home(turn, request, loaded);
		if (code)
			goto drop;
	}
	/* From here on our death must leave an orphan. */
	broker_mark(loaded->hold, true);
	if (!present)
		code = robot_move(turn, request, &loaded->media.guid, &loaded->media.media.location,
				  &loaded->drive.guid);
	if (!code)
		code = run_read(turn, &loaded->media.guid, NTMS_PHYSICAL_MEDIA, &loaded->media);
	if (!code)
		code = run_read(turn, &loaded->drive.guid, NTMS_DRIVE, &loaded->drive);
	if (code)
		goto drop;
	code = open_device(turn, request, write, loaded);
	if (code == ERROR_BUSY)
		goto drop;
	return code ? take_back(turn, request, loaded, code) : ERROR_SUCCESS;
drop:
	/* A medium inside stays protected: as an orphan, until somebody settles it. */
	if (guid_is_null(&loaded->drive.device.side) &&
	    !guid_equal(&loaded->media.media.location, &loaded->drive.guid))
		broker_mark(loaded->hold, false);
	loaded_drop(loaded);
	return code;
}

DWORD load(struct turn *turn, struct object *request, const NTMS_GUID *side, const NTMS_GUID *drive,
	   bool write, struct loaded *loaded)
{
	DWORD code = load_reserve(turn, request, side, drive, loaded);

	if (!code)
		code = load_bring(turn, request, write, loaded);
	return code;
}

DWORD leave_in_drive(struct turn *turn, struct loaded *loaded, bool expired)
{
	struct object drive, media;
	struct txn *txn;
	DWORD code;

	if (loaded->tape) {
		tape_rewind(loaded->tape);
		tape_reset_settings(loaded->tape);
		tape_close(loaded->tape);
		loaded->tape = NULL;
	}
	code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);
	if (code)
		return code;
	code = store_get(txn, &loaded->drive.guid, NTMS_DRIVE, &drive);
	if (!code)
		code = store_get(txn, &loaded->media.guid, NTMS_PHYSICAL_MEDIA, &media);
	if (!code) {
		drive.device.state = NTMS_DRIVESTATE_DISMOUNTABLE;
		drive.device.deferred_since_ms = expired ? 0 : clock_utc_ms();
		memset(&drive.device.mount_request, 0, sizeof(drive.device.mount_request));
		drive.device.generation = 0;
		media.media.state = NTMS_MEDIASTATE_IDLE;
		memset(&media.media.mounted_side, 0, sizeof(media.media.mounted_side));
		code = store_update(txn, &drive);
	}
	if (!code)
		code = store_update(txn, &media);
	if (code) {
		store_abort(txn);
		return code;
	}
	code = store_commit(txn);
	if (code)
		return code;
	broker_mark(loaded->hold, false);
	loaded_drop(loaded);
	return ERROR_SUCCESS;
}

DWORD read_label(struct loaded *loaded, struct label *label)
{
	return broker_code(label_read(loaded->tape, label));
}

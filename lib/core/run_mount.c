/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * run_mount.c - carry out a mount: all media of one call, or none
 *
 * First every drive is reserved, then everything moves, then every label is
 * compared, then the reservations are handed to the caller. The record says
 * LOADED before the hand-over and PASSED after it, so that whoever finds the
 * executor dead in between can tell from the broker which of the two holds.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/guid.h"
#include "base/say.h"
#include "core/awaited.h"
#include "core/keep.h"
#include "core/media.h"
#include "core/run.h"
#include "core/service.h"
#include "core/standalone.h"
#include "core/states.h"
#include "core/txn.h"

struct group {
	struct object *requests;
	struct loaded *loaded;
	size_t count;
};

static void group_free(struct group *group)
{
	free(group->requests);
	free(group->loaded);
}

/* The unfinished mounts of the same call, in the queue's order. */
static DWORD group_find(struct turn *turn, const struct object *request, struct group *group)
{
	NTMS_GUID *list = NULL;
	size_t count = 0;
	DWORD code = run_queue(turn, &list, &count);

	memset(group, 0, sizeof(*group));
	if (code)
		return code;
	group->requests = calloc(count ? count : 1, sizeof(*group->requests));
	group->loaded = calloc(count ? count : 1, sizeof(*group->loaded));
	if (!group->requests || !group->loaded)
		code = ERROR_NOT_ENOUGH_MEMORY;
	for (size_t i = 0; i < count && !code; i++) {
		struct object *member = &group->requests[group->count];

		code = run_read(turn, &list[i], NTMS_LIBREQUEST, member);
		if (!code && member->librequest.operation == NTMS_LM_MOUNT &&
		    guid_equal(&member->librequest.group, &request->librequest.group))
			group->count++;
	}
	free(list);
	if (code)
		group_free(group);
	return code;
}

/* ---- the hand-over ---- */

/* Was this mount handed over by an executor that did not live to record it? */
static DWORD was_handed_over(struct turn *turn, const struct object *request, bool *yes)
{
	const struct worker_drive *drive = turn_drive(turn, &request->librequest.drive);
	struct broker_holder holder;
	struct object record;
	DWORD code;
	int held;

	*yes = false;
	if (!drive)
		return ERROR_SUCCESS;
	code = run_read(turn, &drive->guid, NTMS_DRIVE, &record);
	if (code || record.device.state != NTMS_DRIVESTATE_LOADED ||
	    !guid_equal(&record.device.mount_request, &request->guid))
		return code;
	held = drive_holder(turn, drive->id, &holder);
	if (held < 0)
		return broker_code(held);
	*yes = held && holder.state == HOLDER_HELD &&
	       guid_equal(&holder.medium, &request->librequest.media);
	return ERROR_SUCCESS;
}

static DWORD record_loaded(struct turn *turn, const struct object *request, struct loaded *loaded)
{
	struct object drive, media, side;
	struct txn *txn;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = store_get(txn, &loaded->drive.guid, NTMS_DRIVE, &drive);
	if (!code)
		code = store_get(txn, &loaded->media.guid, NTMS_PHYSICAL_MEDIA, &media);
	if (!code)
		code = store_get(txn, &loaded->side.guid, NTMS_PARTITION, &side);
	if (code)
		goto fail;
	/* What stayed in the drive after a deferred dismount is mounted there again. */
	code = drive_event(&drive, drive.device.state == NTMS_DRIVESTATE_DISMOUNTABLE
					   ? DRIVE_REUSED
					   : DRIVE_READY);
	if (!code)
		code = media_event(&media, MEDIA_READY);
	if (!code)
		code = side_event(&side, SIDE_MOUNTED);
	if (code)
		goto fail;
	drive.device.side = side.guid;
	drive.device.mount_request = request->guid;
	media.media.mounted_side = side.guid;
	media.media.medium_code = loaded->media.media.medium_code;
	media.media.density_code = loaded->media.media.density_code;
	code = store_update(txn, &drive);
	if (!code)
		code = store_update(txn, &media);
	if (!code)
		code = store_update(txn, &side);
	if (!code)
		return store_commit(txn);
fail:
	store_abort(txn);
	return code;
}

/* It could not be handed over: the medium stays for whoever comes next. */
static DWORD keep_it(struct turn *turn, struct loaded *loaded, int error)
{
	char said[512];
	DWORD code;

	snprintf(said, sizeof(said), "%s", ntms_said());
	code = leave_in_drive(turn, loaded, true);
	if (code)
		return code;
	/* Nobody expects it. */
	if (error == -ENOENT)
		return ntms_say(ERROR_CANCELLED, "the caller is gone");
	return ntms_say(broker_code(error), "%s", said);
}

static DWORD hand_over(struct turn *turn, struct object *request, struct loaded *loaded)
{
	uint64_t generation;
	DWORD code;
	int error;

	if (loaded->tape) {
		tape_rewind(loaded->tape);
		tape_reset_settings(loaded->tape);
		tape_close(loaded->tape);
		loaded->tape = NULL;
	}
	code = record_loaded(turn, request, loaded);
	if (code)
		return code;
	error = broker_transfer(loaded->hold, &request->librequest.token, &generation);
	if (error)
		return keep_it(turn, loaded, error);
	loaded_drop(loaded);
	return ERROR_SUCCESS;
}

/* ---- is it the medium the database means? ---- */

static DWORD classify_new(struct turn *turn, struct loaded *loaded, const struct label *label)
{
	struct txn *txn;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = store_get(txn, &loaded->media.guid, NTMS_PHYSICAL_MEDIA, &loaded->media);
	if (!code)
		code = store_get(txn, &loaded->side.guid, NTMS_PARTITION, &loaded->side);
	if (!code)
		code = media_classify(txn, &loaded->media, &loaded->side, label);
	return txn_end(txn, code);
}

/* What kind of medium it is the drive is asked at the first mount, or when the medium is written
 * otherwise than it was; that st tells every time. */
static void read_codes(struct loaded *loaded)
{
	struct obj_media *media = &loaded->media.media;
	uint32_t density = 0;

	if (loaded->side.side.mount_count && !tape_codes(loaded->tape, NULL, &density) &&
	    density == media->density_code)
		return;
	if (tape_codes(loaded->tape, &media->medium_code, &media->density_code))
		media->density_code = 0;
}

static DWORD verify(struct turn *turn, struct loaded *loaded)
{
	struct label found, recorded;
	DWORD code = read_label(turn, loaded, &found);

	if (code)
		return code;
	read_codes(loaded);
	switch (loaded->side.side.state) {
	case NTMS_PARTSTATE_UNKNOWN:
		return classify_new(turn, loaded, &found);
	case NTMS_PARTSTATE_UNPREPARED:
		return ERROR_SUCCESS;
	}
	side_get_label(&loaded->side, &recorded);
	if (label_equal(&found, &recorded))
		return ERROR_SUCCESS;
	return ntms_say(
		ERROR_UNEXPECTED_OMID,
		"cartridge %s carries the label \"%s\" (%s) where \"%s\" (%s) is recorded; it "
		"was written without RSM or exchanged by hand",
		media_name(&loaded->media), found.info, found.type[0] ? found.type : "none",
		recorded.info, recorded.type[0] ? recorded.type : "none");
}

static DWORD notice_turned(struct turn *turn, struct loaded *loaded, bool *turned)
{
	struct object media;
	struct label found;
	struct txn *txn;
	DWORD code = read_label(turn, loaded, &found);

	if (!code)
		code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);
	if (code)
		return code;
	code = store_get(txn, &loaded->media.guid, NTMS_PHYSICAL_MEDIA, &media);
	if (!code)
		code = media_notice_turned(txn, &media, &loaded->side, &found, turned);
	code = txn_end(txn, code);
	if (!code)
		loaded->media = media;
	return code;
}

/* Bring the side that is wanted to the heads, and be sure that it is the one. A cartridge that a
 * person brought the other way round is turned over. */
static DWORD bring(struct turn *turn, struct object *request, struct loaded *loaded)
{
	bool write = request->librequest.mount_options & NTMS_MOUNT_WRITE;
	bool turned = false;
	char said[512];
	DWORD code = load_bring(turn, request, write, loaded);
	DWORD noticed;

	if (!code)
		code = verify(turn, loaded);
	if (code != ERROR_UNEXPECTED_OMID || loaded->media.media.sides != 2)
		return code;
	snprintf(said, sizeof(said), "%s", ntms_said());
	noticed = notice_turned(turn, loaded, &turned);
	if (noticed)
		return noticed;
	if (!turned)
		return ntms_say(code, "%s", said);
	tape_close(loaded->tape);
	loaded->tape = NULL;
	code = load_bring(turn, request, write, loaded);
	return code ? code : verify(turn, loaded);
}

/* ---- all or nothing ---- */

/* Take back what has been brought in, and let go of what has only been reserved. */
static void undo(struct turn *turn, struct group *group, DWORD why)
{
	char said[512];

	strncpy(said, ntms_said(), sizeof(said) - 1);
	said[sizeof(said) - 1] = '\0';
	for (size_t i = 0; i < group->count; i++) {
		struct loaded *loaded = &group->loaded[i];

		if (!loaded->hold)
			continue;
		if (!loaded->tape) {
			loaded_drop(loaded);
		} else if (why == ERROR_UNEXPECTED_OMID ||
			   service_is_needed(turn, &loaded->drive.guid)) {
			unload(turn, &group->requests[i], loaded);
			loaded_drop(loaded);
		} else {
			leave_in_drive(turn, loaded, true);
			loaded_drop(loaded);
		}
	}
	ntms_say(why, "%s", said);
}

/* The only drive a member may have, or NULL. */
static const NTMS_GUID *only_drive(const struct object *request)
{
	bool specific = request->librequest.mount_options & NTMS_MOUNT_SPECIFIC_DRIVE;

	return specific ? &request->librequest.drive : NULL;
}

/*
 * Every drive of the call, before anything else moves. A medium that is in a drive is
 * mounted there: it comes first, so that no other of the call takes its drive. One that must go
 * to another drive leaves its own before any is reserved: two may change places.
 */
static DWORD reserve_all(struct turn *turn, struct group *group)
{
	DWORD code = ERROR_SUCCESS;

	for (size_t i = 0; i < group->count && !code; i++)
		code = load_clear(turn, &group->requests[i], &group->requests[i].librequest.side,
				  only_drive(&group->requests[i]));
	for (int in_drives = 1; in_drives >= 0; in_drives--) {
		for (size_t i = 0; i < group->count && !code; i++) {
			struct object *request = &group->requests[i];
			struct object media;

			code = run_read(turn, &request->librequest.media, NTMS_PHYSICAL_MEDIA,
					&media);
			if (code || (media.media.location_type == NTMS_DRIVE) != in_drives)
				continue;
			code = load_reserve(turn, request, &request->librequest.side,
					    only_drive(request), &group->loaded[i]);
		}
	}
	return code;
}

static DWORD bring_all(struct turn *turn, struct group *group)
{
	DWORD code = ERROR_SUCCESS;

	for (size_t i = 0; i < group->count && !code; i++)
		code = bring(turn, &group->requests[i], &group->loaded[i]);
	return code;
}

static DWORD hand_over_all(struct turn *turn, struct group *group)
{
	DWORD code = ERROR_SUCCESS;

	for (size_t i = 0; i < group->count && !code; i++) {
		code = hand_over(turn, &group->requests[i], &group->loaded[i]);
		if (!code)
			code = run_finish(turn, &group->requests[i].guid, ERROR_SUCCESS);
	}
	return code;
}

static DWORD fail_all(struct turn *turn, struct group *group, DWORD why)
{
	DWORD code = ERROR_SUCCESS;

	for (size_t i = 0; i < group->count && !code; i++) {
		code = run_finish(turn, &group->requests[i].guid, why);
		if (code == RUN_WAITS)
			code = ERROR_SUCCESS;
	}
	return code ? code : why;
}

/* A medium that is not what the database says is looked at again where it lies. */
static DWORD recover_library(struct turn *turn, const struct group *group)
{
	struct object library, request, media, slot;
	struct txn *txn;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = store_get(txn, &turn->library, NTMS_LIBRARY, &library);
	if (code || !library.library.auto_recovery)
		goto out;
	for (size_t i = 0; i < group->count && !code; i++) {
		code = store_get(txn, &group->requests[i].librequest.media, NTMS_PHYSICAL_MEDIA,
				 &media);
		if (code || media.media.location_type != NTMS_STORAGESLOT)
			continue;
		code = store_get(txn, &media.media.location, NTMS_STORAGESLOT, &slot);
		if (!code)
			code = slot_event(&slot, SLOT_NEEDS_INVENTORY);
		if (!code)
			code = store_update(txn, &slot);
	}
	if (code)
		goto out;
	request_init(NULL, NTMS_LM_INVENTORY, &turn->library, &request);
	request.librequest.option = INVENTORY_OPTION_FAST;
	code = store_insert(txn, &request);
	if (!code)
		return store_commit(txn);
out:
	store_abort(txn);
	return code;
}

/* ERROR_CANCELLED when one of the callers does not wait any more. */
static DWORD check_callers(struct turn *turn, const struct group *group)
{
	for (size_t i = 0; i < group->count; i++) {
		int expected =
			broker_expected(turn->system->broker, &group->requests[i].librequest.token);

		if (expected < 0)
			return broker_code(expected);
		if (!expected)
			return ntms_say(ERROR_CANCELLED, "the caller does not wait any more");
	}
	return ERROR_SUCCESS;
}

/* None is mounted until all are in the library. */
static DWORD find_all(struct turn *turn, struct group *group)
{
	DWORD result = ERROR_SUCCESS;

	for (size_t i = 0; i < group->count; i++) {
		DWORD code = awaited_look(turn, &group->requests[i]);

		if (code && code != RUN_WAITS)
			return code;
		if (code)
			result = code;
	}
	return result;
}

/* A person has put something else into a drive that stands alone: find out what, and ask. */
static DWORD exchanged(struct turn *turn, struct group *group, DWORD why)
{
	char said[512];
	DWORD code;

	snprintf(said, sizeof(said), "%s", ntms_said());
	code = standalone_look(turn, true, true);
	if (!code)
		code = find_all(turn, group);
	return code ? code : ntms_say(why, "%s", said);
}

static DWORD accept_all(struct turn *turn, const struct group *group)
{
	DWORD code = ERROR_SUCCESS;

	for (size_t i = 0; i < group->count && !code; i++)
		code = awaited_accept(turn, &group->requests[i]);
	return code;
}

/* It waits for a drive or a medium. That nothing could be kept for it this time is no failure of
 * the mount. */
static DWORD wait_for_drives(struct turn *turn, const struct group *group)
{
	DWORD code = keep_for(turn, group->requests, group->count);

	return database_trouble(code) ? code : RUN_WAITS;
}

static DWORD mount_group(struct turn *turn, struct group *group)
{
	bool blocked = false;
	DWORD code = check_callers(turn, group);

	if (!code)
		code = find_all(turn, group);
	if (!code) {
		code = reserve_all(turn, group);
		blocked = code == RUN_WAITS;
	}
	if (!code)
		code = accept_all(turn, group);
	if (!code) {
		code = bring_all(turn, group);
		if (!code)
			code = hand_over_all(turn, group);
	}
	if (!code)
		return code;
	undo(turn, group, code);
	if (code == ERROR_UNEXPECTED_OMID && turn->standalone)
		code = exchanged(turn, group, code);
	if (code == RUN_WAITS)
		return blocked ? wait_for_drives(turn, group) : code;
	if (door_was_opened(turn, code))
		return run_waits_for_library(turn, &group->requests[0]);
	if (code == ERROR_UNEXPECTED_OMID) {
		DWORD queued = recover_library(turn, group);

		if (queued)
			return queued;
	}
	return fail_all(turn, group, code);
}

DWORD run_mount(struct turn *turn, struct object *request)
{
	struct group group;
	bool handed_over;
	DWORD code = was_handed_over(turn, request, &handed_over);

	if (code || handed_over)
		return code;
	code = group_find(turn, request, &group);
	if (code)
		return code;
	/* The first of a call stands for all of them. */
	if (group.count == 0 || !guid_equal(&group.requests[0].guid, &request->guid))
		code = RUN_WAITS;
	else
		code = mount_group(turn, &group);
	group_free(&group);
	return code;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * run_mount.c - carry out a mount: all media of one call, or none
 *
 * First every drive is reserved, then everything moves, then every label is
 * compared, then the reservations are handed to the caller. The record says
 * LOADED before the hand-over and PASSED after it, so that whoever finds the
 * executor dead in between can tell from the broker which of the two holds.
 */
#include <stdlib.h>
#include <string.h>
#include "base/guid.h"
#include "base/say.h"
#include "core/media.h"
#include "core/run.h"
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
static bool handed_over(struct turn *turn, const struct object *request)
{
	const struct worker_drive *drive = turn_drive(turn, &request->librequest.drive);
	struct broker_holder holder;
	struct object record;

	if (!drive || run_read(turn, &drive->guid, NTMS_DRIVE, &record))
		return false;
	return record.device.state == NTMS_DRIVESTATE_LOADED &&
	       guid_equal(&record.device.mount_request, &request->guid) &&
	       drive_holder(turn, drive->id, &holder) && holder.state == HOLDER_HELD &&
	       guid_equal(&holder.medium, &request->librequest.media);
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
	drive.device.state = NTMS_DRIVESTATE_LOADED;
	drive.device.side = side.guid;
	drive.device.mount_request = request->guid;
	drive.device.mount_count++;
	media.media.state = NTMS_MEDIASTATE_LOADED;
	media.media.mounted_side = side.guid;
	media.media.medium_code = loaded->media.media.medium_code;
	media.media.density_code = loaded->media.media.density_code;
	side.side.mount_count++;
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
	if (error) {
		/* The caller has given up or died: the medium stays for whoever comes next. */
		code = leave_in_drive(turn, loaded, true);
		return code ? code : ntms_say(ERROR_CANCELLED, "the caller is gone");
	}
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

static DWORD verify(struct turn *turn, struct loaded *loaded)
{
	struct label found, recorded;
	DWORD code = read_label(loaded, &found);

	if (code)
		return code;
	if (tape_codes(loaded->tape, &loaded->media.media.medium_code,
		       &loaded->media.media.density_code))
		loaded->media.media.density_code = 0;
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
		} else if (why == ERROR_UNEXPECTED_OMID) {
			unload(turn, &group->requests[i], loaded);
			loaded_drop(loaded);
		} else {
			leave_in_drive(turn, loaded, true);
			loaded_drop(loaded);
		}
	}
	ntms_say(why, "%s", said);
}

static DWORD reserve_all(struct turn *turn, struct group *group)
{
	DWORD code = ERROR_SUCCESS;

	for (size_t i = 0; i < group->count && !code; i++) {
		struct obj_librequest *details = &group->requests[i].librequest;
		bool specific = details->mount_options & NTMS_MOUNT_SPECIFIC_DRIVE;

		code = load_reserve(turn, &group->requests[i], &details->side,
				    specific ? &details->drive : NULL, &group->loaded[i]);
	}
	return code;
}

static DWORD bring_all(struct turn *turn, struct group *group)
{
	DWORD code = ERROR_SUCCESS;

	for (size_t i = 0; i < group->count && !code; i++) {
		bool write = group->requests[i].librequest.mount_options & NTMS_MOUNT_WRITE;

		code = load_bring(turn, &group->requests[i], write, &group->loaded[i]);
		if (!code)
			code = verify(turn, &group->loaded[i]);
	}
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
		if (code)
			break;
		slot.device.state = NTMS_SLOTSTATE_NEEDSINVENTORY;
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
	for (size_t i = 0; i < group->count; i++)
		if (broker_expected(turn->system->broker, &group->requests[i].librequest.token) !=
		    1)
			return ntms_say(ERROR_CANCELLED, "the caller does not wait any more");
	return ERROR_SUCCESS;
}

static DWORD mount_group(struct turn *turn, struct group *group)
{
	DWORD code = check_callers(turn, group);

	if (!code)
		code = reserve_all(turn, group);
	if (!code) {
		code = bring_all(turn, group);
		if (!code)
			code = hand_over_all(turn, group);
	}
	if (!code)
		return code;
	undo(turn, group, code);
	if (code == RUN_WAITS)
		return code;
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
	DWORD code;

	if (handed_over(turn, request))
		return ERROR_SUCCESS;
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

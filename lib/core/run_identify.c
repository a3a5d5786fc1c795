/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* run_identify.c - carry out an identification: of a side, or of whatever is in a slot */
#include "base/guid.h"
#include "base/say.h"
#include "core/cleaner.h"
#include "core/identify.h"
#include "core/media.h"
#include "core/run.h"
#include "core/txn.h"

/* The slot has been looked at. */
static DWORD clear_doubt(struct turn *turn, const NTMS_GUID *guid)
{
	struct object slot;
	struct txn *txn;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = store_get(txn, guid, NTMS_STORAGESLOT, &slot);
	if (!code && slot.device.state == NTMS_SLOTSTATE_NEEDSINVENTORY) {
		code = slot_event(&slot, SLOT_IDENTIFIED);
		if (!code)
			code = store_update(txn, &slot);
		if (!code)
			return store_commit(txn);
	}
	store_abort(txn);
	return code == ERROR_OBJECT_NOT_FOUND ? ERROR_SUCCESS : code;
}

/* Once the inventory that wanted it is over nobody does any more. An inject is over before what it
 * has brought in is identified. */
static DWORD check_wanted(struct turn *turn, const struct object *request)
{
	struct object group;
	DWORD code;

	if (guid_is_null(&request->librequest.group))
		return ERROR_SUCCESS;
	code = run_read(turn, &request->librequest.group, NTMS_LIBREQUEST, &group);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ERROR_SUCCESS;
	if (code || group.librequest.operation != NTMS_LM_INVENTORY || !request_is_final(&group))
		return code;
	if (group.librequest.state == NTMS_LM_FAILED)
		return ntms_say(group.librequest.error, "the inventory has failed: %s",
				group.librequest.waits_for);
	return ntms_say(ERROR_CANCELLED, "the inventory has been stopped");
}

/* ---- whatever is in a slot ---- */

/* The request is about this side from now on: that is what goes into the drive, and what an
 * executor that comes after a death goes on with. */
static DWORD aim(struct turn *turn, struct object *request, const NTMS_GUID *media,
		 const NTMS_GUID *side)
{
	struct object current;
	struct txn *txn;
	DWORD code;

	if (guid_equal(&request->librequest.media, media) &&
	    guid_equal(&request->librequest.side, side))
		return ERROR_SUCCESS;
	code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);
	if (code)
		return code;
	code = store_get(txn, &request->guid, NTMS_LIBREQUEST, &current);
	if (!code) {
		current.librequest.media = *media;
		current.librequest.side = *side;
		code = store_update(txn, &current);
	}
	code = txn_end(txn, code);
	if (!code)
		*request = current;
	return code;
}

static DWORD medium_in(struct txn *txn, const NTMS_GUID *slot, NTMS_GUID *media)
{
	struct store_key key;

	key_start(&key);
	key_guid(&key, slot);
	return store_find(txn, IX_PLACE, &key, media);
}

/* The cartridge's sides, none when there is nothing (any more) to be identified. */
static DWORD list_sides(struct turn *turn, const struct object *request, struct object sides[2],
			size_t *count)
{
	NTMS_GUID guid = request->librequest.media;
	struct object media;
	struct txn *txn;
	bool cleaner = false;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	*count = 0;
	if (code)
		return code;
	if (guid_is_null(&guid))
		code = medium_in(txn, &request->librequest.slot, &guid);
	if (!code)
		code = store_get(txn, &guid, NTMS_PHYSICAL_MEDIA, &media);
	if (!code)
		code = cleaner_is(txn, &media, &cleaner);
	if (!code && !cleaner && guid_equal(&media.media.library, &turn->library))
		code = media_sides(txn, &guid, sides, count);
	store_abort(txn);
	return code == ERROR_OBJECT_NOT_FOUND ? ERROR_SUCCESS : code;
}

static DWORD look_into(struct turn *turn, const struct object *request)
{
	struct object slot;
	DWORD code = inventory_reconcile(turn, false, false);

	if (!code)
		code = run_read(turn, &request->librequest.slot, NTMS_STORAGESLOT, &slot);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(code, "the slot is no more");
	return code;
}

static DWORD identify_whole(struct turn *turn, struct object *request)
{
	bool deferred = request->librequest.option == DISMOUNT_OPTION_DEFERRED;
	struct object sides[2];
	size_t count, done = 0;
	DWORD code = ERROR_SUCCESS;

	/* Once it has a side it may wait for a drive: to tell more each turn would end the wait. */
	if (guid_is_null(&request->librequest.media)) {
		code = run_progress(turn, request, "looking into the slot");
		if (!code)
			code = look_into(turn, request);
	}
	if (!code)
		code = list_sides(turn, request, sides, &count);
	/* Not again what was looked at before it had to wait. */
	while (!code && done < count && !guid_is_null(&request->librequest.side) &&
	       !guid_equal(&request->librequest.side, &sides[done].guid))
		done++;
	for (; !code && done < count; done++) {
		code = aim(turn, request, &sides[done].side.media, &sides[done].guid);
		if (!code)
			code = identify_side(turn, request, &sides[done].guid,
					     deferred && done + 1 == count);
	}
	return code;
}

DWORD run_classify(struct turn *turn, struct object *request)
{
	DWORD code = check_wanted(turn, request);

	if (!code)
		code = request->librequest.phase & PHASE_WHOLE
			       ? identify_whole(turn, request)
			       : identify_side(turn, request, &request->librequest.side, false);
	return code ? code : clear_doubt(turn, &request->librequest.slot);
}

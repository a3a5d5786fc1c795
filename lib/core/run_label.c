/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* run_label.c - work on labels: write a free one, find out what an unknown cartridge is, record
 * what was written */
#include <string.h>
#include "base/clock.h"
#include "base/guid.h"
#include "base/say.h"
#include "core/media.h"
#include "core/run.h"
#include "core/service.h"
#include "core/task.h"
#include "core/txn.h"

#define OPEN_DEADLINE_MS (10 * 60 * 1000)

/* Change a side's record in a transaction of its own. */
typedef DWORD (*side_change)(struct txn *txn, struct object *media, struct object *side,
			     const struct label *label);

static DWORD change_side(struct turn *turn, const NTMS_GUID *guid, const struct label *label,
			 side_change change)
{
	struct object media, side;
	struct txn *txn;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = store_get(txn, guid, NTMS_PARTITION, &side);
	if (!code)
		code = store_get(txn, &side.side.media, NTMS_PHYSICAL_MEDIA, &media);
	if (!code)
		code = change(txn, &media, &side, label);
	return txn_end(txn, code);
}

static DWORD set_label(struct txn *txn, struct object *media, struct object *side,
		       const struct label *label)
{
	(void)media;
	side_set_label(side, label);
	return store_update(txn, side);
}

static DWORD set_free_label(struct txn *txn, struct object *media, struct object *side,
			    const struct label *label)
{
	DWORD code = side_event(side, SIDE_FREE_LABELLED);

	return code ? code : set_label(txn, media, side, label);
}

/* ---- what its last holder has written ---- */

DWORD record_written(struct turn *turn, struct loaded *loaded)
{
	struct label label;
	struct task *aside;
	DWORD code;
	int error;

	if (!loaded->tape) {
		aside = task_aside(turn, OPEN_DEADLINE_MS);
		error = tape_open(turn->system->broker, loaded->drive_id, false,
				  clock_deadline(OPEN_DEADLINE_MS), &loaded->tape);
		task_back(turn, aside);
		if (error) {
			loaded->tape = NULL;
			return service_code(turn, &loaded->drive.guid, error);
		}
	}
	code = read_label(turn, loaded, &label);
	return code ? code : change_side(turn, &loaded->side.guid, &label, set_label);
}

/* ---- NTMS_LM_WRITESCRATCH ---- */

/*
 * Nothing but its label says which cartridge a person has put into a drive that stands alone, so
 * before it is overwritten it must be the one that is recorded; or one with a free label, which a
 * try that was cut short has left.
 */
static DWORD check_overwritten(struct turn *turn, struct loaded *loaded)
{
	struct label found, recorded;
	DWORD code;

	if (!turn->standalone)
		return ERROR_SUCCESS;
	code = read_label(turn, loaded, &found);
	if (code)
		return code;
	side_get_label(&loaded->side, &recorded);
	if (label_equal(&found, &recorded) || !strcmp(found.type, LABEL_TYPE_FREE))
		return ERROR_SUCCESS;
	return ntms_say(
		ERROR_UNEXPECTED_OMID,
		"the cartridge in the drive is not %s: it carries the label \"%s\" (%s), and "
		"is not overwritten",
		media_name(&loaded->media), found.info, found.type[0] ? found.type : "none");
}

DWORD run_write_free_label(struct turn *turn, struct object *request)
{
	struct loaded loaded = {0};
	struct object side;
	struct label label;
	DWORD code;

	code = run_read(turn, &request->librequest.side, NTMS_PARTITION, &side);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_MEDIA, "the side to be labelled is no more");
	if (code)
		return code;
	if (side.side.state != NTMS_PARTSTATE_UNPREPARED)
		return ERROR_SUCCESS;
	code = load(turn, request, &side.guid, NULL, true, &loaded);
	if (code)
		return code;
	code = check_overwritten(turn, &loaded);
	if (!code)
		code = run_progress(turn, request, "writing the free label of %s",
				    media_name(&loaded.media));
	if (!code)
		code = service_code(
			turn, &loaded.drive.guid,
			label_write_free(loaded.tape, loaded.media.media.barcode, &label));
	if (!code)
		code = change_side(turn, &side.guid, &label, set_free_label);
	if (code) {
		/* The side stays UNPREPARED; the cartridge goes home all the same. */
		char said[512];
		DWORD home;

		strncpy(said, ntms_said(), sizeof(said) - 1);
		said[sizeof(said) - 1] = '\0';
		home = unload(turn, request, &loaded);
		loaded_drop(&loaded);
		return ntms_say(home ? home : code, "%s", said);
	}
	code = unload(turn, request, &loaded);
	loaded_drop(&loaded);
	return code;
}

/* ---- NTMS_LM_CLASSIFY ---- */

/* Have a side looked at, too. */
static DWORD queue_look(struct txn *txn, const struct object *media, const struct object *side)
{
	struct object request;

	request_init(NULL, NTMS_LM_CLASSIFY, &media->media.library, &request);
	request.librequest.media = media->guid;
	request.librequest.side = side->guid;
	return store_insert(txn, &request);
}

/* A known cartridge with a label that is not its own: the record goes offline as it is, and what
 * lies there is a new cartridge (reference 2.6, event 23). */
static DWORD replace_medium(struct txn *txn, struct object *media, struct object *side,
			    const struct label *label)
{
	struct object place, fresh, sides[2];
	uint32_t facing = side->side.side;
	size_t count;
	DWORD code;

	code = store_get(txn, &media->media.location, NTMS_UNKNOWN, &place);
	if (!code)
		code = media_create(txn, &media->media.library, NULL, media->media.barcode,
				    &media->media.media_type, &fresh);
	if (code)
		return code;
	/* It lies as the one did that it was taken for. */
	fresh.media.turned = media->media.turned;
	code = media_leave(txn, media);
	if (!code)
		code = media_place(txn, &fresh, &place, false);
	if (!code)
		code = media_sides(txn, &fresh.guid, sides, &count);
	if (!code && count <= facing)
		return ntms_say(ERROR_DATABASE_FAILURE, "cartridge %s has no side %u",
				media_name(&fresh), facing);
	if (!code)
		code = media_classify(txn, &fresh, &sides[facing], label);
	if (!code && place.type == NTMS_DRIVE) {
		place.device.side = sides[facing].guid;
		code = store_update(txn, &place);
	}
	if (!code && count == 2)
		code = queue_look(txn, &fresh, &sides[!facing]);
	return code;
}

static DWORD identify(struct txn *txn, struct object *media, struct object *side,
		      const struct label *label)
{
	struct label recorded;
	bool turned;
	DWORD code;

	code = media_notice_turned(txn, media, side, label, &turned);
	if (code)
		return code;
	/* It was the other side that was looked at, and that one is known now. */
	if (turned)
		return queue_look(txn, media, side);
	if (side->side.state == NTMS_PARTSTATE_UNKNOWN) {
		DWORD code = media_return(txn, media, side, label);

		return code == ERROR_OBJECT_NOT_FOUND ? media_classify(txn, media, side, label)
						      : code;
	}
	side_get_label(side, &recorded);
	if (side->side.state == NTMS_PARTSTATE_UNPREPARED || label_equal(label, &recorded))
		return ERROR_SUCCESS;
	/* In no pool but the system's may what is written change unnoticed: look at it afresh. */
	if (side->side.state == NTMS_PARTSTATE_FOREIGN ||
	    side->side.state == NTMS_PARTSTATE_IMPORT) {
		code = side_event(side, SIDE_LOOK_AFRESH);
		return code ? code : media_classify(txn, media, side, label);
	}
	return replace_medium(txn, media, side, label);
}

/* The drive's medium may have become another record's while it was identified. */
static DWORD reread(struct turn *turn, struct loaded *loaded)
{
	DWORD code = run_read(turn, &loaded->drive.guid, NTMS_DRIVE, &loaded->drive);

	if (!code)
		code = run_read(turn, &loaded->drive.device.side, NTMS_PARTITION, &loaded->side);
	if (!code)
		code = run_read(turn, &loaded->side.side.media, NTMS_PHYSICAL_MEDIA,
				&loaded->media);
	return code;
}

/* The drive cannot use it at all: what it is stays unknown, but that is known now. */
static DWORD found_incompatible(struct txn *txn, struct object *media, struct object *side,
				const struct label *label)
{
	DWORD code = ERROR_SUCCESS;

	(void)label;
	if (side->side.state == NTMS_PARTSTATE_INCOMPATIBLE)
		return ERROR_SUCCESS;
	if (side->side.state == NTMS_PARTSTATE_FOREIGN)
		code = side_event(side, SIDE_LOOK_AFRESH);
	else if (side->side.state != NTMS_PARTSTATE_UNKNOWN)
		return ntms_say(ERROR_MEDIA_INCOMPATIBLE,
				"cartridge %s, which is %s, does not fit the drive",
				media_name(media), side_state_word(side->side.state));
	if (!code)
		code = side_event(side, SIDE_FOUND_INCOMPATIBLE);
	return code ? code : store_update(txn, side);
}

DWORD identify_side(struct turn *turn, struct object *request, const NTMS_GUID *guid, bool stays)
{
	struct loaded loaded = {0};
	struct object side;
	struct label label;
	DWORD code, home;

	code = run_read(turn, guid, NTMS_PARTITION, &side);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ERROR_SUCCESS;
	if (code)
		return code;
	code = load(turn, request, &side.guid, NULL, false, &loaded);
	/* It has left meanwhile, for one because its other side was seen to be another's. */
	if (code == ERROR_MEDIA_OFFLINE)
		return ERROR_SUCCESS;
	if (code == ERROR_MEDIA_INCOMPATIBLE)
		return change_side(turn, &side.guid, NULL, found_incompatible);
	if (code)
		return code;
	code = run_progress(turn, request, "reading the label of %s", media_name(&loaded.media));
	if (!code)
		code = read_label(turn, &loaded, &label);
	if (!code)
		code = change_side(turn, &side.guid, &label, identify);
	if (!code)
		code = reread(turn, &loaded);
	home = stays && !code ? leave_in_drive(turn, &loaded, false)
			      : unload(turn, request, &loaded);
	loaded_drop(&loaded);
	return code ? code : home;
}

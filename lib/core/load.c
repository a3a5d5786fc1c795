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
#include "core/keep.h"
#include "core/media.h"
#include "core/policy.h"
#include "core/request.h"
#include "core/run.h"
#include "core/service.h"
#include "core/states.h"
#include "core/task.h"
#include "core/txn.h"

/* A first load of an LTO-9 medium may take two hours; everything else is ready far sooner. */
#define READY_DEADLINE_MS (2 * 60 * 60 * 1000)
/* It may have to be rewound first. */
#define LABEL_MS (10 * 60 * 1000)

struct candidate {
	struct object drive;
	uint32_t id;
	struct policy_choice choice;
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

static enum policy_content content_of(const struct obj_device *device)
{
	switch (device->state) {
	case NTMS_DRIVESTATE_DISMOUNTED:
		return POLICY_EMPTY;
	case NTMS_DRIVESTATE_DISMOUNTABLE:
		return device->deferred_since_ms ? POLICY_RELEASED : POLICY_LEFT;
	case NTMS_DRIVESTATE_MOUNTED:
	case NTMS_DRIVESTATE_UNLOADED:
		/* Left so by an executor that died: nobody waits for this medium. */
		return POLICY_LEFT;
	default:
		return POLICY_IN_USE;
	}
}

/* Does something in the queue want what is in the drive? */
static DWORD is_wanted(struct turn *turn, const struct object *drive, bool *wanted)
{
	struct object side;
	struct txn *txn;
	DWORD code;

	*wanted = false;
	if (guid_is_null(&drive->device.side))
		return ERROR_SUCCESS;
	code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);
	if (code)
		return code;
	code = store_get(txn, &drive->device.side, NTMS_PARTITION, &side);
	if (!code)
		code = request_pending(txn, &side.side.media, wanted);
	store_abort(txn);
	return code == ERROR_OBJECT_NOT_FOUND ? ERROR_SUCCESS : code;
}

/* A drive as the rule (policy.h) sees it. */
static DWORD describe(struct turn *turn, const struct object *drive, const struct object *media,
		      struct policy_drive *described)
{
	const struct obj_device *device = &drive->device;

	*described = (struct policy_drive){
		.number = device->number,
		.has_it = media->media.location_type == NTMS_DRIVE &&
			  guid_equal(&media->media.location, &drive->guid),
		.content = content_of(device),
		.released_ms = device->deferred_since_ms,
		.keep_ms = device->defer_delay_s * 1000ULL,
		.mount_count = device->mount_count,
	};
	return is_wanted(turn, drive, &described->wanted);
}

static DWORD read_candidates(struct turn *turn, const struct object *media, const NTMS_GUID *only,
			     struct candidate *list, struct policy_drive *described, size_t *count)
{
	DWORD code = ERROR_SUCCESS;

	for (size_t i = 0; i < turn->drive_count && !code; i++) {
		struct candidate *candidate = &list[*count];

		if (!turn->drives[i].present)
			continue;
		if (only && !guid_equal(only, &turn->drives[i].guid))
			continue;
		code = run_read(turn, &turn->drives[i].guid, NTMS_DRIVE, &candidate->drive);
		if (code || !candidate->drive.enabled ||
		    candidate->drive.opstate == NTMS_NEEDS_SERVICE)
			continue;
		candidate->id = turn->drives[i].id;
		code = describe(turn, &candidate->drive, media, &described[*count]);
		++*count;
	}
	return code;
}

/* The drives there are, best first for that request; to be freed. */
static DWORD list_candidates(struct turn *turn, const struct object *request,
			     const struct object *media, const NTMS_GUID *only,
			     struct candidate **listp, size_t *countp)
{
	size_t room = turn->drive_count ? turn->drive_count : 1, count = 0;
	struct candidate *unordered = calloc(room, sizeof(*unordered));
	struct candidate *list = calloc(room, sizeof(*list));
	struct policy_drive *described = calloc(room, sizeof(*described));
	struct policy_choice *choices = calloc(room, sizeof(*choices));
	DWORD code = ERROR_NOT_ENOUGH_MEMORY;

	if (!unordered || !list || !described || !choices)
		goto out;
	code = read_candidates(turn, media, only, unordered, described, &count);
	if (code)
		goto out;
	policy_rank(described, count, request->librequest.queued_ms, clock_utc_ms(), choices);
	for (size_t i = 0; i < count; i++) {
		list[i] = unordered[choices[i].drive];
		list[i].choice = choices[i];
	}
	*listp = list;
	*countp = count;
	list = NULL;
out:
	free(choices);
	free(described);
	free(list);
	free(unordered);
	return code;
}

/* Nothing to be had: say what for, and until when. */
static DWORD wait_for_drive(struct turn *turn, struct object *request, const struct candidate *list,
			    size_t count)
{
	struct broker_holder holder;
	char place[48];

	if (count == 0)
		return run_waits(turn, request,
				 "waiting for a drive: none is present, enabled and in order");
	for (size_t i = 0; i < count; i++) {
		uint64_t now = clock_utc_ms();

		if (list[i].choice.verdict != POLICY_WAIT || list[i].choice.until_ms <= now)
			continue;
		turn_look_by(turn, clock_monotonic_ns() +
					   (list[i].choice.until_ms - now) * NSEC_PER_MSEC);
		return run_waits(turn, request,
				 "waiting for %s: it keeps its medium after a deferred dismount",
				 place_name(&list[i].drive, place));
	}
	if (is_kept(turn, &list[0].drive.guid))
		return run_waits(turn, request, "waiting for %s, kept for who has waited longer",
				 place_name(&list[0].drive, place));
	if (drive_holder(turn, list[0].id, &holder) == 1)
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
	if (loaded->media.media.state == NTMS_MEDIASTATE_OPERROR &&
	    guid_is_null(&loaded->media.media.location))
		return ntms_say(ERROR_MEDIA_OFFLINE,
				"cartridge %s was lost on its way: it is not known where it is",
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

	if (drive && drive_holder(turn, drive->id, &holder) == 1)
		return run_waits(turn, request, "waiting for %s, mounted by %s (process %d)",
				 media_name(&loaded->media), holder.command, holder.pid);
	return run_waits(turn, request, "waiting for %s, which is in use",
			 media_name(&loaded->media));
}

static DWORD wait_behind(struct turn *turn, struct object *request, const struct object *media)
{
	if (!is_kept(turn, &media->guid))
		return ERROR_SUCCESS;
	return run_waits(turn, request, "waiting for %s, kept for who has waited longer",
			 media_name(media));
}

/* A person is about to take it out of a port. */
static DWORD is_leaving(struct turn *turn, const struct object *media, bool *leaving)
{
	struct object request;
	NTMS_GUID *list = NULL;
	struct store_key key;
	size_t count = 0;
	struct txn *txn;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	key_start(&key);
	key_guid(&key, &media->guid);
	code = store_list(txn, IX_ACTIVE, &key, 0, &list, &count);
	for (size_t i = 0; i < count && !code && !*leaving; i++) {
		code = store_get(txn, &list[i], NTMS_LIBREQUEST, &request);
		*leaving = !code && request.librequest.operation == NTMS_LM_EJECT;
	}
	free(list);
	store_abort(txn);
	return code;
}

static DWORD wait_for_eject(struct turn *turn, struct object *request, const struct object *media)
{
	bool leaving = false;
	DWORD code;

	if (media->media.location_type != NTMS_IEPORT)
		return ERROR_SUCCESS;
	code = is_leaving(turn, media, &leaving);
	if (code || !leaving)
		return code;
	return run_waits(turn, request, "waiting for %s, which is being ejected",
			 media_name(media));
}

static DWORD try_candidates(struct turn *turn, struct object *request, struct loaded *loaded,
			    const struct candidate *list, size_t count)
{
	for (size_t i = 0; i < count && policy_can_take(&list[i].choice); i++) {
		int error;

		if (is_kept(turn, &list[i].drive.guid))
			continue;
		error = broker_reserve(turn->lease, list[i].id, &loaded->media.guid, BROKER_RECOVER,
				       0, &loaded->hold);
		if (!error) {
			loaded->drive = list[i].drive;
			loaded->drive_id = list[i].id;
			turn_use_drive(turn, loaded->drive_id);
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

DWORD load_clear(struct turn *turn, struct object *request, const NTMS_GUID *side,
		 const NTMS_GUID *only)
{
	struct loaded loaded = {0};
	DWORD code = read_medium(turn, side, &loaded);

	if (!code)
		code = wait_behind(turn, request, &loaded.media);
	if (code || !in_wrong_drive(&loaded, only))
		return code;
	if (loaded.media.media.state == NTMS_MEDIASTATE_LOADED)
		return wait_for_medium(turn, request, &loaded);
	return load_empty(turn, request, &loaded.media.media.location);
}

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
	code = wait_behind(turn, request, &loaded->media);
	if (!code)
		code = wait_for_eject(turn, request, &loaded->media);
	if (code)
		return code;
	/* A medium that is in a drive is mounted there and nowhere else. */
	if (loaded->media.media.location_type == NTMS_DRIVE &&
	    !guid_is_null(&loaded->media.media.location))
		only = &loaded->media.media.location;
	code = list_candidates(turn, request, &loaded->media, only, &list, &count);
	if (code)
		return code;
	code = try_candidates(turn, request, loaded, list, count);
	free(list);
	return code;
}

/* What the broker alone knows to be held comes after what may become free at any time. */
DWORD load_prefers(struct turn *turn, const struct object *request, const NTMS_GUID *only,
		   NTMS_GUID *drive)
{
	struct candidate *list = NULL;
	struct broker_holder holder;
	struct object cartridge;
	size_t count = 0, best;
	DWORD code = run_read(turn, &request->librequest.media, NTMS_PHYSICAL_MEDIA, &cartridge);

	if (!code)
		code = list_candidates(turn, request, &cartridge, only, &list, &count);
	if (code)
		return code;
	best = count;
	for (size_t i = count; i-- > 0;)
		if (!is_kept(turn, &list[i].drive.guid) &&
		    (best == count || drive_holder(turn, list[i].id, &holder) != 1))
			best = i;
	if (best < count)
		*drive = list[best].drive.guid;
	free(list);
	return best < count ? ERROR_SUCCESS : RUN_WAITS;
}

/* ---- home ---- */

static DWORD record_unloaded(struct turn *turn, const struct loaded *loaded)
{
	struct object drive, media;
	struct txn *txn;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = store_get(txn, &loaded->drive.guid, NTMS_DRIVE, &drive);
	if (!code)
		code = store_get(txn, &loaded->media.guid, NTMS_PHYSICAL_MEDIA, &media);
	if (!code)
		code = drive_event(&drive, DRIVE_UNLOADED);
	if (!code)
		code = media_event(&media, MEDIA_UNLOADED);
	if (!code)
		code = store_update(txn, &drive);
	if (!code)
		code = store_update(txn, &media);
	return txn_end(txn, code);
}

/* A drive that finds itself empty has nothing to unload. It may take minutes. */
static int drive_unload(struct broker *broker, struct loaded *loaded)
{
	int first = 0, error = 0;

	if (!loaded->tape) {
		first = broker_drive_unload(broker, loaded->drive_id);
		if (!first)
			return 0;
		error = tape_open(broker, loaded->drive_id, false,
				  clock_deadline(READY_DEADLINE_MS), &loaded->tape);
	}
	if (error) {
		loaded->tape = NULL;
	} else {
		error = tape_unload(loaded->tape);
		tape_close(loaded->tape);
		loaded->tape = NULL;
	}
	if (error == -ENOMEDIUM || error == -EMEDIUMTYPE)
		return 0;
	/* st does not tell why. */
	if (first == -EREMOTEIO && (error == -EIO || error == -ETIMEDOUT))
		return first;
	return error;
}

/* Have the drive let go of its medium. @aside: others go on meanwhile. */
static DWORD spin_down(struct turn *turn, struct object *request, struct loaded *loaded, bool aside)
{
	struct task *task = NULL;
	char place[48];
	DWORD code;
	int error;

	code = run_progress(turn, request, "unloading %s in %s", media_name(&loaded->media),
			    place_name(&loaded->drive, place));
	if (code)
		return code;
	if (aside)
		task = task_aside(turn, READY_DEADLINE_MS);
	else
		turn_step(turn, READY_DEADLINE_MS);
	error = drive_unload(turn->system->broker, loaded);
	task_back(turn, task);
	if (error)
		return service_code(turn, &loaded->drive.guid, error);
	return record_unloaded(turn, loaded);
}

/* It is out of the drive, or can be taken out: nobody has the drive now. send_home() keeps the
 * hold: the drive is about to get another medium. */
static void let_go(struct loaded *loaded)
{
	if (loaded->hold)
		broker_mark(loaded->hold, false);
	loaded_drop(loaded);
}

DWORD unload(struct turn *turn, struct object *request, struct loaded *loaded)
{
	DWORD code;

	/* There is no robot to carry it anywhere. */
	if (turn->standalone)
		return leave_in_drive(turn, loaded, true);
	code = spin_down(turn, request, loaded, true);

	if (!code)
		code = put_away(turn, request, &loaded->media.guid, &loaded->drive.guid);
	if (!code)
		let_go(loaded);
	return code;
}

DWORD unwind(struct turn *turn, struct object *request, struct loaded *loaded)
{
	DWORD code = spin_down(turn, request, loaded, true);

	if (!code)
		let_go(loaded);
	loaded_drop(loaded);
	return code;
}

DWORD unload_into(struct turn *turn, struct object *request, struct loaded *loaded,
		  const NTMS_GUID *place)
{
	DWORD code = spin_down(turn, request, loaded, false);

	if (!code)
		code = robot_move(turn, request, &loaded->media.guid, &loaded->drive.guid, place);
	if (!code)
		let_go(loaded);
	return code;
}

/* Take home what is in a drive that nobody uses. */
static DWORD send_home(struct turn *turn, struct object *request, struct loaded *loaded)
{
	struct loaded other = *loaded;
	DWORD code;
	int error;

	/* The hold stays with the caller, who has the drive for the medium that comes. */
	other.hold = NULL;
	other.tape = NULL;
	code = run_read(turn, &loaded->drive.device.side, NTMS_PARTITION, &other.side);
	if (!code)
		code = run_read(turn, &other.side.side.media, NTMS_PHYSICAL_MEDIA, &other.media);
	if (code)
		return code;
	error = broker_mark(loaded->hold, true);
	return error ? broker_code(error) : unload(turn, request, &other);
}

DWORD load_empty(struct turn *turn, struct object *request, const NTMS_GUID *guid)
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
	turn_use_drive(turn, other.drive_id);
	code = send_home(turn, request, &other);
	if (!code)
		broker_mark(other.hold, false);
	loaded_drop(&other);
	return code;
}

/* The drive has the medium, but its other side faces the heads, or it has let go of it and does not
 * take it in again: home, where it can be turned, and from where it can be brought anew. */
static DWORD turn_over(struct turn *turn, struct object *request, struct loaded *loaded)
{
	DWORD code = send_home(turn, request, loaded);

	return code ? code
		    : run_read(turn, &loaded->media.guid, NTMS_PHYSICAL_MEDIA, &loaded->media);
}

/* Is the side that is wanted at the heads? */
static bool is_facing(const struct loaded *loaded)
{
	return guid_equal(&loaded->drive.device.side, &loaded->side.guid);
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
	if (database_trouble(code))
		return code;
	return ntms_say(why, "%s", said);
}

static DWORD open_device(struct turn *turn, struct object *request, bool write,
			 struct loaded *loaded)
{
	struct task *aside;
	char place[48];
	DWORD code;
	int error;

	code = run_progress(turn, request, "waiting for %s to make %s ready",
			    place_name(&loaded->drive, place), media_name(&loaded->media));
	if (code)
		return code;
	aside = task_aside(turn, READY_DEADLINE_MS);
	error = tape_open(turn->system->broker, loaded->drive_id, write,
			  clock_deadline(READY_DEADLINE_MS), &loaded->tape);
	task_back(turn, aside);
	if (error)
		loaded->tape = NULL;
	return service_code(turn, &loaded->drive.guid, error);
}

/* While this one waited for a drive, another request may have taken the medium away: an eject does
 * not ask who wants it. Then the request begins anew. */
static DWORD look_again(struct turn *turn, struct loaded *loaded)
{
	const NTMS_GUID before = loaded->media.media.location;
	DWORD code = run_read(turn, &loaded->media.guid, NTMS_PHYSICAL_MEDIA, &loaded->media);

	if (!code)
		code = run_read(turn, &loaded->drive.guid, NTMS_DRIVE, &loaded->drive);
	if (code || guid_equal(&loaded->media.media.location, &before))
		return code;
	turn->queued = true;
	return RUN_WAITS;
}

DWORD load_bring(struct turn *turn, struct object *request, bool write, struct loaded *loaded)
{
	bool present;
	DWORD code;

	code = look_again(turn, loaded);
	if (code)
		goto drop;
	request->librequest.drive = loaded->drive.guid;
	present = guid_equal(&loaded->media.media.location, &loaded->drive.guid);
	if (present && !is_facing(loaded)) {
		code = turn_over(turn, request, loaded);
		present = false;
	} else if (!present && !guid_is_null(&loaded->drive.device.side)) {
		code = send_home(turn, request, loaded);
		if (!code)
			code = look_again(turn, loaded);
	}
	if (code)
		goto drop;
	/* From here on our death must leave an orphan. */
	code = broker_code(broker_mark(loaded->hold, true));
	if (!code && !present)
		code = robot_move(turn, request, &loaded->media.guid, &loaded->media.media.location,
				  &loaded->drive.guid);
	if (!code)
		code = run_read(turn, &loaded->media.guid, NTMS_PHYSICAL_MEDIA, &loaded->media);
	if (!code)
		code = run_read(turn, &loaded->drive.guid, NTMS_DRIVE, &loaded->drive);
	if (code)
		goto drop;
	if (!is_facing(loaded))
		return take_back(turn, request, loaded,
				 ntms_say(ERROR_INVALID_STATE,
					  "the library has not turned over cartridge %s: not its "
					  "side %u faces the heads",
					  media_name(&loaded->media), loaded->side.side.side));
	code = open_device(turn, request, write, loaded);
	if (code == ERROR_BUSY)
		goto drop;
	if (present && code == ERROR_INVALID_STATE) {
		code = turn_over(turn, request, loaded);
		if (code)
			goto drop;
		return load_bring(turn, request, write, loaded);
	}
	if (!code && !present)
		tape_brought(loaded->tape, loaded->media.media.density_code);
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
	DWORD code = load_clear(turn, request, side, drive);

	if (!code)
		code = load_reserve(turn, request, side, drive, loaded);
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
	if (!code)
		code = drive_event(&drive, expired ? DRIVE_ABANDONED : DRIVE_DEFERRED);
	if (!code)
		code = media_event(&media, MEDIA_RELEASED);
	if (!code)
		code = store_update(txn, &drive);
	if (!code)
		code = store_update(txn, &media);
	code = txn_end(txn, code);
	if (code)
		return code;
	broker_mark(loaded->hold, false);
	loaded_drop(loaded);
	return ERROR_SUCCESS;
}

DWORD read_label(struct turn *turn, struct loaded *loaded, struct label *label)
{
	struct task *aside = task_aside(turn, LABEL_MS);
	int error = label_read(loaded->tape, label);

	task_back(turn, aside);
	return service_code(turn, &loaded->drive.guid, error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/guid.h"
#include "base/say.h"
#include "core/awaited.h"
#include "core/cleaner.h"
#include "core/media.h"
#include "core/mount.h"
#include "core/patience.h"
#include "core/policy.h"
#include "core/presence.h"
#include "core/rights.h"
#include "core/run.h"
#include "core/txn.h"
#include "core/wait.h"
#include "core/worker.h"

DWORD resolve_side(struct txn *txn, const NTMS_GUID *guid, struct object *side)
{
	struct object obj;
	char text[GUID_TEXT_SIZE];
	DWORD code = store_get(txn, guid, NTMS_UNKNOWN, &obj);

	guid_format(guid, text);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_MEDIA, "%s is no logical medium and no side", text);
	if (code)
		return code;
	if (obj.type == NTMS_PARTITION) {
		*side = obj;
		return ERROR_SUCCESS;
	}
	if (obj.type != NTMS_LOGICAL_MEDIA)
		return ntms_say(ERROR_INVALID_MEDIA,
				"%s (%s) is neither a logical medium nor a side", text, obj.name);
	code = store_get(txn, &obj.logical.side, NTMS_PARTITION, side);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_MEDIA, "the side of logical medium %s is missing",
				text);
	return code;
}

/* ---- what is checked before anything is queued ---- */

struct plan {
	struct object side;
	struct object media;
	bool offline;
	struct object request;
	struct broker_hold *hold;
	bool passed; /* though its request is deleted already */
};

static DWORD read_media(struct txn *txn, const NTMS_GUID *guid, struct plan *plan)
{
	bool cleaner = false;
	DWORD code = resolve_side(txn, guid, &plan->side);

	if (code)
		return code;
	code = store_get(txn, &plan->side.side.media, NTMS_PHYSICAL_MEDIA, &plan->media);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_MEDIA, "the cartridge of the side is missing");
	if (!code)
		code = cleaner_is(txn, &plan->media, &cleaner);
	if (!code && cleaner)
		return ntms_say(ERROR_INVALID_MEDIA,
				"cartridge %s is a cleaner; see CleanNtmsDrive for what it is for",
				media_name(&plan->media));
	return code;
}

static DWORD check_duplicates(const struct plan *plans, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		for (uint32_t j = 0; j < i; j++) {
			if (guid_equal(&plans[i].side.guid, &plans[j].side.guid))
				return ntms_say(ERROR_INVALID_MEDIA, "cartridge %s is named twice",
						media_name(&plans[i].media));
			if (guid_equal(&plans[i].media.guid, &plans[j].media.guid))
				return ntms_say(
					ERROR_BUSY,
					"two sides of cartridge %s cannot be mounted at once",
					media_name(&plans[i].media));
		}
	}
	return ERROR_SUCCESS;
}

/* *@library: where the cartridge is. */
static DWORD read_library(struct txn *txn, struct plan *plan, struct object *library)
{
	DWORD code = store_get(txn, &plan->media.media.library, NTMS_LIBRARY, library);

	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_LIBRARY,
				"the library that cartridge %s is in is not in the database",
				media_name(&plan->media));
	plan->offline = !code && library->library.kind == NTMS_LIBRARYTYPE_OFFLINE;
	return code;
}

static DWORD check_access(struct txn *txn, struct session *session, const struct plan *plan,
			  const struct object *library)
{
	DWORD code = rights_check(txn, &session->caller, RIGHT_MOUNT_POOL, &plan->side);

	return code ? code : rights_check(txn, &session->caller, RIGHT_MOUNT_LIBRARY, library);
}

/* ---- where cartridges are to be mounted that are nowhere ---- */

static DWORD list_children(struct txn *txn, const NTMS_GUID *library, uint32_t type,
			   NTMS_GUID **list, size_t *count)
{
	struct store_key key;

	key_start(&key);
	key_guid(&key, library);
	key_u32(&key, type);
	return store_list(txn, IX_CHILD, &key, 0, list, count);
}

static DWORD takes_type(struct txn *txn, const struct object *library, const NTMS_GUID *type,
			bool *takes)
{
	struct object relation;
	NTMS_GUID *list = NULL;
	size_t count = 0;
	DWORD code = list_children(txn, &library->guid, OBJ_TYPE_RELATION, &list, &count);

	*takes = false;
	for (size_t i = 0; i < count && !code && !*takes; i++) {
		code = store_get(txn, &list[i], OBJ_TYPE_RELATION, &relation);
		*takes = !code && guid_equal(&relation.relation.media_type, type);
	}
	free(list);
	return code;
}

/* Drives of a library; *@enabled of them are. */
static DWORD count_drives(struct txn *txn, const NTMS_GUID *library, size_t *count, size_t *enabled)
{
	struct object drive;
	NTMS_GUID *list = NULL;
	DWORD code = list_children(txn, library, NTMS_DRIVE, &list, count);

	*enabled = 0;
	for (size_t i = 0; i < *count && !code; i++) {
		code = store_get(txn, &list[i], NTMS_DRIVE, &drive);
		if (!code && drive.enabled)
			++*enabled;
	}
	free(list);
	return code;
}

static bool is_connected(const struct session *session, const struct object *library)
{
	return library->library.kind != NTMS_LIBRARYTYPE_OFFLINE && library->enabled &&
	       !strcmp(library->library.broker, broker_name(session->system->broker)) &&
	       !presence_absent(session->system, library);
}

static DWORD could_take(struct txn *txn, struct session *session, const struct object *library,
			const struct mount_call *call, const struct plan *plan, bool *could)
{
	size_t count, enabled;
	DWORD code;

	*could = false;
	if (!is_connected(session, library))
		return ERROR_SUCCESS;
	code = takes_type(txn, library, &plan->media.media.media_type, could);
	if (!code && *could)
		code = count_drives(txn, &library->guid, &count, &enabled);
	if (code || !*could)
		return code;
	code = rights_check(txn, &session->caller, RIGHT_MOUNT_LIBRARY, library);
	*could = !code && enabled >= call->count;
	return code == ERROR_ACCESS_DENIED ? ERROR_SUCCESS : code;
}

/* All are offline: any library that could have been theirs, one with a robot first. */
static DWORD find_library(struct txn *txn, struct session *session, const struct mount_call *call,
			  const struct plan *plan, struct object *library)
{
	struct object candidate;
	NTMS_GUID *list = NULL;
	struct store_key key;
	size_t count = 0;
	bool found = false, could;
	DWORD code;

	key_start(&key);
	key_u32(&key, NTMS_LIBRARY);
	code = store_list(txn, IX_TYPE, &key, 0, &list, &count);
	for (size_t i = 0; i < count && !code; i++) {
		code = store_get(txn, &list[i], NTMS_LIBRARY, &candidate);
		if (!code)
			code = could_take(txn, session, &candidate, call, plan, &could);
		if (code || !could || (found && candidate.library.kind != NTMS_LIBRARYTYPE_ONLINE))
			continue;
		*library = candidate;
		found = true;
		if (candidate.library.kind == NTMS_LIBRARYTYPE_ONLINE)
			break;
	}
	free(list);
	if (!code && !found)
		return ntms_say(
			ERROR_MEDIA_OFFLINE,
			"cartridge %s is in no library, and there is none that is connected "
			"and enabled and has drives for it",
			media_name(&plan->media));
	return code;
}

static DWORD library_of_drive(struct txn *txn, const NTMS_GUID *guid, struct object *library)
{
	struct object drive;
	DWORD code = store_get(txn, guid, NTMS_DRIVE, &drive);

	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_DRIVE, "there is no such drive");
	if (!code)
		code = store_get(txn, &drive.device.library, NTMS_LIBRARY, library);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_LIBRARY, "the library of drive %u is missing",
				drive.device.number);
	return code;
}

/* The one library of the call: where its media are or, when none is anywhere, are to go. */
static DWORD choose_library(struct txn *txn, struct session *session, const struct mount_call *call,
			    struct plan *plans, struct object *library)
{
	const struct plan *online = NULL;
	struct object found;
	DWORD code;

	for (uint32_t i = 0; i < call->count; i++) {
		code = read_library(txn, &plans[i], &found);
		if (code)
			return code;
		if (online && !plans[i].offline && !guid_equal(&found.guid, &library->guid))
			return ntms_say(ERROR_INVALID_LIBRARY,
					"cartridge %s is in library %s and cartridge %s in library "
					"%s; all media of one mount must be in one library",
					media_name(&online->media), library->name,
					media_name(&plans[i].media), found.name);
		if (plans[i].offline)
			continue;
		online = &plans[i];
		*library = found;
	}
	if (online)
		return ERROR_SUCCESS;
	*library = found;
	if (call->options & AWAITED_ASK_NOBODY)
		return ERROR_SUCCESS; /* refused by check_state() */
	if (call->options & NTMS_MOUNT_SPECIFIC_DRIVE)
		return library_of_drive(txn, &call->drives[0], library);
	return find_library(txn, session, call, plans, library);
}

/* Who does not want to wait need not: until its changer is back nothing is mounted there. */
static DWORD check_connected(struct session *session, const struct object *library)
{
	uint32_t device;
	DWORD code = turn_find_device(session->system, library, &device);

	if (code != ERROR_DEVICE_NOT_AVAILABLE)
		return code;
	return ntms_say(ERROR_RESOURCE_NOT_AVAILABLE, "library %s is not connected", library->name);
}

/* Enabled, online, and in a state to be mounted; in this order (reference 0.4, rule 3). */
static DWORD check_state(struct session *session, const struct plan *plan,
			 const struct object *library, uint32_t options)
{
	uint32_t state = plan->side.side.state;

	if (plan->offline && options & AWAITED_ASK_NOBODY)
		return ntms_say(ERROR_MEDIA_OFFLINE, "cartridge %s is in no library",
				media_name(&plan->media));
	if (!library->enabled)
		return ntms_say(ERROR_RESOURCE_DISABLED, "library %s is disabled", library->name);
	if (!plan->media.enabled)
		return ntms_say(ERROR_RESOURCE_DISABLED, "cartridge %s is disabled",
				media_name(&plan->media));
	if (strcmp(library->library.broker, broker_name(session->system->broker)))
		return ntms_say(ERROR_INVALID_LIBRARY, "library %s belongs to the broker %s",
				library->name, library->library.broker);
	if (state == NTMS_PARTSTATE_INCOMPATIBLE)
		return ntms_say(ERROR_INVALID_STATE, "cartridge %s does not fit this library",
				media_name(&plan->media));
	if (options & NTMS_MOUNT_WRITE && state == NTMS_PARTSTATE_COMPLETE)
		return ntms_say(ERROR_WRITE_PROTECT,
				"cartridge %s is complete and takes no more data",
				media_name(&plan->media));
	if (options & (NTMS_MOUNT_ERROR_NOT_AVAILABLE | NTMS_MOUNT_NOWAIT) &&
	    plan->media.media.state != NTMS_MEDIASTATE_IDLE)
		return ntms_say(ERROR_BUSY, "cartridge %s is in use", media_name(&plan->media));
	if (options & (NTMS_MOUNT_ERROR_NOT_AVAILABLE | NTMS_MOUNT_NOWAIT))
		return check_connected(session, library);
	return ERROR_SUCCESS;
}

static DWORD check_drive(struct txn *txn, const struct mount_call *call, uint32_t i,
			 const struct object *library)
{
	struct object drive;
	DWORD code = store_get(txn, &call->drives[i], NTMS_DRIVE, &drive);

	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_DRIVE, "there is no such drive");
	if (code)
		return code;
	if (!guid_equal(&drive.device.library, &library->guid))
		return ntms_say(ERROR_DRIVE_MEDIA_MISMATCH,
				"drive %u is in another library than the medium",
				drive.device.number);
	for (uint32_t j = 0; j < i; j++)
		if (guid_equal(&call->drives[j], &drive.guid))
			return ntms_say(ERROR_INVALID_DRIVE, "drive %u is to take two media",
					drive.device.number);
	if (!drive.enabled)
		return ntms_say(ERROR_RESOURCE_DISABLED, "drive %u is disabled",
				drive.device.number);
	return ERROR_SUCCESS;
}

/* More media than drives could never be mounted together: nothing to wait for. */
static DWORD check_drives(struct txn *txn, const struct mount_call *call,
			  const struct object *library)
{
	size_t count, enabled;
	DWORD code;

	if (library->library.kind == NTMS_LIBRARYTYPE_OFFLINE)
		return ERROR_SUCCESS;
	code = count_drives(txn, &library->guid, &count, &enabled);
	if (!code && count < call->count)
		return ntms_say(ERROR_RESOURCE_NOT_AVAILABLE,
				"library %s has %zu drives: %u media cannot be mounted at once",
				library->name, count, call->count);
	if (!code && enabled < call->count)
		return ntms_say(ERROR_RESOURCE_DISABLED,
				"%zu of the %zu drives of library %s are disabled: %u media cannot "
				"be mounted at once",
				count - enabled, count, library->name, call->count);
	return code;
}

static bool is_held(struct broker_hold *hold)
{
	enum broker_hold_state state;
	uint64_t generation;

	return !broker_hold_state(hold, &state, &generation) && state == HOLD_HELD;
}

static DWORD same_session(struct session *session, const struct plan *plan)
{
	bool mine = false;

	pthread_mutex_lock(&session->mutex);
	for (struct mount *mount = session->mounts; mount; mount = mount->next)
		if (guid_equal(&mount->media, &plan->media.guid) && is_held(mount->hold))
			mine = true;
	pthread_mutex_unlock(&session->mutex);
	if (mine)
		return ntms_say(ERROR_BUSY, "this session has cartridge %s mounted already",
				media_name(&plan->media));
	return ERROR_SUCCESS;
}

static DWORD check_call(struct txn *txn, struct session *session, const struct mount_call *call,
			struct plan *plans, struct object *library)
{
	DWORD code = ERROR_SUCCESS;

	for (uint32_t i = 0; i < call->count && !code; i++)
		code = read_media(txn, &call->media[i], &plans[i]);
	if (!code)
		code = check_duplicates(plans, call->count);
	if (!code)
		code = choose_library(txn, session, call, plans, library);
	for (uint32_t i = 0; i < call->count && !code; i++)
		code = check_access(txn, session, &plans[i], library);
	for (uint32_t i = 0; i < call->count && !code; i++) {
		if (call->options & NTMS_MOUNT_SPECIFIC_DRIVE)
			code = check_drive(txn, call, i, library);
		if (!code)
			code = check_state(session, &plans[i], library, call->options);
		if (!code)
			code = same_session(session, &plans[i]);
	}
	return code ? code : check_drives(txn, call, library);
}

/* ---- queued ---- */

static DWORD queue_call(struct txn *txn, struct session *session, const struct mount_call *call,
			struct plan *plans, const struct object *library)
{
	NTMS_GUID group;
	DWORD code = ERROR_SUCCESS;

	guid_make(&group);
	for (uint32_t i = 0; i < call->count && !code; i++) {
		struct obj_librequest *details = &plans[i].request.librequest;
		NTMS_GUID token = details->token;

		request_init(session, NTMS_LM_MOUNT, &library->guid, &plans[i].request);
		details->token = token;
		details->group = group;
		details->media = plans[i].media.guid;
		details->side = plans[i].side.guid;
		details->mount_options = call->options;
		details->priority = call->priority;
		details->order = policy_order(call->priority, clock_utc_ms());
		if (call->options & NTMS_MOUNT_SPECIFIC_DRIVE)
			details->drive = call->drives[i];
		if (plans[i].offline)
			code = awaited_ask(txn, &plans[i].request, &plans[i].media, library, "");
		if (!code)
			code = store_insert(txn, &plans[i].request);
	}
	return code;
}

static DWORD start_call(struct session *session, const struct mount_call *call, struct plan *plans,
			NTMS_GUID *library_guid)
{
	struct object library;
	struct txn *txn;
	DWORD code = store_begin(session->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = check_call(txn, session, call, plans, &library);
	if (!code)
		code = queue_call(txn, session, call, plans, &library);
	if (code) {
		store_abort(txn);
		return code;
	}
	*library_guid = library.guid;
	return store_commit(txn);
}

/* ---- waited for ---- */

/* Somebody has deleted the request, so it was over. If the drive is ours it has passed, and the
 * records say which one it is. */
static DWORD refresh_deleted(struct txn *txn, struct plan *plan)
{
	struct object media;
	DWORD code;

	if (!is_held(plan->hold))
		return ntms_say(ERROR_CANCELLED,
				"the mount of %s was over, and its request deleted, before this "
				"call could see why",
				media_name(&plan->media));
	code = store_get(txn, &plan->media.guid, NTMS_PHYSICAL_MEDIA, &media);
	if (code)
		return must_exist(code, "cartridge", plan->side.name);
	plan->request.librequest.drive = media.media.location;
	plan->passed = true;
	return ERROR_SUCCESS;
}

static DWORD refresh_request(struct txn *txn, struct plan *plan)
{
	DWORD code = store_get(txn, &plan->request.guid, NTMS_LIBREQUEST, &plan->request);

	if (code == ERROR_OBJECT_NOT_FOUND)
		return refresh_deleted(txn, plan);
	if (!code && !request_is_final(&plan->request))
		code = awaited_refused(txn, &plan->request);
	return code;
}

static DWORD refresh_requests(struct session *session, struct plan *plans, uint32_t count)
{
	struct txn *txn;
	DWORD code = store_begin(session->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	for (uint32_t i = 0; i < count && !code; i++)
		if (!plans[i].passed)
			code = refresh_request(txn, &plans[i]);
	store_abort(txn);
	return code;
}

/* How a mount failed, in the codes its caller knows. */
static DWORD mount_error(const struct object *request)
{
	DWORD code = request->librequest.error;

	if (request->librequest.state == NTMS_LM_CANCELLED)
		code = ERROR_CANCELLED;
	switch (code) {
	case ERROR_UNEXPECTED_OMID:
	case ERROR_DEVICE_NOT_AVAILABLE:
	case ERROR_MEDIA_INCOMPATIBLE:
	case ERROR_LIBRARY_FULL:
		code = ERROR_INVALID_STATE;
		break;
	case 0:
		code = ERROR_INVALID_STATE;
		break;
	}
	return ntms_say(code, "%s", request->librequest.waits_for);
}

/* ERROR_SUCCESS: all mounted; RUN_WAITS: not yet. */
static DWORD judge(const struct mount_call *call, struct plan *plans)
{
	bool nowait = call->options & (NTMS_MOUNT_ERROR_NOT_AVAILABLE | NTMS_MOUNT_NOWAIT);
	uint32_t passed = 0;

	for (uint32_t i = 0; i < call->count; i++) {
		const struct object *request = &plans[i].request;

		if (plans[i].passed || request->librequest.state == NTMS_LM_PASSED)
			passed++;
		else if (request_is_final(request))
			return mount_error(request);
		else if (nowait && request->librequest.state == NTMS_LM_WAITING)
			return ntms_say(ERROR_BUSY, "%s", request->librequest.waits_for);
	}
	return passed == call->count ? ERROR_SUCCESS : RUN_WAITS;
}

/* With NTMS_MOUNT_NOWAIT: so long another executor may have the library before it sees to the
 * mount, which then is not waited for. */
#define BEGIN_MS 5000

/* Has nobody begun with it? */
static bool is_queued(const struct mount_call *call, const struct plan *plans)
{
	for (uint32_t i = 0; i < call->count; i++)
		if (plans[i].request.librequest.state != NTMS_LM_QUEUED)
			return false;
	return true;
}

static DWORD too_late(const struct mount_call *call, const struct plan *plans,
		      struct patience *patience)
{
	char said[512];

	if (!(call->options & NTMS_MOUNT_NOWAIT))
		return ERROR_TIMEOUT;
	if (is_queued(call, plans)) {
		snprintf(said, sizeof(said), "%s", ntms_said());
		return ntms_say(ERROR_BUSY, "%s", said);
	}
	/* It is being carried out: how long that takes is not waiting. */
	patience->deadline_ns = 0;
	return ERROR_SUCCESS;
}

static DWORD wait_for_call(struct session *session, const struct mount_call *call,
			   struct plan *plans, uint64_t deadline_ns)
{
	char last[sizeof(plans->request.librequest.waits_for)] = "";
	struct patience patience;
	DWORD code = patience_begin(&patience, session, deadline_ns);

	if (code)
		return code;
	do {
		code = refresh_requests(session, plans, call->count);
		if (!code)
			code = judge(call, plans);
		if (code != RUN_WAITS)
			break;
		for (uint32_t i = 0; i < call->count; i++)
			report_progress(session, &plans[i].request, last, sizeof(last));
		code = patience_sleep(&patience, -1);
		if (code == ERROR_TIMEOUT)
			code = wait_said_timeout(session, &plans->request.librequest.library, last);
		if (code == ERROR_TIMEOUT)
			code = too_late(call, plans, &patience);
	} while (!code);
	patience_end(&patience);
	return code;
}

static DWORD cancel_request(struct txn *txn, const NTMS_GUID *guid, DWORD why)
{
	struct object request;
	DWORD code = store_get(txn, guid, NTMS_LIBREQUEST, &request);

	if (code || request_is_final(&request) || request.librequest.state == NTMS_LM_INPROCESS ||
	    request.librequest.move != OBJ_MOVE_NONE)
		return code == ERROR_OBJECT_NOT_FOUND ? ERROR_SUCCESS : code;
	if (why == ERROR_REQUEST_REFUSED)
		return request_end(txn, &request, REQUEST_FAILS, why, NULL);
	return request_end(txn, &request, REQUEST_GIVEN_UP, ERROR_CANCELLED, NULL);
}

static void cancel_requests(struct session *session, const struct mount_call *call,
			    const struct plan *plans, DWORD why)
{
	struct txn *txn;
	DWORD code;

	if (store_begin(session->system->store, STORE_DEADLINE_DEFAULT, &txn))
		return;
	code = ERROR_SUCCESS;
	for (uint32_t i = 0; i < call->count && !code; i++)
		code = cancel_request(txn, &plans[i].request.guid, why);
	txn_end(txn, code);
}

/* Give up: what has not begun is cancelled here, and by its reason before a worker sees that the
 * caller has gone; what has begun finds nobody to hand over to. */
static void cancel_call(struct session *session, const struct mount_call *call, struct plan *plans,
			DWORD why)
{
	cancel_requests(session, call, plans, why);
	for (uint32_t i = 0; i < call->count; i++) {
		broker_release(plans[i].hold);
		plans[i].hold = NULL;
	}
}

static struct mount *make_mount(struct plan *plan)
{
	struct mount *mount = calloc(1, sizeof(*mount));

	if (!mount)
		return NULL;
	mount->request = plan->request.guid;
	mount->side = plan->side.guid;
	mount->media = plan->media.guid;
	mount->drive = plan->request.librequest.drive;
	return mount;
}

void mounts_drop_ended(struct session *session)
{
	struct mount **link = &session->mounts, *mount;

	while ((mount = *link)) {
		enum broker_hold_state state;
		uint64_t generation;

		if (broker_hold_state(mount->hold, &state, &generation) || state != HOLD_ENDED) {
			link = &mount->next;
			continue;
		}
		*link = mount->next;
		broker_release(mount->hold);
		free(mount);
	}
}

/* The session owns what was handed over from now on: all of it, or (no memory) nothing. */
static DWORD keep_mounts(struct session *session, const struct mount_call *call, struct plan *plans)
{
	struct mount *list = NULL, *mount;

	for (uint32_t i = call->count; i-- > 0;) {
		mount = make_mount(&plans[i]);
		if (!mount)
			goto fail;
		mount->next = list;
		list = mount;
	}
	pthread_mutex_lock(&session->mutex);
	mounts_drop_ended(session);
	for (uint32_t i = 0; i < call->count; i++) {
		mount = list;
		list = mount->next;
		mount->hold = plans[i].hold;
		plans[i].hold = NULL;
		call->drives[i] = mount->drive;
		mount->next = session->mounts;
		session->mounts = mount;
	}
	pthread_mutex_unlock(&session->mutex);
	return ERROR_SUCCESS;
fail:
	while ((mount = list)) {
		list = mount->next;
		free(mount);
	}
	return ERROR_NOT_ENOUGH_MEMORY;
}

static DWORD expect_all(struct session *session, const struct mount_call *call, struct plan *plans)
{
	for (uint32_t i = 0; i < call->count; i++) {
		int error;

		guid_make(&plans[i].request.librequest.token);
		error = broker_expect(session->system->broker, &plans[i].request.librequest.token,
				      &plans[i].hold);
		if (error) {
			plans[i].hold = NULL;
			return broker_code(error);
		}
	}
	return ERROR_SUCCESS;
}

/* *@elsewhere: what was offline when the call was queued has come into another library than the
 * one it was queued at. */
static DWORD mount_once(struct session *session, const struct mount_call *call, struct plan *plans,
			uint64_t deadline_ns, bool *elsewhere)
{
	NTMS_GUID library;
	char said[512];
	DWORD code;

	*elsewhere = false;
	code = expect_all(session, call, plans);
	if (!code)
		code = start_call(session, call, plans, &library);
	if (code)
		return code;
	code = worker_attend(session->system, &library);
	if (!code) {
		code = wait_for_call(session, call, plans, deadline_ns);
		worker_unattend(session->system, &library);
	}
	if (!code)
		code = keep_mounts(session, call, plans);
	if (!code)
		return code;
	for (uint32_t i = 0; i < call->count; i++)
		*elsewhere = *elsewhere || (code == ERROR_MEDIA_OFFLINE && plans[i].offline);
	snprintf(said, sizeof(said), "%s", ntms_said());
	cancel_call(session, call, plans, code);
	/* A medium on its way is still to be put right. */
	worker_poke(session->system, &library);
	return ntms_say(code, "%s", said);
}

DWORD mount_media(struct session *session, const struct mount_call *call)
{
	bool nowait = call->options & NTMS_MOUNT_NOWAIT;
	uint64_t deadline_ns = clock_deadline(nowait ? BEGIN_MS : call->timeout_ms);
	bool again;
	DWORD code;

	do {
		struct plan *plans = calloc(call->count, sizeof(*plans));

		if (!plans)
			return ntms_say(ERROR_NOT_ENOUGH_MEMORY, "no memory for %u media",
					call->count);
		code = mount_once(session, call, plans, deadline_ns, &again);
		for (uint32_t i = 0; i < call->count; i++)
			broker_release(plans[i].hold);
		free(plans);
	} while (again);
	return code;
}

/* ---- the end of a session ---- */

static DWORD queue_leaving(struct session *session, struct txn *txn, const struct mount *mount,
			   NTMS_GUID *library)
{
	struct object media, request;
	DWORD code = store_get(txn, &mount->media, NTMS_PHYSICAL_MEDIA, &media);

	if (code)
		return code;
	*library = media.media.library;
	request_init(session, NTMS_LM_DISMOUNT, &media.media.library, &request);
	request.librequest.option = DISMOUNT_OPTION_DEFERRED;
	request.librequest.media = media.guid;
	request.librequest.side = mount->side;
	request.librequest.drive = mount->drive;
	return store_insert(txn, &request);
}

static DWORD leave_mount(struct session *session, struct mount *mount)
{
	NTMS_GUID library;
	struct txn *txn;
	DWORD code;

	if (!is_held(mount->hold))
		return ERROR_SUCCESS;
	code = store_begin(session->system->store, STORE_DEADLINE_DEFAULT, &txn);
	if (code)
		return code;
	code = queue_leaving(session, txn, mount, &library);
	if (code) {
		store_abort(txn);
		return code;
	}
	code = store_commit(txn);
	return code ? code : worker_poke(session->system, &library);
}

void session_leave_mounts(struct session *session)
{
	pthread_mutex_lock(&session->mutex);
	/* If it cannot be queued the reservation still ends with the session: an orphan, settled
	 * later. */
	for (struct mount *mount = session->mounts; mount; mount = mount->next)
		leave_mount(session, mount);
	pthread_mutex_unlock(&session->mutex);
}

static DWORD grant_code(int error)
{
	switch (error) {
	case -ESRCH:
		return ERROR_INVALID_PARAMETER;
	case -ENOSPC:
		return ERROR_RESOURCE_NOT_AVAILABLE;
	default:
		return broker_code(error);
	}
}

DWORD mount_grant(struct session *session, const NTMS_GUID *media, int pid)
{
	struct object side;
	struct txn *txn;
	DWORD code = store_begin(session->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = resolve_side(txn, media, &side);
	store_abort(txn);
	if (code)
		return code;
	code = ntms_say(ERROR_INVALID_STATE, "this session does not have it mounted");
	pthread_mutex_lock(&session->mutex);
	for (struct mount *mount = session->mounts; mount; mount = mount->next)
		if (guid_equal(&mount->side, &side.guid) && is_held(mount->hold))
			code = grant_code(broker_grant(mount->hold, pid));
	pthread_mutex_unlock(&session->mutex);
	if (!code)
		ntms_say_nothing();
	return code;
}

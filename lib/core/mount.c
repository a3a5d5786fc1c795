/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/guid.h"
#include "base/say.h"
#include "core/access.h"
#include "core/mount.h"
#include "core/patience.h"
#include "core/run.h"

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
	struct object request;
	struct broker_hold *hold;
};

static DWORD read_media(struct txn *txn, const NTMS_GUID *guid, struct plan *plan)
{
	DWORD code = resolve_side(txn, guid, &plan->side);

	if (code)
		return code;
	code = store_get(txn, &plan->side.side.media, NTMS_PHYSICAL_MEDIA, &plan->media);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_MEDIA, "the cartridge of the side is missing");
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

static DWORD check_library(struct txn *txn, struct session *session, const struct plan *plan,
			   struct object *library)
{
	DWORD code = store_get(txn, &plan->media.media.library, NTMS_LIBRARY, library);

	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_LIBRARY,
				"the library that cartridge %s is in is not in the database",
				media_name(&plan->media));
	if (code)
		return code;
	code = access_check(txn, &session->caller, &plan->side, NTMS_USE_ACCESS);
	if (!code)
		code = access_check(txn, &session->caller, library, NTMS_USE_ACCESS);
	return code;
}

/* Enabled, online, and in a state to be mounted; in this order (reference 0.4, rule 3). */
static DWORD check_state(struct session *session, const struct plan *plan,
			 const struct object *library, uint32_t options)
{
	uint32_t state = plan->side.side.state;

	if (library->library.kind == NTMS_LIBRARYTYPE_OFFLINE)
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
	return ERROR_SUCCESS;
}

static DWORD check_drive(struct txn *txn, const NTMS_GUID *guid, const struct object *library)
{
	struct object drive;
	DWORD code = store_get(txn, guid, NTMS_DRIVE, &drive);

	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_DRIVE, "there is no such drive");
	if (code)
		return code;
	if (!guid_equal(&drive.device.library, &library->guid))
		return ntms_say(ERROR_DRIVE_MEDIA_MISMATCH,
				"drive %u is in another library than the medium",
				drive.device.number);
	if (!drive.enabled)
		return ntms_say(ERROR_RESOURCE_DISABLED, "drive %u is disabled",
				drive.device.number);
	return ERROR_SUCCESS;
}

static DWORD same_session(struct session *session, const struct plan *plan)
{
	enum broker_hold_state state;
	uint64_t generation;
	bool mine = false;

	pthread_mutex_lock(&session->mutex);
	for (struct mount *mount = session->mounts; mount; mount = mount->next)
		if (guid_equal(&mount->media, &plan->media.guid) &&
		    !broker_hold_state(mount->hold, &state, &generation) && state == HOLD_HELD)
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
	for (uint32_t i = 0; i < call->count && !code; i++) {
		if (i && !guid_equal(&plans[i].media.media.library, &plans[0].media.media.library))
			return ntms_say(ERROR_INVALID_LIBRARY,
					"all media of one mount must be in one library");
		code = check_library(txn, session, &plans[i], library);
	}
	for (uint32_t i = 0; i < call->count && !code; i++) {
		if (call->options & NTMS_MOUNT_SPECIFIC_DRIVE)
			code = check_drive(txn, &call->drives[i], library);
		if (!code)
			code = check_state(session, &plans[i], library, call->options);
		if (!code)
			code = same_session(session, &plans[i]);
	}
	return code;
}

/* ---- queued ---- */

static DWORD queue_call(struct txn *txn, struct session *session, const struct mount_call *call,
			struct plan *plans, const NTMS_GUID *library)
{
	NTMS_GUID group;
	DWORD code = ERROR_SUCCESS;

	guid_make(&group);
	for (uint32_t i = 0; i < call->count && !code; i++) {
		struct obj_librequest *details = &plans[i].request.librequest;
		NTMS_GUID token = details->token;

		request_init(session, NTMS_LM_MOUNT, library, &plans[i].request);
		details->token = token;
		details->group = group;
		details->media = plans[i].media.guid;
		details->side = plans[i].side.guid;
		details->mount_options = call->options;
		details->priority = call->priority;
		/* 1 is next: the highest priority first, then the order of arrival. */
		details->order = (uint32_t)(NTMS_PRIORITY_HIGHEST + 1 - call->priority);
		if (call->options & NTMS_MOUNT_SPECIFIC_DRIVE)
			details->drive = call->drives[i];
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
		code = queue_call(txn, session, call, plans, &library.guid);
	if (code) {
		store_abort(txn);
		return code;
	}
	*library_guid = library.guid;
	return store_commit(txn);
}

/* ---- waited for ---- */

void report_progress(struct session *session, const struct object *request, char *last, size_t size)
{
	RSM_PROGRESS progress = {
		.RequestId = request->guid,
		.dwOperation = request->librequest.operation,
		.dwState = request->librequest.state,
		.lpText = request->librequest.waits_for,
	};
	RSM_PROGRESS_ROUTINE routine;
	void *context;

	if (!request->librequest.waits_for[0] || !strcmp(last, request->librequest.waits_for))
		return;
	snprintf(last, size, "%s", request->librequest.waits_for);
	pthread_mutex_lock(&session->mutex);
	routine = session->progress;
	context = session->progress_context;
	pthread_mutex_unlock(&session->mutex);
	if (routine)
		routine(context, &progress);
}

static DWORD refresh_requests(struct session *session, struct plan *plans, uint32_t count)
{
	struct txn *txn;
	DWORD code = store_begin(session->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	for (uint32_t i = 0; i < count && !code; i++) {
		code = store_get(txn, &plans[i].request.guid, NTMS_LIBREQUEST, &plans[i].request);
		if (code == ERROR_OBJECT_NOT_FOUND)
			code = ERROR_CANCELLED;
	}
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

		if (request->librequest.state == NTMS_LM_PASSED)
			passed++;
		else if (request_is_final(request))
			return mount_error(request);
		else if (nowait && request->librequest.state == NTMS_LM_WAITING)
			return ntms_say(ERROR_BUSY, "%s", request->librequest.waits_for);
	}
	return passed == call->count ? ERROR_SUCCESS : RUN_WAITS;
}

static DWORD wait_for_call(struct session *session, const struct mount_call *call,
			   struct plan *plans)
{
	bool nowait = call->options & NTMS_MOUNT_NOWAIT;
	char last[sizeof(plans->request.librequest.waits_for)] = "";
	struct patience patience;
	DWORD code =
		patience_begin(&patience, session, nowait ? 0 : clock_deadline(call->timeout_ms));

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
		if (code == ERROR_TIMEOUT && last[0])
			ntms_say(code, "%s", last);
	} while (!code);
	patience_end(&patience);
	return code;
}

/* Give up: what has not begun is cancelled here, what has begun finds nobody to hand over to. */
static void cancel_call(struct session *session, const struct mount_call *call, struct plan *plans)
{
	struct txn *txn;
	DWORD code;

	for (uint32_t i = 0; i < call->count; i++) {
		broker_release(plans[i].hold);
		plans[i].hold = NULL;
	}
	if (store_begin(session->system->store, STORE_DEADLINE_DEFAULT, &txn))
		return;
	code = ERROR_SUCCESS;
	for (uint32_t i = 0; i < call->count && !code; i++) {
		struct object request;

		code = store_get(txn, &plans[i].request.guid, NTMS_LIBREQUEST, &request);
		if (code || request_is_final(&request) ||
		    request.librequest.state == NTMS_LM_INPROCESS)
			continue;
		request.librequest.state = NTMS_LM_CANCELLED;
		request.librequest.error = ERROR_CANCELLED;
		request.librequest.completed_ms = clock_utc_ms();
		code = store_update(txn, &request);
	}
	if (code)
		store_abort(txn);
	else
		store_commit(txn);
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

DWORD mount_media(struct session *session, const struct mount_call *call)
{
	struct plan *plans = calloc(call->count, sizeof(*plans));
	NTMS_GUID library;
	DWORD code;

	if (!plans)
		return ntms_say(ERROR_NOT_ENOUGH_MEMORY, "no memory for %u media", call->count);
	code = expect_all(session, call, plans);
	if (!code)
		code = start_call(session, call, plans, &library);
	if (code)
		goto out;
	code = worker_attend(session->system, &library);
	if (!code) {
		code = wait_for_call(session, call, plans);
		worker_unattend(session->system, &library);
	}
	if (!code)
		code = keep_mounts(session, call, plans);
	if (code) {
		cancel_call(session, call, plans);
		/* A medium on its way is still to be put right. */
		worker_poke(session->system, &library);
	}
out:
	for (uint32_t i = 0; i < call->count; i++)
		broker_release(plans[i].hold);
	free(plans);
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
	enum broker_hold_state state;
	NTMS_GUID library;
	uint64_t generation;
	struct txn *txn;
	DWORD code;

	if (broker_hold_state(mount->hold, &state, &generation) || state != HOLD_HELD)
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

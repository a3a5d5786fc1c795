/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>
#include "base/guid.h"
#include "core/control.h"
#include "core/eject.h"
#include "core/media.h"
#include "core/mount.h"
#include "core/port.h"
#include "core/rights.h"
#include "core/txn.h"
#include "core/wait.h"

/* A cartridge to be ejected. */
struct leaving {
	struct object media;
	struct object library;
	struct object drive; /* when it is in one, else of type 0 */
	size_t ports;
};

static bool waits(DWORD action)
{
	return action == NTMS_EJECT_IMMEDIATE || action == NTMS_EJECT_ASK_USER;
}

/* ---- checks ---- */

static DWORD read_cartridge(struct txn *txn, const NTMS_GUID *guid, struct leaving *leaving)
{
	const struct obj_media *media = &leaving->media.media;
	DWORD code = store_get(txn, guid, NTMS_PHYSICAL_MEDIA, &leaving->media);

	leaving->drive.type = 0;
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_MEDIA, "there is no such cartridge");
	if (!code)
		code = must_exist(store_get(txn, &media->library, NTMS_LIBRARY, &leaving->library),
				  "library", leaving->media.name);
	if (code || media->location_type != NTMS_DRIVE || guid_is_null(&media->location))
		return code;
	return must_exist(store_get(txn, &media->location, NTMS_DRIVE, &leaving->drive), "drive",
			  leaving->media.name);
}

static DWORD check_enabled(struct session *session, const struct leaving *leaving)
{
	DWORD code = control_usable(session, &leaving->library, ERROR_DEVICE_NOT_AVAILABLE,
				    ERROR_DEVICE_NOT_AVAILABLE);

	if (code)
		return code;
	if (!leaving->media.enabled)
		return ntms_say(ERROR_MEDIA_NOT_AVAILABLE, "cartridge %s is disabled",
				media_name(&leaving->media));
	if (leaving->drive.type && !leaving->drive.enabled)
		return ntms_say(ERROR_RESOURCE_DISABLED,
				"drive %u, which has cartridge %s, is disabled",
				leaving->drive.device.number, media_name(&leaving->media));
	return ERROR_SUCCESS;
}

/* Is it being ejected, or worked on? */
static DWORD check_requests(struct txn *txn, const struct leaving *leaving, bool force)
{
	NTMS_GUID *list = NULL;
	struct object request;
	struct store_key key;
	size_t count = 0;
	DWORD code;

	key_start(&key);
	key_guid(&key, &leaving->media.guid);
	code = store_list(txn, IX_ACTIVE, &key, 0, &list, &count);
	for (size_t i = 0; i < count && !code; i++) {
		code = must_exist(store_get(txn, &list[i], NTMS_LIBREQUEST, &request), "request",
				  leaving->media.name);
		if (code)
			break;
		if (request.librequest.operation == NTMS_LM_EJECT)
			code = ntms_say(ERROR_BUSY, "cartridge %s is being ejected already",
					media_name(&leaving->media));
		else if (!force && request.librequest.state == NTMS_LM_INPROCESS)
			code = ntms_say(ERROR_BUSY, "cartridge %s is being worked on: %s",
					media_name(&leaving->media), request.librequest.waits_for);
	}
	free(list);
	return code;
}

static DWORD check_state(struct txn *txn, struct leaving *leaving, bool force)
{
	DWORD code;

	if (!force && leaving->media.media.state != NTMS_MEDIASTATE_IDLE)
		return ntms_say(ERROR_BUSY, "cartridge %s is in use; dismount it first",
				media_name(&leaving->media));
	code = check_requests(txn, leaving, force);
	if (!code)
		code = control_count(txn, &leaving->library.guid, NTMS_IEPORT, &leaving->ports);
	if (code || leaving->ports || leaving->library.library.kind == NTMS_LIBRARYTYPE_STANDALONE)
		return code;
	return ntms_say(ERROR_DEVICE_NOT_AVAILABLE,
			"library %s has no port; take cartridge %s out through the door "
			"(AccessNtmsLibraryDoor)",
			leaving->library.name, media_name(&leaving->media));
}

static DWORD check_all(struct txn *txn, struct session *session, const NTMS_GUID *guid,
		       DWORD action, struct leaving *leaving)
{
	DWORD code = read_cartridge(txn, guid, leaving);

	if (!code)
		code = rights_check(txn, &session->caller, RIGHT_EJECT_MEDIA, &leaving->library);
	if (!code)
		code = check_enabled(session, leaving);
	return code ? code : check_state(txn, leaving, action == NTMS_EJECT_FORCE);
}

/* Nobody takes a device away from under a program; asked without holding the database. */
static DWORD check_closed(struct session *session, const NTMS_GUID *guid)
{
	struct leaving leaving;
	struct txn *txn;
	uint32_t id;
	int pid = 0;
	DWORD code = session_begin(session, &txn);

	if (code)
		return code;
	code = check_all(txn, session, guid, NTMS_EJECT_FORCE, &leaving);
	store_abort(txn);
	if (code || !leaving.drive.type || drive_broker_id(session->system, &leaving.drive, &id))
		return code;
	if (broker_drive_open(session->system->broker, id, &pid) != 1)
		return ERROR_SUCCESS;
	return ntms_say(ERROR_BUSY, "drive %u (%s) is still open in process %d; close it first",
			leaving.drive.device.number, leaving.drive.device.node, pid);
}

/* ---- what was collected before ---- */

static bool is_collected(const struct object *request)
{
	return !(request->librequest.phase & PHASE_STARTED);
}

/* The requests that were queued with NTMS_EJECT_QUEUE in a library; to be freed. */
static DWORD list_collected(struct txn *txn, const NTMS_GUID *library, struct object **list,
			    size_t *count)
{
	size_t all, kept = 0;
	DWORD code = control_members(txn, library, NTMS_LM_EJECT, NULL, list, &all);

	for (size_t i = 0; i < all && !code; i++)
		if (is_collected(&(*list)[i]))
			(*list)[kept++] = (*list)[i];
	*count = kept;
	return code;
}

/* The one library that has collected cartridges. */
static DWORD collecting_library(struct txn *txn, struct object *library)
{
	struct object *members = NULL;
	NTMS_GUID *list = NULL;
	struct store_key key;
	size_t count = 0, found = 0;
	struct object other;
	DWORD code;

	key_start(&key);
	key_u32(&key, NTMS_LIBRARY);
	code = store_list(txn, IX_TYPE, &key, 0, &list, &count);
	for (size_t i = 0; i < count && !code; i++) {
		size_t collected;

		code = list_collected(txn, &list[i], &members, &collected);
		free(members);
		if (code || !collected)
			continue;
		if (found++)
			code = ntms_say(ERROR_INVALID_PARAMETER,
					"several libraries have collected cartridges; name the "
					"last one to be ejected");
		else
			code = must_exist(store_get(txn, &list[i], NTMS_LIBRARY, &other), "library",
					  "a queue");
	}
	free(list);
	if (code)
		return code;
	if (!found)
		return ntms_say(ERROR_INVALID_PARAMETER,
				"no cartridge is named, and none was collected before");
	*library = other;
	return ERROR_SUCCESS;
}

/* They all belong to the operation from now on. */
static DWORD start_collected(struct txn *txn, const NTMS_GUID *library, const NTMS_GUID *operation)
{
	struct object *list;
	size_t count;
	DWORD code = list_collected(txn, library, &list, &count);

	for (size_t i = 0; i < count && !code; i++) {
		list[i].librequest.phase |= PHASE_STARTED;
		list[i].librequest.group = *operation;
		list[i].librequest.work_item = *operation;
		code = store_update(txn, &list[i]);
	}
	free(list);
	return code;
}

/* ---- queueing ---- */

static DWORD check_room(struct txn *txn, const struct leaving *leaving)
{
	struct object *list;
	size_t count;
	DWORD code = list_collected(txn, &leaving->library.guid, &list, &count);

	free(list);
	if (code || leaving->library.library.kind == NTMS_LIBRARYTYPE_STANDALONE)
		return code;
	if (count < leaving->ports)
		return ERROR_SUCCESS;
	return ntms_say(ERROR_BUSY, "library %s has %zu ports, and %zu cartridges are collected",
			leaving->library.name, leaving->ports, count);
}

static DWORD queue_one(struct txn *txn, struct session *session, const struct leaving *leaving,
		       DWORD action, NTMS_GUID *operation)
{
	struct object request;
	struct obj_librequest *details = &request.librequest;

	request_init(session, NTMS_LM_EJECT, &leaving->library.guid, &request);
	guid_make(&request.guid);
	details->option = action == NTMS_EJECT_FORCE ? EJECT_OPTION_FORCE : EJECT_OPTION_IMMEDIATE;
	details->media = leaving->media.guid;
	if (leaving->media.media.location_type == NTMS_STORAGESLOT)
		details->slot = leaving->media.media.location;
	if (leaving->drive.type)
		details->drive = leaving->drive.guid;
	if (action != NTMS_EJECT_QUEUE) {
		details->phase = PHASE_STARTED;
		details->group = request.guid;
		details->work_item = request.guid;
	}
	*operation = request.guid;
	return store_insert(txn, &request);
}

static DWORD queue_media(struct txn *txn, struct session *session, const NTMS_GUID *media,
			 DWORD action, NTMS_GUID *operation, NTMS_GUID *library)
{
	struct leaving leaving;
	DWORD code = check_all(txn, session, media, action, &leaving);

	if (!code)
		code = check_room(txn, &leaving);
	if (!code)
		code = queue_one(txn, session, &leaving, action, operation);
	*library = leaving.library.guid;
	if (code || action == NTMS_EJECT_QUEUE)
		return code;
	return start_collected(txn, library, operation);
}

static DWORD start_all(struct txn *txn, struct session *session, NTMS_GUID *operation,
		       NTMS_GUID *guid)
{
	struct object library, *list;
	size_t count;
	DWORD code = collecting_library(txn, &library);

	if (!code)
		code = rights_check(txn, &session->caller, RIGHT_EJECT_MEDIA, &library);
	if (!code)
		code = control_usable(session, &library, ERROR_DEVICE_NOT_AVAILABLE,
				      ERROR_DEVICE_NOT_AVAILABLE);
	if (!code)
		code = list_collected(txn, &library.guid, &list, &count);
	if (code)
		return code;
	/* The last one gives the operation its name. */
	*operation = list[count - 1].guid;
	*guid = library.guid;
	free(list);
	return start_collected(txn, guid, operation);
}

static DWORD begin_ejecting(struct session *session, const NTMS_GUID *media, DWORD action,
			    NTMS_GUID *operation, NTMS_GUID *library)
{
	struct txn *txn;
	DWORD code = ERROR_SUCCESS;

	if (media && action == NTMS_EJECT_FORCE)
		code = check_closed(session, media);
	if (!code)
		code = session_begin(session, &txn);
	if (code)
		return code;
	if (media)
		code = queue_media(txn, session, media, action, operation, library);
	else
		code = start_all(txn, session, operation, library);
	return control_end(session, txn, library, code);
}

static DWORD stop(struct session *session, const NTMS_GUID *operation)
{
	NTMS_GUID library;
	struct txn *txn;
	DWORD code = session_begin(session, &txn);

	if (code)
		return code;
	code = control_stop(txn, session, RIGHT_EJECT_MEDIA, NTMS_LM_EJECT, NULL, operation,
			    PHASE_STOP, &library);
	return control_end(session, txn, &library, code);
}

/* Until all of the operation is over. */
static DWORD wait_operation(struct session *session, const NTMS_GUID *library,
			    const NTMS_GUID *operation)
{
	struct object *members;
	struct txn *txn;
	NTMS_GUID *list;
	size_t count;
	DWORD code = session_begin(session, &txn);

	if (code)
		return code;
	code = control_members(txn, library, NTMS_LM_EJECT, operation, &members, &count);
	store_abort(txn);
	if (code)
		return code;
	/* The first is the operation itself, whose end is known though it may be over by now. */
	list = calloc(count + 1, sizeof(*list));
	if (!list) {
		free(members);
		return ntms_say(ERROR_NOT_ENOUGH_MEMORY, "no memory for %zu requests", count);
	}
	list[0] = *operation;
	for (size_t i = 0; i < count; i++)
		list[i + 1] = members[i].guid;
	free(members);
	code = wait_requests(session, library, list, count + 1, 0);
	free(list);
	return code;
}

DWORD eject_media(struct session *session, const NTMS_GUID *media, NTMS_GUID *operation,
		  DWORD action)
{
	NTMS_GUID begun, library;
	DWORD code;

	if (action == NTMS_EJECT_STOP)
		return stop(session, operation);
	code = begin_ejecting(session, media, action, &begun, &library);
	if (code)
		return code;
	if (operation && action != NTMS_EJECT_QUEUE)
		*operation = begun;
	return waits(action) ? wait_operation(session, &library, &begun) : ERROR_SUCCESS;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>
#include "base/guid.h"
#include "base/say.h"
#include "core/control.h"
#include "core/eject.h"
#include "core/eject_disk.h"
#include "core/request.h"
#include "core/standalone.h"
#include "core/txn.h"
#include "core/wait.h"

/* From where, and what. */
struct target {
	struct object library;
	struct object drive;
	NTMS_GUID media; /* null: nobody knows what is inside */
	NTMS_GUID side;
};

/* The drive of that device node, in a library of this broker. */
static DWORD find_drive(struct txn *txn, const char *device, struct target *target)
{
	NTMS_GUID *list = NULL;
	struct store_key key;
	size_t count = 0;
	bool found = false;
	DWORD code;

	key_start(&key);
	key_u32(&key, NTMS_DRIVE);
	code = store_list(txn, IX_TYPE, &key, 0, &list, &count);
	for (size_t i = 0; i < count && !code && !found; i++) {
		code = store_get(txn, &list[i], NTMS_DRIVE, &target->drive);
		if (code || strcmp(target->drive.device.node, device))
			continue;
		code = must_exist(store_get(txn, &target->drive.device.library, NTMS_LIBRARY,
					    &target->library),
				  "library", target->drive.name);
		found = !code && target->library.library.kind == NTMS_LIBRARYTYPE_STANDALONE;
	}
	free(list);
	if (!code && !found)
		return ntms_say(ERROR_DEVICE_NOT_AVAILABLE,
				"no drive that stands alone and is managed has the device \"%s\"",
				device);
	return code;
}

static DWORD read_inside(struct txn *txn, struct target *target)
{
	struct object side, media;
	DWORD code;

	if (guid_is_null(&target->drive.device.side))
		return ERROR_SUCCESS;
	code = must_exist(store_get(txn, &target->drive.device.side, NTMS_PARTITION, &side), "side",
			  target->drive.name);
	if (!code)
		code = must_exist(store_get(txn, &side.side.media, NTMS_PHYSICAL_MEDIA, &media),
				  "cartridge", target->drive.name);
	if (code)
		return code;
	target->media = media.guid;
	target->side = side.guid;
	if (!media.enabled)
		return ntms_say(ERROR_MEDIA_NOT_AVAILABLE, "cartridge %s is disabled", media.name);
	return ERROR_SUCCESS;
}

static DWORD check(struct txn *txn, struct session *session, const char *device, uint32_t action,
		   struct target *target)
{
	DWORD code;

	memset(target, 0, sizeof(*target));
	code = find_drive(txn, device, target);
	if (!code)
		code = control_library(txn, session, &target->drive.device.library,
				       RIGHT_EJECT_DISK, &target->library);
	if (!code)
		code = control_usable(session, &target->library, ERROR_DEVICE_NOT_AVAILABLE,
				      ERROR_DEVICE_NOT_AVAILABLE);
	if (code)
		return code;
	if (!target->drive.enabled)
		return ntms_say(ERROR_DEVICE_NOT_AVAILABLE, "drive %s is disabled", device);
	if (action == NTMS_EJECT_STOP)
		return ERROR_SUCCESS;
	code = read_inside(txn, target);
	if (!code && target->drive.device.state == NTMS_DRIVESTATE_LOADED &&
	    action != NTMS_EJECT_FORCE)
		return ntms_say(ERROR_BUSY, "what is in drive %s is mounted; dismount it first",
				device);
	return code;
}

/* End what is queued and has not begun. */
static DWORD stop(struct txn *txn, const struct target *target)
{
	struct object *list = NULL;
	size_t count = 0, stopped = 0;
	DWORD code =
		control_members(txn, &target->library.guid, NTMS_LM_EJECT, NULL, &list, &count);

	for (size_t i = 0; i < count && !code; i++) {
		if (list[i].librequest.state == NTMS_LM_INPROCESS)
			continue;
		code = request_end(txn, &list[i], REQUEST_STOPPED, ERROR_SUCCESS, "");
		stopped++;
	}
	free(list);
	if (!code && !stopped)
		return ntms_say(ERROR_INVALID_OPERATION,
				"no eject is queued that could be stopped");
	return code;
}

static DWORD queue(struct txn *txn, struct session *session, const struct target *target,
		   uint32_t action, NTMS_GUID *guid)
{
	struct object request;
	DWORD code;

	request_init(session, NTMS_LM_EJECT, &target->library.guid, &request);
	request.librequest.drive = target->drive.guid;
	request.librequest.media = target->media;
	request.librequest.side = target->side;
	if (action == NTMS_EJECT_FORCE)
		request.librequest.option = EJECT_OPTION_FORCE;
	code = store_insert(txn, &request);
	*guid = request.guid;
	return code;
}

static bool is_awaited(uint32_t action)
{
	return action == NTMS_EJECT_FORCE || action == NTMS_EJECT_IMMEDIATE ||
	       action == NTMS_EJECT_ASK_USER;
}

DWORD eject_disk(struct session *session, const char *device, uint32_t action)
{
	struct target target;
	NTMS_GUID request;
	struct txn *txn;
	DWORD code;

	if (action > NTMS_EJECT_ASK_USER)
		return ntms_say(ERROR_INVALID_PARAMETER, "there is no eject action %u", action);
	code = session_begin(session, &txn);
	if (code)
		return code;
	code = check(txn, session, device, action, &target);
	if (!code)
		code = action == NTMS_EJECT_STOP ? stop(txn, &target)
						 : queue(txn, session, &target, action, &request);
	code = txn_end(txn, code);
	if (code || action == NTMS_EJECT_STOP)
		return code;
	code = request_work(session, &target.library.guid);
	if (code || !is_awaited(action))
		return code;
	return wait_requests(session, &target.library.guid, &request, 1, 0);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "core/access.h"
#include "core/enable.h"
#include "core/media.h"
#include "core/request.h"
#include "core/txn.h"

static const NTMS_GUID *library_of(const struct object *obj)
{
	switch (obj->type) {
	case NTMS_LIBRARY:
		return &obj->guid;
	case NTMS_DRIVE:
		return &obj->device.library;
	default:
		return &obj->media.library;
	}
}

static uint32_t operation_of(uint32_t type, bool enable)
{
	switch (type) {
	case NTMS_LIBRARY:
		return enable ? NTMS_LM_ENABLELIBRARY : NTMS_LM_DISABLELIBRARY;
	case NTMS_DRIVE:
		return enable ? NTMS_LM_ENABLEDRIVE : NTMS_LM_DISABLEDRIVE;
	default:
		return enable ? NTMS_LM_ENABLEMEDIA : NTMS_LM_DISABLEMEDIA;
	}
}

/* What can be allocated in a library changes with it. */
static DWORD refresh_library(struct txn *txn, const NTMS_GUID *library)
{
	struct store_key key;
	struct object media;
	NTMS_GUID *list;
	size_t count;
	DWORD code;

	key_start(&key);
	key_guid(&key, library);
	key_u32(&key, NTMS_PHYSICAL_MEDIA);
	code = store_list(txn, IX_CHILD, &key, 0, &list, &count);
	if (code)
		return code;
	for (size_t i = 0; i < count && !code; i++) {
		code = must_exist(store_get(txn, &list[i], NTMS_PHYSICAL_MEDIA, &media),
				  "cartridge", "a library");
		if (!code)
			code = media_refresh_sides(txn, &media);
	}
	free(list);
	return code;
}

/* A medium left behind by a deferred dismount goes home before its drive is out of use. */
static DWORD empty_drive(struct session *session, struct txn *txn, const struct object *drive,
			 NTMS_GUID *queued)
{
	struct object request, side;
	DWORD code;

	if (drive->device.state != NTMS_DRIVESTATE_DISMOUNTABLE)
		return ERROR_SUCCESS;
	code = store_get(txn, &drive->device.side, NTMS_PARTITION, &side);
	if (code)
		return code == ERROR_OBJECT_NOT_FOUND ? ERROR_SUCCESS : code;
	request_init(session, NTMS_LM_DISMOUNT, &drive->device.library, &request);
	request.librequest.option = DISMOUNT_OPTION_IMMEDIATE;
	request.librequest.drive = drive->guid;
	request.librequest.side = side.guid;
	request.librequest.media = side.side.media;
	*queued = drive->device.library;
	return store_insert(txn, &request);
}

static DWORD empty_drives(struct session *session, struct txn *txn, const NTMS_GUID *library,
			  NTMS_GUID *queued)
{
	struct store_key key;
	struct object drive;
	NTMS_GUID *list;
	size_t count;
	DWORD code;

	key_start(&key);
	key_guid(&key, library);
	key_u32(&key, NTMS_DRIVE);
	code = store_list(txn, IX_CHILD, &key, 0, &list, &count);
	if (code)
		return code;
	for (size_t i = 0; i < count && !code; i++) {
		code = must_exist(store_get(txn, &list[i], NTMS_DRIVE, &drive), "drive",
				  "a library");
		if (!code)
			code = empty_drive(session, txn, &drive, queued);
	}
	free(list);
	return code;
}

static DWORD record(struct session *session, struct txn *txn, const struct object *obj, bool enable)
{
	struct object request;

	request_init(session, operation_of(obj->type, enable), library_of(obj), &request);
	request.librequest.state = NTMS_LM_PASSED;
	request.librequest.completed_ms = clock_utc_ms();
	if (obj->type == NTMS_DRIVE)
		request.librequest.drive = obj->guid;
	if (obj->type == NTMS_PHYSICAL_MEDIA)
		request.librequest.media = obj->guid;
	return store_insert(txn, &request);
}

DWORD enable_object(struct session *session, struct txn *txn, uint32_t type, const NTMS_GUID *guid,
		    bool enable, NTMS_GUID *queued)
{
	struct object obj, library;
	DWORD code = store_get(txn, guid, type, &obj);

	memset(queued, 0, sizeof(*queued));
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(code, "there is no such object of type %u", type);
	if (!code)
		code = must_exist(store_get(txn, library_of(&obj), NTMS_LIBRARY, &library),
				  "library", obj.name);
	if (!code)
		code = access_check(txn, &session->caller, &library, NTMS_MODIFY_ACCESS);
	if (code)
		return code;
	if (type == NTMS_LIBRARY && library.library.kind == NTMS_LIBRARYTYPE_OFFLINE)
		return ntms_say(ERROR_LIBRARY_OFFLINE,
				"the offline library is neither enabled nor disabled");
	if (!obj.enabled == !enable)
		return ntms_say(ERROR_INVALID_STATE, "\"%s\" is %s already", obj.name,
				enable ? "enabled" : "disabled");
	obj.enabled = enable;
	code = store_update(txn, &obj);
	if (!code && type == NTMS_LIBRARY)
		code = refresh_library(txn, guid);
	if (!code && type == NTMS_PHYSICAL_MEDIA)
		code = media_refresh_sides(txn, &obj);
	if (!code && !enable && type == NTMS_LIBRARY)
		code = empty_drives(session, txn, guid, queued);
	if (!code && !enable && type == NTMS_DRIVE)
		code = empty_drive(session, txn, &obj, queued);
	return code ? code : record(session, txn, &obj, enable);
}

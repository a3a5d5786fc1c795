/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>
#include "core/enable.h"
#include "core/media.h"
#include "core/oprequest.h"
#include "core/request.h"
#include "core/rights.h"
#include "core/service.h"
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
	if (obj->type == NTMS_DRIVE)
		request.librequest.drive = obj->guid;
	if (obj->type == NTMS_PHYSICAL_MEDIA)
		request.librequest.media = obj->guid;
	return request_record(txn, &request);
}

/* Who enables a drive that needs service says that it is in order; enabled it may be already. */
static DWORD change(struct txn *txn, struct object *obj, bool enable)
{
	bool serviced = enable && obj->type == NTMS_DRIVE && obj->opstate == NTMS_NEEDS_SERVICE;
	DWORD code = ERROR_SUCCESS;

	if (serviced)
		code = service_done(txn, obj);
	if (!code && serviced)
		code = oprequest_close(txn, NTMS_OPREQ_DEVICESERVICE, &obj->guid, NULL);
	if (code || (serviced && obj->enabled))
		return code;
	code = enable_event(obj, enable ? ENABLE_ON : ENABLE_OFF);
	return code ? code : store_update(txn, obj);
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
		code = rights_check(txn, &session->caller, enable ? RIGHT_ENABLE : RIGHT_DISABLE,
				    &library);
	if (code)
		return code;
	/* Enabled it is all the time; that it cannot be either is what the caller is to hear. */
	if (type == NTMS_LIBRARY && library.library.kind == NTMS_LIBRARYTYPE_OFFLINE)
		return ntms_say(ERROR_LIBRARY_OFFLINE,
				"the offline library is neither enabled nor disabled");
	code = change(txn, &obj, enable);
	if (!code && type == NTMS_LIBRARY)
		code = media_refresh_library(txn, guid);
	if (!code && type == NTMS_PHYSICAL_MEDIA)
		code = media_refresh_sides(txn, &obj);
	if (!code && !enable && type == NTMS_LIBRARY)
		code = empty_drives(session, txn, guid, queued);
	if (!code && !enable && type == NTMS_DRIVE)
		code = empty_drive(session, txn, &obj, queued);
	return code ? code : record(session, txn, &obj, enable);
}

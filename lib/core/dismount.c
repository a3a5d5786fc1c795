/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* dismount.c - the caller's side of dismounts: everything is checked, then queued */
#include <stdlib.h>
#include <string.h>
#include "base/guid.h"
#include "base/say.h"
#include "core/mount.h"
#include "core/rights.h"
#include "core/run.h"

/* One medium to be dismounted. */
struct leaving {
	struct object side;
	struct object media;
	struct object library;
	struct object drive;
};

DWORD drive_broker_id(struct ntms_system *system, const struct object *drive, uint32_t *id)
{
	struct broker_device *devices = NULL;
	size_t count = 0;
	bool found = false;
	int error = broker_devices(system->broker, &devices, &count);

	if (error)
		return broker_code(error);
	for (size_t i = 0; i < count && !found; i++) {
		if (devices[i].kind == BROKER_DRIVE && drive->device.serial[0] &&
		    !strcmp(devices[i].serial, drive->device.serial)) {
			*id = devices[i].id;
			found = true;
		}
	}
	free(devices);
	if (!found)
		return ntms_say(ERROR_DEVICE_NOT_AVAILABLE, "drive %u (serial %s) is not connected",
				drive->device.number, drive->device.serial);
	return ERROR_SUCCESS;
}

static DWORD read_library(struct txn *txn, struct session *session, const NTMS_GUID *guid,
			  struct object *library)
{
	DWORD code = store_get(txn, guid, NTMS_LIBRARY, library);

	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_LIBRARY, "the library is not in the database");
	if (code)
		return code;
	if (library->library.kind != NTMS_LIBRARYTYPE_OFFLINE &&
	    strcmp(library->library.broker, broker_name(session->system->broker)))
		return ntms_say(ERROR_INVALID_LIBRARY,
				"library %s belongs to the broker %s, not to %s", library->name,
				library->library.broker, broker_name(session->system->broker));
	return ERROR_SUCCESS;
}

static DWORD read_medium(struct txn *txn, struct session *session, const NTMS_GUID *guid,
			 struct leaving *leaving)
{
	DWORD code = resolve_side(txn, guid, &leaving->side);

	if (code)
		return code;
	code = store_get(txn, &leaving->side.side.media, NTMS_PHYSICAL_MEDIA, &leaving->media);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_MEDIA, "the cartridge of the side is missing");
	if (code)
		return code;
	return read_library(txn, session, &leaving->media.media.library, &leaving->library);
}

static DWORD check_enabled(struct session *session, const struct object *library,
			   const struct object *drive)
{
	uint32_t id;

	if (!library->enabled)
		return ntms_say(ERROR_DEVICE_NOT_AVAILABLE, "library %s is disabled",
				library->name);
	if (!drive->enabled)
		return ntms_say(ERROR_DEVICE_NOT_AVAILABLE, "drive %u is disabled",
				drive->device.number);
	return drive_broker_id(session->system, drive, &id);
}

static DWORD check_medium(struct txn *txn, struct session *session, struct leaving *leaving)
{
	const struct obj_media *media = &leaving->media.media;
	DWORD code;

	if (leaving->library.library.kind == NTMS_LIBRARYTYPE_OFFLINE)
		return ntms_say(ERROR_MEDIA_OFFLINE, "cartridge %s is in no library",
				media_name(&leaving->media));
	if (!leaving->media.enabled)
		return ntms_say(ERROR_MEDIA_NOT_AVAILABLE, "cartridge %s is disabled",
				media_name(&leaving->media));
	if (media->location_type != NTMS_DRIVE || guid_is_null(&media->location))
		return ntms_say(ERROR_INVALID_STATE, "cartridge %s is not in a drive",
				media_name(&leaving->media));
	code = store_get(txn, &media->location, NTMS_DRIVE, &leaving->drive);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_STATE, "the drive of cartridge %s is missing",
				media_name(&leaving->media));
	if (code)
		return code;
	code = check_enabled(session, &leaving->library, &leaving->drive);
	if (code)
		return code;
	if (!guid_equal(&leaving->drive.device.side, &leaving->side.guid))
		return ntms_say(ERROR_INVALID_STATE,
				"cartridge %s is in drive %u by its other side",
				media_name(&leaving->media), leaving->drive.device.number);
	return ERROR_SUCCESS;
}

static DWORD check_access(struct txn *txn, struct session *session, const struct leaving *leaving)
{
	DWORD code = rights_check(txn, &session->caller, RIGHT_DISMOUNT_MEDIA_POOL, &leaving->side);

	return code ? code
		    : rights_check(txn, &session->caller, RIGHT_DISMOUNT_MEDIA_LIBRARY,
				   &leaving->library);
}

/* All checks in the documented order: objects, access, then enabled and state. */
static DWORD check_all(struct txn *txn, struct session *session, const NTMS_GUID *media,
		       uint32_t count, struct leaving *list)
{
	DWORD code = ERROR_SUCCESS;

	for (uint32_t i = 0; i < count && !code; i++) {
		code = read_medium(txn, session, &media[i], &list[i]);
		for (uint32_t j = 0; j < i && !code; j++)
			if (guid_equal(&list[i].side.guid, &list[j].side.guid))
				code = ntms_say(ERROR_INVALID_MEDIA, "cartridge %s is named twice",
						media_name(&list[i].media));
	}
	for (uint32_t i = 0; i < count && !code; i++)
		code = check_access(txn, session, &list[i]);
	for (uint32_t i = 0; i < count && !code; i++)
		code = check_medium(txn, session, &list[i]);
	return code;
}

static DWORD queue(struct txn *txn, struct session *session, const struct leaving *leaving,
		   const struct dismount_call *call, uint32_t index)
{
	struct object request;
	DWORD code;

	request_init(session, NTMS_LM_DISMOUNT, &leaving->library.guid, &request);
	request.librequest.option = call->option;
	/* Without a robot there is nobody to carry it away. */
	if (leaving->library.library.kind == NTMS_LIBRARYTYPE_STANDALONE)
		request.librequest.option = DISMOUNT_OPTION_DEFERRED;
	if (call->records_label)
		request.librequest.mount_options = DISMOUNT_RECORDS_LABEL;
	request.librequest.media = leaving->media.guid;
	request.librequest.side = leaving->side.guid;
	request.librequest.drive = leaving->drive.guid;
	code = store_insert(txn, &request);
	if (!code && call->requests)
		call->requests[index] = request.guid;
	return code;
}

/* A device that is still open is not taken away from under a program. */
static DWORD check_closed(struct session *session, const struct object *drive, DWORD code)
{
	uint32_t id;
	int pid = 0;

	if (drive_broker_id(session->system, drive, &id))
		return ERROR_SUCCESS; /* said by the checks that follow */
	if (broker_drive_open(session->system->broker, id, &pid) != 1)
		return ERROR_SUCCESS;
	if (pid)
		return ntms_say(code, "drive %u (%s) is still open in process %d; close it first",
				drive->device.number, drive->device.node, pid);
	return ntms_say(code, "drive %u (%s) is still open in some process; close it first",
			drive->device.number, drive->device.node);
}

/* Look, without holding the database while a device is asked. */
static DWORD check_devices_closed(struct session *session, const NTMS_GUID *media, uint32_t count,
				  struct leaving *list)
{
	struct txn *txn;
	DWORD code = store_begin(session->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = check_all(txn, session, media, count, list);
	store_abort(txn);
	for (uint32_t i = 0; i < count && !code; i++)
		code = check_closed(session, &list[i].drive, ERROR_INVALID_STATE);
	return code;
}

DWORD dismount_media(struct session *session, const struct dismount_call *call)
{
	const uint32_t count = call->count;
	struct leaving *list = calloc(count, sizeof(*list));
	struct txn *txn;
	DWORD code;

	if (!list)
		return ntms_say(ERROR_NOT_ENOUGH_MEMORY, "no memory for %u media", count);
	code = check_devices_closed(session, call->guids, count, list);
	if (code)
		goto out;
	code = store_begin(session->system->store, STORE_DEADLINE_DEFAULT, &txn);
	if (code)
		goto out;
	code = check_all(txn, session, call->guids, count, list);
	for (uint32_t i = 0; i < count && !code; i++)
		code = queue(txn, session, &list[i], call, i);
	if (code) {
		store_abort(txn);
		goto out;
	}
	code = store_commit(txn);
	/* It is on record now; whoever next looks after the library does it if we cannot. */
	for (uint32_t i = 0; i < count && !code; i++)
		request_work(session, &list[i].library.guid);
out:
	free(list);
	return code;
}

/* ---- by drive ---- */

static DWORD check_by_drive(struct txn *txn, struct session *session, const NTMS_GUID *guid,
			    struct leaving *leaving)
{
	DWORD code = store_get(txn, guid, NTMS_DRIVE, &leaving->drive);

	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_DRIVE, "there is no such drive");
	if (code)
		return code;
	code = read_library(txn, session, &leaving->drive.device.library, &leaving->library);
	if (!code)
		code = rights_check(txn, &session->caller, RIGHT_DISMOUNT_DRIVE, &leaving->library);
	if (!code && leaving->library.library.kind == NTMS_LIBRARYTYPE_OFFLINE)
		code = ntms_say(ERROR_LIBRARY_OFFLINE, "drive %u is in the offline library",
				leaving->drive.device.number);
	if (!code)
		code = check_enabled(session, &leaving->library, &leaving->drive);
	if (code)
		return code;
	if (guid_is_null(&leaving->drive.device.side))
		return ntms_say(ERROR_INVALID_STATE, "drive %u is empty",
				leaving->drive.device.number);
	code = store_get(txn, &leaving->drive.device.side, NTMS_PARTITION, &leaving->side);
	if (!code)
		code = store_get(txn, &leaving->side.side.media, NTMS_PHYSICAL_MEDIA,
				 &leaving->media);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_STATE, "what drive %u contains is not identified",
				leaving->drive.device.number);
	return code;
}

DWORD dismount_drive(struct session *session, const struct dismount_call *call)
{
	struct leaving leaving;
	struct txn *txn;
	DWORD code = store_begin(session->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = check_by_drive(txn, session, call->guids, &leaving);
	store_abort(txn);
	if (!code)
		code = check_closed(session, &leaving.drive, ERROR_BUSY);
	if (!code)
		code = store_begin(session->system->store, STORE_DEADLINE_DEFAULT, &txn);
	if (code)
		return code;
	code = check_by_drive(txn, session, call->guids, &leaving);
	if (!code)
		code = queue(txn, session, &leaving, call, 0);
	if (code) {
		store_abort(txn);
		return code;
	}
	code = store_commit(txn);
	if (!code)
		request_work(session, &leaving.library.guid);
	return code;
}

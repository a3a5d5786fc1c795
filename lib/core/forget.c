/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include "core/doors.h"
#include "core/forget.h"
#include "core/media.h"
#include "core/presence.h"
#include "core/rights.h"
#include "core/run.h"
#include "core/txn.h"

/* What is listed under @key is no longer anywhere but in the offline library. */
static DWORD send_offline(struct txn *txn, enum store_index index, const struct store_key *key)
{
	struct object media;
	NTMS_GUID *list;
	size_t count;
	DWORD code = store_list(txn, index, key, 0, &list, &count);

	if (code)
		return code;
	for (size_t i = 0; i < count && !code; i++) {
		code = must_exist(store_get(txn, &list[i], NTMS_PHYSICAL_MEDIA, &media),
				  "cartridge", "a library");
		if (!code)
			code = media_go_offline(txn, &media);
	}
	free(list);
	return code;
}

/* Devices, relations and requests: all that is in a library but the cartridges. */
static DWORD delete_children(struct txn *txn, const NTMS_GUID *library)
{
	struct store_key key;
	NTMS_GUID *list;
	size_t count;
	DWORD code;

	key_start(&key);
	key_guid(&key, library);
	code = store_list(txn, IX_CHILD, &key, 0, &list, &count);
	if (code)
		return code;
	for (size_t i = 0; i < count && !code; i++)
		code = store_delete(txn, &list[i]);
	free(list);
	return must_exist(code, "part", "a library");
}

static DWORD delete_library(struct txn *txn, const NTMS_GUID *library)
{
	struct store_key key;
	DWORD code;

	key_start(&key);
	key_guid(&key, library);
	key_u32(&key, NTMS_PHYSICAL_MEDIA);
	code = send_offline(txn, IX_CHILD, &key);
	if (!code)
		code = delete_children(txn, library);
	return code ? code : store_delete(txn, library);
}

/* The library that a caller names, if he may delete it: ERROR_INVALID_LIBRARY, ERROR_ACCESS_DENIED.
 */
static DWORD check_library(struct txn *txn, const struct caller *caller, const NTMS_GUID *guid,
			   struct object *library)
{
	DWORD code = store_get(txn, guid, NTMS_LIBRARY, library);

	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_LIBRARY, "there is no such library");
	return code ? code : rights_check(txn, caller, RIGHT_DELETE_LIBRARY, library);
}

/* Without its changer nobody can give back what a drive's holder has in use; he would find others
 * in his drive. */
static DWORD refuse_when_held(const struct turn *look, const struct object *library)
{
	struct broker_holder *list = NULL, *held = NULL;
	size_t count = 0;
	int error = broker_holders(look->system->broker, &list, &count);
	DWORD code = broker_code(error);

	for (size_t i = 0; i < look->drive_count; i++)
		for (size_t j = 0; look->drives[i].present && j < count && !held; j++)
			if (list[j].drive == look->drives[i].id && list[j].state == HOLDER_HELD)
				held = &list[j];
	if (held)
		code = ntms_say(ERROR_INVALID_STATE,
				"a drive of library %s is still connected and held by process %d "
				"(%s), which has to end first",
				library->name, held->pid, held->command);
	free(list);
	return code;
}

static DWORD delete_absent(struct session *session, const NTMS_GUID *guid, const struct turn *look,
			   struct object *library)
{
	struct txn *txn;
	DWORD code = session_begin(session, &txn);

	if (code)
		return code;
	code = check_library(txn, &session->caller, guid, library);
	if (!code && library->library.kind == NTMS_LIBRARYTYPE_OFFLINE)
		code = ntms_say(ERROR_INVALID_STATE, "the offline library cannot be deleted");
	if (!code && library->opstate != NTMS_NOT_PRESENT)
		code = ntms_say(ERROR_INVALID_STATE, "library %s is still connected",
				library->name);
	if (!code)
		code = refuse_when_held(look, library);
	if (!code)
		code = delete_library(txn, guid);
	return txn_end(txn, code);
}

DWORD forget_library(struct session *session, const NTMS_GUID *guid)
{
	struct object library;
	struct turn look;
	DWORD code = presence_find(session, RIGHT_DELETE_LIBRARY, guid, &look);

	if (!code)
		code = delete_absent(session, guid, &look, &library);
	/* Its changer is gone, its drives may be there. */
	if (!code)
		doors_open(&look, library.library.serial);
	turn_end(&look);
	return code;
}

/* The drive that a caller names, and its library, if he may delete it. */
static DWORD check_drive(struct txn *txn, const struct caller *caller, const NTMS_GUID *guid,
			 struct object *drive, struct object *library)
{
	DWORD code = store_get(txn, guid, NTMS_DRIVE, drive);

	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_DRIVE, "there is no such drive");
	if (code)
		return code;
	code = store_get(txn, &drive->device.library, NTMS_LIBRARY, library);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_LIBRARY, "the library of drive %u is missing",
				drive->device.number);
	return code ? code : rights_check(txn, caller, RIGHT_DELETE_DRIVE, library);
}

static DWORD delete_drive(struct txn *txn, const struct caller *caller, const NTMS_GUID *guid)
{
	struct object drive, library;
	struct store_key key;
	DWORD code = check_drive(txn, caller, guid, &drive, &library);

	if (code)
		return code;
	if (drive.opstate != NTMS_NOT_PRESENT)
		return ntms_say(ERROR_INVALID_STATE, "drive %u of library %s is still connected",
				drive.device.number, library.name);
	if (library.library.kind == NTMS_LIBRARYTYPE_STANDALONE)
		return delete_library(txn, &library.guid);
	/* A cartridge that was left in it is where nobody knows. */
	key_start(&key);
	key_guid(&key, guid);
	code = send_offline(txn, IX_PLACE, &key);
	return code ? code : store_delete(txn, guid);
}

DWORD forget_drive(struct session *session, const NTMS_GUID *guid)
{
	struct object drive, library;
	struct txn *txn;
	DWORD code = session_begin(session, &txn);

	if (code)
		return code;
	code = check_drive(txn, &session->caller, guid, &drive, &library);
	store_abort(txn);
	if (!code)
		code = presence_look(session, RIGHT_DELETE_DRIVE, &library.guid);
	if (!code)
		code = session_begin(session, &txn);
	return code ? code : txn_end(txn, delete_drive(txn, &session->caller, guid));
}

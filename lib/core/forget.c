/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include "core/access.h"
#include "core/forget.h"
#include "core/media.h"
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

DWORD forget_library(struct txn *txn, const struct caller *caller, const NTMS_GUID *guid)
{
	struct object library;
	DWORD code = store_get(txn, guid, NTMS_LIBRARY, &library);

	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_LIBRARY, "there is no such library");
	if (!code)
		code = access_check(txn, caller, &library, NTMS_MODIFY_ACCESS);
	if (code)
		return code;
	if (library.library.kind == NTMS_LIBRARYTYPE_OFFLINE)
		return ntms_say(ERROR_INVALID_STATE, "the offline library cannot be deleted");
	if (library.opstate != NTMS_NOT_PRESENT)
		return ntms_say(ERROR_INVALID_STATE, "library %s is still connected", library.name);
	return delete_library(txn, guid);
}

DWORD forget_drive(struct txn *txn, const struct caller *caller, const NTMS_GUID *guid)
{
	struct object drive, library;
	struct store_key key;
	DWORD code = store_get(txn, guid, NTMS_DRIVE, &drive);

	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_DRIVE, "there is no such drive");
	if (code)
		return code;
	code = store_get(txn, &drive.device.library, NTMS_LIBRARY, &library);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_LIBRARY, "the library of drive %u is missing",
				drive.device.number);
	if (!code)
		code = access_check(txn, caller, &library, NTMS_MODIFY_ACCESS);
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

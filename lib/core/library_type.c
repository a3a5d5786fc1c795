/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* library_type.c - which media types a library takes, as its administrator says */
#include <stdlib.h>
#include "base/guid.h"
#include "core/media_type.h"
#include "core/rights.h"
#include "core/txn.h"

static DWORD read_both(struct txn *txn, const struct caller *caller, enum right right,
		       const NTMS_GUID *type_guid, const NTMS_GUID *library_guid,
		       struct object *type, struct object *library)
{
	DWORD code = store_get(txn, type_guid, NTMS_MEDIA_TYPE, type);

	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_MEDIA, "there is no such media type");
	if (code)
		return code;
	code = store_get(txn, library_guid, NTMS_LIBRARY, library);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_LIBRARY, "there is no such library");
	return code ? code : rights_check(txn, caller, right, library);
}

DWORD library_add_type(struct txn *txn, const struct caller *caller, const NTMS_GUID *type_guid,
		       const NTMS_GUID *library_guid)
{
	struct object type, library;
	NTMS_GUID same;
	DWORD code =
		read_both(txn, caller, RIGHT_ADD_TYPE, type_guid, library_guid, &type, &library);

	if (code)
		return code;
	if (!library.enabled)
		return ntms_say(ERROR_RESOURCE_DISABLED, "library %s is disabled", library.name);
	if (library.library.kind == NTMS_LIBRARYTYPE_OFFLINE)
		return ntms_say(ERROR_LIBRARY_OFFLINE, "the offline library takes all media");
	if (library.opstate == NTMS_NOT_PRESENT)
		return ntms_say(ERROR_LIBRARY_OFFLINE, "library %s is not connected", library.name);
	return media_type_ensure(txn, type.media_type.code, library_guid, &same);
}

/* What there is of a media type. */
struct use {
	bool here; /* the library in question has cartridges of it */
	bool left; /* cartridges or relations, wherever */
};

static DWORD look(struct txn *txn, const NTMS_GUID *guid, const NTMS_GUID *library, struct use *use)
{
	struct object obj;
	DWORD code = must_exist(store_get(txn, guid, NTMS_UNKNOWN, &obj), "object", "a media type");

	if (code)
		return code;
	if (obj.type == OBJ_TYPE_RELATION)
		use->left = true;
	if (obj.type != NTMS_PHYSICAL_MEDIA)
		return ERROR_SUCCESS;
	use->left = true;
	if (guid_equal(&obj.media.library, library))
		use->here = true;
	return ERROR_SUCCESS;
}

static DWORD find_use(struct txn *txn, const NTMS_GUID *type, const NTMS_GUID *library,
		      struct use *use)
{
	struct store_key key;
	NTMS_GUID *list;
	size_t count;
	DWORD code;

	use->here = false;
	use->left = false;
	key_start(&key);
	key_guid(&key, type);
	code = store_list(txn, IX_TYPE_OF, &key, 0, &list, &count);
	if (code)
		return code;
	for (size_t i = 0; i < count && !code && !use->here; i++)
		code = look(txn, &list[i], library, use);
	free(list);
	return code;
}

static DWORD delete_pools(struct txn *txn, const NTMS_GUID *type)
{
	static const uint32_t kinds[] = {NTMS_POOLTYPE_SCRATCH, NTMS_POOLTYPE_FOREIGN,
					 NTMS_POOLTYPE_IMPORT};
	NTMS_GUID pool;
	DWORD code = ERROR_SUCCESS;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && !code; i++) {
		code = media_type_pool(txn, type, kinds[i], &pool);
		if (!code)
			code = store_delete(txn, &pool);
		if (code == ERROR_OBJECT_NOT_FOUND)
			code = ERROR_SUCCESS;
	}
	return code;
}

DWORD library_delete_type(struct txn *txn, const struct caller *caller, const NTMS_GUID *type_guid,
			  const NTMS_GUID *library_guid)
{
	struct object type, library;
	NTMS_GUID relation;
	struct use use;
	DWORD code =
		read_both(txn, caller, RIGHT_DELETE_TYPE, type_guid, library_guid, &type, &library);

	if (!code)
		code = find_use(txn, type_guid, library_guid, &use);
	if (code)
		return code;
	if (use.here)
		return ntms_say(ERROR_NOT_EMPTY, "library %s has media of type %s", library.name,
				type.name);
	code = media_type_relation(txn, library_guid, type_guid, &relation);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ERROR_SUCCESS; /* it is as wanted */
	if (!code)
		code = store_delete(txn, &relation);
	if (!code)
		code = find_use(txn, type_guid, library_guid, &use);
	return code || use.left ? code : delete_pools(txn, type_guid);
}

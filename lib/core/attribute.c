/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/attribute.h"
#include "core/info_fields.h"
#include "core/machine.h"
#include "core/rights.h"
#include "core/txn.h"

/* An object that callers know of, and may do this with. */
static DWORD read_owner(struct txn *txn, const struct caller *caller, const NTMS_GUID *guid,
			uint32_t type, enum right right)
{
	struct object obj;
	DWORD code = store_get(txn, guid, type, &obj);

	if (!code && !info_type_fields(obj.type, false))
		code = ERROR_OBJECT_NOT_FOUND;
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(code, "there is no such object");
	return code ? code : rights_check(txn, caller, right, &obj);
}

/* The records of an attribute in their order; to be freed. */
static DWORD list_parts(struct txn *txn, const NTMS_GUID *owner, const char *name, NTMS_GUID **list,
			size_t *count)
{
	struct store_key key;

	key_start(&key);
	key_guid(&key, owner);
	key_text(&key, name);
	return store_list(txn, IX_ATTRIBUTE, &key, 0, list, count);
}

/* Read them one behind the other into @data, which has room for @count full ones. */
static DWORD read_parts(struct txn *txn, const NTMS_GUID *list, size_t count, uint8_t *data,
			uint32_t *length)
{
	struct object part;
	DWORD code;

	*length = 0;
	for (size_t i = 0; i < count; i++) {
		code = must_exist(store_get(txn, &list[i], OBJ_TYPE_ATTRIBUTE, &part), "data",
				  "an attribute");
		if (code)
			return code;
		memcpy(data + *length, part.attribute.bytes, part.attribute.length);
		*length += part.attribute.length;
	}
	return ERROR_SUCCESS;
}

DWORD attribute_get(struct txn *txn, const struct caller *caller, const NTMS_GUID *guid,
		    uint32_t type, const char *name, void *data, uint32_t room, uint32_t *length)
{
	NTMS_GUID *list = NULL;
	uint8_t *bytes = NULL;
	uint32_t found = 0;
	size_t count = 0;
	DWORD code = read_owner(txn, caller, guid, type, RIGHT_GET_ATTRIBUTE);

	if (!code)
		code = list_parts(txn, guid, name, &list, &count);
	if (!code && count == 0)
		code = ntms_say(ERROR_OBJECT_NOT_FOUND, "the object has no attribute \"%s\"", name);
	if (code)
		return code;
	bytes = calloc(count, OBJ_ATTRIBUTE_PART_MAX);
	if (!bytes)
		code = ERROR_NOT_ENOUGH_MEMORY;
	if (!code)
		code = read_parts(txn, list, count, bytes, &found);
	if (!code) {
		*length = found;
		if (found > room)
			code = ntms_say(ERROR_INSUFFICIENT_BUFFER,
					"attribute \"%s\" has %u bytes, not %u", name, found, room);
		else
			memcpy(data, bytes, found);
	}
	free(bytes);
	free(list);
	return code;
}

static DWORD delete_parts(struct txn *txn, const NTMS_GUID *owner, const char *name)
{
	NTMS_GUID *list;
	size_t count;
	DWORD code = list_parts(txn, owner, name, &list, &count);

	if (code)
		return code;
	for (size_t i = 0; i < count && !code; i++)
		code = store_delete(txn, &list[i]);
	free(list);
	return code;
}

DWORD attribute_set(struct txn *txn, const struct caller *caller, const NTMS_GUID *guid,
		    const char *name, const void *data, uint32_t length)
{
	DWORD code = read_owner(txn, caller, guid, NTMS_UNKNOWN, RIGHT_SET_ATTRIBUTE);

	if (!code)
		code = delete_parts(txn, guid, name);
	for (uint32_t done = 0; done < length && !code;) {
		struct object part;
		struct obj_attribute *attribute = &part.attribute;

		machine_object(&part, OBJ_TYPE_ATTRIBUTE);
		attribute->owner = *guid;
		snprintf(attribute->name, sizeof(attribute->name), "%s", name);
		attribute->part = done / OBJ_ATTRIBUTE_PART_MAX;
		attribute->length = length - done;
		if (attribute->length > OBJ_ATTRIBUTE_PART_MAX)
			attribute->length = OBJ_ATTRIBUTE_PART_MAX;
		memcpy(attribute->bytes, (const uint8_t *)data + done, attribute->length);
		done += attribute->length;
		code = store_insert(txn, &part);
	}
	return code;
}

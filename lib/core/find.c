/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/guid.h"
#include "base/say.h"
#include "core/find.h"
#include "core/media.h"

/* How many namesakes a message lists. */
#define NAMESAKES_SHOWN 4
/* How many are told apart. */
#define NAMESAKES_KNOWN 64

DWORD find_cartridge(struct txn *txn, const NTMS_GUID *guid, struct object *media)
{
	struct object obj;
	DWORD code = store_get(txn, guid, NTMS_UNKNOWN, &obj);

	if (!code && obj.type == NTMS_LOGICAL_MEDIA)
		code = store_get(txn, &obj.logical.side, NTMS_PARTITION, &obj);
	if (!code && obj.type == NTMS_PARTITION)
		code = store_get(txn, &obj.side.media, NTMS_PHYSICAL_MEDIA, &obj);
	if (code)
		return code;
	if (obj.type != NTMS_PHYSICAL_MEDIA)
		return ntms_say(ERROR_OBJECT_NOT_FOUND, "\"%s\" is not a cartridge", obj.name);
	*media = obj;
	return ERROR_SUCCESS;
}

/* ---- what was found ---- */

struct matches {
	NTMS_GUID guids[NAMESAKES_KNOWN];
	size_t count;
	char names[NAMESAKES_SHOWN * (GUID_TEXT_SIZE + 2)];
};

static void add_match(struct matches *matches, const NTMS_GUID *guid)
{
	char text[GUID_TEXT_SIZE];
	size_t length = strlen(matches->names);

	/* One object is found by its name, by its bar code and by its side's name. */
	for (size_t i = 0; i < matches->count && i < NAMESAKES_KNOWN; i++)
		if (guid_equal(&matches->guids[i], guid))
			return;
	if (matches->count < NAMESAKES_KNOWN)
		matches->guids[matches->count] = *guid;
	if (matches->count++ >= NAMESAKES_SHOWN)
		return;
	guid_format(guid, text);
	snprintf(matches->names + length, sizeof(matches->names) - length, " %s", text);
}

/* An object of the wanted type that @obj stands for: itself, or what belongs to its cartridge. */
static DWORD add_related(struct txn *txn, const struct object *obj, uint32_t type,
			 struct matches *matches)
{
	struct object sides[2], media;
	size_t count;
	DWORD code;

	if (obj->type == type) {
		add_match(matches, &obj->guid);
		return ERROR_SUCCESS;
	}
	if (type != NTMS_PHYSICAL_MEDIA && type != NTMS_PARTITION && type != NTMS_LOGICAL_MEDIA)
		return ERROR_SUCCESS;
	if (obj->type != NTMS_PHYSICAL_MEDIA && obj->type != NTMS_PARTITION &&
	    obj->type != NTMS_LOGICAL_MEDIA)
		return ERROR_SUCCESS;
	if (obj->type == NTMS_LOGICAL_MEDIA && type == NTMS_PARTITION) {
		add_match(matches, &obj->logical.side);
		return ERROR_SUCCESS;
	}
	code = find_cartridge(txn, &obj->guid, &media);
	if (code)
		return code;
	if (type == NTMS_PHYSICAL_MEDIA) {
		add_match(matches, &media.guid);
		return ERROR_SUCCESS;
	}
	code = media_sides(txn, &media.guid, sides, &count);
	for (size_t i = 0; i < count && !code; i++) {
		if (obj->type == NTMS_PARTITION && !guid_equal(&obj->guid, &sides[i].guid))
			continue;
		if (type == NTMS_PARTITION)
			add_match(matches, &sides[i].guid);
		else if (!guid_is_null(&sides[i].side.logical))
			add_match(matches, &sides[i].side.logical);
	}
	return code;
}

static DWORD add_list(struct txn *txn, enum store_index index, const struct store_key *key,
		      uint32_t type, struct matches *matches)
{
	NTMS_GUID *list = NULL;
	struct object obj;
	size_t count = 0;
	DWORD code = store_list(txn, index, key, 0, &list, &count);

	for (size_t i = 0; i < count && !code; i++) {
		code = store_get(txn, &list[i], NTMS_UNKNOWN, &obj);
		if (!code)
			code = add_related(txn, &obj, type, matches);
	}
	free(list);
	return code;
}

/* ---- pools, level by level ---- */

static DWORD find_pool(struct txn *txn, const char *text, const char *separators, NTMS_GUID *guid)
{
	struct object computer;
	struct store_key key;
	char name[OBJ_NAME_SIZE];
	NTMS_GUID parent;
	DWORD code = computer_get(txn, &computer);

	if (code)
		return code;
	parent = computer.computer.root_pool;
	if (*text && strchr(separators, *text))
		text++;
	do {
		size_t length = strcspn(text, separators);

		if (length == 0 || length >= sizeof(name))
			return ERROR_OBJECT_NOT_FOUND;
		memcpy(name, text, length);
		name[length] = '\0';
		key_start(&key);
		key_guid(&key, &parent);
		key_text(&key, name);
		code = store_find(txn, IX_POOL_NAME, &key, &parent);
		if (code)
			return code;
		text += length;
	} while (*text++);
	*guid = parent;
	return ERROR_SUCCESS;
}

/* ---- devices by serial number, node, or number in the library ---- */

static DWORD by_serial(struct txn *txn, const char *text, uint32_t type, struct matches *matches)
{
	struct store_key key;

	if (type != NTMS_LIBRARY && type != NTMS_DRIVE && type != NTMS_CHANGER)
		return ERROR_SUCCESS;
	key_start(&key);
	key_u32(&key, type);
	key_text(&key, text);
	return add_list(txn, IX_SERIAL, &key, type, matches);
}

static bool is_device(uint32_t type)
{
	return type == NTMS_DRIVE || type == NTMS_CHANGER || type == NTMS_STORAGESLOT ||
	       type == NTMS_IEPORT || type == NTMS_IEDOOR;
}

/* "/dev/nst0", or "1" for drive, slot or port 1. */
static DWORD by_node_or_number(struct txn *txn, const char *text, uint32_t type,
			       struct matches *matches)
{
	bool number = text[strspn(text, "0123456789")] == '\0';
	struct store_key key;
	NTMS_GUID *list = NULL;
	struct object obj;
	size_t count = 0;
	DWORD code;

	if (!is_device(type) || (!number && text[0] != '/'))
		return ERROR_SUCCESS;
	key_start(&key);
	key_u32(&key, type);
	code = store_list(txn, IX_TYPE, &key, 0, &list, &count);
	for (size_t i = 0; i < count && !code; i++) {
		code = store_get(txn, &list[i], type, &obj);
		if (code)
			break;
		if (number ? obj.device.number == strtoul(text, NULL, 10)
			   : !strcmp(obj.device.node, text))
			add_match(matches, &obj.guid);
	}
	free(list);
	return code;
}

static DWORD by_text(struct txn *txn, const char *text, uint32_t type, struct matches *matches)
{
	struct store_key key;
	DWORD code;

	key_start(&key);
	key_text(&key, text);
	code = add_list(txn, IX_NAME, &key, type, matches);
	if (!code)
		code = add_list(txn, IX_BARCODE, &key, type, matches);
	if (!code)
		code = by_serial(txn, text, type, matches);
	if (!code)
		code = by_node_or_number(txn, text, type, matches);
	return code;
}

DWORD find_object(struct txn *txn, const char *text, uint32_t type, NTMS_GUID *guid)
{
	struct matches matches = {.count = 0};
	struct object obj;
	NTMS_GUID named;
	DWORD code;

	if (type == NTMS_UNKNOWN || type >= NTMS_UI_DESTINATION)
		return ntms_say(ERROR_NOT_SUPPORTED, "objects of type %u have no names", type);
	if (strlen(text) >= 512)
		return ntms_say(ERROR_OBJECT_NOT_FOUND, "a name of %zu characters is too long",
				strlen(text));
	if (type == NTMS_MEDIA_POOL) {
		code = find_pool(txn, text, "\\", guid);
		/* A slash may be part of a name; where it is not, it is easier to type in a shell.
		 */
		if (code == ERROR_OBJECT_NOT_FOUND)
			code = find_pool(txn, text, "\\/", guid);
		if (code != ERROR_OBJECT_NOT_FOUND)
			return code;
	}
	if (guid_parse(text, &named)) {
		code = store_get(txn, &named, NTMS_UNKNOWN, &obj);
		if (!code)
			code = add_related(txn, &obj, type, &matches);
		if (!code && !matches.count)
			return ntms_say(ERROR_OBJECT_NOT_FOUND,
					"%s is an object of another type (%s)", text, obj.name);
	} else {
		code = by_text(txn, text, type, &matches);
	}
	if (code && code != ERROR_OBJECT_NOT_FOUND)
		return code;
	if (matches.count == 0)
		return ntms_say(ERROR_OBJECT_NOT_FOUND, "nothing is called \"%s\"", text);
	if (matches.count > 1)
		return ntms_say(ERROR_INVALID_NAME,
				"%zu objects are called \"%s\"; name one by GUID:%s", matches.count,
				text, matches.names);
	*guid = matches.guids[0];
	return ERROR_SUCCESS;
}

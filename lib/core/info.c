/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* info.c - records given to callers */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/guid.h"
#include "base/say.h"
#include "base/utf.h"
#include "core/info.h"
#include "core/info_fields.h"
#include "core/media.h"
#include "core/rights.h"
#include "core/txn.h"

#define MS_PER_S 1000

/* dwSize and dwType are at the same place in every layout. */
static void read_head(const struct info *info, DWORD *size, DWORD *type)
{
	memcpy(size, info->bytes, sizeof(*size));
	memcpy(type, (char *)info->bytes + offsetof(NTMS_OBJECTINFORMATIONA, dwType),
	       sizeof(*type));
}

static size_t full_size(bool wide)
{
	return wide ? sizeof(NTMS_OBJECTINFORMATIONW) : sizeof(NTMS_OBJECTINFORMATIONA);
}

static size_t old_size(bool wide)
{
	return wide ? sizeof(NTMS_I1_OBJECTINFORMATIONW) : sizeof(NTMS_I1_OBJECTINFORMATIONA);
}

DWORD info_check(const struct info *info, DWORD *type)
{
	DWORD size;

	if (!info->bytes)
		return ntms_say(ERROR_INVALID_PARAMETER, "lpInfo is missing");
	read_head(info, &size, type);
	if (size < full_size(info->wide) && size != old_size(info->wide))
		return ntms_say(ERROR_INVALID_PARAMETER, "dwSize is %u, and should be %zu", size,
				full_size(info->wide));
	if (*type >= NTMS_NUMBER_OF_OBJECT_TYPES ||
	    (*type != NTMS_UNKNOWN && !info_type_fields(*type, false)))
		return ntms_say(ERROR_INVALID_PARAMETER, "dwType %u is not valid", *type);
	return ERROR_SUCCESS;
}

DWORD info_check_exactly(const struct info *info, uint32_t type)
{
	DWORD size, given;

	read_head(info, &size, &given);
	if (size != full_size(info->wide))
		return ntms_say(ERROR_INVALID_PARAMETER, "dwSize is %u, and should be %zu", size,
				full_size(info->wide));
	if (given != type)
		return ntms_say(ERROR_INVALID_PARAMETER, "dwType is %u, and should be %u", given,
				type);
	return ERROR_SUCCESS;
}

static bool is_old(const struct info *info)
{
	DWORD size, type;

	read_head(info, &size, &type);
	return size < full_size(info->wide);
}

/* ---- what is counted ---- */

static DWORD count_children(struct txn *txn, const NTMS_GUID *container, uint32_t type,
			    uint32_t *number)
{
	struct store_key key;
	size_t count;
	DWORD code;

	key_start(&key);
	key_guid(&key, container);
	key_u32(&key, type);
	code = store_count(txn, IX_CHILD, &key, &count);
	*number = count > UINT32_MAX ? UINT32_MAX : (uint32_t)count;
	return code;
}

/* The lowest number that a device of @type has; 0 when there is none. */
static DWORD find_first(struct txn *txn, const NTMS_GUID *library, uint32_t type, uint32_t *first)
{
	struct object device;
	NTMS_GUID *list = NULL;
	struct store_key key;
	size_t count = 0;
	DWORD code;

	*first = 0;
	key_start(&key);
	key_guid(&key, library);
	key_u32(&key, type);
	code = store_list(txn, IX_CHILD, &key, 0, &list, &count);
	for (size_t i = 0; i < count && !code; i++) {
		code = must_exist(store_get(txn, &list[i], type, &device), "device", "a library");
		if (!code && (i == 0 || device.device.number < *first))
			*first = device.device.number;
	}
	free(list);
	return code;
}

static DWORD derive_library(struct txn *txn, const NTMS_GUID *guid, struct derived *derived)
{
	const struct {
		uint32_t type;
		uint32_t *number;
		uint32_t *first; /* NULL: they have no numbers, or are not looked at one by one */
	} counts[] = {
		{NTMS_DRIVE, &derived->drives, &derived->first_drive},
		{NTMS_STORAGESLOT, &derived->slots, NULL},
		{NTMS_IEDOOR, &derived->doors, &derived->first_door},
		{NTMS_IEPORT, &derived->ports, &derived->first_port},
		{NTMS_CHANGER, &derived->changers, &derived->first_changer},
		{NTMS_PHYSICAL_MEDIA, &derived->media, NULL},
		{OBJ_TYPE_RELATION, &derived->media_types, NULL},
		{NTMS_LIBREQUEST, &derived->requests, NULL},
	};
	DWORD code = ERROR_SUCCESS;

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]) && !code; i++) {
		code = count_children(txn, guid, counts[i].type, counts[i].number);
		if (!code && counts[i].first)
			code = find_first(txn, guid, counts[i].type, counts[i].first);
	}
	/* There may be thousands; none is ever deleted alone, and an inventory counts from 1. */
	derived->first_slot = derived->slots ? 1 : 0;
	return code;
}

static DWORD derive_pool(struct txn *txn, const struct object *pool, struct derived *derived)
{
	struct object computer;
	DWORD code = computer_get(txn, &computer);

	/* The root pool is not shown as a parent. */
	if (!code && !guid_equal(&pool->pool.parent, &computer.computer.root_pool))
		derived->parent = pool->pool.parent;
	if (!code)
		code = count_children(txn, &pool->guid, NTMS_PHYSICAL_MEDIA, &derived->media);
	if (!code)
		code = count_children(txn, &pool->guid, NTMS_LOGICAL_MEDIA, &derived->logical);
	if (!code)
		code = count_children(txn, &pool->guid, NTMS_MEDIA_POOL, &derived->pools);
	return code;
}

static DWORD derive(struct txn *txn, const struct object *obj, struct derived *derived)
{
	memset(derived, 0, sizeof(*derived));
	switch (obj->type) {
	case NTMS_LIBRARY:
		return derive_library(txn, &obj->guid, derived);
	case NTMS_MEDIA_POOL:
		return derive_pool(txn, obj, derived);
	case NTMS_LOGICAL_MEDIA:
		derived->sides = 1;
		return ERROR_SUCCESS;
	case NTMS_LIBREQUEST:
		derived->work_item = guid_is_null(&obj->librequest.work_item)
					     ? obj->guid
					     : obj->librequest.work_item;
		return ERROR_SUCCESS;
	default:
		return ERROR_SUCCESS;
	}
}

/* ---- from the record to the structure ---- */

static void give_time(uint64_t ms, void *to)
{
	SYSTEMTIME system = {0};
	time_t seconds = (time_t)(ms / MS_PER_S);
	struct tm tm;

	/* Never happened: all zero, as Windows has it. */
	if (ms && gmtime_r(&seconds, &tm)) {
		system.wYear = (WORD)(tm.tm_year + 1900);
		system.wMonth = (WORD)(tm.tm_mon + 1);
		system.wDayOfWeek = (WORD)tm.tm_wday;
		system.wDay = (WORD)tm.tm_mday;
		system.wHour = (WORD)tm.tm_hour;
		system.wMinute = (WORD)tm.tm_min;
		system.wSecond = (WORD)tm.tm_sec;
		system.wMilliseconds = (WORD)(ms % MS_PER_S);
	}
	memcpy(to, &system, sizeof(system));
}

static void give(const struct field *field, const char *record, char *bytes, bool wide)
{
	const char *from = record + field->from;
	char *to = bytes + field->at[wide];
	uint64_t large;
	uint32_t number;
	WORD word;

	switch (field->kind) {
	case FIELD_WORD:
		memcpy(&number, from, sizeof(number));
		word = number > UINT16_MAX ? UINT16_MAX : (WORD)number;
		memcpy(to, &word, sizeof(word));
		return;
	case FIELD_TEXT:
		if (wide)
			utf16_give(from, (WCHAR *)(void *)to, field->size[1] / sizeof(WCHAR));
		else
			utf8_give(from, to, field->size[0]);
		return;
	case FIELD_TIME:
		memcpy(&large, from, sizeof(large));
		give_time(large, to);
		return;
	default:
		memcpy(to, from, field->size[wide]);
	}
}

static void give_all(const struct field *fields, const struct object *obj,
		     const struct derived *derived, char *bytes, bool wide)
{
	for (; fields->from_size; fields++)
		give(fields, fields->derived ? (const char *)derived : (const char *)obj, bytes,
		     wide);
}

/* The object, of the type wanted and of one that can be shown. */
static DWORD read_shown(struct txn *txn, const NTMS_GUID *guid, uint32_t type, struct object *obj)
{
	DWORD code = store_get(txn, guid, type, obj);

	if (!code && !info_type_fields(obj->type, false))
		code = ERROR_OBJECT_NOT_FOUND;
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(code, "there is no such object");
	return code;
}

DWORD info_give(struct txn *txn, const struct object *obj, const struct info *info)
{
	/* Aligned for either. */
	union {
		NTMS_OBJECTINFORMATIONA a;
		NTMS_OBJECTINFORMATIONW w;
		char bytes[1];
	} full;
	const struct field *fields;
	struct derived derived;
	DWORD size, type;
	DWORD code = derive(txn, obj, &derived);

	if (code)
		return code;
	fields = info_type_fields(obj->type, is_old(info));
	if (!fields)
		return ntms_say(ERROR_INVALID_PARAMETER, "dwSize is too small for this object");
	read_head(info, &size, &type);
	memset(&full, 0, sizeof(full));
	full.a.dwSize = size;
	full.a.dwType = obj->type;
	give_all(info_common_fields, obj, &derived, full.bytes, info->wide);
	give_all(fields, obj, &derived, full.bytes, info->wide);
	memcpy(info->bytes, &full, size < full_size(info->wide) ? size : full_size(info->wide));
	return ERROR_SUCCESS;
}

DWORD info_get(struct txn *txn, const struct caller *caller, const NTMS_GUID *guid,
	       const struct info *info)
{
	struct object obj;
	DWORD size, type;
	DWORD code;

	read_head(info, &size, &type);
	code = read_shown(txn, guid, type, &obj);
	if (!code)
		code = rights_check(txn, caller, RIGHT_GET_INFORMATION, &obj);
	return code ? code : info_give(txn, &obj, info);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>
#include "base/say.h"
#include "core/enumerate.h"
#include "core/media.h"
#include "core/rights.h"
#include "core/txn.h"

enum place {
	NOWHERE = 1 << 0, /* no container: all there are */
	LIBRARY = 1 << 1,
	POOL = 1 << 2,
	MEDIA = 1 << 3,
	SIDE = 1 << 4,
	LOGICAL = 1 << 5,
};

/* Which types of objects are found where. */
static const uint8_t places[NTMS_NUMBER_OF_OBJECT_TYPES] = {
	[NTMS_CHANGER] = NOWHERE | LIBRARY,
	[NTMS_CHANGER_TYPE] = NOWHERE,
	[NTMS_COMPUTER] = NOWHERE,
	[NTMS_DRIVE] = NOWHERE | LIBRARY,
	[NTMS_DRIVE_TYPE] = NOWHERE,
	[NTMS_IEDOOR] = NOWHERE | LIBRARY,
	[NTMS_IEPORT] = NOWHERE | LIBRARY,
	[NTMS_LIBRARY] = NOWHERE,
	[NTMS_LIBREQUEST] = NOWHERE | LIBRARY,
	[NTMS_LOGICAL_MEDIA] = NOWHERE | POOL | SIDE,
	[NTMS_MEDIA_POOL] = NOWHERE | POOL,
	[NTMS_MEDIA_TYPE] = NOWHERE | LIBRARY,
	[NTMS_OPREQUEST] = NOWHERE,
	[NTMS_PARTITION] = NOWHERE | POOL | MEDIA | LOGICAL,
	[NTMS_PHYSICAL_MEDIA] = NOWHERE | LIBRARY | POOL,
	[NTMS_STORAGESLOT] = NOWHERE | LIBRARY,
};

static uint8_t place_of(uint32_t type)
{
	switch (type) {
	case NTMS_LIBRARY:
		return LIBRARY;
	case NTMS_MEDIA_POOL:
		return POOL;
	case NTMS_PHYSICAL_MEDIA:
		return MEDIA;
	case NTMS_PARTITION:
		return SIDE;
	case NTMS_LOGICAL_MEDIA:
		return LOGICAL;
	default:
		return 0;
	}
}

static DWORD list_children(struct txn *txn, const NTMS_GUID *container, uint32_t type,
			   NTMS_GUID **list, size_t *count)
{
	struct store_key key;

	key_start(&key);
	key_guid(&key, container);
	key_u32(&key, type);
	return store_list(txn, IX_CHILD, &key, 0, list, count);
}

static DWORD list_one(const NTMS_GUID *guid, NTMS_GUID **list, size_t *count)
{
	*list = malloc(sizeof(**list));
	if (!*list)
		return ERROR_NOT_ENOUGH_MEMORY;
	**list = *guid;
	*count = 1;
	return ERROR_SUCCESS;
}

/* The pools at the top; behind the root pool if that is wanted too. */
static DWORD list_top_pools(struct txn *txn, bool with_root, NTMS_GUID **list, size_t *count)
{
	struct object computer;
	NTMS_GUID *longer;
	DWORD code = computer_get(txn, &computer);

	if (!code)
		code = list_children(txn, &computer.computer.root_pool, NTMS_MEDIA_POOL, list,
				     count);
	if (code || !with_root)
		return code;
	longer = realloc(*list, (*count + 1) * sizeof(**list));
	if (!longer) {
		free(*list);
		return ERROR_NOT_ENOUGH_MEMORY;
	}
	memmove(longer + 1, longer, *count * sizeof(*longer));
	longer[0] = computer.computer.root_pool;
	*list = longer;
	(*count)++;
	return ERROR_SUCCESS;
}

/* The media types that a library takes: the other ends of its relations. */
static DWORD list_library_types(struct txn *txn, const NTMS_GUID *library, NTMS_GUID **list,
				size_t *count)
{
	struct object relation;
	DWORD code = list_children(txn, library, OBJ_TYPE_RELATION, list, count);

	if (code)
		return code;
	for (size_t i = 0; i < *count && !code; i++) {
		code = must_exist(store_get(txn, &(*list)[i], OBJ_TYPE_RELATION, &relation),
				  "media type", "a library");
		if (!code)
			(*list)[i] = relation.relation.media_type;
	}
	if (code)
		free(*list);
	return code;
}

static DWORD list_in(struct txn *txn, const struct object *container, uint32_t type,
		     NTMS_GUID **list, size_t *count)
{
	if (container->type == NTMS_LIBRARY && type == NTMS_MEDIA_TYPE)
		return list_library_types(txn, &container->guid, list, count);
	if (container->type == NTMS_LOGICAL_MEDIA)
		return list_one(&container->logical.side, list, count);
	return list_children(txn, &container->guid, type, list, count);
}

static DWORD list_all(struct txn *txn, uint32_t type, DWORD options, NTMS_GUID **list,
		      size_t *count)
{
	struct store_key key;

	if (type == NTMS_MEDIA_POOL)
		return list_top_pools(txn, options & NTMS_ENUM_ROOTPOOL, list, count);
	key_start(&key);
	key_u32(&key, type);
	return store_list(txn, IX_TYPE, &key, 0, list, count);
}

/* The use right on one object of a list, which must be there. */
static DWORD check_one(struct txn *txn, const struct caller *caller, const NTMS_GUID *guid)
{
	struct object obj;
	DWORD code = store_get(txn, guid, NTMS_UNKNOWN, &obj);

	return code ? must_exist(code, "object", "a list")
		    : rights_check(txn, caller, RIGHT_ENUMERATE, &obj);
}

/*
 * Has the caller the use right on all that decides on objects of a type (pools, libraries, the
 * computer)? Of these there are few, and then a million objects need not be read one by one.
 */
static DWORD sees_all(struct txn *txn, const struct caller *caller, uint32_t type, bool *all)
{
	struct object any = {.type = type};
	struct store_key key;
	NTMS_GUID *holders = NULL, none;
	size_t count = 0;
	uint32_t holder = object_holder(&any, &none);
	DWORD code;

	*all = false;
	/* On requests of a library that is gone, the computer decides. */
	if (holder == NTMS_COMPUTER || type == NTMS_LIBREQUEST) {
		code = rights_check(txn, caller, RIGHT_ENUMERATE, NULL);
		if (code)
			return code == ERROR_ACCESS_DENIED ? ERROR_SUCCESS : code;
	}
	key_start(&key);
	key_u32(&key, holder);
	code = store_list(txn, IX_TYPE, &key, 0, &holders, &count);
	for (size_t i = 0; i < count && !code; i++)
		code = check_one(txn, caller, &holders[i]);
	free(holders);
	*all = !code;
	return code == ERROR_ACCESS_DENIED ? ERROR_SUCCESS : code;
}

/* Leave out what the caller has no use right on. */
static DWORD hide(struct txn *txn, const struct caller *caller, uint32_t type, NTMS_GUID *list,
		  size_t *count)
{
	size_t kept = 0;
	bool all;
	DWORD code;

	if (caller->uid == 0)
		return ERROR_SUCCESS;
	code = sees_all(txn, caller, type, &all);
	if (code)
		return code;
	ntms_say_nothing();
	if (all)
		return ERROR_SUCCESS;
	for (size_t i = 0; i < *count; i++) {
		code = check_one(txn, caller, &list[i]);
		if (code && code != ERROR_ACCESS_DENIED)
			return code;
		if (!code)
			list[kept++] = list[i];
	}
	ntms_say_nothing();
	*count = kept;
	return ERROR_SUCCESS;
}

static DWORD check_arguments(uint32_t type, DWORD options, bool contained)
{
	if (type >= NTMS_NUMBER_OF_OBJECT_TYPES || !places[type])
		return ntms_say(ERROR_INVALID_PARAMETER, "objects of type %u cannot be listed",
				type);
	if (options != NTMS_ENUM_DEFAULT && options != NTMS_ENUM_ROOTPOOL)
		return ntms_say(ERROR_INVALID_PARAMETER, "dwOptions 0x%x is not valid", options);
	if (options == NTMS_ENUM_ROOTPOOL && (type != NTMS_MEDIA_POOL || contained))
		return ntms_say(ERROR_INVALID_PARAMETER,
				"NTMS_ENUM_ROOTPOOL is for all media pools only");
	return ERROR_SUCCESS;
}

static DWORD open_container(struct txn *txn, const struct caller *caller, const NTMS_GUID *guid,
			    uint32_t type, struct object *container)
{
	DWORD code = store_get(txn, guid, NTMS_UNKNOWN, container);

	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(code, "there is no such container");
	if (code)
		return code;
	if (!(places[type] & place_of(container->type)))
		return ntms_say(ERROR_INVALID_PARAMETER,
				"objects of type %u are not in \"%s\" (type %u)", type,
				container->name, container->type);
	return rights_check(txn, caller, RIGHT_ENUMERATE, container);
}

DWORD enumerate(struct txn *txn, const struct caller *caller, const NTMS_GUID *guid, DWORD type,
		DWORD options, NTMS_GUID **list, size_t *count)
{
	struct object container;
	DWORD code;

	*list = NULL;
	*count = 0;
	code = check_arguments(type, options, guid);
	if (!code && guid)
		code = open_container(txn, caller, guid, type, &container);
	if (code)
		return code;
	code = guid ? list_in(txn, &container, type, list, count)
		    : list_all(txn, type, options, list, count);
	if (!code) {
		code = hide(txn, caller, type, *list, count);
		if (code)
			free(*list);
	}
	if (code) {
		*list = NULL;
		*count = 0;
	}
	return code;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* info_set.c - records changed by callers */
#include <string.h>
#include "base/guid.h"
#include "base/say.h"
#include "base/utf.h"
#include "core/info.h"
#include "core/info_fields.h"
#include "core/media.h"
#include "core/pool.h"
#include "core/rights.h"
#include "core/txn.h"

#define COUNT_NOTHING 0xFFFFFFFFu /* dwCleanerUsesRemaining: until it no longer cleans */

static DWORD bad_value(const char *what)
{
	return ntms_say(ERROR_INVALID_PARAMETER, "%s is out of its range", what);
}

/* Which objects have a name that callers may change. */
static bool name_is_settable(uint32_t type)
{
	return type == NTMS_LIBRARY || type == NTMS_LOGICAL_MEDIA || type == NTMS_MEDIA_POOL ||
	       type == NTMS_PARTITION || type == NTMS_PHYSICAL_MEDIA;
}

/* Take one member over from the caller's structure; false for malformed text. */
static bool take(const struct field *field, const char *bytes, bool wide, char *record)
{
	const char *from = bytes + field->at[wide];
	char *to = record + field->from;
	uint32_t number;
	WORD word;

	switch (field->kind) {
	case FIELD_WORD:
		memcpy(&word, from, sizeof(word));
		number = word;
		memcpy(to, &number, sizeof(number));
		return true;
	case FIELD_TEXT:
		if (wide)
			return utf16_take((const WCHAR *)(const void *)from,
					  field->size[1] / sizeof(WCHAR), to, field->from_size);
		return utf8_take(from, field->size[0], to, field->from_size);
	default:
		memcpy(to, from, field->from_size);
		return true;
	}
}

static bool take_settable(const struct field *fields, const char *bytes, bool wide,
			  struct object *obj, size_t limit)
{
	for (; fields->from_size; fields++) {
		if (!fields->settable)
			continue;
		if (fields->from == offsetof(struct object, name) && !name_is_settable(obj->type))
			continue;
		/* The first layout ends earlier; what it lacks stays as it is. */
		if (fields->at[wide] + fields->size[wide] > limit)
			continue;
		if (!take(fields, bytes, wide, (char *)obj))
			return false;
	}
	return true;
}

/* ---- what may be set to what ---- */

static DWORD check_library(const struct object *old, struct object *new)
{
	const uint32_t known = NTMS_LIBRARYFLAG_FIXEDOFFLINE | NTMS_LIBRARYFLAG_CLEANERPRESENT |
			       NTMS_LIBRARYFLAG_AUTODETECTCHANGE |
			       NTMS_LIBRARYFLAG_IGNORECLEANERUSESREMAINING |
			       NTMS_LIBRARYFLAG_RECOGNIZECLEANERBARCODE;
	const uint32_t taken = NTMS_LIBRARYFLAG_RECOGNIZECLEANERBARCODE;

	if (new->library.inventory_method > NTMS_INVENTORY_OMID)
		return bad_value("InventoryMethod");
	if (new->library.flags & ~known)
		return bad_value("dwFlags");
	new->library.auto_recovery = new->library.auto_recovery != 0;
	/* The other flags are facts, not wishes. */
	new->library.flags = (old->library.flags & ~taken) | (new->library.flags &taken);
	if (!(new->library.flags &NTMS_LIBRARYFLAG_CLEANERPRESENT))
		new->library.cleaner_uses = old->library.cleaner_uses;
	new->library.flags &= ~(uint32_t)NTMS_LIBRARYFLAG_IGNORECLEANERUSESREMAINING;
	if (new->library.cleaner_uses == COUNT_NOTHING)
		new->library.flags |= NTMS_LIBRARYFLAG_IGNORECLEANERUSESREMAINING;
	return ERROR_SUCCESS;
}

static DWORD check_pool_type(struct txn *txn, const struct object *old, const struct object *new)
{
	struct store_key key;
	struct object type;
	size_t count;
	DWORD code;

	if (guid_equal(&old->pool.media_type, &new->pool.media_type))
		return ERROR_SUCCESS;
	if (!guid_is_null(&new->pool.media_type)) {
		code = store_get(txn, &new->pool.media_type, NTMS_MEDIA_TYPE, &type);
		if (code == ERROR_OBJECT_NOT_FOUND)
			return ntms_say(ERROR_INVALID_PARAMETER, "there is no such media type");
		if (code)
			return code;
	}
	key_start(&key);
	key_guid(&key, &old->guid);
	code = store_count(txn, IX_CHILD, &key, &count);
	if (!code && count)
		code = ntms_say(ERROR_INVALID_PARAMETER,
				"pool \"%s\" is not empty; its media type cannot be changed",
				old->name);
	return code;
}

static DWORD check_pool(struct txn *txn, const struct object *old, const struct object *new)
{
	bool changed = strcmp(old->name, new->name) ||
		       !guid_equal(&old->pool.media_type, &new->pool.media_type) ||
		       old->pool.allocation_policy != new->pool.allocation_policy ||
		       old->pool.deallocation_policy != new->pool.deallocation_policy ||
		       old->pool.max_allocates != new->pool.max_allocates;

	if (!pool_name_valid(new->name))
		return ntms_say(ERROR_INVALID_PARAMETER, "\"%s\" cannot be the name of a pool",
				new->name);
	if (new->pool.allocation_policy & ~(uint32_t)NTMS_ALLOCATE_FROMSCRATCH)
		return bad_value("AllocationPolicy");
	if (new->pool.deallocation_policy & ~(uint32_t)NTMS_DEALLOCATE_TOSCRATCH)
		return bad_value("DeallocationPolicy");
	if (changed && old->pool.kind != NTMS_POOLTYPE_APPLICATION)
		return ntms_say(ERROR_ACCESS_DENIED,
				"pool \"%s\" is the system's; only its description can be changed",
				old->name);
	return check_pool_type(txn, old, new);
}

static DWORD check_computer(const struct object *new)
{
	const struct obj_computer *computer = &new->computer;

	if (computer->librequest_flags &
	    ~(uint32_t)(NTMS_LIBREQFLAGS_NOAUTOPURGE | NTMS_LIBREQFLAGS_NOFAILEDPURGE))
		return bad_value("dwLibRequestFlags");
	if (computer->oprequest_flags &
	    ~(uint32_t)(NTMS_OPREQFLAGS_NOAUTOPURGE | NTMS_OPREQFLAGS_NOFAILEDPURGE |
			NTMS_OPREQFLAGS_NOALERTS | NTMS_OPREQFLAGS_NOTRAYICON))
		return bad_value("dwOpRequestFlags");
	if (computer->pool_policy &
	    ~(uint32_t)(NTMS_POOLPOLICY_PURGEOFFLINESCRATCH | NTMS_POOLPOLICY_KEEPOFFLINEIMPORT))
		return bad_value("dwMediaPoolPolicy");
	return ERROR_SUCCESS;
}

static DWORD check_name(const struct object *obj)
{
	if (!name_is_settable(obj->type) || obj->type == NTMS_MEDIA_POOL)
		return ERROR_SUCCESS;
	if (!obj->name[0])
		return ntms_say(ERROR_INVALID_PARAMETER, "the name must not be empty");
	for (const char *at = obj->name; *at; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7F)
			return ntms_say(ERROR_INVALID_PARAMETER,
					"the name has a control character");
	return ERROR_SUCCESS;
}

static DWORD check_new(struct txn *txn, const struct object *old, struct object *new)
{
	DWORD code = check_name(new);

	if (code)
		return code;
	switch (new->type) {
	case NTMS_LIBRARY:
		return check_library(old, new);
	case NTMS_MEDIA_POOL:
		return check_pool(txn, old, new);
	case NTMS_COMPUTER:
		return check_computer(new);
	default:
		return ERROR_SUCCESS;
	}
}

/* Sides are shown under their cartridge's name, unless they have got one of their own. */
static DWORD rename_sides(struct txn *txn, const struct object *old, const struct object *new)
{
	struct object sides[2];
	size_t count;
	DWORD code;

	if (new->type != NTMS_PHYSICAL_MEDIA || !strcmp(old->name, new->name))
		return ERROR_SUCCESS;
	code = media_sides(txn, &new->guid, sides, &count);
	for (size_t i = 0; !code && i < count; i++) {
		if (strcmp(sides[i].name, old->name))
			continue;
		memcpy(sides[i].name, new->name, sizeof(sides[i].name));
		code = store_update(txn, &sides[i]);
	}
	return code;
}

static size_t given_size(const struct info *info)
{
	size_t full =
		info->wide ? sizeof(NTMS_OBJECTINFORMATIONW) : sizeof(NTMS_OBJECTINFORMATIONA);
	DWORD size;

	memcpy(&size, info->bytes, sizeof(size));
	return size < full ? size : full;
}

static bool take_structure(const struct info *info, struct object *obj)
{
	size_t size = given_size(info);
	bool old = size <
		   (info->wide ? sizeof(NTMS_OBJECTINFORMATIONW) : sizeof(NTMS_OBJECTINFORMATIONA));
	size_t library_end = (info->wide ? offsetof(NTMS_I1_OBJECTINFORMATIONW, Info)
					 : offsetof(NTMS_I1_OBJECTINFORMATIONA, Info)) +
			     sizeof(NTMS_I1_LIBRARYINFORMATION);
	const struct field *fields = info_type_fields(obj->type, old);

	/* In the first layout a library's part ends before the union does. */
	if (old && obj->type == NTMS_LIBRARY)
		size = library_end;
	return take_settable(info_common_fields, info->bytes, info->wide, obj, size) &&
	       (!fields || take_settable(fields, info->bytes, info->wide, obj, size));
}

static bool take_every(const struct field *fields, const struct info *info, struct object *obj)
{
	for (; fields->from_size; fields++)
		if (!fields->derived && fields->kind != FIELD_TIME &&
		    !take(fields, info->bytes, info->wide, (char *)obj))
			return false;
	return true;
}

DWORD info_take(const struct info *info, uint32_t type, struct object *obj)
{
	memset(obj, 0, sizeof(*obj));
	obj->type = type;
	if (take_every(info_common_fields, info, obj) &&
	    take_every(info_type_fields(type, false), info, obj))
		return ERROR_SUCCESS;
	return ntms_say(ERROR_INVALID_PARAMETER, "a text of the record is malformed or too long");
}

DWORD info_set(struct txn *txn, const struct caller *caller, const NTMS_GUID *guid,
	       const struct info *info)
{
	struct object old, new;
	DWORD code, type;

	code = info_check(info, &type);
	if (code)
		return code;
	if (type == NTMS_UNKNOWN)
		return ntms_say(ERROR_INVALID_PARAMETER, "dwType must be the object's type");
	code = store_get(txn, guid, type, &old);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(code, "there is no such object of type %u", type);
	if (!code)
		code = rights_check(txn, caller,
				    type == NTMS_LIBRARY ? RIGHT_SET_INFORMATION_LIBRARY
							 : RIGHT_SET_INFORMATION,
				    &old);
	if (code)
		return code;
	new = old;
	if (!take_structure(info, &new))
		return ntms_say(ERROR_INVALID_PARAMETER,
				"the name or the description is malformed");
	code = check_new(txn, &old, &new);
	if (!code)
		code = store_update(txn, &new);
	if (code == ERROR_ALREADY_EXISTS)
		return ntms_say(ERROR_INVALID_PARAMETER, "there is a pool \"%s\" already",
				new.name);
	return code ? code : rename_sides(txn, &old, &new);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "core/info_fields.h"
#include "core/rights.h"
#include "core/sd.h"
#include "core/security.h"
#include "core/txn.h"

/* Where a type keeps its descriptor; NULL for those that another object's governs. */
static struct obj_security *security_of(struct object *obj)
{
	switch (obj->type) {
	case NTMS_COMPUTER:
		return &obj->computer.security;
	case NTMS_LIBRARY:
		return &obj->library.security;
	case NTMS_MEDIA_POOL:
		return &obj->pool.security;
	default:
		return NULL;
	}
}

static DWORD read_shown(struct txn *txn, const NTMS_GUID *guid, uint32_t type, struct object *obj)
{
	DWORD code = store_get(txn, guid, type, obj);

	if (!code && !info_type_fields(obj->type, false))
		code = ERROR_OBJECT_NOT_FOUND;
	return code == ERROR_OBJECT_NOT_FOUND ? ntms_say(code, "there is no such object") : code;
}

static DWORD check_own(struct object *obj)
{
	if (security_of(obj))
		return ERROR_SUCCESS;
	return ntms_say(ERROR_NO_SECURITY_ON_OBJECT,
			"\"%s\" has no descriptor of its own; that of its pool or library "
			"or of the computer counts",
			obj->name);
}

static DWORD check_sacl(const struct caller *caller, uint32_t parts)
{
	if (!(parts & SACL_SECURITY_INFORMATION) || caller->uid == 0)
		return ERROR_SUCCESS;
	return ntms_say(ERROR_ACCESS_DENIED, "only root may see or change a SACL");
}

/* The parts of @from take the place of those in @to. */
static void take_parts(struct sd_view *to, const struct sd_view *from, uint32_t parts)
{
	if (parts & OWNER_SECURITY_INFORMATION)
		to->owner = from->owner;
	if (parts & GROUP_SECURITY_INFORMATION)
		to->group = from->group;
	if (parts & DACL_SECURITY_INFORMATION) {
		to->dacl = from->dacl;
		to->dacl_present = from->dacl_present;
	}
	if (parts & SACL_SECURITY_INFORMATION)
		to->sacl = from->sacl;
}

static bool parse(const struct obj_security *security, struct sd_view *view)
{
	return security->length <= sizeof(security->bytes) &&
	       sd_parse(security->bytes, security->length, view);
}

DWORD security_get(struct txn *txn, const struct caller *caller, const NTMS_GUID *guid,
		   uint32_t type, uint32_t parts, struct obj_security *security)
{
	struct sd_view whole, wanted = {0};
	struct object obj;
	DWORD code = read_shown(txn, guid, type, &obj);

	if (!code)
		code = rights_check(txn, caller, RIGHT_GET_SECURITY, &obj);
	if (!code)
		code = check_own(&obj);
	if (!code)
		code = check_sacl(caller, parts);
	if (code)
		return code;
	if (!parse(security_of(&obj), &whole))
		return ntms_say(ERROR_DATABASE_FAILURE, "the descriptor of \"%s\" is damaged",
				obj.name);
	take_parts(&wanted, &whole, parts);
	if (!sd_compose(security, &wanted))
		return ntms_say(ERROR_DATABASE_FAILURE, "the descriptor of \"%s\" is too long",
				obj.name);
	return ERROR_SUCCESS;
}

static DWORD missing(const char *part)
{
	return ntms_say(ERROR_INVALID_PARAMETER, "the descriptor has no %s to be set", part);
}

/* Silence about a DACL is not the wish to let everybody do everything. */
static DWORD check_given(const struct sd_view *given, uint32_t parts)
{
	if ((parts & OWNER_SECURITY_INFORMATION) && !given->owner)
		return missing("owner");
	if ((parts & GROUP_SECURITY_INFORMATION) && !given->group)
		return missing("group");
	if ((parts & DACL_SECURITY_INFORMATION) && !given->dacl_present)
		return missing("DACL");
	return ERROR_SUCCESS;
}

static DWORD check_rights(struct txn *txn, const struct caller *caller, uint32_t parts,
			  const struct object *obj)
{
	DWORD code = ERROR_SUCCESS;

	if (parts & DACL_SECURITY_INFORMATION)
		code = rights_check(txn, caller, RIGHT_SET_SECURITY_DACL, obj);
	if (!code && (parts & (OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION)))
		code = rights_check(txn, caller, RIGHT_SET_SECURITY_OWNER, obj);
	return code;
}

DWORD security_set(struct txn *txn, const struct caller *caller, const NTMS_GUID *guid,
		   uint32_t type, uint32_t parts, const struct obj_security *given)
{
	struct sd_view new, whole = {0};
	struct obj_security made;
	struct object obj;
	DWORD code;

	if (!parse(given, &new))
		return ntms_say(ERROR_INVALID_PARAMETER, "the descriptor is malformed");
	code = check_given(&new, parts);
	if (!code)
		code = read_shown(txn, guid, type, &obj);
	if (!code)
		code = check_rights(txn, caller, parts, &obj);
	if (!code)
		code = check_own(&obj);
	if (!code)
		code = check_sacl(caller, parts);
	if (code)
		return code;
	/* Of a damaged one nothing is kept: only root gets here, to mend it. */
	if (!parse(security_of(&obj), &whole))
		memset(&whole, 0, sizeof(whole));
	take_parts(&whole, &new, parts);
	if (!sd_compose(&made, &whole))
		return ntms_say(ERROR_INVALID_PARAMETER,
				"the descriptor would be longer than %zu bytes",
				sizeof(made.bytes));
	*security_of(&obj) = made;
	return store_update(txn, &obj);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "base/guid.h"
#include "base/say.h"
#include "core/access.h"
#include "core/media.h"
#include "core/sd.h"

#define GENERIC_READ_BIT    0x80000000u
#define GENERIC_WRITE_BIT   0x40000000u
#define GENERIC_EXECUTE_BIT 0x20000000u
#define GENERIC_ALL_BIT	    0x10000000u
#define ALL_RIGHTS                                                                               \
	(NTMS_USE_ACCESS | NTMS_MODIFY_ACCESS | NTMS_CONTROL_ACCESS | READ_CONTROL | WRITE_DAC | \
	 WRITE_OWNER)

static const struct obj_security *security_of(const struct object *holder)
{
	switch (holder->type) {
	case NTMS_LIBRARY:
		return &holder->library.security;
	case NTMS_MEDIA_POOL:
		return &holder->pool.security;
	default:
		return &holder->computer.security;
	}
}

static bool caller_is(const struct caller *caller, const uint8_t *sid)
{
	uint32_t id;

	switch (sd_sid_who(sid, &id)) {
	case SD_EVERYONE:
		return true;
	case SD_USER:
		return caller->uid == id;
	case SD_GROUP:
		for (size_t i = 0; i < caller->group_count; i++)
			if (caller->groups[i] == id)
				return true;
		return false;
	default:
		return false;
	}
}

static uint32_t specific_rights(uint32_t mask)
{
	uint32_t rights = mask & ALL_RIGHTS;

	if (mask & GENERIC_READ_BIT)
		rights |= NTMS_USE_ACCESS | READ_CONTROL;
	if (mask & GENERIC_WRITE_BIT)
		rights |= NTMS_USE_ACCESS | NTMS_MODIFY_ACCESS | WRITE_DAC;
	if (mask & (GENERIC_EXECUTE_BIT | GENERIC_ALL_BIT))
		rights |= ALL_RIGHTS & ~WRITE_OWNER;
	return rights;
}

/* The rights out of @wanted that the descriptor does not give. */
static uint32_t rights_missing(const struct obj_security *security, const struct caller *caller,
			       uint32_t wanted)
{
	struct sd_view view;
	struct sd_ace ace;
	size_t position = 0;

	/* A holder without a readable descriptor is root's alone. */
	if (security->length > sizeof(security->bytes) ||
	    !sd_parse(security->bytes, security->length, &view))
		return wanted;
	if (!view.dacl)
		return 0;
	if (view.owner && caller_is(caller, view.owner))
		wanted &= ~(READ_CONTROL | WRITE_DAC | WRITE_OWNER);
	while (wanted && sd_next_ace(view.dacl, &position, &ace)) {
		uint32_t rights = specific_rights(ace.mask);

		if ((ace.flags & SD_INHERIT_ONLY_ACE) || !caller_is(caller, ace.sid.bytes))
			continue;
		if (ace.type == SD_ACE_DENY && (rights & wanted))
			return wanted;
		if (ace.type == SD_ACE_ALLOW)
			wanted &= ~rights;
	}
	return wanted;
}

static const char *right_word(uint32_t rights)
{
	if (rights & NTMS_CONTROL_ACCESS)
		return "control";
	if (rights & NTMS_MODIFY_ACCESS)
		return "modify";
	if (rights & NTMS_USE_ACCESS)
		return "use";
	if (rights & READ_CONTROL)
		return "read-control";
	return rights & WRITE_DAC ? "write-dac" : "write-owner";
}

static const char *holder_word(uint32_t type)
{
	if (type == NTMS_LIBRARY)
		return "library";
	return type == NTMS_MEDIA_POOL ? "media pool" : "computer";
}

static DWORD judge(const struct object *holder, const struct caller *caller, DWORD rights)
{
	uint32_t missing = rights_missing(security_of(holder), caller, rights);

	if (!missing)
		return ERROR_SUCCESS;
	return ntms_say(ERROR_ACCESS_DENIED, "user %u lacks the %s right on %s \"%s\"",
			(unsigned int)caller->uid, right_word(missing), holder_word(holder->type),
			holder->name);
}

DWORD access_check(struct txn *txn, const struct caller *caller, const struct object *obj,
		   DWORD rights)
{
	struct object holder;
	NTMS_GUID guid;
	uint32_t who;
	DWORD code;

	if (caller->uid == 0)
		return ERROR_SUCCESS;
	who = object_holder(obj, &guid);
	if (who == obj->type)
		return judge(obj, caller, rights);
	if (who == NTMS_COMPUTER)
		return access_check_computer(txn, caller, rights);
	code = store_get(txn, &guid, who, &holder);
	/* Old requests outlive their library: then the computer decides. */
	if (code == ERROR_OBJECT_NOT_FOUND && obj->type == NTMS_LIBREQUEST)
		return access_check_computer(txn, caller, rights);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_DATABASE_FAILURE, "the %s of \"%s\" is not in the database",
				holder_word(who), obj->name);
	if (code)
		return code;
	return judge(&holder, caller, rights);
}

DWORD access_check_computer(struct txn *txn, const struct caller *caller, DWORD rights)
{
	struct object computer;
	DWORD code;

	if (caller->uid == 0)
		return ERROR_SUCCESS;
	code = computer_get(txn, &computer);
	if (code)
		return code;
	return judge(&computer, caller, rights);
}

static void allow(struct sd_ace *ace, enum sd_who who, uint32_t id, uint32_t mask)
{
	memset(ace, 0, sizeof(*ace));
	ace->type = SD_ACE_ALLOW;
	ace->flags = SD_CONTAINER_INHERIT_ACE;
	ace->mask = mask;
	sd_sid_make(&ace->sid, who, id);
}

/* The parent's entries that go on to what is below it. */
static size_t inherit(const struct object *parent, struct sd_ace *aces, size_t room)
{
	const struct obj_security *security = &parent->pool.security;
	struct sd_view view;
	struct sd_ace ace;
	size_t position = 0, count = 0;

	if (security->length > sizeof(security->bytes) ||
	    !sd_parse(security->bytes, security->length, &view) || !view.dacl)
		return 0;
	while (sd_next_ace(view.dacl, &position, &ace)) {
		if (!(ace.flags & SD_CONTAINER_INHERIT_ACE))
			continue;
		/* All or none: half of a list could allow what the other half denies. */
		if (count == room)
			return 0;
		aces[count] = ace;
		aces[count].flags &= (uint8_t)~SD_INHERIT_ONLY_ACE;
		aces[count].flags |= SD_INHERITED_ACE;
		if (ace.flags & SD_NO_PROPAGATE_ACE)
			aces[count].flags &= (uint8_t)~SD_CONTAINER_INHERIT_ACE;
		count++;
	}
	return count;
}

void access_system(struct obj_security *security, uid_t maker)
{
	struct sd_ace aces[3];
	struct sd_sid owner, group;
	size_t count = 0;

	sd_sid_make(&owner, SD_USER, maker);
	sd_sid_make(&group, SD_GROUP, 0);
	allow(&aces[count++], SD_EVERYONE, 0, NTMS_USE_ACCESS | READ_CONTROL);
	if (maker != 0)
		allow(&aces[count++], SD_USER, maker, ALL_RIGHTS);
	allow(&aces[count++], SD_USER, 0, ALL_RIGHTS);
	sd_build(security, &owner, &group, aces, count);
}

DWORD access_maker(struct txn *txn, uid_t *maker)
{
	struct object computer;
	struct sd_view view;
	uint32_t id;
	DWORD code = computer_get(txn, &computer);
	const struct obj_security *security = &computer.computer.security;

	*maker = 0;
	if (!code && security->length <= sizeof(security->bytes) &&
	    sd_parse(security->bytes, security->length, &view) && view.owner &&
	    sd_sid_who(view.owner, &id) == SD_USER)
		*maker = id;
	return code;
}

void access_default(struct obj_security *security, const struct caller *caller,
		    const struct object *parent)
{
	struct sd_ace aces[40];
	struct sd_sid owner, group;
	size_t own = 0, inherited = 0;

	sd_sid_make(&owner, SD_USER, caller->uid);
	sd_sid_make(&group, SD_GROUP, caller->group_count ? caller->groups[0] : 0);
	if (caller->uid != 0)
		allow(&aces[own++], SD_USER, caller->uid, ALL_RIGHTS);
	allow(&aces[own++], SD_USER, 0, ALL_RIGHTS);
	if (parent)
		inherited = inherit(parent, aces + own, sizeof(aces) / sizeof(aces[0]) - own);
	if (!sd_build(security, &owner, &group, aces, own + inherited))
		sd_build(security, &owner, &group, aces, own);
}

DWORD access_import(struct obj_security *security, const void *descriptor, size_t length)
{
	struct sd_view view;

	/* A descriptor tells its own size; a caller that does not know it passes the limit. */
	if (length > sizeof(security->bytes))
		length = sizeof(security->bytes);
	if (!sd_parse(descriptor, length, &view))
		return ntms_say(
			ERROR_INVALID_PARAMETER,
			"the security descriptor is malformed, not self-relative, or longer "
			"than %zu bytes",
			sizeof(security->bytes));
	memset(security, 0, sizeof(*security));
	memcpy(security->bytes, descriptor, view.extent);
	security->length = (uint32_t)view.extent;
	return ERROR_SUCCESS;
}

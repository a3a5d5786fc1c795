/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "core/sd.h"

/* Layout: a header of 20 bytes, then SIDs and ACLs anywhere behind it; all little-endian. */
#define SD_HEADER	 20
#define SD_REVISION	 1
#define SD_DACL_PRESENT	 0x0004
#define SD_SACL_PRESENT	 0x0010
#define SD_SELF_RELATIVE 0x8000
#define ACL_HEADER	 8
#define ACL_REVISION	 2
#define ACL_REVISION_DS	 4
#define ACE_HEADER	 8
#define SID_HEADER	 8
#define SID_REVISION	 1
#define SID_SUBS_MAX	 15
#define AUTHORITY_WORLD	 1
#define AUTHORITY_UNIX	 22
#define UNIX_SUB_USER	 1
#define UNIX_SUB_GROUP	 2

static uint16_t get16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static uint32_t get32(const uint8_t *bytes)
{
	return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

static void put16(uint8_t *bytes, size_t value)
{
	bytes[0] = (uint8_t)value;
	bytes[1] = (uint8_t)(value >> 8);
}

static void put32(uint8_t *bytes, size_t value)
{
	put16(bytes, value & 0xFFFF);
	put16(bytes + 2, value >> 16);
}

/* The length of a SID of which at most @room bytes may be read; 0 if it is malformed. */
static size_t sid_length(const uint8_t *sid, size_t room)
{
	size_t length;

	if (room < SID_HEADER || sid[0] != SID_REVISION || sid[1] > SID_SUBS_MAX)
		return 0;
	length = SID_HEADER + 4u * sid[1];
	return length <= room ? length : 0;
}

/* The ACE at @ace; 0 if it is malformed. Only types with one mask and one SID are taken. */
static size_t ace_length(const uint8_t *ace, size_t room)
{
	size_t length;

	if (room < ACE_HEADER)
		return 0;
	length = get16(ace + 2);
	if (ace[0] != SD_ACE_ALLOW && ace[0] != SD_ACE_DENY)
		return 0;
	if (length > room || length % 4 || length < ACE_HEADER + SID_HEADER)
		return 0;
	return sid_length(ace + ACE_HEADER, length - ACE_HEADER) ? length : 0;
}

/* The length of an ACL; 0 if it is malformed. A SACL's audit ACEs are not looked into. */
static size_t acl_length(const uint8_t *acl, size_t room, bool discretionary)
{
	size_t length, position = ACL_HEADER;

	if (room < ACL_HEADER)
		return 0;
	length = get16(acl + 2);
	if ((acl[0] != ACL_REVISION && acl[0] != ACL_REVISION_DS) || length < ACL_HEADER ||
	    length > room)
		return 0;
	for (unsigned int left = discretionary ? get16(acl + 4) : 0; left > 0; left--) {
		size_t ace = ace_length(acl + position, length - position);

		if (ace == 0)
			return 0;
		position += ace;
	}
	return length;
}

/* The part at @offset: NULL with *good true if there is none. */
static const uint8_t *part(const uint8_t *bytes, size_t length, size_t offset, bool *good)
{
	if (offset == 0)
		return NULL;
	if (offset < SD_HEADER || offset % 4 || offset >= length) {
		*good = false;
		return NULL;
	}
	return bytes + offset;
}

static void extend(struct sd_view *view, const uint8_t *bytes, const uint8_t *at, size_t length,
		   bool *good)
{
	size_t end = (size_t)(at - bytes) + length;

	if (length == 0)
		*good = false;
	else if (end > view->extent)
		view->extent = end;
}

bool sd_parse(const uint8_t *bytes, size_t length, struct sd_view *view)
{
	bool good = true;
	uint16_t control;

	memset(view, 0, sizeof(*view));
	if (length < SD_HEADER || bytes[0] != SD_REVISION)
		return false;
	control = get16(bytes + 2);
	if (!(control & SD_SELF_RELATIVE))
		return false;
	view->extent = SD_HEADER;
	view->dacl_present = control & SD_DACL_PRESENT;
	view->owner = part(bytes, length, get32(bytes + 4), &good);
	view->group = part(bytes, length, get32(bytes + 8), &good);
	if (control & SD_SACL_PRESENT)
		view->sacl = part(bytes, length, get32(bytes + 12), &good);
	if (control & SD_DACL_PRESENT)
		view->dacl = part(bytes, length, get32(bytes + 16), &good);
	if (!good)
		return false;
#define ROOM(at) (length - (size_t)((at)-bytes))
	if (view->owner)
		extend(view, bytes, view->owner, sid_length(view->owner, ROOM(view->owner)), &good);
	if (view->group)
		extend(view, bytes, view->group, sid_length(view->group, ROOM(view->group)), &good);
	if (view->sacl)
		extend(view, bytes, view->sacl, acl_length(view->sacl, ROOM(view->sacl), false),
		       &good);
	if (view->dacl)
		extend(view, bytes, view->dacl, acl_length(view->dacl, ROOM(view->dacl), true),
		       &good);
#undef ROOM
	return good;
}

bool sd_next_ace(const uint8_t *dacl, size_t *position, struct sd_ace *ace)
{
	const uint8_t *at;
	size_t count = get16(dacl + 4);
	size_t offset = ACL_HEADER;

	if (*position >= count)
		return false;
	for (size_t i = 0; i < *position; i++)
		offset += get16(dacl + offset + 2);
	at = dacl + offset;
	ace->type = at[0];
	ace->flags = at[1];
	ace->mask = get32(at + 4);
	ace->sid.length = sid_length(at + ACE_HEADER, get16(at + 2) - (size_t)ACE_HEADER);
	memcpy(ace->sid.bytes, at + ACE_HEADER, ace->sid.length);
	(*position)++;
	return true;
}

enum sd_who sd_sid_who(const uint8_t *sid, uint32_t *id)
{
	static const uint8_t world[] = {SID_REVISION,	 1, 0, 0, 0, 0, 0,
					AUTHORITY_WORLD, 0, 0, 0, 0};
	static const uint8_t unix_prefix[] = {SID_REVISION, 2, 0, 0, 0, 0, 0, AUTHORITY_UNIX};

	*id = 0;
	if (sid[1] == 1 && memcmp(sid, world, sizeof(world)) == 0)
		return SD_EVERYONE;
	if (sid[1] != 2 || memcmp(sid, unix_prefix, sizeof(unix_prefix)))
		return SD_OTHER;
	*id = get32(sid + SID_HEADER + 4);
	switch (get32(sid + SID_HEADER)) {
	case UNIX_SUB_USER:
		return SD_USER;
	case UNIX_SUB_GROUP:
		return SD_GROUP;
	default:
		return SD_OTHER;
	}
}

void sd_sid_make(struct sd_sid *sid, enum sd_who who, uint32_t id)
{
	memset(sid, 0, sizeof(*sid));
	sid->bytes[0] = SID_REVISION;
	if (who == SD_EVERYONE) {
		sid->bytes[1] = 1;
		sid->bytes[7] = AUTHORITY_WORLD;
		sid->length = SID_HEADER + 4;
		return;
	}
	sid->bytes[1] = 2;
	sid->bytes[7] = AUTHORITY_UNIX;
	put32(sid->bytes + SID_HEADER, who == SD_USER ? UNIX_SUB_USER : UNIX_SUB_GROUP);
	put32(sid->bytes + SID_HEADER + 4, id);
	sid->length = SID_HEADER + 8;
}

bool sd_build(struct obj_security *security, const struct sd_sid *owner, const struct sd_sid *group,
	      const struct sd_ace *aces, size_t count)
{
	size_t acl = SD_HEADER + owner->length + group->length;
	size_t length = acl + ACL_HEADER;
	uint8_t *bytes = security->bytes;
	size_t at = length;

	for (size_t i = 0; i < count; i++)
		length += ACE_HEADER + aces[i].sid.length;
	memset(security, 0, sizeof(*security));
	if (length > sizeof(security->bytes))
		return false;
	bytes[0] = SD_REVISION;
	put16(bytes + 2, SD_SELF_RELATIVE | SD_DACL_PRESENT);
	put32(bytes + 4, SD_HEADER);
	put32(bytes + 8, SD_HEADER + owner->length);
	put32(bytes + 16, acl);
	memcpy(bytes + SD_HEADER, owner->bytes, owner->length);
	memcpy(bytes + SD_HEADER + owner->length, group->bytes, group->length);
	bytes[acl] = ACL_REVISION;
	put16(bytes + acl + 2, length - acl);
	put16(bytes + acl + 4, count);
	for (size_t i = 0; i < count; i++) {
		bytes[at] = aces[i].type;
		bytes[at + 1] = aces[i].flags;
		put16(bytes + at + 2, ACE_HEADER + aces[i].sid.length);
		put32(bytes + at + 4, aces[i].mask);
		memcpy(bytes + at + ACE_HEADER, aces[i].sid.bytes, aces[i].sid.length);
		at += ACE_HEADER + aces[i].sid.length;
	}
	security->length = (uint32_t)length;
	return true;
}

/* Put a part behind the others, its offset at @field of the header; false if it does not fit. */
static bool append(struct obj_security *security, size_t field, const uint8_t *part, size_t length)
{
	if (!part)
		return true;
	if (length > sizeof(security->bytes) - security->length)
		return false;
	put32(security->bytes + field, security->length);
	memcpy(security->bytes + security->length, part, length);
	security->length += (uint32_t)((length + 3) & ~(size_t)3);
	return security->length <= sizeof(security->bytes);
}

bool sd_compose(struct obj_security *security, const struct sd_view *parts)
{
	uint16_t control = SD_SELF_RELATIVE;

	if (parts->dacl_present)
		control |= SD_DACL_PRESENT;
	if (parts->sacl)
		control |= SD_SACL_PRESENT;
	memset(security, 0, sizeof(*security));
	security->bytes[0] = SD_REVISION;
	put16(security->bytes + 2, control);
	security->length = SD_HEADER;
	/* They have been checked; their lengths can be believed. */
	return append(security, 4, parts->owner,
		      parts->owner ? sid_length(parts->owner, SD_SID_MAX) : 0) &&
	       append(security, 8, parts->group,
		      parts->group ? sid_length(parts->group, SD_SID_MAX) : 0) &&
	       append(security, 12, parts->sacl, parts->sacl ? get16(parts->sacl + 2) : 0) &&
	       append(security, 16, parts->dacl, parts->dacl ? get16(parts->dacl + 2) : 0);
}

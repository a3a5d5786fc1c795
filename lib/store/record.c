/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * record.c - objects as bytes
 *
 * A record is a version (u16), the type (u16), the fields common to all objects and
 * those of the type, in the order of the tables below. Numbers are little-endian,
 * text and bytes are preceded by their length (u16).
 *
 * A new field is added at the end of a table with the record version in which it
 * appeared. In an older record it is missing and reads as zero; a record of a
 * version that is not known here is refused.
 */
#include <endian.h>
#include <stdio.h>
#include "store/private.h"

#define RECORD_VERSION 3

enum kind { KIND_U32, KIND_U64, KIND_GUID, KIND_TEXT, KIND_BYTES };

struct field {
	uint16_t since; /* record version; 0 ends a table */
	uint8_t kind;
	size_t offset;
	size_t size;   /* of text with its NUL, of bytes at most */
	size_t length; /* offset of the u32 that counts the bytes */
};

#define SIZE_OF(member) sizeof(((struct object *)0)->member)
#define U32(since, member)                                             \
	{                                                              \
		since, KIND_U32, offsetof(struct object, member), 4, 0 \
	}
#define U64(since, member)                                             \
	{                                                              \
		since, KIND_U64, offsetof(struct object, member), 8, 0 \
	}
#define FIELD_GUID(since, member)                                        \
	{                                                                \
		since, KIND_GUID, offsetof(struct object, member), 16, 0 \
	}
#define TEXT(since, member)                                                           \
	{                                                                             \
		since, KIND_TEXT, offsetof(struct object, member), SIZE_OF(member), 0 \
	}
#define BYTES(since, member, count)                                                  \
	{                                                                            \
		since, KIND_BYTES, offsetof(struct object, member), SIZE_OF(member), \
			offsetof(struct object, count)                               \
	}
#define SECURITY(since, member) BYTES(since, member.bytes, member.length)
#define END                   \
	{                     \
		0, 0, 0, 0, 0 \
	}

static const struct field header_fields[] = {
	U64(1, seq),	 U64(1, created_ms), U64(1, modified_ms),  U32(1, enabled),
	U32(1, opstate), TEXT(1, name),	     TEXT(1, description), END,
};

static const struct field computer_fields[] = {
	U32(1, computer.librequest_purge_s),
	U32(1, computer.oprequest_purge_s),
	U32(1, computer.librequest_flags),
	U32(1, computer.oprequest_flags),
	U32(1, computer.pool_policy),
	FIELD_GUID(1, computer.root_pool),
	FIELD_GUID(1, computer.offline_library),
	U64(1, computer.next_sequence_number),
	SECURITY(1, computer.security),
	END,
};

static const struct field library_fields[] = {
	U32(1, library.kind),
	U32(1, library.inventory_method),
	U32(1, library.auto_recovery),
	U32(1, library.flags),
	FIELD_GUID(1, library.cleaner_slot),
	FIELD_GUID(1, library.cleaner_slot_default),
	U32(1, library.cleaner_uses),
	U32(1, library.supports_cleaning),
	U32(1, library.barcode_reader),
	TEXT(1, library.broker),
	TEXT(1, library.serial),
	SECURITY(1, library.security),
	END,
};

static const struct field device_fields[] = {
	FIELD_GUID(1, device.library),	U32(1, device.number),
	U32(1, device.element),		U32(1, device.state),
	U32(1, device.position),	FIELD_GUID(1, device.device_type),
	TEXT(1, device.serial),		TEXT(1, device.revision),
	TEXT(1, device.node),		U32(1, device.scsi_host),
	U32(1, device.scsi_channel),	U32(1, device.scsi_target),
	U32(1, device.scsi_lun),	U32(1, device.mount_count),
	U64(1, device.last_cleaned_ms), FIELD_GUID(1, device.side),
	U32(1, device.defer_delay_s),	U64(1, device.deferred_since_ms),
	U32(1, device.limit_s),		FIELD_GUID(1, device.mount_request),
	U64(1, device.generation),	END,
};

static const struct field device_type_fields[] = {
	TEXT(1, device_type.vendor),
	TEXT(1, device_type.product),
	U32(1, device_type.device_type),
	END,
};

static const struct field pool_fields[] = {
	U32(1, pool.kind),
	FIELD_GUID(1, pool.media_type),
	FIELD_GUID(1, pool.parent),
	U32(1, pool.allocation_policy),
	U32(1, pool.deallocation_policy),
	U32(1, pool.max_allocates),
	SECURITY(1, pool.security),
	END,
};

static const struct field media_type_fields[] = {
	U32(1, media_type.code),
	U32(1, media_type.sides),
	U32(1, media_type.rw),
	U32(1, media_type.device_type),
	END,
};

static const struct field relation_fields[] = {
	FIELD_GUID(1, relation.library),
	FIELD_GUID(1, relation.media_type),
	END,
};

static const struct field media_fields[] = {
	FIELD_GUID(1, media.library),
	FIELD_GUID(1, media.pool),
	FIELD_GUID(1, media.media_type),
	FIELD_GUID(1, media.location),
	U32(1, media.location_type),
	FIELD_GUID(1, media.home_slot),
	TEXT(1, media.barcode),
	U32(1, media.barcode_state),
	TEXT(1, media.sequence),
	U32(1, media.state),
	U32(1, media.sides),
	U32(1, media.medium_code),
	U32(1, media.density_code),
	FIELD_GUID(1, media.mounted_side),
	U32(3, media.turned),
	END,
};

static const struct field side_fields[] = {
	FIELD_GUID(1, side.media),
	FIELD_GUID(1, side.logical),
	FIELD_GUID(1, side.pool),
	U32(1, side.state),
	U32(1, side.side),
	U32(1, side.usable),
	BYTES(1, side.label_id, side.label_id_length),
	TEXT(1, side.label_type),
	TEXT(1, side.label_info),
	U32(1, side.mount_count),
	U32(1, side.allocate_count),
	U64(1, side.capacity),
	END,
};

static const struct field logical_fields[] = {
	FIELD_GUID(1, logical.side),
	FIELD_GUID(1, logical.pool),
	U32(1, logical.allocated_new),
	END,
};

static const struct field librequest_fields[] = {
	U32(1, librequest.operation),
	U32(1, librequest.option),
	U32(1, librequest.state),
	FIELD_GUID(1, librequest.side),
	FIELD_GUID(1, librequest.drive),
	FIELD_GUID(1, librequest.media),
	FIELD_GUID(1, librequest.library),
	FIELD_GUID(1, librequest.slot),
	FIELD_GUID(1, librequest.work_item),
	FIELD_GUID(1, librequest.token),
	FIELD_GUID(1, librequest.group),
	U64(1, librequest.queued_ms),
	U64(1, librequest.completed_ms),
	U64(1, librequest.deadline_ms),
	U32(1, librequest.error),
	U32(1, librequest.priority),
	U32(1, librequest.order),
	U32(1, librequest.mount_options),
	TEXT(1, librequest.application),
	TEXT(1, librequest.user),
	TEXT(1, librequest.computer),
	U32(1, librequest.pid),
	TEXT(1, librequest.waits_for),
	U32(1, librequest.move),
	FIELD_GUID(1, librequest.move_media),
	FIELD_GUID(1, librequest.move_from),
	FIELD_GUID(1, librequest.move_to),
	U32(2, librequest.phase),
	U32(2, librequest.uses),
	END,
};

static const struct field oprequest_fields[] = {
	U32(1, oprequest.command),   U32(1, oprequest.state),	    U64(1, oprequest.submitted_ms),
	TEXT(1, oprequest.message),  U32(1, oprequest.arg1_type),   FIELD_GUID(1, oprequest.arg1),
	U32(1, oprequest.arg2_type), FIELD_GUID(1, oprequest.arg2), TEXT(1, oprequest.application),
	TEXT(1, oprequest.user),     TEXT(1, oprequest.computer),   END,
};

static const struct field destination_fields[] = {
	FIELD_GUID(1, destination.owner),
	U32(1, destination.owner_type),
	U32(1, destination.ui_type),
	TEXT(1, destination.computer),
	END,
};

static const struct field attribute_fields[] = {
	FIELD_GUID(1, attribute.owner),
	TEXT(1, attribute.name),
	U32(1, attribute.part),
	BYTES(1, attribute.bytes, attribute.length),
	END,
};

static const struct field *fields_of(uint32_t type)
{
	switch (type) {
	case NTMS_COMPUTER:
		return computer_fields;
	case NTMS_LIBRARY:
		return library_fields;
	case NTMS_CHANGER:
	case NTMS_DRIVE:
	case NTMS_STORAGESLOT:
	case NTMS_IEPORT:
	case NTMS_IEDOOR:
		return device_fields;
	case NTMS_DRIVE_TYPE:
	case NTMS_CHANGER_TYPE:
		return device_type_fields;
	case NTMS_MEDIA_POOL:
		return pool_fields;
	case NTMS_MEDIA_TYPE:
		return media_type_fields;
	case OBJ_TYPE_RELATION:
		return relation_fields;
	case OBJ_TYPE_ATTRIBUTE:
		return attribute_fields;
	case NTMS_PHYSICAL_MEDIA:
		return media_fields;
	case NTMS_PARTITION:
		return side_fields;
	case NTMS_LOGICAL_MEDIA:
		return logical_fields;
	case NTMS_LIBREQUEST:
		return librequest_fields;
	case NTMS_OPREQUEST:
		return oprequest_fields;
	case NTMS_UI_DESTINATION:
		return destination_fields;
	default:
		return NULL;
	}
}

/* Bytes being written or read, and how many are left. */
struct cursor {
	uint8_t *at;
	size_t left;
};

struct source {
	const uint8_t *at;
	size_t left;
};

static bool put(struct cursor *to, const void *bytes, size_t length)
{
	if (length > to->left)
		return false;
	memcpy(to->at, bytes, length);
	to->at += length;
	to->left -= length;
	return true;
}

static bool get(struct source *from, void *bytes, size_t length)
{
	if (length > from->left)
		return false;
	memcpy(bytes, from->at, length);
	from->at += length;
	from->left -= length;
	return true;
}

static bool put_u16(struct cursor *to, uint16_t value)
{
	value = htole16(value);
	return put(to, &value, sizeof(value));
}

static bool get_u16(struct source *from, uint16_t *value)
{
	if (!get(from, value, sizeof(*value)))
		return false;
	*value = le16toh(*value);
	return true;
}

void record_put_guid(uint8_t bytes[16], const NTMS_GUID *guid)
{
	NTMS_GUID fixed = *guid;

	fixed.Data1 = htole32(guid->Data1);
	fixed.Data2 = htole16(guid->Data2);
	fixed.Data3 = htole16(guid->Data3);
	memcpy(bytes, &fixed, sizeof(fixed));
}

void record_get_guid(const uint8_t bytes[16], NTMS_GUID *guid)
{
	memcpy(guid, bytes, sizeof(*guid));
	guid->Data1 = le32toh(guid->Data1);
	guid->Data2 = le16toh(guid->Data2);
	guid->Data3 = le16toh(guid->Data3);
}

static bool put_counted(struct cursor *to, const uint8_t *bytes, size_t length)
{
	return length <= UINT16_MAX && put_u16(to, (uint16_t)length) && put(to, bytes, length);
}

static bool put_field(struct cursor *to, const struct field *field, const struct object *obj)
{
	const uint8_t *member = (const uint8_t *)obj + field->offset;
	uint8_t guid[16];
	uint32_t u32;
	uint64_t u64;

	switch (field->kind) {
	case KIND_U32:
		memcpy(&u32, member, sizeof(u32));
		u32 = htole32(u32);
		return put(to, &u32, sizeof(u32));
	case KIND_U64:
		memcpy(&u64, member, sizeof(u64));
		u64 = htole64(u64);
		return put(to, &u64, sizeof(u64));
	case KIND_GUID:
		record_put_guid(guid, (const NTMS_GUID *)member);
		return put(to, guid, sizeof(guid));
	case KIND_TEXT:
		if (!memchr(member, '\0', field->size))
			return false;
		return put_counted(to, member, strlen((const char *)member));
	default:
		memcpy(&u32, (const uint8_t *)obj + field->length, sizeof(u32));
		return u32 <= field->size && put_counted(to, member, u32);
	}
}

static bool get_text(struct source *from, const struct field *field, uint8_t *member)
{
	uint16_t length;

	return get_u16(from, &length) && length < field->size && get(from, member, length) &&
	       !memchr(member, '\0', length);
}

static bool get_bytes(struct source *from, const struct field *field, uint8_t *member,
		      uint32_t *count)
{
	uint16_t length;

	if (!get_u16(from, &length) || length > field->size || !get(from, member, length))
		return false;
	*count = length;
	return true;
}

/* *obj is zero there. */
static bool get_field(struct source *from, const struct field *field, struct object *obj)
{
	uint8_t *member = (uint8_t *)obj + field->offset;
	uint8_t guid[16];
	uint32_t u32;
	uint64_t u64;

	switch (field->kind) {
	case KIND_U32:
		if (!get(from, &u32, sizeof(u32)))
			return false;
		u32 = le32toh(u32);
		memcpy(member, &u32, sizeof(u32));
		return true;
	case KIND_U64:
		if (!get(from, &u64, sizeof(u64)))
			return false;
		u64 = le64toh(u64);
		memcpy(member, &u64, sizeof(u64));
		return true;
	case KIND_GUID:
		if (!get(from, guid, sizeof(guid)))
			return false;
		record_get_guid(guid, (NTMS_GUID *)member);
		return true;
	case KIND_TEXT:
		return get_text(from, field, member);
	default:
		return get_bytes(from, field, member, (uint32_t *)((uint8_t *)obj + field->length));
	}
}

static bool put_fields(struct cursor *to, const struct field *field, const struct object *obj)
{
	for (; field->since; field++) {
		if (!put_field(to, field, obj))
			return false;
	}
	return true;
}

static bool get_fields(struct source *from, const struct field *field, uint16_t version,
		       struct object *obj)
{
	for (; field->since; field++) {
		if (field->since <= version && !get_field(from, field, obj))
			return false;
	}
	return true;
}

size_t record_encode(const struct object *obj, uint8_t bytes[RECORD_MAX])
{
	const struct field *fields = fields_of(obj->type);
	struct cursor to = {bytes, RECORD_MAX};

	if (!fields)
		return 0;
	if (!put_u16(&to, RECORD_VERSION) || !put_u16(&to, (uint16_t)obj->type) ||
	    !put_fields(&to, header_fields, obj) || !put_fields(&to, fields, obj))
		return 0;
	return RECORD_MAX - to.left;
}

const char *record_decode(const uint8_t *bytes, size_t length, struct object *obj)
{
	struct source from = {bytes, length};
	const struct field *fields;
	uint16_t version, type;

	memset(obj, 0, sizeof(*obj));
	if (!get_u16(&from, &version) || !get_u16(&from, &type))
		return "it is cut short";
	if (version == 0)
		return "it has no version";
	if (version > RECORD_VERSION)
		return "a newer version of this software has written it";
	fields = fields_of(type);
	if (!fields)
		return "its type is unknown";
	obj->type = type;
	if (!get_fields(&from, header_fields, version, obj) ||
	    !get_fields(&from, fields, version, obj))
		return "a field does not fit";
	if (from.left)
		return "there is something behind its end";
	return NULL;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* index.c - under which keys each kind of object is found */
#include <endian.h>
#include "base/guid.h"
#include "store/private.h"

void key_start(struct store_key *key)
{
	key->length = 0;
}

/* A key that is too long stays so, and nothing is found under it. */
void key_bytes(struct store_key *key, const void *bytes, size_t length)
{
	if (key_too_long(key) || length > sizeof(key->bytes) - key->length) {
		key->length = sizeof(key->bytes) + 1;
		return;
	}
	memcpy(key->bytes + key->length, bytes, length);
	key->length += length;
}

void key_guid(struct store_key *key, const NTMS_GUID *guid)
{
	uint8_t bytes[16];

	record_put_guid(bytes, guid);
	key_bytes(key, bytes, sizeof(bytes));
}

void key_u32(struct store_key *key, uint32_t value)
{
	value = htobe32(value);
	key_bytes(key, &value, sizeof(value));
}

void key_u64(struct store_key *key, uint64_t value)
{
	value = htobe64(value);
	key_bytes(key, &value, sizeof(value));
}

void key_text(struct store_key *key, const char *text)
{
	key_bytes(key, text, strlen(text) + 1);
}

/* A new key of @index, of which only the number is there. */
static struct store_key *begin(struct index_keys *keys, enum store_index index)
{
	struct store_key *key = &keys->keys[keys->count++];
	uint8_t number = (uint8_t)index;

	key_start(key);
	key_bytes(key, &number, sizeof(number));
	return key;
}

static void add_child(struct index_keys *keys, const struct object *obj, const NTMS_GUID *container,
		      uint32_t number)
{
	struct store_key *key;

	if (guid_is_null(container))
		return;
	key = begin(keys, IX_CHILD);
	key_guid(key, container);
	key_u32(key, obj->type);
	key_u32(key, number);
	key_u64(key, obj->seq);
}

static void add_guid(struct index_keys *keys, enum store_index index, const NTMS_GUID *guid)
{
	if (!guid_is_null(guid))
		key_guid(begin(keys, index), guid);
}

static void add_serial(struct index_keys *keys, uint32_t type, const char *serial)
{
	struct store_key *key;

	if (!serial[0])
		return;
	key = begin(keys, IX_SERIAL);
	key_u32(key, type);
	key_text(key, serial);
}

static void library_keys(struct index_keys *keys, const struct object *obj)
{
	add_serial(keys, obj->type, obj->library.serial);
}

static void device_keys(struct index_keys *keys, const struct object *obj)
{
	const struct obj_device *device = &obj->device;
	struct store_key *key;

	add_child(keys, obj, &device->library, device->number);
	if (device->element != UINT32_MAX) {
		key = begin(keys, IX_ELEMENT);
		key_guid(key, &device->library);
		key_u32(key, obj->type);
		key_u32(key, device->element);
	}
	if (obj->type == NTMS_DRIVE || obj->type == NTMS_CHANGER)
		add_serial(keys, obj->type, device->serial);
}

void index_pool_name(const struct object *obj, struct store_key *key)
{
	key_start(key);
	key_guid(key, &obj->pool.parent);
	key_text(key, obj->name);
}

static void pool_keys(struct index_keys *keys, const struct object *obj)
{
	struct store_key *key = begin(keys, IX_POOL_NAME);
	struct store_key name;

	index_pool_name(obj, &name);
	key_bytes(key, name.bytes, name.length);
	add_child(keys, obj, &obj->pool.parent, 0);
	add_guid(keys, IX_TYPE_OF, &obj->pool.media_type);
}

static void media_type_keys(struct index_keys *keys, const struct object *obj)
{
	key_u32(begin(keys, IX_MEDIA_TYPE), obj->media_type.code);
}

static void relation_keys(struct index_keys *keys, const struct object *obj)
{
	add_child(keys, obj, &obj->relation.library, 0);
	add_guid(keys, IX_TYPE_OF, &obj->relation.media_type);
}

static void attribute_keys(struct index_keys *keys, const struct object *obj)
{
	struct store_key *key = begin(keys, IX_ATTRIBUTE);

	key_guid(key, &obj->attribute.owner);
	key_text(key, obj->attribute.name);
	key_u32(key, obj->attribute.part);
}

static void media_keys(struct index_keys *keys, const struct object *obj)
{
	const struct obj_media *media = &obj->media;

	add_child(keys, obj, &media->library, 0);
	add_child(keys, obj, &media->pool, 0);
	add_guid(keys, IX_TYPE_OF, &media->media_type);
	add_guid(keys, IX_PLACE, &media->location);
	if (media->barcode[0])
		key_text(begin(keys, IX_BARCODE), media->barcode);
}

static void side_keys(struct index_keys *keys, const struct object *obj)
{
	const struct obj_side *side = &obj->side;
	struct store_key *key;

	add_child(keys, obj, &side->media, side->side);
	add_child(keys, obj, &side->pool, side->side);
	if (side->label_type[0] || side->label_id_length) {
		key = begin(keys, IX_LABEL);
		key_text(key, side->label_type);
		key_u32(key, side->label_id_length);
		key_bytes(key, side->label_id, side->label_id_length);
	}
	if (side->state == NTMS_PARTSTATE_AVAILABLE && side->usable) {
		key = begin(keys, IX_AVAILABLE);
		key_guid(key, &side->pool);
		key_u32(key, side->allocate_count);
		key_u64(key, obj->seq);
	}
	if (side->state == NTMS_PARTSTATE_RESERVED) {
		key = begin(keys, IX_RESERVED);
		key_guid(key, &side->media);
		key_u32(key, side->side);
	}
}

static void logical_keys(struct index_keys *keys, const struct object *obj)
{
	add_child(keys, obj, &obj->logical.side, 0);
	add_child(keys, obj, &obj->logical.pool, 0);
}

static bool is_finished(uint32_t state)
{
	return state != NTMS_LM_QUEUED && state != NTMS_LM_INPROCESS && state != NTMS_LM_WAITING &&
	       state != NTMS_LM_DEFERRED;
}

static void librequest_keys(struct index_keys *keys, const struct object *obj)
{
	const struct obj_librequest *request = &obj->librequest;
	struct store_key *key;

	add_child(keys, obj, &request->library, 0);
	if (is_finished(request->state)) {
		key_u64(begin(keys, IX_FINISHED), request->completed_ms);
		return;
	}
	add_guid(keys, IX_ACTIVE, &request->media);
	key = begin(keys, IX_QUEUE);
	key_guid(key, &request->library);
	key_u32(key, request->operation);
	key_u32(key, request->order ? request->order : UINT32_MAX);
	key_u64(key, obj->seq);
}

static void oprequest_keys(struct index_keys *keys, const struct object *obj)
{
	const struct obj_oprequest *request = &obj->oprequest;
	struct store_key *key;

	if (request->state == NTMS_OPSTATE_COMPLETE || request->state == NTMS_OPSTATE_REFUSED)
		return;
	key = begin(keys, IX_ERRAND);
	key_u32(key, request->command);
	key_guid(key, &request->arg1);
	key_guid(key, &request->arg2);
}

static void destination_keys(struct index_keys *keys, const struct object *obj)
{
	add_child(keys, obj, &obj->destination.owner, obj->destination.ui_type);
}

static void keys_by_type(struct index_keys *keys, const struct object *obj)
{
	switch (obj->type) {
	case NTMS_LIBRARY:
		library_keys(keys, obj);
		break;
	case NTMS_CHANGER:
	case NTMS_DRIVE:
	case NTMS_STORAGESLOT:
	case NTMS_IEPORT:
	case NTMS_IEDOOR:
		device_keys(keys, obj);
		break;
	case NTMS_MEDIA_POOL:
		pool_keys(keys, obj);
		break;
	case NTMS_MEDIA_TYPE:
		media_type_keys(keys, obj);
		break;
	case OBJ_TYPE_RELATION:
		relation_keys(keys, obj);
		break;
	case OBJ_TYPE_ATTRIBUTE:
		attribute_keys(keys, obj);
		break;
	case NTMS_PHYSICAL_MEDIA:
		media_keys(keys, obj);
		break;
	case NTMS_PARTITION:
		side_keys(keys, obj);
		break;
	case NTMS_LOGICAL_MEDIA:
		logical_keys(keys, obj);
		break;
	case NTMS_LIBREQUEST:
		librequest_keys(keys, obj);
		break;
	case NTMS_OPREQUEST:
		oprequest_keys(keys, obj);
		break;
	case NTMS_UI_DESTINATION:
		destination_keys(keys, obj);
		break;
	default:
		break;
	}
}

void index_keys(const struct object *obj, struct index_keys *keys)
{
	struct store_key *key;

	keys->count = 0;
	key = begin(keys, IX_TYPE);
	key_u32(key, obj->type);
	key_u64(key, obj->seq);
	if (obj->name[0])
		key_text(begin(keys, IX_NAME), obj->name);
	keys_by_type(keys, obj);
	for (size_t i = 0; i < keys->count; i++)
		key_guid(&keys->keys[i], &obj->guid);
}

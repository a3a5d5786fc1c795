/* SPDX-License-Identifier: GPL-2.0-only */
/* fuzz-record.c - records of the database */
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include "fuzz.h"
#include "store/private.h"

static const uint16_t types[] = {
	NTMS_COMPUTER,	   NTMS_LIBRARY,       NTMS_CHANGER,	NTMS_DRIVE,
	NTMS_STORAGESLOT,  NTMS_IEPORT,	       NTMS_IEDOOR,	NTMS_DRIVE_TYPE,
	NTMS_CHANGER_TYPE, NTMS_MEDIA_POOL,    NTMS_MEDIA_TYPE, NTMS_PHYSICAL_MEDIA,
	NTMS_PARTITION,	   NTMS_LOGICAL_MEDIA, NTMS_LIBREQUEST, NTMS_OPREQUEST,
	OBJ_TYPE_RELATION, OBJ_TYPE_ATTRIBUTE,
};

/* Each key has its index first and the object's GUID last. */
static void check_keys(const struct object *obj)
{
	struct index_keys keys;
	uint8_t guid[16];

	record_put_guid(guid, &obj->guid);
	index_keys(obj, &keys);
	HOLDS(keys.count > 0 && keys.count <= INDEX_KEYS_MAX);
	for (size_t i = 0; i < keys.count; i++) {
		const struct store_key *key = &keys.keys[i];

		HOLDS(!key_too_long(key) && key->length > sizeof(guid));
		HOLDS(!memcmp(key->bytes + key->length - sizeof(guid), guid, sizeof(guid)));
	}
}

static uint16_t version_of(const uint8_t *data)
{
	return (uint16_t)(data[0] | data[1] << 8);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t bytes[RECORD_MAX], again[RECORD_MAX];
	static struct object obj, copy;
	struct store_key name;
	NTMS_GUID holder;
	size_t length;

	if (record_decode(data, size, &obj))
		return 0;
	length = record_encode(&obj, bytes);
	HOLDS(length > 0 && length <= sizeof(bytes));
	/* There is one way only to write an object down. */
	if (version_of(data) == version_of(bytes))
		HOLDS(length == size && !memcmp(data, bytes, size));
	HOLDS(!record_decode(bytes, length, &copy));
	HOLDS(record_encode(&copy, again) == length && !memcmp(bytes, again, length));
	memset(&obj.guid, 0xa5, sizeof(obj.guid));
	check_keys(&obj);
	index_pool_name(&obj, &name);
	object_holder(&obj, &holder);
	return 0;
}

void fuzz_seeds(void)
{
	static uint8_t bytes[RECORD_MAX];
	static struct object obj;
	char name[32];

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		memset(&obj, 0, sizeof(obj));
		obj.type = types[i];
		obj.seq = i;
		strcpy(obj.name, "a name");
		snprintf(name, sizeof(name), "type-%u", (unsigned int)types[i]);
		seed(name, bytes, record_encode(&obj, bytes));
	}
}

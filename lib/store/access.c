/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* access.c - objects are read, made, written and deleted, and their keys with them */
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/clock.h"
#include "base/guid.h"
#include "base/say.h"
#include "store/private.h"

/* The key of the counters, which no GUID has the length of. */
static const char counters_key[] = "counters";

static void set_dbt(DBT *dbt, const void *bytes, size_t length)
{
	memset(dbt, 0, sizeof(*dbt));
	dbt->data = (void *)bytes;
	dbt->size = (uint32_t)length;
	dbt->ulen = (uint32_t)length;
	dbt->flags = DB_DBT_USERMEM;
}

int counters_read(struct store *store, DB_TXN *tid, struct counters *counters)
{
	uint64_t bytes[2] = {0};
	DBT key, data;
	int error;

	memset(counters, 0, sizeof(*counters));
	set_dbt(&key, counters_key, sizeof(counters_key));
	set_dbt(&data, bytes, sizeof(bytes));
	error = store->objects->get(store->objects, tid, &key, &data, 0);
	if (error == DB_NOTFOUND)
		return 0;
	if (error)
		return error;
	if (data.size != sizeof(bytes))
		return DB_PAGE_NOTFOUND;
	counters->seq = le64toh(bytes[0]);
	counters->commits = le64toh(bytes[1]);
	return 0;
}

int counters_write(struct store *store, DB_TXN *tid, const struct counters *counters)
{
	uint64_t bytes[2] = {htole64(counters->seq), htole64(counters->commits)};
	DBT key, data;

	set_dbt(&key, counters_key, sizeof(counters_key));
	set_dbt(&data, bytes, sizeof(bytes));
	return store->objects->put(store->objects, tid, &key, &data, 0);
}

static DWORD not_found(const NTMS_GUID *guid)
{
	char text[GUID_TEXT_SIZE];

	guid_format(guid, text);
	return ntms_say(ERROR_OBJECT_NOT_FOUND, "there is no object %s", text);
}

DWORD object_decode(struct store *store, const uint8_t id[16], const uint8_t *bytes, size_t length,
		    struct object *obj)
{
	const char *wrong = record_decode(bytes, length, obj);
	char text[GUID_TEXT_SIZE];

	record_get_guid(id, &obj->guid);
	if (!wrong)
		return ERROR_SUCCESS;
	guid_format(&obj->guid, text);
	return ntms_say(ERROR_DATABASE_FAILURE, "database %s: the record of object %s: %s",
			store->home, text, wrong);
}

DWORD store_get(struct txn *txn, const NTMS_GUID *guid, uint32_t type, struct object *obj)
{
	struct store *store = txn->store;
	uint8_t id[16], bytes[RECORD_MAX];
	DWORD code = txn_usable(txn);
	DBT key, data;
	int error;

	if (code)
		return code;
	record_put_guid(id, guid);
	do {
		set_dbt(&key, id, sizeof(id));
		set_dbt(&data, bytes, sizeof(bytes));
		error = store->objects->get(store->objects, txn->tid, &key, &data, 0);
	} while (error && txn_recover(txn, error));
	if (error == DB_NOTFOUND)
		return not_found(guid);
	if (error)
		return txn_fail(txn, error, "read an object");
	code = object_decode(store, id, bytes, data.size, obj);
	if (code)
		return code;
	if (type != NTMS_UNKNOWN && obj->type != type)
		return not_found(guid);
	return ERROR_SUCCESS;
}

static bool has_key(const struct index_keys *keys, const struct store_key *key)
{
	for (size_t i = 0; i < keys->count; i++) {
		if (key_equal(&keys->keys[i], key))
			return true;
	}
	return false;
}

static int put_key(struct txn *txn, const struct store_key *key)
{
	DB *index = txn->store->index;
	DBT entry, nothing;

	set_dbt(&entry, key->bytes, key->length);
	set_dbt(&nothing, NULL, 0);
	return index->put(index, txn->tid, &entry, &nothing, 0);
}

static int delete_key(struct txn *txn, const struct store_key *key)
{
	DB *index = txn->store->index;
	DBT entry;

	set_dbt(&entry, key->bytes, key->length);
	return index->del(index, txn->tid, &entry, 0);
}

/* From the keys of @old to those of @new; either may be NULL. */
static DWORD change_keys(struct txn *txn, const struct object *old, const struct object *new)
{
	struct index_keys before = {.count = 0}, after = {.count = 0};
	int error = 0;

	if (old)
		index_keys(old, &before);
	if (new)
		index_keys(new, &after);
	for (size_t i = 0; !error && i < before.count; i++) {
		if (!has_key(&after, &before.keys[i]))
			error = delete_key(txn, &before.keys[i]);
	}
	for (size_t i = 0; !error && i < after.count; i++) {
		if (!has_key(&before, &after.keys[i]))
			error = put_key(txn, &after.keys[i]);
	}
	return error ? txn_fail(txn, error, "change its index") : ERROR_SUCCESS;
}

/* Pools of one parent have different names. */
static DWORD check_name(struct txn *txn, const struct object *obj)
{
	struct store_key name;
	NTMS_GUID other;
	DWORD code;

	if (obj->type != NTMS_MEDIA_POOL)
		return ERROR_SUCCESS;
	index_pool_name(obj, &name);
	code = store_find(txn, IX_POOL_NAME, &name, &other);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ERROR_SUCCESS;
	if (code)
		return code;
	if (guid_equal(&other, &obj->guid))
		return ERROR_SUCCESS;
	return ntms_say(ERROR_ALREADY_EXISTS, "there is a media pool named \"%s\" already",
			obj->name);
}

static DWORD encode(const struct object *obj, uint8_t bytes[RECORD_MAX], size_t *length)
{
	*length = record_encode(obj, bytes);
	if (*length)
		return ERROR_SUCCESS;
	return ntms_say(ERROR_DATABASE_FAILURE,
			"an object of type %u cannot be stored: a field of it is out of range",
			obj->type);
}

static int put_object(struct txn *txn, const struct object *obj, const uint8_t *bytes,
		      size_t length, uint32_t flags)
{
	DB *objects = txn->store->objects;
	DBT key, data;
	uint8_t id[16];

	record_put_guid(id, &obj->guid);
	set_dbt(&key, id, sizeof(id));
	set_dbt(&data, bytes, length);
	return objects->put(objects, txn->tid, &key, &data, flags);
}

DWORD object_restore(struct txn *txn, const struct object *obj)
{
	uint8_t bytes[RECORD_MAX];
	size_t length;
	DWORD code = encode(obj, bytes, &length);
	int error;

	if (!code)
		code = check_name(txn, obj);
	if (code)
		return code;
	error = put_object(txn, obj, bytes, length, DB_NOOVERWRITE);
	if (error == DB_KEYEXIST)
		return ntms_say(ERROR_ALREADY_EXISTS, "there is an object of this GUID already");
	if (error)
		return txn_fail(txn, error, "write an object");
	return change_keys(txn, NULL, obj);
}

DWORD store_insert(struct txn *txn, struct object *obj)
{
	uint8_t bytes[RECORD_MAX];
	struct object made = *obj;
	size_t length;
	DWORD code;
	int error;

	code = txn_usable(txn);
	if (!code)
		code = txn_change(txn);
	if (code)
		return code;
	made.created_ms = clock_utc_ms();
	if (guid_is_null(&made.guid))
		guid_make_ordered(&made.guid, made.created_ms);
	made.seq = txn->counters.seq + 1;
	made.modified_ms = made.created_ms;
	code = encode(&made, bytes, &length);
	if (!code)
		code = check_name(txn, &made);
	if (code)
		return code;
	error = put_object(txn, &made, bytes, length, DB_NOOVERWRITE);
	if (error == DB_KEYEXIST)
		return ntms_say(ERROR_ALREADY_EXISTS, "there is an object of this GUID already");
	if (error)
		return txn_fail(txn, error, "write an object");
	code = change_keys(txn, NULL, &made);
	if (code)
		return code;
	txn->counters.seq = made.seq;
	feed_change(txn, NULL, &made);
	*obj = made;
	return ERROR_SUCCESS;
}

DWORD store_update(struct txn *txn, struct object *obj)
{
	uint8_t bytes[RECORD_MAX];
	struct object old, new = *obj;
	size_t length;
	DWORD code;
	int error;

	code = store_get(txn, &obj->guid, obj->type, &old);
	if (!code)
		code = txn_change(txn);
	if (code)
		return code;
	new.seq = old.seq;
	new.created_ms = old.created_ms;
	new.modified_ms = clock_utc_ms();
	code = encode(&new, bytes, &length);
	if (!code)
		code = check_name(txn, &new);
	if (code)
		return code;
	error = put_object(txn, &new, bytes, length, 0);
	if (error)
		return txn_fail(txn, error, "write an object");
	code = change_keys(txn, &old, &new);
	if (code)
		return code;
	feed_change(txn, &old, &new);
	*obj = new;
	return ERROR_SUCCESS;
}

static DWORD delete_object(struct txn *txn, const NTMS_GUID *guid)
{
	DB *objects = txn->store->objects;
	struct object old;
	uint8_t id[16];
	DWORD code;
	DBT key;
	int error;

	code = store_get(txn, guid, NTMS_UNKNOWN, &old);
	if (!code)
		code = txn_change(txn);
	if (code)
		return code;
	objects = txn->store->objects;
	record_put_guid(id, guid);
	set_dbt(&key, id, sizeof(id));
	error = objects->del(objects, txn->tid, &key, 0);
	if (error)
		return txn_fail(txn, error, "delete an object");
	code = change_keys(txn, &old, NULL);
	if (!code)
		feed_change(txn, &old, NULL);
	return code;
}

static DWORD delete_listed(struct txn *txn, enum store_index index, const struct store_key *key)
{
	NTMS_GUID *list;
	size_t count;
	DWORD code = store_list(txn, index, key, 0, &list, &count);

	if (code)
		return code;
	for (size_t i = 0; i < count && !code; i++)
		code = delete_object(txn, &list[i]);
	free(list);
	return code;
}

DWORD store_delete(struct txn *txn, const NTMS_GUID *guid)
{
	struct store_key key;
	DWORD code = delete_object(txn, guid);

	key_start(&key);
	key_guid(&key, guid);
	if (!code)
		code = delete_listed(txn, IX_ATTRIBUTE, &key);
	key_u32(&key, NTMS_UI_DESTINATION);
	if (!code)
		code = delete_listed(txn, IX_CHILD, &key);
	return code;
}

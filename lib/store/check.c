/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* check.c - do the records and the index say the same? */
#include <stdio.h>
#include "base/guid.h"
#include "base/say.h"
#include "store/private.h"

static DWORD disagree(struct store *store, const char *what)
{
	return ntms_say(ERROR_DATABASE_FAILURE, "database %s: %s", store->home, what);
}

static void set_room(DBT *dbt, void *bytes, size_t room)
{
	memset(dbt, 0, sizeof(*dbt));
	dbt->data = bytes;
	dbt->ulen = (uint32_t)room;
	dbt->flags = DB_DBT_USERMEM;
}

/* Every key that @obj should have is there. */
static DWORD check_keys(struct txn *txn, const struct object *obj, size_t *total)
{
	DB *index = txn->store->index;
	struct index_keys keys;
	char text[GUID_TEXT_SIZE];
	uint8_t none;
	DBT key, data;
	int error;

	index_keys(obj, &keys);
	for (size_t i = 0; i < keys.count; i++) {
		set_room(&key, keys.keys[i].bytes, sizeof(keys.keys[i].bytes));
		key.size = (uint32_t)keys.keys[i].length;
		set_room(&data, &none, sizeof(none));
		error = index->get(index, txn->tid, &key, &data, 0);
		if (error == DB_NOTFOUND) {
			guid_format(&obj->guid, text);
			return ntms_say(ERROR_DATABASE_FAILURE,
					"database %s: object %s lacks its key in index %u",
					txn->store->home, text, keys.keys[i].bytes[0]);
		}
		if (error)
			return txn_fail(txn, error, "read its index");
	}
	*total += keys.count;
	return ERROR_SUCCESS;
}

static DWORD check_objects(struct txn *txn, DBC *cursor, size_t *objects, size_t *total)
{
	uint8_t id[64], bytes[RECORD_MAX];
	struct object obj;
	DBT key, data;
	DWORD code;
	int error;

	for (;;) {
		set_room(&key, id, sizeof(id));
		set_room(&data, bytes, sizeof(bytes));
		error = cursor->get(cursor, &key, &data, DB_NEXT);
		if (error == DB_NOTFOUND)
			return ERROR_SUCCESS;
		if (error)
			return txn_fail(txn, error, "read its objects");
		if (key.size != sizeof(NTMS_GUID))
			continue;
		code = object_decode(txn->store, id, bytes, data.size, &obj);
		if (!code)
			code = check_keys(txn, &obj, total);
		if (code)
			return code;
		if (obj.seq > txn->counters.seq)
			return disagree(txn->store, "an object is newer than the newest");
		(*objects)++;
	}
}

static int count_entries(DBC *cursor, size_t *entries)
{
	uint8_t bytes[sizeof(((struct store_key *)0)->bytes)], none;
	DBT key, data;
	int error;

	for (*entries = 0;; (*entries)++) {
		set_room(&key, bytes, sizeof(bytes));
		set_room(&data, &none, sizeof(none));
		error = cursor->get(cursor, &key, &data, DB_NEXT);
		if (error)
			return error == DB_NOTFOUND ? 0 : error;
	}
}

static DWORD check_with(struct txn *txn, DBC *objects_cursor, DBC *index_cursor, size_t *objects)
{
	size_t expected = 0, entries;
	DWORD code;
	int error;

	error = counters_read(txn->store, txn->tid, &txn->counters);
	if (error)
		return txn_fail(txn, error, "read its counters");
	code = check_objects(txn, objects_cursor, objects, &expected);
	if (code)
		return code;
	error = count_entries(index_cursor, &entries);
	if (error)
		return txn_fail(txn, error, "read its index");
	if (entries != expected)
		return disagree(txn->store, "its index has keys of no object");
	return ERROR_SUCCESS;
}

DWORD store_check(struct txn *txn, size_t *count)
{
	struct store *store = txn->store;
	DBC *objects = NULL, *index = NULL;
	DWORD code;
	int error;

	*count = 0;
	code = txn_usable(txn);
	if (!code)
		code = txn_change(txn);
	if (code)
		return code;
	error = store->objects->cursor(store->objects, txn->tid, &objects, 0);
	if (!error)
		error = store->index->cursor(store->index, txn->tid, &index, 0);
	code = error ? txn_fail(txn, error, "read it") : check_with(txn, objects, index, count);
	if (objects)
		objects->close(objects);
	if (index)
		index->close(index);
	return code;
}

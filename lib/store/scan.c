/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* scan.c - what an index has under a prefix, in order */
#include <stdlib.h>
#include "base/say.h"
#include "store/private.h"

#define GUID_SIZE 16

/* What is done with each object found; false ends the scan. */
typedef bool (*scan_step)(void *context, const NTMS_GUID *guid);

static void set_user(DBT *dbt, void *bytes, size_t size, size_t room)
{
	memset(dbt, 0, sizeof(*dbt));
	dbt->data = bytes;
	dbt->size = (uint32_t)size;
	dbt->ulen = (uint32_t)room;
	dbt->flags = DB_DBT_USERMEM;
}

static int scan_cursor(DBC *cursor, const struct store_key *start, scan_step step, void *context)
{
	uint8_t bytes[sizeof(start->bytes)], none;
	uint32_t how = DB_SET_RANGE;
	NTMS_GUID guid;
	DBT key, data;
	int error;

	memcpy(bytes, start->bytes, start->length);
	for (;;) {
		set_user(&key, bytes, start->length, sizeof(bytes));
		set_user(&data, &none, 0, sizeof(none));
		error = cursor->get(cursor, &key, &data, how);
		if (error)
			return error == DB_NOTFOUND ? 0 : error;
		if (key.size < start->length || memcmp(bytes, start->bytes, start->length) != 0)
			return 0;
		/* Shorter than any key that was written. */
		if (key.size < 1 + GUID_SIZE)
			return DB_PAGE_NOTFOUND;
		record_get_guid(bytes + key.size - GUID_SIZE, &guid);
		if (!step(context, &guid))
			return 0;
		how = DB_NEXT;
	}
}

static int scan_once(struct txn *txn, const struct store_key *start, scan_step step, void *context)
{
	DB *index = txn->store->index;
	DBC *cursor;
	int error, close_error;

	error = index->cursor(index, txn->tid, &cursor, 0);
	if (error)
		return error;
	error = scan_cursor(cursor, start, step, context);
	close_error = cursor->close(cursor);
	return error ? error : close_error;
}

struct found {
	NTMS_GUID *list; /* NULL when they are only counted */
	size_t count;
	size_t room;
	size_t max;
	bool keep;
	bool no_memory;
};

static bool found_step(void *context, const NTMS_GUID *guid)
{
	struct found *found = context;
	NTMS_GUID *list;
	size_t room;

	if (found->keep && found->count == found->room) {
		room = found->room ? found->room * 2 : 16;
		list = reallocarray(found->list, room, sizeof(*list));
		if (!list) {
			found->no_memory = true;
			return false;
		}
		found->list = list;
		found->room = room;
	}
	if (found->keep)
		found->list[found->count] = *guid;
	found->count++;
	return found->count != found->max;
}

static DWORD scan(struct txn *txn, enum store_index index, const struct store_key *prefix,
		  struct found *found)
{
	uint8_t number = (uint8_t)index;
	struct store_key start;
	DWORD code;
	int error;

	code = txn_usable(txn);
	if (code)
		return code;
	key_start(&start);
	key_bytes(&start, &number, sizeof(number));
	if (key_too_long(prefix))
		return ERROR_SUCCESS;
	key_bytes(&start, prefix->bytes, prefix->length);
	if (key_too_long(&start))
		return ERROR_SUCCESS;
	do {
		found->count = 0;
		error = scan_once(txn, &start, found_step, found);
	} while (error && txn_recover(txn, error));
	if (error)
		return txn_fail(txn, error, "read its index");
	if (found->no_memory)
		return ntms_say(ERROR_NOT_ENOUGH_MEMORY, "out of memory for a list of objects");
	return ERROR_SUCCESS;
}

DWORD store_find(struct txn *txn, enum store_index index, const struct store_key *prefix,
		 NTMS_GUID *guid)
{
	struct found found = {.list = guid, .room = 1, .max = 1, .keep = true};
	DWORD code = scan(txn, index, prefix, &found);

	if (code)
		return code;
	if (found.count == 0)
		return ntms_say(ERROR_OBJECT_NOT_FOUND, "there is no such object");
	return ERROR_SUCCESS;
}

DWORD store_list(struct txn *txn, enum store_index index, const struct store_key *prefix,
		 size_t max, NTMS_GUID **list, size_t *count)
{
	struct found found = {.max = max, .keep = true};
	DWORD code = scan(txn, index, prefix, &found);

	*list = NULL;
	*count = 0;
	if (code || found.count == 0) {
		free(found.list);
		return code;
	}
	*list = found.list;
	*count = found.count;
	return ERROR_SUCCESS;
}

DWORD store_count(struct txn *txn, enum store_index index, const struct store_key *prefix,
		  size_t *count)
{
	struct found found = {.keep = false};
	DWORD code = scan(txn, index, prefix, &found);

	*count = found.count;
	return code;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* test-store.c - objects, their indexes, transactions and watches */
#include <poll.h>
#include <pthread.h>
#include "store-test.h"
#include "store/private.h"

TestSuite(store, .init = make_home_name, .fini = remove_home);

static struct object make(uint32_t type, const char *name)
{
	struct object obj;

	memset(&obj, 0, sizeof(obj));
	obj.type = type;
	snprintf(obj.name, sizeof(obj.name), "%s", name);
	if (type == NTMS_DRIVE || type == NTMS_STORAGESLOT)
		obj.device.element = UINT32_MAX;
	return obj;
}

static NTMS_GUID some_guid(uint8_t number)
{
	NTMS_GUID guid;

	memset(&guid, number, sizeof(guid));
	return guid;
}

static size_t count_under(struct txn *txn, enum store_index index, const struct store_key *key)
{
	size_t count;

	must(store_count(txn, index, key, &count));
	return count;
}

/* --- objects ---------------------------------------------------------------- */

Test(store, an_object_gets_guid_seq_and_times)
{
	struct store *store = open_store();
	struct txn *txn = begin(store);
	struct object a = make(NTMS_LIBRARY, "a"), b = make(NTMS_LIBRARY, "b");
	uint64_t before = clock_utc_ms();

	must(store_insert(txn, &a));
	b.guid = some_guid(7);
	must(store_insert(txn, &b));
	cr_assert_not(guid_is_null(&a.guid));
	NTMS_GUID seven = some_guid(7);
	cr_assert(guid_equal(&b.guid, &seven));
	cr_assert_eq(a.seq, 1);
	cr_assert_eq(b.seq, 2);
	cr_assert_geq(a.created_ms, before);
	cr_assert_eq(a.modified_ms, a.created_ms);
	must(store_commit(txn));
	store_close(store);
	/* seq goes on where it was, also in another process's time */
	store = open_store();
	txn = begin(store);
	b = make(NTMS_LIBRARY, "c");
	must(store_insert(txn, &b));
	cr_assert_eq(b.seq, 3);
	must(store_commit(txn));
	store_close(store);
}

/* Neighbours in time are neighbours among the records, and nobody guesses one from another. */
Test(store, guids_are_in_the_order_of_their_making)
{
	NTMS_GUID early, late, twin, made;
	struct object obj = make(NTMS_MEDIA_POOL, "pool");
	struct store *store = open_store();
	struct txn *txn = begin(store);
	uint8_t bytes[16], later[16];

	guid_make_ordered(&early, 0x0000ff);
	guid_make_ordered(&late, 0x000100);
	guid_make_ordered(&twin, 0x000100);
	record_put_guid(bytes, &early);
	record_put_guid(later, &late);
	cr_assert_lt(memcmp(bytes, later, 16), 0);
	cr_assert(!guid_equal(&late, &twin));
	must(store_insert(txn, &obj));
	guid_make_ordered(&made, obj.created_ms);
	cr_assert_eq(memcmp(&made, &obj.guid, 6), 0, "an object's GUID has no time in it");
	cr_assert_neq(memcmp(&made, &obj.guid, 16), 0);
	store_abort(txn);
	store_close(store);
}

Test(store, what_is_not_there_is_not_found)
{
	struct store *store = open_store();
	struct txn *txn = begin(store);
	struct object a = make(NTMS_LIBRARY, "a"), found;
	NTMS_GUID none = some_guid(9);

	must(store_insert(txn, &a));
	must_be(store_get(txn, &none, NTMS_UNKNOWN, &found), ERROR_OBJECT_NOT_FOUND);
	must_be(store_get(txn, &a.guid, NTMS_DRIVE, &found), ERROR_OBJECT_NOT_FOUND);
	must(store_get(txn, &a.guid, NTMS_LIBRARY, &found));
	must(store_get(txn, &a.guid, NTMS_UNKNOWN, &found));
	must_be(store_delete(txn, &none), ERROR_OBJECT_NOT_FOUND);
	found.guid = none;
	must_be(store_update(txn, &found), ERROR_OBJECT_NOT_FOUND);
	found = a;
	found.type = NTMS_COMPUTER;
	must_be(store_update(txn, &found), ERROR_OBJECT_NOT_FOUND);
	must_be(store_insert(txn, &a), ERROR_ALREADY_EXISTS);
	must(store_delete(txn, &a.guid));
	must_be(store_delete(txn, &a.guid), ERROR_OBJECT_NOT_FOUND);
	must_be(store_get(txn, &a.guid, NTMS_UNKNOWN, &found), ERROR_OBJECT_NOT_FOUND);
	must(store_commit(txn));
	check_store(store, 0);
	store_close(store);
}

/* --- transactions ------------------------------------------------------------- */

Test(store, abort_leaves_nothing)
{
	struct store *store = open_store();
	struct txn *txn = begin(store);
	struct object a = make(NTMS_LIBRARY, "kept"), b = make(NTMS_LIBRARY, "b"), found;
	struct store_key key;

	must(store_insert(txn, &a));
	must(store_commit(txn));
	txn = begin(store);
	must(store_insert(txn, &b));
	strcpy(a.name, "changed");
	must(store_update(txn, &a));
	store_abort(txn);
	store_abort(NULL);

	txn = begin(store);
	must_be(store_get(txn, &b.guid, NTMS_UNKNOWN, &found), ERROR_OBJECT_NOT_FOUND);
	must(store_get(txn, &a.guid, NTMS_UNKNOWN, &found));
	cr_assert_str_eq(found.name, "kept");
	key_start(&key);
	key_text(&key, "changed");
	cr_assert_eq(count_under(txn, IX_NAME, &key), 0);
	store_abort(txn);
	check_store(store, 1);
	store_close(store);
}

Test(store, a_second_transaction_in_the_same_thread_is_refused)
{
	struct store *store = open_store();
	struct txn *txn = begin(store), *second;

	must_be(store_begin(store, STORE_DEADLINE_DEFAULT, &second), ERROR_DATABASE_FAILURE);
	cr_assert_null(second);
	cr_assert_not_null(strstr(ntms_said(), "thread"), "%s", ntms_said());
	must(store_commit(txn));
	store_close(store);
}

Test(store, a_child_cannot_use_its_parents_store)
{
	struct store *store = open_store();
	struct txn *txn = begin(store), *mine;
	struct object a = make(NTMS_LIBRARY, "a");
	pid_t child;
	int fd;

	must(store_insert(txn, &a));
	child = fork();
	if (child == 0) {
		if (store_begin(store, 0, &mine) != ERROR_DATABASE_FAILURE)
			_exit(1);
		if (!strstr(ntms_said(), "parent"))
			_exit(2);
		if (store_get(txn, &a.guid, NTMS_UNKNOWN, &a) != ERROR_DATABASE_FAILURE)
			_exit(3);
		if (store_commit(txn) != ERROR_DATABASE_FAILURE)
			_exit(4);
		if (store_watch_open(store, &fd) != ERROR_DATABASE_FAILURE)
			_exit(5);
		store_close(store);
		_exit(0);
	}
	cr_assert_eq(status_of(child), 0);
	must(store_commit(txn));
	check_store(store, 1);
	store_close(store);
}

/* --- indexes ------------------------------------------------------------------- */

static struct object in_index; /* what the next test case is about */

struct index_case {
	const char *what;
	enum store_index index;
	struct object obj;
	struct store_key key;
	/* The same object without this key; .type 0 when it always has it. */
	struct object without;
};

static void expect_under(struct store *store, const struct index_case *item, const NTMS_GUID *guid)
{
	struct txn *txn = begin(store);
	struct store_key longer = item->key;
	NTMS_GUID found, *list;
	size_t count;

	if (guid) {
		must(store_find(txn, item->index, &item->key, &found));
		cr_assert(guid_equal(&found, guid), "%s: another object", item->what);
	} else {
		must_be(store_find(txn, item->index, &item->key, &found), ERROR_OBJECT_NOT_FOUND);
	}
	must(store_list(txn, item->index, &item->key, 0, &list, &count));
	cr_assert_eq(count, guid ? 1 : 0, "%s: %zu objects", item->what, count);
	cr_assert_eq(list == NULL, count == 0);
	free(list);
	cr_assert_eq(count_under(txn, item->index, &item->key), count);
	/* The parts of the key are all there is before the GUID. */
	if (guid) {
		key_guid(&longer, guid);
		cr_assert_eq(count_under(txn, item->index, &longer), 1, "%s: its key is longer",
			     item->what);
	}
	store_abort(txn);
}

/* Insert, find, change so that the key goes and comes back, delete. */
static void run_index_case(struct index_case *item)
{
	struct store *store = open_store();
	struct object obj = item->obj;
	struct txn *txn = begin(store);

	must(store_insert(txn, &obj));
	cr_assert_eq(obj.seq, 1);
	must(store_commit(txn));
	expect_under(store, item, &obj.guid);
	if (item->without.type) {
		item->without.guid = obj.guid;
		txn = begin(store);
		must(store_update(txn, &item->without));
		must(store_commit(txn));
		expect_under(store, item, NULL);
		check_store(store, 1);
		txn = begin(store);
		must(store_update(txn, &obj));
		must(store_commit(txn));
		expect_under(store, item, &obj.guid);
	}
	check_store(store, 1);
	txn = begin(store);
	must(store_delete(txn, &obj.guid));
	must(store_commit(txn));
	expect_under(store, item, NULL);
	check_store(store, 0);
	store_close(store);
	remove_files("");
}

static struct index_case index_case(const char *what, enum store_index index, uint32_t type)
{
	struct index_case item = {.what = what, .index = index, .obj = make(type, "name")};

	key_start(&item.key);
	return item;
}

/* Run it with @change being what takes the key away; without it, it has it always. */
#define RUN_ALWAYS(item) run_index_case(&(item))
#define RUN_UNTIL(item, change)            \
	do {                               \
		in_index = (item).obj;     \
		change;                    \
		(item).without = in_index; \
		run_index_case(&(item));   \
	} while (0)

Test(store, index_type_and_name)
{
	struct index_case item = index_case("type", IX_TYPE, NTMS_COMPUTER);

	key_u32(&item.key, NTMS_COMPUTER);
	key_u64(&item.key, 1);
	RUN_ALWAYS(item);

	item = index_case("name", IX_NAME, NTMS_OPREQUEST);
	key_text(&item.key, "name");
	RUN_UNTIL(item, strcpy(in_index.name, "name2"));
	item = index_case("no name", IX_NAME, NTMS_OPREQUEST);
	key_text(&item.key, "name");
	RUN_UNTIL(item, in_index.name[0] = '\0');
}

static struct index_case child_case(const char *what, uint32_t type, uint8_t container,
				    uint32_t number)
{
	struct index_case item = index_case(what, IX_CHILD, type);
	NTMS_GUID guid = some_guid(container);

	key_guid(&item.key, &guid);
	key_u32(&item.key, type);
	key_u32(&item.key, number);
	key_u64(&item.key, 1);
	return item;
}

Test(store, index_child_of_library)
{
	static const uint32_t devices[] = {NTMS_CHANGER, NTMS_DRIVE, NTMS_STORAGESLOT, NTMS_IEPORT,
					   NTMS_IEDOOR};
	struct index_case item;

	for (size_t i = 0; i < 5; i++) {
		item = child_case("device", devices[i], 1, 4);
		item.obj.device.library = some_guid(1);
		item.obj.device.number = 4;
		RUN_UNTIL(item, in_index.device.number = 5);
	}
	item = child_case("destination", NTMS_UI_DESTINATION, 1, NTMS_UITYPE_ERR);
	item.obj.destination.owner = some_guid(1);
	item.obj.destination.ui_type = NTMS_UITYPE_ERR;
	RUN_UNTIL(item, in_index.destination.ui_type = NTMS_UITYPE_REQ);
	item = child_case("request", NTMS_LIBREQUEST, 1, 0);
	item.obj.librequest.library = some_guid(1);
	RUN_UNTIL(item, in_index.librequest.library = some_guid(2));
	item = child_case("media", NTMS_PHYSICAL_MEDIA, 1, 0);
	item.obj.media.library = some_guid(1);
	RUN_UNTIL(item, in_index.media.library = some_guid(0));
	item = child_case("relation", OBJ_TYPE_RELATION, 1, 0);
	item.obj.relation.library = some_guid(1);
	RUN_UNTIL(item, in_index.relation.library = some_guid(2));
}

Test(store, index_child_of_pool_cartridge_and_side)
{
	struct index_case item = child_case("pool", NTMS_MEDIA_POOL, 1, 0);

	item.obj.pool.parent = some_guid(1);
	RUN_UNTIL(item, in_index.pool.parent = some_guid(2));
	item = child_case("media of pool", NTMS_PHYSICAL_MEDIA, 1, 0);
	item.obj.media.pool = some_guid(1);
	RUN_UNTIL(item, in_index.media.pool = some_guid(2));
	item = child_case("side of pool", NTMS_PARTITION, 1, 1);
	item.obj.side.pool = some_guid(1);
	item.obj.side.side = 1;
	RUN_UNTIL(item, in_index.side.pool = some_guid(2));
	item = child_case("side of cartridge", NTMS_PARTITION, 1, 1);
	item.obj.side.media = some_guid(1);
	item.obj.side.side = 1;
	RUN_UNTIL(item, in_index.side.media = some_guid(2));
	item = child_case("logical medium of pool", NTMS_LOGICAL_MEDIA, 1, 0);
	item.obj.logical.pool = some_guid(1);
	RUN_UNTIL(item, in_index.logical.pool = some_guid(2));
	item = child_case("logical medium of side", NTMS_LOGICAL_MEDIA, 1, 0);
	item.obj.logical.side = some_guid(1);
	RUN_UNTIL(item, in_index.logical.side = some_guid(2));
}

Test(store, index_pool_name_barcode_label)
{
	struct index_case item = index_case("pool name", IX_POOL_NAME, NTMS_MEDIA_POOL);
	NTMS_GUID parent = some_guid(3);

	item.obj.pool.parent = parent;
	key_guid(&item.key, &parent);
	key_text(&item.key, "name");
	RUN_UNTIL(item, strcpy(in_index.name, "other"));

	item = index_case("barcode", IX_BARCODE, NTMS_PHYSICAL_MEDIA);
	strcpy(item.obj.media.barcode, "A00001L5");
	key_text(&item.key, "A00001L5");
	RUN_UNTIL(item, in_index.media.barcode[0] = '\0');

	item = index_case("label", IX_LABEL, NTMS_PARTITION);
	strcpy(item.obj.side.label_type, "tar");
	memcpy(item.obj.side.label_id, "\0id", 3);
	item.obj.side.label_id_length = 3;
	key_text(&item.key, "tar");
	key_u32(&item.key, 3);
	key_bytes(&item.key, "\0id", 3);
	RUN_UNTIL(item, in_index.side.label_id_length = 2);
}

Test(store, index_available_reserved_place)
{
	struct index_case item = index_case("available", IX_AVAILABLE, NTMS_PARTITION);
	NTMS_GUID guid = some_guid(3);

	item.obj.side.pool = guid;
	item.obj.side.state = NTMS_PARTSTATE_AVAILABLE;
	item.obj.side.usable = 1;
	item.obj.side.allocate_count = 6;
	key_guid(&item.key, &guid);
	key_u32(&item.key, 6);
	key_u64(&item.key, 1);
	RUN_UNTIL(item, in_index.side.usable = 0);
	RUN_UNTIL(item, in_index.side.state = NTMS_PARTSTATE_ALLOCATED);

	item = index_case("reserved", IX_RESERVED, NTMS_PARTITION);
	item.obj.side.media = guid;
	item.obj.side.side = 1;
	item.obj.side.state = NTMS_PARTSTATE_RESERVED;
	key_guid(&item.key, &guid);
	key_u32(&item.key, 1);
	RUN_UNTIL(item, in_index.side.state = NTMS_PARTSTATE_AVAILABLE);

	item = index_case("place", IX_PLACE, NTMS_PHYSICAL_MEDIA);
	item.obj.media.location = guid;
	key_guid(&item.key, &guid);
	RUN_UNTIL(item, in_index.media.location = some_guid(0));
}

Test(store, index_element_and_serial)
{
	static const uint32_t with_serial[] = {NTMS_DRIVE, NTMS_CHANGER};
	struct index_case item = index_case("element", IX_ELEMENT, NTMS_STORAGESLOT);
	NTMS_GUID guid = some_guid(3);

	item.obj.device.library = guid;
	item.obj.device.element = 0;
	key_guid(&item.key, &guid);
	key_u32(&item.key, NTMS_STORAGESLOT);
	key_u32(&item.key, 0);
	RUN_UNTIL(item, in_index.device.element = UINT32_MAX);

	for (size_t i = 0; i < 2; i++) {
		item = index_case("serial", IX_SERIAL, with_serial[i]);
		strcpy(item.obj.device.serial, "S1");
		key_u32(&item.key, with_serial[i]);
		key_text(&item.key, "S1");
		RUN_UNTIL(item, in_index.device.serial[0] = '\0');
	}
	item = index_case("library serial", IX_SERIAL, NTMS_LIBRARY);
	strcpy(item.obj.library.serial, "S1");
	key_u32(&item.key, NTMS_LIBRARY);
	key_text(&item.key, "S1");
	RUN_UNTIL(item, in_index.library.serial[0] = '\0');
}

Test(store, index_of_requests)
{
	static const uint32_t open_states[] = {NTMS_LM_QUEUED, NTMS_LM_INPROCESS, NTMS_LM_WAITING,
					       NTMS_LM_DEFERRED};
	struct index_case item;
	NTMS_GUID guid = some_guid(3);

	for (size_t i = 0; i < 4; i++) {
		item = index_case("queue", IX_QUEUE, NTMS_LIBREQUEST);
		item.obj.librequest.library = guid;
		item.obj.librequest.operation = NTMS_LM_MOUNT;
		item.obj.librequest.state = open_states[i];
		key_guid(&item.key, &guid);
		key_u32(&item.key, NTMS_LM_MOUNT);
		key_u32(&item.key, UINT32_MAX);
		key_u64(&item.key, 1);
		RUN_UNTIL(item, in_index.librequest.state = NTMS_LM_PASSED);
		RUN_UNTIL(item, in_index.librequest.order = 1);

		item = index_case("active", IX_ACTIVE, NTMS_LIBREQUEST);
		item.obj.librequest.media = guid;
		item.obj.librequest.state = open_states[i];
		key_guid(&item.key, &guid);
		RUN_UNTIL(item, in_index.librequest.state = NTMS_LM_FAILED);
	}
	item = index_case("finished", IX_FINISHED, NTMS_LIBREQUEST);
	item.obj.librequest.completed_ms = 77;
	item.obj.librequest.state = NTMS_LM_CANCELLED;
	key_u64(&item.key, 77);
	RUN_UNTIL(item, in_index.librequest.state = NTMS_LM_QUEUED);
}

Test(store, index_media_types)
{
	struct index_case item = index_case("code", IX_MEDIA_TYPE, NTMS_MEDIA_TYPE);
	NTMS_GUID guid = some_guid(3);

	item.obj.media_type.code = 0x56;
	key_u32(&item.key, 0x56);
	RUN_UNTIL(item, in_index.media_type.code = 0x55);
	item = index_case("type of media", IX_TYPE_OF, NTMS_PHYSICAL_MEDIA);
	item.obj.media.media_type = guid;
	key_guid(&item.key, &guid);
	RUN_UNTIL(item, in_index.media.media_type = some_guid(4));
	item = index_case("type of pool", IX_TYPE_OF, NTMS_MEDIA_POOL);
	item.obj.pool.media_type = guid;
	key_guid(&item.key, &guid);
	RUN_UNTIL(item, in_index.pool.media_type = some_guid(4));
	item = index_case("type of relation", IX_TYPE_OF, OBJ_TYPE_RELATION);
	item.obj.relation.media_type = guid;
	key_guid(&item.key, &guid);
	RUN_UNTIL(item, in_index.relation.media_type = some_guid(4));
}

Test(store, a_scan_is_in_the_order_of_the_keys)
{
	static const uint32_t counts[] = {5, 1, 256, 1, 0};
	static const size_t order[] = {4, 1, 3, 0, 2};
	struct store *store = open_store();
	struct txn *txn = begin(store);
	NTMS_GUID pool = some_guid(3), *list, guids[5];
	struct store_key key;
	size_t count;

	for (size_t i = 0; i < 5; i++) {
		struct object obj = make(NTMS_PARTITION, "");

		obj.side.pool = pool;
		obj.side.state = NTMS_PARTSTATE_AVAILABLE;
		obj.side.usable = 1;
		obj.side.allocate_count = counts[i];
		must(store_insert(txn, &obj));
		guids[i] = obj.guid;
	}
	key_start(&key);
	key_guid(&key, &pool);
	must(store_list(txn, IX_AVAILABLE, &key, 0, &list, &count));
	cr_assert_eq(count, 5);
	for (size_t i = 0; i < 5; i++)
		cr_assert(guid_equal(&list[i], &guids[order[i]]), "number %zu", i);
	free(list);
	must(store_list(txn, IX_AVAILABLE, &key, 2, &list, &count));
	cr_assert_eq(count, 2);
	cr_assert(guid_equal(&list[1], &guids[1]));
	free(list);
	must(store_commit(txn));
	store_close(store);
}

Test(store, a_list_is_as_long_as_it_is)
{
	struct store *store = open_store();
	struct txn *txn = begin(store);
	NTMS_GUID *list, guids[1000];
	struct store_key key;
	size_t count;

	for (size_t i = 0; i < 1000; i++) {
		struct object obj = make(NTMS_STORAGESLOT, "slot");

		must(store_insert(txn, &obj));
		guids[i] = obj.guid;
	}
	key_start(&key);
	key_u32(&key, NTMS_STORAGESLOT);
	must(store_list(txn, IX_TYPE, &key, 0, &list, &count));
	cr_assert_eq(count, 1000);
	cr_assert_arr_eq(list, guids, sizeof(guids));
	free(list);
	must(store_commit(txn));
	check_store(store, 1000);
	store_close(store);
}

Test(store, a_prefix_does_not_match_in_the_middle_of_a_name)
{
	struct store *store = open_store();
	struct txn *txn = begin(store);
	struct object a = make(NTMS_LIBRARY, "tape"), b = make(NTMS_LIBRARY, "tape2");
	struct store_key key;

	must(store_insert(txn, &a));
	must(store_insert(txn, &b));
	key_start(&key);
	key_text(&key, "tape");
	cr_assert_eq(count_under(txn, IX_NAME, &key), 1);
	store_abort(txn);
	store_close(store);
}

Test(store, nothing_is_under_a_key_that_is_too_long)
{
	char text[sizeof(((struct store_key *)0)->bytes) + 10];
	struct store *store = open_store();
	struct txn *txn = begin(store);
	struct object a = make(NTMS_LIBRARY, "a");
	struct store_key key;
	NTMS_GUID found;

	must(store_insert(txn, &a));
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	key_start(&key);
	key_text(&key, text);
	must_be(store_find(txn, IX_NAME, &key, &found), ERROR_OBJECT_NOT_FOUND);
	key_u32(&key, 1);
	must_be(store_find(txn, IX_NAME, &key, &found), ERROR_OBJECT_NOT_FOUND);
	cr_assert_eq(count_under(txn, IX_NAME, &key), 0);
	store_abort(txn);
	store_close(store);
}

Test(store, pools_of_one_parent_have_different_names)
{
	struct store *store = open_store();
	struct txn *txn = begin(store);
	struct object a = make(NTMS_MEDIA_POOL, "daily"), b = make(NTMS_MEDIA_POOL, "daily");
	struct object c = make(NTMS_MEDIA_POOL, "weekly");

	a.pool.parent = some_guid(1);
	b.pool.parent = some_guid(1);
	c.pool.parent = some_guid(1);
	must(store_insert(txn, &a));
	must_be(store_insert(txn, &b), ERROR_ALREADY_EXISTS);
	b.pool.parent = some_guid(2);
	must(store_insert(txn, &b));
	must(store_insert(txn, &c));
	strcpy(c.name, "daily");
	must_be(store_update(txn, &c), ERROR_ALREADY_EXISTS);
	/* It may be written again under its own name, and the failures spoil nothing. */
	must(store_update(txn, &a));
	must(store_delete(txn, &a.guid));
	must(store_update(txn, &c));
	must(store_commit(txn));
	check_store(store, 2);
	store_close(store);
}

/* --- several processes and threads ------------------------------------------------ */

#define TURNS 200

static DWORD add_one(struct store *store, const NTMS_GUID *guid)
{
	struct object obj;
	struct txn *txn;
	DWORD code;

	code = store_begin(store, STORE_DEADLINE_DEFAULT, &txn);
	if (code)
		return code;
	code = store_get(txn, guid, NTMS_COMPUTER, &obj);
	if (!code) {
		obj.computer.next_sequence_number++;
		code = store_update(txn, &obj);
	}
	if (code) {
		store_abort(txn);
		return code;
	}
	return store_commit(txn);
}

static NTMS_GUID make_counter(struct store *store)
{
	struct object obj = make(NTMS_COMPUTER, "counter");
	struct txn *txn = begin(store);

	must(store_insert(txn, &obj));
	must(store_commit(txn));
	return obj.guid;
}

static uint64_t read_counter(struct store *store, const NTMS_GUID *guid)
{
	struct txn *txn = begin(store);
	struct object obj;

	must(store_get(txn, guid, NTMS_COMPUTER, &obj));
	store_abort(txn);
	return obj.computer.next_sequence_number;
}

Test(store, processes_take_turns)
{
	struct store *store = open_store(), *mine;
	NTMS_GUID guid = make_counter(store);
	pid_t children[2];

	for (int i = 0; i < 2; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			child_must(store_open(home, false, &mine));
			for (int turn = 0; turn < TURNS; turn++)
				child_must(add_one(mine, &guid));
			store_close(mine);
			_exit(0);
		}
	}
	for (int turn = 0; turn < TURNS; turn++)
		must(add_one(store, &guid));
	cr_assert_eq(status_of(children[0]), 0);
	cr_assert_eq(status_of(children[1]), 0);
	cr_assert_eq(read_counter(store, &guid), 3 * TURNS);
	check_store(store, 1);
	store_close(store);
}

struct worker {
	struct store *store;
	NTMS_GUID guid;
	DWORD code;
};

static void *work(void *arg)
{
	struct worker *worker = arg;

	for (int turn = 0; turn < TURNS && !worker->code; turn++)
		worker->code = add_one(worker->store, &worker->guid);
	return NULL;
}

Test(store, threads_take_turns)
{
	struct store *store = open_store();
	NTMS_GUID guid = make_counter(store);
	struct worker workers[4];
	pthread_t threads[4];

	for (int i = 0; i < 4; i++) {
		workers[i] = (struct worker){store, guid, 0};
		cr_assert_eq(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		cr_expect_eq(workers[i].code, ERROR_SUCCESS);
	}
	cr_assert_eq(read_counter(store, &guid), 4 * TURNS);
	store_close(store);
}

/* --- watches ------------------------------------------------------------------------- */

static bool woken(int fd, int timeout_ms)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};

	return poll(&poll_fd, 1, timeout_ms) == 1;
}

Test(store, a_watch_wakes_up_with_a_change_of_another_process)
{
	struct store *store = open_store(), *mine;
	NTMS_GUID guid = make_counter(store);
	pid_t child;
	int fd;

	must(store_watch_open(store, &fd));
	cr_assert_not(woken(fd, 0));
	child = fork();
	if (child == 0) {
		child_must(store_open(home, false, &mine));
		child_must(add_one(mine, &guid));
		store_close(mine);
		_exit(0);
	}
	cr_assert(woken(fd, 30000));
	store_watch_drain(fd);
	/* What it was woken for is there to be seen. */
	cr_assert_eq(read_counter(store, &guid), 1);
	cr_assert_eq(status_of(child), 0);
	store_watch_drain(fd);
	cr_assert_not(woken(fd, 0));
	store_watch_close(fd);
	store_close(store);
}

Test(store, each_watch_is_its_own_and_reading_wakes_none)
{
	struct store *store = open_store();
	NTMS_GUID guid = make_counter(store);
	struct object obj = make(NTMS_LIBRARY, "a");
	struct txn *txn;
	int one, two;

	must(store_watch_open(store, &one));
	must(store_watch_open(store, &two));
	read_counter(store, &guid);
	must(store_commit(begin(store)));
	txn = begin(store);
	must(store_insert(txn, &obj));
	store_abort(txn);
	cr_assert_not(woken(one, 0));
	must(add_one(store, &guid));
	cr_assert(woken(one, 0));
	store_watch_drain(one);
	cr_assert_not(woken(one, 0));
	cr_assert(woken(two, 0));
	store_watch_close(one);
	must(add_one(store, &guid));
	store_watch_drain(two);
	cr_assert_not(woken(two, 0));
	store_watch_close(two);
	store_watch_close(-1);
	store_close(store);
}

/* --- the directory -------------------------------------------------------------------- */

Test(store, without_create_nothing_is_made)
{
	char below[PATH_MAX + 8];
	struct store *store;
	struct stat info;

	must_be(store_open(home, false, &store), ERROR_DATABASE_FAILURE);
	cr_assert_null(store);
	cr_assert_eq(remove_files(""), 0);
	snprintf(below, sizeof(below), "%s/not", home);
	must_be(store_open(below, false, &store), ERROR_DATABASE_FAILURE);
	cr_assert_neq(stat(below, &info), 0);
}

Test(store, the_directory_is_made_private)
{
	struct store *store;
	struct stat info;

	cr_assert_eq(rmdir(home), 0);
	must(store_open(home, true, &store));
	cr_assert_eq(stat(home, &info), 0);
	cr_assert_eq(info.st_mode & 0777, 0700);
	store_close(store);
}

Test(store, files_have_the_permissions_of_the_directory)
{
	struct store *store;
	struct dirent *entry;
	struct stat info;
	int files = 0;
	DIR *dir;

	cr_assert_eq(chmod(home, 02770), 0);
	umask(077);
	store = open_store();
	make_counter(store);
	dir = opendir(home);
	cr_assert_not_null(dir);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		cr_assert_eq(fstatat(dirfd(dir), entry->d_name, &info, 0), 0);
		cr_expect_eq(info.st_mode & 0777, 0660, "%s has mode %o", entry->d_name,
			     info.st_mode & 0777);
		files++;
	}
	closedir(dir);
	cr_assert_geq(files, 6);
	store_close(store);
}

Test(store, what_may_not_be_opened_is_access_denied)
{
	char lock[PATH_MAX + 8];
	struct store *store;
	pid_t child;

	store_close(open_store());
	snprintf(lock, sizeof(lock), "%s/lock", home);
	cr_assert_eq(chmod(lock, 0), 0);
	child = fork();
	if (child == 0) {
		/* Root may open everything, so be somebody else. */
		if (getuid() == 0 && (chmod(home, 0755) || setuid(65534)))
			_exit(3);
		if (store_open(home, true, &store) != ERROR_ACCESS_DENIED)
			_exit(1);
		_exit(strstr(ntms_said(), home) ? 0 : 2);
	}
	cr_assert_eq(status_of(child), 0);
}

Test(store, a_directory_that_is_removed_is_noticed)
{
	struct store *store = open_store();
	struct txn *txn;

	remove_files("");
	must_be(store_begin(store, STORE_DEADLINE_DEFAULT, &txn), ERROR_DATABASE_FAILURE);
	cr_assert_not_null(strstr(ntms_said(), "removed"), "%s", ntms_said());
	store_close(store);
}

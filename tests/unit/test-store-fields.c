/* SPDX-License-Identifier: GPL-2.0-only */
/* test-store-fields.c - every field of every object type comes back from the database */
#include "store-test.h"
#include "store/private.h"

TestSuite(store_fields, .init = make_home_name, .fini = remove_home);

enum how { NUMBER, IDENTITY, STRING, ARRAY };

struct known {
	const char *name;
	enum how how;
	size_t offset;
	size_t size;
	size_t count; /* offset of an array's length */
};

#define HAS(how, member)                                        \
	{                                                       \
#member, how, offsetof(struct object, member),  \
			sizeof(((struct object *)0)->member), 0 \
	}
#define N(member) HAS(NUMBER, member)
#define G(member) HAS(IDENTITY, member)
#define S(member) HAS(STRING, member)
#define A(member, length)                                                                     \
	{                                                                                     \
#member, ARRAY, offsetof(struct object, member),                              \
			sizeof(((struct object *)0)->member), offsetof(struct object, length) \
	}
#define SD(part) N(part.security.length), A(part.security.bytes, part.security.length)

static const struct known computer[] = {
	N(computer.librequest_purge_s),
	N(computer.oprequest_purge_s),
	N(computer.librequest_flags),
	N(computer.oprequest_flags),
	N(computer.pool_policy),
	G(computer.root_pool),
	G(computer.offline_library),
	N(computer.next_sequence_number),
	SD(computer),
};
static const struct known library[] = {
	N(library.kind),	   N(library.inventory_method),
	N(library.auto_recovery),  N(library.flags),
	G(library.cleaner_slot),   G(library.cleaner_slot_default),
	N(library.cleaner_uses),   N(library.supports_cleaning),
	N(library.barcode_reader), S(library.broker),
	S(library.serial),	   SD(library),
};
static const struct known device[] = {
	G(device.library),   N(device.number),	      N(device.element),
	N(device.state),     N(device.position),      G(device.device_type),
	S(device.serial),    S(device.revision),      S(device.node),
	N(device.scsi_host), N(device.scsi_channel),  N(device.scsi_target),
	N(device.scsi_lun),  N(device.mount_count),   N(device.last_cleaned_ms),
	G(device.side),	     N(device.defer_delay_s), N(device.deferred_since_ms),
	N(device.limit_s),   G(device.mount_request), N(device.generation),
};
static const struct known device_type[] = {
	S(device_type.vendor),
	S(device_type.product),
	N(device_type.device_type),
};
static const struct known pool[] = {
	N(pool.kind),
	G(pool.media_type),
	G(pool.parent),
	N(pool.allocation_policy),
	N(pool.deallocation_policy),
	N(pool.max_allocates),
	SD(pool),
};
static const struct known media_type[] = {
	N(media_type.code),
	N(media_type.sides),
	N(media_type.rw),
	N(media_type.device_type),
};
static const struct known relation[] = {
	G(relation.library),
	G(relation.media_type),
};
static const struct known media[] = {
	G(media.library),	G(media.pool),	       G(media.media_type), G(media.location),
	N(media.location_type), G(media.home_slot),    S(media.barcode),    N(media.barcode_state),
	S(media.sequence),	N(media.state),	       N(media.sides),	    N(media.medium_code),
	N(media.density_code),	G(media.mounted_side), N(media.turned),
};
static const struct known side[] = {
	G(side.media),
	G(side.logical),
	G(side.pool),
	N(side.state),
	N(side.side),
	N(side.usable),
	N(side.label_id_length),
	A(side.label_id, side.label_id_length),
	S(side.label_type),
	S(side.label_info),
	N(side.mount_count),
	N(side.allocate_count),
	N(side.capacity),
};
static const struct known logical[] = {
	G(logical.side),
	G(logical.pool),
	N(logical.allocated_new),
};
static const struct known librequest[] = {
	N(librequest.operation),    N(librequest.option),      N(librequest.state),
	G(librequest.side),	    G(librequest.drive),       G(librequest.media),
	G(librequest.library),	    G(librequest.slot),	       G(librequest.work_item),
	G(librequest.token),	    G(librequest.group),       N(librequest.queued_ms),
	N(librequest.completed_ms), N(librequest.deadline_ms), N(librequest.error),
	N(librequest.priority),	    N(librequest.order),       N(librequest.mount_options),
	S(librequest.application),  S(librequest.user),	       S(librequest.computer),
	N(librequest.pid),	    S(librequest.waits_for),   N(librequest.move),
	G(librequest.move_media),   G(librequest.move_from),   G(librequest.move_to),
	N(librequest.phase),	    N(librequest.uses),
};
static const struct known oprequest[] = {
	N(oprequest.command),	N(oprequest.state),	N(oprequest.submitted_ms),
	S(oprequest.message),	N(oprequest.arg1_type), G(oprequest.arg1),
	N(oprequest.arg2_type), G(oprequest.arg2),	S(oprequest.application),
	S(oprequest.user),	S(oprequest.computer),
};
static const struct known destination[] = {
	G(destination.owner),
	N(destination.owner_type),
	N(destination.ui_type),
	S(destination.computer),
};
static const struct known attribute[] = {
	G(attribute.owner),
	S(attribute.name),
	N(attribute.part),
	N(attribute.length),
	A(attribute.bytes, attribute.length),
};
/* Those that the store sets are not here. */
static const struct known header[] = {N(enabled), N(opstate), S(name), S(description)};

struct part {
	uint32_t type;
	const struct known *known;
	size_t count;
	size_t offset;
	size_t size;
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PART(type, part)                                                \
	{                                                               \
		type, part, COUNT(part), offsetof(struct object, part), \
			sizeof(((struct object *)0)->part)              \
	}

static const struct part parts[] = {
	PART(NTMS_COMPUTER, computer),
	PART(NTMS_LIBRARY, library),
	PART(NTMS_CHANGER, device),
	PART(NTMS_DRIVE, device),
	PART(NTMS_STORAGESLOT, device),
	PART(NTMS_IEPORT, device),
	PART(NTMS_IEDOOR, device),
	PART(NTMS_DRIVE_TYPE, device_type),
	PART(NTMS_CHANGER_TYPE, device_type),
	PART(NTMS_MEDIA_POOL, pool),
	PART(NTMS_MEDIA_TYPE, media_type),
	PART(OBJ_TYPE_RELATION, relation),
	PART(OBJ_TYPE_ATTRIBUTE, attribute),
	PART(NTMS_PHYSICAL_MEDIA, media),
	PART(NTMS_PARTITION, side),
	PART(NTMS_LOGICAL_MEDIA, logical),
	PART(NTMS_LIBREQUEST, librequest),
	PART(NTMS_OPREQUEST, oprequest),
	PART(NTMS_UI_DESTINATION, destination),
};

/* The tables above leave out no member: what they do not cover is padding only. */
Test(store_fields, this_test_knows_every_field)
{
	static uint8_t covered[sizeof(struct object)];

	for (size_t i = 0; i < COUNT(parts); i++) {
		const struct part *part = &parts[i];
		size_t gap = 0;

		memset(covered, 0, sizeof(covered));
		for (size_t k = 0; k < part->count; k++)
			memset(covered + part->known[k].offset, 1, part->known[k].size);
		for (size_t at = part->offset; at < part->offset + part->size; at++) {
			gap = covered[at] ? 0 : gap + 1;
			cr_assert_lt(gap, 8, "type %u: nothing known at byte %zu", part->type,
				     at - part->offset);
		}
	}
}

/* Every byte of every field another; @seed makes two objects differ in all of them. */
static void fill(struct object *obj, const struct known *known, size_t count, unsigned int seed)
{
	for (size_t i = 0; i < count; i++) {
		uint8_t *at = (uint8_t *)obj + known[i].offset;
		uint32_t length = (uint32_t)known[i].size;

		for (size_t k = 0; k < known[i].size; k++)
			at[k] = (uint8_t)(1 + (seed + known[i].offset * 7 + k * 13) % 254);
		if (known[i].how == STRING)
			at[known[i].size - 1] = '\0';
		if (known[i].how == ARRAY)
			memcpy((uint8_t *)obj + known[i].count, &length, sizeof(length));
	}
}

static void compare(const struct object *a, const struct object *b, const struct known *known,
		    size_t count)
{
	for (size_t i = 0; i < count; i++)
		cr_expect_arr_eq((const uint8_t *)a + known[i].offset,
				 (const uint8_t *)b + known[i].offset, known[i].size,
				 "type %u: %s differs", a->type, known[i].name);
}

static struct object filled(const struct part *part, unsigned int seed)
{
	struct object obj;

	memset(&obj, 0, sizeof(obj));
	obj.type = part->type;
	fill(&obj, header, COUNT(header), seed);
	fill(&obj, part->known, part->count, seed);
	return obj;
}

static void compare_stored(struct store *store, const struct part *part,
			   const struct object *expected)
{
	struct txn *txn = begin(store);
	struct object found;

	memset(&found, 0xff, sizeof(found));
	must(store_get(txn, &expected->guid, part->type, &found));
	store_abort(txn);
	cr_expect(guid_equal(&found.guid, &expected->guid));
	cr_expect_eq(found.type, expected->type);
	cr_expect_eq(found.seq, expected->seq);
	cr_expect_eq(found.created_ms, expected->created_ms);
	cr_expect_eq(found.modified_ms, expected->modified_ms);
	compare(&found, expected, header, COUNT(header));
	compare(&found, expected, part->known, part->count);
}

Test(store_fields, every_field_of_every_type_comes_back)
{
	static struct object objects[COUNT(parts)];
	struct store *store = open_store();
	struct txn *txn = begin(store);

	for (size_t i = 0; i < COUNT(parts); i++) {
		objects[i] = filled(&parts[i], 1);
		must(store_insert(txn, &objects[i]));
		cr_assert_gt(objects[i].created_ms, 0);
	}
	must(store_commit(txn));
	store_close(store);

	store = open_store();
	for (size_t i = 0; i < COUNT(parts); i++)
		compare_stored(store, &parts[i], &objects[i]);
	check_store(store, COUNT(parts));
	store_close(store);
}

Test(store_fields, every_field_can_be_changed)
{
	static struct object objects[COUNT(parts)];
	struct store *store = open_store();
	struct txn *txn = begin(store);

	for (size_t i = 0; i < COUNT(parts); i++) {
		struct object changed = filled(&parts[i], 99);

		objects[i] = filled(&parts[i], 1);
		must(store_insert(txn, &objects[i]));
		changed.guid = objects[i].guid;
		must(store_update(txn, &changed));
		cr_expect_eq(changed.seq, objects[i].seq);
		cr_expect_eq(changed.created_ms, objects[i].created_ms);
		objects[i] = changed;
	}
	must(store_commit(txn));
	for (size_t i = 0; i < COUNT(parts); i++)
		compare_stored(store, &parts[i], &objects[i]);
	check_store(store, COUNT(parts));
	store_close(store);
}

Test(store_fields, records_keep_text_at_its_length)
{
	uint8_t bytes[RECORD_MAX];
	struct object obj;

	memset(&obj, 0, sizeof(obj));
	obj.type = NTMS_LOGICAL_MEDIA;
	strcpy(obj.name, "x");
	/* version, type; three u64, two u32, two texts; two GUIDs and a u32 */
	cr_assert_eq(record_encode(&obj, bytes), 4u + 24 + 8 + 2 + 1 + 2 + 36);
	/* and the order of bytes is the same on all machines */
	cr_assert_arr_eq(bytes, ((uint8_t[]){3, 0, NTMS_LOGICAL_MEDIA, 0}), 4);
}

Test(store_fields, what_does_not_fit_is_refused)
{
	struct store *store = open_store();
	struct txn *txn = begin(store);
	struct object obj = filled(&parts[0], 1);

	obj.computer.security.length = OBJ_SD_MAX + 1;
	must_be(store_insert(txn, &obj), ERROR_DATABASE_FAILURE);
	obj = filled(&parts[0], 1);
	memset(obj.name, 'x', sizeof(obj.name));
	must_be(store_insert(txn, &obj), ERROR_DATABASE_FAILURE);
	obj = filled(&parts[0], 1);
	obj.type = NTMS_NUMBER_OF_OBJECT_TYPES;
	must_be(store_insert(txn, &obj), ERROR_DATABASE_FAILURE);
	must(store_commit(txn));
	check_store(store, 0);
	store_close(store);
}

static uint32_t dice(uint64_t *state)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(*state >> 33);
}

/* One to four bytes overwritten, and sometimes the end cut off or something added. */
static size_t garble(uint8_t *bytes, size_t length, uint64_t *state)
{
	uint32_t edits = 1 + dice(state) % 4;

	for (uint32_t i = 0; i < edits; i++)
		bytes[dice(state) % length] = (uint8_t)dice(state);
	if (dice(state) % 3 == 0)
		length = dice(state) % (length + 1);
	else if (dice(state) % 3 == 0 && length + 8 < RECORD_MAX)
		length += dice(state) % 8;
	return length;
}

/*
 * The exact bytes in a block of their own, so that one read too many is seen by the
 * address sanitizer; what decodes must be fit to be encoded again.
 */
static bool decodes(const uint8_t *bytes, size_t length)
{
	uint8_t again[RECORD_MAX];
	uint8_t *copy = malloc(length ? length : 1);
	struct object obj;
	const char *wrong;

	cr_assert_not_null(copy);
	memcpy(copy, bytes, length);
	wrong = record_decode(copy, length, &obj);
	if (!wrong) {
		cr_assert_eq(record_encode(&obj, again), length);
		cr_assert_arr_eq(again, copy, length);
	}
	free(copy);
	return !wrong;
}

Test(store_fields, garbled_records_are_refused_or_valid)
{
	uint8_t bytes[RECORD_MAX], bad[RECORD_MAX];
	size_t good = 0, refused = 0, length;
	uint64_t state = 42;

	for (int round = 0; round < 10000; round++) {
		const struct part *part = &parts[(size_t)round % COUNT(parts)];
		struct object obj = filled(part, (unsigned int)round);

		length = record_encode(&obj, bytes);
		cr_assert(decodes(bytes, length));
		memset(bad, 0, sizeof(bad));
		memcpy(bad, bytes, length);
		if (decodes(bad, garble(bad, length, &state)))
			good++;
		else
			refused++;
	}
	/* Numbers may be anything, lengths may not: both happen. */
	cr_assert_gt(good, 100);
	cr_assert_gt(refused, 1000);
}

Test(store_fields, every_cut_is_noticed)
{
	uint8_t bytes[RECORD_MAX];

	for (size_t i = 0; i < COUNT(parts); i++) {
		struct object obj = filled(&parts[i], 3);
		size_t length = record_encode(&obj, bytes);

		for (size_t cut = 0; cut < length; cut++)
			cr_assert_not(decodes(bytes, cut), "type %u cut at %zu", parts[i].type,
				      cut);
		bytes[length] = 0;
		cr_assert_not(decodes(bytes, length + 1));
	}
}

#define HEADER_SIZE 36 /* up to the name: version, type, three u64 and two u32 */

/* The record of an empty object, but for @name bytes of name and @last of its last field. */
static size_t with_lengths(uint32_t type, uint8_t bytes[RECORD_MAX], uint16_t name, uint16_t last)
{
	uint8_t plain[RECORD_MAX];
	struct object obj;
	size_t length, at = HEADER_SIZE;

	memset(&obj, 0, sizeof(obj));
	obj.type = type;
	length = record_encode(&obj, plain);
	memcpy(bytes, plain, at);
	bytes[at++] = (uint8_t)name;
	bytes[at++] = (uint8_t)(name >> 8);
	memset(bytes + at, 'x', name);
	at += name;
	/* From behind the name to before the length at the end. */
	memcpy(bytes + at, plain + HEADER_SIZE + 2, length - HEADER_SIZE - 4);
	at += length - HEADER_SIZE - 4;
	bytes[at++] = (uint8_t)last;
	bytes[at++] = (uint8_t)(last >> 8);
	memset(bytes + at, 'x', last);
	return at + last;
}

Test(store_fields, a_length_beyond_the_field_is_refused)
{
	static uint8_t bytes[RECORD_MAX + 4 * OBJ_SD_MAX];
	size_t length;

	/* A computer ends with bytes, a request to the operator with text. */
	cr_assert(decodes(bytes, with_lengths(NTMS_COMPUTER, bytes, 3, 3)));
	cr_assert(decodes(bytes, with_lengths(NTMS_COMPUTER, bytes, OBJ_NAME_SIZE - 1, 0)));
	cr_assert_not(decodes(bytes, with_lengths(NTMS_COMPUTER, bytes, OBJ_NAME_SIZE, 0)));
	cr_assert(decodes(bytes, with_lengths(NTMS_COMPUTER, bytes, 0, OBJ_SD_MAX)));
	cr_assert_not(decodes(bytes, with_lengths(NTMS_COMPUTER, bytes, 0, OBJ_SD_MAX + 1)));
	cr_assert_not(decodes(
		bytes, with_lengths(NTMS_OPREQUEST, bytes, 0, NTMS_COMPUTERNAME_LENGTH * 3)));
	/* Text does not end before its end. */
	length = with_lengths(NTMS_COMPUTER, bytes, 3, 3);
	cr_assert(decodes(bytes, length));
	bytes[HEADER_SIZE + 3] = '\0';
	cr_assert_not(decodes(bytes, length));
}

Test(store_fields, a_newer_version_is_refused_with_its_reason)
{
	uint8_t bytes[RECORD_MAX];
	struct object obj = filled(&parts[0], 3);
	size_t length = record_encode(&obj, bytes);
	const char *wrong;

	bytes[0]++;
	wrong = record_decode(bytes, length, &obj);
	cr_assert_not_null(wrong);
	cr_assert_not_null(strstr(wrong, "newer version"), "%s", wrong);
}

/* A record with a good checksum around it and nonsense in it. */
Test(store_fields, a_garbled_record_is_a_database_failure)
{
	struct store *store = open_store();
	struct txn *txn = begin(store);
	struct object obj = filled(&parts[1], 5), found;
	uint8_t id[16], junk[40];
	DBT key = {.data = id, .size = sizeof(id)};
	DBT data = {.data = junk, .size = sizeof(junk)};
	size_t count;

	must(store_insert(txn, &obj));
	record_put_guid(id, &obj.guid);
	memset(junk, 0xee, sizeof(junk));
	cr_assert_eq(store->objects->put(store->objects, txn->tid, &key, &data, 0), 0);
	must(store_commit(txn));

	txn = begin(store);
	must_be(store_get(txn, &obj.guid, NTMS_UNKNOWN, &found), ERROR_DATABASE_FAILURE);
	must_be(store_delete(txn, &obj.guid), ERROR_DATABASE_FAILURE);
	must_be(store_check(txn, &count), ERROR_DATABASE_FAILURE);
	/* The rest of the database is none the worse for it. */
	obj = filled(&parts[2], 6);
	must(store_insert(txn, &obj));
	must(store_commit(txn));
	store_close(store);
}

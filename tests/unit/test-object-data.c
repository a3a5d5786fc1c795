// SPDX-License-Identifier: GPL-2.0-only
/* What callers keep with objects: attributes and security descriptors. */
#include "session-test.h"
#include "core/sd.h"

#define SOMEBODY 4711
#define ALL                                                                                      \
	(NTMS_USE_ACCESS | NTMS_MODIFY_ACCESS | NTMS_CONTROL_ACCESS | READ_CONTROL | WRITE_DAC | \
	 WRITE_OWNER)
#define OWNER	OWNER_SECURITY_INFORMATION
#define GROUP	GROUP_SECURITY_INFORMATION
#define DACL	DACL_SECURITY_INFORMATION
#define SACL	SACL_SECURITY_INFORMATION
#define UNKNOWN ((NTMS_GUID){.Data1 = 1})

TestSuite(object_data, .init = open_library, .fini = close_library);

static void descriptor(struct obj_security *security, uint32_t owner, uint32_t rights)
{
	struct sd_ace ace = {.type = SD_ACE_ALLOW, .mask = rights};
	struct sd_sid user, group;

	sd_sid_make(&user, SD_USER, owner);
	sd_sid_make(&group, SD_GROUP, owner);
	sd_sid_make(&ace.sid, SD_USER, SOMEBODY);
	cr_assert(sd_build(security, &user, &group, &ace, 1));
}

/* Let SOMEBODY have these rights on a pool, and nobody else any. */
static void grant(const NTMS_GUID *guid, uint32_t rights)
{
	struct object pool = read_object(guid);

	descriptor(&pool.pool.security, 0, rights);
	write_object(&pool);
}

/* ---- attributes ---- */

static DWORD set(const NTMS_GUID *guid, const char *name, const void *data, DWORD size)
{
	NTMS_GUID object = *guid;

	return SetNtmsObjectAttributeA(session, &object, NTMS_UNKNOWN, name, (void *)data, size);
}

static void expect(const NTMS_GUID *guid, const char *name, const void *data, DWORD size)
{
	static uint8_t buffer[NTMS_MAXATTR_LENGTH];
	NTMS_GUID object = *guid;
	DWORD length = size;

	memset(buffer, 0xAA, sizeof(buffer));
	must(GetNtmsObjectAttributeA(session, &object, NTMS_UNKNOWN, name, buffer, &length));
	cr_assert_eq(length, size, "%s", name);
	cr_assert_arr_eq(buffer, data, size, "%s", name);
	cr_assert_eq(buffer[size], 0xAA, "written behind the end");
}

static void fill(uint8_t *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		bytes[i] = (uint8_t)(i * 7 + i / 251);
}

/* Lengths around the end of a record and of what is allowed. */
Test(object_data, attributes_of_any_length)
{
	static const DWORD sizes[] = {1,
				      2,
				      OBJ_ATTRIBUTE_PART_MAX - 1,
				      OBJ_ATTRIBUTE_PART_MAX,
				      OBJ_ATTRIBUTE_PART_MAX + 1,
				      3000,
				      0xFFFF,
				      5};
	static uint8_t bytes[NTMS_MAXATTR_LENGTH];

	fill(bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		must(set(&tapes[0], "data", bytes, sizes[i]));
		expect(&tapes[0], "data", bytes, sizes[i]);
	}
	must_be(set(&tapes[0], "data", bytes, NTMS_MAXATTR_LENGTH), ERROR_NO_DATA);
	must_be(set(&tapes[0], "data", bytes, 0xFFFFFFFF), ERROR_NO_DATA);
	expect(&tapes[0], "data", bytes, 5);
}

Test(object_data, attributes_are_kept_apart)
{
	NTMS_GUID pool = make_pool("A"), computer;
	DWORD size = 1, count = 1;
	uint64_t before;
	char byte;

	must(EnumerateNtmsObject(session, NULL, &computer, &count, NTMS_COMPUTER, 0));
	must(set(&pool, "one", "1", 1));
	must(set(&pool, "One", "2", 1));
	must(set(&pool, "on", "3", 1));
	must(set(&library, "one", "4", 1));
	must(set(&computer, "one", "5", 1));
	must(set(&tapes[0], "one", "6", 1));
	expect(&pool, "one", "1", 1);
	expect(&pool, "One", "2", 1);
	expect(&pool, "on", "3", 1);
	expect(&library, "one", "4", 1);
	expect(&computer, "one", "5", 1);
	expect(&tapes[0], "one", "6", 1);
	must(set(&pool, "one", NULL, 0));
	must_be(GetNtmsObjectAttributeA(session, &pool, NTMS_MEDIA_POOL, "one", &byte, &size),
		ERROR_OBJECT_NOT_FOUND);
	cr_expect_eq(size, 1);
	expect(&pool, "One", "2", 1);
	before = newest_change();
	must(set(&pool, "one", NULL, 0));
	cr_expect_eq(newest_change(), before, "it was not there");
	/* They do not make a pool full, and go with it. */
	must(DeleteNtmsMediaPool(session, &pool));
	must_be(GetNtmsObjectAttributeA(session, &pool, NTMS_MEDIA_POOL, "One", &byte, &size),
		ERROR_OBJECT_NOT_FOUND);
}

static size_t attribute_records(void)
{
	struct txn *txn = begin();
	struct store_key key;
	size_t count;

	key_start(&key);
	key_u32(&key, OBJ_TYPE_ATTRIBUTE);
	must(store_count(txn, IX_TYPE, &key, &count));
	store_abort(txn);
	return count;
}

Test(object_data, attributes_go_with_their_object)
{
	static uint8_t bytes[3000];
	NTMS_GUID pool = make_pool("A");

	must(set(&library, "stays", bytes, 1));
	must(set(&pool, "big", bytes, sizeof(bytes)));
	must(set(&pool, "small", bytes, 1));
	cr_assert_eq(attribute_records(), 5);
	must(DeleteNtmsMediaPool(session, &pool));
	cr_assert_eq(attribute_records(), 1);
}

/* 31 characters in either form; the same text is the same attribute. */
Test(object_data, attribute_names)
{
	static const char longest[] = "\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC"
				      "aaaaaaaaaaaaaaaaaaaaaaaa";
	WCHAR wide[NTMS_MAXATTR_NAMELEN + 1] = {0}, too_long[64];
	char buffer[4], narrow[64];
	DWORD size = sizeof(buffer);
	uint64_t before;

	for (int i = 0; i < NTMS_MAXATTR_NAMELEN - 1; i++)
		wide[i] = i < 7 ? 0xFC : 'a';
	must(set(&tapes[0], longest, "abc", 3));
	must(GetNtmsObjectAttributeW(session, &tapes[0], NTMS_PHYSICAL_MEDIA, wide, buffer, &size));
	cr_expect_eq(size, 3);
	cr_expect_arr_eq(buffer, "abc", 3);
	must(SetNtmsObjectAttributeW(session, &tapes[0], NTMS_DRIVE, wide, (void *)"xy", 2));
	expect(&tapes[0], longest, "xy", 2);
	before = newest_change();
	memset(narrow, 'a', sizeof(narrow));
	narrow[NTMS_MAXATTR_NAMELEN] = '\0';
	for (int i = 0; i < 64; i++)
		too_long[i] = 'a';
	must_be(set(&tapes[0], narrow, "x", 1), ERROR_INVALID_NAME);
	must_be(set(&tapes[0], "", "x", 1), ERROR_INVALID_NAME);
	must_be(set(&tapes[0], "\xFF", "x", 1), ERROR_INVALID_NAME);
	must_be(SetNtmsObjectAttributeW(session, &tapes[0], NTMS_DRIVE, too_long, buffer, 1),
		ERROR_INVALID_NAME);
	must_be(SetNtmsObjectAttributeW(session, &tapes[0], NTMS_DRIVE, u"", buffer, 1),
		ERROR_INVALID_NAME);
	must_be(SetNtmsObjectAttributeW(session, &tapes[0], NTMS_DRIVE, (WCHAR[]){0xD800, 0},
					buffer, 1),
		ERROR_INVALID_NAME);
	must_be(GetNtmsObjectAttributeA(session, &tapes[0], NTMS_PHYSICAL_MEDIA, "", buffer, &size),
		ERROR_INVALID_PARAMETER);
	must_be(GetNtmsObjectAttributeW(session, &tapes[0], NTMS_PHYSICAL_MEDIA, too_long, buffer,
					&size),
		ERROR_INVALID_PARAMETER);
	cr_expect_eq(newest_change(), before);
}

Test(object_data, attributes_refused)
{
	NTMS_GUID pool = make_pool("A"), unknown = UNKNOWN;
	char buffer[8] = "-------";
	DWORD size = 8;
	uint64_t before;

	must(set(&pool, "one", "12345", 5));
	before = newest_change();
	must_be(GetNtmsObjectAttributeA(NULL, &pool, NTMS_MEDIA_POOL, "one", buffer, &size),
		ERROR_INVALID_HANDLE);
	must_be(GetNtmsObjectAttributeW(NULL, &pool, NTMS_MEDIA_POOL, u"one", buffer, &size),
		ERROR_INVALID_HANDLE);
	must_be(SetNtmsObjectAttributeA(NULL, &pool, NTMS_MEDIA_POOL, "one", buffer, size),
		ERROR_INVALID_HANDLE);
	must_be(SetNtmsObjectAttributeW(NULL, &pool, NTMS_MEDIA_POOL, u"one", buffer, size),
		ERROR_INVALID_HANDLE);
	must_be(GetNtmsObjectAttributeA(session, NULL, NTMS_MEDIA_POOL, "one", buffer, &size),
		ERROR_INVALID_PARAMETER);
	must_be(GetNtmsObjectAttributeA(session, &pool, NTMS_UI_DESTINATION, "one", buffer, &size),
		ERROR_INVALID_PARAMETER);
	must_be(GetNtmsObjectAttributeA(session, &pool, NTMS_MEDIA_POOL, NULL, buffer, &size),
		ERROR_INVALID_PARAMETER);
	must_be(GetNtmsObjectAttributeW(session, &pool, NTMS_MEDIA_POOL, NULL, buffer, &size),
		ERROR_INVALID_PARAMETER);
	must_be(GetNtmsObjectAttributeA(session, &pool, NTMS_MEDIA_POOL, "one", NULL, &size),
		ERROR_INVALID_PARAMETER);
	must_be(GetNtmsObjectAttributeA(session, &pool, NTMS_MEDIA_POOL, "one", buffer, NULL),
		ERROR_INVALID_PARAMETER);
	must_be(GetNtmsObjectAttributeA(session, &pool, NTMS_DRIVE, "one", buffer, &size),
		ERROR_OBJECT_NOT_FOUND);
	must_be(GetNtmsObjectAttributeA(session, &unknown, NTMS_UNKNOWN, "one", buffer, &size),
		ERROR_OBJECT_NOT_FOUND);
	must_be(GetNtmsObjectAttributeA(session, &pool, NTMS_UNKNOWN, "two", buffer, &size),
		ERROR_OBJECT_NOT_FOUND);
	cr_expect_eq(size, 8);
	size = 4;
	must_be(GetNtmsObjectAttributeA(session, &pool, NTMS_UNKNOWN, "one", buffer, &size),
		ERROR_INSUFFICIENT_BUFFER);
	cr_expect_eq(size, 5);
	size = 0;
	must_be(GetNtmsObjectAttributeA(session, &pool, NTMS_UNKNOWN, "one", NULL, &size),
		ERROR_INSUFFICIENT_BUFFER);
	cr_expect_eq(size, 5);
	cr_expect_str_eq(buffer, "-------");
	must_be(SetNtmsObjectAttributeA(session, NULL, NTMS_MEDIA_POOL, "one", buffer, 1),
		ERROR_INVALID_PARAMETER);
	must_be(SetNtmsObjectAttributeA(session, &pool, NTMS_MEDIA_POOL, NULL, buffer, 1),
		ERROR_INVALID_PARAMETER);
	must_be(SetNtmsObjectAttributeW(session, &pool, NTMS_MEDIA_POOL, NULL, buffer, 1),
		ERROR_INVALID_PARAMETER);
	must_be(SetNtmsObjectAttributeA(session, &pool, NTMS_MEDIA_POOL, "one", NULL, 1),
		ERROR_INVALID_PARAMETER);
	must_be(set(&unknown, "one", "x", 1), ERROR_OBJECT_NOT_FOUND);
	cr_expect_eq(newest_change(), before);
	grant(&pool, ALL & ~(uint32_t)NTMS_MODIFY_ACCESS);
	become(SOMEBODY);
	must_be(set(&pool, "one", "x", 1), ERROR_ACCESS_DENIED);
	expect(&pool, "one", "12345", 5);
	become(0);
	grant(&pool, ALL & ~(uint32_t)NTMS_USE_ACCESS);
	become(SOMEBODY);
	size = 8;
	must_be(GetNtmsObjectAttributeA(session, &pool, NTMS_UNKNOWN, "one", buffer, &size),
		ERROR_ACCESS_DENIED);
	must(set(&pool, "one", "x", 1));
	become(0);
	expect(&pool, "one", "x", 1);
}

/* ---- security ---- */

static struct obj_security get_parts(const NTMS_GUID *guid, uint32_t parts)
{
	struct obj_security security = {0};
	NTMS_GUID object = *guid;
	DWORD needed = 0;

	must(GetNtmsObjectSecurity(session, &object, NTMS_UNKNOWN, parts, security.bytes,
				   sizeof(security.bytes), &needed));
	security.length = needed;
	return security;
}

static struct sd_view view_of(const struct obj_security *security)
{
	struct sd_view view;

	cr_assert(sd_parse(security->bytes, security->length, &view));
	cr_assert_eq(view.extent, security->length);
	return view;
}

static uint32_t owner_of(const NTMS_GUID *guid)
{
	struct obj_security security = get_parts(guid, OWNER);
	struct sd_view view = view_of(&security);
	uint32_t id;

	cr_assert_not_null(view.owner);
	cr_assert_null(view.group);
	cr_assert_not(view.dacl_present);
	cr_assert_eq(sd_sid_who(view.owner, &id), SD_USER);
	return id;
}

static DWORD set_parts(const NTMS_GUID *guid, uint32_t parts, const struct obj_security *security)
{
	NTMS_GUID object = *guid;

	return SetNtmsObjectSecurity(session, &object, NTMS_UNKNOWN, parts,
				     (void *)security->bytes);
}

Test(object_data, security_of_each_holder)
{
	NTMS_GUID pool = make_pool("A"), computer;
	DWORD count = 1;

	must(EnumerateNtmsObject(session, NULL, &computer, &count, NTMS_COMPUTER, 0));
	const NTMS_GUID holders[] = {pool, library, computer};
	for (size_t i = 0; i < 3; i++) {
		struct obj_security given, found;
		struct sd_view view;
		struct sd_ace ace;
		size_t position = 0;
		uint32_t id;

		/* The DACL of one, the owner of another; what is not named stays. */
		descriptor(&given, 17, NTMS_USE_ACCESS);
		must(set_parts(&holders[i], OWNER | GROUP, &given));
		descriptor(&given, 18, NTMS_CONTROL_ACCESS);
		must(set_parts(&holders[i], DACL, &given));
		cr_expect_eq(owner_of(&holders[i]), 17);
		found = get_parts(&holders[i], OWNER | GROUP | DACL | SACL);
		view = view_of(&found);
		cr_expect_eq(sd_sid_who(view.group, &id), SD_GROUP);
		cr_expect_eq(id, 17);
		cr_expect_null(view.sacl);
		cr_assert(sd_next_ace(view.dacl, &position, &ace));
		cr_expect_eq(ace.mask, NTMS_CONTROL_ACCESS);
		cr_expect_not(sd_next_ace(view.dacl, &position, &ace));
	}
}

/* What has been set is what counts from now on. */
Test(object_data, security_takes_effect)
{
	NTMS_OBJECTINFORMATIONA info = {.dwSize = sizeof(info), .dwType = NTMS_MEDIA_POOL};
	NTMS_GUID pool = make_pool("A");
	struct obj_security given;

	become(SOMEBODY);
	must_be(GetNtmsObjectInformationA(session, &pool, &info), ERROR_ACCESS_DENIED);
	become(0);
	descriptor(&given, 0, NTMS_USE_ACCESS);
	must(set_parts(&pool, DACL, &given));
	become(SOMEBODY);
	must(GetNtmsObjectInformationA(session, &pool, &info));
	become(0);
	/* No DACL, said in so many words: everybody. */
	memset(given.bytes + 16, 0, 4);
	must(set_parts(&pool, DACL, &given));
	become(SOMEBODY + 1);
	must(GetNtmsObjectInformationA(session, &pool, &info));
	become(0);
}

static void expect_denied(const NTMS_GUID *pool, uint32_t lacking, uint32_t parts)
{
	struct obj_security given, kept, now;

	descriptor(&given, SOMEBODY, ALL);
	grant(pool, ALL & ~lacking);
	kept = read_object(pool).pool.security;
	become(SOMEBODY);
	must_be(set_parts(pool, parts, &given), ERROR_ACCESS_DENIED);
	become(0);
	now = read_object(pool).pool.security;
	cr_expect_arr_eq(&now, &kept, sizeof(kept));
	grant(pool, lacking);
	become(SOMEBODY);
	must(set_parts(pool, parts, &given));
	become(0);
}

Test(object_data, security_rights)
{
	NTMS_GUID pool = make_pool("A"), object = pool;
	struct obj_security given, other;
	uint8_t bytes[64];
	DWORD needed;

	expect_denied(&pool, WRITE_DAC, DACL);
	expect_denied(&pool, WRITE_OWNER, OWNER);
	expect_denied(&pool, WRITE_OWNER, GROUP);
	grant(&pool, ALL & ~(uint32_t)READ_CONTROL);
	become(SOMEBODY);
	must_be(GetNtmsObjectSecurity(session, &object, NTMS_MEDIA_POOL, OWNER, bytes,
				      sizeof(bytes), &needed),
		ERROR_ACCESS_DENIED);
	become(0);
	grant(&pool, READ_CONTROL);
	become(SOMEBODY);
	cr_expect_eq(owner_of(&pool), 0);
	/* A SACL is root's alone. */
	must_be(GetNtmsObjectSecurity(session, &object, NTMS_MEDIA_POOL, OWNER | SACL, bytes,
				      sizeof(bytes), &needed),
		ERROR_ACCESS_DENIED);
	become(0);
	grant(&pool, ALL);
	descriptor(&given, 0, ALL);
	become(SOMEBODY);
	must_be(set_parts(&pool, DACL | SACL, &given), ERROR_ACCESS_DENIED);
	become(0);
	/* The owner needs no right to give himself any, or the pool to another. */
	descriptor(&given, SOMEBODY, 0);
	must(set_parts(&pool, OWNER | DACL, &given));
	descriptor(&other, 18, NTMS_USE_ACCESS);
	become(SOMEBODY);
	cr_expect_eq(owner_of(&pool), SOMEBODY);
	must(set_parts(&pool, DACL, &other));
	must(set_parts(&pool, OWNER, &other));
	must_be(set_parts(&pool, DACL, &other), ERROR_ACCESS_DENIED);
	become(0);
	cr_expect_eq(owner_of(&pool), 18);
}

Test(object_data, security_refused)
{
	NTMS_GUID pool = make_pool("A"), unknown = UNKNOWN;
	struct obj_security given, bad;
	uint8_t bytes[32];
	DWORD needed = 99;
	uint64_t before = newest_change();

	descriptor(&given, 0, ALL);
	must_be(GetNtmsObjectSecurity(NULL, &pool, NTMS_MEDIA_POOL, OWNER, bytes, 32, &needed),
		ERROR_INVALID_HANDLE);
	must_be(GetNtmsObjectSecurity(session, NULL, NTMS_MEDIA_POOL, OWNER, bytes, 32, &needed),
		ERROR_INVALID_PARAMETER);
	must_be(GetNtmsObjectSecurity(session, &pool, NTMS_UI_DESTINATION, OWNER, bytes, 32,
				      &needed),
		ERROR_INVALID_PARAMETER);
	must_be(GetNtmsObjectSecurity(session, &pool, NTMS_MEDIA_POOL, 0, bytes, 32, &needed),
		ERROR_INVALID_PARAMETER);
	must_be(GetNtmsObjectSecurity(session, &pool, NTMS_MEDIA_POOL, 16, bytes, 32, &needed),
		ERROR_INVALID_PARAMETER);
	must_be(GetNtmsObjectSecurity(session, &pool, NTMS_MEDIA_POOL, OWNER, NULL, 32, &needed),
		ERROR_INVALID_PARAMETER);
	must_be(GetNtmsObjectSecurity(session, &pool, NTMS_MEDIA_POOL, OWNER, bytes, 32, NULL),
		ERROR_INVALID_PARAMETER);
	must_be(GetNtmsObjectSecurity(session, &unknown, NTMS_UNKNOWN, OWNER, bytes, 32, &needed),
		ERROR_OBJECT_NOT_FOUND);
	must_be(GetNtmsObjectSecurity(session, &pool, NTMS_LIBRARY, OWNER, bytes, 32, &needed),
		ERROR_OBJECT_NOT_FOUND);
	must_be(GetNtmsObjectSecurity(session, &tapes[0], NTMS_UNKNOWN, OWNER, bytes, 32, &needed),
		ERROR_NO_SECURITY_ON_OBJECT);
	cr_expect_eq(needed, 99);
	memset(bytes, 0xAA, sizeof(bytes));
	must_be(GetNtmsObjectSecurity(session, &pool, NTMS_MEDIA_POOL, OWNER, bytes, 32, &needed),
		ERROR_INSUFFICIENT_BUFFER);
	cr_expect_eq(needed, 36);
	cr_expect_eq(bytes[0], 0xAA);
	must_be(GetNtmsObjectSecurity(session, &pool, NTMS_MEDIA_POOL, OWNER, NULL, 0, &needed),
		ERROR_INSUFFICIENT_BUFFER);

	must_be(SetNtmsObjectSecurity(NULL, &pool, NTMS_MEDIA_POOL, DACL, given.bytes),
		ERROR_INVALID_HANDLE);
	must_be(SetNtmsObjectSecurity(session, NULL, NTMS_MEDIA_POOL, DACL, given.bytes),
		ERROR_INVALID_PARAMETER);
	must_be(SetNtmsObjectSecurity(session, &pool, NTMS_OBJECT, DACL, given.bytes),
		ERROR_INVALID_PARAMETER);
	must_be(SetNtmsObjectSecurity(session, &pool, NTMS_MEDIA_POOL, 0, given.bytes),
		ERROR_INVALID_PARAMETER);
	must_be(SetNtmsObjectSecurity(session, &pool, NTMS_MEDIA_POOL, 0x10, given.bytes),
		ERROR_INVALID_PARAMETER);
	must_be(SetNtmsObjectSecurity(session, &pool, NTMS_MEDIA_POOL, DACL, NULL),
		ERROR_INVALID_PARAMETER);
	must_be(set_parts(&unknown, DACL, &given), ERROR_OBJECT_NOT_FOUND);
	must_be(set_parts(&tapes[0], DACL, &given), ERROR_NO_SECURITY_ON_OBJECT);
	bad = given;
	bad.bytes[3] = 0; /* not self-relative */
	must_be(set_parts(&pool, DACL, &bad), ERROR_INVALID_PARAMETER);
	bad = given;
	bad.bytes[2] = 0; /* not a word about a DACL */
	must_be(set_parts(&pool, DACL, &bad), ERROR_INVALID_PARAMETER);
	bad = given;
	memset(bad.bytes + 4, 0, 4);
	must_be(set_parts(&pool, OWNER, &bad), ERROR_INVALID_PARAMETER);
	memset(bad.bytes + 8, 0, 4);
	must_be(set_parts(&pool, GROUP, &bad), ERROR_INVALID_PARAMETER);
	cr_expect_eq(newest_change(), before);
}

/* An owner and a DACL that fit one by one need not fit together. */
Test(object_data, security_too_long)
{
	struct obj_security given, sacl = {0};
	NTMS_GUID pool = make_pool("A");
	struct sd_ace aces[40];
	struct sd_view parts = {0};
	struct sd_sid owner;
	uint8_t acl[600] = {2, 0, 600 & 0xFF, 600 >> 8};

	sd_sid_make(&owner, SD_USER, 0);
	for (size_t i = 0; i < 40; i++) {
		aces[i] = (struct sd_ace){.type = SD_ACE_ALLOW, .mask = NTMS_USE_ACCESS};
		sd_sid_make(&aces[i].sid, SD_USER, (uint32_t)i);
	}
	cr_assert(sd_build(&given, &owner, &owner, aces, 38));
	must(set_parts(&pool, DACL, &given));
	parts.sacl = acl;
	cr_assert(sd_compose(&sacl, &parts));
	must_be(set_parts(&pool, SACL, &sacl), ERROR_INVALID_PARAMETER);
	descriptor(&given, 0, ALL);
	must(set_parts(&pool, DACL, &given));
	must(set_parts(&pool, SACL, &sacl));
	given = get_parts(&pool, SACL);
	parts = view_of(&given);
	cr_assert_not_null(parts.sacl);
	cr_expect_arr_eq(parts.sacl, acl, sizeof(acl));
	/* And taken away again. */
	descriptor(&given, 0, ALL);
	must(set_parts(&pool, SACL, &given));
	given = get_parts(&pool, SACL);
	parts = view_of(&given);
	cr_expect_null(parts.sacl);
}

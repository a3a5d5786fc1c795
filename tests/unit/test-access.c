// SPDX-License-Identifier: GPL-2.0-only
/* Who may do what: descriptors built, taken apart, and malformed in every byte. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include "base/say.h"
#include "core/access.h"
#include "core/sd.h"

#define U NTMS_USE_ACCESS
#define M NTMS_MODIFY_ACCESS
#define C NTMS_CONTROL_ACCESS

static const struct caller root = {.uid = 0, .group_count = 1, .groups = {0}};
static const struct caller anna = {.uid = 1000, .group_count = 2, .groups = {1000, 50}};
static const struct caller bert = {.uid = 1001, .group_count = 1, .groups = {1001}};

static struct object pool_with(const struct sd_ace *aces, size_t count)
{
	struct object pool = {.type = NTMS_MEDIA_POOL, .name = "Backup"};
	struct sd_sid owner, group;

	sd_sid_make(&owner, SD_USER, 7);
	sd_sid_make(&group, SD_GROUP, 7);
	cr_assert(sd_build(&pool.pool.security, &owner, &group, aces, count));
	return pool;
}

static struct sd_ace ace(uint8_t type, enum sd_who who, uint32_t id, uint32_t mask)
{
	struct sd_ace made = {.type = type, .mask = mask};

	sd_sid_make(&made.sid, who, id);
	return made;
}

Test(access, user_group_everyone)
{
	struct sd_ace aces[] = {
		ace(SD_ACE_ALLOW, SD_USER, 1000, U),
		ace(SD_ACE_ALLOW, SD_GROUP, 50, M),
		ace(SD_ACE_ALLOW, SD_EVERYONE, 0, READ_CONTROL),
	};
	struct object pool = pool_with(aces, 3);

	cr_expect_eq(access_check(NULL, &anna, &pool, U | M | READ_CONTROL), ERROR_SUCCESS);
	cr_expect_eq(access_check(NULL, &anna, &pool, C), ERROR_ACCESS_DENIED);
	cr_expect_str_eq(ntms_said(), "user 1000 lacks the control right on media pool \"Backup\"");
	cr_expect_eq(access_check(NULL, &bert, &pool, READ_CONTROL), ERROR_SUCCESS);
	cr_expect_eq(access_check(NULL, &bert, &pool, U), ERROR_ACCESS_DENIED);
	cr_expect_eq(access_check(NULL, &root, &pool, U | M | C | WRITE_DAC), ERROR_SUCCESS);
}

Test(access, control_does_not_imply_use)
{
	struct sd_ace aces[] = {ace(SD_ACE_ALLOW, SD_USER, 1000, C)};
	struct object pool = pool_with(aces, 1);

	cr_expect_eq(access_check(NULL, &anna, &pool, C), ERROR_SUCCESS);
	cr_expect_eq(access_check(NULL, &anna, &pool, U), ERROR_ACCESS_DENIED);
	cr_expect_eq(access_check(NULL, &anna, &pool, M), ERROR_ACCESS_DENIED);
	cr_expect_eq(access_check(NULL, &anna, &pool, U | C), ERROR_ACCESS_DENIED);
}

Test(access, order_of_deny_and_allow)
{
	struct sd_ace deny_first[] = {ace(SD_ACE_DENY, SD_GROUP, 50, C),
				      ace(SD_ACE_ALLOW, SD_USER, 1000, U | C)};
	struct sd_ace allow_first[] = {ace(SD_ACE_ALLOW, SD_USER, 1000, U | C),
				       ace(SD_ACE_DENY, SD_GROUP, 50, C)};
	struct object a = pool_with(deny_first, 2);
	struct object b = pool_with(allow_first, 2);

	cr_expect_eq(access_check(NULL, &anna, &a, C), ERROR_ACCESS_DENIED);
	cr_expect_eq(access_check(NULL, &anna, &a, U), ERROR_SUCCESS);
	cr_expect_eq(access_check(NULL, &anna, &b, C), ERROR_SUCCESS);
}

Test(access, generic_rights_and_inherit_only)
{
	struct sd_ace aces[] = {ace(SD_ACE_ALLOW, SD_USER, 1000, 0x10000000),
				ace(SD_ACE_ALLOW, SD_USER, 1001, U)};
	struct object pool;

	aces[1].flags = SD_INHERIT_ONLY_ACE;
	pool = pool_with(aces, 2);
	cr_expect_eq(access_check(NULL, &anna, &pool, U | M | C | READ_CONTROL | WRITE_DAC),
		     ERROR_SUCCESS);
	cr_expect_eq(access_check(NULL, &bert, &pool, U), ERROR_ACCESS_DENIED,
		     "an entry for what is below counted for the pool itself");
}

Test(access, owner_may_read_and_change_the_list)
{
	struct object pool = pool_with(NULL, 0);
	struct caller owner = {.uid = 7};

	cr_expect_eq(access_check(NULL, &owner, &pool, READ_CONTROL | WRITE_DAC), ERROR_SUCCESS);
	cr_expect_eq(access_check(NULL, &owner, &pool, U), ERROR_ACCESS_DENIED);
}

Test(access, damaged_or_missing_descriptor_is_roots_alone)
{
	struct object pool = {.type = NTMS_MEDIA_POOL, .name = "Backup"};

	cr_expect_eq(access_check(NULL, &anna, &pool, U), ERROR_ACCESS_DENIED);
	pool.pool.security.length = 0xFFFFFFFF;
	cr_expect_eq(access_check(NULL, &anna, &pool, U), ERROR_ACCESS_DENIED);
	cr_expect_eq(access_check(NULL, &root, &pool, U), ERROR_SUCCESS);
}

Test(access, defaults)
{
	struct object system = {.type = NTMS_LIBRARY, .name = "L"};
	struct object top = {.type = NTMS_MEDIA_POOL}, below = {.type = NTMS_MEDIA_POOL};

	access_system(&system.library.security, 0);
	cr_expect_eq(access_check(NULL, &anna, &system, U), ERROR_SUCCESS);
	cr_expect_eq(access_check(NULL, &anna, &system, M), ERROR_ACCESS_DENIED);
	cr_expect_eq(access_check(NULL, &anna, &system, C), ERROR_ACCESS_DENIED);
	access_system(&system.library.security, 1000);
	cr_expect_eq(access_check(NULL, &anna, &system, U | M | C), ERROR_SUCCESS);
	cr_expect_eq(access_check(NULL, &bert, &system, U), ERROR_SUCCESS);
	cr_expect_eq(access_check(NULL, &bert, &system, M), ERROR_ACCESS_DENIED);

	access_default(&top.pool.security, &anna, NULL);
	cr_expect_eq(access_check(NULL, &anna, &top, U | M | C), ERROR_SUCCESS);
	cr_expect_eq(access_check(NULL, &bert, &top, U), ERROR_ACCESS_DENIED);

	access_default(&below.pool.security, &bert, &top);
	cr_expect_eq(access_check(NULL, &bert, &below, U | M | C), ERROR_SUCCESS);
	cr_expect_eq(access_check(NULL, &anna, &below, U | M | C), ERROR_SUCCESS, "not inherited");
}

/* Ever deeper, with a new creator each time, until the entries no longer fit. */
Test(access, inheritance_stops_before_it_lets_somebody_in)
{
	struct object parent = {.type = NTMS_MEDIA_POOL}, child = {.type = NTMS_MEDIA_POOL};

	access_default(&parent.pool.security, &anna, NULL);
	for (uint32_t uid = 2000; uid < 2100; uid++) {
		struct caller creator = {.uid = uid, .group_count = 1, .groups = {uid}};
		struct caller stranger = {.uid = uid + 1000};

		access_default(&child.pool.security, &creator, &parent);
		cr_assert_eq(access_check(NULL, &creator, &child, U | M | C), ERROR_SUCCESS);
		cr_assert_eq(access_check(NULL, &stranger, &child, U), ERROR_ACCESS_DENIED);
		parent = child;
	}
}

static size_t sample(uint8_t *bytes)
{
	struct sd_ace aces[] = {ace(SD_ACE_DENY, SD_GROUP, 50, C),
				ace(SD_ACE_ALLOW, SD_USER, 1000, U | C)};
	struct object pool = pool_with(aces, 2);

	memcpy(bytes, pool.pool.security.bytes, pool.pool.security.length);
	return pool.pool.security.length;
}

Test(sd, taken_as_it_is)
{
	struct obj_security taken;
	uint8_t bytes[OBJ_SD_MAX];
	size_t length = sample(bytes);

	cr_assert_eq(access_import(&taken, bytes, length), ERROR_SUCCESS);
	cr_assert_eq(taken.length, length);
	cr_assert_arr_eq(taken.bytes, bytes, length);
	/* A caller that cannot tell the length gives the limit: what follows is not taken. */
	memset(bytes + length, 0xFF, sizeof(bytes) - length);
	cr_assert_eq(access_import(&taken, bytes, sizeof(bytes)), ERROR_SUCCESS);
	cr_assert_eq(taken.length, length);
}

/* In memory of its exact size, so that the sanitizer sees one byte too many being read. */
static DWORD import_exactly(const uint8_t *bytes, size_t length, struct obj_security *taken)
{
	uint8_t *copy = malloc(length ? length : 1);
	DWORD code;

	memcpy(copy, bytes, length);
	code = access_import(taken, copy, length);
	free(copy);
	return code;
}

Test(sd, cut_anywhere_is_refused)
{
	struct obj_security taken;
	uint8_t bytes[OBJ_SD_MAX];
	size_t length = sample(bytes);

	for (size_t cut = 0; cut < length; cut++)
		cr_expect_eq(import_exactly(bytes, cut, &taken), ERROR_INVALID_PARAMETER,
			     "%zu of %zu bytes were taken", cut, length);
}

/* Whatever a byte is changed to: nothing is read outside, and what is taken can be used. */
Test(sd, any_byte_changed)
{
	static const uint8_t values[] = {0, 1, 2, 4, 7, 15, 16, 20, 0x7F, 0x80, 0xFE, 0xFF};
	struct object pool = {.type = NTMS_MEDIA_POOL};
	uint8_t bytes[OBJ_SD_MAX];
	size_t length = sample(bytes);

	for (size_t i = 0; i < length; i++) {
		uint8_t kept = bytes[i];

		for (size_t v = 0; v < sizeof(values); v++) {
			bytes[i] = values[v];
			if (import_exactly(bytes, length, &pool.pool.security))
				continue;
			cr_expect_leq(pool.pool.security.length, length);
			access_check(NULL, &anna, &pool, U | M | C);
		}
		bytes[i] = kept;
	}
}

Test(sd, particular_lies)
{
	struct obj_security taken;
	uint8_t bytes[OBJ_SD_MAX], lie[OBJ_SD_MAX];
	size_t length = sample(bytes);

#define LIE(offset, value)                                                                 \
	do {                                                                               \
		memcpy(lie, bytes, length);                                                \
		lie[offset] = value;                                                       \
		cr_expect_eq(import_exactly(lie, length, &taken), ERROR_INVALID_PARAMETER, \
			     "byte %d = %d was believed", offset, value);                  \
	} while (0)
	LIE(0, 2);     /* revision */
	LIE(3, 0);     /* not self-relative */
	LIE(4, 4);     /* owner inside the header */
	LIE(4, 22);    /* owner not aligned */
	LIE(5, 0xFF);  /* owner outside */
	LIE(16, 0xFC); /* DACL outside */
	LIE(20, 9);    /* revision of the owner's SID */
	LIE(21, 16);   /* too many sub-authorities */
	LIE(52, 9);    /* revision of the DACL */
	LIE(54, 4);    /* DACL shorter than its header */
	LIE(54, 0xFF); /* DACL longer than everything */
	LIE(56, 3);    /* one entry more than there is */
	LIE(60, 5);    /* type of the first entry */
	LIE(62, 0);    /* an entry without length */
	LIE(62, 0xFF); /* an entry longer than the list */
	LIE(69, 15);   /* a SID longer than its entry */
#undef LIE
	cr_expect_eq(access_import(&taken, "", 0), ERROR_INVALID_PARAMETER);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* fuzz-sd.c - security descriptors of callers and of the database */
#include <stdlib.h>
#include <string.h>
#include "core/access.h"
#include "core/sd.h"
#include "fuzz.h"

#define RIGHTS \
	(NTMS_USE_ACCESS | NTMS_MODIFY_ACCESS | NTMS_CONTROL_ACCESS | READ_CONTROL | WRITE_DAC)

static const struct caller callers[] = {
	{.uid = 1000, .group_count = 2, .groups = {1000, 50}},
	{.uid = 1, .group_count = 0},
};

static bool same_ace(const struct sd_ace *a, const struct sd_ace *b)
{
	return a->type == b->type && a->flags == b->flags && a->mask == b->mask &&
	       a->sid.length == b->sid.length && !memcmp(a->sid.bytes, b->sid.bytes, a->sid.length);
}

static void check_sid(const uint8_t *a, const uint8_t *b)
{
	uint32_t id_a, id_b;

	HOLDS(!a == !b);
	if (!a)
		return;
	HOLDS(a[1] == b[1] && !memcmp(a, b, 8 + 4 * (size_t)a[1]));
	HOLDS(sd_sid_who(a, &id_a) == sd_sid_who(b, &id_b) && id_a == id_b);
}

static void check_same(const struct sd_view *a, const struct sd_view *b)
{
	size_t at_a = 0, at_b = 0;
	struct sd_ace ace_a, ace_b;

	check_sid(a->owner, b->owner);
	check_sid(a->group, b->group);
	HOLDS(a->dacl_present == b->dacl_present && !a->dacl == !b->dacl && !a->sacl == !b->sacl);
	if (!a->dacl)
		return;
	while (sd_next_ace(a->dacl, &at_a, &ace_a)) {
		HOLDS(sd_next_ace(b->dacl, &at_b, &ace_b));
		HOLDS(same_ace(&ace_a, &ace_b));
	}
	HOLDS(!sd_next_ace(b->dacl, &at_b, &ace_b));
}

/* The rights that a descriptor gives: each for itself, and all of them together. */
static uint32_t rights_of(const struct object *pool, const struct caller *caller)
{
	uint32_t rights = 0;

	for (uint32_t right = 1; right <= RIGHTS; right <<= 1) {
		if ((right & RIGHTS) && access_check(NULL, caller, pool, right) == ERROR_SUCCESS)
			rights |= right;
	}
	HOLDS(!rights || access_check(NULL, caller, pool, rights) == ERROR_SUCCESS);
	HOLDS(rights == RIGHTS || access_check(NULL, caller, pool, RIGHTS) == ERROR_ACCESS_DENIED);
	return rights;
}

/* As a pool's: what is asked of it, and what is below it. */
static void check_pool(const struct object *pool, const struct obj_security *composed)
{
	struct object other = *pool, child = {.type = NTMS_MEDIA_POOL};
	struct sd_view view;

	for (size_t i = 0; i < sizeof(callers) / sizeof(callers[0]); i++) {
		uint32_t rights = rights_of(pool, &callers[i]);

		other.pool.security = *composed;
		HOLDS(rights_of(&other, &callers[i]) == rights);
		access_default(&child.pool.security, &callers[i], pool);
		HOLDS(sd_parse(child.pool.security.bytes, child.pool.security.length, &view));
		HOLDS(view.owner && view.dacl);
	}
}

static void check_foreign(const uint8_t *data, size_t size)
{
	struct object pool = {.type = NTMS_MEDIA_POOL};
	struct obj_security composed;
	struct sd_view view, again;

	if (!sd_parse(data, size, &view)) {
		HOLDS(access_import(&pool.pool.security, data, size) != ERROR_SUCCESS);
		return;
	}
	HOLDS(view.extent <= size);
	if (access_import(&pool.pool.security, data, size)) {
		HOLDS(size > OBJ_SD_MAX);
		return;
	}
	HOLDS(pool.pool.security.length == view.extent);
	HOLDS(sd_parse(pool.pool.security.bytes, pool.pool.security.length, &again));
	check_same(&view, &again);
	if (!sd_compose(&composed, &view))
		return;
	HOLDS(sd_parse(composed.bytes, composed.length, &again));
	check_same(&view, &again);
	check_pool(&pool, &composed);
}

/* What we build says what it was built from. */
static void check_built(const uint8_t *data, size_t size)
{
	struct supply supply = {data, size};
	struct sd_ace aces[40], ace;
	struct sd_sid owner, group;
	struct obj_security made;
	struct sd_view view;
	size_t count = supply_number(&supply, 1) % 40, at = 0;

	sd_sid_make(&owner, SD_USER, supply_number(&supply, 4));
	sd_sid_make(&group, SD_GROUP, supply_number(&supply, 4));
	for (size_t i = 0; i < count; i++) {
		uint32_t kind = supply_number(&supply, 1);

		aces[i] = (struct sd_ace){.type = kind & 1, .flags = (uint8_t)(kind & 0x1e)};
		aces[i].mask = supply_number(&supply, 4);
		sd_sid_make(&aces[i].sid, SD_USER + (kind >> 5) % 3, supply_number(&supply, 4));
	}
	if (!sd_build(&made, &owner, &group, aces, count))
		return;
	HOLDS(sd_parse(made.bytes, made.length, &view) && view.extent == made.length);
	check_sid(view.owner, owner.bytes);
	check_sid(view.group, group.bytes);
	for (size_t i = 0; i < count; i++)
		HOLDS(sd_next_ace(view.dacl, &at, &ace) && same_ace(&ace, &aces[i]));
	HOLDS(!sd_next_ace(view.dacl, &at, &ace));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_foreign(data, size);
	check_built(data, size);
	return 0;
}

void fuzz_seeds(void)
{
	struct obj_security security;
	struct sd_view empty = {0};

	access_system(&security, 1000);
	seed("system", security.bytes, security.length);
	access_default(&security, &callers[0], NULL);
	seed("default", security.bytes, security.length);
	sd_compose(&security, &empty);
	seed("empty", security.bytes, security.length);
}

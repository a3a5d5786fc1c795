/* SPDX-License-Identifier: GPL-2.0-only */
#include "invariants.h"
#include "base/guid.h"

/* Where we are, for messages; what is looked at. */
static const char *now;
static const struct fx_dump *dump;
static bool quiet;

#define SAME(found, wanted, whose) \
	cr_assert_eq((found), (wanted), "%s: %s: " #found " is not " #wanted, now, (whose))
#define HOLDS(condition, whose) \
	cr_assert((condition), "%s: %s: does not hold: " #condition, now, (whose))

static const struct object *find(const NTMS_GUID *guid)
{
	return fx_dump_find(dump, guid);
}

static const struct object *get(const NTMS_GUID *guid, uint32_t type, const char *whose)
{
	const struct object *obj = find(guid);

	cr_assert(obj, "%s: %s: an object of type %u is missing", now, whose, type);
	SAME(obj->type, type, whose);
	return obj;
}

static size_t media_at(const NTMS_GUID *place)
{
	size_t found = 0;

	for (size_t i = 0; i < dump->count; i++) {
		const struct object *obj = &dump->objects[i];

		found +=
			obj->type == NTMS_PHYSICAL_MEDIA && guid_equal(&obj->media.location, place);
	}
	return found;
}

static void check_media(const struct object *media)
{
	const struct object *pool = get(&media->media.pool, NTMS_MEDIA_POOL, media->name);
	const struct object *library = get(&media->media.library, NTMS_LIBRARY, media->name);
	uint32_t sides = 0;

	HOLDS(guid_equal(&pool->pool.media_type, &media->media.media_type), media->name);
	for (size_t i = 0; i < dump->count; i++) {
		const struct object *side = &dump->objects[i];

		if (side->type != NTMS_PARTITION || !guid_equal(&side->side.media, &media->guid))
			continue;
		HOLDS(guid_equal(&side->side.pool, &media->media.pool), media->name);
		HOLDS(!(sides & 1u << side->side.side), media->name);
		sides |= 1u << side->side.side;
	}
	SAME(sides, (1u << media->media.sides) - 1, media->name);
	if (library->library.kind == NTMS_LIBRARYTYPE_OFFLINE) {
		HOLDS(guid_is_null(&media->media.location), media->name);
		SAME(media->media.state, NTMS_MEDIASTATE_IDLE, media->name);
	}
}

/* The pools that a side of this state may be in. */
static bool may_be_in(uint32_t state, uint32_t kind)
{
	switch (state) {
	case NTMS_PARTSTATE_UNPREPARED:
		return kind == NTMS_POOLTYPE_SCRATCH;
	case NTMS_PARTSTATE_DECOMMISSIONED:
	case NTMS_PARTSTATE_AVAILABLE:
		return kind == NTMS_POOLTYPE_SCRATCH || kind == NTMS_POOLTYPE_APPLICATION;
	case NTMS_PARTSTATE_ALLOCATED:
	case NTMS_PARTSTATE_COMPLETE:
	case NTMS_PARTSTATE_RESERVED:
		return kind == NTMS_POOLTYPE_APPLICATION;
	case NTMS_PARTSTATE_IMPORT:
		return kind == NTMS_POOLTYPE_IMPORT || kind == NTMS_POOLTYPE_APPLICATION;
	case NTMS_PARTSTATE_FOREIGN:
		/* Also the other side of one that can be imported, or has been. */
		return kind != NTMS_POOLTYPE_SCRATCH;
	default:
		return kind == NTMS_POOLTYPE_FOREIGN || kind == NTMS_POOLTYPE_IMPORT;
	}
}

static void check_reserved(const struct object *side)
{
	for (size_t i = 0; i < dump->count; i++) {
		const struct object *other = &dump->objects[i];

		if (other->type != NTMS_PARTITION || other == side ||
		    !guid_equal(&other->side.media, &side->side.media))
			continue;
		HOLDS(!guid_is_null(&other->side.logical), side->name);
		HOLDS(find(&other->side.logical)->logical.allocated_new, side->name);
		return;
	}
	cr_assert(false, "%s: %s is reserved for nobody", now, side->name);
}

static void check_side(const struct object *side)
{
	const struct object *pool = get(&side->side.pool, NTMS_MEDIA_POOL, side->name), *logical;
	uint32_t state = side->side.state;
	bool owned = state == NTMS_PARTSTATE_ALLOCATED || state == NTMS_PARTSTATE_COMPLETE;

	get(&side->side.media, NTMS_PHYSICAL_MEDIA, side->name);
	SAME(!guid_is_null(&side->side.logical), owned, side->name);
	cr_assert(may_be_in(state, pool->pool.kind), "%s: %s: a side of state %u in pool %s", now,
		  side->name, state, pool->name);
	if (state == NTMS_PARTSTATE_RESERVED)
		check_reserved(side);
	if (!owned)
		return;
	logical = get(&side->side.logical, NTMS_LOGICAL_MEDIA, side->name);
	HOLDS(guid_equal(&logical->logical.side, &side->guid), side->name);
	HOLDS(guid_equal(&logical->logical.pool, &side->side.pool), side->name);
}

static void check_drive(const struct object *drive)
{
	const struct object *side, *media;

	HOLDS(media_at(&drive->guid) <= 1, drive->name);
	SAME(media_at(&drive->guid), !guid_is_null(&drive->device.side), drive->name);
	if (guid_is_null(&drive->device.side))
		return;
	side = get(&drive->device.side, NTMS_PARTITION, drive->name);
	media = get(&side->side.media, NTMS_PHYSICAL_MEDIA, drive->name);
	HOLDS(guid_equal(&media->media.location, &drive->guid), drive->name);
}

static void check_pool(const struct object *pool)
{
	bool pools = false, media = false;

	for (size_t i = 0; i < dump->count; i++) {
		const struct object *obj = &dump->objects[i];

		pools = pools || (obj->type == NTMS_MEDIA_POOL &&
				  guid_equal(&obj->pool.parent, &pool->guid));
		media = media || (obj->type == NTMS_PHYSICAL_MEDIA &&
				  guid_equal(&obj->media.pool, &pool->guid));
	}
	HOLDS(!(pools && media), pool->name);
}

static void check_object(const struct object *obj)
{
	switch (obj->type) {
	case NTMS_PHYSICAL_MEDIA:
		check_media(obj);
		break;
	case NTMS_PARTITION:
		check_side(obj);
		break;
	case NTMS_LOGICAL_MEDIA:
		HOLDS(guid_equal(&get(&obj->logical.side, NTMS_PARTITION, obj->name)->side.logical,
				 &obj->guid),
		      obj->name);
		break;
	case NTMS_DRIVE:
		check_drive(obj);
		break;
	case NTMS_STORAGESLOT:
		HOLDS(media_at(&obj->guid) <= 1, obj->name);
		SAME(media_at(&obj->guid), obj->device.state != NTMS_SLOTSTATE_EMPTY, obj->name);
		break;
	case NTMS_IEPORT:
		HOLDS(media_at(&obj->guid) <= (quiet ? 0 : 1), obj->name);
		break;
	case NTMS_MEDIA_POOL:
		check_pool(obj);
		break;
	default:
		break;
	}
}

void invariants_check(const struct fx_dump *all, const char *when, bool nothing_to_do)
{
	now = when;
	dump = all;
	quiet = nothing_to_do;
	for (size_t i = 0; i < dump->count; i++)
		check_object(&dump->objects[i]);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * property-compare.c - the records, the robot's state and the media beside the model
 *
 * Every object is read in one transaction, in which the store also compares all records with
 * their index. What holds of every database is in invariants.c.
 */
#include <fcntl.h>
#include "label/label.h"
#include "core/media.h"
#include "invariants.h"
#include "property.h"

/* Where we are, for messages. */
static const char *now;
static struct fx_dump *dump;

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

/* ---- what is on a medium ---- */

static void read_medium(const char *barcode, int number, struct label *label)
{
	char path[PATH_MAX];
	uint8_t block[32768];
	ssize_t length;
	int fd;

	snprintf(path, sizeof(path), "%s/tapes/%s%s", fx_vlib, barcode, number ? "@B" : "");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	cr_assert_geq(fd, 0, "%s: %m", path);
	length = pread(fd, block, sizeof(block), 0);
	cr_assert_geq(length, 0);
	close(fd);
	memset(label, 0, sizeof(*label));
	if (length == 0 || label_claim(block, (size_t)length, label))
		memset(label, 0, sizeof(*label));
}

/* ---- as the model says ---- */

static void compare_side(const struct cartridge *cartridge, int number)
{
	const struct side *side = &cartridge->sides[number];
	const struct object *found = get(&side->guid, NTMS_PARTITION, cartridge->barcode);
	struct label label, recorded;

	SAME(found->side.state, side->state, cartridge->barcode);
	SAME(found->side.side, (uint32_t)number, cartridge->barcode);
	SAME(found->side.allocate_count, side->allocated, cartridge->barcode);
	if (is_owned(side)) {
		HOLDS(guid_equal(&found->side.logical, &side->logical), cartridge->barcode);
		SAME(find(&side->logical)->logical.allocated_new != 0, side->fresh,
		     cartridge->barcode);
	}
	read_medium(cartridge->barcode, number, &label);
	side_get_label(found, &recorded);
	if (side->state != NTMS_PARTSTATE_UNPREPARED)
		HOLDS(label_equal(&label, &recorded), cartridge->barcode);
	if (cartridge->pool == POOL_FREE && side->state == NTMS_PARTSTATE_AVAILABLE)
		HOLDS(!strcmp(label.type, LABEL_TYPE_FREE), cartridge->barcode);
}

static void compare_place(const struct cartridge *cartridge, const struct object *media)
{
	const char *whose = cartridge->barcode;
	const struct object *place;

	SAME(media->media.state,
	     cartridge->process >= 0 ? NTMS_MEDIASTATE_LOADED : NTMS_MEDIASTATE_IDLE, whose);
	SAME(media->media.location_type == NTMS_DRIVE, cartridge->drive >= 0, whose);
	place = find(&media->media.location);
	HOLDS(place, whose);
	SAME(fx_where(whose), place->device.element, whose);
	if (cartridge->drive < 0) {
		SAME(place->device.state,
		     (uint32_t)(cartridge->doubt ? NTMS_SLOTSTATE_NEEDSINVENTORY
						 : NTMS_SLOTSTATE_FULL),
		     whose);
		HOLDS(guid_equal(&media->media.location, &media->media.home_slot), whose);
		HOLDS(!fx_is_inverted(whose), whose);
		return;
	}
	HOLDS(guid_equal(&place->guid, &model.drives[cartridge->drive].guid), whose);
	HOLDS(guid_equal(&place->device.side, &cartridge->sides[cartridge->up].guid), whose);
	SAME(fx_is_inverted(whose), cartridge->up == 1, whose);
	SAME(place->device.state,
	     (uint32_t)(cartridge->process >= 0 ? NTMS_DRIVESTATE_LOADED
						: NTMS_DRIVESTATE_DISMOUNTABLE),
	     whose);
}

static void compare_cartridge(const struct cartridge *cartridge)
{
	const char *whose = cartridge->barcode;
	const struct object *media = find(&cartridge->media);

	SAME(media != NULL, cartridge->known, whose);
	if (cartridge->away)
		SAME(fx_where(whose), 0, whose);
	if (!cartridge->known)
		return;
	SAME(media->enabled != 0, cartridge->enabled, whose);
	HOLDS(guid_equal(&media->media.pool, &model.pools[cartridge->pool].guid), whose);
	SAME(guid_equal(&media->media.library, &fx_library), !cartridge->away, whose);
	for (int i = 0; i < (int)model.sides; i++)
		compare_side(cartridge, i);
	if (!cartridge->away)
		compare_place(cartridge, media);
}

static void compare_devices(void)
{
	for (int i = 0; i < DRIVES; i++) {
		const struct object *drive = get(&model.drives[i].guid, NTMS_DRIVE, "drive");
		bool full = in_drive(i) != NULL;

		SAME(drive->enabled != 0, model.drives[i].enabled, drive->name);
		SAME(!guid_is_null(&drive->device.side), full, drive->name);
		SAME(drive->device.state == NTMS_DRIVESTATE_DISMOUNTED, !full, drive->name);
	}
	SAME(get(&fx_library, NTMS_LIBRARY, "library")->enabled != 0, model.enabled, "library");
	for (int i = 0; i < REQUESTS; i++) {
		const struct request *request = &model.requests[i];
		const struct object *found = find(&request->guid);

		SAME(found ? found->oprequest.state : NTMS_OPSTATE_UNKNOWN, request->state,
		     "operator request");
	}
}

void compare(const char *when)
{
	size_t media = 0, known = 0;

	now = when;
	dump = fx_dump();
	invariants_check(dump, when, true);
	for (size_t i = 0; i < dump->count; i++)
		media += dump->objects[i].type == NTMS_PHYSICAL_MEDIA;
	for (int i = 0; i < CARTRIDGES; i++) {
		compare_cartridge(&model.cartridges[i]);
		known += model.cartridges[i].known;
	}
	SAME(media, known, "all cartridges");
	compare_devices();
	fx_dump_free(dump);
}

/* ---- what the model cannot know ---- */

static bool is_in_doubt(const struct cartridge *cartridge)
{
	struct object media;

	if (!cartridge->known || cartridge->away || cartridge->drive >= 0)
		return false;
	media = fx_get(&cartridge->media, NTMS_PHYSICAL_MEDIA);
	return fx_get(&media.media.location, NTMS_UNKNOWN).device.state ==
	       NTMS_SLOTSTATE_NEEDSINVENTORY;
}

void observe(void)
{
	for (int i = 0; i < CARTRIDGES; i++) {
		struct cartridge *cartridge = &model.cartridges[i];

		if (cartridge->drive >= 0 && cartridge->process < 0 &&
		    fx_get(&cartridge->media, NTMS_PHYSICAL_MEDIA).media.location_type ==
			    NTMS_STORAGESLOT)
			cartridge->drive = -1;
		cartridge->doubt = is_in_doubt(cartridge);
	}
}

void observe_new(struct cartridge *cartridge)
{
	DWORD count = model.sides;
	NTMS_GUID sides[2];
	bool import = false;

	cartridge->media = fx_find(cartridge->barcode, NTMS_PHYSICAL_MEDIA);
	must(EnumerateNtmsObject(fx_session, &cartridge->media, sides, &count, NTMS_PARTITION, 0));
	cr_assert_eq(count, model.sides);
	for (int i = 0; i < (int)model.sides; i++) {
		struct label label;

		read_medium(cartridge->barcode, i, &label);
		import = import || label.type[0];
		cartridge->sides[i] = (struct side){
			.guid = sides[i],
			.seq = fx_get(&sides[i], NTMS_PARTITION).seq,
			.state = label.type[0] ? NTMS_PARTSTATE_IMPORT : NTMS_PARTSTATE_FOREIGN};
	}
	cartridge->pool = import ? POOL_IMPORT : POOL_FOREIGN;
	cartridge->known = cartridge->enabled = true;
	cartridge->away = false;
	cartridge->drive = cartridge->process = -1;
}

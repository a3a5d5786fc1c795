/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/guid.h"
#include "base/say.h"
#include "base/utf.h"
#include "core/cleaner.h"
#include "core/machine.h"
#include "core/media.h"
#include "core/oprequest.h"
#include "core/txn.h"

DWORD media_sides(struct txn *txn, const NTMS_GUID *media, struct object sides[2], size_t *count)
{
	struct store_key key;
	NTMS_GUID *list;
	size_t found;
	DWORD code;

	*count = 0;
	key_start(&key);
	key_guid(&key, media);
	key_u32(&key, NTMS_PARTITION);
	code = store_list(txn, IX_CHILD, &key, 2, &list, &found);
	if (code)
		return code;
	for (size_t i = 0; i < found && !code; i++)
		code = store_get(txn, &list[i], NTMS_PARTITION, &sides[i]);
	free(list);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_DATABASE_FAILURE,
				"a side of a cartridge is listed, but lost");
	if (!code)
		*count = found;
	return code;
}

/* Can a side of this cartridge be handed out: enabled, in a library that works? */
static DWORD media_usable(struct txn *txn, const struct object *media, uint32_t *usable)
{
	struct object library;
	DWORD code = store_get(txn, &media->media.library, NTMS_LIBRARY, &library);

	*usable = FALSE;
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ERROR_SUCCESS;
	if (code)
		return code;
	*usable = media->enabled && library.enabled && library.opstate != NTMS_NOT_PRESENT &&
		  library.library.kind != NTMS_LIBRARYTYPE_OFFLINE;
	return ERROR_SUCCESS;
}

DWORD media_take_sequence(struct txn *txn, char *text, size_t size)
{
	struct object computer;
	DWORD code = computer_get(txn, &computer);

	if (code)
		return code;
	snprintf(text, size, "%08llu", (unsigned long long)computer.computer.next_sequence_number);
	computer.computer.next_sequence_number++;
	return store_update(txn, &computer);
}

static DWORD insert_sides(struct txn *txn, const struct object *media)
{
	uint32_t usable;
	DWORD code = media_usable(txn, media, &usable);

	for (uint32_t number = 0; number < media->media.sides && !code; number++) {
		struct object side;

		machine_object(&side, NTMS_PARTITION);
		memcpy(side.name, media->name, sizeof(side.name));
		side.side.media = media->guid;
		side.side.pool = media->media.pool;
		side.side.side = number;
		side.side.usable = usable;
		code = store_insert(txn, &side);
	}
	return code;
}

static void set_place(struct object *media, const struct object *place, bool home)
{
	static const NTMS_GUID nowhere;

	media->media.location = place ? place->guid : nowhere;
	media->media.location_type = place ? place->type : NTMS_STORAGESLOT;
	if (place && place->type == NTMS_STORAGESLOT &&
	    (home || guid_is_null(&media->media.home_slot)))
		media->media.home_slot = place->guid;
}

DWORD media_create(struct txn *txn, const NTMS_GUID *library, const struct object *slot,
		   const char *barcode, const NTMS_GUID *media_type, struct object *media)
{
	struct object type;
	DWORD code = store_get(txn, media_type, NTMS_MEDIA_TYPE, &type);

	if (code)
		return code;
	machine_object(media, NTMS_PHYSICAL_MEDIA);
	media->media.library = *library;
	media->media.media_type = *media_type;
	media->media.sides = type.media_type.sides;
	snprintf(media->media.barcode, sizeof(media->media.barcode), "%s", barcode ? barcode : "");
	media->media.barcode_state =
		media->media.barcode[0] ? NTMS_BARCODESTATE_OK : NTMS_BARCODESTATE_UNREADABLE;
	set_place(media, slot, false);
	code = media_type_pool(txn, media_type, NTMS_POOLTYPE_FOREIGN, &media->media.pool);
	if (!code)
		code = media_take_sequence(txn, media->media.sequence,
					   sizeof(media->media.sequence));
	if (code)
		return code;
	snprintf(media->name, sizeof(media->name), "%s",
		 media->media.barcode[0] ? media->media.barcode : media->media.sequence);
	code = store_insert(txn, media);
	if (!code)
		code = insert_sides(txn, media);
	return code;
}

DWORD media_place(struct txn *txn, struct object *media, const struct object *place, bool home)
{
	bool moved = place && !guid_equal(&media->media.library, &place->device.library);
	DWORD code;

	set_place(media, place, home);
	if (moved)
		media->media.library = place->device.library;
	code = store_update(txn, media);
	if (!code && moved)
		code = media_refresh_sides(txn, media);
	/* Whoever was asked to bring it has done so. */
	if (!code && place)
		code = oprequest_close(txn, NTMS_OPREQ_MOVEMEDIA, &media->guid,
				       &place->device.library);
	return code;
}

DWORD media_refresh_sides(struct txn *txn, const struct object *media)
{
	struct object sides[2];
	uint32_t usable;
	size_t count;
	DWORD code = media_usable(txn, media, &usable);

	if (!code)
		code = media_sides(txn, &media->guid, sides, &count);
	if (code)
		return code;
	for (size_t i = 0; i < count && !code; i++) {
		if (sides[i].side.usable == usable &&
		    guid_equal(&sides[i].side.pool, &media->media.pool))
			continue;
		sides[i].side.usable = usable;
		sides[i].side.pool = media->media.pool;
		code = store_update(txn, &sides[i]);
	}
	return code;
}

DWORD media_refresh_library(struct txn *txn, const NTMS_GUID *library)
{
	struct store_key key;
	struct object media;
	NTMS_GUID *list;
	size_t count;
	DWORD code;

	key_start(&key);
	key_guid(&key, library);
	key_u32(&key, NTMS_PHYSICAL_MEDIA);
	code = store_list(txn, IX_CHILD, &key, 0, &list, &count);
	if (code)
		return code;
	for (size_t i = 0; i < count && !code; i++) {
		code = must_exist(store_get(txn, &list[i], NTMS_PHYSICAL_MEDIA, &media),
				  "cartridge", "a library");
		if (!code)
			code = media_refresh_sides(txn, &media);
	}
	free(list);
	return code;
}

DWORD media_pool(struct txn *txn, const NTMS_GUID *guid, const char *what, struct object *pool)
{
	DWORD code = store_get(txn, guid, NTMS_MEDIA_POOL, pool);

	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_MEDIA_POOL, "the pool of cartridge %s is missing",
				what);
	return code;
}

DWORD media_set_pool(struct txn *txn, struct object *media, const NTMS_GUID *pool)
{
	struct object sides[2], logical;
	size_t count;
	DWORD code;

	media->media.pool = *pool;
	code = store_update(txn, media);
	if (!code)
		code = media_refresh_sides(txn, media);
	if (!code)
		code = media_sides(txn, &media->guid, sides, &count);
	for (size_t i = 0; !code && i < count; i++) {
		if (guid_is_null(&sides[i].side.logical))
			continue;
		code = store_get(txn, &sides[i].side.logical, NTMS_LOGICAL_MEDIA, &logical);
		if (code)
			break;
		logical.logical.pool = *pool;
		code = store_update(txn, &logical);
	}
	return code;
}

DWORD media_delete(struct txn *txn, const struct object *media, struct object *sides, size_t count,
		   enum side_event event)
{
	DWORD code = ERROR_SUCCESS;

	for (size_t i = 0; i < count && !code; i++) {
		code = side_event(&sides[i], event);
		if (!code)
			code = store_delete(txn, &sides[i].guid);
	}
	if (!code)
		code = store_delete(txn, &media->guid);
	return code;
}

/* Is a cartridge that leaves its library forgotten? */
static DWORD is_forgotten(struct txn *txn, const struct object *media,
			  const struct object *computer, bool *forgotten)
{
	struct object pool, type;
	DWORD code = store_get(txn, &media->media.media_type, NTMS_MEDIA_TYPE, &type);

	if (!code)
		code = store_get(txn, &media->media.pool, NTMS_MEDIA_POOL, &pool);
	if (code)
		return code;
	switch (pool.pool.kind) {
	case NTMS_POOLTYPE_FOREIGN:
		*forgotten = true;
		break;
	case NTMS_POOLTYPE_IMPORT:
		*forgotten = !(computer->computer.pool_policy & NTMS_POOLPOLICY_KEEPOFFLINEIMPORT);
		break;
	case NTMS_POOLTYPE_SCRATCH:
		*forgotten = computer->computer.pool_policy & NTMS_POOLPOLICY_PURGEOFFLINESCRATCH;
		break;
	default:
		*forgotten = type.media_type.code == CLEANER_CARTRIDGE;
	}
	return ERROR_SUCCESS;
}

DWORD media_go_offline(struct txn *txn, struct object *media)
{
	struct object computer;
	DWORD code = computer_get(txn, &computer);

	if (!code)
		code = media_event(media, MEDIA_LEFT);
	if (code)
		return code;
	set_place(media, NULL, false);
	memset(&media->media.home_slot, 0, sizeof(media->media.home_slot));
	media->media.library = computer.computer.offline_library;
	code = store_update(txn, media);
	if (!code)
		code = media_refresh_sides(txn, media);
	return code;
}

DWORD media_leave(struct txn *txn, struct object *media)
{
	struct object computer, sides[2];
	bool forgotten = false;
	size_t count;
	DWORD code = computer_get(txn, &computer);

	if (!code)
		code = is_forgotten(txn, media, &computer, &forgotten);
	if (!code)
		code = cleaner_leaves(txn, media);
	if (!code)
		code = media_sides(txn, &media->guid, sides, &count);
	if (code)
		return code;
	/* Whatever its pool: what somebody has allocated is never forgotten. */
	for (size_t i = 0; i < count; i++)
		if (!guid_is_null(&sides[i].side.logical) ||
		    sides[i].side.state == NTMS_PARTSTATE_RESERVED)
			forgotten = false;
	if (forgotten)
		return media_delete(txn, media, sides, count, SIDE_LEAVE);
	return media_go_offline(txn, media);
}

/* The drive has the medium with its other side to the heads than was thought. */
static DWORD face_other_side(struct txn *txn, struct object *media, const struct object *other)
{
	struct object drive;
	DWORD code;

	media->media.turned = !media->media.turned;
	if (!guid_is_null(&media->media.mounted_side))
		media->media.mounted_side = other->guid;
	code = store_update(txn, media);
	if (code || media->media.location_type != NTMS_DRIVE)
		return code;
	code = store_get(txn, &media->media.location, NTMS_DRIVE, &drive);
	if (code)
		return code == ERROR_OBJECT_NOT_FOUND ? ERROR_SUCCESS : code;
	drive.device.side = other->guid;
	return store_update(txn, &drive);
}

DWORD media_notice_turned(struct txn *txn, struct object *media, const struct object *side,
			  const struct label *found, bool *turned)
{
	struct object sides[2];
	struct label recorded;
	size_t count;
	DWORD code = media_sides(txn, &media->guid, sides, &count);

	*turned = false;
	if (code || count != 2 || !found->type[0])
		return code;
	side_get_label(side, &recorded);
	if (label_equal(found, &recorded))
		return ERROR_SUCCESS;
	for (size_t i = 0; i < count; i++) {
		if (guid_equal(&sides[i].guid, &side->guid))
			continue;
		side_get_label(&sides[i], &recorded);
		if (!label_equal(found, &recorded))
			continue;
		*turned = true;
		return face_other_side(txn, media, &sides[i]);
	}
	return ERROR_SUCCESS;
}

void side_set_label(struct object *side, const struct label *label)
{
	struct obj_side *record = &side->side;

	memset(record->label_id, 0, sizeof(record->label_id));
	record->label_id_length = label->type[0] ? label->id_length : 0;
	if (record->label_id_length > sizeof(record->label_id))
		record->label_id_length = sizeof(record->label_id);
	memcpy(record->label_id, label->id, record->label_id_length);
	snprintf(record->label_type, sizeof(record->label_type), "%s", label->type);
	snprintf(record->label_info, sizeof(record->label_info), "%s",
		 label->type[0] ? label->info : "");
}

void side_get_label(const struct object *side, struct label *label)
{
	const struct obj_side *record = &side->side;

	memset(label, 0, sizeof(*label));
	label->id_length = record->label_id_length;
	if (label->id_length > sizeof(label->id))
		label->id_length = sizeof(label->id);
	memcpy(label->id, record->label_id, label->id_length);
	snprintf(label->type, sizeof(label->type), "%s", record->label_type);
	snprintf(label->info, sizeof(label->info), "%s", record->label_info);
}

/* Does another side have this label? Copies are kept apart, never taken for one another. */
static DWORD label_is_known(struct txn *txn, const struct object *side, const struct label *label,
			    bool *known)
{
	struct store_key key;
	NTMS_GUID *list;
	size_t count;
	DWORD code;

	*known = false;
	key_start(&key);
	key_text(&key, label->type);
	key_u32(&key, label->id_length);
	key_bytes(&key, label->id, label->id_length);
	code = store_list(txn, IX_LABEL, &key, 2, &list, &count);
	if (code)
		return code;
	for (size_t i = 0; i < count; i++)
		if (!guid_equal(&list[i], &side->guid))
			*known = true;
	free(list);
	return ERROR_SUCCESS;
}

/* Put a cartridge that belongs to nobody where its sides say: Import as soon as one side is. */
static DWORD settle_pool(struct txn *txn, struct object *media)
{
	struct object pool, sides[2];
	uint32_t kind = NTMS_POOLTYPE_FOREIGN;
	NTMS_GUID target;
	size_t count;
	DWORD code = store_get(txn, &media->media.pool, NTMS_MEDIA_POOL, &pool);

	if (code)
		return code;
	if (pool.pool.kind != NTMS_POOLTYPE_FOREIGN && pool.pool.kind != NTMS_POOLTYPE_IMPORT)
		return store_update(txn, media);
	code = media_sides(txn, &media->guid, sides, &count);
	if (code)
		return code;
	for (size_t i = 0; i < count; i++)
		if (sides[i].side.state == NTMS_PARTSTATE_IMPORT)
			kind = NTMS_POOLTYPE_IMPORT;
	code = media_type_pool(txn, &media->media.media_type, kind, &target);
	if (code)
		return code;
	return media_set_pool(txn, media, &target);
}

static DWORD classify_new(struct txn *txn, struct object *media, struct object *side,
			  const struct label *label)
{
	bool known = false;
	DWORD code = ERROR_SUCCESS;

	if (label->type[0])
		code = label_is_known(txn, side, label, &known);
	if (code)
		return code;
	code = side_event(side, label->type[0] && !known ? SIDE_FOUND_IMPORT : SIDE_FOUND_FOREIGN);
	if (code)
		return code;
	if (known)
		snprintf(side->description, sizeof(side->description),
			 "copy: another cartridge has the same label");
	side_set_label(side, label);
	if (media->media.sides == 1 && !media->media.barcode[0] && label->type[0] &&
	    label->info[0] && !strcmp(media->name, media->media.sequence)) {
		utf8_give(label->info, media->name, NTMS_OBJECTNAME_LENGTH);
		memcpy(side->name, media->name, sizeof(side->name));
	}
	code = store_update(txn, side);
	if (!code)
		code = settle_pool(txn, media);
	return code;
}

DWORD media_classify(struct txn *txn, struct object *media, struct object *side,
		     const struct label *label)
{
	struct label recorded;
	DWORD code;

	if (side->side.state == NTMS_PARTSTATE_UNKNOWN)
		return classify_new(txn, media, side, label);
	side_get_label(side, &recorded);
	if (label_equal(&recorded, label))
		return store_update(txn, media);
	if (side->side.state != NTMS_PARTSTATE_FOREIGN && side->side.state != NTMS_PARTSTATE_IMPORT)
		return ntms_say(
			ERROR_UNEXPECTED_OMID,
			"side %u of cartridge %s has the label \"%s\" %s instead of \"%s\" %s",
			side->side.side, media->name, label->type, label->info, recorded.type,
			recorded.info);
	/* Nobody's medium has been written meanwhile: take the label, leave it where it is. */
	side_set_label(side, label);
	code = store_update(txn, side);
	if (!code)
		code = store_update(txn, media);
	return code;
}

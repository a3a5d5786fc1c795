/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <string.h>
#include "base/guid.h"
#include "base/utf.h"
#include "core/catalogue.h"
#include "core/media.h"
#include "core/request.h"
#include "core/rights.h"
#include "core/states.h"
#include "core/txn.h"

/* ---- what the records say ---- */

static DWORD bad(const char *what)
{
	return ntms_say(ERROR_INVALID_PARAMETER, "%s", what);
}

static bool has_control_character(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7F)
			return true;
	return false;
}

static bool is_allocated(const struct object *side)
{
	return side->side.state == NTMS_PARTSTATE_ALLOCATED ||
	       side->side.state == NTMS_PARTSTATE_COMPLETE;
}

static DWORD check_side(const struct object *side)
{
	const struct obj_side *record = &side->side;

	if (has_control_character(side->name))
		return bad("the name of a side has a control character");
	if (record->state > NTMS_PARTSTATE_RESERVED)
		return bad("State of a side is out of its range");
	if (record->label_id_length == 0 || record->label_id_length > sizeof(record->label_id))
		return bad("dwOmidLabelIdLength is out of its range");
	if (!record->label_type[0])
		return bad("szOmidLabelType is empty");
	if (record->capacity > INT64_MAX)
		return bad("Capacity is negative");
	if (!guid_is_null(&record->logical) && !is_allocated(side))
		return bad("a side with a logical medium must be allocated or complete");
	return ERROR_SUCCESS;
}

/* How many sides are described, whatever the record claims. */
static size_t side_count(const struct entry *entry)
{
	return entry->media.media.sides < CATALOGUE_SIDES_MAX ? entry->media.media.sides
							      : CATALOGUE_SIDES_MAX;
}

static DWORD check_records(const struct entry *entry)
{
	DWORD code = ERROR_SUCCESS;

	if (has_control_character(entry->media.name))
		return bad("the name has a control character");
	if (has_control_character(entry->media.media.barcode))
		return bad("the bar code has a control character");
	for (size_t i = 0; i < side_count(entry) && !code; i++)
		code = check_side(&entry->sides[i]);
	return code;
}

/* ---- against what there is ---- */

static DWORD check_place(struct txn *txn, const struct entry *entry, struct object *computer,
			 struct object *pool)
{
	const struct obj_media *media = &entry->media.media;
	DWORD code = computer_get(txn, computer);

	if (code)
		return code;
	if (!guid_is_null(&media->library) &&
	    !guid_equal(&media->library, &computer->computer.offline_library))
		return bad("CurrentLibrary must be null or the offline library");
	code = store_get(txn, &media->pool, NTMS_MEDIA_POOL, pool);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_MEDIA_POOL, "there is no such media pool");
	return code;
}

static DWORD check_pool(struct txn *txn, const struct entry *entry, const struct object *pool)
{
	struct object type;
	DWORD code;

	if (pool->pool.kind != NTMS_POOLTYPE_IMPORT && pool->pool.kind != NTMS_POOLTYPE_APPLICATION)
		return ntms_say(ERROR_INVALID_MEDIA_POOL,
				"pool \"%s\" is neither an import pool nor an application's",
				pool->name);
	if (guid_is_null(&pool->pool.media_type))
		return ntms_say(ERROR_INVALID_MEDIA_POOL, "pool \"%s\" is for pools, not for media",
				pool->name);
	code = must_exist(store_get(txn, &pool->pool.media_type, NTMS_MEDIA_TYPE, &type),
			  "media type", pool->name);
	if (code)
		return code;
	if (entry->media.media.sides != type.media_type.sides)
		return ntms_say(ERROR_MEDIA_INCOMPATIBLE, "media of type %s have %u sides, not %u",
				type.name, type.media_type.sides, entry->media.media.sides);
	return ERROR_SUCCESS;
}

static DWORD check_barcode(struct txn *txn, const char *barcode)
{
	struct store_key key;
	NTMS_GUID other;
	DWORD code;

	if (!barcode[0])
		return ERROR_SUCCESS;
	key_start(&key);
	key_text(&key, barcode);
	code = store_find(txn, IX_BARCODE, &key, &other);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ERROR_SUCCESS;
	return code ? code
		    : ntms_say(ERROR_INVALID_MEDIA, "there is a cartridge %s already", barcode);
}

static bool same_label(const struct obj_side *a, const struct obj_side *b)
{
	return !strcmp(a->label_type, b->label_type) && a->label_id_length == b->label_id_length &&
	       !memcmp(a->label_id, b->label_id, a->label_id_length);
}

static DWORD check_label(struct txn *txn, const struct obj_side *side)
{
	struct store_key key;
	NTMS_GUID other;
	DWORD code;

	key_start(&key);
	key_text(&key, side->label_type);
	key_u32(&key, side->label_id_length);
	key_bytes(&key, side->label_id, side->label_id_length);
	code = store_find(txn, IX_LABEL, &key, &other);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ERROR_SUCCESS;
	return code ? code
		    : ntms_say(ERROR_DUPLICATE_OMID, "another cartridge has the label \"%s\" %s",
			       side->label_type, side->label_info);
}

static DWORD check_labels(struct txn *txn, const struct entry *entry)
{
	DWORD code = ERROR_SUCCESS;

	for (size_t i = 0; i < entry->media.media.sides && !code; i++)
		code = check_label(txn, &entry->sides[i].side);
	if (!code && entry->media.media.sides == 2 &&
	    same_label(&entry->sides[0].side, &entry->sides[1].side))
		code = ntms_say(ERROR_DUPLICATE_OMID, "both sides have the same label");
	return code;
}

/* ---- entering ---- */

static DWORD insert(struct txn *txn, struct object *obj)
{
	DWORD code = store_insert(txn, obj);

	if (code == ERROR_ALREADY_EXISTS)
		return ntms_say(ERROR_INVALID_MEDIA, "there is an object of a GUID given already");
	return code;
}

static void name_media(struct entry *entry)
{
	const struct obj_media *media = &entry->media.media;
	const char *name = media->sequence;

	if (entry->media.name[0])
		return;
	if (media->barcode[0])
		name = media->barcode;
	else if (media->sides == 1 && entry->sides[0].side.label_info[0])
		name = entry->sides[0].side.label_info;
	utf8_give(name, entry->media.name, NTMS_OBJECTNAME_LENGTH);
}

static DWORD enter_media(struct txn *txn, struct entry *entry, const struct object *computer,
			 const struct object *pool)
{
	struct object *obj = &entry->media;
	struct obj_media *media = &obj->media;
	static const NTMS_GUID nowhere;
	uint32_t enabled = obj->enabled ? TRUE : FALSE;
	DWORD code = media_take_sequence(txn, media->sequence, sizeof(media->sequence));

	if (code)
		return code;
	machine_begin(obj);
	code = machine_start(&machine_enablement, obj, enabled);
	if (code)
		return code;
	name_media(entry);
	media->library = computer->computer.offline_library;
	media->media_type = pool->pool.media_type;
	media->location = nowhere;
	media->location_type = NTMS_STORAGESLOT;
	media->home_slot = nowhere;
	media->mounted_side = nowhere;
	media->barcode_state =
		media->barcode[0] ? NTMS_BARCODESTATE_OK : NTMS_BARCODESTATE_UNREADABLE;
	return insert(txn, obj);
}

/* The logical medium of a side that somebody has, wherever it was allocated. */
static DWORD enter_logical(struct txn *txn, const struct entry *entry, struct object *side)
{
	struct object logical;
	DWORD code;

	machine_object(&logical, NTMS_LOGICAL_MEDIA);
	logical.guid = side->side.logical;
	memcpy(logical.name, entry->media.name, sizeof(logical.name));
	logical.logical.side = side->guid;
	logical.logical.pool = entry->media.media.pool;
	for (size_t i = 0; i < entry->media.media.sides; i++)
		if (entry->sides[i].side.state == NTMS_PARTSTATE_RESERVED)
			logical.logical.allocated_new = TRUE;
	code = insert(txn, &logical);
	if (code)
		return code;
	side->side.logical = logical.guid;
	return store_update(txn, side);
}

static DWORD enter_side(struct txn *txn, const struct entry *entry, struct object *side,
			uint32_t number)
{
	static const NTMS_GUID none;
	uint32_t enabled = side->enabled ? TRUE : FALSE, state = side->side.state;
	NTMS_GUID logical = side->side.logical;
	DWORD code;

	machine_begin(side);
	code = machine_start(&machine_enablement, side, enabled);
	if (!code)
		code = machine_start(&machine_side, side, state);
	if (code)
		return code;
	if (!side->name[0])
		memcpy(side->name, entry->media.name, sizeof(side->name));
	side->side.media = entry->media.guid;
	side->side.pool = entry->media.media.pool;
	side->side.side = number;
	side->side.usable = FALSE;
	side->side.logical = none;
	memset(side->side.label_id + side->side.label_id_length, 0,
	       sizeof(side->side.label_id) - side->side.label_id_length);
	code = insert(txn, side);
	if (code || !is_allocated(side))
		return code;
	side->side.logical = logical;
	return enter_logical(txn, entry, side);
}

static void trim(char *text)
{
	size_t length = strlen(text);

	while (length && text[length - 1] == ' ')
		text[--length] = '\0';
}

DWORD catalogue_enter(struct txn *txn, const struct caller *caller, struct entry *entry,
		      bool unique)
{
	struct object computer, pool;
	DWORD code = check_records(entry);

	if (!code)
		code = check_place(txn, entry, &computer, &pool);
	if (!code)
		code = rights_check(txn, caller, RIGHT_CREATE_MEDIA_COMPUTER, &computer);
	if (!code)
		code = rights_check(txn, caller, RIGHT_CREATE_MEDIA, &pool);
	if (!code)
		code = check_pool(txn, entry, &pool);
	if (code)
		return code;
	trim(entry->media.media.barcode);
	code = check_barcode(txn, entry->media.media.barcode);
	if (!code && unique)
		code = check_labels(txn, entry);
	if (!code)
		code = enter_media(txn, entry, &computer, &pool);
	for (uint32_t i = 0; i < entry->media.media.sides && !code; i++)
		code = enter_side(txn, entry, &entry->sides[i], i);
	return code;
}

/* ---- deleting ---- */

static DWORD check_deletable(struct txn *txn, const struct object *media,
			     const struct object *sides, size_t count)
{
	struct object library;
	bool pending;
	DWORD code = must_exist(store_get(txn, &media->media.library, NTMS_LIBRARY, &library),
				"library", media->name);

	if (code)
		return code;
	if (library.library.kind != NTMS_LIBRARYTYPE_OFFLINE)
		return ntms_say(ERROR_INVALID_STATE,
				"cartridge %s is in library %s, it is not offline", media->name,
				library.name);
	for (size_t i = 0; i < count; i++)
		if (is_allocated(&sides[i]) || sides[i].side.state == NTMS_PARTSTATE_RESERVED)
			return ntms_say(ERROR_INVALID_STATE,
					"side %u of cartridge %s is somebody's", sides[i].side.side,
					media->name);
	code = request_pending(txn, &media->guid, &pending);
	if (!code && pending)
		code = ntms_say(ERROR_INVALID_STATE, "work on cartridge %s is still queued",
				media->name);
	return code;
}

DWORD catalogue_delete(struct txn *txn, const struct caller *caller, const NTMS_GUID *guid)
{
	struct object media, pool, sides[2];
	size_t count = 0;
	DWORD code = store_get(txn, guid, NTMS_PHYSICAL_MEDIA, &media);

	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_MEDIA, "there is no such cartridge");
	if (code)
		return code;
	code = media_pool(txn, &media.media.pool, media.name, &pool);
	if (!code)
		code = rights_check(txn, caller, RIGHT_DELETE_MEDIA_COMPUTER, NULL);
	if (!code)
		code = rights_check(txn, caller, RIGHT_DELETE_MEDIA, &pool);
	if (!code)
		code = media_sides(txn, guid, sides, &count);
	if (!code)
		code = check_deletable(txn, &media, sides, count);
	return code ? code : media_delete(txn, &media, sides, count, SIDE_DELETE);
}

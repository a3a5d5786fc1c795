/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* slot.c - where a cartridge is put away */
#include <stdlib.h>
#include "base/guid.h"
#include "core/media_type.h"
#include "core/run.h"
#include "core/states.h"
#include "core/txn.h"

#define PUT_AWAY_TRIES 8

/* What is looked for, and where. */
struct search {
	struct txn *txn;
	const struct object *media; /* NULL: one that is to come */
	struct object library;
	bool cleaner;
};

static DWORD begin_search(struct search *search, const NTMS_GUID *library)
{
	struct object type;
	DWORD code = must_exist(store_get(search->txn, library, NTMS_LIBRARY, &search->library),
				"library", search->media->name);

	if (!code)
		code = must_exist(store_get(search->txn, &search->media->media.media_type,
					    NTMS_MEDIA_TYPE, &type),
				  "media type", search->media->name);
	if (!code)
		search->cleaner = type.media_type.code == CLEANER_CARTRIDGE;
	return code;
}

static bool is_reserved(const struct search *search, const NTMS_GUID *slot)
{
	return guid_equal(slot, &search->library.library.cleaner_slot);
}

/* Its own slot, in this library, empty and not taken for something else meanwhile. */
static DWORD try_home(const struct search *search, struct object *slot, bool *found)
{
	const NTMS_GUID *home = &search->media->media.home_slot;
	DWORD code;

	*found = false;
	if (is_reserved(search, home) && !search->cleaner)
		return ERROR_SUCCESS;
	code = store_get(search->txn, home, NTMS_STORAGESLOT, slot);
	if (code)
		return code == ERROR_OBJECT_NOT_FOUND ? ERROR_SUCCESS : code;
	*found = slot->device.state == NTMS_SLOTSTATE_EMPTY &&
		 guid_equal(&slot->device.library, &search->library.guid);
	return ERROR_SUCCESS;
}

/* ---- slots that wait for cartridges which are somewhere else ---- */

struct homes {
	NTMS_GUID *list;
	size_t count;
};

static bool is_home(const struct homes *homes, const NTMS_GUID *slot)
{
	for (size_t i = 0; i < homes->count; i++)
		if (guid_equal(&homes->list[i], slot))
			return true;
	return false;
}

/* The home of what is in a drive or a port, unless that is the one a slot is looked for. */
static DWORD add_home(const struct search *search, const NTMS_GUID *place, struct homes *homes)
{
	struct object media;
	struct store_key key;
	NTMS_GUID guid;
	DWORD code;

	key_start(&key);
	key_guid(&key, place);
	code = store_find(search->txn, IX_PLACE, &key, &guid);
	if (!code)
		code = store_get(search->txn, &guid, NTMS_PHYSICAL_MEDIA, &media);
	if (code)
		return code == ERROR_OBJECT_NOT_FOUND ? ERROR_SUCCESS : code;
	if (!guid_is_null(&media.media.home_slot) &&
	    !(search->media && guid_equal(&guid, &search->media->guid)))
		homes->list[homes->count++] = media.media.home_slot;
	return ERROR_SUCCESS;
}

static DWORD add_homes(const struct search *search, uint32_t type, struct homes *homes)
{
	NTMS_GUID *list = NULL, *grown;
	struct store_key key;
	size_t count = 0;
	DWORD code;

	key_start(&key);
	key_guid(&key, &search->library.guid);
	key_u32(&key, type);
	code = store_list(search->txn, IX_CHILD, &key, 0, &list, &count);
	if (code || !count)
		return code;
	grown = reallocarray(homes->list, homes->count + count, sizeof(*grown));
	if (grown)
		homes->list = grown;
	else
		code = ntms_say(ERROR_NOT_ENOUGH_MEMORY, "no memory for %zu places", count);
	for (size_t i = 0; i < count && !code; i++)
		code = add_home(search, &list[i], homes);
	free(list);
	return code;
}

/*
 * An empty slot that is nobody's home. Who has lost a home of his own takes somebody's rather
 * than none; what is new must not, or what comes back from a drive would find no room.
 */
static DWORD try_all(const struct search *search, struct object *slot, bool *found)
{
	bool is_new = !search->media || guid_is_null(&search->media->media.home_slot);
	NTMS_GUID *list = NULL, somebodys = NTMS_NULLGUID;
	struct homes homes = {0};
	struct store_key key;
	size_t count = 0;
	DWORD code = add_homes(search, NTMS_DRIVE, &homes);

	if (!code)
		code = add_homes(search, NTMS_IEPORT, &homes);
	key_start(&key);
	key_guid(&key, &search->library.guid);
	key_u32(&key, NTMS_STORAGESLOT);
	if (!code)
		code = store_list(search->txn, IX_CHILD, &key, 0, &list, &count);
	for (size_t i = 0; i < count && !code && !*found; i++) {
		if (is_reserved(search, &list[i]))
			continue;
		code = must_exist(store_get(search->txn, &list[i], NTMS_STORAGESLOT, slot), "slot",
				  search->library.name);
		if (code || slot->device.state != NTMS_SLOTSTATE_EMPTY)
			continue;
		*found = !is_home(&homes, &list[i]);
		if (!*found)
			somebodys = list[i];
	}
	free(list);
	free(homes.list);
	if (code || *found || is_new || guid_is_null(&somebodys))
		return code;
	*found = true;
	return store_get(search->txn, &somebodys, NTMS_STORAGESLOT, slot);
}

DWORD slot_for_new(struct txn *txn, const struct object *library, bool *found)
{
	struct search search = {.txn = txn, .library = *library};
	struct object slot;

	*found = false;
	return try_all(&search, &slot, found);
}

DWORD find_slot(struct turn *turn, const struct object *media, struct object *slot)
{
	struct search search = {.media = media};
	bool found = false;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &search.txn);

	if (code)
		return code;
	code = begin_search(&search, &turn->library);
	if (!code)
		code = try_home(&search, slot, &found);
	if (!code && !found)
		code = try_all(&search, slot, &found);
	store_abort(search.txn);
	if (!code && !found)
		return ntms_say(
			ERROR_LIBRARY_FULL,
			"library %s has no empty slot for cartridge %s that is not kept for "
			"a mounted one",
			search.library.name, media_name(media));
	return code;
}

DWORD slot_doubt(struct turn *turn, const struct object *slot)
{
	struct object current;
	struct txn *txn;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = store_get(txn, &slot->guid, NTMS_STORAGESLOT, &current);
	if (!code)
		code = slot_event(&current, SLOT_NEEDS_INVENTORY);
	if (!code)
		code = store_update(txn, &current);
	return txn_end(txn, code);
}

DWORD put_away(struct turn *turn, struct object *request, const NTMS_GUID *guid,
	       const NTMS_GUID *from)
{
	struct object media, slot;
	DWORD code = ERROR_INVALID_STATE;

	for (int tries = 0; code == ERROR_INVALID_STATE && tries < PUT_AWAY_TRIES; tries++) {
		code = run_read(turn, guid, NTMS_PHYSICAL_MEDIA, &media);
		if (!code)
			code = find_slot(turn, &media, &slot);
		if (code)
			return code;
		code = robot_move(turn, request, guid, from, &slot.guid);
		if (turn->adrift)
			return code;
		if (code == ERROR_INVALID_STATE && slot_doubt(turn, &slot))
			return ERROR_DATABASE_FAILURE;
	}
	return code;
}

/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>
#include "keeper.h"
#include "text.h"
#include "view.h"

/* ---- the consumer's pools ---- */

struct pool {
	NTMS_GUID guid, media_type;
	bool draws; /* may allocate from the Free pool */
};

struct pools {
	struct pool *at;
	size_t count;
};

/* A pool and those below it. */
static DWORD add_pool(struct rsm *rsm, const NTMS_GUID *guid, struct pools *pools)
{
	NTMS_OBJECTINFORMATIONW info;
	const NTMS_MEDIAPOOLINFORMATION *record = &info.Info.MediaPool;
	NTMS_GUID *list;
	DWORD count, code = get_info(rsm, guid, NTMS_MEDIA_POOL, &info);

	if (code)
		return code;
	if (record->PoolType != NTMS_POOLTYPE_APPLICATION)
		return note_text(rsm, ERROR_INVALID_MEDIA_POOL,
				 "pool %s is the system's; a consumer of changer.conf needs pools "
				 "of its own (rsm createpool)",
				 name_of(rsm, guid, NTMS_MEDIA_POOL));
	pools->at = need(reallocarray(pools->at, pools->count + 1, sizeof(*pools->at)));
	pools->at[pools->count++] = (struct pool){
		.guid = *guid,
		.media_type = record->MediaType,
		.draws = record->AllocationPolicy & NTMS_ALLOCATE_FROMSCRATCH,
	};
	code = list_objects(rsm, guid, NTMS_MEDIA_POOL, &list, &count);
	for (DWORD i = 0; !code && i < count; i++)
		code = add_pool(rsm, &list[i], pools);
	free(list);
	return code;
}

static DWORD read_pools(struct rsm *rsm, const struct consumer *consumer, struct pools *pools)
{
	NTMS_GUID guid;
	DWORD code = ERROR_SUCCESS;

	for (char **name = consumer->pools; !code && *name; name++) {
		code = find_object(rsm, *name, NTMS_MEDIA_POOL, &guid);
		if (code == ERROR_OBJECT_NOT_FOUND)
			code = note_text(rsm, code,
					 "there is no pool \"%s\", which changer.conf gives to "
					 "consumer %s; make it with 'rsm createpool'",
					 *name, consumer->name);
		if (!code)
			code = add_pool(rsm, &guid, pools);
	}
	return code;
}

/* ---- places ---- */

static int compare_numbers(const void *a, const void *b)
{
	const struct place *one = a, *other = b;

	return (one->number > other->number) - (one->number < other->number);
}

static DWORD read_places(struct rsm *rsm, const NTMS_GUID *library, DWORD type,
			 struct places *places)
{
	NTMS_OBJECTINFORMATIONW info;
	NTMS_GUID *list;
	DWORD count, code = list_objects(rsm, library, type, &list, &count);

	if (code)
		return code;
	places->at = need(calloc(count + 1, sizeof(*places->at)));
	for (DWORD i = 0; !code && i < count; i++) {
		struct place *place = &places->at[i];

		code = get_info(rsm, &list[i], type, &info);
		place->guid = list[i];
		place->number = type == NTMS_DRIVE    ? info.Info.Drive.Number
				: type == NTMS_IEPORT ? info.Info.IEPort.Number
						      : info.Info.StorageSlot.Number;
		place->in_use =
			type == NTMS_DRIVE && info.Info.Drive.State == NTMS_DRIVESTATE_LOADED;
	}
	free(list);
	places->count = count;
	if (!code)
		qsort(places->at, count, sizeof(*places->at), compare_numbers);
	return code;
}

/*
 * What a keeper holds for a program that has died is about to be given back, and what nobody holds
 * any more will be settled by the next work: the program that comes after must load it anew.
 */
static DWORD check_holders(struct rsm *rsm, struct places *drives)
{
	RSM_HOLDER *list = NULL;
	DWORD count = 16, code;

	do {
		list = need(reallocarray(list, count, sizeof(*list)));
		code = RsmListHolders(rsm->session, list, &count);
	} while (code == ERROR_INSUFFICIENT_BUFFER);
	for (size_t i = 0; !code && i < drives->count; i++) {
		bool held = false;

		for (DWORD j = 0; drives->at[i].in_use && !held && j < count; j++)
			held = guid_equal(&list[j].DriveId, &drives->at[i].guid) &&
			       list[j].State == RSM_HOLDER_HELD &&
			       keeper_owner((pid_t)list[j].ProcessId) != 0;
		drives->at[i].in_use = held;
	}
	free(list);
	return note(rsm, code);
}

struct place *view_place(const struct places *places, DWORD number)
{
	struct place key = {.number = number};

	return places->count
		       ? bsearch(&key, places->at, places->count, sizeof(key), compare_numbers)
		       : NULL;
}

static struct place *place_by_guid(const struct places *places, const NTMS_GUID *guid)
{
	for (size_t i = 0; i < places->count; i++)
		if (guid_equal(&places->at[i].guid, guid))
			return &places->at[i];
	return NULL;
}

/* ---- cartridges ---- */

/* Is the first side of a free cartridge there to be allocated? */
static DWORD is_available(struct rsm *rsm, const NTMS_GUID *cartridge, bool *available)
{
	NTMS_OBJECTINFORMATIONW info;
	NTMS_GUID side;
	DWORD code = side_of(rsm, cartridge, &side);

	if (!code)
		code = get_info(rsm, &side, NTMS_PARTITION, &info);
	*available = !code && info.Info.Partition.State == NTMS_PARTSTATE_AVAILABLE;
	return code;
}

static DWORD is_free(struct rsm *rsm, const NTMS_PMIDINFORMATIONW *record,
		     const NTMS_GUID *cartridge, bool *yes)
{
	NTMS_OBJECTINFORMATIONW pool;
	DWORD code = get_info(rsm, &record->MediaPool, NTMS_MEDIA_POOL, &pool);

	*yes = !code && pool.Info.MediaPool.PoolType == NTMS_POOLTYPE_SCRATCH;
	return *yes ? is_available(rsm, cartridge, yes) : code;
}

/* Whose it is: *@cartridge is shown or not. */
static DWORD set_owner(struct rsm *rsm, const struct consumer *consumer, const struct pools *pools,
		       const NTMS_PMIDINFORMATIONW *record, struct cartridge *cartridge)
{
	const struct pool *drawing = NULL;
	DWORD code;

	for (size_t i = 0; i < pools->count; i++) {
		const struct pool *pool = &pools->at[i];

		if (guid_equal(&pool->guid, &record->MediaPool)) {
			cartridge->allocate = pool->guid;
			cartridge->shown = true;
			return ERROR_SUCCESS;
		}
		if (!drawing && pool->draws && guid_equal(&pool->media_type, &record->MediaType))
			drawing = pool;
	}
	if (!consumer->scratch || !drawing)
		return ERROR_SUCCESS;
	code = is_free(rsm, record, &cartridge->guid, &cartridge->shown);
	if (cartridge->shown)
		cartridge->allocate = drawing->guid;
	return code;
}

/* Put it where it is seen. */
static void set_place(struct view *view, const NTMS_PMIDINFORMATIONW *record,
		      struct cartridge *cartridge)
{
	struct place *home = place_by_guid(&view->slots, &record->HomeSlot);
	struct place *drive = NULL, *place = NULL;

	cartridge->home = home ? home->number : 0;
	if (record->LocationType == NTMS_DRIVE) {
		drive = place_by_guid(&view->drives, &record->Location);
		place = drive && drive->in_use ? drive : home;
	} else if (record->LocationType == NTMS_IEPORT) {
		place = place_by_guid(&view->ports, &record->Location);
	} else {
		place = place_by_guid(&view->slots, &record->Location);
		if (place)
			cartridge->home = place->number;
	}
	if (drive) {
		drive->resident = cartridge;
		cartridge->drive = drive->guid;
	}
	if (place) {
		place->content = cartridge;
		cartridge->place = place->guid;
	}
}

static DWORD read_cartridges(struct rsm *rsm, const struct consumer *consumer,
			     const struct pools *pools, const NTMS_GUID *library, struct view *view)
{
	NTMS_OBJECTINFORMATIONW info;
	const NTMS_PMIDINFORMATIONW *record = &info.Info.PhysicalMedia;
	NTMS_GUID *list;
	DWORD count, code = list_objects(rsm, library, NTMS_PHYSICAL_MEDIA, &list, &count);

	if (code)
		return code;
	view->cartridges = need(calloc(count + 1, sizeof(*view->cartridges)));
	for (DWORD i = 0; !code && i < count; i++) {
		struct cartridge *cartridge = &view->cartridges[view->count];

		code = get_info(rsm, &list[i], NTMS_PHYSICAL_MEDIA, &info);
		if (code)
			break;
		view->count++;
		cartridge->guid = list[i];
		cartridge->bar_code = text_from_wide(record->szBarCode, NTMS_BARCODE_LENGTH);
		cartridge->name = text_format("%s", name_of(rsm, &list[i], NTMS_PHYSICAL_MEDIA));
		cartridge->pool =
			text_format("%s", name_of(rsm, &record->MediaPool, NTMS_MEDIA_POOL));
		code = set_owner(rsm, consumer, pools, record, cartridge);
		set_place(view, record, cartridge);
	}
	free(list);
	return code;
}

DWORD view_read(struct rsm *rsm, const struct consumer *consumer, const NTMS_GUID *library,
		struct view *view)
{
	struct pools pools = {.count = 0};
	DWORD code;

	memset(view, 0, sizeof(*view));
	code = read_pools(rsm, consumer, &pools);
	if (!code)
		code = read_places(rsm, library, NTMS_STORAGESLOT, &view->slots);
	if (!code)
		code = read_places(rsm, library, NTMS_DRIVE, &view->drives);
	if (!code)
		code = check_holders(rsm, &view->drives);
	if (!code)
		code = read_places(rsm, library, NTMS_IEPORT, &view->ports);
	if (!code)
		code = read_cartridges(rsm, consumer, &pools, library, view);
	free(pools.at);
	return code;
}

void view_free(struct view *view)
{
	for (size_t i = 0; i < view->count; i++) {
		free(view->cartridges[i].name);
		free(view->cartridges[i].bar_code);
		free(view->cartridges[i].pool);
	}
	free(view->cartridges);
	free(view->slots.at);
	free(view->drives.at);
	free(view->ports.at);
	memset(view, 0, sizeof(*view));
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * picture.c - gathers what there is into one JSON document; picture-text.c draws it
 */
#include <stdlib.h>
#include <string.h>
#include "describe.h"
#include "holders.h"
#include "picture.h"
#include "picture-text.h"
#include "text.h"

struct gathering {
	struct rsm *rsm;
	struct json_object *holders; /* list */
	struct json_object *places;  /* cartridge by the GUID of the place it is in */
	struct json_object *absent;  /* cartridges of the library that are in no place */
};

/* Objects that vanish meanwhile, and those we may not see, are left out. */
static bool may_skip(DWORD code)
{
	return code == ERROR_OBJECT_NOT_FOUND || code == ERROR_ACCESS_DENIED;
}

/* Call @use for every object of @type in @container. */
static DWORD each(struct gathering *all, const NTMS_GUID *container, DWORD type,
		  struct json_object *into,
		  DWORD (*use)(struct gathering *, NTMS_OBJECTINFORMATIONW *, struct json_object *))
{
	NTMS_OBJECTINFORMATIONW info;
	NTMS_GUID *list;
	DWORD count, code;

	code = list_objects(all->rsm, container, type, &list, &count);
	for (DWORD i = 0; !code && i < count; i++) {
		code = get_info(all->rsm, &list[i], type, &info);
		if (!code)
			code = use(all, &info, into);
		if (may_skip(code))
			code = ERROR_SUCCESS;
	}
	free(list);
	return code;
}

static DWORD add_side(struct gathering *all, NTMS_OBJECTINFORMATIONW *info,
		      struct json_object *into)
{
	struct json_object *side = json_record();
	const NTMS_PARTITIONINFORMATIONW *partition = &info->Info.Partition;

	(void)all;
	json_set_guid(side, "id", &info->ObjectGuid);
	json_set_number(side, "side", partition->Side);
	json_set_text(side, "state", word_of(side_states, partition->State));
	json_set_guid(side, "lmid", &partition->LogicalMedia);
	JSON_SET_WIDE(side, "label_type", partition->szOmidLabelType);
	json_append(into, side);
	return ERROR_SUCCESS;
}

static DWORD add_cartridge(struct gathering *all, NTMS_OBJECTINFORMATIONW *info,
			   struct json_object *into)
{
	struct json_object *record = json_record(), *sides = json_list();
	const NTMS_PMIDINFORMATIONW *media = &info->Info.PhysicalMedia;
	char place[GUID_TEXT_SIZE];
	DWORD code;

	json_set_guid(record, "id", &info->ObjectGuid);
	JSON_SET_WIDE(record, "name", info->szName);
	JSON_SET_WIDE(record, "bar_code", media->szBarCode);
	json_set_text(record, "state", word_of(media_states, media->MediaState));
	json_set_flag(record, "enabled", info->Enabled);
	json_set_text(record, "pool", name_of(all->rsm, &media->MediaPool, NTMS_MEDIA_POOL));
	json_set_text(record, "media_type", name_of(all->rsm, &media->MediaType, NTMS_MEDIA_TYPE));
	json_set(record, "sides", sides);
	code = each(all, &info->ObjectGuid, NTMS_PARTITION, sides, add_side);
	if (code) {
		json_object_put(record);
		return code;
	}
	if (into)
		json_append(into, record);
	else if (guid_is_null(&media->Location))
		json_append(all->absent, record);
	else
		json_set(all->places, guid_dashed(&media->Location, place), record);
	return ERROR_SUCCESS;
}

/* A drive, slot or port: what describe_info() says of it, and the cartridge inside. */
static struct json_object *add_place(struct gathering *all, NTMS_OBJECTINFORMATIONW *info,
				     struct json_object *into)
{
	struct json_object *place = describe_info(all->rsm, info);
	struct json_object *media = json_at(all->places, json_text(place, "id"));

	json_set(place, "cartridge", json_object_get(media));
	json_append(into, place);
	return place;
}

static DWORD add_slot(struct gathering *all, NTMS_OBJECTINFORMATIONW *info,
		      struct json_object *into)
{
	add_place(all, info, into);
	return ERROR_SUCCESS;
}

static DWORD add_changer(struct gathering *all, NTMS_OBJECTINFORMATIONW *info,
			 struct json_object *into)
{
	json_append(into, describe_info(all->rsm, info));
	return ERROR_SUCCESS;
}

static DWORD add_drive(struct gathering *all, NTMS_OBJECTINFORMATIONW *info,
		       struct json_object *into)
{
	struct json_object *drive = add_place(all, info, into);

	json_set(drive, "holder", NULL);
	for (size_t i = 0; i < json_object_array_length(all->holders); i++) {
		struct json_object *holder = json_object_array_get_idx(all->holders, i);

		if (!strcmp(json_text(holder, "drive_id"), json_text(drive, "id")))
			json_set(drive, "holder", json_object_get(holder));
	}
	return ERROR_SUCCESS;
}

static DWORD add_library(struct gathering *all, NTMS_OBJECTINFORMATIONW *info,
			 struct json_object *into)
{
	static const struct {
		const char *key;
		DWORD type;
		DWORD (*use)(struct gathering *, NTMS_OBJECTINFORMATIONW *, struct json_object *);
	} parts[] = {
		{"changers", NTMS_CHANGER, add_changer},
		{"drives", NTMS_DRIVE, add_drive},
		{"ports", NTMS_IEPORT, add_slot},
		{"slots", NTMS_STORAGESLOT, add_slot},
	};
	struct json_object *library = describe_info(all->rsm, info);
	DWORD code;

	all->places = json_record();
	all->absent = json_list();
	json_append(into, library);
	code = each(all, &info->ObjectGuid, NTMS_PHYSICAL_MEDIA, NULL, add_cartridge);
	for (size_t i = 0; !code && i < sizeof(parts) / sizeof(parts[0]); i++) {
		struct json_object *list = json_list();

		json_set(library, parts[i].key, list);
		code = each(all, &info->ObjectGuid, parts[i].type, list, parts[i].use);
	}
	json_set(library, "elsewhere", all->absent);
	json_object_put(all->places);
	return code;
}

/* The offline library has no places; its cartridges are listed apart. */
static DWORD add_any_library(struct gathering *all, NTMS_OBJECTINFORMATIONW *info,
			     struct json_object *document)
{
	if (info->Info.Library.LibraryType != NTMS_LIBRARYTYPE_OFFLINE)
		return add_library(all, info, json_at(document, "libraries"));
	return each(all, &info->ObjectGuid, NTMS_PHYSICAL_MEDIA, json_at(document, "offline"),
		    add_cartridge);
}

static DWORD add_pool(struct gathering *all, NTMS_OBJECTINFORMATIONW *info,
		      struct json_object *into)
{
	json_append(into, describe_info(all->rsm, info));
	return each(all, &info->ObjectGuid, NTMS_MEDIA_POOL, into, add_pool);
}

static DWORD gather(struct rsm *rsm, struct json_object *document)
{
	struct gathering all = {.rsm = rsm};
	DWORD code = holders_list(rsm, &all.holders);

	if (code)
		return code;
	json_set(document, "libraries", json_list());
	json_set(document, "offline", json_list());
	json_set(document, "pools", json_list());
	code = each(&all, NULL, NTMS_LIBRARY, document, add_any_library);
	if (!code)
		code = each(&all, NULL, NTMS_MEDIA_POOL, json_at(document, "pools"), add_pool);
	json_object_put(all.holders);
	return code;
}

int picture(struct rsm *rsm, bool guid)
{
	struct json_object *document;
	DWORD code = rsm_open(rsm, "rsm view");

	if (code)
		return fail(rsm, code);
	document = json_record();
	code = gather(rsm, document);
	if (code) {
		json_object_put(document);
		return fail(rsm, code);
	}
	if (rsm->json)
		print_json(document);
	else
		picture_text(rsm, document, guid);
	json_object_put(document);
	return EXIT_DONE;
}

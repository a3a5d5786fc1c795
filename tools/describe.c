/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * describe.c - objects as JSON. The names of the fields are part of the interface
 * (rsm(1)): add, never rename.
 */
#include <stdio.h>
#include <stdlib.h>
#include "describe.h"
#include "text.h"

/* A reference: its GUID under @key_id, its name under @key. */
static void set_reference(struct rsm *rsm, struct json_object *out, const char *key,
			  const char *key_id, const NTMS_GUID *guid, DWORD type)
{
	json_set_text(out, key, guid_is_null(guid) ? NULL : name_of(rsm, guid, type));
	json_set_guid(out, key_id, guid);
}

static void describe_changer(struct rsm *rsm, const NTMS_OBJECTINFORMATIONW *info,
			     struct json_object *out)
{
	const NTMS_CHANGERINFORMATIONW *changer = &info->Info.Changer;

	json_set_number(out, "number", changer->Number);
	JSON_SET_WIDE(out, "device", changer->szDeviceName);
	JSON_SET_WIDE(out, "serial", changer->szSerialNumber);
	JSON_SET_WIDE(out, "revision", changer->szRevision);
	set_reference(rsm, out, "changer_type", "changer_type_id", &changer->ChangerType,
		      NTMS_CHANGER_TYPE);
	set_reference(rsm, out, "library", "library_id", &changer->Library, NTMS_LIBRARY);
}

static void describe_changer_type(struct rsm *rsm, const NTMS_OBJECTINFORMATIONW *info,
				  struct json_object *out)
{
	(void)rsm;
	JSON_SET_WIDE(out, "vendor", info->Info.ChangerType.szVendor);
	JSON_SET_WIDE(out, "product", info->Info.ChangerType.szProduct);
}

static void describe_drive_type(struct rsm *rsm, const NTMS_OBJECTINFORMATIONW *info,
				struct json_object *out)
{
	(void)rsm;
	JSON_SET_WIDE(out, "vendor", info->Info.DriveType.szVendor);
	JSON_SET_WIDE(out, "product", info->Info.DriveType.szProduct);
}

static void describe_computer(struct rsm *rsm, const NTMS_OBJECTINFORMATIONW *info,
			      struct json_object *out)
{
	const NTMS_COMPUTERINFORMATION *computer = &info->Info.Computer;

	(void)rsm;
	json_set_number(out, "librequest_purge_seconds", computer->dwLibRequestPurgeTime);
	json_set_number(out, "oprequest_purge_seconds", computer->dwOpRequestPurgeTime);
}

static void describe_drive(struct rsm *rsm, const NTMS_OBJECTINFORMATIONW *info,
			   struct json_object *out)
{
	const NTMS_DRIVEINFORMATIONW *drive = &info->Info.Drive;

	json_set_number(out, "number", drive->Number);
	json_set_text(out, "state", word_of(drive_states, drive->State));
	JSON_SET_WIDE(out, "device", drive->szDeviceName);
	JSON_SET_WIDE(out, "serial", drive->szSerialNumber);
	JSON_SET_WIDE(out, "revision", drive->szRevision);
	set_reference(rsm, out, "drive_type", "drive_type_id", &drive->DriveType, NTMS_DRIVE_TYPE);
	json_set_number(out, "mount_count", drive->dwMountCount);
	json_set_time(out, "last_cleaned", &drive->LastCleanedTs);
	json_set_number(out, "deferred_dismount_seconds", drive->dwDeferDismountDelay);
	set_reference(rsm, out, "side", "side_id", &drive->SavedPartitionId, NTMS_PARTITION);
	set_reference(rsm, out, "library", "library_id", &drive->Library, NTMS_LIBRARY);
}

static void describe_door(struct rsm *rsm, const NTMS_OBJECTINFORMATIONW *info,
			  struct json_object *out)
{
	const NTMS_IEDOORINFORMATION *door = &info->Info.IEDoor;

	json_set_number(out, "number", door->Number);
	json_set_text(out, "state", word_of(door_states, door->State));
	set_reference(rsm, out, "library", "library_id", &door->Library, NTMS_LIBRARY);
}

static void describe_port(struct rsm *rsm, const NTMS_OBJECTINFORMATIONW *info,
			  struct json_object *out)
{
	const NTMS_IEPORTINFORMATION *port = &info->Info.IEPort;

	json_set_number(out, "number", port->Number);
	json_set_text(out, "state", word_of(port_contents, port->Content));
	json_set_text(out, "position", word_of(port_positions, port->Position));
	set_reference(rsm, out, "library", "library_id", &port->Library, NTMS_LIBRARY);
}

static void describe_slot(struct rsm *rsm, const NTMS_OBJECTINFORMATIONW *info,
			  struct json_object *out)
{
	const NTMS_STORAGESLOTINFORMATION *slot = &info->Info.StorageSlot;

	json_set_number(out, "number", slot->Number);
	json_set_text(out, "state", word_of(slot_states, slot->State));
	set_reference(rsm, out, "library", "library_id", &slot->Library, NTMS_LIBRARY);
}

static void describe_library(struct rsm *rsm, const NTMS_OBJECTINFORMATIONW *info,
			     struct json_object *out)
{
	const NTMS_LIBRARYINFORMATION *library = &info->Info.Library;

	(void)rsm;
	json_set_text(out, "library_type", word_of(library_types, library->LibraryType));
	json_set_text(out, "inventory_method",
		      word_of(inventory_methods, library->InventoryMethod));
	json_set_flag(out, "bar_code_reader", library->BarCodeReaderInstalled);
	json_set_flag(out, "auto_recovery", library->AutoRecovery);
	json_set_number(out, "drives", library->dwNumberOfDrives);
	json_set_number(out, "slots", library->dwNumberOfSlots);
	json_set_number(out, "ports", library->dwNumberOfPorts);
	json_set_number(out, "doors", library->dwNumberOfDoors);
	json_set_number(out, "changers", library->dwNumberOfChangers);
	json_set_number(out, "media", library->dwNumberOfMedia);
	json_set_number(out, "requests", library->dwNumberOfLibRequests);
}

static void describe_request(struct rsm *rsm, const NTMS_OBJECTINFORMATIONW *info,
			     struct json_object *out)
{
	const NTMS_LIBREQUESTINFORMATIONW *request = &info->Info.LibRequest;

	json_set_text(out, "operation", word_of(request_operations, request->OperationCode));
	json_set_number(out, "option", request->OperationOption);
	json_set_text(out, "state", word_of(request_states, request->State));
	json_set_time(out, "queued", &request->TimeQueued);
	json_set_time(out, "completed", &request->TimeCompleted);
	json_set_number(out, "error", request->dwErrorCode);
	json_set_text(out, "error_name",
		      request->dwErrorCode ? RsmErrorName(request->dwErrorCode) : NULL);
	set_reference(rsm, out, "cartridge", "cartridge_id", &request->PhysMediaId,
		      NTMS_PHYSICAL_MEDIA);
	json_set_guid(out, "side_id", &request->PartitionId);
	set_reference(rsm, out, "drive", "drive_id", &request->DriveId, NTMS_DRIVE);
	set_reference(rsm, out, "slot", "slot_id", &request->SlotId, NTMS_STORAGESLOT);
	set_reference(rsm, out, "library", "library_id", &request->Library, NTMS_LIBRARY);
	JSON_SET_WIDE(out, "application", request->szApplication);
	JSON_SET_WIDE(out, "user", request->szUser);
	JSON_SET_WIDE(out, "computer", request->szComputer);
	json_set(out, "priority", need(json_object_new_int((int32_t)request->dwPriority)));
}

/* The side of an LMID, and its cartridge. */
static void describe_logical(struct rsm *rsm, const NTMS_OBJECTINFORMATIONW *info,
			     struct json_object *out)
{
	NTMS_OBJECTINFORMATIONW side;
	NTMS_GUID *list, null = NTMS_NULLGUID, cartridge = NTMS_NULLGUID;
	DWORD count;

	set_reference(rsm, out, "pool", "pool_id", &info->Info.LogicalMedia.MediaPool,
		      NTMS_MEDIA_POOL);
	if (list_objects(rsm, &info->ObjectGuid, NTMS_PARTITION, &list, &count))
		count = 0;
	if (count && !get_info(rsm, &list[0], NTMS_PARTITION, &side))
		cartridge = side.Info.Partition.PhysicalMedia;
	json_set_text(out, "state",
		      guid_is_null(&cartridge) ? NULL
					       : word_of(side_states, side.Info.Partition.State));
	json_set_guid(out, "side_id", count ? &list[0] : &null);
	set_reference(rsm, out, "cartridge", "cartridge_id", &cartridge, NTMS_PHYSICAL_MEDIA);
	free(list);
}

static void describe_pool(struct rsm *rsm, const NTMS_OBJECTINFORMATIONW *info,
			  struct json_object *out)
{
	const NTMS_MEDIAPOOLINFORMATION *pool = &info->Info.MediaPool;

	json_set_text(out, "path", name_of(rsm, &info->ObjectGuid, NTMS_MEDIA_POOL));
	json_set_text(out, "pool_type", word_of(pool_types, pool->PoolType));
	set_reference(rsm, out, "media_type", "media_type_id", &pool->MediaType, NTMS_MEDIA_TYPE);
	set_reference(rsm, out, "parent", "parent_id", &pool->Parent, NTMS_MEDIA_POOL);
	json_set_flag(out, "draw", pool->AllocationPolicy & NTMS_ALLOCATE_FROMSCRATCH);
	json_set_flag(out, "return", pool->DeallocationPolicy & NTMS_DEALLOCATE_TOSCRATCH);
	json_set_number(out, "max_allocates", pool->dwMaxAllocates);
	json_set_number(out, "physical_media", pool->dwNumberOfPhysicalMedia);
	json_set_number(out, "logical_media", pool->dwNumberOfLogicalMedia);
	json_set_number(out, "pools", pool->dwNumberOfMediaPools);
}

static void describe_media_type(struct rsm *rsm, const NTMS_OBJECTINFORMATIONW *info,
				struct json_object *out)
{
	const NTMS_MEDIATYPEINFORMATION *type = &info->Info.MediaType;

	(void)rsm;
	json_set_number(out, "code", type->MediaType);
	json_set_number(out, "sides", type->NumberOfSides);
	json_set_text(out, "writing",
		      word_of(write_characteristics, type->ReadWriteCharacteristics));
}

static void describe_side(struct rsm *rsm, const NTMS_OBJECTINFORMATIONW *info,
			  struct json_object *out)
{
	const NTMS_PARTITIONINFORMATIONW *side = &info->Info.Partition;
	DWORD length = side->dwOmidLabelIdLength;
	char *hex;

	if (length > sizeof(side->OmidLabelId))
		length = sizeof(side->OmidLabelId);
	hex = need(calloc(2, length + 1));
	for (DWORD i = 0; i < length; i++)
		snprintf(hex + 2 * i, 3, "%02x", side->OmidLabelId[i]);
	json_set_number(out, "side", side->Side);
	json_set_text(out, "state", word_of(side_states, side->State));
	json_set_guid(out, "lmid", &side->LogicalMedia);
	set_reference(rsm, out, "cartridge", "cartridge_id", &side->PhysicalMedia,
		      NTMS_PHYSICAL_MEDIA);
	JSON_SET_WIDE(out, "label_type", side->szOmidLabelType);
	json_set_text(out, "label_id", hex);
	JSON_SET_WIDE(out, "label_info", side->szOmidLabelInfo);
	json_set_number(out, "mount_count", side->dwMountCount);
	json_set_number(out, "allocate_count", side->dwAllocateCount);
	json_set_number(out, "capacity", (uint64_t)side->Capacity.QuadPart);
	free(hex);
}

static void describe_cartridge(struct rsm *rsm, const NTMS_OBJECTINFORMATIONW *info,
			       struct json_object *out)
{
	const NTMS_PMIDINFORMATIONW *media = &info->Info.PhysicalMedia;

	JSON_SET_WIDE(out, "bar_code", media->szBarCode);
	JSON_SET_WIDE(out, "sequence_number", media->szSequenceNumber);
	json_set_text(out, "state", word_of(media_states, media->MediaState));
	json_set_number(out, "sides", media->dwNumberOfPartitions);
	set_reference(rsm, out, "pool", "pool_id", &media->MediaPool, NTMS_MEDIA_POOL);
	set_reference(rsm, out, "media_type", "media_type_id", &media->MediaType, NTMS_MEDIA_TYPE);
	set_reference(rsm, out, "library", "library_id", &media->CurrentLibrary, NTMS_LIBRARY);
	set_reference(rsm, out, "location", "location_id", &media->Location, media->LocationType);
	set_reference(rsm, out, "home_slot", "home_slot_id", &media->HomeSlot, NTMS_STORAGESLOT);
	json_set_guid(out, "mounted_side_id", &media->MountedPartition);
	json_set_number(out, "medium_code", media->dwMediaTypeCode);
	json_set_number(out, "density_code", media->dwDensityCode);
}

static void describe_oprequest(struct rsm *rsm, const NTMS_OBJECTINFORMATIONW *info,
			       struct json_object *out)
{
	const NTMS_OPREQUESTINFORMATIONW *request = &info->Info.OpRequest;

	json_set_text(out, "request", word_of(operator_commands, request->Request));
	json_set_text(out, "state", word_of(operator_states, request->State));
	set_reference(rsm, out, "about", "about_id", &request->Arg1, request->Arg1Type);
	set_reference(rsm, out, "where", "where_id", &request->Arg2, request->Arg2Type);
	json_set_time(out, "submitted", &request->Submitted);
	JSON_SET_WIDE(out, "message", request->szMessage);
	JSON_SET_WIDE(out, "application", request->szApplication);
	JSON_SET_WIDE(out, "user", request->szUser);
	JSON_SET_WIDE(out, "computer", request->szComputer);
}

/* ---- by type ---- */

#define NAME                          \
	{                             \
		"name", "NAME", false \
	}
#define NUMBER                           \
	{                                \
		"number", "NUMBER", true \
	}
#define STATE                           \
	{                               \
		"state", "STATE", false \
	}
#define LIBRARY                             \
	{                                   \
		"library", "LIBRARY", false \
	}
#define ENABLED                             \
	{                                   \
		"enabled", "ENABLED", false \
	}
#define LAST                      \
	{                         \
		NULL, NULL, false \
	}

static const struct kind {
	DWORD type;
	void (*describe)(struct rsm *rsm, const NTMS_OBJECTINFORMATIONW *info,
			 struct json_object *out);
	struct column columns[9];
} kinds[] = {
	{NTMS_CHANGER,
	 describe_changer,
	 {NAME,
	  NUMBER,
	  {"device", "DEVICE", false},
	  {"serial", "SERIAL", false},
	  {"revision", "REVISION", false},
	  LIBRARY,
	  ENABLED,
	  LAST}},
	{NTMS_CHANGER_TYPE,
	 describe_changer_type,
	 {NAME, {"vendor", "VENDOR", false}, {"product", "PRODUCT", false}, LAST}},
	{NTMS_COMPUTER,
	 describe_computer,
	 {NAME, {"librequest_purge_seconds", "KEEP REQUESTS (S)", true}, LAST}},
	{NTMS_DRIVE,
	 describe_drive,
	 {NAME,
	  NUMBER,
	  STATE,
	  {"device", "DEVICE", false},
	  {"serial", "SERIAL", false},
	  {"mount_count", "MOUNTS", true},
	  LIBRARY,
	  ENABLED,
	  LAST}},
	{NTMS_DRIVE_TYPE,
	 describe_drive_type,
	 {NAME, {"vendor", "VENDOR", false}, {"product", "PRODUCT", false}, LAST}},
	{NTMS_IEDOOR, describe_door, {NAME, NUMBER, STATE, LIBRARY, LAST}},
	{NTMS_IEPORT,
	 describe_port,
	 {NAME, NUMBER, STATE, {"position", "POSITION", false}, LIBRARY, LAST}},
	{NTMS_LIBRARY,
	 describe_library,
	 {NAME,
	  {"library_type", "TYPE", false},
	  {"operational_state", "STATE", false},
	  {"drives", "DRIVES", true},
	  {"slots", "SLOTS", true},
	  {"ports", "PORTS", true},
	  {"media", "CARTRIDGES", true},
	  ENABLED,
	  LAST}},
	{NTMS_LIBREQUEST,
	 describe_request,
	 {{"operation", "OPERATION", false},
	  STATE,
	  {"error_name", "ERROR", false},
	  {"cartridge", "CARTRIDGE", false},
	  {"drive", "DRIVE", false},
	  {"queued", "QUEUED", false},
	  {"completed", "COMPLETED", false},
	  {"application", "APPLICATION", false},
	  LAST}},
	{NTMS_LOGICAL_MEDIA,
	 describe_logical,
	 {{"id", "LMID", false},
	  NAME,
	  {"cartridge", "CARTRIDGE", false},
	  STATE,
	  {"pool", "POOL", false},
	  LAST}},
	{NTMS_MEDIA_POOL,
	 describe_pool,
	 {{"path", "POOL", false},
	  {"pool_type", "TYPE", false},
	  {"media_type", "MEDIA TYPE", false},
	  {"physical_media", "CARTRIDGES", true},
	  {"logical_media", "ALLOCATED", true},
	  {"pools", "POOLS", true},
	  {"draw", "DRAW", false},
	  {"return", "RETURN", false},
	  LAST}},
	{NTMS_MEDIA_TYPE,
	 describe_media_type,
	 {NAME,
	  {"code", "CODE", true},
	  {"sides", "SIDES", true},
	  {"writing", "WRITING", false},
	  LAST}},
	{NTMS_PARTITION,
	 describe_side,
	 {{"cartridge", "CARTRIDGE", false},
	  {"side", "SIDE", true},
	  STATE,
	  {"label_type", "LABEL", false},
	  {"label_info", "LABEL INFO", false},
	  {"mount_count", "MOUNTS", true},
	  {"allocate_count", "ALLOCATED", true},
	  LAST}},
	{NTMS_PHYSICAL_MEDIA,
	 describe_cartridge,
	 {NAME,
	  {"bar_code", "BAR CODE", false},
	  STATE,
	  {"pool", "POOL", false},
	  {"media_type", "MEDIA TYPE", false},
	  LIBRARY,
	  {"location", "LOCATION", false},
	  ENABLED,
	  LAST}},
	{NTMS_STORAGESLOT, describe_slot, {NAME, NUMBER, STATE, LIBRARY, LAST}},
	{NTMS_OPREQUEST,
	 describe_oprequest,
	 {{"request", "REQUEST", false},
	  {"about", "ABOUT", false},
	  STATE,
	  {"submitted", "SUBMITTED", false},
	  {"message", "MESSAGE", false},
	  LAST}},
};

static const struct kind *kind_of(DWORD type)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].type == type)
			return &kinds[i];
	return NULL;
}

const struct column *describe_columns(DWORD type)
{
	static const struct column plain[] = {NAME, LAST};
	const struct kind *kind = kind_of(type);

	return kind ? kind->columns : plain;
}

struct json_object *describe_info(struct rsm *rsm, NTMS_OBJECTINFORMATIONW *info)
{
	const struct kind *kind = kind_of(info->dwType);
	struct json_object *out = json_record();

	json_set_guid(out, "id", &info->ObjectGuid);
	json_set_text(out, "type", word_of(object_types, info->dwType));
	JSON_SET_WIDE(out, "name", info->szName);
	JSON_SET_WIDE(out, "description", info->szDescription);
	json_set_flag(out, "enabled", info->Enabled);
	json_set_text(out, "operational_state",
		      word_of(operational_states, info->dwOperationalState));
	json_set_time(out, "created", &info->Created);
	json_set_time(out, "modified", &info->Modified);
	if (kind)
		kind->describe(rsm, info, out);
	return out;
}

struct json_object *describe(struct rsm *rsm, const NTMS_GUID *guid, DWORD type)
{
	NTMS_OBJECTINFORMATIONW info;

	if (get_info(rsm, guid, type, &info))
		return NULL;
	return describe_info(rsm, &info);
}

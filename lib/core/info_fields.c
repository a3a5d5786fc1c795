/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdbool.h>
#include "core/info_fields.h"

#define SIZE_OF(type, member) sizeof(((type *)0)->member)

#define FIELD_OF(k, d, s, record, member, a, w, to)                                             \
	{                                                                                       \
		.kind = k, .derived = d, .settable = s, .from = offsetof(record, member),       \
		.from_size = SIZE_OF(record, member), .at = {offsetof(a, to), offsetof(w, to)}, \
		.size = {SIZE_OF(a, to), SIZE_OF(w, to)},                                       \
	}

/* A member that is read, one that is written too, and one that is not in the record. */
#define GET(kind, member, to)                                                                \
	FIELD_OF(FIELD_##kind, false, false, struct object, member, NTMS_OBJECTINFORMATIONA, \
		 NTMS_OBJECTINFORMATIONW, to)
#define SET(kind, member, to)                                                               \
	FIELD_OF(FIELD_##kind, false, true, struct object, member, NTMS_OBJECTINFORMATIONA, \
		 NTMS_OBJECTINFORMATIONW, to)
#define DERIVED(kind, member, to)                                                            \
	FIELD_OF(FIELD_##kind, true, false, struct derived, member, NTMS_OBJECTINFORMATIONA, \
		 NTMS_OBJECTINFORMATIONW, to)
#define OLD(kind, member, to)                                                                   \
	FIELD_OF(FIELD_##kind, false, false, struct object, member, NTMS_I1_OBJECTINFORMATIONA, \
		 NTMS_I1_OBJECTINFORMATIONW, to)
#define END                    \
	{                      \
		.from_size = 0 \
	}

const struct field info_common_fields[] = {
	GET(TIME, created_ms, Created),
	GET(TIME, modified_ms, Modified),
	GET(GUID, guid, ObjectGuid),
	GET(DWORD, enabled, Enabled),
	GET(DWORD, opstate, dwOperationalState),
	SET(TEXT, name, szName),
	SET(TEXT, description, szDescription),
	END,
};

static const struct field drive[] = {
	GET(DWORD, device.number, Info.Drive.Number),
	GET(DWORD, device.state, Info.Drive.State),
	GET(GUID, device.device_type, Info.Drive.DriveType),
	GET(TEXT, device.node, Info.Drive.szDeviceName),
	GET(TEXT, device.serial, Info.Drive.szSerialNumber),
	GET(TEXT, device.revision, Info.Drive.szRevision),
	GET(WORD, device.scsi_host, Info.Drive.ScsiPort),
	GET(WORD, device.scsi_channel, Info.Drive.ScsiBus),
	GET(WORD, device.scsi_target, Info.Drive.ScsiTarget),
	GET(WORD, device.scsi_lun, Info.Drive.ScsiLun),
	GET(DWORD, device.mount_count, Info.Drive.dwMountCount),
	GET(TIME, device.last_cleaned_ms, Info.Drive.LastCleanedTs),
	GET(GUID, device.side, Info.Drive.SavedPartitionId),
	GET(GUID, device.library, Info.Drive.Library),
	SET(DWORD, device.defer_delay_s, Info.Drive.dwDeferDismountDelay),
	END,
};

static const struct field library[] = {
	GET(DWORD, library.kind, Info.Library.LibraryType),
	GET(GUID, library.cleaner_slot, Info.Library.CleanerSlot),
	GET(GUID, library.cleaner_slot_default, Info.Library.CleanerSlotDefault),
	GET(DWORD, library.supports_cleaning, Info.Library.LibrarySupportsDriveCleaning),
	GET(DWORD, library.barcode_reader, Info.Library.BarCodeReaderInstalled),
	SET(DWORD, library.inventory_method, Info.Library.InventoryMethod),
	SET(DWORD, library.cleaner_uses, Info.Library.dwCleanerUsesRemaining),
	DERIVED(DWORD, first_drive, Info.Library.FirstDriveNumber),
	DERIVED(DWORD, drives, Info.Library.dwNumberOfDrives),
	DERIVED(DWORD, first_slot, Info.Library.FirstSlotNumber),
	DERIVED(DWORD, slots, Info.Library.dwNumberOfSlots),
	DERIVED(DWORD, first_door, Info.Library.FirstDoorNumber),
	DERIVED(DWORD, doors, Info.Library.dwNumberOfDoors),
	DERIVED(DWORD, first_port, Info.Library.FirstPortNumber),
	DERIVED(DWORD, ports, Info.Library.dwNumberOfPorts),
	DERIVED(DWORD, first_changer, Info.Library.FirstChangerNumber),
	DERIVED(DWORD, changers, Info.Library.dwNumberOfChangers),
	DERIVED(DWORD, media, Info.Library.dwNumberOfMedia),
	DERIVED(DWORD, media_types, Info.Library.dwNumberOfMediaTypes),
	DERIVED(DWORD, requests, Info.Library.dwNumberOfLibRequests),
	SET(DWORD, library.auto_recovery, Info.Library.AutoRecovery),
	SET(DWORD, library.flags, Info.Library.dwFlags),
	END,
};

static const struct field changer[] = {
	GET(DWORD, device.number, Info.Changer.Number),
	GET(GUID, device.device_type, Info.Changer.ChangerType),
	GET(TEXT, device.serial, Info.Changer.szSerialNumber),
	GET(TEXT, device.revision, Info.Changer.szRevision),
	GET(TEXT, device.node, Info.Changer.szDeviceName),
	GET(WORD, device.scsi_host, Info.Changer.ScsiPort),
	GET(WORD, device.scsi_channel, Info.Changer.ScsiBus),
	GET(WORD, device.scsi_target, Info.Changer.ScsiTarget),
	GET(WORD, device.scsi_lun, Info.Changer.ScsiLun),
	GET(GUID, device.library, Info.Changer.Library),
	END,
};

static const struct field slot[] = {
	GET(DWORD, device.number, Info.StorageSlot.Number),
	GET(DWORD, device.state, Info.StorageSlot.State),
	GET(GUID, device.library, Info.StorageSlot.Library),
	END,
};

static const struct field door[] = {
	GET(DWORD, device.number, Info.IEDoor.Number),
	GET(DWORD, device.state, Info.IEDoor.State),
	SET(WORD, device.limit_s, Info.IEDoor.MaxOpenSecs),
	GET(GUID, device.library, Info.IEDoor.Library),
	END,
};

static const struct field port[] = {
	GET(DWORD, device.number, Info.IEPort.Number),
	GET(DWORD, device.state, Info.IEPort.Content),
	GET(DWORD, device.position, Info.IEPort.Position),
	SET(WORD, device.limit_s, Info.IEPort.MaxExtendSecs),
	GET(GUID, device.library, Info.IEPort.Library),
	END,
};

static const struct field media[] = {
	GET(GUID, media.library, Info.PhysicalMedia.CurrentLibrary),
	GET(GUID, media.pool, Info.PhysicalMedia.MediaPool),
	GET(GUID, media.location, Info.PhysicalMedia.Location),
	GET(DWORD, media.location_type, Info.PhysicalMedia.LocationType),
	GET(GUID, media.media_type, Info.PhysicalMedia.MediaType),
	GET(GUID, media.home_slot, Info.PhysicalMedia.HomeSlot),
	GET(TEXT, media.barcode, Info.PhysicalMedia.szBarCode),
	GET(DWORD, media.barcode_state, Info.PhysicalMedia.BarCodeState),
	GET(TEXT, media.sequence, Info.PhysicalMedia.szSequenceNumber),
	GET(DWORD, media.state, Info.PhysicalMedia.MediaState),
	GET(DWORD, media.sides, Info.PhysicalMedia.dwNumberOfPartitions),
	GET(DWORD, media.medium_code, Info.PhysicalMedia.dwMediaTypeCode),
	GET(DWORD, media.density_code, Info.PhysicalMedia.dwDensityCode),
	GET(GUID, media.mounted_side, Info.PhysicalMedia.MountedPartition),
	END,
};

static const struct field logical[] = {
	GET(GUID, logical.pool, Info.LogicalMedia.MediaPool),
	DERIVED(DWORD, sides, Info.LogicalMedia.dwNumberOfPartitions),
	END,
};

static const struct field side[] = {
	GET(GUID, side.media, Info.Partition.PhysicalMedia),
	GET(GUID, side.logical, Info.Partition.LogicalMedia),
	GET(DWORD, side.state, Info.Partition.State),
	GET(WORD, side.side, Info.Partition.Side),
	GET(DWORD, side.label_id_length, Info.Partition.dwOmidLabelIdLength),
	GET(BYTES, side.label_id, Info.Partition.OmidLabelId),
	GET(TEXT, side.label_type, Info.Partition.szOmidLabelType),
	GET(TEXT, side.label_info, Info.Partition.szOmidLabelInfo),
	GET(DWORD, side.mount_count, Info.Partition.dwMountCount),
	GET(DWORD, side.allocate_count, Info.Partition.dwAllocateCount),
	GET(LARGE, side.capacity, Info.Partition.Capacity),
	END,
};

static const struct field pool[] = {
	GET(DWORD, pool.kind, Info.MediaPool.PoolType),
	SET(GUID, pool.media_type, Info.MediaPool.MediaType),
	DERIVED(GUID, parent, Info.MediaPool.Parent),
	SET(DWORD, pool.allocation_policy, Info.MediaPool.AllocationPolicy),
	SET(DWORD, pool.deallocation_policy, Info.MediaPool.DeallocationPolicy),
	SET(DWORD, pool.max_allocates, Info.MediaPool.dwMaxAllocates),
	DERIVED(DWORD, media, Info.MediaPool.dwNumberOfPhysicalMedia),
	DERIVED(DWORD, logical, Info.MediaPool.dwNumberOfLogicalMedia),
	DERIVED(DWORD, pools, Info.MediaPool.dwNumberOfMediaPools),
	END,
};

static const struct field media_type[] = {
	GET(DWORD, media_type.code, Info.MediaType.MediaType),
	GET(DWORD, media_type.sides, Info.MediaType.NumberOfSides),
	GET(DWORD, media_type.rw, Info.MediaType.ReadWriteCharacteristics),
	GET(DWORD, media_type.device_type, Info.MediaType.DeviceType),
	END,
};

static const struct field drive_type[] = {
	GET(TEXT, device_type.vendor, Info.DriveType.szVendor),
	GET(TEXT, device_type.product, Info.DriveType.szProduct),
	GET(DWORD, device_type.device_type, Info.DriveType.DeviceType),
	END,
};

static const struct field changer_type[] = {
	GET(TEXT, device_type.vendor, Info.ChangerType.szVendor),
	GET(TEXT, device_type.product, Info.ChangerType.szProduct),
	GET(DWORD, device_type.device_type, Info.ChangerType.DeviceType),
	END,
};

static const struct field librequest[] = {
	GET(DWORD, librequest.operation, Info.LibRequest.OperationCode),
	GET(DWORD, librequest.option, Info.LibRequest.OperationOption),
	GET(DWORD, librequest.state, Info.LibRequest.State),
	GET(GUID, librequest.side, Info.LibRequest.PartitionId),
	GET(GUID, librequest.drive, Info.LibRequest.DriveId),
	GET(GUID, librequest.media, Info.LibRequest.PhysMediaId),
	GET(GUID, librequest.library, Info.LibRequest.Library),
	GET(GUID, librequest.slot, Info.LibRequest.SlotId),
	GET(TIME, librequest.queued_ms, Info.LibRequest.TimeQueued),
	GET(TIME, librequest.completed_ms, Info.LibRequest.TimeCompleted),
	GET(TEXT, librequest.application, Info.LibRequest.szApplication),
	GET(TEXT, librequest.user, Info.LibRequest.szUser),
	GET(TEXT, librequest.computer, Info.LibRequest.szComputer),
	GET(DWORD, librequest.error, Info.LibRequest.dwErrorCode),
	DERIVED(GUID, work_item, Info.LibRequest.WorkItemId),
	GET(DWORD, librequest.priority, Info.LibRequest.dwPriority),
	END,
};

static const struct field oprequest[] = {
	GET(DWORD, oprequest.command, Info.OpRequest.Request),
	GET(TIME, oprequest.submitted_ms, Info.OpRequest.Submitted),
	GET(DWORD, oprequest.state, Info.OpRequest.State),
	GET(TEXT, oprequest.message, Info.OpRequest.szMessage),
	GET(DWORD, oprequest.arg1_type, Info.OpRequest.Arg1Type),
	GET(GUID, oprequest.arg1, Info.OpRequest.Arg1),
	GET(DWORD, oprequest.arg2_type, Info.OpRequest.Arg2Type),
	GET(GUID, oprequest.arg2, Info.OpRequest.Arg2),
	GET(TEXT, oprequest.application, Info.OpRequest.szApplication),
	GET(TEXT, oprequest.user, Info.OpRequest.szUser),
	GET(TEXT, oprequest.computer, Info.OpRequest.szComputer),
	END,
};

/* The one part that the first layout has in other places; of the others it lacks the end. */
static const struct field old_oprequest[] = {
	OLD(DWORD, oprequest.command, Info.OpRequest.Request),
	OLD(TIME, oprequest.submitted_ms, Info.OpRequest.Submitted),
	OLD(DWORD, oprequest.state, Info.OpRequest.State),
	OLD(TEXT, oprequest.message, Info.OpRequest.szMessage),
	OLD(DWORD, oprequest.arg1_type, Info.OpRequest.Arg1Type),
	OLD(GUID, oprequest.arg1, Info.OpRequest.Arg1),
	OLD(DWORD, oprequest.arg2_type, Info.OpRequest.Arg2Type),
	OLD(GUID, oprequest.arg2, Info.OpRequest.Arg2),
	OLD(TEXT, oprequest.application, Info.OpRequest.szApplication),
	OLD(TEXT, oprequest.user, Info.OpRequest.szUser),
	OLD(TEXT, oprequest.computer, Info.OpRequest.szComputer),
	END,
};

static const struct field computer[] = {
	SET(DWORD, computer.librequest_purge_s, Info.Computer.dwLibRequestPurgeTime),
	SET(DWORD, computer.oprequest_purge_s, Info.Computer.dwOpRequestPurgeTime),
	SET(DWORD, computer.librequest_flags, Info.Computer.dwLibRequestFlags),
	SET(DWORD, computer.oprequest_flags, Info.Computer.dwOpRequestFlags),
	SET(DWORD, computer.pool_policy, Info.Computer.dwMediaPoolPolicy),
	END,
};

static const struct field *const fields_of[NTMS_NUMBER_OF_OBJECT_TYPES] = {
	[NTMS_CHANGER] = changer,	[NTMS_CHANGER_TYPE] = changer_type,
	[NTMS_COMPUTER] = computer,	[NTMS_DRIVE] = drive,
	[NTMS_DRIVE_TYPE] = drive_type, [NTMS_IEDOOR] = door,
	[NTMS_IEPORT] = port,		[NTMS_LIBRARY] = library,
	[NTMS_LIBREQUEST] = librequest, [NTMS_LOGICAL_MEDIA] = logical,
	[NTMS_MEDIA_POOL] = pool,	[NTMS_MEDIA_TYPE] = media_type,
	[NTMS_OPREQUEST] = oprequest,	[NTMS_PARTITION] = side,
	[NTMS_PHYSICAL_MEDIA] = media,	[NTMS_STORAGESLOT] = slot,
};

const struct field *info_type_fields(uint32_t type, bool old)
{
	if (type >= NTMS_NUMBER_OF_OBJECT_TYPES)
		return NULL;
	if (old && type == NTMS_OPREQUEST)
		return old_oprequest;
	/* It came with the second layout. */
	if (old && type == NTMS_COMPUTER)
		return NULL;
	return fields_of[type];
}

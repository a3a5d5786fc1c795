/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>
#include "base/guid.h"
#include "core/holders.h"
#include "core/run.h"

/* The drive or changer object of a device, by its serial number. */
static DWORD find_record(struct txn *txn, const struct broker_device *device, struct object *record)
{
	uint32_t type = device->kind == BROKER_CHANGER ? NTMS_CHANGER : NTMS_DRIVE;
	struct store_key key;
	NTMS_GUID guid;
	DWORD code;

	if (!device->serial[0])
		return ERROR_OBJECT_NOT_FOUND;
	key_start(&key);
	key_u32(&key, type);
	key_text(&key, device->serial);
	code = store_find(txn, IX_SERIAL, &key, &guid);
	return code ? code : store_get(txn, &guid, type, record);
}

static DWORD fill_device(struct txn *txn, const struct broker_device *device, RSM_DEVICE *entry)
{
	struct object record;
	DWORD code;

	memset(entry, 0, sizeof(*entry));
	entry->IsChanger = device->kind == BROKER_CHANGER;
	memcpy(entry->szVendor, device->vendor, sizeof(entry->szVendor));
	memcpy(entry->szProduct, device->product, sizeof(entry->szProduct));
	memcpy(entry->szRevision, device->revision, sizeof(entry->szRevision));
	memcpy(entry->szSerialNumber, device->serial, sizeof(entry->szSerialNumber));
	memcpy(entry->szDeviceName, device->node, sizeof(entry->szDeviceName));
	entry->ScsiHost = device->host;
	entry->ScsiChannel = device->channel;
	entry->ScsiTarget = device->target;
	entry->ScsiLun = device->lun;
	memcpy(entry->FirstElement, device->first, sizeof(entry->FirstElement));
	memcpy(entry->NumberOfElements, device->count, sizeof(entry->NumberOfElements));
	code = find_record(txn, device, &record);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ERROR_SUCCESS;
	if (code)
		return code;
	entry->Managed = TRUE;
	entry->Library = record.device.library;
	return ERROR_SUCCESS;
}

DWORD list_devices(struct session *session, RSM_DEVICE *list, uint32_t room, uint32_t *count)
{
	struct broker_device *devices = NULL;
	struct txn *txn;
	size_t found = 0;
	DWORD code;
	int error = broker_devices(session->system->broker, &devices, &found);

	if (error)
		return broker_code(error);
	code = store_begin(session->system->store, STORE_DEADLINE_DEFAULT, &txn);
	if (code)
		goto out;
	for (size_t i = 0; i < found && i < room && !code; i++)
		code = fill_device(txn, &devices[i], &list[i]);
	store_abort(txn);
out:
	free(devices);
	*count = (uint32_t)found;
	return code;
}

static const struct broker_device *device_of(const struct broker_device *devices, size_t count,
					     uint32_t id)
{
	for (size_t i = 0; i < count; i++)
		if (devices[i].id == id)
			return &devices[i];
	return NULL;
}

static DWORD fill_holder(struct txn *txn, const struct broker_holder *holder,
			 const struct broker_device *device, RSM_HOLDER *entry)
{
	struct object record;
	DWORD code;

	memset(entry, 0, sizeof(*entry));
	entry->State = holder->state == HOLDER_ORPHANED ? RSM_HOLDER_ORPHANED : RSM_HOLDER_HELD;
	entry->ProcessId = (DWORD)holder->pid;
	entry->UserId = holder->uid;
	memcpy(entry->szCommand, holder->command, sizeof(entry->szCommand));
	entry->szCommand[sizeof(entry->szCommand) - 1] = '\0';
	entry->Since = holder->since_ms;
	entry->Generation = holder->generation;
	entry->MediaId = holder->medium;
	if (!device)
		return ERROR_SUCCESS;
	memcpy(entry->szDeviceName, device->node, sizeof(entry->szDeviceName));
	code = find_record(txn, device, &record);
	if (!code)
		entry->DriveId = record.guid;
	return code == ERROR_OBJECT_NOT_FOUND ? ERROR_SUCCESS : code;
}

DWORD list_holders(struct session *session, RSM_HOLDER *list, uint32_t room, uint32_t *count)
{
	struct broker_device *devices = NULL;
	struct broker_holder *holders = NULL;
	size_t device_count = 0, found = 0;
	struct txn *txn;
	DWORD code;
	int error = broker_devices(session->system->broker, &devices, &device_count);

	if (!error)
		error = broker_holders(session->system->broker, &holders, &found);
	if (error) {
		free(devices);
		return broker_code(error);
	}
	code = store_begin(session->system->store, STORE_DEADLINE_DEFAULT, &txn);
	if (code)
		goto out;
	for (size_t i = 0; i < found && i < room && !code; i++)
		code = fill_holder(txn, &holders[i],
				   device_of(devices, device_count, holders[i].drive), &list[i]);
	store_abort(txn);
out:
	free(devices);
	free(holders);
	*count = (uint32_t)found;
	return code;
}

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

/* What it takes to tell which object a device of the broker is. */
struct lookup {
	struct broker_device *devices;
	size_t count;
	struct txn *txn;
};

static DWORD lookup_begin(struct session *session, struct lookup *lookup)
{
	DWORD code;
	int error;

	memset(lookup, 0, sizeof(*lookup));
	error = broker_devices(session->system->broker, &lookup->devices, &lookup->count);
	if (error) {
		lookup->devices = NULL;
		return broker_code(error);
	}
	code = store_begin(session->system->store, STORE_DEADLINE_DEFAULT, &lookup->txn);
	if (code)
		lookup->txn = NULL;
	return code;
}

static void lookup_end(struct lookup *lookup)
{
	if (lookup->txn)
		store_abort(lookup->txn);
	free(lookup->devices);
}

/* The broker's device @id, or NULL, and the GUID of its object, which stays null if it has none. */
static DWORD lookup_device(const struct lookup *lookup, uint32_t id,
			   const struct broker_device **device, NTMS_GUID *guid)
{
	struct object record;
	DWORD code;

	*device = NULL;
	for (size_t i = 0; i < lookup->count && !*device; i++)
		if (lookup->devices[i].id == id)
			*device = &lookup->devices[i];
	if (!*device)
		return ERROR_SUCCESS;
	code = find_record(lookup->txn, *device, &record);
	if (!code)
		*guid = record.guid;
	return code == ERROR_OBJECT_NOT_FOUND ? ERROR_SUCCESS : code;
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
	struct lookup lookup;
	DWORD code = lookup_begin(session, &lookup);

	for (size_t i = 0; i < lookup.count && i < room && !code; i++)
		code = fill_device(lookup.txn, &lookup.devices[i], &list[i]);
	*count = (uint32_t)lookup.count;
	lookup_end(&lookup);
	return code;
}

static DWORD fill_holder(const struct lookup *lookup, const struct broker_holder *holder,
			 RSM_HOLDER *entry)
{
	const struct broker_device *device;
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
	code = lookup_device(lookup, holder->drive, &device, &entry->DriveId);
	if (device)
		memcpy(entry->szDeviceName, device->node, sizeof(entry->szDeviceName));
	return code;
}

DWORD list_holders(struct session *session, RSM_HOLDER *list, uint32_t room, uint32_t *count)
{
	struct broker_holder *holders = NULL;
	struct lookup lookup;
	size_t found = 0;
	DWORD code;
	int error = broker_holders(session->system->broker, &holders, &found);

	if (error)
		return broker_code(error);
	code = lookup_begin(session, &lookup);
	for (size_t i = 0; i < found && i < room && !code; i++)
		code = fill_holder(&lookup, &holders[i], &list[i]);
	lookup_end(&lookup);
	free(holders);
	*count = (uint32_t)found;
	return code;
}

static DWORD fill_conflict(const struct lookup *lookup, const struct broker_conflict *conflict,
			   RSM_CONFLICT *entry)
{
	const struct broker_device *device;

	memset(entry, 0, sizeof(*entry));
	entry->Time = conflict->time_ms;
	entry->ProcessId = (DWORD)conflict->pid;
	entry->UserId = conflict->uid;
	entry->HolderProcessId = (DWORD)conflict->holder_pid;
	memcpy(entry->szCommand, conflict->command, sizeof(entry->szCommand));
	memcpy(entry->szHolderCommand, conflict->holder_command, sizeof(entry->szHolderCommand));
	memcpy(entry->szDeviceName, conflict->node, sizeof(entry->szDeviceName));
	return lookup_device(lookup, conflict->device, &device, &entry->DeviceId);
}

DWORD list_conflicts(struct session *session, RSM_CONFLICT *list, uint32_t room, uint32_t *count)
{
	struct broker_conflict *conflicts = NULL;
	struct lookup lookup;
	size_t found = 0;
	DWORD code;
	int error = broker_conflicts(session->system->broker, &conflicts, &found);

	if (error)
		return broker_code(error);
	code = lookup_begin(session, &lookup);
	for (size_t i = 0; i < found && i < room && !code; i++)
		code = fill_conflict(&lookup, &conflicts[i], &list[i]);
	lookup_end(&lookup);
	free(conflicts);
	*count = (uint32_t)found;
	return code;
}

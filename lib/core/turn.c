/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* turn.c - a turn with the executor lease: taken, given back, and what drives it finds */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/guid.h"
#include "base/say.h"
#include "core/run.h"

static DWORD find_changer(struct ntms_system *system, const char *serial, uint32_t *id)
{
	struct broker_device *devices = NULL;
	size_t count = 0;
	bool found = false;
	int error = broker_devices(system->broker, &devices, &count);

	if (error)
		return broker_code(error);
	for (size_t i = 0; i < count && !found; i++) {
		if (devices[i].kind == BROKER_CHANGER && !strcmp(devices[i].serial, serial)) {
			*id = devices[i].id;
			found = true;
		}
	}
	free(devices);
	if (!found)
		return ntms_say(ERROR_DEVICE_NOT_AVAILABLE,
				"the changer with serial number %s is not connected", serial);
	return ERROR_SUCCESS;
}

/* Try for the lease until the deadline, looking again at every event of the broker. */
static DWORD take_lease(struct ntms_system *system, uint32_t changer, uint64_t deadline_ns,
			struct broker_lease **lease)
{
	struct pollfd events = {.fd = -1, .events = POLLIN};
	struct broker_event event;
	DWORD code = ERROR_SUCCESS;
	int error;

	error = broker_events_open(system->broker, &events.fd);
	if (error)
		return broker_code(error);
	for (;;) {
		int timeout;

		error = broker_lease_take(system->broker, changer, lease);
		if (error != -EBUSY)
			break;
		timeout = clock_poll_ms(deadline_ns);
		if (timeout == 0)
			break;
		if (timeout < 0 || timeout > 1000)
			timeout = 1000;
		poll(&events, 1, timeout);
		while (broker_next_event(system->broker, events.fd, &event) == 0)
			;
	}
	if (error)
		code = broker_code(error);
	close(events.fd);
	return code;
}

DWORD turn_begin(struct ntms_system *system, const struct object *library, uint64_t deadline_ns,
		 struct turn *turn)
{
	static const bool never_stop;
	uint32_t changer = 0;
	DWORD code;

	memset(turn, 0, sizeof(*turn));
	turn->system = system;
	turn->library = library->guid;
	turn->stop = &never_stop;
	if (strcmp(library->library.broker, broker_name(system->broker)))
		return ntms_say(ERROR_INVALID_LIBRARY,
				"library %s belongs to the broker %s, not to %s", library->name,
				library->library.broker, broker_name(system->broker));
	code = find_changer(system, library->library.serial, &changer);
	if (code)
		return code;
	code = take_lease(system, changer, deadline_ns, &turn->lease);
	if (code) {
		turn->lease = NULL;
		return code;
	}
	code = turn_look_at_drives(turn);
	if (code)
		turn_end(turn);
	return code;
}

void turn_end(struct turn *turn)
{
	if (turn->lease)
		broker_lease_give(turn->lease);
	turn->lease = NULL;
	free(turn->drives);
	turn->drives = NULL;
	turn->drive_count = 0;
}

const struct worker_drive *turn_drive(const struct turn *turn, const NTMS_GUID *guid)
{
	for (size_t i = 0; i < turn->drive_count; i++)
		if (turn->drives[i].present && guid_equal(&turn->drives[i].guid, guid))
			return &turn->drives[i];
	return NULL;
}

static const struct broker_device *device_by_serial(const struct broker_device *devices,
						    size_t count, const char *serial)
{
	for (size_t i = 0; i < count; i++)
		if (devices[i].kind == BROKER_DRIVE && serial[0] &&
		    !strcmp(devices[i].serial, serial))
			return &devices[i];
	return NULL;
}

/* Bring one drive's record up to date; *@changed when it was not. */
static DWORD refresh_drive(struct txn *txn, struct object *drive,
			   const struct broker_device *device, bool *changed)
{
	struct obj_device *record = &drive->device;
	uint32_t opstate = device ? NTMS_READY : NTMS_NOT_PRESENT;

	if (drive->opstate == opstate &&
	    (!device || (!strcmp(record->node, device->node) && record->scsi_host == device->host &&
			 record->scsi_target == device->target)))
		return ERROR_SUCCESS;
	drive->opstate = opstate;
	if (device) {
		memcpy(record->node, device->node, sizeof(record->node));
		record->scsi_host = device->host;
		record->scsi_channel = device->channel;
		record->scsi_target = device->target;
		record->scsi_lun = device->lun;
	}
	*changed = true;
	return store_update(txn, drive);
}

static DWORD list_drives(struct txn *txn, const NTMS_GUID *library, NTMS_GUID **list, size_t *count)
{
	struct store_key key;

	key_start(&key);
	key_guid(&key, library);
	key_u32(&key, NTMS_DRIVE);
	return store_list(txn, IX_CHILD, &key, 0, list, count);
}

DWORD turn_look_at_drives(struct turn *turn)
{
	struct broker_device *devices = NULL;
	size_t device_count = 0, count = 0;
	NTMS_GUID *list = NULL;
	struct object drive;
	struct txn *txn;
	bool changed = false;
	DWORD code;
	int error = broker_devices(turn->system->broker, &devices, &device_count);

	if (error)
		return broker_code(error);
	code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);
	if (code)
		goto out;
	code = list_drives(txn, &turn->library, &list, &count);
	free(turn->drives);
	turn->drive_count = 0;
	turn->drives = calloc(count ? count : 1, sizeof(*turn->drives));
	if (!turn->drives && !code)
		code = ERROR_NOT_ENOUGH_MEMORY;
	for (size_t i = 0; i < count && !code; i++) {
		struct worker_drive *entry = &turn->drives[i];
		const struct broker_device *device;

		code = store_get(txn, &list[i], NTMS_DRIVE, &drive);
		if (code)
			break;
		device = device_by_serial(devices, device_count, drive.device.serial);
		code = refresh_drive(txn, &drive, device, &changed);
		entry->guid = drive.guid;
		entry->present = device != NULL;
		entry->id = device ? device->id : 0;
		turn->drive_count = i + 1;
		if (device && broker_assign(turn->lease, device->id))
			entry->present = false;
	}
	if (code || !changed) {
		store_abort(txn);
	} else {
		code = store_commit(txn);
	}
out:
	free(list);
	free(devices);
	return code;
}

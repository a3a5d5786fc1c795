/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* turn.c - a turn with the executor lease: taken, given back, and what drives it finds */
#define _GNU_SOURCE /* secure_getenv */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/guid.h"
#include "base/say.h"
#include "core/doors.h"
#include "core/keep.h"
#include "core/media.h"
#include "core/run.h"
#include "core/states.h"
#include "core/txn.h"

/* A step that waits for no medium: transactions, a move, a few commands to a drive. All their own
 * time limits together are shorter. */
#define STEP_MS (20 * 60 * 1000ULL)

/* NTMS_STEP_LIMIT: milliseconds instead. */
static uint64_t step_ms(void)
{
	const char *text = secure_getenv("NTMS_STEP_LIMIT");
	unsigned long value = text ? strtoul(text, NULL, 10) : 0;

	return value ? value : STEP_MS;
}

/* Its changer, or its one drive; NULL: it is not there. */
static const struct broker_device *device_of(const struct object *library,
					     const struct broker_device *devices, size_t count)
{
	bool standalone = library->library.kind == NTMS_LIBRARYTYPE_STANDALONE;
	enum broker_kind kind = standalone ? BROKER_DRIVE : BROKER_CHANGER;

	for (size_t i = 0; i < count; i++)
		if (devices[i].kind == kind && !strcmp(devices[i].serial, library->library.serial))
			return &devices[i];
	return NULL;
}

DWORD turn_find_device(struct ntms_system *system, const struct object *library, uint32_t *id)
{
	bool standalone = library->library.kind == NTMS_LIBRARYTYPE_STANDALONE;
	const char *serial = library->library.serial;
	struct broker_device *devices = NULL;
	const struct broker_device *device;
	size_t count = 0;
	bool found;
	int error = broker_devices(system->broker, &devices, &count);

	if (error)
		return broker_code(error);
	device = device_of(library, devices, count);
	found = device != NULL;
	if (found)
		*id = device->id;
	free(devices);
	if (!found)
		return ntms_say(ERROR_DEVICE_NOT_AVAILABLE,
				"the %s with serial number %s is not connected",
				standalone ? "drive" : "changer", serial);
	return ERROR_SUCCESS;
}

int turn_take_lease(struct broker *broker, uint32_t device, uint64_t deadline_ns,
		    struct broker_lease **lease)
{
	struct pollfd events = {.fd = -1, .events = POLLIN};
	struct broker_event event;
	int error;

	error = broker_lease_take(broker, device, lease);
	if (error != -EBUSY || clock_poll_ms(deadline_ns) == 0)
		return error;
	/* It is asked for once more when its events are heard, so that none is missed. */
	error = broker_events_open(broker, &events.fd);
	if (error)
		return error;
	for (;;) {
		int timeout;

		error = broker_lease_take(broker, device, lease);
		if (error != -EBUSY)
			break;
		timeout = clock_poll_ms(deadline_ns);
		if (timeout == 0)
			break;
		if (timeout < 0 || timeout > 1000)
			timeout = 1000;
		poll(&events, 1, timeout);
		while (broker_next_event(broker, events.fd, &event) == 0)
			;
	}
	close(events.fd);
	return error;
}

DWORD turn_begin(struct ntms_system *system, const struct object *library, uint64_t deadline_ns,
		 struct turn *turn)
{
	static const bool never_stop;
	struct object now;
	uint32_t device = 0;
	DWORD code;
	int error;

	memset(turn, 0, sizeof(*turn));
	turn->system = system;
	turn->library = library->guid;
	turn->stop = &never_stop;
	turn->standalone = library->library.kind == NTMS_LIBRARYTYPE_STANDALONE;
	if (strcmp(library->library.broker, broker_name(system->broker)))
		return ntms_say(ERROR_INVALID_LIBRARY,
				"library %s belongs to the broker %s, not to %s", library->name,
				library->library.broker, broker_name(system->broker));
	code = turn_find_device(system, library, &device);
	if (code)
		return code;
	error = turn_take_lease(system->broker, device, deadline_ns, &turn->lease);
	if (error) {
		turn->lease = NULL;
		return broker_code(error);
	}
	/* Who had the lease before may have given the library back: then its doors stay open. */
	code = run_read(turn, &library->guid, NTMS_LIBRARY, &now);
	if (!code)
		code = doors_shut(turn, device);
	if (!code)
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
	keep_nothing(turn);
}

void turn_step(struct turn *turn, uint32_t longest_ms)
{
	if (turn->due_ns)
		atomic_store(turn->due_ns,
			     clock_monotonic_ns() + (step_ms() + longest_ms) * NSEC_PER_MSEC);
}

void turn_look_by(struct turn *turn, uint64_t when_ns)
{
	if (!turn->next_look_ns || when_ns < turn->next_look_ns)
		turn->next_look_ns = when_ns;
}

void turn_retry_in(struct turn *turn, const NTMS_GUID *request, uint32_t ms)
{
	uint64_t due_ns = clock_monotonic_ns() + ms * NSEC_PER_MSEC;

	if (turn->retry)
		*turn->retry = (struct turn_retry){.request = *request, .due_ns = due_ns};
	turn_look_by(turn, due_ns);
}

bool turn_retry_is_due(struct turn *turn, const NTMS_GUID *request)
{
	struct turn_retry *retry = turn->retry;

	if (!retry || !retry->due_ns || !guid_equal(&retry->request, request) || turn->attention ||
	    retry->due_ns <= clock_monotonic_ns())
		return true;
	turn_look_by(turn, retry->due_ns);
	return false;
}

const struct worker_drive *turn_drive(const struct turn *turn, const NTMS_GUID *guid)
{
	for (size_t i = 0; i < turn->drive_count; i++)
		if (turn->drives[i].present && guid_equal(&turn->drives[i].guid, guid))
			return &turn->drives[i];
	return NULL;
}

static const struct broker_device *device_by_serial(const struct broker_device *devices,
						    size_t count, enum broker_kind kind,
						    const char *serial)
{
	for (size_t i = 0; i < count; i++)
		if (devices[i].kind == kind && serial[0] && !strcmp(devices[i].serial, serial))
			return &devices[i];
	return NULL;
}

/* Bring the record of a drive or changer up to date; *@changed when it was not. */
static DWORD refresh_device(struct txn *txn, struct object *obj, const struct broker_device *device,
			    bool *changed)
{
	struct obj_device *record = &obj->device;
	uint32_t before = obj->opstate;
	DWORD code = opstate_event(obj, device ? OPSTATE_FOUND : OPSTATE_VANISHED);

	if (!code && device)
		code = opstate_event(obj, OPSTATE_INITIALIZED);
	if (code)
		return code;
	if (obj->opstate == before &&
	    (!device || (!strcmp(record->node, device->node) && record->scsi_host == device->host &&
			 record->scsi_target == device->target)))
		return ERROR_SUCCESS;
	if (device) {
		memcpy(record->node, device->node, sizeof(record->node));
		record->scsi_host = device->host;
		record->scsi_channel = device->channel;
		record->scsi_target = device->target;
		record->scsi_lun = device->lun;
	}
	*changed = true;
	return store_update(txn, obj);
}

static DWORD list_kind(struct txn *txn, const NTMS_GUID *library, uint32_t type, NTMS_GUID **list,
		       size_t *count)
{
	struct store_key key;

	key_start(&key);
	key_guid(&key, library);
	key_u32(&key, type);
	return store_list(txn, IX_CHILD, &key, 0, list, count);
}

static DWORD refresh_changers(struct txn *txn, const NTMS_GUID *library,
			      const struct broker_device *devices, size_t device_count,
			      bool *changed)
{
	NTMS_GUID *list = NULL;
	struct object changer;
	size_t count = 0;
	DWORD code = list_kind(txn, library, NTMS_CHANGER, &list, &count);

	for (size_t i = 0; i < count && !code; i++) {
		code = store_get(txn, &list[i], NTMS_CHANGER, &changer);
		if (!code)
			code = refresh_device(txn, &changer,
					      device_by_serial(devices, device_count,
							       BROKER_CHANGER,
							       changer.device.serial),
					      changed);
	}
	free(list);
	return code;
}

/* The library is there when that is by which it is worked. */
static DWORD refresh_library(struct txn *txn, struct turn *turn,
			     const struct broker_device *devices, size_t device_count,
			     bool *changed)
{
	struct object library;
	uint32_t before;
	bool there;
	DWORD code = store_get(txn, &turn->library, NTMS_LIBRARY, &library);

	turn->initializing = false;
	if (code) /* it may have been given back meanwhile */
		return code == ERROR_OBJECT_NOT_FOUND ? ERROR_SUCCESS : code;
	if (strcmp(library.library.broker, broker_name(turn->system->broker)))
		return ERROR_SUCCESS;
	before = library.opstate;
	there = device_of(&library, devices, device_count) != NULL;
	code = opstate_event(&library, there ? OPSTATE_FOUND : OPSTATE_VANISHED);
	turn->initializing = library.opstate == NTMS_INITIALIZING;
	if (code || library.opstate == before)
		return code;
	*changed = true;
	code = store_update(txn, &library);
	return code ? code : media_refresh_library(txn, &turn->library);
}

DWORD turn_initialized(struct turn *turn)
{
	struct object library;
	struct txn *txn;
	uint32_t before;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = store_get(txn, &turn->library, NTMS_LIBRARY, &library);
	before = library.opstate;
	/* Somebody else may have seen it go. */
	if (code || before == NTMS_NOT_PRESENT)
		return txn_end(txn, code);
	code = opstate_event(&library, OPSTATE_INITIALIZED);
	if (!code && library.opstate != before)
		code = store_update(txn, &library);
	turn->initializing = code != ERROR_SUCCESS;
	return txn_end(txn, code);
}

static const struct task *user_of(const struct turn *turn, const NTMS_GUID *drive)
{
	for (size_t i = 0; i < turn->drive_count; i++)
		if (guid_equal(&turn->drives[i].guid, drive))
			return turn->drives[i].user;
	return NULL;
}

static void take_drives(struct turn *turn, struct worker_drive *drives, size_t count)
{
	free(turn->drives);
	turn->drives = drives;
	turn->drive_count = count;
}

DWORD turn_look_at_drives(struct turn *turn)
{
	struct worker_drive *drives = NULL;
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
	code = refresh_library(txn, turn, devices, device_count, &changed);
	if (!code)
		code = refresh_changers(txn, &turn->library, devices, device_count, &changed);
	if (!code)
		code = list_kind(txn, &turn->library, NTMS_DRIVE, &list, &count);
	drives = calloc(count ? count : 1, sizeof(*drives));
	if (!drives && !code)
		code = ERROR_NOT_ENOUGH_MEMORY;
	for (size_t i = 0; i < count && !code; i++) {
		struct worker_drive *entry = &drives[i];
		const struct broker_device *device;

		code = store_get(txn, &list[i], NTMS_DRIVE, &drive);
		if (code)
			break;
		device = device_by_serial(devices, device_count, BROKER_DRIVE, drive.device.serial);
		code = refresh_device(txn, &drive, device, &changed);
		entry->guid = drive.guid;
		entry->present = device != NULL;
		entry->id = device ? device->id : 0;
		entry->user = user_of(turn, &drive.guid);
	}
	if (!code)
		take_drives(turn, drives, count);
	else
		free(drives);
	if (code || !changed) {
		store_abort(txn);
	} else {
		code = store_commit(txn);
	}
	/* The first time the drives are asked who has them open: not while the database waits. */
	for (size_t i = 0; i < turn->drive_count && !code; i++)
		if (turn->drives[i].present && turn->lease)
			code = doors_shut_drive(turn, devices, device_count, turn->drives[i].id,
						&turn->drives[i].present);
out:
	free(list);
	free(devices);
	return code;
}

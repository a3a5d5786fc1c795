/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * doors.c - the device nodes of a managed library: shut to everybody else, and opened again
 *
 * A device that is reached by two cables, or two sessions, is there twice, with the same serial
 * number and nodes of its own each time. The first is the one that is worked with; the others are
 * doors to the same medium, and shut with it.
 */
#define _GNU_SOURCE /* strdupa */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base/say.h"
#include "core/doors.h"
#include "core/run.h"

static const struct broker_device *device_find(const struct broker_device *devices, size_t count,
					       uint32_t id)
{
	for (size_t i = 0; i < count; i++)
		if (devices[i].id == id)
			return &devices[i];
	return NULL;
}

static bool is_other_path(const struct broker_device *device, const struct broker_device *first)
{
	return device->kind == first->kind && device->id != first->id && device->serial[0] &&
	       !strcmp(device->serial, first->serial);
}

/* Nobody opens the device past us. That is so already, unless this is the first turn since the
 * machine was started, or the device was found. */
static DWORD shut(struct broker_lease *lease, uint32_t id)
{
	int error = broker_manage(lease, id);

	if (!error || error == -ENOMEM)
		return broker_code(error);
	return ntms_say(ERROR_DEVICE_NOT_AVAILABLE, "%s", strdupa(ntms_said()));
}

/* It needs a lease of its own. Who has that does what we would do. */
static DWORD shut_other_path(struct broker *broker, const struct broker_device *device)
{
	struct broker_lease *lease;
	DWORD code;
	int error;

	/* A lease that is taken and given back in each turn would wake all workers for the next. */
	if (device->managed)
		return ERROR_SUCCESS;
	error = broker_lease_take(broker, device->id, &lease);
	if (error == -EBUSY)
		return ERROR_SUCCESS;
	if (error)
		return broker_code(error);
	code = shut(lease, device->id);
	broker_lease_give(lease);
	return code;
}

DWORD doors_shut(struct turn *turn, uint32_t device)
{
	struct broker *broker = turn->system->broker;
	struct broker_device *devices = NULL;
	const struct broker_device *first;
	size_t count = 0;
	DWORD code = broker_code(broker_devices(broker, &devices, &count));

	if (code)
		return code;
	code = shut(turn->lease, device);
	first = device_find(devices, count, device);
	for (size_t i = 0; i < count && first && !code; i++)
		if (is_other_path(&devices[i], first))
			code = shut_other_path(broker, &devices[i]);
	free(devices);
	return code;
}

static DWORD assign_and_shut(struct turn *turn, uint32_t id, bool *ours)
{
	int error = turn->standalone ? 0 : broker_assign(turn->lease, id);
	DWORD code;

	if (error == -ENOMEM)
		return broker_code(error);
	*ours = !error;
	if (error)
		return ERROR_SUCCESS;
	code = shut(turn->lease, id);
	if (!code || code == ERROR_NOT_ENOUGH_MEMORY)
		return code;
	*ours = false;
	return turn->all_or_none ? code : ERROR_SUCCESS;
}

DWORD doors_shut_drive(struct turn *turn, const struct broker_device *devices, size_t count,
		       uint32_t id, bool *ours)
{
	const struct broker_device *first = device_find(devices, count, id);
	DWORD code = assign_and_shut(turn, id, ours);

	/* Of one that stands alone the lease is for this path only: see doors_shut(). */
	for (size_t i = 0; i < count && first && !turn->standalone && *ours && !code; i++)
		if (is_other_path(&devices[i], first))
			code = assign_and_shut(turn, devices[i].id, ours);
	return code;
}

static void open_drive(const struct turn *turn, uint32_t id)
{
	broker_unmanage(turn->system->broker, id);
	if (turn->lease)
		broker_unassign(turn->lease, id);
}

void doors_open(const struct turn *turn, const char *changer_serial)
{
	struct broker_device *devices = NULL;
	size_t count = 0;

	if (broker_devices(turn->system->broker, &devices, &count))
		count = 0; /* what the turn has found is opened all the same */
	for (size_t i = 0; i < turn->drive_count; i++) {
		const struct broker_device *first;

		if (!turn->drives[i].id)
			continue;
		open_drive(turn, turn->drives[i].id);
		first = device_find(devices, count, turn->drives[i].id);
		for (size_t j = 0; j < count && first; j++)
			if (is_other_path(&devices[j], first))
				open_drive(turn, devices[j].id);
	}
	for (size_t i = 0; i < count; i++)
		if (devices[i].kind == BROKER_CHANGER && !strcmp(devices[i].serial, changer_serial))
			broker_unmanage(turn->system->broker, devices[i].id);
	free(devices);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* virtual.c - a virtual library is opened, and says what it is made of */
#define _GNU_SOURCE /* asprintf */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/say.h"
#include "broker/virtual-impl.h"

#define NAME_PREFIX "virtual:"

struct virtual_broker *virtual_ref(struct virtual_broker *vb)
{
	pthread_mutex_lock(&vb->mutex);
	vb->refs++;
	pthread_mutex_unlock(&vb->mutex);
	return vb;
}

void virtual_unref(struct virtual_broker *vb)
{
	unsigned int refs;

	pthread_mutex_lock(&vb->mutex);
	refs = --vb->refs;
	pthread_mutex_unlock(&vb->mutex);
	if (refs)
		return;
	pthread_mutex_destroy(&vb->mutex);
	close(vb->dir);
	free(vb->name);
	free(vb);
}

int virtual_check_path(const char *dir, unsigned int drives)
{
	char path[PATH_MAX];
	struct broker_device device;
	int length;

	if (!realpath(dir, path))
		return ntms_say_errno(-errno, "cannot find '%s': %m", dir);
	length = snprintf(NULL, 0, "%s/drives/%u/nst", path, drives - 1);
	if (length < (int)sizeof(device.node))
		return 0;
	return ntms_say_errno(-ENAMETOOLONG,
			      "the path '%s' is too long: that of a drive, '%s/drives/%u/nst', may "
			      "have %zu characters",
			      path, path, drives - 1, sizeof(device.node) - 1);
}

static int read_library(struct virtual_broker *vb)
{
	size_t size;
	char *text;
	bool good;
	int error;

	if (faccessat(vb->dir, "library", F_OK, 0) != 0)
		return ntms_say_errno(
			-ENOENT, "'%s' is no virtual library; rsm vlib create makes one", vb->path);
	error = virtual_read(vb, "library", &text, &size);
	if (error)
		return error;
	good = strlen(text) == size && virtual_library_parse(vb, text);
	free(text);
	if (!good)
		return ntms_say_errno(-EIO,
				      "'%s/library' is damaged, or was made by a later version of "
				      "RSM",
				      vb->path);
	return virtual_check_path(vb->path, virtual_drives(&vb->shape));
}

int virtual_attach(const char *dir, struct virtual_broker **vbp)
{
	struct virtual_broker *vb;
	char path[PATH_MAX];
	int error;

	if (!realpath(dir, path))
		return ntms_say_errno(-errno,
				      "cannot open the virtual library '%s': %m; rsm vlib create "
				      "makes one",
				      dir);
	vb = calloc(1, sizeof(*vb));
	if (!vb || asprintf(&vb->name, NAME_PREFIX "%s", path) < 0) {
		free(vb);
		return ntms_say_errno(-ENOMEM, "no memory to open '%s'", dir);
	}
	vb->base.ops = &virtual_broker_ops;
	vb->path = vb->name + strlen(NAME_PREFIX);
	vb->refs = 1;
	pthread_mutex_init(&vb->mutex, NULL);
	vb->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (vb->dir < 0)
		error = ntms_say_errno(-errno, "cannot open the virtual library '%s': %m", dir);
	else
		error = read_library(vb);
	if (error) {
		virtual_unref(vb);
		return error;
	}
	*vbp = vb;
	return 0;
}

static int virtual_open(const char *argument, struct broker **brokerp)
{
	struct virtual_session session;
	struct virtual_broker *vb;
	int error;

	error = virtual_attach(argument, &vb);
	if (error)
		return error;
	/* A look inside tells at once whether it can be used. */
	error = virtual_enter(vb, &session);
	if (!error)
		error = virtual_leave(&session, 0);
	if (error) {
		virtual_unref(vb);
		return error;
	}
	*brokerp = &vb->base;
	return 0;
}

static void virtual_close(struct broker *broker)
{
	virtual_unref(to_virtual(broker));
}

static const char *virtual_name(const struct broker *broker)
{
	return ((const struct virtual_broker *)broker)->name;
}

static void describe(const struct virtual_broker *vb, enum broker_kind kind, const char *product,
		     struct broker_device *device)
{
	device->kind = kind;
	strcpy(device->vendor, "RSM");
	snprintf(device->product, sizeof(device->product), "%s", product);
	strcpy(device->revision, "1");
	strcpy(device->serial, vb->serial);
}

static void describe_changer(const struct virtual_broker *vb, struct broker_device *device)
{
	describe(vb, BROKER_CHANGER, "VIRTUAL LIBRARY", device);
	device->id = CHANGER_ID;
	device->first[ELEMENT_TRANSPORT] = VIRTUAL_TRANSPORT;
	device->count[ELEMENT_TRANSPORT] = 1;
	device->first[ELEMENT_PORT] = vb->shape.ports ? VIRTUAL_FIRST_PORT : 0;
	device->count[ELEMENT_PORT] = (uint16_t)vb->shape.ports;
	device->first[ELEMENT_DRIVE] = VIRTUAL_FIRST_DRIVE;
	device->count[ELEMENT_DRIVE] = (uint16_t)vb->shape.drives;
	device->first[ELEMENT_SLOT] = VIRTUAL_FIRST_SLOT;
	device->count[ELEMENT_SLOT] = (uint16_t)vb->shape.slots;
	device->doors = vb->shape.door;
}

static void describe_drive(const struct virtual_broker *vb, unsigned int index,
			   struct broker_device *device)
{
	const struct virtual_kind_of_media *media = virtual_media(&vb->shape);

	describe(vb, BROKER_DRIVE, media->product, device);
	device->id = DRIVE_ID(index);
	device->lun = index + 1;
	device->drive_type = media->drive_type;
	device->standalone = index >= vb->shape.drives;
	snprintf(device->serial, sizeof(device->serial), "%s%c%u", vb->serial,
		 device->standalone ? 'S' : 'D',
		 device->standalone ? index - vb->shape.drives : index);
	if (snprintf(device->node, sizeof(device->node), "%s/drives/%u/nst", vb->path, index) >=
	    (int)sizeof(device->node))
		device->node[0] = '\0'; /* cannot be: virtual_check_path() */
}

static int virtual_devices(struct broker *broker, struct broker_device **list, size_t *count)
{
	struct virtual_broker *vb = to_virtual(broker);
	struct broker_device *devices;

	devices = calloc(virtual_drives(&vb->shape) + 1, sizeof(*devices));
	if (!devices)
		return ntms_say_errno(-ENOMEM, "no memory for a list of devices");
	if (!virtual_changer_absent(vb))
		describe_changer(vb, &devices[(*count)++]);
	for (unsigned int i = 0; i < virtual_drives(&vb->shape); i++) {
		if (!virtual_drive_absent(vb, i))
			describe_drive(vb, i, &devices[(*count)++]);
	}
	*list = devices;
	return 0;
}

const struct broker_ops virtual_broker_ops = {
	.scheme = "virtual",
	.needs_argument = true,
	.open = virtual_open,
	.close = virtual_close,
	.name = virtual_name,
	.devices = virtual_devices,
	.holders = virtual_holders,
	.events_open = virtual_events_open,
	.next_event = virtual_next_event,
	.lease_take = virtual_lease_take,
	.lease_give = virtual_lease_give,
	.assign = virtual_assign,
	.unassign = virtual_unassign,
	.access = virtual_access,
	.ready = virtual_ready,
	.elements = virtual_elements,
	.scan = virtual_scan,
	.move = virtual_move,
	.reserve = virtual_reserve,
	.expect = virtual_expect,
	.expected = virtual_expected,
	.transfer = virtual_transfer,
	.mark = virtual_mark,
	.hold_state = virtual_hold_state,
	.hold_fd = virtual_hold_fd,
	.release = virtual_release,
	.drive_open = virtual_drive_open,
	.drive_loaded = virtual_drive_loaded,
	.drive_cleaning = virtual_drive_cleaning,
	.tape_open = virtual_tape_open,
	.tape_close = virtual_tape_close,
	.tape_rewind = virtual_tape_rewind,
	.tape_read = virtual_tape_read,
	.tape_write_label = virtual_tape_write_label,
	.tape_unload = virtual_tape_unload,
	.tape_codes = virtual_tape_codes,
	.tape_reset_settings = virtual_tape_reset_settings,
};

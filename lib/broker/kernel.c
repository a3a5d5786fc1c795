/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* kernel.c - the broker in the kernel: /dev/rsm, its devices, holders and events */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/say.h"
#include "broker/kernel.h"

static int say_no_module(int error)
{
	switch (error) {
	case ENOENT:
	case ENXIO:
	case ENODEV:
		return ntms_say_errno(-ENOENT, "kernel module rsm is not loaded: run modprobe rsm");
	case EACCES:
	case EPERM:
		return ntms_say_errno(-EACCES, RSM_DEVICE_NODE
				      ": permission denied; who may use it is in group tape");
	default:
		return ntms_say_errno(-error, RSM_DEVICE_NODE ": %s", strerror(error));
	}
}

static int check_version(int fd)
{
	struct rsm_version version = {0};

	if (ioctl(fd, RSM_IOC_VERSION, &version) < 0)
		return ntms_say_errno(-EPROTO, RSM_DEVICE_NODE ": does not tell its version: %s",
				      strerror(errno));
	if (version.abi != RSM_ABI_VERSION)
		return ntms_say_errno(-EPROTO,
				      "kernel module rsm has interface version %u and this library "
				      "needs %u: install the module that belongs to the library, "
				      "and load it again",
				      version.abi, RSM_ABI_VERSION);
	if (version.event_size != sizeof(struct rsm_event))
		return ntms_say_errno(-EPROTO,
				      "kernel module rsm has events of %u bytes and this library "
				      "needs %zu",
				      version.event_size, sizeof(struct rsm_event));
	return 0;
}

static int kernel_open(const char *argument, struct broker **brokerp)
{
	struct kernel_broker *broker;
	int error;

	(void)argument;
	broker = calloc(1, sizeof(*broker));
	if (!broker)
		return ntms_say_errno(-ENOMEM, "out of memory");
	broker->base.ops = &kernel_broker_ops;
	broker->fd = open(RSM_DEVICE_NODE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (broker->fd < 0) {
		error = say_no_module(errno);
		goto err_free;
	}
	error = check_version(broker->fd);
	if (error)
		goto err_close;
	*brokerp = &broker->base;
	return 0;

err_close:
	close(broker->fd);
err_free:
	free(broker);
	return error;
}

static void kernel_close(struct broker *broker)
{
	close(to_kernel(broker)->fd);
	free(broker);
}

static const char *kernel_name(const struct broker *broker)
{
	(void)broker;
	return "kernel";
}

int kernel_device(const struct kernel_broker *broker, uint32_t id, enum rsm_kind kind,
		  struct rsm_device *device)
{
	*device = (struct rsm_device){.id = id};
	if (ioctl(broker->fd, RSM_IOC_DEVICE, device) < 0 && errno != ENOENT)
		return ntms_say_errno(-errno, "looking at device %u: %s", id, strerror(errno));
	if (device->id != id || device->kind != (uint32_t)kind)
		return ntms_say_errno(-ENODEV, "there is no %s %u, or it went away",
				      kind == RSM_KIND_DRIVE ? "drive" : "changer", id);
	return 0;
}

int kernel_next_device(const struct kernel_broker *broker, struct rsm_device *device)
{
	const uint32_t id = device->id + 1;

	if (id == 0)
		return 0;
	*device = (struct rsm_device){.id = id};
	if (ioctl(broker->fd, RSM_IOC_DEVICE, device) == 0)
		return 1;
	if (errno == ENOENT)
		return 0;
	return ntms_say_errno(-errno, "listing devices: %s", strerror(errno));
}

struct scsi_address kernel_address(const struct rsm_device *device)
{
	return (struct scsi_address){
		.host = device->host,
		.channel = device->channel,
		.target = device->target,
		.lun = device->lun,
	};
}

void kernel_copy_text(const char *from, size_t from_size, char *into, size_t size)
{
	size_t length = strnlen(from, from_size);

	while (length && from[length - 1] == ' ')
		length--;
	while (length && *from == ' ') {
		from++;
		length--;
	}
	if (length >= size)
		length = size - 1;
	for (size_t i = 0; i < length; i++)
		into[i] = from[i] >= 0x20 && from[i] <= 0x7e ? from[i] : '?';
	into[length] = '\0';
}

static void convert_device(const struct rsm_device *from, struct broker_device *into)
{
	const struct scsi_address address = kernel_address(from);

	*into = (struct broker_device){
		.id = from->id,
		.kind = from->kind == RSM_KIND_CHANGER ? BROKER_CHANGER : BROKER_DRIVE,
		.host = from->host,
		.channel = from->channel,
		.target = from->target,
		.lun = (uint32_t)from->lun,
		.managed = from->flags & RSM_DEVICE_MANAGED,
		/* The module finds tape drives only. */
		.drive_type = from->kind == RSM_KIND_DRIVE ? DRIVE_TAPE : 0,
		.doors = from->kind == RSM_KIND_CHANGER ? 1 : 0,
	};
	kernel_copy_text(from->vendor, sizeof(from->vendor), into->vendor, sizeof(into->vendor));
	kernel_copy_text(from->product, sizeof(from->product), into->product,
			 sizeof(into->product));
	kernel_copy_text(from->revision, sizeof(from->revision), into->revision,
			 sizeof(into->revision));
	kernel_copy_text(from->serial, sizeof(from->serial), into->serial, sizeof(into->serial));
	for (int i = 0; i < RSM_ELEMENT_KINDS; i++) {
		into->first[i + 1] = from->first[i];
		into->count[i + 1] = from->count[i];
	}
	/* No node yet, or no driver for it: "" says so. */
	if (sysfs_node(SYSFS_ROOT, &address, into->kind == BROKER_CHANGER ? SYSFS_SCH : SYSFS_NST,
		       into->node, sizeof(into->node)) != 0)
		into->node[0] = '\0';
}

/* Makes room for one more of @size bytes; doubles, so that growing stays cheap. */
static void *grow(void *list, size_t count, size_t size)
{
	if (count & (count - 1))
		return list;
	return reallocarray(list, count ? count * 2 : 1, size);
}

static int kernel_devices(struct broker *broker, struct broker_device **list, size_t *count)
{
	struct broker_device *devices = NULL;
	struct rsm_device device = {0};
	size_t found = 0;
	int more;

	while ((more = kernel_next_device(to_kernel(broker), &device)) > 0) {
		struct broker_device *grown = grow(devices, found, sizeof(*devices));

		if (!grown) {
			more = ntms_say_errno(-ENOMEM, "out of memory");
			break;
		}
		devices = grown;
		convert_device(&device, &devices[found++]);
	}
	if (more < 0) {
		free(devices);
		return more;
	}
	*list = devices;
	*count = found;
	return 0;
}

/* Goes to the next drive, as kernel_next_device() does. */
static int next_holding(const struct kernel_broker *broker, struct rsm_holding *holding)
{
	const uint32_t drive = holding->drive + 1;

	if (drive == 0)
		return 0;
	*holding = (struct rsm_holding){.drive = drive};
	if (ioctl(broker->fd, RSM_IOC_HOLDING, holding) == 0)
		return 1;
	if (errno == ENOENT)
		return 0;
	return ntms_say_errno(-errno, "listing holders: %s", strerror(errno));
}

static void convert_holding(const struct rsm_holding *from, struct broker_holder *into)
{
	*into = (struct broker_holder){
		.drive = from->drive,
		.state = from->state == RSM_STATE_ORPHANED ? HOLDER_ORPHANED : HOLDER_HELD,
		.loaded = from->flags & RSM_MARK_LOADED,
		.pid = from->pid,
		.uid = from->uid,
		.since_ms = from->since_ns / NSEC_PER_MSEC,
		.generation = from->generation,
	};
	_Static_assert(sizeof(into->medium) == sizeof(from->medium), "a medium id is a GUID");
	memcpy(&into->medium, from->medium, sizeof(into->medium));
	kernel_copy_text(from->comm, sizeof(from->comm), into->command, sizeof(into->command));
}

static int kernel_holders(struct broker *broker, struct broker_holder **list, size_t *count)
{
	struct broker_holder *holders = NULL;
	struct rsm_holding holding = {0};
	size_t found = 0;
	int more;

	while ((more = next_holding(to_kernel(broker), &holding)) > 0) {
		struct broker_holder *grown;

		if (holding.state != RSM_STATE_HELD && holding.state != RSM_STATE_ORPHANED)
			continue;
		grown = grow(holders, found, sizeof(*holders));
		if (!grown) {
			more = ntms_say_errno(-ENOMEM, "out of memory");
			break;
		}
		holders = grown;
		convert_holding(&holding, &holders[found++]);
	}
	if (more < 0) {
		free(holders);
		return more;
	}
	*list = holders;
	*count = found;
	return 0;
}

static int kernel_events_open(struct broker *broker, int *fdp)
{
	struct pollfd first = {.events = POLLIN};

	(void)broker;
	first.fd = open(RSM_DEVICE_NODE, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (first.fd < 0)
		return say_no_module(errno);
	/* A file reads what happens after its first poll: from here on nothing is missed. */
	if (poll(&first, 1, 0) < 0) {
		int error =
			ntms_say_errno(-errno, "poll of " RSM_DEVICE_NODE ": %s", strerror(errno));

		close(first.fd);
		return error;
	}
	*fdp = first.fd;
	return 0;
}

static enum broker_event_type event_type(uint32_t type)
{
	switch (type) {
	case RSM_EVENT_DEVICE_ADDED:
		return BROKER_EVENT_DEVICE_ADDED;
	case RSM_EVENT_DEVICE_GONE:
		return BROKER_EVENT_DEVICE_GONE;
	case RSM_EVENT_RELEASED:
	case RSM_EVENT_ORPHANED:
		return BROKER_EVENT_RELEASED;
	case RSM_EVENT_CLOSED:
		return BROKER_EVENT_CLOSED;
	case RSM_EVENT_LEASE_LOST:
		return BROKER_EVENT_LEASE_FREE;
	case RSM_EVENT_UNIT_ATTENTION:
		return BROKER_EVENT_ATTENTION;
	case RSM_EVENT_EXPECT_GONE:
		return BROKER_EVENT_EXPECT_GONE;
	default:
		return BROKER_EVENT_OTHER;
	}
}

static int kernel_next_event(struct broker *broker, int fd, struct broker_event *event)
{
	struct rsm_event from;
	ssize_t size;

	(void)broker;
	do {
		size = read(fd, &from, sizeof(from));
	} while (size < 0 && errno == EINTR);
	if (size < 0 && errno == EAGAIN)
		return -EAGAIN;
	if (size < 0)
		return ntms_say_errno(-errno, "reading events: %s", strerror(errno));
	if (size != sizeof(from))
		return ntms_say_errno(-EPROTO, "reading events: %zd bytes instead of %zu", size,
				      sizeof(from));
	event->type = event_type(from.type);
	event->device = from.device;
	return 0;
}

const struct broker_ops kernel_broker_ops = {
	.scheme = "kernel",
	.needs_argument = false,
	.open = kernel_open,
	.close = kernel_close,
	.name = kernel_name,
	.devices = kernel_devices,
	.holders = kernel_holders,
	.events_open = kernel_events_open,
	.next_event = kernel_next_event,
	.lease_take = kernel_lease_take,
	.lease_give = kernel_lease_give,
	.assign = kernel_assign,
	.unassign = kernel_unassign,
	.knock = kernel_knock,
	.manage = kernel_manage,
	.unmanage = kernel_unmanage,
	.access = kernel_access,
	.ready = kernel_ready,
	.elements = kernel_elements,
	.scan = kernel_scan,
	.move = kernel_move,
	.reserve = kernel_reserve,
	.expect = kernel_expect,
	.expected = kernel_expected,
	.transfer = kernel_transfer,
	.mark = kernel_mark,
	.hold_state = kernel_hold_state,
	.hold_fd = kernel_hold_fd,
	.grant = kernel_grant,
	.conflicts = kernel_conflicts,
	.release = kernel_release,
	.drive_open = kernel_drive_open,
	.drive_loaded = kernel_drive_loaded,
	.drive_cleaning = kernel_drive_cleaning,
	.drive_unload = kernel_drive_unload,
	.tape_open = st_tape_open,
	.tape_close = st_tape_close,
	.tape_rewind = st_tape_rewind,
	.tape_read = st_tape_read,
	.tape_write_label = st_tape_write_label,
	.tape_unload = st_tape_unload,
	.tape_codes = st_tape_codes,
	.tape_brought = st_tape_brought,
	.tape_reset_settings = st_tape_reset_settings,
};

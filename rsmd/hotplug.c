/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hotplug.c - the broker tells of a device when the kernel has it, udev when its nodes and links
 * are there: after that the records are right.
 */
#include <libudev.h>
#include <string.h>
#include <sys/epoll.h>
#include "device.h"
#include "hotplug.h"
#include "library.h"
#include "log.h"

static const char *const subsystems[] = {"scsi_changer", "scsi_generic", "scsi_tape"};

/* What the device calls itself; NULL when udev does not know. */
static const char *serial_of(struct udev_device *device)
{
	const char *serial = udev_device_get_property_value(device, "ID_SCSI_SERIAL");

	return serial ? serial : udev_device_get_property_value(device, "ID_SERIAL_SHORT");
}

/* Of a device whose serial number nobody knows any library may be. */
static void look(struct daemon *daemon, const char *serial)
{
	if (!serial || !serial[0]) {
		libraries_look(daemon);
		return;
	}
	for (const struct device *device = daemon->devices; device; device = device->next)
		if (!strcmp(device->serial, serial))
			library_look(daemon, &device->library);
}

static int on_device(sd_event_source *source, int fd, uint32_t events, void *pointer)
{
	struct daemon *daemon = pointer;
	struct udev_device *device;

	(void)source;
	(void)fd;
	(void)events;
	while ((device = udev_monitor_receive_device(daemon->monitor))) {
		if (daemon->rsm.session != INVALID_HANDLE_VALUE)
			look(daemon, serial_of(device));
		udev_device_unref(device);
	}
	return 0;
}

static int listen_to_udev(struct daemon *daemon)
{
	daemon->udev = udev_new();
	if (!daemon->udev)
		return -1;
	daemon->monitor = udev_monitor_new_from_netlink(daemon->udev, "udev");
	if (!daemon->monitor)
		return -1;
	for (size_t i = 0; i < sizeof(subsystems) / sizeof(subsystems[0]); i++)
		if (udev_monitor_filter_add_match_subsystem_devtype(daemon->monitor, subsystems[i],
								    NULL) < 0)
			return -1;
	if (udev_monitor_enable_receiving(daemon->monitor) < 0)
		return -1;
	return sd_event_add_io(daemon->event, &daemon->uevents,
			       udev_monitor_get_fd(daemon->monitor), EPOLLIN, on_device, daemon);
}

void hotplug_begin(struct daemon *daemon)
{
	if (listen_to_udev(daemon) >= 0)
		return;
	log_warning("udev cannot be listened to: %m; devices are seen by the broker's word alone");
	hotplug_end(daemon);
}

void hotplug_end(struct daemon *daemon)
{
	daemon->uevents = sd_event_source_unref(daemon->uevents);
	if (daemon->monitor)
		udev_monitor_unref(daemon->monitor);
	if (daemon->udev)
		udev_unref(daemon->udev);
	daemon->monitor = NULL;
	daemon->udev = NULL;
}

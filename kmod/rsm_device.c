// SPDX-License-Identifier: GPL-2.0-only
/*
 * The drives and changers there are.
 *
 * A class interface, as sg and ses are: told of every SCSI device, bound to none.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>
#include <scsi/scsi.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_driver.h>
#include <scsi/scsi_host.h>

#include "compat.h"
#include "rsm_private.h"

static LIST_HEAD(units); /* in the order of their ids */
static u32 last_id;

static void unit_free(struct kref *ref)
{
	kfree(container_of(ref, struct rsm_unit, ref));
}

/**
 * rsm_unit_get - take a reference
 * @unit: the unit
 *
 * Return: @unit.
 */
struct rsm_unit *rsm_unit_get(struct rsm_unit *unit)
{
	kref_get(&unit->ref);
	return unit;
}

/**
 * rsm_unit_put - give a reference back
 * @unit: the unit
 */
void rsm_unit_put(struct rsm_unit *unit)
{
	kref_put(&unit->ref, unit_free);
}

/**
 * rsm_unit_from - find the first unit of a kind from an id on
 * @id: the lowest id wanted
 * @kind: enum rsm_kind, 0 for any
 *
 * Called with rsm_lock held; so long the answer is valid.
 *
 * Return: the unit, or NULL.
 */
struct rsm_unit *rsm_unit_from(u32 id, u32 kind)
{
	struct rsm_unit *unit;

	lockdep_assert_held(&rsm_lock);
	list_for_each_entry(unit, &units, node) {
		if (unit->id >= id && (!kind || unit->kind == kind))
			return unit;
	}
	return NULL;
}

/**
 * rsm_unit_find - find a unit by its id
 * @id: the id
 * @kind: enum rsm_kind
 *
 * Called with rsm_lock held; so long the answer is valid.
 *
 * Return: the unit, or NULL.
 */
struct rsm_unit *rsm_unit_find(u32 id, u32 kind)
{
	struct rsm_unit *unit = rsm_unit_from(id, kind);

	return unit && unit->id == id ? unit : NULL;
}

/**
 * rsm_unit_unassign - no drive belongs to this changer any more
 * @changer: id of the changer
 */
void rsm_unit_unassign(u32 changer)
{
	struct rsm_unit *unit;

	lockdep_assert_held(&rsm_lock);
	list_for_each_entry(unit, &units, node) {
		if (unit->changer == changer)
			unit->changer = 0;
	}
}

static void unit_event(const struct rsm_unit *unit, u32 type)
{
	struct rsm_event event = {.type = type, .device = unit->id};

	rsm_event_send(&event);
}

/**
 * rsm_copy_field - make a string of text a device sent
 * @to: the string, NUL-terminated
 * @size: its bytes
 * @from: the text, padded with blanks or NULs; it may hold anything
 * @len: its bytes
 */
void rsm_copy_field(char *to, size_t size, const u8 *from, size_t len)
{
	size_t i;

	len = min(len, size - 1);
	for (i = 0; i < len && from[i]; i++)
		to[i] = from[i] < ' ' || from[i] > '~' ? '?' : from[i];
	while (i && to[i - 1] == ' ')
		i--;
	to[i] = '\0';
}

static struct rsm_unit *unit_new(struct scsi_device *sdev)
{
	struct rsm_unit *unit = kzalloc(sizeof(*unit), GFP_KERNEL);

	if (!unit)
		return NULL;
	kref_init(&unit->ref);
	unit->sdev = sdev;
	unit->kind = sdev->type == TYPE_TAPE ? RSM_KIND_DRIVE : RSM_KIND_CHANGER;
	unit->host = sdev->host->host_no;
	unit->channel = sdev->channel;
	unit->target = sdev->id;
	unit->lun = sdev->lun;
	rsm_copy_field(unit->vendor, sizeof(unit->vendor), (const u8 *)sdev->vendor, 8);
	rsm_copy_field(unit->product, sizeof(unit->product), (const u8 *)sdev->model, 16);
	rsm_copy_field(unit->revision, sizeof(unit->revision), (const u8 *)sdev->rev, 4);
	unit->since_ns = ktime_get_real_ns();
	mutex_init(&unit->robot);
	rsm_gate_unit_init(unit);
	INIT_LIST_HEAD(&unit->executor_queue);
	return unit;
}

/* Two devices may be found at once, and the later id be ready first. */
static void unit_insert(struct rsm_unit *unit)
{
	struct rsm_unit *next = rsm_unit_from(unit->id, 0);

	list_add_tail(&unit->node, next ? &next->node : &units);
}

static struct rsm_unit *unit_of(const struct scsi_device *sdev)
{
	struct rsm_unit *unit;

	list_for_each_entry(unit, &units, node) {
		if (unit->sdev == sdev)
			return unit;
	}
	return NULL;
}

/* --- drivers that come to a device ----------------------------------------------------- */

static typeof_member(struct device, bus) bus; /* that of SCSI, once a device has been seen */

static int bus_event(struct notifier_block *block, unsigned long action, void *data)
{
	struct rsm_unit *unit;
	LIST_HEAD(opened);

	if ((action != BUS_NOTIFY_BOUND_DRIVER && action != BUS_NOTIFY_UNBOUND_DRIVER) ||
	    !scsi_is_sdev_device(data))
		return NOTIFY_DONE;
	mutex_lock(&rsm_lock);
	unit = unit_of(to_scsi_device((struct device *)data));
	if (unit && action == BUS_NOTIFY_BOUND_DRIVER)
		rsm_gate_unit_bound(unit);
	else if (unit)
		rsm_gate_unit_unbound(unit, &opened);
	mutex_unlock(&rsm_lock);
	rsm_gate_drop(&opened);
	return NOTIFY_OK;
}

static struct notifier_block bus_block = {.notifier_call = bus_event};

/* Under the driver core's class lock. */
static int bus_watch(const struct scsi_device *sdev)
{
	int err;

	if (bus)
		return 0;
	err = bus_register_notifier(sdev->sdev_gendev.bus, &bus_block);
	if (!err)
		bus = sdev->sdev_gendev.bus;
	return err;
}

/* --- devices that come and go ---------------------------------------------------------- */

static int unit_add(RSM_INTERFACE_ARGS)
{
	struct scsi_device *sdev = to_scsi_device(dev->parent);
	struct rsm_unit *unit;
	int err;

	if (sdev->type != TYPE_TAPE && sdev->type != TYPE_MEDIUM_CHANGER)
		return -ENODEV;
	err = bus_watch(sdev);
	if (err)
		return err;
	unit = unit_new(sdev);
	if (!unit)
		return -ENOMEM;
	mutex_lock(&rsm_lock);
	unit->id = ++last_id;
	mutex_unlock(&rsm_lock);

	/* Nobody can see the unit yet, and the core does not take it away meanwhile. */
	rsm_robot_serial(unit, sdev);
	if (unit->kind == RSM_KIND_CHANGER) {
		mutex_lock(&unit->robot);
		rsm_robot_map(unit, sdev);
		mutex_unlock(&unit->robot);
	}

	mutex_lock(&rsm_lock);
	unit_insert(unit);
	unit_event(unit, RSM_EVENT_DEVICE_ADDED);
	mutex_unlock(&rsm_lock);
	return 0;
}

/* A command that is under way is not waited for: whoever sent it has its own reference. */
static void unit_remove(RSM_INTERFACE_ARGS)
{
	struct scsi_device *sdev = to_scsi_device(dev->parent);
	struct rsm_unit *unit;
	LIST_HEAD(opened);

	mutex_lock(&rsm_lock);
	unit = unit_of(sdev);
	if (unit) {
		unit->sdev = NULL;
		list_del_init(&unit->node);
		unit_event(unit, RSM_EVENT_DEVICE_GONE);
		rsm_lease_unit_gone(unit);
		rsm_reserve_unit_gone(unit);
		rsm_gate_unit_gone(unit, &opened);
	}
	mutex_unlock(&rsm_lock);
	rsm_gate_drop(&opened);
	if (unit)
		rsm_unit_put(unit);
}

static struct class_interface unit_interface = {
	.add_dev = unit_add,
	.remove_dev = unit_remove,
};

static void unit_describe(const struct rsm_unit *unit, struct rsm_device *device)
{
	memset(device, 0, sizeof(*device));
	device->id = unit->id;
	device->kind = unit->kind;
	device->host = unit->host;
	device->channel = unit->channel;
	device->target = unit->target;
	device->changer = unit->changer;
	device->lun = unit->lun;
	memcpy(device->vendor, unit->vendor, sizeof(device->vendor));
	memcpy(device->product, unit->product, sizeof(device->product));
	memcpy(device->revision, unit->revision, sizeof(device->revision));
	memcpy(device->serial, unit->serial, sizeof(device->serial));
	device->flags = (unit->managed ? RSM_DEVICE_MANAGED : 0) |
			(rsm_gate_is_open(unit) ? RSM_DEVICE_OPEN : 0);
	device->doors = rsm_gate_count(unit);
	if (!unit->mapped)
		return;
	memcpy(device->first, unit->first, sizeof(device->first));
	memcpy(device->count, unit->count, sizeof(device->count));
}

/**
 * rsm_device_ioctl - RSM_IOC_DEVICE
 * @arg: struct rsm_device of the caller
 *
 * Return: 0, -EFAULT, -EINVAL or -ENOENT.
 */
long rsm_device_ioctl(void __user *arg)
{
	struct rsm_device device;
	struct rsm_unit *unit;

	if (copy_from_user(&device, arg, sizeof(device)))
		return -EFAULT;
	if (device.reserved)
		return -EINVAL;
	mutex_lock(&rsm_lock);
	unit = rsm_unit_from(device.id, 0);
	if (unit)
		unit_describe(unit, &device);
	mutex_unlock(&rsm_lock);
	if (!unit)
		return -ENOENT;
	return copy_to_user(arg, &device, sizeof(device)) ? -EFAULT : 0;
}

/**
 * rsm_device_init - learn of all devices, now and later
 *
 * Return: 0, or what the driver core says.
 */
int rsm_device_init(void)
{
	return scsi_register_interface(&unit_interface);
}

/**
 * rsm_device_exit - forget all devices
 */
void rsm_device_exit(void)
{
	if (bus)
		bus_unregister_notifier(bus, &bus_block);
	scsi_unregister_interface(&unit_interface);
}

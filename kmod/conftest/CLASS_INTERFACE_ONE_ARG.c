// SPDX-License-Identifier: GPL-2.0-only
/* The call-backs of a class interface are given the device alone: since 6.4. */
#include <linux/device.h>

int probe(struct class_interface *interface, struct device *dev);
int probe(struct class_interface *interface, struct device *dev)
{
	return interface->add_dev(dev);
}

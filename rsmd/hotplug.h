/* SPDX-License-Identifier: GPL-2.0-only */
/* hotplug.h - what udev tells of the devices of managed libraries */
#ifndef RSMD_HOTPLUG_H
#define RSMD_HOTPLUG_H

#include "daemon.h"

/* Have a library looked at when udev is done with a device of it that came, changed or went. */
void hotplug_begin(struct daemon *daemon);
void hotplug_end(struct daemon *daemon);

#endif

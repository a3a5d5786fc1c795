/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * marks.h - which serial numbers are managed, for udev's rules
 *
 * A file in STATE_DIRECTORY/managed is named for each device of a managed library. By them
 * 70-rsm.rules knows whether a device that comes is a reason to start rsmd.
 */
#ifndef RSMD_MARKS_H
#define RSMD_MARKS_H

#include "daemon.h"

/* Have the files be what the list of devices says. Outside of a service there are none. */
void marks_write(struct daemon *daemon);

#endif

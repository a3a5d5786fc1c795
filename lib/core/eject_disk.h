/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* eject_disk.h - the caller's side of ejecting what is in a drive that stands alone */
#ifndef NTMS_CORE_EJECT_DISK_H
#define NTMS_CORE_EJECT_DISK_H

#include "core/session.h"

/*
 * See EjectDiskFromSADrive. @device: the drive's device node, as its szDeviceName says. START and
 * QUEUE return when it is queued, IMMEDIATE, ASK_USER and FORCE when it is done.
 *
 * ERROR_INVALID_DRIVE: no managed drive that stands alone has this device.
 * ERROR_INVALID_PARAMETER: the action is none.
 * ERROR_ACCESS_DENIED; ERROR_DEVICE_NOT_AVAILABLE; ERROR_MEDIA_NOT_AVAILABLE: what is inside is
 * disabled. ERROR_BUSY: it is mounted, or its device is open. ERROR_INVALID_OPERATION: STOP, and
 * nothing is queued that could be stopped.
 */
DWORD eject_disk(struct session *session, const char *device, uint32_t action);

#endif

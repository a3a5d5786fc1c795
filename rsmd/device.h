/* SPDX-License-Identifier: GPL-2.0-only */
/* device.h - drives and changers: how they are, and that they came or went */
#ifndef RSMD_DEVICE_H
#define RSMD_DEVICE_H

#include "daemon.h"

struct device {
	struct device *next;
	NTMS_GUID guid;
	NTMS_GUID library;
	DWORD type; /* NTMS_DRIVE or NTMS_CHANGER */
	DWORD number;
	char *name;
	char *serial;
	DWORD opstate; /* NtmsOperationalState */
	bool enabled;
	DWORD state; /* of a drive: NtmsDriveState */
	DWORD mounts;
	bool seen;
};

DWORD drive_changed(struct daemon *daemon, const NTMS_GUID *guid);
DWORD changer_changed(struct daemon *daemon, const NTMS_GUID *guid);
DWORD drives_look(struct daemon *daemon);
DWORD changers_look(struct daemon *daemon);
void devices_forget(struct daemon *daemon);

#endif

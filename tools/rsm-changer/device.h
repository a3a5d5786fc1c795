/* SPDX-License-Identifier: GPL-2.0-only */
/* device.h - what the words of a backup program's configuration stand for. Failures are noted. */
#ifndef RSM_CHANGER_DEVICE_H
#define RSM_CHANGER_DEVICE_H

#include "names.h"
#include "settings.h"

/* The library that the changer's node, a link to it, its serial number, the library's own name or
 * GUID, or the directory of a virtual library names. */
DWORD device_library(struct rsm *rsm, const char *device, NTMS_GUID *library);

/* ERROR_INVALID_DRIVE if @node is no node of the drive, nor a link to one. */
DWORD device_is_drive(struct rsm *rsm, const char *node, const NTMS_GUID *drive);

/*
 * Who calls, and which library is meant: the consumer called @device; else the one that is for
 * @uid and for the library that @device names. *@consumer belongs to @settings.
 */
DWORD device_consumer(struct rsm *rsm, const struct settings *settings, const char *device,
		      uid_t uid, const struct consumer **consumer, NTMS_GUID *library);

#endif

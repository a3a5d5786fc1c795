/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* doors.h - the device nodes of a managed library: shut to everybody else, and opened again */
#ifndef NTMS_CORE_DOORS_H
#define NTMS_CORE_DOORS_H

#include "core/turn.h"

/* Shut what the turn's lease is for, a changer or a drive that stands alone, on all its paths.
 * ERROR_DEVICE_NOT_AVAILABLE: somebody has it open; the message names him. */
DWORD doors_shut(struct turn *turn, uint32_t device);

/* Shut drive @id of the listed devices, assigned to the turn's library, on all its paths. *@ours:
 * false when it is another library's, or, unless turn->all_or_none, somebody has it open. */
DWORD doors_shut_drive(struct turn *turn, const struct broker_device *devices, size_t count,
		       uint32_t id, bool *ours);

/* Everybody may open the devices of a library again that is not managed any more: the drives that
 * the turn has found, and the changer. Needs no lease. */
void doors_open(const struct turn *turn, const char *changer_serial);

#endif

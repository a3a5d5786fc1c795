/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * service.h - drives that are out of order, and are put back into use
 *
 * A drive that answers with a hardware error is NEEDS_SERVICE from then on: nothing more is brought
 * to it, and a person is asked, once, to look after it (NTMS_OPREQ_DEVICESERVICE). What it has
 * inside stays on record there, and is taken home as soon as the drive lets go of it. When the
 * person has satisfied that request, or enabled the drive, it is READY again.
 */
#ifndef NTMS_CORE_SERVICE_H
#define NTMS_CORE_SERVICE_H

#include "core/turn.h"

/* An errno of a tape operation as a Win32 code: ERROR_DEVICE_NOT_AVAILABLE when the drive is out of
 * order, which is on record then, or what kept it from being recorded. The message stays. */
DWORD service_code(struct turn *turn, const NTMS_GUID *drive, int error);

/* Is it? False also when it is no more, or cannot be read. */
bool service_is_needed(struct turn *turn, const NTMS_GUID *drive);

/* Somebody has put the drive right: READY if it was NEEDS_SERVICE. Stored. */
DWORD service_done(struct txn *txn, struct object *drive);

/* A person has satisfied @request: if RSM has asked him to put a drive right, it is. */
DWORD service_satisfied(struct txn *txn, const struct object *request);

#endif

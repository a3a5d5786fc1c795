/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* door.h - the caller's side of AccessNtmsLibraryDoor, and the doors of a library */
#ifndef NTMS_CORE_DOOR_H
#define NTMS_CORE_DOOR_H

#include "core/session.h"

/* See AccessNtmsLibraryDoor. The request's option says what is to be done when the door is closed:
 * an NtmsInventoryMethod, never NTMS_INVENTORY_DEFAULT. */
DWORD door_access(struct session *session, const NTMS_GUID *library, DWORD action);

/* Make the objects of a library's doors, numbered from 1, as far as they are missing. */
DWORD doors_ensure(struct txn *txn, const NTMS_GUID *library, uint32_t count);

#endif

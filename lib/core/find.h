/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* find.h - objects by the names that people use */
#ifndef NTMS_CORE_FIND_H
#define NTMS_CORE_FIND_H

#include "core/session.h"

/* See RsmFindObject. */
DWORD find_object(struct txn *txn, const char *text, uint32_t type, NTMS_GUID *guid);

/* The cartridge of a PMID, side or LMID. ERROR_OBJECT_NOT_FOUND when it is none of these. */
DWORD find_cartridge(struct txn *txn, const NTMS_GUID *guid, struct object *media);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* enumerate.h - lists of objects */
#ifndef NTMS_CORE_ENUMERATE_H
#define NTMS_CORE_ENUMERATE_H

#include "core/session.h"

/*
 * The objects of @type in @container (NULL: of all), without those that @caller must not see.
 * *@list is to be freed by the caller. See EnumerateNtmsObject for @options and the errors:
 * ERROR_INVALID_PARAMETER, ERROR_OBJECT_NOT_FOUND, ERROR_ACCESS_DENIED and what the store says.
 */
DWORD enumerate(struct txn *txn, const struct caller *caller, const NTMS_GUID *container,
		DWORD type, DWORD options, NTMS_GUID **list, size_t *count);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * info.h - objects as NTMS_OBJECTINFORMATION, and back
 *
 * The four layouts (A and W, of today and of the interface's first version) are filled and
 * read from one table of fields.
 */
#ifndef NTMS_CORE_INFO_H
#define NTMS_CORE_INFO_H

#include "core/session.h"

/* A caller's structure: NTMS_OBJECTINFORMATIONA or W, or the I1 form of either. */
struct info {
	void *bytes;
	bool wide;
};

/* Check dwSize and dwType of what the caller gives: ERROR_INVALID_PARAMETER. */
DWORD info_check(const struct info *info, DWORD *type);

/* See GetNtmsObjectInformation. Fills the structure only on success. */
DWORD info_get(struct txn *txn, const struct caller *caller, const NTMS_GUID *guid,
	       const struct info *info);

/* See SetNtmsObjectInformation. */
DWORD info_set(struct txn *txn, const struct caller *caller, const NTMS_GUID *guid,
	       const struct info *info);

/*
 * For the records of CreateNtmsMedia: is this one of @type in today's layout, with dwSize exactly
 * right? ERROR_INVALID_PARAMETER. Take all that it says but times into @obj
 * (ERROR_INVALID_PARAMETER for malformed text), and give an object back.
 */
DWORD info_check_exactly(const struct info *info, uint32_t type);
DWORD info_take(const struct info *info, uint32_t type, struct object *obj);
DWORD info_give(struct txn *txn, const struct object *obj, const struct info *info);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* security.h - descriptors read and changed by callers */
#ifndef NTMS_CORE_SECURITY_H
#define NTMS_CORE_SECURITY_H

#include "core/session.h"

/* The parts there are. */
#define SECURITY_PARTS                                                                         \
	(OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION | \
	 SACL_SECURITY_INFORMATION)

/*
 * The @parts of the descriptor of an object of @type (NTMS_UNKNOWN: any). ERROR_OBJECT_NOT_FOUND,
 * ERROR_ACCESS_DENIED, ERROR_NO_SECURITY_ON_OBJECT and what the store says.
 */
DWORD security_get(struct txn *txn, const struct caller *caller, const NTMS_GUID *guid,
		   uint32_t type, uint32_t parts, struct obj_security *security);

/* Replace @parts by those of @given, which has been checked by access_import(). Besides the above:
 * ERROR_INVALID_PARAMETER for a part that is not in it, ERROR_INVALID_PARAMETER if there is
 * not so much room. */
DWORD security_set(struct txn *txn, const struct caller *caller, const NTMS_GUID *guid,
		   uint32_t type, uint32_t parts, const struct obj_security *given);

#endif

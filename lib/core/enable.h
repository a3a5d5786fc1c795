/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* enable.h - libraries, drives and cartridges taken out of use and put back */
#ifndef NTMS_CORE_ENABLE_H
#define NTMS_CORE_ENABLE_H

#include "core/session.h"

/*
 * See EnableNtmsObject and DisableNtmsObject. Done at once; a library request that has passed tells
 * of it. What nobody holds any more in a drive that is disabled is queued to be carried home:
 * @queued is the library whose queue got work then, else null. ERROR_OBJECT_NOT_FOUND,
 * ERROR_ACCESS_DENIED, ERROR_LIBRARY_OFFLINE, ERROR_INVALID_STATE and what the store says.
 */
DWORD enable_object(struct session *session, struct txn *txn, uint32_t type, const NTMS_GUID *guid,
		    bool enable, NTMS_GUID *queued);

#endif

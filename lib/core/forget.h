/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* forget.h - records of devices that are gone, deleted by callers */
#ifndef NTMS_CORE_FORGET_H
#define NTMS_CORE_FORGET_H

#include "core/session.h"

/* See DeleteNtmsLibrary: ERROR_INVALID_LIBRARY, ERROR_ACCESS_DENIED, ERROR_INVALID_STATE. */
DWORD forget_library(struct txn *txn, const struct caller *caller, const NTMS_GUID *library);

/* See DeleteNtmsDrive: ERROR_INVALID_DRIVE and those above. */
DWORD forget_drive(struct txn *txn, const struct caller *caller, const NTMS_GUID *drive);

#endif

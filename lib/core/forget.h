/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* forget.h - records of devices that are gone, deleted by callers */
#ifndef NTMS_CORE_FORGET_H
#define NTMS_CORE_FORGET_H

#include "core/session.h"

/*
 * See DeleteNtmsLibrary: ERROR_INVALID_LIBRARY, ERROR_ACCESS_DENIED, ERROR_INVALID_STATE, also
 * while a living process holds a drive that is still connected. Looks first whether it is gone.
 * Drives that are still there may be opened by everybody afterwards.
 */
DWORD forget_library(struct session *session, const NTMS_GUID *library);

/* See DeleteNtmsDrive: ERROR_INVALID_DRIVE and those above. Looks first whether it is gone. */
DWORD forget_drive(struct session *session, const NTMS_GUID *drive);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* eject.h - the caller's side of EjectNtmsMedia: everything is checked, then queued */
#ifndef NTMS_CORE_EJECT_H
#define NTMS_CORE_EJECT_H

#include "core/session.h"

/* OperationOption of NTMS_LM_EJECT. */
#define EJECT_OPTION_IMMEDIATE 0
#define EJECT_OPTION_FORCE     2

/*
 * See EjectNtmsMedia. @media NULL: nothing more than what was collected. @operation: in with
 * NTMS_EJECT_STOP, out with the others; NULL where the caller does not want it.
 */
DWORD eject_media(struct session *session, const NTMS_GUID *media, NTMS_GUID *operation,
		  DWORD action);

#endif

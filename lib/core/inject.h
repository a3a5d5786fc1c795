/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* inject.h - the caller's side of InjectNtmsMedia: everything is checked, then queued */
#ifndef NTMS_CORE_INJECT_H
#define NTMS_CORE_INJECT_H

#include "core/session.h"

/* OperationOption of NTMS_LM_INJECT. */
#define INJECT_OPTION_ONE  0
#define INJECT_OPTION_MANY 1

/* See InjectNtmsMedia. @operation: out with NTMS_INJECT_START and NTMS_INJECT_STARTMANY, in with
 * the others. */
DWORD inject_media(struct session *session, const NTMS_GUID *library, NTMS_GUID *operation,
		   DWORD action);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* dispatch.h - one request: who carries it out, and what becomes of it */
#ifndef NTMS_CORE_DISPATCH_H
#define NTMS_CORE_DISPATCH_H

#include "core/turn.h"

/* Carry out a request as far as it goes; *@finished when this one, or another that is carried out
 * aside, needs no further look. Win32 code of what keeps the turn from going on. */
DWORD dispatch(struct turn *turn, const NTMS_GUID *guid, bool *finished);

#endif

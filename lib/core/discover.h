/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* discover.h - taking a library into management and giving it back */
#ifndef NTMS_CORE_DISCOVER_H
#define NTMS_CORE_DISCOVER_H

#include "core/session.h"

/* See RsmManageLibrary and RsmUnmanageLibrary. */
DWORD library_manage(struct session *session, const char *name, NTMS_GUID *library);
DWORD library_unmanage(struct session *session, const NTMS_GUID *library);

#endif

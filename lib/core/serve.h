/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* serve.h - libraries that a session works for everybody, until it ends */
#ifndef NTMS_CORE_SERVE_H
#define NTMS_CORE_SERVE_H

#include "core/session.h"

/* See RsmServeLibrary. */
DWORD serve_library(struct session *session, const NTMS_GUID *library);
/* Nothing happens when it does not. */
void serve_no_more(struct session *session, const NTMS_GUID *library);

/* See RsmGetService. */
DWORD serve_state(struct session *session, const NTMS_GUID *library, RSM_SERVICE *service);

/* The session is over, and nobody else knows it any more. */
void serve_end_session(struct session *session);

#endif

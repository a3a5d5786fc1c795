/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* wait.h - waiting for queued work */
#ifndef NTMS_CORE_WAIT_H
#define NTMS_CORE_WAIT_H

#include "core/session.h"

/* Wait until the listed requests are over; what the last of them to fail, else 0, ended with. */
DWORD wait_requests(struct session *session, const NTMS_GUID *library, const NTMS_GUID *requests,
		    size_t count, uint64_t deadline_ns);

/* Wait until a request is over; what it ended with. ERROR_OBJECT_NOT_FOUND. */
DWORD wait_request(struct session *session, const NTMS_GUID *request, uint64_t deadline_ns);

/* Wait until nothing unfinished names the cartridge. */
DWORD wait_media(struct session *session, const NTMS_GUID *guid, uint64_t deadline_ns);

/* Wait until the library's queue is empty. */
DWORD wait_library(struct session *session, const NTMS_GUID *library, uint64_t deadline_ns);

/* ERROR_TIMEOUT; says what was @last heard of a request, or, of nothing, what keeps the library's
 * worker from looking at it. */
DWORD wait_said_timeout(struct session *session, const NTMS_GUID *library, const char *last);

/* Wait until the session holds no mount, or @stop_fd polls readable (ERROR_CANCELLED). */
DWORD wait_mounts_end(struct session *session, int stop_fd);

/* Tell the session's progress routine, if what it sees has changed since @last (kept by the
 * caller). */
void report_progress(struct session *session, const struct object *request, char *last,
		     size_t size);

#endif

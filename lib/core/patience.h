/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* patience.h - a call that waits: for the database to change, a deadline, or its session's end */
#ifndef NTMS_CORE_PATIENCE_H
#define NTMS_CORE_PATIENCE_H

#include "core/session.h"

struct patience {
	struct session *session;
	int watch_fd;
	uint64_t deadline_ns; /* absolute, monotonic; 0 for never */
};

DWORD patience_begin(struct patience *patience, struct session *session, uint64_t deadline_ns);
void patience_end(struct patience *patience);

/* Sleep until there may be something new. ERROR_SUCCESS: look again; ERROR_TIMEOUT: the deadline
 * has passed; ERROR_CANCELLED: the session is being closed, or @stop_fd (-1 for none) polls
 * readable. */
DWORD patience_sleep(struct patience *patience, int stop_fd);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* tell.h - what the service manager is told: ready, status, alive */
#ifndef RSMD_TELL_H
#define RSMD_TELL_H

#include "daemon.h"

void tell_ready(struct daemon *daemon);
void tell_reloading(void);
void tell_stopping(struct daemon *daemon);
void tell_status(struct daemon *daemon, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* From now on look after the workers, and say that we are alive as long as they are. */
int tell_begin(struct daemon *daemon);

#endif

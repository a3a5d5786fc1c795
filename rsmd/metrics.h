/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * metrics.h - numbers for Prometheus, in a file that its node exporter reads
 *
 * Counters begin at 0 with the process, as Prometheus expects it, and outlive sessions.
 */
#ifndef RSMD_METRICS_H
#define RSMD_METRICS_H

#include "daemon.h"

/* A mount was carried out, after so long a wait. */
void metrics_mount(struct daemon *daemon, const NTMS_GUID *library, double seconds);
/* A request is over, in a state (NtmsLmState). */
void metrics_request(struct daemon *daemon, const NTMS_GUID *library, DWORD operation, DWORD state);
/* One failed because robot or drive did not do it. */
void metrics_robot_error(struct daemon *daemon, const NTMS_GUID *library);

/* Write them now and then, as the configuration says; called again when that has changed. */
int metrics_begin(struct daemon *daemon);
void metrics_end(struct daemon *daemon);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* exposition.h - the text format of Prometheus */
#ifndef RSMD_EXPOSITION_H
#define RSMD_EXPOSITION_H

#include <stdio.h>

/* HELP and TYPE of what follows; @type: "counter", "gauge" or "histogram". */
void exposition_family(FILE *out, const char *name, const char *type, const char *help);

/* A sample: labels are pairs of name and value, ended by NULL. */
void exposition_sample(FILE *out, const char *name, double value, ...) __attribute__((sentinel));

#endif

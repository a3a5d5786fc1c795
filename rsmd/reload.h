/* SPDX-License-Identifier: GPL-2.0-only */
/* reload.h - SIGHUP: the configuration is read again */
#ifndef RSMD_RELOAD_H
#define RSMD_RELOAD_H

#include "daemon.h"

/* Negative errno when that cannot be listened for. */
int reload_begin(struct daemon *daemon);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* conflict.h - who was refused a device of a managed library */
#ifndef RSMD_CONFLICT_H
#define RSMD_CONFLICT_H

#include "daemon.h"

/* Tell and count those that are new. The broker is asked, not the database. */
void conflicts_look(struct daemon *daemon);

#endif

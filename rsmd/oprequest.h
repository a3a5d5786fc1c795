/* SPDX-License-Identifier: GPL-2.0-only */
/* oprequest.h - what people are asked to do: told to the journal and to the hook */
#ifndef RSMD_OPREQUEST_H
#define RSMD_OPREQUEST_H

#include "daemon.h"

DWORD oprequest_changed(struct daemon *daemon, const NTMS_GUID *guid);
DWORD oprequests_look(struct daemon *daemon);

/* How many wait for a person. */
unsigned int oprequests_open(const struct daemon *daemon);

void oprequests_forget(struct daemon *daemon);

#endif

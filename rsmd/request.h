/* SPDX-License-Identifier: GPL-2.0-only */
/* request.h - what becomes of the requests of the libraries, whoever carries them out */
#ifndef RSMD_REQUEST_H
#define RSMD_REQUEST_H

#include "daemon.h"

DWORD request_changed(struct daemon *daemon, const NTMS_GUID *guid);
DWORD requests_look(struct daemon *daemon);

/* How many requests of a library are in a state (NtmsLmState). */
unsigned int requests_in_state(struct daemon *daemon, const NTMS_GUID *library, DWORD state);

void requests_forget(struct daemon *daemon);

#endif

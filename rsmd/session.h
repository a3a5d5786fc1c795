/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * session.h - the session with libntms: opened, listened to, given up and opened anew
 */
#ifndef RSMD_SESSION_H
#define RSMD_SESSION_H

#include "daemon.h"

/* Open the session, serve every library, listen. What a failure leaves is to be lost or abandoned.
 */
DWORD session_begin(struct daemon *daemon);

/* Close it here and now, and wait for that. */
void session_abandon(struct daemon *daemon);

/* Is its database the one that is there by that name? */
bool session_has_database(const struct daemon *daemon);

/* Give the session up because @why, and try for another one after a while. */
void session_lose(struct daemon *daemon, const char *why);

/* Give it up for good; the event loop ends when that is done. */
void session_end(struct daemon *daemon);

/* A failed call of the session: is it the session that is broken? */
bool session_is_broken(DWORD code);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * notify.h - a session is told what becomes of the objects of one type
 *
 * A notification reads the feed of the store (store/feed.h) from where it was opened on. It tells
 * of objects that its session's caller has the U right on; of one that is gone, if he has it on
 * what decided on that one.
 */
#ifndef NTMS_CORE_NOTIFY_H
#define NTMS_CORE_NOTIFY_H

#include "core/session.h"

struct notification;

/*
 * notify_open - begin to listen to objects of @type
 * An unknown type is accepted, and nothing is ever told. The notification ends with
 * notify_close() or with its session, of which it holds a reference.
 * ERROR_ACCESS_DENIED (U on the computer), ERROR_NOT_ENOUGH_MEMORY, database errors.
 */
DWORD notify_open(struct session *session, uint32_t type, struct notification **notificationp);

/*
 * notify_wait - the next change, within @timeout_ms (INFINITE: ever)
 * ERROR_INVALID_HANDLE, ERROR_TIMEOUT, ERROR_NO_DATA when changes are lost (then for good: close
 * it, open another and look at the objects), ERROR_CANCELLED when it or its session was closed
 * meanwhile, ERROR_DATABASE_FAILURE.
 */
DWORD notify_wait(HANDLE handle, uint32_t timeout_ms, NTMS_NOTIFICATIONINFORMATION *information);

/* End it; who waits for it gets ERROR_CANCELLED. ERROR_INVALID_HANDLE. */
DWORD notify_close(HANDLE handle);

/* The session is being closed: so are all its notifications. */
void notify_end_session(struct session *session);

/*
 * Note that a library request is over (reference 6.7): the request itself, and what the call that
 * queued it was about: library, drive, slot, medium or the request that was cancelled.
 */
void notify_request_over(struct txn *txn, const struct object *request);

#endif

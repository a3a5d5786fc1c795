/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* queue.h - requests reordered, cancelled and deleted by callers */
#ifndef NTMS_CORE_QUEUE_H
#define NTMS_CORE_QUEUE_H

#include "core/session.h"

/* ERROR_OBJECT_NOT_FOUND, and what the store says. */
DWORD queue_read_request(struct txn *txn, const NTMS_GUID *guid, struct object *request);

/* See GetNtmsRequestOrder: the place among the mounts of the library that wait, 1 is next; 0 for
 * what is no mount, is being carried out or is over. ERROR_OBJECT_NOT_FOUND,
 * ERROR_ACCESS_DENIED. */
DWORD queue_get_order(struct txn *txn, const struct caller *caller, const NTMS_GUID *request,
		      uint32_t *order);

/* See SetNtmsRequestOrder: @order is the place it is to have, beyond the end is the end.
 * ERROR_INVALID_PARAMETER for a request that has no place, too. */
DWORD queue_set_order(struct txn *txn, const struct caller *caller, const NTMS_GUID *request,
		      uint32_t order);

/* See CancelNtmsLibraryRequest. */
DWORD queue_cancel(struct session *session, struct txn *txn, const NTMS_GUID *request);

/* See DeleteNtmsRequests: @type is NTMS_LIBREQUEST or NTMS_OPREQUEST. */
DWORD queue_delete(struct txn *txn, const struct caller *caller, const NTMS_GUID *requests,
		   uint32_t type, uint32_t count);

#endif

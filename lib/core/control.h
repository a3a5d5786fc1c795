/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * control.h - what the calls that control a library share: their checks, in the documented
 * order, and their operations, which are begun by one call and stopped by another
 */
#ifndef NTMS_CORE_CONTROL_H
#define NTMS_CORE_CONTROL_H

#include "core/request.h"
#include "core/rights.h"

/* Object, then right: a library with which the caller may do what @right stands for.
 * ERROR_INVALID_LIBRARY, ERROR_ACCESS_DENIED. */
DWORD control_library(struct txn *txn, struct session *session, const NTMS_GUID *guid,
		      enum right right, struct object *library);

/* Then its state: ERROR_LIBRARY_OFFLINE for the offline library, @disabled for one that is
 * disabled, @absent for one that is not connected or not this broker's. */
DWORD control_usable(struct session *session, const struct object *library, DWORD disabled,
		     DWORD absent);

/* How many places of a kind (NTMS_STORAGESLOT, NTMS_IEPORT, NTMS_IEDOOR) a library has. */
DWORD control_count(struct txn *txn, const NTMS_GUID *library, uint32_t type, size_t *count);

/* The unfinished requests of a kind in a library's queue, in order; with @group only those of that
 * operation. *@list is to be freed. */
DWORD control_members(struct txn *txn, const NTMS_GUID *library, uint32_t operation,
		      const NTMS_GUID *group, struct object **list, size_t *count);

/*
 * Tell all members of the operation @guid to end, @wish being PHASE_STOP or PHASE_RETRACT.
 * *@library: whose queue it is in. ERROR_INVALID_OPERATION unless it is a @operation that has not
 * ended, in library @only if that is not NULL; ERROR_ACCESS_DENIED unless the caller has @right.
 */
DWORD control_stop(struct txn *txn, struct session *session, enum right right, uint32_t operation,
		   const NTMS_GUID *only, const NTMS_GUID *guid, uint32_t wish, NTMS_GUID *library);

/* End the transaction; if all went well have somebody work the queue of @library. */
DWORD control_end(struct session *session, struct txn *txn, const NTMS_GUID *library, DWORD code);

#endif

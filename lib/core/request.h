/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * request.h - library requests: the queue of work, and who works it
 */
#ifndef NTMS_CORE_REQUEST_H
#define NTMS_CORE_REQUEST_H

#include "core/session.h"

/* A new request record of @session, QUEUED, to be filled further and stored with store_insert. */
void request_init(struct session *session, uint32_t operation, const NTMS_GUID *library,
		  struct object *request);

/* After the commit that queued something: see that somebody works the library's queue. */
DWORD request_work(struct session *session, const NTMS_GUID *library);

/* Queue a free label for a side (state UNPREPARED): an NTMS_LM_WRITESCRATCH request. */
DWORD request_free_label(struct session *session, struct txn *txn, const struct object *media,
			 const struct object *side);

/* Is unfinished work queued that names this cartridge? */
DWORD request_pending(struct txn *txn, const NTMS_GUID *media, bool *pending);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * request.h - library requests: the queue of work, and who works it
 */
#ifndef NTMS_CORE_REQUEST_H
#define NTMS_CORE_REQUEST_H

#include "core/session.h"
#include "core/states.h"

/* OperationOption of NTMS_LM_INVENTORY; FAST is ours, the documents have only the other two. */
#define INVENTORY_OPTION_FULL  0
#define INVENTORY_OPTION_SLOTS 1
#define INVENTORY_OPTION_FAST  2

/* OperationOption of NTMS_LM_DISMOUNT. */
#define DISMOUNT_OPTION_IMMEDIATE 0
#define DISMOUNT_OPTION_DEFERRED  1

/* In mount_options of a dismount: record the label that is on the medium by then. */
#define DISMOUNT_RECORDS_LABEL 0x10000

/* A new request record of @session (NULL: of RSM itself), QUEUED, to be filled further and stored
 * with store_insert. */
void request_init(struct session *session, uint32_t operation, const NTMS_GUID *library,
		  struct object *request);

/*
 * request_end - @request is over by @event, one of the final ones, and stored: the only way
 * @error: what went wrong, ERROR_SUCCESS with REQUEST_PASSES. @why: for people; NULL leaves what
 * is there. One that only waited for its turn begins first. Whoever listens is told, and nobody is
 * asked for its cartridge any more. Refusals are those of request_event(); database errors.
 */
DWORD request_end(struct txn *txn, struct object *request, enum request_event event, DWORD error,
		  const char *why);

/* Record what a call has done itself, without a worker: a request that has PASSED. */
DWORD request_record(struct txn *txn, struct object *request);

/* After the commit that queued something: see that somebody works the library's queue. */
DWORD request_work(struct session *session, const NTMS_GUID *library);

/* Queue a free label for a side (state UNPREPARED): an NTMS_LM_WRITESCRATCH request. */
DWORD request_free_label(struct session *session, struct txn *txn, const struct object *media,
			 const struct object *side);

/* Is unfinished work queued that names this cartridge? A dismount is none: of a cartridge that is
 * idle it has nothing more to do than to carry it home, whoever's it is by then. */
DWORD request_pending(struct txn *txn, const NTMS_GUID *media, bool *pending);

#endif

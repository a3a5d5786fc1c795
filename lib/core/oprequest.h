/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* oprequest.h - requests to a person */
#ifndef NTMS_CORE_OPREQUEST_H
#define NTMS_CORE_OPREQUEST_H

#include "core/session.h"

/* What a person is asked: null GUIDs for arguments that are not given. */
struct errand {
	uint32_t command; /* NtmsOpreqCommand */
	NTMS_GUID arg1;
	NTMS_GUID arg2;
	char message[OBJ_MESSAGE_SIZE];
};

/* See SubmitNtmsOperatorRequest: ERROR_INVALID_PARAMETER, ERROR_OBJECT_NOT_FOUND,
 * ERROR_ACCESS_DENIED. */
DWORD oprequest_submit(struct session *session, struct txn *txn, const struct errand *errand,
		       NTMS_GUID *request);

/* See WaitForNtmsOperatorRequest, whose errors it returns. Takes its own transactions. */
DWORD oprequest_wait(struct session *session, const NTMS_GUID *request, DWORD timeout_ms);

/* See CancelNtmsOperatorRequest (@done false: ERROR_INVALID_STATE when it is over already) and
 * SatisfyNtmsOperatorRequest (@done true: ERROR_OBJECT_NOT_FOUND then). */
DWORD oprequest_end(struct txn *txn, const struct caller *caller, const NTMS_GUID *request,
		    bool done);

/* ---- what RSM itself asks of people, in the transaction of whoever needs it ---- */

/*
 * oprequest_raise - ask for something, unless that is asked for already
 * @command: NtmsOpreqCommand; @arg1, @arg2: as for SubmitNtmsOperatorRequest, NULL for none
 * @message: what is to be done and why; cut if longer than NTMS_MESSAGE_LENGTH
 * @request: set to the one open request of RSM with this command and these arguments
 *
 * Checks no right. ERROR_OBJECT_NOT_FOUND when an argument is not in the database,
 * ERROR_INVALID_PARAMETER when it does not fit the command.
 */
DWORD oprequest_raise(struct txn *txn, uint32_t command, const NTMS_GUID *arg1,
		      const NTMS_GUID *arg2, const char *message, NTMS_GUID *request);

/*
 * oprequest_close - what was asked for has come about
 *
 * Every open request with this command and arguments is COMPLETE, whoever has asked;
 * @arg2 NULL: whatever the second argument. None is no error.
 */
DWORD oprequest_close(struct txn *txn, uint32_t command, const NTMS_GUID *arg1,
		      const NTMS_GUID *arg2);

/* Nobody needs it any more: RSM's own open request with these arguments is deleted. What an
 * application has submitted stays. None is no error. */
DWORD oprequest_withdraw(struct txn *txn, uint32_t command, const NTMS_GUID *arg1,
			 const NTMS_GUID *arg2);

/* Is RSM's own request with this command about @arg1 open? */
DWORD oprequest_asked(struct txn *txn, uint32_t command, const NTMS_GUID *arg1, bool *asked);

/* Is it one that RSM itself has raised? */
bool oprequest_is_ours(const struct object *request);

/* How a request stands: NtmsOpreqState, NTMS_OPSTATE_UNKNOWN when it is in the database no more. To
 * wait for its end: watch the store (core/patience.h), and look. */
DWORD oprequest_state(struct txn *txn, const NTMS_GUID *request, uint32_t *state);

#endif

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

#endif

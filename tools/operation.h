/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * operation.h - work that was queued: which request it is, waiting for it, ending it
 *
 * The operation of EjectNtmsMedia and InjectNtmsMedia is a library request: the one that gave
 * all of them its name.
 */
#ifndef RSM_OPERATION_H
#define RSM_OPERATION_H

#include "cancel.h"
#include "names.h"
#include "snapshot.h"

struct awaited {
	NTMS_GUID request;
	DWORD timeout;
};

/* The waiting itself, for interruptible(); @context: struct awaited. */
DWORD wait_for_request(struct rsm *rsm, void *context);

/*
 * Wait until a request is over, with progress. *@signal: the one that ended the waiting, else 0;
 * then the session is closed and the work goes on. When it is the waiting that timed out the
 * message says that the work goes on. Failures are noted.
 */
DWORD operation_wait(struct rsm *rsm, struct interrupt *interrupt, struct awaited *awaited,
		     int *signal);

/* Is the request finished, however it ended, or gone? */
bool operation_over(struct rsm *rsm, const NTMS_GUID *request);

/*
 * The newest request of @kind in a library's queue. ERROR_OBJECT_NOT_FOUND.
 * @before: only of those that came after it was taken; @drive: only about this one; NULL for all.
 */
DWORD operation_find_new(struct rsm *rsm, const NTMS_GUID *library, const struct snapshot *before,
			 DWORD kind, const NTMS_GUID *drive, NTMS_GUID *request);

/* A signal has ended the waiting: cancel the request, and say what became of it; the exit status.
 * @begun: why it cannot be cancelled when it is being carried out. */
int operation_cancel(struct rsm *rsm, const NTMS_GUID *request, int signal, const char *begun);

/* The request in --operation, or a beginning of its GUID; as operation the one it is part of. */
DWORD operation_by_option(struct rsm *rsm, const struct args *args, NTMS_GUID *operation);

/* Does --operation stand where it must, and only there? If not, that has been said. */
bool operation_check_option(struct rsm *rsm, const struct args *args, bool wanted);

#endif

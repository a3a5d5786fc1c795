/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cancel.h - ending a call of the library that waits
 *
 * A call that blocks is ended by closing its session from another thread; it then
 * returns ERROR_CANCELLED, and whatever it had begun is undone.
 */
#ifndef RSM_CANCEL_H
#define RSM_CANCEL_H

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include "rsm.h"

#define MAX_CANCEL 4

struct canceller {
	pthread_t thread;
	HANDLE session;
	struct pollfd fds[MAX_CANCEL + 1]; /* the last one ends the thread */
	size_t count;
	int fired; /* index of the descriptor, -1 for none; read after the thread has ended */
};

/* From now on the session is closed when one of the @count descriptors becomes readable. */
DWORD canceller_start(struct rsm *rsm, struct canceller *canceller, const int *fds, size_t count);
/* Not any more; the index of the descriptor by which it was closed, or -1. */
int canceller_stop(struct canceller *canceller);

/* ---- by signals: Ctrl-C, or whoever wants us to end ---- */

struct interrupt {
	int signals; /* signalfd */
	sigset_t mask;
};

/* Before the session is opened: threads of the library must not get the signals. */
void interrupt_begin(struct interrupt *interrupt);
void interrupt_end(struct interrupt *interrupt);

/*
 * Do @work; a signal ends it: ERROR_CANCELLED, the session is closed, and *@signal is its number
 * (else 0). Failures are noted.
 */
DWORD interruptible(struct rsm *rsm, struct interrupt *interrupt,
		    DWORD (*work)(struct rsm *rsm, void *context), void *context, int *signal);

/* Say what became of the work; the exit status. */
int interrupted(struct rsm *rsm, int signal, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif

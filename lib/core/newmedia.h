/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * newmedia.h - an allocation that finds no medium asks a person for one (reference 3.3, 6.5)
 *
 * One operator request (NEWMEDIA) stands for all allocations that wait for media of a pool, in
 * whatever process. Each claims it (store/claim.h); it goes with the last of them, and one whose
 * askers are all dead is found out by the next who looks.
 */
#ifndef NTMS_CORE_NEWMEDIA_H
#define NTMS_CORE_NEWMEDIA_H

#include "core/session.h"

struct newmedia {
	NTMS_GUID pool;
	NTMS_GUID request; /* null as long as nobody was asked */
	int claim;	   /* -1 for none */
};

void newmedia_init(struct newmedia *newmedia, const NTMS_GUID *pool);

/* There is no medium: somebody is asked, or still is. One who only said that there is one is asked
 * again. ERROR_CANCELLED when he has refused. */
DWORD newmedia_ask(struct session *session, struct txn *txn, struct newmedia *newmedia);

/* A medium was there: if nobody else waits for one the request is settled. */
DWORD newmedia_found(struct session *session, struct txn *txn, struct newmedia *newmedia);

/* The allocation waits no more, for whatever reason: nobody is asked in vain. */
DWORD newmedia_leave(struct session *session, struct txn *txn, struct newmedia *newmedia);

/* After the commit, or to do without one. */
void newmedia_end(struct newmedia *newmedia);

/* Delete the requests whose askers are dead. *@changed when there were any. */
DWORD newmedia_forget_dead(struct store *store, struct txn *txn, bool *changed);

#endif

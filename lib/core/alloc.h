/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * alloc.h - sides allocated and given up
 */
#ifndef NTMS_CORE_ALLOC_H
#define NTMS_CORE_ALLOC_H

#include "core/media.h"

struct allocation {
	NTMS_GUID pool;	   /* in: the application pool */
	NTMS_GUID side;	   /* in: the side wanted, or null */
	NTMS_GUID logical; /* in with NTMS_ALLOCATE_NEXT: an LMID; out: the new LMID */
	NTMS_GUID from;	   /* out: the pool it was in before */
	DWORD options;
	DWORD timeout_ms;
};

/* See AllocateNtmsMedia, whose errors it returns. Takes its own transactions, as it may wait. */
DWORD allocate(struct session *session, struct allocation *allocation);

/* See DeallocateNtmsMedia. @queued: the library whose queue got work, else null. */
DWORD deallocate(struct session *session, struct txn *txn, const NTMS_GUID *logical,
		 NTMS_GUID *queued);

/* See SetNtmsMediaComplete (an LMID) and DecommissionNtmsMedia (a side). */
DWORD declare_complete(struct txn *txn, const struct caller *caller, const NTMS_GUID *logical);
DWORD decommission(struct txn *txn, const struct caller *caller, const NTMS_GUID *side);

/* See SwapNtmsMedia: two LMIDs exchange their sides. */
DWORD swap_media(struct txn *txn, const struct caller *caller, const NTMS_GUID *logical1,
		 const NTMS_GUID *logical2);

/* See UpdateNtmsOmidInfo: @label is what was written on the side of the LMID. */
DWORD record_label(struct txn *txn, const struct caller *caller, const NTMS_GUID *logical,
		   const struct label *label);

#endif

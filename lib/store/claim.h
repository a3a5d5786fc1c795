/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * claim.h - records that somebody alive stands behind
 *
 * A claim is a lock on one number, usually an object's seq. Many may claim one number; the kernel
 * takes a claim back when its process ends, however it ends. Made and asked for in transactions,
 * claims agree with the records.
 */
#ifndef NTMS_STORE_CLAIM_H
#define NTMS_STORE_CLAIM_H

#include "store/store.h"

/* Claim @number until *@fd is closed. ERROR_DATABASE_FAILURE. */
DWORD store_claim(struct store *store, uint64_t number, int *fd);

/* Does anybody claim @number, beside the claim @fd (-1: none is excepted)? */
DWORD store_claimed(struct store *store, uint64_t number, int fd, bool *claimed);

#endif

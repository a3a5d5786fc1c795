/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * scarce.h - the n-th allocation of a thread, or its n-th call of Berkeley DB, fails
 *
 * The program is linked with --wrap for what scarce.c stands in for, so that the sanitizers still
 * see every allocation that does happen. Allocations of Berkeley DB itself count, too.
 */
#ifndef SCARCE_H
#define SCARCE_H

#include <stddef.h>

/* Once, before the first database is opened. */
void scarce_setup(void);

/* After so many that go well one fails, with ENOMEM; or a call of Berkeley DB, with @error. */
void scarce_memory(long after);
void scarce_database(long after, int error);

/* No more; how many have failed: 0 when there were not so many. */
size_t scarce_end(void);

/* The same for all other threads together, now and later: of what they do from now on one fails. */
void scarce_others_memory(long after);
void scarce_others_database(long after, int error);
size_t scarce_others_end(void);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* invariants.h - what holds of every database, whatever was done and whoever died */
#ifndef INVARIANTS_H
#define INVARIANTS_H

#include "fixture.h"

/* All of them, each a cr_assert; @when is for their messages. @nothing_to_do: the queue is empty
 * and no person is awaited, so that the ports are empty, too. */
void invariants_check(const struct fx_dump *dump, const char *when, bool nothing_to_do);

#endif

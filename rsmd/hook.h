/* SPDX-License-Identifier: GPL-2.0-only */
/* hook.h - the command that tells a person of an operator request */
#ifndef RSMD_HOOK_H
#define RSMD_HOOK_H

#include "about.h"

/*
 * Run the hook for the operator request @guid, unless there is none. @event, "asked" or
 * "answered", and the request are its last arguments; the fields of @about its environment. One at
 * a time for a request: what comes while one runs is run after it. An answer to what nobody was
 * asked for is not told.
 */
void hook_tell(struct daemon *daemon, const NTMS_GUID *guid, const char *event,
	       const struct about *about);

/* rsmd ends: whatever runs is told to end as well. */
void hook_end(struct daemon *daemon);

#endif

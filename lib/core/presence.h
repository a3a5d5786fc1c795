/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * presence.h - whether a library is there, for calls
 *
 * Its record says what was seen at the last look, and nobody looks unless a library is served or
 * something is queued for it: what depends on it looks first.
 */
#ifndef NTMS_CORE_PRESENCE_H
#define NTMS_CORE_PRESENCE_H

#include "core/rights.h"
#include "core/turn.h"

/* By the record, and at a second look, which changes nothing: not there. */
bool presence_absent(struct ntms_system *system, const struct object *library);

/*
 * Look, and bring the records of the library and its devices up to date, for a call that takes
 * @right on the library. One that is back is made ready by its worker. What is no library of this
 * broker stays as it is. Nothing is done, and ERROR_SUCCESS, when there is no such library or the
 * caller lacks the right: of that the call itself tells, in its order.
 */
DWORD presence_look(struct session *session, enum right right, const NTMS_GUID *library);

/* The same; @look knows which drives there are, and is to be ended with turn_end() whatever the
 * result. */
DWORD presence_find(struct session *session, enum right right, const NTMS_GUID *library,
		    struct turn *look);

/* Look at all that are NOT_PRESENT by their records; *@back: one of them is there. */
DWORD presence_look_at_absent(struct ntms_system *system, bool *back);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ui.h - the computers that messages to people go to (reference 3.14)
 *
 * A library and the computer keep their destinations in the database, a session its own in
 * memory: they end with it. What a session submits takes them along.
 */
#ifndef NTMS_CORE_UI_H
#define NTMS_CORE_UI_H

#include "core/session.h"

#define UI_NAME_SIZE (NTMS_COMPUTERNAME_LENGTH * 3)

/* Names of computers, none of them twice; upper and lower case are the same. */
struct ui_names {
	char (*list)[UI_NAME_SIZE];
	size_t count;
};

void ui_names_free(struct ui_names *names);

/*
 * ui_get - see GetNtmsUIOptions
 * @owner: NULL for the session. @names is to be freed, whatever is returned.
 * ERROR_OBJECT_NOT_FOUND, ERROR_ACCESS_DENIED, ERROR_NOT_ENOUGH_MEMORY, database errors.
 */
DWORD ui_get(struct session *session, const NTMS_GUID *owner, uint32_t type,
	     struct ui_names *names);

/* See SetNtmsUIOptions: @name "" stands for this computer. Besides the above
 * ERROR_ALREADY_EXISTS; ERROR_OBJECT_NOT_FOUND also for a name that is not there to be deleted. */
DWORD ui_set(struct session *session, const NTMS_GUID *owner, uint32_t type, uint32_t operation,
	     const char *name);

/* The operator request that @session has just submitted goes to its destinations, too. */
DWORD ui_address(struct session *session, struct txn *txn, const struct object *request);

/* See RsmRequestDestinations. @names is to be freed, whatever is returned. */
DWORD ui_request(struct session *session, const NTMS_GUID *request, struct ui_names *names);

/* The session ends, and its destinations with it. */
void ui_forget(struct session *session);

#endif

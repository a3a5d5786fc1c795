/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * clean.h - drives that are cleaned: who asks for it
 *
 * A cleaning goes on over many turns. From the moment the drive is BEING_CLEANED the request is
 * INPROCESS and says how far it has come, so that any executor can go on with it; it ends with the
 * drive empty and the cleaner at home.
 */
#ifndef NTMS_CORE_CLEAN_H
#define NTMS_CORE_CLEAN_H

#include "core/port.h"

/* Flags of its obj_librequest.phase, beside PHASE_NEEDED. */
#define PHASE_CLEANING 0x400  /* its drive is BEING_CLEANED */
#define PHASE_USED     0x800  /* the cleaner has done in the drive what it can */
#define PHASE_UNCLEAN  0x1000 /* the drive is not clean; librequest.error says why */
#define PHASE_RECORDED 0x2000 /* all is on record, the drive can be used again */

/*
 * See CleanNtmsDrive. *@library: whose queue has work now, null when nothing is left to be done. A
 * cleaning of the drive that is queued already stands for this one.
 */
DWORD clean_drive(struct session *session, struct txn *txn, const NTMS_GUID *drive,
		  NTMS_GUID *library);

/* After a dismount: if the drive asks to be cleaned that is queued; without a cleaner that can be
 * used a person is asked for one. */
void clean_if_asked(struct turn *turn, const struct object *drive, uint32_t id);

/* The drive is BEING_CLEANED. Unless a request is at it, the cleaner is fetched out of it. */
DWORD clean_settle(struct turn *turn, const struct object *drive);

/* Ask a person for a cleaner, unless he is asked already; *@request is what he is asked by. */
DWORD clean_ask(struct txn *txn, const struct object *library, const char *why, NTMS_GUID *request);

/* A cleaner of the library that can be used: ERROR_OBJECT_NOT_FOUND when there is none, and @why
 * says why not. */
DWORD clean_cleaner(struct txn *txn, const struct object *library, struct object *media,
		    char why[128]);

#endif

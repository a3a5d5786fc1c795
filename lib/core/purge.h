/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* purge.h - requests that are over long enough are deleted (reference 6.6) */
#ifndef NTMS_CORE_PURGE_H
#define NTMS_CORE_PURGE_H

#include "core/system.h"

/*
 * Delete some of the library and operator requests that ended longer ago than the computer object
 * says, and the requests for media whose askers are dead. Done by every worker at the end of its
 * turn and by every session at its beginning, so there is no need for all at once. Database
 * errors.
 */
DWORD purge(struct ntms_system *system);

#endif

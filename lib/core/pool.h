/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pool.h - media pools: their names, making and deleting them, moving cartridges between them
 */
#ifndef NTMS_CORE_POOL_H
#define NTMS_CORE_POOL_H

#include "core/media.h"

/* A full path in UTF-8, its NUL included. */
#define POOL_PATH_SIZE (NTMS_POOLHIERARCHY_LENGTH * 3)

/* Is @name good for one level: 1 to 63 UTF-16 units, no separator, no control characters? */
bool pool_name_valid(const char *name);

/* The full path of a pool, levels separated by '\', the root pool's being "\". */
DWORD pool_path(struct txn *txn, const struct object *pool, char path[POOL_PATH_SIZE]);

/*
 * See CreateNtmsMediaPool. @media_type and @security may be NULL.
 * ERROR_ALREADY_EXISTS, ERROR_OBJECT_NOT_FOUND, ERROR_INVALID_MEDIA, ERROR_INVALID_NAME,
 * ERROR_ACCESS_DENIED and what the store says.
 */
DWORD pool_open(struct txn *txn, const struct caller *caller, const char *path,
		const NTMS_GUID *media_type, DWORD action, const struct obj_security *security,
		NTMS_GUID *guid);

/* See DeleteNtmsMediaPool: ERROR_INVALID_MEDIA_POOL, ERROR_NOT_EMPTY, ERROR_ACCESS_DENIED. */
DWORD pool_delete(struct txn *txn, const struct caller *caller, const NTMS_GUID *guid);

/*
 * See MoveToNtmsMediaPool. @queued: set to the library whose queue got work, else null; call
 * request_work() for it after the commit.
 */
DWORD pool_move(struct session *session, struct txn *txn, const NTMS_GUID *media,
		const NTMS_GUID *pool, NTMS_GUID *queued);

/*
 * See ChangeNtmsMediaType: the same with the type corrected to the pool's. ERROR_LIBRARY_OFFLINE
 * when a free label would have to be written on an offline cartridge. @queued: as above.
 */
DWORD pool_change_type(struct session *session, struct txn *txn, const NTMS_GUID *media,
		       const NTMS_GUID *pool, NTMS_GUID *queued);

/*
 * Send a cartridge to the Free pool of its type and have free labels written on the sides that are
 * not decommissioned. Checks the states of the sides (ERROR_INVALID_STATE), nothing else.
 */
DWORD pool_to_free(struct session *session, struct txn *txn, struct object *media,
		   const NTMS_GUID *pool);

#endif

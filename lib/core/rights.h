/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rights.h - which right each call needs on which object (reference 7.3), as a table
 *
 * A call asks by naming its row, and the table says what is asked; no call states rights itself.
 * Order of the checks of a call: parameters, objects, rights, enabled, state.
 *
 * A new call: a row here and in rights.c, rights_check() in the call, a scenario in
 * tests/unit/test-rights.c, which misses what has none.
 */
#ifndef NTMS_CORE_RIGHTS_H
#define NTMS_CORE_RIGHTS_H

#include "core/rights.h"
#include "core/session.h"

/* Sorted by call. A second word tells the rows of one call apart. */
enum right {
	RIGHT_ACCESS_DOOR,
	RIGHT_ADD_TYPE,
	RIGHT_ALLOCATE,
	RIGHT_ALLOCATE_FREE,
	RIGHT_CANCEL_LIBRARY_REQUEST,
	RIGHT_CANCEL_OPERATOR_REQUEST,
	RIGHT_CHANGE_TYPE,
	RIGHT_CHANGE_TYPE_FREE,
	RIGHT_CHANGE_TYPE_COMPUTER,
	RIGHT_CLEAN_DRIVE,
	RIGHT_CREATE_MEDIA,
	RIGHT_CREATE_MEDIA_COMPUTER,
	RIGHT_CREATE_POOL_ROOT,
	RIGHT_CREATE_POOL_PARENT,
	RIGHT_CREATE_POOL_EXISTING,
	RIGHT_DEALLOCATE,
	RIGHT_DEALLOCATE_FREE,
	RIGHT_DECOMMISSION,
	RIGHT_DELETE_DRIVE,
	RIGHT_DELETE_LIBRARY,
	RIGHT_DELETE_MEDIA,
	RIGHT_DELETE_MEDIA_COMPUTER,
	RIGHT_DELETE_POOL,
	RIGHT_DELETE_TYPE,
	RIGHT_DELETE_REQUESTS,
	RIGHT_DISABLE,
	RIGHT_DISMOUNT_DRIVE,
	RIGHT_DISMOUNT_MEDIA_POOL,
	RIGHT_DISMOUNT_MEDIA_LIBRARY,
	RIGHT_EJECT_DISK,
	RIGHT_EJECT_CLEANER,
	RIGHT_EJECT_MEDIA,
	RIGHT_ENABLE,
	RIGHT_ENUMERATE,
	RIGHT_EXPORT_DATABASE,
	RIGHT_GET_POOL_NAME,
	RIGHT_GET_ATTRIBUTE,
	RIGHT_GET_INFORMATION,
	RIGHT_GET_SECURITY,
	RIGHT_GET_ORDER,
	RIGHT_GET_UI_OPTIONS,
	RIGHT_IDENTIFY_SLOT,
	RIGHT_IMPORT_DATABASE,
	RIGHT_INJECT_CLEANER,
	RIGHT_INJECT_MEDIA,
	RIGHT_INVENTORY,
	RIGHT_MOUNT_POOL,
	RIGHT_MOUNT_LIBRARY,
	RIGHT_MOVE_TO_POOL,
	RIGHT_MOVE_TO_POOL_FREE,
	RIGHT_OPEN_NOTIFICATION,
	RIGHT_OPEN_SESSION,
	RIGHT_RELEASE_CLEANER_SLOT,
	RIGHT_RESERVE_CLEANER_SLOT,
	RIGHT_SATISFY_OPERATOR_REQUEST,
	RIGHT_SET_COMPLETE,
	RIGHT_SET_ATTRIBUTE,
	RIGHT_SET_INFORMATION,
	RIGHT_SET_INFORMATION_LIBRARY,
	RIGHT_SET_SECURITY_DACL,
	RIGHT_SET_SECURITY_OWNER,
	RIGHT_SET_ORDER,
	RIGHT_SET_UI_OPTIONS,
	RIGHT_SUBMIT_ABOUT_MEDIA,
	RIGHT_SUBMIT_ABOUT_DEVICE,
	RIGHT_SUBMIT_MESSAGE,
	RIGHT_SWAP,
	RIGHT_UPDATE_OMID,
	RIGHT_WAIT_NOTIFICATION,
	RIGHT_RSM_DESTINATIONS,
	RIGHT_RSM_MANAGE,
	RIGHT_RSM_UNMANAGE,
	RIGHT_RSM_SERVE,
	RIGHT_RSM_REFRESH_POOL,
	RIGHT_RSM_REFRESH_LIBRARY,
	RIGHT_COUNT,
};

/* NTMS_LIBRARY, NTMS_MEDIA_POOL, NTMS_COMPUTER, or: the holder goes by the type of the object. */
#define HOLDER_BY_TYPE 0

struct right_row {
	const char *call;
	const char *what; /* which of the objects, where the holder alone does not say it */
	uint32_t holder;
	DWORD rights;
};

const struct right_row *right_row(enum right right);

/*
 * Has @caller what row @right asks for, on the object that decides for @obj (7.2)? @obj is NULL
 * for the computer. ERROR_SUCCESS, ERROR_ACCESS_DENIED (with a message that names object and
 * right), or a database error.
 */
DWORD rights_check(struct txn *txn, const struct caller *caller, enum right right,
		   const struct object *obj);

#endif

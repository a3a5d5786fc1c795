/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * access.h - who may do what (reference 7)
 *
 * Rights are NTMS_USE_ACCESS, NTMS_MODIFY_ACCESS, NTMS_CONTROL_ACCESS, READ_CONTROL, WRITE_DAC.
 * SIDs stand for Unix users and groups: S-1-22-1-uid, S-1-22-2-gid; S-1-1-0 is everybody. uid 0 has
 * all.
 */
#ifndef NTMS_CORE_ACCESS_H
#define NTMS_CORE_ACCESS_H

#include "core/session.h"

/*
 * Does @caller have @rights on the object that decides for @obj (7.2: itself, its library, its
 * lowest pool, or the computer)? ERROR_SUCCESS, ERROR_ACCESS_DENIED (with a message that names
 * object and right), or a database error.
 */
DWORD access_check(struct txn *txn, const struct caller *caller, const struct object *obj,
		   DWORD rights);

/* The same for the computer object, by itself. */
DWORD access_check_computer(struct txn *txn, const struct caller *caller, DWORD rights);

/* The descriptor of a library, system pool or the computer itself, in a database that @maker made:
 * root and the maker all, everybody U. */
void access_system(struct obj_security *security, uid_t maker);

/* Who made the database: the owner of the computer object. */
DWORD access_maker(struct txn *txn, uid_t *maker);

/* The descriptor of a new pool made by @caller, under @parent (NULL: a top-level one, creator
 * only). */
void access_default(struct obj_security *security, const struct caller *caller,
		    const struct object *parent);

/* Take a caller's self-relative descriptor after checking all of it. ERROR_INVALID_PARAMETER.
 */
DWORD access_import(struct obj_security *security, const void *descriptor, size_t length);

#endif

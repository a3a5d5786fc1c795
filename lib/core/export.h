/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* export.h - the database as a whole: exported, imported */
#ifndef NTMS_CORE_EXPORT_H
#define NTMS_CORE_EXPORT_H

#include "core/session.h"

/* See ExportNtmsDatabase: ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION, ERROR_DATABASE_FAILURE. */
DWORD database_export(struct session *session);

/* See ImportNtmsDatabase: ERROR_ACCESS_DENIED, ERROR_BUSY, ERROR_DATABASE_FAILURE. */
DWORD database_import(struct session *session);

/*
 * export_check - is this a database that a system could have left so?
 * Every object that a record names is there and of the right type, every state is one, there is a
 * computer with its root pool and offline library, pools are a tree, descriptors are well-formed.
 * ERROR_DATABASE_FAILURE, and in the message which object is wrong; ERROR_NOT_ENOUGH_MEMORY.
 */
DWORD export_check(struct txn *txn);

#endif

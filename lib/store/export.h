/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * export.h - the whole content of a store in one file, and back (docs/export.md)
 *
 * The file is Export/database in the home directory. It is replaced by a new one that is
 * complete and on the disk, or not at all; what is read from it is believed in nothing.
 */
#ifndef NTMS_STORE_EXPORT_H
#define NTMS_STORE_EXPORT_H

#include "store/store.h"

#define STORE_EXPORT_DIRECTORY "Export"
#define STORE_EXPORT_FILE      "database"
#define STORE_EXPORT_NEW       "database.new" /* while it is written */

struct store_export;

/* Begin a new file. ERROR_SHARING_VIOLATION: another export is being written;
 * ERROR_DATABASE_FAILURE: it cannot be made; ERROR_NOT_ENOUGH_MEMORY. */
DWORD store_export_open(struct store *store, struct store_export **exportp);

/* Write everything as @txn finds it, once. The rest needs no transaction. */
DWORD store_export_write(struct store_export *export, struct txn *txn);

/* Make it last, and put it in the place of the one before. Frees @export. */
DWORD store_export_finish(struct store_export *export);

/* It is not wanted. NULL is allowed. */
void store_export_drop(struct store_export *export);

/*
 * store_import - replace everything by what has been exported
 * Whoever reads the feed gets ERROR_NO_DATA. ERROR_DATABASE_FAILURE, and a message: there is no
 * export, or it is damaged, or of a newer version; then @txn can only be aborted. What the records
 * say of each other is the caller's to check.
 */
DWORD store_import(struct txn *txn);

#endif

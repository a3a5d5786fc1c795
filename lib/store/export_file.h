/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* export_file.h - what is in the file of an export (docs/export.md) */
#ifndef NTMS_STORE_EXPORT_FILE_H
#define NTMS_STORE_EXPORT_FILE_H

#include "store/private.h"

/* Write all records that @txn finds to @fd, from its beginning; it is not synced. */
DWORD export_write(struct txn *txn, int fd);

/* Replace all records by those in @fd. After an error @txn can only be aborted. */
DWORD export_read(struct txn *txn, int fd);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * describe.h - an object of the database as JSON, and the columns that show its type
 */
#ifndef RSM_DESCRIBE_H
#define RSM_DESCRIBE_H

#include "names.h"
#include "output.h"

/* All that is known of an object. NULL, with the failure noted, when it cannot be read. */
struct json_object *describe(struct rsm *rsm, const NTMS_GUID *guid, DWORD type);

/* The same of what get_info() has filled in. */
struct json_object *describe_info(struct rsm *rsm, NTMS_OBJECTINFORMATIONW *info);

/* What a table of such objects shows. */
const struct column *describe_columns(DWORD type);

#endif

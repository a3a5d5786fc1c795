/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* media_type.h - the kinds of cartridge there are; what is done with them is in media.h */
#ifndef NTMS_CORE_MEDIA_TYPE_H
#define NTMS_CORE_MEDIA_TYPE_H

#include "core/media.h"

/* Names of the three pools at the top that the system keeps; each has a pool per media type in
 * use, with the type's name. */
#define POOL_NAME_FREE	       "Free"
#define POOL_NAME_UNRECOGNIZED "Unrecognized"
#define POOL_NAME_IMPORT       "Import"

/* Make the objects of all types known; bootstrap() does it once. */
DWORD media_type_make_all(struct txn *txn);

/* The relation between a library and a type; ERROR_OBJECT_NOT_FOUND if there is none. */
DWORD media_type_relation(struct txn *txn, const NTMS_GUID *library, const NTMS_GUID *type,
			  NTMS_GUID *relation);

/*
 * See AddNtmsMediaType and DeleteNtmsMediaType: ERROR_INVALID_LIBRARY, ERROR_INVALID_MEDIA,
 * ERROR_ACCESS_DENIED; ERROR_LIBRARY_OFFLINE and ERROR_RESOURCE_DISABLED; ERROR_NOT_EMPTY.
 */
DWORD library_add_type(struct txn *txn, const struct caller *caller, const NTMS_GUID *type,
		       const NTMS_GUID *library);
DWORD library_delete_type(struct txn *txn, const struct caller *caller, const NTMS_GUID *type,
			  const NTMS_GUID *library);

/* Make a pool record, without any check. @media_type may be NULL. */
DWORD pool_insert(struct txn *txn, const char *name, uint32_t kind, const NTMS_GUID *parent,
		  const NTMS_GUID *media_type, const struct obj_security *security,
		  struct object *pool);

#endif

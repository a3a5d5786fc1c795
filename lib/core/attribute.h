/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* attribute.h - private data that applications keep with objects */
#ifndef NTMS_CORE_ATTRIBUTE_H
#define NTMS_CORE_ATTRIBUTE_H

#include "core/session.h"

/*
 * The attribute @name of an object of @type (NTMS_UNKNOWN: any). @room: bytes of @data;
 * *@length: set to the bytes of the attribute. ERROR_OBJECT_NOT_FOUND, ERROR_ACCESS_DENIED,
 * ERROR_INSUFFICIENT_BUFFER (nothing is written to @data) and what the store says.
 */
DWORD attribute_get(struct txn *txn, const struct caller *caller, const NTMS_GUID *guid,
		    uint32_t type, const char *name, void *data, uint32_t room, uint32_t *length);

/* Replace it; with a @length of 0 it is deleted. ERROR_OBJECT_NOT_FOUND, ERROR_ACCESS_DENIED. */
DWORD attribute_set(struct txn *txn, const struct caller *caller, const NTMS_GUID *guid,
		    const char *name, const void *data, uint32_t length);

#endif

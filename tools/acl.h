/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * acl.h - entries of access lists in words: "user:alice:use,modify"
 *
 *	[deny:][here:|below:]user:NAME:RIGHTS		also group:NAME:, everyone:
 *
 * The rights are use, modify, control, read-control, write-dac, write-owner, all, none, or bits as
 * 0x10000. Of a pool, an entry goes for the pools that are made below it as well, with "here" not,
 * with "below" only. Names may be numbers.
 */
#ifndef RSM_ACL_H
#define RSM_ACL_H

#include <json-c/json.h>
#include "core/sd.h"
#include "rsm.h"

/* The entry as text, of malloc(). */
char *acl_entry_text(const struct sd_ace *ace);

/* "user:alice", "group:backup", "everyone", "sid:S-1-5-32-544"; of malloc(). */
char *acl_who_text(const uint8_t *sid);

struct json_object *acl_entry_json(const struct sd_ace *ace);

/* False when it is malformed or names nobody, which has been said. */
bool acl_entry_parse(struct rsm *rsm, const char *text, struct sd_ace *ace);

/* "user:alice" or "group:backup"; without a kind, one of @kind. */
bool acl_who_parse(struct rsm *rsm, const char *text, enum sd_who kind, struct sd_sid *sid);

/* Are they about the same: who, whether it is allowed or denied, and where? */
bool acl_entry_same(const struct sd_ace *a, const struct sd_ace *b);

#endif

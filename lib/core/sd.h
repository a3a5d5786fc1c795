/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sd.h - self-relative security descriptors: taken apart and put together
 *
 * The bytes may come from anybody: every offset and length is checked before it is used, and
 * nothing is read beyond what the descriptor itself claims to occupy.
 */
#ifndef NTMS_CORE_SD_H
#define NTMS_CORE_SD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "store/object.h"

#define SD_ACE_ALLOW		 0
#define SD_ACE_DENY		 1
#define SD_CONTAINER_INHERIT_ACE 0x02
#define SD_NO_PROPAGATE_ACE	 0x04
#define SD_INHERIT_ONLY_ACE	 0x08
#define SD_INHERITED_ACE	 0x10

/* A SID has at most fifteen sub-authorities. */
#define SD_SID_MAX 68

/* Who a SID stands for, as far as we know it. */
enum sd_who {
	SD_OTHER,    /* nobody here */
	SD_USER,     /* S-1-22-1-id */
	SD_GROUP,    /* S-1-22-2-id */
	SD_EVERYONE, /* S-1-1-0 */
};

struct sd_sid {
	size_t length;
	uint8_t bytes[SD_SID_MAX];
};

struct sd_ace {
	uint8_t type;
	uint8_t flags;
	uint32_t mask;
	struct sd_sid sid;
};

/* A descriptor that has been checked; the pointers lead into its bytes. */
struct sd_view {
	const uint8_t *owner; /* SIDs; NULL when absent */
	const uint8_t *group;
	const uint8_t *dacl; /* NULL: no DACL, everybody may do everything */
	bool dacl_present;   /* it says something about a DACL, be it that there is none */
	const uint8_t *sacl;
	size_t extent; /* bytes it occupies */
};

/* Check @bytes, of which at most @length may be read. False for a malformed descriptor. */
bool sd_parse(const uint8_t *bytes, size_t length, struct sd_view *view);

/* The ACE of a checked DACL at *@position (0 to begin), which is moved on; false at the end. */
bool sd_next_ace(const uint8_t *dacl, size_t *position, struct sd_ace *ace);

enum sd_who sd_sid_who(const uint8_t *sid, uint32_t *id);

void sd_sid_make(struct sd_sid *sid, enum sd_who who, uint32_t id);

/* Build a descriptor with a DACL; false if it is longer than @security has room for. */
bool sd_build(struct obj_security *security, const struct sd_sid *owner, const struct sd_sid *group,
	      const struct sd_ace *aces, size_t count);

/* The same from the parts of others: @parts->extent is not looked at. */
bool sd_compose(struct obj_security *security, const struct sd_view *parts);

#endif

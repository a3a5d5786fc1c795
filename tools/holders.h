/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * holders.h - which process holds which drive
 */
#ifndef RSM_HOLDERS_H
#define RSM_HOLDERS_H

#include "names.h"
#include "output.h"

/* The drives that are held, as JSON records, into *@list. */
DWORD holders_list(struct rsm *rsm, struct json_object **list);

/* "tar (812) since 10:03", of such a record; memory of malloc(). */
char *holder_text(const struct json_object *holder);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* news.h - what changes in the database, type by type */
#ifndef RSMD_NEWS_H
#define RSMD_NEWS_H

#include "daemon.h"

DWORD news_open(struct daemon *daemon);
void news_close(struct daemon *daemon);

/* Everything that there is, as if it had just come. */
DWORD news_look_at_all(struct daemon *daemon);

/* What has come since. */
DWORD news_read(struct daemon *daemon);

#endif

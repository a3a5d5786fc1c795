/* SPDX-License-Identifier: GPL-2.0-only */
/* settings.h - /etc/rsm/changer.conf: who calls, and which cartridges are his */
#ifndef RSM_CHANGER_SETTINGS_H
#define RSM_CHANGER_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* A program that shares a library, such as Bacula. */
struct consumer {
	char *name;
	char *library; /* NULL: any */
	char *user;    /* as it was written; NULL: anybody */
	uid_t uid;     /* that user */
	char **pools;  /* at least one; ends with NULL */
	bool scratch;  /* his pools may draw from the Free pool */
	unsigned int timeout_s;
	int priority;
};

struct settings {
	char *database; /* NULL: as libntms finds it */
	char *broker;	/* the same */
	struct consumer *consumers;
	size_t count;
};

/*
 * Read and check a configuration; NULL for @path: the usual file. NULL, or all that is wrong, one
 * thing a line, in memory of malloc(); @settings is to be freed either way.
 */
char *settings_read(const char *path, struct settings *settings);
void settings_free(struct settings *settings);

#endif

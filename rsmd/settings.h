/* SPDX-License-Identifier: GPL-2.0-only */
/* settings.h - /etc/rsm/rsmd.conf */
#ifndef RSMD_SETTINGS_H
#define RSMD_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

struct settings {
	char *database; /* NULL: as libntms finds it */
	char *broker;	/* the same */
	char **hook;	/* program and arguments, ends with NULL; NULL: none */
	unsigned int hook_timeout_s;
	char *metrics_directory; /* NULL: no metrics */
	unsigned int metrics_interval_s;
};

/*
 * settings_read - read and check a configuration
 * @path: NULL for the usual file, which need not be there
 * False when something is wrong, which has been said with file and line; @settings is empty then.
 */
bool settings_read(const char *path, struct settings *settings);
void settings_free(struct settings *settings);

#endif

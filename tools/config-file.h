/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * config-file.h - a configuration file that is safe to go by
 */
#ifndef RSM_CONFIG_FILE_H
#define RSM_CONFIG_FILE_H

#include <libconfig.h>
#include <stdbool.h>

/*
 * Read the file @path into @parsed, which is initialised. It must belong to root or to us, and
 * nobody else may write to it: it says what is done with our rights. NULL when it was read, or
 * when there is none and it is @optional; else what is wrong, with the file's name and the line,
 * in memory of malloc(). @manual is where syntax errors send people.
 */
char *config_file_read(const char *path, bool optional, const char *manual, config_t *parsed);

#endif

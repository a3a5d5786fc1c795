/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * plugin.h - label formats from outside: shared objects in a directory (ntmsmli.h)
 *
 * A plug-in runs with the rights of whoever reads a label, so it must be root's, in a directory of
 * root's that nobody else writes to. What is there and cannot be used is refused, one by one and
 * with a reason, and never keeps the others from working.
 */
#ifndef NTMS_LABEL_PLUGIN_H
#define NTMS_LABEL_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include "label/label.h"

struct plugins;

/*
 * plugins_load - all plug-ins of a directory, in the order of their names
 * @directory: one that is not there has none
 * @owner: whose directory and files may be, beside root's
 * To be freed by plugins_free(). NULL when there is no memory.
 */
struct plugins *plugins_load(const char *directory, uid_t owner);

/* NULL is allowed. Nothing of the plug-ins may be running. */
void plugins_free(struct plugins *plugins);

/*
 * The plug-ins of this machine: those of the directory that was given to configure, or of
 * NTMS_LABEL_DIR, which is not looked at in a set-user-ID program. Loaded by the first call and
 * kept to the end of the process; refusals go to the system log. NULL when there was no memory.
 */
const struct plugins *plugins_installed(void);

/* The functions below take NULL for no plug-ins. */

size_t plugins_count(const struct plugins *plugins);

/* How many were refused, and why one of them was (a clause that names it). */
size_t plugins_refused(const struct plugins *plugins);
const char *plugins_refusal(const struct plugins *plugins, size_t number);

/* The most bytes that one of them wants to see. */
size_t plugins_max(const struct plugins *plugins);

/* Ask one after the other; false when none claims the label. One that answers what it must not
 * is passed over, and said. */
bool plugins_claim(const struct plugins *plugins, const void *block, size_t size,
		   struct label *label);

#endif

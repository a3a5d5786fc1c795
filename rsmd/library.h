/* SPDX-License-Identifier: GPL-2.0-only */
/* library.h - the libraries that are served */
#ifndef RSMD_LIBRARY_H
#define RSMD_LIBRARY_H

#include "daemon.h"

struct library {
	struct library *next;
	NTMS_GUID guid;
	char *name;
	bool there;    /* while the list is brought up to date */
	DWORD trouble; /* what was told last that keeps it from being worked; 0: nothing */
	bool overdue;
};

/* Serve all libraries that there are, and none that is no more. */
DWORD libraries_refresh(struct daemon *daemon);

/* Have each of them, or one, look at its devices. */
void libraries_look(struct daemon *daemon);
void library_look(struct daemon *daemon, const NTMS_GUID *guid);

/* Are all of their workers at their work? What is wrong with one of them is told once. */
bool libraries_are_well(struct daemon *daemon);

struct library *library_find(struct daemon *daemon, const NTMS_GUID *guid);
void libraries_forget(struct daemon *daemon);

#endif

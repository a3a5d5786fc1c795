/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * owner.h - for whom a mount is kept: the shell or script that called rsm
 */
#ifndef RSM_OWNER_H
#define RSM_OWNER_H

#include <sys/types.h>

struct owner {
	int fd; /* pidfd: polls readable once the process has ended */
	pid_t pid;
	uid_t uid; /* in whose name it acts */
	char command[16];
};

/*
 * The process @pid, or with 0 the one that called us: not a subshell, which is the same program
 * forked, but the shell itself; and not sudo or the like, which end when we do, but whoever called
 * them. Returns 0 or a negative errno; @owner->fd is to be closed.
 */
int owner_find(pid_t pid, struct owner *owner);

#endif

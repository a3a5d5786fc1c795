/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * keeper.h - the process that keeps a mount for a shell
 *
 * A mount lasts as long as the session that made it, a session as long as its process;
 * "rsm mount" itself is to return at once. So a process of its own opens the session,
 * before there is one in the caller (a session does not survive fork), and stays until the owner
 * has ended or somebody has dismounted the media.
 *
 * It tells the caller what happens over a socket, each message a JSON object with one of
 *	"progress": text
 *	"error": Win32 code, "message": text
 *	"mounted": list of mounting_describe()
 * After "mounted" it waits for one byte that says the devices were made known. Without it
 * (the caller was killed, its output could not be written) nobody knows of the mount, and it is
 * undone.
 */
#ifndef RSM_KEEPER_H
#define RSM_KEEPER_H

#include "mounting.h"
#include "owner.h"

#define KEEPER_MESSAGE_MAX 65536

/* What is to be mounted. */
struct keeping {
	const char *application; /* name of the session */
	/* Say what, where and how, in the keeper's session; failures are noted. */
	DWORD (*find)(struct rsm *rsm, const void *context, struct mounting *mounting);
	const void *context;
};

/* The whole life of the keeper, in a process of its own. Returns its exit status. */
int keeper_main(struct rsm *rsm, const struct keeping *keeping, int socket,
		const struct owner *owner);

/* For whom the keeper @pid keeps its mount: 0 when that process has ended, -1 when it cannot be
 * known, or @pid is no keeper. */
pid_t keeper_owner(pid_t pid);

#endif

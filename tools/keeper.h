/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * keeper.h - the process that keeps a mount for a shell
 *
 * A mount lasts as long as the session that made it, a session as long as its process;
 * "rsm mount" itself is to return at once. So a process of its own opens the session,
 * before there is one in rsm (a session does not survive fork), and stays.
 *
 * It tells rsm what happens over a socket, each message a JSON object with one of
 *	"progress": text
 *	"error": Win32 code, "message": text
 *	"mounted": list of mounting_describe()
 * After "mounted" it waits for one byte that says the devices were made known. Without it
 * (rsm was killed, its output could not be written) nobody knows of the mount, and it is
 * undone.
 */
#ifndef RSM_KEEPER_H
#define RSM_KEEPER_H

#include "rsm.h"

#define KEEPER_MESSAGE_MAX 65536

/* The whole life of the keeper, in a process of its own. Returns its exit status. */
int keeper_main(struct rsm *rsm, const struct args *args, int socket, int owner_fd);

#endif

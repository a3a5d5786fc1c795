/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * changer.h - one run of rsm-changer
 */
#ifndef RSM_CHANGER_CHANGER_H
#define RSM_CHANGER_CHANGER_H

#include "owner.h"
#include "settings.h"
#include "view.h"

struct changer {
	struct rsm rsm;
	struct settings settings;
	struct owner owner; /* the program that wants something */

	/* What was said. */
	const char *device;
	DWORD slot;
	const char *node; /* the archive device */
	DWORD drive;

	/* What that means, from changer_look() on. */
	const struct consumer *consumer;
	NTMS_GUID library;
	struct view view;
};

/* Open the session, find out who calls and what he sees. Failures are noted, here and below. */
DWORD changer_look(struct changer *changer);
void changer_free(struct changer *changer);

/* The drive that was said, when the archive device is one of its nodes. */
DWORD changer_drive(struct changer *changer, struct place **drive);

/* ---- the commands: the exit status ---- */

typedef int changer_command(struct changer *changer);

changer_command command_load, command_unload, command_loaded, command_list, command_listall,
	command_slots, command_transfer;

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * standalone.h - a drive that stands alone: a library without a robot, which people fill
 *
 * A medium is in the library while it is in the drive, and offline otherwise. Nothing announces
 * reliably what a person does, so the drive is looked at in every turn; what is inside is known
 * by its label, and compared with it again at every mount.
 */
#ifndef NTMS_CORE_STANDALONE_H
#define NTMS_CORE_STANDALONE_H

#include "core/run.h"

/*
 * standalone_look - bring the records up to date with what is in the drive
 *
 * What is gone from it leaves the library. Something that is new is recorded as a full drive
 * without a side or, with @identify, as the cartridge that its label tells; with @full what is
 * recorded already is looked at again, too. A drive that is in use is let alone: its user knows.
 */
DWORD standalone_look(struct turn *turn, bool identify, bool full);

/* Is that side in the drive, ready to be mounted? */
DWORD standalone_has(struct turn *turn, const NTMS_GUID *side, bool *has);

/*
 * standalone_make_room - eject what is in the drive, for @request's medium to be put in
 * @ejected: its name, "" when nothing was ejected: the drive is empty, or cannot eject what it has.
 * RUN_WAITS: somebody uses it, or waits to.
 */
DWORD standalone_make_room(struct turn *turn, struct object *request, char *ejected, size_t size);

/* Carry out NTMS_LM_EJECT for a drive that stands alone: unload, and let a person take it; with
 * EJECT_OPTION_FORCE also from whoever has it mounted. */
DWORD run_standalone_eject(struct turn *turn, struct object *request);

#endif

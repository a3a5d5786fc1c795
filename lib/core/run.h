/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * run.h - what the run functions share: reading, recording progress, moving cartridges
 *
 * Between two transactions anything may have changed but what the lease and the
 * reservations protect: places of cartridges, states of drives.
 */
#ifndef NTMS_CORE_RUN_H
#define NTMS_CORE_RUN_H

#include "core/worker.h"
#include "label/label.h"

/* Read one object in a transaction of its own. */
DWORD run_read(struct turn *turn, const NTMS_GUID *guid, uint32_t type, struct object *obj);

/* The unfinished requests of the turn's library, in order; to be freed. */
DWORD run_queue(struct turn *turn, NTMS_GUID **list, size_t *count);

/* PASSED, FAILED, INVALID, CANCELLED, STOPPED? */
bool request_is_final(const struct object *request);

/* The request is being carried out: state INPROCESS, with a line of what is done right now.
 * ERROR_CANCELLED when somebody has cancelled it meanwhile. */
DWORD run_progress(struct turn *turn, struct object *request, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* It cannot go on: state WAITING, with a line of what it waits for. RUN_WAITS or a database error.
 */
DWORD run_waits(struct turn *turn, struct object *request, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* It is over: PASSED, FAILED or CANCELLED as @code says. RUN_WAITS when its last move is not
 * settled yet: then it stays unfinished, and the next turn asks the library again. */
DWORD run_finish(struct turn *turn, const NTMS_GUID *guid, DWORD code);

/* "drive 1", "slot 3", "port 0": how people call a place. */
const char *place_name(const struct object *place, char text[48]);

/* "A00001L8", or its name when it has no bar code. */
const char *media_name(const struct object *media);

/* Who holds a drive, as the broker says; false when nobody does. */
bool drive_holder(struct turn *turn, uint32_t drive, struct broker_holder *holder);

/*
 * Move a cartridge and the records with it: durable intent, robot, durable confirmation. On an
 * error of the robot the records follow what the library says afterwards.
 * ERROR_DEVICE_NOT_AVAILABLE (robot), ERROR_INVALID_STATE (places are not as recorded), database
 * errors.
 */
DWORD robot_move(struct turn *turn, struct object *request, const NTMS_GUID *media,
		 const NTMS_GUID *from, const NTMS_GUID *to);

/* Find out where the cartridge of an open intent is, and close the intent. */
DWORD robot_settle(struct turn *turn, struct object *request);

/* A medium brought into a drive, held by the executor. */
struct loaded {
	struct object media;
	struct object side;
	struct object drive;
	uint32_t drive_id;
	struct broker_hold *hold;
	struct tape *tape; /* NULL while the device is not open */
};

/*
 * Choose a drive for a side, reserve both, bring the medium there and open the device. @drive: the
 * only one to take, or NULL. A dismountable medium in the way goes home first.
 * RUN_WAITS when none is to be had now. On error nothing is held, and the medium is home if it can
 * be.
 */
DWORD load(struct turn *turn, struct object *request, const NTMS_GUID *side, const NTMS_GUID *drive,
	   bool write, struct loaded *loaded);

/* The two halves of it, for mounts of several media: first all drives, then all motion. */
DWORD load_reserve(struct turn *turn, struct object *request, const NTMS_GUID *side,
		   const NTMS_GUID *drive, struct loaded *loaded);
DWORD load_bring(struct turn *turn, struct object *request, bool write, struct loaded *loaded);

/* Take the medium home and give the drive up. Needs loaded->hold; closes the tape. */
DWORD unload(struct turn *turn, struct object *request, struct loaded *loaded);

/* Leave the medium in the drive, for whoever comes next: DISMOUNTABLE. @expired: at once for all.
 */
DWORD leave_in_drive(struct turn *turn, struct loaded *loaded, bool expired);

/* Give up hold and tape without touching anything; a marked hold leaves an orphan. */
void loaded_drop(struct loaded *loaded);

/* Compare the records of a library with what it says of its elements (inventory.c). With
 * @identify the slots whose content is new are queued for identification, with @full all. */
DWORD inventory_reconcile(struct turn *turn, bool identify, bool full);

/* Read the label from an open tape into @label; Win32 code. */
DWORD read_label(struct loaded *loaded, struct label *label);

/* An errno of the broker as a Win32 code. */
DWORD broker_code(int error);

#endif

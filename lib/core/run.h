/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * run.h - what the run functions share: reading, recording progress, moving cartridges
 *
 * Between two transactions anything may have changed but what the lease and the
 * reservations protect: places of cartridges, states of drives. Who stood aside for a
 * drive (task.h) finds even cartridges elsewhere, unless they are in a drive that he
 * has reserved.
 */
#ifndef NTMS_CORE_RUN_H
#define NTMS_CORE_RUN_H

#include "core/turn.h"
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

/* The same for the library, which is not ready, as turn->trouble says. */
DWORD run_waits_for_library(struct turn *turn, struct object *request);

/* The database could not be read or written; what was to be done is still to be. */
bool database_trouble(DWORD code);

/* The same, or there was no memory, or no turn at the database: no event tells when there is. */
bool is_scarcity(DWORD code);

/* The turn began with the door closed, but a person has opened it since, and may have closed it
 * again: what could not be asked of the library, with @code, is later, and that is nobody's
 * failure. The turn is not ready then. */
bool door_was_opened(struct turn *turn, DWORD code);

/* It is over: PASSED, FAILED or CANCELLED as @code says. RUN_WAITS when its last move is not
 * settled yet: then it stays unfinished, and the next turn asks the library again. */
DWORD run_finish(struct turn *turn, const NTMS_GUID *guid, DWORD code);

/* Is a move of it not settled? Then the library has to be asked before anything else. */
bool run_unsettled(struct turn *turn, const struct object *request);

/* "drive 1", "slot 3", "port 0": how people call a place. */
const char *place_name(const struct object *place, char text[48]);

/* "A00001L8", or its name when it has no bar code. */
const char *media_name(const struct object *media);

/* Who holds a drive, as the broker says: 1; 0 when nobody does; -errno when it cannot tell. */
int drive_holder(struct turn *turn, uint32_t drive, struct broker_holder *holder);

/*
 * Move a cartridge and the records with it: durable intent, robot, durable confirmation. On an
 * error of the robot the records follow what the library says afterwards. That a robot is late is
 * none if the cartridge has arrived, and as long as it may: RUN_WAITS then, too.
 * ERROR_DEVICE_NOT_AVAILABLE (robot), ERROR_INVALID_STATE (places are not as recorded), database
 * errors. RUN_WAITS when another cartridge of this turn is adrift.
 */
DWORD robot_move(struct turn *turn, struct object *request, const NTMS_GUID *media,
		 const NTMS_GUID *from, const NTMS_GUID *to);

/* In librequest.phase: the robot did not answer in time what it was last told for the request. */
#define PHASE_LATE 0x8000

/* Find out where the cartridge of an open intent is, and close the intent. RUN_WAITS when the robot
 * is still at it. */
DWORD robot_settle(struct turn *turn, struct object *request);

/* In @txn: close the intent of @request as if its cartridge had stayed; whoever calls looks for it
 * before he commits. */
DWORD intent_abandon(struct txn *txn, struct object *request);

/* Which side of a cartridge, 0 or 1, faces the heads in a drive that reports @element; in any
 * other place the one that would. */
uint32_t side_facing(const struct object *media, const struct broker_element *element);

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

/* The parts of it, for mounts of several media: first the media that are in a drive that they must
 * not have go home, then all drives are reserved, then everything moves. */
DWORD load_clear(struct turn *turn, struct object *request, const NTMS_GUID *side,
		 const NTMS_GUID *drive);
DWORD load_reserve(struct turn *turn, struct object *request, const NTMS_GUID *side,
		   const NTMS_GUID *drive, struct loaded *loaded);
DWORD load_bring(struct turn *turn, struct object *request, bool write, struct loaded *loaded);

/* The drive, best if free, that a mount should wait for: none that is kept for others. RUN_WAITS:
 * there is none. */
DWORD load_prefers(struct turn *turn, const struct object *request, const NTMS_GUID *only,
		   NTMS_GUID *drive);

/* Take the medium home and give the drive up. Needs loaded->hold; closes the tape. */
DWORD unload(struct turn *turn, struct object *request, struct loaded *loaded);

/* Only have the drive let go of it, however long that takes. It stays there, UNLOADED, and whoever
 * reserves the drive may take it out. */
DWORD unwind(struct turn *turn, struct object *request, struct loaded *loaded);

/* Take the medium to a place of the caller's choice, an empty port. The request does not stand
 * aside: nobody else gets at the ports meanwhile. */
DWORD unload_into(struct turn *turn, struct object *request, struct loaded *loaded,
		  const NTMS_GUID *place);

/*
 * Take the drive over from whoever has it, without a moment in which nobody does; loaded->drive,
 * drive_id and media are given, loaded->hold is made. ERROR_BUSY when a process still has the
 * device open.
 */
DWORD take_over(struct turn *turn, struct loaded *loaded);

/* RUN_WAITS while another request of the turn uses the drive; nobody but that one may take it. */
DWORD wait_for_user(struct turn *turn, struct object *request, const struct loaded *loaded);

/* Take home what is in a drive that nobody uses. RUN_WAITS while somebody does. */
DWORD load_empty(struct turn *turn, struct object *request, const NTMS_GUID *drive);

/* Leave the medium in the drive, for whoever comes next: DISMOUNTABLE. @expired: at once for all.
 */
DWORD leave_in_drive(struct turn *turn, struct loaded *loaded, bool expired);

/*
 * An empty slot for a cartridge: its own, else the first that no cartridge in a drive or a port has
 * for its home. The slot that is reserved for the cleaner is none, unless it is the cartridge's own
 * and that is a cleaner. ERROR_LIBRARY_FULL.
 */
DWORD find_slot(struct turn *turn, const struct object *media, struct object *slot);

/* Is there one for a cartridge that comes from outside? */
DWORD slot_for_new(struct txn *txn, const struct object *library, bool *found);

/* The records called a slot empty that the robot found full: have it looked at. */
DWORD slot_doubt(struct turn *turn, const struct object *slot);

/* Move a cartridge to such a slot; a slot that turns out to be full is doubted, and another one
 * taken. ERROR_LIBRARY_FULL and what robot_move() gives. */
DWORD put_away(struct turn *turn, struct object *request, const NTMS_GUID *media,
	       const NTMS_GUID *from);

/* Give up hold and tape without touching anything; a marked hold leaves an orphan. */
void loaded_drop(struct loaded *loaded);

/* Compare the records of a library with what it says of its elements (inventory.c). With
 * @identify the slots whose content is new are queued for identification, with @full all. */
DWORD inventory_reconcile(struct turn *turn, bool identify, bool full);

/* The same, identifying nothing, while @visit lets people in: it is PHASE_TOUCHED when anything has
 * changed. */
DWORD inventory_trace(struct turn *turn, struct object *visit);

/* The same, identifying nothing, for the cartridge of @request's open intent, which is neither
 * where it was nor where it was to go. The intent is closed with what is found, or stays open. With
 * @patient, RUN_WAITS when it may yet arrive: it is in the robot's hand, or that is PHASE_LATE. */
DWORD inventory_find(struct turn *turn, struct object *request, bool patient);

/* The same for the inventory @request, which is marked PHASE_TAKEN and the group of what is queued.
 * ERROR_CANCELLED, and nothing has changed, when it has been stopped. */
DWORD inventory_take(struct turn *turn, struct object *request, bool identify, bool full);

/*
 * Have a side looked at: mounted, its label read, its record and cartridge changed accordingly.
 * @stays: then it stays in the drive, DISMOUNTABLE; else it goes home. ERROR_SUCCESS when it is no
 * more. A cartridge the drive cannot use is INCOMPATIBLE, ERROR_MEDIA_INCOMPATIBLE if it has an
 * owner.
 */
DWORD identify_side(struct turn *turn, struct object *request, const NTMS_GUID *side, bool stays);

/* The record of drives of the same make, made if missing. */
DWORD drive_type_ensure(struct txn *txn, const struct broker_device *device, NTMS_GUID *type);

/*
 * Have the label of a medium that its last holder has left in the drive be its identity from now
 * on: it was written under the one reservation that allowed it. Opens the device if need be.
 */
DWORD record_written(struct turn *turn, struct loaded *loaded);

/* Read the label from an open tape into @label; Win32 code. @loaded: its tape, and its drive. */
DWORD read_label(struct turn *turn, struct loaded *loaded, struct label *label);

/* An errno of the broker as a Win32 code. */
DWORD broker_code(int error);

/* ---- the run functions ---- */

/* Carry out one request: ERROR_SUCCESS, an error, or RUN_WAITS with request->waits_for filled. */
typedef DWORD (*run_function)(struct turn *turn, struct object *request);

DWORD run_mount(struct turn *turn, struct object *request);
DWORD run_dismount(struct turn *turn, struct object *request);
DWORD run_write_free_label(struct turn *turn, struct object *request);
DWORD run_classify(struct turn *turn, struct object *request);
DWORD run_inventory(struct turn *turn, struct object *request);
DWORD run_eject(struct turn *turn, struct object *request);
DWORD run_inject(struct turn *turn, struct object *request);
DWORD run_door(struct turn *turn, struct object *request);
DWORD run_clean(struct turn *turn, struct object *request);
DWORD run_inject_cleaner(struct turn *turn, struct object *request);
DWORD run_eject_cleaner(struct turn *turn, struct object *request);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * port.h - work that waits for a person: at the ports and at the door
 *
 * Such a request goes on over many turns: it opens, waits, and ends when the person has done his
 * part, when the time is over, or when it is told to stop. How far it has come is in its record
 * (obj_librequest.phase), so that any executor can go on with it. While it is open its state is
 * INPROCESS. All ports and doors of a library are unlocked and locked together, so that only one
 * operation at a time can have them open.
 *
 * The order makes every death harmless: the records say EXTENDED before the library is unlocked,
 * and RETRACTED after it is locked. What is EXTENDED though no open request is in the queue is
 * looked after by ports_settle().
 */
#ifndef NTMS_CORE_PORT_H
#define NTMS_CORE_PORT_H

#include "core/run.h"

/* How far a request has come: flags of obj_librequest.phase. */
#define PHASE_STARTED 0x01 /* eject: not just collected for a later start */
#define PHASE_OPEN    0x02 /* ports or door are unlocked for it; deadline_ms says until when */
#define PHASE_TOUCHED 0x04 /* a person has been seen there */
#define PHASE_LOADED  0x08 /* inject: a cartridge has come in; eject: the robot has put it there */
#define PHASE_ASKED   0x10 /* a person has been asked to close */
#define PHASE_STOP    0x20 /* somebody wants it to end */
#define PHASE_RETRACT 0x40 /* somebody wants its ports closed and looked at */
#define PHASE_NEEDED  0x80 /* clean: the drive has asked for it, nobody waits */
#define PHASE_DOOR    0x4000  /* cleaner: by the door, since there is no port */
#define PHASE_FETCHED 0x10000 /* inject: from its open ports, to where somebody waited for it */

/* ---- ports ---- */

/* A port by the records, and what the library says of it now. */
struct port {
	struct object record;
	struct object media; /* the cartridge that is recorded there; type 0: none */
	struct broker_element element;
};

struct ports {
	struct port *list; /* in order of their numbers; ports_free() */
	size_t count;
};

/* All ports of the turn's library; none is no error. */
DWORD ports_read(struct turn *turn, struct ports *ports);
void ports_free(struct ports *ports);

/*
 * ports_follow - what people did at the ports enters the records
 *
 * A cartridge that is out has left its library (media_leave), and nobody is asked to take it out
 * any more; one that was put in is a cartridge in that port. A port that cannot be looked into now,
 * because it sticks out, stays as it is. *@ports is read again when anything has changed.
 */
DWORD ports_follow(struct turn *turn, struct ports *ports);

/* A port has been emptied, or found empty: stored, and nobody is asked to empty it any more. */
DWORD port_emptied(struct txn *txn, struct object *port);

/* The port in which a cartridge is recorded; NULL when it is in none of them. */
struct port *port_of(const struct ports *ports, const NTMS_GUID *media);

/* One into which the robot can put a cartridge for a person (@eject), or a person for the robot;
 * NULL when there is none. */
struct port *port_free(const struct ports *ports, bool eject);

/* How many ports have a cartridge. */
size_t ports_full(const struct ports *ports);

/* Can the robot reach all of them: does none stick out? */
bool ports_back(const struct ports *ports);

/*
 * ports_take_in - carry what is in the ports to slots, as far as there are any
 *
 * Call it with locked ports that were followed. Each cartridge is queued for identification in the
 * name of the operation @request, unless somebody waits for it or it is a cleaner. For what finds
 * no slot a person is asked to take it out.
 * @moved, @left: how many. An error of the robot ends it; both count then, too.
 */
DWORD ports_take_in(struct turn *turn, struct object *request, const struct ports *ports,
		    size_t *moved, size_t *left);

/*
 * ports_note_fetched - with the transaction by which @media is at @place, before it is
 *
 * What somebody waits for goes from a port to a drive without a word to the inject for which it
 * was put there; that one would wait for it for ever, or say that nobody came. @mover: the request
 * that has moved it, which knows; NULL: nobody knows who.
 */
DWORD ports_note_fetched(struct txn *txn, const struct object *media, const struct object *place,
			 const NTMS_GUID *mover);

/* What stays in the ports is to be taken out: ask a person. */
DWORD ports_ask(struct turn *turn, const struct ports *ports);

/* The same, after a look at them, and the ports are open for him. */
DWORD ports_give_out(struct turn *turn);

/* ---- unlocked and locked ---- */

/* Does another operation have ports or door open? Then RUN_WAITS, and @request says for what it
 * waits. */
DWORD ports_wait_turn(struct turn *turn, struct object *request);

/*
 * ports_open - unlock for @request and all members of its operation
 *
 * They are PHASE_OPEN, their time is over in @limit_s, and the ports are EXTENDED. A library
 * without a lock does as well.
 */
DWORD ports_open(struct turn *turn, struct object *request, uint32_t limit_s);

/* Unlock for nobody: something is left for a person to take out; ports_settle() goes on. */
DWORD ports_leave_open(struct turn *turn);

/* Whoever opened may have died before the library was told: done at every look while it is open. */
DWORD ports_keep_open(struct turn *turn);

/* Lock, so that the robot can work there: the ports are RETRACTED. A library without a lock does
 * as well. Members stay PHASE_OPEN: what is done next decides. */
DWORD ports_lock(struct turn *turn);

/* How long ports may be extended: the largest MaxExtendSecs. */
uint32_t ports_limit(const struct ports *ports);

/* Ask a person for something at a port or door (NTMS_OPREQ_DEVICESERVICE), unless he is asked
 * already. */
DWORD ask_service(struct turn *turn, const NTMS_GUID *device, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * ports_settle - done in every turn, before and after the queue
 *
 * What was left unlocked for operations that are over is locked as soon as the ports are empty.
 * Until then the records follow what people take out.
 */
DWORD ports_settle(struct turn *turn);

/* Would ports_settle() have to do anything? Looks at the records of @library alone. */
DWORD ports_unsettled(struct ntms_system *system, const NTMS_GUID *library, bool *needed);

/* ---- the door ---- */

/*
 * door_pass - a person opens the door and closes it again
 * @task: what he is to do behind it, for people ("take ... out of slot 3"), or "".
 * @identify, @full: see inventory_reconcile(), done when the door is closed.
 * ERROR_SUCCESS when he has been there, ERROR_TIMEOUT when he has not, both with the door locked
 * and looked behind; RUN_WAITS until then. To be called again after a death does no harm.
 */
DWORD door_pass(struct turn *turn, struct object *request, const char *task, bool identify,
		bool full);

/* ---- requests of this kind ---- */

/* The unfinished members of the request's operation in the queue's order, itself included; to be
 * freed. Never empty unless it has finished. */
DWORD members_read(struct turn *turn, const struct object *request, struct object **list,
		   size_t *count);

/* Set and clear flags of the request's phase, and with @deadline_ms its deadline (Unix time).
 * ERROR_CANCELLED when it is over. */
DWORD phase_change(struct turn *turn, struct object *request, uint32_t set, uint32_t clear,
		   const uint64_t *deadline_ms);

/* Is its time over? */
bool phase_expired(const struct object *request);

/* It waits for a person: INPROCESS, with a line of what he is to do; the worker stays awake and
 * looks no later than when its time is over. RUN_WAITS or an error. */
DWORD run_awaits_person(struct turn *turn, struct object *request, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The request ends because somebody has said so: STOPPED. RUN_WAITS as run_finish(). */
DWORD run_stopped(struct turn *turn, const NTMS_GUID *guid);

#endif

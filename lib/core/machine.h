/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * machine.h - state machines as tables
 *
 * Every state of an object is one field of its record, and one table says what may
 * happen to it: event, from, to, what must hold, what else changes in the same record.
 * machine_apply() is the only writer of these fields; what has no row is refused. The
 * diagrams and tables under docs/states are printed from the same rows.
 */
#ifndef NTMS_CORE_MACHINE_H
#define NTMS_CORE_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include "store/object.h"

/* Their numbers are on record (refusals): never reuse one. */
enum machine_id {
	MACHINE_SIDE,
	MACHINE_MEDIA,
	MACHINE_DRIVE,
	MACHINE_LIBRARY,
	MACHINE_DEVICE,
	MACHINE_ENABLEMENT,
	MACHINE_SLOT,
	MACHINE_PORT_POSITION,
	MACHINE_PORT_CONTENT,
	MACHINE_DOOR,
	MACHINE_REQUEST,
	MACHINE_OPREQUEST,
	MACHINES,
};

#define MACHINE_STATES_MAX 24
#define MACHINE_EVENTS_MAX 24

/* Sets of states. */
#define MACHINE_IN(state) (1u << (state))

/* Where a row leads, beside the states themselves. */
#define MACHINE_STAYS	0xFD /* the state remains, the effect happens */
#define MACHINE_GONE	0xFE /* the record is about to be deleted; nothing changes in it */
#define MACHINE_REFUSED 0xFF /* no: a row of its own only for the sake of its error */

struct machine_row {
	uint32_t event;
	uint32_t from;	   /* set of states */
	uint32_t to;	   /* a state, or MACHINE_STAYS, MACHINE_GONE, MACHINE_REFUSED */
	DWORD refused;	   /* to MACHINE_REFUSED, or @holds says no: the error; 0 for the event's */
	const char *needs; /* what must hold, in words; NULL for nothing */
	bool (*holds)(const struct object *obj); /* NULL: the caller has seen to it */
	const char *effect;			 /* what else happens, in words; NULL for nothing */
	void (*apply)(struct object *obj);	 /* the part of it in the same record, or NULL */
};

/* A row: event, from, to, then what else it has by name. */
#define ROW(event_, from_, to_, ...)                                           \
	{                                                                      \
		.event = (event_), .from = (from_), .to = (to_), ##__VA_ARGS__ \
	}

struct machine_state {
	const char *name; /* as in the header: "AVAILABLE"; NULL: there is no such state */
	const char *word; /* as people call it: "available" */
};

struct machine_event {
	const char *name; /* what happens: "allocate" */
	const char *verb; /* what cannot be done: "it cannot be allocated" */
	DWORD refused;	  /* the documented error where no row says another */
};

struct machine {
	enum machine_id id;
	const char *name;		    /* of its files: "side" */
	const char *title;		    /* "Side" */
	const char *about;		    /* a sentence: what the state says, where it is found */
	uint32_t types[6];		    /* of objects that have it; 0 ends the list */
	size_t offset;			    /* of the uint32_t in struct object */
	uint32_t begins;		    /* the state in which a record is made */
	uint32_t births;		    /* set of others in which it may be made too */
	const struct machine_state *states; /* by value; @state_count of them */
	uint32_t state_count;
	const struct machine_event *events; /* by number; @event_count of them */
	uint32_t event_count;
	uint32_t asked; /* set of events that callers ask for: to refuse one is nothing unusual */
	const struct machine_row *rows;
	uint32_t row_count;
};

/*
 * machine_apply - let @event happen to @obj (not stored)
 * Refused, with a message and noted (base/refusal.h), and nothing changed: the row's or the
 * event's documented error; ERROR_INVALID_STATE for a state or an event that does not exist,
 * ERROR_INVALID_PARAMETER for an object that has no such state.
 */
DWORD machine_apply(const struct machine *machine, struct object *obj, uint32_t event);

/* Begin a record in another state than the usual; ERROR_INVALID_PARAMETER, noted, unless it is one
 * in which a record may be made. */
DWORD machine_start(const struct machine *machine, struct object *obj, uint32_t state);

/* What state @obj is in, and a state in words; "in an unknown state" for what is none. Static. */
uint32_t machine_state(const struct machine *machine, const struct object *obj);
const char *machine_state_word(const struct machine *machine, uint32_t state);

/* All of them, by enum machine_id. */
const struct machine *machine_get(enum machine_id id);

/* Put every state of a record that is filled already at its beginning, as machine_object() does. */
void machine_begin(struct object *obj);

/*
 * machine_object - make *@obj an empty record of @type, enabled, READY and with every state of
 * its type at its beginning: a cartridge IDLE, a side UNKNOWN, a slot and a port EMPTY, a port
 * RETRACTED, a door CLOSED, a drive DISMOUNTED and NOT_PRESENT until its device is found, a
 * library INITIALIZING, a request QUEUED, an operator request SUBMITTED.
 */
void machine_object(struct object *obj, uint32_t type);

#endif

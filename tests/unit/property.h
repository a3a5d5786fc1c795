/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * property.h - random calls of several processes against a plain model
 *
 * test-property.c chooses the calls, property-model.c says what must come of them,
 * property-process.c has other processes make them, property-compare.c compares the records and
 * the virtual library with the model and checks what holds of any database.
 */
#ifndef PROPERTY_H
#define PROPERTY_H

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include "base/guid.h"
#include "fixture.h"

#define PROCESSES  3
#define CARTRIDGES 6
#define DRIVES	   2
#define REQUESTS   4

enum operation {
	ALLOCATE,
	ALLOCATE_NEW,
	ALLOCATE_NEXT,
	ALLOCATE_SIDE,
	DEALLOCATE,
	COMPLETE,
	DECOMMISSION,
	SWAP,
	MOVE,
	LABEL, /* written by who has it mounted, and told */
	MOUNT,
	MOUNT_SPECIFIC,
	DISMOUNT,
	DISMOUNT_DEFERRED,
	DISMOUNT_DRIVE,
	ENABLE_MEDIA,
	DISABLE_MEDIA,
	ENABLE_DRIVE,
	DISABLE_DRIVE,
	ENABLE_LIBRARY,
	DISABLE_LIBRARY,
	INVENTORY,
	INVENTORY_FULL,
	EJECT, /* and a person takes it, or it is stopped */
	INJECT,
	DELETE_MEDIA,
	SUBMIT,
	SATISFY,
	REFUSE,
	WAIT_OPERATOR,
	DELETE_REQUEST,
	CLOSE_SESSION, /* and another is opened */
	OPERATIONS,
	DIE = OPERATIONS,
	CANCEL_QUEUED,
	CANCEL_LABELS,	/* of a cartridge that was moved to the Free pool */
	MOUNTS_IN_LINE, /* by priority; who has to wait is cancelled */
	KINDS,
};

extern const char *const operation_names[KINDS];

/* ---- the model ---- */

/* Those with a media type; the system's come first. */
enum pool_number {
	POOL_FREE,
	POOL_IMPORT,
	POOL_FOREIGN,
	POOL_KEEPS,   /* draws from the Free pool, keeps what it has */
	POOL_RETURNS, /* below another one: draws, and gives back */
	POOL_WEARS,   /* the same, and allocates a side three times only */
	POOL_STRICT,  /* does not draw */
	POOL_GROUP,   /* of pools */
	POOLS,
};

struct pool {
	NTMS_GUID guid;
	bool application, draws, returns;
	uint32_t limit;
};

struct side {
	NTMS_GUID guid;
	NTMS_GUID logical; /* the latest; of nobody unless the side is owned */
	uint64_t seq;
	uint32_t state;
	uint32_t allocated; /* so many times */
	bool fresh;	    /* by NEW or NEXT: the other side may be reserved for its owner */
};

struct cartridge {
	char barcode[16];
	bool known; /* there is a record of it */
	bool away;  /* in no library */
	bool enabled;
	enum pool_number pool;
	NTMS_GUID media;
	struct side sides[2];
	int drive;   /* it is in, -1 for its slot */
	int up;	     /* and its side that faces the heads */
	int process; /* that has it mounted, -1 for none */
	bool doubt;  /* an inventory could not look at it: the next one does */
};

struct request {
	NTMS_GUID guid;
	uint32_t state; /* NTMS_OPSTATE_UNKNOWN: it is deleted */
};

struct model {
	unsigned int sides; /* of each cartridge */
	bool enabled;	    /* the library */
	struct cartridge cartridges[CARTRIDGES];
	struct pool pools[POOLS];
	struct {
		NTMS_GUID guid;
		char node[64];
		bool enabled;
	} drives[DRIVES];
	struct request requests[REQUESTS];
};

extern struct model model;

/* One call, and all that it may be about. */
struct call {
	enum operation operation;
	int process;
	struct cartridge *cartridge, *other;
	int side, other_side;
	enum pool_number pool;
	int drive;
	int request;
	bool write;	 /* mount: for writing, too */
	bool by_logical; /* mount, dismount: the LMID instead of the side */
	int priority;
	bool taken; /* eject: somebody takes it */
};

struct reply {
	DWORD code;
	NTMS_GUID guid;
	char said[200];
};

bool is_owned(const struct side *side);
bool is_free(int drive);
bool any_drive_free(void);
struct cartridge *in_drive(int drive);

/* Would it have the robot wait for somebody, or is there nothing to be said about it? */
bool is_out_of_question(const struct call *call);
/* The code that it must return. */
DWORD predict(const struct call *call);
/* The model after a call that succeeded; allocations and mounts say which side, which drive. */
void happened(const struct call *call, const struct reply *reply);
/* The session of @process is over. */
void left(int process);
void mounted(struct cartridge *cartridge, int side, const NTMS_GUID *drive, int process);

/* ---- the processes ---- */

void process_start(int number);
void process_kill(int number);
void process_tell(int number, const struct call *call);
struct reply process_hear(int number);
struct reply process_ask(int number, const struct call *call);

/* ---- compared ---- */

/* What the robot may do by itself is seen: a medium nobody has mounted may have gone home. */
void observe(void);
/* A cartridge has come that is not on record any more. */
void observe_new(struct cartridge *cartridge);
/* Records, robot and media are as the model has them, and all invariants hold. */
void compare(const char *when);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * campaign.h - processes that share a library and are killed, and what has to hold all the same
 *
 * kill.c kills them and reports, parties.c is what they do, points.c where they can be told to
 * die, truths.c looks at records and library. What they know of each other is on a board in shared
 * memory: it outlives whoever writes on it, as a journal does.
 */
#ifndef CAMPAIGN_H
#define CAMPAIGN_H

#include <stdatomic.h>
#include "fixture.h"

#define APPLICATIONS 3
#define SERVERS	     2
#define PARTIES	     (APPLICATIONS + SERVERS + 3)
#define DRIVES	     2
#define LOTS	     2
#define CARTRIDGES   (APPLICATIONS * LOTS + 2)
/* The administrator's, which he carries about; the others are the applications'. */
#define CARRIED	 2
#define OUTCOMES 48

enum party { APPLICATION, SERVER, DAEMON, READER, ADMINISTRATOR, PARTY_KINDS };
extern const char *const party_names[PARTY_KINDS];
enum party party_of(int number);

/* ---- where whoever comes there dies ---- */

enum point {
	POINT_NONE,
	POINT_INTENT_BEFORE, /* of a move: it is not committed */
	POINT_INTENT_AFTER,  /* it is, and the robot knows nothing */
	POINT_ROBOT_DURING,  /* the robot moves */
	POINT_ROBOT_AFTER,   /* it has arrived, nobody has heard */
	POINT_CONFIRM_BEFORE,
	POINT_CONFIRM_AFTER,
	POINT_BEGIN,	     /* the lock is had */
	POINT_COMMIT_BEFORE, /* of anything */
	POINT_COMMIT_AFTER,
	POINT_JOIN, /* Berkeley DB is about to be opened, or recovered */
	POINT_RECOVERY_BEGUN,
	POINT_RECOVERY_FILLED,
	POINT_LEASE_TAKEN,
	POINT_LEASE_GIVING,
	POINT_RESERVED,
	POINT_RELEASING,
	POINT_EXPECTED,
	POINT_HAND_OVER_BEFORE,
	POINT_HAND_OVER_AFTER,
	POINT_MARK_BEFORE, /* as loaded, or not loaded */
	POINT_MARK_AFTER,
	POINT_LABEL_BEFORE, /* a free label is written */
	POINT_LABEL_AFTER,
	POINT_UNLOAD_BEFORE,
	POINT_UNLOAD_AFTER,
	POINT_ACCESS_BEFORE, /* ports are locked or unlocked */
	POINT_ACCESS_AFTER,
	POINTS,
};

extern const char *const point_names[POINTS];

/* All processes have the same. */
struct fuse {
	_Atomic uint32_t point; /* enum point; the one that has gone off stays */
	_Atomic int passings;	/* who comes there as the last of so many dies */
	_Atomic bool gone_off;
};

/* This process dies by the fuse, too; *@doomed is set just before. */
void points_watch(struct fuse *fuse, _Atomic bool *doomed);

/* ---- the board ---- */

/* What an application knows of an LMID; each change is written before or after the call that
 * makes it so. */
enum lot_state {
	LOT_NONE,
	LOT_ASKED, /* AllocateNtmsMedia has been called */
	LOT_OWNED,
	LOT_GIVEN, /* DeallocateNtmsMedia has been called */
};

struct lot {
	uint32_t state;
	NTMS_GUID logical;
	uint32_t written; /* what is on the medium; 0: nothing of ours */
	uint32_t writing; /* or this, not to the end perhaps */
};

/* Each in a sector of its own, which is written as a whole or not. */
#define JOURNAL_STEP 512

struct outcome {
	char call[40];
	DWORD code;
	uint64_t count;
};

/* The place of a party; who dies there is followed by another. */
struct seat {
	char call[40];
	_Atomic uint64_t began_ns; /* of the call; 0: it is in none */
	char waits[200];	   /* what the call was last seen to be at */
	_Atomic bool doomed;
	_Atomic uint64_t calls;
	uint64_t longest_ns;
	char longest_call[40];
	struct outcome outcomes[OUTCOMES];
	char complaint[400];
	struct lot lots[LOTS];
};

struct board {
	struct seat seats[PARTIES];
	struct fuse fuse;
	_Atomic bool rest;
	int journal;		     /* of the lots, a file that outlives the machine; 0: none */
	_Atomic int holders[DRIVES]; /* seat + 1 of who has something mounted there */
	NTMS_GUID drives[DRIVES];
	NTMS_GUID pools[APPLICATIONS];
	NTMS_GUID carried[CARRIED];
	char barcodes[CARTRIDGES][16];
};

extern struct board *board;

/* ---- the parties ---- */

/* In the child, for ever. @seed for its choices. */
_Noreturn void party_work(int number, uint64_t seed, const struct child *parent);

/* A number below @below from *@state, which is not 0. */
unsigned int any(uint64_t *state, unsigned int below);

/* ---- the truths ---- */

/* For the process that looks; no session of it must be open when others are started. */
void truths_open(void);
void truths_close(void);

/* Everything that holds whoever has just died, and whoever lives on. @quiet: nobody does anything.
 */
void truths_check(const char *when, bool quiet);

/* Whoever sat at @number is dead: what has become of the calls that it was in? */
void truths_settle(int number);

/* Requests that are not over, drives and what is in them: for people. */
void truths_print(void);

#endif

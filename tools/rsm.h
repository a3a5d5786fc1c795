/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rsm.h - one run of the command: its verb, its arguments, its session
 */
#ifndef RSM_RSM_H
#define RSM_RSM_H

#include <stdbool.h>
#include <stddef.h>
#include "ntms/rsmapi.h"
#include "exit.h"

struct verb;
struct progress;

struct rsm {
	HANDLE session; /* INVALID_HANDLE_VALUE until rsm_open() */
	const struct verb *verb;
	bool json, brief, quiet, verbose;
	bool background; /* without a terminal: remarks go to the system log */
	DWORD code;	 /* the failure noted last, and what is to be said of it */
	char message[1024];
	void *names; /* cache of names_of_object() */
	bool progress_shown;
};

/* Every option of every verb; a value is kept under its number. */
enum option_id {
	OPT_JSON,
	OPT_BRIEF,
	OPT_QUIET,
	OPT_VERBOSE,
	OPT_HELP,
	OPT_ACTION,
	OPT_CONTAINER,
	OPT_DEFERRED,
	OPT_DRAW,
	OPT_DRIVE,
	OPT_DRIVES,
	OPT_ERRUNAVAIL,
	OPT_FOR,
	OPT_GUID,
	OPT_MAX_ALLOCATES,
	OPT_NAME,
	OPT_NEW,
	OPT_NEXT,
	OPT_OPEN,
	OPT_PARTITION,
	OPT_PORTS,
	OPT_PRIORITY,
	OPT_READ,
	OPT_RETURN,
	OPT_SLOTS,
	OPT_TAPES,
	OPT_TIMEOUT,
	OPT_TYPE,
	OPT_WRITE,
	OPT_COUNT,
};

enum option_kind {
	OPTION_FLAG,
	OPTION_TEXT,
	OPTION_NUMBER,	 /* 0 to 4294967294 */
	OPTION_POSITIVE, /* 1 to 4294967294 */
	OPTION_TIMEOUT,	 /* a number of milliseconds, or "infinite" */
	OPTION_CHOICE,
};

struct choice {
	const char *name;
	int value;
};

struct option_spec {
	enum option_id id;
	const char *name; /* NULL ends a list */
	enum option_kind kind;
	const char *value; /* what its value is called in the help */
	const struct choice *choices;
	const char *help;
};

struct args {
	size_t count;
	char **operand;
	bool given[OPT_COUNT];
	const char *text[OPT_COUNT];
	long long number[OPT_COUNT]; /* or the value of a choice */
	const char **drive;	     /* every --drive, in order */
	size_t drives;
	char **command; /* what follows "--", NULL when nothing does */
};

struct verb {
	const char *name; /* NULL ends the table */
	const char *operands;
	const char *summary;
	const char *details; /* more for its --help, or NULL */
	size_t least, most;  /* operands */
	bool command;	     /* takes -- COMMAND */
	const struct option_spec *options;
	int (*run)(struct rsm *rsm, const struct args *args);
};

extern const struct verb verbs[];
extern const struct option_spec global_options[];

const struct verb *verb_find(const char *name);
/* The verb most like @name, or NULL. */
const char *verb_nearest(const char *name);

/* Read a verb's arguments; false when they are wrong, which has been said. OPT_HELP stops early. */
bool args_parse(struct rsm *rsm, int argc, char **argv, struct args *args);
void args_free(struct args *args);

void help_all(void);
void help_verb(const struct verb *verb);

/* Open the session if it is not yet. */
DWORD rsm_open(struct rsm *rsm, const char *application);
void rsm_close(struct rsm *rsm);

/* ---- the verbs ---- */

int cmd_manage(struct rsm *rsm, const struct args *args);
int cmd_unmanage(struct rsm *rsm, const struct args *args);
int cmd_devices(struct rsm *rsm, const struct args *args);
int cmd_view(struct rsm *rsm, const struct args *args);
int cmd_inventory(struct rsm *rsm, const struct args *args);
int cmd_createpool(struct rsm *rsm, const struct args *args);
int cmd_deletepool(struct rsm *rsm, const struct args *args);
int cmd_freemedia(struct rsm *rsm, const struct args *args);
int cmd_movemedia(struct rsm *rsm, const struct args *args);
int cmd_allocate(struct rsm *rsm, const struct args *args);
int cmd_deallocate(struct rsm *rsm, const struct args *args);
int cmd_mount(struct rsm *rsm, const struct args *args);
int cmd_run(struct rsm *rsm, const struct args *args);
int cmd_dismount(struct rsm *rsm, const struct args *args);
int cmd_label(struct rsm *rsm, const struct args *args);
int cmd_who(struct rsm *rsm, const struct args *args);
int cmd_vlib(struct rsm *rsm, const struct args *args);
int cmd_help(struct rsm *rsm, const struct args *args);

#endif

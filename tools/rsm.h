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
	HANDLE session;	     /* INVALID_HANDLE_VALUE until rsm_open() */
	const char *program; /* what messages begin with while there is no verb; NULL: rsm */
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
	OPT_ALL,
	OPT_CHANGER,
	OPT_CLEAN,
	OPT_CLEANERS,
	OPT_COMPUTER,
	OPT_CONFLICTS,
	OPT_CONTAINER,
	OPT_COUNT_FAULTS,
	OPT_COUNT_LINES,
	OPT_DEFERRED,
	OPT_DESCRIPTION,
	OPT_DRAW,
	OPT_DRIVE,
	OPT_DRIVES,
	OPT_ERRBUSY,
	OPT_ERROFFLINE,
	OPT_ERRUNAVAIL,
	OPT_FILE,
	OPT_FOR,
	OPT_FORMAT,
	OPT_GROUP,
	OPT_GUID,
	OPT_KERNEL,
	OPT_KIND,
	OPT_LIBRARY,
	OPT_MAGAZINE,
	OPT_MAX_ALLOCATES,
	OPT_MEDIA,
	OPT_MESSAGE,
	OPT_MILLISECONDS,
	OPT_NAME,
	OPT_NEW,
	OPT_NEXT,
	OPT_NOWAIT,
	OPT_NO_DOOR,
	OPT_NO_READER,
	OPT_OPEN,
	OPT_OPERATION,
	OPT_OWNER,
	OPT_PARTITION,
	OPT_PORT,
	OPT_PORTS,
	OPT_PRIORITY,
	OPT_RAW,
	OPT_READ,
	OPT_REPLACE,
	OPT_RETURN,
	OPT_SENSE,
	OPT_SIDE_DESCRIPTION,
	OPT_SIDE_NAME,
	OPT_SKIP,
	OPT_SLOT,
	OPT_SLOTS,
	OPT_STANDALONE,
	OPT_TAPES,
	OPT_TIMEOUT,
	OPT_TYPE,
	OPT_USES,
	OPT_WHERE,
	OPT_WHOLE,
	OPT_WRITE,
	OPT_YES,
	OPT_COUNT,
};

enum option_kind {
	OPTION_FLAG,
	OPTION_TEXT,
	OPTION_NUMBER,	 /* 0 to 4294967294 */
	OPTION_POSITIVE, /* 1 to 4294967294 */
	OPTION_TIMEOUT,	 /* a number of milliseconds, or "infinite" */
	OPTION_PRIORITY, /* a choice, or a number from -15 to 15 */
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
	const char *completes; /* what its value may be, as in struct verb; NULL: nobody knows */
};

/* The syntax of Windows: what a switch of a verb stands for in ours. */
enum windows_kind {
	WINDOWS_END,
	WINDOWS_FLAG,	/* nothing follows */
	WINDOWS_VALUE,	/* its value follows without a blank */
	WINDOWS_POOL,	/* the same: the path of a pool */
	WINDOWS_CHOICE, /* the same; capitals and small letters mean the same */
	WINDOWS_OBJECT, /* g and a GUID, or f and a friendly name */
	WINDOWS_GUID,	/* g and a GUID */
};

/* In place of an option: the switch gives an operand, its number from 0; or nothing at all. */
#define WINDOWS_OPERAND(number) (-1 - (number))
#define WINDOWS_NOTHING		(-100)

struct windows_switch {
	enum windows_kind kind;
	const char *name;  /* "/oerrunavail" */
	int to;		   /* option_id, WINDOWS_OPERAND or WINDOWS_NOTHING */
	const char *value; /* what its value is called; of a flag: the value it gives, or NULL */
	const char *needs; /* another switch without which it means nothing, or NULL */
};

/* One use of an option, for options that may be given several times. */
struct occurrence {
	enum option_id id;
	const char *text;
};

struct args {
	size_t count;
	char **operand;
	bool given[OPT_COUNT];
	const char *text[OPT_COUNT];
	long long number[OPT_COUNT];	/* or the value of a choice */
	struct occurrence *occurrences; /* every option that has a value, in order */
	size_t occurrence_count;
	const char **drive; /* every --drive, in order */
	size_t drives;
	char **command;		  /* what follows "--", NULL when nothing does */
	const char *windows_pool; /* the switch that names a pool, as it was typed */
	char **windows;		  /* strings made of the syntax of Windows; ends with NULL */
	char **windows_argv;	  /* and the arguments made of them */
};

struct verb {
	const char *name; /* one word or two; NULL ends a table */
	const char *operands;
	const char *summary;
	const char *details;		      /* more of it, or NULL; lines are paragraphs */
	const char *brief;		      /* what --brief prints, or NULL for nothing */
	const char *json;		      /* what --json prints, or NULL for nothing */
	size_t least, most;		      /* operands */
	bool command;			      /* takes -- COMMAND */
	const struct option_spec *options;    /* NULL for none but those of every verb */
	const struct windows_switch *windows; /* NULL for none */
	const char *completes; /* what an operand may be, a word for each; the last for the rest:
				* types of objects, or file, directory, type, verb, or words with a
				* "=" between them */
	int (*run)(struct rsm *rsm, const struct args *args);
};

struct verb_group {
	const char *title; /* NULL ends the list */
	const struct verb *verbs;
};

extern const struct verb_group verb_groups[];
extern const struct option_spec global_options[];

#define FOR_EACH_VERB(group, verb)                                                \
	for (const struct verb_group *group = verb_groups; group->title; group++) \
		for (const struct verb *verb = group->verbs; verb->name; verb++)

/* The verb that the first one or two of @argc words name, capitals or not; *@words tells how many.
 * NULL if there is none. */
const struct verb *verb_find(int argc, char **argv, int *words);
/* Is it the first word of verbs of two? */
bool verb_is_family(const char *word);
/* Say what is wrong with the words that name no verb; returns EXIT_USAGE. */
int verb_unknown(struct rsm *rsm, int argc, char **argv);

/* Read a verb's arguments; false when they are wrong, which has been said. OPT_HELP stops early. */
bool args_parse(struct rsm *rsm, int argc, char **argv, struct args *args);
void args_free(struct args *args);
DWORD args_timeout(const struct args *args);

/* Rewrite switches of Windows into our options; false when they are wrong, which has been said.
 * *@argv then belongs to @args. OPT_HELP is set by "/?". */
bool windows_rewrite(struct rsm *rsm, int *argc, char ***argv, struct args *args);
/* "rsm allocate /mPOOL [/oerrunavail] ..."; memory of malloc(), NULL for verbs without. */
char *windows_usage(const struct verb *verb);

void help_all(void);
void help_family(const char *word);
void help_verb(const struct verb *verb);
/* Open the session if it is not yet. */
DWORD rsm_open(struct rsm *rsm, const char *application);
void rsm_close(struct rsm *rsm);

/* ---- the verbs ---- */

typedef int rsm_verb(struct rsm *rsm, const struct args *args);

rsm_verb cmd_acl, cmd_allocate, cmd_attribute_delete, cmd_attribute_get, cmd_attribute_set,
	cmd_clean, cmd_cleaner_eject, cmd_cleaner_inject, cmd_cleaner_release, cmd_cleaner_reserve,
	cmd_complete, cmd_createpool, cmd_deallocate, cmd_decommission, cmd_delete_drive,
	cmd_delete_library, cmd_delete_media, cmd_deletepool, cmd_devices, cmd_disable,
	cmd_dismount, cmd_door, cmd_eject, cmd_enable, cmd_erase, cmd_export, cmd_freemedia,
	cmd_help, cmd_identify, cmd_import, cmd_inject, cmd_inventory, cmd_label, cmd_manage,
	cmd_mediatype_add, cmd_mediatype_change, cmd_mediatype_delete, cmd_mediatype_list,
	cmd_mount, cmd_movemedia, cmd_opreq_delete, cmd_opreq_list, cmd_opreq_refuse,
	cmd_opreq_satisfy, cmd_opreq_submit, cmd_opreq_wait, cmd_refresh, cmd_rename,
	cmd_request_cancel, cmd_request_delete, cmd_request_list, cmd_request_order,
	cmd_request_wait, cmd_run, cmd_swap, cmd_ui, cmd_unmanage, cmd_view, cmd_vlib_create,
	cmd_vlib_dirty, cmd_vlib_door, cmd_vlib_fault, cmd_vlib_insert, cmd_vlib_magazine,
	cmd_vlib_plug, cmd_vlib_remove, cmd_vlib_unplug, cmd_watch, cmd_who;

#endif

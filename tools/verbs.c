/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * verbs.c - every verb and every option: what is parsed, and what the help says
 */
#include <string.h>
#include "rsm.h"
#include "text.h"

#define END                  \
	{                    \
		.name = NULL \
	}
#define FLAG(id, name, help)                            \
	{                                               \
		id, name, OPTION_FLAG, NULL, NULL, help \
	}
#define TEXT(id, name, value, help)                      \
	{                                                \
		id, name, OPTION_TEXT, value, NULL, help \
	}
#define COUNTED(id, name, help)                          \
	{                                                \
		id, name, OPTION_NUMBER, "N", NULL, help \
	}
#define TIMEOUT(help)                                                    \
	{                                                                \
		OPT_TIMEOUT, "timeout", OPTION_TIMEOUT, "MS", NULL, help \
	}
#define CHOICE(id, name, value, choices, help)                \
	{                                                     \
		id, name, OPTION_CHOICE, value, choices, help \
	}

const struct option_spec global_options[] = {
	FLAG(OPT_JSON, "json", "print JSON (field names: rsm(1))"),
	FLAG(OPT_BRIEF, "brief", "print bare values, one a line, for scripts"),
	FLAG(OPT_QUIET, "quiet", "print only what was asked for: no remarks, no progress"),
	FLAG(OPT_VERBOSE, "verbose", "show progress even when standard error is no terminal"),
	FLAG(OPT_HELP, "help", "show this help"),
	END,
};

static const struct choice actions[] = {
	{"full", NTMS_INVENTORY_OMID}, {"fast", NTMS_INVENTORY_FAST},
	{"slot", NTMS_INVENTORY_SLOT}, {"default", NTMS_INVENTORY_DEFAULT},
	{"none", NTMS_INVENTORY_NONE}, {NULL, 0},
};

static const struct choice opens[] = {
	{"existing", NTMS_OPEN_EXISTING},
	{"always", NTMS_OPEN_ALWAYS},
	{"new", NTMS_CREATE_NEW},
	{NULL, 0},
};

static const struct choice priorities[] = {
	{"highest", NTMS_PRIORITY_HIGHEST}, {"high", NTMS_PRIORITY_HIGH},
	{"normal", NTMS_PRIORITY_NORMAL},   {"low", NTMS_PRIORITY_LOW},
	{"lowest", NTMS_PRIORITY_LOWEST},   {NULL, 0},
};

static const struct option_spec no_options[] = {END};

static const struct option_spec view_options[] = {
	TEXT(OPT_CONTAINER, "container", "ID",
	     "only what is in this library, pool, cartridge, side or LMID"),
	FLAG(OPT_GUID, "guid", "show GUIDs; with --brief instead of names"),
	END,
};

static const struct option_spec inventory_options[] = {
	CHOICE(OPT_ACTION, "action", "HOW", actions,
	       "full: read every label; fast: bar codes; slot: slots only; default: as the library "
	       "is set; none: only wait for the work under way"),
	TIMEOUT("wait no longer than this for the end"),
	END,
};

static const struct option_spec createpool_options[] = {
	CHOICE(OPT_OPEN, "open", "HOW", opens,
	       "existing: it must exist; always: make it if it does not; new: it must not exist "
	       "(the default)"),
	TEXT(OPT_TYPE, "type", "MEDIATYPE", "kind of its cartridges; without it a pool of pools"),
	FLAG(OPT_DRAW, "draw", "draw from the Free pool when nothing is available"),
	FLAG(OPT_RETURN, "return", "return to the Free pool on deallocation"),
	{OPT_MAX_ALLOCATES, "max-allocates", OPTION_POSITIVE, "N", NULL,
	 "how often a side may be allocated before it is worn out"},
	END,
};

static const struct option_spec freemedia_options[] = {
	TIMEOUT("wait no longer than this for the labels to be written"),
	END,
};

static const struct option_spec allocate_options[] = {
	FLAG(OPT_NEW, "new", "a medium whose other side nobody else gets"),
	TEXT(OPT_NEXT, "next", "LMID", "the next side of what was allocated with --new"),
	TEXT(OPT_PARTITION, "partition", "SIDE", "this very side"),
	FLAG(OPT_ERRUNAVAIL, "errunavail", "fail at once when nothing is available"),
	TIMEOUT("wait no longer than this; default infinite"),
	TEXT(OPT_NAME, "name", "NAME", "name of the new logical medium"),
	END,
};

#define MOUNT_OPTIONS                                                                       \
	TEXT(OPT_DRIVE, "drive", "DRIVE", "in this drive; once for every LMID"),            \
		FLAG(OPT_READ, "read", "for reading"),                                      \
		FLAG(OPT_WRITE, "write", "for writing; default: both"),                     \
		CHOICE(OPT_PRIORITY, "priority", "HOW", priorities, "who is served first"), \
		TIMEOUT("wait no longer than this; default infinite"),                      \
		FLAG(OPT_ERRUNAVAIL, "errunavail", "fail at once when medium or drive is in use")

static const struct option_spec mount_options[] = {
	MOUNT_OPTIONS,
	{OPT_FOR, "for", OPTION_POSITIVE, "PID", NULL,
	 "keep it mounted until this process ends, not the calling shell"},
	END,
};

static const struct option_spec run_options[] = {
	MOUNT_OPTIONS,
	FLAG(OPT_DEFERRED, "deferred", "leave the cartridge in the drive, free for the next user"),
	END,
};

static const struct option_spec dismount_options[] = {
	FLAG(OPT_DEFERRED, "deferred", "leave the cartridge in the drive, free for the next user"),
	TEXT(OPT_DRIVE, "drive", "DRIVE", "what is in this drive, instead of an LMID"),
	TIMEOUT("wait no longer than this for the end"),
	END,
};

static const struct option_spec vlib_options[] = {
	COUNTED(OPT_DRIVES, "drives", "1 to 64; default 2"),
	COUNTED(OPT_SLOTS, "slots", "1 to 10000; default 10"),
	COUNTED(OPT_PORTS, "ports", "0 to 64; default 1"),
	COUNTED(OPT_TAPES, "tapes", "cartridges, at most one a slot; default 5"),
	END,
};

#define MANY SIZE_MAX

const struct verb verbs[] = {
	{"manage", "SERIAL|DEVICE|all", "take a library into management",
	 "The library is named by the serial number or a device node of its changer (see 'rsm "
	 "devices').\nDoing it again brings the records up to date.",
	 1, 1, false, no_options, cmd_manage},
	{"unmanage", "LIBRARY", "give a library back",
	 "Its devices are forgotten at once; its cartridges keep pools, labels and allocations.", 1,
	 1, false, no_options, cmd_unmanage},
	{"devices", "", "list the changers and drives there are, managed or not", NULL, 0, 0, false,
	 no_options, cmd_devices},
	{"view", "[TYPE]", "show libraries and what is in them, or list objects of a type",
	 "TYPE is one of changer, changer_type, computer, drive, drive_type, iedoor, ieport, "
	 "library,\nlibrequest, logical_media, media_pool, media_type, oprequest, partition, "
	 "physical_media, storageslot.",
	 0, 1, false, view_options, cmd_view},
	{"inventory", "LIBRARY", "look what is in a library", NULL, 1, 1, false, inventory_options,
	 cmd_inventory},
	{"createpool", "NAME", "make a media pool",
	 "Levels of a NAME are separated by '\\' or '/'; the pool above must exist.", 1, 1, false,
	 createpool_options, cmd_createpool},
	{"deletepool", "NAME", "delete an empty media pool", NULL, 1, 1, false, no_options,
	 cmd_deletepool},
	{"freemedia", "MEDIA...", "write free labels and put cartridges into the Free pool",
	 "MEDIA is a cartridge's bar code, name or GUID, or a side's. An LMID is deallocated "
	 "first.\nWhat is written on the cartridge is lost.",
	 1, MANY, false, freemedia_options, cmd_freemedia},
	{"movemedia", "MEDIA POOL", "move a cartridge to another pool", NULL, 2, 2, false,
	 freemedia_options, cmd_movemedia},
	{"allocate", "POOL", "allocate a medium; prints its LMID", NULL, 1, 1, false,
	 allocate_options, cmd_allocate},
	{"deallocate", "LMID", "give an allocated medium back to its pool", NULL, 1, 1, false,
	 no_options, cmd_deallocate},
	{"mount", "LMID...", "mount media; prints the devices to open",
	 "The media stay mounted until 'rsm dismount', or until the shell or script that called "
	 "ends\nand no program has the device open.",
	 1, MANY, false, mount_options, cmd_mount},
	{"run", "LMID... -- COMMAND...", "mount media for one command, then dismount them",
	 "The command finds the device in $TAPE ($TAPE0, $TAPE1, ... of several media), the LMID "
	 "in "
	 "$RSM_LMID.",
	 1, MANY, true, run_options, cmd_run},
	{"dismount", "LMID... | --drive DRIVE", "dismount media", NULL, 0, MANY, false,
	 dismount_options, cmd_dismount},
	{"label", "LMID", "read the label of a mounted medium and record it", NULL, 1, 1, false,
	 no_options, cmd_label},
	{"who", "", "show which process holds which drive and medium", NULL, 0, 0, false,
	 no_options, cmd_who},
	{"vlib", "create DIR", "make a virtual library in a directory",
	 "Use it with NTMS_BROKER=virtual:DIR in the environment.", 2, 2, false, vlib_options,
	 cmd_vlib},
	{"help", "[VERB]", "show this help, or that of a verb", NULL, 0, 1, false, no_options,
	 cmd_help},
	END,
};

const struct verb *verb_find(const char *name)
{
	for (const struct verb *verb = verbs; verb->name; verb++)
		if (!strcmp(verb->name, name))
			return verb;
	return NULL;
}

const char *verb_nearest(const char *name)
{
	const char *names[sizeof(verbs) / sizeof(verbs[0])];
	size_t count = 0;

	for (const struct verb *verb = verbs; verb->name; verb++)
		names[count++] = verb->name;
	return text_nearest(name, names, count);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* verbs-other.c - trying it out without a library, and help */
#include "generate.h"
#include "verbs.h"

static const struct choice formats[] = {
	{"text", GENERATE_NOTHING},
	{"man-verbs", GENERATE_MAN_VERBS},
	{"man-windows", GENERATE_MAN_WINDOWS},
	{"man-json", GENERATE_MAN_JSON},
	{"bash", GENERATE_BASH},
	{NULL, 0},
};

static const struct choice media_kinds[] = {
	{"lto8", RSM_VIRTUAL_LTO8},
	{"lto5", RSM_VIRTUAL_LTO5},
	{"dlt", RSM_VIRTUAL_DLT},
	{"mo", RSM_VIRTUAL_MO},
	{NULL, 0},
};

#define PLACE_OPTIONS                                                                              \
	POSITIVE(OPT_PORT, "port", "N", "this port, from 1"),                                      \
		POSITIVE(                                                                          \
			OPT_SLOT, "slot", "N",                                                     \
			"this slot, from 1; through the open door, or in a magazine that is out"), \
		NUMBER(OPT_DRIVE, "drive", "this stand-alone drive, from 0")

const struct verb other_verbs[] = {
	{
		.name = "vlib create",
		.operands = "DIR",
		.summary = "make a virtual library in a directory",
		.details =
			"It needs neither root nor the kernel module; its drives are plain files. "
			"Use it with NTMS_BROKER=virtual:DIR and an NTMS_HOME that may be written "
			"to.",
		.brief = "the value for NTMS_BROKER",
		.json = "directory, broker, drives, slots, ports, tapes, standalone, cleaners",
		.least = 1,
		.most = 1,
		.options = OPTIONS(
			NUMBER(OPT_DRIVES, "drives", "1 to 64; default 2"),
			NUMBER(OPT_SLOTS, "slots", "1 to 10000; default 10"),
			NUMBER(OPT_PORTS, "ports", "0 to 64; default 1"),
			NUMBER(OPT_TAPES, "tapes", "cartridges, at most one a slot; default 5"),
			CHOICE(OPT_MEDIA, "media", "KIND", media_kinds,
			       "what drives and cartridges are; default lto8. mo has two sides"),
			NUMBER(OPT_STANDALONE, "standalone", "drives that people fill, beside it"),
			POSITIVE(OPT_MAGAZINE, "magazine", "N",
				 "slots in each magazine; default: "
				 "there are none"),
			NUMBER(OPT_CLEANERS, "cleaners", "cleaners, in the last slots"),
			FLAG(OPT_NO_DOOR, "no-door", "it has no door"),
			FLAG(OPT_NO_READER, "no-reader", "it cannot read bar codes")),
		.completes = "directory",
		.run = cmd_vlib_create,
	},
	{
		.name = "vlib insert",
		.operands = "DIR BARCODE",
		.summary = "put a cartridge into a virtual library, as a person would",
		.details =
			"It is taken from the shelf, or made if there is none of that name. Names "
			"that begin with CLN are cleaners; with _, cartridges without a bar code.",
		.json = "directory, action, done",
		.least = 2,
		.most = 2,
		.options = OPTIONS(PLACE_OPTIONS),
		.completes = "directory nothing",
		.run = cmd_vlib_insert,
	},
	{
		.name = "vlib remove",
		.operands = "DIR",
		.summary = "take a cartridge out and put it on the shelf",
		.json = "directory, action, done",
		.least = 1,
		.most = 1,
		.options = OPTIONS(PLACE_OPTIONS),
		.completes = "directory",
		.run = cmd_vlib_remove,
	},
	{
		.name = "vlib door",
		.operands = "DIR open|close",
		.summary = "open or close the door",
		.details = "The robot does nothing while it is open.",
		.json = "directory, action, done",
		.least = 2,
		.most = 2,
		.completes = "directory open=close",
		.run = cmd_vlib_door,
	},
	{
		.name = "vlib magazine",
		.operands = "DIR NUMBER out|in",
		.summary = "take out a magazine with what is in it, or put it back",
		.json = "directory, action, done",
		.least = 3,
		.most = 3,
		.completes = "directory nothing out=in",
		.run = cmd_vlib_magazine,
	},
	{
		.name = "vlib plug",
		.operands = "DIR NUMBER|changer",
		.summary = "plug in a drive, or the changer",
		.json = "directory, action, done",
		.least = 2,
		.most = 2,
		.completes = "directory changer=0=1",
		.run = cmd_vlib_plug,
	},
	{
		.name = "vlib unplug",
		.operands = "DIR NUMBER|changer",
		.summary = "pull out a drive, or the changer",
		.json = "directory, action, done",
		.least = 2,
		.most = 2,
		.completes = "directory changer=0=1",
		.run = cmd_vlib_unplug,
	},
	{
		.name = "vlib dirty",
		.operands = "DIR NUMBER",
		.summary = "have a drive ask to be cleaned",
		.json = "directory, action, done",
		.least = 2,
		.most = 2,
		.options = OPTIONS(FLAG(OPT_CLEAN, "clean", "it does not any more")),
		.completes = "directory nothing",
		.run = cmd_vlib_dirty,
	},
	{
		.name = "vlib fault",
		.operands = "DIR WHAT",
		.summary = "have something fail from now on, for tests",
		.details =
			"WHAT is move, elements (looking at them), scan, access (locking door and "
			"ports), ready, open, read, write, unload, attention (it does not tell "
			"that it was changed by hand) or late (a move is made, but too late for "
			"who waits); or none: nothing fails any more. Several add up.",
		.json = "directory, action, done",
		.least = 2,
		.most = 2,
		.options = OPTIONS(
			NUMBER(OPT_WHERE, "where",
			       "the element's address, of tapes the drive's "
			       "number; default: anywhere"),
			NUMBER(OPT_SKIP, "skip", "so many go well before"),
			NUMBER(OPT_COUNT_FAULTS, "count", "so many go wrong; default: all"),
			NUMBER(OPT_MILLISECONDS, "for", "no longer than so many milliseconds"),
			TEXT(OPT_SENSE, "sense", "KEY/ASC/ASCQ",
			     "SCSI sense data in hexadecimal digits; default: what is usual")),
		.completes = "directory "
			     "move=elements=scan=access=ready=open=read=write=unload=attention="
			     "late=none",
		.run = cmd_vlib_fault,
	},
	{
		.name = "export",
		.operands = "",
		.summary = "copy the database into a file",
		.details =
			"The file is Export/database below NTMS_HOME, in the place of the one "
			"before. Keep it elsewhere; cartridges hold what is in it, but not whose "
			"they are.",
		.brief = "the file",
		.json = "file",
		.run = cmd_export,
	},
	{
		.name = "import",
		.operands = "",
		.summary = "have the copy take the place of the database",
		.details =
			"All of it or nothing. Refused while a medium is mounted or a request is "
			"not finished. What is not in the copy is lost; every library is looked "
			"at anew.",
		.brief = "the file",
		.json = "file",
		.options = OPTIONS(FLAG(OPT_YES, "yes", "yes, replace everything")),
		.run = cmd_import,
	},
	{
		.name = "help",
		.operands = "[VERB]",
		.summary = "show this help, or that of a verb",
		.most = 2,
		.options =
			OPTIONS(CHOICE(OPT_FORMAT, "format", "HOW", formats,
				       "of all verbs: what manual and completion are made from")),
		.completes = "verb",
		.run = cmd_help,
	},
	{.name = NULL},
};

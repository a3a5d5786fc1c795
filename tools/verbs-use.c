/* SPDX-License-Identifier: GPL-2.0-only */
/* verbs-use.c - the verbs of who uses media */
#include "verbs.h"

static const struct choice priorities[] = {
	{"highest", NTMS_PRIORITY_HIGHEST}, {"high", NTMS_PRIORITY_HIGH},
	{"normal", NTMS_PRIORITY_NORMAL},   {"low", NTMS_PRIORITY_LOW},
	{"lowest", NTMS_PRIORITY_LOWEST},   {NULL, 0},
};

#define PRIORITY                                                                        \
	{                                                                               \
		OPT_PRIORITY, "priority", OPTION_PRIORITY, "HOW", priorities,           \
			"who is served first: a word, or a number from -15 to 15", NULL \
	}

#define MOUNT_OPTIONS                                                                          \
	NAMED(OPT_DRIVE, "drive", "DRIVE", "drive", "in this drive; once for every LMID"),     \
		FLAG(OPT_READ, "read", "for reading"),                                         \
		FLAG(OPT_WRITE, "write", "for writing; default: both"), PRIORITY,              \
		TIMEOUT("wait no longer than this; default infinite"),                         \
		FLAG(OPT_ERRUNAVAIL, "errunavail",                                             \
		     "fail at once when medium or drive is in use, or the medium offline"),    \
		FLAG(OPT_ERRBUSY, "errbusy", "fail at once when medium or drive is in use"),   \
		FLAG(OPT_ERROFFLINE, "erroffline", "fail at once when the medium is offline"), \
		FLAG(OPT_NOWAIT, "nowait", "never wait, whatever --timeout says")

#define LEFT_IN_DRIVE \
	FLAG(OPT_DEFERRED, "deferred", "leave the cartridge in the drive, free for the next user")

const struct verb use_verbs[] = {
	{
		.name = "allocate",
		.operands = "POOL",
		.summary = "allocate a medium; prints its LMID",
		.details =
			"When nothing is available an operator is asked, and it waits, unless "
			"--errunavail is given, no longer than --timeout. Names and descriptions "
			"are for people; when one of them cannot be set the medium is given back.",
		.brief = "the LMID",
		.json = "the logical medium, and lmid",
		.least = 1,
		.most = 1,
		.options =
			OPTIONS(FLAG(OPT_NEW, "new", "a medium whose other side nobody else gets"),
				NAMED(OPT_NEXT, "next", "LMID", "logical_media",
				      "the next side of what was allocated with --new"),
				TEXT(OPT_PARTITION, "partition", "SIDE", "this very side"),
				FLAG(OPT_ERRUNAVAIL, "errunavail",
				     "fail at once when nothing is available"),
				TIMEOUT("wait no longer than this; default infinite"),
				TEXT(OPT_NAME, "name", "NAME", "name of the new logical medium"),
				TEXT(OPT_DESCRIPTION, "description", "TEXT", "a remark for people"),
				TEXT(OPT_SIDE_NAME, "side-name", "NAME", "name of the side"),
				TEXT(OPT_SIDE_DESCRIPTION, "side-description", "TEXT",
				     "a remark about the side")),
		.windows =
			SWITCHES({WINDOWS_POOL, "/m", WINDOWS_OPERAND(0), "POOL", NULL},
				 {WINDOWS_FLAG, "/oerrunavail", OPT_ERRUNAVAIL, NULL, NULL},
				 {WINDOWS_FLAG, "/onew", OPT_NEW, NULL, NULL},
				 {WINDOWS_FLAG, "/onext", WINDOWS_NOTHING, NULL, "/l"},
				 {WINDOWS_OBJECT, "/l", OPT_NEXT, "LMID", "/onext"},
				 {WINDOWS_OBJECT, "/p", OPT_PARTITION, "PARTITION", NULL},
				 {WINDOWS_VALUE, "/ln", OPT_NAME, "NAME", NULL},
				 {WINDOWS_VALUE, "/ld", OPT_DESCRIPTION, "DESCRIPTION", NULL},
				 {WINDOWS_VALUE, "/pn", OPT_SIDE_NAME, "NAME", NULL},
				 {WINDOWS_VALUE, "/pd", OPT_SIDE_DESCRIPTION, "DESCRIPTION", NULL},
				 {WINDOWS_CHOICE, "/t", OPT_TIMEOUT, "MS", NULL},
				 {WINDOWS_FLAG, "/b", OPT_BRIEF, NULL, NULL}),
		.completes = "media_pool",
		.run = cmd_allocate,
	},
	{
		.name = "deallocate",
		.operands = "LMID | --partition SIDE",
		.summary = "give an allocated medium back to its pool",
		.brief = "the LMID",
		.json = "the logical medium as it was, and lmid",
		.most = 1,
		.options =
			OPTIONS(TEXT(OPT_PARTITION, "partition", "SIDE", "the LMID of this side")),
		.windows = SWITCHES({WINDOWS_OBJECT, "/l", WINDOWS_OPERAND(0), "LMID", NULL},
				    {WINDOWS_OBJECT, "/p", OPT_PARTITION, "PARTITION", NULL}),
		.completes = "logical_media",
		.run = cmd_deallocate,
	},
	{
		.name = "mount",
		.operands = "LMID... | --partition SIDE | --slot SLOT",
		.summary = "mount media; prints the devices to open",
		.details =
			"The media stay mounted for the shell or script that called and its "
			"children, until 'rsm dismount', or until that shell has ended and no "
			"program has the device open any more. A subshell counts as the shell "
			"itself; sudo and the like are looked through. Interrupted before the "
			"medium is mounted, it cancels the mount.\nOf a managed library only "
			"that shell, and what descends from it by parents that live, may open "
			"the devices. A process that turns itself into a daemon (its parent ends) "
			"does not descend from it any more and is refused, 'Device or resource "
			"busy', as 'rsm who --conflicts' shows: let it keep the device open from "
			"before, or use 'rsm run'.\nThe mount is kept by a "
			"process named rsm-keeper. At the end of the shell it reads the label "
			"and leaves the cartridge in the drive (a deferred dismount). If the "
			"keeper is killed with SIGKILL, the reservation ends at once and RSM "
			"takes the drive back; with SIGTERM it ends in good order.\nA complete "
			"medium is mounted only with --read.",
		.brief = "the devices",
		.json = "a list of lmid, cartridge, cartridge_id, drive, drive_id, device",
		.most = MANY,
		.options = OPTIONS(
			MOUNT_OPTIONS,
			TEXT(OPT_PARTITION, "partition", "SIDE",
			     "this very side, instead of an LMID"),
			NAMED(OPT_SLOT, "slot", "SLOT", "storageslot",
			      "the first side of what is in this slot, instead of an LMID"),
			NAMED(OPT_CHANGER, "changer", "CHANGER", "changer",
			      "the changer of that slot's library"),
			NAMED(OPT_LIBRARY, "library", "LIBRARY", "library", "that slot's library"),
			POSITIVE(OPT_FOR, "for", "PID",
				 "keep it mounted until this process ends, not the calling "
				 "shell")),
		.windows = SWITCHES({WINDOWS_OBJECT, "/l", WINDOWS_OPERAND(0), "LMID", NULL},
				    {WINDOWS_OBJECT, "/p", OPT_PARTITION, "PARTITION", NULL},
				    {WINDOWS_OBJECT, "/s", OPT_SLOT, "SLOT", "/c"},
				    {WINDOWS_OBJECT, "/c", OPT_CHANGER, "CHANGER", "/s"},
				    {WINDOWS_OBJECT, "/d", OPT_DRIVE, "DRIVE", NULL},
				    {WINDOWS_FLAG, "/oerrunavail", OPT_ERRBUSY, NULL, NULL},
				    {WINDOWS_FLAG, "/odrive", WINDOWS_NOTHING, NULL, "/d"},
				    {WINDOWS_FLAG, "/oread", OPT_READ, NULL, NULL},
				    {WINDOWS_FLAG, "/owrite", OPT_WRITE, NULL, NULL},
				    {WINDOWS_FLAG, "/ooffline", OPT_ERROFFLINE, NULL, NULL},
				    {WINDOWS_CHOICE, "/r", OPT_PRIORITY,
				     "{normal|highest|high|low|lowest}", NULL},
				    {WINDOWS_CHOICE, "/t", OPT_TIMEOUT, "MS", NULL}),
		.completes = "logical_media",
		.run = cmd_mount,
	},
	{
		.name = "run",
		.operands = "LMID... -- COMMAND...",
		.summary = "mount media for one command, then dismount them",
		.details = "The command finds the device in $TAPE and the LMID in $RSM_LMID; of "
			   "several media in $TAPE0, $TAPE1, ... and $RSM_LMID0, $RSM_LMID1, ... "
			   "Whatever happens to it, the media are dismounted after it. Processes "
			   "that it leaves behind with the device open are waited for, at most ten "
			   "minutes. All that descends from the command may open the devices while "
			   "it runs, daemons that it starts, too.",
		.least = 1,
		.most = MANY,
		.command = true,
		.options = OPTIONS(MOUNT_OPTIONS, LEFT_IN_DRIVE),
		.completes = "logical_media",
		.run = cmd_run,
	},
	{
		.name = "dismount",
		.operands = "LMID... | --partition SIDE | --drive DRIVE",
		.summary = "dismount media",
		.details = "Reads the label of what was written, and dismounts, whoever has "
			   "mounted it; waits until the cartridge is home. Interrupted, it goes on "
			   "all the same. Refused while a process has the device open.",
		.brief = "LMIDs",
		.json = "a list of lmid, cartridge, deferred; with --drive the drive",
		.most = MANY,
		.options = OPTIONS(LEFT_IN_DRIVE,
				   TEXT(OPT_PARTITION, "partition", "SIDE",
					"this very side, instead of an LMID"),
				   NAMED(OPT_DRIVE, "drive", "DRIVE", "drive",
					 "what is in this drive, instead of an LMID"),
				   TIMEOUT("wait no longer than this for the end")),
		.windows = SWITCHES({WINDOWS_OBJECT, "/l", WINDOWS_OPERAND(0), "LMID", NULL},
				    {WINDOWS_OBJECT, "/p", OPT_PARTITION, "PARTITION", NULL},
				    {WINDOWS_FLAG, "/odeferred", OPT_DEFERRED, NULL, NULL},
				    {WINDOWS_FLAG, "/o", WINDOWS_NOTHING, NULL, NULL}),
		.completes = "logical_media",
		.run = cmd_dismount,
	},
	{
		.name = "erase",
		.operands = "LMID | --partition SIDE",
		.summary = "erase what is on a medium",
		.details =
			"Mounts it, erases it, records that it has no label, and brings it home. "
			"Nothing that was on a tape can be read by usual means then; --whole goes "
			"over all of it, which takes hours. Only an allocated medium is erased, "
			"never a complete one. Interrupted before it is mounted, it cancels the "
			"mount; once it erases it goes on to the end.",
		.brief = "the LMID",
		.json = "lmid, cartridge, cartridge_id, drive, drive_id, device",
		.most = 1,
		.options = OPTIONS(TEXT(OPT_PARTITION, "partition", "SIDE",
					"this very side, instead of an LMID"),
				   FLAG(OPT_WHOLE, "whole", "go over all of the tape"), PRIORITY,
				   TIMEOUT("wait no longer than this for the mount")),
		.windows = SWITCHES({WINDOWS_OBJECT, "/p", OPT_PARTITION, "PARTITION", NULL},
				    {WINDOWS_FLAG, "/b", OPT_BRIEF, NULL, NULL},
				    {WINDOWS_CHOICE, "/r", OPT_PRIORITY,
				     "{normal|highest|high|low|lowest}", NULL},
				    {WINDOWS_CHOICE, "/t", OPT_TIMEOUT, "MS", NULL}),
		.completes = "logical_media",
		.run = cmd_erase,
	},
	{
		.name = "label",
		.operands = "LMID",
		.summary = "read the label of a mounted medium and record it",
		.details = "Only who may open its device can: the program that has mounted it, and "
			   "the shell that 'rsm mount' was called from. 'rsm dismount', 'rsm run' "
			   "and the keeper do so by themselves.",
		.brief = "the type of the label",
		.json = "the side",
		.least = 1,
		.most = 1,
		.completes = "logical_media",
		.run = cmd_label,
	},
	{
		.name = "complete",
		.operands = "LMID",
		.summary = "declare that a medium will not be written any more",
		.details = "From then on it is mounted only with --read.",
		.brief = "the LMID",
		.json = "the logical medium",
		.least = 1,
		.most = 1,
		.completes = "logical_media",
		.run = cmd_complete,
	},
	{
		.name = "swap",
		.operands = "LMID LMID",
		.summary = "exchange the media behind two LMIDs of one pool",
		.brief = "LMIDs",
		.json = "a list of the two logical media",
		.least = 2,
		.most = 2,
		.completes = "logical_media",
		.run = cmd_swap,
	},
	{
		.name = "who",
		.operands = "",
		.summary = "show which process holds which drive and medium",
		.details =
			"A mount of 'rsm mount' is held by its keeper, a process named rsm-keeper.",
		.brief = "process ids",
		.json = "a list of state (held or orphaned), pid, command, uid, user, since, "
			"since_unix_ms, generation, drive, drive_id, device, cartridge, "
			"cartridge_id, lmid; with --conflicts a list of time, time_unix_ms, "
			"device, device_id, pid, command, uid, user, holder_pid, holder_command",
		.options = OPTIONS(FLAG(OPT_CONFLICTS, "conflicts",
					"instead: who was refused the opening of a device lately")),
		.run = cmd_who,
	},
	{.name = NULL},
};

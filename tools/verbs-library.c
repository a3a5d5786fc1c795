/* SPDX-License-Identifier: GPL-2.0-only */
/* verbs-library.c - the verbs about libraries, and their options */
#include "verbs.h"

static const struct choice inventories[] = {
	{"full", NTMS_INVENTORY_OMID},
	{"fast", NTMS_INVENTORY_FAST},
	{"slot", NTMS_INVENTORY_SLOT},
	{"default", NTMS_INVENTORY_DEFAULT},
	{"none", NTMS_INVENTORY_NONE},
	{"stop", NTMS_INVENTORY_STOP},
	{NULL, 0},
};

/* Afterwards, when the door is closed. */
static const struct choice door_inventories[] = {
	{"full", NTMS_INVENTORY_OMID},
	{"fast", NTMS_INVENTORY_FAST},
	{"default", NTMS_INVENTORY_DEFAULT},
	{"none", NTMS_INVENTORY_NONE},
	{NULL, 0},
};

static const struct choice injections[] = {
	{"start", NTMS_INJECT_START},
	{"startmany", NTMS_INJECT_STARTMANY},
	{"stop", NTMS_INJECT_STOP},
	{"retract", NTMS_INJECT_RETRACT},
	{NULL, 0},
};

static const struct choice cleaner_actions[] = {
	{"start", NTMS_INJECT_START},
	{"stop", NTMS_INJECT_STOP},
	{NULL, 0},
};

static const struct choice ejections[] = {
	{"start", NTMS_EJECT_START},
	{"stop", NTMS_EJECT_STOP},
	{"queue", NTMS_EJECT_QUEUE},
	{"force", NTMS_EJECT_FORCE},
	{"immediate", NTMS_EJECT_IMMEDIATE},
	{"ask", NTMS_EJECT_ASK_USER},
	{NULL, 0},
};

#define OPERATION                                             \
	NAMED(OPT_OPERATION, "operation", "ID", "librequest", \
	      "the operation to be ended: its GUID, or a beginning of it")

#define CLEANER_JSON                                                                           \
	"library, library_id, slot, slot_id, present (whether there is a cleaner), uses (how " \
	"often it "                                                                            \
	"can still be used; null when that is not counted)"

#define CLEANER_ACTION                                        \
	CHOICE(OPT_ACTION, "action", "WHAT", cleaner_actions, \
	       "start: the default; stop: end the --operation")

#define NOWAIT FLAG(OPT_NOWAIT, "nowait", "only begin; do not wait for the end")

const struct verb library_verbs[] = {
	{
		.name = "devices",
		.operands = "",
		.summary = "list the changers and drives there are, managed or not",
		.brief = "serial numbers",
		.json = "a list of type (changer or drive), device, serial, vendor, product, "
			"revision, scsi_address, managed, library, library_id; a changer has "
			"slots, ports, drives",
		.run = cmd_devices,
	},
	{
		.name = "manage",
		.operands = "SERIAL|DEVICE|all",
		.summary = "take a library into management",
		.details = "The library is named by the serial number or a device node of its "
			   "changer (see 'rsm devices'). Its drives are found by the serial "
			   "numbers that it reports, its cartridges by their bar codes; nothing is "
			   "mounted. Doing it again brings the records up to date. A drive that "
			   "stands alone is a library by itself and named by its own.\nWith all "
			   "every changer, and every drive that is in no library; one that fails "
			   "does not keep the others from being managed.",
		.brief = "GUIDs of libraries",
		.json = "a list of libraries",
		.least = 1,
		.most = 1,
		.completes = "file",
		.run = cmd_manage,
	},
	{
		.name = "unmanage",
		.operands = "LIBRARY",
		.summary = "give a library back",
		.details = "Its devices are forgotten at once; its cartridges become offline and "
			   "keep pools, labels and allocations. Refused while a medium is mounted.",
		.brief = "its GUID",
		.json = "the library",
		.least = 1,
		.most = 1,
		.completes = "library",
		.run = cmd_unmanage,
	},
	{
		.name = "view",
		.operands = "[TYPE]",
		.summary = "show libraries and what is in them, or list objects of a type",
		.details = "Without TYPE a picture of each library: its changer, drives, ports and "
			   "slots, what is where, in which pool and state, and which process holds "
			   "it; then offline cartridges and the pools.\nTYPE is one of changer, "
			   "changer_type, computer, drive, drive_type, iedoor, ieport, library, "
			   "librequest, logical_media, media_pool, media_type, oprequest, "
			   "partition (a side), physical_media (a cartridge), storageslot.",
		.brief = "names, with --guid GUIDs",
		.json = "a list of objects, as above",
		.most = 1,
		.options = OPTIONS(
			NAMED(OPT_CONTAINER, "container", "ID", "library,media_pool",
			      "only what is in this library, pool, cartridge, side or LMID"),
			FLAG(OPT_GUID, "guid", "show GUIDs; with --brief instead of names")),
		.windows = SWITCHES({WINDOWS_CHOICE, "/t", WINDOWS_OPERAND(0), "TYPE", NULL},
				    {WINDOWS_GUID, "/c", OPT_CONTAINER, "GUID", NULL},
				    {WINDOWS_FLAG, "/guiddisplay", OPT_GUID, NULL, NULL},
				    {WINDOWS_FLAG, "/b", OPT_BRIEF, NULL, NULL}),
		.completes = "type",
		.run = cmd_view,
	},
	{
		.name = "inventory",
		.operands = "LIBRARY",
		.summary = "look what is in a library",
		.details = "Waits for the end, and says which cartridges are new and which are "
			   "gone. Interrupted, it stops waiting; the work goes on.",
		.brief = "the number of cartridges; with --action stop the library",
		.json = "library, library_id, cartridges (their number), found and gone (lists of "
			"id and name), failed (a list of librequests); with --action stop only the "
			"first two",
		.least = 1,
		.most = 1,
		.options = OPTIONS(
			CHOICE(OPT_ACTION, "action", "HOW", inventories,
			       "full: read every label; fast: bar codes; slot: slots only; "
			       "default: as the library is set; none: only wait for the work under "
			       "way; stop: end the inventory that goes on, wait for nothing"),
			TIMEOUT("wait no longer than this for the end")),
		.windows = SWITCHES(
			{WINDOWS_OBJECT, "/l", WINDOWS_OPERAND(0), "LIBRARY", NULL},
			{WINDOWS_CHOICE, "/a", OPT_ACTION, "{full|fast|default|none|stop}", NULL}),
		.completes = "library",
		.run = cmd_inventory,
	},
	{
		.name = "eject",
		.operands = "MEDIA... | --slot SLOT | --drive DRIVE | --library LIBRARY",
		.summary = "put cartridges into the ports for a person to take out",
		.details = "Waits until a person has taken them. As many as the library has ports "
			   "leave together; when one of them cannot be ejected none is. "
			   "Interrupted, it stops the operation: what is still in a port goes back "
			   "to its slot. What nobody takes in time stays in its port.",
		.brief = "operations, a line for each cartridge; of what is only collected its "
			 "request",
		.json = "a list of cartridge, cartridge_id, library, operation, request, state; "
			"with --action stop the operation",
		.most = MANY,
		.options = OPTIONS(
			CHOICE(OPT_ACTION, "action", "WHAT", ejections,
			       "start: eject it, and what was collected before (the default; "
			       "without MEDIA only that); queue: collect it; force: though it is "
			       "in use, but no process has the device open; immediate, ask: as "
			       "start, and no timeout counts; stop: end the --operation"),
			NAMED(OPT_SLOT, "slot", "SLOT", "storageslot", "what is in this slot"),
			NAMED(OPT_DRIVE, "drive", "DRIVE", "drive", "what is in this drive"),
			NAMED(OPT_LIBRARY, "library", "LIBRARY", "library",
			      "the library that the slot or drive is in; alone: what is in its "
			      "only drive"),
			OPERATION, NOWAIT, TIMEOUT("wait no longer than this for the end")),
		.windows = SWITCHES({WINDOWS_OBJECT, "/p", WINDOWS_OPERAND(0), "PMID", NULL},
				    {WINDOWS_OBJECT, "/s", OPT_SLOT, "SLOT", "/l"},
				    {WINDOWS_OBJECT, "/d", OPT_DRIVE, "DRIVE", "/l"},
				    {WINDOWS_OBJECT, "/l", OPT_LIBRARY, "LIBRARY", NULL},
				    {WINDOWS_CHOICE, "/o", OPT_OPERATION, "OPERATION", NULL},
				    {WINDOWS_CHOICE, "/a", OPT_ACTION, "{start|stop|queue}", NULL},
				    {WINDOWS_FLAG, "/b", OPT_BRIEF, NULL, NULL}),
		.completes = "physical_media",
		.run = cmd_eject,
	},
	{
		.name = "inject",
		.operands = "LIBRARY",
		.summary = "take in what a person puts into the ports",
		.details = "Opens the ports, and waits until a person has put cartridges there and "
			   "they are in slots. Interrupted, it stops the operation: the ports are "
			   "closed, and what is in them by then is taken in.",
		.brief = "the operation",
		.json = "operation, library, library_id, found (a list of id and name; null when "
			"it was not waited for)",
		.least = 1,
		.most = 1,
		.options = OPTIONS(
			CHOICE(OPT_ACTION, "action", "WHAT", injections,
			       "start: one load (the default); startmany: the ports open again "
			       "after each load, until nobody comes any more; stop: end the "
			       "--operation; retract: take in now what is in its ports"),
			OPERATION, NOWAIT, TIMEOUT("wait no longer than this for the end")),
		.windows = SWITCHES(
			{WINDOWS_OBJECT, "/l", WINDOWS_OPERAND(0), "LIBRARY", NULL},
			{WINDOWS_CHOICE, "/o", OPT_OPERATION, "OPERATION", NULL},
			{WINDOWS_CHOICE, "/a", OPT_ACTION, "{start|startmany|stop|retract}", NULL},
			{WINDOWS_FLAG, "/b", OPT_BRIEF, NULL, NULL}),
		.completes = "library",
		.run = cmd_inject,
	},
	{
		.name = "door",
		.operands = "LIBRARY",
		.summary = "unlock the door, and look what changed when it is closed again",
		.details = "The door is unlocked as soon as the library is idle. Waits until a "
			   "person has opened and closed it. Interrupted, it cancels the request, "
			   "unless the door is unlocked already.",
		.brief = "the request",
		.json = "request, library, library_id, found and gone (lists of id and name; null "
			"when it was not waited for)",
		.least = 1,
		.most = 1,
		.options = OPTIONS(
			CHOICE(OPT_ACTION, "action", "HOW", door_inventories,
			       "the inventory afterwards. full: read every label; fast: bar codes; "
			       "default: as the library is set; none: identify nothing"),
			NOWAIT, TIMEOUT("wait no longer than this for the end")),
		.completes = "library",
		.run = cmd_door,
	},
	{
		.name = "identify",
		.operands = "SLOT",
		.summary = "find out which cartridge is in a slot",
		.details = "It is mounted, and the labels of its sides are read. Interrupted, it "
			   "stops waiting; the work goes on.",
		.brief = "the cartridge; nothing when the slot is empty",
		.json = "slot, slot_id, cartridge and cartridge_id (null when the slot is empty), "
			"sides (a list of partitions)",
		.least = 1,
		.most = 1,
		.options = OPTIONS(NAMED(OPT_LIBRARY, "library", "LIBRARY", "library",
					 "the library that the slot is in"),
				   FLAG(OPT_DEFERRED, "deferred",
					"leave it in the drive, for whoever mounts it next")),
		.completes = "storageslot",
		.run = cmd_identify,
	},
	{
		.name = "clean",
		.operands = "DRIVE",
		.summary = "clean a drive with the library's cleaner",
		.details =
			"What is in the drive after a deferred dismount goes home first; a mount "
			"is waited for. Without a cleaner that can be used a person is asked for "
			"one. Of a drive that stands alone only the time is noted. Interrupted, it "
			"cancels the request, unless the cleaning has begun.",
		.brief = "the request",
		.json = "drive, drive_id, library, library_id, request, state, last_cleaned, uses "
			"(how often the cleaner can still be used; null when that is not counted)",
		.least = 1,
		.most = 1,
		.options = OPTIONS(NAMED(OPT_LIBRARY, "library", "LIBRARY", "library",
					 "the library that the drive is in"),
				   NOWAIT, TIMEOUT("wait no longer than this for the end")),
		.completes = "drive",
		.run = cmd_clean,
	},
	{
		.name = "cleaner reserve",
		.operands = "LIBRARY SLOT",
		.summary = "keep an empty slot for the cleaner",
		.brief = "the slot",
		.json = CLEANER_JSON,
		.least = 2,
		.most = 2,
		.completes = "library storageslot",
		.run = cmd_cleaner_reserve,
	},
	{
		.name = "cleaner release",
		.operands = "LIBRARY",
		.summary = "make the cleaner's slot an ordinary one again",
		.details = "The cleaner has to be out of it: see 'rsm cleaner eject'.",
		.brief = "the slot",
		.json = CLEANER_JSON,
		.least = 1,
		.most = 1,
		.completes = "library",
		.run = cmd_cleaner_release,
	},
	{
		.name = "cleaner inject",
		.operands = "LIBRARY",
		.summary = "take in a cleaner that a person brings",
		.details =
			"Opens the ports, and waits until a person has put it there and it is in "
			"its slot; in a library without ports he puts it there himself, through "
			"the door. Interrupted, it stops the operation, unless that goes by the "
			"door.",
		.brief = "the operation",
		.json = CLEANER_JSON "; operation",
		.least = 1,
		.most = 1,
		.options = OPTIONS(POSITIVE(OPT_USES, "uses", "N",
					    "how often it can still be used; without this option "
					    "that is not counted"),
				   CLEANER_ACTION, OPERATION, NOWAIT,
				   TIMEOUT("wait no longer than this for the end")),
		.completes = "library",
		.run = cmd_cleaner_inject,
	},
	{
		.name = "cleaner eject",
		.operands = "LIBRARY",
		.summary = "put the cleaner out",
		.details =
			"Waits until a person has taken it out of the port; in a library without "
			"ports he takes it out of its slot, through the door. The slot stays "
			"reserved. Interrupted, it stops the operation, unless that goes by the "
			"door: the cleaner goes back to its slot.",
		.brief = "the operation",
		.json = CLEANER_JSON "; operation",
		.least = 1,
		.most = 1,
		.options = OPTIONS(CLEANER_ACTION, OPERATION, NOWAIT,
				   TIMEOUT("wait no longer than this for the end")),
		.completes = "library",
		.run = cmd_cleaner_eject,
	},
	{
		.name = "refresh",
		.operands = "OBJECT",
		.summary = "look whether people have changed a medium",
		.details = "OBJECT is a library, which is waited for; or a cartridge or media "
			   "type, for "
			   "every stand-alone drive that could hold it. Interrupted, it stops "
			   "waiting; the work goes on.",
		.brief = "its GUID",
		.json = "the object",
		.least = 1,
		.most = 1,
		.options = OPTIONS(TIMEOUT("wait no longer than this for the end"),
				   NAMED(OPT_TYPE, "type", "TYPE", "type", "the type of OBJECT")),
		.windows = SWITCHES({WINDOWS_OBJECT, "/l", WINDOWS_OPERAND(0), "LIBRARY", NULL},
				    {WINDOWS_OBJECT, "/p", WINDOWS_OPERAND(0), "PMID", NULL},
				    {WINDOWS_GUID, "/t", WINDOWS_OPERAND(0), "MEDIATYPE", NULL}),
		.completes = "library,physical_media,media_type",
		.run = cmd_refresh,
	},
	{
		.name = "delete drive",
		.operands = "DRIVE",
		.summary = "forget a drive that is not present any more",
		.brief = "its GUID",
		.json = "the drive as it was",
		.least = 1,
		.most = 1,
		.completes = "drive",
		.run = cmd_delete_drive,
	},
	{
		.name = "delete library",
		.operands = "LIBRARY",
		.summary = "forget a library that is not present any more",
		.details =
			"Its cartridges become offline; they keep pools, labels and allocations.",
		.brief = "its GUID",
		.json = "the library as it was",
		.least = 1,
		.most = 1,
		.completes = "library",
		.run = cmd_delete_library,
	},
	{.name = NULL},
};

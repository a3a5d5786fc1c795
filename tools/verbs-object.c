/* SPDX-License-Identifier: GPL-2.0-only */
/* verbs-object.c - the verbs about objects of any kind */
#include "verbs.h"

static const struct choice ui_operations[] = {
	{"add", NTMS_UIDEST_ADD},
	{"delete", NTMS_UIDEST_DELETE},
	{"deleteall", NTMS_UIDEST_DELETEALL},
	{NULL, 0},
};

static const struct choice ui_kinds[] = {
	{"info", NTMS_UITYPE_INFO},
	{"req", NTMS_UITYPE_REQ},
	{"err", NTMS_UITYPE_ERR},
	{NULL, 0},
};

/* Which type of object OBJECT is, where its name alone leaves a choice. */
#define OF_TYPE NAMED(OPT_TYPE, "type", "TYPE", "type", "the type of OBJECT")

const struct verb object_verbs[] = {
	{
		.name = "enable",
		.operands = "OBJECT",
		.summary = "take a library, drive or cartridge into use again",
		.brief = "its GUID",
		.json = "the object",
		.least = 1,
		.most = 1,
		.options = OPTIONS(OF_TYPE),
		.completes = "library,drive,physical_media",
		.run = cmd_enable,
	},
	{
		.name = "disable",
		.operands = "OBJECT",
		.summary = "take a library, drive or cartridge out of use",
		.brief = "its GUID",
		.json = "the object",
		.least = 1,
		.most = 1,
		.options = OPTIONS(OF_TYPE),
		.completes = "library,drive,physical_media",
		.run = cmd_disable,
	},
	{
		.name = "rename",
		.operands = "OBJECT",
		.summary = "change the name or description of an object",
		.details = "Libraries, pools, cartridges, sides and logical media have names that "
			   "can be changed; descriptions everything has.",
		.brief = "its GUID",
		.json = "the object",
		.least = 1,
		.most = 1,
		.options =
			OPTIONS(TEXT(OPT_NAME, "name", "NAME", "its new name"),
				TEXT(OPT_DESCRIPTION, "description", "TEXT", "its new description"),
				OF_TYPE),
		.windows = SWITCHES({WINDOWS_OBJECT, "/", WINDOWS_OPERAND(0), "OBJECT", NULL},
				    {WINDOWS_CHOICE, "/t", OPT_TYPE, "TYPE", NULL},
				    {WINDOWS_VALUE, "/n", OPT_NAME, "NAME", NULL},
				    {WINDOWS_VALUE, "/d", OPT_DESCRIPTION, "DESCRIPTION", NULL}),
		.completes = "library,media_pool,physical_media,drive",
		.run = cmd_rename,
	},
	{
		.name = "attribute get",
		.operands = "OBJECT NAME",
		.summary = "show private data that an application keeps with an object",
		.details = "What is no text is printed as hexadecimal digits.",
		.brief = "the same",
		.json = "name, size, text (null for what is no text), hex",
		.least = 2,
		.most = 2,
		.options = OPTIONS(FLAG(OPT_RAW, "raw", "print the very bytes, nothing else"),
				   OF_TYPE),
		.completes = "library,media_pool,physical_media,drive",
		.run = cmd_attribute_get,
	},
	{
		.name = "attribute set",
		.operands = "OBJECT NAME [VALUE]",
		.summary = "keep private data with an object",
		.details = "A NAME has at most 31 characters, its data less than 65536 bytes.",
		.json = "name, size, text (null for what is no text), hex",
		.least = 2,
		.most = 3,
		.options = OPTIONS(TEXT(OPT_FILE, "file", "FILE",
					"what is in this file, instead of a VALUE; "
					"- is standard input"),
				   OF_TYPE),
		.completes = "library,media_pool,physical_media,drive",
		.run = cmd_attribute_set,
	},
	{
		.name = "attribute delete",
		.operands = "OBJECT NAME",
		.summary = "delete private data of an object",
		.json = "name, size (0), text, hex",
		.least = 2,
		.most = 2,
		.options = OPTIONS(OF_TYPE),
		.completes = "library,media_pool,physical_media,drive",
		.run = cmd_attribute_delete,
	},
	{
		.name = "acl",
		.operands = "OBJECT [ENTRY...]",
		.summary = "show or change who may do what with the computer, a library or a pool",
		.details =
			"OBJECT is computer, a library, a pool, or / for the pool above all "
			"others. "
			"Cartridges, sides and logical media go by their pool, everything in a "
			"library by the library, all else by the computer.\n"
			"An ENTRY is [deny:][here:|below:]user:NAME:RIGHTS, or with group:NAME or "
			"everyone in place of the user; it takes the place of what the list says "
			"of "
			"the same. RIGHTS are words with commas between them: use, modify, control "
			"(none of them includes another), read-control and write-dac (see and "
			"change this list), write-owner, all, none. An entry of a pool goes for "
			"the "
			"pools that are made below it, too; with here it does not, with below it "
			"goes for those only. Root and the owner of an object cannot be kept from "
			"changing its list.",
		.brief = "the entries, as they are written here",
		.json = "id, type, name, owner, group, entries (null when there is no list and "
			"everybody may do everything; else a list of entry, who, allowed, rights, "
			"where, inherited)",
		.least = 1,
		.most = MANY,
		.options =
			OPTIONS(FLAG(OPT_REPLACE, "replace",
				     "the entries given are all there are from now on"),
				TEXT(OPT_OWNER, "owner", "USER", "make it this user's"),
				TEXT(OPT_GROUP, "group", "GROUP", "give it this group"), OF_TYPE),
		.completes = "library,media_pool,computer nothing",
		.run = cmd_acl,
	},
	{
		.name = "ui",
		.operands = "",
		.summary = "show or change which computers messages to people go to",
		.details = "Of this computer as a whole, or of a library. Without --operation they "
			   "are shown, with it those of that kind as they are afterwards.",
		.brief = "names of computers",
		.json = "a list of of (computer, or the library's name), kind, computer (empty for "
			"this one)",
		.options = OPTIONS(
			CHOICE(OPT_OPERATION, "operation", "HOW", ui_operations,
			       "add or delete a computer, or delete all of them"),
			CHOICE(OPT_KIND, "kind", "KIND", ui_kinds,
			       "info: progress of work; req: what people are asked for; err: "
			       "faults"),
			TEXT(OPT_COMPUTER, "computer", "NAME", "which computer; default: this one"),
			NAMED(OPT_LIBRARY, "library", "LIBRARY", "library",
			      "messages about this library")),
		.windows = SWITCHES(
			{WINDOWS_CHOICE, "/o", OPT_OPERATION, "{add|delete|deleteall}", NULL},
			{WINDOWS_CHOICE, "/t", OPT_KIND, "{info|req|err}", NULL},
			{WINDOWS_VALUE, "/c", OPT_COMPUTER, "COMPUTER", NULL},
			{WINDOWS_OBJECT, "/l", OPT_LIBRARY, "LIBRARY", NULL}),
		.run = cmd_ui,
	},
	{.name = NULL},
};

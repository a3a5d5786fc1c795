/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cmd-vlib.c - rsm vlib: virtual libraries are made, and what a person does at one; its faults
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "describe.h"
#include "text.h"

static DWORD number_or(const struct args *args, enum option_id id, DWORD fallback)
{
	return args->given[id] ? (DWORD)args->number[id] : fallback;
}

/* "2 drives, 10 slots", of what there is. */
static char *shape_text(const RSM_VIRTUAL_SHAPE *shape)
{
	const struct {
		DWORD count;
		const char *thing;
		bool always;
	} parts[] = {
		{shape->dwDrives, "drive", true},
		{shape->dwStandAloneDrives, "stand-alone drive", false},
		{shape->dwSlots, "slot", true},
		{shape->dwPorts, "port", true},
		{shape->dwTapes, "tape", true},
		{shape->dwCleaners, "cleaner", false},
	};
	char *text = text_format("%s", "");

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		char *one, *longer;

		if (!parts[i].count && !parts[i].always)
			continue;
		one = text_count(parts[i].count, parts[i].thing);
		longer = text_format("%s%s%s", text, text[0] ? ", " : "", one);
		free(one);
		free(text);
		text = longer;
	}
	return text;
}

int cmd_vlib_create(struct rsm *rsm, const struct args *args)
{
	const char *directory = args->operand[0];
	RSM_VIRTUAL_SHAPE shape = {
		.dwSize = sizeof(shape),
		.dwDrives = number_or(args, OPT_DRIVES, 2),
		.dwSlots = number_or(args, OPT_SLOTS, 10),
		.dwPorts = number_or(args, OPT_PORTS, 1),
		.dwTapes = number_or(args, OPT_TAPES, 5),
		.dwMedia = number_or(args, OPT_MEDIA, RSM_VIRTUAL_LTO8),
		.dwStandAloneDrives = number_or(args, OPT_STANDALONE, 0),
		.dwMagazineSlots = number_or(args, OPT_MAGAZINE, 0),
		.dwCleaners = number_or(args, OPT_CLEANERS, 0),
		.bDoor = !args->given[OPT_NO_DOOR],
		.bBarCodeReader = !args->given[OPT_NO_READER],
	};
	struct json_object *result;
	char *path, *broker, *contents;
	DWORD code;

	if (!args->given[OPT_TAPES] && shape.dwTapes > shape.dwSlots)
		shape.dwTapes = shape.dwSlots;
	code = note(rsm, RsmCreateVirtualLibraryEx(directory, &shape));
	if (code)
		return fail(rsm, code);
	path = realpath(directory, NULL);
	broker = text_format("virtual:%s", path ? path : directory);
	result = json_record();
	json_set_text(result, "directory", path ? path : directory);
	json_set_text(result, "broker", broker);
	json_set_number(result, "drives", shape.dwDrives);
	json_set_number(result, "slots", shape.dwSlots);
	json_set_number(result, "ports", shape.dwPorts);
	json_set_number(result, "tapes", shape.dwTapes);
	json_set_number(result, "standalone", shape.dwStandAloneDrives);
	json_set_number(result, "cleaners", shape.dwCleaners);
	contents = shape_text(&shape);
	print_result(rsm, result, "broker",
		     text_format("made a virtual library of %s; use it with NTMS_BROKER=%s",
				 contents, broker));
	free(contents);
	free(broker);
	free(path);
	return EXIT_DONE;
}

/* ---- what a person does ---- */

struct place {
	DWORD kind, number;
	const char *word;
};

/* Exactly one of --port, --slot and --drive. */
static bool take_place(struct rsm *rsm, const struct args *args, struct place *place)
{
	static const struct {
		enum option_id id;
		DWORD kind;
		const char *word;
	} places[] = {
		{OPT_PORT, RSM_VIRTUAL_PORT, "port"},
		{OPT_SLOT, RSM_VIRTUAL_SLOT, "slot"},
		{OPT_DRIVE, RSM_VIRTUAL_DRIVE, "drive"},
	};
	size_t found = 0;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (!args->given[places[i].id])
			continue;
		found++;
		place->kind = places[i].kind;
		place->word = places[i].word;
		place->number = (DWORD)args->number[places[i].id];
	}
	if (found != 1)
		fail_usage(rsm, "where? One of --port, --slot and --drive");
	return found == 1;
}

/* A number from @least on; the text in the @at-th operand. */
static bool take_number(struct rsm *rsm, const struct args *args, size_t at, DWORD *number)
{
	const char *text = args->operand[at];
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(text, &end, 10);
	*number = (DWORD)value;
	if (text[0] >= '0' && text[0] <= '9' && !*end && !errno && value < UINT_MAX)
		return true;
	fail_usage(rsm, "'%s' is no number", text);
	return false;
}

static int print_done(struct rsm *rsm, const struct args *args, const char *action, char *text)
{
	struct json_object *result = json_record();

	json_set_text(result, "directory", args->operand[0]);
	json_set_text(result, "action", action);
	json_set_text(result, "done", text);
	print_result(rsm, result, NULL, text);
	return EXIT_DONE;
}

int cmd_vlib_insert(struct rsm *rsm, const struct args *args)
{
	struct place place;
	DWORD code;

	if (!take_place(rsm, args, &place))
		return EXIT_USAGE;
	code = note(rsm,
		    RsmVirtualInsert(args->operand[0], place.kind, place.number, args->operand[1]));
	if (code)
		return fail(rsm, code);
	return print_done(
		rsm, args, "insert",
		text_format("%s is put into %s %u", args->operand[1], place.word, place.number));
}

int cmd_vlib_remove(struct rsm *rsm, const struct args *args)
{
	struct place place;
	DWORD code;

	if (!take_place(rsm, args, &place))
		return EXIT_USAGE;
	code = note(rsm, RsmVirtualRemove(args->operand[0], place.kind, place.number));
	if (code)
		return fail(rsm, code);
	return print_done(rsm, args, "remove",
			  text_format("%s %u is empty; what was in it is on the shelf", place.word,
				      place.number));
}

/* The @at-th operand is one of two words; -1 for neither. */
static int take_word(struct rsm *rsm, const struct args *args, size_t at, const char *yes,
		     const char *no)
{
	if (!strcmp(args->operand[at], yes))
		return 1;
	if (!strcmp(args->operand[at], no))
		return 0;
	fail_usage(rsm, "'%s' is neither '%s' nor '%s'", args->operand[at], yes, no);
	return -1;
}

int cmd_vlib_door(struct rsm *rsm, const struct args *args)
{
	int open = take_word(rsm, args, 1, "open", "close");
	DWORD code;

	if (open < 0)
		return EXIT_USAGE;
	code = note(rsm, RsmVirtualDoor(args->operand[0], open));
	if (code)
		return fail(rsm, code);
	return print_done(rsm, args, "door",
			  text_format("the door is %s", open ? "open" : "closed"));
}

int cmd_vlib_magazine(struct rsm *rsm, const struct args *args)
{
	DWORD number, code;
	int out;

	if (!take_number(rsm, args, 1, &number))
		return EXIT_USAGE;
	out = take_word(rsm, args, 2, "out", "in");
	if (out < 0)
		return EXIT_USAGE;
	code = note(rsm, RsmVirtualMagazine(args->operand[0], number, out));
	if (code)
		return fail(rsm, code);
	return print_done(rsm, args, "magazine",
			  text_format("magazine %u is %s", number, out ? "out" : "in"));
}

static int plug(struct rsm *rsm, const struct args *args, bool in)
{
	bool changer = !strcmp(args->operand[1], "changer");
	DWORD number = RSM_VIRTUAL_CHANGER, code;
	char *what;
	int status;

	if (!changer && !take_number(rsm, args, 1, &number))
		return EXIT_USAGE;
	code = note(rsm, RsmVirtualPlug(args->operand[0], number, in));
	if (code)
		return fail(rsm, code);
	what = changer ? text_format("the changer") : text_format("drive %u", number);
	status = print_done(rsm, args, in ? "plug" : "unplug",
			    text_format("%s is %s", what, in ? "plugged in" : "pulled out"));
	free(what);
	return status;
}

int cmd_vlib_plug(struct rsm *rsm, const struct args *args)
{
	return plug(rsm, args, true);
}

int cmd_vlib_unplug(struct rsm *rsm, const struct args *args)
{
	return plug(rsm, args, false);
}

int cmd_vlib_dirty(struct rsm *rsm, const struct args *args)
{
	DWORD number, code;

	if (!take_number(rsm, args, 1, &number))
		return EXIT_USAGE;
	code = note(rsm, RsmVirtualDirty(args->operand[0], number, !args->given[OPT_CLEAN]));
	if (code)
		return fail(rsm, code);
	return print_done(rsm, args, "dirty",
			  text_format("drive %u %s", number,
				      args->given[OPT_CLEAN] ? "is clean" : "asks to be cleaned"));
}

/* ---- faults ---- */

static const struct word fault_operations[] = {
	{RSM_FAULT_MOVE, "move"},     {RSM_FAULT_ELEMENTS, "elements"},
	{RSM_FAULT_SCAN, "scan"},     {RSM_FAULT_ACCESS, "access"},
	{RSM_FAULT_READY, "ready"},   {RSM_FAULT_OPEN, "open"},
	{RSM_FAULT_READ, "read"},     {RSM_FAULT_WRITE, "write"},
	{RSM_FAULT_UNLOAD, "unload"}, {RSM_FAULT_ATTENTION, "attention"},
	{RSM_FAULT_LATE, "late"},     {0, NULL},
};

/* "3/11/00": key, additional code and its qualifier, in hexadecimal digits. */
static bool take_sense(struct rsm *rsm, const char *text, RSM_VIRTUAL_FAULT *fault)
{
	unsigned int key, asc, ascq;
	int end = 0;

	if (strlen(text) <= 7 && sscanf(text, "%1x/%2x/%2x%n", &key, &asc, &ascq, &end) == 3 &&
	    !text[end] && strspn(text, "0123456789abcdefABCDEF/") == strlen(text)) {
		fault->bKey = (BYTE)key;
		fault->bAsc = (BYTE)asc;
		fault->bAscq = (BYTE)ascq;
		return true;
	}
	fail_usage(rsm,
		   "--sense is like 3/11/00: key, code and qualifier in hexadecimal digits, "
		   "not '%s'",
		   text);
	return false;
}

int cmd_vlib_fault(struct rsm *rsm, const struct args *args)
{
	RSM_VIRTUAL_FAULT fault = {.dwSize = sizeof(fault)};
	const char *what = args->operand[1];
	bool none = !strcmp(what, "none");
	DWORD code;

	for (const struct word *word = fault_operations; word->text; word++)
		if (!strcmp(word->text, what))
			fault.dwOperation = word->value;
	if (!none && !fault.dwOperation)
		return fail_usage(rsm,
				  "no fault '%s'; there are: move, elements, scan, access, ready, "
				  "open, read, write, unload, attention, late; and none",
				  what);
	fault.dwWhere = number_or(args, OPT_WHERE, RSM_FAULT_ANYWHERE);
	fault.dwSkip = number_or(args, OPT_SKIP, 0);
	fault.dwCount = number_or(args, OPT_COUNT_FAULTS, 0);
	fault.dwMilliseconds = number_or(args, OPT_MILLISECONDS, 0);
	if (args->given[OPT_SENSE] && !take_sense(rsm, args->text[OPT_SENSE], &fault))
		return EXIT_USAGE;
	code = note(rsm, RsmVirtualFault(args->operand[0], none ? NULL : &fault));
	if (code)
		return fail(rsm, code);
	return print_done(rsm, args, "fault",
			  none ? text_format("there are no more faults")
			       : text_format("%s will fail", what));
}

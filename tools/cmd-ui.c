/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cmd-ui.c - rsm ui: the computers that messages to people go to; rsm refresh: look at devices that
 * people may have changed something in
 */
#include <stdlib.h>
#include <string.h>
#include "cancel.h"
#include "describe.h"
#include "places.h"
#include "text.h"

static const struct word ui_types[] = {
	{NTMS_UITYPE_INFO, "info"},
	{NTMS_UITYPE_REQ, "req"},
	{NTMS_UITYPE_ERR, "err"},
	{0, NULL},
};

/* The library in --library, or the computer. */
static DWORD find_holder(struct rsm *rsm, const struct args *args, NTMS_GUID *guid)
{
	NTMS_GUID *list;
	DWORD count, code;

	if (args->given[OPT_LIBRARY])
		return find_object(rsm, args->text[OPT_LIBRARY], NTMS_LIBRARY, guid);
	code = list_objects(rsm, NULL, NTMS_COMPUTER, &list, &count);
	if (!code && !count)
		code = note_text(rsm, ERROR_OBJECT_NOT_FOUND, "there is no computer object");
	if (!code)
		*guid = list[0];
	free(list);
	return code;
}

/* Names with a NUL behind each, and one more at the end; to be freed. */
static DWORD ask_destinations(struct rsm *rsm, NTMS_GUID *holder, DWORD type, char **names)
{
	DWORD size = 256, code;

	*names = NULL;
	do {
		free(*names);
		*names = need(calloc(1, (size_t)size + 2));
		code = GetNtmsUIOptionsA(rsm->session, holder, type, *names, &size);
	} while (code == ERROR_INSUFFICIENT_BUFFER);
	if (!code && !size)
		(*names)[0] = '\0';
	return note(rsm, code);
}

static DWORD list_type(struct rsm *rsm, NTMS_GUID *holder, DWORD type, const char *about,
		       struct json_object *rows)
{
	char *names;
	DWORD code = ask_destinations(rsm, holder, type, &names);

	for (const char *name = names; !code && *name; name += strlen(name) + 1) {
		struct json_object *row = json_record();

		json_set_text(row, "of", about);
		json_set_text(row, "kind", word_of(ui_types, type));
		json_set_raw(row, "computer", name, strlen(name));
		json_append(rows, row);
	}
	free(names);
	return code;
}

static DWORD change(struct rsm *rsm, const struct args *args, NTMS_GUID *holder, DWORD type)
{
	const char *name = args->given[OPT_COMPUTER] ? args->text[OPT_COMPUTER] : "";
	DWORD operation = (DWORD)args->number[OPT_OPERATION];

	return note(rsm, SetNtmsUIOptionsA(rsm->session, holder, type, operation, name));
}

int cmd_ui(struct rsm *rsm, const struct args *args)
{
	static const struct column columns[] = {
		{"of", "OF", false},
		{"kind", "KIND", false},
		{"computer", "COMPUTER", false},
		{NULL, NULL, false},
	};
	DWORD type = args->given[OPT_KIND] ? (DWORD)args->number[OPT_KIND] : 0, code;
	struct json_object *rows;
	const char *about;
	NTMS_GUID holder;

	if (args->given[OPT_OPERATION] && !type)
		return fail_usage(rsm, "messages of which kind? --kind is missing");
	if (args->given[OPT_COMPUTER] &&
	    (!args->given[OPT_OPERATION] || args->number[OPT_OPERATION] == NTMS_UIDEST_DELETEALL))
		return fail_usage(rsm, "--computer goes with --operation add or delete");
	code = rsm_open(rsm, "rsm ui");
	if (!code)
		code = find_holder(rsm, args, &holder);
	if (!code && args->given[OPT_OPERATION])
		code = change(rsm, args, &holder, type);
	if (code)
		return fail(rsm, code);
	rows = json_list();
	about = args->given[OPT_LIBRARY] ? name_of(rsm, &holder, NTMS_LIBRARY) : "computer";
	for (const struct word *word = ui_types; !code && word->text; word++)
		if (!type || word->value == type)
			code = list_type(rsm, &holder, word->value, about, rows);
	if (code) {
		json_object_put(rows);
		return fail(rsm, code);
	}
	print_rows(rsm, rows, columns, "computer", "messages go to no computer");
	return EXIT_DONE;
}

/* ---- refresh ---- */

struct look {
	NTMS_GUID library;
	DWORD timeout;
};

static DWORD wait_for_look(struct rsm *rsm, void *context)
{
	struct look *look = context;

	return note(rsm, RsmWaitForLibrary(rsm->session, &look->library, look->timeout));
}

/* What is looked at instead of a cartridge or a media type nobody can tell: there is nothing to
 * wait for. */
static DWORD look_at(struct rsm *rsm, const struct args *args, NTMS_GUID *guid, DWORD type,
		     struct interrupt *interrupt, int *signal)
{
	struct look look = {.library = *guid, .timeout = args_timeout(args)};
	DWORD code;

	code = note(rsm, SetNtmsDeviceChangeDetection(rsm->session, NULL, guid, type, 1));
	if (!code && type == NTMS_LIBRARY)
		code = interruptible(rsm, interrupt, wait_for_look, &look, signal);
	return code;
}

int cmd_refresh(struct rsm *rsm, const struct args *args)
{
	static const DWORD types[] = {NTMS_LIBRARY, NTMS_PHYSICAL_MEDIA, NTMS_MEDIA_TYPE, 0};
	struct interrupt interrupt;
	struct json_object *result;
	NTMS_GUID guid;
	int signal = 0;
	DWORD type, code;

	interrupt_begin(&interrupt);
	code = rsm_open(rsm, "rsm refresh");
	if (!code)
		code = find_any(rsm, args, args->operand[0], types, &guid, &type);
	if (!code)
		code = look_at(rsm, args, &guid, type, &interrupt, &signal);
	interrupt_end(&interrupt);
	if (signal)
		return interrupted(rsm, signal, "the work goes on");
	result = code ? NULL : describe(rsm, &guid, type);
	if (!result)
		return fail(rsm, rsm->code);
	print_result(
		rsm, result, "id",
		type == NTMS_LIBRARY
			? text_format("%s has been looked at", json_text(result, "name"))
			: text_format("the stand-alone drives that could hold %s are looked at",
				      json_text(result, "name")));
	return EXIT_DONE;
}

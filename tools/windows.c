/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * windows.c - the syntax of rsm.exe: /mPool /oerrunavail /lf"name" /b
 *
 * Switches are rewritten into our own options before these are parsed, so that both mean
 * the same. A verb's table says which switches it has; only what fits one of them is taken for
 * one, since our own operands may begin with a slash as well. Behind "--" nothing is.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "names.h"
#include "text.h"

#define MAX_SWITCHES 32

struct rewriting {
	struct rsm *rsm;
	const struct windows_switch *table;
	bool used[MAX_SWITCHES];
	char **options; /* of malloc(), each */
	size_t option_count;
	struct {
		int number;
		char *text;
	} * operands; /* in the order of their numbers */
	size_t operand_count;
	const char *pool;  /* the switch that names one */
	const char *plain; /* the last operand that is no switch's */
};

static bool takes_value(const struct windows_switch *entry)
{
	return entry->kind != WINDOWS_FLAG;
}

/* Does @argument fit, and where does its value begin? */
static bool fits(const struct windows_switch *entry, const char *argument, const char **value)
{
	size_t length = strlen(entry->name);
	char letter;

	if (strncasecmp(argument, entry->name, length) != 0)
		return false;
	*value = argument + length;
	letter = (char)tolower((unsigned char)**value);
	switch (entry->kind) {
	case WINDOWS_FLAG:
		return !**value;
	case WINDOWS_OBJECT:
		return letter == 'g' || letter == 'f' || !letter;
	case WINDOWS_GUID:
		return letter == 'g' || !letter;
	default:
		return true;
	}
}

/* The longest that fits: /ln before /l. */
static const struct windows_switch *find_switch(const struct windows_switch *table,
						const char *argument, const char **value)
{
	const struct windows_switch *best = NULL;
	const char *at;

	if (argument[0] != '/' || !table)
		return NULL;
	for (const struct windows_switch *entry = table; entry->kind; entry++) {
		if (!fits(entry, argument, &at) ||
		    (best && strlen(best->name) >= strlen(entry->name)))
			continue;
		best = entry;
		*value = at;
	}
	return best;
}

static const struct option_spec *spec_of(const struct verb *verb, int id)
{
	const struct option_spec *lists[] = {verb->options, global_options};

	for (size_t i = 0; i < 2; i++)
		for (const struct option_spec *spec = lists[i]; spec && spec->name; spec++)
			if ((int)spec->id == id)
				return spec;
	return NULL;
}

static void add_operand(struct rewriting *rewriting, int number, const char *text)
{
	size_t at = rewriting->operand_count++;

	for (; at > 0 && rewriting->operands[at - 1].number > number; at--)
		rewriting->operands[at] = rewriting->operands[at - 1];
	rewriting->operands[at].number = number;
	rewriting->operands[at].text = text_format("%s", text);
}

static void add_option(struct rewriting *rewriting, const struct option_spec *spec,
		       const char *value)
{
	rewriting->options[rewriting->option_count++] =
		value ? text_format("--%s=%s", spec->name, value) : text_format("--%s", spec->name);
}

/* What follows a switch, without the letter for its kind; NULL when it is wrong. */
static char *switch_value(struct rewriting *rewriting, const struct windows_switch *entry,
			  const char *value)
{
	NTMS_GUID guid;
	char *copy;

	if (entry->kind == WINDOWS_FLAG)
		return text_format("%s", entry->value ? entry->value : "");
	if (*value && (entry->kind == WINDOWS_OBJECT || entry->kind == WINDOWS_GUID)) {
		if (tolower((unsigned char)*value) == 'g' && !guid_parse(value + 1, &guid)) {
			fail_usage(rewriting->rsm, "'%sg%s': what follows is no GUID", entry->name,
				   value + 1);
			return NULL;
		}
		value++;
	}
	if (!*value) {
		fail_usage(rewriting->rsm,
			   "'%s' needs its value right behind it, without a blank: %s%s",
			   entry->name, entry->name, entry->value);
		return NULL;
	}
	copy = text_format("%s", value);
	for (char *at = copy; entry->kind == WINDOWS_CHOICE && *at; at++)
		*at = (char)tolower((unsigned char)*at);
	return copy;
}

static bool take_switch(struct rewriting *rewriting, const struct windows_switch *entry,
			const char *text)
{
	char *value = switch_value(rewriting, entry, text);

	if (!value)
		return false;
	rewriting->used[entry - rewriting->table] = true;
	if (entry->kind == WINDOWS_POOL)
		rewriting->pool = text - strlen(entry->name);
	if (entry->to == WINDOWS_NOTHING)
		;
	else if (entry->to < 0)
		add_operand(rewriting, -1 - entry->to, value);
	else
		add_option(rewriting, spec_of(rewriting->rsm->verb, entry->to),
			   takes_value(entry) || entry->value ? value : NULL);
	free(value);
	return true;
}

/* The value of an option of ours, "--drive /dev/nst0": no switch, whatever it begins with. */
static bool value_follows(const struct verb *verb, const char *argument)
{
	const struct option_spec *lists[] = {verb->options, global_options};

	if (strncmp(argument, "--", 2) != 0 || !argument[2] || strchr(argument, '='))
		return false;
	for (size_t i = 0; i < 2; i++)
		for (const struct option_spec *spec = lists[i]; spec && spec->name; spec++)
			if (spec->kind != OPTION_FLAG &&
			    !strncmp(spec->name, argument + 2, strlen(argument + 2)))
				return true;
	return false;
}

static bool check_needs(struct rewriting *rewriting)
{
	for (const struct windows_switch *entry = rewriting->table; entry->kind; entry++) {
		bool found = !entry->needs || !rewriting->used[entry - rewriting->table];

		for (const struct windows_switch *other = rewriting->table; !found && other->kind;
		     other++)
			found = !strcmp(other->name, entry->needs) &&
				rewriting->used[other - rewriting->table];
		if (!found) {
			fail_usage(rewriting->rsm, "'%s' needs '%s'", entry->name, entry->needs);
			return false;
		}
	}
	return true;
}

/* What looks like a switch among switches, and is none. */
static int unknown_switch(struct rsm *rsm, const char *argument)
{
	char *usage = windows_usage(rsm->verb);

	fail_usage(rsm, "no switch '%s'; there are: %s", argument, usage);
	free(usage);
	return -1;
}

/* How many switches there are, -1 for a wrong one. */
static int count_switches(struct rsm *rsm, int argc, char **argv)
{
	const char *other = NULL, *value;
	int count = 0;

	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (value_follows(rsm->verb, argv[i]))
			i++;
		else if (find_switch(rsm->verb->windows, argv[i], &value))
			count++;
		else if (argv[i][0] == '/')
			other = argv[i];
	}
	return count && other ? unknown_switch(rsm, other) : count;
}

/* Ours first, then "--" and the operands: those of the switches, and what followed a "--". */
static bool rewrite(struct rewriting *rewriting, int argc, char **argv, char **out, int *out_count)
{
	int i, count = 0;

	out[count++] = argv[0];
	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		const struct windows_switch *entry;
		const char *value;

		if (value_follows(rewriting->rsm->verb, argv[i])) {
			out[count++] = argv[i];
			if (i + 1 < argc)
				out[count++] = argv[++i];
			continue;
		}
		entry = find_switch(rewriting->table, argv[i], &value);
		if (!entry) {
			out[count++] = argv[i];
			if (argv[i][0] != '-')
				rewriting->plain = argv[i];
		} else if (!take_switch(rewriting, entry, value)) {
			return false;
		}
	}
	/* Nobody could tell in which order they are meant. */
	if (rewriting->operand_count && (rewriting->plain || i + 1 < argc)) {
		fail_usage(rewriting->rsm, "'%s' cannot stand beside switches that name objects",
			   rewriting->plain ? rewriting->plain : argv[i + 1]);
		return false;
	}
	if (!check_needs(rewriting))
		return false;
	for (size_t j = 0; j < rewriting->option_count; j++)
		out[count++] = rewriting->options[j];
	out[count++] = (char *)"--";
	for (size_t j = 0; j < rewriting->operand_count; j++)
		out[count++] = rewriting->operands[j].text;
	for (i++; i < argc; i++)
		out[count++] = argv[i];
	*out_count = count;
	return true;
}

bool windows_rewrite(struct rsm *rsm, int *argc, char ***argv, struct args *args)
{
	struct rewriting rewriting = {.rsm = rsm, .table = rsm->verb->windows};
	size_t room = (size_t)*argc + 3;
	int found, count = 0;
	char **out;

	for (int i = 1; i < *argc && strcmp((*argv)[i], "--") != 0; i++) {
		if (!strcmp((*argv)[i], "/?")) {
			args->given[OPT_HELP] = true;
			return true;
		}
	}
	found = count_switches(rsm, *argc, *argv);
	if (found <= 0)
		return found == 0;
	/* The strings live as long as the arguments: behind the array, which ends with NULL. */
	rewriting.options = need(calloc(room, sizeof(char *)));
	rewriting.operands = need(calloc(room, sizeof(*rewriting.operands)));
	out = need(calloc(room * 2, sizeof(char *)));
	found = rewrite(&rewriting, *argc, *argv, out, &count);
	args->windows = need(calloc(room * 2, sizeof(char *)));
	for (size_t i = 0; i < rewriting.option_count; i++)
		args->windows[i] = rewriting.options[i];
	for (size_t i = 0; i < rewriting.operand_count; i++)
		args->windows[rewriting.option_count + i] = rewriting.operands[i].text;
	args->windows_argv = out;
	args->windows_pool = rewriting.pool;
	free(rewriting.options);
	free(rewriting.operands);
	if (!found)
		return false;
	*argc = count;
	*argv = out;
	return true;
}

static char *switch_usage(const struct windows_switch *entry)
{
	switch (entry->kind) {
	case WINDOWS_FLAG:
		return text_format("%s", entry->name);
	case WINDOWS_OBJECT:
		return text_format("%s{g|f}%s", entry->name, entry->value);
	case WINDOWS_GUID:
		return text_format("%sg%s", entry->name, entry->value);
	default:
		return text_format("%s%s", entry->name, entry->value);
	}
}

char *windows_usage(const struct verb *verb)
{
	char *usage;

	if (!verb->windows)
		return NULL;
	usage = text_format("rsm %s", verb->name);
	for (const struct windows_switch *entry = verb->windows; entry->kind; entry++) {
		char *one = switch_usage(entry);
		char *longer = text_format("%s [%s]", usage, one);

		free(one);
		free(usage);
		usage = longer;
	}
	return usage;
}

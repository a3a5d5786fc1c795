/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * args.c - a verb's arguments, by its table, checked before anything is done
 */
#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "rsm.h"
#include "text.h"

#define MAX_OPTIONS 40
/* What getopt_long() returns for our options begins beyond every character. */
#define FIRST_CODE 256

struct option_table {
	const struct option_spec *spec[MAX_OPTIONS];
	struct option option[MAX_OPTIONS];
	size_t count;
};

static void table_add(struct option_table *table, const struct option_spec *spec)
{
	for (; spec && spec->name && table->count + 1 < MAX_OPTIONS; spec++) {
		table->spec[table->count] = spec;
		table->option[table->count] = (struct option){
			.name = spec->name,
			.has_arg = spec->kind == OPTION_FLAG ? no_argument : required_argument,
			.val = FIRST_CODE + (int)table->count,
		};
		table->count++;
	}
}

static bool take_number(struct rsm *rsm, const struct option_spec *spec, const char *text,
			long long *number)
{
	long long least = spec->kind == OPTION_POSITIVE;
	char *end;

	if (spec->kind == OPTION_TIMEOUT && !strcmp(text, "infinite")) {
		*number = INFINITE;
		return true;
	}
	errno = 0;
	*number = strtoll(text, &end, 10);
	if (text[0] >= '0' && text[0] <= '9' && !*end && !errno && *number >= least &&
	    *number < UINT32_MAX)
		return true;
	fail_usage(rsm, "--%s wants a whole number from %lld to %u%s, not '%s'", spec->name, least,
		   UINT32_MAX - 1, spec->kind == OPTION_TIMEOUT ? ", or 'infinite'" : "", text);
	return false;
}

static bool take_choice(struct rsm *rsm, const struct option_spec *spec, const char *text,
			long long *number)
{
	char *list = text_format("%s", "");

	for (const struct choice *choice = spec->choices; choice->name; choice++) {
		char *longer;

		if (!strcmp(choice->name, text)) {
			*number = choice->value;
			free(list);
			return true;
		}
		longer = text_format("%s%s%s", list, choice == spec->choices ? "" : ", ",
				     choice->name);
		free(list);
		list = longer;
	}
	fail_usage(rsm, "--%s is one of %s, not '%s'", spec->name, list, text);
	free(list);
	return false;
}

/* Any number from -15 to 15, or the word for one. */
static bool take_priority(struct rsm *rsm, const struct option_spec *spec, const char *text,
			  long long *number)
{
	char *end;

	if (!strchr("+-0123456789", text[0]))
		return take_choice(rsm, spec, text, number);
	errno = 0;
	*number = strtoll(text, &end, 10);
	if (end != text && !*end && !errno && *number >= NTMS_PRIORITY_LOWEST &&
	    *number <= NTMS_PRIORITY_HIGHEST)
		return true;
	fail_usage(rsm, "--%s is a word or a number from %d to %d, not '%s'", spec->name,
		   NTMS_PRIORITY_LOWEST, NTMS_PRIORITY_HIGHEST, text);
	return false;
}

static void remember(struct args *args, const struct option_spec *spec, const char *value)
{
	args->given[spec->id] = true;
	args->text[spec->id] = value;
	if (!value)
		return;
	args->occurrences[args->occurrence_count++] = (struct occurrence){spec->id, value};
	if (spec->id == OPT_DRIVE)
		args->drive[args->drives++] = value;
}

static bool take(struct rsm *rsm, const struct option_spec *spec, const char *value,
		 struct args *args)
{
	remember(args, spec, value);
	switch (spec->kind) {
	case OPTION_TEXT:
		if (value[0])
			return true;
		fail_usage(rsm, "--%s is empty", spec->name);
		return false;
	case OPTION_NUMBER:
	case OPTION_POSITIVE:
	case OPTION_TIMEOUT:
		return take_number(rsm, spec, value, &args->number[spec->id]);
	case OPTION_PRIORITY:
		return take_priority(rsm, spec, value, &args->number[spec->id]);
	case OPTION_CHOICE:
		return take_choice(rsm, spec, value, &args->number[spec->id]);
	default:
		return true;
	}
}

/* getopt_long() said '?' or ':': find out which it was, and say so. */
static void bad_option(struct rsm *rsm, const struct option_table *table, int answer, char **argv)
{
	const char *names[MAX_OPTIONS], *word = argv[optind - 1], *nearest;
	char *bare;

	if (answer == ':') {
		fail_usage(rsm, "option '%s' needs a value", word);
		return;
	}
	if (optopt >= FIRST_CODE) {
		fail_usage(rsm, "option '--%s' takes no value",
			   table->spec[optopt - FIRST_CODE]->name);
		return;
	}
	if (strncmp(word, "--", 2) != 0) {
		fail_usage(rsm, "unknown option '-%c'", optopt);
		return;
	}
	for (size_t i = 0; i < table->count; i++)
		names[i] = table->spec[i]->name;
	bare = need(strdup(word + 2));
	bare[strcspn(bare, "=")] = '\0';
	nearest = text_nearest(bare, names, table->count);
	if (nearest)
		fail_usage(rsm, "unknown option '--%s'; did you mean '--%s'?", bare, nearest);
	else
		fail_usage(rsm, "unknown option '--%s'", bare);
	free(bare);
}

static bool parse_options(struct rsm *rsm, int argc, char **argv, struct args *args)
{
	struct option_table table = {.count = 0};
	int answer;

	table_add(&table, rsm->verb->options);
	table_add(&table, global_options);
	optind = 0;
	opterr = 0;
	while ((answer = getopt_long(argc, argv, ":h", table.option, NULL)) != -1) {
		if (answer == 'h') {
			args->given[OPT_HELP] = true;
		} else if (answer < FIRST_CODE) {
			bad_option(rsm, &table, answer, argv);
			return false;
		} else if (!take(rsm, table.spec[answer - FIRST_CODE], optarg, args)) {
			return false;
		}
	}
	args->operand = argv + optind;
	args->count = (size_t)(argc - optind);
	return true;
}

static bool check_operands(struct rsm *rsm, const struct args *args)
{
	const struct verb *verb = rsm->verb;

	for (size_t i = 0; i < args->count; i++) {
		if (!args->operand[i][0]) {
			fail_usage(rsm, "an argument is empty");
			return false;
		}
	}
	if (args->count < verb->least) {
		fail_usage(rsm, args->count ? "not enough arguments" : "what? %s is missing",
			   verb->operands);
		return false;
	}
	if (args->count > verb->most) {
		fail_usage(rsm, "too many arguments: '%s'", args->operand[verb->most]);
		return false;
	}
	if (verb->command && !args->command) {
		fail_usage(rsm, "the command is missing; it follows '--'");
		return false;
	}
	if (args->given[OPT_JSON] && args->given[OPT_BRIEF]) {
		fail_usage(rsm, "--json and --brief exclude each other");
		return false;
	}
	return true;
}

/* Only what comes before "--" is ours when a command follows. */
static int split_command(int argc, char **argv, struct args *args)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--") != 0)
			continue;
		if (argv[i + 1])
			args->command = argv + i + 1;
		return i;
	}
	return argc;
}

bool args_parse(struct rsm *rsm, int argc, char **argv, struct args *args)
{
	int ours = argc;
	char *saved = NULL;
	bool good;

	args->drive = need(calloc((size_t)argc + 1, sizeof(*args->drive)));
	args->occurrences = need(calloc((size_t)argc + 1, sizeof(*args->occurrences)));
	if (rsm->verb->command)
		ours = split_command(argc, argv, args);
	if (!windows_rewrite(rsm, &ours, &argv, args))
		return false;
	if (args->given[OPT_HELP])
		return true;
	saved = argv[ours];
	argv[ours] = NULL;
	good = parse_options(rsm, ours, argv, args);
	argv[ours] = saved;
	if (!good)
		return false;
	rsm->json |= args->given[OPT_JSON];
	rsm->brief |= args->given[OPT_BRIEF];
	rsm->quiet |= args->given[OPT_QUIET];
	rsm->verbose |= args->given[OPT_VERBOSE];
	return args->given[OPT_HELP] || check_operands(rsm, args);
}

DWORD args_timeout(const struct args *args)
{
	return args->given[OPT_TIMEOUT] ? (DWORD)args->number[OPT_TIMEOUT] : INFINITE;
}

void args_free(struct args *args)
{
	for (char **text = args->windows; text && *text; text++)
		free(*text);
	free(args->windows);
	free(args->windows_argv);
	free(args->occurrences);
	free(args->drive);
	*args = (struct args){.count = 0};
}

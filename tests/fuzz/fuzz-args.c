/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fuzz-args.c - the command line: arguments that end with a NUL each; nothing is carried out
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "fuzz.h"

/* The program itself, but for where it begins and carries out what it has read. */
int rsm_main(int argc, char **argv);
#define main rsm_main
#include "../../tools/rsm.c"
#undef main

#define ARGUMENTS 64

static void check_options(const struct verb *verb, const struct args *args)
{
	for (const struct option_spec *spec = verb->options; spec && spec->name; spec++) {
		long long number = args->number[spec->id];

		if (!args->given[spec->id])
			continue;
		HOLDS(spec->kind == OPTION_FLAG || args->text[spec->id]);
		if (spec->kind == OPTION_TEXT)
			HOLDS(args->text[spec->id][0]);
		if (spec->kind == OPTION_NUMBER || spec->kind == OPTION_POSITIVE)
			HOLDS(number >= (spec->kind == OPTION_POSITIVE) && number < UINT32_MAX);
		if (spec->kind == OPTION_TIMEOUT)
			HOLDS(number >= 0 && number <= UINT32_MAX);
	}
}

static void check_args(const struct verb *verb, const struct args *args)
{
	HOLDS(args->count >= verb->least && args->count <= verb->most);
	HOLDS(!verb->command || (args->command && args->command[0]));
	HOLDS(!args->given[OPT_JSON] || !args->given[OPT_BRIEF]);
	for (size_t i = 0; i < args->count; i++)
		HOLDS(args->operand[i] && args->operand[i][0]);
	check_options(verb, args);
	args_timeout(args);
}

static void parse(int argc, char **argv)
{
	struct rsm rsm = {.session = INVALID_HANDLE_VALUE};
	struct args args = {.count = 0};
	int words, status, at = leading_options(&rsm, argc, argv, &status);

	HOLDS(at < 0 ? status == EXIT_DONE || status == EXIT_USAGE : at >= 1 && at <= argc);
	if (at < 0 || at == argc)
		return;
	argc -= at;
	argv += at;
	rsm.verb = verb_find(argc, argv, &words);
	if (!rsm.verb) {
		HOLDS(verb_unknown(&rsm, argc, argv) == EXIT_USAGE);
		return;
	}
	HOLDS(words >= 1 && words <= argc);
	if (args_parse(&rsm, argc - words + 1, argv + words - 1, &args) && !args.given[OPT_HELP])
		check_args(rsm.verb, &args);
	args_free(&args);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *argv[ARGUMENTS + 2], *text = malloc(size + 1);
	int argc = 0;

	memcpy(text, data, size);
	text[size] = '\0';
	argv[argc++] = strdup("rsm");
	/* Each in memory of its own, so that the sanitizer sees one byte too many being read. */
	for (size_t at = 0; at < size && argc <= ARGUMENTS; at += strlen(text + at) + 1)
		argv[argc++] = strdup(text + at);
	argv[argc] = NULL;
	free(text);
	parse(argc, argv);
	/* getopt_long() orders them anew; all of them are still there. */
	for (int i = 0; i < argc; i++)
		free(argv[i]);
	return 0;
}

/* Arguments one behind the other. */
struct words {
	char text[8192];
	size_t size;
};

static void add(struct words *words, const char *word, const char *more)
{
	words->size += (size_t)snprintf(words->text + words->size,
					sizeof(words->text) - words->size, "%s%s", word, more) +
		       1;
}

static void add_options(struct words *words, const struct option_spec *spec)
{
	char text[128];

	for (; spec && spec->name; spec++) {
		snprintf(text, sizeof(text), "--%s", spec->name);
		add(words, text, "");
		if (spec->kind == OPTION_CHOICE)
			add(words, spec->choices[0].name, "");
		else if (spec->kind != OPTION_FLAG)
			add(words, "1", "");
	}
}

static void seed_verb(const struct verb *verb, const char *syntax)
{
	static struct words words;
	char name[128];

	words.size = 0;
	add(&words, verb->name, "");
	for (char *at = words.text; *at; at++)
		if (*at == ' ')
			*at = '\0';
	if (!strcmp(syntax, "ours"))
		add_options(&words, verb->options);
	for (const struct windows_switch *entry = verb->windows;
	     !strcmp(syntax, "windows") && entry && entry->kind; entry++)
		add(&words, entry->name, entry->kind == WINDOWS_FLAG ? "" : "f\"a name\"");
	if (!strcmp(syntax, "ours"))
		for (size_t i = 0; i < verb->least; i++)
			add(&words, "operand", "");
	if (verb->command) {
		add(&words, "--", "");
		add(&words, "true", "");
	}
	snprintf(name, sizeof(name), "%s-%s", verb->name, syntax);
	seed(name, words.text, words.size);
}

void fuzz_seeds(void)
{
	FOR_EACH_VERB(group, verb)
	{
		seed_verb(verb, "ours");
		seed_verb(verb, "windows");
	}
}

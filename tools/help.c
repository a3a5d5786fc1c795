/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "generate.h"
#include "rsm.h"
#include "text.h"

#define HELP_COLUMN 28
#define HELP_WIDTH  96

/* Text from @indent on, where @column is now, broken at blanks. */
static void print_wrapped(const char *text, size_t column, size_t indent)
{
	while (*text) {
		size_t word = strcspn(text, " ");

		if (column + word > HELP_WIDTH && column > indent) {
			printf("\n%*s", (int)indent, "");
			column = indent;
		}
		printf("%.*s", (int)word, text);
		column += word;
		text += word;
		if (*text) {
			putchar(' ');
			column++;
			text++;
		}
	}
	putchar('\n');
}

/* Every line of @text is one. */
static void print_paragraphs(const char *text)
{
	while (text && *text) {
		size_t length = strcspn(text, "\n");
		char *one = text_format("%.*s", (int)length, text);

		print_wrapped(one, 0, 0);
		free(one);
		text += length + (text[length] == '\n');
	}
}

static void print_entry(const char *name, const char *value, const char *text)
{
	int width = printf("  %s%s%s", name, value && value[0] ? " " : "", value ? value : "");

	if (width >= HELP_COLUMN - 1)
		printf("\n%*s", HELP_COLUMN, "");
	else
		printf("%*s", HELP_COLUMN - width, "");
	print_wrapped(text, HELP_COLUMN, HELP_COLUMN);
}

static void print_options(const struct option_spec *spec)
{
	char name[64];

	for (; spec && spec->name; spec++) {
		snprintf(name, sizeof(name), "--%s", spec->name);
		print_entry(name, spec->value, spec->help);
	}
}

void help_all(void)
{
	puts("usage: rsm VERB [OPTION...] [ARGUMENT...]\n"
	     "One tape library, many programs: who gets which cartridge in which drive.");
	for (const struct verb_group *group = verb_groups; group->title; group++) {
		printf("\n%s:\n", group->title);
		for (const struct verb *verb = group->verbs; verb->name; verb++)
			print_entry(verb->name, verb->operands, verb->summary);
	}
	puts("\nOptions of every verb:");
	print_options(global_options);
	print_entry("--version", NULL, "show the version (before a verb only)");
	puts("\nObjects are named by GUID, friendly name, bar code or serial number.\n"
	     "The syntax of rsm.exe is understood as well: rsm VERB /?\n"
	     "Environment: NTMS_HOME, the directory of the database (/var/lib/rsm);\n"
	     "NTMS_BROKER, 'kernel' (default) or 'virtual:DIR'.\n"
	     "Exit status: 0 done, 1 usage, 2 broker or database not reachable, 3 access denied,\n"
	     "4 not found, 5 timed out, 6 any other error, 128+N interrupted by signal N.");
}

void help_family(const char *word)
{
	size_t length = strlen(word);

	printf("usage: rsm %s VERB [OPTION...] [ARGUMENT...]\n\nVerbs:\n", word);
	FOR_EACH_VERB(group, verb)
	if (!strncasecmp(verb->name, word, length) && verb->name[length] == ' ')
		print_entry(verb->name, verb->operands, verb->summary);
}

void help_verb(const struct verb *verb)
{
	char *windows = windows_usage(verb);

	printf("usage: rsm %s [OPTION...]%s%s\n", verb->name, verb->operands[0] ? " " : "",
	       verb->operands);
	printf("%s.\n", verb->summary);
	print_paragraphs(verb->details);
	if (verb->brief)
		printf("With --brief: %s.\n", verb->brief);
	puts("\nOptions:");
	print_options(verb->options);
	print_options(global_options);
	if (windows) {
		printf("\nAs rsm.exe has it:\n  ");
		print_wrapped(windows, 2, 6);
	}
	free(windows);
}

static int generate(struct rsm *rsm, const struct args *args)
{
	if (args->count)
		return fail_usage(rsm, "--format is of all verbs together");
	if (args->number[OPT_FORMAT] == GENERATE_BASH)
		generate_bash();
	else
		generate_man((enum generate)args->number[OPT_FORMAT]);
	return EXIT_DONE;
}

int cmd_help(struct rsm *rsm, const struct args *args)
{
	const struct verb *verb;
	int words;

	if (args->number[OPT_FORMAT])
		return generate(rsm, args);
	if (!args->count) {
		help_all();
		return EXIT_DONE;
	}
	if (args->count == 1 && verb_is_family(args->operand[0])) {
		help_family(args->operand[0]);
		return EXIT_DONE;
	}
	verb = verb_find((int)args->count, args->operand, &words);
	if (!verb)
		return verb_unknown(rsm, (int)args->count, args->operand);
	if ((size_t)words < args->count)
		return fail_usage(rsm, "too many arguments: '%s'", args->operand[words]);
	help_verb(verb);
	return EXIT_DONE;
}

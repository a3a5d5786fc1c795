/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <string.h>
#include "rsm.h"

#define HELP_COLUMN 28
#define HELP_WIDTH  96

/* Text from HELP_COLUMN on, broken at blanks. */
static void print_wrapped(const char *text, size_t column)
{
	while (*text) {
		size_t word = strcspn(text, " ");

		if (column + word > HELP_WIDTH) {
			printf("\n%*s", HELP_COLUMN, "");
			column = HELP_COLUMN;
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

static void print_entry(const char *name, const char *value, const char *text)
{
	int width = printf("  %s%s%s", name, value && value[0] ? " " : "", value ? value : "");

	if (width >= HELP_COLUMN - 1)
		printf("\n%*s", HELP_COLUMN, "");
	else
		printf("%*s", HELP_COLUMN - width, "");
	print_wrapped(text, HELP_COLUMN);
}

static void print_options(const struct option_spec *spec)
{
	char name[64];

	for (; spec->name; spec++) {
		snprintf(name, sizeof(name), "--%s", spec->name);
		print_entry(name, spec->value, spec->help);
	}
}

void help_all(void)
{
	puts("usage: rsm VERB [OPTION...] [ARGUMENT...]\n"
	     "One tape library, many programs: who gets which cartridge in which drive.\n\nVerbs:");
	for (const struct verb *verb = verbs; verb->name; verb++)
		print_entry(verb->name, verb->operands, verb->summary);
	puts("\nOptions of every verb:");
	print_options(global_options);
	print_entry("--version", NULL, "show the version (before a verb only)");
	puts("\nObjects are named by GUID, friendly name, bar code or serial number.\n"
	     "Environment: NTMS_HOME, the directory of the database (/var/lib/rsm);\n"
	     "NTMS_BROKER, 'kernel' (default) or 'virtual:DIR'.\n"
	     "Exit status: 0 done, 1 usage, 2 broker or database not reachable, 3 access denied,\n"
	     "4 not found, 5 timed out, 6 any other error.");
}

void help_verb(const struct verb *verb)
{
	printf("usage: rsm %s%s%s [OPTION...]\n", verb->name, verb->operands[0] ? " " : "",
	       verb->operands);
	printf("%s.\n", verb->summary);
	if (verb->details)
		printf("%s\n", verb->details);
	puts("\nOptions:");
	print_options(verb->options);
	print_options(global_options);
}

int cmd_help(struct rsm *rsm, const struct args *args)
{
	const struct verb *verb;
	const char *nearest;

	if (!args->count) {
		help_all();
		return EXIT_DONE;
	}
	verb = verb_find(args->operand[0]);
	if (verb) {
		help_verb(verb);
		return EXIT_DONE;
	}
	nearest = verb_nearest(args->operand[0]);
	if (nearest)
		return fail_usage(rsm, "no verb '%s'; did you mean '%s'?", args->operand[0],
				  nearest);
	return fail_usage(rsm, "no verb '%s'", args->operand[0]);
}

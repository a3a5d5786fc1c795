/* SPDX-License-Identifier: GPL-2.0-only */
/* generate-bash.c - the tables of verbs as arrays of bash, for tools/completion.bash.in */
#include <stdio.h>
#include "generate.h"
#include "names.h"

static void put_verbs(void)
{
	puts("_rsm_verbs='");
	FOR_EACH_VERB(group, verb)
	puts(verb->name);
	puts("'");
}

static void put_options(const struct verb *verb)
{
	const struct option_spec *lists[] = {verb->options, global_options};

	printf("_rsm_options['%s']='", verb->name);
	for (size_t i = 0; i < 2; i++)
		for (const struct option_spec *spec = lists[i]; spec && spec->name; spec++)
			printf("--%s ", spec->name);
	puts("'");
}

/* What follows an option: words, or what a name is looked for with; nothing for a flag. */
static void put_values(const struct verb *verb)
{
	for (const struct option_spec *spec = verb->options; spec && spec->name; spec++) {
		if (spec->kind == OPTION_FLAG)
			continue;
		printf("_rsm_values['%s --%s']='", verb->name, spec->name);
		if (spec->kind == OPTION_TIMEOUT)
			fputs("words infinite", stdout);
		else if (spec->choices)
			fputs("words", stdout);
		else
			fputs(spec->completes ? spec->completes : "nothing", stdout);
		for (const struct choice *choice = spec->choices; choice && choice->name; choice++)
			printf(" %s", choice->name);
		puts("'");
	}
}

static void put_types(void)
{
	fputs("_rsm_types='", stdout);
	for (const struct word *word = object_types; word->text; word++)
		printf("%s ", word->text);
	puts("'");
}

void generate_bash(void)
{
	put_verbs();
	put_types();
	puts("declare -gA _rsm_options _rsm_values _rsm_operands");
	FOR_EACH_VERB(group, verb)
	{
		put_options(verb);
		put_values(verb);
		if (verb->completes)
			printf("_rsm_operands['%s']='%s'\n", verb->name, verb->completes);
	}
}

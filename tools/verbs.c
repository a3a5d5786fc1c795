/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * verbs.c - all verbs together, and finding one
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "text.h"
#include "verbs.h"

#define MAX_VERBS 128

const struct verb_group verb_groups[] = {
	{"Libraries", library_verbs},
	{"Pools and cartridges", media_verbs},
	{"Using media", use_verbs},
	{"The queue", queue_verbs},
	{"Objects", object_verbs},
	{"Other", other_verbs},
	{NULL, NULL},
};

const struct option_spec global_options[] = {
	FLAG(OPT_JSON, "json", "print JSON (field names: rsm(1))"),
	FLAG(OPT_BRIEF, "brief", "print bare values, one a line, for scripts"),
	FLAG(OPT_QUIET, "quiet", "print only what was asked for: no remarks, no progress"),
	FLAG(OPT_VERBOSE, "verbose", "show progress even when standard error is no terminal"),
	FLAG(OPT_HELP, "help", "show this help"),
	{.name = NULL},
};

/* The second word of the verb "@first second", or NULL. */
static const char *second_word(const struct verb *verb, const char *first)
{
	size_t length = strlen(first);

	if (strncasecmp(verb->name, first, length) != 0 || verb->name[length] != ' ')
		return NULL;
	return verb->name + length + 1;
}

const struct verb *verb_find(int argc, char **argv, int *words)
{
	FOR_EACH_VERB(group, verb)
	{
		const char *second = argc > 1 ? second_word(verb, argv[0]) : NULL;

		*words = 2;
		if (second && !strcasecmp(second, argv[1]))
			return verb;
		*words = 1;
		if (!strcasecmp(verb->name, argv[0]))
			return verb;
	}
	return NULL;
}

bool verb_is_family(const char *word)
{
	FOR_EACH_VERB(group, verb)
	if (second_word(verb, word))
		return true;
	return false;
}

/* "list, order, cancel, delete": the second words, or with @names all of them as an array. */
static char *list_family(const char *word, const char **names, size_t *count)
{
	char *list = text_format("%s", "");

	*count = 0;
	FOR_EACH_VERB(group, verb)
	{
		const char *second = second_word(verb, word);
		char *longer;

		if (!second || *count == MAX_VERBS)
			continue;
		names[(*count)++] = second;
		longer = text_format("%s%s%s", list, *count > 1 ? ", " : "", second);
		free(list);
		list = longer;
	}
	return list;
}

static int family_unknown(struct rsm *rsm, int argc, char **argv)
{
	const char *names[MAX_VERBS], *nearest;
	size_t count;
	char *list = list_family(argv[0], names, &count);

	nearest = argc > 1 ? text_nearest(argv[1], names, count) : NULL;
	if (argc < 2)
		fail_usage(rsm, "%s what? One of: %s", argv[0], list);
	else if (nearest)
		fail_usage(rsm, "no verb '%s %s'; did you mean '%s %s'?", argv[0], argv[1], argv[0],
			   nearest);
	else
		fail_usage(rsm, "no verb '%s %s'; there are: %s", argv[0], argv[1], list);
	free(list);
	return EXIT_USAGE;
}

int verb_unknown(struct rsm *rsm, int argc, char **argv)
{
	const char *names[MAX_VERBS], *nearest;
	size_t count = 0;

	if (verb_is_family(argv[0]))
		return family_unknown(rsm, argc, argv);
	FOR_EACH_VERB(group, verb)
	if (count < MAX_VERBS)
		names[count++] = verb->name;
	nearest = text_nearest(argv[0], names, count);
	if (nearest)
		return fail_usage(rsm, "no verb '%s'; did you mean '%s'?", argv[0], nearest);
	return fail_usage(rsm, "no verb '%s'", argv[0]);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rsm - the command line of RSM for Linux
 */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "names.h"
#include "rsm.h"
#include "text.h"

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

/* Options before the verb; the number of arguments they took, or -1. */
static int leading_options(struct rsm *rsm, int argc, char **argv, int *status)
{
	int at;

	*status = EXIT_DONE;
	for (at = 1; at < argc && argv[at][0] == '-'; at++) {
		if (!strcmp(argv[at], "--json")) {
			rsm->json = true;
		} else if (!strcmp(argv[at], "--brief")) {
			rsm->brief = true;
		} else if (!strcmp(argv[at], "--quiet")) {
			rsm->quiet = true;
		} else if (!strcmp(argv[at], "--verbose")) {
			rsm->verbose = true;
		} else if (!strcmp(argv[at], "--version")) {
			printf("rsm (RSM for Linux) %s\n", PACKAGE_VERSION);
			return -1;
		} else if (!strcmp(argv[at], "--help") || !strcmp(argv[at], "-h")) {
			help_all();
			return -1;
		} else {
			*status = fail_usage(rsm, "unknown option '%s'", argv[at]);
			return -1;
		}
	}
	return at;
}

static int run_verb(struct rsm *rsm, int argc, char **argv)
{
	struct args args = {.count = 0};
	int status = EXIT_USAGE;

	if (args_parse(rsm, argc, argv, &args)) {
		if (args.given[OPT_HELP]) {
			help_verb(rsm->verb);
			status = EXIT_DONE;
		} else {
			status = rsm->verb->run(rsm, &args);
		}
	}
	args_free(&args);
	rsm_close(rsm);
	names_free(rsm);
	return status;
}

/* What was printed must have arrived: a full disk is no success. */
static int flush_output(struct rsm *rsm, int status)
{
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	warn(rsm, "cannot write to standard output");
	return status ? status : EXIT_OTHER;
}

/* The verb's words are behind; what is left begins with its last word, as in main(). */
static int run_words(struct rsm *rsm, int argc, char **argv)
{
	int words;

	if (!strcmp(argv[0], "/?")) {
		help_all();
		return EXIT_DONE;
	}
	rsm->verb = verb_find(argc, argv, &words);
	if (rsm->verb)
		return run_verb(rsm, argc - words + 1, argv + words - 1);
	if (argc > 1 && verb_is_family(argv[0]) &&
	    (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "/?"))) {
		help_family(argv[0]);
		return EXIT_DONE;
	}
	return verb_unknown(rsm, argc, argv);
}

int main(int argc, char **argv)
{
	struct rsm rsm = {.session = INVALID_HANDLE_VALUE};
	int status, at;

	setlocale(LC_ALL, "");
	at = leading_options(&rsm, argc, argv, &status);
	if (at < 0)
		return flush_output(&rsm, status);
	if (at >= argc)
		return fail_usage(&rsm, "what shall be done? A verb is missing");
	return flush_output(&rsm, run_words(&rsm, argc - at, argv + at));
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cmd-database.c - export, import
 */
#include <stdio.h>
#include <stdlib.h>
#include "output.h"
#include "text.h"

/* Where the library writes the copy. */
static char *copy_path(void)
{
	const char *home = getenv("NTMS_HOME");

	return text_format("%s/Export/database", home && home[0] ? home : "/var/lib/rsm");
}

static int print_copy(struct rsm *rsm, const char *before, const char *after)
{
	struct json_object *result = json_record();
	char *path = copy_path();

	json_set_text(result, "file", path);
	print_result(rsm, result, "file", text_format("%s %s; %s", before, path, after));
	free(path);
	return EXIT_DONE;
}

int cmd_export(struct rsm *rsm, const struct args *args)
{
	DWORD code;

	(void)args;
	code = rsm_open(rsm, "rsm export");
	if (!code)
		code = note(rsm, ExportNtmsDatabase(rsm->session));
	if (code)
		return fail(rsm, code);
	return print_copy(rsm, "the database is copied into", "keep it elsewhere");
}

int cmd_import(struct rsm *rsm, const struct args *args)
{
	DWORD code;

	if (!args->given[OPT_YES])
		return fail_usage(rsm,
				  "everything in the database would be replaced by the copy; say "
				  "--yes if that is meant");
	code = rsm_open(rsm, "rsm import");
	if (!code)
		code = note(rsm, ImportNtmsDatabase(rsm->session));
	if (code)
		return fail(rsm, code);
	return print_copy(rsm, "the database is that of", "every library is looked at anew");
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* error.c - from errors of Berkeley DB and of the system to Win32 codes and sentences */
#include <errno.h>
#include <stdio.h>
#include "base/say.h"
#include "store/private.h"

/*
 * When writing fails Berkeley DB often returns DB_RUNRECOVERY only; the reason is
 * in the complaint that came before, as the system's text for it.
 */
static int find_cause(const char *message)
{
	static const int causes[] = {ENOSPC, EDQUOT, EFBIG, ENOMEM};

	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
		if (strstr(message, db_strerror(causes[i])))
			return causes[i];
	}
	return 0;
}

void env_errcall(const DB_ENV *env, const char *prefix, const char *message)
{
	struct store *store = env->app_private;
	int cause;

	(void)prefix;
	if (store->quiet)
		return;
	cause = find_cause(message);
	/* The first complaint is nearest to the reason. */
	if (cause && !store->cause)
		store->cause = cause;
	if (!store->detail[0])
		snprintf(store->detail, sizeof(store->detail), "%s", message);
}

void env_msgcall(const DB_ENV *env, const char *message)
{
	(void)env;
	(void)message;
}

static DWORD code_of(int error)
{
	switch (error) {
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return ERROR_DATABASE_FULL;
	case ENOMEM:
		return ERROR_NOT_ENOUGH_MEMORY;
	case EACCES:
	case EPERM:
	case EROFS:
		return ERROR_ACCESS_DENIED;
	default:
		return ERROR_DATABASE_FAILURE;
	}
}

DWORD env_error(struct store *store, int error, const char *what)
{
	DWORD code;

	if (error == DB_RUNRECOVERY) {
		store->broken = true;
		if (store->cause)
			error = store->cause;
	}
	code = code_of(error);
	if (code == ERROR_ACCESS_DENIED && store->opened)
		code = ERROR_DATABASE_FAILURE;
	if (store->detail[0])
		ntms_say(code, "database %s: cannot %s: %s: %s", store->home, what,
			 db_strerror(error), store->detail);
	else
		ntms_say(code, "database %s: cannot %s: %s", store->home, what, db_strerror(error));
	store->cause = 0;
	store->detail[0] = '\0';
	return code;
}

DWORD env_file_error(struct store *store, int error, const char *name)
{
	char what[64];

	snprintf(what, sizeof(what), "open its file %s", name);
	return env_error(store, error, what);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * logend.c - does the log reach as far as it is known to?
 *
 * Berkeley DB takes the first record that it cannot read for the end of the log,
 * whether that is where a crash cut it off, or a bad sector, a read error or a lack
 * of memory in its middle; and recovery erases what is behind. So the end of the last
 * commit is kept in the state file, which is never ahead of the log, and is looked
 * for before recovery is let loose.
 */
#include <stdio.h>
#include <stdlib.h>
#include "base/say.h"
#include "store/private.h"

static int log_end(DB_ENV *env, uint32_t *file, uint32_t *offset)
{
	DB_LOG_STAT *stat;
	int error = env->log_stat(env, &stat, 0);

	if (error)
		return error;
	*file = stat->st_cur_file;
	*offset = stat->st_cur_offset;
	free(stat);
	return 0;
}

void logend_note(struct store *store)
{
	uint32_t file, offset;

	/* What is not noted is a check less, no harm. */
	if (log_end(store->env, &file, &offset))
		return;
	store->state.log_file = file;
	store->state.log_offset = offset;
}

/* Read the log in an environment that nobody else sees and that changes nothing. */
static int find_end(struct store *store, uint32_t *file, uint32_t *offset)
{
	DB_ENV *env;
	int error, close_error;

	error = env_create(store, &env);
	if (error)
		return error;
	error = env->open(env, store->home, DB_CREATE | DB_PRIVATE | DB_INIT_LOG, (int)store->mode);
	if (!error)
		error = log_end(env, file, offset);
	close_error = env->close(env, 0);
	return error ? error : close_error;
}

DWORD logend_check(struct store *store)
{
	const struct state *state = &store->state;
	uint32_t file, offset;
	int error;

	if (state->log_file == 0)
		return ERROR_SUCCESS;
	error = find_end(store, &file, &offset);
	if (error)
		return env_error(store, error, "read its log");
	if (file > state->log_file || (file == state->log_file && offset >= state->log_offset))
		return ERROR_SUCCESS;
	/* It could not be read for a reason of the moment. */
	if (store->cause)
		return env_error(store, store->cause, "read its log");
	return ntms_say(ERROR_DATABASE_FAILURE,
			"database %s: its log is readable up to %u/%u and was written up to %u/%u: "
			"damaged, or files are missing",
			store->home, file, offset, state->log_file, state->log_offset);
}

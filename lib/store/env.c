/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * env.c - the Berkeley DB environment: made, recovered, reopened
 *
 * A process is inside Berkeley DB only while it holds the lock, and the state file
 * says so. Whoever finds the mark of somebody who is gone knows the shared regions
 * to be in any condition: it removes them, recovers from the log while nobody else
 * is inside, and starts a new generation. The others drop what they have of the old
 * one. The lock being what keeps all others out, the mutexes of Berkeley DB are
 * switched off (DB_NOLOCKING): a dead process leaves none of them taken.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include "base/clock.h"
#include "base/say.h"
#include "store/private.h"

#define PAGE_SIZE     4096 /* what a disk writes whole or not at all */
#define LOG_FILE_SIZE (4u << 20)
#define ENV_MEMORY    ((size_t)4 << 20)
#define LOG_PREFIX    "log."

/*
 * What is left of environments that were abandoned, chained by app_private. Nothing
 * is done with it: a leak checker tells it from a leak that way.
 */
static _Atomic(DB_ENV *) abandoned;

void env_forget(struct store *store)
{
	if (!store->env)
		return;
	store->env->app_private = atomic_exchange(&abandoned, store->env);
	store->env = NULL;
}

/*
 * Drop all handles without a look at the regions, which may be in any condition:
 * an environment in panic closes its files and touches nothing else. It leaves the
 * mappings, which are taken down here, and some kilobytes of memory, which are the
 * price of a process that died inside.
 */
static void abandon(struct store *store)
{
	store->objects = NULL;
	store->index = NULL;
	if (!store->env)
		return;
	store->quiet = true;
	store->env->set_flags(store->env, DB_PANIC_ENVIRONMENT, 1);
	store->env->close(store->env, 0);
	store->quiet = false;
	env_forget(store);
	regions_unmap(store);
}

static int configure(struct store *store, DB_ENV *env, bool recover)
{
	int error;

	/*
	 * New regions get their mutexes tested, which takes mutexes that work. Their files
	 * are written in full, so that a full disk is an error.
	 */
	error = env->set_flags(env, recover ? DB_REGION_INIT : DB_NOLOCKING, 1);
	if (!error)
		error = env->set_cachesize(env, 0, regions_cache_size(store), 1);
	if (!error)
		error = env->set_lg_max(env, LOG_FILE_SIZE);
	if (!error)
		error = env->set_lg_filemode(env, (int)store->mode);
	if (!error)
		error = env->log_set_config(env, DB_LOG_AUTO_REMOVE, 1);
	return error;
}

/*
 * Berkeley DB does not bear it when memory ends within db_env_create(), or while it
 * looks for the end of the log. So see that there is enough before it begins.
 */
int env_create(struct store *store, DB_ENV **envp)
{
	void *enough = malloc(ENV_MEMORY);
	int error;

	if (!enough)
		return ENOMEM;
	free(enough);
	error = db_env_create(envp, 0);
	if (error)
		return error;
	(*envp)->app_private = store;
	(*envp)->set_errcall(*envp, env_errcall);
	(*envp)->set_msgcall(*envp, env_msgcall);
	return 0;
}

static int open_env(struct store *store, bool recover)
{
	uint32_t flags = DB_INIT_LOG | DB_INIT_MPOOL | DB_INIT_TXN;
	DB_ENV *env;
	int error;

	error = env_create(store, &env);
	if (error)
		return error;
	if (recover)
		flags |= DB_CREATE | DB_RECOVER;
	error = recover ? regions_check_room(store) : 0;
	if (!error)
		error = configure(store, env, recover);
	if (!error)
		error = env->open(env, store->home, flags, (int)store->mode);
	if (!error)
		error = env->set_flags(env, DB_NOLOCKING, 1);
	if (error) {
		env->close(env, 0);
		return error;
	}
	store->env = env;
	regions_note(store);
	return recover ? regions_fill(store) : 0;
}

static int open_db(struct store *store, DB_TXN *tid, const char *name, DB **dbp)
{
	uint32_t flags = tid ? DB_CREATE : DB_AUTO_COMMIT;
	DB *db;
	int error;

	error = db_create(&db, store->env, 0);
	if (error)
		return error;
	error = db->set_pagesize(db, PAGE_SIZE);
	if (!error)
		error = db->set_flags(db, DB_CHKSUM);
	if (!error)
		error = db->open(db, tid, name, NULL, DB_BTREE, flags, (int)store->mode);
	if (error) {
		db->close(db, DB_NOSYNC);
		return error;
	}
	*dbp = db;
	return 0;
}

static int open_both(struct store *store, DB_TXN *tid)
{
	int error = open_db(store, tid, FILE_OBJECTS, &store->objects);

	return error ? error : open_db(store, tid, FILE_INDEX, &store->index);
}

static DWORD create_databases(struct store *store)
{
	DB_ENV *env = store->env;
	DB_TXN *tid;
	DWORD code;
	int error;

	error = env->txn_begin(env, NULL, &tid, 0);
	if (error)
		return env_error(store, error, "begin");
	error = open_both(store, tid);
	if (error) {
		tid->abort(tid);
		return env_error(store, error, "make its files");
	}
	error = tid->commit(tid, 0);
	if (!error)
		error = env->txn_checkpoint(env, 0, 0, DB_FORCE);
	if (error)
		return env_error(store, error, "make its files");
	if (fchmodat(store->home_fd, FILE_OBJECTS, store->mode, 0) ||
	    fchmodat(store->home_fd, FILE_INDEX, store->mode, 0))
		return env_error(store, errno, "set permissions");
	store->state.created = 1;
	code = state_sync(store);
	if (code)
		store->state.created = 0;
	return code;
}

/* A file that is not there would be made anew in silence, and all be lost. */
static DWORD check_files(struct store *store)
{
	static const char *const names[] = {FILE_OBJECTS, FILE_INDEX};
	struct stat info;
	size_t logs;
	int error;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (fstatat(store->home_fd, names[i], &info, 0))
			return env_file_error(store, errno, names[i]);
	}
	error = each_file(store, LOG_PREFIX, false, &logs);
	if (error)
		return env_error(store, error, "look for its log");
	if (logs == 0)
		return ntms_say(ERROR_DATABASE_FAILURE,
				"database %s: its log files (log.*) are missing", store->home);
	return ERROR_SUCCESS;
}

static DWORD new_generation(struct store *store)
{
	struct state *state = &store->state;
	uint64_t now = clock_read(CLOCK_REALTIME);

	state->generation = now > state->generation ? now : state->generation + 1;
	store->generation = state->generation;
	state->since_checkpoint = 0;
	feed_restart(store);
	store->broken = false;
	return state_write(store);
}

static DWORD recover_databases(struct store *store)
{
	DWORD code;
	int error;

	if (!store->state.created && !store->create)
		return ntms_say(ERROR_DATABASE_FAILURE, "there is no database in %s", store->home);
	if (store->state.created) {
		code = check_files(store);
		if (!code)
			code = logend_check(store);
		if (code)
			return code;
	}
	error = regions_remove(store);
	if (error)
		return env_error(store, error, "remove the old regions");
	error = open_env(store, true);
	if (error)
		return env_error(store, error, "recover");
	if (!store->state.created) {
		code = create_databases(store);
		if (code)
			return code;
	} else {
		error = open_both(store, NULL);
		/* Or the next recovery would go through all of it again. */
		if (!error)
			error = store->env->log_flush(store->env, NULL);
		if (error)
			return env_error(store, error, "open its files");
	}
	return new_generation(store);
}

DWORD env_recover(struct store *store)
{
	DWORD code;

	abandon(store);
	code = recover_databases(store);
	if (code) {
		store->broken = true;
		abandon(store);
		return code;
	}
	/* Who died may have had something to tell. */
	watch_tell(store);
	return ERROR_SUCCESS;
}

/* Join the environment as others have left it. */
static int join(struct store *store)
{
	int error;

	abandon(store);
	error = open_env(store, false);
	if (!error)
		error = open_both(store, NULL);
	if (error)
		return error;
	store->generation = store->state.generation;
	return 0;
}

static DWORD mark(struct store *store)
{
	struct state *state = &store->state;

	state->inside = 1;
	state->pid = store->pid;
	memcpy(state->command, store->command, sizeof(state->command));
	state->since_ms = clock_utc_ms();
	return state_write(store);
}

DWORD env_enter(struct store *store)
{
	bool recover;
	DWORD code;

	code = state_read(store);
	if (code)
		return code;
	recover = store->state.inside;
	code = mark(store);
	if (code)
		return code;
	store->broken = false;
	store->cause = 0;
	store->detail[0] = '\0';
	if (!recover && store->env && store->generation == store->state.generation)
		return ERROR_SUCCESS;
	if (!recover && join(store) == 0)
		return ERROR_SUCCESS;
	code = env_recover(store);
	if (code)
		env_leave(store);
	return code;
}

void env_leave(struct store *store)
{
	store->state.pid = 0;
	store->state.inside = store->broken;
	/* When this fails the mark stays, and the next one recovers: slow, but not wrong. */
	state_write(store);
}

void env_close(struct store *store)
{
	if (!store->env || state_read(store))
		return;
	if (store->state.inside || store->generation != store->state.generation) {
		abandon(store);
		return;
	}
	if (mark(store))
		return;
	store->broken = false;
	store->objects->close(store->objects, DB_NOSYNC);
	store->index->close(store->index, DB_NOSYNC);
	if (store->env->close(store->env, 0) == DB_RUNRECOVERY)
		store->broken = true;
	store->env = NULL;
	env_leave(store);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * txn.c - transactions: the lock taken, Berkeley DB entered, left and the lock given up
 *
 * Berkeley DB gets to know of a transaction with its first change only, so reading
 * costs no log record and no fsync.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/refusal.h"
#include "base/say.h"
#include "store/private.h"
#include "store/lock.h"

#define DEFAULT_TIMEOUT_MS 30000
/* Recovery has so many transactions to go through, or it would take seconds. */
#define CHECKPOINT_COMMITS 2000

static uint64_t default_deadline(void)
{
	const char *text = secure_getenv("NTMS_LOCK_TIMEOUT");
	unsigned long timeout_ms = DEFAULT_TIMEOUT_MS;
	char *end;

	if (text && *text >= '0' && *text <= '9') {
		errno = 0;
		timeout_ms = strtoul(text, &end, 10);
		if (*end || errno || timeout_ms >= UINT32_MAX)
			timeout_ms = DEFAULT_TIMEOUT_MS;
	}
	return clock_monotonic_ns() + timeout_ms * NSEC_PER_MSEC;
}

DWORD txn_lock(struct store *store, uint64_t deadline_ns)
{
	uint64_t start = clock_monotonic_ns();
	char holder[96];
	int error;

	if (deadline_ns == STORE_DEADLINE_DEFAULT)
		deadline_ns = default_deadline();
	error = lock_take(store->lock, deadline_ns);
	if (error == ETIMEDOUT) {
		state_holder(store, holder, sizeof(holder));
		return ntms_say(
			ERROR_TIMEOUT, "database %s: locked by %s, waited %llu ms", store->home,
			holder,
			(unsigned long long)((clock_monotonic_ns() - start) / NSEC_PER_MSEC));
	}
	if (error == EDEADLK)
		return ntms_say(ERROR_DATABASE_FAILURE,
				"database %s: this thread is in a transaction already",
				store->home);
	if (error)
		return env_error(store, error, "lock it");
	return ERROR_SUCCESS;
}

/* A lock on a file that is gone from the directory keeps nobody out. */
static DWORD check_home(struct store *store)
{
	struct stat info;

	if (fstat(store->lock_fd, &info) == 0 && info.st_nlink > 0)
		return ERROR_SUCCESS;
	return ntms_say(ERROR_DATABASE_FAILURE, "database %s: it was removed while in use",
			store->home);
}

DWORD store_begin(struct store *store, uint64_t deadline_ns, struct txn **txnp)
{
	struct txn *txn;
	DWORD code;

	*txnp = NULL;
	if (store->pid != getpid())
		return ntms_say(ERROR_DATABASE_FAILURE,
				"database %s: opened by the parent process, open it anew",
				store->home);
	txn = calloc(1, sizeof(*txn));
	if (!txn)
		return ntms_say(ERROR_NOT_ENOUGH_MEMORY, "out of memory");
	txn->store = store;
	code = txn_lock(store, deadline_ns);
	if (code)
		goto err_free;
	code = check_home(store);
	if (code)
		goto err_give;
	code = env_enter(store);
	if (code)
		goto err_give;
	*txnp = txn;
	return ERROR_SUCCESS;

err_give:
	lock_give(store->lock);
err_free:
	free(txn);
	return code;
}

DWORD txn_usable(struct txn *txn)
{
	if (txn->store->pid != getpid())
		return ntms_say(ERROR_DATABASE_FAILURE,
				"database %s: a transaction of the parent process",
				txn->store->home);
	return txn->failed;
}

bool txn_recover(struct txn *txn, int error)
{
	if (error != DB_RUNRECOVERY || txn->tid || txn->recovered)
		return false;
	txn->recovered = true;
	return env_recover(txn->store) == ERROR_SUCCESS;
}

DWORD txn_fail(struct txn *txn, int error, const char *what)
{
	DWORD code = env_error(txn->store, error, what);

	/* What was changed may be half of what was meant. */
	if (txn->tid || txn->store->broken)
		txn->failed = code;
	return code;
}

static int start_changes(struct txn *txn)
{
	DB_ENV *env = txn->store->env;
	int error;

	error = env->txn_begin(env, NULL, &txn->tid, 0);
	if (error) {
		txn->tid = NULL;
		return error;
	}
	error = counters_read(txn->store, txn->tid, &txn->counters);
	if (error) {
		if (txn->tid->abort(txn->tid))
			txn->store->broken = true;
		txn->tid = NULL;
	}
	return error;
}

DWORD txn_change(struct txn *txn)
{
	int error;

	if (txn->tid)
		return ERROR_SUCCESS;
	do
		error = start_changes(txn);
	while (error && txn_recover(txn, error));
	return error ? txn_fail(txn, error, "begin a change") : ERROR_SUCCESS;
}

static void count_refusals(struct state *state)
{
	struct refusal_counts counts;

	refusals_count(&counts);
	state->refusals_expected += counts.expected;
	state->refusals_unexpected += counts.unexpected;
}

void store_refusals(struct txn *txn, struct refusal_counts *counts)
{
	counts->expected = txn->store->state.refusals_expected;
	counts->unexpected = txn->store->state.refusals_unexpected;
}

static void finish(struct txn *txn)
{
	struct store *store = txn->store;

	count_refusals(&store->state);
	env_leave(store);
	lock_give(store->lock);
	free(txn->feed.changes);
	free(txn);
	/* Nobody waits for the lock on account of the system's log. */
	refusals_log();
}

void store_abort(struct txn *txn)
{
	if (!txn)
		return;
	if (txn->store->pid != getpid()) {
		free(txn->feed.changes);
		free(txn);
		return;
	}
	/* An environment that cannot take a change back takes it back by recovery. */
	if (txn->tid && txn->tid->abort(txn->tid))
		txn->store->broken = true;
	finish(txn);
}

/*
 * Did the commit that returned @error happen? Berkeley DB takes its record back out
 * of the log if it can; where it could not, recovery decides, and its counter tells.
 */
static DWORD settle(struct txn *txn, int error)
{
	struct store *store = txn->store;
	struct counters found;
	DWORD code;

	code = env_error(store, error, "commit");
	if (!store->broken)
		return code;
	if (env_recover(store) == ERROR_SUCCESS && counters_read(store, NULL, &found) == 0 &&
	    found.commits == txn->counters.commits)
		return ERROR_SUCCESS;
	return code;
}

/* One that fails is made up for later; the log has it all. */
static void checkpoint(struct store *store)
{
	int error;

	if (++store->state.since_checkpoint < CHECKPOINT_COMMITS)
		return;
	store->state.since_checkpoint = 0;
	error = store->env->txn_checkpoint(store->env, 0, 0, DB_FORCE);
	if (error == DB_RUNRECOVERY)
		store->broken = true;
}

static DWORD commit(struct txn *txn)
{
	struct store *store = txn->store;
	int error;

	txn->counters.commits++;
	error = counters_write(store, txn->tid, &txn->counters);
	if (error) {
		DWORD code = env_error(store, error, "commit");

		if (txn->tid->abort(txn->tid))
			store->broken = true;
		return code;
	}
	/*
	 * Told before it is so, because after it the process may be dead: whoever wakes
	 * up has to take the lock to look, and has it when this is decided.
	 */
	watch_tell(store);
	error = txn->tid->commit(txn->tid, 0);
	if (error)
		return settle(txn, error);
	feed_publish(txn);
	logend_note(store);
	checkpoint(store);
	return ERROR_SUCCESS;
}

DWORD store_commit(struct txn *txn)
{
	DWORD code = txn_usable(txn);

	if (code) {
		store_abort(txn);
		return code;
	}
	if (txn->tid) {
		code = commit(txn);
	} else if (txn->feed.count || txn->feed.lost) {
		watch_tell(txn->store);
		feed_publish(txn);
	}
	finish(txn);
	return code;
}

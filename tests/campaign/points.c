/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * points.c - stand-ins for what the library calls at each step, in which the process can die
 *
 * The program is linked with --wrap for each of them.
 */
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>
#include "broker/broker.h"
#include "campaign.h"
#include "store/private.h"

/* A fuse goes off so long after the robot has begun. */
#define ROBOT_US 500

/* Mounts go on here without end, and nobody is to wait for five seconds. */
#define OVERDUE_MS 1000

const char *const point_names[POINTS] = {
	"any time",
	"intent not yet committed",
	"between intent and robot",
	"while the robot moves",
	"between robot and confirmation",
	"confirmation not yet committed",
	"after the confirmation",
	"in a transaction, at its beginning",
	"in a transaction, before its commit",
	"after a commit",
	"before the database is joined or recovered",
	"in the recovery of the database, before the log is read",
	"in the recovery of the database, at its end",
	"with the lease just taken",
	"about to give the lease back",
	"with a drive just reserved",
	"about to release a drive",
	"about to wait for a hand-over",
	"before a hand-over",
	"after a hand-over",
	"before a drive is marked",
	"after a drive is marked",
	"before a free label is written",
	"after a free label is written",
	"before a medium is unloaded",
	"after a medium is unloaded",
	"before ports are locked or unlocked",
	"after ports are locked or unlocked",
};

static struct fuse *watched;
static _Atomic bool *doomed_flag;

/* What the next commit of this thread is. */
static __thread enum { COMMIT_ANY, COMMIT_INTENT, COMMIT_CONFIRMATION } commit;

void points_watch(struct fuse *fuse, _Atomic bool *doomed)
{
	watched = fuse;
	doomed_flag = doomed;
}

static bool burns(enum point point)
{
	return watched && watched->point == point && !watched->gone_off &&
	       atomic_fetch_sub(&watched->passings, 1) == 1;
}

static void die(void)
{
	watched->gone_off = true;
	*doomed_flag = true;
	kill(getpid(), SIGKILL);
	pause();
}

static void pass(enum point point)
{
	if (burns(point))
		die();
}

static void at_alarm(int signal)
{
	(void)signal;
	die();
}

static void die_soon(void)
{
	struct itimerval soon = {.it_value = {.tv_usec = ROBOT_US}};

	signal(SIGALRM, at_alarm);
	setitimer(ITIMER_REAL, &soon, NULL);
}

/* ---- the store ---- */

DWORD __real_store_begin(struct store *store, uint64_t deadline_ns, struct txn **txnp);
DWORD __wrap_store_begin(struct store *store, uint64_t deadline_ns, struct txn **txnp);
DWORD __real_store_commit(struct txn *txn);
DWORD __wrap_store_commit(struct txn *txn);
DWORD __real_store_update(struct txn *txn, struct object *obj);
DWORD __wrap_store_update(struct txn *txn, struct object *obj);
int __real_db_env_create(DB_ENV **env, u_int32_t flags);
int __wrap_db_env_create(DB_ENV **env, u_int32_t flags);
DWORD __real_logend_check(struct store *store);
DWORD __wrap_logend_check(struct store *store);
int __real_regions_fill(struct store *store);
int __wrap_regions_fill(struct store *store);

DWORD __wrap_store_begin(struct store *store, uint64_t deadline_ns, struct txn **txnp)
{
	DWORD code = __real_store_begin(store, deadline_ns, txnp);

	if (!code)
		pass(POINT_BEGIN);
	return code;
}

DWORD __wrap_store_commit(struct txn *txn)
{
	DWORD code;

	pass(POINT_COMMIT_BEFORE);
	if (commit == COMMIT_INTENT)
		pass(POINT_INTENT_BEFORE);
	if (commit == COMMIT_CONFIRMATION)
		pass(POINT_CONFIRM_BEFORE);
	code = __real_store_commit(txn);
	if (commit == COMMIT_INTENT)
		pass(POINT_INTENT_AFTER);
	if (commit == COMMIT_CONFIRMATION)
		pass(POINT_CONFIRM_AFTER);
	commit = COMMIT_ANY;
	pass(POINT_COMMIT_AFTER);
	return code;
}

DWORD __wrap_store_update(struct txn *txn, struct object *obj)
{
	if (obj->type == NTMS_LIBREQUEST && obj->librequest.move == OBJ_MOVE_INTENDED)
		commit = COMMIT_INTENT;
	return __real_store_update(txn, obj);
}

int __wrap_db_env_create(DB_ENV **env, u_int32_t flags)
{
	pass(POINT_JOIN);
	return __real_db_env_create(env, flags);
}

DWORD __wrap_logend_check(struct store *store)
{
	pass(POINT_RECOVERY_BEGUN);
	return __real_logend_check(store);
}

int __wrap_regions_fill(struct store *store)
{
	pass(POINT_RECOVERY_FILLED);
	return __real_regions_fill(store);
}

/* ---- the broker ---- */

int __real_broker_move(struct broker_lease *lease, uint16_t from, uint16_t to, bool invert,
		       uint32_t timeout_ms);
int __wrap_broker_move(struct broker_lease *lease, uint16_t from, uint16_t to, bool invert,
		       uint32_t timeout_ms);
int __real_broker_lease_take(struct broker *broker, uint32_t device, struct broker_lease **leasep);
int __wrap_broker_lease_take(struct broker *broker, uint32_t device, struct broker_lease **leasep);
void __real_broker_lease_give(struct broker_lease *lease);
void __wrap_broker_lease_give(struct broker_lease *lease);
int __real_broker_access(struct broker_lease *lease, bool allow);
int __wrap_broker_access(struct broker_lease *lease, bool allow);
int __real_broker_reserve(struct broker_lease *lease, uint32_t drive, const NTMS_GUID *medium,
			  unsigned int flags, uint64_t generation, struct broker_hold **holdp);
int __wrap_broker_reserve(struct broker_lease *lease, uint32_t drive, const NTMS_GUID *medium,
			  unsigned int flags, uint64_t generation, struct broker_hold **holdp);
void __real_broker_release(struct broker_hold *hold);
void __wrap_broker_release(struct broker_hold *hold);
int __real_broker_expect(struct broker *broker, const NTMS_GUID *token, struct broker_hold **holdp);
int __wrap_broker_expect(struct broker *broker, const NTMS_GUID *token, struct broker_hold **holdp);
int __real_broker_transfer(struct broker_hold *hold, const NTMS_GUID *token, uint64_t *generation);
int __wrap_broker_transfer(struct broker_hold *hold, const NTMS_GUID *token, uint64_t *generation);
int __real_broker_mark(struct broker_hold *hold, bool loaded);
int __wrap_broker_mark(struct broker_hold *hold, bool loaded);
int __real_tape_write_label(struct tape *tape, const void *block, size_t size);
int __wrap_tape_write_label(struct tape *tape, const void *block, size_t size);
int __real_tape_unload(struct tape *tape);
int __wrap_tape_unload(struct tape *tape);

int __wrap_broker_move(struct broker_lease *lease, uint16_t from, uint16_t to, bool invert,
		       uint32_t timeout_ms)
{
	int error;

	if (burns(POINT_ROBOT_DURING))
		die_soon();
	error = __real_broker_move(lease, from, to, invert, timeout_ms);
	pass(POINT_ROBOT_AFTER);
	commit = COMMIT_CONFIRMATION;
	return error;
}

int __wrap_broker_lease_take(struct broker *broker, uint32_t device, struct broker_lease **leasep)
{
	int error = __real_broker_lease_take(broker, device, leasep);

	if (!error)
		pass(POINT_LEASE_TAKEN);
	return error;
}

void __wrap_broker_lease_give(struct broker_lease *lease)
{
	pass(POINT_LEASE_GIVING);
	__real_broker_lease_give(lease);
}

int __wrap_broker_access(struct broker_lease *lease, bool allow)
{
	int error;

	pass(POINT_ACCESS_BEFORE);
	error = __real_broker_access(lease, allow);
	pass(POINT_ACCESS_AFTER);
	return error;
}

int __wrap_broker_reserve(struct broker_lease *lease, uint32_t drive, const NTMS_GUID *medium,
			  unsigned int flags, uint64_t generation, struct broker_hold **holdp)
{
	int error = __real_broker_reserve(lease, drive, medium, flags, generation, holdp);

	if (!error)
		pass(POINT_RESERVED);
	return error;
}

void __wrap_broker_release(struct broker_hold *hold)
{
	pass(POINT_RELEASING);
	__real_broker_release(hold);
}

int __wrap_broker_expect(struct broker *broker, const NTMS_GUID *token, struct broker_hold **holdp)
{
	int error = __real_broker_expect(broker, token, holdp);

	pass(POINT_EXPECTED);
	return error;
}

int __wrap_broker_transfer(struct broker_hold *hold, const NTMS_GUID *token, uint64_t *generation)
{
	int error;

	pass(POINT_HAND_OVER_BEFORE);
	error = __real_broker_transfer(hold, token, generation);
	pass(POINT_HAND_OVER_AFTER);
	return error;
}

int __wrap_broker_mark(struct broker_hold *hold, bool loaded)
{
	int error;

	pass(POINT_MARK_BEFORE);
	error = __real_broker_mark(hold, loaded);
	pass(POINT_MARK_AFTER);
	return error;
}

int __wrap_tape_write_label(struct tape *tape, const void *block, size_t size)
{
	int error;

	pass(POINT_LABEL_BEFORE);
	error = __real_tape_write_label(tape, block, size);
	pass(POINT_LABEL_AFTER);
	return error;
}

int __wrap_tape_unload(struct tape *tape)
{
	int error;

	pass(POINT_UNLOAD_BEFORE);
	error = __real_tape_unload(tape);
	pass(POINT_UNLOAD_AFTER);
	return error;
}

/* ---- what is no point to die at ---- */

bool __wrap_policy_is_overdue(uint64_t queued_ms, uint64_t now_ms);
bool __wrap_policy_is_overdue(uint64_t queued_ms, uint64_t now_ms)
{
	return now_ms >= queued_ms && now_ms - queued_ms >= OVERDUE_MS;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who holds which drive and medium.
 *
 * What becomes free is handed to the best waiter by the one who frees it, so nothing
 * is free while somebody who could have it waits, and nobody is woken in vain. The
 * best is the one of the highest priority, raised by one for every minute it has
 * waited, and of equals the first to come; one whose medium is held elsewhere stops
 * nobody from using the drive meanwhile.
 */
#include <linux/fs.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>

#include "rsm_private.h"

#define AGEING_STEP_NS (60 * NSEC_PER_SEC)

/* A call of RSM_IOC_RESERVE. */
struct request {
	struct rsm_waiter waiter;
	struct rsm_unit *drive;
	struct rsm_claim *claim;       /* what it wants to become the holder */
	struct rsm_executor *executor; /* the lease it came on, or NULL */
	struct rsm_claim *revoked;     /* the holder it may take the drive from, or NULL */
	u8 medium[RSM_ID_SIZE];
	bool recover;
	s32 priority;
	u64 arrival_ns; /* when it began to wait */
};

static LIST_HEAD(requests);  /* those who wait, in order of arrival */
static LIST_HEAD(expecting); /* claims that wait to be handed something */
static u64 last_generation;

static void claim_free(struct kref *ref)
{
	struct rsm_claim *claim = container_of(ref, struct rsm_claim, ref);
	int i;

	if (claim->drive)
		rsm_unit_put(claim->drive);
	for (i = 0; i < RSM_GRANTS_MAX; i++)
		put_pid(claim->granted[i]);
	rsm_who_release(&claim->who);
	kfree(claim);
}

static void claim_put(struct rsm_claim *claim)
{
	kref_put(&claim->ref, claim_free);
}

static struct rsm_claim *claim_new(void)
{
	struct rsm_claim *claim = kzalloc(sizeof(*claim), GFP_KERNEL);

	if (!claim)
		return NULL;
	kref_init(&claim->ref);
	rsm_who_init(&claim->who);
	init_waitqueue_head(&claim->poll);
	INIT_LIST_HEAD(&claim->expecting);
	claim->state = RSM_STATE_PENDING;
	claim->error = -EBADFD;
	return claim;
}

static void claim_event(u32 type, const struct rsm_claim *claim, const struct rsm_who *other)
{
	struct rsm_event event = {
		.type = type,
		.device = claim->drive->id,
		.generation = claim->generation,
	};

	memcpy(event.medium, claim->medium, sizeof(event.medium));
	rsm_event_who(&event, &claim->who, other);
	rsm_event_send(&event);
}

/* Give a free drive to a claim. */
static void claim_hold(struct rsm_claim *claim, struct rsm_unit *drive, const u8 *medium, u32 flags)
{
	lockdep_assert_held(&rsm_lock);
	WARN_ON_ONCE(drive->claim);
	kref_get(&claim->ref);
	drive->claim = claim;
	claim->drive = rsm_unit_get(drive);
	memcpy(claim->medium, medium, sizeof(claim->medium));
	claim->flags = flags;
	claim->since_ns = ktime_get_coarse_real_ns();
	claim->generation = ++last_generation;
	claim->state = RSM_STATE_HELD;
	claim->error = 0;
	wake_up_poll(&claim->poll, EPOLLIN);
}

/* Take the drive away from a claim, which says @error from now on. */
static void claim_end(struct rsm_claim *claim, int error)
{
	lockdep_assert_held(&rsm_lock);
	claim->state = RSM_STATE_ENDED;
	claim->error = error;
	claim->since_ns = ktime_get_coarse_real_ns();
	claim->drive->since_ns = claim->since_ns;
	claim->drive->claim = NULL;
	wake_up_poll(&claim->poll, EPOLLHUP);
	claim_put(claim);
}

/* Who has this medium, held or orphaned? */
static struct rsm_claim *medium_claim(const u8 *medium)
{
	struct rsm_unit *unit;

	if (rsm_id_is_zero(medium))
		return NULL;
	for (unit = rsm_unit_from(0, RSM_KIND_DRIVE); unit;
	     unit = rsm_unit_from(unit->id + 1, RSM_KIND_DRIVE)) {
		if (unit->claim && !memcmp(unit->claim->medium, medium, RSM_ID_SIZE))
			return unit->claim;
	}
	return NULL;
}

/* Has the request a live lease on the changer to which the drive belongs, or on the drive? */
static bool has_right(const struct request *request, const struct rsm_unit *drive)
{
	const struct rsm_executor *executor = request->executor;

	return executor && !executor->ended &&
	       (drive == executor->unit || drive->changer == executor->unit->id);
}

/* Whether the request may recover what this claim has. */
static bool may_recover(const struct request *request, const struct rsm_claim *claim)
{
	return claim->state == RSM_STATE_ORPHANED && request->recover &&
	       has_right(request, claim->drive) && has_right(request, request->drive);
}

/*
 * Whether the request may take from this claim what it has. What is orphaned may still be in
 * use, by children of the dead: until they have closed it, it is taken by nobody.
 */
static bool may_take(const struct request *request, const struct rsm_claim *claim)
{
	if (claim->state == RSM_STATE_ORPHANED && rsm_gate_is_open(claim->drive))
		return false;
	return claim == request->revoked || may_recover(request, claim);
}

/* The claim that stands in the way of a request, or NULL. */
static struct rsm_claim *find_obstacle(const struct request *request)
{
	struct rsm_claim *claim = request->drive->claim;

	if (claim && !may_take(request, claim))
		return claim;
	claim = medium_claim(request->medium);
	if (claim && !may_take(request, claim))
		return claim;
	return NULL;
}

/*
 * Give the request what it wants; nothing stands in its way. A drive taken over from an
 * orphan or by revocation is as loaded as before: the mark goes to the new holder, who
 * clears it once the medium is settled, and with the mark goes the medium's id unless the
 * new holder names another.
 */
static void grant(struct request *request)
{
	struct rsm_claim *claim = request->claim, *other = medium_claim(request->medium);
	struct rsm_claim *old = request->drive->claim;
	const u8 *medium = request->medium;
	u32 flags = 0, type;

	if (other && other != old)
		memset(other->medium, 0, sizeof(other->medium)); /* an orphan's, recovered */
	if (!old) {
		claim_hold(claim, request->drive, medium, 0);
		claim_event(RSM_EVENT_RESERVED, claim, NULL);
		return;
	}
	flags = old->flags;
	if (flags & RSM_MARK_LOADED && rsm_id_is_zero(medium))
		medium = old->medium;
	type = old->state == RSM_STATE_ORPHANED ? RSM_EVENT_RECOVERED : RSM_EVENT_REVOKED;
	kref_get(&old->ref);
	claim_end(old, -ESTALE);
	claim_hold(claim, request->drive, medium, flags);
	claim_event(type, claim, &old->who);
	claim_put(old);
}

static s64 effective_priority(const struct request *request, u64 now)
{
	return request->priority + (s64)div64_u64(now - request->arrival_ns, AGEING_STEP_NS);
}

/**
 * rsm_reserve_dispatch - hand what can be had to those who wait
 *
 * To be called with rsm_lock held after every change that frees anything, or gives
 * somebody the right to it.
 */
void rsm_reserve_dispatch(void)
{
	struct request *request, *best;
	u64 now;

	lockdep_assert_held(&rsm_lock);
	if (list_empty(&requests))
		return; /* without a look at the clock, which may be slow */
	now = ktime_get_ns();
	for (;;) {
		best = NULL;
		list_for_each_entry(request, &requests, waiter.node) {
			if (best &&
			    effective_priority(request, now) <= effective_priority(best, now))
				continue;
			if (!find_obstacle(request))
				best = request;
		}
		if (!best)
			return;
		grant(best);
		rsm_waiter_finish(&best->waiter, 0);
	}
}

static void conflict_event(const struct request *request, const struct rsm_claim *holder)
{
	struct rsm_event event = {
		.type = RSM_EVENT_CONFLICT,
		.device = request->drive->id,
		.generation = holder->generation,
	};

	memcpy(event.medium, request->medium, sizeof(event.medium));
	rsm_event_who(&event, &request->claim->who, &holder->who);
	rsm_event_send(&event);
}

static void check_claim(const struct rsm_unit *unit)
{
	const struct rsm_claim *claim = unit->claim;

	WARN_ONCE(claim->drive != unit, "rsm: two holders of drive %u\n", unit->id);
	WARN_ONCE(claim->state != RSM_STATE_HELD && claim->state != RSM_STATE_ORPHANED,
		  "rsm: drive %u is held by an ended claim\n", unit->id);
	WARN_ONCE(!rsm_id_is_zero(claim->medium) && medium_claim(claim->medium) != claim,
		  "rsm: two holders of the medium in drive %u\n", unit->id);
}

/**
 * rsm_check_all - see that nothing is wrong
 *
 * What is true whenever nobody is at work: a drive is its own claim's, a medium is in one
 * drive, and nobody waits for what he could have, be it a drive or a lease. A kernel that
 * proves its locks looks.
 */
void rsm_check_all(void)
{
	const struct request *request;
	const struct rsm_unit *unit;

	lockdep_assert_held(&rsm_lock);
	if (!IS_ENABLED(CONFIG_PROVE_LOCKING))
		return;
	for (unit = rsm_unit_from(0, 0); unit; unit = rsm_unit_from(unit->id + 1, 0)) {
		if (unit->claim)
			check_claim(unit);
		WARN_ONCE(unit->sdev && !unit->executor && !list_empty(&unit->executor_queue),
			  "rsm: somebody waits for the lease of device %u, which is free\n",
			  unit->id);
	}
	list_for_each_entry(request, &requests, waiter.node)
		WARN_ONCE(!find_obstacle(request),
			  "rsm: %s waits for drive %u that it could have\n",
			  request->claim->who.comm, request->drive->id);
}

/* Get the drive and medium, at once or after a wait. */
static int acquire(struct request *request, u32 flags, u64 deadline_ns)
{
	struct rsm_claim *obstacle = find_obstacle(request);
	int err;

	if (!obstacle) {
		grant(request);
		rsm_reserve_dispatch(); /* taking over may have freed a medium for somebody else */
		return 0;
	}
	if (flags & (RSM_RESERVE_NOWAIT | RSM_RESERVE_REVOKE)) {
		conflict_event(request, obstacle);
		if (obstacle->state != RSM_STATE_ORPHANED || may_recover(request, obstacle))
			return -EBUSY;
		return -EOWNERDEAD;
	}
	request->arrival_ns = ktime_get_ns();
	rsm_unit_get(request->drive);
	request->drive->waiters++;
	list_add_tail(&request->waiter.node, &requests);
	err = rsm_waiter_sleep(&request->waiter, deadline_ns);
	request->drive->waiters--;
	obstacle = err == -ETIME ? find_obstacle(request) : NULL;
	if (obstacle)
		conflict_event(request, obstacle);
	rsm_unit_put(request->drive);
	return err;
}

/* What a request needs beyond a free drive. */
static int check_rights(struct request *request, const struct rsm_reserve *reserve)
{
	struct rsm_claim *holder = request->drive->claim;

	if (request->executor && request->executor->ended)
		return -ENODEV;
	if (!(reserve->flags & (RSM_RESERVE_RECOVER | RSM_RESERVE_REVOKE)))
		return 0;
	if (!has_right(request, request->drive))
		return -EPERM;
	if (!(reserve->flags & RSM_RESERVE_REVOKE))
		return 0;
	if (!holder || (holder->state == RSM_STATE_ORPHANED && !request->recover))
		return -ENOENT;
	if (holder->generation != reserve->generation)
		return -ESTALE;
	request->revoked = holder;
	return 0;
}

/* With nothing but the request looked at. */
static int check_reserve(const struct rsm_reserve *reserve)
{
	if (reserve->flags & ~RSM_RESERVE_FLAGS)
		return -EINVAL;
	if (reserve->priority < RSM_PRIORITY_LOWEST || reserve->priority > RSM_PRIORITY_HIGHEST)
		return -EINVAL;
	if (reserve->generation && !(reserve->flags & RSM_RESERVE_REVOKE))
		return -EINVAL;
	return 0;
}

static int reserve_locked(struct rsm_executor *executor, struct rsm_claim *claim,
			  struct rsm_reserve *reserve)
{
	struct request request = {
		.claim = claim,
		.executor = executor,
		.recover = reserve->flags & RSM_RESERVE_RECOVER,
		.priority = reserve->priority,
	};
	int err;

	memcpy(request.medium, reserve->medium, sizeof(request.medium));
	rsm_waiter_init(&request.waiter);
	request.drive = rsm_unit_find(reserve->drive, RSM_KIND_DRIVE);
	if (!request.drive)
		return -ENODEV;
	err = check_rights(&request, reserve);
	if (err)
		return err;
	err = acquire(&request, reserve->flags, reserve->deadline_ns);
	reserve->generation = claim->generation;
	return err;
}

/* The end of a descriptor. A drive marked loaded is kept from everybody but the recoverer. */
static int claim_release(struct inode *inode, struct file *file)
{
	struct rsm_claim *claim = file->private_data;
	struct rsm_event event = {.type = RSM_EVENT_EXPECT_GONE};

	mutex_lock(&rsm_lock);
	if (!list_empty(&claim->expecting)) {
		list_del_init(&claim->expecting);
		memcpy(event.medium, claim->token, sizeof(event.medium));
		rsm_event_who(&event, &claim->who, NULL);
		rsm_event_send(&event);
	} else if (claim->state == RSM_STATE_HELD && claim->flags & RSM_MARK_LOADED) {
		claim->state = RSM_STATE_ORPHANED;
		claim->since_ns = ktime_get_coarse_real_ns();
		claim_event(RSM_EVENT_ORPHANED, claim, NULL);
		rsm_reserve_dispatch();
	} else if (claim->state == RSM_STATE_HELD) {
		claim_event(RSM_EVENT_RELEASED, claim, NULL);
		claim_end(claim, -ESTALE);
		rsm_reserve_dispatch();
	}
	rsm_check_all();
	mutex_unlock(&rsm_lock);
	claim_put(claim);
	return 0;
}

static __poll_t claim_poll(struct file *file, poll_table *table)
{
	struct rsm_claim *claim = file->private_data;
	u32 state;

	poll_wait(file, &claim->poll, table);
	mutex_lock(&rsm_lock);
	state = claim->state;
	mutex_unlock(&rsm_lock);
	if (state == RSM_STATE_HELD)
		return EPOLLIN | EPOLLRDNORM;
	return state == RSM_STATE_ENDED ? EPOLLHUP : 0;
}

/* Move what one claim holds to another, which expects it. */
static int transfer(struct rsm_claim *from, const u8 *token, u64 *generation)
{
	struct rsm_unit *drive = from->drive;
	struct rsm_claim *to;

	if (from->state != RSM_STATE_HELD)
		return from->error;
	list_for_each_entry(to, &expecting, expecting) {
		if (memcmp(to->token, token, RSM_ID_SIZE))
			continue;
		list_del_init(&to->expecting);
		claim_end(from, -ESTALE); /* its file still has a reference */
		claim_hold(to, drive, from->medium, from->flags);
		claim_event(RSM_EVENT_TRANSFERRED, to, &from->who);
		*generation = to->generation;
		return 0;
	}
	return -ENOENT;
}

static long transfer_ioctl(struct rsm_claim *claim, void __user *arg)
{
	struct rsm_transfer transfer_arg;
	int err;

	if (copy_from_user(&transfer_arg, arg, sizeof(transfer_arg)))
		return -EFAULT;
	if (rsm_id_is_zero(transfer_arg.token))
		return -EINVAL;
	if (copy_to_user(arg, &transfer_arg, sizeof(transfer_arg)))
		return -EFAULT;
	mutex_lock(&rsm_lock);
	err = transfer(claim, transfer_arg.token, &transfer_arg.generation);
	rsm_check_all();
	mutex_unlock(&rsm_lock);
	if (!err && copy_to_user(arg, &transfer_arg, sizeof(transfer_arg)))
		err = -EFAULT;
	return err;
}

static long mark_ioctl(struct rsm_claim *claim, void __user *arg)
{
	struct rsm_mark mark;
	int err;

	if (copy_from_user(&mark, arg, sizeof(mark)))
		return -EFAULT;
	if (mark.flags & ~RSM_MARK_LOADED || mark.reserved)
		return -EINVAL;
	mutex_lock(&rsm_lock);
	err = claim->error;
	if (!err)
		claim->flags = mark.flags;
	mutex_unlock(&rsm_lock);
	return err;
}

/* Times, names and numbers as the caller's namespaces see them. */
static void describe(const struct rsm_claim *claim, struct rsm_holding *holding)
{
	memset(holding, 0, sizeof(*holding));
	holding->state = claim->state;
	holding->flags = claim->flags;
	holding->pid = pid_vnr(claim->who.pid);
	holding->uid = from_kuid_munged(current_user_ns(), claim->who.uid);
	memcpy(holding->medium, claim->medium, sizeof(holding->medium));
	memcpy(holding->comm, claim->who.comm, sizeof(holding->comm));
	holding->since_ns = claim->since_ns;
	holding->generation = claim->generation;
	if (!claim->drive)
		return;
	holding->drive = claim->drive->id;
	holding->waiters = claim->drive->waiters;
}

static long status_ioctl(struct rsm_claim *claim, void __user *arg)
{
	struct rsm_holding holding;

	mutex_lock(&rsm_lock);
	describe(claim, &holding);
	mutex_unlock(&rsm_lock);
	return copy_to_user(arg, &holding, sizeof(holding)) ? -EFAULT : 0;
}

/* Where a process is granted, or with NULL where one may be put. */
static int grant_find(const struct rsm_claim *claim, const struct pid *pid)
{
	int i;

	for (i = 0; i < RSM_GRANTS_MAX; i++) {
		if (claim->granted[i] == pid)
			return i;
	}
	return -ENOENT;
}

/* Those who have ended need it no more. */
static void grants_tidy(struct rsm_claim *claim)
{
	int i;

	rcu_read_lock();
	for (i = 0; i < RSM_GRANTS_MAX; i++) {
		if (!claim->granted[i] || pid_task(claim->granted[i], PIDTYPE_TGID))
			continue;
		put_pid(claim->granted[i]);
		claim->granted[i] = NULL;
	}
	rcu_read_unlock();
}

static int grant_add(struct rsm_claim *claim, struct pid *pid)
{
	int i;

	if (claim->state != RSM_STATE_HELD && claim->state != RSM_STATE_PENDING)
		return claim->error;
	if (grant_find(claim, pid) >= 0)
		return 0;
	grants_tidy(claim);
	i = grant_find(claim, NULL);
	if (i < 0)
		return -ENOSPC;
	claim->granted[i] = get_pid(pid);
	return 0;
}

static int grant_remove(struct rsm_claim *claim, const struct pid *pid)
{
	const int i = grant_find(claim, pid);

	if (i < 0)
		return -ESRCH;
	put_pid(claim->granted[i]);
	claim->granted[i] = NULL;
	return 0;
}

static long grant_ioctl(struct rsm_claim *claim, void __user *arg)
{
	struct rsm_grant grant_arg;
	struct pid *pid;
	long err;

	if (copy_from_user(&grant_arg, arg, sizeof(grant_arg)))
		return -EFAULT;
	if (grant_arg.flags & ~RSM_GRANT_REMOVE || grant_arg.pid < 0)
		return -EINVAL;
	pid = grant_arg.pid ? find_get_pid(grant_arg.pid) : get_pid(task_tgid(current));
	rcu_read_lock();
	err = pid && pid_task(pid, PIDTYPE_TGID) ? 0 : -ESRCH;
	rcu_read_unlock();
	if (!err) {
		mutex_lock(&rsm_lock);
		if (grant_arg.flags & RSM_GRANT_REMOVE)
			err = grant_remove(claim, pid);
		else
			err = grant_add(claim, pid);
		mutex_unlock(&rsm_lock);
	}
	put_pid(pid);
	return err;
}

static long claim_ioctl(struct file *file, unsigned int cmd, unsigned long user)
{
	void __user *arg = (void __user *)user;

	switch (cmd) {
	case RSM_IOC_TRANSFER:
		return transfer_ioctl(file->private_data, arg);
	case RSM_IOC_MARK:
		return mark_ioctl(file->private_data, arg);
	case RSM_IOC_STATUS:
		return status_ioctl(file->private_data, arg);
	case RSM_IOC_GRANT:
		return grant_ioctl(file->private_data, arg);
	default:
		return -ENOTTY;
	}
}

static const struct file_operations claim_fops = {
	.owner = THIS_MODULE,
	.release = claim_release,
	.poll = claim_poll,
	.unlocked_ioctl = claim_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

/* Is the caller, or anybody it descends from, one of those granted? */
static bool is_granted(const struct rsm_claim *claim)
{
	const struct task_struct *task;
	const struct pid *pid;
	bool found = false;

	rcu_read_lock();
	for (task = current; !found && task->pid; task = rcu_dereference(task->real_parent)) {
		pid = task_tgid((struct task_struct *)task);
		found = pid && grant_find(claim, pid) >= 0;
	}
	rcu_read_unlock();
	return found;
}

/**
 * rsm_claim_admits - may the caller open the drive of this reservation?
 * @claim: the reservation
 *
 * Return: true if the caller has its descriptor or was granted it.
 */
bool rsm_claim_admits(const struct rsm_claim *claim)
{
	lockdep_assert_held(&rsm_lock);
	if (claim->state != RSM_STATE_HELD)
		return false;
	return rsm_has_file(&claim_fops, claim) || is_granted(claim);
}

/* A claim and a descriptor for it, which nobody can see yet. */
static struct rsm_claim *claim_prepare(struct rsm_new_fd *new)
{
	struct rsm_claim *claim = claim_new();
	int err;

	if (!claim)
		return ERR_PTR(-ENOMEM);
	err = rsm_fd_prepare(new, "[rsm-reservation]", &claim_fops, claim);
	if (err) {
		claim_put(claim);
		return ERR_PTR(err);
	}
	return claim;
}

/**
 * rsm_reserve_ioctl - RSM_IOC_RESERVE
 * @executor: the lease it came on, or NULL
 * @arg: struct rsm_reserve of the caller
 *
 * Return: 0, or a negative errno as <linux/rsm.h> says.
 */
long rsm_reserve_ioctl(struct rsm_executor *executor, void __user *arg)
{
	struct rsm_reserve reserve;
	struct rsm_claim *claim;
	struct rsm_new_fd new;
	long err;

	if (copy_from_user(&reserve, arg, sizeof(reserve)))
		return -EFAULT;
	err = check_reserve(&reserve);
	if (err)
		return err;
	/* a place that cannot be written to is found before anything changes hands */
	if (copy_to_user(arg, &reserve, sizeof(reserve)))
		return -EFAULT;
	claim = claim_prepare(&new);
	if (IS_ERR(claim))
		return PTR_ERR(claim);
	mutex_lock(&rsm_lock);
	rsm_check_all();
	err = reserve_locked(executor, claim, &reserve);
	rsm_check_all();
	mutex_unlock(&rsm_lock);
	reserve.fd = new.fd;
	if (!err && copy_to_user(arg, &reserve, sizeof(reserve)))
		err = -EFAULT;
	if (err)
		rsm_fd_abort(&new);
	else
		rsm_fd_install(&new);
	return err;
}

static bool is_expected(const u8 *token)
{
	struct rsm_claim *claim;

	list_for_each_entry(claim, &expecting, expecting) {
		if (!memcmp(claim->token, token, RSM_ID_SIZE))
			return true;
	}
	return false;
}

/**
 * rsm_expect_ioctl - RSM_IOC_EXPECT
 * @arg: struct rsm_expect of the caller
 *
 * Return: 0, or a negative errno as <linux/rsm.h> says.
 */
long rsm_expect_ioctl(void __user *arg)
{
	struct rsm_expect expect;
	struct rsm_claim *claim;
	struct rsm_new_fd new;
	long err = 0;

	if (copy_from_user(&expect, arg, sizeof(expect)))
		return -EFAULT;
	if (expect.flags || rsm_id_is_zero(expect.token))
		return -EINVAL;
	claim = claim_prepare(&new);
	if (IS_ERR(claim))
		return PTR_ERR(claim);
	expect.fd = new.fd;
	if (copy_to_user(arg, &expect, sizeof(expect))) {
		rsm_fd_abort(&new);
		return -EFAULT;
	}
	memcpy(claim->token, expect.token, sizeof(claim->token));
	mutex_lock(&rsm_lock);
	if (is_expected(claim->token))
		err = -EEXIST;
	else
		list_add_tail(&claim->expecting, &expecting);
	mutex_unlock(&rsm_lock);
	if (err)
		rsm_fd_abort(&new);
	else
		rsm_fd_install(&new);
	return err;
}

/**
 * rsm_expected_ioctl - RSM_IOC_EXPECTED
 * @arg: struct rsm_expected of the caller
 *
 * Return: 0, -EFAULT or -EINVAL.
 */
long rsm_expected_ioctl(void __user *arg)
{
	struct rsm_expected expected;

	if (copy_from_user(&expected, arg, sizeof(expected)))
		return -EFAULT;
	if (expected.reserved || rsm_id_is_zero(expected.token))
		return -EINVAL;
	mutex_lock(&rsm_lock);
	expected.expected = is_expected(expected.token);
	mutex_unlock(&rsm_lock);
	return copy_to_user(arg, &expected, sizeof(expected)) ? -EFAULT : 0;
}

/**
 * rsm_holding_ioctl - RSM_IOC_HOLDING
 * @arg: struct rsm_holding of the caller
 *
 * Return: 0, -EFAULT, -EINVAL or -ENOENT.
 */
long rsm_holding_ioctl(void __user *arg)
{
	struct rsm_holding holding;
	struct rsm_unit *drive;

	if (copy_from_user(&holding, arg, sizeof(holding)))
		return -EFAULT;
	if (holding.reserved[0] || holding.reserved[1])
		return -EINVAL;
	mutex_lock(&rsm_lock);
	drive = rsm_unit_from(holding.drive, RSM_KIND_DRIVE);
	if (drive && drive->claim) {
		describe(drive->claim, &holding);
	} else if (drive) {
		memset(&holding, 0, sizeof(holding));
		holding.drive = drive->id;
		holding.state = RSM_STATE_FREE;
		holding.waiters = drive->waiters;
		holding.since_ns = drive->since_ns;
	}
	mutex_unlock(&rsm_lock);
	if (!drive)
		return -ENOENT;
	return copy_to_user(arg, &holding, sizeof(holding)) ? -EFAULT : 0;
}

/**
 * rsm_reserve_unit_gone - a drive or changer is gone: end all that concerns it
 * @unit: the unit, found by nobody any more
 *
 * An orphan of the drive is forgotten with it: its medium is where nobody can look, and
 * whoever manages the library finds it again by inventory.
 */
void rsm_reserve_unit_gone(struct rsm_unit *unit)
{
	struct request *request, *next;

	lockdep_assert_held(&rsm_lock);
	list_for_each_entry_safe(request, next, &requests, waiter.node) {
		if (request->drive == unit ||
		    (request->executor && request->executor->unit == unit))
			rsm_waiter_finish(&request->waiter, -ENODEV);
	}
	if (unit->claim)
		claim_end(unit->claim, -ENODEV);
	rsm_reserve_dispatch();
	rsm_check_all();
}

/**
 * rsm_reserve_closed - nobody has a drive's nodes open any more
 * @unit: the unit
 *
 * For what is orphaned somebody may have waited.
 */
void rsm_reserve_closed(struct rsm_unit *unit)
{
	lockdep_assert_held(&rsm_lock);
	if (!unit->claim || unit->claim->state != RSM_STATE_ORPHANED)
		return;
	claim_event(RSM_EVENT_CLOSED, unit->claim, NULL);
	rsm_reserve_dispatch();
}

/**
 * rsm_reserve_end - end a drive's reservation and all waits for it, whoever's they are
 * @unit: the unit
 */
void rsm_reserve_end(struct rsm_unit *unit)
{
	struct rsm_event event = {.type = RSM_EVENT_REVOKED, .device = unit->id};
	struct rsm_claim *claim = unit->claim;
	struct request *request, *next;
	struct rsm_who who;

	lockdep_assert_held(&rsm_lock);
	list_for_each_entry_safe(request, next, &requests, waiter.node) {
		if (request->drive == unit)
			rsm_waiter_finish(&request->waiter, -ENODEV);
	}
	if (!claim)
		return;
	rsm_who_init(&who);
	event.generation = claim->generation;
	memcpy(event.medium, claim->medium, sizeof(event.medium));
	rsm_event_who(&event, &who, &claim->who);
	rsm_event_send(&event);
	rsm_who_release(&who);
	claim_end(claim, -ESTALE);
	rsm_reserve_dispatch();
}

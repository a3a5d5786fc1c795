// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who executes the queue of a changer, or of a drive that stands alone.
 *
 * A lease is a file; a unit has one executor at a time, and those who want to be the
 * next one wait in order of arrival. A drive has none while it is assigned to a changer.
 */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "rsm_private.h"

/* Somebody who waits to become a unit's executor. */
struct candidate {
	struct rsm_waiter waiter;
	struct rsm_executor *executor;
};

static void lease_event(const struct rsm_unit *unit, u32 type, const struct rsm_who *who,
			const struct rsm_who *other)
{
	struct rsm_event event = {.type = type, .device = unit->id};

	rsm_event_who(&event, who, other);
	rsm_event_send(&event);
}

static void lease_grant(struct rsm_unit *unit, struct rsm_executor *executor)
{
	lockdep_assert_held(&rsm_lock);
	WARN_ON_ONCE(unit->executor);
	unit->executor = executor;
	executor->unit = rsm_unit_get(unit);
	lease_event(unit, RSM_EVENT_LEASE_TAKEN, &executor->who, NULL);
}

static void lease_end(struct rsm_executor *executor)
{
	struct rsm_unit *unit = executor->unit;
	struct candidate *next;

	unit->executor = NULL;
	executor->ended = true;
	wake_up_poll(&executor->poll, EPOLLHUP);
	lease_event(unit, RSM_EVENT_LEASE_LOST, &executor->who, NULL);
	next = list_first_entry_or_null(&unit->executor_queue, struct candidate, waiter.node);
	if (next && unit->sdev) {
		lease_grant(unit, next->executor);
		rsm_waiter_finish(&next->waiter, 0);
	}
}

static int lease_release(struct inode *inode, struct file *file)
{
	struct rsm_executor *executor = file->private_data;

	mutex_lock(&rsm_lock);
	if (executor->unit && !executor->ended)
		lease_end(executor);
	rsm_check_all();
	mutex_unlock(&rsm_lock);
	if (executor->unit)
		rsm_unit_put(executor->unit);
	rsm_who_release(&executor->who);
	kfree(executor);
	return 0;
}

static __poll_t lease_poll(struct file *file, poll_table *table)
{
	struct rsm_executor *executor = file->private_data;
	bool ended;

	poll_wait(file, &executor->poll, table);
	mutex_lock(&rsm_lock);
	ended = executor->ended;
	mutex_unlock(&rsm_lock);
	return ended ? EPOLLHUP : 0;
}

static long assign_ioctl(struct rsm_executor *executor, void __user *arg)
{
	struct rsm_assign assign;
	struct rsm_unit *drive;
	long err = 0;

	if (copy_from_user(&assign, arg, sizeof(assign)))
		return -EFAULT;
	if (assign.flags & ~RSM_ASSIGN_REMOVE)
		return -EINVAL;
	mutex_lock(&rsm_lock);
	drive = rsm_unit_find(assign.drive, RSM_KIND_DRIVE);
	if (executor->ended || !drive)
		err = -ENODEV;
	else if ((drive->changer && drive->changer != executor->unit->id) || drive->executor)
		err = -EBUSY;
	else
		drive->changer = assign.flags & RSM_ASSIGN_REMOVE ? 0 : executor->unit->id;
	rsm_reserve_dispatch(); /* for those who wait to recover what it holds */
	rsm_check_all();
	mutex_unlock(&rsm_lock);
	return err;
}

static long lease_ioctl(struct file *file, unsigned int cmd, unsigned long user)
{
	struct rsm_executor *executor = file->private_data;
	void __user *arg = (void __user *)user;

	switch (cmd) {
	case RSM_IOC_RESERVE:
		return rsm_reserve_ioctl(executor, arg);
	case RSM_IOC_MANAGE:
		return rsm_manage_ioctl(executor, arg);
	case RSM_IOC_UNMANAGE:
		return rsm_unmanage_ioctl(executor, arg);
	}
	if (executor->unit->kind != RSM_KIND_CHANGER)
		return -ENOTTY; /* a drive has no robot, and no drives */
	switch (cmd) {
	case RSM_IOC_ASSIGN:
		return assign_ioctl(executor, arg);
	case RSM_IOC_ROBOT:
		return rsm_robot_ioctl(executor, arg);
	default:
		return -ENOTTY;
	}
}

static const struct file_operations lease_fops = {
	.owner = THIS_MODULE,
	.release = lease_release,
	.poll = lease_poll,
	.unlocked_ioctl = lease_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

/**
 * rsm_executor_admits - has the caller the descriptor of this lease?
 * @executor: the lease, or NULL
 *
 * Return: true if so.
 */
bool rsm_executor_admits(const struct rsm_executor *executor)
{
	lockdep_assert_held(&rsm_lock);
	return executor && rsm_has_file(&lease_fops, executor);
}

/* Become the executor, at once or after a wait; on -EBUSY say who is it. */
static int lease_acquire(struct rsm_executor *executor, struct rsm_lease *lease)
{
	struct candidate candidate = {.executor = executor};
	struct rsm_unit *unit;

	lockdep_assert_held(&rsm_lock);
	unit = rsm_unit_find(lease->device, 0);
	if (!unit)
		return -ENODEV;
	if (unit->changer)
		return -EPERM;
	if (!unit->executor) {
		lease_grant(unit, executor);
		return 0;
	}
	if (lease->flags & RSM_LEASE_NOWAIT) {
		lease->holder = pid_vnr(unit->executor->who.pid);
		lease_event(unit, RSM_EVENT_CONFLICT, &executor->who, &unit->executor->who);
		return -EBUSY;
	}
	rsm_waiter_init(&candidate.waiter);
	list_add_tail(&candidate.waiter.node, &unit->executor_queue);
	return rsm_waiter_sleep(&candidate.waiter, lease->deadline_ns);
}

static struct rsm_executor *executor_new(void)
{
	struct rsm_executor *executor = kzalloc(sizeof(*executor), GFP_KERNEL);

	if (!executor)
		return NULL;
	rsm_who_init(&executor->who);
	init_waitqueue_head(&executor->poll);
	return executor;
}

/**
 * rsm_lease_ioctl - RSM_IOC_LEASE
 * @arg: struct rsm_lease of the caller
 *
 * Return: 0, or a negative errno as <linux/rsm.h> says.
 */
long rsm_lease_ioctl(void __user *arg)
{
	struct rsm_executor *executor;
	struct rsm_new_fd new;
	struct rsm_lease lease;
	long err;

	if (copy_from_user(&lease, arg, sizeof(lease)))
		return -EFAULT;
	if (lease.flags & ~RSM_LEASE_NOWAIT)
		return -EINVAL;
	if (copy_to_user(arg, &lease, sizeof(lease)))
		return -EFAULT;
	executor = executor_new();
	if (!executor)
		return -ENOMEM;
	err = rsm_fd_prepare(&new, "[rsm-lease]", &lease_fops, executor);
	if (err) {
		rsm_who_release(&executor->who);
		kfree(executor);
		return err;
	}
	lease.fd = -1;
	lease.holder = 0;
	mutex_lock(&rsm_lock);
	err = lease_acquire(executor, &lease);
	rsm_check_all();
	mutex_unlock(&rsm_lock);
	if (!err) {
		rsm_robot_refresh(executor);
		lease.fd = new.fd;
	}
	if ((!err || err == -EBUSY) && copy_to_user(arg, &lease, sizeof(lease)))
		err = -EFAULT;
	if (err)
		rsm_fd_abort(&new);
	else
		rsm_fd_install(&new);
	return err;
}

/**
 * rsm_lease_unit_gone - a unit is gone: end its lease and all waiting for it
 * @unit: the unit, found by nobody any more
 */
void rsm_lease_unit_gone(struct rsm_unit *unit)
{
	struct candidate *candidate, *next;

	lockdep_assert_held(&rsm_lock);
	rsm_unit_unassign(unit->id);
	if (unit->executor)
		lease_end(unit->executor);
	list_for_each_entry_safe(candidate, next, &unit->executor_queue, waiter.node)
		rsm_waiter_finish(&candidate->waiter, -ENODEV);
}

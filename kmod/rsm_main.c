// SPDX-License-Identifier: GPL-2.0-only
/*
 * The front door of the removable storage broker: /dev/rsm.
 *
 * Whoever may open /dev/rsm (mode 0600) has every right the contract in
 * <linux/rsm.h> gives: the node's permissions are the access control, and no call
 * looks at capabilities again. What stands between two programs is not privilege but
 * possession, of a reservation's descriptor or of a lease's.
 */
#include <linux/anon_inodes.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/hrtimer.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "rsm_private.h"

/* Guards all that is said about units, claims, executors and waiters; see rsm_private.h. */
DEFINE_MUTEX(rsm_lock);

/**
 * rsm_who_init - remember the calling process
 * @who: filled in; end it with rsm_who_release()
 */
void rsm_who_init(struct rsm_who *who)
{
	who->pid = get_pid(task_tgid(current));
	who->uid = current_euid();
	get_task_comm(who->comm, current->group_leader);
}

/**
 * rsm_who_release - forget a process
 * @who: from rsm_who_init()
 */
void rsm_who_release(struct rsm_who *who)
{
	put_pid(who->pid);
}

struct wanted_file {
	const struct file_operations *fops;
	const void *data;
};

static int is_wanted(const void *p, struct file *file, unsigned int fd)
{
	const struct wanted_file *wanted = p;

	return file->f_op == wanted->fops && file->private_data == wanted->data;
}

/**
 * rsm_has_file - has the calling process this descriptor of ours?
 * @fops: of which kind
 * @data: of which one
 *
 * Return: true if so.
 */
bool rsm_has_file(const struct file_operations *fops, const void *data)
{
	const struct wanted_file wanted = {.fops = fops, .data = data};

	return iterate_fd(current->files, 0, is_wanted, &wanted);
}

/**
 * rsm_waiter_init - make a waiter that is in no queue yet
 * @waiter: the waiter
 */
void rsm_waiter_init(struct rsm_waiter *waiter)
{
	INIT_LIST_HEAD(&waiter->node);
	init_waitqueue_head(&waiter->wait);
	waiter->done = false;
	waiter->result = 0;
}

/**
 * rsm_waiter_sleep - sleep until somebody finishes the waiter
 * @waiter: queued by the caller; in no queue afterwards
 * @deadline_ns: CLOCK_MONOTONIC time to give up at, 0 for never
 *
 * Called with rsm_lock held, which is dropped for the sleep and held again after it. A
 * waiter that was finished while it gave up counts as finished: nothing handed to it
 * is lost.
 *
 * Return: what rsm_waiter_finish() said, -ETIME, or -ERESTARTSYS.
 */
int rsm_waiter_sleep(struct rsm_waiter *waiter, u64 deadline_ns)
{
	ktime_t left = KTIME_MAX;
	int err;

	lockdep_assert_held(&rsm_lock);
	mutex_unlock(&rsm_lock);
	if (deadline_ns) {
		left = ktime_sub(min_t(u64, deadline_ns, KTIME_MAX), ktime_get());
		left = max_t(ktime_t, left, 0);
	}
	err = wait_event_interruptible_hrtimeout(waiter->wait, READ_ONCE(waiter->done), left);
	mutex_lock(&rsm_lock);
	if (waiter->done)
		return waiter->result;
	list_del_init(&waiter->node);
	return err;
}

/**
 * rsm_waiter_finish - end somebody's wait
 * @waiter: the waiter, taken out of its queue
 * @result: what its rsm_waiter_sleep() returns
 *
 * The waiter cannot go away before the caller drops rsm_lock.
 */
void rsm_waiter_finish(struct rsm_waiter *waiter, int result)
{
	lockdep_assert_held(&rsm_lock);
	list_del_init(&waiter->node);
	waiter->result = result;
	WRITE_ONCE(waiter->done, true);
	wake_up(&waiter->wait);
}

/**
 * rsm_fd_prepare - make a descriptor that nobody can see yet
 * @new: filled in; end it with rsm_fd_install() or rsm_fd_abort()
 * @name: shown in /proc/PID/fd
 * @fops: operations of the file
 * @data: its private data, which belongs to the file if this succeeds
 *
 * Return: 0, -EMFILE, -ENFILE or -ENOMEM.
 */
int rsm_fd_prepare(struct rsm_new_fd *new, const char *name, const struct file_operations *fops,
		   void *data)
{
	new->fd = get_unused_fd_flags(O_CLOEXEC);
	if (new->fd < 0)
		return new->fd;
	new->file = anon_inode_getfile(name, fops, data, O_RDWR | O_CLOEXEC);
	if (IS_ERR(new->file)) {
		put_unused_fd(new->fd);
		return PTR_ERR(new->file);
	}
	return 0;
}

/**
 * rsm_fd_install - let the caller's process have the descriptor
 * @new: from rsm_fd_prepare()
 */
void rsm_fd_install(struct rsm_new_fd *new)
{
	fd_install(new->fd, new->file);
}

/**
 * rsm_fd_abort - undo rsm_fd_prepare(); the file's release() is called
 * @new: from rsm_fd_prepare()
 */
void rsm_fd_abort(struct rsm_new_fd *new)
{
	put_unused_fd(new->fd);
	fput(new->file);
}

/**
 * rsm_id_is_zero - is a medium id or token all zero?
 * @id: RSM_ID_SIZE bytes
 *
 * Return: true if so.
 */
bool rsm_id_is_zero(const u8 *id)
{
	return !memchr_inv(id, 0, RSM_ID_SIZE);
}

static long version_ioctl(void __user *arg)
{
	struct rsm_version version = {
		.abi = RSM_ABI_VERSION,
		.event_size = sizeof(struct rsm_event),
		.module_version = RSM_VERSION,
	};

	return copy_to_user(arg, &version, sizeof(version)) ? -EFAULT : 0;
}

static long main_ioctl(struct file *file, unsigned int cmd, unsigned long user)
{
	void __user *arg = (void __user *)user;

	switch (cmd) {
	case RSM_IOC_VERSION:
		return version_ioctl(arg);
	case RSM_IOC_DEVICE:
		return rsm_device_ioctl(arg);
	case RSM_IOC_HOLDING:
		return rsm_holding_ioctl(arg);
	case RSM_IOC_HISTORY:
		rsm_reader_rewind(file->private_data);
		return 0;
	case RSM_IOC_RESERVE:
		return rsm_reserve_ioctl(NULL, arg);
	case RSM_IOC_EXPECT:
		return rsm_expect_ioctl(arg);
	case RSM_IOC_EXPECTED:
		return rsm_expected_ioctl(arg);
	case RSM_IOC_LEASE:
		return rsm_lease_ioctl(arg);
	case RSM_IOC_UNMANAGE:
		return rsm_unmanage_ioctl(NULL, arg);
	default:
		return -ENOTTY;
	}
}

static int main_open(struct inode *inode, struct file *file)
{
	struct rsm_reader *reader = kzalloc(sizeof(*reader), GFP_KERNEL);

	if (!reader)
		return -ENOMEM;
	rsm_reader_init(reader);
	file->private_data = reader;
	return stream_open(inode, file);
}

static int main_release(struct inode *inode, struct file *file)
{
	kfree(file->private_data);
	return 0;
}

static ssize_t main_read(struct file *file, char __user *buffer, size_t size, loff_t *offset)
{
	return rsm_event_read(file->private_data, buffer, size, file->f_flags & O_NONBLOCK);
}

static __poll_t main_poll(struct file *file, poll_table *table)
{
	return rsm_event_poll(file->private_data, file, table);
}

static const struct file_operations main_fops = {
	.owner = THIS_MODULE,
	.open = main_open,
	.release = main_release,
	.read = main_read,
	.poll = main_poll,
	.unlocked_ioctl = main_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice main_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "rsm",
	.fops = &main_fops,
	.mode = 0600,
};

static int __init rsm_init(void)
{
	int err;

	err = rsm_event_init();
	if (err)
		return err;
	err = rsm_gate_init();
	if (err)
		goto err_event;
	err = rsm_device_init();
	if (err)
		goto err_gate;
	err = misc_register(&main_device);
	if (err)
		goto err_device;
	return 0;

err_device:
	rsm_device_exit();
err_gate:
	rsm_gate_exit();
err_event:
	rsm_event_exit();
	return err;
}

/*
 * Every descriptor holds the module, and so does every managed unit: nobody has one now,
 * nobody waits and no door is shut.
 */
static void __exit rsm_exit(void)
{
	misc_deregister(&main_device);
	rsm_device_exit();
	rsm_gate_exit();
	rsm_event_exit();
}

module_init(rsm_init);
module_exit(rsm_exit);

MODULE_AUTHOR("The RSM for Linux developers");
MODULE_DESCRIPTION("Broker of tape drives, cartridges and medium changers");
MODULE_LICENSE("GPL");
MODULE_VERSION(RSM_VERSION);

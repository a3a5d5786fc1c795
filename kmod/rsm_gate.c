// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every other door is shut: who may open the device nodes of a managed unit.
 *
 * What the kernel opens for a device number is a struct cdev. The operations of that cdev
 * are replaced by a gate, whose open() looks at the opener, and then does what misc_open()
 * does: it gives the file the driver's own operations and calls their open(). After that
 * the file is as if there were no gate, but for its end, which is noted: so it is known
 * whether a unit's nodes are open, though its holder may be dead. It does not matter by
 * which node or path the cdev is reached, nor whether an inode has learned it before.
 *
 * The cdev is found the way it is found for everybody, by opening a node, of our own and
 * seen by nobody. It tells of who has it open, too: every open file holds a reference.
 *
 * A gate may not outlast the module. While a unit is managed the module is pinned, and so it
 * is while a file is open that came through a gate. Who has
 * begun to open a node, and not yet got to pin it, is waited for at unload (rsm_gate_exit).
 */
#include <linux/cdev.h>
#include <linux/cred.h>
#include <linux/dcache.h>
#include <linux/delay.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/kmod.h>
#include <linux/major.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/pseudo_fs.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>

#include "rsm_private.h"

/* A tape drive has eight nodes, and any device an sg and a bsg node. */
#define DOORS_MAX 16

/* How long somebody who has a node open at take-over may take to close it. */
#define PATIENCE_MS   1000
#define PATIENCE_STEP 20

#define GATE_FS_MAGIC 0x72736d67

/* A node of a managed unit. It goes before its unit does. */
struct rsm_door {
	struct list_head node;
	struct rsm_unit *unit;
	dev_t number;
	struct cdev *cdev;
	const struct file_operations *real; /* the driver's; their module is pinned */
	struct file *file;		    /* ours, during take-over */
	bool fresh;			    /* take-over is not over */
	unsigned int opened;		    /* files that came through it and are open */
};

/* To be filled in before it is used, while all others are const, as checkpatch knows. */
#define file_operations_copy file_operations

/* A driver's operations, but with our release(): what a file has that came through a gate. */
struct passage {
	const struct file_operations *real;
	struct file_operations_copy ops;
	unsigned int files; /* that have them; those pin the driver's module, and ours */
};

/* Those of st, ch, sg and bsg; a driver that is loaded again may have them elsewhere. */
#define PASSAGES_MAX 8

static struct passage passages[PASSAGES_MAX];

static LIST_HEAD(doors);
static bool used; /* a gate has been there since the module was loaded */

/* The door of a cdev, and with this number unless that is 0. */
static struct rsm_door *door_find(const struct cdev *cdev, dev_t number)
{
	struct rsm_door *door;

	lockdep_assert_held(&rsm_lock);
	list_for_each_entry(door, &doors, node) {
		if (door->cdev == cdev && (!number || door->number == number))
			return door;
	}
	return NULL;
}

/* Who has the lease of a unit, for an assigned drive that of its changer; or NULL. */
static const struct rsm_executor *executor_of(const struct rsm_unit *unit)
{
	const struct rsm_unit *changer = NULL;

	if (unit->changer)
		changer = rsm_unit_find(unit->changer, RSM_KIND_CHANGER);
	return changer ? changer->executor : unit->executor;
}

/* @who is forgotten with it. */
static void conflict_event(struct rsm_unit *unit, dev_t number, struct rsm_who *who)
{
	const struct rsm_executor *executor = executor_of(unit);
	const struct rsm_who *holder = executor ? &executor->who : NULL;
	struct rsm_event event = {
		.type = RSM_EVENT_CONFLICT,
		.device = unit->id,
		.node = MAJOR(number) << 20 | MINOR(number),
	};

	if (!__ratelimit(&unit->conflicts))
		goto out;
	if (unit->claim) {
		event.generation = unit->claim->generation;
		memcpy(event.medium, unit->claim->medium, sizeof(event.medium));
		holder = &unit->claim->who;
	}
	rsm_event_who(&event, who, holder);
	rsm_event_send(&event);
out:
	rsm_who_release(who);
}

/* May the caller open the unit's nodes? Not those of a drive because he has the lease. */
static bool is_admitted(const struct rsm_unit *unit)
{
	if (unit->kind == RSM_KIND_CHANGER)
		return rsm_executor_admits(unit->executor);
	return unit->claim && rsm_claim_admits(unit->claim);
}

/**
 * rsm_gate_is_open - has anybody a unit's nodes open who came through a gate?
 * @unit: the unit
 *
 * Of a managed unit that is everybody: who had them open before it was managed made that fail.
 *
 * Return: true if so.
 */
bool rsm_gate_is_open(const struct rsm_unit *unit)
{
	const struct rsm_door *door;

	lockdep_assert_held(&rsm_lock);
	list_for_each_entry(door, &doors, node) {
		if (door->unit == unit && door->opened)
			return true;
	}
	return false;
}

/* The end of a file that came through a gate, or of the attempt. */
static void passage_leave(const struct inode *inode, const struct file_operations *ops)
{
	struct passage *passage = container_of(ops, struct passage, ops);
	struct module *owner = passage->real->owner;
	struct rsm_door *door;

	mutex_lock(&rsm_lock);
	passage->files--;
	door = door_find(inode->i_cdev, inode->i_rdev);
	if (door && door->opened) {
		door->opened--;
		if (!rsm_gate_is_open(door->unit))
			rsm_reserve_closed(door->unit);
	}
	mutex_unlock(&rsm_lock);
	module_put(owner);
}

static int passage_release(struct inode *inode, struct file *file)
{
	const struct file_operations *ops = file->f_op;
	const struct file_operations *real = container_of(ops, struct passage, ops)->real;
	int err = real->release ? real->release(inode, file) : 0;

	passage_leave(inode, ops);
	return err;
}

/*
 * The passage to a driver's operations, whose reference goes with it. One that nobody uses may
 * become another's: of a file that is gone only the owner is looked at, which is always us.
 */
static const struct file_operations *passage_enter(struct rsm_door *door,
						   const struct file_operations *real)
{
	struct passage *passage = NULL;
	int i;

	for (i = 0; i < PASSAGES_MAX && (!passage || passage->real != real); i++) {
		if (passages[i].real == real || !passages[i].files)
			passage = &passages[i];
	}
	if (!passage)
		return NULL;
	if (passage->real != real) {
		passage->real = real;
		passage->ops = *real;
		passage->ops.owner = THIS_MODULE;
		passage->ops.release = passage_release;
	}
	__module_get(THIS_MODULE);
	passage->files++;
	door->opened++;
	return &passage->ops;
}

/* The operations, with a reference, of a caller who may use them. */
static const struct file_operations *gate_pass(const struct inode *inode)
{
	struct cdev *cdev = inode->i_cdev; /* stays: whoever opens it has a reference */
	const struct file_operations *real, *ops;
	struct rsm_door *door, *any;
	struct rsm_who who;

	mutex_lock(&rsm_lock);
	door = door_find(cdev, inode->i_rdev);
	if (door && !is_admitted(door->unit)) {
		rsm_who_init(&who);
		conflict_event(door->unit, door->number, &who);
		ops = ERR_PTR(-EBUSY);
		goto out;
	}
	/* a changer's cdev is that of all changers: this one may be nobody's */
	any = door ?: door_find(cdev, 0);
	real = fops_get(any ? any->real : READ_ONCE(cdev->ops));
	ops = real && door ? passage_enter(door, real) : real;
	if (!ops) {
		fops_put(real);
		ops = ERR_PTR(-ENXIO);
	}
out:
	mutex_unlock(&rsm_lock);
	return ops;
}

static int gate_open(struct inode *inode, struct file *file)
{
	const struct file_operations *ops = gate_pass(inode);
	int err = 0;

	if (IS_ERR(ops))
		return PTR_ERR(ops);
	/* The file may pin us no longer, and st may wait for minutes. */
	__module_get(THIS_MODULE);
	replace_fops(file, ops);
	if (ops->open)
		err = ops->open(inode, file);
	if (err && ops->release == passage_release)
		passage_leave(inode, ops);
	module_put(THIS_MODULE);
	return err; /* until here: see rsm_gate_exit() */
}

static const struct file_operations gate_fops = {
	.owner = THIS_MODULE,
	.open = gate_open,
};

/* --- nodes of our own, to reach a cdev ------------------------------------------------- */

static int gate_fs_init(struct fs_context *context)
{
	return init_pseudo(context, GATE_FS_MAGIC) ? 0 : -ENOMEM;
}

static struct file_system_type gate_fs = {
	.owner = THIS_MODULE,
	.name = "rsm",
	.init_fs_context = gate_fs_init,
	.kill_sb = kill_anon_super,
};

static struct vfsmount *gate_mount;
static int gate_mount_users;

/* By which a tape drive's numbers differ: four modes, each with and without rewinding. */
#define TAPE_MODE_BITS 0xe0
#define TAPE_NO_REWIND 0x80

/* A tape drive admits one opener, so that of its nodes no more than one can be opened. */
static bool is_tape(dev_t number)
{
	return MAJOR(number) == SCSI_TAPE_MAJOR;
}

/* nst, in the mode that everybody uses: neither the mode nor the tape moves by opening it. */
static bool is_plain_tape(dev_t number)
{
	return is_tape(number) && (MINOR(number) & TAPE_MODE_BITS) == TAPE_NO_REWIND;
}

static void door_free(struct rsm_door *door)
{
	if (door->file)
		fput(door->file);
	if (door->real)
		module_put(door->real->owner);
	if (door->cdev)
		kobject_put(&door->cdev->kobj);
	kfree(door);
}

/*
 * Find what is behind a number; with the device lock, so that st's nodes cannot go. Other
 * nodes stay while they are open. A tape's node need not be: a refused open has learned
 * the cdev as well, without any effect on the drive; but the plain one is refused only if
 * somebody has the drive, which matters unless @late.
 */
static struct rsm_door *door_new(struct rsm_unit *unit, dev_t number, bool late)
{
	struct path path = {.mnt = gate_mount};
	struct rsm_door *door;
	struct inode *inode;
	struct file *file;
	int err = -ENOMEM;

	door = kzalloc(sizeof(*door), GFP_KERNEL);
	inode = door ? new_inode(gate_mount->mnt_sb) : NULL;
	if (!inode)
		goto err_door;
	init_special_inode(inode, S_IFCHR | 0600, number);
	path.dentry = d_make_root(inode); /* which has the inode, or has dropped it */
	if (!path.dentry)
		goto err_door;
	door->unit = unit;
	door->number = number;
	/* not fput() by way of close(): so a node that rewinds does not */
	file = dentry_open(&path, O_RDONLY | O_NONBLOCK, current_cred());
	err = PTR_ERR_OR_ZERO(file);
	if (!err)
		door->file = file;
	else if (is_tape(number) && inode->i_cdev &&
		 (late || err != -EBUSY || !is_plain_tape(number)))
		err = 0;
	if (!err) {
		door->cdev = inode->i_cdev;
		kobject_get(&door->cdev->kobj);
	}
	dput(path.dentry);
	if (!err)
		return door;
err_door:
	kfree(door);
	return ERR_PTR(err);
}

/* --- the numbers of a device ----------------------------------------------------------- */

struct numbers {
	unsigned int count;
	dev_t list[DOORS_MAX];
};

static int number_add(struct device *dev, void *data)
{
	struct numbers *numbers = data;

	if (!dev->devt)
		return 0;
	if (numbers->count == DOORS_MAX)
		return -ENOSPC;
	numbers->list[numbers->count++] = dev->devt;
	/* the first open keeps others away from a tape drive, and is seen by it */
	if (is_plain_tape(dev->devt))
		swap(numbers->list[0], numbers->list[numbers->count - 1]);
	return 0;
}

static bool is_shut(const struct rsm_unit *unit, dev_t number)
{
	const struct rsm_door *door;
	bool found = false;

	mutex_lock(&rsm_lock);
	list_for_each_entry(door, &doors, node)
		found |= door->unit == unit && door->number == number;
	mutex_unlock(&rsm_lock);
	return found;
}

/* All nodes of the device. A node of sg that could come later has to come now. */
static int numbers_find(struct scsi_device *sdev, struct numbers *numbers)
{
	unsigned int tries, i;
	int err;

	for (tries = 0; tries < 2; tries++) {
		numbers->count = 0;
		err = device_for_each_child(&sdev->sdev_gendev, numbers, number_add);
		for (i = 0; i < numbers->count; i++) {
			if (MAJOR(numbers->list[i]) == SCSI_GENERIC_MAJOR)
				return err;
		}
		if (err || tries || request_module("sg"))
			break;
	}
	return err;
}

/* Make doors of all nodes that are not shut yet. On -EBUSY @busy is one that somebody has open. */
static int doors_make(struct rsm_unit *unit, struct scsi_device *sdev, bool late,
		      struct list_head *list, dev_t *busy)
{
	struct numbers numbers;
	struct rsm_door *door;
	unsigned int i;
	int err;

	/* a device that has just been found may not have all of its nodes yet */
	err = mutex_lock_killable(&sdev->host->scan_mutex);
	if (err)
		return err;
	mutex_unlock(&sdev->host->scan_mutex);
	err = numbers_find(sdev, &numbers);
	if (err)
		return err;
	device_lock(&sdev->sdev_gendev);
	for (i = 0; i < numbers.count && !err; i++) {
		if (is_shut(unit, numbers.list[i]))
			continue;
		door = door_new(unit, numbers.list[i], late);
		if (!IS_ERR(door)) {
			list_add_tail(&door->node, list);
			continue;
		}
		err = PTR_ERR(door);
		*busy = numbers.list[i];
		if (err == -ENXIO) /* it has just gone */
			err = 0;
	}
	device_unlock(&sdev->sdev_gendev);
	if (err)
		rsm_gate_drop(list);
	return err;
}

/* --- shutting and opening -------------------------------------------------------------- */

enum which {
	WHICH_ALL,
	WHICH_FRESH,  /* those that are being taken over */
	WHICH_DRIVER, /* those of the device's driver, st or ch, not of sg or bsg */
};

static bool is_meant(const struct rsm_door *door, enum which which)
{
	switch (which) {
	case WHICH_FRESH:
		return door->fresh;
	case WHICH_DRIVER:
		return is_tape(door->number) || MAJOR(door->number) == SCSI_CHANGER_MAJOR;
	default:
		return true;
	}
}

/*
 * Give a unit's nodes back to their drivers. What is put into @opened is to be dropped. Whether
 * those are open is known no more: nobody can wait for their end.
 */
static void lift(struct rsm_unit *unit, enum which which, struct list_head *opened)
{
	const bool was_open = rsm_gate_is_open(unit);
	struct rsm_door *door, *next;

	lockdep_assert_held(&rsm_lock);
	list_for_each_entry_safe(door, next, &doors, node) {
		if (door->unit != unit || !is_meant(door, which))
			continue;
		list_move(&door->node, opened);
		/* all changers have one cdev: its gate goes with the last of them */
		if (!door_find(door->cdev, 0))
			WRITE_ONCE(door->cdev->ops, door->real);
	}
	if (was_open && !rsm_gate_is_open(unit))
		rsm_reserve_closed(unit);
}

/* From here on opening the node is asking us. */
static int door_shut(struct rsm_door *door)
{
	struct rsm_door *other = door_find(door->cdev, 0);
	const struct file_operations *real = other ? other->real : door->cdev->ops;

	if (!try_module_get(real->owner))
		return -ENODEV;
	door->real = real;
	used = true;
	WRITE_ONCE(door->cdev->ops, &gate_fops);
	return 0;
}

/* All of a list, or none. */
static int doors_shut(struct rsm_unit *unit, struct list_head *list)
{
	struct rsm_door *door, *next;
	LIST_HEAD(opened);
	int err = 0;

	mutex_lock(&rsm_lock);
	if (!unit->sdev)
		err = -ENODEV;
	list_for_each_entry_safe(door, next, list, node) {
		if (!err)
			err = door_shut(door);
		if (err)
			break;
		door->fresh = true;
		list_move_tail(&door->node, &doors);
	}
	if (err)
		lift(unit, WHICH_FRESH, &opened);
	mutex_unlock(&rsm_lock);
	rsm_gate_drop(&opened);
	if (err)
		rsm_gate_drop(list);
	return err;
}

/**
 * rsm_gate_drop - end doors that are open
 * @opened: the doors, found by nobody any more
 *
 * Not under rsm_lock: a device may go with its last reference.
 */
void rsm_gate_drop(struct list_head *opened)
{
	struct rsm_door *door, *next;

	list_for_each_entry_safe(door, next, opened, node)
		door_free(door);
	INIT_LIST_HEAD(opened);
}

/* --- who has a node open already? ------------------------------------------------------ */

struct search {
	dev_t number; /* of a tape drive: any of its numbers */
	dev_t *found;
};

static int is_number(const void *p, struct file *file, unsigned int fd)
{
	const struct search *search = p;
	const struct inode *inode = file_inode(file);
	const dev_t other_bits = is_tape(search->number) ? TAPE_MODE_BITS : 0;

	if (!S_ISCHR(inode->i_mode) || (inode->i_rdev ^ search->number) & ~other_bits)
		return 0;
	*search->found = inode->i_rdev;
	return 1;
}

/*
 * Find a process that has *@number open, and tell the number it has. A descriptor on its
 * way through a socket is not found.
 */
static bool find_opener(dev_t *number, struct rsm_manage *manage)
{
	const struct search search = {.number = *number, .found = number};
	struct task_struct *process, *task;
	bool found = false;

	rcu_read_lock();
	for_each_process_thread(process, task) {
		task_lock(task);
		found = task->files && iterate_fd(task->files, 0, is_number, &search);
		task_unlock(task);
		if (!found)
			continue;
		manage->pid = task_tgid_vnr(task);
		strscpy_pad(manage->comm, process->comm, sizeof(manage->comm));
		goto out; /* of two loops */
	}
out:
	rcu_read_unlock();
	return found;
}

/* Has the cdev more references than its driver's, its doors' and those of files we know? */
static bool has_openers(const struct cdev *cdev)
{
	unsigned int ours = 1;
	struct rsm_door *door;

	lockdep_assert_held(&rsm_lock);
	list_for_each_entry(door, &doors, node) {
		if (door->cdev == cdev)
			ours += (door->file ? 2 : 1) + door->opened;
	}
	return kref_read(&cdev->kobj.kref) > ours;
}

/* One of the unit's fresh doors that somebody has open, or 0. */
static dev_t find_busy(const struct rsm_unit *unit, struct rsm_manage *manage)
{
	struct rsm_door *door;
	dev_t number = 0;

	mutex_lock(&rsm_lock);
	list_for_each_entry(door, &doors, node) {
		if (door->unit != unit || !door->fresh || !has_openers(door->cdev))
			continue;
		/* of a cdev of many numbers only the search can tell whether it is this one */
		number = door->number;
		if (find_opener(&number, manage) || door->cdev->count == 1)
			break;
		number = 0;
	}
	mutex_unlock(&rsm_lock);
	return number;
}

/* Nobody can open them any more. Who has them open, and does he keep them so? */
static int await_closed(const struct rsm_unit *unit, struct rsm_manage *manage, dev_t *busy)
{
	unsigned int waited;

	/* who has read the driver's operations has taken his reference before: see it */
	synchronize_rcu();
	for (waited = 0;; waited += PATIENCE_STEP) {
		manage->pid = 0;
		memset(manage->comm, 0, sizeof(manage->comm));
		*busy = find_busy(unit, manage);
		if (!*busy)
			return 0;
		if (waited >= PATIENCE_MS)
			return -EBUSY;
		if (msleep_interruptible(PATIENCE_STEP))
			return -EINTR;
	}
}

static void unit_event(const struct rsm_unit *unit, u32 type)
{
	struct rsm_event event = {.type = type, .device = unit->id};
	struct rsm_who who;

	rsm_who_init(&who);
	rsm_event_who(&event, &who, NULL);
	rsm_event_send(&event);
	rsm_who_release(&who);
}

/* The doors are shut and nobody is inside: so it stays. */
static int settle(struct rsm_unit *unit)
{
	struct rsm_door *door;
	int err = 0;

	mutex_lock(&rsm_lock);
	list_for_each_entry(door, &doors, node) {
		if (door->unit != unit || !door->fresh)
			continue;
		door->fresh = false;
		if (door->file)
			fput(door->file);
		door->file = NULL;
	}
	if (!unit->sdev) {
		err = -ENODEV;
	} else if (!unit->managed) {
		unit->managed = true;
		__module_get(THIS_MODULE);
		unit_event(unit, RSM_EVENT_MANAGED);
	}
	mutex_unlock(&rsm_lock);
	return err;
}

/* Tell of a process that has a node of a managed unit open and did not come through its gate. */
static void intruder_event(struct rsm_unit *unit, dev_t number, const struct rsm_manage *manage)
{
	struct rsm_who who = {.pid = find_get_pid(manage->pid), .uid = INVALID_UID};
	struct task_struct *task = get_pid_task(who.pid, PIDTYPE_TGID);

	memcpy(who.comm, manage->comm, sizeof(who.comm));
	if (task) {
		who.uid = task_euid(task);
		put_task_struct(task);
	}
	mutex_lock(&rsm_lock);
	conflict_event(unit, number, &who);
	mutex_unlock(&rsm_lock);
}

/*
 * With the unit's take_over mutex and references to it and to its device. What comes to a
 * unit that is managed (@late) is shut in any case: who has it open already keeps it, and is
 * told of.
 */
static int take_over(struct rsm_unit *unit, struct scsi_device *sdev, struct rsm_manage *manage,
		     bool late)
{
	dev_t busy = 0;
	LIST_HEAD(list);
	int err;

	err = doors_make(unit, sdev, late, &list, &busy);
	if (err == -EBUSY)
		find_opener(&busy, manage);
	if (!err && list_empty(&list))
		return settle(unit);
	if (!err)
		err = doors_shut(unit, &list);
	if (err)
		goto out;
	err = await_closed(unit, manage, &busy);
	if (late && err == -EBUSY)
		intruder_event(unit, busy, manage);
	if (!err || late)
		return settle(unit);
	mutex_lock(&rsm_lock);
	lift(unit, WHICH_FRESH, &list);
	mutex_unlock(&rsm_lock);
	rsm_gate_drop(&list);
out:
	manage->major = MAJOR(busy);
	manage->minor = MINOR(busy);
	return err;
}

/* The unit meant, if the caller may, with a reference; and if @sdevp with one to its device. */
static struct rsm_unit *unit_meant(u32 id, struct rsm_executor *executor,
				   struct scsi_device **sdevp)
{
	struct rsm_unit *unit;
	int err = 0;

	mutex_lock(&rsm_lock);
	unit = rsm_unit_find(id, 0);
	if (!unit || (executor && executor->ended))
		err = -ENODEV;
	else if (executor && unit != executor->unit && unit->changer != executor->unit->id)
		err = -EPERM;
	else if (sdevp && scsi_device_get(unit->sdev))
		err = -ENODEV;
	if (!err && sdevp)
		*sdevp = unit->sdev;
	unit = err ? ERR_PTR(err) : rsm_unit_get(unit);
	mutex_unlock(&rsm_lock);
	return unit;
}

static int take_over_mounted(struct rsm_unit *unit, struct scsi_device *sdev,
			     struct rsm_manage *manage, bool late)
{
	int err = simple_pin_fs(&gate_fs, &gate_mount, &gate_mount_users);

	if (err)
		return err;
	err = take_over(unit, sdev, manage, late);
	simple_release_fs(&gate_mount, &gate_mount_users);
	return err;
}

static int manage_unit(struct rsm_executor *executor, struct rsm_manage *manage)
{
	struct scsi_device *sdev;
	struct rsm_unit *unit;
	int err;

	unit = unit_meant(manage->device, executor, &sdev);
	if (IS_ERR(unit))
		return PTR_ERR(unit);
	err = mutex_lock_killable(&unit->take_over);
	if (!err) {
		err = take_over_mounted(unit, sdev, manage, false);
		mutex_unlock(&unit->take_over);
	}
	scsi_device_put(sdev);
	rsm_unit_put(unit);
	return err;
}

/* --- nodes that come later -------------------------------------------------------------- */

static struct workqueue_struct *late_queue;

static void shut_late(struct work_struct *work)
{
	struct rsm_unit *unit = container_of(work, struct rsm_unit, late);
	struct rsm_manage manage = {.device = unit->id};
	struct scsi_device *sdev = NULL;

	mutex_lock(&unit->take_over);
	mutex_lock(&rsm_lock);
	if (unit->managed && !scsi_device_get(unit->sdev))
		sdev = unit->sdev;
	mutex_unlock(&rsm_lock);
	if (sdev) {
		take_over_mounted(unit, sdev, &manage, true);
		scsi_device_put(sdev);
	}
	mutex_unlock(&unit->take_over);
	rsm_unit_put(unit);
}

/**
 * rsm_gate_unit_init - make a unit nobody manages
 * @unit: the unit
 */
void rsm_gate_unit_init(struct rsm_unit *unit)
{
	mutex_init(&unit->take_over);
	INIT_WORK(&unit->late, shut_late);
	ratelimit_state_init(&unit->conflicts, HZ, 20);
	ratelimit_set_flags(&unit->conflicts, RATELIMIT_MSG_ON_RELEASE); /* and we never say it */
}

/**
 * rsm_gate_unit_bound - a driver has come, and nodes with it
 * @unit: the unit
 */
void rsm_gate_unit_bound(struct rsm_unit *unit)
{
	lockdep_assert_held(&rsm_lock);
	if (!unit->managed)
		return;
	rsm_unit_get(unit);
	if (!queue_work(late_queue, &unit->late))
		rsm_unit_put(unit); /* it is queued already */
}

/**
 * rsm_gate_unit_unbound - its driver has gone, and nodes with it
 * @unit: the unit
 * @opened: where their doors are put; end them with rsm_gate_drop()
 *
 * Who has them open has what leads nowhere.
 */
void rsm_gate_unit_unbound(struct rsm_unit *unit, struct list_head *opened)
{
	lift(unit, WHICH_DRIVER, opened);
}

/**
 * rsm_gate_init - get ready to shut doors
 *
 * Return: 0 or -ENOMEM.
 */
int rsm_gate_init(void)
{
	late_queue = alloc_workqueue("rsm", WQ_UNBOUND, 0);
	return late_queue ? 0 : -ENOMEM;
}

/**
 * rsm_manage_ioctl - RSM_IOC_MANAGE
 * @executor: the lease it came on
 * @arg: struct rsm_manage of the caller
 *
 * Return: 0, or a negative errno as <linux/rsm.h> says.
 */
long rsm_manage_ioctl(struct rsm_executor *executor, void __user *arg)
{
	struct rsm_manage manage;
	long err;

	if (copy_from_user(&manage, arg, sizeof(manage)))
		return -EFAULT;
	if (manage.flags || manage.reserved)
		return -EINVAL;
	/* a place that cannot be written to is found before anything is shut */
	if (copy_to_user(arg, &manage, sizeof(manage)))
		return -EFAULT;
	manage.pid = 0;
	memset(manage.comm, 0, sizeof(manage.comm));
	err = manage_unit(executor, &manage);
	if (err == -EBUSY && copy_to_user(arg, &manage, sizeof(manage)))
		err = -EFAULT;
	return err;
}

/* With rsm_lock held. What is to be dropped is put into @opened. */
static int give_back(struct rsm_unit *unit, bool leased, bool force, struct list_head *opened)
{
	if (!unit->managed)
		return 0;
	if (!force && (unit->claim || (!leased && executor_of(unit))))
		return -EBUSY;
	if (force)
		rsm_reserve_end(unit);
	unit->managed = false;
	lift(unit, WHICH_ALL, opened);
	unit_event(unit, RSM_EVENT_UNMANAGED);
	module_put(THIS_MODULE); /* the caller's file has another reference */
	return 0;
}

/**
 * rsm_unmanage_ioctl - RSM_IOC_UNMANAGE
 * @executor: the lease it came on, or NULL
 * @arg: struct rsm_unmanage of the caller
 *
 * Return: 0, or a negative errno as <linux/rsm.h> says.
 */
long rsm_unmanage_ioctl(struct rsm_executor *executor, void __user *arg)
{
	struct rsm_unmanage unmanage;
	struct rsm_unit *unit;
	LIST_HEAD(opened);
	long err;

	if (copy_from_user(&unmanage, arg, sizeof(unmanage)))
		return -EFAULT;
	if (unmanage.flags & ~RSM_UNMANAGE_FORCE)
		return -EINVAL;
	unit = unit_meant(unmanage.device, executor, NULL);
	if (IS_ERR(unit))
		return PTR_ERR(unit);
	err = mutex_lock_killable(&unit->take_over);
	if (!err) {
		mutex_lock(&rsm_lock);
		err = give_back(unit, executor, unmanage.flags & RSM_UNMANAGE_FORCE, &opened);
		mutex_unlock(&rsm_lock);
		rsm_gate_drop(&opened);
		mutex_unlock(&unit->take_over);
	}
	rsm_unit_put(unit);
	return err;
}

/**
 * rsm_gate_count - how many of a unit's nodes are shut
 * @unit: the unit
 *
 * Return: the number of doors.
 */
u32 rsm_gate_count(const struct rsm_unit *unit)
{
	const struct rsm_door *door;
	u32 count = 0;

	lockdep_assert_held(&rsm_lock);
	list_for_each_entry(door, &doors, node)
		count += door->unit == unit && !door->fresh;
	return count;
}

/**
 * rsm_gate_unit_gone - a unit is gone: its nodes are its driver's again
 * @unit: the unit, found by nobody any more
 * @opened: where its doors are put; end them with rsm_gate_drop()
 */
void rsm_gate_unit_gone(struct rsm_unit *unit, struct list_head *opened)
{
	lift(unit, WHICH_ALL, opened);
	if (unit->managed)
		module_put(THIS_MODULE); /* the device's removal waits for us at unload */
	unit->managed = false;
}

/**
 * rsm_gate_exit - no gate is there any more: wait for those who are in one
 *
 * A task may have read our operations from a cdev just before they were replaced, and not
 * yet tried to pin us; another may be at the last instructions of gate_open(). Neither
 * sleeps there, so that both are through once every task has slept or been outside of the
 * kernel.
 */
void rsm_gate_exit(void)
{
	destroy_workqueue(late_queue);
	if (used)
		synchronize_rcu_tasks();
}

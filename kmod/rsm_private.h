/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of rsm.ko share.
 *
 * Locks, in the order in which they are taken:
 *
 *   1. rsm_unit.robot: one command at a time per changer. Held while the changer
 *      works, so for hours if need be.
 *      rsm_unit.take_over: one MANAGE or UNMANAGE at a time per unit. Held while the
 *      unit's nodes are opened. Never together with robot.
 *   2. rsm_lock: all that is said about units, claims, executors and waiters. Held
 *      for moments only: never over a SCSI command or an access to user memory.
 *   3. the event lock: the ring of events and the order on netlink.
 *
 * rsm_reader.lock (one reader of one file at a time) is taken before 3 and never
 * together with 1 or 2. The driver core's class lock is held around all of them when
 * units come and go, so nothing here may wait for a unit to come or go. The device lock of
 * a unit's SCSI device is taken within take_over, and nothing of the above within it but
 * rsm_lock; the scan_mutex of its host is taken within take_over alone. The spinlock of a
 * process's table of files is taken within rsm_lock.
 *
 * References: whoever keeps a pointer to a unit or a claim outside rsm_lock counts in
 * its kref. A unit's sdev is valid under rsm_lock as long as it is not NULL; for use
 * outside of it take scsi_device_get() first.
 */
#ifndef RSM_PRIVATE_H
#define RSM_PRIVATE_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/poll.h>
#include <linux/ratelimit.h>
#include <linux/rsm.h>
#include <linux/types.h>
#include <linux/uidgid.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#define RSM_VERSION "0.1.0"

struct scsi_device;
struct rsm_claim;
struct rsm_executor;

/* A process, remembered for those who ask later. */
struct rsm_who {
	struct pid *pid;
	kuid_t uid;
	char comm[RSM_COMM_SIZE];
};

/* A drive or a changer. */
struct rsm_unit {
	struct kref ref;
	struct list_head node;
	struct scsi_device *sdev; /* NULL once it is gone */
	u32 id;
	u32 kind;
	u32 host;
	u32 channel;
	u32 target;
	u64 lun;
	char vendor[16];
	char product[24];
	char revision[8];
	char serial[64];

	struct rsm_executor *executor; /* who has the lease, or NULL; never of an assigned drive */
	struct list_head executor_queue;

	struct mutex take_over;	 /* one MANAGE or UNMANAGE at a time */
	bool managed;		 /* its nodes are shut: see rsm_gate.c */
	struct work_struct late; /* shuts what came since */
	struct ratelimit_state conflicts;

	/* of a drive */
	u32 changer; /* id of the changer it was assigned to, or 0 */
	u32 waiters;
	u64 since_ns;		 /* when it became free */
	struct rsm_claim *claim; /* HELD or ORPHANED, or NULL */

	/* of a changer */
	struct mutex robot; /* one command at a time */
	bool mapped;	    /* first[] and count[] are what the changer said last */
	u16 first[RSM_ELEMENT_KINDS];
	u16 count[RSM_ELEMENT_KINDS];
};

/* A reservation. Its file holds a reference, and so does the drive it holds. */
struct rsm_claim {
	struct kref ref;
	struct rsm_unit *drive;
	struct rsm_who who;
	wait_queue_head_t poll;
	struct list_head expecting; /* in the list of those who wait to be handed one */
	u8 token[RSM_ID_SIZE];
	u32 state; /* enum rsm_state, never FREE */
	int error; /* of calls on it while not HELD */
	u32 flags; /* RSM_MARK_* */
	u8 medium[RSM_ID_SIZE];
	u64 since_ns;
	u64 generation;
	struct pid *granted[RSM_GRANTS_MAX]; /* processes, or NULL */
};

/* A lease. */
struct rsm_executor {
	struct rsm_unit *unit;
	struct rsm_who who;
	wait_queue_head_t poll;
	bool ended; /* the unit is gone */
};

/* Somebody asleep in an ioctl; lives on that one's stack. */
struct rsm_waiter {
	struct list_head node;
	wait_queue_head_t wait;
	bool done;
	int result;
};

/* A file descriptor in the making. */
struct rsm_new_fd {
	int fd;
	struct file *file;
};

/* One file's place in the ring of events. */
struct rsm_reader {
	struct mutex lock; /* one read() at a time */
	u64 next;	   /* sequence wanted next, 0 before the first read() or poll() */
};

extern struct mutex rsm_lock;

/* rsm_main.c */
void rsm_who_init(struct rsm_who *who);
bool rsm_has_file(const struct file_operations *fops, const void *data);
void rsm_who_release(struct rsm_who *who);
void rsm_waiter_init(struct rsm_waiter *waiter);
int rsm_waiter_sleep(struct rsm_waiter *waiter, u64 deadline_ns);
void rsm_waiter_finish(struct rsm_waiter *waiter, int result);
int rsm_fd_prepare(struct rsm_new_fd *new, const char *name, const struct file_operations *fops,
		   void *data);
void rsm_fd_install(struct rsm_new_fd *new);
void rsm_fd_abort(struct rsm_new_fd *new);
bool rsm_id_is_zero(const u8 *id);

/* rsm_device.c */
int rsm_device_init(void);
void rsm_device_exit(void);
struct rsm_unit *rsm_unit_find(u32 id, u32 kind);
struct rsm_unit *rsm_unit_from(u32 id, u32 kind);
struct rsm_unit *rsm_unit_get(struct rsm_unit *unit);
void rsm_unit_put(struct rsm_unit *unit);
void rsm_copy_field(char *to, size_t size, const u8 *from, size_t len);
void rsm_unit_unassign(u32 changer);
long rsm_device_ioctl(void __user *arg);

/* rsm_reserve.c */
long rsm_reserve_ioctl(struct rsm_executor *executor, void __user *arg);
long rsm_expect_ioctl(void __user *arg);
long rsm_expected_ioctl(void __user *arg);
long rsm_holding_ioctl(void __user *arg);
void rsm_reserve_dispatch(void);
void rsm_reserve_end(struct rsm_unit *unit);
bool rsm_claim_admits(const struct rsm_claim *claim);
void rsm_reserve_unit_gone(struct rsm_unit *unit);
void rsm_reserve_closed(struct rsm_unit *unit);
void rsm_check_all(void);

/* rsm_lease.c */
long rsm_lease_ioctl(void __user *arg);
void rsm_lease_unit_gone(struct rsm_unit *unit);
bool rsm_executor_admits(const struct rsm_executor *executor);

/* rsm_gate.c */
int rsm_gate_init(void);
void rsm_gate_unit_init(struct rsm_unit *unit);
void rsm_gate_unit_bound(struct rsm_unit *unit);
long rsm_manage_ioctl(struct rsm_executor *executor, void __user *arg);
long rsm_unmanage_ioctl(struct rsm_executor *executor, void __user *arg);
void rsm_gate_unit_unbound(struct rsm_unit *unit, struct list_head *opened);
void rsm_gate_drop(struct list_head *opened);
u32 rsm_gate_count(const struct rsm_unit *unit);
bool rsm_gate_is_open(const struct rsm_unit *unit);
void rsm_gate_unit_gone(struct rsm_unit *unit, struct list_head *opened);
void rsm_gate_exit(void);

/* rsm_robot.c */
long rsm_robot_ioctl(struct rsm_executor *executor, void __user *arg);
void rsm_robot_refresh(struct rsm_executor *executor);
void rsm_robot_map(struct rsm_unit *unit, struct scsi_device *sdev);
void rsm_robot_serial(struct rsm_unit *unit, struct scsi_device *sdev);

/* rsm_event.c */
int rsm_event_init(void);
void rsm_event_exit(void);
void rsm_event_who(struct rsm_event *event, const struct rsm_who *who, const struct rsm_who *other);
void rsm_event_send(struct rsm_event *event);
void rsm_reader_init(struct rsm_reader *reader);
void rsm_reader_rewind(struct rsm_reader *reader);
ssize_t rsm_event_read(struct rsm_reader *reader, char __user *buffer, size_t size, bool nonblock);
__poll_t rsm_event_poll(struct rsm_reader *reader, struct file *file, poll_table *table);

#endif /* RSM_PRIVATE_H */

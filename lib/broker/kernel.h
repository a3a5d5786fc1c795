/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* kernel.h - what the files of the kernel broker share; not for others */
#ifndef NTMS_BROKER_KERNEL_H
#define NTMS_BROKER_KERNEL_H

#include <linux/rsm.h>
#include "broker/ops.h"
#include "broker/sysfs.h"

struct kernel_broker {
	struct broker base;
	int fd; /* /dev/rsm; never changes, so that threads need no lock */
};

struct kernel_lease {
	struct broker_lease base;
	struct kernel_lease *next; /* of the process; kernel-lease.c */
	struct kernel_broker *broker;
	int fd;
	uint32_t device;   /* a changer, or a drive that stands alone */
	bool access_asked; /* it is known whether the library reports ACCESS... */
	bool access_told;  /* ...for any element at all */
};

struct kernel_hold {
	struct broker_hold base;
	int fd;
};

static inline struct kernel_broker *to_kernel(struct broker *broker)
{
	return (struct kernel_broker *)broker;
}

static inline struct kernel_lease *to_kernel_lease(struct broker_lease *lease)
{
	return (struct kernel_lease *)lease;
}

static inline struct kernel_hold *to_kernel_hold(struct broker_hold *hold)
{
	return (struct kernel_hold *)hold;
}

/* The device with exactly this id. -ENODEV and a message. */
int kernel_device(const struct kernel_broker *broker, uint32_t id, enum rsm_kind kind,
		  struct rsm_device *device);

/* Goes to the device with the next higher id, from id 0 on: 1, 0 when there is none, -errno and a
 * message. */
int kernel_next_device(const struct kernel_broker *broker, struct rsm_device *device);

struct scsi_address kernel_address(const struct rsm_device *device);

/* Copies a text of the module's, which came from a device: at most @from_size bytes, ended by a NUL
 * or not, without blanks around it, and with nothing in it that cannot be printed. */
void kernel_copy_text(const char *from, size_t from_size, char *into, size_t size);

/* ---- kernel-lease.c ---- */
int kernel_lease_take(struct broker *broker, uint32_t device, struct broker_lease **leasep);
void kernel_lease_give(struct broker_lease *lease);

/* ---- kernel-robot.c ---- */
int kernel_assign(struct broker_lease *lease, uint32_t drive);
int kernel_unassign(struct broker_lease *lease, uint32_t drive);
int kernel_scan(struct broker_lease *lease);
int kernel_move(struct broker_lease *lease, uint16_t from, uint16_t to, bool invert,
		uint32_t timeout_ms);

/* Sends @robot; -errno and a message that begins with @what when it did not succeed. */
int kernel_robot(struct kernel_lease *lease, const char *what, struct rsm_robot *robot);

/* The lease's changer with its element ranges. -EIO when it does not tell them. */
int kernel_changer(struct kernel_lease *lease, struct rsm_device *changer);

/* ---- kernel-access.c ---- */
int kernel_access(struct broker_lease *lease, bool allow);
int kernel_ready(struct broker_lease *lease);
int kernel_knock(struct broker *broker, uint32_t changer);

/* ---- kernel-elements.c ---- */
int kernel_elements(struct broker_lease *lease, enum broker_element_type type, uint16_t first,
		    uint16_t count, struct broker_element **list, size_t *found);

/* ---- kernel-hold.c ---- */
int kernel_reserve(struct broker_lease *lease, uint32_t drive, const NTMS_GUID *medium,
		   unsigned int flags, uint64_t generation, struct broker_hold **holdp);
int kernel_expect(struct broker *broker, const NTMS_GUID *token, struct broker_hold **holdp);
int kernel_expected(struct broker *broker, const NTMS_GUID *token);
int kernel_transfer(struct broker_hold *hold, const NTMS_GUID *token, uint64_t *generation);
int kernel_mark(struct broker_hold *hold, bool loaded);
int kernel_hold_state(struct broker_hold *hold, enum broker_hold_state *state,
		      uint64_t *generation);
int kernel_hold_fd(struct broker_hold *hold);
void kernel_release(struct broker_hold *hold);

/* ---- kernel-doors.c ---- */
int kernel_manage(struct broker_lease *lease, uint32_t device);
int kernel_unmanage(struct broker *broker, uint32_t device);
int kernel_grant(struct broker_hold *hold, int pid);
int kernel_conflicts(struct broker *broker, struct broker_conflict **list, size_t *count);

/* ---- kernel-open.c ---- */
int kernel_drive_open(struct broker *broker, uint32_t drive, int *pid);

/* Does this process hold the drive, so that the module lets it through? */
bool kernel_is_ours(const struct kernel_broker *broker, uint32_t drive);

/* ---- kernel-drive.c ---- */
int kernel_drive_loaded(struct broker *broker, uint32_t drive, bool *loaded);
int kernel_drive_cleaning(struct broker *broker, uint32_t drive, bool *needed);
int kernel_drive_unload(struct broker *broker, uint32_t drive);

/* ---- tape-st.c ---- */
int st_tape_open(struct broker *broker, uint32_t drive, bool write, uint64_t deadline_ns,
		 struct tape **tapep);
void st_tape_close(struct tape *tape);
int st_tape_rewind(struct tape *tape);
int st_tape_read(struct tape *tape, void *buffer, size_t size, size_t *got);
int st_tape_write_label(struct tape *tape, const void *block, size_t size);
int st_tape_unload(struct tape *tape);
int st_tape_codes(struct tape *tape, uint32_t *medium, uint32_t *density);
int st_tape_brought(struct tape *tape, uint32_t density);
int st_tape_reset_settings(struct tape *tape);

#endif

/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * rsm.h - the contract between rsm.ko and user space
 *
 * Rules that hold for every structure here: fixed-width types, a size that is a
 * multiple of eight, no implicit padding (so that 32-bit callers see the same
 * layout), and every reserved field and every unknown flag bit must be zero or
 * the call fails with EINVAL. An unknown ioctl number fails with ENOTTY.
 *
 * Three kinds of descriptors exist:
 *
 *  - /dev/rsm itself: look at devices and holders, reserve drives, take leases,
 *    read events;
 *  - a *reservation* (from RSM_IOC_RESERVE or RSM_IOC_EXPECT): as long as it is
 *    open, and until it is taken away, its owner is the only holder of one drive
 *    and of one medium;
 *  - a *lease* (from RSM_IOC_LEASE): its owner is the only executor of one
 *    changer, and the only one who may send that changer commands; or of one
 *    stand-alone drive, which is assigned to no changer.
 *
 * Closing a descriptor, by close() or by death, ends what it stands for.
 *
 * A device that is *managed* (RSM_IOC_MANAGE) has its doors shut: opening any of its
 * device nodes (a drive's st and nst nodes in all modes, a changer's sch node, the sg
 * and bsg nodes of both) fails with EBUSY, whatever the node is called and whoever asks,
 * unless the opener
 *
 *  - has the descriptor of the drive's reservation, or
 *  - was granted it (RSM_IOC_GRANT), or descends from a process that was, or
 *  - of a changer, has the descriptor of its lease. To a drive a lease is no key: who has
 *    it reserves the drive, or takes it over.
 *
 * What is open stays open when the right to open it ends.
 */
#ifndef _UAPI_LINUX_RSM_H
#define _UAPI_LINUX_RSM_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define RSM_DEVICE_NODE "/dev/rsm"

/* Raised when an existing structure or meaning changes; new numbers do not raise it. */
#define RSM_ABI_VERSION 3

/* Length of a medium id and of a hand-over token: a GUID's sixteen bytes. */
#define RSM_ID_SIZE    16
#define RSM_COMM_SIZE  16
#define RSM_SENSE_SIZE 64

/* Most a READ ELEMENT STATUS may return at once. */
#define RSM_ROBOT_DATA_MAX (4 * 1024 * 1024)

/**
 * struct rsm_version - answer of RSM_IOC_VERSION
 * @abi: RSM_ABI_VERSION the module was built with
 * @event_size: bytes of one struct rsm_event as read() returns it
 * @module_version: NUL-terminated version of the module
 */
struct rsm_version {
	__u32 abi;
	__u32 event_size;
	char module_version[24];
};

enum rsm_kind {
	RSM_KIND_CHANGER = 1,
	RSM_KIND_DRIVE = 2,
};

/* struct rsm_device: its doors are shut. */
#define RSM_DEVICE_MANAGED 0x1
/* One of its nodes was opened since then, and is open. */
#define RSM_DEVICE_OPEN 0x2

/* Index into the arrays of element ranges; the SCSI element type code minus one. */
enum rsm_element {
	RSM_ELEMENT_TRANSPORT = 0,
	RSM_ELEMENT_STORAGE = 1,
	RSM_ELEMENT_PORT = 2,
	RSM_ELEMENT_DRIVE = 3,
	RSM_ELEMENT_KINDS = 4,
};

/**
 * struct rsm_device - one device, for RSM_IOC_DEVICE
 * @id: in: the lowest id wanted; out: the id found. Ids start at 1, grow, and are
 *	never used twice while the module is loaded
 * @kind: enum rsm_kind
 * @host: SCSI host number
 * @channel: SCSI channel
 * @target: SCSI target id
 * @changer: drive: id of the changer it was assigned to, 0 for none
 * @lun: SCSI logical unit number
 * @vendor: from INQUIRY, trailing blanks removed, NUL-terminated
 * @product: likewise
 * @revision: likewise
 * @serial: unit serial number (VPD page 0x80), empty if the device has none
 * @first: changer: first element address of each enum rsm_element
 * @count: changer: number of elements of each enum rsm_element
 * @flags: out: RSM_DEVICE_MANAGED, RSM_DEVICE_OPEN
 * @doors: out: how many device nodes of it are shut
 * @reserved: zero
 *
 * ENOENT when no device has an id of @id or more.
 */
struct rsm_device {
	__u32 id;
	__u32 kind;
	__u32 host;
	__u32 channel;
	__u32 target;
	__u32 changer;
	__u64 lun;
	char vendor[16];
	char product[24];
	char revision[8];
	char serial[64];
	__u16 first[RSM_ELEMENT_KINDS];
	__u16 count[RSM_ELEMENT_KINDS];
	__u32 flags;
	__u32 doors;
	__u64 reserved;
};

/* Do not wait: EBUSY when it is held. */
#define RSM_RESERVE_NOWAIT 0x1
/*
 * Take over an orphaned drive or medium; a free one is had as without the flag. Only on a lease,
 * and only for drives assigned to its changer, or the stand-alone drive it is for. Who takes a
 * drive over, by this or by REVOKE, has the mark (RSM_MARK_LOADED) with it and, naming no medium,
 * the medium's id. While a child of the dead still has one of the drive's nodes open (see
 * RSM_DEVICE_OPEN) an orphan is taken over by nobody: the call waits until they are closed, or
 * fails with EBUSY.
 */
#define RSM_RESERVE_RECOVER 0x2
/*
 * Take the drive from its present holder without a gap; the holder's descriptor
 * becomes stale (ESTALE, EPOLLHUP). @generation must name the reservation meant.
 * Only on a lease, as RECOVER. ENOENT if nobody holds the drive, ESTALE if
 * another reservation than the one named does.
 */
#define RSM_RESERVE_REVOKE 0x4
#define RSM_RESERVE_FLAGS  0x7

#define RSM_PRIORITY_LOWEST  (-15)
#define RSM_PRIORITY_HIGHEST 15

/**
 * struct rsm_reserve - RSM_IOC_RESERVE, on /dev/rsm or on a lease
 * @drive: id of the drive
 * @flags: RSM_RESERVE_*
 * @medium: opaque id of the medium; all zero reserves the drive alone
 * @priority: RSM_PRIORITY_LOWEST to RSM_PRIORITY_HIGHEST; higher is served first,
 *	equals in order of arrival, and waiting raises it slowly
 * @fd: out: the reservation, close-on-exec
 * @deadline_ns: absolute CLOCK_MONOTONIC time at which to give up, 0 for never
 * @generation: in: see RSM_RESERVE_REVOKE, else 0; out: number of this
 *	reservation, never used twice while the module is loaded
 *
 * Errors: EBUSY (held, or with RECOVER orphaned and still open, with NOWAIT or REVOKE),
 * EOWNERDEAD (orphaned, with NOWAIT and without RECOVER), ETIME (deadline passed), EINTR, ENODEV
 * (no such drive, or it went, or its management was ended by force), EPERM (RECOVER or REVOKE
 * without the lease of the drive's changer, or of the drive itself when it is assigned to none).
 */
struct rsm_reserve {
	__u32 drive;
	__u32 flags;
	__u8 medium[RSM_ID_SIZE];
	__s32 priority;
	__s32 fd;
	__u64 deadline_ns;
	__u64 generation;
};

/**
 * struct rsm_expect - RSM_IOC_EXPECT on /dev/rsm: wait to be handed a reservation
 * @token: secret by which RSM_IOC_TRANSFER finds this descriptor; not all zero
 * @flags: zero
 * @fd: out: a reservation that holds nothing yet. It polls EPOLLIN once it has
 *	been handed one
 *
 * EEXIST when the token is expected already.
 */
struct rsm_expect {
	__u8 token[RSM_ID_SIZE];
	__u32 flags;
	__s32 fd;
};

/**
 * struct rsm_expected - RSM_IOC_EXPECTED on /dev/rsm: does somebody wait?
 * @token: the token asked about
 * @expected: out: 1 when a descriptor waits for it, 0 when none does
 * @reserved: zero
 */
struct rsm_expected {
	__u8 token[RSM_ID_SIZE];
	__u32 expected;
	__u32 reserved;
};

/**
 * struct rsm_transfer - RSM_IOC_TRANSFER on a reservation: hand it on
 * @token: token of the RSM_IOC_EXPECT descriptor that shall hold it
 * @generation: out: the generation under which the new holder has it
 *
 * There is no moment at which nobody holds the drive. The caller's descriptor is
 * stale afterwards. ENOENT when nobody expects the token (the caller keeps it).
 */
struct rsm_transfer {
	__u8 token[RSM_ID_SIZE];
	__u64 generation;
};

/* The drive contains the medium: if the holder dies, drive and medium are orphaned. */
#define RSM_MARK_LOADED 0x1

/**
 * struct rsm_mark - RSM_IOC_MARK on a reservation: say what the drive contains
 * @flags: RSM_MARK_LOADED, or 0 when the drive is empty or its medium settled
 * @reserved: zero
 *
 * A reservation that ends unmarked leaves the drive free; one that ends while
 * marked leaves it orphaned, and only RSM_RESERVE_RECOVER gets it.
 */
struct rsm_mark {
	__u32 flags;
	__u32 reserved;
};

/* Processes that may be granted one reservation, those that have ended not counted. */
#define RSM_GRANTS_MAX 16

#define RSM_GRANT_REMOVE 0x1

/**
 * struct rsm_grant - RSM_IOC_GRANT on a reservation: let this process open the drive
 * @pid: process id (thread group) in the caller's pid namespace, 0 for the caller
 * @flags: RSM_GRANT_REMOVE to end it
 *
 * For programs that open a path themselves and do not have the reservation's descriptor.
 * The number is looked up once: a later process with the same number is granted nothing.
 * Who has a pidfd and wants to be sure grants the number and then looks whether the pidfd's
 * process still lives. All that descends from the process may open the drive as well, as
 * long as its parents live: the kernel knows no other descent. Who becomes a daemon (two
 * forks, and the process between ends) is adopted, by init or by the next of its ancestors
 * that is a child subreaper (prctl(2)), and descends from that one: a process that is
 * granted a drive and wants its daemons to have it, too, makes itself one. Who is refused is
 * named by a CONFLICT event. A grant may be made before the reservation is handed over
 * (RSM_IOC_EXPECT), and ends with it.
 *
 * Errors: ESRCH (no such process; with REMOVE: it was not granted), ENOSPC (already
 * RSM_GRANTS_MAX processes), ESTALE or ENODEV (the reservation has ended).
 */
struct rsm_grant {
	__s32 pid;
	__u32 flags;
};

enum rsm_state {
	RSM_STATE_FREE = 0,
	RSM_STATE_HELD = 1,
	RSM_STATE_ORPHANED = 2,
	/* of an RSM_IOC_EXPECT descriptor only */
	RSM_STATE_PENDING = 3,
	/* of a descriptor only: transferred, revoked, or its drive is gone */
	RSM_STATE_ENDED = 4,
};

/**
 * struct rsm_holding - who holds a drive
 * @drive: RSM_IOC_HOLDING, in: lowest drive id wanted; out: the drive's id
 * @state: enum rsm_state
 * @flags: RSM_MARK_LOADED when marked so
 * @pid: process id (thread group) of the holder, in the caller's pid namespace; of
 *	the dead holder when orphaned; 0 when free
 * @uid: the holder's effective user id, in the caller's user namespace
 * @waiters: how many RSM_IOC_RESERVE calls wait for this drive
 * @medium: the medium's id, all zero for none
 * @comm: the holder's command name, NUL-terminated
 * @since_ns: CLOCK_REALTIME at which the present state began, as coarse as
 *	CLOCK_REALTIME_COARSE: up to a tick before the time of its event
 * @generation: number of the reservation
 * @reserved: zero
 *
 * RSM_IOC_HOLDING on /dev/rsm walks all drives (ENOENT after the last);
 * RSM_IOC_STATUS on a reservation tells its own.
 */
struct rsm_holding {
	__u32 drive;
	__u32 state;
	__u32 flags;
	__s32 pid;
	__u32 uid;
	__u32 waiters;
	__u8 medium[RSM_ID_SIZE];
	char comm[RSM_COMM_SIZE];
	__u64 since_ns;
	__u64 generation;
	__u64 reserved[2];
};

#define RSM_LEASE_NOWAIT 0x1

/**
 * struct rsm_lease - RSM_IOC_LEASE on /dev/rsm: become the executor of a changer
 * @device: id of the changer, or of a drive that is assigned to none
 * @flags: RSM_LEASE_NOWAIT: EBUSY when somebody has it
 * @deadline_ns: absolute CLOCK_MONOTONIC time at which to give up, 0 for never
 * @fd: out: the lease, close-on-exec. It polls EPOLLHUP once the device is gone
 * @holder: out, with EBUSY: process id of the present executor, 0 if unknown
 *
 * The lease of a stand-alone drive gives the right to recover and revoke that
 * drive; RSM_IOC_ROBOT and RSM_IOC_ASSIGN on it fail with ENOTTY. As long as
 * somebody has it the drive cannot be assigned to a changer.
 *
 * Errors: EPERM (the drive is assigned to a changer: that one's lease is the one to
 * have), ENODEV (no such device, or it went), EBUSY (with NOWAIT), ETIME, EINTR.
 */
struct rsm_lease {
	__u32 device;
	__u32 flags;
	__u64 deadline_ns;
	__s32 fd;
	__s32 holder;
};

/**
 * struct rsm_assign - RSM_IOC_ASSIGN on a lease: this drive belongs to the changer
 * @drive: id of the drive
 * @flags: RSM_ASSIGN_REMOVE to end it
 *
 * EBUSY when the drive is assigned to another changer, or somebody has a lease of
 * the drive itself.
 */
struct rsm_assign {
	__u32 drive;
	__u32 flags;
};

#define RSM_ASSIGN_REMOVE 0x1

/**
 * struct rsm_manage - RSM_IOC_MANAGE on a lease: shut the device's doors
 * @device: id of the lease's device, or of a drive assigned to its changer
 * @flags: zero
 * @major: out, with EBUSY: number of a node that is open
 * @minor: likewise
 * @pid: out, with EBUSY: a process that has it open, in the caller's pid namespace; 0 if
 *	that cannot be found out
 * @reserved: zero
 * @comm: out, with EBUSY: that process's command name, NUL-terminated
 *
 * The device stays managed, whatever becomes of the lease, until RSM_IOC_UNMANAGE or until
 * it is gone; so long the module cannot be unloaded, nor the drivers whose nodes they are, and
 * neither while a node is open that was opened so long.
 * Done again it is no error, and shuts what doors have come since. To learn what is behind
 * a tape drive's nodes it is opened once, as by a program that reads its status; nothing in it
 * is moved. Programs that are only having a look are waited for, for a second.
 *
 * Errors: EBUSY (a node is open: nothing has changed), EPERM (not a device of this lease),
 * ENODEV (no such device, or it went), EINTR, ENOMEM, EIO.
 */
struct rsm_manage {
	__u32 device;
	__u32 flags;
	__u32 major;
	__u32 minor;
	__s32 pid;
	__u32 reserved;
	char comm[RSM_COMM_SIZE];
};

/*
 * End its reservation, whoever has it: ESTALE, EPOLLHUP. Who waits for this drive waits no more:
 * ENODEV. The drive is free then, and may be reserved again. (Who waits for its medium in
 * another drive goes on waiting, or has it.)
 */
#define RSM_UNMANAGE_FORCE 0x1

/**
 * struct rsm_unmanage - RSM_IOC_UNMANAGE, on /dev/rsm or on a lease: open the doors
 * @device: id of the device
 * @flags: RSM_UNMANAGE_FORCE
 *
 * From then on opening its nodes is as if the module did not exist. It is no error if the
 * device is not managed.
 *
 * Errors: EBUSY (without FORCE: a reservation of the drive exists, held or orphaned; or on
 * /dev/rsm: somebody has the lease), EPERM (on a lease: not a device of it), ENODEV, EINTR.
 */
struct rsm_unmanage {
	__u32 device;
	__u32 flags;
};

enum rsm_robot_op {
	RSM_ROBOT_TEST_READY = 1,
	RSM_ROBOT_MOVE = 2,
	RSM_ROBOT_EXCHANGE = 3,
	RSM_ROBOT_POSITION = 4,
	RSM_ROBOT_INIT_STATUS = 5,
	RSM_ROBOT_INIT_RANGE = 6,
	RSM_ROBOT_READ_STATUS = 7,
	RSM_ROBOT_PREVENT = 8,
	RSM_ROBOT_ALLOW = 9,
	RSM_ROBOT_REQUEST_SENSE = 10,
};

/* MOVE, EXCHANGE, POSITION: turn the medium over. */
#define RSM_ROBOT_INVERT 0x1
/* READ_STATUS: report volume tags (bar codes). */
#define RSM_ROBOT_VOLTAG 0x2
/* READ_STATUS: report device identifiers (DVCID). */
#define RSM_ROBOT_DVCID 0x4
/* READ_STATUS: answer from memory, without moving the robot (CURDATA). */
#define RSM_ROBOT_CURDATA 0x8
#define RSM_ROBOT_FLAGS	  0xf

/**
 * struct rsm_robot - RSM_IOC_ROBOT on a lease: one command to the changer
 * @op: enum rsm_robot_op
 * @flags: RSM_ROBOT_*, each only where it means something
 * @transport: element address of the transport, 0 for the default one
 * @source: MOVE, EXCHANGE: from where
 * @destination: MOVE, EXCHANGE, POSITION: to where
 * @second_destination: EXCHANGE: where the medium found at @destination goes
 * @start: INIT_RANGE, READ_STATUS: first element address
 * @count: INIT_RANGE, READ_STATUS: how many elements
 * @element_type: READ_STATUS: SCSI element type code 1 to 4, 0 for all
 * @timeout_ms: time limit, 0 for the command's default
 * @data: READ_STATUS, REQUEST_SENSE: where the answer goes
 * @data_len: bytes at @data, at most RSM_ROBOT_DATA_MAX
 * @transferred: out: bytes written to @data
 * @status: out: SCSI status byte of the command, 0 when it succeeded
 * @sense_len: out: bytes valid in @sense
 * @sense: out: sense data of a command that failed
 *
 * The call returns 0 when the changer answered, well or not: look at @status.
 * Unit attentions are retried and reported as events. The command runs to its
 * end even if the caller is killed, and no other one starts before.
 * Errors: ERANGE (an element address the changer does not have, or of the wrong
 * kind), ENODEV, ETIMEDOUT (the changer did not answer in time), EIO, ENOMEM.
 */
struct rsm_robot {
	__u32 op;
	__u32 flags;
	__u16 transport;
	__u16 source;
	__u16 destination;
	__u16 second_destination;
	__u16 start;
	__u16 count;
	__u8 element_type;
	__u8 reserved[3];
	__u32 timeout_ms;
	__u32 data_len;
	__u64 data;
	__u32 transferred;
	__u8 status;
	__u8 sense_len;
	__u8 reserved2[2];
	__u8 sense[RSM_SENSE_SIZE];
};

enum rsm_event_type {
	RSM_EVENT_DEVICE_ADDED = 1,
	RSM_EVENT_DEVICE_GONE = 2,
	RSM_EVENT_RESERVED = 3,
	RSM_EVENT_TRANSFERRED = 4,
	RSM_EVENT_RELEASED = 5,
	RSM_EVENT_ORPHANED = 6,
	RSM_EVENT_REVOKED = 7,
	RSM_EVENT_RECOVERED = 8,
	RSM_EVENT_CONFLICT = 9,
	RSM_EVENT_ROBOT_BEGIN = 10,
	RSM_EVENT_ROBOT_END = 11,
	RSM_EVENT_UNIT_ATTENTION = 12,
	RSM_EVENT_LEASE_TAKEN = 13,
	RSM_EVENT_LEASE_LOST = 14,
	/* an RSM_IOC_EXPECT descriptor was closed before it was handed anything */
	RSM_EVENT_EXPECT_GONE = 15,
	/* the reader was too slow; @detail tells how many events were dropped */
	RSM_EVENT_OVERRUN = 16,
	RSM_EVENT_MANAGED = 17,
	RSM_EVENT_UNMANAGED = 18,
	/* the last of an orphaned drive's nodes was closed: now it may be taken over */
	RSM_EVENT_CLOSED = 19,
};

/**
 * struct rsm_event - one event, by read() on /dev/rsm
 * @type: enum rsm_event_type
 * @device: id of the drive or changer, 0 for none
 * @sequence: counts up by one for every event of the module
 * @time_ns: CLOCK_REALTIME
 * @generation: of the reservation, 0 for none
 * @medium: id of the medium (or token of EXPECT_GONE), all zero for none
 * @pid: who did it, as the initial pid namespace counts; TRANSFERRED: the new holder
 * @other_pid: CONFLICT: who holds it, or, of a device node nobody holds, who has the lease by
 *	which it is had; TRANSFERRED, REVOKED: who had it
 * @detail: ROBOT_*: enum rsm_robot_op | SCSI status << 8; UNIT_ATTENTION: ASC << 8 |
 *	ASCQ; OVERRUN: how many were lost
 * @source: ROBOT_*: source element
 * @destination: ROBOT_*: destination element
 * @uid: effective user id of @pid, as the initial user namespace counts
 * @node: CONFLICT: major << 20 | minor of the device node whose opening was refused; 0 when
 *	a reservation or lease was. Of a node that came to a managed device (a driver that is
 *	bound again): who opened it before it was shut, and has kept it
 * @comm: command name of @pid
 * @other_comm: command name of @other_pid
 *
 * A file reads the events that happen after its first read() or poll(); after
 * RSM_IOC_HISTORY, from the oldest one on that the module remembers. Of refused openings no
 * more than twenty a second are told for each device. EAGAIN with O_NONBLOCK when there is
 * none; EINVAL when the buffer holds not even one.
 */
struct rsm_event {
	__u32 type;
	__u32 device;
	__u64 sequence;
	__u64 time_ns;
	__u64 generation;
	__u8 medium[RSM_ID_SIZE];
	__s32 pid;
	__s32 other_pid;
	__u32 detail;
	__u16 source;
	__u16 destination;
	__u32 uid;
	__u32 node;
	char comm[RSM_COMM_SIZE];
	char other_comm[RSM_COMM_SIZE];
};

#define RSM_IOC_MAGIC 0xB9

#define RSM_IOC_VERSION	 _IOR(RSM_IOC_MAGIC, 0x00, struct rsm_version)
#define RSM_IOC_DEVICE	 _IOWR(RSM_IOC_MAGIC, 0x01, struct rsm_device)
#define RSM_IOC_HOLDING	 _IOWR(RSM_IOC_MAGIC, 0x02, struct rsm_holding)
#define RSM_IOC_HISTORY	 _IO(RSM_IOC_MAGIC, 0x03)
#define RSM_IOC_RESERVE	 _IOWR(RSM_IOC_MAGIC, 0x10, struct rsm_reserve)
#define RSM_IOC_EXPECT	 _IOWR(RSM_IOC_MAGIC, 0x11, struct rsm_expect)
#define RSM_IOC_EXPECTED _IOWR(RSM_IOC_MAGIC, 0x12, struct rsm_expected)
#define RSM_IOC_TRANSFER _IOWR(RSM_IOC_MAGIC, 0x13, struct rsm_transfer)
#define RSM_IOC_MARK	 _IOW(RSM_IOC_MAGIC, 0x14, struct rsm_mark)
#define RSM_IOC_STATUS	 _IOR(RSM_IOC_MAGIC, 0x15, struct rsm_holding)
#define RSM_IOC_GRANT	 _IOW(RSM_IOC_MAGIC, 0x16, struct rsm_grant)
#define RSM_IOC_LEASE	 _IOWR(RSM_IOC_MAGIC, 0x20, struct rsm_lease)
#define RSM_IOC_ASSIGN	 _IOW(RSM_IOC_MAGIC, 0x21, struct rsm_assign)
#define RSM_IOC_ROBOT	 _IOWR(RSM_IOC_MAGIC, 0x22, struct rsm_robot)
#define RSM_IOC_MANAGE	 _IOWR(RSM_IOC_MAGIC, 0x23, struct rsm_manage)
#define RSM_IOC_UNMANAGE _IOW(RSM_IOC_MAGIC, 0x24, struct rsm_unmanage)

/*
 * The same events by generic netlink: family RSM_GENL_NAME, multicast group
 * RSM_GENL_GROUP, command RSM_GENL_CMD_EVENT with the attributes below.
 */
#define RSM_GENL_NAME	 "rsm"
#define RSM_GENL_GROUP	 "events"
#define RSM_GENL_VERSION 1

enum rsm_genl_cmd {
	RSM_GENL_CMD_UNSPEC = 0,
	RSM_GENL_CMD_EVENT = 1,
	__RSM_GENL_CMD_MAX,
};

#define RSM_GENL_CMD_MAX (__RSM_GENL_CMD_MAX - 1)

enum rsm_genl_attr {
	RSM_GENL_ATTR_UNSPEC = 0,
	RSM_GENL_ATTR_PAD = 1,
	RSM_GENL_ATTR_TYPE = 2,		/* u32, enum rsm_event_type */
	RSM_GENL_ATTR_DEVICE = 3,	/* u32 */
	RSM_GENL_ATTR_SEQUENCE = 4,	/* u64 */
	RSM_GENL_ATTR_TIME = 5,		/* u64, ns */
	RSM_GENL_ATTR_GENERATION = 6,	/* u64 */
	RSM_GENL_ATTR_MEDIUM = 7,	/* 16 bytes */
	RSM_GENL_ATTR_PID = 8,		/* s32 */
	RSM_GENL_ATTR_OTHER_PID = 9,	/* s32 */
	RSM_GENL_ATTR_DETAIL = 10,	/* u32 */
	RSM_GENL_ATTR_SOURCE = 11,	/* u16 */
	RSM_GENL_ATTR_DESTINATION = 12, /* u16 */
	RSM_GENL_ATTR_COMM = 13,	/* string */
	RSM_GENL_ATTR_OTHER_COMM = 14,	/* string */
	RSM_GENL_ATTR_UID = 15,		/* u32 */
	RSM_GENL_ATTR_NODE = 16,	/* u32 */
	__RSM_GENL_ATTR_MAX,
};

#define RSM_GENL_ATTR_MAX (__RSM_GENL_ATTR_MAX - 1)

#endif /* _UAPI_LINUX_RSM_H */

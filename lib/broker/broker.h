/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * broker.h - who holds which drive, and one robot command at a time
 *
 * One interface, two implementations: the kernel's /dev/rsm, and a virtual
 * library kept in a directory. Nothing above this line knows which one it has.
 *
 * Functions return 0 or a negative errno, and say in the thread's message
 * (base/say.h) what happened to what:
 *   -EBUSY        held by somebody else, or the lease is
 *   -EOWNERDEAD   orphaned: needs BROKER_RECOVER
 *   -ESTALE       the reservation meant is no more (transferred, revoked, ended)
 *   -ENOENT       nobody expects the token; nobody holds the drive
 *   -ENODEV       the drive or changer is not there, or went away
 *   -ERANGE       no such element, or of the wrong kind
 *   -ENOMEDIUM    source element is empty
 *   -ENOTEMPTY    destination element is full
 *   -EPERM        needs the lease of the drive's changer
 *   -ETIMEDOUT    the device did not answer in time
 *   -EIO          the device answered with an error
 *   -ENOMEM, -EINVAL, -EACCES (broker not reachable: permissions)
 * None of them blocks, but for robot commands and tape operations, which have
 * time limits. Waiting is done by poll() on the descriptors named here.
 */
#ifndef NTMS_BROKER_BROKER_H
#define NTMS_BROKER_BROKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "ntms/ntmsapi.h"

struct broker;
struct broker_lease;
struct broker_hold;

enum broker_kind { BROKER_CHANGER = 1, BROKER_DRIVE = 2 };

/* SCSI element type codes. */
enum broker_element_type {
	ELEMENT_TRANSPORT = 1,
	ELEMENT_SLOT = 2,
	ELEMENT_PORT = 3,
	ELEMENT_DRIVE = 4,
};

struct broker_device {
	uint32_t id; /* valid while the broker lives and the device is present */
	enum broker_kind kind;
	char vendor[16], product[24], revision[8];
	char serial[64]; /* "" if it has none: such a device cannot be managed */
	uint32_t host, channel, target, lun;
	char node[64]; /* drive: what callers open, /dev/nst0; changer: /dev/sch0, or "" */
	uint16_t first[5], count[5]; /* changer: element ranges, by enum broker_element_type */
};

struct broker_element {
	uint16_t address;
	enum broker_element_type type;
	bool full;
	bool accessible; /* ACCESS: the transport can reach it; true if the library never tells */
	bool exception;	 /* EXCEPT: asc and ascq say why */
	uint8_t asc, ascq;
	bool source_valid;
	uint16_t source;		   /* slot the medium came from */
	bool inverted;			   /* the other side is up */
	char barcode[NTMS_BARCODE_LENGTH]; /* "" if none or unreadable; trailing blanks removed */
	char serial[64];		   /* drive: as DVCID reports it, "" if it does not */
};

enum broker_event_type {
	BROKER_EVENT_DEVICE_ADDED = 1,
	BROKER_EVENT_DEVICE_GONE,
	BROKER_EVENT_RELEASED, /* released, orphaned or given up: a drive may be free now */
	BROKER_EVENT_LEASE_FREE,
	BROKER_EVENT_ATTENTION, /* door, port or reset: the library may have been changed by hand */
	BROKER_EVENT_EXPECT_GONE,
	BROKER_EVENT_OTHER,
};

struct broker_event {
	enum broker_event_type type;
	uint32_t device;
};

struct broker_holder {
	uint32_t drive;
	enum { HOLDER_NONE, HOLDER_HELD, HOLDER_ORPHANED } state;
	bool loaded;
	int pid;
	uint32_t uid;
	char command[16];
	uint64_t since_ms; /* Unix time */
	uint64_t generation;
	NTMS_GUID medium;
};

/*
 * broker_open - "kernel", or "virtual:DIR"
 * -ENOENT: module not loaded, no such directory; the message says what to do.
 * One struct broker serves all threads of a process.
 */
int broker_open(const char *spec, struct broker **brokerp);
void broker_close(struct broker *broker);

/* What identifies it in the database: "kernel" or "virtual:" and the real path. */
const char *broker_name(const struct broker *broker);

/* All devices; *@list to be freed by the caller. */
int broker_devices(struct broker *broker, struct broker_device **list, size_t *count);

/* Who holds the drives, one entry a drive that is held or orphaned; free *@list. */
int broker_holders(struct broker *broker, struct broker_holder **list, size_t *count);

/* Each call makes a descriptor of its own that polls EPOLLIN when events came; close() it.
 * broker_next_event: -EAGAIN when there is none. Events may be lost or spurious: look again. */
int broker_events_open(struct broker *broker, int *fd);
int broker_next_event(struct broker *broker, int fd, struct broker_event *event);

/* ---- the executor of a changer ---- */

/* -EBUSY when another process or thread has it. */
int broker_lease_take(struct broker *broker, uint32_t changer, struct broker_lease **leasep);
void broker_lease_give(struct broker_lease *lease);

/* This drive belongs to the lease's changer. Done again it is no error. */
int broker_assign(struct broker_lease *lease, uint32_t drive);
int broker_unassign(struct broker_lease *lease, uint32_t drive);

/* READ ELEMENT STATUS of @count elements from @first of @type (0: all types and elements);
 * *@list to be freed by the caller, in order of address. */
int broker_elements(struct broker_lease *lease, enum broker_element_type type, uint16_t first,
		    uint16_t count, struct broker_element **list, size_t *found);

/* INITIALIZE ELEMENT STATUS: the library looks at everything itself. */
int broker_scan(struct broker_lease *lease);

/* MOVE MEDIUM. Returns when the medium has arrived. @invert turns it over.
 * @timeout_ms 0: the default, five minutes. */
int broker_move(struct broker_lease *lease, uint16_t from, uint16_t to, bool invert,
		uint32_t timeout_ms);

/* ---- reservations ---- */

#define BROKER_RECOVER 0x2 /* an orphan; or a free drive, too */
#define BROKER_REVOKE  0x4 /* from the holder with @generation */

/* Reserve @drive, and @medium wherever it is (null GUID: the drive alone). */
int broker_reserve(struct broker_lease *lease, uint32_t drive, const NTMS_GUID *medium,
		   unsigned int flags, uint64_t generation, struct broker_hold **holdp);

/* A hold that is pending until broker_transfer with the same @token fills it. */
int broker_expect(struct broker *broker, const NTMS_GUID *token, struct broker_hold **holdp);

/* 1 if somebody expects @token, 0 if nobody does. */
int broker_expected(struct broker *broker, const NTMS_GUID *token);

/* Hand @hold to whoever expects @token; *@generation is the new holder's. On success @hold has
 * ended and must still be passed to broker_release. */
int broker_transfer(struct broker_hold *hold, const NTMS_GUID *token, uint64_t *generation);

/* Say whether the drive contains the medium, so that a death orphans it. */
int broker_mark(struct broker_hold *hold, bool loaded);

enum broker_hold_state { HOLD_PENDING, HOLD_HELD, HOLD_ENDED };

/* Fills *@generation when held. */
int broker_hold_state(struct broker_hold *hold, enum broker_hold_state *state,
		      uint64_t *generation);

/* Polls EPOLLIN or EPOLLHUP when the state may have changed. Owned by the hold. */
int broker_hold_fd(struct broker_hold *hold);

/* End it: free when unmarked, orphaned when marked loaded. NULL is allowed. */
void broker_release(struct broker_hold *hold);

/* ---- tape, for whoever holds the drive ---- */

/*
 * Is the drive's device open in some process? 1, 0 or -errno. *@pid (may be NULL)
 * is one that has it open, 0 if that cannot be found out.
 */
int broker_drive_open(struct broker *broker, uint32_t drive, int *pid);

struct tape;

/* Open the drive's device and wait for the medium to be ready, at most until @deadline_ns
 * (absolute, monotonic). -EROFS: write-protected and @write; -ENOMEDIUM: nothing inside;
 * -EMEDIUMTYPE: the medium does not fit the drive. */
int tape_open(struct broker *broker, uint32_t drive, bool write, uint64_t deadline_ns,
	      struct tape **tapep);
void tape_close(struct tape *tape);
int tape_rewind(struct tape *tape);
/* One block, whatever its size up to @size: *@got bytes; 0 at a filemark or on a blank tape.
 * -EMSGSIZE: the block is larger. */
int tape_read(struct tape *tape, void *buffer, size_t size, size_t *got);
/* From the beginning of tape: one block and a filemark, flushed to the medium. */
int tape_write_label(struct tape *tape, const void *block, size_t size);
/* Rewind and unload, so that the robot may take the medium. */
int tape_unload(struct tape *tape);
/* SCSI medium type and density codes, 0 when unknown. */
int tape_codes(struct tape *tape, uint32_t *medium, uint32_t *density);
/* Put the settings that survive to the next user (block size, buffering) back to the default. */
int tape_reset_settings(struct tape *tape);

/* ---- virtual libraries ---- */

struct virtual_shape {
	unsigned int drives, slots, ports, tapes;
};

/* Make a virtual library in @dir (made if missing, else it must be empty). Tapes have bar codes
 * V00001L8 and on, in the first slots. -EEXIST, -EINVAL (shape) and what mkdir and open give. */
int virtual_create(const char *dir, const struct virtual_shape *shape);

#endif

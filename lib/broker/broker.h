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
 *   -EPERM        needs the lease of the drive's changer, or of a stand-alone drive
 *   -ETIMEDOUT    the device did not answer in time
 *   -EIO          the device answered with an error
 *   -EREMOTEIO    the drive answered that it is out of order itself (tape operations and
 *                 broker_drive_unload)
 *   -EOPNOTSUPP   a robot's work was asked of the lease of a drive that stands alone
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

/* What reads and writes in a drive; the codes are SCSI's peripheral device types. */
enum broker_drive_type {
	DRIVE_TAPE = 1,	   /* NTMS: FILE_DEVICE_TAPE, cartridges with one side */
	DRIVE_OPTICAL = 7, /* NTMS: FILE_DEVICE_DISK, MO_5_RW: cartridges with two sides */
};

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
	enum broker_drive_type drive_type; /* drive only */
	bool managed;			   /* broker_manage() has been called for it */
	/*
	 * Drive: it is known to stand alone, in no library. A kernel broker cannot know (there a
	 * drive stands alone that no library's element status names) and says false.
	 */
	bool standalone;
	/* Changer: doors that broker_access() locks. 1 unless the library is known to have none:
	 * SCSI does not tell. */
	uint8_t doors;
};

struct broker_element {
	uint16_t address;
	enum broker_element_type type;
	bool full;
	bool accessible; /* ACCESS: the transport can reach it; true if the library never tells */
	bool exception;	 /* EXCEPT: asc and ascq say why */
	uint8_t asc, ascq;
	bool source_valid;
	uint16_t source; /* slot the medium came from */
	/*
	 * The medium was turned over: side 1 faces the heads (counting from 0), not side 0. A
	 * library with two-sided media turns them with broker_move(..., invert), which toggles
	 * this: to mount side 1 of one that is not inverted, invert; to put one away that is
	 * inverted, invert again, so that it lies in its slot as it did before.
	 */
	bool inverted;
	/* Ports only. */
	bool by_operator;		   /* full: a person put the medium there, not the robot */
	bool import_enabled;		   /* what a person puts in can be fetched by the robot */
	bool export_enabled;		   /* what the robot puts in can be taken out by a person */
	char barcode[NTMS_BARCODE_LENGTH]; /* "" if none or unreadable; trailing blanks removed */
	char serial[64];		   /* drive: as DVCID reports it, "" if it does not */
};

enum broker_event_type {
	BROKER_EVENT_DEVICE_ADDED = 1,
	BROKER_EVENT_DEVICE_GONE,
	BROKER_EVENT_RELEASED, /* released, orphaned or given up: a drive may be free now */
	BROKER_EVENT_LEASE_FREE,
	/* A person opened or closed the door, used a port, took or brought a magazine, put
	 * something into a stand-alone drive or took it out, or the device was reset or became
	 * ready: look again. @device: the changer; a stand-alone drive for its own medium. */
	BROKER_EVENT_ATTENTION,
	BROKER_EVENT_EXPECT_GONE,
	BROKER_EVENT_CLOSED, /* the device of an orphaned drive, by the last who had it open */
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

/* Somebody was refused the opening of a device node. */
struct broker_conflict {
	uint32_t device;  /* drive or changer */
	char node[64];	  /* /dev/nst0 */
	uint64_t time_ms; /* Unix time */
	int pid;
	uint32_t uid;
	char command[16];
	int holder_pid; /* who held the drive; 0: nobody, or a changer */
	char holder_command[16];
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

/* Whose openings were refused lately, the oldest first: as many as the broker remembers; free
 * *@list. */
int broker_conflicts(struct broker *broker, struct broker_conflict **list, size_t *count);

/* Each call makes a descriptor of its own that polls EPOLLIN when events came; close() it.
 * broker_next_event: -EAGAIN when there is none. Events may be lost or spurious: look again. */
int broker_events_open(struct broker *broker, int *fd);
int broker_next_event(struct broker *broker, int fd, struct broker_event *event);

/*
 * A real library tells that a person was there only to somebody who asks it for something: ask.
 * What it has to tell comes as an event. 0 also when somebody else has the lease, who is told then,
 * and for a virtual library, which tells by itself; -ENODEV, -EIO.
 */
int broker_knock(struct broker *broker, uint32_t changer);

/* ---- the executor of a changer, or of a drive that stands alone ---- */

/* @device: a changer, or a drive assigned to none, whose lease is good for reservations of it alone
 * (everything else gives -EOPNOTSUPP). -EBUSY when another process or thread has it; -EPERM: the
 * drive is assigned to a changer. */
int broker_lease_take(struct broker *broker, uint32_t device, struct broker_lease **leasep);
void broker_lease_give(struct broker_lease *lease);

/* This drive belongs to the lease's changer. Done again it is no error. */
int broker_assign(struct broker_lease *lease, uint32_t drive);
int broker_unassign(struct broker_lease *lease, uint32_t drive);

/*
 * The lease's changer, or a drive assigned to it (or the drive it is for), is managed: nobody can
 * open its device nodes but who holds the drive, was granted it (broker_grant) or has the lease.
 * So it stays, with or without the lease, until broker_unmanage. Done again it is no error. -EBUSY:
 * a node is open, the message names it and the process; nothing has changed then. A virtual library
 * has no device nodes, and nothing happens.
 */
int broker_manage(struct broker_lease *lease, uint32_t device);

/* Its nodes are as if RSM did not exist, and whoever holds the drive does so no longer. */
int broker_unmanage(struct broker *broker, uint32_t device);

/*
 * Door and ports: locked (PREVENT MEDIUM REMOVAL), or with @allow unlocked for people. It stays so
 * when the lease is given back. -EIO also when the door is open, which cannot be locked then.
 */
int broker_access(struct broker_lease *lease, bool allow);

/*
 * TEST UNIT READY of the changer: 0; -EAGAIN while it is not ready, because its door is open or it
 * looks at its slots, as the message says so far as the library tells; -EIO, -ENODEV. Until it is
 * ready elements, scans and moves give -EIO. There need not be an event when it has become ready.
 */
int broker_ready(struct broker_lease *lease);

/* Has the changer refused anything as "not ready" since it was last asked whether it is? By now it
 * may be. */
bool broker_was_not_ready(const struct broker_lease *lease);

/* READ ELEMENT STATUS of @count elements from @first of @type, which must all be there (-ERANGE);
 * with @first and @count 0 of as many of @type as there are, with @type 0 of everything. *@list to
 * be freed by the caller, in order of address. */
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

/* A hold that is pending until broker_transfer with the same @token fills it. From then on this
 * process and its children may open the drive's device. */
int broker_expect(struct broker *broker, const NTMS_GUID *token, struct broker_hold **holdp);

/* 1 if somebody expects @token, 0 if nobody does. */
int broker_expected(struct broker *broker, const NTMS_GUID *token);

/* Hand @hold to whoever expects @token; *@generation is the new holder's. On success @hold has
 * ended and must still be passed to broker_release. */
int broker_transfer(struct broker_hold *hold, const NTMS_GUID *token, uint64_t *generation);

/* Say whether the drive contains the medium, so that a death orphans it. */
int broker_mark(struct broker_hold *hold, bool loaded);

/* Let the process, and what descends from it, open the drive's device as well, for as long as @hold
 * lasts. -ESRCH: no such process; -ENOSPC: too many. */
int broker_grant(struct broker_hold *hold, int pid);

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

/*
 * Is there a medium in the drive that could be used? Nothing is loaded or moved for it, so that it
 * may be asked of any drive at any time; meant for those that stand alone. A managed drive that
 * nobody holds is reserved for that moment, as only its holder may ask it. One that was
 * ejected (tape_unload in a stand-alone drive) and still sticks out does not count.
 * -EBUSY: somebody else holds the drive, or has the device open, and only he can say. -ENODEV,
 * -EIO.
 */
int broker_drive_loaded(struct broker *broker, uint32_t drive, bool *loaded);

/* Does the drive ask to be cleaned (TapeAlert, sense data)? -EOPNOTSUPP: it does not tell. A
 * cleaner is moved in like any medium; it has done its work when the drive has no medium or does
 * not ask any more. Reserved as above. -EBUSY, -ENODEV, -EIO. */
int broker_drive_cleaning(struct broker *broker, uint32_t drive, bool *needed);

/*
 * Have the drive that the caller holds let go of its medium, so that the robot may take it, without
 * opening the device first. On any error nothing has been done that tape_open and tape_unload would
 * not do as well, and say more of. -EOPNOTSUPP: there is no such way. -EBUSY: it may be open.
 */
int broker_drive_unload(struct broker *broker, uint32_t drive);

struct tape;

/* Open the drive's device and wait for the medium to be ready, at most until @deadline_ns
 * (absolute, monotonic). -EROFS: write-protected and @write; -ENOMEDIUM: nothing inside;
 * -EMEDIUMTYPE: the medium does not fit the drive, or is a cleaner. What is read and written is the
 * side that faces the head: see broker_element.inverted. */
int tape_open(struct broker *broker, uint32_t drive, bool write, uint64_t deadline_ns,
	      struct tape **tapep);
void tape_close(struct tape *tape);
int tape_rewind(struct tape *tape);
/* One block, whatever its size up to @size: *@got bytes; 0 at a filemark or on a blank tape.
 * -EMSGSIZE: the block is larger. */
int tape_read(struct tape *tape, void *buffer, size_t size, size_t *got);
/* From the beginning of tape: one block and a filemark, flushed to the medium. */
int tape_write_label(struct tape *tape, const void *block, size_t size);
/* Rewind and unload, so that the robot may take the medium; a stand-alone drive ejects it, for a
 * person to take. */
int tape_unload(struct tape *tape);
/* SCSI medium type and density codes, 0 when unknown. @medium may be NULL: it has to be asked for,
 * the density not. */
int tape_codes(struct tape *tape, uint32_t *medium, uint32_t *density);
/* The robot has put the medium in since anybody used the drive: it is at its beginning, and its
 * density, if it is @density as on record, is not one that somebody chose. What needs no command
 * any more is left out of what follows. */
int tape_brought(struct tape *tape, uint32_t density);
/* Put the settings that survive to the next user (block size, buffering) back to the default. */
int tape_reset_settings(struct tape *tape);

/* ---- virtual libraries ---- */

/* Kinds of tape drive and cartridge; the last characters of the bar codes differ. */
enum virtual_media { VIRTUAL_LTO8, VIRTUAL_LTO5, VIRTUAL_DLT, VIRTUAL_MEDIA_KINDS };

/* All zero beside the first line: a library of LTO-8 drives without a door. */
struct virtual_shape {
	unsigned int drives, slots, ports, tapes;
	unsigned int sides;	 /* 0, 1: tape; 2: an MO jukebox that turns cartridges over */
	unsigned int standalone; /* drives beside the library, which people fill */
	unsigned int magazine;	 /* slots in a magazine, 0: there are no magazines */
	unsigned int cleaners;	 /* cleaning cartridges, CLN001L8 and on, in the last slots */
	bool door;
	bool no_reader; /* no bar codes can be read */
	enum virtual_media media;
};

/* Make a virtual library in @dir (made if missing, else it must be empty). Tapes have bar codes
 * V00001L8 and on (L5, D; MO), in the first slots. -EEXIST, -EINVAL (shape) and what mkdir and open
 * give. What people do with it: broker/virtual.h. */
int virtual_create(const char *dir, const struct virtual_shape *shape);

#endif

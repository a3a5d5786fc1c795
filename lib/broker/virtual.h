/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * virtual.h - a tape library kept in a directory, and how to make trouble in it
 *
 * What DIR contains:
 *
 *   library           shape and serial number; never changes
 *   state             which element contains which cartridge: the robot's truth.
 *                     Replaced as a whole, so a move has happened or has not
 *   reservations      holds, orphans, expected tokens, the lease; replaced likewise.
 *                     Empty means: nobody holds anything
 *   lock              flock()ed while one of these two is changed
 *   tapes/NAME        the cartridges, plain files; NAME is the bar code. A name that
 *                     begins with '_' is a cartridge without a bar code, one that begins with
 *                     CLN a cleaner. What is in no element is on the shelf
 *   tapes/NAME@B      the other side of an MO cartridge
 *   drives/N/nst      what callers open: a symbolic link to the cartridge inside, or to
 *                     a place that cannot exist, so that opening with O_CREAT fails too
 *   holders/ID        a FIFO for each reservation and lease; who has it open for reading
 *                     lives. The kernel closes it at death and tells inotify so
 *   events/           files that are touched to tell those who wait
 *   faults            what is to go wrong (virtual_fault_add)
 *   new/              files on their way to replacing others
 *
 * Real faults, made from outside with a shell:
 *
 *   drives/N/absent   exists: drive N is unplugged. Its reservation ends, as with a real one
 *   drives/N/dirty    exists: drive N asks to be cleaned; a cleaner put into it removes the file
 *   absent            exists: the changer is unplugged
 *   jammed            exists: the robot answers every move with an error
 *   move-ms           contains a number: each move takes so many milliseconds, one that is
 *                     under way too; replace it by renaming. A move that takes longer than
 *                     the caller's time limit gives -ETIMEDOUT, and yet arrives: whoever
 *                     gets that error must look
 *   chmod a-w tapes/NAME   the cartridge is write-protected, for root too
 *
 * What a plain file cannot do: there are no filemarks and no block boundaries. A read
 * gives as many bytes as were asked for, as far as there are any; writing a label cuts
 * off all that was behind it; a program that opens the node with O_TRUNC, as
 * tar does, writes over the label, as it does on a rewound tape.
 *
 * Element addresses: transport 0, ports from 16, drives from 256, slots from 1024. Drives that
 * stand alone have numbers, ids and directories behind those of the library, and no element.
 */
#ifndef NTMS_BROKER_VIRTUAL_H
#define NTMS_BROKER_VIRTUAL_H

#include "broker/broker.h"

#define VIRTUAL_TRANSPORT   0
#define VIRTUAL_FIRST_PORT  16
#define VIRTUAL_FIRST_DRIVE 256
#define VIRTUAL_FIRST_SLOT  1024

#define VIRTUAL_MAX_PORTS  240
#define VIRTUAL_MAX_DRIVES 256
#define VIRTUAL_MAX_SLOTS  16384

/*
 * What a person does at the machine. No lease is needed; whoever waits for events gets
 * BROKER_EVENT_ATTENTION. 0, or besides what broker_open gives:
 *   -EBUSY       locked by broker_access, or a program has the drive's device open
 *   -EAGAIN      out of reach: the door is closed
 *   -ERANGE      no such port, slot, magazine or drive that stands alone
 *   -ENOMEDIUM   nothing is there
 *   -ENOTEMPTY   something is there
 *   -EEXIST      the cartridge is somewhere else in the library
 *   -EINVAL      that cannot be the name of a cartridge
 *   -EOPNOTSUPP  the library has no door, no magazines
 */
enum virtual_place {
	VIRTUAL_PORT = 1, /* @number from 0 */
	VIRTUAL_SLOT,	  /* from 0; reached through the open door or with its magazine out */
	VIRTUAL_DRIVE,	  /* from 0, of those that stand alone */
};

/* Put in cartridge @name, from the shelf or new. One that was ejected and still sticks out of the
 * drive is pushed in again. */
int virtual_insert(const char *dir, enum virtual_place place, unsigned int number,
		   const char *name);

/* Take out what is there and put it on the shelf. */
int virtual_remove(const char *dir, enum virtual_place place, unsigned int number);

/* Open or close the door; done already is no error. */
int virtual_door(const char *dir, bool open);

/* Take out magazine @number, from 0, with all that is in its slots, or put it back. */
int virtual_magazine(const char *dir, unsigned int number, bool out);

/* Unplug drive @number (as in DIR/drives), or the changer with VIRTUAL_CHANGER; or plug it in. */
#define VIRTUAL_CHANGER UINT32_MAX
int virtual_plug(const char *dir, uint32_t number, bool in);

/* ---- faults ---- */

enum virtual_operation {
	VIRTUAL_MOVE = 1, /* where: an element, source or destination */
	VIRTUAL_ELEMENTS, /* looking at the elements */
	VIRTUAL_SCAN,	  /* INITIALIZE ELEMENT STATUS */
	VIRTUAL_ACCESS,	  /* locking and unlocking */
	VIRTUAL_READY,	  /* the library is not ready, and does nothing then */
	/* Tape operations; where: number of the drive. Sense key 2 of an open or unload, not ready
	 * yet, is no fault: it is waited for. */
	VIRTUAL_OPEN,
	VIRTUAL_READ,
	VIRTUAL_WRITE,
	VIRTUAL_UNLOAD,
	VIRTUAL_ATTENTION, /* an event of this kind gets lost */
	/* A move takes longer than its caller waits: -ETIMEDOUT, whatever the sense data; where: as
	 * for a move. */
	VIRTUAL_LATE, /* and yet it has been made */
	VIRTUAL_HAND, /* the cartridge is still in the robot's hand, until virtual_hand_give() */
	VIRTUAL_OPERATIONS,
};

struct virtual_fault {
	enum virtual_operation operation;
	uint32_t where; /* UINT32_MAX: anywhere */
	uint32_t skip;	/* so many go well before */
	uint32_t count; /* so many go wrong; 0: all of them */
	uint32_t ms;	/* from now on so long; 0: without limit */
	/* Sense data; all 0: what is usual for the operation. Key 4, hardware error, of a drive
	 * takes it out of use until somebody has put it right (core/service.h). */
	uint8_t key, asc, ascq;
};

/* Have @fault happen. -EINVAL. Faults add up; the first that fits is taken. */
int virtual_fault_add(const char *dir, const struct virtual_fault *fault);
/* No more faults. A library that was not ready for one tells that it is (ATTENTION). */
int virtual_fault_clear(const char *dir);
/* Drive @number asks to be cleaned, or does not any more. */
int virtual_dirty(const char *dir, uint32_t number, bool dirty);

/*
 * Hands that reach everywhere, for tests. No lease is needed, a working robot is no
 * hindrance; whoever waits for events gets BROKER_EVENT_ATTENTION.
 * All return 0, -ERANGE, -ENOMEDIUM or -ENOTEMPTY as broker_move does, or what broker_open gives.
 */

/* Put the cartridge in element @from into element @to. */
int virtual_hand_move(const char *dir, uint16_t from, uint16_t to);

/* The robot puts what it has in its hand (VIRTUAL_HAND) into element @to. */
int virtual_hand_give(const char *dir, uint16_t to);

/* Take the cartridge in element @from away. Its file stays in DIR/tapes. */
int virtual_hand_take(const char *dir, uint16_t from);

/* Put cartridge @name into element @to; its file is made if there is none. -EEXIST when it is in
 * the library already, -EINVAL when it cannot be a name. */
int virtual_hand_put(const char *dir, const char *name, uint16_t to);

#endif

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
 *                     begins with '_' is a cartridge without a bar code
 *   drives/N/nst      what callers open: a symbolic link to the cartridge inside, or to
 *                     a place that cannot exist, so that opening with O_CREAT fails too
 *   holders/ID        a FIFO for each reservation and lease; who has it open for reading
 *                     lives. The kernel closes it at death and tells inotify so
 *   events/           files that are touched to tell those who wait
 *   new/              files on their way to replacing others
 *
 * Real faults, made from outside with a shell:
 *
 *   drives/N/absent   exists: drive N is unplugged. Its reservation ends, as with a real one
 *   jammed            exists: the robot answers every move with an error
 *   move-ms           contains a number: each move takes so many milliseconds. A move that
 *                     takes longer than the caller's time limit gives -ETIMEDOUT, and yet
 *                     arrives: whoever gets that error must look
 *   chmod a-w tapes/NAME   the cartridge is write-protected, for root too
 *
 * What a plain file cannot do: there are no filemarks and no block boundaries. A read
 * gives as many bytes as were asked for, as far as there are any; writing a label cuts
 * off all that was behind it; a program that opens the node with O_TRUNC, as
 * tar does, writes over the label, as it does on a rewound tape. Each cartridge has one side.
 *
 * Element addresses: transport 0, ports from 16, drives from 256, slots from 1024.
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
 * What a person does with an open door. No lease is needed, a working robot is no
 * hindrance; whoever waits for events gets BROKER_EVENT_ATTENTION.
 * All return 0, -ERANGE, -ENOMEDIUM or -ENOTEMPTY as broker_move does, or what broker_open gives.
 */

/* Put the cartridge in element @from into element @to. */
int virtual_hand_move(const char *dir, uint16_t from, uint16_t to);

/* Take the cartridge in element @from away. Its file stays in DIR/tapes. */
int virtual_hand_take(const char *dir, uint16_t from);

/* Put cartridge @name into element @to; its file is made if there is none. -EEXIST when it is in
 * the library already, -EINVAL when it cannot be a name. */
int virtual_hand_put(const char *dir, const char *name, uint16_t to);

#endif

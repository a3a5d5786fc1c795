/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * faults.h - calls made where something is really wrong: with the disk, the memory, the rights
 *
 * Nothing is simulated inside the library: files are damaged, disks and heaps are full, locks are
 * held by processes that stand still. Needs the fixture; each function undoes what it did.
 */
#ifndef FAULTS_H
#define FAULTS_H

#include "fixture.h"

/* The call that is tried, in whatever process. */
typedef DWORD (*fault_call)(HANDLE session);

/* It is refused, says why, and changes nothing. */
#define refused(call, expected)                                                      \
	do {                                                                         \
		struct fx_dump *refused_before = fx_dump();                          \
		must_be(call, expected);                                             \
		cr_assert_neq(RsmLastMessage()[0], '\0', "nothing is said to that"); \
		fx_expect_unchanged(refused_before);                                 \
	} while (0)

/* In another process, by a user who is not root; what it was refused for is in fault_said. */
DWORD fault_other_user(fault_call call);

/* In another process with a session on a second virtual library, but the same database. */
DWORD fault_other_broker(fault_call call);

/* No file may be written so far as the log has been (RLIMIT_FSIZE). */
DWORD fault_file_limit(fault_call call);

/* What this process mounts from now on nobody else sees. Needs root or user namespaces. */
bool fault_own_mounts(void);
/* Setup for fault_full_disk: the database is on a tmpfs. Skips the test where none can be mounted.
 */
void fault_setup_small_disk(void);
/* For the rest of this process /dev/null is a disk of one partition, mounted nowhere: what /sys
 * says is made up. Skips the test where nothing can be mounted. */
void fault_made_up_disk(void);
/* Nothing can be written any more. */
DWORD fault_full_disk(fault_call call);

/* All pages of one of the files of the database are damaged ("objects", "index", "log.0000000001"),
 * and the memory of it is gone. */
DWORD fault_damage(const char *file, fault_call call);

/* Setup for fault_forbidden: all is done by a user who is not root. */
void fault_setup_ordinary_user(void);
/* The files of the database may not be opened any more. */
DWORD fault_forbidden(fault_call call);

/* Setup for the two below. Skips the test under the address sanitizer, which needs memory itself.
 */
void fault_setup_heap(void);
/* The heap is used up but for @left bytes (RLIMIT_AS). */
DWORD fault_no_memory(size_t left, fault_call call);
/* With more and more memory, until the call succeeds: never is there another error, and what is
 * refused changes nothing. */
void fault_little_memory(fault_call call);

/* A process that has the database locked stands still. */
DWORD fault_locked_out(fault_call call);

extern char fault_said[512];

#endif

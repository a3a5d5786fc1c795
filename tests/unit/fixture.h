/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fixture.h - a database, a virtual library under management and a session, for one test
 *
 * Every test has them in a directory of its own. What a test does it does by the public calls; how
 * things stand, and what no call can bring about, is read from and written to the object store.
 */
#ifndef FIXTURE_H
#define FIXTURE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include "broker/virtual.h"
#include "child.h"
#include "core/session.h"
#include "must.h"
#include "ntms/rsmapi.h"
#include "store/store.h"

/* No test waits longer for anything. */
#define PATIENCE_MS 60000

extern char fx_top[64];	 /* holds all that follows */
extern char fx_home[96]; /* NTMS_HOME */
extern char fx_vlib[96]; /* the virtual library */
extern HANDLE fx_session;
extern NTMS_GUID fx_library;

/* For TestSuite(): two drives, six slots, a port, four cartridges; nothing is in a pool yet. */
void fx_setup(void);
void fx_teardown(void);

/* The same in steps, and with another shape. */
void fx_make_directories(unsigned int drives, unsigned int slots, unsigned int tapes);
void fx_open_library(void);

/* A new session of this process (after fork: of the child). */
HANDLE fx_open(void);
void fx_close(HANDLE *session);

/* ---- objects ---- */

NTMS_GUID fx_find(const char *text, DWORD type);
struct object fx_get(const NTMS_GUID *guid, DWORD type);
/* Behind the library's back: as if another call had left it so, or a disk had gone bad. */
void fx_put(struct object *obj);
void fx_delete(const NTMS_GUID *guid);
/* Until the database is as @condition wants it; looks again at every commit of anybody. */
void fx_wait_until(bool (*condition)(void));
/* How many requests of the library are in that state, what they are about being @operation. */
size_t fx_requests(DWORD operation, DWORD state);
void fx_insert(struct object *obj);
struct object fx_side(const NTMS_GUID *media);	/* of an LMID or a side */
struct object fx_media(const NTMS_GUID *media); /* of an LMID, a side or a cartridge */
struct object fx_drive(unsigned int number);
NTMS_GUID fx_drive_guid(unsigned int number);

/* Every object there is. To be freed by fx_expect_unchanged(). */
struct fx_dump;
struct fx_dump *fx_dump(void);
/* Nothing has changed since. */
void fx_expect_unchanged(struct fx_dump *before);
void fx_dump_free(struct fx_dump *dump);

/* ---- cartridges and pools ---- */

/* Have cartridge @barcode in the Free pool, its free label written. Returns the PMID. */
NTMS_GUID fx_free_cartridge(const char *barcode);
/* An LTO pool that draws from the Free pool. @returns: and gives back to it. */
NTMS_GUID fx_make_pool(const char *name, bool returns, DWORD max_allocates);
NTMS_GUID fx_allocate(NTMS_GUID pool);
/* An LMID of a cartridge that was blank: freed, drawn into a pool named like it, allocated. */
NTMS_GUID fx_allocated(const char *barcode);

/* All of MountNtmsMedia for one medium, in any drive unless @options say that @drive is it. */
DWORD fx_try_mount(HANDLE session, NTMS_GUID media, NTMS_GUID *drive, DWORD options, DWORD timeout);
/* For reading and writing, in any drive, with all patience. Returns the drive. */
NTMS_GUID fx_mount(NTMS_GUID media);
NTMS_GUID fx_mount_by(HANDLE session, NTMS_GUID media);
void fx_dismount(NTMS_GUID media, DWORD options);
/* Nothing queued names it any more, and what was queued ended well. */
void fx_settle(NTMS_GUID media);
/* At home in a slot, by the records and by the library itself. */
void fx_expect_home(const char *barcode);

/* Does a living process hold the drive? */
bool fx_is_held(const NTMS_GUID *drive);
void fx_set_defer_delay(const NTMS_GUID *drive, DWORD seconds);

/* A descriptor that leaves everybody but root all rights except @denied. */
void fx_deny(const NTMS_GUID *holder, DWORD denied);

/* ---- the virtual library ---- */

/* The element that has the cartridge, as the robot knows it; 0 for none. */
unsigned int fx_where(const char *barcode);
unsigned int fx_element_of_drive(const NTMS_GUID *drive);
/* Another number after each move of the robot. */
unsigned long long fx_robot(void);
/* Make a fault, or unmake it: "jammed", "drives/0/absent". */
void fx_fault(const char *name);
void fx_no_fault(const char *name);
/* Each move takes so long; 0: no time. */
void fx_slow_robot(unsigned int ms);
/* What a drive's device node leads to. */
const char *fx_node(NTMS_GUID drive);
void fx_write_tape(const char *node, const char *text);
void fx_expect_tape(const char *node, const char *text);
/* The one who works on the library, until fx_let_work(). */
void fx_stop_work(void);
void fx_let_work(void);

#endif

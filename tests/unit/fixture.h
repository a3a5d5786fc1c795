/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fixture.h - a database, a virtual library under management and a session, for one test
 *
 * Every test has them in a directory of its own. What a test does it does by the public calls; how
 * things stand, and what no call can bring about, is read from and written to the object store.
 *
 * With RSM_TEST_LIBRARY in the environment the library is a SCSI one behind the kernel broker
 * (fixture-kernel.h), and tests that cannot be done there are skipped and say why.
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
/* A move that is not over before it was seen: hurried then by fx_slow_robot(0). */
#define AN_HOUR_MS 3600000

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
void fx_make_shape(const RSM_VIRTUAL_SHAPE *shape);
void fx_open_library(void);

/* The test is about something that only the virtual broker has: elsewhere it is skipped. */
void fx_virtual_only(const char *why);

/* The serial number of the first drive that is in no library, and the broker's id of it. */
const char *fx_lone_drive(uint32_t *id);

/* A new session of this process (after fork: of the child). */
HANDLE fx_open(void);
void fx_close(HANDLE *session);

/* ---- objects ---- */

NTMS_GUID fx_find(const char *text, DWORD type);
struct object fx_get(const NTMS_GUID *guid, DWORD type);
/* Behind the library's back: as if another call had left it so, or a disk had gone bad. */
void fx_put(struct object *obj);
/* The library, as if it was unplugged: no device has its serial number. */
void fx_put_absent(struct object *library);
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
struct fx_dump {
	struct object *objects;
	size_t count;
};
struct fx_dump *fx_dump(void);
/* The same, in a transaction that goes on. */
struct fx_dump *fx_dump_of(struct txn *txn);
/* NULL: it is not there. */
const struct object *fx_dump_find(const struct fx_dump *dump, const NTMS_GUID *guid);
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
/* A mount that waits in vain says so, however long it takes until somebody has looked what for. */
void fx_expect_waits(NTMS_GUID media, NTMS_GUID *drive, DWORD options, const char *said);
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

/* ---- the person in front of the library ---- */

/* As RsmVirtualInsert, RsmVirtualRemove and RsmVirtualDoor; the places are RSM_VIRTUAL_*. */
DWORD fx_put_in(DWORD place, DWORD number, const char *name);
DWORD fx_take_out(DWORD place, DWORD number);
DWORD fx_door(bool open);
/* Hands that reach everywhere, as virtual_hand_put and the others; elements are those of virtual.h
 * on both brokers. */
int fx_hand_put(const char *name, unsigned int element);
int fx_hand_take(unsigned int element);
int fx_hand_move(unsigned int from, unsigned int to);
/* Does drive @number ask to be cleaned? */
void fx_make_dirty(unsigned int number);
bool fx_is_dirty(unsigned int number);
/* At another machine: the cartridge, in the library or not, begins with this label. */
void fx_label_tape(const char *name, const char *label);
void fx_expect_label(const char *name, const char *label);

/* ---- the library ---- */

/* The element that has the cartridge, as the robot knows it; 0 for none. */
unsigned int fx_where(const char *barcode);
/* Did the robot turn it over? */
bool fx_is_inverted(const char *barcode);
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
/* An application's own label, at the beginning. */
void fx_write_front(const char *node, const char *label);
/* Behind the label. */
void fx_write_tape(const char *node, const char *text);
void fx_expect_tape(const char *node, const char *text);
/* The one who works on the library, or on what has that device of the broker (0: the changer),
 * until fx_let_work(). */
void fx_stop_work(void);
void fx_stop_work_on(uint32_t device);
void fx_let_work(void);

#endif

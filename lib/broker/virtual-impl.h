/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * virtual-impl.h - what the files of the virtual library share
 *
 * Everything that is changed is changed between virtual_enter() and virtual_leave(), under the
 * lock of the directory. Both tables are read anew each time: other processes
 * write them, too.
 */
#ifndef NTMS_BROKER_VIRTUAL_IMPL_H
#define NTMS_BROKER_VIRTUAL_IMPL_H

#include <pthread.h>
#include <stdio.h>
#include "base/guid.h"
#include "broker/ops.h"
#include "broker/virtual.h"

/* Device ids: the changer, and the drives behind it. */
#define CHANGER_ID     1
#define DRIVE_ID(n)    ((uint32_t)(n) + 2)
#define DRIVE_INDEX(i) ((i)-2)

struct virtual_tape;

struct virtual_broker {
	struct broker base;
	unsigned int refs; /* the caller's, and one for each lease, hold and tape */
	int dir;
	char *name; /* "virtual:" and the real path */
	const char *path;
	char serial[16];
	struct virtual_shape shape; /* ->tapes is not kept */
	pthread_mutex_t mutex;	    /* guards refs, tapes, and the descriptors of holds */
	struct virtual_tape *tapes;
	_Atomic off_t passed; /* who stands in the lock's line up to here does not go on */
};

static inline struct virtual_broker *to_virtual(struct broker *broker)
{
	return (struct virtual_broker *)broker;
}

struct virtual_broker *virtual_ref(struct virtual_broker *vb);
void virtual_unref(struct virtual_broker *vb);
int virtual_attach(const char *dir, struct virtual_broker **vbp);

/* ---- virtual-shape.c: what the library is made of ---- */

struct virtual_kind_of_media {
	const char *word; /* in the file "library" */
	const char *product;
	const char *suffix; /* of bar codes */
	uint32_t medium, density;
	enum broker_drive_type drive_type;
};

const struct virtual_kind_of_media *virtual_media(const struct virtual_shape *shape);
/* Those of the library come first, those that stand alone behind them. */
static inline unsigned int virtual_drives(const struct virtual_shape *shape)
{
	return shape->drives + shape->standalone;
}
/* -EINVAL with a message. */
int virtual_check_shape(const struct virtual_shape *shape);
/* What the file "library" contains; its length. */
#define LIBRARY_TEXT_SIZE 256
int virtual_library_text(const struct virtual_broker *vb, char *text, size_t size);
/* Fills vb->serial and vb->shape; false when the text is none of ours. */
bool virtual_library_parse(struct virtual_broker *vb, const char *text);
/* -ENAMETOOLONG when the nodes of the drives would not fit where such a path has to. */
int virtual_check_path(const char *dir, unsigned int drives);

/* ---- virtual-file.c: files read whole, replaced whole ---- */

/* The whole file with a NUL behind it; free *@text. -EIO when it is no such file as we write. */
int virtual_read(struct virtual_broker *vb, const char *name, char **text, size_t *size);
/* Give a file that was just made the permissions of the library's own, and its owner if that can be
 * done: root may lend a hand, and yet those whose library it is can go on. */
void virtual_adopt(struct virtual_broker *vb, int fd);
/* Replace @name: after a power cut it is the old or the new file, with @durable the new one. */
int virtual_replace(struct virtual_broker *vb, const char *name, const char *text, size_t size,
		    bool durable);
/* The last line of a table is a check of all before it. */
void virtual_seal(FILE *stream, char **text, size_t *size);
bool virtual_unseal(char *text, size_t *size);
/* Cuts the next line out of *@cursor; NULL at the end. */
char *virtual_line(char **cursor);

/* The directory's lock: descriptor, or -errno. -ETIMEDOUT when another process sits on it. */
int virtual_lock(struct virtual_broker *vb);
void virtual_unlock(int lock);

/* ---- virtual-state.c: the robot's truth ---- */

struct virtual_cell {
	uint16_t address;
	enum broker_element_type type;
	bool standalone; /* a drive outside of the library */
	bool full;
	bool source_valid;
	bool inverted;	  /* side 1 faces the heads */
	bool by_operator; /* port: a person put it there */
	bool ejected;	  /* stand-alone drive: the cartridge sticks out */
	bool out;	  /* slot: its magazine was taken out, with what is inside */
	uint16_t source;
	char name[NTMS_BARCODE_LENGTH]; /* the cartridge, when full */
};

struct virtual_state {
	struct virtual_shape shape;
	bool door_open;
	bool locked; /* door, ports and magazines */
	size_t count;
	struct virtual_cell cells[]; /* by address */
};

bool virtual_name_valid(const char *name);
/* An empty library of this shape; free() it. NULL: no memory. */
struct virtual_state *virtual_state_new(const struct virtual_shape *shape);
/* NULL when there is no such element. */
struct virtual_cell *virtual_cell(struct virtual_state *state, uint16_t address);
int virtual_state_load(struct virtual_broker *vb, struct virtual_state **statep);
int virtual_state_save(struct virtual_broker *vb, const struct virtual_state *state);
/* Magazine @number, from 1, of those there are, was taken out or put back. */
void virtual_magazine_set(struct virtual_state *state, unsigned int number, bool out);
/* Nothing is inside any more. */
void virtual_cell_clear(struct virtual_cell *cell);
/* What is in @from is in @to, which was empty. */
void virtual_cell_pass(struct virtual_cell *from, struct virtual_cell *to);
/* The cartridge cleans drives: its name begins as those of cleaners do. */
bool virtual_is_cleaner(const char *name);
/* The file, below DIR, of the cartridge's side that faces the head. */
#define VIRTUAL_PATH_SIZE (NTMS_BARCODE_LENGTH + 16)
void virtual_image_path(const struct virtual_cell *cell, char path[VIRTUAL_PATH_SIZE]);

/* ---- virtual-links.c: the nodes of the drives ---- */

/* Make drives/N/nst agree with the truth; a drive with a cleaner inside is clean. */
int virtual_links(struct virtual_broker *vb, struct virtual_state *state);
/* Let drive @index lead nowhere. */
int virtual_link_none(struct virtual_broker *vb, unsigned int index);
bool virtual_drive_absent(struct virtual_broker *vb, unsigned int index);
bool virtual_changer_absent(struct virtual_broker *vb);
/* -ENODEV with a message when the changer is unplugged. */
int virtual_changer_check(struct virtual_broker *vb);
int virtual_changer_set(struct virtual_broker *vb, bool there);
/* Files drives/N/WHAT that say something by being there. */
#define VIRTUAL_ABSENT "absent"
#define VIRTUAL_DIRTY  "dirty"
bool virtual_mark_there(struct virtual_broker *vb, unsigned int index, const char *what);
int virtual_mark_set(struct virtual_broker *vb, unsigned int index, const char *what, bool there);
/* -ENODEV with a message unless @drive is the id of a drive that is there. */
int virtual_drive_check(struct virtual_broker *vb, uint32_t drive);

/* ---- virtual-table.c: who holds what ---- */

enum virtual_kind {
	ENTRY_HOLD = 1,
	ENTRY_ORPHAN,
	ENTRY_EXPECT,
	ENTRY_LEASE,
};

struct virtual_entry {
	enum virtual_kind kind;
	uint64_t id; /* of the lease or hold that the entry stands for, never used twice */
	uint64_t generation;
	uint32_t drive;	 /* 0 for EXPECT and LEASE */
	uint32_t leased; /* LEASE: the changer or a stand-alone drive */
	bool loaded;
	int pid;
	uint32_t uid;
	uint64_t since_ms;
	NTMS_GUID medium; /* EXPECT: the token */
	char command[16];
};

struct virtual_table {
	uint64_t next; /* id or generation */
	bool assigned[VIRTUAL_MAX_DRIVES];
	size_t count;
	struct virtual_entry *entries;
};

/* What is to be told when the change is made. */
struct virtual_news {
	enum broker_event_type type;
	uint32_t device;
};

/* Being inside: the lock is held and the table is loaded, the dead taken out of it. */
struct virtual_session {
	struct virtual_broker *vb;
	int lock;
	bool dirty;
	struct virtual_table table;
	struct virtual_news *news;
	size_t news_count;
};

int virtual_enter(struct virtual_broker *vb, struct virtual_session *session);
/* Saves what is dirty, unlocks, tells the news. @result, or why that failed. */
int virtual_leave(struct virtual_session *session, int result);
void virtual_tell(struct virtual_session *session, enum broker_event_type type, uint32_t device);

struct virtual_entry *virtual_entry(struct virtual_session *session, uint64_t id);
struct virtual_entry *virtual_drive_entry(struct virtual_session *session, uint32_t drive);
/* A new entry with a fresh id that names this process, and its FIFO; NULL with a message. */
struct virtual_entry *virtual_entry_add(struct virtual_session *session, enum virtual_kind kind,
					int *fifo);
void virtual_entry_remove(struct virtual_session *session, struct virtual_entry *entry);
/* What the death of its holder does to an entry; it may be gone afterwards. */
void virtual_entry_end(struct virtual_session *session, struct virtual_entry *entry);

/* The table as it stands, without lock and without looking who is dead. */
int virtual_table_load(struct virtual_broker *vb, struct virtual_table *table);

/* ---- virtual-holder.c: who lives ---- */

/* A FIFO for @id, open; -EEXIST when there is one already. */
int virtual_holder_make(struct virtual_broker *vb, uint64_t id);
void virtual_holder_remove(struct virtual_broker *vb, uint64_t id);
/* Without the table, which cannot be read or locked: whoever looks next takes @id out of it, though
 * a child that was forked meanwhile has the FIFO open, too. */
void virtual_holder_end(struct virtual_broker *vb, uint64_t id, enum broker_event_type type,
			uint32_t device);
bool virtual_holder_alive(struct virtual_broker *vb, uint64_t id);
/* The holder closes this very moment: wait until the kernel is through with it. False: he has given
 * it up in order, and there is nothing to look at. */
bool virtual_holder_settle(struct virtual_broker *vb, const char *name);
/* Remove what was left by those killed between making a FIFO and entering it. */
void virtual_holder_sweep(struct virtual_session *session);

/* ---- virtual-events.c ---- */

void virtual_touch(struct virtual_broker *vb, enum broker_event_type type, uint32_t device);
/* An inotify descriptor that becomes readable when a table changes. */
int virtual_watch(struct virtual_broker *vb);
int virtual_events_open(struct broker *broker, int *fd);
int virtual_next_event(struct broker *broker, int fd, struct broker_event *event);

/* ---- virtual-robot.c ---- */

struct virtual_lease {
	struct broker_lease base;
	struct virtual_broker *vb;
	uint32_t device; /* the changer, or a drive that stands alone */
	uint64_t id;
	int fifo;
	pthread_mutex_t robot; /* one command at a time */
};

/* -EPERM unless the lease is the table's. */
int virtual_lease_check(struct virtual_session *session, struct virtual_lease *lease);
/* And -EOPNOTSUPP, -ENODEV unless it is that of a changer that is there. */
int virtual_robot_check(struct virtual_session *session, struct virtual_lease *lease);
/*
 * Make @state the truth. The node of the drive at @emptied leads nowhere before, that of a
 * drive that is filled leads to the medium after.
 */
int virtual_commit(struct virtual_broker *vb, struct virtual_state *state, uint16_t emptied);
/* Change in @state what a move changes; nothing is written yet. Errors as broker_move. */
int virtual_carry(struct virtual_state *state, uint16_t from, uint16_t to, bool invert);
int virtual_lease_take(struct broker *broker, uint32_t device, struct broker_lease **leasep);
void virtual_lease_give(struct broker_lease *lease);
int virtual_assign(struct broker_lease *lease, uint32_t drive);
int virtual_unassign(struct broker_lease *lease, uint32_t drive);
int virtual_elements(struct broker_lease *lease, enum broker_element_type type, uint16_t first,
		     uint16_t count, struct broker_element **list, size_t *found);
int virtual_scan(struct broker_lease *lease);
int virtual_move(struct broker_lease *lease, uint16_t from, uint16_t to, bool invert,
		 uint32_t timeout_ms);

/* ---- virtual-access.c: door, ports, magazines ---- */

/* 0, or -EAGAIN and why the robot cannot work. A fault that was ordered is used up by it. */
int virtual_ready_check(struct virtual_session *session, const struct virtual_state *state);

/* The same at the beginning of a command of the robot, or -EIO. */
int virtual_robot_ready(struct virtual_session *session, const struct virtual_state *state);

/* What a command of the robot came to, as broker_move() and its like return it: that the library
 * was not ready (-EAGAIN) is noted for broker_was_not_ready(), and -EIO. */
int virtual_refusal(struct virtual_lease *lease, int error);
int virtual_access(struct broker_lease *lease, bool allow);
int virtual_ready(struct broker_lease *lease);

/* ---- virtual-fault.c ---- */

/*
 * Does a fault that was ordered hit this operation? 0, or the errno of its sense data and a
 * message that begins with @what. @where, @where2: element addresses of a move, number of a drive;
 * VIRTUAL_ANYWHERE when it has no place. Inside a session.
 */
#define VIRTUAL_ANYWHERE UINT32_MAX
int virtual_fault_hits(struct virtual_broker *vb, enum virtual_operation operation, uint32_t where,
		       uint32_t where2, const char *what);

/* ---- virtual-hold.c ---- */

int virtual_reserve(struct broker_lease *lease, uint32_t drive, const NTMS_GUID *medium,
		    unsigned int flags, uint64_t generation, struct broker_hold **holdp);
int virtual_expect(struct broker *broker, const NTMS_GUID *token, struct broker_hold **holdp);
int virtual_expected(struct broker *broker, const NTMS_GUID *token);
int virtual_transfer(struct broker_hold *hold, const NTMS_GUID *token, uint64_t *generation);
int virtual_mark(struct broker_hold *hold, bool loaded);
int virtual_hold_state(struct broker_hold *hold, enum broker_hold_state *state,
		       uint64_t *generation);
int virtual_hold_fd(struct broker_hold *hold);
void virtual_release(struct broker_hold *hold);
int virtual_holders(struct broker *broker, struct broker_holder **list, size_t *count);

/* ---- virtual-tape.c ---- */

int virtual_drive_open(struct broker *broker, uint32_t drive, int *pid);
/* The same for a cartridge's file; needs no session, and may be in one. */
int virtual_image_open(struct virtual_broker *vb, const char *path, int *pid);
int virtual_drive_loaded(struct broker *broker, uint32_t drive, bool *loaded);
int virtual_drive_cleaning(struct broker *broker, uint32_t drive, bool *needed);
int virtual_tape_open(struct broker *broker, uint32_t drive, bool write, uint64_t deadline_ns,
		      struct tape **tapep);
void virtual_tape_close(struct tape *tape);
int virtual_tape_rewind(struct tape *tape);
int virtual_tape_read(struct tape *tape, void *buffer, size_t size, size_t *got);
int virtual_tape_write_label(struct tape *tape, const void *block, size_t size);
int virtual_tape_unload(struct tape *tape);
int virtual_tape_codes(struct tape *tape, uint32_t *medium, uint32_t *density);
int virtual_tape_reset_settings(struct tape *tape);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* private.h - what the files of the object store share with each other */
#ifndef NTMS_STORE_PRIVATE_H
#define NTMS_STORE_PRIVATE_H

#include <db.h>
#include <string.h>
#include <sys/types.h>
#include "store/feed.h"
#include "store/store.h"

/* The files of the home directory, beside those that Berkeley DB names itself. */
#define FILE_LOCK    "lock"
#define FILE_STATE   "state"
#define FILE_CHANGES "changes"
#define FILE_FEED    "feed"
#define FILE_CLAIMS  "claims"
#define FILE_OBJECTS "objects"
#define FILE_INDEX   "index"

/* Where a region file is mapped. */
struct region_map {
	uintptr_t start;
	uintptr_t end;
	char name[16];
};

#define REGION_MAPS_MAX 16

/*
 * What the file `state` says; read and written by whoever holds the lock only.
 * It is about this machine since it was started, but for `created`.
 */
struct state {
	uint64_t magic;
	uint32_t created;    /* the databases exist: a missing one is damage */
	uint32_t inside;     /* somebody is in Berkeley DB, or left it in need of recovery */
	uint64_t generation; /* of the regions; changes with every recovery */
	uint64_t inode;	     /* of this file: a copied directory is told from the original */
	char boot[40];	     /* a machine that was started anew has lost the regions' contents */
	int32_t pid;	     /* who is inside, for people */
	char command[20];
	uint64_t since_ms;
	uint64_t since_checkpoint; /* commits */
	uint32_t log_file;	   /* the log is known to reach up to here; 0 for not known */
	uint32_t log_offset;
	uint64_t feed_base; /* changes from here on */
	uint64_t feed_head; /* up to here, not included, are in the file `feed` */
	/* Changes of states that were refused: documented mistakes of callers, and others. */
	uint64_t refusals_expected;
	uint64_t refusals_unexpected;
};

struct store {
	pid_t pid; /* of the process that opened it; others must not use it */
	bool create;
	bool opened; /* store_open has succeeded */
	char *home;
	int home_fd;
	mode_t mode;	  /* of files */
	char boot[40];	  /* this run of the machine */
	char command[20]; /* this process, for people */
	struct lock *lock;
	int lock_fd; /* owned by the lock */
	int state_fd;
	int changes_fd;
	int feed_fd;
	/* From here on: for the holder of the lock only. */
	struct state state;
	DB_ENV *env; /* NULL unless open */
	DB *objects;
	DB *index;
	uint64_t generation; /* that env belongs to */
	bool broken;	     /* recovery is needed before anything else */
	bool quiet;	     /* what Berkeley DB complains of is expected */
	int cause;	     /* errno behind a DB_RUNRECOVERY, 0 when unknown */
	char detail[200];    /* what Berkeley DB said last */
	struct region_map maps[REGION_MAPS_MAX];
	size_t map_count;
};

/* The record that is no object: counters of the whole database. */
struct counters {
	uint64_t seq;	  /* given to the latest object made */
	uint64_t commits; /* transactions that changed something */
};

/* What a transaction has to tell when it is committed. */
struct feed {
	struct store_change *changes;
	size_t count;
	size_t room;
	bool lost; /* too much, or no memory: readers have to look for themselves */
};

struct txn {
	struct store *store;
	DB_TXN *tid;  /* NULL until the first change */
	DWORD failed; /* why it can only be aborted, 0 as long as all is well */
	bool recovered;
	struct counters counters;
	struct feed feed;
};

/* store.c */

/* Open a file of the home directory, making it if it is not there. */
DWORD file_open(struct store *store, const char *name, int *fd);

/* state.c */

/* What does not change while the process runs. */
void state_init(struct store *store);

/* Read the state; what is unreadable or of another boot comes back as in need of recovery. */
DWORD state_read(struct store *store);

/* Write it as it is in store->state. */
DWORD state_write(struct store *store);

/* Make `created` durable. */
DWORD state_sync(struct store *store);

/* A sentence about who holds the lock, from the file; for a thread that does not hold it. */
void state_holder(struct store *store, char *text, size_t size);

/* env.c */

/* For the holder of the lock: mark the state and get all handles ready. When it fails
 * nobody is inside. */
DWORD env_enter(struct store *store);

/* Clear the mark, unless the environment needs recovery. */
void env_leave(struct store *store);

/* While inside: drop all handles, recover, open them again. */
DWORD env_recover(struct store *store);

/* For the holder of the lock, while not inside: close all handles. */
void env_close(struct store *store);

/* Leave all handles as they are, for ever: without the lock nothing else is safe. */
void env_forget(struct store *store);

/* Make a handle, set up to complain to @store. Returns 0 or an errno. */
int env_create(struct store *store, DB_ENV **envp);

/* regions.c; what returns an int returns 0 or an errno */

/* Files of the home directory with a prefix: count them, and remove them if @remove. */
int each_file(struct store *store, const char *prefix, bool remove, size_t *count);

/* Remove the region files; who has them mapped goes on with what has no name any more. */
int regions_remove(struct store *store);

/* Bytes for the cache of a new region: a quarter of what there is to cache, within limits. */
uint32_t regions_cache_size(struct store *store);

/* Is there room for the regions? Asked before, because they grow during recovery. */
int regions_check_room(struct store *store);

/*
 * Remember where the region files are mapped, which Berkeley DB does not tell.
 * Without /proc nothing is known: then regions_unmap() leaves the mappings, and a
 * disk that is full when a region grows is a SIGBUS.
 */
void regions_note(struct store *store);

/* Permissions, and blocks for the whole of each mapping: Berkeley DB grows the files with holes. */
int regions_fill(struct store *store);

/* Take down the mappings behind the back of Berkeley DB. */
void regions_unmap(struct store *store);

/* logend.c */

/* After a commit: remember where the log ends. */
void logend_note(struct store *store);

/* Before recovery: ERROR_DATABASE_FAILURE if the log cannot be read up to there. */
DWORD logend_check(struct store *store);

/* error.c */

/*
 * env_error - the Win32 code for what Berkeley DB or the system returned
 * @what: what was tried ("read an object"), for the message
 * Remembers that recovery is needed when @error says so.
 */
DWORD env_error(struct store *store, int error, const char *what);

/* The same when the file @name of the home directory cannot be opened. */
DWORD env_file_error(struct store *store, int error, const char *name);

void env_errcall(const DB_ENV *env, const char *prefix, const char *message);
void env_msgcall(const DB_ENV *env, const char *message);

/* txn.c */

/* Take the lock, or say why not. */
DWORD txn_lock(struct store *store, uint64_t deadline_ns);

/* ERROR_SUCCESS, or why nothing can be done with this transaction any more. */
DWORD txn_usable(struct txn *txn);

/* Before a change: make it a transaction of Berkeley DB and read the counters. */
DWORD txn_change(struct txn *txn);

/* After @error while reading: true when it was mended by recovery and is worth another try. */
bool txn_recover(struct txn *txn, int error);

/* env_error() for an operation of a transaction; after a change it can only be aborted. */
DWORD txn_fail(struct txn *txn, int error, const char *what);

/* access.c */

int counters_read(struct store *store, DB_TXN *tid, struct counters *counters);
int counters_write(struct store *store, DB_TXN *tid, const struct counters *counters);

/* Put an object as it is, with its times, into a store that is being made anew: nobody is told.
 * Besides database errors ERROR_ALREADY_EXISTS for its GUID, or a pool's name. */
DWORD object_restore(struct txn *txn, const struct object *obj);

/* The object with key @id from its record, or ERROR_DATABASE_FAILURE and why. */
DWORD object_decode(struct store *store, const uint8_t id[16], const uint8_t *bytes, size_t length,
		    struct object *obj);

/* watch.c */

/* Wake up whoever watches the database. */
void watch_tell(struct store *store);

/* feed.c */

/* An object was made (@old is NULL), written or deleted (@new is NULL) by @txn. */
void feed_change(struct txn *txn, const struct object *old, const struct object *new);

/* @txn is committed: all may know. */
void feed_publish(struct txn *txn);

/* Whatever was told, readers cannot rely on it: recovery. */
void feed_restart(struct store *store);

/* record.c */

/* No record is longer. */
#define RECORD_MAX (sizeof(struct object) + 256)

/*
 * record_encode - @obj as bytes, without its GUID
 * Returns the length, or 0 for an object that cannot be stored (unknown type, text
 * that does not end, more bytes than there is room for).
 */
size_t record_encode(const struct object *obj, uint8_t bytes[RECORD_MAX]);

/*
 * record_decode - the object that @bytes stand for
 * Returns NULL, or what is wrong with them; then *@obj is undefined.
 */
const char *record_decode(const uint8_t *bytes, size_t length, struct object *obj);

void record_put_guid(uint8_t bytes[16], const NTMS_GUID *guid);
void record_get_guid(const uint8_t bytes[16], NTMS_GUID *guid);

/* index.c */

#define INDEX_KEYS_MAX 12

struct index_keys {
	size_t count;
	struct store_key keys[INDEX_KEYS_MAX];
};

/* All keys of @obj, whole: index number, parts, GUID. */
void index_keys(const struct object *obj, struct index_keys *keys);

/* What the name of pool @obj begins its IX_POOL_NAME key with. */
void index_pool_name(const struct object *obj, struct store_key *key);

static inline bool key_too_long(const struct store_key *key)
{
	return key->length > sizeof(key->bytes);
}

static inline bool key_equal(const struct store_key *a, const struct store_key *b)
{
	return a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
}

#endif

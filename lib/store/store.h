/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * store.h - the object store: a Berkeley DB environment that processes share
 *
 * A transaction is the unit of everything: it begins by taking the one lock of
 * the environment and ends by giving it up. Inside, the caller is alone; what it
 * reads is current and what it commits is durable when the call returns. A
 * process that dies inside loses its own transaction and nothing else: whoever
 * comes next recovers, unnoticed.
 *
 * All functions return a Win32 code:
 *   ERROR_SUCCESS, ERROR_OBJECT_NOT_FOUND, ERROR_TIMEOUT (lock not had in time),
 *   ERROR_DATABASE_FULL (no space, quota or file size limit),
 *   ERROR_DATABASE_FAILURE (inaccessible or damaged), ERROR_NOT_ENOUGH_MEMORY,
 *   ERROR_ACCESS_DENIED (file permissions; only from store_open).
 */
#ifndef NTMS_STORE_STORE_H
#define NTMS_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include "base/refusal.h"
#include "store/object.h"

struct store;
struct txn;

/*
 * The indexes, each kept by the store itself from the records. A key is the
 * listed parts one after the other: numbers big-endian (u32, u64), GUIDs as
 * their sixteen bytes, text without its NUL followed by one zero byte. The order
 * of a scan is the order of the keys; the last part of every key is the object.
 */
enum store_index {
	IX_TYPE = 1,   /* u32 type, u64 seq */
	IX_CHILD,      /* GUID container, u32 type, u32 number (device), side or kind of message
			* (destination), u64 seq. Containers: library of devices, requests, media and
			* relations; pool of pools, media, sides and logical media; cartridge of
			* sides; side of its logical medium; owner of destinations */
	IX_NAME,       /* text name, of objects that have one */
	IX_POOL_NAME,  /* GUID parent, text name: unique, put fails with ERROR_ALREADY_EXISTS */
	IX_BARCODE,    /* text barcode, of media that have one */
	IX_LABEL,      /* text label type, u32 length, bytes of label id: of sides that have one */
	IX_AVAILABLE,  /* GUID pool, u32 allocate_count, u64 seq: sides AVAILABLE and usable */
	IX_RESERVED,   /* GUID cartridge, u32 side: sides RESERVED */
	IX_PLACE,      /* GUID location: media that are there */
	IX_ELEMENT,    /* GUID library, u32 type, u32 element: devices with an element address */
	IX_SERIAL,     /* u32 type, text serial: libraries, drives, changers that have one */
	IX_QUEUE,      /* GUID library, u32 operation, u32 order, u64 seq: requests not finished
			* (QUEUED, INPROCESS, WAITING, DEFERRED); an order of 0 counts as UINT32_MAX */
	IX_ACTIVE,     /* GUID media: requests not finished that name this cartridge */
	IX_FINISHED,   /* u64 completed_ms: library requests that are finished */
	IX_MEDIA_TYPE, /* u32 code: media types */
	IX_TYPE_OF,    /* GUID media type: cartridges, pools and relations of that type */
	IX_ATTRIBUTE,  /* GUID owner, text name, u32 part: attributes */
	IX_ERRAND,     /* u32 command, GUID arg1, GUID arg2: operator requests that are not over */
};

/*
 * store_open - open the environment in directory @home, making it if @create
 *
 * One struct store serves all threads of a process. The directory is made with
 * mode 0700 unless it exists; files take the directory's permission bits without x.
 * Fork: a child must not use its parent's store.
 */
DWORD store_open(const char *home, bool create, struct store **storep);
void store_close(struct store *store);

/* How long store_begin waits when told STORE_DEADLINE_DEFAULT: 30 s, or what the
 * environment variable NTMS_LOCK_TIMEOUT says in milliseconds. */
#define STORE_DEADLINE_DEFAULT 0

/*
 * store_begin - take the lock and begin
 * @deadline_ns: absolute CLOCK_MONOTONIC time to give up, or STORE_DEADLINE_DEFAULT
 *
 * One transaction at a time in a thread; others of the process wait their turn.
 * ERROR_TIMEOUT leaves in the thread's message (ntms_say) who holds the lock.
 */
DWORD store_begin(struct store *store, uint64_t deadline_ns, struct txn **txnp);

/* Make it durable, tell all watchers, give up the lock. Whatever it returns, the
 * transaction is over; unless it returns ERROR_SUCCESS nothing of it has happened. */
DWORD store_commit(struct txn *txn);

/* End a transaction without a change; NULL is allowed. */
void store_abort(struct txn *txn);

/* Read an object; with @type other than NTMS_UNKNOWN one of another type is
 * ERROR_OBJECT_NOT_FOUND. A record that does not decode is ERROR_DATABASE_FAILURE. */
DWORD store_get(struct txn *txn, const NTMS_GUID *guid, uint32_t type, struct object *obj);

/* Make an object: gives it a GUID unless it has one, seq and times. */
DWORD store_insert(struct txn *txn, struct object *obj);

/* Write an object that exists; sets modified_ms. */
DWORD store_update(struct txn *txn, struct object *obj);

/* Delete an object, its attributes and its destinations of messages. */
DWORD store_delete(struct txn *txn, const NTMS_GUID *guid);

/*
 * store_check - compare all records with the index
 * @count: set to the number of objects
 * ERROR_DATABASE_FAILURE, and in the thread's message what is wrong. For tests and
 * repair: it reads everything.
 */
DWORD store_check(struct txn *txn, size_t *count);

/* A key prefix, built part by part. */
struct store_key {
	size_t length;
	uint8_t bytes[1024];
};

void key_start(struct store_key *key);
void key_guid(struct store_key *key, const NTMS_GUID *guid);
void key_u32(struct store_key *key, uint32_t value);
void key_u64(struct store_key *key, uint64_t value);
void key_text(struct store_key *key, const char *text);
void key_bytes(struct store_key *key, const void *bytes, size_t length);

/*
 * store_find - the first object of an index under a prefix
 * ERROR_OBJECT_NOT_FOUND when there is none.
 */
DWORD store_find(struct txn *txn, enum store_index index, const struct store_key *prefix,
		 NTMS_GUID *guid);

/*
 * store_list - up to @max (0: all) objects of an index under a prefix, in order
 * *@list is to be freed by the caller; NULL when *@count is 0.
 */
DWORD store_list(struct txn *txn, enum store_index index, const struct store_key *prefix,
		 size_t max, NTMS_GUID **list, size_t *count);

DWORD store_count(struct txn *txn, enum store_index index, const struct store_key *prefix,
		  size_t *count);

/* How many changes of states have been refused since the directory began to count them: it does
 * so anew when its file `state` is lost. Those of @txn come with its end. */
void store_refusals(struct txn *txn, struct refusal_counts *counts);

/*
 * A descriptor of this process that polls readable (EPOLLIN) when a transaction of
 * any process has been committed since store_watch_drain. Each watch is its own.
 */
DWORD store_watch_open(struct store *store, int *fd);
void store_watch_drain(int fd);
void store_watch_close(int fd);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * feed.h - what has been committed, one change after the other, for all processes
 *
 * Every object that a transaction makes, writes or deletes is in the feed once that is
 * committed, and so is what the transaction notes beside (store_note). It keeps the latest
 * STORE_FEED_SIZE changes in the file `feed` of the home directory, and survives nothing: it
 * is for telling who is there. Each change has a position; positions only grow, whatever
 * happens to the database.
 *
 * Somebody who reads on from where he was either gets all that has been committed meanwhile
 * or ERROR_NO_DATA: then he starts at the present position and looks at the objects themselves.
 * That is so when more has happened than the feed keeps, and after every recovery, because
 * who died may have committed something and told nobody.
 *
 * It is read and written under the lock only, like everything else of a store:
 *
 *	store_watch_open(store, &fd);
 *	store_begin(...); position = store_feed_position(txn); store_abort(txn);
 *	for (;;) {
 *		poll(fd); store_watch_drain(fd);
 *		store_begin(...);
 *		code = store_feed_read(txn, &position, changes, 64, &count);
 *		store_abort(txn);
 *	}
 *
 * Whoever a commit wakes gets the lock after that commit, and finds its changes.
 */
#ifndef NTMS_STORE_FEED_H
#define NTMS_STORE_FEED_H

#include "store/store.h"

#define STORE_FEED_SIZE 8192

struct store_change {
	uint64_t position;
	NTMS_GUID guid;
	/* Of an object that is gone: what decided on the rights to it (object_holder), for a pool
	 * its parent. Null when that is the computer. */
	NTMS_GUID holder;
	uint32_t type;	    /* of the object */
	uint32_t operation; /* NtmsNotificationOperations */
};

/*
 * store_note - have a change in the feed that the store does not see by itself
 * @operation: NTMS_EVENT_COMPLETE, when an operation has ended; any other is ignored
 *
 * It is in the feed when the transaction is committed, behind the changes that came before it;
 * a transaction that does nothing else may be committed, too. NTMS_EVENT_SIGNAL follows by itself
 * when store_update() changes an object's state, and may be noted for another reason.
 * It never fails: without memory to remember it readers get ERROR_NO_DATA.
 */
void store_note(struct txn *txn, const NTMS_GUID *guid, uint32_t type, uint32_t operation);

/* Where the next change will be: read on from there for what is committed from now on. */
uint64_t store_feed_position(struct txn *txn);

/*
 * store_feed_read - the changes since a position
 * @position: from store_feed_position() or an earlier call; moved behind what was read, and by
 *            ERROR_NO_DATA to the present
 * @changes: room for @max of them
 * @count: how many it are, 0 when there is nothing new
 *
 * ERROR_NO_DATA when changes are lost; ERROR_DATABASE_FAILURE. What the transaction itself has
 * changed is not in it yet.
 */
DWORD store_feed_read(struct txn *txn, uint64_t *position, struct store_change *changes, size_t max,
		      size_t *count);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/guid.h"
#include "core/notify.h"
#include "core/patience.h"
#include "core/rights.h"
#include "core/txn.h"
#include "store/feed.h"

/* So many changes are looked through at once. */
#define BATCH 64

struct notification {
	struct notification *next;
	unsigned int references; /* the list and every wait */
	struct session *session;
	uint32_t type;
	int close_fd;	       /* eventfd: polls readable once it is closed */
	pthread_mutex_t mutex; /* guards what follows: waits take their turns */
	uint64_t position;
};

/* A handle is valid while it is in this list, in the process that opened it. */
static pthread_mutex_t list_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct notification *list;

static struct notification *look_up(HANDLE handle)
{
	struct notification *notification = list;

	while (notification && notification != handle)
		notification = notification->next;
	return notification;
}

static struct notification *find(HANDLE handle)
{
	struct notification *notification = look_up(handle);

	return notification && notification->session->system->pid == getpid() ? notification : NULL;
}

/* Why find() found none. */
static DWORD missing(HANDLE handle)
{
	const struct notification *notification;
	pid_t owner = 0;

	pthread_mutex_lock(&list_mutex);
	notification = look_up(handle);
	if (notification)
		owner = notification->session->system->pid;
	pthread_mutex_unlock(&list_mutex);
	if (owner)
		return session_of_parent(owner);
	return ntms_say(ERROR_INVALID_HANDLE, "the notification handle is not valid");
}

static void put(struct notification *notification)
{
	bool last;

	pthread_mutex_lock(&list_mutex);
	last = --notification->references == 0;
	pthread_mutex_unlock(&list_mutex);
	if (!last)
		return;
	session_put(notification->session);
	close(notification->close_fd);
	pthread_mutex_destroy(&notification->mutex);
	free(notification);
}

/* With the list's mutex held. */
static void unlist(struct notification *notification)
{
	struct notification **link = &list;
	uint64_t one = 1;
	ssize_t written;

	while (*link != notification)
		link = &(*link)->next;
	*link = notification->next;
	/* A counter that cannot count further polls readable already. */
	written = write(notification->close_fd, &one, sizeof(one));
	(void)written;
}

/* Where it begins, if the caller may. */
static DWORD begin_at(struct session *session, uint64_t *position)
{
	struct txn *txn;
	DWORD code = session_begin(session, &txn);

	if (code)
		return code;
	code = rights_check(txn, &session->caller, RIGHT_OPEN_NOTIFICATION, NULL);
	if (!code)
		*position = store_feed_position(txn);
	store_abort(txn);
	return code;
}

DWORD notify_open(struct session *session, uint32_t type, struct notification **notificationp)
{
	struct notification *notification = calloc(1, sizeof(*notification));
	DWORD code;

	if (!notification)
		return ntms_say(ERROR_NOT_ENOUGH_MEMORY, "no memory for a notification");
	notification->close_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (notification->close_fd < 0) {
		code = ntms_say(ERROR_NOT_ENOUGH_MEMORY, "cannot make an event: %m");
		goto err_free;
	}
	code = begin_at(session, &notification->position);
	if (code)
		goto err_close;
	notification->type = type;
	notification->references = 1;
	pthread_mutex_init(&notification->mutex, NULL);
	notification->session = session;
	session_hold(session);
	pthread_mutex_lock(&list_mutex);
	notification->next = list;
	list = notification;
	pthread_mutex_unlock(&list_mutex);
	/* Whoever closes the session marks it first, and looks at the list then. */
	if (session_is_closing(session)) {
		notify_end_session(session);
		return ntms_say(ERROR_INVALID_HANDLE, "the session was closed");
	}
	*notificationp = notification;
	return ERROR_SUCCESS;

err_close:
	close(notification->close_fd);
err_free:
	free(notification);
	return code;
}

DWORD notify_close(HANDLE handle)
{
	struct notification *notification;

	pthread_mutex_lock(&list_mutex);
	notification = find(handle);
	if (notification)
		unlist(notification);
	pthread_mutex_unlock(&list_mutex);
	if (!notification)
		return missing(handle);
	put(notification);
	return ERROR_SUCCESS;
}

static struct notification *take_of(struct session *session)
{
	struct notification *notification;

	pthread_mutex_lock(&list_mutex);
	notification = list;
	while (notification && notification->session != session)
		notification = notification->next;
	if (notification)
		unlist(notification);
	pthread_mutex_unlock(&list_mutex);
	return notification;
}

void notify_end_session(struct session *session)
{
	struct notification *notification;

	while ((notification = take_of(session)))
		put(notification);
}

/* ---- waiting ---- */

/* Has the caller the right on what decides on the object, or decided when it was deleted? */
static DWORD check_right(struct txn *txn, const struct caller *caller,
			 const struct store_change *change)
{
	struct object obj;
	DWORD code = store_get(txn, &change->guid, change->type, &obj);

	if (code == ERROR_OBJECT_NOT_FOUND && !guid_is_null(&change->holder))
		code = store_get(txn, &change->holder, NTMS_UNKNOWN, &obj);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return rights_check(txn, caller, RIGHT_WAIT_NOTIFICATION, NULL);
	return code ? code : rights_check(txn, caller, RIGHT_WAIT_NOTIFICATION, &obj);
}

/* Of changes read at once, the first that is for this notification: *which is it, or @count. */
static DWORD choose(struct txn *txn, struct notification *notification,
		    const struct store_change *changes, size_t count, size_t *which)
{
	DWORD code;

	for (*which = 0; *which < count; (*which)++) {
		/* Types of our own are nobody's business. */
		if (changes[*which].type != notification->type ||
		    changes[*which].type >= NTMS_NUMBER_OF_OBJECT_TYPES)
			continue;
		code = check_right(txn, &notification->session->caller, &changes[*which]);
		if (code != ERROR_ACCESS_DENIED)
			return code;
	}
	return ERROR_SUCCESS;
}

static DWORD look_in(struct txn *txn, struct notification *notification,
		     NTMS_NOTIFICATIONINFORMATION *information, bool *found)
{
	struct store_change changes[BATCH];
	size_t count, which;
	DWORD code;

	for (;;) {
		uint64_t next = notification->position;

		/* After ERROR_NO_DATA it stays where it is: what it missed it does not get back. */
		code = store_feed_read(txn, &next, changes, BATCH, &count);
		if (!code)
			code = choose(txn, notification, changes, count, &which);
		if (code)
			return code;
		if (which < count)
			break;
		notification->position = next;
		if (count < BATCH)
			return ERROR_SUCCESS;
	}
	notification->position = changes[which].position + 1;
	information->dwOperation = changes[which].operation;
	information->ObjectId = changes[which].guid;
	*found = true;
	return ERROR_SUCCESS;
}

static DWORD look(struct notification *notification, NTMS_NOTIFICATIONINFORMATION *information,
		  bool *found)
{
	struct txn *txn;
	DWORD code;

	pthread_mutex_lock(&notification->mutex);
	code = session_begin(notification->session, &txn);
	if (code)
		goto out;
	code = look_in(txn, notification, information, found);
	store_abort(txn);
out:
	pthread_mutex_unlock(&notification->mutex);
	return code;
}

static DWORD wait_for(struct notification *notification, uint32_t timeout_ms,
		      NTMS_NOTIFICATIONINFORMATION *information)
{
	struct patience patience;
	DWORD code = patience_begin(&patience, notification->session, clock_deadline(timeout_ms));
	bool found = false;

	if (code)
		return code;
	do {
		code = look(notification, information, &found);
		if (!code && !found)
			code = patience_sleep(&patience, notification->close_fd);
	} while (!code && !found);
	patience_end(&patience);
	if (code == ERROR_CANCELLED)
		ntms_say(code, "the notification was closed");
	return code;
}

DWORD notify_wait(HANDLE handle, uint32_t timeout_ms, NTMS_NOTIFICATIONINFORMATION *information)
{
	NTMS_NOTIFICATIONINFORMATION found;
	struct notification *notification;
	DWORD code;

	pthread_mutex_lock(&list_mutex);
	notification = find(handle);
	if (notification)
		notification->references++;
	pthread_mutex_unlock(&list_mutex);
	if (!notification)
		return missing(handle);
	code = wait_for(notification, timeout_ms, &found);
	put(notification);
	if (!code)
		*information = found;
	return code;
}

/* ---- requests ---- */

/* What the calls that queue an operation are about, beside the request itself. */
static const struct about {
	uint32_t operation;
	uint32_t type;
	size_t offset; /* of its GUID in the request */
} abouts[] = {
	{NTMS_LM_REMOVE, NTMS_LIBREQUEST, offsetof(struct object, librequest.work_item)},
	{NTMS_LM_INVENTORY, NTMS_LIBRARY, offsetof(struct object, librequest.library)},
	{NTMS_LM_DOORACCESS, NTMS_LIBRARY, offsetof(struct object, librequest.library)},
	{NTMS_LM_RESERVECLEANER, NTMS_LIBRARY, offsetof(struct object, librequest.library)},
	{NTMS_LM_RELEASECLEANER, NTMS_LIBRARY, offsetof(struct object, librequest.library)},
	{NTMS_LM_CLEANDRIVE, NTMS_DRIVE, offsetof(struct object, librequest.drive)},
	{NTMS_LM_CLASSIFY, NTMS_STORAGESLOT, offsetof(struct object, librequest.slot)},
	/* By its medium or by its drive: the request does not tell. */
	{NTMS_LM_DISMOUNT, NTMS_DRIVE, offsetof(struct object, librequest.drive)},
	{NTMS_LM_DISMOUNT, NTMS_PHYSICAL_MEDIA, offsetof(struct object, librequest.media)},
	{NTMS_LM_DISMOUNT, NTMS_PARTITION, offsetof(struct object, librequest.side)},
};

static void note(struct txn *txn, const NTMS_GUID *guid, uint32_t type)
{
	if (!guid_is_null(guid))
		store_note(txn, guid, type, NTMS_EVENT_COMPLETE);
}

void notify_request_over(struct txn *txn, const struct object *request)
{
	struct object side;
	NTMS_GUID guid;

	note(txn, &request->guid, NTMS_LIBREQUEST);
	for (size_t i = 0; i < sizeof(abouts) / sizeof(abouts[0]); i++) {
		if (abouts[i].operation != request->librequest.operation)
			continue;
		memcpy(&guid, (const uint8_t *)request + abouts[i].offset, sizeof(guid));
		note(txn, &guid, abouts[i].type);
		/* The application knows it by its logical medium. */
		if (abouts[i].type == NTMS_PARTITION &&
		    !store_get(txn, &guid, NTMS_PARTITION, &side))
			note(txn, &side.side.logical, NTMS_LOGICAL_MEDIA);
	}
}

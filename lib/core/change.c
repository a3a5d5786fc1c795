/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/guid.h"
#include "core/change.h"
#include "core/presence.h"
#include "core/request.h"
#include "core/run.h"
#include "core/txn.h"

/* Who says nothing by himself is asked so often: drives that stand alone, real libraries. */
#define LOOK_MS 2000

struct libraries {
	NTMS_GUID *list;
	size_t count;
};

struct detection {
	struct detection *next;
	unsigned int references; /* the list and every call */
	struct session *session;
	int stop_fd; /* eventfd: polls readable once it has ended */
	int events_fd;
	pthread_t thread;
	pthread_mutex_t mutex; /* guards what follows */
	bool running;
	bool ended;
	struct libraries libraries;
};

/* A handle is valid while it is in this list, in the process that began it. */
static pthread_mutex_t list_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct detection *list;

/* ---- which libraries ---- */

static DWORD add_library(struct libraries *libraries, const NTMS_GUID *guid)
{
	NTMS_GUID *longer;

	for (size_t i = 0; i < libraries->count; i++)
		if (guid_equal(&libraries->list[i], guid))
			return ERROR_SUCCESS;
	longer = reallocarray(libraries->list, libraries->count + 1, sizeof(*longer));
	if (!longer)
		return ntms_say(ERROR_NOT_ENOUGH_MEMORY, "no memory for a list of libraries");
	longer[libraries->count++] = *guid;
	libraries->list = longer;
	return ERROR_SUCCESS;
}

/* Every library of one drive that takes media of this type. */
static DWORD add_holders(struct txn *txn, const NTMS_GUID *media_type, struct libraries *libraries)
{
	struct object relation, library;
	struct store_key key;
	NTMS_GUID *found;
	size_t count;
	DWORD code;

	key_start(&key);
	key_guid(&key, media_type);
	code = store_list(txn, IX_TYPE_OF, &key, 0, &found, &count);
	if (code)
		return code;
	for (size_t i = 0; i < count && !code; i++) {
		code = store_get(txn, &found[i], NTMS_UNKNOWN, &relation);
		if (code || relation.type != OBJ_TYPE_RELATION)
			continue;
		code = must_exist(
			store_get(txn, &relation.relation.library, NTMS_LIBRARY, &library),
			"library", "a media type");
		if (!code && library.library.kind == NTMS_LIBRARYTYPE_STANDALONE)
			code = add_library(libraries, &library.guid);
	}
	free(found);
	return code;
}

static DWORD add_object(struct txn *txn, const NTMS_GUID *guid, uint32_t type,
			struct libraries *libraries)
{
	struct object obj;
	DWORD code = store_get(txn, guid, NTMS_UNKNOWN, &obj);

	if (code == ERROR_OBJECT_NOT_FOUND)
		return type == NTMS_LIBRARY
			       ? ntms_say(ERROR_INVALID_LIBRARY, "there is no such library")
			       : ntms_say(ERROR_INVALID_MEDIA,
					  "there is no such cartridge or media type");
	if (code)
		return code;
	if (obj.type != type)
		return ntms_say(ERROR_INVALID_PARAMETER,
				"the objects are not all of type %u, one is of type %u", type,
				obj.type);
	if (type == NTMS_LIBRARY)
		return add_library(libraries, guid);
	return add_holders(txn, type == NTMS_MEDIA_TYPE ? guid : &obj.media.media_type, libraries);
}

/* *@libraries is to be freed, whatever is returned. */
static DWORD find_libraries(struct session *session, const NTMS_GUID *objects, uint32_t type,
			    size_t count, struct libraries *libraries)
{
	struct txn *txn;
	DWORD code = session_begin(session, &txn);

	if (code)
		return code;
	for (size_t i = 0; i < count && !code; i++)
		code = add_object(txn, &objects[i], type, libraries);
	store_abort(txn);
	return code;
}

/* ---- a look at a library ---- */

/* One inventory that nobody has begun yet is as good as two. */
static DWORD inventory_is_queued(struct txn *txn, const NTMS_GUID *library, bool *queued)
{
	struct object request;
	struct store_key key;
	NTMS_GUID *found;
	size_t count;
	DWORD code;

	*queued = false;
	key_start(&key);
	key_guid(&key, library);
	key_u32(&key, NTMS_LM_INVENTORY);
	code = store_list(txn, IX_QUEUE, &key, 0, &found, &count);
	if (code)
		return code;
	for (size_t i = 0; i < count && !code && !*queued; i++) {
		code = must_exist(store_get(txn, &found[i], NTMS_LIBREQUEST, &request), "request",
				  "a queue");
		*queued = !code && request.librequest.state == NTMS_LM_QUEUED;
	}
	free(found);
	return code;
}

static DWORD queue_inventory(struct txn *txn, struct session *session, const NTMS_GUID *library)
{
	struct object request;
	bool queued;
	DWORD code = inventory_is_queued(txn, library, &queued);

	if (code || queued)
		return code;
	request_init(session, NTMS_LM_INVENTORY, library, &request);
	request.librequest.option = INVENTORY_OPTION_FAST;
	return store_insert(txn, &request);
}

/* Is the library one that can be looked at? It is read. */
static DWORD can_be_looked_at(struct session *session, struct txn *txn, const NTMS_GUID *guid,
			      struct object *library, bool *can)
{
	DWORD code = store_get(txn, guid, NTMS_LIBRARY, library);

	*can = !code && library->enabled && library->library.kind != NTMS_LIBRARYTYPE_OFFLINE &&
	       !presence_absent(session->system, library);
	/* It may have been given back meanwhile. */
	return code == ERROR_OBJECT_NOT_FOUND ? ERROR_SUCCESS : code;
}

static DWORD look_at(struct session *session, const NTMS_GUID *guid)
{
	struct object library;
	struct txn *txn;
	bool can;
	DWORD code = session_begin(session, &txn);

	if (code)
		return code;
	code = can_be_looked_at(session, txn, guid, &library, &can);
	if (!code && can)
		code = queue_inventory(txn, session, guid);
	code = txn_end(txn, code);
	/* It is on record now; whoever next looks after the library does it if we cannot. */
	if (!code && can)
		request_work(session, guid);
	return code;
}

static DWORD look_at_all(struct session *session, const struct libraries *libraries)
{
	DWORD code = ERROR_SUCCESS;

	for (size_t i = 0; i < libraries->count && !code; i++)
		code = look_at(session, &libraries->list[i]);
	return code;
}

/* ---- the thread of a detection ---- */

/* What has happened since it looked last. */
struct news {
	bool asked; /* who says nothing by himself is */
	struct broker_device *devices;
	size_t device_count;
	uint32_t *seen; /* devices with an event */
	size_t seen_count;
};

static const struct broker_device *device_of(const struct news *news, enum broker_kind kind,
					     const char *serial)
{
	for (size_t i = 0; i < news->device_count; i++)
		if (news->devices[i].kind == kind && serial[0] &&
		    !strcmp(news->devices[i].serial, serial))
			return &news->devices[i];
	return NULL;
}

static bool has_event(const struct news *news, uint32_t device)
{
	for (size_t i = 0; i < news->seen_count; i++)
		if (news->seen[i] == device)
			return true;
	return false;
}

/* Does the drive say otherwise than its record? One that cannot be asked says nothing, and whoever
 * has its medium mounted must not find it open. */
static bool drive_differs(struct session *session, const struct news *news,
			  const struct object *drive)
{
	const struct broker_device *device = device_of(news, BROKER_DRIVE, drive->device.serial);
	bool loaded;
	const bool recorded = !guid_is_null(&drive->device.side) ||
			      drive->device.state != NTMS_DRIVESTATE_DISMOUNTED;

	return device && drive->device.state != NTMS_DRIVESTATE_LOADED &&
	       broker_drive_loaded(session->system->broker, device->id, &loaded) == 0 &&
	       loaded != recorded;
}

/* The drive of a library that has but one. */
static DWORD only_drive(struct txn *txn, const NTMS_GUID *library, struct object *drive)
{
	struct store_key key;
	NTMS_GUID guid;
	DWORD code;

	key_start(&key);
	key_guid(&key, library);
	key_u32(&key, NTMS_DRIVE);
	code = store_find(txn, IX_CHILD, &key, &guid);
	return code ? code : store_get(txn, &guid, NTMS_DRIVE, drive);
}

/* Is there a reason to look at this library? */
static DWORD has_changed(struct session *session, const struct news *news, const NTMS_GUID *guid,
			 bool *changed)
{
	const struct broker_device *device;
	struct object library, drive;
	struct txn *txn;
	bool can, alone;
	DWORD code = session_begin(session, &txn);

	*changed = false;
	if (code)
		return code;
	code = can_be_looked_at(session, txn, guid, &library, &can);
	alone = !code && can && library.library.kind == NTMS_LIBRARYTYPE_STANDALONE;
	if (alone)
		code = only_drive(txn, guid, &drive);
	store_abort(txn);
	if (code || !can)
		return code;
	if (alone) {
		device = device_of(news, BROKER_DRIVE, drive.device.serial);
		if (news->asked || (device && has_event(news, device->id)))
			*changed = drive_differs(session, news, &drive);
		return ERROR_SUCCESS;
	}
	device = device_of(news, BROKER_CHANGER, library.library.serial);
	*changed = device && has_event(news, device->id);
	return ERROR_SUCCESS;
}

/* Whoever was at it, or came and went: into @news. */
static void take_events(struct detection *detection, struct news *news)
{
	struct broker *broker = detection->session->system->broker;
	struct broker_event event;

	while (broker_next_event(broker, detection->events_fd, &event) == 0) {
		uint32_t *longer;

		if (event.type != BROKER_EVENT_ATTENTION && event.type != BROKER_EVENT_DEVICE_ADDED)
			continue;
		longer = reallocarray(news->seen, news->seen_count + 1, sizeof(*longer));
		if (!longer)
			continue;
		longer[news->seen_count++] = event.device;
		news->seen = longer;
	}
	if (broker_devices(broker, &news->devices, &news->device_count))
		news->device_count = 0;
}

static struct libraries copy_libraries(struct detection *detection)
{
	struct libraries copy = {0};

	pthread_mutex_lock(&detection->mutex);
	for (size_t i = 0; i < detection->libraries.count; i++)
		if (add_library(&copy, &detection->libraries.list[i]))
			break;
	pthread_mutex_unlock(&detection->mutex);
	return copy;
}

/* Have a library with a robot tell what it knows, which comes as an event. */
static void knock(struct session *session, const struct news *news, const NTMS_GUID *guid)
{
	const struct broker_device *device;
	struct object library;
	struct txn *txn;
	bool can;
	DWORD code = session_begin(session, &txn);

	if (code)
		return;
	code = can_be_looked_at(session, txn, guid, &library, &can);
	store_abort(txn);
	if (code || !can)
		return;
	device = device_of(news, BROKER_CHANGER, library.library.serial);
	if (device)
		broker_knock(session->system->broker, device->id);
}

/* What goes wrong here has nobody to be told to; the next look tries again. */
static void look_around(struct detection *detection, bool ask)
{
	struct libraries libraries = copy_libraries(detection);
	struct news news = {.asked = ask};
	bool changed;

	take_events(detection, &news);
	for (size_t i = 0; i < libraries.count && ask; i++)
		knock(detection->session, &news, &libraries.list[i]);
	for (size_t i = 0; i < libraries.count; i++)
		if (!has_changed(detection->session, &news, &libraries.list[i], &changed) &&
		    changed)
			look_at(detection->session, &libraries.list[i]);
	free(news.devices);
	free(news.seen);
	free(libraries.list);
}

static void *detection_main(void *argument)
{
	struct detection *detection = argument;
	struct pollfd fds[] = {
		{.fd = detection->stop_fd, .events = POLLIN},
		{.fd = detection->events_fd, .events = POLLIN},
	};

	uint64_t next_ns = clock_deadline(LOOK_MS);

	for (;;) {
		bool ask;

		if (poll(fds, 2, clock_poll_ms(next_ns)) >= 0 && fds[0].revents)
			return NULL;
		/* Asking makes events itself. */
		ask = clock_monotonic_ns() >= next_ns;
		if (ask)
			next_ns = clock_deadline(LOOK_MS);
		look_around(detection, ask);
	}
}

/* ---- detections ---- */

static void put(struct detection *detection)
{
	bool last;

	pthread_mutex_lock(&list_mutex);
	last = --detection->references == 0;
	pthread_mutex_unlock(&list_mutex);
	if (!last)
		return;
	if (detection->events_fd >= 0)
		close(detection->events_fd);
	close(detection->stop_fd);
	session_put(detection->session);
	pthread_mutex_destroy(&detection->mutex);
	free(detection->libraries.list);
	free(detection);
}

/* Take one out of the list: the handle's, or any of the session's. NULL: there is none. */
static struct detection *take(struct session *session, HANDLE handle)
{
	struct detection **link = &list, *detection;

	pthread_mutex_lock(&list_mutex);
	while (*link && ((*link)->session != session || (handle && *link != handle)))
		link = &(*link)->next;
	detection = *link;
	if (detection)
		*link = detection->next;
	pthread_mutex_unlock(&list_mutex);
	return detection;
}

/* The thread ends before anything that it uses. */
static void stop(struct detection *detection)
{
	uint64_t one = 1;
	ssize_t written;
	bool running;

	pthread_mutex_lock(&detection->mutex);
	running = detection->running;
	detection->ended = true;
	pthread_mutex_unlock(&detection->mutex);
	/* A counter that cannot count further polls readable already. */
	written = write(detection->stop_fd, &one, sizeof(one));
	(void)written;
	if (running)
		pthread_join(detection->thread, NULL);
	put(detection);
}

DWORD change_begin(struct session *session, struct detection **detectionp)
{
	struct detection *detection = calloc(1, sizeof(*detection));

	if (!detection)
		return ntms_say(ERROR_NOT_ENOUGH_MEMORY, "no memory for a detection");
	detection->events_fd = -1;
	detection->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (detection->stop_fd < 0) {
		free(detection);
		return ntms_say(ERROR_NOT_ENOUGH_MEMORY, "cannot make an event: %m");
	}
	pthread_mutex_init(&detection->mutex, NULL);
	detection->references = 1;
	detection->session = session;
	session_hold(session);
	pthread_mutex_lock(&list_mutex);
	detection->next = list;
	list = detection;
	pthread_mutex_unlock(&list_mutex);
	/* Whoever closes the session marks it first, and looks at the list then. */
	if (session_is_closing(session)) {
		change_end_session(session);
		return ntms_say(ERROR_INVALID_HANDLE, "the session was closed");
	}
	*detectionp = detection;
	return ERROR_SUCCESS;
}

static DWORD bad_handle(void)
{
	return ntms_say(ERROR_INVALID_HANDLE, "the detection handle is not valid");
}

DWORD change_end(struct session *session, HANDLE handle)
{
	struct detection *detection = handle ? take(session, handle) : NULL;

	if (!detection)
		return bad_handle();
	stop(detection);
	return ERROR_SUCCESS;
}

void change_end_session(struct session *session)
{
	struct detection *detection;

	while ((detection = take(session, NULL)))
		stop(detection);
}

/* With its mutex held. */
static DWORD start_thread(struct detection *detection)
{
	int error;

	if (detection->running || detection->ended)
		return ERROR_SUCCESS;
	if (detection->events_fd < 0) {
		error = broker_events_open(detection->session->system->broker,
					   &detection->events_fd);
		if (error) {
			detection->events_fd = -1;
			return broker_code(error);
		}
	}
	if (pthread_create(&detection->thread, NULL, detection_main, detection))
		return ntms_say(ERROR_NOT_ENOUGH_MEMORY, "cannot start a thread");
	detection->running = true;
	return ERROR_SUCCESS;
}

static DWORD watch(struct detection *detection, const struct libraries *libraries)
{
	DWORD code = ERROR_SUCCESS;

	pthread_mutex_lock(&detection->mutex);
	for (size_t i = 0; i < libraries->count && !code; i++)
		code = add_library(&detection->libraries, &libraries->list[i]);
	if (!code)
		code = start_thread(detection);
	pthread_mutex_unlock(&detection->mutex);
	return code;
}

/* Referenced; NULL for a handle that is not valid. */
static struct detection *get(struct session *session, HANDLE handle)
{
	struct detection *detection;

	pthread_mutex_lock(&list_mutex);
	detection = list;
	while (detection && (detection != handle || detection->session != session))
		detection = detection->next;
	if (detection)
		detection->references++;
	pthread_mutex_unlock(&list_mutex);
	return detection;
}

DWORD change_set(struct session *session, HANDLE handle, const NTMS_GUID *objects, uint32_t type,
		 size_t count)
{
	struct detection *detection = handle ? get(session, handle) : NULL;
	struct libraries libraries = {0};
	DWORD code;

	if (handle && !detection)
		return bad_handle();
	code = find_libraries(session, objects, type, count, &libraries);
	/* Watched first: nothing that happens after the look is missed. */
	if (!code && detection)
		code = watch(detection, &libraries);
	if (!code)
		code = look_at_all(session, &libraries);
	free(libraries.list);
	if (detection)
		put(detection);
	return code;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* Notifications: who is told what, of which objects, in which process, and how it ends. */
#include <pthread.h>
#include "core/notify.h"
#include "core/txn.h"
#include "base/guid.h"
#include "faults.h"
#include "fixture.h"
#include "store/feed.h"

TestSuite(notify, .init = fx_setup, .fini = fx_teardown, .timeout = 120);

static HANDLE open_type(HANDLE session, DWORD type)
{
	HANDLE handle = OpenNtmsNotification(session, type);

	cr_assert_neq(handle, INVALID_HANDLE_VALUE, "%s", RsmLastMessage());
	return handle;
}

static NTMS_NOTIFICATIONINFORMATION next(HANDLE handle)
{
	NTMS_NOTIFICATIONINFORMATION information;

	must(WaitForNtmsNotification(handle, &information, PATIENCE_MS));
	return information;
}

static void expect(HANDLE handle, DWORD operation, NTMS_GUID guid)
{
	NTMS_NOTIFICATIONINFORMATION information = next(handle);

	cr_assert_eq(information.dwOperation, operation, "operation %u instead of %u",
		     information.dwOperation, operation);
	cr_assert(guid_equal(&information.ObjectId, &guid));
}

static void expect_nothing(HANDLE handle)
{
	NTMS_NOTIFICATIONINFORMATION information;

	must_be(WaitForNtmsNotification(handle, &information, 0), ERROR_TIMEOUT);
}

/* Whatever else is told of it: that an operation about @guid has ended. */
static void expect_complete(HANDLE handle, NTMS_GUID guid)
{
	NTMS_NOTIFICATIONINFORMATION information;

	do
		information = next(handle);
	while (information.dwOperation != NTMS_EVENT_COMPLETE ||
	       !guid_equal(&information.ObjectId, &guid));
	must(CloseNtmsNotification(handle));
}

static struct store *store(void)
{
	return ((struct session *)fx_session)->system->store;
}

/* ---- what is told ---- */

static int queue_inventory(const struct child *parent)
{
	HANDLE session = fx_open();
	NTMS_GUID library = fx_library;

	hear_byte(parent);
	child_must(InventoryNtmsLibrary(session, &library, NTMS_INVENTORY_FAST));
	child_must(CloseNtmsSession(session));
	return 0;
}

/* Queued by one process, carried out, told to another, and purged. */
Test(notify, a_request_from_its_queueing_to_its_end)
{
	HANDLE handle = open_type(fx_session, NTMS_LIBREQUEST);
	struct child child = start_child(queue_inventory);
	NTMS_NOTIFICATIONINFORMATION information;
	bool signalled = false, updated = false;
	NTMS_GUID request;

	tell_child(&child, 'g');
	information = next(handle);
	cr_assert_eq(information.dwOperation, NTMS_OBJ_INSERT);
	request = information.ObjectId;
	do {
		/* The inventory may queue more work. */
		do
			information = next(handle);
		while (!guid_equal(&information.ObjectId, &request));
		updated |= information.dwOperation == NTMS_OBJ_UPDATE;
		signalled |= information.dwOperation == NTMS_EVENT_SIGNAL;
	} while (information.dwOperation != NTMS_EVENT_COMPLETE);
	cr_assert(updated && signalled);
	cr_assert_eq(fx_get(&request, NTMS_LIBREQUEST).librequest.state, NTMS_LM_PASSED);
	join_child(&child);
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	must(CloseNtmsNotification(handle));
	handle = open_type(fx_session, NTMS_LIBREQUEST);
	must(DeleteNtmsRequests(fx_session, &request, NTMS_LIBREQUEST, 1));
	expect(handle, NTMS_OBJ_DELETE, request);
	expect_nothing(handle);
	must(CloseNtmsNotification(handle));
}

Test(notify, each_type_by_itself)
{
	HANDLE pools = open_type(fx_session, NTMS_MEDIA_POOL);
	HANDLE libraries = open_type(fx_session, NTMS_LIBRARY);
	HANDLE unknown = open_type(fx_session, 4711);
	HANDLE inner = open_type(fx_session, OBJ_TYPE_ATTRIBUTE);
	NTMS_GUID pool = fx_make_pool("told", false, 0);
	HANDLE late = open_type(fx_session, NTMS_MEDIA_POOL);
	BYTE byte = 1;

	must(SetNtmsObjectAttributeA(fx_session, &pool, NTMS_MEDIA_POOL, "mine", &byte, 1));
	must(DeleteNtmsMediaPool(fx_session, &pool));
	expect(pools, NTMS_OBJ_INSERT, pool);
	/* The pool's policies are set by a call of their own. */
	expect(pools, NTMS_OBJ_UPDATE, pool);
	expect(pools, NTMS_OBJ_DELETE, pool);
	expect_nothing(pools);
	expect(late, NTMS_OBJ_DELETE, pool);
	expect_nothing(late);
	expect_nothing(libraries);
	expect_nothing(unknown);
	expect_nothing(inner);
}

/* The identifiers of table 6.7, each in the list of its own type. */
Test(notify, what_has_ended)
{
	HANDLE requests = open_type(fx_session, NTMS_LIBREQUEST);
	HANDLE libraries = open_type(fx_session, NTMS_LIBRARY);
	HANDLE pools = open_type(fx_session, NTMS_MEDIA_POOL);
	HANDLE logical = open_type(fx_session, NTMS_LOGICAL_MEDIA);
	HANDLE sides, drives, media;
	NTMS_GUID lmid, drive, pool, request;

	must(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_FAST));
	expect_complete(libraries, fx_library);
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	pool = fx_find("Free\\LTO Ultrium", NTMS_MEDIA_POOL);
	lmid = fx_allocated("V00001L8");
	expect_complete(pools, pool);
	expect_complete(logical, lmid);

	drive = fx_mount(lmid);
	drives = open_type(fx_session, NTMS_DRIVE);
	media = open_type(fx_session, NTMS_PHYSICAL_MEDIA);
	sides = open_type(fx_session, NTMS_PARTITION);
	logical = open_type(fx_session, NTMS_LOGICAL_MEDIA);
	fx_dismount(lmid, 0);
	expect_complete(drives, drive);
	expect_complete(media, fx_media(&lmid).guid);
	expect_complete(sides, fx_side(&lmid).guid);
	expect_complete(logical, lmid);
	must(CloseNtmsNotification(requests));

	fx_settle(lmid);
	fx_stop_work();
	requests = open_type(fx_session, NTMS_LIBREQUEST);
	must(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_FAST));
	request = next(requests).ObjectId;
	must(CancelNtmsLibraryRequest(fx_session, &request));
	expect_complete(requests, request);
	fx_let_work();
}

/* ---- who is told ---- */

static void by_somebody(HANDLE session)
{
	struct caller *caller = &((struct session *)session)->caller;

	caller->uid = 4711;
	caller->group_count = 1;
	caller->groups[0] = 4711;
}

static void touch(const NTMS_GUID *guid)
{
	struct object obj = fx_get(guid, NTMS_UNKNOWN);

	fx_put(&obj);
}

Test(notify, only_of_what_the_caller_may_use)
{
	HANDLE session = fx_open(), pools, media;
	NTMS_GUID hidden = fx_make_pool("hidden", false, 0), open = fx_make_pool("open", false, 0);
	struct object cartridge = {.type = NTMS_PHYSICAL_MEDIA, .media.pool = hidden};

	fx_insert(&cartridge);
	fx_deny(&hidden, NTMS_USE_ACCESS);
	fx_deny(&open, 0);
	by_somebody(session);
	pools = open_type(session, NTMS_MEDIA_POOL);
	media = open_type(session, NTMS_PHYSICAL_MEDIA);
	touch(&hidden);
	touch(&open);
	touch(&cartridge.guid);
	expect(pools, NTMS_OBJ_UPDATE, open);
	expect_nothing(pools);
	expect_nothing(media);
	/* Nor of its end, as long as there is somebody who decides. */
	fx_delete(&cartridge.guid);
	expect_nothing(media);
	/* Root is told all. */
	session = fx_open();
	media = open_type(session, NTMS_PHYSICAL_MEDIA);
	cartridge.guid = (NTMS_GUID)NTMS_NULLGUID;
	fx_insert(&cartridge);
	expect(media, NTMS_OBJ_INSERT, cartridge.guid);
	fx_delete(&cartridge.guid);
	expect(media, NTMS_OBJ_DELETE, cartridge.guid);
}

Test(notify, opening_needs_use_of_the_computer)
{
	NTMS_GUID computer;
	DWORD count = 1;

	must(EnumerateNtmsObject(fx_session, NULL, &computer, &count, NTMS_COMPUTER, 0));
	fx_deny(&computer, NTMS_USE_ACCESS);
	by_somebody(fx_session);
	cr_assert_eq(OpenNtmsNotification(fx_session, NTMS_LIBRARY), INVALID_HANDLE_VALUE);
	cr_assert_eq(GetLastError(), ERROR_ACCESS_DENIED);
	cr_assert_neq(RsmLastMessage()[0], '\0');
}

/* ---- how it ends ---- */

struct waiter {
	pthread_t thread;
	HANDLE handle;
	DWORD result;
	NTMS_NOTIFICATIONINFORMATION information;
};

static void *wait_thread(void *arg)
{
	struct waiter *waiter = arg;

	waiter->result = WaitForNtmsNotification(waiter->handle, &waiter->information, INFINITE);
	return NULL;
}

static void start_wait(struct waiter *waiter, HANDLE handle)
{
	waiter->handle = handle;
	cr_assert_eq(pthread_create(&waiter->thread, NULL, wait_thread, waiter), 0);
}

static void end_wait(struct waiter *waiter, DWORD expected)
{
	cr_assert_eq(pthread_join(waiter->thread, NULL), 0);
	cr_assert_eq(waiter->result, expected, "%u instead of %u", waiter->result, expected);
}

static int change_library(const struct child *parent)
{
	HANDLE session = fx_open();
	NTMS_GUID guid = fx_library;
	struct object library;
	struct txn *txn;

	hear_byte(parent);
	child_must(session_begin((struct session *)session, &txn));
	child_must(store_get(txn, &guid, NTMS_LIBRARY, &library));
	child_must(store_update(txn, &library));
	child_must(store_commit(txn));
	child_must(CloseNtmsSession(session));
	return 0;
}

/* Two threads wait at one handle for what another process does. */
Test(notify, a_wait_wakes_when_another_process_commits)
{
	struct child child = start_child(change_library);
	HANDLE handle = open_type(fx_session, NTMS_LIBRARY);
	struct waiter waiters[2];

	start_wait(&waiters[0], handle);
	start_wait(&waiters[1], handle);
	tell_child(&child, 'g');
	join_child(&child);
	touch(&fx_library);
	for (size_t i = 0; i < 2; i++) {
		end_wait(&waiters[i], ERROR_SUCCESS);
		cr_expect_eq(waiters[i].information.dwOperation, NTMS_OBJ_UPDATE);
		cr_expect(guid_equal(&waiters[i].information.ObjectId, &fx_library));
	}
	expect_nothing(handle);
}

/* A wait that has not begun yet finds the handle closed. */
static bool is_end_of_wait(DWORD code)
{
	return code == ERROR_CANCELLED || code == ERROR_INVALID_HANDLE;
}

Test(notify, closing_ends_the_waits)
{
	NTMS_NOTIFICATIONINFORMATION information;
	HANDLE session = fx_open(), handle = open_type(session, NTMS_DRIVE),
	       other = open_type(session, NTMS_DRIVE);
	struct waiter waiters[2];

	start_wait(&waiters[0], handle);
	start_wait(&waiters[1], other);
	must(CloseNtmsNotification(handle));
	must_be(CloseNtmsNotification(handle), ERROR_INVALID_HANDLE);
	must_be(WaitForNtmsNotification(handle, &information, 0), ERROR_INVALID_HANDLE);
	cr_assert_eq(pthread_join(waiters[0].thread, NULL), 0);
	cr_assert(is_end_of_wait(waiters[0].result), "%u", waiters[0].result);
	must(CloseNtmsSession(session));
	cr_assert_eq(pthread_join(waiters[1].thread, NULL), 0);
	cr_assert(is_end_of_wait(waiters[1].result), "%u", waiters[1].result);
	must_be(WaitForNtmsNotification(other, &information, 0), ERROR_INVALID_HANDLE);
	must_be(CloseNtmsNotification(other), ERROR_INVALID_HANDLE);
}

Test(notify, handles_that_are_none)
{
	NTMS_NOTIFICATIONINFORMATION information;
	HANDLE handle = open_type(fx_session, NTMS_DRIVE);

	cr_expect_eq(OpenNtmsNotification(NULL, NTMS_DRIVE), INVALID_HANDLE_VALUE);
	cr_expect_eq(GetLastError(), ERROR_INVALID_HANDLE);
	must_be(CloseNtmsNotification(NULL), ERROR_INVALID_PARAMETER);
	must_be(CloseNtmsNotification(fx_session), ERROR_INVALID_HANDLE);
	must_be(CloseNtmsNotification(INVALID_HANDLE_VALUE), ERROR_INVALID_HANDLE);
	must_be(WaitForNtmsNotification(NULL, &information, 0), ERROR_INVALID_HANDLE);
	must_be(WaitForNtmsNotification(handle, NULL, 0), ERROR_INVALID_PARAMETER);
	/* And one is no session. */
	must_be(CloseNtmsSession(handle), ERROR_INVALID_HANDLE);
	expect_nothing(handle);
}

static int use_handle(const struct child *parent)
{
	HANDLE handle;

	if (read(parent->from, &handle, sizeof(handle)) != sizeof(handle))
		return 1;
	return CloseNtmsNotification(handle) == ERROR_NOT_CONNECTED ? 0 : 2;
}

Test(notify, a_handle_is_of_its_process)
{
	HANDLE handle = open_type(fx_session, NTMS_DRIVE);
	struct child child = start_child(use_handle);

	cr_assert_eq(write(child.to, &handle, sizeof(handle)), (ssize_t)sizeof(handle));
	join_child(&child);
	expect_nothing(handle);
}

/* Who comes too late is told so until he begins anew. */
Test(notify, more_than_is_kept)
{
	NTMS_NOTIFICATIONINFORMATION information = {.dwOperation = 4711};
	HANDLE handle = open_type(fx_session, NTMS_LIBRARY);
	struct txn *txn;

	must(store_begin(store(), STORE_DEADLINE_DEFAULT, &txn));
	for (size_t i = 0; i <= STORE_FEED_SIZE; i++)
		store_note(txn, &fx_library, NTMS_LIBRARY, NTMS_EVENT_SIGNAL);
	must(store_commit(txn));
	must_be(WaitForNtmsNotification(handle, &information, INFINITE), ERROR_NO_DATA);
	touch(&fx_library);
	must_be(WaitForNtmsNotification(handle, &information, INFINITE), ERROR_NO_DATA);
	cr_expect_eq(information.dwOperation, 4711);
	must(CloseNtmsNotification(handle));
	handle = open_type(fx_session, NTMS_LIBRARY);
	touch(&fx_library);
	expect(handle, NTMS_OBJ_UPDATE, fx_library);
}

/* ---- where something is wrong ---- */

static DWORD open_and_look(HANDLE session)
{
	HANDLE handle = OpenNtmsNotification(session, NTMS_LIBRARY);
	NTMS_NOTIFICATIONINFORMATION information;
	DWORD code;

	if (handle == INVALID_HANDLE_VALUE)
		return GetLastError();
	code = WaitForNtmsNotification(handle, &information, 0);
	CloseNtmsNotification(handle);
	return code == ERROR_TIMEOUT ? ERROR_SUCCESS : code;
}

Test(notify, locked_out)
{
	must_be(fault_locked_out(open_and_look), ERROR_DATABASE_FAILURE);
}

Test(notify_memory, no_memory, .init = fault_setup_heap, .fini = fx_teardown, .timeout = 120)
{
	must_be(fault_no_memory(0, open_and_look), ERROR_NOT_ENOUGH_MEMORY);
	fault_little_memory(open_and_look);
}

// SPDX-License-Identifier: GPL-2.0-only
/* Library requests reordered, cancelled and deleted; libraries and drives forgotten. */
#include <poll.h>
#include <pthread.h>
#include "session-test.h"
#include "core/request.h"
#include "core/sd.h"

#define SOMEBODY 4711
#define ALL	 (NTMS_USE_ACCESS | NTMS_MODIFY_ACCESS | NTMS_CONTROL_ACCESS)
#define UNKNOWN	 ((NTMS_GUID){.Data1 = 1})

TestSuite(requests, .init = open_library, .fini = close_library);

/* Let SOMEBODY have these rights on a library or the computer, and nobody else any. */
static void grant(const NTMS_GUID *guid, uint32_t rights)
{
	struct object holder = read_object(guid);
	struct sd_ace ace = {.type = SD_ACE_ALLOW, .mask = rights};
	struct sd_sid owner;

	sd_sid_make(&owner, SD_USER, 0);
	sd_sid_make(&ace.sid, SD_USER, SOMEBODY);
	cr_assert(sd_build(holder.type == NTMS_LIBRARY ? &holder.library.security
						       : &holder.computer.security,
			   &owner, &owner, &ace, 1));
	write_object(&holder);
}

static NTMS_GUID the_computer(void)
{
	NTMS_GUID guid;
	DWORD count = 1;

	must(EnumerateNtmsObject(session, NULL, &guid, &count, NTMS_COMPUTER, 0));
	return guid;
}

/* A request as a mount would leave it, that no worker looks at: its library is not known. */
static NTMS_GUID queue(uint32_t operation, uint32_t state, uint32_t order)
{
	struct txn *txn = begin();
	struct object request;

	request_init(session, operation, &UNKNOWN, &request);
	request.librequest.state = state;
	request.librequest.order = order;
	must(store_insert(txn, &request));
	must(store_commit(txn));
	return request.guid;
}

static DWORD order_of(NTMS_GUID request)
{
	DWORD order = 4711;

	must(GetNtmsRequestOrder(session, &request, &order));
	return order;
}

/* The places of @count requests are 1, 2, 3 ... */
#define ORDER_IS(...)                                                                   \
	do {                                                                            \
		const NTMS_GUID in_line[] = {__VA_ARGS__};                              \
		for (DWORD i = 0; i < sizeof(in_line) / sizeof(in_line[0]); i++)        \
			cr_expect_eq(order_of(in_line[i]), i + 1, "%u is at %u", i + 1, \
				     order_of(in_line[i]));                             \
	} while (0)

Test(requests, order)
{
	NTMS_GUID a = queue(NTMS_LM_MOUNT, NTMS_LM_QUEUED, 16);
	NTMS_GUID b = queue(NTMS_LM_MOUNT, NTMS_LM_WAITING, 16);
	NTMS_GUID first = queue(NTMS_LM_MOUNT, NTMS_LM_WAITING, 9);
	NTMS_GUID c = queue(NTMS_LM_MOUNT, NTMS_LM_QUEUED, 16);
	NTMS_GUID other = queue(NTMS_LM_DISMOUNT, NTMS_LM_QUEUED, 0);
	NTMS_GUID done = queue(NTMS_LM_MOUNT, NTMS_LM_PASSED, 1);
	NTMS_GUID running = queue(NTMS_LM_MOUNT, NTMS_LM_INPROCESS, 1), late;

	/* By priority, then as they came; what is being carried out is in no line. */
	ORDER_IS(first, a, b, c);
	cr_expect_eq(order_of(other), 0);
	cr_expect_eq(order_of(done), 0, "it is not in the queue");
	cr_expect_eq(order_of(running), 0, "it is not in the queue");
	must(SetNtmsRequestOrder(session, &c, 1));
	ORDER_IS(c, first, a, b);
	must(SetNtmsRequestOrder(session, &c, 3));
	ORDER_IS(first, a, c, b);
	must(SetNtmsRequestOrder(session, &c, 3));
	ORDER_IS(first, a, c, b);
	/* Who comes later is behind them, but before what was put off. */
	late = queue(NTMS_LM_MOUNT, NTMS_LM_QUEUED, 16);
	ORDER_IS(first, a, c, b, late);
	must(SetNtmsRequestOrder(session, &first, 0xFFFFFFFF));
	ORDER_IS(a, c, b, late, first);
	late = queue(NTMS_LM_MOUNT, NTMS_LM_QUEUED, 31);
	cr_expect_eq(order_of(late), 5);
	cr_expect_eq(order_of(first), 6);
	must(SetNtmsRequestOrder(session, &a, 99));
	cr_expect_eq(order_of(first), 5);
	cr_expect_eq(order_of(a), 6);
	must(SetNtmsRequestOrder(session, &first, 6));
	cr_expect_eq(order_of(a), 5);
	cr_expect_eq(order_of(first), 6);
	must_be(SetNtmsRequestOrder(session, &other, 1), ERROR_INVALID_PARAMETER);
	must_be(SetNtmsRequestOrder(session, &running, 1), ERROR_INVALID_PARAMETER);
	must_be(SetNtmsRequestOrder(session, &done, 1), ERROR_OBJECT_NOT_FOUND);
}

/* Every move in a line of five, wherever the numbers leave no room. */
Test(requests, order_all_moves)
{
	static const uint32_t numbers[][5] = {{1, 1, 1, 1, 1},
					      {3, 2, 1, 1, 2},
					      {UINT32_MAX, UINT32_MAX, 1, UINT32_MAX, UINT32_MAX},
					      {16, 16, 9, 1, 2}};
	NTMS_GUID request[5], line[5], moved;

	for (size_t i = 0; i < 5; i++)
		request[i] = queue(NTMS_LM_MOUNT, NTMS_LM_QUEUED, 1);
	for (size_t trial = 0; trial < 4 * 25; trial++) {
		uint32_t from = (uint32_t)(trial % 5), to = (uint32_t)(trial / 5 % 5);

		for (size_t i = 0; i < 5; i++) {
			struct object obj = read_object(&request[i]);

			obj.librequest.order = numbers[trial / 25][i];
			write_object(&obj);
		}
		for (size_t i = 0; i < 5; i++)
			line[order_of(request[i]) - 1] = request[i];
		moved = line[from];
		must(SetNtmsRequestOrder(session, &moved, to + 1));
		memmove(&line[from], &line[from + 1], (4 - from) * sizeof(line[0]));
		memmove(&line[to + 1], &line[to], (4 - to) * sizeof(line[0]));
		line[to] = moved;
		ORDER_IS(line[0], line[1], line[2], line[3], line[4]);
	}
}

Test(requests, order_refused)
{
	NTMS_GUID a = queue(NTMS_LM_MOUNT, NTMS_LM_QUEUED, 1), computer = the_computer();
	NTMS_GUID unknown = UNKNOWN;
	uint64_t before = newest_change();
	DWORD order = 99;

	must_be(GetNtmsRequestOrder(NULL, &a, &order), ERROR_INVALID_HANDLE);
	must_be(GetNtmsRequestOrder(session, NULL, &order), ERROR_INVALID_PARAMETER);
	must_be(GetNtmsRequestOrder(session, &a, NULL), ERROR_INVALID_PARAMETER);
	must_be(GetNtmsRequestOrder(session, &unknown, &order), ERROR_OBJECT_NOT_FOUND);
	must_be(SetNtmsRequestOrder(NULL, &a, 1), ERROR_INVALID_HANDLE);
	must_be(SetNtmsRequestOrder(session, NULL, 1), ERROR_INVALID_PARAMETER);
	must_be(SetNtmsRequestOrder(session, &a, 0), ERROR_INVALID_PARAMETER);
	must_be(SetNtmsRequestOrder(session, &library, 1), ERROR_OBJECT_NOT_FOUND);
	cr_expect_eq(newest_change(), before);
	grant(&computer, ALL & ~(uint32_t)NTMS_CONTROL_ACCESS);
	become(SOMEBODY);
	must_be(GetNtmsRequestOrder(session, &a, &order), ERROR_ACCESS_DENIED);
	must_be(SetNtmsRequestOrder(session, &a, 2), ERROR_ACCESS_DENIED);
	become(0);
	cr_expect_eq(order, 99);
	grant(&computer, NTMS_CONTROL_ACCESS);
	become(SOMEBODY);
	must(SetNtmsRequestOrder(session, &a, 2));
	must(GetNtmsRequestOrder(session, &a, &order));
	become(0);
	cr_expect_eq(order, 1, "it is alone");
}

Test(requests, waited_for)
{
	NTMS_GUID passed = queue(NTMS_LM_EJECT, NTMS_LM_PASSED, 0), unknown = UNKNOWN;
	NTMS_GUID queued = queue(NTMS_LM_MOUNT, NTMS_LM_QUEUED, 1), failed;
	struct object request;

	must_be(RsmWaitForRequest(NULL, &passed, 0), ERROR_INVALID_HANDLE);
	must_be(RsmWaitForRequest(session, NULL, 0), ERROR_INVALID_PARAMETER);
	must_be(RsmWaitForRequest(session, &unknown, INFINITE), ERROR_OBJECT_NOT_FOUND);
	must_be(RsmWaitForRequest(session, &library, INFINITE), ERROR_OBJECT_NOT_FOUND);
	must(RsmWaitForRequest(session, &passed, INFINITE));
	failed = queue(NTMS_LM_EJECT, NTMS_LM_FAILED, 0);
	request = read_object(&failed);
	request.librequest.error = ERROR_SLOT_FULL;
	snprintf(request.librequest.waits_for, sizeof(request.librequest.waits_for), "no room");
	write_object(&request);
	must_be(RsmWaitForRequest(session, &failed, INFINITE), ERROR_SLOT_FULL);
	cr_expect_str_eq(RsmLastMessage(), "no room");
	/* Nobody works the queue of a library that is not there. */
	request = read_object(&queued);
	request.librequest.library = library;
	request.librequest.media = UNKNOWN;
	request.librequest.state = NTMS_LM_CANCELLED;
	request.librequest.error = ERROR_CANCELLED;
	write_object(&request);
	must_be(RsmWaitForRequest(session, &queued, 0), ERROR_CANCELLED);
}

Test(requests, deleted_when_finished)
{
	static const uint32_t final[] = {NTMS_LM_PASSED, NTMS_LM_FAILED, NTMS_LM_INVALID,
					 NTMS_LM_CANCELLED, NTMS_LM_STOPPED};
	static const uint32_t live[] = {NTMS_LM_QUEUED, NTMS_LM_INPROCESS, NTMS_LM_WAITING,
					NTMS_LM_DEFERRED};
	NTMS_GUID list[11], computer = the_computer();
	uint64_t before;

	for (size_t i = 0; i < 5; i++)
		list[i] = queue(NTMS_LM_EJECT, final[i], 0);
	for (size_t i = 0; i < 4; i++)
		list[5 + i] = queue(NTMS_LM_EJECT, live[i], 0);
	list[9] = UNKNOWN;
	list[10] = library;
	before = newest_change();
	must_be(DeleteNtmsRequests(NULL, list, NTMS_LIBREQUEST, 11), ERROR_INVALID_HANDLE);
	must_be(DeleteNtmsRequests(session, NULL, NTMS_LIBREQUEST, 11), ERROR_INVALID_PARAMETER);
	must_be(DeleteNtmsRequests(session, list, NTMS_DRIVE, 11), ERROR_INVALID_PARAMETER);
	must(DeleteNtmsRequests(session, list, NTMS_OPREQUEST, 11));
	must(DeleteNtmsRequests(session, list, NTMS_LIBREQUEST, 0));
	cr_expect_eq(newest_change(), before);
	grant(&computer, ALL & ~(uint32_t)NTMS_MODIFY_ACCESS);
	become(SOMEBODY);
	must_be(DeleteNtmsRequests(session, list, NTMS_LIBREQUEST, 11), ERROR_ACCESS_DENIED);
	become(0);
	cr_expect(exists(&list[0]));
	grant(&computer, NTMS_MODIFY_ACCESS);
	become(SOMEBODY);
	must(DeleteNtmsRequests(session, list, NTMS_LIBREQUEST, 11));
	become(0);
	for (size_t i = 0; i < 11; i++)
		cr_expect_eq(exists(&list[i]), (i >= 5 && i < 9) || i == 10, "number %zu", i);
}

Test(requests, operator_requests_deleted_when_finished)
{
	NTMS_GUID list[6];

	for (uint32_t state = NTMS_OPSTATE_UNKNOWN; state <= NTMS_OPSTATE_COMPLETE; state++) {
		struct object request = {.type = NTMS_OPREQUEST, .oprequest.state = state};
		struct txn *txn = begin();

		must(store_insert(txn, &request));
		must(store_commit(txn));
		list[state] = request.guid;
	}
	must(DeleteNtmsRequests(session, list, NTMS_LIBREQUEST, 6));
	must(DeleteNtmsRequests(session, list, NTMS_OPREQUEST, 6));
	for (uint32_t state = NTMS_OPSTATE_UNKNOWN; state <= NTMS_OPSTATE_COMPLETE; state++)
		cr_expect_eq(exists(&list[state]), state < NTMS_OPSTATE_REFUSED);
}

/* ---- CancelNtmsLibraryRequest ---- */

Test(requests, cancel_refused)
{
	NTMS_GUID running = queue(NTMS_LM_MOUNT, NTMS_LM_INPROCESS, 1), unknown = UNKNOWN;
	NTMS_GUID done = queue(NTMS_LM_MOUNT, NTMS_LM_FAILED, 1);
	NTMS_GUID moving = queue(NTMS_LM_MOUNT, NTMS_LM_WAITING, 1);
	NTMS_GUID waiting = queue(NTMS_LM_MOUNT, NTMS_LM_WAITING, 1);
	struct object request = read_object(&moving);
	uint64_t before;

	request.librequest.move = OBJ_MOVE_INTENDED;
	write_object(&request);
	request = read_object(&waiting);
	request.librequest.library = library;
	write_object(&request);
	grant(&library, ALL & ~(uint32_t)NTMS_CONTROL_ACCESS);
	before = newest_change();
	must_be(CancelNtmsLibraryRequest(NULL, &waiting), ERROR_INVALID_HANDLE);
	must_be(CancelNtmsLibraryRequest(session, NULL), ERROR_INVALID_PARAMETER);
	must_be(CancelNtmsLibraryRequest(session, &unknown), ERROR_OBJECT_NOT_FOUND);
	must_be(CancelNtmsLibraryRequest(session, &done), ERROR_OBJECT_NOT_FOUND);
	must_be(CancelNtmsLibraryRequest(session, &running), ERROR_ACCESS_DENIED);
	must_be(CancelNtmsLibraryRequest(session, &moving), ERROR_ACCESS_DENIED);
	become(SOMEBODY);
	must_be(CancelNtmsLibraryRequest(session, &waiting), ERROR_ACCESS_DENIED);
	become(0);
	cr_expect_eq(newest_change(), before);
	grant(&library, NTMS_CONTROL_ACCESS);
	become(SOMEBODY);
	must(CancelNtmsLibraryRequest(session, &waiting));
	become(0);
	cr_expect_eq(read_object(&waiting).librequest.state, NTMS_LM_CANCELLED);
	cr_expect_eq(read_object(&waiting).librequest.error, ERROR_CANCELLED);
	must_be(CancelNtmsLibraryRequest(session, &waiting), ERROR_OBJECT_NOT_FOUND);
}

static DWORD mount(NTMS_GUID *side)
{
	NTMS_GUID drive = NTMS_NULLGUID;

	return MountNtmsMedia(session, side, &drive, 1, NTMS_MOUNT_READ, NTMS_PRIORITY_NORMAL,
			      60000, NULL);
}

static void *mount_third(void *side)
{
	return (void *)(uintptr_t)mount(side);
}

/* The request that waits for a drive, as soon as there is one. */
static NTMS_GUID await_waiting(void)
{
	struct pollfd poll_fd = {.events = POLLIN};

	must(store_watch_open(store(), &poll_fd.fd));
	for (;;) {
		NTMS_GUID list[64];
		DWORD count = 64;

		must(EnumerateNtmsObject(session, NULL, list, &count, NTMS_LIBREQUEST, 0));
		for (DWORD i = 0; i < count; i++) {
			if (read_object(&list[i]).librequest.state != NTMS_LM_WAITING)
				continue;
			store_watch_close(poll_fd.fd);
			return list[i];
		}
		cr_assert_eq(poll(&poll_fd, 1, 60000), 1, "nothing waits");
		store_watch_drain(poll_fd.fd);
	}
}

/* Both drives are taken; the third mount waits until somebody cancels it. */
Test(requests, cancel_wakes_the_caller)
{
	NTMS_GUID pool = make_pool("A"), sides[3], request, removal = NTMS_NULLGUID, list[64];
	DWORD count = 64;
	pthread_t thread;
	void *result;

	for (int i = 0; i < 3; i++) {
		place_in(&tapes[i], &pool, NTMS_PARTSTATE_AVAILABLE);
		sides[i] = side_of(&tapes[i], 0);
	}
	must(mount(&sides[0]));
	must(mount(&sides[1]));
	cr_assert_eq(pthread_create(&thread, NULL, mount_third, &sides[2]), 0);
	request = await_waiting();
	must(CancelNtmsLibraryRequest(session, &request));
	cr_assert_eq(pthread_join(thread, &result), 0);
	cr_expect_eq((DWORD)(uintptr_t)result, ERROR_CANCELLED);
	cr_expect_eq(read_object(&request).librequest.state, NTMS_LM_CANCELLED);
	must(EnumerateNtmsObject(session, NULL, list, &count, NTMS_LIBREQUEST, 0));
	for (DWORD i = 0; i < count; i++)
		if (read_object(&list[i]).librequest.operation == NTMS_LM_REMOVE)
			removal = read_object(&list[i]).librequest.work_item;
	cr_expect(guid_equal(&removal, &request), "who has cancelled it is on record");
}

/* ---- DeleteNtmsLibrary, DeleteNtmsDrive ---- */

/* No device has its serial number. */
static void unplug_drive(const NTMS_GUID *guid)
{
	struct object drive = read_object(guid);

	drive.opstate = NTMS_NOT_PRESENT;
	snprintf(drive.device.serial, sizeof(drive.device.serial), "GONE");
	write_object(&drive);
}

static bool is_offline(const NTMS_GUID *media)
{
	NTMS_GUID computer = the_computer(),
		  offline = read_object(&computer).computer.offline_library;
	struct object obj = read_object(media);

	return guid_equal(&obj.media.library, &offline) && guid_is_null(&obj.media.location);
}

/* Whatever pool they are in, its cartridges are kept. */
Test(requests, library_forgotten)
{
	static const uint32_t types[] = {NTMS_DRIVE, NTMS_CHANGER, NTMS_STORAGESLOT, NTMS_IEPORT,
					 NTMS_LIBREQUEST};
	struct txn *txn;
	struct store_key key;
	size_t count;

	make_absent(&library);
	must(DeleteNtmsLibrary(session, &library));
	cr_expect_not(exists(&library));
	txn = begin();
	key_start(&key);
	key_guid(&key, &library);
	must(store_count(txn, IX_CHILD, &key, &count));
	cr_expect_eq(count, 0);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		key_start(&key);
		key_u32(&key, types[i]);
		must(store_count(txn, IX_TYPE, &key, &count));
		cr_expect_eq(count, 0, "type %u", types[i]);
	}
	store_abort(txn);
	for (int i = 0; i < TAPES; i++)
		cr_expect(is_offline(&tapes[i]));
}

Test(requests, forgetting_refused)
{
	NTMS_GUID computer = the_computer(), unknown = UNKNOWN, drives[2];
	NTMS_GUID offline = read_object(&computer).computer.offline_library;
	struct object drive;
	DWORD count = 2;
	uint64_t before;

	must(EnumerateNtmsObject(session, &library, drives, &count, NTMS_DRIVE, 0));
	before = newest_change();
	must_be(DeleteNtmsLibrary(NULL, &library), ERROR_INVALID_HANDLE);
	must_be(DeleteNtmsLibrary(session, NULL), ERROR_INVALID_PARAMETER);
	must_be(DeleteNtmsLibrary(session, &unknown), ERROR_INVALID_LIBRARY);
	must_be(DeleteNtmsLibrary(session, &drives[0]), ERROR_INVALID_LIBRARY);
	must_be(DeleteNtmsLibrary(session, &library), ERROR_INVALID_STATE);
	must_be(DeleteNtmsLibrary(session, &offline), ERROR_INVALID_STATE);
	must_be(DeleteNtmsDrive(NULL, &drives[0]), ERROR_INVALID_HANDLE);
	must_be(DeleteNtmsDrive(session, NULL), ERROR_INVALID_PARAMETER);
	must_be(DeleteNtmsDrive(session, &library), ERROR_INVALID_DRIVE);
	must_be(DeleteNtmsDrive(session, &drives[0]), ERROR_INVALID_STATE);
	cr_expect_eq(newest_change(), before);
	make_absent(&library);
	grant(&library, ALL & ~(uint32_t)NTMS_MODIFY_ACCESS);
	become(SOMEBODY);
	must_be(DeleteNtmsLibrary(session, &library), ERROR_ACCESS_DENIED);
	must_be(DeleteNtmsDrive(session, &drives[0]), ERROR_ACCESS_DENIED);
	become(0);
	grant(&library, NTMS_MODIFY_ACCESS);
	drive = read_object(&drives[1]);
	drive.device.library = unknown;
	write_object(&drive);
	must_be(DeleteNtmsDrive(session, &drives[1]), ERROR_INVALID_LIBRARY);
	unplug_drive(&drives[0]);
	become(SOMEBODY);
	must(DeleteNtmsDrive(session, &drives[0]));
	must(DeleteNtmsLibrary(session, &library));
	become(0);
}

Test(requests, drive_forgotten)
{
	struct object media = read_object(&tapes[0]), obj;
	NTMS_GUID drives[2];
	DWORD count = 2;

	must(EnumerateNtmsObject(session, &library, drives, &count, NTMS_DRIVE, 0));
	media.media.location = drives[0];
	media.media.location_type = NTMS_DRIVE;
	write_object(&media);
	unplug_drive(&drives[0]);
	must(DeleteNtmsDrive(session, &drives[0]));
	cr_expect_not(exists(&drives[0]));
	cr_expect(exists(&drives[1]));
	cr_expect(is_offline(&tapes[0]));
	cr_expect_not(is_offline(&tapes[1]));
	/* A drive of its own takes its library with it. */
	obj = read_object(&library);
	obj.library.kind = NTMS_LIBRARYTYPE_STANDALONE;
	write_object(&obj);
	unplug_drive(&drives[1]);
	must(DeleteNtmsDrive(session, &drives[1]));
	cr_expect_not(exists(&library));
	cr_expect(is_offline(&tapes[1]));
}

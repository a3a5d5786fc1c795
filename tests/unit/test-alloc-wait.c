/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test-alloc-wait.c - AllocateNtmsMedia without a medium: a person is asked, and what becomes of
 * the call and of the request, whoever waits, refuses, says so, gives up or dies
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "base/guid.h"
#include "core/newmedia.h"
#include "faults.h"

static NTMS_GUID pool, free_pool;

/* Nothing is in the pool, which does not draw from the Free pool. */
static void setup(void)
{
	fx_setup();
	fx_free_cartridge("V00001L8");
	fx_free_cartridge("V00002L8");
	free_pool = fx_find("Free\\LTO Ultrium", NTMS_MEDIA_POOL);
	pool = fx_make_pool("Backup", false, 0);
	NTMS_OBJECTINFORMATIONA info = {.dwSize = sizeof(info), .dwType = NTMS_MEDIA_POOL};
	must(GetNtmsObjectInformationA(fx_session, &pool, &info));
	info.Info.MediaPool.AllocationPolicy = 0;
	must(SetNtmsObjectInformationA(fx_session, &pool, &info));
}

TestSuite(alloc_wait, .timeout = 120, .init = setup, .fini = fx_teardown);

/* ---- calls that wait ---- */

struct waiter {
	pthread_t thread;
	HANDLE session;
	DWORD timeout, options, code;
	NTMS_GUID media;
	char said[256];
};

static void *wait_for_media(void *argument)
{
	struct waiter *waiter = argument;

	waiter->code = AllocateNtmsMedia(waiter->session, &pool, NULL, &waiter->media,
					 waiter->options, waiter->timeout, NULL);
	snprintf(waiter->said, sizeof(waiter->said), "%.250s", RsmLastMessage());
	return NULL;
}

static void start(struct waiter *waiter, HANDLE session, DWORD timeout)
{
	*waiter = (struct waiter){.session = session, .timeout = timeout};
	cr_assert_eq(pthread_create(&waiter->thread, NULL, wait_for_media, waiter), 0);
}

static void expect_end(struct waiter *waiter, DWORD expected)
{
	cr_assert_eq(pthread_join(waiter->thread, NULL), 0);
	cr_assert_eq(waiter->code, expected, "%s, %s", RsmErrorName(waiter->code), waiter->said);
}

static int wait_in_child(const struct child *parent)
{
	HANDLE session = fx_open();
	NTMS_GUID media;

	say_byte(parent, 's');
	child_must(AllocateNtmsMedia(session, &pool, NULL, &media, 0, PATIENCE_MS, NULL));
	say_byte(parent, 'a');
	hear_byte(parent);
	fx_close(&session);
	return 0;
}

/* ---- what is asked of people ---- */

static struct object *requests(size_t *count)
{
	static struct object list[8];
	NTMS_GUID guids[8];
	DWORD found = 8;

	must(EnumerateNtmsObject(fx_session, NULL, guids, &found, NTMS_OPREQUEST, 0));
	for (DWORD i = 0; i < found; i++)
		list[i] = fx_get(&guids[i], NTMS_OPREQUEST);
	*count = found;
	return list;
}

static bool somebody_is_asked(void)
{
	DWORD found = 0;

	EnumerateNtmsObject(fx_session, NULL, NULL, &found, NTMS_OPREQUEST, 0);
	return found > 0;
}

static struct object the_request(void)
{
	struct object *list;
	size_t count;

	fx_wait_until(somebody_is_asked);
	list = requests(&count);
	cr_assert_eq(count, 1, "%zu operator requests", count);
	return list[0];
}

static void expect_no_request(void)
{
	cr_assert(!somebody_is_asked());
}

static NTMS_GUID asked_before;

static bool asked_anew(void)
{
	NTMS_GUID guid;
	DWORD found = 1;

	return EnumerateNtmsObject(fx_session, NULL, &guid, &found, NTMS_OPREQUEST, 0) == 0 &&
	       found == 1 && !guid_equal(&guid, &asked_before);
}

static void bring(const char *barcode)
{
	NTMS_GUID media = fx_find(barcode, NTMS_PHYSICAL_MEDIA);

	must(MoveToNtmsMediaPool(fx_session, &media, &pool));
}

/* ---- asked, and brought ---- */

Test(alloc_wait, a_person_is_asked_for_media)
{
	struct object request;
	struct waiter waiter;

	start(&waiter, fx_session, INFINITE);
	request = the_request();
	cr_expect_eq(request.oprequest.command, NTMS_OPREQ_NEWMEDIA);
	cr_expect_eq(request.oprequest.state, NTMS_OPSTATE_SUBMITTED);
	cr_expect_eq(request.oprequest.arg1_type, NTMS_MEDIA_POOL);
	cr_expect(guid_equal(&request.oprequest.arg1, &pool));
	cr_expect_eq(request.oprequest.arg2_type, NTMS_UNKNOWN);
	cr_expect_str_eq(request.oprequest.application, "Removable Storage");
	cr_expect_not_null(strstr(request.oprequest.message, "\"Backup\""));
	bring("V00001L8");
	expect_end(&waiter, ERROR_SUCCESS);
	cr_expect(!guid_is_null(&waiter.media));
	/* What was asked for has come about. */
	request = fx_get(&request.guid, NTMS_OPREQUEST);
	cr_expect_eq(request.oprequest.state, NTMS_OPSTATE_COMPLETE);
}

Test(alloc_wait, who_says_so_is_believed_and_asked_again)
{
	struct waiter waiter;

	start(&waiter, fx_session, INFINITE);
	asked_before = the_request().guid;
	must(SatisfyNtmsOperatorRequest(fx_session, &asked_before));
	/* It was looked: there is none. The request that was said to be done is deleted. */
	fx_wait_until(asked_anew);
	bring("V00001L8");
	expect_end(&waiter, ERROR_SUCCESS);
}

Test(alloc_wait, for_a_new_cartridge_too)
{
	struct waiter waiter = {
		.session = fx_session, .timeout = INFINITE, .options = NTMS_ALLOCATE_NEW};

	cr_assert_eq(pthread_create(&waiter.thread, NULL, wait_for_media, &waiter), 0);
	the_request();
	bring("V00001L8");
	expect_end(&waiter, ERROR_SUCCESS);
}

/* ---- in vain ---- */

Test(alloc_wait, refused)
{
	struct object request;
	struct waiter waiter;

	start(&waiter, fx_session, INFINITE);
	request = the_request();
	must(CancelNtmsOperatorRequest(fx_session, &request.guid));
	expect_end(&waiter, ERROR_CANCELLED);
	cr_expect_not_null(strstr(waiter.said, "refused"));
	cr_expect(guid_is_null(&waiter.media));
	request = fx_get(&request.guid, NTMS_OPREQUEST);
	cr_expect_eq(request.oprequest.state, NTMS_OPSTATE_REFUSED);
	/* Another call asks anew. */
	start(&waiter, fx_session, 1);
	expect_end(&waiter, ERROR_TIMEOUT);
}

Test(alloc_wait, time_is_up)
{
	NTMS_GUID media;

	must_be(AllocateNtmsMedia(fx_session, &pool, NULL, &media, 0, 1, NULL), ERROR_TIMEOUT);
	cr_expect_neq(RsmLastMessage()[0], '\0');
	cr_expect(guid_is_null(&media));
	expect_no_request();
}

Test(alloc_wait, the_session_is_closed)
{
	HANDLE other = fx_open();
	struct waiter waiter;

	start(&waiter, other, INFINITE);
	the_request();
	fx_close(&other);
	expect_end(&waiter, ERROR_CANCELLED);
	expect_no_request();
}

Test(alloc_wait, the_pool_is_deleted)
{
	struct waiter waiter;

	start(&waiter, fx_session, INFINITE);
	the_request();
	must(DeleteNtmsMediaPool(fx_session, &pool));
	expect_end(&waiter, ERROR_INVALID_MEDIA_POOL);
	expect_no_request();
}

Test(alloc_wait, the_right_is_taken_away)
{
	/* Root has all rights; the caller of this session is somebody. */
	HANDLE other = fx_open();
	struct session *session = other;
	struct object record;
	struct waiter waiter;

	session->caller.uid = 4711;
	session->caller.group_count = 0;
	fx_deny(&pool, 0);
	start(&waiter, other, INFINITE);
	the_request();
	fx_deny(&pool, NTMS_CONTROL_ACCESS);
	expect_end(&waiter, ERROR_ACCESS_DENIED);
	expect_no_request();
	record = fx_get(&pool, NTMS_MEDIA_POOL);
	cr_expect_gt(record.pool.security.length, 0);
	fx_close(&other);
}

/* ---- nobody is asked ---- */

Test(alloc_wait, nobody_is_asked_without_waiting)
{
	NTMS_GUID media, side;

	refused(AllocateNtmsMedia(fx_session, &pool, NULL, &media, 0, 0, NULL),
		ERROR_MEDIA_UNAVAILABLE);
	refused(AllocateNtmsMedia(fx_session, &pool, NULL, &media,
				  NTMS_ALLOCATE_ERROR_IF_UNAVAILABLE, INFINITE, NULL),
		ERROR_MEDIA_UNAVAILABLE);
	/* A side of the caller's choice is allocatable or not. */
	bring("V00001L8");
	must(AllocateNtmsMedia(fx_session, &pool, NULL, &media, 0, 0, NULL));
	side = fx_side(&media).guid;
	refused(AllocateNtmsMedia(fx_session, &pool, &side, &media, 0, INFINITE, NULL),
		ERROR_MEDIA_UNAVAILABLE);
	refused(AllocateNtmsMedia(fx_session, &pool, NULL, &media, NTMS_ALLOCATE_NEXT, INFINITE,
				  NULL),
		ERROR_INVALID_MEDIA);
}

/* ---- several ---- */

Test(alloc_wait, one_request_for_all_who_wait)
{
	struct waiter waiter;
	struct child child;
	struct object request, again;

	child = start_child(wait_in_child);
	cr_assert_eq(child_byte(&child), 's');
	request = the_request();
	/* The other one gives up: it is still needed. */
	start(&waiter, fx_session, 1);
	expect_end(&waiter, ERROR_TIMEOUT);
	again = the_request();
	cr_assert(guid_equal(&again.guid, &request.guid), "asked twice");
	cr_assert_eq(again.oprequest.state, NTMS_OPSTATE_SUBMITTED);
	bring("V00001L8");
	cr_assert_eq(child_byte(&child), 'a');
	cr_assert_eq(the_request().oprequest.state, NTMS_OPSTATE_COMPLETE);
	tell_child(&child, 'e');
	join_child(&child);
}

Test(alloc_wait, one_medium_is_not_enough_for_two)
{
	struct waiter first, second;
	struct object request;

	start(&first, fx_session, INFINITE);
	request = the_request();
	start(&second, fx_session, INFINITE);
	bring("V00001L8");
	bring("V00002L8");
	expect_end(&first, ERROR_SUCCESS);
	expect_end(&second, ERROR_SUCCESS);
	cr_assert(!guid_equal(&first.media, &second.media));
	request = fx_get(&request.guid, NTMS_OPREQUEST);
	cr_assert_eq(request.oprequest.state, NTMS_OPSTATE_COMPLETE);
}

Test(alloc_wait, a_refusal_is_for_all)
{
	struct waiter first, second;
	struct object request;

	start(&first, fx_session, INFINITE);
	request = the_request();
	start(&second, fx_session, 1);
	expect_end(&second, ERROR_TIMEOUT);
	must(CancelNtmsOperatorRequest(fx_session, &request.guid));
	expect_end(&first, ERROR_CANCELLED);
}

/* ---- dead ---- */

static bool forget_dead(void)
{
	struct session *session = fx_session;
	struct txn *txn;
	bool changed;

	must(store_begin(session->system->store, STORE_DEADLINE_DEFAULT, &txn));
	must(newmedia_forget_dead(session->system->store, txn, &changed));
	must(store_commit(txn));
	return changed;
}

Test(alloc_wait, who_dies_asks_no_more)
{
	struct child child = start_child(wait_in_child);
	NTMS_GUID theirs;

	cr_assert_eq(child_byte(&child), 's');
	the_request();
	cr_assert(!forget_dead(), "it is alive");
	kill_child(&child);
	cr_assert(forget_dead());
	expect_no_request();
	/* What an application has asked for itself stays. */
	must(SubmitNtmsOperatorRequestA(fx_session, NTMS_OPREQ_NEWMEDIA, NULL, &pool, NULL,
					&theirs));
	cr_assert(!forget_dead());
	the_request();
}

Test(alloc_wait, the_request_of_the_dead_serves_the_living)
{
	struct child child = start_child(wait_in_child);
	struct waiter waiter;
	struct object request;

	cr_assert_eq(child_byte(&child), 's');
	request = the_request();
	kill_child(&child);
	start(&waiter, fx_session, 200);
	expect_end(&waiter, ERROR_TIMEOUT);
	expect_no_request();
	(void)request;
}

// SPDX-License-Identifier: GPL-2.0-only
/* Operator requests: submitted, waited for, refused, satisfied. */
#include <pthread.h>
#include "session-test.h"
#include "core/oprequest.h"
#include "core/sd.h"

#define SOMEBODY 4711
#define ALL	 (NTMS_USE_ACCESS | NTMS_MODIFY_ACCESS | NTMS_CONTROL_ACCESS)
#define UNKNOWN	 ((NTMS_GUID){.Data1 = 1})

TestSuite(oprequests, .init = open_library, .fini = close_library);

/* Let SOMEBODY have these rights on a holder, and nobody else any. */
static void grant(const NTMS_GUID *guid, uint32_t rights)
{
	struct object holder = read_object(guid);
	struct sd_ace ace = {.type = SD_ACE_ALLOW, .mask = rights};
	struct obj_security *security = &holder.computer.security;
	struct sd_sid owner;

	if (holder.type == NTMS_LIBRARY)
		security = &holder.library.security;
	if (holder.type == NTMS_MEDIA_POOL)
		security = &holder.pool.security;
	sd_sid_make(&owner, SD_USER, 0);
	sd_sid_make(&ace.sid, SD_USER, SOMEBODY);
	cr_assert(sd_build(security, &owner, &owner, &ace, 1));
	write_object(&holder);
}

static NTMS_GUID first(DWORD type)
{
	NTMS_GUID list[16];
	DWORD count = 16;

	must(EnumerateNtmsObject(session, NULL, list, &count, type, 0));
	cr_assert_gt(count, 0);
	return list[0];
}

static DWORD submit(DWORD command, const NTMS_GUID *arg1, const NTMS_GUID *arg2, NTMS_GUID *id)
{
	return SubmitNtmsOperatorRequestA(session, command, "please", (NTMS_GUID *)arg1,
					  (NTMS_GUID *)arg2, id);
}

/* Each kind with the holder whose right it takes. */
Test(oprequests, kinds_and_rights)
{
	NTMS_GUID pool = make_pool("A"), computer = first(NTMS_COMPUTER), drive = first(NTMS_DRIVE),
		  slot = first(NTMS_STORAGESLOT), media = tapes[0];
	const struct {
		DWORD command, right;
		const NTMS_GUID *arg1, *arg2, *holder;
		DWORD type1;
	} rows[] = {
		{NTMS_OPREQ_NEWMEDIA, NTMS_CONTROL_ACCESS, &pool, NULL, &pool, NTMS_MEDIA_POOL},
		{NTMS_OPREQ_NEWMEDIA, NTMS_CONTROL_ACCESS, &pool, &library, &pool, NTMS_MEDIA_POOL},
		{NTMS_OPREQ_CLEANER, NTMS_CONTROL_ACCESS, &library, NULL, &library, NTMS_LIBRARY},
		{NTMS_OPREQ_CLEANER, NTMS_CONTROL_ACCESS, &slot, NULL, &library, NTMS_STORAGESLOT},
		{NTMS_OPREQ_DEVICESERVICE, NTMS_CONTROL_ACCESS, &drive, NULL, &library, NTMS_DRIVE},
		{NTMS_OPREQ_DEVICESERVICE, NTMS_CONTROL_ACCESS, &library, NULL, &library,
		 NTMS_LIBRARY},
		{NTMS_OPREQ_DEVICESERVICE, NTMS_CONTROL_ACCESS, &media, NULL, &library,
		 NTMS_PHYSICAL_MEDIA},
		{NTMS_OPREQ_MOVEMEDIA, NTMS_CONTROL_ACCESS, &media, &library, &pool,
		 NTMS_PHYSICAL_MEDIA},
		{NTMS_OPREQ_MESSAGE, NTMS_USE_ACCESS, NULL, NULL, &computer, NTMS_UNKNOWN},
	};

	place_in(&media, &pool, NTMS_PARTSTATE_AVAILABLE);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		NTMS_GUID id = UNKNOWN;
		struct object request;

		grant(&pool, ALL);
		grant(&library, ALL);
		grant(&computer, ALL);
		grant(rows[i].holder, ALL & ~rows[i].right);
		become(SOMEBODY);
		must_be(submit(rows[i].command, rows[i].arg1, rows[i].arg2, &id),
			ERROR_ACCESS_DENIED);
		cr_expect_eq(id.Data1, 1);
		become(0);
		grant(rows[i].holder, rows[i].right);
		become(SOMEBODY);
		must(submit(rows[i].command, rows[i].arg1, rows[i].arg2, &id));
		become(0);
		request = read_object(&id);
		cr_expect_eq(request.oprequest.command, rows[i].command);
		cr_expect_eq(request.oprequest.state, NTMS_OPSTATE_SUBMITTED);
		cr_expect_eq(request.oprequest.arg1_type, rows[i].type1);
		cr_expect_eq(request.oprequest.arg2_type, rows[i].arg2 ? NTMS_LIBRARY : 0);
		cr_expect_str_eq(request.oprequest.message, "please");
		cr_expect_str_eq(request.oprequest.application, "test");
	}
}

Test(oprequests, submitting_refused)
{
	NTMS_GUID pool = make_pool("A"), unknown = UNKNOWN, id;
	static char text[OBJ_MESSAGE_SIZE + 8];
	static WCHAR wide[NTMS_MESSAGE_LENGTH + 1];
	uint64_t before = newest_change();

	must_be(SubmitNtmsOperatorRequestA(NULL, NTMS_OPREQ_MESSAGE, NULL, NULL, NULL, &id),
		ERROR_INVALID_HANDLE);
	must_be(SubmitNtmsOperatorRequestW(NULL, NTMS_OPREQ_MESSAGE, NULL, NULL, NULL, &id),
		ERROR_INVALID_HANDLE);
	must_be(submit(NTMS_OPREQ_MESSAGE, NULL, NULL, NULL), ERROR_INVALID_PARAMETER);
	must_be(submit(NTMS_OPREQ_UNKNOWN, NULL, NULL, &id), ERROR_INVALID_PARAMETER);
	must_be(submit(NTMS_OPREQ_MESSAGE + 1, NULL, NULL, &id), ERROR_INVALID_PARAMETER);
	must_be(submit(NTMS_OPREQ_NEWMEDIA, NULL, NULL, &id), ERROR_INVALID_PARAMETER);
	must_be(submit(NTMS_OPREQ_MOVEMEDIA, &tapes[0], NULL, &id), ERROR_INVALID_PARAMETER);
	must_be(submit(NTMS_OPREQ_MESSAGE, &pool, NULL, &id), ERROR_INVALID_PARAMETER);
	must_be(submit(NTMS_OPREQ_CLEANER, &library, &library, &id), ERROR_INVALID_PARAMETER);
	must_be(submit(NTMS_OPREQ_NEWMEDIA, &unknown, NULL, &id), ERROR_OBJECT_NOT_FOUND);
	must_be(submit(NTMS_OPREQ_NEWMEDIA, &library, NULL, &id), ERROR_OBJECT_NOT_FOUND);
	must_be(submit(NTMS_OPREQ_NEWMEDIA, &pool, &pool, &id), ERROR_OBJECT_NOT_FOUND);
	memset(text, 'a', NTMS_MESSAGE_LENGTH);
	for (int i = 0; i < NTMS_MESSAGE_LENGTH; i++)
		wide[i] = 'a';
	must_be(SubmitNtmsOperatorRequestA(session, NTMS_OPREQ_MESSAGE, text, NULL, NULL, &id),
		ERROR_INVALID_PARAMETER);
	must_be(SubmitNtmsOperatorRequestW(session, NTMS_OPREQ_MESSAGE, wide, NULL, NULL, &id),
		ERROR_INVALID_PARAMETER);
	cr_expect_eq(newest_change(), before);
	wide[NTMS_MESSAGE_LENGTH - 1] = 0;
	must(SubmitNtmsOperatorRequestW(session, NTMS_OPREQ_MESSAGE, wide, NULL, NULL, &id));
	cr_expect_eq(strlen(read_object(&id).oprequest.message), NTMS_MESSAGE_LENGTH - 1);
	must(SubmitNtmsOperatorRequestA(session, NTMS_OPREQ_MESSAGE, NULL, NULL, NULL, &id));
	cr_expect_str_eq(read_object(&id).oprequest.message, "");
}

Test(oprequests, ended)
{
	NTMS_GUID computer = first(NTMS_COMPUTER), unknown = UNKNOWN, refused, done;

	must(submit(NTMS_OPREQ_MESSAGE, NULL, NULL, &refused));
	must(submit(NTMS_OPREQ_MESSAGE, NULL, NULL, &done));
	must_be(WaitForNtmsOperatorRequest(session, &done, 0), ERROR_TIMEOUT);
	must_be(CancelNtmsOperatorRequest(NULL, &refused), ERROR_INVALID_HANDLE);
	must_be(SatisfyNtmsOperatorRequest(NULL, &done), ERROR_INVALID_HANDLE);
	must_be(WaitForNtmsOperatorRequest(NULL, &done, 0), ERROR_INVALID_HANDLE);
	must_be(CancelNtmsOperatorRequest(session, NULL), ERROR_INVALID_PARAMETER);
	must_be(SatisfyNtmsOperatorRequest(session, NULL), ERROR_INVALID_PARAMETER);
	must_be(WaitForNtmsOperatorRequest(session, NULL, 0), ERROR_INVALID_PARAMETER);
	must_be(CancelNtmsOperatorRequest(session, &unknown), ERROR_OBJECT_NOT_FOUND);
	must_be(SatisfyNtmsOperatorRequest(session, &library), ERROR_OBJECT_NOT_FOUND);
	must_be(WaitForNtmsOperatorRequest(session, &unknown, 0), ERROR_OBJECT_NOT_FOUND);
	grant(&computer, ALL & ~(uint32_t)NTMS_CONTROL_ACCESS);
	become(SOMEBODY);
	must_be(CancelNtmsOperatorRequest(session, &refused), ERROR_ACCESS_DENIED);
	must_be(SatisfyNtmsOperatorRequest(session, &done), ERROR_ACCESS_DENIED);
	become(0);
	cr_expect_eq(read_object(&done).oprequest.state, NTMS_OPSTATE_SUBMITTED);
	grant(&computer, NTMS_CONTROL_ACCESS);
	become(SOMEBODY);
	must(CancelNtmsOperatorRequest(session, &refused));
	must(SatisfyNtmsOperatorRequest(session, &done));
	become(0);
	cr_expect_eq(read_object(&refused).oprequest.state, NTMS_OPSTATE_REFUSED);
	cr_expect_eq(read_object(&done).oprequest.state, NTMS_OPSTATE_COMPLETE);
	must(WaitForNtmsOperatorRequest(session, &done, INFINITE));
	must_be(WaitForNtmsOperatorRequest(session, &refused, INFINITE), ERROR_CANCELLED);
	must_be(CancelNtmsOperatorRequest(session, &done), ERROR_INVALID_STATE);
	must_be(CancelNtmsOperatorRequest(session, &refused), ERROR_INVALID_STATE);
	must_be(SatisfyNtmsOperatorRequest(session, &done), ERROR_OBJECT_NOT_FOUND);
	must_be(SatisfyNtmsOperatorRequest(session, &refused), ERROR_OBJECT_NOT_FOUND);
}

static void *wait_long(void *id)
{
	return (void *)(uintptr_t)WaitForNtmsOperatorRequest(session, id, 60000);
}

typedef DWORD WINAPI ender(HANDLE session, LPNTMS_GUID request);

/* Whether the call waits already or comes to it later: it hears of it. */
Test(oprequests, waiting)
{
	static ender *const ends[] = {SatisfyNtmsOperatorRequest, CancelNtmsOperatorRequest};
	static const DWORD expected[] = {ERROR_SUCCESS, ERROR_CANCELLED};

	for (size_t i = 0; i < 2; i++) {
		pthread_t thread;
		void *result;
		NTMS_GUID id;

		must(submit(NTMS_OPREQ_MESSAGE, NULL, NULL, &id));
		cr_assert_eq(pthread_create(&thread, NULL, wait_long, &id), 0);
		must(ends[i](session, &id));
		cr_assert_eq(pthread_join(thread, &result), 0);
		cr_expect_eq((DWORD)(uintptr_t)result, expected[i]);
	}
}

static NTMS_GUID raise_move(const NTMS_GUID *media, const char *message)
{
	struct txn *txn = begin();
	NTMS_GUID id;

	must(oprequest_raise(txn, NTMS_OPREQ_MOVEMEDIA, media, &library, message, &id));
	must(store_commit(txn));
	return id;
}

static uint32_t state_of(const NTMS_GUID *id)
{
	struct txn *txn = begin();
	uint32_t state;

	must(oprequest_state(txn, id, &state));
	store_abort(txn);
	return state;
}

/* RSM asks once for one thing, whoever needs it. */
Test(oprequests, raised_by_rsm)
{
	NTMS_GUID id = raise_move(&tapes[0], "bring it"), other;
	struct object request = read_object(&id);

	cr_expect_eq(request.oprequest.state, NTMS_OPSTATE_SUBMITTED);
	cr_expect_eq(request.oprequest.arg1_type, NTMS_PHYSICAL_MEDIA);
	cr_expect(guid_equal(&request.oprequest.arg1, &tapes[0]));
	cr_expect(guid_equal(&request.oprequest.arg2, &library));
	cr_expect_str_eq(request.oprequest.message, "bring it");
	cr_expect_str_eq(request.oprequest.application, "Removable Storage");
	other = raise_move(&tapes[0], "bring it, please");
	cr_expect(guid_equal(&other, &id), "asked twice for one thing");
	other = raise_move(&tapes[1], "bring it");
	cr_expect(!guid_equal(&other, &id), "one request for two cartridges");
	/* What is over is not open any more. */
	must(CancelNtmsOperatorRequest(session, &id));
	other = raise_move(&tapes[0], "bring it");
	cr_expect(!guid_equal(&other, &id), "a refused request stands for a new one");
}

Test(oprequests, raised_with_what_does_not_fit)
{
	NTMS_GUID unknown = UNKNOWN, id;
	struct txn *txn = begin();
	char text[4 * NTMS_MESSAGE_LENGTH];

	must_be(oprequest_raise(txn, NTMS_OPREQ_MOVEMEDIA, &unknown, &library, "", &id),
		ERROR_OBJECT_NOT_FOUND);
	must_be(oprequest_raise(txn, NTMS_OPREQ_MOVEMEDIA, &tapes[0], NULL, "", &id),
		ERROR_INVALID_PARAMETER);
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	must(oprequest_raise(txn, NTMS_OPREQ_CLEANER, &library, NULL, text, &id));
	must(store_commit(txn));
	cr_expect_eq(strlen(read_object(&id).oprequest.message), NTMS_MESSAGE_LENGTH - 1);
}

/* What has come about ends everybody's request for it; what nobody needs any more, only RSM's. */
Test(oprequests, closed_and_withdrawn)
{
	NTMS_GUID ours = raise_move(&tapes[0], ""), theirs, other = raise_move(&tapes[1], "");
	struct txn *txn;

	must(submit(NTMS_OPREQ_MOVEMEDIA, &tapes[0], &library, &theirs));
	txn = begin();
	must(oprequest_close(txn, NTMS_OPREQ_MOVEMEDIA, &tapes[0], NULL));
	must(store_commit(txn));
	cr_expect_eq(state_of(&ours), NTMS_OPSTATE_COMPLETE);
	cr_expect_eq(state_of(&theirs), NTMS_OPSTATE_COMPLETE);
	cr_expect_eq(state_of(&other), NTMS_OPSTATE_SUBMITTED);

	must(submit(NTMS_OPREQ_MOVEMEDIA, &tapes[1], &library, &theirs));
	txn = begin();
	must(oprequest_withdraw(txn, NTMS_OPREQ_MOVEMEDIA, &tapes[1], &library));
	must(oprequest_withdraw(txn, NTMS_OPREQ_MOVEMEDIA, &tapes[2], &library));
	must(oprequest_close(txn, NTMS_OPREQ_MOVEMEDIA, &tapes[2], &library));
	must(store_commit(txn));
	cr_expect_eq(state_of(&other), NTMS_OPSTATE_UNKNOWN);
	cr_expect_eq(state_of(&theirs), NTMS_OPSTATE_SUBMITTED);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* test-purge.c - finished requests are deleted when their time has come, and as the computer says
 */
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/guid.h"
#include "core/purge.h"
#include "core/request.h"
#include "fixture.h"

TestSuite(purge, .timeout = 120, .init = fx_setup, .fini = fx_teardown);

static void set_policy(DWORD seconds, DWORD library_flags, DWORD operator_flags)
{
	NTMS_OBJECTINFORMATIONA info = {.dwSize = sizeof(info), .dwType = NTMS_COMPUTER};
	NTMS_GUID guid;
	DWORD count = 1;

	must(EnumerateNtmsObject(fx_session, NULL, &guid, &count, NTMS_COMPUTER, 0));
	must(GetNtmsObjectInformationA(fx_session, &guid, &info));
	info.Info.Computer.dwLibRequestPurgeTime = seconds;
	info.Info.Computer.dwOpRequestPurgeTime = seconds;
	info.Info.Computer.dwLibRequestFlags = library_flags;
	info.Info.Computer.dwOpRequestFlags = operator_flags;
	must(SetNtmsObjectInformationA(fx_session, &guid, &info));
}

static DWORD count_of(DWORD type)
{
	DWORD count = 0;

	EnumerateNtmsObject(fx_session, NULL, NULL, &count, type, 0);
	return count;
}

/* Finished @age seconds ago, with @error. */
static NTMS_GUID library_request(DWORD state, DWORD error, DWORD age)
{
	struct object request;

	request_init(NULL, NTMS_LM_INVENTORY, &fx_library, &request);
	request.librequest.state = state;
	request.librequest.error = error;
	request.librequest.completed_ms = clock_utc_ms() - age * 1000ULL;
	fx_insert(&request);
	return request.guid;
}

static NTMS_GUID operator_request(DWORD state)
{
	NTMS_GUID guid;

	must(SubmitNtmsOperatorRequestA(fx_session, NTMS_OPREQ_MESSAGE, "x", NULL, NULL, &guid));
	if (state == NTMS_OPSTATE_COMPLETE)
		must(SatisfyNtmsOperatorRequest(fx_session, &guid));
	if (state == NTMS_OPSTATE_REFUSED)
		must(CancelNtmsOperatorRequest(fx_session, &guid));
	return guid;
}

static bool is_there(const NTMS_GUID *guid)
{
	NTMS_OBJECTINFORMATIONA info = {.dwSize = sizeof(info), .dwType = NTMS_UNKNOWN};
	NTMS_GUID id = *guid;

	return GetNtmsObjectInformationA(fx_session, &id, &info) == ERROR_SUCCESS;
}

static void run(void)
{
	struct session *session = fx_session;

	must(purge(session->system));
}

Test(purge, library_requests_of_age)
{
	NTMS_GUID old = library_request(NTMS_LM_PASSED, 0, 100),
		  failed = library_request(NTMS_LM_FAILED, ERROR_BUSY, 100),
		  young = library_request(NTMS_LM_PASSED, 0, 10),
		  open = library_request(NTMS_LM_WAITING, 0, 100);

	run();
	cr_expect(is_there(&old), "three days are not over");
	set_policy(50, 0, 0);
	run();
	cr_expect(!is_there(&old));
	cr_expect(!is_there(&failed));
	cr_expect(is_there(&young));
	cr_expect(is_there(&open));
}

Test(purge, failed_library_requests_are_kept_if_told_so)
{
	NTMS_GUID failed = library_request(NTMS_LM_FAILED, ERROR_BUSY, 100), old;

	/* However many of them there are in front. */
	for (int i = 0; i < 100; i++)
		library_request(NTMS_LM_FAILED, ERROR_BUSY, 100);
	old = library_request(NTMS_LM_PASSED, 0, 90);
	set_policy(50, NTMS_LIBREQFLAGS_NOFAILEDPURGE, 0);
	run();
	cr_expect(!is_there(&old));
	cr_expect(is_there(&failed));
	cr_expect_eq(count_of(NTMS_LIBREQUEST), 101);
}

Test(purge, nothing_is_purged_if_told_so)
{
	NTMS_GUID old = library_request(NTMS_LM_PASSED, 0, 100),
		  done = operator_request(NTMS_OPSTATE_COMPLETE);

	set_policy(0, NTMS_LIBREQFLAGS_NOAUTOPURGE, NTMS_OPREQFLAGS_NOAUTOPURGE);
	run();
	cr_expect(is_there(&old));
	cr_expect(is_there(&done));
	/* Each flag is for its own kind. */
	set_policy(0, NTMS_LIBREQFLAGS_NOAUTOPURGE, 0);
	run();
	cr_expect(is_there(&old));
	cr_expect(!is_there(&done));
	set_policy(0, 0, NTMS_OPREQFLAGS_NOAUTOPURGE);
	run();
	cr_expect(!is_there(&old));
}

Test(purge, operator_requests)
{
	NTMS_GUID done = operator_request(NTMS_OPSTATE_COMPLETE),
		  no = operator_request(NTMS_OPSTATE_REFUSED),
		  open = operator_request(NTMS_OPSTATE_SUBMITTED);

	run();
	cr_expect(is_there(&done), "three days are not over");
	set_policy(0, 0, NTMS_OPREQFLAGS_NOFAILEDPURGE);
	run();
	cr_expect(!is_there(&done));
	cr_expect(is_there(&no));
	cr_expect(is_there(&open));
	set_policy(0, 0, 0);
	run();
	cr_expect(!is_there(&no));
	cr_expect(is_there(&open));
	/* A purged request is not found. */
	must_be(WaitForNtmsOperatorRequest(fx_session, &done, 0), ERROR_OBJECT_NOT_FOUND);
}

Test(purge, some_at_a_time)
{
	for (int i = 0; i < 150; i++)
		library_request(NTMS_LM_PASSED, 0, 100);
	set_policy(50, 0, 0);
	run();
	cr_expect_gt(count_of(NTMS_LIBREQUEST), 0);
	run();
	run();
	cr_expect_eq(count_of(NTMS_LIBREQUEST), 0);
}

/* Nobody has to call for it. */
Test(purge, by_whoever_opens_a_session)
{
	NTMS_GUID done = operator_request(NTMS_OPSTATE_COMPLETE);
	HANDLE other;

	set_policy(0, 0, 0);
	cr_assert(is_there(&done));
	other = fx_open();
	cr_assert(!is_there(&done));
	fx_close(&other);
}

static bool inventory_is_gone(void)
{
	return count_of(NTMS_LIBREQUEST) == 0;
}

Test(purge, by_whoever_works)
{
	set_policy(0, 0, 0);
	must(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_FAST));
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	must(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_FAST));
	fx_wait_until(inventory_is_gone);
}

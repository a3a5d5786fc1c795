/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test-ui.c - GetNtmsUIOptions, SetNtmsUIOptions: destinations of messages, of an application, a
 * library and the computer, and who is to hear of a request
 */
#include <stdlib.h>
#include <string.h>
#include "base/guid.h"
#include "faults.h"

TestSuite(ui, .timeout = 120, .init = fx_setup, .fini = fx_teardown);

static NTMS_GUID computer(void)
{
	NTMS_GUID guid;
	DWORD count = 1;

	must(EnumerateNtmsObject(fx_session, NULL, &guid, &count, NTMS_COMPUTER, 0));
	return guid;
}

static DWORD set(const NTMS_GUID *object, DWORD type, DWORD operation, const char *name)
{
	return SetNtmsUIOptionsA(fx_session, (NTMS_GUID *)object, type, operation, name);
}

/* The names with a comma behind each. */
static const char *commas(char *text, size_t length)
{
	for (size_t i = 0; i + 1 < length; i++)
		if (!text[i])
			text[i] = ',';
	return text;
}

static const char *names_in(HANDLE session, const NTMS_GUID *object, DWORD type)
{
	static char text[512];
	DWORD size = sizeof(text);

	memset(text, 0, sizeof(text));
	must(GetNtmsUIOptionsA(session, (NTMS_GUID *)object, type, text, &size));
	return commas(text, size);
}

#define expect_names(object, type, expected) \
	cr_expect_str_eq(names_in(fx_session, object, type), expected)

static const char *told(const NTMS_GUID *request)
{
	static char text[512];
	DWORD size = sizeof(text);

	memset(text, 0, sizeof(text));
	must(RsmRequestDestinations(fx_session, (NTMS_GUID *)request, text, &size));
	return commas(text, size);
}

/* ---- what they do ---- */

Test(ui, destinations_of_each_object_and_type_are_their_own)
{
	NTMS_GUID system = computer();
	const NTMS_GUID *const objects[] = {NULL, &fx_library, &system};

	for (size_t i = 0; i < 3; i++) {
		for (DWORD type = NTMS_UITYPE_INFO; type < NTMS_UITYPE_MAX; type++)
			expect_names(objects[i], type, "");
		must(set(objects[i], NTMS_UITYPE_REQ, NTMS_UIDEST_ADD, "alpha"));
		must(set(objects[i], NTMS_UITYPE_REQ, NTMS_UIDEST_ADD, "beta"));
		must(set(objects[i], NTMS_UITYPE_INFO, NTMS_UIDEST_ADD, "gamma"));
		expect_names(objects[i], NTMS_UITYPE_REQ, "alpha,beta,");
		expect_names(objects[i], NTMS_UITYPE_INFO, "gamma,");
		expect_names(objects[i], NTMS_UITYPE_ERR, "");
	}
	must(set(&fx_library, NTMS_UITYPE_REQ, NTMS_UIDEST_DELETE, "ALPHA"));
	expect_names(&fx_library, NTMS_UITYPE_REQ, "beta,");
	must(set(NULL, NTMS_UITYPE_REQ, NTMS_UIDEST_DELETE, "beta"));
	expect_names(NULL, NTMS_UITYPE_REQ, "alpha,");
	for (size_t i = 0; i < 3; i++) {
		must(set(objects[i], NTMS_UITYPE_REQ, NTMS_UIDEST_DELETEALL, NULL));
		expect_names(objects[i], NTMS_UITYPE_REQ, "");
		expect_names(objects[i], NTMS_UITYPE_INFO, "gamma,");
		must(set(objects[i], NTMS_UITYPE_REQ, NTMS_UIDEST_DELETEALL, "of no account"));
	}
}

Test(ui, an_empty_name_is_this_computer)
{
	struct session *session = fx_session;
	char expected[UINT8_MAX];

	snprintf(expected, sizeof(expected), "%s,", session->computer);
	must(set(&fx_library, NTMS_UITYPE_ERR, NTMS_UIDEST_ADD, ""));
	expect_names(&fx_library, NTMS_UITYPE_ERR, expected);
	must(set(NULL, NTMS_UITYPE_INFO, NTMS_UIDEST_ADD, ""));
	expect_names(NULL, NTMS_UITYPE_INFO, expected);
	must_be(set(NULL, NTMS_UITYPE_INFO, NTMS_UIDEST_ADD, session->computer),
		ERROR_ALREADY_EXISTS);
	must(set(NULL, NTMS_UITYPE_INFO, NTMS_UIDEST_DELETE, ""));
	expect_names(NULL, NTMS_UITYPE_INFO, "");
}

Test(ui, an_application_has_them_to_itself_and_takes_them_along)
{
	HANDLE other = fx_open();

	must(set(NULL, NTMS_UITYPE_REQ, NTMS_UIDEST_ADD, "mine"));
	must(set(&fx_library, NTMS_UITYPE_REQ, NTMS_UIDEST_ADD, "ours"));
	cr_expect_str_eq(names_in(other, NULL, NTMS_UITYPE_REQ), "");
	cr_expect_str_eq(names_in(other, &fx_library, NTMS_UITYPE_REQ), "ours,");
	fx_close(&other);
	fx_close(&fx_session);
	fx_session = fx_open();
	expect_names(NULL, NTMS_UITYPE_REQ, "");
	expect_names(&fx_library, NTMS_UITYPE_REQ, "ours,");
}

Test(ui, wide_names_are_the_same)
{
	static const WCHAR name[] = {'n', 0xe9, 0xd83d, 0xde00, 0}; /* n, e acute, a face */
	WCHAR text[16] = {0};
	DWORD size = 16;

	must(SetNtmsUIOptionsW(fx_session, &fx_library, NTMS_UITYPE_REQ, NTMS_UIDEST_ADD, name));
	expect_names(&fx_library, NTMS_UITYPE_REQ, "n\xc3\xa9\xf0\x9f\x98\x80,");
	must(set(&fx_library, NTMS_UITYPE_REQ, NTMS_UIDEST_ADD, "b"));
	must(GetNtmsUIOptionsW(fx_session, &fx_library, NTMS_UITYPE_REQ, text, &size));
	cr_expect_eq(size, 4 + 1 + 1 + 1 + 1);
	cr_expect_arr_eq(text, name, sizeof(name));
	cr_expect_eq(text[5], 'b');
	cr_expect_eq(text[6], 0);
	cr_expect_eq(text[7], 0);
	must(SetNtmsUIOptionsW(fx_session, &fx_library, NTMS_UITYPE_REQ, NTMS_UIDEST_DELETEALL,
			       NULL));
	size = 16;
	must(GetNtmsUIOptionsW(fx_session, &fx_library, NTMS_UITYPE_REQ, text, &size));
	cr_expect_eq(size, 0);
}

static size_t records(void)
{
	struct session *session = fx_session;
	struct store_key key;
	struct txn *txn;
	size_t count;

	must(store_begin(session->system->store, STORE_DEADLINE_DEFAULT, &txn));
	key_start(&key);
	key_u32(&key, NTMS_UI_DESTINATION);
	must(store_count(txn, IX_TYPE, &key, &count));
	store_abort(txn);
	return count;
}

Test(ui, destinations_go_with_their_library)
{
	must(set(&fx_library, NTMS_UITYPE_REQ, NTMS_UIDEST_ADD, "a"));
	must(set(&fx_library, NTMS_UITYPE_INFO, NTMS_UIDEST_ADD, "b"));
	cr_assert_eq(records(), 2);
	must(RsmUnmanageLibrary(fx_session, &fx_library));
	cr_assert_eq(records(), 0);
}

/* ---- who hears of a request ---- */

static NTMS_GUID submit(DWORD command, NTMS_GUID *arg1, NTMS_GUID *arg2)
{
	NTMS_GUID request;

	must(SubmitNtmsOperatorRequestA(fx_session, command, "please", arg1, arg2, &request));
	return request;
}

/* One name for each list there is: the kind and whose it is. */
static void fill_all(const NTMS_GUID *system)
{
	static const char *const kinds[] = {"", "info", "req", "err"};
	const NTMS_GUID *const objects[] = {NULL, &fx_library, system};
	static const char *const whose[] = {"mine", "library", "computer"};
	char name[32];

	for (size_t i = 0; i < 3; i++) {
		for (DWORD type = NTMS_UITYPE_INFO; type < NTMS_UITYPE_MAX; type++) {
			snprintf(name, sizeof(name), "%s-%s", kinds[type], whose[i]);
			must(set(objects[i], type, NTMS_UIDEST_ADD, name));
		}
	}
}

Test(ui, operator_requests_go_to_application_library_and_computer)
{
	NTMS_GUID system = computer(), drive = fx_drive_guid(0), pool = fx_make_pool("A", false, 0),
		  media = fx_find("V00001L8", NTMS_PHYSICAL_MEDIA), request;

	fill_all(&system);
	request = submit(NTMS_OPREQ_MESSAGE, NULL, NULL);
	cr_expect_str_eq(told(&request), "req-mine,req-computer,");
	request = submit(NTMS_OPREQ_NEWMEDIA, &pool, NULL);
	cr_expect_str_eq(told(&request), "req-mine,req-computer,");
	request = submit(NTMS_OPREQ_NEWMEDIA, &pool, &fx_library);
	cr_expect_str_eq(told(&request), "req-mine,req-library,req-computer,");
	request = submit(NTMS_OPREQ_MOVEMEDIA, &media, &fx_library);
	cr_expect_str_eq(told(&request), "req-mine,req-library,req-computer,");
	request = submit(NTMS_OPREQ_DEVICESERVICE, &drive, NULL);
	cr_expect_str_eq(told(&request), "err-mine,err-library,err-computer,");
	request = submit(NTMS_OPREQ_DEVICESERVICE, &media, NULL);
	cr_expect_str_eq(told(&request), "err-mine,err-library,err-computer,");
	request = submit(NTMS_OPREQ_CLEANER, &fx_library, NULL);
	cr_expect_str_eq(told(&request), "err-mine,err-library,err-computer,");
	/* It keeps what its application wanted, as long as it is there itself. */
	fx_close(&fx_session);
	fx_session = fx_open();
	cr_expect_str_eq(told(&request), "err-mine,err-library,err-computer,");
	must(SatisfyNtmsOperatorRequest(fx_session, &request));
	must(DeleteNtmsRequests(fx_session, &request, NTMS_OPREQUEST, 1));
	must_be(RsmRequestDestinations(fx_session, &request, NULL, &(DWORD){0}),
		ERROR_OBJECT_NOT_FOUND);
}

Test(ui, destinations_of_a_request_go_with_it)
{
	NTMS_GUID request;

	must(set(NULL, NTMS_UITYPE_REQ, NTMS_UIDEST_ADD, "mine"));
	request = submit(NTMS_OPREQ_MESSAGE, NULL, NULL);
	cr_assert_eq(records(), 1);
	must(SatisfyNtmsOperatorRequest(fx_session, &request));
	must(DeleteNtmsRequests(fx_session, &request, NTMS_OPREQUEST, 1));
	cr_assert_eq(records(), 0);
}

Test(ui, who_is_there_twice_hears_once)
{
	NTMS_GUID system = computer(), request;

	must(set(NULL, NTMS_UITYPE_REQ, NTMS_UIDEST_ADD, "desk"));
	must(set(&system, NTMS_UITYPE_REQ, NTMS_UIDEST_ADD, "DESK"));
	must(set(&system, NTMS_UITYPE_REQ, NTMS_UIDEST_ADD, "hall"));
	request = submit(NTMS_OPREQ_MESSAGE, NULL, NULL);
	cr_expect_str_eq(told(&request), "desk,hall,");
}

Test(ui, without_alerts_nobody_hears)
{
	NTMS_GUID system = computer(), request;
	struct object record = fx_get(&system, NTMS_COMPUTER);

	fill_all(&system);
	request = submit(NTMS_OPREQ_MESSAGE, NULL, NULL);
	record.computer.oprequest_flags = NTMS_OPREQFLAGS_NOALERTS;
	fx_put(&record);
	cr_expect_str_eq(told(&request), "");
}

Test(ui, library_requests_go_to_library_and_computer)
{
	NTMS_GUID system = computer(), list[16];
	DWORD count = 16;

	fill_all(&system);
	must(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_FAST));
	must(EnumerateNtmsObject(fx_session, &fx_library, list, &count, NTMS_LIBREQUEST, 0));
	cr_assert_gt(count, 0);
	cr_expect_str_eq(told(&list[0]), "info-library,info-computer,");
}

Test(ui, request_destinations_refused)
{
	NTMS_GUID request = submit(NTMS_OPREQ_MESSAGE, NULL, NULL);
	char text[8];
	DWORD size = sizeof(text);

	refused(RsmRequestDestinations(NULL, &request, text, &size), ERROR_INVALID_HANDLE);
	refused(RsmRequestDestinations(fx_session, NULL, text, &size), ERROR_INVALID_PARAMETER);
	refused(RsmRequestDestinations(fx_session, &request, text, NULL), ERROR_INVALID_PARAMETER);
	refused(RsmRequestDestinations(fx_session, &request, NULL, &size), ERROR_INVALID_PARAMETER);
	refused(RsmRequestDestinations(fx_session, &fx_library, text, &size),
		ERROR_OBJECT_NOT_FOUND);
}

/* ---- the codes of their tables ---- */

static NTMS_GUID object;

static DWORD get_call(HANDLE session)
{
	char text[64];
	DWORD size = sizeof(text);

	return GetNtmsUIOptionsA(session, &object, NTMS_UITYPE_REQ, text, &size);
}

static DWORD add_call(HANDLE session)
{
	return SetNtmsUIOptionsA(session, &object, NTMS_UITYPE_REQ, NTMS_UIDEST_ADD, "alpha");
}

static DWORD delete_call(HANDLE session)
{
	return SetNtmsUIOptionsA(session, &object, NTMS_UITYPE_REQ, NTMS_UIDEST_DELETEALL, NULL);
}

static void by_another(fault_call call, DWORD expected)
{
	must_be(fault_other_user(call), expected);
	cr_expect((fault_said[0] != '\0') == (expected != ERROR_SUCCESS));
}

Test(ui, access)
{
	NTMS_GUID system = computer();
	const NTMS_GUID *const objects[] = {&fx_library, &system};

	for (size_t i = 0; i < 2; i++) {
		object = *objects[i];
		fx_deny(&object, NTMS_MODIFY_ACCESS);
		by_another(get_call, ERROR_SUCCESS);
		by_another(add_call, ERROR_ACCESS_DENIED);
		by_another(delete_call, ERROR_ACCESS_DENIED);
		fx_deny(&object, NTMS_CONTROL_ACCESS);
		by_another(add_call, ERROR_SUCCESS);
		by_another(delete_call, ERROR_SUCCESS);
	}
	/* Without U on the computer there is no session to begin with. */
	object = fx_library;
	fx_deny(&object, NTMS_USE_ACCESS);
	by_another(get_call, ERROR_ACCESS_DENIED);
	by_another(add_call, ERROR_ACCESS_DENIED);
}

Test(ui, already_exists)
{
	NTMS_GUID system = computer();
	const NTMS_GUID *const objects[] = {NULL, &fx_library, &system};

	for (size_t i = 0; i < 3; i++) {
		must(set(objects[i], NTMS_UITYPE_REQ, NTMS_UIDEST_ADD, "alpha"));
		refused(set(objects[i], NTMS_UITYPE_REQ, NTMS_UIDEST_ADD, "alpha"),
			ERROR_ALREADY_EXISTS);
		refused(set(objects[i], NTMS_UITYPE_REQ, NTMS_UIDEST_ADD, "Alpha"),
			ERROR_ALREADY_EXISTS);
		must(set(objects[i], NTMS_UITYPE_ERR, NTMS_UIDEST_ADD, "alpha"));
	}
}

Test(ui, insufficient_buffer)
{
	char text[8] = "xxxxxxx";
	WCHAR wide[8] = {'x'};
	DWORD size = 7;

	must(set(&fx_library, NTMS_UITYPE_REQ, NTMS_UIDEST_ADD, "alpha"));
	must(set(&fx_library, NTMS_UITYPE_REQ, NTMS_UIDEST_ADD, "b"));
	refused(GetNtmsUIOptionsA(fx_session, &fx_library, NTMS_UITYPE_REQ, text, &size),
		ERROR_INSUFFICIENT_BUFFER);
	cr_expect_eq(size, 9);
	cr_expect_str_eq(text, "xxxxxxx");
	size = 8;
	refused(GetNtmsUIOptionsW(fx_session, &fx_library, NTMS_UITYPE_REQ, wide, &size),
		ERROR_INSUFFICIENT_BUFFER);
	cr_expect_eq(size, 9);
	cr_expect_eq(wide[0], 'x');
	size = 0;
	refused(GetNtmsUIOptionsA(fx_session, &fx_library, NTMS_UITYPE_REQ, NULL, &size),
		ERROR_INSUFFICIENT_BUFFER);
	cr_expect_eq(size, 9);
	must(set(&fx_library, NTMS_UITYPE_REQ, NTMS_UIDEST_DELETE, "b"));
	size = 7;
	must(GetNtmsUIOptionsA(fx_session, &fx_library, NTMS_UITYPE_REQ, text, &size));
	cr_expect_arr_eq(text, "alpha\0", 7);
}

Test(ui, invalid_handle)
{
	char text[8];
	DWORD size = 8;
	WCHAR wide[8];

	refused(GetNtmsUIOptionsA(NULL, NULL, NTMS_UITYPE_REQ, text, &size), ERROR_INVALID_HANDLE);
	refused(GetNtmsUIOptionsW(NULL, NULL, NTMS_UITYPE_REQ, wide, &size), ERROR_INVALID_HANDLE);
	refused(SetNtmsUIOptionsA(NULL, NULL, NTMS_UITYPE_REQ, NTMS_UIDEST_ADD, "a"),
		ERROR_INVALID_HANDLE);
	refused(SetNtmsUIOptionsW(NULL, NULL, NTMS_UITYPE_REQ, NTMS_UIDEST_DELETEALL, NULL),
		ERROR_INVALID_HANDLE);
}

Test(ui, invalid_parameter)
{
	static const WCHAR broken[] = {0xd800, 0};
	char text[80];
	WCHAR wide[80];
	DWORD size = 80;

	refused(GetNtmsUIOptionsA(fx_session, NULL, 0, text, &size), ERROR_INVALID_PARAMETER);
	refused(GetNtmsUIOptionsA(fx_session, NULL, NTMS_UITYPE_MAX, text, &size),
		ERROR_INVALID_PARAMETER);
	refused(GetNtmsUIOptionsA(fx_session, NULL, NTMS_UITYPE_REQ, text, NULL),
		ERROR_INVALID_PARAMETER);
	refused(GetNtmsUIOptionsA(fx_session, NULL, NTMS_UITYPE_REQ, NULL, &size),
		ERROR_INVALID_PARAMETER);
	refused(set(NULL, 0, NTMS_UIDEST_ADD, "a"), ERROR_INVALID_PARAMETER);
	refused(set(NULL, NTMS_UITYPE_MAX, NTMS_UIDEST_ADD, "a"), ERROR_INVALID_PARAMETER);
	refused(set(NULL, NTMS_UITYPE_REQ, 0, "a"), ERROR_INVALID_PARAMETER);
	refused(set(NULL, NTMS_UITYPE_REQ, NTMS_UIOPERATION_MAX, "a"), ERROR_INVALID_PARAMETER);
	refused(set(NULL, NTMS_UITYPE_REQ, NTMS_UIDEST_ADD, NULL), ERROR_INVALID_PARAMETER);
	refused(set(NULL, NTMS_UITYPE_REQ, NTMS_UIDEST_DELETE, NULL), ERROR_INVALID_PARAMETER);
	refused(set(NULL, NTMS_UITYPE_REQ, NTMS_UIDEST_ADD, "\xff"), ERROR_INVALID_PARAMETER);
	refused(SetNtmsUIOptionsW(fx_session, NULL, NTMS_UITYPE_REQ, NTMS_UIDEST_ADD, NULL),
		ERROR_INVALID_PARAMETER);
	refused(SetNtmsUIOptionsW(fx_session, NULL, NTMS_UITYPE_REQ, NTMS_UIDEST_ADD, broken),
		ERROR_INVALID_PARAMETER);
	memset(text, 'a', sizeof(text));
	text[NTMS_COMPUTERNAME_LENGTH] = '\0';
	refused(set(NULL, NTMS_UITYPE_REQ, NTMS_UIDEST_ADD, text), ERROR_INVALID_PARAMETER);
	for (int i = 0; i < NTMS_COMPUTERNAME_LENGTH; i++)
		wide[i] = 'a';
	wide[NTMS_COMPUTERNAME_LENGTH] = 0;
	refused(SetNtmsUIOptionsW(fx_session, NULL, NTMS_UITYPE_REQ, NTMS_UIDEST_ADD, wide),
		ERROR_INVALID_PARAMETER);
	text[NTMS_COMPUTERNAME_LENGTH - 1] = '\0';
	must(set(NULL, NTMS_UITYPE_REQ, NTMS_UIDEST_ADD, text));
}

Test(ui, object_not_found)
{
	NTMS_GUID unknown, drive = fx_drive_guid(0);

	guid_make(&unknown);
	object = unknown;
	refused(get_call(fx_session), ERROR_OBJECT_NOT_FOUND);
	refused(add_call(fx_session), ERROR_OBJECT_NOT_FOUND);
	refused(delete_call(fx_session), ERROR_OBJECT_NOT_FOUND);
	object = drive;
	refused(get_call(fx_session), ERROR_OBJECT_NOT_FOUND);
	refused(add_call(fx_session), ERROR_OBJECT_NOT_FOUND);
	refused(set(&fx_library, NTMS_UITYPE_REQ, NTMS_UIDEST_DELETE, "nobody"),
		ERROR_OBJECT_NOT_FOUND);
	refused(set(NULL, NTMS_UITYPE_REQ, NTMS_UIDEST_DELETE, "nobody"), ERROR_OBJECT_NOT_FOUND);
}

/* A parameter is judged before the object, the object before the right. */
static DWORD bad_parameter_and_object(HANDLE session)
{
	return SetNtmsUIOptionsA(session, &object, 0, NTMS_UIDEST_ADD, "a");
}

Test(ui, order_of_checks)
{
	fx_deny(&fx_library, NTMS_USE_ACCESS | NTMS_MODIFY_ACCESS);
	object = fx_library;
	by_another(bad_parameter_and_object, ERROR_INVALID_PARAMETER);
	guid_make(&object);
	by_another(bad_parameter_and_object, ERROR_INVALID_PARAMETER);
	by_another(add_call, ERROR_OBJECT_NOT_FOUND);
}

Test(ui, not_enough_memory, .init = fault_setup_heap)
{
	object = fx_library;
	fault_little_memory(add_call);
	expect_names(&fx_library, NTMS_UITYPE_REQ, "alpha,");
	fault_little_memory(get_call);
	fault_little_memory(delete_call);
	expect_names(&fx_library, NTMS_UITYPE_REQ, "");
}

Test(ui, database_failure)
{
	object = fx_library;
	must_be(fault_damage("objects", add_call), ERROR_DATABASE_FAILURE);
	must_be(fault_damage("index", get_call), ERROR_DATABASE_FAILURE);
	must(add_call(fx_session));
}

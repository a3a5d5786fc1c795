/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test-bad-input.c - handles, pointers, identifiers, options and names that are wrong: each gets
 * its documented error and changes nothing
 */
#include <stdlib.h>
#include <string.h>
#include "base/guid.h"
#include "child.h"
#include "faults.h"

static NTMS_GUID media, side, cartridge, pool, media_type, drive, unknown;
static const NTMS_GUID null_guid;

/* V00001L8 is allocated, V00002L8 free; drive 0 is empty. */
static void set_up(void)
{
	fx_setup();
	fx_free_cartridge("V00002L8");
	media = fx_allocated("V00001L8");
	side = fx_side(&media).guid;
	cartridge = fx_media(&media).guid;
	pool = fx_media(&media).media.pool;
	media_type = fx_media(&media).media.media_type;
	drive = fx_drive_guid(0);
	guid_make(&unknown);
}

TestSuite(bad_input, .timeout = 120, .init = set_up, .fini = fx_teardown);

/* ---- handles ---- */

static NTMS_OBJECTINFORMATIONA info = {.dwSize = sizeof(info), .dwType = NTMS_MEDIA_POOL};
static NTMS_OBJECTINFORMATIONW wide = {.dwSize = sizeof(wide), .dwType = NTMS_MEDIA_POOL};
static NTMS_NOTIFICATIONINFORMATION told;
static NTMS_GUID out;
static HANDLE handle;
static RSM_DEVICE device;
static RSM_SERVICE service;
static int descriptor;
static DWORD size;
static char bytes[64];
static WCHAR w_name[] = u"P";

static DWORD OpenNotification(HANDLE session, DWORD type)
{
	HANDLE opened = OpenNtmsNotification(session, type);

	return opened == INVALID_HANDLE_VALUE ? GetLastError() : ERROR_SUCCESS;
}

static DWORD EndOfChangeDetection(HANDLE session)
{
	return EndNtmsDeviceChangeDetection(session, NULL);
}

/* Every call that takes a handle, with what would do but for that. */
#define CALLS(X)                                                                           \
	X(MountNtmsMedia, &media, &out, 1, NTMS_MOUNT_READ, 0, 0, NULL)                    \
	X(DismountNtmsMedia, &media, 1, 0)                                                 \
	X(DismountNtmsDrive, &drive)                                                       \
	X(AllocateNtmsMedia, &pool, NULL, &out, 0, 0, NULL)                                \
	X(DeallocateNtmsMedia, &media, 0)                                                  \
	X(SwapNtmsMedia, &media, &media)                                                   \
	X(SetNtmsMediaComplete, &media)                                                    \
	X(DecommissionNtmsMedia, &side)                                                    \
	X(CreateNtmsMediaPoolA, "P", NULL, NTMS_CREATE_NEW, NULL, &out)                    \
	X(CreateNtmsMediaPoolW, w_name, NULL, NTMS_CREATE_NEW, NULL, &out)                 \
	X(GetNtmsMediaPoolNameA, &pool, NULL, &size)                                       \
	X(GetNtmsMediaPoolNameW, &pool, NULL, &size)                                       \
	X(DeleteNtmsMediaPool, &pool)                                                      \
	X(MoveToNtmsMediaPool, &cartridge, &pool)                                          \
	X(ChangeNtmsMediaType, &cartridge, &pool)                                          \
	X(AddNtmsMediaType, &media_type, &fx_library)                                      \
	X(DeleteNtmsMediaType, &media_type, &fx_library)                                   \
	X(CreateNtmsMediaA, &info, &info, 0)                                               \
	X(CreateNtmsMediaW, &wide, &wide, 0)                                               \
	X(DeleteNtmsMedia, &cartridge)                                                     \
	X(EjectNtmsMedia, &cartridge, &out, NTMS_EJECT_START)                              \
	X(InjectNtmsMedia, &fx_library, &out, NTMS_INJECT_START)                           \
	X(AccessNtmsLibraryDoor, &fx_library, NTMS_INVENTORY_NONE)                         \
	X(InventoryNtmsLibrary, &fx_library, NTMS_INVENTORY_FAST)                          \
	X(IdentifyNtmsSlot, &out, 0)                                                       \
	X(CleanNtmsDrive, &drive)                                                          \
	X(DeleteNtmsDrive, &drive)                                                         \
	X(DeleteNtmsLibrary, &fx_library)                                                  \
	X(CancelNtmsLibraryRequest, &out)                                                  \
	X(GetNtmsRequestOrder, &out, &size)                                                \
	X(SetNtmsRequestOrder, &out, 1)                                                    \
	X(DeleteNtmsRequests, &out, NTMS_LIBREQUEST, 1)                                    \
	X(ReserveNtmsCleanerSlot, &fx_library, &out)                                       \
	X(ReleaseNtmsCleanerSlot, &fx_library)                                             \
	X(InjectNtmsCleaner, &fx_library, &out, 1, NTMS_INJECT_START)                      \
	X(EjectNtmsCleaner, &fx_library, &out, NTMS_EJECT_START)                           \
	X(EnumerateNtmsObject, NULL, NULL, &size, NTMS_LIBRARY, 0)                         \
	X(GetNtmsObjectInformationA, &pool, &info)                                         \
	X(GetNtmsObjectInformationW, &pool, &wide)                                         \
	X(SetNtmsObjectInformationA, &pool, &info)                                         \
	X(SetNtmsObjectInformationW, &pool, &wide)                                         \
	X(GetNtmsObjectAttributeA, &pool, NTMS_MEDIA_POOL, "a", bytes, &size)              \
	X(GetNtmsObjectAttributeW, &pool, NTMS_MEDIA_POOL, w_name, bytes, &size)           \
	X(SetNtmsObjectAttributeA, &pool, NTMS_MEDIA_POOL, "a", bytes, 1)                  \
	X(SetNtmsObjectAttributeW, &pool, NTMS_MEDIA_POOL, w_name, bytes, 1)               \
	X(GetNtmsObjectSecurity, &pool, NTMS_MEDIA_POOL, DACL_SECURITY_INFORMATION, bytes, \
	  sizeof(bytes), &size)                                                            \
	X(SetNtmsObjectSecurity, &pool, NTMS_MEDIA_POOL, DACL_SECURITY_INFORMATION, bytes) \
	X(DisableNtmsObject, NTMS_DRIVE, &drive)                                           \
	X(EnableNtmsObject, NTMS_DRIVE, &drive)                                            \
	X(UpdateNtmsOmidInfo, &media, NTMS_OMID_TYPE_RAW_LABEL, 1, bytes)                  \
	X(SubmitNtmsOperatorRequestA, NTMS_OPREQ_MESSAGE, NULL, NULL, NULL, &out)          \
	X(SubmitNtmsOperatorRequestW, NTMS_OPREQ_MESSAGE, NULL, NULL, NULL, &out)          \
	X(WaitForNtmsOperatorRequest, &out, 0)                                             \
	X(CancelNtmsOperatorRequest, &out)                                                 \
	X(SatisfyNtmsOperatorRequest, &out)                                                \
	X(OpenNotification, NTMS_DRIVE)                                                    \
	X(WaitForNtmsNotification, &told, 0)                                               \
	X(BeginNtmsDeviceChangeDetection, &handle)                                         \
	X(SetNtmsDeviceChangeDetection, NULL, &fx_library, NTMS_LIBRARY, 1)                \
	X(GetNtmsUIOptionsA, NULL, NTMS_UITYPE_INFO, NULL, &size)                          \
	X(GetNtmsUIOptionsW, NULL, NTMS_UITYPE_INFO, NULL, &size)                          \
	X(SetNtmsUIOptionsA, NULL, NTMS_UITYPE_INFO, NTMS_UIDEST_ADD, "here")              \
	X(SetNtmsUIOptionsW, NULL, NTMS_UITYPE_INFO, NTMS_UIDEST_ADD, w_name)              \
	X(RsmListDevices, &device, &size)                                                  \
	X(RsmManageLibrary, "X", &out)                                                     \
	X(RsmUnmanageLibrary, &fx_library)                                                 \
	X(RsmListHolders, NULL, &size)                                                     \
	X(RsmSetProgress, NULL, NULL)                                                      \
	X(RsmWaitForMedia, &media, 0)                                                      \
	X(RsmWaitForLibrary, &fx_library, 0)                                               \
	X(RsmWaitForMountsEnd, -1)                                                         \
	X(RsmRefreshLabel, &media)                                                         \
	X(RsmDismountMedia, &media, 1, 0, 0)                                               \
	X(RsmDismountDrive, &drive, 0)                                                     \
	X(RsmFindObject, "X", NTMS_LIBRARY, &out)                                          \
	X(RsmListConflicts, NULL, &size)                                                   \
	X(RsmGrantProcess, &media, 1)                                                      \
	X(RsmServeLibrary, &fx_library, TRUE)                                              \
	X(RsmGetService, &fx_library, &service)                                            \
	X(RsmWatchChanges, &descriptor)

#define TRY(call, ...)                             \
	static DWORD try_##call(HANDLE session)    \
	{                                          \
		return call(session, __VA_ARGS__); \
	}
CALLS(TRY)

#define ROW(call, ...) {#call, try_##call},

static const struct {
	const char *name;
	DWORD (*call)(HANDLE session);
} calls[] = {
	CALLS(ROW){"CloseNtmsSession", CloseNtmsSession},
	{"ExportNtmsDatabase", ExportNtmsDatabase},
	{"ImportNtmsDatabase", ImportNtmsDatabase},
	{"EndNtmsDeviceChangeDetection", EndOfChangeDetection},
};

static void expect_invalid_handle(HANDLE session)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		DWORD code = calls[i].call(session);

		cr_expect_eq(code, ERROR_INVALID_HANDLE, "%s: %s", calls[i].name,
			     RsmErrorName(code));
		cr_expect_eq(GetLastError(), ERROR_INVALID_HANDLE, "%s", calls[i].name);
	}
}

Test(bad_input, handles_that_are_none)
{
	HANDLE closed = fx_open(), old = closed;
	struct fx_dump *before = fx_dump();

	out = cartridge;
	fx_close(&closed);
	expect_invalid_handle(NULL);
	expect_invalid_handle(INVALID_HANDLE_VALUE);
	expect_invalid_handle((HANDLE)&media);
	expect_invalid_handle(old);
	must_be(CloseNtmsNotification((HANDLE)&media), ERROR_INVALID_HANDLE);
	must_be(CloseNtmsNotification(NULL), ERROR_INVALID_PARAMETER);
	must_be(EndNtmsDeviceChangeDetection(fx_session, (HANDLE)&media), ERROR_INVALID_HANDLE);
	fx_expect_unchanged(before);
}

/* Those that have a code of their own for a session that they cannot reach. */
static bool tells_not_connected(const char *call)
{
	static const char *const list[] = {
		"InventoryNtmsLibrary",	      "ReserveNtmsCleanerSlot",
		"ReleaseNtmsCleanerSlot",     "EjectNtmsCleaner",
		"GetNtmsObjectAttributeA",    "GetNtmsObjectAttributeW",
		"SetNtmsObjectAttributeA",    "SetNtmsObjectAttributeW",
		"UpdateNtmsOmidInfo",	      "SubmitNtmsOperatorRequestA",
		"SubmitNtmsOperatorRequestW", "WaitForNtmsOperatorRequest",
		"ExportNtmsDatabase",	      "ImportNtmsDatabase",
		"OpenNotification",
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (!strcmp(call, list[i]))
			return true;
	return false;
}

static HANDLE notification;

/* The exit status: 0, or the number of the call that was not refused as it should be. */
static int use_sessions_of_parent(const struct child *parent)
{
	int wrong = 0;

	(void)parent;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]) && !wrong; i++) {
		DWORD expected = tells_not_connected(calls[i].name) ? ERROR_NOT_CONNECTED
								    : ERROR_INVALID_HANDLE;

		if (!strcmp(calls[i].name, "WaitForNtmsNotification"))
			continue;
		if (calls[i].call(fx_session) != expected ||
		    !strstr(RsmLastMessage(), "has opened the session"))
			wrong = (int)i + 1;
	}
	if (WaitForNtmsNotification(notification, &told, 0) != ERROR_NOT_CONNECTED)
		wrong = 201;
	if (CloseNtmsNotification(notification) != ERROR_NOT_CONNECTED)
		wrong = 202;
	return wrong;
}

/* A session is of the process that opened it: Berkeley DB's handles must not be used by others. */
Test(bad_input, sessions_of_the_parent)
{
	struct fx_dump *before = fx_dump();
	struct child child;
	int status;

	out = cartridge;
	notification = OpenNtmsNotification(fx_session, NTMS_DRIVE);
	cr_assert_neq(notification, INVALID_HANDLE_VALUE);
	child = start_child(use_sessions_of_parent);
	cr_assert_eq(waitpid(child.pid, &status, 0), child.pid);
	cr_assert_eq(status, 0, "status %#x", (unsigned int)status);
	fx_expect_unchanged(before);
	must(CloseNtmsNotification(notification));
}

Test(bad_input, a_broker_that_is_none)
{
	setenv("NTMS_BROKER", "nobody", 1);
	cr_assert_eq(OpenNtmsSessionA(NULL, "test", 0), INVALID_HANDLE_VALUE);
	must_be(GetLastError(), ERROR_NOT_CONNECTED);
	cr_assert(strstr(RsmLastMessage(), "nobody"), "%s", RsmLastMessage());
}

/* ---- pointers ---- */

static void is_missed(const char *call, DWORD code)
{
	cr_expect_eq(code, ERROR_INVALID_PARAMETER, "%s: %s", call, RsmErrorName(code));
	cr_expect_neq(RsmLastMessage()[0], '\0', "%s says nothing", call);
}

/* One pointer that the call needs is NULL, all else would do. */
#define missed(call, ...) is_missed(#call "(" #__VA_ARGS__ ")", call(fx_session, __VA_ARGS__))

Test(bad_input, pointers_that_are_missing)
{
	struct fx_dump *before = fx_dump();

	out = cartridge;
	size = sizeof(bytes);
	missed(MountNtmsMedia, NULL, &out, 1, NTMS_MOUNT_READ, 0, 0, NULL);
	missed(MountNtmsMedia, &media, NULL, 1, NTMS_MOUNT_READ, 0, 0, NULL);
	missed(DismountNtmsMedia, NULL, 1, 0);
	missed(DismountNtmsDrive, NULL);
	missed(AllocateNtmsMedia, NULL, NULL, &out, 0, 0, NULL);
	missed(AllocateNtmsMedia, &pool, NULL, NULL, 0, 0, NULL);
	missed(DeallocateNtmsMedia, NULL, 0);
	missed(SwapNtmsMedia, NULL, &media);
	missed(SwapNtmsMedia, &media, NULL);
	missed(SetNtmsMediaComplete, NULL);
	missed(DecommissionNtmsMedia, NULL);
	missed(CreateNtmsMediaPoolA, NULL, NULL, NTMS_CREATE_NEW, NULL, &out);
	missed(CreateNtmsMediaPoolA, "P", NULL, NTMS_CREATE_NEW, NULL, NULL);
	missed(CreateNtmsMediaPoolW, NULL, NULL, NTMS_CREATE_NEW, NULL, &out);
	missed(CreateNtmsMediaPoolW, w_name, NULL, NTMS_CREATE_NEW, NULL, NULL);
	missed(GetNtmsMediaPoolNameA, NULL, bytes, &size);
	missed(GetNtmsMediaPoolNameA, &pool, NULL, &size);
	missed(GetNtmsMediaPoolNameA, &pool, bytes, NULL);
	missed(GetNtmsMediaPoolNameW, NULL, w_name, &size);
	missed(GetNtmsMediaPoolNameW, &pool, NULL, &size);
	missed(GetNtmsMediaPoolNameW, &pool, w_name, NULL);
	missed(DeleteNtmsMediaPool, NULL);
	missed(MoveToNtmsMediaPool, NULL, &pool);
	missed(MoveToNtmsMediaPool, &cartridge, NULL);
	missed(ChangeNtmsMediaType, NULL, &pool);
	missed(ChangeNtmsMediaType, &cartridge, NULL);
	missed(AddNtmsMediaType, NULL, &fx_library);
	missed(AddNtmsMediaType, &media_type, NULL);
	missed(DeleteNtmsMediaType, NULL, &fx_library);
	missed(DeleteNtmsMediaType, &media_type, NULL);
	missed(CreateNtmsMediaA, NULL, &info, 0);
	missed(CreateNtmsMediaA, &info, NULL, 0);
	missed(CreateNtmsMediaW, NULL, &wide, 0);
	missed(CreateNtmsMediaW, &wide, NULL, 0);
	missed(DeleteNtmsMedia, NULL);
	fx_expect_unchanged(before);
}

Test(bad_input, pointers_that_a_library_misses)
{
	struct fx_dump *before = fx_dump();

	out = cartridge;
	missed(EjectNtmsMedia, &cartridge, NULL, NTMS_EJECT_START);
	missed(EjectNtmsMedia, NULL, &out, NTMS_EJECT_QUEUE);
	missed(EjectNtmsMedia, NULL, NULL, NTMS_EJECT_STOP);
	missed(InjectNtmsMedia, NULL, &out, NTMS_INJECT_START);
	missed(InjectNtmsMedia, &fx_library, NULL, NTMS_INJECT_START);
	missed(InjectNtmsMedia, &fx_library, NULL, NTMS_INJECT_STOP);
	missed(AccessNtmsLibraryDoor, NULL, NTMS_INVENTORY_NONE);
	missed(InventoryNtmsLibrary, NULL, NTMS_INVENTORY_FAST);
	missed(IdentifyNtmsSlot, NULL, 0);
	missed(CleanNtmsDrive, NULL);
	missed(DeleteNtmsDrive, NULL);
	missed(DeleteNtmsLibrary, NULL);
	missed(CancelNtmsLibraryRequest, NULL);
	missed(GetNtmsRequestOrder, NULL, &size);
	missed(GetNtmsRequestOrder, &out, NULL);
	missed(SetNtmsRequestOrder, NULL, 1);
	missed(DeleteNtmsRequests, NULL, NTMS_LIBREQUEST, 1);
	missed(ReserveNtmsCleanerSlot, NULL, &out);
	missed(ReserveNtmsCleanerSlot, &fx_library, NULL);
	missed(ReleaseNtmsCleanerSlot, NULL);
	missed(InjectNtmsCleaner, NULL, &out, 1, NTMS_INJECT_START);
	missed(InjectNtmsCleaner, &fx_library, NULL, 1, NTMS_INJECT_START);
	missed(EjectNtmsCleaner, NULL, &out, NTMS_EJECT_START);
	missed(EjectNtmsCleaner, &fx_library, NULL, NTMS_EJECT_START);
	fx_expect_unchanged(before);
}

Test(bad_input, pointers_that_an_object_misses)
{
	struct fx_dump *before = fx_dump();
	HANDLE notification = OpenNtmsNotification(fx_session, NTMS_DRIVE);

	out = cartridge;
	size = sizeof(bytes);
	missed(EnumerateNtmsObject, NULL, &out, NULL, NTMS_LIBRARY, 0);
	missed(EnumerateNtmsObject, NULL, NULL, &size, NTMS_LIBRARY, 0);
	missed(GetNtmsObjectInformationA, NULL, &info);
	missed(GetNtmsObjectInformationA, &pool, NULL);
	missed(GetNtmsObjectInformationW, NULL, &wide);
	missed(GetNtmsObjectInformationW, &pool, NULL);
	missed(SetNtmsObjectInformationA, NULL, &info);
	missed(SetNtmsObjectInformationA, &pool, NULL);
	missed(SetNtmsObjectInformationW, NULL, &wide);
	missed(SetNtmsObjectInformationW, &pool, NULL);
	missed(GetNtmsObjectAttributeA, NULL, NTMS_MEDIA_POOL, "a", bytes, &size);
	missed(GetNtmsObjectAttributeA, &pool, NTMS_MEDIA_POOL, NULL, bytes, &size);
	missed(GetNtmsObjectAttributeA, &pool, NTMS_MEDIA_POOL, "a", NULL, &size);
	missed(GetNtmsObjectAttributeA, &pool, NTMS_MEDIA_POOL, "a", bytes, NULL);
	missed(GetNtmsObjectAttributeW, NULL, NTMS_MEDIA_POOL, w_name, bytes, &size);
	missed(GetNtmsObjectAttributeW, &pool, NTMS_MEDIA_POOL, NULL, bytes, &size);
	missed(GetNtmsObjectAttributeW, &pool, NTMS_MEDIA_POOL, w_name, NULL, &size);
	missed(GetNtmsObjectAttributeW, &pool, NTMS_MEDIA_POOL, w_name, bytes, NULL);
	missed(SetNtmsObjectAttributeA, NULL, NTMS_MEDIA_POOL, "a", bytes, 1);
	missed(SetNtmsObjectAttributeA, &pool, NTMS_MEDIA_POOL, NULL, bytes, 1);
	missed(SetNtmsObjectAttributeA, &pool, NTMS_MEDIA_POOL, "a", NULL, 1);
	missed(SetNtmsObjectAttributeW, NULL, NTMS_MEDIA_POOL, w_name, bytes, 1);
	missed(SetNtmsObjectAttributeW, &pool, NTMS_MEDIA_POOL, NULL, bytes, 1);
	missed(SetNtmsObjectAttributeW, &pool, NTMS_MEDIA_POOL, w_name, NULL, 1);
	missed(GetNtmsObjectSecurity, NULL, NTMS_MEDIA_POOL, DACL_SECURITY_INFORMATION, bytes,
	       sizeof(bytes), &size);
	missed(GetNtmsObjectSecurity, &pool, NTMS_MEDIA_POOL, DACL_SECURITY_INFORMATION, NULL,
	       sizeof(bytes), &size);
	missed(GetNtmsObjectSecurity, &pool, NTMS_MEDIA_POOL, DACL_SECURITY_INFORMATION, bytes,
	       sizeof(bytes), NULL);
	missed(SetNtmsObjectSecurity, NULL, NTMS_MEDIA_POOL, DACL_SECURITY_INFORMATION, bytes);
	missed(SetNtmsObjectSecurity, &pool, NTMS_MEDIA_POOL, DACL_SECURITY_INFORMATION, NULL);
	missed(DisableNtmsObject, NTMS_DRIVE, NULL);
	missed(EnableNtmsObject, NTMS_DRIVE, NULL);
	missed(UpdateNtmsOmidInfo, NULL, NTMS_OMID_TYPE_RAW_LABEL, sizeof(bytes), bytes);
	missed(UpdateNtmsOmidInfo, &media, NTMS_OMID_TYPE_RAW_LABEL, sizeof(bytes), NULL);
	missed(SubmitNtmsOperatorRequestA, NTMS_OPREQ_MESSAGE, "x", NULL, NULL, NULL);
	missed(SubmitNtmsOperatorRequestW, NTMS_OPREQ_MESSAGE, w_name, NULL, NULL, NULL);
	missed(SubmitNtmsOperatorRequestA, NTMS_OPREQ_NEWMEDIA, "x", NULL, NULL, &out);
	missed(SubmitNtmsOperatorRequestA, NTMS_OPREQ_CLEANER, "x", NULL, NULL, &out);
	missed(SubmitNtmsOperatorRequestA, NTMS_OPREQ_DEVICESERVICE, "x", NULL, NULL, &out);
	missed(SubmitNtmsOperatorRequestA, NTMS_OPREQ_MOVEMEDIA, "x", NULL, &fx_library, &out);
	missed(SubmitNtmsOperatorRequestA, NTMS_OPREQ_MOVEMEDIA, "x", &cartridge, NULL, &out);
	missed(WaitForNtmsOperatorRequest, NULL, 0);
	missed(CancelNtmsOperatorRequest, NULL);
	missed(SatisfyNtmsOperatorRequest, NULL);
	missed(BeginNtmsDeviceChangeDetection, NULL);
	missed(SetNtmsDeviceChangeDetection, NULL, NULL, NTMS_LIBRARY, 1);
	missed(GetNtmsUIOptionsA, NULL, NTMS_UITYPE_INFO, NULL, &size);
	missed(GetNtmsUIOptionsA, NULL, NTMS_UITYPE_INFO, bytes, NULL);
	missed(GetNtmsUIOptionsW, NULL, NTMS_UITYPE_INFO, NULL, &size);
	missed(GetNtmsUIOptionsW, NULL, NTMS_UITYPE_INFO, w_name, NULL);
	missed(SetNtmsUIOptionsA, NULL, NTMS_UITYPE_INFO, NTMS_UIDEST_DELETE, NULL);
	must_be(WaitForNtmsNotification(notification, NULL, 0), ERROR_INVALID_PARAMETER);
	must(CloseNtmsNotification(notification));
	fx_expect_unchanged(before);
}

static int use_parents_session(const struct child *parent)
{
	HANDLE session;

	(void)parent;
	if (DismountNtmsDrive(fx_session, &drive) != ERROR_INVALID_HANDLE ||
	    CloseNtmsSession(fx_session) != ERROR_INVALID_HANDLE)
		return 1;
	/* One of its own it may have. */
	session = OpenNtmsSessionA(NULL, "child", 0);
	if (session == INVALID_HANDLE_VALUE)
		return 2;
	if (DismountNtmsDrive(session, &drive) != ERROR_INVALID_STATE)
		return 3;
	return CloseNtmsSession(session) ? 4 : 0;
}

Test(bad_input, a_session_is_not_its_childrens)
{
	struct child child = start_child(use_parents_session);

	join_child(&child);
	must_be(DismountNtmsDrive(fx_session, &drive), ERROR_INVALID_STATE);
}

Test(bad_input, sessions)
{
	char name[NTMS_APPLICATIONNAME_LENGTH + 1];
	HANDLE session;

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	cr_assert_eq(OpenNtmsSessionA(NULL, name, 0), INVALID_HANDLE_VALUE);
	cr_assert_eq(GetLastError(), ERROR_INVALID_PARAMETER);
	cr_assert_eq(OpenNtmsSessionA(name, "test", 0), INVALID_HANDLE_VALUE);
	cr_assert_eq(GetLastError(), ERROR_INVALID_COMPUTERNAME);
	cr_assert_eq(OpenNtmsSessionA("no.such.computer", "test", 0), INVALID_HANDLE_VALUE);
	cr_assert_eq(GetLastError(), ERROR_NO_NETWORK);
	cr_assert_eq(OpenNtmsSessionA(NULL, "test", 2), INVALID_HANDLE_VALUE);
	cr_assert_eq(GetLastError(), ERROR_INVALID_PARAMETER);
	session = OpenNtmsSessionA(NULL, "test", NTMS_SESSION_QUERYEXPEDITE);
	cr_assert_neq(session, INVALID_HANDLE_VALUE);
	must(CloseNtmsSession(session));
	cr_assert_eq(OpenNtmsSessionA(NULL, "\xff\xfe", 0), INVALID_HANDLE_VALUE);
	cr_assert_eq(GetLastError(), ERROR_INVALID_PARAMETER);
}

static DWORD open_another(HANDLE session)
{
	HANDLE opened = OpenNtmsSessionA(NULL, "another", 0);

	(void)session;
	return opened == INVALID_HANDLE_VALUE ? GetLastError() : CloseNtmsSession(opened);
}

Test(bad_input, a_session_while_somebody_sits_on_the_database)
{
	must_be(fault_locked_out(open_another), ERROR_NOT_READY);
	cr_assert_neq(fault_said[0], '\0');
	must(open_another(fx_session));
}

static DWORD mount(const NTMS_GUID *guid, DWORD count, DWORD options, int priority)
{
	NTMS_GUID list[2] = {*guid, *guid}, drives[2] = {drive, drive};

	return MountNtmsMedia(fx_session, list, drives, count, options, priority, 0, NULL);
}

Test(bad_input, mount)
{
	NTMS_MOUNT_INFORMATION information = {.dwSize = sizeof(information)};

	refused(MountNtmsMedia(fx_session, NULL, &drive, 1, 0, 0, 0, NULL),
		ERROR_INVALID_PARAMETER);
	refused(MountNtmsMedia(fx_session, &media, NULL, 1, 0, 0, 0, NULL),
		ERROR_INVALID_PARAMETER);
	refused(MountNtmsMedia(fx_session, &media, &drive, 1, 0, 0, 0, &information),
		ERROR_INVALID_PARAMETER);
	refused(mount(&media, 0, NTMS_MOUNT_READ, 0), ERROR_INVALID_PARAMETER);
	refused(mount(&media, 1, 0x40, 0), ERROR_INVALID_PARAMETER);
	refused(mount(&media, 1, 0x80000001, 0), ERROR_INVALID_PARAMETER);
	refused(mount(&media, 1, NTMS_MOUNT_READ, NTMS_PRIORITY_HIGHEST + 1),
		ERROR_INVALID_PARAMETER);
	refused(mount(&media, 1, NTMS_MOUNT_READ, NTMS_PRIORITY_LOWEST - 1),
		ERROR_INVALID_PARAMETER);
	refused(mount(&media, 2, NTMS_MOUNT_READ, 0), ERROR_INVALID_MEDIA);
	refused(mount(&unknown, 1, NTMS_MOUNT_READ, 0), ERROR_INVALID_MEDIA);
	refused(mount(&null_guid, 1, NTMS_MOUNT_READ, 0), ERROR_INVALID_MEDIA);
	refused(mount(&cartridge, 1, NTMS_MOUNT_READ, 0), ERROR_INVALID_MEDIA);
	refused(mount(&pool, 1, NTMS_MOUNT_READ, 0), ERROR_INVALID_MEDIA);
	drive = unknown;
	refused(mount(&media, 1, NTMS_MOUNT_READ | NTMS_MOUNT_SPECIFIC_DRIVE, 0),
		ERROR_INVALID_DRIVE);
	drive = media;
	refused(mount(&media, 1, NTMS_MOUNT_READ | NTMS_MOUNT_SPECIFIC_DRIVE, 0),
		ERROR_INVALID_DRIVE);
}

Test(bad_input, allocate)
{
	NTMS_ALLOCATION_INFORMATION information = {.dwSize = 1};
	NTMS_GUID out;

	refused(AllocateNtmsMedia(fx_session, NULL, NULL, &out, 0, 0, NULL),
		ERROR_INVALID_PARAMETER);
	refused(AllocateNtmsMedia(fx_session, &pool, NULL, NULL, 0, 0, NULL),
		ERROR_INVALID_PARAMETER);
	refused(AllocateNtmsMedia(fx_session, &pool, NULL, &out, 8, 0, NULL),
		ERROR_INVALID_PARAMETER);
	refused(AllocateNtmsMedia(fx_session, &pool, NULL, &out,
				  NTMS_ALLOCATE_NEW | NTMS_ALLOCATE_NEXT, 0, NULL),
		ERROR_INVALID_PARAMETER);
	refused(AllocateNtmsMedia(fx_session, &pool, NULL, &out, 0, 0, &information),
		ERROR_INVALID_PARAMETER);
	refused(AllocateNtmsMedia(fx_session, &unknown, NULL, &out, 0, 0, NULL),
		ERROR_INVALID_MEDIA_POOL);
	refused(AllocateNtmsMedia(fx_session, &media, NULL, &out, 0, 0, NULL),
		ERROR_INVALID_MEDIA_POOL);
	refused(AllocateNtmsMedia(fx_session, &pool, &unknown, &out, 0, 0, NULL),
		ERROR_INVALID_MEDIA);
	refused(AllocateNtmsMedia(fx_session, &pool, &cartridge, &out, 0, 0, NULL),
		ERROR_INVALID_MEDIA);
	out = unknown;
	refused(AllocateNtmsMedia(fx_session, &pool, NULL, &out, NTMS_ALLOCATE_NEXT, 0, NULL),
		ERROR_INVALID_MEDIA);
}

Test(bad_input, complete_and_decommission)
{
	refused(SetNtmsMediaComplete(fx_session, NULL), ERROR_INVALID_PARAMETER);
	refused(SetNtmsMediaComplete(fx_session, &unknown), ERROR_INVALID_MEDIA);
	refused(SetNtmsMediaComplete(fx_session, &side), ERROR_INVALID_MEDIA);
	refused(DecommissionNtmsMedia(fx_session, NULL), ERROR_INVALID_PARAMETER);
	refused(DecommissionNtmsMedia(fx_session, &unknown), ERROR_INVALID_MEDIA);
	refused(DecommissionNtmsMedia(fx_session, &media), ERROR_INVALID_MEDIA);
	refused(DecommissionNtmsMedia(fx_session, &side), ERROR_INVALID_STATE);
}

Test(bad_input, media_whose_pool_is_missing)
{
	struct object record = fx_get(&pool, NTMS_MEDIA_POOL);

	fx_delete(&pool);
	refused(SetNtmsMediaComplete(fx_session, &media), ERROR_INVALID_MEDIA_POOL);
	refused(DecommissionNtmsMedia(fx_session, &side), ERROR_INVALID_MEDIA_POOL);
	refused(SwapNtmsMedia(fx_session, &media, &media), ERROR_INVALID_MEDIA_POOL);
	refused(DeallocateNtmsMedia(fx_session, &media, 0), ERROR_DATABASE_FAILURE);
	fx_insert(&record);
}

static DWORD create(const char *name, DWORD action)
{
	NTMS_GUID out;

	return CreateNtmsMediaPoolA(fx_session, name, &media_type, action, NULL, &out);
}

Test(bad_input, pools)
{
	char level[NTMS_OBJECTNAME_LENGTH + 1], path[600];
	NTMS_GUID out;
	DWORD size = 0;

	memset(level, 'x', sizeof(level) - 1);
	level[sizeof(level) - 1] = '\0';
	memset(path, 'y', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	refused(create(NULL, NTMS_CREATE_NEW), ERROR_INVALID_PARAMETER);
	refused(CreateNtmsMediaPoolA(fx_session, "P", &media_type, NTMS_CREATE_NEW, NULL, NULL),
		ERROR_INVALID_PARAMETER);
	refused(create("P", 0), ERROR_INVALID_PARAMETER);
	refused(create("P", 4), ERROR_INVALID_PARAMETER);
	refused(create("", NTMS_CREATE_NEW), ERROR_INVALID_NAME);
	refused(create("A\\\\B", NTMS_CREATE_NEW), ERROR_INVALID_NAME);
	refused(create("P\n", NTMS_CREATE_NEW), ERROR_INVALID_NAME);
	refused(create("\xc3\x28", NTMS_CREATE_NEW), ERROR_INVALID_NAME);
	refused(create(level, NTMS_CREATE_NEW), ERROR_INVALID_NAME);
	refused(create(path, NTMS_CREATE_NEW), ERROR_INVALID_NAME);
	refused(create("Free\\Mine", NTMS_CREATE_NEW), ERROR_INVALID_NAME);
	refused(create("Nowhere\\P", NTMS_CREATE_NEW), ERROR_OBJECT_NOT_FOUND);
	refused(create("P", NTMS_OPEN_EXISTING), ERROR_OBJECT_NOT_FOUND);
	refused(create("V00001L8", NTMS_CREATE_NEW), ERROR_ALREADY_EXISTS);
	refused(CreateNtmsMediaPoolA(fx_session, "P", &unknown, NTMS_CREATE_NEW, NULL, &out),
		ERROR_INVALID_MEDIA);
	refused(CreateNtmsMediaPoolA(fx_session, "P", &pool, NTMS_CREATE_NEW, NULL, &out),
		ERROR_INVALID_MEDIA);
	refused(GetNtmsMediaPoolNameA(fx_session, &pool, NULL, NULL), ERROR_INVALID_PARAMETER);
	refused(GetNtmsMediaPoolNameA(fx_session, NULL, NULL, &size), ERROR_INVALID_PARAMETER);
	refused(GetNtmsMediaPoolNameA(fx_session, &media, NULL, &size), ERROR_INVALID_MEDIA_POOL);
	refused(GetNtmsMediaPoolNameA(fx_session, &pool, NULL, &size), ERROR_INSUFFICIENT_BUFFER);
	cr_assert_eq(size, strlen("V00001L8") + 1);
	refused(DeleteNtmsMediaPool(fx_session, NULL), ERROR_INVALID_PARAMETER);
	refused(DeleteNtmsMediaPool(fx_session, &unknown), ERROR_INVALID_MEDIA_POOL);
	refused(DeleteNtmsMediaPool(fx_session, &drive), ERROR_INVALID_MEDIA_POOL);
	refused(DeleteNtmsMediaPool(fx_session, &pool), ERROR_NOT_EMPTY);
}

Test(bad_input, moves_between_pools)
{
	NTMS_GUID foreign = fx_find("Unrecognized", NTMS_MEDIA_POOL);

	refused(MoveToNtmsMediaPool(fx_session, NULL, &pool), ERROR_INVALID_PARAMETER);
	refused(MoveToNtmsMediaPool(fx_session, &cartridge, NULL), ERROR_INVALID_PARAMETER);
	refused(MoveToNtmsMediaPool(fx_session, &unknown, &pool), ERROR_INVALID_MEDIA);
	refused(MoveToNtmsMediaPool(fx_session, &side, &pool), ERROR_INVALID_MEDIA);
	refused(MoveToNtmsMediaPool(fx_session, &cartridge, &unknown), ERROR_INVALID_MEDIA_POOL);
	refused(MoveToNtmsMediaPool(fx_session, &cartridge, &media), ERROR_INVALID_MEDIA_POOL);
	refused(MoveToNtmsMediaPool(fx_session, &cartridge, &foreign), ERROR_INVALID_MEDIA_POOL);
}

Test(bad_input, enumeration)
{
	NTMS_GUID list[4];
	DWORD size = 4;

	refused(EnumerateNtmsObject(fx_session, NULL, list, NULL, NTMS_LIBRARY, 0),
		ERROR_INVALID_PARAMETER);
	refused(EnumerateNtmsObject(fx_session, NULL, NULL, &size, NTMS_LIBRARY, 0),
		ERROR_INVALID_PARAMETER);
	refused(EnumerateNtmsObject(fx_session, &unknown, list, &size, NTMS_DRIVE, 0),
		ERROR_OBJECT_NOT_FOUND);
	refused(EnumerateNtmsObject(fx_session, &drive, list, &size, NTMS_LIBRARY, 0),
		ERROR_INVALID_PARAMETER);
	refused(EnumerateNtmsObject(fx_session, NULL, list, &size, NTMS_NUMBER_OF_OBJECT_TYPES, 0),
		ERROR_INVALID_PARAMETER);
	refused(EnumerateNtmsObject(fx_session, NULL, list, &size, NTMS_LIBRARY, 2),
		ERROR_INVALID_PARAMETER);
	size = 1;
	refused(EnumerateNtmsObject(fx_session, &fx_library, list, &size, NTMS_DRIVE, 0),
		ERROR_INSUFFICIENT_BUFFER);
	cr_assert_eq(size, 2);
}

static DWORD get(const NTMS_GUID *guid, DWORD size, DWORD type)
{
	NTMS_OBJECTINFORMATIONA info = {.dwSize = size, .dwType = type};
	NTMS_GUID copy = *guid;

	return GetNtmsObjectInformationA(fx_session, &copy, &info);
}

static DWORD set_pool(DWORD policy, BYTE last_of_name)
{
	NTMS_OBJECTINFORMATIONA info = {.dwSize = sizeof(info), .dwType = NTMS_MEDIA_POOL};

	must(GetNtmsObjectInformationA(fx_session, &pool, &info));
	info.Info.MediaPool.AllocationPolicy = policy;
	if (last_of_name) {
		memset(info.szName, 'n', sizeof(info.szName));
		info.szName[sizeof(info.szName) - 1] = (CHAR)last_of_name;
	}
	return SetNtmsObjectInformationA(fx_session, &pool, &info);
}

Test(bad_input, information)
{
	NTMS_OBJECTINFORMATIONA info = {.dwSize = sizeof(info), .dwType = NTMS_MEDIA_POOL};
	DWORD all = sizeof(info);

	refused(GetNtmsObjectInformationA(fx_session, NULL, &info), ERROR_INVALID_PARAMETER);
	refused(GetNtmsObjectInformationA(fx_session, &pool, NULL), ERROR_INVALID_PARAMETER);
	refused(SetNtmsObjectInformationA(fx_session, NULL, &info), ERROR_INVALID_PARAMETER);
	refused(SetNtmsObjectInformationA(fx_session, &pool, NULL), ERROR_INVALID_PARAMETER);
	refused(get(&pool, 0, NTMS_MEDIA_POOL), ERROR_INVALID_PARAMETER);
	refused(get(&pool, all / 2, NTMS_MEDIA_POOL), ERROR_INVALID_PARAMETER);
	refused(get(&pool, all, NTMS_NUMBER_OF_OBJECT_TYPES), ERROR_INVALID_PARAMETER);
	refused(get(&pool, all, NTMS_DRIVE), ERROR_OBJECT_NOT_FOUND);
	refused(get(&unknown, all, NTMS_UNKNOWN), ERROR_OBJECT_NOT_FOUND);
	refused(get(&null_guid, all, NTMS_UNKNOWN), ERROR_OBJECT_NOT_FOUND);
	refused(set_pool(2, 0), ERROR_INVALID_PARAMETER);
	/* A name that never ends. */
	refused(set_pool(0, 'n'), ERROR_INVALID_PARAMETER);
}

Test(bad_input, on_and_off)
{
	refused(DisableNtmsObject(fx_session, NTMS_DRIVE, NULL), ERROR_INVALID_PARAMETER);
	refused(DisableNtmsObject(fx_session, NTMS_MEDIA_POOL, &pool), ERROR_INVALID_PARAMETER);
	refused(DisableNtmsObject(fx_session, NTMS_DRIVE, &unknown), ERROR_OBJECT_NOT_FOUND);
	refused(DisableNtmsObject(fx_session, NTMS_DRIVE, &fx_library), ERROR_OBJECT_NOT_FOUND);
	refused(EnableNtmsObject(fx_session, NTMS_DRIVE, &drive), ERROR_INVALID_STATE);
	refused(EnableNtmsObject(fx_session, NTMS_DRIVE, NULL), ERROR_INVALID_PARAMETER);
	refused(EnableNtmsObject(fx_session, NTMS_STORAGESLOT, &drive), ERROR_INVALID_PARAMETER);
	refused(EnableNtmsObject(fx_session, NTMS_LIBRARY, &unknown), ERROR_OBJECT_NOT_FOUND);
	refused(EnableNtmsObject(fx_session, NTMS_PHYSICAL_MEDIA, &drive), ERROR_OBJECT_NOT_FOUND);
}

Test(bad_input, inventory)
{
	refused(InventoryNtmsLibrary(fx_session, NULL, NTMS_INVENTORY_FAST),
		ERROR_INVALID_PARAMETER);
	refused(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_MAX),
		ERROR_INVALID_PARAMETER);
	refused(InventoryNtmsLibrary(fx_session, &unknown, NTMS_INVENTORY_FAST),
		ERROR_INVALID_LIBRARY);
	refused(InventoryNtmsLibrary(fx_session, &drive, NTMS_INVENTORY_FAST),
		ERROR_INVALID_LIBRARY);
}

Test(bad_input, label_information)
{
	char label[80] = "no label at all";

	refused(UpdateNtmsOmidInfo(fx_session, NULL, NTMS_OMID_TYPE_RAW_LABEL, 80, label),
		ERROR_INVALID_PARAMETER);
	refused(UpdateNtmsOmidInfo(fx_session, &media, NTMS_OMID_TYPE_RAW_LABEL, 80, NULL),
		ERROR_INVALID_PARAMETER);
	refused(UpdateNtmsOmidInfo(fx_session, &media, NTMS_OMID_TYPE_RAW_LABEL, 0, label),
		ERROR_INVALID_PARAMETER);
	refused(UpdateNtmsOmidInfo(fx_session, &media, 3, 80, label), ERROR_INVALID_PARAMETER);
	refused(UpdateNtmsOmidInfo(fx_session, &media, NTMS_OMID_TYPE_FILESYSTEM_INFO, 80, label),
		ERROR_INVALID_PARAMETER);
	refused(UpdateNtmsOmidInfo(fx_session, &media, NTMS_OMID_TYPE_RAW_LABEL, 80, label),
		ERROR_BAD_FORMAT);
	memset(label, ' ', sizeof(label));
	memcpy(label, "VOL1ABC123", 10);
	label[79] = '4';
	refused(UpdateNtmsOmidInfo(fx_session, &unknown, NTMS_OMID_TYPE_RAW_LABEL, 80, label),
		ERROR_INVALID_MEDIA);
	refused(UpdateNtmsOmidInfo(fx_session, &side, NTMS_OMID_TYPE_RAW_LABEL, 80, label),
		ERROR_INVALID_MEDIA);
}

Test(bad_input, calls_of_our_own)
{
	NTMS_GUID out;
	char name[600];
	DWORD size = 1;

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	refused(RsmListDevices(fx_session, NULL, NULL), ERROR_INVALID_PARAMETER);
	refused(RsmListDevices(fx_session, NULL, &size), ERROR_INVALID_PARAMETER);
	refused(RsmListHolders(fx_session, NULL, &size), ERROR_INVALID_PARAMETER);
	refused(RsmManageLibrary(fx_session, NULL, &out), ERROR_INVALID_PARAMETER);
	refused(RsmManageLibrary(fx_session, "", &out), ERROR_INVALID_PARAMETER);
	refused(RsmManageLibrary(fx_session, "X", NULL), ERROR_INVALID_PARAMETER);
	refused(RsmManageLibrary(fx_session, name, &out), ERROR_OBJECT_NOT_FOUND);
	refused(RsmUnmanageLibrary(fx_session, NULL), ERROR_INVALID_PARAMETER);
	refused(RsmUnmanageLibrary(fx_session, &unknown), ERROR_INVALID_LIBRARY);
	refused(RsmUnmanageLibrary(fx_session, &drive), ERROR_INVALID_LIBRARY);
	refused(RsmWaitForMedia(fx_session, NULL, 0), ERROR_INVALID_PARAMETER);
	refused(RsmWaitForMedia(fx_session, &unknown, 0), ERROR_OBJECT_NOT_FOUND);
	refused(RsmWaitForMedia(fx_session, &drive, 0), ERROR_OBJECT_NOT_FOUND);
	refused(RsmWaitForLibrary(fx_session, NULL, 0), ERROR_INVALID_PARAMETER);
	refused(RsmWaitForLibrary(fx_session, &drive, 0), ERROR_INVALID_LIBRARY);
	refused(RsmRefreshLabel(fx_session, NULL), ERROR_INVALID_PARAMETER);
	refused(RsmRefreshLabel(fx_session, &unknown), ERROR_INVALID_MEDIA);
	refused(RsmRefreshLabel(fx_session, &media), ERROR_INVALID_STATE);
	refused(RsmDismountMedia(fx_session, NULL, 1, 0, 0), ERROR_INVALID_PARAMETER);
	refused(RsmDismountMedia(fx_session, &media, 0, 0, 0), ERROR_INVALID_PARAMETER);
	refused(RsmDismountMedia(fx_session, &media, 0xFFFFFFFF, 0, 0), ERROR_NOT_ENOUGH_MEMORY);
	refused(RsmDismountMedia(fx_session, &media, 1, 4, 0), ERROR_INVALID_PARAMETER);
	refused(RsmDismountMedia(fx_session, &unknown, 1, 0, 0), ERROR_INVALID_MEDIA);
	refused(RsmDismountMedia(fx_session, &media, 1, 0, 0), ERROR_INVALID_STATE);
	refused(RsmDismountDrive(fx_session, NULL, 0), ERROR_INVALID_PARAMETER);
	refused(RsmDismountDrive(fx_session, &unknown, 0), ERROR_INVALID_DRIVE);
	refused(RsmServeLibrary(fx_session, NULL, TRUE), ERROR_INVALID_PARAMETER);
	refused(RsmServeLibrary(fx_session, &unknown, TRUE), ERROR_INVALID_LIBRARY);
	refused(RsmServeLibrary(fx_session, &drive, TRUE), ERROR_INVALID_LIBRARY);
	refused(RsmGetService(fx_session, &fx_library, NULL), ERROR_INVALID_PARAMETER);
	refused(RsmGetService(fx_session, &fx_library, &service), ERROR_INVALID_PARAMETER);
	service.dwSize = sizeof(service);
	refused(RsmGetService(fx_session, NULL, &service), ERROR_INVALID_PARAMETER);
	refused(RsmGetService(fx_session, &fx_library, &service), ERROR_INVALID_STATE);
	refused(RsmWatchChanges(fx_session, NULL), ERROR_INVALID_PARAMETER);
	refused(RsmListConflicts(fx_session, NULL, NULL), ERROR_INVALID_PARAMETER);
	refused(RsmListConflicts(fx_session, NULL, &size), ERROR_INVALID_PARAMETER);
	refused(RsmGrantProcess(fx_session, NULL, 1), ERROR_INVALID_PARAMETER);
	refused(RsmGrantProcess(fx_session, &media, 0), ERROR_INVALID_PARAMETER);
	refused(RsmGrantProcess(fx_session, &media, 0xffffffff), ERROR_INVALID_PARAMETER);
	refused(RsmGrantProcess(fx_session, &unknown, 1), ERROR_INVALID_MEDIA);
	refused(RsmGrantProcess(fx_session, &media, 1), ERROR_INVALID_STATE);
	refused(RsmFindObject(fx_session, NULL, NTMS_DRIVE, &out), ERROR_INVALID_PARAMETER);
	refused(RsmFindObject(fx_session, "", NTMS_DRIVE, &out), ERROR_INVALID_PARAMETER);
	refused(RsmFindObject(fx_session, "X", NTMS_DRIVE, NULL), ERROR_INVALID_PARAMETER);
	refused(RsmFindObject(fx_session, name, NTMS_DRIVE, &out), ERROR_OBJECT_NOT_FOUND);
	refused(RsmFindObject(fx_session, "X", 99, &out), ERROR_NOT_SUPPORTED);
	refused(RsmCreateVirtualLibrary(NULL, 1, 1, 1, 1), ERROR_INVALID_PARAMETER);
	refused(RsmCreateVirtualLibrary(fx_vlib, 1, 1, 1, 1), ERROR_ALREADY_EXISTS);
	snprintf(name, sizeof(name), "%s/new", fx_top);
	refused(RsmCreateVirtualLibrary(name, 0, 1, 0, 0), ERROR_INVALID_PARAMETER);
	refused(RsmCreateVirtualLibrary(name, 65, 1, 0, 0), ERROR_INVALID_PARAMETER);
	refused(RsmCreateVirtualLibrary(name, 1, 1, 0, 2), ERROR_INVALID_PARAMETER);
	refused(RsmCreateVirtualLibrary(name, 1, 10001, 0, 0), ERROR_INVALID_PARAMETER);
	refused(RsmCreateVirtualLibrary(name, 1, 1, 65, 0), ERROR_INVALID_PARAMETER);
	cr_assert_neq(access(name, F_OK), 0, "a directory was left");
	/* Each of its own accord: what a drive's node is called, and what any file is. */
	for (int digits = 60; digits <= 300; digits += 240) {
		snprintf(name, sizeof(name), "%s/%0*d", fx_top, digits, 1);
		refused(RsmCreateVirtualLibrary(name, 1, 1, 0, 0), ERROR_INVALID_PARAMETER);
		cr_assert_neq(access(name, F_OK), 0, "a directory was left");
	}
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test-bad-input.c - handles, pointers, identifiers, options and names that are wrong: each gets
 * its documented error and changes nothing
 */
#include <string.h>
#include "base/guid.h"
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

/* Every call by itself, with arguments that would do but for the session. */
static DWORD call_number(unsigned int number, HANDLE session, bool *end)
{
	NTMS_OBJECTINFORMATIONA info = {.dwSize = sizeof(info), .dwType = NTMS_MEDIA_POOL};
	NTMS_OBJECTINFORMATIONW wide = {.dwSize = sizeof(wide), .dwType = NTMS_MEDIA_POOL};
	static WCHAR name[] = {'P', 0};
	NTMS_GUID out = pool, other = drive;
	DWORD size = 0;
	RSM_DEVICE device;

	*end = false;
	switch (number) {
	case 0:
		return CloseNtmsSession(session);
	case 1:
		return MountNtmsMedia(session, &media, &other, 1, NTMS_MOUNT_READ, 0, 0, NULL);
	case 2:
		return DismountNtmsMedia(session, &media, 1, 0);
	case 3:
		return DismountNtmsDrive(session, &drive);
	case 4:
		return AllocateNtmsMedia(session, &pool, NULL, &out, 0, 0, NULL);
	case 5:
		return DeallocateNtmsMedia(session, &media, 0);
	case 6:
		return SetNtmsMediaComplete(session, &media);
	case 7:
		return DecommissionNtmsMedia(session, &side);
	case 8:
		return CreateNtmsMediaPoolA(session, "P", NULL, NTMS_CREATE_NEW, NULL, &out);
	case 9:
		return CreateNtmsMediaPoolW(session, name, NULL, NTMS_CREATE_NEW, NULL, &out);
	case 10:
		return GetNtmsMediaPoolNameA(session, &pool, NULL, &size);
	case 11:
		return GetNtmsMediaPoolNameW(session, &pool, NULL, &size);
	case 12:
		return DeleteNtmsMediaPool(session, &pool);
	case 13:
		return MoveToNtmsMediaPool(session, &cartridge, &pool);
	case 14:
		return EnumerateNtmsObject(session, NULL, NULL, &size, NTMS_LIBRARY, 0);
	case 15:
		return GetNtmsObjectInformationA(session, &pool, &info);
	case 16:
		return GetNtmsObjectInformationW(session, &pool, &wide);
	case 17:
		return SetNtmsObjectInformationA(session, &pool, &info);
	case 18:
		return SetNtmsObjectInformationW(session, &pool, &wide);
	case 19:
		return DisableNtmsObject(session, NTMS_DRIVE, &drive);
	case 20:
		return EnableNtmsObject(session, NTMS_DRIVE, &drive);
	case 21:
		return InventoryNtmsLibrary(session, &fx_library, NTMS_INVENTORY_FAST);
	case 22:
		return UpdateNtmsOmidInfo(session, &media, NTMS_OMID_TYPE_RAW_LABEL, 1, &out);
	case 23:
		return RsmListDevices(session, &device, &size);
	case 24:
		return RsmManageLibrary(session, "X", &out);
	case 25:
		return RsmUnmanageLibrary(session, &fx_library);
	case 26:
		return RsmListHolders(session, NULL, &size);
	case 27:
		return RsmSetProgress(session, NULL, NULL);
	case 28:
		return RsmWaitForMedia(session, &media, 0);
	case 29:
		return RsmWaitForLibrary(session, &fx_library, 0);
	case 30:
		return RsmWaitForMountsEnd(session, -1);
	case 31:
		return RsmRefreshLabel(session, &media);
	case 32:
		return RsmFindObject(session, "X", NTMS_LIBRARY, &out);
	default:
		*end = true;
		return ERROR_SUCCESS;
	}
}

static unsigned int expect_invalid_handle(HANDLE session)
{
	unsigned int number = 0;
	bool end;

	for (;; number++) {
		DWORD code = call_number(number, session, &end);

		if (end)
			return number;
		cr_assert_eq(code, ERROR_INVALID_HANDLE, "call %u: %s", number, RsmErrorName(code));
		cr_assert_eq(GetLastError(), ERROR_INVALID_HANDLE, "call %u", number);
	}
}

Test(bad_input, handles_that_are_none)
{
	HANDLE closed = fx_open(), handle = closed;
	struct fx_dump *before = fx_dump();

	fx_close(&closed);
	cr_assert_eq(expect_invalid_handle(NULL), 33);
	expect_invalid_handle(INVALID_HANDLE_VALUE);
	expect_invalid_handle((HANDLE)&media);
	expect_invalid_handle(handle);
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
	cr_assert_eq(OpenNtmsSessionA(NULL, "\xff\xfe", 0), INVALID_HANDLE_VALUE);
	cr_assert_eq(GetLastError(), ERROR_INVALID_PARAMETER);
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
}

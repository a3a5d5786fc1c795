// SPDX-License-Identifier: GPL-2.0-only
/* Objects listed, read, changed, enabled and disabled. */
#include "session-test.h"
#include "base/utf.h"

TestSuite(enumerate, .init = open_library, .fini = close_library);
TestSuite(info, .init = open_library, .fini = close_library);
TestSuite(enable, .init = open_library, .fini = close_library);

/* ---- lists ---- */

static DWORD count_of(const NTMS_GUID *container, DWORD type, DWORD *code)
{
	NTMS_GUID copy = container ? *container : (NTMS_GUID)NTMS_NULLGUID, list[200];
	DWORD count = 200;

	*code = EnumerateNtmsObject(session, container ? &copy : NULL, list, &count, type, 0);
	return count;
}

/* Row: type; column: in all, a library, a pool, a cartridge, a side, an LMID. '-': not there. */
static const struct {
	DWORD type;
	int count[6];
} matrix[] = {
#define NO -1
	{NTMS_OBJECT, {NO, NO, NO, NO, NO, NO}},
	{NTMS_UNKNOWN, {NO, NO, NO, NO, NO, NO}},
	{NTMS_CHANGER, {1, 1, NO, NO, NO, NO}},
	{NTMS_CHANGER_TYPE, {1, NO, NO, NO, NO, NO}},
	{NTMS_COMPUTER, {1, NO, NO, NO, NO, NO}},
	{NTMS_DRIVE, {2, 2, NO, NO, NO, NO}},
	{NTMS_DRIVE_TYPE, {1, NO, NO, NO, NO, NO}},
	{NTMS_IEDOOR, {1, 1, NO, NO, NO, NO}},
	{NTMS_IEPORT, {2, 2, NO, NO, NO, NO}},
	{NTMS_LIBRARY, {2, NO, NO, NO, NO, NO}},
	{NTMS_LOGICAL_MEDIA, {1, NO, 1, NO, 1, NO}},
	{NTMS_MEDIA_POOL, {4, NO, 0, NO, NO, NO}},
	{NTMS_MEDIA_TYPE, {63, 1, NO, NO, NO, NO}},
	{NTMS_PARTITION, {TAPES, NO, 2, 1, NO, 1}},
	{NTMS_PHYSICAL_MEDIA, {TAPES, TAPES, 2, NO, NO, NO}},
	{NTMS_STORAGESLOT, {8, 8, NO, NO, NO, NO}},
	{NTMS_OPREQUEST, {0, NO, NO, NO, NO, NO}},
	{NTMS_UI_DESTINATION, {NO, NO, NO, NO, NO, NO}},
	{NTMS_NUMBER_OF_OBJECT_TYPES, {NO, NO, NO, NO, NO, NO}},
	{OBJ_TYPE_RELATION, {NO, NO, NO, NO, NO, NO}},
	{0xFFFFFFFF, {NO, NO, NO, NO, NO, NO}},
#undef NO
};

Test(enumerate, everything_everywhere)
{
	NTMS_GUID pool = make_pool("Backup"), lmid, side;
	struct object logical;

	place_in(&tapes[0], &pool, NTMS_PARTSTATE_AVAILABLE);
	place_in(&tapes[1], &pool, NTMS_PARTSTATE_FOREIGN);
	must(AllocateNtmsMedia(session, &pool, NULL, &lmid, 0, 0, NULL));
	logical = read_object(&lmid);
	side = logical.logical.side;
	const NTMS_GUID *containers[6] = {NULL, &library, &pool, &tapes[0], &side, &lmid};

	for (size_t i = 0; i < sizeof(matrix) / sizeof(matrix[0]); i++) {
		for (size_t c = 0; c < 6; c++) {
			DWORD code, count = count_of(containers[c], matrix[i].type, &code);

			if (matrix[i].count[c] < 0) {
				cr_expect_eq(code, ERROR_INVALID_PARAMETER, "type %u in %zu: %u",
					     matrix[i].type, c, code);
				continue;
			}
			cr_expect_eq(code, ERROR_SUCCESS, "type %u in %zu: %u", matrix[i].type, c,
				     code);
			cr_expect_eq(count, (DWORD)matrix[i].count[c], "type %u in %zu: %u objects",
				     matrix[i].type, c, count);
		}
	}
}

Test(enumerate, pools_and_the_root)
{
	NTMS_GUID list[8], parent, child;
	DWORD count = 8;

	must(CreateNtmsMediaPoolA(session, "A", NULL, NTMS_CREATE_NEW, NULL, &parent));
	must(CreateNtmsMediaPoolA(session, "A\\B", &lto, NTMS_CREATE_NEW, NULL, &child));
	must(EnumerateNtmsObject(session, NULL, list, &count, NTMS_MEDIA_POOL, NTMS_ENUM_ROOTPOOL));
	cr_assert_eq(count, 5, "root, Free, Unrecognized, Import, A");
	cr_assert_str_eq(read_object(&list[0]).name, "Root");
	cr_assert(guid_equal(&list[4], &parent));
	count = 8;
	must(EnumerateNtmsObject(session, &parent, list, &count, NTMS_MEDIA_POOL, 0));
	cr_assert_eq(count, 1);
	cr_assert(guid_equal(&list[0], &child));
	must_be(EnumerateNtmsObject(session, &parent, list, &count, NTMS_MEDIA_POOL,
				    NTMS_ENUM_ROOTPOOL),
		ERROR_INVALID_PARAMETER);
	must_be(EnumerateNtmsObject(session, NULL, list, &count, NTMS_DRIVE, NTMS_ENUM_ROOTPOOL),
		ERROR_INVALID_PARAMETER);
	must_be(EnumerateNtmsObject(session, NULL, list, &count, NTMS_DRIVE, 2),
		ERROR_INVALID_PARAMETER);
}

Test(enumerate, room)
{
	NTMS_GUID list[TAPES + 1], unknown;
	DWORD count = 0;

	memset(list, 0xEE, sizeof(list));
	must_be(EnumerateNtmsObject(session, NULL, NULL, &count, NTMS_PHYSICAL_MEDIA, 0),
		ERROR_INSUFFICIENT_BUFFER);
	cr_assert_eq(count, TAPES);
	count = 2;
	must_be(EnumerateNtmsObject(session, NULL, list, &count, NTMS_PHYSICAL_MEDIA, 0),
		ERROR_INSUFFICIENT_BUFFER);
	cr_assert_eq(count, TAPES);
	cr_assert(guid_equal(&list[1], &tapes[1]));
	cr_assert_eq(list[2].Data1, 0xEEEEEEEE, "written beyond the room");
	must(EnumerateNtmsObject(session, NULL, list, &count, NTMS_PHYSICAL_MEDIA, 0));
	count = 0;
	must(EnumerateNtmsObject(session, NULL, NULL, &count, NTMS_OPREQUEST, 0));
	cr_assert_eq(count, 0);
	must_be(EnumerateNtmsObject(session, NULL, list, NULL, NTMS_DRIVE, 0),
		ERROR_INVALID_PARAMETER);
	count = 1;
	must_be(EnumerateNtmsObject(session, NULL, NULL, &count, NTMS_DRIVE, 0),
		ERROR_INVALID_PARAMETER);
	must_be(EnumerateNtmsObject(NULL, NULL, list, &count, NTMS_DRIVE, 0), ERROR_INVALID_HANDLE);
	guid_make(&unknown);
	must_be(EnumerateNtmsObject(session, &unknown, list, &count, NTMS_DRIVE, 0),
		ERROR_OBJECT_NOT_FOUND);
}

Test(enumerate, what_is_not_for_all_eyes_is_left_out)
{
	NTMS_GUID pool = make_pool("Secret"), list[8];
	DWORD code, count = 8;

	place_in(&tapes[0], &pool, NTMS_PARTSTATE_AVAILABLE);
	become(1000);
	cr_expect_eq(count_of(NULL, NTMS_PHYSICAL_MEDIA, &code), TAPES - 1);
	cr_expect_eq(count_of(NULL, NTMS_PARTITION, &code), TAPES - 1);
	cr_expect_eq(count_of(NULL, NTMS_MEDIA_POOL, &code), 3);
	cr_expect_eq(count_of(&library, NTMS_DRIVE, &code), 2);
	must_be(EnumerateNtmsObject(session, &pool, list, &count, NTMS_PHYSICAL_MEDIA, 0),
		ERROR_ACCESS_DENIED);
	must_be(EnumerateNtmsObject(session, &tapes[0], list, &count, NTMS_PARTITION, 0),
		ERROR_ACCESS_DENIED);
	become(0);
	cr_expect_eq(count_of(NULL, NTMS_PHYSICAL_MEDIA, &code), TAPES);
}

/* ---- records ---- */

static NTMS_OBJECTINFORMATIONA get_a(const NTMS_GUID *guid, DWORD type)
{
	NTMS_OBJECTINFORMATIONA info;
	NTMS_GUID copy = *guid;

	memset(&info, 0xEE, sizeof(info));
	info.dwSize = sizeof(info);
	info.dwType = type;
	must(GetNtmsObjectInformationA(session, &copy, &info));
	return info;
}

static NTMS_OBJECTINFORMATIONW get_w(const NTMS_GUID *guid, DWORD type)
{
	NTMS_OBJECTINFORMATIONW info;
	NTMS_GUID copy = *guid;

	memset(&info, 0xEE, sizeof(info));
	info.dwSize = sizeof(info);
	info.dwType = type;
	must(GetNtmsObjectInformationW(session, &copy, &info));
	return info;
}

Test(info, library)
{
	NTMS_OBJECTINFORMATIONA a = get_a(&library, NTMS_UNKNOWN);
	NTMS_OBJECTINFORMATIONW w = get_w(&library, NTMS_LIBRARY);
	NTMS_LIBRARYINFORMATION *l = &a.Info.Library;
	char name[200];

	cr_expect_eq(a.dwType, NTMS_LIBRARY, "the type is found out");
	cr_expect_eq(a.dwSize, sizeof(a));
	cr_expect(a.Enabled);
	cr_expect_eq(a.dwOperationalState, NTMS_READY);
	cr_expect(guid_equal(&a.ObjectGuid, &library));
	cr_expect_gt(a.Created.wYear, 2020);
	cr_expect_eq(l->LibraryType, NTMS_LIBRARYTYPE_ONLINE);
	cr_expect_eq(l->dwNumberOfDrives, 2);
	cr_expect_eq(l->FirstDriveNumber, 0);
	cr_expect_eq(l->FirstSlotNumber, 1);
	cr_expect_eq(l->FirstPortNumber, 1);
	cr_expect_eq(l->FirstDoorNumber, 1);
	cr_expect_eq(l->FirstChangerNumber, 0);
	cr_expect_eq(l->dwNumberOfSlots, 8);
	cr_expect_eq(l->dwNumberOfPorts, 2);
	cr_expect_eq(l->dwNumberOfDoors, 1);
	cr_expect_eq(l->dwNumberOfChangers, 1);
	cr_expect_eq(l->dwNumberOfMedia, TAPES);
	cr_expect_eq(l->dwNumberOfMediaTypes, 1);
	cr_expect_arr_eq(l, &w.Info.Library, sizeof(*l), "A and W differ");
	cr_expect(utf16_take(w.szName, NTMS_OBJECTNAME_LENGTH, name, sizeof(name)));
	cr_expect_str_eq(name, a.szName);
}

Test(info, media_side_and_lmid)
{
	NTMS_GUID pool = make_pool("Backup"), lmid, side = side_of(&tapes[0], 0);
	NTMS_OBJECTINFORMATIONA a;
	NTMS_OBJECTINFORMATIONW w;
	struct object record = read_object(&side);

	snprintf(record.side.label_type, sizeof(record.side.label_type),
		 "B\xC3\xBC"
		 "cher");
	memcpy(record.side.label_id, "identity", 8);
	record.side.label_id_length = 8;
	record.side.capacity = 12000000000000ULL;
	write_object(&record);
	place_in(&tapes[0], &pool, NTMS_PARTSTATE_AVAILABLE);
	must(AllocateNtmsMedia(session, &pool, NULL, &lmid, 0, 0, NULL));

	a = get_a(&tapes[0], NTMS_PHYSICAL_MEDIA);
	w = get_w(&tapes[0], NTMS_PHYSICAL_MEDIA);
	cr_expect(guid_equal(&a.Info.PhysicalMedia.CurrentLibrary, &library));
	cr_expect(guid_equal(&a.Info.PhysicalMedia.MediaPool, &pool));
	cr_expect(guid_equal(&w.Info.PhysicalMedia.MediaType, &lto));
	cr_expect_eq(a.Info.PhysicalMedia.LocationType, NTMS_STORAGESLOT);
	cr_expect(guid_equal(&a.Info.PhysicalMedia.Location, &w.Info.PhysicalMedia.HomeSlot));
	cr_expect_not(guid_is_null(&a.Info.PhysicalMedia.Location));
	cr_expect_eq(a.Info.PhysicalMedia.BarCodeState, NTMS_BARCODESTATE_OK);
	cr_expect_str_eq(a.Info.PhysicalMedia.szBarCode, a.szName);
	cr_expect_eq(w.Info.PhysicalMedia.szBarCode[0], (WCHAR)a.szName[0]);
	cr_expect_eq(w.Info.PhysicalMedia.dwNumberOfPartitions, 1);

	a = get_a(&side, NTMS_PARTITION);
	w = get_w(&side, NTMS_PARTITION);
	cr_expect(guid_equal(&a.Info.Partition.PhysicalMedia, &tapes[0]));
	cr_expect(guid_equal(&a.Info.Partition.LogicalMedia, &lmid));
	cr_expect_eq(a.Info.Partition.State, NTMS_PARTSTATE_ALLOCATED);
	cr_expect_eq(a.Info.Partition.dwAllocateCount, 1);
	cr_expect_eq(a.Info.Partition.dwOmidLabelIdLength, 8);
	cr_expect_arr_eq(w.Info.Partition.OmidLabelId, "identity", 8);
	cr_expect_str_eq(a.Info.Partition.szOmidLabelType, "B\xC3\xBC"
							   "cher");
	cr_expect_arr_eq(w.Info.Partition.szOmidLabelType, u"B\u00FCcher", 14);
	cr_expect_eq(w.Info.Partition.Capacity.QuadPart, 12000000000000LL);

	a = get_a(&lmid, NTMS_LOGICAL_MEDIA);
	cr_expect(guid_equal(&a.Info.LogicalMedia.MediaPool, &pool));
	cr_expect_eq(a.Info.LogicalMedia.dwNumberOfPartitions, 1);
	a = get_a(&pool, NTMS_MEDIA_POOL);
	cr_expect_eq(a.Info.MediaPool.PoolType, NTMS_POOLTYPE_APPLICATION);
	cr_expect(guid_is_null(&a.Info.MediaPool.Parent), "the root pool is shown");
	cr_expect_eq(a.Info.MediaPool.dwNumberOfPhysicalMedia, 1);
	cr_expect_eq(a.Info.MediaPool.dwNumberOfLogicalMedia, 1);
}

Test(info, devices_types_and_requests)
{
	NTMS_GUID guid;
	DWORD count = 1;
	NTMS_OBJECTINFORMATIONA a;
	NTMS_OBJECTINFORMATIONW w;
	struct object record;

	must_be(EnumerateNtmsObject(session, &library, &guid, &count, NTMS_DRIVE, 0),
		ERROR_INSUFFICIENT_BUFFER);
	record = read_object(&guid);
	a = get_a(&guid, NTMS_DRIVE);
	w = get_w(&guid, NTMS_DRIVE);
	cr_expect_str_eq(a.Info.Drive.szDeviceName, record.device.node);
	cr_expect_neq(a.Info.Drive.szDeviceName[0], '\0');
	cr_expect_eq(w.Info.Drive.State, NTMS_DRIVESTATE_DISMOUNTED);
	cr_expect(guid_equal(&a.Info.Drive.Library, &library));
	cr_expect(guid_equal(&w.Info.Drive.DriveType, &record.device.device_type));
	cr_expect_eq(a.Info.Drive.dwDeferDismountDelay, record.device.defer_delay_s);
	a = get_a(&record.device.device_type, NTMS_DRIVE_TYPE);
	cr_expect_eq(a.Info.DriveType.DeviceType, FILE_DEVICE_TAPE);
	a = get_a(&lto, NTMS_MEDIA_TYPE);
	cr_expect_eq(a.Info.MediaType.MediaType, LTO_Ultrium);
	cr_expect_eq(a.Info.MediaType.NumberOfSides, 1);

	must(DisableNtmsObject(session, NTMS_PHYSICAL_MEDIA, &tapes[0]));
	NTMS_GUID requests[64];
	count = 64;
	must(EnumerateNtmsObject(session, &library, requests, &count, NTMS_LIBREQUEST, 0));
	cr_assert_gt(count, 0);
	a = get_a(&requests[count - 1], NTMS_LIBREQUEST);
	w = get_w(&requests[count - 1], NTMS_LIBREQUEST);
	cr_expect_eq(a.Info.LibRequest.OperationCode, NTMS_LM_DISABLEMEDIA);
	cr_expect_eq(w.Info.LibRequest.State, NTMS_LM_PASSED);
	cr_expect(guid_equal(&a.Info.LibRequest.PhysMediaId, &tapes[0]));
	cr_expect(guid_equal(&a.Info.LibRequest.WorkItemId, &requests[count - 1]));
	cr_expect_str_eq(a.Info.LibRequest.szApplication, "test");
	cr_expect_arr_eq(w.Info.LibRequest.szApplication, u"test", 10);
	cr_expect_gt(a.Info.LibRequest.TimeCompleted.wYear, 2020);
}

/* The structures of the interface's first version, told by their size. */
Test(info, first_layout)
{
	struct {
		NTMS_I1_OBJECTINFORMATIONW info;
		uint8_t guard[16];
	} old;
	NTMS_OBJECTINFORMATIONW w = get_w(&library, NTMS_LIBRARY);
	struct object request = {.type = NTMS_OPREQUEST, .enabled = TRUE};
	NTMS_GUID computer;
	struct txn *txn;
	DWORD count = 1;

	memset(&old, 0xEE, sizeof(old));
	old.info.dwSize = sizeof(old.info);
	old.info.dwType = NTMS_LIBRARY;
	must(GetNtmsObjectInformationW(session, &library, (LPNTMS_OBJECTINFORMATIONW)&old.info));
	cr_expect_arr_eq(&old.info.Info.Library, &w.Info.Library, sizeof(old.info.Info.Library));
	for (size_t i = 0; i < sizeof(old.guard); i++)
		cr_expect_eq(old.guard[i], 0xEE, "written beyond the structure");

	request.oprequest.command = NTMS_OPREQ_MESSAGE;
	request.oprequest.arg1_type = NTMS_LIBRARY;
	request.oprequest.arg1 = library;
	snprintf(request.oprequest.message, sizeof(request.oprequest.message), "hello");
	txn = begin();
	must(store_insert(txn, &request));
	must(store_commit(txn));
	old.info.dwType = NTMS_OPREQUEST;
	must(GetNtmsObjectInformationW(session, &request.guid,
				       (LPNTMS_OBJECTINFORMATIONW)&old.info));
	cr_expect_arr_eq(old.info.Info.OpRequest.szMessage, u"hello", 12);
	cr_expect(guid_equal(&old.info.Info.OpRequest.Arg1, &library));
	w = get_w(&request.guid, NTMS_OPREQUEST);
	cr_expect(guid_equal(&w.Info.OpRequest.Arg1, &library));

	must(EnumerateNtmsObject(session, NULL, &computer, &count, NTMS_COMPUTER, 0));
	old.info.dwType = NTMS_COMPUTER;
	must_be(GetNtmsObjectInformationW(session, &computer, (LPNTMS_OBJECTINFORMATIONW)&old.info),
		ERROR_INVALID_PARAMETER);
	/* Writing an old structure leaves alone what it does not have. */
	old.info.dwType = NTMS_LIBRARY;
	must(GetNtmsObjectInformationW(session, &library, (LPNTMS_OBJECTINFORMATIONW)&old.info));
	old.info.Info.Library.InventoryMethod = NTMS_INVENTORY_OMID;
	memset((uint8_t *)&old.info.Info + sizeof(old.info.Info.Library), 0xEE,
	       sizeof(old.info.Info) - sizeof(old.info.Info.Library));
	struct object before = read_object(&library);
	must(SetNtmsObjectInformationW(session, &library, (LPNTMS_OBJECTINFORMATIONW)&old.info));
	struct object after = read_object(&library);
	cr_expect_eq(after.library.inventory_method, NTMS_INVENTORY_OMID);
	cr_expect_eq(after.library.auto_recovery, before.library.auto_recovery);
	cr_expect_eq(after.library.flags, before.library.flags);
}

Test(info, arguments)
{
	NTMS_OBJECTINFORMATIONA info = {.dwSize = sizeof(info)}, kept;
	NTMS_GUID unknown;

	guid_make(&unknown);
	must_be(GetNtmsObjectInformationA(NULL, &library, &info), ERROR_INVALID_HANDLE);
	must_be(GetNtmsObjectInformationA(session, NULL, &info), ERROR_INVALID_PARAMETER);
	must_be(GetNtmsObjectInformationA(session, &library, NULL), ERROR_INVALID_PARAMETER);
	must_be(SetNtmsObjectInformationA(session, &library, NULL), ERROR_INVALID_PARAMETER);
	must_be(SetNtmsObjectInformationW(NULL, &library, NULL), ERROR_INVALID_HANDLE);
	kept = info;
	must_be(GetNtmsObjectInformationA(session, &unknown, &info), ERROR_OBJECT_NOT_FOUND);
	info.dwType = NTMS_DRIVE;
	must_be(GetNtmsObjectInformationA(session, &library, &info), ERROR_OBJECT_NOT_FOUND);
	static const DWORD types[] = {NTMS_OBJECT, NTMS_UI_DESTINATION, 19, OBJ_TYPE_RELATION,
				      0xFFFFFFFF};
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		info.dwType = types[i];
		must_be(GetNtmsObjectInformationA(session, &library, &info),
			ERROR_INVALID_PARAMETER);
	}
	info.dwType = NTMS_LIBRARY;
	static const DWORD sizes[] = {0, 8, sizeof(NTMS_I1_OBJECTINFORMATIONA) - 1,
				      sizeof(NTMS_I1_OBJECTINFORMATIONA) + 1, sizeof(info) - 1};
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		info.dwSize = sizes[i];
		must_be(GetNtmsObjectInformationA(session, &library, &info),
			ERROR_INVALID_PARAMETER);
		must_be(SetNtmsObjectInformationA(session, &library, &info),
			ERROR_INVALID_PARAMETER);
	}
	info.dwSize = sizeof(info);
	info.dwType = NTMS_UNKNOWN;
	cr_assert_arr_eq(&info, &kept, sizeof(info), "a failed call wrote something");
	must_be(SetNtmsObjectInformationA(session, &library, &info), ERROR_INVALID_PARAMETER);
	/* What nobody may list, nobody may read. */
	NTMS_GUID pool = make_pool("Secret");
	become(1000);
	must_be(GetNtmsObjectInformationA(session, &pool, &info), ERROR_ACCESS_DENIED);
}

/* ---- changes ---- */

Test(info, what_can_be_set)
{
	NTMS_OBJECTINFORMATIONA a = get_a(&library, NTMS_LIBRARY);
	NTMS_OBJECTINFORMATIONW w;
	struct object record;
	NTMS_GUID guid;
	DWORD count = 1;

	strcpy(a.szName, "Big One");
	strcpy(a.szDescription, "in the cellar");
	a.Info.Library.InventoryMethod = NTMS_INVENTORY_NONE;
	a.Info.Library.AutoRecovery = 7;
	a.Info.Library.dwFlags =
		NTMS_LIBRARYFLAG_RECOGNIZECLEANERBARCODE | NTMS_LIBRARYFLAG_FIXEDOFFLINE;
	a.Info.Library.dwCleanerUsesRemaining = 0xFFFFFFFF;
	a.Info.Library.dwNumberOfDrives = 99; /* not to be set, and ignored */
	a.Enabled = FALSE;
	must(SetNtmsObjectInformationA(session, &library, &a));
	record = read_object(&library);
	cr_expect_str_eq(record.name, "Big One");
	cr_expect_str_eq(record.description, "in the cellar");
	cr_expect_eq(record.library.inventory_method, NTMS_INVENTORY_NONE);
	cr_expect_eq(record.library.auto_recovery, 1);
	cr_expect_eq(record.library.flags, NTMS_LIBRARYFLAG_RECOGNIZECLEANERBARCODE);
	cr_expect_eq(record.library.cleaner_uses, 0, "there is no cleaner");
	cr_expect_eq(record.enabled, TRUE);

	w = get_w(&tapes[0], NTMS_PHYSICAL_MEDIA);
	memcpy(w.szName, u"Jahr \u20AC", 14);
	must(SetNtmsObjectInformationW(session, &tapes[0], &w));
	cr_expect_str_eq(read_object(&tapes[0]).name, "Jahr \xE2\x82\xAC");
	guid = side_of(&tapes[0], 0);
	cr_expect_str_eq(read_object(&guid).name, "Jahr \xE2\x82\xAC", "its side has its name");

	must_be(EnumerateNtmsObject(session, &library, &guid, &count, NTMS_IEPORT, 0),
		ERROR_INSUFFICIENT_BUFFER);
	a = get_a(&guid, NTMS_IEPORT);
	a.Info.IEPort.MaxExtendSecs = 65535;
	strcpy(a.szName, "a port's name stays");
	must(SetNtmsObjectInformationA(session, &guid, &a));
	cr_expect_eq(read_object(&guid).device.limit_s, 65535);
	cr_expect_str_neq(read_object(&guid).name, "a port's name stays");
}

static void refuse(const NTMS_GUID *guid, NTMS_OBJECTINFORMATIONA *info, DWORD expected)
{
	uint64_t before = newest_change();
	NTMS_GUID copy = *guid;

	must_be(SetNtmsObjectInformationA(session, &copy, info), expected);
	cr_assert_eq(newest_change(), before, "a refused call changed something");
}

Test(info, values_out_of_range)
{
	NTMS_OBJECTINFORMATIONA good = get_a(&library, NTMS_LIBRARY), bad;
	NTMS_GUID computer;
	DWORD count = 1;

#define BAD(guid, member, value)                             \
	do {                                                 \
		bad = good;                                  \
		bad.member = value;                          \
		refuse(guid, &bad, ERROR_INVALID_PARAMETER); \
	} while (0)
	BAD(&library, Info.Library.InventoryMethod, NTMS_INVENTORY_DEFAULT);
	BAD(&library, Info.Library.dwFlags, 0x20);
	BAD(&library, szName[0], '\0');
	BAD(&library, szName[0], '\n');
	BAD(&library, szName[0], '\xFF');
	bad = good;
	memset(bad.szName, 'x', sizeof(bad.szName));
	refuse(&library, &bad, ERROR_INVALID_PARAMETER);
	bad = good;
	memset(bad.szDescription, 'x', sizeof(bad.szDescription));
	refuse(&library, &bad, ERROR_INVALID_PARAMETER);
	must(EnumerateNtmsObject(session, NULL, &computer, &count, NTMS_COMPUTER, 0));
	good = get_a(&computer, NTMS_COMPUTER);
	BAD(&computer, Info.Computer.dwLibRequestFlags, 4);
	BAD(&computer, Info.Computer.dwOpRequestFlags, 4);
	BAD(&computer, Info.Computer.dwMediaPoolPolicy, 4);
#undef BAD
	good.dwType = NTMS_DRIVE;
	refuse(&computer, &good, ERROR_OBJECT_NOT_FOUND);
}

Test(info, pools)
{
	NTMS_GUID pool = make_pool("Backup"), other = make_pool("Other");
	NTMS_OBJECTINFORMATIONA good = get_a(&pool, NTMS_MEDIA_POOL), bad, scratch;

	bad = good;
	bad.Info.MediaPool.AllocationPolicy = 2;
	refuse(&pool, &bad, ERROR_INVALID_PARAMETER);
	bad = good;
	bad.Info.MediaPool.DeallocationPolicy = 2;
	refuse(&pool, &bad, ERROR_INVALID_PARAMETER);
	bad = good;
	bad.Info.MediaPool.MediaType = library;
	refuse(&pool, &bad, ERROR_INVALID_PARAMETER);
	bad = good;
	strcpy(bad.szName, "a\\b");
	refuse(&pool, &bad, ERROR_INVALID_PARAMETER);
	bad = good;
	strcpy(bad.szName, "Other");
	refuse(&pool, &bad, ERROR_INVALID_PARAMETER);
	place_in(&tapes[0], &pool, NTMS_PARTSTATE_AVAILABLE);
	bad = good;
	memset(&bad.Info.MediaPool.MediaType, 0, sizeof(NTMS_GUID));
	refuse(&pool, &bad, ERROR_INVALID_PARAMETER);
	/* The system's pools can be described, not changed. */
	scratch = get_a(&free_lto, NTMS_MEDIA_POOL);
	strcpy(scratch.szDescription, "everybody's");
	must(SetNtmsObjectInformationA(session, &free_lto, &scratch));
	strcpy(scratch.szName, "mine");
	refuse(&free_lto, &scratch, ERROR_ACCESS_DENIED);
	/* A new name is the new path. */
	strcpy(good.szName, "Renamed");
	must(SetNtmsObjectInformationA(session, &pool, &good));
	must(CreateNtmsMediaPoolA(session, "Renamed", NULL, NTMS_OPEN_EXISTING, NULL, &other));
	cr_assert(guid_equal(&other, &pool));
	must_be(CreateNtmsMediaPoolA(session, "Backup", NULL, NTMS_OPEN_EXISTING, NULL, &other),
		ERROR_OBJECT_NOT_FOUND);
}

Test(info, rights_to_change)
{
	NTMS_OBJECTINFORMATIONA a = get_a(&library, NTMS_LIBRARY), t = get_a(&tapes[0], 0);

	become(1000);
	refuse(&library, &a, ERROR_ACCESS_DENIED);
	refuse(&tapes[0], &t, ERROR_ACCESS_DENIED);
}

/* ---- on and off ---- */

Test(enable, drives_libraries_media)
{
	NTMS_GUID drives[2], offline, unknown, pool = make_pool("Backup");
	struct object computer;
	DWORD count = 2;
	struct txn *txn;
	uint64_t before;

	must(EnumerateNtmsObject(session, &library, drives, &count, NTMS_DRIVE, 0));
	must(DisableNtmsObject(session, NTMS_DRIVE, &drives[1]));
	cr_assert_not(read_object(&drives[1]).enabled);
	must_be(DisableNtmsObject(session, NTMS_DRIVE, &drives[1]), ERROR_INVALID_STATE);
	must(EnableNtmsObject(session, NTMS_DRIVE, &drives[1]));
	must_be(EnableNtmsObject(session, NTMS_DRIVE, &drives[1]), ERROR_INVALID_STATE);
	place_in(&tapes[0], &pool, NTMS_PARTSTATE_AVAILABLE);
	must(DisableNtmsObject(session, NTMS_LIBRARY, &library));
	NTMS_GUID side = side_of(&tapes[0], 0);
	cr_assert_not(read_object(&side).side.usable);
	must(EnableNtmsObject(session, NTMS_LIBRARY, &library));
	cr_assert(read_object(&side).side.usable);

	txn = begin();
	must(computer_get(txn, &computer));
	store_abort(txn);
	offline = computer.computer.offline_library;
	guid_make(&unknown);
	before = newest_change();
	must_be(DisableNtmsObject(session, NTMS_LIBRARY, &offline), ERROR_LIBRARY_OFFLINE);
	must_be(EnableNtmsObject(session, NTMS_LIBRARY, &offline), ERROR_LIBRARY_OFFLINE);
	must_be(DisableNtmsObject(session, NTMS_DRIVE, &unknown), ERROR_OBJECT_NOT_FOUND);
	must_be(DisableNtmsObject(session, NTMS_DRIVE, &library), ERROR_OBJECT_NOT_FOUND);
	must_be(DisableNtmsObject(session, NTMS_STORAGESLOT, &drives[0]), ERROR_INVALID_PARAMETER);
	must_be(DisableNtmsObject(session, NTMS_DRIVE, NULL), ERROR_INVALID_PARAMETER);
	must_be(DisableNtmsObject(NULL, NTMS_DRIVE, &drives[0]), ERROR_INVALID_HANDLE);
	become(1000);
	must_be(DisableNtmsObject(session, NTMS_DRIVE, &drives[0]), ERROR_ACCESS_DENIED);
	must_be(EnableNtmsObject(session, NTMS_DRIVE, &drives[0]), ERROR_ACCESS_DENIED);
	cr_assert_eq(newest_change(), before, "a refused call changed something");
}

/* What a deferred dismount has left in a drive goes home when the drive or its library is disabled.
 */
static void disable_with_medium(DWORD type)
{
	NTMS_GUID pool = make_pool("Backup"), drive, lmid;
	NTMS_GUID target;
	DWORD count = 1;

	place_in(&tapes[0], &pool, NTMS_PARTSTATE_AVAILABLE);
	must(AllocateNtmsMedia(session, &pool, NULL, &lmid, 0, 0, NULL));
	must_be(EnumerateNtmsObject(session, &library, &drive, &count, NTMS_DRIVE, 0),
		ERROR_INSUFFICIENT_BUFFER);
	must(MountNtmsMedia(session, &lmid, &drive, 1, NTMS_MOUNT_READ | NTMS_MOUNT_SPECIFIC_DRIVE,
			    0, 60000, NULL));
	must(DismountNtmsMedia(session, &lmid, 1, NTMS_DISMOUNT_DEFERRED));
	must(RsmWaitForMedia(session, &lmid, 60000));
	cr_assert_eq(read_object(&drive).device.state, NTMS_DRIVESTATE_DISMOUNTABLE);
	target = type == NTMS_DRIVE ? drive : library;
	must(DisableNtmsObject(session, type, &target));
	must(RsmWaitForMedia(session, &lmid, 60000));
	cr_assert_eq(read_object(&drive).device.state, NTMS_DRIVESTATE_DISMOUNTED);
	cr_assert_eq(read_object(&tapes[0]).media.location_type, NTMS_STORAGESLOT);
	cr_assert_not(read_object(&target).enabled);
}

Test(enable, a_disabled_drive_is_emptied)
{
	disable_with_medium(NTMS_DRIVE);
}

Test(enable, a_disabled_librarys_drives_are_emptied)
{
	disable_with_medium(NTMS_LIBRARY);
}

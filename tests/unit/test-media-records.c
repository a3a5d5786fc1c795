// SPDX-License-Identifier: GPL-2.0-only
/* Records of media: exchanged, corrected, entered and deleted, without a robot. */
#include "session-test.h"
#include "core/media_type.h"
#include "core/sd.h"

#define SOMEBODY 4711
#define ALL	 (NTMS_USE_ACCESS | NTMS_MODIFY_ACCESS | NTMS_CONTROL_ACCESS)

TestSuite(media_records, .init = open_library, .fini = close_library);

/* Let SOMEBODY have these rights on a pool, a library or the computer, and nobody else any. */
static void grant(const NTMS_GUID *guid, uint32_t rights)
{
	struct object holder = read_object(guid);
	struct obj_security *security = &holder.computer.security;
	struct sd_ace ace = {.type = SD_ACE_ALLOW, .mask = rights};
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

static NTMS_GUID the_computer(void)
{
	NTMS_GUID guid;
	DWORD count = 1;

	must(EnumerateNtmsObject(session, NULL, &guid, &count, NTMS_COMPUTER, 0));
	return guid;
}

static NTMS_GUID offline_library(void)
{
	NTMS_GUID computer = the_computer();

	return read_object(&computer).computer.offline_library;
}

static NTMS_GUID type_of(uint32_t code)
{
	struct txn *txn = begin();
	struct store_key key;
	NTMS_GUID guid;

	key_start(&key);
	key_u32(&key, code);
	must(store_find(txn, IX_MEDIA_TYPE, &key, &guid));
	store_abort(txn);
	return guid;
}

static DWORD open_pool(const char *name, NTMS_GUID *pool)
{
	return CreateNtmsMediaPoolA(session, name, NULL, NTMS_OPEN_EXISTING, NULL, pool);
}

static NTMS_GUID pool_of(const char *name, const NTMS_GUID *type)
{
	NTMS_GUID pool, copy = *type;

	must(CreateNtmsMediaPoolA(session, name, &copy, NTMS_CREATE_NEW, NULL, &pool));
	return pool;
}

static void set_media_state(const NTMS_GUID *guid, uint32_t state)
{
	struct object media = read_object(guid);

	media.media.state = state;
	write_object(&media);
}

static void queue_something(const NTMS_GUID *media)
{
	struct object request = {.type = NTMS_LIBREQUEST, .enabled = TRUE};
	struct txn *txn = begin();

	request.librequest.operation = NTMS_LM_EJECT;
	request.librequest.media = *media;
	must(store_insert(txn, &request));
	must(store_commit(txn));
}

static void go_offline(const NTMS_GUID *guid)
{
	struct object media = read_object(guid);
	struct txn *txn = begin();

	must(media_leave(txn, &media));
	must(store_commit(txn));
}

/* ---- SwapNtmsMedia ---- */

static NTMS_GUID allocate_on(const NTMS_GUID *media, NTMS_GUID *pool)
{
	NTMS_GUID side = side_of(media, 0), lmid;

	place_in(media, pool, NTMS_PARTSTATE_AVAILABLE);
	must(AllocateNtmsMedia(session, pool, &side, &lmid, 0, 0, NULL));
	return lmid;
}

static NTMS_GUID side_behind(const NTMS_GUID *lmid)
{
	NTMS_GUID guid = read_object(lmid).logical.side;
	struct object side = read_object(&guid);

	cr_assert(guid_equal(&side.side.logical, lmid));
	return guid;
}

/* Or the name would lead to the cartridge that it was once allocated on. */
Test(media_records, swap_exchanges_names_that_are_the_cartridges)
{
	NTMS_GUID pool = make_pool("A"), one = allocate_on(&tapes[0], &pool),
		  two = allocate_on(&tapes[1], &pool), found;
	struct object first = read_object(&tapes[0]), second = read_object(&tapes[1]), lmid;

	must(SwapNtmsMedia(session, &one, &two));
	cr_expect_str_eq(read_object(&one).name, second.name);
	must(RsmFindObject(session, first.name, NTMS_PHYSICAL_MEDIA, &found));
	cr_expect(guid_equal(&found, &tapes[0]));
	lmid = read_object(&two);
	snprintf(lmid.name, sizeof(lmid.name), "mine");
	write_object(&lmid);
	must(SwapNtmsMedia(session, &one, &two));
	cr_expect_str_eq(read_object(&one).name, first.name);
	cr_expect_str_eq(read_object(&two).name, "mine");
}

Test(media_records, swap_exchanges_the_sides)
{
	NTMS_GUID pool = make_pool("A"), one = allocate_on(&tapes[0], &pool),
		  two = allocate_on(&tapes[1], &pool);
	NTMS_GUID first = side_behind(&one), second = side_behind(&two), now;
	struct object lmid = read_object(&one);

	lmid.logical.allocated_new = TRUE;
	write_object(&lmid);
	must(SwapNtmsMedia(session, &one, &two));
	now = side_behind(&one);
	cr_expect(guid_equal(&now, &second));
	now = side_behind(&two);
	cr_expect(guid_equal(&now, &first));
	cr_expect_eq(read_object(&one).logical.allocated_new, FALSE, "stays with the cartridge");
	cr_expect_eq(read_object(&two).logical.allocated_new, TRUE);
	cr_expect_eq(side_state(&tapes[0], 0), NTMS_PARTSTATE_ALLOCATED);
	/* With itself: nothing to do. */
	must(SwapNtmsMedia(session, &one, &one));
	now = side_behind(&one);
	cr_expect(guid_equal(&now, &second));
	/* Given up, the cartridge behind it now is the one that is free. */
	must(DeallocateNtmsMedia(session, &one, 0));
	cr_expect_eq(side_state(&tapes[1], 0), NTMS_PARTSTATE_AVAILABLE);
	cr_expect_eq(side_state(&tapes[0], 0), NTMS_PARTSTATE_ALLOCATED);
}

Test(media_records, swap_refused)
{
	NTMS_GUID pool = make_pool("A"), other = make_pool("B");
	NTMS_GUID one = allocate_on(&tapes[0], &pool), two = allocate_on(&tapes[1], &pool),
		  apart = allocate_on(&tapes[2], &other);
	uint64_t before;

	grant(&pool, ALL & ~(uint32_t)NTMS_MODIFY_ACCESS);
	grant(&other, ALL);
	before = newest_change();
	must_be(SwapNtmsMedia(NULL, &one, &two), ERROR_INVALID_HANDLE);
	must_be(SwapNtmsMedia(session, NULL, &two), ERROR_INVALID_PARAMETER);
	must_be(SwapNtmsMedia(session, &one, NULL), ERROR_INVALID_PARAMETER);
	must_be(SwapNtmsMedia(session, &tapes[0], &two), ERROR_INVALID_MEDIA);
	must_be(SwapNtmsMedia(session, &one, &pool), ERROR_INVALID_MEDIA);
	must_be(SwapNtmsMedia(session, &one, &apart), ERROR_INVALID_MEDIA_POOL);
	become(SOMEBODY);
	must_be(SwapNtmsMedia(session, &one, &two), ERROR_ACCESS_DENIED);
	must_be(SwapNtmsMedia(session, &apart, &two), ERROR_ACCESS_DENIED);
	become(0);
	cr_expect_eq(newest_change(), before);
	set_media_state(&tapes[1], NTMS_MEDIASTATE_MOUNTED);
	must_be(SwapNtmsMedia(session, &one, &two), ERROR_INVALID_MEDIA);
	set_media_state(&tapes[1], NTMS_MEDIASTATE_IDLE);
	must(SetNtmsMediaComplete(session, &two));
	must_be(SwapNtmsMedia(session, &one, &two), ERROR_INVALID_STATE);
	must_be(SwapNtmsMedia(session, &two, &one), ERROR_INVALID_STATE);
	queue_something(&tapes[0]);
	must_be(SwapNtmsMedia(session, &one, &two), ERROR_INVALID_MEDIA);
}

Test(media_records, swap_with_the_right_alone)
{
	NTMS_GUID pool = make_pool("A"), one = allocate_on(&tapes[0], &pool),
		  two = allocate_on(&tapes[1], &pool);

	grant(&pool, NTMS_MODIFY_ACCESS);
	become(SOMEBODY);
	must(SwapNtmsMedia(session, &one, &two));
	become(0);
}

/* ---- AddNtmsMediaType, DeleteNtmsMediaType ---- */

static bool related(const NTMS_GUID *type)
{
	NTMS_GUID list[16];
	DWORD count = 16;

	must(EnumerateNtmsObject(session, &library, list, &count, NTMS_MEDIA_TYPE, 0));
	for (DWORD i = 0; i < count; i++)
		if (guid_equal(&list[i], type))
			return true;
	return false;
}

Test(media_records, types_of_a_library)
{
	NTMS_GUID dlt = type_of(DLT), pool;
	uint64_t before;

	must_be(open_pool("Free\\DLT", &pool), ERROR_OBJECT_NOT_FOUND);
	must(AddNtmsMediaType(session, &dlt, &library));
	must(open_pool("Free\\DLT", &pool));
	must(open_pool("Import\\DLT", &pool));
	must(open_pool("Unrecognized\\DLT", &pool));
	cr_expect(related(&dlt));
	before = newest_change();
	must(AddNtmsMediaType(session, &dlt, &library));
	cr_expect_eq(newest_change(), before, "it was said already");
	must_be(DeleteNtmsMediaType(session, &lto, &library), ERROR_NOT_EMPTY);
	must(DeleteNtmsMediaType(session, &dlt, &library));
	cr_expect_not(related(&dlt));
	must_be(open_pool("Free\\DLT", &pool), ERROR_OBJECT_NOT_FOUND);
	must_be(open_pool("Import\\DLT", &pool), ERROR_OBJECT_NOT_FOUND);
	must_be(open_pool("Unrecognized\\DLT", &pool), ERROR_OBJECT_NOT_FOUND);
	before = newest_change();
	must(DeleteNtmsMediaType(session, &dlt, &library));
	cr_expect_eq(newest_change(), before, "it was gone already");
}

/* As long as a cartridge of the type is left somewhere, its pools are needed. */
Test(media_records, pools_stay_with_the_last_cartridge)
{
	NTMS_GUID pool = make_pool("A");

	for (int i = 0; i < TAPES; i++) {
		place_in(&tapes[i], &pool, NTMS_PARTSTATE_AVAILABLE);
		go_offline(&tapes[i]);
	}
	must(DeleteNtmsMediaType(session, &lto, &library));
	cr_expect_not(related(&lto));
	cr_expect(exists(&free_lto));
	cr_expect(exists(&import_lto));
}

Test(media_records, types_refused)
{
	NTMS_GUID dlt = type_of(DLT), offline = offline_library(), unknown = {.Data1 = 1};
	struct object record;
	uint64_t before;

	grant(&library, ALL & ~(uint32_t)NTMS_MODIFY_ACCESS);
	before = newest_change();
	must_be(AddNtmsMediaType(NULL, &dlt, &library), ERROR_INVALID_HANDLE);
	must_be(AddNtmsMediaType(session, NULL, &library), ERROR_INVALID_PARAMETER);
	must_be(AddNtmsMediaType(session, &dlt, NULL), ERROR_INVALID_PARAMETER);
	must_be(AddNtmsMediaType(session, &library, &library), ERROR_INVALID_MEDIA);
	must_be(AddNtmsMediaType(session, &dlt, &unknown), ERROR_INVALID_LIBRARY);
	must_be(AddNtmsMediaType(session, &dlt, &offline), ERROR_LIBRARY_OFFLINE);
	must_be(DeleteNtmsMediaType(NULL, &dlt, &library), ERROR_INVALID_HANDLE);
	must_be(DeleteNtmsMediaType(session, NULL, &library), ERROR_INVALID_PARAMETER);
	must_be(DeleteNtmsMediaType(session, &dlt, NULL), ERROR_INVALID_PARAMETER);
	must_be(DeleteNtmsMediaType(session, &unknown, &library), ERROR_INVALID_MEDIA);
	must_be(DeleteNtmsMediaType(session, &dlt, &dlt), ERROR_INVALID_LIBRARY);
	become(SOMEBODY);
	must_be(AddNtmsMediaType(session, &dlt, &library), ERROR_ACCESS_DENIED);
	must_be(DeleteNtmsMediaType(session, &dlt, &library), ERROR_ACCESS_DENIED);
	become(0);
	cr_expect_eq(newest_change(), before);
	grant(&library, NTMS_MODIFY_ACCESS);
	become(SOMEBODY);
	must(AddNtmsMediaType(session, &dlt, &library));
	must(DeleteNtmsMediaType(session, &dlt, &library));
	become(0);
	make_absent(&library);
	must_be(AddNtmsMediaType(session, &dlt, &library), ERROR_LIBRARY_OFFLINE);
	record = read_object(&library);
	record.enabled = FALSE;
	write_object(&record);
	must_be(AddNtmsMediaType(session, &dlt, &library), ERROR_RESOURCE_DISABLED);
}

/* ---- ChangeNtmsMediaType ---- */

static NTMS_GUID media_type(const NTMS_GUID *media)
{
	return read_object(media).media.media_type;
}

Test(media_records, type_corrected)
{
	NTMS_GUID dlt = type_of(DLT), mine = make_pool("Mine"), theirs = pool_of("Theirs", &dlt);
	NTMS_GUID now, free_dlt;
	uint64_t before;

	place_in(&tapes[0], &mine, NTMS_PARTSTATE_ALLOCATED);
	must(ChangeNtmsMediaType(session, &tapes[0], &theirs));
	now = media_type(&tapes[0]);
	cr_expect(guid_equal(&now, &dlt));
	cr_expect(is_in(&tapes[0], &theirs));
	cr_expect_eq(side_state(&tapes[0], 0), NTMS_PARTSTATE_ALLOCATED);
	cr_expect(related(&dlt), "its library has such media now");
	before = newest_change();
	must(ChangeNtmsMediaType(session, &tapes[0], &theirs));
	cr_expect_eq(newest_change(), before, "it was there already");
	/* What nobody has recognised may go to the Free pool only, and gets a label there. */
	must(open_pool("Free\\DLT", &free_dlt));
	place_in(&tapes[1], &unrecognized_lto, NTMS_PARTSTATE_FOREIGN);
	must(ChangeNtmsMediaType(session, &tapes[1], &free_dlt));
	now = media_type(&tapes[1]);
	cr_expect(guid_equal(&now, &dlt));
	cr_expect(is_in(&tapes[1], &free_dlt));
	must(RsmWaitForLibrary(session, &library, 60000));
	cr_expect_eq(side_state(&tapes[1], 0), NTMS_PARTSTATE_AVAILABLE);
}

Test(media_records, type_correction_refused)
{
	NTMS_GUID dlt = type_of(DLT), mo = type_of(MO_5_RW), cd = type_of(CD_ROM);
	NTMS_GUID mine = make_pool("Mine"), theirs = pool_of("Theirs", &dlt), pool, free_dlt;
	NTMS_GUID two_sided = pool_of("Disks", &mo), parent;
	uint64_t before;

	must(AddNtmsMediaType(session, &dlt, &library));
	must(AddNtmsMediaType(session, &cd, &library));
	must(open_pool("Free\\DLT", &free_dlt));
	must(CreateNtmsMediaPoolA(session, "Parent", NULL, NTMS_CREATE_NEW, NULL, &parent));
	place_in(&tapes[0], &mine, NTMS_PARTSTATE_ALLOCATED);
	place_in(&tapes[1], &unrecognized_lto, NTMS_PARTSTATE_FOREIGN);
	place_in(&tapes[2], &import_lto, NTMS_PARTSTATE_IMPORT);
	before = newest_change();
	must_be(ChangeNtmsMediaType(NULL, &tapes[0], &theirs), ERROR_INVALID_HANDLE);
	must_be(ChangeNtmsMediaType(session, NULL, &theirs), ERROR_INVALID_PARAMETER);
	must_be(ChangeNtmsMediaType(session, &tapes[0], NULL), ERROR_INVALID_PARAMETER);
	must_be(ChangeNtmsMediaType(session, &mine, &theirs), ERROR_INVALID_MEDIA);
	must_be(ChangeNtmsMediaType(session, &tapes[0], &dlt), ERROR_INVALID_MEDIA_POOL);
	must_be(ChangeNtmsMediaType(session, &tapes[0], &parent), ERROR_INVALID_MEDIA_POOL);
	must_be(ChangeNtmsMediaType(session, &tapes[0], &two_sided), ERROR_INVALID_MEDIA_POOL);
	must_be(ChangeNtmsMediaType(session, &tapes[0], &free_dlt), ERROR_INVALID_MEDIA_POOL);
	must(open_pool("Unrecognized\\DLT", &pool));
	must_be(ChangeNtmsMediaType(session, &tapes[0], &pool), ERROR_INVALID_MEDIA_POOL);
	must_be(ChangeNtmsMediaType(session, &tapes[1], &pool), ERROR_INVALID_MEDIA_POOL);
	must_be(ChangeNtmsMediaType(session, &tapes[1], &theirs), ERROR_INVALID_MEDIA_POOL);
	must_be(ChangeNtmsMediaType(session, &tapes[2], &theirs), ERROR_INVALID_MEDIA_POOL);
	must(open_pool("Import\\DLT", &pool));
	must_be(ChangeNtmsMediaType(session, &tapes[0], &pool), ERROR_INVALID_MEDIA_POOL);
	must(open_pool("Free\\CD-ROM", &pool));
	must_be(ChangeNtmsMediaType(session, &tapes[1], &pool), ERROR_INVALID_MEDIA_POOL);
	cr_expect_eq(newest_change(), before);
	set_media_state(&tapes[0], NTMS_MEDIASTATE_MOUNTED);
	must_be(ChangeNtmsMediaType(session, &tapes[0], &theirs), ERROR_BUSY);
	set_media_state(&tapes[0], NTMS_MEDIASTATE_IDLE);
	queue_something(&tapes[0]);
	must_be(ChangeNtmsMediaType(session, &tapes[0], &theirs), ERROR_BUSY);
	place_in(&tapes[3], &mine, NTMS_PARTSTATE_AVAILABLE);
	go_offline(&tapes[3]);
	must_be(ChangeNtmsMediaType(session, &tapes[3], &free_dlt), ERROR_LIBRARY_OFFLINE);
	must(ChangeNtmsMediaType(session, &tapes[3], &theirs));
}

Test(media_records, type_correction_rights)
{
	NTMS_GUID dlt = type_of(DLT), mine = make_pool("Mine"), theirs = pool_of("Theirs", &dlt);
	NTMS_GUID computer = the_computer();
	const NTMS_GUID holders[] = {mine, theirs, computer};

	place_in(&tapes[0], &mine, NTMS_PARTSTATE_AVAILABLE);
	for (size_t lacking = 0; lacking < 3; lacking++) {
		for (size_t i = 0; i < 3; i++)
			grant(&holders[i],
			      i == lacking ? ALL & ~(uint32_t)NTMS_MODIFY_ACCESS : ALL);
		become(SOMEBODY);
		must_be(ChangeNtmsMediaType(session, &tapes[0], &theirs), ERROR_ACCESS_DENIED);
		become(0);
	}
	for (size_t i = 0; i < 3; i++)
		grant(&holders[i], NTMS_MODIFY_ACCESS);
	become(SOMEBODY);
	must(ChangeNtmsMediaType(session, &tapes[0], &theirs));
	become(0);
}

/* ---- CreateNtmsMedia, DeleteNtmsMedia ---- */

static NTMS_OBJECTINFORMATIONA media_a, sides_a[3];
static NTMS_OBJECTINFORMATIONW media_w, sides_w[3];

static void describe_a(const NTMS_GUID *pool, DWORD sides)
{
	memset(&media_a, 0, sizeof(media_a));
	memset(sides_a, 0, sizeof(sides_a));
	media_a.dwSize = sizeof(media_a);
	media_a.dwType = NTMS_PHYSICAL_MEDIA;
	media_a.Enabled = TRUE;
	media_a.Info.PhysicalMedia.MediaPool = *pool;
	media_a.Info.PhysicalMedia.dwNumberOfPartitions = sides;
	snprintf(media_a.Info.PhysicalMedia.szBarCode, NTMS_BARCODE_LENGTH, "NEW001L8  ");
	media_a.Info.PhysicalMedia.dwDensityCode = 0x5E;
	for (DWORD i = 0; i < 3; i++) {
		NTMS_PARTITIONINFORMATIONA *side = &sides_a[i].Info.Partition;

		sides_a[i].dwSize = sizeof(sides_a[i]);
		sides_a[i].dwType = NTMS_PARTITION;
		sides_a[i].Enabled = TRUE;
		side->State = NTMS_PARTSTATE_IMPORT;
		side->Side = 7;
		side->dwOmidLabelIdLength = 4;
		memcpy(side->OmidLabelId, "id-", 3);
		side->OmidLabelId[3] = (BYTE)('0' + i);
		side->OmidLabelId[200] = 'x';
		snprintf(side->szOmidLabelType, NTMS_OMIDLABELTYPE_LENGTH, "tar");
		snprintf(side->szOmidLabelInfo, NTMS_OMIDLABELINFO_LENGTH, "Archive");
		side->dwMountCount = 3;
		side->dwAllocateCount = 2;
		side->Capacity.QuadPart = 1234567890123;
	}
}

Test(media_records, entered_in_bytes)
{
	NTMS_GUID pool = make_pool("A"), offline = offline_library();
	NTMS_OBJECTINFORMATIONA again = {.dwSize = sizeof(again), .dwType = NTMS_PHYSICAL_MEDIA};
	NTMS_PMIDINFORMATIONA *media = &media_a.Info.PhysicalMedia;
	NTMS_PARTITIONINFORMATIONA *side = &sides_a[0].Info.Partition;
	struct object record;

	describe_a(&pool, 1);
	media->Location = pool;
	media->MediaState = NTMS_MEDIASTATE_MOUNTED;
	media_a.dwOperationalState = NTMS_NOT_PRESENT;
	must(CreateNtmsMediaA(session, &media_a, sides_a, NTMS_ERROR_ON_DUPLICATE));
	must(GetNtmsObjectInformationA(session, &media_a.ObjectGuid, &again));
	cr_expect_arr_eq(&again, &media_a, sizeof(again), "what is told is what there is");
	cr_expect(guid_equal(&media->CurrentLibrary, &offline));
	cr_expect(guid_equal(&media->MediaType, &lto));
	cr_expect(NTMS_IS_NULLGUID(media->Location));
	cr_expect_eq(media->LocationType, NTMS_STORAGESLOT);
	cr_expect_eq(media->MediaState, NTMS_MEDIASTATE_IDLE);
	cr_expect_eq(media_a.dwOperationalState, NTMS_READY);
	cr_expect_str_eq(media->szBarCode, "NEW001L8");
	cr_expect_eq(media->BarCodeState, NTMS_BARCODESTATE_OK);
	cr_expect_str_eq(media_a.szName, "NEW001L8");
	cr_expect_neq(media->szSequenceNumber[0], '\0');
	cr_expect_eq(media->dwDensityCode, 0x5E);
	again.dwType = NTMS_PARTITION;
	must(GetNtmsObjectInformationA(session, &sides_a[0].ObjectGuid, &again));
	cr_expect_arr_eq(&again, &sides_a[0], sizeof(again));
	cr_expect(guid_equal(&side->PhysicalMedia, &media_a.ObjectGuid));
	cr_expect_eq(side->Side, 0);
	cr_expect_eq(side->State, NTMS_PARTSTATE_IMPORT);
	cr_expect_eq(side->dwAllocateCount, 2);
	cr_expect_eq(side->Capacity.QuadPart, 1234567890123);
	record = read_object(&sides_a[0].ObjectGuid);
	cr_expect_eq(record.side.label_id[200], 0, "what is behind the label is no part of it");
	cr_expect_eq(record.side.usable, FALSE);
}

/* Every GUID given, the LMID's too; a name, a description, two sides. */
Test(media_records, entered_in_wide_characters)
{
	NTMS_GUID mo = type_of(MO_5_RW), pool = pool_of("Disks", &mo);
	NTMS_GUID pmid = {.Data1 = 11}, side = {.Data1 = 12}, lmid = {.Data1 = 13}, made;
	struct object record;

	memset(&media_w, 0, sizeof(media_w));
	memset(sides_w, 0, sizeof(sides_w));
	media_w.dwSize = sizeof(media_w);
	media_w.dwType = NTMS_PHYSICAL_MEDIA;
	media_w.ObjectGuid = pmid;
	memcpy(media_w.szName, u"B\u00FCcher", 14);
	media_w.Info.PhysicalMedia.MediaPool = pool;
	media_w.Info.PhysicalMedia.CurrentLibrary = offline_library();
	media_w.Info.PhysicalMedia.dwNumberOfPartitions = 2;
	for (DWORD i = 0; i < 2; i++) {
		sides_w[i].dwSize = sizeof(sides_w[i]);
		sides_w[i].dwType = NTMS_PARTITION;
		sides_w[i].Info.Partition.dwOmidLabelIdLength = 1;
		sides_w[i].Info.Partition.OmidLabelId[0] = 'x';
		memcpy(sides_w[i].Info.Partition.szOmidLabelType, u"tar", 8);
	}
	sides_w[0].ObjectGuid = side;
	sides_w[0].Info.Partition.State = NTMS_PARTSTATE_ALLOCATED;
	sides_w[0].Info.Partition.LogicalMedia = lmid;
	sides_w[1].Info.Partition.State = NTMS_PARTSTATE_COMPLETE;
	/* The same label twice, which is only asked for below. */
	must_be(CreateNtmsMediaW(session, &media_w, sides_w, NTMS_ERROR_ON_DUPLICATE),
		ERROR_DUPLICATE_OMID);
	cr_expect_not(exists(&pmid));
	must(CreateNtmsMediaW(session, &media_w, sides_w, 0));
	record = read_object(&pmid);
	cr_expect_str_eq(record.name, "B\xC3\xBC"
				      "cher");
	cr_expect_eq(record.enabled, FALSE);
	record = read_object(&lmid);
	cr_expect_eq(record.type, NTMS_LOGICAL_MEDIA);
	cr_expect(guid_equal(&record.logical.side, &side));
	cr_expect(guid_equal(&record.logical.pool, &pool));
	record = read_object(&side);
	cr_expect(guid_equal(&record.side.logical, &lmid));
	cr_expect_str_eq(record.name, "B\xC3\xBC"
				      "cher");
	made = sides_w[1].Info.Partition.LogicalMedia;
	cr_expect_not(NTMS_IS_NULLGUID(made), "an allocated side has an LMID");
	cr_expect(exists(&made));
	cr_expect_eq(sides_w[1].Info.Partition.Side, 1);
	/* The same GUIDs again. */
	must_be(CreateNtmsMediaW(session, &media_w, sides_w, 0), ERROR_INVALID_MEDIA);
	/* The LMID alone. */
	memset(&media_w.ObjectGuid, 0, sizeof(media_w.ObjectGuid));
	for (DWORD i = 0; i < 2; i++)
		memset(&sides_w[i].ObjectGuid, 0, sizeof(sides_w[i].ObjectGuid));
	must_be(CreateNtmsMediaW(session, &media_w, sides_w, 0), ERROR_INVALID_MEDIA);
	/* It is somebody's as long as the LMID is. */
	must_be(DeleteNtmsMedia(session, &pmid), ERROR_INVALID_STATE);
	must(DeallocateNtmsMedia(session, &lmid, 0));
	must_be(DeleteNtmsMedia(session, &pmid), ERROR_INVALID_STATE);
	must(DeallocateNtmsMedia(session, &made, 0));
	must(DeleteNtmsMedia(session, &pmid));
	cr_expect_not(exists(&side));
}

Test(media_records, names_by_default)
{
	describe_a(&import_lto, 1);
	media_a.Info.PhysicalMedia.szBarCode[0] = '\0';
	must(CreateNtmsMediaA(session, &media_a, sides_a, 0));
	cr_expect_str_eq(media_a.szName, "Archive");
	cr_expect_eq(media_a.Info.PhysicalMedia.BarCodeState, NTMS_BARCODESTATE_UNREADABLE);
	describe_a(&import_lto, 1);
	media_a.Info.PhysicalMedia.szBarCode[0] = '\0';
	sides_a[0].Info.Partition.szOmidLabelInfo[0] = '\0';
	must(CreateNtmsMediaA(session, &media_a, sides_a, 0));
	cr_expect_str_eq(media_a.szName, media_a.Info.PhysicalMedia.szSequenceNumber);
	cr_expect_str_eq(sides_a[0].szName, media_a.szName);
}

/* One thing wrong at a time; nothing may change, neither here nor there. */
#define REFUSED(wrong, expected)                                                               \
	do {                                                                                   \
		NTMS_OBJECTINFORMATIONA told[2];                                               \
		describe_a(&pool, 1);                                                          \
		wrong;                                                                         \
		told[0] = media_a;                                                             \
		told[1] = sides_a[0];                                                          \
		must_be(CreateNtmsMediaA(session, &media_a, sides_a, NTMS_ERROR_ON_DUPLICATE), \
			expected);                                                             \
		cr_expect_arr_eq(&told[0], &media_a, sizeof(media_a), "%s", #wrong);           \
		cr_expect_arr_eq(&told[1], &sides_a[0], sizeof(sides_a[0]), "%s", #wrong);     \
	} while (0)

Test(media_records, entering_refused)
{
	NTMS_PMIDINFORMATIONA *media = &media_a.Info.PhysicalMedia;
	NTMS_PARTITIONINFORMATIONA *side = &sides_a[0].Info.Partition;
	NTMS_GUID pool = make_pool("A"), parent, unknown = {.Data1 = 1};
	uint64_t before;

	must(CreateNtmsMediaPoolA(session, "Parent", NULL, NTMS_CREATE_NEW, NULL, &parent));
	describe_a(&pool, 1);
	snprintf(media->szBarCode, NTMS_BARCODE_LENGTH, "OLD001L8");
	must(CreateNtmsMediaA(session, &media_a, sides_a, 0));
	before = newest_change();
	describe_a(&pool, 1);
	must_be(CreateNtmsMediaA(NULL, &media_a, sides_a, 0), ERROR_INVALID_HANDLE);
	must_be(CreateNtmsMediaW(NULL, &media_w, sides_w, 0), ERROR_INVALID_HANDLE);
	must_be(CreateNtmsMediaA(session, NULL, sides_a, 0), ERROR_INVALID_PARAMETER);
	must_be(CreateNtmsMediaA(session, &media_a, NULL, 0), ERROR_INVALID_PARAMETER);
	must_be(CreateNtmsMediaA(session, &media_a, sides_a, 2), ERROR_INVALID_PARAMETER);
	REFUSED(media_a.dwSize--, ERROR_INVALID_PARAMETER);
	REFUSED(media_a.dwSize++, ERROR_INVALID_PARAMETER);
	REFUSED(media_a.dwType = NTMS_PARTITION, ERROR_INVALID_PARAMETER);
	REFUSED(memset(media_a.szName, 'a', sizeof(media_a.szName)), ERROR_INVALID_PARAMETER);
	REFUSED(media_a.szName[0] = '\t', ERROR_INVALID_PARAMETER);
	REFUSED(media->szBarCode[0] = '\n', ERROR_INVALID_PARAMETER);
	REFUSED(media->CurrentLibrary = library, ERROR_INVALID_PARAMETER);
	REFUSED(sides_a[0].dwSize = 0, ERROR_INVALID_PARAMETER);
	REFUSED(sides_a[0].dwType = NTMS_PHYSICAL_MEDIA, ERROR_INVALID_PARAMETER);
	REFUSED(sides_a[0].szName[0] = '\x7F', ERROR_INVALID_PARAMETER);
	REFUSED(side->State = NTMS_PARTSTATE_RESERVED + 1, ERROR_INVALID_PARAMETER);
	REFUSED(side->dwOmidLabelIdLength = 0, ERROR_INVALID_PARAMETER);
	REFUSED(side->dwOmidLabelIdLength = NTMS_OMIDLABELID_LENGTH + 1, ERROR_INVALID_PARAMETER);
	REFUSED(side->szOmidLabelType[0] = '\0', ERROR_INVALID_PARAMETER);
	REFUSED(side->Capacity.QuadPart = -1, ERROR_INVALID_PARAMETER);
	REFUSED(side->LogicalMedia = unknown, ERROR_INVALID_PARAMETER);
	REFUSED(media->MediaPool = unknown, ERROR_INVALID_MEDIA_POOL);
	REFUSED(media->MediaPool = free_lto, ERROR_INVALID_MEDIA_POOL);
	REFUSED(media->MediaPool = unrecognized_lto, ERROR_INVALID_MEDIA_POOL);
	REFUSED(media->MediaPool = parent, ERROR_INVALID_MEDIA_POOL);
	REFUSED(media->dwNumberOfPartitions = 0, ERROR_MEDIA_INCOMPATIBLE);
	REFUSED(media->dwNumberOfPartitions = 2, ERROR_MEDIA_INCOMPATIBLE);
	REFUSED(media->dwNumberOfPartitions = 0xFFFFFFFF, ERROR_MEDIA_INCOMPATIBLE);
	REFUSED((side->OmidLabelId[0] = 'n', snprintf(media->szBarCode, 9, "OLD001L8")),
		ERROR_INVALID_MEDIA);
	REFUSED(memset(media, 0, 0), ERROR_DUPLICATE_OMID);
	REFUSED((side->OmidLabelId[0] = 'n', media_a.ObjectGuid = tapes[0]), ERROR_INVALID_MEDIA);
	cr_expect_eq(newest_change(), before);
	/* A copy that is meant to be one. */
	describe_a(&pool, 1);
	must(CreateNtmsMediaA(session, &media_a, sides_a, 0));
}

Test(media_records, rights_to_enter_and_delete)
{
	NTMS_GUID pool = make_pool("A"), computer = the_computer();
	const uint32_t no_modify = ALL & ~(uint32_t)NTMS_MODIFY_ACCESS;

	describe_a(&pool, 1);
	grant(&pool, ALL);
	grant(&computer, no_modify);
	become(SOMEBODY);
	must_be(CreateNtmsMediaA(session, &media_a, sides_a, 0), ERROR_ACCESS_DENIED);
	become(0);
	grant(&pool, no_modify);
	grant(&computer, ALL);
	become(SOMEBODY);
	must_be(CreateNtmsMediaA(session, &media_a, sides_a, 0), ERROR_ACCESS_DENIED);
	become(0);
	grant(&pool, NTMS_MODIFY_ACCESS);
	grant(&computer, NTMS_MODIFY_ACCESS);
	become(SOMEBODY);
	must(CreateNtmsMediaA(session, &media_a, sides_a, 0));
	become(0);
	grant(&computer, no_modify);
	become(SOMEBODY);
	must_be(DeleteNtmsMedia(session, &media_a.ObjectGuid), ERROR_ACCESS_DENIED);
	become(0);
	grant(&pool, no_modify);
	grant(&computer, ALL);
	become(SOMEBODY);
	must_be(DeleteNtmsMedia(session, &media_a.ObjectGuid), ERROR_ACCESS_DENIED);
	become(0);
	grant(&pool, NTMS_MODIFY_ACCESS);
	become(SOMEBODY);
	must(DeleteNtmsMedia(session, &media_a.ObjectGuid));
	become(0);
	cr_expect_not(exists(&media_a.ObjectGuid));
}

Test(media_records, deleting_refused)
{
	NTMS_GUID pool = make_pool("A"), side;
	struct object record;
	uint64_t before;

	place_in(&tapes[0], &pool, NTMS_PARTSTATE_RESERVED);
	go_offline(&tapes[0]);
	before = newest_change();
	must_be(DeleteNtmsMedia(NULL, &tapes[0]), ERROR_INVALID_HANDLE);
	must_be(DeleteNtmsMedia(session, NULL), ERROR_INVALID_PARAMETER);
	must_be(DeleteNtmsMedia(session, &pool), ERROR_INVALID_MEDIA);
	must_be(DeleteNtmsMedia(session, &tapes[1]), ERROR_INVALID_STATE);
	must_be(DeleteNtmsMedia(session, &tapes[0]), ERROR_INVALID_STATE);
	cr_expect_eq(newest_change(), before);
	set_side_state(&tapes[0], 0, NTMS_PARTSTATE_AVAILABLE);
	queue_something(&tapes[0]);
	must_be(DeleteNtmsMedia(session, &tapes[0]), ERROR_INVALID_STATE);
	place_in(&tapes[2], &pool, NTMS_PARTSTATE_DECOMMISSIONED);
	go_offline(&tapes[2]);
	side = side_of(&tapes[2], 0);
	must(DeleteNtmsMedia(session, &tapes[2]));
	cr_expect_not(exists(&side));
	cr_expect_not(exists(&tapes[2]));
	/* A record whose pool is gone. */
	record = read_object(&tapes[1]);
	record.media.pool = (NTMS_GUID){.Data1 = 1};
	write_object(&record);
	must_be(DeleteNtmsMedia(session, &tapes[1]), ERROR_INVALID_MEDIA_POOL);
}

// SPDX-License-Identifier: GPL-2.0-only
/* Kinds of cartridge: told from density and bar code, and their objects and pools. */
#include "session-test.h"
#include "core/media_type.h"

static const struct {
	uint32_t density;
	const char *barcode;
	uint32_t code;
} guesses[] = {
	/* The density says it, whatever the bar code. */
	{0x40, "", LTO_Ultrium},
	{0x42, NULL, LTO_Ultrium},
	{0x44, "", LTO_Ultrium},
	{0x46, "", LTO_Ultrium},
	{0x58, "", LTO_Ultrium},
	{0x5A, "", LTO_Ultrium},
	{0x5C, "", LTO_Ultrium},
	{0x5D, "", LTO_Ultrium},
	{0x5E, "", LTO_Ultrium},
	{0x60, "", LTO_Ultrium},
	{0x1B, "A00001L8", DLT},
	{0x25, "", DDS_4mm},
	{0x47, "", DDS_4mm},
	{0x49, "", DLT},
	{0x30, "", AIT1_8mm},
	{0x32, "", AIT_8mm},
	{0x2A, "", IBM_Magstar_3590},
	/* No density: the end of the bar code. */
	{0, "A00001L1", LTO_Ultrium},
	{0, "A00001L9", LTO_Ultrium},
	{0, "A00001LA", LTO_Ultrium},
	{0, "A00001LY", LTO_Ultrium},
	{0, "A00001M8", LTO_Ultrium},
	{0, "ABC123D", DLT},
	{0, "ABC123S", DLT},
	{0, "ABC123JB", IBM_Magstar_3590},
	/* Neither. */
	{0, "", LTO_Ultrium},
	{0, NULL, LTO_Ultrium},
	{0xEE, "nonsense that is long", LTO_Ultrium},
	{0xEE, "ABC123D", DLT},
};

Test(media_type, guess)
{
	for (size_t i = 0; i < sizeof(guesses) / sizeof(guesses[0]); i++)
		cr_expect_eq(media_type_guess(guesses[i].density, guesses[i].barcode),
			     guesses[i].code, "density 0x%x, bar code %s: 0x%x", guesses[i].density,
			     guesses[i].barcode,
			     media_type_guess(guesses[i].density, guesses[i].barcode));
}

TestSuite(media_types, .init = open_library, .fini = close_library);

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

/* All of the interface's, one of each, whether there is a library for them or not. */
Test(media_types, all_are_there)
{
	NTMS_GUID list[100];
	DWORD count = 100;

	must(EnumerateNtmsObject(session, NULL, list, &count, NTMS_MEDIA_TYPE, 0));
	cr_assert_eq(count, VXATape - DDS_4mm + 1);
	for (uint32_t code = DDS_4mm; code <= VXATape; code++) {
		NTMS_GUID guid = type_of(code);
		struct object type = read_object(&guid);

		cr_expect_neq(type.name[0], '\0', "type 0x%x has no name", code);
		cr_expect(type.media_type.sides == 1 || type.media_type.sides == 2);
	}
	NTMS_GUID guid = type_of(MO_5_RW);
	cr_expect_eq(read_object(&guid).media_type.sides, 2);
	guid = type_of(CD_ROM);
	cr_expect_eq(read_object(&guid).media_type.rw, NTMS_MEDIARW_READONLY);
	cr_expect_eq(read_object(&guid).media_type.device_type, FILE_DEVICE_CD_ROM);
}

static size_t child_count(const NTMS_GUID *parent, uint32_t type)
{
	struct txn *txn = begin();
	struct store_key key;
	size_t count;

	key_start(&key);
	key_guid(&key, parent);
	key_u32(&key, type);
	must(store_count(txn, IX_CHILD, &key, &count));
	store_abort(txn);
	return count;
}

/* Pools and the relation are made once, however often they are asked for. */
Test(media_types, ensure)
{
	NTMS_GUID type, relation, pools[3];
	struct txn *txn;

	must_be(CreateNtmsMediaPoolA(session, "Free\\DLT", NULL, NTMS_OPEN_EXISTING, NULL,
				     &pools[0]),
		ERROR_OBJECT_NOT_FOUND);
	for (int i = 0; i < 3; i++) {
		txn = begin();
		must(media_type_ensure(txn, DLT, &library, &type));
		must(media_type_relation(txn, &library, &type, &relation));
		must(media_type_pool(txn, &type, NTMS_POOLTYPE_SCRATCH, &pools[0]));
		must(media_type_pool(txn, &type, NTMS_POOLTYPE_FOREIGN, &pools[1]));
		must(media_type_pool(txn, &type, NTMS_POOLTYPE_IMPORT, &pools[2]));
		must(store_commit(txn));
	}
	cr_assert_eq(child_count(&library, OBJ_TYPE_RELATION), 2, "LTO and DLT");
	for (int i = 0; i < 3; i++) {
		struct object pool = read_object(&pools[i]);

		cr_expect_str_eq(pool.name, "DLT");
		cr_expect(guid_equal(&pool.pool.media_type, &type));
	}
	cr_expect_eq(read_object(&pools[0]).pool.kind, NTMS_POOLTYPE_SCRATCH);
	cr_expect_eq(read_object(&pools[1]).pool.kind, NTMS_POOLTYPE_FOREIGN);
	cr_expect_eq(read_object(&pools[2]).pool.kind, NTMS_POOLTYPE_IMPORT);
	txn = begin();
	must_be(media_type_ensure(txn, 0, NULL, &type), ERROR_INVALID_MEDIA);
	must_be(media_type_ensure(txn, VXATape + 1, NULL, &type), ERROR_INVALID_MEDIA);
	must_be(media_type_ensure(txn, 0xFFFFFFFF, NULL, &type), ERROR_INVALID_MEDIA);
	must_be(media_type_pool(txn, &library, NTMS_POOLTYPE_IMPORT, &pools[0]),
		ERROR_OBJECT_NOT_FOUND);
	store_abort(txn);
}

/* A database that is there already stays as it is. */
Test(media_types, bootstrap_does_nothing_twice)
{
	uint64_t before = newest_change();
	struct txn *txn = begin();

	must(bootstrap(txn));
	must(store_commit(txn));
	cr_assert_eq(newest_change(), before);
}

/* ---- what is read from a medium, and what becomes of it ---- */

static DWORD classify(const NTMS_GUID *guid, size_t number, const char *type, const char *id)
{
	NTMS_GUID side_guid = side_of(guid, number);
	struct object media = read_object(guid), side = read_object(&side_guid);
	struct label label = {.id_length = (uint32_t)strlen(id)};
	struct txn *txn = begin();
	DWORD code;

	snprintf(label.type, sizeof(label.type), "%s", type);
	snprintf(label.info, sizeof(label.info), "Archive");
	memcpy(label.id, id, strlen(id));
	code = media_classify(txn, &media, &side, &label);
	return txn_end(txn, code);
}

Test(media_types, classification)
{
	struct object media, side;
	NTMS_GUID guid;

	/* Unknown label type or none, known type with an unknown label. */
	must(classify(&tapes[0], 0, "", ""));
	cr_expect_eq(side_state(&tapes[0], 0), NTMS_PARTSTATE_FOREIGN);
	cr_expect(is_in(&tapes[0], &unrecognized_lto));
	must(classify(&tapes[1], 0, "tar", "one"));
	cr_expect_eq(side_state(&tapes[1], 0), NTMS_PARTSTATE_IMPORT);
	cr_expect(is_in(&tapes[1], &import_lto));
	/* A copy of it is kept apart. */
	must(classify(&tapes[2], 0, "tar", "one"));
	cr_expect_eq(side_state(&tapes[2], 0), NTMS_PARTSTATE_FOREIGN);
	cr_expect(is_in(&tapes[2], &unrecognized_lto));
	guid = side_of(&tapes[2], 0);
	side = read_object(&guid);
	cr_expect_not_null(strstr(side.description, "same label"));
	/* The same again is the same. */
	must(classify(&tapes[1], 0, "tar", "one"));
	/* Nobody's medium with another label: that is noted. */
	must(classify(&tapes[1], 0, "tar", "two"));
	guid = side_of(&tapes[1], 0);
	side = read_object(&guid);
	cr_expect_eq(side.side.label_id_length, 3);
	cr_expect_arr_eq(side.side.label_id, "two", 3);
	cr_expect_eq(side.side.state, NTMS_PARTSTATE_IMPORT);
	/* Somebody's medium with another label: that is an error, and the record stands. */
	set_side_state(&tapes[1], 0, NTMS_PARTSTATE_ALLOCATED);
	must_be(classify(&tapes[1], 0, "tar", "three"), ERROR_UNEXPECTED_OMID);
	side = read_object(&guid);
	cr_expect_arr_eq(side.side.label_id, "two", 3);
	/* Without a bar code the label gives the name. */
	media = read_object(&tapes[3]);
	media.media.barcode[0] = '\0';
	snprintf(media.name, sizeof(media.name), "%s", media.media.sequence);
	write_object(&media);
	must(classify(&tapes[3], 0, "tar", "four"));
	media = read_object(&tapes[3]);
	cr_expect_str_eq(media.name, "Archive");
}

static bool offline(const NTMS_GUID *media)
{
	struct object obj = read_object(media), lib = read_object(&obj.media.library);

	return lib.library.kind == NTMS_LIBRARYTYPE_OFFLINE && guid_is_null(&obj.media.location) &&
	       guid_is_null(&obj.media.home_slot);
}

static void leave(const NTMS_GUID *guid)
{
	struct object media = read_object(guid);
	struct txn *txn = begin();

	must(media_leave(txn, &media));
	must(store_commit(txn));
}

static void set_pool_policy(DWORD policy)
{
	NTMS_OBJECTINFORMATIONA info = {.dwSize = sizeof(info), .dwType = NTMS_COMPUTER};
	NTMS_GUID computer;
	DWORD count = 1;

	must(EnumerateNtmsObject(session, NULL, &computer, &count, NTMS_COMPUTER, 0));
	must(GetNtmsObjectInformationA(session, &computer, &info));
	info.Info.Computer.dwMediaPoolPolicy = policy;
	must(SetNtmsObjectInformationA(session, &computer, &info));
}

/* What leaves a library is forgotten if it is nobody's, and kept offline otherwise. */
Test(media_types, leaving_a_library)
{
	NTMS_GUID pool = make_pool("Backup"), lmid, side = side_of(&tapes[0], 0);

	place_in(&tapes[0], &unrecognized_lto, NTMS_PARTSTATE_FOREIGN);
	leave(&tapes[0]);
	cr_expect_not(exists(&tapes[0]));
	cr_expect_not(exists(&side));
	place_in(&tapes[1], &import_lto, NTMS_PARTSTATE_IMPORT);
	place_in(&tapes[2], &free_lto, NTMS_PARTSTATE_AVAILABLE);
	set_pool_policy(NTMS_POOLPOLICY_KEEPOFFLINEIMPORT);
	leave(&tapes[1]);
	leave(&tapes[2]);
	cr_expect(offline(&tapes[1]));
	cr_expect(offline(&tapes[2]));
	place_in(&tapes[3], &import_lto, NTMS_PARTSTATE_IMPORT);
	set_pool_policy(NTMS_POOLPOLICY_PURGEOFFLINESCRATCH);
	leave(&tapes[3]);
	cr_expect_not(exists(&tapes[3]));
	leave(&tapes[2]);
	cr_expect_not(exists(&tapes[2]));
	/* Allocated: kept, wherever its record says it is. */
	place_in(&tapes[4], &pool, NTMS_PARTSTATE_AVAILABLE);
	must(AllocateNtmsMedia(session, &pool, NULL, &lmid, 0, 0, NULL));
	leave(&tapes[4]);
	cr_expect(offline(&tapes[4]));
	cr_expect(exists(&lmid));
	place_in(&tapes[4], &unrecognized_lto, NTMS_PARTSTATE_ALLOCATED);
	leave(&tapes[4]);
	cr_expect(offline(&tapes[4]));
	/* And it cannot get a free label there. */
	place_in(&tapes[1], &pool, NTMS_PARTSTATE_AVAILABLE);
	must_be(MoveToNtmsMediaPool(session, &tapes[1], &free_lto), ERROR_BUSY);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/guid.h"
#include "base/say.h"
#include "core/access.h"
#include "core/machine.h"
#include "core/media_type.h"

#define TAPE  FILE_DEVICE_TAPE
#define DISK  FILE_DEVICE_DISK
#define CDROM FILE_DEVICE_CD_ROM
#define RW    NTMS_MEDIARW_REWRITABLE
#define WO    NTMS_MEDIARW_WRITEONCE
#define RO    NTMS_MEDIARW_READONLY

/* Two sides have the optical disks that a person, or a robot, turns over. */
static const struct kind {
	const char *name;
	uint8_t sides;
	uint8_t rw;
	uint8_t device;
} kinds[] = {
	[DDS_4mm] = {"4mm DDS", 1, RW, TAPE},
	[MiniQic] = {"Mini QIC", 1, RW, TAPE},
	[Travan] = {"Travan", 1, RW, TAPE},
	[QIC] = {"QIC", 1, RW, TAPE},
	[MP_8mm] = {"8mm MP", 1, RW, TAPE},
	[AME_8mm] = {"8mm AME", 1, RW, TAPE},
	[AIT1_8mm] = {"8mm AIT-1", 1, RW, TAPE},
	[DLT] = {"DLT", 1, RW, TAPE},
	[NCTP] = {"NCTP", 1, RW, TAPE},
	[IBM_3480] = {"IBM 3480", 1, RW, TAPE},
	[IBM_3490E] = {"IBM 3490E", 1, RW, TAPE},
	[IBM_Magstar_3590] = {"IBM Magstar 3590", 1, RW, TAPE},
	[IBM_Magstar_MP] = {"IBM Magstar MP", 1, RW, TAPE},
	[STK_DATA_D3] = {"STK Data D3", 1, RW, TAPE},
	[SONY_DTF] = {"Sony DTF", 1, RW, TAPE},
	[DV_6mm] = {"6mm DV", 1, RW, TAPE},
	[DMI] = {"DMI", 1, RW, TAPE},
	[SONY_D2] = {"Sony D2", 1, RW, TAPE},
	[CLEANER_CARTRIDGE] = {"Cleaner", 1, NTMS_MEDIARW_UNKNOWN, TAPE},
	[CD_ROM] = {"CD-ROM", 1, RO, CDROM},
	[CD_R] = {"CD-R", 1, WO, CDROM},
	[CD_RW] = {"CD-RW", 1, RW, CDROM},
	[DVD_ROM] = {"DVD-ROM", 1, RO, CDROM},
	[DVD_R] = {"DVD-R", 1, WO, CDROM},
	[DVD_RW] = {"DVD-RW", 1, RW, CDROM},
	[MO_3_RW] = {"3.5in MO", 1, RW, DISK},
	[MO_5_WO] = {"5.25in MO WORM", 2, WO, DISK},
	[MO_5_RW] = {"5.25in MO", 2, RW, DISK},
	[MO_5_LIMDOW] = {"5.25in MO LIMDOW", 2, RW, DISK},
	[PC_5_WO] = {"5.25in Phase Change WORM", 2, WO, DISK},
	[PC_5_RW] = {"5.25in Phase Change", 2, RW, DISK},
	[PD_5_RW] = {"PD", 1, RW, DISK},
	[ABL_5_WO] = {"5.25in Ablative WORM", 2, WO, DISK},
	[PINNACLE_APEX_5_RW] = {"Pinnacle Apex", 2, RW, DISK},
	[SONY_12_WO] = {"12in Sony WORM", 2, WO, DISK},
	[PHILIPS_12_WO] = {"12in Philips WORM", 2, WO, DISK},
	[HITACHI_12_WO] = {"12in Hitachi WORM", 2, WO, DISK},
	[CYGNET_12_WO] = {"12in Cygnet WORM", 2, WO, DISK},
	[KODAK_14_WO] = {"14in Kodak WORM", 2, WO, DISK},
	[MO_NFR_525] = {"5.25in MO Near Field", 2, RW, DISK},
	[NIKON_12_RW] = {"12in Nikon", 2, RW, DISK},
	[IOMEGA_ZIP] = {"Iomega Zip", 1, RW, DISK},
	[IOMEGA_JAZ] = {"Iomega Jaz", 1, RW, DISK},
	[SYQUEST_EZ135] = {"SyQuest EZ135", 1, RW, DISK},
	[SYQUEST_EZFLYER] = {"SyQuest EZFlyer", 1, RW, DISK},
	[SYQUEST_SYJET] = {"SyQuest SyJet", 1, RW, DISK},
	[AVATAR_F2] = {"Avatar F2", 1, RW, DISK},
	[MP2_8mm] = {"8mm MP2", 1, RW, TAPE},
	[DST_S] = {"Ampex DST Small", 1, RW, TAPE},
	[DST_M] = {"Ampex DST Medium", 1, RW, TAPE},
	[DST_L] = {"Ampex DST Large", 1, RW, TAPE},
	[VXATape_1] = {"VXA-1", 1, RW, TAPE},
	[VXATape_2] = {"VXA-2", 1, RW, TAPE},
	[STK_9840] = {"STK 9840", 1, RW, TAPE},
	[LTO_Ultrium] = {"LTO Ultrium", 1, RW, TAPE},
	[LTO_Accelis] = {"LTO Accelis", 1, RW, TAPE},
	[DVD_RAM] = {"DVD-RAM", 1, RW, CDROM},
	[AIT_8mm] = {"8mm AIT", 1, RW, TAPE},
	[ADR_1] = {"ADR-1", 1, RW, TAPE},
	[ADR_2] = {"ADR-2", 1, RW, TAPE},
	[STK_9940] = {"STK 9940", 1, RW, TAPE},
	[SAIT] = {"SAIT", 1, RW, TAPE},
	[VXATape] = {"VXA", 1, RW, TAPE},
};

#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

/* SCSI density codes that say without doubt what kind of cartridge it is. */
static const struct {
	uint8_t density;
	uint8_t code;
} densities[] = {
	{0x13, DDS_4mm},
	{0x14, MP_8mm},
	{0x15, MP_8mm},
	{0x17, DLT},
	{0x18, DLT},
	{0x19, DLT},
	{0x1A, DLT},
	{0x1B, DLT},
	{0x24, DDS_4mm},
	{0x25, DDS_4mm},
	{0x26, DDS_4mm},
	{0x27, AME_8mm},
	{0x29, IBM_Magstar_3590},
	{0x2A, IBM_Magstar_3590},
	{0x2B, IBM_Magstar_3590},
	{0x30, AIT1_8mm},
	{0x31, AIT_8mm},
	{0x32, AIT_8mm},
	{0x33, AIT_8mm},
	{0x40, LTO_Ultrium},
	{0x42, LTO_Ultrium},
	{0x44, LTO_Ultrium},
	{0x46, LTO_Ultrium},
	{0x47, DDS_4mm},
	{0x48, DLT},
	{0x49, DLT},
	{0x4A, DLT},
	{0x4B, DLT},
	{0x58, LTO_Ultrium},
	{0x5A, LTO_Ultrium},
	{0x5C, LTO_Ultrium},
	{0x5D, LTO_Ultrium},
	{0x5E, LTO_Ultrium},
	{0x60, LTO_Ultrium},
	{0x62, LTO_Ultrium},
	{0x80, VXATape_1},
	{0x81, VXATape_2},
	{0x82, VXATape},
	{0x8C, MP_8mm},
};

/* LTO bar codes: six characters and L1 to L9, LA and so on, M8, or LT to LZ for write-once. */
static uint32_t guess_from_barcode(const char *barcode)
{
	size_t length = strlen(barcode);
	unsigned char family, generation;

	if (length == 7 && strchr("CDES", barcode[6]))
		return DLT;
	if (length != 8)
		return 0;
	family = (unsigned char)barcode[6];
	generation = (unsigned char)barcode[7];
	if (family == 'L' && (isdigit(generation) || isupper(generation)))
		return LTO_Ultrium;
	if (family == 'M' && generation == '8')
		return LTO_Ultrium;
	if (family == 'J' && isupper(generation))
		return IBM_Magstar_3590;
	return 0;
}

uint32_t media_type_guess(uint32_t density, const char *barcode)
{
	uint32_t code;

	for (size_t i = 0; i < sizeof(densities) / sizeof(densities[0]); i++)
		if (densities[i].density == density)
			return densities[i].code;
	code = barcode ? guess_from_barcode(barcode) : 0;
	return code ? code : LTO_Ultrium;
}

static DWORD type_find(struct txn *txn, uint32_t code, NTMS_GUID *guid)
{
	struct store_key key;

	key_start(&key);
	key_u32(&key, code);
	return store_find(txn, IX_MEDIA_TYPE, &key, guid);
}

static DWORD type_insert(struct txn *txn, uint32_t code)
{
	struct object type;

	machine_object(&type, NTMS_MEDIA_TYPE);
	snprintf(type.name, sizeof(type.name), "%s", kinds[code].name);
	type.media_type.code = code;
	type.media_type.sides = kinds[code].sides;
	type.media_type.rw = kinds[code].rw;
	type.media_type.device_type = kinds[code].device;
	return store_insert(txn, &type);
}

DWORD media_type_make_all(struct txn *txn)
{
	DWORD status = ERROR_SUCCESS;

	for (uint32_t code = 0; code < KIND_COUNT && !status; code++)
		if (kinds[code].name)
			status = type_insert(txn, code);
	return status;
}

static const char *top_name(uint32_t kind)
{
	switch (kind) {
	case NTMS_POOLTYPE_SCRATCH:
		return POOL_NAME_FREE;
	case NTMS_POOLTYPE_FOREIGN:
		return POOL_NAME_UNRECOGNIZED;
	default:
		return POOL_NAME_IMPORT;
	}
}

static DWORD pool_by_name(struct txn *txn, const NTMS_GUID *parent, const char *name,
			  NTMS_GUID *pool)
{
	struct store_key key;

	key_start(&key);
	key_guid(&key, parent);
	key_text(&key, name);
	return store_find(txn, IX_POOL_NAME, &key, pool);
}

static DWORD top_pool(struct txn *txn, uint32_t kind, NTMS_GUID *pool)
{
	struct object computer;
	DWORD code = computer_get(txn, &computer);

	if (code)
		return code;
	code = pool_by_name(txn, &computer.computer.root_pool, top_name(kind), pool);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_DATABASE_FAILURE, "the database has no pool \"%s\"",
				top_name(kind));
	return code;
}

DWORD media_type_pool(struct txn *txn, const NTMS_GUID *type, uint32_t kind, NTMS_GUID *pool)
{
	struct object record;
	NTMS_GUID top;
	DWORD code = store_get(txn, type, NTMS_MEDIA_TYPE, &record);

	if (code)
		return code;
	code = top_pool(txn, kind, &top);
	if (code)
		return code;
	return pool_by_name(txn, &top, record.name, pool);
}

DWORD pool_insert(struct txn *txn, const char *name, uint32_t kind, const NTMS_GUID *parent,
		  const NTMS_GUID *media_type, const struct obj_security *security,
		  struct object *pool)
{
	machine_object(pool, NTMS_MEDIA_POOL);
	snprintf(pool->name, sizeof(pool->name), "%s", name);
	pool->pool.kind = kind;
	if (parent)
		pool->pool.parent = *parent;
	if (media_type)
		pool->pool.media_type = *media_type;
	pool->pool.security = *security;
	return store_insert(txn, pool);
}

static DWORD ensure_pools(struct txn *txn, const struct object *type)
{
	static const uint32_t pool_kinds[] = {NTMS_POOLTYPE_SCRATCH, NTMS_POOLTYPE_FOREIGN,
					      NTMS_POOLTYPE_IMPORT};
	struct obj_security security;
	struct object pool;
	NTMS_GUID top, found;
	uid_t maker;
	DWORD code = access_maker(txn, &maker);

	if (code)
		return code;
	access_system(&security, maker);
	for (size_t i = 0; i < sizeof(pool_kinds) / sizeof(pool_kinds[0]); i++) {
		code = top_pool(txn, pool_kinds[i], &top);
		if (code)
			return code;
		code = pool_by_name(txn, &top, type->name, &found);
		if (code == ERROR_OBJECT_NOT_FOUND)
			code = pool_insert(txn, type->name, pool_kinds[i], &top, &type->guid,
					   &security, &pool);
		if (code)
			return code;
	}
	return ERROR_SUCCESS;
}

DWORD media_type_relation(struct txn *txn, const NTMS_GUID *library, const NTMS_GUID *type,
			  NTMS_GUID *relation)
{
	struct store_key key;
	struct object record;
	NTMS_GUID *list;
	size_t count;
	DWORD code;

	key_start(&key);
	key_guid(&key, library);
	key_u32(&key, OBJ_TYPE_RELATION);
	code = store_list(txn, IX_CHILD, &key, 0, &list, &count);
	if (code)
		return code;
	code = ERROR_OBJECT_NOT_FOUND;
	for (size_t i = 0; i < count; i++) {
		DWORD status = store_get(txn, &list[i], OBJ_TYPE_RELATION, &record);

		if (status) {
			code = status;
			break;
		}
		if (guid_equal(&record.relation.media_type, type)) {
			*relation = record.guid;
			code = ERROR_SUCCESS;
			break;
		}
	}
	free(list);
	return code;
}

static DWORD ensure_relation(struct txn *txn, const NTMS_GUID *library, const NTMS_GUID *type)
{
	struct object relation;
	NTMS_GUID found;
	DWORD code = media_type_relation(txn, library, type, &found);

	if (code != ERROR_OBJECT_NOT_FOUND)
		return code;
	machine_object(&relation, OBJ_TYPE_RELATION);
	relation.relation.library = *library;
	relation.relation.media_type = *type;
	return store_insert(txn, &relation);
}

DWORD media_type_ensure(struct txn *txn, uint32_t code, const NTMS_GUID *library, NTMS_GUID *type)
{
	struct object record;
	DWORD status;

	if (code >= KIND_COUNT || !kinds[code].name)
		return ntms_say(ERROR_INVALID_MEDIA, "there is no media type 0x%x", code);
	status = type_find(txn, code, type);
	if (status == ERROR_OBJECT_NOT_FOUND) {
		status = type_insert(txn, code);
		if (!status)
			status = type_find(txn, code, type);
	}
	if (!status)
		status = store_get(txn, type, NTMS_MEDIA_TYPE, &record);
	if (!status)
		status = ensure_pools(txn, &record);
	if (!status && library)
		status = ensure_relation(txn, library, type);
	return status;
}

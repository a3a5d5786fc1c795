/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* export_check.c - what an import has brought: do its records agree with each other? */
#include <stdlib.h>
#include <string.h>
#include "base/guid.h"
#include "core/export.h"
#include "core/machine.h"
#include "core/media.h"
#include "core/sd.h"
#include "core/txn.h"

/* Pools have names of a limited length in all, so they are not nested deeper. */
#define POOL_LEVELS NTMS_POOLHIERARCHY_LENGTH

#define BIT(type) (1u << (type))
#define DEVICES                                                                           \
	(BIT(NTMS_CHANGER) | BIT(NTMS_DRIVE) | BIT(NTMS_STORAGESLOT) | BIT(NTMS_IEPORT) | \
	 BIT(NTMS_IEDOOR))
#define ANY 0xFFFFFFFFu

/* A member that names another object. Requests do not count: what they name may be gone. */
struct reference {
	uint32_t type;
	size_t offset;
	const char *name;
	uint32_t allowed; /* set of types */
	bool needed;
};

#define REFERENCE(type, member, allowed, needed)                                \
	{                                                                       \
		type, offsetof(struct object, member), #member, allowed, needed \
	}
#define NEEDED	true
#define OR_NONE false
#define DEVICE(type, device_type_type)                              \
	REFERENCE(type, device.library, BIT(NTMS_LIBRARY), NEEDED), \
		REFERENCE(type, device.device_type, BIT(device_type_type), OR_NONE)

static const struct reference references[] = {
	REFERENCE(NTMS_COMPUTER, computer.root_pool, BIT(NTMS_MEDIA_POOL), NEEDED),
	REFERENCE(NTMS_COMPUTER, computer.offline_library, BIT(NTMS_LIBRARY), NEEDED),
	REFERENCE(NTMS_LIBRARY, library.cleaner_slot, BIT(NTMS_STORAGESLOT), OR_NONE),
	REFERENCE(NTMS_LIBRARY, library.cleaner_slot_default, BIT(NTMS_STORAGESLOT), OR_NONE),
	DEVICE(NTMS_CHANGER, NTMS_CHANGER_TYPE),
	DEVICE(NTMS_DRIVE, NTMS_DRIVE_TYPE),
	REFERENCE(NTMS_DRIVE, device.side, BIT(NTMS_PARTITION), OR_NONE),
	REFERENCE(NTMS_STORAGESLOT, device.library, BIT(NTMS_LIBRARY), NEEDED),
	REFERENCE(NTMS_IEPORT, device.library, BIT(NTMS_LIBRARY), NEEDED),
	REFERENCE(NTMS_IEDOOR, device.library, BIT(NTMS_LIBRARY), NEEDED),
	REFERENCE(NTMS_MEDIA_POOL, pool.media_type, BIT(NTMS_MEDIA_TYPE), OR_NONE),
	REFERENCE(NTMS_MEDIA_POOL, pool.parent, BIT(NTMS_MEDIA_POOL), OR_NONE),
	REFERENCE(OBJ_TYPE_RELATION, relation.library, BIT(NTMS_LIBRARY), NEEDED),
	REFERENCE(OBJ_TYPE_RELATION, relation.media_type, BIT(NTMS_MEDIA_TYPE), NEEDED),
	REFERENCE(OBJ_TYPE_ATTRIBUTE, attribute.owner, ANY, NEEDED),
	REFERENCE(NTMS_PHYSICAL_MEDIA, media.library, BIT(NTMS_LIBRARY), NEEDED),
	REFERENCE(NTMS_PHYSICAL_MEDIA, media.pool, BIT(NTMS_MEDIA_POOL), OR_NONE),
	REFERENCE(NTMS_PHYSICAL_MEDIA, media.media_type, BIT(NTMS_MEDIA_TYPE), NEEDED),
	REFERENCE(NTMS_PHYSICAL_MEDIA, media.location, DEVICES, OR_NONE),
	REFERENCE(NTMS_PHYSICAL_MEDIA, media.home_slot, BIT(NTMS_STORAGESLOT), OR_NONE),
	REFERENCE(NTMS_PHYSICAL_MEDIA, media.mounted_side, BIT(NTMS_PARTITION), OR_NONE),
	REFERENCE(NTMS_PARTITION, side.media, BIT(NTMS_PHYSICAL_MEDIA), NEEDED),
	REFERENCE(NTMS_PARTITION, side.logical, BIT(NTMS_LOGICAL_MEDIA), OR_NONE),
	REFERENCE(NTMS_PARTITION, side.pool, BIT(NTMS_MEDIA_POOL), OR_NONE),
	REFERENCE(NTMS_LOGICAL_MEDIA, logical.side, BIT(NTMS_PARTITION), NEEDED),
	REFERENCE(NTMS_LOGICAL_MEDIA, logical.pool, BIT(NTMS_MEDIA_POOL), NEEDED),
	REFERENCE(NTMS_LIBREQUEST, librequest.library, BIT(NTMS_LIBRARY), NEEDED),
	REFERENCE(NTMS_UI_DESTINATION, destination.owner, ANY, NEEDED),
};

/* A number that is no state and has its limits. */
struct range {
	uint32_t type;
	size_t offset;
	const char *name;
	uint32_t least, most;
};

#define RANGE(type, member, least, most)                                    \
	{                                                                   \
		type, offsetof(struct object, member), #member, least, most \
	}

static const struct range ranges[] = {
	RANGE(NTMS_LIBRARY, library.kind, NTMS_LIBRARYTYPE_OFFLINE, NTMS_LIBRARYTYPE_STANDALONE),
	RANGE(NTMS_LIBRARY, library.inventory_method, NTMS_INVENTORY_NONE, NTMS_INVENTORY_OMID),
	RANGE(NTMS_MEDIA_POOL, pool.kind, NTMS_POOLTYPE_UNKNOWN, NTMS_POOLTYPE_APPLICATION),
	RANGE(NTMS_MEDIA_TYPE, media_type.sides, 1, 2),
	RANGE(NTMS_PHYSICAL_MEDIA, media.sides, 1, 2),
	RANGE(NTMS_PARTITION, side.side, 0, 1),
	RANGE(NTMS_PARTITION, side.usable, FALSE, TRUE),
	RANGE(NTMS_LIBREQUEST, librequest.operation, 0, NTMS_LM_MAXWORKITEM - 1),
	RANGE(NTMS_LIBREQUEST, librequest.move, OBJ_MOVE_NONE, OBJ_MOVE_INTENDED),
	RANGE(NTMS_OPREQUEST, oprequest.command, NTMS_OPREQ_NEWMEDIA, NTMS_OPREQ_MESSAGE),
	RANGE(NTMS_UI_DESTINATION, destination.ui_type, NTMS_UITYPE_INFO, NTMS_UITYPE_ERR),
};

static DWORD wrong(const struct object *obj, const char *member, const char *what)
{
	char text[GUID_TEXT_SIZE];

	guid_format(&obj->guid, text);
	return ntms_say(ERROR_DATABASE_FAILURE,
			"the export cannot be used: object %s of type %u: %s %s", text, obj->type,
			member, what);
}

static const void *member_of(const struct object *obj, size_t offset)
{
	return (const uint8_t *)obj + offset;
}

static DWORD check_reference(struct txn *txn, const struct object *obj,
			     const struct reference *reference)
{
	struct object other;
	NTMS_GUID guid;
	DWORD code;

	memcpy(&guid, member_of(obj, reference->offset), sizeof(guid));
	if (guid_is_null(&guid))
		return reference->needed ? wrong(obj, reference->name, "is missing")
					 : ERROR_SUCCESS;
	code = store_get(txn, &guid, NTMS_UNKNOWN, &other);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return wrong(obj, reference->name, "is not in it");
	if (code)
		return code;
	if (reference->allowed != ANY &&
	    (other.type >= NTMS_NUMBER_OF_OBJECT_TYPES || !(BIT(other.type) & reference->allowed)))
		return wrong(obj, reference->name, "is of another type");
	return ERROR_SUCCESS;
}

static DWORD check_references(struct txn *txn, const struct object *obj)
{
	DWORD code = ERROR_SUCCESS;

	for (size_t i = 0; i < sizeof(references) / sizeof(references[0]) && !code; i++)
		if (references[i].type == obj->type)
			code = check_reference(txn, obj, &references[i]);
	return code;
}

static DWORD check_ranges(const struct object *obj)
{
	uint32_t value;

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		if (ranges[i].type != obj->type)
			continue;
		memcpy(&value, member_of(obj, ranges[i].offset), sizeof(value));
		if (value < ranges[i].least || value > ranges[i].most)
			return wrong(obj, ranges[i].name, "is out of its range");
	}
	return ERROR_SUCCESS;
}

static bool has_state(const struct machine *machine, uint32_t type)
{
	for (size_t i = 0; i < sizeof(machine->types) / sizeof(machine->types[0]); i++)
		if (machine->types[i] && machine->types[i] == type)
			return true;
	return false;
}

static DWORD check_states(const struct object *obj)
{
	for (enum machine_id id = 0; id < MACHINES; id++) {
		const struct machine *machine = machine_get(id);
		uint32_t state;

		if (!has_state(machine, obj->type))
			continue;
		state = machine_state(machine, obj);
		if (state >= machine->state_count || !machine->states[state].name)
			return wrong(obj, machine->name, "is in a state that does not exist");
	}
	return ERROR_SUCCESS;
}

static DWORD check_security(const struct object *obj, const struct obj_security *security)
{
	struct sd_view view;

	if (security->length && !sd_parse(security->bytes, security->length, &view))
		return wrong(obj, "its security descriptor", "is malformed");
	return ERROR_SUCCESS;
}

/* Every pool is below the root pool, which is below none. */
static DWORD check_pool(struct txn *txn, const struct object *obj)
{
	struct object computer, pool = *obj;
	DWORD code = computer_get(txn, &computer);

	for (int level = 0; level < POOL_LEVELS && !code; level++) {
		if (guid_is_null(&pool.pool.parent)) {
			if (guid_equal(&pool.guid, &computer.computer.root_pool))
				return check_security(obj, &obj->pool.security);
			return wrong(obj, "pool.parent", "does not lead to the root pool");
		}
		code = store_get(txn, &pool.pool.parent, NTMS_MEDIA_POOL, &pool);
	}
	return code ? must_exist(code, "parent", obj->name)
		    : wrong(obj, "pool.parent", "leads in a circle");
}

/* What is recorded twice for the sake of an index is the same. */
static DWORD check_side(struct txn *txn, const struct object *obj)
{
	struct object media, logical;
	DWORD code = store_get(txn, &obj->side.media, NTMS_PHYSICAL_MEDIA, &media);

	if (code)
		return code;
	if (!guid_equal(&media.media.pool, &obj->side.pool))
		return wrong(obj, "side.pool", "is not that of its cartridge");
	if (guid_is_null(&obj->side.logical))
		return ERROR_SUCCESS;
	code = store_get(txn, &obj->side.logical, NTMS_LOGICAL_MEDIA, &logical);
	if (!code && !guid_equal(&logical.logical.side, &obj->guid))
		return wrong(obj, "side.logical", "is another side's");
	return code;
}

static DWORD check_logical(struct txn *txn, const struct object *obj)
{
	struct object side;
	DWORD code = store_get(txn, &obj->logical.side, NTMS_PARTITION, &side);

	if (!code && !guid_equal(&side.side.logical, &obj->guid))
		return wrong(obj, "logical.side", "has another logical medium");
	return code;
}

static DWORD check_computer(struct txn *txn, const struct object *obj)
{
	struct object library;
	DWORD code = store_get(txn, &obj->computer.offline_library, NTMS_LIBRARY, &library);

	if (!code && library.library.kind != NTMS_LIBRARYTYPE_OFFLINE)
		return wrong(obj, "computer.offline_library", "is another kind of library");
	return code ? code : check_security(obj, &obj->computer.security);
}

static DWORD check_by_type(struct txn *txn, const struct object *obj)
{
	switch (obj->type) {
	case NTMS_COMPUTER:
		return check_computer(txn, obj);
	case NTMS_LIBRARY:
		return check_security(obj, &obj->library.security);
	case NTMS_MEDIA_POOL:
		return check_pool(txn, obj);
	case NTMS_PARTITION:
		return check_side(txn, obj);
	case NTMS_LOGICAL_MEDIA:
		return check_logical(txn, obj);
	default:
		return ERROR_SUCCESS;
	}
}

static DWORD check_object(struct txn *txn, const NTMS_GUID *guid)
{
	struct object obj;
	DWORD code = store_get(txn, guid, NTMS_UNKNOWN, &obj);

	if (!code)
		code = check_references(txn, &obj);
	if (!code)
		code = check_ranges(&obj);
	if (!code)
		code = check_states(&obj);
	return code ? code : check_by_type(txn, &obj);
}

static DWORD check_one_computer(struct txn *txn)
{
	struct store_key key;
	size_t count;
	DWORD code;

	key_start(&key);
	key_u32(&key, NTMS_COMPUTER);
	code = store_count(txn, IX_TYPE, &key, &count);
	if (!code && count != 1)
		return ntms_say(ERROR_DATABASE_FAILURE,
				"the export cannot be used: it has %zu computers", count);
	return code;
}

DWORD export_check(struct txn *txn)
{
	struct store_key all;
	NTMS_GUID *list;
	size_t count;
	DWORD code = check_one_computer(txn);

	if (code)
		return code;
	key_start(&all);
	code = store_list(txn, IX_TYPE, &all, 0, &list, &count);
	if (code)
		return code;
	for (size_t i = 0; i < count && !code; i++)
		code = check_object(txn, &list[i]);
	free(list);
	return code;
}

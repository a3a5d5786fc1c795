/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>
#include "base/guid.h"
#include "core/cleaner.h"
#include "core/control.h"
#include "core/media.h"
#include "core/txn.h"

#define CLEANER_PREFIX "CLN"

bool cleaner_by_barcode(const struct object *library, const char *barcode)
{
	return library->library.flags & NTMS_LIBRARYFLAG_RECOGNIZECLEANERBARCODE &&
	       !strncmp(barcode, CLEANER_PREFIX, strlen(CLEANER_PREFIX));
}

DWORD cleaner_is(struct txn *txn, const struct object *media, bool *cleaner)
{
	struct object type;
	DWORD code = must_exist(store_get(txn, &media->media.media_type, NTMS_MEDIA_TYPE, &type),
				"media type", media->name);

	*cleaner = !code && type.media_type.code == CLEANER_CARTRIDGE;
	return code;
}

static bool is_present(const struct object *library)
{
	return library->library.flags & NTMS_LIBRARYFLAG_CLEANERPRESENT;
}

/* ---- which one it is ---- */

/* Is it a cleaner that is at home in the library's cleaner slot? */
static DWORD is_the_cleaner(struct txn *txn, const struct object *library,
			    const struct object *media, bool *is)
{
	*is = false;
	if (!is_present(library) || !guid_equal(&media->media.library, &library->guid) ||
	    !guid_equal(&media->media.home_slot, &library->library.cleaner_slot))
		return ERROR_SUCCESS;
	return cleaner_is(txn, media, is);
}

DWORD cleaner_find(struct txn *txn, const struct object *library, struct object *media)
{
	NTMS_GUID *list = NULL;
	struct store_key key;
	bool found = false;
	size_t count = 0;
	DWORD code;

	if (!is_present(library))
		return ERROR_OBJECT_NOT_FOUND;
	key_start(&key);
	key_guid(&key, &library->guid);
	key_u32(&key, NTMS_PHYSICAL_MEDIA);
	code = store_list(txn, IX_CHILD, &key, 0, &list, &count);
	for (size_t i = 0; i < count && !code && !found; i++) {
		code = must_exist(store_get(txn, &list[i], NTMS_PHYSICAL_MEDIA, media), "cartridge",
				  library->name);
		if (!code)
			code = is_the_cleaner(txn, library, media, &found);
	}
	free(list);
	return code || found ? code : ERROR_OBJECT_NOT_FOUND;
}

/* Is anything on record of it but that it is there? */
static DWORD is_known(struct txn *txn, const struct object *media, bool *known)
{
	struct object sides[2];
	NTMS_GUID pool;
	size_t count;
	DWORD code = media_sides(txn, &media->guid, sides, &count);

	if (!code)
		code = media_type_pool(txn, &media->media.media_type, NTMS_POOLTYPE_FOREIGN, &pool);
	if (code)
		return code;
	*known = !guid_equal(&media->media.pool, &pool) ||
		 media->media.state != NTMS_MEDIASTATE_IDLE;
	/* A drive finds a cleaner that it does not know for one incompatible. */
	for (size_t i = 0; i < count; i++)
		*known = *known || !guid_is_null(&sides[i].side.logical) ||
			 (sides[i].side.state != NTMS_PARTSTATE_UNKNOWN &&
			  sides[i].side.state != NTMS_PARTSTATE_INCOMPATIBLE);
	return ERROR_SUCCESS;
}

DWORD cleaner_believe(struct txn *txn, const struct object *library, const struct object *media,
		      const char **doubt)
{
	bool cleaner, known = false;
	DWORD code = cleaner_is(txn, media, &cleaner);

	*doubt = NULL;
	if (!code && !cleaner)
		code = is_known(txn, media, &known);
	if (code || cleaner)
		return code;
	if (known)
		*doubt = "it is known as one for data";
	else if (library->library.flags & NTMS_LIBRARYFLAG_RECOGNIZECLEANERBARCODE &&
		 media->media.barcode[0])
		*doubt = "its bar code does not begin with " CLEANER_PREFIX;
	return ERROR_SUCCESS;
}

DWORD cleaner_make(struct txn *txn, const struct object *library, const struct object *place,
		   struct object *media)
{
	char barcode[sizeof(media->media.barcode)];
	struct object sides[2];
	NTMS_GUID type;
	size_t count;
	bool cleaner;
	DWORD code = cleaner_is(txn, media, &cleaner);

	if (code || cleaner)
		return code;
	memcpy(barcode, media->media.barcode, sizeof(barcode));
	code = media_sides(txn, &media->guid, sides, &count);
	if (!code)
		code = media_delete(txn, media, sides, count, SIDE_RECOGNIZED);
	if (!code)
		code = media_type_ensure(txn, CLEANER_CARTRIDGE, &library->guid, &type);
	return code ? code : media_create(txn, &library->guid, place, barcode, &type, media);
}

void cleaner_enter(struct object *library, const NTMS_GUID *slot, uint32_t uses)
{
	struct obj_library *details = &library->library;

	details->cleaner_slot = *slot;
	details->cleaner_uses = uses;
	details->flags |= NTMS_LIBRARYFLAG_CLEANERPRESENT;
	details->flags &= ~(uint32_t)NTMS_LIBRARYFLAG_IGNORECLEANERUSESREMAINING;
	if (uses == CLEANER_UNCOUNTED)
		details->flags |= NTMS_LIBRARYFLAG_IGNORECLEANERUSESREMAINING;
}

void cleaner_forget(struct object *library)
{
	library->library.cleaner_uses = 0;
	library->library.flags &= ~(uint32_t)(NTMS_LIBRARYFLAG_CLEANERPRESENT |
					      NTMS_LIBRARYFLAG_IGNORECLEANERUSESREMAINING);
}

DWORD cleaner_seen(struct txn *txn, struct object *library, const NTMS_GUID *home,
		   const struct object *slot)
{
	NTMS_GUID *reserved = &library->library.cleaner_slot;

	if (is_present(library)) {
		if (!guid_equal(home, reserved) || guid_equal(reserved, &slot->guid))
			return ERROR_SUCCESS;
		*reserved = slot->guid; /* somebody has put it there */
		return store_update(txn, library);
	}
	if (!guid_is_null(reserved) && !guid_equal(reserved, &slot->guid))
		return ERROR_SUCCESS;
	cleaner_enter(library, &slot->guid, CLEANER_UNCOUNTED);
	return store_update(txn, library);
}

DWORD cleaner_leaves(struct txn *txn, const struct object *media)
{
	struct object library;
	bool is = false;
	DWORD code = store_get(txn, &media->media.library, NTMS_LIBRARY, &library);

	if (code)
		return code == ERROR_OBJECT_NOT_FOUND ? ERROR_SUCCESS : code;
	code = is_the_cleaner(txn, &library, media, &is);
	if (code || !is)
		return code;
	cleaner_forget(&library);
	return store_update(txn, &library);
}

/* ---- the slot ---- */

/* Is the robot on its way to that slot, or is a person to bring a cleaner for it? Then it is
 * empty by the records, but will not be. */
static bool fills(const struct object *request, const struct object *slot)
{
	const struct obj_librequest *details = &request->librequest;

	if (details->operation == NTMS_LM_INJECTCLEANER)
		return guid_equal(&details->slot, &slot->guid);
	return details->move == OBJ_MOVE_INTENDED && guid_equal(&details->move_to, &slot->guid);
}

static DWORD is_awaited(struct txn *txn, const struct object *slot, bool *awaited)
{
	struct object request;
	NTMS_GUID *list = NULL;
	struct store_key key;
	size_t count = 0;
	DWORD code;

	*awaited = false;
	key_start(&key);
	key_guid(&key, &slot->device.library);
	code = store_list(txn, IX_QUEUE, &key, 0, &list, &count);
	for (size_t i = 0; i < count && !code && !*awaited; i++) {
		code = must_exist(store_get(txn, &list[i], NTMS_LIBREQUEST, &request), "request",
				  "the queue");
		*awaited = !code && fills(&request, slot);
	}
	free(list);
	return code;
}

/* Present and empty: what both calls need of a slot. */
static DWORD check_slot(struct txn *txn, const struct object *slot, DWORD absent)
{
	bool awaited;
	DWORD code;

	if (slot->device.state == NTMS_SLOTSTATE_NOTPRESENT)
		return ntms_say(absent, "%s is not in the library at present", slot->name);
	if (slot->device.state != NTMS_SLOTSTATE_EMPTY)
		return ntms_say(ERROR_SLOT_FULL, "%s is not empty", slot->name);
	code = is_awaited(txn, slot, &awaited);
	if (!code && awaited)
		return ntms_say(ERROR_SLOT_FULL, "a cartridge is being brought to %s", slot->name);
	return code;
}

DWORD cleaner_slot(struct txn *txn, const struct object *library, struct object *slot)
{
	if (guid_is_null(&library->library.cleaner_slot))
		return ntms_say(ERROR_NO_SLOT_SET, "library %s keeps no slot for a cleaner",
				library->name);
	return must_exist(store_get(txn, &library->library.cleaner_slot, NTMS_STORAGESLOT, slot),
			  "slot for the cleaner", library->name);
}

DWORD cleaner_slot_free(struct txn *txn, const struct object *library, const struct object *slot)
{
	DWORD code = check_slot(txn, slot, ERROR_SLOT_NOT_PRESENT);

	/* Empty for now: it is in a drive. */
	if (!code && is_present(library))
		code = ntms_say(ERROR_SLOT_FULL, "the cleaner of library %s comes back to %s",
				library->name, slot->name);
	return code;
}

static DWORD record(struct session *session, struct txn *txn, uint32_t operation,
		    const struct object *slot)
{
	struct object request;

	request_init(session, operation, &slot->device.library, &request);
	request.librequest.slot = slot->guid;
	return request_record(txn, &request);
}

DWORD cleaner_reserve(struct session *session, struct txn *txn, const NTMS_GUID *guid,
		      const NTMS_GUID *slot_guid)
{
	struct object library, slot;
	DWORD code = control_library(txn, session, guid, RIGHT_RESERVE_CLEANER_SLOT, &library);

	if (!code)
		code = control_usable(session, &library, ERROR_RESOURCE_DISABLED,
				      ERROR_DEVICE_NOT_AVAILABLE);
	if (code)
		return code;
	code = store_get(txn, slot_guid, NTMS_STORAGESLOT, &slot);
	if (code == ERROR_OBJECT_NOT_FOUND ||
	    (!code && !guid_equal(&slot.device.library, &library.guid)))
		return ntms_say(ERROR_INVALID_SLOT, "library %s has no such slot", library.name);
	if (!code && !guid_is_null(&library.library.cleaner_slot))
		return ntms_say(ERROR_ALREADY_RESERVED,
				"library %s has a slot for its cleaner already", library.name);
	/* 4.5: of this call's own, not ERROR_SLOT_NOT_PRESENT. */
	if (!code)
		code = check_slot(txn, &slot, ERROR_RESOURCE_NOT_AVAILABLE);
	if (code)
		return code;
	library.library.cleaner_slot = slot.guid;
	code = store_update(txn, &library);
	return code ? code : record(session, txn, NTMS_LM_RESERVECLEANER, &slot);
}

DWORD cleaner_release(struct session *session, struct txn *txn, const NTMS_GUID *guid)
{
	struct object library, slot;
	DWORD code = control_library(txn, session, guid, RIGHT_RELEASE_CLEANER_SLOT, &library);

	if (!code)
		code = control_usable(session, &library, ERROR_RESOURCE_DISABLED,
				      ERROR_DEVICE_NOT_AVAILABLE);
	if (code)
		return code;
	code = cleaner_slot(txn, &library, &slot);
	if (!code)
		code = cleaner_slot_free(txn, &library, &slot);
	if (code)
		return code;
	memset(&library.library.cleaner_slot, 0, sizeof(NTMS_GUID));
	code = store_update(txn, &library);
	return code ? code : record(session, txn, NTMS_LM_RELEASECLEANER, &slot);
}

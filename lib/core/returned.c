/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* returned.c - a cartridge without a bar code comes back: its label says which one it is (2.8, 4)
 */
#include <stdlib.h>
#include <string.h>
#include "base/guid.h"
#include "core/media.h"
#include "core/oprequest.h"
#include "core/txn.h"

/* The only other side with this label; its cartridge. ERROR_OBJECT_NOT_FOUND for none or several.
 */
static DWORD find_owner(struct txn *txn, const struct object *side, const struct label *label,
			struct object *owner_side, struct object *owner)
{
	NTMS_GUID *list = NULL;
	struct store_key key;
	size_t count = 0;
	DWORD code;

	key_start(&key);
	key_text(&key, label->type);
	key_u32(&key, label->id_length);
	key_bytes(&key, label->id, label->id_length);
	code = store_list(txn, IX_LABEL, &key, 2, &list, &count);
	if (!code && (count != 1 || guid_equal(&list[0], &side->guid)))
		code = ERROR_OBJECT_NOT_FOUND;
	if (!code)
		code = store_get(txn, &list[0], NTMS_PARTITION, owner_side);
	free(list);
	if (!code)
		code = must_exist(
			store_get(txn, &owner_side->side.media, NTMS_PHYSICAL_MEDIA, owner),
			"cartridge", "a side");
	return code;
}

/* Nothing that is known of the two contradicts that they are one. */
static bool may_be(const struct object *owner, const struct object *owner_side,
		   const struct object *fresh, const struct object *side)
{
	const char *known = owner->media.barcode, *seen = fresh->media.barcode;

	return guid_is_null(&owner->media.location) && owner->media.sides == fresh->media.sides &&
	       owner_side->side.side == side->side.side &&
	       (!known[0] || !seen[0] || strcmp(known, seen) == 0);
}

static DWORD enter_drive(struct txn *txn, struct object *owner, const struct object *owner_side,
			 struct object *drive)
{
	DWORD code =
		media_event(owner, owner->media.state == NTMS_MEDIASTATE_OPREQ ? MEDIA_CAME_ONLINE
									       : MEDIA_ACCEPTED);

	if (!code)
		code = media_event(owner, MEDIA_IN_DRIVE);
	owner->media.mounted_side = owner_side->guid;
	drive->device.side = owner_side->guid;
	return code ? code : store_update(txn, drive);
}

/* It was lost on its way: nobody need look for it any more. */
static DWORD is_found(struct txn *txn, struct object *owner)
{
	DWORD code = oprequest_withdraw(txn, NTMS_OPREQ_DEVICESERVICE, &owner->guid, NULL);

	return code ? code : media_event(owner, MEDIA_FOUND);
}

static DWORD take_place(struct txn *txn, struct object *owner, const struct object *owner_side,
			const struct object *fresh)
{
	struct object place;
	DWORD code = must_exist(store_get(txn, &fresh->media.location, NTMS_UNKNOWN, &place),
				"place", fresh->name);

	if (!code && owner->media.state == NTMS_MEDIASTATE_OPERROR)
		code = is_found(txn, owner);
	if (!code && place.type == NTMS_DRIVE)
		code = enter_drive(txn, owner, owner_side, &place);
	owner->media.home_slot = fresh->media.home_slot;
	if (!owner->media.barcode[0] && fresh->media.barcode[0]) {
		memcpy(owner->media.barcode, fresh->media.barcode, sizeof(owner->media.barcode));
		owner->media.barcode_state = NTMS_BARCODESTATE_OK;
	}
	return code ? code : media_place(txn, owner, &place, false);
}

DWORD media_return(struct txn *txn, const struct object *fresh, const struct object *side,
		   const struct label *label)
{
	struct object owner, owner_side, sides[2];
	size_t count;
	DWORD code;

	if (!label->type[0])
		return ERROR_OBJECT_NOT_FOUND;
	code = find_owner(txn, side, label, &owner_side, &owner);
	if (code)
		return code;
	if (!may_be(&owner, &owner_side, fresh, side))
		return ERROR_OBJECT_NOT_FOUND;
	code = media_sides(txn, &fresh->guid, sides, &count);
	for (size_t i = 0; i < count && !code; i++)
		if (sides[i].side.state != NTMS_PARTSTATE_UNKNOWN)
			return ERROR_OBJECT_NOT_FOUND;
	if (!code)
		code = take_place(txn, &owner, &owner_side, fresh);
	return code ? code : media_delete(txn, fresh, sides, count, SIDE_RECOGNIZED);
}

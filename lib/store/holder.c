/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* holder.c - which object's security descriptor decides on an object (reference 7.2) */
#include "store/object.h"

uint32_t object_holder(const struct object *obj, NTMS_GUID *guid)
{
	switch (obj->type) {
	case NTMS_LIBRARY:
	case NTMS_MEDIA_POOL:
		*guid = obj->guid;
		return obj->type;
	case NTMS_CHANGER:
	case NTMS_DRIVE:
	case NTMS_IEDOOR:
	case NTMS_IEPORT:
	case NTMS_STORAGESLOT:
		*guid = obj->device.library;
		return NTMS_LIBRARY;
	case NTMS_LIBREQUEST:
		*guid = obj->librequest.library;
		return NTMS_LIBRARY;
	case OBJ_TYPE_RELATION:
		*guid = obj->relation.library;
		return NTMS_LIBRARY;
	case NTMS_PHYSICAL_MEDIA:
		*guid = obj->media.pool;
		return NTMS_MEDIA_POOL;
	case NTMS_PARTITION:
		*guid = obj->side.pool;
		return NTMS_MEDIA_POOL;
	case NTMS_LOGICAL_MEDIA:
		*guid = obj->logical.pool;
		return NTMS_MEDIA_POOL;
	case NTMS_UI_DESTINATION:
		if (obj->destination.owner_type == NTMS_LIBRARY) {
			*guid = obj->destination.owner;
			return NTMS_LIBRARY;
		}
		/* fall through */
	default:
		*guid = (NTMS_GUID)NTMS_NULLGUID;
		return NTMS_COMPUTER;
	}
}

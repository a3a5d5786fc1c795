/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * words.c - the words for numbers of the API, the same in text and in JSON
 */
#include "names.h"

const struct word object_types[] = {
	{NTMS_CHANGER, "changer"},
	{NTMS_CHANGER_TYPE, "changer_type"},
	{NTMS_COMPUTER, "computer"},
	{NTMS_DRIVE, "drive"},
	{NTMS_DRIVE_TYPE, "drive_type"},
	{NTMS_IEDOOR, "iedoor"},
	{NTMS_IEPORT, "ieport"},
	{NTMS_LIBRARY, "library"},
	{NTMS_LIBREQUEST, "librequest"},
	{NTMS_LOGICAL_MEDIA, "logical_media"},
	{NTMS_MEDIA_POOL, "media_pool"},
	{NTMS_MEDIA_TYPE, "media_type"},
	{NTMS_PARTITION, "partition"},
	{NTMS_PHYSICAL_MEDIA, "physical_media"},
	{NTMS_STORAGESLOT, "storageslot"},
	{NTMS_OPREQUEST, "oprequest"},
	{0, NULL},
};

const struct word operational_states[] = {
	{NTMS_READY, "ready"},
	{NTMS_INITIALIZING, "initializing"},
	{NTMS_NEEDS_SERVICE, "needs_service"},
	{NTMS_NOT_PRESENT, "not_present"},
	{0, NULL},
};

const struct word library_types[] = {
	{NTMS_LIBRARYTYPE_OFFLINE, "offline"},
	{NTMS_LIBRARYTYPE_ONLINE, "online"},
	{NTMS_LIBRARYTYPE_STANDALONE, "standalone"},
	{0, NULL},
};

const struct word drive_states[] = {
	{NTMS_DRIVESTATE_DISMOUNTED, "dismounted"},
	{NTMS_DRIVESTATE_MOUNTED, "mounted"},
	{NTMS_DRIVESTATE_LOADED, "loaded"},
	{NTMS_DRIVESTATE_UNLOADED, "unloaded"},
	{NTMS_DRIVESTATE_BEING_CLEANED, "being_cleaned"},
	{NTMS_DRIVESTATE_DISMOUNTABLE, "dismountable"},
	{0, NULL},
};

const struct word slot_states[] = {
	{NTMS_SLOTSTATE_FULL, "full"},
	{NTMS_SLOTSTATE_EMPTY, "empty"},
	{NTMS_SLOTSTATE_NOTPRESENT, "not_present"},
	{NTMS_SLOTSTATE_NEEDSINVENTORY, "needs_inventory"},
	{0, NULL},
};

const struct word door_states[] = {
	{NTMS_DOORSTATE_CLOSED, "closed"},
	{NTMS_DOORSTATE_OPEN, "open"},
	{0, NULL},
};

const struct word port_positions[] = {
	{NTMS_PORTPOSITION_EXTENDED, "extended"},
	{NTMS_PORTPOSITION_RETRACTED, "retracted"},
	{0, NULL},
};

const struct word port_contents[] = {
	{NTMS_PORTCONTENT_FULL, "full"},
	{NTMS_PORTCONTENT_EMPTY, "empty"},
	{0, NULL},
};

const struct word media_states[] = {
	{NTMS_MEDIASTATE_IDLE, "idle"},
	{NTMS_MEDIASTATE_INUSE, "in_use"},
	{NTMS_MEDIASTATE_MOUNTED, "mounted"},
	{NTMS_MEDIASTATE_LOADED, "loaded"},
	{NTMS_MEDIASTATE_UNLOADED, "unloaded"},
	{NTMS_MEDIASTATE_OPERROR, "operation_error"},
	{NTMS_MEDIASTATE_OPREQ, "waits_for_operator"},
	{0, NULL},
};

const struct word side_states[] = {
	{NTMS_PARTSTATE_UNKNOWN, "unknown"},
	{NTMS_PARTSTATE_UNPREPARED, "unprepared"},
	{NTMS_PARTSTATE_INCOMPATIBLE, "incompatible"},
	{NTMS_PARTSTATE_DECOMMISSIONED, "decommissioned"},
	{NTMS_PARTSTATE_AVAILABLE, "available"},
	{NTMS_PARTSTATE_ALLOCATED, "allocated"},
	{NTMS_PARTSTATE_COMPLETE, "complete"},
	{NTMS_PARTSTATE_FOREIGN, "unrecognized"},
	{NTMS_PARTSTATE_IMPORT, "import"},
	{NTMS_PARTSTATE_RESERVED, "reserved"},
	{0, NULL},
};

const struct word pool_types[] = {
	{NTMS_POOLTYPE_SCRATCH, "free"},
	{NTMS_POOLTYPE_FOREIGN, "unrecognized"},
	{NTMS_POOLTYPE_IMPORT, "import"},
	{NTMS_POOLTYPE_APPLICATION, "application"},
	{0, NULL},
};

const struct word request_operations[] = {
	{NTMS_LM_REMOVE, "remove"},
	{NTMS_LM_DISABLELIBRARY, "disable_library"},
	{NTMS_LM_ENABLELIBRARY, "enable_library"},
	{NTMS_LM_DISABLEDRIVE, "disable_drive"},
	{NTMS_LM_ENABLEDRIVE, "enable_drive"},
	{NTMS_LM_DISABLEMEDIA, "disable_media"},
	{NTMS_LM_ENABLEMEDIA, "enable_media"},
	{NTMS_LM_UPDATEOMID, "update_label"},
	{NTMS_LM_INVENTORY, "inventory"},
	{NTMS_LM_DOORACCESS, "door_access"},
	{NTMS_LM_EJECT, "eject"},
	{NTMS_LM_EJECTCLEANER, "eject_cleaner"},
	{NTMS_LM_INJECT, "inject"},
	{NTMS_LM_INJECTCLEANER, "inject_cleaner"},
	{NTMS_LM_PROCESSOMID, "read_label"},
	{NTMS_LM_CLEANDRIVE, "clean_drive"},
	{NTMS_LM_DISMOUNT, "dismount"},
	{NTMS_LM_MOUNT, "mount"},
	{NTMS_LM_WRITESCRATCH, "write_free_label"},
	{NTMS_LM_CLASSIFY, "classify"},
	{NTMS_LM_RESERVECLEANER, "reserve_cleaner"},
	{NTMS_LM_RELEASECLEANER, "release_cleaner"},
	{0, NULL},
};

const struct word request_states[] = {
	{NTMS_LM_QUEUED, "queued"},	{NTMS_LM_INPROCESS, "in_process"},
	{NTMS_LM_PASSED, "passed"},	{NTMS_LM_FAILED, "failed"},
	{NTMS_LM_INVALID, "invalid"},	{NTMS_LM_WAITING, "waiting"},
	{NTMS_LM_DEFERRED, "deferred"}, {NTMS_LM_CANCELLED, "cancelled"},
	{NTMS_LM_STOPPED, "stopped"},	{0, NULL},
};

const struct word operator_commands[] = {
	{NTMS_OPREQ_NEWMEDIA, "new_media"},
	{NTMS_OPREQ_CLEANER, "cleaner"},
	{NTMS_OPREQ_DEVICESERVICE, "device_service"},
	{NTMS_OPREQ_MOVEMEDIA, "move_media"},
	{NTMS_OPREQ_MESSAGE, "message"},
	{0, NULL},
};

const struct word operator_states[] = {
	{NTMS_OPSTATE_SUBMITTED, "submitted"},	  {NTMS_OPSTATE_ACTIVE, "active"},
	{NTMS_OPSTATE_INPROGRESS, "in_progress"}, {NTMS_OPSTATE_REFUSED, "refused"},
	{NTMS_OPSTATE_COMPLETE, "complete"},	  {0, NULL},
};

const struct word inventory_methods[] = {
	{NTMS_INVENTORY_NONE, "none"},	     {NTMS_INVENTORY_FAST, "fast"},
	{NTMS_INVENTORY_OMID, "full"},	     {NTMS_INVENTORY_SLOT, "slot"},
	{NTMS_INVENTORY_DEFAULT, "default"}, {0, NULL},
};

const struct word write_characteristics[] = {
	{NTMS_MEDIARW_REWRITABLE, "rewritable"},
	{NTMS_MEDIARW_WRITEONCE, "write_once"},
	{NTMS_MEDIARW_READONLY, "read_only"},
	{0, NULL},
};

const struct word holder_states[] = {
	{RSM_HOLDER_HELD, "held"},
	{RSM_HOLDER_ORPHANED, "orphaned"},
	{0, NULL},
};

const char *word_of(const struct word *words, DWORD value)
{
	for (; words->text; words++)
		if (words->value == value)
			return words->text;
	return "unknown";
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * load.c - load, unload, transfer
 *
 * A load is a mount request like any other. A keeper makes it and holds the mount for the
 * program that called, until that ends or somebody dismounts the medium: the unload, for example.
 */
#include <stdlib.h>
#include "changer.h"
#include "keep.h"

/* ---- what is where ---- */

static DWORD find_slot(struct changer *changer, DWORD number, const struct place **slot)
{
	const struct places *slots = &changer->view.slots;
	struct rsm *rsm = &changer->rsm;

	*slot = view_place(slots, number);
	if (*slot)
		return ERROR_SUCCESS;
	if (number > slots->count && number <= slots->count + changer->view.ports.count)
		return note_text(rsm, ERROR_INVALID_PARAMETER,
				 "slot %u is a port of library %s; 'rsm inject' takes in what is "
				 "there",
				 number, name_of(rsm, &changer->library, NTMS_LIBRARY));
	return note_text(rsm, ERROR_OBJECT_NOT_FOUND,
			 "library %s has no slot %u; it has %zu, counted from 1",
			 name_of(rsm, &changer->library, NTMS_LIBRARY), number, slots->count);
}

/* The cartridge of this slot that is in use in a drive, or NULL. */
static const struct place *drive_with(const struct view *view, DWORD slot)
{
	for (size_t i = 0; i < view->drives.count; i++) {
		const struct cartridge *cartridge = view_shown(&view->drives.at[i]);

		if (cartridge && cartridge->home == slot)
			return &view->drives.at[i];
	}
	return NULL;
}

static DWORD find_cartridge(struct changer *changer, const struct place *slot,
			    const struct cartridge **cartridge)
{
	const struct place *drive = drive_with(&changer->view, slot->number);
	struct rsm *rsm = &changer->rsm;

	*cartridge = view_shown(slot);
	if (*cartridge)
		return ERROR_SUCCESS;
	if (drive)
		return note_text(rsm, ERROR_BUSY, "%s of slot %u is loaded in drive %u",
				 drive->content->name, slot->number, drive->number);
	if (slot->content)
		return note_text(rsm, ERROR_EMPTY,
				 "slot %u has nothing for consumer %s: %s is in pool %s, which is "
				 "none of his in changer.conf",
				 slot->number, changer->consumer->name, slot->content->name,
				 slot->content->pool);
	return note_text(rsm, ERROR_EMPTY, "slot %u is empty", slot->number);
}

/* ---- load ---- */

/* The LMID to mount; made when there is none yet. */
static DWORD find_medium(struct changer *changer, const struct cartridge *cartridge,
			 NTMS_GUID *medium)
{
	struct rsm *rsm = &changer->rsm;
	NTMS_OBJECTINFORMATIONW info;
	NTMS_GUID pool = cartridge->allocate, side;
	DWORD code = side_of(rsm, &cartridge->guid, &side);

	if (!code)
		code = get_info(rsm, &side, NTMS_PARTITION, &info);
	if (code)
		return code;
	*medium = info.Info.Partition.LogicalMedia;
	if (!guid_is_null(medium))
		return ERROR_SUCCESS;
	if (info.Info.Partition.State != NTMS_PARTSTATE_AVAILABLE)
		return note_text(rsm, ERROR_MEDIA_UNAVAILABLE,
				 "%s in slot %u is %s and cannot be used; 'rsm view partition' "
				 "tells more",
				 cartridge->name, changer->slot,
				 word_of(side_states, info.Info.Partition.State));
	return note(rsm, AllocateNtmsMedia(rsm->session, &pool, &side, medium,
					   NTMS_ALLOCATE_ERROR_IF_UNAVAILABLE, 0, NULL));
}

static DWORD find_load(struct rsm *rsm, const void *context, struct mounting *mounting)
{
	struct changer *changer = (struct changer *)context;
	const struct cartridge *cartridge = NULL, *other;
	const struct place *slot;
	struct place *drive;
	DWORD code;

	code = changer_look(changer);
	if (!code)
		code = changer_drive(changer, &drive);
	if (!code)
		code = find_slot(changer, changer->slot, &slot);
	if (code)
		return code;
	other = view_shown(drive);
	if (other)
		return note_text(rsm, ERROR_BUSY,
				 "drive %u is not empty: %s of slot %u is loaded; unload it first",
				 drive->number, other->name, other->home);
	code = find_cartridge(changer, slot, &cartridge);
	if (code)
		return code;
	mounting_allocate(mounting, 1);
	mounting->drives[0] = drive->guid;
	mounting->options = NTMS_MOUNT_READ | NTMS_MOUNT_WRITE | NTMS_MOUNT_SPECIFIC_DRIVE |
			    NTMS_MOUNT_ERROR_OFFLINE;
	mounting->priority = changer->consumer->priority;
	mounting->timeout = changer->consumer->timeout_s * 1000;
	return find_medium(changer, cartridge, &mounting->media[0]);
}

static void say_nothing(struct rsm *rsm, const struct owner *owner, struct json_object *list)
{
	(void)rsm;
	(void)owner;
	(void)list;
}

int command_load(struct changer *changer)
{
	const struct keeping keeping = {
		.application = "rsm-changer",
		.find = find_load,
		.context = changer,
	};

	/* The keeper has a session of its own, and looks. */
	return keep(&changer->rsm, &keeping, &changer->owner, say_nothing);
}

/* ---- unload ---- */

static DWORD check_unload(struct changer *changer, const struct place *drive,
			  const struct cartridge **cartridge)
{
	struct rsm *rsm = &changer->rsm;

	*cartridge = drive->resident && drive->resident->shown ? drive->resident : NULL;
	if (!*cartridge)
		return note_text(rsm, ERROR_EMPTY, "drive %u holds nothing of consumer %s",
				 drive->number, changer->consumer->name);
	if ((*cartridge)->home == changer->slot)
		return ERROR_SUCCESS;
	return note_text(rsm, ERROR_INVALID_PARAMETER,
			 "drive %u holds %s of slot %u, not of slot %u, and every cartridge goes "
			 "back to its own slot",
			 drive->number, (*cartridge)->name, (*cartridge)->home, changer->slot);
}

/* Record what the program has written as the label, and dismount. */
static DWORD unload(struct changer *changer, const struct place *drive,
		    const struct cartridge *cartridge)
{
	struct mounting mounting = {.count = 0};
	struct rsm *rsm = &changer->rsm;
	NTMS_OBJECTINFORMATIONW info;
	NTMS_GUID side;
	DWORD code = side_of(rsm, &cartridge->guid, &side);

	if (!code)
		code = get_info(rsm, &side, NTMS_PARTITION, &info);
	if (code)
		return code;
	mounting_allocate(&mounting, 1);
	mounting.drives[0] = drive->guid;
	mounting.media[0] = info.Info.Partition.LogicalMedia;
	if (guid_is_null(&mounting.media[0]))
		mounting.media[0] = side;
	code = mounting_dismount(rsm, &mounting, NTMS_DISMOUNT_IMMEDIATE,
				 changer->consumer->timeout_s * 1000);
	mounting_free(&mounting);
	return code;
}

int command_unload(struct changer *changer)
{
	const struct cartridge *cartridge;
	struct place *drive;
	DWORD code = changer_look(changer);

	if (!code)
		code = changer_drive(changer, &drive);
	if (!code)
		code = check_unload(changer, drive, &cartridge);
	if (!code)
		code = unload(changer, drive, cartridge);
	return fail(&changer->rsm, code);
}

/* ---- transfer ---- */

int command_transfer(struct changer *changer)
{
	const struct cartridge *cartridge = NULL;
	const struct place *slot;
	DWORD code = changer_look(changer);

	if (!code)
		code = find_slot(changer, changer->slot, &slot);
	if (!code)
		code = find_cartridge(changer, slot, &cartridge);
	if (!code)
		code = note_text(&changer->rsm, ERROR_NOT_SUPPORTED,
				 "%s stays in slot %u: with RSM every cartridge has a slot of its "
				 "own. 'rsm eject %s' brings it to a port, 'rsm inject' takes in "
				 "what is there; then 'update slots' in the console",
				 cartridge->name, changer->slot, cartridge->name);
	return fail(&changer->rsm, code);
}

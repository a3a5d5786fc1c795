/* SPDX-License-Identifier: GPL-2.0-only */
#include "changer.h"
#include "device.h"

DWORD changer_look(struct changer *changer)
{
	struct rsm *rsm = &changer->rsm;
	DWORD code = rsm_open(rsm, "rsm-changer");

	if (!code)
		code = device_consumer(rsm, &changer->settings, changer->device, changer->owner.uid,
				       &changer->consumer, &changer->library);
	if (!code)
		code = view_read(rsm, changer->consumer, &changer->library, &changer->view);
	return code;
}

void changer_free(struct changer *changer)
{
	view_free(&changer->view);
	settings_free(&changer->settings);
	rsm_close(&changer->rsm);
	names_free(&changer->rsm);
}

DWORD changer_drive(struct changer *changer, struct place **drive)
{
	struct rsm *rsm = &changer->rsm;

	*drive = view_place(&changer->view.drives, changer->drive);
	if (!*drive)
		return note_text(rsm, ERROR_INVALID_DRIVE,
				 "library %s has no drive %u; it has %zu, counted from 0",
				 name_of(rsm, &changer->library, NTMS_LIBRARY), changer->drive,
				 changer->view.drives.count);
	return device_is_drive(rsm, changer->node, &(*drive)->guid);
}

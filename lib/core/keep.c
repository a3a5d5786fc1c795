/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include "base/clock.h"
#include "base/guid.h"
#include "core/keep.h"
#include "core/policy.h"
#include "core/run.h"

void keep_nothing(struct turn *turn)
{
	free(turn->kept);
	turn->kept = NULL;
	turn->kept_count = 0;
}

bool is_kept(const struct turn *turn, const NTMS_GUID *guid)
{
	for (size_t i = 0; i < turn->kept_count; i++)
		if (guid_equal(&turn->kept[i], guid))
			return true;
	return false;
}

/* For every mount a cartridge and a drive. */
static DWORD make_room(struct turn *turn, size_t count)
{
	NTMS_GUID *list = realloc(turn->kept, (turn->kept_count + 2 * count) * sizeof(*turn->kept));

	if (!list)
		return ERROR_NOT_ENOUGH_MEMORY;
	turn->kept = list;
	return ERROR_SUCCESS;
}

static void keep(struct turn *turn, const NTMS_GUID *guid)
{
	turn->kept[turn->kept_count++] = *guid;
}

/* The only drive that a mount can have, or NULL. RUN_WAITS: it can have none as things are. */
static DWORD only_drive(struct turn *turn, const struct object *request, NTMS_GUID *room,
			const NTMS_GUID **only)
{
	struct object media;
	DWORD code = run_read(turn, &request->librequest.media, NTMS_PHYSICAL_MEDIA, &media);

	*only = NULL;
	if (code)
		return code;
	*room = media.media.location;
	if (media.media.location_type == NTMS_DRIVE)
		*only = room;
	else if (media.media.location_type != NTMS_STORAGESLOT)
		return RUN_WAITS;
	if (media.media.state == NTMS_MEDIASTATE_LOADED)
		return RUN_WAITS;
	if (!(request->librequest.mount_options & NTMS_MOUNT_SPECIFIC_DRIVE))
		return ERROR_SUCCESS;
	*room = request->librequest.drive;
	*only = room;
	return ERROR_SUCCESS;
}

/* The mounts first that cannot choose. */
static DWORD keep_drives(struct turn *turn, const struct object *requests, size_t count)
{
	DWORD code = ERROR_SUCCESS;

	for (int choose = 0; choose <= 1; choose++) {
		for (size_t i = 0; i < count && !code; i++) {
			const NTMS_GUID *only;
			NTMS_GUID room, drive;

			code = only_drive(turn, &requests[i], &room, &only);
			if (code || (only == NULL) != choose)
				continue;
			code = load_prefers(turn, &requests[i], only, &drive);
			if (!code)
				keep(turn, &drive);
		}
	}
	return code;
}

DWORD keep_for(struct turn *turn, const struct object *requests, size_t count)
{
	size_t media;
	DWORD code;

	if (count < 2 || !policy_keeps(requests[0].librequest.queued_ms, clock_utc_ms()))
		return ERROR_SUCCESS;
	code = make_room(turn, count);
	if (code)
		return code;
	for (size_t i = 0; i < count; i++)
		keep(turn, &requests[i].librequest.media);
	media = turn->kept_count;
	code = keep_drives(turn, requests, count);
	if (code)
		turn->kept_count = media;
	return code == RUN_WAITS ? ERROR_SUCCESS : code;
}

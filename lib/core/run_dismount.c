/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* run_dismount.c - carry out a dismount: the reservation ends, the medium goes home or may */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "base/errname.h"
#include "base/guid.h"
#include "base/say.h"
#include "core/clean.h"
#include "core/media.h"
#include "core/run.h"
#include "core/task.h"

DWORD take_over(struct turn *turn, struct loaded *loaded)
{
	struct broker_holder holder = {0};
	char place[48];
	int pid = 0, held;
	int error = broker_drive_open(turn->system->broker, loaded->drive_id, &pid);

	if (error == -ENOMEM)
		return broker_code(error);
	if (error == 1)
		return ntms_say(ERROR_BUSY, "%s (%s) is still open in process %d",
				place_name(&loaded->drive, place), loaded->drive.device.node, pid);
	held = drive_holder(turn, loaded->drive_id, &holder);
	if (held < 0)
		return broker_code(held);
	error = -ENOENT;
	if (held && holder.state == HOLDER_HELD)
		error = broker_reserve(turn->lease, loaded->drive_id, &loaded->media.guid,
				       BROKER_REVOKE, holder.generation, &loaded->hold);
	/* Nobody holds it, or not any more: he may have died since we asked. */
	if (error == -ENOENT || error == -ESTALE)
		error = broker_reserve(turn->lease, loaded->drive_id, &loaded->media.guid,
				       BROKER_RECOVER, 0, &loaded->hold);
	if (error) {
		loaded->hold = NULL;
		return broker_code(error);
	}
	turn_use_drive(turn, loaded->drive_id);
	error = broker_mark(loaded->hold, true);
	if (error)
		loaded_drop(loaded);
	return broker_code(error);
}

DWORD wait_for_user(struct turn *turn, struct object *request, const struct loaded *loaded)
{
	char place[48];

	if (!turn_drive_is_used(turn, loaded->drive_id))
		return ERROR_SUCCESS;
	return run_waits(turn, request, "waiting for another request that uses %s",
			 place_name(&loaded->drive, place));
}

/* What the request is about, as it is now. ERROR_SUCCESS and *@done when there is nothing to do. */
static DWORD look(struct turn *turn, struct object *request, struct loaded *loaded, bool *done)
{
	const struct worker_drive *drive;
	DWORD code;

	*done = false;
	memset(loaded, 0, sizeof(*loaded));
	code = run_read(turn, &request->librequest.side, NTMS_PARTITION, &loaded->side);
	if (!code)
		code = run_read(turn, &loaded->side.side.media, NTMS_PHYSICAL_MEDIA,
				&loaded->media);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_MEDIA, "the medium is no more");
	if (code)
		return code;
	if (loaded->media.media.location_type != NTMS_DRIVE ||
	    guid_is_null(&loaded->media.media.location)) {
		*done = true;
		return ERROR_SUCCESS;
	}
	drive = turn_drive(turn, &loaded->media.media.location);
	if (!drive)
		return ntms_say(ERROR_DEVICE_NOT_AVAILABLE,
				"the drive that holds %s is not present",
				media_name(&loaded->media));
	loaded->drive_id = drive->id;
	code = run_read(turn, &drive->guid, NTMS_DRIVE, &loaded->drive);
	/* It has gone home, and somebody has its other side now. */
	*done = !code && !guid_equal(&loaded->drive.device.side, &loaded->side.guid);
	return code;
}

/* The dismount is to record what the last holder has written. @unread: why it could not be read,
 * which is no reason to leave the cartridge in the drive. */
static DWORD record(struct turn *turn, struct object *request, struct loaded *loaded, char *unread,
		    size_t size)
{
	DWORD code;

	unread[0] = '\0';
	if (!(request->librequest.mount_options & DISMOUNT_RECORDS_LABEL) ||
	    loaded->drive.device.state != NTMS_DRIVESTATE_LOADED)
		return ERROR_SUCCESS;
	code = run_progress(turn, request, "reading the label of %s", media_name(&loaded->media));
	if (code)
		return code;
	code = record_written(turn, loaded);
	if (!code || is_scarcity(code))
		return code;
	snprintf(unread, size, "%s", ntms_said()[0] ? ntms_said() : ntms_error_text(code));
	return ERROR_SUCCESS;
}

DWORD run_dismount(struct turn *turn, struct object *request)
{
	bool deferred = request->librequest.option == DISMOUNT_OPTION_DEFERRED;
	struct loaded loaded;
	char unread[512];
	bool done;
	DWORD code;

	code = look(turn, request, &loaded, &done);
	if (code || done)
		return code;
	request->librequest.drive = loaded.drive.guid;
	if (deferred && loaded.drive.device.state == NTMS_DRIVESTATE_DISMOUNTABLE)
		return ERROR_SUCCESS;
	code = wait_for_user(turn, request, &loaded);
	if (!code)
		code = take_over(turn, &loaded);
	if (code)
		return code;
	code = record(turn, request, &loaded, unread, sizeof(unread));
	if (!code)
		code = deferred ? leave_in_drive(turn, &loaded, false)
				: unload(turn, request, &loaded);
	loaded_drop(&loaded);
	if (code)
		return code;
	clean_if_asked(turn, &loaded.drive, loaded.drive_id);
	if (!unread[0])
		return ERROR_SUCCESS;
	return ntms_say(ERROR_UNABLE_TO_INVENTORY_DRIVE,
			"%s is dismounted, but its label was not recorded: %s",
			media_name(&loaded.media), unread);
}

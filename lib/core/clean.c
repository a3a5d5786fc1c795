/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/guid.h"
#include "core/clean.h"
#include "core/cleaner.h"
#include "core/control.h"
#include "core/oprequest.h"
#include "core/txn.h"

DWORD clean_cleaner(struct txn *txn, const struct object *library, struct object *media,
		    char why[128])
{
	DWORD code = cleaner_find(txn, library, media);

	why[0] = '\0';
	if (code == ERROR_OBJECT_NOT_FOUND)
		snprintf(why, 128, "library %.64s has no cleaner", library->name);
	else if (!code && library->library.cleaner_uses == 0)
		snprintf(why, 128, "the cleaner of library %.64s is used up", library->name);
	else if (!code && !media->enabled)
		snprintf(why, 128, "the cleaner of library %.64s is disabled", library->name);
	if (!code && why[0])
		code = ERROR_OBJECT_NOT_FOUND;
	return code;
}

DWORD clean_ask(struct txn *txn, const struct object *library, const char *why, NTMS_GUID *request)
{
	char message[OBJ_MESSAGE_SIZE];
	struct object slot;
	DWORD code;

	snprintf(message, sizeof(message), "%s: put a cleaner into it", why);
	if (!guid_is_null(&library->library.cleaner_slot)) {
		code = store_get(txn, &library->library.cleaner_slot, NTMS_STORAGESLOT, &slot);
		if (code && code != ERROR_OBJECT_NOT_FOUND)
			return code;
		if (!code)
			snprintf(message, sizeof(message), "%s: put a fresh one into %s", why,
				 slot.name);
	}
	return oprequest_raise(txn, NTMS_OPREQ_CLEANER, &library->guid, NULL, message, request);
}

/* ---- asked for by a call ---- */

/* The unfinished cleaning of a drive that has come as far as @phase; ERROR_OBJECT_NOT_FOUND when
 * there is none. */
static DWORD find_cleaning(struct txn *txn, const struct object *drive, uint32_t phase)
{
	bool found = false;
	struct object *list;
	size_t count;
	DWORD code = control_members(txn, &drive->device.library, NTMS_LM_CLEANDRIVE, NULL, &list,
				     &count);

	for (size_t i = 0; i < count && !code && !found; i++)
		found = guid_equal(&list[i].librequest.drive, &drive->guid) &&
			(list[i].librequest.phase & phase) == phase;
	free(list);
	return code || found ? code : ERROR_OBJECT_NOT_FOUND;
}

static DWORD check_drive(struct txn *txn, struct session *session, const NTMS_GUID *guid,
			 struct object *drive, struct object *library)
{
	DWORD code = store_get(txn, guid, NTMS_DRIVE, drive);

	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_DRIVE, "there is no such drive");
	if (!code)
		code = control_library(txn, session, &drive->device.library, RIGHT_CLEAN_DRIVE,
				       library);
	if (!code)
		code = control_usable(session, library, ERROR_RESOURCE_DISABLED,
				      ERROR_RESOURCE_NOT_PRESENT);
	if (!code && !drive->enabled)
		code = ntms_say(ERROR_RESOURCE_DISABLED, "%s is disabled", drive->name);
	if (!code && drive->opstate == NTMS_NOT_PRESENT)
		code = ntms_say(ERROR_DEVICE_NOT_AVAILABLE, "%s is not connected", drive->name);
	return code;
}

/* A person has done it, in a drive that stands alone. */
static DWORD note_cleaned(struct txn *txn, struct object *drive, struct object *request)
{
	DWORD code;

	drive->device.last_cleaned_ms = clock_utc_ms();
	code = store_update(txn, drive);
	return code ? code : request_record(txn, request);
}

DWORD clean_drive(struct session *session, struct txn *txn, const NTMS_GUID *guid,
		  NTMS_GUID *queued)
{
	struct object drive, library, request;
	DWORD code = check_drive(txn, session, guid, &drive, &library);

	memset(queued, 0, sizeof(*queued));
	if (code)
		return code;
	if (library.library.kind != NTMS_LIBRARYTYPE_STANDALONE) {
		*queued = library.guid;
		code = find_cleaning(txn, &drive, 0);
		if (code != ERROR_OBJECT_NOT_FOUND)
			return code;
	}
	request_init(session, NTMS_LM_CLEANDRIVE, &library.guid, &request);
	request.librequest.drive = drive.guid;
	if (library.library.kind == NTMS_LIBRARYTYPE_STANDALONE)
		return note_cleaned(txn, &drive, &request);
	return store_insert(txn, &request);
}

/* ---- asked for by the drive ---- */

/* A person has been asked to look after the drive: cleaning it again helps nobody. */
static DWORD is_in_service(struct txn *txn, const struct object *drive, bool *is)
{
	struct store_key key;
	size_t count = 0;
	DWORD code;

	key_start(&key);
	key_u32(&key, NTMS_OPREQ_DEVICESERVICE);
	key_guid(&key, &drive->guid);
	code = store_count(txn, IX_ERRAND, &key, &count);
	*is = count > 0;
	return code;
}

static DWORD answer(struct turn *turn, struct txn *txn, const struct object *drive)
{
	struct object library, media, request;
	char why[128], text[256];
	bool in_service;
	NTMS_GUID asked;
	DWORD code = find_cleaning(txn, drive, 0);

	if (code != ERROR_OBJECT_NOT_FOUND)
		return code;
	code = is_in_service(txn, drive, &in_service);
	if (code || in_service)
		return code;
	code = store_get(txn, &turn->library, NTMS_LIBRARY, &library);
	if (!code)
		code = clean_cleaner(txn, &library, &media, why);
	if (code == ERROR_OBJECT_NOT_FOUND) {
		snprintf(text, sizeof(text), "%.48s asks to be cleaned, and %s", drive->name, why);
		return clean_ask(txn, &library, text, &asked);
	}
	if (code)
		return code;
	request_init(NULL, NTMS_LM_CLEANDRIVE, &library.guid, &request);
	request.librequest.drive = drive->guid;
	request.librequest.phase = PHASE_NEEDED;
	turn->queued = true;
	return store_insert(txn, &request);
}

void clean_if_asked(struct turn *turn, const struct object *drive, uint32_t id)
{
	struct txn *txn;
	bool needed = false;

	if (broker_drive_cleaning(turn->system->broker, id, &needed) || !needed)
		return;
	if (store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn))
		return;
	/* The dismount has been carried out, whatever comes of this: the drive asks again. */
	(void)!txn_end(txn, answer(turn, txn, drive));
}

/* ---- left alone ---- */

DWORD clean_settle(struct turn *turn, const struct object *drive)
{
	struct object request;
	struct txn *txn;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = find_cleaning(txn, drive, PHASE_CLEANING);
	if (code != ERROR_OBJECT_NOT_FOUND) {
		store_abort(txn);
		return code;
	}
	request_init(NULL, NTMS_LM_CLEANDRIVE, &turn->library, &request);
	request.librequest.drive = drive->guid;
	request.librequest.phase = PHASE_CLEANING | PHASE_UNCLEAN;
	request.librequest.error = ERROR_UNABLE_TO_CLEAN;
	return txn_end(txn, store_insert(txn, &request));
}

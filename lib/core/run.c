/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/guid.h"
#include "base/say.h"
#include "core/run.h"
#include "core/txn.h"

DWORD broker_code(int error)
{
	switch (error) {
	case 0:
		return ERROR_SUCCESS;
	case -ENOMEM:
		return ERROR_NOT_ENOUGH_MEMORY;
	case -EROFS:
		return ERROR_WRITE_PROTECT;
	case -EMEDIUMTYPE:
		return ERROR_MEDIA_INCOMPATIBLE;
	case -ENOMEDIUM:
	case -ENOTEMPTY:
	case -ERANGE:
	case -ESTALE:
		return ERROR_INVALID_STATE;
	case -EBUSY:
		return ERROR_BUSY;
	default:
		return ERROR_DEVICE_NOT_AVAILABLE;
	}
}

bool database_trouble(DWORD code)
{
	return code == ERROR_DATABASE_FAILURE || code == ERROR_DATABASE_FULL;
}

bool is_scarcity(DWORD code)
{
	return code == ERROR_NOT_ENOUGH_MEMORY || code == ERROR_TIMEOUT || database_trouble(code);
}

DWORD run_read(struct turn *turn, const NTMS_GUID *guid, uint32_t type, struct object *obj)
{
	struct txn *txn;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = store_get(txn, guid, type, obj);
	store_abort(txn);
	return code;
}

DWORD run_queue(struct turn *turn, NTMS_GUID **list, size_t *count)
{
	struct store_key key;
	struct txn *txn;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	key_start(&key);
	key_guid(&key, &turn->library);
	code = store_list(txn, IX_QUEUE, &key, 0, list, count);
	store_abort(txn);
	return code;
}

bool request_is_final(const struct object *request)
{
	switch (request->librequest.state) {
	case NTMS_LM_QUEUED:
	case NTMS_LM_INPROCESS:
	case NTMS_LM_WAITING:
	case NTMS_LM_DEFERRED:
		return false;
	default:
		return true;
	}
}

/* Let @event happen to a request that is not over yet, and note what it does; no commit when
 * nothing changes, since every commit wakes everybody who watches. */
static DWORD note(struct turn *turn, struct object *request, enum request_event event,
		  const char *text)
{
	struct object before, current;
	struct txn *txn;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = store_get(txn, &request->guid, NTMS_LIBREQUEST, &before);
	current = before;
	if (!code)
		code = request_event(&current, event);
	if (code)
		goto out;
	current.librequest.drive = request->librequest.drive;
	snprintf(current.librequest.waits_for, sizeof(current.librequest.waits_for), "%s", text);
	*request = current;
	if (current.librequest.state == before.librequest.state &&
	    !strcmp(current.librequest.waits_for, before.librequest.waits_for) &&
	    guid_equal(&current.librequest.drive, &before.librequest.drive))
		goto out;
	code = store_update(txn, &current);
	if (!code)
		return store_commit(txn);
out:
	store_abort(txn);
	return code;
}

DWORD run_progress(struct turn *turn, struct object *request, const char *format, ...)
{
	char text[sizeof(request->librequest.waits_for)];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	turn_step(turn, 0);
	return note(turn, request, REQUEST_BEGINS, text);
}

DWORD run_waits(struct turn *turn, struct object *request, const char *format, ...)
{
	char text[sizeof(request->librequest.waits_for)];
	va_list args;
	DWORD code;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	code = note(turn, request, REQUEST_WAITS, text);
	return code ? code : RUN_WAITS;
}

DWORD run_waits_for_library(struct turn *turn, struct object *request)
{
	return run_waits(turn, request, "waiting for the library: %s", turn->trouble);
}

/* A library that calls itself ready, and yet refuses as if it were not, is believed so often. */
#define CONTRADICTIONS 5

bool door_was_opened(struct turn *turn, DWORD code)
{
	bool refused;

	if (code != ERROR_DEVICE_NOT_AVAILABLE || !turn->lease)
		return false;
	/* It may have been closed again by now. */
	refused = broker_was_not_ready(turn->lease) && turn->failures < CONTRADICTIONS;
	if (refused)
		snprintf(turn->trouble, sizeof(turn->trouble), "%s", ntms_said());
	if (broker_ready(turn->lease) == -EAGAIN)
		snprintf(turn->trouble, sizeof(turn->trouble), "%s", ntms_said());
	else if (!refused)
		return false;
	turn->not_ready = true;
	turn->unsettled = true; /* there may be no event any more: the next turn finds it open */
	return true;
}

DWORD run_finish(struct turn *turn, const NTMS_GUID *guid, DWORD code)
{
	enum request_event event = REQUEST_PASSES;
	struct object request;
	struct txn *txn;
	DWORD stored = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (stored)
		return stored;
	stored = store_get(txn, guid, NTMS_LIBREQUEST, &request);
	/* Nobody would look for the cartridge of an intent whose request is over. */
	if (!stored && request.librequest.move == OBJ_MOVE_INTENDED)
		stored = RUN_WAITS;
	if (stored || request_is_final(&request)) {
		store_abort(txn);
		return stored == ERROR_OBJECT_NOT_FOUND ? ERROR_SUCCESS : stored;
	}
	if (code)
		event = code == ERROR_CANCELLED ? REQUEST_GIVEN_UP : REQUEST_FAILS;
	/* What a person can still make use of: why it failed. */
	return txn_end(txn, request_end(txn, &request, event, code, code ? ntms_said() : ""));
}

bool run_unsettled(struct turn *turn, const struct object *request)
{
	struct object current;

	return run_read(turn, &request->guid, NTMS_LIBREQUEST, &current) ||
	       current.librequest.move == OBJ_MOVE_INTENDED;
}

const char *place_name(const struct object *place, char text[48])
{
	const char *kind = place->type == NTMS_DRIVE	     ? "drive"
			   : place->type == NTMS_STORAGESLOT ? "slot"
			   : place->type == NTMS_IEPORT	     ? "port"
							     : "place";

	snprintf(text, 48, "%s %u", kind, place->device.number);
	return text;
}

const char *media_name(const struct object *media)
{
	return media->media.barcode[0] ? media->media.barcode : media->name;
}

int drive_holder(struct turn *turn, uint32_t drive, struct broker_holder *holder)
{
	struct broker_holder *list = NULL;
	size_t count = 0;
	bool found = false;
	int error = broker_holders(turn->system->broker, &list, &count);

	if (error)
		return error;
	for (size_t i = 0; i < count && !found; i++) {
		if (list[i].drive == drive && list[i].state != HOLDER_NONE) {
			*holder = list[i];
			found = true;
		}
	}
	free(list);
	return found;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* phase.c - requests that go on over many turns, until a person has done his part */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/clock.h"
#include "base/guid.h"
#include "core/control.h"
#include "core/port.h"
#include "core/txn.h"

static DWORD members_of(struct txn *txn, const struct object *request, struct object **list,
			size_t *count)
{
	const struct obj_librequest *details = &request->librequest;
	DWORD code;

	if (!guid_is_null(&details->group))
		return control_members(txn, &details->library, details->operation, &details->group,
				       list, count);
	*count = 0;
	*list = malloc(sizeof(**list));
	if (!*list)
		return ntms_say(ERROR_NOT_ENOUGH_MEMORY, "no memory for a request");
	code = store_get(txn, &request->guid, NTMS_LIBREQUEST, *list);
	if (!code && !request_is_final(*list))
		*count = 1;
	return code == ERROR_OBJECT_NOT_FOUND ? ERROR_SUCCESS : code;
}

DWORD members_read(struct turn *turn, const struct object *request, struct object **list,
		   size_t *count)
{
	struct txn *txn;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	*list = NULL;
	*count = 0;
	if (code)
		return code;
	code = members_of(txn, request, list, count);
	store_abort(txn);
	return code;
}

DWORD phase_change(struct turn *turn, struct object *request, uint32_t set, uint32_t clear,
		   const uint64_t *deadline_ms)
{
	struct object current;
	struct txn *txn;
	uint32_t phase;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = store_get(txn, &request->guid, NTMS_LIBREQUEST, &current);
	if (!code && request_is_final(&current))
		code = ERROR_CANCELLED;
	if (code)
		goto out;
	phase = (current.librequest.phase & ~clear) | set;
	if (phase == current.librequest.phase && !deadline_ms)
		goto out;
	current.librequest.phase = phase;
	if (deadline_ms)
		current.librequest.deadline_ms = *deadline_ms;
	code = store_update(txn, &current);
	if (code)
		goto out;
	*request = current;
	return store_commit(txn);
out:
	store_abort(txn);
	return code;
}

bool phase_expired(const struct object *request)
{
	return request->librequest.deadline_ms && request->librequest.deadline_ms <= clock_utc_ms();
}

/* The worker looks again when the request's time is over. */
static void look_at_deadline(struct turn *turn, const struct object *request)
{
	uint64_t now = clock_utc_ms(), deadline = request->librequest.deadline_ms;

	turn->watchful = true;
	if (!deadline)
		return;
	turn_look_by(turn,
		     clock_monotonic_ns() + (deadline > now ? deadline - now : 0) * NSEC_PER_MSEC);
}

DWORD run_awaits_person(struct turn *turn, struct object *request, const char *format, ...)
{
	char text[sizeof(request->librequest.waits_for)];
	va_list args;
	DWORD code;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	code = run_progress(turn, request, "%s", text);
	if (code)
		return code;
	look_at_deadline(turn, request);
	return RUN_WAITS;
}

DWORD run_stopped(struct turn *turn, const NTMS_GUID *guid)
{
	struct object request;
	struct txn *txn;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = store_get(txn, guid, NTMS_LIBREQUEST, &request);
	/* Nobody would look for the cartridge of an intent whose request is over. */
	if (!code && request.librequest.move == OBJ_MOVE_INTENDED)
		code = RUN_WAITS;
	if (!code)
		code = request_end(txn, &request, REQUEST_STOPPED, ERROR_SUCCESS,
				   "somebody has stopped it");
	return txn_end(txn, code);
}

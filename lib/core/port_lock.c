/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* port_lock.c - ports and door unlocked for people, and locked for the robot */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/clock.h"
#include "base/guid.h"
#include "core/control.h"
#include "core/oprequest.h"
#include "core/port.h"
#include "core/states.h"
#include "core/txn.h"

/* What has ports or door open. */
static const struct {
	uint32_t operation;
	const char *name;
} operations[] = {
	{NTMS_LM_DOORACCESS, "the door is open for somebody"},
	{NTMS_LM_EJECT, "other cartridges are ejected"},
	{NTMS_LM_EJECTCLEANER, "a cleaner is ejected"},
	{NTMS_LM_INJECT, "other cartridges are injected"},
	{NTMS_LM_INJECTCLEANER, "a cleaner is injected"},
};

static bool same_operation(const struct object *a, const struct object *b)
{
	return guid_equal(&a->guid, &b->guid) ||
	       (!guid_is_null(&a->librequest.group) &&
		guid_equal(&a->librequest.group, &b->librequest.group));
}

/* An unfinished request of the library that is open, and of another operation than @request; its
 * name, or NULL. */
static DWORD find_open(struct txn *txn, const NTMS_GUID *library, const struct object *request,
		       const char **name)
{
	DWORD code = ERROR_SUCCESS;

	*name = NULL;
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]) && !code && !*name; i++) {
		struct object *list;
		size_t count;

		code = control_members(txn, library, operations[i].operation, NULL, &list, &count);
		for (size_t j = 0; j < count && !code; j++) {
			if (!(list[j].librequest.phase & PHASE_OPEN))
				continue;
			if (!request || !same_operation(&list[j], request))
				*name = operations[i].name;
		}
		free(list);
	}
	return code;
}

DWORD ports_wait_turn(struct turn *turn, struct object *request)
{
	struct txn *txn;
	const char *name;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = find_open(txn, &turn->library, request, &name);
	store_abort(txn);
	if (code || !name)
		return code;
	return run_waits(turn, request, "waiting until the ports are free: %s", name);
}

/* ---- records ---- */

static DWORD list_ports(struct txn *txn, const NTMS_GUID *library, NTMS_GUID **list, size_t *count)
{
	struct store_key key;

	key_start(&key);
	key_guid(&key, library);
	key_u32(&key, NTMS_IEPORT);
	return store_list(txn, IX_CHILD, &key, 0, list, count);
}

static DWORD set_position(struct txn *txn, const NTMS_GUID *guid, bool extended)
{
	uint32_t position = extended ? NTMS_PORTPOSITION_EXTENDED : NTMS_PORTPOSITION_RETRACTED;
	struct object port;
	DWORD code = must_exist(store_get(txn, guid, NTMS_IEPORT, &port), "port", "a library");

	if (code || port.device.position == position)
		return code;
	code = port_event(&port, extended ? PORT_EXTENDED : PORT_RETRACTED);
	return code ? code : store_update(txn, &port);
}

static DWORD set_positions(struct txn *txn, const NTMS_GUID *library, bool extended)
{
	NTMS_GUID *list = NULL;
	size_t count = 0;
	DWORD code = list_ports(txn, library, &list, &count);

	for (size_t i = 0; i < count && !code; i++)
		code = set_position(txn, &list[i], extended);
	free(list);
	return code;
}

static DWORD any_extended(struct txn *txn, const NTMS_GUID *library, bool *extended)
{
	NTMS_GUID *list = NULL;
	struct object port;
	size_t count = 0;
	DWORD code = list_ports(txn, library, &list, &count);

	*extended = false;
	for (size_t i = 0; i < count && !code && !*extended; i++) {
		code = must_exist(store_get(txn, &list[i], NTMS_IEPORT, &port), "port",
				  "a library");
		*extended = !code && port.device.position == NTMS_PORTPOSITION_EXTENDED;
	}
	free(list);
	return code;
}

static DWORD open_member(struct txn *txn, const NTMS_GUID *guid, uint64_t deadline_ms)
{
	struct object request;
	DWORD code = store_get(txn, guid, NTMS_LIBREQUEST, &request);

	if (!code)
		code = request_event(&request, REQUEST_BEGINS);
	if (code)
		return code;
	request.librequest.phase |= PHASE_OPEN;
	request.librequest.phase &= ~(uint32_t)(PHASE_TOUCHED | PHASE_ASKED);
	request.librequest.deadline_ms = deadline_ms;
	return store_update(txn, &request);
}

static DWORD record_open(struct turn *turn, const struct object *members, size_t count,
			 uint64_t deadline_ms)
{
	struct txn *txn;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	for (size_t i = 0; i < count && !code; i++)
		code = open_member(txn, &members[i].guid, deadline_ms);
	if (!code)
		code = set_positions(txn, &turn->library, true);
	return txn_end(txn, code);
}

/* ---- unlocked and locked ---- */

/* A library that cannot be locked says so with an error like any other: it is always open. */
static DWORD set_lock(struct turn *turn, bool allow)
{
	int error = broker_access(turn->lease, allow);

	return error == -EIO || error == -EOPNOTSUPP ? ERROR_SUCCESS : broker_code(error);
}

DWORD ports_open(struct turn *turn, struct object *request, uint32_t limit_s)
{
	uint64_t deadline_ms = clock_utc_ms() + limit_s * 1000ULL;
	struct object *members;
	size_t count;
	DWORD code = members_read(turn, request, &members, &count);

	if (!code)
		code = record_open(turn, members, count, deadline_ms);
	free(members);
	if (!code)
		code = run_read(turn, &request->guid, NTMS_LIBREQUEST, request);
	return code ? code : set_lock(turn, true);
}

DWORD ports_leave_open(struct turn *turn)
{
	DWORD code = record_open(turn, NULL, 0, 0);

	return code ? code : set_lock(turn, true);
}

DWORD ports_keep_open(struct turn *turn)
{
	return set_lock(turn, true);
}

DWORD ports_lock(struct turn *turn)
{
	struct txn *txn;
	bool extended;
	DWORD code = set_lock(turn, false);

	if (!code)
		code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);
	if (code)
		return code;
	code = any_extended(txn, &turn->library, &extended);
	if (code || !extended) {
		store_abort(txn);
		return code;
	}
	return txn_end(txn, set_positions(txn, &turn->library, false));
}

DWORD ask_service(struct turn *turn, const NTMS_GUID *device, const char *format, ...)
{
	char message[OBJ_MESSAGE_SIZE];
	NTMS_GUID request;
	struct txn *txn;
	va_list args;
	DWORD code;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);
	if (code)
		return code;
	return txn_end(txn, oprequest_raise(txn, NTMS_OPREQ_DEVICESERVICE, device, NULL, message,
					    &request));
}

/* ---- what was left unlocked ---- */

static DWORD look_unsettled(struct txn *txn, const NTMS_GUID *library, bool *needed)
{
	const char *name = NULL;
	DWORD code = any_extended(txn, library, needed);

	if (!code && *needed)
		code = find_open(txn, library, NULL, &name);
	if (name)
		*needed = false;
	return code;
}

DWORD ports_unsettled(struct ntms_system *system, const NTMS_GUID *library, bool *needed)
{
	struct txn *txn;
	DWORD code = store_begin(system->store, STORE_DEADLINE_DEFAULT, &txn);

	*needed = false;
	if (code)
		return code;
	code = look_unsettled(txn, library, needed);
	store_abort(txn);
	return code;
}

DWORD ports_settle(struct turn *turn)
{
	struct ports ports;
	bool needed;
	DWORD code = ports_unsettled(turn->system, &turn->library, &needed);

	if (code || !needed)
		return code;
	code = ports_read(turn, &ports);
	if (code)
		return code;
	code = ports_follow(turn, &ports);
	if (!code && ports_full(&ports) == 0)
		code = ports_lock(turn);
	else if (!code)
		turn->watchful = true;
	ports_free(&ports);
	return code;
}

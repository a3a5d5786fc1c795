/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* port_take.c - what people have put into the ports goes to the slots */
#include <stdio.h>
#include <stdlib.h>
#include "base/guid.h"
#include "core/control.h"
#include "core/media.h"
#include "core/port.h"
#include "core/txn.h"

static DWORD identify_sides(struct txn *txn, const struct object *operation,
			    const struct object *media)
{
	struct object request, sides[2];
	size_t count;
	DWORD code = media_sides(txn, &media->guid, sides, &count);

	for (size_t i = 0; i < count && !code; i++) {
		request_init(NULL, NTMS_LM_CLASSIFY, &operation->librequest.library, &request);
		request.librequest.media = media->guid;
		request.librequest.side = sides[i].guid;
		request.librequest.group = operation->guid;
		code = store_insert(txn, &request);
	}
	return code;
}

/* Is somebody about to look at it anyway, or must nobody? */
static DWORD needs_no_look(struct txn *txn, const struct object *media, bool *none)
{
	struct object type;
	DWORD code = must_exist(store_get(txn, &media->media.media_type, NTMS_MEDIA_TYPE, &type),
				"media type", media->name);

	*none = !code && (type.media_type.code == CLEANER_CARTRIDGE ||
			  media->media.state != NTMS_MEDIASTATE_IDLE);
	return code || *none ? code : request_pending(txn, &media->guid, none);
}

/* On record before it moves: no cartridge that is carried in is forgotten. */
static DWORD queue_look(struct turn *turn, const struct object *operation, const NTMS_GUID *guid)
{
	struct object media;
	struct txn *txn;
	bool none;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = store_get(txn, guid, NTMS_PHYSICAL_MEDIA, &media);
	if (!code)
		code = needs_no_look(txn, &media, &none);
	if (code || none) {
		store_abort(txn);
		return code;
	}
	return txn_end(txn, identify_sides(txn, operation, &media));
}

/* It stays where it is: nobody need look at it for this operation. */
static DWORD cancel_look(struct turn *turn, const struct object *operation, const NTMS_GUID *guid)
{
	struct object *list = NULL;
	size_t count = 0;
	struct txn *txn;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = control_members(txn, &turn->library, NTMS_LM_CLASSIFY, &operation->guid, &list,
			       &count);
	for (size_t i = 0; i < count && !code; i++)
		if (guid_equal(&list[i].librequest.media, guid))
			code = request_end(txn, &list[i], REQUEST_CANCELLED, ERROR_CANCELLED,
					   "the cartridge was not taken in");
	free(list);
	return txn_end(txn, code);
}

static DWORD take_in(struct turn *turn, struct object *request, const struct port *port)
{
	struct object slot;
	char said[512];
	DWORD code = find_slot(turn, &port->media, &slot);

	if (!code)
		code = queue_look(turn, request, &port->media.guid);
	if (code)
		return code;
	code = put_away(turn, request, &port->media.guid, &port->record.guid);
	if (!code || database_trouble(code) || run_unsettled(turn, request))
		return code;
	snprintf(said, sizeof(said), "%s", ntms_said());
	if (cancel_look(turn, request, &port->media.guid))
		return ERROR_DATABASE_FAILURE;
	return ntms_say(code, "%s", said);
}

DWORD ports_take_in(struct turn *turn, struct object *request, const struct ports *ports,
		    size_t *moved, size_t *left)
{
	DWORD result = ERROR_SUCCESS;

	*moved = *left = 0;
	for (size_t i = 0; i < ports->count; i++) {
		const struct port *port = &ports->list[i];
		DWORD code;

		if (!port->element.full || !port->media.type)
			continue;
		code = result ? result : take_in(turn, request, port);
		if (!code) {
			++*moved;
			continue;
		}
		++*left;
		if (code != ERROR_LIBRARY_FULL)
			result = code;
	}
	return result;
}

DWORD ports_note_fetched(struct txn *txn, const struct object *media, const struct object *place,
			 const NTMS_GUID *mover)
{
	struct object *list = NULL;
	size_t count = 0;
	DWORD code;

	if (media->media.location_type != NTMS_IEPORT || place->type == NTMS_IEPORT)
		return ERROR_SUCCESS;
	code = control_members(txn, &media->media.library, NTMS_LM_INJECT, NULL, &list, &count);
	for (size_t i = 0; i < count && !code; i++) {
		if (!(list[i].librequest.phase & PHASE_OPEN) ||
		    (mover && guid_equal(&list[i].guid, mover)))
			continue;
		list[i].librequest.phase |= PHASE_FETCHED;
		code = store_update(txn, &list[i]);
	}
	free(list);
	return code;
}

DWORD ports_ask(struct turn *turn, const struct ports *ports)
{
	DWORD code = ERROR_SUCCESS;

	for (size_t i = 0; i < ports->count && !code; i++) {
		const struct port *port = &ports->list[i];
		const char *name = port->media.type ? media_name(&port->media) : "the cartridge";

		if (port->element.full)
			code = ask_service(turn, &port->record.guid, "take %s out of port %u", name,
					   port->record.device.number);
	}
	return code;
}

DWORD ports_give_out(struct turn *turn)
{
	struct ports ports;
	DWORD code = ports_read(turn, &ports);

	if (code)
		return code;
	code = ports_ask(turn, &ports);
	ports_free(&ports);
	return code ? code : ports_leave_open(turn);
}

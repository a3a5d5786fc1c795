/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* port.c - the ports by the records and by the library, and what people do there */
#include <stdlib.h>
#include <string.h>
#include "base/guid.h"
#include "core/media.h"
#include "core/oprequest.h"
#include "core/port.h"
#include "core/txn.h"

/* ---- reading ---- */

void ports_free(struct ports *ports)
{
	free(ports->list);
	ports->list = NULL;
	ports->count = 0;
}

static DWORD read_port(struct txn *txn, const NTMS_GUID *guid, struct port *port)
{
	struct store_key key;
	NTMS_GUID media;
	DWORD code =
		must_exist(store_get(txn, guid, NTMS_IEPORT, &port->record), "port", "a library");

	if (code)
		return code;
	key_start(&key);
	key_guid(&key, guid);
	code = store_find(txn, IX_PLACE, &key, &media);
	if (!code)
		code = store_get(txn, &media, NTMS_PHYSICAL_MEDIA, &port->media);
	if (code == ERROR_OBJECT_NOT_FOUND) {
		port->media.type = 0;
		code = ERROR_SUCCESS;
	}
	return code;
}

static DWORD read_records(struct turn *turn, struct ports *ports)
{
	NTMS_GUID *list = NULL;
	struct store_key key;
	size_t count = 0;
	struct txn *txn;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	key_start(&key);
	key_guid(&key, &turn->library);
	key_u32(&key, NTMS_IEPORT);
	code = store_list(txn, IX_CHILD, &key, 0, &list, &count);
	if (!code && count) {
		ports->list = calloc(count, sizeof(*ports->list));
		if (!ports->list)
			code = ntms_say(ERROR_NOT_ENOUGH_MEMORY, "no memory for %zu ports", count);
	}
	for (size_t i = 0; i < count && !code; i++) {
		code = read_port(txn, &list[i], &ports->list[i]);
		ports->count = i + 1;
	}
	free(list);
	store_abort(txn);
	return code;
}

static DWORD find_element(const struct broker_element *list, size_t count, struct port *port)
{
	for (size_t i = 0; i < count; i++) {
		if (list[i].type != ELEMENT_PORT || list[i].address != port->record.device.element)
			continue;
		port->element = list[i];
		return ERROR_SUCCESS;
	}
	return ntms_say(ERROR_DEVICE_NOT_AVAILABLE, "the library does not report port %u",
			port->record.device.number);
}

static DWORD read_elements(struct turn *turn, struct ports *ports)
{
	struct broker_element *list = NULL;
	size_t count = 0;
	DWORD code = ERROR_SUCCESS;
	int error;

	error = broker_elements(turn->lease, ELEMENT_PORT, 0, 0, &list, &count);
	if (error)
		return broker_code(error);
	for (size_t i = 0; i < ports->count && !code; i++)
		code = find_element(list, count, &ports->list[i]);
	free(list);
	return code;
}

DWORD ports_read(struct turn *turn, struct ports *ports)
{
	DWORD code;

	memset(ports, 0, sizeof(*ports));
	code = read_records(turn, ports);
	if (!code && ports->count)
		code = read_elements(turn, ports);
	if (code)
		ports_free(ports);
	return code;
}

struct port *port_of(const struct ports *ports, const NTMS_GUID *media)
{
	for (size_t i = 0; i < ports->count; i++)
		if (ports->list[i].media.type && guid_equal(&ports->list[i].media.guid, media))
			return &ports->list[i];
	return NULL;
}

struct port *port_free(const struct ports *ports, bool eject)
{
	for (size_t i = 0; i < ports->count; i++) {
		const struct broker_element *element = &ports->list[i].element;

		if (!element->full && element->accessible && !element->exception &&
		    (eject ? element->export_enabled : element->import_enabled))
			return &ports->list[i];
	}
	return NULL;
}

size_t ports_full(const struct ports *ports)
{
	size_t full = 0;

	for (size_t i = 0; i < ports->count; i++)
		full += ports->list[i].element.full;
	return full;
}

bool ports_back(const struct ports *ports)
{
	for (size_t i = 0; i < ports->count; i++)
		if (!ports->list[i].element.accessible)
			return false;
	return true;
}

uint32_t ports_limit(const struct ports *ports)
{
	uint32_t limit_s = 0;

	for (size_t i = 0; i < ports->count; i++)
		if (ports->list[i].record.device.limit_s > limit_s)
			limit_s = ports->list[i].record.device.limit_s;
	return limit_s;
}

/* ---- following what people do ---- */

/* Nothing can be said of a port that sticks out. */
static bool can_tell(const struct port *port)
{
	return port->element.accessible && (port->element.full || !port->element.exception);
}

static bool is_another(const struct port *port)
{
	const char *seen = port->element.barcode, *recorded = port->media.media.barcode;

	return seen[0] && recorded[0] && strcmp(seen, recorded) != 0;
}

static bool is_gone(const struct port *port)
{
	return port->media.type && can_tell(port) && (!port->element.full || is_another(port));
}

static bool is_new(const struct port *port)
{
	return port->element.full && can_tell(port) && (!port->media.type || is_another(port));
}

static bool content_differs(const struct port *port)
{
	uint32_t content = port->element.full ? NTMS_PORTCONTENT_FULL : NTMS_PORTCONTENT_EMPTY;

	return can_tell(port) && port->record.device.state != content;
}

DWORD port_emptied(struct txn *txn, struct object *port)
{
	DWORD code = port_event(port, PORT_FOUND_EMPTY);

	if (!code)
		code = store_update(txn, port);
	if (!code)
		code = oprequest_close(txn, NTMS_OPREQ_DEVICESERVICE, &port->guid, NULL);
	return code;
}

static DWORD port_filled(struct txn *txn, struct object *port)
{
	DWORD code = port_event(port, PORT_FOUND_FULL);

	return code ? code : store_update(txn, port);
}

/* One port whose records are not as the library says. */
static DWORD follow_port(struct txn *txn, const struct port *port)
{
	struct object record, media;
	DWORD code = store_get(txn, &port->record.guid, NTMS_IEPORT, &record);

	if (!code)
		code = port->element.full ? port_filled(txn, &record) : port_emptied(txn, &record);
	if (code || !is_gone(port))
		return code;
	code = store_get(txn, &port->media.guid, NTMS_PHYSICAL_MEDIA, &media);
	if (code)
		return code == ERROR_OBJECT_NOT_FOUND ? ERROR_SUCCESS : code;
	if (!guid_equal(&media.media.location, &record.guid))
		return ERROR_SUCCESS;
	return media_leave(txn, &media);
}

DWORD ports_follow(struct turn *turn, struct ports *ports)
{
	bool changed = false, something_new = false;
	struct txn *txn;
	DWORD code = ERROR_SUCCESS;

	for (size_t i = 0; i < ports->count; i++) {
		changed |= is_gone(&ports->list[i]) || content_differs(&ports->list[i]);
		something_new |= is_new(&ports->list[i]);
	}
	if (changed) {
		code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);
		if (code)
			return code;
		for (size_t i = 0; i < ports->count && !code; i++)
			if (is_gone(&ports->list[i]) || content_differs(&ports->list[i]))
				code = follow_port(txn, &ports->list[i]);
		code = txn_end(txn, code);
	}
	if (!code && something_new)
		code = inventory_reconcile(turn, false, false);
	if (code || (!changed && !something_new))
		return code;
	ports_free(ports);
	return ports_read(turn, ports);
}

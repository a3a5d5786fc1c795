/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "base/guid.h"
#include "core/machine.h"
#include "core/media.h"
#include "core/rights.h"
#include "core/txn.h"
#include "core/ui.h"

struct ui_row {
	struct ui_row *next;
	uint32_t type;
	char computer[UI_NAME_SIZE];
};

/* ---- names ---- */

void ui_names_free(struct ui_names *names)
{
	free(names->list);
	*names = (struct ui_names){0};
}

static bool same_name(const char *a, const char *b)
{
	return strcasecmp(a, b) == 0;
}

static DWORD add_name(struct ui_names *names, const char *name)
{
	char(*list)[UI_NAME_SIZE];

	for (size_t i = 0; i < names->count; i++)
		if (same_name(names->list[i], name))
			return ERROR_SUCCESS;
	list = reallocarray(names->list, names->count + 1, sizeof(*list));
	if (!list)
		return ntms_say(ERROR_NOT_ENOUGH_MEMORY, "no memory for a list of computers");
	names->list = list;
	snprintf(list[names->count++], sizeof(*list), "%s", name);
	return ERROR_SUCCESS;
}

static DWORD already_there(const char *name)
{
	return ntms_say(ERROR_ALREADY_EXISTS, "computer %s is a destination already", name);
}

static DWORD not_there(const char *name)
{
	return ntms_say(ERROR_OBJECT_NOT_FOUND, "computer %s is no destination", name);
}

/* ---- those of a session; session->mutex is held ---- */

static DWORD session_names(struct session *session, uint32_t type, struct ui_names *names)
{
	DWORD code = ERROR_SUCCESS;

	for (struct ui_row *row = session->ui_rows; row && !code; row = row->next)
		if (row->type == type)
			code = add_name(names, row->computer);
	return code;
}

/* Where the row is, or would be added. */
static struct ui_row **find_row(struct session *session, uint32_t type, const char *name)
{
	struct ui_row **link = &session->ui_rows;

	while (*link && ((*link)->type != type || !same_name((*link)->computer, name)))
		link = &(*link)->next;
	return link;
}

static void delete_row(struct ui_row **link)
{
	struct ui_row *row = *link;

	*link = row->next;
	free(row);
}

static void delete_rows(struct session *session, uint32_t type)
{
	struct ui_row **link = &session->ui_rows;

	while (*link) {
		if ((*link)->type == type)
			delete_row(link);
		else
			link = &(*link)->next;
	}
}

static DWORD set_in_session(struct session *session, uint32_t type, uint32_t operation,
			    const char *name)
{
	struct ui_row **link;

	if (operation == NTMS_UIDEST_DELETEALL) {
		delete_rows(session, type);
		return ERROR_SUCCESS;
	}
	link = find_row(session, type, name);
	if (operation == NTMS_UIDEST_DELETE) {
		if (!*link)
			return not_there(name);
		delete_row(link);
		return ERROR_SUCCESS;
	}
	if (*link)
		return already_there(name);
	*link = calloc(1, sizeof(**link));
	if (!*link)
		return ntms_say(ERROR_NOT_ENOUGH_MEMORY, "no memory for a destination");
	(*link)->type = type;
	snprintf((*link)->computer, sizeof((*link)->computer), "%s", name);
	return ERROR_SUCCESS;
}

void ui_forget(struct session *session)
{
	while (session->ui_rows)
		delete_row(&session->ui_rows);
}

/* ---- those of a library, of the computer, of an operator request ---- */

static DWORD list_records(struct txn *txn, const NTMS_GUID *owner, uint32_t type, NTMS_GUID **list,
			  size_t *count)
{
	struct store_key key;

	key_start(&key);
	key_guid(&key, owner);
	key_u32(&key, NTMS_UI_DESTINATION);
	key_u32(&key, type);
	return store_list(txn, IX_CHILD, &key, 0, list, count);
}

/* Add the names of @owner; those of RSM itself in the order in which they were given. */
static DWORD record_names(struct txn *txn, const NTMS_GUID *owner, uint32_t type,
			  struct ui_names *names)
{
	struct object row;
	NTMS_GUID *list;
	size_t count;
	DWORD code = list_records(txn, owner, type, &list, &count);

	if (code)
		return code;
	for (size_t i = 0; i < count && !code; i++) {
		code = must_exist(store_get(txn, &list[i], NTMS_UI_DESTINATION, &row),
				  "destination", "an object");
		if (!code)
			code = add_name(names, row.destination.computer);
	}
	free(list);
	return code;
}

static DWORD add_record(struct txn *txn, const struct object *owner, uint32_t type,
			const char *name)
{
	struct object row;
	struct obj_destination *destination = &row.destination;

	machine_object(&row, NTMS_UI_DESTINATION);
	destination->owner = owner->guid;
	destination->owner_type = owner->type;
	destination->ui_type = type;
	snprintf(destination->computer, sizeof(destination->computer), "%s", name);
	return store_insert(txn, &row);
}

/* The record of @name; ERROR_OBJECT_NOT_FOUND. */
static DWORD find_record(struct txn *txn, const NTMS_GUID *owner, uint32_t type, const char *name,
			 NTMS_GUID *guid)
{
	struct object row;
	NTMS_GUID *list;
	bool found = false;
	size_t count;
	DWORD code = list_records(txn, owner, type, &list, &count);

	if (code)
		return code;
	for (size_t i = 0; i < count && !code && !found; i++) {
		code = must_exist(store_get(txn, &list[i], NTMS_UI_DESTINATION, &row),
				  "destination", "an object");
		found = !code && same_name(row.destination.computer, name);
	}
	free(list);
	*guid = row.guid;
	return code || found ? code : ERROR_OBJECT_NOT_FOUND;
}

static DWORD delete_records(struct txn *txn, const NTMS_GUID *owner, uint32_t type)
{
	NTMS_GUID *list;
	size_t count;
	DWORD code = list_records(txn, owner, type, &list, &count);

	if (code)
		return code;
	for (size_t i = 0; i < count && !code; i++)
		code = store_delete(txn, &list[i]);
	free(list);
	return code;
}

static DWORD set_in_records(struct txn *txn, const struct object *owner, uint32_t type,
			    uint32_t operation, const char *name)
{
	NTMS_GUID guid;
	DWORD code;

	if (operation == NTMS_UIDEST_DELETEALL)
		return delete_records(txn, &owner->guid, type);
	code = find_record(txn, &owner->guid, type, name, &guid);
	if (code && code != ERROR_OBJECT_NOT_FOUND)
		return code;
	if (operation == NTMS_UIDEST_DELETE)
		return code ? not_there(name) : store_delete(txn, &guid);
	return code ? add_record(txn, owner, type, name) : already_there(name);
}

/* A library or the computer, if the caller has the rights on it. */
static DWORD read_owner(struct session *session, struct txn *txn, const NTMS_GUID *guid,
			enum right right, struct object *owner)
{
	DWORD code = store_get(txn, guid, NTMS_UNKNOWN, owner);

	if (!code && owner->type != NTMS_LIBRARY && owner->type != NTMS_COMPUTER)
		code = ERROR_OBJECT_NOT_FOUND;
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(code, "there is no such library or computer");
	return code ? code : rights_check(txn, &session->caller, right, owner);
}

/* ---- the calls ---- */

DWORD ui_get(struct session *session, const NTMS_GUID *guid, uint32_t type, struct ui_names *names)
{
	struct object owner;
	struct txn *txn;
	DWORD code;

	if (!guid) {
		pthread_mutex_lock(&session->mutex);
		code = session_names(session, type, names);
		pthread_mutex_unlock(&session->mutex);
		return code;
	}
	code = session_begin(session, &txn);
	if (code)
		return code;
	code = read_owner(session, txn, guid, RIGHT_GET_UI_OPTIONS, &owner);
	if (!code)
		code = record_names(txn, guid, type, names);
	store_abort(txn);
	return code;
}

DWORD ui_set(struct session *session, const NTMS_GUID *guid, uint32_t type, uint32_t operation,
	     const char *name)
{
	struct object owner;
	struct txn *txn;
	DWORD code;

	if (operation != NTMS_UIDEST_DELETEALL && !name[0])
		name = session->computer;
	if (!guid) {
		pthread_mutex_lock(&session->mutex);
		code = set_in_session(session, type, operation, name);
		pthread_mutex_unlock(&session->mutex);
		return code;
	}
	code = session_begin(session, &txn);
	if (code)
		return code;
	code = read_owner(session, txn, guid, RIGHT_SET_UI_OPTIONS, &owner);
	if (!code)
		code = set_in_records(txn, &owner, type, operation, name);
	return txn_end(txn, code);
}

/* ---- who is told of a request ---- */

/* What operator requests are about: the devices, or the media. */
static uint32_t type_of_command(uint32_t command)
{
	return command == NTMS_OPREQ_CLEANER || command == NTMS_OPREQ_DEVICESERVICE
		       ? NTMS_UITYPE_ERR
		       : NTMS_UITYPE_REQ;
}

DWORD ui_address(struct session *session, struct txn *txn, const struct object *request)
{
	uint32_t type = type_of_command(request->oprequest.command);
	struct ui_names names = {0};
	DWORD code;

	pthread_mutex_lock(&session->mutex);
	code = session_names(session, type, &names);
	pthread_mutex_unlock(&session->mutex);
	for (size_t i = 0; i < names.count && !code; i++)
		code = add_record(txn, request, type, names.list[i]);
	ui_names_free(&names);
	return code;
}

/* The library that an operator request is about; the null GUID for none, or one that is gone. */
static DWORD library_of(struct txn *txn, const struct obj_oprequest *request, NTMS_GUID *library)
{
	struct object about;
	DWORD code;

	*library = (NTMS_GUID)NTMS_NULLGUID;
	if (request->arg2_type == NTMS_LIBRARY) {
		*library = request->arg2;
		return ERROR_SUCCESS;
	}
	if (guid_is_null(&request->arg1))
		return ERROR_SUCCESS;
	code = store_get(txn, &request->arg1, NTMS_UNKNOWN, &about);
	if (code)
		return code == ERROR_OBJECT_NOT_FOUND ? ERROR_SUCCESS : code;
	if (about.type == NTMS_PHYSICAL_MEDIA)
		*library = about.media.library;
	else if (object_holder(&about, library) != NTMS_LIBRARY)
		*library = (NTMS_GUID)NTMS_NULLGUID;
	return ERROR_SUCCESS;
}

static DWORD request_names(struct txn *txn, const struct object *request,
			   const struct object *computer, struct ui_names *names)
{
	uint32_t type = NTMS_UITYPE_INFO;
	NTMS_GUID library = request->librequest.library;
	DWORD code = ERROR_SUCCESS;

	if (request->type == NTMS_OPREQUEST) {
		if (computer->computer.oprequest_flags & NTMS_OPREQFLAGS_NOALERTS)
			return ERROR_SUCCESS;
		type = type_of_command(request->oprequest.command);
		code = library_of(txn, &request->oprequest, &library);
		if (!code)
			code = record_names(txn, &request->guid, type, names);
	}
	if (!code && !guid_is_null(&library))
		code = record_names(txn, &library, type, names);
	return code ? code : record_names(txn, &computer->guid, type, names);
}

DWORD ui_request(struct session *session, const NTMS_GUID *guid, struct ui_names *names)
{
	struct object request, computer;
	struct txn *txn;
	DWORD code = session_begin(session, &txn);

	if (code)
		return code;
	code = store_get(txn, guid, NTMS_UNKNOWN, &request);
	if (!code && request.type != NTMS_OPREQUEST && request.type != NTMS_LIBREQUEST)
		code = ERROR_OBJECT_NOT_FOUND;
	if (code == ERROR_OBJECT_NOT_FOUND)
		ntms_say(code, "there is no such request");
	if (!code)
		code = rights_check(txn, &session->caller, RIGHT_RSM_DESTINATIONS, &request);
	if (!code)
		code = must_exist(computer_get(txn, &computer), "computer", "the database");
	if (!code)
		code = request_names(txn, &request, &computer, names);
	store_abort(txn);
	return code;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/guid.h"
#include "base/utf.h"
#include "core/oprequest.h"
#include "core/patience.h"
#include "core/rights.h"
#include "core/service.h"
#include "core/states.h"
#include "core/txn.h"
#include "core/ui.h"

/* ---- submitting ---- */

#define BIT(type) (1u << (type))

/* What each request is about, and whose right it takes: 0 stands for no argument. */
static const struct {
	uint32_t arg1; /* types that fit */
	uint32_t arg2;
	bool arg2_needed;
} commands[] = {
	[NTMS_OPREQ_NEWMEDIA] = {BIT(NTMS_MEDIA_POOL), BIT(NTMS_LIBRARY), false},
	[NTMS_OPREQ_CLEANER] = {BIT(NTMS_LIBRARY) | BIT(NTMS_STORAGESLOT), 0, false},
	[NTMS_OPREQ_DEVICESERVICE] = {BIT(NTMS_IEDOOR) | BIT(NTMS_IEPORT) | BIT(NTMS_LIBRARY) |
					      BIT(NTMS_DRIVE) | BIT(NTMS_PHYSICAL_MEDIA),
				      0, false},
	[NTMS_OPREQ_MOVEMEDIA] = {BIT(NTMS_PHYSICAL_MEDIA), BIT(NTMS_LIBRARY), true},
	[NTMS_OPREQ_MESSAGE] = {0, 0, false},
};

static DWORD check_errand(const struct errand *errand)
{
	bool arg1 = !guid_is_null(&errand->arg1), arg2 = !guid_is_null(&errand->arg2);

	if (errand->command == NTMS_OPREQ_UNKNOWN ||
	    errand->command >= sizeof(commands) / sizeof(commands[0]))
		return ntms_say(ERROR_INVALID_PARAMETER, "there is no operator request %u",
				errand->command);
	if (arg1 != (commands[errand->command].arg1 != 0))
		return ntms_say(ERROR_INVALID_PARAMETER, "lpArg1Id is %s",
				arg1 ? "given, but means nothing here" : "missing");
	if ((arg2 && !commands[errand->command].arg2) ||
	    (!arg2 && commands[errand->command].arg2_needed))
		return ntms_say(ERROR_INVALID_PARAMETER, "lpArg2Id is %s",
				arg2 ? "given, but means nothing here" : "missing");
	return ERROR_SUCCESS;
}

static DWORD read_argument(struct txn *txn, const NTMS_GUID *guid, uint32_t types,
			   struct object *obj)
{
	DWORD code;

	memset(obj, 0, sizeof(*obj));
	if (guid_is_null(guid))
		return ERROR_SUCCESS;
	code = store_get(txn, guid, NTMS_UNKNOWN, obj);
	if (!code && (obj->type >= NTMS_NUMBER_OF_OBJECT_TYPES || !(BIT(obj->type) & types)))
		code = ERROR_OBJECT_NOT_FOUND;
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(code, "there is no object of an argument that fits the request");
	return code;
}

static DWORD check_right(struct txn *txn, const struct caller *caller, uint32_t command,
			 const struct object *arg1)
{
	struct object library;
	DWORD code;

	if (command == NTMS_OPREQ_MESSAGE)
		return rights_check(txn, caller, RIGHT_SUBMIT_MESSAGE, NULL);
	if (command != NTMS_OPREQ_DEVICESERVICE || arg1->type != NTMS_PHYSICAL_MEDIA)
		return rights_check(txn, caller,
				    command == NTMS_OPREQ_MOVEMEDIA ||
						    command == NTMS_OPREQ_NEWMEDIA
					    ? RIGHT_SUBMIT_ABOUT_MEDIA
					    : RIGHT_SUBMIT_ABOUT_DEVICE,
				    arg1);
	/* A cartridge that needs service is its library's matter. */
	code = must_exist(store_get(txn, &arg1->media.library, NTMS_LIBRARY, &library), "library",
			  arg1->name);
	return code ? code : rights_check(txn, caller, RIGHT_SUBMIT_ABOUT_DEVICE, &library);
}

/* Everything of a new request but who asks. *@arg1: what it is about. */
static DWORD fill_request(struct txn *txn, const struct errand *errand, struct object *arg1,
			  struct object *request)
{
	struct obj_oprequest *details = &request->oprequest;
	struct object arg2;
	DWORD code = check_errand(errand);

	if (!code)
		code = read_argument(txn, &errand->arg1, commands[errand->command].arg1, arg1);
	if (!code)
		code = read_argument(txn, &errand->arg2, commands[errand->command].arg2, &arg2);
	if (code)
		return code;
	machine_object(request, NTMS_OPREQUEST);
	details->command = errand->command;
	details->submitted_ms = clock_utc_ms();
	memcpy(details->message, errand->message, sizeof(details->message));
	details->arg1_type = arg1->type;
	details->arg1 = errand->arg1;
	details->arg2_type = arg2.type;
	details->arg2 = errand->arg2;
	return ERROR_SUCCESS;
}

DWORD oprequest_submit(struct session *session, struct txn *txn, const struct errand *errand,
		       NTMS_GUID *guid)
{
	struct object request, arg1;
	struct obj_oprequest *details = &request.oprequest;
	DWORD code = fill_request(txn, errand, &arg1, &request);

	if (!code)
		code = check_right(txn, &session->caller, errand->command, &arg1);
	if (code)
		return code;
	memcpy(details->application, session->application, sizeof(details->application));
	memcpy(details->user, session->user, sizeof(details->user));
	memcpy(details->computer, session->computer, sizeof(details->computer));
	code = store_insert(txn, &request);
	if (!code)
		code = ui_address(session, txn, &request);
	if (!code)
		*guid = request.guid;
	return code;
}

/* ---- what becomes of it ---- */

static DWORD read_request(struct txn *txn, const NTMS_GUID *guid, struct object *request)
{
	DWORD code = store_get(txn, guid, NTMS_OPREQUEST, request);

	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(code, "there is no such operator request");
	return code;
}

static bool is_final(const struct object *request)
{
	return request->oprequest.state == NTMS_OPSTATE_COMPLETE ||
	       request->oprequest.state == NTMS_OPSTATE_REFUSED;
}

DWORD oprequest_end(struct txn *txn, const struct caller *caller, const NTMS_GUID *guid, bool done)
{
	struct object request;
	DWORD code = read_request(txn, guid, &request);

	if (!code)
		code = rights_check(txn, caller,
				    done ? RIGHT_SATISFY_OPERATOR_REQUEST
					 : RIGHT_CANCEL_OPERATOR_REQUEST,
				    NULL);
	if (code)
		return code;
	code = oprequest_event(&request, done ? OPREQUEST_SATISFIED : OPREQUEST_REFUSED);
	if (!code)
		code = store_update(txn, &request);
	return code || !done ? code : service_satisfied(txn, &request);
}

/* *@over: there is nothing more to wait for. */
static DWORD look(struct session *session, const NTMS_GUID *guid, bool *over)
{
	struct object request;
	struct txn *txn;
	DWORD code = session_begin(session, &txn);

	if (code)
		return code;
	code = read_request(txn, guid, &request);
	store_abort(txn);
	if (code)
		return code;
	*over = is_final(&request);
	if (request.oprequest.state == NTMS_OPSTATE_REFUSED)
		return ntms_say(ERROR_CANCELLED, "the operator request has been refused");
	return ERROR_SUCCESS;
}

DWORD oprequest_wait(struct session *session, const NTMS_GUID *guid, DWORD timeout_ms)
{
	struct patience patience;
	bool over = false;
	DWORD code = patience_begin(&patience, session, clock_deadline(timeout_ms));

	if (code)
		return code;
	do {
		code = look(session, guid, &over);
		if (!code && !over)
			code = patience_sleep(&patience, -1);
	} while (!code && !over);
	patience_end(&patience);
	return code;
}

/* ---- RSM's own ---- */

/* By which an application's request is told from ours. */
#define OURS "Removable Storage"

/* The open requests with these arguments, all that have @arg1 when @arg2 is NULL; to be freed. */
static DWORD list_open(struct txn *txn, uint32_t command, const NTMS_GUID *arg1,
		       const NTMS_GUID *arg2, NTMS_GUID **list, size_t *count)
{
	struct store_key key;

	key_start(&key);
	key_u32(&key, command);
	key_guid(&key, arg1);
	if (arg2)
		key_guid(&key, arg2);
	return store_list(txn, IX_ERRAND, &key, 0, list, count);
}

bool oprequest_is_ours(const struct object *request)
{
	return !strcmp(request->oprequest.application, OURS) && !request->oprequest.user[0];
}

/* RSM's own open request with exactly these arguments; ERROR_OBJECT_NOT_FOUND. */
static DWORD find_ours(struct txn *txn, uint32_t command, const NTMS_GUID *arg1,
		       const NTMS_GUID *arg2, NTMS_GUID *guid)
{
	struct object request;
	NTMS_GUID *list = NULL;
	bool found = false;
	size_t count = 0;
	DWORD code = list_open(txn, command, arg1, arg2, &list, &count);

	for (size_t i = 0; i < count && !code && !found; i++) {
		code = must_exist(store_get(txn, &list[i], NTMS_OPREQUEST, &request),
				  "operator request", "an index");
		found = !code && oprequest_is_ours(&request);
	}
	if (found)
		*guid = request.guid;
	free(list);
	return code || found ? code : ERROR_OBJECT_NOT_FOUND;
}

DWORD oprequest_raise(struct txn *txn, uint32_t command, const NTMS_GUID *arg1,
		      const NTMS_GUID *arg2, const char *message, NTMS_GUID *guid)
{
	struct errand errand = {.command = command};
	struct object request, about;
	DWORD code;

	if (arg1)
		errand.arg1 = *arg1;
	if (arg2)
		errand.arg2 = *arg2;
	code = find_ours(txn, command, &errand.arg1, &errand.arg2, guid);
	if (code != ERROR_OBJECT_NOT_FOUND)
		return code;
	utf8_give(message, errand.message, NTMS_MESSAGE_LENGTH);
	code = fill_request(txn, &errand, &about, &request);
	if (code)
		return code;
	memcpy(request.oprequest.application, OURS, sizeof(OURS));
	code = store_insert(txn, &request);
	if (!code)
		*guid = request.guid;
	return code;
}

DWORD oprequest_close(struct txn *txn, uint32_t command, const NTMS_GUID *arg1,
		      const NTMS_GUID *arg2)
{
	struct object request;
	NTMS_GUID *list = NULL;
	size_t count = 0;
	DWORD code = list_open(txn, command, arg1, arg2, &list, &count);

	for (size_t i = 0; i < count && !code; i++) {
		code = must_exist(store_get(txn, &list[i], NTMS_OPREQUEST, &request),
				  "operator request", "an index");
		if (!code)
			code = oprequest_event(&request, OPREQUEST_SATISFIED);
		if (!code)
			code = store_update(txn, &request);
	}
	free(list);
	return code;
}

DWORD oprequest_withdraw(struct txn *txn, uint32_t command, const NTMS_GUID *arg1,
			 const NTMS_GUID *arg2)
{
	NTMS_GUID none = NTMS_NULLGUID, guid;
	DWORD code = find_ours(txn, command, arg1, arg2 ? arg2 : &none, &guid);

	if (code == ERROR_OBJECT_NOT_FOUND)
		return ERROR_SUCCESS;
	return code ? code : store_delete(txn, &guid);
}

DWORD oprequest_asked(struct txn *txn, uint32_t command, const NTMS_GUID *arg1, bool *asked)
{
	NTMS_GUID none = NTMS_NULLGUID, guid;
	DWORD code = find_ours(txn, command, arg1, &none, &guid);

	*asked = !code;
	return code == ERROR_OBJECT_NOT_FOUND ? ERROR_SUCCESS : code;
}

DWORD oprequest_state(struct txn *txn, const NTMS_GUID *guid, uint32_t *state)
{
	struct object request;
	DWORD code = store_get(txn, guid, NTMS_OPREQUEST, &request);

	*state = code ? NTMS_OPSTATE_UNKNOWN : request.oprequest.state;
	return code == ERROR_OBJECT_NOT_FOUND ? ERROR_SUCCESS : code;
}

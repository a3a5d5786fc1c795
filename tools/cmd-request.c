/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cmd-request.c - rsm request: the queue of a library, its order, and what is to leave it; rsm
 * opreq: what people are asked to do
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "cancel.h"
#include "describe.h"
#include "operation.h"
#include "places.h"
#include "text.h"

static const struct column request_columns[] = {
	{"id", "REQUEST", false},
	{"order", "ORDER", true},
	{"operation", "OPERATION", false},
	{"state", "STATE", false},
	{"cartridge", "CARTRIDGE", false},
	{"drive", "DRIVE", false},
	{"queued", "QUEUED", false},
	{"application", "APPLICATION", false},
	{NULL, NULL, false},
};

static bool is_over(const struct json_object *request)
{
	static const char *const open[] = {"queued",	"in_process", "waiting",    "deferred",
					   "submitted", "active",     "in_progress"};
	const char *state = json_text(request, "state");

	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++)
		if (!strcmp(state, open[i]))
			return false;
	return true;
}

/* The request with its place in the queue; null for what has none. Fields of a request that was
 * purged meanwhile are missing: NULL. */
static struct json_object *describe_ordered(struct rsm *rsm, const NTMS_GUID *guid)
{
	struct json_object *row = describe(rsm, guid, NTMS_LIBREQUEST);
	NTMS_GUID copy = *guid;
	DWORD order = 0;

	if (!row)
		return NULL;
	if (!GetNtmsRequestOrder(rsm->session, &copy, &order) && order)
		json_set_number(row, "order", order);
	else
		json_set(row, "order", NULL);
	return row;
}

int cmd_request_list(struct rsm *rsm, const struct args *args)
{
	struct json_object *rows = json_list();
	NTMS_GUID library, *list = NULL;
	DWORD count = 0, code;

	code = rsm_open(rsm, "rsm request");
	if (!code && args->given[OPT_LIBRARY])
		code = find_object(rsm, args->text[OPT_LIBRARY], NTMS_LIBRARY, &library);
	if (!code)
		code = list_objects(rsm, args->given[OPT_LIBRARY] ? &library : NULL,
				    NTMS_LIBREQUEST, &list, &count);
	for (DWORD i = 0; !code && i < count; i++) {
		struct json_object *row = describe_ordered(rsm, &list[i]);

		if (!row && rsm->code != ERROR_OBJECT_NOT_FOUND)
			code = rsm->code;
		else if (row && (args->given[OPT_ALL] || !is_over(row)))
			json_append(rows, row);
		else
			json_object_put(row);
	}
	free(list);
	if (code) {
		json_object_put(rows);
		return fail(rsm, code);
	}
	print_rows(rsm, rows, request_columns, "id",
		   args->given[OPT_ALL] ? "there are no requests" : "nothing is queued");
	return EXIT_DONE;
}

/* "last", or a number from 1 on. */
static bool take_order(struct rsm *rsm, const char *text, DWORD *order)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	*order = UINT32_MAX;
	if (!strcmp(text, "last"))
		return true;
	*order = (DWORD)number;
	if (strchr("123456789", text[0]) && !*end && number < UINT32_MAX)
		return true;
	fail_usage(rsm, "a place is 1 or more, or 'last', not '%s'", text);
	return false;
}

int cmd_request_order(struct rsm *rsm, const struct args *args)
{
	struct json_object *row = NULL;
	DWORD order = 0, code;
	NTMS_GUID guid;

	if (args->count > 1 && !take_order(rsm, args->operand[1], &order))
		return EXIT_USAGE;
	code = rsm_open(rsm, "rsm request");
	if (!code)
		code = find_request(rsm, args->operand[0], NTMS_LIBREQUEST, &guid);
	if (!code && order)
		code = note(rsm, SetNtmsRequestOrder(rsm->session, &guid, order));
	if (!code)
		code = note(rsm, GetNtmsRequestOrder(rsm->session, &guid, &order));
	if (!code) {
		row = describe_ordered(rsm, &guid);
		code = row ? ERROR_SUCCESS : rsm->code;
	}
	if (code)
		return fail(rsm, code);
	print_result(rsm, row, "order",
		     order ? text_format("request %s is number %u", json_text(row, "id"), order)
			   : text_format("request %s has no place", json_text(row, "id")));
	return EXIT_DONE;
}

/* Wait for what the first operand names, by @wait; its record, or NULL with *@status the exit
 * status. A signal ends the waiting only. */
static struct json_object *await(struct rsm *rsm, const struct args *args, DWORD type,
				 DWORD (*wait)(struct rsm *rsm, void *context), int *status)
{
	struct awaited awaited = {.timeout = args_timeout(args)};
	struct interrupt interrupt;
	struct json_object *row;
	int signal = 0;
	DWORD code;

	interrupt_begin(&interrupt);
	code = rsm_open(rsm, type == NTMS_LIBREQUEST ? "rsm request" : "rsm opreq");
	if (!code)
		code = find_request(rsm, args->operand[0], type, &awaited.request);
	if (!code)
		code = interruptible(rsm, &interrupt, wait, &awaited, &signal);
	if (signal)
		*status = interrupted(rsm, signal, "the request stays");
	interrupt_end(&interrupt);
	if (signal)
		return NULL;
	row = code ? NULL : describe(rsm, &awaited.request, type);
	if (!row)
		*status = fail(rsm, rsm->code);
	return row;
}

int cmd_request_wait(struct rsm *rsm, const struct args *args)
{
	int status = EXIT_DONE;
	struct json_object *row = await(rsm, args, NTMS_LIBREQUEST, wait_for_request, &status);

	if (row)
		print_result(rsm, row, "state",
			     text_format("request %s has %s", json_text(row, "id"),
					 json_text(row, "state")));
	return status;
}

/* The requests that are named, or with --all every one that is over. */
static DWORD find_requests(struct rsm *rsm, const struct args *args, DWORD type, NTMS_GUID **list,
			   DWORD *count)
{
	DWORD code = ERROR_SUCCESS;

	if (args->given[OPT_ALL])
		return list_objects(rsm, NULL, type, list, count);
	*count = (DWORD)args->count;
	*list = need(calloc(args->count, sizeof(**list)));
	for (size_t i = 0; !code && i < args->count; i++)
		code = find_request(rsm, args->operand[i], type, &(*list)[i]);
	return code;
}

static DWORD cancel_one(struct rsm *rsm, NTMS_GUID *guid, DWORD type)
{
	(void)type;
	return note(rsm, CancelNtmsLibraryRequest(rsm->session, guid));
}

/* The call leaves what is not over without a word. */
static DWORD delete_one(struct rsm *rsm, NTMS_GUID *guid, DWORD type)
{
	struct json_object *row = describe(rsm, guid, type);
	DWORD code = rsm->code;

	if (!row)
		return code;
	code = ERROR_SUCCESS;
	if (!is_over(row))
		code = note_text(rsm, ERROR_INVALID_STATE,
				 "request %s is not over (%s); %s it first", json_text(row, "id"),
				 json_text(row, "state"),
				 type == NTMS_LIBREQUEST ? "cancel" : "satisfy or refuse");
	json_object_put(row);
	return code ? code : note(rsm, DeleteNtmsRequests(rsm->session, guid, type, 1));
}

/* One that fails does not keep the others from being done. */
static int for_each(struct rsm *rsm, const struct args *args, DWORD type,
		    DWORD (*act)(struct rsm *rsm, NTMS_GUID *guid, DWORD type), const char *done)
{
	struct json_object *rows = json_list();
	NTMS_GUID *list = NULL;
	DWORD count = 0, code, first = ERROR_SUCCESS;

	code = rsm_open(rsm, "rsm request");
	if (!code)
		code = find_requests(rsm, args, type, &list, &count);
	for (DWORD i = 0; !code && i < count; i++) {
		DWORD failed = act(rsm, &list[i], type);
		struct json_object *row;

		if (failed && args->given[OPT_ALL] &&
		    (failed == ERROR_INVALID_STATE || failed == ERROR_OBJECT_NOT_FOUND))
			continue;
		if (failed) {
			fail(rsm, failed);
			first = first ? first : failed;
			continue;
		}
		row = json_record();
		json_set_guid(row, "id", &list[i]);
		json_append(rows, row);
	}
	free(list);
	if (code) {
		json_object_put(rows);
		return fail(rsm, code);
	}
	if (rsm->json || rsm->brief) {
		print_rows(rsm, rows, NULL, "id", "");
		return exit_of(first);
	}
	if (!rsm->quiet && (!first || json_object_array_length(rows))) {
		char *number = text_count(json_object_array_length(rows),
					  type == NTMS_LIBREQUEST ? "request" : "operator request");
		char *line = text_format("%s %s", number, done);

		print_text(line);
		free(line);
		free(number);
	}
	json_object_put(rows);
	return exit_of(first);
}

int cmd_request_cancel(struct rsm *rsm, const struct args *args)
{
	return for_each(rsm, args, NTMS_LIBREQUEST, cancel_one, "cancelled");
}

static int delete_requests(struct rsm *rsm, const struct args *args, DWORD type)
{
	if (!args->count == !args->given[OPT_ALL])
		return fail_usage(rsm, "what? Either requests or --all");
	return for_each(rsm, args, type, delete_one, "deleted");
}

int cmd_request_delete(struct rsm *rsm, const struct args *args)
{
	return delete_requests(rsm, args, NTMS_LIBREQUEST);
}

/* ---- operator requests ---- */

static const struct column opreq_columns[] = {
	{"id", "REQUEST", false},      {"request", "WHAT", false},
	{"about", "ABOUT", false},     {"where", "WHERE", false},
	{"state", "STATE", false},     {"submitted", "SUBMITTED", false},
	{"message", "MESSAGE", false}, {NULL, NULL, false},
};

int cmd_opreq_list(struct rsm *rsm, const struct args *args)
{
	struct json_object *rows = json_list();
	NTMS_GUID *list = NULL;
	DWORD count = 0, code;

	code = rsm_open(rsm, "rsm opreq");
	if (!code)
		code = list_objects(rsm, NULL, NTMS_OPREQUEST, &list, &count);
	for (DWORD i = 0; !code && i < count; i++) {
		struct json_object *row = describe(rsm, &list[i], NTMS_OPREQUEST);

		if (!row && rsm->code != ERROR_OBJECT_NOT_FOUND)
			code = rsm->code;
		else if (row && (args->given[OPT_ALL] || !is_over(row)))
			json_append(rows, row);
		else
			json_object_put(row);
	}
	free(list);
	if (code) {
		json_object_put(rows);
		return fail(rsm, code);
	}
	print_rows(rsm, rows, opreq_columns, "id",
		   args->given[OPT_ALL] ? "there are no operator requests"
					: "nobody is asked for anything");
	return EXIT_DONE;
}

static DWORD satisfy_one(struct rsm *rsm, NTMS_GUID *guid, DWORD type)
{
	(void)type;
	return note(rsm, SatisfyNtmsOperatorRequest(rsm->session, guid));
}

static DWORD refuse_one(struct rsm *rsm, NTMS_GUID *guid, DWORD type)
{
	(void)type;
	return note(rsm, CancelNtmsOperatorRequest(rsm->session, guid));
}

int cmd_opreq_satisfy(struct rsm *rsm, const struct args *args)
{
	return for_each(rsm, args, NTMS_OPREQUEST, satisfy_one, "satisfied");
}

int cmd_opreq_refuse(struct rsm *rsm, const struct args *args)
{
	return for_each(rsm, args, NTMS_OPREQUEST, refuse_one, "refused");
}

int cmd_opreq_delete(struct rsm *rsm, const struct args *args)
{
	return delete_requests(rsm, args, NTMS_OPREQUEST);
}

/* What the objects of each kind of request are: of one of these types. */
static const struct errand {
	DWORD command;
	size_t least, most;
	DWORD first[6], second[2];
	const char *wants;
} errands[] = {
	{NTMS_OPREQ_NEWMEDIA,
	 1,
	 2,
	 {NTMS_MEDIA_POOL},
	 {NTMS_LIBRARY},
	 "a pool, and perhaps a library"},
	{NTMS_OPREQ_CLEANER, 1, 1, {NTMS_LIBRARY, NTMS_STORAGESLOT}, {0}, "a library or a slot"},
	{NTMS_OPREQ_DEVICESERVICE,
	 1,
	 1,
	 {NTMS_LIBRARY, NTMS_DRIVE, NTMS_IEDOOR, NTMS_PHYSICAL_MEDIA},
	 {0},
	 "a library, drive, door or cartridge"},
	{NTMS_OPREQ_MOVEMEDIA,
	 2,
	 2,
	 {NTMS_PHYSICAL_MEDIA},
	 {NTMS_LIBRARY},
	 "a cartridge and a library"},
	{NTMS_OPREQ_MESSAGE, 0, 0, {0}, {0}, "no object, only --message"},
};

static const struct errand *find_errand(struct rsm *rsm, const struct args *args)
{
	for (size_t i = 0; i < sizeof(errands) / sizeof(errands[0]); i++) {
		const struct errand *errand = &errands[i];

		if (strcmp(word_of(operator_commands, errand->command), args->operand[0]) != 0)
			continue;
		if (args->count - 1 >= errand->least && args->count - 1 <= errand->most)
			return errand;
		fail_usage(rsm, "%s wants %s", args->operand[0], errand->wants);
		return NULL;
	}
	fail_usage(rsm,
		   "'%s' is nothing that people are asked for; there are: new_media, cleaner, "
		   "device_service, move_media, message",
		   args->operand[0]);
	return NULL;
}

int cmd_opreq_submit(struct rsm *rsm, const struct args *args)
{
	const struct errand *errand = find_errand(rsm, args);
	const char *message = args->text[OPT_MESSAGE];
	WCHAR wide[NTMS_MESSAGE_LENGTH];
	struct json_object *row = NULL;
	NTMS_GUID object[2], guid;
	DWORD type, code;

	if (!errand)
		return EXIT_USAGE;
	if (errand->command == NTMS_OPREQ_MESSAGE && !message)
		return fail_usage(rsm, "which message? --message is missing");
	if (message && !text_to_wide(message, wide, NTMS_MESSAGE_LENGTH))
		return fail_usage(rsm, "a message has at most %d characters, and is UTF-8",
				  NTMS_MESSAGE_LENGTH - 1);
	code = rsm_open(rsm, "rsm opreq");
	for (size_t i = 1; !code && i < args->count; i++)
		code = find_any(rsm, args, args->operand[i],
				i == 1 ? errand->first : errand->second, &object[i - 1], &type);
	if (!code)
		code = note(rsm, SubmitNtmsOperatorRequestW(
					 rsm->session, errand->command, message ? wide : NULL,
					 args->count > 1 ? &object[0] : NULL,
					 args->count > 2 ? &object[1] : NULL, &guid));
	if (!code) {
		row = describe(rsm, &guid, NTMS_OPREQUEST);
		code = row ? ERROR_SUCCESS : rsm->code;
	}
	if (code)
		return fail(rsm, code);
	print_result(rsm, row, "id",
		     text_format("operator request %s is submitted", json_text(row, "id")));
	return EXIT_DONE;
}

static DWORD wait_for_people(struct rsm *rsm, void *context)
{
	struct awaited *awaited = context;

	return note(rsm,
		    WaitForNtmsOperatorRequest(rsm->session, &awaited->request, awaited->timeout));
}

int cmd_opreq_wait(struct rsm *rsm, const struct args *args)
{
	int status = EXIT_DONE;
	struct json_object *row = await(rsm, args, NTMS_OPREQUEST, wait_for_people, &status);

	if (row)
		print_result(rsm, row, "state",
			     text_format("operator request %s is satisfied", json_text(row, "id")));
	return status;
}

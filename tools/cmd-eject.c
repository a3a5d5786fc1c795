/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cmd-eject.c - rsm eject: put cartridges into the ports, for a person to take them out
 *
 * As many as a library has ports leave together: all but the last are collected, the last one
 * begins the operation. Either all that are named begin to leave, or none.
 */
#include <stdlib.h>
#include <string.h>
#include "operation.h"
#include "output.h"
#include "places.h"
#include "progress.h"
#include "text.h"

struct leaving {
	NTMS_GUID media, library;
	NTMS_GUID operation; /* null until it has begun */
	NTMS_GUID request;   /* its own part of it; null until it is queued */
	bool begins;	     /* it, and what was collected before it */
	char *name;	     /* it may be forgotten afterwards */
	DWORD code;	     /* what it ended with */
};

struct ejection {
	struct leaving *list;
	size_t count;
	DWORD action;
	DWORD timeout;
	bool wait;
};

/* The call itself waits for the end. */
static bool call_waits(const struct ejection *ejection)
{
	return ejection->action == NTMS_EJECT_IMMEDIATE || ejection->action == NTMS_EJECT_ASK_USER;
}

static void ejection_free(struct ejection *ejection)
{
	for (size_t i = 0; i < ejection->count; i++)
		free(ejection->list[i].name);
	free(ejection->list);
}

/* ---- what is to leave ---- */

static DWORD add(struct rsm *rsm, struct ejection *ejection, const NTMS_GUID *media)
{
	struct leaving *leaving = &ejection->list[ejection->count];
	NTMS_OBJECTINFORMATIONW info;
	DWORD code = get_info(rsm, media, NTMS_PHYSICAL_MEDIA, &info);

	if (code)
		return code;
	*leaving = (struct leaving){
		.media = *media,
		.library = info.Info.PhysicalMedia.CurrentLibrary,
		.name = text_format("%s", name_of(rsm, media, NTMS_PHYSICAL_MEDIA)),
	};
	ejection->count++;
	return ERROR_SUCCESS;
}

/* What is in the only drive of a library. */
static DWORD cartridge_of_library(struct rsm *rsm, const struct args *args, NTMS_GUID *media)
{
	NTMS_GUID library, *list = NULL;
	DWORD count = 0, code;

	code = find_object(rsm, args->text[OPT_LIBRARY], NTMS_LIBRARY, &library);
	if (!code)
		code = list_objects(rsm, &library, NTMS_DRIVE, &list, &count);
	if (!code && count != 1)
		code = note_text(rsm, ERROR_INVALID_PARAMETER,
				 "library %s has %u drives; say with --slot or --drive which "
				 "cartridge",
				 args->text[OPT_LIBRARY], count);
	if (!code)
		code = cartridge_at(rsm, &list[0], media);
	free(list);
	return code;
}

static DWORD find_media(struct rsm *rsm, const struct args *args, struct ejection *ejection)
{
	bool placed = args->given[OPT_SLOT] || args->drives;
	NTMS_GUID media;
	DWORD code = ERROR_SUCCESS;

	ejection->list = need(calloc(args->count + 1, sizeof(*ejection->list)));
	for (size_t i = 0; !code && i < args->count; i++) {
		code = find_object(rsm, args->operand[i], NTMS_PHYSICAL_MEDIA, &media);
		if (!code)
			code = add(rsm, ejection, &media);
	}
	if (args->count || code || !(placed || args->given[OPT_LIBRARY]))
		return code;
	code = placed ? cartridge_by_place(rsm, args, &media)
		      : cartridge_of_library(rsm, args, &media);
	return code ? code : add(rsm, ejection, &media);
}

/* ---- which of them begins an operation ---- */

/* How many before @index, of its library, no operation takes along. */
static size_t collected_before(const struct ejection *ejection, size_t index)
{
	const struct leaving *list = ejection->list;
	size_t count = 0;

	for (size_t i = index; i-- > 0;) {
		if (!guid_equal(&list[i].library, &list[index].library))
			continue;
		if (list[i].begins)
			break;
		count++;
	}
	return count;
}

static bool is_last(const struct ejection *ejection, size_t index)
{
	for (size_t i = index + 1; i < ejection->count; i++)
		if (guid_equal(&ejection->list[i].library, &ejection->list[index].library))
			return false;
	return true;
}

static DWORD plan(struct rsm *rsm, struct ejection *ejection)
{
	DWORD code = ERROR_SUCCESS;

	for (size_t i = 0; !code && i < ejection->count; i++) {
		struct leaving *leaving = &ejection->list[i];
		NTMS_GUID *ports;
		DWORD count;

		if (ejection->action != NTMS_EJECT_START) {
			leaving->begins = ejection->action != NTMS_EJECT_QUEUE;
			continue;
		}
		code = list_objects(rsm, &leaving->library, NTMS_IEPORT, &ports, &count);
		if (code)
			break;
		free(ports);
		leaving->begins =
			is_last(ejection, i) || collected_before(ejection, i) + 1 >= count;
	}
	return code;
}

/* ---- begin ---- */

/* A cartridge has one eject at a time: its own request is the one that is not over. */
static DWORD find_own(struct rsm *rsm, struct leaving *leaving)
{
	NTMS_OBJECTINFORMATIONW info;
	NTMS_GUID *list;
	DWORD count, code;

	code = list_objects(rsm, &leaving->library, NTMS_LIBREQUEST, &list, &count);
	for (DWORD i = 0; !code && i < count && guid_is_null(&leaving->request); i++) {
		if (!get_info(rsm, &list[i], NTMS_LIBREQUEST, &info) &&
		    info.Info.LibRequest.OperationCode == NTMS_LM_EJECT &&
		    guid_equal(&info.Info.LibRequest.PhysMediaId, &leaving->media) &&
		    !operation_over(rsm, &list[i]))
			leaving->request = list[i];
	}
	free(list);
	if (!code && guid_is_null(&leaving->request))
		code = note_text(rsm, ERROR_OBJECT_NOT_FOUND,
				 "%s was queued, but is not in the queue any more", leaving->name);
	return code;
}

/* What was collected for it has the operation's name from now on. */
static void take_along(struct ejection *ejection, size_t index)
{
	struct leaving *list = ejection->list;

	list[index].request = list[index].operation;
	for (size_t i = 0; i < index; i++)
		if (guid_is_null(&list[i].operation) &&
		    guid_equal(&list[i].library, &list[index].library))
			list[i].operation = list[index].operation;
}

static DWORD begin_one(struct rsm *rsm, struct ejection *ejection, size_t index)
{
	struct leaving *leaving = &ejection->list[index];
	DWORD action = leaving->begins ? ejection->action : NTMS_EJECT_QUEUE;
	DWORD code = note(
		rsm, EjectNtmsMedia(rsm->session, &leaving->media, &leaving->operation, action));

	if (code)
		return code;
	if (action == NTMS_EJECT_QUEUE)
		return find_own(rsm, leaving);
	take_along(ejection, index);
	return ERROR_SUCCESS;
}

/* Nobody is to find out later that half of them were queued. The failure that led here stays
 * noted. */
static void undo(struct rsm *rsm, struct ejection *ejection)
{
	for (size_t i = 0; i < ejection->count; i++) {
		struct leaving *leaving = &ejection->list[i];

		if (!guid_is_null(&leaving->operation))
			(void)EjectNtmsMedia(rsm->session, NULL, &leaving->operation,
					     NTMS_EJECT_STOP);
		else if (!guid_is_null(&leaving->request))
			(void)CancelNtmsLibraryRequest(rsm->session, &leaving->request);
	}
}

static DWORD begin(struct rsm *rsm, struct ejection *ejection)
{
	DWORD code = plan(rsm, ejection);

	for (size_t i = 0; !code && i < ejection->count; i++)
		code = begin_one(rsm, ejection, i);
	if (code)
		undo(rsm, ejection);
	return code;
}

/* Nothing is named: all that was collected before. */
static DWORD begin_collected(struct rsm *rsm, struct ejection *ejection)
{
	NTMS_GUID operation, *list = NULL;
	NTMS_OBJECTINFORMATIONW info;
	DWORD count = 0, code;

	code = note(rsm, EjectNtmsMedia(rsm->session, NULL, &operation, NTMS_EJECT_START));
	if (!code)
		code = list_objects(rsm, NULL, NTMS_LIBREQUEST, &list, &count);
	free(ejection->list);
	ejection->list = need(calloc(count + 1, sizeof(*ejection->list)));
	for (DWORD i = 0; !code && i < count; i++) {
		const NTMS_LIBREQUESTINFORMATIONW *request = &info.Info.LibRequest;

		if (get_info(rsm, &list[i], NTMS_LIBREQUEST, &info) ||
		    request->OperationCode != NTMS_LM_EJECT ||
		    !guid_equal(&request->WorkItemId, &operation))
			continue;
		code = add(rsm, ejection, &request->PhysMediaId);
		if (code)
			break;
		ejection->list[ejection->count - 1].operation = operation;
		ejection->list[ejection->count - 1].request = list[i];
	}
	free(list);
	return code;
}

/* ---- wait ---- */

static DWORD eject_in_one_call(struct rsm *rsm, void *context)
{
	struct ejection *ejection = context;
	struct leaving *leaving = &ejection->list[0];

	return note(rsm, EjectNtmsMedia(rsm->session, &leaving->media, &leaving->operation,
					ejection->action));
}

/* One that fails does not keep the others from being waited for; the first failure is returned. */
static DWORD wait_all(struct rsm *rsm, struct ejection *ejection, struct interrupt *interrupt,
		      int *signal)
{
	DWORD first = ERROR_SUCCESS;

	*signal = 0;
	for (size_t i = 0; !*signal && i < ejection->count; i++) {
		struct leaving *leaving = &ejection->list[i];
		struct awaited awaited = {leaving->request, ejection->timeout};

		leaving->code = operation_wait(rsm, interrupt, &awaited, signal);
		if (!leaving->code || *signal)
			continue;
		fail(rsm, leaving->code);
		first = first ? first : leaving->code;
	}
	return first;
}

/* A signal ends what has begun. */
static int stop_after_signal(struct rsm *rsm, struct ejection *ejection, int signal)
{
	DWORD code = rsm_open(rsm, "rsm eject"), first = code;
	size_t stopped = 0;

	for (size_t i = 0; !code && i < ejection->count; i++) {
		struct leaving *leaving = &ejection->list[i];
		DWORD failed = ERROR_INVALID_OPERATION;

		if (i > 0 && guid_equal(&leaving->operation, &ejection->list[i - 1].operation))
			continue;
		if (!guid_is_null(&leaving->operation))
			failed = EjectNtmsMedia(rsm->session, NULL, &leaving->operation,
						NTMS_EJECT_STOP);
		stopped += !failed;
		if (failed && failed != ERROR_INVALID_OPERATION && !first)
			first = note(rsm, failed);
	}
	if (first)
		return interrupted(rsm, signal, "the eject goes on: %s", rsm->message);
	if (!stopped)
		return interrupted(rsm, signal, "the eject was over already");
	return interrupted(rsm, signal,
			   "the eject is stopped: what is still in a port goes back to its slot");
}

/* ---- tell ---- */

static struct json_object *describe_one(struct rsm *rsm, const struct leaving *leaving)
{
	const NTMS_GUID *id =
		guid_is_null(&leaving->operation) ? &leaving->request : &leaving->operation;
	struct json_object *row = json_record();
	NTMS_OBJECTINFORMATIONW info;
	bool known = !get_info(rsm, &leaving->request, NTMS_LIBREQUEST, &info);

	json_set_text(row, "cartridge", leaving->name);
	json_set_guid(row, "cartridge_id", &leaving->media);
	json_set_text(row, "library", name_of(rsm, &leaving->library, NTMS_LIBRARY));
	json_set_guid(row, "operation", id);
	json_set_guid(row, "request", &leaving->request);
	json_set_text(row, "state",
		      known ? word_of(request_states, info.Info.LibRequest.State) : NULL);
	return row;
}

static char *sentence(const struct ejection *ejection, const struct json_object *row)
{
	const char *name = json_text(row, "cartridge"), *library = json_text(row, "library");

	if (ejection->wait || call_waits(ejection))
		return text_format("%s has left %s", name, library);
	if (ejection->action == NTMS_EJECT_QUEUE)
		return text_format("%s is collected; 'rsm eject --action start' ejects it", name);
	return text_format("%s is being ejected from %s: operation %s", name, library,
			   json_text(row, "operation"));
}

static void print_ejected(struct rsm *rsm, const struct ejection *ejection)
{
	struct json_object *rows = json_list();

	for (size_t i = 0; i < ejection->count; i++)
		if (!ejection->list[i].code)
			json_append(rows, describe_one(rsm, &ejection->list[i]));
	if (rsm->json || rsm->brief) {
		print_rows(rsm, rows, NULL, "operation", "");
		return;
	}
	progress_clear(rsm);
	for (size_t i = 0; !rsm->quiet && i < json_object_array_length(rows); i++) {
		char *line = sentence(ejection, json_object_array_get_idx(rows, i));

		print_text(line);
		free(line);
	}
	json_object_put(rows);
}

/* ---- all of it ---- */

static int eject(struct rsm *rsm, const struct args *args, struct ejection *ejection,
		 struct interrupt *interrupt)
{
	DWORD code = rsm_open(rsm, "rsm eject"), ended = ERROR_SUCCESS;
	int signal = 0;

	if (!code)
		code = find_media(rsm, args, ejection);
	if (!code && !ejection->count)
		code = begin_collected(rsm, ejection);
	else if (!code && call_waits(ejection))
		code = interruptible(rsm, interrupt, eject_in_one_call, ejection, &signal);
	else if (!code)
		code = begin(rsm, ejection);
	if (!code && ejection->wait)
		ended = wait_all(rsm, ejection, interrupt, &signal);
	if (signal)
		return stop_after_signal(rsm, ejection, signal);
	if (code)
		return fail(rsm, code);
	if (call_waits(ejection))
		ejection->list[0].request = ejection->list[0].operation;
	print_ejected(rsm, ejection);
	return exit_of(ended);
}

static int stop(struct rsm *rsm, const struct args *args)
{
	struct json_object *result;
	char guid[GUID_TEXT_SIZE];
	NTMS_GUID operation;
	DWORD code;

	code = rsm_open(rsm, "rsm eject");
	if (!code)
		code = operation_by_option(rsm, args, &operation);
	if (!code)
		code = note(rsm, EjectNtmsMedia(rsm->session, NULL, &operation, NTMS_EJECT_STOP));
	/* What was only collected belongs to no operation yet. */
	if (code == ERROR_INVALID_OPERATION && !operation_over(rsm, &operation))
		code = note(rsm, CancelNtmsLibraryRequest(rsm->session, &operation));
	if (code)
		return fail(rsm, code);
	result = json_record();
	json_set_guid(result, "operation", &operation);
	print_result(rsm, result, "operation",
		     text_format("operation %s is stopped; what is still in a port goes back to "
				 "its slot",
				 guid_dashed(&operation, guid)));
	return EXIT_DONE;
}

static bool check_arguments(struct rsm *rsm, const struct args *args, DWORD action)
{
	bool placed = args->given[OPT_SLOT] || args->drives;
	bool named = args->count || placed || args->given[OPT_LIBRARY];

	if (!operation_check_option(rsm, args, action == NTMS_EJECT_STOP))
		return false;
	if ((args->count > 0) + args->given[OPT_SLOT] + (args->drives > 0) > 1 || args->drives > 1)
		fail_usage(rsm, "what? MEDIA, --slot or --drive, one of them");
	else if (args->count && args->given[OPT_LIBRARY])
		fail_usage(rsm, "--library says where a --slot or --drive is");
	else if (action == NTMS_EJECT_STOP && named)
		fail_usage(rsm, "--operation says what is to be stopped; name nothing else");
	else if (!named && action != NTMS_EJECT_STOP &&
		 !(action == NTMS_EJECT_START && args->given[OPT_ACTION]))
		fail_usage(rsm, "what? MEDIA, --slot, --drive or --library; or --action start for "
				"what is collected");
	else if (args->count > 1 &&
		 (action == NTMS_EJECT_IMMEDIATE || action == NTMS_EJECT_ASK_USER))
		fail_usage(rsm, "one cartridge at a time with this --action");
	else
		return true;
	return false;
}

int cmd_eject(struct rsm *rsm, const struct args *args)
{
	struct ejection ejection = {.action = NTMS_EJECT_START, .timeout = args_timeout(args)};
	struct interrupt interrupt;
	int status;

	if (args->given[OPT_ACTION])
		ejection.action = (DWORD)args->number[OPT_ACTION];
	if (!check_arguments(rsm, args, ejection.action))
		return EXIT_USAGE;
	if (ejection.action == NTMS_EJECT_STOP)
		return stop(rsm, args);
	ejection.wait = !args->given[OPT_NOWAIT] && (ejection.action == NTMS_EJECT_START ||
						     ejection.action == NTMS_EJECT_FORCE);
	interrupt_begin(&interrupt);
	status = eject(rsm, args, &ejection, &interrupt);
	interrupt_end(&interrupt);
	ejection_free(&ejection);
	return status;
}

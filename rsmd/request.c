/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * request.c - requests as they begin and end
 *
 * Each is known from its first word until it is deleted, so that its end is told and counted once,
 * however often it is heard of.
 */
#define _GNU_SOURCE /* tdestroy */
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "about.h"
#include "messages.h"
#include "metrics.h"
#include "names.h"
#include "request.h"
#include "text.h"

struct known_request {
	NTMS_GUID guid;
	NTMS_GUID library;
	DWORD state;
	bool begun;
	bool over;
	bool seen;
};

static int compare(const void *a, const void *b)
{
	return memcmp(&((const struct known_request *)a)->guid,
		      &((const struct known_request *)b)->guid, sizeof(NTMS_GUID));
}

static bool is_over(DWORD state)
{
	return state != NTMS_LM_QUEUED && state != NTMS_LM_INPROCESS && state != NTMS_LM_WAITING &&
	       state != NTMS_LM_DEFERRED;
}

static struct known_request *know(struct daemon *daemon, const NTMS_GUID *guid)
{
	struct known_request key = {.guid = *guid}, *request, **found;

	found = tfind(&key, &daemon->requests, compare);
	if (found)
		return *found;
	request = need(calloc(1, sizeof(*request)));
	request->guid = *guid;
	need(tsearch(request, &daemon->requests, compare));
	return request;
}

static void forget(struct daemon *daemon, const NTMS_GUID *guid)
{
	struct known_request key = {.guid = *guid}, *request, **found;

	found = tfind(&key, &daemon->requests, compare);
	if (!found)
		return;
	request = *found;
	tdelete(request, &daemon->requests, compare);
	free(request);
}

/* ---- told ---- */

static double seconds_of(const SYSTEMTIME *time)
{
	struct tm broken = {
		.tm_year = time->wYear - 1900,
		.tm_mon = time->wMonth - 1,
		.tm_mday = time->wDay,
		.tm_hour = time->wHour,
		.tm_min = time->wMinute,
		.tm_sec = time->wSecond,
	};

	return time->wYear ? (double)timegm(&broken) + time->wMilliseconds / 1000.0 : 0;
}

/* From being asked for to its end; a clock that was set back makes no negative times. */
static double lasted(const NTMS_LIBREQUESTINFORMATIONW *details)
{
	double seconds = seconds_of(&details->TimeCompleted) - seconds_of(&details->TimeQueued);

	return seconds > 0 ? seconds : 0;
}

static void describe(struct daemon *daemon, const NTMS_GUID *guid,
		     const NTMS_LIBREQUESTINFORMATIONW *details, struct about *about)
{
	about_guid(about, "RSM_REQUEST", guid);
	about_text(about, "RSM_OPERATION", word_of(request_operations, details->OperationCode));
	about_text(about, "RSM_STATE", word_of(request_states, details->State));
	about_object(about, daemon, "RSM_LIBRARY", "RSM_LIBRARY_ID", &details->Library,
		     NTMS_LIBRARY);
	about_object(about, daemon, "RSM_DRIVE", "RSM_DRIVE_ID", &details->DriveId, NTMS_DRIVE);
	about_object(about, daemon, "RSM_MEDIA", "RSM_MEDIA_ID", &details->PhysMediaId,
		     NTMS_PHYSICAL_MEDIA);
	about_object(about, daemon, "RSM_SLOT", "RSM_SLOT_ID", &details->SlotId, NTMS_STORAGESLOT);
	about_wide(about, "RSM_APPLICATION", details->szApplication, NTMS_APPLICATIONNAME_LENGTH);
	about_wide(about, "RSM_USER", details->szUser, NTMS_USERNAME_LENGTH);
}

/* "mount of V00001L8, asked for by rsm mount": what people call it. */
static char *title(const struct about *about)
{
	const char *media = about_value(about, "RSM_MEDIA");

	return text_format("%s%s%s in library %s, asked for by %s",
			   about_value(about, "RSM_OPERATION"), media[0] ? " of " : "", media,
			   about_value(about, "RSM_LIBRARY"),
			   about_value(about, "RSM_APPLICATION"));
}

static void tell_begin_of(const struct about *about)
{
	char *what = title(about);

	log_event(LOG_INFO, MESSAGE_REQUEST_BEGINS, about->fields, about->count, "%s: begins",
		  what);
	free(what);
}

/* The request keeps why it failed; the library says so when it is waited for. */
static void tell_failure(struct daemon *daemon, const NTMS_GUID *guid, DWORD error,
			 struct about *about)
{
	bool robot = error == ERROR_DEVICE_NOT_AVAILABLE;
	NTMS_GUID copy = *guid;
	char *what = title(about);
	char *why;

	RsmWaitForRequest(daemon->rsm.session, &copy, 0);
	why = text_clean(RsmLastMessage(), 1024);
	about_text(about, "RSM_ERROR", RsmErrorName(error));
	log_event(LOG_ERR, robot ? MESSAGE_ROBOT_ERROR : MESSAGE_REQUEST_FAILED, about->fields,
		  about->count, "%s: has failed: %s", what, why[0] ? why : RsmErrorText(error));
	free(why);
	free(what);
}

static void tell_end_of(struct daemon *daemon, const NTMS_GUID *guid,
			const NTMS_LIBREQUESTINFORMATIONW *details, struct about *about)
{
	char *what;

	if (details->State == NTMS_LM_FAILED) {
		tell_failure(daemon, guid, details->dwErrorCode, about);
		return;
	}
	what = title(about);
	log_event(details->State == NTMS_LM_PASSED ? LOG_INFO : LOG_NOTICE, MESSAGE_REQUEST_ENDS,
		  about->fields, about->count, "%s: %s after %.1f s", what,
		  about_value(about, "RSM_STATE"), lasted(details));
	free(what);
}

static void count_end_of(struct daemon *daemon, const NTMS_LIBREQUESTINFORMATIONW *details)
{
	metrics_request(daemon, &details->Library, details->OperationCode, details->State);
	if (details->OperationCode == NTMS_LM_MOUNT && details->State == NTMS_LM_PASSED)
		metrics_mount(daemon, &details->Library, lasted(details));
	if (details->State == NTMS_LM_FAILED && details->dwErrorCode == ERROR_DEVICE_NOT_AVAILABLE)
		metrics_robot_error(daemon, &details->Library);
}

/* ---- heard of ---- */

/* @silent: it is how things stand, not news. */
static void take(struct daemon *daemon, const NTMS_GUID *guid,
		 const NTMS_LIBREQUESTINFORMATIONW *details, bool silent)
{
	struct known_request *request = know(daemon, guid);
	bool begins = !request->begun && details->State == NTMS_LM_INPROCESS;
	bool ends = !request->over && is_over(details->State);
	struct about about = {.count = 0};

	request->seen = true;
	request->library = details->Library;
	request->state = details->State;
	request->begun = request->begun || begins;
	request->over = request->over || ends;
	if (silent || (!begins && !ends))
		return;
	describe(daemon, guid, details, &about);
	if (begins)
		tell_begin_of(&about);
	if (ends) {
		tell_end_of(daemon, guid, details, &about);
		count_end_of(daemon, details);
	}
	about_free(&about);
}

static DWORD look_at(struct daemon *daemon, const NTMS_GUID *guid, bool silent)
{
	NTMS_OBJECTINFORMATIONW info;
	DWORD code = get_info(&daemon->rsm, guid, NTMS_LIBREQUEST, &info);

	if (code == ERROR_OBJECT_NOT_FOUND) {
		forget(daemon, guid);
		return ERROR_SUCCESS;
	}
	if (!code)
		take(daemon, guid, &info.Info.LibRequest, silent);
	return code;
}

DWORD request_changed(struct daemon *daemon, const NTMS_GUID *guid)
{
	return look_at(daemon, guid, false);
}

/* ---- those that are no more, and nobody has said so ---- */

struct unseen {
	NTMS_GUID *list;
	size_t count;
};

static void set_unseen(const void *node, VISIT visit, void *pointer)
{
	struct known_request *request = *(struct known_request *const *)node;
	struct unseen *unseen = pointer;

	if (visit != postorder && visit != leaf)
		return;
	request->seen = false;
	unseen->count++;
}

static void add_unseen(const void *node, VISIT visit, void *pointer)
{
	const struct known_request *request = *(struct known_request *const *)node;
	struct unseen *unseen = pointer;

	if ((visit == postorder || visit == leaf) && !request->seen)
		unseen->list[unseen->count++] = request->guid;
}

/* There is room for as many as were known before the look. */
static void forget_unseen(struct daemon *daemon, struct unseen *unseen)
{
	unseen->list = need(calloc(unseen->count + 1, sizeof(*unseen->list)));
	unseen->count = 0;
	twalk_r(daemon->requests, add_unseen, unseen);
	for (size_t i = 0; i < unseen->count; i++)
		forget(daemon, &unseen->list[i]);
	free(unseen->list);
}

DWORD requests_look(struct daemon *daemon)
{
	struct unseen unseen = {.count = 0};
	NTMS_GUID *list;
	DWORD count;
	DWORD code = list_objects(&daemon->rsm, NULL, NTMS_LIBREQUEST, &list, &count);

	if (code)
		return code;
	twalk_r(daemon->requests, set_unseen, &unseen);
	for (DWORD i = 0; i < count && !code; i++)
		code = look_at(daemon, &list[i], !daemon->requests_known);
	free(list);
	if (!code)
		forget_unseen(daemon, &unseen);
	daemon->requests_known = daemon->requests_known || !code;
	return code;
}

struct tally {
	const NTMS_GUID *library;
	DWORD state;
	unsigned int count;
};

static void tally_one(const void *node, VISIT visit, void *pointer)
{
	const struct known_request *request = *(struct known_request *const *)node;
	struct tally *tally = pointer;

	if ((visit == postorder || visit == leaf) && request->state == tally->state &&
	    guid_equal(&request->library, tally->library))
		tally->count++;
}

unsigned int requests_in_state(struct daemon *daemon, const NTMS_GUID *library, DWORD state)
{
	struct tally tally = {.library = library, .state = state};

	twalk_r(daemon->requests, tally_one, &tally);
	return tally.count;
}

void requests_forget(struct daemon *daemon)
{
	tdestroy(daemon->requests, free);
	daemon->requests = NULL;
}

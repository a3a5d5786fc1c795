/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>
#include "library.h"
#include "log.h"
#include "messages.h"
#include "names.h"
#include "session.h"
#include "text.h"

struct library *library_find(struct daemon *daemon, const NTMS_GUID *guid)
{
	struct library *library = daemon->libraries;

	while (library && !guid_equal(&library->guid, guid))
		library = library->next;
	return library;
}

static void tell(const struct library *library, int priority, const char *id, const char *text)
{
	char guid[GUID_TEXT_SIZE];
	const struct log_field fields[] = {
		{"RSM_LIBRARY", library->name},
		{"RSM_LIBRARY_ID", guid_dashed(&library->guid, guid)},
	};

	log_event(priority, id, fields, 2, "library %s %s", library->name, text);
}

static void drop(struct library *library)
{
	free(library->name);
	free(library);
}

static DWORD add(struct daemon *daemon, const NTMS_GUID *guid)
{
	NTMS_GUID copy = *guid;
	struct library *library;
	DWORD code = RsmServeLibrary(daemon->rsm.session, &copy, TRUE);

	/* The offline one, those of other brokers, one that has just been given back. */
	if (code == ERROR_LIBRARY_OFFLINE || code == ERROR_INVALID_LIBRARY)
		return ERROR_SUCCESS;
	if (code)
		return note(&daemon->rsm, code);
	library = need(calloc(1, sizeof(*library)));
	library->guid = *guid;
	library->name = need(strdup(name_of(&daemon->rsm, guid, NTMS_LIBRARY)));
	library->there = true;
	library->next = daemon->libraries;
	daemon->libraries = library;
	tell(library, LOG_INFO, MESSAGE_LIBRARY_SERVED, "is worked by this process");
	return ERROR_SUCCESS;
}

/* It may have another name now. */
static void keep(struct daemon *daemon, struct library *library)
{
	library->there = true;
	free(library->name);
	library->name = need(strdup(name_of(&daemon->rsm, &library->guid, NTMS_LIBRARY)));
}

static void remove_gone(struct daemon *daemon)
{
	struct library **link = &daemon->libraries, *library;

	while ((library = *link)) {
		if (library->there) {
			link = &library->next;
			continue;
		}
		*link = library->next;
		RsmServeLibrary(daemon->rsm.session, &library->guid, FALSE);
		tell(library, LOG_INFO, MESSAGE_LIBRARY_LEFT, "is not managed any more");
		drop(library);
	}
}

DWORD libraries_refresh(struct daemon *daemon)
{
	NTMS_GUID *list;
	DWORD count;
	DWORD code = list_objects(&daemon->rsm, NULL, NTMS_LIBRARY, &list, &count);

	if (code)
		return code;
	for (struct library *library = daemon->libraries; library; library = library->next)
		library->there = false;
	for (DWORD i = 0; i < count && !code; i++) {
		struct library *library = library_find(daemon, &list[i]);

		if (library)
			keep(daemon, library);
		else
			code = add(daemon, &list[i]);
	}
	free(list);
	if (!code)
		remove_gone(daemon);
	return code;
}

void libraries_look(struct daemon *daemon)
{
	for (struct library *library = daemon->libraries; library; library = library->next)
		RsmServeLibrary(daemon->rsm.session, &library->guid, TRUE);
}

void library_look(struct daemon *daemon, const NTMS_GUID *guid)
{
	struct library *library = library_find(daemon, guid);

	if (library)
		RsmServeLibrary(daemon->rsm.session, &library->guid, TRUE);
}

/* A worker is stuck that has taken longer than its devices may. */
static bool is_well(struct library *library, const RSM_SERVICE *service)
{
	bool overdue = service->dwOverdueMs > 0;

	if (overdue != library->overdue)
		tell(library, overdue ? LOG_CRIT : LOG_NOTICE, MESSAGE_WORKER_STUCK,
		     overdue ? "is stuck: its worker has taken longer than its devices may"
			     : "goes on: its worker has moved again");
	library->overdue = overdue;
	return !overdue;
}

static void tell_trouble(struct library *library, const RSM_SERVICE *service)
{
	char *text;

	if (service->dwErrorCode == library->trouble)
		return;
	library->trouble = service->dwErrorCode;
	if (!library->trouble) {
		tell(library, LOG_NOTICE, MESSAGE_LIBRARY_WORKS, "can be worked again");
		return;
	}
	text = text_format("cannot be worked: %s (%s)",
			   service->szErrorMessage[0] ? service->szErrorMessage
						      : RsmErrorText(service->dwErrorCode),
			   RsmErrorName(service->dwErrorCode));
	tell(library, LOG_ERR, MESSAGE_LIBRARY_TROUBLE, text);
	free(text);
}

bool libraries_are_well(struct daemon *daemon)
{
	bool well = true;

	for (struct library *library = daemon->libraries; library; library = library->next) {
		RSM_SERVICE service = {.dwSize = sizeof(service)};
		DWORD code = RsmGetService(daemon->rsm.session, &library->guid, &service);

		if (code) {
			session_lose(daemon, RsmLastMessage());
			return true;
		}
		tell_trouble(library, &service);
		if (service.dwErrorCode == ERROR_DATABASE_FAILURE) {
			session_lose(daemon, service.szErrorMessage);
			return true;
		}
		well = is_well(library, &service) && well;
	}
	return well;
}

void libraries_forget(struct daemon *daemon)
{
	struct library *library;

	while ((library = daemon->libraries)) {
		daemon->libraries = library->next;
		drop(library);
	}
}

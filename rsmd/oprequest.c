/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>
#include "about.h"
#include "hook.h"
#include "messages.h"
#include "names.h"
#include "oprequest.h"
#include "text.h"

/* One that waits for a person. Those that are over are not kept. */
struct asked {
	struct asked *next;
	NTMS_GUID guid;
	bool seen;
};

static struct asked **find(struct daemon *daemon, const NTMS_GUID *guid)
{
	struct asked **link = &daemon->asked;

	while (*link && !guid_equal(&(*link)->guid, guid))
		link = &(*link)->next;
	return link;
}

static void drop(struct asked **link)
{
	struct asked *asked = *link;

	*link = asked->next;
	free(asked);
}

static bool is_open(DWORD state)
{
	return state == NTMS_OPSTATE_SUBMITTED || state == NTMS_OPSTATE_ACTIVE ||
	       state == NTMS_OPSTATE_INPROGRESS;
}

/* The computers that are to hear of it, with blanks between. */
static void about_destinations(struct about *about, struct daemon *daemon, const NTMS_GUID *guid)
{
	NTMS_GUID copy = *guid;
	DWORD size = 4096;
	char *list = need(calloc(1, size + 1));

	if (!RsmRequestDestinations(daemon->rsm.session, &copy, list, &size)) {
		/* Each ends with a NUL, and the list with another one. */
		for (DWORD i = 0; i + 1 < size; i++)
			if (!list[i] && list[i + 1])
				list[i] = ' ';
		about_text(about, "RSM_DESTINATIONS", list);
	}
	free(list);
}

static const char *field_of(DWORD type)
{
	switch (type) {
	case NTMS_LIBRARY:
		return "RSM_LIBRARY";
	case NTMS_DRIVE:
		return "RSM_DRIVE";
	case NTMS_PHYSICAL_MEDIA:
		return "RSM_MEDIA";
	case NTMS_MEDIA_POOL:
		return "RSM_POOL";
	default:
		return "RSM_DEVICE";
	}
}

static const char *id_field_of(DWORD type)
{
	switch (type) {
	case NTMS_LIBRARY:
		return "RSM_LIBRARY_ID";
	case NTMS_DRIVE:
		return "RSM_DRIVE_ID";
	case NTMS_PHYSICAL_MEDIA:
		return "RSM_MEDIA_ID";
	case NTMS_MEDIA_POOL:
		return "RSM_POOL_ID";
	default:
		return "RSM_DEVICE_ID";
	}
}

static void describe(struct daemon *daemon, const NTMS_GUID *guid,
		     const NTMS_OPREQUESTINFORMATIONW *details, struct about *about)
{
	about_guid(about, "RSM_OPREQUEST", guid);
	about_text(about, "RSM_COMMAND", word_of(operator_commands, details->Request));
	about_text(about, "RSM_STATE", word_of(operator_states, details->State));
	about_wide(about, "RSM_MESSAGE", details->szMessage, NTMS_MESSAGE_LENGTH);
	about_object(about, daemon, field_of(details->Arg1Type), id_field_of(details->Arg1Type),
		     &details->Arg1, details->Arg1Type);
	about_object(about, daemon, field_of(details->Arg2Type), id_field_of(details->Arg2Type),
		     &details->Arg2, details->Arg2Type);
	about_wide(about, "RSM_APPLICATION", details->szApplication, NTMS_APPLICATIONNAME_LENGTH);
	about_wide(about, "RSM_USER", details->szUser, NTMS_USERNAME_LENGTH);
	about_wide(about, "RSM_COMPUTER", details->szComputer, NTMS_COMPUTERNAME_LENGTH);
	about_destinations(about, daemon, guid);
}

static void tell(struct daemon *daemon, const NTMS_GUID *guid,
		 const NTMS_OPREQUESTINFORMATIONW *details, bool asked)
{
	struct about about = {.count = 0};
	const char *message;

	describe(daemon, guid, details, &about);
	message = about_value(&about, "RSM_MESSAGE");
	if (asked)
		log_event(LOG_WARNING, MESSAGE_OPERATOR_REQUEST, about.fields, about.count,
			  "a person is asked: %s",
			  message[0] ? message : about_value(&about, "RSM_COMMAND"));
	else
		log_event(LOG_NOTICE, MESSAGE_OPERATOR_ANSWER, about.fields, about.count,
			  "what a person was asked is %s: %s", about_value(&about, "RSM_STATE"),
			  message[0] ? message : about_value(&about, "RSM_COMMAND"));
	hook_tell(daemon, guid, asked ? "asked" : "answered", &about);
	about_free(&about);
}

static void take(struct daemon *daemon, const NTMS_GUID *guid,
		 const NTMS_OPREQUESTINFORMATIONW *details)
{
	struct asked **link = find(daemon, guid);

	if (is_open(details->State) && !*link) {
		*link = need(calloc(1, sizeof(**link)));
		(*link)->guid = *guid;
		tell(daemon, guid, details, true);
	} else if (!is_open(details->State) && *link) {
		tell(daemon, guid, details, false);
		drop(link);
		return;
	}
	if (*link)
		(*link)->seen = true;
}

DWORD oprequest_changed(struct daemon *daemon, const NTMS_GUID *guid)
{
	NTMS_OBJECTINFORMATIONW info;
	DWORD code = get_info(&daemon->rsm, guid, NTMS_OPREQUEST, &info);
	struct asked **link;

	if (!code)
		take(daemon, guid, &info.Info.OpRequest);
	if (code != ERROR_OBJECT_NOT_FOUND)
		return code;
	link = find(daemon, guid);
	if (*link)
		drop(link);
	return ERROR_SUCCESS;
}

static void drop_unseen(struct daemon *daemon)
{
	struct asked **link = &daemon->asked;

	while (*link) {
		if ((*link)->seen)
			link = &(*link)->next;
		else
			drop(link);
	}
}

DWORD oprequests_look(struct daemon *daemon)
{
	NTMS_GUID *list;
	DWORD count;
	DWORD code = list_objects(&daemon->rsm, NULL, NTMS_OPREQUEST, &list, &count);

	if (code)
		return code;
	for (struct asked *asked = daemon->asked; asked; asked = asked->next)
		asked->seen = false;
	for (DWORD i = 0; i < count && !code; i++)
		code = oprequest_changed(daemon, &list[i]);
	free(list);
	if (!code)
		drop_unseen(daemon);
	return code;
}

unsigned int oprequests_open(const struct daemon *daemon)
{
	unsigned int count = 0;

	for (const struct asked *asked = daemon->asked; asked; asked = asked->next)
		count++;
	return count;
}

void oprequests_forget(struct daemon *daemon)
{
	while (daemon->asked)
		drop(&daemon->asked);
}

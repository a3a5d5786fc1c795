/* SPDX-License-Identifier: GPL-2.0-only */
#include "device.h"
#include "library.h"
#include "log.h"
#include "marks.h"
#include "names.h"
#include "news.h"
#include "oprequest.h"
#include "request.h"

static DWORD on_library(struct daemon *daemon, const NTMS_GUID *guid)
{
	name_forget(&daemon->rsm, guid);
	return libraries_refresh(daemon);
}

/* Whoever is connected or not: the workers know why. */
static DWORD on_drive(struct daemon *daemon, const NTMS_GUID *guid)
{
	DWORD code = drive_changed(daemon, guid);

	marks_write(daemon);
	return code;
}

static DWORD on_changer(struct daemon *daemon, const NTMS_GUID *guid)
{
	DWORD code = changer_changed(daemon, guid);

	marks_write(daemon);
	return code;
}

static DWORD look_at_changers(struct daemon *daemon)
{
	DWORD code = changers_look(daemon);

	marks_write(daemon);
	return code;
}

static const struct subject {
	DWORD type;
	/* Something has become of this object, which may be no more. */
	DWORD (*changed)(struct daemon *daemon, const NTMS_GUID *guid);
	/* Anything may have become of any of them. */
	DWORD (*look)(struct daemon *daemon);
} subjects[] = {
	{NTMS_LIBRARY, on_library, libraries_refresh},
	{NTMS_DRIVE, on_drive, drives_look},
	{NTMS_CHANGER, on_changer, look_at_changers},
	{NTMS_LIBREQUEST, request_changed, requests_look},
	{NTMS_OPREQUEST, oprequest_changed, oprequests_look},
};

#define SUBJECTS (sizeof(subjects) / sizeof(subjects[0]))
_Static_assert(SUBJECTS <= RSMD_TYPES, "there is room for every subject");

static DWORD listen_to(struct daemon *daemon, size_t i)
{
	HANDLE handle = OpenNtmsNotification(daemon->rsm.session, subjects[i].type);

	if (handle == INVALID_HANDLE_VALUE)
		return note(&daemon->rsm, GetLastError());
	daemon->notifications[i] = handle;
	return ERROR_SUCCESS;
}

static void stop_listening(struct daemon *daemon, size_t i)
{
	if (daemon->notifications[i])
		CloseNtmsNotification(daemon->notifications[i]);
	daemon->notifications[i] = NULL;
}

DWORD news_open(struct daemon *daemon)
{
	DWORD code = ERROR_SUCCESS;

	for (size_t i = 0; i < SUBJECTS && !code; i++)
		code = listen_to(daemon, i);
	return code;
}

void news_close(struct daemon *daemon)
{
	for (size_t i = 0; i < SUBJECTS; i++)
		stop_listening(daemon, i);
}

DWORD news_look_at_all(struct daemon *daemon)
{
	DWORD code = ERROR_SUCCESS;

	for (size_t i = 0; i < SUBJECTS && !code; i++)
		code = subjects[i].look(daemon);
	return code;
}

/* Some were lost: there were too many, or the database was recovered. */
static DWORD start_anew(struct daemon *daemon, size_t i)
{
	DWORD code;

	stop_listening(daemon, i);
	code = listen_to(daemon, i);
	return code ? code : subjects[i].look(daemon);
}

static DWORD read_one(struct daemon *daemon, size_t i)
{
	NTMS_NOTIFICATIONINFORMATION news;
	DWORD code;

	do {
		code = WaitForNtmsNotification(daemon->notifications[i], &news, 0);
		if (!code)
			code = subjects[i].changed(daemon, &news.ObjectId);
		else if (code == ERROR_NO_DATA)
			code = start_anew(daemon, i);
		else if (code == ERROR_TIMEOUT)
			return ERROR_SUCCESS;
		else
			note(&daemon->rsm, code);
	} while (!code);
	return code;
}

DWORD news_read(struct daemon *daemon)
{
	DWORD code = ERROR_SUCCESS;

	for (size_t i = 0; i < SUBJECTS && !code; i++)
		code = read_one(daemon, i);
	return code;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * session.h - sessions: what a handle stands for
 */
#ifndef NTMS_CORE_SESSION_H
#define NTMS_CORE_SESSION_H

#include "core/system.h"
#include "ntms/rsmapi.h"

/* A medium this session has mounted: its share of the reservation. */
struct mount {
	struct mount *next;
	struct broker_hold *hold;
	NTMS_GUID request;
	NTMS_GUID side;
	NTMS_GUID media;
	NTMS_GUID drive;
};

struct session {
	struct session *next;
	unsigned int references;
	bool closing;
	int close_fd; /* eventfd: polls readable once the session is being closed */
	struct ntms_system *system;
	pthread_mutex_t mutex; /* guards mounts, served, progress and ui_rows */
	struct mount *mounts;
	struct served *served; /* libraries (core/serve.h) */
	RSM_PROGRESS_ROUTINE progress;
	void *progress_context;
	struct ui_row *ui_rows; /* where its messages go (core/ui.h) */
	struct caller caller;
	char application[NTMS_APPLICATIONNAME_LENGTH * 3];
	char user[NTMS_USERNAME_LENGTH * 3];
	char computer[NTMS_COMPUTERNAME_LENGTH * 3];
};

/* The session of a handle, referenced; NULL when there is none (ERROR_INVALID_HANDLE). Clears the
 * thread's message: every exported call begins with it. */
struct session *session_get(HANDLE handle);

/* Why session_get() found none, for calls that have a code of its own for a session that the parent
 * of this process has opened: ERROR_NOT_CONNECTED, else ERROR_INVALID_HANDLE. */
DWORD session_missing(HANDLE handle);

/* Says so. ERROR_NOT_CONNECTED. @owner: the process that opened it. */
DWORD session_of_parent(pid_t owner);
void session_put(struct session *session);

/* One more reference to a session that the caller has one of. */
void session_hold(struct session *session);

/* Has somebody begun to close it? */
bool session_is_closing(struct session *session);

DWORD session_open(const char *application, struct session **sessionp);
DWORD session_close(HANDLE handle);

#endif

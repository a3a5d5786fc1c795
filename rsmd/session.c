/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "device.h"
#include "library.h"
#include "log.h"
#include "names.h"
#include "news.h"
#include "oprequest.h"
#include "session.h"
#include "tell.h"

#define AGAIN_FIRST_S  1
#define AGAIN_LAST_S   30
#define USEC_PER_SEC_U 1000000ULL

bool session_is_broken(DWORD code)
{
	return code == ERROR_INVALID_HANDLE || code == ERROR_DATABASE_FAILURE ||
	       code == ERROR_NOT_CONNECTED || code == ERROR_CANCELLED;
}

/* ---- closed ---- */

/* A worker in the middle of a request ends it first. */
static void *close_main(void *pointer)
{
	struct daemon *daemon = pointer;
	uint64_t one = 1;

	CloseNtmsSession(daemon->closing);
	if (write(daemon->closed_fd, &one, sizeof(one)) < 0)
		log_error("cannot tell that the session is closed: %m");
	return NULL;
}

static int on_again(sd_event_source *source, uint64_t usec, void *pointer)
{
	struct daemon *daemon = pointer;
	char why[sizeof(daemon->rsm.message)];

	(void)source;
	(void)usec;
	if (daemon->stopping)
		return 0;
	if (!session_begin(daemon)) {
		log_info("there is a session again");
		tell_ready(daemon);
		return 0;
	}
	snprintf(why, sizeof(why), "%s", daemon->rsm.message);
	session_lose(daemon, why);
	return 0;
}

static void try_again(struct daemon *daemon)
{
	unsigned int seconds = daemon->patience_s ? daemon->patience_s : AGAIN_FIRST_S;

	daemon->patience_s = seconds * 2 < AGAIN_LAST_S ? seconds * 2 : AGAIN_LAST_S;
	daemon->again = sd_event_source_unref(daemon->again);
	if (sd_event_add_time_relative(daemon->event, &daemon->again, CLOCK_MONOTONIC,
				       seconds * USEC_PER_SEC_U, 0, on_again, daemon) < 0)
		sd_event_exit(daemon->event, EXIT_OTHER);
}

static int on_closed(sd_event_source *source, int fd, uint32_t events, void *pointer)
{
	struct daemon *daemon = pointer;

	(void)fd;
	(void)events;
	pthread_join(daemon->closer, NULL);
	daemon->closing = NULL;
	sd_event_source_unref(source);
	daemon->closed = NULL;
	close(daemon->closed_fd);
	daemon->closed_fd = -1;
	if (daemon->stopping)
		return sd_event_exit(daemon->event, EXIT_DONE);
	try_again(daemon);
	return 0;
}

/* Without a thread for it we wait here. */
static void close_here(struct daemon *daemon)
{
	CloseNtmsSession(daemon->closing);
	daemon->closing = NULL;
	if (daemon->stopping)
		sd_event_exit(daemon->event, EXIT_DONE);
	else
		try_again(daemon);
}

static void begin_close(struct daemon *daemon, HANDLE session)
{
	daemon->closing = session;
	daemon->closed_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (daemon->closed_fd >= 0 &&
	    sd_event_add_io(daemon->event, &daemon->closed, daemon->closed_fd, EPOLLIN, on_closed,
			    daemon) >= 0 &&
	    pthread_create(&daemon->closer, NULL, close_main, daemon) == 0)
		return;
	daemon->closed = sd_event_source_unref(daemon->closed);
	if (daemon->closed_fd >= 0)
		close(daemon->closed_fd);
	daemon->closed_fd = -1;
	close_here(daemon);
}

/* Nothing is listened to any more; what is left of the session is the caller's to close. */
static HANDLE leave(struct daemon *daemon)
{
	HANDLE session = daemon->rsm.session;

	daemon->changes = sd_event_source_unref(daemon->changes);
	if (daemon->changes_fd >= 0)
		close(daemon->changes_fd);
	daemon->changes_fd = -1;
	news_close(daemon);
	libraries_forget(daemon);
	devices_forget(daemon);
	names_free(&daemon->rsm);
	daemon->rsm.session = INVALID_HANDLE_VALUE;
	return session;
}

void session_lose(struct daemon *daemon, const char *why)
{
	char status[sizeof(daemon->status)];
	HANDLE session;

	if (daemon->stopping || daemon->closing)
		return;
	snprintf(status, sizeof(status), "no session: %s", why);
	/* Said once, however often it is tried. */
	if (strcmp(status, daemon->status) != 0)
		log_error("the session is lost, another one is tried for: %s", why);
	tell_status(daemon, "%s", status);
	session = leave(daemon);
	if (session == INVALID_HANDLE_VALUE)
		try_again(daemon);
	else
		begin_close(daemon, session);
}

void session_end(struct daemon *daemon)
{
	HANDLE session;

	if (daemon->stopping)
		return;
	daemon->stopping = true;
	if (daemon->closing)
		return; /* on_closed() goes on */
	session = leave(daemon);
	if (session == INVALID_HANDLE_VALUE)
		sd_event_exit(daemon->event, EXIT_DONE);
	else
		begin_close(daemon, session);
}

/* ---- opened ---- */

static int on_changes(sd_event_source *source, int fd, uint32_t events, void *pointer)
{
	struct daemon *daemon = pointer;
	char noise[4096];
	DWORD code;

	(void)source;
	(void)events;
	while (read(fd, noise, sizeof(noise)) > 0)
		;
	code = news_read(daemon);
	if (session_is_broken(code))
		session_lose(daemon, daemon->rsm.message);
	else if (code)
		log_warning("cannot look at what has changed: %s", daemon->rsm.message);
	return 0;
}

static DWORD watch(struct daemon *daemon)
{
	DWORD code = RsmWatchChanges(daemon->rsm.session, &daemon->changes_fd);

	if (code) {
		daemon->changes_fd = -1;
		return note(&daemon->rsm, code);
	}
	if (sd_event_add_io(daemon->event, &daemon->changes, daemon->changes_fd, EPOLLIN,
			    on_changes, daemon) < 0)
		return note_text(&daemon->rsm, ERROR_NOT_ENOUGH_MEMORY, "no memory for an event");
	return ERROR_SUCCESS;
}

/* Which directory the database is in: another one of that name is another database. */
static bool look_at_home(struct stat *home)
{
	const char *name = getenv("NTMS_HOME");

	return stat(name && name[0] ? name : "/var/lib/rsm", home) == 0;
}

bool session_has_database(const struct daemon *daemon)
{
	struct stat now;

	return look_at_home(&now) && now.st_dev == daemon->home.st_dev &&
	       now.st_ino == daemon->home.st_ino;
}

static DWORD open_session(struct daemon *daemon)
{
	daemon->rsm.session = OpenNtmsSessionA(NULL, "rsmd", 0);
	if (daemon->rsm.session == INVALID_HANDLE_VALUE)
		return note(&daemon->rsm, GetLastError());
	if (look_at_home(&daemon->home))
		return ERROR_SUCCESS;
	return note_text(&daemon->rsm, ERROR_DATABASE_FAILURE,
			 "the directory of the database is gone");
}

DWORD session_begin(struct daemon *daemon)
{
	DWORD code = open_session(daemon);

	/* Listening comes first: what changes between it and the look at everything is not missed.
	 */
	if (!code)
		code = watch(daemon);
	if (!code)
		code = news_open(daemon);
	if (!code)
		code = libraries_refresh(daemon);
	if (!code)
		code = news_look_at_all(daemon);
	if (!code)
		daemon->patience_s = 0;
	return code;
}

void session_abandon(struct daemon *daemon)
{
	HANDLE session = leave(daemon);

	if (session != INVALID_HANDLE_VALUE)
		CloseNtmsSession(session);
}

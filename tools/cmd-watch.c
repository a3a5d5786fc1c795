/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cmd-watch.c - rsm watch: what becomes of objects, as it happens
 *
 * The library tells of one type at a time: a thread for each waits, and sends what it hears
 * through a socket to the one that prints.
 */
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "cancel.h"
#include "deadline.h"
#include "names.h"
#include "output.h"
#include "places.h"
#include "text.h"
#include "watch-kernel.h"

/* In place of an NtmsNotificationOperations: changes are lost, or the listener has failed. */
#define HEARD_LOST   0xFFFF0001u
#define HEARD_FAILED 0xFFFF0002u

struct heard {
	DWORD operation, type;
	NTMS_GUID guid;
	DWORD code;
};

struct listener {
	pthread_t thread;
	HANDLE session, notification;
	DWORD type;
	int socket;
};

struct watch {
	struct listener listener[NTMS_NUMBER_OF_OBJECT_TYPES];
	size_t count;
	int socket[2];		 /* the reader's end, the listeners' */
	unsigned long long left; /* lines still to be printed; 0: no limit */
};

static const struct word operations[] = {
	{NTMS_OBJ_UPDATE, "update"},
	{NTMS_OBJ_INSERT, "insert"},
	{NTMS_OBJ_DELETE, "delete"},
	{NTMS_EVENT_SIGNAL, "signal"},
	{NTMS_EVENT_COMPLETE, "complete"},
	{HEARD_LOST, "lost"},
	{0, NULL},
};

/* False when nobody reads any more. */
static bool tell(const struct listener *listener, DWORD operation, const NTMS_GUID *guid,
		 DWORD code)
{
	struct heard heard = {.operation = operation, .type = listener->type, .code = code};

	if (guid)
		heard.guid = *guid;
	return send(listener->socket, &heard, sizeof(heard), MSG_NOSIGNAL) == sizeof(heard);
}

static void *listen_main(void *pointer)
{
	struct listener *listener = pointer;
	NTMS_NOTIFICATIONINFORMATION told;
	DWORD code = ERROR_SUCCESS;

	while (!code) {
		code = WaitForNtmsNotification(listener->notification, &told, INFINITE);
		if (!code && !tell(listener, told.dwOperation, &told.ObjectId, code))
			return NULL;
		if (code != ERROR_NO_DATA)
			continue;
		CloseNtmsNotification(listener->notification);
		listener->notification = OpenNtmsNotification(listener->session, listener->type);
		code = listener->notification == INVALID_HANDLE_VALUE ? GetLastError()
								      : ERROR_SUCCESS;
		if (!code && !tell(listener, HEARD_LOST, NULL, code))
			return NULL;
	}
	/* The session was closed: there is nothing to tell. */
	if (code != ERROR_CANCELLED && code != ERROR_INVALID_HANDLE)
		tell(listener, HEARD_FAILED, NULL, code);
	return NULL;
}

static void add_type(struct watch *watch, DWORD type)
{
	for (size_t i = 0; i < watch->count; i++)
		if (watch->listener[i].type == type)
			return;
	watch->listener[watch->count++].type = type;
}

static bool choose_types(struct rsm *rsm, const struct args *args, struct watch *watch)
{
	static const DWORD usual[] = {NTMS_CHANGER,    NTMS_COMPUTER,	    NTMS_DRIVE,
				      NTMS_IEDOOR,     NTMS_IEPORT,	    NTMS_LIBRARY,
				      NTMS_LIBREQUEST, NTMS_LOGICAL_MEDIA,  NTMS_MEDIA_POOL,
				      NTMS_PARTITION,  NTMS_PHYSICAL_MEDIA, NTMS_STORAGESLOT,
				      NTMS_OPREQUEST};
	DWORD type;

	for (size_t i = 0; i < args->occurrence_count; i++) {
		if (args->occurrences[i].id != OPT_TYPE)
			continue;
		if (!type_by_name(args->occurrences[i].text, &type)) {
			bad_type(rsm, args->occurrences[i].text);
			return false;
		}
		add_type(watch, type);
	}
	for (size_t i = 0; !args->given[OPT_TYPE] && i < sizeof(usual) / sizeof(usual[0]); i++)
		add_type(watch, usual[i]);
	return true;
}

/* All ears are open before the first of them is listened to. */
static DWORD open_all(struct rsm *rsm, struct watch *watch)
{
	for (size_t i = 0; i < watch->count; i++) {
		struct listener *listener = &watch->listener[i];

		listener->session = rsm->session;
		listener->socket = watch->socket[1];
		listener->notification = OpenNtmsNotification(rsm->session, listener->type);
		if (listener->notification == INVALID_HANDLE_VALUE)
			return note(rsm, GetLastError());
	}
	return ERROR_SUCCESS;
}

/* A name may have changed; that of what is gone is known if it was told of before. */
static struct json_object *describe_heard(struct rsm *rsm, const struct heard *heard)
{
	struct json_object *row = json_record();
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	json_set_unix_ms(row, "time",
			 (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000);
	json_set_text(row, "operation", word_of(operations, heard->operation));
	json_set_text(row, "type", word_of(object_types, heard->type));
	if (heard->operation == NTMS_OBJ_UPDATE)
		name_forget(rsm, &heard->guid);
	json_set_text(row, "name", name_of(rsm, &heard->guid, heard->type));
	json_set_guid(row, "id", &heard->guid);
	return row;
}

static void print_heard(struct rsm *rsm, const struct heard *heard)
{
	struct json_object *row = describe_heard(rsm, heard);
	char *line;

	if (heard->operation == HEARD_LOST && !rsm->json && !rsm->quiet)
		warn(rsm, "changes of objects of type %s are lost: look at them anew",
		     json_text(row, "type"));
	if (rsm->json) {
		print_json_line(row);
	} else if (heard->operation != HEARD_LOST) {
		char bare[GUID_TEXT_SIZE];

		if (rsm->brief)
			line = text_format("%s", guid_bare(&heard->guid, bare));
		else
			line = text_format("%s %-8s %-14s %s  %s", json_text(row, "time"),
					   json_text(row, "operation"), json_text(row, "type"),
					   json_text(row, "id"), json_text(row, "name"));
		print_text(line);
		free(line);
	}
	json_object_put(row);
	fflush(stdout);
}

/* Print until there is an end to it; what ended it, and a signal's number. */
static DWORD print_all(struct rsm *rsm, struct watch *watch, DWORD timeout, int signals,
		       int *signal)
{
	struct pollfd fds[] = {{.fd = watch->socket[0], .events = POLLIN},
			       {.fd = signals, .events = POLLIN}};
	struct signalfd_siginfo info;
	struct timespec end;
	struct heard heard;
	int left = -1;

	deadline_after(&end, timeout);
	while (!ferror(stdout)) {
		if (timeout != INFINITE)
			left = deadline_ms_left(&end);
		if (poll(fds, 2, left) == 0 && left == 0)
			return watch->left ? note_text(rsm, ERROR_TIMEOUT,
						       "%llu of the changes did not come in time",
						       watch->left)
					   : ERROR_SUCCESS;
		if (fds[1].revents && read(signals, &info, sizeof(info)) == sizeof(info)) {
			*signal = (int)info.ssi_signo;
			return ERROR_CANCELLED;
		}
		if (!fds[0].revents ||
		    read(watch->socket[0], &heard, sizeof(heard)) != sizeof(heard))
			continue;
		if (heard.operation == HEARD_FAILED)
			return note_text(rsm, heard.code, "cannot hear of objects of type %s: %s",
					 word_of(object_types, heard.type),
					 RsmErrorText(heard.code));
		print_heard(rsm, &heard);
		if (watch->left && --watch->left == 0)
			return ERROR_SUCCESS;
	}
	return ERROR_SUCCESS; /* flush_output() says so */
}

static DWORD watch_all(struct rsm *rsm, struct watch *watch, DWORD timeout, int signals,
		       int *signal)
{
	size_t started = 0;
	DWORD code = open_all(rsm, watch);

	while (!code && started < watch->count) {
		struct listener *listener = &watch->listener[started];

		if (pthread_create(&listener->thread, NULL, listen_main, listener))
			code = note_text(rsm, ERROR_NOT_ENOUGH_MEMORY, "cannot start a thread");
		else
			started++;
	}
	if (!code) {
		if (!rsm->quiet)
			warn(rsm, "watching; end it with Ctrl-C");
		code = print_all(rsm, watch, timeout, signals, signal);
	}
	/* Who waits gets ERROR_CANCELLED; who writes finds nobody to read. */
	close(watch->socket[0]);
	rsm_close(rsm);
	for (size_t i = 0; i < started; i++)
		pthread_join(watch->listener[i].thread, NULL);
	close(watch->socket[1]);
	return code;
}

static DWORD watch_objects(struct rsm *rsm, struct watch *watch, DWORD timeout, int signals,
			   int *signal)
{
	DWORD code = rsm_open(rsm, "rsm watch");

	if (!code && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, watch->socket))
		code = note_text(rsm, ERROR_NOT_ENOUGH_MEMORY, "cannot make a socket");
	return code ? code : watch_all(rsm, watch, timeout, signals, signal);
}

int cmd_watch(struct rsm *rsm, const struct args *args)
{
	struct watch watch = {.count = 0};
	struct interrupt interrupt;
	int signal = 0;
	DWORD code;

	if (args->given[OPT_KERNEL] && args->given[OPT_TYPE])
		return fail_usage(rsm, "--type is of objects; the kernel knows none");
	if (!choose_types(rsm, args, &watch))
		return EXIT_USAGE;
	if (args->given[OPT_COUNT_LINES])
		watch.left = (unsigned long long)args->number[OPT_COUNT_LINES];
	interrupt_begin(&interrupt);
	if (args->given[OPT_KERNEL])
		code = watch_kernel(rsm, watch.left, args_timeout(args), interrupt.signals,
				    &signal);
	else
		code = watch_objects(rsm, &watch, args_timeout(args), interrupt.signals, &signal);
	interrupt_end(&interrupt);
	return signal ? EXIT_SIGNAL + signal : fail(rsm, code);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* keep.c - start a keeper, show what it tells */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include "keep.h"
#include "progress.h"
#include "text.h"

struct talk {
	struct rsm *rsm;
	const struct owner *owner;
	keep_mounted *mounted;
	int socket;
	int signals;
	int signal; /* that interrupted us, 0 for none */
	int status; /* -1 until it is known */
};

static void on_message(struct talk *talk, struct json_object *message)
{
	struct rsm *rsm = talk->rsm;
	struct json_object *list = json_at(message, "mounted");
	DWORD code = (DWORD)json_object_get_int64(json_at(message, "error"));

	if (json_at(message, "progress")) {
		progress_show(rsm, json_text(message, "progress"));
	} else if (list) {
		progress_clear(rsm);
		talk->mounted(rsm, talk->owner, list);
		talk->status = EXIT_OTHER;
		/* From here on the mount is the caller's; if it never learnt of it, it is undone.
		 */
		if (!fflush(stdout) && !ferror(stdout) &&
		    send(talk->socket, "k", 1, MSG_NOSIGNAL) == 1)
			talk->status = EXIT_DONE;
	} else if (code) {
		note_text(rsm, code, "%s", json_text(message, "message"));
		talk->status = talk->signal ? EXIT_SIGNAL + talk->signal : fail(rsm, code);
	}
}

static bool read_message(struct talk *talk)
{
	char *text = need(malloc(KEEPER_MESSAGE_MAX));
	ssize_t got = recv(talk->socket, text, KEEPER_MESSAGE_MAX - 1, 0);
	struct json_object *message;

	if (got <= 0) {
		free(text);
		return got < 0 && errno == EINTR;
	}
	text[got] = '\0';
	message = json_tokener_parse(text);
	free(text);
	if (message)
		on_message(talk, message);
	json_object_put(message);
	return true;
}

/* The first signal asks the keeper to cancel, by a shut socket; the second one does not wait. */
static bool on_signal(struct talk *talk)
{
	struct signalfd_siginfo info;

	if (read(talk->signals, &info, sizeof(info)) != sizeof(info))
		return true;
	if (talk->signal)
		return false;
	talk->signal = (int)info.ssi_signo;
	progress_show(talk->rsm, "cancelling");
	shutdown(talk->socket, SHUT_WR);
	return true;
}

static int listen_to_keeper(struct talk *talk)
{
	struct pollfd fds[] = {{.fd = talk->socket, .events = POLLIN},
			       {.fd = talk->signals, .events = POLLIN}};

	while (talk->status < 0) {
		if (poll(fds, 2, -1) < 0)
			continue;
		if (fds[1].revents && !on_signal(talk))
			break;
		if (fds[0].revents && !read_message(talk))
			break;
	}
	progress_clear(talk->rsm);
	if (talk->signal)
		return EXIT_SIGNAL + talk->signal;
	if (talk->status >= 0)
		return talk->status;
	note_text(talk->rsm, ERROR_OPERATION_ABORTED, "the process that keeps the mount has ended");
	return fail(talk->rsm, ERROR_OPERATION_ABORTED);
}

static int start(struct rsm *rsm, const struct keeping *keeping, struct talk *talk)
{
	int sockets[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets)) {
		note_text(rsm, ERROR_NOT_ENOUGH_MEMORY, "socketpair: %s", strerror(errno));
		return fail(rsm, ERROR_NOT_ENOUGH_MEMORY);
	}
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		close(sockets[0]);
		close(talk->signals);
		exit(keeper_main(rsm, keeping, sockets[1], talk->owner));
	}
	close(sockets[1]);
	talk->socket = sockets[0];
	if (pid < 0) {
		note_text(rsm, ERROR_NOT_ENOUGH_MEMORY, "fork: %s", strerror(errno));
		talk->status = fail(rsm, ERROR_NOT_ENOUGH_MEMORY);
	} else {
		talk->status = listen_to_keeper(talk);
	}
	close(sockets[0]);
	return talk->status;
}

int keep(struct rsm *rsm, const struct keeping *keeping, const struct owner *owner,
	 keep_mounted *mounted)
{
	struct talk talk = {.rsm = rsm, .owner = owner, .mounted = mounted, .status = -1};
	sigset_t set;
	int status;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	talk.signals = signalfd(-1, &set, SFD_CLOEXEC);
	status = start(rsm, keeping, &talk);
	close(talk.signals);
	return status;
}

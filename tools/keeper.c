/* SPDX-License-Identifier: GPL-2.0-only */
#define _GNU_SOURCE /* close_range, dup3 */
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include "keeper.h"
#include "text.h"

/* As ps shows it. */
#define KEEPER_NAME "rsm-keeper"

/* A robot that takes longer than this will not come any more. */
#define DISMOUNT_LIMIT_MS 3600000u

/* Where the descriptors of the keeper are, so that all others can be closed. */
enum { FD_SOCKET = 3, FD_OWNER = 4, FD_SIGNALS = 5, FD_FIRST_OTHER = 6 };

static void send_message(struct json_object *message)
{
	const char *text = json_object_to_json_string_ext(message, JSON_C_TO_STRING_PLAIN);

	/* If rsm is gone there is nobody to tell. */
	(void)!send(FD_SOCKET, text, strlen(text), MSG_NOSIGNAL);
	json_object_put(message);
}

static void send_error(struct rsm *rsm, DWORD code)
{
	struct json_object *message = json_record();

	json_set_number(message, "error", code);
	json_set_raw(message, "message", rsm->message, sizeof(rsm->message));
	send_message(message);
}

static void send_progress(void *context, const RSM_PROGRESS *progress)
{
	struct json_object *message = json_record();

	(void)context;
	json_set_raw(message, "progress", progress->lpText ? progress->lpText : "", 1024);
	send_message(message);
}

/* The environment names places; make them independent of the working directory. */
static void make_absolute(const char *name, const char *prefix)
{
	const char *value = getenv(name);
	char *path, *all;

	if (!value || strncmp(value, prefix, strlen(prefix)) != 0)
		return;
	path = realpath(value + strlen(prefix), NULL);
	if (!path)
		return;
	all = text_format("%s%s", prefix, path);
	setenv(name, all, 1);
	free(all);
	free(path);
}

static bool place_fd(int from, int to)
{
	return fcntl(to, F_GETFD) >= 0 ? false : dup3(from, to, O_CLOEXEC) == to;
}

/* Nothing of the caller's is held on to: not its pipes, its terminal, its directory. */
static bool detach(struct rsm *rsm, int socket, int owner_fd)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), signals;
	sigset_t set;
	/* Out of the way of the places they are to take. */
	int high_socket = fcntl(socket, F_DUPFD_CLOEXEC, 64);
	int high_owner = fcntl(owner_fd, F_DUPFD_CLOEXEC, 64);

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals >= 0)
		signals = fcntl(signals, F_DUPFD_CLOEXEC, 64);
	if (null < 0 || high_socket < 0 || high_owner < 0 || signals < 0 ||
	    sigprocmask(SIG_BLOCK, &set, NULL))
		return false;
	for (int fd = 0; fd < 3; fd++)
		if (dup2(null, fd) != fd)
			return false;
	if (close_range(FD_SOCKET, 63, 0) || !place_fd(high_socket, FD_SOCKET) ||
	    !place_fd(high_owner, FD_OWNER) || !place_fd(signals, FD_SIGNALS) ||
	    close_range(FD_FIRST_OTHER, ~0u, 0))
		return false;
	rsm->background = true;
	setsid();
	prctl(PR_SET_NAME, KEEPER_NAME);
	make_absolute("NTMS_HOME", "");
	make_absolute("NTMS_BROKER", "virtual:");
	return !chdir("/");
}

/* Until rsm says that the devices were made known; false when it did not. */
static bool acknowledged(void)
{
	struct pollfd fds[] = {{.fd = FD_SOCKET, .events = POLLIN},
			       {.fd = FD_SIGNALS, .events = POLLIN}};
	char byte;

	while (poll(fds, 2, -1) < 0)
		;
	return !fds[1].revents && recv(FD_SOCKET, &byte, 1, MSG_DONTWAIT) == 1;
}

static DWORD mount_and_tell(struct rsm *rsm, const struct keeping *keeping, pid_t owner,
			    struct mounting *mounting)
{
	const int cancel[] = {FD_SOCKET, FD_OWNER, FD_SIGNALS};
	struct json_object *message;
	int cancelled;
	DWORD code;

	code = rsm_open(rsm, keeping->application);
	if (code)
		return code;
	RsmSetProgress(rsm->session, send_progress, NULL);
	code = keeping->find(rsm, keeping->context, mounting);
	if (!code)
		code = mounting_mount(rsm, mounting, cancel, 3, &cancelled);
	/* The shell is not our child. That it still lives is seen by its descriptor. */
	for (size_t i = 0; !code && i < mounting->count; i++)
		code = note(rsm, RsmGrantProcess(rsm->session, &mounting->media[i], (DWORD)owner));
	if (code)
		return code;
	message = json_record();
	json_set(message, "mounted", mounting_describe(rsm, mounting));
	send_message(message);
	RsmSetProgress(rsm->session, NULL, NULL);
	return ERROR_SUCCESS;
}

/* One descriptor for "the shell has ended" and "somebody wants the keeper to end". */
static int end_fd(void)
{
	struct epoll_event event = {.events = EPOLLIN};
	int set = epoll_create1(EPOLL_CLOEXEC);

	if (set < 0 || epoll_ctl(set, EPOLL_CTL_ADD, FD_OWNER, &event) ||
	    epoll_ctl(set, EPOLL_CTL_ADD, FD_SIGNALS, &event))
		return -1;
	return set;
}

static DWORD stay(struct rsm *rsm, struct mounting *mounting)
{
	int end = end_fd();
	DWORD code;

	if (end < 0)
		return note_text(rsm, ERROR_NOT_ENOUGH_MEMORY, "cannot watch the calling shell");
	close(FD_SOCKET);
	code = RsmWaitForMountsEnd(rsm->session, end);
	close(end);
	if (code == ERROR_CANCELLED)
		/* The shell is gone, but its children may still write. Then the medium is left in
		 * the drive for whoever comes next. */
		code = mounting_release(rsm, mounting, NTMS_DISMOUNT_DEFERRED, FD_SIGNALS, INFINITE,
					NULL);
	return note(rsm, code);
}

int keeper_main(struct rsm *rsm, const struct keeping *keeping, int socket,
		const struct owner *owner)
{
	struct mounting mounting = {.count = 0};
	DWORD code;

	if (!detach(rsm, socket, owner->fd))
		return EXIT_OTHER;
	code = mount_and_tell(rsm, keeping, owner->pid, &mounting);
	if (code) {
		send_error(rsm, code);
	} else if (acknowledged()) {
		code = stay(rsm, &mounting);
		if (code)
			warn(rsm, "%s (%s, %u)", rsm->message, RsmErrorName(code), code);
	} else {
		mounting_dismount(rsm, &mounting, NTMS_DISMOUNT_DEFERRED, DISMOUNT_LIMIT_MS);
	}
	mounting_free(&mounting);
	rsm_close(rsm);
	return exit_of(code);
}

/* A line "Pid:	1234" of the pidfd; -1 there once the process has ended. */
static pid_t pid_of_pidfd(FILE *file)
{
	char line[256];
	int pid;

	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "Pid: %d", &pid) == 1)
			return pid < 0 ? 0 : pid;
	return -1;
}

pid_t keeper_owner(pid_t pid)
{
	char path[64], name[32] = "";
	pid_t owner;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return -1;
	if (!fgets(name, sizeof(name), file))
		name[0] = '\0';
	fclose(file);
	if (strcmp(name, KEEPER_NAME "\n") != 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", (int)pid, FD_OWNER);
	file = fopen(path, "re");
	if (!file)
		return -1;
	owner = pid_of_pidfd(file);
	fclose(file);
	return owner;
}

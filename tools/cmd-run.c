/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cmd-run.c - rsm run: mount for one command, dismount whatever happened to it
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "mounting.h"
#include "names.h"
#include "text.h"

/* How long processes that the command left behind may go on with the device. */
#define LINGER_LIMIT_MS 600000u

extern char **environ;

static void set_variables(const struct mounting *mounting)
{
	char name[32], guid[GUID_TEXT_SIZE];

	setenv("TAPE", mounting->device[0], 1);
	setenv("RSM_LMID", guid_dashed(&mounting->media[0], guid), 1);
	for (size_t i = 0; i < mounting->count; i++) {
		snprintf(name, sizeof(name), "TAPE%zu", i);
		setenv(name, mounting->device[i], 1);
		snprintf(name, sizeof(name), "RSM_LMID%zu", i);
		setenv(name, guid_dashed(&mounting->media[i], guid), 1);
	}
}

/* The command gets the signals as we got them. */
static int start_command(char **command, const sigset_t *mask, pid_t *pid)
{
	posix_spawnattr_t attributes;
	int error = posix_spawnattr_init(&attributes);

	if (error)
		return error;
	posix_spawnattr_setsigmask(&attributes, mask);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	error = posix_spawnp(pid, command[0], NULL, &attributes, command, environ);
	posix_spawnattr_destroy(&attributes);
	return error;
}

/* What the terminal sends goes to the command as well; what somebody sends to us does not. */
static void forward_signal(int signals, pid_t pid)
{
	struct signalfd_siginfo info;

	if (read(signals, &info, sizeof(info)) == sizeof(info) && info.ssi_code <= 0)
		kill(pid, (int)info.ssi_signo);
}

static int wait_for_command(pid_t pid, int signals)
{
	struct pollfd fds[] = {{.events = POLLIN}, {.fd = signals, .events = POLLIN}};
	int status = 0;

	fds[0].fd = (int)syscall(SYS_pidfd_open, pid, 0);
	while (fds[0].fd >= 0) {
		if (poll(fds, 2, -1) < 0)
			continue;
		if (fds[1].revents)
			forward_signal(signals, pid);
		if (fds[0].revents)
			break;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (fds[0].fd >= 0)
		close(fds[0].fd);
	return WIFSIGNALED(status) ? EXIT_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

static int run_command(struct rsm *rsm, char **command, const struct mounting *mounting,
		       const sigset_t *mask, int signals)
{
	pid_t pid;
	int error;

	set_variables(mounting);
	error = start_command(command, mask, &pid);
	if (!error)
		return wait_for_command(pid, signals);
	warn(rsm, "cannot run '%s': %s", command[0], strerror(error));
	return error == ENOENT ? EXIT_NO_COMMAND : EXIT_NOT_STARTED;
}

static void say_waiting(struct rsm *rsm)
{
	warn(rsm, "waiting: %s", rsm->message);
}

static int run(struct rsm *rsm, const struct args *args, struct mounting *mounting,
	       const sigset_t *mask, int signals)
{
	struct signalfd_siginfo info;
	int cancelled = -1, status;
	DWORD code;

	code = rsm_open(rsm, "rsm run");
	if (!code)
		code = mounting_find(rsm, args, mounting);
	if (!code)
		code = mounting_mount(rsm, mounting, &signals, 1, &cancelled);
	if (cancelled >= 0 && read(signals, &info, sizeof(info)) == sizeof(info))
		return EXIT_SIGNAL + (int)info.ssi_signo;
	if (code)
		return fail(rsm, code);
	status = run_command(rsm, args->command, mounting, mask, signals);
	/* Beyond the limit the end of the session leaves it to RSM: it must not be torn out. */
	code = mounting_release(rsm, mounting,
				args->given[OPT_DEFERRED] ? NTMS_DISMOUNT_DEFERRED
							  : NTMS_DISMOUNT_IMMEDIATE,
				-1, LINGER_LIMIT_MS, say_waiting);
	if (code) {
		int failed = fail(rsm, code);

		return status ? status : failed;
	}
	return status;
}

int cmd_run(struct rsm *rsm, const struct args *args)
{
	struct mounting mounting = {.count = 0};
	sigset_t set, mask;
	int signals, status;

	if (!mounting_options(rsm, args, &mounting))
		return EXIT_USAGE;
	/* Blocked in every thread of the library, too: they are started later. */
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	sigprocmask(SIG_BLOCK, &set, &mask);
	signals = signalfd(-1, &set, SFD_CLOEXEC);
	status = run(rsm, args, &mounting, &mask, signals);
	mounting_free(&mounting);
	close(signals);
	return status;
}

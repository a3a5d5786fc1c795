/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cmd-run.c - rsm run: mount for one command, dismount whatever happened to it
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
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

/* Has the command ended? What it left behind is ours since its own parents ended, and may end. */
static bool reap(pid_t pid, int *status)
{
	pid_t ended;
	int how;

	while ((ended = waitpid(-1, &how, WNOHANG)) > 0) {
		if (ended != pid)
			continue;
		*status = how;
		return true;
	}
	return ended < 0 && errno == ECHILD;
}

static int wait_for_command(pid_t pid, int signals, int children)
{
	struct pollfd news[] = {{.fd = signals, .events = POLLIN},
				{.fd = children, .events = POLLIN}};
	struct signalfd_siginfo info;
	int status = 0;

	while (!reap(pid, &status)) {
		if (poll(news, 2, -1) < 0)
			continue;
		if (news[0].revents)
			forward_signal(signals, pid);
		if (news[1].revents && read(children, &info, sizeof(info)) < 0)
			break; /* it has no errors */
	}
	return WIFSIGNALED(status) ? EXIT_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

static int run_command(struct rsm *rsm, char **command, const struct mounting *mounting,
		       const sigset_t *mask, int signals)
{
	int children, error, status;
	sigset_t set;
	pid_t pid;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	children = signalfd(-1, &set, SFD_CLOEXEC);
	set_variables(mounting);
	/* What turns itself into a daemon descends from us still, and so may open the devices. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	error = start_command(command, mask, &pid);
	status = error ? 0 : wait_for_command(pid, signals, children);
	close(children);
	if (!error)
		return status;
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
	signals = signalfd(-1, &set, SFD_CLOEXEC);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, &mask);
	status = run(rsm, args, &mounting, &mask, signals);
	mounting_free(&mounting);
	close(signals);
	return status;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hook.c - one process for each operator request that is told
 *
 * No shell, no descriptor of ours, a process group of its own that ends at the deadline. A few
 * at once: the others wait for their turn.
 */
#define _GNU_SOURCE /* posix_spawn_file_actions_addclosefrom_np */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include "hook.h"
#include "messages.h"
#include "names.h"
#include "text.h"

#define AT_ONCE	     8
#define KILL_AFTER_S 5
#define SECOND_US    1000000ULL

struct hook_run {
	struct hook_run *next;
	struct daemon *daemon;
	NTMS_GUID guid;
	const char *event;
	char **environment; /* ends with NULL */
	pid_t pid;	    /* 0 while it waits for its turn */
	bool late;	    /* it has been told to end */
	sd_event_source *child;
	sd_event_source *deadline;
};

static void start_next(struct daemon *daemon);

/* ---- what it is told ---- */

static char *inherited(const char *name, const char *fallback)
{
	const char *value = getenv(name);

	value = value && value[0] ? value : fallback;
	return value ? text_format("%s=%s", name, value) : NULL;
}

static char **make_environment(const char *event, const struct about *about)
{
	char **list = need(calloc(about->count + 7, sizeof(*list)));
	char *more[] = {
		inherited("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
		inherited("LANG", NULL),
		inherited("LC_ALL", NULL),
		inherited("NTMS_HOME", NULL),
		inherited("NTMS_BROKER", NULL),
		text_format("RSM_EVENT=%s", event),
	};
	size_t used = 0;

	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		if (more[i])
			list[used++] = more[i];
	for (size_t i = 0; i < about->count; i++)
		list[used++] = text_format("%s=%s", about->fields[i].name, about->fields[i].value);
	return list;
}

/* The words of the configuration, then event and request. Its parts are not its own. */
static char **make_arguments(char **words, const char *event, const char *guid)
{
	size_t count = 0;
	char **list;

	while (words[count])
		count++;
	list = need(calloc(count + 3, sizeof(*list)));
	memcpy(list, words, count * sizeof(*list));
	list[count] = (char *)event;
	list[count + 1] = (char *)guid;
	return list;
}

static void free_run(struct hook_run *run)
{
	for (char **line = run->environment; *line; line++)
		free(*line);
	free(run->environment);
	sd_event_source_unref(run->child);
	sd_event_source_unref(run->deadline);
	free(run);
}

static void unlist(struct hook_run *run)
{
	struct hook_run **link = &run->daemon->hooks;

	while (*link != run)
		link = &(*link)->next;
	*link = run->next;
}

/* ---- its end ---- */

static void complain(const struct hook_run *run, const char *what, int number)
{
	struct about about = {.count = 0};

	about_guid(&about, "RSM_OPREQUEST", &run->guid);
	log_event(LOG_ERR, MESSAGE_HOOK_FAILED, about.fields, about.count, "the hook %s %d", what,
		  number);
	about_free(&about);
}

static int on_end(sd_event_source *source, const siginfo_t *info, void *pointer)
{
	struct hook_run *run = pointer;
	struct daemon *daemon = run->daemon;

	(void)source;
	/* What it left behind in its group has had its time, too. */
	if (run->late)
		kill(-run->pid, SIGKILL);
	else if (info->si_code != CLD_EXITED)
		complain(run, "was ended by signal", info->si_status);
	else if (info->si_status)
		complain(run, "ended with status", info->si_status);
	unlist(run);
	free_run(run);
	start_next(daemon);
	return 0;
}

static int on_deadline(sd_event_source *source, uint64_t usec, void *pointer)
{
	struct hook_run *run = pointer;

	if (!run->late)
		complain(run, "is ended; it has taken more seconds than",
			 (int)run->daemon->settings.hook_timeout_s);
	kill(-run->pid, run->late ? SIGKILL : SIGTERM);
	run->late = true;
	sd_event_source_set_time(source, usec + KILL_AFTER_S * SECOND_US);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* ---- its beginning ---- */

static int spawn(char **arguments, char **environment, pid_t *pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	int error;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
	posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
						      POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setpgroup(&attributes, 0);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	error = posix_spawn(pid, arguments[0], &files, &attributes, arguments, environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&files);
	return error;
}

static int watch(struct hook_run *run)
{
	struct daemon *daemon = run->daemon;
	int error = sd_event_add_child(daemon->event, &run->child, run->pid, WEXITED, on_end, run);

	if (error >= 0)
		error = sd_event_add_time_relative(daemon->event, &run->deadline, CLOCK_MONOTONIC,
						   daemon->settings.hook_timeout_s * SECOND_US, 0,
						   on_deadline, run);
	if (error >= 0)
		return 0;
	/* Nobody would see to it that it ends. */
	kill(-run->pid, SIGKILL);
	if (!run->child)
		waitpid(run->pid, NULL, 0);
	return -error;
}

/* False when it could not be started, and is no more. */
static bool start(struct hook_run *run)
{
	char guid[GUID_TEXT_SIZE];
	char **arguments = make_arguments(run->daemon->settings.hook, run->event,
					  guid_dashed(&run->guid, guid));
	int error = spawn(arguments, run->environment, &run->pid);

	if (!error)
		error = watch(run);
	free(arguments);
	if (!error)
		return true;
	complain(run, "cannot be started: error", error);
	unlist(run);
	free_run(run);
	return false;
}

/* Does another one run for the same request, or come before it? */
static bool must_wait(const struct hook_run *run)
{
	for (const struct hook_run *other = run->daemon->hooks; other != run; other = other->next)
		if (guid_equal(&other->guid, &run->guid))
			return true;
	return false;
}

static unsigned int running(const struct daemon *daemon)
{
	unsigned int count = 0;

	for (const struct hook_run *run = daemon->hooks; run; run = run->next)
		count += run->pid != 0;
	return count;
}

static struct hook_run *first_ready(const struct daemon *daemon)
{
	struct hook_run *run = daemon->hooks;

	while (run && (run->pid || must_wait(run)))
		run = run->next;
	return run;
}

static void start_next(struct daemon *daemon)
{
	struct hook_run *run;

	if (daemon->stopping || !daemon->settings.hook)
		return; /* what waits is told when there is a hook again */
	while (running(daemon) < AT_ONCE && (run = first_ready(daemon)))
		start(run);
}

/* Nobody was asked yet: then nobody need know of the answer. */
static bool drop_question(struct daemon *daemon, const NTMS_GUID *guid)
{
	for (struct hook_run *run = daemon->hooks; run; run = run->next) {
		if (run->pid || !guid_equal(&run->guid, guid))
			continue;
		unlist(run);
		free_run(run);
		return true;
	}
	return false;
}

void hook_tell(struct daemon *daemon, const NTMS_GUID *guid, const char *event,
	       const struct about *about)
{
	struct hook_run **link = &daemon->hooks;
	struct hook_run *run;

	if (!daemon->settings.hook || daemon->stopping || drop_question(daemon, guid))
		return;
	run = need(calloc(1, sizeof(*run)));
	run->daemon = daemon;
	run->guid = *guid;
	run->event = event;
	run->environment = make_environment(event, about);
	while (*link)
		link = &(*link)->next;
	*link = run;
	start_next(daemon);
}

void hook_end(struct daemon *daemon)
{
	struct hook_run *run;

	while ((run = daemon->hooks)) {
		daemon->hooks = run->next;
		if (run->pid)
			kill(-run->pid, SIGTERM);
		free_run(run);
	}
}

/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "owner.h"

/* As much of the ancestors as is looked at. */
#define MAX_CLIMB 16

/* Fields of /proc/PID/stat, counted from the one after the command. */
enum { STAT_STATE, STAT_PPID, STAT_START_STACK = 25, STAT_ARG_START = 45, STAT_FIELDS = 46 };

struct process {
	char command[16];
	unsigned long long field[STAT_FIELDS];
};

static int pid_open(pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	return fd < 0 ? -errno : fd;
}

static int read_process(pid_t pid, struct process *process)
{
	char path[64], text[2048], *at, *name;
	FILE *file;
	size_t got;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	got = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[got] = '\0';
	/* The command may contain anything, blanks and parentheses too. */
	name = strchr(text, '(');
	at = strrchr(text, ')');
	if (!name || !at || at < name)
		return -EINVAL;
	*at++ = '\0';
	snprintf(process->command, sizeof(process->command), "%s", name + 1);
	/* The state is a letter, all else numbers. */
	at += strspn(at, " ");
	process->field[STAT_STATE] = (unsigned char)*at;
	at += *at != '\0';
	for (size_t i = STAT_PPID; i < STAT_FIELDS; i++) {
		char *end;

		process->field[i] = strtoull(at, &end, 10);
		if (end == at)
			return -EINVAL;
		at = end;
	}
	return 0;
}

/* The effective user, which /proc/PID itself does not always belong to. */
static int read_user(pid_t pid, uid_t *uid)
{
	char path[64], line[256];
	unsigned int effective;
	bool found = false;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	while (!found && fgets(line, sizeof(line), file))
		found = sscanf(line, "Uid: %*u %u", &effective) == 1;
	fclose(file);
	if (!found)
		return -EINVAL;
	*uid = effective;
	return 0;
}

static bool same_link(pid_t a, pid_t b, const char *name)
{
	char path[64], one[4096], other[4096];
	ssize_t length, other_length;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)a, name);
	length = readlink(path, one, sizeof(one));
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)b, name);
	other_length = readlink(path, other, sizeof(other));
	return length > 0 && length == other_length && !memcmp(one, other, (size_t)length);
}

/*
 * Is @pid a fork of @parent that has executed nothing since? Then its stack and its arguments are
 * where the parent's are, which is chosen at random by every exec. (Zero when we may not know.)
 */
static bool is_subshell(pid_t pid, const struct process *process, pid_t parent,
			const struct process *above)
{
	return process->field[STAT_START_STACK] && process->field[STAT_ARG_START] &&
	       process->field[STAT_START_STACK] == above->field[STAT_START_STACK] &&
	       process->field[STAT_ARG_START] == above->field[STAT_ARG_START] &&
	       same_link(pid, parent, "exe");
}

/* Programs that run another one and end with it. */
static bool is_wrapper(const struct process *process)
{
	static const char *const names[] = {"sudo",    "doas", "pkexec", "su",	  "runuser",
					    "timeout", "time", "strace", "ltrace"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(process->command, names[i]))
			return true;
	return false;
}

/* The parent of the process that @fd stands for; 0 for none, or when it is not ours to follow. */
static pid_t climb(pid_t pid, const struct process *process, struct process *above, int *fd)
{
	pid_t parent = (pid_t)process->field[STAT_PPID];
	struct process again;

	if (parent <= 1)
		return 0;
	*fd = pid_open(parent);
	if (*fd < 0)
		return 0;
	/* Still its parent now that the descriptor is ours: then the descriptor is the right one.
	 */
	if (read_process(parent, above) || read_process(pid, &again) ||
	    (pid_t)again.field[STAT_PPID] != parent ||
	    (!is_subshell(pid, process, parent, above) && !is_wrapper(process))) {
		close(*fd);
		return 0;
	}
	return parent;
}

static int find_caller(struct owner *owner)
{
	struct process process, above;
	pid_t pid = getppid(), parent;
	int fd = pid_open(pid), next;

	if (fd < 0)
		return fd;
	if (getppid() != pid || read_process(pid, &process)) {
		close(fd);
		return -ESRCH;
	}
	for (int steps = 0; steps < MAX_CLIMB; steps++) {
		parent = climb(pid, &process, &above, &next);
		if (!parent)
			break;
		close(fd);
		fd = next;
		pid = parent;
		process = above;
	}
	owner->fd = fd;
	owner->pid = pid;
	memcpy(owner->command, process.command, sizeof(owner->command));
	return 0;
}

static int find_process(pid_t pid, struct owner *owner)
{
	struct process process;
	int error;

	owner->pid = pid;
	owner->fd = pid_open(pid);
	if (owner->fd < 0)
		return owner->fd;
	error = read_process(pid, &process);
	if (error) {
		close(owner->fd);
		return error;
	}
	memcpy(owner->command, process.command, sizeof(owner->command));
	return 0;
}

int owner_find(pid_t pid, struct owner *owner)
{
	int error = pid ? find_process(pid, owner) : find_caller(owner);

	if (error)
		return error;
	error = read_user(owner->pid, &owner->uid);
	if (error)
		close(owner->fd);
	return error;
}

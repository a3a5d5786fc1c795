/* SPDX-License-Identifier: GPL-2.0-only */
/* child.h - another process, that says and hears single bytes */
#ifndef CHILD_H
#define CHILD_H

#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Long enough for any machine; a test that gets there has failed. */
#define DEADLINE_MS 60000

struct child {
	pid_t pid;
	int from, to;
};

/* In the child: say one byte to the parent, hear one from it. */
static inline void say_byte(const struct child *parent, char byte)
{
	if (write(parent->to, &byte, 1) != 1)
		_exit(99);
}

static inline char hear_byte(const struct child *parent)
{
	char byte;

	if (read(parent->from, &byte, 1) != 1)
		_exit(98);
	return byte;
}

/* Runs @work in a new process; what it returns is the exit status. */
static inline struct child start_child(int (*work)(const struct child *parent))
{
	pid_t parent_pid = getpid();
	struct child child;
	int up[2], down[2];

	cr_assert_eq(pipe(up), 0);
	cr_assert_eq(pipe(down), 0);
	child.pid = fork();
	cr_assert_geq(child.pid, 0);
	if (child.pid == 0) {
		struct child parent = {.from = down[0], .to = up[1]};

		close(up[0]);
		close(down[1]);
		/* A test that fails leaves nobody behind. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent_pid)
			_exit(97);
		_exit(work(&parent));
	}
	close(up[1]);
	close(down[0]);
	child.from = up[0];
	child.to = down[1];
	return child;
}

/* In the parent, within the deadline. */
static inline char child_byte(const struct child *child)
{
	struct pollfd ready = {.fd = child->from, .events = POLLIN};
	char byte;

	cr_assert_eq(poll(&ready, 1, DEADLINE_MS), 1, "the other process says nothing");
	cr_assert_eq(read(child->from, &byte, 1), 1, "the other process has ended");
	return byte;
}

static inline void tell_child(const struct child *child, char byte)
{
	cr_assert_eq(write(child->to, &byte, 1), 1);
}

static inline int end_child(struct child *child)
{
	int status;

	cr_assert_eq(waitpid(child->pid, &status, 0), child->pid);
	close(child->from);
	close(child->to);
	return status;
}

static inline void kill_child(struct child *child)
{
	kill(child->pid, SIGKILL);
	cr_assert(WIFSIGNALED(end_child(child)));
}

/* It has to end by itself, and well. */
static inline void join_child(struct child *child)
{
	int status = end_child(child);

	cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0,
		  "the other process ended with status 0x%x", status);
}

#endif

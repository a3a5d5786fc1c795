/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kill-at.h - a process that is killed at one of its system calls, counted
 *
 * What a process leaves to others it leaves by system calls, so killing it before and after each
 * of them in turn is as good as killing it at every instruction.
 */
#ifndef KILL_AT_H
#define KILL_AT_H

#include <criterion/criterion.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

/* In the child: from here on its system calls count. */
static inline void kill_at_begin(void)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0)
		raise(SIGSTOP);
}

/* The next stop of the child; false when it has ended. Signals meant for it are passed on. */
static inline bool kill_at_step(pid_t child, int *status)
{
	int pass = 0;

	for (;;) {
		if (ptrace(PTRACE_SYSCALL, child, NULL, (void *)(long)pass))
			return false;
		if (waitpid(child, status, 0) != child || !WIFSTOPPED(*status))
			return false;
		if (WSTOPSIG(*status) == (SIGTRAP | 0x80))
			return true;
		pass = WSTOPSIG(*status);
	}
}

/*
 * Run @work, which calls kill_at_begin() when it is ready, in a child, and kill it at the beginning
 * or end of a system call: @stop 1 is the beginning of the first. False when it came to its end
 * before, which has to be a good one.
 */
static inline bool kill_at(int (*work)(void *context), void *context, int stop)
{
	pid_t child = fork();
	int status;

	cr_assert_geq(child, 0);
	if (child == 0)
		_exit(work(context));
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_assert(WIFSTOPPED(status), "the process cannot be traced, or has ended: 0x%x", status);
	cr_assert_eq(ptrace(PTRACE_SETOPTIONS, child, NULL,
			    (void *)(long)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL)),
		     0);
	for (int i = 0; i < stop; i++) {
		if (kill_at_step(child, &status))
			continue;
		cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0,
			  "the process ended with status 0x%x", status);
		return false;
	}
	cr_assert_eq(kill(child, SIGKILL), 0);
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_assert(WIFSIGNALED(status));
	return true;
}

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * exit.h - exit statuses, and how failures are told
 */
#ifndef RSM_EXIT_H
#define RSM_EXIT_H

#include "ntms/ntmsapi.h"

enum exit_status {
	EXIT_DONE = 0,
	EXIT_USAGE = 1,
	EXIT_UNREACHABLE = 2, /* broker or database */
	EXIT_DENIED = 3,
	EXIT_NOT_FOUND = 4,
	EXIT_TIMED_OUT = 5,
	EXIT_OTHER = 6,		/* any other NTMS error */
	EXIT_NOT_STARTED = 126, /* run: the command could not be executed */
	EXIT_NO_COMMAND = 127,	/* run: there is no such command */
	EXIT_SIGNAL = 128,	/* plus the signal's number */
};

struct rsm;

enum exit_status exit_of(DWORD code);

/* Keep what the library said about @code, which its next call would make it forget, and return
 * @code. ERROR_SUCCESS changes nothing. */
DWORD note(struct rsm *rsm, DWORD code);

/* The same with a message of our own. */
DWORD note_text(struct rsm *rsm, DWORD code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Print the failure that was noted for @code; returns the exit status. ERROR_SUCCESS: nothing. */
int fail(struct rsm *rsm, DWORD code);

/* Wrong arguments, found by a verb: says so and where help is. Returns EXIT_USAGE. */
int fail_usage(struct rsm *rsm, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A line on standard error that is no failure. */
void warn(struct rsm *rsm, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif

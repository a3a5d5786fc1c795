/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * say.h - what happened, to what, and what to do: the message behind an error code
 *
 * Win32 codes tell a program what it needs; a person needs a sentence. Whoever
 * first knows why something failed says it, in one line, for the calling thread.
 */
#ifndef NTMS_BASE_SAY_H
#define NTMS_BASE_SAY_H

#include "ntms/ntmsapi.h"

/* Set this thread's message and return @code, so that `return ntms_say(ERROR_X, ...)` reads well.
 */
DWORD ntms_say(DWORD code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same for functions that return -errno. */
int ntms_say_errno(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* This thread's message, "" for none. Valid until the thread's next call of this file. */
const char *ntms_said(void);

/* Forget it; every exported call does so on entry. */
void ntms_say_nothing(void);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fixture-kernel.h - the library of the fixture, behind the kernel broker
 *
 * For programs that run in scripts/vm: tests/vm/library-target.py is the library, its socket is
 * in RSM_TEST_LIBRARY, and the iSCSI node of RSM_TEST_TARGET leads to its devices. fixture.c
 * calls these where the virtual library would be asked; tests call fixture.h.
 */
#ifndef FIXTURE_KERNEL_H
#define FIXTURE_KERNEL_H

#include <stdbool.h>
#include "ntms/ntmsapi.h"
#include "ntms/rsmapi.h"

/* Do tests run on the kernel broker? */
bool kx_wanted(void);
/* The test ends here, and that is shown. */
void kx_skip(const char *why);

/* A library of that shape, new inside, that nobody manages or holds. Skips the test when there
 * cannot be such a one. */
void kx_make(const RSM_VIRTUAL_SHAPE *shape);

/* A line for the library; 0 or -errno. */
int kx_hand(const char *format, ...) __attribute__((format(printf, 1, 2)));
DWORD kx_put_in(DWORD place, DWORD number, const char *name);
DWORD kx_take_out(DWORD place, DWORD number);
DWORD kx_door(bool open);
void kx_label_tape(const char *name, const char *label);
void kx_expect_label(const char *name, const char *label);

/* The number that is the answer to a line. */
unsigned int kx_number(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* One block in the tape's file @file, counting from 0. */
void kx_write(const char *node, int file, const char *text);
void kx_expect(const char *node, int file, const char *text);

#endif

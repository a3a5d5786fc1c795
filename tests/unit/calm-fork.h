/* SPDX-License-Identifier: GPL-2.0-only */
/* calm-fork.h - no fork while another thread may be inside of malloc */
#ifndef NTMS_TESTS_UNIT_CALM_FORK_H
#define NTMS_TESTS_UNIT_CALM_FORK_H

/* From now on, where it matters: under the address sanitizer. */
void calm_forks(void);

#endif

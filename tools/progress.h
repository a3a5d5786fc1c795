/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * progress.h - what the robot is doing and what is waited for, on standard error
 *
 * On a terminal one line that is rewritten; elsewhere nothing, or with --verbose
 * one line for every step.
 */
#ifndef RSM_PROGRESS_H
#define RSM_PROGRESS_H

#include "rsm.h"

/* Have the library tell this session's progress. */
void progress_start(struct rsm *rsm);

/* Show one step. */
void progress_show(struct rsm *rsm, const char *text);

/* Take the line away before something else is printed. */
void progress_clear(struct rsm *rsm);

#endif

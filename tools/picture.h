/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * picture.h - each library with its drives, ports and slots: what is where, and whose
 */
#ifndef RSM_PICTURE_H
#define RSM_PICTURE_H

#include "rsm.h"

/* Print it; @guid: with GUIDs. Returns the exit status. */
int picture(struct rsm *rsm, bool guid);

#endif

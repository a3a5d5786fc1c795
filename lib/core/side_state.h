/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* side_state.h - the states of a side in words; the machine itself is side_event() of media.h */
#ifndef NTMS_CORE_SIDE_STATE_H
#define NTMS_CORE_SIDE_STATE_H

#include <stdint.h>

/* "available", "allocated" and so on for an NtmsPartitionState; "in an unknown state" for
 * anything else. Static. */
const char *side_state_word(uint32_t state);

#endif

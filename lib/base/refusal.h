/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * refusal.h - changes of state that were refused, on their way to the record
 *
 * Who refuses one holds the database's lock and is about to abort: it can write
 * neither the database nor, since that may wait, the system's log. So it notes
 * the refusal in its thread, and the end of the transaction puts it on record: all are
 * counted (store_refusals), and what was not to be expected goes to the system's log.
 */
#ifndef NTMS_BASE_REFUSAL_H
#define NTMS_BASE_REFUSAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* More in one transaction are counted, but not told one by one. */
#define REFUSALS_MAX 8

struct refusal {
	uint32_t machine; /* enum machine_id of core/machine.h */
	uint32_t state;
	uint32_t event;
	bool expected;	/* a caller's mistake, as documented: no fault of ours */
	char text[256]; /* the sentence for people */
};

/* Note one for this thread. */
void refusal_note(const struct refusal *refusal);

/* How many, of each kind, this thread has noted since refusals_forget(). */
struct refusal_counts {
	uint64_t expected;
	uint64_t unexpected;
};
void refusals_count(struct refusal_counts *counts);

/* What this thread has noted since refusals_forget(); valid until its next note. */
const struct refusal *refusals_noted(size_t *count);
void refusals_forget(void);

/* Tell the system's log, LOG_WARNING, about all that is noted and was not to be expected, and
 * forget everything. May wait. */
void refusals_log(void);

#endif

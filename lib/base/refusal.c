/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include "base/refusal.h"

static __thread struct {
	struct refusal_counts counts;
	size_t used;
	struct refusal list[REFUSALS_MAX];
} noted;

void refusal_note(const struct refusal *refusal)
{
	if (refusal->expected)
		noted.counts.expected++;
	else
		noted.counts.unexpected++;
	if (noted.used < REFUSALS_MAX)
		noted.list[noted.used++] = *refusal;
}

const struct refusal *refusals_noted(size_t *count)
{
	*count = noted.used;
	return noted.list;
}

void refusals_count(struct refusal_counts *counts)
{
	*counts = noted.counts;
}

void refusals_forget(void)
{
	memset(&noted.counts, 0, sizeof(noted.counts));
	noted.used = 0;
}

void refusals_log(void)
{
	uint64_t untold = noted.counts.unexpected;

	for (size_t i = 0; i < noted.used; i++) {
		if (noted.list[i].expected)
			continue;
		syslog(LOG_WARNING, "libntms refused a change of state: %s", noted.list[i].text);
		untold--;
	}
	if (untold)
		syslog(LOG_WARNING, "libntms refused %llu more changes of state",
		       (unsigned long long)untold);
	refusals_forget();
}

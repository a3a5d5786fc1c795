/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>
#include "about.h"
#include "conflict.h"
#include "messages.h"
#include "metrics.h"
#include "text.h"

static void tell(struct daemon *daemon, const RSM_CONFLICT *conflict)
{
	struct about about = {.count = 0};
	char *command = text_clean(conflict->szCommand, sizeof(conflict->szCommand));
	char *holder = text_clean(conflict->szHolderCommand, sizeof(conflict->szHolderCommand));
	char *pid = text_format("%u", conflict->ProcessId);

	about_text(&about, "RSM_NODE", conflict->szDeviceName);
	about_object(&about, daemon, "RSM_DEVICE", "RSM_DEVICE_ID", &conflict->DeviceId,
		     NTMS_UNKNOWN);
	about_text(&about, "RSM_REFUSED_COMMAND", command);
	about_text(&about, "RSM_REFUSED_PID", pid);
	about_text(&about, "RSM_HOLDER_COMMAND", holder);
	log_event(LOG_WARNING, MESSAGE_CONFLICT, about.fields, about.count,
		  "%s (process %s) was refused %s%s%s", command, pid, conflict->szDeviceName,
		  holder[0] ? ", which is held by " : "", holder);
	about_free(&about);
	free(pid);
	free(holder);
	free(command);
}

/* All that the broker remembers; NULL when it cannot be asked. */
static RSM_CONFLICT *list_all(struct daemon *daemon, DWORD *count)
{
	RSM_CONFLICT *list = NULL;
	DWORD room, code;

	*count = 64;
	do {
		room = *count + 16;
		free(list);
		list = need(calloc(room, sizeof(*list)));
		*count = room;
		code = RsmListConflicts(daemon->rsm.session, list, count);
	} while (code == ERROR_INSUFFICIENT_BUFFER);
	if (!code)
		return list;
	free(list);
	return NULL;
}

/* The same refusal; the names of its device may have changed since. */
static bool is_same(const RSM_CONFLICT *a, const RSM_CONFLICT *b)
{
	return a->Time == b->Time && a->ProcessId == b->ProcessId &&
	       !memcmp(a->szCommand, b->szCommand, sizeof(a->szCommand));
}

/* The first that is new: behind the last one known, else the first that is later. */
static DWORD first_new(const struct daemon *daemon, const RSM_CONFLICT *list, DWORD count)
{
	DWORD first = 0;

	for (DWORD i = count; i > 0; i--)
		if (is_same(&list[i - 1], &daemon->last_conflict))
			return i;
	while (first < count && list[first].Time <= daemon->last_conflict.Time)
		first++;
	return first;
}

/* A program that tries again and again is told of once, as far as the broker remembers. */
static bool tries_again(const RSM_CONFLICT *list, DWORD i)
{
	for (DWORD k = 0; k < i; k++)
		if (list[k].ProcessId == list[i].ProcessId &&
		    !memcmp(list[k].szDeviceName, list[i].szDeviceName,
			    sizeof(list[i].szDeviceName)))
			return true;
	return false;
}

void conflicts_look(struct daemon *daemon)
{
	DWORD count;
	RSM_CONFLICT *list = list_all(daemon, &count);

	if (!list)
		return;
	for (DWORD i = first_new(daemon, list, count); i < count && daemon->conflicts_known; i++) {
		if (!tries_again(list, i))
			tell(daemon, &list[i]);
		daemon->conflicts++;
	}
	/* What was before us is no news. */
	daemon->conflicts_known = true;
	if (count)
		daemon->last_conflict = list[count - 1];
	free(list);
}

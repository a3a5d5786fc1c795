/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* overdue.c - the queue's order, when something has been passed for too long */
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/guid.h"
#include "core/overdue.h"
#include "core/policy.h"
#include "core/run.h"

/* So many of a kind are looked at in a pass: the others are younger, and their turn comes. */
#define LOOK_MAX 16

/* What comes after the mounts. */
static const uint32_t last_operations[] = {NTMS_LM_WRITESCRATCH, NTMS_LM_CLASSIFY};

static void move_to(NTMS_GUID *list, size_t count, size_t to, const NTMS_GUID *guid)
{
	for (size_t i = to; i < count; i++) {
		if (!guid_equal(&list[i], guid))
			continue;
		memmove(&list[to + 1], &list[to], (i - to) * sizeof(*list));
		list[to] = *guid;
		return;
	}
}

/* The oldest requests of an operation; to be freed. */
static DWORD oldest(struct turn *turn, struct txn *txn, uint32_t operation, NTMS_GUID **list,
		    size_t *count)
{
	struct store_key key;

	key_start(&key);
	key_guid(&key, &turn->library);
	key_u32(&key, operation);
	return store_list(txn, IX_QUEUE, &key, LOOK_MAX, list, count);
}

static DWORD bring_forward(struct turn *turn, struct txn *txn, uint32_t operation, NTMS_GUID *queue,
			   size_t count, size_t *front)
{
	NTMS_GUID *list = NULL;
	size_t found = 0;
	DWORD code = oldest(turn, txn, operation, &list, &found);

	for (size_t i = 0; i < found && !code; i++) {
		struct object request;

		code = store_get(txn, &list[i], NTMS_LIBREQUEST, &request);
		if (!code && policy_is_overdue(request.librequest.queued_ms, clock_utc_ms()))
			move_to(queue, count, (*front)++, &list[i]);
	}
	free(list);
	return code;
}

DWORD overdue_first(struct turn *turn, NTMS_GUID *list, size_t count)
{
	size_t front = 0;
	struct txn *txn;
	DWORD code;

	if (count < 2)
		return ERROR_SUCCESS;
	code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);
	if (code)
		return code;
	for (size_t i = 0; i < sizeof(last_operations) / sizeof(last_operations[0]) && !code; i++)
		code = bring_forward(turn, txn, last_operations[i], list, count, &front);
	store_abort(txn);
	return code;
}

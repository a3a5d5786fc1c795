/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * order.c - which of the mounts that wait is next
 *
 * Those of a library are carried out by the number in their records, the smaller first; of equal
 * ones the older first. The number comes from priority and arrival (policy.h), so it says little to
 * people: they see and set the place, 1, 2, 3 and so on.
 */
#include <stdlib.h>
#include <string.h>
#include "base/guid.h"
#include "core/queue.h"
#include "core/rights.h"
#include "core/run.h"
#include "core/txn.h"

/* The mounts of a library that wait, in their order. */
struct line {
	struct object *request;
	size_t count;
};

static bool has_place(const struct object *request)
{
	return request->librequest.order && request->librequest.state != NTMS_LM_INPROCESS &&
	       !request_is_final(request);
}

/* To be freed, whatever is returned. */
static DWORD read_line(struct txn *txn, const struct object *one, struct line *line)
{
	struct object *request;
	struct store_key key;
	NTMS_GUID *list;
	size_t count;
	DWORD code;

	line->request = NULL;
	line->count = 0;
	key_start(&key);
	key_guid(&key, &one->librequest.library);
	key_u32(&key, one->librequest.operation);
	code = store_list(txn, IX_QUEUE, &key, 0, &list, &count);
	if (code)
		return code;
	line->request = calloc(count + 1, sizeof(*line->request));
	if (!line->request)
		code = ERROR_NOT_ENOUGH_MEMORY;
	for (size_t i = 0; i < count && !code; i++) {
		request = &line->request[line->count];
		code = must_exist(store_get(txn, &list[i], NTMS_LIBREQUEST, request), "request",
				  "the queue");
		if (!code && has_place(request))
			line->count++;
	}
	free(list);
	return code;
}

static size_t find_place(const struct line *line, const struct object *request)
{
	size_t at = 0;

	while (at < line->count && !guid_equal(&line->request[at].guid, &request->guid))
		at++;
	return at;
}

DWORD queue_get_order(struct txn *txn, const struct caller *caller, const NTMS_GUID *guid,
		      uint32_t *order)
{
	struct object request;
	struct line line;
	DWORD code = queue_read_request(txn, guid, &request);

	if (!code)
		code = rights_check(txn, caller, RIGHT_GET_ORDER, NULL);
	if (code)
		return code;
	*order = 0;
	if (!has_place(&request))
		return ERROR_SUCCESS;
	code = read_line(txn, &request, &line);
	if (!code)
		*order = (uint32_t)find_place(&line, &request) + 1;
	free(line.request);
	return code;
}

/* The largest number that has @request go before @next; 0 if there is none. */
static uint32_t number_before(const struct object *request, const struct object *next)
{
	return next->librequest.order - (request->seq > next->seq);
}

/* The smallest number that has @request go after @previous. */
static uint32_t number_after(const struct object *request, const struct object *previous)
{
	uint32_t number = previous->librequest.order;

	return number + (request->seq < previous->seq && number < UINT32_MAX);
}

/*
 * Numbers that make the line what it is, once the one at @at has been moved: those in front of it
 * go down, so that mounts that come later find those behind it as they were. Where there is no
 * room below, the others go up. @defer: it is last also of those that come later.
 */
static void number_line(struct line *line, size_t at, bool defer)
{
	struct object *request = line->request;

	request[at].librequest.order = UINT32_MAX;
	if (at + 1 == line->count && at > 0 && !defer)
		request[at].librequest.order = number_after(&request[at], &request[at - 1]);
	for (size_t i = line->count - 1; i-- > 0;) {
		uint32_t most = number_before(&request[i], &request[i + 1]);

		if (i == at || request[i].librequest.order > most)
			request[i].librequest.order = most;
		if (!most)
			break;
	}
	if (!request[0].librequest.order)
		request[0].librequest.order = 1;
	for (size_t i = 1; i < line->count; i++) {
		uint32_t least = number_after(&request[i], &request[i - 1]);

		if (request[i].librequest.order < least)
			request[i].librequest.order = least;
	}
}

/* Take the one at @from out of the line and put it in again at @to. */
static void move_in_line(struct line *line, size_t from, size_t to)
{
	struct object moved = line->request[from];

	memmove(&line->request[from], &line->request[from + 1],
		(line->count - from - 1) * sizeof(moved));
	memmove(&line->request[to + 1], &line->request[to], (line->count - to - 1) * sizeof(moved));
	line->request[to] = moved;
}

static DWORD write_line(struct txn *txn, const struct line *line)
{
	struct object old;
	DWORD code = ERROR_SUCCESS;

	for (size_t i = 0; i < line->count && !code; i++) {
		code = store_get(txn, &line->request[i].guid, NTMS_LIBREQUEST, &old);
		if (!code && old.librequest.order != line->request[i].librequest.order)
			code = store_update(txn, &line->request[i]);
	}
	return code;
}

DWORD queue_set_order(struct txn *txn, const struct caller *caller, const NTMS_GUID *guid,
		      uint32_t order)
{
	struct object request;
	struct line line;
	size_t from, to;
	DWORD code = queue_read_request(txn, guid, &request);

	if (!code)
		code = rights_check(txn, caller, RIGHT_SET_ORDER, NULL);
	if (code)
		return code;
	if (request_is_final(&request))
		return ntms_say(ERROR_OBJECT_NOT_FOUND, "the request is finished");
	if (!request.librequest.order)
		return ntms_say(ERROR_INVALID_PARAMETER, "requests of this kind have no order");
	if (!has_place(&request))
		return ntms_say(ERROR_INVALID_PARAMETER, "the request is being carried out");
	code = read_line(txn, &request, &line);
	if (!code) {
		from = find_place(&line, &request);
		to = order > line.count ? line.count - 1 : order - 1;
		move_in_line(&line, from, to);
		if (from != to || order > line.count)
			number_line(&line, to, order > line.count);
		code = write_line(txn, &line);
	}
	free(line.request);
	return code;
}

/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "operation.h"
#include "places.h"
#include "text.h"

/* ---- waiting ---- */

DWORD wait_for_request(struct rsm *rsm, void *context)
{
	struct awaited *awaited = context;

	return note(rsm, RsmWaitForRequest(rsm->session, &awaited->request, awaited->timeout));
}

bool operation_over(struct rsm *rsm, const NTMS_GUID *request)
{
	NTMS_OBJECTINFORMATIONW info;

	if (get_info(rsm, request, NTMS_LIBREQUEST, &info))
		return true;
	switch (info.Info.LibRequest.State) {
	case NTMS_LM_QUEUED:
	case NTMS_LM_INPROCESS:
	case NTMS_LM_WAITING:
	case NTMS_LM_DEFERRED:
		return false;
	default:
		return true;
	}
}

/* A request that timed out itself is over, and its message says all. */
static DWORD waited_enough(struct rsm *rsm, const struct awaited *awaited)
{
	char guid[GUID_TEXT_SIZE], said[sizeof(rsm->message)];

	memcpy(said, rsm->message, sizeof(said));
	if (operation_over(rsm, &awaited->request))
		return note_text(rsm, ERROR_TIMEOUT, "%s", said);
	return note_text(rsm, ERROR_TIMEOUT, "%s; the work goes on, see 'rsm request wait %s'",
			 said, guid_dashed(&awaited->request, guid));
}

DWORD operation_wait(struct rsm *rsm, struct interrupt *interrupt, struct awaited *awaited,
		     int *signal)
{
	DWORD code = interruptible(rsm, interrupt, wait_for_request, awaited, signal);

	return code == ERROR_TIMEOUT ? waited_enough(rsm, awaited) : code;
}

/* ---- which request ---- */

/* SYSTEMTIME as something that can be compared. */
static uint64_t moment(const SYSTEMTIME *time)
{
	uint64_t day = (time->wYear * 16ull + time->wMonth) * 32 + time->wDay;

	return (((day * 24 + time->wHour) * 60 + time->wMinute) * 60 + time->wSecond) * 1000 +
	       time->wMilliseconds;
}

DWORD operation_find_new(struct rsm *rsm, const NTMS_GUID *library, const struct snapshot *before,
			 DWORD kind, const NTMS_GUID *drive, NTMS_GUID *request)
{
	NTMS_OBJECTINFORMATIONW info;
	uint64_t newest = 0;
	bool found = false;
	NTMS_GUID *list;
	DWORD count, code = list_objects(rsm, library, NTMS_LIBREQUEST, &list, &count);

	for (DWORD i = 0; !code && i < count; i++) {
		uint64_t queued;

		/* It may be purged meanwhile. */
		if ((before && snapshot_has_request(before, &list[i])) ||
		    get_info(rsm, &list[i], NTMS_LIBREQUEST, &info) ||
		    info.Info.LibRequest.OperationCode != kind ||
		    (drive && !guid_equal(&info.Info.LibRequest.DriveId, drive)))
			continue;
		queued = moment(&info.Info.LibRequest.TimeQueued);
		if (found && queued < newest)
			continue;
		found = true;
		newest = queued;
		*request = list[i];
	}
	free(list);
	if (!code && !found)
		code = note_text(rsm, ERROR_OBJECT_NOT_FOUND,
				 "the request was queued, but is not in the queue any more");
	return code;
}

int operation_cancel(struct rsm *rsm, const NTMS_GUID *request, int signal, const char *begun)
{
	char *application = text_format("rsm %s", rsm->verb->name);
	DWORD code = rsm_open(rsm, application);

	free(application);
	if (!code)
		code = note(rsm, CancelNtmsLibraryRequest(rsm->session, (LPNTMS_GUID)request));
	if (!code)
		return interrupted(rsm, signal, "the request is cancelled");
	if (code == ERROR_OBJECT_NOT_FOUND)
		return interrupted(rsm, signal, "the request was over already");
	if (code == ERROR_ACCESS_DENIED)
		return interrupted(rsm, signal, "the request stays: %s", begun);
	return interrupted(rsm, signal, "the request stays: %s", rsm->message);
}

bool operation_check_option(struct rsm *rsm, const struct args *args, bool wanted)
{
	if (wanted == args->given[OPT_OPERATION])
		return true;
	fail_usage(rsm, wanted ? "which operation? --operation is missing"
			       : "--operation is for an --action on one that has begun");
	return false;
}

DWORD operation_by_option(struct rsm *rsm, const struct args *args, NTMS_GUID *operation)
{
	NTMS_OBJECTINFORMATIONW info;
	DWORD code = find_request(rsm, args->text[OPT_OPERATION], NTMS_LIBREQUEST, operation);

	if (!code)
		code = get_info(rsm, operation, NTMS_LIBREQUEST, &info);
	if (!code && !guid_is_null(&info.Info.LibRequest.WorkItemId))
		*operation = info.Info.LibRequest.WorkItemId;
	return code;
}

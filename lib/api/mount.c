/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mount.c - MountNtmsMedia, DismountNtmsMedia, DismountNtmsDrive, and what Linux needs of them */
#include <stdio.h>
#include <stdlib.h>
#include "api/api.h"
#include "base/clock.h"
#include "core/mount.h"
#include "core/request.h"
#include "core/wait.h"

#define MOUNT_OPTIONS                                                          \
	(NTMS_MOUNT_READ | NTMS_MOUNT_WRITE | NTMS_MOUNT_ERROR_NOT_AVAILABLE | \
	 NTMS_MOUNT_ERROR_OFFLINE | NTMS_MOUNT_SPECIFIC_DRIVE | NTMS_MOUNT_NOWAIT)
#define DISMOUNT_OPTIONS (NTMS_DISMOUNT_DEFERRED | NTMS_DISMOUNT_IMMEDIATE)

static DWORD check_mount(const struct mount_call *call, const void *reserved)
{
	if (!call->media || !call->drives)
		return ntms_say(ERROR_INVALID_PARAMETER,
				"the list of media or of drives is missing");
	if (call->count == 0)
		return ntms_say(ERROR_INVALID_PARAMETER,
				"there is nothing to mount: the count is 0");
	if (call->options & ~(DWORD)MOUNT_OPTIONS)
		return ntms_say(ERROR_INVALID_PARAMETER, "unknown mount options 0x%x",
				call->options & ~(DWORD)MOUNT_OPTIONS);
	if (call->priority < NTMS_PRIORITY_LOWEST || call->priority > NTMS_PRIORITY_HIGHEST)
		return ntms_say(ERROR_INVALID_PARAMETER, "priority %d is not within %d and %d",
				call->priority, NTMS_PRIORITY_LOWEST, NTMS_PRIORITY_HIGHEST);
	if (reserved)
		return ntms_say(ERROR_INVALID_PARAMETER,
				"lpMountInformation is reserved and must be NULL");
	return ERROR_SUCCESS;
}

NTMS_EXPORT DWORD MountNtmsMedia(HANDLE hSession, LPNTMS_GUID lpMediaId, LPNTMS_GUID lpDriveId,
				 DWORD dwCount, DWORD dwOptions, int dwPriority, DWORD dwTimeout,
				 LPNTMS_MOUNT_INFORMATION lpMountInformation)
{
	struct session *session = session_get(hSession);
	struct mount_call call = {
		.media = lpMediaId,
		.drives = lpDriveId,
		.count = dwCount,
		.options = dwOptions,
		.priority = dwPriority,
		.timeout_ms = dwTimeout,
	};
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	code = check_mount(&call, lpMountInformation);
	if (!code)
		code = mount_media(session, &call);
	return api_done(session, code);
}

/* @call: without options. */
static DWORD begin_dismount(struct session *session, struct dismount_call *call, DWORD options)
{
	if (!call->guids)
		return ntms_say(ERROR_INVALID_PARAMETER, "the list of media is missing");
	if (call->count == 0)
		return ntms_say(ERROR_INVALID_PARAMETER,
				"there is nothing to dismount: the count is 0");
	if (options & ~(DWORD)DISMOUNT_OPTIONS || options == DISMOUNT_OPTIONS)
		return ntms_say(ERROR_INVALID_PARAMETER,
				"dismount options 0x%x: either deferred or immediate", options);
	call->option = options & NTMS_DISMOUNT_DEFERRED ? DISMOUNT_OPTION_DEFERRED
							: DISMOUNT_OPTION_IMMEDIATE;
	return dismount_media(session, call);
}

NTMS_EXPORT DWORD DismountNtmsMedia(HANDLE hSession, LPNTMS_GUID lpMediaId, DWORD dwCount,
				    DWORD dwOptions)
{
	struct session *session = session_get(hSession);
	struct dismount_call call = {.guids = lpMediaId, .count = dwCount};

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	return api_done(session, begin_dismount(session, &call, dwOptions));
}

/* The documents know no time-out of this call: a database that cannot be had is a failing one. */
static DWORD without_timeout(DWORD code)
{
	return code == ERROR_TIMEOUT ? ERROR_DATABASE_FAILURE : code;
}

static DWORD begin_drive_dismount(struct session *session, const struct dismount_call *call)
{
	if (!call->guids)
		return ntms_say(ERROR_INVALID_PARAMETER, "the drive is missing");
	return dismount_drive(session, call);
}

NTMS_EXPORT DWORD DismountNtmsDrive(HANDLE hSession, LPNTMS_GUID lpDriveId)
{
	struct session *session = session_get(hSession);
	struct dismount_call call = {.guids = lpDriveId, .count = 1};

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	return api_done(session, without_timeout(begin_drive_dismount(session, &call)));
}

/* ---- with the labels recorded, and until it is done ---- */

/* Of what went wrong, that a label was not recorded is the least. */
static bool is_worse(DWORD code, DWORD than)
{
	return code && (!than || than == ERROR_UNABLE_TO_INVENTORY_DRIVE);
}

static DWORD wait_dismounts(struct session *session, const struct dismount_call *call,
			    DWORD timeout_ms)
{
	const uint64_t deadline_ns = clock_deadline(timeout_ms);
	DWORD result = ERROR_SUCCESS, code;
	char said[512] = "";

	for (uint32_t i = 0; i < call->count && result != ERROR_TIMEOUT; i++) {
		code = wait_request(session, &call->requests[i], deadline_ns);
		/* It has been over for so long that it is forgotten. */
		if (code == ERROR_OBJECT_NOT_FOUND || !is_worse(code, result))
			continue;
		result = code;
		snprintf(said, sizeof(said), "%s", ntms_said());
	}
	return result ? ntms_say(result, "%s", said) : ERROR_SUCCESS;
}

NTMS_EXPORT DWORD RsmDismountMedia(HANDLE hSession, LPNTMS_GUID lpMediaId, DWORD dwCount,
				   DWORD dwOptions, DWORD dwTimeout)
{
	struct session *session = session_get(hSession);
	struct dismount_call call = {.guids = lpMediaId, .count = dwCount, .records_label = true};
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	call.requests = calloc(dwCount, sizeof(*call.requests));
	if (dwCount && !call.requests)
		code = ntms_say(ERROR_NOT_ENOUGH_MEMORY, "no memory for %u media", dwCount);
	else
		code = begin_dismount(session, &call, dwOptions);
	if (!code)
		code = wait_dismounts(session, &call, dwTimeout);
	free(call.requests);
	return api_done(session, code);
}

NTMS_EXPORT DWORD RsmDismountDrive(HANDLE hSession, LPNTMS_GUID lpDriveId, DWORD dwTimeout)
{
	struct session *session = session_get(hSession);
	NTMS_GUID request;
	struct dismount_call call = {
		.guids = lpDriveId, .count = 1, .records_label = true, .requests = &request};
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	code = begin_drive_dismount(session, &call);
	if (!code)
		code = wait_dismounts(session, &call, dwTimeout);
	return api_done(session, code);
}

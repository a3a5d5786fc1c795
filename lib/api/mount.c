/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mount.c - MountNtmsMedia, DismountNtmsMedia, DismountNtmsDrive */
#include "api/api.h"
#include "core/mount.h"

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

NTMS_EXPORT DWORD DismountNtmsMedia(HANDLE hSession, LPNTMS_GUID lpMediaId, DWORD dwCount,
				    DWORD dwOptions)
{
	struct session *session = session_get(hSession);
	DWORD code = ERROR_SUCCESS;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!lpMediaId)
		code = ntms_say(ERROR_INVALID_PARAMETER, "the list of media is missing");
	else if (dwCount == 0)
		code = ntms_say(ERROR_INVALID_PARAMETER,
				"there is nothing to dismount: the count is 0");
	else if (dwOptions & ~(DWORD)DISMOUNT_OPTIONS || dwOptions == DISMOUNT_OPTIONS)
		code = ntms_say(ERROR_INVALID_PARAMETER,
				"dismount options 0x%x: either deferred or immediate", dwOptions);
	if (!code)
		code = dismount_media(session, lpMediaId, dwCount, dwOptions);
	return api_done(session, code);
}

/* The documents know no time-out of this call: a database that cannot be had is a failing one. */
static DWORD without_timeout(DWORD code)
{
	return code == ERROR_TIMEOUT ? ERROR_DATABASE_FAILURE : code;
}

NTMS_EXPORT DWORD DismountNtmsDrive(HANDLE hSession, LPNTMS_GUID lpDriveId)
{
	struct session *session = session_get(hSession);
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!lpDriveId)
		code = ntms_say(ERROR_INVALID_PARAMETER, "the drive is missing");
	else
		code = without_timeout(dismount_drive(session, lpDriveId));
	return api_done(session, code);
}

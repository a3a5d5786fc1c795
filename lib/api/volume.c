/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* volume.c - GetVolumesFromDrive */
#include <stdlib.h>
#include <string.h>
#include "api/args.h"
#include "base/utf.h"
#include "core/volume.h"

static DWORD find(const char *node, struct volume *volume)
{
	static const struct volume_source system = {"/sys", "/proc/self/mountinfo"};

	ntms_say_nothing();
	if (!node)
		return api_bad("pszDriveName");
	return volume_find(&system, node, volume);
}

static DWORD no_memory(void)
{
	return ntms_say(ERROR_NOT_ENOUGH_MEMORY, "no memory for the names of a volume");
}

NTMS_EXPORT DWORD WINAPI GetVolumesFromDriveA(LPSTR pszDriveName, LPSTR *VolumeNameBufferPtr,
					      LPSTR *DriveLetterBufferPtr)
{
	struct volume volume;
	char *node, *mount_point;
	DWORD code;

	if (!VolumeNameBufferPtr || !DriveLetterBufferPtr)
		return api_return(api_bad("VolumeNameBufferPtr or DriveLetterBufferPtr"));
	code = find(pszDriveName, &volume);
	if (code)
		return api_return(code);
	node = strdup(volume.node);
	mount_point = strdup(volume.mount_point);
	if (!node || !mount_point) {
		free(node);
		free(mount_point);
		return api_return(no_memory());
	}
	*VolumeNameBufferPtr = node;
	*DriveLetterBufferPtr = mount_point;
	return api_return(ERROR_SUCCESS);
}

/* A copy to be freed; a path that is no UTF-8 ends where it stops being it. NULL: no memory. */
static WCHAR *widen(const char *text)
{
	size_t size = strlen(text) + 1;
	WCHAR *wide = calloc(size, sizeof(*wide));

	if (wide)
		utf16_give(text, wide, size);
	return wide;
}

NTMS_EXPORT DWORD WINAPI GetVolumesFromDriveW(LPWSTR pszDriveName, LPWSTR *VolumeNameBufferPtr,
					      LPWSTR *DriveLetterBufferPtr)
{
	struct volume volume;
	WCHAR *node, *mount_point;
	char path[PATH_MAX];
	bool good;
	DWORD code;

	if (!VolumeNameBufferPtr || !DriveLetterBufferPtr)
		return api_return(api_bad("VolumeNameBufferPtr or DriveLetterBufferPtr"));
	good = pszDriveName && utf16_take(pszDriveName, PATH_MAX, path, sizeof(path));
	code = find(good ? path : NULL, &volume);
	if (code)
		return api_return(code);
	node = widen(volume.node);
	mount_point = widen(volume.mount_point);
	if (!node || !mount_point) {
		free(node);
		free(mount_point);
		return api_return(no_memory());
	}
	*VolumeNameBufferPtr = node;
	*DriveLetterBufferPtr = mount_point;
	return api_return(ERROR_SUCCESS);
}

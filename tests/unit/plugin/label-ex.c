/* SPDX-License-Identifier: GPL-2.0-only */
/* label-ex.c - a media label library for tests that has the Ex function only; claims what the
 * other one (label-good.c) claims, under its own name */
#include <string.h>
#include "ntms/ntmsmli.h"

#define EXPORT __attribute__((visibility("default")))

EXPORT DWORD WINAPI MaxMediaLabel(DWORD *const size)
{
	*size = 64;
	return NO_ERROR;
}

EXPORT DWORD WINAPI ClaimMediaLabelEx(const BYTE *const block, const DWORD size,
				      MediaLabelInfo *const info, GUID *guid)
{
	if (size < 4 || memcmp(block, "PLUG", 4) != 0)
		return ERROR_BAD_FORMAT;
	info->LabelType[0] = 'e';
	info->LabelType[1] = 'x';
	info->LabelIDSize = 255;
	memset(info->LabelID, 7, 255);
	memset(guid, 7, sizeof(*guid));
	return NO_ERROR;
}

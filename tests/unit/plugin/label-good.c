/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * label-good.c - a media label library for tests; what is behind "PLUG " in a block says how it
 * answers, and PLUG_MAX in the environment what it says of its size
 */
#include <stdlib.h>
#include <string.h>
#include "ntms/ntmsmli.h"

#define EXPORT __attribute__((visibility("default")))
#define PREFIX 5

EXPORT DWORD WINAPI MaxMediaLabel(DWORD *const size)
{
	const char *max = getenv("PLUG_MAX");

	*size = max ? (DWORD)strtoul(max, NULL, 10) : 32;
	return max && strcmp(max, "fail") == 0 ? ERROR_NOT_ENOUGH_MEMORY : NO_ERROR;
}

static void give(const char *text, WCHAR *to)
{
	do
		*to++ = (WCHAR)*text;
	while (*text++);
}

static void fill(WCHAR *to, size_t units)
{
	for (size_t i = 0; i < units; i++)
		to[i] = 'A';
}

/* An answer that is proper but for one thing. */
static DWORD answer(const char *how, MediaLabelInfo *info)
{
	give("plug", info->LabelType);
	give("of a test", info->LabelAppDescr);
	info->LabelIDSize = 4;
	memcpy(info->LabelID, "1234", 4);
	if (!strcmp(how, "no-type"))
		info->LabelType[0] = 0;
	else if (!strcmp(how, "open-type"))
		fill(info->LabelType, NTMSMLI_MAXTYPE);
	else if (!strcmp(how, "free-type"))
		give("RSM Free", info->LabelType);
	else if (!strcmp(how, "odd-type"))
		give("\033[2J", info->LabelType);
	else if (!strcmp(how, "open-text"))
		fill(info->LabelAppDescr, NTMSMLI_MAXAPPDESCR);
	else if (!strcmp(how, "odd-text"))
		give("\033[2J", info->LabelAppDescr);
	else if (!strcmp(how, "no-id"))
		info->LabelIDSize = 0;
	else if (!strcmp(how, "id-256"))
		info->LabelIDSize = 256;
	else if (!strcmp(how, "id-huge"))
		info->LabelIDSize = 0xffffffff;
	else if (!strcmp(how, "odd-code"))
		return ERROR_NOT_ENOUGH_MEMORY;
	return NO_ERROR;
}

EXPORT DWORD WINAPI ClaimMediaLabel(const BYTE *const block, const DWORD size,
				    MediaLabelInfo *const info)
{
	char how[16] = "";

	if (size < PREFIX || memcmp(block, "PLUG ", PREFIX) != 0)
		return ERROR_BAD_FORMAT;
	memcpy(how, block + PREFIX, size - PREFIX < sizeof(how) ? size - PREFIX : sizeof(how) - 1);
	/* It may not, but it must not harm the next one either. */
	memset((BYTE *)block, 'x', size);
	return answer(how, info);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * label-dump.c - an example of a media label library: recognises tapes that dump(8) wrote
 *
 *      gcc -shared -fPIC -Wall -o dump.so label-dump.c $(pkg-config --cflags libntms)
 *      install -o root -g root -m 644 dump.so DIRECTORY/
 *
 * DIRECTORY is what `pkg-config --variable=labeldir libntms` prints. Programs that are
 * started from then on ask the plug-in.
 *
 * It takes any bytes at all: nothing is read beyond the @size there are, no text is taken to end
 * with a NUL, and a header counts only with a right checksum. It keeps nothing between two calls
 * and may be called by several threads at once.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <ntms/ntmsmli.h>

#define EXPORT __attribute__((visibility("default")))

/* The header of a dump: 1024 bytes, numbers as the machine that wrote it has them. */
#define HEADER_SIZE 1024
#define AT_TYPE	    0 /* of the record */
#define AT_DATE	    4
#define AT_VOLUME   12
#define AT_MAGIC    24
#define AT_LABEL    676
#define LABEL_SIZE  16
#define AT_LEVEL    692
#define AT_DEVICE   760
#define AT_HOST	    824
#define NAME_SIZE   64

#define RECORD_TAPE 1
#define MAGIC	    60012
#define CHECKSUM    84446 /* sum of the header's numbers */

static uint32_t number(const BYTE *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static int is_dump(const BYTE *header)
{
	uint32_t sum = 0;

	if (number(header + AT_MAGIC) != MAGIC || number(header + AT_TYPE) != RECORD_TAPE)
		return 0;
	for (size_t at = 0; at < HEADER_SIZE; at += 4)
		sum += number(header + at);
	return sum == CHECKSUM;
}

/* ASCII is the beginning of Unicode; the rest becomes '?'. */
static void give(const char *text, WCHAR *to, size_t units)
{
	size_t i;

	for (i = 0; text[i] && i + 1 < units; i++)
		to[i] = (WCHAR)(text[i] >= ' ' && text[i] <= '~' ? text[i] : '?');
	to[i] = 0;
}

static void add(MediaLabelInfo *info, const BYTE *from, size_t size)
{
	memcpy(info->LabelID + info->LabelIDSize, from, size);
	info->LabelIDSize += (DWORD)size;
}

EXPORT DWORD WINAPI MaxMediaLabel(DWORD *const size)
{
	*size = HEADER_SIZE;
	return NO_ERROR;
}

EXPORT DWORD WINAPI ClaimMediaLabel(const BYTE *const block, const DWORD size,
				    MediaLabelInfo *const info)
{
	char text[64 + LABEL_SIZE + NAME_SIZE + NAME_SIZE];

	if (size < HEADER_SIZE || !is_dump(block))
		return ERROR_BAD_FORMAT;
	give("dump", info->LabelType, NTMSMLI_MAXTYPE);
	/* When, which volume of it, of what: no two tapes have all of this the same. */
	info->LabelIDSize = 0;
	add(info, block + AT_DATE, 4);
	add(info, block + AT_VOLUME, 4);
	add(info, block + AT_LEVEL, 4);
	add(info, block + AT_DEVICE, NAME_SIZE);
	add(info, block + AT_HOST, NAME_SIZE);
	snprintf(text, sizeof(text), "%.*s: level %d of %.*s on %.*s, volume %d", LABEL_SIZE,
		 (const char *)block + AT_LABEL, (int)number(block + AT_LEVEL), NAME_SIZE,
		 (const char *)block + AT_DEVICE, NAME_SIZE, (const char *)block + AT_HOST,
		 (int)number(block + AT_VOLUME));
	give(text, info->LabelAppDescr, NTMSMLI_MAXAPPDESCR);
	return NO_ERROR;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ltfs.c - an LTFS volume: a VOL1 label of the implementation "LTFS", alone in its file, and in the
 * next file an XML document that has the volume's UUID
 *
 * The two are claimed together, the document right behind the 80 bytes of VOL1; without
 * it the volume is known by its serial number alone. That is the beginning of the id in both
 * cases, padded with blanks, and the UUID follows if it could be read.
 *
 * Source: SNIA, "Linear Tape File System (LTFS) Format Specification", the label construct.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <uuid/uuid.h>
#include "base/utf.h"
#include "label/formats.h"
#include "label/label.h"

#define VOL1_SIZE 80
#define XML_MAX	  4096

#define AT_SERIAL	  4
#define AT_IMPLEMENTATION 24

#define UUID_TEXT_SIZE 36

static const char implementation[] = "LTFS         ";
static const char uuid_begin[] = "<volumeuuid>";
static const char uuid_end[] = "</volumeuuid>";

DWORD WINAPI ltfs_max(DWORD *const size)
{
	*size = VOL1_SIZE + XML_MAX;
	return NO_ERROR;
}

static bool is_vol1(const BYTE *block, size_t size)
{
	if (size < VOL1_SIZE || memcmp(block, "VOL1", 4) != 0 ||
	    memcmp(block + AT_IMPLEMENTATION, implementation, sizeof(implementation) - 1) != 0)
		return false;
	for (size_t i = 0; i < VOL1_SIZE; i++) {
		if (block[i] < ' ' || block[i] > '~')
			return false;
	}
	return true;
}

bool ltfs_is_first_block(const uint8_t *block, size_t size)
{
	return size == VOL1_SIZE && is_vol1(block, size);
}

/* Where a word begins, or NULL. */
static const char *find(const char *text, size_t size, const char *word)
{
	return memmem(text, size, word, strlen(word));
}

static bool find_uuid(const char *xml, size_t size, uuid_t uuid)
{
	const size_t begin = sizeof(uuid_begin) - 1, end = sizeof(uuid_end) - 1;
	char text[UUID_TEXT_SIZE + 1];
	const char *at;
	size_t left;

	if (size > XML_MAX)
		size = XML_MAX;
	if (!find(xml, size, "<ltfslabel"))
		return false;
	at = find(xml, size, uuid_begin);
	if (!at)
		return false;
	left = size - (size_t)(at - xml);
	if (left < begin + UUID_TEXT_SIZE + end ||
	    memcmp(at + begin + UUID_TEXT_SIZE, uuid_end, end) != 0)
		return false;
	memcpy(text, at + begin, UUID_TEXT_SIZE);
	text[UUID_TEXT_SIZE] = '\0';
	return uuid_parse(text, uuid) == 0 && !uuid_is_null(uuid);
}

DWORD WINAPI ltfs_claim(const BYTE *const block, const DWORD size, MediaLabelInfo *const info)
{
	static const char no_serial[LTFS_SERIAL_SIZE + 1] = "      ";
	char text[VOL1_SIZE + UUID_TEXT_SIZE];
	char uuid_text[UUID_TEXT_SIZE + 1];
	uuid_t uuid;
	bool found;

	if (!is_vol1(block, size))
		return ERROR_BAD_FORMAT;
	found = find_uuid((const char *)block + VOL1_SIZE, size - VOL1_SIZE, uuid);
	/* Nothing that could tell it from another. */
	if (!found && memcmp(block + AT_SERIAL, no_serial, LTFS_SERIAL_SIZE) == 0)
		return ERROR_BAD_FORMAT;
	utf16_give(LABEL_TYPE_LTFS, info->LabelType, NTMSMLI_MAXTYPE);
	memcpy(info->LabelID, block + AT_SERIAL, LTFS_SERIAL_SIZE);
	info->LabelIDSize = LTFS_SERIAL_SIZE;
	snprintf(text, sizeof(text), "volume %.*s", LTFS_SERIAL_SIZE,
		 (const char *)block + AT_SERIAL);
	if (found) {
		memcpy(info->LabelID + LTFS_SERIAL_SIZE, uuid, sizeof(uuid_t));
		info->LabelIDSize += (DWORD)sizeof(uuid_t);
		uuid_unparse_lower(uuid, uuid_text);
		snprintf(text, sizeof(text), "volume %.*s, %s", LTFS_SERIAL_SIZE,
			 (const char *)block + AT_SERIAL, uuid_text);
	}
	label_text((const uint8_t *)text, strlen(text), info->LabelAppDescr, NTMSMLI_MAXAPPDESCR);
	return NO_ERROR;
}

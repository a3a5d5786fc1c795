/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mtf.c - a medium in Microsoft Tape Format: its TAPE descriptor block with a right header checksum
 *
 * Label type, id and text are what RSM on Windows made of it: the name of the software, the
 * UUID in the media label or else a digest of the block, the name of the medium. Numbers have
 * the least significant byte first; text stands somewhere in the block and is in
 * bytes or in UTF-16.
 *
 * Sources: "Microsoft Tape Format Specification", version 1.00a; "Using MTF Media Labels" in the
 * documentation of RSM.
 */
#include <endian.h>
#include <stdbool.h>
#include <string.h>
#include <uuid/uuid.h>
#include "base/utf.h"
#include "label/formats.h"
#include "label/label.h"

/* Of every descriptor block. */
#define AT_TYPE	       0
#define AT_FIRST_EVENT 8 /* where what follows the descriptor begins */
#define AT_STRING_TYPE 48
#define AT_CHECKSUM    50

/* Of TAPE. */
#define AT_ATTRIBUTES  56
#define AT_NAME	       68
#define AT_DESCRIPTION 72
#define AT_SOFTWARE    80
#define HEADER_SIZE    94

#define HAS_MEDIA_LABEL 0x2 /* the description is a media label */

#define STRINGS_ANSI	1
#define STRINGS_UNICODE 2

#define BLOCK_MAX  65536
#define TEXT_BYTES 1024

#define UUID_TEXT_SIZE 36

static const uuid_t id_space = {0xbb, 0xdc, 0x12, 0x77, 0xc4, 0xae, 0x47, 0xa0,
				0xae, 0x99, 0xd7, 0x99, 0x3e, 0xfb, 0x60, 0x32};

DWORD WINAPI mtf_max(DWORD *const size)
{
	*size = BLOCK_MAX;
	return NO_ERROR;
}

static uint16_t number(const BYTE *at)
{
	uint16_t value;

	memcpy(&value, at, sizeof(value));
	return le16toh(value);
}

/* All words before it, exclusive-or. */
static bool checksum_right(const BYTE *block)
{
	uint16_t sum = 0;

	for (size_t at = 0; at < AT_CHECKSUM; at += 2)
		sum ^= number(block + at);
	return sum == number(block + AT_CHECKSUM);
}

/* The bytes that are the descriptor, its texts included; 0 if it goes on behind what we have. */
static size_t descriptor_size(const BYTE *block, size_t size)
{
	size_t end = number(block + AT_FIRST_EVENT);

	return end >= HEADER_SIZE && end <= size ? end : 0;
}

/* A text of the descriptor as UTF-8, fit to be shown; "" if it is none. */
static void take_text(const BYTE *block, size_t end, size_t field, char text[TEXT_BYTES])
{
	size_t size = number(block + field);
	size_t offset = number(block + field + 2);
	WCHAR units[TEXT_BYTES / 4] = {0};
	const size_t room = sizeof(units) / sizeof(units[0]) - 1;

	text[0] = '\0';
	if (offset < HEADER_SIZE || offset > end || size > end - offset)
		return;
	if (block[AT_STRING_TYPE] == STRINGS_ANSI) {
		label_text(block + offset, size, units, room + 1);
	} else if (block[AT_STRING_TYPE] == STRINGS_UNICODE) {
		for (size_t i = 0; i < size / 2 && i < room; i++)
			units[i] = number(block + offset + 2 * i);
		if (!utf16_take(units, room + 1, text, TEXT_BYTES))
			return;
		label_text((const uint8_t *)text, strlen(text), units, room + 1);
	}
	utf16_take(units, room + 1, text, TEXT_BYTES);
}

/* The first UUID in a text. */
static bool find_uuid(const char *text, uuid_t uuid)
{
	size_t length = strlen(text);
	char candidate[UUID_TEXT_SIZE + 1];

	for (size_t at = 0; at + UUID_TEXT_SIZE <= length; at++) {
		memcpy(candidate, text + at, UUID_TEXT_SIZE);
		candidate[UUID_TEXT_SIZE] = '\0';
		if (uuid_parse(candidate, uuid) == 0 && !uuid_is_null(uuid))
			return true;
	}
	return false;
}

static void make_id(const BYTE *block, size_t end, MediaLabelInfo *info)
{
	char label[TEXT_BYTES];
	uuid_t uuid;

	take_text(block, end, AT_DESCRIPTION, label);
	if (!(number(block + AT_ATTRIBUTES) & HAS_MEDIA_LABEL) || !find_uuid(label, uuid))
		uuid_generate_md5(uuid, id_space, (const char *)block, end);
	memcpy(info->LabelID, uuid, sizeof(uuid_t));
	info->LabelIDSize = sizeof(uuid_t);
}

DWORD WINAPI mtf_claim(const BYTE *const block, const DWORD size, MediaLabelInfo *const info)
{
	char software[TEXT_BYTES], name[TEXT_BYTES];
	WCHAR type[NTMSMLI_MAXTYPE];
	size_t end;

	if (size < HEADER_SIZE || memcmp(block + AT_TYPE, "TAPE", 4) != 0 || !checksum_right(block))
		return ERROR_BAD_FORMAT;
	end = descriptor_size(block, size);
	if (!end)
		return ERROR_BAD_FORMAT;
	take_text(block, end, AT_SOFTWARE, software);
	take_text(block, end, AT_NAME, name);
	/* What is written on a medium must not make it pass for one of another format. */
	utf16_give(software, type, NTMSMLI_MAXTYPE);
	if (!utf16_take(type, NTMSMLI_MAXTYPE, software, sizeof(software)) || !software[0] ||
	    label_type_is_builtin(software))
		utf16_give(LABEL_TYPE_MTF, type, NTMSMLI_MAXTYPE);
	memcpy(info->LabelType, type, sizeof(type));
	make_id(block, end, info);
	utf16_give(name, info->LabelAppDescr, NTMSMLI_MAXAPPDESCR);
	return NO_ERROR;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ansi.c - the volume header label VOL1: ISO 1001 and ANSI X3.27 in ASCII, IBM's in EBCDIC
 *
 * Eighty characters. The volume serial number alone is not unique in the world, so the
 * owner, if there is one, belongs to the id.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "base/utf.h"
#include "label/formats.h"
#include "label/label.h"

#define VOL1_SIZE   80
#define AT_SERIAL   4
#define SERIAL_SIZE 6

struct field {
	size_t at;
	size_t size;
};

static const struct field ansi_owner = {37, 14};
static const struct field ibm_owner = {41, 10};

DWORD WINAPI ansi_max(DWORD *const size)
{
	*size = VOL1_SIZE;
	return NO_ERROR;
}

/* What may be in a label, '?' stands for the rest. Letters of EBCDIC come in three rows. */
static char from_ebcdic(BYTE byte)
{
	static const struct {
		BYTE first, last;
		char to;
	} rows[] = {
		{0xC1, 0xC9, 'A'}, {0xD1, 0xD9, 'J'}, {0xE2, 0xE9, 'S'}, {0x81, 0x89, 'a'},
		{0x91, 0x99, 'j'}, {0xA2, 0xA9, 's'}, {0xF0, 0xF9, '0'}, {0x40, 0x40, ' '},
		{0x00, 0x00, ' '}, {0x4B, 0x4B, '.'}, {0x4D, 0x4D, '('}, {0x50, 0x50, '&'},
		{0x5B, 0x5B, '$'}, {0x5C, 0x5C, '*'}, {0x5D, 0x5D, ')'}, {0x60, 0x60, '-'},
		{0x61, 0x61, '/'}, {0x6B, 0x6B, ','}, {0x6D, 0x6D, '_'}, {0x7B, 0x7B, '#'},
		{0x7C, 0x7C, '@'},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (byte >= rows[i].first && byte <= rows[i].last)
			return (char)(rows[i].to + (byte - rows[i].first));
	}
	return '?';
}

/* A field without the blanks around it. */
static void take_field(const char *label, struct field field, char *to)
{
	const char *from = label + field.at;

	while (field.size && from[field.size - 1] == ' ')
		field.size--;
	while (field.size && *from == ' ') {
		from++;
		field.size--;
	}
	memcpy(to, from, field.size);
	to[field.size] = '\0';
}

static DWORD claim(const char *label, const char *type, struct field owner_field,
		   MediaLabelInfo *info)
{
	static const struct field serial_field = {AT_SERIAL, SERIAL_SIZE};
	char serial[SERIAL_SIZE + 1];
	char owner[VOL1_SIZE];
	char text[VOL1_SIZE + 32];
	int length;

	take_field(label, serial_field, serial);
	take_field(label, owner_field, owner);
	/* Nothing that could tell it from another. */
	if (!serial[0] || strchr(serial, '?'))
		return ERROR_BAD_FORMAT;
	length = snprintf((char *)info->LabelID, sizeof(info->LabelID), "%s%s%s", serial,
			  owner[0] ? "/" : "", owner);
	info->LabelIDSize = (DWORD)length;
	utf16_give(type, info->LabelType, NTMSMLI_MAXTYPE);
	snprintf(text, sizeof(text), "volume %s%s%s", serial, owner[0] ? ", owner " : "", owner);
	label_text((const uint8_t *)text, strlen(text), info->LabelAppDescr, NTMSMLI_MAXAPPDESCR);
	return NO_ERROR;
}

/* Not any text that happens to begin so: all of it is characters of a label. */
static bool is_ascii(const BYTE *block)
{
	for (size_t i = 0; i < VOL1_SIZE; i++) {
		if (block[i] < ' ' || block[i] > '~')
			return false;
	}
	return true;
}

DWORD WINAPI ansi_claim(const BYTE *const block, const DWORD size, MediaLabelInfo *const info)
{
	static const BYTE ebcdic_vol1[] = {0xE5, 0xD6, 0xD3, 0xF1};
	char label[VOL1_SIZE];

	if (size < VOL1_SIZE)
		return ERROR_BAD_FORMAT;
	if (memcmp(block, "VOL1", 4) == 0 && is_ascii(block)) {
		memcpy(label, block, VOL1_SIZE);
		return claim(label, LABEL_TYPE_ANSI, ansi_owner, info);
	}
	if (memcmp(block, ebcdic_vol1, sizeof(ebcdic_vol1)) == 0) {
		for (size_t i = 0; i < VOL1_SIZE; i++)
			label[i] = from_ebcdic(block[i]);
		return claim(label, LABEL_TYPE_IBM, ibm_owner, info);
	}
	return ERROR_BAD_FORMAT;
}

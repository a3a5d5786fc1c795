/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * amanda.c - a volume of Amanda: one line of text,
 *
 *      AMANDA: TAPESTART DATE 20261121203000 TAPE DailySet1-05
 *
 * a form feed on a line of its own, and NULs to the end of the block. The date is X until the
 * first backup and changes with every one; the name stays and is unique in Amanda's tapelist.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "base/utf.h"
#include "label/formats.h"
#include "label/label.h"

#define LINE_MAX_SIZE 512
#define DATE_SIZE     14

static const char first_words[] = "AMANDA: TAPESTART DATE ";
static const char name_word[] = " TAPE ";

DWORD WINAPI amanda_max(DWORD *const size)
{
	*size = LINE_MAX_SIZE;
	return NO_ERROR;
}

/* The line's length without its end; 0 if it has none, or is not text. */
static size_t line_length(const BYTE *block, size_t size)
{
	if (size > LINE_MAX_SIZE)
		size = LINE_MAX_SIZE;
	for (size_t i = 0; i < size; i++) {
		if (block[i] == '\n')
			return i;
		if (block[i] < ' ' || block[i] == 0x7f)
			return 0;
	}
	return 0;
}

/* "X" for a volume that nothing is on yet, or digits. */
static size_t date_length(const char *date, size_t left)
{
	size_t length = 0;

	if (left && date[0] == 'X')
		return 1;
	while (length < left && date[length] >= '0' && date[length] <= '9')
		length++;
	return length == 8 || length == DATE_SIZE ? length : 0;
}

DWORD WINAPI amanda_claim(const BYTE *const block, const DWORD size, MediaLabelInfo *const info)
{
	const size_t skip = sizeof(first_words) - 1;
	const size_t word = sizeof(name_word) - 1;
	char text[LINE_MAX_SIZE + 64];
	const char *date, *name;
	size_t left, length;

	left = line_length(block, size);
	if (left <= skip || memcmp(block, first_words, skip) != 0)
		return ERROR_BAD_FORMAT;
	date = (const char *)block + skip;
	left -= skip;
	length = date_length(date, left);
	if (!length || left - length <= word || memcmp(date + length, name_word, word) != 0)
		return ERROR_BAD_FORMAT;
	name = date + length + word;
	left -= length + word;
	while (left && name[left - 1] == ' ')
		left--;
	if (left == 0 || left > NTMS_OMIDLABELID_LENGTH || name[0] == ' ')
		return ERROR_BAD_FORMAT;
	utf16_give(LABEL_TYPE_AMANDA, info->LabelType, NTMSMLI_MAXTYPE);
	memcpy(info->LabelID, name, left);
	info->LabelIDSize = (DWORD)left;
	if (date[0] == 'X')
		snprintf(text, sizeof(text), "%.*s, nothing written yet", (int)left, name);
	else
		snprintf(text, sizeof(text), "%.*s, written %.4s-%.2s-%.2s", (int)left, name, date,
			 date + 4, date + 6);
	label_text((const uint8_t *)text, strlen(text), info->LabelAppDescr, NTMSMLI_MAXAPPDESCR);
	return NO_ERROR;
}

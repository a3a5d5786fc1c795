/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bacula.c - a volume of Bacula or Bareos: a block whose first record is the volume label
 *
 * The block begins with a checksum, its size and its number (four bytes each, the most significant
 * first) and "BB02" or "BB01". The record has the kind of label where others have the number of a
 * file: -1 for a label that awaits its first backup, -2 for one that has them. The label is a
 * magic text, a version, times (32 bytes), and names that end with a NUL: volume, volume before it,
 * pool, kind of pool, kind of media, ...
 *
 * The times change whenever the volume is recycled. The volume's name stays and is unique in the
 * catalogue, so it is the id.
 *
 * Source: Bacula Developer's Guide, "Storage Media Output Format".
 */
#include <endian.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "base/utf.h"
#include "label/formats.h"
#include "label/label.h"

#define AT_BLOCK_SIZE 4
#define AT_BLOCK_ID   12
#define HEADER_1_SIZE 16
#define HEADER_2_SIZE 24

/* The header of a record of level 1 begins with the numbers that level 2 has in the block. */
#define RECORD_1_SESSION 8
#define RECORD_SIZE	 12
#define AT_KIND		 0
#define AT_LENGTH	 8

#define KIND_PRE_LABEL	  (-1)
#define KIND_VOLUME_LABEL (-2)

#define MAGIC_MAX 32
#define TIMES	  32
#define NAME_SIZE 128 /* with its NUL */

/* More than any drive writes as one block. */
#define BLOCK_MAX (64u << 20)
#define LABEL_MAX 4096

/* What is left of the label. */
struct source {
	const BYTE *at;
	size_t left;
};

static uint32_t number(const BYTE *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return be32toh(value);
}

DWORD WINAPI bacula_max(DWORD *const size)
{
	*size = LABEL_MAX;
	return NO_ERROR;
}

/* The next text; NULL if it does not end, or is longer than @max with its NUL. */
static const char *take_text(struct source *from, size_t max)
{
	const char *text = (const char *)from->at;
	size_t length = strnlen(text, from->left < max ? from->left : max);

	if (length == from->left || length == max)
		return NULL;
	from->at += length + 1;
	from->left -= length + 1;
	return text;
}

static bool skip(struct source *from, size_t size)
{
	if (from->left < size)
		return false;
	from->at += size;
	from->left -= size;
	return true;
}

/* From the whole block to the data of its first record; false if that is no volume label. */
static bool find_label(struct source *from)
{
	const BYTE *block = from->at;
	size_t header;
	uint32_t block_size, length;
	int32_t kind;

	if (from->left < HEADER_2_SIZE + RECORD_1_SESSION + RECORD_SIZE)
		return false;
	if (memcmp(block + AT_BLOCK_ID, "BB02", 4) == 0)
		header = HEADER_2_SIZE;
	else if (memcmp(block + AT_BLOCK_ID, "BB01", 4) == 0)
		header = HEADER_1_SIZE + RECORD_1_SESSION;
	else
		return false;
	block_size = number(block + AT_BLOCK_SIZE);
	kind = (int32_t)number(block + header + AT_KIND);
	length = number(block + header + AT_LENGTH);
	header += RECORD_SIZE;
	if (block_size > BLOCK_MAX || block_size < header || length > block_size - header ||
	    (kind != KIND_PRE_LABEL && kind != KIND_VOLUME_LABEL))
		return false;
	skip(from, header);
	/* A caller may have the beginning of the block only. */
	if (from->left > length)
		from->left = length;
	return true;
}

/* Names are letters, digits and some signs; here is checked that they can be shown. */
static bool is_name(const char *name)
{
	if (!name[0])
		return false;
	for (; *name; name++) {
		if ((BYTE)*name < ' ' || (BYTE)*name == 0x7f)
			return false;
	}
	return true;
}

DWORD WINAPI bacula_claim(const BYTE *const block, const DWORD size, MediaLabelInfo *const info)
{
	struct source from = {block, size};
	const char *magic, *volume, *pool;
	char text[2 * NAME_SIZE + 64];

	if (!find_label(&from))
		return ERROR_BAD_FORMAT;
	magic = take_text(&from, MAGIC_MAX);
	if (!magic || (strncmp(magic, "Bacula ", 7) != 0 && strncmp(magic, "Bareos ", 7) != 0) ||
	    !skip(&from, sizeof(uint32_t) + TIMES))
		return ERROR_BAD_FORMAT;
	volume = take_text(&from, NAME_SIZE);
	if (!volume || !is_name(volume))
		return ERROR_BAD_FORMAT;
	take_text(&from, NAME_SIZE);
	pool = take_text(&from, NAME_SIZE);
	utf16_give(LABEL_TYPE_BACULA, info->LabelType, NTMSMLI_MAXTYPE);
	info->LabelIDSize = (DWORD)strlen(volume);
	memcpy(info->LabelID, volume, info->LabelIDSize);
	snprintf(text, sizeof(text), "%.6s volume %s%s%s", magic, volume,
		 pool && pool[0] ? ", pool " : "", pool ? pool : "");
	label_text((const uint8_t *)text, strlen(text), info->LabelAppDescr, NTMSMLI_MAXAPPDESCR);
	return NO_ERROR;
}

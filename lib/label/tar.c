/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tar.c - a tape that tar wrote: a POSIX ustar, pax or GNU header with a right checksum, or the
 * volume label of GNU tar, which has no magic
 *
 * tar gives its archives no id. A digest of the first header stands for one: name, owner, size and
 * time of the first member, or of the volume label (tar -V), make it differ from others. That is
 * the same on every backup of a directory that has not changed itself, so a digest of the first
 * record of usual size follows, with the members that are in it. An archive that ends in there
 * has none: it may still grow.
 */
#include <stdbool.h>
#include <string.h>
#include "base/utf.h"
#include "label/formats.h"
#include "label/label.h"

#define HEADER_SIZE 512
#define RECORD_SIZE 10240 /* 20 headers: what tar writes unless told otherwise */

#define AT_NAME	      0
#define NAME_SIZE     100
#define AT_CHECKSUM   148
#define CHECKSUM_SIZE 8
#define AT_TYPE	      156
#define AT_MAGIC      257
#define AT_PREFIX     345
#define PREFIX_SIZE   155

#define TYPE_VOLUME    'V' /* GNU: the name is that of the volume */
#define TYPE_LONG_NAME 'L' /* GNU: the name is the data behind this header */

static const uint8_t id_space[16] = {0x2e, 0x60, 0xd9, 0x17, 0x84, 0xbb, 0x4f, 0x2c,
				     0x95, 0x0e, 0x71, 0xac, 0x38, 0xf3, 0x1d, 0x56};

DWORD WINAPI tar_max(DWORD *const size)
{
	*size = RECORD_SIZE;
	return NO_ERROR;
}

/* Octal digits, blanks before them, a blank or NUL behind them. */
static bool parse_octal(const BYTE *field, size_t size, uint32_t *value)
{
	size_t i = 0;
	size_t digits = 0;

	*value = 0;
	while (i < size && field[i] == ' ')
		i++;
	for (; i < size && field[i] >= '0' && field[i] <= '7'; i++, digits++)
		*value = *value << 3 | (uint32_t)(field[i] - '0');
	return digits && (i == size || field[i] == ' ' || field[i] == '\0');
}

/* The sum of all bytes, its own field taken as blanks; old tars took bytes as signed. */
static bool checksum_right(const BYTE *header)
{
	uint32_t unsigned_sum = 0;
	int32_t signed_sum = 0;
	uint32_t stated;

	if (!parse_octal(header + AT_CHECKSUM, CHECKSUM_SIZE, &stated))
		return false;
	for (size_t i = 0; i < HEADER_SIZE; i++) {
		BYTE byte = header[i];

		if (i >= AT_CHECKSUM && i < AT_CHECKSUM + CHECKSUM_SIZE)
			byte = ' ';
		unsigned_sum += byte;
		signed_sum += (int8_t)byte;
	}
	return stated == unsigned_sum || (signed_sum >= 0 && stated == (uint32_t)signed_sum);
}

/* The first member, or the name of the volume. */
static void describe(const BYTE *block, DWORD size, WCHAR *to, size_t units)
{
	char text[PREFIX_SIZE + 1 + NAME_SIZE];
	size_t length;

	if (block[AT_TYPE] == TYPE_LONG_NAME && size > HEADER_SIZE) {
		size_t rest = size - HEADER_SIZE;

		label_text(block + HEADER_SIZE, rest < HEADER_SIZE ? rest : HEADER_SIZE, to, units);
		return;
	}
	length = 0;
	/* In GNU's own format other things are there. */
	if (memcmp(block + AT_MAGIC, "ustar", 6) == 0) {
		length = strnlen((const char *)block + AT_PREFIX, PREFIX_SIZE);
		memcpy(text, block + AT_PREFIX, length);
		if (length)
			text[length++] = '/';
	}
	memcpy(text + length, block + AT_NAME, NAME_SIZE);
	label_text((const uint8_t *)text, length + NAME_SIZE, to, units);
}

static bool is_tar(const BYTE *header)
{
	static const BYTE no_magic[8];

	if (memcmp(header + AT_MAGIC, "ustar", 5) != 0 &&
	    (header[AT_TYPE] != TYPE_VOLUME || header[AT_NAME] == '\0' ||
	     memcmp(header + AT_MAGIC, no_magic, sizeof(no_magic)) != 0))
		return false;
	return checksum_right(header);
}

/* What is added to an archive takes the place of the zeros at its end. */
static bool ends_in_record(const BYTE *block)
{
	static const BYTE zeros[HEADER_SIZE];

	for (size_t at = HEADER_SIZE; at < RECORD_SIZE; at += HEADER_SIZE) {
		if (memcmp(block + at, zeros, HEADER_SIZE) == 0)
			return true;
	}
	return false;
}

DWORD WINAPI tar_claim(const BYTE *const block, const DWORD size, MediaLabelInfo *const info)
{
	static const size_t sizes[] = {HEADER_SIZE, RECORD_SIZE};

	if (size < HEADER_SIZE || !is_tar(block))
		return ERROR_BAD_FORMAT;
	label_digest_id(id_space, block, sizes,
			size >= RECORD_SIZE && !ends_in_record(block) ? 2 : 1, info);
	utf16_give(LABEL_TYPE_TAR, info->LabelType, NTMSMLI_MAXTYPE);
	describe(block, size, info->LabelAppDescr, NTMSMLI_MAXAPPDESCR);
	return NO_ERROR;
}

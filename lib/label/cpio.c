/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cpio.c - an archive of cpio: old binary (in both byte orders), odc, newc or crc
 *
 * Of these headers none has a checksum of its own, so all of the first one is
 * looked at: every field is a number, the name ends where the header says, and there is such a kind
 * of file. As with tar the id is made of digests.
 */
#include <endian.h>
#include <stdbool.h>
#include <string.h>
#include "base/utf.h"
#include "label/formats.h"
#include "label/label.h"

/* With its NUL. */
#define CPIO_NAME_MAX 4096

/* Blocks of cpio, and of cpio -B. */
#define BLOCK_SIZE	 512
#define LARGE_BLOCK_SIZE 5120

#define OLD_SIZE  26
#define ODC_SIZE  76
#define NEWC_SIZE 110

static const uint8_t id_space[16] = {0xd8, 0x0c, 0x26, 0xc8, 0xf3, 0x7f, 0x4e, 0xa4,
				     0x96, 0x44, 0x7e, 0x86, 0x75, 0x17, 0xb8, 0xa7};

static const char trailer[] = "TRAILER!!!";

struct header {
	size_t size; /* without the name */
	uint32_t mode;
	uint32_t name_size;
};

DWORD WINAPI cpio_max(DWORD *const size)
{
	*size = LARGE_BLOCK_SIZE;
	return NO_ERROR;
}

/* Digits all of them; @bits is 3 for octal, 4 for hexadecimal. */
static bool parse_digits(const BYTE *field, size_t size, unsigned int bits, uint64_t *value)
{
	*value = 0;
	for (size_t i = 0; i < size; i++) {
		unsigned int digit;

		if (field[i] >= '0' && field[i] <= '9')
			digit = field[i] - '0';
		else if (field[i] >= 'a' && field[i] <= 'f')
			digit = field[i] - 'a' + 10u;
		else if (field[i] >= 'A' && field[i] <= 'F')
			digit = field[i] - 'A' + 10u;
		else
			return false;
		if (digit >> bits)
			return false;
		*value = *value << bits | digit;
	}
	return true;
}

/* The fields behind the magic, one after the other, by their sizes. */
static bool parse_fields(const BYTE *at, const uint8_t *sizes, size_t count, unsigned int bits,
			 uint64_t *values)
{
	for (size_t i = 0; i < count; i++) {
		if (!parse_digits(at, sizes[i], bits, &values[i]))
			return false;
		at += sizes[i];
	}
	return true;
}

/* dev, ino, mode, uid, gid, nlink, rdev, mtime, size of the name, size of the file */
static bool parse_odc(const BYTE *block, size_t size, struct header *header)
{
	static const uint8_t sizes[] = {6, 6, 6, 6, 6, 6, 6, 11, 6, 11};
	uint64_t values[sizeof(sizes)];

	if (size < ODC_SIZE || memcmp(block, "070707", 6) != 0 ||
	    !parse_fields(block + 6, sizes, sizeof(sizes), 3, values))
		return false;
	*header = (struct header){ODC_SIZE, (uint32_t)values[2], (uint32_t)values[8]};
	return true;
}

/* ino, mode, uid, gid, nlink, mtime, size of the file, device and rdevice in two parts each, size
 * of the name, checksum of the file (newc: 0) */
static bool parse_newc(const BYTE *block, size_t size, struct header *header)
{
	static const uint8_t sizes[] = {8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8};
	uint64_t values[sizeof(sizes)];

	if (size < NEWC_SIZE ||
	    (memcmp(block, "070701", 6) != 0 && memcmp(block, "070702", 6) != 0) ||
	    !parse_fields(block + 6, sizes, sizeof(sizes), 4, values) ||
	    (block[5] == '1' && values[12] != 0))
		return false;
	*header = (struct header){NEWC_SIZE, (uint32_t)values[1], (uint32_t)values[11]};
	return true;
}

/* 16 bits each: magic, dev, ino, mode, uid, gid, nlink, rdev, mtime (2), size of the name, size of
 * the file (2) */
static bool parse_old(const BYTE *block, size_t size, struct header *header)
{
	uint16_t words[OLD_SIZE / 2];
	bool big;

	if (size < OLD_SIZE)
		return false;
	memcpy(words, block, OLD_SIZE);
	big = be16toh(words[0]) == 070707;
	if (!big && le16toh(words[0]) != 070707)
		return false;
	for (size_t i = 0; i < OLD_SIZE / 2; i++)
		words[i] = big ? be16toh(words[i]) : le16toh(words[i]);
	*header = (struct header){OLD_SIZE, words[3], words[10]};
	return true;
}

static bool is_file_mode(uint32_t mode)
{
	if (mode >> 16)
		return false;
	switch (mode & 0170000) {
	case 0010000: /* FIFO */
	case 0020000: /* character device */
	case 0040000: /* directory */
	case 0060000: /* block device */
	case 0100000: /* file */
	case 0120000: /* symbolic link */
	case 0140000: /* socket */
		return true;
	default:
		return false;
	}
}

/* The name ends at its end and not before; an archive of nothing has no name to be known by. */
static bool is_name(const BYTE *name, size_t size)
{
	return size >= 2 && memchr(name, '\0', size) == name + size - 1 &&
	       strcmp((const char *)name, trailer) != 0;
}

static bool parse(const BYTE *block, size_t size, struct header *header)
{
	if (!parse_newc(block, size, header) && !parse_odc(block, size, header) &&
	    !parse_old(block, size, header))
		return false;
	return is_file_mode(header->mode) && header->name_size <= CPIO_NAME_MAX &&
	       header->name_size <= size - header->size &&
	       is_name(block + header->size, header->name_size);
}

/* What is added to an archive takes the place of its trailer: before that nothing changes. */
static bool has_trailer(const BYTE *block, size_t size)
{
	return memmem(block, size, trailer, sizeof(trailer) - 1) != NULL;
}

DWORD WINAPI cpio_claim(const BYTE *const block, const DWORD size, MediaLabelInfo *const info)
{
	static const size_t more[] = {BLOCK_SIZE, LARGE_BLOCK_SIZE};
	size_t sizes[3];
	size_t count = 1;
	struct header header;

	if (!parse(block, size, &header))
		return ERROR_BAD_FORMAT;
	sizes[0] = header.size + header.name_size;
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
		if (more[i] > sizes[count - 1] && more[i] <= size && !has_trailer(block, more[i]))
			sizes[count++] = more[i];
	}
	label_digest_id(id_space, block, sizes, count, info);
	utf16_give(LABEL_TYPE_CPIO, info->LabelType, NTMSMLI_MAXTYPE);
	label_text(block + header.size, header.name_size, info->LabelAppDescr, NTMSMLI_MAXAPPDESCR);
	return NO_ERROR;
}

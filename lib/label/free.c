/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * free.c - the label that says: nothing of value is here, and this is which medium it is
 *
 * One block of 1024 bytes, numbers with the most significant byte first:
 *
 *      0  16  "RSM FREE LABEL\r\n"
 *     16   4  version, 1
 *     20   4  size of the block, 1024
 *     24   8  when it was written, milliseconds since 1970 UTC
 *     32  16  the id: random bytes
 *     48  64  bar code of the cartridge when it was written, padded with NULs
 *    112 128  a sentence for people who look at the medium with od
 *    240 768  zero
 *   1008  16  digest of all before it
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <uuid/uuid.h>
#include "base/clock.h"
#include "base/guid.h"
#include "base/utf.h"
#include "label/formats.h"
#include "label/label.h"

#define MAGIC	"RSM FREE LABEL\r\n"
#define VERSION 1

#define AT_MAGIC    0
#define AT_VERSION  16
#define AT_SIZE	    20
#define AT_TIME	    24
#define AT_ID	    32
#define AT_BARCODE  48
#define AT_SENTENCE 112
#define AT_DIGEST   1008

#define ID_SIZE	     16
#define BARCODE_SIZE 64

static const char sentence[] = "This medium is free: Removable Storage Management for Linux may "
			       "write over it.\n";

/* The name space of our digests, a random UUID. */
static const uuid_t digest_space = {0x9b, 0x1f, 0x4d, 0x0a, 0x5e, 0x37, 0x4c, 0x82,
				    0xa6, 0xc1, 0x3d, 0x70, 0xe8, 0x25, 0xb4, 0x6f};

static void put_number(uint8_t *to, size_t bytes, uint64_t number)
{
	for (size_t i = bytes; i-- > 0; number >>= 8)
		to[i] = (uint8_t)number;
}

static uint64_t get_number(const uint8_t *from, size_t bytes)
{
	uint64_t number = 0;

	for (size_t i = 0; i < bytes; i++)
		number = number << 8 | from[i];
	return number;
}

static void digest_of(const uint8_t *block, uuid_t digest)
{
	uuid_generate_sha1(digest, digest_space, (const char *)block, AT_DIGEST);
}

void free_label_make(const char *barcode, uint8_t block[FREE_LABEL_SIZE])
{
	uuid_t digest;
	NTMS_GUID id;

	memset(block, 0, FREE_LABEL_SIZE);
	memcpy(block + AT_MAGIC, MAGIC, sizeof(MAGIC) - 1);
	put_number(block + AT_VERSION, 4, VERSION);
	put_number(block + AT_SIZE, 4, FREE_LABEL_SIZE);
	put_number(block + AT_TIME, 8, clock_utc_ms());
	guid_make(&id);
	memcpy(block + AT_ID, &id, ID_SIZE);
	memcpy(block + AT_BARCODE, barcode, strnlen(barcode, BARCODE_SIZE - 1));
	memcpy(block + AT_SENTENCE, sentence, sizeof(sentence) - 1);
	digest_of(block, digest);
	memcpy(block + AT_DIGEST, digest, sizeof(digest));
}

DWORD WINAPI free_max(DWORD *const size)
{
	*size = FREE_LABEL_SIZE;
	return NO_ERROR;
}

static bool is_free_label(const BYTE *block, DWORD size)
{
	uuid_t digest;

	if (size < FREE_LABEL_SIZE || memcmp(block + AT_MAGIC, MAGIC, sizeof(MAGIC) - 1) != 0 ||
	    get_number(block + AT_VERSION, 4) != VERSION ||
	    get_number(block + AT_SIZE, 4) != FREE_LABEL_SIZE)
		return false;
	digest_of(block, digest);
	return memcmp(block + AT_DIGEST, digest, sizeof(digest)) == 0;
}

/* "V00001L8, free since 2026-11-21" */
static void describe(const BYTE *block, WCHAR *to, size_t units)
{
	time_t seconds = (time_t)(get_number(block + AT_TIME, 8) / 1000);
	char text[BARCODE_SIZE + 64];
	char date[32] = "";
	struct tm utc;

	if (gmtime_r(&seconds, &utc))
		strftime(date, sizeof(date), "free since %Y-%m-%d", &utc);
	snprintf(text, sizeof(text), "%.*s%s%s", BARCODE_SIZE, (const char *)block + AT_BARCODE,
		 block[AT_BARCODE] ? ", " : "", date);
	label_text((const uint8_t *)text, strlen(text), to, units);
}

DWORD WINAPI free_claim(const BYTE *const block, const DWORD size, MediaLabelInfo *const info)
{
	if (!is_free_label(block, size))
		return ERROR_BAD_FORMAT;
	utf16_give(LABEL_TYPE_FREE, info->LabelType, NTMSMLI_MAXTYPE);
	info->LabelIDSize = ID_SIZE;
	memcpy(info->LabelID, block + AT_ID, ID_SIZE);
	describe(block, info->LabelAppDescr, NTMSMLI_MAXAPPDESCR);
	return NO_ERROR;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* fuzz-label.c - whatever is written at the beginning of a tape, and what plug-ins say of it */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "fuzz.h"
#include "label/formats.h"

#define TAR_HEADER   512
#define TAR_CHECKSUM 148
#define MTF_CHECKSUM 50

static const CLAIMMEDIALABEL claims[] = {free_claim,   tar_claim,  mtf_claim,  bacula_claim,
					 amanda_claim, ltfs_claim, ansi_claim, cpio_claim};

static void check_label(const struct label *label)
{
	HOLDS(label->type[0] && fuzz_is_text(label->type, sizeof(label->type)));
	HOLDS(fuzz_is_text(label->info, sizeof(label->info)));
	HOLDS(label->id_length > 0 && label->id_length <= sizeof(label->id));
	HOLDS(label_equal(label, label));
}

/* One format: what it claims can be taken, and it says the same when it is asked again. */
static void check_format(CLAIMMEDIALABEL claim, const uint8_t *data, size_t size)
{
	MediaLabelInfo info, again;
	struct label label;

	memset(&info, 0, sizeof(info));
	memset(&again, 0, sizeof(again));
	if (claim(data, (DWORD)size, &info) != NO_ERROR)
		return;
	HOLDS(claim(data, (DWORD)size, &again) == NO_ERROR);
	HOLDS(!memcmp(&info, &again, sizeof(info)));
	HOLDS(label_take_claim(&info, &label));
	check_label(&label);
}

static bool is_made_of_what_was_read(const struct label *label)
{
	return !strcmp(label->type, LABEL_TYPE_TAR) || !strcmp(label->type, LABEL_TYPE_CPIO) ||
	       !strcmp(label->type, LABEL_TYPE_LTFS);
}

/* A block that came shorter is the same medium, if it is known at all. */
static void check_shorter(const struct label *whole, const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size + 1);
	struct label label;

	memcpy(copy, data, size);
	if (label_claim(copy, size, &label) == ERROR_SUCCESS && !strcmp(label.type, whole->type)) {
		check_label(&label);
		if (is_made_of_what_was_read(&label))
			HOLDS(label_equal(whole, &label));
	}
	free(copy);
}

static void check_all(const uint8_t *data, size_t size)
{
	struct label label;

	for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++)
		check_format(claims[i], data, size);
	if (label_claim(data, size, &label) != ERROR_SUCCESS)
		return;
	check_label(&label);
	HOLDS(!strcmp(label.type, LABEL_TYPE_MTF) || label_type_is_builtin(label.type) ||
	      !memcmp(data, "TAPE", 4));
	check_shorter(&label, data, size / 2);
	if (size)
		check_shorter(&label, data, size - 1);
}

static void seal_tar(uint8_t *header)
{
	unsigned int sum = 0;
	char digits[8];

	memset(header + TAR_CHECKSUM, ' ', 8);
	for (size_t i = 0; i < TAR_HEADER; i++)
		sum += header[i];
	snprintf(digits, sizeof(digits), "%06o", sum);
	memcpy(header + TAR_CHECKSUM, digits, 7);
}

static void seal_mtf(uint8_t *block)
{
	uint8_t sum[2] = {0, 0};

	for (size_t i = 0; i < MTF_CHECKSUM; i++)
		sum[i % 2] ^= block[i];
	memcpy(block + MTF_CHECKSUM, sum, 2);
}

/* Behind the checksums, which no mutation gets right. */
static void check_sealed(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size);

	memcpy(copy, data, size);
	seal_tar(copy);
	check_all(copy, size);
	memcpy(copy, data, size);
	seal_mtf(copy);
	check_all(copy, size);
	free(copy);
}

/* The data as what a plug-in answers. */
static void check_plugin(const uint8_t *data, size_t size)
{
	struct label label, untouched;
	MediaLabelInfo info;

	memset(&info, 0, sizeof(info));
	memcpy(&info, data, size < sizeof(info) ? size : sizeof(info));
	memset(&label, 0x5a, sizeof(label));
	untouched = label;
	if (label_take_claim(&info, &label))
		check_label(&label);
	else
		HOLDS(!memcmp(&label, &untouched, sizeof(label)));
}

/* What we write ourselves is known again, whatever the bar code is. */
static void check_free(const uint8_t *data, size_t size)
{
	uint8_t block[FREE_LABEL_SIZE];
	struct label label;
	char barcode[256];

	if (size >= sizeof(barcode))
		size = sizeof(barcode) - 1;
	memcpy(barcode, data, size);
	barcode[size] = '\0';
	free_label_make(barcode, block);
	HOLDS(label_claim(block, sizeof(block), &label) == ERROR_SUCCESS);
	HOLDS(!strcmp(label.type, LABEL_TYPE_FREE));
	check_label(&label);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_all(data, size);
	if (size >= TAR_HEADER)
		check_sealed(data, size);
	check_plugin(data, size);
	check_free(data, size);
	return 0;
}

static void seed_tars(void)
{
	uint8_t block[10240] = "home/anna/letters/2026.tar";

	memcpy(block + 100, "0000644\0000001750\0000001750\00000000001234\00014712345678", 48);
	block[156] = '0';
	memcpy(block + 257, "ustar\00000", 8);
	memcpy(block + 345, "a/prefix", 8);
	seal_tar(block);
	seed("tar-ustar", block, TAR_HEADER);
	memset(block + TAR_HEADER, 'x', sizeof(block) - TAR_HEADER);
	seed("tar-record", block, sizeof(block));
	memcpy(block + 257, "ustar  ", 8);
	block[156] = 'L';
	seal_tar(block);
	seed("tar-long-name", block, 2048);
	memset(block + 257, 0, 8);
	block[156] = 'V';
	seal_tar(block);
	seed("tar-volume", block, 1024);
}

static void seed_cpios(void)
{
	char block[6000];
	uint8_t old[512] = {0xc7, 0x71, 1, 0, 2, 0, 0xa4, 0x81, 0, 0, 0, 0, 1,	0,
			    0,	  0,	0, 0, 0, 0, 2,	  0,	0, 0, 5, 0, 'a'};

	memset(block, 0, sizeof(block));
	snprintf(block, sizeof(block), "%s%s%s", "070701",
		 "00000001000081A4000000000000000000000001",
		 "0000000000000005000000080000000100000000000000000000000200000000a");
	seed("cpio-newc", block, 512);
	memcpy(block, "070702", 6);
	seed("cpio-crc", block, 5120);
	snprintf(block, sizeof(block), "%s%s", "070707000001000002100644000000000000000001000000",
		 "1471234567000000200000000005a");
	seed("cpio-odc", block, 512);
	seed("cpio-old", old, sizeof(old));
}

static void seed_volumes(void)
{
	uint8_t block[4096];
	int length;

	memset(block, ' ', 80);
	memcpy(block, "VOL1V00001", 10);
	block[79] = '3';
	seed("ansi", block, 80);
	memset(block, ' ', 80);
	memcpy(block, "\xe5\xd6\xd3\xf1\xe5\xf0\xf0\xf0\xf0\xf1", 10);
	seed("ibm", block, 80);
	memset(block, ' ', 80);
	memcpy(block, "VOL1V00001L             LTFS", 28);
	block[79] = '4';
	length = snprintf((char *)block + 80, sizeof(block) - 80,
			  "<?xml version=\"1.0\"?><ltfslabel version=\"2.2.0\"><volumeuuid>"
			  "30a91a08-daae-48d1-ae75-69804e61d2ea</volumeuuid></ltfslabel>");
	seed("ltfs", block, 80 + (size_t)length);
	memset(block, 0, sizeof(block));
	strcpy((char *)block, "AMANDA: TAPESTART DATE 20261121203000 TAPE DailySet1-05\n\f\n");
	seed("amanda", block, 512);
}

static void seed_bacula(void)
{
	static const char label[] = "Bacula 1.0 immortal\n\0\0\0\0\013"
				    "01234567890123456789012345678901Vol-0001\0\0Default\0"
				    "Backup\0LTO-8\0host";
	uint8_t block[512] = {0};

	block[6] = 2;
	memcpy(block + 12, "BB02", 4);
	memset(block + 24, 0xff, 4);
	block[27] = 0xfe;
	block[35] = sizeof(label);
	memcpy(block + 36, label, sizeof(label));
	seed("bacula", block, sizeof(block));
}

static void seed_mtf(void)
{
	static const char text[] = "Media of MondayTag|1.0|Vendor|30a91a08-daae-48d1-ae75-"
				   "69804e61d2ea|Backup Software";
	static const uint8_t fields[] = {15, 0, 94, 0,	52, 0,	 109, 0, 0,
					 0,  0, 0,  15, 0,  161, 0,   0, 4};
	uint8_t block[1024] = "TAPE";

	block[48] = 1;
	block[56] = 2;
	memcpy(block + 68, fields, sizeof(fields));
	memcpy(block + 94, text, sizeof(text) - 1);
	block[8] = 176;
	seal_mtf(block);
	seed("mtf", block, sizeof(block));
}

void fuzz_seeds(void)
{
	MediaLabelInfo info = {.LabelType = {'D', 'u', 'm', 'p'}, .LabelIDSize = 4};
	uint8_t block[FREE_LABEL_SIZE];

	free_label_make("V00001L8", block);
	seed("free", block, sizeof(block));
	seed("plug-in", &info, sizeof(info));
	seed_tars();
	seed_cpios();
	seed_volumes();
	seed_bacula();
	seed_mtf();
}

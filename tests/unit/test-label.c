/* SPDX-License-Identifier: GPL-2.0-only */
/* Labels: what is written is recognised, what others wrote is, and no bytes at all do harm. */
#include "test-virtual.h"
#include "label/formats.h"
#include "label/label.h"

TestSuite(label, .timeout = 120);

/* ---- blocks as the programs write them ---- */

struct tar_header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type;
	char linkname[100], magic[6], version[2], uname[32], gname[32], devmajor[8], devminor[8];
	char prefix[155], pad[12];
};

static void seal_tar(struct tar_header *header)
{
	unsigned int sum = 0;

	memset(header->checksum, ' ', sizeof(header->checksum));
	for (size_t i = 0; i < sizeof(*header); i++)
		sum += ((const uint8_t *)header)[i];
	snprintf(header->checksum, sizeof(header->checksum), "%06o", sum);
}

static void make_tar(struct tar_header *header, const char *name)
{
	_Static_assert(sizeof(*header) == 512, "a tar header");
	memset(header, 0, sizeof(*header));
	strncpy(header->name, name, sizeof(header->name) - 1);
	strcpy(header->mode, "0000644");
	strcpy(header->size, "00000000000");
	strcpy(header->mtime, "14000000000");
	header->type = '0';
	memcpy(header->magic, "ustar", 6);
	memcpy(header->version, "00", 2);
	seal_tar(header);
}

static void make_vol1(char label[80], const char *serial, const char *owner)
{
	memset(label, ' ', 80);
	memcpy(label, "VOL1", 4);
	memcpy(label + 4, serial, strlen(serial));
	memcpy(label + 37, owner, strlen(owner));
	label[79] = '4';
}

static void expect_unclaimed(const void *block, size_t size)
{
	struct label label;

	cr_assert_eq(label_claim(block, size, &label), ERROR_BAD_FORMAT, "claimed as %s",
		     label.type);
	cr_assert_str_empty(label.type);
	cr_assert_eq(label.id_length, 0);
}

/* ---- each format ---- */

Test(label, a_free_label_says_what_it_was_given)
{
	uint8_t block[FREE_LABEL_SIZE], again[FREE_LABEL_SIZE];
	struct label label, other;

	free_label_make("V00001L8", block);
	expect_is(label_claim(block, sizeof(block), &label), ERROR_SUCCESS);
	cr_assert_str_eq(label.type, LABEL_TYPE_FREE);
	cr_assert_eq(label.id_length, 16);
	cr_assert(strstr(label.info, "V00001L8, free since 20"), "%s", label.info);
	cr_assert(!label.blank);
	free_label_make("V00001L8", again);
	expect_is(label_claim(again, sizeof(again), &other), ERROR_SUCCESS);
	cr_assert(!label_equal(&label, &other), "every label has an id of its own");
	free_label_make("", block);
	expect_is(label_claim(block, sizeof(block), &label), ERROR_SUCCESS);
	cr_assert(strstr(label.info, "free since") == label.info, "%s", label.info);
	free_label_make("0123456789012345678901234567890123456789012345678901234567890123456789",
			block);
	expect_is(label_claim(block, sizeof(block), &label), ERROR_SUCCESS);
	free_label_make("a\tb\x80\xff", block);
	expect_is(label_claim(block, sizeof(block), &label), ERROR_SUCCESS);
	cr_assert(strncmp(label.info, "a?b??, ", 7) == 0, "%s", label.info);
}

Test(label, every_bit_of_a_free_label_counts)
{
	uint8_t block[FREE_LABEL_SIZE];

	free_label_make("V00001L8", block);
	for (size_t bit = 0; bit < 8 * sizeof(block); bit++) {
		block[bit / 8] ^= (uint8_t)(1 << bit % 8);
		expect_unclaimed(block, sizeof(block));
		block[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t size = 0; size < sizeof(block); size++)
		expect_unclaimed(block, size);
}

Test(label, tar_is_recognised_by_its_checksum)
{
	struct tar_header blocks[2];
	struct label label, other;

	make_tar(&blocks[0], "home/");
	expect_is(label_claim(blocks, 512, &label), ERROR_SUCCESS);
	cr_assert_str_eq(label.type, LABEL_TYPE_TAR);
	cr_assert_eq(label.id_length, 16);
	cr_assert_str_eq(label.info, "home/");
	/* What follows the header does not change whose tape it is. */
	memset(&blocks[1], 'x', 512);
	expect_is(label_claim(blocks, 1024, &other), ERROR_SUCCESS);
	cr_assert(label_equal(&label, &other));
	strcpy(blocks[0].mtime, "14000000001");
	seal_tar(&blocks[0]);
	expect_is(label_claim(blocks, 512, &other), ERROR_SUCCESS);
	cr_assert(!label_equal(&label, &other));
	blocks[0].name[0] ^= 1;
	expect_unclaimed(blocks, 512);
	blocks[0].name[0] ^= 1;
	expect_unclaimed(blocks, 511);
	memset(blocks[0].magic, 0, sizeof(blocks[0].magic));
	seal_tar(&blocks[0]);
	expect_unclaimed(blocks, 512);
}

Test(label, tar_says_the_first_name)
{
	struct tar_header blocks[2];
	struct label label;

	make_tar(&blocks[0], "file");
	memset(blocks[0].prefix, 'p', sizeof(blocks[0].prefix));
	memset(blocks[0].name, 'n', sizeof(blocks[0].name));
	seal_tar(&blocks[0]);
	expect_is(label_claim(blocks, 512, &label), ERROR_SUCCESS);
	cr_assert_eq(strlen(label.info), 255, "as much as there is room for");
	cr_assert_eq(label.info[155], '/');
	/* GNU keeps other things where POSIX has the prefix. */
	make_tar(&blocks[0], "Backup of Monday");
	memcpy(blocks[0].magic, "ustar ", 6);
	memcpy(blocks[0].version, " ", 2);
	strcpy(blocks[0].prefix, "14000000000");
	blocks[0].type = 'V';
	seal_tar(&blocks[0]);
	expect_is(label_claim(blocks, 512, &label), ERROR_SUCCESS);
	cr_assert_str_eq(label.info, "Backup of Monday");
	make_tar(&blocks[0], "././@LongLink");
	blocks[0].type = 'L';
	seal_tar(&blocks[0]);
	memset(&blocks[1], 'l', 512);
	expect_is(label_claim(blocks, 1024, &label), ERROR_SUCCESS);
	cr_assert_eq(strlen(label.info), 255);
	cr_assert_eq(label.info[254], 'l');
	expect_is(label_claim(blocks, 512, &label), ERROR_SUCCESS);
	cr_assert_str_eq(label.info, "././@LongLink");
	make_tar(&blocks[0], "Gr\xc3\xbc\xc3\x9f"
			     "e\n\x1b[2J");
	expect_is(label_claim(blocks, 512, &label), ERROR_SUCCESS);
	cr_assert_str_eq(label.info, "Gr\xc3\xbc\xc3\x9f"
				     "e??[2J");
	make_tar(&blocks[0], "latin \xfc");
	expect_is(label_claim(blocks, 512, &label), ERROR_SUCCESS);
	cr_assert_str_eq(label.info, "latin ?");
}

Test(label, vol1_is_known_by_serial_and_owner)
{
	struct label label, other;
	char block[80];

	make_vol1(block, "A00001", "RESEARCH");
	expect_is(label_claim(block, sizeof(block), &label), ERROR_SUCCESS);
	cr_assert_str_eq(label.type, LABEL_TYPE_ANSI);
	cr_assert_eq(label.id_length, strlen("A00001/RESEARCH"));
	cr_assert_arr_eq(label.id, "A00001/RESEARCH", label.id_length);
	cr_assert_str_eq(label.info, "volume A00001, owner RESEARCH");
	make_vol1(block, "A00001", "");
	expect_is(label_claim(block, sizeof(block), &other), ERROR_SUCCESS);
	cr_assert_eq(other.id_length, 6);
	cr_assert(!label_equal(&label, &other));
	for (size_t size = 0; size < sizeof(block); size++)
		expect_unclaimed(block, size);
	make_vol1(block, "", "NOBODY");
	expect_unclaimed(block, sizeof(block));
	make_vol1(block, "A00001", "");
	block[60] = '\n';
	expect_unclaimed(block, sizeof(block));
	make_vol1(block, "A00001", "");
	block[3] = '2';
	expect_unclaimed(block, sizeof(block));
}

Test(label, vol1_in_ebcdic_is_read_too)
{
	/* VOL1, 0Z9AJS, and the owner R-1. */
	static const uint8_t head[] = {0xE5, 0xD6, 0xD3, 0xF1, 0xF0, 0xE9, 0xF9, 0xC1, 0xD1, 0xE2};
	static const uint8_t owner[] = {0xD9, 0x60, 0xF1};
	struct label label;
	uint8_t block[80];

	memset(block, 0x40, sizeof(block));
	memcpy(block, head, sizeof(head));
	memcpy(block + 41, owner, sizeof(owner));
	expect_is(label_claim(block, sizeof(block), &label), ERROR_SUCCESS);
	cr_assert_str_eq(label.type, LABEL_TYPE_IBM);
	cr_assert_eq(label.id_length, strlen("0Z9AJS/R-1"));
	cr_assert_arr_eq(label.id, "0Z9AJS/R-1", label.id_length);
	block[5] = 0xFF;
	expect_unclaimed(block, sizeof(block));
}

Test(label, others_are_not_claimed)
{
	static const char text[1200] = "VOL1 is how this letter begins.\nDear all,\n";
	static const uint8_t zeros[1200];
	uint8_t noise[1200];

	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (uint8_t)(i * 7919 >> 3);
	expect_unclaimed(text, sizeof(text));
	expect_unclaimed(zeros, sizeof(zeros));
	expect_unclaimed(noise, sizeof(noise));
	expect_unclaimed(noise, 0);
	cr_assert_geq(label_max(), FREE_LABEL_SIZE);
	cr_assert_leq(label_max(), LABEL_READ_SIZE);
}

/* ---- what a plug-in may answer ---- */

static void good_answer(MediaLabelInfo *info)
{
	memset(info, 0, sizeof(*info));
	info->LabelType[0] = 'T';
	info->LabelAppDescr[0] = 'D';
	info->LabelIDSize = 1;
	info->LabelID[0] = 9;
}

Test(label, improper_answers_of_plug_ins_are_refused)
{
	struct label label, before;
	MediaLabelInfo info;

	memset(&label, 0x55, sizeof(label));
	before = label;
	good_answer(&info);
	info.LabelIDSize = 0;
	cr_assert(!label_take_claim(&info, &label));
	info.LabelIDSize = NTMS_OMIDLABELID_LENGTH + 1;
	cr_assert(!label_take_claim(&info, &label));
	info.LabelIDSize = UINT32_MAX;
	cr_assert(!label_take_claim(&info, &label));
	good_answer(&info);
	info.LabelType[0] = 0;
	cr_assert(!label_take_claim(&info, &label));
	for (size_t i = 0; i < NTMSMLI_MAXTYPE; i++)
		info.LabelType[i] = 'T';
	cr_assert(!label_take_claim(&info, &label));
	good_answer(&info);
	for (size_t i = 0; i < NTMSMLI_MAXAPPDESCR; i++)
		info.LabelAppDescr[i] = 'D';
	cr_assert(!label_take_claim(&info, &label));
	good_answer(&info);
	info.LabelAppDescr[0] = 0xD800;
	cr_assert(!label_take_claim(&info, &label));
	cr_assert_arr_eq(&label, &before, sizeof(label));
	/* The longest that is allowed. */
	good_answer(&info);
	for (size_t i = 0; i < NTMSMLI_MAXTYPE - 1; i++)
		info.LabelType[i] = 0x20AC;
	for (size_t i = 0; i < NTMSMLI_MAXAPPDESCR - 1; i++)
		info.LabelAppDescr[i] = 0x20AC;
	info.LabelIDSize = NTMS_OMIDLABELID_LENGTH;
	cr_assert(label_take_claim(&info, &label));
	cr_assert_eq(strlen(label.type), 3 * (NTMSMLI_MAXTYPE - 1));
	cr_assert_eq(strlen(label.info), 3 * (NTMSMLI_MAXAPPDESCR - 1));
	cr_assert_eq(label.id_length, NTMS_OMIDLABELID_LENGTH);
	cr_assert_eq(label.id[0], 9);
}

/* ---- hostile bytes ---- */

/* Whatever the answer is, it is a proper one. */
static void check_answer(const void *block, size_t size)
{
	struct label label;

	if (label_claim(block, size, &label) != ERROR_SUCCESS) {
		cr_assert_str_empty(label.type);
		return;
	}
	cr_assert_neq(label.type[0], '\0');
	cr_assert(label.id_length >= 1 && label.id_length <= NTMS_OMIDLABELID_LENGTH);
	cr_assert_lt(strnlen(label.type, sizeof(label.type)), sizeof(label.type));
	cr_assert_lt(strnlen(label.info, sizeof(label.info)), sizeof(label.info));
	for (const char *c = label.info; *c; c++)
		cr_assert((uint8_t)*c >= ' ' && *c != 0x7f);
}

static void mutate(uint8_t *block, size_t size, unsigned int *seed)
{
	int changes = 1 + rand_r(seed) % 20;

	while (changes--)
		block[(size_t)rand_r(seed) % size] = (uint8_t)rand_r(seed);
}

Test(label, ten_thousand_mutations_do_no_harm)
{
	unsigned int seed = 5;

	for (int i = 0; i < 10000; i++) {
		/* On the heap and as long as said, so that the sanitizer sees every step beyond. */
		size_t size = 1 + (size_t)rand_r(&seed) % FREE_LABEL_SIZE;
		uint8_t whole[FREE_LABEL_SIZE] = {0};
		uint8_t *block = malloc(size);

		cr_assert(block);
		switch (i % 4) {
		case 0:
			free_label_make("V00001L8", whole);
			break;
		case 1:
			make_tar((struct tar_header *)whole, "some/name");
			break;
		case 2:
			make_vol1((char *)whole, "VOL001", "OWNER");
			break;
		default:
			mutate(whole, sizeof(whole), &seed);
			break;
		}
		if (size > 600)
			mutate(whole, i % 4 == 2 ? 80 : 512, &seed);
		/* So that a changed header gets beyond the check of its sum. */
		if (i % 8 == 1) {
			memcpy(((struct tar_header *)whole)->magic, "ustar", 5);
			seal_tar((struct tar_header *)whole);
		}
		memcpy(block, whole, size);
		check_answer(block, size);
		free(block);
	}
}

/* ---- on a medium ---- */

static struct broker *library;
static struct tape *tape;

static void load(void)
{
	setup();
	expect_is(virtual_hand_move(dir, SLOT(0), BAY(0)), 0);
	library = open_library();
	expect_is(tape_open(library, DRIVE0, true, 0, &tape), 0);
}

static void unload(void)
{
	tape_close(tape);
	broker_close(library);
	teardown();
}

Test(label, a_blank_medium_is_blank, .init = load, .fini = unload)
{
	struct label label;

	expect_is(label_read(tape, &label), 0);
	cr_assert(label.blank);
	cr_assert_str_empty(label.type);
	write_file("tapes/V00001L8", "something", 9);
	expect_is(label_read(tape, &label), 0);
	cr_assert(!label.blank);
	cr_assert_str_empty(label.type);
}

Test(label, a_written_label_is_read_again, .init = load, .fini = unload)
{
	struct label written, found, second;
	char block[16];
	size_t got;

	write_file("tapes/V00001L8", "what was there", 14);
	expect_is(label_write_free(tape, "V00001L8", &written), 0);
	cr_assert_str_eq(written.type, LABEL_TYPE_FREE);
	expect_is(label_read(tape, &found), 0);
	cr_assert(label_equal(&written, &found));
	cr_assert_str_eq(written.info, found.info);
	expect_is(tape_read(tape, block, 14, &got), 0);
	cr_assert_arr_eq(block, "RSM FREE LABEL", 14, "left at the beginning");
	expect_is(label_write_free(tape, "V00001L8", &second), 0);
	cr_assert(!label_equal(&written, &second), "a fresh id each time");
}

Test(label, what_tar_writes_is_recognised, .init = load, .fini = unload)
{
	struct label label;
	char command[256];

	snprintf(command, sizeof(command), "tar -C / -cf %s/drives/0/nst etc/hostname 2>&1", dir);
	cr_assert_eq(system(command), 0);
	expect_is(label_read(tape, &label), 0);
	cr_assert_str_eq(label.type, LABEL_TYPE_TAR);
	cr_assert_str_eq(label.info, "etc/hostname");
	snprintf(command, sizeof(command), "tar -V VOLUME -cf %s/drives/0/nst /etc/hostname 2>&1",
		 dir);
	cr_assert_eq(system(command), 0);
	expect_is(label_read(tape, &label), 0);
	cr_assert_str_eq(label.info, "VOLUME");
}

Test(label, a_medium_that_cannot_be_written_is_an_error, .init = load, .fini = unload)
{
	struct label label;
	struct tape *reader;

	expect_is(tape_open(library, DRIVE0, false, 0, &reader), 0);
	expect_is(label_write_free(reader, "V00001L8", &label), -EROFS);
	cr_assert_str_empty(label.type);
	expect_is(label_read(reader, &label), 0);
	cr_assert(label.blank);
	tape_close(reader);
	expect_is(tape_unload(tape), 0);
	expect_is(label_read(tape, &label), -ENOMEDIUM);
}

Test(label, type_and_id_make_a_label_equal)
{
	struct label a = {.type = "x", .id_length = 2, .id = {1, 2}};
	struct label b = a;
	struct label blank = {.blank = true}, unknown = {.blank = false};

	strcpy(b.info, "says something else");
	cr_assert(label_equal(&a, &b));
	b.id[1] = 3;
	cr_assert(!label_equal(&a, &b));
	b = a;
	b.id_length = 1;
	cr_assert(!label_equal(&a, &b));
	b = a;
	strcpy(b.type, "y");
	cr_assert(!label_equal(&a, &b));
	cr_assert(label_equal(&blank, &unknown));
	cr_assert(!label_equal(&blank, &a));
}

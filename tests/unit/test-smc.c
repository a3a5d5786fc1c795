/* SPDX-License-Identifier: GPL-2.0-only */
/* test-smc.c - answers to READ ELEMENT STATUS: real ones, odd ones, broken ones */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/say.h"
#include "broker/smc.h"

#define PVOLTAG 0x80
#define AVOLTAG 0x40

/* An answer under construction. */
struct answer {
	uint8_t data[4096];
	size_t size;
	size_t page; /* offset of the last page's header */
	unsigned int elements;
};

static void put16(uint8_t *to, unsigned int value)
{
	to[0] = (uint8_t)(value >> 8);
	to[1] = (uint8_t)value;
}

static void put24(uint8_t *to, size_t value)
{
	to[0] = (uint8_t)(value >> 16);
	to[1] = (uint8_t)(value >> 8);
	to[2] = (uint8_t)value;
}

/* Header and lengths so that they say the truth. */
static void finish(struct answer *answer)
{
	if (answer->page)
		put24(answer->data + answer->page + 5, answer->size - answer->page - 8);
	put16(answer->data + 2, answer->elements);
	put24(answer->data + 5, answer->size - 8);
}

static struct answer new_answer(void)
{
	struct answer answer = {.size = 8};

	return answer;
}

static void add_page(struct answer *answer, uint8_t type, uint8_t tags, unsigned int size)
{
	finish(answer);
	answer->page = answer->size;
	answer->data[answer->page] = type;
	answer->data[answer->page + 1] = tags;
	put16(answer->data + answer->page + 2, size);
	answer->size += 8;
}

/* A descriptor of the page's size, with address and flags; returned to be filled further. */
static uint8_t *add_element(struct answer *answer, unsigned int address, uint8_t flags)
{
	unsigned int size = answer->data[answer->page + 2] << 8 | answer->data[answer->page + 3];
	uint8_t *descriptor = answer->data + answer->size;

	cr_assert_leq(answer->size + size, sizeof(answer->data));
	memset(descriptor, 0, size);
	if (size >= 2)
		put16(descriptor, address);
	if (size >= 3)
		descriptor[2] = flags;
	answer->size += size;
	answer->elements++;
	finish(answer);
	return descriptor;
}

static void put_tag(uint8_t *to, const char *text)
{
	memset(to, ' ', 32);
	memcpy(to, text, strlen(text));
}

static void put_identifier(uint8_t *to, uint8_t set, uint8_t type, const char *text)
{
	to[0] = set;
	to[1] = type;
	to[3] = (uint8_t)strlen(text);
	memcpy(to + 4, text, strlen(text));
}

static struct smc_elements parse(const void *data, size_t size, bool partial,
				 struct smc_report *report)
{
	struct smc_elements elements = {0};
	/* A copy that ends where its memory does, so that the sanitizer sees a byte too many. */
	uint8_t *copy = malloc(size + 8);

	memcpy(copy + 8, data, size);
	cr_assert_eq(smc_parse(copy + 8, size, partial, &elements, report), 0, "%s", ntms_said());
	free(copy);
	return elements;
}

static struct smc_elements parse_answer(const struct answer *answer)
{
	struct smc_report report;
	struct smc_elements elements = parse(answer->data, answer->size, false, &report);

	cr_assert_eq(report.whole, elements.count);
	cr_assert_eq(report.available, answer->size);
	cr_assert_not(report.cut);
	return elements;
}

static void refuse(const struct answer *answer, const char *why)
{
	struct smc_elements elements = {0};
	struct smc_report report;

	ntms_say_nothing();
	cr_assert_eq(smc_parse(answer->data, answer->size, false, &elements, &report), -EPROTO);
	cr_assert_not_null(strstr(ntms_said(), why), "'%s'", ntms_said());
	cr_assert_eq(elements.count, 0);
	smc_free(&elements);
}

/* ---- real answers ---- */

/* Two drives of a tgt 1.0.85 library with VOLTAG and DVCID; the first holds a tape. The last
 * eight bytes are missing, because tgt forgets to count the page's header. */
static const uint8_t tgt_drives[] =
	"\x01\x00\x00\x02\x00\x00\x00\xb4\x04\x80\x00\x56\x00\x00\x00\xac"
	"\x01\x00\x01\x00\x00\x00\x00\x00\x00\x80\x03\xe9"
	"A00002L8                        "
	"\x00\x00\x00\x00\x02\x01\x00\x22"
	"RSM     VDRIVE-LTO8     RSMDRV0101"
	"\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	"                                "
	"\x00\x00\x00\x00\x02\x01\x00\x22"
	"RSM     VDRIVE-LTO8     RS";

Test(smc, what_ports_are_for)
{
	struct answer answer = new_answer();
	struct smc_elements elements;
	const struct smc_element *list;

	add_page(&answer, ELEMENT_SLOT, 0, 16);
	add_element(&answer, 1000, 0x3f);
	add_page(&answer, ELEMENT_PORT, 0, 16);
	add_element(&answer, 16, 0x2b); /* to put in; full, by a person */
	add_element(&answer, 17, 0x19); /* to take out; full, by the robot */
	add_element(&answer, 18, 0x3a); /* both; empty, whatever IMPEXP says */
	add_element(&answer, 19, 0x09); /* does not tell */
	finish(&answer);
	elements = parse_answer(&answer);
	list = elements.list;
	cr_assert_eq(elements.count, 5);
	cr_assert_not(list[0].element.by_operator || list[0].element.import_enabled ||
		      list[0].element.export_enabled);
	cr_assert(list[1].element.import_enabled && !list[1].element.export_enabled);
	cr_assert(list[1].element.by_operator);
	cr_assert(list[2].element.export_enabled && !list[2].element.import_enabled);
	cr_assert_not(list[2].element.by_operator);
	cr_assert(list[3].element.import_enabled && list[3].element.export_enabled);
	cr_assert_not(list[3].element.by_operator);
	cr_assert(list[4].element.import_enabled && list[4].element.export_enabled);
	smc_free(&elements);
}

Test(smc, tgt_drives)
{
	struct smc_report report;
	struct smc_elements elements = parse(tgt_drives, sizeof(tgt_drives) - 1, false, &report);
	const struct broker_element *drive = &elements.list[0].element;

	cr_assert_eq(sizeof(tgt_drives) - 1, 180);
	cr_assert_eq(elements.count, 1);
	cr_assert(report.cut);
	cr_assert_eq(report.whole, 1);
	cr_assert_eq(report.announced, 2);
	cr_assert_eq(report.available, 188);
	cr_assert_eq(drive->address, 256);
	cr_assert_eq(drive->type, ELEMENT_DRIVE);
	cr_assert(drive->full);
	cr_assert_not(drive->accessible);
	cr_assert_not(drive->exception);
	cr_assert(drive->source_valid);
	cr_assert_eq(drive->source, 1001);
	cr_assert_not(drive->inverted);
	cr_assert_str_eq(drive->barcode, "A00002L8");
	cr_assert_str_eq(drive->serial, "RSMDRV0101");
	cr_assert_str_eq(elements.list[0].identifier, "RSM     VDRIVE-LTO8     RSMDRV0101");
	cr_assert_not(elements.list[0].identifier_cut);
	smc_free(&elements);
	cr_assert_null(elements.list);
}

Test(smc, tgt_last_drive_in_pieces)
{
	struct smc_report report;
	struct smc_elements elements = parse(tgt_drives, sizeof(tgt_drives) - 1, true, &report);
	const struct smc_element *cut = &elements.list[1];

	cr_assert_eq(elements.count, 2);
	cr_assert_eq(cut->element.address, 257);
	cr_assert_not(cut->element.full);
	cr_assert_str_eq(cut->element.barcode, "");
	cr_assert_str_eq(cut->element.serial, "", "half a serial number is none");
	cr_assert(cut->identifier_cut);
	cr_assert_str_eq(cut->identifier, "RSM     VDRIVE-LTO8     RS");
	smc_free(&elements);
}

Test(smc, header_alone_tells_the_size)
{
	struct smc_report report;
	struct smc_elements elements = parse(tgt_drives, 8, false, &report);

	cr_assert_eq(elements.count, 0);
	cr_assert(report.cut);
	cr_assert_eq(report.available, 188);
	cr_assert_eq(report.announced, 2);
	smc_free(&elements);
}

Test(smc, all_types_in_one_answer)
{
	struct answer answer = new_answer();
	struct smc_elements elements;
	uint8_t *descriptor;

	add_page(&answer, ELEMENT_TRANSPORT, 0, 16);
	add_element(&answer, 1, 0);
	add_page(&answer, ELEMENT_SLOT, PVOLTAG, 52);
	put_tag(add_element(&answer, 1000, 0x09) + 12, "ABC123L8");
	add_element(&answer, 1001, 0x08);
	add_page(&answer, ELEMENT_PORT, PVOLTAG | AVOLTAG, 88);
	descriptor = add_element(&answer, 16, 0x0d);
	descriptor[4] = 0x83;
	descriptor[5] = 0x02;
	put_tag(descriptor + 12, "PRIMARY");
	put_tag(descriptor + 48, "ALTERNATE");
	add_page(&answer, ELEMENT_DRIVE, 0, 16 + 34);
	descriptor = add_element(&answer, 256, 0x01);
	descriptor[9] = 0xc0;
	put16(descriptor + 10, 1001);
	put_identifier(descriptor + 12, 2, 1, "IBM     ULT3580-TD8     1068000073");
	finish(&answer);

	elements = parse_answer(&answer);
	cr_assert_eq(elements.count, 5);
	cr_assert_eq(elements.list[0].element.type, ELEMENT_TRANSPORT);
	cr_assert(elements.list[0].element.accessible, "a transport reaches itself");
	cr_assert_str_eq(elements.list[1].element.barcode, "ABC123L8");
	cr_assert(elements.list[1].element.accessible);
	cr_assert_not(elements.list[2].element.full);
	cr_assert_str_eq(elements.list[3].element.barcode, "PRIMARY");
	cr_assert(elements.list[3].element.exception);
	cr_assert_eq(elements.list[3].element.asc, 0x83);
	cr_assert_eq(elements.list[3].element.ascq, 0x02);
	cr_assert_str_eq(elements.list[4].element.serial, "1068000073");
	cr_assert(elements.list[4].element.inverted);
	cr_assert_eq(elements.list[4].element.source, 1001);
	smc_free(&elements);
}

Test(smc, sort_by_address)
{
	struct answer answer = new_answer();
	struct smc_elements elements;

	add_page(&answer, ELEMENT_SLOT, 0, 16);
	add_element(&answer, 0xffff, 1);
	add_element(&answer, 7, 1);
	add_element(&answer, 0x8000, 1);
	elements = parse_answer(&answer);
	cr_assert_eq(smc_sort(&elements), 0);
	cr_assert_eq(elements.list[0].element.address, 7);
	cr_assert_eq(elements.list[1].element.address, 0x8000);
	cr_assert_eq(elements.list[2].element.address, 0xffff);
	smc_free(&elements);
	cr_assert_eq(smc_sort(&elements), 0, "an empty one is sorted");
}

Test(smc, same_address_twice)
{
	struct answer answer = new_answer();
	struct smc_elements elements;

	add_page(&answer, ELEMENT_SLOT, 0, 16);
	add_element(&answer, 7, 1);
	add_element(&answer, 8, 1);
	add_element(&answer, 7, 0);
	elements = parse_answer(&answer);
	cr_assert_eq(smc_sort(&elements), -EPROTO);
	cr_assert_not_null(strstr(ntms_said(), "element 7 twice"), "%s", ntms_said());
	smc_free(&elements);
}

/* ---- bar codes and identifiers ---- */

static void check_tag(const char *bytes, size_t length, const char *expected)
{
	struct answer answer = new_answer();
	struct smc_elements elements;

	add_page(&answer, ELEMENT_SLOT, PVOLTAG, 48);
	memcpy(add_element(&answer, 1, 1) + 12, bytes, length);
	elements = parse_answer(&answer);
	cr_assert_str_eq(elements.list[0].element.barcode, expected);
	smc_free(&elements);
}

Test(smc, barcodes)
{
	check_tag("A1", 2, "A1");
	check_tag("  A1 \0 \0", 8, "A1");
	check_tag("TWO WORDS   ", 12, "TWO WORDS");
	check_tag("12345678901234567890123456789012", 32, "12345678901234567890123456789012");
	/* Behind the text: two reserved bytes and a sequence number, which is binary. */
	check_tag("12345678901234567890123456789012\0\0\0\1", 36,
		  "12345678901234567890123456789012");
	check_tag("\x1b[2J", 4, "");
	check_tag("A\0B", 3, "");
	check_tag("\xc3\xa4", 2, "");
	check_tag("A\x7f", 2, "");
	check_tag("", 0, "");
}

Test(smc, empty_element_has_no_barcode)
{
	struct answer answer = new_answer();
	struct smc_elements elements;

	add_page(&answer, ELEMENT_SLOT, PVOLTAG, 48);
	put_tag(add_element(&answer, 1, 0x08) + 12, "GONE");
	elements = parse_answer(&answer);
	cr_assert_str_eq(elements.list[0].element.barcode, "");
	smc_free(&elements);
}

static void check_serial(uint8_t set, uint8_t type, const char *text, const char *expected)
{
	struct answer answer = new_answer();
	struct smc_elements elements;

	add_page(&answer, ELEMENT_DRIVE, 0, 12 + 4 + 128);
	put_identifier(add_element(&answer, 256, 1) + 12, set, type, text);
	elements = parse_answer(&answer);
	cr_assert_str_eq(elements.list[0].element.serial, expected, "'%s' of '%s'",
			 elements.list[0].element.serial, text);
	smc_free(&elements);
}

Test(smc, serial_numbers)
{
	check_serial(2, 1, "HP      Ultrium 6-SCSI  HU1234AAAA", "HU1234AAAA");
	check_serial(2, 1, "HP      Ultrium 6-SCSI    HU1234AA  ", "HU1234AA");
	check_serial(2, 1, "QUANTUM LONESERIAL", "LONESERIAL");
	check_serial(2, 0, "1310000001", "1310000001");
	check_serial(2, 0, "DRIVE 0 SN1310000001  ", "SN1310000001");
	check_serial(2, 1, "VENDOR", "");
	check_serial(2, 1, "HP      Ultrium 6-SCSI          ", "");
	check_serial(1, 3, "binary", "");
	check_serial(2, 3, "not a text type", "");
	check_serial(1, 1, "HP      Ultrium 6-SCSI  HU1234AAAA", "");
	check_serial(2, 1, "HP      Ultrium 6-SCSI  HU12\x1b[2J", "");
	check_serial(2, 0, "0123456789012345678901234567890123456789012345678901234567890123456789",
		     "");
}

Test(smc, identifier_longer_than_its_descriptor)
{
	struct answer answer = new_answer();
	struct smc_elements elements;
	uint8_t *descriptor;

	add_page(&answer, ELEMENT_DRIVE, 0, 12 + 4 + 10);
	descriptor = add_element(&answer, 256, 1);
	put_identifier(descriptor + 12, 2, 0, "1310000001");
	descriptor[12 + 3] = 11;
	add_element(&answer, 257, 1);
	elements = parse_answer(&answer);
	cr_assert_str_eq(elements.list[0].element.serial, "");
	cr_assert_not(elements.list[0].identifier_cut);
	smc_free(&elements);
}

Test(smc, slots_have_no_identifier)
{
	struct answer answer = new_answer();
	struct smc_elements elements;

	add_page(&answer, ELEMENT_SLOT, 0, 12 + 4 + 10);
	put_identifier(add_element(&answer, 1000, 1) + 12, 2, 0, "1310000001");
	elements = parse_answer(&answer);
	cr_assert_str_eq(elements.list[0].element.serial, "");
	smc_free(&elements);
}

/* ---- odd answers ---- */

Test(smc, short_descriptors_have_fewer_fields)
{
	/* Until the ASCQ, without the source; without the tag that the page promises; with
	 * half of it; without the identifier; with half an identifier's header. */
	static const unsigned int sizes[] = {6, 11, 12, 30, 48, 50};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct answer answer = new_answer();
		struct smc_elements elements;
		uint8_t *descriptor;

		add_page(&answer, ELEMENT_DRIVE, PVOLTAG, sizes[i]);
		descriptor = add_element(&answer, 256, 0x05);
		descriptor[4] = 0x30;
		elements = parse_answer(&answer);
		cr_assert_eq(elements.count, 1);
		cr_assert_eq(elements.list[0].element.address, 256);
		cr_assert(elements.list[0].element.full);
		cr_assert_eq(elements.list[0].element.asc, 0x30);
		cr_assert_not(elements.list[0].element.source_valid);
		cr_assert_str_eq(elements.list[0].element.barcode, "");
		cr_assert_str_eq(elements.list[0].element.serial, "");
		smc_free(&elements);
	}
}

Test(smc, source_is_meant_only_when_valid)
{
	struct answer answer = new_answer();
	struct smc_elements elements;
	uint8_t *descriptor;

	add_page(&answer, ELEMENT_DRIVE, 0, 12);
	descriptor = add_element(&answer, 256, 1);
	descriptor[9] = 0x40;
	put16(descriptor + 10, 1001);
	elements = parse_answer(&answer);
	cr_assert_not(elements.list[0].element.source_valid);
	cr_assert_not(elements.list[0].element.inverted);
	cr_assert_eq(elements.list[0].element.source, 0);
	smc_free(&elements);
}

Test(smc, exception_codes_are_meant_only_with_the_exception)
{
	struct answer answer = new_answer();
	struct smc_elements elements;

	add_page(&answer, ELEMENT_DRIVE, 0, 12);
	add_element(&answer, 256, 1)[4] = 0x30;
	elements = parse_answer(&answer);
	cr_assert_not(elements.list[0].element.exception);
	cr_assert_eq(elements.list[0].element.asc, 0);
	smc_free(&elements);
}

Test(smc, identifier_stands_behind_both_tags)
{
	struct answer answer = new_answer();
	struct smc_elements elements;
	uint8_t *descriptor;

	add_page(&answer, ELEMENT_DRIVE, PVOLTAG | AVOLTAG, 12 + 36 + 36 + 4 + 10);
	descriptor = add_element(&answer, 256, 1);
	put_tag(descriptor + 12, "FRONT");
	put_tag(descriptor + 48, "BACK");
	put_identifier(descriptor + 84, 2, 0, "1310000001");
	elements = parse_answer(&answer);
	cr_assert_str_eq(elements.list[0].element.barcode, "FRONT");
	cr_assert_str_eq(elements.list[0].element.serial, "1310000001");
	smc_free(&elements);
}

Test(smc, more_elements_than_announced_are_ignored)
{
	struct answer answer = new_answer();
	struct smc_elements elements;
	struct smc_report report;

	add_page(&answer, ELEMENT_SLOT, 0, 16);
	add_element(&answer, 1, 1);
	add_element(&answer, 2, 1);
	put16(answer.data + 2, 1);
	elements = parse(answer.data, answer.size, false, &report);
	cr_assert_eq(elements.count, 1);
	smc_free(&elements);
}

Test(smc, types_of_later_standards_are_ignored)
{
	struct answer answer = new_answer();
	struct smc_elements elements;

	add_page(&answer, 9, 0, 16);
	answer.size += 16;
	add_page(&answer, ELEMENT_SLOT, 0, 16);
	add_element(&answer, 2, 1);
	elements = parse_answer(&answer);
	cr_assert_eq(elements.count, 1);
	cr_assert_eq(elements.list[0].element.address, 2);
	smc_free(&elements);
}

Test(smc, bytes_behind_the_answer_are_ignored)
{
	struct answer answer = new_answer();
	struct smc_elements elements;
	struct smc_report report;

	add_page(&answer, ELEMENT_SLOT, 0, 16);
	add_element(&answer, 2, 1);
	memset(answer.data + answer.size, 0xff, 64);
	elements = parse(answer.data, answer.size + 64, false, &report);
	cr_assert_eq(elements.count, 1);
	cr_assert_not(report.cut);
	smc_free(&elements);
}

Test(smc, answers_are_gathered)
{
	struct smc_elements elements = {0};
	struct smc_report report;

	for (unsigned int i = 0; i < 200; i++) {
		struct answer answer = new_answer();

		add_page(&answer, ELEMENT_SLOT, 0, 16);
		add_element(&answer, 500 - i, 1);
		cr_assert_eq(smc_parse(answer.data, answer.size, false, &elements, &report), 0);
		cr_assert_eq(report.whole, 1);
	}
	cr_assert_eq(elements.count, 200);
	cr_assert_eq(smc_sort(&elements), 0);
	cr_assert_eq(elements.list[0].element.address, 301);
	smc_free(&elements);
}

/* ---- answers that contradict themselves ---- */

static struct answer one_slot(void)
{
	struct answer answer = new_answer();

	add_page(&answer, ELEMENT_SLOT, 0, 16);
	add_element(&answer, 2, 1);
	return answer;
}

Test(smc, contradictions_are_refused)
{
	struct answer answer = one_slot();

	answer.data[answer.page] = 0;
	refuse(&answer, "no element type");

	answer = one_slot();
	put24(answer.data + answer.page + 5, 32);
	refuse(&answer, "page of 32 bytes in a rest of 16");

	answer = one_slot();
	put16(answer.data + answer.page + 2, 0);
	refuse(&answer, "descriptors of 0 bytes");

	answer = one_slot();
	put16(answer.data + answer.page + 2, 4);
	refuse(&answer, "descriptors of 4 bytes");

	answer = one_slot();
	put16(answer.data + answer.page + 2, 12);
	refuse(&answer, "16 bytes of descriptors of 12 bytes");

	answer.size = 7;
	refuse(&answer, "not even a header");
	answer.size = 0;
	refuse(&answer, "not even a header");
}

Test(smc, contradiction_leaves_what_was_there)
{
	struct answer good = one_slot(), bad = one_slot();
	struct smc_elements elements = {0};
	struct smc_report report;

	cr_assert_eq(smc_parse(good.data, good.size, false, &elements, &report), 0);
	add_page(&bad, ELEMENT_DRIVE, 0, 16);
	add_element(&bad, 3, 1);
	bad.data[bad.page] = 0;
	cr_assert_eq(smc_parse(bad.data, bad.size, false, &elements, &report), -EPROTO);
	cr_assert_eq(elements.count, 1);
	cr_assert_eq(elements.list[0].element.address, 2);
	smc_free(&elements);
}

/* ---- anything at all ---- */

static struct answer big_answer(void)
{
	struct answer answer = new_answer();

	add_page(&answer, ELEMENT_TRANSPORT, 0, 16);
	add_element(&answer, 1, 0);
	add_page(&answer, ELEMENT_SLOT, PVOLTAG | AVOLTAG, 88);
	for (unsigned int i = 0; i < 5; i++)
		put_tag(add_element(&answer, 1000 + i, 9) + 12, "TAPE01L8");
	add_page(&answer, ELEMENT_DRIVE, PVOLTAG, 86);
	for (unsigned int i = 0; i < 3; i++)
		put_identifier(add_element(&answer, 256 + i, 9) + 48, 2, 1,
			       "IBM     ULT3580-TD8     1068000073");
	finish(&answer);
	return answer;
}

/* Whatever came, the elements can be printed and compared. */
static void check_elements(const struct smc_elements *elements)
{
	for (size_t i = 0; i < elements->count; i++) {
		const struct smc_element *element = &elements->list[i];
		const char *texts[] = {element->element.barcode, element->element.serial,
				       element->identifier};
		const size_t sizes[] = {sizeof(element->element.barcode),
					sizeof(element->element.serial),
					sizeof(element->identifier)};

		cr_assert(element->element.type >= ELEMENT_TRANSPORT &&
			  element->element.type <= ELEMENT_DRIVE);
		for (size_t j = 0; j < 3; j++) {
			cr_assert_lt(strnlen(texts[j], sizes[j]), sizes[j]);
			for (const char *c = texts[j]; *c; c++)
				cr_assert(*c >= 0x20 && *c <= 0x7e);
		}
	}
}

Test(smc, random_damage)
{
	const struct answer good = big_answer();
	size_t refused = 0, read = 0;

	srand(20240117);
	for (int round = 0; round < 20000; round++) {
		size_t size = rand() % 4 ? good.size : (size_t)rand() % (good.size + 1);
		struct smc_elements elements = {0};
		struct smc_report report;
		uint8_t *data = malloc(size ? size : 1);

		memcpy(data, good.data, size);
		/* Half of the damage where the lengths are. */
		for (int hits = rand() % 8; size && hits >= 0; hits--)
			data[(size_t)rand() % (rand() % 2 || size < 32 ? size : 32)] =
				(uint8_t)(rand() % 3 ? rand() : 0xff);
		if (smc_parse(data, size, rand() % 2, &elements, &report) == 0) {
			cr_assert_eq(report.whole, elements.count);
			cr_assert_leq(report.whole, size / 6);
			check_elements(&elements);
			smc_sort(&elements);
			read++;
		} else {
			cr_assert_eq(elements.count, 0);
			refused++;
		}
		smc_free(&elements);
		free(data);
	}
	/* Else the damage is of one kind only. */
	cr_assert_gt(refused, 1000, "%zu", refused);
	cr_assert_gt(read, 1000, "%zu", read);
}

Test(smc, every_length)
{
	const struct answer good = big_answer();

	for (size_t size = 8; size <= good.size; size++) {
		struct smc_report report;
		struct smc_elements whole = parse(good.data, size, false, &report);
		struct smc_elements partial;

		cr_assert_eq(report.cut, size < good.size);
		check_elements(&whole);
		partial = parse(good.data, size, true, &report);
		cr_assert_geq(partial.count, whole.count);
		cr_assert_leq(partial.count, whole.count + 1);
		check_elements(&partial);
		smc_free(&whole);
		smc_free(&partial);
	}
}

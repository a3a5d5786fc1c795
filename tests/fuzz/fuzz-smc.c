/* SPDX-License-Identifier: GPL-2.0-only */
/* fuzz-smc.c - answers to READ ELEMENT STATUS; the first byte says whether partial ones count */
#include <stdlib.h>
#include <string.h>
#include "broker/smc.h"
#include "fuzz.h"

#define DESCRIPTOR 52 /* with a volume tag, as most libraries send it */

static bool is_printable(const char *text, size_t size)
{
	size_t length = strnlen(text, size);

	for (size_t i = 0; i < length; i++)
		if (text[i] < ' ' || text[i] > '~')
			return false;
	return length < size;
}

static void check_element(const struct smc_element *element)
{
	HOLDS(is_printable(element->element.barcode, sizeof(element->element.barcode)));
	HOLDS(is_printable(element->element.serial, sizeof(element->element.serial)));
	HOLDS(is_printable(element->identifier, sizeof(element->identifier)));
	HOLDS(!element->identifier_cut || !element->element.serial[0]);
	HOLDS(element->element.type >= ELEMENT_TRANSPORT && element->element.type <= ELEMENT_DRIVE);
}

static void check_sorted(struct smc_elements *elements)
{
	if (smc_sort(elements))
		return;
	for (size_t i = 1; i < elements->count; i++)
		HOLDS(elements->list[i - 1].element.address < elements->list[i].element.address);
}

/* An answer that ends earlier has the same elements, as many of them as came whole. */
static void check_shorter(const struct smc_elements *whole, const uint8_t *data, size_t size)
{
	struct smc_elements elements = {0};
	struct smc_report report;
	uint8_t *copy = malloc(size + 1);

	memcpy(copy, data, size);
	if (smc_parse(copy, size, false, &elements, &report) == 0) {
		HOLDS(elements.count <= whole->count);
		for (size_t i = 0; i < elements.count; i++)
			HOLDS(!memcmp(&elements.list[i], &whole->list[i], sizeof(*whole->list)));
	}
	free(copy);
	smc_free(&elements);
}

static void check_answer(const uint8_t *data, size_t size, bool partial)
{
	struct smc_elements elements = {0};
	struct smc_report report;

	if (smc_parse(data, size, partial, &elements, &report)) {
		HOLDS(elements.count == 0);
		smc_free(&elements);
		return;
	}
	HOLDS(report.whole == elements.count && report.whole <= report.announced);
	HOLDS(report.cut == (report.available > size));
	for (size_t i = 0; i < elements.count; i++)
		check_element(&elements.list[i]);
	if (!partial)
		check_shorter(&elements, data, size / 2);
	/* A second answer is added to the first. */
	HOLDS(smc_parse(data, size, partial, &elements, &report) == 0);
	HOLDS(elements.count == 2 * report.whole);
	check_sorted(&elements);
	smc_free(&elements);
}

static void put16(uint8_t *to, unsigned int value)
{
	to[0] = (uint8_t)(value >> 8);
	to[1] = (uint8_t)value;
}

/* A well-formed element out of the input. */
static void make_element(struct supply *supply, unsigned int number, enum broker_element_type type,
			 struct broker_element *element)
{
	unsigned int flags = supply_number(supply, 1);

	*element = (struct broker_element){
		.address = (uint16_t)(number * 16 + (flags & 15)),
		.type = type,
		.full = flags & 0x10,
		.exception = flags & 0x20,
		.accessible = type == ELEMENT_TRANSPORT || (flags & 0x40),
		.source_valid = flags & 0x80,
	};
	if (element->exception) {
		element->asc = (uint8_t)supply_number(supply, 1);
		element->ascq = (uint8_t)supply_number(supply, 1);
	}
	if (element->source_valid)
		element->source = (uint16_t)supply_number(supply, 2);
	if (element->full && (flags & 1))
		for (size_t i = 0; i < 8; i++)
			element->barcode[i] = (char)('A' + supply_number(supply, 1) % 26);
}

static void put_element(const struct broker_element *element, uint8_t *to)
{
	memset(to, 0, DESCRIPTOR);
	put16(to, element->address);
	to[2] = (uint8_t)((element->full ? 1 : 0) | (element->exception ? 4 : 0) |
			  (element->accessible ? 8 : 0));
	to[4] = element->asc;
	to[5] = element->ascq;
	to[9] = element->source_valid ? 0x80 : 0;
	put16(to + 10, element->source);
	memset(to + 12, ' ', 32);
	memcpy(to + 12, element->barcode, strlen(element->barcode));
}

static void begin_answer(uint8_t *answer, unsigned int count, enum broker_element_type type)
{
	memset(answer, 0, 16);
	put16(answer + 2, count);
	put16(answer + 6, 8 + count * DESCRIPTOR);
	answer[8] = (uint8_t)type;
	answer[9] = 0x80;
	put16(answer + 10, DESCRIPTOR);
	put16(answer + 14, count * DESCRIPTOR);
}

/* What a proper library says arrives as it was said. */
static void check_proper(const uint8_t *data, size_t size)
{
	struct supply supply = {data, size};
	enum broker_element_type type =
		supply_number(&supply, 1) & 1 ? ELEMENT_SLOT : ELEMENT_TRANSPORT;
	unsigned int count = 1 + supply_number(&supply, 1) % 100;
	struct broker_element *list = calloc(count, sizeof(*list));
	uint8_t *answer = malloc(16 + (size_t)count * DESCRIPTOR);
	struct smc_elements elements = {0};
	struct smc_report report;

	begin_answer(answer, count, type);
	for (unsigned int i = 0; i < count; i++) {
		make_element(&supply, i, type, &list[i]);
		put_element(&list[i], answer + 16 + (size_t)i * DESCRIPTOR);
	}
	HOLDS(smc_parse(answer, 16 + (size_t)count * DESCRIPTOR, false, &elements, &report) == 0);
	HOLDS(elements.count == count && !report.cut && smc_sort(&elements) == 0);
	for (unsigned int i = 0; i < count; i++) {
		const struct broker_element *got = &elements.list[i].element;

		HOLDS(got->address == list[i].address && got->type == type);
		HOLDS(got->full == list[i].full && got->accessible == list[i].accessible);
		HOLDS(got->exception == list[i].exception && got->asc == list[i].asc);
		HOLDS(got->ascq == list[i].ascq && got->source == list[i].source);
		HOLDS(!strcmp(got->barcode, list[i].barcode));
	}
	smc_free(&elements);
	free(answer);
	free(list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	check_answer(data + 1, size - 1, data[0] & 1);
	check_proper(data + 1, size - 1);
	return 0;
}

void fuzz_seeds(void)
{
	static const char identifier[] = "\2\1\0\42HP      Ultrium 4-SCSI  HU12345678";
	uint8_t answer[1 + 16 + 4 * 90] = {0};
	struct broker_element element = {.address = 1000, .full = true, .barcode = "V00001L8"};

	begin_answer(answer + 1, 2, ELEMENT_SLOT);
	put_element(&element, answer + 17);
	element.address++;
	put_element(&element, answer + 17 + DESCRIPTOR);
	seed("slots", answer, 17 + 2 * DESCRIPTOR);
	answer[0] = 1;
	seed("slots-cut", answer, 17 + DESCRIPTOR + 20);
	answer[0] = 0;
	answer[9] = ELEMENT_PORT;
	seed("ports", answer, 17 + 2 * DESCRIPTOR);
	/* A drive says who it is behind its volume tag. */
	answer[9] = ELEMENT_DRIVE;
	put16(answer + 3, 1);
	put16(answer + 7, 8 + 86);
	put16(answer + 11, 86);
	put16(answer + 15, 86);
	memcpy(answer + 17 + 48, identifier, sizeof(identifier) - 1);
	seed("drive", answer, 17 + 86);
}

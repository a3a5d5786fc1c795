/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* smc.c - READ ELEMENT STATUS: header, pages, descriptors, each inside the one before */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base/say.h"
#include "broker/smc.h"

#define PAGE_HEADER_SIZE 8
#define PAGE_PVOLTAG	 0x80
#define PAGE_AVOLTAG	 0x40

/* A volume tag is 32 bytes of text, 2 reserved ones and a binary sequence number. */
#define VOLTAG_SIZE	 36
#define VOLTAG_TEXT_SIZE 32

/* Byte offsets in a descriptor. */
#define DESC_FLAGS  2
#define DESC_ASC    4
#define DESC_ASCQ   5
#define DESC_SOURCE 9
#define DESC_TAGS   12

#define FLAG_FULL      0x01
#define FLAG_OPERATOR  0x02 /* IMPEXP, INENAB, EXENAB: ports only */
#define FLAG_EXCEPTION 0x04
#define FLAG_ACCESS    0x08
#define FLAG_EXPORT    0x10
#define FLAG_IMPORT    0x20
#define SOURCE_VALID   0x80
#define SOURCE_INVERT  0x40

#define IDENTIFIER_HEADER_SIZE 4
#define CODE_SET_ASCII	       2
#define IDENTIFIER_VENDOR      0 /* whatever the manufacturer likes */
#define IDENTIFIER_T10	       1 /* vendor, then whatever it likes: product and serial */
#define T10_VENDOR_SIZE	       8
#define T10_PRODUCT_SIZE       16

/* The bytes of one descriptor that came, and what its page says of it. */
struct descriptor {
	const uint8_t *data;
	size_t size;	  /* came */
	size_t full_size; /* should have come */
	enum broker_element_type type;
	bool primary_tag, alternate_tag;
};

struct page {
	const uint8_t *data; /* the descriptors */
	size_t size;	     /* of them, that came */
	size_t full_size;    /* of them, in the library */
	size_t descriptor_size;
	uint8_t type, tags;
};

static uint16_t be16(const uint8_t *data)
{
	return (uint16_t)(data[0] << 8 | data[1]);
}

static size_t be24(const uint8_t *data)
{
	return (size_t)data[0] << 16 | (size_t)data[1] << 8 | data[2];
}

/* Copies text without the blanks and NULs around it; false, and "", if any of it could not be
 * printed or it does not fit. */
static bool copy_text(const uint8_t *text, size_t length, char *into, size_t size)
{
	into[0] = '\0';
	while (length && (text[length - 1] == ' ' || text[length - 1] == '\0'))
		length--;
	while (length && *text == ' ') {
		text++;
		length--;
	}
	if (length >= size)
		return false;
	for (size_t i = 0; i < length; i++)
		if (text[i] < 0x20 || text[i] > 0x7e)
			return false;
	memcpy(into, text, length);
	into[length] = '\0';
	return true;
}

/* The serial number is the last word of an identifier. */
static void copy_serial(const char *text, char *serial, size_t size)
{
	const char *word = strrchr(text, ' ');
	size_t length;

	word = word ? word + 1 : text;
	length = strlen(word);
	if (length < size)
		memcpy(serial, word, length + 1);
}

static void parse_identifier(const struct descriptor *descriptor, size_t offset,
			     struct smc_element *into)
{
	const uint8_t *header = descriptor->data + offset;
	size_t length, came, skip = 0;
	char text[SMC_IDENTIFIER_SIZE];
	uint8_t type;

	if (descriptor->size < offset + IDENTIFIER_HEADER_SIZE)
		return;
	type = header[1] & 0xf;
	length = header[3];
	offset += IDENTIFIER_HEADER_SIZE;
	if ((header[0] & 0xf) != CODE_SET_ASCII || length == 0 ||
	    length > descriptor->full_size - offset)
		return;
	if (type != IDENTIFIER_VENDOR && type != IDENTIFIER_T10)
		return;
	came = descriptor->size - offset < length ? descriptor->size - offset : length;
	into->identifier_cut = came < length;
	if (!copy_text(descriptor->data + offset, came, into->identifier, sizeof(into->identifier)))
		return;
	if (into->identifier_cut)
		return;
	if (type == IDENTIFIER_T10)
		skip = length > T10_VENDOR_SIZE + T10_PRODUCT_SIZE
			       ? T10_VENDOR_SIZE + T10_PRODUCT_SIZE
			       : T10_VENDOR_SIZE;
	if (length <= skip)
		return;
	if (copy_text(descriptor->data + offset + skip, length - skip, text, sizeof(text)))
		copy_serial(text, into->element.serial, sizeof(into->element.serial));
}

/* Fields that the descriptor is too short for stay as they are: absent. */
static void parse_descriptor(const struct descriptor *descriptor, struct smc_element *into)
{
	struct broker_element *element = &into->element;
	const uint8_t *data = descriptor->data;
	size_t size = descriptor->size;
	size_t offset = DESC_TAGS;

	*into = (struct smc_element){0};
	element->address = be16(data);
	element->type = descriptor->type;
	element->full = data[DESC_FLAGS] & FLAG_FULL;
	element->exception = data[DESC_FLAGS] & FLAG_EXCEPTION;
	/* A transport reaches itself; the bit is not defined for it. */
	element->accessible =
		descriptor->type == ELEMENT_TRANSPORT || (data[DESC_FLAGS] & FLAG_ACCESS);
	if (element->type == ELEMENT_PORT) {
		element->by_operator = element->full && (data[DESC_FLAGS] & FLAG_OPERATOR);
		element->import_enabled = data[DESC_FLAGS] & FLAG_IMPORT;
		element->export_enabled = data[DESC_FLAGS] & FLAG_EXPORT;
		/* A port for neither would be none: this library (tgt is one) does not tell. */
		if (!element->import_enabled && !element->export_enabled)
			element->import_enabled = element->export_enabled = true;
	}
	if (element->exception && size > DESC_ASCQ) {
		element->asc = data[DESC_ASC];
		element->ascq = data[DESC_ASCQ];
	}
	if (size >= DESC_TAGS) {
		element->source_valid = data[DESC_SOURCE] & SOURCE_VALID;
		element->inverted =
			(data[DESC_SOURCE] & SOURCE_VALID) && (data[DESC_SOURCE] & SOURCE_INVERT);
		if (element->source_valid)
			element->source = be16(data + DESC_SOURCE + 1);
	}
	if (descriptor->primary_tag) {
		/* What an empty element reports is left over from its last medium. */
		if (element->full && size >= offset + VOLTAG_TEXT_SIZE)
			copy_text(data + offset, VOLTAG_TEXT_SIZE, element->barcode,
				  sizeof(element->barcode));
		offset += VOLTAG_SIZE;
	}
	if (descriptor->alternate_tag)
		offset += VOLTAG_SIZE;
	if (descriptor->type == ELEMENT_DRIVE)
		parse_identifier(descriptor, offset, into);
}

static int add_element(struct smc_elements *elements, const struct smc_element *element)
{
	if (elements->count == elements->room) {
		size_t room = elements->room ? elements->room * 2 : 64;
		struct smc_element *list = realloc(elements->list, room * sizeof(*list));

		if (!list)
			return -ENOMEM;
		elements->list = list;
		elements->room = room;
	}
	elements->list[elements->count++] = *element;
	return 0;
}

static int parse_page(const struct page *page, bool partial, struct smc_elements *elements,
		      struct smc_report *report)
{
	struct descriptor descriptor = {
		.full_size = page->descriptor_size,
		.type = (enum broker_element_type)page->type,
		.primary_tag = page->tags & PAGE_PVOLTAG,
		.alternate_tag = page->tags & PAGE_AVOLTAG,
	};
	struct smc_element element;

	for (size_t offset = 0; offset < page->size; offset += page->descriptor_size) {
		size_t left = page->size - offset;
		int error;

		if (report->whole == report->announced)
			return 0;
		descriptor.data = page->data + offset;
		descriptor.size = left < page->descriptor_size ? left : page->descriptor_size;
		if (descriptor.size < page->descriptor_size &&
		    (!partial || descriptor.size <= DESC_ASCQ))
			return 0;
		parse_descriptor(&descriptor, &element);
		error = add_element(elements, &element);
		if (error)
			return error;
		report->whole++;
	}
	return 0;
}

/* One page's header, @left bytes of the answer that should be there and @came that are. */
static int read_page(const uint8_t *data, size_t left, size_t came, struct page *page)
{
	page->type = data[0];
	page->tags = data[1];
	page->descriptor_size = be16(data + 2);
	page->full_size = be24(data + 5);
	if (page->type == 0)
		return ntms_say_errno(-EPROTO, "the library reports a page of no element type");
	if (page->full_size > left - PAGE_HEADER_SIZE)
		return ntms_say_errno(-EPROTO,
				      "the library reports a page of %zu bytes in a rest of %zu",
				      page->full_size, left - PAGE_HEADER_SIZE);
	if (page->full_size && page->descriptor_size <= DESC_ASCQ)
		return ntms_say_errno(-EPROTO, "the library reports descriptors of %zu bytes",
				      page->descriptor_size);
	if (page->full_size && page->full_size % page->descriptor_size)
		return ntms_say_errno(-EPROTO,
				      "the library reports %zu bytes of descriptors of %zu bytes",
				      page->full_size, page->descriptor_size);
	page->data = data + PAGE_HEADER_SIZE;
	page->size = came - PAGE_HEADER_SIZE;
	if (page->size > page->full_size)
		page->size = page->full_size;
	return 0;
}

static int parse_pages(const uint8_t *data, size_t size, bool partial,
		       struct smc_elements *elements, struct smc_report *report)
{
	size_t offset = SMC_HEADER_SIZE;

	while (report->available - offset >= PAGE_HEADER_SIZE) {
		struct page page = {0};
		int error;

		if (offset > size || size - offset < PAGE_HEADER_SIZE)
			return 0;
		error = read_page(data + offset, report->available - offset, size - offset, &page);
		if (error)
			return error;
		/* Element types of a later standard are none of ours. */
		if (page.type <= ELEMENT_DRIVE) {
			error = parse_page(&page, partial, elements, report);
			if (error)
				return error;
		}
		offset += PAGE_HEADER_SIZE + page.full_size;
	}
	return 0;
}

int smc_parse(const uint8_t *data, size_t size, bool partial, struct smc_elements *elements,
	      struct smc_report *report)
{
	size_t before = elements->count;
	int error;

	*report = (struct smc_report){0};
	if (size < SMC_HEADER_SIZE)
		return ntms_say_errno(-EPROTO, "the library answered %zu bytes, not even a header",
				      size);
	report->announced = be16(data + 2);
	report->available = SMC_HEADER_SIZE + be24(data + 5);
	report->cut = report->available > size;
	error = parse_pages(data, size, partial, elements, report);
	if (error)
		elements->count = before;
	return error;
}

static int compare_address(const void *a, const void *b)
{
	const struct smc_element *left = a, *right = b;

	return (int)left->element.address - (int)right->element.address;
}

int smc_sort(struct smc_elements *elements)
{
	if (elements->count == 0)
		return 0;
	qsort(elements->list, elements->count, sizeof(*elements->list), compare_address);
	for (size_t i = 1; i < elements->count; i++) {
		uint16_t address = elements->list[i].element.address;

		if (elements->list[i - 1].element.address == address)
			return ntms_say_errno(-EPROTO, "the library reports element %u twice",
					      address);
	}
	return 0;
}

void smc_free(struct smc_elements *elements)
{
	free(elements->list);
	*elements = (struct smc_elements){0};
}

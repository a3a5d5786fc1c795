/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* kernel-elements.c - READ ELEMENT STATUS, whatever the library makes of it */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/say.h"
#include "broker/kernel.h"
#include "broker/smc.h"

/*
 * Elements asked for at once, and bytes one of them may take: the fixed part, both volume
 * tags, an identifier. Few enough that the answer, 40 KB, goes through every host adapter.
 */
#define CHUNK_ELEMENTS 256
#define ELEMENT_SIZE   160

#define ANSWER_MAX RSM_ROBOT_DATA_MAX

/* One element type's range, and how far it has been read. */
struct range {
	enum broker_element_type type;
	uint32_t next, end; /* 32 bits: the end may be 65536 */
	uint32_t flags;	    /* RSM_ROBOT_VOLTAG, RSM_ROBOT_DVCID */
	uint8_t *answer;
	uint32_t size; /* of @answer */
};

static const char *const kind_names[] = {"", "transports", "slots", "ports", "drives"};

/* Libraries add elements that were not asked for: keeps what @range wants of those from
 * @before on, and moves the range on behind them. False if there is none. */
static bool keep_wanted(struct range *range, struct smc_elements *elements, size_t before)
{
	const uint32_t from = range->next;
	size_t kept = before;

	for (size_t i = before; i < elements->count; i++) {
		const struct broker_element *element = &elements->list[i].element;

		if (element->type != range->type || element->address < from ||
		    element->address >= range->end)
			continue;
		if (element->address >= range->next)
			range->next = element->address + 1U;
		elements->list[kept++] = elements->list[i];
	}
	elements->count = kept;
	return kept > before;
}

static int enlarge_answer(struct range *range, size_t wanted)
{
	uint8_t *larger;

	if (range->size == ANSWER_MAX)
		return ntms_say_errno(-EPROTO, "the library says that one element takes %zu bytes",
				      wanted);
	if (wanted < 2 * (size_t)range->size)
		wanted = 2 * (size_t)range->size;
	if (wanted > ANSWER_MAX)
		wanted = ANSWER_MAX;
	larger = realloc(range->answer, wanted);
	if (!larger)
		return ntms_say_errno(-ENOMEM, "out of memory");
	range->answer = larger;
	range->size = (uint32_t)wanted;
	return 0;
}

/*
 * Asks once, and moves the range on. An answer that is cut short is no error: the rest is
 * asked for from behind its last whole element. When not even one came whole, and the
 * buffer was not the reason, the library itself cuts it (tgt leaves out the last eight
 * bytes): then the piece is all that can be had.
 */
static int read_once(struct kernel_lease *lease, struct range *range, struct smc_elements *elements)
{
	const uint32_t left = range->end - range->next;
	const uint32_t count = left < CHUNK_ELEMENTS ? left : CHUNK_ELEMENTS;
	const uint32_t chunk_end = range->next + count;
	const size_t before = elements->count;
	struct rsm_robot robot = {
		.op = RSM_ROBOT_READ_STATUS,
		.flags = range->flags,
		.element_type = (uint8_t)range->type,
		.start = (uint16_t)range->next,
		.count = (uint16_t)count,
		.data = (uintptr_t)range->answer,
		.data_len = range->size,
	};
	struct smc_report report;
	char what[32];
	bool some;
	int error;

	snprintf(what, sizeof(what), "looking at the %s", kind_names[range->type]);
	error = kernel_robot(lease, what, &robot);
	if (error)
		return error;
	if (robot.transferred > range->size)
		return ntms_say_errno(-EPROTO, "%s: %u bytes in a buffer of %u", what,
				      robot.transferred, range->size);
	error = smc_parse(range->answer, robot.transferred, false, elements, &report);
	if (error)
		return error;
	if (report.cut && report.whole == 0) {
		if (robot.transferred == range->size)
			return enlarge_answer(range, report.available);
		error = smc_parse(range->answer, robot.transferred, true, elements, &report);
		if (error)
			return error;
	}
	some = keep_wanted(range, elements, before);
	if (!some || !report.cut)
		range->next = range->next < chunk_end ? chunk_end : range->next;
	return 0;
}

static int read_range(struct kernel_lease *lease, struct range *range,
		      struct smc_elements *elements)
{
	const size_t before = elements->count;
	int error = 0;

	range->size = SMC_HEADER_SIZE + CHUNK_ELEMENTS * ELEMENT_SIZE;
	range->answer = malloc(range->size);
	if (!range->answer)
		return ntms_say_errno(-ENOMEM, "out of memory");
	while (!error && range->next < range->end)
		error = read_once(lease, range, elements);
	free(range->answer);
	if (error)
		elements->count = before;
	return error;
}

/* Old libraries refuse the command when it asks for what they do not have. */
static int read_with(struct kernel_lease *lease, const struct range *wanted, uint32_t flags,
		     struct smc_elements *elements)
{
	struct range range = *wanted;

	range.flags = flags;
	return read_range(lease, &range, elements);
}

/* Bar codes are in @into already; adds the identifiers of another answer. */
static void merge_identifiers(struct smc_elements *into, size_t before,
			      const struct smc_elements *from)
{
	for (size_t i = before; i < into->count; i++) {
		struct smc_element *element = &into->list[i];

		for (size_t j = 0; j < from->count; j++) {
			const struct smc_element *other = &from->list[j];

			if (other->element.address != element->element.address)
				continue;
			memcpy(element->element.serial, other->element.serial,
			       sizeof(element->element.serial));
			memcpy(element->identifier, other->identifier, sizeof(element->identifier));
			element->identifier_cut = other->identifier_cut;
		}
	}
}

/* Reads all that the library can tell of one type: bar codes, and identifiers of drives. */
static int read_type(struct kernel_lease *lease, const struct range *range,
		     struct smc_elements *elements)
{
	const bool drives = range->type == ELEMENT_DRIVE;
	const size_t before = elements->count;
	struct smc_elements identifiers = {0};
	int error;

	error = read_with(lease, range, RSM_ROBOT_VOLTAG | (drives ? RSM_ROBOT_DVCID : 0),
			  elements);
	if (error != -EINVAL)
		return error;
	if (drives) {
		error = read_with(lease, range, RSM_ROBOT_VOLTAG, elements);
		if (error && error != -EINVAL)
			return error;
	}
	if (error)
		error = read_with(lease, range, 0, elements);
	if (error || !drives)
		return error;
	error = read_with(lease, range, RSM_ROBOT_DVCID, &identifiers);
	if (!error)
		merge_identifiers(elements, before, &identifiers);
	smc_free(&identifiers);
	return error == -EINVAL ? 0 : error;
}

/* Is @device the one that the beginning of @identifier names? Vendor and product in fixed
 * columns, then as much of the serial number as came, at least one character. */
static bool fits(const struct rsm_device *device, const char *identifier)
{
	char vendor[9], product[17], text[sizeof(device->serial)];
	size_t length = strlen(identifier);

	if (length <= 24)
		return false;
	kernel_copy_text(identifier, 8, vendor, sizeof(vendor));
	kernel_copy_text(identifier + 8, 16, product, sizeof(product));
	kernel_copy_text(device->vendor, sizeof(device->vendor), text, sizeof(text));
	if (strcmp(vendor, text) != 0)
		return false;
	kernel_copy_text(device->product, sizeof(device->product), text, sizeof(text));
	if (strcmp(product, text) != 0)
		return false;
	kernel_copy_text(device->serial, sizeof(device->serial), text, sizeof(text));
	return strncmp(text, identifier + 24, length - 24) == 0;
}

static bool is_named(const struct smc_elements *elements, const char *serial)
{
	for (size_t i = 0; i < elements->count; i++)
		if (strcmp(elements->list[i].element.serial, serial) == 0)
			return true;
	return false;
}

/*
 * Completes an identifier that the library cut off: from the drives that are logical units
 * of the changer's own target, if exactly one fits whose serial number no other element
 * has. Of any other drive it would be a guess.
 */
static void complete_serial(const struct kernel_lease *lease, const struct rsm_device *changer,
			    const struct smc_elements *elements, struct smc_element *cut)
{
	char serial[sizeof(cut->element.serial)], found[sizeof(serial)] = "";
	struct rsm_device device = {0};

	while (kernel_next_device(lease->broker, &device) > 0) {
		const bool near = device.kind == RSM_KIND_DRIVE && device.host == changer->host &&
				  device.channel == changer->channel &&
				  device.target == changer->target;

		kernel_copy_text(device.serial, sizeof(device.serial), serial, sizeof(serial));
		if (near && fits(&device, cut->identifier) && !is_named(elements, serial)) {
			if (found[0])
				return;
			memcpy(found, serial, sizeof(found));
		}
	}
	memcpy(cut->element.serial, found, sizeof(found));
}

static void complete_serials(const struct kernel_lease *lease, const struct rsm_device *changer,
			     struct smc_elements *elements)
{
	struct smc_element *cut = NULL;

	for (size_t i = 0; i < elements->count; i++) {
		if (!elements->list[i].identifier_cut)
			continue;
		if (cut) /* two: then neither can be told */
			return;
		cut = &elements->list[i];
	}
	if (cut)
		complete_serial(lease, changer, elements, cut);
}

/* All of the type's elements, or those of them that were asked for. */
static int choose_range(const struct rsm_device *changer, enum broker_element_type type,
			uint16_t first, uint16_t count, struct range *range)
{
	const uint32_t start = changer->first[type - 1];
	const uint32_t end = start + changer->count[type - 1];
	const uint32_t wanted_end = count ? (uint32_t)first + count : end;

	*range = (struct range){.type = type, .next = first, .end = wanted_end};
	if (first == 0 && count == 0) {
		range->next = start;
		return 0;
	}
	if (first < start || first >= end || wanted_end > end)
		return ntms_say_errno(-ERANGE, "the library has %s %u to %u, not %u to %u",
				      kind_names[type], start, end - 1, first, wanted_end - 1);
	return 0;
}

/* All that the changer has of one type. */
static int read_whole_type(struct kernel_lease *lease, const struct rsm_device *changer,
			   enum broker_element_type type, struct smc_elements *elements)
{
	const uint32_t start = changer->first[type - 1];
	const struct range range = {
		.type = type,
		.next = start,
		.end = start + changer->count[type - 1],
	};

	return range.next == range.end ? 0 : read_type(lease, &range, elements);
}

static int read_all(struct kernel_lease *lease, const struct rsm_device *changer,
		    struct smc_elements *elements)
{
	static const enum broker_element_type types[] = {ELEMENT_TRANSPORT, ELEMENT_SLOT,
							 ELEMENT_PORT, ELEMENT_DRIVE};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		int error = read_whole_type(lease, changer, types[i], elements);

		if (error)
			return error;
	}
	return 0;
}

static bool tells_access(const struct smc_elements *elements)
{
	for (size_t i = 0; i < elements->count; i++) {
		const struct broker_element *element = &elements->list[i].element;

		if (element->type != ELEMENT_TRANSPORT && element->accessible)
			return true;
	}
	return false;
}

/*
 * Some libraries (tgt is one) leave ACCESS zero everywhere. Taken at its word, nothing in
 * them could be reached; so there it means nothing. One element that has it set shows that
 * the library does report it; the whole library is asked once.
 */
static int settle_access(struct kernel_lease *lease, const struct rsm_device *changer,
			 struct smc_elements *elements)
{
	struct smc_elements all = {0};
	int error;

	if (tells_access(elements))
		lease->access_told = true;
	if (!lease->access_told && !lease->access_asked) {
		error = read_all(lease, changer, &all);
		if (!error)
			lease->access_told = tells_access(&all);
		smc_free(&all);
		if (error)
			return error;
	}
	lease->access_asked = true;
	for (size_t i = 0; !lease->access_told && i < elements->count; i++)
		elements->list[i].element.accessible = true;
	return 0;
}

/* Those of @elements from address @first up to, but not including, @end. */
static int copy_out(const struct smc_elements *elements, uint32_t first, uint32_t end,
		    struct broker_element **list, size_t *found)
{
	struct broker_element *copy;
	size_t copied = 0;

	copy = calloc(elements->count ? elements->count : 1, sizeof(*copy));
	if (!copy)
		return ntms_say_errno(-ENOMEM, "out of memory");
	for (size_t i = 0; i < elements->count; i++) {
		const struct broker_element *element = &elements->list[i].element;

		if (element->address >= first && element->address < end)
			copy[copied++] = *element;
	}
	*list = copy;
	*found = copied;
	return 0;
}

int kernel_elements(struct broker_lease *lease_base, enum broker_element_type type, uint16_t first,
		    uint16_t count, struct broker_element **list, size_t *found)
{
	struct kernel_lease *lease = to_kernel_lease(lease_base);
	struct range range = {.next = 0, .end = UINT32_MAX};
	struct smc_elements elements = {0};
	struct rsm_device changer;
	int error;

	if ((unsigned int)type > ELEMENT_DRIVE)
		return ntms_say_errno(-EINVAL, "there is no element type %u", (unsigned int)type);
	error = kernel_changer(lease, &changer);
	if (!error && type)
		error = choose_range(&changer, type, first, count, &range);
	if (error)
		return error;
	/* Drives are few, and complete_serial() has to know them all. */
	if (type == 0)
		error = read_all(lease, &changer, &elements);
	else if (type == ELEMENT_DRIVE)
		error = read_whole_type(lease, &changer, type, &elements);
	else if (range.next < range.end)
		error = read_type(lease, &range, &elements);
	if (!error)
		error = smc_sort(&elements);
	if (!error)
		error = settle_access(lease, &changer, &elements);
	if (!error) {
		complete_serials(lease, &changer, &elements);
		error = copy_out(&elements, range.next, range.end, list, found);
	}
	smc_free(&elements);
	/* Those above know -EIO for all answers that promise nothing particular. */
	return error == -EAGAIN || error == -EINVAL || error == -EPROTO ? -EIO : error;
}

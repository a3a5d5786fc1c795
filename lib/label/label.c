/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* label.c - asks the formats whose label it is, and writes the free label */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base/say.h"
#include "base/utf.h"
#include "label/formats.h"
#include "label/label.h"

/* A first block may be larger than any label: tar writes 10 KiB, others 64 and more. Host
 * adapters can do at least this much at once. */
#define READ_SIZE (256 * 1024)

struct format {
	const char *name;
	MAXMEDIALABEL max;
	CLAIMMEDIALABEL claim;
};

/* The ones with a check of all their bytes come first: they are not mistaken for others. */
static const struct format formats[] = {
	{LABEL_TYPE_FREE, free_max, free_claim},
	{LABEL_TYPE_TAR, tar_max, tar_claim},
	{LABEL_TYPE_ANSI, ansi_max, ansi_claim},
};

#define FORMATS (sizeof(formats) / sizeof(formats[0]))

size_t label_max(void)
{
	size_t most = 0;

	for (size_t i = 0; i < FORMATS; i++) {
		DWORD size = 0;

		if (formats[i].max(&size) == NO_ERROR && size > most)
			most = size;
	}
	return most < READ_SIZE ? most : READ_SIZE;
}

bool label_take_claim(const MediaLabelInfo *info, struct label *label)
{
	struct label taken = {.id_length = info->LabelIDSize};

	if (info->LabelIDSize == 0 || info->LabelIDSize > sizeof(taken.id) ||
	    !utf16_take(info->LabelType, NTMSMLI_MAXTYPE, taken.type, sizeof(taken.type)) ||
	    !utf16_take(info->LabelAppDescr, NTMSMLI_MAXAPPDESCR, taken.info, sizeof(taken.info)) ||
	    taken.type[0] == '\0')
		return false;
	memcpy(taken.id, info->LabelID, info->LabelIDSize);
	*label = taken;
	return true;
}

DWORD label_claim(const void *block, size_t size, struct label *label)
{
	memset(label, 0, sizeof(*label));
	if (size > READ_SIZE)
		size = READ_SIZE;
	for (size_t i = 0; i < FORMATS; i++) {
		MediaLabelInfo info;

		memset(&info, 0, sizeof(info));
		if (formats[i].claim(block, (DWORD)size, &info) == NO_ERROR &&
		    label_take_claim(&info, label))
			return ERROR_SUCCESS;
	}
	return ntms_say(ERROR_BAD_FORMAT, "no format claims the label");
}

/* The first block; *@got is 0 on a blank medium. One that is too large for us is unknown. */
static int read_block(struct tape *tape, uint8_t *block, size_t *got, bool *too_large)
{
	int error;

	*got = 0;
	*too_large = false;
	error = tape_rewind(tape);
	if (error)
		return error;
	error = tape_read(tape, block, READ_SIZE, got);
	if (error == -EMSGSIZE) {
		*too_large = true;
		error = 0;
	}
	if (error)
		return error;
	if (*got > READ_SIZE)
		return ntms_say_errno(-EIO, "the drive returned more than was asked for");
	return tape_rewind(tape);
}

int label_read(struct tape *tape, struct label *label)
{
	bool too_large;
	uint8_t *block;
	size_t got;
	int error;

	memset(label, 0, sizeof(*label));
	block = malloc(READ_SIZE);
	if (!block)
		return ntms_say_errno(-ENOMEM, "no memory to read a label");
	error = read_block(tape, block, &got, &too_large);
	if (!error && !too_large) {
		label_claim(block, got, label);
		label->blank = got == 0;
	}
	free(block);
	return error;
}

int label_write_free(struct tape *tape, const char *barcode, struct label *label)
{
	uint8_t block[FREE_LABEL_SIZE];
	struct label written, found;
	int error;

	memset(label, 0, sizeof(*label));
	free_label_make(barcode, block);
	if (label_claim(block, sizeof(block), &written) != ERROR_SUCCESS)
		return ntms_say_errno(-EIO, "the free label that was made is not one");
	error = tape_rewind(tape);
	if (!error)
		error = tape_write_label(tape, block, sizeof(block));
	/* Only what the medium gives back is on it. */
	if (!error)
		error = label_read(tape, &found);
	if (error)
		return error;
	if (!label_equal(&written, &found))
		return ntms_say_errno(-EIO, "the free label was written and is not there");
	*label = found;
	return 0;
}

bool label_equal(const struct label *a, const struct label *b)
{
	return strcmp(a->type, b->type) == 0 && a->id_length == b->id_length &&
	       a->id_length <= sizeof(a->id) && memcmp(a->id, b->id, a->id_length) == 0;
}

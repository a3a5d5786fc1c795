/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* label.c - asks the formats whose label it is, and writes the free label */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base/say.h"
#include "base/utf.h"
#include "label/formats.h"
#include "label/label.h"
#include "label/plugin.h"

struct format {
	const char *type;
	MAXMEDIALABEL max;
	CLAIMMEDIALABEL claim;
	uint32_t least; /* size of the shortest id that longer ones begin with; 0: all are whole */
};

/* The ones with a check of all their bytes come first: they are not mistaken for others. */
static const struct format formats[] = {
	{LABEL_TYPE_FREE, free_max, free_claim, 0},
	{LABEL_TYPE_TAR, tar_max, tar_claim, LABEL_DIGEST_SIZE},
	{LABEL_TYPE_MTF, mtf_max, mtf_claim, 0},
	{LABEL_TYPE_BACULA, bacula_max, bacula_claim, 0},
	{LABEL_TYPE_AMANDA, amanda_max, amanda_claim, 0},
	{LABEL_TYPE_LTFS, ltfs_max, ltfs_claim, LTFS_SERIAL_SIZE},
	{LABEL_TYPE_ANSI, ansi_max, ansi_claim, 0},
	{LABEL_TYPE_CPIO, cpio_max, cpio_claim, LABEL_DIGEST_SIZE},
};

#define FORMATS (sizeof(formats) / sizeof(formats[0]))

size_t label_max(void)
{
	size_t most = plugins_max(plugins_installed());

	for (size_t i = 0; i < FORMATS; i++) {
		DWORD size = 0;

		if (formats[i].max(&size) == NO_ERROR && size > most)
			most = size;
	}
	return most < LABEL_READ_SIZE ? most : LABEL_READ_SIZE;
}

/* Two types of one format share an entry of the table. */
bool label_type_is_builtin(const char *type)
{
	if (strcmp(type, LABEL_TYPE_IBM) == 0)
		return true;
	for (size_t i = 0; i < FORMATS; i++) {
		if (strcmp(type, formats[i].type) == 0)
			return true;
	}
	return false;
}

static bool has_control(const char *text)
{
	for (; *text; text++) {
		if ((uint8_t)*text < ' ' || *text == 0x7f)
			return true;
	}
	return false;
}

static void hide_control(char *text)
{
	for (; *text; text++) {
		if ((uint8_t)*text < ' ' || *text == 0x7f)
			*text = '?';
	}
}

bool label_take_claim(const MediaLabelInfo *info, struct label *label)
{
	struct label taken = {.id_length = info->LabelIDSize};

	if (info->LabelIDSize == 0 || info->LabelIDSize > sizeof(taken.id) ||
	    !utf16_take(info->LabelType, NTMSMLI_MAXTYPE, taken.type, sizeof(taken.type)) ||
	    !utf16_take(info->LabelAppDescr, NTMSMLI_MAXAPPDESCR, taken.info, sizeof(taken.info)) ||
	    taken.type[0] == '\0' || has_control(taken.type))
		return false;
	hide_control(taken.info);
	memcpy(taken.id, info->LabelID, info->LabelIDSize);
	*label = taken;
	return true;
}

DWORD label_claim(const void *block, size_t size, struct label *label)
{
	const struct plugins *plugins;

	memset(label, 0, sizeof(*label));
	if (size > LABEL_READ_SIZE)
		size = LABEL_READ_SIZE;
	for (size_t i = 0; i < FORMATS; i++) {
		MediaLabelInfo info;

		memset(&info, 0, sizeof(info));
		if (formats[i].claim(block, (DWORD)size, &info) == NO_ERROR &&
		    label_take_claim(&info, label))
			return ERROR_SUCCESS;
	}
	plugins = plugins_installed();
	if (plugins_claim(plugins, block, size, label))
		return ERROR_SUCCESS;
	if (plugins_refused(plugins))
		return ntms_say(ERROR_BAD_FORMAT,
				"no format claims the label; of the label plug-ins, %zu could not "
				"be used: %s",
				plugins_refused(plugins), plugins_refusal(plugins, 0));
	return ntms_say(ERROR_BAD_FORMAT, "no format claims the label");
}

/* Behind the filemark is the other label. The first one will do if it cannot be read. */
static void read_ltfs(struct tape *tape, uint8_t *block, size_t *got)
{
	size_t more;

	if (tape_read(tape, block + *got, LABEL_READ_SIZE - *got, &more) || more != 0 ||
	    tape_read(tape, block + *got, LABEL_READ_SIZE - *got, &more) ||
	    more > LABEL_READ_SIZE - *got)
		return;
	*got += more;
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
	error = tape_read(tape, block, LABEL_READ_SIZE, got);
	if (error == -EMSGSIZE) {
		*too_large = true;
		error = 0;
	}
	if (error)
		return error;
	if (*got > LABEL_READ_SIZE)
		return ntms_say_errno(-EIO, "the drive returned more than was asked for");
	if (ltfs_is_first_block(block, *got))
		read_ltfs(tape, block, got);
	return tape_rewind(tape);
}

int label_read(struct tape *tape, struct label *label)
{
	bool too_large;
	uint8_t *block;
	size_t got;
	int error;

	memset(label, 0, sizeof(*label));
	block = malloc(LABEL_READ_SIZE);
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

static uint32_t shortest_id(const char *type)
{
	for (size_t i = 0; i < FORMATS; i++) {
		if (strcmp(type, formats[i].type) == 0)
			return formats[i].least;
	}
	return 0;
}

bool label_equal(const struct label *a, const struct label *b)
{
	uint32_t least, common;

	if (strcmp(a->type, b->type) != 0 || a->id_length > sizeof(a->id) ||
	    b->id_length > sizeof(b->id))
		return false;
	common = a->id_length < b->id_length ? a->id_length : b->id_length;
	if (a->id_length != b->id_length) {
		least = shortest_id(a->type);
		if (least == 0 || common < least)
			return false;
	}
	return memcmp(a->id, b->id, common) == 0;
}

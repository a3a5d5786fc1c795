/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* virtual-shape.c - what a virtual library is made of, and the file "library" that says it */
#include <errno.h>
#include <stdio.h>
#include "base/say.h"
#include "broker/virtual-impl.h"

static const struct virtual_kind_of_media kinds[] = {
	[VIRTUAL_LTO8] = {"lto8", "VIRTUAL LTO-8", "L8", 0x88, 0x5e, DRIVE_TAPE},
	[VIRTUAL_LTO5] = {"lto5", "VIRTUAL LTO-5", "L5", 0x58, 0x58, DRIVE_TAPE},
	[VIRTUAL_DLT] = {"dlt", "VIRTUAL DLT7000", "D", 0x86, 0x1b, DRIVE_TAPE},
	/* Rewritable; the density is that of ISO 10089, 130 mm. */
	[VIRTUAL_MEDIA_KINDS] = {"mo", "VIRTUAL MO", "MO", 0x03, 0x06, DRIVE_OPTICAL},
};

#define FIRST_TITLE "RSM virtual library 1\n"

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

const struct virtual_kind_of_media *virtual_media(const struct virtual_shape *shape)
{
	return &kinds[shape->sides == 2 ? VIRTUAL_MEDIA_KINDS : shape->media];
}

int virtual_check_shape(const struct virtual_shape *shape)
{
	if (shape->drives < 1 || shape->drives > VIRTUAL_MAX_DRIVES)
		return ntms_say_errno(-EINVAL, "a virtual library has 1 to %d drives, not %u",
				      VIRTUAL_MAX_DRIVES, shape->drives);
	if (shape->standalone > VIRTUAL_MAX_DRIVES - shape->drives)
		return ntms_say_errno(
			-EINVAL,
			"beside %u drives in the library there can be at most %u that "
			"stand alone, not %u",
			shape->drives, VIRTUAL_MAX_DRIVES - shape->drives, shape->standalone);
	if (shape->slots < 1 || shape->slots > VIRTUAL_MAX_SLOTS)
		return ntms_say_errno(-EINVAL, "a virtual library has 1 to %d slots, not %u",
				      VIRTUAL_MAX_SLOTS, shape->slots);
	if (shape->ports > VIRTUAL_MAX_PORTS)
		return ntms_say_errno(-EINVAL, "a virtual library has at most %d ports, not %u",
				      VIRTUAL_MAX_PORTS, shape->ports);
	if (shape->tapes > shape->slots || shape->cleaners > shape->slots - shape->tapes)
		return ntms_say_errno(-EINVAL, "%u tapes and %u cleaners do not fit into %u slots",
				      shape->tapes, shape->cleaners, shape->slots);
	if (shape->magazine && (shape->magazine > shape->slots || shape->slots % shape->magazine))
		return ntms_say_errno(-EINVAL, "%u slots cannot be divided into magazines of %u",
				      shape->slots, shape->magazine);
	if (shape->sides > 2)
		return ntms_say_errno(-EINVAL, "a cartridge has 1 or 2 sides, not %u",
				      shape->sides);
	if ((unsigned int)shape->media >= VIRTUAL_MEDIA_KINDS)
		return ntms_say_errno(-EINVAL, "there is no virtual media type %u",
				      (unsigned int)shape->media);
	if (shape->sides == 2 && shape->media)
		return ntms_say_errno(-EINVAL, "there are no two-sided tapes");
	return 0;
}

int virtual_library_text(const struct virtual_broker *vb, char *text, size_t size)
{
	const struct virtual_shape *shape = &vb->shape;

	return snprintf(text, size,
			"RSM virtual library 2\nserial %s\ndrives %u\nslots %u\nports %u\n"
			"standalone %u\nmagazine %u\ndoor %u\nreader %u\nmedia %s\n",
			vb->serial, shape->drives, shape->slots, shape->ports, shape->standalone,
			shape->magazine, shape->door, !shape->no_reader,
			virtual_media(shape)->word);
}

static bool serial_valid(const char *serial)
{
	return strlen(serial) == 12 && strncmp(serial, "VLIB", 4) == 0 &&
	       strspn(serial + 4, "0123456789ABCDEF") == 8;
}

/* As they were made before there were doors to be told of: with one. */
static bool parse_first(struct virtual_broker *vb, const char *text)
{
	struct virtual_shape *shape = &vb->shape;
	char same[LIBRARY_TEXT_SIZE];

	if (sscanf(text, "RSM virtual library 1 serial %15s drives %u slots %u ports %u",
		   vb->serial, &shape->drives, &shape->slots, &shape->ports) != 4)
		return false;
	snprintf(same, sizeof(same),
		 "RSM virtual library 1\nserial %s\ndrives %u\nslots %u\nports %u\n", vb->serial,
		 shape->drives, shape->slots, shape->ports);
	shape->door = true;
	return strcmp(text, same) == 0;
}

static bool parse_media(struct virtual_shape *shape, const char *word)
{
	for (size_t i = 0; i < KINDS; i++) {
		if (strcmp(kinds[i].word, word) != 0)
			continue;
		shape->sides = i == VIRTUAL_MEDIA_KINDS ? 2 : 1;
		shape->media = shape->sides == 2 ? 0 : (enum virtual_media)i;
		return true;
	}
	return false;
}

static bool parse_second(struct virtual_broker *vb, const char *text)
{
	struct virtual_shape *shape = &vb->shape;
	char same[LIBRARY_TEXT_SIZE];
	unsigned int door, reader;
	char word[16];

	if (sscanf(text,
		   "RSM virtual library 2 serial %15s drives %u slots %u ports %u standalone %u "
		   "magazine %u door %u reader %u media %15s",
		   vb->serial, &shape->drives, &shape->slots, &shape->ports, &shape->standalone,
		   &shape->magazine, &door, &reader, word) != 9 ||
	    door > 1 || reader > 1 || !parse_media(shape, word))
		return false;
	shape->door = door;
	shape->no_reader = !reader;
	virtual_library_text(vb, same, sizeof(same));
	return strcmp(text, same) == 0;
}

bool virtual_library_parse(struct virtual_broker *vb, const char *text)
{
	bool good;

	memset(&vb->shape, 0, sizeof(vb->shape));
	good = strncmp(text, FIRST_TITLE, strlen(FIRST_TITLE)) == 0 ? parse_first(vb, text)
								    : parse_second(vb, text);
	return good && serial_valid(vb->serial) && virtual_check_shape(&vb->shape) == 0;
}

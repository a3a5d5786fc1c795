/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * label.h - what is written at the beginning of a medium: who claims it, and the free label
 *
 * Recognition goes through the plug-in interface of ntmsmli.h: every format is a
 * pair of MaxMediaLabel and ClaimMediaLabel, the built-in ones too.
 */
#ifndef NTMS_LABEL_LABEL_H
#define NTMS_LABEL_LABEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "ntms/ntmsmli.h"
#include "broker/broker.h"

/* Label types of the built-in formats, as szOmidLabelType shows them (docs/labels.md). MTF is for
 * media whose software has no name; others have its name for a type. */
#define LABEL_TYPE_FREE	  "RSM Free"
#define LABEL_TYPE_TAR	  "tar"
#define LABEL_TYPE_MTF	  "MTF"
#define LABEL_TYPE_BACULA "Bacula"
#define LABEL_TYPE_AMANDA "Amanda"
#define LABEL_TYPE_LTFS	  "LTFS"
#define LABEL_TYPE_ANSI	  "ANSI VOL1"
#define LABEL_TYPE_IBM	  "IBM VOL1"
#define LABEL_TYPE_CPIO	  "cpio"

struct label {
	char type[NTMS_OMIDLABELTYPE_LENGTH * 3]; /* "" when nobody claims it */
	uint32_t id_length;
	uint8_t id[NTMS_OMIDLABELID_LENGTH];
	char info[NTMS_OMIDLABELINFO_LENGTH * 3];
	bool blank; /* nothing is written at all */
};

/* Bytes from the beginning of the medium that the formats want to see. */
size_t label_max(void);

/* Ask every format in turn, the built-in ones and then the plug-ins; the first claim wins.
 * ERROR_SUCCESS, or ERROR_BAD_FORMAT and a message. What a plug-in answers is checked: lengths in
 * range, text terminated, id not empty, the type none of ours. */
DWORD label_claim(const void *block, size_t size, struct label *label);

/* Read the label of the medium in a drive the caller holds: rewinds before and after.
 * 0 (label->type "" and ->blank tell of unknown and blank media) or -errno. */
int label_read(struct tape *tape, struct label *label);

/* Write a free label with a fresh id for the cartridge named @barcode (may be "").
 * Fills @label with what label_read will say. 0 or -errno. */
int label_write_free(struct tape *tape, const char *barcode, struct label *label);

/*
 * The same medium? Type and id decide; two unlabelled ones are equal. Where an id is made from
 * what could be read (tar, cpio, LTFS), one made from less equals a longer one that begins with
 * it: a block may have been short, and records may be of an older release.
 */
bool label_equal(const struct label *a, const struct label *b);

#endif

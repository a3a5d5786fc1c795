/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * formats.h - the built-in label formats, each a pair of functions of ntmsmli.h
 *
 * docs/labels.md says what each of them recognises, and what type, id and text it gives.
 */
#ifndef NTMS_LABEL_FORMATS_H
#define NTMS_LABEL_FORMATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "ntms/ntmsmli.h"
#include "label/label.h"

DWORD WINAPI free_max(DWORD *const size);
DWORD WINAPI free_claim(const BYTE *const block, const DWORD size, MediaLabelInfo *const info);

DWORD WINAPI tar_max(DWORD *const size);
DWORD WINAPI tar_claim(const BYTE *const block, const DWORD size, MediaLabelInfo *const info);

DWORD WINAPI mtf_max(DWORD *const size);
DWORD WINAPI mtf_claim(const BYTE *const block, const DWORD size, MediaLabelInfo *const info);

DWORD WINAPI bacula_max(DWORD *const size);
DWORD WINAPI bacula_claim(const BYTE *const block, const DWORD size, MediaLabelInfo *const info);

DWORD WINAPI amanda_max(DWORD *const size);
DWORD WINAPI amanda_claim(const BYTE *const block, const DWORD size, MediaLabelInfo *const info);

DWORD WINAPI ltfs_max(DWORD *const size);
DWORD WINAPI ltfs_claim(const BYTE *const block, const DWORD size, MediaLabelInfo *const info);

DWORD WINAPI ansi_max(DWORD *const size);
DWORD WINAPI ansi_claim(const BYTE *const block, const DWORD size, MediaLabelInfo *const info);

DWORD WINAPI cpio_max(DWORD *const size);
DWORD WINAPI cpio_claim(const BYTE *const block, const DWORD size, MediaLabelInfo *const info);

#define LTFS_SERIAL_SIZE 6

/* The first block of an LTFS volume, and nothing else: its other label is in the next file. */
bool ltfs_is_first_block(const uint8_t *block, size_t size);

/* A block is read up to this size; tar writes 10 KiB, others 64 and more. Host adapters can do
 * at least this much at once. */
#define LABEL_READ_SIZE (256 * 1024)

/* What a plug-in, which may be anybody's work, says of a label it claims. False, and *@label as it
 * was, if that is no proper answer. Control characters in the text for people become '?'. */
bool label_take_claim(const MediaLabelInfo *info, struct label *label);

/* Is it the type of a built-in format? Nobody else may claim by that name. */
bool label_type_is_builtin(const char *type);

#define FREE_LABEL_SIZE 1024

/* Fill @block with a free label: fresh id, the present time, @barcode as far as it is text. */
void free_label_make(const char *barcode, uint8_t block[FREE_LABEL_SIZE]);

/*
 * Text from a medium, for people: at most @size bytes of @from up to a NUL, without trailing
 * blanks, what cannot be shown as '?', cut to fit into @units of @to. UTF-8 is kept if it is
 * well-formed.
 */
void label_text(const uint8_t *from, size_t size, WCHAR *to, size_t units);

/*
 * An id for a format that has none: a digest of the first @sizes[0] bytes, then one of the first
 * @sizes[1], and so on, 16 bytes each. Who has seen more of a medium has a longer id for it that
 * begins with the shorter one (see label_equal). @space is the format's name space.
 */
#define LABEL_DIGEST_SIZE 16
void label_digest_id(const uint8_t space[16], const BYTE *block, const size_t *sizes, size_t count,
		     MediaLabelInfo *info);

#endif

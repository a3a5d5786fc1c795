/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* formats.h - the built-in label formats, each a pair of functions of ntmsmli.h */
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

DWORD WINAPI ansi_max(DWORD *const size);
DWORD WINAPI ansi_claim(const BYTE *const block, const DWORD size, MediaLabelInfo *const info);

/* What a plug-in, which may be anybody's work, says of a label it claims. False, and *@label as it
 * was, if that is no proper answer. */
bool label_take_claim(const MediaLabelInfo *info, struct label *label);

#define FREE_LABEL_SIZE 1024

/* Fill @block with a free label: fresh id, the present time, @barcode as far as it is text. */
void free_label_make(const char *barcode, uint8_t block[FREE_LABEL_SIZE]);

/*
 * Text from a medium, for people: at most @size bytes of @from up to a NUL, without trailing
 * blanks, what cannot be shown as '?', cut to fit into @units of @to. UTF-8 is kept if it is
 * well-formed.
 */
void label_text(const uint8_t *from, size_t size, WCHAR *to, size_t units);

#endif

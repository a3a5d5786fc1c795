/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * utf.h - strict conversion between UTF-8 (the A functions and the database) and
 * UTF-16 (the W functions)
 *
 * Nothing malformed passes: no overlong forms, no surrogates in UTF-8, no unpaired ones in
 * UTF-16, nothing above U+10FFFF. Sizes are capacities in units of the type, the closing NUL
 * included; a text never ends without its NUL.
 */
#ifndef NTMS_BASE_UTF_H
#define NTMS_BASE_UTF_H

#include <stdbool.h>
#include <stddef.h>
#include "ntms/ntmswin.h"

/* The number of UTF-16 units of a UTF-8 text, without the NUL; false if it is malformed. */
bool utf8_units(const char *text, size_t *units);

/*
 * Take a caller's text, all of it: false if it is malformed, has no NUL within @max units (the
 * caller's limit in units of its own kind, NUL included), or does not fit into @size. @to is
 * then the empty text.
 */
bool utf16_take(const WCHAR *from, size_t max, char *to, size_t size);
bool utf8_take(const char *from, size_t max, char *to, size_t size);

/*
 * Give a text to a caller, cut between two characters if it does not fit into @size units.
 * What is malformed in @from (it comes from the database) ends it. The rest of @to is zeroed,
 * so that nothing of the caller's memory or ours is left in it.
 */
void utf16_give(const char *from, WCHAR *to, size_t size);
void utf8_give(const char *from, char *to, size_t size);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * text.h - text that came from devices, files and people: checked before it is shown
 *
 * Functions that return char * return memory of malloc() and never NULL: a command
 * that has no memory left says so and ends.
 */
#ifndef RSM_TEXT_H
#define RSM_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include "ntms/ntmsapi.h"

/* The pointer, or the end of the program when it is NULL. */
void *need(void *pointer);

/* printf into memory of its own. */
char *text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* "1 slot", "2 slots". */
char *text_count(unsigned long long count, const char *thing);

/* The same text as valid UTF-8; what is not becomes U+FFFD. @max: bytes at most. */
char *text_clean(const char *text, size_t max);

/* Up to @max UTF-16 units, as UTF-8. */
char *text_from_wide(const WCHAR *text, size_t max);

/* UTF-8 into @room units of UTF-16 with its NUL; false when it does not fit or is not valid. */
bool text_to_wide(const char *text, WCHAR *wide, size_t room);

/* What may be sent to a terminal: control characters and those that change the direction of
 * writing are written as \xNN or \uNNNN. */
char *text_visible(const char *text);

/* Bytes of the longest beginning of @text that takes at most @columns characters. */
size_t text_fit(const char *text, size_t columns);

/* Of @count words, the one nearest to @word, or NULL when none is near. */
const char *text_nearest(const char *word, const char *const *words, size_t count);

#endif

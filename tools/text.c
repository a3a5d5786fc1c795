/* SPDX-License-Identifier: GPL-2.0-only */
#define _GNU_SOURCE /* vasprintf */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "exit.h"
#include "text.h"

#define REPLACEMENT 0xfffdu

void *need(void *pointer)
{
	if (!pointer) {
		fputs("rsm: out of memory\n", stderr);
		_Exit(EXIT_OTHER);
	}
	return pointer;
}

char *text_format(const char *format, ...)
{
	char *text = NULL;
	va_list list;

	va_start(list, format);
	if (vasprintf(&text, format, list) < 0)
		text = NULL;
	va_end(list);
	return need(text);
}

char *text_count(unsigned long long count, const char *thing)
{
	return text_format("%llu %s%s", count, thing, count == 1 ? "" : "s");
}

/* How long a sequence its first byte announces; 0 for a byte that begins none. */
static size_t sequence_length(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first < 0xe0)
		return 2;
	if (first >= 0xe0 && first < 0xf0)
		return 3;
	return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

/* One character from @length bytes; the bytes it took, and false in @valid for a wrong one. */
static size_t decode(const char *text, size_t length, uint32_t *point, bool *valid)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *byte = (const unsigned char *)text;
	size_t bytes = sequence_length(byte[0]);
	uint32_t value;

	*valid = false;
	*point = REPLACEMENT;
	if (!bytes || bytes > length)
		return 1;
	value = bytes == 1 ? byte[0] : byte[0] & (0x7fu >> bytes);
	for (size_t i = 1; i < bytes; i++) {
		if ((byte[i] & 0xc0) != 0x80)
			return 1;
		value = value << 6 | (byte[i] & 0x3f);
	}
	if (value < least[bytes] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
		return 1;
	*valid = true;
	*point = value;
	return bytes;
}

static size_t encode(uint32_t point, char *out)
{
	if (point < 0x80) {
		out[0] = (char)point;
		return 1;
	}
	if (point < 0x800) {
		out[0] = (char)(0xc0 | point >> 6);
		out[1] = (char)(0x80 | (point & 0x3f));
		return 2;
	}
	if (point < 0x10000) {
		out[0] = (char)(0xe0 | point >> 12);
		out[1] = (char)(0x80 | (point >> 6 & 0x3f));
		out[2] = (char)(0x80 | (point & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | point >> 18);
	out[1] = (char)(0x80 | (point >> 12 & 0x3f));
	out[2] = (char)(0x80 | (point >> 6 & 0x3f));
	out[3] = (char)(0x80 | (point & 0x3f));
	return 4;
}

char *text_clean(const char *text, size_t max)
{
	size_t length = strnlen(text, max), used = 0;
	char *clean = need(malloc(length * 3 + 1));
	uint32_t point;
	bool valid;

	for (size_t at = 0; at < length;) {
		at += decode(text + at, length - at, &point, &valid);
		used += encode(point, clean + used);
	}
	clean[used] = '\0';
	return clean;
}

char *text_from_wide(const WCHAR *text, size_t max)
{
	char *out = need(malloc(max * 3 + 1));
	size_t used = 0;

	for (size_t at = 0; at < max && text[at]; at++) {
		uint32_t point = text[at];

		if (point >= 0xd800 && point < 0xdc00 && at + 1 < max && text[at + 1] >= 0xdc00 &&
		    text[at + 1] < 0xe000)
			point = 0x10000 + ((point - 0xd800) << 10) + (text[++at] - 0xdc00u);
		else if (point >= 0xd800 && point < 0xe000)
			point = REPLACEMENT;
		used += encode(point, out + used);
	}
	out[used] = '\0';
	return out;
}

bool text_to_wide(const char *text, WCHAR *wide, size_t room)
{
	size_t length = strlen(text), used = 0;
	uint32_t point;
	bool valid;

	for (size_t at = 0; at < length;) {
		at += decode(text + at, length - at, &point, &valid);
		if (!valid || used + (point > 0xffff ? 2 : 1) >= room)
			return false;
		if (point > 0xffff) {
			wide[used++] = (WCHAR)(0xd800 + ((point - 0x10000) >> 10));
			point = 0xdc00 + ((point - 0x10000) & 0x3ff);
		}
		wide[used++] = (WCHAR)point;
	}
	wide[used] = 0;
	return true;
}

/* Would it move the cursor, change the terminal, or make text look like other text? */
static bool is_unsafe(uint32_t point)
{
	return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x61c ||
	       (point >= 0x200e && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
	       (point >= 0x2066 && point <= 0x2069) || point == 0xfeff;
}

char *text_visible(const char *text)
{
	size_t length = strlen(text), used = 0;
	/* The worst case is one byte that becomes four. */
	char *out = need(malloc(length * 4 + 1));
	uint32_t point;
	bool valid;

	for (size_t at = 0; at < length;) {
		at += decode(text + at, length - at, &point, &valid);
		if (!is_unsafe(point))
			used += encode(point, out + used);
		else if (point < 0x100)
			used += (size_t)sprintf(out + used, "\\x%02x", point);
		else
			used += (size_t)sprintf(out + used, "\\u%04x", point);
	}
	out[used] = '\0';
	return out;
}

size_t text_fit(const char *text, size_t columns)
{
	size_t length = strlen(text), at = 0;
	uint32_t point;
	bool valid;

	while (at < length && columns--)
		at += decode(text + at, length - at, &point, &valid);
	return at;
}

/* Letters to change, add or take away to make one word of the other. */
static size_t distance(const char *a, const char *b)
{
	size_t row[32], length = strlen(b);

	if (length >= 32 || strlen(a) >= 32)
		return SIZE_MAX;
	for (size_t j = 0; j <= length; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= length; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[length];
}

const char *text_nearest(const char *word, const char *const *words, size_t count)
{
	const char *nearest = NULL;
	size_t least = strlen(word) / 3 + 2;

	for (size_t i = 0; i < count; i++) {
		size_t far = distance(word, words[i]);

		if (far < least) {
			least = far;
			nearest = words[i];
		}
	}
	return nearest;
}

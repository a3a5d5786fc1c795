/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdint.h>
#include <string.h>
#include "base/utf.h"

/* The next character of a UTF-8 text and its length in bytes; 0 for a malformed one. Reads no
 * further than the NUL, which is a character of length 1. */
static size_t utf8_next(const char *text, uint32_t *character)
{
	const uint8_t *bytes = (const uint8_t *)text;
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t length;
	uint32_t value;

	if (bytes[0] < 0x80) {
		*character = bytes[0];
		return 1;
	}
	if (bytes[0] >= 0xC2 && bytes[0] <= 0xDF)
		length = 2;
	else if (bytes[0] >= 0xE0 && bytes[0] <= 0xEF)
		length = 3;
	else if (bytes[0] >= 0xF0 && bytes[0] <= 0xF4)
		length = 4;
	else
		return 0;
	value = bytes[0] & (0xFFu >> (length + 1));
	for (size_t i = 1; i < length; i++) {
		if ((bytes[i] & 0xC0) != 0x80)
			return 0;
		value = value << 6 | (bytes[i] & 0x3Fu);
	}
	if (value < least[length] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
		return 0;
	*character = value;
	return length;
}

static size_t utf8_put(uint32_t character, char out[4])
{
	if (character < 0x80) {
		out[0] = (char)character;
		return 1;
	}
	if (character < 0x800) {
		out[0] = (char)(0xC0 | character >> 6);
		out[1] = (char)(0x80 | (character & 0x3F));
		return 2;
	}
	if (character < 0x10000) {
		out[0] = (char)(0xE0 | character >> 12);
		out[1] = (char)(0x80 | (character >> 6 & 0x3F));
		out[2] = (char)(0x80 | (character & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | character >> 18);
	out[1] = (char)(0x80 | (character >> 12 & 0x3F));
	out[2] = (char)(0x80 | (character >> 6 & 0x3F));
	out[3] = (char)(0x80 | (character & 0x3F));
	return 4;
}

bool utf8_units(const char *text, size_t *units)
{
	uint32_t character;
	size_t length;

	*units = 0;
	for (; *text; text += length) {
		length = utf8_next(text, &character);
		if (length == 0)
			return false;
		*units += character >= 0x10000 ? 2 : 1;
	}
	return true;
}

static bool utf16_take_all(const WCHAR *from, size_t max, char *to, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < max; i++) {
		uint32_t character = from[i];
		char bytes[4];
		size_t length;

		if (character == 0) {
			to[used] = '\0';
			return true;
		}
		if (character >= 0xDC00 && character <= 0xDFFF)
			return false;
		if (character >= 0xD800 && character <= 0xDBFF) {
			if (++i >= max || from[i] < 0xDC00 || from[i] > 0xDFFF)
				return false;
			character = 0x10000 + ((character - 0xD800) << 10) +
				    ((uint32_t)from[i] - 0xDC00);
		}
		length = utf8_put(character, bytes);
		if (used + length >= size)
			return false;
		memcpy(to + used, bytes, length);
		used += length;
	}
	return false;
}

bool utf16_take(const WCHAR *from, size_t max, char *to, size_t size)
{
	if (utf16_take_all(from, max, to, size))
		return true;
	to[0] = '\0';
	return false;
}

bool utf8_take(const char *from, size_t max, char *to, size_t size)
{
	size_t length = strnlen(from, max);
	size_t units;

	to[0] = '\0';
	if (length == max || length >= size || !utf8_units(from, &units))
		return false;
	memcpy(to, from, length + 1);
	return true;
}

void utf16_give(const char *from, WCHAR *to, size_t size)
{
	uint32_t character;
	size_t used = 0;
	size_t length;

	memset(to, 0, size * sizeof(*to));
	for (; *from; from += length) {
		length = utf8_next(from, &character);
		if (length == 0 || used + (character >= 0x10000 ? 2 : 1) >= size)
			return;
		if (character >= 0x10000) {
			character -= 0x10000;
			to[used++] = (WCHAR)(0xD800 + (character >> 10));
			to[used++] = (WCHAR)(0xDC00 + (character & 0x3FF));
		} else {
			to[used++] = (WCHAR)character;
		}
	}
}

void utf8_give(const char *from, char *to, size_t size)
{
	uint32_t character;
	size_t used = 0;
	size_t length;

	memset(to, 0, size);
	for (; from[used]; used += length) {
		length = utf8_next(from + used, &character);
		if (length == 0 || used + length >= size)
			return;
		memcpy(to + used, from + used, length);
	}
}

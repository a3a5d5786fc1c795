/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* text.c - text from a medium made fit to be shown */
#include <stdbool.h>
#include <string.h>
#include "base/utf.h"
#include "label/formats.h"

/* As long as the longest name in a tar header; no label has more to say. */
#define TEXT_MAX 512

void label_text(const uint8_t *from, size_t size, WCHAR *to, size_t units)
{
	char text[TEXT_MAX + 1];
	size_t length;
	size_t ignored;
	bool utf8;

	length = strnlen((const char *)from, size < TEXT_MAX ? size : TEXT_MAX);
	while (length && from[length - 1] == ' ')
		length--;
	memcpy(text, from, length);
	text[length] = '\0';
	utf8 = utf8_units(text, &ignored);
	for (size_t i = 0; i < length; i++) {
		uint8_t byte = (uint8_t)text[i];

		if (byte < ' ' || byte == 0x7f || (byte > 0x7f && !utf8))
			text[i] = '?';
	}
	utf16_give(text, to, units);
}

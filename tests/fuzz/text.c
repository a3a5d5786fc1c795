/* SPDX-License-Identifier: GPL-2.0-only */
/* text.c - for those that are linked with the inner names of libntms */
#include <string.h>
#include "base/utf.h"
#include "fuzz.h"

bool fuzz_is_text(const char *text, size_t size)
{
	size_t units;

	return memchr(text, '\0', size) && utf8_units(text, &units);
}

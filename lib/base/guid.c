/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <uuid/uuid.h>
#include "base/guid.h"

void guid_make(NTMS_GUID *guid)
{
	uuid_t raw;

	_Static_assert(sizeof(raw) == sizeof(*guid), "a GUID is sixteen bytes");
	uuid_generate_random(raw);
	memcpy(guid, raw, sizeof(raw));
}

void guid_make_ordered(NTMS_GUID *guid, uint64_t utc_ms)
{
	uint8_t raw[16];

	guid_make(guid);
	memcpy(raw, guid, sizeof(raw));
	for (int i = 0; i < 6; i++)
		raw[i] = (uint8_t)(utc_ms >> (40 - 8 * i));
	memcpy(guid, raw, sizeof(raw));
}

void guid_format(const NTMS_GUID *guid, char text[GUID_TEXT_SIZE])
{
	const uint8_t *tail = guid->Data4;

	snprintf(text, GUID_TEXT_SIZE, "%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x",
		 guid->Data1, guid->Data2, guid->Data3, tail[0], tail[1], tail[2], tail[3], tail[4],
		 tail[5], tail[6], tail[7]);
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* A dash may stand only where the groups end. */
static bool dash_allowed(size_t digits)
{
	return digits == 8 || digits == 12 || digits == 16 || digits == 20;
}

bool guid_parse(const char *text, NTMS_GUID *guid)
{
	size_t length = strlen(text);
	uint8_t raw[16] = {0};
	size_t digits = 0;
	bool after_dash = false;

	if (length >= 2 && text[0] == '{' && text[length - 1] == '}') {
		text++;
		length -= 2;
	}
	for (size_t i = 0; i < length; i++) {
		int value = hex_value(text[i]);

		if (text[i] == '-' && dash_allowed(digits) && !after_dash) {
			after_dash = true;
			continue;
		}
		if (value < 0 || digits == 32)
			return false;
		after_dash = false;
		raw[digits / 2] |= (uint8_t)(digits % 2 ? value : value << 4);
		digits++;
	}
	if (digits != 32)
		return false;
	guid->Data1 = (DWORD)raw[0] << 24 | (DWORD)raw[1] << 16 | (DWORD)raw[2] << 8 | raw[3];
	guid->Data2 = (WORD)(raw[4] << 8 | raw[5]);
	guid->Data3 = (WORD)(raw[6] << 8 | raw[7]);
	memcpy(guid->Data4, raw + 8, 8);
	return true;
}

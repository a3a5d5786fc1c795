/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* digest.c - ids for the media of formats that give them none */
#include <string.h>
#include <uuid/uuid.h>
#include "label/formats.h"

void label_digest_id(const uint8_t space[16], const BYTE *block, const size_t *sizes, size_t count,
		     MediaLabelInfo *info)
{
	uuid_t digest;

	info->LabelIDSize = 0;
	for (size_t i = 0; i < count; i++) {
		uuid_generate_sha1(digest, space, (const char *)block, sizes[i]);
		memcpy(info->LabelID + info->LabelIDSize, digest, sizeof(digest));
		info->LabelIDSize += LABEL_DIGEST_SIZE;
	}
}

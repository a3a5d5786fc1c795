/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RSM_PICTURE_TEXT_H
#define RSM_PICTURE_TEXT_H

#include "output.h"

/* Draw the document of picture.c for people; brief: the cartridges, one a line. */
void picture_text(struct rsm *rsm, const struct json_object *document, bool guid);

#endif

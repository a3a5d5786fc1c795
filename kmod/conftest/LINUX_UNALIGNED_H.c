// SPDX-License-Identifier: GPL-2.0-only
/* The header has moved out of asm/: since 6.12. */
#include <linux/unaligned.h>

int probe(const void *p);
int probe(const void *p)
{
	return get_unaligned_be16(p);
}

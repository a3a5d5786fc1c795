/* SPDX-License-Identifier: GPL-2.0-only */
/* label-bare.c - a shared object that is no media label library: it cannot claim anything */
#include "ntms/ntmsmli.h"

__attribute__((visibility("default"))) DWORD WINAPI MaxMediaLabel(DWORD *const size)
{
	*size = 64;
	return NO_ERROR;
}

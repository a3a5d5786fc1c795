/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* errname.h - error codes in words */
#ifndef NTMS_BASE_ERRNAME_H
#define NTMS_BASE_ERRNAME_H

#include "ntms/ntmswin.h"

/* "ERROR_INVALID_MEDIA"; "ERROR" for a code without a name. Static. */
const char *ntms_error_name(DWORD code);

/* What it means, one sentence for a person. Static; for a code without a name too. */
const char *ntms_error_text(DWORD code);

#endif

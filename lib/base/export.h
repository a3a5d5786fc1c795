/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* export.h - NTMS_EXPORT marks what leaves libntms.so; the public headers define it */
#ifndef NTMS_BASE_EXPORT_H
#define NTMS_BASE_EXPORT_H

#include "ntms/ntmswin.h"

#endif

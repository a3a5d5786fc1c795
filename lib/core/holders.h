/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* holders.h - devices and holders as the Linux calls list them */
#ifndef NTMS_CORE_HOLDERS_H
#define NTMS_CORE_HOLDERS_H

#include "core/session.h"

/* Up to @room entries into @list; *@count is how many there are. */
DWORD list_devices(struct session *session, RSM_DEVICE *list, uint32_t room, uint32_t *count);
DWORD list_conflicts(struct session *session, RSM_CONFLICT *list, uint32_t room, uint32_t *count);
DWORD list_holders(struct session *session, RSM_HOLDER *list, uint32_t room, uint32_t *count);

#endif

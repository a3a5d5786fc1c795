/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * change.h - noticing what people put into libraries and took out (reference 3.13)
 *
 * A look at a library is an inventory request in its queue, for whoever works it. A detection
 * looks at once and then whenever the broker tells that somebody was there; at drives that stand
 * alone also from time to time, because they do not announce it. It lives in its process alone:
 * who dies leaves at most a request that the next worker carries out.
 */
#ifndef NTMS_CORE_CHANGE_H
#define NTMS_CORE_CHANGE_H

#include "core/session.h"

struct detection;

/* See BeginNtmsDeviceChangeDetection. The detection ends with change_end() or its session, of
 * which it holds a reference. ERROR_NOT_ENOUGH_MEMORY. */
DWORD change_begin(struct session *session, struct detection **detectionp);

/*
 * See SetNtmsDeviceChangeDetection.
 * @handle: the session's detection, or NULL to look once
 * ERROR_INVALID_HANDLE, ERROR_INVALID_PARAMETER, ERROR_INVALID_LIBRARY, ERROR_INVALID_MEDIA,
 * ERROR_NOT_CONNECTED, ERROR_NOT_ENOUGH_MEMORY, database errors.
 */
DWORD change_set(struct session *session, HANDLE handle, const NTMS_GUID *objects, uint32_t type,
		 size_t count);

/* See EndNtmsDeviceChangeDetection. ERROR_INVALID_HANDLE. */
DWORD change_end(struct session *session, HANDLE handle);

/* The session is being closed: so are all its detections. */
void change_end_session(struct session *session);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mount.h - the caller's side of mounts and dismounts: what is checked, queued and waited for */
#ifndef NTMS_CORE_MOUNT_H
#define NTMS_CORE_MOUNT_H

#include "core/session.h"

struct mount_call {
	const NTMS_GUID *media; /* LMIDs or sides */
	NTMS_GUID *drives;	/* in with NTMS_MOUNT_SPECIFIC_DRIVE, out */
	uint32_t count;
	uint32_t options;
	int priority;
	uint32_t timeout_ms;
};

/* See MountNtmsMedia. */
DWORD mount_media(struct session *session, const struct mount_call *call);

/* See RsmGrantProcess. */
DWORD mount_grant(struct session *session, const NTMS_GUID *media, int pid);

struct dismount_call {
	const NTMS_GUID *guids; /* LMIDs or sides; or one drive */
	uint32_t count;
	uint32_t option;     /* DISMOUNT_OPTION_* */
	bool records_label;  /* the one that is on each medium by then */
	NTMS_GUID *requests; /* out: one for each, to wait for; or NULL */
};

/* See DismountNtmsMedia and DismountNtmsDrive. */
DWORD dismount_media(struct session *session, const struct dismount_call *call);
DWORD dismount_drive(struct session *session, const struct dismount_call *call);

/* See RsmRefreshLabel. */
DWORD refresh_label(struct session *session, const NTMS_GUID *lmid);

/* A side from an LMID or a side's GUID. ERROR_INVALID_MEDIA when it is neither. */
DWORD resolve_side(struct txn *txn, const NTMS_GUID *guid, struct object *side);

/* The broker's id of a drive's device. ERROR_DEVICE_NOT_AVAILABLE when it is not connected. */
DWORD drive_broker_id(struct ntms_system *system, const struct object *drive, uint32_t *id);

/* With the session's mutex: give back those of its mounts that have ended. Each has a descriptor,
 * and a session may live as long as its machine. */
void mounts_drop_ended(struct session *session);

#endif

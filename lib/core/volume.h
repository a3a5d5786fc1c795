/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* volume.h - the file system on a disk, and where it is mounted */
#ifndef NTMS_CORE_VOLUME_H
#define NTMS_CORE_VOLUME_H

#include <limits.h>
#include "ntms/ntmsapi.h"

/* Where the kernel tells about devices and mounts. */
struct volume_source {
	const char *sysfs;  /* "/sys" */
	const char *mounts; /* "/proc/self/mountinfo" */
};

struct volume {
	char node[PATH_MAX];	    /* block device: the one partition, or the whole disk */
	char mount_point[PATH_MAX]; /* empty when it is not mounted */
};

/*
 * volume_find - see GetVolumesFromDrive
 * @node: a disk's or its partition's block device, or the generic node of a SCSI disk
 *
 * ERROR_INVALID_DRIVE: there is no such device, or it is none with volumes, as a tape.
 * ERROR_NOT_READY: no medium is inside. ERROR_NOT_SUPPORTED: it has several partitions.
 * ERROR_ACCESS_DENIED, ERROR_DEVICE_NOT_AVAILABLE: the kernel does not tell.
 */
DWORD volume_find(const struct volume_source *source, const char *node, struct volume *volume);

#endif

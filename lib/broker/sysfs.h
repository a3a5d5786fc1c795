/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sysfs.h - device nodes and numbers of a SCSI device, looked up in /sys
 *
 * A device is found by its SCSI address, which the module reports, never by
 * guessing that changer drive 0 is /dev/nst0.
 */
#ifndef NTMS_BROKER_SYSFS_H
#define NTMS_BROKER_SYSFS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SYSFS_ROOT "/sys"

struct scsi_address {
	uint32_t host, channel, target;
	uint64_t lun;
};

enum sysfs_door {
	SYSFS_NST, /* nstN: tape, no rewind on close, default mode */
	SYSFS_SCH, /* schN: changer */
	SYSFS_SG,  /* sgN: generic */
};

/*
 * The path under /dev of @address's door into @node of @size bytes, with @root as the
 * place where sysfs is mounted. -ENOENT: the device has no such door (driver not loaded,
 * device gone); -ENAMETOOLONG; what opendir gives. Says nothing.
 */
int sysfs_node(const char *root, const struct scsi_address *address, enum sysfs_door door,
	       char *node, size_t size);

/* A tape drive has four modes, each with and without rewind. */
#define SYSFS_TAPE_NUMBERS 8

/* Device numbers of all st and nst nodes of the drive at @address; how many into @count.
 * Errors as above. */
int sysfs_tape_numbers(const char *root, const struct scsi_address *address,
		       dev_t numbers[SYSFS_TAPE_NUMBERS], size_t *count);

#endif

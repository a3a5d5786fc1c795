/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* scsi-pass.h - one SCSI command past the driver, by SG_IO */
#ifndef NTMS_BROKER_SCSI_PASS_H
#define NTMS_BROKER_SCSI_PASS_H

#include <stdint.h>
#include "broker/sense.h"

/* Command codes of SPC-4 and SSC-3 that are sent this way. */
#define SCSI_TEST_UNIT_READY 0x00
#define SCSI_SPACE	     0x11
#define SCSI_MODE_SENSE	     0x1a
#define SCSI_LOAD	     0x1b
#define SCSI_LOG_SENSE	     0x4d

/*
 * Sends @command, of six or ten bytes as its code says, to the device that is open as @fd, and
 * reads at most @size bytes of answer into @data. 0 and *@sense when the device answered (key 0:
 * well); -errno without a message when it did not, or the caller may not (CAP_SYS_RAWIO).
 */
int scsi_pass(int fd, const uint8_t *command, uint8_t *data, unsigned int size,
	      unsigned int timeout_ms, struct sense *sense);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sense.h - sense data: what a SCSI device says went wrong, as an errno and a sentence
 *
 * Pure functions, no I/O. The bytes come from a device and are not trusted.
 */
#ifndef NTMS_BROKER_SENSE_H
#define NTMS_BROKER_SENSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* SCSI status bytes (SAM-5) that matter here. */
#define SCSI_STATUS_GOOD       0x00
#define SCSI_STATUS_CHECK      0x02
#define SCSI_STATUS_BUSY       0x08
#define SCSI_STATUS_CONFLICT   0x18
#define SCSI_STATUS_QUEUE_FULL 0x28
#define SCSI_STATUS_ACA_ACTIVE 0x30
#define SCSI_STATUS_ABORTED    0x40

/* Sense keys (SPC-4) that decide something. */
#define SENSE_KEY_NOT_READY	  0x2
#define SENSE_KEY_HARDWARE_ERROR  0x4
#define SENSE_KEY_ILLEGAL_REQUEST 0x5
#define SENSE_KEY_UNIT_ATTENTION  0x6
#define SENSE_KEY_BLANK_CHECK	  0x8

struct sense {
	uint8_t key, asc, ascq;
	bool deferred; /* about an earlier command, not the one that failed */
};

/* Reads @length bytes in fixed or descriptor format; false if it is neither or too short to
 * name a sense key. Codes that were not sent are zero. */
bool sense_parse(const uint8_t *data, size_t length, struct sense *sense);

/*
 * What the sense data means, as a negative errno:
 *   -ENOTEMPTY   the destination element is full
 *   -ENOMEDIUM   the source element, or the drive, is empty
 *   -ERANGE      no such element
 *   -EMEDIUMTYPE the medium does not fit
 *   -EROFS       write-protected
 *   -EAGAIN      the device will be ready later without anybody's help, or was changed or
 *		  reset and will do when asked again
 *   -EINVAL	  the device does not know the command or one of its fields
 *   -EIO         anything else
 */
int sense_errno(const struct sense *sense);

/* The same of what a drive has answered, with one errno more: -EREMOTEIO when the drive itself is
 * out of order (HARDWARE ERROR), and not only the cartridge. */
int sense_drive_errno(const struct sense *sense);

/* The same as an English clause without a full stop; static. */
const char *sense_text(const struct sense *sense);

/*
 * A command that did not succeed, as a negative errno of the list above, and the thread's
 * message: "@what: the clause (codes)". @status is the SCSI status, @data its sense data.
 * 0 and no message when @status is GOOD.
 */
int sense_say(const char *what, uint8_t status, const uint8_t *data, size_t length);

#endif

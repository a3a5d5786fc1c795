/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* scsi-pass.c - one SCSI command past the driver, by SG_IO */
#include <errno.h>
#include <scsi/sg.h>
#include <string.h>
#include <sys/ioctl.h>
#include "broker/scsi-pass.h"

int scsi_pass(int fd, const uint8_t *command, uint8_t *data, unsigned int size,
	      unsigned int timeout_ms, struct sense *sense)
{
	/* The first three bits of a command's code say how long it is. */
	unsigned char length = command[0] < 0x20 ? 6 : 10;
	uint8_t cdb[10], bytes[64] = {0};
	struct sg_io_hdr request = {
		.interface_id = 'S',
		.dxfer_direction = size ? SG_DXFER_FROM_DEV : SG_DXFER_NONE,
		.cmd_len = length,
		.cmdp = cdb,
		.mx_sb_len = sizeof(bytes),
		.sbp = bytes,
		.dxferp = data,
		.dxfer_len = size,
		.timeout = timeout_ms,
	};

	memcpy(cdb, command, length);
	*sense = (struct sense){0};
	if (ioctl(fd, SG_IO, &request) < 0)
		return -errno;
	if (request.host_status)
		return -EIO;
	if (request.status == SCSI_STATUS_CHECK) {
		if (!sense_parse(bytes, request.sb_len_wr, sense))
			return -EIO;
		return 0;
	}
	return request.status == SCSI_STATUS_GOOD ? 0 : -EBUSY;
}

// SPDX-License-Identifier: GPL-2.0-only
/* scsi_execute_cmd() with its struct scsi_exec_args: since 6.3. */
#include <scsi/scsi_device.h>

int probe(struct scsi_device *sdev, const unsigned char *cmd, void *buffer, int *resid);
int probe(struct scsi_device *sdev, const unsigned char *cmd, void *buffer, int *resid)
{
	const struct scsi_exec_args args = {.resid = resid};

	return scsi_execute_cmd(sdev, cmd, REQ_OP_DRV_IN, buffer, 8, HZ, 0, &args);
}

// SPDX-License-Identifier: GPL-2.0-only
/* scsi_execute(): before 6.3. */
#include <scsi/scsi_device.h>

int probe(struct scsi_device *sdev, const unsigned char *cmd, void *buffer, int *resid);
int probe(struct scsi_device *sdev, const unsigned char *cmd, void *buffer, int *resid)
{
	return scsi_execute(sdev, cmd, DMA_FROM_DEVICE, buffer, 8, NULL, NULL, HZ, 0, 0, 0, resid);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between kernels.
 *
 * HAVE_* come from the probes in conftest/ (see Kbuild), never from a version number.
 */
#ifndef RSM_COMPAT_H
#define RSM_COMPAT_H

#include <linux/device.h>
#include <scsi/scsi_device.h>

#ifdef HAVE_LINUX_UNALIGNED_H
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

#ifdef HAVE_CLASS_INTERFACE_ONE_ARG
#define RSM_INTERFACE_ARGS struct device *dev
#else
#define RSM_INTERFACE_ARGS struct device *dev, struct class_interface *intf
#endif

#ifdef HAVE_GENL_MCAST_CAP
#define RSM_MCAST_FLAGS .flags = GENL_MCAST_CAP_SYS_ADMIN,
#else
#define RSM_MCAST_FLAGS
#endif

/*
 * Send one command that reads @len bytes (or none) and wait for its end, without any
 * retry. Returns the SCSI result, or a negative errno when it could not be sent.
 */
static inline int rsm_compat_execute(struct scsi_device *sdev, const u8 *cmd, void *buffer,
				     unsigned int len, int timeout,
				     u8 (*sense)[SCSI_SENSE_BUFFERSIZE], struct scsi_sense_hdr *hdr,
				     int *resid)
{
#if defined(HAVE_SCSI_EXECUTE_CMD)
	const struct scsi_exec_args args = {
		.sense = *sense,
		.sense_len = sizeof(*sense),
		.sshdr = hdr,
		.resid = resid,
	};

	return scsi_execute_cmd(sdev, cmd, REQ_OP_DRV_IN, buffer, len, timeout, 0, &args);
#elif defined(HAVE_SCSI_EXECUTE)
	return scsi_execute(sdev, cmd, len ? DMA_FROM_DEVICE : DMA_NONE, buffer, len, *sense, hdr,
			    timeout, 0, 0, 0, resid);
#else
#error "no known way to send a SCSI command: see the probes in conftest/"
#endif
}

#endif /* RSM_COMPAT_H */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kernel-drive.c - a drive is asked for its state, and nothing in it is moved
 *
 * By way of st's own node: st must see the unit attention that tells of a new medium, and would
 * miss it if somebody else asked before.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mtio.h>
#include <unistd.h>
#include "base/say.h"
#include "broker/kernel.h"
#include "broker/scsi-pass.h"

#define ASK_TIMEOUT_MS	  (30 * 1000)
#define UNLOAD_TIMEOUT_MS (2 * 60 * 60 * 1000)

/* LOG SENSE: the drive's state, very high frequency data (SSC-4 8.3.7); reading it changes
 * nothing, where reading the TapeAlert page would take the alerts away from others. */
#define PAGE_DRIVE_STATUS 0x11
#define LOG_HEADER_SIZE	  4
#define PARAMETER_HEADER  4
#define PARAMETER_SIZE	  4
#define CLEAN_REQUESTED	  0x04 /* byte 0 of the parameter: CRQST */
#define CLEAN_REQUIRED	  0x02 /* CRQRD */

/* A drive that is being asked. */
struct asked {
	char node[64];
	int fd;
	int hold; /* the reservation; or -1 */
};

static void stop_asking(struct asked *asked)
{
	if (asked->fd >= 0)
		close(asked->fd);
	if (asked->hold >= 0)
		close(asked->hold);
}

/* Nobody may open a managed drive that he does not hold. */
static int hold_meanwhile(const struct kernel_broker *broker, uint32_t drive, struct asked *asked)
{
	struct rsm_reserve request = {.drive = drive, .flags = RSM_RESERVE_NOWAIT};

	if (ioctl(broker->fd, RSM_IOC_RESERVE, &request) == 0) {
		asked->hold = request.fd;
		return 0;
	}
	switch (errno) {
	case EBUSY:
	case EOWNERDEAD:
		return ntms_say_errno(-EBUSY, "%s: somebody else holds drive %u", asked->node,
				      drive);
	case ENODEV:
		return ntms_say_errno(-ENODEV, "%s: the drive went away", asked->node);
	default:
		return ntms_say_errno(-errno, "%s: reserving drive %u: %s", asked->node, drive,
				      strerror(errno));
	}
}

static int open_asked(struct asked *asked)
{
	asked->fd = open(asked->node, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (asked->fd >= 0)
		return 0;
	switch (errno) {
	case EBUSY:
		return ntms_say_errno(-EBUSY, "%s: open in another process", asked->node);
	case ENXIO:
	case ENODEV:
	case ENOENT:
		return ntms_say_errno(-ENODEV, "%s: the drive went away", asked->node);
	default:
		return ntms_say_errno(-EIO, "%s: cannot be opened: %s", asked->node,
				      strerror(errno));
	}
}

/* Open the drive's node without waiting; 0, to be ended by stop_asking(), or -errno with a
 * message. */
static int start_asking(struct broker *base, uint32_t drive, struct asked *asked)
{
	const struct kernel_broker *broker = to_kernel(base);
	struct scsi_address address;
	struct rsm_device device;
	int error;

	*asked = (struct asked){.fd = -1, .hold = -1};
	error = kernel_device(broker, drive, RSM_KIND_DRIVE, &device);
	if (error)
		return error;
	address = kernel_address(&device);
	if (sysfs_node(SYSFS_ROOT, &address, SYSFS_NST, asked->node, sizeof(asked->node)) != 0)
		return ntms_say_errno(-ENODEV, "drive %u has no tape device: is module st loaded?",
				      drive);
	if (device.flags & RSM_DEVICE_MANAGED && !kernel_is_ours(broker, drive))
		error = hold_meanwhile(broker, drive, asked);
	if (!error)
		error = open_asked(asked);
	if (error)
		stop_asking(asked);
	return error;
}

/* st has not found the drive ready. Is it only not through with loading? */
static bool is_loading(int fd)
{
	static const uint8_t test_ready[6] = {SCSI_TEST_UNIT_READY};
	struct sense sense;

	if (scsi_pass(fd, test_ready, NULL, 0, ASK_TIMEOUT_MS, &sense) != 0)
		return false;
	return sense.key == SENSE_KEY_NOT_READY && sense.asc == 0x04 && sense.ascq == 0x01;
}

int kernel_drive_loaded(struct broker *broker, uint32_t drive, bool *loaded)
{
	struct mtget status = {0};
	struct asked asked;
	int error = start_asking(broker, drive, &asked);

	if (error)
		return error;
	if (ioctl(asked.fd, MTIOCGET, &status) < 0)
		error = ntms_say_errno(-EIO, "%s: asking for the status: %s", asked.node,
				       strerror(errno));
	else
		*loaded = GMT_ONLINE(status.mt_gstat) ||
			  (!GMT_DR_OPEN(status.mt_gstat) && is_loading(asked.fd));
	stop_asking(&asked);
	return error;
}

/* The first parameter of the page; every length in it is the device's. */
static bool read_status(const uint8_t *page, bool *needed)
{
	if ((page[0] & 0x3f) != PAGE_DRIVE_STATUS || page[LOG_HEADER_SIZE] != 0 ||
	    page[LOG_HEADER_SIZE + 1] != 0 || page[LOG_HEADER_SIZE + 3] < PARAMETER_SIZE)
		return false;
	*needed = page[LOG_HEADER_SIZE + PARAMETER_HEADER] & (CLEAN_REQUESTED | CLEAN_REQUIRED);
	return true;
}

int kernel_drive_cleaning(struct broker *broker, uint32_t drive, bool *needed)
{
	uint8_t page[LOG_HEADER_SIZE + PARAMETER_HEADER + PARAMETER_SIZE] = {0};
	const uint8_t log_sense[10] = {
		SCSI_LOG_SENSE, 0, 0x40 /* current values */ | PAGE_DRIVE_STATUS, 0, 0, 0, 0, 0,
		sizeof(page)};
	struct sense sense;
	struct asked asked;
	int error = start_asking(broker, drive, &asked);

	if (error)
		return error;
	error = scsi_pass(asked.fd, log_sense, page, sizeof(page), ASK_TIMEOUT_MS, &sense);
	stop_asking(&asked);
	if (!error && sense.key == 0 && read_status(page, needed))
		return 0;
	/* "The drive asks to be cleaned" instead of an answer. */
	if (!error && sense.asc == 0x00 && sense.ascq == 0x17) {
		*needed = true;
		return 0;
	}
	return ntms_say_errno(-EOPNOTSUPP, "%s: does not tell whether it has to be cleaned",
			      asked.node);
}

/*
 * By the generic node it takes one command, where st has to be opened with three. st does not need
 * to know: nothing is in its buffers when it is closed, and it looks anew at every medium.
 */
int kernel_drive_unload(struct broker *broker, uint32_t drive)
{
	static const uint8_t unload[6] = {SCSI_LOAD};
	struct scsi_address address;
	struct rsm_device device;
	struct sense sense;
	char node[64];
	int error;
	int fd;

	error = kernel_device(to_kernel(broker), drive, RSM_KIND_DRIVE, &device);
	if (error)
		return error;
	/* Only of a managed drive is it certain that nobody has it open. */
	if ((device.flags & (RSM_DEVICE_MANAGED | RSM_DEVICE_OPEN)) != RSM_DEVICE_MANAGED)
		return ntms_say_errno(-EBUSY, "drive %u may be open in a process", drive);
	address = kernel_address(&device);
	if (sysfs_node(SYSFS_ROOT, &address, SYSFS_SG, node, sizeof(node)) != 0)
		return ntms_say_errno(-ENODEV, "drive %u has no generic device", drive);
	fd = open(node, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return ntms_say_errno(-errno, "%s: %s", node, strerror(errno));
	error = scsi_pass(fd, unload, NULL, 0, UNLOAD_TIMEOUT_MS, &sense);
	close(fd);
	if (error)
		return ntms_say_errno(error, "%s: unloading: %s", node, strerror(-error));
	if (!sense.key)
		return 0;
	error = sense_drive_errno(&sense) == -EREMOTEIO ? -EREMOTEIO : -EIO;
	return ntms_say_errno(error, "%s: unloading: %s", node, sense_text(&sense));
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* kernel-robot.c - the commands that the lease of a changer or drive entitles to */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "base/say.h"
#include "broker/kernel.h"
#include "broker/sense.h"
#include "broker/smc.h"

#define MOVE_TIMEOUT_MS (5 * 60 * 1000)

static int assign(struct kernel_lease *lease, uint32_t drive, uint32_t flags)
{
	struct rsm_assign request = {.drive = drive, .flags = flags};

	if (ioctl(lease->fd, RSM_IOC_ASSIGN, &request) == 0)
		return 0;
	switch (errno) {
	case EBUSY:
		return ntms_say_errno(-EBUSY,
				      "drive %u belongs to another library, or is in use without a "
				      "reservation",
				      drive);
	case ENODEV:
		return ntms_say_errno(-ENODEV,
				      "there is no drive %u, or it or changer %u went away", drive,
				      lease->device);
	case ENOTTY:
		return ntms_say_errno(-EOPNOTSUPP, "drive %u stands alone and can have no drives",
				      lease->device);
	default:
		return ntms_say_errno(-errno, "assigning drive %u to changer %u: %s", drive,
				      lease->device, strerror(errno));
	}
}

int kernel_assign(struct broker_lease *lease, uint32_t drive)
{
	return assign(to_kernel_lease(lease), drive, 0);
}

int kernel_unassign(struct broker_lease *lease, uint32_t drive)
{
	return assign(to_kernel_lease(lease), drive, RSM_ASSIGN_REMOVE);
}

static int say_robot(int error, const char *what)
{
	switch (error) {
	case ERANGE:
		return ntms_say_errno(-ERANGE, "%s: the library has no such element", what);
	case ENODEV:
		return ntms_say_errno(-ENODEV, "%s: the changer went away", what);
	case ETIMEDOUT:
		return ntms_say_errno(-ETIMEDOUT, "%s: the changer did not answer in time", what);
	case EIO:
		return ntms_say_errno(-EIO, "%s: the changer could not be asked", what);
	case ENOTTY:
		return ntms_say_errno(-EOPNOTSUPP, "%s: a drive that stands alone has no robot",
				      what);
	default:
		return ntms_say_errno(-error, "%s: %s", what, strerror(error));
	}
}

static bool says_not_ready(const struct rsm_robot *robot)
{
	struct sense sense;

	return robot->status == SCSI_STATUS_CHECK &&
	       sense_parse(robot->sense, robot->sense_len, &sense) &&
	       sense.key == SENSE_KEY_NOT_READY;
}

int kernel_robot(struct kernel_lease *lease, const char *what, struct rsm_robot *robot)
{
	if (ioctl(lease->fd, RSM_IOC_ROBOT, robot) < 0)
		return say_robot(errno, what);
	if (says_not_ready(robot))
		lease->base.not_ready = true;
	return sense_say(what, robot->status, robot->sense, robot->sense_len);
}

/* Those above know -EIO for all answers that promise nothing particular. */
static int settle(int error)
{
	return error == -EAGAIN || error == -EINVAL ? -EIO : error;
}

static bool has_elements(const struct rsm_device *changer)
{
	for (int i = 0; i < RSM_ELEMENT_KINDS; i++)
		if (changer->count[i])
			return true;
	return false;
}

int kernel_changer(struct kernel_lease *lease, struct rsm_device *changer)
{
	uint8_t header[SMC_HEADER_SIZE];
	struct rsm_robot robot = {
		.op = RSM_ROBOT_READ_STATUS,
		.count = 1,
		.data = (uintptr_t)header,
		.data_len = sizeof(header),
	};
	int error;

	error = kernel_device(lease->broker, lease->device, RSM_KIND_CHANGER, changer);
	if (error && kernel_device(lease->broker, lease->device, RSM_KIND_DRIVE, changer) == 0)
		return ntms_say_errno(-EOPNOTSUPP, "drive %u stands alone: it has no elements",
				      lease->device);
	if (error || has_elements(changer))
		return error;
	/* After a reset the module asks for the ranges anew when a command needs them. */
	error = kernel_robot(lease, "asking the library for its elements", &robot);
	if (error)
		return settle(error);
	error = kernel_device(lease->broker, lease->device, RSM_KIND_CHANGER, changer);
	if (error)
		return error;
	if (!has_elements(changer))
		return ntms_say_errno(-EIO, "changer %u does not tell its elements", lease->device);
	return 0;
}

int kernel_scan(struct broker_lease *lease)
{
	struct rsm_robot robot = {.op = RSM_ROBOT_INIT_STATUS};

	return settle(kernel_robot(to_kernel_lease(lease), "scanning the library", &robot));
}

/* Can a medium be there? Transports carry media, but none stays in one. */
static bool is_place(const struct rsm_device *changer, uint16_t address)
{
	for (int i = RSM_ELEMENT_STORAGE; i < RSM_ELEMENT_KINDS; i++)
		if (address >= changer->first[i] && address - changer->first[i] < changer->count[i])
			return true;
	return false;
}

int kernel_move(struct broker_lease *lease_base, uint16_t from, uint16_t to, bool invert,
		uint32_t timeout_ms)
{
	struct kernel_lease *lease = to_kernel_lease(lease_base);
	struct rsm_robot robot = {
		.op = RSM_ROBOT_MOVE,
		.flags = invert ? RSM_ROBOT_INVERT : 0,
		.source = from,
		.destination = to,
		.timeout_ms = timeout_ms ? timeout_ms : MOVE_TIMEOUT_MS,
	};
	struct rsm_device changer;
	char what[64];
	int error;

	error = kernel_changer(lease, &changer);
	if (error)
		return error;
	if (!is_place(&changer, from) || !is_place(&changer, to))
		return ntms_say_errno(-ERANGE, "changer %u has no element %u to move a medium %s",
				      lease->device, is_place(&changer, from) ? to : from,
				      is_place(&changer, from) ? "to" : "from");
	snprintf(what, sizeof(what), "moving the medium from element %u to %u", from, to);
	return settle(kernel_robot(lease, what, &robot));
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* kernel-doors.c - the device nodes of a managed library are shut: who may open them, who tried */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/say.h"
#include "broker/kernel.h"

/* As rsm_event.node has it. */
#define NODE_MINOR_BITS 20

/* "/dev/nst0" of a device number; the number itself when nobody has a name for it. */
static void node_name(unsigned int major, unsigned int minor, char *name, size_t size)
{
	char path[64], line[128];
	bool found = false;
	FILE *file;

	snprintf(path, sizeof(path), SYSFS_ROOT "/dev/char/%u:%u/uevent", major, minor);
	file = fopen(path, "re");
	while (file && !found && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		found = strncmp(line, "DEVNAME=", 8) == 0;
	}
	if (file)
		fclose(file);
	if (found)
		snprintf(name, size, "/dev/%.56s", line + 8);
	else
		snprintf(name, size, "device %u:%u", major, minor);
}

static int say_manage(int error, uint32_t device, const struct rsm_manage *manage)
{
	char node[64], command[sizeof(manage->comm) + 1];

	switch (error) {
	case EBUSY:
		node_name(manage->major, manage->minor, node, sizeof(node));
		if (!manage->pid)
			return ntms_say_errno(-EBUSY, "%s is open somewhere: close it first", node);
		kernel_copy_text(manage->comm, sizeof(manage->comm), command, sizeof(command));
		return ntms_say_errno(-EBUSY, "%s is open in %s (%d): close it first", node,
				      command, manage->pid);
	case ENODEV:
		return ntms_say_errno(-ENODEV, "device %u is not there, or went away", device);
	case EPERM:
		return ntms_say_errno(
			-EPERM, "drive %u is not assigned to the changer of this lease", device);
	default:
		return ntms_say_errno(-error, "shutting the doors of device %u: %s", device,
				      strerror(error));
	}
}

int kernel_manage(struct broker_lease *base, uint32_t device)
{
	struct rsm_manage request = {.device = device};

	if (ioctl(to_kernel_lease(base)->fd, RSM_IOC_MANAGE, &request) == 0)
		return 0;
	return say_manage(errno, device, &request);
}

int kernel_unmanage(struct broker *broker, uint32_t device)
{
	struct rsm_unmanage request = {.device = device, .flags = RSM_UNMANAGE_FORCE};

	if (ioctl(to_kernel(broker)->fd, RSM_IOC_UNMANAGE, &request) == 0)
		return 0;
	if (errno == ENODEV)
		return ntms_say_errno(-ENODEV, "device %u is not there, or went away", device);
	return ntms_say_errno(-errno, "opening the doors of device %u: %s", device,
			      strerror(errno));
}

int kernel_grant(struct broker_hold *hold, int pid)
{
	struct rsm_grant request = {.pid = pid};

	if (ioctl(to_kernel_hold(hold)->fd, RSM_IOC_GRANT, &request) == 0)
		return 0;
	switch (errno) {
	case ESRCH:
		return ntms_say_errno(-ESRCH, "there is no process %d", pid);
	case ENOSPC:
		return ntms_say_errno(-ENOSPC, "no more than %d processes may use one drive",
				      RSM_GRANTS_MAX);
	case ESTALE:
	case ENODEV:
		return ntms_say_errno(-ESTALE, "the reservation is no more");
	default:
		return ntms_say_errno(-errno, "letting process %d use the drive: %s", pid,
				      strerror(errno));
	}
}

static void convert_conflict(const struct rsm_event *event, struct broker_conflict *conflict)
{
	*conflict = (struct broker_conflict){
		.device = event->device,
		.time_ms = event->time_ns / NSEC_PER_MSEC,
		.pid = event->pid,
		.uid = event->uid,
		.holder_pid = event->other_pid,
	};
	kernel_copy_text(event->comm, sizeof(event->comm), conflict->command,
			 sizeof(conflict->command));
	kernel_copy_text(event->other_comm, sizeof(event->other_comm), conflict->holder_command,
			 sizeof(conflict->holder_command));
	node_name(event->node >> NODE_MINOR_BITS, event->node & ((1U << NODE_MINOR_BITS) - 1),
		  conflict->node, sizeof(conflict->node));
}

/* All that @fd has to tell, into a list that grows. */
static int read_conflicts(int fd, struct broker_conflict **list, size_t *count)
{
	struct broker_conflict *grown;
	struct rsm_event event;
	ssize_t size;

	while ((size = read(fd, &event, sizeof(event))) == (ssize_t)sizeof(event)) {
		if (event.type != RSM_EVENT_CONFLICT || !event.node)
			continue;
		grown = reallocarray(*list, *count + 1, sizeof(**list));
		if (!grown)
			return ntms_say_errno(-ENOMEM, "out of memory");
		*list = grown;
		convert_conflict(&event, &grown[(*count)++]);
	}
	if (size < 0 && errno != EAGAIN)
		return ntms_say_errno(-errno, "reading events: %s", strerror(errno));
	return 0;
}

int kernel_conflicts(struct broker *broker, struct broker_conflict **list, size_t *count)
{
	int error;
	int fd;

	error = kernel_broker_ops.events_open(broker, &fd);
	if (error)
		return error;
	if (ioctl(fd, RSM_IOC_HISTORY, 0) < 0)
		error = ntms_say_errno(-errno, "asking for past events: %s", strerror(errno));
	else
		error = read_conflicts(fd, list, count);
	close(fd);
	if (error) {
		free(*list);
		*list = NULL;
		*count = 0;
	}
	return error;
}

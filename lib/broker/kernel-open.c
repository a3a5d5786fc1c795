/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* kernel-open.c - is a drive's device open, and in which process? */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/say.h"
#include "broker/kernel.h"

struct doors {
	dev_t numbers[SYSFS_TAPE_NUMBERS];
	size_t count;
};

static bool is_door(const struct doors *doors, const struct stat *status)
{
	if (!S_ISCHR(status->st_mode))
		return false;
	for (size_t i = 0; i < doors->count; i++)
		if (status->st_rdev == doors->numbers[i])
			return true;
	return false;
}

/* Has the process whose /proc/PID/fd is @fd_dir one of the doors open? -errno when its
 * descriptors may not be seen. */
static int process_has(int proc, const char *pid, const struct doors *doors)
{
	const struct dirent *entry;
	struct stat status;
	char path[64];
	int found = 0;
	DIR *dir;
	int fd;

	snprintf(path, sizeof(path), "%.20s/fd", pid);
	fd = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT || errno == ESRCH ? 0 : -errno;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return -ENOMEM;
	}
	while (!found && (entry = readdir(dir)) != NULL) {
		/* Follows the link: the node may be gone from /dev or have another name. */
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    fstatat(dirfd(dir), entry->d_name, &status, 0) == 0)
			found = is_door(doors, &status);
	}
	closedir(dir);
	return found;
}

/* 1 and *@pid; 0 when no process has it open; -EACCES when some may not be looked into. */
static int find_process(const struct doors *doors, int *pid)
{
	const struct dirent *entry;
	int result = 0;
	DIR *proc;

	proc = opendir("/proc");
	if (!proc)
		return -EACCES;
	while (result != 1 && (entry = readdir(proc)) != NULL) {
		int has;

		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		has = process_has(dirfd(proc), entry->d_name, doors);
		if (has == 1)
			*pid = atoi(entry->d_name);
		if (has == 1)
			result = 1;
		else if (has < 0)
			result = -EACCES;
	}
	closedir(proc);
	return result;
}

bool kernel_is_ours(const struct kernel_broker *broker, uint32_t drive)
{
	struct rsm_holding holding = {.drive = drive};

	return ioctl(broker->fd, RSM_IOC_HOLDING, &holding) == 0 && holding.drive == drive &&
	       holding.state == RSM_STATE_HELD && holding.pid == getpid();
}

/* st admits one opener: with O_NONBLOCK it does not wait for a medium, and closing an nst node
 * after nothing was done moves no tape. */
static int try_to_open(const struct kernel_broker *broker, uint32_t drive, const char *node)
{
	int fd = open(node, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0) {
		close(fd);
		return 0;
	}
	if (errno != EBUSY)
		return ntms_say_errno(-errno, "%s: %s", node, strerror(errno));
	/* To others than the holder, the module says the same as st. */
	if (kernel_is_ours(broker, drive))
		return 1;
	return ntms_say_errno(-EBUSY,
			      "%s: somebody else holds drive %u, and not all processes may be "
			      "looked into to see whether it is open",
			      node, drive);
}

/*
 * Of a managed drive the module knows, and a process is looked for only to name it (and for one
 * that had the device open before its driver was bound anew). Else looking has to do; it disturbs
 * nobody, but may not find what a container hides or a socket carries. Opening does find it; but
 * for as long as that takes, a program that has every right to the drive would be told that it is
 * busy. So that is for a drive that is our own, or when looking is not allowed.
 */
int kernel_drive_open(struct broker *base, uint32_t drive, int *pidp)
{
	struct kernel_broker *broker = to_kernel(base);
	struct doors doors = {.count = 0};
	struct scsi_address address;
	struct rsm_device device;
	int found = -EACCES;
	char node[64];
	int pid = 0;
	int error;

	error = kernel_device(broker, drive, RSM_KIND_DRIVE, &device);
	if (error)
		return error;
	address = kernel_address(&device);
	error = sysfs_node(SYSFS_ROOT, &address, SYSFS_NST, node, sizeof(node));
	if (error)
		return ntms_say_errno(-ENODEV, "drive %u has no tape device: is module st loaded?",
				      drive);
	if (sysfs_tape_numbers(SYSFS_ROOT, &address, doors.numbers, &doors.count) == 0)
		found = find_process(&doors, &pid);
	if (pidp)
		*pidp = pid;
	if (found == 1 || device.flags & RSM_DEVICE_OPEN)
		return 1;
	if (device.flags & RSM_DEVICE_MANAGED || (found == 0 && !kernel_is_ours(broker, drive)))
		return 0;
	return try_to_open(broker, drive, node);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kernel-lease.c - the lease of a changer or drive, which a child does not inherit
 *
 * The module takes a lease back when the last descriptor of it is closed. A process that is forked
 * without exec while a worker of its parent is at it would keep it for as long as it lives, and
 * nobody could work the library. So a child closes what it has of its parent's.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "base/say.h"
#include "broker/kernel.h"

static pthread_mutex_t leases_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t leases_once = PTHREAD_ONCE_INIT;
static struct kernel_lease *leases;

static void before_fork(void)
{
	pthread_mutex_lock(&leases_mutex);
}

static void after_fork(void)
{
	pthread_mutex_unlock(&leases_mutex);
}

static void after_fork_in_child(void)
{
	for (struct kernel_lease *lease = leases; lease; lease = lease->next) {
		close(lease->fd);
		lease->fd = -1;
	}
	leases = NULL;
	pthread_mutex_unlock(&leases_mutex);
}

static void watch_forks(void)
{
	pthread_atfork(before_fork, after_fork, after_fork_in_child);
}

static int say_lease(int error, uint32_t device, const struct rsm_lease *lease)
{
	switch (error) {
	case EBUSY:
		if (lease->holder)
			return ntms_say_errno(
				-EBUSY, "process %d already works for the library of device %u",
				lease->holder, device);
		return ntms_say_errno(-EBUSY,
				      "another process already works for the library of device %u",
				      device);
	case ENODEV:
		return ntms_say_errno(-ENODEV, "there is no changer or drive %u, or it went away",
				      device);
	case EPERM:
		return ntms_say_errno(-EPERM,
				      "drive %u is assigned to a changer and does not stand alone",
				      device);
	default:
		return ntms_say_errno(-error, "lease of device %u: %s", device, strerror(error));
	}
}

/* With the mutex: no child may be made that has a lease which is not listed. */
static int take(struct kernel_broker *broker, struct rsm_lease *request, struct kernel_lease *lease)
{
	if (ioctl(broker->fd, RSM_IOC_LEASE, request) < 0)
		return errno;
	lease->fd = request->fd;
	lease->next = leases;
	leases = lease;
	return 0;
}

int kernel_lease_take(struct broker *broker, uint32_t device, struct broker_lease **leasep)
{
	struct rsm_lease request = {.device = device, .flags = RSM_LEASE_NOWAIT};
	struct kernel_lease *lease = calloc(1, sizeof(*lease));
	int error;

	if (!lease)
		return ntms_say_errno(-ENOMEM, "out of memory");
	pthread_once(&leases_once, watch_forks);
	lease->base.ops = &kernel_broker_ops;
	lease->broker = to_kernel(broker);
	lease->device = device;
	pthread_mutex_lock(&leases_mutex);
	error = take(lease->broker, &request, lease);
	pthread_mutex_unlock(&leases_mutex);
	if (error) {
		free(lease);
		return say_lease(error, device, &request);
	}
	*leasep = &lease->base;
	return 0;
}

void kernel_lease_give(struct broker_lease *base)
{
	struct kernel_lease *lease = to_kernel_lease(base), **link;

	pthread_mutex_lock(&leases_mutex);
	for (link = &leases; *link && *link != lease; link = &(*link)->next)
		;
	if (*link)
		*link = lease->next;
	if (lease->fd >= 0)
		close(lease->fd);
	pthread_mutex_unlock(&leases_mutex);
	free(lease);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* kernel-access.c - the library's door and ports, and whether it is ready */
#include <errno.h>
#include "broker/kernel.h"
#include "broker/sense.h"

int kernel_access(struct broker_lease *base, bool allow)
{
	struct kernel_lease *lease = to_kernel_lease(base);
	struct rsm_robot robot = {.op = allow ? RSM_ROBOT_ALLOW : RSM_ROBOT_PREVENT};
	int error;

	error = kernel_robot(lease, allow ? "unlocking the library" : "locking the library",
			     &robot);
	/* Those above know -EIO for all answers that promise nothing particular. */
	return error == -EAGAIN || error == -EINVAL ? -EIO : error;
}

/*
 * Whatever the changer calls "not ready" may end, though a person may have to close a door for it.
 * A unit attention is reported as an event by the module, which asks again.
 */
int kernel_ready(struct broker_lease *base)
{
	struct kernel_lease *lease = to_kernel_lease(base);
	struct rsm_robot robot = {.op = RSM_ROBOT_TEST_READY};
	int error;

	base->not_ready = false;
	error = kernel_robot(lease, "the library is not ready", &robot);
	if (!error || error == -EAGAIN || error == -ENODEV || error == -EOPNOTSUPP)
		return error;
	return base->not_ready ? -EAGAIN : -EIO;
}

int kernel_knock(struct broker *broker, uint32_t changer)
{
	struct broker_lease *lease;
	int error = kernel_lease_take(broker, changer, &lease);

	if (error)
		return error == -EBUSY ? 0 : error;
	error = kernel_ready(lease);
	kernel_lease_give(lease);
	/* An open door will be closed, and that is told, too. */
	return error == -EAGAIN ? 0 : error;
}

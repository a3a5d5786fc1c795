/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* kernel-hold.c - reservations: descriptors of the module in a wrapper */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "base/say.h"
#include "broker/kernel.h"

_Static_assert(BROKER_RECOVER == RSM_RESERVE_RECOVER && BROKER_REVOKE == RSM_RESERVE_REVOKE,
	       "the flags are passed on as they are");
_Static_assert(sizeof(NTMS_GUID) == RSM_ID_SIZE, "a medium id is a GUID");

static struct kernel_hold *hold_new(void)
{
	struct kernel_hold *hold = calloc(1, sizeof(*hold));

	if (!hold) {
		ntms_say_errno(-ENOMEM, "out of memory");
		return NULL;
	}
	hold->base.ops = &kernel_broker_ops;
	hold->fd = -1;
	return hold;
}

static int say_reserve(int error, uint32_t drive, uint64_t generation)
{
	switch (error) {
	case EBUSY:
		return ntms_say_errno(-EBUSY, "drive %u or the medium is held by somebody else",
				      drive);
	case EOWNERDEAD:
		return ntms_say_errno(
			-EOWNERDEAD,
			"drive %u or the medium is orphaned: its holder died with the "
			"medium inside",
			drive);
	case ENODEV:
		return ntms_say_errno(-ENODEV, "there is no drive %u, or it went away", drive);
	case EPERM:
		return ntms_say_errno(
			-EPERM, "drive %u is not assigned to the changer of this lease", drive);
	case ENOENT:
		return ntms_say_errno(-ENOENT, "nobody holds drive %u", drive);
	case ESTALE:
		return ntms_say_errno(-ESTALE, "reservation %" PRIu64 " of drive %u is no more",
				      generation, drive);
	default:
		return ntms_say_errno(-error, "reserving drive %u: %s", drive, strerror(error));
	}
}

int kernel_reserve(struct broker_lease *lease, uint32_t drive, const NTMS_GUID *medium,
		   unsigned int flags, uint64_t generation, struct broker_hold **holdp)
{
	struct rsm_reserve request = {
		.drive = drive,
		.flags = RSM_RESERVE_NOWAIT | flags,
		.generation = generation,
	};
	struct kernel_hold *hold;

	if (flags & ~(unsigned int)(BROKER_RECOVER | BROKER_REVOKE))
		return ntms_say_errno(-EINVAL, "reserving drive %u: unknown flags %x", drive,
				      flags);
	hold = hold_new();
	if (!hold)
		return -ENOMEM;
	memcpy(request.medium, medium, sizeof(request.medium));
	if (ioctl(to_kernel_lease(lease)->fd, RSM_IOC_RESERVE, &request) < 0) {
		int error = errno;

		free(hold);
		return say_reserve(error, drive, generation);
	}
	hold->fd = request.fd;
	*holdp = &hold->base;
	return 0;
}

int kernel_expect(struct broker *broker, const NTMS_GUID *token, struct broker_hold **holdp)
{
	struct kernel_hold *hold = hold_new();
	struct rsm_expect request = {0};
	int error;

	if (!hold)
		return -ENOMEM;
	memcpy(request.token, token, sizeof(request.token));
	if (ioctl(to_kernel(broker)->fd, RSM_IOC_EXPECT, &request) < 0) {
		error = errno;
		free(hold);
		return ntms_say_errno(-error, "expecting a reservation: %s", strerror(error));
	}
	hold->fd = request.fd;
	/* Programs that open the device by its name are started by the one that waits here. */
	error = kernel_grant(&hold->base, 0);
	if (error) {
		kernel_release(&hold->base);
		return error;
	}
	*holdp = &hold->base;
	return 0;
}

int kernel_expected(struct broker *broker, const NTMS_GUID *token)
{
	struct rsm_expected request = {0};

	memcpy(request.token, token, sizeof(request.token));
	if (ioctl(to_kernel(broker)->fd, RSM_IOC_EXPECTED, &request) < 0)
		return ntms_say_errno(-errno, "asking who expects a reservation: %s",
				      strerror(errno));
	return request.expected != 0;
}

/* What an operation on a reservation can fail with; an ended one says how it ended. */
static int say_hold(int error, const char *what)
{
	switch (error) {
	case ESTALE:
		return ntms_say_errno(-ESTALE, "%s: the reservation is no more", what);
	case ENODEV:
		return ntms_say_errno(-ENODEV, "%s: the drive went away", what);
	case ENOENT:
		return ntms_say_errno(-ENOENT, "%s: nobody expects it any more", what);
	default:
		return ntms_say_errno(-error, "%s: %s", what, strerror(error));
	}
}

int kernel_transfer(struct broker_hold *hold, const NTMS_GUID *token, uint64_t *generation)
{
	struct rsm_transfer request = {0};

	memcpy(request.token, token, sizeof(request.token));
	if (ioctl(to_kernel_hold(hold)->fd, RSM_IOC_TRANSFER, &request) < 0)
		return say_hold(errno, "handing the reservation on");
	*generation = request.generation;
	return 0;
}

int kernel_mark(struct broker_hold *hold, bool loaded)
{
	struct rsm_mark request = {.flags = loaded ? RSM_MARK_LOADED : 0};

	if (ioctl(to_kernel_hold(hold)->fd, RSM_IOC_MARK, &request) < 0)
		return say_hold(errno, "marking the drive");
	return 0;
}

int kernel_hold_state(struct broker_hold *hold, enum broker_hold_state *state, uint64_t *generation)
{
	struct rsm_holding holding = {0};

	if (ioctl(to_kernel_hold(hold)->fd, RSM_IOC_STATUS, &holding) < 0) {
		if (errno != ENODEV && errno != ESTALE)
			return say_hold(errno, "looking at the reservation");
		holding.state = RSM_STATE_ENDED;
	}
	switch (holding.state) {
	case RSM_STATE_PENDING:
		*state = HOLD_PENDING;
		return 0;
	case RSM_STATE_HELD:
		*state = HOLD_HELD;
		*generation = holding.generation;
		return 0;
	default:
		*state = HOLD_ENDED;
		return 0;
	}
}

int kernel_hold_fd(struct broker_hold *hold)
{
	return to_kernel_hold(hold)->fd;
}

void kernel_release(struct broker_hold *hold)
{
	close(to_kernel_hold(hold)->fd);
	free(hold);
}

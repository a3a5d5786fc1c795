/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* virtual-access.c - the library locks its door and ports, and says whether it is ready */
#include <errno.h>
#include <stdlib.h>
#include "base/say.h"
#include "broker/virtual-impl.h"

int virtual_ready_check(struct virtual_session *session, const struct virtual_state *state)
{
	if (state->door_open)
		return ntms_say_errno(-EAGAIN, "the door of %s is open", session->vb->path);
	return virtual_fault_hits(session->vb, VIRTUAL_READY, VIRTUAL_ANYWHERE, VIRTUAL_ANYWHERE,
				  "the library is not ready");
}

int virtual_robot_ready(struct virtual_session *session, const struct virtual_state *state)
{
	int error = virtual_ready_check(session, state);

	return error && error != -EAGAIN ? -EIO : error;
}

int virtual_refusal(struct virtual_lease *lease, int error)
{
	if (error != -EAGAIN)
		return error;
	lease->base.not_ready = true;
	return -EIO;
}

/* The lease holds and the robot's truth is in *@statep; leave the session in any case. */
static int enter_for(struct virtual_lease *lease, struct virtual_session *session,
		     struct virtual_state **statep)
{
	int error;

	*statep = NULL;
	error = virtual_robot_check(session, lease);
	return error ? error : virtual_state_load(lease->vb, statep);
}

static int lock(struct virtual_broker *vb, struct virtual_state *state, bool allow)
{
	int error;

	error = virtual_fault_hits(vb, VIRTUAL_ACCESS, VIRTUAL_ANYWHERE, VIRTUAL_ANYWHERE,
				   allow ? "unlocking the library" : "locking the library");
	if (error)
		return error;
	if (!allow && state->door_open)
		return ntms_say_errno(-EAGAIN, "the door of %s is open and cannot be locked",
				      vb->path);
	if (state->locked == !allow)
		return 0;
	state->locked = !allow;
	return virtual_state_save(vb, state);
}

int virtual_access(struct broker_lease *base, bool allow)
{
	struct virtual_lease *lease = (struct virtual_lease *)base;
	struct virtual_session session;
	struct virtual_state *state;
	int error;

	error = virtual_enter(lease->vb, &session);
	if (error)
		return error;
	error = enter_for(lease, &session, &state);
	if (!error)
		error = virtual_refusal(lease, lock(lease->vb, state, allow));
	free(state);
	return virtual_leave(&session, error);
}

int virtual_ready(struct broker_lease *base)
{
	struct virtual_lease *lease = (struct virtual_lease *)base;
	struct virtual_session session;
	struct virtual_state *state;
	int error;

	error = virtual_enter(lease->vb, &session);
	if (error)
		return error;
	error = enter_for(lease, &session, &state);
	if (!error)
		error = virtual_ready_check(&session, state);
	free(state);
	return virtual_leave(&session, error);
}

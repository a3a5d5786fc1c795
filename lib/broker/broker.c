/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* broker.c - hands every operation of broker.h to the implementation that was opened */
#include <errno.h>
#include <string.h>
#include "base/say.h"
#include "broker/ops.h"

/* The release operations take NULL, as free() does; lists are empty when the call fails. */

static const struct broker_ops *const all_ops[] = {&kernel_broker_ops, &virtual_broker_ops};

int broker_open(const char *spec, struct broker **brokerp)
{
	*brokerp = NULL;
	for (size_t i = 0; i < sizeof(all_ops) / sizeof(all_ops[0]); i++) {
		const struct broker_ops *ops = all_ops[i];
		size_t length = strlen(ops->scheme);

		if (strncmp(spec, ops->scheme, length) != 0)
			continue;
		if (spec[length] == '\0' && !ops->needs_argument)
			return ops->open(NULL, brokerp);
		if (spec[length] == ':' && spec[length + 1] != '\0' && ops->needs_argument)
			return ops->open(spec + length + 1, brokerp);
	}
	return ntms_say_errno(-EINVAL, "no such broker: '%s'; it is 'kernel' or 'virtual:DIR'",
			      spec);
}

void broker_close(struct broker *broker)
{
	if (broker)
		broker->ops->close(broker);
}

const char *broker_name(const struct broker *broker)
{
	return broker->ops->name(broker);
}

int broker_devices(struct broker *broker, struct broker_device **list, size_t *count)
{
	*list = NULL;
	*count = 0;
	return broker->ops->devices(broker, list, count);
}

int broker_holders(struct broker *broker, struct broker_holder **list, size_t *count)
{
	*list = NULL;
	*count = 0;
	return broker->ops->holders(broker, list, count);
}

int broker_events_open(struct broker *broker, int *fd)
{
	*fd = -1;
	return broker->ops->events_open(broker, fd);
}

int broker_next_event(struct broker *broker, int fd, struct broker_event *event)
{
	return broker->ops->next_event(broker, fd, event);
}

int broker_lease_take(struct broker *broker, uint32_t changer, struct broker_lease **leasep)
{
	*leasep = NULL;
	return broker->ops->lease_take(broker, changer, leasep);
}

void broker_lease_give(struct broker_lease *lease)
{
	if (lease)
		lease->ops->lease_give(lease);
}

int broker_assign(struct broker_lease *lease, uint32_t drive)
{
	return lease->ops->assign(lease, drive);
}

int broker_unassign(struct broker_lease *lease, uint32_t drive)
{
	return lease->ops->unassign(lease, drive);
}

int broker_manage(struct broker_lease *lease, uint32_t device)
{
	return lease->ops->manage ? lease->ops->manage(lease, device) : 0;
}

int broker_unmanage(struct broker *broker, uint32_t device)
{
	return broker->ops->unmanage ? broker->ops->unmanage(broker, device) : 0;
}

int broker_grant(struct broker_hold *hold, int pid)
{
	return hold->ops->grant ? hold->ops->grant(hold, pid) : 0;
}

int broker_conflicts(struct broker *broker, struct broker_conflict **list, size_t *count)
{
	*list = NULL;
	*count = 0;
	return broker->ops->conflicts ? broker->ops->conflicts(broker, list, count) : 0;
}

int broker_access(struct broker_lease *lease, bool allow)
{
	return lease->ops->access(lease, allow);
}

int broker_knock(struct broker *broker, uint32_t changer)
{
	return broker->ops->knock ? broker->ops->knock(broker, changer) : 0;
}

int broker_ready(struct broker_lease *lease)
{
	int error = lease->ops->ready(lease);

	lease->not_ready = false;
	return error;
}

bool broker_was_not_ready(const struct broker_lease *lease)
{
	return lease->not_ready;
}

int broker_elements(struct broker_lease *lease, enum broker_element_type type, uint16_t first,
		    uint16_t count, struct broker_element **list, size_t *found)
{
	*list = NULL;
	*found = 0;
	return lease->ops->elements(lease, type, first, count, list, found);
}

int broker_scan(struct broker_lease *lease)
{
	return lease->ops->scan(lease);
}

int broker_move(struct broker_lease *lease, uint16_t from, uint16_t to, bool invert,
		uint32_t timeout_ms)
{
	return lease->ops->move(lease, from, to, invert, timeout_ms);
}

int broker_reserve(struct broker_lease *lease, uint32_t drive, const NTMS_GUID *medium,
		   unsigned int flags, uint64_t generation, struct broker_hold **holdp)
{
	*holdp = NULL;
	return lease->ops->reserve(lease, drive, medium, flags, generation, holdp);
}

int broker_expect(struct broker *broker, const NTMS_GUID *token, struct broker_hold **holdp)
{
	*holdp = NULL;
	return broker->ops->expect(broker, token, holdp);
}

int broker_expected(struct broker *broker, const NTMS_GUID *token)
{
	return broker->ops->expected(broker, token);
}

int broker_transfer(struct broker_hold *hold, const NTMS_GUID *token, uint64_t *generation)
{
	return hold->ops->transfer(hold, token, generation);
}

int broker_mark(struct broker_hold *hold, bool loaded)
{
	return hold->ops->mark(hold, loaded);
}

int broker_hold_state(struct broker_hold *hold, enum broker_hold_state *state, uint64_t *generation)
{
	return hold->ops->hold_state(hold, state, generation);
}

int broker_hold_fd(struct broker_hold *hold)
{
	return hold->ops->hold_fd(hold);
}

void broker_release(struct broker_hold *hold)
{
	if (hold)
		hold->ops->release(hold);
}

int broker_drive_open(struct broker *broker, uint32_t drive, int *pid)
{
	if (pid)
		*pid = 0;
	return broker->ops->drive_open(broker, drive, pid);
}

int broker_drive_loaded(struct broker *broker, uint32_t drive, bool *loaded)
{
	*loaded = false;
	return broker->ops->drive_loaded(broker, drive, loaded);
}

int broker_drive_cleaning(struct broker *broker, uint32_t drive, bool *needed)
{
	*needed = false;
	return broker->ops->drive_cleaning(broker, drive, needed);
}

int broker_drive_unload(struct broker *broker, uint32_t drive)
{
	if (!broker->ops->drive_unload)
		return ntms_say_errno(-EOPNOTSUPP, "the device has to be opened");
	return broker->ops->drive_unload(broker, drive);
}

int tape_open(struct broker *broker, uint32_t drive, bool write, uint64_t deadline_ns,
	      struct tape **tapep)
{
	*tapep = NULL;
	return broker->ops->tape_open(broker, drive, write, deadline_ns, tapep);
}

void tape_close(struct tape *tape)
{
	if (tape)
		tape->ops->tape_close(tape);
}

int tape_rewind(struct tape *tape)
{
	return tape->ops->tape_rewind(tape);
}

int tape_read(struct tape *tape, void *buffer, size_t size, size_t *got)
{
	*got = 0;
	return tape->ops->tape_read(tape, buffer, size, got);
}

int tape_write_label(struct tape *tape, const void *block, size_t size)
{
	return tape->ops->tape_write_label(tape, block, size);
}

int tape_unload(struct tape *tape)
{
	return tape->ops->tape_unload(tape);
}

int tape_codes(struct tape *tape, uint32_t *medium, uint32_t *density)
{
	if (medium)
		*medium = 0;
	*density = 0;
	return tape->ops->tape_codes(tape, medium, density);
}

int tape_brought(struct tape *tape, uint32_t density)
{
	return tape->ops->tape_brought ? tape->ops->tape_brought(tape, density) : 0;
}

int tape_reset_settings(struct tape *tape)
{
	return tape->ops->tape_reset_settings(tape);
}

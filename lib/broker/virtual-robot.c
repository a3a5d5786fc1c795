/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* virtual-robot.c - the executor's lease, and what the robot does for its owner */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/say.h"
#include "broker/virtual-impl.h"

#define MOVE_TIMEOUT_MS (5 * 60 * 1000)
#define MOVE_MS_MAX	(24 * 60 * 60 * 1000)

static struct virtual_lease *to_lease(struct broker_lease *lease)
{
	return (struct virtual_lease *)lease;
}

int virtual_lease_check(struct virtual_session *session, struct virtual_lease *lease)
{
	struct virtual_entry *entry = virtual_entry(session, lease->id);

	if (entry && entry->kind == ENTRY_LEASE)
		return 0;
	return ntms_say_errno(-EPERM, "the lease of %s is lost", session->vb->path);
}

int virtual_robot_check(struct virtual_session *session, struct virtual_lease *lease)
{
	int error;

	if (lease->device != CHANGER_ID)
		return ntms_say_errno(-EOPNOTSUPP, "drive %u of %s stands alone and has no robot",
				      DRIVE_INDEX(lease->device), session->vb->path);
	error = virtual_changer_check(session->vb);
	return error ? error : virtual_lease_check(session, lease);
}

static int take(struct virtual_session *session, struct virtual_lease *lease)
{
	struct virtual_table *table = &session->table;
	struct virtual_state *state;
	struct virtual_entry *entry;
	int error;

	for (size_t i = 0; i < table->count; i++) {
		if (table->entries[i].kind == ENTRY_LEASE &&
		    table->entries[i].leased == lease->device)
			return ntms_say_errno(-EBUSY, "process %d (%s) works the %s %s",
					      table->entries[i].pid, table->entries[i].command,
					      lease->device == CHANGER_ID
						      ? "library"
						      : "drive that stands alone beside",
					      session->vb->path);
	}
	/* What the last executor may have left half-way. */
	error = virtual_state_load(session->vb, &state);
	if (error)
		return error;
	error = virtual_links(session->vb, state);
	free(state);
	if (error)
		return error;
	virtual_holder_sweep(session);
	entry = virtual_entry_add(session, ENTRY_LEASE, &lease->fifo);
	if (!entry)
		return lease->fifo < 0 ? lease->fifo : -ENOMEM;
	entry->leased = lease->device;
	lease->id = entry->id;
	return 0;
}

/* Is there such a device, and has it got a lease of its own? */
static int check_device(struct virtual_broker *vb, uint32_t device)
{
	if (device == CHANGER_ID)
		return virtual_changer_check(vb);
	if (device >= DRIVE_ID(0) && device < DRIVE_ID(vb->shape.drives))
		return ntms_say_errno(-EPERM,
				      "drive %u belongs to the library %s: that one's lease is "
				      "the one to have",
				      DRIVE_INDEX(device), vb->path);
	return virtual_drive_check(vb, device);
}

int virtual_lease_take(struct broker *broker, uint32_t device, struct broker_lease **leasep)
{
	struct virtual_broker *vb = to_virtual(broker);
	struct virtual_session session;
	struct virtual_lease *lease;
	int error;

	error = check_device(vb, device);
	if (error)
		return error;
	lease = calloc(1, sizeof(*lease));
	if (!lease)
		return ntms_say_errno(-ENOMEM, "no memory for a lease");
	lease->base.ops = broker->ops;
	lease->device = device;
	lease->fifo = -1;
	error = virtual_enter(vb, &session);
	if (!error)
		error = virtual_leave(&session, take(&session, lease));
	if (error) {
		if (lease->fifo >= 0)
			close(lease->fifo);
		free(lease);
		return error;
	}
	pthread_mutex_init(&lease->robot, NULL);
	lease->vb = virtual_ref(vb);
	*leasep = &lease->base;
	return 0;
}

void virtual_lease_give(struct broker_lease *base)
{
	struct virtual_lease *lease = to_lease(base);
	struct virtual_session session;

	if (virtual_enter(lease->vb, &session) == 0) {
		struct virtual_entry *entry = virtual_entry(&session, lease->id);

		if (entry)
			virtual_entry_end(&session, entry);
		virtual_leave(&session, 0);
	} else {
		virtual_holder_end(lease->vb, lease->id, BROKER_EVENT_LEASE_FREE, lease->device);
	}
	close(lease->fifo);
	virtual_unref(lease->vb);
	pthread_mutex_destroy(&lease->robot);
	free(lease);
}

static int assign(struct virtual_lease *lease, uint32_t drive, bool assigned)
{
	struct virtual_session session;
	int error;

	error = virtual_enter(lease->vb, &session);
	if (error)
		return error;
	error = virtual_robot_check(&session, lease);
	if (!error)
		error = virtual_drive_check(lease->vb, drive);
	if (!error && DRIVE_INDEX(drive) >= lease->vb->shape.drives)
		error = ntms_say_errno(-EBUSY, "drive %u of %s stands alone", DRIVE_INDEX(drive),
				       lease->vb->path);
	if (!error && session.table.assigned[DRIVE_INDEX(drive)] != assigned) {
		session.table.assigned[DRIVE_INDEX(drive)] = assigned;
		session.dirty = true;
	}
	return virtual_leave(&session, error);
}

int virtual_assign(struct broker_lease *lease, uint32_t drive)
{
	return assign(to_lease(lease), drive, true);
}

int virtual_unassign(struct broker_lease *lease, uint32_t drive)
{
	return assign(to_lease(lease), drive, false);
}

/* ASC and ASCQ of a drive that is not there (data transfer device removed), and of a magazine. */
#define ASC_REMOVED	      0x3b
#define ASCQ_REMOVED	      0x1a
#define ASCQ_MAGAZINE_REMOVED 0x12

static void fill_missing(struct broker_element *element, uint8_t ascq)
{
	element->accessible = false;
	element->exception = true;
	element->asc = ASC_REMOVED;
	element->ascq = ascq;
}

static void fill_element(struct virtual_broker *vb, const struct virtual_cell *cell,
			 struct broker_element *element)
{
	element->address = cell->address;
	element->type = cell->type;
	if (cell->out) {
		fill_missing(element, ASCQ_MAGAZINE_REMOVED);
		return;
	}
	element->full = cell->full;
	element->accessible = true;
	element->inverted = cell->full && cell->inverted;
	element->source_valid = cell->full && cell->source_valid;
	element->source = element->source_valid ? cell->source : 0;
	if (cell->full && cell->name[0] != '_' && !vb->shape.no_reader)
		strcpy(element->barcode, cell->name);
	if (cell->type == ELEMENT_PORT) {
		element->by_operator = cell->full && cell->by_operator;
		element->import_enabled = true;
		element->export_enabled = true;
	}
	if (cell->type != ELEMENT_DRIVE)
		return;
	if (virtual_drive_absent(vb, cell->address - VIRTUAL_FIRST_DRIVE)) {
		fill_missing(element, ASCQ_REMOVED);
		return;
	}
	snprintf(element->serial, sizeof(element->serial), "%sD%u", vb->serial,
		 cell->address - VIRTUAL_FIRST_DRIVE);
}

static int list_elements(struct virtual_broker *vb, struct virtual_state *state,
			 enum broker_element_type type, uint16_t first, uint16_t count,
			 struct broker_element **list, size_t *found)
{
	struct broker_element *elements;
	const bool all = first == 0 && count == 0;
	unsigned int last = 0;
	size_t used = 0;

	elements = calloc(state->count, sizeof(*elements));
	if (!elements)
		return ntms_say_errno(-ENOMEM, "no memory for %zu elements", state->count);
	for (size_t i = 0; i < state->count; i++) {
		const struct virtual_cell *cell = &state->cells[i];

		if (cell->standalone || (type && cell->type != type))
			continue;
		last = cell->address;
		if (all || (cell->address >= first && used < count))
			fill_element(vb, cell, &elements[used++]);
	}
	if (!all && (first > last || (type && (used < count || elements[0].address != first)))) {
		free(elements);
		return ntms_say_errno(-ERANGE, "%s has no %u elements of type %d from %u on",
				      vb->path, count, (int)type, first);
	}
	*list = elements;
	*found = used;
	return 0;
}

/* The lease holds, the robot can work, and its truth. */
static int load_for(struct virtual_lease *lease, enum virtual_operation operation, const char *what,
		    struct virtual_state **statep)
{
	struct virtual_session session;
	int error;

	*statep = NULL;
	error = virtual_enter(lease->vb, &session);
	if (error)
		return error;
	error = virtual_robot_check(&session, lease);
	if (!error)
		error = virtual_state_load(lease->vb, statep);
	if (!error)
		error = virtual_robot_ready(&session, *statep);
	if (!error)
		error = virtual_fault_hits(lease->vb, operation, VIRTUAL_ANYWHERE, VIRTUAL_ANYWHERE,
					   what);
	error = virtual_leave(&session, virtual_refusal(lease, error));
	if (error) {
		free(*statep);
		*statep = NULL;
	}
	return error;
}

int virtual_elements(struct broker_lease *base, enum broker_element_type type, uint16_t first,
		     uint16_t count, struct broker_element **list, size_t *found)
{
	struct virtual_lease *lease = to_lease(base);
	struct virtual_state *state;
	int error;

	if ((unsigned int)type > ELEMENT_DRIVE)
		return ntms_say_errno(-ERANGE, "there is no element type %u", (unsigned int)type);
	error = load_for(lease, VIRTUAL_ELEMENTS, "looking at the elements", &state);
	if (error)
		return error;
	error = list_elements(lease->vb, state, type, first, count, list, found);
	free(state);
	return error;
}

static int check_jammed(struct virtual_broker *vb)
{
	if (faccessat(vb->dir, "jammed", F_OK, 0) != 0)
		return 0;
	return ntms_say_errno(-EIO, "the robot of %s is jammed", vb->path);
}

int virtual_scan(struct broker_lease *base)
{
	struct virtual_lease *lease = to_lease(base);
	struct virtual_state *state;
	int error;

	pthread_mutex_lock(&lease->robot);
	error = load_for(lease, VIRTUAL_SCAN, "scanning the library", &state);
	if (!error)
		error = check_jammed(lease->vb);
	free(state);
	pthread_mutex_unlock(&lease->robot);
	return error;
}

static struct virtual_cell *move_cell(struct virtual_state *state, uint16_t address, int *error)
{
	struct virtual_cell *cell = virtual_cell(state, address);

	*error = 0;
	if (cell && cell->type != ELEMENT_TRANSPORT && !cell->standalone)
		return cell;
	*error = ntms_say_errno(-ERANGE, "there is no slot, port or drive at element %u", address);
	return NULL;
}

/* Change where things are in @state; nothing is written yet. */
int virtual_carry(struct virtual_state *state, uint16_t from, uint16_t to, bool invert)
{
	struct virtual_cell *source, *target;
	int error;

	source = move_cell(state, from, &error);
	if (error)
		return error;
	target = move_cell(state, to, &error);
	if (error)
		return error;
	if (source->out || target->out)
		return ntms_say_errno(-EIO, "the magazine of element %u was taken out",
				      source->out ? from : to);
	if (!source->full)
		return ntms_say_errno(-ENOMEDIUM, "element %u is empty", from);
	if (target->full)
		return ntms_say_errno(-ENOTEMPTY, "element %u contains %s", to, target->name);
	virtual_cell_pass(source, target);
	target->inverted ^= invert;
	if (source->type == ELEMENT_SLOT) {
		target->source_valid = true;
		target->source = from;
	}
	return 0;
}

/* What is to come into element @to in @state is still in the robot's hand. */
static void hold_back(struct virtual_state *state, uint16_t to)
{
	struct virtual_cell *hand = virtual_cell(state, VIRTUAL_TRANSPORT);

	virtual_cell_pass(virtual_cell(state, to), hand);
}

static bool is_drive(struct virtual_broker *vb, uint16_t address, unsigned int *index)
{
	if (address < VIRTUAL_FIRST_DRIVE ||
	    address >= VIRTUAL_FIRST_DRIVE + virtual_drives(&vb->shape))
		return false;
	*index = address - VIRTUAL_FIRST_DRIVE;
	return true;
}

/*
 * Make @state the truth. The node of a drive that is emptied leads nowhere before, that of a
 * drive that is filled leads to the medium after: at no moment does it lead to a
 * cartridge that is not inside. Who is killed between leaves it to the next.
 */
int virtual_commit(struct virtual_broker *vb, struct virtual_state *state, uint16_t emptied)
{
	unsigned int index;
	int error = 0;

	if (is_drive(vb, emptied, &index))
		error = virtual_link_none(vb, index);
	if (!error)
		error = virtual_state_save(vb, state);
	if (!error)
		error = virtual_links(vb, state);
	return error;
}

static int check_move(struct virtual_broker *vb, struct virtual_state *state, uint16_t from,
		      uint16_t to)
{
	const struct virtual_cell *hand = virtual_cell(state, VIRTUAL_TRANSPORT);
	const uint16_t addresses[] = {from, to};
	unsigned int index;

	for (size_t i = 0; i < 2; i++) {
		if (is_drive(vb, addresses[i], &index) && virtual_drive_absent(vb, index))
			return ntms_say_errno(-EIO, "drive %u of %s is unplugged", index, vb->path);
	}
	if (hand->full)
		return ntms_say_errno(-EIO, "the robot of %s has %s in its hand", vb->path,
				      hand->name);
	return check_jammed(vb);
}

struct move {
	uint16_t from, to;
	bool invert;
};

/* Make the move that @state shows, or begin it; -ETIMEDOUT too when that is what was ordered. */
static int make_move(struct virtual_broker *vb, struct virtual_state *state,
		     const struct move *move, const char *what)
{
	int error, late;

	error = virtual_fault_hits(vb, VIRTUAL_MOVE, move->from, move->to, what);
	if (error)
		return error;
	late = virtual_fault_hits(vb, VIRTUAL_HAND, move->from, move->to, what);
	if (late)
		hold_back(state, move->to);
	else
		late = virtual_fault_hits(vb, VIRTUAL_LATE, move->from, move->to, what);
	if (late && late != -ETIMEDOUT)
		return late;
	error = virtual_commit(vb, state, move->from);
	return error ? error : late;
}

/* One look at the library, and with @go the move itself. */
static int move_once(struct virtual_lease *lease, const struct move *move, bool go)
{
	struct virtual_broker *vb = lease->vb;
	struct virtual_session session;
	struct virtual_state *state = NULL;
	char what[64];
	int error;

	error = virtual_enter(vb, &session);
	if (error)
		return error;
	error = virtual_robot_check(&session, lease);
	if (!error)
		error = virtual_state_load(vb, &state);
	if (!error)
		error = virtual_robot_ready(&session, state);
	if (!error)
		error = virtual_carry(state, move->from, move->to, move->invert);
	if (!error)
		error = check_move(vb, state, move->from, move->to);
	snprintf(what, sizeof(what), "moving the medium from element %u to %u", move->from,
		 move->to);
	if (!error && go)
		error = make_move(vb, state, move, what);
	free(state);
	return virtual_leave(&session, virtual_refusal(lease, error));
}

/* How long a move takes; 0 when nobody has made the robot slow. */
static int move_duration(struct virtual_broker *vb, uint32_t *ms)
{
	unsigned long value;
	size_t size;
	char *text;
	char *end;
	int error;

	*ms = 0;
	if (faccessat(vb->dir, "move-ms", F_OK, 0) != 0)
		return 0;
	error = virtual_read(vb, "move-ms", &text, &size);
	if (error)
		return error;
	errno = 0;
	value = strtoul(text, &end, 10);
	if (end == text || (*end && *end != '\n') || errno || value > MOVE_MS_MAX)
		error = ntms_say_errno(-EIO, "'%s/move-ms' contains no number of milliseconds",
				       vb->path);
	else
		*ms = (uint32_t)value;
	free(text);
	return error;
}

/* So often the number is looked at again. */
#define LOOK_AGAIN_MS 20

static void sleep_until(uint64_t end)
{
	struct timespec until = {
		.tv_sec = (time_t)(end / NSEC_PER_SEC),
		.tv_nsec = (long)(end % NSEC_PER_SEC),
	};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
		;
}

/* Be on the way for @duration, or what the number is meanwhile, at most @limit_ms. */
static void spend(struct virtual_broker *vb, uint32_t *duration, uint32_t limit_ms)
{
	uint64_t begun = clock_monotonic_ns();

	for (;;) {
		uint32_t ms = *duration < limit_ms ? *duration : limit_ms;
		uint64_t now = clock_monotonic_ns(), end = begun + ms * NSEC_PER_MSEC;
		uint64_t again = now + LOOK_AGAIN_MS * NSEC_PER_MSEC;

		if (now >= end)
			return;
		sleep_until(end < again ? end : again);
		/* What cannot be read changes nothing. */
		if (!move_duration(vb, &ms))
			*duration = ms;
	}
}

static int move_locked(struct virtual_lease *lease, const struct move *move, uint32_t timeout_ms)
{
	uint32_t duration;
	int error;

	error = move_duration(lease->vb, &duration);
	if (error)
		return error;
	if (duration) {
		error = move_once(lease, move, false);
		if (error)
			return error;
		spend(lease->vb, &duration, timeout_ms);
	}
	error = move_once(lease, move, true);
	if (!error && duration > timeout_ms)
		error = ntms_say_errno(-ETIMEDOUT,
				       "the robot of %s did not move a medium from %u to %u in "
				       "%u ms",
				       lease->vb->path, move->from, move->to, timeout_ms);
	return error;
}

int virtual_move(struct broker_lease *base, uint16_t from, uint16_t to, bool invert,
		 uint32_t timeout_ms)
{
	struct virtual_lease *lease = to_lease(base);
	const struct move move = {from, to, invert};
	int error;

	if (invert && lease->vb->shape.sides != 2)
		return ntms_say_errno(-EIO, "the robot of %s cannot turn a medium over",
				      lease->vb->path);
	pthread_mutex_lock(&lease->robot);
	error = move_locked(lease, &move, timeout_ms ? timeout_ms : MOVE_TIMEOUT_MS);
	pthread_mutex_unlock(&lease->robot);
	return error;
}

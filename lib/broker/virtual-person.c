/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* virtual-person.c - what people do at the machine: ports, door, magazines, stand-alone drives */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include "base/say.h"
#include "broker/virtual-impl.h"

/* One act: what is changed, and where. */
struct act {
	struct virtual_broker *vb;
	struct virtual_state *state;
	const char *name; /* cartridge to put in; NULL: take out */
	enum virtual_place place;
	unsigned int number;
	uint16_t from, to; /* elements */
	bool on;	   /* door open, magazine out */
	uint32_t device;   /* whose attention it raises */
	uint16_t emptied;  /* a drive that was, else VIRTUAL_TRANSPORT */
};

/* ---- cartridges ---- */

/* A file of the cartridge; one that lies on the shelf has it still. */
static int make_image(struct virtual_broker *vb, const char *path)
{
	int fd;

	if (faccessat(vb->dir, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	fd = openat(vb->dir, path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0)
		return ntms_say_errno(-errno, "cannot make '%s/%s': %m", vb->path, path);
	virtual_adopt(vb, fd);
	close(fd);
	return 0;
}

static int make_cartridge(struct virtual_broker *vb, const char *name)
{
	struct virtual_cell cell = {.full = true};
	char path[VIRTUAL_PATH_SIZE];
	int error = 0;

	strcpy(cell.name, name);
	for (unsigned int side = 0; side < (vb->shape.sides == 2 ? 2 : 1) && !error; side++) {
		cell.inverted = side == 1;
		virtual_image_path(&cell, path);
		error = make_image(vb, path);
	}
	return error;
}

static int put(const struct act *act, struct virtual_cell *cell)
{
	struct virtual_state *state = act->state;
	int error;

	if (!virtual_name_valid(act->name))
		return ntms_say_errno(-EINVAL, "'%s' cannot be the name of a cartridge", act->name);
	if (cell->full)
		return ntms_say_errno(-ENOTEMPTY, "%s is there already", cell->name);
	for (size_t i = 0; i < state->count; i++) {
		if (state->cells[i].full && strcmp(state->cells[i].name, act->name) == 0)
			return ntms_say_errno(-EEXIST, "%s is in element %u already", act->name,
					      state->cells[i].address);
	}
	error = make_cartridge(act->vb, act->name);
	if (error)
		return error;
	virtual_cell_clear(cell);
	cell->full = true;
	strcpy(cell->name, act->name);
	return 0;
}

static int take(struct virtual_cell *cell)
{
	if (!cell->full)
		return ntms_say_errno(-ENOMEDIUM, "element %u is empty", cell->address);
	virtual_cell_clear(cell);
	return 0;
}

/* ---- places ---- */

static struct virtual_cell *find_place(const struct act *act)
{
	const struct virtual_shape *shape = &act->vb->shape;
	unsigned int n = act->number;

	switch (act->place) {
	case VIRTUAL_PORT:
		return n < shape->ports
			       ? virtual_cell(act->state, (uint16_t)(VIRTUAL_FIRST_PORT + n))
			       : NULL;
	case VIRTUAL_SLOT:
		return n < shape->slots
			       ? virtual_cell(act->state, (uint16_t)(VIRTUAL_FIRST_SLOT + n))
			       : NULL;
	case VIRTUAL_DRIVE:
		return n < shape->standalone
			       ? virtual_cell(act->state,
					      (uint16_t)(VIRTUAL_FIRST_DRIVE + shape->drives + n))
			       : NULL;
	}
	return NULL;
}

/* Can a person get there? */
static int check_reach(const struct act *act, const struct virtual_cell *cell)
{
	if (act->place == VIRTUAL_PORT && act->state->locked)
		return ntms_say_errno(-EBUSY, "the ports of %s are locked", act->vb->path);
	if (act->place == VIRTUAL_SLOT && !act->state->door_open && !cell->out)
		return ntms_say_errno(
			-EAGAIN, "the slots of %s are out of reach: %s", act->vb->path,
			act->vb->shape.door ? "its door is closed" : "it has no door");
	return 0;
}

/* A cleaner does its work at once, and is ejected. */
static void drive_takes(struct virtual_cell *cell)
{
	cell->ejected = virtual_is_cleaner(cell->name);
}

static int fill_drive(struct act *act, struct virtual_cell *cell)
{
	unsigned int index = cell->address - VIRTUAL_FIRST_DRIVE;
	int error;

	act->device = DRIVE_ID(index);
	error = virtual_drive_check(act->vb, act->device);
	if (error)
		return error;
	if (!cell->full || !cell->ejected || strcmp(cell->name, act->name) != 0)
		error = put(act, cell);
	if (!error)
		drive_takes(cell);
	return error;
}

/* The button of the drive: it does nothing while the device is open. */
static int empty_drive(struct act *act, struct virtual_cell *cell)
{
	char path[VIRTUAL_PATH_SIZE];
	int open, pid = 0;

	act->device = DRIVE_ID(cell->address - VIRTUAL_FIRST_DRIVE);
	act->emptied = cell->address;
	if (cell->full && !cell->ejected) {
		virtual_image_path(cell, path);
		open = virtual_image_open(act->vb, path, &pid);
		if (open < 0)
			return open;
		if (open)
			return ntms_say_errno(-EBUSY,
					      "drive %u of %s is in use by process %d and gives "
					      "nothing out",
					      DRIVE_INDEX(act->device), act->vb->path, pid);
	}
	return take(cell);
}

static int change_place(struct act *act)
{
	struct virtual_cell *cell = find_place(act);
	int error;

	if (!cell)
		return ntms_say_errno(-ERANGE, "%s has no such port, slot or drive (%u)",
				      act->vb->path, act->number);
	error = check_reach(act, cell);
	if (error)
		return error;
	if (act->place == VIRTUAL_DRIVE)
		return act->name ? fill_drive(act, cell) : empty_drive(act, cell);
	error = act->name ? put(act, cell) : take(cell);
	cell->by_operator = !error && act->name && act->place == VIRTUAL_PORT;
	return error;
}

/* ---- door and magazines ---- */

static int change_door(struct act *act)
{
	if (!act->vb->shape.door)
		return ntms_say_errno(-EOPNOTSUPP, "%s has no door", act->vb->path);
	if (act->on && act->state->locked)
		return ntms_say_errno(-EBUSY, "the door of %s is locked", act->vb->path);
	act->state->door_open = act->on;
	return 0;
}

static int change_magazine(struct act *act)
{
	const struct virtual_shape *shape = &act->vb->shape;

	if (!shape->magazine)
		return ntms_say_errno(-EOPNOTSUPP, "%s has no magazines", act->vb->path);
	if (act->number >= shape->slots / shape->magazine)
		return ntms_say_errno(-ERANGE, "%s has %u magazines and no number %u",
				      act->vb->path, shape->slots / shape->magazine, act->number);
	if (act->on && act->state->locked)
		return ntms_say_errno(-EBUSY, "the magazines of %s are locked", act->vb->path);
	virtual_magazine_set(act->state, act->number + 1, act->on);
	return 0;
}

/* ---- hands that reach everywhere ---- */

static struct virtual_cell *hand_cell(const struct act *act, uint16_t address)
{
	struct virtual_cell *cell = virtual_cell(act->state, address);

	if (cell && cell->type != ELEMENT_TRANSPORT && !cell->standalone)
		return cell;
	ntms_say_errno(-ERANGE, "there is no slot, port or drive at element %u", address);
	return NULL;
}

static int hand_move(struct act *act)
{
	int error = virtual_carry(act->state, act->from, act->to, false);

	act->emptied = act->from;
	if (!error)
		virtual_cell(act->state, act->to)->source_valid = false;
	return error;
}

/* The robot's own, that is. */
static int hand_give(struct act *act)
{
	struct virtual_cell *hand = virtual_cell(act->state, VIRTUAL_TRANSPORT);
	struct virtual_cell *cell = hand_cell(act, act->to);

	if (!cell)
		return -ERANGE;
	if (!hand->full)
		return ntms_say_errno(-ENOMEDIUM, "the robot's hand is empty");
	if (cell->full)
		return ntms_say_errno(-ENOTEMPTY, "element %u contains %s", act->to, cell->name);
	virtual_cell_pass(hand, cell);
	return 0;
}

static int hand_take(struct act *act)
{
	struct virtual_cell *cell = hand_cell(act, act->from);

	act->emptied = act->from;
	return cell ? take(cell) : -ERANGE;
}

static int hand_put(struct act *act)
{
	struct virtual_cell *cell = hand_cell(act, act->to);

	return cell ? put(act, cell) : -ERANGE;
}

/* ---- doing it ---- */

static int act_inside(struct virtual_session *session, struct act *act, int (*change)(struct act *))
{
	int error;

	error = virtual_state_load(act->vb, &act->state);
	if (error)
		return error;
	error = change(act);
	if (!error)
		error = virtual_commit(act->vb, act->state, act->emptied);
	if (!error)
		virtual_tell(session, BROKER_EVENT_ATTENTION, act->device);
	free(act->state);
	return error;
}

static int perform(const char *dir, struct act *act, int (*change)(struct act *))
{
	struct virtual_session session;
	int error;

	error = virtual_attach(dir, &act->vb);
	if (error)
		return error;
	act->device = CHANGER_ID;
	act->emptied = VIRTUAL_TRANSPORT;
	error = virtual_enter(act->vb, &session);
	if (!error)
		error = virtual_leave(&session, act_inside(&session, act, change));
	virtual_unref(act->vb);
	return error;
}

int virtual_insert(const char *dir, enum virtual_place place, unsigned int number, const char *name)
{
	struct act act = {.name = name, .place = place, .number = number};

	return perform(dir, &act, change_place);
}

int virtual_remove(const char *dir, enum virtual_place place, unsigned int number)
{
	struct act act = {.place = place, .number = number};

	return perform(dir, &act, change_place);
}

int virtual_door(const char *dir, bool open)
{
	struct act act = {.on = open};

	return perform(dir, &act, change_door);
}

int virtual_magazine(const char *dir, unsigned int number, bool out)
{
	struct act act = {.number = number, .on = out};

	return perform(dir, &act, change_magazine);
}

int virtual_hand_move(const char *dir, uint16_t from, uint16_t to)
{
	struct act act = {.from = from, .to = to};

	return perform(dir, &act, hand_move);
}

int virtual_hand_give(const char *dir, uint16_t to)
{
	struct act act = {.to = to};

	return perform(dir, &act, hand_give);
}

int virtual_hand_take(const char *dir, uint16_t from)
{
	struct act act = {.from = from};

	return perform(dir, &act, hand_take);
}

int virtual_hand_put(const char *dir, const char *name, uint16_t to)
{
	struct act act = {.name = name, .to = to};

	return perform(dir, &act, hand_put);
}

/* ---- plugs and dirt ---- */

/* Whoever held what was unplugged is told when the next one looks: so look. */
static int plug(struct virtual_broker *vb, uint32_t number, bool in)
{
	struct virtual_session session;
	int error;

	if (number != VIRTUAL_CHANGER && number >= virtual_drives(&vb->shape))
		return ntms_say_errno(-ERANGE, "%s has no drive %u", vb->path, number);
	error = number == VIRTUAL_CHANGER ? virtual_changer_set(vb, in)
					  : virtual_mark_set(vb, number, VIRTUAL_ABSENT, !in);
	if (error)
		return error;
	error = virtual_enter(vb, &session);
	return error ? error : virtual_leave(&session, 0);
}

int virtual_plug(const char *dir, uint32_t number, bool in)
{
	struct virtual_broker *vb;
	int error;

	error = virtual_attach(dir, &vb);
	if (error)
		return error;
	error = plug(vb, number, in);
	virtual_unref(vb);
	return error;
}

int virtual_dirty(const char *dir, uint32_t number, bool dirty)
{
	struct virtual_broker *vb;
	int error;

	error = virtual_attach(dir, &vb);
	if (error)
		return error;
	if (number < virtual_drives(&vb->shape))
		error = virtual_mark_set(vb, number, VIRTUAL_DIRTY, dirty);
	else
		error = ntms_say_errno(-ERANGE, "%s has no drive %u", vb->path, number);
	virtual_unref(vb);
	return error;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* virtual-state.c - the robot's truth: which element contains which cartridge */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/say.h"
#include "broker/virtual-impl.h"

#define STATE_FILE  "state"
#define STATE_TITLE "RSM virtual library state 1"

/* Its first part never exists, so that nobody makes a file here by opening it. */
#define LINK_NOWHERE "no-medium/inside"
#define LINK_PREFIX  "../../tapes/"

struct link_path {
	char text[32];
};

static struct link_path drive_path(unsigned int index, const char *what)
{
	struct link_path path;

	snprintf(path.text, sizeof(path.text), "drives/%u/%s", index % VIRTUAL_MAX_DRIVES, what);
	return path;
}

/* It becomes the name of a file, so it must not lead anywhere. */
bool virtual_name_valid(const char *name)
{
	size_t length = strlen(name);

	if (length == 0 || length >= NTMS_BARCODE_LENGTH || name[0] == '.' || name[0] == '-')
		return false;
	for (; *name; name++) {
		if (!isascii((unsigned char)*name) ||
		    (!isalnum((unsigned char)*name) && !strchr("_-.", *name)))
			return false;
	}
	return true;
}

static void add_cells(struct virtual_state *state, enum broker_element_type type, uint16_t first,
		      unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		struct virtual_cell *cell = &state->cells[state->count++];

		cell->type = type;
		cell->address = (uint16_t)(first + i);
	}
}

struct virtual_state *virtual_state_new(const struct virtual_shape *shape)
{
	size_t count = 1 + shape->ports + shape->drives + shape->slots;
	struct virtual_state *state;

	state = calloc(1, sizeof(*state) + count * sizeof(state->cells[0]));
	if (!state)
		return NULL;
	state->shape = *shape;
	add_cells(state, ELEMENT_TRANSPORT, VIRTUAL_TRANSPORT, 1);
	add_cells(state, ELEMENT_PORT, VIRTUAL_FIRST_PORT, shape->ports);
	add_cells(state, ELEMENT_DRIVE, VIRTUAL_FIRST_DRIVE, shape->drives);
	add_cells(state, ELEMENT_SLOT, VIRTUAL_FIRST_SLOT, shape->slots);
	return state;
}

struct virtual_cell *virtual_cell(struct virtual_state *state, uint16_t address)
{
	const struct virtual_shape *shape = &state->shape;
	struct virtual_cell *cell = state->cells;

	if (address == VIRTUAL_TRANSPORT)
		return cell;
	cell += 1;
	if (address >= VIRTUAL_FIRST_PORT && address < VIRTUAL_FIRST_PORT + shape->ports)
		return cell + (address - VIRTUAL_FIRST_PORT);
	cell += shape->ports;
	if (address >= VIRTUAL_FIRST_DRIVE && address < VIRTUAL_FIRST_DRIVE + shape->drives)
		return cell + (address - VIRTUAL_FIRST_DRIVE);
	cell += shape->drives;
	if (address >= VIRTUAL_FIRST_SLOT && address < VIRTUAL_FIRST_SLOT + shape->slots)
		return cell + (address - VIRTUAL_FIRST_SLOT);
	return NULL;
}

/* A line: element, cartridge, slot it came from or 0. */
static bool parse_cell(struct virtual_state *state, const char *line)
{
	char name[NTMS_BARCODE_LENGTH];
	struct virtual_cell *cell;
	uint16_t address, source;
	int end = 0;

	_Static_assert(NTMS_BARCODE_LENGTH == 64, "the format below says 63");
	if (sscanf(line, "%" SCNu16 " %63s %" SCNu16 "%n", &address, name, &source, &end) != 3 ||
	    line[end])
		return false;
	cell = virtual_cell(state, address);
	if (!cell || cell->full || cell->type == ELEMENT_TRANSPORT || !virtual_name_valid(name))
		return false;
	if (source) {
		struct virtual_cell *from = virtual_cell(state, source);

		if (!from || from->type != ELEMENT_SLOT)
			return false;
	}
	cell->full = true;
	cell->source = source;
	cell->source_valid = source != 0;
	strcpy(cell->name, name);
	return true;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* No cartridge is in two places. */
static bool names_differ(const struct virtual_state *state)
{
	const char **names = calloc(state->count, sizeof(*names));
	bool differ = true;
	size_t count = 0;

	if (!names)
		return false;
	for (size_t i = 0; i < state->count; i++) {
		if (state->cells[i].full)
			names[count++] = state->cells[i].name;
	}
	qsort(names, count, sizeof(*names), compare_names);
	for (size_t i = 1; i < count && differ; i++)
		differ = strcmp(names[i - 1], names[i]) != 0;
	free(names);
	return differ;
}

static bool parse_state(struct virtual_state *state, char *text)
{
	char *line = virtual_line(&text);

	if (!line || strcmp(line, STATE_TITLE) != 0)
		return false;
	while ((line = virtual_line(&text)) != NULL) {
		if (!parse_cell(state, line))
			return false;
	}
	return names_differ(state);
}

int virtual_state_load(struct virtual_broker *vb, struct virtual_state **statep)
{
	struct virtual_state *state;
	size_t size;
	char *text;
	bool good;
	int error;

	*statep = NULL;
	error = virtual_read(vb, STATE_FILE, &text, &size);
	if (error)
		return error;
	state = virtual_state_new(&vb->shape);
	if (!state) {
		free(text);
		return ntms_say_errno(-ENOMEM, "no memory for the state of '%s'", vb->path);
	}
	good = virtual_unseal(text, &size) && parse_state(state, text);
	free(text);
	if (!good) {
		free(state);
		return ntms_say_errno(-EIO,
				      "'%s/" STATE_FILE "' is damaged: it is not known where "
				      "the cartridges are",
				      vb->path);
	}
	*statep = state;
	return 0;
}

int virtual_state_save(struct virtual_broker *vb, const struct virtual_state *state)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream;
	int error;

	stream = open_memstream(&text, &size);
	if (!stream)
		return ntms_say_errno(-ENOMEM, "no memory for the state of '%s'", vb->path);
	fputs(STATE_TITLE "\n", stream);
	for (size_t i = 0; i < state->count; i++) {
		const struct virtual_cell *cell = &state->cells[i];

		if (cell->full)
			fprintf(stream, "%u %s %u\n", cell->address, cell->name,
				cell->source_valid ? cell->source : 0);
	}
	virtual_seal(stream, &text, &size);
	error = ferror(stream) ? -ENOMEM : 0;
	if (fclose(stream) != 0)
		error = -ENOMEM;
	if (!error)
		error = virtual_replace(vb, STATE_FILE, text, size, true);
	else
		ntms_say_errno(error, "no memory for the state of '%s'", vb->path);
	free(text);
	return error;
}

bool virtual_drive_absent(struct virtual_broker *vb, unsigned int index)
{
	return faccessat(vb->dir, drive_path(index, "absent").text, F_OK, 0) == 0;
}

int virtual_drive_check(struct virtual_broker *vb, uint32_t drive)
{
	if (drive < DRIVE_ID(0) || drive >= DRIVE_ID(vb->shape.drives))
		return ntms_say_errno(-ENODEV, "%s has no drive with id %" PRIu32, vb->path, drive);
	if (virtual_drive_absent(vb, DRIVE_INDEX(drive)))
		return ntms_say_errno(-ENODEV, "drive %" PRIu32 " of %s is unplugged",
				      DRIVE_INDEX(drive), vb->path);
	return 0;
}

static int set_link(struct virtual_broker *vb, unsigned int index, const char *target)
{
	struct link_path path = drive_path(index, "nst");
	char old[sizeof(LINK_PREFIX) + NTMS_BARCODE_LENGTH];
	char temporary[32];
	ssize_t length;

	length = readlinkat(vb->dir, path.text, old, sizeof(old));
	if (length == (ssize_t)strlen(target) && memcmp(old, target, (size_t)length) == 0)
		return 0;
	snprintf(temporary, sizeof(temporary), "new/nst-%u", index);
	unlinkat(vb->dir, temporary, 0);
	if (symlinkat(target, vb->dir, temporary) != 0 ||
	    renameat(vb->dir, temporary, vb->dir, path.text) != 0)
		return ntms_say_errno(-errno, "cannot set the link '%s/%s': %m", vb->path,
				      path.text);
	return 0;
}

int virtual_link_none(struct virtual_broker *vb, unsigned int index)
{
	return set_link(vb, index, LINK_NOWHERE);
}

int virtual_links(struct virtual_broker *vb, struct virtual_state *state)
{
	for (unsigned int i = 0; i < vb->shape.drives; i++) {
		struct virtual_cell *cell =
			virtual_cell(state, (uint16_t)(VIRTUAL_FIRST_DRIVE + i));
		char target[sizeof(LINK_PREFIX) + NTMS_BARCODE_LENGTH];
		int error;

		snprintf(target, sizeof(target), LINK_PREFIX "%s", cell->name);
		error = set_link(
			vb, i, cell->full && !virtual_drive_absent(vb, i) ? target : LINK_NOWHERE);
		if (error)
			return error;
	}
	return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* virtual-state.c - the robot's truth: which element contains which cartridge */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include "base/say.h"
#include "broker/virtual-impl.h"

#define STATE_FILE  "state"
#define STATE_TITLE "RSM virtual library state 2"
/* Made before there were doors, sides and magazines; what it says is still true. */
#define FIRST_TITLE "RSM virtual library state 1"

#define CLEANER_PREFIX "CLN"

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

bool virtual_is_cleaner(const char *name)
{
	return strncmp(name, CLEANER_PREFIX, strlen(CLEANER_PREFIX)) == 0;
}

void virtual_image_path(const struct virtual_cell *cell, char path[VIRTUAL_PATH_SIZE])
{
	/* No name of a cartridge contains the sign. */
	snprintf(path, VIRTUAL_PATH_SIZE, "tapes/%s%s", cell->name, cell->inverted ? "@B" : "");
}

void virtual_cell_clear(struct virtual_cell *cell)
{
	cell->full = false;
	cell->source_valid = false;
	cell->source = 0;
	cell->inverted = false;
	cell->by_operator = false;
	cell->ejected = false;
	cell->name[0] = '\0';
}

void virtual_cell_pass(struct virtual_cell *from, struct virtual_cell *to)
{
	to->full = true;
	strcpy(to->name, from->name);
	to->inverted = from->inverted;
	to->source_valid = from->source_valid;
	to->source = from->source;
	virtual_cell_clear(from);
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
	size_t count = 1 + shape->ports + virtual_drives(shape) + shape->slots;
	struct virtual_state *state;

	state = calloc(1, sizeof(*state) + count * sizeof(state->cells[0]));
	if (!state)
		return NULL;
	state->shape = *shape;
	add_cells(state, ELEMENT_TRANSPORT, VIRTUAL_TRANSPORT, 1);
	add_cells(state, ELEMENT_PORT, VIRTUAL_FIRST_PORT, shape->ports);
	add_cells(state, ELEMENT_DRIVE, VIRTUAL_FIRST_DRIVE, virtual_drives(shape));
	for (unsigned int i = 0; i < shape->standalone; i++)
		state->cells[state->count - 1 - i].standalone = true;
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
	if (address >= VIRTUAL_FIRST_DRIVE && address < VIRTUAL_FIRST_DRIVE + virtual_drives(shape))
		return cell + (address - VIRTUAL_FIRST_DRIVE);
	cell += virtual_drives(shape);
	if (address >= VIRTUAL_FIRST_SLOT && address < VIRTUAL_FIRST_SLOT + shape->slots)
		return cell + (address - VIRTUAL_FIRST_SLOT);
	return NULL;
}

/* The letters at the end of a line, and what they stand for. */
#define MARK_NONE     '-'
#define MARK_INVERTED 'i'
#define MARK_OPERATOR 'o'
#define MARK_EJECTED  'e'

static bool parse_marks(const struct virtual_state *state, struct virtual_cell *cell,
			const char *marks)
{
	if (strcmp(marks, "-") == 0)
		return true;
	for (; *marks; marks++) {
		if (*marks == MARK_INVERTED && state->shape.sides == 2)
			cell->inverted = true;
		else if (*marks == MARK_OPERATOR && cell->type == ELEMENT_PORT)
			cell->by_operator = true;
		else if (*marks == MARK_EJECTED && cell->standalone)
			cell->ejected = true;
		else
			return false;
	}
	return true;
}

/* A line: element, cartridge, slot it came from or 0, marks (not in the first version). */
static bool parse_cell(struct virtual_state *state, const char *line, bool first_version)
{
	char name[NTMS_BARCODE_LENGTH];
	char marks[8] = "-";
	struct virtual_cell *cell;
	uint16_t address, source;
	int end = 0;

	_Static_assert(NTMS_BARCODE_LENGTH == 64, "the format below says 63");
	if (sscanf(line, "%" SCNu16 " %63s %" SCNu16 "%n", &address, name, &source, &end) != 3)
		return false;
	line += end;
	end = 0;
	if (!first_version && sscanf(line, " %7s%n", marks, &end) != 1)
		return false;
	if (line[end])
		return false;
	cell = virtual_cell(state, address);
	if (!cell || cell->full || !virtual_name_valid(name))
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
	return parse_marks(state, cell, marks);
}

static bool parse_magazine(struct virtual_state *state, const char *line)
{
	unsigned int number;
	int end = 0;

	if (sscanf(line, "magazine out %u%n", &number, &end) != 1 || line[end] ||
	    !state->shape.magazine || number < 1 ||
	    number > state->shape.slots / state->shape.magazine)
		return false;
	virtual_magazine_set(state, number, true);
	return true;
}

static bool parse_line(struct virtual_state *state, const char *line, bool first_version)
{
	if (first_version)
		return parse_cell(state, line, true);
	if (strcmp(line, "door open") == 0 && state->shape.door) {
		state->door_open = true;
		return true;
	}
	if (strcmp(line, "locked") == 0) {
		state->locked = true;
		return true;
	}
	if (strncmp(line, "magazine ", strlen("magazine ")) == 0)
		return parse_magazine(state, line);
	return parse_cell(state, line, false);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* No cartridge is in two places. @names: room for one from each. */
static bool names_differ(const struct virtual_state *state, const char **names)
{
	bool differ = true;
	size_t count = 0;

	for (size_t i = 0; i < state->count; i++) {
		if (state->cells[i].full)
			names[count++] = state->cells[i].name;
	}
	qsort(names, count, sizeof(*names), compare_names);
	for (size_t i = 1; i < count && differ; i++)
		differ = strcmp(names[i - 1], names[i]) != 0;
	return differ;
}

static bool parse_state(struct virtual_state *state, char *text, const char **names)
{
	char *line = virtual_line(&text);
	bool first_version = line && strcmp(line, FIRST_TITLE) == 0;

	if (!line || (!first_version && strcmp(line, STATE_TITLE) != 0))
		return false;
	while ((line = virtual_line(&text)) != NULL) {
		if (!parse_line(state, line, first_version))
			return false;
	}
	/* An open door cannot be locked. */
	return names_differ(state, names) && !(state->door_open && state->locked);
}

int virtual_state_load(struct virtual_broker *vb, struct virtual_state **statep)
{
	struct virtual_state *state;
	const char **names = NULL;
	size_t size;
	char *text;
	bool good;
	int error;

	*statep = NULL;
	error = virtual_read(vb, STATE_FILE, &text, &size);
	if (error)
		return error;
	state = virtual_state_new(&vb->shape);
	if (state)
		names = calloc(state->count, sizeof(*names));
	if (!names) {
		free(text);
		free(state);
		return ntms_say_errno(-ENOMEM, "no memory for the state of '%s'", vb->path);
	}
	good = virtual_unseal(text, &size) && parse_state(state, text, names);
	free(text);
	free(names);
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

static void print_cell(FILE *stream, const struct virtual_cell *cell)
{
	char marks[8];
	size_t used = 0;

	if (cell->inverted)
		marks[used++] = MARK_INVERTED;
	if (cell->by_operator)
		marks[used++] = MARK_OPERATOR;
	if (cell->ejected)
		marks[used++] = MARK_EJECTED;
	if (!used)
		marks[used++] = MARK_NONE;
	marks[used] = '\0';
	fprintf(stream, "%u %s %u %s\n", cell->address, cell->name,
		cell->source_valid ? cell->source : 0, marks);
}

static void print_magazines(FILE *stream, const struct virtual_state *state)
{
	unsigned int size = state->shape.magazine;
	const struct virtual_cell *slots = &state->cells[state->count - state->shape.slots];

	for (unsigned int i = 0; size && i < state->shape.slots; i += size) {
		if (slots[i].out)
			fprintf(stream, "magazine out %u\n", i / size + 1);
	}
}

void virtual_magazine_set(struct virtual_state *state, unsigned int number, bool out)
{
	unsigned int size = state->shape.magazine;
	struct virtual_cell *slots = &state->cells[state->count - state->shape.slots];

	for (unsigned int i = 0; i < size; i++)
		slots[(number - 1) * size + i].out = out;
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
	if (state->door_open)
		fputs("door open\n", stream);
	if (state->locked)
		fputs("locked\n", stream);
	print_magazines(stream, state);
	for (size_t i = 0; i < state->count; i++) {
		if (state->cells[i].full)
			print_cell(stream, &state->cells[i]);
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

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <string.h>
#include "base/guid.h"
#include "base/refusal.h"
#include "base/say.h"
#include "core/states.h"

static const struct machine *const machines[MACHINES] = {
	[MACHINE_SIDE] = &machine_side,
	[MACHINE_MEDIA] = &machine_media,
	[MACHINE_DRIVE] = &machine_drive,
	[MACHINE_LIBRARY] = &machine_library,
	[MACHINE_DEVICE] = &machine_device,
	[MACHINE_ENABLEMENT] = &machine_enablement,
	[MACHINE_SLOT] = &machine_slot,
	[MACHINE_PORT_POSITION] = &machine_port_position,
	[MACHINE_PORT_CONTENT] = &machine_port_content,
	[MACHINE_DOOR] = &machine_door,
	[MACHINE_REQUEST] = &machine_request,
	[MACHINE_OPREQUEST] = &machine_oprequest,
};

const struct machine *machine_get(enum machine_id id)
{
	return (unsigned int)id < MACHINES ? machines[id] : NULL;
}

static uint32_t *state_of(const struct machine *machine, struct object *obj)
{
	return (uint32_t *)(void *)((char *)obj + machine->offset);
}

uint32_t machine_state(const struct machine *machine, const struct object *obj)
{
	uint32_t state;

	memcpy(&state, (const char *)obj + machine->offset, sizeof(state));
	return state;
}

static bool is_state(const struct machine *machine, uint32_t state)
{
	return state < machine->state_count && machine->states[state].name;
}

const char *machine_state_word(const struct machine *machine, uint32_t state)
{
	return is_state(machine, state) ? machine->states[state].word : "in an unknown state";
}

static bool has_it(const struct machine *machine, const struct object *obj)
{
	size_t most = sizeof(machine->types) / sizeof(machine->types[0]);

	for (size_t i = 0; i < most && machine->types[i]; i++)
		if (machine->types[i] == obj->type)
			return true;
	return false;
}

/* What it is called, for messages. */
static void describe(const struct object *obj, char *text, size_t size)
{
	char guid[GUID_TEXT_SIZE];

	switch (obj->type) {
	case NTMS_PARTITION:
		snprintf(text, size, "side %u of cartridge %s", obj->side.side, obj->name);
		return;
	case NTMS_PHYSICAL_MEDIA:
		snprintf(text, size, "cartridge %s",
			 obj->media.barcode[0] ? obj->media.barcode : obj->name);
		return;
	case NTMS_LIBRARY:
		snprintf(text, size, "library %s", obj->name);
		return;
	case NTMS_LIBREQUEST:
		guid_format(&obj->guid, guid);
		snprintf(text, size, "the request %s", guid);
		return;
	case NTMS_OPREQUEST:
		guid_format(&obj->guid, guid);
		snprintf(text, size, "the operator request %s", guid);
		return;
	default:
		snprintf(text, size, "%s", obj->name);
		return;
	}
}

static void note(const struct machine *machine, uint32_t state, uint32_t event)
{
	struct refusal refusal = {.machine = machine->id, .state = state, .event = event};

	refusal.expected = is_state(machine, state) && event < machine->event_count &&
			   machine->asked & MACHINE_IN(event);
	snprintf(refusal.text, sizeof(refusal.text), "%s", ntms_said());
	refusal_note(&refusal);
}

static DWORD refuse(const struct machine *machine, const struct object *obj, uint32_t event,
		    DWORD code, const char *needs)
{
	uint32_t state = machine_state(machine, obj);
	char what[OBJ_NAME_SIZE + 40];

	describe(obj, what, sizeof(what));
	ntms_say(code, "%s is %s%s%s; it cannot be %s", what, machine_state_word(machine, state),
		 needs ? ", and needed is that " : "", needs ? needs : "",
		 event < machine->event_count ? machine->events[event].verb : "changed so");
	note(machine, state, event);
	return code;
}

static const struct machine_row *find_row(const struct machine *machine, uint32_t state,
					  uint32_t event)
{
	if (!is_state(machine, state))
		return NULL;
	for (uint32_t i = 0; i < machine->row_count; i++)
		if (machine->rows[i].event == event && machine->rows[i].from & MACHINE_IN(state))
			return &machine->rows[i];
	return NULL;
}

DWORD machine_apply(const struct machine *machine, struct object *obj, uint32_t event)
{
	const struct machine_row *row;
	DWORD code = ERROR_INVALID_STATE;

	if (!has_it(machine, obj))
		return ntms_say(ERROR_INVALID_PARAMETER, "an object of type %u has no %s",
				obj->type, machine->name);
	if (event >= machine->event_count)
		return refuse(machine, obj, event, code, NULL);
	row = find_row(machine, machine_state(machine, obj), event);
	if (is_state(machine, machine_state(machine, obj)))
		code = machine->events[event].refused;
	if (!row)
		return refuse(machine, obj, event, code, NULL);
	if (row->refused)
		code = row->refused;
	if (row->to == MACHINE_REFUSED)
		return refuse(machine, obj, event, code, NULL);
	if (row->holds && !row->holds(obj))
		return refuse(machine, obj, event, code, row->needs);
	if (row->to < MACHINE_STAYS)
		*state_of(machine, obj) = row->to;
	if (row->apply)
		row->apply(obj);
	return ERROR_SUCCESS;
}

DWORD machine_start(const struct machine *machine, struct object *obj, uint32_t state)
{
	if (!has_it(machine, obj))
		return ntms_say(ERROR_INVALID_PARAMETER, "an object of type %u has no %s",
				obj->type, machine->name);
	if (!is_state(machine, state) ||
	    !((machine->births | MACHINE_IN(machine->begins)) & MACHINE_IN(state))) {
		ntms_say(ERROR_INVALID_PARAMETER, "a record of a %s cannot be made %s",
			 machine->name, machine_state_word(machine, state));
		note(machine, state, machine->event_count);
		return ERROR_INVALID_PARAMETER;
	}
	*state_of(machine, obj) = state;
	return ERROR_SUCCESS;
}

void machine_begin(struct object *obj)
{
	obj->enabled = TRUE;
	obj->opstate = NTMS_READY;
	for (size_t i = 0; i < MACHINES; i++)
		if (has_it(machines[i], obj))
			*state_of(machines[i], obj) = machines[i]->begins;
	/* Whether there is more of it than its place is found out afterwards. */
	if (obj->type == NTMS_DRIVE)
		obj->opstate = NTMS_NOT_PRESENT;
}

void machine_object(struct object *obj, uint32_t type)
{
	memset(obj, 0, sizeof(*obj));
	obj->type = type;
	machine_begin(obj);
}

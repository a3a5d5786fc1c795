// SPDX-License-Identifier: GPL-2.0-only
/*
 * print-states.c - the state machines of lib/core as documents
 *
 *   print-states          all of them in Markdown: docs/states.md
 *   print-states --list   their names, one a line
 *   print-states NAME     one as a graph for dot
 */
#include <stdio.h>
#include <string.h>
#include "base/errname.h"
#include "core/states.h"

static const char *state_name(const struct machine *machine, uint32_t state)
{
	return machine->states[state].name;
}

/* ---- Markdown ---- */

static void print_set(const struct machine *machine, uint32_t set)
{
	const char *comma = "";

	for (uint32_t state = 0; state < machine->state_count; state++) {
		if (!state_name(machine, state) || !(set & MACHINE_IN(state)))
			continue;
		printf("%s%s", comma, state_name(machine, state));
		comma = ", ";
	}
}

static void print_target(const struct machine *machine, const struct machine_row *row)
{
	switch (row->to) {
	case MACHINE_STAYS:
		printf("unchanged");
		return;
	case MACHINE_GONE:
		printf("its record goes");
		return;
	case MACHINE_REFUSED:
		printf("refused");
		return;
	default:
		printf("%s", state_name(machine, row->to));
		return;
	}
}

static void print_row(const struct machine *machine, const struct machine_row *row)
{
	const struct machine_event *event = &machine->events[row->event];

	printf("| %s | ", event->name);
	print_set(machine, row->from);
	printf(" | ");
	print_target(machine, row);
	printf(" | %s | %s | %s |\n", row->needs ? row->needs : "", row->effect ? row->effect : "",
	       row->refused ? ntms_error_name(row->refused) : "");
}

static void print_markdown(const struct machine *machine)
{
	printf("\n## %s\n\n%s\n\n![%s](states/%s.svg)\n\n", machine->title, machine->about,
	       machine->title, machine->name);
	printf("| state | number | in words |\n|---|---|---|\n");
	for (uint32_t state = 0; state < machine->state_count; state++)
		if (state_name(machine, state))
			printf("| %s | %u | %s |\n", state_name(machine, state), state,
			       machine->states[state].word);
	printf("\nA record begins in %s", state_name(machine, machine->begins));
	if (machine->births & ~MACHINE_IN(machine->begins)) {
		printf(", or is made in ");
		print_set(machine, machine->births & ~MACHINE_IN(machine->begins));
	}
	printf(".\n\n| event | from | to | if | with it | otherwise "
	       "|\n|---|---|---|---|---|---|\n");
	for (uint32_t row = 0; row < machine->row_count; row++)
		print_row(machine, &machine->rows[row]);
	printf("\n| event | everywhere else |\n|---|---|\n");
	for (uint32_t event = 0; event < machine->event_count; event++)
		printf("| %s | %s |\n", machine->events[event].name,
		       ntms_error_name(machine->events[event].refused));
}

static void print_all(void)
{
	printf("# States\n\n"
	       "What may happen to every object, printed by `make docs` from the tables that the "
	       "library itself goes by\n(`lib/core/state_*.c`). What has no row is refused, and "
	       "nothing changes then.\n");
	for (enum machine_id id = 0; id < MACHINES; id++)
		print_markdown(machine_get(id));
}

/* ---- dot ---- */

/* One arrow for all the events that lead the same way. */
static void print_arrow(const struct machine *machine, uint32_t from, uint32_t to)
{
	bool any = false;

	for (uint32_t i = 0; i < machine->row_count; i++) {
		const struct machine_row *row = &machine->rows[i];
		bool there = to == MACHINE_GONE ? row->to == MACHINE_GONE : row->to == to;

		if (from == to && row->to == MACHINE_STAYS)
			there = true;
		if (!there || !(row->from & MACHINE_IN(from)))
			continue;
		if (!any)
			printf("\t%s -> %s [label=\"", state_name(machine, from),
			       to == MACHINE_GONE ? "gone" : state_name(machine, to));
		printf("%s%s", any ? "\\n" : "", machine->events[row->event].name);
		any = true;
	}
	if (any)
		printf("\"];\n");
}

static bool can_go(const struct machine *machine)
{
	for (uint32_t i = 0; i < machine->row_count; i++)
		if (machine->rows[i].to == MACHINE_GONE)
			return true;
	return false;
}

static void print_dot(const struct machine *machine)
{
	printf("digraph \"%s\" {\n\tnode [shape=box, style=rounded, fontname=\"Helvetica\"];\n"
	       "\tedge [fontname=\"Helvetica\", fontsize=10];\n\tbegin [shape=point];\n",
	       machine->name);
	for (uint32_t state = 0; state < machine->state_count; state++)
		if (state_name(machine, state))
			printf("\t%s [label=\"%s\"];\n", state_name(machine, state),
			       state_name(machine, state));
	if (can_go(machine))
		printf("\tgone [label=\"(gone)\", style=dashed];\n");
	printf("\tbegin -> %s;\n", state_name(machine, machine->begins));
	for (uint32_t from = 0; from < machine->state_count; from++) {
		if (!state_name(machine, from))
			continue;
		for (uint32_t to = 0; to < machine->state_count; to++)
			if (state_name(machine, to))
				print_arrow(machine, from, to);
		print_arrow(machine, from, MACHINE_GONE);
	}
	printf("}\n");
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		print_all();
		return 0;
	}
	for (enum machine_id id = 0; id < MACHINES; id++) {
		if (!strcmp(argv[1], "--list")) {
			printf("%s\n", machine_get(id)->name);
		} else if (!strcmp(argv[1], machine_get(id)->name)) {
			print_dot(machine_get(id));
			return 0;
		}
	}
	if (!strcmp(argv[1], "--list"))
		return 0;
	fprintf(stderr, "print-states: there is no state machine '%s'; --list names them\n",
		argv[1]);
	return 1;
}

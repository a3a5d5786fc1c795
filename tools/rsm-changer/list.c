/* SPDX-License-Identifier: GPL-2.0-only */
/* list.c - the commands that only look: list, listall, slots, loaded */
#include <stdio.h>
#include <stdlib.h>
#include "changer.h"
#include "text.h"

/* What follows the last ":" must be one word on one line, whatever the bar code is. */
static void print_bar_code(const struct cartridge *cartridge)
{
	char *visible = text_visible(cartridge->bar_code);

	puts(visible);
	free(visible);
}

static void print_full(const struct places *places)
{
	for (size_t i = 0; i < places->count; i++) {
		const struct cartridge *cartridge = view_shown(&places->at[i]);

		if (!cartridge)
			continue;
		/* What is in a drive is listed by its slot. */
		printf("%u:", cartridge->home);
		print_bar_code(cartridge);
	}
}

int command_list(struct changer *changer)
{
	DWORD code = changer_look(changer);

	if (code)
		return fail(&changer->rsm, code);
	print_full(&changer->view.slots);
	print_full(&changer->view.drives);
	return EXIT_DONE;
}

/* @first: what is added to their numbers. */
static void print_places(char letter, const struct places *places, DWORD first)
{
	for (size_t i = 0; i < places->count; i++) {
		const struct cartridge *cartridge = view_shown(&places->at[i]);

		printf("%c:%u:", letter, first + places->at[i].number);
		if (!cartridge) {
			puts("E");
			continue;
		}
		fputs("F:", stdout);
		if (letter == 'D')
			printf("%u:", cartridge->home);
		print_bar_code(cartridge);
	}
}

/* The ports are counted on from the last slot, as mtx does it. */
static DWORD last_slot(const struct view *view)
{
	return view->slots.count ? view->slots.at[view->slots.count - 1].number : 0;
}

int command_listall(struct changer *changer)
{
	DWORD code = changer_look(changer);

	if (code)
		return fail(&changer->rsm, code);
	print_places('D', &changer->view.drives, 0);
	print_places('S', &changer->view.slots, 0);
	print_places('I', &changer->view.ports, last_slot(&changer->view));
	return EXIT_DONE;
}

int command_slots(struct changer *changer)
{
	DWORD code = changer_look(changer);

	if (code)
		return fail(&changer->rsm, code);
	printf("%zu\n", changer->view.slots.count + changer->view.ports.count);
	return EXIT_DONE;
}

int command_loaded(struct changer *changer)
{
	const struct cartridge *cartridge;
	struct place *drive;
	DWORD code = changer_look(changer);

	if (!code)
		code = changer_drive(changer, &drive);
	if (code)
		return fail(&changer->rsm, code);
	cartridge = view_shown(drive);
	printf("%u\n", cartridge ? cartridge->home : 0);
	return EXIT_DONE;
}

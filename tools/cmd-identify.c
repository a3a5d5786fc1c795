/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cmd-identify.c - rsm identify: find out which cartridge is in a slot
 */
#include <stdlib.h>
#include "cancel.h"
#include "describe.h"
#include "places.h"
#include "text.h"

struct identification {
	NTMS_GUID slot;
	DWORD option;
};

static DWORD identify(struct rsm *rsm, void *context)
{
	struct identification *work = context;

	return note(rsm, IdentifyNtmsSlot(rsm->session, &work->slot, work->option));
}

/* The sides as they are on record now; "foreign, import" in *@states. */
static DWORD describe_sides(struct rsm *rsm, const NTMS_GUID *cartridge, struct json_object *sides,
			    char **states)
{
	NTMS_GUID *list;
	DWORD count, code = list_objects(rsm, cartridge, NTMS_PARTITION, &list, &count);

	*states = text_format("%s", "");
	for (DWORD i = 0; !code && i < count; i++) {
		struct json_object *side = describe(rsm, &list[i], NTMS_PARTITION);
		char *longer;

		if (!side) {
			code = rsm->code;
			break;
		}
		longer = text_format("%s%s%s", *states, i ? ", " : "", json_text(side, "state"));
		free(*states);
		*states = longer;
		json_append(sides, side);
	}
	free(list);
	return code;
}

static int report(struct rsm *rsm, const struct identification *work)
{
	struct json_object *result = json_record(), *sides = json_list();
	NTMS_GUID cartridge = {0};
	char *states = NULL;
	DWORD code = cartridge_at(rsm, &work->slot, &cartridge);
	bool empty = code == ERROR_EMPTY;

	if (!code)
		code = describe_sides(rsm, &cartridge, sides, &states);
	json_set_text(result, "slot", name_of(rsm, &work->slot, NTMS_STORAGESLOT));
	json_set_guid(result, "slot_id", &work->slot);
	json_set_text(result, "cartridge",
		      empty ? NULL : name_of(rsm, &cartridge, NTMS_PHYSICAL_MEDIA));
	json_set_guid(result, "cartridge_id", &cartridge);
	json_set(result, "sides", sides);
	if (code && !empty) {
		json_object_put(result);
		free(states);
		return fail(rsm, code);
	}
	print_result(rsm, result, "cartridge",
		     empty ? text_format("%s is empty", json_text(result, "slot"))
			   : text_format("%s has %s (%s)", json_text(result, "slot"),
					 json_text(result, "cartridge"), states));
	free(states);
	return EXIT_DONE;
}

int cmd_identify(struct rsm *rsm, const struct args *args)
{
	struct identification work = {.option = args->given[OPT_DEFERRED]
							? NTMS_DISMOUNT_DEFERRED
							: NTMS_DISMOUNT_IMMEDIATE};
	struct interrupt interrupt;
	int status, signal = 0;
	DWORD code;

	interrupt_begin(&interrupt);
	code = rsm_open(rsm, "rsm identify");
	if (!code)
		code = find_slot(rsm, args, args->operand[0], &work.slot);
	if (!code)
		code = interruptible(rsm, &interrupt, identify, &work, &signal);
	if (signal)
		status = interrupted(rsm, signal, "the work goes on");
	else
		status = code ? fail(rsm, code) : report(rsm, &work);
	interrupt_end(&interrupt);
	return status;
}

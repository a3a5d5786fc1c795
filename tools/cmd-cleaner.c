/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cmd-cleaner.c - rsm cleaner: the slot that is kept for it, and how it comes in and goes out
 */
#include <stdlib.h>
#include "cleaner.h"
#include "operation.h"
#include "places.h"
#include "text.h"

#define NOT_COUNTED 0xFFFFFFFFu

/* ---- what is on record ---- */

DWORD cleaner_read(struct rsm *rsm, const NTMS_GUID *library, struct cleaner *cleaner)
{
	const NTMS_LIBRARYINFORMATION *details;
	NTMS_OBJECTINFORMATIONW info;
	DWORD code = get_info(rsm, library, NTMS_LIBRARY, &info);

	if (code)
		return code;
	details = &info.Info.Library;
	cleaner->library = *library;
	cleaner->slot = details->CleanerSlot;
	cleaner->present = details->dwFlags & NTMS_LIBRARYFLAG_CLEANERPRESENT;
	cleaner->counted = cleaner->present && details->dwCleanerUsesRemaining != NOT_COUNTED;
	cleaner->uses = details->dwCleanerUsesRemaining;
	return ERROR_SUCCESS;
}

void cleaner_describe_uses(const struct cleaner *cleaner, struct json_object *record)
{
	if (cleaner->counted)
		json_set_number(record, "uses", cleaner->uses);
	else
		json_set(record, "uses", NULL);
}

struct json_object *cleaner_describe(struct rsm *rsm, const struct cleaner *cleaner)
{
	bool has_slot = !guid_is_null(&cleaner->slot);
	struct json_object *result = json_record();

	json_set_text(result, "library", name_of(rsm, &cleaner->library, NTMS_LIBRARY));
	json_set_guid(result, "library_id", &cleaner->library);
	json_set_text(result, "slot",
		      has_slot ? name_of(rsm, &cleaner->slot, NTMS_STORAGESLOT) : NULL);
	json_set_guid(result, "slot_id", &cleaner->slot);
	json_set_flag(result, "present", cleaner->present);
	cleaner_describe_uses(cleaner, result);
	return result;
}

char *cleaner_uses_text(const struct cleaner *cleaner)
{
	char *count, *text;

	if (!cleaner->counted)
		return text_format("%s", "");
	count = text_count(cleaner->uses, "more time");
	text = text_format("; the cleaner can be used %s", count);
	free(count);
	return text;
}

/* ---- reserve, release ---- */

/* The slot is the one that was, or is, kept. */
static int print_slot(struct rsm *rsm, struct cleaner *cleaner, const NTMS_GUID *slot,
		      const char *format)
{
	struct json_object *result;
	char *name;

	cleaner->slot = *slot;
	result = cleaner_describe(rsm, cleaner);
	name = text_format("%s of %s", json_text(result, "slot"), json_text(result, "library"));
	print_result(rsm, result, "slot", text_format("%s %s", name, format));
	free(name);
	return EXIT_DONE;
}

int cmd_cleaner_reserve(struct rsm *rsm, const struct args *args)
{
	struct cleaner cleaner = {0};
	NTMS_GUID library, slot;
	DWORD code = rsm_open(rsm, "rsm cleaner reserve");

	if (!code)
		code = find_object(rsm, args->operand[0], NTMS_LIBRARY, &library);
	if (!code)
		code = find_slot_in(rsm, &library, args->operand[1], &slot);
	if (!code)
		code = note(rsm, ReserveNtmsCleanerSlot(rsm->session, &library, &slot));
	if (!code)
		code = cleaner_read(rsm, &library, &cleaner);
	return code ? fail(rsm, code) : print_slot(rsm, &cleaner, &slot, "is kept for the cleaner");
}

int cmd_cleaner_release(struct rsm *rsm, const struct args *args)
{
	struct cleaner cleaner = {0};
	NTMS_GUID library, slot;
	DWORD code = rsm_open(rsm, "rsm cleaner release");

	if (!code)
		code = find_object(rsm, args->operand[0], NTMS_LIBRARY, &library);
	if (!code)
		code = cleaner_read(rsm, &library, &cleaner);
	slot = cleaner.slot;
	if (!code)
		code = note(rsm, ReleaseNtmsCleanerSlot(rsm->session, &library));
	if (!code)
		code = cleaner_read(rsm, &library, &cleaner);
	return code ? fail(rsm, code)
		    : print_slot(rsm, &cleaner, &slot, "is a slot for any cartridge again");
}

/* ---- inject, eject ---- */

struct change {
	const char *application;
	bool in;
	NTMS_GUID library;
	DWORD action, uses;
	bool wait;
	struct awaited awaited; /* its request is the operation */
};

static DWORD call(struct rsm *rsm, struct change *change, DWORD action)
{
	NTMS_GUID *operation = &change->awaited.request;

	if (change->in)
		return note(rsm, InjectNtmsCleaner(rsm->session, &change->library, operation,
						   change->uses, action));
	return note(rsm, EjectNtmsCleaner(rsm->session, &change->library, operation, action));
}

static char *sentence(const struct change *change, const struct cleaner *cleaner,
		      const struct json_object *result)
{
	const char *library = json_text(result, "library"), *slot = json_text(result, "slot");
	char *uses, *text;

	if (change->action == NTMS_INJECT_STOP)
		return text_format("%s: the operation is stopped", library);
	if (!change->wait)
		return text_format("%s: operation %s has begun; a person is to %s the cleaner",
				   library, json_text(result, "operation"),
				   change->in ? "bring" : "take");
	if (!change->in)
		return text_format("the cleaner has left %s", library);
	uses = cleaner_uses_text(cleaner);
	text = text_format("the cleaner is in %s of %s%s", slot, library, uses);
	free(uses);
	return text;
}

static int report(struct rsm *rsm, const struct change *change)
{
	struct json_object *result;
	struct cleaner cleaner = {0};
	DWORD code = cleaner_read(rsm, &change->library, &cleaner);

	if (code)
		return fail(rsm, code);
	result = cleaner_describe(rsm, &cleaner);
	json_set_guid(result, "operation", &change->awaited.request);
	print_result(rsm, result, "operation", sentence(change, &cleaner, result));
	return EXIT_DONE;
}

/* A signal ends the operation, if that can be done. */
static int stop_after_signal(struct rsm *rsm, struct change *change, int signal)
{
	DWORD code = rsm_open(rsm, change->application);

	if (!code)
		code = call(rsm, change, NTMS_INJECT_STOP);
	if (!code)
		return interrupted(rsm, signal, "the operation is stopped");
	if (rsm->session != INVALID_HANDLE_VALUE && operation_over(rsm, &change->awaited.request))
		return interrupted(rsm, signal, "the operation had ended already");
	return interrupted(rsm, signal, "the operation goes on: %s", rsm->message);
}

static int change_cleaner(struct rsm *rsm, const struct args *args, struct change *change,
			  struct interrupt *interrupt)
{
	int signal = 0;
	DWORD code = rsm_open(rsm, change->application);

	if (!code)
		code = find_object(rsm, args->operand[0], NTMS_LIBRARY, &change->library);
	if (!code && args->given[OPT_OPERATION])
		code = operation_by_option(rsm, args, &change->awaited.request);
	if (!code)
		code = call(rsm, change, change->action);
	if (!code && change->wait)
		code = operation_wait(rsm, interrupt, &change->awaited, &signal);
	if (signal)
		return stop_after_signal(rsm, change, signal);
	return code ? fail(rsm, code) : report(rsm, change);
}

static int run(struct rsm *rsm, const struct args *args, struct change *change)
{
	struct interrupt interrupt;
	int status;

	change->awaited.timeout = args_timeout(args);
	change->action = NTMS_INJECT_START;
	if (args->given[OPT_ACTION])
		change->action = (DWORD)args->number[OPT_ACTION];
	change->wait = change->action == NTMS_INJECT_START && !args->given[OPT_NOWAIT];
	if (!operation_check_option(rsm, args, change->action == NTMS_INJECT_STOP))
		return EXIT_USAGE;
	interrupt_begin(&interrupt);
	status = change_cleaner(rsm, args, change, &interrupt);
	interrupt_end(&interrupt);
	return status;
}

int cmd_cleaner_inject(struct rsm *rsm, const struct args *args)
{
	struct change change = {
		.application = "rsm cleaner inject", .in = true, .uses = NOT_COUNTED};

	if (args->given[OPT_USES])
		change.uses = (DWORD)args->number[OPT_USES];
	return run(rsm, args, &change);
}

int cmd_cleaner_eject(struct rsm *rsm, const struct args *args)
{
	struct change change = {.application = "rsm cleaner eject"};

	return run(rsm, args, &change);
}

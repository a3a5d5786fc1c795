/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cmd-inject.c - rsm inject: take in what a person puts into the ports
 */
#include <stdlib.h>
#include <string.h>
#include "operation.h"
#include "output.h"
#include "text.h"

struct injection {
	NTMS_GUID library;
	NTMS_GUID operation;
	DWORD action;
	DWORD timeout;
	bool wait;
};

static DWORD call_inject(struct rsm *rsm, struct injection *injection, DWORD action)
{
	return note(rsm, InjectNtmsMedia(rsm->session, &injection->library, &injection->operation,
					 action));
}

/* What is known of it; @found, which it takes over, may be NULL. */
static struct json_object *describe_injection(struct rsm *rsm, const struct injection *injection,
					      struct json_object *found)
{
	struct json_object *result = json_record();

	json_set_guid(result, "operation", &injection->operation);
	json_set_text(result, "library", name_of(rsm, &injection->library, NTMS_LIBRARY));
	json_set_guid(result, "library_id", &injection->library);
	json_set(result, "found", found);
	return result;
}

static int print_at_once(struct rsm *rsm, const struct injection *injection)
{
	struct json_object *result = describe_injection(rsm, injection, NULL);
	char guid[GUID_TEXT_SIZE];
	const char *library = json_text(result, "library");
	char *text;

	guid_dashed(&injection->operation, guid);
	if (injection->action == NTMS_INJECT_STOP)
		text = text_format("%s: the operation is stopped", library);
	else if (injection->action == NTMS_INJECT_RETRACT)
		text = text_format("%s: what is in the ports is taken in", library);
	else
		text = text_format("%s: operation %s has begun; put cartridges into the ports",
				   library, guid);
	print_result(rsm, result, "operation", text);
	return EXIT_DONE;
}

/* Names remembered before may have changed by it, so they are asked again. */
static int report(struct rsm *rsm, const struct injection *injection, const struct snapshot *before)
{
	struct snapshot after;
	struct json_object *result;
	DWORD code = snapshot_take(rsm, &injection->library, &after);
	char *text;

	if (code) {
		snapshot_free(&after);
		return fail(rsm, code);
	}
	names_free(rsm);
	result = describe_injection(rsm, injection, snapshot_difference(rsm, &after, before));
	text = snapshot_text("cartridges", json_at(result, "found"));
	print_result(rsm, result, "operation",
		     text_format("taken into %s: %s", json_text(result, "library"), text));
	free(text);
	snapshot_free(&after);
	return EXIT_DONE;
}

/* A signal ends the operation, and what is in the ports by then is taken in. */
static int stop_after_signal(struct rsm *rsm, struct injection *injection, int signal)
{
	DWORD code = rsm_open(rsm, "rsm inject");

	if (!code)
		code = call_inject(rsm, injection, NTMS_INJECT_STOP);
	if (code == ERROR_INVALID_OPERATION)
		return interrupted(rsm, signal, "the operation had ended already");
	if (code)
		return interrupted(rsm, signal, "the operation goes on: %s", rsm->message);
	return interrupted(rsm, signal, "the operation is stopped, and the ports are closed");
}

static int start_and_wait(struct rsm *rsm, struct injection *injection, struct interrupt *interrupt)
{
	struct awaited awaited = {.timeout = injection->timeout};
	struct snapshot before;
	int status, signal = 0;
	DWORD code = snapshot_take(rsm, &injection->library, &before);

	if (!code)
		code = call_inject(rsm, injection, injection->action);
	awaited.request = injection->operation;
	if (!code)
		code = operation_wait(rsm, interrupt, &awaited, &signal);
	if (signal)
		status = stop_after_signal(rsm, injection, signal);
	else
		status = code ? fail(rsm, code) : report(rsm, injection, &before);
	snapshot_free(&before);
	return status;
}

static int inject(struct rsm *rsm, const struct args *args, struct injection *injection,
		  struct interrupt *interrupt)
{
	DWORD code = rsm_open(rsm, "rsm inject");

	if (!code)
		code = find_object(rsm, args->operand[0], NTMS_LIBRARY, &injection->library);
	if (!code && args->given[OPT_OPERATION])
		code = operation_by_option(rsm, args, &injection->operation);
	if (!code && injection->wait)
		return start_and_wait(rsm, injection, interrupt);
	if (!code)
		code = call_inject(rsm, injection, injection->action);
	return code ? fail(rsm, code) : print_at_once(rsm, injection);
}

int cmd_inject(struct rsm *rsm, const struct args *args)
{
	struct injection injection = {.action = NTMS_INJECT_START, .timeout = args_timeout(args)};
	struct interrupt interrupt;
	bool begins;
	int status;

	if (args->given[OPT_ACTION])
		injection.action = (DWORD)args->number[OPT_ACTION];
	begins = injection.action == NTMS_INJECT_START || injection.action == NTMS_INJECT_STARTMANY;
	injection.wait = begins && !args->given[OPT_NOWAIT];
	if (!operation_check_option(rsm, args, !begins))
		return EXIT_USAGE;
	interrupt_begin(&interrupt);
	status = inject(rsm, args, &injection, &interrupt);
	interrupt_end(&interrupt);
	return status;
}

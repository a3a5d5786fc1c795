/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cmd-clean.c - rsm clean: clean a drive
 */
#include <stdlib.h>
#include "cleaner.h"
#include "operation.h"
#include "output.h"
#include "places.h"
#include "text.h"

struct cleaning {
	NTMS_GUID drive, library;
	struct awaited awaited;
};

/* Asked for while another cleaning of the drive had not ended, that one is it. */
static DWORD begin(struct rsm *rsm, struct cleaning *cleaning)
{
	NTMS_OBJECTINFORMATIONW info;
	DWORD code = get_info(rsm, &cleaning->drive, NTMS_DRIVE, &info);

	if (code)
		return code;
	cleaning->library = info.Info.Drive.Library;
	code = note(rsm, CleanNtmsDrive(rsm->session, &cleaning->drive));
	if (code)
		return code;
	return operation_find_new(rsm, &cleaning->library, NULL, NTMS_LM_CLEANDRIVE,
				  &cleaning->drive, &cleaning->awaited.request);
}

static int report(struct rsm *rsm, const struct cleaning *cleaning, bool waited)
{
	struct json_object *result = json_record();
	NTMS_OBJECTINFORMATIONW drive, request;
	struct cleaner cleaner = {0};
	DWORD code = get_info(rsm, &cleaning->drive, NTMS_DRIVE, &drive);
	char *uses;

	if (!code)
		code = get_info(rsm, &cleaning->awaited.request, NTMS_LIBREQUEST, &request);
	if (!code)
		code = cleaner_read(rsm, &cleaning->library, &cleaner);
	if (code) {
		json_object_put(result);
		return fail(rsm, code);
	}
	json_set_text(result, "drive", name_of(rsm, &cleaning->drive, NTMS_DRIVE));
	json_set_guid(result, "drive_id", &cleaning->drive);
	json_set_text(result, "library", name_of(rsm, &cleaning->library, NTMS_LIBRARY));
	json_set_guid(result, "library_id", &cleaning->library);
	json_set_guid(result, "request", &cleaning->awaited.request);
	json_set_text(result, "state", word_of(request_states, request.Info.LibRequest.State));
	json_set_time(result, "last_cleaned", &drive.Info.Drive.LastCleanedTs);
	cleaner_describe_uses(&cleaner, result);
	uses = cleaner_uses_text(&cleaner);
	print_result(rsm, result, "request",
		     waited ? text_format("%s is clean%s", json_text(result, "drive"), uses)
			    : text_format("%s is going to be cleaned: request %s",
					  json_text(result, "drive"),
					  json_text(result, "request")));
	free(uses);
	return EXIT_DONE;
}

static int clean(struct rsm *rsm, const struct args *args, struct cleaning *cleaning,
		 struct interrupt *interrupt)
{
	bool wait = !args->given[OPT_NOWAIT];
	int signal = 0;
	DWORD code = rsm_open(rsm, "rsm clean");

	if (!code)
		code = find_drive(rsm, args, args->operand[0], &cleaning->drive);
	if (!code)
		code = begin(rsm, cleaning);
	if (!code && wait)
		code = operation_wait(rsm, interrupt, &cleaning->awaited, &signal);
	if (signal)
		return operation_cancel(rsm, &cleaning->awaited.request, signal,
					"the drive is being cleaned");
	return code ? fail(rsm, code) : report(rsm, cleaning, wait);
}

int cmd_clean(struct rsm *rsm, const struct args *args)
{
	struct cleaning cleaning = {.awaited = {.timeout = args_timeout(args)}};
	struct interrupt interrupt;
	int status;

	interrupt_begin(&interrupt);
	status = clean(rsm, args, &cleaning, &interrupt);
	interrupt_end(&interrupt);
	return status;
}

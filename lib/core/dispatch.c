/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/guid.h"
#include "base/say.h"
#include "core/clean.h"
#include "core/dispatch.h"
#include "core/port.h"
#include "core/run.h"
#include "core/standalone.h"
#include "core/task.h"

static run_function runner(uint32_t operation)
{
	switch (operation) {
	case NTMS_LM_MOUNT:
		return run_mount;
	case NTMS_LM_DISMOUNT:
		return run_dismount;
	case NTMS_LM_WRITESCRATCH:
		return run_write_free_label;
	case NTMS_LM_CLASSIFY:
		return run_classify;
	case NTMS_LM_INVENTORY:
		return run_inventory;
	case NTMS_LM_EJECT:
		return run_eject;
	case NTMS_LM_INJECT:
		return run_inject;
	case NTMS_LM_DOORACCESS:
		return run_door;
	case NTMS_LM_CLEANDRIVE:
		return run_clean;
	case NTMS_LM_INJECTCLEANER:
		return run_inject_cleaner;
	case NTMS_LM_EJECTCLEANER:
		return run_eject_cleaner;
	default:
		return NULL;
	}
}

/* Does it go on while the door is open? */
static bool is_at_door(const struct object *request)
{
	return request->librequest.operation == NTMS_LM_DOORACCESS ||
	       request->librequest.phase & PHASE_DOOR;
}

/* Nobody waits for the end of a free label, so nobody would hear that it has failed for want of
 * memory: it would not be written until somebody asks for it again. A cleaning that has begun has
 * the drive to give back; ended before, it would go on as another request that cleans nothing. */
static bool is_owed(const struct object *request)
{
	const uint32_t begun = PHASE_CLEANING, over = PHASE_RECORDED;

	return request->librequest.operation == NTMS_LM_WRITESCRATCH ||
	       (request->librequest.phase & (begun | over)) == begun;
}

/* *@finished when it needs no further look. */
static DWORD carry_out(struct turn *turn, struct object *request, bool *finished)
{
	run_function run = runner(request->librequest.operation);
	const NTMS_GUID guid = request->guid;
	DWORD code;

	*finished = false;
	if (turn->standalone && request->librequest.operation == NTMS_LM_EJECT)
		run = run_standalone_eject;
	code = run ? run(turn, request) : ERROR_INVALID_OPERATION;
	if (door_was_opened(turn, code))
		code = run_waits_for_library(turn, request);
	if (code == RUN_WAITS)
		return ERROR_SUCCESS;
	if (database_trouble(code) || (is_scarcity(code) && is_owed(request)))
		return code;
	turn->unsettled |= is_scarcity(code);
	code = run_finish(turn, &guid, code);
	*finished = code != RUN_WAITS;
	turn->adrift |= !*finished;
	return *finished ? code : ERROR_SUCCESS;
}

/* Does it wait for drives while it is carried out? */
static bool waits_for_drives(const struct turn *turn, const struct object *request)
{
	switch (request->librequest.operation) {
	case NTMS_LM_MOUNT:
	case NTMS_LM_DISMOUNT:
	case NTMS_LM_WRITESCRATCH:
	case NTMS_LM_CLASSIFY:
	case NTMS_LM_EJECT:
	case NTMS_LM_CLEANDRIVE:
		return turn->tasks && !turn->standalone;
	default:
		return false;
	}
}

DWORD dispatch(struct turn *turn, const NTMS_GUID *guid, bool *finished)
{
	struct object request;
	DWORD code;

	*finished = false;
	code = run_read(turn, guid, NTMS_LIBREQUEST, &request);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ERROR_SUCCESS;
	if (code)
		return code;
	if (request_is_final(&request) || tasks_are_at(turn, &request))
		return ERROR_SUCCESS;
	ntms_say_nothing();
	if (turn->not_ready && !is_at_door(&request)) {
		code = run_waits_for_library(turn, &request);
		return code == RUN_WAITS ? ERROR_SUCCESS : code;
	}
	if (waits_for_drives(turn, &request) && task_begin(turn, carry_out, &request))
		return tasks_go_on(turn, finished);
	return carry_out(turn, &request, finished);
}

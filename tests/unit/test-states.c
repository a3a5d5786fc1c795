// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every state of every object against every event: the reference's state tables (2.1 to 2.12),
 * written down once more, by hand. A row: an event; a character: the state it comes in, in the
 * order of @values; what the character says:
 *   0 to 9      the state afterwards, as a place in @values
 *   -           refused with the row's error, nothing changed
 *   A, L        refused with ERROR_ACCESS_DENIED or ERROR_LIBRARY_OFFLINE, nothing changed
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/guid.h"
#include "base/refusal.h"
#include "core/states.h"
#include "must.h"

#define STATES_MAX 10
#define NAME	   "TESTED01"

struct expected_row {
	uint32_t event;
	const char *to;
	DWORD refused;
	/* What else it does: the same to @before as has happened to @after. NULL: nothing. */
	void (*effect)(struct object *before, const struct object *after, uint64_t since_ms);
};

struct plan {
	const char *name;
	enum machine_id machine;
	uint32_t type;
	void (*prepare)(struct object *obj);
	DWORD (*apply)(struct object *obj, uint32_t event);
	uint32_t first; /* event of that function, where two machines share it */
	uint32_t events;
	uint32_t state_count;
	uint32_t values[STATES_MAX];
	struct expected_row rows[MACHINE_EVENTS_MAX];
};

/* The event functions take their own enum each. */
#define APPLY(name, kind)                                        \
	static DWORD apply_##name(struct object *o, uint32_t ev) \
	{                                                        \
		return name##_event(o, (enum kind##_event)ev);   \
	}
APPLY(side, side)
APPLY(media, media)
APPLY(drive, drive)
APPLY(opstate, opstate)
APPLY(enable, enable)
APPLY(slot, slot)
APPLY(port, port)
APPLY(door, door)
APPLY(request, request)
APPLY(oprequest, oprequest)

#define NUL(field) memset(&(field), 0, sizeof(field))

/* ---- what else happens ---- */

static void now(uint64_t *before, uint64_t after, uint64_t since_ms)
{
	cr_expect(after >= since_ms && after <= clock_utc_ms(), "not the time it happened");
	*before = after;
}

static void e_allocated(struct object *before, const struct object *after, uint64_t since_ms)
{
	(void)after, (void)since_ms;
	before->side.allocate_count++;
}

static void e_given_back(struct object *before, const struct object *after, uint64_t since_ms)
{
	(void)after, (void)since_ms;
	NUL(before->side.logical);
}

static void e_side_mounted(struct object *before, const struct object *after, uint64_t since_ms)
{
	(void)after, (void)since_ms;
	before->side.mount_count++;
}

static void e_nothing_mounted(struct object *before, const struct object *after, uint64_t since_ms)
{
	(void)after, (void)since_ms;
	NUL(before->media.mounted_side);
}

/* One that is in use, asked for or idle is left as it is. */
static void e_found(struct object *before, const struct object *after, uint64_t since_ms)
{
	if (before->media.state >= 2 && before->media.state <= 5)
		e_nothing_mounted(before, after, since_ms);
}

static void e_no_claim(struct object *before, const struct object *after, uint64_t since_ms)
{
	(void)after, (void)since_ms;
	NUL(before->device.mount_request);
	before->device.generation = 0;
}

static void e_handed_over(struct object *before, const struct object *after, uint64_t since_ms)
{
	(void)after, (void)since_ms;
	before->device.mount_count++;
}

static void e_emptied(struct object *before, const struct object *after, uint64_t since_ms)
{
	e_no_claim(before, after, since_ms);
	NUL(before->device.side);
}

static void e_deferred(struct object *before, const struct object *after, uint64_t since_ms)
{
	e_no_claim(before, after, since_ms);
	now(&before->device.deferred_since_ms, after->device.deferred_since_ms, since_ms);
}

static void e_abandoned(struct object *before, const struct object *after, uint64_t since_ms)
{
	e_no_claim(before, after, since_ms);
	before->device.deferred_since_ms = 0;
}

/* While it is cleaned, what moves in and out is the cleaner. */
static void e_filled(struct object *before, const struct object *after, uint64_t since_ms)
{
	if (before->device.state != 6)
		e_no_claim(before, after, since_ms);
}

static void e_found_full(struct object *before, const struct object *after, uint64_t since_ms)
{
	if (before->device.state != 6)
		e_abandoned(before, after, since_ms);
}

static void e_found_empty(struct object *before, const struct object *after, uint64_t since_ms)
{
	if (before->device.state != 6)
		e_emptied(before, after, since_ms);
}

static void e_cleaned(struct object *before, const struct object *after, uint64_t since_ms)
{
	e_emptied(before, after, since_ms);
	now(&before->device.last_cleaned_ms, after->device.last_cleaned_ms, since_ms);
}

static void e_over(struct object *before, const struct object *after, uint64_t since_ms)
{
	now(&before->librequest.completed_ms, after->librequest.completed_ms, since_ms);
}

/* ---- what is given ---- */

static void p_in_drive(struct object *obj)
{
	obj->media.location_type = NTMS_DRIVE;
}

static void p_in_slot(struct object *obj)
{
	obj->media.location_type = NTMS_STORAGESLOT;
}

static void p_nowhere(struct object *obj)
{
	obj->media.location_type = NTMS_DRIVE;
	NUL(obj->media.location);
}

static void p_online(struct object *obj)
{
	obj->library.kind = NTMS_LIBRARYTYPE_ONLINE;
}

static void p_offline(struct object *obj)
{
	obj->library.kind = NTMS_LIBRARYTYPE_OFFLINE;
}

static void p_request(struct object *obj, uint32_t operation, uint32_t move)
{
	obj->librequest.operation = operation;
	obj->librequest.move = move;
}

static void p_mount(struct object *obj)
{
	p_request(obj, NTMS_LM_MOUNT, OBJ_MOVE_NONE);
}

static void p_mount_moving(struct object *obj)
{
	p_request(obj, NTMS_LM_MOUNT, OBJ_MOVE_INTENDED);
}

static void p_eject(struct object *obj)
{
	p_request(obj, NTMS_LM_EJECT, OBJ_MOVE_NONE);
}

static void p_eject_moving(struct object *obj)
{
	p_request(obj, NTMS_LM_EJECT, OBJ_MOVE_INTENDED);
}

static void p_inject(struct object *obj)
{
	p_request(obj, NTMS_LM_INJECT, OBJ_MOVE_NONE);
}

static void p_inventory(struct object *obj)
{
	p_request(obj, NTMS_LM_INVENTORY, OBJ_MOVE_NONE);
}

static void p_door(struct object *obj)
{
	p_request(obj, NTMS_LM_DOORACCESS, OBJ_MOVE_NONE);
}

static void p_eject_cleaner(struct object *obj)
{
	p_request(obj, NTMS_LM_EJECTCLEANER, OBJ_MOVE_NONE);
}

static void p_inject_cleaner(struct object *obj)
{
	p_request(obj, NTMS_LM_INJECTCLEANER, OBJ_MOVE_NONE);
}

static void p_clean(struct object *obj)
{
	p_request(obj, NTMS_LM_CLEANDRIVE, OBJ_MOVE_NONE);
}

/* ---- what is expected ---- */

#define IST ERROR_INVALID_STATE

/* 0 unknown, 1 unprepared, 2 incompatible, 3 decommissioned, 4 available, 5 allocated, 6 complete,
 * 7 foreign, 8 import, 9 reserved. */
#define SIDE_VALUES .state_count = 10, .values = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}

/* 0 idle, 1 in use, 2 mounted, 3 loaded, 4 unloaded, 5 error, 6 operator asked. */
#define MEDIA_VALUES .state_count = 7, .values = {0, 1, 2, 3, 4, 5, 6}
#define MEDIA_ROWS_ANYWHERE                                                                        \
	{MEDIA_ACCEPTED, "1------", ERROR_BUSY, NULL},                                             \
		{MEDIA_ASKED_FOR, "6------", ERROR_BUSY, NULL},                                    \
		{MEDIA_CAME_ONLINE, "------1", IST, NULL}, {MEDIA_GIVEN_UP, "-0----0", IST, NULL}, \
		{MEDIA_UNDER_WAY, "111-111", IST, NULL}, {MEDIA_IN_DRIVE, "-2-----", IST, NULL},   \
		{MEDIA_HOME, "-0-----", IST, e_nothing_mounted},                                   \
		{MEDIA_ERROR, "5555555", IST, NULL}, {MEDIA_RETRIED, "-----1-", IST, NULL},        \
		{MEDIA_FOUND, "0100006", IST, e_found},                                            \
	{                                                                                          \
		MEDIA_LEFT, "0000000", IST, e_nothing_mounted                                      \
	}
#define MEDIA_ROWS_ELSEWHERE                                                                    \
	MEDIA_ROWS_ANYWHERE, {MEDIA_READY, "-------", IST, NULL},                               \
		{MEDIA_RELEASED, "-------", IST, NULL}, {MEDIA_UNLOADED, "-------", IST, NULL}, \
	{                                                                                       \
		MEDIA_STAYED, "-------", IST, NULL                                              \
	}

/* 0 ready, 1 initialising, 2 needs service, 3 not present. */
#define OPSTATE_VALUES .state_count = 4, .values = {0, 10, 20, 21}
#define OPSTATE_ROWS                                                             \
	{OPSTATE_FOUND, "0121", IST, NULL},                                      \
		{OPSTATE_INITIALIZED, "002-", ERROR_DEVICE_NOT_AVAILABLE, NULL}, \
		{OPSTATE_VANISHED, "3333", IST, NULL},                           \
		{OPSTATE_FAILED, "222-", ERROR_DEVICE_NOT_AVAILABLE, NULL},      \
	{                                                                        \
		OPSTATE_SERVICED, "--0-", IST, NULL                              \
	}

/* 0 disabled, 1 enabled. */
#define ENABLE_VALUES .state_count = 2, .values = {0, 1}
#define ENABLE_ROWS                         \
	{ENABLE_ON, "1-", IST, NULL},       \
	{                                   \
		ENABLE_OFF, "-0", IST, NULL \
	}

/* 0 queued, 1 in process, 2 passed, 3 failed, 4 invalid, 5 waiting, 6 deferred, 7 cancelled,
 * 8 stopped. */
#define REQUEST_VALUES .state_count = 9, .values = {0, 1, 2, 3, 4, 5, 6, 7, 8}
#define REQUEST_ROWS_UNDER_WAY                                       \
	{REQUEST_BEGINS, "11---11--", ERROR_CANCELLED, NULL},        \
		{REQUEST_WAITS, "55---55--", ERROR_CANCELLED, NULL}, \
	{                                                            \
		REQUEST_PUT_OFF, "66---6---", IST, NULL              \
	}
#define REQUEST_ROWS                                                              \
	REQUEST_ROWS_UNDER_WAY, {REQUEST_PASSES, "-2---2---", IST, e_over},       \
		{REQUEST_FAILS, "-3---3---", IST, e_over},                        \
		{REQUEST_INVALID, "4----44--", IST, e_over},                      \
		{REQUEST_CANCELLED, "7A---77--", ERROR_OBJECT_NOT_FOUND, e_over}, \
	{                                                                         \
		REQUEST_GIVEN_UP, "77---77--", IST, e_over                        \
	}
/* Nothing ends while a cartridge is under way. */
#define REQUEST_ROWS_MOVING                                                     \
	REQUEST_ROWS_UNDER_WAY, {REQUEST_PASSES, "---------", IST, NULL},       \
		{REQUEST_FAILS, "---------", IST, NULL},                        \
		{REQUEST_INVALID, "---------", IST, NULL},                      \
		{REQUEST_CANCELLED, "AA---AA--", ERROR_OBJECT_NOT_FOUND, NULL}, \
	{                                                                       \
		REQUEST_GIVEN_UP, "---------", IST, NULL                        \
	}
#define CAN_STOP                                                              \
	{                                                                     \
		REQUEST_STOPPED, "88---88--", ERROR_INVALID_OPERATION, e_over \
	}
#define CANNOT_STOP                                                         \
	{                                                                   \
		REQUEST_STOPPED, "---------", ERROR_INVALID_OPERATION, NULL \
	}
#define REQUEST_PLAN(name_, prepare_, ...)                                                      \
	{                                                                                       \
		.name = "request, " name_, .machine = MACHINE_REQUEST, .type = NTMS_LIBREQUEST, \
		.prepare = (prepare_), .apply = apply_request, .events = REQUEST_EVENTS,        \
		REQUEST_VALUES, .rows = {                                                       \
			__VA_ARGS__                                                             \
		}                                                                               \
	}

#define PLAN(name_, machine_, type_, prepare_, apply_, events_)                         \
	.name = (name_), .machine = (machine_), .type = (type_), .prepare = (prepare_), \
	.apply = (apply_), .events = (events_)

static const struct plan plans[] = {
	{PLAN("side", MACHINE_SIDE, NTMS_PARTITION, NULL, apply_side, SIDE_EVENTS),
	 SIDE_VALUES,
	 .rows = {
		 {SIDE_FOUND_FOREIGN, "7---------", IST, NULL},
		 {SIDE_FOUND_IMPORT, "8---------", IST, NULL},
		 {SIDE_FOUND_INCOMPATIBLE, "2---------", IST, NULL},
		 {SIDE_TO_FREE, "11--1--11-", IST, NULL},
		 {SIDE_FREE_LABELLED, "-4--------", IST, NULL},
		 {SIDE_ALLOCATE, "----5---5-", IST, e_allocated},
		 {SIDE_RESERVE, "----9-----", IST, NULL},
		 {SIDE_ALLOCATE_NEXT, "---------5", IST, e_allocated},
		 {SIDE_COMPLETE, "-----6----", IST, NULL},
		 {SIDE_DEALLOCATE, "-----44---", IST, e_given_back},
		 {SIDE_WORN_OUT, "-----33---", IST, e_given_back},
		 {SIDE_UNRESERVE, "---------4", IST, NULL},
		 {SIDE_DECOMMISSION, "----3-----", IST, NULL},
		 {SIDE_SWAP, "-----5----", IST, NULL},
		 {SIDE_LABELLED_BY_OWNER, "-----5----", ERROR_INVALID_MEDIA, NULL},
		 {SIDE_LOOK_AFRESH, "-------00-", IST, NULL},
		 {SIDE_MOUNTED, "01-3456789", IST, e_side_mounted},
		 {SIDE_DELETE, "01234--78-", IST, NULL},
		 {SIDE_LEAVE, "01234--78-", IST, NULL},
		 {SIDE_RECOGNIZED, "0-2-------", IST, NULL},
	 }},
	{PLAN("cartridge in a drive", MACHINE_MEDIA, NTMS_PHYSICAL_MEDIA, p_in_drive, apply_media,
	      MEDIA_EVENTS),
	 MEDIA_VALUES,
	 .rows = {
		 MEDIA_ROWS_ANYWHERE,
		 {MEDIA_READY, "3-3-3--", IST, NULL},
		 {MEDIA_RELEASED, "0-000-0", IST, e_nothing_mounted},
		 {MEDIA_UNLOADED, "4-444-4", IST, NULL},
		 {MEDIA_STAYED, "-4-----", IST, NULL},
	 }},
	{PLAN("cartridge in a slot", MACHINE_MEDIA, NTMS_PHYSICAL_MEDIA, p_in_slot, apply_media,
	      MEDIA_EVENTS),
	 MEDIA_VALUES, .rows = {MEDIA_ROWS_ELSEWHERE}},
	{PLAN("cartridge that is nowhere", MACHINE_MEDIA, NTMS_PHYSICAL_MEDIA, p_nowhere,
	      apply_media, MEDIA_EVENTS),
	 MEDIA_VALUES, .rows = {MEDIA_ROWS_ELSEWHERE}},
	/* 0 empty, 1 mounted, 2 loaded, 3 unloaded, 4 being cleaned, 5 dismountable. */
	{PLAN("drive", MACHINE_DRIVE, NTMS_DRIVE, NULL, apply_drive, DRIVE_EVENTS),
	 .state_count = 6, .values = {0, 1, 2, 5, 6, 7},
	 .rows = {
		 {DRIVE_FILLED, "1---4-", IST, e_filled},
		 {DRIVE_FOUND_FULL, "555545", IST, e_found_full},
		 {DRIVE_FOUND_EMPTY, "000040", IST, e_found_empty},
		 {DRIVE_READY, "-2-2--", IST, e_handed_over},
		 {DRIVE_REUSED, "-----2", IST, e_handed_over},
		 {DRIVE_UNLOADED, "-333-3", IST, NULL},
		 {DRIVE_EMPTIED, "-0-040", IST, e_emptied},
		 {DRIVE_DEFERRED, "-555-5", IST, e_deferred},
		 {DRIVE_ABANDONED, "-555-5", IST, e_abandoned},
		 {DRIVE_CLEANING_BEGINS, "4-----", ERROR_BUSY, NULL},
		 {DRIVE_CLEANING_ENDS, "----0-", IST, e_cleaned},
		 {DRIVE_CLEANING_FAILS, "----0-", IST, e_emptied},
	 }},
	{PLAN("library", MACHINE_LIBRARY, NTMS_LIBRARY, p_online, apply_opstate, OPSTATE_EVENTS),
	 OPSTATE_VALUES, .rows = {OPSTATE_ROWS}},
	{PLAN("drive as a device", MACHINE_DEVICE, NTMS_DRIVE, NULL, apply_opstate,
	      OPSTATE_EVENTS),
	 OPSTATE_VALUES, .rows = {OPSTATE_ROWS}},
	{PLAN("changer", MACHINE_DEVICE, NTMS_CHANGER, NULL, apply_opstate, OPSTATE_EVENTS),
	 OPSTATE_VALUES, .rows = {OPSTATE_ROWS}},
	{PLAN("library's enablement", MACHINE_ENABLEMENT, NTMS_LIBRARY, p_online, apply_enable,
	      ENABLE_EVENTS),
	 ENABLE_VALUES, .rows = {ENABLE_ROWS}},
	{PLAN("drive's enablement", MACHINE_ENABLEMENT, NTMS_DRIVE, NULL, apply_enable,
	      ENABLE_EVENTS),
	 ENABLE_VALUES, .rows = {ENABLE_ROWS}},
	{PLAN("cartridge's enablement", MACHINE_ENABLEMENT, NTMS_PHYSICAL_MEDIA, NULL, apply_enable,
	      ENABLE_EVENTS),
	 ENABLE_VALUES, .rows = {ENABLE_ROWS}},
	{PLAN("offline library's enablement", MACHINE_ENABLEMENT, NTMS_LIBRARY, p_offline,
	      apply_enable, ENABLE_EVENTS),
	 ENABLE_VALUES,
	 .rows = {{ENABLE_ON, "L-", IST, NULL}, {ENABLE_OFF, "-L", IST, NULL}}},
	/* 0 unknown, 1 full, 2 empty, 3 not present, 4 needs inventory. */
	{PLAN("slot", MACHINE_SLOT, NTMS_STORAGESLOT, NULL, apply_slot, SLOT_EVENTS),
	 .state_count = 5, .values = {0, 1, 2, 3, 4},
	 .rows = {
		 {SLOT_FILLED, "1-1-1", IST, NULL},
		 {SLOT_EMPTIED, "22--2", IST, NULL},
		 {SLOT_NEEDS_INVENTORY, "44444", IST, NULL},
		 {SLOT_IDENTIFIED, "----1", IST, NULL},
		 {SLOT_NOT_PRESENT, "33333", IST, NULL},
		 {SLOT_FOUND_FULL, "11144", IST, NULL},
		 {SLOT_FOUND_EMPTY, "22222", IST, NULL},
	 }},
	/* 0 unknown, 1 extended, 2 retracted. */
	{PLAN("port's position", MACHINE_PORT_POSITION, NTMS_IEPORT, NULL, apply_port, 2),
	 .state_count = 3, .values = {0, 1, 2},
	 .rows = {
		 {PORT_EXTENDED, "1-1", ERROR_BUSY, NULL},
		 {PORT_RETRACTED, "22-", IST, NULL},
	 }},
	/* 0 unknown, 1 full, 2 empty. */
	{PLAN("port's content", MACHINE_PORT_CONTENT, NTMS_IEPORT, NULL, apply_port, 4),
	 .first = PORT_FILLED, .state_count = 3, .values = {0, 1, 2},
	 .rows = {
		 {PORT_FILLED, "1-1", ERROR_BUSY, NULL},
		 {PORT_EMPTIED, "22-", IST, NULL},
		 {PORT_FOUND_FULL, "111", IST, NULL},
		 {PORT_FOUND_EMPTY, "222", IST, NULL},
	 }},
	/* 0 unknown, 1 closed, 2 open. */
	{PLAN("door", MACHINE_DOOR, NTMS_IEDOOR, NULL, apply_door, DOOR_EVENTS),
	 .state_count = 3, .values = {0, 1, 2},
	 .rows = {
		 {DOOR_UNLOCKED, "01-", IST, NULL},
		 {DOOR_OPENED, "22-", IST, NULL},
		 {DOOR_CLOSED, "1-1", IST, NULL},
		 {DOOR_LOCKED, "11-", ERROR_BUSY, NULL},
	 }},
	REQUEST_PLAN("mount", p_mount, REQUEST_ROWS, CANNOT_STOP),
	REQUEST_PLAN("mount under way", p_mount_moving, REQUEST_ROWS_MOVING, CANNOT_STOP),
	REQUEST_PLAN("clean", p_clean, REQUEST_ROWS, CANNOT_STOP),
	REQUEST_PLAN("eject", p_eject, REQUEST_ROWS, CAN_STOP),
	REQUEST_PLAN("eject under way", p_eject_moving, REQUEST_ROWS_MOVING, CANNOT_STOP),
	REQUEST_PLAN("inject", p_inject, REQUEST_ROWS, CAN_STOP),
	REQUEST_PLAN("inventory", p_inventory, REQUEST_ROWS, CAN_STOP),
	REQUEST_PLAN("door access", p_door, REQUEST_ROWS, CAN_STOP),
	/* EjectNtmsCleaner and InjectNtmsCleaner have a STOP too. */
	REQUEST_PLAN("eject a cleaner", p_eject_cleaner, REQUEST_ROWS, CAN_STOP),
	REQUEST_PLAN("inject a cleaner", p_inject_cleaner, REQUEST_ROWS, CAN_STOP),
	/* 0 unknown, 1 submitted, 2 active, 3 in progress, 4 refused, 5 complete. */
	{PLAN("operator request", MACHINE_OPREQUEST, NTMS_OPREQUEST, NULL, apply_oprequest,
	      OPREQUEST_EVENTS),
	 .state_count = 6, .values = {0, 1, 2, 3, 4, 5},
	 .rows = {
		 {OPREQUEST_READ, "-223--", IST, NULL},
		 {OPREQUEST_ACKNOWLEDGED, "-33---", IST, NULL},
		 {OPREQUEST_SATISFIED, "-555--", ERROR_OBJECT_NOT_FOUND, NULL},
		 {OPREQUEST_REFUSED, "-444--", IST, NULL},
	 }},
};

#define PLANS (sizeof(plans) / sizeof(plans[0]))

/* Where the state is in a record: said here once more, not taken from the table. */
static uint32_t *state_in(enum machine_id machine, struct object *obj)
{
	switch (machine) {
	case MACHINE_SIDE:
		return &obj->side.state;
	case MACHINE_MEDIA:
		return &obj->media.state;
	case MACHINE_LIBRARY:
	case MACHINE_DEVICE:
		return &obj->opstate;
	case MACHINE_ENABLEMENT:
		return &obj->enabled;
	case MACHINE_PORT_POSITION:
		return &obj->device.position;
	case MACHINE_REQUEST:
		return &obj->librequest.state;
	case MACHINE_OPREQUEST:
		return &obj->oprequest.state;
	default:
		return &obj->device.state;
	}
}

/* Nothing in it is zero, so that whatever is cleared shows; texts end. */
static void make(const struct plan *plan, struct object *obj, uint32_t state)
{
	memset(obj, 0x5A, sizeof(*obj));
	obj->type = plan->type;
	snprintf(obj->name, sizeof(obj->name), NAME);
	if (plan->type == NTMS_PHYSICAL_MEDIA)
		snprintf(obj->media.barcode, sizeof(obj->media.barcode), NAME);
	if (plan->prepare)
		plan->prepare(obj);
	*state_in(plan->machine, obj) = state;
}

static DWORD refusal_of(char cell, DWORD usual)
{
	switch (cell) {
	case '-':
		return usual;
	case 'A':
		return ERROR_ACCESS_DENIED;
	case 'L':
		return ERROR_LIBRARY_OFFLINE;
	default:
		return ERROR_SUCCESS;
	}
}

/* It is told, by name or, what has none, by its GUID, and noted for the record. */
static void expect_noted(const struct plan *plan, const struct object *obj, uint32_t state,
			 uint32_t event)
{
	const struct refusal *noted;
	char guid[GUID_TEXT_SIZE];
	size_t count;

	guid_format(&obj->guid, guid);
	cr_expect(strstr(ntms_said(), NAME) || strstr(ntms_said(), guid), "%s: \"%s\"", plan->name,
		  ntms_said());
	noted = refusals_noted(&count);
	cr_assert_eq(count, 1, "%s: a refusal noted %zu times", plan->name, count);
	cr_expect_eq(noted->machine, plan->machine);
	cr_expect_eq(noted->state, state);
	cr_expect_eq(noted->event, event - plan->first);
	cr_expect_str_eq(noted->text, ntms_said());
}

static void try_cell(const struct plan *plan, const struct expected_row *row, uint32_t column)
{
	uint32_t state = plan->values[column];
	char cell = row->to[column];
	DWORD refused = refusal_of(cell, row->refused), code;
	uint64_t since_ms = clock_utc_ms();
	struct object before, after;
	size_t count;

	make(plan, &before, state);
	after = before;
	refusals_forget();
	ntms_say_nothing();
	code = plan->apply(&after, row->event);
	cr_expect_eq(code, refused, "%s: event %u in state %u gave %s instead of %s", plan->name,
		     row->event, state, ntms_error_name(code), ntms_error_name(refused));
	if (code != refused)
		return;
	if (refused) {
		expect_noted(plan, &before, state, row->event);
	} else {
		refusals_noted(&count);
		cr_expect_eq(count, 0, "%s: noted though it happened", plan->name);
		if (row->effect)
			row->effect(&before, &after, since_ms);
		*state_in(plan->machine, &before) = plan->values[cell - '0'];
	}
	cr_expect_eq(*state_in(plan->machine, &after), *state_in(plan->machine, &before),
		     "%s: event %u in state %u led to %u instead of %u", plan->name, row->event,
		     state, *state_in(plan->machine, &after), *state_in(plan->machine, &before));
	cr_expect_eq(memcmp(&after, &before, sizeof(after)), 0,
		     "%s: event %u in state %u changed something else, or too little", plan->name,
		     row->event, state);
}

Test(states, every_state_and_event)
{
	for (size_t i = 0; i < PLANS; i++) {
		const struct plan *plan = &plans[i];
		uint32_t seen = 0;

		for (size_t row = 0; row < MACHINE_EVENTS_MAX && plan->rows[row].to; row++) {
			cr_assert_eq(strlen(plan->rows[row].to), plan->state_count, "%s, row %zu",
				     plan->name, row);
			seen |= 1u << (plan->rows[row].event - plan->first);
			for (uint32_t column = 0; column < plan->state_count; column++)
				try_cell(plan, &plan->rows[row], column);
		}
		cr_expect_eq(seen, (1u << plan->events) - 1, "%s: events without a row here: %x",
			     plan->name, ((1u << plan->events) - 1) & ~seen);
	}
}

static bool has_value(const struct plan *plan, uint32_t value)
{
	for (uint32_t i = 0; i < plan->state_count; i++)
		if (plan->values[i] == value)
			return true;
	return false;
}

/* No table has a state that is not tested, or lacks one that exists. */
Test(states, all_machines_and_their_states)
{
	bool seen[MACHINES] = {false};

	for (size_t i = 0; i < PLANS; i++) {
		const struct machine *machine = machine_get(plans[i].machine);

		cr_assert_not_null(machine);
		cr_expect_eq(machine->id, plans[i].machine);
		cr_expect_eq(machine->event_count, plans[i].events, "%s", plans[i].name);
		seen[plans[i].machine] = true;
		for (uint32_t value = 0; value < 32; value++) {
			bool named = value < machine->state_count && machine->states[value].name;

			cr_expect_eq(named, has_value(&plans[i], value), "%s: state %u",
				     plans[i].name, value);
		}
	}
	for (size_t i = 0; i < MACHINES; i++)
		cr_expect(seen[i], "machine %zu is not tested", i);
	cr_expect_null(machine_get(MACHINES));
}

/* States that do not exist, and events. */
Test(states, nonsense_is_refused)
{
	for (size_t i = 0; i < PLANS; i++) {
		const struct plan *plan = &plans[i];
		struct object before, after;

		for (uint32_t state = 0; state < 40; state++) {
			if (has_value(plan, state))
				continue;
			for (uint32_t event = 0; event < plan->events; event++) {
				make(plan, &before, state);
				after = before;
				must_be(plan->apply(&after, plan->first + event), IST);
				cr_expect_eq(memcmp(&after, &before, sizeof(after)), 0);
			}
			cr_expect_str_eq(machine_state_word(machine_get(plan->machine), state),
					 "in an unknown state");
		}
		make(plan, &before, plan->values[0]);
		after = before;
		must_be(machine_apply(machine_get(plan->machine), &after, plan->events), IST);
		must_be(machine_apply(machine_get(plan->machine), &after, UINT32_MAX), IST);
		cr_expect_eq(memcmp(&after, &before, sizeof(after)), 0);
		refusals_forget();
	}
}

Test(states, an_object_without_that_state)
{
	struct object pool = {.type = NTMS_MEDIA_POOL}, before = pool;

	for (size_t i = 0; i < PLANS; i++)
		must_be(plans[i].apply(&pool, plans[i].first), ERROR_INVALID_PARAMETER);
	cr_expect_eq(memcmp(&pool, &before, sizeof(pool)), 0);
}

/* What is made begins as the reference says. */
static void expect_begins(uint32_t type, enum machine_id machine, uint32_t state)
{
	struct object obj;

	memset(&obj, 0x5A, sizeof(obj));
	machine_object(&obj, type);
	cr_expect_eq(obj.type, type);
	cr_expect_eq(obj.name[0], '\0');
	cr_expect_eq(obj.enabled, TRUE);
	cr_expect_eq(*state_in(machine, &obj), state, "type %u, machine %u: %u instead of %u", type,
		     machine, *state_in(machine, &obj), state);
}

Test(states, records_begin)
{
	expect_begins(NTMS_PARTITION, MACHINE_SIDE, 0);
	expect_begins(NTMS_PHYSICAL_MEDIA, MACHINE_MEDIA, 0);
	expect_begins(NTMS_DRIVE, MACHINE_DRIVE, 0);
	expect_begins(NTMS_DRIVE, MACHINE_DEVICE, 21);
	expect_begins(NTMS_LIBRARY, MACHINE_LIBRARY, 10);
	expect_begins(NTMS_CHANGER, MACHINE_DEVICE, 0);
	expect_begins(NTMS_STORAGESLOT, MACHINE_SLOT, 2);
	expect_begins(NTMS_IEPORT, MACHINE_PORT_POSITION, 2);
	expect_begins(NTMS_IEPORT, MACHINE_PORT_CONTENT, 2);
	expect_begins(NTMS_IEDOOR, MACHINE_DOOR, 1);
	expect_begins(NTMS_LIBREQUEST, MACHINE_REQUEST, 0);
	expect_begins(NTMS_OPREQUEST, MACHINE_OPREQUEST, 1);
	expect_begins(NTMS_MEDIA_POOL, MACHINE_LIBRARY, 0);
}

/* In which states a record may be made: of ten of a side all, of a request one. */
Test(states, records_made_in_another_state)
{
	static const struct {
		enum machine_id machine;
		uint32_t type;
		const char *allowed; /* by value, as far as it goes */
	} births[] = {
		{MACHINE_SIDE, NTMS_PARTITION, "yyyyyyyyyynn"},
		{MACHINE_MEDIA, NTMS_PHYSICAL_MEDIA, "ynnnnnnn"},
		{MACHINE_DRIVE, NTMS_DRIVE, "ynnnnnnnn"},
		{MACHINE_LIBRARY, NTMS_LIBRARY, "ynnnnnnnnnynnnnnnnnnnnn"},
		{MACHINE_DEVICE, NTMS_DRIVE, "ynnnnnnnnnnnnnnnnnnnnyn"},
		{MACHINE_ENABLEMENT, NTMS_PHYSICAL_MEDIA, "yynn"},
		{MACHINE_SLOT, NTMS_STORAGESLOT, NULL},
		{MACHINE_DOOR, NTMS_IEDOOR, "yyynn"},
		{MACHINE_REQUEST, NTMS_LIBREQUEST, "ynnnnnnnnn"},
		{MACHINE_OPREQUEST, NTMS_OPREQUEST, "nynnnnn"},
	};

	for (size_t i = 0; i < sizeof(births) / sizeof(births[0]); i++) {
		struct object obj;

		for (uint32_t state = 0; births[i].allowed && births[i].allowed[state]; state++) {
			bool allowed = births[i].allowed[state] == 'y';
			DWORD code;

			machine_object(&obj, births[i].type);
			code = machine_start(machine_get(births[i].machine), &obj, state);
			cr_expect_eq(code, allowed ? ERROR_SUCCESS : ERROR_INVALID_PARAMETER,
				     "machine %u, state %u: %u", births[i].machine, state, code);
			cr_expect(*state_in(births[i].machine, &obj) == state || !allowed);
		}
		machine_object(&obj, NTMS_MEDIA_POOL);
		must_be(machine_start(machine_get(births[i].machine), &obj, 0),
			ERROR_INVALID_PARAMETER);
	}
	refusals_forget();
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* test-schedule.c - who goes first when drives are few: the rule of policy.h in a real queue */
#include <pthread.h>
#include <string.h>
#include "broker/virtual.h"
#include "core/policy.h"
#include "people.h"

TestSuite(schedule, .timeout = 120, .fini = fx_teardown);

#define TAPES 8

/* A call in a thread of its own. */
struct call {
	pthread_t thread;
	HANDLE session;
	NTMS_GUID media[2], drives[2];
	DWORD count, options, code;
	bool started;
};

static const char *const barcodes[TAPES] = {"V00001L8", "V00002L8", "V00003L8", "V00004L8",
					    "V00005L8", "V00006L8", "V00007L8", "V00008L8"};
static NTMS_GUID tapes[TAPES];

static void setup(unsigned int drives, unsigned int count)
{
	fx_make_directories(drives, TAPES, count);
	fx_open_library();
	for (unsigned int i = 0; i < count; i++)
		tapes[i] = fx_allocated(barcodes[i]);
}

static void *call_main(void *argument)
{
	struct call *call = argument;

	call->code = MountNtmsMedia(call->session, call->media, call->drives, call->count,
				    NTMS_MOUNT_READ | call->options, 0, PATIENCE_MS, NULL);
	return NULL;
}

static void start(struct call *call, const NTMS_GUID *media, DWORD count)
{
	call->session = fx_session;
	call->count = count;
	memcpy(call->media, media, count * sizeof(*media));
	cr_assert_eq(pthread_create(&call->thread, NULL, call_main, call), 0);
	call->started = true;
}

static void join(struct call *call)
{
	cr_assert_eq(pthread_join(call->thread, NULL), 0);
	cr_assert_eq(call->code, ERROR_SUCCESS, "it ended with %s", RsmErrorName(call->code));
	call->started = false;
}

static bool is_unfinished(const struct object *request)
{
	DWORD state = request->librequest.state;

	return state == NTMS_LM_QUEUED || state == NTMS_LM_INPROCESS || state == NTMS_LM_WAITING;
}

/* The unfinished mount of a medium. */
static bool find_request(const NTMS_GUID *media, struct object *request)
{
	NTMS_GUID cartridge = fx_media(media).guid, list[128];
	DWORD count = 128;

	must(EnumerateNtmsObject(fx_session, NULL, list, &count, NTMS_LIBREQUEST, 0));
	for (DWORD i = 0; i < count; i++) {
		*request = fx_get(&list[i], NTMS_LIBREQUEST);
		if (request->librequest.operation == NTMS_LM_MOUNT &&
		    guid_equal(&request->librequest.media, &cartridge) && is_unfinished(request))
			return true;
	}
	return false;
}

/* For fx_wait_until(). */
static const struct call *the_call;
static const char *the_reason;

static bool it_waits(void)
{
	struct object request;

	for (DWORD i = 0; i < the_call->count; i++)
		if (find_request(&the_call->media[i], &request) &&
		    request.librequest.state == NTMS_LM_WAITING &&
		    strstr(request.librequest.waits_for, the_reason))
			return true;
	return false;
}

static void expect_waits(const struct call *call, const char *reason)
{
	the_call = call;
	the_reason = reason;
	fx_wait_until(it_waits);
}

static void start_waiting(struct call *call, const NTMS_GUID *media, DWORD count)
{
	start(call, media, count);
	expect_waits(call, "waiting for");
}

/* As if it had come so much earlier. */
static void age(const struct call *call, uint64_t seconds)
{
	struct object request;

	for (DWORD i = 0; i < call->count; i++) {
		cr_assert(find_request(&call->media[i], &request));
		request.librequest.queued_ms -= seconds * 1000;
		fx_put(&request);
	}
}

static bool is_over_with(const struct call *call)
{
	struct object request;

	return !find_request(&call->media[0], &request);
}

static void give_back(NTMS_GUID media)
{
	fx_dismount(media, NTMS_DISMOUNT_IMMEDIATE);
}

static void give_back_all(const struct call *call)
{
	for (DWORD i = 0; i < call->count; i++)
		give_back(call->media[i]);
}

/* Others are not let pass: who does not wait is told why. */
static void expect_kept(NTMS_GUID media)
{
	must_be(fx_try_mount(fx_session, media, NULL, NTMS_MOUNT_READ | NTMS_MOUNT_NOWAIT, 0),
		ERROR_BUSY);
	cr_assert(strstr(RsmLastMessage(), "kept for who has waited longer"), "%s",
		  RsmLastMessage());
}

/* Likewise, of somebody else's medium that is waited for. */
static NTMS_GUID the_medium;

static bool it_is_idle(void)
{
	return fx_media(&the_medium).media.state == NTMS_MEDIASTATE_IDLE;
}

static void give_back_by(HANDLE session, NTMS_GUID media)
{
	must(DismountNtmsMedia(session, &media, 1, NTMS_DISMOUNT_IMMEDIATE));
	the_medium = media;
	fx_wait_until(it_is_idle);
}

/* ---- whoever waits gets what he waits for ---- */

#define SINGLES 4
#define ROUNDS	12

/* A drive was given back: it has got it, or is told that it does not. */
static bool it_is_decided(void)
{
	return is_over_with(the_call) || it_waits();
}

/* There is always a mount that waits for the drive that the next dismount leaves. */
Test(schedule, single_mounts_without_end_do_not_starve_a_call_for_two)
{
	struct call singles[SINGLES] = {0}, both = {0};
	unsigned int i;

	setup(2, SINGLES + 2);
	for (i = 0; i < 2; i++) {
		start(&singles[i], &tapes[i], 1);
		join(&singles[i]);
	}
	start_waiting(&both, &tapes[SINGLES], 2);
	age(&both, POLICY_PATIENCE_S);
	for (i = 2; i < ROUNDS; i++) {
		struct call *next = &singles[i % SINGLES];

		if (next->started)
			join(next);
		start_waiting(next, &tapes[i % SINGLES], 1);
		give_back(tapes[(i - 2) % SINGLES]);
		the_reason = "kept for who has waited longer";
		fx_wait_until(it_is_decided);
		if (!is_over_with(next))
			break;
	}
	cr_assert_lt(i, ROUNDS, "%u single mounts have passed it", i - 2);
	give_back(tapes[(i - 1) % SINGLES]);
	join(&both);
	give_back_all(&both);
	for (i = 0; i < SINGLES; i++)
		if (singles[i].started)
			join(&singles[i]);
}

/* Nobody is to be passed over for ever, and nobody to be kept from a drive that is free. */
Test(schedule, who_has_not_waited_long_has_nothing_kept)
{
	struct call both = {0};

	setup(2, 4);
	fx_mount(tapes[0]);
	start_waiting(&both, &tapes[2], 2);
	fx_mount(tapes[1]);
	give_back(tapes[0]);
	give_back(tapes[1]);
	join(&both);
}

/* Each would wait for the other: the call for two drives, and who has one for a second. */
Test(schedule, who_has_one_drive_gets_a_second_after_a_while)
{
	struct call both = {0}, second = {0};

	setup(2, 4);
	fx_mount(tapes[0]);
	start_waiting(&both, &tapes[2], 2);
	age(&both, POLICY_PATIENCE_S);
	start(&second, &tapes[1], 1);
	expect_waits(&second, "kept for who has waited longer");
	age(&both, POLICY_PATIENCE_S);
	join(&second);
	give_back(tapes[0]);
	give_back(tapes[1]);
	join(&both);
}

/* Its drives are of no use to a call as long as somebody has its medium; then its other one is. */
Test(schedule, media_are_kept_and_drives_only_when_the_media_are_there)
{
	struct call both = {0};
	HANDLE other;

	setup(3, 4);
	other = fx_open();
	fx_mount_by(other, tapes[0]);
	start_waiting(&both, &tapes[0], 2);
	age(&both, POLICY_PATIENCE_S);
	expect_kept(tapes[1]);
	fx_mount(tapes[2]);
	fx_mount(tapes[3]);
	give_back_by(other, tapes[0]);
	expect_kept(tapes[0]);
	give_back(tapes[2]);
	join(&both);
	fx_close(&other);
}

/* Of two calls the first has its drives kept first, the other only if it can have all of its. */
Test(schedule, a_call_that_could_not_have_all_has_no_drive_kept)
{
	struct call first = {.options = NTMS_MOUNT_SPECIFIC_DRIVE}, second = {0};

	setup(3, 6);
	for (unsigned int i = 0; i < 2; i++)
		first.drives[i] = fx_drive_guid(i);
	must(fx_try_mount(fx_session, tapes[0], &first.drives[0],
			  NTMS_MOUNT_READ | NTMS_MOUNT_SPECIFIC_DRIVE, PATIENCE_MS));
	start_waiting(&first, &tapes[1], 2);
	age(&first, POLICY_PATIENCE_S);
	start(&second, &tapes[3], 2);
	expect_waits(&second, "waiting for");
	age(&second, POLICY_PATIENCE_S);
	fx_mount(tapes[5]);
	cr_assert_eq(fx_where(barcodes[5]), fx_drive(2).device.element);
	give_back(tapes[0]);
	join(&first);
	give_back(tapes[5]);
	cr_assert(it_waits());
	give_back(tapes[1]);
	join(&second);
}

/* ---- what goes home for it ---- */

/* The one released first would go first, if nobody in the queue waited for it. */
Test(schedule, what_the_queue_waits_for_stays_in_its_drive)
{
	struct call both = {0};
	struct object wanted;
	NTMS_GUID drive;
	HANDLE other;

	setup(3, 4);
	other = fx_open();
	for (unsigned int i = 0; i < 2; i++) {
		drive = fx_mount(tapes[i]);
		fx_set_defer_delay(&drive, 0);
		fx_dismount(tapes[i], NTMS_DISMOUNT_DEFERRED);
	}
	drive = fx_media(&tapes[0]).media.location;
	wanted = fx_get(&drive, NTMS_DRIVE);
	wanted.device.deferred_since_ms -= 10000;
	fx_put(&wanted);
	fx_mount_by(other, tapes[2]);
	start_waiting(&both, (NTMS_GUID[]){tapes[0], tapes[2]}, 2);
	fx_mount(tapes[3]);
	cr_assert_eq(fx_where(barcodes[0]), wanted.device.element);
	fx_expect_home(barcodes[1]);
	must(DismountNtmsMedia(other, &tapes[2], 1, NTMS_DISMOUNT_IMMEDIATE));
	join(&both);
	fx_close(&other);
}

/* ---- the robot alone ---- */

Test(schedule, who_needs_only_the_robot_does_not_wait_for_a_drive)
{
	struct call waiting = {0};
	NTMS_GUID cartridge, operation = NTMS_NULLGUID;

	setup(1, 3);
	fx_mount(tapes[0]);
	start_waiting(&waiting, &tapes[1], 1);
	cartridge = fx_media(&tapes[2]).guid;
	must(EjectNtmsMedia(fx_session, &cartridge, &operation, NTMS_EJECT_START));
	wait_open(&operation);
	take_out(1);
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	cr_assert(it_waits());
	give_back(tapes[0]);
	join(&waiting);
}

/* ---- while a drive is busy with its tape ---- */

/* A drive is not ready any more, until it was asked so often, or (0) is told to be. */
static void make_busy_for(enum virtual_operation operation, unsigned int drive, uint32_t questions)
{
	struct virtual_fault not_ready = {.operation = operation,
					  .where = drive,
					  .count = questions,
					  .key = 2,
					  .asc = 4,
					  .ascq = 1};

	fx_virtual_only("its drives are ready when they are");
	cr_assert_eq(virtual_fault_add(fx_vlib, &not_ready), 0);
}

static void make_busy(enum virtual_operation operation, unsigned int drive)
{
	make_busy_for(operation, drive, 0);
}

static void make_ready(void)
{
	cr_assert_eq(virtual_fault_clear(fx_vlib), 0);
}

static bool it_is_at_it(void)
{
	struct object request;

	return find_request(&the_call->media[0], &request) &&
	       request.librequest.state == NTMS_LM_INPROCESS &&
	       strstr(request.librequest.waits_for, the_reason);
}

/* The robot has done its part, and the drive has not. */
static void start_slowly(struct call *call, NTMS_GUID media)
{
	start(call, &media, 1);
	the_call = call;
	the_reason = "to make";
	fx_wait_until(it_is_at_it);
}

static void eject_and_take_out(NTMS_GUID media)
{
	NTMS_GUID cartridge = fx_media(&media).guid, operation = NTMS_NULLGUID;

	must(EjectNtmsMedia(fx_session, &cartridge, &operation, NTMS_EJECT_START));
	wait_open(&operation);
	take_out(1);
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
}

Test(schedule, the_robot_does_not_wait_for_a_tape_that_is_made_ready)
{
	struct call slow = {0};

	setup(1, 3);
	make_busy(VIRTUAL_OPEN, 0);
	start_slowly(&slow, tapes[0]);
	eject_and_take_out(tapes[2]);
	cr_assert(it_is_at_it());
	make_ready();
	join(&slow);
	give_back(tapes[0]);
	fx_expect_home(barcodes[0]);
}

Test(schedule, another_drive_does_not_wait_for_it_either)
{
	struct call slow = {0};

	setup(2, 3);
	make_busy(VIRTUAL_OPEN, 0);
	start_slowly(&slow, tapes[0]);
	fx_mount(tapes[1]);
	give_back(tapes[1]);
	fx_mount(tapes[2]);
	cr_assert(it_is_at_it());
	make_ready();
	join(&slow);
	give_back(tapes[0]);
	give_back(tapes[2]);
}

Test(schedule, nor_for_a_tape_that_is_unwound)
{
	setup(1, 3);
	fx_mount(tapes[0]);
	make_busy(VIRTUAL_UNLOAD, 0);
	must(DismountNtmsMedia(fx_session, &tapes[0], 1, NTMS_DISMOUNT_IMMEDIATE));
	eject_and_take_out(tapes[2]);
	cr_assert_eq(fx_requests(NTMS_LM_DISMOUNT, NTMS_LM_INPROCESS), 1);
	make_ready();
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	fx_expect_home(barcodes[0]);
}

/* Its drive has it still, after a deferred dismount. */
static void defer(NTMS_GUID media)
{
	NTMS_GUID drive = fx_mount(media);

	fx_set_defer_delay(&drive, 0);
	fx_dismount(media, NTMS_DISMOUNT_DEFERRED);
}

static bool an_eject_waits(void)
{
	return fx_requests(NTMS_LM_EJECT, NTMS_LM_WAITING) == 1;
}

static bool it_waits_for_another(void)
{
	return is_waiting() && strstr(request_now(&watched).waits_for, "another request");
}

static bool an_eject_is_at_it(void)
{
	return fx_requests(NTMS_LM_EJECT, NTMS_LM_INPROCESS) == 1;
}

/* Nor are the ports in use before the drive has let go of what is to get there. */
Test(schedule, nor_for_one_that_is_unwound_to_be_ejected)
{
	NTMS_GUID cartridge, operation = NTMS_NULLGUID;

	setup(2, 3);
	defer(tapes[0]);
	make_busy(VIRTUAL_UNLOAD, 0);
	cartridge = fx_media(&tapes[0]).guid;
	must(EjectNtmsMedia(fx_session, &cartridge, &operation, NTMS_EJECT_START));
	fx_wait_until(an_eject_is_at_it);
	fx_mount(tapes[1]);
	eject_and_take_out(tapes[2]);
	cr_assert(an_eject_is_at_it());
	make_ready();
	wait_open(&operation);
	take_out(1);
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	give_back(tapes[1]);
}

/* While it waited for the port somebody has begun to mount its cartridge. That is not known to be
 * mounted before it is ready. */
Test(schedule, an_eject_waits_until_its_cartridge_is_ready)
{
	NTMS_GUID first = NTMS_NULLGUID, operation = NTMS_NULLGUID, cartridge, other;
	struct call slow = {0};

	setup(1, 2);
	cartridge = fx_media(&tapes[0]).guid;
	other = fx_media(&tapes[1]).guid;
	must(EjectNtmsMedia(fx_session, &other, &first, NTMS_EJECT_START));
	wait_open(&first);
	must(EjectNtmsMedia(fx_session, &cartridge, &operation, NTMS_EJECT_START));
	fx_wait_until(an_eject_waits);
	make_busy(VIRTUAL_OPEN, 0);
	start_slowly(&slow, tapes[0]);
	take_out(1);
	wait_over(&first, NTMS_LM_PASSED, ERROR_SUCCESS);
	watched = operation;
	fx_wait_until(it_waits_for_another);
	cr_assert(it_is_at_it());
	make_ready();
	join(&slow);
	wait_over(&operation, NTMS_LM_FAILED, ERROR_BUSY);
	give_back(tapes[0]);
}

static bool it_has_ended(void)
{
	struct object request;

	return !find_request(&the_call->media[0], &request);
}

/* The drive is pulled out under the request that waits for it. */
Test(schedule, a_drive_that_goes_while_it_makes_a_tape_ready)
{
	struct call slow = {0};

	setup(2, 2);
	make_busy(VIRTUAL_OPEN, 0);
	start_slowly(&slow, tapes[0]);
	fx_fault("drives/0/absent");
	fx_wait_until(it_has_ended);
	cr_assert_eq(pthread_join(slow.thread, NULL), 0);
	cr_assert_eq(slow.code, ERROR_INVALID_STATE, "%s", RsmErrorName(slow.code));
	fx_mount(tapes[1]);
	give_back(tapes[1]);
	make_ready();
	fx_no_fault("drives/0/absent");
	fx_mount(tapes[0]);
	give_back(tapes[0]);
}

static NTMS_GUID the_door;

static bool the_door_stands_open(void)
{
	return fx_get(&the_door, NTMS_IEDOOR).device.state == NTMS_DOORSTATE_OPEN;
}

/* What only the drive is needed for goes on behind an open door. */
Test(schedule, a_door_that_is_opened_while_a_tape_is_made_ready)
{
	NTMS_GUID operation = NTMS_NULLGUID, list[32];
	struct call slow = {0};
	DWORD count = 32;

	setup(1, 2);
	must(EnumerateNtmsObject(fx_session, &fx_library, &the_door, &(DWORD){1}, NTMS_IEDOOR, 0));
	make_busy(VIRTUAL_OPEN, 0);
	start_slowly(&slow, tapes[0]);
	must(AccessNtmsLibraryDoor(fx_session, &fx_library, NTMS_INVENTORY_FAST));
	must(EnumerateNtmsObject(fx_session, &fx_library, list, &count, NTMS_LIBREQUEST, 0));
	for (DWORD i = 0; i < count; i++)
		if (request_now(&list[i]).operation == NTMS_LM_DOORACCESS)
			operation = list[i];
	wait_open(&operation);
	must(fx_door(true));
	fx_wait_until(the_door_stands_open);
	cr_assert(it_is_at_it());
	make_ready();
	join(&slow);
	cr_assert(the_door_stands_open());
	must(fx_door(false));
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	give_back(tapes[0]);
	fx_expect_home(barcodes[0]);
}

static void *identify_main(void *argument)
{
	NTMS_GUID slot = *(NTMS_GUID *)argument;
	DWORD code = IdentifyNtmsSlot(fx_session, &slot, NTMS_DISMOUNT_IMMEDIATE);

	return (void *)(uintptr_t)code;
}

static bool a_drive_is_emptied(void)
{
	return fx_requests(NTMS_LM_CLASSIFY, NTMS_LM_INPROCESS) == 1;
}

static bool it_has_left(void)
{
	return is_offline(&the_medium);
}

/* It has a drive, which is being emptied for it; meanwhile it is taken away. */
Test(schedule, a_medium_that_goes_while_its_drive_is_emptied)
{
	NTMS_GUID first = NTMS_NULLGUID, operation = NTMS_NULLGUID, injected = NTMS_NULLGUID;
	NTMS_GUID slot, cartridge, other;
	pthread_t thread;
	void *code;

	setup(1, 3);
	defer(tapes[0]);
	slot = fx_media(&tapes[1]).media.location;
	cartridge = the_medium = fx_media(&tapes[1]).guid;
	make_busy(VIRTUAL_UNLOAD, 0);
	other = fx_media(&tapes[2]).guid;
	must(EjectNtmsMedia(fx_session, &other, &first, NTMS_EJECT_START));
	wait_open(&first);
	/* It waits for the port. */
	must(EjectNtmsMedia(fx_session, &cartridge, &operation, NTMS_EJECT_START));
	cr_assert_eq(pthread_create(&thread, NULL, identify_main, &slot), 0);
	fx_wait_until(a_drive_is_emptied);
	take_out(1);
	wait_open(&operation);
	cr_assert(a_drive_is_emptied());
	take_out(1);
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	fx_wait_until(it_has_left);
	make_ready();
	must(InjectNtmsMedia(fx_session, &fx_library, &injected, NTMS_INJECT_START));
	wait_open(&injected);
	put_in(1, barcodes[1]);
	wait_over(&injected, NTMS_LM_PASSED, ERROR_SUCCESS);
	cr_assert_eq(pthread_join(thread, &code), 0);
	cr_assert_eq((uintptr_t)code, ERROR_SUCCESS);
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	fx_expect_home(barcodes[0]);
	fx_expect_home(barcodes[1]);
}

static int mount_and_wait(const struct child *parent)
{
	HANDLE session = fx_open();

	fx_mount_by(session, tapes[1]);
	say_byte(parent, 'm');
	hear_byte(parent);
	return 0;
}

static bool it_is_to_be_had(void)
{
	NTMS_GUID drive = fx_drive_guid(1);

	return fx_get(&drive, NTMS_DRIVE).device.state == NTMS_DRIVESTATE_DISMOUNTABLE;
}

/* A turn in which always somebody waits for a drive lasts for ever. */
Test(schedule, what_the_dead_leave_is_put_right_meanwhile)
{
	struct call slow = {0};
	struct child child;

	setup(2, 2);
	make_busy(VIRTUAL_OPEN, 0);
	start_slowly(&slow, tapes[0]);
	child = start_child(mount_and_wait);
	cr_assert_eq(child_byte(&child), 'm');
	kill_child(&child);
	fx_wait_until(it_is_to_be_had);
	cr_assert(it_is_at_it());
	make_ready();
	join(&slow);
	give_back(tapes[0]);
}

/* Who ends his session waits for what he has queued, and not for what others have. */
Test(schedule, who_leaves_does_not_wait_for_others)
{
	struct call others = {.count = 1};
	struct child child;
	HANDLE session;

	setup(2, 2);
	fx_mount(tapes[0]);
	make_busy_for(VIRTUAL_UNLOAD, 0, 50);
	make_busy(VIRTUAL_OPEN, 1);
	must(DismountNtmsMedia(fx_session, &tapes[0], 1, NTMS_DISMOUNT_IMMEDIATE));
	child = start_child(mount_and_wait);
	others.media[0] = tapes[1];
	the_call = &others;
	the_reason = "to make";
	fx_wait_until(it_is_at_it);
	session = fx_open();
	fx_close(&session);
	cr_assert(it_is_at_it());
	fx_expect_home(barcodes[0]);
	make_ready();
	cr_assert_eq(child_byte(&child), 'm');
	kill_child(&child);
}

/* Both media of one call: the drive of the first is its own while the second is made ready. */
Test(schedule, a_call_for_two_keeps_what_it_has)
{
	struct call both = {0}, second = {0}, other = {0};

	setup(2, 3);
	make_busy(VIRTUAL_OPEN, 1);
	start(&both, tapes, 2);
	the_call = &second;
	the_reason = "to make";
	second.media[0] = tapes[1];
	fx_wait_until(it_is_at_it);
	start_waiting(&other, &tapes[2], 1);
	make_ready();
	join(&both);
	give_back_all(&both);
	join(&other);
	give_back(tapes[2]);
}

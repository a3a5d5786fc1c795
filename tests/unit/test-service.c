/* SPDX-License-Identifier: GPL-2.0-only */
/* test-service.c - drives that are out of order, and are put right */
#include <pthread.h>
#include <string.h>
#include "base/guid.h"
#include "fixture.h"

#define SHORT_MS 300

static void setup(void)
{
	fx_virtual_only("its drives do not fail at a word");
	fx_setup();
}

TestSuite(service, .timeout = 120, .init = setup, .fini = fx_teardown);

/* ---- as its records say ---- */

/* Every drive of the library, or @count operations of any. */
static void fail(enum virtual_operation operation, uint32_t count, uint8_t key, uint8_t asc)
{
	struct virtual_fault what = {.operation = operation,
				     .where = UINT32_MAX,
				     .count = count,
				     .key = key,
				     .asc = asc};

	cr_assert_eq(virtual_fault_add(fx_vlib, &what), 0);
}

static void no_more_failures(void)
{
	cr_assert_eq(virtual_fault_clear(fx_vlib), 0);
}

static bool needs_service(unsigned int number)
{
	return fx_drive(number).opstate == NTMS_NEEDS_SERVICE;
}

/* The one drive that does; the test is about one. */
static NTMS_GUID failed_drive(void)
{
	cr_assert_neq(needs_service(0), needs_service(1));
	return fx_drive_guid(needs_service(0) ? 0 : 1);
}

static bool is_ready(const NTMS_GUID *drive)
{
	return fx_get(drive, NTMS_DRIVE).opstate == NTMS_READY;
}

/* What people are asked about drives, in any state; the last of it. */
static size_t asked(struct object *request)
{
	NTMS_GUID list[32];
	DWORD count = 32;
	size_t found = 0;

	must(EnumerateNtmsObject(fx_session, NULL, list, &count, NTMS_OPREQUEST, 0));
	for (DWORD i = 0; i < count; i++) {
		struct object obj = fx_get(&list[i], NTMS_OPREQUEST);

		if (obj.oprequest.command != NTMS_OPREQ_DEVICESERVICE)
			continue;
		*request = obj;
		found++;
	}
	return found;
}

/* Exactly once, for that drive. */
static struct object expect_asked(const NTMS_GUID *drive, uint32_t state)
{
	struct object request = {0};

	cr_assert_eq(asked(&request), 1);
	cr_assert_eq(request.oprequest.state, state);
	cr_assert_eq(request.oprequest.arg1_type, NTMS_DRIVE);
	cr_assert(guid_equal(&request.oprequest.arg1, drive));
	return request;
}

static DWORD try_mount(NTMS_GUID media)
{
	return fx_try_mount(fx_session, media, NULL, NTMS_MOUNT_READ, PATIENCE_MS);
}

static DWORD try_in(NTMS_GUID media, const NTMS_GUID *drive, DWORD timeout)
{
	NTMS_GUID only = *drive;

	return fx_try_mount(fx_session, media, &only, NTMS_MOUNT_READ | NTMS_MOUNT_SPECIFIC_DRIVE,
			    timeout);
}

/* ---- out of order ---- */

Test(service, a_drive_that_fails_is_not_used_any_more)
{
	NTMS_GUID media = fx_allocated("V00001L8"), drive, used;
	struct object request;

	fail(VIRTUAL_OPEN, 1, 4, 0x44);
	must_be(try_mount(media), ERROR_INVALID_STATE);
	cr_assert(strstr(RsmLastMessage(), "4/44/00"), "%s", RsmLastMessage());
	drive = failed_drive();
	request = expect_asked(&drive, NTMS_OPSTATE_SUBMITTED);
	cr_assert(strstr(request.oprequest.message, "4/44/00"), "%s", request.oprequest.message);
	cr_assert(fx_get(&drive, NTMS_DRIVE).enabled);
	fx_settle(media);
	fx_expect_home("V00001L8");
	for (int i = 0; i < 3; i++) {
		used = fx_mount(media);
		cr_assert(!guid_equal(&used, &drive));
		fx_dismount(media, NTMS_DISMOUNT_IMMEDIATE);
		fx_settle(media);
	}
	used = drive;
	fx_expect_waits(media, &used, NTMS_MOUNT_SPECIFIC_DRIVE, "in order");
}

/* What fails after the cartridge is ready fails the drive as well, and it does not stay there. */
Test(service, a_drive_that_fails_to_read)
{
	NTMS_GUID media = fx_allocated("V00001L8"), drive;

	fail(VIRTUAL_READ, 1, 4, 0x09);
	must_be(try_mount(media), ERROR_INVALID_STATE);
	drive = failed_drive();
	expect_asked(&drive, NTMS_OPSTATE_SUBMITTED);
	fx_expect_home("V00001L8");
	must(try_mount(media));
}

static bool label_has_failed(void)
{
	return fx_requests(NTMS_LM_WRITESCRATCH, NTMS_LM_FAILED) == 1;
}

Test(service, a_drive_that_fails_to_write)
{
	NTMS_GUID media = fx_free_cartridge("V00001L8"), drive;
	NTMS_GUID pool = fx_media(&media).media.pool;

	media = fx_find("V00002L8", NTMS_PHYSICAL_MEDIA);
	fail(VIRTUAL_WRITE, 1, 4, 0x03);
	must(MoveToNtmsMediaPool(fx_session, &media, &pool));
	fx_wait_until(label_has_failed);
	drive = failed_drive();
	expect_asked(&drive, NTMS_OPSTATE_SUBMITTED);
	fx_expect_home("V00002L8");
}

static void expect_healthy(void)
{
	struct object request;

	cr_assert(!needs_service(0) && !needs_service(1));
	cr_assert_eq(asked(&request), 0);
}

/* Of a damaged cartridge the drive can do nothing. */
Test(service, a_bad_cartridge_is_not_the_drives_fault)
{
	NTMS_GUID media = fx_allocated("V00001L8");

	fail(VIRTUAL_OPEN, 1, 3, 0x31);
	must_be(try_mount(media), ERROR_INVALID_STATE);
	expect_healthy();
	fail(VIRTUAL_OPEN, 1, 4, 0x52);
	must_be(try_mount(media), ERROR_INVALID_STATE);
	expect_healthy();
	fail(VIRTUAL_READ, 1, 3, 0x11);
	must_be(try_mount(media), ERROR_INVALID_STATE);
	expect_healthy();
}

/* ---- put right ---- */

Test(service, who_satisfies_the_request_puts_it_back_into_use)
{
	NTMS_GUID media = fx_allocated("V00001L8"), drive;
	struct object request;

	fail(VIRTUAL_OPEN, 1, 4, 0x44);
	must_be(try_mount(media), ERROR_INVALID_STATE);
	drive = failed_drive();
	request = expect_asked(&drive, NTMS_OPSTATE_SUBMITTED);
	must(SatisfyNtmsOperatorRequest(fx_session, &request.guid));
	cr_assert(is_ready(&drive));
	expect_asked(&drive, NTMS_OPSTATE_COMPLETE);
	must(try_in(media, &drive, PATIENCE_MS));
}

static NTMS_GUID waiting_for, waiting_media;

static void *mount_main(void *unused)
{
	static DWORD code;

	(void)unused;
	code = try_in(waiting_media, &waiting_for, PATIENCE_MS);
	return &code;
}

static bool one_waits(void)
{
	return fx_requests(NTMS_LM_MOUNT, NTMS_LM_WAITING) == 1;
}

Test(service, a_mount_waits_for_it)
{
	struct object request;
	pthread_t thread;
	void *code;

	waiting_media = fx_allocated("V00001L8");
	fail(VIRTUAL_OPEN, 1, 4, 0x44);
	must_be(try_mount(waiting_media), ERROR_INVALID_STATE);
	waiting_for = failed_drive();
	request = expect_asked(&waiting_for, NTMS_OPSTATE_SUBMITTED);
	cr_assert_eq(pthread_create(&thread, NULL, mount_main, NULL), 0);
	fx_wait_until(one_waits);
	must(SatisfyNtmsOperatorRequest(fx_session, &request.guid));
	cr_assert_eq(pthread_join(thread, &code), 0);
	must(*(DWORD *)code);
}

Test(service, who_enables_it_puts_it_back_into_use)
{
	NTMS_GUID media = fx_allocated("V00001L8"), drive;

	fail(VIRTUAL_OPEN, 1, 4, 0x44);
	must_be(try_mount(media), ERROR_INVALID_STATE);
	drive = failed_drive();
	must(DisableNtmsObject(fx_session, NTMS_DRIVE, &drive));
	cr_assert_eq(fx_get(&drive, NTMS_DRIVE).opstate, NTMS_NEEDS_SERVICE);
	must(EnableNtmsObject(fx_session, NTMS_DRIVE, &drive));
	cr_assert(is_ready(&drive));
	cr_assert(fx_get(&drive, NTMS_DRIVE).enabled);
	expect_asked(&drive, NTMS_OPSTATE_COMPLETE);
	must_be(EnableNtmsObject(fx_session, NTMS_DRIVE, &drive), ERROR_INVALID_STATE);
	must(try_in(media, &drive, PATIENCE_MS));
}

/* What somebody else has asked for is his business. */
Test(service, an_applications_request_puts_nothing_right)
{
	NTMS_GUID media = fx_allocated("V00001L8"), drive, request;

	fail(VIRTUAL_OPEN, 1, 4, 0x44);
	must_be(try_mount(media), ERROR_INVALID_STATE);
	drive = failed_drive();
	must(SubmitNtmsOperatorRequestA(fx_session, NTMS_OPREQ_DEVICESERVICE, "dust", &drive, NULL,
					&request));
	must(SatisfyNtmsOperatorRequest(fx_session, &request));
	cr_assert(!is_ready(&drive));
}

/* ---- a cartridge that it does not let go of ---- */

static size_t dismounts_to_fail;

static bool has_failed(void)
{
	return fx_requests(NTMS_LM_DISMOUNT, NTMS_LM_FAILED) == dismounts_to_fail;
}

static void dismount_in_vain(NTMS_GUID drive)
{
	dismounts_to_fail++;
	must(DismountNtmsDrive(fx_session, &drive));
	fx_wait_until(has_failed);
}

Test(service, a_cartridge_that_is_stuck_is_not_lost)
{
	NTMS_GUID media = fx_allocated("V00001L8"), other = fx_allocated("V00002L8");
	NTMS_GUID drive = fx_mount(media), used;
	struct object request, record;

	fail(VIRTUAL_UNLOAD, 0, 4, 0x53);
	dismount_in_vain(drive);
	cr_assert(!is_ready(&drive));
	request = expect_asked(&drive, NTMS_OPSTATE_SUBMITTED);
	record = fx_media(&media);
	cr_assert(guid_equal(&record.media.location, &drive), "it is not where it is");
	must(CancelNtmsOperatorRequest(fx_session, &request.guid));
	cr_assert(!is_ready(&drive), "nobody has put it right");
	/* Who has said no is not asked again. */
	dismount_in_vain(drive);
	expect_asked(&drive, NTMS_OPSTATE_REFUSED);
	used = fx_mount(other);
	cr_assert(!guid_equal(&used, &drive));
	must_be(fx_try_mount(fx_session, media, NULL, NTMS_MOUNT_READ, SHORT_MS), ERROR_TIMEOUT);
	no_more_failures();
	must(EnableNtmsObject(fx_session, NTMS_DRIVE, &drive));
	used = fx_mount(media);
	cr_assert(guid_equal(&used, &drive));
	fx_dismount(media, NTMS_DISMOUNT_IMMEDIATE);
	fx_settle(media);
	fx_expect_home("V00001L8");
}

/* ---- a drive that stands alone ---- */

static NTMS_GUID alone, alone_drive;

static void setup_alone(void)
{
	const RSM_VIRTUAL_SHAPE shape = {.dwSize = sizeof(shape),
					 .dwDrives = 1,
					 .dwSlots = 2,
					 .dwTapes = 1,
					 .dwStandAloneDrives = 1,
					 .bBarCodeReader = TRUE};
	DWORD count = 1;
	uint32_t id;

	fx_virtual_only("its drive does not fail at a word");
	fx_make_shape(&shape);
	fx_open_library();
	must(RsmManageLibrary(fx_session, fx_lone_drive(&id), &alone));
	must(EnumerateNtmsObject(fx_session, &alone, &alone_drive, &count, NTMS_DRIVE, 0));
}

static bool lone_is_known(void)
{
	NTMS_GUID none = NTMS_NULLGUID;
	struct object drive = fx_get(&alone_drive, NTMS_DRIVE);

	return !guid_equal(&drive.device.side, &none);
}

static bool lone_needs_service(void)
{
	return fx_get(&alone_drive, NTMS_DRIVE).opstate == NTMS_NEEDS_SERVICE;
}

Test(service, a_drive_that_stands_alone, .init = setup_alone)
{
	struct object request;

	must(fx_put_in(RSM_VIRTUAL_DRIVE, 0, "W00001L8"));
	fail(VIRTUAL_OPEN, 0, 4, 0x44);
	must(InventoryNtmsLibrary(fx_session, &alone, NTMS_INVENTORY_FAST));
	fx_wait_until(lone_needs_service);
	request = expect_asked(&alone_drive, NTMS_OPSTATE_SUBMITTED);
	cr_assert(!lone_is_known());
	no_more_failures();
	must(SatisfyNtmsOperatorRequest(fx_session, &request.guid));
	must(InventoryNtmsLibrary(fx_session, &alone, NTMS_INVENTORY_FAST));
	fx_wait_until(lone_is_known);
}

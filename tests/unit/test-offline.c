/* SPDX-License-Identifier: GPL-2.0-only */
/* test-offline.c - mounts of cartridges that a person has to bring */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include "base/guid.h"
#include "faults.h"

TestSuite(offline, .timeout = 120, .init = fx_setup, .fini = fx_teardown);

#define SHORT_MS 300

/* ---- what people do ---- */

/* Somebody takes it out of the library, and RSM looks. */
static void carry_away(const char *barcode)
{
	must(virtual_hand_take(fx_vlib, (uint16_t)fx_where(barcode)));
	must(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_FAST));
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
}

static void bring(const char *barcode, unsigned int slot)
{
	must(virtual_hand_put(fx_vlib, barcode, (uint16_t)(VIRTUAL_FIRST_SLOT + slot)));
}

/* The operator requests there are, open or not; *@last is the newest. */
static size_t operator_requests(NTMS_GUID *last)
{
	NTMS_GUID list[16];
	DWORD count = 16;

	must(EnumerateNtmsObject(fx_session, NULL, list, &count, NTMS_OPREQUEST, 0));
	if (count)
		*last = list[count - 1];
	return count;
}

static NTMS_GUID only_request(void)
{
	NTMS_GUID guid;

	cr_assert_eq(operator_requests(&guid), 1);
	return guid;
}

static NTMS_GUID asked_first;

static bool asked(void)
{
	NTMS_GUID list[16];
	DWORD count = 16;

	return EnumerateNtmsObject(fx_session, NULL, list, &count, NTMS_OPREQUEST, 0) == 0 &&
	       count &&
	       fx_get(&list[count - 1], NTMS_OPREQUEST).oprequest.state == NTMS_OPSTATE_SUBMITTED;
}

static bool asked_again(void)
{
	NTMS_GUID list[16];
	DWORD count = 16;

	if (EnumerateNtmsObject(fx_session, NULL, list, &count, NTMS_OPREQUEST, 0))
		return false;
	return count == 2 && !guid_equal(&list[1], &asked_first);
}

/* ---- mounts in threads of their own ---- */

struct mounting {
	pthread_t thread;
	HANDLE session;
	NTMS_GUID media[2];
	NTMS_GUID drives[2];
	DWORD count;
	DWORD options;
	DWORD timeout;
	DWORD code;
	char said[256];
};

static void *mount_main(void *argument)
{
	struct mounting *mounting = argument;

	mounting->code =
		MountNtmsMedia(mounting->session, mounting->media, mounting->drives,
			       mounting->count, mounting->options, 0, mounting->timeout, NULL);
	snprintf(mounting->said, sizeof(mounting->said), "%s", RsmLastMessage());
	return NULL;
}

static void start(struct mounting *mounting, NTMS_GUID media)
{
	if (!mounting->session)
		mounting->session = fx_session;
	if (!mounting->count)
		mounting->count = 1;
	if (!mounting->timeout)
		mounting->timeout = PATIENCE_MS;
	mounting->options |= NTMS_MOUNT_READ;
	mounting->media[0] = media;
	cr_assert_eq(pthread_create(&mounting->thread, NULL, mount_main, mounting), 0);
}

static void join(struct mounting *mounting, DWORD code)
{
	cr_assert_eq(pthread_join(mounting->thread, NULL), 0);
	cr_assert_eq(mounting->code, code, "the mount ended with %s: %s",
		     RsmErrorName(mounting->code), mounting->said);
}

static bool none_waits(void)
{
	return fx_requests(NTMS_LM_MOUNT, NTMS_LM_WAITING) == 0 &&
	       fx_requests(NTMS_LM_MOUNT, NTMS_LM_QUEUED) == 0 &&
	       fx_requests(NTMS_LM_MOUNT, NTMS_LM_INPROCESS) == 0;
}

static void expect_idle_and_offline(NTMS_GUID media)
{
	struct object cartridge = fx_media(&media);

	cr_assert_eq(cartridge.media.state, NTMS_MEDIASTATE_IDLE);
	cr_assert_eq(fx_get(&cartridge.media.library, NTMS_LIBRARY).library.kind,
		     NTMS_LIBRARYTYPE_OFFLINE);
}

/* ---- sequence 6 of the reference ---- */

Test(offline, brought_and_mounted)
{
	NTMS_GUID media = fx_allocated("V00001L8"), guid;
	struct mounting mounting = {0};
	struct object request, cartridge = fx_media(&media);

	carry_away("V00001L8");
	must_be(fx_try_mount(fx_session, media, NULL, NTMS_MOUNT_READ | NTMS_MOUNT_ERROR_OFFLINE,
			     PATIENCE_MS),
		ERROR_MEDIA_OFFLINE);
	cr_assert_eq(operator_requests(&guid), 0, "somebody was asked");
	start(&mounting, media);
	fx_wait_until(asked);
	guid = only_request();
	request = fx_get(&guid, NTMS_OPREQUEST);
	cr_assert_eq(request.oprequest.command, NTMS_OPREQ_MOVEMEDIA);
	cr_assert(guid_equal(&request.oprequest.arg1, &cartridge.guid));
	cr_assert(guid_equal(&request.oprequest.arg2, &fx_library));
	cr_assert(strstr(request.oprequest.message, "V00001L8"), "%s", request.oprequest.message);
	cr_assert_eq(fx_media(&media).media.state, NTMS_MEDIASTATE_OPREQ);
	cr_assert_eq(fx_requests(NTMS_LM_MOUNT, NTMS_LM_WAITING), 1);
	bring("V00001L8", 4);
	must(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_FAST));
	join(&mounting, ERROR_SUCCESS);
	cr_assert_eq(fx_get(&guid, NTMS_OPREQUEST).oprequest.state, NTMS_OPSTATE_COMPLETE);
	cr_assert_eq(fx_media(&media).media.state, NTMS_MEDIASTATE_LOADED);
	cr_assert_eq(fx_where("V00001L8"), fx_element_of_drive(&mounting.drives[0]));
	cr_assert_eq(operator_requests(&guid), 1, "asked once more than needed");
}

Test(offline, refused_by_the_operator)
{
	NTMS_GUID media = fx_allocated("V00001L8"), guid;
	struct mounting mounting = {0};

	carry_away("V00001L8");
	start(&mounting, media);
	fx_wait_until(asked);
	guid = only_request();
	must(CancelNtmsOperatorRequest(fx_session, &guid));
	join(&mounting, ERROR_REQUEST_REFUSED);
	cr_assert(strstr(mounting.said, "V00001L8"), "%s", mounting.said);
	expect_idle_and_offline(media);
	cr_assert_eq(fx_get(&guid, NTMS_OPREQUEST).oprequest.state, NTMS_OPSTATE_REFUSED);
	fx_wait_until(none_waits);
	cr_assert_eq(fx_requests(NTMS_LM_MOUNT, NTMS_LM_FAILED), 1);
}

Test(offline, given_up_in_time)
{
	NTMS_GUID media = fx_allocated("V00001L8"), guid;

	carry_away("V00001L8");
	must_be(fx_try_mount(fx_session, media, NULL, NTMS_MOUNT_READ, SHORT_MS), ERROR_TIMEOUT);
	fx_wait_until(none_waits);
	expect_idle_and_offline(media);
	cr_assert_eq(operator_requests(&guid), 0, "somebody is still asked for it");
	cr_assert_eq(fx_requests(NTMS_LM_MOUNT, NTMS_LM_CANCELLED), 1);
}

Test(offline, not_asked_for_by_who_does_not_wait)
{
	NTMS_GUID media = fx_allocated("V00001L8"), guid;

	carry_away("V00001L8");
	must_be(fx_try_mount(fx_session, media, NULL, NTMS_MOUNT_READ | NTMS_MOUNT_NOWAIT, 0),
		ERROR_MEDIA_OFFLINE);
	must_be(fx_try_mount(fx_session, media, NULL,
			     NTMS_MOUNT_READ | NTMS_MOUNT_ERROR_NOT_AVAILABLE, PATIENCE_MS),
		ERROR_MEDIA_OFFLINE);
	cr_assert_eq(operator_requests(&guid), 0);
}

Test(offline, cancelled_by_the_end_of_the_session)
{
	NTMS_GUID media = fx_allocated("V00001L8"), guid;
	HANDLE other = fx_open();
	struct mounting mounting = {.session = other};

	carry_away("V00001L8");
	start(&mounting, media);
	fx_wait_until(asked);
	fx_close(&other);
	join(&mounting, ERROR_CANCELLED);
	fx_wait_until(none_waits);
	expect_idle_and_offline(media);
	cr_assert_eq(operator_requests(&guid), 0);
}

/* CancelNtmsLibraryRequest of the mount. */
Test(offline, cancelled_as_a_library_request)
{
	NTMS_GUID media = fx_allocated("V00001L8"), guid, list[16];
	struct mounting mounting = {0};
	DWORD count = 16;

	carry_away("V00001L8");
	start(&mounting, media);
	fx_wait_until(asked);
	must(EnumerateNtmsObject(fx_session, NULL, list, &count, NTMS_LIBREQUEST, 0));
	for (DWORD i = 0; i < count; i++)
		if (fx_get(&list[i], NTMS_LIBREQUEST).librequest.state == NTMS_LM_WAITING)
			must(CancelNtmsLibraryRequest(fx_session, &list[i]));
	join(&mounting, ERROR_CANCELLED);
	expect_idle_and_offline(media);
	cr_assert_eq(operator_requests(&guid), 0);
}

/* One person is asked once, though two wait; the first who gives up takes nothing from the other.
 */
Test(offline, two_wait_for_one)
{
	NTMS_GUID media = fx_allocated("V00001L8"), guid, still;
	HANDLE other = fx_open();
	struct mounting first = {0}, second = {.session = other, .timeout = SHORT_MS};

	carry_away("V00001L8");
	start(&first, media);
	fx_wait_until(asked);
	guid = only_request();
	start(&second, media);
	join(&second, ERROR_TIMEOUT);
	still = only_request();
	cr_assert(guid_equal(&guid, &still));
	cr_assert_eq(fx_media(&media).media.state, NTMS_MEDIASTATE_OPREQ);
	bring("V00001L8", 0);
	must(SatisfyNtmsOperatorRequest(fx_session, &guid));
	join(&first, ERROR_SUCCESS);
	fx_close(&other);
}

/* Whoever says that it is done is believed once, then asked again. */
Test(offline, satisfied_in_vain)
{
	NTMS_GUID media = fx_allocated("V00001L8"), guid;
	struct mounting mounting = {0};

	carry_away("V00001L8");
	start(&mounting, media);
	fx_wait_until(asked);
	asked_first = only_request();
	must(SatisfyNtmsOperatorRequest(fx_session, &asked_first));
	fx_wait_until(asked_again);
	cr_assert_eq(operator_requests(&guid), 2);
	cr_assert(strstr(fx_get(&guid, NTMS_OPREQUEST).oprequest.message, "still not found"));
	bring("V00001L8", 5);
	must(SatisfyNtmsOperatorRequest(fx_session, &guid));
	join(&mounting, ERROR_SUCCESS);
}

/* None is mounted until all are there, and each that is missing is asked for. */
Test(offline, one_of_two)
{
	NTMS_GUID here = fx_allocated("V00001L8"), away = fx_allocated("V00002L8"), guid;
	struct mounting mounting = {.count = 2};
	struct object request, media;
	unsigned long long robot;

	carry_away("V00002L8");
	mounting.media[1] = away;
	robot = fx_robot();
	start(&mounting, here);
	fx_wait_until(asked);
	guid = only_request();
	request = fx_get(&guid, NTMS_OPREQUEST);
	media = fx_media(&away);
	cr_assert(guid_equal(&request.oprequest.arg1, &media.guid));
	cr_assert_eq(fx_robot(), robot, "something moved");
	fx_expect_home("V00001L8");
	bring("V00002L8", 1);
	must(SatisfyNtmsOperatorRequest(fx_session, &guid));
	join(&mounting, ERROR_SUCCESS);
	cr_assert_eq(fx_where("V00001L8"), fx_element_of_drive(&mounting.drives[0]));
	cr_assert_eq(fx_where("V00002L8"), fx_element_of_drive(&mounting.drives[1]));
}

Test(offline, into_a_given_drive)
{
	NTMS_GUID media = fx_allocated("V00001L8");
	struct mounting mounting = {.options = NTMS_MOUNT_SPECIFIC_DRIVE};
	NTMS_GUID guid;

	carry_away("V00001L8");
	mounting.drives[0] = fx_library;
	start(&mounting, media);
	join(&mounting, ERROR_INVALID_DRIVE);
	mounting.drives[0] = fx_drive_guid(1);
	start(&mounting, media);
	fx_wait_until(asked);
	guid = only_request();
	bring("V00001L8", 5);
	must(SatisfyNtmsOperatorRequest(fx_session, &guid));
	join(&mounting, ERROR_SUCCESS);
	cr_assert_eq(fx_where("V00001L8"), fx_drive(1).device.element);
}

/* Who has nobody left to wait leaves nobody asked, however it ended. */
Test(offline, the_caller_dies)
{
	NTMS_GUID media = fx_allocated("V00001L8"), other = fx_allocated("V00002L8"), guid;
	int status;
	pid_t child;

	carry_away("V00001L8");
	child = fork();
	cr_assert_geq(child, 0);
	if (child == 0) {
		HANDLE session = OpenNtmsSessionA(NULL, "to die", 0);

		fx_try_mount(session, media, NULL, NTMS_MOUNT_READ, PATIENCE_MS);
		_exit(1);
	}
	fx_wait_until(asked);
	cr_assert_eq(kill(child, SIGKILL), 0);
	cr_assert_eq(waitpid(child, &status, 0), child);
	/* Whoever works on the library next finds out. */
	fx_mount(other);
	fx_wait_until(none_waits);
	expect_idle_and_offline(media);
	cr_assert_eq(operator_requests(&guid), 0);
}

Test(offline, no_library_for_it)
{
	NTMS_GUID media = fx_allocated("V00001L8");
	struct object drive = fx_drive(0);

	must(RsmUnmanageLibrary(fx_session, &fx_library));
	must_be(fx_try_mount(fx_session, media, NULL, NTMS_MOUNT_READ, PATIENCE_MS),
		ERROR_MEDIA_OFFLINE);
	must_be(fx_try_mount(fx_session, media, &drive.guid,
			     NTMS_MOUNT_READ | NTMS_MOUNT_SPECIFIC_DRIVE, PATIENCE_MS),
		ERROR_INVALID_DRIVE);
}

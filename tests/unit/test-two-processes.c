/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test-two-processes.c - the example clients on a virtual library: alone, and against each other
 *
 * They know nothing but ntmsapi.h, and judge by themselves; afterwards the records are compared
 * with the library.
 */
#include <string.h>
#include <sys/stat.h>
#include "fixture.h"

TestSuite(clients, .timeout = 240, .init = fx_setup, .fini = fx_teardown);

/* Runs a client to its end, which must be a good one. */
static void run_client(const char *const words[])
{
	int status;
	pid_t pid = fork();

	cr_assert_geq(pid, 0);
	if (pid == 0) {
		execv(words[0], (char *const *)words);
		_exit(127);
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s ended with status 0x%x",
		  words[0], status);
}

static void expect_all_home(void)
{
	static const char *const barcodes[] = {"V00001L8", "V00002L8", "V00003L8", "V00004L8"};

	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	for (size_t i = 0; i < 4; i++)
		fx_expect_home(barcodes[i]);
	for (unsigned int i = 0; i < 2; i++) {
		NTMS_GUID drive = fx_drive_guid(i);

		cr_assert(!fx_is_held(&drive));
		cr_assert_eq(fx_get(&drive, NTMS_DRIVE).device.state, NTMS_DRIVESTATE_DISMOUNTED);
	}
}

Test(clients, backup_saves_and_compares)
{
	run_client((const char *[]){CLIENTS "/backup", "/bin/sh", "/etc/passwd", NULL});
	expect_all_home();
}

Test(clients, two_share_a_library_and_a_third_dies)
{
	char locks[128];

	snprintf(locks, sizeof(locks), "%s/locks", fx_top);
	cr_assert_eq(mkdir(locks, 0777), 0);
	run_client((const char *[]){CLIENTS "/two", "20", locks, NULL});
	expect_all_home();
}

static bool somebody_mounts(void)
{
	return fx_requests(NTMS_LM_MOUNT, NTMS_LM_INPROCESS) > 0;
}

/* A client that is killed in the middle of everything stops nobody, and loses no cartridge. */
Test(clients, a_killed_client_leaves_a_library_that_works)
{
	int status;
	DWORD code;
	pid_t pid;

	for (int i = 0; i < 3; i++) {
		fx_slow_robot(100);
		pid = fork();
		cr_assert_geq(pid, 0);
		if (pid == 0) {
			execl(CLIENTS "/backup", "backup", "/etc/passwd", NULL);
			_exit(127);
		}
		fx_wait_until(somebody_mounts);
		cr_assert_eq(kill(pid, SIGKILL), 0);
		cr_assert_eq(waitpid(pid, &status, 0), pid);
		cr_assert(WIFSIGNALED(status));
		/* Its request goes with it. */
		code = RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS);
		cr_assert(code == ERROR_SUCCESS || code == ERROR_CANCELLED, "%s: %s",
			  RsmErrorName(code), RsmLastMessage());
	}
	fx_slow_robot(0);
	run_client((const char *[]){CLIENTS "/backup", "/etc/passwd", NULL});
}

/* ---- the end of a session while others have the library ---- */

static int queues_work(const struct child *parent)
{
	fx_session = fx_open();
	must(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_FAST));
	say_byte(parent, 'q');
	hear_byte(parent);
	return 0;
}

/* As if whoever has the lease had carried it out. */
static void end_what_we_queued(HANDLE session)
{
	NTMS_GUID list[16];
	DWORD count = 16, ended = 0;

	must(EnumerateNtmsObject(session, &fx_library, list, &count, NTMS_LIBREQUEST, 0));
	for (DWORD i = 0; i < count; i++) {
		struct obj_librequest request = fx_get(&list[i], NTMS_LIBREQUEST).librequest;

		if (request.state != NTMS_LM_QUEUED || request.pid != (uint32_t)getpid())
			continue;
		must(CancelNtmsLibraryRequest(session, &list[i]));
		ended++;
	}
	cr_assert_eq(ended, 1);
}

/* Others may have the library for as long as they like: once its own work is done it can go. */
Test(clients, a_session_waits_at_its_end_for_its_own_work_only)
{
	struct child child;
	HANDLE session;

	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	fx_stop_work();
	child = start_child(queues_work);
	cr_assert_eq(child_byte(&child), 'q');
	session = fx_open();
	must(InventoryNtmsLibrary(session, &fx_library, NTMS_INVENTORY_FAST));
	end_what_we_queued(session);
	fx_close(&session);
	cr_assert_eq(fx_requests(NTMS_LM_INVENTORY, NTMS_LM_QUEUED), 1);
	fx_let_work();
	tell_child(&child, 'g');
	join_child(&child);
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
}

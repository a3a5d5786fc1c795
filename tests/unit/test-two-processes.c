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

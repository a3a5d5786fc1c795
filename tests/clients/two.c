/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * two.c - programs that share a library and know nothing of each other
 *
 * Two processes allocate, mount, write, compare, dismount and deallocate, over and over; a third
 * only mounts and dies. What RSM promises is checked by something it knows nothing of: while a
 * process has a drive and a cartridge it has files locked that are named like them.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "common.h"

#define WORKERS 2
#define RECORDS 8

static const char *locks;

/* Nobody else may have this drive, or cartridge. */
static int lock_alone(const char *kind, NTMS_GUID guid)
{
	char path[4096];
	int length, fd;

	length = snprintf(path, sizeof(path), "%s/%s-", locks, kind);
	for (size_t i = 0; i < sizeof(guid); i++)
		length += snprintf(path + length, sizeof(path) - (size_t)length, "%02x",
				   ((unsigned char *)&guid)[i]);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0)
		die("%s: %s", path, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB))
		die("another process has the %s: %s", kind, path);
	return fd;
}

static void fill(char record[RECORD_SIZE], unsigned int seed)
{
	for (size_t i = 0; i < RECORD_SIZE; i++) {
		seed = seed * 1664525u + 1013904223u;
		record[i] = (char)(seed >> 24);
	}
}

static void write_and_compare(HANDLE session, NTMS_GUID media, const char *device,
			      unsigned int seed)
{
	char wanted[RECORD_SIZE], found[RECORD_SIZE], serial[8];
	int tape = tape_open(device);

	snprintf(serial, sizeof(serial), "W%05u", seed % 100000);
	write_label(session, media, tape, serial);
	for (unsigned int i = 0; i < RECORDS; i++) {
		fill(wanted, seed + i);
		write_record(tape, wanted);
	}
	end_data(tape);
	check_label(tape, serial);
	for (unsigned int i = 0; i < RECORDS; i++) {
		fill(wanted, seed + i);
		read_record(tape, found);
		if (memcmp(found, wanted, RECORD_SIZE) != 0)
			die("record %u is not what was written", i);
	}
	tape_close(tape);
}

static void one_round(HANDLE session, NTMS_GUID pool, unsigned int seed)
{
	char device[NTMS_DEVICENAME_LENGTH];
	NTMS_GUID media = allocate(session, pool), drive;
	int medium_lock, drive_lock;

	drive = mount_in(session, media, device);
	medium_lock = lock_alone("medium", cartridge_of(session, media));
	drive_lock = lock_alone("drive", drive);
	write_and_compare(session, media, device, seed);
	close(drive_lock);
	close(medium_lock);
	dismount(session, media);
	need(DeallocateNtmsMedia(session, &media, 0));
}

static void work(unsigned int number, unsigned int rounds, NTMS_GUID pool)
{
	HANDLE session = open_session("worker");

	for (unsigned int i = 0; i < rounds; i++) {
		one_round(session, pool, number * 10000 + i);
		printf("process %u: round %u\n", number, i + 1);
		fflush(stdout);
	}
	need(CloseNtmsSession(session));
}

/* ---- the one who dies ---- */

static void mount_and_die(NTMS_GUID media)
{
	char device[NTMS_DEVICENAME_LENGTH];
	HANDLE session = open_session("doomed");
	NTMS_GUID drive = mount_in(session, media, device);

	lock_alone("medium", cartridge_of(session, media));
	lock_alone("drive", drive);
	raise(SIGKILL);
}

static void die_often(NTMS_GUID pool, int stop)
{
	char device[NTMS_DEVICENAME_LENGTH];
	HANDLE session = open_session("dying");
	NTMS_GUID media = allocate(session, pool);
	unsigned int deaths = 0;
	char byte;

	need(CloseNtmsSession(session));
	/* At least once; until all others are through. */
	do {
		int status;
		pid_t child = fork();

		if (child == 0) {
			mount_and_die(media);
			_exit(1);
		}
		if (child < 0 || waitpid(child, &status, 0) != child)
			die("fork: %s", strerror(errno));
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
			die("the doomed process ended with status 0x%x", (unsigned int)status);
		deaths++;
	} while (read(stop, &byte, 1) < 0 && errno == EAGAIN);
	session = open_session("dying");
	mount_in(session, media, device);
	dismount(session, media);
	need(DeallocateNtmsMedia(session, &media, 0));
	need(CloseNtmsSession(session));
	printf("%u deaths\n", deaths);
}

/* ---- afterwards ---- */

static void wait_until(bool (*done)(HANDLE session), HANDLE session, const char *what)
{
	struct timespec pause = {.tv_nsec = 50000000};
	time_t limit = time(NULL) + 600;

	while (!done(session)) {
		if (time(NULL) > limit)
			die("%s", what);
		nanosleep(&pause, NULL);
	}
}

static bool all_at_home(HANDLE session)
{
	NTMS_OBJECTINFORMATIONA info;
	DWORD count;
	NTMS_GUID *list = list_objects(session, NULL, NTMS_PHYSICAL_MEDIA, &count);
	bool home = true;

	for (DWORD i = 0; i < count; i++) {
		get_info(session, list[i], NTMS_PHYSICAL_MEDIA, &info);
		if (info.Info.PhysicalMedia.MediaState != NTMS_MEDIASTATE_IDLE ||
		    info.Info.PhysicalMedia.LocationType != NTMS_STORAGESLOT)
			home = false;
	}
	free(list);
	return home;
}

/* Who died left its medium in the drive. */
static void empty_drives(HANDLE session)
{
	DWORD count;
	NTMS_GUID *list = list_objects(session, NULL, NTMS_DRIVE, &count);

	for (DWORD i = 0; i < count; i++) {
		DWORD code = DismountNtmsDrive(session, &list[i]);

		if (code && code != ERROR_INVALID_STATE)
			die("DismountNtmsDrive: error %u", (unsigned int)code);
	}
	free(list);
}

static pid_t start(unsigned int number, unsigned int rounds, NTMS_GUID pool, const int stop[2])
{
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child < 0)
		die("fork: %s", strerror(errno));
	if (child)
		return child;
	close(stop[1]);
	if (number < WORKERS)
		work(number, rounds, pool);
	else
		die_often(pool, stop[0]);
	fflush(stdout);
	_exit(0);
}

static void join(pid_t child)
{
	int status;

	if (waitpid(child, &status, 0) != child || status != 0)
		die("a process ended with status 0x%x", (unsigned int)status);
}

int main(int argc, char **argv)
{
	pid_t children[WORKERS + 1];
	unsigned int rounds;
	HANDLE session;
	NTMS_GUID pool;
	int stop[2];

	if (argc != 3 || (rounds = (unsigned int)atoi(argv[1])) == 0) {
		fprintf(stderr, "Usage: %s ROUNDS DIRECTORY-FOR-LOCKS\n", argv[0]);
		return 1;
	}
	locks = argv[2];
	session = open_session("two");
	pool = get_pool(session, "Shared", prepare(session, WORKERS + 1));
	need(CloseNtmsSession(session));
	if (pipe2(stop, O_NONBLOCK | O_CLOEXEC))
		die("pipe: %s", strerror(errno));
	for (unsigned int i = 0; i <= WORKERS; i++)
		children[i] = start(i, rounds, pool, stop);
	for (unsigned int i = 0; i < WORKERS; i++)
		join(children[i]);
	close(stop[1]);
	join(children[WORKERS]);
	session = open_session("two");
	empty_drives(session);
	wait_until(all_at_home, session, "not all cartridges come home");
	need(CloseNtmsSession(session));
	printf("%u rounds each, nothing had twice, all at home\n", rounds);
	return 0;
}

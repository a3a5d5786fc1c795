/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * backup.c - a small backup program: saves files on a cartridge of its own and compares them
 *
 * What a program does with RSM from beginning to end, by ntmsapi.h alone: session, pool,
 * allocation, mount, label, data, dismount; mount again, compare, dismount, deallocation. The
 * library must be under management.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "common.h"

#define SERIAL "BACKUP"

/* One file's beginning on tape. */
static void file_header(const char *path, char record[RECORD_SIZE])
{
	struct stat status;

	memset(record, 0, RECORD_SIZE);
	if (!path) {
		snprintf(record, RECORD_SIZE, "END");
		return;
	}
	if (stat(path, &status))
		die("%s: %s", path, strerror(errno));
	snprintf(record, RECORD_SIZE, "FILE %lld %s", (long long)status.st_size, path);
}

static FILE *open_file(const char *path)
{
	FILE *file = fopen(path, "rb");

	if (!file)
		die("%s: %s", path, strerror(errno));
	return file;
}

/* The next piece of a file, filled up with zeroes; false at its end. */
static int next_piece(FILE *file, const char *path, char record[RECORD_SIZE])
{
	size_t got;

	memset(record, 0, RECORD_SIZE);
	got = fread(record, 1, RECORD_SIZE, file);
	if (ferror(file))
		die("reading %s: %s", path, strerror(errno));
	return got > 0;
}

static void save(int tape, const char *path)
{
	char record[RECORD_SIZE];
	FILE *file;

	file_header(path, record);
	write_record(tape, record);
	if (!path)
		return;
	file = open_file(path);
	while (next_piece(file, path, record))
		write_record(tape, record);
	fclose(file);
}

static void compare_record(int tape, const char *path, const char record[RECORD_SIZE])
{
	char found[RECORD_SIZE];

	read_record(tape, found);
	if (memcmp(found, record, RECORD_SIZE) != 0)
		die("%s is not on the tape as it was saved", path ? path : "the end");
}

static void compare(int tape, const char *path)
{
	char record[RECORD_SIZE];
	FILE *file;

	file_header(path, record);
	compare_record(tape, path, record);
	if (!path)
		return;
	file = open_file(path);
	while (next_piece(file, path, record))
		compare_record(tape, path, record);
	fclose(file);
}

int main(int argc, char **argv)
{
	char device[NTMS_DEVICENAME_LENGTH];
	HANDLE session;
	NTMS_GUID pool, media;
	int tape;

	if (argc < 2) {
		fprintf(stderr, "Usage: %s FILE...\n", argv[0]);
		return 1;
	}
	session = open_session("backup");
	pool = get_pool(session, "Backup client", prepare(session, 1));
	media = allocate(session, pool);
	mount_in(session, media, device);
	printf("saving on %s\n", device);
	tape = tape_open(device);
	write_label(session, media, tape, SERIAL);
	for (int i = 1; i <= argc; i++)
		save(tape, argv[i]); /* argv[argc] is NULL: the end */
	end_data(tape);
	tape_close(tape);
	dismount(session, media);
	mount_in(session, media, device);
	printf("comparing on %s\n", device);
	tape = tape_open(device);
	check_label(tape, SERIAL);
	for (int i = 1; i <= argc; i++)
		compare(tape, argv[i]);
	tape_close(tape);
	dismount(session, media);
	need(DeallocateNtmsMedia(session, &media, 0));
	need(CloseNtmsSession(session));
	printf("%d files saved and compared\n", argc - 1);
	return 0;
}

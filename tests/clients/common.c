/* SPDX-License-Identifier: GPL-2.0-only */
#include "common.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mtio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <ntms/rsmapi.h>

#define LABEL_SIZE 80
/* A robot may be slow; a real one is not slower. */
#define MOUNT_TIMEOUT_MS (10 * 60 * 1000)
#define IDLE_TIMEOUT_S	 (10 * 60)
#define LOOK_EVERY_MS	 20

void die(const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fprintf(stderr, "process %d: ", (int)getpid());
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

void need_code(const char *call, DWORD code)
{
	if (code)
		die("%s: error %u: %s", call, (unsigned int)code, RsmLastMessage());
}

HANDLE open_session(const char *application)
{
	HANDLE session = OpenNtmsSessionA(NULL, application, 0);

	if (session == INVALID_HANDLE_VALUE)
		die("OpenNtmsSession: error %u", (unsigned int)GetLastError());
	return session;
}

void get_info(HANDLE session, NTMS_GUID guid, DWORD type, NTMS_OBJECTINFORMATIONA *info)
{
	memset(info, 0, sizeof(*info));
	info->dwSize = sizeof(*info);
	info->dwType = type;
	need(GetNtmsObjectInformationA(session, &guid, info));
}

NTMS_GUID *list_objects(HANDLE session, NTMS_GUID *container, DWORD type, DWORD *count)
{
	NTMS_GUID *list = NULL;
	DWORD code, room = 0;

	/* There may be more of them every time. */
	do {
		list = realloc(list, (room + 1) * sizeof(*list));
		if (!list)
			die("out of memory");
		*count = room;
		code = EnumerateNtmsObject(session, container, list, count, type, 0);
		room = *count;
	} while (code == ERROR_INSUFFICIENT_BUFFER);
	need_code("EnumerateNtmsObject", code);
	return list;
}

/* ---- cartridges ---- */

/* The Free pool has one pool for each media type. */
static bool find_free_pool(HANDLE session, NTMS_GUID *parent, NTMS_GUID media_type,
			   NTMS_GUID *found)
{
	NTMS_OBJECTINFORMATIONA info;
	DWORD count;
	NTMS_GUID *list = list_objects(session, parent, NTMS_MEDIA_POOL, &count);
	bool is_it = false;

	for (DWORD i = 0; i < count && !is_it; i++) {
		get_info(session, list[i], NTMS_MEDIA_POOL, &info);
		if (info.Info.MediaPool.PoolType != NTMS_POOLTYPE_SCRATCH)
			continue;
		*found = list[i];
		is_it = !memcmp(&info.Info.MediaPool.MediaType, &media_type, sizeof(media_type)) ||
			(!parent && find_free_pool(session, &list[i], media_type, found));
	}
	free(list);
	return is_it;
}

static NTMS_GUID free_pool_of(HANDLE session, NTMS_GUID media_type)
{
	NTMS_GUID found;

	if (!find_free_pool(session, NULL, media_type, &found))
		die("there is no Free pool for the media type");
	return found;
}

void wait_idle(HANDLE session, NTMS_GUID cartridge)
{
	struct timespec pause = {.tv_nsec = LOOK_EVERY_MS * 1000000L};
	time_t limit = time(NULL) + IDLE_TIMEOUT_S;
	NTMS_OBJECTINFORMATIONA info;

	for (;;) {
		get_info(session, cartridge, NTMS_PHYSICAL_MEDIA, &info);
		if (info.Info.PhysicalMedia.MediaState == NTMS_MEDIASTATE_IDLE)
			return;
		if (time(NULL) > limit)
			die("cartridge %s does not become idle", info.szName);
		nanosleep(&pause, NULL);
	}
}

static DWORD side_state(HANDLE session, NTMS_GUID cartridge)
{
	NTMS_OBJECTINFORMATIONA info;
	DWORD count;
	NTMS_GUID *sides = list_objects(session, &cartridge, NTMS_PARTITION, &count);

	if (count == 0)
		die("a cartridge has no side");
	get_info(session, sides[0], NTMS_PARTITION, &info);
	free(sides);
	return info.Info.Partition.State;
}

static void wait_available(HANDLE session, NTMS_GUID cartridge)
{
	struct timespec pause = {.tv_nsec = LOOK_EVERY_MS * 1000000L};
	time_t limit = time(NULL) + IDLE_TIMEOUT_S;

	while (side_state(session, cartridge) != NTMS_PARTSTATE_AVAILABLE) {
		if (time(NULL) > limit)
			die("a cartridge gets no free label");
		nanosleep(&pause, NULL);
	}
	wait_idle(session, cartridge);
}

NTMS_GUID prepare(HANDLE session, DWORD count)
{
	NTMS_GUID media_type = NTMS_NULLGUID;
	NTMS_OBJECTINFORMATIONA info;
	DWORD present, done = 0;
	NTMS_GUID *list = list_objects(session, NULL, NTMS_PHYSICAL_MEDIA, &present);

	for (DWORD i = 0; i < present && done < count; i++) {
		NTMS_GUID pool;
		DWORD state = side_state(session, list[i]);

		get_info(session, list[i], NTMS_PHYSICAL_MEDIA, &info);
		if (info.Info.PhysicalMedia.LocationType != NTMS_STORAGESLOT)
			continue;
		media_type = info.Info.PhysicalMedia.MediaType;
		pool = free_pool_of(session, media_type);
		if (state == NTMS_PARTSTATE_UNKNOWN || state == NTMS_PARTSTATE_FOREIGN ||
		    state == NTMS_PARTSTATE_IMPORT)
			need(MoveToNtmsMediaPool(session, &list[i], &pool));
		else if (state != NTMS_PARTSTATE_AVAILABLE)
			continue;
		wait_available(session, list[i]);
		done++;
	}
	free(list);
	if (done < count)
		die("%u cartridges can be had, %u are needed", (unsigned int)done,
		    (unsigned int)count);
	return media_type;
}

NTMS_GUID get_pool(HANDLE session, const char *name, NTMS_GUID media_type)
{
	NTMS_OBJECTINFORMATIONA info;
	NTMS_GUID pool;

	need(CreateNtmsMediaPoolA(session, name, &media_type, NTMS_OPEN_ALWAYS, NULL, &pool));
	get_info(session, pool, NTMS_MEDIA_POOL, &info);
	info.Info.MediaPool.AllocationPolicy = NTMS_ALLOCATE_FROMSCRATCH;
	info.Info.MediaPool.DeallocationPolicy = NTMS_DEALLOCATE_TOSCRATCH;
	need(SetNtmsObjectInformationA(session, &pool, &info));
	return pool;
}

NTMS_GUID cartridge_of(HANDLE session, NTMS_GUID media)
{
	NTMS_OBJECTINFORMATIONA info;
	DWORD count;
	NTMS_GUID *sides = list_objects(session, &media, NTMS_PARTITION, &count);

	if (count != 1)
		die("a logical medium has %u sides", (unsigned int)count);
	get_info(session, sides[0], NTMS_PARTITION, &info);
	free(sides);
	return info.Info.Partition.PhysicalMedia;
}

NTMS_GUID allocate(HANDLE session, NTMS_GUID pool)
{
	NTMS_GUID media;

	need(AllocateNtmsMedia(session, &pool, NULL, &media, 0, MOUNT_TIMEOUT_MS, NULL));
	return media;
}

NTMS_GUID mount_in(HANDLE session, NTMS_GUID media, char device[NTMS_DEVICENAME_LENGTH])
{
	NTMS_OBJECTINFORMATIONA info;
	NTMS_GUID drive;

	need(MountNtmsMedia(session, &media, &drive, 1, NTMS_MOUNT_READ | NTMS_MOUNT_WRITE,
			    NTMS_PRIORITY_NORMAL, MOUNT_TIMEOUT_MS, NULL));
	get_info(session, drive, NTMS_DRIVE, &info);
	memcpy(device, info.Info.Drive.szDeviceName, NTMS_DEVICENAME_LENGTH);
	return drive;
}

void dismount(HANDLE session, NTMS_GUID media)
{
	NTMS_GUID cartridge = cartridge_of(session, media);

	need(DismountNtmsMedia(session, &media, 1, NTMS_DISMOUNT_IMMEDIATE));
	wait_idle(session, cartridge);
}

/* ---- the tape ---- */

static bool is_device(int fd)
{
	struct stat status;

	if (fstat(fd, &status))
		die("fstat: %s", strerror(errno));
	return S_ISCHR(status.st_mode);
}

static void tape_do(int fd, short operation, int count)
{
	struct mtop command = {.mt_op = operation, .mt_count = count};

	if (ioctl(fd, MTIOCTOP, &command))
		die("tape operation %d: %s", operation, strerror(errno));
}

int tape_open(const char *device)
{
	int fd = open(device, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		die("%s: %s", device, strerror(errno));
	/* Which block mode a drive is in after a mount is not defined. */
	if (is_device(fd))
		tape_do(fd, MTSETBLK, 0);
	return fd;
}

void tape_close(int fd)
{
	if (close(fd))
		die("closing the tape: %s", strerror(errno));
}

void tape_rewind(int fd)
{
	if (is_device(fd))
		tape_do(fd, MTREW, 1);
	else if (lseek(fd, 0, SEEK_SET) != 0)
		die("rewinding: %s", strerror(errno));
}

static void make_label(char label[LABEL_SIZE + 1], const char *serial)
{
	snprintf(label, LABEL_SIZE + 1, "VOL1%-6.6s%27s%-14s%28s4", serial, "", "RSM CLIENT", "");
}

void write_label(HANDLE session, NTMS_GUID media, int fd, const char *serial)
{
	char label[LABEL_SIZE + 1];

	make_label(label, serial);
	tape_rewind(fd);
	if (write(fd, label, LABEL_SIZE) != LABEL_SIZE)
		die("writing the label: %s", strerror(errno));
	if (is_device(fd))
		tape_do(fd, MTWEOF, 1);
	need(UpdateNtmsOmidInfo(session, &media, NTMS_OMID_TYPE_RAW_LABEL, LABEL_SIZE, label));
}

void check_label(int fd, const char *serial)
{
	char label[LABEL_SIZE + 1], found[LABEL_SIZE];

	make_label(label, serial);
	tape_rewind(fd);
	if (read(fd, found, LABEL_SIZE) != LABEL_SIZE || memcmp(found, label, LABEL_SIZE) != 0)
		die("the tape does not carry the label %s", serial);
	if (is_device(fd))
		tape_do(fd, MTFSF, 1);
}

void write_record(int fd, const char record[RECORD_SIZE])
{
	if (write(fd, record, RECORD_SIZE) != RECORD_SIZE)
		die("writing to the tape: %s", strerror(errno));
}

void read_record(int fd, char record[RECORD_SIZE])
{
	ssize_t got = read(fd, record, RECORD_SIZE);

	if (got != RECORD_SIZE)
		die("a record on the tape has %zd bytes, not %d", got, RECORD_SIZE);
}

void end_data(int fd)
{
	if (is_device(fd))
		tape_do(fd, MTWEOF, 1);
}

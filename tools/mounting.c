/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "describe.h"
#include "mounting.h"
#include "openers.h"
#include "text.h"

#define MAX_CANCEL 4
/* A robot that takes longer than this will not come any more. */
#define DISMOUNT_LIMIT_MS 3600000u

bool mounting_options(struct rsm *rsm, const struct args *args, struct mounting *mounting)
{
	if (args->drives && args->drives != args->count) {
		fail_usage(rsm, "%zu media, but %zu drives", args->count, args->drives);
		return false;
	}
	mounting->options = 0;
	if (args->given[OPT_READ] || !args->given[OPT_WRITE])
		mounting->options |= NTMS_MOUNT_READ;
	if (args->given[OPT_WRITE] || !args->given[OPT_READ])
		mounting->options |= NTMS_MOUNT_WRITE;
	if (args->given[OPT_ERRUNAVAIL])
		mounting->options |= NTMS_MOUNT_ERROR_NOT_AVAILABLE | NTMS_MOUNT_ERROR_OFFLINE;
	if (args->drives)
		mounting->options |= NTMS_MOUNT_SPECIFIC_DRIVE;
	mounting->priority =
		args->given[OPT_PRIORITY] ? (int)args->number[OPT_PRIORITY] : NTMS_PRIORITY_NORMAL;
	mounting->timeout = args->given[OPT_TIMEOUT] ? (DWORD)args->number[OPT_TIMEOUT] : INFINITE;
	return true;
}

DWORD mounting_medium(struct rsm *rsm, const char *text, NTMS_GUID *media)
{
	DWORD code = find_object(rsm, text, NTMS_LOGICAL_MEDIA, media);

	/* What is not allocated is mounted by its side; if that fails too, the first reason counts.
	 */
	if (code == ERROR_OBJECT_NOT_FOUND &&
	    !RsmFindObject(rsm->session, text, NTMS_PARTITION, media))
		return ERROR_SUCCESS;
	return code;
}

static void mounting_allocate(struct mounting *mounting, size_t count)
{
	mounting->count = count;
	mounting->media = need(calloc(count, sizeof(*mounting->media)));
	mounting->drives = need(calloc(count, sizeof(*mounting->drives)));
	mounting->labelled = need(calloc(count, sizeof(*mounting->labelled)));
	mounting->device = need(calloc(count, sizeof(*mounting->device)));
}

DWORD mounting_find(struct rsm *rsm, const struct args *args, struct mounting *mounting)
{
	DWORD code = ERROR_SUCCESS;

	mounting_allocate(mounting, args->count);
	for (size_t i = 0; !code && i < args->count; i++)
		code = mounting_medium(rsm, args->operand[i], &mounting->media[i]);
	/* When dismounting there is one drive without a medium. */
	for (size_t i = 0; !code && i < args->drives && i < args->count; i++)
		code = find_object(rsm, args->drive[i], NTMS_DRIVE, &mounting->drives[i]);
	return code;
}

void mounting_free(struct mounting *mounting)
{
	for (size_t i = 0; i < mounting->count; i++)
		free(mounting->device[i]);
	free(mounting->device);
	free(mounting->labelled);
	free(mounting->drives);
	free(mounting->media);
	memset(mounting, 0, sizeof(*mounting));
}

/* ---- mount, and a thread that cancels it ---- */

struct canceller {
	pthread_t thread;
	HANDLE session;
	struct pollfd fds[MAX_CANCEL + 1]; /* the last one ends the thread */
	size_t count;
	int fired; /* index of the descriptor, -1 for none; read after the thread has ended */
};

static void *cancel_main(void *pointer)
{
	struct canceller *canceller = pointer;

	while (poll(canceller->fds, canceller->count, -1) < 0 && errno == EINTR)
		;
	for (size_t i = 0; i + 1 < canceller->count; i++) {
		if (!canceller->fds[i].revents)
			continue;
		canceller->fired = (int)i;
		CloseNtmsSession(canceller->session);
		break;
	}
	return NULL;
}

static DWORD canceller_start(struct rsm *rsm, struct canceller *canceller, const int *fds,
			     size_t count)
{
	canceller->session = rsm->session;
	canceller->fired = -1;
	canceller->count = count + 1;
	for (size_t i = 0; i < count; i++)
		canceller->fds[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
	canceller->fds[count].events = POLLIN;
	canceller->fds[count].fd = eventfd(0, EFD_CLOEXEC);
	if (canceller->fds[count].fd >= 0 &&
	    !pthread_create(&canceller->thread, NULL, cancel_main, canceller))
		return ERROR_SUCCESS;
	if (canceller->fds[count].fd >= 0)
		close(canceller->fds[count].fd);
	return note_text(rsm, ERROR_NOT_ENOUGH_MEMORY, "cannot start a thread");
}

static int canceller_stop(struct canceller *canceller)
{
	eventfd_write(canceller->fds[canceller->count - 1].fd, 1);
	pthread_join(canceller->thread, NULL);
	close(canceller->fds[canceller->count - 1].fd);
	return canceller->fired;
}

static DWORD find_devices(struct rsm *rsm, struct mounting *mounting)
{
	NTMS_OBJECTINFORMATIONW info;
	DWORD code = ERROR_SUCCESS;

	for (size_t i = 0; !code && i < mounting->count; i++) {
		code = get_info(rsm, &mounting->drives[i], NTMS_DRIVE, &info);
		if (!code)
			mounting->device[i] = text_from_wide(info.Info.Drive.szDeviceName,
							     NTMS_DEVICENAME_LENGTH);
	}
	return code;
}

DWORD mounting_mount(struct rsm *rsm, struct mounting *mounting, const int *cancel,
		     size_t cancel_count, int *cancelled)
{
	struct canceller canceller;
	DWORD code;

	*cancelled = -1;
	code = canceller_start(rsm, &canceller, cancel, cancel_count);
	if (code)
		return code;
	code = note(rsm, MountNtmsMedia(rsm->session, mounting->media, mounting->drives,
					(DWORD)mounting->count, mounting->options,
					mounting->priority, mounting->timeout, NULL));
	*cancelled = canceller_stop(&canceller);
	if (*cancelled >= 0) {
		/* The session is closed, and with it whatever was mounted in the last moment. */
		rsm->session = INVALID_HANDLE_VALUE;
		return note_text(rsm, ERROR_CANCELLED, "the mount was cancelled");
	}
	return code ? code : find_devices(rsm, mounting);
}

struct json_object *mounting_describe(struct rsm *rsm, const struct mounting *mounting)
{
	struct json_object *list = json_list();

	for (size_t i = 0; i < mounting->count; i++) {
		struct json_object *row = json_record();
		NTMS_GUID cartridge;

		json_set_guid(row, "lmid", &mounting->media[i]);
		if (!cartridge_of(rsm, &mounting->media[i], &cartridge)) {
			json_set_text(row, "cartridge",
				      name_of(rsm, &cartridge, NTMS_PHYSICAL_MEDIA));
			json_set_guid(row, "cartridge_id", &cartridge);
		}
		json_set_text(row, "drive", name_of(rsm, &mounting->drives[i], NTMS_DRIVE));
		json_set_guid(row, "drive_id", &mounting->drives[i]);
		json_set_text(row, "device", mounting->device[i]);
		json_append(list, row);
	}
	return list;
}

/* ---- dismount ---- */

DWORD mounting_labels(struct rsm *rsm, struct mounting *mounting)
{
	for (size_t i = 0; i < mounting->count; i++) {
		DWORD code;

		if (mounting->labelled[i])
			continue;
		code = note(rsm, RsmRefreshLabel(rsm->session, &mounting->media[i]));
		if (code == ERROR_INVALID_STATE || code == ERROR_ACCESS_DENIED ||
		    code == ERROR_INVALID_HANDLE)
			return code;
		/* A label that cannot be read is no reason to leave the cartridge in the drive. */
		if (code)
			warn(rsm, "the label was not recorded: %s", rsm->message);
		mounting->labelled[i] = true;
	}
	return ERROR_SUCCESS;
}

DWORD mounting_dismount(struct rsm *rsm, struct mounting *mounting, DWORD option, DWORD timeout)
{
	DWORD code = note(rsm, DismountNtmsMedia(rsm->session, mounting->media,
						 (DWORD)mounting->count, option));

	for (size_t i = 0; !code && i < mounting->count; i++)
		code = note(rsm, RsmWaitForMedia(rsm->session, &mounting->media[i], timeout));
	return code;
}

/* One attempt. ERROR_INVALID_STATE or ERROR_BUSY means that a device is still open. */
static DWORD try_release(struct rsm *rsm, struct mounting *mounting, DWORD option)
{
	DWORD code;

	for (size_t i = 0; i < mounting->count; i++)
		mounting->labelled[i] = false;
	code = mounting_labels(rsm, mounting);
	return code ? code : mounting_dismount(rsm, mounting, option, DISMOUNT_LIMIT_MS);
}

DWORD mounting_release(struct rsm *rsm, struct mounting *mounting, DWORD option, int stop,
		       DWORD limit_ms, void (*waiting)(struct rsm *rsm))
{
	struct openers openers;
	DWORD code, waited;

	openers_start(&openers, mounting->device, mounting->count, stop, limit_ms);
	for (;;) {
		openers_look(&openers);
		code = try_release(rsm, mounting, option);
		if ((code != ERROR_INVALID_STATE && code != ERROR_BUSY) || !openers_again(&openers))
			break;
		if (waiting)
			waiting(rsm);
		waiting = NULL;
		waited = RsmWaitForMountsEnd(rsm->session, openers.fd);
		/* Somebody else has dismounted them: that is what was wanted. */
		if (waited == ERROR_SUCCESS) {
			code = ERROR_SUCCESS;
			break;
		}
		if (waited != ERROR_CANCELLED) {
			code = note(rsm, waited);
			break;
		}
	}
	openers_stop(&openers);
	return code;
}

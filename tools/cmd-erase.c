/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cmd-erase.c - rsm erase: mount a medium, erase what is on it, and bring it home
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mtio.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cancel.h"
#include "mounting.h"
#include "names.h"
#include "places.h"
#include "text.h"

/* Whoever looks into the device meanwhile, a label reader say, is gone soon. */
#define LINGER_LIMIT_MS 60000u

static bool tape_does(int tape, short operation, int count)
{
	struct mtop what = {.mt_op = operation, .mt_count = count};

	return ioctl(tape, MTIOCTOP, &what) == 0;
}

/*
 * After a short erase, or where a drive cannot, a file mark at the beginning, nothing that was
 * written before can be read by usual means; the long erase goes over all of the tape.
 */
static bool erase_tape(int tape, bool all)
{
	if (!tape_does(tape, MTREW, 1))
		return false;
	if (tape_does(tape, MTERASE, all))
		return tape_does(tape, MTREW, 1);
	return !all && tape_does(tape, MTREW, 1) && tape_does(tape, MTWEOF, 1) &&
	       tape_does(tape, MTREW, 1);
}

/* A virtual library's medium is a file. */
static bool erase_open(int fd, bool all)
{
	struct stat status;

	if (fstat(fd, &status))
		return false;
	return S_ISREG(status.st_mode) ? ftruncate(fd, 0) == 0 : erase_tape(fd, all);
}

static DWORD erase_device(struct rsm *rsm, const char *device, bool all)
{
	int fd = open(device, O_RDWR | O_CLOEXEC);
	bool good = fd >= 0 && erase_open(fd, all);
	int error = errno;

	if (fd >= 0 && close(fd) && good) {
		good = false;
		error = errno;
	}
	if (good)
		return ERROR_SUCCESS;
	return note_text(rsm, ERROR_DEVICE_NOT_AVAILABLE,
			 "the medium in %s cannot be erased: %s; what of it is left is not known",
			 device, strerror(error));
}

/* What belongs to nobody is left to those who keep the pools. */
static DWORD refuse_unallocated(struct rsm *rsm, const NTMS_GUID *guid)
{
	NTMS_OBJECTINFORMATIONW info;

	if (!get_info(rsm, guid, NTMS_LOGICAL_MEDIA, &info))
		return ERROR_SUCCESS;
	if (rsm->code != ERROR_OBJECT_NOT_FOUND)
		return rsm->code;
	return note_text(rsm, ERROR_INVALID_STATE,
			 "this side is not allocated; rsm freemedia puts a free label in place of "
			 "what is on it");
}

static DWORD erase_and_release(struct rsm *rsm, const struct args *args, struct mounting *mounting)
{
	DWORD code;

	if (!rsm->quiet)
		warn(rsm, "erasing what is in %s", mounting->device[0]);
	code = erase_device(rsm, mounting->device[0], args->given[OPT_WHOLE]);
	/* What failed is brought home, too; the first failure is the one to tell of. */
	if (code) {
		char said[sizeof(rsm->message)];

		memcpy(said, rsm->message, sizeof(said));
		mounting_release(rsm, mounting, NTMS_DISMOUNT_IMMEDIATE, -1, LINGER_LIMIT_MS, NULL);
		return note_text(rsm, code, "%s", said);
	}
	return mounting_release(rsm, mounting, NTMS_DISMOUNT_IMMEDIATE, -1, LINGER_LIMIT_MS, NULL);
}

static void print_erased(struct rsm *rsm, struct json_object *list)
{
	struct json_object *row = json_object_get(json_object_array_get_idx(list, 0));

	print_result(rsm, row, "lmid",
		     text_format("cartridge %s is erased", json_text(row, "cartridge")));
}

static int erase(struct rsm *rsm, const struct args *args, struct mounting *mounting, int signals)
{
	struct signalfd_siginfo info;
	struct json_object *list;
	int cancelled = -1;
	DWORD code;

	code = rsm_open(rsm, "rsm erase");
	if (!code)
		code = mounting_find(rsm, args, mounting);
	if (!code)
		code = refuse_unallocated(rsm, &mounting->media[0]);
	if (!code)
		code = mounting_mount(rsm, mounting, &signals, 1, &cancelled);
	if (cancelled >= 0 && read(signals, &info, sizeof(info)) == sizeof(info))
		return EXIT_SIGNAL + (int)info.ssi_signo;
	if (code)
		return fail(rsm, code);
	list = mounting_describe(rsm, mounting);
	code = erase_and_release(rsm, args, mounting);
	if (!code)
		print_erased(rsm, list);
	json_object_put(list);
	return code ? fail(rsm, code) : EXIT_DONE;
}

int cmd_erase(struct rsm *rsm, const struct args *args)
{
	struct mounting mounting = {.count = 0};
	struct interrupt interrupt;
	int status;

	if (!mounting_options(rsm, args, &mounting))
		return EXIT_USAGE;
	interrupt_begin(&interrupt);
	status = erase(rsm, args, &mounting, interrupt.signals);
	interrupt_end(&interrupt);
	mounting_free(&mounting);
	return status;
}

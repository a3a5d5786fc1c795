/* SPDX-License-Identifier: GPL-2.0-only */
/* mounting-args.c - what is to be mounted, by the words of the command line */
#include "mounting.h"
#include "places.h"

bool mounting_options(struct rsm *rsm, const struct args *args, struct mounting *mounting)
{
	size_t count = args->count + args->given[OPT_PARTITION] + args->given[OPT_SLOT];

	if (count > 1 && count != args->count) {
		fail_usage(rsm, "an LMID, --partition and --slot exclude each other");
		return false;
	}
	if ((args->given[OPT_LIBRARY] || args->given[OPT_CHANGER]) && !args->given[OPT_SLOT]) {
		fail_usage(rsm, "--library and --changer say where a --slot is");
		return false;
	}
	if (args->given[OPT_LIBRARY] && args->given[OPT_CHANGER]) {
		fail_usage(rsm, "--library and --changer exclude each other");
		return false;
	}
	if (!count) {
		fail_usage(rsm, "what? %s is missing", rsm->verb->operands);
		return false;
	}
	if (args->drives && args->drives != count) {
		fail_usage(rsm, "%zu media, but %zu drives", count, args->drives);
		return false;
	}
	mounting->options = 0;
	if (args->given[OPT_READ] || !args->given[OPT_WRITE])
		mounting->options |= NTMS_MOUNT_READ;
	if (args->given[OPT_WRITE] || !args->given[OPT_READ])
		mounting->options |= NTMS_MOUNT_WRITE;
	if (args->given[OPT_ERRUNAVAIL])
		mounting->options |= NTMS_MOUNT_ERROR_NOT_AVAILABLE | NTMS_MOUNT_ERROR_OFFLINE;
	if (args->given[OPT_ERRBUSY])
		mounting->options |= NTMS_MOUNT_ERROR_NOT_AVAILABLE;
	if (args->given[OPT_ERROFFLINE])
		mounting->options |= NTMS_MOUNT_ERROR_OFFLINE;
	if (args->given[OPT_NOWAIT])
		mounting->options |= NTMS_MOUNT_NOWAIT;
	if (args->drives)
		mounting->options |= NTMS_MOUNT_SPECIFIC_DRIVE;
	mounting->priority =
		args->given[OPT_PRIORITY] ? (int)args->number[OPT_PRIORITY] : NTMS_PRIORITY_NORMAL;
	mounting->timeout = args_timeout(args);
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

DWORD mounting_find(struct rsm *rsm, const struct args *args, struct mounting *mounting)
{
	DWORD code = ERROR_SUCCESS;

	if (args->given[OPT_PARTITION] || args->given[OPT_SLOT]) {
		mounting_allocate(mounting, 1);
		code = medium_by_option(rsm, args, &mounting->media[0]);
		if (!code && args->drives)
			code = find_object(rsm, args->drive[0], NTMS_DRIVE, &mounting->drives[0]);
		return code;
	}
	mounting_allocate(mounting, args->count);
	for (size_t i = 0; !code && i < args->count; i++)
		code = mounting_medium(rsm, args->operand[i], &mounting->media[i]);
	/* When dismounting there is one drive without a medium. */
	for (size_t i = 0; !code && i < args->drives && i < args->count; i++)
		code = find_object(rsm, args->drive[i], NTMS_DRIVE, &mounting->drives[i]);
	return code;
}

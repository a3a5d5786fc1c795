/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cmd-freemedia.c - rsm freemedia: free labels are written, cartridges become free
 */
#include <stdlib.h>
#include <string.h>
#include "describe.h"
#include "places.h"
#include "text.h"

struct job {
	const char *name;
	NTMS_GUID media; /* the cartridge */
	bool found;	 /* by its place or its side: name says which */
	DWORD code;
};

/* The Free pool of a media type: that child of the top-level Free pool. */
static DWORD free_pool_of(struct rsm *rsm, const NTMS_GUID *type, NTMS_GUID *pool)
{
	NTMS_OBJECTINFORMATIONW info;
	NTMS_GUID *tops, *children;
	DWORD top_count, count, code;
	bool found = false;

	code = list_objects(rsm, NULL, NTMS_MEDIA_POOL, &tops, &top_count);
	for (DWORD i = 0; !code && !found && i < top_count; i++) {
		code = get_info(rsm, &tops[i], NTMS_MEDIA_POOL, &info);
		if (code || info.Info.MediaPool.PoolType != NTMS_POOLTYPE_SCRATCH)
			continue;
		code = list_objects(rsm, &tops[i], NTMS_MEDIA_POOL, &children, &count);
		for (DWORD j = 0; !code && !found && j < count; j++) {
			code = get_info(rsm, &children[j], NTMS_MEDIA_POOL, &info);
			found = !code && guid_equal(&info.Info.MediaPool.MediaType, type);
			if (found)
				*pool = children[j];
		}
		free(children);
	}
	free(tops);
	if (!code && !found)
		code = note_text(rsm, ERROR_INVALID_MEDIA_POOL,
				 "there is no Free pool for this kind of cartridge");
	return code;
}

/* Was the LMID itself named, and not the cartridge it is on? Only then it may be deallocated. */
static bool names_lmid(struct rsm *rsm, const char *name, NTMS_GUID *lmid)
{
	NTMS_OBJECTINFORMATIONW info;
	NTMS_GUID other;
	char *called;
	bool same;

	if (guid_parse(name, lmid))
		return !get_info(rsm, lmid, NTMS_LOGICAL_MEDIA, &info);
	if (!RsmFindObject(rsm->session, name, NTMS_PHYSICAL_MEDIA, &other) ||
	    RsmFindObject(rsm->session, name, NTMS_LOGICAL_MEDIA, lmid) ||
	    get_info(rsm, lmid, NTMS_LOGICAL_MEDIA, &info))
		return false;
	called = text_from_wide(info.szName, NTMS_OBJECTNAME_LENGTH);
	same = !strcmp(called, name);
	free(called);
	return same;
}

static DWORD start_job(struct rsm *rsm, struct job *job, DWORD timeout)
{
	NTMS_OBJECTINFORMATIONW info;
	NTMS_GUID lmid, pool;
	DWORD code;

	if (job->found) {
		code = ERROR_SUCCESS;
	} else if (names_lmid(rsm, job->name, &lmid)) {
		code = cartridge_of(rsm, &lmid, &job->media);
		if (!code)
			code = note(rsm, DeallocateNtmsMedia(rsm->session, &lmid, 0));
		/* The pool may have sent it to the Free pool already. */
		if (!code)
			code = note(rsm, RsmWaitForMedia(rsm->session, &job->media, timeout));
	} else {
		code = find_object(rsm, job->name, NTMS_PHYSICAL_MEDIA, &job->media);
	}
	if (!code)
		code = get_info(rsm, &job->media, NTMS_PHYSICAL_MEDIA, &info);
	if (!code)
		code = free_pool_of(rsm, &info.Info.PhysicalMedia.MediaType, &pool);
	if (!code)
		code = note(rsm, MoveToNtmsMediaPool(rsm->session, &job->media, &pool));
	return code;
}

static struct json_object *result_of(struct rsm *rsm, const struct job *job)
{
	struct json_object *row = describe(rsm, &job->media, NTMS_PHYSICAL_MEDIA);

	if (!row)
		row = json_record();
	json_set_text(row, "argument", job->name);
	return row;
}

/* The labels are written one after the other; all jobs are queued before the first is waited for.
 */
static DWORD run_jobs(struct rsm *rsm, struct job *jobs, size_t count, DWORD timeout,
		      struct json_object *done)
{
	DWORD first = ERROR_SUCCESS;

	for (size_t i = 0; i < count; i++) {
		jobs[i].code = start_job(rsm, &jobs[i], timeout);
		if (jobs[i].code)
			fail(rsm, jobs[i].code);
	}
	for (size_t i = 0; i < count; i++) {
		if (!jobs[i].code) {
			jobs[i].code =
				note(rsm, RsmWaitForMedia(rsm->session, &jobs[i].media, timeout));
			if (jobs[i].code)
				fail(rsm, jobs[i].code);
		}
		if (!jobs[i].code)
			json_append(done, result_of(rsm, &jobs[i]));
		else if (!first)
			first = jobs[i].code;
	}
	return first;
}

/* What the options name instead of operands. */
static DWORD find_job(struct rsm *rsm, const struct args *args, struct job *job)
{
	NTMS_GUID side;
	DWORD code;

	job->found = true;
	if (!args->given[OPT_PARTITION]) {
		job->name = args->text[args->given[OPT_SLOT] ? OPT_SLOT : OPT_DRIVE];
		return cartridge_by_place(rsm, args, &job->media);
	}
	job->name = args->text[OPT_PARTITION];
	code = find_object(rsm, job->name, NTMS_PARTITION, &side);
	return code ? code : cartridge_of(rsm, &side, &job->media);
}

static bool check_arguments(struct rsm *rsm, const struct args *args)
{
	bool place = args->given[OPT_SLOT] || args->given[OPT_DRIVE];
	int ways = (args->count > 0) + args->given[OPT_PARTITION] + args->given[OPT_SLOT] +
		   (args->drives > 0);

	if (ways != 1 || args->drives > 1)
		fail_usage(rsm, "what? MEDIA, --partition, --slot or --drive, one of them");
	else if (args->given[OPT_LIBRARY] && !place)
		fail_usage(rsm, "--library says where a --slot or --drive is");
	else
		return true;
	return false;
}

int cmd_freemedia(struct rsm *rsm, const struct args *args)
{
	DWORD timeout = args_timeout(args);
	struct json_object *done;
	struct job *jobs;
	size_t count = args->count ? args->count : 1;
	DWORD code;

	if (!check_arguments(rsm, args))
		return EXIT_USAGE;
	code = rsm_open(rsm, "rsm freemedia");
	if (code)
		return fail(rsm, code);
	jobs = need(calloc(count, sizeof(*jobs)));
	if (!args->count)
		code = find_job(rsm, args, &jobs[0]);
	if (code) {
		free(jobs);
		return fail(rsm, code);
	}
	for (size_t i = 0; i < args->count; i++)
		jobs[i].name = args->operand[i];
	done = json_list();
	code = run_jobs(rsm, jobs, count, timeout, done);
	free(jobs);
	if (rsm->json || rsm->brief) {
		print_rows(rsm, done, NULL, "id", "");
		return exit_of(code);
	}
	for (size_t i = 0; !rsm->quiet && i < json_object_array_length(done); i++) {
		struct json_object *row = json_object_array_get_idx(done, i);
		char *line = text_format("%s is free, in pool %s", json_text(row, "name"),
					 json_text(row, "pool"));

		print_text(line);
		free(line);
	}
	json_object_put(done);
	return exit_of(code);
}

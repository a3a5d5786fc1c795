/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "conflict.h"
#include "device.h"
#include "exposition.h"
#include "library.h"
#include "log.h"
#include "metrics.h"
#include "names.h"
#include "oprequest.h"
#include "request.h"
#include "text.h"

#define SECOND_US  1000000ULL
#define OPERATIONS (NTMS_LM_MAXWORKITEM + 1)
#define STATES	   16

/* Seconds: from a medium that is in the drive already to one that many wait for. */
static const double bounds[] = {1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600};

#define BOUNDS (sizeof(bounds) / sizeof(bounds[0]))

/* What has happened in a library. It stays when the library goes: counters do not fall. */
struct count {
	struct count *next;
	NTMS_GUID library;
	char id[GUID_TEXT_SIZE];
	char *name;
	uint64_t mounts;
	uint64_t waits[BOUNDS]; /* no longer than the bound, and longer than the one before */
	double waited;
	uint64_t robot_errors;
	uint64_t requests[OPERATIONS][STATES];
};

static struct count *count_of(struct daemon *daemon, const NTMS_GUID *library)
{
	struct count *count = daemon->counts;

	while (count && !guid_equal(&count->library, library))
		count = count->next;
	if (count)
		return count;
	count = need(calloc(1, sizeof(*count)));
	count->library = *library;
	guid_dashed(library, count->id);
	count->name = need(strdup(name_of(&daemon->rsm, library, NTMS_LIBRARY)));
	count->next = daemon->counts;
	daemon->counts = count;
	return count;
}

void metrics_mount(struct daemon *daemon, const NTMS_GUID *library, double seconds)
{
	struct count *count = count_of(daemon, library);

	count->mounts++;
	count->waited += seconds;
	for (size_t i = 0; i < BOUNDS; i++) {
		if (seconds <= bounds[i]) {
			count->waits[i]++;
			return;
		}
	}
}

void metrics_request(struct daemon *daemon, const NTMS_GUID *library, DWORD operation, DWORD state)
{
	if (operation < OPERATIONS && state < STATES)
		count_of(daemon, library)->requests[operation][state]++;
}

void metrics_robot_error(struct daemon *daemon, const NTMS_GUID *library)
{
	count_of(daemon, library)->robot_errors++;
}

/* ---- what is written ---- */

static void put_mounts(FILE *out, const struct daemon *daemon)
{
	exposition_family(out, "rsm_mounts_total", "counter", "Mounts carried out.");
	for (const struct count *count = daemon->counts; count; count = count->next)
		exposition_sample(out, "rsm_mounts_total", (double)count->mounts, "library",
				  count->name, "library_id", count->id, NULL);
}

static void put_waits_of(FILE *out, const struct count *count)
{
	uint64_t sum = 0;
	char bound[32];

	for (size_t i = 0; i < BOUNDS; i++) {
		sum += count->waits[i];
		snprintf(bound, sizeof(bound), "%g", bounds[i]);
		exposition_sample(out, "rsm_mount_wait_seconds_bucket", (double)sum, "library",
				  count->name, "library_id", count->id, "le", bound, NULL);
	}
	exposition_sample(out, "rsm_mount_wait_seconds_bucket", (double)count->mounts, "library",
			  count->name, "library_id", count->id, "le", "+Inf", NULL);
	exposition_sample(out, "rsm_mount_wait_seconds_sum", count->waited, "library", count->name,
			  "library_id", count->id, NULL);
	exposition_sample(out, "rsm_mount_wait_seconds_count", (double)count->mounts, "library",
			  count->name, "library_id", count->id, NULL);
}

static void put_waits(FILE *out, const struct daemon *daemon)
{
	exposition_family(out, "rsm_mount_wait_seconds", "histogram",
			  "From asking for a mount to having it.");
	for (const struct count *count = daemon->counts; count; count = count->next)
		put_waits_of(out, count);
}

static void put_requests_of(FILE *out, const struct count *count)
{
	for (DWORD operation = 0; operation < OPERATIONS; operation++)
		for (DWORD state = 0; state < STATES; state++)
			if (count->requests[operation][state])
				exposition_sample(out, "rsm_requests_total",
						  (double)count->requests[operation][state],
						  "library", count->name, "library_id", count->id,
						  "operation",
						  word_of(request_operations, operation), "state",
						  word_of(request_states, state), NULL);
}

static void put_requests(FILE *out, const struct daemon *daemon)
{
	exposition_family(out, "rsm_requests_total", "counter",
			  "Requests that are over, by what they were and how they ended.");
	for (const struct count *count = daemon->counts; count; count = count->next)
		put_requests_of(out, count);
}

static void put_errors(FILE *out, const struct daemon *daemon)
{
	exposition_family(out, "rsm_robot_errors_total", "counter",
			  "Requests that failed because robot or drive did not do their part.");
	for (const struct count *count = daemon->counts; count; count = count->next)
		exposition_sample(out, "rsm_robot_errors_total", (double)count->robot_errors,
				  "library", count->name, "library_id", count->id, NULL);
	exposition_family(out, "rsm_reservation_conflicts_total", "counter",
			  "Programs that were refused a device of a managed library.");
	exposition_sample(out, "rsm_reservation_conflicts_total", (double)daemon->conflicts, NULL);
}

static void put_queues(FILE *out, struct daemon *daemon)
{
	static const DWORD states[] = {NTMS_LM_QUEUED, NTMS_LM_INPROCESS, NTMS_LM_WAITING,
				       NTMS_LM_DEFERRED};

	exposition_family(out, "rsm_queue_length", "gauge", "Requests that are not over.");
	for (const struct count *count = daemon->counts; count; count = count->next)
		for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
			exposition_sample(out, "rsm_queue_length",
					  requests_in_state(daemon, &count->library, states[i]),
					  "library", count->name, "library_id", count->id, "state",
					  word_of(request_states, states[i]), NULL);
	exposition_family(out, "rsm_operator_requests", "gauge",
			  "What people are asked to do and have not done.");
	exposition_sample(out, "rsm_operator_requests", oprequests_open(daemon), NULL);
}

static void put_libraries(FILE *out, const struct daemon *daemon)
{
	char id[GUID_TEXT_SIZE];

	exposition_family(out, "rsm_library_up", "gauge",
			  "1 while the library can be worked, 0 while something keeps it from it.");
	for (const struct library *library = daemon->libraries; library; library = library->next)
		exposition_sample(out, "rsm_library_up", !library->trouble && !library->overdue,
				  "library", library->name, "library_id",
				  guid_dashed(&library->guid, id), NULL);
}

static const char *state_of(const struct device *drive)
{
	if (drive->opstate != NTMS_READY)
		return word_of(operational_states, drive->opstate);
	return drive->enabled ? word_of(drive_states, drive->state) : "disabled";
}

/* 1 for the state it is in, 0 for the others that there are. */
static void put_drive(FILE *out, struct daemon *daemon, const struct device *drive,
		      const char *number)
{
	static const char *const more[] = {"initializing", "needs_service", "not_present",
					   "disabled"};
	const char *library = name_of(&daemon->rsm, &drive->library, NTMS_LIBRARY);
	const char *state = state_of(drive);

	for (const struct word *word = drive_states; word->text; word++)
		exposition_sample(out, "rsm_drive_state", !strcmp(word->text, state), "library",
				  library, "drive", number, "serial", drive->serial, "state",
				  word->text, NULL);
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		exposition_sample(out, "rsm_drive_state", !strcmp(more[i], state), "library",
				  library, "drive", number, "serial", drive->serial, "state",
				  more[i], NULL);
}

static void put_drives(FILE *out, struct daemon *daemon)
{
	char number[16];

	exposition_family(out, "rsm_drive_state", "gauge", "1 for the state that the drive is in.");
	for (const struct device *drive = daemon->devices; drive; drive = drive->next) {
		snprintf(number, sizeof(number), "%u", drive->number);
		if (drive->type == NTMS_DRIVE)
			put_drive(out, daemon, drive, number);
	}
	exposition_family(out, "rsm_drive_mounts_total", "counter",
			  "Mounts of the drive since it is managed.");
	for (const struct device *drive = daemon->devices; drive; drive = drive->next) {
		snprintf(number, sizeof(number), "%u", drive->number);
		if (drive->type == NTMS_DRIVE)
			exposition_sample(out, "rsm_drive_mounts_total", drive->mounts, "library",
					  name_of(&daemon->rsm, &drive->library, NTMS_LIBRARY),
					  "drive", number, "serial", drive->serial, NULL);
	}
}

static void rename_count(struct count *count, const char *name)
{
	if (!strcmp(count->name, name))
		return;
	free(count->name);
	count->name = need(strdup(name));
}

static void put_all(FILE *out, struct daemon *daemon)
{
	/* Every library has its zeros from the beginning, so that the first event shows. */
	for (const struct library *library = daemon->libraries; library; library = library->next)
		rename_count(count_of(daemon, &library->guid), library->name);
	put_mounts(out, daemon);
	put_waits(out, daemon);
	put_requests(out, daemon);
	put_errors(out, daemon);
	put_queues(out, daemon);
	put_libraries(out, daemon);
	put_drives(out, daemon);
}

/* ---- where ---- */

/* Whoever reads sees the old file or the new one, whole. */
static int replace(struct daemon *daemon, const char *directory)
{
	char *new_name = text_format("%s/.rsm.prom.%d", directory, (int)getpid());
	char *name = text_format("%s/rsm.prom", directory);
	int fd = open(new_name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "we");
	int error = out ? 0 : errno;

	if (out) {
		put_all(out, daemon);
		if (ferror(out) || fchmod(fd, 0644))
			error = errno ? errno : EIO;
		if (fclose(out) && !error)
			error = errno;
		if (!error && rename(new_name, name))
			error = errno;
		if (error)
			unlink(new_name);
	} else if (fd >= 0) {
		close(fd);
	}
	free(name);
	free(new_name);
	return error;
}

static void write_metrics(struct daemon *daemon)
{
	const char *directory = daemon->settings.metrics_directory;
	int error = replace(daemon, directory);

	/* Once, until it is another one. */
	if (error != daemon->metrics_error && error)
		log_error("cannot write metrics into %s: %s", directory, strerror(error));
	daemon->metrics_error = error;
}

static int on_time(sd_event_source *source, uint64_t usec, void *pointer)
{
	struct daemon *daemon = pointer;

	/* Without a session nothing is known: the age of the file tells that. */
	if (daemon->rsm.session != INVALID_HANDLE_VALUE) {
		conflicts_look(daemon);
		write_metrics(daemon);
	}
	sd_event_source_set_time(source, usec + daemon->settings.metrics_interval_s * SECOND_US);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

int metrics_begin(struct daemon *daemon)
{
	daemon->metrics = sd_event_source_unref(daemon->metrics);
	daemon->metrics_error = 0;
	if (!daemon->settings.metrics_directory)
		return 0;
	return sd_event_add_time_relative(daemon->event, &daemon->metrics, CLOCK_MONOTONIC, 0, 0,
					  on_time, daemon);
}

void metrics_end(struct daemon *daemon)
{
	struct count *count;

	daemon->metrics = sd_event_source_unref(daemon->metrics);
	while ((count = daemon->counts)) {
		daemon->counts = count->next;
		free(count->name);
		free(count);
	}
}

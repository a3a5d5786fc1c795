/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include "conflict.h"
#include "library.h"
#include "session.h"
#include "tell.h"

/* The workers are looked after so often when nobody else wants to know. */
#define BEAT_US 20000000ULL

static void send_status(struct daemon *daemon, const char *text)
{
	if (!strcmp(daemon->status, text))
		return;
	snprintf(daemon->status, sizeof(daemon->status), "%s", text);
	sd_notifyf(0, "STATUS=%s", daemon->status);
}

void tell_status(struct daemon *daemon, const char *format, ...)
{
	char text[sizeof(daemon->status)];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	send_status(daemon, text);
}

static void tell_counts(struct daemon *daemon)
{
	unsigned int count = 0, troubled = 0;

	for (struct library *library = daemon->libraries; library; library = library->next) {
		count++;
		troubled += library->trouble || library->overdue;
	}
	if (troubled)
		tell_status(daemon, "working %u %s, %u of them in trouble", count,
			    count == 1 ? "library" : "libraries", troubled);
	else
		tell_status(daemon, "working %u %s", count, count == 1 ? "library" : "libraries");
}

void tell_ready(struct daemon *daemon)
{
	tell_counts(daemon);
	sd_notify(0, "READY=1");
}

void tell_reloading(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu",
		   (unsigned long long)now.tv_sec * 1000000 +
			   (unsigned long long)now.tv_nsec / 1000);
}

void tell_stopping(struct daemon *daemon)
{
	sd_notify(0, "STOPPING=1");
	tell_status(daemon, "stopping; what a robot does now is ended first");
}

/* ---- the heart ---- */

/* False when a worker is stuck. */
static bool look_after(struct daemon *daemon)
{
	if (daemon->rsm.session == INVALID_HANDLE_VALUE)
		return true;
	if (session_has_database(daemon))
		return libraries_are_well(daemon);
	session_lose(daemon, "the directory of the database is another one, or gone");
	return true;
}

static int on_beat(sd_event_source *source, uint64_t usec, void *pointer)
{
	struct daemon *daemon = pointer;
	bool well = look_after(daemon);

	if (daemon->rsm.session != INVALID_HANDLE_VALUE) {
		tell_counts(daemon);
		conflicts_look(daemon);
	}
	/* Whoever waits for this ends us, and the next process goes on where we are. */
	if (well && daemon->watched)
		sd_notify(0, "WATCHDOG=1");
	sd_event_source_set_time(source, usec + daemon->beat_us);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

int tell_begin(struct daemon *daemon)
{
	uint64_t limit_us = 0;

	daemon->watched = sd_watchdog_enabled(0, &limit_us) > 0;
	daemon->beat_us = daemon->watched && limit_us / 2 < BEAT_US ? limit_us / 2 : BEAT_US;
	return sd_event_add_time_relative(daemon->event, &daemon->heart, CLOCK_MONOTONIC, 0, 0,
					  on_beat, daemon);
}
